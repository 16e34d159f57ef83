//! `image_processor`: facts and transformations of pictures.

mod change;
mod exif;
mod facts;
mod filter;
mod format;
mod job;
mod picture;
mod plan;
mod write;

use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use llmspell_core::{Cx, Effect, Level, Map, Op, Outcome, Result, ToolInfo, Value, bail, error};
use schemars::JsonSchema;
use serde::Deserialize;

use self::filter::FILTERS;
use self::format::{FORMATS, Format, named, recognize, usable};
use self::plan::{Algorithm, Area, Fit, MAX_SIDE, Plan, Size, Step};
use crate::choice::{choose, choose_or_first};
use crate::param::{Given, choices, missing, mistyped, names, refused, within};
use crate::worker;

pub(super) use self::job::JOBS;

const OPERATIONS: &[&[&str]] = &[
    &["metadata", "info", "get_info", "extract_metadata"],
    &["detect"],
    &["resize", "scale"],
    &["convert"],
    &["crop"],
    &["rotate"],
    &["flip"],
    &["thumbnail"],
    &["filter", "apply_filter"],
    &["compose", "overlay", "watermark"],
    &["encode"],
];

const FITS: &[&[&str]] = &[&["contain"], &["cover"], &["stretch", "fill"]];
const ALGORITHMS: &[&[&str]] = &[
    &["lanczos3", "lanczos"],
    &["bilinear", "triangle"],
    &["nearest"],
];
const DIRECTIONS: &[&[&str]] = &[&["horizontal"], &["vertical"]];

const LIMIT: Duration = Duration::from_secs(60);

/// Largest file, in bytes, and most pixels, unless the configuration says otherwise.
const MAX_FILE: u64 = 100 << 20;
const MAX_PIXELS: u64 = 100_000_000;

/// Sides of a thumbnail, in pixels.
const THUMBNAIL: u32 = 200;

/// Bytes by which a format is recognised.
const START: usize = 64;

pub(super) fn op() -> Op {
    Op::new("image_processor", image_processor)
        .effect(Effect::Idempotent)
        .effect_of(effect_of)
        .tool(
            ToolInfo::new("media").settings::<Config>()
                .example(
                    "Describes a picture",
                    r#"{"operation": "metadata", "source_path": "photo.bmp"}"#,
                )
                .example(
                    "Makes a small copy",
                    r#"{"operation": "resize", "source_path": "photo.bmp", "target_path": "small.png", "width": 2}"#,
                )
                .level(Level::Restricted)
                .timeout(LIMIT)
                .operations(&names(OPERATIONS))
                .needs(&["resize"], &["width", "height"])
                .needs(&["convert"], &["target_format", "target_path"])
                .needs(&["crop"], &["x"])
                .needs(&["crop"], &["y"])
                .needs(&["crop"], &["width"])
                .needs(&["crop"], &["height"])
                .needs(&["rotate"], &["degrees"])
                .needs(&["flip"], &["direction"])
                .needs(&["filter"], &["filter"])
                .needs(&["compose"], &["overlay_path"]),
        )
}

/// Tells facts of pictures and transforms them: size, format, cut, direction, filters, overlays, base64 for models.
///
/// Reads and writes PNG, JPEG, GIF, WebP (written without loss), BMP, TIFF and ICO; recognises AVIF. The orientation
/// that a camera noted is applied before every change. Resizing and cropping a GIF or WebP animation changes all its
/// frames; everything else takes the first.
#[derive(Default, Deserialize, JsonSchema)]
struct ImageProcessor {
    /// What to do.
    #[schemars(transform = choices(OPERATIONS), extend("default" = "metadata"))]
    operation: Option<String>,
    /// The picture: a path, a `data:` URI, or `{base64 = …}`.
    #[schemars(required, extend(
        "type" = ["string", "object"],
        "x-synonyms" = ["file_path", "path", "input_path", "input"],
    ))]
    source_path: Option<Value>,
    /// Where the result is written; without it, it comes back as `data.base64`.
    #[schemars(extend("x-synonyms" = ["output_path"]))]
    target_path: Option<String>,
    /// Pixels across, of the result or of the part that `crop` cuts out.
    #[schemars(range(min = 1, max = 16_384))]
    width: Option<i64>,
    /// Pixels down.
    #[schemars(range(min = 1, max = 16_384))]
    height: Option<i64>,
    /// Left edge for `crop` and `compose`, in pixels.
    x: Option<i64>,
    /// Upper edge.
    y: Option<i64>,
    /// Whether `resize` fits the picture inside `width` and `height` rather than giving it exactly these.
    #[schemars(extend("default" = true, "x-synonyms" = ["maintain_aspect"]))]
    maintain_aspect_ratio: Option<bool>,
    /// How the picture fills the size: all of it inside, cut to fill it, or out of proportion. Default: `contain`, or
    /// `stretch` if `maintain_aspect_ratio` is false.
    #[schemars(transform = choices(FITS))]
    fit: Option<String>,
    /// Whether a picture may become larger. Default: true; for `thumbnail` false.
    upscale: Option<bool>,
    /// How pixels are made of others.
    #[schemars(transform = choices(ALGORITHMS), extend("default" = "lanczos3"))]
    algorithm: Option<String>,
    /// Most pixels across of a thumbnail (default 200), or of what `encode` gives (default: as it is).
    #[schemars(range(min = 1, max = 16_384))]
    max_width: Option<i64>,
    /// Most pixels down.
    #[schemars(range(min = 1, max = 16_384))]
    max_height: Option<i64>,
    /// Both maxima of a thumbnail.
    #[schemars(range(min = 1, max = 16_384))]
    size: Option<i64>,
    /// Format of the result: `png jpeg gif webp bmp tiff ico`. Default: by the extension of `target_path`, else that of
    /// the source.
    #[schemars(extend("x-synonyms" = ["format"]))]
    target_format: Option<String>,
    /// Quality of JPEG.
    #[schemars(range(min = 1, max = 100), extend("default" = 85))]
    quality: Option<i64>,
    /// How far `rotate` turns, clockwise.
    degrees: Option<f64>,
    /// What shows where nothing is: `#rrggbb`, `#rrggbbaa`, `white`, `black` or `transparent`.
    background: Option<String>,
    /// In which direction `flip` mirrors.
    #[schemars(transform = choices(DIRECTIONS))]
    direction: Option<String>,
    /// The filter: `grayscale blur sharpen invert brighten contrast sepia threshold`.
    filter: Option<String>,
    /// How much of it: radius for `blur` (2) and `sharpen` (1), percent for `brighten` and `contrast` (20), share for
    /// `sepia` (1), brightness for `threshold` (128).
    amount: Option<f64>,
    /// The picture that `compose` lays over the other: as `source_path`.
    #[schemars(extend("type" = ["string", "object"]))]
    overlay_path: Option<Value>,
    /// How opaque it is, 0 to 1.
    #[schemars(range(min = 0.0, max = 1.0), extend("default" = 1.0))]
    opacity: Option<f64>,
    /// Whether the orientation that the camera noted is applied.
    #[schemars(extend("default" = true))]
    auto_orient: Option<bool>,
    /// Whether EXIF data is left out of the result.
    #[schemars(extend("default" = false))]
    strip_metadata: Option<bool>,
    /// Whether `metadata` tells where the picture was taken.
    #[schemars(extend("default" = false))]
    include_gps: Option<bool>,
    /// Whether an existing target is replaced.
    #[schemars(extend("default" = true))]
    overwrite: Option<bool>,
}

/// The table `[tools.image_processor]`.
#[derive(Deserialize, JsonSchema)]
#[serde(default)]
struct Config {
    /// Largest file, in bytes.
    max_file_bytes: u64,
    /// Most pixels of a picture.
    max_pixels: u64,
    /// Quality of JPEG, unless a call says otherwise.
    quality: i64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_file_bytes: MAX_FILE,
            max_pixels: MAX_PIXELS,
            quality: 85,
        }
    }
}

fn effect_of(args: &Value) -> Effect {
    let given = |name: &str| args.get(name).is_some_and(|value| !value.is_null());
    match given("target_path") {
        true => Effect::Idempotent,
        false => Effect::Read,
    }
}

/// Where a picture comes from.
#[derive(Clone)]
enum Source {
    Path(String),
    Bytes(Vec<u8>),
}

async fn image_processor(cx: Cx, call: Given<ImageProcessor>) -> Result<Outcome> {
    let a = &call.args;
    let operation = choose_or_first("operation", a.operation.as_deref(), OPERATIONS)?;
    let config: Config = cx.settings("image_processor")?;
    let given = a.source_path.as_ref();
    let given = given.ok_or_else(|| missing("image_processor", operation, "source_path"))?;
    let source = source("source_path", given, config.max_file_bytes)?;
    let outcome = match operation {
        "detect" => detect(&cx, source).await?,
        "metadata" => metadata(&cx, source, &config, a).await?,
        _ => transform(&cx, operation, source, &config, a).await?,
    };
    Ok(call.warn(op, &used(operation), outcome))
}

/// Returns the parameters that an operation reads.
fn used(operation: &str) -> String {
    let own = match operation {
        "detect" => return "source_path".to_owned(),
        "metadata" => return "source_path include_gps".to_owned(),
        "resize" => "width height maintain_aspect_ratio fit upscale algorithm",
        "crop" => "x y width height",
        "rotate" => "degrees",
        "flip" => "direction",
        "thumbnail" => "max_width max_height size fit upscale algorithm maintain_aspect_ratio",
        "filter" => "filter amount",
        "compose" => "overlay_path x y opacity",
        "encode" => "max_width max_height",
        _ => "",
    };
    let target = match operation {
        "encode" => "",
        _ => "target_path overwrite",
    };
    format!(
        "source_path target_format quality auto_orient strip_metadata background {target} {own}"
    )
}

/// Reads a path, a `data:` URI or `{base64 = …}`.
fn source(parameter: &'static str, given: &Value, max_bytes: u64) -> Result<Source> {
    let coded = match given {
        Value::Str(text) => match text.strip_prefix("data:") {
            Some(rest) => match rest.split_once(";base64,") {
                Some((_, coded)) => coded,
                None => {
                    return Err(refused(
                        parameter,
                        format!("parameter '{parameter}' is a data URI that is not base64"),
                    ));
                }
            },
            None => return Ok(Source::Path(text.clone())),
        },
        Value::Map(members) => match members.get("base64").and_then(Value::as_str) {
            Some(coded) if members.len() == 1 => coded,
            _ => {
                return Err(mistyped(
                    parameter,
                    format!("parameter '{parameter}' must be a path, a data URI or {{base64 = …}}"),
                    "string",
                    given,
                ));
            }
        },
        other => {
            let got = other.type_name();
            let message = format!("parameter '{parameter}' must be string or object, got {got}");
            return Err(mistyped(parameter, message, "string", other));
        }
    };
    let size = coded.len() as u64 / 4 * 3;
    check_size(size, max_bytes)?;
    let bytes = STANDARD.decode(coded.trim()).map_err(|cause| {
        error!(
            Parse,
            "parameter '{parameter}' is not valid base64: {cause}"
        )
        .with("parameter", parameter)
    })?;
    Ok(Source::Bytes(bytes))
}

fn check_size(size: u64, most: u64) -> Result<()> {
    if size <= most {
        return Ok(());
    }
    Err(error!(
        Limit,
        "the picture has {size} bytes, more than the limit of {most}"
    )
    .with("size", size)
    .with("limit", most)
    .hint("raise `tools.image_processor.max_file_bytes`"))
}

impl Source {
    /// Returns the path, absolute, for results; nothing for a picture without one.
    async fn shown(&self, cx: &Cx) -> Result<Value> {
        let Self::Path(path) = self.clone() else {
            return Ok(Value::Null);
        };
        let shown = cx.files(move |files, _| {
            let path = Path::new(&path);
            Ok(files.open(path)?.entry().path.display().to_string())
        });
        shown.await.map(Value::from)
    }

    /// Returns how the file begins.
    async fn start(&self, cx: &Cx) -> Result<Vec<u8>> {
        match self.clone() {
            Self::Bytes(mut bytes) => {
                bytes.truncate(START);
                Ok(bytes)
            }
            Self::Path(path) => {
                cx.files(move |files, _| super::start(files, &path, START))
                    .await
            }
        }
    }

    /// Returns all of it.
    async fn read(self, cx: &Cx, max_bytes: u64) -> Result<Vec<u8>> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            Self::Path(path) => {
                let read = cx.files(move |files, _| {
                    let path = Path::new(&path);
                    check_size(files.open(path)?.entry().size, max_bytes)?;
                    files.read(path, Some(max_bytes))
                });
                read.await
            }
        }
    }
}

async fn detect(cx: &Cx, source: Source) -> Result<Outcome> {
    let shown = source.shown(cx).await?;
    let format = recognize(&source.start(cx).await?);
    let name = format.map_or("unknown", Format::name);
    let data = Map::from([
        ("source_path", shown.clone()),
        ("file_path", shown),
        ("format", name.into()),
        ("mime_type", format.map(|format| format.mime).into()),
        (
            "supported",
            format.is_some_and(|format| format.codec.is_some()).into(),
        ),
        ("recognized", format.is_some().into()),
    ]);
    let message = match format {
        Some(_) => format!("The file is a picture in the format {name}"),
        None => "The file is no known picture".to_owned(),
    };
    Ok(Outcome::new("detect", data).output(name).message(message))
}

async fn metadata(cx: &Cx, source: Source, config: &Config, a: &ImageProcessor) -> Result<Outcome> {
    let shown = source.shown(cx).await?;
    let format = recognize(&source.start(cx).await?);
    let (mut facts, size) = match format {
        Some(_) => {
            let file = source.read(cx, config.max_file_bytes).await?;
            let size = file.len() as u64;
            let gps = a.include_gps.unwrap_or(false);
            let plan = plan(Step::Facts { gps }, None, config, a)?;
            let facts = ask(cx, &plan, file, None).await?;
            (facts.as_map().cloned().unwrap_or_default(), size)
        }
        None => {
            let size = match &source {
                Source::Bytes(bytes) => bytes.len() as u64,
                Source::Path(path) => {
                    let path = path.clone();
                    let size =
                        cx.files(move |files, _| Ok(files.open(Path::new(&path))?.entry().size));
                    size.await?
                }
            };
            (facts::unknown(), size)
        }
    };
    facts.insert("file_size", size.into());
    let message = match (facts.get("width"), facts.get("height")) {
        (Some(Value::Int(width)), Some(Value::Int(height))) => {
            let name = format.map_or("unknown", Format::name);
            format!("The picture is {width} x {height}, {name}")
        }
        _ if format.is_some() => "The size of the picture is not known".to_owned(),
        _ => "The file is no known picture".to_owned(),
    };
    let data = Map::from([
        ("source_path", shown.clone()),
        ("file_path", shown),
        ("recognized", format.is_some().into()),
        ("metadata", facts.clone().into()),
    ]);
    Ok(Outcome::new("metadata", data)
        .output(facts)
        .message(message))
}

/// Lets the worker do it.
async fn ask(cx: &Cx, plan: &Plan, file: Vec<u8>, overlay: Option<Vec<u8>>) -> Result<Value> {
    let mut request = Map::new();
    request.insert("plan", Value::from_serialize(plan)?);
    request.insert("file", Value::Bytes(file));
    if let Some(overlay) = overlay {
        request.insert("overlay", Value::Bytes(overlay));
    }
    worker::run(cx, "image_processor.run", request.into(), LIMIT).await
}

fn plan(
    step: Step,
    target: Option<&'static Format>,
    config: &Config,
    a: &ImageProcessor,
) -> Result<Plan> {
    let quality = within("quality", a.quality.unwrap_or(config.quality), 1..=100)?;
    Ok(Plan {
        step,
        target: target.map(|format| format.name().to_owned()),
        quality: quality as u8,
        auto_orient: a.auto_orient.unwrap_or(true),
        strip_metadata: a.strip_metadata.unwrap_or(false),
        background: a.background.as_deref().map(color).transpose()?,
        max_pixels: config.max_pixels,
    })
}

async fn transform(
    cx: &Cx,
    operation: &'static str,
    source: Source,
    config: &Config,
    a: &ImageProcessor,
) -> Result<Outcome> {
    let step = step(operation, a)?;
    let written = a.target_path.clone().filter(|_| operation != "encode");
    let target = target(operation, written.as_deref(), a)?;
    let mut plan = plan(step, target, config, a)?;
    if let Some(path) = written.clone() {
        let overwrite = a.overwrite.unwrap_or(true);
        cx.files(move |files, _| super::target::check(files, &path, overwrite))
            .await?;
    }
    let format = recognized(cx, &source).await?;
    if target.is_none() {
        plan.target = Some(written_as(operation, format).name().to_owned());
    }
    let shown = source.shown(cx).await?;
    let file = source.read(cx, config.max_file_bytes).await?;
    let original = file.len();
    let overlay = match &a.overlay_path {
        Some(given) if operation == "compose" => {
            let overlay = self::source("overlay_path", given, config.max_file_bytes)?;
            Some(overlay.read(cx, config.max_file_bytes).await?)
        }
        _ => None,
    };
    let Value::Map(mut done) = ask(cx, &plan, file, overlay).await? else {
        bail!(Bug, "the worker answered with something else");
    };
    let Some(Value::Bytes(bytes)) = done.shift_remove("bytes") else {
        bail!(Bug, "the worker answered without a picture");
    };
    if operation == "encode" {
        return Ok(encoded(done, &bytes, shown));
    }
    let mut data = common(done, shown, original, bytes.len());
    let outcome = match written {
        Some(path) => {
            let overwrite = a.overwrite.unwrap_or(true);
            let mode = super::target::mode(overwrite);
            let entry = cx.files(move |files, _| files.write(Path::new(&path), mode, &bytes));
            let path = entry.await?.path.display().to_string();
            let message = format!("Wrote a picture of {} to {path}", sides(&data));
            data.insert("target_path", path.as_str().into());
            data.insert("output_path", path.as_str().into());
            Outcome::new(operation, data).output(path).message(message)
        }
        None => {
            let coded = STANDARD.encode(bytes);
            let message = format!("Made a picture of {}", sides(&data));
            data.insert("base64", coded.as_str().into());
            Outcome::new(operation, data).output(coded).message(message)
        }
    };
    Ok(match (a.quality, plan.target.as_deref()) {
        (Some(_), Some("webp")) => {
            outcome.warning("WebP is written without loss, 'quality' has no effect on it")
        }
        _ => outcome,
    })
}

/// Returns the format of a picture that is to be decoded.
///
/// - Errors: `Unavailable` if it is none, or cannot be.
async fn recognized(cx: &Cx, source: &Source) -> Result<&'static Format> {
    match recognize(&source.start(cx).await?) {
        Some(format) if format.codec.is_some() => Ok(format),
        Some(format) => Err(picture::unreadable(format.name())),
        None => Err(error!(
            Unavailable,
            "the file is no known picture; this build decodes {}",
            usable().join(", ")
        )
        .with("format", "unknown")),
    }
}

/// Returns the format in which a picture is written unless something else is asked for.
fn written_as(operation: &str, format: &'static Format) -> &'static Format {
    let sendable = ["png", "jpeg", "gif", "webp"].contains(&format.name());
    match operation {
        // Models take these.
        "encode" if !sendable => &FORMATS[0],
        _ => format,
    }
}

/// Returns the format that is asked for, by name or by the extension of the target.
fn target(
    operation: &'static str,
    path: Option<&str>,
    a: &ImageProcessor,
) -> Result<Option<&'static Format>> {
    let extension = path.and_then(|path| Path::new(path).extension()?.to_str());
    let format = match (a.target_format.as_deref(), extension) {
        (Some(name), _) => match named(name) {
            Some(format) => format,
            None => {
                let known: Vec<_> = FORMATS.iter().map(|format| format.names).collect();
                choose("target_format", name, &known)?;
                return Ok(None);
            }
        },
        (None, Some(extension)) => named(extension).ok_or_else(|| {
            let listed = usable().join(", ");
            let message = format!(
                "the extension '{extension}' of parameter 'target_path' is no picture format, expected one of: {listed}"
            );
            refused("target_path", message).hint("name the format in 'target_format'")
        })?,
        (None, None) if operation == "convert" => {
            return Err(missing("image_processor", operation, "target_format"));
        }
        (None, None) => return Ok(None),
    };
    if format.codec.is_none() {
        return Err(error!(
            Unavailable,
            "this build cannot write the picture format '{}', only {}",
            format.name(),
            usable().join(", ")
        )
        .with("parameter", "target_format"));
    }
    Ok(Some(format))
}

/// Returns the size that the header of a file claims.
pub(super) fn size(start: &[u8]) -> Option<(u32, u32)> {
    let opened = picture::open(start, recognize(start)?).ok()?;
    Some(opened.size())
}

/// Makes a picture fit into a box, in the format of that name, and returns it with its size.
pub(super) async fn shrink(
    cx: &Cx,
    file: Vec<u8>,
    (width, height): (u32, u32),
    format: &str,
) -> Result<(Vec<u8>, (u32, u32))> {
    let step = Step::Resize(Size {
        width: Some(width),
        height: Some(height),
        fit: Fit::Contain,
        upscale: false,
        algorithm: Algorithm::Lanczos3,
    });
    let config: Config = cx.settings("image_processor")?;
    let plan = plan(step, named(format), &config, &ImageProcessor::default())?;
    let Value::Map(mut done) = ask(cx, &plan, file, None).await? else {
        bail!(Bug, "the worker answered with something else");
    };
    let side = |name: &str| {
        let side = done.get(name).and_then(Value::as_int);
        side.and_then(|side| u32::try_from(side).ok()).unwrap_or(0)
    };
    let size = (side("width"), side("height"));
    match done.shift_remove("bytes") {
        Some(Value::Bytes(bytes)) => Ok((bytes, size)),
        _ => bail!(Bug, "the worker answered without a picture"),
    }
}

/// Checks what an operation needs.
fn step(operation: &'static str, a: &ImageProcessor) -> Result<Step> {
    let needs = |parameter| missing("image_processor", operation, parameter);
    let side = |parameter, given: Option<i64>| {
        let side = given.map(|given| within(parameter, given, 1..=i64::from(MAX_SIDE)));
        side.transpose().map(|side| side.map(|side| side as u32))
    };
    let (width, height) = (side("width", a.width)?, side("height", a.height)?);
    let size = side("size", a.size)?;
    let max_width = side("max_width", a.max_width)?;
    let max_height = side("max_height", a.max_height)?;
    Ok(match operation {
        "resize" if width.is_none() && height.is_none() => return Err(needs("width")),
        "resize" => Step::Resize(box_of(a, width, height, true)?),
        "thumbnail" => {
            let usual = match (max_width, max_height) {
                (None, None) => size.or(Some(THUMBNAIL)),
                _ => size,
            };
            let (width, height) = (max_width.or(usual), max_height.or(usual));
            Step::Resize(box_of(a, width, height, false)?)
        }
        "crop" => {
            let edge = |parameter, given: Option<i64>| {
                let given = given.ok_or_else(|| needs(parameter))?;
                within(parameter, given, 0..=i64::from(u32::MAX)).map(|edge| edge as u32)
            };
            Step::Crop(Area {
                x: edge("x", a.x)?,
                y: edge("y", a.y)?,
                width: width.ok_or_else(|| needs("width"))?,
                height: height.ok_or_else(|| needs("height"))?,
            })
        }
        "rotate" => {
            let degrees = a.degrees.ok_or_else(|| needs("degrees"))?;
            if !degrees.is_finite() {
                return Err(refused(
                    "degrees",
                    "parameter 'degrees' must be a finite number",
                ));
            }
            Step::Rotate { degrees }
        }
        "flip" => {
            let direction = a.direction.as_deref().ok_or_else(|| needs("direction"))?;
            let direction = choose("direction", direction, DIRECTIONS)?;
            Step::Flip {
                horizontal: direction == "horizontal",
            }
        }
        "filter" => filtering(a, needs)?,
        "compose" => {
            a.overlay_path
                .as_ref()
                .ok_or_else(|| needs("overlay_path"))?;
            let range = -i64::from(MAX_SIDE) * 4..=i64::from(MAX_SIDE) * 4;
            let edge = |parameter, given: Option<i64>| match given.unwrap_or(0) {
                edge if range.contains(&edge) => Ok(edge),
                edge => Err(refused(
                    parameter,
                    format!(
                        "parameter '{parameter}' must be between {} and {}, got {edge}",
                        range.start(),
                        range.end()
                    ),
                )),
            };
            Step::Compose {
                x: edge("x", a.x)?,
                y: edge("y", a.y)?,
                opacity: between("opacity", a.opacity.unwrap_or(1.0), 0.0, 1.0)?,
            }
        }
        "encode" => Step::Encode {
            max_width,
            max_height,
        },
        _ => Step::Convert {},
    })
}

fn filtering(
    a: &ImageProcessor,
    needs: impl Fn(&'static str) -> llmspell_core::Error,
) -> Result<Step> {
    let given = a.filter.as_deref().ok_or_else(|| needs("filter"))?;
    let known: Vec<_> = FILTERS.iter().map(|filter| filter.names).collect();
    let name = choose("filter", given, &known)?;
    let range = FILTERS
        .iter()
        .find(|filter| filter.names[0] == name)
        .and_then(|filter| filter.amount);
    let amount = match (a.amount, range) {
        (Some(amount), Some((least, most, _))) => Some(between("amount", amount, least, most)?),
        _ => None,
    };
    Ok(Step::Filter {
        name: name.to_owned(),
        amount,
    })
}

fn between(parameter: &'static str, given: f64, least: f64, most: f64) -> Result<f64> {
    if (least..=most).contains(&given) {
        return Ok(given);
    }
    let message =
        format!("parameter '{parameter}' must be between {least} and {most}, got {given}");
    Err(refused(parameter, message).with("got", given))
}

fn box_of(
    a: &ImageProcessor,
    width: Option<u32>,
    height: Option<u32>,
    upscale: bool,
) -> Result<Size> {
    let usual = match a.maintain_aspect_ratio {
        Some(false) => "stretch",
        _ => "contain",
    };
    let fit = match choose("fit", a.fit.as_deref().unwrap_or(usual), FITS)? {
        "cover" => Fit::Cover,
        "stretch" => Fit::Stretch,
        _ => Fit::Contain,
    };
    let algorithm = match choose_or_first("algorithm", a.algorithm.as_deref(), ALGORITHMS)? {
        "nearest" => Algorithm::Nearest,
        "bilinear" => Algorithm::Bilinear,
        _ => Algorithm::Lanczos3,
    };
    Ok(Size {
        width,
        height,
        fit,
        upscale: a.upscale.unwrap_or(upscale),
        algorithm,
    })
}

/// Reads a colour.
fn color(text: &str) -> Result<[u8; 4]> {
    let folded = text.trim().to_lowercase();
    let digits = match folded.as_str() {
        "white" => "ffffffff",
        "black" => "000000ff",
        "transparent" | "none" => "00000000",
        other => other.strip_prefix('#').unwrap_or(other),
    };
    let number = u32::from_str_radix(digits, 16).ok();
    match (number, digits.len()) {
        (Some(number), 8) if digits.is_ascii() => Ok(number.to_be_bytes()),
        (Some(number), 6) if digits.is_ascii() => Ok((number << 8 | 0xff).to_be_bytes()),
        _ => Err(refused(
            "background",
            format!(
                "parameter 'background' must be '#rrggbb', '#rrggbbaa', 'white', 'black' or 'transparent', got '{text}'"
            ),
        )),
    }
}

/// Returns the members that all transformations have.
fn common(done: Map, shown: Value, original_size: usize, file_size: usize) -> Map {
    let member = |name: &str| done.get(name).cloned().unwrap_or_default();
    let mut original = member("original").as_map().cloned().unwrap_or_default();
    original.insert("file_size", original_size.into());
    let mut data = Map::from([
        ("source_path", shown),
        ("target_path", Value::Null),
        ("output_path", Value::Null),
        ("width", member("width")),
        ("height", member("height")),
        ("format", member("format")),
        ("target_format", member("format")),
        ("file_size", file_size.into()),
        ("original", original.into()),
    ]);
    if let Value::Int(frames @ 2..) = member("frames") {
        data.insert("frames", frames.into());
    }
    data
}

fn sides(data: &Map) -> String {
    let side = |name: &str| data.get(name).and_then(Value::as_int).unwrap_or(0);
    format!("{} x {}", side("width"), side("height"))
}

fn encoded(done: Map, bytes: &[u8], shown: Value) -> Outcome {
    let member = |name: &str| done.get(name).cloned().unwrap_or_default();
    let name = member("format");
    let mime = name.as_str().and_then(named).map(|format| format.mime);
    let coded = STANDARD.encode(bytes);
    let uri = format!(
        "data:{};base64,{coded}",
        mime.unwrap_or("application/octet-stream")
    );
    let message = format!("Encoded a picture of {}", sides(&done));
    let data = Map::from([
        ("source_path", shown),
        ("base64", coded.into()),
        ("data_uri", uri.as_str().into()),
        ("mime_type", mime.into()),
        ("format", name),
        ("width", member("width")),
        ("height", member("height")),
        ("file_size", bytes.len().into()),
    ]);
    Outcome::new("encode", data).output(uri).message(message)
}

#[cfg(test)]
mod tests;
