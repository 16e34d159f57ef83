//! The parts of a URL.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use llmspell_core::Map;
use serde::Serialize;
use url::{Host, Url};

use super::normal;

/// A URL taken apart. The password is left out everywhere.
#[derive(Serialize)]
pub(super) struct Anatomy {
    valid: bool,
    reason: Option<String>,
    original: String,
    pub(super) normalized: Option<String>,
    scheme: Option<String>,
    host: Option<String>,
    /// The port as it is written, also if it is the usual one.
    port: Option<u16>,
    effective_port: Option<u16>,
    path: Option<String>,
    segments: Vec<String>,
    query: Option<String>,
    fragment: Option<String>,
    query_params: Map,
    query_list: Vec<Pair>,
    host_details: Option<HostDetails>,
    username: Option<String>,
    has_auth: bool,
    has_password: bool,
    file_extension: Option<String>,
}

#[derive(Serialize)]
struct Pair {
    name: String,
    value: String,
}

#[derive(Serialize)]
struct HostDetails {
    #[serde(rename = "type")]
    kind: &'static str,
    value: String,
    is_ip: bool,
    is_private: bool,
    punycode: Option<String>,
    unicode: Option<String>,
    registrable_domain: Option<String>,
    subdomain: Option<String>,
    suffix: Option<String>,
}

/// Takes a text apart that may be no URL.
pub(super) fn take_apart(
    text: &str,
    parsed: Result<&Url, &url::ParseError>,
    decode: bool,
) -> Anatomy {
    let url = parsed.ok();
    let list = url.map(|url| pairs(url, decode)).unwrap_or_default();
    let params = list
        .iter()
        .map(|pair| (pair.name.clone(), pair.value.as_str().into()));
    let has_password = url.is_some_and(|url| url.password().is_some());
    Anatomy {
        valid: url.is_some(),
        reason: parsed.err().map(ToString::to_string),
        original: original(text, url),
        normalized: url.map(|url| normal::normalized(url).into()),
        scheme: url.map(|url| url.scheme().to_owned()),
        host: url.and_then(Url::host_str).map(str::to_owned),
        port: url.and_then(|url| url.port().or_else(|| written_port(url, text))),
        effective_port: url.and_then(Url::port_or_known_default),
        path: url.map(|url| url.path().to_owned()),
        segments: url.map(segments).unwrap_or_default(),
        query: url.and_then(Url::query).map(str::to_owned),
        fragment: url.and_then(Url::fragment).map(str::to_owned),
        query_params: params.collect(),
        query_list: list,
        host_details: url.and_then(Url::host).map(host_details),
        username: url
            .map(|url| url.username().to_owned())
            .filter(|name| !name.is_empty()),
        has_auth: has_password || url.is_some_and(|url| !url.username().is_empty()),
        has_password,
        file_extension: url.and_then(extension),
    }
}

fn original(text: &str, url: Option<&Url>) -> String {
    let original = without_password(text);
    match url.and_then(|url| Some((url, url.password()?))) {
        // Written so oddly that only the parser found it.
        Some((url, password)) if original.contains(password) => normal::normalized(url).into(),
        _ => original,
    }
}

/// Returns a text without what stands where a URL has its password.
pub(super) fn without_password(text: &str) -> String {
    let (start, authority) = authority(text);
    let credentials = authority
        .rsplit_once('@')
        .map(|(credentials, _)| credentials);
    match credentials.and_then(|credentials| Some((credentials.find(':')?, credentials.len()))) {
        Some((colon, at)) => format!("{}***{}", &text[..=start + colon], &text[start + at..]),
        None => text.to_owned(),
    }
}

/// Returns where the authority of a URL begins, and the authority. Browsers take any number of slashes for two.
fn authority(text: &str) -> (usize, &str) {
    let name = |letter: char| letter.is_ascii_alphanumeric() || "+-.".contains(letter);
    let after_scheme = text.trim_start().trim_start_matches(name);
    let after_scheme = after_scheme.strip_prefix(':').unwrap_or(text.trim_start());
    let rest = after_scheme.trim_start_matches(['/', '\\']);
    let end = rest.find(['/', '\\', '?', '#']).unwrap_or(rest.len());
    (text.len() - rest.len(), &rest[..end])
}

/// Returns a port that parsing drops because it is the usual one.
fn written_port(url: &Url, text: &str) -> Option<u16> {
    let (_, authority) = authority(text);
    let (_, port) = authority.rsplit_once(':')?;
    let port = port.parse().ok()?;
    (url.port_or_known_default() == Some(port)).then_some(port)
}

fn segments(url: &Url) -> Vec<String> {
    let Some(segments) = url.path_segments() else {
        return Vec::new();
    };
    segments
        .filter(|segment| !segment.is_empty())
        .map(str::to_owned)
        .collect()
}

fn pairs(url: &Url, decode: bool) -> Vec<Pair> {
    if decode {
        let pairs = url.query_pairs();
        return pairs
            .map(|(name, value)| Pair {
                name: name.into_owned(),
                value: value.into_owned(),
            })
            .collect();
    }
    let parts = url.query().unwrap_or_default().split('&');
    parts
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            Pair {
                name: name.to_owned(),
                value: value.to_owned(),
            }
        })
        .collect()
}

fn extension(url: &Url) -> Option<String> {
    let name = url.path_segments()?.next_back()?;
    let (stem, extension) = name.rsplit_once('.')?;
    let plain = extension.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let named = !stem.is_empty() && !extension.is_empty() && extension.len() <= 10;
    (plain && named).then(|| extension.to_ascii_lowercase())
}

fn host_details(host: Host<&str>) -> HostDetails {
    let address = |kind, address: IpAddr| HostDetails {
        kind,
        value: address.to_string(),
        is_ip: true,
        is_private: is_private(address),
        punycode: None,
        unicode: None,
        registrable_domain: None,
        subdomain: None,
        suffix: None,
    };
    match host {
        Host::Ipv4(v4) => address("ipv4", v4.into()),
        Host::Ipv6(v6) => address("ipv6", v6.into()),
        Host::Domain(name) => domain_details(name),
    }
}

fn domain_details(name: &str) -> HostDetails {
    let plain = name.trim_end_matches('.');
    let suffix = psl::suffix(plain.as_bytes()).filter(psl::Suffix::is_known);
    let suffix =
        suffix.and_then(|suffix| str::from_utf8(suffix.as_bytes()).ok().map(str::to_owned));
    let registrable = suffix.as_ref().and_then(|_| psl::domain_str(plain));
    let subdomain = registrable.and_then(|domain| plain.strip_suffix(domain)?.strip_suffix('.'));
    HostDetails {
        kind: "domain",
        value: name.to_owned(),
        is_ip: false,
        is_private: ["localhost", "local", "internal", "home.arpa"]
            .iter()
            .any(|zone| plain == *zone || plain.ends_with(&format!(".{zone}"))),
        punycode: Some(name.to_owned()),
        unicode: Some(idna::domain_to_unicode(name).0),
        registrable_domain: registrable.map(str::to_owned),
        subdomain: subdomain.map(str::to_owned),
        suffix,
    }
}

/// Returns whether an address is one that the public network does not lead to.
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_private_v4(v4),
        IpAddr::V6(v6) => v6
            .to_ipv4_mapped()
            .map_or_else(|| is_private_v6(v6), is_private_v4),
    }
}

fn is_private_v4(v4: Ipv4Addr) -> bool {
    let [first, second, ..] = v4.octets();
    v4.is_private()
        || v4.is_loopback()
        || v4.is_link_local()
        || v4.is_broadcast()
        || v4.is_documentation()
        || v4.is_multicast()
        || first == 0
        || first >= 240
        || (first == 100 && (64..128).contains(&second))
}

fn is_private_v6(v6: Ipv6Addr) -> bool {
    v6.is_loopback()
        || v6.is_unspecified()
        || v6.is_unique_local()
        || v6.is_unicast_link_local()
        || v6.is_multicast()
        || v6.segments()[..2] == [0x2001, 0xdb8]
}
