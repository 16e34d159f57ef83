//! Parameters as PostgreSQL takes them.

use std::error::Error as StdError;

use bytes::BytesMut;
use data_encoding::HEXLOWER;
use llmspell_core::Value;
use llmspell_core::value::to_json;
use tokio_postgres::types::{Format, IsNull, ToSql, Type, to_sql_checked};

/// A parameter, sent as text: the server reads it as the type that the statement wants there.
#[derive(Debug)]
pub(super) struct Parameter<'a>(pub(super) &'a Value);

impl ToSql for Parameter<'_> {
    fn to_sql(
        &self,
        wanted: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        if self.0.is_null() {
            return Ok(IsNull::Yes);
        }
        let json = matches!(*wanted, Type::JSON | Type::JSONB);
        let text = match self.0 {
            Value::List(_) | Value::Map(_) if json => to_json(self.0),
            Value::List(items) => array(items),
            Value::Map(_) => to_json(self.0),
            value => scalar(value),
        };
        out.extend_from_slice(text.as_bytes());
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }

    to_sql_checked!();
}

fn scalar(value: &Value) -> String {
    match value {
        Value::Str(text) => text.clone(),
        Value::Bool(truth) => truth.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) if number.is_nan() => "NaN".to_owned(),
        Value::Float(number) if number.is_infinite() => if *number > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        }
        .to_owned(),
        Value::Float(number) => number.to_string(),
        Value::Bytes(bytes) => format!("\\x{}", HEXLOWER.encode(bytes)),
        other => to_json(other),
    }
}

/// Writes an array: every item in quotes, so that no item can end it.
fn array(items: &[Value]) -> String {
    let mut text = String::from("{");
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        match item {
            Value::Null => text.push_str("NULL"),
            Value::List(inner) => text.push_str(&array(inner)),
            other => {
                text.push('"');
                for letter in scalar(other).chars() {
                    if matches!(letter, '"' | '\\') {
                        text.push('\\');
                    }
                    text.push(letter);
                }
                text.push('"');
            }
        }
    }
    text.push('}');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_cannot_leave_their_array() {
        let items = Value::from(serde_json::json!([
            1,
            null,
            "a\"}, \\ NULL",
            [true],
            "NULL"
        ]));
        assert_eq!(
            array(items.as_list().unwrap()),
            r#"{"1",NULL,"a\"}, \\ NULL",{"true"},"NULL"}"#
        );
        assert_eq!(scalar(&Value::Bytes(vec![0, 255])), "\\x00ff");
    }
}
