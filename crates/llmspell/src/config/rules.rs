//! What types and ranges cannot say: names that must exist, settings that contradict each other, secrets in files.

use std::collections::HashMap;

use llmspell_core::host::Rate;
use llmspell_core::{Level, Result, SchemaFn, nearest};
use llmspell_runtime::event::Pattern;
use llmspell_runtime::host::NetworkRules;
use llmspell_runtime::telemetry::check_endpoint;
use llmspell_runtime::tool::{self, Circuit};
use serde::de::DeserializeOwned;

use super::Config;
use super::check::Finding;
use super::later;
use super::redact::is_secret;
use super::tree::{Item, Origin, Tree};

/// The names that a configuration may refer to.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Types of model providers.
    pub providers: Vec<String>,
    /// Tools.
    pub tools: Vec<String>,
    /// Other names of tools, and the tool of each.
    pub synonyms: HashMap<String, String>,
    /// The schemas of what the tables `[tools.NAME]` take, beside what every tool's takes.
    pub settings: HashMap<String, SchemaFn>,
}

impl Names {
    /// Returns the canonical name of a tool; case and the difference of `-` and `_` do not matter.
    pub(super) fn tool<'a>(&'a self, name: &str) -> Option<&'a str> {
        let folded = name.to_ascii_lowercase().replace('-', "_");
        let name = self.synonyms.get(&folded).unwrap_or(&folded);
        let mut tools = self.tools.iter().map(String::as_str);
        tools.find(|tool| tool == name)
    }
}

/// Checks a configuration whose types are right.
pub(super) fn rules(tree: &Tree, config: &Config, names: &Names) -> Vec<Finding> {
    let mut findings = later::findings(tree);
    providers(tree, config, names, &mut findings);
    tools(tree, names, &mut findings);
    admitted(tree, names, &mut findings);
    tool_settings(tree, &mut findings);
    service_rates(tree, &mut findings);
    network(tree, config, &mut findings);
    roots(tree, config, &mut findings);
    hosts(tree, &mut findings);
    programs(tree, &mut findings);
    events(tree, &mut findings);
    backends(tree, config, &mut findings);
    telemetry(tree, config, &mut findings);
    secrets(tree, &mut findings);
    findings
}

fn providers(tree: &Tree, config: &Config, names: &Names, findings: &mut Vec<Finding>) {
    let known = || {
        let instances = config.providers.instances.keys().map(String::as_str);
        instances.chain(names.providers.iter().map(String::as_str))
    };
    let exists = |name: &str| known().any(|known| known == name);
    let unknown = |key: &str, name: &str, node: &Tree| {
        let near = nearest(name, known())
            .first()
            .map(|near| (*near).to_owned());
        Finding::error(
            key,
            format!("'{key}' names the provider '{name}', which is not configured"),
            &node.origin,
        )
        .suggest(near)
    };
    let mut check = |key: &str, name: Option<&str>| {
        if let (Some(name), Some(node)) = (name.filter(|name| !exists(name)), tree.get(key)) {
            findings.push(unknown(key, name, node));
        }
    };
    check(
        "providers.default_provider",
        config.providers.default_provider.as_deref(),
    );
    let model = config.providers.default_model.as_deref();
    check(
        "providers.default_model",
        model.and_then(|model| Some(model.split_once('/')?.0)),
    );
    for (name, instance) in &config.providers.instances {
        let kind = instance.provider_type.as_deref().unwrap_or(name);
        if names.providers.iter().any(|known| known == kind) {
            continue;
        }
        let table = format!("providers.{name}");
        let key = format!("{table}.type");
        let Some(node) = tree.get(&key).or_else(|| tree.get(&table)) else {
            continue;
        };
        let near = nearest(kind, names.providers.iter().map(String::as_str))
            .first()
            .map(|near| (*near).to_owned());
        let message = format!("'{key}' is '{kind}', which is no type of provider");
        findings.push(Finding::error(&key, message, &node.origin).suggest(near));
    }
}

fn tools(tree: &Tree, names: &Names, findings: &mut Vec<Finding>) {
    for (name, node) in tree.members("tools") {
        let is_known = name == "rate_limits"
            || names.settings.contains_key(name)
            || names.tool(name).is_some();
        if node.as_table().is_some() && !is_known {
            let key = format!("tools.{name}");
            let near = nearest(name, names.tools.iter().map(String::as_str))
                .first()
                .map(|near| (*near).to_owned());
            findings.push(
                Finding::warning(
                    &key,
                    format!("'{key}' names no tool of this version"),
                    &node.key,
                )
                .suggest(near),
            );
        }
    }
}

/// Entries of `allow` and `deny` that match no tool of this version.
fn admitted(tree: &Tree, names: &Names, findings: &mut Vec<Finding>) {
    for key in ["tools.allow", "tools.deny"] {
        for (entry, node) in texts(tree, key) {
            let synonyms = names.synonyms.keys();
            let mut all = names.tools.iter().chain(synonyms);
            if !all.any(|name| tool::names::<&str>(entry, name, &[])) {
                let near = nearest(entry, names.tools.iter().map(String::as_str));
                let near = near.first().map(|near| (*near).to_owned());
                let message = format!("'{key}' has '{entry}', which names no tool of this version");
                findings.push(Finding::warning(key, message, &node.origin).suggest(near));
            }
        }
    }
}

/// Rates and circuit breakers of tools, whose tables the schema has checked already.
fn tool_settings(tree: &Tree, findings: &mut Vec<Finding>) {
    for (name, node) in tree.members("tools") {
        if let Some(rate) = node.get("rate_limit") {
            rate_limit(&format!("tools.{name}.rate_limit"), rate, findings);
        }
        if let Some(circuit) = node.get("circuit_breaker") {
            circuit_breaker(&format!("tools.{name}.circuit_breaker"), circuit, findings);
        }
    }
}

/// Rates of services, whose tables the schema has checked already.
fn service_rates(tree: &Tree, findings: &mut Vec<Finding>) {
    for (name, node) in tree.members("tools.rate_limits") {
        rate_limit(&format!("tools.rate_limits.{name}"), node, findings);
    }
}

fn rate_limit(key: &str, node: &Tree, findings: &mut Vec<Finding>) {
    table(key, node, Rate::check, findings);
}

fn circuit_breaker(key: &str, node: &Tree, findings: &mut Vec<Finding>) {
    table(key, node, Circuit::check, findings);
}

/// Checks a table of one kind that may stand at several places.
fn table<T: DeserializeOwned>(
    key: &str,
    node: &Tree,
    check: impl Fn(&T) -> Result<()>,
    findings: &mut Vec<Finding>,
) {
    let read = node.to_json().map(serde_json::from_value::<T>);
    let wrong = match read {
        None => return,
        Some(Ok(table)) => check(&table).err().map(|error| error.message().to_owned()),
        Some(Err(cause)) => Some(cause.to_string()),
    };
    if let Some(wrong) = wrong {
        let message = format!("'{key}': {wrong}");
        findings.push(Finding::error(key, message, &node.origin));
    }
}

fn network(tree: &Tree, config: &Config, findings: &mut Vec<Finding>) {
    if config.security.allow_network_access {
        return;
    }
    for (name, instance) in &config.providers.instances {
        let local = instance.base_url.as_deref().is_some_and(is_loopback);
        let offline = matches!(
            instance.provider_type.as_deref().unwrap_or(name),
            "mock" | "ollama" | "local"
        );
        let disabled = instance.enabled == Some(false);
        if !(local || disabled || offline && instance.base_url.is_none()) {
            let key = format!("providers.{name}");
            let message =
                format!("provider '{name}' is remote and 'security.allow_network_access' is false");
            if let Some(node) = tree.get(&key) {
                findings.push(Finding::warning(&key, message, &node.key));
            }
        }
    }
}

/// Returns the texts of a list, with their places.
fn texts<'a>(tree: &'a Tree, key: &str) -> Vec<(&'a str, &'a Tree)> {
    let Some(Item::List(items)) = tree.get(key).map(|node| &node.item) else {
        return Vec::new();
    };
    let text = |node: &'a Tree| match &node.item {
        Item::Text(text) => Some((text.as_str(), node)),
        _ => None,
    };
    items.iter().filter_map(text).collect()
}

/// Roots that are missing, or that are everything.
fn roots(tree: &Tree, config: &Config, findings: &mut Vec<Finding>) {
    for key in ["security.files.roots", "security.files.read_only_roots"] {
        for (root, node) in texts(tree, key) {
            let path = std::path::Path::new(root);
            if path == std::path::Path::new("/") && config.security.level != Level::Privileged {
                let message =
                    format!("'{key}' names '/', which needs `security.level = \"privileged\"`");
                findings.push(Finding::error(key, message, &node.origin));
            } else if path.is_absolute() && !path.exists() && !path.starts_with(super::run_tmp()) {
                let message = format!("'{key}' names '{root}', which does not exist");
                findings.push(Finding::warning(key, message, &node.origin));
            }
        }
    }
}

/// Entries of lists of hosts that are none.
fn hosts(tree: &Tree, findings: &mut Vec<Finding>) {
    for list in ["allow_hosts", "deny_hosts", "only_hosts", "insecure_hosts"] {
        let key = format!("security.network.{list}");
        for (host, node) in texts(tree, &key) {
            if let Err(error) = NetworkRules::check_host(host) {
                let message = format!("'{key}': {}", error.message());
                findings.push(Finding::error(&key, message, &node.origin));
            }
        }
    }
}

/// Patterns of events that are none.
fn events(tree: &Tree, findings: &mut Vec<Finding>) {
    let key = "events.persist";
    for (pattern, node) in texts(tree, key) {
        if let Err(error) = Pattern::new(pattern) {
            let message = format!("'{key}': {}", error.message());
            findings.push(Finding::error(key, message, &node.origin));
        }
    }
}

/// Programs that can do anything.
const INTERPRETERS: &[&str] = &[
    "sh", "bash", "dash", "zsh", "fish", "ksh", "csh", "env", "xargs", "python", "python3", "perl",
    "ruby", "node", "lua", "php", "sudo", "su",
];

fn programs(tree: &Tree, findings: &mut Vec<Finding>) {
    let key = "security.process.allow";
    for (program, node) in texts(tree, key) {
        let path = std::path::Path::new(program);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if INTERPRETERS.contains(&name.as_ref()) {
            let message = format!("'{key}' names '{program}', which can run any other program");
            findings.push(Finding::warning(key, message, &node.origin));
        } else if path.is_absolute() && !path.exists() {
            let message = format!("'{key}' names '{program}', which does not exist");
            findings.push(Finding::warning(key, message, &node.origin));
        }
    }
}

/// Returns whether a URL leads to this machine.
pub fn is_loopback(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    let host = match host.strip_prefix('[') {
        Some(inside) => inside.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

fn backends(tree: &Tree, config: &Config, findings: &mut Vec<Finding>) {
    use super::sessions::Backend;
    let chosen = [
        ("sessions.storage_backend", config.sessions.storage_backend),
        ("state.backend", config.state.backend),
    ];
    for (key, backend) in chosen {
        if let (Backend::Sled | Backend::RocksDb, Some(node)) = (backend, tree.get(key)) {
            let message = format!(
                "'{key}' is '{}', which is not built into this version (sqlite, memory)",
                backend.name()
            );
            findings.push(Finding::error(key, message, &node.origin));
        }
    }
}

fn telemetry(tree: &Tree, config: &Config, findings: &mut Vec<Finding>) {
    let key = "telemetry.otlp_endpoint";
    let (Some(endpoint), Some(node)) = (&config.telemetry.otlp_endpoint, tree.get(key)) else {
        return;
    };
    if let Err(error) = check_endpoint(endpoint) {
        let message = format!("'{key}': {}", error.message());
        findings.push(Finding::error(key, message, &node.origin));
    } else if !config.security.network() && !is_loopback(endpoint) {
        let message = format!(
            "'{key}' names another machine, and `security` allows no access to the network"
        );
        findings.push(Finding::error(key, message, &node.origin));
    }
}

/// Keys in clear text, and files with secrets that everybody can read.
fn secrets(tree: &Tree, findings: &mut Vec<Finding>) {
    let mut readable: Vec<std::path::PathBuf> = Vec::new();
    tree.leaves(&mut |path, node| {
        let name = path.rsplit('.').next().unwrap_or_default();
        let (Item::Text(text), Origin::File(source, _)) = (&node.item, &node.origin) else {
            return;
        };
        if !is_secret(name) || text.is_empty() || written(node).contains('$') {
            return;
        }
        let message =
            format!("'{path}' stands in clear text; write \"${{VARIABLE}}\" and set the variable");
        findings.push(Finding::warning(path, message, &node.key));
        if !readable.contains(&source.path) && is_world_readable(&source.path) {
            readable.push(source.path.clone());
            let message = format!(
                "{} holds secrets and every user can read it (chmod 600)",
                source.shown
            );
            findings.push(Finding::warning(path, message, &node.key));
        }
    });
}

/// Returns the line on which a value stands, from its first character on.
fn written(node: &Tree) -> &str {
    match &node.origin {
        Origin::File(source, at) => source
            .text
            .get(*at..)
            .unwrap_or_default()
            .lines()
            .next()
            .unwrap_or_default(),
        _ => "",
    }
}

#[cfg(unix)]
fn is_world_readable(path: &std::path::Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o004 != 0)
}

#[cfg(not(unix))]
fn is_world_readable(_: &std::path::Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tree::from_text;

    fn findings(text: &str) -> Vec<String> {
        let names = Names {
            providers: ["openai", "anthropic", "mock", "openai_compatible"]
                .map(str::to_owned)
                .to_vec(),
            tools: ["calculator", "json_processor"].map(str::to_owned).to_vec(),
            ..Names::default()
        };
        let tree = from_text(text);
        let config: Config = serde_json::from_value(tree.to_json().unwrap()).unwrap();
        rules(&tree, &config, &names)
            .iter()
            .map(|finding| format!("{}: {}", finding.origin.as_ref().unwrap(), finding.text()))
            .collect()
    }

    #[test]
    fn what_the_sandbox_would_not_accept_is_found() {
        let text = "[security.files]\nroots = ['/', '/no/such/place']\n[security.network]\nallow_hosts = ['a b', '*.x']\n\
            [security.process]\nallow = ['git', '/bin/bash', '/no/such/program']";
        assert_eq!(
            findings(text),
            [
                "llmspell.toml:2: 'security.files.roots' names '/', which needs `security.level = \"privileged\"`",
                "llmspell.toml:2: 'security.files.roots' names '/no/such/place', which does not exist",
                "llmspell.toml:4: 'security.network.allow_hosts': 'a b' is no host",
                "llmspell.toml:6: 'security.process.allow' names '/bin/bash', which can run any other program",
                "llmspell.toml:6: 'security.process.allow' names '/no/such/program', which does not exist",
            ]
        );
    }

    #[test]
    fn patterns_of_events_are_checked() {
        assert_eq!(
            findings("[events]\npersist = ['tool.*',\n'a.[']"),
            [
                "llmspell.toml:3: 'events.persist': the event pattern 'a.[' has a '[' that is not closed in its segment"
            ]
        );
    }

    #[test]
    fn entries_that_match_no_tool_are_found() {
        assert_eq!(
            findings("[tools]\nallow = ['JSON-*', '*']\ndeny = ['Calculator', 'calculater']"),
            [
                "llmspell.toml:3: 'tools.deny' has 'calculater', which names no tool of this version (did you mean 'calculator'?)"
            ]
        );
    }

    #[test]
    fn defaults_must_name_providers_that_exist() {
        assert_eq!(
            findings(
                "[providers]\ndefault_provider = 'openai'\ndefault_model = 'mine/x'\n[providers.mine]\ntype = 'mock'"
            ),
            [""; 0]
        );
        assert_eq!(
            findings("[providers]\ndefault_provider = 'opnai'\ndefault_model = 'mistrall/x'"),
            [
                "llmspell.toml:2: 'providers.default_provider' names the provider 'opnai', which is not configured (did you mean 'openai'?)",
                "llmspell.toml:3: 'providers.default_model' names the provider 'mistrall', which is not configured",
            ]
        );
        assert_eq!(
            findings("[providers.work]\ntype = 'open_ai'"),
            [
                "llmspell.toml:2: 'providers.work.type' is 'open_ai', which is no type of provider (did you mean 'openai'?)"
            ]
        );
    }

    #[test]
    fn tables_of_tools_must_name_tools() {
        assert_eq!(
            findings("[tools.calculator]\nenabled = false\n[tools.JSON-Processor]\nx = 1"),
            [""; 0]
        );
        assert_eq!(
            findings("[tools.calculater]\nenabled = false"),
            [
                "llmspell.toml:1: 'tools.calculater' names no tool of this version (did you mean 'calculator'?)"
            ]
        );
    }

    #[test]
    fn remote_providers_contradict_a_closed_network() {
        assert_eq!(
            findings(
                "[security]\nallow_network_access = false\n[providers.openai]\nmodel = 'x'\n[providers.near]\ntype = 'openai_compatible'\nbase_url = 'http://127.0.0.1:80/v1'"
            ),
            [
                "llmspell.toml:3: provider 'openai' is remote and 'security.allow_network_access' is false"
            ]
        );
    }

    #[test]
    fn loopback() {
        for url in [
            "http://localhost:80",
            "http://127.0.0.1/x",
            "http://[::1]:1/",
            "http://127.9.9.9",
        ] {
            assert!(is_loopback(url), "{url}");
        }
        for url in [
            "http://example.org",
            "http://localhost.example.org",
            "http://10.0.0.1",
            "http://127.0.0.1@evil.org",
        ] {
            assert!(!is_loopback(url), "{url}");
        }
    }

    #[test]
    fn keys_in_clear_text_are_noticed() {
        assert_eq!(
            findings("[providers.openai]\napi_key = 'sk-123'"),
            [
                "llmspell.toml:2: 'providers.openai.api_key' stands in clear text; write \"${VARIABLE}\" and set the variable"
            ]
        );
        assert_eq!(
            findings("[providers.openai]\napi_key = '${OPENAI_API_KEY}'\nmax_tokens = 5"),
            [""; 0]
        );
    }

    #[test]
    fn a_backend_that_is_not_built_in_is_an_error() {
        assert!(
            findings("[sessions]\nstorage_backend = 'sled'")[0]
                .contains("not built into this version")
        );
    }
}
