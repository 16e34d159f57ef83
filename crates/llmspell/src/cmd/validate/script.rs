//! Looks for tools that a script names literally: `Tool.invoke("name", {…})`, `Tool.name{…}`.

use llmspell::config::Language;
use llmspell_core::nearest;
use llmspell_runtime::tool::Tools;

use super::tokens::{self, Kind, Token};

/// Something wrong at a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) line: usize,
    pub(super) message: String,
    pub(super) suggestion: Option<String>,
}

/// Checks the literal names of tools in source text, and the literal names of their parameters.
///
/// Tools that the script defines itself are known; what is computed is not looked at.
pub(super) fn check(source: &str, language: Language, tools: &Tools) -> Vec<Found> {
    let tokens = match language {
        Language::Lua => tokens::lua(source),
        Language::JavaScript => tokens::javascript(source),
    };
    let assigns = match language {
        Language::Lua => "=",
        Language::JavaScript => ":",
    };
    let own = defined(&tokens, assigns);
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        let Some((name, line, args)) = named(&tokens, at) else {
            continue;
        };
        if own.contains(&name) {
            continue;
        }
        match tools.find(name) {
            Some(tool) => found.extend(unknown_parameters(&tokens[args..], assigns, tool.op())),
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
fn defined<'a>(tokens: &'a [Token], assigns: &str) -> Vec<&'a str> {
    let mut names = Vec::new();
    for window in 0..tokens.len() {
        let texts: Vec<&str> = tokens[window..]
            .iter()
            .take(3)
            .map(|token| token.text.as_str())
            .collect();
        let wraps = matches!(texts.first(), Some(&("wrap_as_tool" | "wrapAsTool")));
        if texts == ["Tool", ".", "define"] || wraps {
            let near = &tokens[window..tokens.len().min(window + 60)];
            let pairs = near.windows(3).filter(|three| {
                ["name", "tool_name", "toolName"].contains(&three[0].text.as_str())
                    && three[1].text == assigns
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
fn unknown_parameters(tokens: &[Token], assigns: &str, op: &llmspell_core::Op) -> Vec<Found> {
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
    for (at, token) in tokens.iter().enumerate() {
        let sign = match token.kind {
            Kind::Other => token.text.as_str(),
            Kind::Text => "",
        };
        match (sign, token.text.as_str()) {
            ("{" | "(" | "[", _) => depth += 1,
            ("}" | ")" | "]", _) => depth -= 1,
            (_, name) if depth == 1 && is_key(tokens, assigns, at) => {
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

/// A name is a key when it stands after `{`, `,` or `;` and before a single `=`; in JavaScript after `{` or `,` and
/// before `:`, or alone.
fn is_key(tokens: &[Token], assigns: &str, at: usize) -> bool {
    let sign = |at: usize| {
        tokens
            .get(at)
            .filter(|token| token.kind == Kind::Other)
            .map(|token| token.text.as_str())
    };
    let (before, after) = (at.checked_sub(1).and_then(sign), sign(at + 1));
    let first = tokens[at].text.chars().next();
    let is_word = tokens[at].kind == Kind::Other
        && first.is_some_and(|first| first.is_alphabetic() || first == '_');
    match assigns {
        "=" => is_word && matches!(before, Some("{" | "," | ";")) && after == Some("="),
        _ => {
            let alone = is_word && matches!(after, Some("," | "}"));
            let named = (is_word || tokens[at].kind == Kind::Text) && after == Some(":");
            matches!(before, Some("{" | ",")) && (alone || named)
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn found(source: &str) -> Vec<String> {
        found_in(Language::Lua, source)
    }

    fn found_in(language: Language, source: &str) -> Vec<String> {
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
        check(source, language, &tools)
            .into_iter()
            .map(show)
            .collect()
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
    fn names_in_javascript() {
        let found = |source: &str| found_in(Language::JavaScript, source);
        assert_eq!(
            found("await Tool.invoke('calculater', {});"),
            ["1: Tool 'calculater' not found (calculator)"]
        );
        assert_eq!(
            found(
                "// Tool.invoke('a')\n/* Tool.b({}) */ `Tool.c({})`; /Tool.d({})/\nTool.hash_calculatr({})"
            ),
            ["3: Tool 'hash_calculatr' not found (hash_calculator)"]
        );
        assert_eq!(
            found("Tool.calculator({\n  inptu: '1',\n  \"presicion\": 2,\n  variabels,\n})"),
            [
                "2: calculator: unknown parameter 'inptu' (input)",
                "3: calculator: unknown parameter 'presicion' (precision)",
                "4: calculator: unknown parameter 'variabels' (variables)",
            ]
        );
        for fine in [
            "Tool.invoke('calculator', { input: '1', timeoutMs: 5, ...rest })",
            "Tool.invoke('calc' + x)",
            "Tool.invoke(`calc${x}`, {})",
            "Tool.calculator({ input: a ? b : c, variables: { inptu: 1 } })",
            "Tool.calculator({ input })",
            "my.Tool.nothing({})",
            "Tool.define({ name: 'double', execute: (p) => p.n * 2 }); Tool.double({ n: 1 })",
            "const half = a / b; Tool.calculator({ input: 'x' / 2 })",
        ] {
            assert_eq!(found(fine), [""; 0], "{fine}");
        }
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
            "`${",
            "/*",
            "x = /[",
        ] {
            found(source);
            found_in(Language::JavaScript, source);
        }
    }
}
