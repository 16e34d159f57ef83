//! The codecs, and how they cross to the worker.

use llmspell_core::{Map, Result, Value, error};
use symphonia::core::audio::{Channels, Position};
use symphonia::core::codecs::audio::{AudioCodecId, AudioCodecParameters, well_known as known};

/// Names of codecs, as ffprobe gives them.
const CODECS: &[(&str, AudioCodecId)] = &[
    ("pcm_s32le", known::CODEC_ID_PCM_S32LE),
    ("pcm_s32be", known::CODEC_ID_PCM_S32BE),
    ("pcm_s24le", known::CODEC_ID_PCM_S24LE),
    ("pcm_s24be", known::CODEC_ID_PCM_S24BE),
    ("pcm_s16le", known::CODEC_ID_PCM_S16LE),
    ("pcm_s16be", known::CODEC_ID_PCM_S16BE),
    ("pcm_s8", known::CODEC_ID_PCM_S8),
    ("pcm_u8", known::CODEC_ID_PCM_U8),
    ("pcm_f32le", known::CODEC_ID_PCM_F32LE),
    ("pcm_f32be", known::CODEC_ID_PCM_F32BE),
    ("pcm_f64le", known::CODEC_ID_PCM_F64LE),
    ("pcm_f64be", known::CODEC_ID_PCM_F64BE),
    ("pcm_alaw", known::CODEC_ID_PCM_ALAW),
    ("pcm_mulaw", known::CODEC_ID_PCM_MULAW),
    ("flac", known::CODEC_ID_FLAC),
    ("alac", known::CODEC_ID_ALAC),
    ("mp3", known::CODEC_ID_MP3),
    ("aac", known::CODEC_ID_AAC),
    ("vorbis", known::CODEC_ID_VORBIS),
    ("opus", known::CODEC_ID_OPUS),
    ("speex", known::CODEC_ID_SPEEX),
    ("ac3", known::CODEC_ID_AC3),
    ("mp2", known::CODEC_ID_MP2),
];

/// What a decoder has to know, in a form that crosses to the worker.
#[derive(Clone, Debug)]
pub(super) struct Coding {
    pub(super) name: &'static str,
    params: AudioCodecParameters,
}

impl Coding {
    /// Takes what a container says of its sound.
    pub(super) fn new(params: &AudioCodecParameters) -> Self {
        let named = CODECS.iter().find(|(_, id)| *id == params.codec);
        let mut params = params.clone();
        params.verification_check = None;
        params.profile = None;
        Self {
            name: named.map_or("unknown", |(name, _)| name),
            params,
        }
    }

    pub(super) fn params(&self) -> &AudioCodecParameters {
        &self.params
    }

    /// Returns how many bits a sample has, unless the codec loses some.
    pub(super) fn bits(&self) -> Option<u32> {
        match self.name {
            "pcm_f32le" | "pcm_f32be" => Some(32),
            "pcm_f64le" | "pcm_f64be" => Some(64),
            "mp3" | "aac" | "vorbis" | "opus" | "speex" | "ac3" | "mp2" => None,
            _ => self
                .params
                .bits_per_sample
                .or(self.params.bits_per_coded_sample),
        }
    }

    /// Returns how many packets before one a decoder must have seen to decode it right.
    pub(super) fn memory(&self) -> usize {
        match self.name {
            // Frames borrow bits of those before.
            "mp3" => 10,
            "aac" | "vorbis" => 2,
            _ => 0,
        }
    }

    pub(super) fn channels(&self) -> usize {
        self.params.channels.as_ref().map_or(0, Channels::count)
    }

    pub(super) fn to_map(&self) -> Map {
        let p = &self.params;
        let positions = match &p.channels {
            Some(Channels::Positioned(position)) => Some(position.bits()),
            _ => None,
        };
        let mut map = Map::from([
            ("codec", self.name.into()),
            ("sample_rate", p.sample_rate.into()),
            ("bits", p.bits_per_sample.into()),
            ("coded_bits", p.bits_per_coded_sample.into()),
            ("channels", self.channels().into()),
            ("positions", positions.into()),
            ("packet_frames", p.max_frames_per_packet.into()),
            ("block_frames", p.frames_per_block.into()),
        ]);
        if let Some(extra) = &p.extra_data {
            map.insert("extra", Value::Bytes(extra.to_vec()));
        }
        map
    }

    pub(super) fn from_map(map: &Map) -> Result<Self> {
        let number = |name: &str| {
            let number = map.get(name).and_then(Value::as_int);
            number.and_then(|number| u64::try_from(number).ok())
        };
        let small = |name: &str| number(name).and_then(|number| u32::try_from(number).ok());
        let name = map.get("codec").and_then(Value::as_str).unwrap_or_default();
        let (name, id) = CODECS
            .iter()
            .find(|(known, _)| *known == name)
            .ok_or_else(|| error!(InvalidArgs, "no codec '{name}'"))?;
        let mut params = AudioCodecParameters::new();
        params.codec = *id;
        params.sample_rate = small("sample_rate");
        params.bits_per_sample = small("bits");
        params.bits_per_coded_sample = small("coded_bits");
        params.max_frames_per_packet = number("packet_frames");
        params.frames_per_block = number("block_frames");
        params.channels = match (number("positions"), number("channels")) {
            (Some(bits), _) => Some(Channels::Positioned(Position::from_bits_truncate(bits))),
            (None, Some(count @ 1..=255)) => Some(Channels::Discrete(count as u16)),
            _ => None,
        };
        if let Some(Value::Bytes(extra)) = map.get("extra") {
            params.extra_data = Some(extra.clone().into_boxed_slice());
        }
        Ok(Self { name, params })
    }
}
