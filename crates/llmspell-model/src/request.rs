//! What is asked of a model: messages, tools and sampling options, as plain data.
//!
//! Everything here is journaled and therefore stable: tagged enums, named fields, no provider's own types. What only a
//! provider understands travels in [`Message::native`], kept verbatim.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One turn asked of a model.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Request {
    /// The provider's own id of the model: `gpt-4o-mini`.
    pub model: String,
    /// Instructions that stand before the conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// The conversation, oldest first.
    pub messages: Vec<Message>,
    /// Tools that the model may call. Give them on every turn of a conversation that used them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<ToolSpec>,
    /// Whether and which tool must be called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_choice: Option<ToolChoice>,
    /// The shape that the answer must have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema: Option<OutputSchema>,
    /// Randomness, 0 to 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// Most tokens of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u64>,
    /// Nucleus sampling, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f64>,
    /// Texts that end the answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stop: Vec<String>,
    /// Seed, where the provider knows one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Fields of the provider's own request, passed through as they are.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
}

impl Request {
    /// Asks `model` one question.
    pub fn new(model: impl Into<String>, prompt: impl Into<String>) -> Self {
        Self {
            model: model.into(),
            messages: vec![Message::user(prompt)],
            ..Self::default()
        }
    }

    /// Returns the text of the last message of the user.
    pub fn last_user_text(&self) -> Cow<'_, str> {
        self.messages
            .iter()
            .rev()
            .find(|message| message.role == Role::User)
            .map_or(Cow::Borrowed(""), Message::text)
    }
}

/// Who speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The person or program that asks.
    #[default]
    User,
    /// The model.
    Assistant,
    /// The results of the tools that the model called.
    Tool,
}

/// One entry of a conversation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said, in order.
    pub parts: Vec<Part>,
    /// The turn as its provider wrote it, with signatures and ids that only that provider understands. It is sent back
    /// verbatim as long as it still says what `parts` say, and ignored once they differ or another model is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub native: Option<Value>,
}

impl Message {
    /// Makes a message from its parts.
    pub fn new(role: Role, parts: Vec<Part>) -> Self {
        Self {
            role,
            parts,
            native: None,
        }
    }

    /// Makes a text of the user.
    pub fn user(text: impl Into<String>) -> Self {
        Self::new(Role::User, vec![Part::text(text)])
    }

    /// Makes a text of the model.
    pub fn assistant(text: impl Into<String>) -> Self {
        Self::new(Role::Assistant, vec![Part::text(text)])
    }

    /// Makes the answer to the tool calls of the message before.
    pub fn tool(results: impl IntoIterator<Item = ToolResult>) -> Self {
        Self::new(
            Role::Tool,
            results.into_iter().map(Part::ToolResult).collect(),
        )
    }

    /// Returns the text parts, joined.
    pub fn text(&self) -> Cow<'_, str> {
        let mut texts = self.parts.iter().filter_map(Part::as_text);
        match (texts.next(), texts.next()) {
            (None, _) => Cow::Borrowed(""),
            (Some(only), None) => Cow::Borrowed(only),
            (Some(first), Some(second)) => {
                let mut joined = format!("{first}{second}");
                texts.for_each(|text| joined.push_str(text));
                Cow::Owned(joined)
            }
        }
    }

    /// Returns the tool calls, in order.
    pub fn tool_calls(&self) -> impl Iterator<Item = &ToolCall> {
        self.parts.iter().filter_map(|part| match part {
            Part::ToolCall(call) => Some(call),
            _ => None,
        })
    }

    /// Returns the tool results, in order.
    pub fn tool_results(&self) -> impl Iterator<Item = &ToolResult> {
        self.parts.iter().filter_map(|part| match part {
            Part::ToolResult(result) => Some(result),
            _ => None,
        })
    }
}

/// One piece of a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Part {
    /// Text.
    Text {
        /// The text.
        text: String,
    },
    /// A picture.
    Image(Media),
    /// A recording.
    Audio(Media),
    /// A film.
    Video(Media),
    /// A document: PDF, Markdown, CSV.
    Document(Media),
    /// A tool that the model wants called.
    ToolCall(ToolCall),
    /// What a tool answered.
    ToolResult(ToolResult),
    /// What the model thought, as far as the provider shows it.
    Reasoning {
        /// The text; empty if the provider withheld it.
        text: String,
    },
}

impl Part {
    /// Makes a text part.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into() }
    }

    /// Returns the text of a text part.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text { text } => Some(text),
            _ => None,
        }
    }
}

/// A picture, recording, film or document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Media {
    /// What it is: `image/png`.
    pub mime: String,
    /// Where its bytes are.
    #[serde(flatten)]
    pub source: Source,
}

impl Media {
    /// Makes a medium from base64 text.
    pub fn base64(mime: impl Into<String>, data: impl Into<String>) -> Self {
        Self {
            mime: mime.into(),
            source: Source::Data(data.into()),
        }
    }

    /// Makes a medium that the provider fetches itself.
    pub fn url(mime: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            mime: mime.into(),
            source: Source::Url(url.into()),
        }
    }
}

/// Where the bytes of a medium are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Here, as base64 text.
    Data(String),
    /// At this address.
    Url(String),
}

/// A call that the model asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ToolCall {
    /// Pairs the call with its result.
    pub id: String,
    /// The tool.
    pub name: String,
    /// The arguments; a string holding what the model wrote if that was no JSON object.
    pub arguments: Value,
}

impl ToolCall {
    /// Makes the result that answers this call.
    pub fn answer(&self, content: impl Into<String>) -> ToolResult {
        ToolResult {
            id: self.id.clone(),
            name: self.name.clone(),
            content: content.into(),
            images: Vec::new(),
            is_error: false,
        }
    }
}

/// What a tool answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ToolResult {
    /// The call's id.
    pub id: String,
    /// The tool.
    pub name: String,
    /// The answer as text.
    pub content: String,
    /// Pictures that belong to the answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<Media>,
    /// Whether the tool failed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_error: bool,
}

/// A tool as it is described to a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ToolSpec {
    /// Its name.
    pub name: String,
    /// What it does and when to use it.
    pub description: String,
    /// JSON Schema of its arguments.
    pub parameters: Value,
}

/// Whether and which tool the model must call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ToolChoice {
    /// The model decides.
    Auto,
    /// No tool.
    None,
    /// At least one tool.
    Required,
    /// This tool.
    Tool(String),
}

/// The shape that an answer must have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OutputSchema {
    /// A name for it, where the provider wants one.
    #[serde(default = "OutputSchema::default_name")]
    pub name: String,
    /// The JSON Schema.
    pub schema: Value,
}

impl OutputSchema {
    /// Names a schema.
    pub fn new(schema: Value) -> Self {
        Self {
            name: Self::default_name(),
            schema,
        }
    }

    fn default_name() -> String {
        "answer".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_request_reads_back_from_its_stored_form() {
        let request = Request {
            system: Some("be brief".into()),
            messages: vec![
                Message::new(
                    Role::User,
                    vec![
                        Part::text("look"),
                        Part::Image(Media::base64("image/png", "AAAA")),
                        Part::Document(Media::url("application/pdf", "https://x.test/a.pdf")),
                    ],
                ),
                Message::new(
                    Role::Assistant,
                    vec![
                        Part::Reasoning { text: "hm".into() },
                        Part::ToolCall(ToolCall {
                            id: "1".into(),
                            name: "t".into(),
                            arguments: json!({"a": 1}),
                        }),
                    ],
                ),
                Message::tool([ToolResult {
                    id: "1".into(),
                    name: "t".into(),
                    content: "no".into(),
                    images: vec![],
                    is_error: true,
                }]),
            ],
            tool_choice: Some(ToolChoice::Tool("t".into())),
            ..Request::new("m", "")
        };
        let stored = serde_json::to_value(&request).unwrap();
        assert_eq!(
            stored["messages"],
            json!([
                {"role": "user", "parts": [
                    {"type": "text", "text": "look"},
                    {"type": "image", "mime": "image/png", "data": "AAAA"},
                    {"type": "document", "mime": "application/pdf", "url": "https://x.test/a.pdf"},
                ]},
                {"role": "assistant", "parts": [
                    {"type": "reasoning", "text": "hm"},
                    {"type": "tool_call", "id": "1", "name": "t", "arguments": {"a": 1}},
                ]},
                {"role": "tool", "parts": [
                    {"type": "tool_result", "id": "1", "name": "t", "content": "no", "is_error": true},
                ]},
            ])
        );
        assert_eq!(serde_json::from_value::<Request>(stored).unwrap(), request);
    }

    #[test]
    fn text_joins_the_text_parts_only() {
        let message = Message::new(
            Role::User,
            vec![
                Part::text("a"),
                Part::Image(Media::base64("image/png", "x")),
                Part::text("b"),
                Part::text("c"),
            ],
        );
        assert_eq!(message.text(), "abc");
    }
}
