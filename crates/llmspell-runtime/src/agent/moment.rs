//! Moments as scripts see and write them.

use llmspell_core::{Result, Value, error};

/// Returns a moment, in microseconds since 1970, as RFC 3339 text in UTC.
pub(crate) fn text(micros: i64) -> String {
    jiff::Timestamp::from_microsecond(micros)
        .unwrap_or_default()
        .to_string()
}

/// Reads a moment, in microseconds since 1970: RFC 3339 text, or seconds since 1970.
///
/// - Errors: `Parse` for a text that is no time; `InvalidArgs` for another value.
pub(crate) fn read(name: &str, given: &Value) -> Result<Option<i64>> {
    if let Some(seconds) = given.as_float() {
        return Ok(Some((seconds * 1e6) as i64));
    }
    match given {
        Value::Null => Ok(None),
        Value::Str(text) => match text.parse::<jiff::Timestamp>() {
            Ok(moment) => Ok(Some(moment.as_microsecond())),
            Err(failure) => Err(error!(Parse, "`{name}` is no time: {failure}")),
        },
        other => Err(error!(
            InvalidArgs,
            "`{name}` must be RFC 3339 text or seconds since 1970, got {}",
            other.type_name()
        )),
    }
}
