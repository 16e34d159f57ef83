//! `CachingOptimizer`: an operation with the same input, which changes nothing in the world, is not run twice.

use std::time::Duration;

use indexmap::IndexMap;
use llmspell_core::value::to_record;
use llmspell_core::{Cx, Effect, Map, Result, Value, bail};
use serde::{Deserialize, Serialize};

use super::super::answer::Answer;
use super::super::cache::Cache;
use super::super::context::Context;
use super::super::entry::{Answering, Hook};
use super::super::frame::Within;
use super::super::point::Nature;
use super::{at_once, not_negative};
use crate::tool::Tools;

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
    /// Seconds for single tools and agents. What is made of other calls, which may do anything, is only kept if it is named
    /// here: a tool of the spell's own, an agent with such tools.
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
    not_negative([
        ("default_ttl", config.default_ttl),
        ("min_execution_time_ms", config.min_execution_time_ms),
    ])?;
    for (name, ttl) in &config.ttl_by_component {
        not_negative([(&format!("ttl_by_component.{name}"), *ttl)])?;
    }
    Ok(CachingOptimizer {
        cache: Cache::new(
            config.max_entries,
            config.max_cache_size_mb.saturating_mul(1 << 20),
        ),
        config,
    })
}

/// Returns what operations of one tool or agent with the same input have in common: all parameters of a tool, or these
/// `fields` of them if there are any; of an agent itself and all that its execution is given.
pub(super) fn key(context: &Context<'_>, fields: &[String]) -> String {
    let of = |name: &str| context.data.get(name).cloned().unwrap_or_default();
    let mut given = match context.component.kind {
        "Tool" => of("parameters"),
        _ => {
            let told = ["prompt", "variables", "model", "tools", "input"];
            let told = told.map(|name| (name.to_owned(), of(name)));
            let arg = |name: &str| context.call.and_then(|call| call.args.get(name)).cloned();
            let place = ("context_id".to_owned(), arg("context_id").into());
            Value::Map(told.into_iter().chain([place]).collect())
        }
    };
    let component = &context.component;
    if let (Value::Map(members), "Tool", false) = (&mut given, component.kind, fields.is_empty()) {
        members.retain(|name, _| fields.iter().any(|field| field == name));
    }
    format!("{}:{}:{}", component.kind, component.id, to_record(&given))
}

/// Returns whether all tools of an agent leave the world as it is.
fn has_harmless_tools(cx: &Cx, context: &Context<'_>) -> bool {
    let names = match context.data.get("tools") {
        Some(Value::List(names)) => names,
        tools => return tools.is_none_or(Value::is_null),
    };
    let tools = cx.part_ref::<Tools>();
    let effect = |name: &Value| {
        let tool = tools?.require(name.as_str()?).ok()?;
        Some(tool.op().declared_effect())
    };
    names
        .iter()
        .all(|name| matches!(effect(name), Some(Effect::Pure | Effect::Read)))
}

impl CachingOptimizer {
    /// Returns whether the result of an operation may be kept. What does something is done each time, whatever became of
    /// it the last time.
    fn is_kept(&self, cx: &Cx, context: &Context<'_>) -> bool {
        let config = &self.config;
        let is_named = || {
            let name = context.component.name.as_str();
            config.ttl_by_component.contains_key(name)
        };
        if context.component.kind == "Tool" {
            return config.cache_tools
                && match context.effect() {
                    Some(Effect::Pure | Effect::Read) => true,
                    Some(Effect::Scope) => is_named(),
                    _ => false,
                };
        }
        config.cache_agents && (is_named() || has_harmless_tools(cx, context))
    }

    fn answer(&self, cx: &Cx, context: &mut Context<'_>) -> Answer {
        if !self.is_kept(cx, context) {
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
pub(in crate::hook) fn kept(context: &Context<'_>) -> Value {
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
    fn call<'a>(&'a self, cx: &'a Within<'a>, context: &'a mut Context<'_>) -> Answering<'a> {
        at_once(Ok(self.answer(cx, context)))
    }
}
