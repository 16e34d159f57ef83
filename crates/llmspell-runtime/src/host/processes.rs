//! The processes of this machine, behind the policy.

mod launch;
mod rules;
mod running;

use std::ffi::OsString;
use std::io;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt as _;
use futures::future::BoxFuture;
use llmspell_core::host::{Access, Command, Finished, Input, Process};
use llmspell_core::{Environment, Files as _, Processes, Result, bail, error};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};

pub use launch::launch;
pub use rules::{ArgumentRules, FsConfinement, ProcessRules};

use super::SystemFiles;
use launch::{Plan, Told, has_landlock};
use rules::{Program, READERS};
use running::{Groups, Running};

/// Bytes of each output that are kept unless the command says otherwise.
const KEPT: usize = 1 << 20;

/// How long this program may take to become the other one.
const START: Duration = Duration::from_secs(20);

/// Variables that every process gets.
const PASSED: &[&str] = &["HOME", "USER", "LANG", "LC_ALL", "TZ", "TERM"];

/// What every program needs: libraries, and how they are found.
const EXECUTABLE: &[&str] = &[
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32",
];
const READABLE: &[&str] = &[
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/ld.so.preload",
    "/etc/localtime",
    "/etc/nsswitch.conf",
    "/etc/alternatives",
    "/dev/zero",
    "/dev/random",
    "/dev/urandom",
];
const WRITABLE: &[&str] = &["/dev/null"];

/// The processes of this machine, behind the policy. Cloning is cheap; the last clone ends with it what still runs.
#[derive(Clone)]
pub struct SystemProcesses(Arc<Inner>);

struct Inner {
    rules: ProcessRules,
    spawn: bool,
    files: SystemFiles,
    environment: Arc<dyn Environment>,
    launcher: (PathBuf, OsString),
    groups: Arc<Groups>,
}

impl SystemProcesses {
    /// Starts what `rules` let it start; with `spawn`, also programs beyond the harmless ones.
    ///
    /// `launcher` is this program and the argument that leads it to [`launch`].
    pub fn new(
        rules: ProcessRules,
        spawn: bool,
        files: SystemFiles,
        environment: Arc<dyn Environment>,
        launcher: (PathBuf, OsString),
    ) -> Self {
        Self(Arc::new(Inner {
            rules,
            spawn,
            files,
            environment,
            launcher,
            groups: Arc::default(),
        }))
    }

    /// Returns whether the system can keep processes to the roots.
    pub fn is_confining(&self) -> bool {
        self.0.confines()
    }
}

/// A command that was checked.
struct Ready {
    program: Program,
    directory: OwnedFd,
    environment: Vec<(String, String)>,
    plan: Plan,
}

impl Inner {
    fn confines(&self) -> bool {
        self.rules.fs_confinement != FsConfinement::Off && has_landlock()
    }

    fn check(&self, command: &Command) -> Result<Ready> {
        let program = match command.configured {
            true => {
                let path = std::fs::canonicalize(&command.program).map_err(|_| {
                    error!(NotFound, "the program '{}' does not exist", command.program)
                })?;
                let name = Path::new(&command.program).file_name().unwrap_or_default();
                let name = name.to_string_lossy().into_owned();
                self.rules.checked(name, path)?
            }
            false => self.rules.find(&command.program, self.spawn)?,
        };
        self.rules.check_arguments(&program.name, &command.args)?;
        self.check_confinement(&program)?;
        let directory = command.dir.as_deref();
        let directory = directory.unwrap_or_else(|| self.files.working_dir());
        let (directory, path) = self.files.directory(directory)?;
        self.check_paths(&program, &path, &command.args)?;
        Ok(Ready {
            environment: self.environment(command)?,
            plan: self.plan(&program, command),
            program,
            directory,
        })
    }

    fn check_confinement(&self, program: &Program) -> Result<()> {
        if self.confines() {
            return Ok(());
        }
        let name = &program.name;
        let key = "security.process.fs_confinement";
        match self.rules.fs_confinement {
            FsConfinement::Strict => Err(error!(
                Denied,
                "Execution of '{name}' is not permitted: this system cannot keep it to the roots"
            )
            .hint(format!("set `{key} = \"best_effort\"`"))),
            FsConfinement::BestEffort if READERS.contains(&name.as_str()) => Err(error!(
                Denied,
                "Execution of '{name}' is not permitted: this system cannot keep it to the roots"
            )
            .hint(format!("use the file tools, or set `{key} = \"off\"`"))),
            _ => Ok(()),
        }
    }

    /// Refuses arguments that name files out of reach. Landlock knows no names, so denied ones are looked for anyway.
    fn check_paths(&self, program: &Program, directory: &Path, arguments: &[String]) -> Result<()> {
        if self.rules.fs_confinement == FsConfinement::Off {
            return Ok(());
        }
        let confines = self.confines();
        for argument in arguments {
            let value = match argument.split_once('=') {
                Some((option, value)) if option.starts_with('-') => value,
                _ => argument,
            };
            let path = directory.join(value);
            if value.is_empty() || std::fs::symlink_metadata(&path).is_err() {
                continue;
            }
            match self.files.resolve(&path, Access::Read) {
                Ok(_) => {}
                // What only lies beyond the roots is Landlock's to refuse.
                Err(_) if confines && !self.files.denies(&path) => {}
                Err(error) => {
                    return Err(error!(
                        Denied,
                        "the argument '{argument}' of '{}' is not permitted: {}",
                        program.name,
                        error.message()
                    )
                    .hint(error.hints().join("; ")));
                }
            }
        }
        Ok(())
    }

    fn environment(&self, command: &Command) -> Result<Vec<(String, String)>> {
        let mut all = Vec::new();
        let path: Vec<_> = self
            .rules
            .path
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        all.push(("PATH".to_owned(), path.join(":")));
        for name in PASSED {
            if let Some(value) = self.environment.var(name) {
                all.push(((*name).to_owned(), value));
            }
        }
        for name in &self.rules.pass_env {
            if let Some(value) = self.environment.passed(name) {
                all.retain(|(known, _)| known != name);
                all.push((name.clone(), value));
            }
        }
        for (name, value) in &command.environment {
            if name.is_empty() || name.contains(['=', '\0']) || value.contains('\0') {
                bail!(InvalidArgs, "'{name}' is no environment variable");
            }
            if !self.rules.pass_env.contains(name) {
                self.environment.check(name)?;
            }
            all.retain(|(known, _)| known != name);
            all.push((name.clone(), value.clone()));
        }
        Ok(all)
    }

    fn plan(&self, program: &Program, command: &Command) -> Plan {
        let paths = |list: &[&str]| list.iter().map(PathBuf::from).collect::<Vec<_>>();
        let (roots, read_only) = self.files.roots();
        let mut plan = Plan {
            read: paths(READABLE),
            write: paths(WRITABLE),
            execute: paths(EXECUTABLE),
            confine: self.rules.fs_confinement != FsConfinement::Off,
            network: self.rules.network,
            cpu_seconds: self.rules.cpu_seconds,
            memory: self.rules.max_memory,
            processes: self.rules.max_processes,
            file_bytes: self.files.max_file_bytes(),
        };
        plan.read.extend(read_only);
        plan.read.extend(command.readable.iter().cloned());
        plan.write.extend(roots);
        plan.execute.push(program.path.clone());
        plan
    }

    async fn start(&self, command: Command) -> Result<Running> {
        let ready = self.check(&command)?;
        let name = ready.program.name.clone();
        let unstarted =
            |cause: io::Error| error!(Io, "the program '{name}' cannot be started").source(cause);
        let plan = serde_json::to_string(&ready.plan)
            .map_err(|cause| error!(Bug, "a plan cannot be written").source(cause))?;
        let (pipe, told) = tokio::net::unix::pipe::pipe().map_err(&unstarted)?;
        let pipe = pipe.into_blocking_fd().map_err(&unstarted)?;
        let (launcher, word) = &self.launcher;
        let mut starting = tokio::process::Command::new(launcher);
        starting
            .arg(word)
            .arg(pipe.as_raw_fd().to_string())
            .arg(plan)
            .arg(&ready.program.path)
            .arg(&ready.program.name)
            .args(&command.args)
            .env_clear()
            .envs(ready.environment)
            .stdin(match command.input {
                Input::Closed => Stdio::null(),
                Input::Bytes(_) | Input::Open => Stdio::piped(),
            })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true);
        let merged = match command.merge {
            true => Some(joined(&mut starting).map_err(&unstarted)?),
            false => None,
        };
        let (directory, number) = (ready.directory.as_raw_fd(), pipe.as_raw_fd());
        // SAFETY: both calls are allowed between fork and exec, and both descriptors stay open until after it.
        unsafe {
            starting.pre_exec(move || {
                if libc::fchdir(directory) < 0 || libc::fcntl(number, libc::F_SETFD, 0) < 0 {
                    return Err(io::Error::last_os_error());
                }
                Ok(())
            });
        }
        let child = starting.spawn().map_err(&unstarted)?;
        // With it go this side's ends of the pipes.
        drop((pipe, ready.directory, starting));
        let most = command.max_output_bytes.unwrap_or(KEPT);
        // From here on the process ends with this value.
        let mut running = Running::new(child, ready.program.path, merged, most, &self.groups)?;
        let told = listen(told, &name).await?;
        if let Some(number) = told.failed {
            return Err(unstarted(io::Error::from_raw_os_error(number)));
        }
        let confined = told.confined();
        if self.rules.fs_confinement == FsConfinement::Strict && confined.landlock == "none" {
            return Err(error!(
                Denied,
                "'{name}' could not be kept to the roots: not permitted"
            ));
        }
        running.set_confinement(confined);
        if let Input::Bytes(bytes) = command.input
            && let Some(mut input) = running.take_input()
        {
            // A process need not read all of it, or any; then this ends with it.
            tokio::spawn(async move { input.write_all(&bytes).await.ok() });
        }
        Ok(running)
    }

    async fn run(&self, command: Command) -> Result<Finished> {
        let began = Instant::now();
        let timeout = command.timeout;
        let mut running = self.start(command).await?;
        let ended = match timeout {
            Some(timeout) => tokio::time::timeout(timeout, running.wait()).await.ok(),
            None => Some(running.wait().await),
        };
        let timed_out = ended.is_none();
        let exit = match ended {
            Some(exit) => exit?,
            None => running.stop().await?,
        };
        Ok(Finished {
            program: running.program().to_owned(),
            id: running.id(),
            exit,
            timed_out,
            output: running.output(),
            confined: *running.confinement(),
            duration: began.elapsed(),
        })
    }
}

/// Gives a process one pipe for both outputs, and returns the end to read from.
fn joined(starting: &mut tokio::process::Command) -> io::Result<tokio::net::unix::pipe::Receiver> {
    let (reader, writer) = io::pipe()?;
    starting.stdout(writer.try_clone()?).stderr(writer);
    tokio::net::unix::pipe::Receiver::from_owned_fd(reader.into())
}

/// Waits until the launcher has become the other program, and returns what it told.
async fn listen(pipe: tokio::net::unix::pipe::Receiver, name: &str) -> Result<Told> {
    let mut lines = BufReader::new(pipe).lines();
    let reading = async {
        let mut last = None;
        while let Ok(Some(line)) = lines.next_line().await {
            last = serde_json::from_str(&line).ok().or(last);
        }
        last
    };
    let silent = || error!(Io, "the program '{name}' could not be prepared");
    match tokio::time::timeout(START, reading).await {
        Ok(told) => told.ok_or_else(silent),
        Err(_) => Err(silent()),
    }
}

impl Processes for SystemProcesses {
    fn find(&self, program: &str) -> Result<PathBuf> {
        let found = self.0.rules.find(program, self.0.spawn)?;
        self.0.check_confinement(&found)?;
        Ok(found.path)
    }

    fn start(&self, command: Command) -> BoxFuture<'static, Result<Box<dyn Process>>> {
        let inner = self.0.clone();
        async move { Ok(Box::new(inner.start(command).await?) as Box<dyn Process>) }.boxed()
    }

    fn run(&self, command: Command) -> BoxFuture<'static, Result<Finished>> {
        let inner = self.0.clone();
        async move { inner.run(command).await }.boxed()
    }
}
