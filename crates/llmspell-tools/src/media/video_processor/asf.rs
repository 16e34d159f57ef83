//! ASF, the container of WMV: objects with long names.

use llmspell_core::{Result, error};

use super::super::bytes::{le16, le32, le64};
use super::facts::{Facts, Kind, Stream, audio_codec, known, ratio, video_codec};
use super::header::Header;

/// Largest header, and most objects in it.
const MAX_HEADER: u64 = 16 << 20;
const MAX_OBJECTS: usize = 1000;

/// The names of objects, as they stand in the file.
const FILE: &[u8; 16] = b"\xa1\xdc\xab\x8c\x47\xa9\xcf\x11\x8e\xe4\x00\xc0\x0c\x20\x53\x65";
const STREAM: &[u8; 16] = b"\x91\x07\xdc\xb7\xb7\xa9\xcf\x11\x8e\xe6\x00\xc0\x0c\x20\x53\x65";
const WORDS: &[u8; 16] = b"\x33\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c";
const MORE_WORDS: &[u8; 16] = b"\x40\xa4\xd0\xd2\x07\xe3\xd2\x11\x97\xf0\x00\xa0\xc9\x5e\xa8\x50";
const EXTENSION: &[u8; 16] = b"\xb5\x03\xbf\x5f\x2e\xa9\xcf\x11\x8e\xe3\x00\xc0\x0c\x20\x53\x65";
const EXTENDED: &[u8; 16] = b"\xcb\xa5\xe6\x14\x72\xc6\x32\x43\x83\x99\xa9\x69\x52\x06\x5b\x5a";
const VIDEO: &[u8; 16] = b"\xc0\xef\x19\xbc\x4d\x5b\xcf\x11\xa8\xfd\x00\x80\x5f\x5c\x44\x2b";
const AUDIO: &[u8; 16] = b"\x40\x9e\x69\xf8\x4d\x5b\xcf\x11\xa8\xfd\x00\x80\x5f\x5c\x44\x2b";

/// Seconds from 1601, where these times begin, to 1970.
const EPOCH: i64 = 11_644_473_600;

/// Reads the header object.
pub(super) fn read(header: &mut Header<'_>) -> Result<Facts> {
    let start = header.read(0, 30)?;
    let size = le64(&start, 16);
    if start.len() < 30 || !(30..=MAX_HEADER).contains(&size) {
        return Err(error!(
            Parse,
            "'{}' has a damaged header",
            header.path().display()
        ));
    }
    let bytes = header.read(30, size - 30)?;
    let mut facts = Facts::default();
    let mut numbers = Vec::new();
    for (name, body) in objects(&bytes) {
        if name == FILE {
            file(body, &mut facts);
        } else if name == STREAM {
            numbers.push(le16(body, 48) & 0x7f);
            facts.push(stream(body));
        } else if name == WORDS {
            words(body, &mut facts);
        } else if name == MORE_WORDS {
            more_words(body, &mut facts);
        }
    }
    let extension = objects(&bytes).find(|(name, _)| *name == EXTENSION);
    let inner = extension
        .and_then(|(_, body)| body.get(22..))
        .unwrap_or_default();
    for (_, body) in objects(inner).filter(|(name, _)| *name == EXTENDED) {
        let own = le16(body, 48);
        let place = numbers.iter().position(|number| *number == own);
        if let Some(stream) = place.and_then(|place| facts.streams.get_mut(place)) {
            stream.bit_rate = stream.bit_rate.or(known(u64::from(le32(body, 16))));
            if stream.kind == Some(Kind::Video) {
                // In units of 100 nanoseconds.
                stream.fps = ratio(1e7, le64(body, 52) as f64);
            }
        }
    }
    Ok(facts)
}

/// Returns the objects of one level: their names and bodies.
fn objects(mut bytes: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let each = std::iter::from_fn(move || {
        let size = usize::try_from(le64(bytes, 16)).ok()?.max(24);
        let (own, rest) = bytes.split_at_checked(size)?;
        bytes = rest;
        Some((&own[..16], &own[24..]))
    });
    each.take(MAX_OBJECTS)
}

fn file(body: &[u8], facts: &mut Facts) {
    // In units of 100 nanoseconds; what is played before counts, and is told in milliseconds.
    let seconds = le64(body, 40) as f64 / 1e7 - le64(body, 56) as f64 / 1e3;
    facts.duration = ratio(seconds, 1.0);
    let created = (le64(body, 24) / 10_000_000).cast_signed() - EPOCH;
    facts.created = Some(created).filter(|created| *created > 0);
}

fn stream(body: &[u8]) -> Stream {
    let form = body.get(54..).unwrap_or_default();
    if body.starts_with(VIDEO) {
        // The size, flags and a length come before the BITMAPINFOHEADER.
        return Stream {
            kind: Some(Kind::Video),
            codec: video_codec(form.get(27..).unwrap_or_default()),
            width: known(le32(form, 0)),
            height: known(le32(form, 4)),
            rotation: Some(0),
            ..Stream::default()
        };
    }
    if body.starts_with(AUDIO) {
        return Stream {
            kind: Some(Kind::Audio),
            codec: audio_codec(le16(form, 0), le16(form, 14)),
            channels: known(u32::from(le16(form, 2))),
            sample_rate: known(le32(form, 4)),
            bit_rate: known(u64::from(le32(form, 8)) * 8),
            ..Stream::default()
        };
    }
    Stream::default()
}

fn words(body: &[u8], facts: &mut Facts) {
    let mut at = 10;
    for (index, name) in ["title", "artist", "copyright", "comment"]
        .iter()
        .enumerate()
    {
        let length = usize::from(le16(body, index * 2));
        let text = body.get(at..at + length).unwrap_or_default();
        facts.tag(name, &utf16(text));
        at += length;
    }
}

fn more_words(body: &[u8], facts: &mut Facts) {
    let mut at = 2;
    for _ in 0..le16(body, 0) {
        let Some(name) = piece(body, &mut at) else {
            break;
        };
        let kind = le16(body, at);
        at += 2;
        let Some(value) = piece(body, &mut at) else {
            break;
        };
        let name = utf16(name);
        let name = name.trim_end_matches('\0').trim_start_matches("WM/");
        if kind == 0 && !name.is_empty() {
            facts.tag(name, &utf16(value));
        }
    }
}

/// Returns what stands behind its length.
fn piece<'a>(body: &'a [u8], at: &mut usize) -> Option<&'a [u8]> {
    let length = usize::from(le16(body, *at));
    let piece = body.get(*at + 2..*at + 2 + length);
    *at += 2 + length;
    piece
}

fn utf16(bytes: &[u8]) -> String {
    let units: Vec<u16> = bytes
        .as_chunks()
        .0
        .iter()
        .map(|two| u16::from_le_bytes(*two))
        .collect();
    String::from_utf16_lossy(&units)
}
