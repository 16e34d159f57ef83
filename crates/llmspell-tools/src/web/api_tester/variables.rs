//! `{{name}}` in the requests of a suite.

use llmspell_core::{Map, Name, Result, Value};

use crate::param::refused;

/// Puts the variables into every text of a request. A text that is a variable and nothing else becomes its value.
///
/// - Errors: `InvalidArgs` naming a variable that no request before has extracted.
pub(super) fn fill(value: &Value, variables: &Map) -> Result<Value> {
    Ok(match value {
        Value::Str(text) => text_of(text, variables)?,
        Value::List(items) => items
            .iter()
            .map(|item| fill(item, variables))
            .collect::<Result<_>>()?,
        Value::Map(members) => {
            let filled = members
                .iter()
                .map(|(name, member)| Ok((name.clone(), fill(member, variables)?)));
            Value::Map(filled.collect::<Result<_>>()?)
        }
        other => other.clone(),
    })
}

fn text_of(text: &str, variables: &Map) -> Result<Value> {
    let find = |name: &str| {
        variables.get(name).ok_or_else(|| {
            let known: Vec<&str> = variables.keys().map(Name::as_str).collect();
            let error = refused(
                "requests",
                format!("no request before has extracted '{name}'"),
            );
            match known.is_empty() {
                true => error.hint("add `extract` to a request before"),
                false => error.hint(format!("there are: {}", known.join(", "))),
            }
        })
    };
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, name, after)) = next(rest) {
        let value = find(name)?;
        if before.is_empty() && after.is_empty() && filled.is_empty() {
            return Ok(value.clone());
        }
        filled.push_str(before);
        match value {
            Value::Str(text) => filled.push_str(text),
            other => filled.push_str(&llmspell_core::value::to_json(other)),
        }
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled.into())
}

/// Returns what stands before the next variable, its name, and what stands after it.
fn next(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once("{{")?;
    let (name, after) = rest.split_once("}}")?;
    let name = name.trim();
    let is_name = !name.is_empty()
        && name
            .chars()
            .all(|letter| letter.is_alphanumeric() || "_-.".contains(letter));
    // Other braces are left alone, with all that follows them.
    is_name.then_some((before, name, after))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn filled(value: serde_json::Value) -> Result<serde_json::Value> {
        let variables: Value = json!({"id": 7, "token": "abc", "list": [1]}).into();
        fill(&value.into(), variables.as_map().unwrap()).map(|value| value.to_serde_json())
    }

    #[test]
    fn variables_are_put_in() {
        let request = json!({"input": "http://x/{{id}}?t={{ token }}", "json": {"whole": "{{id}}", "list": ["{{list}}"], "n": 1}});
        let expected =
            json!({"input": "http://x/7?t=abc", "json": {"whole": 7, "list": [[1]], "n": 1}});
        assert_eq!(filled(request).unwrap(), expected);
        assert_eq!(filled(json!("{{}} {{ a b }}")).unwrap(), "{{}} {{ a b }}");
        assert_eq!(filled(json!("{{id")).unwrap(), "{{id");
    }

    #[test]
    fn unknown_variables_are_named() {
        let error = filled(json!({"input": "{{nope}}"})).unwrap_err();
        assert_eq!(error.message(), "no request before has extracted 'nope'");
        assert_eq!(error.hints(), ["there are: id, token, list"]);
    }
}
