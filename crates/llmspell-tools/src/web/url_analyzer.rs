//! `url_analyzer`: URLs taken apart, put together and compared.

mod anatomy;
mod build;
mod normal;
mod target;

use std::collections::BTreeMap;

use llmspell_core::{Cx, Effect, Level, Map, Op, Outcome, Result, ToolInfo, Value};
use schemars::JsonSchema;
use serde::Deserialize;
use url::Url;

use self::anatomy::{take_apart, without_password};
use super::request::{HttpArgs, HttpOptions};
use crate::choice::choose_or_first;
use crate::param::{Given, choices, fits, missing, names, refused, whether};

const OPERATIONS: &[&[&str]] = &[
    &["analyze", "validate"],
    &["build"],
    &["join"],
    &["normalize"],
    &["compare"],
];

/// Longest URL, in bytes.
const MAX_URL: usize = 1 << 20;

pub(super) fn op() -> Op {
    Op::new("url_analyzer", url_analyzer)
        .effect_of(|args| match fetches(args) {
            true => Effect::Read,
            false => Effect::Pure,
        })
        .tool(
            ToolInfo::new("web")
                .level_of(|args| match fetches(args) {
                    true => Level::Restricted,
                    false => Level::Safe,
                })
                .example(
                    "Takes an address apart",
                    r#"{"input": "https://user@www.example.co.uk:8443/a/b.html?x=1#top"}"#,
                )
                .timeout(target::LIMIT)
                .operations(&names(OPERATIONS))
                .needs(&["analyze", "join", "normalize", "compare"], &["input"])
                .needs(&["build"], &["parts"])
                .needs(&["join"], &["base", "with"])
                .needs(&["compare"], &["with"]),
        )
}

/// Takes URLs apart, builds, joins, normalises and compares them, and looks at their targets if asked.
///
/// Text that is no URL is an answer, not an error: `valid` is false and `reason` says why. Passwords in URLs are never
/// in the result.
#[derive(Default, Deserialize, JsonSchema)]
struct UrlAnalyzer {
    /// What to do.
    #[schemars(transform = choices(OPERATIONS), extend("default" = "analyze"))]
    operation: Option<String>,
    /// The URL; for `join`, the one that is relative to `base`; for `build`, the one whose parts are replaced.
    #[schemars(extend("x-synonyms" = ["url"]))]
    input: Option<String>,
    /// The URL that `input` is relative to.
    base: Option<String>,
    /// The other URL: what to compare with, or what to join to `input`.
    with: Option<String>,
    /// What to build from: `scheme` (https), `host`, `port`, `path`, `query` (text or object), `fragment`.
    #[schemars(with = "Option<BTreeMap<String, Value>>")]
    parts: Option<Map>,
    /// Whether the target is asked what it is, by HEAD; redirects are not followed.
    #[schemars(extend("default" = false))]
    fetch_metadata: Option<bool>,
    /// Whether percent signs and `+` in the query are decoded.
    #[schemars(extend("default" = true))]
    decode_params: Option<bool>,
    /// Whether `normalize` removes `utm_*`, `gclid`, `fbclid` and the like.
    #[schemars(extend("default" = false))]
    strip_tracking: Option<bool>,
}

fn fetches(args: &Value) -> bool {
    args.get("fetch_metadata").map(whether) == Some(true.into())
}

async fn url_analyzer(cx: Cx, call: Given<HttpArgs<UrlAnalyzer>>) -> Result<Outcome> {
    let a = &call.args.own;
    let operation = choose_or_first("operation", a.operation.as_deref(), OPERATIONS)?;
    for (name, text) in [("input", &a.input), ("base", &a.base), ("with", &a.with)] {
        fits(name, text.as_ref().map_or(0, String::len), MAX_URL)?;
    }
    let (used, outcome) = match operation {
        "analyze" => (
            "input base fetch_metadata decode_params headers auth query follow_redirects max_redirects retry user_agent max_bytes",
            analyze(&cx, a, &call.args.http).await?,
        ),
        "build" => ("input parts", url_outcome(operation, &build(a)?)),
        "join" => ("input base with", url_outcome(operation, &join(a)?)),
        "normalize" => (
            "input base strip_tracking",
            url_outcome(operation, &normalize(a)?),
        ),
        _ => ("input with base", compare(a)?),
    };
    Ok(call.warn(op, used, outcome))
}

async fn analyze(cx: &Cx, a: &UrlAnalyzer, http: &HttpOptions) -> Result<Outcome> {
    let text = input(a, "analyze")?;
    let parsed = parse(a, text)?;
    let anatomy = take_apart(text, parsed.as_ref(), a.decode_params.unwrap_or(true));
    let output = Value::from(anatomy.normalized.clone());
    let mut data = Value::from_serialize(&anatomy)?;
    let mut message = match (&parsed, &anatomy.normalized) {
        (Ok(_), Some(normalized)) => format!("The URL is valid: {normalized}"),
        _ => "The text is not a valid URL".to_owned(),
    };
    let mut metadata = Map::new();
    if let (Some(true), Ok(url), Value::Map(data)) = (a.fetch_metadata, &parsed, &mut data) {
        match target::look(cx, http, url).await {
            Ok(answer) => {
                data.insert("metadata", target::metadata(&answer));
                metadata = answer.metadata();
            }
            Err(error) => {
                cx.check()?;
                message = format!(
                    "The URL is valid, its target cannot be looked at: {}",
                    error.message()
                );
                data.insert("metadata_error", error.message().into());
            }
        }
    }
    let mut outcome = Outcome::new("analyze", data).output(output);
    outcome.metadata = metadata;
    Ok(outcome.message(message))
}

/// Parses a URL, relative to `base` if that is given.
///
/// - Errors: `InvalidArgs` if `base` is no URL; the inner one for the text itself.
fn parse(a: &UrlAnalyzer, text: &str) -> Result<Result<Url, url::ParseError>> {
    let base = a
        .base
        .as_deref()
        .map(|base| url("base", base))
        .transpose()?;
    Ok(Url::options().base_url(base.as_ref()).parse(text))
}

fn url(parameter: &'static str, text: &str) -> Result<Url> {
    Url::parse(text).map_err(|cause| invalid(parameter, text, cause))
}

fn invalid(parameter: &'static str, text: &str, cause: url::ParseError) -> llmspell_core::Error {
    let text: String = without_password(text).chars().take(200).collect();
    refused(
        parameter,
        format!("parameter '{parameter}' is not a URL: {cause}"),
    )
    .with("got", text)
}

fn input<'a>(a: &'a UrlAnalyzer, operation: &str) -> Result<&'a str> {
    let input = a.input.as_deref();
    input.ok_or_else(|| missing("url_analyzer", operation, "input"))
}

fn build(a: &UrlAnalyzer) -> Result<Url> {
    let parts = a
        .parts
        .as_ref()
        .ok_or_else(|| missing("url_analyzer", "build", "parts"))?;
    let start = a
        .input
        .as_deref()
        .map(|text| url("input", text))
        .transpose()?;
    build::build(start, parts)
}

fn join(a: &UrlAnalyzer) -> Result<Url> {
    let text = input(a, "join")?;
    let (base, relative) = match (&a.base, &a.with) {
        (Some(base), _) => (("base", base.as_str()), ("input", text)),
        (None, Some(with)) => (("input", text), ("with", with.as_str())),
        (None, None) => return Err(missing("url_analyzer", "join", "base")),
    };
    let joined = url(base.0, base.1)?.join(relative.1);
    let joined = joined.map_err(|cause| {
        let (parameter, text) = match cause {
            url::ParseError::RelativeUrlWithCannotBeABaseBase => base,
            _ => relative,
        };
        invalid(parameter, text, cause)
    })?;
    Ok(normal::normalized(&joined))
}

fn normalize(a: &UrlAnalyzer) -> Result<Url> {
    let text = input(a, "normalize")?;
    let mut url = parse(a, text)?.map_err(|cause| invalid("input", text, cause))?;
    if a.strip_tracking == Some(true) {
        normal::strip_tracking(&mut url);
    }
    Ok(normal::normalized(&url))
}

fn url_outcome(operation: &str, url: &Url) -> Outcome {
    let data = Map::from([("url", url.as_str().into())]);
    Outcome::new(operation, data)
        .output(url.as_str())
        .message(format!("The URL is {url}"))
}

fn compare(a: &UrlAnalyzer) -> Result<Outcome> {
    let text = input(a, "compare")?;
    let with = a
        .with
        .as_deref()
        .ok_or_else(|| missing("url_analyzer", "compare", "with"))?;
    let left = parse(a, text)?.map_err(|cause| invalid("input", text, cause))?;
    let right = parse(a, with)?.map_err(|cause| invalid("with", with, cause))?;
    let (left, right) = (normal::with_password(&left), normal::with_password(&right));
    let differences = differences(&left, &right);
    let equal = left == right;
    let message = match (equal, differences.len()) {
        (true, _) => "The URLs are equal".to_owned(),
        (false, 1) => "The URLs differ in one part".to_owned(),
        (false, count) => format!("The URLs differ in {count} parts"),
    };
    let data = Map::from([
        ("equal", equal.into()),
        ("same_origin", (left.origin() == right.origin()).into()),
        ("differences", differences.into_iter().collect()),
    ]);
    Ok(Outcome::new("compare", data).output(equal).message(message))
}

/// Returns the parts that differ, with their values, except those of passwords.
fn differences(left: &Url, right: &Url) -> Vec<Value> {
    let parts = |url: &Url| -> [(&'static str, Value); 7] {
        [
            ("scheme", url.scheme().into()),
            ("username", url.username().into()),
            ("host", url.host_str().map(str::to_owned).into()),
            ("port", url.port_or_known_default().into()),
            ("path", url.path().into()),
            ("query", url.query().map(str::to_owned).into()),
            ("fragment", url.fragment().map(str::to_owned).into()),
        ]
    };
    let both = parts(left).into_iter().zip(parts(right));
    let mut found: Vec<Value> = both
        .filter(|(left, right)| left != right)
        .map(|((part, left), (_, right))| difference(part, Some((left, right))))
        .collect();
    if left.password() != right.password() {
        found.push(difference("password", None));
    }
    found
}

fn difference(part: &str, values: Option<(Value, Value)>) -> Value {
    let mut difference = Map::from([("part", part.into())]);
    if let Some((input, with)) = values {
        difference.insert("input", input);
        difference.insert("with", with);
    }
    Value::Map(difference)
}

#[cfg(test)]
mod tests;
