//! `text_manipulator`: string work, Unicode-aware.

mod case;
mod clean;
mod layout;
mod parts;
mod pattern;

use std::sync::LazyLock;
use std::time::Duration;

use llmspell_core::{Cx, Error, Kind, Map, OTHER_CHOICES, Op, Outcome, Result, ToolInfo, Value};
use schemars::transform::Transform;
use schemars::{JsonSchema, Schema};
use serde::Deserialize;
use serde_json::Value as Json;

pub(super) use self::case::slug;
use crate::aside::stoppable;
use crate::choice::{choose, fold};
use crate::param::{Given, choices, fits, missing, mistyped, refused};

/// Longest input, in bytes.
const MOST_IN: usize = 10 << 20;
/// Longest result, in bytes.
const MOST_OUT: usize = 64 << 20;
/// Most items of a list that an operation makes.
const MOST_ITEMS: usize = 1_000_000;
/// Most steps of a pipeline.
const MOST_STEPS: usize = 1_000;

/// One row of the table: accepted names, the options that are read, and the verb.
struct Operation {
    names: &'static [&'static str],
    used: &'static str,
    run: fn(&Ask) -> Result<Done>,
}

const fn row(
    names: &'static [&'static str],
    used: &'static str,
    run: fn(&Ask) -> Result<Done>,
) -> Operation {
    Operation { names, used, run }
}

const OPERATIONS: &[Operation] = &[
    row(&["uppercase", "upper"], "", |ask| {
        done(ask.text.to_uppercase())
    }),
    row(&["lowercase", "lower"], "", |ask| {
        done(ask.text.to_lowercase())
    }),
    row(&["capitalize"], "", |ask| done(case::capitalize(ask.text))),
    row(&["title_case", "title"], "", |ask| {
        done(case::title(ask.text))
    }),
    row(&["reverse"], "", |ask| done(parts::reverse(ask.text))),
    row(&["trim"], "", |ask| done(ask.text.trim().to_owned())),
    row(
        &["replace"],
        "from to pattern replacement count regex flags",
        pattern::replace,
    ),
    row(
        &["regex_replace"],
        "pattern replacement flags count",
        pattern::regex_replace,
    ),
    row(&["match"], "pattern flags", pattern::is_match),
    row(&["extract"], "pattern flags group", pattern::extract),
    row(
        &["substring", "slice"],
        "start end length",
        parts::substring,
    ),
    row(
        &["split"],
        "delimiter limit regex flags pattern",
        parts::split,
    ),
    row(&["join"], "delimiter", parts::join),
    row(&["snake_case"], "", |ask| {
        done(case::joined(ask.text, "_", str::to_lowercase))
    }),
    row(&["kebab_case"], "", |ask| {
        done(case::joined(ask.text, "-", str::to_lowercase))
    }),
    row(&["camel_case"], "", |ask| done(case::camel(ask.text))),
    row(&["pascal_case"], "", |ask| {
        done(case::joined(ask.text, "", case::proper))
    }),
    row(&["constant_case"], "", |ask| {
        done(case::joined(ask.text, "_", str::to_uppercase))
    }),
    row(&["slug"], "", |ask| done(case::slug(ask.text))),
    row(
        &["sanitize", "strip_ansi", "strip_html"],
        "allow strip_ansi strip_html",
        clean::sanitize,
    ),
    row(&["truncate"], "max_length ellipsis by", layout::truncate),
    row(&["indent"], "spaces", layout::indent),
    row(&["dedent"], "", |ask| done(textwrap::dedent(ask.text))),
    row(&["normalize_whitespace"], "", |ask| {
        done(clean::normalize_whitespace(ask.text))
    }),
    row(&["word_wrap"], "width", layout::word_wrap),
    row(&["prepend"], "", |ask| {
        done(format!("{}{}", ask.need_text("prepend")?, ask.text))
    }),
    row(&["append"], "", |ask| {
        done(format!("{}{}", ask.text, ask.need_text("append")?))
    }),
    row(&["pad"], "width side char", layout::pad),
    row(&["repeat"], "times", layout::repeat),
    row(&["count", "word_count", "analyze"], "", parts::count),
    row(&["pipeline", "transform"], "operations", |_| {
        done(String::new())
    }),
];

/// Names that stand for an operation together with the option that chooses it.
const CASES: &[(&[&str], &str)] = &[
    (&["upper", "uppercase"], "uppercase"),
    (&["lower", "lowercase"], "lowercase"),
    (&["capitalize"], "capitalize"),
    (&["title", "title_case"], "title_case"),
    (&["snake", "snake_case"], "snake_case"),
    (&["kebab", "kebab_case"], "kebab_case"),
    (&["camel", "camel_case"], "camel_case"),
    (&["pascal", "pascal_case"], "pascal_case"),
    (&["constant", "constant_case"], "constant_case"),
    (&["slug"], "slug"),
];
const ACTIONS: &[(&[&str], &str)] = &[
    (&["replace", "regex_replace"], "regex_replace"),
    (&["match", "test"], "match"),
    (&["extract", "find"], "extract"),
    (&["split"], "split"),
];

/// Operations that add `text` to `input`.
const ADDING: &[&str] = &["prepend", "append"];

/// The op itself, by whose schema the steps of a pipeline are checked too.
static OP: LazyLock<Op> = LazyLock::new(op);

pub(super) fn op() -> Op {
    Op::new("text_manipulator", text_manipulator).tool(
        ToolInfo::new("utility")
            .example(
                "Changes the case",
                r#"{"operation": "snake_case", "input": "HelloWorld"}"#,
            )
            .example(
                "Finds all matches",
                r#"{"operation": "extract", "input": "a1 b22", "pattern": "[0-9]+"}"#,
            )
            .timeout(Duration::from_secs(10))
            .operations(&listed())
            .operation_of(told)
            .needs(&without(ADDING), &["input", "text", "options.text"])
            .needs(ADDING, &["input", "options.text"])
            .needs(ADDING, &["text", "options.text"])
            .needs(&["replace"], &["from", "pattern", "options.from"])
            .needs(
                &["regex_replace", "match", "extract"],
                &["pattern", "from", "options.pattern"],
            )
            .needs(&["pad"], &["width", "options.width"])
            .needs(&["repeat"], &["times", "options.times"])
            .needs(&["pipeline"], &["operations", "options.operations"])
            .needs(&["case"], &["format", "options.format"]),
    )
}

/// Returns the operation that a call by `case` or `regex` is, as far as its options tell.
fn told(args: &Value) -> Option<&'static str> {
    let option = |name: &str| {
        let inside = || args.get("options")?.get(name);
        args.get(name).or_else(inside).and_then(Value::as_str)
    };
    let named = args.get("operation").and_then(Value::as_str)?;
    let told = match &*fold(named) {
        "case" => alternative("format", option("format")?, CASES),
        "regex" => alternative("action", option("action").unwrap_or("match"), ACTIONS),
        _ => return None,
    };
    told.ok()
}

/// Declares the operations, and the two names that stand for several of them.
fn operations(schema: &mut Schema) {
    choices(&entries()).transform(schema);
    if let Some(Json::Object(others)) = schema.get_mut(OTHER_CHOICES) {
        others.extend(["case", "regex"].map(|name| (name.to_owned(), name.into())));
    }
}

/// Returns the operations but for these.
fn without(some: &[&str]) -> Vec<&'static str> {
    let listed = listed().into_iter();
    listed.filter(|name| !some.contains(name)).collect()
}

fn entries() -> Vec<&'static [&'static str]> {
    OPERATIONS.iter().map(|operation| operation.names).collect()
}

fn listed() -> Vec<&'static str> {
    OPERATIONS
        .iter()
        .map(|operation| operation.names[0])
        .collect()
}

/// Changes, cuts, searches and measures text: letter case, replacing, regular expressions, splitting and joining,
/// identifiers and slugs, cleaning, layout, counting, and pipelines of these.
///
/// Every option may stand beside `operation` or inside `options`.
#[derive(Deserialize, JsonSchema)]
struct TextManipulator {
    /// What to do.
    #[schemars(transform = operations)]
    operation: String,
    /// The text; `join` takes a list or the JSON text of one.
    #[schemars(extend("type" = ["string", "array"]))]
    input: Option<Value>,
    /// What `prepend` and `append` add; otherwise the same as `input`.
    text: Option<String>,
    /// The options of the operation.
    #[allow(dead_code, reason = "its members are moved up before this is read")]
    #[schemars(extend("type" = "object"))]
    options: Option<Value>,
    /// `replace`: what is replaced.
    from: Option<String>,
    /// `replace`: what takes its place.
    to: Option<String>,
    /// `replace`, `regex_replace`: most replacements; all by default.
    #[schemars(range(min = 0))]
    count: Option<i64>,
    /// `replace`, `split`: whether `from` or `delimiter` is a regular expression.
    #[schemars(extend("default" = false))]
    regex: Option<bool>,
    /// The regular expression of `regex_replace`, `match` and `extract`.
    pattern: Option<String>,
    /// What takes the place of a match; `$1` and `${name}` are its groups.
    replacement: Option<String>,
    /// Flags of the regular expression: `i` any case, `m` lines, `s` dot takes newlines, `x` blanks ignored, `U` lazy.
    flags: Option<String>,
    /// `extract`: number or name of the group; the whole match by default.
    #[schemars(extend("type" = ["integer", "string"]))]
    group: Option<Value>,
    /// `substring`: first character, counted from 0; negative counts from the end.
    #[schemars(extend("default" = 0))]
    start: Option<i64>,
    /// `substring`: the character after the last; negative counts from the end.
    end: Option<i64>,
    /// `substring`: number of characters, instead of `end`.
    #[schemars(range(min = 0))]
    length: Option<i64>,
    /// `split`, `join`: what stands between the parts.
    #[schemars(extend("default" = " "))]
    delimiter: Option<String>,
    /// `split`: most parts; the last takes the rest.
    #[schemars(range(min = 1))]
    limit: Option<i64>,
    /// `sanitize`: which characters stay.
    #[schemars(extend("enum" = ["printable", "ascii", "alnum"], "default" = "printable"))]
    allow: Option<String>,
    /// `sanitize`: whether escape sequences of terminals are removed first.
    #[schemars(extend("default" = false))]
    strip_ansi: Option<bool>,
    /// `sanitize`: whether HTML tags are removed and entities decoded first.
    #[schemars(extend("default" = false))]
    strip_html: Option<bool>,
    /// `truncate`: most characters, the ellipsis included, or most words.
    #[schemars(range(min = 0), extend("default" = 100))]
    max_length: Option<i64>,
    /// `truncate`: what marks the cut.
    #[schemars(extend("default" = "..."))]
    ellipsis: Option<String>,
    /// `truncate`: what `max_length` counts.
    #[schemars(extend("enum" = ["chars", "words"], "default" = "chars"))]
    by: Option<String>,
    /// `indent`: blanks before each line that is not empty.
    #[schemars(range(min = 0, max = 1000), extend("default" = 4))]
    spaces: Option<i64>,
    /// `word_wrap`: longest line, 80 by default; `pad`: wanted length.
    #[schemars(range(min = 1))]
    width: Option<i64>,
    /// `pad`: where the filling goes.
    #[schemars(extend("enum" = ["right", "left", "both"], "default" = "right"))]
    side: Option<String>,
    /// `pad`: the character to fill with.
    #[schemars(extend("default" = " "))]
    char: Option<String>,
    /// `repeat`: how many times.
    #[schemars(range(min = 0))]
    times: Option<i64>,
    /// `case`: which letter case.
    #[schemars(transform = choices(&spellings(CASES)))]
    format: Option<String>,
    /// `regex`: what to do with the pattern.
    #[schemars(transform = choices(&spellings(ACTIONS)))]
    action: Option<String>,
    /// `pipeline`: the steps, each `{operation, options}` or the name of an operation.
    #[schemars(extend("type" = "array", "x-synonyms" = ["transformations", "steps"]))]
    operations: Option<Value>,
}

// The arguments as they came, which the schema of `TextManipulator` has checked; its doc comment is the tool's.
#[derive(Deserialize, JsonSchema)]
#[serde(transparent)]
struct Checked(#[schemars(with = "TextManipulator")] Value);

/// What a verb gets to see.
struct Ask<'a> {
    cx: &'a Cx,
    text: &'a str,
    options: &'a TextManipulator,
    /// The name by which the caller called the operation.
    named: &'a str,
}

impl Ask<'_> {
    fn need_text(&self, operation: &str) -> Result<&str> {
        self.options
            .text
            .as_deref()
            .ok_or_else(|| missing("text_manipulator", operation, "text"))
    }
}

/// What a verb made, beside it what only this operation reports.
#[derive(Debug, Default)]
struct Done {
    result: Value,
    more: Map,
}

impl Done {
    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.more.insert(name, value.into());
        self
    }
}

fn done(result: impl Into<Value>) -> Result<Done> {
    Ok(Done {
        result: result.into(),
        more: Map::new(),
    })
}

async fn text_manipulator(cx: Cx, Checked(args): Checked) -> Result<Outcome> {
    let call = unfold(args)?;
    let size = match &call.args.input {
        Some(Value::Str(text)) => text.len(),
        Some(Value::List(items)) => items.len().saturating_mul(16),
        _ => 0,
    };
    let grows = call.args.operations.is_some()
        || call.args.times.is_some()
        || call.args.width.is_some()
        || call.args.pattern.is_some();
    let effort = if grows {
        size.saturating_add(1 << 20)
    } else {
        size
    };
    stoppable(&cx, effort, move |cx| {
        if let Some(Value::Str(text)) = &call.args.input {
            fits("input", text.len(), MOST_IN)?;
        }
        run(cx, call)
    })
    .await
}

/// Moves the members of `options` to the top, checks them like the others and reads the whole.
///
/// - Errors: `InvalidArgs` for what the schema does not allow, and for an option given twice with different values.
fn unfold(args: Value) -> Result<Given<TextManipulator>> {
    let Value::Map(mut args) = args else {
        return Err(Error::new(
            Kind::InvalidArgs,
            "expected a table of parameters",
        ));
    };
    match args.shift_remove("options") {
        None => {}
        Some(Value::Map(options)) => {
            let own_text = options.contains_key("text") && !args.contains_key("input");
            if own_text && let Some(text) = args.shift_remove("text") {
                args.insert("input", text);
            }
            for (name, value) in options {
                if value.is_null() {
                    continue;
                }
                if matches!(name.as_str(), "operation" | "input" | "options") {
                    let message = format!("'{name}' is not an option");
                    return Err(refused("options", message).misshapen());
                }
                match args.get(&name) {
                    Some(other) if *other != value => {
                        let message = format!("'{name}' and 'options.{name}' differ");
                        return Err(refused("options", message).misshapen());
                    }
                    _ => args.insert(name, value),
                };
            }
        }
        Some(Value::List(items)) if items.is_empty() => {}
        Some(other) => {
            let message = "parameter 'options' must be object";
            return Err(mistyped("options", message, "object", &other));
        }
    }
    let prepared = OP.prepare(Value::Map(args));
    let typed = prepared.and_then(|(args, _)| args.into_typed());
    typed.map_err(Error::misshapen)
}

fn run(cx: &Cx, mut call: Given<TextManipulator>) -> Result<Outcome> {
    let named = named(&mut call.args)?;
    let operation = find(&named)?;
    let name = operation.names[0];
    let a = &mut call.args;
    if a.input.is_none() && !ADDING.contains(&name) {
        a.input = a.text.take().map(Value::Str);
    }
    let input = a
        .input
        .take()
        .ok_or_else(|| missing("text_manipulator", name, "input"))?;
    let original_length = length(&input);
    let mut warnings = Vec::new();
    let done = if name == "pipeline" {
        pipeline(cx, a, input, &mut warnings)?
    } else {
        apply(cx, operation, a, &named, input)?
    };
    if let Value::Str(text) = &done.result {
        fits_out(text.len())?;
    }
    let mut data = Map::from([
        ("result", done.result.clone()),
        ("operation", name.into()),
        ("original_length", original_length),
        ("result_length", length(&done.result)),
    ]);
    data.extend(done.more);
    let outcome = Outcome::new(name, data)
        .message(format!("Applied {name}"))
        .output(done.result);
    let outcome = warnings.into_iter().fold(outcome, Outcome::warning);
    let used = format!("input text options format action {}", operation.used);
    Ok(call.warn(op, &used, outcome))
}

/// Returns the name of the operation, with `case` and `regex` replaced by what their option chooses.
fn named(a: &mut TextManipulator) -> Result<String> {
    let folded = a.operation.trim().to_lowercase().replace('-', "_");
    match folded.as_str() {
        "case" => {
            let format = a.format.as_deref();
            let format = format.ok_or_else(|| missing("text_manipulator", "case", "format"))?;
            Ok(alternative("format", format, CASES)?.to_owned())
        }
        "regex" => {
            let action = a.action.as_deref().unwrap_or("match");
            let operation = alternative("action", action, ACTIONS)?;
            if operation == "split" {
                a.regex = Some(true);
            }
            Ok(operation.to_owned())
        }
        _ => Ok(folded),
    }
}

fn alternative(
    parameter: &'static str,
    given: &str,
    table: &[(&'static [&'static str], &'static str)],
) -> Result<&'static str> {
    let chosen = choose(parameter, given, &spellings(table))?;
    let found = table.iter().find(|(names, _)| names[0] == chosen);
    Ok(found.map_or(chosen, |(_, operation)| operation))
}

fn spellings(table: &[(&'static [&'static str], &'static str)]) -> Vec<&'static [&'static str]> {
    table.iter().map(|(names, _)| *names).collect()
}

fn find(named: &str) -> Result<&'static Operation> {
    let name = choose("operation", named, &entries())?;
    OPERATIONS
        .iter()
        .find(|operation| operation.names[0] == name)
        .ok_or_else(|| refused("operation", format!("unknown operation '{named}'")))
}

fn apply(
    cx: &Cx,
    operation: &Operation,
    a: &TextManipulator,
    named: &str,
    input: Value,
) -> Result<Done> {
    let name = operation.names[0];
    let text = match input {
        Value::Str(text) => text,
        Value::List(items) if name == "join" => return parts::join_items(&items, a),
        Value::Map(map) if name == "join" && map.is_empty() => return parts::join_items(&[], a),
        other => {
            // A value that is no list has become a list of one.
            let given = match &other {
                Value::List(items) if items.len() == 1 && items[0].as_str().is_none() => &items[0],
                other => other,
            };
            let got = given.type_name();
            let message = format!("operation '{name}' needs a text as input, got {got}");
            return Err(mistyped("input", message, "string", given));
        }
    };
    (operation.run)(&Ask {
        cx,
        text: &text,
        options: a,
        named,
    })
}

/// Runs the steps one after the other, each over what the one before made.
fn pipeline(
    cx: &Cx,
    a: &mut TextManipulator,
    mut value: Value,
    warnings: &mut Vec<String>,
) -> Result<Done> {
    let Some(steps) = a.operations.take() else {
        return Err(missing("text_manipulator", "pipeline", "operations"));
    };
    let steps = steps.as_list().map(<[Value]>::to_vec).unwrap_or_default();
    if steps.len() > MOST_STEPS {
        let message = format!(
            "a pipeline has at most {MOST_STEPS} steps, got {}",
            steps.len()
        );
        return Err(Error::new(Kind::Limit, message).with("limit", MOST_STEPS));
    }
    let mut names = Vec::with_capacity(steps.len());
    for (place, step) in steps.into_iter().enumerate() {
        cx.check()?;
        let outcome = step_call(step, value)
            .and_then(|call| run(cx, call))
            .map_err(|error| at_step(error, place + 1))?;
        if let Some(Value::List(more)) = outcome.metadata.get("warnings") {
            let texts = more.iter().filter_map(Value::as_str);
            warnings.extend(texts.map(|text| format!("step {}: {text}", place + 1)));
        }
        names.push(outcome.operation);
        value = outcome.output.unwrap_or_default();
    }
    Ok(done(value)?.with("steps", names))
}

fn step_call(step: Value, input: Value) -> Result<Given<TextManipulator>> {
    let mut step = match step {
        Value::Str(operation) => Map::from([("operation", operation.into())]),
        Value::Map(step) => step,
        other => {
            let message = format!("a step is an object or a name, got {}", other.type_name());
            return Err(refused("operations", message));
        }
    };
    if step.contains_key("input") {
        return Err(refused("operations", "a step takes no 'input'"));
    }
    step.insert("input", input);
    let (step, _) = OP.prepare(Value::Map(step))?;
    unfold(step)
}

fn at_step(error: Error, step: usize) -> Error {
    let mut told = Error::new(error.kind(), format!("step {step}: {}", error.message()));
    for hint in error.hints() {
        told = told.hint(hint);
    }
    told.with("step", step).with("cause", error.to_value())
}

/// Returns the number of characters of a text or items of a list.
fn length(value: &Value) -> Value {
    match value {
        Value::Str(text) => text.chars().count().into(),
        Value::List(items) => items.len().into(),
        _ => Value::Null,
    }
}

/// Checks the size of a result before or after it is made.
fn fits_out(size: usize) -> Result<()> {
    if size <= MOST_OUT {
        return Ok(());
    }
    let message = format!("the result would be larger than the limit of {MOST_OUT} bytes");
    Err(Error::new(Kind::Limit, message).with("limit", MOST_OUT))
}

/// Collects at most as many items as a list may have.
///
/// Finding one item takes linear time, finding all of them may not: the context is asked between them.
fn items<T: Into<Value>>(cx: &Cx, found: impl Iterator<Item = T>) -> Result<Vec<Value>> {
    let found = found.take(MOST_ITEMS + 1);
    let list = found
        .map(|item| cx.check().map(|()| item.into()))
        .collect::<Result<Vec<Value>>>()?;
    if list.len() > MOST_ITEMS {
        let message = format!("the result has more than {MOST_ITEMS} items");
        return Err(Error::new(Kind::Limit, message).with("limit", MOST_ITEMS));
    }
    Ok(list)
}

#[cfg(test)]
mod tests;
