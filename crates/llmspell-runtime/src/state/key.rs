//! Names of values.

use llmspell_core::{Error, Result, error};
use unicode_normalization::UnicodeNormalization as _;

/// Longest key, in bytes.
const MAX_KEY: usize = 256;

/// Longest scope and key together, in bytes.
const MAX_BOTH: usize = 512;

/// Texts that may not be in a key.
const FORBIDDEN: [&str; 6] = ["..", "\\", "//", "\0", "\r", "\n"];

/// Beginnings of keys that are the runtime's own.
const RESERVED: [&str; 2] = ["__", "$$"];

/// Beginnings of keys whose values live in memory only.
const PASSING: [&str; 2] = ["temp:", "cache:"];

/// Where a value is in a store.
pub(super) struct Key {
    stored: String,
    passing: bool,
}

impl Key {
    /// Names the value of a key in a scope. Different forms of the same letters are the same key (NFC).
    ///
    /// - Errors: `InvalidArgs` for a key that is none.
    pub(super) fn new(scope: &str, key: &str) -> Result<Self> {
        let key: String = key.nfc().collect();
        check(scope, &key)?;
        let scope = scope.replace('%', "%25").replace('/', "%2F");
        Ok(Self {
            stored: format!("state/{scope}/{key}"),
            passing: PASSING.iter().any(|begin| key.starts_with(begin)),
        })
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.stored.as_bytes()
    }

    pub(super) fn is_passing(&self) -> bool {
        self.passing
    }
}

fn check(scope: &str, key: &str) -> Result<()> {
    let refused = |why: String| -> Result<()> {
        let error: Error = error!(InvalidArgs, "{why}");
        Err(error.with("parameter", "key").with("got", key))
    };
    if key.is_empty() || key.len() > MAX_KEY {
        let size = key.len();
        return refused(format!("a key has 1 to {MAX_KEY} bytes, got {size}"));
    }
    if scope.len() + key.len() > MAX_BOTH {
        let size = scope.len() + key.len();
        return refused(format!(
            "a scope and a key have at most {MAX_BOTH} bytes together, got {size}"
        ));
    }
    if let Some(part) = FORBIDDEN.iter().find(|part| key.contains(**part)) {
        return refused(format!("the key {key:?} must not contain {part:?}"));
    }
    if let Some(begin) = RESERVED.iter().find(|begin| key.starts_with(**begin)) {
        return refused(format!("the key '{key}' must not begin with '{begin}'"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use llmspell_core::Kind;

    use super::*;

    #[test]
    fn keys_that_are_none_are_refused() {
        let long = "k".repeat(257);
        for key in [
            "", "a..b", "a\\b", "http://x", "a\0", "a\nb", "__x", "$$x", &long,
        ] {
            let refusal = Key::new("global", key).err().map(|error| error.kind());
            assert_eq!(refusal, Some(Kind::InvalidArgs), "{key:?}");
        }
        assert!(Key::new(&"s".repeat(400), &"k".repeat(113)).is_err());
        assert!(Key::new(&"s".repeat(400), &"k".repeat(112)).is_ok());
    }

    #[test]
    fn where_values_are() {
        let stored = |scope, key| Key::new(scope, key).unwrap().stored;
        assert_eq!(stored("agent:a", "a:b"), "state/agent:a/a:b");
        assert_eq!(stored("a/b%", "c/d"), "state/a%2Fb%25/c/d");
        assert_eq!(stored("", "k"), "state//k");
        assert_eq!(stored("x", "e\u{301}"), stored("x", "\u{e9}"));
    }

    #[test]
    fn some_live_in_memory_only() {
        for (key, passing) in [("temp:x", true), ("cache:x", true), ("temporary", false)] {
            assert_eq!(Key::new("", key).unwrap().is_passing(), passing, "{key}");
        }
    }
}
