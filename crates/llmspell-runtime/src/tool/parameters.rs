//! The parameters that every tool takes, taken out of those that are the tool's own.

use std::time::Duration;

use llmspell_core::{Error, Kind, Map, Name, Op, Result, Value, error, given_twice};

/// Longest limit that a call may ask for.
const MAX_TIMEOUT: Duration = Duration::from_secs(3600);

/// What a call asks for beside the tool's own parameters.
#[derive(Debug, Default)]
pub(super) struct Common {
    /// Limit of the whole call.
    pub(super) timeout: Option<Duration>,
    /// Largest payload, in bytes.
    pub(super) max_output_bytes: Option<usize>,
    /// Whether the output is to be an artifact.
    pub(super) save_output: Save,
    /// A value of the right type that is not allowed: the call fails, it does not raise.
    pub(super) refusal: Option<Error>,
}

/// Whether an output is to be an artifact, and of what name.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum Save {
    #[default]
    No,
    Unnamed,
    Named(String),
}

/// Unwraps `{parameters = {…}}` and takes out the parameters that every tool has.
///
/// - Errors: `InvalidArgs` for parameters that are no table, and for common ones of the wrong type.
pub(super) fn split(op: &Op, params: Value) -> Result<(Map, Common)> {
    let mut params = unwrap(op, table(op, params)?)?;
    let mut common = Common::default();
    let mut limited: Option<(Name, Duration)> = None;
    let names: Vec<Name> = params
        .keys()
        .filter(|name| is_common(name) && op.shape().field(name).is_none())
        .cloned()
        .collect();
    for name in names {
        let value = params.shift_remove(&name).unwrap_or_default();
        common
            .take(&name, &value)
            .map_err(|error| error.op(op.name()))?;
        // Each of the others is another way to write the limit.
        if let (true, Some(limit)) = (name.starts_with("timeout"), common.timeout) {
            match &limited {
                Some((other, before)) if *before != limit => {
                    return Err(given_twice(other, &name).op(op.name()));
                }
                _ => limited = Some((name, limit)),
            }
        }
    }
    Ok((params, common))
}

fn table(op: &Op, params: Value) -> Result<Map> {
    match params {
        Value::Map(map) => Ok(map),
        Value::Null => Ok(Map::new()),
        Value::List(list) if list.is_empty() => Ok(Map::new()),
        other => Err(error!(
            InvalidArgs,
            "expected a table of parameters, got {}",
            other.type_name()
        )
        .op(op.name())
        .with("tool", op.verb())
        .with("expected", "object")
        .with("got", other.type_name())),
    }
}

fn unwrap(op: &Op, mut params: Map) -> Result<Map> {
    let wraps = |name: &str| match name {
        "parameters" | "params" => op.shape().field(name).is_none(),
        "input" => op.shape().field("input").is_none(),
        _ => false,
    };
    let wrapped = params.len() == 1
        && params.iter().all(|(name, inner)| {
            wraps(name) && matches!(inner, Value::Map(_) | Value::List(_)) && !op.is_open()
        });
    match params.pop() {
        Some((_, inner)) if wrapped => table(op, inner),
        Some((name, value)) => {
            params.insert(name, value);
            Ok(params)
        }
        None => Ok(params),
    }
}

fn is_common(name: &str) -> bool {
    matches!(
        name,
        "timeout_ms"
            | "timeoutMs"
            | "timeout"
            | "timeout_seconds"
            | "timeoutSeconds"
            | "max_output_bytes"
            | "maxOutputBytes"
            | "save_output"
            | "saveOutput"
    )
}

impl Common {
    fn take(&mut self, name: &str, value: &Value) -> Result<()> {
        match (name, value) {
            (_, Value::Null) => {}
            ("timeout_ms" | "timeoutMs", value) => {
                let ms = whole(name, value)?;
                self.limit(name, Duration::try_from_secs_f64(ms as f64 / 1e3).ok());
            }
            ("max_output_bytes" | "maxOutputBytes", value) => {
                match usize::try_from(whole(name, value)?) {
                    Ok(most) if most > 0 => self.max_output_bytes = Some(most),
                    _ => {
                        let refusal = error!(InvalidArgs, "`{name}` must be 1 or more");
                        self.refusal.get_or_insert(refusal.with("parameter", name));
                    }
                }
            }
            ("save_output" | "saveOutput", Value::Bool(false)) => {}
            ("save_output" | "saveOutput", Value::Bool(true)) => self.save_output = Save::Unnamed,
            ("save_output" | "saveOutput", Value::Str(given)) if !given.is_empty() => {
                self.save_output = Save::Named(given.clone());
            }
            ("save_output" | "saveOutput", Value::Str(_)) => {
                let refusal = error!(InvalidArgs, "`{name}` must not be empty");
                self.refusal.get_or_insert(refusal.with("parameter", name));
            }
            ("save_output" | "saveOutput", value) => {
                return Err(ill_typed(name, "boolean or string", value));
            }
            (_, value) => {
                let seconds = number(name, value)?;
                if seconds > MAX_TIMEOUT.as_secs_f64() {
                    return Err(
                        error!(InvalidArgs, "`{name}` is in seconds and at most 3600")
                            .with("parameter", name)
                            .hint("use `timeout_ms` for milliseconds"),
                    );
                }
                self.limit(name, Duration::try_from_secs_f64(seconds).ok());
            }
        }
        Ok(())
    }

    fn limit(&mut self, name: &str, timeout: Option<Duration>) {
        match timeout {
            Some(timeout) if !timeout.is_zero() && timeout <= MAX_TIMEOUT => {
                self.timeout = Some(timeout);
            }
            _ => {
                let refusal = Error::new(
                    Kind::InvalidArgs,
                    format!("`{name}` must be more than 0 and at most one hour"),
                );
                self.refusal.get_or_insert(refusal.with("parameter", name));
            }
        }
    }
}

fn whole(name: &str, value: &Value) -> Result<i64> {
    let text = value.as_str().and_then(|text| text.trim().parse().ok());
    value
        .as_int()
        .or(text)
        .ok_or_else(|| ill_typed(name, "integer", value))
}

fn number(name: &str, value: &Value) -> Result<f64> {
    let text = value.as_str().and_then(|text| text.trim().parse().ok());
    value
        .as_float()
        .or(text)
        .filter(|number: &f64| number.is_finite())
        .ok_or_else(|| ill_typed(name, "number", value))
}

fn ill_typed(name: &str, expected: &'static str, value: &Value) -> Error {
    let got = value.type_name();
    error!(
        InvalidArgs,
        "parameter '{name}' must be {expected}, got {got}"
    )
    .with("parameter", name)
    .with("expected", expected)
    .with("got", got)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn op(schema: serde_json::Value) -> Op {
        Op::dynamic("t", schema, |_, args| async { Ok(args) })
    }

    #[track_caller]
    fn check(
        schema: serde_json::Value,
        params: serde_json::Value,
        left: serde_json::Value,
    ) -> Common {
        let (params, common) = split(&op(schema), params.into()).unwrap();
        assert_eq!(Value::Map(params).to_serde_json(), left);
        common
    }

    #[test]
    fn wrapped_parameters_are_unwrapped_once() {
        let schema = json!({"type": "object", "properties": {"input": {}, "n": {}}});
        check(
            schema.clone(),
            json!({"parameters": {"n": 1}}),
            json!({"n": 1}),
        );
        check(
            schema.clone(),
            json!({"input": {"n": 1}}),
            json!({"input": {"n": 1}}),
        );
        check(
            schema,
            json!({"params": {"n": 1}, "n": 2}),
            json!({"params": {"n": 1}, "n": 2}),
        );
        let own = json!({"type": "object", "properties": {"parameters": {}}});
        check(
            own,
            json!({"parameters": {"n": 1}}),
            json!({"parameters": {"n": 1}}),
        );
    }

    #[test]
    fn limits_are_taken_out() {
        let schema = json!({"type": "object", "properties": {"n": {}}});
        let common = check(
            schema.clone(),
            json!({"n": 1, "timeout": "1.5", "max_output_bytes": 10}),
            json!({"n": 1}),
        );
        assert_eq!(common.timeout, Some(Duration::from_millis(1500)));
        assert_eq!(common.max_output_bytes, Some(10));
        assert!(common.refusal.is_none());
        assert_eq!(common.save_output, Save::No);
        for most in [0, -1] {
            let common = check(schema.clone(), json!({"max_output_bytes": most}), json!({}));
            let refusal = common.refusal.unwrap();
            assert_eq!(refusal.message(), "`max_output_bytes` must be 1 or more");
        }
        for (given, save) in [
            (json!(true), Save::Unnamed),
            (json!(false), Save::No),
            (json!("report"), Save::Named("report".to_owned())),
        ] {
            let common = check(schema.clone(), json!({"save_output": given}), json!({}));
            assert_eq!(common.save_output, save);
        }
        assert!(split(&op(schema.clone()), json!({"save_output": 5}).into()).is_err());
        let common = check(schema.clone(), json!({"timeout_ms": 0}), json!({}));
        assert_eq!(common.refusal.unwrap().kind(), Kind::InvalidArgs);
        let error = split(&op(schema.clone()), json!({"timeout": 3601}).into()).unwrap_err();
        assert_eq!(error.hints(), ["use `timeout_ms` for milliseconds"]);
        let error = split(&op(schema), json!({"timeout_ms": "soon"}).into()).unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidArgs);
    }

    #[test]
    fn limits_that_differ_are_refused() {
        let op = op(json!({"type": "object", "properties": {}}));
        let same = json!({"timeout": 5, "timeout_ms": 5000, "timeout_seconds": "5"});
        assert_eq!(
            split(&op, same.into()).unwrap().1.timeout,
            Some(Duration::from_secs(5))
        );
        for (others, names) in [
            (
                json!({"timeout": 5, "timeout_ms": 5001}),
                "'timeout' and 'timeout_ms'",
            ),
            (
                json!({"timeout": 5, "timeout_seconds": 6}),
                "'timeout' and 'timeout_seconds'",
            ),
        ] {
            let error = split(&op, others.into()).unwrap_err();
            assert_eq!(error.message(), format!("{names} mean the same and differ"));
        }
    }

    #[test]
    fn a_parameter_of_the_tool_itself_stays() {
        let schema = json!({"type": "object", "properties": {"timeout": {}}});
        let common = check(schema, json!({"timeout": 5}), json!({"timeout": 5}));
        assert!(common.timeout.is_none());
    }

    #[test]
    fn no_table_is_refused() {
        let error = split(&op(json!({})), 5.into()).unwrap_err();
        assert_eq!(
            error.message(),
            "expected a table of parameters, got integer"
        );
    }
}
