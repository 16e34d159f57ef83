//! Completion of the word that somebody types.

use mlua::{Lua, Table, Value};

const KEYWORDS: &[&str] = &[
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in",
    "local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while",
];

/// Returns the ways to complete the last word of `prefix`, which may be a path such as `Agent.cr` or `agent:ex`.
pub(super) fn words(lua: &Lua, prefix: &str) -> Vec<String> {
    let start = prefix
        .rfind(|letter: char| !(letter.is_alphanumeric() || "_.:".contains(letter)))
        .map_or(0, |at| {
            at + prefix[at..].chars().next().map_or(1, char::len_utf8)
        });
    let word = &prefix[start..];
    let (path, last) = match word.rfind(['.', ':']) {
        Some(at) => (&word[..=at], &word[at + 1..]),
        None => ("", word),
    };
    let mut table = lua.globals();
    for name in path.split(['.', ':']).filter(|name| !name.is_empty()) {
        match table.raw_get(name) {
            Ok(Value::Table(inner)) => table = inner,
            _ => return Vec::new(),
        }
    }
    let mut found = names(&table);
    // Methods of handles are no members of the object; its metatable lists them.
    if let Some(Ok(methods)) = table
        .metatable()
        .map(|meta| meta.raw_get::<Table>("__methods"))
    {
        found.extend(names(&methods));
    }
    if path.is_empty() {
        found.extend(KEYWORDS.iter().map(|&word| word.to_owned()));
    }
    found.retain(|name| name.starts_with(last));
    found.sort_unstable();
    found.dedup();
    found
        .into_iter()
        .map(|name| format!("{path}{name}"))
        .collect()
}

fn names(table: &Table) -> Vec<String> {
    table
        .pairs::<Value, Value>()
        .filter_map(|pair| match pair.ok()?.0 {
            Value::String(name) => name.to_str().ok().map(|name| name.to_owned()),
            _ => None,
        })
        .filter(|name| is_name(name))
        .collect()
}

fn is_name(text: &str) -> bool {
    let mut letters = text.chars();
    letters
        .next()
        .is_some_and(|first| first.is_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_alphanumeric() || letter == '_')
}
