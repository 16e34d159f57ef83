//! Declarations for editors, generated from the ops.

mod lua;
mod schema;
mod surface;
mod typescript;

pub use lua::lua_stubs;
pub use typescript::typescript_stubs;
