//! Standard input, as both languages read it.
//!
//! Reading blocks, so it happens on a thread of its own while the task waits; a read that is given up leaves its bytes
//! for the next one.

use std::sync::Arc;

use llmspell_core::{Error, Kind, Result, Value};
use parking_lot::Mutex;

use crate::engine::Output;

/// Most bytes of input that one read returns.
const MAX_BYTES: usize = 64 << 20;

/// The standard input of a VM. Clones share what was read and not yet asked for.
#[derive(Clone, Default)]
pub(crate) struct Input(Arc<Mutex<Buffer>>);

impl Input {
    /// Returns what is wanted if it is at hand.
    pub(crate) fn at_hand(&self, want: Want) -> Option<Value> {
        self.0.try_lock().and_then(|mut buffer| buffer.take(want))
    }

    /// Reads until there is what is wanted. Blocks.
    pub(crate) fn read(&self, output: &dyn Output, want: Want) -> Result<Value> {
        read(output, &self.0, want)
    }
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

/// Reads until there is what is wanted.
fn read(output: &dyn Output, buffer: &Mutex<Buffer>, want: Want) -> Result<Value> {
    let mut chunk = vec![0; 64 << 10];
    loop {
        let mut buffer = buffer.lock();
        if let Some(value) = buffer.take(want) {
            return Ok(value);
        }
        if buffer.bytes.len() > MAX_BYTES {
            return Err(llmspell_core::error!(
                Limit,
                "more than {} MiB of input in one read",
                MAX_BYTES >> 20
            )
            .with("limit", MAX_BYTES));
        }
        match output.read(&mut chunk) {
            Ok(0) => buffer.ended = true,
            Ok(count) => buffer.bytes.extend_from_slice(&chunk[..count]),
            Err(failure) if failure.kind() == std::io::ErrorKind::Interrupted => {}
            Err(failure) => {
                return Err(Error::new(
                    Kind::Io,
                    format!("standard input cannot be read: {failure}"),
                ));
            }
        }
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
