//! What the two sides say to each other.
//!
//! A frame is the length of its text in four bytes, the least first, and the text: a value in its record form. The
//! worker begins with [`MAGIC`], so that what a program writes to its standard output before does not matter; then it
//! sends one frame that says how it is confined. After that each frame to it is a job
//! `{"job":NAME,"limit_ms":N,"input":VALUE}`, and it answers `{"ok":VALUE}` or `{"error":ERROR}`.

use llmspell_core::value::{MAX_DEPTH, from_record, to_record};
use llmspell_core::{Error, Map, Result, Value, error};

/// What the output of a worker begins with.
pub(super) const MAGIC: &[u8] = b"\0llmspell worker 1\n";

/// Longest frame (bytes).
pub(super) const LONGEST: usize = 32 << 20;

/// Makes a frame.
///
/// - Errors: `Limit` if the value is too large or nested too deep.
pub(super) fn pack(value: &Value, what: &str) -> Result<Vec<u8>> {
    if value.depth() > MAX_DEPTH {
        return Err(
            error!(Limit, "{what} is nested deeper than {MAX_DEPTH} levels")
                .with("limit", MAX_DEPTH),
        );
    }
    let text = to_record(value);
    if text.len() > LONGEST {
        return Err(too_long(what, text.len()));
    }
    let mut frame = Vec::with_capacity(4 + text.len());
    frame.extend_from_slice(&(text.len() as u32).to_le_bytes());
    frame.extend_from_slice(text.as_bytes());
    Ok(frame)
}

/// Returns the length that a frame begins with.
///
/// - Errors: `Limit` if it is too long.
pub(super) fn length(head: [u8; 4], what: &str) -> Result<usize> {
    let length = u32::from_le_bytes(head) as usize;
    if length > LONGEST {
        return Err(too_long(what, length));
    }
    Ok(length)
}

/// Reads the text of a frame.
pub(super) fn unpack(text: &[u8]) -> Result<Value> {
    match std::str::from_utf8(text) {
        Ok(text) => from_record(text),
        Err(_) => Err(error!(Corrupt, "a frame is not text")),
    }
}

fn too_long(what: &str, bytes: usize) -> Error {
    error!(
        Limit,
        "{what} has {bytes} bytes, at most {LONGEST} are possible"
    )
    .with("limit", LONGEST)
    .with("value", bytes)
}

/// A job on its way to a worker.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) name: String,
    pub(super) limit_ms: u64,
    pub(super) input: Value,
}

impl Job {
    pub(super) fn to_value(&self) -> Value {
        Value::Map(Map::from_iter([
            ("job".to_owned(), Value::from(self.name.as_str())),
            ("limit_ms".to_owned(), Value::from(self.limit_ms)),
            ("input".to_owned(), self.input.clone()),
        ]))
    }

    pub(super) fn from_value(value: Value) -> Option<Self> {
        let Value::Map(mut map) = value else {
            return None;
        };
        Some(Self {
            name: map.get("job")?.as_str()?.to_owned(),
            limit_ms: map.get("limit_ms")?.as_int()?.try_into().ok()?,
            input: map.swap_remove("input")?,
        })
    }
}

pub(super) fn answer(outcome: Result<Value>) -> Value {
    let (name, value) = match outcome {
        Ok(value) => ("ok", value),
        Err(error) => ("error", error.to_value()),
    };
    Value::Map(Map::from_iter([(name.to_owned(), value)]))
}

pub(super) fn outcome(answer: Value) -> Result<Value> {
    if let Value::Map(mut map) = answer {
        if let Some(value) = map.swap_remove("ok") {
            return Ok(value);
        }
        if let Some(error) = map.get("error") {
            return Err(Error::from_value(error));
        }
    }
    Err(error!(Corrupt, "a worker's answer cannot be read"))
}
