//! What the parts of the runtime do together.

#![allow(clippy::unwrap_used, missing_docs)]

mod artifacts;
mod cancel;
mod crash;
mod door;
mod events;
mod journal;
mod killed;
mod layers;
mod provider;
mod rates;
mod resume;
mod sessions;
mod size;
mod soak;
mod spell;
mod stream;
mod tool;
mod worker;
mod workflow;
mod world;
