//! The engine that replaces `{{a.b}}` and does nothing else.

use llmspell_core::{Error, Kind, Result, Value};

use super::filter::text;
use super::{Escape, MAX_OUTPUT, Missing, Rendered, Template, lookup, placed, too_long};

/// Renders the template.
///
/// - Errors: `Parse` with place for a token that is no path; `Execution` for a missing value if that is asked for.
pub(super) fn render(template: &Template<'_>) -> Result<Rendered> {
    let mut rendered = Rendered::default();
    for (piece, offset) in pieces(template.text)? {
        match piece {
            Piece::Text(part) => rendered.text.push_str(part),
            Piece::Path { name, token } => {
                match lookup(template.context, name).filter(|value| !value.is_null()) {
                    Some(value) => rendered.text.push_str(&escaped(value, template.escape)),
                    None => {
                        if !rendered.missing.iter().any(|known| known == name) {
                            rendered.missing.push(name.to_owned());
                        }
                        match template.missing {
                            Missing::Empty => {}
                            Missing::Keep => rendered.text.push_str(token),
                            Missing::Error => {
                                let error = Error::new(
                                    Kind::Execution,
                                    format!("undefined value '{name:.60}'"),
                                );
                                return Err(placed(error, template.text, Some(offset), None));
                            }
                        }
                    }
                }
            }
        }
        if rendered.text.len() > MAX_OUTPUT {
            return Err(too_long());
        }
    }
    Ok(rendered)
}

/// Checks the syntax.
pub(super) fn check(text: &str) -> Result<()> {
    pieces(text).map(|_| ())
}

/// Returns the names of the variables, sorted.
pub(super) fn variables(text: &str) -> Result<Vec<String>> {
    let mut names: Vec<String> = pieces(text)?
        .into_iter()
        .filter_map(|(piece, _)| match piece {
            Piece::Path { name, .. } => Some(name.to_owned()),
            Piece::Text(_) => None,
        })
        .collect();
    names.sort();
    names.dedup();
    Ok(names)
}

enum Piece<'a> {
    Text(&'a str),
    Path { name: &'a str, token: &'a str },
}

fn pieces(text: &str) -> Result<Vec<(Piece<'_>, usize)>> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find("{{") {
        let start = at + start;
        pieces.push((Piece::Text(&text[at..start]), at));
        let fault = |message: &str| {
            placed(
                Error::new(Kind::Parse, message.to_owned()),
                text,
                Some(start),
                None,
            )
        };
        let end = text[start..]
            .find("}}")
            .map(|end| start + end + 2)
            .ok_or_else(|| fault("syntax error: '{{' is never closed"))?;
        let name = text[start + 2..end - 2].trim();
        let fits = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.');
        if name.is_empty() || !name.chars().all(fits) {
            return Err(fault(
                "syntax error: the simple engine knows only {{name}} and {{name.member}}",
            ));
        }
        pieces.push((
            Piece::Path {
                name,
                token: &text[start..end],
            },
            start,
        ));
        at = end;
    }
    pieces.push((Piece::Text(&text[at..]), at));
    Ok(pieces)
}

fn escaped(value: &Value, escape: Escape) -> String {
    match escape {
        Escape::None => text(value),
        Escape::Html => handlebars::html_escape(&text(value)),
        Escape::Json => llmspell_core::value::to_json(value),
    }
}
