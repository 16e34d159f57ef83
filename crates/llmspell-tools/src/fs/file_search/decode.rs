//! Text in any encoding.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::Encoding;

/// Returns the text that a file holds, or nothing if the file is binary.
///
/// UTF-8, else what a byte order mark says, else a guess. A zero byte without such a mark is no text.
pub(super) fn text(bytes: &[u8]) -> Option<Cow<'_, str>> {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        let (text, _) = encoding.decode_with_bom_removal(bytes);
        return Some(text);
    }
    if memchr::memchr(0, bytes).is_some() {
        return None;
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Some(Cow::Borrowed(text));
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    let encoding = detector.guess(None, Utf8Detection::Deny);
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_told_apart() {
        assert_eq!(text("naïve".as_bytes()).unwrap(), "naïve");
        assert_eq!(text(b"\xEF\xBB\xBFabc").unwrap(), "abc");
        assert_eq!(text(b"\xFF\xFEa\0b\0").unwrap(), "ab");
        assert_eq!(text(b"\xFE\xFF\0a\0b").unwrap(), "ab");
        assert_eq!(text(b"na\xEFve caf\xE9").unwrap(), "naïve café");
        assert_eq!(text(b"a\0b"), None);
        assert_eq!(text(b"").unwrap(), "");
    }
}
