//! What the header of a video file says.

use jiff::Timestamp;
use llmspell_core::{Map, Result, Value};

use super::format::{Format, Layout};
use super::header::Header;
use super::{asf, avi, flv, matroska, mp4, mpeg};

/// Most streams and tags that are told, and most characters of a tag.
const MAX_STREAMS: usize = 100;
const MAX_TAGS: usize = 200;
const MAX_TEXT: usize = 1000;

/// What a file says of itself.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// In seconds.
    pub(super) duration: Option<f64>,
    /// Seconds since 1970.
    pub(super) created: Option<i64>,
    pub(super) streams: Vec<Stream>,
    pub(super) tags: Map,
    /// An embedded picture.
    pub(super) cover: Option<Vec<u8>>,
}

/// One of its streams.
#[derive(Debug, Default)]
pub(super) struct Stream {
    pub(super) kind: Option<Kind>,
    pub(super) codec: Option<String>,
    pub(super) width: Option<u32>,
    pub(super) height: Option<u32>,
    /// Frames per second.
    pub(super) fps: Option<f64>,
    /// Degrees by which a player turns it clockwise.
    pub(super) rotation: Option<u32>,
    /// Bits per second.
    pub(super) bit_rate: Option<u64>,
    pub(super) channels: Option<u32>,
    pub(super) sample_rate: Option<u32>,
    pub(super) duration: Option<f64>,
    pub(super) language: Option<String>,
}

/// What a stream holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Video,
    Audio,
    Subtitle,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Subtitle => "subtitle",
        }
    }
}

impl Facts {
    /// Reads the headers of a file.
    ///
    /// - Errors: `Parse` if they are damaged; `Limit` if they are too large.
    pub(super) fn read(header: &mut Header<'_>, format: &Format) -> Result<Self> {
        match format.layout {
            Layout::Boxes => mp4::read(header),
            Layout::Ebml => matroska::read(header),
            Layout::Riff => avi::read(header),
            Layout::Flv => flv::read(header),
            Layout::Asf => asf::read(header),
            Layout::Program => mpeg::read_program(header),
            Layout::Transport => mpeg::read_transport(header),
        }
    }

    /// Adds a tag, unless there is one of that name.
    pub(super) fn tag(&mut self, name: &str, text: &str) {
        let text = text.trim_matches(|letter: char| letter == '\0' || letter.is_whitespace());
        if text.is_empty() || self.tags.len() >= MAX_TAGS {
            return;
        }
        let text = match text.char_indices().nth(MAX_TEXT) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text.to_owned(),
        };
        self.tags
            .entry(name.to_ascii_lowercase())
            .or_insert_with(|| text.into());
    }

    pub(super) fn push(&mut self, stream: Stream) {
        if self.streams.len() < MAX_STREAMS {
            self.streams.push(stream);
        }
    }

    fn first(&self, kind: Kind) -> Option<&Stream> {
        self.streams.iter().find(|stream| stream.kind == Some(kind))
    }

    /// Returns them as `metadata` shows them.
    pub(super) fn to_map(&self, format: &str, size: u64) -> Map {
        let nothing = Stream::default();
        let video = self.first(Kind::Video);
        let (shown, audio) = (
            video.unwrap_or(&nothing),
            self.first(Kind::Audio).unwrap_or(&nothing),
        );
        let seconds: Value = self.duration.map(rounded).into();
        let resolution = shown
            .width
            .zip(shown.height)
            .map(|(width, height)| Map::from([("width", width.into()), ("height", height.into())]));
        let created = self
            .created
            .and_then(|seconds| Timestamp::from_second(seconds).ok());
        Map::from([
            ("format", format.into()),
            ("duration_seconds", seconds.clone()),
            ("duration", seconds),
            ("resolution", resolution.into()),
            ("width", shown.width.into()),
            ("height", shown.height.into()),
            ("fps", shown.fps.map(rounded).into()),
            (
                "rotation",
                video.map(|video| video.rotation.unwrap_or(0)).into(),
            ),
            ("video_codec", shown.codec.clone().into()),
            ("video_bitrate", shown.bit_rate.into()),
            ("audio_codec", audio.codec.clone().into()),
            ("audio_bitrate", audio.bit_rate.into()),
            ("audio_channels", audio.channels.into()),
            ("audio_sample_rate", audio.sample_rate.into()),
            (
                "streams",
                self.streams.iter().map(Stream::to_value).collect(),
            ),
            ("created", created.map(|created| created.to_string()).into()),
            ("file_size", size.into()),
            ("tags", self.tags.clone().into()),
        ])
    }

    /// Returns those of a file that is no known video.
    pub(super) fn unknown(size: u64) -> Map {
        let mut facts = Self::default().to_map("unknown", size);
        for name in ["streams", "tags"] {
            facts.insert(name.to_owned(), Value::Null);
        }
        facts
    }
}

impl Stream {
    fn to_value(&self) -> Value {
        let mut map = Map::from([
            ("type", Value::from(self.kind.map_or("data", Kind::name))),
            ("codec", self.codec.clone().into()),
        ]);
        let mut add = |name: &str, value: Value| {
            if !value.is_null() {
                map.insert(name, value);
            }
        };
        add("width", self.width.into());
        add("height", self.height.into());
        add("fps", self.fps.map(rounded).into());
        add("rotation", self.rotation.into());
        add("bit_rate", self.bit_rate.into());
        add("channels", self.channels.into());
        add("sample_rate", self.sample_rate.into());
        add("duration", self.duration.map(rounded).into());
        add("language", self.language.clone().into());
        map.into()
    }
}

/// Rounds to what headers can mean.
fn rounded(number: f64) -> f64 {
    (number * 1e3).round() / 1e3
}

/// Returns one number per another, if that is one.
pub(super) fn ratio(of: f64, by: f64) -> Option<f64> {
    let ratio = of / by;
    (ratio.is_finite() && ratio > 0.0).then_some(ratio)
}

/// Returns a number, unless it is zero, which headers say for not known.
pub(super) fn known<T: Default + PartialEq>(number: T) -> Option<T> {
    (number != T::default()).then_some(number)
}

/// Returns the name of a codec by the four letters of RIFF and QuickTime files.
pub(super) fn video_codec(letters: &[u8]) -> Option<String> {
    let letters = letters.get(..4)?.to_ascii_uppercase();
    let name = match letters.as_slice() {
        b"AVC1" | b"AVC2" | b"AVC3" | b"H264" | b"X264" | b"DAVC" => "h264",
        b"HVC1" | b"HEV1" | b"HEVC" | b"H265" | b"X265" => "hevc",
        b"AV01" => "av1",
        b"VP08" | b"VP80" => "vp8",
        b"VP09" | b"VP90" => "vp9",
        b"MP4V" | b"XVID" | b"DIVX" | b"DX50" | b"FMP4" | b"M4S2" => "mpeg4",
        b"MP42" => "msmpeg4v2",
        b"MP43" | b"DIV3" => "msmpeg4v3",
        b"MJPG" | b"JPEG" | b"MJPA" => "mjpeg",
        b"MPG1" | b"M1V " => "mpeg1video",
        b"MPG2" | b"MX5P" | b"M2V1" => "mpeg2video",
        b"APCN" | b"APCH" | b"APCS" | b"APCO" | b"AP4H" | b"AP4X" => "prores",
        b"WMV1" => "wmv1",
        b"WMV2" => "wmv2",
        b"WMV3" => "wmv3",
        b"WVC1" => "vc1",
        b"FLV1" => "flv1",
        b"S263" | b"H263" => "h263",
        b"SVQ3" => "svq3",
        b"CVID" => "cinepak",
        b"DVC " | b"DVCP" | b"DVSD" => "dvvideo",
        b"FFV1" => "ffv1",
        b"PNG " => "png",
        b"\0\0\0\0" | b"RAW " | b"I420" | b"YV12" | b"YUY2" => "rawvideo",
        other => {
            let is_text = other
                .iter()
                .all(|letter| letter.is_ascii_graphic() || *letter == b' ');
            return is_text.then(|| String::from_utf8_lossy(other).trim().to_ascii_lowercase());
        }
    };
    Some(name.to_owned())
}

/// Returns the name of a codec by the number that a WAVEFORMATEX has for it.
pub(super) fn audio_codec(tag: u16, bits: u16) -> Option<String> {
    let name = match (tag, bits) {
        (1, 8) => "pcm_u8",
        (1, 24) => "pcm_s24le",
        (1, 32) => "pcm_s32le",
        (1, _) => "pcm_s16le",
        (2, _) => "adpcm_ms",
        (3, 64) => "pcm_f64le",
        (3, _) => "pcm_f32le",
        (6, _) => "pcm_alaw",
        (7, _) => "pcm_mulaw",
        (0x11, _) => "adpcm_ima_wav",
        (0x50, _) => "mp2",
        (0x55, _) => "mp3",
        (0xff | 0x1600 | 0x706d, _) => "aac",
        (0x160, _) => "wmav1",
        (0x161, _) => "wmav2",
        (0x162, _) => "wmapro",
        (0x2000, _) => "ac3",
        (0x2001, _) => "dts",
        (0x674f..=0x6771, _) => "vorbis",
        (0x704f, _) => "opus",
        (0xf1ac, _) => "flac",
        _ => return None,
    };
    Some(name.to_owned())
}
