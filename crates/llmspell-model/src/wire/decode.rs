//! What the wire layer reads, as our events.

use std::collections::HashMap;

use rig_core::completion::{self as rig, CompletionResponse, FinishReason};
use rig_core::message::{AssistantContent, AssistantMessage, DocumentSourceKind, MimeType};
use rig_core::streaming::{PartKind, StreamEvent};
use serde_json::Value;

use llmspell_core::Usage;

use crate::event::{End, Event, Reason};
use crate::price::ModelInfo;
use crate::request::{Media, Message, Part, Role, Source, ToolCall};

/// Numbers the tool calls of one answer in the order in which they begin.
#[derive(Default)]
pub(super) struct Calls(HashMap<usize, usize>);

impl Calls {
    fn index(&mut self, part: usize) -> usize {
        let next = self.0.len();
        *self.0.entry(part).or_insert(next)
    }

    /// Converts one event; `None` for those that say nothing new.
    pub(super) fn event(&mut self, event: StreamEvent) -> Option<Event> {
        let part = event.part().index();
        Some(match event {
            StreamEvent::Text { text, .. } if text.is_empty() => return None,
            StreamEvent::Text { text, .. } => Event::Text { text },
            StreamEvent::Reasoning { text, .. } if text.is_empty() => return None,
            StreamEvent::Reasoning { text, .. } => Event::Reasoning { text },
            StreamEvent::Start {
                kind: PartKind::ToolCall,
                name,
                ..
            } => Event::ToolCallStart {
                index: self.index(part),
                name: name.map(String::from).unwrap_or_default(),
            },
            StreamEvent::Arguments { json, .. } => Event::ToolCallArguments {
                index: self.index(part),
                delta: json,
            },
            StreamEvent::End {
                content: AssistantContent::ToolCall(call),
                ..
            } => Event::ToolCallEnd {
                index: self.index(part),
                call: tool_call(&call),
            },
            StreamEvent::Start { .. } | StreamEvent::End { .. } => return None,
        })
    }
}

/// Converts the end of an answer into its last events.
pub(super) fn end(response: CompletionResponse, info: &ModelInfo) -> [Event; 2] {
    let usage = usage(&response.usage, info);
    let reason = match response.finish_reason() {
        _ if response.error.is_some() && response.tool_calls().next().is_none() => {
            Reason::ContentFilter
        }
        Some(FinishReason::Stop) | None => Reason::Stop,
        Some(FinishReason::Length) => Reason::Length,
        Some(FinishReason::ToolCalls) => Reason::ToolCalls,
        Some(FinishReason::ContentFilter) => Reason::ContentFilter,
        Some(FinishReason::Other(word)) => Reason::Other(word),
        Some(_) => Reason::Other("unknown".to_owned()),
    };
    let end = End {
        reason,
        response_id: response.response_id().map(str::to_owned),
        request_id: response.provider_request_id.clone(),
        model: response.model().map(str::to_owned),
        turn: Some(turn(response)),
    };
    [Event::Usage(usage), Event::End(end)]
}

/// Converts a finished turn. What only its provider understands is kept beside the parts if there is any: reasoning and
/// its signatures, items without a meaning of their own. A turn of text and tool calls is the same rebuilt from its parts.
fn turn(response: CompletionResponse) -> Message {
    let parts = parts(&response.choice);
    let precious = response.choice.iter().any(|block| match block {
        AssistantContent::Reasoning(_) | AssistantContent::Opaque(_) => true,
        block => block.native_item().is_some_and(signed),
    });
    let native = match precious {
        true => {
            let head = response.head();
            serde_json::to_value(head.with_content(response.choice)).ok()
        }
        false => None,
    };
    Message {
        role: Role::Assistant,
        parts,
        native,
    }
}

/// Returns whether a provider's item holds a signature.
fn signed(item: &Value) -> bool {
    [
        "thoughtSignature",
        "thought_signature",
        "signature",
        "encrypted_content",
        "citations",
    ]
    .iter()
    .any(|key| item.get(key).is_some_and(|value| !value.is_null()))
}

/// Returns the turn that a provider wrote if it still says what the parts say.
pub(super) fn verbatim(native: Value, parts: &[Part]) -> Option<AssistantMessage> {
    let turn: AssistantMessage = serde_json::from_value(native).ok()?;
    (self::parts(&turn.content) == parts).then_some(turn)
}

fn parts(content: &[AssistantContent]) -> Vec<Part> {
    let mut parts = Vec::with_capacity(content.len());
    for block in content {
        match block {
            AssistantContent::Text(text) => parts.push(Part::text(text.text.clone())),
            AssistantContent::ToolCall(call) => parts.push(Part::ToolCall(tool_call(call))),
            AssistantContent::Reasoning(reasoning) => parts.push(Part::Reasoning {
                text: reasoning.text.clone(),
            }),
            AssistantContent::Image(image) => parts.extend(picture(image)),
            // What has no meaning here only travels back to its provider.
            _ => {}
        }
    }
    parts
}

fn picture(image: &rig_core::message::Image) -> Option<Part> {
    let source = match &image.data {
        DocumentSourceKind::Base64(data) => Source::Data(data.clone()),
        DocumentSourceKind::Url(url) => Source::Url(url.clone()),
        _ => return None,
    };
    let mime = image
        .media_type
        .as_ref()
        .map_or("image/png", MimeType::to_mime_type);
    Some(Part::Image(Media {
        mime: mime.to_owned(),
        source,
    }))
}

fn tool_call(call: &rig_core::message::ToolCall) -> ToolCall {
    ToolCall {
        id: call.id.wire().into_owned(),
        name: call.function.name.as_str().to_owned(),
        arguments: match &call.function.invalid_arguments {
            Some(text) => Value::String(text.clone()),
            None => call.function.arguments_value(),
        },
    }
}

/// Converts the counters. A cost that the provider reported stands; else the catalogue's prices are applied.
fn usage(usage: &rig::Usage, info: &ModelInfo) -> Usage {
    let mut counted = Usage {
        input_tokens: usage.input_tokens,
        output_tokens: usage.output_tokens,
        cached_tokens: usage.cached_input_tokens,
        cache_write_tokens: usage.cache_creation_input_tokens,
        reasoning_tokens: usage.reasoning_tokens,
        cost_usd: None,
    };
    // The wire layer prices by a table of its own and then states every share, which no provider does.
    let reported = usage.cost.filter(|cost| cost.cache_write.is_none());
    counted.cost_usd = match reported {
        Some(cost) => Some(cost.total),
        None => info.cost(&counted),
    };
    counted
}
