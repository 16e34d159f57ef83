//! The sound formats, and how their files begin.

/// A format of sound files.
#[derive(Debug)]
pub(super) struct Format {
    pub(super) name: &'static str,
    pub(super) mime: &'static str,
    /// Whether this build decodes it.
    pub(super) supported: bool,
    /// How ffmpeg calls its reader.
    pub(super) demuxer: &'static str,
}

const fn format(
    name: &'static str,
    mime: &'static str,
    supported: bool,
    demuxer: &'static str,
) -> Format {
    Format {
        name,
        mime,
        supported,
        demuxer,
    }
}

const FORMATS: &[Format] = &[
    format("wav", "audio/wav", true, "wav"),
    format("flac", "audio/flac", true, "flac"),
    format("mp3", "audio/mpeg", true, "mp3"),
    format("ogg", "audio/ogg", true, "ogg"),
    // Its container is read; the codec is not.
    format("opus", "audio/ogg", false, "ogg"),
    format("speex", "audio/ogg", false, "ogg"),
    format("m4a", "audio/mp4", true, "mov"),
    format("mp4", "video/mp4", true, "mov"),
    format("aac", "audio/aac", true, "aac"),
    format("aiff", "audio/aiff", true, "aiff"),
    format("wma", "audio/x-ms-wma", false, "asf"),
    format("ape", "audio/x-ape", false, "ape"),
    format("wavpack", "audio/x-wavpack", false, "wv"),
    format("amr", "audio/amr", false, "amr"),
    format("au", "audio/basic", false, "au"),
    format("caf", "audio/x-caf", false, "caf"),
];

/// Bytes by which a format is recognised.
pub(super) const START: usize = 4096;

/// Tells the format from how a file begins.
pub(super) fn recognize(start: &[u8]) -> Option<&'static Format> {
    let has = |at: usize, mark: &[u8]| start.get(at..at + mark.len()) == Some(mark);
    let name = if has(0, b"RIFF") && has(8, b"WAVE") || has(0, b"RF64") && has(8, b"WAVE") {
        "wav"
    } else if has(0, b"FORM") && (has(8, b"AIFF") || has(8, b"AIFC")) {
        "aiff"
    } else if has(0, b"fLaC") {
        "flac"
    } else if has(0, b"OggS") {
        ogg(start)?
    } else if has(4, b"ftyp") {
        let audio = [b"M4A ", b"M4B ", b"M4P "];
        let brand = start.get(8..12)?;
        match audio.iter().any(|known| brand == *known) {
            true => "m4a",
            false
                if [b"avif", b"avis", b"heic", b"heif", b"mif1"]
                    .iter()
                    .any(|known| brand == *known) =>
            {
                return None;
            }
            false => "mp4",
        }
    } else if has(0, b"ID3") {
        tagged(start)
    } else if has(0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11") {
        "wma"
    } else if has(0, b"MAC ") {
        "ape"
    } else if has(0, b"wvpk") {
        "wavpack"
    } else if has(0, b"#!AMR") {
        "amr"
    } else if has(0, b".snd") {
        "au"
    } else if has(0, b"caff\0\x01") {
        "caf"
    } else {
        stream(start)?
    };
    FORMATS.iter().find(|format| format.name == name)
}

/// Tells what an Ogg file holds from its first packet.
fn ogg(start: &[u8]) -> Option<&'static str> {
    let segments = usize::from(*start.get(26)?);
    let packet = start.get(27 + segments..)?;
    Some(match packet {
        [b'O', b'p', b'u', b's', b'H', b'e', b'a', b'd', ..] => "opus",
        [b'S', b'p', b'e', b'e', b'x', ..] => "speex",
        [1, b'v', b'o', b'r', b'b', b'i', b's', ..] | [0x7f, b'F', b'L', b'A', b'C', ..] => "ogg",
        // Video, or something else.
        _ => return None,
    })
}

/// Tells what stands behind an ID3 tag.
fn tagged(start: &[u8]) -> &'static str {
    let digit = |at: usize| usize::from(start.get(at).copied().unwrap_or(0) & 0x7f);
    let length = digit(6) << 21 | digit(7) << 14 | digit(8) << 7 | digit(9);
    match start.get(10 + length..) {
        Some([b'f', b'L', b'a', b'C', ..]) => "flac",
        Some([0xff, second, ..]) if second & 0xf6 == 0xf0 => "aac",
        _ => "mp3",
    }
}

/// Tells MPEG streams, which have no mark but two frame headers in a row.
fn stream(start: &[u8]) -> Option<&'static str> {
    let [0xff, second, third, fourth, ..] = *start else {
        return None;
    };
    if second & 0xf6 == 0xf0 {
        let fifth = start.get(4..6)?;
        let length =
            usize::from(fourth & 3) << 11 | usize::from(fifth[0]) << 3 | usize::from(fifth[1]) >> 5;
        let next = start.get(length..length + 2);
        return next
            .is_none_or(|next| next[0] == 0xff && next[1] & 0xf6 == 0xf0)
            .then_some("aac");
    }
    // Layer III, with a bit rate and a sample rate that exist.
    let is_header =
        second & 0xe6 == 0xe2 && third >> 4 != 15 && third >> 4 != 0 && third >> 2 & 3 != 3;
    let version = second >> 3 & 3;
    if !is_header || version == 1 {
        return None;
    }
    let (rates, samples): (&[usize; 14], usize) = match version {
        3 => (
            &[
                32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320,
            ],
            144,
        ),
        _ => (
            &[8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
            72,
        ),
    };
    let rate = [44_100, 48_000, 32_000][usize::from(third >> 2 & 3)];
    let rate = match version {
        3 => rate,
        2 => rate / 2,
        _ => rate / 4,
    };
    let bits = rates[usize::from(third >> 4) - 1] * 1000;
    let length = samples * bits / rate + usize::from(third >> 1 & 1);
    let next = start.get(length..length + 2);
    next.is_none_or(|next| next[0] == 0xff && next[1] == second)
        .then_some("mp3")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_beginning() {
        let name = |start: &[u8]| recognize(start).map(|format| format.name);
        assert_eq!(name(b"RIFF\0\0\0\0WAVEfmt "), Some("wav"));
        assert_eq!(name(b"\0\0\0\x20ftypM4A \0\0"), Some("m4a"));
        assert_eq!(name(b"\0\0\0\x20ftypisom\0\0"), Some("mp4"));
        assert_eq!(name(b"\0\0\0\x20ftypavif\0\0"), None);
        assert_eq!(name(b"ID3\x04\0\0\0\0\0\0\xff\xfb"), Some("mp3"));
        assert_eq!(name(b"ID3\x04\0\0\0\0\0\0fLaC"), Some("flac"));
        assert_eq!(name(&[0xff, 0xfb, 0x90, 0x64]), Some("mp3"));
        assert_eq!(name(&[0xff, 0xf1, 0x50, 0x80, 0, 0, 0]), Some("aac"));
        assert_eq!(name(&[0xff, 0xd8, 0xff, 0xe0]), None);
        assert_eq!(name(&[0xff; 64]), None);
        assert_eq!(name(b"text"), None);
        assert_eq!(name(b""), None);
    }
}
