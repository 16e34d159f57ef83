//! Source text cut into tokens, as far as looking for names needs it.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A text, without its quotes.
    Text,
    /// A name, a number or a sign.
    Other,
}

/// A piece of source.
#[derive(Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) text: String,
    pub(super) line: usize,
}

/// Cuts Lua source into names, texts and signs; comments and spaces fall away.
pub(super) fn lua(source: &str) -> Vec<Token> {
    cut(source, |rest, _| {
        if let Some(comment) = rest.strip_prefix("--") {
            let end = long_bracket(comment).map(|(_, end)| end);
            return Piece::blank(2 + end.unwrap_or_else(|| line_end(comment)));
        }
        if let Some((inside, end)) = long_bracket(rest) {
            return Piece::text(inside, end);
        }
        match rest.chars().next() {
            Some(quote @ ('"' | '\'')) => quoted(rest, quote),
            // `==` is one sign, so that it is not taken for an assignment.
            _ => Piece::other(rest, &["==", ".."]),
        }
    })
}

/// Cuts JavaScript source into names, texts and signs; comments, regular expressions and spaces fall away.
pub(super) fn javascript(source: &str) -> Vec<Token> {
    cut(source, |rest, before| {
        if rest.starts_with("//") {
            return Piece::blank(line_end(rest));
        }
        if let Some(comment) = rest.strip_prefix("/*") {
            return Piece::blank(comment.find("*/").map_or(rest.len(), |end| end + 4));
        }
        match rest.chars().next() {
            Some(quote @ ('"' | '\'')) => quoted(rest, quote),
            Some('`') => template(rest),
            Some('/') if !before.is_some_and(ends_value) => Piece::blank(pattern_end(rest)),
            _ => Piece::other(rest, &["...", "===", "==", "=>", "?."]),
        }
    })
}

/// The next piece of source: so many bytes, and the token that they are.
struct Piece {
    length: usize,
    token: Option<(Kind, String)>,
}

impl Piece {
    fn blank(length: usize) -> Self {
        Self {
            length,
            token: None,
        }
    }

    fn text(inside: &str, length: usize) -> Self {
        Self {
            length,
            token: Some((Kind::Text, inside.to_owned())),
        }
    }

    /// A name, or a sign; those of several letters are given.
    fn other(rest: &str, signs: &[&str]) -> Self {
        let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
        let word = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let sign = || signs.iter().find(|sign| rest.starts_with(**sign));
        let first = || rest.chars().next().map_or(1, char::len_utf8);
        let length = match word {
            0 => sign().map_or_else(first, |sign| sign.len()),
            word => word,
        };
        let text = &rest[..length];
        Self {
            length,
            token: (!text.trim().is_empty()).then(|| (Kind::Other, text.to_owned())),
        }
    }
}

fn cut(source: &str, next: impl Fn(&str, Option<&Token>) -> Piece) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let (mut at, mut line) = (0, 1);
    while at < source.len() {
        let piece = next(&source[at..], tokens.last());
        let end = source.len().min(at + piece.length);
        if let Some((kind, text)) = piece.token {
            tokens.push(Token { kind, text, line });
        }
        line += source[at..end].matches('\n').count();
        at = end;
    }
    tokens
}

fn line_end(text: &str) -> usize {
    text.find('\n').unwrap_or(text.len())
}

fn quoted(text: &str, quote: char) -> Piece {
    let end = quoted_end(text, quote);
    Piece::text(&text[1..end.saturating_sub(1).max(1)], end)
}

/// A template without `${…}` is a text; with it, it is computed.
fn template(text: &str) -> Piece {
    let end = template_end(text);
    let inside = &text[1..end.saturating_sub(1).max(1)];
    match inside.contains("${") {
        true => Piece {
            length: end,
            token: Some((Kind::Other, "`".to_owned())),
        },
        false => Piece::text(inside, end),
    }
}

/// Returns where the template at the start of the text ends; braces within `${…}` are counted.
fn template_end(text: &str) -> usize {
    let (mut escaped, mut depth) = (false, 0_usize);
    let mut before = '`';
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '`' if depth == 0 => return at + 1,
            '{' if before == '$' || depth > 0 => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        before = letter;
    }
    text.len()
}

/// Returns whether a `/` after this token divides.
fn ends_value(token: &Token) -> bool {
    const BEFORE_A_VALUE: [&str; 6] = ["return", "typeof", "case", "in", "of", "await"];
    let text = token.text.as_str();
    token.kind == Kind::Text
        || matches!(text, ")" | "]" | "}" | "`")
        || text.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$')
            && !BEFORE_A_VALUE.contains(&text)
}

/// Returns where the regular expression at the start of the text ends.
fn pattern_end(text: &str) -> usize {
    let (mut escaped, mut in_class) = (false, false);
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            '\n' => return at,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            '/' if !in_class => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Returns the inside of `[[…]]` or `[=[…]=]` at the start of the text, and where it ends.
fn long_bracket(text: &str) -> Option<(&str, usize)> {
    let inner = text.strip_prefix('[')?;
    let level = inner.len() - inner.trim_start_matches('=').len();
    let inside = inner[level..].strip_prefix('[')?;
    let close = format!("]{}]", "=".repeat(level));
    let start = text.len() - inside.len();
    match inside.find(&close) {
        Some(end) => Some((&inside[..end], start + end + close.len())),
        None => Some((inside, text.len())),
    }
}

fn quoted_end(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\n' => return at,
            letter if letter == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}
