//! Values of scripts as output.

use llmspell_core::Value;
use serde_json::Value as Json;

/// What a value is in JSON output, and what got lost on the way.
///
/// NaN and infinities are null; functions and handles are texts such as `<agent researcher>`; bytes are text if they
/// are UTF-8, else base64.
pub(crate) fn json(value: &Value, lost: &mut Lost) -> Json {
    match value {
        Value::Float(number) if !number.is_finite() => {
            lost.numbers += 1;
            Json::Null
        }
        Value::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => text.into(),
            Err(_) => value.to_serde_json(),
        },
        Value::List(items) => items.iter().map(|item| json(item, lost)).collect(),
        Value::Map(map) => Json::Object(
            map.iter()
                .map(|(name, value)| (name.to_string(), json(value, lost)))
                .collect(),
        ),
        Value::Handle(handle) => {
            let name = handle.fields.get("name").and_then(Value::as_str);
            format!("<{} {}>", handle.kind, name.unwrap_or(&handle.id)).into()
        }
        plain => plain.to_serde_json(),
    }
}

/// What JSON cannot say.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Lost {
    /// Numbers that are none: NaN and infinities.
    numbers: usize,
}

impl Lost {
    /// Returns the warning, if there is one.
    pub(crate) fn warning(&self) -> Option<String> {
        match self.numbers {
            0 => None,
            1 => Some("a number of the result is not finite; it is written as null".to_owned()),
            count => Some(format!(
                "{count} numbers of the result are not finite; they are written as null"
            )),
        }
    }
}

/// Returns the result of a run as text: strings as they are, numbers and booleans plain, tables as JSON.
pub(crate) fn text(value: &Value, indent: bool, lost: &mut Lost) -> Vec<u8> {
    match value {
        Value::Str(text) => text.clone().into_bytes(),
        Value::Bytes(bytes) => bytes.clone(),
        Value::Float(number) if !number.is_finite() => number.to_string().into_bytes(),
        value => {
            let json = json(value, lost);
            match (json, indent) {
                (Json::String(text), _) => text.into_bytes(),
                (json, true) => serde_json::to_vec_pretty(&json).unwrap_or_default(),
                (json, false) => json.to_string().into_bytes(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use llmspell_core::{Handle, Map};

    fn shown(value: Value) -> (String, Option<String>) {
        let mut lost = Lost::default();
        let text = text(&value, false, &mut lost);
        (String::from_utf8(text).unwrap(), lost.warning())
    }

    #[test]
    fn scalars_are_plain_and_tables_json() {
        assert_eq!(shown("a\nb".into()).0, "a\nb");
        assert_eq!(shown(3.into()).0, "3");
        assert_eq!(shown(0.5.into()).0, "0.5");
        assert_eq!(shown(true.into()).0, "true");
        assert_eq!(
            shown(Value::List(vec![1.into(), "x".into()])).0,
            r#"[1,"x"]"#
        );
        assert_eq!(shown(Value::Bytes(b"text".to_vec())).0, "text");
    }

    #[test]
    fn what_json_cannot_say_is_said() {
        let (text, warning) = shown(Value::List(vec![f64::NAN.into(), 1.5.into()]));
        assert_eq!(text, "[null,1.5]");
        assert!(warning.unwrap().contains("not finite"));
        let named = Map::from([("name", Value::from("researcher"))]);
        assert_eq!(
            shown(Handle::new("agent", "1", named).into()).0,
            "<agent researcher>"
        );
    }
}
