//! The worker's own side.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::panic::AssertUnwindSafe;
use std::sync::mpsc;

use llmspell_core::{Error, Kind, Result, Value, error};

use super::confine::{self, Confinement};
use super::frame::{self, Job, MAGIC};

/// Stack of the thread that runs the jobs.
const STACK: usize = 8 << 20;

/// Processor time (seconds) that a job may take beyond its limit, in case that no one ends it.
const GRACE: u64 = 2;

/// A job's name, and the function that does it.
type Named = (&'static str, fn(Value) -> Result<Value>);

type Jobs = &'static [Named];

/// Runs jobs that arrive on standard input until that ends: the whole of a worker process.
///
/// Confines the process before it reads the first one. Standard input and output are the jobs' no longer: they read
/// nothing and print nowhere. The process ends at once when the other side goes away, also during a job.
///
/// Must be called first in `main`: files that are open already are closed.
pub fn serve(jobs: &[Named]) -> ! {
    // A job may outlive the caller's borrow, as this never returns.
    let jobs: Jobs = Vec::leak(jobs.to_vec());
    let Some((input, output)) = pipes() else {
        std::process::exit(70)
    };
    std::panic::set_hook(Box::new(|_| {}));
    // Each step takes away what the one before needs: a file to read, a descriptor.
    let memory = confine::memory();
    let landlock = confine::landlock();
    let limits = confine::limit(memory);
    let (send, receive) = mpsc::channel();
    let thread = std::thread::Builder::new().stack_size(STACK);
    let started = thread.spawn(move || {
        // The last that may start a thread has done so.
        let seccomp = confine::seccomp();
        let confinement = Confinement {
            limits,
            landlock,
            seccomp,
        };
        let _ = run(jobs, &confinement, &receive, output);
        std::process::exit(0)
    });
    if started.is_err() {
        std::process::exit(70);
    }
    let _ = feed(input, &send);
    std::process::exit(0)
}

/// Reads jobs until the other side goes away.
fn feed(mut input: File, send: &mpsc::Sender<Vec<u8>>) -> std::io::Result<()> {
    loop {
        let mut head = [0; 4];
        input.read_exact(&mut head)?;
        let length = frame::length(head, "a job").map_err(std::io::Error::other)?;
        let mut text = vec![0; length];
        input.read_exact(&mut text)?;
        if send.send(text).is_err() {
            return Ok(());
        }
    }
}

fn run(
    jobs: Jobs,
    confinement: &Confinement,
    receive: &mpsc::Receiver<Vec<u8>>,
    mut output: File,
) -> Result<(), Box<dyn std::error::Error>> {
    output.write_all(MAGIC)?;
    output.write_all(&frame::pack(&confinement.to_value(), "the greeting")?)?;
    for text in receive {
        let asked = frame::unpack(&text);
        // A large input is not kept twice while the job works on it.
        drop(text);
        let outcome = asked.and_then(|value| evaluate(jobs, value));
        let answer = frame::pack(&frame::answer(outcome), "the result");
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => frame::pack(&frame::answer(Err(error)), "the error")?,
        };
        output.write_all(&answer)?;
    }
    Ok(())
}

fn evaluate(jobs: Jobs, value: Value) -> Result<Value> {
    let Some(Job {
        name,
        limit_ms,
        input,
    }) = Job::from_value(value)
    else {
        return Err(error!(Bug, "a job cannot be read"));
    };
    if name.is_empty() {
        // Asked by one who wants to know that the worker lives.
        return Ok(Value::Null);
    }
    let Some((_, run)) = jobs.iter().find(|(known, _)| *known == name) else {
        return Err(error!(Bug, "no job is named '{name}'"));
    };
    confine::limit_processor(limit_ms.div_ceil(1000).saturating_add(GRACE));
    std::panic::catch_unwind(AssertUnwindSafe(|| run(input))).unwrap_or_else(|panic| {
        let text = panic
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned());
        let text = text.unwrap_or_else(|| "no message".into());
        Err(Error::new(
            Kind::Bug,
            format!("the job '{name}' panicked: {text}"),
        ))
    })
}

/// Takes standard input and output for the frames, puts nothing in their places, and closes all other files.
#[cfg(unix)]
fn pipes() -> Option<(File, File)> {
    use std::os::fd::{AsFd as _, AsRawFd as _};
    #[cfg(target_os = "linux")]
    // SAFETY: nothing in this process has opened a file yet, so no one owns these descriptors; and the second call
    // only asks for a signal.
    unsafe {
        libc::syscall(libc::SYS_close_range, 3, u32::MAX, 0);
        // The thread that starts a worker lives as long as it does.
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
    }
    let input = std::io::stdin().as_fd().try_clone_to_owned().ok()?;
    let output = std::io::stdout().as_fd().try_clone_to_owned().ok()?;
    let nothing = File::options()
        .read(true)
        .write(true)
        .open("/dev/null")
        .ok()?;
    for place in 0..3 {
        // SAFETY: both are valid descriptors; the standard streams are only ever used by their numbers.
        if unsafe { libc::dup2(nothing.as_raw_fd(), place) } < 0 {
            return None;
        }
    }
    Some((input.into(), output.into()))
}

#[cfg(not(unix))]
fn pipes() -> Option<(File, File)> {
    None
}
