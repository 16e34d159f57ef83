//! What `run` and `exec` share: their flags, and a run with its output.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use llmspell::config::{self, Language, Loaded};
use llmspell::{Options, Ran, SessionChoice, Watched, World};
use llmspell_core::{Cancel, Error, Kind, Observer, Value};
use llmspell_runtime::event::Pattern;
use llmspell_runtime::journal::Redact;
use llmspell_runtime::session::Resumption;
use llmspell_script::{Engine, Script};
use serde_json::{Map, Value as Json, json};

use crate::desk::Desk;
use crate::exit::{Ends, Failure, INTERRUPTED, TERMINATED};
use crate::output::console::{Console, Form};
use crate::output::events::{Events, To};
use crate::output::progress::Progress;
use crate::output::report::Report;
use crate::output::stream::Streaming;
use crate::output::value::{self, Lost};
use crate::output::{Mode, Screen};

/// Flags of a run.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Flags {
    /// Print the text of models while it arrives
    #[arg(long)]
    stream: bool,
    /// Longest time of the run, in seconds, or such as 2m
    #[arg(long, value_name = "SECS")]
    timeout: Option<String>,
    /// Most memory of the run, such as 512MiB
    #[arg(long, value_name = "SIZE")]
    max_memory: Option<String>,
    /// Most money of the run, in US dollars
    #[arg(long, value_name = "USD", allow_hyphen_values = true)]
    budget: Option<String>,
    /// Record a session: of this name, or new; `session resume` goes on with one
    #[arg(long, value_name = "new|NAME", conflicts_with = "ephemeral")]
    session: Option<String>,
    /// Store of the record: sqlite:PATH or memory:
    #[arg(long, value_name = "URL", conflicts_with = "ephemeral")]
    store: Option<String>,
    /// Record nothing
    #[arg(long)]
    ephemeral: bool,
    /// Print events that match, such as 'tool.*', as JSON lines on standard error; with --stream and --output json among
    /// the lines on standard output
    #[arg(long, value_name = "PATTERN")]
    events: Vec<String>,
    /// Write events to this file instead; all, unless --events says which
    #[arg(long, value_name = "PATH")]
    events_file: Option<PathBuf>,
    /// Fix random numbers and ids
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

impl Flags {
    /// Returns what the flags mean as configuration.
    ///
    /// - Errors: `Config` naming the flag.
    pub(crate) fn assignments(&self) -> Result<Vec<(String, String)>, Failure> {
        let mut set = Vec::new();
        let mut put = |flag: &str, key: &str, value: String| {
            set.push((flag.to_owned(), format!("{key}={value}")))
        };
        if let Some(text) = &self.timeout {
            let milliseconds =
                config::milliseconds(text, 1000).filter(|milliseconds| *milliseconds > 0);
            let milliseconds = milliseconds
                .ok_or_else(|| wrong("--timeout", text, "a time in seconds, or such as 2m"))?;
            put("--timeout", "runtime.timeout_ms", milliseconds.to_string());
        }
        if let Some(text) = &self.max_memory {
            let bytes = config::bytes(text).filter(|bytes| *bytes > 0);
            let bytes =
                bytes.ok_or_else(|| wrong("--max-memory", text, "a size such as 512MiB"))?;
            put("--max-memory", "runtime.max_memory", bytes.to_string());
        }
        if let Some(text) = &self.budget {
            let usd: Option<f64> = text.trim_start_matches('$').parse().ok();
            let usd = usd.filter(|usd| usd.is_finite() && *usd >= 0.0);
            let usd = usd.ok_or_else(|| wrong("--budget", text, "an amount of US dollars"))?;
            put("--budget", "runtime.budget.usd", usd.to_string());
        }
        if let Some(seed) = self.seed {
            put("--seed", "runtime.seed", seed.to_string());
        }
        Ok(set)
    }

    /// Returns whether somebody wants to see events.
    fn shows_events(&self) -> bool {
        !self.events.is_empty() || self.events_file.is_some()
    }

    /// Returns who is told of which events; `lines` is where they go if neither a file nor standard error is meant.
    ///
    /// - Errors: `InvalidArgs` for a malformed pattern; `Io` if the file cannot be made.
    fn watched(
        &self,
        lines: Option<Arc<Streaming>>,
        redact: &Redact,
    ) -> Result<Option<Watched>, Failure> {
        if !self.shows_events() {
            return Ok(None);
        }
        for pattern in &self.events {
            Pattern::new(pattern).map_err(|failure| {
                let message = format!("--events: {}", failure.message());
                Failure::with_code(Error::new(Kind::InvalidArgs, message), 2)
            })?;
        }
        let to = match (&self.events_file, lines) {
            (Some(path), _) => To::file(path)?,
            (None, Some(lines)) => To::Lines(lines),
            (None, None) => To::Stderr,
        };
        let events = Events::new(to, redact.clone());
        let patterns = match self.events.is_empty() {
            true => vec!["*".to_owned()],
            false => self.events.clone(),
        };
        Ok(Some(Watched {
            patterns,
            tell: Arc::new(move |event| events.write(event)),
        }))
    }

    /// Returns which session the run belongs to.
    pub(crate) fn session(&self) -> SessionChoice {
        match (&self.session, self.ephemeral) {
            (_, true) => SessionChoice::None,
            (Some(name), _) if name == "new" => SessionChoice::New,
            (Some(name), _) => SessionChoice::Named(name.clone()),
            (None, _) => SessionChoice::AsConfigured,
        }
    }
}

fn wrong(flag: &str, text: &str, expected: &str) -> Failure {
    let message = format!("{flag} must be {expected}, not '{text}'");
    Failure::with_code(Error::new(Kind::InvalidArgs, message), 2)
}

/// Starts the threads of a run.
pub(crate) fn threads(loaded: &Loaded) -> llmspell_core::Result<tokio::runtime::Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    if let Some(workers) = loaded.config.runtime.workers {
        builder.worker_threads(workers);
    }
    builder.enable_all().build().map_err(|failure| {
        llmspell_core::error!(Io, "the threads of the run cannot be started: {failure}")
    })
}

/// How long what is still under way when a run has ended is waited for.
const LAST_WORK: Duration = Duration::from_secs(2);

/// Ends the threads of a run. What was under way beside it is dropped, which ends its processes; work on files that was
/// cancelled is waited for, so that it clears up. Usually there is neither.
pub(crate) fn end(threads: tokio::runtime::Runtime) {
    threads.shutdown_timeout(LAST_WORK);
}

/// Compiles a script and reports where it does not.
pub(crate) fn check(script: &Script, language: Option<Language>, mut desk: Desk) -> Ends {
    let loaded = desk.load(Vec::new())?;
    let language = language.unwrap_or(loaded.config.default_engine);
    let engine = llmspell::engine(
        &loaded,
        language,
        Arc::new(Console::new(Form::Direct, None)),
    )?;
    match engine.check(script) {
        Ok(()) => {
            if desk.screen.mode == Mode::Json {
                desk.screen
                    .document(&json!({"success": true, "engine": language.name()}));
            }
            Ok(0)
        }
        Err(error) => Err(Failure::from(error).quoting(&script.name, &script.source)),
    }
}

/// What runs a script.
pub(crate) enum By {
    /// The engine of a language; that of the configuration if none is named.
    Language(Option<Language>),
    /// This engine.
    Engine(Arc<dyn Engine>),
}

/// Runs a script and writes what it printed and returned.
pub(crate) fn run(script: Script, by: By, flags: &Flags, desk: Desk) -> Ends {
    go(script, by, flags, None, desk)
}

/// As [`run`], going on with a run that was recorded.
pub(crate) fn resume(script: Script, by: By, resumed: Resumption, desk: Desk) -> Ends {
    go(script, by, &Flags::default(), Some(resumed), desk)
}

fn go(script: Script, by: By, flags: &Flags, resumed: Option<Resumption>, mut desk: Desk) -> Ends {
    if let Some(resumed) = &resumed {
        desk.choose_again(resumed.choices());
    }
    let assignments = flags.assignments()?;
    let loaded = desk.load(assignments.clone())?;
    let choices = desk.choices(&assignments, &loaded.redact);
    let (language, engine) = match by {
        By::Language(language) => (language, None),
        By::Engine(engine) => (None, Some(engine)),
    };
    let language = language.unwrap_or(loaded.config.default_engine);
    let threads = threads(&loaded)?;
    let cancel = Cancel::new();
    let progress = Progress::new(desk.screen.quiet).map(Arc::new);
    let form = match (desk.screen.mode, flags.stream) {
        (Mode::Json, true) => Form::JsonLines,
        (Mode::Json, false) => Form::Collected,
        _ => Form::Direct,
    };
    let console = Arc::new(Console::new(form, progress.clone()));
    let json = desk.screen.mode == Mode::Json;
    let streaming = || Streaming::new(console.clone(), json, cancel.clone());
    let streaming = flags.stream.then(streaming).map(Arc::new);
    let mut observers: Vec<Arc<dyn Observer>> = Vec::new();
    observers.extend(
        streaming
            .clone()
            .map(|streaming| streaming as Arc<dyn Observer>),
    );
    observers.extend(progress.as_ref().and_then(Progress::observer));
    if flags.shows_events() && !loaded.config.events.enabled {
        desk.screen
            .warning("there are no events to show: `events.enabled` is false");
    }
    let options = Options {
        session: flags.session(),
        store: flags.store.clone(),
        observers,
        events: {
            let shown = progress.as_ref().map(Progress::watched);
            let lines = streaming.filter(|_| json);
            let written = flags.watched(lines, &loaded.redact)?;
            written.into_iter().chain(shown).collect()
        },
        output: console.clone(),
        engine,
        choices,
        resumed,
        cancel: cancel.clone(),
        ..Options::default()
    };
    let quoted = (script.name.clone(), script.source.clone());
    let ran = crate::wait(&threads, async {
        let _signals = Signals::listen(cancel);
        World::open(&loaded, language, &script, options)?
            .run(script)
            .await
    });
    if let Some(progress) = progress {
        progress.end();
    }
    end(threads);
    let ran = ran?;
    let code = finish(&desk.screen, &console, &ran, form, &quoted);
    Ok(code)
}

/// Writes the result of a run and returns the exit code.
fn finish(
    screen: &Screen,
    console: &Console,
    ran: &Ran,
    form: Form,
    quoted: &(String, String),
) -> u8 {
    if console.is_closed() {
        return 0;
    }
    let mut lost = Lost::default();
    let code = match &ran.results {
        Ok(_) => 0,
        Err(error) => crate::exit::code(error),
    };
    if screen.mode == Mode::Json {
        let _ = console.finish();
        screen.document(&document(console, ran, form, quoted, &mut lost));
    } else {
        match &ran.results {
            Ok(results) => text(screen, results, &mut lost),
            Err(error) if is_plain_exit(error) => {}
            Err(error) => {
                let report = Report::new(error, Some((&quoted.0, &quoted.1)));
                screen.note(report.text(screen.error_color).trim_end());
            }
        }
    }
    if let Some(warning) = lost.warning() {
        screen.warning(&warning);
    }
    if let Some(answered) = ran
        .answered
        .filter(|_| !screen.quiet && screen.mode != Mode::Json)
    {
        let calls = if answered == 1 {
            "call was"
        } else {
            "calls were"
        };
        screen.note(&format!("{answered} {calls} answered from the journal"));
    }
    if screen.mode == Mode::Pretty && !screen.quiet {
        screen.note(&summary(ran));
    }
    if let Some(path) = (code == 70).then(crate::panic::report_file).flatten() {
        screen.note(&format!("  a report was written to {}", path.display()));
    }
    code
}

/// `os.exit` is no failure to report, whatever its code is.
fn is_plain_exit(error: &Error) -> bool {
    ["exit_code", "broken_pipe"]
        .iter()
        .any(|name| error.details().contains_key(name))
}

fn text(screen: &Screen, results: &[Value], lost: &mut Lost) {
    if let Some(result) = results.first().filter(|result| !result.is_null()) {
        let mut text = value::text(result, screen.mode == Mode::Pretty, lost);
        text.push(b'\n');
        screen.bytes(&text);
    }
}

fn document(
    console: &Console,
    ran: &Ran,
    form: Form,
    quoted: &(String, String),
    lost: &mut Lost,
) -> Json {
    let mut members = Map::new();
    if form == Form::JsonLines {
        members.insert("type".to_owned(), "result".into());
    }
    match &ran.results {
        Ok(results) => {
            let results: Vec<Json> = results
                .iter()
                .map(|result| value::json(result, lost))
                .collect();
            members.insert("success".to_owned(), true.into());
            members.insert(
                "result".to_owned(),
                results.first().cloned().unwrap_or(Json::Null),
            );
            members.insert("results".to_owned(), results.into());
        }
        Err(error) if error.details().contains_key("exit_code") => {
            let code = crate::exit::code(error);
            members.insert("success".to_owned(), (code == 0).into());
            members.insert("exit_code".to_owned(), code.into());
        }
        Err(error) => {
            if let Json::Object(report) = Report::new(error, Some((&quoted.0, &quoted.1))).json() {
                members.extend(report);
            }
        }
    }
    if form == Form::Collected {
        members.insert("console".to_owned(), console.collected().into());
    }
    members.insert("engine".to_owned(), ran.engine.into());
    members.insert(
        "duration_ms".to_owned(),
        (ran.duration.as_millis() as u64).into(),
    );
    members.insert(
        "usage".to_owned(),
        Value::Map(ran.usage.to_map()).to_serde_json(),
    );
    members.insert("session_id".to_owned(), ran.session.clone().into());
    if let Some(answered) = ran.answered {
        members.insert("answered".to_owned(), answered.into());
    }
    Json::Object(members)
}

/// Returns the line of pretty mode: engine, time, tokens, cost.
fn summary(ran: &Ran) -> String {
    let mut parts = vec![ran.engine.to_owned(), duration(ran.duration)];
    if let Some(tokens) = ran.usage.total_tokens() {
        parts.push(format!("{tokens} tokens"));
    }
    if let Some(cost) = ran.usage.cost_usd {
        parts.push(format!("${cost:.4}"));
    }
    parts.join(" · ")
}

/// Returns a time as people read it.
pub(crate) fn duration(duration: Duration) -> String {
    let milliseconds = duration.as_millis();
    match milliseconds {
        0..1_000 => format!("{milliseconds} ms"),
        1_000..60_000 => format!("{:.1} s", duration.as_secs_f64()),
        _ => format!(
            "{} min {} s",
            milliseconds / 60_000,
            milliseconds / 1_000 % 60
        ),
    }
}

/// Listens for signals: the first asks the run to stop, the second ends the process at once.
pub(crate) struct Signals(tokio::task::JoinHandle<()>);

impl Signals {
    /// Starts listening.
    pub(crate) fn listen(cancel: Cancel) -> Self {
        Self(tokio::spawn(async move {
            let mut asked = false;
            loop {
                let code = next_signal().await;
                if asked {
                    std::process::exit(code.into());
                }
                asked = true;
                let error = match code {
                    TERMINATED => Cancel::reason("the run was terminated").with("signal", 15),
                    _ => Cancel::reason("the run was interrupted").with("signal", 2),
                };
                cancel.cancel(error);
            }
        }))
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Waits for a signal to stop and returns the exit code that belongs to it.
#[cfg(unix)]
pub(crate) async fn next_signal() -> u8 {
    use tokio::signal::unix::{SignalKind, signal};
    let (interrupt, terminate) = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    );
    let (Ok(mut interrupt), Ok(mut terminate)) = (interrupt, terminate) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => INTERRUPTED,
        _ = terminate.recv() => TERMINATED,
    }
}

/// Waits for a signal to stop and returns the exit code that belongs to it.
#[cfg(not(unix))]
pub(crate) async fn next_signal() -> u8 {
    match tokio::signal::ctrl_c().await {
        Ok(()) => INTERRUPTED,
        Err(_) => std::future::pending().await,
    }
}
