//! A stored value is read or refused, and what was read is written back so that it reads the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use llmspell_core::value::{from_record, to_record};

fuzz_target!(|text: &str| {
    if let Ok(value) = from_record(text) {
        let again = from_record(&to_record(&value)).expect("what was written reads");
        assert_eq!(to_record(&again), to_record(&value));
    }
});
