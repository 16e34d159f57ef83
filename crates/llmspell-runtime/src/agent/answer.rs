//! What an agent answers.

use std::time::Duration;

use llmspell_core::{Map, Result, Usage, Value};
use schemars::JsonSchema;

use super::execution::Execution;

/// The answer of an agent, as scripts see it. Acts as a text: its `text`.
#[derive(JsonSchema)]
#[schemars(title = "AgentAnswer")]
#[expect(dead_code, reason = "describes what `Done::to_value` makes")]
pub(super) struct Answer {
    /// The text of the answer.
    text: String,
    /// The same as `text`.
    content: String,
    /// The same as `text`.
    output: String,
    success: bool,
    /// The parsed object, where a schema was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Value>,
    usage: Spent,
    /// The tool calls, in their order.
    tool_calls: Vec<Called>,
    finish_reason: FinishReason,
    /// `provider/model` that answered.
    model: String,
    turns: u64,
    /// Media that the model produced: `{type, base64, format}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    media: Option<Vec<Value>>,
    metadata: Metadata,
    /// How many chunks were shown, where the answer was streamed.
    #[serde(skip_serializing_if = "Option::is_none")]
    chunks_received: Option<u64>,
}

/// What an answer consumed; what the provider did not say is absent.
#[derive(JsonSchema)]
#[schemars(title = "Usage")]
#[expect(dead_code, reason = "describes what `usage` makes")]
pub(super) struct Spent {
    #[serde(flatten)]
    known: Usage,
    /// Input and output together.
    #[serde(skip_serializing_if = "Option::is_none")]
    total_tokens: Option<u64>,
    /// The same as `input_tokens`.
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_tokens: Option<u64>,
    /// The same as `output_tokens`.
    #[serde(skip_serializing_if = "Option::is_none")]
    completion_tokens: Option<u64>,
}

/// A tool call of an answer.
#[derive(JsonSchema)]
#[schemars(title = "CalledTool")]
#[expect(dead_code, reason = "describes what a turn records")]
struct Called {
    id: String,
    name: String,
    arguments: Value,
    /// The primary value, or `{error, error_kind}`.
    result: Value,
    success: bool,
    duration_ms: u64,
}

/// Why an answer ended.
#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "names what `Done` holds")]
pub(super) enum FinishReason {
    Stop,
    Length,
    ToolLimit,
    ContentFilter,
    Stopped,
}

/// Facts around an answer.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "describes what `Done::metadata` makes")]
struct Metadata {
    agent_id: String,
    agent_name: String,
    provider: String,
    model: String,
    execution_time_ms: u64,
    token_count: Option<u64>,
    /// The agents that answered for this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    delegates: Option<Vec<String>>,
    /// The answer as an artifact, where it is a long one.
    #[serde(skip_serializing_if = "Option::is_none")]
    artifacts: Option<Vec<crate::artifact::Id>>,
}

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
        let mut answer = Map::from([
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
            answer.insert("data", data.clone());
        }
        if !self.media.is_empty() {
            answer.insert("media", Value::List(self.media.clone()));
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
        let mut metadata = Map::from([
            ("agent_id", agent.id.as_str().into()),
            ("agent_name", agent.name().into()),
            ("provider", provider.into()),
            ("model", self.model.as_str().into()),
            ("execution_time_ms", elapsed.as_millis().into()),
            ("token_count", execution.usage.total_tokens().into()),
        ]);
        if let Some(delegates) = &self.delegates {
            metadata.insert("delegates", delegates.clone().into());
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
