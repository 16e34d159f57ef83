//! `[tools.webhook_caller]`.

use llmspell_core::host::HttpRequest;
use llmspell_core::{Map, Result, Value, error};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::web::request::parse;

/// What the configuration says of this tool.
#[derive(Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Config {
    /// Further attempts, where the call does not say.
    pub(super) max_retries: u32,
    /// The only hosts that events go to: `host`, `*.host`, `host:port`. Empty: all that the network lets be reached.
    allow_hosts: Vec<String>,
    /// Further presets: a name, and the payload with `{{text}}`, `{{title}}` and `{{fields}}` in it.
    #[schemars(with = "std::collections::BTreeMap<String, Value>")]
    pub(super) presets: Map,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_retries: 3,
            allow_hosts: Vec::new(),
            presets: Map::new(),
        }
    }
}

impl Config {
    /// Keeps a request to the hosts that are listed. Redirects could lead elsewhere, so they are not followed then.
    ///
    /// - Errors: `Denied` naming the setting.
    pub(super) fn narrow(&self, request: &mut HttpRequest) -> Result<()> {
        if self.allow_hosts.is_empty() {
            return Ok(());
        }
        let url = parse(&request.url)?;
        let host = url.host_str().unwrap_or_default();
        let port = url.port_or_known_default().unwrap_or_default();
        if !self
            .allow_hosts
            .iter()
            .any(|entry| names(entry, host, port))
        {
            return Err(
                error!(Denied, "a webhook of host '{host}' is not permitted")
                    .hint("only those of `tools.webhook_caller.allow_hosts` are"),
            );
        }
        request.redirects = Some(0);
        Ok(())
    }
}

fn names(entry: &str, host: &str, port: u16) -> bool {
    let entry = entry.trim().to_ascii_lowercase();
    let with_port = entry.rsplit_once(':').and_then(|(name, number)| {
        let number: u16 = number.parse().ok()?;
        Some((name.to_owned(), number))
    });
    let name = match with_port {
        Some((_, number)) if number != port => return false,
        Some((name, _)) => name,
        None => entry,
    };
    match name.strip_prefix("*.") {
        Some(parent) => host
            .strip_suffix(parent)
            .is_some_and(|start| start.ends_with('.')),
        None => name == host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_name_hosts() {
        assert!(names("hooks.example.com", "hooks.example.com", 443));
        assert!(names("*.Example.com", "hooks.example.com", 443));
        assert!(names("hooks.example.com:8443", "hooks.example.com", 8443));
        assert!(names("127.0.0.1:80", "127.0.0.1", 80));
        assert!(names("[::1]", "[::1]", 80));
        for (entry, host) in [
            ("example.com", "hooks.example.com"),
            ("*.example.com", "example.com"),
            ("*.example.com", "evilexample.com"),
            ("example.com:1", "example.com"),
        ] {
            assert!(!names(entry, host, 443), "{entry} {host}");
        }
    }
}
