//! What a request carries in its body.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use llmspell_core::host::HttpRequest;
use llmspell_core::value::{from_json, to_json};
use llmspell_core::{Map, Result, Value, error};
use url::form_urlencoded;

use super::request::scalars;
use crate::param::{misfit, mistyped, refused};
use crate::plain::plain;

/// The content type of JSON.
pub(crate) const JSON: &str = "application/json";

/// A body and its type.
#[derive(Debug, PartialEq)]
pub(crate) struct Payload {
    /// Its type.
    pub(crate) content_type: String,
    /// Its bytes.
    pub(crate) bytes: Vec<u8>,
}

impl Payload {
    /// Names the type of some bytes.
    pub(crate) fn new(content_type: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            content_type: content_type.into(),
            bytes: bytes.into(),
        }
    }

    /// Writes a value as JSON.
    pub(crate) fn json(parameter: &'static str, value: &Value) -> Result<Self> {
        writable(parameter, value)?;
        Ok(Self::new(JSON, to_json(value)))
    }

    /// Writes the members of an object as a form; a list repeats its name.
    pub(crate) fn form(parameter: &'static str, members: &Map) -> Result<Self> {
        let pairs = scalars(parameter, members)?;
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(pairs);
        Ok(Self::new(
            "application/x-www-form-urlencoded",
            form.finish(),
        ))
    }

    /// Takes a value of any type: text and bytes as they are, everything else as JSON.
    pub(crate) fn any(parameter: &'static str, value: &Value) -> Result<Self> {
        match value {
            Value::Str(text) => Ok(match from_json(text) {
                Ok(_) => Self::new(JSON, text.as_bytes()),
                Err(_) => Self::new("text/plain; charset=utf-8", text.as_bytes()),
            }),
            Value::Bytes(bytes) => Ok(Self::new("application/octet-stream", bytes.clone())),
            other => Self::json(parameter, other),
        }
    }

    /// Takes the one of three parameters that is given: `body`, `json`, `form`.
    pub(crate) fn of(
        body: Option<&Value>,
        json: Option<&Value>,
        form: Option<&Map>,
    ) -> Result<Option<Self>> {
        at_most_one(&[
            ("body", body.is_some()),
            ("json", json.is_some()),
            ("form", form.is_some()),
        ])?;
        match (body, json, form) {
            (Some(body), _, _) => Self::any("body", body).map(Some),
            (_, Some(json), _) => Self::json("json", json).map(Some),
            (_, _, Some(form)) => Self::form("form", form).map(Some),
            _ => Ok(None),
        }
    }

    /// Makes this the body of a request. A content type that the request has already stays.
    pub(crate) fn attach(self, request: &mut HttpRequest) {
        let mut headers = request.headers.iter();
        if !headers.any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
            request
                .headers
                .push(("content-type".to_owned(), self.content_type));
        }
        request.body = Some(self.bytes);
    }

    /// Takes bytes that are written in base64.
    pub(crate) fn base64(parameter: &'static str, value: &Value) -> Result<Self> {
        let text: String = value
            .clone()
            .into_typed()
            .map_err(|error| refused(parameter, format!("'{parameter}': {}", misfit(&error))))?;
        let packed: String = text.split_ascii_whitespace().collect();
        let bytes = STANDARD.decode(packed).map_err(|_| {
            error!(Parse, "parameter '{parameter}' is not valid base64")
                .with("parameter", parameter)
        })?;
        Ok(Self::new("application/octet-stream", bytes))
    }
}

/// Checks that a value can be written as JSON.
///
/// - Errors: `InvalidArgs` naming the path of a function or of bytes; `Limit` past 128 levels.
pub(crate) fn writable(parameter: &'static str, value: &Value) -> Result<()> {
    plain(parameter, value)?;
    let Some(path) = bytes_in(value) else {
        return Ok(());
    };
    let message = format!("parameter '{parameter}{path}' must be UTF-8 text, got bytes");
    let error = mistyped(parameter, message, "UTF-8 text", &Value::Bytes(Vec::new()));
    Err(error.hint("encode bytes in base64 first"))
}

/// Returns where the first bytes are in a value: JSON has none.
fn bytes_in(value: &Value) -> Option<String> {
    match value {
        Value::Bytes(_) => Some(String::new()),
        Value::List(items) => items.iter().enumerate().find_map(|(index, item)| {
            let path = bytes_in(item)?;
            Some(format!("[{index}]{path}"))
        }),
        Value::Map(members) => members.iter().find_map(|(name, member)| {
            let path = bytes_in(member)?;
            Some(format!(".{name}{path}"))
        }),
        _ => None,
    }
}

/// Checks that at most one of several parameters is given.
pub(crate) fn at_most_one(given: &[(&'static str, bool)]) -> Result<()> {
    let names: Vec<_> = given
        .iter()
        .filter(|(_, is)| *is)
        .map(|(name, _)| *name)
        .collect();
    match names.as_slice() {
        [first, second, ..] => Err(refused(
            second,
            format!("'{first}' and '{second}' both say what the body is: give one of them"),
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn any(value: Value) -> (String, Vec<u8>) {
        let payload = Payload::any("body", &value).unwrap();
        (payload.content_type, payload.bytes)
    }

    #[test]
    fn text_stays_as_it_is_and_tables_become_json() {
        let of = |kind: &str, bytes: &[u8]| (kind.to_owned(), bytes.to_vec());
        assert_eq!(
            any(json!({"b": 1, "a": [true]}).into()),
            of(JSON, br#"{"b":1,"a":[true]}"#)
        );
        assert_eq!(any(" {\"a\": 1}".into()), of(JSON, b" {\"a\": 1}"));
        assert_eq!(
            any("hello".into()),
            of("text/plain; charset=utf-8", b"hello")
        );
        assert_eq!(
            any(Value::Bytes(vec![255])),
            of("application/octet-stream", &[255])
        );
        assert_eq!(any(5.into()), of(JSON, b"5"));
    }

    #[test]
    fn bytes_are_no_json() {
        let value = Value::from([("a", vec![1.into(), Value::Bytes(vec![255])].into())]);
        for (made, message) in [
            (
                Payload::json("json", &value),
                "parameter 'json.a[1]' must be UTF-8 text, got bytes",
            ),
            (
                Payload::any("body", &value),
                "parameter 'body.a[1]' must be UTF-8 text, got bytes",
            ),
        ] {
            let error = made.unwrap_err();
            assert_eq!(error.message(), message);
            assert_eq!(error.kind(), llmspell_core::Kind::InvalidArgs);
        }
    }

    #[test]
    fn forms_repeat_lists() {
        let members: Value = json!({"a": [1, "x y"], "b": true, "c": "ä&="}).into();
        let form = Payload::form("form", members.as_map().unwrap()).unwrap();
        assert_eq!(form.bytes, b"a=1&a=x+y&b=true&c=%C3%A4%26%3D");
    }

    #[test]
    fn base64_is_decoded() {
        assert_eq!(
            Payload::base64("body", &"/w\n==".into()).unwrap().bytes,
            [255]
        );
        let error = Payload::base64("body", &"!".into()).unwrap_err();
        assert_eq!(error.message(), "parameter 'body' is not valid base64");
    }

    #[test]
    fn two_bodies_are_refused() {
        assert!(at_most_one(&[("body", true), ("json", false)]).is_ok());
        let error = at_most_one(&[("body", false), ("json", true), ("form", true)]).unwrap_err();
        assert_eq!(
            error.message(),
            "'json' and 'form' both say what the body is: give one of them"
        );
    }
}
