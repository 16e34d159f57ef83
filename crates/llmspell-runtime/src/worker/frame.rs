//! What the two sides say to each other.
//!
//! A frame is its length in four bytes, the least first, then in four bytes the length of its text, the text, and the
//! attachments: the text is a value in its record form, in which long bytes are handles that say where among the
//! attachments they are. So a file crosses as it is. The worker begins with [`MAGIC`], so that what a program writes to its standard output before does not matter; then it
//! sends one frame that says how it is confined. After that each frame to it is a job
//! `{"job":NAME,"limit_ms":N,"input":VALUE}`, and it answers `{"ok":VALUE}` or `{"error":ERROR}`.

use llmspell_core::value::{MAX_DEPTH, from_record, to_record};
use llmspell_core::{Error, Handle, Map, Result, Value, error};

/// What the output of a worker begins with.
pub(super) const MAGIC: &[u8] = b"\0llmspell worker 1\n";

/// Longest text of a frame (bytes).
pub(super) const LONGEST: usize = 32 << 20;

/// Longest frame with its attachments (bytes): the largest file that is read into memory, and some more.
pub(super) const LONGEST_WHOLE: usize = 128 << 20;

/// Shortest bytes that are attached; shorter ones stand in the text.
const ATTACHED: usize = 4 << 10;

/// The kind of the handles that stand for attachments.
const ATTACHMENT: &str = "frame.attachment";

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
    let mut attachments = Vec::new();
    let text = match attaches(value) {
        true => to_record(&detached(value, &mut attachments)),
        false => to_record(value),
    };
    if text.len() > LONGEST {
        return Err(too_long(what, text.len(), LONGEST));
    }
    let length = 4 + text.len() + attachments.len();
    if length > LONGEST_WHOLE {
        return Err(too_long(what, length, LONGEST_WHOLE));
    }
    let mut frame = Vec::with_capacity(4 + length);
    frame.extend_from_slice(&(length as u32).to_le_bytes());
    frame.extend_from_slice(&(text.len() as u32).to_le_bytes());
    frame.extend_from_slice(text.as_bytes());
    frame.append(&mut attachments);
    Ok(frame)
}

fn attaches(value: &Value) -> bool {
    match value {
        Value::Bytes(bytes) => bytes.len() >= ATTACHED,
        Value::List(items) => items.iter().any(attaches),
        Value::Map(members) => members.values().any(attaches),
        _ => false,
    }
}

/// Returns the value with handles in place of long bytes, which go to `attachments`.
fn detached(value: &Value, attachments: &mut Vec<u8>) -> Value {
    match value {
        Value::Bytes(bytes) if bytes.len() >= ATTACHED => {
            let place = [("at", attachments.len()), ("length", bytes.len())];
            let place = place.map(|(name, number)| (name.to_owned(), Value::from(number)));
            attachments.extend_from_slice(bytes);
            Value::Handle(Handle::new(ATTACHMENT, "", Map::from_iter(place)))
        }
        Value::List(items) => {
            let items = items.iter();
            items.map(|item| detached(item, attachments)).collect()
        }
        Value::Map(members) => {
            let members = members.iter();
            let members = members.map(|(name, value)| (name.clone(), detached(value, attachments)));
            Value::Map(members.collect())
        }
        plain => plain.clone(),
    }
}

/// Puts attachments back in place of their handles.
fn attached(value: &mut Value, attachments: &[u8]) -> Result<()> {
    match value {
        Value::Handle(handle) if &*handle.kind == ATTACHMENT => {
            let number = |name: &str| {
                let number = handle.fields.get(name).and_then(Value::as_int);
                number.and_then(|number| usize::try_from(number).ok())
            };
            let range = number("at").zip(number("length"));
            let range = range.and_then(|(at, length)| Some(at..at.checked_add(length)?));
            let bytes = range.and_then(|range| attachments.get(range));
            let bytes = bytes.ok_or_else(|| error!(Corrupt, "a frame lacks an attachment"))?;
            *value = Value::Bytes(bytes.to_vec());
            Ok(())
        }
        Value::List(items) => items
            .iter_mut()
            .try_for_each(|item| attached(item, attachments)),
        Value::Map(members) => members
            .values_mut()
            .try_for_each(|member| attached(member, attachments)),
        _ => Ok(()),
    }
}

/// Returns the length that a frame begins with.
///
/// - Errors: `Limit` if it is too long.
pub(super) fn length(head: [u8; 4], what: &str) -> Result<usize> {
    let length = u32::from_le_bytes(head) as usize;
    if length > LONGEST_WHOLE {
        return Err(too_long(what, length, LONGEST_WHOLE));
    }
    Ok(length)
}

/// Reads what follows the length of a frame.
pub(super) fn unpack(frame: &[u8]) -> Result<Value> {
    let corrupt = || error!(Corrupt, "a frame cannot be read");
    let (length, rest) = frame.split_first_chunk().ok_or_else(corrupt)?;
    let length = u32::from_le_bytes(*length) as usize;
    let (text, attachments) = rest.split_at_checked(length).ok_or_else(corrupt)?;
    let text = std::str::from_utf8(text).map_err(|_| corrupt())?;
    let mut value = from_record(text)?;
    attached(&mut value, attachments)?;
    Ok(value)
}

fn too_long(what: &str, bytes: usize, most: usize) -> Error {
    error!(
        Limit,
        "{what} has {bytes} bytes, at most {most} are possible"
    )
    .with("limit", most)
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
        Value::from([
            ("job", Value::from(self.name.as_str())),
            ("limit_ms", Value::from(self.limit_ms)),
            ("input", self.input.clone()),
        ])
    }

    pub(super) fn from_value(value: Value) -> Option<Self> {
        let Value::Map(mut map) = value else {
            return None;
        };
        Some(Self {
            name: map.get("job")?.as_str()?.to_owned(),
            limit_ms: map.get("limit_ms")?.as_int()?.try_into().ok()?,
            input: map.shift_remove("input")?,
        })
    }
}

pub(super) fn answer(outcome: Result<Value>) -> Value {
    let (name, value) = match outcome {
        Ok(value) => ("ok", value),
        Err(error) => ("error", error.to_record()),
    };
    Value::Map(Map::from_iter([(name.to_owned(), value)]))
}

pub(super) fn outcome(answer: Value) -> Result<Value> {
    if let Value::Map(mut map) = answer {
        if let Some(value) = map.shift_remove("ok") {
            return Ok(value);
        }
        if let Some(error) = map.get("error") {
            return Err(Error::from_value(error));
        }
    }
    Err(error!(Corrupt, "a worker's answer cannot be read"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_bytes_cross_as_they_are() {
        let bytes = |count: usize| Value::Bytes((0..count).map(|n| n as u8).collect());
        let map = Map::from([
            ("long", bytes(100_000)),
            ("short", bytes(10)),
            ("list", Value::List(vec![bytes(5_000), "text".into()])),
        ]);
        let value = Value::Map(map);
        let frame = pack(&value, "it").unwrap();
        assert!(frame.len() < 106_000, "{}", frame.len());
        assert_eq!(unpack(&frame[4..]).unwrap(), value);
    }

    #[test]
    fn a_frame_that_lies_is_corrupt() {
        let place = Map::from([("at", 5.into()), ("length", 9.into())]);
        let lie = Value::Handle(Handle::new(ATTACHMENT, "", place));
        let frame = pack(&lie, "it").unwrap();
        let kind = |frame: &[u8]| unpack(frame).unwrap_err().kind();
        assert_eq!(kind(&frame[4..]), llmspell_core::Kind::Corrupt);
        assert_eq!(kind(&[9, 0, 0, 0, 1]), llmspell_core::Kind::Corrupt);
        assert_eq!(kind(&[]), llmspell_core::Kind::Corrupt);
    }
}
