//! JavaScript: one QuickJS VM per run, on a thread of its own.

mod binder;
mod class;
mod error;
mod handle;
mod host;
mod import;
mod loader;
mod prelude;
mod script;
mod task;
mod timer;
mod typescript;
mod url;
mod value;
mod vm;
mod wait;

use std::sync::Arc;

use llmspell_core::{Module, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::engine::{Engine, Interpreter, Output, Script};
use crate::host_ops::HostOps;
use crate::vm::Parts;

/// Stack of a VM's thread beyond that of its scripts, for the ops that are polled on it. Only what is used counts.
const STACK_BYTES: usize = 16 << 20;

/// How much scripts get beyond the language itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Globals {
    /// `console` only.
    None,
    /// `None`, and timers, `fetch`, `URL`, `TextEncoder`, `TextDecoder`, `structuredClone`, `crypto.randomUUID`,
    /// under the policy of the run.
    #[default]
    Safe,
    /// The same as `Safe`: there is no Node API.
    Full,
}

/// How the names in `import` are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ModuleResolution {
    /// Paths relative to the importing file.
    #[default]
    Relative,
    /// `Relative`, and other names in `node_modules` beside the script.
    Node,
}

/// What a JavaScript script may use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct JavaScriptOptions {
    /// How much scripts get beyond the language itself.
    pub stdlib: Globals,
    /// Whether statements outside modules are in strict mode; modules always are.
    pub strict_mode: bool,
    /// Most memory of a script (bytes).
    pub max_memory: usize,
    /// Most stack of a script (bytes).
    pub max_stack: usize,
    /// Whether scripts have `console`.
    pub console: bool,
    /// Whether scripts have `setTimeout` and its kin.
    pub allow_timers: bool,
    /// Whether scripts may turn text into code.
    pub allow_eval: bool,
    /// How the names in `import` are found.
    pub module_resolution: ModuleResolution,
    /// Whether files that end in `.ts` or `.mts` are run, without their types. Types are not checked.
    pub typescript: bool,
    /// Most turns of the event loop (count); 0 is no limit.
    pub max_event_loop_ticks: u64,
}

impl Default for JavaScriptOptions {
    fn default() -> Self {
        Self {
            stdlib: Globals::Safe,
            strict_mode: true,
            max_memory: 256 << 20,
            max_stack: 1 << 20,
            console: true,
            allow_timers: true,
            allow_eval: false,
            module_resolution: ModuleResolution::Relative,
            typescript: true,
            max_event_loop_ticks: 0,
        }
    }
}

/// The JavaScript engine: modules as globals of QuickJS.
#[derive(Clone)]
pub struct JavaScript(Parts<JavaScriptOptions>);

impl JavaScript {
    /// Creates an engine whose scripts see these modules.
    pub fn new(
        modules: &[Module],
        host: HostOps,
        options: JavaScriptOptions,
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

impl Engine for JavaScript {
    fn name(&self) -> &'static str {
        "javascript"
    }

    fn open(&self) -> Result<Arc<dyn Interpreter>> {
        let stack = STACK_BYTES.saturating_add(self.0.options.max_stack);
        crate::vm::open("javascript", stack, &self.0, vm::serve)
    }

    fn check(&self, script: &Script) -> Result<()> {
        script::check(script, &self.0.options)
    }

    fn is_incomplete(&self, source: &str) -> bool {
        script::is_incomplete(source)
    }
}
