//! What a model answers: a stream of events, and the one way to collect it.

use futures::StreamExt;
use futures::stream::BoxStream;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use llmspell_core::{Flow, Result, Usage, error};

use crate::request::{Message, Part, Role, ToolCall};

/// One answer as it arrives. An error is the last item; an answer that is complete ends with [`Event::End`].
///
/// - Cancel: dropping the stream closes the connection.
pub type EventStream = BoxStream<'static, Result<Event>>;

/// One step of an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// A new piece of the answer's text.
    Text {
        /// The piece.
        text: String,
    },
    /// A new piece of what the model thinks.
    Reasoning {
        /// The piece.
        text: String,
    },
    /// A tool call begins.
    ToolCallStart {
        /// Tells the calls of one answer apart, in the order in which they began.
        index: usize,
        /// The tool.
        name: String,
    },
    /// A new piece of a tool call's arguments, as JSON text.
    ToolCallArguments {
        /// The call.
        index: usize,
        /// The piece.
        delta: String,
    },
    /// A tool call is complete.
    ToolCallEnd {
        /// The call.
        index: usize,
        /// The call with its id and arguments.
        call: ToolCall,
    },
    /// What the answer consumed. Comes at most once; what the provider did not say is unknown, not 0.
    Usage(Usage),
    /// The answer is complete.
    End(End),
}

/// How an answer ended.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct End {
    /// Why the model stopped.
    pub reason: Reason,
    /// The provider's id of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_id: Option<String>,
    /// The provider's id of the request, for its support.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The model that answered, as the provider names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The whole turn as the provider states it at its end, which may order or word it otherwise than the pieces did.
    #[serde(skip)]
    #[schemars(skip)]
    pub turn: Option<Message>,
}

/// Why a model stopped. Its stored form is the word for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "String", into = "String")]
#[schemars(with = "String")]
pub enum Reason {
    /// It was done.
    #[default]
    Stop,
    /// It reached the limit of tokens.
    Length,
    /// It wants tools called.
    ToolCalls,
    /// The provider withheld the answer, or the model refused.
    ContentFilter,
    /// Another reason, in the provider's word.
    Other(String),
}

impl Reason {
    /// Returns the word for it: `stop`, `length`, `tool_calls`, `content_filter`, or the provider's own.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
            Self::ToolCalls => "tool_calls",
            Self::ContentFilter => "content_filter",
            Self::Other(word) => word,
        }
    }
}

impl From<String> for Reason {
    fn from(word: String) -> Self {
        match word.as_str() {
            "stop" => Self::Stop,
            "length" => Self::Length,
            "tool_calls" => Self::ToolCalls,
            "content_filter" => Self::ContentFilter,
            _ => Self::Other(word),
        }
    }
}

impl From<Reason> for String {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::Other(word) => word,
            known => known.as_str().to_owned(),
        }
    }
}

/// A complete answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Response {
    /// The model's turn, to be appended to the conversation.
    pub message: Message,
    /// Why the model stopped.
    pub reason: Reason,
    /// What it consumed.
    #[serde(default)]
    pub usage: Usage,
    /// The provider's id of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_id: Option<String>,
    /// The provider's id of the request, for its support.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The model that answered, as the provider names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

impl Response {
    /// Returns the answer's text.
    pub fn text(&self) -> String {
        self.message.text().into_owned()
    }

    /// Returns what the model thought, as far as it was shown.
    pub fn reasoning(&self) -> String {
        self.message
            .parts
            .iter()
            .filter_map(|part| match part {
                Part::Reasoning { text } => Some(text.as_str()),
                _ => None,
            })
            .collect()
    }

    /// Reads a stream to its end and shows each event to `seen` as it arrives. This is the only collector: a complete
    /// answer is a collected stream.
    ///
    /// If `seen` says stop, the answer so far is returned with the reason `stopped`, without tool calls.
    ///
    /// - Errors: what the stream or `seen` raised; `Remote` (retryable) if the stream ends before the answer does.
    /// - Cancel: safe; dropping the future closes the connection.
    pub async fn collect<S, F>(mut stream: EventStream, mut seen: S) -> Result<Self>
    where
        S: FnMut(&Event) -> F,
        F: Future<Output = Result<Flow>>,
    {
        let mut draft = Draft::default();
        while let Some(event) = stream.next().await {
            let event = event?;
            let flow = seen(&event).await?;
            if let Some(response) = draft.absorb(event) {
                return Ok(response);
            }
            if flow == Flow::Stop {
                return Ok(draft.stopped());
            }
        }
        let error = error!(Remote, "the model's answer broke off before its end");
        Err(error.transient(true))
    }

    /// Reads a stream to its end.
    pub async fn read(stream: EventStream) -> Result<Self> {
        Self::collect(stream, |_| std::future::ready(Ok(Flow::Continue))).await
    }
}

/// An answer under way.
#[derive(Default)]
struct Draft {
    parts: Vec<Part>,
    usage: Usage,
}

impl Draft {
    fn absorb(&mut self, event: Event) -> Option<Response> {
        match event {
            Event::Text { text } => match self.parts.last_mut() {
                Some(Part::Text { text: open }) => open.push_str(&text),
                _ => self.parts.push(Part::Text { text }),
            },
            Event::Reasoning { text } => match self.parts.last_mut() {
                Some(Part::Reasoning { text: open }) => open.push_str(&text),
                _ => self.parts.push(Part::Reasoning { text }),
            },
            Event::ToolCallStart { .. } | Event::ToolCallArguments { .. } => {}
            Event::ToolCallEnd { call, .. } => self.parts.push(Part::ToolCall(call)),
            Event::Usage(usage) => self.usage = usage,
            Event::End(end) => return Some(self.finish(end)),
        }
        None
    }

    fn stopped(mut self) -> Response {
        self.parts.retain(|part| !matches!(part, Part::ToolCall(_)));
        self.finish(End {
            reason: Reason::Other("stopped".to_owned()),
            ..End::default()
        })
    }

    fn finish(&mut self, end: End) -> Response {
        let parts = std::mem::take(&mut self.parts);
        Response {
            message: end
                .turn
                .unwrap_or_else(|| Message::new(Role::Assistant, parts)),
            reason: end.reason,
            usage: self.usage,
            response_id: end.response_id,
            request_id: end.request_id,
            model: end.model,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use llmspell_core::{Error, Kind};
    use serde_json::{Value, json};

    async fn collect(events: Vec<Result<Event>>) -> (Result<Response>, Vec<Event>) {
        let mut seen = Vec::new();
        let response = Response::collect(futures::stream::iter(events).boxed(), |event| {
            seen.push(event.clone());
            std::future::ready(Ok(Flow::Continue))
        })
        .await;
        (response, seen)
    }

    fn text(text: &str) -> Result<Event> {
        Ok(Event::Text { text: text.into() })
    }

    fn call(arguments: Value) -> ToolCall {
        ToolCall {
            id: "1".into(),
            name: "t".into(),
            arguments,
        }
    }

    #[tokio::test]
    async fn pieces_become_parts_in_order() {
        let call = call(json!({"a": 1}));
        let (response, seen) = collect(vec![
            Ok(Event::Reasoning { text: "h".into() }),
            Ok(Event::Reasoning { text: "m".into() }),
            text("a"),
            text("b"),
            Ok(Event::ToolCallEnd {
                index: 0,
                call: call.clone(),
            }),
            text("c"),
            Ok(Event::End(End::default())),
        ])
        .await;
        assert_eq!(
            response.unwrap().message.parts,
            [
                Part::Reasoning { text: "hm".into() },
                Part::text("ab"),
                Part::ToolCall(call),
                Part::text("c")
            ]
        );
        assert_eq!(seen.len(), 7);
    }

    #[tokio::test]
    async fn a_stream_without_an_end_is_a_retryable_error() {
        let (response, _) = collect(vec![text("half an ans")]).await;
        let error = response.unwrap_err();
        assert_eq!(error.kind(), Kind::Remote);
        assert!(error.is_retryable());
    }

    #[tokio::test]
    async fn an_error_after_events_is_the_result() {
        let (response, seen) = collect(vec![
            text("half"),
            Err(Error::new(Kind::Timeout, "late")),
            Ok(Event::End(End::default())),
        ])
        .await;
        assert_eq!(response.unwrap_err().message(), "late");
        assert_eq!(seen.len(), 1);
    }

    #[tokio::test]
    async fn the_observer_can_stop_the_answer() {
        let events = vec![
            text("a"),
            Ok(Event::ToolCallEnd {
                index: 0,
                call: call(json!({})),
            }),
            text("b"),
            text("c"),
        ];
        let mut left = 3;
        let response = Response::collect(futures::stream::iter(events).boxed(), |_| {
            left -= 1;
            std::future::ready(Ok(if left == 0 {
                Flow::Stop
            } else {
                Flow::Continue
            }))
        })
        .await
        .unwrap();
        assert_eq!(response.reason.as_str(), "stopped");
        assert_eq!(response.message.parts, [Part::text("a"), Part::text("b")]);
    }

    #[tokio::test]
    async fn an_error_of_the_observer_is_the_result() {
        let events = vec![text("a"), Ok(Event::End(End::default()))];
        let response = Response::collect(futures::stream::iter(events).boxed(), |_| {
            std::future::ready(Err(Error::new(Kind::Cancelled, "enough")))
        })
        .await;
        assert_eq!(response.unwrap_err().kind(), Kind::Cancelled);
    }

    #[test]
    fn events_have_stable_names() {
        assert_eq!(
            serde_json::to_value(Event::ToolCallStart {
                index: 1,
                name: "t".into()
            })
            .unwrap(),
            json!({"type": "tool_call_start", "index": 1, "name": "t"})
        );
        assert_eq!(
            serde_json::to_value(Event::Usage(Usage {
                input_tokens: Some(3),
                ..Usage::default()
            }))
            .unwrap(),
            json!({"type": "usage", "input_tokens": 3})
        );
        let end = End {
            reason: Reason::ContentFilter,
            ..End::default()
        };
        let stored = serde_json::to_value(Event::End(end.clone())).unwrap();
        assert_eq!(stored, json!({"type": "end", "reason": "content_filter"}));
        assert_eq!(
            serde_json::from_value::<Event>(stored).unwrap(),
            Event::End(end)
        );
        let odd: Reason = serde_json::from_value(json!("paused")).unwrap();
        assert_eq!(odd, Reason::Other("paused".into()));
    }
}
