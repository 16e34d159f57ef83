//! One registered hook.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::future::BoxFuture;
use llmspell_core::{Callback, Cx, Error, Map, Result, error};
use parking_lot::Mutex;
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

use super::answer::Answer;
use super::context::Context;
use super::frame::Frame;
use super::point::Point;
use crate::breaker::{Breaker, State};
use crate::event::EventLanguage;

/// An answer on its way.
pub type Answering<'a> = BoxFuture<'a, Result<Answer>>;

/// Something that is called at a point and may answer.
pub trait Hook: Send + Sync {
    /// Answers. What it writes to `context.metadata` is seen by the hooks after it.
    ///
    /// - Errors: count against the hook; the operation goes on.
    /// - Cancel: dropped when its time is over.
    fn call<'a>(&'a self, cx: &'a Cx, context: &'a mut Context<'_>) -> Answering<'a>;

    /// Returns how long a call may take by its own design, because it waits for something. Default: as configured.
    fn patience(&self) -> Option<Duration> {
        None
    }

    /// Returns what it counted, as members of what `Hook.metrics` shows. Default: nothing.
    fn numbers(&self) -> Map {
        Map::new()
    }
}

/// A function of a script as a hook.
pub(super) struct ScriptHook(pub(super) Callback);

impl Hook for ScriptHook {
    fn call<'a>(&'a self, cx: &'a Cx, context: &'a mut Context<'_>) -> Answering<'a> {
        let told = match self.0.takes_arguments() {
            true => vec![context.to_value(cx)],
            false => Vec::new(),
        };
        Box::pin(async move { Answer::read(self.0.call(cx, told).await?) })
    }
}

/// What a hook is registered with.
pub struct Registration {
    /// Its name; `None` makes one.
    pub name: Option<String>,
    /// Smaller runs first.
    pub priority: i32,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// The language that it is written in.
    pub language: EventLanguage,
    /// Longest time of a call; `None` is the configured one.
    pub timeout: Option<Duration>,
    /// Whether a failure cancels the operation.
    pub fail_closed: bool,
    /// The hook itself.
    pub hook: Arc<dyn Hook>,
}

impl Registration {
    /// Registers a hook of the runtime or of a Rust program with the usual priority.
    pub fn new(name: &str, hook: Arc<dyn Hook>) -> Self {
        Self {
            name: Some(name.to_owned()),
            priority: 0,
            tags: Vec::new(),
            language: EventLanguage::Rust,
            timeout: None,
            fail_closed: false,
            hook,
        }
    }
}

/// A hook at its point.
pub(crate) struct Entry {
    pub(super) number: u64,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) point: Point,
    pub(super) priority: i32,
    pub(super) tags: Vec<String>,
    pub(super) language: EventLanguage,
    pub(super) timeout: Duration,
    pub(super) fail_closed: bool,
    pub(super) hook: Arc<dyn Hook>,
    pub(super) breaker: Mutex<Breaker>,
    pub(super) counts: Mutex<Counts>,
    pub(super) gone: AtomicBool,
    /// Whether its last failures were logged; it is not repeated until it succeeds again.
    warned: AtomicBool,
}

/// How often a hook was called.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) executions: u64,
    pub(super) failures: u64,
    pub(super) time: Duration,
}

/// What listings say of a hook.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "HookInfo")]
pub(super) struct Info {
    id: String,
    name: String,
    hook_point: String,
    point: String,
    priority: String,
    priority_value: i32,
    language: &'static str,
    version: &'static str,
    description: String,
    tags: Vec<String>,
    executions: u64,
    failures: u64,
    avg_duration_ms: f64,
    /// `closed`, `open` or `half_open`.
    breaker: &'static str,
}

impl Entry {
    pub(super) fn new(
        number: u64,
        id: String,
        point: Point,
        breaker: Breaker,
        timeout: Duration,
        registration: Registration,
    ) -> Self {
        let Registration {
            name,
            priority,
            tags,
            language,
            timeout: own,
            fail_closed,
            hook,
        } = registration;
        let name = name.unwrap_or_else(|| format!("{}_{point}_{id}", language.lower()));
        Self {
            number,
            id,
            name,
            point,
            priority,
            tags,
            language,
            timeout: own.unwrap_or(timeout),
            fail_closed,
            hook,
            breaker: Mutex::new(breaker),
            counts: Mutex::default(),
            gone: AtomicBool::new(false),
            warned: AtomicBool::new(false),
        }
    }

    pub(super) fn info(&self) -> Info {
        let counts = *self.counts.lock();
        let mean = counts.time.as_secs_f64() * 1000.0 / counts.executions.max(1) as f64;
        Info {
            id: self.id.clone(),
            name: self.name.clone(),
            hook_point: self.point.name().to_owned(),
            point: self.point.name().to_owned(),
            priority: format!("Priority({})", self.priority),
            priority_value: self.priority,
            language: self.language.lower(),
            version: "1.0.0",
            description: format!("a hook at {}", self.point),
            tags: self.tags.clone(),
            executions: counts.executions,
            failures: counts.failures,
            avg_duration_ms: mean,
            breaker: self.breaker.lock().state().name(),
        }
    }

    /// Calls the hook within its time and returns its answer, if that makes sense at the point.
    ///
    /// `since` is now, on the monotonic clock.
    pub(super) async fn run(
        &self,
        cx: &Cx,
        context: &mut Context<'_>,
        outer: Option<&Arc<Frame>>,
        since: Duration,
    ) -> Ran {
        let clock = &*cx.host().clock;
        let frame = Frame::within(outer, self.number);
        let own = cx.carrying_until(frame.clone(), since.saturating_add(self.timeout));
        let mut call = self.hook.call(&own, context);
        let answer = match futures::poll!(&mut call) {
            std::task::Poll::Ready(answer) => answer,
            std::task::Poll::Pending => tokio::select! {
                biased;
                answer = &mut call => answer,
                () = clock.sleep(self.timeout) => Err(self.late()),
            },
        };
        drop(call);
        let now = clock.monotonic();
        let took = now.saturating_sub(since).saturating_sub(frame.outside());
        let answer = answer.and_then(|answer| answer.at(&self.point));
        let success = answer.is_ok();
        {
            let mut counts = self.counts.lock();
            counts.executions += 1;
            counts.failures += u64::from(!success);
            counts.time += took;
        }
        match &answer {
            Ok(_) => self.warned.store(false, Ordering::Relaxed),
            Err(error) => self.warn(error),
        }
        let change = self.breaker.lock().note(now, success, took);
        Ran {
            answer,
            took,
            change,
        }
    }

    fn late(&self) -> Error {
        let limit = self.timeout.as_millis();
        error!(
            Timeout,
            "the hook '{}' did not answer within {limit} ms", self.name
        )
        .with("limit_ms", limit)
    }

    fn warn(&self, error: &Error) {
        if !self.warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                target: "llmspell::hook",
                hook = self.name,
                point = self.point.name(),
                kind = error.kind().name(),
                "a hook failed: {error}"
            );
        }
    }
}

/// How a call of a hook went.
pub(super) struct Ran {
    pub(super) answer: Result<Answer>,
    pub(super) took: Duration,
    pub(super) change: Option<State>,
}
