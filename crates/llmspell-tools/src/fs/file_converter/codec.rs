//! Texts as bytes, in the encodings of the world.

use encoding_rs::{EncoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};
use llmspell_core::{Error, Kind, Result, error};

use crate::caret::place;
use crate::param::refused;

/// How letters are written as bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Codec {
    Utf8,
    Utf16 {
        big: bool,
    },
    Utf32 {
        big: bool,
    },
    Ascii,
    /// The first 256 letters of Unicode, a byte each.
    Latin1,
    /// What the web knows under a name.
    Web(&'static Encoding),
}

/// What is to be done with the mark before a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Keep,
    Add,
    Remove,
}

/// What is to be done with a letter that an encoding lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unmappable {
    Error,
    /// A question mark.
    Replace,
    /// `\u{e9}`.
    Escape,
}

impl Codec {
    /// Reads the name of an encoding, and whether the name asks for a mark.
    pub(super) fn named(parameter: &'static str, label: &str) -> Result<(Self, Option<Mark>)> {
        let folded = label.trim().to_ascii_lowercase().replace('_', "-");
        let found = match folded.as_str() {
            "utf-8" | "utf8" => (Self::Utf8, None),
            "utf-8-bom" | "utf-8-sig" => (Self::Utf8, Some(Mark::Add)),
            "utf-16" => (Self::Utf16 { big: false }, Some(Mark::Add)),
            "utf-16le" | "utf-16-le" => (Self::Utf16 { big: false }, None),
            "utf-16be" | "utf-16-be" => (Self::Utf16 { big: true }, None),
            "utf-32" => (Self::Utf32 { big: false }, Some(Mark::Add)),
            "utf-32le" | "utf-32-le" => (Self::Utf32 { big: false }, None),
            "utf-32be" | "utf-32-be" => (Self::Utf32 { big: true }, None),
            "ascii" | "us-ascii" => (Self::Ascii, None),
            "latin1" | "latin-1" | "iso-8859-1" => (Self::Latin1, None),
            other => {
                // The names of the web lack the hyphens that people write.
                let found = Encoding::for_label(other.as_bytes())
                    .or_else(|| Encoding::for_label(other.replace('-', "_").as_bytes()))
                    .filter(|found| ![UTF_8, UTF_16LE, UTF_16BE].contains(found));
                let found = found.ok_or_else(|| {
                    refused(parameter, format!("unknown encoding '{label:.40}'")).hint(
                        "utf-8 utf-8-bom utf-16 utf-16le utf-16be utf-32le utf-32be ascii windows-125x iso-8859-x shift_jis euc-jp gbk gb18030 big5 koi8-r",
                    )
                })?;
                (Self::Web(found), None)
            }
        };
        Ok(found)
    }

    pub(super) fn name(self) -> String {
        match self {
            Self::Utf8 => "utf-8".to_owned(),
            Self::Utf16 { big } => if big { "utf-16be" } else { "utf-16le" }.to_owned(),
            Self::Utf32 { big } => if big { "utf-32be" } else { "utf-32le" }.to_owned(),
            Self::Ascii => "ascii".to_owned(),
            Self::Latin1 => "iso-8859-1".to_owned(),
            Self::Web(encoding) => encoding.name().to_lowercase(),
        }
    }

    /// Returns the bytes of the mark; none for encodings without.
    fn mark(self) -> &'static [u8] {
        match self {
            Self::Utf8 => b"\xef\xbb\xbf",
            Self::Utf16 { big: false } => b"\xff\xfe",
            Self::Utf16 { big: true } => b"\xfe\xff",
            Self::Utf32 { big: false } => b"\xff\xfe\0\0",
            Self::Utf32 { big: true } => b"\0\0\xfe\xff",
            _ => b"",
        }
    }

    /// Returns the encoding whose mark stands before these bytes.
    pub(super) fn marked(bytes: &[u8]) -> Option<Self> {
        let all = [
            Self::Utf32 { big: false },
            Self::Utf32 { big: true },
            Self::Utf8,
            Self::Utf16 { big: false },
            Self::Utf16 { big: true },
        ];
        all.into_iter()
            .find(|codec| bytes.starts_with(codec.mark()))
    }

    /// Returns the text of bytes, without its mark, and whether it had one.
    ///
    /// - Errors: `Parse` with the offset of what cannot be in this encoding.
    pub(super) fn decode(self, bytes: &[u8]) -> Result<(String, bool)> {
        let has_mark = !self.mark().is_empty() && bytes.starts_with(self.mark());
        let start = if has_mark { self.mark().len() } else { 0 };
        let body = &bytes[start..];
        let text = match self {
            Self::Utf8 => {
                String::from_utf8(body.to_vec()).map_err(|failed| failed.utf8_error().valid_up_to())
            }
            Self::Ascii => match body.iter().position(|byte| !byte.is_ascii()) {
                Some(at) => Err(at),
                None => Ok(String::from_utf8_lossy(body).into_owned()),
            },
            Self::Latin1 => Ok(body.iter().map(|byte| char::from(*byte)).collect()),
            Self::Utf16 { big } => wide(body, big),
            Self::Utf32 { big } => widest(body, big),
            Self::Web(encoding) => {
                match encoding.decode_without_bom_handling_and_without_replacement(body) {
                    Some(text) => Ok(text.into_owned()),
                    None => Err(0),
                }
            }
        };
        let text = text.map_err(|at| {
            let name = self.name();
            let place = match self {
                Self::Web(_) => String::new(),
                _ => format!(" at offset {}", start + at),
            };
            error!(Parse, "the text is not valid {name}{place}").with("offset", start + at)
        })?;
        Ok((text, has_mark))
    }

    /// Returns a text as bytes, and how many letters were written otherwise.
    ///
    /// - Errors: `Execution` with line and column of a letter that the encoding lacks.
    pub(super) fn encode(
        self,
        text: &str,
        mark: bool,
        otherwise: Unmappable,
    ) -> Result<(Vec<u8>, u64)> {
        let mut bytes = if mark {
            self.mark().to_vec()
        } else {
            Vec::new()
        };
        bytes.reserve(text.len());
        match self {
            Self::Utf8 => bytes.extend(text.as_bytes()),
            Self::Utf16 { big } => {
                let pair = |unit: u16| {
                    if big {
                        unit.to_be_bytes()
                    } else {
                        unit.to_le_bytes()
                    }
                };
                bytes.extend(text.encode_utf16().flat_map(pair));
            }
            Self::Utf32 { big } => {
                let four = |letter: char| match big {
                    true => u32::from(letter).to_be_bytes(),
                    false => u32::from(letter).to_le_bytes(),
                };
                bytes.extend(text.chars().flat_map(four));
            }
            Self::Ascii | Self::Latin1 => {
                let most = if self == Self::Ascii { 0x7f } else { 0xff };
                let mut replaced = 0;
                for (at, letter) in text.char_indices() {
                    match u8::try_from(u32::from(letter)) {
                        Ok(byte) if byte <= most => bytes.push(byte),
                        _ => {
                            bytes.extend(self.instead(text, at, letter, otherwise)?.as_bytes());
                            replaced += 1;
                        }
                    }
                }
                return Ok((bytes, replaced));
            }
            Self::Web(encoding) => {
                let replaced = self.encode_web(encoding, text, otherwise, &mut bytes)?;
                return Ok((bytes, replaced));
            }
        }
        Ok((bytes, 0))
    }

    fn encode_web(
        self,
        encoding: &'static Encoding,
        text: &str,
        otherwise: Unmappable,
        bytes: &mut Vec<u8>,
    ) -> Result<u64> {
        let mut encoder = encoding.new_encoder();
        let (mut at, mut replaced) = (0, 0);
        loop {
            let needed = encoder.max_buffer_length_from_utf8_without_replacement(text.len() - at);
            bytes.reserve(needed.unwrap_or(text.len() * 4).max(16));
            let (result, read) =
                encoder.encode_from_utf8_to_vec_without_replacement(&text[at..], bytes, true);
            at += read;
            match result {
                EncoderResult::InputEmpty => return Ok(replaced),
                EncoderResult::OutputFull => {}
                EncoderResult::Unmappable(letter) => {
                    let start = at - letter.len_utf8();
                    bytes.extend(self.instead(text, start, letter, otherwise)?.as_bytes());
                    replaced += 1;
                }
            }
        }
    }

    fn instead(self, text: &str, at: usize, letter: char, otherwise: Unmappable) -> Result<String> {
        match otherwise {
            Unmappable::Replace => Ok("?".to_owned()),
            Unmappable::Escape => Ok(letter.escape_unicode().to_string()),
            Unmappable::Error => {
                let here = place(text, at);
                let message = format!(
                    "'{letter}' at line {}, column {} cannot be written in {}",
                    here.line,
                    here.column,
                    self.name()
                );
                Err(Error::new(Kind::Execution, message)
                    .with("line", here.line)
                    .with("column", here.column)
                    .hint("set `on_unmappable` to \"replace\" or \"escape\""))
            }
        }
    }
}

fn wide(bytes: &[u8], big: bool) -> Result<String, usize> {
    let pairs = bytes.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return Err(bytes.len() - 1);
    }
    let units = pairs.map(|pair| match big {
        true => u16::from_be_bytes([pair[0], pair[1]]),
        false => u16::from_le_bytes([pair[0], pair[1]]),
    });
    let (mut text, mut at) = (String::with_capacity(bytes.len()), 0);
    for letter in char::decode_utf16(units) {
        let letter = letter.map_err(|_| at)?;
        at += letter.len_utf16() * 2;
        text.push(letter);
    }
    Ok(text)
}

fn widest(bytes: &[u8], big: bool) -> Result<String, usize> {
    let fours = bytes.chunks_exact(4);
    if !fours.remainder().is_empty() {
        return Err(bytes.len() - fours.remainder().len());
    }
    let letter = |(index, four): (usize, &[u8])| {
        let four = [four[0], four[1], four[2], four[3]];
        let number = if big {
            u32::from_be_bytes(four)
        } else {
            u32::from_le_bytes(four)
        };
        char::from_u32(number).ok_or(index * 4)
    };
    fours.enumerate().map(letter).collect()
}

/// What bytes look like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Guess {
    /// None for what is no text.
    pub(super) codec: Option<Codec>,
    /// From 0 to 1.
    pub(super) confidence: f64,
    pub(super) has_mark: bool,
}

impl Guess {
    /// Tells the encoding by the mark, or by what the bytes look like.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let sure = |codec, confidence| Self {
            codec: Some(codec),
            confidence,
            has_mark: false,
        };
        if let Some(codec) = Codec::marked(bytes) {
            return Self {
                has_mark: true,
                ..sure(codec, 1.0)
            };
        }
        let control =
            |byte: &&u8| **byte < 0x20 && !matches!(**byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b);
        let controls = bytes.iter().filter(control).count();
        if controls == 0 && std::str::from_utf8(bytes).is_ok() {
            return sure(Codec::Utf8, 1.0);
        }
        let zeros = |start: usize| {
            bytes
                .iter()
                .skip(start)
                .step_by(2)
                .filter(|byte| **byte == 0)
                .count()
                * 3
                > bytes.len()
        };
        let even = bytes.len().is_multiple_of(2);
        match (zeros(0), zeros(1)) {
            (true, false) if even => return sure(Codec::Utf16 { big: true }, 0.8),
            (false, true) if even => return sure(Codec::Utf16 { big: false }, 0.8),
            _ => {}
        }
        if bytes.contains(&0) || controls * 10 > bytes.len() {
            return Self {
                codec: None,
                confidence: 0.9,
                has_mark: false,
            };
        }
        if std::str::from_utf8(bytes).is_ok() {
            return sure(Codec::Utf8, 0.9);
        }
        let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
        detector.feed(bytes, true);
        let found = detector.guess(None, chardetng::Utf8Detection::Allow);
        let odd = bytes.iter().filter(|byte| !byte.is_ascii()).count();
        // The more letters beyond ASCII there are, the less chance it is.
        let confidence = (0.5 + (odd.min(100) as f64) / 250.0).min(0.9);
        sure(Codec::Web(found), (confidence * 100.0).round() / 100.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_comes_back() {
        for (name, text) in [
            ("utf-8", "é😀"),
            ("utf-16le", "é😀"),
            ("utf-16be", "é😀"),
            ("utf-32le", "é😀"),
            ("utf-32be", "é😀"),
            ("ascii", "plain"),
            ("latin1", "é\u{80}"),
            ("windows-1251", "Привет"),
            ("windows-1252", "é€"),
            ("iso-8859-2", "Łódź"),
            ("iso-8859-15", "€"),
            ("shift_jis", "日本"),
            ("euc-jp", "日本"),
            ("gbk", "中文"),
            ("gb18030", "中文😀"),
            ("big5", "中文"),
            ("koi8-r", "Привет"),
        ] {
            let (codec, _) = Codec::named("to_encoding", name).unwrap();
            let (bytes, replaced) = codec.encode(text, false, Unmappable::Error).unwrap();
            assert_eq!(replaced, 0, "{name}");
            assert_eq!(
                codec.decode(&bytes).unwrap(),
                (text.to_owned(), false),
                "{name}"
            );
            let (marked, _) = codec.encode(text, true, Unmappable::Error).unwrap();
            assert_eq!(codec.decode(&marked).unwrap().0, text, "{name}");
        }
        assert!(Codec::named("to_encoding", "klingon").is_err());
    }

    #[test]
    fn letters_that_are_lacking_are_told_or_replaced() {
        for name in ["ascii", "latin1", "windows-1252"] {
            let (codec, _) = Codec::named("to_encoding", name).unwrap();
            let error = codec
                .encode("a\nb 日", false, Unmappable::Error)
                .unwrap_err();
            assert_eq!(error.kind(), Kind::Execution);
            assert_eq!(
                error.details().get("line").unwrap().as_int(),
                Some(2),
                "{name}"
            );
            assert_eq!(
                error.details().get("column").unwrap().as_int(),
                Some(3),
                "{name}"
            );
            assert_eq!(
                codec.encode("a日b", false, Unmappable::Replace).unwrap(),
                (b"a?b".to_vec(), 1)
            );
            assert_eq!(
                codec.encode("a日b", false, Unmappable::Escape).unwrap(),
                (b"a\\u{65e5}b".to_vec(), 1)
            );
        }
    }

    #[test]
    fn broken_text_has_an_offset() {
        for (codec, bytes, offset) in [
            (Codec::Utf8, &b"ab\xff"[..], 2),
            (Codec::Ascii, b"a\xe9", 1),
            (Codec::Utf16 { big: false }, b"a\0\0\xd8", 2),
            (Codec::Utf16 { big: false }, b"a\0b", 2),
            (Codec::Utf32 { big: true }, b"\0\0\0a\0\x11\0\0", 4),
        ] {
            let error = codec.decode(bytes).unwrap_err();
            assert_eq!(error.kind(), Kind::Parse);
            assert_eq!(
                error.details().get("offset").unwrap().as_int(),
                Some(offset),
                "{codec:?}"
            );
        }
    }

    #[test]
    fn bytes_are_told_apart() {
        let of = |bytes: &[u8]| Guess::of(bytes).codec.map(Codec::name);
        assert_eq!(of(b"plain"), Some("utf-8".to_owned()));
        assert_eq!(of("é".as_bytes()), Some("utf-8".to_owned()));
        assert_eq!(of(b"\xef\xbb\xbfx"), Some("utf-8".to_owned()));
        assert_eq!(of(b"\xff\xfe\0\0x\0\0\0"), Some("utf-32le".to_owned()));
        assert_eq!(of(b"\xff\xfex\0"), Some("utf-16le".to_owned()));
        assert_eq!(of(b"a\0b\0c\0d\0"), Some("utf-16le".to_owned()));
        assert_eq!(of(b"caf\xe9 na\xefve"), Some("windows-1252".to_owned()));
        assert_eq!(of(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), None);
    }
}
