//! What a hook answers.

use std::time::Duration;

use llmspell_core::value::to_json;
use llmspell_core::{Error, Map, Result, Value, bail, error};

use super::point::{Nature, Point};

/// Most operations that one answer may start.
const MOST_FORKS: usize = 16;

/// What a hook answers.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Nothing is changed.
    Continue,
    /// These members of the data are replaced.
    Modified(Map),
    /// The operation is stopped.
    Cancel(Option<String>),
    /// Another target runs instead.
    Redirect(String),
    /// This is the result.
    Replace(Value),
    /// Once more, after a pause.
    Retry(Box<Again>),
    /// Further operations are started.
    Fork(Vec<Branch>),
    /// The result is taken from the cache or stored there.
    Cache(Box<Cached>),
    /// The operation is left out.
    Skipped(Option<String>),
}

/// How a hook wants an operation repeated.
#[derive(Clone, Debug, PartialEq)]
pub struct Again {
    /// The pause before the next attempt.
    pub delay: Duration,
    /// Whether the pause doubles from attempt to attempt.
    pub grows: bool,
    /// Attempts in all.
    pub max_attempts: u32,
    /// Which part of the pause is left to chance, 0 to 1.
    pub jitter: f64,
    /// The result when all attempts failed.
    pub fallback: Option<Value>,
}

impl Again {
    /// Returns why an operation is not tried again after so many attempts.
    pub(crate) fn given_up(attempts: u32) -> String {
        let noun = if attempts == 1 { "attempt" } else { "attempts" };
        format!("gave up after {attempts} {noun}")
    }
}

/// An operation that runs beside.
#[derive(Clone, Debug, PartialEq)]
pub struct Branch {
    /// Its name in the result.
    pub id: String,
    /// `tool:NAME` or `agent:NAME`.
    pub operation: String,
    /// Its parameters.
    pub parameters: Value,
}

/// What a hook wants cached.
#[derive(Clone, Debug, PartialEq)]
pub struct Cached {
    /// By which it is found.
    pub key: String,
    /// How long it is valid.
    pub ttl: Duration,
    /// What is stored, if not the result of the operation.
    pub result: Option<Value>,
}

impl Answer {
    /// Returns the name that scripts use.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Continue => "continue",
            Self::Modified(_) => "modified",
            Self::Cancel(_) => "cancel",
            Self::Redirect(_) => "redirect",
            Self::Replace(_) => "replace",
            Self::Retry(_) => "retry",
            Self::Fork(_) => "fork",
            Self::Cache(_) => "cache",
            Self::Skipped(_) => "skipped",
        }
    }

    /// Returns whether the answer makes sense at a point.
    pub fn suits(&self, point: &Point) -> bool {
        match point.nature() {
            Nature::Before | Nature::After | Nature::Failed => true,
            Nature::Veto => matches!(
                self,
                Self::Continue | Self::Modified(_) | Self::Cancel(_) | Self::Fork(_)
            ),
            Nature::Notice => matches!(self, Self::Continue | Self::Fork(_)),
        }
    }

    /// Returns the names of the answers that make sense at a point where not all do.
    pub(super) fn sense(point: &Point) -> &'static str {
        match point.nature() {
            Nature::Veto => "continue, modified, cancel and fork",
            _ => "continue and fork",
        }
    }

    /// Reads what a function returned.
    ///
    /// - Errors: `InvalidArgs` for an answer without what it needs, and for what is no data.
    pub fn read(returned: Value) -> Result<Self> {
        let function = returned.function_path();
        let members = match returned {
            Value::Str(word) => {
                return Ok(match word.as_str() {
                    "continue" => Self::Continue,
                    "skip" | "skipped" => Self::Skipped(None),
                    _ => Self::Cancel(Some(word).filter(|reason| !reason.is_empty())),
                });
            }
            // A text that is no UTF-8 is a text nevertheless.
            Value::Bytes(reason) => {
                let reason = String::from_utf8_lossy(&reason).into_owned();
                return Ok(Self::Cancel(Some(reason)));
            }
            Value::Map(members) => members,
            Value::Function(_) => return Err(no_answer("a function")),
            Value::Handle(handle) => {
                return Err(no_answer(&format!("a handle of kind {}", handle.kind)));
            }
            _ => return Ok(Self::Continue),
        };
        let kind = members.get("type").or_else(|| members.get("action"));
        let kind = kind.and_then(Value::as_str).unwrap_or_default().to_owned();
        let answer = Self::of_kind(&kind, members)?;
        match function {
            Some(path) if answer.has_data() => bail!(
                InvalidArgs,
                "the answer '{kind}' holds a function at '{}'",
                path.trim_start_matches('.')
            ),
            _ => Ok(answer),
        }
    }

    fn of_kind(kind: &str, members: Map) -> Result<Self> {
        match kind {
            "continue" => Ok(Self::Continue),
            "modified" | "modify" => Self::modified(members),
            "cancel" | "cancelled" => Ok(Self::Cancel(text(&members, "reason"))),
            "skip" | "skipped" => Ok(Self::Skipped(text(&members, "reason"))),
            "redirect" => match text(&members, "target") {
                Some(target) => Ok(Self::Redirect(target)),
                None => bail!(InvalidArgs, "the answer 'redirect' needs a `target`"),
            },
            "replace" | "replaced" => Ok(Self::Replace(taken(members, &["data", "result"]))),
            "retry" => Ok(Self::Retry(Box::new(again(&members)?))),
            "fork" => Ok(Self::Fork(branches(members)?)),
            "cache" => Ok(Self::Cache(Box::new(cached(members)?))),
            "" => Self::of_step(members),
            unknown => {
                tracing::warn!(target: "llmspell::hook", "a hook answered with the unknown type '{unknown}'");
                Ok(Self::Continue)
            }
        }
    }

    /// Returns whether the answer brings values of its own, which others will see.
    fn has_data(&self) -> bool {
        !matches!(
            self,
            Self::Continue | Self::Cancel(_) | Self::Redirect(_) | Self::Skipped(_)
        )
    }

    fn modified(members: Map) -> Result<Self> {
        match taken(members, &["data", "modified_data", "modifiedData"]) {
            Value::Map(data) => Ok(Self::Modified(data)),
            Value::Null => bail!(InvalidArgs, "the answer 'modified' needs `data`"),
            other => bail!(
                InvalidArgs,
                "`data` of the answer 'modified' must be a table, got {}",
                other.type_name()
            ),
        }
    }

    /// Reads `{continue_execution, state_updates, retry_step}`, the answer of hooks of workflow steps.
    fn of_step(members: Map) -> Result<Self> {
        let says = |name: &str| members.get(name).and_then(Value::as_bool);
        if says("retry_step") == Some(true) {
            return Ok(Self::Retry(Box::new(again(&Map::new())?)));
        }
        Ok(
            match (says("continue_execution"), members.get("state_updates")) {
                (Some(false), _) => Self::Cancel(text(&members, "reason")),
                (_, Some(Value::Map(updates))) if !updates.is_empty() => {
                    let updates = ("state_updates", updates.clone().into());
                    Self::Modified(Map::from_iter([updates]))
                }
                _ => Self::Continue,
            },
        )
    }
}

fn no_answer(what: &str) -> Error {
    let error = error!(InvalidArgs, "the function returned {what}");
    error.hint("return data: nothing, a text, a number or a table")
}

/// Returns a text; an empty one says nothing.
fn text(members: &Map, name: &str) -> Option<String> {
    let text = members.get(name)?.as_str();
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Returns the number that has one of these names, if there is one.
///
/// - Errors: `InvalidArgs` for what is no number, or less than `least`.
fn number(answer: &str, members: &Map, names: &[&str], least: f64) -> Result<Option<f64>> {
    let given = names
        .iter()
        .find_map(|name| Some((name, members.get(name)?)));
    let Some((name, value)) = given.filter(|(_, value)| !value.is_null()) else {
        return Ok(None);
    };
    match value.as_float().filter(|number| *number >= least) {
        Some(number) => Ok(Some(number)),
        None => bail!(
            InvalidArgs,
            "`{name}` of the answer '{answer}' must be a number of at least {least}, got {}",
            to_json(value)
        ),
    }
}

fn taken(mut members: Map, names: &[&str]) -> Value {
    let found = names.iter().find_map(|name| members.shift_remove(name));
    found.unwrap_or_default()
}

fn again(members: &Map) -> Result<Again> {
    let number = |names: &[&str], least| number("retry", members, names, least);
    let backoff = number(&["backoff_ms", "backoffMs"], 0.0)?;
    let delay = number(&["delay_ms", "delayMs"], 0.0)?;
    let jitter = match members.get("jitter") {
        Some(Value::Bool(true)) => 0.5,
        Some(Value::Bool(false)) => 0.0,
        _ => number(&["jitter"], 0.0)?.unwrap_or(0.0),
    };
    if jitter > 1.0 {
        bail!(
            InvalidArgs,
            "`jitter` of the answer 'retry' must be at most 1, got {jitter}"
        );
    }
    Ok(Again {
        delay: Duration::from_secs_f64(
            (delay.or(backoff).unwrap_or(1000.0) / 1000.0).min(86_400.0),
        ),
        grows: backoff.is_some(),
        max_attempts: number(&["max_attempts", "maxAttempts"], 1.0)?.unwrap_or(3.0) as u32,
        jitter,
        fallback: members
            .get("fallback_data")
            .or_else(|| members.get("fallbackData"))
            .cloned(),
    })
}

fn branches(members: Map) -> Result<Vec<Branch>> {
    let given = taken(
        members,
        &[
            "operations",
            "branches",
            "parallel_operations",
            "parallelOperations",
        ],
    );
    let Some(given) = given.as_list() else {
        bail!(
            InvalidArgs,
            "the answer 'fork' needs a list of `operations`"
        );
    };
    if given.len() > MOST_FORKS {
        bail!(
            InvalidArgs,
            "the answer 'fork' may start {MOST_FORKS} operations, got {}",
            given.len()
        );
    }
    let branch = |(number, given): (usize, &Value)| {
        let of = |name: &str, camel: &str| given.get(name).or_else(|| given.get(camel));
        let operation = of("operation_type", "operationType").and_then(Value::as_str);
        let Some(operation) = operation else {
            bail!(
                InvalidArgs,
                "an operation of the answer 'fork' needs an `operation_type`"
            );
        };
        let id = given.get("id").and_then(Value::as_str);
        Ok(Branch {
            id: id.map_or_else(|| format!("fork_{}", number + 1), str::to_owned),
            operation: operation.to_owned(),
            parameters: given.get("parameters").cloned().unwrap_or_default(),
        })
    };
    given.iter().enumerate().map(branch).collect()
}

fn cached(mut members: Map) -> Result<Cached> {
    let Some(key) = text(&members, "key") else {
        bail!(InvalidArgs, "the answer 'cache' needs a `key`");
    };
    let milliseconds = number("cache", &members, &["ttl_ms", "ttlMs"], 0.0)?;
    let seconds = number("cache", &members, &["ttl"], 0.0)?.unwrap_or(300.0);
    let seconds = milliseconds.map_or(seconds, |milliseconds| milliseconds / 1000.0);
    Ok(Cached {
        key,
        ttl: Duration::from_secs_f64(seconds.min(3e9)),
        result: members.shift_remove("result"),
    })
}

#[cfg(test)]
mod tests {
    use futures::future::BoxFuture;
    use llmspell_core::{Callable, Callback, Cx, Handle};
    use serde_json::json;

    use super::*;

    fn read(json: serde_json::Value) -> Answer {
        Answer::read(json.into()).unwrap()
    }

    #[test]
    fn every_form_of_the_contract() {
        use Answer::{Cancel, Continue, Modified, Redirect, Replace, Skipped};
        for nothing in [
            json!(null),
            json!(true),
            json!(7),
            json!("continue"),
            json!({}),
            json!({"type": "continue"}),
            json!({"type": "what"}),
        ] {
            assert_eq!(read(nothing), Continue);
        }
        assert_eq!(read(json!("skip")), Skipped(None));
        assert_eq!(
            read(json!({"type": "skipped", "reason": "r"})),
            Skipped(Some("r".into()))
        );
        assert_eq!(read(json!("no way")), Cancel(Some("no way".into())));
        assert_eq!(read(json!({"action": "cancel"})), Cancel(None));
        let data: Map = Map::from([("a", Value::Int(1))]);
        for name in ["data", "modified_data"] {
            assert_eq!(
                read(json!({"type": "modify", name: {"a": 1}})),
                Modified(data.clone())
            );
        }
        assert_eq!(
            read(json!({"type": "redirect", "target": "t"})),
            Redirect("t".into())
        );
        assert_eq!(
            read(json!({"type": "replace", "data": [1]})),
            Replace(json!([1]).into())
        );
        assert_eq!(read(json!({"continue_execution": false})), Cancel(None));
        let updates = json!({"state_updates": {"a": 1}});
        let Modified(saved) = read(updates.clone()) else {
            panic!("updates are not kept");
        };
        assert_eq!(Value::Map(saved), updates.into());
        assert!(matches!(
            read(json!({"retry_step": true})),
            Answer::Retry(_)
        ));
    }

    #[test]
    fn numbers_of_retry_and_cache() {
        let Answer::Retry(again) = read(json!({"type": "retry"})) else {
            panic!()
        };
        assert_eq!(
            (again.delay.as_millis(), again.max_attempts, again.grows),
            (1000, 3, false)
        );
        let Answer::Retry(again) =
            read(json!({"type": "retry", "backoff_ms": 5, "max_attempts": 2, "jitter": true}))
        else {
            panic!()
        };
        assert_eq!(
            (again.delay.as_millis(), again.max_attempts, again.grows),
            (5, 2, true)
        );
        let Answer::Cache(cached) = read(json!({"type": "cache", "key": "k"})) else {
            panic!()
        };
        assert_eq!(cached.ttl.as_secs(), 300);
        let Answer::Cache(cached) = read(json!({"type": "cache", "key": "k", "ttl_ms": 20})) else {
            panic!()
        };
        assert_eq!(cached.ttl.as_millis(), 20);
    }

    #[test]
    fn what_is_missing_is_said() {
        for (answer, message) in [
            (
                json!({"type": "redirect"}),
                "the answer 'redirect' needs a `target`",
            ),
            (
                json!({"type": "modified"}),
                "the answer 'modified' needs `data`",
            ),
            (json!({"type": "cache"}), "the answer 'cache' needs a `key`"),
            (
                json!({"type": "fork"}),
                "the answer 'fork' needs a list of `operations`",
            ),
        ] {
            assert_eq!(Answer::read(answer.into()).unwrap_err().message(), message);
        }
        let many: Vec<_> = (0..17)
            .map(|_| json!({"operation_type": "tool:x"}))
            .collect();
        assert!(Answer::read(json!({"type": "fork", "operations": many}).into()).is_err());
    }

    #[test]
    fn numbers_that_make_no_sense_are_refused() {
        for (answer, message) in [
            (
                json!({"type": "retry", "delay_ms": -1}),
                "`delay_ms` of the answer 'retry' must be a number of at least 0, got -1",
            ),
            (
                json!({"type": "retry", "max_attempts": 0}),
                "`max_attempts` of the answer 'retry' must be a number of at least 1, got 0",
            ),
            (
                json!({"type": "retry", "jitter": 3}),
                "`jitter` of the answer 'retry' must be at most 1, got 3",
            ),
            (
                json!({"type": "cache", "key": "k", "ttl": "5"}),
                "`ttl` of the answer 'cache' must be a number of at least 0, got \"5\"",
            ),
        ] {
            assert_eq!(Answer::read(answer.into()).unwrap_err().message(), message);
        }
        let usual = read(json!({"type": "retry", "jitter": false, "delay_ms": null}));
        assert_eq!(usual, read(json!({"type": "retry"})));
    }

    #[test]
    fn an_empty_reason_is_none() {
        for answer in [json!(""), json!({"type": "cancel", "reason": ""})] {
            assert_eq!(read(answer), Answer::Cancel(None));
        }
    }

    #[test]
    fn functions_and_handles_are_no_answers() {
        struct Nothing;
        impl Callable for Nothing {
            fn name(&self) -> &str {
                "spell.lua:1"
            }
            fn call(&self, _: Cx, _: Vec<Value>) -> BoxFuture<'static, Result<Value>> {
                Box::pin(std::future::ready(Ok(Value::Null)))
            }
        }
        let function = || Value::Function(Callback::new(Nothing));
        let message = |answer: Value| Answer::read(answer).unwrap_err().message().to_owned();
        assert_eq!(message(function()), "the function returned a function");
        let agent = Value::Handle(Handle::new("agent", "a1", Map::new()));
        assert_eq!(
            message(agent),
            "the function returned a handle of kind agent"
        );
        let data = |kind: &str| {
            let data = Value::from([("f", function())]);
            Value::from([("type", kind.into()), ("data", data)])
        };
        assert_eq!(
            message(data("replace")),
            "the answer 'replace' holds a function at 'data.f'"
        );
        // What nobody sees does no harm, and a ban stands whatever comes with it.
        assert_eq!(Answer::read(data("")).unwrap(), Answer::Continue);
        assert_eq!(Answer::read(data("cancel")).unwrap(), Answer::Cancel(None));
    }

    #[test]
    fn a_reason_that_is_no_utf_8_cancels() {
        let answer = Answer::read(Value::Bytes(b"no\xff"[..].into())).unwrap();
        assert_eq!(answer, Answer::Cancel(Some("no\u{fffd}".into())));
    }

    #[test]
    fn not_every_answer_makes_sense_everywhere() {
        let suits = |answer: serde_json::Value, point: &str| {
            read(answer).suits(&Point::parse(point).unwrap())
        };
        assert!(!suits(json!({"type": "retry"}), "SystemStartup"));
        assert!(!suits(json!({"type": "replace"}), "BeforeAgentInit"));
        assert!(suits(json!({"type": "cancel"}), "BeforeAgentInit"));
        assert!(suits(json!({"type": "replace"}), "BeforeToolExecution"));
    }
}
