//! Policies of sessions: what holds, beyond their bounds, for the calls that are made for them.

mod composition;
mod guard;
mod rates;
mod resources;
mod time;

use llmspell_core::{Result, Value, bail, error, nearest};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use composition::Composition;
use rates::RateLimit;
use resources::Resource;
use time::Timeout;

pub(crate) use guard::Guard;

/// The members of `config.policies`.
const NAMES: [&str; 4] = ["timeout", "resource", "rate_limit", "composition"];

/// The policies of one session. None holds that was not asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(title = "SessionPolicies")]
pub struct Policies {
    /// How long it may live and lie idle.
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout: Option<Timeout>,
    /// What its calls may consume.
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<Resource>,
    /// How often calls may be made.
    #[serde(skip_serializing_if = "Option::is_none")]
    rate_limit: Option<RateLimit>,
    /// What several of them decide together.
    composition: Composition,
}

impl Policies {
    /// Reads what a script wrote: for each policy `true`, which is its defaults, or a table of what differs from them.
    ///
    /// - Errors: `InvalidArgs` naming the member that is wrong or unknown.
    pub(super) fn read(written: Value) -> Result<Self> {
        let members = match written {
            Value::Null | Value::Bool(false) => return Ok(Self::default()),
            Value::List(items) if items.is_empty() => return Ok(Self::default()),
            Value::Map(members) => members,
            other => bail!(
                InvalidArgs,
                "`config.policies` must be a table, got {}",
                other.type_name()
            ),
        };
        let mut policies = Self::default();
        for (name, value) in members {
            match name.as_str() {
                "timeout" => policies.timeout = one(&name, value)?,
                "resource" => policies.resource = one(&name, value)?,
                "rate_limit" => policies.rate_limit = one(&name, value)?,
                "composition" | "pattern" => policies.composition = Composition::read(value)?,
                unknown => {
                    let error = error!(InvalidArgs, "unknown option 'config.policies.{unknown}'");
                    return Err(match nearest(unknown, NAMES).first() {
                        Some(near) => error.hint(format!("did you mean '{near}'?")),
                        None => error.hint(format!("there are {}", NAMES.join(", "))),
                    });
                }
            }
        }
        Ok(policies)
    }

    /// Holds calls to the usual rates, unless others are written.
    pub(super) fn limit_rates(&mut self) {
        self.rate_limit.get_or_insert_default();
    }

    /// Returns whether none holds.
    pub(super) fn is_empty(&self) -> bool {
        self.timeout.is_none() && self.resource.is_none() && self.rate_limit.is_none()
    }

    /// Returns after how many seconds the session fails, and after how many without work it is suspended, if a policy
    /// says.
    pub(super) fn ends(&self) -> (Option<u64>, Option<u64>) {
        match &self.timeout {
            Some(timeout) => timeout.ends(),
            None => (None, None),
        }
    }

    /// Returns how long it is until the next warning of a session of this age, in microseconds.
    pub(super) fn next_warning(&self, age: i64) -> Option<i64> {
        self.timeout.as_ref()?.next_warning(age)
    }
}

fn one<T: DeserializeOwned + Default>(name: &str, value: Value) -> Result<Option<T>> {
    match value {
        Value::Null | Value::Bool(false) => Ok(None),
        Value::Bool(true) => Ok(Some(T::default())),
        Value::List(items) if items.is_empty() => Ok(Some(T::default())),
        table @ Value::Map(_) => match table.into_typed() {
            Ok(policy) => Ok(Some(policy)),
            Err(wrong) => Err(error!(
                InvalidArgs,
                "`config.policies.{name}`: {}",
                wrong.message()
            )),
        },
        other => Err(error!(
            InvalidArgs,
            "`config.policies.{name}` must be true or a table, got {}",
            other.type_name()
        )),
    }
}

#[cfg(test)]
mod tests {
    use llmspell_core::Kind;
    use serde_json::json;

    use super::*;

    fn read(written: serde_json::Value) -> Result<Policies> {
        Policies::read(written.into())
    }

    #[test]
    fn a_policy_is_its_defaults_or_what_differs() {
        assert!(read(json!(null)).unwrap().is_empty());
        assert!(read(json!({"timeout": false})).unwrap().is_empty());
        let usual = read(json!({"timeout": true, "resource": {}, "rate_limit": true})).unwrap();
        assert_eq!(usual.timeout, Some(Timeout::default()));
        assert_eq!(usual.resource, Some(Resource::default()));
        assert_eq!(usual.ends(), (Some(3660), Some(960)));
        let own = read(json!({"timeout": {"idle_timeout": 5, "grace": 1}})).unwrap();
        assert_eq!(own.ends(), (Some(3601), Some(6)));
        let again: Policies = Value::from_serialize(&usual).unwrap().into_typed().unwrap();
        assert_eq!(again, usual);
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for (written, message) in [
            (
                json!({"timeuot": true}),
                "unknown option 'config.policies.timeuot'",
            ),
            (
                json!({"resource": 5}),
                "`config.policies.resource` must be true or a table, got int",
            ),
            (
                json!({"composition": "most"}),
                "`config.policies.composition` must be",
            ),
            (
                json!({"timeout": {"idle": 1}}),
                "`config.policies.timeout`: ",
            ),
            (json!([1]), "`config.policies` must be a table, got array"),
        ] {
            let error = read(written.clone()).unwrap_err();
            assert_eq!(error.kind(), Kind::InvalidArgs);
            assert!(error.message().starts_with(message), "{error}");
        }
    }
}
