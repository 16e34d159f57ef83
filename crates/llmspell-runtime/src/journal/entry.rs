//! One entry of a journal: a line of JSON.
//!
//! ```json
//! {"v":1,"kind":"call","op":"tool:calculator","id":"…","parent":"…","effect":"pure","at":1786543210123456,
//!  "took_us":412,"args":{"input":"1+1"},"result":{"operation":"evaluate","data":{"result":2}}}
//! ```
//!
//! - `kind`: `begin` when a call is dispatched, `end` when it has ended, `call` for both in one, `gone` when its caller
//!   stopped waiting. An `end` has the `id` of its `begin` and does not repeat what that says; nor does a `gone`, unless
//!   it is the only entry of its call. `saw` is about no call: `result` lists what the code of the run saw one after the
//!   other at the place `id`, such as the time (module `sights`).
//! - `at`: when the call began, in an `end` and a `gone` when that was written; UTC microseconds since 1970. `took_us`:
//!   microseconds.
//! - `args`, and one of `result` and `error`: as [`chunk`](super::chunk) says.
//! - `session`: the session that the call was made for, where that is not the run's own; said with `op`.
//! - Left out: `parent` of a call that the spell itself made; `usage` if none was reported; `attempts` if 1;
//!   `retryable` and `struck` if false.
//! - `struck`: a secret was struck out of `result`, so it is not what the call returned.
//!
//! An entry of a session that was deleted is a `gone` with `id` and `at` alone.
//!
//! Members may be added within a version, and are ignored by older programs; a new version is refused by them.

use std::io::Write as _;

use llmspell_core::{CallId, Effect, Result, Usage, error};
use serde::Deserialize;
use serde_json::value::RawValue;

/// The version that is written, and the newest that is read.
const VERSION: u64 = 1;

/// What an entry says about its call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Said {
    /// It is dispatched.
    Begin,
    /// It has ended.
    End,
    /// It was made, in one entry.
    Call,
    /// Its caller stopped waiting.
    Gone,
    /// No call: the code of the run saw this.
    Saw,
}

impl Said {
    const fn name(self) -> &'static str {
        match self {
            Self::Begin => "begin",
            Self::End => "end",
            Self::Call => "call",
            Self::Gone => "gone",
            Self::Saw => "saw",
        }
    }
}

/// What is said once about each call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head<'a> {
    pub(super) op: &'a str,
    pub(super) parent: CallId,
    /// The session that it is made for, if that is not the run's own.
    pub(super) session: Option<&'a str>,
    pub(super) effect: Effect,
    pub(super) args: &'a str,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tail<'a> {
    pub(super) took_us: u64,
    pub(super) result: Option<&'a str>,
    pub(super) error: Option<&'a str>,
    pub(super) retryable: bool,
    pub(super) struck: bool,
    pub(super) usage: Usage,
    pub(super) attempts: u32,
}

/// Writes the line of an entry.
pub(super) fn write(
    said: Said,
    id: CallId,
    at: i64,
    head: Option<Head<'_>>,
    tail: Option<Tail<'_>>,
) -> Vec<u8> {
    let size = head.map_or(0, |head| head.args.len())
        + tail.map_or(0, |tail| tail.result.or(tail.error).map_or(0, str::len));
    let mut line = Vec::with_capacity(300 + size);
    // Writing into memory does not fail.
    let _ = put(&mut line, said, id, at, head, tail);
    line
}

fn put(
    line: &mut Vec<u8>,
    said: Said,
    id: CallId,
    at: i64,
    head: Option<Head<'_>>,
    tail: Option<Tail<'_>>,
) -> std::io::Result<()> {
    write!(line, "{{\"v\":{VERSION},\"kind\":\"{}\"", said.name())?;
    if let Some(head) = head {
        line.extend_from_slice(b",\"op\":");
        serde_json::to_writer(&mut *line, head.op)?;
    }
    write!(line, ",\"id\":\"{id}\"")?;
    if let Some(head) = head {
        if head.parent != CallId::ROOT {
            write!(line, ",\"parent\":\"{}\"", head.parent)?;
        }
        if let Some(session) = head.session {
            line.extend_from_slice(b",\"session\":");
            serde_json::to_writer(&mut *line, session)?;
        }
        write!(line, ",\"effect\":\"{}\"", head.effect.name())?;
    }
    write!(line, ",\"at\":{at}")?;
    if let Some(tail) = tail {
        write!(line, ",\"took_us\":{}", tail.took_us)?;
    }
    if let Some(head) = head {
        write!(line, ",\"args\":{}", head.args)?;
    }
    if let Some(tail) = tail {
        if let Some(result) = tail.result {
            write!(line, ",\"result\":{result}")?;
        }
        if let Some(error) = tail.error {
            write!(line, ",\"error\":{error}")?;
        }
        if tail.retryable {
            line.extend_from_slice(b",\"retryable\":true");
        }
        if tail.struck {
            line.extend_from_slice(b",\"struck\":true");
        }
        if !tail.usage.is_empty() {
            line.extend_from_slice(b",\"usage\":");
            serde_json::to_writer(&mut *line, &tail.usage)?;
        }
        if tail.attempts > 1 {
            write!(line, ",\"attempts\":{}", tail.attempts)?;
        }
    }
    line.push(b'}');
    Ok(())
}

/// Writes the line that tells what was seen at a place below a call. `values` is a list in the record form.
pub(super) fn write_saw(
    what: &str,
    place: CallId,
    parent: CallId,
    at: i64,
    values: &str,
) -> Vec<u8> {
    let head = format!("{{\"v\":{VERSION},\"kind\":\"saw\",\"op\":");
    // A text always has a JSON form.
    let what = serde_json::to_string(what).unwrap_or_default();
    let parent = match parent {
        CallId::ROOT => String::new(),
        parent => format!(",\"parent\":\"{parent}\""),
    };
    format!("{head}{what},\"id\":\"{place}\"{parent},\"at\":{at},\"result\":{values}}}")
        .into_bytes()
}

/// Returns the line of an entry of which only that it was there is to be known.
pub(crate) fn emptied(entry: &Entry) -> Vec<u8> {
    write(Said::Gone, entry.id, entry.at, None, None)
}

/// One entry of a journal, as it was read. Values are still in the stored form, see
/// [`Reader::value`](super::Reader::value).
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its number in the journal, from 1.
    pub seq: u64,
    pub(crate) said: Said,
    /// The call that it is about.
    pub id: CallId,
    /// The call that made this one.
    pub parent: CallId,
    /// The op; empty for the later entry of a call that has two.
    pub op: String,
    /// The session that the call was made for, if that is not the run's own; empty as `op` is.
    pub session: Option<Box<str>>,
    /// What the call does to the world.
    pub effect: Option<Effect>,
    /// UTC microseconds since 1970.
    pub at: i64,
    /// Microseconds from dispatch to end.
    pub took_us: Option<u64>,
    /// The arguments.
    pub args: Option<Box<str>>,
    /// The result.
    pub result: Option<Box<str>>,
    /// The error.
    pub error: Option<Box<str>>,
    /// Whether repeating the call could have helped.
    pub retryable: bool,
    /// Whether a secret was struck out of the result.
    pub struck: bool,
    /// What the call itself reported.
    pub usage: Usage,
    /// How often the body was begun.
    pub attempts: u32,
}

#[derive(Deserialize)]
struct Versioned {
    v: u64,
}

/// The line of an entry, not copied.
#[derive(Deserialize)]
pub(super) struct Line<'a> {
    #[serde(default)]
    v: u64,
    pub(super) kind: Said,
    id: &'a str,
    parent: Option<&'a str>,
    #[serde(default)]
    pub(super) op: String,
    session: Option<Box<str>>,
    pub(super) effect: Option<Effect>,
    pub(super) at: i64,
    pub(super) took_us: Option<u64>,
    #[serde(borrow, default, deserialize_with = "given")]
    args: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "given")]
    pub(super) result: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "given")]
    pub(super) error: Option<&'a RawValue>,
    #[serde(default)]
    retryable: bool,
    #[serde(default)]
    pub(super) struck: bool,
    #[serde(default)]
    pub(super) usage: Usage,
    attempts: Option<u32>,
}

/// Reads a member that is there; null is a value like any other.
fn given<'de: 'a, 'a, D>(deserializer: D) -> Result<Option<&'a RawValue>, D::Error>
where
    D: serde::Deserializer<'de>,
{
    <&RawValue>::deserialize(deserializer).map(Some)
}

impl Entry {
    /// Reads the line of entry `seq` of the journal of `session`.
    ///
    /// - Errors: `Corrupt` naming both, if it cannot be read or a newer program wrote it.
    pub(crate) fn read(session: &str, seq: u64, line: &[u8]) -> Result<Self> {
        let corrupt = |why: String| {
            error!(
                Corrupt,
                "entry {seq} of the journal of session {session} cannot be read: {why}"
            )
            .with("session", session)
            .with("entry", seq)
        };
        let text = std::str::from_utf8(line).map_err(|cause| corrupt(cause.to_string()))?;
        let version: Versioned =
            serde_json::from_str(text).map_err(|cause| corrupt(cause.to_string()))?;
        if version.v != VERSION {
            let why = format!("it has version {}, known is {VERSION}", version.v);
            return Err(corrupt(why).hint("a newer llmspell wrote it; update this one"));
        }
        let line: Line<'_> =
            serde_json::from_str(text).map_err(|cause| corrupt(cause.to_string()))?;
        line.entry(seq).map_err(corrupt)
    }
}

impl<'a> Line<'a> {
    /// Reads a line in one look; `None` if there is anything to say against it, which [`Entry::read`] then says.
    pub(super) fn glance(bytes: &'a [u8]) -> Option<Self> {
        let line: Self = serde_json::from_slice(bytes).ok()?;
        (line.v == VERSION && line.complete()).then_some(line)
    }

    /// Returns the call, or the place, and the call above.
    pub(super) fn ids(&self) -> Option<(CallId, CallId)> {
        let parent = match self.parent {
            None => CallId::ROOT,
            Some(parent) => CallId::parse(parent)?,
        };
        Some((CallId::parse(self.id)?, parent))
    }

    fn complete(&self) -> bool {
        let whole = !self.op.is_empty() && self.effect.is_some() && self.args.is_some();
        let ended = self.took_us.is_some() && self.result.is_some() != self.error.is_some();
        match self.kind {
            Said::Begin => whole,
            Said::End => ended,
            Said::Call => whole && ended,
            Said::Gone => true,
            Said::Saw => self.result.is_some(),
        }
    }

    fn entry(self, seq: u64) -> Result<Entry, String> {
        let id = |text: &str| CallId::parse(text).ok_or(format!("'{text}' is no id of a call"));
        let own = |value: Option<&RawValue>| value.map(|value| value.get().into());
        if !self.complete() {
            return Err(format!(
                "a member of kind '{}' is missing",
                self.kind.name()
            ));
        }
        Ok(Entry {
            seq,
            said: self.kind,
            id: id(self.id)?,
            parent: self.parent.map_or(Ok(CallId::ROOT), id)?,
            op: self.op,
            session: self.session,
            effect: self.effect,
            at: self.at,
            took_us: self.took_us,
            args: own(self.args),
            result: own(self.result),
            error: own(self.error),
            retryable: self.retryable,
            struck: self.struck,
            usage: self.usage,
            attempts: self.attempts.unwrap_or(1),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head() -> Head<'static> {
        Head {
            op: "tool:\"odd\"",
            parent: CallId([7; 16]),
            session: None,
            effect: Effect::Once,
            args: "{\"a\":1}",
        }
    }

    #[test]
    fn lines_and_back() {
        let tail = Tail {
            took_us: 12,
            result: Some("[1,2]"),
            usage: Usage {
                input_tokens: Some(3),
                ..Usage::default()
            },
            attempts: 2,
            ..Tail::default()
        };
        let id = CallId([1; 16]);
        let line = write(Said::Call, id, 99, Some(head()), Some(tail));
        insta::assert_snapshot!(std::str::from_utf8(&line).unwrap(), @r#"{"v":1,"kind":"call","op":"tool:\"odd\"","id":"01010101010101010101010101010101","parent":"07070707070707070707070707070707","effect":"once","at":99,"took_us":12,"args":{"a":1},"result":[1,2],"usage":{"input_tokens":3},"attempts":2}"#);
        let entry = Entry::read("s", 5, &line).unwrap();
        assert_eq!(
            (entry.seq, entry.id, entry.parent),
            (5, id, CallId([7; 16]))
        );
        assert_eq!(entry.op, "tool:\"odd\"");
        assert_eq!(entry.result.as_deref(), Some("[1,2]"));
        assert_eq!((entry.attempts, entry.usage.input_tokens), (2, Some(3)));
    }

    #[test]
    fn a_call_for_a_session_names_it() {
        let own = Head {
            session: Some("4f1c"),
            ..head()
        };
        let line = write(Said::Begin, CallId([1; 16]), 1, Some(own), None);
        let text = std::str::from_utf8(&line).unwrap();
        assert!(
            text.contains(r#","session":"4f1c","effect":"once""#),
            "{text}"
        );
        let entry = Entry::read("s", 1, &line).unwrap();
        assert_eq!(entry.session.as_deref(), Some("4f1c"));
        let line = write(Said::Begin, CallId([1; 16]), 1, Some(head()), None);
        assert_eq!(Entry::read("s", 1, &line).unwrap().session, None);
    }

    #[test]
    fn a_result_of_null_is_a_result() {
        let tail = Tail {
            result: Some("null"),
            ..Tail::default()
        };
        let line = write(Said::End, CallId([1; 16]), 1, None, Some(tail));
        let entry = Entry::read("s", 1, &line).unwrap();
        assert_eq!(entry.result.as_deref(), Some("null"));
    }

    #[test]
    fn damage_is_named() {
        let text = |line: &[u8]| format!("{:?}", Entry::read("4f1c", 3, line).unwrap_err());
        insta::assert_snapshot!(text(b"{\"v\":1,\"kind\":\"ca"), @r#"
        error[corrupt]: entry 3 of the journal of session 4f1c cannot be read: EOF while parsing a string at line 1 column 17
          session: "4f1c"
          entry: 3
        "#);
        insta::assert_snapshot!(text(b"{\"v\":2,\"anything\":1}"), @r#"
        error[corrupt]: entry 3 of the journal of session 4f1c cannot be read: it has version 2, known is 1
          session: "4f1c"
          entry: 3
          help: a newer llmspell wrote it; update this one
        "#);
        let id = "01010101010101010101010101010101";
        assert!(
            text(format!("{{\"v\":1,\"kind\":\"call\",\"id\":\"{id}\",\"at\":1}}").as_bytes())
                .contains("missing")
        );
        assert!(
            text(b"{\"v\":1,\"kind\":\"gone\",\"id\":\"xyz\",\"at\":1}")
                .contains("no id of a call")
        );
        assert!(text(b"\xff").contains("utf-8"));
    }
}
