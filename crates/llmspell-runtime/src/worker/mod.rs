//! Confined processes that evaluate hostile input.
//!
//! Some inputs end the process that evaluates them: a filter that recurses, an expression that allocates without
//! bound, a pattern that takes minutes. So they are evaluated in a process of its own, this program started again in
//! a hidden mode, which is confined before it sees any of them. When it dies, only the job fails.
//!
//! The two sides talk over the worker's standard input and output, in frames (module `frame`).

mod child;
mod confine;
mod frame;
mod pool;
mod serve;

pub use confine::Confinement;
pub use pool::Pool;
pub use serve::serve;
