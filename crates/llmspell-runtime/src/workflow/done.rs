//! The result of one step.

use std::sync::Arc;
use std::time::Duration;

use llmspell_core::{Error, Map, Value};

use super::truth::text_of;

/// What became of a step, or of a branch.
#[derive(Clone, Debug)]
pub(super) struct Done {
    pub(super) name: Arc<str>,
    pub(super) kind: &'static str,
    pub(super) skipped: bool,
    /// The primary value; null if it failed or was skipped.
    pub(super) output: Value,
    /// All of what it gave.
    pub(super) data: Value,
    pub(super) error: Option<Error>,
    pub(super) duration: Duration,
    /// How often it was begun again.
    pub(super) retries: u32,
    /// The steps within a workflow, the branches of a fan-out.
    pub(super) inner: Vec<Arc<Done>>,
}

impl Done {
    /// Makes the result of something that gave this.
    pub(super) fn of(name: &Arc<str>, kind: &'static str, gave: Gave) -> Self {
        Self {
            name: name.clone(),
            kind,
            skipped: false,
            output: gave.output,
            data: gave.data,
            error: None,
            duration: Duration::ZERO,
            retries: 0,
            inner: gave.inner,
        }
    }

    /// Makes the result of something that was left out.
    pub(super) fn skipped(name: &Arc<str>, kind: &'static str) -> Self {
        Self {
            skipped: true,
            ..Self::of(name, kind, Gave::default())
        }
    }

    /// Makes the result of something that failed.
    pub(super) fn failed(name: &Arc<str>, kind: &'static str, failure: Failure) -> Self {
        Self {
            error: Some(failure.error),
            ..Self::of(
                name,
                kind,
                Gave {
                    output: Value::Null,
                    data: failure.data,
                    inner: failure.inner,
                },
            )
        }
    }

    pub(super) fn is_success(&self) -> bool {
        self.error.is_none()
    }

    /// Returns whether it ran, successfully or not.
    pub(super) fn has_run(&self) -> bool {
        !self.skipped
    }

    /// Returns the output as text.
    pub(super) fn text(&self) -> String {
        text_of(&self.output)
    }

    /// Returns the name of the innermost step that failed, with those around it: `outer/inner`.
    pub(super) fn path(&self) -> String {
        let inner = self.inner.iter().rev().find(|inner| !inner.is_success());
        match inner {
            Some(inner) => format!("{}/{}", self.name, inner.path()),
            None => self.name.to_string(),
        }
    }

    /// Returns what functions of the script see of a step before them.
    pub(super) fn brief(&self) -> Value {
        let mut brief = Map::new();
        let mut put = |name: &str, value: Value| brief.insert(name, value);
        put("output", self.output.clone());
        put("data", self.data.clone());
        put("success", self.is_success().into());
        put("skipped", self.skipped.into());
        put("error", self.error_value());
        put("duration_ms", milliseconds(self.duration));
        Value::Map(brief)
    }

    /// Returns the item of `step_results`.
    pub(super) fn to_value(&self) -> Value {
        let mut shown = Map::with_capacity(11);
        let mut put = |name: &str, value: Value| shown.insert(name, value);
        put("step_name", Value::from(&*self.name));
        put("name", Value::from(&*self.name));
        put("type", self.kind.into());
        put("success", self.is_success().into());
        put("skipped", self.skipped.into());
        put("output", self.output.clone());
        put("data", self.data.clone());
        if self.error.is_some() {
            put("error", self.error_value());
        }
        put("duration_ms", milliseconds(self.duration));
        put("retry_count", self.retries.into());
        Value::Map(shown)
    }

    fn error_value(&self) -> Value {
        self.error.as_ref().map(Error::to_value).into()
    }
}

/// What a step gave.
#[derive(Clone, Debug, Default)]
pub(super) struct Gave {
    pub(super) output: Value,
    pub(super) data: Value,
    pub(super) inner: Vec<Arc<Done>>,
}

impl Gave {
    /// Makes what a function gave: a table with `success` or `output` is a result, anything else the output.
    ///
    /// - Errors: what a result with `success = false` says.
    pub(super) fn returned(value: Value) -> Result<Self, Failure> {
        let is_result = value
            .as_map()
            .is_some_and(|map| map.contains_key("success") || map.contains_key("output"));
        if !is_result {
            return Ok(Self {
                output: value.clone(),
                data: value,
                inner: Vec::new(),
            });
        }
        let member = |name: &str| value.get(name).cloned().unwrap_or_default();
        if member("success") == Value::Bool(false) {
            let message = match member("error") {
                Value::Null => "the function reported a failure".to_owned(),
                error @ Value::Map(_) => return Err(Error::from_value(&error).into()),
                other => text_of(&other),
            };
            let kind = member("error_kind");
            let kind = kind.as_str().and_then(llmspell_core::Kind::from_name);
            let kind = kind.unwrap_or(llmspell_core::Kind::Execution);
            return Err(Error::new(kind, message).into());
        }
        let output = member("output");
        let data = match member("data") {
            Value::Null => output.clone(),
            data => data,
        };
        Ok(Self {
            output,
            data,
            inner: Vec::new(),
        })
    }
}

/// Why a step failed, and how far it came.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub(super) error: Error,
    pub(super) data: Value,
    pub(super) inner: Vec<Arc<Done>>,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self {
            data: error.details().get("data").cloned().unwrap_or_default(),
            error,
            inner: Vec::new(),
        }
    }
}

/// Returns a time in whole milliseconds.
pub(super) fn milliseconds(time: Duration) -> Value {
    time.as_millis().into()
}
