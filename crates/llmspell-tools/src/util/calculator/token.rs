//! Text to tokens.

use llmspell_core::{Error, Kind, Result, error};

use super::quantity::{Mode, Quantity};
use super::syntax;

/// One token and where it starts, in bytes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) offset: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum TokenKind {
    Number(Quantity),
    Name(String),
    Sign(&'static str),
    End,
}

/// The signs, longer ones first.
const SIGNS: &[&str] = &[
    "||", "&&", "==", "!=", "<=", ">=", "**", "//", "<", ">", "+", "-", "*", "/", "%", "^", "!",
    "?", ":", "(", ")", "[", "]", ",",
];

/// Other ways to write a sign.
const ALSO: &[(char, &str)] = &[
    ('×', "*"),
    ('·', "*"),
    ('÷', "/"),
    ('−', "-"),
    ('≤', "<="),
    ('≥', ">="),
    ('≠', "!="),
];

/// Letters after a number that multiply it.
const SUFFIXES: &[(u8, i128)] = &[
    (b'k', 1_000),
    (b'M', 1_000_000),
    (b'G', 1_000_000_000),
    (b'T', 1_000_000_000_000),
];

/// Splits `text` into tokens; the last one is [`TokenKind::End`].
///
/// - Errors: `Parse` with the place of what is no token; `Limit` for numbers with too many digits.
pub(super) fn tokens(text: &str, mode: Mode) -> Result<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut offset = 0;
    while let Some(letter) = text[offset..].chars().next() {
        let rest = &text[offset..];
        let digit_follows = rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
        let (kind, length) = if letter.is_whitespace() {
            offset += letter.len_utf8();
            continue;
        } else if letter.is_ascii_digit() || letter == '.' && digit_follows {
            number(rest, mode).map_err(|error| syntax::at(error, text, offset))?
        } else if letter.is_alphabetic() || letter == '_' {
            let end = rest
                .find(|letter: char| !letter.is_alphanumeric() && letter != '_')
                .unwrap_or(rest.len());
            (TokenKind::Name(rest[..end].to_owned()), end)
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            (TokenKind::Sign(sign), sign.len())
        } else if let Some((_, sign)) = ALSO.iter().find(|(other, _)| *other == letter) {
            (TokenKind::Sign(sign), letter.len_utf8())
        } else {
            return Err(syntax::at(unexpected(letter), text, offset));
        };
        tokens.push(Token { kind, offset });
        offset += length;
    }
    tokens.push(Token {
        kind: TokenKind::End,
        offset: text.len(),
    });
    Ok(tokens)
}

fn unexpected(letter: char) -> Error {
    let error = error!(Parse, "unexpected character '{}'", letter.escape_debug());
    match letter {
        '=' => {
            error.hint("write '==' to compare; variables are given in the parameter 'variables'")
        }
        '&' | '|' => error.hint(format!("write '{letter}{letter}'")),
        _ => error,
    }
}

/// Reads a number at the start of `text` and returns it with its length.
fn number(text: &str, mode: Mode) -> Result<(TokenKind, usize)> {
    let bytes = text.as_bytes();
    for (prefix, radix) in [("0x", 16), ("0b", 2)] {
        let Some(rest) = text
            .strip_prefix(prefix)
            .or_else(|| text.strip_prefix(&*prefix.to_uppercase()))
        else {
            continue;
        };
        let end = rest
            .find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
            .unwrap_or(rest.len());
        let digits = rest[..end].replace('_', "");
        let number = i128::from_str_radix(&digits, radix)
            .map_err(|_| error!(Parse, "'{prefix}{}' is not a number", &rest[..end.min(40)]))?;
        return Ok((TokenKind::Number(Quantity::Int(number)), prefix.len() + end));
    }
    let digits = |mut at: usize| {
        while bytes
            .get(at)
            .is_some_and(|byte| byte.is_ascii_digit() || *byte == b'_')
        {
            at += 1;
        }
        at
    };
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut end = digits(0);
    let mut whole = true;
    if bytes.get(end) == Some(&b'.') && is_digit(end + 1) {
        whole = false;
        end = digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let signed = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        if is_digit(end + 1 + signed) {
            whole = false;
            end = digits(end + 1 + signed);
        }
    }
    let plain = text[..end].replace('_', "");
    let mut number = match plain.parse::<i128>() {
        Ok(number) if whole => Quantity::Int(number),
        _ => mode.literal(&plain)?,
    };
    if let Some((_, factor)) = bytes
        .get(end)
        .and_then(|byte| SUFFIXES.iter().find(|(suffix, _)| suffix == byte))
    {
        number = mode.multiply(&number, &Quantity::Int(*factor))?;
        end += 1;
    }
    match text[end..].chars().next() {
        Some(letter)
            if (letter.is_alphabetic() || letter == '_') && !text[end..].starts_with("of") =>
        {
            Err(
                Error::new(Kind::Parse, format!("unexpected '{letter}' after a number"))
                    .with("ahead", end)
                    .hint("write '*' between factors"),
            )
        }
        _ => Ok((TokenKind::Number(number), end)),
    }
}
