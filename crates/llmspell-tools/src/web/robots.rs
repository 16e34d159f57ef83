//! `robots.txt`: what a site asks of those who read it by machine (RFC 9309).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::lock::Mutex as AsyncMutex;
use llmspell_core::{Cx, Error, Result, error};
use url::Url;

use super::answer::Answer;
use super::charset;
use super::request::HttpOptions;

/// The product name that rules can speak of.
const PRODUCT: &str = "llmspell";

/// How much is read, in bytes; RFC 9309 asks for at least 500 KiB.
const MAX_BYTES: u64 = 512 << 10;

/// Longest pattern of a rule, in bytes; longer ones are passed over.
const MAX_PATTERN: usize = 2048;

const LIMIT: Duration = Duration::from_secs(10);

/// What a site asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Robots {
    groups: Vec<Group>,
    /// Addresses of sitemaps, as they are written.
    pub(super) sitemaps: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Group {
    agents: Vec<String>,
    rules: Vec<Rule>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    allows: bool,
    pattern: String,
}

impl Robots {
    /// Reads the text. What is not understood is passed over.
    pub(super) fn parse(text: &str) -> Self {
        let mut robots = Self::default();
        let mut in_agents = false;
        for line in text.trim_start_matches('\u{FEFF}').lines() {
            let line = line.split('#').next().unwrap_or_default();
            let Some((name, value)) = line.split_once(':') else {
                continue;
            };
            let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
            let is_agent = name == "user-agent";
            if is_agent && !in_agents {
                robots.groups.push(Group::default());
            }
            match (name.as_str(), robots.groups.last_mut()) {
                ("user-agent", Some(group)) => group.agents.push(value.to_ascii_lowercase()),
                ("allow" | "disallow", Some(group)) => group.add(name == "allow", value),
                ("sitemap", _) if !value.is_empty() => robots.sitemaps.push(value.to_owned()),
                _ => {}
            }
            // A line about something else does not end the list of agents.
            if matches!(name.as_str(), "user-agent" | "allow" | "disallow") {
                in_agents = is_agent;
            }
        }
        robots
    }

    /// Returns whether a product may read a URL. The longest rule that fits decides; allowing wins a draw.
    pub(super) fn allows(&self, product: &str, url: &Url) -> bool {
        let path = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        if path == "/robots.txt" {
            return true;
        }
        let product = product.to_ascii_lowercase();
        let of = |agent: &str| {
            let agent = agent.to_owned();
            let groups = self
                .groups
                .iter()
                .filter(move |group| group.agents.contains(&agent));
            groups.collect::<Vec<_>>()
        };
        let mut groups = of(&product);
        if groups.is_empty() {
            groups = of("*");
        }
        let rules = groups.into_iter().flat_map(|group| &group.rules);
        let path = normal(&path);
        let fitting = rules.filter(|rule| fits(&rule.pattern, &path));
        let longest = fitting.max_by_key(|rule| (rule.pattern.len(), rule.allows));
        longest.is_none_or(|rule| rule.allows)
    }
}

impl Group {
    fn add(&mut self, allows: bool, pattern: &str) {
        // An empty rule says nothing.
        if !pattern.is_empty() && pattern.len() <= MAX_PATTERN {
            self.rules.push(Rule {
                allows,
                pattern: normal(pattern),
            });
        }
    }
}

/// Writes a path so that the same path is always the same text: plain letters as they are, everything else as percent
/// signs with capitals.
fn normal(path: &str) -> String {
    let mut normal = String::with_capacity(path.len());
    let bytes = path.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let code = bytes
            .get(at + 1..at + 3)
            .and_then(|code| str::from_utf8(code).ok());
        let code = code.and_then(|code| u8::from_str_radix(code, 16).ok());
        match (byte, code) {
            (b'%', Some(code)) => {
                let plain = code.is_ascii_alphanumeric() || b"-._~".contains(&code);
                match plain {
                    true => normal.push(char::from(code)),
                    false => normal += &format!("%{code:02X}"),
                }
                at += 3;
                continue;
            }
            _ if byte.is_ascii_graphic() => normal.push(char::from(byte)),
            _ => normal += &format!("%{byte:02X}"),
        }
        at += 1;
    }
    normal
}

/// Returns whether a pattern fits the beginning of a path: `*` stands for anything, a `$` at the end for the end.
fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, to_end) = match pattern.strip_suffix('$') {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = path.strip_prefix(first) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    // The last part must stand at the end, the others wherever they come first.
    let last = if to_end { parts.pop() } else { None };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    match (to_end, last) {
        (false, _) => true,
        (true, Some(last)) => rest.ends_with(last),
        (true, None) => rest.is_empty(),
    }
}

/// What the sites that this run has visited ask for.
#[derive(Default)]
struct Known(Mutex<HashMap<String, Slot>>);

type Slot = Arc<AsyncMutex<Option<Arc<Robots>>>>;

/// Returns what the site of a URL asks for. It is asked once in a run.
///
/// A site without `robots.txt` (4xx) asks for nothing.
///
/// - Errors: `Denied` if the site fails to say (5xx); what keeps it from being reached.
pub(super) async fn of(cx: &Cx, url: &Url, agent: Option<&str>) -> Result<Arc<Robots>> {
    let mut address = url.clone();
    address.set_path("/robots.txt");
    address.set_query(None);
    address.set_fragment(None);
    let known = cx.kept::<Known>();
    let slot = {
        let mut known = known.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(address.to_string()).or_default().clone()
    };
    let mut slot = slot.lock().await;
    if let Some(robots) = &*slot {
        return Ok(robots.clone());
    }
    let robots = Arc::new(fetch(cx, &address, agent).await?);
    *slot = Some(robots.clone());
    Ok(robots)
}

async fn fetch(cx: &Cx, address: &Url, agent: Option<&str>) -> Result<Robots> {
    let http = HttpOptions::default();
    let mut request = http
        .request(cx, "GET", address.as_str(), LIMIT)?
        .max_bytes(MAX_BYTES);
    request.timeout = request.timeout.min(LIMIT);
    request.retry = None;
    if let Some(agent) = agent {
        request = request.header("user-agent", agent);
    }
    let answer: Answer = http.answer(cx, request).await?;
    if answer.status >= 500 {
        let host = address.host_str().unwrap_or_default();
        let message = format!(
            "robots.txt of '{host}' answers {}, so reading its pages is not permitted",
            answer.status
        );
        return Err(error!(Denied, "{message}")
            .hint("`respect_robots = false` reads the page all the same"));
    }
    if !answer.is_ok() {
        return Ok(Robots::default());
    }
    let (text, _) = charset::decode(&answer.body, answer.header("content-type"));
    Ok(Robots::parse(&text))
}

/// Checks that the site of a URL lets it be read.
///
/// - Errors: `Denied` naming `robots.txt`; those of [`of`].
pub(super) async fn check(cx: &Cx, url: &Url, agent: Option<&str>) -> Result<()> {
    let robots = of(cx, url, agent).await?;
    match robots.allows(product(agent), url) {
        true => Ok(()),
        false => Err(refusal(url)),
    }
}

fn refusal(url: &Url) -> Error {
    let (path, host) = (url.path(), url.host_str().unwrap_or_default());
    error!(
        Denied,
        "reading '{path}' is not permitted by robots.txt of '{host}'"
    )
    .hint("`respect_robots = false` reads the page all the same")
}

/// Returns the product name of a `User-Agent`: `Name/1.0 (more)` is `Name`.
fn product(agent: Option<&str>) -> &str {
    let product = agent.map(|agent| agent.split(['/', ' ', ';', '(']).next().unwrap_or_default());
    product
        .filter(|product| !product.is_empty())
        .unwrap_or(PRODUCT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(text: &str, product: &str, path: &str) -> bool {
        let url = Url::parse("https://a.example").unwrap().join(path).unwrap();
        Robots::parse(text).allows(product, &url)
    }

    #[test]
    fn the_longest_rule_decides() {
        let text = "User-agent: *\nDisallow: /p\nAllow: /p/open\nDisallow: /p/open/not$\nAllow: /same\nDisallow: /same";
        for (path, allowed) in [
            ("/", true),
            ("/p", false),
            ("/page", false),
            ("/p/open", true),
            ("/p/open/x", true),
            ("/p/open/not", false),
            ("/p/open/not/x", true),
            ("/same", true),
        ] {
            assert_eq!(allows(text, "llmspell", path), allowed, "{path}");
        }
    }

    #[test]
    fn the_own_group_wins_over_the_general_one() {
        let text = "\u{FEFF}user-agent: other\nUSER-AGENT: LLMspell # us\ncrawl-delay: 5\nDisallow: /mine\n\n\
            User-agent: *\nDisallow: /\nUser-agent: llmspell\nDisallow: /too";
        assert!(!allows(text, "llmspell", "/mine"));
        assert!(!allows(text, "llmspell", "/too"));
        assert!(allows(text, "llmspell", "/x"));
        assert!(!allows(text, "other", "/mine"));
        assert!(!allows(text, "nobody", "/x"));
        assert!(allows(text, "nobody", "/robots.txt"));
    }

    #[test]
    fn stars_ends_and_percent_signs() {
        for (pattern, path, fitting) in [
            ("/*.pdf$", "/a/b.pdf", true),
            ("/*.pdf$", "/a/b.pdf?x", false),
            ("/*.pdf", "/a/b.pdfx", true),
            ("/a*b*c", "/a1b2c3", true),
            ("/a*b*c", "/acb", false),
            ("/*?q=", "/x?q=1", true),
            ("/$", "/", true),
            ("/$", "/x", false),
            ("/%7Ejoe/", "/~joe/index", true),
            ("/caf%c3%a9", "/café", true),
            ("/café", "/caf%C3%A9", true),
            ("/a%2Fb", "/a/b", false),
            ("*", "/x", true),
            ("/x*", "/x", true),
        ] {
            assert_eq!(
                fits(&normal(pattern), &normal(path)),
                fitting,
                "{pattern} {path}"
            );
        }
    }

    #[test]
    fn sitemaps_stand_anywhere_and_noise_is_passed_over() {
        let text = "Sitemap: https://a.example/1.xml\n<html>\nDisallow: /lost\nUser-agent: *\nSitemap: /2.xml\nDisallow:\n";
        let robots = Robots::parse(text);
        assert_eq!(robots.sitemaps, ["https://a.example/1.xml", "/2.xml"]);
        assert!(allows(text, "llmspell", "/lost"));
        assert!(allows("", "llmspell", "/x"));
    }

    #[test]
    fn many_stars_take_little_time() {
        let text = format!("User-agent: *\nDisallow: /{}$", "*a".repeat(1000));
        assert!(allows(
            &text,
            "llmspell",
            &format!("/{}b", "a".repeat(5000))
        ));
    }

    #[test]
    fn the_product_is_the_first_word() {
        assert_eq!(product(None), "llmspell");
        assert_eq!(product(Some("Reader/2.0 (+https://a.example)")), "Reader");
        assert_eq!(product(Some("")), "llmspell");
    }
}
