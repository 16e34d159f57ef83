//! Strikes secrets out of what is written.

use std::borrow::Cow;
use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use llmspell_core::{Handle, Map, Value};

/// Shortest text (bytes) that counts as a secret. Shorter ones would strike out ordinary words.
const SHORTEST: usize = 4;

/// Shortest piece of base64 text (bytes) that is taken for an encoded secret.
const SHORTEST_ENCODED: usize = 8;

/// The secrets that must not be written, with the names that stand for them.
///
/// Any occurrence becomes `[redacted:NAME]`: the secret itself, escaped as in JSON, percent-encoded, or base64-encoded
/// at any offset, as in an `Authorization` header. Texts below 4 bytes are not taken for secrets.
#[derive(Clone, Debug, Default)]
pub struct Redact(Option<Patterns>);

#[derive(Clone)]
struct Patterns {
    text: regex::Regex,
    bytes: regex::bytes::Regex,
    marks: HashMap<Vec<u8>, String>,
}

impl Redact {
    /// Prepares to strike out these secrets, given as names and values.
    pub fn new<N: AsRef<str>, S: AsRef<str>>(secrets: impl IntoIterator<Item = (N, S)>) -> Self {
        let mut marks = HashMap::new();
        for (name, secret) in secrets {
            let mark = format!("[redacted:{}]", name.as_ref());
            for form in forms(secret.as_ref()) {
                marks
                    .entry(form.into_bytes())
                    .or_insert_with(|| mark.clone());
            }
        }
        Self(Patterns::new(marks))
    }

    /// Returns the text without secrets.
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let Some(patterns) = &self.0 else {
            return Cow::Borrowed(text);
        };
        patterns.text.replace_all(text, |found: &regex::Captures| {
            patterns.mark(found[0].as_bytes())
        })
    }

    /// Returns whether the text holds a secret.
    pub fn finds(&self, text: &str) -> bool {
        let found = |patterns: &Patterns| patterns.text.is_match(text);
        self.0.as_ref().is_some_and(found)
    }

    /// Returns the value without secrets.
    pub fn value(&self, value: Value) -> Value {
        match value {
            _ if self.0.is_none() => value,
            Value::Str(text) => Value::Str(self.text(&text).into_owned()),
            Value::Bytes(bytes) => Value::Bytes(self.bytes(&bytes).into_owned()),
            Value::List(items) => items.into_iter().map(|item| self.value(item)).collect(),
            Value::Map(map) => Value::Map(self.map(map)),
            Value::Handle(handle) => Value::Handle(Handle::new(
                &handle.kind,
                &handle.id,
                self.map((*handle.fields).clone()),
            )),
            plain => plain,
        }
    }

    fn map(&self, map: Map) -> Map {
        map.into_iter()
            .map(|(name, value)| (self.text(&name).into_owned(), self.value(value)))
            .collect()
    }

    /// Returns the bytes without secrets.
    pub fn bytes<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let Some(patterns) = &self.0 else {
            return Cow::Borrowed(bytes);
        };
        patterns
            .bytes
            .replace_all(bytes, |found: &regex::bytes::Captures| {
                patterns.mark(&found[0]).into_bytes()
            })
    }
}

impl Patterns {
    fn new(marks: HashMap<Vec<u8>, String>) -> Option<Self> {
        let mut forms: Vec<&str> = marks
            .keys()
            .filter_map(|form| std::str::from_utf8(form).ok())
            .collect();
        if forms.is_empty() {
            return None;
        }
        // Of two that start at one place the longer one is meant.
        forms.sort_by_key(|form| (std::cmp::Reverse(form.len()), *form));
        let any = forms.into_iter().map(regex::escape).collect::<Vec<_>>();
        let any = any.join("|");
        // Thousands of long secrets are still a small program.
        let limit = 64 << 20;
        let text = regex::RegexBuilder::new(&any).size_limit(limit).build();
        let bytes = regex::bytes::RegexBuilder::new(&any)
            .size_limit(limit)
            .build();
        match (text, bytes) {
            (Ok(text), Ok(bytes)) => Some(Self { text, bytes, marks }),
            // Rather nothing readable than a secret.
            _ => Some(Self {
                text: EVERYTHING.parse().ok()?,
                bytes: regex::bytes::Regex::new(EVERYTHING).ok()?,
                marks,
            }),
        }
    }

    fn mark(&self, found: &[u8]) -> String {
        self.marks
            .get(found)
            .cloned()
            .unwrap_or_else(|| "[redacted]".to_owned())
    }
}

const EVERYTHING: &str = "(?s).+";

impl std::fmt::Debug for Patterns {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} forms of secrets", self.marks.len())
    }
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
    fn what_is_no_secret_stays() {
        let none = Redact::new([("SHORT", "abc"), ("EMPTY", "")]);
        assert_eq!(none.text("abc abcabc"), "abc abcabc");
        let two = Redact::new([("A", "secret"), ("B", "secret-long")]);
        assert_eq!(two.text("secret secret-long"), "[redacted:A] [redacted:B]");
        assert!(matches!(two.text("nothing here"), Cow::Borrowed(_)));
    }
}
