//! Which statuses are those that were hoped for.

use std::fmt;
use std::ops::RangeInclusive;

use llmspell_core::host::HttpRequest;
use llmspell_core::{Result, Value};

use crate::param::refused;

/// Statuses: `204`, `[200, 201]`, `"200-299"`, `"200-204,404"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Expected(Vec<RangeInclusive<u16>>);

impl Expected {
    /// What most people call success.
    pub(crate) fn success() -> Self {
        Self(vec![200..=299])
    }

    /// What is no error.
    pub(crate) fn no_error() -> Self {
        Self(vec![200..=399])
    }

    /// Reads the parameter `expected_status`.
    pub(crate) fn read(value: &Value) -> Result<Self> {
        let ranges = match value {
            Value::List(items) if !items.is_empty() => {
                let each = items.iter().map(ranges).collect::<Result<Vec<_>>>()?;
                each.concat()
            }
            single => ranges(single)?,
        };
        Ok(Self(ranges))
    }

    /// Keeps a request from being sent again because of a status that was hoped for.
    pub(crate) fn settle(&self, request: &mut HttpRequest) {
        if let Some(retry) = &mut request.retry {
            retry.on_status.retain(|status| !self.has(*status));
        }
    }

    /// Returns whether a status is one of them.
    pub(crate) fn has(&self, status: u16) -> bool {
        self.0.iter().any(|range| range.contains(&status))
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, range) in self.0.iter().enumerate() {
            let comma = if place > 0 { ", " } else { "" };
            match range.start() == range.end() {
                true => write!(f, "{comma}{}", range.start())?,
                false => write!(f, "{comma}{}-{}", range.start(), range.end())?,
            }
        }
        Ok(())
    }
}

fn ranges(value: &Value) -> Result<Vec<RangeInclusive<u16>>> {
    let unknown = || {
        let message = format!(
            "expected_status must be a status, a range \"200-299\" or a list of them, got {value:.40}"
        );
        refused("expected_status", message).with("got", value.clone())
    };
    let status = |number: i64| {
        let status = u16::try_from(number).ok();
        status
            .filter(|status| (100..=599).contains(status))
            .ok_or_else(unknown)
    };
    if let Some(number) = value.as_int() {
        let status = status(number)?;
        return Ok(vec![status..=status]);
    }
    let text = value.as_str().ok_or_else(unknown)?;
    let number = |text: &str| text.trim().parse().map_err(|_| unknown()).and_then(status);
    let range = |part: &str| {
        let (start, end) = part.split_once('-').unwrap_or((part, part));
        let (start, end) = (number(start)?, number(end)?);
        match start <= end {
            true => Ok(start..=end),
            false => Err(unknown()),
        }
    };
    text.split(',').map(range).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn statuses_lists_and_ranges() {
        for (value, shown) in [
            (json!(204), "204"),
            (json!(204.0), "204"),
            (json!([200, 201]), "200, 201"),
            (json!("200-299"), "200-299"),
            (json!(" 200 - 204 ,404"), "200-204, 404"),
            (json!(["200-204", 404]), "200-204, 404"),
        ] {
            assert_eq!(Expected::read(&value.into()).unwrap().to_string(), shown);
        }
        let some = Expected::read(&json!("200-204,404").into()).unwrap();
        assert!(some.has(200) && some.has(204) && some.has(404));
        assert!(!some.has(205) && !some.has(199));
        for wrong in [
            json!("2xx"),
            json!([]),
            json!(99),
            json!(600),
            json!("300-200"),
            json!({}),
            json!(""),
        ] {
            let error = Expected::read(&wrong.into()).unwrap_err();
            assert!(
                error.message().starts_with("expected_status must be"),
                "{error}"
            );
        }
    }
}
