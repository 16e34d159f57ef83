//! Takes from a worker what it does not need.

use llmspell_core::Value;
use serde::Serialize;

/// Bytes of memory that a worker may take beyond what it has at its start: those of a job's input, and as many as a job
/// may need to work on it.
const MEMORY: u64 = (512 << 20) + super::frame::LONGEST_WHOLE as u64;

/// What confines a worker on this machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Confinement {
    /// Whether memory, files, core dumps and processor time are limited.
    pub limits: bool,
    /// `full`, `partial` or `none`: whether Landlock keeps files, network and other processes away.
    pub landlock: String,
    /// Whether seccomp refuses all system calls but those of computing.
    pub seccomp: bool,
}

impl Confinement {
    pub(super) fn to_value(&self) -> Value {
        Value::from([
            ("limits", Value::from(self.limits)),
            ("landlock", Value::from(self.landlock.as_str())),
            ("seccomp", Value::from(self.seccomp)),
        ])
    }

    pub(super) fn from_value(value: &Value) -> Option<Self> {
        Some(Self {
            limits: value.get("limits")?.as_bool()?,
            landlock: value.get("landlock")?.as_str()?.to_owned(),
            seccomp: value.get("seccomp")?.as_bool()?,
        })
    }
}

/// Returns how much address space (bytes) this process may have: what it has now, and some more.
pub(super) fn memory() -> u64 {
    #[cfg(unix)]
    {
        size().map_or(2 * MEMORY, |bytes| bytes + MEMORY)
    }
    #[cfg(not(unix))]
    {
        MEMORY
    }
}

/// Limits memory, files and core dumps of this process. Threads that start later are limited as well.
pub(super) fn limit(memory: u64) -> bool {
    #[cfg(unix)]
    {
        use rlimit::Resource;

        use crate::confine::limit;
        limit(Resource::AS, memory)
            & limit(Resource::CORE, 0)
            & limit(Resource::NOFILE, 0)
            & limit(Resource::FSIZE, 0)
            & limit(Resource::NPROC, 0)
    }
    #[cfg(not(unix))]
    {
        let _ = memory;
        false
    }
}

/// Returns the bytes of address space that this process has.
#[cfg(unix)]
fn size() -> Option<u64> {
    let pages = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = pages.split(' ').next()?.parse().ok()?;
    // SAFETY: the call only reads a constant of the system.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    Some(pages * u64::try_from(page).ok()?)
}

/// Lets this process run for so much more processor time before the system ends it.
pub(super) fn limit_processor(seconds: u64) {
    #[cfg(unix)]
    {
        use llmspell_core::Clock as _;
        let used = crate::host::SystemClock.processor().as_secs();
        let hard = rlimit::Resource::CPU.get_hard().unwrap_or(rlimit::INFINITY);
        // Where it fails, the other side's clock ends the job.
        rlimit::Resource::CPU
            .set((used + seconds).min(hard), hard)
            .ok();
    }
    #[cfg(not(unix))]
    let _ = seconds;
}

/// Keeps files, network and other processes away from this thread and those that it starts.
#[cfg(target_os = "linux")]
pub(super) fn landlock() -> String {
    use landlock::{
        ABI, Access, AccessFs, AccessNet, RestrictionStatus, Ruleset, RulesetAttr, RulesetError,
        Scope,
    };
    fn enter() -> Result<RestrictionStatus, RulesetError> {
        // No rule allows anything.
        Ruleset::default()
            .handle_access(AccessFs::from_all(ABI::V6))?
            .handle_access(AccessNet::from_all(ABI::V6))?
            .scope(Scope::from_all(ABI::V6))?
            .create()?
            .restrict_self()
    }
    crate::confine::enforced(enter())
}

#[cfg(not(target_os = "linux"))]
pub(super) fn landlock() -> String {
    "none".into()
}

/// Refuses, for all threads of this process and for ever, every system call but those of computing.
///
/// What is refused fails as not permitted. There is no way to open, to connect, to start a process or a thread, to
/// look at another process, or to make memory executable.
#[cfg(target_os = "linux")]
pub(super) fn seccomp() -> bool {
    use crate::confine::{Others, SystemCall, When, seccomp};
    let executable = When::Without(2, libc::PROT_EXEC as u64);
    let own = u64::from(std::process::id());
    let mut allowed: Vec<SystemCall> = ALWAYS.iter().copied().map(SystemCall::any).collect();
    allowed.extend([
        SystemCall::when(libc::SYS_mmap, executable),
        SystemCall::when(libc::SYS_mprotect, executable),
        SystemCall::when(libc::SYS_tgkill, When::Is(0, own)),
        // Its own limits, which it can only lower, but for processor time.
        SystemCall::when(libc::SYS_prlimit64, When::Is(0, 0)),
    ]);
    seccomp(&allowed, Others::Refused)
}

#[cfg(not(target_os = "linux"))]
pub(super) fn seccomp() -> bool {
    false
}

/// What computing, allocating, waiting for a thread, and talking over open pipes takes.
#[cfg(target_os = "linux")]
const ALWAYS: &[i64] = &[
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_close,
    libc::SYS_brk,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_futex,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_clock_gettime,
    libc::SYS_clock_getres,
    libc::SYS_clock_nanosleep,
    libc::SYS_nanosleep,
    libc::SYS_gettimeofday,
    libc::SYS_getrandom,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_getrusage,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_restart_syscall,
    libc::SYS_set_robust_list,
    libc::SYS_membarrier,
    libc::SYS_exit,
    libc::SYS_exit_group,
];
