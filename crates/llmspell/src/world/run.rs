//! Running a script within the time of the run.

use std::sync::Arc;
use std::time::Duration;

use llmspell_core::{CallId, Cx, Error, Kind, Result, ScriptGlobals, Value, error};
use llmspell_runtime::event::{self, Bus, Pattern};
use llmspell_runtime::session::Keeper;
use llmspell_runtime::{agent, hook};
use llmspell_script::{Interpreter, Script};

use super::{Ran, World};

/// How long a run may take to end by itself after its time is over.
const GRACE: Duration = Duration::from_secs(10);

/// How long handlers of events may take when the script has ended.
const LAST_EVENTS: Duration = Duration::from_secs(1);

/// How long hooks may take when the script has ended.
const LAST_HOOKS: Duration = Duration::from_secs(2);

impl World {
    /// Runs a script within the time of the run, and finishes the session.
    ///
    /// - Errors: `Conflict` if another process resumes the same run; what the script raised is in the result.
    pub async fn run(self, script: Script) -> Result<Ran> {
        self.session.claim().await?;
        let results = self.perform(script).await;
        Ok(self.finish(results).await)
    }

    /// Runs a script between the events and hooks of a run's begin and end.
    async fn perform(&self, script: Script) -> Result<Vec<Value>> {
        let keeper = self.keep_events()?;
        self.say(&self.cx, "system.started").await;
        let config_path = self.config_path.as_deref();
        hook::start_up(&self.cx, self.engine.name(), config_path).await;
        // Functions that the script handed out live as long as its interpreter.
        let interpreter = self.interpreter()?;
        let results = self.eval(&interpreter, script).await;
        let mut results = results.map_err(|error| self.redact.error(self.explain(error)));
        // Hooks hear of the end of a stopped run as well; what they do must not keep it from ending.
        let is_stopped = self.cx.check().is_err();
        let cx = match is_stopped {
            true => self.stopped(),
            false => self.cx.clone(),
        };
        let said = self.say(&cx, "system.stopping");
        if tokio::time::timeout(LAST_HOOKS, said).await.is_err() {
            tracing::warn!(target: "llmspell::event", "hooks kept 'system.stopping' from being published");
        }
        event::send_off(&cx, LAST_EVENTS).await;
        if !is_stopped {
            // A handler may end the script as the script itself may.
            if let Err(exit) = event::drain(&self.cx, LAST_EVENTS).await
                && results.is_ok()
            {
                results = Err(exit);
            }
        }
        let _ = tokio::time::timeout(LAST_HOOKS, self.last_hooks(&cx, &results)).await;
        event::send_off(&cx, LAST_EVENTS).await;
        drop(interpreter);
        if let Some(keeper) = keeper {
            keeper.end().await;
        }
        results
    }

    /// Starts the interpreter of the run's scripts, in which ops find global functions by name.
    ///
    /// - Errors: those of [`Engine::open`](llmspell_script::Engine::open).
    pub fn interpreter(&self) -> Result<Arc<dyn Interpreter>> {
        let interpreter = self.engine.open()?;
        // The ops of a run must not keep its interpreter alive.
        let weak = Arc::downgrade(&interpreter);
        self.cx
            .part::<ScriptGlobals>()?
            .set(move |name| weak.upgrade()?.global(name));
        Ok(interpreter)
    }

    async fn eval(&self, interpreter: &Arc<dyn Interpreter>, script: Script) -> Result<Vec<Value>> {
        let bounded = self.cx.bounded(Some(self.timeout), None);
        let running = interpreter.eval(bounded, script);
        // The engine ends at the deadline by itself; this is for the case that it cannot.
        let limit = self.timeout.saturating_add(GRACE);
        tokio::select! {
            biased;
            results = tokio::time::timeout(limit, running) => results
                .unwrap_or_else(|_| Err(error!(Timeout, "the run did not end within its time"))),
            never = hook::watch_load(&self.cx, || interpreter.heap()) => match never {},
        }
    }

    /// Begins to keep events in the session's store.
    ///
    /// - Errors: `Config` for a malformed pattern.
    fn keep_events(&self) -> Result<Option<Keeper>> {
        let patterns = self.persist.iter().map(|text| Pattern::new(text));
        let patterns: Result<Vec<Pattern>> = patterns.collect();
        let patterns = patterns
            .map_err(|failure| error!(Config, "`events.persist`: {}", failure.message()))?;
        self.session.keep_events(&self.cx.part::<Bus>()?, patterns)
    }

    /// Returns a context for the end of a run that was stopped. What is called there is no call that the spell makes when it
    /// is resumed, so it has a place of its own.
    fn stopped(&self) -> Cx {
        let now = self.cx.host().clock.now().to_string();
        let place = CallId::content(CallId::ROOT, "stopped", &now);
        self.cx.after_stop().apart(place)
    }

    /// Calls the hooks of the end of a run.
    async fn last_hooks(&self, cx: &Cx, results: &Result<Vec<Value>>) {
        agent::end_all(cx).await;
        let code = results.as_ref().err().map_or(0, exit_code);
        let stopped = |error: &Error| {
            error.kind() == Kind::Cancelled && !error.details().contains_key("exit_code")
        };
        let reason = match results {
            Err(error) if code != 0 && stopped(error) => "cancelled",
            Err(_) if code != 0 => "failed",
            _ => "completed",
        };
        hook::shut_down(cx, reason, code, self.elapsed()).await;
    }

    /// Publishes an event about the run.
    async fn say(&self, cx: &Cx, kind: &str) {
        let facts = || Value::from([("session_id", self.session.id().into())]);
        event::announce(cx, "runtime", kind, facts).await;
    }

    /// Says which limit a run met that was stopped by its own deadline.
    fn explain(&self, error: Error) -> Error {
        let passed = self.elapsed() >= self.timeout;
        match error.kind() {
            Kind::Timeout if passed => error
                .with("limit_ms", self.timeout.as_millis())
                .hint("raise it with --timeout or `runtime.timeout_ms`"),
            _ => error,
        }
    }
}

/// Returns the exit code that hooks are told of a run that ended with this error.
fn exit_code(error: &Error) -> i64 {
    let detail = |name: &str| error.details().get(name);
    match detail("exit_code").and_then(Value::as_int) {
        Some(code) => code & 0xff,
        None if detail("broken_pipe").is_some() => 0,
        None => match detail("signal").and_then(Value::as_int) {
            Some(signal) => 128 + signal,
            None => error.kind().exit_code().into(),
        },
    }
}
