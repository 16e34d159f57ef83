//! One registered hook.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

use futures::future::BoxFuture;
use llmspell_core::{Callback, Clock, Cx, Error, Kind, Map, Result, error};
use schemars::JsonSchema;
use serde::Serialize;

use super::answer::Answer;
use super::context::Context;
use super::frame::{Frame, Within};
use super::point::Point;
use crate::breaker::{Shared, State, Thresholds};
use crate::event::EventLanguage;

/// An answer on its way.
pub type Answering<'a> = BoxFuture<'a, Result<Answer>>;

/// Something that is called at a point and may answer.
pub trait Hook: Send + Sync {
    /// Answers. What it writes to `context.metadata` is seen by the hooks after it.
    ///
    /// - Errors: count against the hook; the operation goes on.
    /// - Cancel: dropped when its time is over.
    fn call<'a>(&'a self, cx: &'a Within<'a>, context: &'a mut Context<'_>) -> Answering<'a>;

    /// Returns how long a call may take by its own design, because it waits for something. Default: as configured.
    fn patience(&self) -> Option<Duration> {
        None
    }

    /// Returns whether its failure before an operation stops the operation, because it was to prevent it. Default: no.
    fn is_strict(&self) -> bool {
        false
    }

    /// Returns what it counted, as members of what `Hook.metrics` shows. Default: nothing.
    fn numbers(&self) -> Map {
        Map::new()
    }
}

/// A function of a script as a hook.
pub(super) struct ScriptHook(pub(super) Callback);

impl Hook for ScriptHook {
    fn call<'a>(&'a self, cx: &'a Within<'a>, context: &'a mut Context<'_>) -> Answering<'a> {
        let takes = self.0.takes_arguments();
        let told = takes.then(|| Box::new(context.told(cx)));
        Box::pin(async move {
            let returned = match told {
                Some(told) => self.0.tell(cx, told).await?,
                None => self.0.ask(cx, Vec::new()).await?,
            };
            context.answer(cx, returned)
        })
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
    pub(super) breaker: Shared,
    pub(super) counts: Counts,
    pub(super) gone: AtomicBool,
    /// Whether its last failures were logged; it is not repeated until it succeeds again.
    warned: AtomicBool,
    /// Whether it was said that an answer of it makes no sense at its point.
    misfit: AtomicBool,
}

/// How often a hook was called.
#[derive(Debug, Default)]
pub(super) struct Counts {
    executions: AtomicU64,
    failures: AtomicU64,
    /// In nanoseconds.
    time: AtomicU64,
}

impl Counts {
    fn add(&self, success: bool, took: Duration) {
        self.executions.fetch_add(1, Ordering::Relaxed);
        self.time.fetch_add(nanos(took), Ordering::Relaxed);
        if !success {
            self.failures.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Returns a time in nanoseconds.
pub(super) fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
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
        thresholds: Thresholds,
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
            breaker: Shared::new(thresholds),
            counts: Counts::default(),
            gone: AtomicBool::new(false),
            warned: AtomicBool::new(false),
            misfit: AtomicBool::new(false),
        }
    }

    pub(super) fn info(&self) -> Info {
        let executions = self.counts.executions.load(Ordering::Relaxed);
        let nanos = self.counts.time.load(Ordering::Relaxed) as f64;
        let mean = nanos / 1e6 / executions.max(1) as f64;
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
            executions,
            failures: self.counts.failures.load(Ordering::Relaxed),
            avg_duration_ms: mean,
            breaker: self.breaker.state().name(),
        }
    }

    /// Calls the hook within its time and returns its answer; one that makes no sense at the point is "continue". The time
    /// that the hook takes is not the call's.
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
        let own = Within::new(cx, outer, self.number, since.saturating_add(self.timeout));
        let mut call = self.hook.call(&own, context);
        let answer = match futures::poll!(&mut call) {
            Poll::Ready(answer) => answer,
            Poll::Pending => Box::pin(self.in_time(clock, call)).await,
        };
        let now = clock.monotonic();
        let whole = now.saturating_sub(since);
        cx.prolong(whole);
        let took = whole.saturating_sub(own.outside());
        let answer = match answer {
            Ok(answer) if !answer.suits(&self.point) => Ok(self.ignored(&answer)),
            // A function that never waits is ended by its engine, in other words.
            Err(error) if error.kind() == Kind::Timeout && whole >= self.timeout => {
                Err(self.late())
            }
            answer => answer,
        };
        let success = answer.is_ok();
        self.counts.add(success, took);
        match &answer {
            Ok(_) => self.warned.store(false, Ordering::Relaxed),
            Err(error) => self.warn(error),
        }
        let change = self.breaker.note(now, success, took);
        Ran {
            answer,
            took,
            change,
        }
    }

    /// Waits for the answer of a call that was not ready at once, as long as it may take.
    async fn in_time(
        &self,
        clock: &dyn Clock,
        mut call: BoxFuture<'_, Result<Answer>>,
    ) -> Result<Answer> {
        tokio::select! {
            biased;
            answer = &mut call => answer,
            () = clock.sleep(self.timeout) => Err(self.late()),
        }
    }

    /// Says once that an answer makes no sense where it was given, and takes it as "continue".
    #[cold]
    fn ignored(&self, answer: &Answer) -> Answer {
        if !self.misfit.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                target: "llmspell::hook",
                hook = self.name,
                "the answer '{}' makes no sense at {} and is ignored: only {} do",
                answer.name(),
                self.point,
                Answer::sense(&self.point)
            );
        }
        Answer::Continue
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
