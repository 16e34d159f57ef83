//! Strikes secrets out of what is written.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use llmspell_core::{Error, Handle, Map, Secrets, Value};
use parking_lot::RwLock;
use regex::bytes::Regex;

/// Shortest text (bytes) that counts as a secret. Shorter ones would strike out ordinary words.
const SHORTEST: usize = 4;

/// Shortest piece of base64 text (bytes) that is taken for an encoded secret.
const SHORTEST_ENCODED: usize = 8;

/// What stands for a secret that was told by its form.
const UNNAMED: &str = "[redacted]";

/// Most forms of secrets that are known before no more are learned, and the longest secret (bytes) that is learned.
const LEARNED: usize = 10_000;
const LEARNED_BYTES: usize = 256;

/// Texts that are secrets by their form: keys of well-known services, private keys.
const FORMS: &[&str] = &[
    r"\bsk-[A-Za-z0-9_-]{20,}",
    r"\bgh[pousr]_[A-Za-z0-9]{30,}",
    r"\bgithub_pat_[A-Za-z0-9_]{30,}",
    r"\bglpat-[A-Za-z0-9_-]{20,}",
    r"\bxox[abprs]-[A-Za-z0-9-]{10,}",
    r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
    r"\bAIza[A-Za-z0-9_-]{35}",
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?s:.)*?-----END [A-Z ]*PRIVATE KEY-----",
];

/// What each of [`FORMS`] begins with. A text without any of these is not searched for them, and a process that meets
/// none never compiles them.
const SIGNS: &[&str] = &[
    "sk-",
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "xox",
    "AKIA",
    "ASIA",
    "AIza",
    "-----BEGIN ",
];

/// The secrets that must not be written, with the names that stand for them.
///
/// Any occurrence becomes `[redacted:NAME]`: the secret itself, escaped as in JSON, percent-encoded, or base64-encoded
/// at any offset, as in an `Authorization` header. Texts below 4 bytes are not taken for secrets. Keys of well-known
/// services are struck out by their form, known or not.
///
/// Clones share what they know.
#[derive(Clone, Default)]
pub struct Redact(Arc<RwLock<Known>>);

#[derive(Default)]
struct Known {
    marks: HashMap<String, String>,
    /// `None` when something was added since they were made.
    patterns: Option<Arc<Patterns>>,
}

/// What is looked for.
struct Patterns {
    /// Finds the known secrets, the longest of those that start at one place. `None` if there are too many.
    known: Option<AhoCorasick>,
    /// What stands for each of them.
    marks: Vec<String>,
}

impl Secrets for Redact {
    fn add(&self, name: &str, secret: &str) {
        let mut known = self.0.write();
        for form in forms(secret) {
            if let Entry::Vacant(place) = known.marks.entry(form) {
                place.insert(format!("[redacted:{name}]"));
                known.patterns = None;
            }
        }
    }

    fn strike<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.text(text)
    }
}

impl Redact {
    /// Prepares to strike out these secrets, given as names and values.
    pub fn new<N: AsRef<str>, S: AsRef<str>>(secrets: impl IntoIterator<Item = (N, S)>) -> Self {
        let redact = Self::default();
        for (name, secret) in secrets {
            redact.add(name.as_ref(), secret.as_ref());
        }
        redact
    }

    fn patterns(&self) -> Arc<Patterns> {
        if let Some(patterns) = &self.0.read().patterns {
            return patterns.clone();
        }
        let mut known = self.0.write();
        let Known { marks, patterns } = &mut *known;
        patterns
            .get_or_insert_with(|| Arc::new(Patterns::new(marks)))
            .clone()
    }

    /// Returns the text without secrets. One that was told by its form is known from then on, in every disguise.
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.bytes(text.as_bytes()) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            // Both what was found and what stands for it are texts.
            Cow::Owned(clean) => Cow::Owned(String::from_utf8_lossy(&clean).into_owned()),
        }
    }

    /// Returns the bytes without secrets, as [`text`](Self::text) does.
    pub fn bytes<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let patterns = self.patterns();
        let mut search = patterns.search(bytes);
        let Some(mut found) = search.next() else {
            return Cow::Borrowed(bytes);
        };
        let (mut clean, mut from) = (Vec::with_capacity(bytes.len()), 0);
        loop {
            let Found { range, mark } = found;
            clean.extend_from_slice(&bytes[from..range.start]);
            clean.extend_from_slice(mark.unwrap_or(UNNAMED).as_bytes());
            if mark.is_none() {
                self.learn(&String::from_utf8_lossy(&bytes[range.clone()]));
            }
            from = range.end;
            match search.next() {
                Some(next) => found = next,
                None => break,
            }
        }
        clean.extend_from_slice(&bytes[from..]);
        Cow::Owned(clean)
    }

    fn learn(&self, secret: &str) {
        let mut known = self.0.write();
        if secret.len() > LEARNED_BYTES || known.marks.len() > LEARNED {
            return;
        }
        for form in forms(secret) {
            known
                .marks
                .entry(form)
                .or_insert_with(|| UNNAMED.to_owned());
        }
        known.patterns = None;
    }

    /// Returns whether the text holds a secret.
    pub fn finds(&self, text: &str) -> bool {
        self.patterns().search(text.as_bytes()).next().is_some()
    }

    /// Returns the error without secrets.
    pub fn error(&self, error: Error) -> Error {
        let shown = error.to_record();
        match self.value(shown.clone()) {
            clean if clean == shown => error,
            clean => Error::from_value(&clean),
        }
    }

    /// Returns the value without secrets.
    pub fn value(&self, value: Value) -> Value {
        match value {
            Value::Str(text) => Value::Str(self.text(&text).into_owned()),
            Value::Bytes(bytes) => Value::Bytes(self.bytes(&bytes).into_owned()),
            Value::List(items) => items.into_iter().map(|item| self.value(item)).collect(),
            Value::Map(map) => Value::Map(self.map(map)),
            Value::Handle(handle) => Value::Handle(Handle::new(
                &handle.kind,
                &handle.id,
                self.map(handle.fields.clone()),
            )),
            plain => plain,
        }
    }

    fn map(&self, map: Map) -> Map {
        map.into_iter()
            .map(|(name, value)| (self.text(&name).into_owned(), self.value(value)))
            .collect()
    }
}

impl Patterns {
    fn new(known: &HashMap<String, String>) -> Self {
        let (texts, marks): (Vec<&str>, Vec<String>) = known
            .iter()
            .map(|(text, mark)| (text.as_str(), mark.clone()))
            .unzip();
        // A table of all transitions would be faster to walk and take longer to make than most runs take.
        let known = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(texts)
            .ok();
        Self { known, marks }
    }

    /// Returns the first known secret. A search for none would walk through all bytes nevertheless.
    fn find_known(&self, bytes: &[u8]) -> Option<aho_corasick::Match> {
        let known = self.known.as_ref().filter(|_| !self.marks.is_empty());
        known.and_then(|known| known.find(bytes))
    }

    fn search<'a>(&'a self, bytes: &'a [u8]) -> Search<'a> {
        let forms = signs().is_match(bytes).then(forms_of_secrets);
        Search {
            patterns: self,
            bytes,
            from: 0,
            forms,
            next_known: self.find_known(bytes),
            next_form: forms.and_then(|forms| forms.find(bytes)),
        }
    }
}

/// A secret in a text.
struct Found<'a> {
    range: Range<usize>,
    /// What stands for it; `None` for one that is told by its form.
    mark: Option<&'a str>,
}

/// Goes through the secrets of a text, from left to right.
struct Search<'a> {
    patterns: &'a Patterns,
    bytes: &'a [u8],
    from: usize,
    /// `None` if the text holds no sign of any form.
    forms: Option<&'static Regex>,
    /// The next of each, so that no part of a text is searched again for one that is far away. `None`: there is no other.
    next_known: Option<aho_corasick::Match>,
    next_form: Option<regex::bytes::Match<'a>>,
}

impl<'a> Iterator for Search<'a> {
    type Item = Found<'a>;

    fn next(&mut self) -> Option<Found<'a>> {
        let (bytes, from) = (self.bytes, self.from);
        let Some(known) = &self.patterns.known else {
            // Rather nothing readable than a secret.
            self.from = bytes.len();
            let mark = Some(UNNAMED);
            return (from < bytes.len()).then_some(Found {
                range: from..bytes.len(),
                mark,
            });
        };
        if self.next_known.is_some_and(|next| next.start() < from) {
            self.next_known = known.find(aho_corasick::Input::new(bytes).range(from..));
        }
        if self.next_form.is_some_and(|next| next.start() < from) {
            self.next_form = self.forms.and_then(|forms| forms.find_at(bytes, from));
        }
        // Where both start at one place, the one whose name is known is meant.
        let found = match (self.next_known, self.next_form) {
            (Some(known), form) if form.is_none_or(|form| known.start() <= form.start()) => Found {
                range: known.range(),
                mark: self
                    .patterns
                    .marks
                    .get(known.pattern().as_usize())
                    .map(String::as_str),
            },
            (_, Some(form)) => Found {
                range: form.range(),
                mark: None,
            },
            (_, None) => return None,
        };
        self.from = found.range.end;
        Some(found)
    }
}

/// Finds what forms of secrets begin with.
fn signs() -> &'static AhoCorasick {
    static MADE: OnceLock<AhoCorasick> = OnceLock::new();
    MADE.get_or_init(|| {
        // Of these kinds of matches, only the leftmost are searched for by vector instructions.
        AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostFirst)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(SIGNS)
            .expect("a dozen short texts are no large automaton")
    })
}

fn forms_of_secrets() -> &'static Regex {
    static MADE: OnceLock<Regex> = OnceLock::new();
    MADE.get_or_init(|| Regex::new(&FORMS.join("|")).expect("the tests compile the forms"))
}

impl std::fmt::Debug for Redact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} forms of secrets", self.0.read().marks.len())
    }
}

/// Returns whether a text is a secret by its form.
pub(crate) fn looks_secret(text: &str) -> bool {
    signs().is_match(text) && forms_of_secrets().is_match(text.as_bytes())
}

/// Returns the texts as which a secret may appear.
fn forms(secret: &str) -> Vec<String> {
    if secret.len() < SHORTEST {
        return Vec::new();
    }
    let mut forms = vec![secret.to_owned()];
    if let Ok(quoted) = serde_json::to_string(secret) {
        forms.push(quoted[1..quoted.len() - 1].to_owned());
    }
    forms.push(percent(secret, "%20", true));
    forms.push(percent(secret, "%20", false));
    forms.push(percent(secret, "+", true));
    for offset in 0..3 {
        forms.extend(base64(secret, offset));
    }
    forms
}

fn percent(text: &str, space: &str, upper: bool) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                encoded.push(byte.into());
            }
            b' ' => encoded.push_str(space),
            _ if upper => encoded.push_str(&format!("%{byte:02X}")),
            _ => encoded.push_str(&format!("%{byte:02x}")),
        }
    }
    encoded
}

/// Returns the characters of base64 text that depend on the secret alone if it begins `offset` bytes after a multiple
/// of three.
fn base64(secret: &str, offset: usize) -> Vec<String> {
    let mut bytes = vec![0; offset];
    bytes.extend_from_slice(secret.as_bytes());
    let foreign = [0, 2, 3][offset];
    let partial = usize::from(!bytes.len().is_multiple_of(3));
    [
        STANDARD_NO_PAD.encode(&bytes),
        URL_SAFE_NO_PAD.encode(&bytes),
    ]
    .into_iter()
    .filter_map(|text| {
        let own = text.get(foreign..text.len() - partial)?;
        (own.len() >= SHORTEST_ENCODED).then(|| own.to_owned())
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    #[test]
    fn every_form_is_struck_out() {
        let secret = "sk-p\"ä/+ s3cret";
        let redact = Redact::new([("OPENAI_API_KEY", secret)]);
        let mut texts = vec![
            format!("key {secret} end"),
            serde_json::to_string(secret).unwrap(),
            "https://x/?k=sk-p%22%C3%A4%2F%2B%20s3cret&b".to_owned(),
            "k=sk-p%22%c3%a4%2f%2b%20s3cret".to_owned(),
        ];
        for user in ["", "a", "ab", "abc", "user:"] {
            texts.push(STANDARD.encode(format!("{user}{secret}")));
            texts.push(STANDARD.encode(format!("{user}{secret}:tail")));
        }
        for text in texts {
            let clean = redact.text(&text);
            assert!(clean.contains("[redacted:OPENAI_API_KEY]"), "{text}");
            assert!(!clean.contains("s3cret"), "{clean}");
        }
        let bytes = [b"\xff\x00", secret.as_bytes(), b"\xfe"].concat();
        assert_eq!(
            *redact.bytes(&bytes),
            *b"\xff\x00[redacted:OPENAI_API_KEY]\xfe"
        );
    }

    #[test]
    fn what_is_added_later_is_struck_out_too() {
        let redact = Redact::default();
        let shared = redact.clone();
        assert_eq!(shared.text("hunter2222"), "hunter2222");
        redact.add("password", "hunter2222");
        assert_eq!(shared.text("hunter2222"), "[redacted:password]");
    }

    #[test]
    fn keys_are_known_by_their_form() {
        let redact = Redact::default();
        let pem = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nx\n-----END RSA PRIVATE KEY-----";
        for text in [
            "sk-proj-0123456789abcdefghij",
            "ghp_0123456789abcdefghij0123456789abcdef",
            "AKIAIOSFODNN7EXAMPLE",
            pem,
        ] {
            assert_eq!(redact.text(&format!("a {text} b")), "a [redacted] b");
            assert!(looks_secret(text));
        }
        for form in FORMS {
            let form = form.trim_start_matches(r"\b").trim_start_matches("(?:");
            let known = |sign: &&str| form.starts_with(*sign) || form.starts_with("gh[pousr]_");
            assert!(SIGNS.iter().any(known), "{form}");
        }
        for text in [
            "sk-short",
            "task-0123456789abcdefghijklmn",
            "AKIA",
            "a -----BEGIN",
        ] {
            assert_eq!(redact.text(text), text);
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        let none = Redact::new([("SHORT", "abc"), ("EMPTY", "")]);
        assert_eq!(none.text("abc abcabc"), "abc abcabc");
        let two = Redact::new([("A", "secret"), ("B", "secret-long")]);
        let key = "sk-0123456789abcdefghijklmn";
        let mixed = format!("secret {key} secret-long {key} ä");
        assert_eq!(
            two.text(&mixed),
            "[redacted:A] [redacted] [redacted:B] [redacted] ä"
        );
        assert_eq!(two.text("secret secret-long"), "[redacted:A] [redacted:B]");
        assert!(matches!(two.text("nothing here"), Cow::Borrowed(_)));
    }
}
