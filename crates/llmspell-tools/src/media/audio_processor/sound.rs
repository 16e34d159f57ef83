//! A sound file, read packet by packet. The container is read here, the packets are decoded in the worker.

use std::collections::VecDeque;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::time::Duration;

use llmspell_core::host::{ReadFile, failure};
use llmspell_core::{Cx, Error, Files, Map, Result, Value, bail, error};
use symphonia::core::errors::Error as Failure;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::meta::MetadataOptions;
use symphonia::core::packet::Packet;

use super::super::video_processor::check_boxes;
use super::codec::Coding;
use crate::worker::Asking;

/// Samples and bytes of packets that go to the worker at once.
const SAMPLES: u64 = 2 << 20;
const BYTES: usize = 4 << 20;

/// Largest packet, in bytes.
const MAX_PACKET: usize = 16 << 20;

/// The job that decodes packets, and how long it may take.
pub(super) const DECODE: (&str, Duration) = ("audio_processor.decode", Duration::from_secs(120));

/// A file that looks now and then whether to go on.
pub(super) struct Source {
    file: Box<dyn ReadFile>,
    cx: Cx,
    /// Bytes that may still be read.
    left: u64,
}

impl Source {
    /// Opens a file of which at most `most` bytes are read, those read twice counted twice.
    pub(super) fn open(files: &dyn Files, path: &str, cx: &Cx, most: u64) -> Result<Self> {
        Ok(Self {
            file: files.open(Path::new(path))?,
            cx: cx.clone(),
            left: most,
        })
    }

    pub(super) fn size(&self) -> u64 {
        self.file.entry().size
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.cx.check()?;
        if self.left == 0 {
            return Err(error!(Limit, "the file makes its reader go round in circles").into());
        }
        let count = self.file.read(buffer)?;
        // What reads nothing for ever ends as well.
        self.left = self.left.saturating_sub(count.max(1) as u64);
        Ok(count)
    }
}

impl Seek for Source {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.left = self.left.saturating_sub(16);
        self.file.seek(to)
    }
}

/// A [`Source`] that the library may share, which it never does.
struct Shared(std::sync::Mutex<Source>, u64);

impl Shared {
    fn own(&mut self) -> &mut Source {
        self.0
            .get_mut()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Read for Shared {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.own().read(buffer)
    }
}

impl Seek for Shared {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.own().seek(to)
    }
}

impl MediaSource for Shared {
    fn is_seekable(&self) -> bool {
        true
    }
    fn byte_len(&self) -> Option<u64> {
        Some(self.1)
    }
}

/// A sound file under way.
pub(super) struct Sound {
    path: String,
    reader: Box<dyn FormatReader>,
    track: u32,
    pub(super) coding: Coding,
    /// Length in frames, if the file says.
    pub(super) frames: Option<u64>,
    /// Seconds that a unit of the packets' times lasts.
    tick: f64,
    pub(super) rate: Option<u32>,
}

/// What was heard of a sound.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// Frames that were handed on.
    pub(super) frames: u64,
    /// Packets that could not be decoded.
    pub(super) damaged: u64,
}

/// Samples of all channels in turn, at full scale of 32 bits.
pub(super) struct Block<'a> {
    pub(super) samples: &'a [i32],
    pub(super) rate: u32,
    pub(super) channels: usize,
}

impl Sound {
    /// Opens a file and finds its sound.
    ///
    /// - Errors: `Parse` if the container is damaged; `Unavailable` if it holds no sound that is known.
    pub(super) fn open(files: &dyn Files, path: &str, cx: &Cx) -> Result<Self> {
        check_boxes(files, path, cx)?;
        let source = Source::open(files, path, cx, u64::MAX)?;
        let size = source.size();
        let source = Source {
            left: size.saturating_mul(4).saturating_add(64 << 20),
            ..source
        };
        let shared = Box::new(Shared(std::sync::Mutex::new(source), size));
        let stream = MediaSourceStream::new(shared, MediaSourceStreamOptions::default());
        let reader = symphonia::default::get_probe()
            .probe(
                &Hint::new(),
                stream,
                FormatOptions::default(),
                MetadataOptions::default(),
            )
            .map_err(|cause| failed(path, cause))?;
        let track = reader
            .default_track(TrackType::Audio)
            .ok_or_else(|| error!(Unavailable, "'{path}' holds no sound that this build knows"))?;
        let params = track
            .codec_params
            .as_ref()
            .and_then(|params| params.audio());
        let coding = Coding::new(
            params.ok_or_else(|| error!(Unavailable, "the codec of '{path}' is not known"))?,
        );
        let rate = coding.params().sample_rate.filter(|rate| *rate > 0);
        let tick = match track.time_base {
            Some(base) => f64::from(base.numer.get()) / f64::from(base.denom.get()),
            None => 1.0 / f64::from(rate.unwrap_or(44_100)),
        };
        let units = track.duration.map(|duration| duration.get());
        let frames = track.num_frames.or_else(|| {
            let seconds = units? as f64 * tick;
            Some((seconds * f64::from(rate?)).round() as u64)
        });
        Ok(Self {
            path: path.to_owned(),
            track: track.id,
            coding,
            frames: frames.filter(|frames| *frames > 0),
            tick,
            rate,
            reader,
        })
    }

    /// Returns the length in seconds, if the file says.
    pub(super) fn seconds(&self) -> Option<f64> {
        Some(self.frames? as f64 / f64::from(self.rate?))
    }

    /// Decodes what lies between two moments, block by block.
    ///
    /// - Errors: those of `take`; `Parse` if nothing can be decoded; `Unavailable` for a codec without a decoder.
    pub(super) fn each(
        &mut self,
        (cx, asking): (&Cx, &Asking),
        from: f64,
        to: Option<f64>,
        take: &mut dyn FnMut(Block<'_>) -> Result<()>,
    ) -> Result<Heard> {
        let mut run = Run {
            from,
            to,
            ..Run::default()
        };
        while let Some(packet) = self.next()? {
            cx.check()?;
            let begin = (packet.pts.get() as f64 + packet.trim_start.get() as f64) * self.tick;
            let end = begin + packet.dur.get() as f64 * self.tick;
            if to.is_some_and(|to| begin >= to) {
                break;
            }
            if end <= from && run.position.is_none() {
                run.before.push_back(packet);
                run.forget(self.coding.memory());
                continue;
            }
            run.position.get_or_insert(begin.max(0.0));
            run.batch.push(packet);
            if run.batch.is_full(self.coding.channels()) {
                self.decode(asking, &mut run, take)?;
            }
        }
        if !run.batch.packets.is_empty() {
            self.decode(asking, &mut run, take)?;
        }
        if run.heard.frames == 0 && run.heard.damaged > 0 {
            bail!(
                Parse,
                "nothing of the sound in '{}' can be decoded",
                self.path
            );
        }
        Ok(run.heard)
    }

    fn next(&mut self) -> Result<Option<Packet>> {
        loop {
            match self.reader.next_packet() {
                Ok(Some(packet)) if packet.data.len() > MAX_PACKET => {
                    bail!(
                        Limit,
                        "a packet of '{}' has more than {MAX_PACKET} bytes",
                        self.path
                    )
                }
                Ok(Some(packet)) if packet.track_id == self.track => return Ok(Some(packet)),
                Ok(Some(_)) => {}
                // Another stream begins, or the file is cut off: what was there counts.
                Ok(None) | Err(Failure::ResetRequired) => return Ok(None),
                Err(Failure::IoError(cause)) if cause.kind() == io::ErrorKind::UnexpectedEof => {
                    return Ok(None);
                }
                Err(cause) => return Err(failed(&self.path, cause)),
            }
        }
    }

    fn decode(
        &self,
        asking: &Asking,
        run: &mut Run,
        take: &mut dyn FnMut(Block<'_>) -> Result<()>,
    ) -> Result<()> {
        let batch = std::mem::take(&mut run.batch);
        let request = batch.request(&self.coding, &run.before);
        let decoded = Decoded::from_value(asking.ask(request)?)?;
        run.before.extend(batch.packets);
        run.forget(self.coding.memory());
        run.heard.damaged += decoded.damaged;
        if decoded.samples.is_empty() {
            return Ok(());
        }
        let rate = f64::from(decoded.rate);
        let begin = run.position.unwrap_or(0.0) * rate;
        let count = decoded.samples.len() / decoded.channels;
        let frame = |moment: f64| ((moment * rate - begin).round().max(0.0) as usize).min(count);
        let (first, last) = (frame(run.from), run.to.map_or(count, frame));
        run.position = Some((begin + count as f64) / rate);
        if first < last {
            run.heard.frames += (last - first) as u64;
            take(Block {
                samples: &decoded.samples[first * decoded.channels..last * decoded.channels],
                rate: decoded.rate,
                channels: decoded.channels,
            })?;
        }
        Ok(())
    }
}

/// How far the decoding of a sound has come.
#[derive(Default)]
struct Run {
    from: f64,
    to: Option<f64>,
    /// Packets that warm the decoder up.
    before: VecDeque<Packet>,
    batch: Batch,
    /// The moment at which the next decoded frame stands.
    position: Option<f64>,
    heard: Heard,
}

impl Run {
    /// Drops packets that no decoder needs to have seen.
    fn forget(&mut self, memory: usize) {
        let unneeded = self.before.len().saturating_sub(memory);
        self.before.drain(..unneeded);
    }
}

/// Packets that go to the worker together.
#[derive(Default)]
struct Batch {
    packets: Vec<Packet>,
    bytes: usize,
    frames: u64,
}

impl Batch {
    fn push(&mut self, packet: Packet) {
        self.bytes += packet.data.len();
        self.frames = self.frames.saturating_add(packet.block_dur().get());
        self.packets.push(packet);
    }

    fn is_full(&self, channels: usize) -> bool {
        let samples = self.frames.saturating_mul(channels.max(1) as u64);
        samples >= SAMPLES || self.bytes >= BYTES || self.packets.len() >= 16_384
    }

    fn request(&self, coding: &Coding, before: &VecDeque<Packet>) -> Value {
        let all = before.iter().chain(&self.packets);
        let mut data = Vec::with_capacity(self.bytes);
        let mut sizes = Vec::new();
        for packet in all {
            data.extend_from_slice(&packet.data);
            sizes.extend([
                packet.data.len() as i64,
                packet.dur.get() as i64,
                packet.trim_start.get() as i64,
                packet.trim_end.get() as i64,
            ]);
        }
        let mut request: Map = coding.to_map();
        request.insert("data", Value::Bytes(data));
        request.insert("packets", sizes.into());
        request.insert("skip", before.len().into());
        request.into()
    }
}

/// What the worker answered.
struct Decoded {
    samples: Vec<i32>,
    rate: u32,
    channels: usize,
    damaged: u64,
}

impl Decoded {
    fn from_value(value: Value) -> Result<Self> {
        let number = |name: &str| value.get(name).and_then(Value::as_int).unwrap_or(0);
        let Some(Value::Bytes(bytes)) = value.get("samples") else {
            bail!(Bug, "the worker answered without samples");
        };
        let samples: Vec<i32> = bytes
            .as_chunks()
            .0
            .iter()
            .map(|four| i32::from_le_bytes(*four))
            .collect();
        let channels = usize::try_from(number("channels")).unwrap_or(0);
        let rate = u32::try_from(number("rate")).unwrap_or(0);
        if !samples.is_empty()
            && (channels == 0 || rate == 0 || !samples.len().is_multiple_of(channels))
        {
            bail!(Parse, "the sound has no channels, or no rate");
        }
        Ok(Self {
            samples,
            rate,
            channels,
            damaged: u64::try_from(number("damaged")).unwrap_or(0),
        })
    }
}

/// Returns the error for what the library says of a file.
pub(super) fn failed(path: &str, cause: Failure) -> Error {
    match cause {
        Failure::IoError(cause) if cause.kind() == io::ErrorKind::UnexpectedEof => {
            error!(Parse, "the sound file '{path}' is cut off")
        }
        Failure::IoError(cause) => failure(Path::new(path), cause),
        Failure::Unsupported(what) => {
            error!(Unavailable, "this build cannot read '{path}': {what}")
        }
        Failure::LimitError(what) => error!(Limit, "'{path}' is beyond a limit: {what}"),
        other => error!(Parse, "the sound file '{path}' is damaged: {other}"),
    }
}
