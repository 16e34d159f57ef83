//! `video_processor`: facts and pictures of video files.

mod asf;
mod avi;
mod facts;
mod flv;
mod format;
mod header;
mod matroska;
mod mp4;
mod mpeg;

use std::path::Path;
use std::time::Duration;

use llmspell_core::{
    Cx, Effect, Error, Files, Kind, Level, Map, Op, Outcome, Result, ToolInfo, Value, error,
};
use schemars::JsonSchema;
use serde::Deserialize;

use self::facts::Facts;
use self::format::{Format, NAMES, START, recognize};
use self::header::Header;
use super::found::Found;
use super::{beyond, ffmpeg, image_processor, target};
use crate::choice::choose_or_first;
use crate::param::{Given, choices, missing, names, refused, within};

const OPERATIONS: &[&[&str]] = &[
    &["metadata", "info", "get_info", "extract_metadata"],
    &["detect"],
    &["extract_frame", "frame"],
    &["thumbnail"],
    &["convert", "transcode"],
    &["trim"],
    &["extract_audio"],
    &["capabilities"],
];

/// What each operation can do without ffmpeg.
const WITHOUT_FFMPEG: &[&str] = &["metadata", "detect", "thumbnail", "capabilities"];

const LIMIT: Duration = Duration::from_secs(120);

/// Largest file that is converted, in bytes, unless the configuration says otherwise.
const MAX_FILE: u64 = 1 << 30;

/// Largest picture of a video, in pixels.
const MAX_WIDTH: i64 = 1920;
const MAX_HEIGHT: i64 = 1080;
const MAX_SIDE: i64 = 16_384;

/// How far into a video its thumbnail is.
const TENTH: f64 = 0.1;

pub(super) fn op() -> Op {
    Op::new("video_processor", video_processor)
        .effect(Effect::Idempotent)
        .effect_of(effect_of)
        .tool(
            ToolInfo::new("media")
                .settings::<Config>()
                .example(
                    "Says what can be done here",
                    r#"{"operation": "capabilities"}"#,
                )
                .level(Level::Restricted)
                .timeout(LIMIT)
                .operations(&names(OPERATIONS))
                .needs(
                    &[
                        "metadata",
                        "detect",
                        "extract_frame",
                        "thumbnail",
                        "convert",
                        "trim",
                        "extract_audio",
                    ],
                    &["file_path"],
                )
                .needs(
                    &[
                        "extract_frame",
                        "thumbnail",
                        "convert",
                        "trim",
                        "extract_audio",
                    ],
                    &["target_path"],
                )
                .needs(&["trim"], &["start_seconds", "end_seconds"]),
        )
}

/// Tells facts of video files (MP4, MOV, MKV, WebM, AVI, FLV, WMV, MPEG) from their headers.
///
/// Frames, conversion, trimming and the sound alone need ffmpeg, which the configuration names; `thumbnail` takes the
/// cover picture of a file without it. `capabilities` tells what can be done.
#[derive(Deserialize, JsonSchema)]
struct VideoProcessor {
    /// What to do.
    #[schemars(transform = choices(OPERATIONS), extend("default" = "metadata"))]
    operation: Option<String>,
    /// The video file.
    #[schemars(extend("x-synonyms" = ["path", "input", "source_path", "input_path"]))]
    file_path: Option<String>,
    /// Where the result is written.
    #[schemars(extend("x-synonyms" = ["output_path"]))]
    target_path: Option<String>,
    /// The moment of a frame, in seconds. Default: 0; for `thumbnail` a tenth of the length.
    #[schemars(range(min = 0.0), extend("x-synonyms" = ["timestamp"]))]
    timestamp_seconds: Option<f64>,
    /// Pixels across of the result.
    #[schemars(range(min = 1, max = 16_384))]
    width: Option<i64>,
    /// Pixels down.
    #[schemars(range(min = 1, max = 16_384))]
    height: Option<i64>,
    /// Most pixels across of a frame or thumbnail.
    #[schemars(range(min = 1, max = 16_384), extend("default" = 1920))]
    max_width: Option<i64>,
    /// Most pixels down.
    #[schemars(range(min = 1, max = 16_384), extend("default" = 1080))]
    max_height: Option<i64>,
    /// Format of the result. Pictures: `jpeg png webp bmp`; video: `mp4 mov mkv webm avi flv`; sound: `wav flac mp3 ogg
    /// opus m4a`. Default: by the extension of `target_path`.
    #[schemars(extend("x-synonyms" = ["format"]))]
    target_format: Option<String>,
    /// Where `trim` begins, in seconds.
    #[schemars(range(min = 0.0), extend("default" = 0.0))]
    start_seconds: Option<f64>,
    /// Where `trim` ends. Default: the end of the video.
    #[schemars(range(min = 0.0))]
    end_seconds: Option<f64>,
    /// Whether an existing target is replaced.
    #[schemars(extend("default" = true))]
    overwrite: Option<bool>,
}

/// The table `[tools.video_processor]`.
#[derive(Deserialize, JsonSchema)]
#[serde(default)]
struct Config {
    /// Largest file that is converted, in bytes.
    max_file_bytes: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_file_bytes: MAX_FILE,
        }
    }
}

fn effect_of(args: &Value) -> Effect {
    let operation = args.get("operation").and_then(Value::as_str);
    match choose_or_first("operation", operation, OPERATIONS) {
        Ok("metadata" | "detect" | "capabilities") | Err(_) => Effect::Read,
        Ok(_) => Effect::Idempotent,
    }
}

async fn video_processor(cx: Cx, call: Given<VideoProcessor>) -> Result<Outcome> {
    let a = &call.args;
    let operation = choose_or_first("operation", a.operation.as_deref(), OPERATIONS)?;
    let path = || {
        let needs = || missing("video_processor", operation, "file_path");
        a.file_path.clone().ok_or_else(needs)
    };
    let (outcome, used) = match operation {
        "capabilities" => (capabilities(&cx).await?, ""),
        "detect" => (detect(&cx, path()?).await?, "file_path"),
        "metadata" => (metadata(&cx, path()?).await?, "file_path"),
        "extract_frame" | "thumbnail" => (
            frame(&cx, operation, path()?, a).await?,
            "file_path target_path timestamp_seconds width height max_width max_height target_format overwrite",
        ),
        _ => {
            let used = match operation {
                "trim" => {
                    "file_path target_path target_format width height start_seconds end_seconds overwrite"
                }
                "extract_audio" => "file_path target_path target_format overwrite",
                _ => "file_path target_path target_format width height overwrite",
            };
            (convert(&cx, operation, path()?, a).await?, used)
        }
    };
    Ok(call.warn(op, used, outcome))
}

fn find(files: &dyn Files, path: &str) -> Result<Found<Format>> {
    Found::of(files, path, START, recognize)
}

/// Refuses a file of boxes whose headers would take much memory.
///
/// - Errors: `Limit`; what is damaged is for others to find.
pub(super) fn check_boxes(files: &dyn Files, path: &str, cx: &Cx) -> Result<()> {
    if super::start(files, path, 8)?.get(4..) != Some(b"ftyp") {
        return Ok(());
    }
    match mp4::read(&mut Header::open(files, path, cx)?) {
        Err(error) if error.kind() == Kind::Limit => Err(error),
        _ => Ok(()),
    }
}

async fn detect(cx: &Cx, path: String) -> Result<Outcome> {
    let found = cx.files(move |files, _| find(files, &path)).await?;
    let named = found.format.map(|format| (format.name, format.mime));
    Ok(found.detected("video", named, named.is_some()))
}

async fn metadata(cx: &Cx, path: String) -> Result<Outcome> {
    let read = cx.files(move |files, cx| {
        let found = find(files, &path)?;
        let facts = match found.format {
            Some(format) => {
                let facts = Facts::read(&mut Header::open(files, &path, cx)?, format)?;
                facts.to_map(format.name, found.size)
            }
            None => Facts::unknown(found.size),
        };
        Ok((found, facts))
    });
    let (found, facts) = read.await?;
    let name = found.format.map(|format| format.name);
    Ok(found.described("video", name, facts))
}

async fn capabilities(cx: &Cx) -> Result<Outcome> {
    let version = match ffmpeg::program(cx)? {
        Some(program) => ffmpeg::version(cx, &program).await?,
        None => None,
    };
    let possible: Vec<&str> = match version {
        Some(_) => names(OPERATIONS),
        None => WITHOUT_FFMPEG.to_vec(),
    };
    let message = match &version {
        Some(version) => format!("ffmpeg {version} is there"),
        None => "Without ffmpeg, headers and covers can be read".to_owned(),
    };
    let data = Map::from([
        ("ffmpeg", Value::from(version.is_some())),
        ("version", version.into()),
        ("containers", NAMES.to_vec().into()),
        ("operations", possible.into()),
    ]);
    Ok(Outcome::new("capabilities", data).message(message))
}

/// What is to be written, and of which file.
struct Asked {
    source: String,
    target: String,
    overwrite: bool,
}

impl Asked {
    fn new(operation: &'static str, source: String, a: &VideoProcessor) -> Result<Self> {
        let needs = || missing("video_processor", operation, "target_path");
        Ok(Self {
            source,
            target: a.target_path.clone().ok_or_else(needs)?,
            overwrite: a.overwrite.unwrap_or(true),
        })
    }

    /// Looks at the file, and reads its header as far as that can be.
    ///
    /// - Errors: `Unavailable` if it is no known video.
    async fn look(&self, cx: &Cx) -> Result<(Found<Format>, &'static Format, Facts)> {
        let (path, target, overwrite) = (self.source.clone(), self.target.clone(), self.overwrite);
        let looked = cx.files(move |files, cx| {
            target::check(files, &target, overwrite)?;
            let found = find(files, &path)?;
            let format = found.known("video")?;
            // What ffmpeg is to read may be understood by it alone.
            let facts =
                Facts::read(&mut Header::open(files, &path, cx)?, format).unwrap_or_default();
            cx.check()?;
            Ok((found, format, facts))
        });
        looked.await
    }

    /// Lets ffmpeg do it.
    async fn run(
        &self,
        cx: &Cx,
        program: &str,
        format: &Format,
        (from, to): (Option<f64>, Option<f64>),
        muxer: &'static str,
        args: Vec<String>,
    ) -> Result<ffmpeg::Done> {
        let input = ffmpeg::Input {
            path: self.source.clone(),
            demuxer: format.demuxer,
            from,
            to,
        };
        let output = ffmpeg::Output {
            path: self.target.clone(),
            overwrite: self.overwrite,
            muxer,
            args,
        };
        ffmpeg::run(cx, program, input, output).await
    }
}

/// Returns the error for an operation that needs ffmpeg.
fn needed(operation: &str) -> Error {
    ffmpeg::needed(&format!("operation '{operation}'"))
        .hint("the operation 'capabilities' tells what can be done")
}

/// The sizes that are asked for.
struct Sides {
    width: Option<i64>,
    height: Option<i64>,
    max_width: i64,
    max_height: i64,
}

impl Sides {
    fn new(a: &VideoProcessor) -> Result<Self> {
        let side = |parameter, given: Option<i64>| {
            let side = given.map(|given| within(parameter, given, 1..=MAX_SIDE));
            side.transpose().map(|side| side.map(|side| side as i64))
        };
        Ok(Self {
            width: side("width", a.width)?,
            height: side("height", a.height)?,
            max_width: side("max_width", a.max_width)?.unwrap_or(MAX_WIDTH),
            max_height: side("max_height", a.max_height)?.unwrap_or(MAX_HEIGHT),
        })
    }

    /// Returns the filter that gives a picture these sides; a side that is not asked for follows, even if `even`.
    fn filter(&self, even: bool, limit: bool) -> Option<String> {
        let open = if even { -2 } else { -1 };
        match (self.width, self.height) {
            (None, None) if !limit => None,
            (None, None) => Some(format!(
                "scale=w='min({},iw)':h='min({},ih)':force_original_aspect_ratio=decrease",
                self.max_width, self.max_height
            )),
            (width, height) => Some(format!(
                "scale={}:{}",
                width.unwrap_or(open),
                height.unwrap_or(open)
            )),
        }
    }
}

/// Pictures that ffmpeg writes: the names, the writer, the codec.
const PICTURES: &[(&[&str], &str)] = &[
    (&["jpeg", "jpg"], "mjpeg"),
    (&["png"], "png"),
    (&["webp"], "libwebp"),
    (&["bmp"], "bmp"),
];

async fn frame(
    cx: &Cx,
    operation: &'static str,
    path: String,
    a: &VideoProcessor,
) -> Result<Outcome> {
    let asked = Asked::new(operation, path, a)?;
    let sides = Sides::new(a)?;
    let (moment, _) = super::span(a.timestamp_seconds, None).map_err(|_| {
        refused(
            "timestamp_seconds",
            "parameter 'timestamp_seconds' must not be negative",
        )
    })?;
    let known: Vec<_> = PICTURES.iter().map(|(names, _)| *names).collect();
    let name = target::format(&asked.target, a.target_format.as_deref(), &known, "picture")?;
    let (found, format, facts) = asked.look(cx).await?;
    let program = ffmpeg::program(cx)?;
    if operation == "thumbnail"
        && (program.is_none() || a.timestamp_seconds.is_none())
        && let Some(cover) = facts.cover
    {
        return cover_of(cx, &asked, &sides, name, cover, found).await;
    }
    let program = program.ok_or_else(|| needed(operation))?;
    let length = facts.duration;
    if let Some(length) = length.filter(|length| moment > *length) {
        return Err(beyond("timestamp_seconds", moment, "video", length));
    }
    let moment = match (operation, a.timestamp_seconds) {
        ("thumbnail", None) => length.unwrap_or(0.0) * TENTH,
        _ => moment,
    };
    let codec = PICTURES.iter().find(|(names, _)| names[0] == name);
    let mut args: Vec<String> = ["-an", "-sn", "-frames:v", "1", "-update", "1", "-c:v"]
        .map(str::to_owned)
        .to_vec();
    args.push(codec.map_or("mjpeg", |(_, codec)| codec).to_owned());
    if let Some(filter) = sides.filter(false, true) {
        args.extend(["-vf".to_owned(), filter]);
    }
    let done = asked
        .run(cx, &program, format, (Some(moment), None), "image2", args)
        .await?;
    let written = asked.target.clone();
    let start = cx
        .files(move |files, _| super::start(files, &written, 64 << 10))
        .await?;
    let size = image_processor::size(&start);
    let data = pictured(&done.entry.path, &found.shown, moment.into(), size);
    Ok(told(operation, data, &done.entry.path, done.entry.size)
        .metadata("confinement", done.confined.to_value()))
}

/// Returns what is told of a picture that was written.
fn pictured(path: &Path, source: &str, moment: Value, size: Option<(u32, u32)>) -> Map {
    let path = path.display().to_string();
    Map::from([
        ("file_path", Value::from(source)),
        ("target_path", path.as_str().into()),
        ("output_path", path.into()),
        ("timestamp_seconds", moment),
        ("width", size.map(|size| size.0).into()),
        ("height", size.map(|size| size.1).into()),
    ])
}

fn told(operation: &str, data: Map, path: &Path, size: u64) -> Outcome {
    let path = path.display().to_string();
    let message = format!("Wrote {size} bytes to {path}");
    Outcome::new(operation, data).output(path).message(message)
}

/// Writes the embedded picture, no larger than asked for.
async fn cover_of(
    cx: &Cx,
    asked: &Asked,
    sides: &Sides,
    name: &'static str,
    cover: Vec<u8>,
    found: Found<Format>,
) -> Result<Outcome> {
    let width = sides.width.unwrap_or(sides.max_width) as u32;
    let height = sides.height.unwrap_or(sides.max_height) as u32;
    let (bytes, size) = image_processor::shrink(cx, cover, (width, height), name).await?;
    let (target, mode) = (asked.target.clone(), target::mode(asked.overwrite));
    let entry = cx
        .files(move |files, _| files.write(Path::new(&target), mode, &bytes))
        .await?;
    let data = pictured(&entry.path, &found.shown, Value::Null, Some(size));
    Ok(told("thumbnail", data, &entry.path, entry.size))
}

/// Video that ffmpeg writes: the names, the writer, what it is told.
const VIDEOS: &[(&[&str], &str, &[&str])] = &[
    (
        &["mp4", "m4v"],
        "mp4",
        &[
            "-c:v",
            "libx264",
            "-preset",
            "veryfast",
            "-pix_fmt",
            "yuv420p",
            "-c:a",
            "aac",
            "-movflags",
            "+faststart",
        ],
    ),
    (
        &["mov"],
        "mov",
        &[
            "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-c:a", "aac",
        ],
    ),
    (
        &["mkv", "matroska"],
        "matroska",
        &[
            "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-c:a", "aac",
        ],
    ),
    (
        &["webm"],
        "webm",
        &[
            "-c:v",
            "libvpx",
            "-b:v",
            "1M",
            "-deadline",
            "realtime",
            "-cpu-used",
            "8",
            "-c:a",
            "libopus",
        ],
    ),
    (
        &["avi"],
        "avi",
        &["-c:v", "mpeg4", "-q:v", "5", "-c:a", "libmp3lame"],
    ),
    (
        &["flv"],
        "flv",
        &[
            "-c:v",
            "flv1",
            "-q:v",
            "5",
            "-c:a",
            "libmp3lame",
            "-ar",
            "44100",
        ],
    ),
];

/// Sound that ffmpeg writes.
const SOUNDS: &[(&[&str], &str, &[&str])] = &[
    (&["wav", "wave"], "wav", &[]),
    (&["flac"], "flac", &[]),
    (&["mp3"], "mp3", &["-c:a", "libmp3lame"]),
    (&["ogg"], "ogg", &["-c:a", "libvorbis"]),
    (&["opus"], "opus", &["-c:a", "libopus"]),
    (&["m4a"], "ipod", &["-c:a", "aac"]),
];

async fn convert(
    cx: &Cx,
    operation: &'static str,
    path: String,
    a: &VideoProcessor,
) -> Result<Outcome> {
    let asked = Asked::new(operation, path, a)?;
    let sides = Sides::new(a)?;
    let (from, to) = match operation {
        "trim" if a.start_seconds.is_none() && a.end_seconds.is_none() => {
            return Err(missing("video_processor", operation, "start_seconds"));
        }
        "trim" => {
            let (from, to) = super::span(a.start_seconds, a.end_seconds)?;
            (Some(from), to)
        }
        _ => (None, None),
    };
    let (table, what) = match operation {
        "extract_audio" => (SOUNDS, "sound"),
        _ => (VIDEOS, "video"),
    };
    let known: Vec<_> = table.iter().map(|(names, _, _)| *names).collect();
    let name = target::format(&asked.target, a.target_format.as_deref(), &known, what)?;
    let config: Config = cx.settings("video_processor")?;
    let (found, format, facts) = asked.look(cx).await?;
    found.fits("video_processor", config.max_file_bytes)?;
    let program = ffmpeg::program(cx)?.ok_or_else(|| needed(operation))?;
    if let (Some(from), Some(length)) = (from, facts.duration)
        && from >= length
    {
        return Err(beyond("start_seconds", from, "video", length));
    }
    let Some((_, muxer, codecs)) = table.iter().find(|(names, _, _)| names[0] == name) else {
        return Err(error!(Bug, "no format '{name}'"));
    };
    let mut args: Vec<String> = match operation {
        "extract_audio" => vec!["-vn".to_owned()],
        _ => sides
            .filter(true, false)
            .into_iter()
            .flat_map(|filter| ["-vf".to_owned(), filter])
            .collect(),
    };
    args.extend(["-sn".to_owned(), "-dn".to_owned()]);
    args.extend(codecs.iter().map(|arg| (*arg).to_owned()));
    let done = asked
        .run(cx, &program, format, (from, to), muxer, args)
        .await?;
    let written = asked.target.clone();
    let is_sound = operation == "extract_audio";
    let length = cx.files(move |files, cx| {
        if is_sound {
            return Ok(super::audio_processor::seconds(files, &written, cx));
        }
        let format = recognize(&super::start(files, &written, START)?);
        let header = &mut Header::open(files, &written, cx)?;
        let facts = format.and_then(|format| Facts::read(header, format).ok());
        Ok(facts.and_then(|facts| facts.duration))
    });
    let length = length.await?;
    let path = done.entry.path.display().to_string();
    let data = Map::from([
        ("source_path", Value::from(found.shown)),
        ("target_path", path.as_str().into()),
        ("output_path", path.into()),
        ("target_format", name.into()),
        ("duration_seconds", length.into()),
        ("file_size", done.entry.size.into()),
    ]);
    Ok(told(operation, data, &done.entry.path, done.entry.size)
        .metadata("confinement", done.confined.to_value()))
}

#[cfg(test)]
mod tests;
