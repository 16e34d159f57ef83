//! What a worker process runs.

use llmspell_core::{Result, Value};

/// A named function over plain data that evaluates foreign input, run in a confined process.
///
/// It may exhaust memory, stack or time, or die: only its own process goes. It reaches no file, network, clock or
/// environment.
#[derive(Clone, Copy, Debug)]
pub struct Job {
    /// The name by which tools ask for it: `calculator.evaluate`.
    pub name: &'static str,
    /// The function.
    pub run: fn(Value) -> Result<Value>,
}
