//! Standard input, as both languages read it.
//!
//! Reading blocks, so it happens on a thread of its own while the task waits; a read that is given up leaves its bytes
//! for the next one. What was read is noted in the journal of the run, so that a run that is resumed reads it again and
//! then what its own input has.

use std::sync::Arc;

use futures::lock::Mutex as Turn;
use llmspell_core::{Cx, Error, Kind, Result, Value, error};
use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::engine::Output;
use crate::host_ops::InputOps;

/// Most bytes of input that one read returns.
const MAX_BYTES: usize = 64 << 20;

/// Most bytes that are noted, and most times that something is: a run that reads a large file from its input must be given
/// it again.
const MOST_NOTED: usize = 1 << 20;
const MOST_NOTES: usize = 5_000;

/// The standard input of a VM. Clones share what was read and not yet asked for.
#[derive(Clone, Default)]
pub(crate) struct Input(Arc<Shared>);

#[derive(Default)]
struct Shared {
    buffer: Mutex<Buffer>,
    notes: Mutex<Notes>,
    /// Held by the task that waits for more.
    turn: Turn<()>,
    /// What a thread has read and no task has taken. Held by the thread that reads.
    arrived: Mutex<Option<std::io::Result<Vec<u8>>>>,
}

/// What is noted of the input.
#[derive(Default)]
struct Notes {
    bytes: usize,
    count: usize,
    /// Whether nothing more is.
    ended: bool,
}

/// Where input comes from.
pub(crate) struct Origin {
    /// A call of the run, whichever it is.
    pub(crate) cx: Cx,
    pub(crate) ops: InputOps,
    pub(crate) output: Arc<dyn Output>,
}

impl Input {
    /// Returns what is wanted if it is at hand.
    pub(crate) fn at_hand(&self, want: Want) -> Option<Value> {
        let mut buffer = self.0.buffer.try_lock()?;
        buffer.take(want)
    }

    /// Reads until there is what is wanted.
    pub(crate) async fn read(self, origin: Origin, want: Want) -> Result<Value> {
        // The input is that of the run, whichever function reads it.
        let mut cx = &origin.cx;
        while let Some(above) = cx.parent() {
            cx = above;
        }
        let _turn = self.0.turn.lock().await;
        loop {
            {
                let mut buffer = self.0.buffer.lock();
                if let Some(value) = buffer.take(want) {
                    return Ok(value);
                }
                if buffer.bytes.len() > MAX_BYTES {
                    return Err(too_much());
                }
            }
            let more = self.more(cx, &origin).await?;
            let mut buffer = self.0.buffer.lock();
            buffer.ended = more.is_empty();
            buffer.bytes.extend(more);
        }
    }

    /// Returns the next bytes, none at the end: those that an earlier process read, or new ones, which are noted.
    async fn more(&self, cx: &Cx, origin: &Origin) -> Result<Vec<u8>> {
        if self.0.notes.lock().ended {
            return self.fresh(origin).await;
        }
        match cx.call(&origin.ops.recall, Value::Null).await? {
            Value::Str(text) => Ok(self.count(text.into_bytes())),
            Value::Bytes(bytes) => Ok(self.count(bytes)),
            Value::Bool(true) => self.again(origin).await,
            // A secret, which is not written.
            Value::Bool(false) => self.fresh(origin).await.map(|bytes| self.count(bytes)),
            _ => {
                let bytes = self.count(self.fresh(origin).await?);
                let noted = match self.0.notes.lock().ended {
                    true => Value::Bool(true),
                    false => text(bytes.clone()),
                };
                let args = [("read", noted)].into_iter().collect();
                cx.call(&origin.ops.note, args).await?;
                Ok(bytes)
            }
        }
    }

    fn count(&self, bytes: Vec<u8>) -> Vec<u8> {
        let mut notes = self.0.notes.lock();
        notes.ended = notes.bytes + bytes.len() > MOST_NOTED || notes.count >= MOST_NOTES;
        if !notes.ended {
            notes.bytes += bytes.len();
            notes.count += 1;
        }
        bytes
    }

    /// Goes on behind what was noted, in an input that was given again.
    async fn again(&self, origin: &Origin) -> Result<Vec<u8>> {
        let mut left = {
            let mut notes = self.0.notes.lock();
            notes.ended = true;
            notes.bytes
        };
        loop {
            let mut bytes = self.fresh(origin).await?;
            if bytes.is_empty() {
                return Err(error!(
                    InvalidState,
                    "the run read more of its standard input than was recorded"
                )
                .with("recorded_bytes", self.0.notes.lock().bytes)
                .hint("give it again, whole: `llmspell session resume ID < FILE`"));
            }
            if bytes.len() > left {
                return Ok(bytes.split_off(left));
            }
            left -= bytes.len();
        }
    }

    /// Reads from the input of this process.
    async fn fresh(&self, origin: &Origin) -> Result<Vec<u8>> {
        let (tell, told) = oneshot::channel();
        let (shared, output) = (self.0.clone(), origin.output.clone());
        std::thread::Builder::new()
            .name("input".to_owned())
            .spawn(move || {
                let mut arrived = shared.arrived.lock();
                arrived.get_or_insert_with(|| read(&*output));
                // A task that has given up leaves it for the next one.
                let _ = tell.send(());
            })
            .map_err(|failure| error!(Unavailable, "no thread can be started: {failure}"))?;
        // A thread that died of a defect has left nothing. A task that is stopped leaves what comes for the next one.
        let _ = origin.cx.unless_stopped(told).await?;
        let arrived = self.0.arrived.lock().take();
        let arrived = arrived.ok_or_else(|| Error::new(Kind::Bug, "a defect in the runtime"))?;
        arrived.map_err(|failure| error!(Io, "standard input cannot be read: {failure}"))
    }
}

/// Reads what is there; blocks until there is something.
fn read(output: &dyn Output) -> std::io::Result<Vec<u8>> {
    let mut bytes = vec![0; 64 << 10];
    loop {
        match output.read(&mut bytes) {
            Err(failure) if failure.kind() == std::io::ErrorKind::Interrupted => {}
            read => {
                bytes.truncate(read?);
                return Ok(bytes);
            }
        }
    }
}

fn too_much() -> Error {
    let most = MAX_BYTES >> 20;
    error!(Limit, "more than {most} MiB of input in one read").with("limit", MAX_BYTES)
}

/// What was read and not yet asked for.
#[derive(Default)]
struct Buffer {
    bytes: Vec<u8>,
    ended: bool,
}

/// What a read wants.
#[derive(Clone, Copy)]
pub(crate) enum Want {
    Line { keep_end: bool },
    All,
    Number,
    Count(usize),
}

impl Want {
    /// Reads a format of `io.read`.
    pub(crate) fn parse(format: &str, count: i64) -> Self {
        match format {
            "l" => Self::Line { keep_end: false },
            "L" => Self::Line { keep_end: true },
            "a" => Self::All,
            "n" => Self::Number,
            _ => Self::Count(usize::try_from(count).unwrap_or(0)),
        }
    }
}

impl Buffer {
    /// Takes what is wanted, or `None` if more must be read first.
    fn take(&mut self, want: Want) -> Option<Value> {
        match want {
            Want::Line { keep_end } => {
                let end = self.bytes.iter().position(|&byte| byte == b'\n');
                match end {
                    Some(end) => {
                        let mut line = self.cut(end + 1);
                        if !keep_end {
                            line.pop();
                        }
                        Some(text(line))
                    }
                    None if !self.ended => None,
                    None if self.bytes.is_empty() => Some(Value::Null),
                    None => Some(text(self.cut(self.bytes.len()))),
                }
            }
            Want::All if self.ended => Some(text(self.cut(self.bytes.len()))),
            Want::All => None,
            Want::Count(_) if self.ended && self.bytes.is_empty() => Some(Value::Null),
            Want::Count(count) if self.ended || self.bytes.len() >= count.max(1) => {
                Some(text(self.cut(count.min(self.bytes.len()))))
            }
            Want::Count(_) => None,
            Want::Number => self.number(),
        }
    }

    fn cut(&mut self, end: usize) -> Vec<u8> {
        let rest = self.bytes.split_off(end);
        std::mem::replace(&mut self.bytes, rest)
    }

    /// Takes a numeral: at most 200 characters that can belong to one.
    fn number(&mut self) -> Option<Value> {
        let start = self
            .bytes
            .iter()
            .position(|byte| !byte.is_ascii_whitespace());
        let start = match start {
            Some(start) => start,
            None if self.ended => return Some(Value::Null),
            None => return None,
        };
        let length = self.bytes[start..]
            .iter()
            .take(200)
            .take_while(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte))
            .count();
        if start + length == self.bytes.len() && length < 200 && !self.ended {
            return None;
        }
        let numeral = self.cut(start + length).split_off(start);
        let numeral = String::from_utf8_lossy(&numeral).into_owned();
        Some(parse_number(&numeral).unwrap_or_default())
    }
}

fn parse_number(numeral: &str) -> Option<Value> {
    let (negative, digits) = match numeral.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, numeral.strip_prefix('+').unwrap_or(numeral)),
    };
    let hexadecimal = digits
        .strip_prefix("0x")
        .or_else(|| digits.strip_prefix("0X"));
    if let Some(digits) = hexadecimal {
        let number = u64::from_str_radix(digits, 16).ok()? as i64;
        return Some(Value::Int(if negative {
            number.wrapping_neg()
        } else {
            number
        }));
    }
    if !digits.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return None;
    }
    match numeral.parse::<i64>() {
        Ok(number) => Some(Value::Int(number)),
        Err(_) => numeral.parse::<f64>().ok().map(Value::Float),
    }
}

fn text(bytes: Vec<u8>) -> Value {
    match String::from_utf8(bytes) {
        Ok(text) => Value::Str(text),
        Err(error) => Value::Bytes(error.into_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buffer(text: &str, ended: bool) -> Buffer {
        Buffer {
            bytes: text.as_bytes().to_vec(),
            ended,
        }
    }

    #[test]
    fn lines_and_the_end() {
        let mut buffer = buffer("one\ntwo", true);
        let line = Want::Line { keep_end: false };
        assert_eq!(buffer.take(line), Some(Value::from("one")));
        assert_eq!(buffer.take(line), Some(Value::from("two")));
        assert_eq!(buffer.take(line), Some(Value::Null));
    }

    #[test]
    fn waits_for_more() {
        let mut open = buffer("on", false);
        assert_eq!(open.take(Want::Line { keep_end: true }), None);
        assert_eq!(open.take(Want::All), None);
        assert_eq!(open.take(Want::Count(3)), None);
        assert_eq!(open.take(Want::Count(2)), Some(Value::from("on")));
    }

    #[test]
    fn numbers() {
        let mut numbers = buffer(" 12 -0x10 2.5e1 x", true);
        assert_eq!(numbers.take(Want::Number), Some(Value::Int(12)));
        assert_eq!(numbers.take(Want::Number), Some(Value::Int(-16)));
        assert_eq!(numbers.take(Want::Number), Some(Value::Float(25.0)));
        assert_eq!(numbers.take(Want::Number), Some(Value::Null));
    }
}
