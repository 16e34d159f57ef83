//! The world of a run on this machine: its clock, random numbers, environment, files, network and processes.

mod clock;
mod environment;
mod files;
mod memory;
mod network;
mod processes;
mod random;
mod tasks;

pub use clock::SystemClock;
pub use environment::{PolicyEnvironment, RunEnvironment};
pub use files::{FileRules, SystemFiles};
pub(crate) use memory::resident_memory;
pub use network::{NetworkRules, SystemNetwork};
pub use processes::{ArgumentRules, FsConfinement, ProcessRules, SystemProcesses, launch};
pub use random::SystemRandom;
pub use tasks::SystemTasks;
