//! Roughly how many bytes values take.

use llmspell_core::{Map, Name, Value};

/// Returns roughly how many bytes a value takes.
pub(super) fn of_value(value: &Value) -> u64 {
    let own = std::mem::size_of::<Value>() as u64;
    own + match value {
        Value::Str(text) => text.len() as u64,
        Value::Bytes(bytes) => bytes.len() as u64,
        Value::List(items) => items.iter().map(of_value).sum(),
        Value::Map(members) => of_members(members),
        _ => 0,
    }
}

/// Returns roughly how many bytes the members of a map take.
pub(super) fn of_members(members: &Map) -> u64 {
    let member = |(name, value): (&Name, &Value)| name.len() as u64 + of_value(value);
    members.iter().map(member).sum()
}
