//! Names of values.

use std::borrow::Cow;

use llmspell_core::{Error, Result, Value, error};
use unicode_normalization::UnicodeNormalization as _;

use crate::segment;

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

/// Words in keys whose values must not be shown.
const SENSITIVE: [&str; 4] = ["secret", "token", "credential", "password"];

/// What stands for the value of such a key.
pub(crate) const REDACTED: &str = "[REDACTED]";

/// The beginning of everything that scopes keep.
pub(super) const ALL: &str = "state/";

/// Returns a key in the form in which it is kept: different forms of the same letters are the same key (NFC).
pub(super) fn normal(key: &str) -> Cow<'_, str> {
    match key.is_ascii() {
        true => Cow::Borrowed(key),
        false => Cow::Owned(key.nfc().collect()),
    }
}

/// Returns whether values of this key live in memory only.
pub(super) fn is_passing(key: &str) -> bool {
    PASSING.iter().any(|begin| key.starts_with(begin))
}

/// Returns whether values of this key must not be shown in logs, events, hooks and the journal.
pub(crate) fn is_sensitive(key: &str) -> bool {
    let holds = |word: &&str| {
        let (key, word) = (key.as_bytes(), word.as_bytes());
        key.windows(word.len())
            .any(|part| part.eq_ignore_ascii_case(word))
    };
    SENSITIVE.iter().any(holds)
}

/// Returns the value of a key as it may be shown.
pub(crate) fn shown(key: &str, value: &Value) -> Value {
    match is_sensitive(key) && !value.is_null() {
        true => REDACTED.into(),
        false => value.clone(),
    }
}

/// Returns the beginning of what a scope keeps in a store.
pub(super) fn prefix(scope: &str) -> String {
    let mut prefix = String::with_capacity(ALL.len() + scope.len() + 1);
    prefix.push_str(ALL);
    segment::push(&mut prefix, scope);
    prefix.push('/');
    prefix
}

/// Returns the scope and the key of what is in a store under this name; `None` if no scope keeps it.
pub(super) fn read(stored: &[u8]) -> Option<(String, String)> {
    let stored = std::str::from_utf8(stored).ok()?;
    let (scope, key) = stored.strip_prefix(ALL)?.split_once('/')?;
    Some((segment::unescaped(scope), key.to_owned()))
}

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
        let key = normal(key);
        check(scope, &key)?;
        let mut stored = prefix(scope);
        stored.push_str(&key);
        Ok(Self {
            stored,
            passing: is_passing(&key),
        })
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.stored.as_bytes()
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.stored.into_bytes()
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
    fn names_in_a_store_are_read_back() {
        for (scope, key) in [
            ("agent:a", "a:b"),
            ("a/b%2F", "c/d"),
            ("", "k"),
            ("%25", "%2F"),
        ] {
            let stored = Key::new(scope, key).unwrap().into_bytes();
            assert_eq!(read(&stored), Some((scope.to_owned(), key.to_owned())));
        }
        assert_eq!(read(b"other/x"), None);
        assert_eq!(read(b"state/x"), None);
    }

    #[test]
    fn keys_of_secrets() {
        for key in [
            "secret",
            "API_TOKEN",
            "max_tokens",
            "userPassword",
            "credentials",
        ] {
            assert!(is_sensitive(key), "{key}");
            assert_eq!(shown(key, &1.into()), REDACTED.into());
            assert_eq!(shown(key, &Value::Null), Value::Null);
        }
        for key in ["", "key", "pass", "secre"] {
            assert!(!is_sensitive(key), "{key}");
        }
    }

    #[test]
    fn some_live_in_memory_only() {
        for (key, passing) in [("temp:x", true), ("cache:x", true), ("temporary", false)] {
            assert_eq!(Key::new("", key).unwrap().is_passing(), passing, "{key}");
        }
    }
}
