//! The world of a run on this machine: its clock, random numbers and environment.

mod clock;
mod environment;
mod random;

pub use clock::SystemClock;
pub use environment::PolicyEnvironment;
pub use random::SystemRandom;
