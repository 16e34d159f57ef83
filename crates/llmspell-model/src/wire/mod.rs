//! From our requests to the providers' protocols and back.
//!
//! The protocols are those of `rig-core`'s wire layer. No type of that crate is visible outside of this one, and another
//! implementation of [`Model`](crate::Model) is judged by the same tests.

mod decode;
mod encode;
mod failure;
mod rig;
mod wait;

pub(crate) use rig::{Defaults, Remote, Seat, Wires};
