//! `[tools.http_request]`.

use llmspell_core::host::{HttpRequest, Rate};
use llmspell_core::{Cx, Kind, Map, Result, Value, error};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::web::request::{HttpOptions, parse, texts};

/// What the configuration says of this tool.
#[derive(Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Config {
    /// Requests to one host in a minute, beyond which they wait; false: as many as the network's limits let through.
    rate_limited: Value,
    /// Methods that may be used; empty: all.
    allowed_methods: Vec<String>,
    /// Headers that may not be set.
    forbidden_headers: Vec<String>,
    /// Headers that every request has, unless the call gives them.
    #[schemars(with = "std::collections::BTreeMap<String, Value>")]
    default_headers: Map,
}

impl Default for Config {
    fn default() -> Self {
        let forbidden = ["Host", "Content-Length", "Transfer-Encoding", "Connection"];
        Self {
            rate_limited: Value::Bool(true),
            allowed_methods: Vec::new(),
            forbidden_headers: forbidden.map(str::to_owned).into(),
            default_headers: Map::new(),
        }
    }
}

/// Requests to one host in a minute.
const PER_MINUTE: f64 = 60.0;

impl Config {
    /// Checks that a call stays within the rules.
    ///
    /// - Errors: `Denied` naming the setting.
    pub(super) fn check(&self, method: &str, http: &HttpOptions) -> Result<()> {
        let is_listed = self
            .allowed_methods
            .iter()
            .any(|own| own.eq_ignore_ascii_case(method));
        if !self.allowed_methods.is_empty() && !is_listed {
            return Err(error!(Denied, "method {method} is not permitted")
                .hint("only those of `tools.http_request.allowed_methods` are"));
        }
        let forbidden = |name: &str| {
            let mut list = self.forbidden_headers.iter();
            list.any(|own| own.eq_ignore_ascii_case(name))
        };
        match http
            .header_names()?
            .into_iter()
            .find(|name| forbidden(name))
        {
            Some(name) => Err(error!(Denied, "header '{name}' is not permitted")
                .hint("it stands in `tools.http_request.forbidden_headers`")),
            None => Ok(()),
        }
    }

    /// Adds the headers that every request has.
    pub(super) fn add_defaults(&self, request: &mut HttpRequest) -> Result<()> {
        for (name, value) in &self.default_headers {
            let has = |(known, _): &(String, String)| known.eq_ignore_ascii_case(name);
            if request.headers.iter().any(has) {
                continue;
            }
            let values = texts("default_headers", name, value)
                .map_err(|cause| error!(Config, "[tools.http_request]: {}", cause.message()))?;
            let headers = values.into_iter().map(|value| (name.to_string(), value));
            request.headers.extend(headers);
        }
        Ok(())
    }

    /// Waits until the next request to the host of `url` may be sent.
    ///
    /// - Errors: `Timeout` if that is after the deadline; `Config` for a setting that is no rate.
    pub(super) async fn wait(&self, cx: &Cx, url: &str) -> Result<()> {
        let per_minute = match &self.rate_limited {
            Value::Bool(false) => return Ok(()),
            Value::Bool(true) => PER_MINUTE,
            number => number.as_float().filter(|number| *number > 0.0).ok_or_else(|| {
                llmspell_core::Error::new(
                    Kind::Config,
                    "[tools.http_request]: `rate_limited` must be requests per minute, or false",
                )
            })?,
        };
        let host = parse(url)?.host_str().unwrap_or_default().to_owned();
        let rates = &cx.host().rates;
        let own = Some(Rate::per_minute(per_minute));
        rates.enter(cx, "http_request", &host, own).await
    }
}
