//! The vocabulary of llmspell: values, ops and modules, the door with its layers, the per-call context, errors.
//!
//! Everything that a spell does to the world is a call of an [`Op`] through the [`Door`]. This crate says what these
//! words mean; it performs no I/O itself and reads neither clock nor environment.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod allowed;
mod backoff;
mod budget;
mod callback;
mod cancel;
mod convert;
mod cx;
mod door;
mod effect;
mod error;
mod foreground;
mod heap;
pub mod host;
mod id;
mod module;
mod observer;
mod op;
mod settings;
mod shape;
mod sink;
mod tool;
mod usage;
pub mod value;

pub use allowed::{folded, missing_parameter};
pub use backoff::Backoff;
pub use budget::{Estimate, Ledger, Limits, Reservation};
pub use callback::{Callable, Callback, ScriptGlobals, Told};
pub use cancel::Cancel;
pub use cx::{Cx, Run, RunBuilder};
pub use door::{Call, Door, Layer, Next};
pub use effect::Effect;
pub use error::{Error, Kind, Result, Retry, nearest};
pub use foreground::{is_foreground, poll_in_foreground};
pub use heap::Heap;
pub use host::{
    Clock, Environment, Events, Files, Host, Network, Processes, Random, Rates, Scopes, Secrets,
    Tasks, Worker,
};
pub use id::CallId;
pub use module::{HandleKind, Module};
pub use observer::Observer;
pub use op::{Op, Style, Veil, View};
pub use settings::{SchemaFn, ToolSettings, settings_schema};
pub use shape::{
    Field, Like, MEANS, OTHER_CHOICES, SYNONYMS, Shape, Takes, given_twice, unknown_parameter,
};
pub use sink::{Flow, Sink};
pub use tool::{Example, Level, Outcome, ToolInfo};
pub use usage::Usage;
pub use value::{Handle, Map, Name, Value};
