//! Who runs a session.

use std::collections::HashSet;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

/// Names the process that runs a session, so that others can tell whether it still does.
///
/// A number of a process is used again one day; with its start time, and the boot of the machine, it is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Lease {
    host: String,
    /// Changes with each start of the machine; empty where that is not told.
    boot: String,
    pid: u32,
    /// When the process was started, in the system's own terms; empty where that is not told.
    started: String,
}

/// The sessions that this process runs.
static HELD: Mutex<Option<HashSet<String>>> = Mutex::new(None);

impl Lease {
    /// Says that this process runs the session, until [`release`].
    pub(super) fn take(session: &str) -> Self {
        HELD.lock()
            .get_or_insert_default()
            .insert(session.to_owned());
        let pid = std::process::id();
        Self {
            host: read("/proc/sys/kernel/hostname"),
            boot: read("/proc/sys/kernel/random/boot_id"),
            pid,
            started: started(pid).unwrap_or_default(),
        }
    }

    /// Returns the process.
    pub(super) fn pid(&self) -> u32 {
        self.pid
    }

    /// Returns whether the process still runs the session.
    ///
    /// Of a process on another machine nothing is known, so it is believed.
    pub(super) fn is_held(&self, session: &str) -> bool {
        if self.host != read("/proc/sys/kernel/hostname") {
            return true;
        }
        if self.boot != read("/proc/sys/kernel/random/boot_id") {
            return false;
        }
        if self.pid == std::process::id() && started(self.pid).unwrap_or_default() == self.started {
            return HELD
                .lock()
                .as_ref()
                .is_some_and(|held| held.contains(session));
        }
        match started(self.pid) {
            Some(started) if !self.started.is_empty() => started == self.started,
            _ if self.started.is_empty() => exists(self.pid),
            _ => false,
        }
    }
}

/// Says that this process no longer runs the session.
pub(super) fn release(session: &str) {
    if let Some(held) = HELD.lock().as_mut() {
        held.remove(session);
    }
}

fn read(path: &str) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.trim().to_owned()
}

/// Returns when a living process was started, in clock ticks since the start of the machine (Linux).
fn started(pid: u32) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may hold anything.
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ');
    let state = fields.next()?;
    let ended = matches!(state, "Z" | "X" | "x");
    (!ended).then(|| fields.nth(18).map(str::to_owned))?
}

#[cfg(unix)]
fn exists(pid: u32) -> bool {
    let Ok(pid) = i32::try_from(pid) else {
        return false;
    };
    // SAFETY: signal 0 only asks whether the process exists.
    let missing = unsafe { libc::kill(pid, 0) } != 0;
    !missing || std::io::Error::last_os_error().raw_os_error() == Some(libc::EPERM)
}

#[cfg(not(unix))]
fn exists(_: u32) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_ends_with_its_holder() {
        let lease = Lease::take("lease-test");
        assert!(lease.is_held("lease-test"));
        assert!(!lease.is_held("another session"));
        release("lease-test");
        assert!(!lease.is_held("lease-test"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn other_processes_are_told_apart() {
        let mut child = std::process::Command::new("cat")
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut lease = Lease::take("lease-test-2");
        lease.pid = child.id();
        // Never at the same moment, as this one and its child may be.
        lease.started.push('0');
        assert!(!lease.is_held("x"), "another process has that number now");
        lease.started = started(child.id()).unwrap();
        assert!(lease.is_held("x"));
        child.kill().unwrap();
        // Not waited for, so it is a zombie, which runs nothing.
        let mut died = child.stdout.is_some();
        for _ in 0..1_000_000 {
            if !lease.is_held("x") {
                died = true;
                break;
            }
        }
        assert!(died);
        child.wait().unwrap();
        assert!(!lease.is_held("x"));
        lease.boot = "another".into();
        assert!(!lease.is_held("x"));
        lease.host = "another".into();
        assert!(lease.is_held("x"));
    }
}
