//! MP4 and QuickTime: boxes in boxes (ISO 14496-12).

use llmspell_core::{Result, error};

use super::super::bytes::{be16, be32, be64};
use super::facts::{Facts, Kind, Stream, known, ratio, video_codec};
use super::header::Header;

/// Most boxes of one level, and largest box of headers.
const MAX_BOXES: usize = 10_000;
const MAX_HEADER: u64 = 48 << 20;

/// Seconds from 1904, where these times begin, to 1970.
const EPOCH: i64 = 2_082_844_800;

/// Reads the box `moov`, wherever it is.
pub(super) fn read(header: &mut Header<'_>) -> Result<Facts> {
    let mut at = 0;
    let mut moov = None;
    let mut indexed = None;
    for _ in 0..MAX_BOXES {
        let start = header.read(at, 16)?;
        if start.len() < 8 {
            break;
        }
        let (head, size) = match be32(&start, 0) {
            0 => (8, header.size - at),
            1 => (16, be64(&start, 8)),
            size => (8, u64::from(size)),
        };
        if size < head {
            break;
        }
        let body = size - head;
        match &start[4..8] {
            b"moov" if body > MAX_HEADER => {
                return Err(error!(
                    Limit,
                    "the headers of '{}' take {body} bytes",
                    header.path().display()
                )
                .with("limit", MAX_HEADER));
            }
            b"moov" => moov = Some(header.read(at + head, body)?),
            b"sidx" if indexed.is_none() && body < 1 << 20 => {
                indexed = Some(length_of_index(&header.read(at + head, body)?));
            }
            _ => {}
        }
        if moov.is_some() && indexed.is_some() {
            break;
        }
        match at.checked_add(size) {
            Some(next) if next < header.size => at = next,
            _ => break,
        }
    }
    let moov = moov.ok_or_else(|| {
        error!(
            Parse,
            "'{}' has no header: the box 'moov' is missing",
            header.path().display()
        )
    })?;
    let mut facts = movie(&moov);
    if let Some(Some(seconds)) = indexed {
        facts.duration = facts.duration.or(Some(seconds));
    }
    Ok(facts)
}

/// Returns the boxes of one level: their kinds and bodies.
fn boxes(mut bytes: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let each = std::iter::from_fn(move || {
        let (head, size) = match be32(bytes, 0) {
            0 => (8, bytes.len()),
            1 => (16, usize::try_from(be64(bytes, 8)).ok()?),
            size => (8, size as usize),
        };
        let (own, rest) = bytes.split_at_checked(size.min(bytes.len()))?;
        let body = own.get(head..)?;
        bytes = rest;
        Some((&own[4..8], body))
    });
    each.take(MAX_BOXES)
}

fn find<'a>(bytes: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    boxes(bytes)
        .find(|(own, _)| own == kind)
        .map(|(_, body)| body)
}

/// Follows a path of boxes.
fn follow<'a>(bytes: &'a [u8], path: &[&[u8; 4]]) -> Option<&'a [u8]> {
    path.iter().try_fold(bytes, |bytes, kind| find(bytes, kind))
}

/// Returns the rate of a clock and how long something lasts, from `mvhd` or `mdhd`.
fn clock(body: &[u8]) -> (u32, u64) {
    match body.first() {
        Some(1) => (be32(body, 20), be64(body, 24)),
        _ => (be32(body, 12), u64::from(be32(body, 16))),
    }
}

fn movie(moov: &[u8]) -> Facts {
    let mut facts = Facts::default();
    if let Some(body) = find(moov, b"mvhd") {
        let (rate, duration) = clock(body);
        let unknown = duration == u64::from(u32::MAX) || duration == u64::MAX;
        facts.duration = ratio(duration as f64, f64::from(rate)).filter(|_| !unknown);
        let created = match body.first() {
            Some(1) => be64(body, 4),
            _ => u64::from(be32(body, 4)),
        };
        let created = known(created).and_then(|created| i64::try_from(created).ok());
        facts.created = created
            .map(|created| created - EPOCH)
            .filter(|created| *created > 0);
        if let Some(body) = follow(moov, &[b"mvex", b"mehd"]) {
            let length = match body.first() {
                Some(1) => be64(body, 4),
                _ => u64::from(be32(body, 4)),
            };
            facts.duration = facts.duration.or(ratio(length as f64, f64::from(rate)));
        }
    }
    for (_, body) in boxes(moov).filter(|(kind, _)| *kind == b"trak") {
        let stream = track(body, moov);
        facts.push(stream);
    }
    if facts.duration.is_none() {
        let longest = facts.streams.iter().filter_map(|stream| stream.duration);
        facts.duration = longest.max_by(f64::total_cmp);
    }
    if let Some(udta) = find(moov, b"udta") {
        tags(udta, &mut facts);
    }
    facts
}

fn track(trak: &[u8], moov: &[u8]) -> Stream {
    let mut stream = Stream::default();
    let Some(mdia) = find(trak, b"mdia") else {
        return stream;
    };
    let (rate, duration) = find(mdia, b"mdhd").map_or((0, 0), clock);
    stream.duration = ratio(duration as f64, f64::from(rate));
    stream.language = find(mdia, b"mdhd").and_then(language);
    stream.kind = match find(mdia, b"hdlr").and_then(|body| body.get(8..12)) {
        Some(b"vide") => Some(Kind::Video),
        Some(b"soun") => Some(Kind::Audio),
        Some(b"subt" | b"sbtl" | b"text" | b"clcp") => Some(Kind::Subtitle),
        _ => None,
    };
    let Some(stbl) = follow(mdia, &[b"minf", b"stbl"]) else {
        return stream;
    };
    // A description: version and count, then the size and kind of the first entry.
    if let Some(entry) = find(stbl, b"stsd").and_then(|body| body.get(8..)) {
        describe(entry, &mut stream);
    }
    if stream.kind == Some(Kind::Video) {
        let header = find(trak, b"tkhd").unwrap_or_default();
        stream.rotation = rotation(header);
        let (samples, ticks) = find(stbl, b"stts").map_or((0, 0), samples);
        let seconds = ratio(ticks as f64, f64::from(rate));
        stream.fps = seconds.and_then(|seconds| ratio(samples as f64, seconds));
        if stream.fps.is_none() {
            stream.fps =
                fragments(moov, header).and_then(|ticks| ratio(f64::from(rate), f64::from(ticks)));
        }
    }
    if let (Some(bytes), Some(seconds)) = (find(stbl, b"stsz").and_then(bytes), stream.duration) {
        stream.bit_rate = known((bytes as f64 * 8.0 / seconds).round() as u64);
    }
    stream
}

/// Returns the language that three packed letters name.
fn language(mdhd: &[u8]) -> Option<String> {
    let packed = match mdhd.first() {
        Some(1) => be16(mdhd, 32),
        _ => be16(mdhd, 20),
    };
    let letter = |shift: u16| char::from((packed >> shift & 31) as u8 + 0x60);
    let language: String = [10, 5, 0].map(letter).iter().collect();
    let is_named = language.bytes().all(|letter| letter.is_ascii_lowercase()) && language != "und";
    is_named.then_some(language)
}

fn describe(entry: &[u8], stream: &mut Stream) {
    let Some(letters) = entry.get(4..8) else {
        return;
    };
    match stream.kind {
        Some(Kind::Video) => {
            stream.codec = video_codec(letters);
            stream.width = known(u32::from(be16(entry, 32)));
            stream.height = known(u32::from(be16(entry, 34)));
        }
        Some(Kind::Audio) => {
            stream.channels = known(u32::from(be16(entry, 24)));
            stream.sample_rate = known(u32::from(be16(entry, 32)));
            // Newer QuickTime descriptions are longer.
            let own = match be16(entry, 16) {
                1 => 52,
                2 => 72,
                _ => 36,
            };
            let inner = entry.get(own..).unwrap_or_default();
            let esds = find(inner, b"esds").or_else(|| follow(inner, &[b"wave", b"esds"]));
            stream.codec = sound(letters, esds);
            if stream.codec.as_deref() == Some("aac") {
                stream.channels = esds.and_then(aac_channels).or(stream.channels);
            }
        }
        _ => stream.codec = Some(String::from_utf8_lossy(letters).trim().to_ascii_lowercase()),
    }
}

fn sound(letters: &[u8], esds: Option<&[u8]>) -> Option<String> {
    let name = match letters {
        b"mp4a" => match esds.and_then(object) {
            Some(0x69 | 0x6b) => "mp3",
            Some(0xa5) => "ac3",
            Some(0xa9) => "dts",
            Some(0xdd) => "vorbis",
            _ => "aac",
        },
        b".mp3" => "mp3",
        b"ac-3" => "ac3",
        b"ec-3" => "eac3",
        b"Opus" => "opus",
        b"fLaC" => "flac",
        b"alac" => "alac",
        b"sowt" => "pcm_s16le",
        b"twos" => "pcm_s16be",
        b"in24" => "pcm_s24be",
        b"in32" => "pcm_s32be",
        b"fl32" => "pcm_f32be",
        b"ulaw" => "pcm_mulaw",
        b"alaw" => "pcm_alaw",
        b"samr" => "amr_nb",
        b"sawb" => "amr_wb",
        other => return Some(String::from_utf8_lossy(other).trim().to_ascii_lowercase()),
    };
    Some(name.to_owned())
}

/// Returns the decoder's description in an `esds` box: kind of object, eight bytes of rates, then what the decoder needs.
fn decoder(esds: &[u8]) -> Option<&[u8]> {
    if *esds.get(4)? != 3 {
        return None;
    }
    let at = past_length(esds, 5)? + 3;
    if *esds.get(at)? != 4 {
        return None;
    }
    esds.get(past_length(esds, at + 1)?..)
}

/// Returns where a descriptor's content begins, whose length begins at `at`.
fn past_length(bytes: &[u8], mut at: usize) -> Option<usize> {
    while bytes.get(at)? & 0x80 != 0 {
        at += 1;
    }
    Some(at + 1)
}

/// Returns the kind of object that an `esds` box describes.
fn object(esds: &[u8]) -> Option<u8> {
    decoder(esds)?.first().copied()
}

/// Returns the channels of AAC as its decoder is told; the field of the box around it says 2 for any number.
fn aac_channels(esds: &[u8]) -> Option<u32> {
    let decoder = decoder(esds)?;
    if *decoder.get(13)? != 5 {
        return None;
    }
    let config = decoder.get(past_length(decoder, 14)?..)?;
    let (kind, first, second) = (config.first()? >> 3, *config.first()?, *config.get(1)?);
    let rate = (first & 7) << 1 | second >> 7;
    // Kinds and rates that are written out move what follows.
    if kind == 31 || rate == 15 {
        return None;
    }
    match second >> 3 & 15 {
        0 => None,
        7 => Some(8),
        channels => Some(channels.into()),
    }
}

/// Returns the degrees by which the matrix of a track turns it.
fn rotation(tkhd: &[u8]) -> Option<u32> {
    let at = match tkhd.first()? {
        1 => 52,
        _ => 40,
    };
    tkhd.get(at..at + 36)?;
    let number = |index: usize| f64::from(be32(tkhd, at + 4 * index).cast_signed());
    let degrees = number(1).atan2(number(0)).to_degrees();
    Some(degrees.rem_euclid(360.0).round() as u32 % 360)
}

/// Returns how many samples a track has, and how long all of them last, in ticks.
fn samples(stts: &[u8]) -> (u64, u64) {
    let entries = stts.get(8..).unwrap_or_default().as_chunks::<8>().0;
    let entries = entries.iter().take(be32(stts, 4) as usize);
    entries.fold((0, 0), |(samples, ticks), entry| {
        let (count, each) = (u64::from(be32(entry, 0)), u64::from(be32(entry, 4)));
        (
            samples + count,
            ticks.saturating_add(count.saturating_mul(each)),
        )
    })
}

/// Returns how many bytes the samples of a track have.
fn bytes(stsz: &[u8]) -> Option<u64> {
    let (each, count) = (u64::from(be32(stsz, 4)), be32(stsz, 8));
    if each > 0 {
        return Some(each * u64::from(count));
    }
    let sizes = stsz
        .get(12..)?
        .as_chunks::<4>()
        .0
        .iter()
        .take(count as usize);
    known(sizes.map(|size| u64::from(u32::from_be_bytes(*size))).sum())
}

/// Returns how long a sample of a track lasts that comes in fragments.
fn fragments(moov: &[u8], tkhd: &[u8]) -> Option<u32> {
    let number = match tkhd.first()? {
        1 => be32(tkhd, 20),
        _ => be32(tkhd, 12),
    };
    let mvex = find(moov, b"mvex")?;
    let mut own = boxes(mvex).filter(|(kind, body)| *kind == b"trex" && be32(body, 4) == number);
    known(be32(own.next()?.1, 12))
}

/// Returns the seconds that an index of fragments covers.
fn length_of_index(sidx: &[u8]) -> Option<f64> {
    let rate = be32(sidx, 8);
    let (count, entries) = match sidx.first()? {
        0 => (be16(sidx, 22), 24),
        _ => (be16(sidx, 30), 32),
    };
    let entries = sidx
        .get(entries..)?
        .as_chunks::<12>()
        .0
        .iter()
        .take(usize::from(count));
    let ticks: u64 = entries.map(|entry| u64::from(be32(entry, 4))).sum();
    ratio(ticks as f64, f64::from(rate))
}

/// Reads tags: those of iTunes in `meta/ilst`, those of QuickTime beside it.
fn tags(udta: &[u8], facts: &mut Facts) {
    const NAMES: &[(&[u8; 4], &str)] = &[
        (b"\xa9nam", "title"),
        (b"\xa9ART", "artist"),
        (b"aART", "album_artist"),
        (b"\xa9alb", "album"),
        (b"\xa9day", "date"),
        (b"\xa9gen", "genre"),
        (b"\xa9cmt", "comment"),
        (b"\xa9too", "encoder"),
        (b"\xa9swr", "encoder"),
        (b"\xa9wrt", "composer"),
        (b"desc", "description"),
        (b"cprt", "copyright"),
    ];
    let name = |kind: &[u8]| {
        NAMES
            .iter()
            .find(|(own, _)| *own == kind)
            .map(|(_, name)| *name)
    };
    for (kind, body) in boxes(udta) {
        if kind == b"meta" {
            // Version and flags come first, except in QuickTime.
            let inner = find(body, b"ilst").or_else(|| find(body.get(4..)?, b"ilst"));
            for (kind, body) in boxes(inner.unwrap_or_default()) {
                let Some(data) = find(body, b"data") else {
                    continue;
                };
                let value = data.get(8..).unwrap_or_default();
                match (name(kind), kind) {
                    (Some(name), _) => facts.tag(name, &String::from_utf8_lossy(value)),
                    (None, b"covr") if facts.cover.is_none() => facts.cover = Some(value.to_vec()),
                    _ => {}
                }
            }
        } else if let Some(name) = name(kind) {
            let length = usize::from(be16(body, 0));
            let text = body.get(4..4 + length).unwrap_or_default();
            facts.tag(name, &String::from_utf8_lossy(text));
        }
    }
}
