//! What the command line names: a file, standard input, or the text itself.

use std::io::{ErrorKind, Read};
use std::path::Path;

use llmspell_core::{Error, error};

use crate::exit::{Failure, NO_INPUT};

/// Returns the bytes of a file.
pub(super) fn file(path: &Path) -> Result<Vec<u8>, Failure> {
    let name = path.display();
    std::fs::read(path).map_err(|failure| {
        refused(match failure.kind() {
            ErrorKind::NotFound => error!(NotFound, "there is no file {name}"),
            _ => error!(Io, "{name} cannot be read: {failure}"),
        })
    })
}

/// Returns the bytes of standard input.
pub(super) fn standard_input() -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    match std::io::stdin().lock().read_to_end(&mut bytes) {
        Ok(_) => Ok(bytes),
        Err(failure) => Err(refused(error!(
            Io,
            "standard input cannot be read: {failure}"
        ))),
    }
}

/// Returns the text that an argument stands for: that of `@FILE`, of standard input for `-`, or itself.
pub(super) fn text(argument: &str) -> Result<String, Failure> {
    match argument.strip_prefix('@') {
        Some(path) => utf8(path, file(Path::new(path))?),
        None => text_or_input(argument),
    }
}

/// Returns the text that an argument stands for: that of standard input for `-`, or itself.
pub(super) fn text_or_input(argument: &str) -> Result<String, Failure> {
    match argument {
        "-" => utf8("standard input", standard_input()?),
        text => Ok(text.to_owned()),
    }
}

fn utf8(name: &str, bytes: Vec<u8>) -> Result<String, Failure> {
    String::from_utf8(bytes).map_err(|_| refused(error!(Parse, "{name} is not UTF-8 text")))
}

fn refused(error: Error) -> Failure {
    Failure::with_code(error, NO_INPUT)
}
