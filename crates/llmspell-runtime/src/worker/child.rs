//! A worker process, seen from the side that started it.

use std::io::{ErrorKind, Read, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use llmspell_core::{Error, Result, Value, error};

use super::confine::Confinement;
use super::frame::{self, MAGIC};
use super::pool::Program;

/// How long a worker may take to greet.
const START: Duration = Duration::from_secs(20);

/// Bytes that a program may write to its standard output before it greets.
const PREFACE: usize = 64 << 10;

/// A worker that waits for jobs. Dropping it ends it.
pub(super) struct Child {
    process: std::process::Child,
    input: ChildStdin,
    output: ChildStdout,
    pub(super) confinement: Confinement,
}

/// Why there is no answer. After each of these the worker cannot be used any more.
pub(super) enum Silence {
    /// The time is over.
    Deadline,
    /// The worker is gone, or about to go.
    Gone,
    /// What it says cannot be understood.
    Garbled(Error),
}

impl From<std::io::Error> for Silence {
    fn from(cause: std::io::Error) -> Self {
        match cause.kind() {
            ErrorKind::TimedOut => Self::Deadline,
            _ => Self::Gone,
        }
    }
}

impl Child {
    /// Starts a worker and waits for its greeting.
    pub(super) fn start(program: &Program) -> Result<Self> {
        let unstarted = |cause: std::io::Error| {
            let path = program.path.display();
            error!(Unavailable, "the worker process '{path}' cannot be started").source(cause)
        };
        let mut process = Command::new(&program.path)
            .args(&program.args)
            .env_clear()
            .envs(program.environment.iter().cloned())
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(unstarted)?;
        let (Some(input), Some(output)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(error!(Bug, "the worker process has no pipes"));
        };
        let mut child = Self {
            process,
            input,
            output,
            confinement: Confinement::default(),
        };
        let ready = unblock(child.input.as_fd()).and_then(|()| unblock(child.output.as_fd()));
        ready.map_err(unstarted)?;
        match child.greeting() {
            Ok(confinement) => child.confinement = confinement,
            Err(silence) => return Err(child.unready(silence)),
        }
        Ok(child)
    }

    fn greeting(&mut self) -> Result<Confinement, Silence> {
        let deadline = Instant::now() + START;
        let mut heard = Vec::new();
        while !heard.ends_with(MAGIC) {
            let mut byte = [0];
            self.read(&mut byte, deadline)?;
            heard.push(byte[0]);
            if heard.len() > PREFACE {
                return Err(Silence::Garbled(error!(
                    Unavailable,
                    "the program greets in another language"
                )));
            }
        }
        let greeting = self.answer(deadline)?;
        Confinement::from_value(&greeting).ok_or_else(|| {
            Silence::Garbled(error!(Corrupt, "the greeting of a worker cannot be read"))
        })
    }

    fn unready(mut self, silence: Silence) -> Error {
        let why = match silence {
            Silence::Deadline => format!("it did not greet within {} s", START.as_secs()),
            Silence::Garbled(error) => error.message().to_owned(),
            Silence::Gone => format!("it ended with {}", self.end()),
        };
        error!(Unavailable, "the worker process is not usable: {why}")
    }

    pub(super) fn pid(&self) -> u32 {
        self.process.id()
    }

    pub(super) fn has_ended(&mut self) -> bool {
        !matches!(self.process.try_wait(), Ok(None))
    }

    /// Hands a packed job to the worker and waits for its answer.
    pub(super) fn ask(&mut self, job: &[u8], deadline: Option<Instant>) -> Result<Value, Silence> {
        let deadline = deadline.unwrap_or_else(|| Instant::now() + Duration::from_secs(86_400));
        self.write(job, deadline)?;
        self.answer(deadline)
    }

    fn answer(&mut self, deadline: Instant) -> Result<Value, Silence> {
        let mut head = [0; 4];
        self.read(&mut head, deadline)?;
        let length = frame::length(head, "a worker's answer").map_err(Silence::Garbled)?;
        let mut text = vec![0; length];
        self.read(&mut text, deadline)?;
        frame::unpack(&text).map_err(Silence::Garbled)
    }

    fn read(&mut self, mut rest: &mut [u8], deadline: Instant) -> std::io::Result<()> {
        while !rest.is_empty() {
            match self.output.read(rest) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(count) => rest = &mut rest[count..],
                Err(cause) if cause.kind() == ErrorKind::WouldBlock => {
                    wait(self.output.as_fd(), libc::POLLIN, deadline)?;
                }
                Err(cause) if cause.kind() == ErrorKind::Interrupted => {}
                Err(cause) => return Err(cause),
            }
        }
        Ok(())
    }

    fn write(&mut self, mut rest: &[u8], deadline: Instant) -> std::io::Result<()> {
        while !rest.is_empty() {
            match self.input.write(rest) {
                Ok(count) => rest = &rest[count..],
                Err(cause) if cause.kind() == ErrorKind::WouldBlock => {
                    wait(self.input.as_fd(), libc::POLLOUT, deadline)?;
                }
                Err(cause) if cause.kind() == ErrorKind::Interrupted => {}
                Err(cause) => return Err(cause),
            }
        }
        Ok(())
    }

    /// Waits for a worker that went by itself, and says how it ended.
    pub(super) fn end(&mut self) -> Ending {
        // It has closed its pipes: it is ending, or it must be ended.
        let mut status = None;
        for _ in 0..200 {
            if let Ok(Some(ended)) = self.process.try_wait() {
                status = Some(ended);
                break;
            }
            let pause = Instant::now() + Duration::from_millis(5);
            let _ = wait(self.output.as_fd(), 0, pause);
        }
        Ending(status)
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// How a worker ended; `None` if it has not.
pub(super) struct Ending(Option<ExitStatus>);

impl Ending {
    /// Returns the error of the job that it was at.
    pub(super) fn error(&self, job: &str, limit: Duration) -> Error {
        let Some(signal) = self.0.and_then(|status| status.signal()) else {
            return error!(Bug, "the job '{job}' ended its process ({self})");
        };
        match signal {
            libc::SIGXCPU => late(job, limit),
            _ => error!(Limit, "the job '{job}' exhausted its stack or memory")
                .with("signal", signal)
                .hint("give it a smaller or less deeply nested input"),
        }
    }
}

impl std::fmt::Display for Ending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(status) => write!(f, "{status}"),
            None => f.write_str("no status"),
        }
    }
}

/// Returns the error of a job that took too long.
pub(super) fn late(job: &str, limit: Duration) -> Error {
    let limit = limit.as_millis();
    error!(Timeout, "the job '{job}' was stopped after {limit} ms").with("limit_ms", limit)
}

/// Ends a process that was not waited for yet.
pub(super) fn kill(pid: u32) {
    if let Ok(pid) = i32::try_from(pid) {
        // SAFETY: the number belongs to a child that is not reaped while it can be asked for here.
        unsafe { libc::kill(pid, libc::SIGKILL) };
    }
}

fn unblock(pipe: BorrowedFd<'_>) -> std::io::Result<()> {
    // SAFETY: the descriptor is borrowed, so it is open; the call changes only its flags.
    let failed = unsafe {
        let flags = libc::fcntl(pipe.as_raw_fd(), libc::F_GETFL);
        flags < 0 || libc::fcntl(pipe.as_raw_fd(), libc::F_SETFL, flags | libc::O_NONBLOCK) < 0
    };
    if failed {
        return Err(std::io::Error::last_os_error());
    }
    Ok(())
}

/// Waits until the pipe is ready.
///
/// - Errors: `TimedOut` when the deadline has passed.
fn wait(pipe: BorrowedFd<'_>, events: libc::c_short, deadline: Instant) -> std::io::Result<()> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(ErrorKind::TimedOut.into());
    }
    let mut asked = libc::pollfd {
        fd: if events == 0 { -1 } else { pipe.as_raw_fd() },
        events,
        revents: 0,
    };
    // Rounded up, so that it never turns without waiting.
    let ms = i32::try_from(left.as_millis() + 1).unwrap_or(i32::MAX);
    // SAFETY: `asked` is one valid entry that outlives the call.
    unsafe { libc::poll(&raw mut asked, 1, ms) };
    Ok(())
}
