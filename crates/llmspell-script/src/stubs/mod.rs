//! Declarations for editors, generated from the ops.

mod lua;

pub use lua::lua_stubs;
