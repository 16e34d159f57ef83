//! The ops that the engines themselves call.

use std::sync::Arc;

use llmspell_core::Op;

/// The ops behind the parts of the standard libraries that look at the world, so that runs can be repeated.
#[derive(Clone, Debug)]
pub struct HostOps {
    /// Returns microseconds since 1970. For `os.time`, `os.date` and `Date`.
    pub now: Arc<Op>,
    /// Returns the processor seconds of the process. For `os.clock`.
    pub processor: Arc<Op>,
    /// Waits for `seconds`. For `os.execute("sleep N")` and `setTimeout`.
    pub sleep: Arc<Op>,
    /// Returns a seed for random numbers. For `math.random` and `Math.random`.
    pub seed: Arc<Op>,
    /// Returns the environment variable `name`, or null. For `os.getenv`.
    pub variable: Arc<Op>,
}
