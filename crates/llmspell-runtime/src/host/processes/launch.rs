//! The last steps before another program runs: limits, Landlock, seccomp.
//!
//! They allocate, which must not happen between `fork` and `exec`; so this program starts itself again, takes them in
//! peace, and becomes the other program. What confines it is told over a pipe that closes when it does.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::io::Write as _;
use std::os::fd::{FromRawFd as _, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use llmspell_core::host::Confined;
use serde::{Deserialize, Serialize};

/// What a process may use.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Plan {
    /// Directories and files that may be read.
    pub(super) read: Vec<PathBuf>,
    /// Directories in which everything may be changed.
    pub(super) write: Vec<PathBuf>,
    /// Files that may be run.
    pub(super) execute: Vec<PathBuf>,
    /// Whether files are confined at all.
    pub(super) confine: bool,
    pub(super) network: bool,
    pub(super) cpu_seconds: u64,
    pub(super) memory: u64,
    pub(super) processes: u64,
    pub(super) file_bytes: u64,
}

/// What is told before the other program runs.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Told {
    pub(super) limits: bool,
    pub(super) landlock: String,
    pub(super) seccomp: bool,
    /// The system's number for why the program could not be run.
    pub(super) failed: Option<i32>,
}

impl Told {
    pub(super) fn confined(&self) -> Confined {
        Confined {
            limits: self.limits,
            landlock: match self.landlock.as_str() {
                "full" => "full",
                "partial" => "partial",
                _ => "none",
            },
            seccomp: self.seccomp,
        }
    }
}

/// Becomes the program that the arguments name: a pipe's number, a plan, the program's file, the name by which it calls
/// itself, and its arguments.
///
/// Returns only if that is not possible.
pub fn launch(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let mut arguments: VecDeque<OsString> = arguments.collect();
    let mut next = || arguments.pop_front().unwrap_or_default();
    let (pipe, plan, program, name) = (next(), next(), next(), next());
    let number = pipe.to_str().and_then(|text| text.parse::<i32>().ok());
    let plan = plan
        .to_str()
        .and_then(|text| serde_json::from_str::<Plan>(text).ok());
    let (Some(number), Some(plan)) = (number, plan) else {
        return ExitCode::from(64);
    };
    // SAFETY: the number is that of the pipe which was opened for this process alone.
    let pipe = unsafe { OwnedFd::from_raw_fd(number) };
    let mut pipe = std::fs::File::from(pipe);
    let mut told = confine(&plan);
    let told_before = tell(&mut pipe, &told);
    if told_before.is_err() || rustix::io::fcntl_setfd(&pipe, rustix::io::FdFlags::CLOEXEC).is_err()
    {
        return ExitCode::from(70);
    }
    let failure = Command::new(&program)
        .arg0::<&OsStr>(&name)
        .args(arguments)
        .exec();
    told.failed = Some(failure.raw_os_error().unwrap_or(libc::EIO));
    tell(&mut pipe, &told).ok();
    ExitCode::from(126)
}

fn tell(pipe: &mut std::fs::File, told: &Told) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(told)?;
    line.push(b'\n');
    pipe.write_all(&line)
}

fn confine(plan: &Plan) -> Told {
    let landlock = match plan.confine {
        true => landlock(plan),
        false => "none".to_owned(),
    };
    let seccomp = seccomp(plan.network);
    Told {
        landlock,
        seccomp,
        // Last: what comes before needs memory of its own.
        limits: limit(plan),
        failed: None,
    }
}

fn limit(plan: &Plan) -> bool {
    use rlimit::{Resource, setrlimit};

    use crate::confine::limit;
    // The softer limit is met a second earlier, so that the signal says why the process ends.
    let last = plan.cpu_seconds.saturating_add(1);
    let last = Resource::CPU.get_hard().map_or(last, |hard| hard.min(last));
    let cpu = setrlimit(Resource::CPU, plan.cpu_seconds.min(last), last).is_ok();
    cpu & limit(Resource::CORE, 0)
        & limit(Resource::NOFILE, 256)
        & limit(Resource::FSIZE, plan.file_bytes)
        & limit(Resource::NPROC, tasks().saturating_add(plan.processes))
        & limit(Resource::AS, plan.memory)
}

/// Returns how many tasks the system has. The limit counts all of the user's, so that own ones come on top.
fn tasks() -> u64 {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let counts = load
        .split(' ')
        .nth(3)
        .and_then(|counts| counts.split_once('/'));
    counts.and_then(|(_, all)| all.parse().ok()).unwrap_or(4096)
}

#[cfg(target_os = "linux")]
fn landlock(plan: &Plan) -> String {
    use landlock::{
        ABI, Access, AccessFs, AccessNet, BitFlags, PathBeneath, PathFd, RestrictionStatus,
        Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError, Scope,
    };
    let abi = ABI::V6;
    let read = AccessFs::ReadFile | AccessFs::ReadDir;
    let enter = || -> Result<RestrictionStatus, RulesetError> {
        let mut ruleset = Ruleset::default()
            .handle_access(AccessFs::from_all(abi))?
            .scope(Scope::from_all(abi))?;
        if !plan.network {
            ruleset = ruleset.handle_access(AccessNet::from_all(abi))?;
        }
        let mut ruleset = ruleset.create()?;
        let everything: BitFlags<AccessFs> = AccessFs::from_all(abi) & !AccessFs::Execute;
        let rules = [
            (&plan.read, read),
            (&plan.execute, read | AccessFs::Execute),
            (&plan.write, everything),
        ];
        for (paths, access) in rules {
            for path in paths {
                // What is not there needs no rule.
                let Ok(handle) = PathFd::new(path) else {
                    continue;
                };
                let access = match path.is_dir() {
                    true => access,
                    false => access & AccessFs::from_file(abi),
                };
                ruleset = ruleset.add_rule(PathBeneath::new(handle, access))?;
            }
        }
        ruleset.restrict_self()
    };
    crate::confine::enforced(enter())
}

#[cfg(not(target_os = "linux"))]
fn landlock(_: &Plan) -> String {
    "none".into()
}

/// Returns whether Landlock confines processes of this system.
#[cfg(target_os = "linux")]
pub(super) fn has_landlock() -> bool {
    const VERSION: libc::c_uint = 1;
    // SAFETY: with this flag and no attributes the call only answers a number.
    let version = unsafe {
        libc::syscall(
            libc::SYS_landlock_create_ruleset,
            std::ptr::null::<libc::c_void>(),
            0,
            VERSION,
        )
    };
    version >= 1
}

#[cfg(not(target_os = "linux"))]
pub(super) fn has_landlock() -> bool {
    false
}

/// Refuses what leads out of the process group, to the network, into other processes, to new rights, or changes the
/// machine: whoever runs spells may be root.
#[cfg(target_os = "linux")]
fn seccomp(network: bool) -> bool {
    use crate::confine::{Others, SystemCall, When, seccomp};
    let mut refused: Vec<SystemCall> = REFUSED.iter().copied().map(SystemCall::any).collect();
    if !network {
        let local = When::IsNot(0, libc::AF_UNIX as u32);
        refused.push(SystemCall::when(libc::SYS_socket, local));
    }
    seccomp(&refused, Others::Allowed)
}

#[cfg(not(target_os = "linux"))]
fn seccomp(_: bool) -> bool {
    false
}

#[cfg(target_os = "linux")]
const REFUSED: &[i64] = &[
    // Another group would outlive this one's end.
    libc::SYS_setsid,
    libc::SYS_setpgid,
    // Sockets by another way.
    libc::SYS_io_uring_setup,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_pidfd_getfd,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    // The machine itself.
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_settimeofday,
    libc::SYS_adjtimex,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_reboot,
    libc::SYS_kexec_load,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_quotactl,
    libc::SYS_syslog,
    // Files past the directories that lead to them.
    libc::SYS_open_by_handle_at,
    libc::SYS_chroot,
];
