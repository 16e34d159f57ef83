//! AVI: chunks in lists of a RIFF file.

use llmspell_core::{Result, error};

use super::super::bytes::{le16, le32};
use super::facts::{Facts, Kind, Stream, audio_codec, known, ratio, video_codec};
use super::header::Header;

/// Most chunks of the file, and largest list of headers.
const MAX_CHUNKS: usize = 10_000;
const MAX_LIST: u64 = 16 << 20;

/// Reads the lists `hdrl` and `INFO`.
pub(super) fn read(header: &mut Header<'_>) -> Result<Facts> {
    let mut facts = None;
    let mut words = Vec::new();
    let mut at = 12_u64;
    for _ in 0..MAX_CHUNKS {
        let start = header.read(at, 12)?;
        if start.len() < 12 {
            break;
        }
        let size = u64::from(le32(&start, 4));
        if start.starts_with(b"LIST") && (4..=MAX_LIST).contains(&size) {
            match &start[8..12] {
                b"hdrl" if facts.is_none() => {
                    facts = Some(headers(&header.read(at + 12, size - 4)?));
                }
                b"INFO" => words = header.read(at + 12, size - 4)?,
                _ => {}
            }
        }
        // Chunks begin at even places.
        at += 8 + size + (size & 1);
    }
    let mut facts = facts.ok_or_else(|| {
        error!(
            Parse,
            "'{}' has no header: the list 'hdrl' is missing",
            header.path().display()
        )
    })?;
    for (kind, body) in chunks(&words) {
        let name = match kind {
            b"INAM" => "title",
            b"IART" => "artist",
            b"ICMT" => "comment",
            b"ICOP" => "copyright",
            b"ICRD" => "date",
            b"IGNR" => "genre",
            b"ISFT" => "encoder",
            _ => continue,
        };
        facts.tag(name, &String::from_utf8_lossy(body));
    }
    Ok(facts)
}

/// Returns the chunks of one level.
fn chunks(mut bytes: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let each = std::iter::from_fn(move || {
        let (head, rest) = bytes.split_at_checked(8)?;
        let size = (le32(head, 4) as usize).min(rest.len());
        let (body, next) = rest.split_at(size);
        bytes = next.get(size & 1..).unwrap_or_default();
        Some((&head[..4], body))
    });
    each.take(MAX_CHUNKS)
}

fn headers(bytes: &[u8]) -> Facts {
    let mut facts = Facts::default();
    for (_, body) in
        chunks(bytes).filter(|(kind, body)| *kind == b"LIST" && body.starts_with(b"strl"))
    {
        facts.push(stream(&body[4..]));
    }
    let seconds = facts.streams.iter().filter_map(|stream| stream.duration);
    facts.duration = seconds.max_by(f64::total_cmp);
    if facts.duration.is_none()
        && let Some((_, main)) = chunks(bytes).find(|(kind, _)| *kind == b"avih")
    {
        let (microseconds, frames) = (f64::from(le32(main, 0)), f64::from(le32(main, 16)));
        facts.duration = ratio(microseconds * frames, 1e6);
    }
    facts
}

fn stream(bytes: &[u8]) -> Stream {
    let find = |kind: &[u8; 4]| {
        chunks(bytes)
            .find(|(own, _)| own == kind)
            .map(|(_, body)| body)
    };
    let (head, form) = (
        find(b"strh").unwrap_or_default(),
        find(b"strf").unwrap_or_default(),
    );
    let (scale, rate) = (f64::from(le32(head, 20)), f64::from(le32(head, 24)));
    let mut stream = Stream {
        kind: match head.get(..4) {
            Some(b"vids") => Some(Kind::Video),
            Some(b"auds") => Some(Kind::Audio),
            Some(b"txts") => Some(Kind::Subtitle),
            _ => None,
        },
        duration: ratio(f64::from(le32(head, 32)) * scale, rate),
        ..Stream::default()
    };
    match stream.kind {
        Some(Kind::Video) => {
            stream.fps = ratio(rate, scale);
            stream.width = known(le32(form, 4));
            // Upside down pictures have negative heights.
            stream.height = known(le32(form, 8).cast_signed().unsigned_abs());
            stream.codec = video_codec(form.get(16..).unwrap_or_default());
        }
        Some(Kind::Audio) => {
            stream.codec = audio_codec(le16(form, 0), le16(form, 14));
            stream.channels = known(u32::from(le16(form, 2)));
            stream.sample_rate = known(le32(form, 4));
            stream.bit_rate = known(u64::from(le32(form, 8)) * 8);
        }
        _ => {}
    }
    stream
}
