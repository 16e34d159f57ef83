//! What makes an op a tool: something that models may call.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::settings::{SchemaFn, settings_schema};
use crate::value::{Map, Value};

/// How far a tool may reach.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Computes, reads the clock and its parameters.
    Safe,
    /// Files inside the roots, public network, allowed processes and variables.
    Restricted,
    /// Beyond one run.
    Privileged,
}

impl Level {
    /// Returns the name that scripts and configuration use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Restricted => "restricted",
            Self::Privileged => "privileged",
        }
    }
}

/// A call that shows how a tool is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Example {
    /// What it does, as a heading.
    pub title: &'static str,
    /// The parameters, as the text of a JSON object.
    pub input: &'static str,
}

/// What listings say about a tool, beside its schema.
#[derive(Clone, Debug)]
pub struct ToolInfo {
    /// `filesystem web api analysis data system media utility`, or any own word.
    pub category: String,
    /// How far it may reach.
    pub level: Level,
    /// How far a call with these arguments reaches, for tools of which some operations need more than `level`.
    pub level_of: Option<fn(&Value) -> Level>,
    /// Semantic version.
    pub version: String,
    /// Limit of a whole call, unless the call says otherwise.
    pub timeout: Duration,
    /// How much longer a call with these arguments may take, for tools that wait as long as they are told.
    pub waits_for: Option<fn(&Value) -> Duration>,
    /// Names of its operations, canonical ones only; empty if it has no `operation` parameter.
    pub operations: Vec<String>,
    /// What its operations cannot do without, by canonical name: parameters of which one must be given.
    pub needs: Vec<(&'static str, &'static [&'static str])>,
    /// Which operation a call is, for tools that tell by more than the parameter `operation`.
    pub operation_of: Option<fn(&Value) -> Option<&'static str>>,
    /// Names by which it is found as well.
    pub synonyms: Vec<String>,
    /// Calls that show how it is used; a test runs each.
    pub examples: Vec<Example>,
    /// The schema of what its table `[tools.NAME]` takes beside what every tool's takes.
    pub settings: Option<SchemaFn>,
}

impl ToolInfo {
    /// Describes a safe tool of version 1.0.0 with a limit of 30 s.
    pub fn new(category: impl Into<String>) -> Self {
        Self {
            category: category.into(),
            level: Level::Safe,
            level_of: None,
            version: "1.0.0".into(),
            timeout: Duration::from_secs(30),
            waits_for: None,
            operations: Vec::new(),
            needs: Vec::new(),
            operation_of: None,
            synonyms: Vec::new(),
            examples: Vec::new(),
            settings: None,
        }
    }

    /// Sets how far the tool may reach.
    #[must_use]
    pub fn level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// Says that some calls need another level than the tool itself, as their arguments tell.
    #[must_use]
    pub fn level_of(mut self, level_of: fn(&Value) -> Level) -> Self {
        self.level_of = Some(level_of);
        self
    }

    /// Returns the level that a call with these arguments needs.
    pub fn level_with(&self, args: &Value) -> Level {
        self.level_of.map_or(self.level, |level_of| level_of(args))
    }

    /// Sets the limit of a whole call.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Says how much longer some calls may take than the limit, as their arguments tell.
    #[must_use]
    pub fn waits_for(mut self, waits_for: fn(&Value) -> Duration) -> Self {
        self.waits_for = Some(waits_for);
        self
    }

    /// Returns the limit of a call with these arguments.
    pub fn timeout_with(&self, args: &Value) -> Duration {
        let waits = self.waits_for.map(|waits_for| waits_for(args));
        self.timeout.saturating_add(waits.unwrap_or_default())
    }

    /// Names the operations.
    #[must_use]
    pub fn operations(mut self, operations: &[&str]) -> Self {
        self.operations = operations.iter().map(|&name| name.to_owned()).collect();
        self
    }

    /// Says what these operations cannot do without, each time parameters of which one must be given: the first is the
    /// one that is asked for. `options.size` stands for the table `options`, in which the tool looks by itself.
    ///
    /// It is checked before a call begins. A tool that may be called in other ways checks it by itself as well.
    #[must_use]
    pub fn needs(mut self, operations: &[&'static str], one_of: &'static [&'static str]) -> Self {
        let needs = operations.iter().map(|&operation| (operation, one_of));
        self.needs.extend(needs);
        self
    }

    /// Says which operation a call with these arguments is, where more tells it than the parameter `operation` and its
    /// default.
    #[must_use]
    pub fn operation_of(mut self, operation_of: fn(&Value) -> Option<&'static str>) -> Self {
        self.operation_of = Some(operation_of);
        self
    }

    /// Says what its table `[tools.NAME]` takes beside what every tool's takes.
    #[must_use]
    pub fn settings<T: JsonSchema>(mut self) -> Self {
        self.settings = Some(settings_schema::<T>);
        self
    }

    /// Adds a call that shows how the tool is used: what it does, and its parameters as JSON.
    #[must_use]
    pub fn example(mut self, title: &'static str, input: &'static str) -> Self {
        self.examples.push(Example { title, input });
        self
    }

    /// Adds names by which the tool is found as well.
    #[must_use]
    pub fn synonyms(mut self, synonyms: &[&str]) -> Self {
        self.synonyms = synonyms.iter().map(|&name| name.to_owned()).collect();
        self
    }
}

/// What a tool's body returns: the parts of the envelope that only the tool knows.
///
/// A failure is an [`Error`](crate::Error) instead; the caller turns it into an envelope with `success = false`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Outcome {
    /// Canonical name of the operation that ran.
    pub operation: String,
    /// The payload.
    pub data: Value,
    /// The primary value, which may be null; the payload if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Value>,
    /// Members of `metadata`: `message`, `warnings`, and what the tool's chapter names.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schemars(with = "std::collections::BTreeMap<String, Value>")]
    pub metadata: Map,
}

impl Outcome {
    /// Creates the outcome of `operation` with this payload.
    pub fn new(operation: impl Into<String>, data: impl Into<Value>) -> Self {
        Self {
            operation: operation.into(),
            data: data.into(),
            ..Self::default()
        }
    }

    /// Sets the primary value.
    #[must_use]
    pub fn output(mut self, output: impl Into<Value>) -> Self {
        self.output = Some(output.into());
        self
    }

    /// Adds a member to `metadata`.
    #[must_use]
    pub fn metadata(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.metadata.insert(name, value.into());
        self
    }

    /// Sets the sentence for people.
    #[must_use]
    pub fn message(self, message: impl Into<String>) -> Self {
        self.metadata("message", message.into())
    }

    /// Adds a warning.
    #[must_use]
    pub fn warning(mut self, warning: impl Into<String>) -> Self {
        let list = self
            .metadata
            .entry("warnings")
            .or_insert_with(|| Value::List(Vec::new()));
        if let Value::List(list) = list {
            list.push(Value::Str(warning.into()));
        }
        self
    }

    /// Takes the parts of what `Value::from` makes of an outcome.
    ///
    /// - Errors: `InvalidArgs` if the value is no outcome.
    pub fn from_value(value: Value) -> Result<Self> {
        let is_usual = |parts: &Map| {
            let has = |name| parts.contains_key(name);
            has("operation") && has("data") && parts.iter().all(|(name, part)| fits(name, part))
        };
        let parts = match value {
            Value::Map(parts) if is_usual(&parts) => parts,
            other => return other.into_typed(),
        };
        let mut outcome = Self::default();
        for (name, part) in parts {
            match (name.as_str(), part) {
                ("operation", Value::Str(operation)) => outcome.operation = operation,
                ("data", data) => outcome.data = data,
                ("output", output) => outcome.output = Some(output),
                ("metadata", Value::Map(metadata)) => outcome.metadata = metadata,
                _ => {}
            }
        }
        Ok(outcome)
    }

    /// Returns the primary value, or the payload if none was named.
    pub fn primary(&self) -> &Value {
        self.output.as_ref().unwrap_or(&self.data)
    }
}

/// Returns whether a part of an outcome has the type that it must have.
fn fits(name: &str, part: &Value) -> bool {
    match name {
        "operation" => matches!(part, Value::Str(_)),
        "metadata" => matches!(part, Value::Map(_)),
        _ => true,
    }
}

impl From<Outcome> for Value {
    fn from(outcome: Outcome) -> Self {
        let mut parts = Map::with_capacity(4);
        parts.insert("operation", outcome.operation.into());
        parts.insert("data", outcome.data);
        if let Some(output) = outcome.output {
            parts.insert("output", output);
        }
        if !outcome.metadata.is_empty() {
            parts.insert("metadata", outcome.metadata.into());
        }
        Self::Map(parts)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_outcome_is_the_same_value_as_its_serialised_form() {
        let plain = Outcome::new("run", 6);
        let full = Outcome::new("run", Value::from(json!({"a": 1})))
            .output("x")
            .warning("w");
        for outcome in [Outcome::default(), plain, full] {
            let value = Value::from(outcome.clone());
            assert_eq!(value, Value::from_serialize(&outcome).unwrap());
            assert_eq!(Outcome::from_value(value.clone()).unwrap(), outcome);
            assert_eq!(value.into_typed::<Outcome>().unwrap(), outcome);
        }
    }

    #[test]
    fn a_primary_value_may_be_null() {
        let outcome = Outcome::new("get", Value::from(json!({"found": false}))).output(Value::Null);
        let again = Outcome::from_value(outcome.into()).unwrap();
        assert_eq!(again.primary(), &Value::Null);
    }

    #[test]
    fn what_is_no_outcome_is_refused() {
        for value in [
            json!(1),
            json!({}),
            json!({"operation": "run"}),
            json!({"operation": 1, "data": 2}),
            json!({"operation": "run", "data": 2, "metadata": 3}),
        ] {
            let refused = Outcome::from_value(value.into()).unwrap_err();
            assert_eq!(refused.kind(), crate::Kind::InvalidArgs);
        }
    }
}
