//! How a text of separated values is written.

use csv::{ByteRecord, ReaderBuilder};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use llmspell_core::{Result, Value, bail};

use super::cell::Cell;
use crate::choice::choose;
use crate::param::refused;

/// How much of the beginning is looked at.
pub(super) const SAMPLE: usize = 64 * 1024;

/// The delimiters that are looked for, the more usual first.
const DELIMITERS: &[u8] = b",;\t|";

/// What a caller says of it; what it does not say is detected.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) delimiter: Option<u8>,
    pub(super) quote: Option<u8>,
    pub(super) has_headers: Option<bool>,
    pub(super) encoding: Option<&'static Encoding>,
}

/// How a text of separated values is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dialect {
    pub(super) delimiter: u8,
    pub(super) quote: u8,
    pub(super) has_headers: bool,
    pub(super) encoding: &'static Encoding,
}

impl Dialect {
    /// Tells the dialect by the beginning of the input, as bytes and as text. `whole` says that this is all of it.
    pub(super) fn detect(
        asked: &Asked,
        encoding: &'static Encoding,
        sample: &[u8],
        whole: bool,
    ) -> Self {
        let quote = asked.quote.unwrap_or(b'"');
        let delimiter = asked
            .delimiter
            .unwrap_or_else(|| delimiter(sample, quote, whole));
        let has_headers = asked
            .has_headers
            .unwrap_or_else(|| has_headers(sample, delimiter, quote));
        Self {
            delimiter,
            quote,
            has_headers,
            encoding,
        }
    }

    /// Returns the rules for a reader.
    pub(super) fn reader(&self) -> ReaderBuilder {
        builder(self.delimiter, self.quote)
    }
}

fn builder(delimiter: u8, quote: u8) -> ReaderBuilder {
    let mut builder = ReaderBuilder::new();
    builder
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .quote(quote)
        .buffer_capacity(256 * 1024);
    builder
}

/// Returns the encoding of the input by its mark, or by what its beginning looks like.
pub(super) fn encoding_of(sample: &[u8], whole: bool) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(sample) {
        return encoding;
    }
    let is_utf8 = match std::str::from_utf8(sample) {
        Ok(_) => true,
        // The sample may end within a letter.
        Err(failure) => failure.error_len().is_none() && !whole,
    };
    if is_utf8 {
        return UTF_8;
    }
    // Every other byte of most texts in UTF-16 is zero.
    let zeros = |start: usize| {
        let bytes = sample.iter().skip(start).step_by(2);
        bytes.filter(|byte| **byte == 0).count() * 3 > sample.len()
    };
    match (zeros(0), zeros(1)) {
        (true, false) => return UTF_16BE,
        (false, true) => return UTF_16LE,
        _ => {}
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(sample, whole);
    detector.guess(None, chardetng::Utf8Detection::Allow)
}

/// Reads the name of an encoding.
pub(super) fn encoding_named(label: &str) -> Result<&'static Encoding> {
    let known = match label.to_ascii_lowercase().as_str() {
        "auto" => bail!(Bug, "'auto' is no encoding"),
        "utf-8-bom" => Some(UTF_8),
        label => Encoding::for_label(label.as_bytes()),
    };
    known.ok_or_else(|| {
        refused("encoding", format!("unknown encoding '{label:.40}'"))
            .hint("as on the web: utf-8, utf-16le, windows-1252, iso-8859-15, shift_jis, gbk")
    })
}

/// Reads the parameter `delimiter`: the letter itself, or its name.
pub(super) fn delimiter_named(given: &str) -> Result<u8> {
    match given.to_ascii_lowercase().as_str() {
        "\\t" | "tab" => return Ok(b'\t'),
        "comma" => return Ok(b','),
        "semicolon" => return Ok(b';'),
        "pipe" => return Ok(b'|'),
        _ => {}
    }
    one_letter("delimiter", given)
}

/// Reads a parameter that is one letter of ASCII.
pub(super) fn one_letter(parameter: &'static str, given: &str) -> Result<u8> {
    match *given.as_bytes() {
        [letter] if letter.is_ascii() && !matches!(letter, b'\r' | b'\n' | 0) => Ok(letter),
        _ => {
            let message =
                format!("parameter '{parameter}' must be one ASCII character, got '{given:.40}'");
            Err(refused(parameter, message))
        }
    }
}

/// Reads the parameter `has_headers`: a truth value, or `auto`.
pub(super) fn headers_named(given: &Value) -> Result<Option<bool>> {
    match given {
        Value::Bool(has) => Ok(Some(*has)),
        Value::Str(text) => {
            let found = choose("has_headers", text, &[&["auto"], &["true"], &["false"]])?;
            Ok((found != "auto").then_some(found == "true"))
        }
        other => {
            let message = format!(
                "parameter 'has_headers' must be boolean or 'auto', got {}",
                other.type_name()
            );
            Err(refused("has_headers", message).misshapen())
        }
    }
}

/// Returns the records of the sample; the last one of a part may be cut and is left out.
fn records(sample: &[u8], delimiter: u8, quote: u8, whole: bool) -> Vec<ByteRecord> {
    const MOST: usize = 200;
    let mut reader = builder(delimiter, quote).from_reader(sample);
    let mut records: Vec<ByteRecord> = reader.byte_records().flatten().take(MOST).collect();
    if !whole && records.len() > 1 && records.len() < MOST {
        records.pop();
    }
    records
}

/// Returns the delimiter that parts the most records into the same number of fields, more than one.
fn delimiter(sample: &[u8], quote: u8, whole: bool) -> u8 {
    let mut best = (b',', 0.0);
    for &candidate in DELIMITERS {
        let records = records(sample, candidate, quote, whole);
        let mut counts: Vec<usize> = records.iter().map(ByteRecord::len).collect();
        counts.sort_unstable();
        let runs = counts.chunk_by(|left, right| left == right);
        let Some(run) = runs.max_by_key(|run| run.len()) else {
            continue;
        };
        if run[0] < 2 {
            continue;
        }
        let share = run.len() as f64 / counts.len() as f64;
        // Among delimiters that part all alike, the one that parts the most.
        let score = share + (run[0] as f64).min(1000.0) / 10_000.0;
        if score > best.1 {
            best = (candidate, score);
        }
    }
    best.0
}

/// Returns whether the first record names the columns: all its fields are text, and no two the same.
fn has_headers(sample: &[u8], delimiter: u8, quote: u8) -> bool {
    let records = records(sample, delimiter, quote, true);
    let Some(first) = records.first() else {
        return true;
    };
    let named = first
        .iter()
        .filter(|field| !field.is_empty())
        .collect::<Vec<_>>();
    let texts = |field: &&[u8]| matches!(Cell::read(field), Cell::Text(_));
    let mut distinct = named.clone();
    distinct.sort_unstable();
    distinct.dedup();
    !named.is_empty() && named.iter().all(texts) && distinct.len() == named.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Dialect {
        Dialect::detect(&Asked::default(), UTF_8, text.as_bytes(), true)
    }

    #[test]
    fn the_delimiter_is_the_one_that_parts_alike() {
        for (text, expected) in [
            ("a,b\n1,2\n", b','),
            ("a;b\n1,5;2,5\n", b';'),
            ("a\tb\n1\t2\n", b'\t'),
            ("a|b|c\n1|2|3\n", b'|'),
            ("name\nAnn\n", b','),
            ("a;b", b';'),
            ("\"x;y;z\",b\n\"p;q\",2\n", b','),
            ("", b','),
        ] {
            assert_eq!(of(text).delimiter, expected, "{text:?}");
        }
    }

    #[test]
    fn headers_are_told_by_what_they_are_not() {
        for (text, expected) in [
            ("name,age\nAnn,30\n", true),
            ("Ann,30\nBob,40\n", false),
            ("a,b\nc,d\n", true),
            (",b\n1,2\n", true),
            ("a,a\n1,2\n", false),
            ("2026-01-01,x\n", false),
            ("name\n", true),
        ] {
            assert_eq!(of(text).has_headers, expected, "{text:?}");
        }
    }

    #[test]
    fn encodings_are_told_by_mark_and_content() {
        assert_eq!(encoding_of("é".as_bytes(), true), UTF_8);
        assert_eq!(encoding_of(&"é".as_bytes()[..1], false), UTF_8);
        assert_eq!(encoding_of(b"\xff\xfea\0", true), UTF_16LE);
        assert_eq!(encoding_of(b"a\0,\0b\0\xe9\0", true), UTF_16LE);
        assert_eq!(
            encoding_of(b"caf\xe9,gar\xe7on", true),
            encoding_rs::WINDOWS_1252
        );
        assert_eq!(encoding_named("latin1").unwrap(), encoding_rs::WINDOWS_1252);
        assert!(encoding_named("klingon").is_err());
    }
}
