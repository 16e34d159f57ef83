//! Scripts run by the engines over small modules of ops.

#![allow(clippy::unwrap_used)]

mod calls;
mod concurrency;
mod console;
mod endless;
mod errors;
mod files;
mod folder;
mod handles;
mod io;
mod js_calls;
mod js_errors;
mod js_files;
mod js_globals;
mod js_handles;
mod js_limits;
mod js_typescript;
mod js_values;
mod limits;
mod round_trip;
mod stdlib;
mod stubs;
mod told;
mod values;
mod world;
