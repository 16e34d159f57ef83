//! Standard input, as far as the journal keeps it.
//!
//! What a run reads are sights at one place of the run, in their order. A run that is resumed reads them again.

use llmspell_core::{Cx, Module, Op, Result, Value};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::journal::Journal;

const READ: &str = "input.read";

/// Returns the ops with which the engines of languages remember standard input.
pub fn module() -> Module {
    Module::hidden("input", "What was read from standard input.")
        .op(Op::new("recall", recall))
        .op(Op::new("note", note))
}

/// Returns what an earlier process of the run read next; null if it read no more.
#[derive(Deserialize, JsonSchema)]
struct Recall {}

async fn recall(cx: Cx, _: Recall) -> Result<Value> {
    let journal = cx.part::<Journal>().ok();
    let known = journal.and_then(|journal| journal.recall(&cx, READ, ""));
    Ok(known.unwrap_or_default())
}

/// Notes what was read. Of a secret only that there was one.
#[derive(Deserialize, JsonSchema)]
struct Note {
    /// Text or bytes; true if no more is to be recorded.
    read: Value,
}

async fn note(cx: Cx, a: Note) -> Result<()> {
    let Ok(journal) = cx.part::<Journal>() else {
        return Ok(());
    };
    let secret = match &a.read {
        Value::Str(text) => journal.is_secret(text),
        Value::Bytes(bytes) => journal.is_secret(&String::from_utf8_lossy(bytes)),
        _ => false,
    };
    journal.see(&cx, READ, "", || match secret {
        true => false.into(),
        false => a.read,
    });
    Ok(())
}
