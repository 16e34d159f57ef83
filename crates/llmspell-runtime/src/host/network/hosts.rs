//! Lists of hosts in a policy.

use std::net::IpAddr;

use ipnet::IpNet;
use llmspell_core::{Result, error};
use url::Host;

/// One entry: `host`, `*.host`, an address or a range of addresses, each with or without `:port`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HostPattern {
    which: Which,
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Which {
    /// Any host.
    Any,
    /// The host of that name.
    Name(String),
    /// All hosts below that name, without itself.
    Below(String),
    /// The addresses of a range.
    Range(IpNet),
}

impl HostPattern {
    /// Reads an entry.
    ///
    /// - Errors: `Config` if it is none.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let none = || {
            error!(Config, "'{text}' is no host")
                .hint("write a name, `*.name`, an address or a range, each with or without `:port`")
        };
        let text = text.trim();
        if let Some(range) = range(text) {
            return Ok(Self {
                which: Which::Range(range),
                port: None,
            });
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) => (host, Some(port.parse().map_err(|_| none())?)),
            None => (text, None),
        };
        let host = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
            .unwrap_or(host);
        let which = match (range(host), host.strip_prefix("*.")) {
            (Some(range), _) => Which::Range(range),
            (None, _) if host == "*" => Which::Any,
            (None, Some(above)) => Which::Below(name(above).ok_or_else(none)?),
            (None, None) => Which::Name(name(host).ok_or_else(none)?),
        };
        Ok(Self { which, port })
    }

    /// Reads a list of entries.
    pub(super) fn list(texts: &[String]) -> Result<Vec<Self>> {
        texts.iter().map(|text| Self::parse(text)).collect()
    }

    /// Returns whether the entry names this host and port.
    pub(super) fn names(&self, host: &Host, port: u16) -> bool {
        if self.port.is_some_and(|own| own != port) {
            return false;
        }
        match (&self.which, host) {
            (Which::Any, _) => true,
            (Which::Name(own), Host::Domain(name)) => own == plain(name),
            (Which::Below(own), Host::Domain(name)) => plain(name)
                .strip_suffix(own.as_str())
                .is_some_and(|rest| rest.ends_with('.')),
            (Which::Range(range), Host::Ipv4(address)) => range.contains(&IpAddr::V4(*address)),
            (Which::Range(range), Host::Ipv6(address)) => range.contains(&IpAddr::V6(*address)),
            (Which::Name(_) | Which::Below(_) | Which::Range(_), _) => false,
        }
    }

    /// Returns whether the entry is a range that holds this address, with this port.
    pub(super) fn holds(&self, address: IpAddr, port: u16) -> bool {
        let Which::Range(range) = &self.which else {
            return false;
        };
        self.port.is_none_or(|own| own == port)
            && (range.contains(&address) || range.contains(&address.to_canonical()))
    }

    /// Returns whether the entry is an address or a range of them.
    pub(super) fn is_range(&self) -> bool {
        matches!(self.which, Which::Range(_))
    }

    /// Returns whether the entry names a port.
    pub(super) fn has_port(&self) -> bool {
        self.port.is_some()
    }
}

fn range(text: &str) -> Option<IpNet> {
    text.parse()
        .ok()
        .or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

/// Returns a name as URLs have it: in ASCII and small letters.
fn name(text: &str) -> Option<String> {
    match Host::parse(text).ok()? {
        Host::Domain(name) => Some(plain(&name).to_owned()),
        Host::Ipv4(_) | Host::Ipv6(_) => None,
    }
}

/// Leaves out the dot after which nothing comes.
fn plain(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries() {
        let names = |entry: &str, host: &str, port| {
            HostPattern::parse(entry)
                .unwrap()
                .names(&Host::parse(host).unwrap(), port)
        };
        assert!(names("a.example", "A.EXAMPLE.", 80));
        assert!(!names("a.example", "b.a.example", 80));
        assert!(names("*.example", "b.a.example", 80));
        assert!(!names("*.example", "example", 80));
        assert!(!names("*.example", "anexample", 80));
        assert!(names("a.example:81", "a.example", 81));
        assert!(!names("a.example:81", "a.example", 80));
        assert!(names("127.0.0.1:8099", "0x7f.1", 8099));
        assert!(names("10.0.0.0/8", "10.2.3.4", 1));
        assert!(names("[::1]:80", "[::1]", 80));
        assert!(names("fd00::/8", "[fd00::5]", 80));
        assert!(names("*", "anything", 80));
        for entry in ["", "a b", "a:b", "*.", "10.0.0.0/99"] {
            assert!(HostPattern::parse(entry).is_err(), "{entry}");
        }
        let range = HostPattern::parse("10.0.0.0/8").unwrap();
        assert!(range.holds("::ffff:10.0.0.1".parse().unwrap(), 1));
        assert!(!range.holds("11.0.0.1".parse().unwrap(), 1));
    }
}
