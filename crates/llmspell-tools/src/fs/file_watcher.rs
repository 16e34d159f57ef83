//! `file_watcher`: waits for changes of files, once or as a running watch.

mod debounce;
mod event;
mod running;
mod source;

use std::time::Duration;

use llmspell_core::{Cx, Effect, Error, Level, Op, Outcome, Result, ToolInfo, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::event::{Event, KINDS};
use self::source::Source;
use crate::choice::choose;
use crate::param::{Given, choices, missing, names, refused, texts, within};
use crate::publish::Publisher;

const TOOL: &str = "file_watcher";

const OPERATIONS: &[&[&str]] = &[
    &["watch", "wait"],
    &["start"],
    &["poll", "get_changes"],
    &["stop", "unwatch"],
    &["list"],
    &["config"],
];

/// Longest wait of one call, in milliseconds.
const MOST_TIMEOUT: i64 = 3_600_000;

pub(super) fn op() -> Op {
    Op::new(TOOL, file_watcher)
        .effect(Effect::Read)
        .effect_of(effect_of)
        .tool(
            ToolInfo::new("filesystem")
                .settings::<Config>()
                .example("Shows the limits", r#"{"operation": "config"}"#)
                .example(
                    "Waits for changes, for half a second",
                    r#"{"operation": "watch", "input": ["."], "timeout_ms": 500}"#,
                )
                .level(Level::Restricted)
                // A wait ends by its own limit, which is no failure.
                .timeout(Duration::from_secs(3610))
                .operations(&names(OPERATIONS))
                .needs(&["watch", "start"], &["input"])
                .needs(&["poll", "stop"], &["watch_id"]),
        )
}

/// A watch lives in the memory of the run, so it is started again when a run is resumed.
fn effect_of(args: &Value) -> Effect {
    let operation = args.get("operation").and_then(Value::as_str);
    match choose("operation", operation.unwrap_or_default(), OPERATIONS) {
        Ok("start" | "config") => Effect::Pure,
        _ => Effect::Read,
    }
}

/// Waits for changes of files and directories, once or as a watch that goes on beside the calls.
///
/// Changes that follow each other closely are told as one. A running watch keeps them for `poll`, and publishes them on the
/// event bus if that is asked for. It ends with the run.
#[derive(Deserialize, JsonSchema)]
struct FileWatcher {
    /// What to do.
    #[schemars(transform = choices(OPERATIONS))]
    operation: String,
    /// Files and directories that are watched; at most 100.
    #[schemars(extend("type" = ["string", "array"], "items" = {"type": "string"}, "x-synonyms" = ["path", "paths"]))]
    input: Option<Value>,
    /// The changes that are told: `created modified deleted renamed other`; all if absent.
    #[schemars(extend("type" = ["string", "array"], "items" = {"type": "string"}))]
    events: Option<Value>,
    /// Globs: one without `/` is about the name, one with `/` about the path below what is watched.
    #[schemars(extend("type" = ["string", "array"], "items" = {"type": "string"}, "x-synonyms" = ["patterns"]))]
    pattern: Option<Value>,
    /// Whether directories below are watched as well.
    #[schemars(extend("default" = true))]
    recursive: Option<bool>,
    /// How long a file must stay as it is before its change is told, in milliseconds.
    #[schemars(range(min = 0, max = 60_000), extend("default" = 100))]
    debounce_ms: Option<i64>,
    /// How long `watch` waits at most, in milliseconds.
    #[schemars(range(min = 1, max = 3_600_000), extend("default" = 300_000))]
    timeout_ms: Option<i64>,
    /// The same in seconds.
    #[schemars(extend("x-synonyms" = ["timeout_seconds", "timeout"]))]
    duration: Option<f64>,
    /// Events after which `watch` returns, and that one `poll` takes at most.
    #[schemars(range(min = 1, max = 10_000), extend("default" = 1000))]
    max_events: Option<i64>,
    /// Quiet after the first event with which `watch` returns, in milliseconds; 0 waits for the limit.
    #[schemars(range(min = 0), extend("default" = 100))]
    until_quiet_ms: Option<i64>,
    /// The type under which `start` lets each change be published as an event, its facts those that `poll` tells.
    publish: Option<String>,
    /// The running watch that `poll` and `stop` are about.
    watch_id: Option<String>,
}

/// `[tools.file_watcher]`.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(default)]
struct Config {
    /// Events after which `watch` returns unless a call says otherwise.
    max_events: i64,
    /// How long `watch` waits unless a call says otherwise, in milliseconds.
    default_timeout_ms: i64,
    /// How long a file must stay as it is unless a call says otherwise, in milliseconds.
    default_debounce_ms: i64,
    /// Most paths of one watch.
    max_paths: usize,
    /// Most running watches of a run.
    max_watches: usize,
    /// Events that wait for a poll; later ones are dropped and counted.
    queue: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_events: 1000,
            default_timeout_ms: 300_000,
            default_debounce_ms: 100,
            max_paths: 100,
            max_watches: 32,
            queue: 10_000,
        }
    }
}

async fn file_watcher(cx: Cx, call: Given<FileWatcher>) -> Result<Outcome> {
    let operation = choose("operation", &call.args.operation, OPERATIONS)?;
    let config: Config = cx.settings(TOOL)?;
    let work = Work {
        cx: &cx,
        a: &call.args,
        config: &config,
        operation,
    };
    let (used, outcome) = match operation {
        "watch" => (
            "input events pattern recursive debounce_ms timeout_ms duration max_events until_quiet_ms",
            watch(&work).await?,
        ),
        "start" => (
            "input events pattern recursive debounce_ms publish",
            running::start(&work).await?,
        ),
        "poll" => ("watch_id max_events", running::poll(&work)?),
        "stop" => ("watch_id", running::stop(&work)?),
        "list" => ("", running::list(&work)?),
        _ => {
            let settings = Outcome::new("config", Value::from_serialize(&config)?);
            ("", settings.message(format!("The settings of {TOOL}")))
        }
    };
    Ok(call.warn(op, used, outcome))
}

/// One call at work.
struct Work<'a> {
    cx: &'a Cx,
    a: &'a FileWatcher,
    config: &'a Config,
    operation: &'static str,
}

impl Work<'_> {
    fn missing(&self, parameter: &'static str) -> Error {
        missing(TOOL, self.operation, parameter)
    }

    fn paths(&self) -> Result<Vec<String>> {
        let given = self.a.input.as_ref();
        let paths = texts("input", given.ok_or_else(|| self.missing("input"))?)?;
        if paths.is_empty() || paths.contains(&"") {
            return Err(refused("input", "parameter 'input' names no path"));
        }
        let (count, most) = (paths.len(), self.config.max_paths);
        if count > most {
            let message = format!("parameter 'input' names {count} paths, at most {most}");
            return Err(refused("input", message));
        }
        Ok(paths.into_iter().map(str::to_owned).collect())
    }

    fn kinds(&self) -> Result<Vec<&'static str>> {
        match &self.a.events {
            None => Ok(names(KINDS)),
            Some(given) => {
                let given = texts("events", given)?;
                given
                    .iter()
                    .map(|kind| choose("events", kind, KINDS))
                    .collect()
            }
        }
    }

    fn debounce(&self) -> Result<Duration> {
        let given = self.a.debounce_ms;
        let given = given.unwrap_or(self.config.default_debounce_ms);
        Ok(Duration::from_millis(
            within("debounce_ms", given, 0..=60_000)? as u64,
        ))
    }

    fn timeout(&self) -> Result<Duration> {
        let given = match (self.a.timeout_ms, self.a.duration) {
            (Some(ms), _) => ms,
            // What is no number of milliseconds is out of range.
            (None, Some(seconds)) => (seconds * 1000.0).round() as i64,
            (None, None) => self.config.default_timeout_ms,
        };
        let ms = within("timeout_ms", given, 1..=MOST_TIMEOUT)?;
        Ok(Duration::from_millis(ms as u64))
    }

    fn publisher(&self) -> Result<Option<Publisher>> {
        let name = self.a.publish.as_deref();
        name.map(|name| Publisher::open(self.cx, TOOL, name))
            .transpose()
    }

    fn max_events(&self) -> Result<usize> {
        let most = self.a.max_events.unwrap_or(self.config.max_events);
        within("max_events", most, 1..=10_000)
    }
}

#[derive(Serialize)]
struct Watched {
    events: Vec<Event>,
    event_count: usize,
    timed_out: bool,
    dropped: u64,
}

async fn watch(work: &Work<'_>) -> Result<Outcome> {
    let (timeout, most) = (work.timeout()?, work.max_events()?);
    let quiet = work.a.until_quiet_ms.unwrap_or(100);
    let quiet = Duration::from_millis(within("until_quiet_ms", quiet, 0..=MOST_TIMEOUT)? as u64);
    let clock = work.cx.host().clock.clone();
    let mut source = Source::open(work).await?;
    let deadline = clock.monotonic() + timeout;
    let mut events: Vec<Event> = Vec::new();
    let timed_out = loop {
        let quiet_at = match events.is_empty() || quiet.is_zero() {
            true => deadline,
            false => source.settles_at(quiet).min(deadline),
        };
        let mut more = source.next(work.cx, quiet_at).await?;
        let is_quiet = more.is_empty();
        events.append(&mut more);
        let now = clock.monotonic();
        if events.len() >= most {
            break false;
        }
        if now >= deadline {
            events.append(&mut source.rest(work.cx).await?);
            break true;
        }
        if is_quiet && !events.is_empty() && now >= source.settles_at(quiet) {
            break false;
        }
    };
    let dropped = source.dropped() + events.len().saturating_sub(most) as u64;
    events.truncate(most);
    let message = match timed_out {
        true => format!("{} changes until the time was up", events.len()),
        false => format!("{} changes", events.len()),
    };
    let data = Watched {
        event_count: events.len(),
        events,
        timed_out,
        dropped,
    };
    Ok(Outcome::new("watch", Value::from_serialize(&data)?)
        .output(Value::from_serialize(&data.events)?)
        .message(message))
}

#[cfg(test)]
mod tests;
