//! The `[tools]` section of the configuration, as far as it concerns every tool.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;
use llmspell_core::host::Rate;
use llmspell_core::{Level, Result, error, folded};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::breakers::{Circuit, ToolBreakers};
use crate::glob;
use crate::host::FileRules;
use crate::rate::{ToolRates, Turns};

/// Which tools exist for a run, and the bounds of each call.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Options {
    /// Globs over tool names; what matches none of them does not exist.
    pub allow: Vec<String>,
    /// Globs over tool names that do not exist; wins over `allow`.
    pub deny: Vec<String>,
    /// The furthest-reaching level that a call may use. The policy layer enforces it.
    pub grant: Level,
    /// The same for calls that a model chose. Default: `grant`.
    pub agent_grant: Option<Level>,
    /// Limit of a whole call, in milliseconds, for tools without a limit of their own.
    pub default_timeout_ms: u64,
    /// Tool calls at the same time per run (count).
    pub max_concurrent: usize,
    /// Largest payload that a caller gets, in bytes; the largest fields of a larger one are replaced by a preview.
    pub max_output_bytes: usize,
    /// Longest text that a model gets as a tool's result, in bytes.
    pub model_output_bytes: usize,
    /// Length of the preview of a replaced field, in bytes.
    pub preview_bytes: usize,
    /// Where what was replaced by a preview goes.
    pub spill: Spill,
    /// Calls of all tools in a minute, over all runs of the process (count), beyond which they wait; 0 is no limit.
    pub rate_limit_per_minute: u32,
    /// How often services may be asked, by all tools together: `google`, `brave`, `sendgrid`.
    pub rate_limits: IndexMap<String, Rate>,
    /// Raise the failures of tools as errors instead of returning `success = false`.
    pub raise_errors: bool,
    /// Let a spell define a tool with the name of a built-in one.
    pub allow_override: bool,
    /// Settings of single tools, by name: those of [`ToolTable`], and what the tool itself knows.
    #[serde(flatten)]
    pub each: IndexMap<String, serde_json::Value>,
}

/// What the table `[tools.NAME]` of every tool takes.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "describes what the methods of `Options` look up")]
pub struct ToolTable {
    /// Whether the tool may be called; it is listed in any case.
    #[schemars(extend("default" = true))]
    enabled: bool,
    /// The furthest-reaching level that a call may use; default: `tools.grant`.
    grant: Option<Level>,
    /// Limit of a whole call, in milliseconds; default: the tool's own.
    #[schemars(range(min = 1, max = 3_600_000))]
    timeout_ms: Option<u64>,
    /// Largest payload that a caller gets, in bytes; default: `tools.max_output_bytes`.
    max_output_bytes: Option<usize>,
    /// How often the tool may be used.
    rate_limit: Option<Rate>,
    /// When the tool is left alone for a while.
    circuit_breaker: Option<Circuit>,
    /// Fewer files than `security.files` permits; the same keys.
    files: Option<FileRules>,
}

/// Where payloads go that are too large for their reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Spill {
    /// Into an artifact of the session; without a session as `file`.
    Artifact,
    /// Into a file of the run's temporary directory.
    File,
    /// Nowhere: the call fails.
    Error,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            allow: vec!["*".to_owned()],
            deny: Vec::new(),
            grant: Level::Restricted,
            agent_grant: None,
            default_timeout_ms: 30_000,
            max_concurrent: 32,
            max_output_bytes: 10_000_000,
            model_output_bytes: 32 * 1024,
            preview_bytes: 2 * 1024,
            spill: Spill::Artifact,
            rate_limit_per_minute: 0,
            rate_limits: IndexMap::new(),
            raise_errors: false,
            allow_override: false,
            each: IndexMap::new(),
        }
    }
}

impl Options {
    /// Returns whether a tool of that name and those synonyms exists for the run. Names are compared as tools are found: case
    /// and the difference of `-` and `_` do not matter.
    pub fn admits(&self, name: &str, synonyms: &[String]) -> bool {
        let matches = |globs: &[String]| globs.iter().any(|glob| names(glob, name, synonyms));
        matches(&self.allow) && !matches(&self.deny)
    }

    /// Returns whether the tool may be called; a disabled one is still listed.
    pub fn enabled(&self, name: &str) -> bool {
        self.setting(name, "enabled") != Some(&serde_json::Value::Bool(false))
    }

    /// Returns the limit of a whole call: the tool's own setting, its declared limit, or the general one.
    pub fn timeout(&self, name: &str, declared: Duration) -> Duration {
        let general = Duration::from_secs(30);
        match self
            .setting(name, "timeout_ms")
            .and_then(serde_json::Value::as_u64)
        {
            Some(ms) => Duration::from_millis(ms),
            None if declared == general => Duration::from_millis(self.default_timeout_ms),
            None => declared,
        }
    }

    /// Returns the size of the largest payload that a caller of the tool gets, in bytes.
    pub fn max_output_bytes(&self, name: &str) -> usize {
        if self.each.is_empty() {
            return self.max_output_bytes;
        }
        let own = self
            .setting(name, "max_output_bytes")
            .and_then(serde_json::Value::as_u64);
        own.map_or(self.max_output_bytes, |own| {
            usize::try_from(own).unwrap_or(usize::MAX)
        })
    }

    /// Returns the grants of single tools, `[tools.NAME] grant`, for the policy.
    pub fn grants(&self) -> HashMap<String, Level> {
        let each = self.each.iter();
        each.filter_map(|(name, settings)| {
            let level = serde_json::from_value(settings.get("grant")?.clone()).ok()?;
            Some((name.clone(), level))
        })
        .collect()
    }

    /// Returns how often the tools and the services that they use may be used, with turns that all runs share.
    ///
    /// - Errors: `Config` for a rate that is none, naming its place.
    pub fn rates(&self, turns: Arc<Turns>) -> Result<ToolRates> {
        let services = self.rate_limits.iter();
        let services = services.map(|(name, rate)| {
            let place = format!("tools.rate_limits.{name}");
            Ok((name.clone(), checked(&place, *rate, Rate::check)?))
        });
        let per_minute = self.rate_limit_per_minute;
        Ok(ToolRates {
            all: (per_minute > 0).then(|| Rate::per_minute(per_minute.into())),
            tools: self.settings("rate_limit", Rate::check)?,
            services: services.collect::<Result<_>>()?,
            turns,
        })
    }

    /// Returns which tools are left alone when they keep failing.
    ///
    /// - Errors: `Config` for a table that is wrong, naming its place.
    pub fn breakers(&self) -> Result<ToolBreakers> {
        let circuits = self.settings("circuit_breaker", Circuit::check)?;
        Ok(ToolBreakers::new(circuits))
    }

    /// Returns what the tables of single tools say under a key.
    fn settings<T: DeserializeOwned>(
        &self,
        key: &str,
        check: fn(&T) -> Result<()>,
    ) -> Result<HashMap<String, T>> {
        let tables = self.tables();
        let written = tables.filter_map(|(name, table)| Some((name, table.get(key)?)));
        let read = written.map(|(name, written)| {
            let place = format!("tools.{name}.{key}");
            let read = serde_json::from_value(written.clone())
                .map_err(|cause| error!(Config, "`{place}`: {cause}"))?;
            Ok((name.clone(), checked(&place, read, check)?))
        });
        read.collect()
    }

    /// Returns the tables of single tools.
    pub fn tables(&self) -> impl Iterator<Item = (&String, &serde_json::Value)> {
        self.each.iter().filter(|(_, table)| table.is_object())
    }

    fn setting(&self, name: &str, key: &str) -> Option<&serde_json::Value> {
        self.each.get(name)?.get(key)
    }
}

/// Returns whether an entry of `allow` or `deny` names a tool.
pub fn names<S: AsRef<str>>(glob: &str, name: &str, synonyms: &[S]) -> bool {
    let glob = folded(glob);
    let mut all = std::iter::once(name).chain(synonyms.iter().map(AsRef::as_ref));
    all.any(|name| glob::matches(&glob, &folded(name)))
}

fn checked<T>(place: &str, read: T, check: fn(&T) -> Result<()>) -> Result<T> {
    match check(&read) {
        Ok(()) => Ok(read),
        Err(error) => Err(error!(Config, "`{place}`: {}", error.message())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn deny_wins_and_settings_of_one_tool_are_read() {
        let options: Options = serde_json::from_value(json!({
            "deny": ["process_*"], "agent_grant": "safe",
            "calculator": {"enabled": false, "timeout_ms": 5, "grant": "privileged",
                "max_output_bytes": 7},
        }))
        .unwrap();
        assert!(options.admits("calculator", &[]) && !options.admits("process_executor", &[]));
        assert!(!options.enabled("calculator") && options.enabled("hash_calculator"));
        let declared = Duration::from_secs(30);
        assert_eq!(
            options.timeout("calculator", declared),
            Duration::from_millis(5)
        );
        assert_eq!(
            options.timeout("other", Duration::from_secs(9)),
            Duration::from_secs(9)
        );
        assert_eq!(options.grants()["calculator"], Level::Privileged);
        assert_eq!(options.max_output_bytes("calculator"), 7);
        assert_eq!(options.max_output_bytes("other"), 10_000_000);
    }

    #[test]
    fn tools_are_denied_by_any_name_that_finds_them() {
        let synonyms = ["http".to_owned()];
        for entry in [
            "http_request",
            "http-request",
            "HTTP-Request",
            "http",
            "HTTP-*",
            "h?tp",
        ] {
            let options =
                |key: &str| -> Options { serde_json::from_value(json!({key: [entry]})).unwrap() };
            assert!(
                !options("deny").admits("http_request", &synonyms),
                "{entry}"
            );
            assert!(options("deny").admits("web_search", &[]), "{entry}");
            assert!(
                options("allow").admits("http_request", &synonyms),
                "{entry}"
            );
            assert!(!options("allow").admits("web_search", &[]), "{entry}");
        }
    }

    #[test]
    fn rates_are_read_and_checked() {
        let options =
            |settings: serde_json::Value| -> Options { serde_json::from_value(settings).unwrap() };
        let rates = options(json!({
            "rate_limit_per_minute": 30,
            "rate_limits": {"brave": {"per_second": 1, "wait": false}},
            "calculator": {"rate_limit": {"per_day": 100, "burst": 5}},
        }));
        let rates = rates.rates(Arc::default()).unwrap();
        assert_eq!(rates.all, Some(Rate::per_minute(30.0)));
        assert!(!rates.services["brave"].wait);
        assert_eq!(rates.tools["calculator"].burst, Some(5));
        assert!(
            !Options::default()
                .rates(Arc::default())
                .unwrap()
                .bounds_tools()
        );
        for wrong in [
            json!({"rate_limits": {"brave": {"per_second": 0}}}),
            json!({"calculator": {"rate_limit": {"per_hour": -1}}}),
            json!({"calculator": {"rate_limit": 5}}),
        ] {
            let error = options(wrong).rates(Arc::default()).unwrap_err();
            assert_eq!(error.kind(), llmspell_core::Kind::Config);
        }
    }
}
