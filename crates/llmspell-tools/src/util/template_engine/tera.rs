//! Filters that Tera has beside those of Jinja, or with other arguments.

use llmspell_core::{Map, Result, Value, bail, error};

use super::filter::{Args, Filter, text};
use super::lookup;
use crate::escape::markup;

/// The filters of the engine `tera`; they come before others of the same name.
pub(super) const TERA: &[(&[&str], Filter)] = &[
    (&["addslashes"], |value, _| {
        let text = text(value).replace('\\', "\\\\");
        Ok(text.replace('"', "\\\"").replace('\'', "\\'").into())
    }),
    (&["as_str"], |value, _| Ok(text(value).into())),
    (&["concat"], concat),
    (&["escape_xml"], |value, _| {
        Ok(escape_xml(&text(value)).into())
    }),
    (&["filesizeformat"], filesizeformat),
    (&["filter"], filter),
    (&["get"], get),
    (&["group_by"], group_by),
    (&["indent"], indent),
    (&["linebreaksbr"], |value, _| {
        let text = text(value).replace("\r\n", "\n");
        Ok(text.replace('\n', "<br>").into())
    }),
    (&["pluralize"], pluralize),
    (&["slice"], slice),
    (
        &["spaceless"],
        |value, _| Ok(spaceless(&text(value)).into()),
    ),
    (&["split"], |value, args| {
        let text = text(value);
        let pattern = pattern("split", args)?;
        Ok(text.split(&pattern).map(Value::from).collect())
    }),
    (&["trim_start"], |value, _| {
        Ok(text(value).trim_start().into())
    }),
    (&["trim_end"], |value, _| Ok(text(value).trim_end().into())),
    (&["trim_start_matches"], |value, args| {
        let pattern = pattern("trim_start_matches", args)?;
        Ok(text(value).trim_start_matches(&pattern).into())
    }),
    (&["trim_end_matches"], |value, args| {
        let pattern = pattern("trim_end_matches", args)?;
        Ok(text(value).trim_end_matches(&pattern).into())
    }),
    (&["urlencode_strict"], |value, _| {
        Ok(urlencode_strict(&text(value)).into())
    }),
];

fn needed(filter: &str, argument: &str) -> llmspell_core::Error {
    error!(Execution, "{filter} needs the argument '{argument}'")
}

/// Returns the text that is looked for; `\n` and `\t` in it stand for a line break and a tab.
fn pattern(filter: &str, args: &Args) -> Result<String> {
    let given = args.text(0, &["pat"]).filter(|pattern| !pattern.is_empty());
    let pattern = given.ok_or_else(|| needed(filter, "pat"))?;
    Ok(pattern.replace("\\n", "\n").replace("\\t", "\t"))
}

fn items<'a>(filter: &str, value: &'a Value) -> Result<&'a [Value]> {
    match value {
        Value::List(items) => Ok(items),
        Value::Map(members) if members.is_empty() => Ok(&[]),
        other => bail!(
            Execution,
            "{filter} needs a list, got {}",
            other.type_name()
        ),
    }
}

fn attribute(filter: &str, args: &Args) -> Result<String> {
    args.text(0, &["attribute"])
        .ok_or_else(|| needed(filter, "attribute"))
}

fn member<'a>(item: &'a Value, path: &str) -> Option<&'a Value> {
    lookup(item, path).filter(|value| !value.is_null())
}

/// Puts the items of a list, or one value, at the end of a list.
fn concat(value: &Value, args: &Args) -> Result<Value> {
    let mut all = items("concat", value)?.to_vec();
    match args.get(0, &["with"]) {
        Some(Value::List(more)) => all.extend(more.iter().cloned()),
        Some(one) => all.push(one.clone()),
        None => return Err(needed("concat", "with")),
    }
    Ok(all.into())
}

fn escape_xml(text: &str) -> String {
    markup(text).replace('\'', "&apos;")
}

/// Writes a number of bytes for people, in steps of 1024.
fn filesizeformat(value: &Value, args: &Args) -> Result<Value> {
    const UNITS: [&str; 7] = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];
    const BINARY: [&str; 7] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let Some(bytes) = value.as_int().filter(|bytes| *bytes >= 0) else {
        bail!(
            Execution,
            "filesizeformat needs a number of bytes, got {value}"
        );
    };
    let units = match args.get(0, &["binary"]) {
        Some(Value::Bool(true)) => BINARY,
        _ => UNITS,
    };
    let (mut size, mut unit) = (bytes as f64, 0);
    while size >= 1024.0 && unit + 1 < units.len() {
        (size, unit) = (size / 1024.0, unit + 1);
    }
    let decimals = if size.fract() == 0.0 { 0 } else { 2 };
    Ok(format!("{size:.decimals$} {}", units[unit]).into())
}

/// Keeps the items of which the attribute has the value; without a value, those that have the attribute.
fn filter(value: &Value, args: &Args) -> Result<Value> {
    let path = attribute("filter", args)?;
    let wanted = args.get(1, &["value"]);
    let fits = |item: &&Value| match (member(item, &path), wanted) {
        (found, None) => found.is_some(),
        (found, wanted) => found == wanted,
    };
    Ok(items("filter", value)?
        .iter()
        .filter(fits)
        .cloned()
        .collect())
}

fn get(value: &Value, args: &Args) -> Result<Value> {
    let key = args.text(0, &["key"]).ok_or_else(|| needed("get", "key"))?;
    let Value::Map(members) = value else {
        bail!(Execution, "get needs an object, got {}", value.type_name());
    };
    match (members.get(&key), args.get(1, &["default"])) {
        (Some(found), _) => Ok(found.clone()),
        (None, Some(default)) => Ok(default.clone()),
        (None, None) => bail!(Execution, "get: there is no '{key:.60}', and no 'default'"),
    }
}

/// Returns the lists of items by what their attribute is; items without it are left out.
fn group_by(value: &Value, args: &Args) -> Result<Value> {
    let path = attribute("group_by", args)?;
    let mut groups = Map::new();
    for item in items("group_by", value)? {
        let Some(key) = member(item, &path) else {
            continue;
        };
        let group = groups
            .entry(text(key))
            .or_insert_with(|| Value::List(Vec::new()));
        if let Value::List(group) = group {
            group.push(item.clone());
        }
    }
    Ok(groups.into())
}

fn indent(value: &Value, args: &Args) -> Result<Value> {
    let prefix = args
        .text(0, &["prefix"])
        .unwrap_or_else(|| "    ".to_owned());
    let says = |place, name: &str| matches!(args.get(place, &[name]), Some(Value::Bool(true)));
    let (first, blank) = (says(1, "first"), says(2, "blank"));
    let text = text(value);
    let lines = text.lines().enumerate().map(|(number, line)| {
        let moves = match number {
            0 => first,
            _ => blank || !line.trim_start().is_empty(),
        };
        if moves {
            format!("{prefix}{line}")
        } else {
            line.to_owned()
        }
    });
    Ok(lines.collect::<Vec<_>>().join("\n").into())
}

/// Gives nothing for one, else an `s`, or the endings that are given.
fn pluralize(value: &Value, args: &Args) -> Result<Value> {
    let Some(number) = value.as_float() else {
        bail!(
            Execution,
            "pluralize needs a number, got {}",
            value.type_name()
        );
    };
    let one = (number.abs() - 1.0).abs() <= f64::EPSILON;
    Ok(match one {
        true => args.text(0, &["singular"]).unwrap_or_default(),
        false => args
            .text(1, &["plural", "suffix"])
            .unwrap_or_else(|| "s".to_owned()),
    }
    .into())
}

/// Returns the items from `start` until before `end`; negative places count from the end.
fn slice(value: &Value, args: &Args) -> Result<Value> {
    let items = items("slice", value)?;
    let count = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let place = |at, name: &str, default: i64| -> Result<usize> {
        let given = args.count(at, &[name], default)?;
        let place = if given < 0 {
            count.saturating_add(given)
        } else {
            given
        };
        Ok(usize::try_from(place.clamp(0, count)).unwrap_or(0))
    };
    let (start, end) = (place(0, "start", 0)?, place(1, "end", count)?);
    Ok(items.get(start..end).unwrap_or_default().to_vec().into())
}

/// Removes blanks between tags.
fn spaceless(text: &str) -> String {
    let mut pieces = text.split('>');
    let mut made = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let rest = piece.trim_start();
        made.push('>');
        made.push_str(if rest.starts_with('<') { rest } else { piece });
    }
    made
}

fn urlencode_strict(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte.is_ascii_alphanumeric() {
            true => encoded.push(byte.into()),
            false => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}
