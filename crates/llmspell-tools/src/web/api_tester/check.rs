//! Whether an answer is as it should be. Runs in the worker: queries and schemas are foreign input.

use llmspell_core::{Cx, Kind, Map, Result, Value};
use regex::RegexBuilder;
use serde::{Deserialize, Serialize};

use super::{ApiTester, LIMIT};
use crate::data::json_processor::evaluate;
use crate::param::{refused, within};
use crate::plain::plain;
use crate::schema::violations;
use crate::web::expected::Expected;
use crate::worker;

pub(super) const JOB: &str = "api_tester.check";

/// Largest compiled pattern, in bytes.
const PATTERN_BYTES: usize = 1 << 20;

/// Most violations of a schema that are told.
const MOST_VIOLATIONS: usize = 10;

const OPERATORS: &[&str] = &[
    "equals",
    "not_equals",
    "contains",
    "matches",
    "exists",
    "type",
    "greater",
    "less",
];
const TYPES: &[&str] = &[
    "null", "boolean", "number", "integer", "string", "array", "object",
];

/// What an answer has to be like, as the parameters say.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Wanted {
    status: Option<Value>,
    headers: Option<Map>,
    body: Option<Value>,
    assertions: Option<Vec<Value>>,
    schema: Option<Value>,
    max_duration_ms: Option<i64>,
    extract: Option<Map>,
}

/// What the checks look at.
#[derive(Serialize, Deserialize)]
pub(super) struct Seen {
    pub(super) status: u16,
    pub(super) headers: Value,
    /// The body, as a value if it is JSON.
    pub(super) body: Value,
    /// The body as text.
    pub(super) text: String,
    pub(super) duration_ms: f64,
}

/// What the checks found.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Report {
    pub(super) checks: usize,
    pub(super) failures: Vec<Failure>,
    pub(super) variables: Map,
}

/// A check that failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Failure {
    pub(super) check: String,
    pub(super) expected: Value,
    pub(super) actual: Value,
    pub(super) message: String,
}

#[derive(Serialize, Deserialize)]
struct Request {
    wanted: Wanted,
    seen: Option<Seen>,
}

impl Wanted {
    pub(super) fn of(own: &ApiTester) -> Result<Self> {
        let wanted = Self {
            status: own.expected_status.clone(),
            headers: own.expected_headers.clone(),
            body: own.expected_body.clone(),
            assertions: own.assertions.clone(),
            schema: own.expected_schema.clone(),
            max_duration_ms: own.max_duration_ms,
            extract: own.extract.clone(),
        };
        for (name, value) in [
            ("expected_headers", wanted.headers.clone().map(Value::Map)),
            ("expected_body", wanted.body.clone()),
            ("assertions", wanted.assertions.clone().map(Value::List)),
            ("expected_schema", wanted.schema.clone()),
        ] {
            plain(name, &value.unwrap_or_default())?;
        }
        if let Some(most) = wanted.max_duration_ms {
            within("max_duration_ms", most, 0..=i64::MAX)?;
        }
        Ok(wanted)
    }

    /// Returns the statuses that are right, if the parameters say.
    pub(super) fn statuses(&self) -> Result<Option<Expected>> {
        self.status.as_ref().map(Expected::read).transpose()
    }

    /// Checks that the checks themselves make sense, before anything is sent.
    pub(super) async fn sound(&self, cx: &Cx) -> Result<()> {
        self.ask(cx, None).await.map(drop)
    }

    /// Checks an answer.
    pub(super) async fn check(&self, cx: &Cx, seen: Seen) -> Result<Report> {
        self.ask(cx, Some(seen)).await
    }

    async fn ask(&self, cx: &Cx, seen: Option<Seen>) -> Result<Report> {
        if *self == Self::default() {
            return Ok(Report::default());
        }
        let wanted = self.clone();
        let request = Value::from_serialize(&Request { wanted, seen })?;
        worker::run(cx, JOB, request, LIMIT).await?.into_typed()
    }
}

pub(super) fn run_job(request: Value) -> Result<Value> {
    let Request { wanted, seen } = request.into_typed()?;
    let mut checking = Checking {
        seen,
        report: Report::default(),
    };
    checking.status(&wanted)?;
    checking.headers(&wanted)?;
    checking.body(&wanted);
    checking.schema(&wanted)?;
    checking.duration(&wanted);
    for assertion in wanted.assertions.iter().flatten() {
        checking.assertion(assertion)?;
    }
    for (name, query) in wanted.extract.iter().flatten() {
        checking.extract(name, query)?;
    }
    Value::from_serialize(&checking.report)
}

/// An answer under examination; without an answer, only the checks themselves are.
struct Checking {
    seen: Option<Seen>,
    report: Report,
}

impl Checking {
    /// Counts a check; `failed` says what is wrong, if something is.
    fn note(
        &mut self,
        check: impl Into<String>,
        expected: Value,
        actual: Value,
        failed: Option<String>,
    ) {
        self.report.checks += 1;
        if let Some(message) = failed {
            let check = check.into();
            let message = format!("{check}: {message}");
            self.report.failures.push(Failure {
                check,
                expected,
                actual,
                message,
            });
        }
    }

    fn status(&mut self, wanted: &Wanted) -> Result<()> {
        let (Some(expected), Some(seen)) = (wanted.statuses()?, &self.seen) else {
            return Ok(());
        };
        let status = seen.status;
        let failed = (!expected.has(status)).then(|| format!("expected {expected}, got {status}"));
        self.note("status", expected.to_string().into(), status.into(), failed);
        Ok(())
    }

    fn headers(&mut self, wanted: &Wanted) -> Result<()> {
        for (name, want) in wanted.headers.iter().flatten() {
            let pattern = match want {
                Value::Map(map) => Some(header_pattern(name, map)?),
                _ => None,
            };
            let Some(seen) = &self.seen else { continue };
            let actual = seen
                .headers
                .get(&name.to_lowercase())
                .cloned()
                .unwrap_or_default();
            let texts: Vec<&str> = match &actual {
                Value::List(items) => items.iter().filter_map(Value::as_str).collect(),
                one => one.as_str().into_iter().collect(),
            };
            let fits = match (want, &pattern) {
                (_, Some(pattern)) => texts.iter().any(|text| pattern.is_match(text)),
                (Value::Null, _) => actual.is_null(),
                (want, _) => {
                    let want = plain_text(want);
                    texts.iter().any(|text| *text == want)
                }
            };
            let failed = (!fits).then(|| format!("expected {want:.60}, got {actual:.60}"));
            self.note(format!("header {name}"), want.clone(), actual, failed);
        }
        Ok(())
    }

    fn body(&mut self, wanted: &Wanted) {
        let (Some(expected), Some(seen)) = (&wanted.body, &self.seen) else {
            return;
        };
        let (fits, verb) = match expected {
            Value::Str(part) => (seen.text.contains(part.as_str()), "to contain "),
            other => (same(other, &seen.body), ""),
        };
        let actual = seen.body.clone();
        let failed = (!fits).then(|| format!("expected {verb}{expected:.60}, got {actual:.60}"));
        self.note("body", expected.clone(), actual, failed);
    }

    fn schema(&mut self, wanted: &Wanted) -> Result<()> {
        let Some(schema) = &wanted.schema else {
            return Ok(());
        };
        let Some(seen) = &self.seen else {
            return violations(schema, &Value::Null, 1).map(drop);
        };
        let found = violations(schema, &seen.body, MOST_VIOLATIONS)?;
        if found.is_empty() {
            self.note("schema", Value::Null, Value::Null, None);
        }
        for (place, violation) in found.into_iter().enumerate() {
            let (path, message) = (&violation.path, &violation.message);
            let message = format!(
                "{}: {message}",
                if path.is_empty() { "the body" } else { path }
            );
            self.note(
                "schema",
                violation.schema_path.into(),
                violation.value,
                Some(message),
            );
            // It is one check, however much it found.
            self.report.checks -= usize::from(place > 0);
        }
        Ok(())
    }

    fn duration(&mut self, wanted: &Wanted) {
        let (Some(most), Some(seen)) = (wanted.max_duration_ms, &self.seen) else {
            return;
        };
        let took = seen.duration_ms;
        let failed =
            (took > most as f64).then(|| format!("expected at most {most} ms, took {took:.0} ms"));
        self.note("duration", most.into(), took.into(), failed);
    }

    fn assertion(&mut self, assertion: &Value) -> Result<()> {
        let map = assertion
            .as_map()
            .ok_or_else(|| wrong("an assertion must be an object"))?;
        let path = map.get("path").and_then(Value::as_str);
        let path = path.ok_or_else(|| wrong("an assertion needs a 'path': jq, or $.path"))?;
        let operators = map.iter().filter(|(name, _)| *name != "path");
        let mut count = 0;
        let input = self.seen.as_ref().map(|seen| &seen.body);
        let found = evaluate(path, input).map(one);
        // A filter that fails on this body is a failed check; one that does not compile, or end, is a wrong parameter.
        let (found, problem) = match found {
            Ok(found) => (found, None),
            Err(error) if input.is_some() && error.kind() != Kind::Limit => {
                (None, Some(error.message().to_owned()))
            }
            Err(error) => return Err(error),
        };
        for (operator, expected) in operators {
            count += 1;
            let judged = judge(operator, expected, found.as_ref())?;
            if self.seen.is_none() {
                continue;
            }
            let actual = found.clone().unwrap_or_default();
            let failed = match (&problem, judged) {
                (Some(problem), _) => Some(problem.clone()),
                (None, false) => Some(format!(
                    "expected {operator} {expected:.60}, got {actual:.60}"
                )),
                (None, true) => None,
            };
            self.note(path, expected.clone(), actual, failed);
        }
        match count {
            0 => Err(wrong(format!(
                "the assertion of '{path}' says nothing: give one of {}",
                OPERATORS.join(", ")
            ))),
            _ => Ok(()),
        }
    }

    fn extract(&mut self, name: &str, query: &Value) -> Result<()> {
        let query = query.as_str().ok_or_else(|| {
            refused(
                "extract",
                format!("extract.{name} must be jq, got {}", query.type_name()),
            )
            .misshapen()
        })?;
        let Some(seen) = &self.seen else {
            return evaluate(query, None).map(drop);
        };
        let check = format!("extract {name}");
        match evaluate(query, Some(&seen.body)).map(one) {
            Ok(Some(value)) if !value.is_null() => {
                self.report.variables.insert(name, value);
            }
            Err(error) if error.kind() == Kind::Limit => return Err(error),
            Ok(_) => self.note(
                check,
                query.into(),
                Value::Null,
                Some(format!("{query} gave nothing")),
            ),
            Err(error) => self.note(
                check,
                query.into(),
                Value::Null,
                Some(error.message().to_owned()),
            ),
        }
        Ok(())
    }
}

fn wrong(message: impl Into<String>) -> llmspell_core::Error {
    refused("assertions", message.into())
}

fn one(mut results: Vec<Value>) -> Option<Value> {
    match results.len() {
        0 => None,
        1 => results.pop(),
        _ => Some(Value::List(results)),
    }
}

/// Compares numbers by what they are worth.
fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Int(_) | Value::Float(_), Value::Int(_) | Value::Float(_)) => {
            left == right || left.as_float() == right.as_float()
        }
        (Value::List(left), Value::List(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right)
                    .all(|(left, right)| same(left, right))
        }
        (Value::Map(left), Value::Map(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .all(|(name, left)| right.get(name).is_some_and(|right| same(left, right)))
        }
        // What a script cannot tell apart.
        (Value::List(list), Value::Map(map)) | (Value::Map(map), Value::List(list)) => {
            list.is_empty() && map.is_empty()
        }
        (left, right) => left == right,
    }
}

fn judge(operator: &str, expected: &Value, found: Option<&Value>) -> Result<bool> {
    let none = Value::Null;
    let actual = found.unwrap_or(&none);
    Ok(match operator {
        "equals" => same(expected, actual),
        "not_equals" => !same(expected, actual),
        "contains" => contains(actual, expected),
        "matches" => {
            let pattern = expected
                .as_str()
                .ok_or_else(|| wrong("'matches' must be a regular expression"))?;
            pattern_of(pattern)?.is_match(&plain_text(actual))
        }
        "exists" => {
            let wanted = expected
                .as_bool()
                .ok_or_else(|| wrong("'exists' must be true or false"))?;
            wanted != actual.is_null()
        }
        "type" => {
            let wanted = expected.as_str().unwrap_or_default();
            if !TYPES.contains(&wanted) {
                return Err(wrong(format!(
                    "'type' must be one of: {}",
                    TYPES.join(", ")
                )));
            }
            let own = actual.type_name();
            own == wanted
                || own == "integer" && wanted == "number"
                || wanted == "integer" && actual.as_int().is_some()
        }
        "greater" => ordered(actual, expected)?.is_some_and(std::cmp::Ordering::is_gt),
        "less" => ordered(actual, expected)?.is_some_and(std::cmp::Ordering::is_lt),
        other => {
            let message = format!(
                "unknown operator '{other}', expected one of: {}",
                OPERATORS.join(", ")
            );
            let error = wrong(message).misshapen();
            return Err(
                match llmspell_core::nearest(other, OPERATORS.iter().copied()).first() {
                    Some(near) => error.hint(format!("did you mean '{near}'?")),
                    None => error,
                },
            );
        }
    })
}

fn contains(actual: &Value, expected: &Value) -> bool {
    match (actual, expected) {
        (Value::Str(text), part) => text.contains(&plain_text(part)),
        (Value::List(items), item) => items.iter().any(|own| same(own, item)),
        (Value::Map(members), Value::Str(name)) => members.contains_key(name.as_str()),
        (Value::Map(members), Value::Map(part)) => part
            .iter()
            .all(|(name, value)| members.get(name).is_some_and(|own| same(own, value))),
        _ => false,
    }
}

/// Compares numbers, or texts; what is neither has no order.
fn ordered(actual: &Value, expected: &Value) -> Result<Option<std::cmp::Ordering>> {
    match (actual, expected) {
        (actual, Value::Int(_) | Value::Float(_)) => {
            Ok(match (actual.as_float(), expected.as_float()) {
                (Some(actual), Some(expected)) => actual.partial_cmp(&expected),
                _ => None,
            })
        }
        (Value::Str(actual), Value::Str(expected)) => Ok(Some(actual.cmp(expected))),
        (_, Value::Str(_)) => Ok(None),
        _ => Err(wrong(
            "'greater' and 'less' compare with a number or a text",
        )),
    }
}

fn header_pattern(name: &str, map: &Map) -> Result<regex::Regex> {
    let pattern = map
        .get("matches")
        .and_then(Value::as_str)
        .filter(|_| map.len() == 1);
    let pattern = pattern.ok_or_else(|| {
        refused(
            "expected_headers",
            format!("expected_headers.{name} must be a text, null or {{matches}}"),
        )
    })?;
    pattern_of(pattern)
}

fn pattern_of(pattern: &str) -> Result<regex::Regex> {
    let built = RegexBuilder::new(pattern)
        .size_limit(PATTERN_BYTES)
        .dfa_size_limit(PATTERN_BYTES)
        .build();
    built.map_err(|cause| wrong(format!("'{pattern:.60}' is no regular expression")).source(cause))
}

fn plain_text(value: &Value) -> String {
    match value {
        Value::Str(text) => text.clone(),
        other => llmspell_core::value::to_json(other),
    }
}
