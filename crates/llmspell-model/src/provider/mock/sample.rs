//! JSON from a text, and JSON from a schema.

use std::ops::Range;

use serde_json::{Map, Value};

/// Deepest schema that is followed.
const DEPTH: usize = 32;

/// Returns the JSON objects in a text, with the places where they begin. Objects within objects are not listed.
pub(super) fn objects(text: &str) -> Vec<(usize, Value)> {
    found(text)
        .into_iter()
        .map(|(span, value)| (span.start, value))
        .collect()
}

/// Returns the places of the JSON objects in a text.
pub(super) fn spans(text: &str) -> Vec<Range<usize>> {
    found(text).into_iter().map(|(span, _)| span).collect()
}

fn found(text: &str) -> Vec<(Range<usize>, Value)> {
    /// Most braces that are tried: text full of open braces would take a time that grows with its square.
    const TRIES: usize = 1000;
    let mut found = Vec::new();
    let (mut from, mut tries) = (0, 0);
    while let Some(at) = text[from..].find('{').map(|at| from + at) {
        tries += 1;
        if tries > TRIES {
            break;
        }
        let mut values =
            serde_json::Deserializer::from_str(&text[at..]).into_iter::<Map<String, Value>>();
        match values.next() {
            Some(Ok(object)) => {
                let end = at + values.byte_offset();
                found.push((at..end, Value::Object(object)));
                from = end;
            }
            _ => from = at + 1,
        }
    }
    found
}

/// Returns whether a value has the shape that a schema asks for: types, required members, enumerations, bounds of numbers
/// and lengths. What else a schema may say is taken to be kept.
pub(super) fn fits(value: &Value, schema: &Value) -> bool {
    fits_in(value, schema, schema, DEPTH)
}

fn fits_in(value: &Value, schema: &Value, root: &Value, depth: usize) -> bool {
    let Value::Object(rules) = schema else {
        return schema != &Value::Bool(false);
    };
    if depth == 0 {
        return true;
    }
    let fits = |value: &Value, schema: &Value| fits_in(value, schema, root, depth - 1);
    if let Some(target) = rules.get("$ref").and_then(|path| resolve(path, root))
        && !fits(value, target)
    {
        return false;
    }
    if let Some(constant) = rules.get("const")
        && constant != value
    {
        return false;
    }
    if let Some(Value::Array(allowed)) = rules.get("enum")
        && !allowed.contains(value)
    {
        return false;
    }
    let any = |key: &str| match rules.get(key) {
        Some(Value::Array(options)) => options.iter().any(|option| fits(value, option)),
        _ => true,
    };
    if !any("anyOf") || !any("oneOf") {
        return false;
    }
    if let Some(Value::Array(all)) = rules.get("allOf")
        && !all.iter().all(|part| fits(value, part))
    {
        return false;
    }
    let is_a = match rules.get("type") {
        Some(Value::String(name)) => is_a(value, name),
        Some(Value::Array(names)) => names
            .iter()
            .filter_map(Value::as_str)
            .any(|name| is_a(value, name)),
        _ => true,
    };
    is_a && match value {
        Value::Object(members) => {
            let required = rules.get("required").and_then(Value::as_array);
            let names = required.into_iter().flatten().filter_map(Value::as_str);
            let properties = rules.get("properties").and_then(Value::as_object);
            let closed = rules.get("additionalProperties") == Some(&Value::Bool(false));
            names.into_iter().all(|name| members.contains_key(name))
                && members.iter().all(|(name, member)| {
                    match properties.and_then(|known| known.get(name)) {
                        Some(schema) => fits(member, schema),
                        None => !closed,
                    }
                })
        }
        Value::Array(items) => {
            within(rules, "minItems", "maxItems", items.len() as f64)
                && rules
                    .get("items")
                    .is_none_or(|schema| items.iter().all(|item| fits(item, schema)))
        }
        Value::Number(number) => number.as_f64().is_none_or(|number| {
            within(rules, "minimum", "maximum", number)
                && bound(rules, "exclusiveMinimum").is_none_or(|least| number > least)
                && bound(rules, "exclusiveMaximum").is_none_or(|most| number < most)
        }),
        Value::String(text) => within(rules, "minLength", "maxLength", text.chars().count() as f64),
        _ => true,
    }
}

fn is_a(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => {
            value.is_i64()
                || value.is_u64()
                || value.as_f64().is_some_and(|number| number.fract() == 0.0)
        }
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        _ => true,
    }
}

fn bound(rules: &Map<String, Value>, key: &str) -> Option<f64> {
    rules.get(key).and_then(Value::as_f64)
}

fn within(rules: &Map<String, Value>, least: &str, most: &str, number: f64) -> bool {
    bound(rules, least).is_none_or(|least| number >= least)
        && bound(rules, most).is_none_or(|most| number <= most)
}

/// Follows a reference within the schema: `#/$defs/x`.
fn resolve<'a>(path: &Value, root: &'a Value) -> Option<&'a Value> {
    root.pointer(path.as_str()?.strip_prefix('#')?)
}

/// Returns a small value that a schema allows: its example, default or first choice, else the least of its type, with the
/// required members only.
pub(super) fn minimal(schema: &Value) -> Value {
    minimal_in(schema, schema, DEPTH)
}

fn minimal_in(schema: &Value, root: &Value, depth: usize) -> Value {
    let Value::Object(rules) = schema else {
        return Value::Object(Map::new());
    };
    if depth == 0 {
        return Value::Null;
    }
    let minimal = |schema: &Value| minimal_in(schema, root, depth - 1);
    let first = |key: &str| {
        rules
            .get(key)
            .and_then(Value::as_array)
            .and_then(|list| list.first())
    };
    if let Some(target) = rules.get("$ref").and_then(|path| resolve(path, root)) {
        return minimal(target);
    }
    let given = first("examples")
        .or_else(|| rules.get("default"))
        .or_else(|| rules.get("const"))
        .or_else(|| first("enum"));
    if let Some(given) = given {
        return given.clone();
    }
    if let Some(option) = first("anyOf").or_else(|| first("oneOf")) {
        return minimal(option);
    }
    if let Some(Value::Array(parts)) = rules.get("allOf") {
        return merged(rules, parts, &minimal);
    }
    match type_of(rules) {
        "object" => object(rules, &minimal),
        "array" => {
            let least = bound(rules, "minItems").unwrap_or(0.0).clamp(0.0, 100.0) as usize;
            let item = rules.get("items").map_or(Value::Null, minimal);
            Value::Array(vec![item; least])
        }
        "integer" => whole(rules).into(),
        "number" => number(rules),
        "boolean" => Value::Bool(true),
        "null" => Value::Null,
        _ => Value::String(text(rules)),
    }
}

fn type_of(rules: &Map<String, Value>) -> &str {
    match rules.get("type") {
        Some(Value::String(name)) => name,
        Some(Value::Array(names)) => names
            .iter()
            .filter_map(Value::as_str)
            .find(|name| *name != "null")
            .unwrap_or("null"),
        _ if rules.contains_key("items") => "array",
        _ if rules.contains_key("minLength") || rules.contains_key("pattern") => "string",
        _ => "object",
    }
}

fn object(rules: &Map<String, Value>, minimal: &dyn Fn(&Value) -> Value) -> Value {
    let properties = rules.get("properties");
    let required = rules.get("required").and_then(Value::as_array);
    let names = required.into_iter().flatten().filter_map(Value::as_str);
    let member = |name: &str| {
        let schema = properties.and_then(|known| known.get(name));
        (
            name.to_owned(),
            schema.map_or_else(|| "text".into(), minimal),
        )
    };
    Value::Object(names.map(member).collect())
}

fn merged(rules: &Map<String, Value>, parts: &[Value], minimal: &dyn Fn(&Value) -> Value) -> Value {
    let mut members = match object(rules, minimal) {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    for part in parts {
        match minimal(part) {
            Value::Object(more) => members.extend(more),
            other => return other,
        }
    }
    Value::Object(members)
}

fn whole(rules: &Map<String, Value>) -> i64 {
    let least = bound(rules, "minimum")
        .map(f64::ceil)
        .or_else(|| bound(rules, "exclusiveMinimum").map(|least| least.floor() + 1.0));
    let most = bound(rules, "maximum")
        .map(f64::floor)
        .or_else(|| bound(rules, "exclusiveMaximum").map(|most| most.ceil() - 1.0));
    let start = 1.0_f64.max(least.unwrap_or(f64::MIN));
    start.min(most.unwrap_or(f64::MAX)) as i64
}

fn number(rules: &Map<String, Value>) -> Value {
    let low = bound(rules, "minimum").or_else(|| bound(rules, "exclusiveMinimum"));
    let high = bound(rules, "maximum").or_else(|| bound(rules, "exclusiveMaximum"));
    let number = match (low, high) {
        (Some(low), Some(high)) => (low + high) / 2.0,
        (Some(low), None) => low + 1.0,
        (None, Some(high)) => high - 1.0,
        (None, None) => 1.0,
    };
    number.into()
}

fn text(rules: &Map<String, Value>) -> String {
    let sample = match rules.get("format").and_then(Value::as_str) {
        Some("date") => "2024-01-01",
        Some("time") => "12:00:00Z",
        Some("date-time") => "2024-01-01T12:00:00Z",
        Some("email") => "name@example.com",
        Some("uri" | "url") => "https://example.com/",
        Some("uuid") => "00000000-0000-4000-8000-000000000000",
        Some("ipv4") => "127.0.0.1",
        Some("hostname") => "example.com",
        _ => "text",
    };
    let least = bound(rules, "minLength")
        .unwrap_or(0.0)
        .clamp(0.0, 10_000.0) as usize;
    let most = bound(rules, "maxLength")
        .unwrap_or(10_000.0)
        .clamp(0.0, 10_000.0) as usize;
    let padding = std::iter::repeat_n('x', least.saturating_sub(sample.len()));
    sample.chars().chain(padding).take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn objects_are_found_in_prose() {
        let text = r#"a {b} {"x": {"y": 1}} then {"z": "}"}!"#;
        let values: Vec<Value> = objects(text).into_iter().map(|(_, value)| value).collect();
        assert_eq!(values, [json!({"x": {"y": 1}}), json!({"z": "}"})]);
        assert!(objects(&"{".repeat(100_000)).is_empty());
        assert!(objects(&"{\"a\":".repeat(100_000)).is_empty());
    }

    #[track_caller]
    fn check(schema: Value, expected: Value) {
        assert_eq!(minimal(&schema), expected);
        assert!(fits(&expected, &schema), "{expected} does not fit {schema}");
    }

    #[test]
    fn minimal_values_fit_their_schema() {
        check(json!({}), json!({}));
        check(json!({"type": "string"}), json!("text"));
        check(json!({"type": "string", "minLength": 6}), json!("textxx"));
        check(json!({"type": "string", "maxLength": 2}), json!("te"));
        check(
            json!({"type": "string", "format": "email"}),
            json!("name@example.com"),
        );
        check(json!({"type": "integer"}), json!(1));
        check(json!({"type": "integer", "minimum": 18}), json!(18));
        check(json!({"type": "integer", "exclusiveMinimum": 5}), json!(6));
        check(json!({"type": "integer", "maximum": -3}), json!(-3));
        check(
            json!({"type": "number", "minimum": 0, "maximum": 1}),
            json!(0.5),
        );
        check(json!({"type": ["null", "boolean"]}), json!(true));
        check(json!({"enum": ["red", "green"]}), json!("red"));
        check(
            json!({"type": "array", "items": {"type": "integer"}, "minItems": 2}),
            json!([1, 1]),
        );
        check(
            json!({"type": "array", "items": {"type": "integer"}}),
            json!([]),
        );
        check(
            json!({"anyOf": [{"type": "integer"}, {"type": "string"}]}),
            json!(1),
        );
        check(
            json!({"type": "object", "properties": {"a": {"type": "string", "examples": ["x"]}, "b": {}}, "required": ["a"]}),
            json!({"a": "x"}),
        );
        check(
            json!({"$ref": "#/$defs/p", "$defs": {"p": {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}}}),
            json!({"n": 1}),
        );
        check(
            json!({"allOf": [
                {"type": "object", "properties": {"a": {"const": 1}}, "required": ["a"]},
                {"type": "object", "properties": {"b": {"const": 2}}, "required": ["b"]},
            ]}),
            json!({"a": 1, "b": 2}),
        );
    }

    #[test]
    fn a_schema_that_refers_to_itself_ends() {
        let schema = json!({"$ref": "#"});
        assert_eq!(minimal(&schema), Value::Null);
        assert!(fits(&json!(1), &schema));
        let list =
            json!({"type": "object", "properties": {"next": {"$ref": "#"}}, "required": ["next"]});
        assert!(minimal(&list).is_object());
    }

    #[test]
    fn what_does_not_fit_is_told() {
        let schema = json!({"type": "object", "properties": {"n": {"type": "integer", "minimum": 2}}, "required": ["n"], "additionalProperties": false});
        assert!(fits(&json!({"n": 2}), &schema));
        for wrong in [
            json!({}),
            json!({"n": 1}),
            json!({"n": "2"}),
            json!({"n": 2, "m": 1}),
            json!([]),
        ] {
            assert!(!fits(&wrong, &schema), "{wrong}");
        }
    }
}
