//! The door of a run: which calls are permitted, and what stands around them.

use std::sync::Arc;

use llmspell_core::{Door, Level, Result};
use llmspell_runtime::layer::{self, Policy};
use llmspell_runtime::tool;

use super::shared::Shared;
use crate::config::Config;

/// Returns the door of a run.
///
/// - Errors: `Config` for a table of a tool that is wrong.
pub(super) fn door(config: &Config, shared: &Shared) -> Result<Door> {
    Ok(Door::new(layer::stack(layer::Options {
        max_concurrency: config.runtime.max_concurrency,
        policy: Arc::new(policy(&config.tools, config.security.level)),
        journal: shared.journal.clone(),
        events: Some(shared.bus.clone()),
        breakers: Arc::new(config.tools.breakers()?),
        rates: shared.rates.clone(),
        hooks: shared.hooks.clone(),
        telemetry: shared.telemetry.clone(),
    })))
}

/// Returns which calls are permitted. A run of level `safe` has what is granted lowered; any other has it as it is written.
fn policy(tools: &tool::Options, level: Level) -> Policy {
    let concerning = |globs: &[String]| globs.iter().map(|glob| format!("tool:{glob}")).collect();
    Policy {
        allow: concerning(&tools.allow),
        deny: concerning(&tools.deny),
        grant: tools.grant,
        agent_grant: tools.agent_grant,
        grants: tools.grants(),
        is_safe: level == Level::Safe,
        ..Policy::default()
    }
}
