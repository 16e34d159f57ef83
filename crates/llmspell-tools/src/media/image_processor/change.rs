//! Pictures made of others: size, place, direction.

use image::imageops::{self, FilterType};
use image::{DynamicImage, GenericImageView, Rgba, RgbaImage};
use llmspell_core::{Result, error};

use super::plan::{Algorithm, Area, MAX_SIDE, Size};
use crate::param::refused;

/// Scales a picture, and cuts what stands out.
pub(super) fn resize(pixels: DynamicImage, size: &Size, max_pixels: u64) -> Result<DynamicImage> {
    let ((width, height), (cut_width, cut_height)) = size.of(pixels.width(), pixels.height());
    if width.max(height) > MAX_SIDE {
        return Err(refused(
            "width",
            format!("the result would be {width} x {height} pixels, a side may have {MAX_SIDE}"),
        ));
    }
    super::picture::check_pixels(width, height, max_pixels)?;
    let scaled = scale(pixels, width, height, size.algorithm);
    if (width, height) == (cut_width, cut_height) {
        return Ok(scaled);
    }
    let (x, y) = ((width - cut_width) / 2, (height - cut_height) / 2);
    Ok(scaled.crop_imm(x, y, cut_width, cut_height))
}

fn scale(mut pixels: DynamicImage, width: u32, height: u32, algorithm: Algorithm) -> DynamicImage {
    if (width, height) == pixels.dimensions() {
        return pixels;
    }
    let filter = match algorithm {
        Algorithm::Nearest => return pixels.resize_exact(width, height, FilterType::Nearest),
        Algorithm::Bilinear => FilterType::Triangle,
        Algorithm::Lanczos3 => FilterType::Lanczos3,
    };
    // What is transparent has a colour as well, which must not bleed into what is not.
    let weighs = pixels.has_alpha();
    if weighs {
        weigh(&mut pixels, true);
    }
    let mut scaled = pixels.resize_exact(width, height, filter);
    drop(pixels);
    if weighs {
        weigh(&mut scaled, false);
    }
    scaled
}

/// Multiplies the colours by their opacity, or divides them by it.
fn weigh(pixels: &mut DynamicImage, multiply: bool) {
    fn each<const N: usize, T: Copy>(
        samples: &mut [T],
        multiply: bool,
        most: u64,
        to: fn(T) -> u64,
        from: fn(u64) -> T,
    ) {
        for pixel in samples.as_chunks_mut::<N>().0 {
            let alpha = to(pixel[N - 1]);
            for channel in &mut pixel[..N - 1] {
                let value = to(*channel);
                *channel = from(match (multiply, alpha) {
                    (true, _) => (value * alpha + most / 2) / most,
                    (false, 0) => 0,
                    (false, _) => ((value * most + alpha / 2) / alpha).min(most),
                });
            }
        }
    }
    let byte = |number: u64| number as u8;
    let word = |number: u64| number as u16;
    match pixels {
        DynamicImage::ImageRgba8(image) => each::<4, _>(image, multiply, 255, u64::from, byte),
        DynamicImage::ImageLumaA8(image) => each::<2, _>(image, multiply, 255, u64::from, byte),
        DynamicImage::ImageRgba16(image) => {
            each::<4, _>(image, multiply, 65_535, u64::from, word);
        }
        DynamicImage::ImageLumaA16(image) => {
            each::<2, _>(image, multiply, 65_535, u64::from, word);
        }
        // Floating point pixels come from TIFF alone, and rarely with opacity.
        _ => {}
    }
}

/// Cuts a part out.
///
/// - Errors: `InvalidArgs` if it is not inside.
pub(super) fn crop(pixels: &DynamicImage, area: Area) -> Result<DynamicImage> {
    let (width, height) = pixels.dimensions();
    let inside =
        |from: u32, count: u32, most: u32| u64::from(from) + u64::from(count) <= most.into();
    if !inside(area.x, area.width, width) || !inside(area.y, area.height, height) {
        let Area {
            x,
            y,
            width: w,
            height: h,
        } = area;
        return Err(error!(
            InvalidArgs,
            "the part {w} x {h} at {x}, {y} is not inside the picture of {width} x {height}"
        )
        .with("parameter", "width"));
    }
    Ok(pixels.crop_imm(area.x, area.y, area.width, area.height))
}

/// Turns a picture clockwise. Beyond quarters, the canvas grows around it and shows the background.
pub(super) fn rotate(
    pixels: DynamicImage,
    degrees: f64,
    background: [u8; 4],
    max_pixels: u64,
) -> Result<DynamicImage> {
    let degrees = degrees.rem_euclid(360.0);
    match degrees {
        0.0 => return Ok(pixels),
        90.0 => return Ok(pixels.rotate90()),
        180.0 => return Ok(pixels.rotate180()),
        270.0 => return Ok(pixels.rotate270()),
        _ => {}
    }
    let (width, height) = pixels.dimensions();
    let (w, h) = (f64::from(width), f64::from(height));
    let (sine, cosine) = degrees.to_radians().sin_cos();
    let side = |a: f64, b: f64| ((a.abs() + b.abs()) - 1e-6).ceil().max(1.0) as u32;
    let (wide, high) = (side(w * cosine, h * sine), side(w * sine, h * cosine));
    super::picture::check_pixels(wide, high, max_pixels)?;
    let source = pixels.into_rgba8();
    let (middle_x, middle_y) = (f64::from(wide) / 2.0, f64::from(high) / 2.0);
    let turned = RgbaImage::from_fn(wide, high, |x, y| {
        let (dx, dy) = (f64::from(x) + 0.5 - middle_x, f64::from(y) + 0.5 - middle_y);
        let from_x = dx * cosine + dy * sine + w / 2.0 - 0.5;
        let from_y = dy * cosine - dx * sine + h / 2.0 - 0.5;
        over(sample(&source, from_x, from_y), background)
    });
    Ok(turned.into())
}

/// Returns the weighted colour (red, green, blue times opacity, then opacity; 0 to 255) between four pixels. Outside,
/// nothing is there.
fn sample(source: &RgbaImage, x: f64, y: f64) -> [f64; 4] {
    let (left, top) = (x.floor(), y.floor());
    let (right_share, lower_share) = (x - left, y - top);
    let mut sum = [0.0; 4];
    for (dx, across) in [(0.0, 1.0 - right_share), (1.0, right_share)] {
        for (dy, down) in [(0.0, 1.0 - lower_share), (1.0, lower_share)] {
            let (x, y) = (left + dx, top + dy);
            if x < 0.0 || y < 0.0 || x >= source.width().into() || y >= source.height().into() {
                continue;
            }
            let Rgba([red, green, blue, alpha]) = *source.get_pixel(x as u32, y as u32);
            let share = across * down * f64::from(alpha) / 255.0;
            sum[0] += f64::from(red) * share;
            sum[1] += f64::from(green) * share;
            sum[2] += f64::from(blue) * share;
            sum[3] += 255.0 * share;
        }
    }
    sum
}

/// Lays a weighted colour over a plain one.
fn over(front: [f64; 4], back: [u8; 4]) -> Rgba<u8> {
    let through = f64::from(back[3]) / 255.0 * (1.0 - front[3] / 255.0);
    let alpha = front[3] + 255.0 * through;
    let channel = |index: usize| {
        let weighted = front[index] + f64::from(back[index]) * through;
        let plain = weighted * 255.0 / alpha.max(1e-9);
        plain.round().clamp(0.0, 255.0) as u8
    };
    Rgba([
        channel(0),
        channel(1),
        channel(2),
        alpha.round().clamp(0.0, 255.0) as u8,
    ])
}

/// Mirrors a picture.
pub(super) fn flip(pixels: &DynamicImage, horizontal: bool) -> DynamicImage {
    match horizontal {
        true => pixels.fliph(),
        false => pixels.flipv(),
    }
}

/// Lays a picture over another one. What stands out is lost.
pub(super) fn compose(
    base: DynamicImage,
    above: DynamicImage,
    x: i64,
    y: i64,
    opacity: f64,
) -> DynamicImage {
    let opaque = !base.has_alpha();
    let mut above = above.into_rgba8();
    if opacity < 1.0 {
        for pixel in above.pixels_mut() {
            pixel[3] = (f64::from(pixel[3]) * opacity).round() as u8;
        }
    }
    let mut canvas = base.into_rgba8();
    imageops::overlay(&mut canvas, &above, x, y);
    let composed = DynamicImage::from(canvas);
    match opaque {
        true => composed.into_rgb8().into(),
        false => composed,
    }
}

/// Puts a background behind what is transparent.
pub(super) fn flatten(pixels: DynamicImage, background: [u8; 4]) -> DynamicImage {
    if !pixels.has_alpha() {
        return pixels;
    }
    let mut pixels = pixels.into_rgba8();
    for pixel in pixels.pixels_mut() {
        let share = f64::from(pixel[3]) / 255.0;
        let [red, green, blue] = [0, 1, 2].map(|index| f64::from(pixel[index]) * share);
        let [r, g, b, _] = background;
        *pixel = over([red, green, blue, 255.0 * share], [r, g, b, 255]);
    }
    DynamicImage::from(pixels).into_rgb8().into()
}
