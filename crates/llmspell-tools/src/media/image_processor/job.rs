//! What the worker does with a picture.

use image::DynamicImage;
use llmspell_core::{Kind, Map, Result, Value, error};

use super::change::{compose, crop, flip, resize, rotate};
use super::facts::facts;
use super::filter;
use super::format::{Format, named, recognize};
use super::picture::{Picture, animation, failed, open, unreadable};
use super::plan::{Algorithm, Fit, Plan, Size, Step};
use super::write::{encode, film, is_animated};
use crate::job::Job;

pub(in super::super) const JOBS: &[Job] = &[Job {
    name: "image_processor.run",
    run,
}];

/// Takes `{plan, file, overlay?}`; answers with the facts, or `{bytes, width, height, format, original, frames}`.
fn run(input: Value) -> Result<Value> {
    let Value::Map(mut input) = input else {
        return Err(error!(
            InvalidArgs,
            "a job of image_processor has no members"
        ));
    };
    let mut bytes = |name: &str| match input.shift_remove(name) {
        Some(Value::Bytes(bytes)) => Some(bytes),
        _ => None,
    };
    let file = bytes("file").unwrap_or_default();
    let overlay = bytes("overlay");
    let plan: Plan = input
        .shift_remove("plan")
        .unwrap_or_default()
        .into_typed()?;
    let Some(format) = recognize(&file) else {
        return Err(unreadable("unknown"));
    };
    if let Step::Facts { gps } = plan.step {
        return facts(&file, format, gps).map(Value::Map);
    }
    let target = plan.target.as_deref().and_then(named).unwrap_or(format);
    let opened = open(&file, format)?;
    opened.check(plan.max_pixels)?;
    let size = opened.size();
    if plan.step.is_for_all_frames()
        && is_animated(target)
        && let Some(done) = animate(&file, format, target, &plan, size)?
    {
        return Ok(done);
    }
    if let Step::Encode {
        max_width,
        max_height,
    } = plan.step
        && is_fit_to_send(&plan, format, target, opened.orientation.to_exif(), size)
        && max_width.is_none_or(|most| size.0 <= most)
        && max_height.is_none_or(|most| size.1 <= most)
    {
        drop(opened);
        return Ok(done(file, size, format, size, 1));
    }
    let mut picture = opened.decode(plan.auto_orient, plan.strip_metadata)?;
    picture.pixels = changed(picture.pixels, &plan, target, overlay)?;
    let result = (picture.pixels.width(), picture.pixels.height());
    let bytes = encode(picture, target, plan.quality, plan.background)?;
    Ok(done(bytes, result, target, size, 1))
}

/// Returns whether a file can be sent to a model as it is.
fn is_fit_to_send(
    plan: &Plan,
    format: &Format,
    target: &Format,
    orientation: u8,
    (width, height): (u32, u32),
) -> bool {
    let upright = orientation == 1 || !plan.auto_orient;
    upright && !plan.strip_metadata && format.name() == target.name() && width * height > 0
}

fn done(
    bytes: Vec<u8>,
    (width, height): (u32, u32),
    format: &Format,
    (original_width, original_height): (u32, u32),
    frames: usize,
) -> Value {
    let original = [
        ("width".to_owned(), Value::from(original_width)),
        ("height".to_owned(), Value::from(original_height)),
    ];
    Value::from([
        ("bytes", Value::Bytes(bytes)),
        ("width", width.into()),
        ("height", height.into()),
        ("format", format.name().into()),
        ("original", Map::from_iter(original).into()),
        ("frames", frames.into()),
    ])
}

/// Returns the pixels after the step.
fn changed(
    pixels: DynamicImage,
    plan: &Plan,
    target: &Format,
    overlay: Option<Vec<u8>>,
) -> Result<DynamicImage> {
    match &plan.step {
        Step::Resize(size) => resize(pixels, size, plan.max_pixels),
        Step::Crop(area) => crop(&pixels, *area),
        Step::Rotate { degrees } => {
            let opaque = target.name() == "jpeg";
            let usual = if opaque { [255; 4] } else { [0; 4] };
            rotate(
                pixels,
                *degrees,
                plan.background.unwrap_or(usual),
                plan.max_pixels,
            )
        }
        Step::Flip { horizontal } => Ok(flip(&pixels, *horizontal)),
        Step::Filter { name, amount } => filter::apply(pixels, name, *amount),
        Step::Compose { x, y, opacity } => {
            let file = overlay.ok_or_else(|| error!(InvalidArgs, "there is no overlay"))?;
            let above =
                overlaid(&file, plan).map_err(|error| error.with("parameter", "overlay_path"))?;
            Ok(compose(pixels, above.pixels, *x, *y, *opacity))
        }
        Step::Encode {
            max_width,
            max_height,
        } if max_width.is_some() || max_height.is_some() => {
            let size = Size {
                width: *max_width,
                height: *max_height,
                fit: Fit::Contain,
                upscale: false,
                algorithm: Algorithm::Lanczos3,
            };
            resize(pixels, &size, plan.max_pixels)
        }
        Step::Encode { .. } | Step::Convert {} | Step::Facts { .. } => Ok(pixels),
    }
}

fn overlaid(file: &[u8], plan: &Plan) -> Result<Picture> {
    let format = recognize(file).ok_or_else(|| unreadable("unknown"))?;
    let opened = open(file, format)?;
    opened.check(plan.max_pixels)?;
    opened.decode(plan.auto_orient, true)
}

/// Changes every frame of an animation; `None` if the file has one picture only.
fn animate(
    file: &[u8],
    format: &Format,
    target: &Format,
    plan: &Plan,
    size: (u32, u32),
) -> Result<Option<Value>> {
    let Some(source) = animation(file, format)? else {
        return Ok(None);
    };
    let mut frames = source.frames.peekable();
    let first = frames.next();
    if frames.peek().is_none() {
        return Ok(None);
    }
    let mut result = size;
    let mut count = 0;
    let each = first.into_iter().chain(frames).map(|frame| {
        let frame = frame.map_err(failed)?;
        let delay = frame.delay();
        let pixels = DynamicImage::from(frame.into_buffer());
        let pixels = changed(pixels, plan, target, None)?.into_rgba8();
        result = pixels.dimensions();
        count += 1;
        Ok((pixels, delay))
    });
    let bytes = film(target, source.times, each).map_err(|error| match error.kind() {
        Kind::Parse if count > 0 => error.with("frame", count),
        _ => error,
    });
    Ok(Some(done(bytes?, result, target, size, count)))
}
