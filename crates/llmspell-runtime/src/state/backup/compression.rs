//! How contents are compressed.

use std::io::{Read, Write};

use llmspell_core::{Result, error};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A way to compress.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Compression {
    /// Not at all.
    None,
    /// Zstandard, levels 1 to 22.
    Zstd,
    /// Gzip, levels 1 to 9.
    Gzip,
    /// One LZ4 block, without levels.
    Lz4,
    /// Brotli, levels 1 to 11.
    Brotli,
}

/// Brotli's window, as a power of two.
const WINDOW: u32 = 22;

/// Bytes that brotli reads or writes at once.
const BUFFER: usize = 64 << 10;

/// No LZ4 block grows more than so many times.
const LZ4_MOST: u64 = 255;

impl Compression {
    /// Returns the name that configuration and files use.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Zstd => "zstd",
            Self::Gzip => "gzip",
            Self::Lz4 => "lz4",
            Self::Brotli => "brotli",
        }
    }

    /// Compresses.
    pub(super) fn pack(self, content: Vec<u8>, level: u32) -> Result<Vec<u8>> {
        let failed = |failure| error!(Io, "the backup could not be compressed: {failure}");
        match self {
            Self::None => Ok(content),
            Self::Zstd => {
                let level = i32::try_from(level.min(22)).unwrap_or(3);
                zstd::encode_all(&*content, level).map_err(failed)
            }
            Self::Gzip => {
                let level = flate2::Compression::new(level.min(9));
                let mut writer = flate2::write::GzEncoder::new(Vec::new(), level);
                writer.write_all(&content).map_err(failed)?;
                writer.finish().map_err(failed)
            }
            Self::Lz4 => Ok(lz4_flex::block::compress(&content)),
            Self::Brotli => {
                let out = Vec::new();
                let mut writer = brotli::CompressorWriter::new(out, BUFFER, level.min(11), WINDOW);
                writer.write_all(&content).map_err(failed)?;
                Ok(writer.into_inner())
            }
        }
    }

    /// Decompresses what has `size` bytes then. Never takes more memory than that.
    ///
    /// - Errors: `Corrupt` for what is damaged, cut, or has another size.
    pub(super) fn unpack(self, packed: &[u8], size: u64) -> Result<Vec<u8>> {
        let content = match self {
            Self::None => packed.to_vec(),
            Self::Zstd => {
                let reader = zstd::stream::read::Decoder::new(packed).map_err(damaged)?;
                read(reader, size)?
            }
            Self::Gzip => read(flate2::read::GzDecoder::new(packed), size)?,
            Self::Lz4 => {
                let fits = size <= (packed.len() as u64).saturating_mul(LZ4_MOST) + 16;
                let whole = usize::try_from(size).ok().filter(|_| fits);
                let whole = whole.ok_or_else(|| damaged("it cannot be so large"))?;
                lz4_flex::block::decompress(packed, whole).map_err(damaged)?
            }
            Self::Brotli => read(brotli::Decompressor::new(packed, BUFFER), size)?,
        };
        match content.len() as u64 == size {
            true => Ok(content),
            false => Err(damaged(format!("it has another size than {size} bytes"))),
        }
    }
}

fn read(reader: impl Read, size: u64) -> Result<Vec<u8>> {
    let mut content = Vec::new();
    // One byte more than there may be tells that there are too many.
    let mut reader = reader.take(size.saturating_add(1));
    reader.read_to_end(&mut content).map_err(damaged)?;
    Ok(content)
}

fn damaged(why: impl std::fmt::Display) -> llmspell_core::Error {
    error!(Corrupt, "the backup is damaged: {why}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Compression; 5] = [
        Compression::None,
        Compression::Zstd,
        Compression::Gzip,
        Compression::Lz4,
        Compression::Brotli,
    ];

    #[test]
    fn what_goes_in_comes_out() {
        for content in [Vec::new(), b"state ".repeat(1000), (0..=255).collect()] {
            for kind in ALL {
                for level in [1, 3, 22] {
                    let packed = kind.pack(content.clone(), level).unwrap();
                    let size = content.len() as u64;
                    assert_eq!(kind.unpack(&packed, size).unwrap(), content, "{kind:?}");
                    assert!(kind.unpack(&packed, size + 1).is_err(), "{kind:?}");
                }
            }
        }
    }

    #[test]
    fn what_is_cut_or_changed_is_an_error_and_never_a_panic() {
        let content = b"some state, some more state".repeat(20);
        let size = content.len() as u64;
        for kind in ALL {
            let packed = kind.pack(content.clone(), 3).unwrap();
            for end in 0..packed.len() {
                assert!(kind.unpack(&packed[..end], size).is_err(), "{kind:?} {end}");
            }
            for place in 0..packed.len() {
                let mut changed = packed.clone();
                changed[place] ^= 0x55;
                // What it becomes is anything of that size; the checksum tells.
                let _ = kind.unpack(&changed, size);
            }
        }
    }

    #[test]
    fn a_bomb_takes_no_more_than_it_says() {
        let packed = Compression::Zstd.pack(vec![0; 10 << 20], 3).unwrap();
        assert!(Compression::Zstd.unpack(&packed, 100).is_err());
        assert!(Compression::Lz4.unpack(&[0; 10], u64::MAX).is_err());
    }
}
