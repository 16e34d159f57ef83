//! The vocabulary, tested from outside.

#![allow(clippy::unwrap_used, missing_docs)]

mod budget;
mod cancel;
mod door;
mod error;
mod shape;
mod value;
mod world;
