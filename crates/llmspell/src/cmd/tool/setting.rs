//! The keys of a tool's table in the configuration, as its schema describes them.

use llmspell_core::SchemaFn;
use serde::Serialize;
use serde_json::Value as Json;

/// A key of `[tools.NAME]`.
#[derive(Debug, PartialEq, Serialize)]
pub(in crate::cmd) struct Setting {
    /// Dotted, below the tool's table; `NAME` is any name.
    pub key: String,
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(skip_serializing_if = "Json::is_null")]
    pub default: Json,
    pub description: String,
}

/// Lists the keys that a tool has beside those of every tool, in the order of its options.
pub(in crate::cmd) fn settings(schema: Option<SchemaFn>) -> Vec<Setting> {
    let mut found = Vec::new();
    if let Some(schema) = schema {
        members("", &schema(), &mut found);
    }
    found
}

fn members(path: &str, schema: &Json, found: &mut Vec<Setting>) {
    for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
        let key = match path {
            "" => name.clone(),
            path => format!("{path}.{name}"),
        };
        let each = &schema["additionalProperties"];
        if each["properties"].is_object() {
            members(&format!("{key}.NAME"), each, found);
        } else {
            let text = schema["description"].as_str().unwrap_or_default();
            found.push(Setting {
                key,
                kind: kind(schema),
                default: schema["default"].clone(),
                description: text.split_whitespace().collect::<Vec<_>>().join(" "),
            });
        }
    }
}

/// Returns the types that a value may have, without that of nothing.
fn kind(schema: &Json) -> String {
    let alternatives = schema["anyOf"].as_array().into_iter().flatten();
    let mut names: Vec<&str> = Vec::new();
    for schema in std::iter::once(schema).chain(alternatives) {
        match &schema["type"] {
            Json::String(name) => names.push(name),
            Json::Array(several) => names.extend(several.iter().filter_map(Json::as_str)),
            _ => {}
        }
    }
    names.retain(|name| *name != "null");
    match names.is_empty() {
        true => "any".to_owned(),
        false => names.join(" or "),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_of_named_tables_are_listed_with_a_stand_in() {
        fn schema() -> Json {
            json!({"properties": {
                "max": {"type": "integer", "default": 3, "description": "Most\nthings."},
                "accounts": {"type": "object", "additionalProperties": {"properties": {
                    "key": {"type": ["string", "null"]},
                    "rate": {"anyOf": [{"type": "object"}, {"type": "null"}]},
                }}},
                "extra": true,
            }})
        }
        let listed: Vec<String> = settings(Some(schema))
            .iter()
            .map(|setting| {
                format!(
                    "{} {} {} {}",
                    setting.key, setting.kind, setting.default, setting.description
                )
            })
            .collect();
        assert_eq!(
            listed,
            [
                "max integer 3 Most things.",
                "accounts.NAME.key string null ",
                "accounts.NAME.rate object null ",
                "extra any null ",
            ]
        );
        assert_eq!(settings(None), []);
    }
}
