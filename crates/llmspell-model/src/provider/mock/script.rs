//! A list of replies that a mock model plays.
//!
//! Each entry is a text, or an object with `text`, `reasoning`, `tool_calls` (`{name, arguments?, id?}`), `usage`,
//! `finish_reason`, `delay_ms`, or with `error` (`{kind, message?, retry_after_ms?}`).
//!
//! The entry for a request is told by the conversation alone: the model's first turn gets the first entry, its second turn
//! the second. An `error` takes no turn: it is raised once for a conversation, and the repetition of the request gets the
//! next entry. After the last entry the model answers on its own.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};

use llmspell_core::{Error, Kind, Result, Usage, bail, error};

use crate::event::Reason;
use crate::request::{Part, ToolCall};

/// What a script says to a request.
#[derive(Debug)]
pub(super) enum Line {
    /// Answer so.
    Reply(Box<Reply>),
    /// Fail so, after a delay.
    Fail(Error, Duration),
    /// Nothing more.
    Over,
}

/// One scripted answer.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) parts: Vec<Part>,
    pub(super) reason: Reason,
    pub(super) usage: Option<Usage>,
    pub(super) delay: Duration,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Entry {
    text: Option<String>,
    reasoning: Option<String>,
    tool_calls: Vec<Call>,
    usage: Option<Usage>,
    finish_reason: Option<Reason>,
    delay_ms: u64,
    error: Option<Failure>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Call {
    name: String,
    #[serde(default)]
    arguments: Value,
    id: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Failure {
    kind: String,
    message: Option<String>,
    retry_after_ms: Option<i64>,
}

/// Returns the entry for the model's turn number `turn`, whose request was made `raised` times before and failed.
///
/// - Errors: `InvalidArgs`, naming the entry that cannot be read.
pub(super) fn line(script: &Value, turn: usize, raised: usize) -> Result<Line> {
    let Value::Array(entries) = script else {
        bail!(
            InvalidArgs,
            "`responses` must be a list of texts and objects"
        );
    };
    let entries: Vec<Entry> = entries
        .iter()
        .enumerate()
        .map(|(index, entry)| read(index, entry))
        .collect::<Result<_>>()?;
    let (mut turns, mut failures) = (0, 0);
    for entry in entries {
        let is_due = turns == turn;
        match &entry.error {
            None if is_due => return Ok(Line::Reply(Box::new(reply(entry, turn)))),
            None => turns += 1,
            Some(_) if is_due && failures == raised => return fail(entry),
            Some(_) if is_due => failures += 1,
            Some(_) => {}
        }
    }
    Ok(Line::Over)
}

fn read(index: usize, entry: &Value) -> Result<Entry> {
    let wrong = |reason: String| error!(InvalidArgs, "`responses[{index}]`: {reason}");
    let entry = match entry {
        Value::String(text) => Entry {
            text: Some(text.clone()),
            ..Entry::default()
        },
        Value::Object(_) => {
            Entry::deserialize(entry).map_err(|reason| wrong(reason.to_string()))?
        }
        _ => return Err(wrong("neither a text nor an object".to_owned())),
    };
    if let Some(Failure { kind, .. }) = &entry.error
        && Kind::from_name(kind).is_none()
    {
        let known: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
        return Err(wrong(format!(
            "'{kind}' is no kind of error; known are {}",
            known.join(", ")
        )));
    }
    Ok(entry)
}

fn reply(entry: Entry, turn: usize) -> Reply {
    let mut parts = Vec::new();
    parts.extend(entry.reasoning.map(|text| Part::Reasoning { text }));
    parts.extend(entry.text.map(Part::text));
    let calls = !entry.tool_calls.is_empty();
    for (index, call) in entry.tool_calls.into_iter().enumerate() {
        parts.push(Part::ToolCall(ToolCall {
            id: call
                .id
                .unwrap_or_else(|| super::tools::call_id(turn, index)),
            name: call.name,
            arguments: match call.arguments {
                Value::Null => Value::Object(Map::new()),
                arguments => arguments,
            },
        }));
    }
    let reason = entry.finish_reason.unwrap_or(match calls {
        true => Reason::ToolCalls,
        false => Reason::Stop,
    });
    Reply {
        parts,
        reason,
        usage: entry.usage,
        delay: Duration::from_millis(entry.delay_ms),
    }
}

fn fail(entry: Entry) -> Result<Line> {
    let Some(failure) = entry.error else {
        bail!(Bug, "an entry of a script that is no error was raised");
    };
    let kind = Kind::from_name(&failure.kind).unwrap_or(Kind::Bug);
    let message = failure
        .message
        .unwrap_or_else(|| "the script says so".to_owned());
    let mut error = Error::new(kind, message);
    if kind == Kind::Remote {
        error = error.transient(true);
    }
    if let Some(wait) = failure.retry_after_ms {
        error = error.with("retry_after_ms", wait);
    }
    Ok(Line::Fail(error, Duration::from_millis(entry.delay_ms)))
}
