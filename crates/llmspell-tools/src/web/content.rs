//! What the body of an answer means.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use encoding_rs::{Encoding, UTF_8};
use llmspell_core::value::from_json;
use llmspell_core::{Result, Value, error};

use super::answer::Answer;
use crate::aside::aside;

/// A body, understood.
#[derive(Debug, PartialEq)]
pub(crate) struct Content {
    /// The value: of JSON, a text, or base64.
    pub(crate) value: Value,
    /// The text, if it is one.
    pub(crate) text: Option<String>,
    /// Whether the value is base64.
    pub(crate) is_base64: bool,
    /// Whether the value was JSON.
    pub(crate) is_json: bool,
    /// What was odd about it.
    pub(crate) warning: Option<String>,
}

impl Content {
    /// Understands a body by its type: JSON becomes a value, text a string, everything else base64.
    ///
    /// Text without a type that is a JSON object or list becomes a value as well; JSON that does not parse stays text,
    /// with a warning.
    pub(crate) fn auto(answer: &Answer) -> Self {
        let kind = Kind::of(answer.header("content-type"));
        let Some(text) = kind.decode(&answer.body) else {
            return Self::base64(&answer.body);
        };
        let starts = text.trim_start().starts_with(['{', '[']);
        let may_be = kind.is_json || kind.essence.is_empty() && starts;
        if !may_be || text.trim().is_empty() {
            return Self::of_text(text);
        }
        match from_json(&text) {
            Ok(value) => Self {
                is_json: true,
                value,
                ..Self::of_text(text)
            },
            Err(error) if kind.is_json => Self {
                warning: Some(format!(
                    "the answer says it is JSON, but {}",
                    error.message()
                )),
                ..Self::of_text(text)
            },
            Err(_) => Self::of_text(text),
        }
    }

    /// As [`auto`](Self::auto), beside the event loop if the body is large.
    pub(crate) async fn read(answer: Answer) -> Result<(Answer, Self)> {
        aside(answer.body.len(), move || {
            let content = Self::auto(&answer);
            Ok((answer, content))
        })
        .await
    }

    /// Takes a body for JSON, whatever its type says.
    ///
    /// - Errors: `Parse` if it is none.
    pub(crate) fn json(answer: &Answer) -> Result<Self> {
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        let value = from_json(&text).map_err(|cause| {
            let mut error = error!(Parse, "the answer is no JSON: {}", cause.message());
            for name in ["line", "column", "offset"] {
                if let Some(place) = cause.details().get(name) {
                    error = error.with(name, place.clone());
                }
            }
            error
        })?;
        Ok(Self {
            is_json: true,
            value,
            ..Self::of_text(text)
        })
    }

    /// Takes a body for text in its charset; what is not becomes `�`.
    pub(crate) fn text(answer: &Answer) -> Self {
        let kind = Kind::of(answer.header("content-type"));
        Self::of_text(kind.decode_lossy(&answer.body))
    }

    /// Writes a body in base64.
    pub(crate) fn base64(bytes: &[u8]) -> Self {
        Self {
            value: STANDARD.encode(bytes).into(),
            text: None,
            is_base64: true,
            is_json: false,
            warning: None,
        }
    }

    fn of_text(text: String) -> Self {
        Self {
            value: text.as_str().into(),
            text: Some(text),
            is_base64: false,
            is_json: false,
            warning: None,
        }
    }
}

/// What a header `Content-Type` says.
struct Kind {
    essence: String,
    charset: &'static Encoding,
    is_json: bool,
    is_text: bool,
}

impl Kind {
    fn of(header: Option<&str>) -> Self {
        let header = header.unwrap_or_default();
        let mut parts = header.split(';');
        let essence = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
        let charset = parts
            .filter_map(|part| part.split_once('='))
            .find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))
            .and_then(|(_, value)| {
                Encoding::for_label(value.trim().trim_matches(['"', '\'']).as_bytes())
            });
        let is_json = essence.ends_with("/json") || essence.ends_with("+json");
        let is_text = is_json
            || essence.starts_with("text/")
            || essence.ends_with("/xml")
            || essence.ends_with("+xml");
        Self {
            essence,
            charset: charset.unwrap_or(UTF_8),
            is_json,
            is_text,
        }
    }

    /// Decodes text; nothing if it is none.
    fn decode(&self, bytes: &[u8]) -> Option<String> {
        if self.is_text {
            return Some(self.decode_lossy(bytes));
        }
        let (encoding, start) = Encoding::for_bom(bytes).unwrap_or((self.charset, 0));
        let decoded = encoding.decode_without_bom_handling_and_without_replacement(&bytes[start..]);
        decoded.map(std::borrow::Cow::into_owned)
    }

    fn decode_lossy(&self, bytes: &[u8]) -> String {
        let (text, _, _) = self.charset.decode(bytes);
        text.into_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use llmspell_core::host::Timing;
    use serde_json::json;

    use super::*;

    fn answer(content_type: &str, body: &[u8]) -> Answer {
        let header = ("content-type".to_owned(), content_type.to_owned());
        Answer {
            status: 200,
            headers: if content_type.is_empty() {
                vec![]
            } else {
                vec![header]
            },
            url: "http://x/".into(),
            redirects: vec![],
            attempts: vec![],
            timing: Timing::default(),
            body: body.to_vec(),
            is_cut: false,
            took: Duration::ZERO,
        }
    }

    fn auto(content_type: &str, body: &[u8]) -> serde_json::Value {
        Content::auto(&answer(content_type, body))
            .value
            .to_serde_json()
    }

    #[test]
    fn the_type_decides() {
        assert_eq!(
            auto("application/json; charset=utf-8", b"{\"a\":1}"),
            json!({"a": 1})
        );
        assert_eq!(auto("application/problem+json", b"[1]"), json!([1]));
        assert_eq!(auto("", b" [1]"), json!([1]));
        assert_eq!(auto("", b"5"), json!("5"));
        assert_eq!(auto("", b"{broken"), json!("{broken"));
        assert_eq!(auto("text/plain", b"[1]"), json!("[1]"));
        assert_eq!(
            auto("text/html; charset=\"ISO-8859-1\"", b"caf\xe9"),
            json!("café")
        );
        assert_eq!(auto("text/plain; charset=utf-16le", b"a\0b\0"), json!("ab"));
        assert_eq!(auto("text/plain", b"\xef\xbb\xbfx"), json!("x"));
        assert_eq!(auto("text/plain", b"\xff"), json!("\u{fffd}"));
        assert_eq!(auto("application/octet-stream", b"plain"), json!("plain"));
        assert_eq!(auto("application/json", b""), json!(""));
    }

    #[test]
    fn bytes_become_base64_and_broken_json_stays_text() {
        let image = Content::auto(&answer("image/png", b"\x89PNG"));
        assert_eq!(image.value, "iVBORw==".into());
        assert!(image.is_base64 && image.text.is_none());
        let broken = Content::auto(&answer("application/json", b"{\"a\":"));
        assert_eq!(broken.value, "{\"a\":".into());
        assert!(
            broken
                .warning
                .unwrap()
                .starts_with("the answer says it is JSON, but")
        );
        assert!(Content::json(&answer("", b"nope")).is_err());
        assert_eq!(
            Content::text(&answer("image/png", b"\x89P")).value,
            "\u{fffd}P".into()
        );
    }

    #[test]
    fn deep_json_stays_text() {
        let deep = [vec![b'['; 100_000], vec![b']'; 100_000]].concat();
        assert!(!Content::auto(&answer("application/json", &deep)).is_json);
    }
}
