//! What a script may have meant where it names something that is not there.

use llmspell::config::Language;
use llmspell_core::{Module, Op, nearest};

/// Globals that Lua has itself, or that no module describes.
const LUA: &[&str] = &[
    "Async",
    "print",
    "pairs",
    "ipairs",
    "tostring",
    "tonumber",
    "pcall",
    "error",
    "assert",
    "require",
    "select",
    "type",
    "setmetatable",
    "getmetatable",
    "string",
    "table",
    "math",
    "os",
    "io",
    "utf8",
    "coroutine",
];

/// Those of JavaScript.
const JAVASCRIPT: &[&str] = &[
    "Map", "Set", "Object", "Array", "Math", "Number", "String", "Promise", "Date", "console",
];

/// What the other language calls something: the name, and what it is here.
const IN_LUA: &[(&str, &str)] = &[
    ("console", "print"),
    ("parseInt", "tonumber"),
    ("parseFloat", "tonumber"),
    ("Number", "tonumber"),
    ("String", "tostring"),
    ("Object", "pairs"),
    ("Math", "math"),
    ("Date", "os.time` and `os.date"),
    ("setTimeout", "Utils.sleep"),
];

const IN_JAVASCRIPT: &[(&str, &str)] = &[
    ("print", "console.log"),
    ("nil", "null` and `undefined"),
    ("error", "throw new Error(…)"),
    ("pcall", "try { … } catch (e) { … }"),
    ("pairs", "for (const [key, value] of Object.entries(…))"),
    ("ipairs", "for (const item of …)"),
    ("tostring", "String(…)"),
    ("tonumber", "Number(…)"),
    ("require", "import"),
    ("math", "Math"),
];

/// Two names with a dot or a colon between them, as they stand in a line.
struct Pair<'a> {
    /// Where the first one begins, and the second one ends, in characters from 1.
    from: usize,
    to: usize,
    first: &'a str,
    second: &'a str,
    /// What stands before them.
    before: &'a str,
}

/// Returns what a script may have meant, from the message of its engine, the line, and the column if that is known.
///
/// Nothing is said of what the scripts of the caller define themselves.
pub(super) fn meant(message: &str, line: &str, column: Option<usize>) -> Option<String> {
    let modules = llmspell::modules();
    let language = match message.contains("Error: ") {
        true => Language::JavaScript,
        false => Language::Lua,
    };
    if let Some(name) = unknown_global(message) {
        let globals = modules.iter().flat_map(|module| {
            module
                .global
                .into_iter()
                .chain(module.synonyms.iter().copied())
        });
        let (own, elsewhere, called) = match language {
            Language::Lua => (LUA, IN_LUA, "Lua"),
            Language::JavaScript => (JAVASCRIPT, IN_JAVASCRIPT, "JavaScript"),
        };
        let other = elsewhere.iter().find(|(other, _)| *other == name);
        return match other {
            Some((_, here)) => Some(format!("{called} has `{here}` for that")),
            None => near(name, globals.chain(own.iter().copied())),
        };
    }
    let (wanted, is_call) = missing_member(message)?;
    let pairs = pairs(line);
    let fits = |pair: &&Pair<'_>| wanted.is_none_or(|wanted| pair.second == wanted);
    let named = pairs.iter().filter(fits);
    let pair = match column {
        // The column is that of the first name, of the dot or of what follows.
        Some(column) => named
            .clone()
            .find(|pair| (pair.from..=pair.to).contains(&column)),
        None => None,
    };
    let is_clear = wanted.is_some() || named.clone().count() == 1;
    let pair = pair.or_else(|| named.clone().next().filter(|_| is_clear));
    if !is_call {
        return pair
            .filter(|pair| is_forgotten(pair, &modules))
            .or_else(|| pairs.iter().find(|pair| is_forgotten(pair, &modules)))
            .map(|pair| format!("{}.{} gives a promise: `await` it", pair.first, pair.second));
    }
    let pair = pair?;
    if let Some(module) = modules.iter().find(|module| is_called(module, pair.first)) {
        let names = module.ops.iter().filter(|op| op.method_of().is_none());
        let mut names: Vec<String> = names.flat_map(|op| names_of(op)).collect();
        if module.index.is_some() {
            let tools = llmspell_tools::modules();
            let tools = tools.iter().flat_map(|group| &group.ops);
            names.extend(tools.map(|tool| tool.verb().to_owned()));
        }
        return near(pair.second, names.iter().map(String::as_str))
            .or_else(|| Some(format!("{} has {}", pair.first, short(module).join(", "))));
    }
    let methods = modules.iter().flat_map(|module| &module.ops);
    let methods: Vec<String> = methods
        .filter(|op| op.method_of().is_some())
        .flat_map(|op| names_of(op))
        .collect();
    match methods.iter().any(|name| name == pair.second) {
        true if language == Language::JavaScript => Some(format!(
            "was `{}` made without `await`? Calls give promises",
            pair.first
        )),
        true => None,
        false => near(pair.second, methods.iter().map(String::as_str)),
    }
}

/// Whether a function of a global was called whose promise nobody waits for.
fn is_forgotten(pair: &Pair<'_>, modules: &[Module]) -> bool {
    let before = pair.before.trim_end().trim_end_matches('(').trim_end();
    let module = modules.iter().find(|module| is_called(module, pair.first));
    let is_function = |module: &Module| {
        let mut ops = module.ops.iter().filter(|op| !op.is_immediate());
        ops.any(|op| names_of(op).iter().any(|name| name == pair.second))
    };
    module.is_some_and(is_function) && !before.ends_with("await")
}

/// Returns the name of a global that is not there.
fn unknown_global(message: &str) -> Option<&str> {
    let javascript = message
        .strip_prefix("ReferenceError: ")
        .and_then(|rest| rest.strip_suffix(" is not defined"));
    let lua = message
        .strip_prefix("attempt to ")
        .filter(|rest| rest.contains(" a nil value "))
        .and_then(|rest| quoted(rest, "(global '"));
    javascript.or(lua)
}

/// Returns the name of a member that is not there, if the engine says it, and whether it was called.
fn missing_member(message: &str) -> Option<(Option<&str>, bool)> {
    if message == "TypeError: not a function" {
        return Some((None, true));
    }
    if let Some(rest) = message.strip_prefix("TypeError: cannot read property ") {
        return rest.ends_with(" of undefined").then_some((None, false));
    }
    let rest = message.strip_prefix("attempt to call a nil value ")?;
    let name = quoted(rest, "(field '").or_else(|| quoted(rest, "(method '"));
    name.map(|name| (Some(name), true))
}

fn quoted<'a>(text: &'a str, begin: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(begin)?;
    rest.split_once('\'').map(|(name, _)| name)
}

/// Returns the pairs of names in a line, from left to right.
fn pairs(line: &str) -> Vec<Pair<'_>> {
    let is_letter = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '$';
    let mut names: Vec<(usize, &str)> = Vec::new();
    let mut begin = None;
    for (at, letter) in line.char_indices().chain([(line.len(), ' ')]) {
        match (is_letter(letter), begin) {
            (true, None) => begin = Some(at),
            (false, Some(from)) => {
                names.push((from, &line[from..at]));
                begin = None;
            }
            _ => {}
        }
    }
    let column = |at: usize| line[..at].chars().count() + 1;
    let joined = names.windows(2).filter_map(|two| {
        let [(from, first), (next, second)] = *two else {
            return None;
        };
        let between = &line[from + first.len()..next];
        matches!(between, "." | ":" | "?.").then(|| Pair {
            from: column(from),
            to: column(next + second.len()),
            first,
            second,
            before: &line[..from],
        })
    });
    joined.collect()
}

fn is_called(module: &Module, name: &str) -> bool {
    module.global == Some(name) || module.synonyms.contains(&name)
}

fn names_of(op: &Op) -> Vec<String> {
    llmspell_script::script_names(op)
}

/// The functions of a global, without synonyms.
fn short(module: &Module) -> Vec<&str> {
    let functions = module.ops.iter().filter(|op| op.method_of().is_none());
    functions.map(|op| op.verb()).collect()
}

fn near<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    let found = nearest(name, known);
    found.first().map(|near| format!("did you mean '{near}'?"))
}

#[cfg(test)]
mod tests {
    use super::meant;

    const JS: &str = "TypeError: not a function";

    fn said(message: &str, line: &str, column: usize) -> String {
        meant(message, line, Some(column)).unwrap_or_default()
    }

    /// Checks what is said to messages about lines, at columns.
    fn check(cases: &[(&str, &str, usize, &str)]) {
        for (message, line, column, hint) in cases {
            assert_eq!(said(message, line, *column), *hint, "{message}: {line}");
        }
    }

    #[test]
    fn the_nearest_global_is_named() {
        let lua = "attempt to index a nil value (global 'Agnet')";
        let called = "attempt to call a nil value (global 'prnt')";
        let js = "ReferenceError: Agnet is not defined";
        let far = "ReferenceError: xyzzy is not defined";
        check(&[
            (lua, "Agnet.create{}", 1, "did you mean 'Agent'?"),
            (called, "prnt(1)", 1, "did you mean 'print'?"),
            (js, "await Agnet.create({})", 7, "did you mean 'Agent'?"),
            (far, "xyzzy", 1, ""),
        ]);
    }

    #[test]
    fn words_of_the_other_language_are_known() {
        let js = "ReferenceError: print is not defined";
        let lua = "attempt to index a nil value (global 'console')";
        check(&[
            (js, "print(1)", 1, "JavaScript has `console.log` for that"),
            (lua, "console.log(1)", 1, "Lua has `print` for that"),
        ]);
    }

    #[test]
    fn the_nearest_function_of_a_global_is_named() {
        let lua = "attempt to call a nil value (field 'craete')";
        let templates = "did you mean 'listTemplates'?";
        check(&[
            (lua, "Agent.craete{}", 1, "did you mean 'create'?"),
            (JS, "await Agent.craete({})", 12, "did you mean 'create'?"),
            (JS, "await Agent.listTemplats()", 12, templates),
            (
                JS,
                "await Tool.calculatr({})",
                11,
                "did you mean 'calculator'?",
            ),
        ]);
        assert!(said(JS, "State.zzzzzzzzz()", 6).starts_with("State has "));
    }

    #[test]
    fn the_nearest_method_is_named() {
        let lua = "attempt to call a nil value (method 'exeucte')";
        check(&[
            (lua, "a:exeucte('x')", 1, "did you mean 'execute'?"),
            (JS, "await a.exeucte('x')", 9, "did you mean 'execute'?"),
        ]);
    }

    #[test]
    fn a_forgotten_await_is_noticed() {
        let read = "TypeError: cannot read property 'foo' of undefined";
        let made = "was `a` made without `await`? Calls give promises";
        let forgotten = "Tool.invoke('calculator', {}).output.foo";
        let gives = "Tool.invoke gives a promise: `await` it";
        check(&[
            (JS, "a.execute('x')", 3, made),
            (read, forgotten, 5, gives),
            (read, "(await Tool.invoke('x', {})).data.foo", 5, ""),
            (read, "x.y.foo", 5, ""),
        ]);
    }

    #[test]
    fn of_what_the_script_defines_nothing_is_said() {
        let field = "attempt to call a nil value (field 'zzzzzzzz')";
        let method = "attempt to call a nil value (method 'execute')";
        check(&[
            (field, "own.zzzzzzzz()", 1, ""),
            (method, "own:execute()", 1, ""),
            ("boom", "error('boom')", 1, ""),
        ]);
    }
}
