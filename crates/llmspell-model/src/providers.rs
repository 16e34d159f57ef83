//! The configured providers, and the models that they serve.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use parking_lot::Mutex;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use llmspell_core::{Error, Result, bail, error, nearest};

use crate::http::{Bounds, Clients, Transport};
use crate::model::Model;
use crate::options::{Hidden, Overrides, ProviderOptions, ProvidersOptions, RateLimit};
use crate::price::{self, ModelInfo};
use crate::provider::{self, Abilities, Family, ProviderType, Structured, TYPES};
use crate::specifier::{self, Names, Target};
use crate::wire::{Defaults, Remote, Seat};

type Environment = Box<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Every provider instance: those of the configuration, and one per type for which the environment has a key.
///
/// Nothing is sent and no connection is opened before a model's stream is polled.
pub struct Providers {
    options: ProvidersOptions,
    environment: Environment,
    clients: Arc<Clients>,
    models: Mutex<HashMap<(Target, Overrides), Arc<dyn Model>>>,
}

/// The model that is used when a spell names none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultTarget {
    /// The model.
    pub target: Target,
    /// Whether it is the mock because nothing is configured: the caller warns.
    pub is_mock: bool,
}

/// How to deal with a provider's failures and bounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handling {
    /// Repetitions after a failure that may pass.
    pub max_retries: u32,
    /// Bounds shared by all runs of the process.
    pub rate_limit: Option<RateLimit>,
    /// Models asked in turn when this one failed for good.
    pub fallback: Vec<Target>,
}

/// A provider as scripts see it. The key itself is never readable.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(title = "ProviderInfo")]
pub struct ProviderInfo {
    /// Name of the instance.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub provider_type: String,
    /// Model used when only the provider is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Root of its API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// Whether it has a key, or needs none.
    pub has_key: bool,
    /// What it can do.
    pub capabilities: ProviderCapabilities,
}

/// What a provider's default model can do.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ProviderCapabilities {
    /// Whether answers arrive in pieces.
    pub supports_streaming: bool,
    /// Whether pictures are read.
    pub supports_multimodal: bool,
    /// Whether tools are called.
    pub supports_tools: bool,
    /// Most tokens of prompt and answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_context_tokens: Option<u64>,
    /// Most tokens of an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_output_tokens: Option<u64>,
    /// The models of the catalogue and the configuration.
    pub available_models: Vec<String>,
    /// Anything else: `structured_output` says how well an output schema is kept.
    pub custom_features: Map<String, Value>,
}

/// What a protocol needs to be set up.
pub(crate) struct Setup<'a> {
    pub(crate) kind: &'static ProviderType,
    pub(crate) model: &'a str,
    pub(crate) key: &'a str,
    pub(crate) base_url: &'a str,
    pub(crate) options: &'a ProviderOptions,
    pub(crate) info: &'a ModelInfo,
    pub(crate) transport: &'a Transport,
}

struct Instance<'a> {
    name: &'a str,
    kind: &'static ProviderType,
    options: &'a ProviderOptions,
}

impl Providers {
    /// Takes the configuration and a view of the environment. The process's own environment is never read.
    pub fn new(
        options: ProvidersOptions,
        environment: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        Self {
            options,
            environment: Box::new(environment),
            clients: Arc::default(),
            models: Mutex::default(),
        }
    }

    /// Checks what can be checked without a network: types, addresses, headers, numbers in variables, defaults.
    ///
    /// - Errors: `Config`, naming the section and the key.
    pub fn check(&self) -> Result<()> {
        for name in self.options.instances.keys() {
            let instance = self.find(name)?;
            self.bounds(&instance, &Overrides::default())?;
            self.handling(name)?;
            if let Some(base_url) = self.base_url(&instance, None)? {
                let bounds = Bounds::new(1, 1);
                Transport::new(&self.clients, &base_url, &instance.options.headers, bounds)
                    .map_err(|error| error.with("section", format!("providers.{name}")))?;
            }
        }
        if let Some(model) = &self.options.default_model {
            self.resolve(model, None)?;
        }
        if let Some(provider) = &self.options.default_provider {
            self.find(provider)?;
        }
        Ok(())
    }

    /// Resolves a specifier (`anthropic/claude-sonnet-4-5`, `gpt-4o`) and an optional provider field.
    ///
    /// - Errors: `InvalidArgs` for an empty text, `NotFound` for an unknown provider, `Unavailable` for a disabled one.
    pub fn resolve(&self, specifier: &str, provider: Option<&str>) -> Result<Target> {
        let target = specifier::resolve(self, specifier, provider)?;
        self.find(&target.provider)?;
        Ok(target)
    }

    /// Returns the model used when a spell names none: the configured one, else that of the first provider with a key,
    /// else the mock.
    pub fn default_target(&self) -> Result<DefaultTarget> {
        let is = |target| DefaultTarget {
            target,
            is_mock: false,
        };
        if let Some(model) = &self.options.default_model {
            return Ok(is(self.resolve(model, None)?));
        }
        if let Some(provider) = &self.options.default_provider {
            return Ok(is(self.resolve("", Some(provider))?));
        }
        let with_key = self.instances().into_iter().find_map(|instance| {
            let chosen = match instance.kind.keyless {
                true => instance.options.model.is_some(),
                false => self.key(&instance, &Overrides::default()).is_some(),
            };
            let model = self.default_model(instance.name);
            (chosen && !model.is_empty()).then(|| Target::new(instance.name, model))
        });
        Ok(match with_key {
            Some(target) => is(target),
            None => DefaultTarget {
                target: Target::new("mock", "tools"),
                is_mock: true,
            },
        })
    }

    /// Returns a model. No connection is opened; a missing key is an error when the model is asked.
    ///
    /// - Errors: `NotFound`, `Unavailable`, `Config`.
    pub fn model(&self, target: &Target) -> Result<Arc<dyn Model>> {
        self.model_with(target, &Overrides::default())
    }

    /// Returns a model as one agent sets it up.
    pub fn model_with(&self, target: &Target, overrides: &Overrides) -> Result<Arc<dyn Model>> {
        /// Most models kept; a spell may make up addresses and headers for ever.
        const KEPT: usize = 256;
        let place = (target.clone(), overrides.clone());
        if let Some(model) = self.models.lock().get(&place) {
            return Ok(model.clone());
        }
        let model = self.build(target, overrides)?;
        let mut models = self.models.lock();
        if models.len() >= KEPT {
            models.clear();
        }
        Ok(models.entry(place).or_insert(model).clone())
    }

    /// Returns what is known about a model.
    pub fn info(&self, target: &Target) -> Result<ModelInfo> {
        let instance = self.find(&target.provider)?;
        Ok(lookup(&instance, &target.model))
    }

    /// Returns what a model can do.
    pub fn abilities(&self, target: &Target) -> Result<Abilities> {
        let instance = self.find(&target.provider)?;
        Ok(instance.kind.abilities(&lookup(&instance, &target.model)))
    }

    /// Returns how to deal with a provider's failures and bounds.
    pub fn handling(&self, provider: &str) -> Result<Handling> {
        let instance = self.find(provider)?;
        let set = self.number(provider, "MAX_RETRIES")?;
        let max_retries = set
            .map(|count| u32::try_from(count).unwrap_or(u32::MAX))
            .or(instance.options.max_retries)
            .or(self.options.max_retries)
            .unwrap_or(2);
        let fallback = &instance.options.fallback;
        Ok(Handling {
            max_retries,
            rate_limit: instance.options.rate_limit,
            fallback: fallback
                .iter()
                .map(|model| self.resolve(model, None))
                .collect::<Result<_>>()?,
        })
    }

    /// Lists the usable instances, sorted by name: the configured ones, those with a key in the environment, and those
    /// that need none.
    pub fn list(&self) -> Vec<ProviderInfo> {
        let mut list: Vec<ProviderInfo> = self
            .instances()
            .into_iter()
            .filter(|instance| {
                self.options.instances.contains_key(instance.name)
                    || self.key(instance, &Overrides::default()).is_some()
                    || matches!(instance.kind.family, Family::Mock | Family::Ollama)
            })
            .map(|instance| self.describe(&instance))
            .collect();
        list.sort_by(|left, right| left.name.cmp(&right.name));
        list
    }

    /// Returns one instance as scripts see it, by its name or a synonym.
    pub fn get(&self, name: &str) -> Option<ProviderInfo> {
        let name = self.instance(name)?;
        Some(self.describe(&self.find(&name).ok()?))
    }

    fn describe(&self, instance: &Instance<'_>) -> ProviderInfo {
        let model = self.default_model(instance.name);
        let info = lookup(instance, &model);
        let can = instance.kind.abilities(&info);
        let own = instance.options.models.iter().map(|row| row.id.clone());
        let known = price::catalogue(instance.kind.name);
        let mut available_models: Vec<String> =
            own.chain(known.iter().map(|row| row.id.clone())).collect();
        available_models.sort_unstable();
        available_models.dedup();
        if instance.kind.family == Family::Mock {
            available_models = ["echo", "mock", "tools"].map(str::to_owned).into();
        }
        let structured = serde_json::to_value(can.structured).unwrap_or_default();
        ProviderInfo {
            name: instance.name.to_owned(),
            provider_type: instance.kind.name.to_owned(),
            has_key: instance.kind.keyless || self.key(instance, &Overrides::default()).is_some(),
            base_url: self.base_url(instance, None).ok().flatten(),
            capabilities: ProviderCapabilities {
                supports_streaming: true,
                supports_multimodal: can.images,
                supports_tools: can.tools,
                max_context_tokens: info.context,
                max_output_tokens: info.max_output,
                available_models,
                custom_features: Map::from_iter([("structured_output".to_owned(), structured)]),
            },
            model: (!model.is_empty()).then_some(model),
        }
    }

    /// Returns every instance that is not disabled: by type in the order of the table, a type's own name first.
    fn instances(&self) -> Vec<Instance<'_>> {
        let mut found = Vec::new();
        for kind in TYPES {
            let named = self.options.instances.keys().map(String::as_str);
            let own = std::iter::once(kind.name).chain(named.filter(|name| *name != kind.name));
            found.extend(own.filter_map(|name| {
                let instance = self.find(name).ok()?;
                (instance.kind.name == kind.name).then_some(instance)
            }));
        }
        found
    }

    /// Finds an instance by its exact name.
    fn find(&self, name: &str) -> Result<Instance<'_>> {
        if let Some((name, options)) = self.options.instances.get_key_value(name) {
            if options.enabled == Some(false) {
                return Err(error!(Unavailable, "provider '{name}' is disabled")
                    .hint(format!("set `enabled = true` in [providers.{name}]")));
            }
            let kind = options.provider_type.as_deref().unwrap_or(name);
            let kind = provider::find(kind).ok_or_else(|| unknown_type(name, kind))?;
            return Ok(Instance {
                name,
                kind,
                options,
            });
        }
        match provider::find(name) {
            Some(kind) => Ok(Instance {
                name: kind.name,
                kind,
                options: plain_options(),
            }),
            None => bail!(NotFound, "provider '{name}' not found"),
        }
    }

    fn build(&self, target: &Target, overrides: &Overrides) -> Result<Arc<dyn Model>> {
        let instance = self.find(&target.provider)?;
        let options = instance.options;
        let info = lookup(&instance, &target.model);
        match instance.kind.family {
            Family::Mock => {
                let responses = options.extra_body.get("responses").cloned();
                return Ok(Arc::new(provider::mock::Mock::new(info, responses)));
            }
            Family::Missing => {
                return Err(error!(
                    Unavailable,
                    "there is no adapter for providers of the type '{}'", instance.kind.name
                )
                .hint("use the type openai_compatible if the service has such an API"));
            }
            _ => {}
        }
        let base_url = self.base_url(&instance, overrides.base_url.as_deref())?;
        let base_url = base_url.ok_or_else(|| no_address(&instance))?;
        let key = self.key(&instance, overrides);
        let mut headers = account_headers(&instance);
        headers.extend(options.headers.clone());
        headers.extend(overrides.headers.clone());
        let bounds = self.bounds(&instance, overrides)?;
        let transport = Transport::new(&self.clients, &base_url, &headers, bounds)?;
        let setup = Setup {
            kind: instance.kind,
            model: &target.model,
            key: key.as_ref().map_or("", Hidden::expose),
            base_url: &base_url,
            options,
            info: &info,
            transport: &transport,
        };
        let wires = match instance.kind.family {
            Family::OpenAi => provider::openai::wires(&setup)?,
            Family::Compatible => provider::compatible::wires(&setup)?,
            Family::Anthropic => provider::anthropic::wires(&setup)?,
            Family::Gemini => provider::gemini::wires(&setup)?,
            Family::Ollama => provider::ollama::wires(&setup)?,
            Family::Cohere => provider::cohere::wires(&setup)?,
            Family::Mock | Family::Missing => {
                bail!(Bug, "no protocol for '{}'", instance.kind.name)
            }
        };
        let seat = Seat {
            provider: target.provider.clone(),
            model: target.model.clone(),
            key_vars: self.key_vars(&instance),
            key_missing: key.is_none() && !instance.kind.keyless,
            secrets: key.into_iter().chain(secret_headers(headers)).collect(),
            base_url,
        };
        let defaults = Defaults {
            temperature: options.temperature,
            max_tokens: options.max_tokens,
            top_p: options.top_p,
            stop: options.stop.clone(),
            seed: options.seed,
            extra: options.extra_body.clone(),
            without_schema: instance.kind.abilities(&info).structured == Structured::None,
        };
        Ok(Arc::new(Remote::new(info, seat, defaults, wires)))
    }

    /// Reads a variable; an empty one is not set.
    fn variable(&self, name: &str) -> Option<String> {
        (self.environment)(name).filter(|value| !value.trim().is_empty())
    }

    /// Reads `LLMSPELL_<NAME>_<KEY>`.
    fn setting(&self, name: &str, key: &str) -> Option<String> {
        self.variable(&own_variable(name, key))
    }

    fn number(&self, name: &str, key: &str) -> Result<Option<u64>> {
        let Some(text) = self.setting(name, key) else {
            return Ok(None);
        };
        match text.trim().parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => bail!(
                Config,
                "{} must be a whole number, got '{text}'",
                own_variable(name, key)
            ),
        }
    }

    fn bounds(&self, instance: &Instance<'_>, overrides: &Overrides) -> Result<Bounds> {
        let silence = match overrides.timeout_ms {
            Some(own) => Some(own),
            None => self.number(instance.name, "TIMEOUT")?,
        };
        let silence = silence
            .or(instance.options.timeout_ms)
            .or(self.options.timeout_ms)
            .unwrap_or(120_000);
        let connect = instance.options.connect_timeout_ms.unwrap_or(10_000);
        Ok(Bounds::new(connect, silence))
    }

    /// Returns the address: the call's own, the variable of the instance, the configuration, the type's variables, the
    /// type's default.
    fn base_url(&self, instance: &Instance<'_>, own: Option<&str>) -> Result<Option<String>> {
        let configured = own
            .map(str::to_owned)
            .or_else(|| self.setting(instance.name, "ENDPOINT"))
            .or_else(|| instance.options.base_url.clone())
            .or_else(|| {
                let vars = instance.kind.base_url_vars;
                vars.iter().find_map(|var| self.variable(var))
            });
        let url = match configured {
            Some(url) => Some(url),
            None => match instance.kind.base_url {
                Some(url) => Some(url.to_owned()),
                None => provider::compatible::regional(
                    instance.kind.name,
                    instance.name,
                    instance.options,
                )
                .transpose()?,
            },
        };
        Ok(match instance.kind.family {
            Family::Ollama => url.map(|host| provider::ollama::address(&host)),
            _ => url,
        })
    }

    fn key_vars(&self, instance: &Instance<'_>) -> Vec<String> {
        let named = instance.options.api_key_env.clone();
        let usual = instance.kind.key_vars.iter().map(|&var| var.to_owned());
        let own = own_variable(instance.name, "API_KEY");
        // The usual variable is the one to name first; the others follow in the order in which they are read.
        match named {
            Some(named) => std::iter::once(named).chain([own]).chain(usual).collect(),
            None => usual.chain([own]).collect(),
        }
    }

    /// Returns the key: the call's own, the configured one, that of the named variable, of the instance's variable, of the
    /// usual ones.
    fn key(&self, instance: &Instance<'_>, overrides: &Overrides) -> Option<Hidden> {
        let given = overrides
            .api_key
            .clone()
            .or_else(|| instance.options.api_key.clone());
        let given = given.filter(|key| !key.expose().trim().is_empty());
        let text = |key: String| Hidden::from(key.trim());
        given
            .map(|key| Hidden::from(key.expose().trim()))
            .or_else(|| {
                self.variable(instance.options.api_key_env.as_deref()?)
                    .map(text)
            })
            .or_else(|| self.setting(instance.name, "API_KEY").map(text))
            .or_else(|| {
                let vars = instance.kind.key_vars;
                vars.iter().find_map(|var| self.variable(var)).map(text)
            })
    }
}

impl Names for Providers {
    fn instance(&self, name: &str) -> Option<String> {
        if self.options.instances.contains_key(name) {
            return Some(name.to_owned());
        }
        Some(provider::find(name)?.name.to_owned())
    }

    fn all(&self) -> Vec<String> {
        let mut all: Vec<String> = self.options.instances.keys().cloned().collect();
        all.extend(TYPES.iter().map(|kind| kind.name.to_owned()));
        all.sort_unstable();
        all.dedup();
        all
    }

    fn fallback(&self) -> String {
        let default = self.options.default_provider.as_deref();
        default
            .and_then(|name| self.instance(name))
            .unwrap_or_else(|| "openai".to_owned())
    }

    fn default_model(&self, name: &str) -> String {
        let Ok(instance) = self.find(name) else {
            return String::new();
        };
        let options = instance.options;
        self.setting(name, "MODEL")
            .or_else(|| options.model.clone())
            .or_else(|| options.deployment.clone())
            .unwrap_or_else(|| instance.kind.default_model.to_owned())
    }
}

fn lookup(instance: &Instance<'_>, model: &str) -> ModelInfo {
    match instance.kind.family {
        Family::Mock => provider::mock::info(model),
        _ => price::lookup(instance.kind.name, model, &instance.options.models),
    }
}

/// The options of an instance without a section.
fn plain_options() -> &'static ProviderOptions {
    static PLAIN: std::sync::LazyLock<ProviderOptions> = std::sync::LazyLock::new(Default::default);
    &PLAIN
}

fn own_variable(name: &str, key: &str) -> String {
    let name = name.to_ascii_uppercase().replace(['-', '.', ' '], "_");
    format!("LLMSPELL_{name}_{key}")
}

fn account_headers(instance: &Instance<'_>) -> BTreeMap<String, Hidden> {
    let mut headers = BTreeMap::new();
    if instance.kind.name == "openai" {
        let mut put = |name: &str, value: &Option<String>| {
            if let Some(value) = value {
                headers.insert(name.to_owned(), Hidden::from(value.as_str()));
            }
        };
        put("openai-organization", &instance.options.organization);
        put("openai-project", &instance.options.project);
    }
    headers
}

/// Returns the values of those headers that may hold a secret.
fn secret_headers(headers: BTreeMap<String, Hidden>) -> impl Iterator<Item = Hidden> {
    const WORDS: [&str; 5] = ["auth", "key", "token", "secret", "cookie"];
    headers.into_iter().filter_map(|(name, value)| {
        let name = name.to_ascii_lowercase();
        WORDS
            .iter()
            .any(|word| name.contains(word))
            .then_some(value)
    })
}

fn unknown_type(name: &str, kind: &str) -> Error {
    let known: Vec<&str> = TYPES.iter().map(|known| known.name).collect();
    let error = error!(
        Config,
        "provider '{name}' has the unknown type '{kind}'; known are {}",
        known.join(", ")
    )
    .with("section", format!("providers.{name}"));
    match nearest(kind, known).first() {
        Some(near) => error.hint(format!("did you mean '{near}'?")),
        None => error.hint(format!("set `type` in [providers.{name}]")),
    }
}

fn no_address(instance: &Instance<'_>) -> Error {
    let name = instance.name;
    let error = error!(Config, "provider '{name}' needs a `base_url`")
        .with("section", format!("providers.{name}"));
    match instance.kind.base_url_vars.first() {
        Some(var) => error.hint(format!("set {var}, or `base_url` in [providers.{name}]")),
        None => error.hint(format!("set `base_url` in [providers.{name}]")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use llmspell_core::Kind;
    use serde_json::json;

    fn providers(options: Value, variables: &[(&str, &str)]) -> Providers {
        let variables: HashMap<String, String> = variables
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_string()))
            .collect();
        Providers::new(serde_json::from_value(options).unwrap(), move |name| {
            variables.get(name).cloned()
        })
    }

    fn default_of(options: Value, variables: &[(&str, &str)]) -> (String, bool) {
        let default = providers(options, variables).default_target().unwrap();
        (default.target.to_string(), default.is_mock)
    }

    #[test]
    fn the_default_is_configured_or_has_a_key_or_is_the_mock() {
        assert_eq!(default_of(json!({}), &[]), ("mock/tools".into(), true));
        assert_eq!(
            default_of(json!({}), &[("ANTHROPIC_API_KEY", "x")]),
            ("anthropic/claude-sonnet-4-5".into(), false)
        );
        assert_eq!(
            default_of(json!({}), &[("GROQ_API_KEY", "x"), ("OPENAI_API_KEY", "y")]),
            ("openai/gpt-5-mini".into(), false)
        );
        assert_eq!(
            default_of(json!({}), &[("OPENAI_API_KEY", "  ")]),
            ("mock/tools".into(), true)
        );
        assert_eq!(
            default_of(
                json!({"default_model": "anthropic/x"}),
                &[("OPENAI_API_KEY", "y")]
            ),
            ("anthropic/x".into(), false)
        );
        assert_eq!(
            default_of(json!({"default": "groq"}), &[]),
            ("groq/llama-3.3-70b-versatile".into(), false)
        );
        assert_eq!(
            default_of(
                json!({"box": {"type": "custom", "base_url": "http://127.0.0.1:1", "model": "m"}}),
                &[]
            ),
            ("box/m".into(), false)
        );
        assert_eq!(
            default_of(
                json!({"openai": {"enabled": false}}),
                &[("OPENAI_API_KEY", "y")]
            ),
            ("mock/tools".into(), true)
        );
        assert_eq!(
            default_of(
                json!({}),
                &[("OPENAI_API_KEY", "y"), ("LLMSPELL_OPENAI_MODEL", "gpt-9")]
            ),
            ("openai/gpt-9".into(), false)
        );
    }

    fn key_of(options: Value, variables: &[(&str, &str)], own: Option<&str>) -> Option<String> {
        let providers = providers(options, variables);
        let instance = providers.find("openai").unwrap();
        let overrides = Overrides {
            api_key: own.map(Hidden::from),
            ..Overrides::default()
        };
        let key = providers.key(&instance, &overrides)?;
        Some(key.expose().to_owned())
    }

    #[test]
    fn the_key_comes_from_the_nearest_place() {
        let variables = [
            ("OPENAI_API_KEY", "usual"),
            ("LLMSPELL_OPENAI_API_KEY", "own"),
            ("NAMED", "named"),
        ];
        let named = json!({"openai": {"api_key_env": "NAMED"}});
        let both = json!({"openai": {"api_key_env": "NAMED", "api_key": "configured"}});
        assert_eq!(
            key_of(both.clone(), &variables, Some("call")).unwrap(),
            "call"
        );
        assert_eq!(key_of(both, &variables, None).unwrap(), "configured");
        assert_eq!(key_of(named, &variables, None).unwrap(), "named");
        assert_eq!(key_of(json!({}), &variables, None).unwrap(), "own");
        assert_eq!(key_of(json!({}), &variables[..1], None).unwrap(), "usual");
        assert_eq!(key_of(json!({}), &[], None), None);
    }

    #[test]
    fn the_address_comes_from_the_nearest_place() {
        let variables = [
            ("OPENAI_BASE_URL", "http://usual"),
            ("LLMSPELL_OPENAI_ENDPOINT", "http://own"),
        ];
        let configured = json!({"openai": {"base_url": "http://configured"}});
        let address = |options: Value, variables: &[(&str, &str)]| {
            let providers = providers(options, variables);
            let instance = providers.find("openai").unwrap();
            providers.base_url(&instance, None).unwrap().unwrap()
        };
        assert_eq!(address(configured.clone(), &variables), "http://own");
        assert_eq!(address(configured, &variables[..1]), "http://configured");
        assert_eq!(address(json!({}), &variables[..1]), "http://usual");
        assert_eq!(address(json!({}), &[]), "https://api.openai.com/v1");
    }

    #[test]
    fn making_a_model_needs_no_key_and_is_kept() {
        let providers = providers(json!({}), &[]);
        let target = providers.resolve("openai/gpt-4o", None).unwrap();
        let first = providers.model(&target).unwrap();
        let second = providers.model(&target).unwrap();
        assert!(Arc::ptr_eq(&first, &second));
        assert_eq!(first.info().id, "gpt-4o");
        let own = Overrides {
            base_url: Some("http://127.0.0.1:1/v1".into()),
            ..Overrides::default()
        };
        assert!(!Arc::ptr_eq(
            &first,
            &providers.model_with(&target, &own).unwrap()
        ));
    }

    #[test]
    fn every_type_that_has_an_address_can_be_set_up() {
        let options = json!({
            "azure_openai": {"base_url": "https://x.openai.azure.com"},
            "bedrock": {"region": "us-east-1"},
            "vertex": {"region": "global", "project": "p"},
            "openai_compatible": {"base_url": "http://127.0.0.1:8080/v1"},
        });
        let providers = providers(options, &[]);
        for kind in TYPES.iter().filter(|kind| kind.family != Family::Missing) {
            providers.model(&Target::new(kind.name, "m")).unwrap();
        }
        let missing = providers
            .model(&Target::new("replicate", "m"))
            .err()
            .unwrap();
        assert_eq!(missing.kind(), Kind::Unavailable);
    }

    #[test]
    fn what_is_wrong_in_the_configuration_is_named() {
        let wrong = |options: Value, variables: &[(&str, &str)]| {
            let error = providers(options, variables).check().unwrap_err();
            (error.kind(), error.message().to_owned())
        };
        let (kind, message) = wrong(json!({"work": {"type": "opnai"}}), &[]);
        assert_eq!(kind, Kind::Config);
        assert!(
            message.starts_with("provider 'work' has the unknown type 'opnai'"),
            "{message}"
        );
        let (kind, message) = wrong(json!({"openai": {"base_url": "localhost:1"}}), &[]);
        assert_eq!(kind, Kind::Config, "{message}");
        let (kind, message) = wrong(
            json!({"openai": {}}),
            &[("LLMSPELL_OPENAI_TIMEOUT", "soon")],
        );
        assert_eq!(
            (kind, message.as_str()),
            (
                Kind::Config,
                "LLMSPELL_OPENAI_TIMEOUT must be a whole number, got 'soon'"
            )
        );
        let unnamed = providers(json!({"c": {"type": "custom"}}), &[]);
        let error = unnamed.model(&Target::new("c", "m")).err().unwrap();
        assert_eq!(error.message(), "provider 'c' needs a `base_url`");
    }

    #[test]
    fn a_disabled_provider_is_unavailable_and_not_listed() {
        let providers = providers(
            json!({"openai": {"enabled": false}}),
            &[("OPENAI_API_KEY", "x")],
        );
        let error = providers.resolve("openai/gpt-4o", None).unwrap_err();
        assert_eq!(error.kind(), Kind::Unavailable);
        assert!(providers.list().iter().all(|info| info.name != "openai"));
    }

    #[test]
    fn the_list_shows_what_can_be_used_and_no_key() {
        let options =
            json!({"work": {"type": "openai", "api_key": "sk-secret", "model": "gpt-4o"}});
        let list = providers(options, &[("ANTHROPIC_API_KEY", "sk-other")]).list();
        let names: Vec<&str> = list.iter().map(|info| info.name.as_str()).collect();
        assert_eq!(names, ["anthropic", "mock", "ollama", "work"]);
        let text = serde_json::to_string(&list).unwrap();
        assert!(!text.contains("sk-"), "{text}");
        let work = &list[3];
        assert_eq!(
            (work.provider_type.as_str(), work.has_key),
            ("openai", true)
        );
        assert_eq!(work.model.as_deref(), Some("gpt-4o"));
        assert!(work.capabilities.supports_tools && work.capabilities.supports_multimodal);
        assert_eq!(work.capabilities.max_context_tokens, Some(128_000));
    }

    #[test]
    fn handling_has_the_defaults_of_the_contract() {
        let providers = providers(
            json!({"max_retries": 5, "groq": {"max_retries": 1, "fallback": ["mock/echo"]}}),
            &[("LLMSPELL_COHERE_MAX_RETRIES", "9")],
        );
        assert_eq!(providers.handling("openai").unwrap().max_retries, 5);
        assert_eq!(providers.handling("cohere").unwrap().max_retries, 9);
        let groq = providers.handling("groq").unwrap();
        assert_eq!(groq.max_retries, 1);
        assert_eq!(groq.fallback, [Target::new("mock", "echo")]);
    }
}
