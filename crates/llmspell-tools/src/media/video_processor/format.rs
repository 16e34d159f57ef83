//! The video formats, and how their files begin.

/// A format of video files.
#[derive(Debug)]
pub(super) struct Format {
    pub(super) name: &'static str,
    pub(super) mime: &'static str,
    /// How ffmpeg calls its reader.
    pub(super) demuxer: &'static str,
    pub(super) layout: Layout,
}

/// How a file is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    Boxes,
    Ebml,
    Riff,
    Flv,
    Asf,
    /// An MPEG program stream, or bare video.
    Program,
    /// An MPEG transport stream.
    Transport,
}

const fn format(
    name: &'static str,
    mime: &'static str,
    demuxer: &'static str,
    layout: Layout,
) -> Format {
    Format {
        name,
        mime,
        demuxer,
        layout,
    }
}

static MP4: Format = format("mp4", "video/mp4", "mov", Layout::Boxes);
static MOV: Format = format("mov", "video/quicktime", "mov", Layout::Boxes);
static MKV: Format = format("mkv", "video/x-matroska", "matroska", Layout::Ebml);
static WEBM: Format = format("webm", "video/webm", "matroska", Layout::Ebml);
static AVI: Format = format("avi", "video/x-msvideo", "avi", Layout::Riff);
static FLV: Format = format("flv", "video/x-flv", "flv", Layout::Flv);
static WMV: Format = format("wmv", "video/x-ms-wmv", "asf", Layout::Asf);
static PROGRAM: Format = format("mpeg", "video/mpeg", "mpeg", Layout::Program);
static BARE: Format = format("mpeg", "video/mpeg", "mpegvideo", Layout::Program);
static TRANSPORT: Format = format("mpeg", "video/mp2t", "mpegts", Layout::Transport);

/// The names of the formats whose headers are read.
pub(super) const NAMES: &[&str] = &["mp4", "mov", "mkv", "webm", "avi", "flv", "wmv", "mpeg"];

/// Bytes by which a format is recognised.
pub(super) const START: usize = 4096;

/// Distance of the marks of a transport stream.
pub(super) const PACKET: usize = 188;

/// Tells the format from how a file begins.
pub(super) fn recognize(start: &[u8]) -> Option<&'static Format> {
    let has = |at: usize, mark: &[u8]| start.get(at..at + mark.len()) == Some(mark);
    if has(4, b"ftyp") {
        return match start.get(8..12)? {
            b"qt  " => Some(&MOV),
            // Sound and pictures in the same boxes.
            b"M4A " | b"M4B " | b"M4P " | b"avif" | b"avis" | b"heic" | b"heif" | b"mif1" => None,
            _ => Some(&MP4),
        };
    }
    if [b"moov", b"mdat", b"wide", b"pnot"]
        .iter()
        .any(|kind| has(4, *kind))
    {
        return Some(&MOV);
    }
    if has(0, b"\x1a\x45\xdf\xa3") {
        let head = &start[..start.len().min(256)];
        let names = |name: &[u8]| head.windows(name.len()).any(|window| window == name);
        return match (names(b"webm"), names(b"matroska")) {
            (true, _) => Some(&WEBM),
            (_, true) => Some(&MKV),
            _ => None,
        };
    }
    if has(0, b"RIFF") && has(8, b"AVI ") {
        return Some(&AVI);
    }
    if has(0, b"FLV\x01") {
        return Some(&FLV);
    }
    if has(0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11") {
        return Some(&WMV);
    }
    if has(0, b"\0\0\x01\xba") {
        return Some(&PROGRAM);
    }
    if has(0, b"\0\0\x01\xb3") {
        return Some(&BARE);
    }
    let marks = (0..3).filter(|packet| start.get(packet * PACKET) == Some(&0x47));
    (marks.count() == 3).then_some(&TRANSPORT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_beginning() {
        let name = |start: &[u8]| recognize(start).map(|format| format.name);
        assert_eq!(name(b"\0\0\0\x20ftypisom"), Some("mp4"));
        assert_eq!(name(b"\0\0\0\x14ftypqt  "), Some("mov"));
        assert_eq!(name(b"\0\0\0\x20ftypM4A "), None);
        assert_eq!(name(b"\0\0\0\x08wide\0\0\0\0mdat"), Some("mov"));
        assert_eq!(name(b"\x1a\x45\xdf\xa3\x93\x42\x82\x84webm"), Some("webm"));
        assert_eq!(
            name(b"\x1a\x45\xdf\xa3\x93\x42\x82\x88matroska"),
            Some("mkv")
        );
        assert_eq!(name(b"RIFF\0\0\0\0AVI LIST"), Some("avi"));
        assert_eq!(name(b"RIFF\0\0\0\0WAVEfmt "), None);
        assert_eq!(name(b"FLV\x01\x05"), Some("flv"));
        assert_eq!(name(b"\0\0\x01\xba\x44"), Some("mpeg"));
        assert_eq!(name(b"GET / HTTP/1.1"), None);
        assert_eq!(name(b""), None);
        let mut stream = vec![0; 600];
        for packet in 0..3 {
            stream[packet * PACKET] = 0x47;
        }
        assert_eq!(name(&stream), Some("mpeg"));
    }
}
