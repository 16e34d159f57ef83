//! What a header says of a picture.

use image::{ExtendedColorType, ImageFormat};
use llmspell_core::{Map, Result, Value};

use super::super::bytes::{be16, be32, le16, le32};
use super::exif;
use super::format::Format;
use super::picture::open;

/// What the library does not tell, found in the file without decoding it.
#[derive(Debug, Default, PartialEq)]
struct Scanned {
    color_mode: Option<&'static str>,
    bit_depth: Option<u32>,
    has_alpha: Option<bool>,
    frames: Option<u32>,
    dpi: Option<f64>,
}

/// Returns the facts of a picture without decoding it.
///
/// - Errors: `Parse` if the header is damaged.
pub(super) fn facts(file: &[u8], format: &'static Format, gps: bool) -> Result<Map> {
    let Some(codec) = format.codec else {
        return Ok(undecoded(file, format));
    };
    let mut opened = open(file, format)?;
    let (width, height) = opened.size();
    let (mode, depth) = mode(opened.decoder.original_color_type());
    let scanned = scan(file, codec);
    let has_alpha = scanned
        .has_alpha
        .unwrap_or_else(|| opened.decoder.color_type().has_alpha());
    let block = match codec {
        ImageFormat::Tiff => Some(file.to_vec()),
        _ => opened.decoder.exif_metadata().ok().flatten(),
    };
    let found = block.map(exif::read).unwrap_or_default();
    let dpi = scanned.dpi.or(found.dpi);
    let icc = opened.decoder.icc_profile().ok().flatten().is_some();
    let mut facts = sized(format, Some((width, height)));
    facts.extend([
        (
            "color_mode".to_owned(),
            scanned.color_mode.unwrap_or(mode).into(),
        ),
        (
            "bit_depth".to_owned(),
            scanned.bit_depth.unwrap_or(depth).into(),
        ),
        ("has_alpha".to_owned(), has_alpha.into()),
        ("frames".to_owned(), scanned.frames.unwrap_or(1).into()),
        (
            "dpi".to_owned(),
            dpi.map(|dpi| (dpi * 100.0).round() / 100.0).into(),
        ),
        ("icc".to_owned(), icc.into()),
        (
            "orientation".to_owned(),
            opened.orientation.to_exif().into(),
        ),
        ("exif".to_owned(), found.fields.into()),
    ]);
    if gps {
        facts.insert("gps", found.place.into());
    }
    Ok(facts)
}

/// Returns the facts of a file that is no known picture.
pub(super) fn unknown() -> Map {
    let mut facts = blank();
    facts.insert("format", "unknown".into());
    facts
}

fn blank() -> Map {
    let names = [
        "format",
        "width",
        "height",
        "dimensions",
        "color_mode",
        "bit_depth",
        "has_alpha",
        "frames",
        "dpi",
        "icc",
        "orientation",
        "exif",
    ];
    names
        .into_iter()
        .map(|name| (name.to_owned(), Value::Null))
        .collect()
}

fn sized(format: &Format, size: Option<(u32, u32)>) -> Map {
    let mut facts = blank();
    facts.insert("format", format.name().into());
    if let Some((width, height)) = size {
        let sides = [("width", width), ("height", height)];
        let sides = sides.map(|(name, side)| (name.to_owned(), Value::from(side)));
        facts.extend(sides.clone());
        facts.insert("dimensions", Map::from_iter(sides).into());
    }
    facts
}

/// Returns what is known of a format that is not decoded: of AVIF, the largest size that its items have.
fn undecoded(file: &[u8], format: &Format) -> Map {
    let head = &file[..file.len().min(64 << 10)];
    let sizes = head.windows(20).filter_map(|window| {
        let named = window.starts_with(b"\0\0\0\x14ispe\0\0\0\0");
        named.then(|| (be32(window, 12), be32(window, 16)))
    });
    let size = sizes.max_by_key(|&(width, height)| u64::from(width) * u64::from(height));
    sized(format, size)
}

fn mode(color: ExtendedColorType) -> (&'static str, u32) {
    let channels = u32::from(color.channel_count()).max(1);
    let depth = (u32::from(color.bits_per_pixel()) / channels).max(1);
    let mode = match color {
        ExtendedColorType::Cmyk8 | ExtendedColorType::Cmyk16 => "cmyk",
        _ => match channels {
            1 => "grayscale",
            2 => "grayscale_alpha",
            3 => "rgb",
            _ => "rgba",
        },
    };
    (mode, depth)
}

fn scan(file: &[u8], codec: ImageFormat) -> Scanned {
    match codec {
        ImageFormat::Png => png(file),
        ImageFormat::Jpeg => jpeg(file),
        ImageFormat::Gif => gif(file),
        ImageFormat::WebP => webp(file),
        ImageFormat::Bmp => bmp(file),
        ImageFormat::Ico => Scanned {
            frames: Some(u32::from(le16(file, 4))),
            ..Scanned::default()
        },
        _ => Scanned::default(),
    }
}

/// Reads the chunks before the pixels.
fn png(file: &[u8]) -> Scanned {
    let mut scanned = Scanned::default();
    let mut rest = file.get(8..).unwrap_or_default();
    while let Some((head, after)) = rest.split_at_checked(8) {
        let length = be32(head, 0) as usize;
        let Some((body, next)) = after.split_at_checked(length) else {
            break;
        };
        match &head[4..] {
            b"IHDR" if length >= 13 => {
                scanned.bit_depth = Some(u32::from(body[8]));
                scanned.color_mode = match body[9] {
                    0 => Some("grayscale"),
                    2 => Some("rgb"),
                    3 => Some("indexed"),
                    4 => Some("grayscale_alpha"),
                    _ => Some("rgba"),
                };
            }
            b"pHYs" if length >= 9 && body[8] == 1 => {
                scanned.dpi = Some(f64::from(be32(body, 0)) * 0.0254);
            }
            b"acTL" if length >= 8 => scanned.frames = Some(be32(body, 0)),
            b"IDAT" => break,
            _ => {}
        }
        // A checksum follows.
        rest = next.get(4..).unwrap_or_default();
    }
    scanned
}

/// Reads the segments before the pixels.
fn jpeg(file: &[u8]) -> Scanned {
    let mut scanned = Scanned::default();
    let mut rest = file.get(2..).unwrap_or_default();
    while let [0xff, marker, after @ ..] = rest {
        match marker {
            0xff => {
                rest = &rest[1..];
                continue;
            }
            0xda | 0xd9 => break,
            _ => {}
        }
        let length = usize::from(be16(after, 0));
        let Some((body, next)) = after.split_at_checked(length.max(2)) else {
            break;
        };
        match marker {
            0xe0 if body.len() >= 12 && body[2..].starts_with(b"JFIF\0") => {
                let density = f64::from(be16(body, 10));
                scanned.dpi = match body[9] {
                    1 => Some(density),
                    2 => Some(density * 2.54),
                    _ => None,
                };
            }
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) && body.len() >= 8 => {
                scanned.bit_depth = Some(u32::from(body[2]));
                scanned.color_mode = match body[7] {
                    1 => Some("grayscale"),
                    4 => Some("cmyk"),
                    _ => Some("rgb"),
                };
            }
            _ => {}
        }
        rest = next;
    }
    scanned
}

/// Counts the pictures among the blocks.
fn gif(file: &[u8]) -> Scanned {
    let mut frames = 0;
    let mut transparent = false;
    let packed = file.get(10).copied().unwrap_or(0);
    let table = |packed: u8| match packed & 0x80 {
        0 => 0,
        _ => 3 << ((packed & 7) + 1),
    };
    let mut at = 13 + table(packed);
    loop {
        match file.get(at) {
            Some(0x21) => {
                let is_control = file.get(at + 1) == Some(&0xf9);
                transparent |= is_control && file.get(at + 3).is_some_and(|flags| flags & 1 == 1);
                at = past_blocks(file, at + 2);
            }
            Some(0x2c) => {
                frames += 1;
                let packed = file.get(at + 9).copied().unwrap_or(0);
                at = past_blocks(file, at + 11 + table(packed));
            }
            _ => break,
        }
    }
    Scanned {
        color_mode: Some("indexed"),
        bit_depth: Some(8),
        has_alpha: Some(transparent),
        frames: Some(frames.max(1)),
        dpi: None,
    }
}

fn past_blocks(file: &[u8], mut at: usize) -> usize {
    while let Some(&length) = file.get(at) {
        at += 1 + usize::from(length);
        if length == 0 {
            break;
        }
    }
    at
}

fn webp(file: &[u8]) -> Scanned {
    let mut frames = 0;
    let mut rest = file.get(12..).unwrap_or_default();
    while let Some((head, after)) = rest.split_at_checked(8) {
        frames += u32::from(head.starts_with(b"ANMF"));
        let length = le32(head, 4) as usize;
        // Chunks begin at even places.
        rest = after
            .get(length.saturating_add(length & 1)..)
            .unwrap_or_default();
    }
    Scanned {
        frames: Some(frames.max(1)),
        ..Scanned::default()
    }
}

fn bmp(file: &[u8]) -> Scanned {
    let header = le32(file, 14);
    let (bits, density) = match header {
        12 => (le16(file, 24), 0),
        _ => (le16(file, 28), le32(file, 38)),
    };
    let indexed = bits <= 8;
    Scanned {
        color_mode: indexed.then_some("indexed"),
        bit_depth: indexed.then_some(u32::from(bits)),
        dpi: (density > 0).then(|| f64::from(density) * 0.0254),
        ..Scanned::default()
    }
}
