//! Sound files that this build writes itself: WAV and FLAC.

use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;

use llmspell_core::host::{FileEntry, WriteFile, WriteMode, failure};
use llmspell_core::{Error, Files, Result, bail, error};

use super::flac::{Flac, HEADER};
use super::shape::{Resampler, mix};
use super::sound::Block;

/// What the result is to be like.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    pub(super) rate: Option<u32>,
    pub(super) channels: Option<usize>,
    /// Bits of a sample: 16, 24, or 32 for WAV.
    pub(super) bits: u32,
    pub(super) is_flac: bool,
}

/// A sound file that is written.
pub(super) struct Draft {
    path: PathBuf,
    file: Box<dyn WriteFile>,
    wanted: Wanted,
    /// Known from the first block on.
    form: Option<Form>,
    bytes: u64,
    frames: u64,
}

struct Form {
    rate: u32,
    channels: usize,
    from_rate: u32,
    from_channels: usize,
    resampler: Option<Resampler>,
    flac: Option<Flac>,
}

/// A sound file that was written.
pub(super) struct Written {
    pub(super) entry: FileEntry,
    pub(super) seconds: f64,
}

/// Bytes before the samples of a WAV file.
const WAV_HEADER: usize = 68;

impl Draft {
    /// Begins a file.
    pub(super) fn create(
        files: &dyn Files,
        path: &str,
        mode: WriteMode,
        wanted: Wanted,
    ) -> Result<Self> {
        let path = PathBuf::from(path);
        Ok(Self {
            file: files.create(&path, mode)?,
            path,
            wanted,
            form: None,
            bytes: 0,
            frames: 0,
        })
    }

    /// Adds sound.
    pub(super) fn push(&mut self, block: Block<'_>) -> Result<()> {
        if self.form.is_none() {
            self.begin(block.rate, block.channels)?;
        }
        let Some(form) = &mut self.form else {
            bail!(Bug, "a sound file has no form");
        };
        if (block.rate, block.channels) != (form.from_rate, form.from_channels) {
            bail!(
                Parse,
                "the sound changes its form after {} frames",
                self.frames
            );
        }
        let mut samples = mix(block.samples, form.from_channels, form.channels);
        if let Some(resampler) = &mut form.resampler {
            samples = resampler.push(&samples);
        }
        self.add(samples)
    }

    fn begin(&mut self, from_rate: u32, from_channels: usize) -> Result<()> {
        let rate = self.wanted.rate.unwrap_or(from_rate);
        let channels = self.wanted.channels.unwrap_or(from_channels);
        if self.wanted.is_flac && (channels > 8 || rate >= 1 << 20) {
            bail!(
                InvalidArgs,
                "FLAC holds up to 8 channels and 1048575 Hz, not {channels} and {rate}"
            );
        }
        self.form = Some(Form {
            rate,
            channels,
            from_rate,
            from_channels,
            resampler: (rate != from_rate).then(|| Resampler::new(from_rate, rate, channels)),
            flac: self
                .wanted
                .is_flac
                .then(|| Flac::new(rate, channels, self.wanted.bits)),
        });
        let header = self.header();
        self.file
            .write_all(&header)
            .map_err(|cause| failure(&self.path, cause))
    }

    fn add(&mut self, mut samples: Vec<i32>) -> Result<()> {
        let bits = self.wanted.bits;
        for sample in &mut samples {
            *sample = rounded(*sample, bits);
        }
        let Some(form) = &mut self.form else {
            bail!(Bug, "a sound file has no form");
        };
        self.frames += (samples.len() / form.channels) as u64;
        let bytes = match &mut form.flac {
            Some(flac) => flac.push(&samples),
            None => {
                let size = bits as usize / 8;
                let bytes = samples
                    .iter()
                    .flat_map(|sample| sample.to_le_bytes().into_iter().take(size));
                bytes.collect()
            }
        };
        self.put(&bytes)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.bytes += bytes.len() as u64;
        self.file
            .write_all(bytes)
            .map_err(|cause| failure(&self.path, cause))
    }

    /// Ends the file.
    pub(super) fn finish(mut self) -> Result<Written> {
        if self.form.is_none() {
            bail!(Execution, "there is no sound to write");
        }
        let rest = match self.form.as_mut().and_then(|form| form.resampler.as_mut()) {
            Some(resampler) => resampler.finish(),
            None => Vec::new(),
        };
        self.add(rest)?;
        let last = match self.form.as_mut().and_then(|form| form.flac.as_mut()) {
            Some(flac) => flac.finish(),
            None => vec![0; usize::from(self.bytes % 2 == 1)],
        };
        let odd = !self.wanted.is_flac && !last.is_empty();
        self.put(&last)?;
        // The padding does not count.
        self.bytes -= u64::from(odd);
        if !self.wanted.is_flac && self.bytes > u64::from(u32::MAX) - 100 {
            return Err(too_long());
        }
        let header = self.header();
        let rate = self.form.as_ref().map_or(1, |form| form.rate);
        let seconds = self.frames as f64 / f64::from(rate);
        let seeked = self.file.seek(SeekFrom::Start(0));
        seeked
            .and_then(|_| self.file.write_all(&header))
            .map_err(|cause| failure(&self.path, cause))?;
        Ok(Written {
            entry: self.file.commit()?,
            seconds,
        })
    }

    fn header(&self) -> Vec<u8> {
        let Some(form) = &self.form else {
            return Vec::new();
        };
        match &form.flac {
            Some(flac) => {
                let header = flac.header();
                debug_assert_eq!(header.len(), HEADER);
                header
            }
            None => self.wav_header(form),
        }
    }

    /// The long form, which says what the channels are and goes beyond 16 bits.
    fn wav_header(&self, form: &Form) -> Vec<u8> {
        let (channels, bits) = (form.channels as u32, self.wanted.bits);
        let frame = channels * bits / 8;
        let bytes = u32::try_from(self.bytes).unwrap_or(u32::MAX - 100);
        let padded = bytes + (bytes & 1);
        // Front left, front right, centre, low frequencies, …
        let mask: u32 = match channels {
            1 => 4,
            2..=18 => (1 << channels) - 1,
            _ => 0,
        };
        let mut header = b"RIFF".to_vec();
        header.extend((padded + WAV_HEADER as u32 - 8).to_le_bytes());
        header.extend(b"WAVEfmt ");
        header.extend(40_u32.to_le_bytes());
        header.extend(0xfffe_u16.to_le_bytes());
        header.extend((channels as u16).to_le_bytes());
        header.extend(form.rate.to_le_bytes());
        header.extend((form.rate * frame).to_le_bytes());
        header.extend((frame as u16).to_le_bytes());
        header.extend((bits as u16).to_le_bytes());
        header.extend(22_u16.to_le_bytes());
        header.extend((bits as u16).to_le_bytes());
        header.extend(mask.to_le_bytes());
        header.extend(b"\x01\0\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71");
        header.extend(b"data");
        header.extend(bytes.to_le_bytes());
        header
    }
}

fn too_long() -> Error {
    error!(Limit, "a WAV file holds at most 4 GiB").hint("write FLAC")
}

/// Returns a sample of 32 bits as one of fewer.
fn rounded(sample: i32, bits: u32) -> i32 {
    let shift = 32 - bits;
    if shift == 0 {
        return sample;
    }
    let half = 1 << (shift - 1);
    let most = i64::from(i32::MAX >> shift);
    ((i64::from(sample) + half) >> shift).min(most) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_rounded_and_never_turn_over() {
        assert_eq!(rounded(0x1234_0000, 16), 0x1234);
        assert_eq!(rounded(0x1234_8000, 16), 0x1235);
        assert_eq!(rounded(i32::MAX, 16), 0x7fff);
        assert_eq!(rounded(i32::MIN, 16), -0x8000);
        assert_eq!(rounded(-1, 24), 0);
        assert_eq!(rounded(77, 32), 77);
    }
}
