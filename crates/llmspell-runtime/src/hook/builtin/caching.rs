//! `CachingOptimizer`: an operation with the same input is not run twice.

use std::time::Duration;

use indexmap::IndexMap;
use llmspell_core::value::to_record;
use llmspell_core::{Map, Result, Value, bail};
use serde::{Deserialize, Serialize};

use super::super::answer::Answer;
use super::super::cache::Cache;
use super::super::context::Context;
use super::super::entry::{Answering, Hook};
use super::super::frame::Within;
use super::super::point::Nature;
use super::{at_once, given};

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Config {
    cache_agents: bool,
    cache_tools: bool,
    /// Seconds.
    default_ttl: f64,
    max_entries: u64,
    max_cache_size_mb: u64,
    /// Only false: an error that is remembered would outlive its cause.
    cache_errors: bool,
    /// Names of the parameters that count; none are all.
    cache_key_fields: Vec<String>,
    /// Seconds for single tools and agents.
    ttl_by_component: IndexMap<String, f64>,
    min_execution_time_ms: f64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            cache_agents: false,
            cache_tools: true,
            default_ttl: 300.0,
            max_entries: 1000,
            max_cache_size_mb: 64,
            cache_errors: false,
            cache_key_fields: Vec::new(),
            ttl_by_component: IndexMap::new(),
            min_execution_time_ms: 10.0,
        }
    }
}

pub(super) struct CachingOptimizer {
    config: Config,
    cache: Cache,
}

pub(super) fn new(config: Config) -> Result<CachingOptimizer> {
    if config.cache_errors {
        bail!(
            InvalidArgs,
            "`cache_errors` is not possible: an error that is remembered would outlive its cause"
        );
    }
    Ok(CachingOptimizer {
        cache: Cache::new(
            config.max_entries,
            config.max_cache_size_mb.saturating_mul(1 << 20),
        ),
        config,
    })
}

/// Returns what operations of one tool or agent with the same input have in common; of the input only these `fields`,
/// if there are any.
pub(super) fn key(context: &Context<'_>, fields: &[String]) -> String {
    let mut given = given(context);
    if let (Value::Map(members), false) = (&mut given, fields.is_empty()) {
        members.retain(|name, _| fields.iter().any(|field| field == name));
    }
    let component = &context.component;
    format!(
        "{}:{}:{}",
        component.kind,
        component.name,
        to_record(&given)
    )
}

impl CachingOptimizer {
    fn answer(&self, context: &mut Context<'_>) -> Answer {
        let wanted = match context.component.kind {
            "Tool" => self.config.cache_tools,
            _ => self.config.cache_agents,
        };
        if !wanted {
            return Answer::Continue;
        }
        let key = key(context, &self.config.cache_key_fields);
        if context.point.nature() == Nature::Before {
            return match self.cache.get(&key) {
                Some(result) => {
                    context.metadata.insert("cache_hit", true.into());
                    Answer::Replace(result)
                }
                None => Answer::Continue,
            };
        }
        let took = context.data.get("duration_ms").and_then(Value::as_float);
        if took.unwrap_or(0.0) >= self.config.min_execution_time_ms {
            let own = self
                .config
                .ttl_by_component
                .get(context.component.name.as_str());
            let ttl = own.unwrap_or(&self.config.default_ttl).clamp(0.0, 3e9);
            self.cache
                .put(&key, kept(context), Duration::from_secs_f64(ttl));
        }
        Answer::Continue
    }
}

/// Returns what is kept of a result: all that a later call needs.
pub(super) fn kept(context: &Context<'_>) -> Value {
    let of = |name: &str| context.data.get(name).cloned().unwrap_or_default();
    let members = match context.component.kind {
        "Tool" => [
            ("operation", of("operation")),
            ("data", of("result")),
            ("output", of("output")),
        ],
        _ => [
            ("text", of("text")),
            ("output", of("output")),
            ("model", of("model")),
        ],
    };
    let members = members.into_iter();
    Value::Map(Map::from_iter(members))
}

impl Hook for CachingOptimizer {
    fn call<'a>(&'a self, _: &'a Within<'a>, context: &'a mut Context<'_>) -> Answering<'a> {
        at_once(Ok(self.answer(context)))
    }
}
