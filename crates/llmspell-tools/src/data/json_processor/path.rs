//! Paths into documents: `.a.b[0]`, `$.a.b[0]`, `/a/b/0`.

use std::borrow::Cow;

use llmspell_core::value::to_json;
use llmspell_core::{Error, Kind, Map, Result, Value, bail, error};

use crate::caret::excerpt;

/// Largest index that a list is filled up to.
const MAX_FILL: usize = 100_000;

/// One step into a document.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    /// A member of an object.
    Key(String),
    /// An item of a list, from the end if negative.
    Index(i64),
    /// A step of a JSON Pointer: an index if it meets a list and is one, else a member.
    Token(String),
}

/// Reads a path.
///
/// - Errors: `InvalidArgs` with a caret.
pub(super) fn parse(text: &str) -> Result<Vec<Step>> {
    let trimmed = text.trim();
    if trimmed.starts_with('/') {
        let token = |token: &str| Step::Token(token.replace("~1", "/").replace("~0", "~"));
        return Ok(trimmed.split('/').skip(1).map(token).collect());
    }
    let mut steps = Vec::new();
    let mut rest = trimmed.strip_prefix('$').unwrap_or(trimmed);
    let bare = !rest.is_empty() && !rest.starts_with(['.', '[']);
    if bare {
        let (name, after) = word(rest);
        if name.is_empty() {
            return Err(unreadable(text, rest));
        }
        steps.push(Step::Key(name.to_owned()));
        rest = after;
    }
    while !rest.is_empty() && rest != "." {
        let inner = rest.strip_prefix('.').unwrap_or(rest);
        let (step, after) = if let Some(inner) = inner.strip_prefix('[') {
            bracket(inner).ok_or_else(|| unreadable(text, rest))?
        } else if inner.starts_with(['"', '\'']) {
            let (name, after) = quoted(inner).ok_or_else(|| unreadable(text, rest))?;
            (Step::Key(name), after)
        } else {
            let (name, after) = word(inner);
            if name.is_empty() || inner.len() == rest.len() {
                return Err(unreadable(text, rest));
            }
            (Step::Key(name.to_owned()), after)
        };
        steps.push(step);
        rest = after;
    }
    Ok(steps)
}

fn unreadable(text: &str, rest: &str) -> Error {
    let offset = text.trim_end().len() - rest.len().min(text.trim_end().len());
    error!(
        InvalidArgs,
        "the path cannot be read\n{}",
        excerpt(text, offset)
    )
    .with("parameter", "path")
    .with("offset", offset)
    .hint("write it as .a.b[0], $.a.b[0] or /a/b/0")
}

fn word(text: &str) -> (&str, &str) {
    let end = text
        .find(|letter: char| !(letter.is_alphanumeric() || matches!(letter, '_' | '-' | '@')))
        .unwrap_or(text.len());
    text.split_at(end)
}

fn bracket(text: &str) -> Option<(Step, &str)> {
    if text.starts_with(['"', '\'']) {
        let (name, after) = quoted(text)?;
        return Some((Step::Key(name), after.strip_prefix(']')?));
    }
    let (index, after) = text.split_once(']')?;
    Some((Step::Index(index.trim().parse().ok()?), after))
}

/// Reads a text in quotes of either kind and returns what follows.
fn quoted(text: &str) -> Option<(String, &str)> {
    let quote = text.chars().next()?;
    let mut name = String::new();
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            _ if escaped => {
                name.push(letter);
                escaped = false;
            }
            '\\' => escaped = true,
            letter if letter == quote => return Some((name, &text[at + 1..])),
            letter => name.push(letter),
        }
    }
    None
}

/// Sets what a path leads to; missing objects and lists on the way are made.
///
/// - Errors: `Execution` if the way is barred by a value of another type; `Limit` for a far index.
pub(super) fn set(document: &mut Value, steps: &[Step], value: Value) -> Result<()> {
    *reach(document, steps)? = value;
    Ok(())
}

/// Appends to the list that a path leads to; a missing one is made.
pub(super) fn append(document: &mut Value, steps: &[Step], value: Value) -> Result<()> {
    match reach(document, steps)? {
        Value::List(items) => items.push(value),
        empty @ Value::Null => *empty = Value::List(vec![value]),
        Value::Map(map) if map.is_empty() => {
            *reach(document, steps)? = Value::List(vec![value]);
        }
        other => bail!(Execution, "cannot append to {}", other.type_name()),
    }
    Ok(())
}

/// Deletes what a path leads to, if there is anything.
pub(super) fn delete(document: &mut Value, steps: &[Step]) {
    let Some((last, way)) = steps.split_last() else {
        *document = Value::Null;
        return;
    };
    let mut place = document;
    for step in way {
        let Some(next) = existing(place, step) else {
            return;
        };
        place = next;
    }
    match place {
        Value::List(items) => {
            if let Some(index) = index_in(items.len(), last).filter(|index| *index < items.len()) {
                items.remove(index);
            }
        }
        Value::Map(members) => {
            if let Step::Key(name) | Step::Token(name) = last {
                members.shift_remove(name);
            }
        }
        _ => {}
    }
}

fn existing<'a>(place: &'a mut Value, step: &Step) -> Option<&'a mut Value> {
    match (place, step) {
        (Value::Map(members), Step::Key(name) | Step::Token(name)) => members.get_mut(name),
        (Value::List(items), step) => {
            let index = index_in(items.len(), step)?;
            items.get_mut(index)
        }
        _ => None,
    }
}

/// Returns the index that a step means in a list of that length; `-` is the place after the last.
fn index_in(length: usize, step: &Step) -> Option<usize> {
    match step {
        Step::Index(index) if *index < 0 => {
            length.checked_sub(usize::try_from(index.unsigned_abs()).ok()?)
        }
        Step::Index(index) => usize::try_from(*index).ok(),
        Step::Token(token) if token == "-" => Some(length),
        Step::Token(token) => token.parse().ok(),
        Step::Key(_) => None,
    }
}

/// Returns the place that a path leads to and makes it if it is missing.
fn reach<'a>(document: &'a mut Value, steps: &[Step]) -> Result<&'a mut Value> {
    let mut place = document;
    for step in steps {
        let wants_list =
            matches!(step, Step::Index(_)) || matches!(step, Step::Token(token) if token == "-");
        let replace = match &*place {
            Value::Null => true,
            Value::Map(map) => map.is_empty() && wants_list,
            Value::List(items) => items.is_empty() && matches!(step, Step::Key(_)),
            _ => false,
        };
        if replace {
            *place = if wants_list {
                Value::List(Vec::new())
            } else {
                Value::Map(Map::new())
            };
        }
        place = match (place, step) {
            (Value::Map(members), Step::Key(name) | Step::Token(name)) => {
                members.entry(name.clone()).or_insert(Value::Null)
            }
            (Value::List(items), step) => {
                let Some(index) = index_in(items.len(), step) else {
                    bail!(Execution, "a list has no item {}", shown(step));
                };
                if index > items.len().max(MAX_FILL) {
                    return Err(
                        error!(Limit, "index {index} is past the limit of {MAX_FILL}")
                            .with("limit", MAX_FILL),
                    );
                }
                if index >= items.len() {
                    items.resize(index + 1, Value::Null);
                }
                &mut items[index]
            }
            (other, step) => {
                return Err(Error::new(
                    Kind::Execution,
                    format!("cannot go to {} of {}", shown(step), other.type_name()),
                ));
            }
        };
    }
    Ok(place)
}

fn shown(step: &Step) -> String {
    match step {
        Step::Index(index) => format!("[{index}]"),
        Step::Key(name) | Step::Token(name) => format!("'{name:.40}'"),
    }
}

/// Translates a query that starts with a JSONPath into jq; others, and those that start with a variable, stay.
pub(super) fn to_jq(query: &str) -> Cow<'_, str> {
    let Some(mut rest) = query.trim_start().strip_prefix('$') else {
        return Cow::Borrowed(query);
    };
    if rest.starts_with(|letter: char| letter.is_alphabetic() || letter == '_') {
        return Cow::Borrowed(query);
    }
    let mut jq = ".".to_owned();
    while let Some((step, after)) = jsonpath_step(rest) {
        jq = match step {
            Jump::Into(part) => format!("{jq}{part}"),
            Jump::Down(part) => format!("({jq} | .. | {part})"),
        };
        rest = after;
    }
    match rest.trim() {
        "" => Cow::Owned(jq),
        _ => Cow::Owned(format!("({jq}){rest}")),
    }
}

/// Translates a JSON Pointer into jq; what is not there is null.
pub(super) fn pointer_to_jq(pointer: &str) -> String {
    let token = |token: &str| {
        let name = token.replace("~1", "/").replace("~0", "~");
        let member = format!(
            "(try .[{}] catch null)",
            to_json(&Value::from(name.as_str()))
        );
        match name.parse::<usize>() {
            Ok(index) => format!(" | if type == \"array\" then .[{index}] else {member} end"),
            Err(_) => format!(" | {member}"),
        }
    };
    let steps = pointer.split('/').skip(1).map(token);
    std::iter::once(".".to_owned()).chain(steps).collect()
}

enum Jump {
    Into(String),
    Down(String),
}

fn jsonpath_step(text: &str) -> Option<(Jump, &str)> {
    let quote = |name: &str| to_json(&Value::from(name));
    if let Some(inner) = text.strip_prefix("..") {
        if let Some(after) = inner
            .strip_prefix("[*]")
            .or_else(|| inner.strip_prefix('*'))
        {
            return Some((Jump::Down(".[]?".to_owned()), after));
        }
        let (name, after) = match inner.strip_prefix('[') {
            Some(bracketed) => {
                let (name, after) = quoted(bracketed.trim_start())?;
                (name, after.strip_prefix(']')?)
            }
            None => {
                let (name, after) = word(inner);
                (name.to_owned(), after)
            }
        };
        let key = quote(&name);
        return (!name.is_empty()).then(|| {
            (
                Jump::Down(format!("objects | select(has({key})) | .[{key}]")),
                after,
            )
        });
    }
    if let Some(inner) = text.strip_prefix('.') {
        if let Some(after) = inner.strip_prefix('*') {
            return Some((Jump::Into("[]".to_owned()), after));
        }
        if inner.starts_with('[') {
            return jsonpath_step(inner);
        }
        if inner.starts_with(['"', '\'']) {
            let (name, after) = quoted(inner)?;
            return Some((Jump::Into(format!("[{}]", quote(&name))), after));
        }
        let (name, after) = word(inner);
        return (!name.is_empty()).then(|| (Jump::Into(format!("[{}]", quote(name))), after));
    }
    let inner = text.strip_prefix('[')?;
    if let Some(after) = inner.strip_prefix("*]") {
        return Some((Jump::Into("[]".to_owned()), after));
    }
    if inner.starts_with(['"', '\'']) {
        let mut keys = Vec::new();
        let mut rest = inner;
        loop {
            let (name, after) = quoted(rest.trim_start())?;
            keys.push(quote(&name));
            match after.trim_start().strip_prefix(',') {
                Some(more) => rest = more,
                None => {
                    return Some((
                        Jump::Into(format!("[{}]", keys.join(","))),
                        after.trim_start().strip_prefix(']')?,
                    ));
                }
            }
        }
    }
    let (part, after) = inner.split_once(']')?;
    let fits = |letter: char| letter.is_ascii_digit() || matches!(letter, '-' | ':' | ',' | ' ');
    let numbers =
        !part.trim().is_empty() && part.chars().all(fits) && part.matches(':').count() <= 1;
    numbers.then(|| (Jump::Into(format!("[{part}]")), after))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn key(name: &str) -> Step {
        Step::Key(name.into())
    }

    #[test]
    fn paths_have_three_spellings() {
        let expected = vec![key("a"), key("b"), Step::Index(0)];
        for text in [
            ".a.b[0]",
            "$.a.b[0]",
            "a.b[0]",
            "$['a'][\"b\"][0]",
            r#"."a".b.[0]"#,
            " .a.b[0] ",
        ] {
            assert_eq!(parse(text).unwrap(), expected, "{text}");
        }
        let token = |text: &str| Step::Token(text.into());
        assert_eq!(
            parse("/a~1b/0/m~0n").unwrap(),
            [token("a/b"), token("0"), token("m~n")]
        );
        for root in ["", ".", "$", "$."] {
            assert_eq!(parse(root).unwrap(), [], "{root}");
        }
        assert_eq!(parse(".a[-1]").unwrap(), [key("a"), Step::Index(-1)]);
    }

    #[test]
    fn unreadable_paths_have_a_caret() {
        for text in [".a[", ".a[x]", ".a..b", ".a b", "[*]", ".['a", "a.[1]b"] {
            let error = parse(text).unwrap_err();
            assert_eq!(error.kind(), Kind::InvalidArgs, "{text}");
            assert!(error.message().contains('^'), "{error:?}");
        }
    }

    fn after(
        change: impl Fn(&mut Value) -> Result<()>,
        start: serde_json::Value,
    ) -> serde_json::Value {
        let mut value = Value::from(start);
        change(&mut value).unwrap();
        value.to_serde_json()
    }

    #[test]
    fn set_makes_the_way() {
        let set_at = |path: &str, start| after(|value| set(value, &parse(path)?, 9.into()), start);
        assert_eq!(set_at(".a.b[1]", json!({})), json!({"a": {"b": [null, 9]}}));
        assert_eq!(set_at("/a/0", json!({"a": [1, 2]})), json!({"a": [9, 2]}));
        assert_eq!(set_at("/a/-", json!({"a": [1]})), json!({"a": [1, 9]}));
        assert_eq!(set_at(".a[-1]", json!({"a": [1, 2]})), json!({"a": [1, 9]}));
        assert_eq!(set_at(".", json!({"a": 1})), json!(9));
        let mut value = Value::from(json!({"a": 1}));
        assert_eq!(
            set(&mut value, &parse(".a.b").unwrap(), 1.into())
                .unwrap_err()
                .kind(),
            Kind::Execution
        );
        assert_eq!(
            set(&mut value, &parse(".x[99999999]").unwrap(), 1.into())
                .unwrap_err()
                .kind(),
            Kind::Limit
        );
        assert_eq!(
            set(
                &mut Value::from(json!([1])),
                &parse("[-5]").unwrap(),
                1.into()
            )
            .unwrap_err()
            .kind(),
            Kind::Execution
        );
    }

    #[test]
    fn append_and_delete() {
        let append_at =
            |path: &str, start| after(|value| append(value, &parse(path)?, 9.into()), start);
        assert_eq!(append_at(".a", json!({"a": [1]})), json!({"a": [1, 9]}));
        assert_eq!(append_at(".a", json!({})), json!({"a": [9]}));
        assert_eq!(append_at(".", json!({})), json!([9]));
        let delete_at = |path: &str, start| {
            after(
                |value| {
                    delete(value, &parse(path)?);
                    Ok(())
                },
                start,
            )
        };
        assert_eq!(
            delete_at(".a.b", json!({"a": {"b": 1, "c": 2}})),
            json!({"a": {"c": 2}})
        );
        assert_eq!(delete_at("/a/0", json!({"a": [1, 2]})), json!({"a": [2]}));
        assert_eq!(delete_at(".x.y[3]", json!({"a": 1})), json!({"a": 1}));
        assert_eq!(delete_at(".a[7]", json!({"a": [1]})), json!({"a": [1]}));
    }

    #[test]
    fn jsonpath_becomes_jq() {
        for (path, jq) in [
            ("$", "."),
            ("$.a.b[0]", r#".["a"]["b"][0]"#),
            ("$[*]", ".[]"),
            ("$.*.x", r#".[]["x"]"#),
            ("$..x", r#"(. | .. | objects | select(has("x")) | .["x"])"#),
            ("$['a b','c']", r#".["a b","c"]"#),
            ("$.a[1:3]", r#".["a"][1:3]"#),
            ("$.sum < 100", r#"(.["sum"]) < 100"#),
            ("$.a[*] | length", r#"(.["a"][]) | length"#),
            ("$x + 1", "$x + 1"),
            (".a", ".a"),
        ] {
            assert_eq!(to_jq(path), jq, "{path}");
        }
    }
}
