//! Several tests, one after the other.

use std::time::Duration;

use llmspell_core::{Cx, Error, Kind, Map, Op, Outcome, Result, Value};

use super::trial::attempt;
use super::variables::fill;
use super::{ApiTester, op};
use crate::choice::choose;
use crate::param::{missing, mistyped, refused, within};
use crate::plain::plain;
use crate::web::request::{HttpArgs, HttpOptions};

/// Most tests of a suite.
const MOST: i64 = 1_000;

/// What became of one test.
struct Done {
    data: Map,
    complaint: Option<String>,
}

/// Runs the tests of a suite.
pub(super) async fn run(cx: &Cx, args: &HttpArgs<ApiTester>) -> Result<Outcome> {
    let own = &args.own;
    let requests = own.requests.as_deref();
    let requests = requests.ok_or_else(|| missing("api_tester", "suite", "requests"))?;
    let total = within(
        "requests",
        requests.len().try_into().unwrap_or(i64::MAX),
        1..=MOST,
    )?;
    plain("requests", &Value::List(requests.to_vec()))?;
    let op = op();
    // A wrong parameter is told before anything is sent; variables are not known yet.
    for (place, request) in requests.iter().enumerate() {
        let checked = timed(request.clone()).and_then(|(request, _)| op.prepare(request));
        checked.map_err(|error| within_item(error, place))?;
    }
    let mut variables = Map::new();
    let (mut results, mut complaints) = (Vec::new(), Vec::new());
    for (place, request) in requests.iter().enumerate() {
        cx.check()?;
        let done = one(cx, &op, &args.http, request, &mut variables)
            .await
            .map_err(|error| within_item(error, place))?;
        if let Some(complaint) = done.complaint {
            let name = done
                .data
                .get("name")
                .and_then(Value::as_str)
                .map_or(format!("request {}", place + 1), str::to_owned);
            complaints.push(format!("{name}: {complaint}"));
        }
        results.push(Value::Map(done.data));
        if !complaints.is_empty() && own.stop_on_failure != Some(false) {
            break;
        }
    }
    let (failed, ran) = (complaints.len(), results.len());
    let data = Map::from([
        ("passed", (failed == 0).into()),
        ("total", total.into()),
        ("failed", failed.into()),
        ("skipped", (total - ran).into()),
        ("results", results.into()),
        ("variables", Value::Map(variables)),
    ]);
    let message = match complaints.first() {
        None => format!("{total} of {total} tests passed"),
        Some(first) => format!("{failed} of {total} tests failed: {first}"),
    };
    if failed > 0 && own.fail_on_mismatch == Some(true) {
        return Err(Error::new(Kind::Execution, message).with("data", data));
    }
    Ok(Outcome::new("suite", data)
        .output(failed == 0)
        .message(message))
}

/// Runs one test. What it is refused for by the network, and what fails on the way, is its result.
async fn one(
    cx: &Cx,
    op: &Op,
    shared: &HttpOptions,
    request: &Value,
    variables: &mut Map,
) -> Result<Done> {
    let name = request.get("name").cloned().unwrap_or_default();
    let outcome = async {
        let (filled, limit) = timed(fill(request, variables)?)?;
        let (prepared, _) = op.prepare(filled)?;
        let args: HttpArgs<ApiTester> = prepared.into_typed()?;
        let args = test(args, shared)?;
        attempt(&cx.bounded(limit, None), &args).await
    }
    .await;
    match outcome {
        Ok(trial) => {
            let complaint = (!trial.passed()).then(|| trial.complaint());
            variables.extend(trial.report.variables);
            Ok(Done {
                data: trial.data,
                complaint,
            })
        }
        Err(error) if error.is_misshapen() || error.kind() == Kind::Cancelled => Err(error),
        Err(error) => Ok(Done {
            data: failure(name, &error),
            complaint: Some(error.message().to_owned()),
        }),
    }
}

/// Takes out the limit of a single test.
fn timed(mut request: Value) -> Result<(Value, Option<Duration>)> {
    let Value::Map(members) = &mut request else {
        return Ok((request, None));
    };
    let limit = match members.shift_remove("timeout_ms") {
        None | Some(Value::Null) => None,
        Some(given) => {
            let ms = given.as_int().ok_or_else(|| {
                let got = given.type_name();
                let message = format!("parameter 'timeout_ms' must be integer, got {got}");
                mistyped("timeout_ms", message, "integer", &given)
            })?;
            Some(Duration::from_millis(
                within("timeout_ms", ms, 1..=3_600_000)? as u64,
            ))
        }
    };
    Ok((request, limit))
}

fn failure(name: Value, error: &Error) -> Map {
    let failure = Map::from([
        ("check", "request".into()),
        ("expected", "an answer".into()),
        ("actual", error.kind().name().into()),
        ("message", error.message().into()),
    ]);
    Map::from([
        ("name", name),
        ("passed", false.into()),
        ("failures", vec![Value::Map(failure)].into()),
        ("checks", 0.into()),
        ("error", error.message().into()),
        ("error_kind", error.kind().name().into()),
    ])
}

/// Gives a test what the suite says for all of them.
fn test(args: HttpArgs<ApiTester>, shared: &HttpOptions) -> Result<HttpArgs<ApiTester>> {
    if let Some(operation) = &args.own.operation {
        let operation = choose("operation", operation, super::OPERATIONS)?;
        if operation != "test" {
            return Err(refused(
                "requests",
                format!("a suite has tests, no '{operation}'"),
            ));
        }
    }
    Ok(HttpArgs {
        own: args.own,
        http: args.http.or(shared.clone()),
    })
}

/// Says which item of the list an error is about.
fn within_item(error: Error, place: usize) -> Error {
    let message = format!("requests[{place}]: {}", error.message());
    let mut placed =
        Error::new(error.kind(), message).with("parameter", format!("requests[{place}]"));
    for hint in error.hints() {
        placed = placed.hint(hint.clone());
    }
    match error.is_misshapen() || error.kind() == Kind::InvalidArgs {
        true => placed.misshapen(),
        false => placed,
    }
}
