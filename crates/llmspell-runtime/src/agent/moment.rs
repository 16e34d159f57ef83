//! Moments as scripts see them.

/// Returns a moment, in microseconds since 1970, as RFC 3339 text in UTC.
pub(crate) fn text(micros: i64) -> String {
    jiff::Timestamp::from_microsecond(micros)
        .unwrap_or_default()
        .to_string()
}
