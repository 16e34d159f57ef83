//! `process_executor`: one permitted program at a time, without a shell.

mod jobs;
mod report;
mod split;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures::future::{Either, select};
use llmspell_core::host::{Captured, Command, Exit, Input, Process};
use llmspell_core::{
    Cx, Effect, Error, Kind, Level, Map, Op, Outcome, Result, ToolInfo, Value, error,
};
use schemars::JsonSchema;
use serde::Deserialize;

use self::jobs::Jobs;
use self::report::{Form, Report};
use crate::choice::{choose_or_first, fold};
use crate::param::{Given, choices, fits, missing, names, octets, refused};

const OPERATIONS: &[&[&str]] = &[
    &["execute", "run", "run_with_timeout"],
    &["start"],
    &["poll"],
    &["write"],
    &["stop"],
    &["list"],
    &["check"],
];

const ENCODINGS: &[&[&str]] = &[&["utf-8", "utf8", "text"], &["base64"]];

/// Most bytes that a process is given to read.
const MAX_INPUT: usize = 16 << 20;

/// How much of its time a call keeps for telling what the process wrote until then.
const RESERVE: Duration = Duration::from_millis(250);

/// Signals by which the system ends a process that uses too much: processor time, a file's size.
const LIMIT_SIGNALS: &[(i32, &str)] = &[
    (
        24,
        "used more processor time than `security.process.cpu_seconds` allows",
    ),
    (
        25,
        "wrote a larger file than `security.files.max_file_bytes` allows",
    ),
];

pub(super) fn op() -> Op {
    Op::new("process_executor", process_executor)
        .effect(Effect::Once)
        .effect_of(|args| {
            let given = args.get("operation").and_then(Value::as_str).map(fold);
            match given.as_deref() {
                Some("poll" | "list" | "check") => Effect::Read,
                _ => Effect::Once,
            }
        })
        .tool(
            ToolInfo::new("system")
                .settings::<Config>()
                .example(
                    "Runs a program",
                    r#"{"executable": "echo", "arguments": ["hello"]}"#,
                )
                .level(Level::Restricted)
                .operations(&names(OPERATIONS))
                .needs(&["execute", "start", "check"], &["executable"])
                .needs(&["poll", "write", "stop"], &["job_id"])
                .needs(&["write"], &["stdin"]),
        )
}

/// Runs one permitted program without a shell: to its end, or in the background as a job.
///
/// Characters that mean something to a shell mean nothing here. The process sees the files below the roots, no network
/// and a clean environment, as `[security.process]` says.
#[derive(Deserialize, JsonSchema)]
struct ProcessExecutor {
    /// What to do.
    #[schemars(transform = choices(OPERATIONS), extend("default" = "execute"))]
    operation: Option<String>,
    /// The program: a name or an absolute path. Without `arguments`, words after it are its arguments, quoted as for a
    /// shell.
    #[schemars(extend("x-synonyms" = ["command", "program"]))]
    executable: Option<String>,
    /// Its arguments, texts or numbers, passed as they are.
    #[schemars(with = "Option<Vec<Value>>", extend("default" = [], "x-synonyms" = ["args"]))]
    arguments: Option<Vec<Value>>,
    /// Where it runs; by default where the run does.
    #[schemars(extend("x-synonyms" = ["cwd"]))]
    working_directory: Option<String>,
    /// Further environment variables; the policy must allow them.
    #[schemars(with = "Option<std::collections::BTreeMap<String, Value>>", extend("default" = {}, "x-synonyms" = ["env"]))]
    environment: Option<Map>,
    /// What it reads; then its input ends. A job without it reads what `write` gives it.
    #[schemars(extend("type" = "string", "x-synonyms" = ["input"]))]
    stdin: Option<Value>,
    /// Whether an exit status other than 0 is a failure.
    #[schemars(extend("default" = false))]
    check: Option<bool>,
    /// Whether the error output is part of `stdout`, in the order of writing.
    #[schemars(extend("default" = false))]
    merge_stderr: Option<bool>,
    /// Whether blanks around the outputs are dropped.
    #[schemars(extend("default" = false))]
    trim: Option<bool>,
    /// How the outputs are written; what is not UTF-8 is replaced in `utf-8`.
    #[schemars(transform = choices(ENCODINGS), extend("default" = "utf-8"))]
    encoding: Option<String>,
    /// Whether the outputs are returned; else they are only counted.
    #[schemars(extend("default" = true))]
    capture_output: Option<bool>,
    /// The job that `poll`, `write` and `stop` are about.
    job_id: Option<String>,
}

/// The configuration `[tools.process_executor]`.
#[derive(Deserialize, JsonSchema)]
#[serde(default)]
struct Config {
    /// Most jobs of a run in the background (count).
    max_jobs: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self { max_jobs: 8 }
    }
}

/// What a process is started with.
const STARTING: &str =
    "executable arguments working_directory environment stdin merge_stderr capture_output";

async fn process_executor(cx: Cx, call: Given<ProcessExecutor>) -> Result<Outcome> {
    let a = &call.args;
    let operation = choose_or_first("operation", a.operation.as_deref(), OPERATIONS)?;
    let form = Form {
        base64: choose_or_first("encoding", a.encoding.as_deref(), ENCODINGS)? == "base64",
        trim: a.trim.unwrap_or(false),
        counted: !a.capture_output.unwrap_or(true),
    };
    let jobs = cx.kept::<Jobs>();
    let (used, outcome) = match operation {
        "execute" => (
            format!("{STARTING} check trim encoding"),
            execute(&cx, a, form).await?,
        ),
        "start" => (STARTING.to_owned(), start(&cx, a, &jobs).await?),
        "poll" => (
            "job_id trim encoding".to_owned(),
            poll(a, &jobs, form).await?,
        ),
        "write" => ("job_id stdin".to_owned(), write(a, &jobs).await?),
        "stop" => (
            "job_id trim encoding".to_owned(),
            stop(a, &jobs, form).await?,
        ),
        "list" => (String::new(), jobs.list().await),
        _ => ("executable".to_owned(), check(&cx, a)?),
    };
    Ok(call.warn(op, &used, outcome))
}

/// Reads what to run.
fn command(a: &ProcessExecutor, operation: &'static str) -> Result<Command> {
    let (program, args) = program(a, operation)?;
    let environment = a.environment.clone().unwrap_or_default();
    let input = match &a.stdin {
        None => Input::Closed,
        Some(given) => {
            let bytes = octets("stdin", given.clone())?;
            fits("stdin", bytes.len(), MAX_INPUT)?;
            Input::Bytes(bytes)
        }
    };
    Ok(Command {
        dir: a.working_directory.as_ref().map(PathBuf::from),
        environment: environment
            .into_iter()
            .map(|(name, value)| match text(&value) {
                Some(value) => Ok((name.into(), value)),
                None => Err(refused(
                    "environment",
                    format!("parameter 'environment': '{name}' must be text or a number"),
                )),
            })
            .collect::<Result<_>>()?,
        input,
        max_output_bytes: (!a.capture_output.unwrap_or(true)).then_some(0),
        merge: a.merge_stderr.unwrap_or(false),
        ..Command::new(program, args)
    })
}

fn program(a: &ProcessExecutor, operation: &'static str) -> Result<(String, Vec<String>)> {
    let given = a
        .executable
        .as_deref()
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .ok_or_else(|| missing("process_executor", operation, "executable"))?;
    let has_blanks = given.contains(char::is_whitespace);
    // No arguments at all are the default.
    let arguments = a
        .arguments
        .as_ref()
        .filter(|arguments| !arguments.is_empty());
    let Some(arguments) = arguments else {
        let mut words = match has_blanks {
            true => split::words(given)?.into_iter(),
            false => vec![given.to_owned()].into_iter(),
        };
        return Ok((words.next().unwrap_or_default(), words.collect()));
    };
    if has_blanks {
        return Err(refused(
            "executable",
            "parameter 'executable' must be one word when 'arguments' are given",
        ));
    }
    let arguments = arguments.iter().map(|argument| {
        text(argument).ok_or_else(|| {
            let got = argument.type_name();
            refused(
                "arguments",
                format!("parameter 'arguments' must list texts or numbers, got {got}"),
            )
            .misshapen()
        })
    });
    Ok((given.to_owned(), arguments.collect::<Result<_>>()?))
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Str(text) => Some(text.clone()),
        Value::Int(_) | Value::Float(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

async fn execute(cx: &Cx, a: &ProcessExecutor, form: Form) -> Result<Outcome> {
    let command = command(a, "execute")?;
    let clock = cx.host().clock.clone();
    let began = clock.monotonic();
    let arguments = command.args.clone();
    let mut process = cx.host().processes.start(command).await?;
    let limit = left(cx, began);
    let exit = within(cx, &mut *process).await?;
    let mut report = Report {
        executable: process.program().display().to_string(),
        arguments,
        pid: process.id(),
        exit,
        captured: process.output(),
        duration: clock.monotonic().saturating_sub(began),
        confinement: process.confinement().to_value(),
    };
    if exit.is_none() {
        return Err(late(cx, process, (report, form), limit));
    }
    if let Some(what) = exit.and_then(over_a_limit) {
        let message = format!("'{}' was ended: it {what}", report.name());
        return Err(Error::new(Kind::Limit, message).with("data", report.data(form)));
    }
    let is_success = exit.is_some_and(Exit::is_success);
    if a.check.unwrap_or(false) && !is_success {
        let message = format!("'{}' {}", report.name(), report.ending());
        let error = Error::new(Kind::Execution, message);
        let error = match exit.and_then(|exit| exit.code) {
            Some(code) => error.with("exit_code", i64::from(code)),
            None => error,
        };
        return Err(error.with("data", report.data(form)));
    }
    let confinement = std::mem::take(&mut report.confinement);
    let message = format!("'{}' {}", report.name(), report.ending());
    let data = report.data(form);
    let output = data.get("stdout").cloned().unwrap_or_default();
    Ok(Outcome::new("execute", data)
        .output(output)
        .message(message)
        .metadata("confinement", confinement))
}

/// Returns how long a call that began then may last.
fn left(cx: &Cx, began: Duration) -> Duration {
    cx.deadline().unwrap_or(Duration::MAX).saturating_sub(began)
}

/// Waits for the end of a process as long as the call may last, without what it takes to tell of it.
async fn within(cx: &Cx, process: &mut dyn Process) -> Result<Option<Exit>> {
    let clock = &cx.host().clock;
    let Some(deadline) = cx.deadline() else {
        return process.wait().await.map(Some);
    };
    let left = deadline.saturating_sub(clock.monotonic());
    let left = left - RESERVE.min(left / 5);
    match select(process.wait(), clock.sleep(left)).await {
        Either::Left((exit, _)) => exit.map(Some),
        Either::Right(_) => Ok(None),
    }
}

/// Ends a process whose time is over. It has a moment to end by itself, for which the call does not wait.
fn late(
    cx: &Cx,
    mut process: Box<dyn Process>,
    (report, form): (Report, Form),
    limit: Duration,
) -> Error {
    let stopping = cx.beside(|_| async move {
        process.stop().await.ok();
    });
    // Where nothing can go on beside the call, the process has just been ended with its owner.
    stopping.ok();
    // The call began a moment before.
    let limit = limit.as_nanos().div_ceil(1_000_000);
    error!(
        Timeout,
        "'{}' was ended: it took longer than the {limit} ms of the call",
        report.name()
    )
    .with("limit_ms", limit)
    .with("data", report.data(form))
}

fn over_a_limit(exit: Exit) -> Option<&'static str> {
    let signal = exit.signal?;
    let known = LIMIT_SIGNALS.iter().find(|(number, _)| *number == signal);
    known.map(|(_, what)| *what)
}

async fn start(cx: &Cx, a: &ProcessExecutor, jobs: &Arc<Jobs>) -> Result<Outcome> {
    let config: Config = cx.settings("process_executor")?;
    let mut command = command(a, "start")?;
    if a.stdin.is_none() {
        command.input = Input::Open;
    }
    let arguments = command.args.clone();
    let place = jobs.reserve(config.max_jobs)?;
    let process = cx.host().processes.start(command).await?;
    let data = place.fill(process, arguments);
    let job_id = data.get("job_id").cloned().unwrap_or_default();
    let message = format!("Started {job_id}");
    Ok(Outcome::new("start", data).output(job_id).message(message))
}

fn job_id<'a>(a: &'a ProcessExecutor, operation: &'static str) -> Result<&'a str> {
    let given = a.job_id.as_deref();
    given.ok_or_else(|| missing("process_executor", operation, "job_id"))
}

async fn poll(a: &ProcessExecutor, jobs: &Jobs, form: Form) -> Result<Outcome> {
    let id = job_id(a, "poll")?;
    let job = jobs.get(id)?;
    let mut job = job.lock().await;
    let exit = job.process.exit();
    let data = told(id, exit, job.process.output(), form);
    let output = data.get("stdout").cloned().unwrap_or_default();
    let message = match exit {
        None => format!("{id} is running"),
        Some(_) => format!("{id} {}", report::ending(exit)),
    };
    Ok(Outcome::new("poll", data).output(output).message(message))
}

async fn write(a: &ProcessExecutor, jobs: &Jobs) -> Result<Outcome> {
    let id = job_id(a, "write")?;
    let given = a.stdin.clone();
    let given = given.ok_or_else(|| missing("process_executor", "write", "stdin"))?;
    let bytes = octets("stdin", given)?;
    fits("stdin", bytes.len(), MAX_INPUT)?;
    let count = bytes.len();
    let job = jobs.get(id)?;
    let mut job = job.lock().await;
    job.process.write(bytes).await?;
    let data = Map::from([
        ("job_id", id.into()),
        ("running", job.process.exit().is_none().into()),
        ("bytes_written", count.into()),
    ]);
    let message = format!("Wrote {count} bytes to {id}");
    Ok(Outcome::new("write", data).output(true).message(message))
}

async fn stop(a: &ProcessExecutor, jobs: &Jobs, form: Form) -> Result<Outcome> {
    let id = job_id(a, "stop")?;
    let job = jobs.get(id)?;
    let mut job = job.lock().await;
    let exit = job.process.stop().await?;
    let data = told(id, Some(exit), job.process.output(), form);
    let message = format!("{id} {}", report::ending(Some(exit)));
    Ok(Outcome::new("stop", data).output(true).message(message))
}

fn told(id: &str, exit: Option<Exit>, captured: Captured, form: Form) -> Map {
    let mut data = Map::from([("job_id", id.into()), ("running", exit.is_none().into())]);
    report::outputs(&mut data, &captured, form);
    let code = exit.and_then(|exit| exit.code).map(i64::from);
    data.insert("exit_code", code.into());
    let signal = exit.and_then(|exit| exit.signal).map(i64::from);
    data.insert("signal", signal.into());
    data
}

fn check(cx: &Cx, a: &ProcessExecutor) -> Result<Outcome> {
    let (program, _) = program(a, "check")?;
    let (permitted, path, reason) = match cx.host().processes.find(&program) {
        Ok(path) => (true, Some(path.display().to_string()), None),
        Err(error) => {
            let hints = error.hints().iter().map(|hint| format!(" ({hint})"));
            let reason = format!("{}{}", error.message(), hints.collect::<String>());
            match error.kind() {
                Kind::Denied => (false, None, Some(reason)),
                Kind::NotFound => (true, None, Some(reason)),
                _ => return Err(error),
            }
        }
    };
    let message = match (permitted, &path) {
        (true, Some(path)) => format!("'{program}' is {path} and may run"),
        (true, None) => format!("'{program}' may run and does not exist"),
        (false, _) => format!("'{program}' may not run"),
    };
    let data = Map::from([
        ("permitted", permitted.into()),
        ("path", path.into()),
        ("reason", reason.into()),
    ]);
    Ok(Outcome::new("check", data)
        .output(permitted)
        .message(message))
}

#[cfg(test)]
mod tests;
