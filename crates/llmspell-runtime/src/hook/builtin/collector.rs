//! `ToolResultCollector` and `AgentOutputCollector`: results as artifacts.

use llmspell_core::value::to_json;
use llmspell_core::{Cx, Map, Result, Value, error};
use serde::{Deserialize, Serialize};

use super::super::answer::Answer;
use super::super::context::Context;
use super::super::entry::{Answering, Hook};
use super::super::frame::Within;
use super::at_once;
use crate::artifact::{self, AGENT_OUTPUT, Made, TOOL_RESULT};

#[derive(Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Config {
    /// Fewest bytes of a result that is collected.
    min_size: usize,
    /// Most bytes.
    max_size: usize,
    /// Whether failures are collected as well, of whatever size.
    collect_errors: bool,
    /// Which part of the results is collected, from 0 to 1.
    sampling_rate: f64,
    /// Tags of each artifact.
    auto_tags: Vec<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            min_size: 100,
            max_size: 10_485_760,
            collect_errors: true,
            sampling_rate: 1.0,
            auto_tags: vec!["auto-collected".to_owned()],
        }
    }
}

pub(super) struct Collector(Config);

pub(super) fn new(config: Config) -> Result<Collector> {
    if !(0.0..=1.0).contains(&config.sampling_rate) {
        return Err(error!(
            InvalidArgs,
            "`sampling_rate` must be between 0 and 1, got {}", config.sampling_rate
        ));
    }
    Ok(Collector(config))
}

impl Collector {
    /// Returns the text of what is to be collected, and whether it is JSON.
    fn wanted(&self, cx: &Cx, context: &Context<'_>) -> Option<(String, bool)> {
        let config = &self.0;
        let (text, is_json) = match context.data.get("error_kind") {
            Some(_) if !config.collect_errors => return None,
            Some(_) => (to_json(&Value::Map(failure(context))), true),
            None => match context.data.get("output")? {
                Value::Str(text) => (text.clone(), false),
                Value::Null => return None,
                other => (to_json(other), true),
            },
        };
        let is_failure = context.data.contains_key("error_kind");
        let fits = text.len() <= config.max_size && (is_failure || text.len() >= config.min_size);
        let drawn = || cx.host().random.next() as f64 / u64::MAX as f64;
        let is_drawn = config.sampling_rate >= 1.0 || drawn() < config.sampling_rate;
        (fits && is_drawn).then_some((text, is_json))
    }

    async fn collect(
        &self,
        cx: &Cx,
        context: &Context<'_>,
        text: String,
        is_json: bool,
    ) -> Result<()> {
        let kind = match context.component.kind {
            "Tool" => TOOL_RESULT,
            _ => AGENT_OUTPUT,
        };
        let tags: Vec<Value> = self
            .0
            .auto_tags
            .iter()
            .map(|tag| tag.as_str().into())
            .collect();
        let component = &context.component;
        let made = Made {
            session: artifact::current(cx).map(|session| session.to_string()),
            kind: kind.to_owned(),
            name: format!("{}-{}", component.name, context.correlation()),
            content: cx.host().secrets.strike(&text).into_owned().into(),
            is_text: true,
            mime_type: is_json.then(|| "application/json".to_owned()),
            tags: self.0.auto_tags.clone(),
            custom: Map::from([
                ("tags", Value::List(tags)),
                ("correlation_id", context.correlation().to_string().into()),
                ("success", (!context.data.contains_key("error_kind")).into()),
            ]),
            parent: None,
            created_by: format!("{}:{}", component.kind.to_lowercase(), component.name),
        };
        artifact::save(cx, made).await.map(drop)
    }
}

/// Returns what is kept of a failure.
fn failure(context: &Context<'_>) -> Map {
    let names = [
        "error",
        "error_message",
        "error_kind",
        "operation",
        "parameters",
        "prompt",
    ];
    let members = names.into_iter().filter_map(|name| {
        let value = context.data.get(name).filter(|value| !value.is_null())?;
        Some((name.to_owned(), value.clone()))
    });
    members.collect()
}

impl Hook for Collector {
    fn call<'a>(&'a self, cx: &'a Within<'a>, context: &'a mut Context<'_>) -> Answering<'a> {
        let wanted = artifact::current(cx).and_then(|_| self.wanted(cx, context));
        match wanted {
            None => at_once(Ok(Answer::Continue)),
            Some((text, is_json)) => Box::pin(async move {
                self.collect(cx, context, text, is_json).await?;
                Ok(Answer::Continue)
            }),
        }
    }
}
