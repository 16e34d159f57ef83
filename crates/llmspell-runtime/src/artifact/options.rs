//! Bounds of artifacts.

/// What a session may keep as artifacts: `[artifacts]`, and the keys of `[sessions]` about them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Largest content, in bytes.
    pub max_bytes: u64,
    /// Most bytes of all contents of a session, each artifact counted whole.
    pub max_session_bytes: u64,
    /// Most artifacts of a session (count).
    pub max_artifacts: u64,
    /// Size in bytes from which on content is compressed, if that makes it smaller.
    pub compression_threshold: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_bytes: 100_000_000,
            max_session_bytes: 10_000_000_000,
            max_artifacts: 1000,
            compression_threshold: 10_240,
        }
    }
}
