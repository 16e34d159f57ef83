//! JSON text is parsed or refused; what was parsed is plain data and is written as text that parses to the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use llmspell_core::value::{from_json, to_json};

fuzz_target!(|text: &str| {
    if let Ok(value) = from_json(text) {
        let written = to_json(&value);
        assert_eq!(to_json(&from_json(&written).expect("what was written parses")), written);
    }
});
