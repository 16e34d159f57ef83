//! A process under way.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::sync::{Arc, Weak};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use llmspell_core::host::{Captured, Confined, Exit, Process};
use llmspell_core::{Result, error};
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin};
use tokio::task::JoinHandle;

/// How long a process may take to end when it is asked to.
const GRACE: Duration = Duration::from_secs(2);

/// The process groups that live. What is left of them is ended with this value, whoever still holds a process.
#[derive(Default)]
pub(super) struct Groups(Mutex<BTreeSet<u32>>);

impl Drop for Groups {
    fn drop(&mut self) {
        for group in self.0.get_mut().iter() {
            signal(*group, libc::SIGKILL);
        }
    }
}

/// A process under way, and what it writes.
pub(super) struct Running {
    child: Child,
    id: u32,
    /// Where its group stands as long as it lives.
    groups: Weak<Groups>,
    program: PathBuf,
    confined: Confined,
    input: Option<ChildStdin>,
    captured: Arc<Mutex<Captured>>,
    readers: Vec<JoinHandle<()>>,
    exit: Option<Exit>,
}

/// Which of the two outputs.
#[derive(Clone, Copy)]
enum Side {
    Out,
    Error,
}

impl Running {
    /// Begins to read what a process writes, up to `most` bytes of each output; `merged` is both outputs in one.
    /// Its group is one of `groups` until it has ended.
    pub(super) fn new(
        mut child: Child,
        program: PathBuf,
        merged: Option<tokio::net::unix::pipe::Receiver>,
        most: usize,
        groups: &Arc<Groups>,
    ) -> Result<Self> {
        let id = child
            .id()
            .ok_or_else(|| error!(Bug, "a process that was just started has no number"))?;
        groups.0.lock().insert(id);
        let captured = Arc::new(Mutex::new(Captured::default()));
        let mut readers = Vec::new();
        if let Some(pipe) = merged {
            readers.push(tokio::spawn(read(pipe, Side::Out, captured.clone(), most)));
        }
        if let Some(pipe) = child.stdout.take() {
            readers.push(tokio::spawn(read(pipe, Side::Out, captured.clone(), most)));
        }
        if let Some(pipe) = child.stderr.take() {
            readers.push(tokio::spawn(read(
                pipe,
                Side::Error,
                captured.clone(),
                most,
            )));
        }
        Ok(Self {
            input: child.stdin.take(),
            child,
            id,
            groups: Arc::downgrade(groups),
            program,
            confined: Confined::default(),
            captured,
            readers,
            exit: None,
        })
    }

    pub(super) fn set_confinement(&mut self, confined: Confined) {
        self.confined = confined;
    }

    /// Takes the input away, for a task that writes it.
    pub(super) fn take_input(&mut self) -> Option<ChildStdin> {
        self.input.take()
    }

    /// Ends all of its group, of which nothing is left to be ended later.
    fn end_group(&self) {
        signal(self.id, libc::SIGKILL);
        if let Some(groups) = self.groups.upgrade() {
            groups.0.lock().remove(&self.id);
        }
    }

    /// Notes the end, and ends what the process left behind.
    async fn ended(&mut self, status: std::io::Result<ExitStatus>) -> Result<Exit> {
        let status =
            status.map_err(|cause| error!(Io, "a process cannot be waited for").source(cause))?;
        self.end_group();
        let exit = *self.exit.insert(exit(status));
        self.read_all().await;
        Ok(exit)
    }

    async fn read_all(&mut self) {
        for reader in &mut self.readers {
            // It ends with its pipe, which nobody holds any more.
            reader.await.ok();
        }
        self.readers.clear();
    }
}

/// Sends a signal to the group that was made for a process.
fn signal(id: u32, signal: i32) {
    let Ok(group) = i32::try_from(id) else {
        return;
    };
    // SAFETY: only asks the system to send a signal to that group.
    unsafe { libc::kill(-group, signal) };
}

fn exit(status: ExitStatus) -> Exit {
    use std::os::unix::process::ExitStatusExt as _;
    Exit {
        code: status.code(),
        signal: status.signal(),
    }
}

async fn read(
    mut pipe: impl AsyncRead + Unpin,
    side: Side,
    captured: Arc<Mutex<Captured>>,
    most: usize,
) {
    let mut buffer = vec![0; 16 << 10];
    let mut kept = 0;
    while let Ok(count @ 1..) = pipe.read(&mut buffer).await {
        let own = count.min(most - kept);
        kept += own;
        let mut captured = captured.lock();
        let captured = &mut *captured;
        let (bytes, dropped) = match side {
            Side::Out => (&mut captured.stdout, &mut captured.stdout_dropped),
            Side::Error => (&mut captured.stderr, &mut captured.stderr_dropped),
        };
        bytes.extend_from_slice(&buffer[..own]);
        *dropped += (count - own) as u64;
    }
}

impl Process for Running {
    fn id(&self) -> u32 {
        self.id
    }

    fn program(&self) -> &Path {
        &self.program
    }

    fn confinement(&self) -> &Confined {
        &self.confined
    }

    fn output(&mut self) -> Captured {
        std::mem::take(&mut *self.captured.lock())
    }

    fn write(&mut self, bytes: Vec<u8>) -> BoxFuture<'_, Result<()>> {
        async move {
            let Some(input) = &mut self.input else {
                return Err(error!(InvalidState, "the input of the process is closed"));
            };
            let written = async {
                input.write_all(&bytes).await?;
                input.flush().await
            };
            written
                .await
                .map_err(|cause| error!(Io, "the process does not read its input").source(cause))
        }
        .boxed()
    }

    fn close_input(&mut self) {
        self.input = None;
    }

    fn wait(&mut self) -> BoxFuture<'_, Result<Exit>> {
        async move {
            if let Some(exit) = self.exit {
                self.read_all().await;
                return Ok(exit);
            }
            let status = self.child.wait().await;
            self.ended(status).await
        }
        .boxed()
    }

    fn exit(&mut self) -> Option<Exit> {
        if self.exit.is_none()
            && let Ok(Some(status)) = self.child.try_wait()
        {
            self.end_group();
            self.exit = Some(exit(status));
        }
        let read = self.readers.iter().all(JoinHandle::is_finished);
        self.exit.filter(|_| read)
    }

    fn stop(&mut self) -> BoxFuture<'_, Result<Exit>> {
        async move {
            if let Some(exit) = self.exit {
                return Ok(exit);
            }
            signal(self.id, libc::SIGTERM);
            let status = match tokio::time::timeout(GRACE, self.child.wait()).await {
                Ok(status) => status,
                Err(_) => {
                    signal(self.id, libc::SIGKILL);
                    self.child.wait().await
                }
            };
            self.ended(status).await
        }
        .boxed()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.exit.is_none() {
            self.end_group();
        }
        for reader in &self.readers {
            reader.abort();
        }
    }
}
