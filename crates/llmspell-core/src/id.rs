//! Identity of a call, derived from its content.

use std::fmt;

/// Up to this size (bytes) the parts of an id are put together first: one digest of few bytes is made much faster than a
/// hasher that could take more.
const AT_ONCE: usize = 512;

/// The id of a call: the same call at the same place of the same spell has the same id in every run.
///
/// Derived from the parent's id, the op's name, the arguments and how many times that same call was already made
/// under that parent. The order in which siblings run does not matter.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct CallId(pub [u8; 16]);

impl CallId {
    /// The parent of the calls that a spell makes itself.
    pub const ROOT: Self = Self([0; 16]);

    /// Which way ids are derived. It is raised with every change of that: what was recorded under other ids is not found
    /// again.
    pub const SCHEME: u32 = 2;

    /// Derives the id of the `nth` (from 0) call of `op` under `parent` whose arguments have this record form.
    pub fn derive(parent: Self, op: &str, args: &str, nth: u32) -> Self {
        Self::content(parent, op, args).nth(nth)
    }

    /// Derives what all repetitions of one call share.
    pub fn content(parent: Self, op: &str, args: &str) -> Self {
        let length = (op.len() as u64).to_le_bytes();
        Self::digest(&[&parent.0, &length, op.as_bytes(), args.as_bytes()])
    }

    /// Derives the id of the `nth` repetition from what all repetitions share.
    ///
    /// Ids of different content are no nearer to each other than digests are, so a mixture of the two will do.
    #[must_use]
    pub fn nth(self, nth: u32) -> Self {
        // Odd, so that different numbers lead to different ids.
        const FACTOR: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;
        let number = u128::from_be_bytes(self.0) ^ u128::from(nth).wrapping_mul(FACTOR);
        let mixed = number.wrapping_mul(FACTOR);
        // A product spreads upwards only.
        Self((mixed ^ (mixed >> 64)).wrapping_mul(FACTOR).to_be_bytes())
    }

    /// Returns the 32 hex digits that [`fmt::Display`] writes, without its machinery: for what every call needs.
    pub fn hex(self) -> String {
        std::str::from_utf8(&self.digits())
            .expect("digits are ASCII")
            .to_owned()
    }

    fn digits(self) -> [u8; 32] {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; 32];
        for (digits, byte) in text.chunks_exact_mut(2).zip(self.0) {
            digits[0] = DIGITS[usize::from(byte >> 4)];
            digits[1] = DIGITS[usize::from(byte & 15)];
        }
        text
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

    /// Returns the beginning of the BLAKE3 digest of all parts, one after the other.
    fn digest(parts: &[&[u8]]) -> Self {
        let mut together = [0; AT_ONCE];
        let length: usize = parts.iter().map(|part| part.len()).sum();
        let digest = match together.get_mut(..length) {
            Some(mut rest) => {
                for part in parts {
                    let (own, behind) = rest.split_at_mut(part.len());
                    own.copy_from_slice(part);
                    rest = behind;
                }
                blake3::hash(&together[..length])
            }
            None => {
                let mut hasher = blake3::Hasher::new();
                for part in parts {
                    hasher.update(part);
                }
                hasher.finalize()
            }
        };
        let mut id = [0; 16];
        id.copy_from_slice(&digest.as_bytes()[..16]);
        Self(id)
    }
}

impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.digits()).expect("digits are ASCII"))
    }
}

impl fmt::Debug for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
