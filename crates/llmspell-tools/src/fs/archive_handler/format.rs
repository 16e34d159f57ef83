//! Formats of archives, and the compressors that they use.

use std::io::{self, BufRead, BufReader, Cursor, Read, SeekFrom, Write};
use std::path::Path;

use bzip2::read::MultiBzDecoder;
use bzip2::write::BzEncoder;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use llmspell_core::Result;
use llmspell_core::host::{ReadFile, failure};
use lzma_rust2::{XzOptions, XzReader, XzWriter};
use ruzstd::decoding::StreamingDecoder;

/// The formats with their other names.
pub(super) const FORMATS: &[&[&str]] = &[
    &["zip"],
    &["tar"],
    &["tar.gz", "tgz"],
    &["tar.bz2", "tbz2"],
    &["tar.xz", "txz"],
    &["tar.zst", "tzst"],
    &["gz", "gzip"],
    &["bz2", "bzip2"],
    &["xz"],
    &["zst", "zstd"],
];

/// Most memory for decompressing xz, in KiB; its hardest preset needs two thirds of it.
const XZ_MEMORY: u32 = 96 * 1024;

/// How the files stand in an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    Zip,
    Tar,
    /// There is one, without a name.
    Single,
}

/// How an archive is compressed as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Codec {
    None,
    Gzip,
    Bzip2,
    Xz,
    Zstd,
}

/// A format of archives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Format {
    pub(super) name: &'static str,
    pub(super) layout: Layout,
    pub(super) codec: Codec,
}

impl Format {
    /// Returns the format with this canonical name.
    pub(super) fn named(name: &str) -> Option<Self> {
        let known = FORMATS.iter().find(|names| names[0] == name)?;
        let (layout, codec) = match known[0] {
            "zip" => (Layout::Zip, Codec::None),
            "tar" => (Layout::Tar, Codec::None),
            name => {
                let layout = match name.starts_with("tar.") {
                    true => Layout::Tar,
                    false => Layout::Single,
                };
                let codec = match name.trim_start_matches("tar.") {
                    "gz" => Codec::Gzip,
                    "bz2" => Codec::Bzip2,
                    "xz" => Codec::Xz,
                    _ => Codec::Zstd,
                };
                (layout, codec)
            }
        };
        Some(Self {
            name: known[0],
            layout,
            codec,
        })
    }

    /// Tells the format from the end of a name.
    pub(super) fn of_name(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_string_lossy().to_lowercase();
        let ends = |end: &&str| {
            name.strip_suffix(*end)
                .is_some_and(|rest| rest.ends_with('.'))
        };
        // Those with two parts stand before those with the second alone.
        let known = FORMATS.iter().find(|names| names.iter().any(ends))?;
        Self::named(known[0])
    }

    /// Tells the format from the beginning of a file, which is read from its start afterwards.
    pub(super) fn of_content(file: &mut dyn ReadFile, path: &Path) -> Result<Option<Self>> {
        let failed = |cause| failure(path, cause);
        let mut rewound = |start: &mut Vec<u8>| -> io::Result<()> {
            (&mut *file).take(BLOCK as u64).read_to_end(start)?;
            file.seek(SeekFrom::Start(0)).map(drop)
        };
        let mut start = Vec::new();
        rewound(&mut start).map_err(failed)?;
        let codec = match &*start {
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => return Ok(Self::named("zip")),
            [0x1F, 0x8B, ..] => Codec::Gzip,
            [b'B', b'Z', b'h', ..] => Codec::Bzip2,
            [0xFD, b'7', b'z', b'X', b'Z', 0, ..] => Codec::Xz,
            [0x28, 0xB5, 0x2F, 0xFD, ..] => Codec::Zstd,
            block if is_tar(block) => return Ok(Self::named("tar")),
            _ => return Ok(None),
        };
        let mut inner = Vec::new();
        // A damaged beginning is found out when it is unpacked.
        codec
            .decoder(BufReader::new(&mut *file))
            .take(BLOCK as u64)
            .read_to_end(&mut inner)
            .ok();
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        let end = codec.end();
        let name = match is_tar(&inner) {
            true => FORMATS
                .iter()
                .find(|names| names[0] == format!("tar.{end}")),
            false => FORMATS.iter().find(|names| names[0] == end),
        };
        Ok(name.and_then(|names| Self::named(names[0])))
    }
}

/// Size of the blocks of a tar.
const BLOCK: usize = 512;

/// Returns whether a tar may start so: the sum over the header is the one that stands in it.
fn is_tar(block: &[u8]) -> bool {
    if block.len() < BLOCK {
        return false;
    }
    let header = tar::Header::from_byte_slice(&block[..BLOCK]);
    let own = |(at, byte): (usize, &u8)| match at {
        148..156 => u32::from(b' '),
        _ => u32::from(*byte),
    };
    let sum: u32 = block[..BLOCK].iter().enumerate().map(own).sum();
    header.cksum().is_ok_and(|told| told == sum)
}

impl Codec {
    /// Returns the end of the names of such files.
    pub(super) fn end(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Gzip => "gz",
            Self::Bzip2 => "bz2",
            Self::Xz => "xz",
            Self::Zstd => "zst",
        }
    }

    /// Returns what is in a compressed stream, or in several one after the other.
    pub(super) fn decoder<'r>(self, source: impl BufRead + 'r) -> Box<dyn Read + 'r> {
        match self {
            Self::None => Box::new(source),
            Self::Gzip => Box::new(MultiGzDecoder::new(source)),
            Self::Bzip2 => Box::new(MultiBzDecoder::new(source)),
            Self::Xz => Box::new(XzReader::new_mem_limit(source, true, XZ_MEMORY)),
            Self::Zstd => Box::new(Frames {
                decoder: None,
                source: Some(source),
            }),
        }
    }

    /// Begins to compress.
    pub(super) fn encoder<W: Write>(self, sink: W, level: u32) -> io::Result<Encoder<W>> {
        Ok(match self {
            Self::None => Encoder::None(sink),
            Self::Gzip => Encoder::Gzip(GzEncoder::new(sink, flate2::Compression::new(level))),
            Self::Bzip2 => {
                let level = bzip2::Compression::new(level.max(1));
                Encoder::Bzip2(BzEncoder::new(sink, level))
            }
            Self::Xz => {
                let options = XzOptions::with_preset(level);
                Encoder::Xz(Box::new(XzWriter::new(sink, options)?))
            }
            Self::Zstd => {
                let mut encoder = zstd::Encoder::new(sink, level as i32)?;
                // Without it a reader does not notice damage.
                encoder.include_checksum(true)?;
                Encoder::Zstd(encoder)
            }
        })
    }
}

/// The frames of a zstd stream.
struct Frames<R: BufRead> {
    decoder: Option<Frame<R>>,
    source: Option<R>,
}

type Frame<R> = StreamingDecoder<io::Chain<Cursor<[u8; 4]>, R>, ruzstd::decoding::FrameDecoder>;

impl<R: BufRead> Frames<R> {
    /// Begins the next frame. Returns false at the end.
    fn begin(&mut self) -> io::Result<bool> {
        let Some(mut source) = self.source.take() else {
            return Ok(false);
        };
        while !source.fill_buf()?.is_empty() {
            let mut magic = [0; 4];
            source.read_exact(&mut magic)?;
            if u32::from_le_bytes(magic) & 0xFFFF_FFF0 == 0x184D_2A50 {
                // A frame to be skipped.
                let mut length = [0; 4];
                source.read_exact(&mut length)?;
                let length = u32::from_le_bytes(length).into();
                io::copy(&mut (&mut source).take(length), &mut io::sink())?;
                continue;
            }
            let frame = StreamingDecoder::new(Cursor::new(magic).chain(source));
            self.decoder = Some(frame.map_err(io::Error::other)?);
            return Ok(true);
        }
        Ok(false)
    }
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let Some(frame) = &mut self.decoder else {
                match self.begin()? {
                    true => continue,
                    false => return Ok(0),
                }
            };
            let read = frame.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            let sums = (
                frame.decoder.get_checksum_from_data(),
                frame.decoder.get_calculated_checksum(),
            );
            if let (Some(told), Some(found)) = sums
                && told != found
            {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    "the checksum of a frame is wrong",
                ));
            }
            let frame = self.decoder.take();
            self.source = frame.map(|frame| frame.into_inner().into_inner().1);
        }
    }
}

/// Compresses what is written to it.
pub(super) enum Encoder<W: Write> {
    None(W),
    Gzip(GzEncoder<W>),
    Bzip2(BzEncoder<W>),
    Xz(Box<XzWriter<W>>),
    Zstd(zstd::Encoder<'static, W>),
}

impl<W: Write> Encoder<W> {
    /// Writes the end.
    pub(super) fn finish(self) -> io::Result<W> {
        match self {
            Self::None(sink) => Ok(sink),
            Self::Gzip(encoder) => encoder.finish(),
            Self::Bzip2(encoder) => encoder.finish(),
            Self::Xz(encoder) => encoder.finish(),
            Self::Zstd(encoder) => encoder.finish(),
        }
    }
}

impl<W: Write> Write for Encoder<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::None(sink) => sink.write(bytes),
            Self::Gzip(encoder) => encoder.write(bytes),
            Self::Bzip2(encoder) => encoder.write(bytes),
            Self::Xz(encoder) => encoder.write(bytes),
            Self::Zstd(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::None(sink) => sink.flush(),
            Self::Gzip(encoder) => encoder.flush(),
            Self::Bzip2(encoder) => encoder.flush(),
            Self::Xz(encoder) => encoder.flush(),
            Self::Zstd(encoder) => encoder.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_format() {
        let name = |path: &str| Format::of_name(Path::new(path)).map(|format| format.name);
        assert_eq!(name("a.zip"), Some("zip"));
        assert_eq!(name("a.TAR.GZ"), Some("tar.gz"));
        assert_eq!(name("a.tgz"), Some("tar.gz"));
        assert_eq!(name("a.txt.gz"), Some("gz"));
        assert_eq!(name("a.tar.zst"), Some("tar.zst"));
        assert_eq!(name("zip"), None);
        assert_eq!(name("a.7z"), None);
    }

    #[test]
    fn every_codec_reads_what_it_wrote_and_several_streams() {
        let text = b"some text, some text, some text".repeat(1000);
        for codec in [
            Codec::None,
            Codec::Gzip,
            Codec::Bzip2,
            Codec::Xz,
            Codec::Zstd,
        ] {
            let mut packed = Vec::new();
            for part in [&text[..10], &text[10..]] {
                let mut encoder = codec.encoder(Vec::new(), 6).unwrap();
                encoder.write_all(part).unwrap();
                packed.extend(encoder.finish().unwrap());
            }
            let mut read = Vec::new();
            codec.decoder(&*packed).read_to_end(&mut read).unwrap();
            assert!(read == text, "{codec:?}");
        }
    }
}
