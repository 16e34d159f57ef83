//! Tokens of workflows: no text makes the reader fail, and what is printed reads as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use llmspell_runtime::workflow::canonical;

fuzz_target!(|text: &str| {
    let once = canonical(text);
    assert_eq!(canonical(&once), once, "{text:?}");
});
