//! What of an agent's settings comes back with its saved state.

use llmspell_core::{Result, Value};
use serde::{Deserialize, Serialize};

use super::instance::Agent;

/// The settings that are saved and restored; what is none was not said.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Tuning {
    pub(super) system_prompt: Option<String>,
    pub(super) temperature: Option<f64>,
    pub(super) max_tokens: Option<u64>,
    pub(super) max_conversation_length: Option<usize>,
}

impl Tuning {
    /// Returns these settings without those that the script said itself.
    pub(super) fn without(self, said: &Self) -> Self {
        fn unless<T, S>(value: Option<T>, said: &Option<S>) -> Option<T> {
            value.filter(|_| said.is_none())
        }
        Self {
            system_prompt: unless(self.system_prompt, &said.system_prompt),
            temperature: unless(self.temperature, &said.temperature),
            max_tokens: unless(self.max_tokens, &said.max_tokens),
            max_conversation_length: unless(
                self.max_conversation_length.filter(|length| *length > 0),
                &said.max_conversation_length,
            ),
        }
    }
}

impl Agent {
    pub(super) fn system_prompt(&self) -> String {
        let restored = self.restored.read().system_prompt.clone();
        restored.unwrap_or_else(|| self.settings.system_prompt.clone())
    }

    pub(super) fn temperature(&self) -> Option<f64> {
        self.restored
            .read()
            .temperature
            .or(self.settings.temperature)
    }

    pub(super) fn max_tokens(&self) -> Option<u64> {
        self.restored.read().max_tokens.or(self.settings.max_tokens)
    }

    pub(super) fn max_conversation_length(&self) -> usize {
        let restored = self.restored.read().max_conversation_length;
        restored.unwrap_or(self.settings.max_conversation_length)
    }

    /// Returns all settings as scripts see them, those in effect where a saved state brought others back.
    pub(super) fn config(&self, tools: Value) -> Result<Value> {
        let mut config = self.settings.to_value(self.model(), tools)?;
        if let (Value::Map(config), Value::Map(tuning)) =
            (&mut config, Value::from_serialize(&self.tuning())?)
        {
            config.extend(tuning.into_iter().filter(|(_, value)| !value.is_null()));
        }
        Ok(config)
    }

    fn tuning(&self) -> Tuning {
        Tuning {
            system_prompt: Some(self.system_prompt()),
            temperature: self.temperature(),
            max_tokens: self.max_tokens(),
            max_conversation_length: Some(self.max_conversation_length()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_script_said_stays() {
        let saved = Tuning {
            system_prompt: Some("saved".to_owned()),
            temperature: Some(0.1),
            max_tokens: None,
            max_conversation_length: Some(5),
        };
        let said = Tuning {
            temperature: Some(0.9),
            ..Tuning::default()
        };
        let wanted = Tuning {
            temperature: None,
            ..saved.clone()
        };
        assert_eq!(saved.without(&said), wanted);
    }
}
