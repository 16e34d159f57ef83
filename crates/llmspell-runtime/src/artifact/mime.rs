//! What kind of data a content is.

use infer::MatcherType;

/// What content is that is neither known nor text.
const UNKNOWN: &str = "application/octet-stream";

/// Formats that begin as text and are told by their first bytes all the same.
const AS_TEXT: [&str; 3] = [
    "application/pdf",
    "application/rtf",
    "application/postscript",
];

/// Returns the MIME type of a content: by its first bytes, then by the extension of its name, then `text/plain` for
/// UTF-8 text, else `application/octet-stream`.
pub(super) fn sniff(name: &str, content: &[u8]) -> &'static str {
    let is_text = is_text(content);
    if let Some(kind) = infer::get(content) {
        // Some signatures have two letters: a text that begins with BM is no picture.
        let trusted =
            kind.matcher_type() == MatcherType::Text || AS_TEXT.contains(&kind.mime_type());
        if !is_text || trusted {
            return kind.mime_type();
        }
    }
    let named = mime_guess::from_path(name).first_raw();
    named.unwrap_or(if is_text { "text/plain" } else { UNKNOWN })
}

fn is_text(content: &[u8]) -> bool {
    !content.contains(&0) && std::str::from_utf8(content).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes_then_extension_then_text() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
        for (name, content, expected) in [
            ("a.txt", &png[..], "image/png"),
            ("a", b"%PDF-1.7 x", "application/pdf"),
            ("a", b"<!DOCTYPE html><p>x", "text/html"),
            ("a.json", b"{}", "application/json"),
            ("a.md", b"# x", "text/markdown"),
            ("BMW", b"BM is a maker of cars", "text/plain"),
            ("notes", "gr\u{fc}\u{df}e".as_bytes(), "text/plain"),
            ("empty", b"", "text/plain"),
            ("blob", b"\xff\xfe\x01", "application/octet-stream"),
            ("nul", b"a\0b", "application/octet-stream"),
        ] {
            assert_eq!(sniff(name, content), expected, "{name}");
        }
    }
}
