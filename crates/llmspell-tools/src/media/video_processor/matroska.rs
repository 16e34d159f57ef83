//! Matroska and WebM: EBML elements in elements (RFC 9559).

use llmspell_core::{Result, error};

use super::super::bytes::{be32, be64};
use super::facts::{Facts, Kind, Stream, known, ratio, video_codec};
use super::header::Header;

/// Most elements of one level, and largest element of headers that is read whole.
const MAX_ELEMENTS: usize = 200_000;
const MAX_ELEMENT: u64 = 32 << 20;

const SEGMENT: u32 = 0x1853_8067;
const INFO: u32 = 0x1549_a966;
const TRACKS: u32 = 0x1654_ae6b;
const TAGS: u32 = 0x1254_c367;
const ATTACHMENTS: u32 = 0x1941_a469;

/// Seconds from 1970 to 2001, where these times begin.
const EPOCH: i64 = 978_307_200;

/// A track, and the number by which tags name it.
struct Track {
    number: u64,
    stream: Stream,
}

/// Reads the headers, which may stand before, between and behind the clusters.
pub(super) fn read(header: &mut Header<'_>) -> Result<Facts> {
    let broken = |header: &Header<'_>| {
        error!(
            Parse,
            "'{}' is damaged: an element has no size",
            header.path().display()
        )
    };
    let mut facts = Facts::default();
    let mut tracks = Vec::new();
    let mut tags = Vec::new();
    let mut at = 0;
    for _ in 0..MAX_ELEMENTS {
        if at >= header.size {
            break;
        }
        let start = header.read(at, 12)?;
        let Some((id, size, head)) = element(&start) else {
            // What follows the last cluster of a file that was cut off.
            if tracks.is_empty() {
                return Err(broken(header));
            }
            break;
        };
        let body = at + head as u64;
        match (id, size) {
            // It is looked into.
            (SEGMENT, _) => {
                at = body;
                continue;
            }
            // A live stream, whose clusters do not say where they end.
            (_, None) => break,
            (INFO | TRACKS | TAGS | ATTACHMENTS, Some(size)) if size <= MAX_ELEMENT => {
                let bytes = header.read(body, size)?;
                match id {
                    INFO => info(&bytes, &mut facts),
                    TRACKS => tracks.extend(all(&bytes, 0xae).map(track)),
                    TAGS => tags = bytes,
                    _ => attachments(&bytes, &mut facts),
                }
            }
            _ => {}
        }
        at = match body.checked_add(size.unwrap_or(0)) {
            Some(next) => next,
            None => return Err(broken(header)),
        };
    }
    if tracks.is_empty() {
        return Err(error!(Parse, "'{}' has no tracks", header.path().display()));
    }
    tell(&tags, &mut tracks, &mut facts);
    for track in tracks {
        facts.push(track.stream);
    }
    Ok(facts)
}

/// Reads the number and the size of an element, and how long these are. The size may be unknown.
fn element(bytes: &[u8]) -> Option<(u32, Option<u64>, usize)> {
    let length = bytes.first()?.leading_zeros() as usize + 1;
    if length > 4 {
        return None;
    }
    let id = bytes
        .get(..length)?
        .iter()
        .fold(0, |id, byte| id << 8 | u32::from(*byte));
    let rest = bytes.get(length..)?;
    let wide = rest.first()?.leading_zeros() as usize + 1;
    if wide > 8 {
        return None;
    }
    let size = rest
        .get(..wide)?
        .iter()
        .fold(0, |size, byte| size << 8 | u64::from(*byte));
    let mask = (1_u64 << (7 * wide)) - 1;
    let size = size & mask;
    Some((id, (size != mask).then_some(size), length + wide))
}

/// Returns the elements of one level.
fn elements(mut bytes: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    let each = std::iter::from_fn(move || {
        let (id, size, head) = element(bytes)?;
        let rest = &bytes[head..];
        let size = size.map_or(rest.len(), |size| {
            usize::try_from(size).unwrap_or(usize::MAX)
        });
        let (body, next) = rest.split_at_checked(size)?;
        bytes = next;
        Some((id, body))
    });
    each.take(MAX_ELEMENTS)
}

fn all(bytes: &[u8], id: u32) -> impl Iterator<Item = &[u8]> {
    elements(bytes)
        .filter(move |(own, _)| *own == id)
        .map(|(_, body)| body)
}

fn find(bytes: &[u8], id: u32) -> Option<&[u8]> {
    all(bytes, id).next()
}

fn number(bytes: &[u8], id: u32) -> Option<u64> {
    let body = find(bytes, id)?;
    let number = body
        .iter()
        .take(8)
        .fold(0, |number, byte| number << 8 | u64::from(*byte));
    Some(number)
}

fn float(bytes: &[u8], id: u32) -> Option<f64> {
    let body = find(bytes, id)?;
    match body.len() {
        4 => Some(f64::from(f32::from_bits(be32(body, 0)))),
        8 => Some(f64::from_bits(be64(body, 0))),
        _ => None,
    }
}

fn text(bytes: &[u8], id: u32) -> Option<String> {
    let body = find(bytes, id)?;
    let text = String::from_utf8_lossy(body)
        .trim_end_matches('\0')
        .to_owned();
    known(text)
}

fn info(bytes: &[u8], facts: &mut Facts) {
    let scale = number(bytes, 0x2a_d7b1)
        .and_then(known)
        .unwrap_or(1_000_000);
    let duration = float(bytes, 0x4489).map(|ticks| ticks * scale as f64 / 1e9);
    facts.duration = duration.filter(|seconds| seconds.is_finite() && *seconds > 0.0);
    let created =
        number(bytes, 0x4461).map(|nanoseconds| nanoseconds.cast_signed() / 1_000_000_000);
    facts.created = created.map(|seconds| seconds + EPOCH);
    for (id, name) in [(0x7ba9, "title"), (0x5741, "encoder")] {
        if let Some(text) = text(bytes, id) {
            facts.tag(name, &text);
        }
    }
}

fn track(bytes: &[u8]) -> Track {
    let mut stream = Stream {
        kind: match number(bytes, 0x83) {
            Some(1) => Some(Kind::Video),
            Some(2) => Some(Kind::Audio),
            Some(0x11) => Some(Kind::Subtitle),
            _ => None,
        },
        codec: text(bytes, 0x86).map(|id| codec(&id, find(bytes, 0x63a2).unwrap_or_default())),
        language: text(bytes, 0x22_b59d)
            .or_else(|| text(bytes, 0x22_b59c))
            .filter(|language| language != "und"),
        ..Stream::default()
    };
    let small = |number: Option<u64>| number.and_then(|number| u32::try_from(number).ok());
    if let Some(video) = find(bytes, 0xe0) {
        stream.width = small(number(video, 0xb0)).and_then(known);
        stream.height = small(number(video, 0xba)).and_then(known);
        let nanoseconds = number(bytes, 0x23_e383).unwrap_or(0);
        stream.fps = ratio(1e9, nanoseconds as f64);
        let roll = find(video, 0x7670).and_then(|projection| float(projection, 0x7675));
        let degrees = roll.unwrap_or(0.0).rem_euclid(360.0);
        // It says by how much the picture was turned to the left.
        stream.rotation = Some((360 - degrees.round() as u32) % 360);
    }
    if let Some(audio) = find(bytes, 0xe1) {
        stream.sample_rate = float(audio, 0xb5)
            .map(|rate| rate.clamp(0.0, 4e9) as u32)
            .or(Some(8000));
        stream.channels = small(number(audio, 0x9f)).or(Some(1));
    }
    Track {
        number: number(bytes, 0x73c5).unwrap_or(0),
        stream,
    }
}

/// Returns the name of a codec by that of Matroska.
fn codec(id: &str, private: &[u8]) -> String {
    const NAMES: &[(&str, &str)] = &[
        ("V_MPEG4/ISO/AVC", "h264"),
        ("V_MPEGH/ISO/HEVC", "hevc"),
        ("V_MPEG4/ISO/", "mpeg4"),
        ("V_MPEG1", "mpeg1video"),
        ("V_MPEG2", "mpeg2video"),
        ("V_MJPEG", "mjpeg"),
        ("V_UNCOMPRESSED", "rawvideo"),
        ("A_AAC", "aac"),
        ("A_MPEG/L3", "mp3"),
        ("A_MPEG/L2", "mp2"),
        ("A_PCM/INT/LIT", "pcm_s16le"),
        ("A_PCM/INT/BIG", "pcm_s16be"),
        ("A_PCM/FLOAT/IEEE", "pcm_f32le"),
        ("S_TEXT/UTF8", "subrip"),
        ("S_TEXT/ASS", "ass"),
        ("S_TEXT/SSA", "ssa"),
        ("S_TEXT/WEBVTT", "webvtt"),
        ("S_VOBSUB", "dvd_subtitle"),
        ("S_HDMV/PGS", "hdmv_pgs_subtitle"),
    ];
    if id == "V_MS/VFW/FOURCC" {
        return video_codec(private.get(16..).unwrap_or_default()).unwrap_or_else(|| id.to_owned());
    }
    let named = NAMES.iter().find(|(start, _)| id.starts_with(start));
    match named {
        Some((_, name)) => (*name).to_owned(),
        // V_AV1, V_VP9, A_OPUS, A_VORBIS, A_FLAC, A_AC3 …
        None => {
            let name = id.get(2..).unwrap_or(id);
            name.split('/').next().unwrap_or(name).to_ascii_lowercase()
        }
    }
}

/// Reads the tags: those of a track say how many bits it takes, those of the file are told.
fn tell(bytes: &[u8], tracks: &mut [Track], facts: &mut Facts) {
    for tag in all(bytes, 0x7373) {
        let target = find(tag, 0x63c0).and_then(|targets| number(targets, 0x63c5));
        let target = target.and_then(known);
        for simple in all(tag, 0x67c8) {
            let (Some(name), Some(value)) = (text(simple, 0x45a3), text(simple, 0x4487)) else {
                continue;
            };
            let Some(number) = target else {
                facts.tag(&name, &value);
                continue;
            };
            let Some(track) = tracks.iter_mut().find(|track| track.number == number) else {
                continue;
            };
            match name.as_str() {
                "BPS" | "BPS-eng" => track.stream.bit_rate = value.parse().ok(),
                "DURATION" => track.stream.duration = clock(&value),
                _ => {}
            }
        }
    }
}

/// Reads `00:01:02.345`.
fn clock(text: &str) -> Option<f64> {
    let mut parts = text
        .trim_end_matches('\0')
        .splitn(3, ':')
        .map(|part| part.parse::<f64>().ok());
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
    ratio(hours * 3600.0 + minutes * 60.0 + seconds, 1.0)
}

/// Takes the first attached picture as the cover.
fn attachments(bytes: &[u8], facts: &mut Facts) {
    let pictures = all(bytes, 0x61a7)
        .filter(|file| text(file, 0x4660).is_some_and(|mime| mime.starts_with("image/")));
    let is_cover = |file: &&[u8]| text(file, 0x466e).is_some_and(|name| name.starts_with("cover"));
    let mut pictures = pictures.collect::<Vec<_>>();
    pictures.sort_by_key(|file| !is_cover(file));
    let picture = pictures.first().and_then(|file| find(file, 0x465c));
    facts.cover = picture.map(<[u8]>::to_vec);
}
