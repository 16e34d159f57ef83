//! What every script engine offers.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use futures::future::BoxFuture;
use llmspell_core::{Callback, Cx, Heap, Result, Value};

/// A script and what it is given.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// The name in errors and stacks: the path as the user gave it, `-`, `(exec)`.
    pub name: String,
    /// The source text.
    pub source: String,
    /// The arguments.
    pub args: Vec<String>,
    /// The folder whose modules the script may load; `None` forbids loading.
    pub dir: Option<PathBuf>,
    /// Whether the source may also be a single expression, whose value is then the result.
    pub expression: bool,
}

impl Script {
    /// Creates a script without arguments and without a folder.
    pub fn new(name: impl Into<String>, source: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            source: source.into(),
            ..Self::default()
        }
    }
}

/// A standard stream of a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// What `print` and `io.write` write to.
    Stdout,
    /// What `io.stderr` writes to.
    Stderr,
}

/// Where a script's output goes and its input comes from.
pub trait Output: Send + Sync {
    /// Writes all of `bytes`. Called from the script's own thread; blocking it is the backpressure.
    ///
    /// - Errors: `BrokenPipe` ends the run quietly; any other is raised in the script as kind `io`.
    fn write(&self, stream: Stream, bytes: &[u8]) -> io::Result<()>;

    /// Makes what was written visible.
    fn flush(&self, stream: Stream) -> io::Result<()> {
        let _ = stream;
        Ok(())
    }

    /// Reads some bytes of standard input; 0 is the end. May block. Default: the input is empty.
    fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let _ = buffer;
        Ok(0)
    }
}

/// A script language.
pub trait Engine: Send + Sync {
    /// Returns the language's name: `lua`.
    fn name(&self) -> &'static str;

    /// Starts an interpreter, which keeps the globals of the scripts that it runs.
    ///
    /// Needs the tokio runtime on which the ops run, so it must be called within one.
    ///
    /// - Errors: `Unavailable` outside a runtime or if no thread can be started.
    fn open(&self) -> Result<Arc<dyn Interpreter>>;

    /// Runs a script in an interpreter of its own and returns what it returned.
    ///
    /// The interpreter ends with the script: functions that the script handed out raise `Cancelled` afterwards.
    ///
    /// - Errors: what the script raised, with the details `file`, `line` and `stack`; `Parse` with the detail
    ///   `phase = "compile"` if it does not compile; `Limit` with the detail `what` (`memory`,
    ///   `instructions`, `pattern`, `value`); `Cancelled` with the detail `exit_code` if the script ended itself, and with `broken_pipe` if
    ///   nobody reads its output.
    /// - Cancel: cancelling or the deadline of `cx` stops the script and lets the calls under way end for a few
    ///   seconds; dropping the future stops both at once.
    fn run(&self, cx: Cx, script: Script) -> BoxFuture<'static, Result<Vec<Value>>> {
        let opened = self.open();
        Box::pin(async move { opened?.eval(cx, script).await })
    }

    /// Compiles a script without running it.
    ///
    /// - Errors: `Parse` as for [`Engine::run`].
    fn check(&self, script: &Script) -> Result<()>;

    /// Returns whether `source` is the beginning of a script rather than a whole one.
    fn is_incomplete(&self, source: &str) -> bool;
}

/// An interpreter under way: one set of globals, one script at a time.
///
/// Functions that scripts handed out stay callable until it is dropped.
pub trait Interpreter: Send + Sync {
    /// Runs a script with the globals that earlier ones left and returns what it returned; see [`Engine::run`].
    ///
    /// Scripts are run one after the other. Dropping the future stops that script only.
    fn eval(&self, cx: Cx, script: Script) -> BoxFuture<'static, Result<Vec<Value>>>;

    /// Returns the ways to complete the last word of `prefix`: `Agent.cr` gives `Agent.create`. Sorted.
    fn complete(&self, prefix: &str) -> BoxFuture<'static, Vec<String>>;

    /// Returns the function that the global variable of this name holds when it is called; calling it raises `NotFound` if it
    /// holds none then. Default: it has no variables.
    fn global(&self, name: &str) -> Option<Callback> {
        let _ = name;
        None
    }

    /// Returns the memory that it had when it last looked, and has it look again; `None` before the first look.
    ///
    /// It looks between instructions, so one that computes answers as well. Default: nobody looks.
    fn heap(&self) -> Option<Heap> {
        None
    }
}
