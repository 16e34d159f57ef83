//! Schemas: what items look like in a version.

use indexmap::IndexMap;
use llmspell_core::{Map, Result, Value, bail, error};
use schemars::JsonSchema;
use semver::Version;
use serde::{Deserialize, Serialize};

use super::field;
use super::field_type::Type;
use super::step::Patterns;

/// A version of what is kept, and what its items look like.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Schema {
    /// `major.minor.patch`.
    pub version: String,
    /// The members of items by name, which may be dotted.
    #[serde(default)]
    pub fields: IndexMap<String, Rule>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Versions whose items can be read without a migration.
    #[serde(default)]
    pub compatible_with: Vec<String>,
    /// Steps that lead to this version. A file cannot hold functions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub migrations: Vec<Arrival>,
}

/// A step that leads to the version of the schema that it is written in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Arrival {
    /// The version that it leads from.
    pub from: String,
    /// Which keys it concerns.
    #[serde(default)]
    pub keys: Patterns,
    /// Which scopes it concerns.
    #[serde(default)]
    pub scopes: Patterns,
    /// What is done to each item, in this order: `{transform, field, …}`.
    pub transformations: Vec<serde_json::Value>,
}

/// What holds for one member.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Rule {
    /// Its type; any if none is said.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<Type>,
    /// Whether every item must have it.
    pub required: bool,
    /// What an item gets that lacks it.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub default: Value,
}

/// How closely items are compared with the schema that they are migrated to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Validation {
    /// Not at all.
    None,
    /// The types of named members.
    #[default]
    Basic,
    /// Required members are there as well, and there are no others.
    Strict,
    /// As `strict`; what was written is read again and compared.
    Paranoid,
}

impl Validation {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Basic => "basic",
            Self::Strict => "strict",
            Self::Paranoid => "paranoid",
        }
    }
}

/// Reads a version.
///
/// - Errors: `InvalidArgs` for what is none.
pub(super) fn version(text: &str) -> Result<Version> {
    Version::parse(text).map_err(|_| {
        error!(InvalidArgs, "Invalid version format: {text}")
            .with("version", text)
            .hint("write 'major.minor.patch', such as '1.2.0'")
    })
}

impl Schema {
    /// Makes a schema that says nothing about items.
    pub(super) fn bare(version: &Version) -> Self {
        Self {
            version: version.to_string(),
            fields: IndexMap::new(),
            description: None,
            compatible_with: Vec::new(),
            migrations: Vec::new(),
        }
    }

    /// Gives an item the defaults of members that it lacks.
    pub(super) fn fill(&self, item: &mut Map) -> Result<()> {
        for (name, rule) in &self.fields {
            if !rule.default.is_null() && field::get(item, name).is_none() {
                field::set(item, name, rule.default.clone())?;
            }
        }
        Ok(())
    }

    /// Compares an item with the schema. One without fields fits everything.
    ///
    /// - Errors: `InvalidArgs` naming the member and what is wrong with it.
    pub(super) fn check(&self, item: &Map, how: Validation) -> Result<()> {
        if how == Validation::None || self.fields.is_empty() {
            return Ok(());
        }
        for (name, rule) in &self.fields {
            let value = field::get(item, name).filter(|value| !value.is_null());
            match (value, rule.kind) {
                (Some(value), Some(kind)) if !kind.fits(value) => bail!(
                    InvalidArgs,
                    "'{name}' must be {}, got {}",
                    kind.name(),
                    value.type_name()
                ),
                (None, _) if rule.required && how != Validation::Basic => {
                    bail!(InvalidArgs, "'{name}' is missing");
                }
                _ => {}
            }
        }
        if how == Validation::Basic {
            return Ok(());
        }
        let is_named = |name: &str| {
            self.fields.keys().any(|field| {
                let rest = field.strip_prefix(name);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            })
        };
        match item.keys().find(|name| !is_named(name)) {
            Some(name) => bail!(InvalidArgs, "'{name}' is no field of {}", self.version),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn item(value: serde_json::Value) -> Map {
        Value::from(value).as_map().unwrap().clone()
    }

    #[test]
    fn versions() {
        for good in ["1.0.0", "0.1.2-rc.1", "10.20.30+build.5"] {
            assert_eq!(version(good).unwrap().to_string(), good);
        }
        for bad in ["", "1", "1.0", "v1.0.0", "1.0.0.0", "01.0.0", "latest"] {
            let refusal = version(bad).unwrap_err();
            assert_eq!(refusal.message(), format!("Invalid version format: {bad}"));
        }
    }

    #[test]
    fn items_are_checked_as_closely_as_wanted() {
        let schema: Schema = serde_json::from_value(json!({
            "version": "1.0.0",
            "fields": {
                "name": {"type": "string", "required": true},
                "age": {"type": "integer"},
                "home.city": {"type": "string", "default": "?"},
            },
        }))
        .unwrap();
        let fails = |value: serde_json::Value, how| {
            let found = schema.check(&item(value), how).err();
            found.map(|error| error.message().to_owned())
        };
        let (basic, strict) = (Validation::Basic, Validation::Strict);
        assert_eq!(fails(json!({"name": "a", "age": 3.0}), strict), None);
        assert_eq!(fails(json!({"x": 1}), basic), None);
        assert_eq!(fails(json!({}), strict).unwrap(), "'name' is missing");
        assert_eq!(
            fails(json!({"name": "a", "age": "3"}), basic).unwrap(),
            "'age' must be integer, got string"
        );
        assert_eq!(
            fails(json!({"name": "a", "x": 1}), strict).unwrap(),
            "'x' is no field of 1.0.0"
        );
        assert_eq!(fails(json!({"age": "3"}), Validation::None), None);
        let mut filled = item(json!({"name": "a"}));
        schema.fill(&mut filled).unwrap();
        assert_eq!(filled, item(json!({"name": "a", "home": {"city": "?"}})));
    }
}
