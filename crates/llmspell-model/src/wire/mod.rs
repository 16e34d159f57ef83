//! From our requests to the providers' protocols and back.
//!
//! The protocols are those of `rig-core`'s wire layer. No type of that crate is visible outside of this one, and another
//! implementation of [`Model`](crate::Model) is judged by the same tests.

mod decode;
mod encode;
mod failure;
mod guard;
mod rig;
mod wait;

pub(crate) use guard::is_bounded;
pub(crate) use rig::{Defaults, Remote, Seat, Wires};
