//! Script engines: they turn modules of ops into the globals of a language and run scripts.
//!
//! An engine knows no op: it gets modules as data. A script's call of a global becomes a call through the door; a
//! function that the script hands out becomes a [`Callback`](llmspell_core::Callback).

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod engine;
mod host_ops;
mod js;
mod lua;
mod names;
mod random;
mod reading;
mod sources;
mod stubs;
mod vm;

pub use engine::{Engine, Interpreter, Output, Script, Stream};
pub use host_ops::{FileOps, HostOps, InputOps};
pub use js::{Globals, JavaScript, JavaScriptOptions, ModuleResolution};
pub use lua::{Lua, LuaOptions, Stdlib};
pub use names::names as script_names;
pub use stubs::{lua_stubs, typescript_stubs};
