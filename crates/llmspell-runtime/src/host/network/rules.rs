//! `[security.network]`, and what it refuses.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use llmspell_core::host::Rate;
use llmspell_core::{Error, Kind, Result, error};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::address::is_public;
use super::hosts::HostPattern;

/// Ports of other protocols, which HTTP requests could be made to talk to.
const DENY_PORTS: &[u16] = &[
    22, 23, 25, 110, 135, 139, 445, 1433, 3306, 3389, 5432, 5900, 6379, 11211, 27017,
];

/// Hosts that tell a machine its credentials and are not always link-local.
const METADATA: &[&str] = &["metadata.google.internal", "metadata"];

/// Which hosts spells and tools reach, and how much they may answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct NetworkRules {
    /// Hosts that may be reached whatever addresses they have: `host`, `*.host`, `host:port`, an address or a range.
    pub allow_hosts: Vec<String>,
    /// Hosts that may not be reached; wins over everything.
    pub deny_hosts: Vec<String>,
    /// When not empty, no other host may be reached.
    pub only_hosts: Vec<String>,
    /// Ports that HTTP requests may not use.
    pub deny_ports: Vec<u16>,
    /// Longest time for resolving a name and opening a connection.
    pub connect_timeout_ms: u64,
    /// Largest answer, after decompression.
    #[schemars(range(min = 1))]
    pub max_response_bytes: u64,
    /// Most redirects that one request follows (count).
    pub max_redirects: u32,
    /// Further certificates that are trusted, a file in PEM.
    #[schemars(extend("x-unit" = "path"))]
    pub ca_file: Option<PathBuf>,
    /// Hosts whose certificates are not checked.
    pub insecure_hosts: Vec<String>,
    /// The proxy for all requests; default: as the variables `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` say. An empty
    /// text means none.
    pub proxy: Option<String>,
    /// How often requests may go to a host; `*` is every host that is not named. Default: 10 in a second.
    pub rate_limits: BTreeMap<String, Rate>,
}

impl Default for NetworkRules {
    /// All public hosts.
    fn default() -> Self {
        Self {
            allow_hosts: Vec::new(),
            deny_hosts: Vec::new(),
            only_hosts: Vec::new(),
            deny_ports: DENY_PORTS.to_vec(),
            connect_timeout_ms: 10_000,
            max_response_bytes: 10 << 20,
            max_redirects: 5,
            ca_file: None,
            insecure_hosts: Vec::new(),
            proxy: None,
            rate_limits: BTreeMap::new(),
        }
    }
}

impl NetworkRules {
    /// Checks an entry of a list of hosts.
    ///
    /// - Errors: `Config` if it is none.
    pub fn check_host(entry: &str) -> Result<()> {
        HostPattern::parse(entry).map(drop)
    }
}

/// The rules, read.
#[derive(Debug)]
pub(super) struct Policy {
    pub(super) rules: NetworkRules,
    allow: Vec<HostPattern>,
    deny: Vec<HostPattern>,
    only: Vec<HostPattern>,
    insecure: Vec<HostPattern>,
}

/// What a call asks to be spared.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Exempt {
    /// The port is not checked.
    pub(super) port: bool,
    /// Addresses are not checked.
    pub(super) addresses: bool,
    /// This machine may be reached.
    pub(super) loopback: bool,
}

impl Policy {
    pub(super) fn new(rules: NetworkRules) -> Result<Self> {
        Ok(Self {
            allow: HostPattern::list(&rules.allow_hosts)?,
            deny: HostPattern::list(&rules.deny_hosts)?,
            only: HostPattern::list(&rules.only_hosts)?,
            insecure: HostPattern::list(&rules.insecure_hosts)?,
            rules,
        })
    }

    /// Checks a URL's form and returns its host and port.
    pub(super) fn check_url(&self, url: &Url) -> Result<(Host, u16)> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(
                refused(format!("the scheme '{}' is not permitted", url.scheme()))
                    .hint("write a URL with http or https"),
            );
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(
                refused("a user or password in the URL is not permitted".into())
                    .hint("give it as `auth`"),
            );
        }
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return Err(Error::new(Kind::InvalidArgs, "the URL has no host"));
        };
        Ok((host.to_owned(), port))
    }

    /// Checks a host and its port, before anything is resolved.
    pub(super) fn check_host(&self, host: &Host, port: u16, exempt: Exempt) -> Result<()> {
        let named = |list: &[HostPattern]| list.iter().any(|entry| entry.names(host, port));
        if named(&self.deny) {
            return Err(refused(format!("host '{host}' is not permitted"))
                .hint("it stands in `security.network.deny_hosts`"));
        }
        // Whether a name meets a range of the list is known when it is resolved.
        let is_name = matches!(host, Host::Domain(_));
        let later = is_name && self.only.iter().any(HostPattern::is_range);
        if !self.only.is_empty() && !named(&self.only) && !later {
            return Err(refused(format!("host '{host}' is not permitted"))
                .hint("only those of `security.network.only_hosts` are"));
        }
        let port_named = || {
            let allowed = self.allow.iter();
            let mut with_port = allowed.filter(|entry| entry.has_port());
            with_port.any(|entry| entry.names(host, port))
        };
        if !exempt.port && self.rules.deny_ports.contains(&port) && !port_named() {
            return Err(refused(format!("port {port} is not permitted")).hint(format!(
                "it stands in `security.network.deny_ports`; '{host}:{port}' in `allow_hosts` permits it"
            )));
        }
        let metadata = match host {
            Host::Domain(name) => METADATA.contains(&name.trim_end_matches('.')),
            Host::Ipv4(_) | Host::Ipv6(_) => false,
        };
        if metadata && !exempt.addresses && !named(&self.allow) {
            return Err(private(host));
        }
        Ok(())
    }

    /// Checks every address of a host.
    pub(super) fn check_addresses(
        &self,
        host: &Host,
        addresses: &[SocketAddr],
        exempt: Exempt,
    ) -> Result<()> {
        for address in addresses {
            let (ip, port) = (address.ip(), address.port());
            let held = |list: &[HostPattern]| list.iter().any(|entry| entry.holds(ip, port));
            let named = |list: &[HostPattern]| list.iter().any(|entry| entry.names(host, port));
            if held(&self.deny) {
                return Err(refused(format!("host '{host}' is not permitted"))
                    .hint("its address stands in `security.network.deny_hosts`"));
            }
            if !self.only.is_empty() && !named(&self.only) && !held(&self.only) {
                return Err(refused(format!("host '{host}' is not permitted"))
                    .hint("only those of `security.network.only_hosts` are"));
            }
            let spared = exempt.addresses
                || exempt.loopback && is_loopback(ip)
                || named(&self.allow)
                || held(&self.allow);
            if !spared && !is_public(ip) {
                return Err(private(host));
            }
        }
        Ok(())
    }

    pub(super) fn is_insecure(&self, host: &Host, port: u16) -> bool {
        self.insecure.iter().any(|entry| entry.names(host, port))
    }
}

fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

fn refused(why: String) -> Error {
    error!(Denied, "URL validation failed: {why}")
}

/// The refusal of what is not in the public internet. The address is not told: it would show what a name means inside.
fn private(host: &Host) -> Error {
    let what = match host {
        Host::Domain(_) => "resolves to",
        Host::Ipv4(_) | Host::Ipv6(_) => "is",
    };
    refused(format!(
        "host '{host}' {what} a private address (not permitted)"
    ))
    .with("resource", host.to_string())
    .with("setting", "security.network.allow_hosts")
    .hint(format!(
        "add '{host}' to `security.network.allow_hosts` if that is meant"
    ))
}
