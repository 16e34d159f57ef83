//! Values that may leave the run: data without functions, not nested too deeply.

use llmspell_core::value::MAX_DEPTH;
use llmspell_core::{Error, Kind, Result, Value};

/// Checks that a parameter is plain data.
///
/// - Errors: `InvalidArgs` naming the path of a function; `Limit` past 128 levels.
pub(crate) fn plain(parameter: &str, value: &Value) -> Result<()> {
    if value.depth() > MAX_DEPTH {
        return Err(Error::new(
            Kind::Limit,
            format!("parameter '{parameter}' is nested deeper than {MAX_DEPTH} levels"),
        )
        .with("parameter", parameter)
        .with("limit", MAX_DEPTH));
    }
    match value.function_path() {
        None => Ok(()),
        Some(path) => Err(Error::new(
            Kind::InvalidArgs,
            format!("parameter '{parameter}{path}' must be plain data, got function"),
        )
        .with("parameter", format!("{parameter}{path}"))
        .with("got", "function")
        .misshapen()),
    }
}

/// Returns about how many bytes a value takes as text.
pub(crate) fn weight(value: &Value) -> usize {
    let mut open = vec![value];
    let mut weight = 0;
    while let Some(value) = open.pop() {
        weight += 8;
        match value {
            Value::Str(text) => weight += text.len(),
            Value::Bytes(bytes) => weight += bytes.len(),
            Value::List(items) => open.extend(items),
            Value::Map(members) => {
                weight += members.keys().map(|name| name.len() + 8).sum::<usize>();
                open.extend(members.values());
            }
            _ => {}
        }
    }
    weight
}

#[cfg(test)]
mod tests {
    use futures::future::BoxFuture;
    use llmspell_core::{Callable, Callback, Cx};

    use super::*;

    struct Nothing;

    impl Callable for Nothing {
        fn name(&self) -> &str {
            "spell.lua:1"
        }
        fn call(&self, _: Cx, _: Vec<Value>) -> BoxFuture<'static, Result<Value>> {
            Box::pin(std::future::ready(Ok(Value::Null)))
        }
    }

    #[test]
    fn functions_are_named_by_path() {
        let function = Value::Function(Callback::new(Nothing));
        let value = Value::from([(
            "rows",
            Value::List(vec![1.into(), Value::from([("f", function)])]),
        )]);
        let error = plain("input", &value).unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidArgs);
        assert_eq!(
            error.message(),
            "parameter 'input.rows[1].f' must be plain data, got function"
        );
        assert!(plain("input", &Value::from([("a", 1.into())])).is_ok());
    }

    #[test]
    fn weight_counts_text_and_members() {
        assert!(weight(&"x".repeat(1000).into()) >= 1000);
        assert!(weight(&Value::from([("a", Value::List(vec![1.into(); 100]))])) > 800);
    }
}
