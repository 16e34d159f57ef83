//! `environment_reader`: environment variables, as far as the policy lets them be seen.

mod expand;

use std::time::Duration;

use llmspell_core::{Cx, Effect, Level, Map, Op, Outcome, Result, ToolInfo, Value, error};
use regex::RegexBuilder;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::choice::{choose, fold};
use crate::param::{Given, choices, fits, missing, mistyped, names, refused};
use crate::wildcard;

const OPERATIONS: &[&[&str]] = &[
    &["get", "read"],
    &["list", "get_all"],
    &["pattern", "filter", "search"],
    &["exists"],
    &["expand"],
    &["set"],
];

/// Longest text that is expanded, in bytes.
const MAX_INPUT: usize = 1 << 20;

/// Longest regular expression, in bytes, and what it may grow to.
const MAX_PATTERN: usize = 1000;
const MAX_PROGRAM: usize = 1 << 20;

pub(super) fn op() -> Op {
    Op::new("environment_reader", environment_reader)
        .effect(Effect::Read)
        .effect_of(|args| match sets(args) {
            true => Effect::Idempotent,
            false => Effect::Read,
        })
        .tool(
            ToolInfo::new("system")
                .settings::<Config>()
                .example(
                    "Reads a variable",
                    r#"{"operation": "get", "variable_name": "HOME"}"#,
                )
                .example(
                    "Expands a text",
                    r#"{"operation": "expand", "input": "${HOME}/notes"}"#,
                )
                .level(Level::Restricted)
                .level_of(|args| match sets(args) {
                    true => Level::Privileged,
                    false => Level::Restricted,
                })
                .timeout(Duration::from_secs(1))
                .operations(&names(OPERATIONS))
                .needs(&["get", "exists", "set"], &["variable_name"])
                .needs(&["pattern"], &["pattern"])
                .needs(&["expand"], &["input"])
                .needs(&["set"], &["value"])
                .operation_of(|args| match args.get("operation") {
                    Some(_) => None,
                    None => Some(unasked(args.get("variable_name").is_some())),
                }),
        )
}

/// Returns the operation of a call that names none.
fn unasked(is_name_given: bool) -> &'static str {
    match is_name_given {
        true => "get",
        false => "list",
    }
}

fn sets(args: &Value) -> bool {
    let operation = args.get("operation").and_then(Value::as_str);
    operation.is_some_and(|name| fold(name) == "set")
}

/// Reads environment variables that the policy permits.
#[derive(Deserialize, JsonSchema)]
struct EnvironmentReader {
    /// What to do; by default `get` if a name is given, else `list`.
    #[schemars(transform = choices(OPERATIONS))]
    operation: Option<String>,
    /// The variable; `get` takes a list of several.
    #[schemars(extend("type" = ["string", "array"], "items" = {"type": "string"}, "x-synonyms" = ["name", "key", "variable", "variables"]))]
    variable_name: Option<Value>,
    /// Which names: `*` is any text, `A*|B*` is either; for `list` as well.
    #[schemars(extend("x-synonyms" = ["filter"]))]
    pattern: Option<String>,
    /// Whether the pattern is a regular expression.
    #[schemars(extend("default" = false))]
    regex: Option<bool>,
    /// What `get` returns if the variable is not set.
    default: Option<String>,
    /// Whether values are shown as `ab…yz`.
    #[schemars(extend("default" = false))]
    mask: Option<bool>,
    /// The text that `expand` fills in: `$X`, `${X}`, `${X:-default}`.
    input: Option<String>,
    /// What `set` sets, for this run and the processes that it starts.
    value: Option<String>,
}

/// The configuration `[tools.environment_reader]`.
#[derive(Deserialize, JsonSchema)]
#[serde(default)]
struct Config {
    /// Most variables of an answer (count).
    max_variables: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self { max_variables: 100 }
    }
}

async fn environment_reader(cx: Cx, call: Given<EnvironmentReader>) -> Result<Outcome> {
    let a = &call.args;
    let operation = match (&a.operation, &a.variable_name) {
        (Some(given), _) => choose("operation", given, OPERATIONS)?,
        (None, name) => unasked(name.is_some()),
    };
    let (used, outcome) = match operation {
        "get" => ("variable_name default mask", get(&cx, a)?),
        "list" => ("pattern regex mask", list(&cx, a, "list")?),
        "pattern" => ("pattern regex mask", list(&cx, a, "pattern")?),
        "exists" => ("variable_name", exists(&cx, a)?),
        "expand" => ("input", expanded(&cx, a)?),
        _ => ("variable_name value", set(&cx, a)?),
    };
    Ok(call.warn(op, used, outcome))
}

fn get(cx: &Cx, a: &EnvironmentReader) -> Result<Outcome> {
    match &a.variable_name {
        None => Err(missing("environment_reader", "get", "variable_name")),
        Some(Value::List(list)) => several(cx, a, list),
        Some(_) => one(cx, a),
    }
}

fn one(cx: &Cx, a: &EnvironmentReader) -> Result<Outcome> {
    let name = name(a, "get")?;
    let environment = &cx.host().environment;
    environment.check(name)?;
    let found = environment.var(name).map(|value| shown(a, value));
    let is_found = found.is_some();
    let value = Value::from(found.or_else(|| a.default.clone()));
    let data = Map::from([
        ("variable_name", name.into()),
        ("value", value.clone()),
        ("found", is_found.into()),
    ]);
    let message = match is_found {
        true => format!("Read the environment variable {name}"),
        false => format!("The environment variable {name} is not set"),
    };
    Ok(Outcome::new("get", data).output(value).message(message))
}

fn several(cx: &Cx, a: &EnvironmentReader, list: &[Value]) -> Result<Outcome> {
    let environment = &cx.host().environment;
    let (mut variables, mut missing, mut denied) = (Map::new(), Vec::new(), Vec::new());
    for name in list {
        let Some(name) = name.as_str() else {
            let message = "parameter 'variable_name' must be a name or a list of names";
            return Err(mistyped("variable_name", message, "string", name));
        };
        if environment.check(name).is_err() {
            denied.push(name);
            continue;
        }
        let found = environment.var(name).map(|value| shown(a, value));
        if found.is_none() {
            missing.push(name);
        }
        if let Some(value) = found.or_else(|| a.default.clone()) {
            variables.insert(name, value.into());
        }
    }
    let message = format!(
        "Read {} of {} environment variables",
        list.len() - missing.len() - denied.len(),
        list.len()
    );
    let data = Map::from([
        ("variables", variables.clone().into()),
        ("missing", missing.into()),
        ("denied", denied.into()),
    ]);
    Ok(Outcome::new("get", data).output(variables).message(message))
}

fn list(cx: &Cx, a: &EnvironmentReader, operation: &'static str) -> Result<Outcome> {
    if operation == "pattern" && a.pattern.is_none() {
        return Err(missing("environment_reader", operation, "pattern"));
    }
    let config: Config = cx.settings("environment_reader")?;
    let fits = filter(a)?;
    let mut found = cx.host().environment.vars();
    found.retain(|(name, _)| fits(name));
    let count = found.len();
    found.truncate(config.max_variables);
    let truncated = found.len() < count;
    let variables: Map = found
        .into_iter()
        .map(|(name, value)| (name, shown(a, value).into()))
        .collect();
    let message = match truncated {
        true => format!("{} of {count} environment variables", variables.len()),
        false => format!("{count} environment variables"),
    };
    let mut data = Map::new();
    if let Some(pattern) = a.pattern.as_deref().filter(|_| operation == "pattern") {
        data.insert("pattern", pattern.into());
    }
    data.insert("variables", variables.clone().into());
    data.insert("count", count.into());
    data.insert("truncated", truncated.into());
    Ok(Outcome::new(operation, data)
        .output(variables)
        .message(message))
}

/// Says which names are wanted.
type Filter = Box<dyn Fn(&str) -> bool>;

/// Returns what says which names are wanted. Letters of either case are the same, as in the policy.
fn filter(a: &EnvironmentReader) -> Result<Filter> {
    let Some(pattern) = a.pattern.clone() else {
        return Ok(Box::new(|_| true));
    };
    fits("pattern", pattern.len(), MAX_PATTERN)?;
    if !a.regex.unwrap_or(false) {
        return Ok(Box::new(move |name| {
            pattern
                .split('|')
                .any(|pattern| wildcard::fits(pattern.trim(), name))
        }));
    }
    let regex = RegexBuilder::new(&pattern)
        .case_insensitive(true)
        .size_limit(MAX_PROGRAM)
        .build();
    let regex = regex.map_err(|cause| {
        refused(
            "pattern",
            format!("parameter 'pattern' is no regular expression: {cause}"),
        )
    })?;
    Ok(Box::new(move |name| regex.is_match(name)))
}

fn exists(cx: &Cx, a: &EnvironmentReader) -> Result<Outcome> {
    let name = name(a, "exists")?;
    let environment = &cx.host().environment;
    environment.check(name)?;
    let exists = environment.var(name).is_some();
    let message = match exists {
        true => format!("The environment variable {name} is set"),
        false => format!("The environment variable {name} is not set"),
    };
    let data = Map::from([("variable_name", name.into()), ("exists", exists.into())]);
    Ok(Outcome::new("exists", data).output(exists).message(message))
}

fn expanded(cx: &Cx, a: &EnvironmentReader) -> Result<Outcome> {
    let input = a
        .input
        .as_deref()
        .ok_or_else(|| missing("environment_reader", "expand", "input"))?;
    fits("input", input.len(), MAX_INPUT)?;
    let environment = &cx.host().environment;
    let look = |name: &str| {
        environment.check(name)?;
        Ok(environment.var(name))
    };
    let (text, missing) = expand::expand(input, MAX_INPUT, look)?;
    let data = Map::from([("value", text.as_str().into()), ("missing", missing.into())]);
    Ok(Outcome::new("expand", data)
        .output(text)
        .message("Expanded the text"))
}

fn set(cx: &Cx, a: &EnvironmentReader) -> Result<Outcome> {
    let name = name(a, "set")?;
    let Some(value) = a.value.clone() else {
        return Err(missing("environment_reader", "set", "value"));
    };
    if value.contains('\0') {
        return Err(refused(
            "value",
            "parameter 'value' must not hold a zero byte",
        ));
    }
    let previous = cx.host().environment.set(name, Some(value))?;
    let data = Map::from([
        ("variable_name", name.into()),
        ("previous", previous.into()),
    ]);
    let message = format!("Set the environment variable {name} for this run");
    Ok(Outcome::new("set", data).output(true).message(message))
}

/// Returns the one name that the operation is about.
fn name<'a>(a: &'a EnvironmentReader, operation: &'static str) -> Result<&'a str> {
    let given = match &a.variable_name {
        Some(Value::List(list)) if list.len() == 1 => list.first(),
        other => other.as_ref(),
    };
    match given {
        None => Err(missing("environment_reader", operation, "variable_name")),
        Some(Value::Str(name)) if !name.is_empty() && !name.contains(['=', '\0']) => Ok(name),
        Some(Value::Str(_)) => Err(error!(
            InvalidArgs,
            "parameter 'variable_name' is no name of a variable"
        )
        .with("parameter", "variable_name")),
        Some(_) => Err(refused(
            "variable_name",
            format!("operation '{operation}' takes one variable at a time"),
        )),
    }
}

/// Returns the value as it is wanted: whole, or only its ends. Ends of a short value would be most of it.
fn shown(a: &EnvironmentReader, value: String) -> String {
    if !a.mask.unwrap_or(false) {
        return value;
    }
    let letters: Vec<char> = value.chars().collect();
    match letters.as_slice() {
        [first, second, middle @ .., before, last] if middle.len() >= 4 => {
            format!("{first}{second}…{before}{last}")
        }
        _ => "…".to_owned(),
    }
}

#[cfg(test)]
mod tests;
