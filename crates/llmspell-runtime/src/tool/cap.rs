//! Payloads that are larger than their reader wants.

use llmspell_core::{Map, Name, Value};

/// A field that was replaced.
#[derive(Debug)]
pub(super) struct Cut {
    /// The names that lead to it; none for the payload itself.
    pub(super) path: Vec<String>,
    /// What it was.
    pub(super) whole: Value,
}

/// Replaces the largest texts, bytes and lists of `payload` by `{truncated, size, preview}` until it fits into `max`
/// bytes of JSON text. Returns what was replaced.
pub(super) fn fit(payload: &mut Value, max: usize, preview: usize) -> Vec<Cut> {
    let mut size = measure(payload);
    let mut cuts = Vec::new();
    while size > max {
        let mut path = Vec::new();
        let Some(largest) = largest(payload, &mut path) else {
            break;
        };
        let before = measure(largest);
        let short = replacement(largest, preview.min(max / 2));
        let after = measure(&short);
        if after >= before {
            break;
        }
        let whole = std::mem::replace(largest, short);
        size = size - before + after;
        cuts.push(Cut { path, whole });
    }
    cuts
}

/// Returns about how many bytes the JSON text of `value` has.
pub(crate) fn measure(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 5,
        Value::Int(_) | Value::Float(_) => 8,
        Value::Str(text) => text.len() + 2,
        Value::Bytes(bytes) => bytes.len() / 3 * 4 + 2,
        Value::List(items) => items.iter().map(|item| measure(item) + 1).sum::<usize>() + 2,
        Value::Map(members) => {
            let one = |(name, value): (&Name, &Value)| name.len() + measure(value) + 4;
            members.iter().map(one).sum::<usize>() + 2
        }
        Value::Handle(_) | Value::Function(_) => 64,
    }
}

/// Returns the largest replaceable field, looking into maps but not into lists, and adds the names that lead to it.
fn largest<'a>(value: &'a mut Value, path: &mut Vec<String>) -> Option<&'a mut Value> {
    if matches!(value, Value::Str(_) | Value::Bytes(_) | Value::List(_)) {
        return Some(value);
    }
    let Value::Map(members) = value else {
        return None;
    };
    let sizes = members
        .iter()
        .filter_map(|(name, field)| Some((replaceable(field)?, name)));
    let (_, name) = sizes.max_by_key(|(size, _)| *size)?;
    path.push(name.to_string());
    let name = name.clone();
    largest(members.get_mut(&name)?, path)
}

/// Returns the size of the largest field that can be replaced, if there is one.
fn replaceable(value: &Value) -> Option<usize> {
    match value {
        Value::Str(_) | Value::Bytes(_) | Value::List(_) => Some(measure(value)),
        Value::Map(members) if !is_replacement(members) => {
            members.values().filter_map(replaceable).max()
        }
        _ => None,
    }
}

/// Returns whether a map is what [`replacement`] makes; many payloads have a member `truncated` of their own.
fn is_replacement(members: &Map) -> bool {
    let names = ["truncated", "size", "preview"];
    members.len() == names.len() && names.iter().all(|name| members.contains_key(name))
}

fn replacement(value: &Value, preview: usize) -> Value {
    let size = match value {
        Value::Str(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        other => measure(other),
    };
    let preview: Value = match value {
        Value::Str(text) => clip(text, preview).into(),
        Value::Bytes(bytes) => Value::Bytes(bytes[..preview.min(bytes.len())].to_vec()),
        Value::List(items) => {
            let mut room = preview;
            let first = items.iter().take_while(|item| {
                let size = measure(item) + 1;
                let fits = size <= room;
                room = room.saturating_sub(size);
                fits
            });
            first.cloned().collect()
        }
        _ => Value::Null,
    };
    Value::from([
        ("truncated", true.into()),
        ("size", size.into()),
        ("preview", preview),
    ])
}

/// Returns the first `max` bytes of `text`, or fewer so that no character is cut.
pub(super) fn clip(text: &str, max: usize) -> &str {
    let mut end = max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_largest_field_goes_first() {
        let mut payload: Value = json!({"big": "x".repeat(1000), "small": "y", "n": 5}).into();
        let cuts = fit(&mut payload, 200, 10);
        assert_eq!(cuts.len(), 1);
        assert_eq!(cuts[0].path, ["big"]);
        assert_eq!(cuts[0].whole, Value::from("x".repeat(1000)));
        let cut = payload.to_serde_json();
        assert_eq!(
            cut["big"],
            json!({"truncated": true, "size": 1000, "preview": "xxxxxxxxxx"})
        );
        assert_eq!((&cut["small"], &cut["n"]), (&json!("y"), &json!(5)));
    }

    #[test]
    fn a_payload_that_fits_stays() {
        let mut payload: Value = json!({"a": [1, 2, 3]}).into();
        assert!(fit(&mut payload, 100, 10).is_empty());
    }

    #[test]
    fn lists_keep_their_first_items() {
        let mut payload: Value = Value::List(vec![Value::from("abcdefgh"); 100]);
        assert!(fit(&mut payload, 300, 40)[0].path.is_empty());
        let cut = payload.to_serde_json();
        assert_eq!(cut["preview"].as_array().unwrap().len(), 3);
    }

    #[test]
    fn no_character_is_cut() {
        assert_eq!(clip("aé", 2), "a");
        assert_eq!(clip("aé", 3), "aé");
    }

    #[test]
    fn what_cannot_shrink_ends_the_work() {
        let many: Map = (0..100).map(|n| (n.to_string(), Value::Int(n))).collect();
        assert!(fit(&mut Value::Map(many), 10, 5).is_empty());
    }
}
