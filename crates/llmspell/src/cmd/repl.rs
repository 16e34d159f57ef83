//! `llmspell repl`.

mod line;

use std::io::{BufRead, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use llmspell::config::{Language, Loaded};
use llmspell::{Options, World};
use llmspell_core::{Cancel, Error, Kind, Result, Value};
use llmspell_script::{Interpreter, Script};
use tokio::runtime::Runtime;

use super::running::{self, threads};
use crate::desk::Desk;
use crate::exit::Ends;
use crate::output::Mode;
use crate::output::console::{Console, Form};
use crate::output::progress::Progress;
use crate::output::report::Report;
use crate::output::value::{self, Lost};
use line::{Input, Lines};

/// Type a spell line by line.
#[derive(Args, Debug)]
pub(crate) struct Repl {
    /// File of the history; `history` in the data directory if absent
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,
    /// Keep no history
    #[arg(long, conflicts_with = "history")]
    no_history: bool,
    /// Run this file first
    #[arg(long, value_name = "FILE")]
    load: Option<PathBuf>,
}

const HELP: &str = "\
.help          this list
.load FILE     run a file here
.save FILE     write the lines of this session to a file
.engine [NAME] show or change the language
.reset         forget all variables
.time          show how long each line takes, or stop showing it
.exit          leave (also Ctrl-D)
An expression shows its value. Tab completes names; Ctrl-C stops a line that runs.";

/// A conversation with an interpreter.
struct Conversation {
    desk: Desk,
    loaded: Loaded,
    threads: Runtime,
    world: World,
    interpreter: Arc<dyn Interpreter>,
    console: Arc<Console>,
    progress: Option<Arc<Progress>>,
    typed: Vec<String>,
    show_time: bool,
    failed: bool,
}

pub(crate) fn repl(args: Repl, mut desk: Desk) -> Ends {
    let loaded = desk.load(Vec::new())?;
    let named = desk.flags.engine.as_deref().and_then(Language::from_name);
    let language = named.unwrap_or(loaded.config.default_engine);
    let history = match args.no_history {
        true => None,
        false => Some(
            args.history
                .unwrap_or_else(|| loaded.data_dir.join("history")),
        ),
    };
    let mut conversation = Conversation::begin(desk, loaded, language)?;
    if let Some(path) = &args.load {
        conversation.load(path);
    }
    if std::io::stdin().is_terminal() {
        conversation.on_terminal(history)?;
    } else {
        conversation.without_terminal();
    }
    let code = u8::from(conversation.failed && !std::io::stdin().is_terminal());
    conversation.end();
    Ok(code)
}

/// What becomes of the conversation after a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Go,
    Leave(Option<u8>),
}

impl Conversation {
    fn begin(desk: Desk, loaded: Loaded, language: Language) -> Result<Self> {
        let threads = threads(&loaded)?;
        let progress = Progress::on_terminal(desk.screen.quiet).map(Arc::new);
        let console = Arc::new(Console::new(Form::Direct, progress.clone()));
        let (world, interpreter) = open(&threads, &loaded, language, &console, progress.as_ref())?;
        Ok(Self {
            desk,
            loaded,
            threads,
            world,
            interpreter,
            console,
            progress,
            typed: Vec::new(),
            show_time: false,
            failed: false,
        })
    }

    fn on_terminal(&mut self, history: Option<PathBuf>) -> Result<()> {
        self.desk.screen.note(&format!(
            "llmspell {} · {} · .help lists the commands",
            env!("CARGO_PKG_VERSION"),
            self.world.engine().name()
        ));
        let mut lines = Lines::new(history, self.world.engine().clone())?;
        loop {
            lines.complete_with(self.interpreter.clone(), self.threads.handle().clone());
            match lines.read()? {
                Input::Line(line) => {
                    if let Next::Leave(code) = self.take(&line) {
                        return self.leave(code);
                    }
                    lines.engine(self.world.engine().clone());
                }
                Input::Interrupted => {}
                Input::End => return Ok(()),
            }
        }
    }

    /// Reads lines that do not come from a terminal; statements may go over several lines.
    fn without_terminal(&mut self) {
        let mut open = String::new();
        for line in std::io::stdin().lock().lines() {
            let Ok(line) = line else { break };
            if !open.is_empty() {
                open.push('\n');
            }
            open.push_str(&line);
            if !open.starts_with('.') && self.world.engine().is_incomplete(&open) {
                continue;
            }
            let whole = std::mem::take(&mut open);
            if let Next::Leave(code) = self.take(&whole) {
                // The process ends here; there is nobody to ask for more.
                let _ = self.leave(code);
                return;
            }
        }
        if !open.is_empty() {
            self.take(&open);
        }
    }

    fn leave(&mut self, code: Option<u8>) -> Result<()> {
        match code {
            Some(code) => std::process::exit(code.into()),
            None => Ok(()),
        }
    }

    /// Does what a line says.
    fn take(&mut self, line: &str) -> Next {
        let text = line.trim();
        if text.is_empty() {
            return Next::Go;
        }
        match text
            .strip_prefix('.')
            .filter(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()))
        {
            Some(command) => self.command(command),
            None => {
                self.typed.push(line.to_owned());
                let dir = std::env::current_dir().ok();
                self.run(Script {
                    dir,
                    expression: true,
                    ..Script::new("(repl)", line)
                })
            }
        }
    }

    fn command(&mut self, command: &str) -> Next {
        let (name, rest) = command
            .split_once(char::is_whitespace)
            .unwrap_or((command, ""));
        let rest = rest.trim();
        match (name, rest) {
            ("help", _) => self.desk.screen.line(HELP),
            ("exit" | "quit", _) => return Next::Leave(None),
            ("time", _) => {
                self.show_time = !self.show_time;
                self.desk.screen.line(if self.show_time {
                    "times are shown"
                } else {
                    "times are not shown"
                });
            }
            ("load" | "save", "") => self.complain(&format!(".{name} needs a file")),
            ("load", path) => self.load(Path::new(path)),
            ("save", path) => match std::fs::write(path, self.typed.join("\n") + "\n") {
                Ok(()) => self.desk.screen.line(&format!("wrote {path}")),
                Err(failure) => self.complain(&format!("{path} cannot be written: {failure}")),
            },
            ("engine", "") => self.desk.screen.line(self.world.engine().name()),
            ("engine", name) => match Language::from_name(name) {
                Some(language) => self.reopen(language),
                None => self.complain(&format!("there is no engine '{name}'")),
            },
            ("reset", _) => {
                let language = Language::from_name(self.world.engine().name()).unwrap_or_default();
                self.reopen(language);
            }
            (name, _) => self.complain(&format!("there is no command .{name}; .help lists them")),
        }
        Next::Go
    }

    fn complain(&mut self, message: &str) {
        self.report(&Error::new(Kind::InvalidArgs, message.to_owned()));
    }

    fn report(&mut self, error: &Error) {
        self.failed = true;
        let report = Report::new(error, None).text(self.desk.screen.error_color);
        self.desk.screen.note(report.trim_end());
    }

    fn load(&mut self, path: &Path) {
        match super::run::read(path, &[]) {
            Ok(script) => {
                self.run(script);
            }
            Err(failure) => {
                if let Some(error) = failure.error {
                    self.report(&error);
                }
            }
        }
    }

    /// Begins anew: fresh variables, a session of its own.
    fn reopen(&mut self, language: Language) {
        match open(
            &self.threads,
            &self.loaded,
            language,
            &self.console,
            self.progress.as_ref(),
        ) {
            Ok((world, interpreter)) => {
                let old = std::mem::replace(&mut self.world, world);
                self.interpreter = interpreter;
                crate::wait(&self.threads, old.finish(Ok(Vec::new())));
            }
            Err(error) => self.report(&error),
        }
    }

    /// Runs a script in the interpreter; Ctrl-C stops it and not the conversation.
    fn run(&mut self, script: Script) -> Next {
        let timeout = Duration::from_millis(self.loaded.config.runtime.timeout_ms);
        let cx = self.world.cx().bounded(Some(timeout), None);
        let clock = cx.host().clock.clone();
        let (began, quoted) = (
            clock.monotonic(),
            (script.name.clone(), script.source.clone()),
        );
        let cancel = cx.cancel().clone();
        let outcome = crate::wait(&self.threads, async {
            let interrupted = async {
                // Without a handler for Ctrl-C the line cannot be interrupted, but it can be run.
                if tokio::signal::ctrl_c().await.is_err() {
                    std::future::pending::<()>().await;
                }
            };
            let running = self.interpreter.eval(cx, script);
            tokio::pin!(running, interrupted);
            tokio::select! {
                outcome = &mut running => outcome,
                () = &mut interrupted => {
                    cancel.cancel(Cancel::reason("the line was interrupted"));
                    running.await
                }
            }
        });
        if let Some(progress) = &self.progress {
            progress.rest();
        }
        let took = clock.monotonic().saturating_sub(began);
        let next = self.show(outcome, &quoted);
        if self.show_time {
            self.desk.screen.note(&running::duration(took));
        }
        next
    }

    fn show(&mut self, outcome: Result<Vec<Value>>, quoted: &(String, String)) -> Next {
        match outcome {
            Ok(results) => {
                let mut lost = Lost::default();
                for result in results.iter().filter(|result| !result.is_null()) {
                    let mut text =
                        value::text(result, self.desk.screen.mode == Mode::Pretty, &mut lost);
                    text.push(b'\n');
                    self.desk.screen.bytes(&text);
                }
                Next::Go
            }
            Err(error)
                if error.details().contains_key("exit_code")
                    || error.details().contains_key("broken_pipe") =>
            {
                Next::Leave(Some(crate::exit::code(&error)))
            }
            Err(error) => {
                self.failed = true;
                let report = Report::new(&error, Some((&quoted.0, &quoted.1)));
                self.desk
                    .screen
                    .note(report.text(self.desk.screen.error_color).trim_end());
                Next::Go
            }
        }
    }

    fn end(self) {
        drop(self.interpreter);
        crate::wait(&self.threads, self.world.finish(Ok(Vec::new())));
        super::running::end(self.threads);
    }
}

fn open(
    threads: &Runtime,
    loaded: &Loaded,
    language: Language,
    console: &Arc<Console>,
    progress: Option<&Arc<Progress>>,
) -> Result<(World, Arc<dyn Interpreter>)> {
    let observers = progress.and_then(Progress::observer);
    let options = Options {
        observers: observers.into_iter().collect(),
        output: console.clone(),
        ..Options::default()
    };
    let world = World::open(loaded, language, &Script::new("repl", ""), options)?;
    let _entered = threads.enter();
    let interpreter = world.interpreter()?;
    Ok((world, interpreter))
}
