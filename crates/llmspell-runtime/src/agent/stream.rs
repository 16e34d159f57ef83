//! Watching an execution: with a function, or as a stream that is read.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use llmspell_core::{
    Callback, Cancel, Cx, Error, Flow, Handle, Kind, Like, Map, Result, Sink, Takes, Value, error,
};
use parking_lot::Mutex;
use schemars::JsonSchema;
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::agents::Agents;
use super::execute_op;
use super::input::{Question, Table};
use super::view::Chunk;

/// Chunks that wait for a reader before the execution waits for it.
const WAITING: usize = 256;

/// Runs the agent and calls a function for each chunk of the answer as it arrives.
///
/// Returns the whole answer plus `chunks_received`. If the function returns false, the answer ends there with
/// `finish_reason = "stopped"`; an error in it ends the execution and is raised.
#[derive(Deserialize, JsonSchema)]
pub(super) struct InvokeStream {
    /// The agent.
    agent: Handle,
    /// The prompt, or a table with `text` and more.
    #[schemars(with = "Like<Question>")]
    input: Value,
    /// Called with each chunk.
    #[schemars(with = "Takes<Chunk>")]
    callback: Callback,
    /// Merged over the input.
    #[serde(default)]
    #[schemars(with = "Like<Table>")]
    options: Value,
}

pub(super) async fn invoke_stream(cx: Cx, a: InvokeStream) -> Result<Value> {
    let received = Arc::new(AtomicU64::new(0));
    let (counted, callback, caller) = (received.clone(), a.callback, cx.clone());
    let sink = Sink::new(move |chunk| {
        counted.fetch_add(1, Ordering::Relaxed);
        let (callback, cx) = (callback.clone(), caller.clone());
        Box::pin(async move {
            match callback.call(&cx, vec![chunk]).await? {
                Value::Bool(false) => Ok(Flow::Stop),
                _ => Ok(Flow::Continue),
            }
        })
    });
    let args = arguments(a.agent, a.input, a.options);
    let mut answer = cx.call_streaming(execute_op(), args, sink).await?;
    if let Value::Map(answer) = &mut answer {
        let received = received.load(Ordering::Relaxed);
        answer.insert("chunks_received", received.into());
    }
    Ok(answer)
}

/// Runs the agent and returns a stream of the chunks of its answer.
///
/// The execution goes on by itself; once 256 chunks wait to be read it waits too.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Open {
    /// The agent.
    agent: Handle,
    /// The prompt, or a table with `text` and more.
    #[schemars(with = "Like<Question>")]
    input: Value,
    /// Merged over the input.
    #[serde(default)]
    #[schemars(with = "Like<Table>")]
    options: Value,
}

pub(super) async fn stream(cx: Cx, a: Open) -> Result<Value> {
    let agents = cx.part::<Agents>()?;
    agents.of(&a.agent)?;
    let (sender, receiver) = mpsc::channel(WAITING);
    let running = cx.bounded(None, None);
    let cancel = running.cancel().clone();
    let task = tokio::spawn(produce(
        running,
        arguments(a.agent, a.input, a.options),
        sender,
    ));
    Ok(agents.streams.add(receiver, task, cancel).into())
}

/// Runs the execution of a stream and passes its chunks on; an error is the last thing passed.
///
/// The `end` chunk waits until the execution is over, so that who has read it finds the conversation complete.
async fn produce(cx: Cx, args: Value, sender: mpsc::Sender<Result<Value>>) {
    let end = Arc::new(Mutex::new(None));
    let (chunks, held) = (sender.clone(), end.clone());
    let sink = Sink::new(move |chunk| {
        let (chunks, held) = (chunks.clone(), held.clone());
        Box::pin(async move {
            if is_end(&chunk) {
                *held.lock() = Some(chunk);
                return Ok(Flow::Continue);
            }
            Ok(match chunks.send(Ok(chunk)).await {
                Ok(()) => Flow::Continue,
                Err(_) => Flow::Stop,
            })
        })
    });
    let outcome = cx.call_streaming(execute_op(), args, sink).await;
    let last = match outcome {
        Ok(_) => end.lock().take().map(Ok),
        Err(error) => Some(Err(error)),
    };
    if let Some(last) = last {
        // Nobody reads any more: nobody is to be told.
        let _ = sender.send(last).await;
    }
}

fn is_end(chunk: &Value) -> bool {
    chunk.get("type").and_then(Value::as_str) == Some("end")
}

fn arguments(agent: Handle, input: Value, options: Value) -> Value {
    Value::from([
        ("agent", agent.into()),
        ("input", input),
        ("options", options),
    ])
}

/// The chunks of an answer, as they arrive.
#[derive(JsonSchema)]
pub(super) struct Face {}

/// The open streams of a run. Dropping them ends their executions.
#[derive(Default)]
pub(super) struct Streams {
    open: Mutex<HashMap<String, Arc<Stream>>>,
    opened: AtomicU64,
}

struct Stream {
    chunks: tokio::sync::Mutex<mpsc::Receiver<Result<Value>>>,
    done: AtomicBool,
    task: JoinHandle<()>,
    cancel: Cancel,
}

impl Streams {
    fn add(
        &self,
        chunks: mpsc::Receiver<Result<Value>>,
        task: JoinHandle<()>,
        cancel: Cancel,
    ) -> Handle {
        let number = self.opened.fetch_add(1, Ordering::Relaxed) + 1;
        let id = format!("stream_{number}");
        let stream = Stream {
            chunks: tokio::sync::Mutex::new(chunks),
            done: AtomicBool::new(false),
            task,
            cancel,
        };
        self.open.lock().insert(id.clone(), Arc::new(stream));
        Handle::new("stream", &id, Map::new())
    }

    /// Returns an open stream; one that ended is forgotten.
    fn find(&self, handle: &Handle) -> Option<Arc<Stream>> {
        self.open.lock().get(&*handle.id).cloned()
    }

    fn forget(&self, handle: &Handle) {
        self.open.lock().remove(&*handle.id);
    }

    /// Ends all.
    pub(super) fn close(&self) {
        for (_, stream) in self.open.lock().drain() {
            stream.close();
            stream.task.abort();
        }
    }
}

impl Stream {
    async fn next(&self, cx: &Cx) -> Result<Option<Value>> {
        if self.done.load(Ordering::Acquire) {
            return Ok(None);
        }
        let next = async { self.chunks.lock().await.recv().await };
        match cx.unless_stopped(next).await? {
            Some(Ok(chunk)) => {
                // `end` is the last chunk, so the call that returns it ended the stream.
                self.done.store(is_end(&chunk), Ordering::Release);
                Ok(Some(chunk))
            }
            Some(Err(error)) => {
                self.done.store(true, Ordering::Release);
                Err(error)
            }
            None => {
                self.done.store(true, Ordering::Release);
                Ok(None)
            }
        }
    }

    fn close(&self) {
        self.done.store(true, Ordering::Release);
        let reason = Error::new(Kind::Cancelled, "the stream was closed");
        self.cancel.cancel(reason);
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        if !self.done.load(Ordering::Acquire) {
            self.close();
            self.task.abort();
        }
    }
}

/// Returns the next chunk, after the end nothing.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Next {
    /// The stream.
    stream: Handle,
}

pub(super) async fn next(cx: Cx, a: Next) -> Result<Value> {
    let agents = cx.part::<Agents>()?;
    let Some(stream) = agents.streams.find(&a.stream) else {
        return ended(&a.stream).map(|()| Value::Null);
    };
    let next = stream.next(&cx).await;
    if stream.done.load(Ordering::Acquire) {
        agents.streams.forget(&a.stream);
    }
    Ok(next?.unwrap_or_default())
}

/// Returns whether the stream has ended.
#[derive(Deserialize, JsonSchema)]
pub(super) struct IsDone {
    /// The stream.
    stream: Handle,
}

pub(super) async fn is_done(cx: Cx, a: IsDone) -> Result<bool> {
    let agents = cx.part::<Agents>()?;
    match agents.streams.find(&a.stream) {
        Some(stream) => Ok(stream.done.load(Ordering::Acquire)),
        None => ended(&a.stream).map(|()| true),
    }
}

/// Returns the remaining chunks.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Collect {
    /// The stream.
    stream: Handle,
}

pub(super) async fn collect(cx: Cx, a: Collect) -> Result<Vec<Value>> {
    let agents = cx.part::<Agents>()?;
    let mut chunks = Vec::new();
    if let Some(stream) = agents.streams.find(&a.stream) {
        let outcome = loop {
            match stream.next(&cx).await {
                Ok(Some(chunk)) => chunks.push(chunk),
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        agents.streams.forget(&a.stream);
        outcome?;
    }
    Ok(chunks)
}

/// Ends the stream and cancels what it waits for.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Close {
    /// The stream.
    stream: Handle,
}

pub(super) async fn close(cx: Cx, a: Close) -> Result<()> {
    let agents = cx.part::<Agents>()?;
    if let Some(stream) = agents.streams.find(&a.stream) {
        stream.close();
        stream.task.abort();
        agents.streams.forget(&a.stream);
    }
    Ok(())
}

/// Accepts a stream that is not open any more.
fn ended(handle: &Handle) -> Result<()> {
    match &*handle.kind {
        "stream" => Ok(()),
        other => Err(error!(InvalidArgs, "expected a stream, got a {other}")),
    }
}

impl fmt::Debug for Streams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Streams({} open)", self.open.lock().len())
    }
}
