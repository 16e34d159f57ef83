//! Memory of this process.

/// Returns the bytes of memory that this process has in use; nothing where the system does not say.
#[cfg(target_os = "linux")]
pub(crate) fn resident_memory() -> Option<u64> {
    let sizes = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = sizes.split(' ').nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}

/// Returns the bytes of memory that this process has in use; nothing where the system does not say.
#[cfg(not(target_os = "linux"))]
pub(crate) fn resident_memory() -> Option<u64> {
    None
}
