//! What holds where nothing is written.

use serde_json::Value as Json;

const DEFAULTS: &str = include_str!("defaults.json");

/// Returns written values with the default values of all other options.
///
/// Every run needs them, and to derive them from the schema takes longer than all else of its start together: they
/// are a generated file, which a test keeps up to date.
pub(super) fn below(written: &Json) -> Json {
    let mut all = serde_json::from_str(DEFAULTS).unwrap_or_default();
    lay(&mut all, written);
    all
}

/// Lays written values upon defaults.
fn lay(base: &mut Json, over: &Json) {
    match (base, over) {
        (Json::Object(base), Json::Object(over)) => {
            for (name, value) in over {
                lay(base.entry(name.as_str()).or_insert(Json::Null), value);
            }
        }
        (base, over) => *base = over.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, schema};

    /// Returns the default values that a schema states.
    fn stated(schema: &Json) -> Json {
        let members = schema["properties"].as_object().into_iter().flatten();
        let values = members.filter_map(|(name, schema)| {
            let value = match schema["properties"].is_object() {
                true => stated(schema),
                false => schema["default"].clone(),
            };
            (!value.is_null()).then(|| (name.clone(), value))
        });
        Json::Object(values.collect())
    }

    #[test]
    fn the_file_of_defaults_is_what_the_schema_states() {
        let wanted = format!("{:#}\n", stated(&schema::<Config>()));
        if std::env::var_os("UPDATE").is_some() {
            let file = concat!(env!("CARGO_MANIFEST_DIR"), "/src/config/defaults.json");
            std::fs::write(file, &wanted).unwrap();
        }
        assert_eq!(
            DEFAULTS, wanted,
            "write it anew with UPDATE=1 cargo test -p llmspell --lib defaults"
        );
    }
}
