//! `$X`, `${X}` and `${X:-default}` in a text.

use llmspell_core::{Result, error};

/// Fills in variables, and returns the text and the names of those that are not set. Filled-in text is not looked at
/// again.
///
/// - Errors: those of `look`; `Parse` for a brace that is not closed; `Limit` past `most` bytes.
pub(super) fn expand(
    input: &str,
    most: usize,
    look: impl Fn(&str) -> Result<Option<String>>,
) -> Result<(String, Vec<String>)> {
    let mut text = String::with_capacity(input.len());
    let mut missing: Vec<String> = Vec::new();
    let mut rest = input;
    while let Some(at) = rest.find('$') {
        text.push_str(&rest[..at]);
        let place = input.len() - rest.len() + at;
        let after = &rest[at + 1..];
        let Some((name, default, length)) = reference(after, place)? else {
            text.push('$');
            rest = after;
            continue;
        };
        match (look(name)?, default) {
            (Some(value), None) => text.push_str(&value),
            (Some(value), Some(_)) if !value.is_empty() => text.push_str(&value),
            (_, Some(default)) => text.push_str(default),
            (None, None) if missing.iter().any(|known| known == name) => {}
            (None, None) => missing.push(name.to_owned()),
        }
        if text.len() > most {
            return Err(
                error!(Limit, "the expanded text is longer than {most} bytes").with("limit", most),
            );
        }
        rest = &after[length..];
    }
    text.push_str(rest);
    Ok((text, missing))
}

/// Reads what follows a `$`: name, default and length. `None` if it is an ordinary character.
fn reference(after: &str, place: usize) -> Result<Option<(&str, Option<&str>, usize)>> {
    let Some(inner) = after.strip_prefix('{') else {
        let name = name(after);
        return Ok((!name.is_empty()).then_some((name, None, name.len())));
    };
    let name = name(inner);
    let end = inner.find('}').ok_or_else(|| {
        error!(
            Parse,
            "parameter 'input': the brace at offset {place} is not closed"
        )
        .with("offset", place)
    })?;
    let default = match inner[name.len()..end].strip_prefix(":-") {
        _ if name.is_empty() => None,
        None if name.len() == end => Some(None),
        None => None,
        Some(default) => Some(Some(default)),
    };
    let default = default.ok_or_else(|| {
        let given = &inner[..end];
        error!(
            Parse,
            "parameter 'input': '${{{given}}}' at offset {place} is no variable"
        )
        .with("offset", place)
        .hint("write ${NAME} or ${NAME:-default}")
    })?;
    Ok(Some((name, default, end + 2)))
}

fn name(text: &str) -> &str {
    let in_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    if text.starts_with(|letter: char| letter.is_ascii_digit()) {
        return "";
    }
    let end = text.find(|letter| !in_name(letter));
    &text[..end.unwrap_or(text.len())]
}
