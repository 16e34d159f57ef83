//! Which requests go through a proxy.

use std::sync::OnceLock;

use hyper_util::client::proxy::matcher::Matcher;
use llmspell_core::{Result, error};
use url::Url;

/// A proxy.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Via {
    uri: String,
    /// What it is sent to let us through.
    credentials: Option<Vec<u8>>,
}

impl Via {
    pub(super) fn to_proxy(&self) -> Result<reqwest::Proxy> {
        let bad = || error!(Config, "the proxy is not usable").hint("see `security.network.proxy`");
        let proxy = reqwest::Proxy::all(&self.uri).map_err(|cause| bad().source(cause))?;
        let Some(credentials) = &self.credentials else {
            return Ok(proxy);
        };
        let mut value = reqwest::header::HeaderValue::from_bytes(credentials).map_err(|_| bad())?;
        value.set_sensitive(true);
        Ok(proxy.custom_http_auth(value))
    }
}

impl std::fmt::Debug for Via {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.uri)
    }
}

/// The proxies, as configured or as the variables say; read at the first request.
#[derive(Debug, Default)]
pub(super) struct Proxies(OnceLock<Matcher>);

impl Proxies {
    /// Returns the proxy for a URL, if it goes through one.
    pub(super) fn of(&self, configured: Option<&str>, url: &Url) -> Option<Via> {
        let matcher = self.0.get_or_init(|| match configured {
            Some("") => Matcher::builder().build(),
            Some(proxy) => {
                let no = ["NO_PROXY", "no_proxy"].map(std::env::var);
                let no = no.into_iter().find_map(Result::ok).unwrap_or_default();
                Matcher::builder().all(proxy.to_owned()).no(no).build()
            }
            None => Matcher::from_env(),
        });
        let target = url.as_str().parse().ok()?;
        let found = matcher.intercept(&target)?;
        Some(Via {
            uri: found.uri().to_string(),
            credentials: found.basic_auth().map(|value| value.as_bytes().to_vec()),
        })
    }
}
