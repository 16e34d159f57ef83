//! The end of a run: what was left open is closed, and the session says how it went.

use std::time::Duration;

use llmspell_core::{Cancel, Kind, Result, Usage, Value};
use llmspell_runtime::hook::{self, Hooks};
use llmspell_runtime::session::{ScriptSessions, Status};
use llmspell_runtime::telemetry::Telemetry;

use super::World;

/// How a run ended.
#[derive(Debug)]
pub struct Ran {
    /// What the script returned, or the error that ended it.
    pub results: Result<Vec<Value>>,
    /// What the models consumed.
    pub usage: Usage,
    /// How long it took.
    pub duration: Duration,
    /// The language.
    pub engine: &'static str,
    /// The session, if anything was recorded.
    pub session: Option<String>,
    /// How many calls the journal answered, if the run was resumed.
    pub answered: Option<u64>,
}

impl World {
    /// Finishes the session of a run that was done otherwise than by [`World::run`].
    pub async fn finish(self, results: Result<Vec<Value>>) -> Ran {
        let duration = self.elapsed();
        for watch in &self.watches {
            watch.end().await;
        }
        // Streams that the spell left open end with it.
        self.cx
            .cancel()
            .cancel(Cancel::reason("the spell has ended"));
        if let Ok(sessions) = self.cx.part::<ScriptSessions>() {
            sessions.end();
        }
        // A run whose calls could not be written has not done what it says.
        let settled = self.session.journal().settle().await;
        let results = results.and_then(|results| settled.map(|()| results));
        let recorded = self.session.is_recorded();
        let session = recorded.then(|| self.session.id().to_owned());
        self.keep_metrics().await;
        if let Ok(telemetry) = self.cx.part::<Telemetry>() {
            telemetry.end(results.as_ref().err()).await;
        }
        let answered = self.session.journal().answered();
        let (usage, engine) = (self.cx.usage(), self.engine.name());
        self.close(&results).await;
        Ran {
            usage,
            duration,
            engine,
            session,
            answered,
            results,
        }
    }

    /// Keeps what the hooks counted.
    async fn keep_metrics(&self) {
        let hooks = self.cx.part::<Hooks>();
        if let Some(metrics) = hooks.ok().and_then(|hooks| hook::collected(&hooks))
            && let Err(failure) = self.session.keep_metrics(&metrics).await
        {
            tracing::warn!(target: "llmspell::session", "the numbers of the hooks could not be kept: {failure}");
        }
    }

    /// Closes the session and the store of state.
    async fn close(self, results: &Result<Vec<Value>>) {
        let first = results
            .as_ref()
            .map(|results| results.first().cloned().unwrap_or_default());
        let finished = self
            .session
            .finish(status(results), first.as_ref().map_err(|error| *error))
            .await;
        if let Err(failure) = finished {
            tracing::warn!(target: "llmspell::session", "the end of the session could not be recorded: {failure}");
        }
        if let Some(state) = &self.state
            && let Err(failure) = state.close().await
        {
            tracing::warn!(target: "llmspell::state", "the store of state could not be closed: {failure}");
        }
    }
}

/// Returns how the session of a run stands that ended so.
fn status(results: &Result<Vec<Value>>) -> Status {
    let Err(error) = results else {
        return Status::Completed;
    };
    let detail = |name: &str| error.details().get(name);
    match error.kind() {
        Kind::Cancelled if detail("broken_pipe").is_some() => Status::Completed,
        Kind::Cancelled if detail("exit_code").and_then(Value::as_int) == Some(0) => {
            Status::Completed
        }
        Kind::Cancelled if detail("signal").is_some() => Status::Suspended,
        Kind::Cancelled if detail("exit_code").is_none() => Status::Cancelled,
        Kind::InvalidState if detail("in_doubt").is_some() => Status::Suspended,
        _ => Status::Failed,
    }
}
