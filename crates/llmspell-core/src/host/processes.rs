//! Processes that tools start.

use std::path::PathBuf;
use std::time::Duration;

use futures::future::BoxFuture;

use crate::error::Result;
use crate::value::Value;

/// Processes that tools start, behind the policy.
///
/// Nothing runs unless it is on the allow-list. There is no shell: arguments arrive as they are given.
///
/// A process has an environment of its own, limits on what it may use, a process group, and, where the system can,
/// neither network nor files beyond the roots.
///
/// - Errors of all methods: `Denied` for what the policy refuses, with the setting that would allow it, before it is
///   looked whether it exists; `NotFound` for a program that is allowed and not there.
pub trait Processes: Send + Sync {
    /// Returns the file that a program's name or path stands for, if it may run.
    fn find(&self, program: &str) -> Result<PathBuf>;

    /// Starts a process.
    ///
    /// - Cancel: dropping the process ends it and all that it started.
    fn start(&self, command: Command) -> BoxFuture<'static, Result<Box<dyn Process>>>;

    /// Runs a process to its end, or for [`Command::timeout`], and returns what it wrote.
    ///
    /// - Errors: as [`start`](Self::start); a process that was ended by the timeout is no error, see
    ///   [`Finished::timed_out`].
    /// - Cancel: dropping the future ends the process and all that it started.
    fn run(&self, command: Command) -> BoxFuture<'static, Result<Finished>>;
}

/// What to run.
#[derive(Clone, Debug, Default)]
pub struct Command {
    /// A bare name, or the absolute path of an allowed program.
    pub program: String,
    /// The arguments, passed unchanged.
    pub args: Vec<String>,
    /// The working directory, inside a root. Default: that of the run.
    pub dir: Option<PathBuf>,
    /// Variables beside those that every process gets; the policy must allow them.
    pub environment: Vec<(String, String)>,
    /// What the process reads. Default: nothing; its input is closed.
    pub input: Input,
    /// Most bytes kept of each of its two outputs; the rest is counted and dropped. Default: 1 MiB.
    pub max_output_bytes: Option<usize>,
    /// Both outputs are one, in the order in which they were written: the standard output.
    pub merge: bool,
    /// How long it may run; the default is for ever.
    pub timeout: Option<Duration>,
    /// Files and directories that it may read beside the roots, for a tool's own program (its fonts, its codecs).
    pub readable: Vec<PathBuf>,
    /// The program comes from the configuration (`[tools.media] ffmpeg`), so it need not be on the allow-list.
    pub configured: bool,
}

impl Command {
    /// Names a program and its arguments.
    pub fn new<A: Into<String>>(
        program: impl Into<String>,
        args: impl IntoIterator<Item = A>,
    ) -> Self {
        Self {
            program: program.into(),
            args: args.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }
}

/// What a process reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Input {
    /// Nothing.
    #[default]
    Closed,
    /// These bytes, then the end.
    Bytes(Vec<u8>),
    /// What [`Process::write`] writes.
    Open,
}

/// A process under way. Dropping it ends it and all that it started.
pub trait Process: Send {
    /// Returns its number.
    fn id(&self) -> u32;

    /// Returns the file that runs.
    fn program(&self) -> &std::path::Path;

    /// Returns what confines it on this machine.
    fn confinement(&self) -> &Confined;

    /// Returns what it wrote since this was asked last. Does not wait.
    fn output(&mut self) -> Captured;

    /// Writes to its input, and waits until it has taken all of it.
    ///
    /// - Errors: `InvalidState` if its input is closed.
    fn write(&mut self, bytes: Vec<u8>) -> BoxFuture<'_, Result<()>>;

    /// Closes its input.
    fn close_input(&mut self);

    /// Waits for its end and for the end of its outputs.
    fn wait(&mut self) -> BoxFuture<'_, Result<Exit>>;

    /// Returns how it ended, if it has and all that it wrote is there.
    fn exit(&mut self) -> Option<Exit>;

    /// Asks it and all that it started to end, ends them 2 s later, and waits for that.
    fn stop(&mut self) -> BoxFuture<'_, Result<Exit>>;
}

/// What a process wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Captured {
    /// To its standard output.
    pub stdout: Vec<u8>,
    /// To its error output.
    pub stderr: Vec<u8>,
    /// Bytes of the standard output that were dropped.
    pub stdout_dropped: u64,
    /// Bytes of the error output that were dropped.
    pub stderr_dropped: u64,
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit {
    /// The status, unless a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
}

impl Exit {
    /// Returns whether it ended with status 0.
    pub fn is_success(self) -> bool {
        self.code == Some(0)
    }
}

/// A process that has ended.
#[derive(Clone, Debug)]
pub struct Finished {
    /// The file that ran.
    pub program: PathBuf,
    /// Its number.
    pub id: u32,
    /// How it ended.
    pub exit: Exit,
    /// Whether its time was over.
    pub timed_out: bool,
    /// What it wrote.
    pub output: Captured,
    /// What confined it.
    pub confined: Confined,
    /// How long it ran.
    pub duration: Duration,
}

/// What confines a process on this machine, for a call's metadata.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Confined {
    /// Whether memory, files, processes and processor time are limited.
    pub limits: bool,
    /// `full`, `partial` or `none`: whether Landlock keeps it from files beyond the roots.
    pub landlock: &'static str,
    /// Whether seccomp keeps it from the network.
    pub seccomp: bool,
}

impl Confined {
    /// Returns it as a call's metadata shows it.
    pub fn to_value(&self) -> Value {
        Value::from([
            ("limits", Value::from(self.limits)),
            ("landlock", Value::from(self.landlock)),
            ("seccomp", Value::from(self.seccomp)),
        ])
    }
}
