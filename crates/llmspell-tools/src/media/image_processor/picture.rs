//! A picture in memory, and how it gets there.

use std::io::Cursor;

use image::codecs::gif::GifDecoder;
use image::codecs::webp::WebPDecoder;
use image::metadata::{LoopCount, Orientation};
use image::{
    AnimationDecoder, ColorType, DynamicImage, Frames, ImageDecoder, ImageError, ImageFormat,
    ImageReader, Limits,
};
use llmspell_core::{Error, Result, error};

use super::format::Format;

/// Most memory that the pixels of a picture may take, in bytes.
pub(super) const MAX_MEMORY: u64 = 512 << 20;

/// A decoded picture, with what its file says of it beside the pixels.
pub(super) struct Picture {
    pub(super) pixels: DynamicImage,
    pub(super) notes: Notes,
}

/// What goes with the pixels from one file to the other.
#[derive(Default)]
pub(super) struct Notes {
    /// The colour profile.
    pub(super) icc: Option<Vec<u8>>,
    /// The EXIF block.
    pub(super) exif: Option<Vec<u8>>,
}

/// A file whose header was read; its pixels were not.
pub(super) struct Opened<'a> {
    pub(super) decoder: Box<dyn ImageDecoder + 'a>,
    pub(super) orientation: Orientation,
}

/// Reads the header of a file.
///
/// - Errors: `Unavailable` for a format that this build cannot read; `Parse` if the file is damaged.
pub(super) fn open<'a>(file: &'a [u8], format: &Format) -> Result<Opened<'a>> {
    let Some(codec) = format.codec else {
        return Err(unreadable(format.name()));
    };
    let mut reader = ImageReader::with_format(Cursor::new(file), codec);
    reader.limits(limits());
    let mut decoder = reader.into_decoder().map_err(failed)?;
    let orientation = match codec {
        // A TIFF file is built as an EXIF block is.
        ImageFormat::Tiff => Orientation::from_exif_chunk(file),
        _ => decoder.orientation().ok(),
    };
    Ok(Opened {
        decoder: Box::new(decoder),
        orientation: orientation.unwrap_or(Orientation::NoTransforms),
    })
}

impl Opened<'_> {
    /// Returns the size that the header claims.
    pub(super) fn size(&self) -> (u32, u32) {
        self.decoder.dimensions()
    }

    /// Refuses a picture that is too large, before any memory is taken for it.
    ///
    /// - Errors: `Limit` naming the setting.
    pub(super) fn check(&self, max_pixels: u64) -> Result<()> {
        let (width, height) = self.size();
        check_pixels(width, height, max_pixels)?;
        let bytes = self.decoder.total_bytes();
        if bytes > MAX_MEMORY {
            return Err(error!(
                Limit,
                "the picture would take {bytes} bytes of memory, more than {MAX_MEMORY}"
            )
            .with("limit", MAX_MEMORY));
        }
        Ok(())
    }

    /// Decodes the pixels.
    pub(super) fn decode(mut self, auto_orient: bool, strip_metadata: bool) -> Result<Picture> {
        let mut notes = Notes {
            icc: self.decoder.icc_profile().ok().flatten(),
            exif: match strip_metadata {
                true => None,
                false => self.decoder.exif_metadata().ok().flatten(),
            },
        };
        let mut pixels = DynamicImage::from_decoder(self.decoder).map_err(failed)?;
        if auto_orient {
            pixels.apply_orientation(self.orientation);
            if let Some(exif) = &mut notes.exif {
                // One without an orientation stays as it is.
                let _ = Orientation::remove_from_exif_chunk(exif);
            }
        }
        Ok(Picture { pixels, notes })
    }
}

/// Refuses a picture of more than `most` pixels.
pub(super) fn check_pixels(width: u32, height: u32, most: u64) -> Result<()> {
    let pixels = u64::from(width) * u64::from(height);
    if pixels <= most {
        return Ok(());
    }
    Err(error!(
        Limit,
        "a picture of {width} x {height} has {pixels} pixels, more than the {most} that are allowed"
    )
    .with("limit", most)
    .with("value", pixels)
    .hint("raise `tools.image_processor.max_pixels`"))
}

/// The frames of an animation, each of the full size.
pub(super) struct Animation<'a> {
    pub(super) frames: Frames<'a>,
    /// How often it is played.
    pub(super) times: LoopCount,
}

/// Opens the frames of a GIF or WebP file; `None` for other formats.
pub(super) fn animation<'a>(file: &'a [u8], format: &Format) -> Result<Option<Animation<'a>>> {
    Ok(match format.codec {
        Some(ImageFormat::Gif) => {
            let mut decoder = GifDecoder::new(Cursor::new(file)).map_err(failed)?;
            decoder.set_limits(limits()).map_err(failed)?;
            let times = decoder.loop_count();
            let frames = decoder.into_frames();
            Some(Animation { frames, times })
        }
        Some(ImageFormat::WebP) => {
            let mut decoder = WebPDecoder::new(Cursor::new(file)).map_err(failed)?;
            decoder.set_limits(limits()).map_err(failed)?;
            // What a frame leaves free shows through, as in browsers.
            if decoder.color_type() == ColorType::Rgba8 {
                decoder
                    .set_background_color(image::Rgba([0; 4]))
                    .map_err(failed)?;
            }
            let times = decoder.loop_count();
            let frames = decoder.into_frames();
            Some(Animation { frames, times })
        }
        _ => None,
    })
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_MEMORY);
    limits
}

/// Returns the error for a format that cannot be decoded.
pub(super) fn unreadable(name: &str) -> Error {
    let usable = super::format::usable().join(", ");
    error!(
        Unavailable,
        "this build cannot decode the picture format '{name}', only {usable}"
    )
    .with("format", name)
}

/// Returns the error for what the library says.
pub(super) fn failed(cause: ImageError) -> Error {
    match cause {
        ImageError::Limits(_) => error!(
            Limit,
            "the picture takes more than {MAX_MEMORY} bytes of memory"
        )
        .with("limit", MAX_MEMORY),
        ImageError::Unsupported(cause) => {
            error!(Unavailable, "this build cannot do that: {cause}")
        }
        ImageError::Encoding(cause) => error!(Execution, "the picture cannot be encoded: {cause}"),
        ImageError::Parameter(cause) => error!(InvalidArgs, "{cause}"),
        ImageError::Decoding(cause) => error!(Parse, "the picture is damaged: {cause}"),
        ImageError::IoError(cause) => error!(Parse, "the picture is damaged: {cause}"),
    }
}
