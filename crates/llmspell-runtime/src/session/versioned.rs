//! What a store says of a session, in a form that has a version.

use llmspell_core::{Result, error};
use serde::Deserialize;
use serde::de::DeserializeOwned;

#[derive(Deserialize)]
struct Versioned {
    v: u64,
}

/// Reads what was written of a session by a version that has this form.
///
/// - Errors: `Corrupt` for anything else.
pub(super) fn read<T: DeserializeOwned>(id: &str, bytes: &[u8], known: u64) -> Result<T> {
    let corrupt =
        |why: String| error!(Corrupt, "the session {id} cannot be read: {why}").with("session", id);
    let read: Versioned =
        serde_json::from_slice(bytes).map_err(|cause| corrupt(cause.to_string()))?;
    if read.v != known {
        let why = format!("it has version {}, known is {known}", read.v);
        return Err(corrupt(why).hint("a newer llmspell wrote it; update this one"));
    }
    serde_json::from_slice(bytes).map_err(|cause| corrupt(cause.to_string()))
}
