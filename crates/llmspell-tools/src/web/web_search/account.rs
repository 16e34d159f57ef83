//! Which services can be used, and with which keys.

use std::collections::HashMap;

use llmspell_core::host::Rate;
use llmspell_core::{Cx, Error, Kind, Result, Value, error};
use schemars::JsonSchema;
use serde::Deserialize;

use super::TOOL;
use super::provider::{Account, PROVIDERS, Provider, named};
use super::search::Subject;
use crate::choice::choose;
use crate::key::Key;

/// `[tools.web_search]`
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Config {
    /// The service that is asked unless a call says otherwise.
    pub(super) default_provider: Option<String>,
    /// Whether other services are asked if the first fails, or which.
    pub(super) fallback: Option<Value>,
    /// Most results unless a call says otherwise; default: 10.
    pub(super) max_results: Option<i64>,
    /// Whether explicit results are left out unless a call says otherwise; default: they are.
    pub(super) safe_search: Option<Value>,
    /// Language of the results unless a call says otherwise; default: `en`.
    pub(super) language: Option<String>,
    /// How long results are used again, in seconds; 0: never.
    pub(super) cache_ttl_s: u64,
    /// The services, by name.
    pub(super) providers: HashMap<String, ProviderConfig>,
}

/// `[tools.web_search.providers.NAME]`
#[derive(Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct ProviderConfig {
    /// The key, best as `${VARIABLE}`.
    api_key: Option<String>,
    /// The environment variable that holds it.
    api_key_env: Option<String>,
    /// Where the service is, if not at its usual place.
    base_url: Option<String>,
    /// The engine of Google's service.
    search_engine_id: Option<String>,
    /// The engine of a service that has several.
    engine: Option<String>,
    /// How often it may be asked.
    rate_limit: Option<Rate>,
}

const SEARCH_ENGINE: &[&str] = &[
    "GOOGLE_SEARCH_ENGINE_ID",
    "WEBSEARCH_GOOGLE_SEARCH_ENGINE_ID",
];

/// Finds a service by any of its names.
///
/// - Errors: `InvalidArgs` that lists the services.
pub(super) fn provider(given: &str) -> Result<&'static Provider> {
    let names: Vec<&'static [&'static str]> =
        PROVIDERS.iter().map(|provider| provider.names).collect();
    let name = choose("provider", given, &names)?;
    named(name).ok_or_else(|| Error::new(Kind::Bug, format!("no provider '{name}'")))
}

/// Returns the services by choice: the one that is configured, else the first with a key, else the one without.
pub(super) fn usual(cx: &Cx, config: &Config, subject: Subject) -> Result<&'static Provider> {
    let variable = || cx.host().environment.setting("WEBSEARCH_DEFAULT_PROVIDER");
    if let Some(name) = config.default_provider.clone().or_else(variable) {
        return provider(&name);
    }
    let usable =
        |provider: &&Provider| provider.offers(subject) && open(cx, config, provider).is_ok();
    PROVIDERS
        .iter()
        .find(usable)
        .ok_or_else(|| error!(Unavailable, "no provider offers {}", subject.name()))
}

/// Returns all other services that can be used, in the order of preference.
pub(super) fn others(
    cx: &Cx,
    config: &Config,
    subject: Subject,
    first: &Provider,
) -> Vec<&'static Provider> {
    let others = PROVIDERS
        .iter()
        .filter(|provider| provider.name() != first.name());
    others
        .filter(|provider| provider.offers(subject) && open(cx, config, provider).is_ok())
        .collect()
}

/// Puts together what is needed to use a service.
///
/// - Errors: `Auth` without a key, `Config` without what else it needs; both name the setting and the variable.
pub(super) fn open(cx: &Cx, config: &Config, provider: &Provider) -> Result<Account> {
    let name = provider.name();
    let own = config.providers.get(name).cloned().unwrap_or_default();
    let key = Key {
        written: own.api_key.as_deref(),
        variable: own.api_key_env.as_deref(),
        service: provider.service,
        own: provider.keys,
        ..Key::default()
    };
    let key = key.secret(cx, &format!("{TOOL}.{name}.api_key"));
    let key = match key {
        Some(key) if provider.needs_key() => key,
        None if provider.needs_key() => {
            let variable = provider.own_key();
            return Err(error!(
                Auth,
                "web_search: provider '{name}' needs an API key (set [tools.web_search.providers.{name}] api_key or {variable})"
            )
            .with("provider", name));
        }
        _ => String::new(),
    };
    let search_engine_id = Key {
        written: own.search_engine_id.as_deref(),
        own: SEARCH_ENGINE,
        ..Key::default()
    };
    let search_engine_id = search_engine_id.find(cx).unwrap_or_default();
    if name == "google" && search_engine_id.is_empty() {
        return Err(error!(
            Config,
            "web_search: provider 'google' needs a search engine (set [tools.web_search.providers.google] search_engine_id or \
             GOOGLE_SEARCH_ENGINE_ID)"
        ));
    }
    let is_configured = own.base_url.is_some();
    let base_url = own.base_url.or(provider.base_url.map(str::to_owned)).ok_or_else(|| {
        error!(
            Config,
            "web_search: provider '{name}' needs an address (set [tools.web_search.providers.{name}] base_url)"
        )
    })?;
    Ok(Account {
        base_url,
        is_configured,
        key,
        search_engine_id,
        engine: own.engine,
        rate_limit: own.rate_limit,
    })
}
