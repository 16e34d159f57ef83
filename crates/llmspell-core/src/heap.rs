//! How much memory a script has.

/// The memory of a script, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heap {
    /// What it has.
    pub used: u64,
    /// What it may have.
    pub limit: u64,
}
