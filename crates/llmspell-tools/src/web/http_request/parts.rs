//! Bodies in parts, and cookies.

use std::path::Path;

use data_encoding::HEXLOWER;
use llmspell_core::host::{FormPart, multipart};
use llmspell_core::value::to_json;
use llmspell_core::{Cx, Map, Result, Value};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::param::{misfit, refused};
use crate::plain::plain;
use crate::web::payload::{JSON, Payload};

/// One part of a body.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    /// The field's name.
    name: String,
    /// What it holds: text or bytes as they are, tables as JSON.
    value: Option<Value>,
    /// The file that it holds.
    path: Option<String>,
    /// The file's name as the server sees it; default: that of `path`.
    filename: Option<String>,
    /// The content's type.
    content_type: Option<String>,
}

/// Writes a body of several parts, with the files that they name.
pub(super) async fn encode(cx: &Cx, parts: &Value) -> Result<Payload> {
    let parts: Vec<Part> = parts.clone().into_typed().map_err(|error| {
        refused("multipart", format!("multipart: {}", misfit(&error))).misshapen()
    })?;
    let mut boundary = [0; 24];
    cx.host().random.fill(&mut boundary);
    let mut all = Vec::new();
    for part in parts {
        all.push(read(cx, part).await?);
    }
    let (content_type, body) = multipart(&all, &HEXLOWER.encode(&boundary))?;
    Ok(Payload::new(content_type, body))
}

async fn read(cx: &Cx, part: Part) -> Result<FormPart> {
    let name = part.name;
    match (part.value, part.path) {
        (Some(value), None) => {
            let (content, content_type) = match value {
                Value::Str(text) => (text.into_bytes(), None),
                Value::Bytes(bytes) => (bytes, None),
                table @ (Value::Map(_) | Value::List(_)) => {
                    plain("multipart", &table)?;
                    (to_json(&table).into_bytes(), Some(JSON.to_owned()))
                }
                scalar => {
                    plain("multipart", &scalar)?;
                    (to_json(&scalar).into_bytes(), None)
                }
            };
            Ok(FormPart {
                name,
                content,
                filename: part.filename,
                content_type: part.content_type.or(content_type),
            })
        }
        (None, Some(path)) => {
            let own = Path::new(&path).file_name();
            let own = own.map(|name| name.to_string_lossy().into_owned());
            let content = cx
                .files(move |files, _| files.read(Path::new(&path), None))
                .await?;
            let content_type = part.content_type;
            Ok(FormPart {
                name,
                content,
                filename: part.filename.or(own),
                content_type: content_type.or_else(|| Some("application/octet-stream".into())),
            })
        }
        _ => Err(refused(
            "multipart",
            format!("part '{name}' of 'multipart' needs either value or path"),
        )),
    }
}

/// Writes cookies as the header that carries them.
pub(super) fn cookies(cookies: &Map) -> Result<String> {
    let mut header = Vec::new();
    for (name, value) in cookies {
        let value = match value {
            Value::Str(text) => text.clone(),
            Value::Int(_) | Value::Float(_) | Value::Bool(_) => to_json(value),
            other => {
                let message = format!("cookie '{name}' must be text, got {}", other.type_name());
                return Err(refused("cookies", message).misshapen());
            }
        };
        let is_token =
            |letter: char| letter.is_ascii_graphic() && !"()<>@,;:\\\"/[]?={}".contains(letter);
        let is_value = |letter: char| letter.is_ascii_graphic() && !",;\\".contains(letter);
        if name.is_empty() || !name.chars().all(is_token) {
            return Err(refused(
                "cookies",
                "a cookie's name must be letters, digits and - _ . only",
            ));
        }
        if !value.chars().all(is_value) {
            let message = format!("cookie '{name}' has letters that a cookie cannot carry");
            return Err(refused("cookies", message).hint("percent-encode its value"));
        }
        header.push(format!("{name}={value}"));
    }
    Ok(header.join("; "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(members: serde_json::Value) -> Result<String> {
        cookies(Value::from(members).as_map().unwrap())
    }

    #[test]
    fn cookies_are_joined() {
        assert_eq!(
            of(json!({"a": "1", "b": 2, "c": true})).unwrap(),
            "a=1; b=2; c=true"
        );
        assert_eq!(of(json!({})).unwrap(), "");
    }

    #[test]
    fn cookies_do_not_smuggle_others() {
        for wrong in [
            json!({"a": "1; b=2"}),
            json!({"a": "x\r\nX: 1"}),
            json!({"a=1;b": "2"}),
            json!({"a": []}),
            json!({"": "x"}),
        ] {
            assert!(of(wrong).is_err());
        }
    }
}
