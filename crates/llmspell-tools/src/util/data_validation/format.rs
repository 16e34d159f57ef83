//! Texts of a known form.

use std::net::IpAddr;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::{rfc2822, strtime};
use jiff::tz::TimeZone;
use jsonschema::Validator;
use llmspell_core::Result;
use llmspell_core::value::from_json;
use serde_json::json;

use crate::choice::choose;
use crate::param::refused;

/// A form that a text can have.
#[derive(Debug)]
pub(crate) struct Format {
    /// The rule's name.
    pub(crate) name: &'static str,
    /// What a text of this form is, for messages.
    pub(crate) noun: &'static str,
    /// Whether a text has the form.
    pub(crate) fits: fn(&str) -> bool,
}

/// Every form, by rule name.
pub(crate) static FORMATS: &[Format] = &[
    Format {
        name: "email",
        noun: "email address",
        fits: |text| schema_format(&EMAIL, text),
    },
    Format {
        name: "url",
        noun: "URL",
        fits: url,
    },
    Format {
        name: "uuid",
        noun: "UUID",
        fits: |text| uuid::Uuid::try_parse(text).is_ok(),
    },
    Format {
        name: "ip",
        noun: "IP address",
        fits: |text| text.parse::<IpAddr>().is_ok(),
    },
    Format {
        name: "hostname",
        noun: "host name",
        fits: |text| !text.is_empty() && schema_format(&HOSTNAME, text),
    },
    Format {
        name: "json",
        noun: "JSON text",
        fits: |text| from_json(text).is_ok(),
    },
    Format {
        name: "phone",
        noun: "phone number",
        fits: phone,
    },
    Format {
        name: "credit_card",
        noun: "credit card number",
        fits: credit_card,
    },
    Format {
        name: "base64",
        noun: "base64 text",
        fits: base64,
    },
    Format {
        name: "slug",
        noun: "slug of lower-case letters, digits and '-'",
        fits: slug,
    },
];

/// The forms that the rule `custom` can name.
pub(super) const CUSTOM: &[&str] = &["phone", "uuid", "credit_card"];

static EMAIL: LazyLock<Option<Validator>> = LazyLock::new(|| validator("email"));
static HOSTNAME: LazyLock<Option<Validator>> = LazyLock::new(|| validator("hostname"));
static URI: LazyLock<Option<Validator>> = LazyLock::new(|| validator("uri"));

fn validator(format: &str) -> Option<Validator> {
    jsonschema::options()
        .should_validate_formats(true)
        .build(&json!({ "format": format }))
        .ok()
}

fn schema_format(validator: &Option<Validator>, text: &str) -> bool {
    validator
        .as_ref()
        .is_some_and(|validator| validator.is_valid(&text.into()))
}

/// Returns whether the text is a URL with a host.
fn url(text: &str) -> bool {
    let host = text
        .split_once("://")
        .map(|(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or_default());
    host.is_some_and(|host| !host.is_empty() && !host.starts_with(':') && !host.ends_with('@'))
        && schema_format(&URI, text)
}

fn phone(text: &str) -> bool {
    let text = text.trim();
    let digits = text.strip_prefix('+').unwrap_or(text);
    let count = digits.chars().filter(char::is_ascii_digit).count();
    let fits = |letter: char| {
        letter.is_ascii_digit() || matches!(letter, ' ' | '-' | '.' | '(' | ')' | '/')
    };
    (7..=15).contains(&count) && digits.chars().all(fits)
}

/// Returns whether the text has 13 to 19 digits with a right check digit.
fn credit_card(text: &str) -> bool {
    let plain = text.chars().filter(|letter| !matches!(letter, ' ' | '-'));
    let digits: Option<Vec<u32>> = plain.map(|letter| letter.to_digit(10)).collect();
    let Some(digits) = digits.filter(|digits| (13..=19).contains(&digits.len())) else {
        return false;
    };
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(index, &digit)| match (index % 2, digit * 2) {
            (0, _) => digit,
            (_, double) if double > 9 => double - 9,
            (_, double) => double,
        })
        .sum();
    sum.is_multiple_of(10) && digits.iter().any(|digit| *digit != 0)
}

fn base64(text: &str) -> bool {
    !text.is_empty()
        && [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD]
            .iter()
            .any(|engine| engine.decode(text).is_ok())
}

fn slug(text: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit())
    };
    text.split('-').all(part)
}

/// How a date is written.
#[derive(Debug, Default)]
pub(super) struct DateFormat {
    /// As it was given; empty for none.
    given: String,
    /// Its name, if it has no directives.
    name: &'static str,
}

/// The formats that have names, those of `date_time_handler` that can be read.
const DATES: &[&[&str]] = &[
    &["iso8601", "iso", "iso_8601"],
    &["rfc3339", "rfc_3339", "date_time", "datetime"],
    &["rfc2822", "rfc_2822", "http"],
    &["unix", "timestamp", "unix_s"],
    &["unix_ms", "timestamp_ms"],
    &["date"],
    &["time"],
];

impl DateFormat {
    /// Reads a name, or strftime directives.
    ///
    /// - Errors: `InvalidArgs` for an unknown name or directive.
    pub(super) fn read(given: &str) -> Result<Self> {
        let name = match given.contains('%') {
            true => {
                let sample = Timestamp::UNIX_EPOCH.to_zoned(TimeZone::UTC);
                strtime::format(given, &sample).map_err(|failure| {
                    let message = format!(
                        "the format '{given:.80}' of rule 'date' cannot be used: {failure}"
                    );
                    refused("rules", message)
                })?;
                ""
            }
            false => choose("format", given, DATES).map_err(|error| {
                error.hint("or strftime directives such as %Y-%m-%d, in the rule 'date'")
            })?,
        };
        Ok(Self {
            given: given.to_owned(),
            name,
        })
    }

    /// Returns the format as it was given; empty for none.
    pub(super) fn given(&self) -> &str {
        &self.given
    }

    /// Returns whether a number can be such a date.
    pub(super) fn is_number(&self) -> bool {
        matches!(self.name, "unix" | "unix_ms")
    }

    /// Returns the date, the time or the moment in ISO form, if the text is one in this format; without a format
    /// ISO 8601 and RFC 3339.
    pub(super) fn date(&self, text: &str) -> Option<String> {
        let stamp = || text.parse::<Timestamp>().ok();
        let day = || text.parse::<Date>().ok().map(|day| day.to_string());
        let number = || text.trim().parse::<i64>().ok();
        let moment = match self.name {
            "" if !self.given.is_empty() => return directed(&self.given, text),
            "date" => return day().filter(|_| text.len() <= 10),
            "time" => return text.parse::<Time>().ok().map(|time| time.to_string()),
            "rfc3339" => stamp(),
            "rfc2822" => rfc2822::parse(text).ok().map(|at| at.timestamp()),
            "unix" => number().and_then(|number| Timestamp::from_second(number).ok()),
            "unix_ms" => number().and_then(|number| Timestamp::from_millisecond(number).ok()),
            _ if text.len() <= 10 => return day(),
            _ => {
                let civil = || text.parse::<DateTime>().ok().map(|civil| civil.to_string());
                return stamp().map(|stamp| stamp.to_string()).or_else(civil);
            }
        };
        moment.map(|moment| moment.to_string())
    }
}

fn directed(format: &str, text: &str) -> Option<String> {
    let parsed = strtime::parse(format, text).ok()?;
    let stamp = parsed.to_timestamp().ok().map(|stamp| stamp.to_string());
    let civil = || {
        parsed
            .hour()
            .and_then(|_| parsed.to_datetime().ok())
            .map(|civil| civil.to_string())
    };
    stamp
        .or_else(civil)
        .or_else(|| parsed.to_date().ok().map(|day| day.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_accepts_and_refuses() {
        for (name, good, bad) in [
            (
                "email",
                vec!["a@example.com", "a.b+c@sub.example.org"],
                vec!["a", "a@", "@b.c", "a b@c.d", ""],
            ),
            (
                "url",
                vec!["https://example.com/x?y#z", "http://localhost:8080"],
                vec![
                    "example.com",
                    "http://",
                    "mailto:a@b.c",
                    "http:///x",
                    "http://a b",
                ],
            ),
            (
                "uuid",
                vec!["6ba7b810-9dad-11d1-80b4-00c04fd430c8"],
                vec!["6ba7b810", "x"],
            ),
            ("ip", vec!["127.0.0.1", "::1"], vec!["256.1.1.1", "1.2.3"]),
            (
                "hostname",
                vec!["example.com", "a-b"],
                vec!["-a", "a_b!", ""],
            ),
            ("json", vec!["{}", "1"], vec!["{", ""]),
            (
                "phone",
                vec!["+49 30 123456", "(555) 123-4567"],
                vec!["123", "+", "12a4567890", "1234567890123456"],
            ),
            (
                "credit_card",
                vec!["4111 1111 1111 1111", "378282246310005"],
                vec!["4111111111111112", "0000000000000000", "41"],
            ),
            ("base64", vec!["aGk=", "aGk", "_-8="], vec!["a", "a b", ""]),
            ("slug", vec!["a", "a-b-2"], vec!["A", "a--b", "-a", ""]),
        ] {
            let format = FORMATS.iter().find(|format| format.name == name).unwrap();
            for text in good {
                assert!((format.fits)(text), "{name}: {text}");
            }
            for text in bad {
                assert!(!(format.fits)(text), "{name}: {text}");
            }
        }
    }

    #[test]
    fn dates_are_read_by_format() {
        let date = |text: &str, format: Option<&str>| {
            let format = format.map(|format| DateFormat::read(format).unwrap());
            format.unwrap_or_default().date(text)
        };
        assert_eq!(date("2026-02-28", None).as_deref(), Some("2026-02-28"));
        assert_eq!(
            date("2026-02-28T10:00:00Z", None).as_deref(),
            Some("2026-02-28T10:00:00Z")
        );
        assert_eq!(
            date("2026-02-28T10:00:00", None).as_deref(),
            Some("2026-02-28T10:00:00")
        );
        assert_eq!(
            date("28.02.2026", Some("%d.%m.%Y")).as_deref(),
            Some("2026-02-28")
        );
        for (text, format) in [
            ("2026-02-30", None),
            ("today", None),
            ("", None),
            ("30.02.2026", Some("%d.%m.%Y")),
            ("28.02.2026", Some("%Y")),
            ("2026-02-28", Some("date-time")),
            ("2026-02-28T10:00:00", Some("rfc3339")),
            ("2026-02-28T10:00:00Z", Some("date")),
            ("24:30", Some("time")),
            ("soon", Some("unix")),
        ] {
            assert_eq!(date(text, format), None, "{text}");
        }
        for (text, format) in [
            ("2026-02-28T10:00:00Z", "date-time"),
            ("2026-02-28T11:00:00+01:00", "RFC3339"),
            ("2026-02-28T10:00:00Z", "iso8601"),
            ("Sat, 28 Feb 2026 10:00:00 GMT", "rfc2822"),
            ("1772272800", "unix"),
            ("1772272800000", "unix_ms"),
        ] {
            assert_eq!(
                date(text, Some(format)).as_deref(),
                Some("2026-02-28T10:00:00Z"),
                "{format}"
            );
        }
        assert_eq!(
            date("2026-02-28", Some("date")).as_deref(),
            Some("2026-02-28")
        );
        assert_eq!(date("10:30:00", Some("time")).as_deref(), Some("10:30:00"));
    }

    #[test]
    fn unusable_formats_of_dates_are_refused() {
        for (format, part) in [
            (
                "YYYY-MM-DD",
                "unknown format 'YYYY-MM-DD', expected one of: iso8601",
            ),
            ("human", "unknown format 'human'"),
            ("%K", "the format '%K' of rule 'date' cannot be used"),
        ] {
            let error = DateFormat::read(format).unwrap_err();
            assert_eq!(error.kind(), llmspell_core::Kind::InvalidArgs, "{format}");
            assert!(error.message().starts_with(part), "{error}");
        }
    }
}
