//! FLV: tags in a row, the first of which describes the others in AMF.

use llmspell_core::{Map, Result, Value};

use super::super::bytes::{be16, be32, be64};
use super::facts::{Facts, Kind, Stream, known, ratio};
use super::header::Header;

/// Most tags that are looked at, and largest description.
const MAX_TAGS: usize = 64;
const MAX_DESCRIPTION: u64 = 1 << 20;

/// Most members of a description.
const MAX_MEMBERS: usize = 1000;

/// Reads the first tags.
pub(super) fn read(header: &mut Header<'_>) -> Result<Facts> {
    let start = header.read(0, 9)?;
    let mut video = None;
    let mut audio = None;
    let mut said = Map::new();
    // The header says how long it is; the size of the tag before follows.
    let mut at = u64::from(be32(&start, 5)).max(9) + 4;
    for _ in 0..MAX_TAGS {
        let head = header.read(at, 12)?;
        if head.len() < 12 {
            break;
        }
        let size = u64::from(be32(&head, 0) & 0xff_ffff);
        match head[0] & 0x1f {
            8 if audio.is_none() => audio = Some(sound(head[11])),
            9 if video.is_none() => video = Some(picture(head[11])),
            18 if said.is_empty() && size <= MAX_DESCRIPTION => {
                said = description(&header.read(at + 11, size)?);
            }
            _ => {}
        }
        at += 11 + size + 4;
    }
    Ok(facts(&said, video, audio))
}

fn facts(said: &Map, video: Option<Stream>, audio: Option<Stream>) -> Facts {
    let number = |name: &str| {
        said.get(name)
            .and_then(Value::as_float)
            .filter(|number| *number > 0.0)
    };
    let whole = |name: &str| number(name).map(|number| number.min(4e9) as u32);
    let kilobits = |name: &str| number(name).map(|rate| (rate * 1000.0).round() as u64);
    let mut facts = Facts {
        duration: number("duration"),
        ..Facts::default()
    };
    if video.is_some() || whole("width").is_some() {
        facts.push(Stream {
            kind: Some(Kind::Video),
            width: whole("width"),
            height: whole("height"),
            fps: number("framerate").and_then(|rate| ratio(rate, 1.0)),
            bit_rate: kilobits("videodatarate"),
            rotation: Some(0),
            ..video.unwrap_or_default()
        });
    }
    if let Some(audio) = audio {
        facts.push(Stream {
            bit_rate: kilobits("audiodatarate"),
            // The flags of a tag know four rates only.
            sample_rate: whole("audiosamplerate").or(audio.sample_rate),
            ..audio
        });
    }
    for name in [
        "title",
        "artist",
        "creator",
        "encoder",
        "comment",
        "copyright",
        "date",
    ] {
        if let Some(text) = said.get(name).and_then(Value::as_str) {
            facts.tag(name, text);
        }
    }
    facts
}

fn sound(flags: u8) -> Stream {
    let codec = match flags >> 4 {
        0 | 3 => "pcm_s16le",
        1 => "adpcm_swf",
        2 | 14 => "mp3",
        4..=6 => "nellymoser",
        7 => "pcm_alaw",
        8 => "pcm_mulaw",
        10 => "aac",
        11 => "speex",
        _ => {
            return Stream {
                kind: Some(Kind::Audio),
                ..Stream::default()
            };
        }
    };
    let rate = [5_512, 11_025, 22_050, 44_100][usize::from(flags >> 2 & 3)];
    Stream {
        kind: Some(Kind::Audio),
        codec: Some(codec.to_owned()),
        channels: Some(u32::from(flags & 1) + 1),
        sample_rate: known(rate),
        ..Stream::default()
    }
}

fn picture(flags: u8) -> Stream {
    let codec = match flags & 15 {
        2 => Some("flv1"),
        3 => Some("flashsv"),
        4 => Some("vp6f"),
        5 => Some("vp6a"),
        6 => Some("flashsv2"),
        7 => Some("h264"),
        12 => Some("hevc"),
        _ => None,
    };
    Stream {
        codec: codec.map(str::to_owned),
        ..Stream::default()
    }
}

/// Reads the members of `onMetaData`: numbers, truths and texts.
fn description(bytes: &[u8]) -> Map {
    let mut said = Map::new();
    let mut rest = Amf(bytes);
    let Some(Value::Str(name)) = rest.value() else {
        return said;
    };
    if name != "onMetaData" {
        return said;
    }
    // An array says how many members it has; both end with an empty name.
    match rest.byte() {
        Some(8) => drop(rest.take(4)),
        Some(3) => {}
        _ => return said,
    }
    for _ in 0..MAX_MEMBERS {
        let Some(name) = rest.name().and_then(known) else {
            break;
        };
        let Some(value) = rest.value() else {
            break;
        };
        said.insert(name, value);
    }
    said
}

/// Values in the action message format.
struct Amf<'a>(&'a [u8]);

impl<'a> Amf<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|byte| byte[0])
    }

    fn name(&mut self) -> Option<String> {
        let length = usize::from(be16(self.take(2)?, 0));
        self.take(length)
            .map(|text| String::from_utf8_lossy(text).into_owned())
    }

    /// Reads a plain value; lists and objects end the reading.
    fn value(&mut self) -> Option<Value> {
        match self.byte()? {
            0 => self
                .take(8)
                .map(|number| Value::Float(f64::from_bits(be64(number, 0)))),
            1 => self.byte().map(|truth| Value::Bool(truth != 0)),
            2 => self.name().map(Value::Str),
            5 | 6 => Some(Value::Null),
            11 => self.take(10).map(|_| Value::Null),
            _ => None,
        }
    }
}
