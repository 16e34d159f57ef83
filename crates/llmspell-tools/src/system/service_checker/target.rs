//! What is looked at.

use std::fmt;
use std::net::Ipv6Addr;

use llmspell_core::{Error, Result};

use crate::param::{missing, refused};

/// A host, a port and, for HTTP, a URL.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) host: String,
    pub(super) port: Option<u16>,
    pub(super) url: Option<String>,
}

impl Target {
    /// Reads a target, and tells what to look at unless that is `given`.
    ///
    /// - Errors: `InvalidArgs` for what is no target, and for a port that is missing.
    pub(super) fn read(
        text: &str,
        port: Option<u16>,
        given: Option<&'static str>,
    ) -> Result<(Self, &'static str)> {
        let text = text.trim();
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (Some(scheme.to_ascii_lowercase()), rest),
            None => (None, text),
        };
        let spoken = match scheme.as_deref() {
            None => None,
            Some("http") => Some("http"),
            Some("https") => Some("https"),
            Some("tcp") => Some("tcp"),
            Some("tls") => Some("tls"),
            Some("dns") => Some("dns"),
            Some(other) => {
                return Err(malformed(
                    text,
                    &format!("the scheme '{other}' is not known"),
                ));
            }
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if authority.contains('@') {
            return Err(malformed(
                text,
                "a user or password does not belong into it",
            ));
        }
        if spoken.is_none() && !path.is_empty() && !matches!(given, Some("http" | "https")) {
            return Err(malformed(text, "a path needs a scheme such as https://"));
        }
        let (host, own_port) =
            divide(authority).ok_or_else(|| malformed(text, "it is no host and port"))?;
        if let (Some(own), Some(port)) = (own_port, port)
            && own != port
        {
            return Err(refused("port", format!("'{text}' and port {port} differ")));
        }
        let port = own_port.or(port);
        let check_type = given.or(spoken).unwrap_or(match port {
            Some(_) => "tcp",
            None => "dns",
        });
        let port = port.or(match check_type {
            "http" => Some(80),
            "https" | "tls" => Some(443),
            _ => None,
        });
        if check_type == "tcp" && port.is_none() {
            return Err(missing("service_checker", "check", "port"));
        }
        let bracketed = match host.contains(':') {
            true => format!("[{host}]"),
            false => host.clone(),
        };
        let url = matches!(check_type, "http" | "https").then(|| {
            let port = port.map(|port| format!(":{port}")).unwrap_or_default();
            let path = if path.is_empty() { "/" } else { path };
            format!("{check_type}://{bracketed}{port}{path}")
        });
        Ok((Self { host, port, url }, check_type))
    }
}

/// Divides `host:port`.
fn divide(authority: &str) -> Option<(String, Option<u16>)> {
    let number = |text: &str| text.parse::<u16>().ok().filter(|port| *port > 0);
    if let Some(rest) = authority.strip_prefix('[') {
        let (address, after) = rest.split_once(']')?;
        address.parse::<Ipv6Addr>().ok()?;
        let port = match after {
            "" => None,
            after => Some(number(after.strip_prefix(':')?)?),
        };
        return Some((address.to_owned(), port));
    }
    if authority.parse::<Ipv6Addr>().is_ok() {
        return Some((authority.to_owned(), None));
    }
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(number(port)?)),
        None => (authority, None),
    };
    let fits = |letter: char| letter.is_alphanumeric() || matches!(letter, '.' | '-' | '_');
    let is_name = !host.is_empty() && host.len() <= 253 && host.chars().all(fits);
    is_name.then(|| (host.to_owned(), port))
}

fn malformed(text: &str, why: &str) -> Error {
    refused("target", format!("'{text}' is no target: {why}"))
        .hint("write host:port, [address]:port, a URL, or a name for dns")
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.url, self.port) {
            (Some(url), _) => f.write_str(url),
            (None, Some(port)) if self.host.contains(':') => write!(f, "[{}]:{port}", self.host),
            (None, Some(port)) => write!(f, "{}:{port}", self.host),
            (None, None) => f.write_str(&self.host),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets() {
        for (text, port, given, shown, check_type) in [
            ("a.org:80", None, None, "a.org:80", "tcp"),
            ("[::1]:22", None, None, "[::1]:22", "tcp"),
            ("::1", Some(22), None, "[::1]:22", "tcp"),
            ("a.org", Some(5432), None, "a.org:5432", "tcp"),
            ("a.org", None, None, "a.org", "dns"),
            ("a.org", None, Some("https"), "https://a.org:443/", "https"),
            (
                "http://a.org/x?y#z",
                None,
                None,
                "http://a.org:80/x?y#z",
                "http",
            ),
            (
                "HTTPS://a.org:8443",
                None,
                None,
                "https://a.org:8443/",
                "https",
            ),
            ("http://[::1]:81/", None, None, "http://[::1]:81/", "http"),
            ("a.org", None, Some("tls"), "a.org:443", "tls"),
            ("tcp://a.org:25", None, None, "a.org:25", "tcp"),
            ("a.org:25", Some(25), Some("tls"), "a.org:25", "tls"),
            ("a.org/up", None, Some("http"), "http://a.org:80/up", "http"),
        ] {
            let (target, found) = Target::read(text, port, given).unwrap();
            assert_eq!((&*target.to_string(), found), (shown, check_type), "{text}");
        }
        for text in [
            "a.org:99999",
            "a.org:0",
            "a.org:",
            "a.org:x",
            ":80",
            "",
            "a b:80",
            "[::1",
            "[x]:80",
            "ftp://a.org",
            "http://u:p@a.org",
            "a.org/x",
            "http://",
            "a:b:c",
            "a\r\nb:80",
        ] {
            assert!(Target::read(text, None, None).is_err(), "{text}");
        }
        assert!(Target::read("a.org", None, Some("tcp")).is_err());
        assert!(Target::read("a.org:80", Some(81), None).is_err());
    }
}
