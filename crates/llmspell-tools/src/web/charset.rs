//! Bytes of the web as text.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8};

/// How far a document is searched for what it says of itself, in bytes.
const HEAD: usize = 1024;

/// How much of a document is looked at to guess, in bytes.
const SAMPLE: usize = 64 << 10;

/// Returns the text of a document, and the name of its character set.
///
/// A byte order mark wins, then the header, then what the document says of itself, then UTF-8 if it is that, then a
/// guess. What does not fit becomes U+FFFD.
pub(super) fn decode(bytes: &[u8], content_type: Option<&str>) -> (String, &'static str) {
    let encoding = Encoding::for_bom(bytes)
        .map(|(encoding, _)| encoding)
        .or_else(|| labelled(content_type?.as_bytes()))
        .or_else(|| declared(bytes))
        .unwrap_or_else(|| guessed(bytes));
    let (text, encoding, _) = encoding.decode(bytes);
    (text.into_owned(), encoding.name())
}

fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(HEAD)];
    // The label was read as ASCII, so it cannot be one of the sets that are not.
    labelled(head).map(Encoding::output_encoding)
}

/// Finds `charset=LABEL` or `encoding="LABEL"`.
fn labelled(text: &[u8]) -> Option<&'static Encoding> {
    let text = text.to_ascii_lowercase();
    ["charset", "encoding"].iter().find_map(|name| {
        let starts = text.windows(name.len()).enumerate();
        starts
            .filter(|(_, window)| window == &name.as_bytes())
            .find_map(|(at, _)| value(&text[at + name.len()..]))
    })
}

fn value(text: &[u8]) -> Option<&'static Encoding> {
    let label = text
        .trim_ascii_start()
        .strip_prefix(b"=")?
        .trim_ascii_start();
    let label = label
        .strip_prefix(b"\"")
        .or(label.strip_prefix(b"'"))
        .unwrap_or(label);
    let end = label
        .iter()
        .position(|byte| b"\"'; >?/".contains(byte))
        .unwrap_or(label.len());
    Encoding::for_label(&label[..end])
}

fn guessed(bytes: &[u8]) -> &'static Encoding {
    if str::from_utf8(bytes).is_ok() {
        return UTF_8;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(&bytes[..bytes.len().min(SAMPLE)], true);
    detector.guess(None, Utf8Detection::Allow)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mark_header_document_and_guess_in_that_order() {
        let utf16 = [0xFF, 0xFE, b'h', 0, 0xE9, 0];
        for (bytes, header, text, name) in [
            (
                &b"\xEF\xBB\xBFh\xC3\xA9"[..],
                Some("text/html; charset=latin1"),
                "hé",
                "UTF-8",
            ),
            (&utf16, None, "hé", "UTF-16LE"),
            (
                b"h\xE9",
                Some("text/html; Charset=ISO-8859-1"),
                "hé",
                "windows-1252",
            ),
            (
                b"h\xE9",
                Some("text/html;charset=\"latin1\""),
                "hé",
                "windows-1252",
            ),
            (
                b"<meta charset=koi8-r>\xD4",
                None,
                "<meta charset=koi8-r>т",
                "KOI8-R",
            ),
            (
                b"<meta http-equiv=x content='text/html; charset=windows-1251'>\xF2",
                Some("text/html"),
                "<meta http-equiv=x content='text/html; charset=windows-1251'>т",
                "windows-1251",
            ),
            (
                b"<?xml version='1.0' encoding='iso-8859-1'?>\xE9",
                None,
                "<?xml version='1.0' encoding='iso-8859-1'?>é",
                "windows-1252",
            ),
            (
                b"<meta charset=utf-16>a",
                None,
                "<meta charset=utf-16>a",
                "UTF-8",
            ),
            ("hé".as_bytes(), None, "hé", "UTF-8"),
            (
                b"h\xC3\xA9",
                Some("text/html; charset=nonsense"),
                "hé",
                "UTF-8",
            ),
            (b"caf\xE9 cr\xE8me", None, "café crème", "windows-1252"),
        ] {
            assert_eq!(decode(bytes, header), (text.to_owned(), name), "{header:?}");
        }
    }

    #[test]
    fn shift_jis_is_guessed() {
        let (bytes, ..) = encoding_rs::SHIFT_JIS.encode("これは日本語の文章です。漢字とひらがな。");
        assert_eq!(decode(&bytes, None).1, "Shift_JIS");
    }
}
