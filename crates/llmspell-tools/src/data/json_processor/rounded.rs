//! Numbers that a script can have only rounded.

use jaq_json::{Num, Val, read};
use llmspell_core::value::from_json;

/// Digits that every number has room for.
const SAFE_DIGITS: usize = 15;

/// The numbers of a result that lost digits when they became values.
#[derive(Debug, Default)]
pub(super) struct Rounded {
    count: usize,
    /// Where the first one stands, and how it was written.
    first: Option<(String, String)>,
}

impl Rounded {
    /// Looks at JSON text that stands at `place`.
    pub(super) fn in_text(&mut self, text: &str, place: &str) {
        // What is no JSON stays a text, which loses nothing. The evaluator's parser does not mind how deeply its text is
        // nested, the stack does: the other one looks first.
        if !has_long_number(text) || from_json(text).is_err() {
            return;
        }
        if let Ok(val) = read::parse_single(text.as_bytes()) {
            self.in_val(&val, &mut place.to_owned());
        }
    }

    /// Looks at what stands at `place`, which is as it was afterwards.
    pub(super) fn in_val(&mut self, val: &Val, place: &mut String) {
        let before = place.len();
        match val {
            Val::Num(number) if is_rounded(number) => {
                self.first
                    .get_or_insert_with(|| (place.clone(), number.to_string()));
                self.count += 1;
            }
            Val::Arr(items) => {
                for (index, item) in items.iter().enumerate() {
                    place.push_str(&format!("[{index}]"));
                    self.in_val(item, place);
                    place.truncate(before);
                }
            }
            Val::Obj(members) => {
                for (name, item) in members.iter() {
                    if let Val::TStr(name) = name {
                        place.push_str(if before > 0 { "." } else { "" });
                        place.push_str(&String::from_utf8_lossy(name));
                    }
                    self.in_val(item, place);
                    place.truncate(before);
                }
            }
            _ => {}
        }
    }

    /// Adds what was found in the results of a query, which stand at `place`: a list, or the only one `alone`.
    pub(super) fn add(&mut self, found: Rounded, alone: bool, place: &str) {
        self.count += found.count;
        let Some((inner, number)) = found.first else {
            return;
        };
        let inner = match alone {
            true => inner.strip_prefix("[0]").unwrap_or(&inner),
            false => &inner,
        };
        let place = match (place, inner.strip_prefix('.').unwrap_or(inner)) {
            ("", inner) => inner.to_owned(),
            (place, inner) if inner.is_empty() || inner.starts_with('[') => {
                format!("{place}{inner}")
            }
            (place, inner) => format!("{place}.{inner}"),
        };
        self.first.get_or_insert((place, number));
    }

    /// Returns the sentence that says so; none if every digit was kept.
    pub(super) fn warning(&self) -> Option<String> {
        let (place, number) = self.first.as_ref()?;
        let place = match place.is_empty() {
            true => String::new(),
            false => format!(" at '{place}'"),
        };
        Some(match self.count {
            1 => format!(
                "the number {number:.60}{place} has more digits than a value holds and was rounded"
            ),
            count => format!(
                "{count} numbers have more digits than a value holds and were rounded; the first one is \
                 {number:.60}{place}"
            ),
        })
    }
}

/// Returns whether a text may hold a number that does not fit.
fn has_long_number(text: &str) -> bool {
    let mut digits = 0;
    text.bytes().any(|byte| {
        digits = match byte {
            b'0'..=b'9' => digits + 1,
            b'.' => digits,
            _ => 0,
        };
        digits > SAFE_DIGITS
    })
}

/// Returns whether the value of a number is not what was written.
fn is_rounded(number: &Num) -> bool {
    match number {
        Num::Int(_) | Num::Float(_) => false,
        Num::Dec(text) if text.len() <= SAFE_DIGITS => false,
        Num::BigInt(_) | Num::Dec(_) => {
            let written = number.to_string();
            match (written.parse::<i64>(), written.parse::<f64>()) {
                (Ok(_), _) => false,
                (_, Ok(value)) => decimal(&format!("{value:e}")) != decimal(&written),
                _ => true,
            }
        }
    }
}

/// Returns the digits of a decimal number from the first to the last that is not zero, and the last one's power of ten.
fn decimal(text: &str) -> (String, i64) {
    let text = text.trim_start_matches(['-', '+']);
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let kept = digits.trim_end_matches('0');
    let zeros = (digits.len() - kept.len()) as i64;
    let digits = kept.trim_start_matches('0').to_owned();
    if digits.is_empty() {
        return (digits, 0);
    }
    let exponent = exponent.parse::<i64>().unwrap_or(0);
    (digits, exponent - fraction.len() as i64 + zeros)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warning(text: &str) -> Option<String> {
        let mut rounded = Rounded::default();
        rounded.in_text(text, "");
        rounded.warning()
    }

    #[test]
    fn what_fits_is_not_mentioned() {
        for text in [
            "9223372036854775807",
            "-9223372036854775808",
            "[0.1, 1.10, 100000000000000000000, 1e300, 0.30000000000000004]",
            r#"{"a": "12345678901234567890"}"#,
            "12345678901234567890 and no JSON",
            "0.0000000000000000000",
        ] {
            assert_eq!(warning(text), None, "{text}");
        }
    }

    #[test]
    fn the_first_one_is_named() {
        assert_eq!(
            warning(r#"{"a": [1, {"b": 12345678901234567890}]}"#).as_deref(),
            Some(
                "the number 12345678901234567890 at 'a[1].b' has more digits than a value holds and was rounded"
            )
        );
        assert_eq!(
            warning("[1.00000000000000000001, 9223372036854775809]").as_deref(),
            Some(
                "2 numbers have more digits than a value holds and were rounded; the first one is \
                 1.00000000000000000001 at '[0]'"
            )
        );
        assert_eq!(
            warning("9007199254740993.5").as_deref(),
            Some(
                "the number 9007199254740993.5 has more digits than a value holds and was rounded"
            )
        );
    }
}
