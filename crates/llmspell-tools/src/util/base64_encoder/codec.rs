//! The codecs and where text breaks their rules.

use data_encoding::{
    BASE32, BASE32_NOPAD, BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, DecodeError,
    DecodeKind, Encoding, HEXLOWER, HEXLOWER_PERMISSIVE,
};
use llmspell_core::{Error, Kind, Result};

/// Longest input for base58, whose effort is quadratic.
const MOST_BASE58: usize = 16 * 1024;

/// A codec with its options.
#[derive(Clone, Copy)]
pub(super) struct Codec {
    /// `base64 base32 base58 hex`.
    pub(super) name: &'static str,
    /// Whether base64 uses `-_` instead of `+/`.
    pub(super) url_safe: bool,
    /// Whether encoded text is padded.
    pub(super) padding: bool,
}

/// Where and why a text is not well encoded.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Flaw {
    offset: usize,
    reason: String,
    kind: Kind,
}

impl Flaw {
    pub(super) fn new(offset: usize, reason: impl Into<String>) -> Self {
        Self {
            offset,
            reason: reason.into(),
            kind: Kind::Parse,
        }
    }

    /// Moves the flaw into a text of which the decoded one starts at `start`.
    pub(super) fn shifted(mut self, start: usize) -> Self {
        self.offset += start;
        self
    }

    pub(super) fn error(self, codec: &str) -> Error {
        let (offset, reason) = (self.offset, self.reason);
        let message = match self.kind {
            Kind::Limit => reason,
            _ => format!("not valid {codec}: {reason} at offset {offset}"),
        };
        Error::new(self.kind, message).with("offset", offset)
    }
}

impl Codec {
    pub(super) const BASE64: Self = Self {
        name: "base64",
        url_safe: false,
        padding: true,
    };
    pub(super) const HEX: Self = Self {
        name: "hex",
        ..Self::BASE64
    };

    pub(super) fn variant(&self) -> &'static str {
        if self.url_safe {
            "url-safe"
        } else {
            "standard"
        }
    }

    fn encoding(&self) -> Encoding {
        match (self.name, self.url_safe, self.padding) {
            ("hex", ..) => HEXLOWER,
            ("base32", _, true) => BASE32,
            ("base32", _, false) => BASE32_NOPAD,
            (_, false, true) => BASE64,
            (_, false, false) => BASE64_NOPAD,
            (_, true, true) => BASE64URL,
            (_, true, false) => BASE64URL_NOPAD,
        }
    }

    /// Encodes bytes.
    ///
    /// - Errors: `Limit` for base58 of more than 16 KiB.
    pub(super) fn encode(&self, bytes: &[u8]) -> Result<String> {
        if self.name == "base58" {
            base58_fits(bytes).map_err(|flaw| flaw.error("base58"))?;
            return Ok(bs58::encode(bytes).into_string());
        }
        Ok(self.encoding().encode(bytes))
    }

    /// Decodes text. Unless `strict`, white space, missing padding and either alphabet are accepted.
    pub(super) fn decode(&self, text: &[u8], strict: bool) -> Result<Vec<u8>, Flaw> {
        if strict && self.name != "base58" {
            let encoding = self.encoding();
            return encoding
                .decode(text)
                .map_err(|failure| flaw(&encoding, text, failure, |position| position));
        }
        let (mut kept, places) = self.loosened(text, strict);
        let at = |position: usize| places.get(position).copied().unwrap_or(text.len());
        if self.name == "base58" {
            base58_fits(&kept)?;
            return bs58::decode(&kept).into_vec().map_err(|failure| {
                let (position, reason) = match failure {
                    bs58::decode::Error::InvalidCharacter { character, index } => {
                        (index, format!("character '{character}'"))
                    }
                    bs58::decode::Error::NonAsciiCharacter { index } => {
                        (index, "a character beyond ASCII".to_owned())
                    }
                    other => (0, other.to_string()),
                };
                Flaw::new(at(position), reason)
            });
        }
        let encoding = match self.name {
            "hex" => HEXLOWER_PERMISSIVE,
            "base32" => BASE32_NOPAD,
            _ => BASE64_NOPAD,
        };
        let mut relaxed = encoding.specification();
        relaxed.check_trailing_bits = false;
        let relaxed = relaxed
            .encoding()
            .map_err(|failure| Flaw::new(0, failure.to_string()))?;
        if self.name != "hex" {
            while kept.last() == Some(&b'=') {
                kept.pop();
            }
        }
        let decoded = relaxed.decode(&kept);
        decoded.map_err(|failure| flaw(&relaxed, &kept, failure, at))
    }

    /// Returns the text in the codec's own alphabet without white space, and where each byte stood.
    fn loosened(&self, text: &[u8], strict: bool) -> (Vec<u8>, Vec<usize>) {
        let own = |byte: u8| match (self.name, byte) {
            ("base64", b'-') => b'+',
            ("base64", b'_') => b'/',
            ("base32", _) => byte.to_ascii_uppercase(),
            _ => byte,
        };
        text.iter()
            .enumerate()
            .filter(|(_, byte)| strict || !byte.is_ascii_whitespace())
            .map(|(place, &byte)| (own(byte), place))
            .unzip()
    }
}

fn base58_fits(bytes: &[u8]) -> Result<(), Flaw> {
    if bytes.len() <= MOST_BASE58 {
        return Ok(());
    }
    Err(Flaw {
        kind: Kind::Limit,
        ..Flaw::new(
            MOST_BASE58,
            format!(
                "base58 takes at most {MOST_BASE58} bytes, got {}",
                bytes.len()
            ),
        )
    })
}

/// Says what is wrong. A character outside the alphabet explains more than the length that it spoils.
fn flaw(
    encoding: &Encoding,
    text: &[u8],
    failure: DecodeError,
    at: impl Fn(usize) -> usize,
) -> Flaw {
    let rules = encoding.specification();
    let known = |byte: u8| {
        rules.symbols.as_bytes().contains(&byte)
            || rules.translate.from.as_bytes().contains(&byte)
            || rules
                .padding
                .is_some_and(|padding| padding as u32 == u32::from(byte))
    };
    let stranger = text.iter().position(|&byte| !known(byte));
    match (failure.kind, stranger) {
        (DecodeKind::Length | DecodeKind::Symbol, Some(place)) => {
            Flaw::new(at(place), "a character outside the alphabet")
        }
        (DecodeKind::Length, None) => Flaw::new(at(failure.position), "a wrong length"),
        (DecodeKind::Trailing, _) => {
            Flaw::new(at(failure.position), "trailing bits that are not zero")
        }
        (DecodeKind::Symbol | DecodeKind::Padding, _) => {
            Flaw::new(at(failure.position), "wrong padding")
        }
    }
}

/// Decodes the `%41` escapes of a URI.
pub(super) fn percent_decode(text: &[u8]) -> Result<Vec<u8>, Flaw> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.iter().enumerate();
    while let Some((place, &byte)) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || {
            let (_, &digit) = rest.next()?;
            char::from(digit).to_digit(16)
        };
        match (digit(), digit()) {
            (Some(high), Some(low)) => bytes.push((high * 16 + low) as u8),
            _ => return Err(Flaw::new(place, "an incomplete % escape")),
        }
    }
    Ok(bytes)
}
