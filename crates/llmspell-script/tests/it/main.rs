//! Scripts run by the engines over small modules of ops.

#![allow(clippy::unwrap_used)]

mod calls;
mod concurrency;
mod console;
mod errors;
mod files;
mod handles;
mod limits;
mod stdlib;
mod stubs;
mod values;
mod world;
