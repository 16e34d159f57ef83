//! JSON on the command line: as it is, `@FILE`, or `-` for standard input.

use std::io::Read;

use llmspell_core::error;

use crate::exit::{Failure, NO_INPUT};

/// Returns the text that an argument stands for.
pub(super) fn text(argument: &str) -> Result<String, Failure> {
    let unreadable = |what: &str, failure: std::io::Error| {
        Failure::with_code(error!(Io, "{what} cannot be read: {failure}"), NO_INPUT)
    };
    match argument.strip_prefix('@') {
        Some(path) => std::fs::read_to_string(path).map_err(|failure| unreadable(path, failure)),
        None if argument == "-" => {
            let mut text = String::new();
            let read = std::io::stdin().lock().read_to_string(&mut text);
            read.map_err(|failure| unreadable("standard input", failure))?;
            Ok(text)
        }
        None => Ok(argument.to_owned()),
    }
}
