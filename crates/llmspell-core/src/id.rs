//! Identity of a call, derived from its content.

use std::fmt;

/// The id of a call: the same call at the same place of the same spell has the same id in every run.
///
/// Derived from the parent's id, the op's name, the arguments and how many times that same call was already made
/// under that parent. The order in which siblings run does not matter.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct CallId(pub [u8; 16]);

impl CallId {
    /// The parent of the calls that a spell makes itself.
    pub const ROOT: Self = Self([0; 16]);

    /// Derives the id of the `nth` (from 0) call of `op` under `parent` whose arguments have this record form.
    pub fn derive(parent: Self, op: &str, args: &str, nth: u32) -> Self {
        Self::content(parent, op, args).nth(nth)
    }

    /// Derives what all repetitions of one call share.
    pub fn content(parent: Self, op: &str, args: &str) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&parent.0);
        hasher.update(&(op.len() as u64).to_le_bytes());
        hasher.update(op.as_bytes());
        hasher.update(args.as_bytes());
        Self::truncate(&hasher)
    }

    /// Derives the id of the `nth` repetition from what all repetitions share.
    #[must_use]
    pub fn nth(self, nth: u32) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.0);
        hasher.update(&nth.to_le_bytes());
        Self::truncate(&hasher)
    }

    /// Parses the 32 hex digits that [`fmt::Display`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        let mut id = [0; 16];
        if text.len() != 32 || !text.is_ascii() {
            return None;
        }
        for (byte, digits) in id.iter_mut().zip(text.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
        }
        Some(Self(id))
    }

    fn truncate(hasher: &blake3::Hasher) -> Self {
        let mut id = [0; 16];
        id.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        Self(id)
    }
}

impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; 32];
        for (digits, byte) in text.chunks_exact_mut(2).zip(self.0) {
            digits[0] = DIGITS[usize::from(byte >> 4)];
            digits[1] = DIGITS[usize::from(byte & 15)];
        }
        f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
