//! How an agent is set up.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use llmspell_core::{Callback, Error, Like, Limits, Map, Op, Result, Value, bail, error, nearest};
use llmspell_model::{Hidden, Overrides, Providers, RateLimit, Target};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::schema::Schema;
use super::tuning::Tuning;

/// Creates an agent.
///
/// Without a model it uses the configured default, else the first provider whose key is set, else `mock/tools` with a
/// warning.
#[derive(Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Create {
    /// The name. A name used before now means the new agent.
    pub(super) name: Option<String>,
    /// What it is for, in one phrase.
    pub(super) description: Option<String>,
    /// The model: `provider/model`, or `{provider, model_id, temperature?, max_tokens?, settings?}`.
    #[schemars(with = "Like<Specifier>", extend("x-synonyms" = ["provider_model"]))]
    pub(super) model: Value,
    /// The provider; `model` is then its own name of the model.
    pub(super) provider: Option<String>,
    /// Instructions that stand before every conversation.
    #[schemars(extend("x-synonyms" = ["prompt"]))]
    pub(super) system_prompt: Option<String>,
    /// Randomness, 0 to 2.
    pub(super) temperature: Option<f64>,
    /// Most tokens of an answer.
    pub(super) max_tokens: Option<u64>,
    /// Provider-specific request fields.
    pub(super) settings: Value,
    /// Tools: names, tool tables, agents, own tools, or `"*"` for all.
    #[schemars(extend("x-synonyms" = ["allowed_tools"]))]
    pub(super) tools: Value,
    /// JSON Schema that every answer must fit.
    pub(super) schema: Value,
    /// Messages that are replayed to the model (count). Default 100.
    pub(super) max_conversation_length: Option<usize>,
    /// Root of the provider's API.
    pub(super) base_url: Option<String>,
    /// The provider's key.
    pub(super) api_key: Option<String>,
    /// Headers added to every request.
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    pub(super) headers: BTreeMap<String, String>,
    /// Limit of one execution, in milliseconds. Default 300 000.
    #[schemars(extend("x-synonyms" = ["timeout"]))]
    pub(super) timeout_ms: Option<u64>,
    /// Further limits of one execution.
    #[schemars(with = "Option<ResourceLimits>")]
    pub(super) resource_limits: ResourceLimits,
    /// `{requests_per_minute?, tokens_per_minute?}`.
    pub(super) rate_limit: Option<Rate>,
    /// Passed to providers that know it.
    pub(super) safety_settings: Value,
    /// Whether the model takes media, if the catalogue is wrong.
    pub(super) supports_multimodal: Option<bool>,
    /// Free data; may hold `system_prompt` and `max_conversation_length`.
    #[schemars(with = "Option<BTreeMap<String, Value>>")]
    pub(super) custom_config: Value,
    /// `llm`, `basic` or `tool-orchestrator`.
    pub(super) agent_type: Option<String>,
}

/// The model of an agent: `provider/model`, or in parts.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes what `target` reads")]
pub(super) enum Specifier {
    Name(String),
    Parts(Parts),
}

/// A model and how it is asked.
#[derive(JsonSchema)]
#[schemars(title = "ModelSpecifier")]
#[expect(dead_code, reason = "describes what `target` reads")]
pub(super) struct Parts {
    provider: String,
    model_id: String,
    temperature: Option<f64>,
    max_tokens: Option<u64>,
    settings: Option<Map>,
}

/// What one execution may use.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub(super) struct ResourceLimits {
    /// Time, in seconds.
    pub(super) max_execution_time_secs: f64,
    /// Size of the conversation, in megabytes.
    pub(super) max_memory_mb: u64,
    /// Tool calls (count).
    pub(super) max_tool_calls: u64,
    /// Agents calling agents, levels.
    pub(super) max_recursion_depth: usize,
    /// Questions to the model (count).
    pub(super) max_turns: u64,
    /// Money, in US dollars.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_cost_usd: Option<f64>,
    /// Tokens of all turns, input and output.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_tokens: Option<u64>,
}

impl Default for ResourceLimits {
    fn default() -> Self {
        Self {
            max_execution_time_secs: 300.0,
            max_memory_mb: 512,
            max_tool_calls: 100,
            max_recursion_depth: 10,
            max_turns: 25,
            max_cost_usd: None,
            max_tokens: None,
        }
    }
}

impl ResourceLimits {
    /// Refuses limits with which no execution could do anything.
    ///
    /// - Errors: `InvalidArgs` naming the limit.
    fn check(&self) -> Result<()> {
        for (name, most) in [
            ("resource_limits.max_turns", self.max_turns),
            (
                "resource_limits.max_recursion_depth",
                self.max_recursion_depth as u64,
            ),
        ] {
            if most == 0 {
                return Err(out_of_range(name, "1 or more", 0));
            }
        }
        match self.max_cost_usd {
            Some(cost) if cost.is_nan() || cost < 0.0 => {
                let name = "resource_limits.max_cost_usd";
                Err(out_of_range(name, "0 or more", cost))
            }
            _ => Ok(()),
        }
    }

    /// Returns what the budget of one execution bounds.
    pub(super) fn budget(&self) -> Limits {
        Limits {
            tokens: self.max_tokens,
            cost_usd: self.max_cost_usd,
            ..Limits::default()
        }
    }
}

/// Bounds on requests.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub(super) struct Rate {
    /// Requests in a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) requests_per_minute: Option<u32>,
    /// Tokens in a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tokens_per_minute: Option<u64>,
}

impl Rate {
    pub(super) fn bounds(self) -> RateLimit {
        RateLimit {
            rpm: self.requests_per_minute,
            tpm: self.tokens_per_minute,
            concurrent: None,
        }
    }
}

/// What an agent is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AgentType {
    /// A model with tools.
    Llm,
    /// An echo.
    Basic,
    /// A model with all tools.
    ToolOrchestrator,
    /// Other agents.
    Composite,
}

impl AgentType {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Llm => "llm",
            Self::Basic => "basic",
            Self::ToolOrchestrator => "tool-orchestrator",
            Self::Composite => "composite",
        }
    }

    /// Reads the type that a configuration names.
    fn parse(name: Option<&str>) -> Result<Self> {
        match name.map(|name| name.replace('_', "-")).as_deref() {
            None | Some("llm") => Ok(Self::Llm),
            Some("basic") => Ok(Self::Basic),
            Some("tool-orchestrator") => Ok(Self::ToolOrchestrator),
            Some(other) => {
                let known = ["llm", "basic", "tool-orchestrator"];
                let error =
                    error!(InvalidArgs, "unknown agent type '{other}'").with("agent_type", other);
                Err(match nearest(other, known).first() {
                    Some(near) => error.hint(format!("did you mean '{near}'?")),
                    None => error.hint(format!("the types are {}", known.join(", "))),
                })
            }
        }
    }
}

/// An agent's effective configuration.
#[derive(Clone)]
pub(super) struct Settings {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) agent_type: AgentType,
    pub(super) target: Option<Target>,
    pub(super) system_prompt: String,
    pub(super) temperature: Option<f64>,
    pub(super) max_tokens: Option<u64>,
    /// Fields of the provider's own request.
    pub(super) extra: Map,
    pub(super) safety_settings: Value,
    pub(super) schema: Option<Arc<Schema>>,
    pub(super) max_conversation_length: usize,
    pub(super) timeout: Duration,
    pub(super) limits: ResourceLimits,
    pub(super) rate: Option<Rate>,
    pub(super) supports_multimodal: Option<bool>,
    pub(super) custom: Map,
    /// Which of them the script said, and what.
    pub(super) said: Tuning,
}

impl Create {
    /// Reads a configuration that is part of another call's arguments, with synonyms and camelCase names.
    pub(super) fn read(cfg: Value) -> Result<Self> {
        static SHAPE: LazyLock<Op> = LazyLock::new(super::directory::create_op);
        let (cfg, warnings) = SHAPE.prepare(cfg)?;
        for warning in warnings {
            tracing::warn!(target: "llmspell::args", op = "agent.create", "{warning}");
        }
        cfg.into_typed()
    }

    /// Returns the connection settings that differ from the provider's, if any do.
    pub(super) fn overrides(&self) -> Option<Overrides> {
        if self.api_key.is_none() && self.base_url.is_none() && self.headers.is_empty() {
            return None;
        }
        let headers = self.headers.iter();
        Some(Overrides {
            api_key: self.api_key.as_deref().map(Hidden::from),
            base_url: self.base_url.clone(),
            headers: headers
                .map(|(name, value)| (name.clone(), Hidden::from(value.as_str())))
                .collect(),
            timeout_ms: None,
        })
    }

    /// Checks everything but the tools and the model, and fills in the defaults.
    pub(super) fn settings(mut self, name: String) -> Result<Settings> {
        let mut custom = members("custom_config", std::mem::take(&mut self.custom_config))?;
        let mut extra = members("settings", std::mem::take(&mut self.settings))?;
        self.take_from_model(&mut extra)?;
        let agent_type = AgentType::parse(self.agent_type.as_deref())?;
        let (temperature, max_tokens) = (self.temperature, self.max_tokens);
        if agent_type == AgentType::ToolOrchestrator {
            self.temperature.get_or_insert(0.3);
        }
        if let Some(temperature) = self.temperature
            && !(0.0..=2.0).contains(&temperature)
        {
            return Err(out_of_range("temperature", "0 to 2", temperature));
        }
        let description = self
            .description
            .unwrap_or_else(|| "LLM-powered agent".to_owned());
        let custom_prompt = custom.get("system_prompt").and_then(Value::as_str);
        let said_prompt = self
            .system_prompt
            .or_else(|| custom_prompt.map(str::to_owned));
        let system_prompt = said_prompt
            .clone()
            .unwrap_or_else(|| format!("You are {name}: {description}."));
        let custom_length = custom
            .get("max_conversation_length")
            .and_then(Value::as_int);
        let said_length = self
            .max_conversation_length
            .or_else(|| custom_length.and_then(|length| usize::try_from(length).ok()));
        let max_conversation_length = said_length.unwrap_or(100);
        if max_conversation_length == 0 {
            return Err(out_of_range("max_conversation_length", "1 or more", 0));
        }
        custom.retain(|name, _| name != "system_prompt" && name != "max_conversation_length");
        let schema = match &self.schema {
            Value::Null => None,
            schema => Some(Arc::new(Schema::from_value(schema)?)),
        };
        self.resource_limits.check()?;
        let timeout = timeout(self.timeout_ms, &self.resource_limits)?;
        Ok(Settings {
            name,
            description,
            agent_type,
            target: None,
            system_prompt,
            temperature: self.temperature,
            max_tokens: self.max_tokens,
            extra,
            safety_settings: self.safety_settings,
            schema,
            max_conversation_length,
            timeout,
            limits: self.resource_limits,
            rate: self.rate_limit,
            supports_multimodal: self.supports_multimodal,
            custom,
            said: Tuning {
                system_prompt: said_prompt,
                temperature,
                max_tokens,
                max_conversation_length: said_length,
            },
        })
    }

    /// Takes the sampling options out of a model that was given as a table.
    fn take_from_model(&mut self, extra: &mut Map) -> Result<()> {
        let Value::Map(model) = &self.model else {
            return Ok(());
        };
        let number = |name: &str| model.get(name).and_then(Value::as_float);
        self.temperature = self.temperature.or_else(|| number("temperature"));
        let tokens = model.get("max_tokens").and_then(Value::as_int);
        self.max_tokens = self
            .max_tokens
            .or_else(|| tokens.and_then(|count| u64::try_from(count).ok()));
        let own = model.get("settings").cloned().unwrap_or_default();
        for (name, value) in members("settings", own)? {
            extra.entry(name).or_insert(value);
        }
        Ok(())
    }
}

/// Resolves a model given as text or as a table.
pub(super) fn target(
    providers: &Providers,
    model: &Value,
    provider: Option<&str>,
) -> Result<Target> {
    match model {
        Value::Str(text) => providers.resolve(text, provider),
        Value::Map(table) => {
            let text = |name: &str| table.get(name).and_then(Value::as_str);
            let id = text("model_id")
                .or_else(|| text("model"))
                .unwrap_or_default();
            providers.resolve(id, text("provider").or(provider))
        }
        Value::Null => providers.resolve("", provider),
        other => bail!(
            InvalidArgs,
            "`model` must be text or a table, got {}",
            other.type_name()
        ),
    }
}

fn timeout(timeout_ms: Option<u64>, limits: &ResourceLimits) -> Result<Duration> {
    let seconds = Duration::try_from_secs_f64(limits.max_execution_time_secs);
    let Ok(seconds) = seconds else {
        let given = limits.max_execution_time_secs;
        return Err(out_of_range(
            "max_execution_time_secs",
            "a positive number",
            given,
        ));
    };
    let given = timeout_ms.map(Duration::from_millis);
    let timeout = match (given, seconds == Duration::from_secs(300)) {
        // The default of one limit does not shorten what the other one says.
        (Some(given), true) => given,
        (Some(given), false) => given.min(seconds),
        (None, _) => seconds,
    };
    if timeout.is_zero() {
        return Err(out_of_range("timeout_ms", "1 or more", 0));
    }
    Ok(timeout)
}

/// Reads a table of free members.
pub(super) fn members(name: &str, value: Value) -> Result<Map> {
    match value {
        Value::Null => Ok(Map::new()),
        Value::Map(map) => Ok(map),
        Value::List(list) if list.is_empty() => Ok(Map::new()),
        other => bail!(
            InvalidArgs,
            "`{name}` must be a table, got {}",
            other.type_name()
        ),
    }
}

pub(super) fn out_of_range(name: &str, range: &str, given: impl Into<Value>) -> Error {
    let given = given.into();
    error!(InvalidArgs, "`{name}` must be {range}, got {given}")
        .with("parameter", name)
        .with("got", given)
}

/// Reads a function, if one is given.
pub(super) fn function(name: &str, value: &Value) -> Result<Option<Callback>> {
    match value {
        Value::Null => Ok(None),
        Value::Function(callback) => Ok(Some(callback.clone())),
        other => bail!(
            InvalidArgs,
            "`{name}` must be a function, got {}",
            other.type_name()
        ),
    }
}

impl Settings {
    /// Returns the configuration without secrets.
    pub(super) fn to_value(&self, model: &str, tools: Value) -> Result<Value> {
        let mut config = Map::from([
            ("name", self.name.as_str().into()),
            ("description", self.description.as_str().into()),
            ("agent_type", self.agent_type.name().into()),
            ("model", model.into()),
            ("system_prompt", self.system_prompt.as_str().into()),
            (
                "max_conversation_length",
                self.max_conversation_length.into(),
            ),
            ("timeout_ms", self.timeout.as_millis().into()),
            ("resource_limits", Value::from_serialize(&self.limits)?),
            ("tools", tools),
            ("settings", Value::Map(self.extra.clone())),
            ("custom_config", Value::Map(self.custom.clone())),
        ]);
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                config.insert(name, value);
            }
        };
        put("temperature", self.temperature.map(Value::from));
        put("max_tokens", self.max_tokens.map(Value::from));
        put(
            "supports_multimodal",
            self.supports_multimodal.map(Value::from),
        );
        put(
            "schema",
            self.schema
                .as_ref()
                .map(|schema| schema.json().clone().into()),
        );
        put(
            "rate_limit",
            self.rate
                .map(|rate| Value::from_serialize(&rate))
                .transpose()?,
        );
        Ok(Value::Map(config))
    }
}
