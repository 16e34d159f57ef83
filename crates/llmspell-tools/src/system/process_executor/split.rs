//! A command line as words, quoted as for a POSIX shell and without any expansion.

use llmspell_core::{Error, Result, error};

/// Splits a text into words. Characters that mean something to a shell beyond quoting are ordinary ones.
///
/// - Errors: `Parse` for a quote that is not closed.
/// - Source: POSIX.1-2024, Shell Command Language, 2.2 Quoting.
pub(super) fn words(text: &str) -> Result<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match letters.next() {
                        None => return Err(unclosed(at)),
                        Some((_, '\'')) => break,
                        Some((_, letter)) => word.push(letter),
                    }
                }
            }
            '"' => double(at, &mut letters, word.get_or_insert_default())?,
            '\\' => match letters.next() {
                // A line goes on.
                Some((_, '\n')) => {}
                Some((_, letter)) => word.get_or_insert_default().push(letter),
                None => word.get_or_insert_default().push('\\'),
            },
            letter if letter.is_whitespace() => words.extend(word.take()),
            letter => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    Ok(words)
}

/// Reads on to the closing double quote, in which a backslash quotes only some characters.
fn double(
    opened: usize,
    letters: &mut impl Iterator<Item = (usize, char)>,
    word: &mut String,
) -> Result<()> {
    loop {
        match letters.next() {
            None => return Err(unclosed(opened)),
            Some((_, '"')) => return Ok(()),
            Some((_, '\\')) => match letters.next() {
                None => return Err(unclosed(opened)),
                Some((_, '\n')) => {}
                Some((_, letter @ ('"' | '\\' | '$' | '`'))) => word.push(letter),
                Some((_, letter)) => word.extend(['\\', letter]),
            },
            Some((_, letter)) => word.push(letter),
        }
    }
}

fn unclosed(at: usize) -> Error {
    error!(
        Parse,
        "parameter 'executable': the quote at offset {at} is not closed"
    )
    .with("offset", at)
    .hint("give the arguments as a list in `arguments`")
}
