//! Pictures as the bytes of a file.

use std::io::Cursor;

use image::codecs::bmp::BmpEncoder;
use image::codecs::gif::{GifEncoder, Repeat};
use image::codecs::ico::IcoEncoder;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::codecs::tiff::TiffEncoder;
use image::codecs::webp::WebPEncoder;
use image::metadata::LoopCount;
use image::{Delay, DynamicImage, Frame, ImageEncoder, ImageFormat, RgbaImage};
use llmspell_core::{Result, bail, error};

use super::change::flatten;
use super::format::Format;
use super::picture::{Notes, Picture, failed, unreadable};

/// Longest side of a picture in an ICO file.
const MAX_ICON: u32 = 256;

/// Encodes a picture.
///
/// - Errors: `Unavailable` for a format that this build cannot write; `InvalidArgs` for what does not fit into it.
pub(super) fn encode(
    picture: Picture,
    format: &Format,
    quality: u8,
    background: Option<[u8; 4]>,
) -> Result<Vec<u8>> {
    let Picture { mut pixels, notes } = picture;
    let mut file = Cursor::new(Vec::new());
    match format.codec {
        Some(ImageFormat::Png) => {
            let encoder = PngEncoder::new_with_quality(
                &mut file,
                CompressionType::Default,
                FilterType::Adaptive,
            );
            write(&pixels, encoder, notes)?;
        }
        Some(ImageFormat::Jpeg) => {
            pixels = flatten(pixels, background.unwrap_or([255; 4]));
            write(
                &pixels,
                JpegEncoder::new_with_quality(&mut file, quality),
                notes,
            )?;
        }
        Some(ImageFormat::Gif) => {
            GifEncoder::new_with_speed(&mut file, GIF_SPEED)
                .encode_frame(Frame::new(pixels.into_rgba8()))
                .map_err(failed)?;
        }
        Some(ImageFormat::WebP) => {
            write(&pixels, WebPEncoder::new_lossless(&mut file), notes)?;
        }
        Some(ImageFormat::Bmp) => write(&pixels, BmpEncoder::new(&mut file), notes)?,
        Some(ImageFormat::Tiff) => write(&pixels, TiffEncoder::new(&mut file), notes)?,
        Some(ImageFormat::Ico) => {
            let (width, height) = (pixels.width(), pixels.height());
            if width.max(height) > MAX_ICON {
                return Err(error!(
                    InvalidArgs,
                    "an ICO file holds pictures of at most {MAX_ICON} x {MAX_ICON}, this one is {width} x {height}"
                )
                .hint("use the operation 'thumbnail' or 'resize'"));
            }
            // Its readers want four channels.
            pixels = pixels.into_rgba8().into();
            write(&pixels, IcoEncoder::new(&mut file), notes)?;
        }
        _ => return Err(unreadable(format.name())),
    }
    Ok(file.into_inner())
}

/// Trades the quality of the colour table for time: 1 is best, 30 fastest.
const GIF_SPEED: i32 = 10;

/// Writes the pixels, with what of the notes the format can hold.
fn write(pixels: &DynamicImage, mut encoder: impl ImageEncoder, notes: Notes) -> Result<()> {
    if let Some(icc) = notes.icc.filter(|icc| suits(icc, pixels)) {
        // Some formats have no place for it.
        encoder.set_icc_profile(icc).ok();
    }
    if let Some(exif) = notes.exif {
        encoder.set_exif_metadata(exif).ok();
    }
    pixels.write_with_encoder(encoder).map_err(failed)
}

/// Returns whether a profile is for pixels of this kind: not that of inks, nor of colours for grey.
fn suits(icc: &[u8], pixels: &DynamicImage) -> bool {
    let space: &[u8] = match pixels.color().has_color() {
        true => b"RGB ",
        false => b"GRAY",
    };
    icc.get(16..20) == Some(space)
}

/// Returns whether a format holds animations.
pub(super) fn is_animated(format: &Format) -> bool {
    matches!(format.codec, Some(ImageFormat::Gif | ImageFormat::WebP))
}

/// Encodes an animation, frame by frame. All frames have one size.
pub(super) fn film(
    format: &Format,
    times: LoopCount,
    frames: impl Iterator<Item = Result<(RgbaImage, Delay)>>,
) -> Result<Vec<u8>> {
    let times = match times {
        LoopCount::Infinite => None,
        LoopCount::Finite(times) => Some(u16::try_from(times.get()).unwrap_or(u16::MAX)),
    };
    if format.codec == Some(ImageFormat::WebP) {
        return film_webp(times.unwrap_or(0), frames);
    }
    let mut file = Vec::new();
    let mut encoder = GifEncoder::new_with_speed(&mut file, GIF_SPEED);
    let repeat = times.map_or(Repeat::Infinite, Repeat::Finite);
    encoder.set_repeat(repeat).map_err(failed)?;
    for frame in frames {
        let (pixels, delay) = frame?;
        let frame = Frame::from_parts(pixels, 0, 0, delay);
        encoder.encode_frame(frame).map_err(failed)?;
    }
    // It ends the file when it goes.
    drop(encoder);
    Ok(file)
}

fn film_webp(
    times: u16,
    frames: impl Iterator<Item = Result<(RgbaImage, Delay)>>,
) -> Result<Vec<u8>> {
    let mut chunks = Vec::new();
    let (mut width, mut height) = (1, 1);
    for frame in frames {
        let (pixels, delay) = frame?;
        (width, height) = pixels.dimensions();
        let (numerator, denominator) = delay.numer_denom_ms();
        push_webp(&mut chunks, &pixels, numerator / denominator.max(1))?;
    }
    // The flags say that there is an animation, and opacity.
    let mut body = b"WEBPVP8X\x0a\0\0\0\x12\0\0\0".to_vec();
    body.extend(&(width - 1).to_le_bytes()[..3]);
    body.extend(&(height - 1).to_le_bytes()[..3]);
    body.extend(b"ANIM\x06\0\0\0\0\0\0\0");
    body.extend(times.to_le_bytes());
    body.extend(chunks);
    let length = u32::try_from(body.len())
        .map_err(|_| error!(Limit, "the animation has more than 4 GiB"))?;
    let mut file = b"RIFF".to_vec();
    file.extend(length.to_le_bytes());
    file.extend(body);
    Ok(file)
}

/// Adds one frame to the chunks of a WebP file.
fn push_webp(chunks: &mut Vec<u8>, pixels: &RgbaImage, milliseconds: u32) -> Result<()> {
    let (width, height) = pixels.dimensions();
    let mut still = Vec::new();
    WebPEncoder::new_lossless(&mut still)
        .encode(pixels, width, height, image::ExtendedColorType::Rgba8)
        .map_err(failed)?;
    // A still picture is a frame behind its header of 12 bytes.
    let Some(frame) = still.get(12..).filter(|frame| frame.starts_with(b"VP8L")) else {
        bail!(Bug, "a WebP frame has an unexpected form");
    };
    let length = u32::try_from(16 + frame.len())
        .map_err(|_| error!(Limit, "a frame has more than 4 GiB"))?;
    chunks.extend(b"ANMF");
    chunks.extend(length.to_le_bytes());
    chunks.extend([0; 6]);
    chunks.extend(&(width - 1).to_le_bytes()[..3]);
    chunks.extend(&(height - 1).to_le_bytes()[..3]);
    chunks.extend(&milliseconds.min(0xff_ffff).to_le_bytes()[..3]);
    // It replaces what was there before.
    chunks.push(0b10);
    chunks.extend(frame);
    Ok(())
}
