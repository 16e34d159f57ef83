//! `[telemetry]`.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Spans and numbers for an OpenTelemetry collector. Nothing is sent without an endpoint.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Options {
    /// The base URL of a collector that takes OTLP over HTTP: `http://localhost:4318`. `/v1/traces` and `/v1/metrics` are
    /// appended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub otlp_endpoint: Option<String>,
    /// Headers of each request. Their values count as secrets.
    pub headers: BTreeMap<String, String>,
    /// The service that spans and numbers come from.
    pub service_name: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            otlp_endpoint: None,
            headers: BTreeMap::new(),
            service_name: "llmspell".to_owned(),
        }
    }
}

/// Headers hold keys of services.
impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("otlp_endpoint", &self.otlp_endpoint)
            .field("service_name", &self.service_name)
            .finish_non_exhaustive()
    }
}
