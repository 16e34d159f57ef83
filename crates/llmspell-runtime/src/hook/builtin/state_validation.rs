//! `StateValidation`: values that are too large are not written.

use llmspell_core::value::to_record;
use llmspell_core::{Result, Value, error};
use serde::{Deserialize, Serialize};

use super::super::answer::Answer;
use super::super::context::Context;
use super::super::entry::{Answering, Hook};
use super::super::frame::Within;
use super::at_once;

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Config {
    /// The largest value. One under the key of a secret is not measured, since hooks do not see it.
    max_value_bytes: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_value_bytes: 1 << 20,
        }
    }
}

pub(super) struct StateValidation {
    config: Config,
}

pub(super) fn new(config: Config) -> Result<StateValidation> {
    if config.max_value_bytes == 0 {
        return Err(error!(InvalidArgs, "`max_value_bytes` must be at least 1"));
    }
    Ok(StateValidation { config })
}

impl Hook for StateValidation {
    fn call<'a>(&'a self, _: &'a Within<'a>, context: &'a mut Context<'_>) -> Answering<'a> {
        let value = context.data.get("value").unwrap_or(&Value::Null);
        let (size, most) = (to_record(value).len() as u64, self.config.max_value_bytes);
        let key = context.text("key").unwrap_or_default();
        at_once(Ok(match size > most {
            true => Answer::Cancel(Some(format!(
                "the value of '{key}' has {size} bytes, at most {most}"
            ))),
            false => Answer::Continue,
        }))
    }
}
