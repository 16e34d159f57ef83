//! What the kernel takes from a process for ever, as far as that of this machine can.
//!
//! Each function says whether it took effect. What cannot be taken stays, and who asked says so.

/// A system call; with a condition only those of its uses that fit it.
#[cfg(target_os = "linux")]
#[derive(Clone, Copy, Debug)]
pub(crate) struct SystemCall {
    number: i64,
    when: Option<When>,
}

/// What an argument, counted from 0, must be.
#[cfg(target_os = "linux")]
#[derive(Clone, Copy, Debug)]
pub(crate) enum When {
    Is(u8, u64),
    /// Compared as 32 bits.
    IsNot(u8, u32),
    /// None of these bits is set.
    Without(u8, u64),
}

#[cfg(target_os = "linux")]
impl SystemCall {
    pub(crate) const fn any(number: i64) -> Self {
        Self { number, when: None }
    }

    pub(crate) const fn when(number: i64, when: When) -> Self {
        Self {
            number,
            when: Some(when),
        }
    }
}

/// What becomes of the system calls that are not listed.
#[cfg(target_os = "linux")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Others {
    /// They fail as not permitted; those that are listed happen.
    Refused,
    /// They happen; those that are listed fail as not permitted.
    Allowed,
}

/// Refuses system calls, for all threads of this process and those that it becomes.
#[cfg(all(
    target_os = "linux",
    any(
        target_arch = "x86_64",
        target_arch = "aarch64",
        target_arch = "riscv64"
    )
))]
pub(crate) fn seccomp(listed: &[SystemCall], others: Others) -> bool {
    use std::collections::BTreeMap;

    use seccompiler::{
        BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition,
        SeccompFilter, SeccompRule,
    };

    let condition = |when: When| match when {
        When::Is(argument, value) => {
            SeccompCondition::new(argument, SeccompCmpArgLen::Qword, SeccompCmpOp::Eq, value)
        }
        When::IsNot(argument, value) => {
            let value = u64::from(value);
            SeccompCondition::new(argument, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, value)
        }
        When::Without(argument, bits) => {
            let none = SeccompCmpOp::MaskedEq(bits);
            SeccompCondition::new(argument, SeccompCmpArgLen::Qword, none, 0)
        }
    };
    let program = || -> Result<BpfProgram, BackendError> {
        let mut rules: BTreeMap<i64, Vec<SeccompRule>> = BTreeMap::new();
        for call in listed {
            let uses = match call.when {
                None => Vec::new(),
                Some(when) => vec![SeccompRule::new(vec![condition(when)?])?],
            };
            rules.insert(call.number, uses);
        }
        let refuse = SeccompAction::Errno(libc::EPERM as u32);
        let (others, listed) = match others {
            Others::Refused => (refuse, SeccompAction::Allow),
            Others::Allowed => (SeccompAction::Allow, refuse),
        };
        let arch = std::env::consts::ARCH.try_into()?;
        SeccompFilter::new(rules, others, listed, arch)?.try_into()
    };
    program().is_ok_and(|program| seccompiler::apply_filter_all_threads(&program).is_ok())
}

#[cfg(all(
    target_os = "linux",
    not(any(
        target_arch = "x86_64",
        target_arch = "aarch64",
        target_arch = "riscv64"
    ))
))]
pub(crate) fn seccomp(_: &[SystemCall], _: Others) -> bool {
    false
}

/// Returns how much of what was asked of Landlock is enforced: `full`, `partial` or `none`.
#[cfg(target_os = "linux")]
pub(crate) fn enforced(
    entered: Result<landlock::RestrictionStatus, landlock::RulesetError>,
) -> String {
    let name = match entered.map(|status| status.ruleset) {
        Ok(landlock::RulesetStatus::FullyEnforced) => "full",
        Ok(landlock::RulesetStatus::PartiallyEnforced) => "partial",
        _ => "none",
    };
    name.to_owned()
}

/// Limits what this process may use of a resource; the system may allow less already.
#[cfg(unix)]
pub(crate) fn limit(resource: rlimit::Resource, most: u64) -> bool {
    let most = resource.get_hard().map_or(most, |hard| hard.min(most));
    rlimit::setrlimit(resource, most, most).is_ok()
}
