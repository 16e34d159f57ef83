//! The `[providers]` section of the configuration.

use std::collections::BTreeMap;
use std::fmt;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::price::ModelInfo;

/// The whole section: defaults, and one table per provider instance.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ProvidersOptions {
    /// Provider used when a model is named without one.
    #[serde(alias = "default")]
    pub default_provider: Option<String>,
    /// `provider/model` used when a spell names no model.
    pub default_model: Option<String>,
    /// Longest silence of any provider, in milliseconds. Default 120 000.
    pub timeout_ms: Option<u64>,
    /// Repetitions after a failure that may pass. Default 2.
    pub max_retries: Option<u32>,
    /// The instances, by name.
    #[serde(flatten)]
    #[schemars(with = "BTreeMap<String, ProviderOptions>")]
    pub instances: IndexMap<String, ProviderOptions>,
}

/// One provider instance, `[providers.NAME]`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ProviderOptions {
    /// The provider type; the instance's name if absent.
    #[serde(rename = "type")]
    pub provider_type: Option<String>,
    /// The key. Prefer `api_key_env`.
    pub api_key: Option<Hidden>,
    /// Environment variable that holds the key.
    pub api_key_env: Option<String>,
    /// Root of the provider's API.
    #[serde(alias = "endpoint")]
    pub base_url: Option<String>,
    /// Model used when only the provider is named.
    pub model: Option<String>,
    /// Adds to or corrects the catalogue; prices in US dollars per million tokens.
    pub models: Vec<ModelInfo>,
    /// Sent with every request unless overridden.
    pub temperature: Option<f64>,
    /// Sent with every request unless overridden.
    pub max_tokens: Option<u64>,
    /// Sent with every request unless overridden.
    pub top_p: Option<f64>,
    /// Sent with every request unless overridden.
    pub stop: Vec<String>,
    /// Sent with every request unless overridden.
    pub seed: Option<u64>,
    /// Headers added to every request.
    pub headers: BTreeMap<String, Hidden>,
    /// Fields added to the body of every request.
    pub extra_body: Map<String, Value>,
    /// Organization, where the type knows one.
    pub organization: Option<String>,
    /// Project, where the type knows one.
    pub project: Option<String>,
    /// Region, where the type knows one.
    pub region: Option<String>,
    /// Deployment, where the type knows one.
    pub deployment: Option<String>,
    /// Version of the API, where the type knows one.
    pub api_version: Option<String>,
    /// Longest silence, in milliseconds. An answer that keeps coming may take five times as long. Default 120 000.
    pub timeout_ms: Option<u64>,
    /// Longest time for opening a connection, in milliseconds. Default 10 000.
    pub connect_timeout_ms: Option<u64>,
    /// Repetitions after a failure that may pass. Default 2.
    pub max_retries: Option<u32>,
    /// Bounds shared by all runs of the process.
    pub rate_limit: Option<RateLimit>,
    /// Models asked in turn when this one failed for good.
    pub fallback: Vec<String>,
    /// Whether the instance may be used. Default true.
    pub enabled: Option<bool>,
}

/// Bounds on requests to one provider instance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RateLimit {
    /// Requests per minute.
    pub rpm: Option<u32>,
    /// Tokens per minute.
    pub tpm: Option<u64>,
    /// Requests at the same time.
    pub concurrent: Option<u32>,
}

/// A text that must not be shown: a key, a header that may hold one.
#[derive(Clone, Default, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Hidden(String);

impl Hidden {
    /// Returns the text itself. Every use is a place where it can leak.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Hidden {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Hidden {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// What one agent sets differently from its provider's configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Overrides {
    /// The key.
    pub api_key: Option<Hidden>,
    /// Root of the API.
    pub base_url: Option<String>,
    /// Further headers.
    pub headers: BTreeMap<String, Hidden>,
    /// Longest silence, in milliseconds.
    pub timeout_ms: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_section_reads_defaults_and_instances() {
        let options: ProvidersOptions = serde_json::from_value(json!({
            "default": "work",
            "default_model": "work/gpt-4o",
            "timeout_ms": 5000,
            "work": {
                "type": "openai",
                "api_key": "sk-secret",
                "endpoint": "http://127.0.0.1:1/v1",
                "headers": {"x-team": "a"},
                "rate_limit": {"rpm": 60},
                "models": [{"id": "own", "input_price": 1.0, "output_price": 2.0, "capabilities": ["tools"]}],
            },
        }))
        .unwrap();
        assert_eq!(options.default_provider.as_deref(), Some("work"));
        let work = &options.instances["work"];
        assert_eq!(work.base_url.as_deref(), Some("http://127.0.0.1:1/v1"));
        assert_eq!(work.rate_limit.unwrap().rpm, Some(60));
        assert_eq!(work.models[0].can("tools"), Some(true));
        assert!(!format!("{options:?}").contains("sk-secret"));
    }
}
