//! Filters over the pixels of a picture.

use image::{DynamicImage, GrayAlphaImage, GrayImage};
use llmspell_core::{Error, Kind, Result};

/// A filter: its names, the amounts that it takes, and the amount when none is given.
pub(super) struct Filter {
    pub(super) names: &'static [&'static str],
    pub(super) amount: Option<(f64, f64, f64)>,
    apply: fn(DynamicImage, f64) -> DynamicImage,
}

pub(super) const FILTERS: &[Filter] = &[
    Filter {
        names: &["grayscale", "greyscale", "gray", "grey"],
        amount: None,
        apply: |pixels, _| pixels.grayscale(),
    },
    Filter {
        names: &["blur"],
        amount: Some((0.1, 100.0, 2.0)),
        apply: |pixels, sigma| match sigma {
            ..=5.0 => pixels.blur(sigma as f32),
            // Near enough, and not slower for more.
            _ => pixels.fast_blur(sigma as f32),
        },
    },
    Filter {
        names: &["sharpen", "unsharp"],
        amount: Some((0.1, 20.0, 1.0)),
        apply: |pixels, sigma| pixels.unsharpen(sigma as f32, 1),
    },
    Filter {
        names: &["invert", "negate"],
        amount: None,
        apply: |mut pixels, _| {
            pixels.invert();
            pixels
        },
    },
    Filter {
        names: &["brighten", "brightness"],
        amount: Some((-100.0, 100.0, 20.0)),
        apply: |pixels, percent| {
            let most = match is_deep(&pixels) {
                true => 65_535.0,
                false => 255.0,
            };
            pixels.brighten((most * percent / 100.0).round() as i32)
        },
    },
    Filter {
        names: &["contrast"],
        amount: Some((-100.0, 100.0, 20.0)),
        apply: |pixels, percent| pixels.adjust_contrast(percent as f32),
    },
    Filter {
        names: &["sepia"],
        amount: Some((0.0, 1.0, 1.0)),
        apply: sepia,
    },
    Filter {
        names: &["threshold", "binarize"],
        amount: Some((0.0, 255.0, 128.0)),
        apply: threshold,
    },
];

fn is_deep(pixels: &DynamicImage) -> bool {
    matches!(
        pixels,
        DynamicImage::ImageLuma16(_)
            | DynamicImage::ImageLumaA16(_)
            | DynamicImage::ImageRgb16(_)
            | DynamicImage::ImageRgba16(_)
    )
}

/// Applies the filter of that name.
pub(super) fn apply(pixels: DynamicImage, name: &str, amount: Option<f64>) -> Result<DynamicImage> {
    let filter = FILTERS
        .iter()
        .find(|filter| filter.names[0] == name)
        .ok_or_else(|| Error::new(Kind::InvalidArgs, format!("no filter '{name}'")))?;
    let usual = filter.amount.map_or(0.0, |(_, _, usual)| usual);
    Ok((filter.apply)(pixels, amount.unwrap_or(usual)))
}

/// The brown of old photographs; `amount` is how much of it.
fn sepia(pixels: DynamicImage, amount: f64) -> DynamicImage {
    const ROWS: [[f64; 3]; 3] = [
        [0.393, 0.769, 0.189],
        [0.349, 0.686, 0.168],
        [0.272, 0.534, 0.131],
    ];
    let opaque = !pixels.has_alpha();
    let mut pixels = pixels.into_rgba8();
    for pixel in pixels.pixels_mut() {
        let old = [0, 1, 2].map(|index| f64::from(pixel[index]));
        for (index, row) in ROWS.iter().enumerate() {
            let brown: f64 = row
                .iter()
                .zip(old)
                .map(|(share, value)| share * value)
                .sum();
            let mixed = old[index] + (brown.min(255.0) - old[index]) * amount;
            pixel[index] = mixed.round().clamp(0.0, 255.0) as u8;
        }
    }
    let pixels = DynamicImage::from(pixels);
    match opaque {
        true => pixels.into_rgb8().into(),
        false => pixels,
    }
}

/// Makes what is at least `amount` bright white and the rest black.
fn threshold(pixels: DynamicImage, amount: f64) -> DynamicImage {
    let side = |value: u8| if f64::from(value) >= amount { 255 } else { 0 };
    if pixels.has_alpha() {
        let mut pixels: GrayAlphaImage = pixels.into_luma_alpha8();
        for pixel in pixels.pixels_mut() {
            pixel[0] = side(pixel[0]);
        }
        return pixels.into();
    }
    let mut pixels: GrayImage = pixels.into_luma8();
    for pixel in pixels.pixels_mut() {
        pixel[0] = side(pixel[0]);
    }
    pixels.into()
}
