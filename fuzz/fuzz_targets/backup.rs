//! Backups of state: no bytes make the reader fail, and what it reads is written as it was.
#![no_main]

use libfuzzer_sys::fuzz_target;
use llmspell_runtime::state::backup::{decode, encode};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(content) = decode(bytes) {
        let written = encode(&content).unwrap();
        assert_eq!(decode(&written).unwrap(), content);
    }
});
