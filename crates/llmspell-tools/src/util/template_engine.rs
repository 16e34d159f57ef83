//! `template_engine`: renders text templates.

mod bars;
mod filter;
mod function;
mod include;
mod jinja;
mod keep;
mod simple;
mod tera;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use llmspell_core::host::WriteMode;
use llmspell_core::{Cx, Effect, Error, Kind, Map, Op, Outcome, Result, ToolInfo, Value, error};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::caret::{excerpt, place};
use crate::choice::choose_or_first;
use crate::job::Job;
use crate::param::{Given, choices, fits, missing, names, refused};
use crate::plain::{plain, weight};
use crate::worker;

const OPERATIONS: &[&[&str]] = &[&["render"], &["validate"], &["variables"]];

const ENGINES: &[&[&str]] = &[
    &["auto"],
    &["jinja"],
    &["tera"],
    &["handlebars", "hbs"],
    &["simple"],
];

const ESCAPES: &[&[&str]] = &[&["none"], &["html"], &["json"]];

const MISSING: &[&[&str]] = &[&["empty"], &["error"], &["keep"]];

const LIMIT: Duration = Duration::from_secs(5);

/// Longest template, in bytes; partials count.
const MAX_TEMPLATE: usize = 1 << 20;

/// Largest context, in bytes.
const MAX_CONTEXT: usize = 10 << 20;

/// Longest rendered text, in bytes.
const MAX_OUTPUT: usize = 16 << 20;

pub(super) const JOBS: &[Job] = &[Job {
    name: "template_engine.run",
    run: run_job,
}];

pub(super) fn op() -> Op {
    Op::new("template_engine", template_engine)
        .effect_of(effect_of)
        .tool(
            ToolInfo::new("utility")
                .example(
                    "Renders a template",
                    r#"{"input": "Hello {{ name | upper }}!", "context": {"name": "Ada"}}"#,
                )
                .timeout(LIMIT)
                .operations(&names(OPERATIONS))
                .needs(&names(OPERATIONS), &["input", "path"]),
        )
}

/// Renders text templates: Jinja, Tera, Handlebars, or plain `{{name}}`.
///
/// Filters (in Handlebars helpers): upper lower title trim default join length replace round date json urlencode
/// truncate wordwrap slugify.
#[derive(Default, Serialize, Deserialize, JsonSchema)]
struct TemplateEngine {
    /// What to do.
    #[schemars(transform = choices(OPERATIONS), extend("default" = "render"))]
    operation: Option<String>,
    /// The template.
    #[schemars(extend("x-synonyms" = ["template"]))]
    input: Option<String>,
    /// File with the template; what it includes is looked for below its directory.
    path: Option<String>,
    /// Values that the template names.
    #[schemars(with = "Option<BTreeMap<String, Value>>", extend("x-synonyms" = ["variables", "data", "params"]))]
    context: Option<Map>,
    /// Template language; told from the text unless given.
    #[schemars(transform = choices(ENGINES), extend("default" = "auto"))]
    engine: Option<String>,
    /// Whether the language is told from the text; else it is jinja.
    #[schemars(extend("default" = true))]
    auto_detect: Option<bool>,
    /// How inserted values are escaped; `html` if `path` ends so.
    #[schemars(transform = choices(ESCAPES), extend("default" = "none"))]
    autoescape: Option<String>,
    /// What a missing value gives: nothing, an error, or the token as it is written.
    #[schemars(transform = choices(MISSING), extend("default" = "empty"))]
    missing: Option<String>,
    /// Templates that the template includes, by name.
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    partials: Option<Map>,
    /// File that the rendered text is written to.
    target_path: Option<String>,
    /// The moment of the call in microseconds since 1970, filled in by the tool itself.
    #[serde(default)]
    #[schemars(skip)]
    now: Option<i64>,
    /// Names of files that were looked for in vain, if files may be included; filled in by the tool itself.
    #[serde(default)]
    #[schemars(skip)]
    absent: Option<Vec<String>>,
}

impl TemplateEngine {
    /// Returns the bytes of the template and its partials.
    fn size(&self) -> usize {
        let partials = self.partials.iter().flat_map(Map::values);
        self.input.as_deref().map_or(0, str::len) + partials.map(weight).sum::<usize>()
    }
}

fn asks_for_now(args: &Value) -> bool {
    let partials = args
        .get("partials")
        .and_then(Value::as_map)
        .into_iter()
        .flat_map(Map::values);
    let asks = |text: &Value| text.as_str().is_some_and(|text| text.contains("now"));
    args.get("input").into_iter().chain(partials).any(asks)
}

fn effect_of(args: &Value) -> Effect {
    let given = |name: &str| args.get(name).is_some_and(|value| !value.is_null());
    if given("target_path") {
        Effect::Idempotent
    } else if given("path") || asks_for_now(args) {
        Effect::Read
    } else {
        Effect::Pure
    }
}

async fn template_engine(cx: Cx, mut call: Given<TemplateEngine>) -> Result<Outcome> {
    let operation = choose_or_first("operation", call.args.operation.as_deref(), OPERATIONS)?;
    let mut a = std::mem::take(&mut call.args);
    let path = a.path.take();
    if let Some(path) = path.clone() {
        if a.input.is_some() {
            return Err(refused("path", "'path' and 'input' are both given"));
        }
        if path.ends_with(".html") && a.autoescape.is_none() {
            a.autoescape = Some("html".to_owned());
        }
        let most = Some(MAX_TEMPLATE as u64);
        let read = cx.files(move |files, _| files.read_text(Path::new(&path), most));
        a.input = Some(read.await?);
    }
    let target = a.target_path.take();
    if a.input.is_none() {
        return Err(missing("template_engine", operation, "input"));
    }
    fits("input", a.size(), MAX_TEMPLATE)?;
    if let Some(context) = &a.context {
        let context = Value::Map(context.clone());
        plain("context", &context)?;
        fits("context", weight(&context), MAX_CONTEXT)?;
    }
    let asks = path.is_some() || asks_for_now(&Value::from_serialize(&a)?);
    a.now = asks.then(|| cx.host().clock.now());
    let answer = match path.filter(|_| operation == "render") {
        Some(path) => include::rendered(&cx, a, path).await?,
        None => {
            let request = Value::from_serialize(&a)?;
            worker::run(&cx, "template_engine.run", request, LIMIT).await?
        }
    };
    let used = match operation {
        "render" => {
            "input path target_path context engine auto_detect autoescape missing partials now"
        }
        _ => "input path engine auto_detect partials now",
    };
    let mut outcome: Outcome = answer.into_typed()?;
    if let Some(target) = target.filter(|_| operation == "render") {
        outcome = written(&cx, outcome, target).await?;
    }
    Ok(call.warn(op, used, outcome))
}

/// Writes the rendered text to a file; its path is then a part of the payload.
async fn written(cx: &Cx, mut outcome: Outcome, target: String) -> Result<Outcome> {
    let text = outcome.primary().as_str().unwrap_or_default().to_owned();
    let write = cx.files(move |files, _| {
        files.write(Path::new(&target), WriteMode::Replace, text.as_bytes())
    });
    let entry = write.await?;
    let path = entry.path.display().to_string();
    if let Value::Map(data) = &mut outcome.data {
        data.insert("path", path.as_str().into());
        data.insert("bytes_written", entry.size.into());
    }
    Ok(outcome.message(format!("Wrote {} bytes to {path}", entry.size)))
}

/// How inserted values are escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Escape {
    None,
    Html,
    Json,
}

/// What a missing value gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Missing {
    Empty,
    Error,
    Keep,
}

/// What an engine renders.
struct Template<'a> {
    text: &'a str,
    context: &'a Value,
    partials: &'a Map,
    escape: Escape,
    missing: Missing,
    now: Option<i64>,
    /// With Tera's filters and functions.
    tera: bool,
    /// Names that no partial is sought for; `None` if there are but those given.
    absent: Option<&'a [String]>,
}

impl<'a> Template<'a> {
    /// Returns whether a partial of this name is not given, but may be found.
    fn seeks(&self, name: &str) -> bool {
        let is_absent = |absent: &[String]| absent.iter().any(|known| known == name);
        self.absent.is_some_and(|absent| !is_absent(absent)) && !self.partials.contains_key(name)
    }

    /// Returns names and texts of the partials.
    ///
    /// - Errors: `InvalidArgs` for one that is no text.
    fn partials(&self) -> impl Iterator<Item = Result<(&'a str, &'a str)>> + use<'a> {
        self.partials
            .iter()
            .map(|(name, text)| match text.as_str() {
                Some(text) => Ok((name.as_str(), text)),
                None => {
                    let got = text.type_name();
                    let wrong = error!(InvalidArgs, "partials.{name} must be string, got {got}");
                    Err(wrong.misshapen())
                }
            })
    }
}

/// What came out, and the names that were missing.
#[derive(Default)]
struct Rendered {
    text: String,
    missing: Vec<String>,
    /// Partials without which there is no text yet.
    sought: Vec<String>,
}

impl Rendered {
    /// Asks for partials.
    fn seeking(sought: Vec<String>) -> Self {
        Self {
            sought,
            ..Self::default()
        }
    }
}

/// Names that are collected while a template is rendered, each once, in order.
#[derive(Clone, Debug, Default)]
struct Names(Arc<Mutex<Vec<String>>>);

impl Names {
    fn add(&self, name: &str) {
        if let Ok(mut names) = self.0.lock()
            && !name.is_empty()
            && !names.iter().any(|known| known == name)
        {
            names.push(name.to_owned());
        }
    }

    fn list(&self) -> Vec<String> {
        self.0.lock().map(|names| names.clone()).unwrap_or_default()
    }
}

fn run_job(request: Value) -> Result<Value> {
    let a: TemplateEngine = request.into_typed()?;
    let operation = choose_or_first("operation", a.operation.as_deref(), OPERATIONS)?;
    let text = a.input.clone().unwrap_or_default();
    let engine = engine(&a, &text)?;
    let (context, partials) = (
        Value::Map(a.context.unwrap_or_default()),
        a.partials.unwrap_or_default(),
    );
    let template = Template {
        text: &text,
        context: &context,
        partials: &partials,
        escape: match choose_or_first("autoescape", a.autoescape.as_deref(), ESCAPES)? {
            "html" => Escape::Html,
            "json" => Escape::Json,
            _ => Escape::None,
        },
        missing: match choose_or_first("missing", a.missing.as_deref(), MISSING)? {
            "error" => Missing::Error,
            "keep" => Missing::Keep,
            _ => Missing::Empty,
        },
        now: a.now,
        tera: engine == "tera",
        absent: a.absent.as_deref(),
    };
    let outcome = match operation {
        "render" => match render(&template, engine)? {
            rendered if rendered.sought.is_empty() => told(&template, engine, rendered),
            seeking => return Ok(Value::from([("sought", seeking.sought.into())])),
        },
        "validate" => validate(&text, engine),
        _ => variables(&template, engine)?,
    };
    Value::from_serialize(&outcome)
}

fn engine(a: &TemplateEngine, text: &str) -> Result<&'static str> {
    let bars = ["{{#", "{{/", "{{>"].iter().any(|sign| text.contains(sign));
    Ok(
        match choose_or_first("engine", a.engine.as_deref(), ENGINES)? {
            "auto" if bars && a.auto_detect.unwrap_or(true) => "handlebars",
            "auto" => "jinja",
            engine => engine,
        },
    )
}

fn render(template: &Template<'_>, engine: &'static str) -> Result<Rendered> {
    match engine {
        "handlebars" => bars::render(template),
        "simple" => simple::render(template),
        _ => jinja::render(template),
    }
}

fn told(template: &Template<'_>, engine: &'static str, rendered: Rendered) -> Outcome {
    let message = format!("Rendered {} characters", rendered.text.chars().count());
    let data = Map::from([
        ("rendered", Value::from(rendered.text.as_str())),
        ("result", rendered.text.as_str().into()),
        ("engine", engine.into()),
        ("template_length", template.text.chars().count().into()),
        (
            "context_size",
            template.context.as_map().map_or(0, Map::len).into(),
        ),
        ("missing", rendered.missing.into()),
    ]);
    Outcome::new("render", data)
        .output(rendered.text)
        .message(message)
}

fn validate(text: &str, engine: &'static str) -> Outcome {
    let checked = match engine {
        "handlebars" => bars::check(text),
        "simple" => simple::check(text),
        _ => jinja::check(text),
    };
    let fault = checked.err();
    let detail = |name: &str| {
        fault
            .as_ref()
            .and_then(|error| error.details().get(name))
            .cloned()
            .unwrap_or_default()
    };
    let valid = fault.is_none();
    let data = Map::from([
        ("valid", Value::Bool(valid)),
        (
            "error",
            fault
                .as_ref()
                .map(|error| error.message().to_owned())
                .into(),
        ),
        ("line", detail("line")),
        ("column", detail("column")),
    ]);
    let message = if valid {
        "The template is valid"
    } else {
        "The template is not valid"
    };
    Outcome::new("validate", data)
        .output(valid)
        .message(message)
}

fn variables(template: &Template<'_>, engine: &'static str) -> Result<Outcome> {
    let found = match engine {
        "handlebars" => bars::variables(template.text)?,
        "simple" => simple::variables(template.text)?,
        _ => jinja::variables(template)?,
    };
    let message = format!("The template reads {} variables", found.len());
    let list = Value::from(found);
    let data = Map::from([("variables", list.clone())]);
    Ok(Outcome::new("variables", data)
        .output(list)
        .message(message))
}

/// Returns what a dotted path leads to.
fn lookup<'a>(context: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.')
        .try_fold(context, |place, part| match place {
            Value::List(items) => part
                .parse::<usize>()
                .ok()
                .and_then(|index| items.get(index)),
            other => other.get(part),
        })
}

/// Adds line, column and a caret to an error.
fn placed(error: Error, text: &str, offset: Option<usize>, line: Option<usize>) -> Error {
    let Some(offset) = offset else {
        return line
            .into_iter()
            .fold(error, |error, line| error.with("line", line));
    };
    let at = place(text, offset);
    let message = format!(
        "{} at line {}, column {}\n{}",
        error.message(),
        at.line,
        at.column,
        excerpt(text, offset)
    );
    let placed = Error::new(error.kind(), message)
        .with("line", at.line)
        .with("column", at.column)
        .with("offset", offset);
    error
        .hints()
        .iter()
        .fold(placed, |placed, hint| placed.hint(hint.clone()))
}

fn too_long() -> Error {
    error!(Limit, "the rendered text is longer than {MAX_OUTPUT} bytes").with("limit", MAX_OUTPUT)
}

/// Collects what is written, up to the limit.
#[derive(Default)]
struct Capped {
    bytes: Vec<u8>,
    full: bool,
}

impl io::Write for &mut Capped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > MAX_OUTPUT {
            self.full = true;
            return Err(io::Error::other("the output is full"));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn capped(render: impl FnOnce(&mut Capped) -> Result<()>) -> Result<String> {
    let mut out = Capped::default();
    let rendered = render(&mut out);
    if out.full {
        return Err(too_long());
    }
    rendered?;
    String::from_utf8(out.bytes)
        .map_err(|_| Error::new(Kind::Execution, "the rendered text is not UTF-8"))
}

#[cfg(test)]
mod tests;
