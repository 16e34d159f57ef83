//! `json_processor`: jq queries and everyday JSON work.

mod change;
mod document;
mod jq;
mod path;
mod rounded;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use llmspell_core::value::from_json;
use llmspell_core::{Cx, Error, Kind, Map, Name, Op, Outcome, Result, ToolInfo, Value, error};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::change::Merging;
use self::document::{Document, Layout, lenient, to_text, to_val, unfit};
use self::jq::{Bounds, Query, as_written};
use self::rounded::Rounded;
use crate::aside::aside;
use crate::choice::choose_or_first;
use crate::job::Job;
use crate::param::{Given, choices, fits, missing, names, within};
use crate::plain::{plain, weight};
use crate::schema::violations;
use crate::worker;

const OPERATIONS: &[&[&str]] = &[
    &["query", "transform", "jq", "extract"],
    &["stream", "jsonl"],
    &["parse"],
    &["stringify", "format", "pretty", "minify"],
    &["validate"],
    &["set", "update"],
    &["delete", "remove"],
    &["append", "push"],
    &["merge"],
    &["diff"],
    &["patch"],
    &["flatten"],
    &["unflatten"],
];

const STRATEGIES: &[&[&str]] = &[&["deep"], &["shallow"], &["concat"]];

const LIMIT: Duration = Duration::from_secs(30);

/// Most violations that `validate` lists.
const MAX_ERRORS: usize = 1_000;

pub(super) const JOBS: &[Job] = &[Job {
    name: "json_processor.run",
    run: run_job,
}];

pub(super) fn op() -> Op {
    Op::new("json_processor", json_processor).tool(
        ToolInfo::new("data").settings::<Config>()
            .example(
                "Queries with jq",
                r#"{"operation": "query", "input": {"items": [{"price": 3}, {"price": 30}]}, "query": ".items[] | select(.price > 10)"}"#,
            )
            .timeout(LIMIT)
            .operations(&names(OPERATIONS))
            .needs(&["validate"], &["schema"])
            .needs(&["set", "append"], &["value"])
            .needs(&["set", "delete"], &["path", "query"])
            .needs(&["diff"], &["with"])
            .needs(&["patch"], &["patch"]),
    )
}

/// Queries, checks and changes JSON: jq, JSON Schema, paths, merging, patches.
///
/// `query` evaluates jq (`.items[] | select(.price > 10)`) or a path (`$.items[0].name`); one result is that value,
/// several are a list. A number with more digits than a value holds is rounded, and a warning says so; `stringify` and
/// `raw` keep it.
#[derive(Default, Serialize, Deserialize, JsonSchema)]
struct JsonProcessor {
    /// What to do.
    #[schemars(transform = choices(OPERATIONS), extend("default" = "query"))]
    operation: Option<String>,
    /// The document, as a value or as JSON text; JSON lines for `stream`; a list of documents for `merge`.
    #[schemars(required, extend("x-synonyms" = ["json", "input_json", "data"]))]
    input: Option<Value>,
    /// jq filter, or a path that starts with `$`.
    #[schemars(extend("default" = ".", "x-synonyms" = ["filter", "expression"]))]
    query: Option<String>,
    /// Where to set, delete or append: `.a.b[0]`, `$.a.b[0]` or `/a/b/0`.
    path: Option<String>,
    /// What to set or append.
    value: Option<Value>,
    /// Whether `value` is parsed if it is JSON text.
    #[schemars(extend("default" = true))]
    parse_value: Option<bool>,
    /// Values of jq variables: `{min = 3}` is `$min`.
    #[schemars(with = "Option<BTreeMap<String, Value>>", extend("x-synonyms" = ["args"]))]
    variables: Option<Map>,
    /// JSON Schema, as an object or as JSON text; draft 2020-12 unless `$schema` says otherwise.
    #[schemars(extend("type" = ["object", "string", "boolean"]))]
    schema: Option<Value>,
    /// Members of the object that `transform` builds, and the path or filter of each.
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    transformation: Option<Map>,
    /// Whether text is laid out on several lines.
    #[schemars(extend("default" = false))]
    pretty: Option<bool>,
    /// Blanks per level of laid out text.
    #[schemars(range(min = 0, max = 8), extend("default" = 2))]
    indent: Option<i64>,
    /// Whether the members of objects are written in the order of their names.
    #[schemars(extend("default" = false))]
    sort_keys: Option<bool>,
    /// The other document for `merge` and `diff`.
    with: Option<Value>,
    /// The JSON Patch, or with `merge_patch` the merge patch.
    patch: Option<Value>,
    /// Whether `diff` and `patch` use merge patches (RFC 7396).
    #[schemars(extend("default" = false))]
    merge_patch: Option<bool>,
    /// How to merge: objects member by member, the top level only, or also lists one after the other.
    #[schemars(extend("enum" = names(STRATEGIES), "default" = "deep"))]
    strategy: Option<String>,
    /// Whether an input text that is not JSON is an error; for a line of `stream` it is one unless this is false.
    #[schemars(extend("default" = false))]
    strict: Option<bool>,
    /// Whether results are joined to one text, a line each, strings without quotes.
    #[schemars(extend("default" = false))]
    raw: Option<bool>,
}

/// `[tools.json_processor]`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
struct Config {
    /// Largest input and longest joined text of results, in bytes.
    max_input_bytes: usize,
    /// Most steps that a query may take (count).
    max_steps: u64,
    /// Most memory of a query's results, in bytes.
    max_memory_bytes: usize,
}

impl Default for Config {
    fn default() -> Self {
        let usual = Bounds::default();
        Self {
            max_input_bytes: 100 << 20,
            max_steps: usual.steps,
            max_memory_bytes: usual.bytes,
        }
    }
}

impl Config {
    fn bounds(self) -> Bounds {
        Bounds {
            steps: self.max_steps,
            bytes: self.max_memory_bytes,
        }
    }
}

/// What an operation made.
struct Made {
    data: Value,
    parsed: bool,
    count: Option<usize>,
    message: String,
    rounded: Rounded,
}

async fn json_processor(cx: Cx, mut call: Given<JsonProcessor>) -> Result<Outcome> {
    let operation = choose_or_first("operation", call.args.operation.as_deref(), OPERATIONS)?;
    let config: Config = cx.settings("json_processor")?;
    let mut size = 0;
    let a = &call.args;
    let values = [
        ("input", &a.input),
        ("value", &a.value),
        ("schema", &a.schema),
        ("with", &a.with),
        ("patch", &a.patch),
    ];
    for (name, value) in values
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.as_ref()?)))
    {
        plain(name, value)?;
        let weight = weight(value);
        fits(name, weight, config.max_input_bytes)
            .map_err(|error| error.hint("raise `tools.json_processor.max_input_bytes`"))?;
        size += weight;
    }
    for (name, map) in [
        ("variables", &a.variables),
        ("transformation", &a.transformation),
    ] {
        if let Some(map) = map {
            plain(name, &Value::Map(map.clone()))?;
        }
    }
    let mut request = Value::from_serialize(&std::mem::take(&mut call.args))?;
    if let Value::Map(members) = &mut request {
        members.insert("config", Value::from_serialize(&config)?);
    }
    let answer = match operation {
        "parse" | "stringify" => aside(size, move || run_job(request)).await?,
        // A patch can double its document thirty times, a path can nest without end.
        _ => worker::run(&cx, "json_processor.run", request, LIMIT).await?,
    };
    let mut outcome: Outcome = answer.into_typed()?;
    outcome.operation = operation.to_owned();
    Ok(call.warn(op, used(operation), outcome))
}

fn used(operation: &str) -> &'static str {
    match operation {
        "query" => "input query variables transformation strict raw pretty indent sort_keys",
        "stream" => "input query variables strict raw pretty indent sort_keys",
        "parse" | "flatten" | "unflatten" => "input strict",
        "stringify" => "input strict pretty indent sort_keys",
        "validate" => "input schema strict",
        "set" | "append" => "input path query value parse_value strict",
        "delete" => "input path query strict",
        "merge" => "input with strategy strict",
        "diff" => "input with merge_patch strict",
        _ => "input patch merge_patch strict",
    }
}

fn run_job(mut request: Value) -> Result<Value> {
    let config = match &mut request {
        Value::Map(members) => members.shift_remove("config"),
        _ => None,
    };
    let config: Config = config.map_or_else(|| Ok(Config::default()), Value::into_typed)?;
    let a: JsonProcessor = request.into_typed()?;
    let operation = choose_or_first("operation", a.operation.as_deref(), OPERATIONS)?;
    let made = run(operation, a, &config)?;
    let mut outcome = Outcome::new(operation, made.data)
        .message(made.message)
        .metadata("parsed", made.parsed);
    if let Some(count) = made.count {
        outcome = outcome.metadata("result_count", count);
    }
    if let Some(warning) = made.rounded.warning() {
        outcome = outcome.warning(warning);
    }
    Value::from_serialize(&outcome)
}

fn run(operation: &'static str, a: JsonProcessor, config: &Config) -> Result<Made> {
    // These keep numbers as they were written, as long as they can.
    if matches!(operation, "query" | "stream" | "stringify") {
        return perform(operation, a, config);
    }
    let rounded = rounded_of(&a);
    let made = perform(operation, a, config)?;
    Ok(Made { rounded, ..made })
}

fn perform(operation: &'static str, mut a: JsonProcessor, config: &Config) -> Result<Made> {
    let needs = |parameter| missing("json_processor", operation, parameter);
    let input = a.input.take().ok_or_else(|| needs("input"))?;
    if operation == "stream" {
        return stream(&a, input, config);
    }
    let strict = a.strict.unwrap_or(false) || operation == "parse";
    let document = Document::read(input, strict)?;
    let parsed = document.parsed;
    let made = |data: Value, message: &str| {
        Ok(Made {
            data,
            parsed,
            count: None,
            message: message.to_owned(),
            rounded: Rounded::default(),
        })
    };
    match operation {
        "query" => query(&a, &document, config),
        "parse" => made(document.value, "Parsed the input"),
        "stringify" => made(stringify(&a, &document)?.into(), "Wrote the value as JSON"),
        "validate" => validate(&a, &document),
        "set" | "append" => {
            let value = written(&a, a.value.clone().ok_or_else(|| needs("value"))?);
            let steps = steps(&a, operation)?;
            let mut changed = document.value;
            match operation {
                "set" => path::set(&mut changed, &steps, value)?,
                _ => path::append(&mut changed, &steps, value)?,
            }
            made(
                changed,
                if operation == "set" {
                    "Set the value"
                } else {
                    "Appended the value"
                },
            )
        }
        "delete" => {
            let steps = steps(&a, operation)?;
            let mut changed = document.value;
            path::delete(&mut changed, &steps);
            made(changed, "Deleted the value")
        }
        "merge" => made(merge(&a, document.value)?, "Merged the documents"),
        "diff" => {
            let other = lenient(a.with.take().ok_or_else(|| needs("with"))?);
            let patch = match a.merge_patch {
                Some(true) => change::merge_diff(&document.value, &other),
                _ => change::diff(&document.value, &other)?,
            };
            made(patch, "Compared the documents")
        }
        "patch" => {
            let patch = lenient(a.patch.take().ok_or_else(|| needs("patch"))?);
            let patched = match a.merge_patch {
                Some(true) => change::merge_patch(&document.value, &patch),
                _ => change::patch(&document.value, &patch)?,
            };
            made(patched, "Applied the patch")
        }
        "flatten" => made(change::flatten(&document.value)?, "Flattened the document"),
        _ => made(
            change::unflatten(&document.value)?,
            "Unflattened the document",
        ),
    }
}

/// Returns what is rounded of the parameters that are JSON text.
fn rounded_of(a: &JsonProcessor) -> Rounded {
    let mut rounded = Rounded::default();
    let mut look = |name: &str, value: &Value| match value {
        Value::Str(text) => rounded.in_text(text, name),
        // The documents of `merge`.
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                if let Value::Str(text) = item {
                    rounded.in_text(text, &format!("{name}[{index}]"));
                }
            }
        }
        _ => {}
    };
    for (name, value) in [
        ("input", &a.input),
        ("with", &a.with),
        ("patch", &a.patch),
        ("value", &a.value),
    ] {
        if let Some(value) = value {
            look(name, value);
        }
    }
    rounded
}

/// Evaluates jq, or a path that starts with `$`, for the jobs of other tools; without input it is compiled only.
///
/// - Errors: as `query` says.
pub(crate) fn evaluate(query: &str, input: Option<&Value>) -> Result<Vec<Value>> {
    let compiled = compile(query, path::to_jq(query), &Map::new(), Bounds::default())?;
    let mut results = Vec::new();
    if let Some(input) = input {
        compiled.run(to_val(input), &mut results, &mut Rounded::default())?;
    }
    Ok(results)
}

/// Compiles `jq`, which stands for the query that was written.
fn compile(written: &str, jq: Cow<'_, str>, variables: &Map, bounds: Bounds) -> Result<Query> {
    Query::compile(&jq, variables, bounds).map_err(|error| match jq {
        Cow::Borrowed(_) => error,
        Cow::Owned(jq) => as_written(&error, &jq, written),
    })
}

fn layout(a: &JsonProcessor, pretty: bool) -> Result<Layout> {
    let indent = within("indent", a.indent.unwrap_or(2), 0..=8)?;
    Ok(Layout {
        indent: if pretty { indent } else { 0 },
        sort_keys: a.sort_keys.unwrap_or(false),
    })
}

fn stringify(a: &JsonProcessor, document: &Document) -> Result<String> {
    let given = a.operation.as_deref().unwrap_or_default().to_lowercase();
    let pretty = match given.as_str() {
        "format" | "pretty" => true,
        "minify" => false,
        _ => a.pretty.unwrap_or(a.indent.is_some()),
    };
    to_text(&document.to_val(), layout(a, pretty)?)
}

fn query(a: &JsonProcessor, document: &Document, config: &Config) -> Result<Made> {
    let variables = a.variables.clone().unwrap_or_default();
    let input = document.to_val();
    let made = |data: Value, count: usize, rounded: Rounded| {
        let message = format!(
            "The query gave {count} {}",
            if count == 1 { "result" } else { "results" }
        );
        Ok(Made {
            data,
            parsed: document.parsed,
            count: Some(count),
            message,
            rounded,
        })
    };
    let mut rounded = Rounded::default();
    if let Some(members) = &a.transformation {
        let build = |(name, path): (&Name, &Value)| {
            let Some(path) = path.as_str() else {
                let got = path.type_name();
                let message = format!("transformation.{name} must be a path or filter, got {got}");
                return Err(Error::new(Kind::InvalidArgs, message).misshapen());
            };
            let compiled = compile(path, filter(path), &variables, config.bounds())?;
            let (mut results, mut found) = (Vec::new(), Rounded::default());
            compiled.run(input.clone(), &mut results, &mut found)?;
            rounded.add(found, results.len() == 1, name);
            Ok((name.clone(), one_or_list(results)))
        };
        let built = members.iter().map(build).collect::<Result<_>>()?;
        return made(Value::Map(built), 1, rounded);
    }
    let text = a.query.as_deref().unwrap_or(".");
    let compiled = compile(text, path::to_jq(text), &variables, config.bounds())?;
    if a.raw == Some(true) {
        let mut lines = Lines::new(a, config.max_input_bytes)?;
        compiled.each(input, |val| lines.push(&val))?;
        return made(lines.text.into(), lines.count, rounded);
    }
    let (mut results, mut found) = (Vec::new(), Rounded::default());
    compiled.run(input, &mut results, &mut found)?;
    let count = results.len();
    rounded.add(found, count == 1, "");
    made(one_or_list(results), count, rounded)
}

/// Reads a member of `transformation`: a filter, a JSONPath, a JSON Pointer, or a bare path `a.b`.
fn filter(text: &str) -> Cow<'_, str> {
    if text.starts_with('/') {
        return Cow::Owned(path::pointer_to_jq(text));
    }
    let bare = text.starts_with(|letter: char| letter.is_alphabetic() || letter == '_')
        && text
            .chars()
            .all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '.' | '[' | ']'));
    if bare {
        Cow::Owned(format!(".{text}"))
    } else {
        path::to_jq(text)
    }
}

/// Results as one text, a line each, strings without quotes.
struct Lines {
    layout: Layout,
    text: String,
    count: usize,
    most: usize,
}

impl Lines {
    fn new(a: &JsonProcessor, most: usize) -> Result<Self> {
        Ok(Self {
            layout: layout(a, a.pretty.unwrap_or(false))?,
            text: String::new(),
            count: 0,
            most,
        })
    }

    fn push(&mut self, val: &jaq_json::Val) -> Result<()> {
        if self.count > 0 {
            self.text.push('\n');
        }
        self.count += 1;
        match val {
            jaq_json::Val::TStr(text) => self.text.push_str(&String::from_utf8_lossy(text)),
            other => self.text.push_str(&to_text(other, self.layout)?),
        }
        let most = self.most;
        if self.text.len() > most {
            return Err(error!(Limit, "the results take more than {most} bytes")
                .with("limit", most)
                .hint("raise `tools.json_processor.max_input_bytes`, or select less"));
        }
        Ok(())
    }
}

fn one_or_list(mut results: Vec<Value>) -> Value {
    if results.len() == 1 {
        results.swap_remove(0)
    } else {
        Value::List(results)
    }
}

/// Evaluates the query over each line of a text, or each item of a list.
fn stream(a: &JsonProcessor, input: Value, config: &Config) -> Result<Made> {
    let text = a.query.as_deref().unwrap_or(".");
    let variables = a.variables.clone().unwrap_or_default();
    let compiled = compile(text, path::to_jq(text), &variables, config.bounds())?;
    let mut parsed = true;
    let mut vals = Vec::new();
    match input {
        Value::Str(text) => {
            for (index, line) in text
                .lines()
                .enumerate()
                .filter(|(_, line)| !line.trim().is_empty())
            {
                let document = Document::read(line.into(), a.strict.unwrap_or(true))
                    .map_err(|error| in_line(error, index + 1))?;
                parsed &= document.parsed;
                vals.push(document.to_val());
            }
        }
        Value::List(items) => vals.extend(items.iter().map(to_val)),
        other => vals.push(to_val(&other)),
    }
    let inputs = vals.len();
    if a.raw == Some(true) {
        let mut lines = Lines::new(a, config.max_input_bytes)?;
        for val in vals {
            compiled.each(val, |result| lines.push(&result))?;
        }
        let message = format!("{inputs} inputs gave {} results", lines.count);
        return Ok(Made {
            data: lines.text.into(),
            parsed,
            count: Some(lines.count),
            message,
            rounded: Rounded::default(),
        });
    }
    let (mut results, mut rounded) = (Vec::new(), Rounded::default());
    for val in vals {
        compiled.run(val, &mut results, &mut rounded)?;
    }
    let (count, message) = (
        results.len(),
        format!("{inputs} inputs gave {} results", results.len()),
    );
    Ok(Made {
        data: Value::List(results),
        parsed,
        count: Some(count),
        message,
        rounded,
    })
}

fn in_line(error: Error, line: usize) -> Error {
    let column = error.details().get("column").cloned().unwrap_or_default();
    let message = error.message().to_owned();
    let message = message
        .rsplit_once(" at line ")
        .map_or(message.clone(), |(what, _)| what.to_owned());
    Error::new(
        error.kind(),
        format!("{message} at line {line}, column {column}"),
    )
    .with("line", line)
    .with("column", column)
}

fn validate(a: &JsonProcessor, document: &Document) -> Result<Made> {
    let schema = a
        .schema
        .as_ref()
        .ok_or_else(|| missing("json_processor", "validate", "schema"))?;
    let found = violations(schema, &document.value, MAX_ERRORS)?;
    let valid = found.is_empty();
    let message = match found.len() {
        0 => "The document is valid".to_owned(),
        1 => "The document has 1 error".to_owned(),
        count => format!("The document has {count} errors"),
    };
    let errors: Value = found
        .into_iter()
        .map(crate::schema::Violation::into_value)
        .collect();
    let data = Map::from([
        ("is_valid", Value::Bool(valid)),
        ("valid", Value::Bool(valid)),
        ("errors", errors),
    ]);
    Ok(Made {
        data: data.into(),
        parsed: document.parsed,
        count: None,
        message,
        rounded: Rounded::default(),
    })
}

fn written(a: &JsonProcessor, value: Value) -> Value {
    match value {
        Value::Str(text) if a.parse_value.unwrap_or(true) => {
            from_json(&text).unwrap_or(Value::Str(text))
        }
        other => other,
    }
}

/// Returns the path; where it is absent, `query` is the path.
fn steps(a: &JsonProcessor, operation: &str) -> Result<Vec<path::Step>> {
    match a.path.as_deref().or(a.query.as_deref()) {
        Some(text) => path::parse(text),
        None if operation == "append" => Ok(Vec::new()),
        None => Err(missing("json_processor", operation, "path")),
    }
}

fn merge(a: &JsonProcessor, input: Value) -> Result<Value> {
    let strategy = match choose_or_first("strategy", a.strategy.as_deref(), STRATEGIES)? {
        "shallow" => Merging::Shallow,
        "concat" => Merging::Concat,
        _ => Merging::Deep,
    };
    let documents = match (&a.with, input) {
        (Some(with), input) => vec![input, lenient(with.clone())],
        (None, Value::List(items)) => items.into_iter().map(lenient).collect(),
        (None, other) => return Err(unfit("merge", "a list of documents, or 'with'", &other)),
    };
    let merged = documents
        .into_iter()
        .reduce(|base, over| change::merge(base, over, strategy));
    merged.ok_or_else(|| {
        Error::new(
            Kind::InvalidArgs,
            "operation 'merge' needs at least one document",
        )
    })
}

#[cfg(test)]
mod tests;
