//! The view of an execution that a streaming caller gets: chunks, made from what the one loop does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use llmspell_core::{Error, Flow, Map, Result, Sink, Usage, Value};
use llmspell_model::{Response, ToolCall};
use parking_lot::Mutex;
use schemars::JsonSchema;

use super::answer::{FinishReason, Spent};

/// A piece of an answer, as scripts see it while it arrives.
#[derive(JsonSchema)]
#[schemars(title = "AgentChunk")]
#[expect(dead_code, reason = "describes what `View` makes")]
pub(super) struct Chunk {
    r#type: ChunkType,
    /// The new piece of text; empty for other types.
    text: String,
    /// Counts from 0.
    index: u64,
    /// `{id, name, arguments}` of a call that the model asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call: Option<Value>,
    /// `{id, name, result, success, duration_ms}` of a call that ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_result: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Spent>,
    /// Why the answer ended, with `end`.
    #[serde(skip_serializing_if = "Option::is_none")]
    finish_reason: Option<FinishReason>,
}

#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "names what `View` makes")]
enum ChunkType {
    Text,
    ToolCall,
    ToolResult,
    Usage,
    End,
}

/// Sends chunks to whoever watches an execution; without a watcher it does nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct View(Option<Arc<Watch>>);

#[derive(Debug)]
struct Watch {
    sink: Sink,
    /// Whether pieces are shown as they come, rather than answers as a whole.
    pieces: bool,
    index: AtomicU64,
    stopped: AtomicBool,
    failure: Mutex<Option<Error>>,
}

impl View {
    pub(super) fn new(sink: Option<&Sink>, pieces: bool) -> Self {
        Self(sink.map(|sink| {
            Arc::new(Watch {
                sink: sink.clone(),
                pieces,
                index: AtomicU64::new(0),
                stopped: AtomicBool::new(false),
                failure: Mutex::default(),
            })
        }))
    }

    /// Returns whether the watcher asked to stop.
    pub(super) fn is_stopped(&self) -> bool {
        let stopped = |watch: &Arc<Watch>| watch.stopped.load(Ordering::Acquire);
        self.0.as_ref().is_some_and(stopped)
    }

    /// Returns the watcher's own error if that is why something failed, as it was raised.
    pub(super) fn failure(&self, error: Error) -> Error {
        let own = self
            .0
            .as_ref()
            .and_then(|watch| watch.failure.lock().take());
        own.unwrap_or(error)
    }

    /// Returns where the pieces of a model's answer go.
    pub(super) fn pieces(&self) -> Option<(Sink, Arc<AtomicU64>)> {
        let watch = self.0.clone().filter(|watch| watch.pieces)?;
        let shown = Arc::new(AtomicU64::new(0));
        let count = shown.clone();
        let sink = Sink::new(move |piece| {
            let (watch, count) = (watch.clone(), count.clone());
            Box::pin(async move {
                match chunk_of(piece) {
                    Some(chunk) => {
                        count.fetch_add(1, Ordering::Relaxed);
                        watch.send(chunk).await
                    }
                    None => Ok(Flow::Continue),
                }
            })
        });
        Some((sink, shown))
    }

    /// Shows an answer whose pieces were not shown: it was recorded, or comes as a whole.
    pub(super) async fn answer(&self, response: &Response) -> Result<()> {
        if self.0.is_none() {
            return Ok(());
        }
        let text = response.message.text();
        if !text.is_empty() {
            self.text(&text).await?;
        }
        for call in response.message.tool_calls() {
            self.send(tool_call(Value::from_serialize(call)?)).await?;
        }
        Ok(())
    }

    pub(super) async fn text(&self, text: &str) -> Result<()> {
        self.send(Map::from([("type", "text".into()), ("text", text.into())]))
            .await
    }

    /// Shows what a tool answered.
    pub(super) async fn tool_result(&self, call: &ToolCall, record: &Map) -> Result<()> {
        if self.0.is_none() {
            return Ok(());
        }
        let mut result = Map::from([
            ("id", call.id.as_str().into()),
            ("name", call.name.as_str().into()),
        ]);
        for name in ["result", "success", "duration_ms"] {
            if let Some(value) = record.get(name) {
                result.insert(name, value.clone());
            }
        }
        let chunk = Map::from([
            ("type", "tool_result".into()),
            ("text", "".into()),
            ("tool_result", result.into()),
        ]);
        self.send(chunk).await
    }

    /// Shows what an answer consumed.
    pub(super) async fn usage(&self, usage: &Usage) -> Result<()> {
        if self.0.is_none() || usage.is_empty() {
            return Ok(());
        }
        let chunk = Map::from([
            ("type", "usage".into()),
            ("text", "".into()),
            ("usage", usage.to_map().into()),
        ]);
        self.send(chunk).await
    }

    /// Shows the end.
    pub(super) async fn end(&self, reason: &str) -> Result<()> {
        let chunk = Map::from([
            ("type", "end".into()),
            ("text", "".into()),
            ("finish_reason", reason.into()),
        ]);
        self.send(chunk).await
    }

    /// Returns where the chunks of another agent's execution go that speaks for this one; its end is not ours.
    pub(super) fn relay(&self) -> Option<Sink> {
        let watch = self.0.clone()?;
        Some(Sink::new(move |chunk| {
            let watch = watch.clone();
            Box::pin(async move {
                match chunk {
                    Value::Map(chunk)
                        if chunk.get("type").and_then(Value::as_str) != Some("end") =>
                    {
                        watch.send(chunk).await
                    }
                    _ => Ok(Flow::Continue),
                }
            })
        }))
    }

    async fn send(&self, chunk: Map) -> Result<()> {
        match &self.0 {
            Some(watch) => watch.send(chunk).await.map(|_| ()),
            None => Ok(()),
        }
    }
}

impl Watch {
    async fn send(&self, mut chunk: Map) -> Result<Flow> {
        if self.stopped.load(Ordering::Acquire) {
            return Ok(Flow::Stop);
        }
        let index = self.index.fetch_add(1, Ordering::Relaxed);
        chunk.insert("index", index.into());
        match self.sink.send(Value::Map(chunk)).await {
            Ok(flow) => {
                self.stopped.store(flow == Flow::Stop, Ordering::Release);
                Ok(flow)
            }
            Err(error) => {
                *self.failure.lock() = Some(error.clone());
                Err(error)
            }
        }
    }
}

/// Makes a chunk of a model's piece; pieces that are no chunks are passed over.
fn chunk_of(piece: Value) -> Option<Map> {
    let Value::Map(mut piece) = piece else {
        return None;
    };
    match piece.get("type")?.as_str()? {
        "text" => Some(piece),
        "tool_call_end" => Some(tool_call(piece.shift_remove("call")?)),
        _ => None,
    }
}

fn tool_call(call: Value) -> Map {
    Map::from([
        ("type", "tool_call".into()),
        ("text", "".into()),
        ("tool_call", call),
    ])
}
