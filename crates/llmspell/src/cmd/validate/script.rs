//! Looks for tools that a Lua script names literally: `Tool.invoke("name", {…})`, `Tool.name{…}`, `tools = {"name"}`.

use llmspell_core::nearest;
use llmspell_runtime::tool::Tools;

/// Something wrong at a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) line: usize,
    pub(super) message: String,
    pub(super) suggestion: Option<String>,
}

/// Checks the literal names of tools in Lua source, and the literal names of their parameters.
///
/// Tools that the script defines itself are known; what is computed is not looked at.
pub(super) fn check(source: &str, tools: &Tools) -> Vec<Found> {
    let tokens = tokens(source);
    let own = defined(&tokens);
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        let Some((name, line, args)) = named(&tokens, at) else {
            continue;
        };
        if own.contains(&name) {
            continue;
        }
        match tools.find(name) {
            Some(tool) => found.extend(unknown_parameters(&tokens[args..], tool.op())),
            None => found.push(Found {
                line,
                message: format!("Tool '{name}' not found"),
                suggestion: near(name, tools.names().iter().map(String::as_str)),
            }),
        }
    }
    found
}

fn near<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<String> {
    nearest(name, names).first().map(|near| (*near).to_owned())
}

/// Functions of the global `Tool` whose first argument names a tool that must exist.
const BY_NAME: [&str; 4] = ["invoke", "execute", "execute_async", "executeAsync"];
/// Functions of the global `Tool`; any other field is a tool.
const FUNCTIONS: [&str; 14] = [
    "invoke",
    "execute",
    "execute_async",
    "executeAsync",
    "get",
    "get_by_name",
    "getByName",
    "list",
    "exists",
    "categories",
    "discover",
    "get_schema",
    "getSchema",
    "define",
];

/// Returns the tool that the call at this token names, its line, and where its parameters begin.
fn named(tokens: &[Token], at: usize) -> Option<(&str, usize, usize)> {
    let is = |at: usize, text: &str| {
        tokens
            .get(at)
            .is_some_and(|token| token.kind == Kind::Other && token.text == text)
    };
    // A field of something else that happens to be called Tool is none.
    let begins =
        is(at, "Tool") && is(at + 1, ".") && !(at > 0 && (is(at - 1, ".") || is(at - 1, ":")));
    if !begins {
        return None;
    }
    let field = tokens
        .get(at + 2)
        .filter(|token| token.kind == Kind::Other)?;
    if BY_NAME.contains(&field.text.as_str()) {
        let opened = usize::from(is(at + 3, "("));
        let name = tokens
            .get(at + 3 + opened)
            .filter(|token| token.kind == Kind::Text)?;
        let comma = at + 4 + opened;
        let args = if opened == 1 && is(comma, ",") {
            comma + 1
        } else {
            tokens.len()
        };
        // `"name" .. x` is computed.
        return (opened == 0 || is(comma, ",") || is(comma, ")"))
            .then_some((&name.text, name.line, args));
    }
    if FUNCTIONS.contains(&field.text.as_str()) {
        return None;
    }
    let call = match (is(at + 3, "{"), is(at + 3, "(") && is(at + 4, "{")) {
        (true, _) => at + 3,
        (_, true) => at + 4,
        _ => return None,
    };
    Some((&field.text, field.line, call))
}

/// Returns the names of tools that the script defines: `name = "…"` in `Tool.define{…}`.
fn defined(tokens: &[Token]) -> Vec<&str> {
    let mut names = Vec::new();
    for window in 0..tokens.len() {
        let texts: Vec<&str> = tokens[window..]
            .iter()
            .take(3)
            .map(|token| token.text.as_str())
            .collect();
        if texts == ["Tool", ".", "define"] || texts.first() == Some(&"wrap_as_tool") {
            let near = &tokens[window..tokens.len().min(window + 60)];
            let pairs = near.windows(3).filter(|three| {
                ["name", "tool_name"].contains(&three[0].text.as_str()) && three[1].text == "="
            });
            names.extend(
                pairs
                    .filter(|three| three[2].kind == Kind::Text)
                    .map(|three| three[2].text.as_str()),
            );
        }
    }
    names
}

/// Checks the keys of a literal table of parameters.
fn unknown_parameters(tokens: &[Token], op: &llmspell_core::Op) -> Vec<Found> {
    /// Parameters that every tool takes.
    const COMMON: [&str; 6] = [
        "timeout_ms",
        "timeout",
        "timeout_seconds",
        "max_output_bytes",
        "save_output",
        "parameters",
    ];
    let shape = op.shape();
    let is_table = tokens
        .first()
        .is_some_and(|token| token.kind == Kind::Other && token.text == "{");
    if !is_table || op.is_open() || shape.fields().is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut depth = 0usize;
    for (at, token) in tokens
        .iter()
        .enumerate()
        .filter(|(_, token)| token.kind == Kind::Other)
    {
        match token.text.as_str() {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth -= 1,
            name if depth == 1 && is_key(tokens, at) => {
                let snake = snake(name);
                if shape.field(&snake).is_none() && !COMMON.contains(&snake.as_str()) {
                    let known = shape.fields().iter().map(|field| field.name.as_str());
                    found.push(Found {
                        line: token.line,
                        message: format!("{}: unknown parameter '{name}'", op.verb()),
                        suggestion: near(name, known),
                    });
                }
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    found
}

/// A name is a key when it stands after `{`, `,` or `;` and before a single `=`.
fn is_key(tokens: &[Token], at: usize) -> bool {
    let other = |at: usize| {
        tokens
            .get(at)
            .filter(|token| token.kind == Kind::Other)
            .map(|token| token.text.as_str())
    };
    let before = at.checked_sub(1).and_then(other);
    let word = tokens[at]
        .text
        .starts_with(|c: char| c.is_alphabetic() || c == '_');
    word && matches!(before, Some("{" | "," | ";")) && other(at + 1) == Some("=")
}

/// `maxBytes` is `max_bytes`.
fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Other,
}

#[derive(Debug)]
struct Token {
    kind: Kind,
    text: String,
    line: usize,
}

/// Cuts Lua source into names, texts and signs; comments and spaces fall away.
fn tokens(source: &str) -> Vec<Token> {
    let bytes = source.as_bytes();
    let mut tokens = Vec::new();
    let (mut at, mut line) = (0, 1);
    while at < bytes.len() {
        let rest = &source[at..];
        let begins = at;
        let first_line = line;
        if let Some(comment) = rest.strip_prefix("--") {
            at += 2 + long_bracket(comment).map_or_else(
                || comment.find('\n').unwrap_or(comment.len()),
                |(_, end)| end,
            );
        } else if let Some((inside, end)) = long_bracket(rest) {
            tokens.push(Token {
                kind: Kind::Text,
                text: inside.to_owned(),
                line,
            });
            at += end;
        } else if let Some(quote) = rest.chars().next().filter(|c| *c == '"' || *c == '\'') {
            let end = quoted_end(rest, quote);
            tokens.push(Token {
                kind: Kind::Text,
                text: rest[1..end.saturating_sub(1).max(1)].to_owned(),
                line,
            });
            at += end;
        } else {
            let word = rest
                .find(|c: char| !(c.is_alphanumeric() || c == '_'))
                .unwrap_or(rest.len());
            let first = rest.chars().next().map_or(1, char::len_utf8);
            // `==` is one sign, so that it is not taken for an assignment.
            let signs = if rest.starts_with("==") || rest.starts_with("..") {
                2
            } else {
                first
            };
            let length = word.max(if word == 0 { signs } else { 0 });
            let text = &rest[..length];
            if !text.trim().is_empty() {
                tokens.push(Token {
                    kind: Kind::Other,
                    text: text.to_owned(),
                    line,
                });
            }
            at += length;
        }
        line = first_line + source[begins..at.min(source.len())].matches('\n').count();
    }
    tokens
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

#[cfg(test)]
mod tests {
    use super::*;

    fn found(source: &str) -> Vec<String> {
        let tools = Tools::new(&llmspell_tools::modules(), Default::default());
        let show = |found: Found| {
            let near = found.suggestion.map(|near| format!(" ({near})"));
            format!(
                "{}: {}{}",
                found.line,
                found.message,
                near.unwrap_or_default()
            )
        };
        check(source, &tools).into_iter().map(show).collect()
    }

    #[test]
    fn names_of_tools() {
        assert_eq!(
            found("Tool.invoke(\"calculater\", {})"),
            ["1: Tool 'calculater' not found (calculator)"]
        );
        assert_eq!(
            found(
                "-- Tool.invoke('nothing')\nlocal s = [[ Tool.x{} ]]\nreturn Tool.hash_calculatr{ input = 'x' }"
            ),
            ["3: Tool 'hash_calculatr' not found (hash_calculator)"]
        );
        for fine in [
            "Tool.invoke('calculator', { input = '1' })",
            "Tool.invoke('cal' .. x)",
            "Tool.get('nothing')",
            "if Tool.nothing then end",
            "My.Tool.nothing{}",
            "Tool.define{ name = 'double', execute = f }\nTool.double{ n = 1 }",
        ] {
            assert_eq!(found(fine), [""; 0], "{fine}");
        }
    }

    #[test]
    fn names_of_parameters() {
        assert_eq!(
            found("Tool.calculator{\n  inptu = '1 + 1',\n}"),
            ["2: calculator: unknown parameter 'inptu' (input)"]
        );
        assert_eq!(
            found("Tool.invoke('calculator', { input = f{ x = 1 }, timeout_ms = 5 })"),
            [""; 0]
        );
        assert_eq!(found("Tool.calculator{ input = a == b }"), [""; 0]);
    }

    #[test]
    fn broken_source_ends() {
        for source in [
            "'",
            "[[",
            "--[==[",
            "Tool.",
            "Tool.invoke(",
            "Tool.calculator{",
            "é'ü\\",
        ] {
            found(source);
        }
    }
}
