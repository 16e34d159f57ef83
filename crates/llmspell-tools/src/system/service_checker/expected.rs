//! What is expected of an answer over HTTP.

use std::ops::RangeInclusive;

use llmspell_core::value::from_json;
use llmspell_core::{Error, Result, Value};

use crate::param::refused;

/// Statuses that are well.
pub(super) struct Statuses(Vec<RangeInclusive<u16>>);

impl Statuses {
    /// Reads a number, a range, or a list of these; by default 2xx and 3xx.
    ///
    /// - Errors: `InvalidArgs` for anything else.
    pub(super) fn read(given: Option<&Value>) -> Result<Self> {
        let ranges = match given {
            None => vec![200..=399],
            Some(Value::List(list)) if !list.is_empty() => {
                list.iter().map(range).collect::<Result<_>>()?
            }
            Some(one) => vec![range(one)?],
        };
        Ok(Self(ranges))
    }

    pub(super) fn hold(&self, status: u16) -> bool {
        self.0.iter().any(|range| range.contains(&status))
    }
}

fn range(value: &Value) -> Result<RangeInclusive<u16>> {
    let read = |value: &Value| match value {
        Value::Str(text) => {
            let text = text.trim();
            if let Some(hundreds) = text.to_ascii_lowercase().strip_suffix("xx") {
                let first = hundreds.parse::<u16>().ok()?.checked_mul(100)?;
                return Some(first..=first + 99);
            }
            let (first, last) = text.split_once('-').unwrap_or((text, text));
            Some(first.trim().parse().ok()?..=last.trim().parse().ok()?)
        }
        value => {
            let status = u16::try_from(value.as_int()?).ok()?;
            Some(status..=status)
        }
    };
    let found = read(value).filter(|range| {
        range.start() <= range.end() && *range.start() >= 100 && *range.end() <= 599
    });
    found.ok_or_else(unfit)
}

fn unfit() -> Error {
    refused(
        "expected_status",
        "parameter 'expected_status' must be a status, a range such as '200-299' or '2xx', or a list of these",
    )
}

/// Returns what is wrong with a body: a text must be in it, another value must be what it is as JSON.
pub(super) fn differs(expected: &Value, body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    match expected {
        Value::Str(part) if text.contains(part.as_str()) => None,
        Value::Str(_) => Some("the body does not contain what is expected".to_owned()),
        other => match from_json(&text) {
            Ok(found) if found == *other => None,
            Ok(_) => Some("the body is not what is expected".to_owned()),
            Err(_) => Some("the body is no JSON".to_owned()),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn statuses() {
        for (given, status, holds) in [
            (json!(204), 204, true),
            (json!(204), 200, false),
            (json!("2xx"), 299, true),
            (json!("200-204"), 205, false),
            (json!([200, "4XX"]), 404, true),
            (json!("201"), 201, true),
        ] {
            let statuses = Statuses::read(Some(&given.clone().into())).unwrap();
            assert_eq!(statuses.hold(status), holds, "{given}");
        }
        let usual = Statuses::read(None).unwrap();
        assert!(usual.hold(200) && usual.hold(302) && !usual.hold(404));
        for given in [
            json!("ok"),
            json!(1000),
            json!("9xx"),
            json!("300-200"),
            json!([]),
            json!(true),
        ] {
            assert!(
                Statuses::read(Some(&given.clone().into())).is_err(),
                "{given}"
            );
        }
    }

    #[test]
    fn bodies() {
        assert_eq!(differs(&"ell".into(), b"hello"), None);
        assert!(differs(&"x".into(), b"hello").is_some());
        assert_eq!(differs(&json!({"a": 1}).into(), b"{\"a\": 1}"), None);
        assert!(differs(&json!({"a": 1}).into(), b"{}").is_some());
        assert!(differs(&json!({"a": 1}).into(), b"<").is_some());
    }
}
