//! `diff_calculator`: compares texts and data, applies patches, merges.

mod edit;
mod json;
mod layout;
mod merge;
mod patch;
mod text;

use std::path::Path;
use std::time::Duration;

use llmspell_core::value::from_json;
use llmspell_core::{Cx, Effect, Level, Map, Op, Outcome, Result, ToolInfo, Value};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::aside::stoppable;
use crate::choice::{choose, choose_or_first};
use crate::param::{Given, choices, fits, is_given, missing, mistyped, names, refused};
use crate::plain::{plain, weight};

/// Longest text that is compared, in bytes.
const MOST_IN: usize = 50 << 20;

const OPERATIONS: &[&[&str]] = &[
    &["diff", "text_diff", "text", "json_diff", "json", "compare"],
    &["apply", "patch"],
    &["merge3", "merge"],
];
const TYPES: &[&[&str]] = &[&["text"], &["json"]];
const FORMATS: &[&[&str]] = &[
    &["unified"],
    &["context"],
    &["inline"],
    &["simple"],
    &["side_by_side"],
    &["html"],
    &["json"],
];
const GRANULARITIES: &[&[&str]] = &[&["line", "lines"], &["word", "words"], &["char", "chars"]];

pub(super) fn op() -> Op {
    Op::new("diff_calculator", diff_calculator)
        .effect_of(|args| match reads(args) {
            true => Effect::Read,
            false => Effect::Pure,
        })
        .tool(
            ToolInfo::new("utility")
                .level_of(|args| match reads(args) {
                    true => Level::Restricted,
                    false => Level::Safe,
                })
                .example(
                    "Compares two texts",
                    r#"{"old_text": "one\ntwo\n", "new_text": "one\n2\n"}"#,
                )
                .example(
                    "Compares two JSON values",
                    r#"{"old_json": {"a": 1}, "new_json": {"a": 2, "b": 3}}"#,
                )
                .timeout(Duration::from_secs(30))
                .operations(&names(OPERATIONS))
                .needs(&["diff"], &["old_text", "old_file", "old_json"])
                .needs(&["diff"], &["new_text", "new_file", "new_json"])
                .needs(&["apply"], &["input"])
                .needs(&["apply"], &["patch"])
                .needs(&["merge3"], &["base_text"])
                .needs(&["merge3"], &["old_text", "old_file"])
                .needs(&["merge3"], &["new_text", "new_file"]),
        )
}

fn reads(args: &Value) -> bool {
    is_given(args, &["old_file", "new_file"])
}

/// Compares two texts or two JSON values, applies patches and merges the changes of two sides.
///
/// `apply` takes a unified diff for a text, a JSON Patch (RFC 6902, a list) or a JSON Merge Patch (RFC 7396, an
/// object) for data. `merge3` merges `old_text` (ours) and `new_text` (theirs), both made from `base_text`.
#[derive(Deserialize, JsonSchema)]
struct DiffCalculator {
    /// What to do.
    #[schemars(transform = choices(OPERATIONS), extend("default" = "diff"))]
    operation: Option<String>,
    /// What is compared or patched; by default the operation's name or the parameters tell.
    #[schemars(rename = "type", transform = choices(TYPES))]
    #[serde(rename = "type")]
    kind: Option<String>,
    /// The text before, or JSON text.
    #[schemars(extend("x-synonyms" = ["left", "old"]))]
    old_text: Option<Value>,
    /// The text after, or JSON text.
    #[schemars(extend("x-synonyms" = ["right", "new"]))]
    new_text: Option<Value>,
    /// The data before.
    old_json: Option<Value>,
    /// The data after.
    new_json: Option<Value>,
    /// File with the text before.
    old_file: Option<String>,
    /// File with the text after.
    new_file: Option<String>,
    /// `merge3`: the text from which both others were made.
    base_text: Option<String>,
    /// `apply`: the text or data to change.
    input: Option<Value>,
    /// `apply`: the patch.
    patch: Option<Value>,
    /// How a difference of texts is shown; `inline` by default if words or characters are compared.
    #[schemars(transform = choices(FORMATS), extend("default" = "unified"))]
    format: Option<String>,
    /// What is compared as a whole.
    #[schemars(transform = choices(GRANULARITIES), extend("default" = "line"))]
    granularity: Option<String>,
    /// Unchanged lines around a change.
    #[schemars(range(min = 0, max = 1_000_000), extend("default" = 3))]
    context_lines: Option<i64>,
    /// Whether differences of white space count as equal.
    #[schemars(extend("default" = false))]
    ignore_whitespace: Option<bool>,
    /// Whether differences of letter case count as equal.
    #[schemars(extend("default" = false))]
    ignore_case: Option<bool>,
    /// Whether added and removed blank lines count as equal.
    #[schemars(extend("default" = false))]
    ignore_blank_lines: Option<bool>,
    /// Name of the text before.
    old_label: Option<String>,
    /// Name of the text after.
    new_label: Option<String>,
    /// How the items of two lists are paired: `index`, `lcs`, or `key:NAME` by the value of a member.
    #[schemars(extend("default" = "index"))]
    array_mode: Option<String>,
    /// Paths that are not compared, such as `a.b[0].c`; `*` stands for any name or index.
    ignore_paths: Option<Vec<String>>,
    /// How much two numbers may differ and count as equal.
    #[schemars(range(min = 0), extend("default" = 0))]
    float_tolerance: Option<f64>,
}

/// What was worked out, before it becomes an outcome.
struct Found {
    data: Map,
    output: Value,
    message: String,
    warnings: Vec<String>,
}

/// Puts the content of a file in place of the text of one side, and its name in place of the label.
async fn read(
    cx: &Cx,
    (parameter, file): (&'static str, &Option<String>),
    text: &mut Option<Value>,
    label: &mut Option<String>,
) -> Result<()> {
    let Some(path) = file.clone() else {
        return Ok(());
    };
    if text.is_some() {
        let message = format!("'{parameter}' and the text of the same side are both given");
        return Err(refused(parameter, message).hint("give one of them"));
    }
    label.get_or_insert_with(|| path.clone());
    let most = Some(MOST_IN as u64);
    let read = cx.files(move |files, _| files.read_text(Path::new(&path), most));
    *text = Some(read.await?.into());
    Ok(())
}

async fn diff_calculator(cx: Cx, mut call: Given<DiffCalculator>) -> Result<Outcome> {
    let a = &mut call.args;
    let old = ("old_file", &a.old_file);
    read(&cx, old, &mut a.old_text, &mut a.old_label).await?;
    let new = ("new_file", &a.new_file);
    read(&cx, new, &mut a.new_text, &mut a.new_label).await?;
    let operation = choose_or_first("operation", call.args.operation.as_deref(), OPERATIONS)?;
    let a = &call.args;
    let sides = [
        &a.old_text,
        &a.new_text,
        &a.old_json,
        &a.new_json,
        &a.input,
        &a.patch,
    ];
    let size = sides.into_iter().flatten().map(weight).sum();
    stoppable(&cx, size, move |cx| {
        let a = &call.args;
        let (used, found) = match operation {
            "diff" if is_json(a)? => (
                "old_text new_text old_file new_file old_json new_json array_mode ignore_paths float_tolerance",
                json::diff(cx, a)?,
            ),
            "diff" => (
                "old_text new_text old_file new_file format granularity context_lines ignore_whitespace ignore_case \
                 ignore_blank_lines old_label new_label",
                text::diff(cx, a)?,
            ),
            "apply" => ("input patch", patch::apply(cx, a)?),
            _ => (
                "base_text old_text new_text old_file new_file old_label new_label",
                merge::merge3(cx, a)?,
            ),
        };
        let outcome = Outcome::new(operation, found.data)
            .message(found.message)
            .output(found.output);
        let outcome = found.warnings.into_iter().fold(outcome, Outcome::warning);
        Ok(call.warn(op, &format!("type {used}"), outcome))
    })
    .await
}

/// Returns whether data is compared: as `type` says, else the operation's name, else the parameters.
fn is_json(a: &DiffCalculator) -> Result<bool> {
    if let Some(kind) = &a.kind {
        return Ok(choose("type", kind, TYPES)? == "json");
    }
    let named = a
        .operation
        .as_deref()
        .unwrap_or_default()
        .trim()
        .to_lowercase();
    if named.starts_with("json") || named.starts_with("text") {
        return Ok(named.starts_with("json"));
    }
    let structured =
        |side: &Option<Value>| side.as_ref().is_some_and(|side| side.as_str().is_none());
    Ok(a.old_json.is_some()
        || a.new_json.is_some()
        || (structured(&a.old_text) && structured(&a.new_text)))
}

/// Returns a text of the call.
fn text_of<'a>(
    operation: &str,
    parameter: &'static str,
    value: Option<&'a Value>,
) -> Result<&'a str> {
    let value = value.ok_or_else(|| missing("diff_calculator", operation, parameter))?;
    let text = value.as_str().ok_or_else(|| {
        let got = value.type_name();
        let message = format!("parameter '{parameter}' must be string, got {got}");
        mistyped(parameter, message, "string", value)
    })?;
    fits(parameter, text.len(), MOST_IN)?;
    Ok(text)
}

/// Returns data of the call; a text that can only be a JSON object or list is parsed.
fn data_of(parameter: &'static str, value: &Value, always_text: bool) -> Result<Value> {
    plain(parameter, value)?;
    match value {
        Value::Str(text) => {
            fits(parameter, text.len(), MOST_IN)?;
            let structured = text.trim_start().starts_with(['{', '[']);
            if always_text || structured {
                return from_json(text).map_err(|error| error.with("parameter", parameter));
            }
            Ok(value.clone())
        }
        value => Ok(value.clone()),
    }
}

#[cfg(test)]
mod tests;
