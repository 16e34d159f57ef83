//! What is known of a backup.

use llmspell_core::{Result, error};
use serde::{Deserialize, Serialize};

use super::compression::Compression;
use super::encryption::Encryption;

/// What is known of a backup: the file `<id>.meta`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Meta {
    pub(super) id: String,
    /// The backup whose differences it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) parent: Option<String>,
    /// Seconds since 1970.
    pub(super) created_at: i64,
    /// The same in microseconds, by which those of one second are ordered.
    pub(super) created_at_us: i64,
    /// Bytes of `<id>.backup`.
    pub(super) size_bytes: u64,
    /// Bytes of the content before it was compressed.
    pub(super) content_bytes: u64,
    /// How many values it holds.
    pub(super) entry_count: usize,
    /// How many keys it says are gone.
    #[serde(default)]
    pub(super) removed_count: usize,
    /// The version of the state.
    pub(super) schema_version: String,
    pub(super) compression: Compression,
    /// How the file is encrypted, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) encryption: Option<Encryption>,
    /// SHA-256 of `<id>.backup`, in hexadecimal digits.
    pub(super) sha256: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    /// Which keys it holds, if not all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) include_patterns: Vec<String>,
}

impl Meta {
    /// Returns whether it holds every key, so that another one can build on it.
    pub(super) fn is_whole(&self) -> bool {
        self.include_patterns.is_empty()
    }

    /// Returns whether it is about a key of a scope.
    pub(super) fn covers(&self, scope: &str, key: &str) -> bool {
        covers(&self.include_patterns, scope, key)
    }
}

/// Returns whether patterns fit a key, or its scope and key with `/` between; no patterns fit all.
pub(super) fn covers(patterns: &[String], scope: &str, key: &str) -> bool {
    let fits = |pattern: &String| {
        crate::glob::matches(pattern, key)
            || crate::glob::matches(pattern, &format!("{scope}/{key}"))
    };
    patterns.is_empty() || patterns.iter().any(fits)
}

/// Returns the id of a backup that is made now.
pub(super) fn new_id(seconds: i64, chance: u64) -> String {
    format!("backup_{seconds}_{:08x}", chance as u32)
}

/// Refuses what is no id, which could lead out of the directory.
///
/// - Errors: `NotFound`, since there is no such backup.
pub(super) fn check_id(id: &str) -> Result<()> {
    let is_id = id.strip_prefix("backup_").is_some_and(|rest| {
        let letters = rest.bytes();
        rest.len() < 64
            && letters
                .into_iter()
                .all(|letter| letter.is_ascii_alphanumeric() || letter == b'_')
    });
    match is_id {
        true => Ok(()),
        false => Err(missing(id)),
    }
}

/// The error for a backup that does not exist.
pub(super) fn missing(id: &str) -> llmspell_core::Error {
    error!(NotFound, "no backup named '{id}'")
        .with("backup", id)
        .hint("State.list_backups() lists them")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_do_not_lead_out_of_the_directory() {
        assert!(check_id(&new_id(1_700_000_000, 0xabcd_ef01_2345)).is_ok());
        for id in [
            "",
            "backup",
            "backup_../x",
            "backup_a/b",
            "../backup_1_a",
            "backup_a.b",
        ] {
            assert!(check_id(id).is_err(), "{id}");
        }
    }

    #[test]
    fn patterns_fit_keys_and_places() {
        let patterns = vec!["prefs".to_owned(), "user:*/n*".to_owned()];
        assert!(covers(&patterns, "agent:a", "prefs"));
        assert!(covers(&patterns, "user:1", "name"));
        assert!(!covers(&patterns, "agent:a", "name"));
        assert!(covers(&[], "", "x"));
    }
}
