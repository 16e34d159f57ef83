//! Lua 5.4: one VM per run, on a thread of its own.

mod binder;
mod complete;
mod coroutine;
mod date;
mod entry;
mod envelope;
mod error;
mod host;
mod input;
mod limits;
mod pattern;
mod random;
mod references;
mod require;
mod resume;
mod start;
mod stdlib;
mod strings;
mod tables;
mod task;
mod timer;
mod told;
mod value;
mod vm;
mod wait;

use std::sync::Arc;

use llmspell_core::{Error, Kind, Module, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::engine::{Engine, Interpreter, Output, Script};
use crate::host_ops::HostOps;
use crate::vm::Parts;

/// Stack of a VM's thread. Only what is used counts.
const STACK_BYTES: usize = 32 << 20;
/// Lua's own bound on calls within one another that go through C functions.
const LUA_MAX_STACK: u32 = 200;

/// How much of Lua's standard library scripts get.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stdlib {
    /// `string table math utf8 coroutine` and the safe basic functions.
    None,
    /// `None`, and `os`, `io`, `require`, `dofile`, `load` of text, under the policy of the run.
    #[default]
    Safe,
    /// `Safe`, and `debug`, through which a script can reach around its limits: for trusted scripts only.
    Full,
}

/// What a Lua script may use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct LuaOptions {
    /// How much of the standard library scripts get.
    pub stdlib: Stdlib,
    /// Most memory of a script (bytes).
    pub max_memory: usize,
    /// Most instructions of a script (count); 0 is no limit. Looked at every thousand.
    pub max_instructions: u64,
    /// Most calls within one another that go through C functions, such as `string.gsub` and coroutines (count). Lua
    /// 5.4 fixes this at 200; another value is accepted with a warning and changes nothing.
    pub max_stack: u32,
    /// Where `require` looks, relative to the script; `?` is the module's name.
    pub package_paths: Vec<String>,
    /// Whether stacks of uncaught errors show local variables.
    pub debug: bool,
    /// Whether reading a global that was never set raises.
    pub strict_globals: bool,
}

impl Default for LuaOptions {
    fn default() -> Self {
        Self {
            stdlib: Stdlib::Safe,
            max_memory: 256 << 20,
            max_instructions: 0,
            max_stack: LUA_MAX_STACK,
            package_paths: ["./?.lua", "./?/init.lua", "./lib/?.lua"]
                .map(str::to_owned)
                .to_vec(),
            debug: false,
            strict_globals: false,
        }
    }
}

/// The Lua engine: modules as globals of Lua 5.4.
#[derive(Clone)]
pub struct Lua(Parts<LuaOptions>);

impl Lua {
    /// Creates an engine whose scripts see these modules.
    pub fn new(
        modules: &[Module],
        host: HostOps,
        options: LuaOptions,
        output: Arc<dyn Output>,
    ) -> Self {
        Self(Parts {
            modules: modules.into(),
            host,
            options,
            output,
        })
    }
}

impl Engine for Lua {
    fn name(&self) -> &'static str {
        "lua"
    }

    fn open(&self) -> Result<Arc<dyn Interpreter>> {
        if self.0.options.max_stack != LUA_MAX_STACK {
            tracing::warn!(
                target: "llmspell::script",
                "engines.lua.max_stack: Lua 5.4 fixes the depth of C calls at {LUA_MAX_STACK}"
            );
        }
        crate::vm::open("lua", STACK_BYTES, &self.0, vm::serve)
    }

    fn check(&self, script: &Script) -> Result<()> {
        let mut chunks = error::Chunks::default();
        let name = chunks.add(&script.name);
        let lua = scratch()?;
        let compile = |source: &str| require::compile_in(&lua, &name, source).map(drop);
        if script.expression && compile(&format!("return {}", script.source)).is_ok() {
            return Ok(());
        }
        compile(&script.source).map_err(|failure| error::of_syntax(&chunks, &failure))
    }

    fn is_incomplete(&self, source: &str) -> bool {
        let Ok(lua) = scratch() else {
            return false;
        };
        let compile = |source: &str| require::compile_in(&lua, "=input", source);
        if compile(&format!("return {source}")).is_ok() {
            return false;
        }
        matches!(
            compile(source),
            Err(mlua::Error::SyntaxError {
                incomplete_input: true,
                ..
            })
        )
    }
}

/// A VM that only compiles.
fn scratch() -> Result<mlua::Lua> {
    mlua::Lua::new_with(mlua::StdLib::NONE, mlua::LuaOptions::default())
        .map_err(|failure| Error::new(Kind::Unavailable, failure.to_string()))
}
