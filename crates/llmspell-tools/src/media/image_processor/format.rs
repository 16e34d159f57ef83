//! The picture formats, and how their files begin.

use image::ImageFormat;

/// A picture format.
#[derive(Debug)]
pub(super) struct Format {
    /// The canonical name first, then what else it is called and the extensions of its files.
    pub(super) names: &'static [&'static str],
    pub(super) mime: &'static str,
    /// How the library calls it; `None` if this build can neither read nor write it.
    pub(super) codec: Option<ImageFormat>,
}

impl Format {
    pub(super) fn name(&self) -> &'static str {
        self.names[0]
    }
}

const fn format(
    names: &'static [&'static str],
    mime: &'static str,
    codec: Option<ImageFormat>,
) -> Format {
    Format { names, mime, codec }
}

pub(super) const FORMATS: &[Format] = &[
    format(&["png", "apng"], "image/png", Some(ImageFormat::Png)),
    format(
        &["jpeg", "jpg", "jpe", "jfif"],
        "image/jpeg",
        Some(ImageFormat::Jpeg),
    ),
    format(&["gif"], "image/gif", Some(ImageFormat::Gif)),
    format(&["webp"], "image/webp", Some(ImageFormat::WebP)),
    format(&["bmp", "dib"], "image/bmp", Some(ImageFormat::Bmp)),
    format(&["tiff", "tif"], "image/tiff", Some(ImageFormat::Tiff)),
    format(&["ico"], "image/x-icon", Some(ImageFormat::Ico)),
    format(&["avif"], "image/avif", None),
];

/// Finds the format of that name or extension, without regard to case.
pub(super) fn named(name: &str) -> Option<&'static Format> {
    let name = name.trim().to_ascii_lowercase();
    FORMATS
        .iter()
        .find(|format| format.names.contains(&name.as_str()))
}

/// Returns the formats that can be read and written, for listings.
pub(super) fn usable() -> Vec<&'static str> {
    FORMATS
        .iter()
        .filter(|format| format.codec.is_some())
        .map(Format::name)
        .collect()
}

/// Tells the format from how a file begins.
pub(super) fn recognize(start: &[u8]) -> Option<&'static Format> {
    let name = match start {
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => "png",
        [0xff, 0xd8, 0xff, ..] => "jpeg",
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => "gif",
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => "webp",
        // The size of the information header follows; text may begin with BM as well.
        [
            b'B',
            b'M',
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            12 | 16 | 40 | 52 | 56 | 64 | 108 | 124,
            0,
            0,
            0,
            ..,
        ] => "bmp",
        [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => "tiff",
        // A directory of pictures: their count, then the first one with its planes reserved byte.
        [0, 0, 1, 0, 1..=255, 0, _, _, _, 0, ..] => "ico",
        [
            _,
            _,
            _,
            _,
            b'f',
            b't',
            b'y',
            b'p',
            b'a',
            b'v',
            b'i',
            b'f' | b's',
            ..,
        ] => "avif",
        _ => return None,
    };
    named(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_extensions_are_found() {
        assert_eq!(named("JPG").unwrap().name(), "jpeg");
        assert_eq!(named(" tif ").unwrap().name(), "tiff");
        assert!(named("svg").is_none());
        assert!(!usable().contains(&"avif"));
    }

    #[test]
    fn a_file_is_known_by_its_beginning() {
        let name = |start: &[u8]| recognize(start).map(Format::name);
        assert_eq!(name(b"\x89PNG\r\n\x1a\n...."), Some("png"));
        assert_eq!(name(b"RIFF\x04\0\0\0WEBPVP8 "), Some("webp"));
        assert_eq!(name(b"RIFF\x04\0\0\0WAVEfmt "), None);
        assert_eq!(name(b"BM is how this text begins"), None);
        assert_eq!(name(b"\0\0\0\x1cftypavif"), Some("avif"));
        assert_eq!(name(b"\0\0\0\x1cftypisom"), None);
        assert_eq!(name(b""), None);
    }
}
