//! MPEG program and transport streams, and bare MPEG video (ISO 13818-1, 13818-2).
//!
//! There is no header for the whole: what is known comes from the first and the last megabytes.

use llmspell_core::{Result, error};

use super::super::bytes::{be16, be32};
use super::facts::{Facts, Kind, Stream, known, ratio};
use super::format::PACKET;
use super::header::Header;

/// Bytes that are read of the beginning and of the end.
const PART: u64 = 2 << 20;

/// Ticks of the clock in a second, and where it begins anew.
const CLOCK: f64 = 90_000.0;
const ROUND: u64 = 1 << 33;

/// The first and the last moment that the packets of a stream name.
#[derive(Default)]
struct Moments {
    first: Option<u64>,
    last: Option<u64>,
}

impl Moments {
    fn see(&mut self, moment: Option<u64>) {
        if let Some(moment) = moment {
            self.first.get_or_insert(moment);
            self.last = Some(moment);
        }
    }

    /// Returns the seconds between them, and one frame.
    fn seconds(&self, fps: Option<f64>) -> Option<f64> {
        let (first, last) = (self.first?, self.last?);
        let ticks = last.wrapping_sub(first) % ROUND;
        let frame = fps.map_or(0.0, |fps| 1.0 / fps);
        ratio(ticks as f64 / CLOCK + frame, 1.0)
    }
}

/// Reads a program stream, or bare video.
pub(super) fn read_program(header: &mut Header<'_>) -> Result<Facts> {
    let start = header.read(0, PART)?;
    let from = header.size.saturating_sub(PART).max(start.len() as u64);
    let end = header.read(from, PART)?;
    let mut facts = Facts::default();
    let Some(mut video) = sequence(&start) else {
        return Err(error!(
            Parse,
            "'{}' has no MPEG video in its first {PART} bytes",
            header.path().display()
        ));
    };
    let mut moments = Moments::default();
    let mut audio = None;
    for part in [&start, &end] {
        for (at, code) in codes(part) {
            let packet = &part[at..];
            match code {
                0xe0..=0xef => moments.see(moment(packet)),
                0xc0..=0xdf if audio.is_none() => audio = sound(packet),
                // What a private stream holds stands in its first byte.
                0xbd if audio.is_none() => audio = private(packet),
                _ => {}
            }
        }
    }
    video.duration = moments.seconds(video.fps);
    facts.duration = video.duration;
    facts.push(video);
    if let Some(audio) = audio {
        facts.push(audio);
    }
    Ok(facts)
}

/// Returns where start codes stand, and what they are.
fn codes(bytes: &[u8]) -> impl Iterator<Item = (usize, u8)> {
    let windows = bytes.windows(4).enumerate();
    windows
        .filter(|(_, window)| window.starts_with(b"\0\0\x01"))
        .map(|(at, window)| (at, window[3]))
}

/// Reads the first sequence header of MPEG-1 or MPEG-2 video.
fn sequence(bytes: &[u8]) -> Option<Stream> {
    const FPS: [f64; 9] = [
        0.0,
        24_000.0 / 1001.0,
        24.0,
        25.0,
        30_000.0 / 1001.0,
        30.0,
        50.0,
        60_000.0 / 1001.0,
        60.0,
    ];
    let (at, _) = codes(bytes).find(|(_, code)| *code == 0xb3)?;
    let head = bytes.get(at + 4..at + 12)?;
    let sides = be32(head, 0) >> 8;
    let rate = be32(head, 4) >> 14;
    let next = codes(&bytes[at + 8..]).find(|(_, code)| *code != 0xb2);
    let is_second = next.is_some_and(|(_, code)| code == 0xb5);
    Some(Stream {
        kind: Some(Kind::Video),
        codec: Some(
            if is_second {
                "mpeg2video"
            } else {
                "mpeg1video"
            }
            .to_owned(),
        ),
        width: known(sides >> 12),
        height: known(sides & 0xfff),
        fps: FPS.get(usize::from(head[3] & 15)).copied().and_then(known),
        rotation: Some(0),
        // In units of 400 bits; all ones say that it varies.
        bit_rate: known(u64::from(rate) * 400).filter(|_| rate != 0x3_ffff),
        ..Stream::default()
    })
}

/// Returns where the payload of a packet begins, and the moment that its header names.
fn opened(packet: &[u8]) -> Option<(usize, Option<u64>)> {
    let stamp = |at: usize| {
        let bytes = packet.get(at..at + 5)?;
        let high = u64::from(bytes[0] >> 1 & 7) << 30;
        let middle = u64::from(be16(bytes, 1) >> 1) << 15;
        Some(high | middle | u64::from(be16(bytes, 3) >> 1))
    };
    let flags = *packet.get(6)?;
    if flags >> 6 == 0b10 {
        let has_moment = packet.get(7)? & 0x80 != 0;
        let payload = 9 + usize::from(*packet.get(8)?);
        return Some((payload, if has_moment { stamp(9) } else { None }));
    }
    // MPEG-1: stuffing, and the size of a buffer.
    let mut at = 6;
    while *packet.get(at)? == 0xff && at < 22 {
        at += 1;
    }
    if packet.get(at)? >> 6 == 0b01 {
        at += 2;
    }
    match packet.get(at)? >> 4 {
        2 => Some((at + 5, stamp(at))),
        3 => Some((at + 10, stamp(at))),
        _ => Some((at + 1, None)),
    }
}

fn moment(packet: &[u8]) -> Option<u64> {
    opened(packet)?.1
}

/// Reads the first frame of MPEG sound.
fn sound(packet: &[u8]) -> Option<Stream> {
    let (payload, _) = opened(packet)?;
    let bytes = packet.get(payload..)?;
    let bytes = &bytes[..bytes.len().min(8192)];
    let frame = bytes
        .windows(4)
        .find(|frame| frame[0] == 0xff && frame[1] & 0xe0 == 0xe0)?;
    if frame[1] & 0xf6 == 0xf0 {
        return adts(frame);
    }
    let version = frame[1] >> 3 & 3;
    let rate = [44_100, 48_000, 32_000, 0][usize::from(frame[2] >> 2 & 3)];
    let codec = match frame[1] >> 1 & 3 {
        1 => "mp3",
        2 => "mp2",
        3 => "mp1",
        _ => return None,
    };
    let index = usize::from(frame[2] >> 4);
    // Layer II of MPEG-1, and layer III.
    const SECOND: [u64; 16] = [
        0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 0,
    ];
    const THIRD: [u64; 16] = [
        0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0,
    ];
    let bits = match (version, codec) {
        (3, "mp2") => SECOND[index],
        (3, "mp3") => THIRD[index],
        _ => 0,
    };
    Some(Stream {
        kind: Some(Kind::Audio),
        codec: Some(codec.to_owned()),
        channels: Some(if frame[3] >> 6 == 3 { 1 } else { 2 }),
        sample_rate: known(match version {
            3 => rate,
            2 => rate / 2,
            _ => rate / 4,
        }),
        bit_rate: known(bits * 1000),
        ..Stream::default()
    })
}

fn adts(frame: &[u8]) -> Option<Stream> {
    const RATES: [u32; 13] = [
        96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025,
        8_000, 7_350,
    ];
    let channels = u32::from(frame[2] & 1) << 2 | u32::from(frame[3] >> 6);
    Some(Stream {
        kind: Some(Kind::Audio),
        codec: Some("aac".to_owned()),
        channels: known(channels),
        sample_rate: Some(*RATES.get(usize::from(frame[2] >> 2 & 15))?),
        ..Stream::default()
    })
}

fn private(packet: &[u8]) -> Option<Stream> {
    let (payload, _) = opened(packet)?;
    let codec = match packet.get(payload)? {
        0x80..=0x87 => "ac3",
        0x88..=0x8f => "dts",
        0xa0..=0xaf => "pcm_dvd",
        _ => return None,
    };
    Some(Stream {
        kind: Some(Kind::Audio),
        codec: Some(codec.to_owned()),
        ..Stream::default()
    })
}

/// A stream of a transport stream.
struct Carried {
    number: u16,
    stream: Stream,
    moments: Moments,
    /// Its first bytes.
    payload: Vec<u8>,
}

/// Bytes of each stream in which its form is looked for.
const MAX_PAYLOAD: usize = 64 << 10;

/// Reads a transport stream.
pub(super) fn read_transport(header: &mut Header<'_>) -> Result<Facts> {
    let start = header.read(0, PART)?;
    let from = header.size.saturating_sub(PART).max(start.len() as u64);
    // Packets are counted from the beginning of the file.
    let from = from.next_multiple_of(PACKET as u64);
    let end = header.read(from, PART)?;
    let mut table = None;
    let mut carried: Vec<Carried> = Vec::new();
    for (number, first, payload) in packets(&start).chain(packets(&end)) {
        if number == 0 && table.is_none() {
            table = program(payload);
        } else if Some(number) == table && carried.is_empty() {
            carried = streams(payload);
        } else if let Some(own) = carried.iter_mut().find(|own| own.number == number) {
            if first {
                own.moments.see(moment(payload));
            }
            let room = MAX_PAYLOAD.saturating_sub(own.payload.len());
            own.payload
                .extend_from_slice(&payload[..payload.len().min(room)]);
        }
    }
    if carried.is_empty() {
        return Err(error!(
            Parse,
            "'{}' names no streams in its first {PART} bytes",
            header.path().display()
        ));
    }
    let mut facts = Facts::default();
    for mut own in carried {
        match own.stream.codec.as_deref() {
            Some("mpeg1video" | "mpeg2video") => {
                own.stream = sequence(&own.payload).unwrap_or(own.stream);
            }
            Some("aac" | "mp2" | "mp3") => {
                own.stream = sound(&own.payload).unwrap_or(own.stream);
            }
            _ => {}
        }
        own.stream.duration = own.moments.seconds(own.stream.fps);
        facts.push(own.stream);
    }
    let seconds = facts.streams.iter().filter_map(|stream| stream.duration);
    facts.duration = seconds.max_by(f64::total_cmp);
    Ok(facts)
}

/// Returns the packets with a payload: the number of the stream, whether something begins in it, the payload.
fn packets(bytes: &[u8]) -> impl Iterator<Item = (u16, bool, &[u8])> {
    let packets = bytes
        .chunks_exact(PACKET)
        .filter(|packet| packet[0] == 0x47);
    packets.filter_map(|packet| {
        let number = be16(packet, 1) & 0x1fff;
        let first = packet[1] & 0x40 != 0;
        let at = match packet[3] >> 4 & 3 {
            1 => 4,
            3 => 5 + usize::from(packet[4]),
            _ => return None,
        };
        Some((number, first, packet.get(at..)?))
    })
}

/// Returns the body of a table, behind its pointer.
fn section(payload: &[u8]) -> Option<&[u8]> {
    let pointer = usize::from(*payload.first()?);
    let section = payload.get(1 + pointer..)?;
    let length = usize::from(be16(section, 1) & 0xfff);
    // A checksum ends it.
    let end = (3 + length).saturating_sub(4).min(section.len());
    section.get(8..end)
}

/// Returns the number of the table of the first program.
fn program(payload: &[u8]) -> Option<u16> {
    let entries = section(payload)?.as_chunks::<4>().0;
    let entry = entries.iter().find(|entry| be16(*entry, 0) != 0)?;
    Some(be16(entry, 2) & 0x1fff)
}

/// Returns the streams of a program.
fn streams(payload: &[u8]) -> Vec<Carried> {
    let mut carried = Vec::new();
    let Some(body) = section(payload) else {
        return carried;
    };
    let mut at = 4 + usize::from(be16(body, 2) & 0xfff);
    while let Some(entry) = body.get(at..at + 5) {
        let (kind, codec) = match entry[0] {
            0x01 => (Some(Kind::Video), "mpeg1video"),
            0x02 => (Some(Kind::Video), "mpeg2video"),
            0x10 => (Some(Kind::Video), "mpeg4"),
            0x1b => (Some(Kind::Video), "h264"),
            0x24 => (Some(Kind::Video), "hevc"),
            0x03 | 0x04 => (Some(Kind::Audio), "mp2"),
            0x0f | 0x11 => (Some(Kind::Audio), "aac"),
            0x81 => (Some(Kind::Audio), "ac3"),
            0x87 => (Some(Kind::Audio), "eac3"),
            _ => (None, ""),
        };
        carried.push(Carried {
            number: be16(entry, 1) & 0x1fff,
            stream: Stream {
                kind,
                codec: known(codec.to_owned()),
                rotation: (kind == Some(Kind::Video)).then_some(0),
                ..Stream::default()
            },
            moments: Moments::default(),
            payload: Vec::new(),
        });
        at += 5 + usize::from(be16(entry, 3) & 0xfff);
    }
    carried
}
