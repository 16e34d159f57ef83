//! What an agent answers.

use std::time::Duration;

use llmspell_core::{Map, Result, Usage, Value};

use super::execution::Execution;
use super::table;

/// The end of an execution, before it becomes the table that scripts see.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub(super) text: String,
    pub(super) data: Option<Value>,
    pub(super) finish_reason: String,
    /// The model that answered: `provider/model`.
    pub(super) model: String,
    pub(super) media: Vec<Value>,
    /// Agents that answered for this one.
    pub(super) delegates: Option<Vec<String>>,
}

impl Done {
    /// Makes the answer of an agent that asks no model.
    pub(super) fn plain(text: String, model: &str) -> Self {
        Self {
            text,
            model: model.to_owned(),
            finish_reason: "stop".to_owned(),
            ..Self::default()
        }
    }

    pub(super) fn to_value(&self, execution: &Execution, elapsed: Duration) -> Result<Value> {
        let text = || Value::from(self.text.as_str());
        let mut answer = table([
            ("text", text()),
            ("content", text()),
            ("output", text()),
            ("success", true.into()),
            ("usage", usage(&execution.usage).into()),
            ("tool_calls", Value::List(execution.calls.clone())),
            ("finish_reason", self.finish_reason.as_str().into()),
            ("model", self.model.as_str().into()),
            ("turns", execution.turns.into()),
        ]);
        if let Some(data) = &self.data {
            answer.insert("data".to_owned(), data.clone());
        }
        if !self.media.is_empty() {
            answer.insert("media".to_owned(), Value::List(self.media.clone()));
        }
        answer.insert(
            "metadata".to_owned(),
            self.metadata(execution, elapsed).into(),
        );
        Ok(Value::Map(answer))
    }

    fn metadata(&self, execution: &Execution, elapsed: Duration) -> Map {
        let agent = &execution.agent;
        let provider = self
            .model
            .split_once('/')
            .map_or("", |(provider, _)| provider);
        let mut metadata = table([
            ("agent_id", agent.id.as_str().into()),
            ("agent_name", agent.name().into()),
            ("provider", provider.into()),
            ("model", self.model.as_str().into()),
            ("execution_time_ms", elapsed.as_millis().into()),
            ("token_count", execution.usage.total_tokens().into()),
        ]);
        if let Some(delegates) = &self.delegates {
            metadata.insert("delegates".to_owned(), delegates.clone().into());
        }
        metadata
    }
}

/// Returns the known tokens and money, with the usual synonyms.
fn usage(usage: &Usage) -> Map {
    let mut map = usage.to_map();
    for (synonym, name) in [
        ("prompt_tokens", "input_tokens"),
        ("completion_tokens", "output_tokens"),
    ] {
        if let Some(count) = map.get(name).cloned() {
            map.insert(synonym.to_owned(), count);
        }
    }
    map
}
