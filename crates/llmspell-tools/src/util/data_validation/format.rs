//! Texts of a known form.

use std::net::IpAddr;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use jiff::civil::{Date, DateTime};
use jiff::{Timestamp, fmt::strtime};
use jsonschema::Validator;
use llmspell_core::value::from_json;
use serde_json::json;

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

/// Returns the date or moment in ISO form, if the text is one in this format; without a format ISO 8601 and RFC 3339.
pub(super) fn date(text: &str, format: Option<&str>) -> Option<String> {
    let Some(format) = format else {
        let stamp = || {
            text.parse::<Timestamp>()
                .ok()
                .map(|stamp| stamp.to_string())
        };
        let civil = || text.parse::<DateTime>().ok().map(|civil| civil.to_string());
        let day = || text.parse::<Date>().ok().map(|day| day.to_string());
        return if text.len() <= 10 {
            day()
        } else {
            stamp().or_else(civil)
        };
    };
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
        ] {
            assert_eq!(date(text, format), None, "{text}");
        }
    }
}
