//! `audio_processor`: facts and conversions of sound files.

mod codec;
mod flac;
mod format;
mod job;
mod shape;
mod sound;
mod tag;
mod waveform;
mod write;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use llmspell_core::{
    Cx, Effect, Files, Kind, Level, Map, Op, Outcome, Result, ToolInfo, Value, bail, error,
};
use schemars::JsonSchema;
use serde::Deserialize;

use self::format::{Format, START, recognize};
use self::sound::{DECODE, Sound};
use self::waveform::Waveform;
use self::write::{Draft, Wanted};
use super::found::Found;
use super::{beyond, ffmpeg, target};
use crate::choice::choose_or_first;
use crate::param::{Given, choices, missing, names, refused, within};
use crate::worker::{self, Asking};

pub(super) use self::job::JOBS;

const OPERATIONS: &[&[&str]] = &[
    &["metadata", "info", "get_info", "extract_metadata"],
    &["detect"],
    &["convert", "transcode"],
    &["trim"],
    &["waveform"],
    &["tag", "write_tags"],
    &["cover"],
];

const TARGETS: &[&[&str]] = &[
    &["wav", "wave"],
    &["flac"],
    &["mp3"],
    &["ogg", "vorbis"],
    &["opus"],
    &["m4a", "aac"],
];

const LIMIT: Duration = Duration::from_secs(120);

/// Largest file, in bytes, unless the configuration says otherwise.
const MAX_FILE: u64 = 500 << 20;

/// Longest text of a tag that is written, in bytes.
const MAX_TAG: usize = 64 << 10;

pub(super) fn op() -> Op {
    Op::new("audio_processor", audio_processor)
        .effect(Effect::Idempotent)
        .effect_of(effect_of)
        .tool(
            ToolInfo::new("media").settings::<Config>()
                .example(
                    "Describes a recording",
                    r#"{"operation": "metadata", "file_path": "song.wav"}"#,
                )
                .example(
                    "Cuts a piece",
                    r#"{"operation": "trim", "source_path": "song.wav", "target_path": "piece.wav", "start_seconds": 0, "end_seconds": 0.1}"#,
                )
                .level(Level::Restricted)
                .timeout(LIMIT)
                .operations(&names(OPERATIONS))
                .needs(&["metadata", "detect", "waveform", "tag", "cover"], &["file_path", "source_path"])
                .needs(&["convert", "trim"], &["source_path", "file_path"])
                .needs(&["convert", "trim", "cover"], &["target_path"])
                .needs(&["trim"], &["start_seconds", "end_seconds"])
                .needs(&["tag"], &["tags"]),
        )
}

/// Tells facts and tags of sound files, converts and cuts them, measures their loudness.
///
/// Decodes WAV, AIFF, FLAC, MP3, Ogg Vorbis, AAC and ALAC, and writes WAV and FLAC; other formats need ffmpeg, which the
/// configuration names.
#[derive(Deserialize, JsonSchema)]
struct AudioProcessor {
    /// What to do.
    #[schemars(transform = choices(OPERATIONS), extend("default" = "metadata"))]
    operation: Option<String>,
    /// The sound file.
    #[schemars(extend("x-synonyms" = ["path", "input"]))]
    file_path: Option<String>,
    /// The sound file that `convert` and `trim` read.
    #[schemars(extend("x-synonyms" = ["input_path"]))]
    source_path: Option<String>,
    /// Where the result is written.
    #[schemars(extend("x-synonyms" = ["output_path"]))]
    target_path: Option<String>,
    /// Format of the result: `wav flac mp3 ogg opus m4a`. Default: by the extension of `target_path`.
    #[schemars(extend("x-synonyms" = ["format"]))]
    target_format: Option<String>,
    /// Samples per second of the result. Default: as it is.
    #[schemars(range(min = 1_000, max = 384_000))]
    sample_rate: Option<i64>,
    /// Channels of the result. Default: as it is.
    #[schemars(range(min = 1, max = 8))]
    channels: Option<i64>,
    /// Bits per second of a lossy result.
    #[schemars(range(min = 6_000, max = 1_000_000))]
    bit_rate: Option<i64>,
    /// Where `trim` begins, in seconds.
    #[schemars(range(min = 0.0), extend("default" = 0.0))]
    start_seconds: Option<f64>,
    /// Where `trim` ends. Default: the end of the sound.
    #[schemars(range(min = 0.0))]
    end_seconds: Option<f64>,
    /// How many values `waveform` gives.
    #[schemars(range(min = 1, max = 10_000), extend("default" = 200))]
    points: Option<i64>,
    /// What `tag` writes: `title artist album album_artist track year genre comment` and other names that the format
    /// knows; an empty text removes one.
    #[schemars(with = "Option<BTreeMap<String, Value>>")]
    tags: Option<Map>,
    /// Whether an existing target is replaced.
    #[schemars(extend("default" = true))]
    overwrite: Option<bool>,
}

/// The table `[tools.audio_processor]`.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(default)]
struct Config {
    /// Largest file, in bytes.
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
        Ok("convert" | "trim" | "tag" | "cover") => Effect::Idempotent,
        _ => Effect::Read,
    }
}

async fn audio_processor(cx: Cx, call: Given<AudioProcessor>) -> Result<Outcome> {
    let a = &call.args;
    let operation = choose_or_first("operation", a.operation.as_deref(), OPERATIONS)?;
    let config: Config = cx.settings("audio_processor")?;
    let (outcome, used) = match operation {
        "detect" => (
            detect(&cx, file(a, operation)?).await?,
            "file_path source_path",
        ),
        "metadata" => (
            metadata(&cx, file(a, operation)?).await?,
            "file_path source_path",
        ),
        "waveform" => (
            waveform(&cx, file(a, operation)?, &config, a).await?,
            "file_path source_path points",
        ),
        "tag" => (
            tag(&cx, file(a, operation)?, &config, a).await?,
            "file_path source_path tags",
        ),
        "cover" => (
            cover(&cx, file(a, operation)?, a).await?,
            "file_path source_path target_path overwrite",
        ),
        _ => (
            convert(&cx, operation, &config, a).await?,
            match operation {
                "trim" => {
                    "file_path source_path target_path target_format sample_rate channels bit_rate overwrite start_seconds end_seconds"
                }
                _ => {
                    "file_path source_path target_path target_format sample_rate channels bit_rate overwrite"
                }
            },
        ),
    };
    Ok(call.warn(op, used, outcome))
}

/// Returns the file that an operation is about.
fn file(a: &AudioProcessor, operation: &str) -> Result<String> {
    let given = a.file_path.as_ref().or(a.source_path.as_ref());
    let wanted = match operation {
        "convert" | "trim" => "source_path",
        _ => "file_path",
    };
    given
        .cloned()
        .ok_or_else(|| missing("audio_processor", operation, wanted))
}

fn find(files: &dyn Files, path: &str) -> Result<Found<Format>> {
    Found::of(files, path, START, recognize)
}

/// Returns the format of a file whose sound is needed.
///
/// - Errors: `Unavailable` if it is no known sound; `Limit` if it is too large.
fn usable(found: &Found<Format>, config: &Config) -> Result<&'static Format> {
    let format = found.known("sound")?;
    found.fits("audio_processor", config.max_file_bytes)?;
    Ok(format)
}

async fn detect(cx: &Cx, path: String) -> Result<Outcome> {
    let found = cx.files(move |files, _| find(files, &path)).await?;
    let named = found.format.map(|format| (format.name, format.mime));
    let supported = found.format.is_some_and(|format| format.supported);
    Ok(found.detected("sound", named, supported))
}

/// Returns how long the sound of a file lasts, in seconds, if the file says.
pub(super) fn seconds(files: &dyn Files, path: &str, cx: &Cx) -> Option<f64> {
    Sound::open(files, path, cx).ok()?.seconds()
}

async fn metadata(cx: &Cx, path: String) -> Result<Outcome> {
    let read = cx.files(move |files, cx| {
        let found = find(files, &path)?;
        if found.format.is_none() {
            return Ok((found, None, None));
        }
        // What one library cannot read, the other may.
        let sound = Sound::open(files, &path, cx).ok().map(Counted::of);
        cx.check()?;
        Ok((found, sound, Some(tag::request(files, &path, false)?)))
    });
    let (found, sound, request) = read.await?;
    let read = match request {
        Some(request) => {
            let read = worker::run(cx, "audio_processor.tags", request.into(), LIMIT).await;
            absent(read)?
        }
        None => None,
    };
    let facts = facts(&found, sound, read.as_ref());
    let name = found.format.map(|format| format.name);
    Ok(found.described("sound", name, facts))
}

/// Takes tags that cannot be read as tags that are not there.
fn absent(read: Result<Value>) -> Result<Option<Value>> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(error) if matches!(error.kind(), Kind::Parse | Kind::Limit | Kind::Bug) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What a container says of its sound.
struct Counted {
    codec: &'static str,
    seconds: Option<f64>,
    rate: Option<u32>,
    channels: usize,
    bits: Option<u32>,
}

impl Counted {
    fn of(sound: Sound) -> Self {
        Self {
            codec: sound.coding.name,
            seconds: sound.seconds(),
            rate: sound.rate,
            channels: sound.coding.channels(),
            bits: sound.coding.bits(),
        }
    }
}

fn facts(found: &Found<Format>, counted: Option<Counted>, read: Option<&Value>) -> Map {
    let said = |name: &str| read.and_then(|read| read.get("said")?.get(name)).cloned();
    let whole = |name: &str| said(name).and_then(|value| value.as_int());
    let counted = counted.as_ref();
    // Where a file does not say how long it is, one library counts and the other estimates.
    let seconds = counted
        .and_then(|counted| counted.seconds)
        .or_else(|| said("seconds")?.as_float())
        .map(|seconds| (seconds * 1e6).round() / 1e6);
    let rate = counted.and_then(|counted| counted.rate).map(i64::from);
    let rate = rate.or_else(|| whole("sample_rate"));
    let channels = counted
        .map(|counted| counted.channels as i64)
        .filter(|channels| *channels > 0)
        .or_else(|| whole("channels"));
    let bits = match counted {
        // A lossy codec has none, whatever the container says.
        Some(counted) => counted.bits.map(i64::from),
        None => whole("bits"),
    };
    let codec = counted.map(|counted| counted.codec);
    let exact = match (codec, rate, channels, bits) {
        (Some(codec), Some(rate), Some(channels), Some(bits)) if codec.starts_with("pcm") => {
            Some(rate.saturating_mul(channels).saturating_mul(bits))
        }
        _ => None,
    };
    let bit_rate = exact
        .or_else(|| whole("bit_rate"))
        .or_else(|| seconds.map(|seconds| (found.size as f64 * 8.0 / seconds).round() as i64));
    let name = found.format.map_or("unknown", |format| format.name);
    let codec = codec.filter(|name| *name != "unknown");
    let mut facts = Map::from([
        ("format", Value::from(name)),
        ("codec", codec.into()),
        ("duration_seconds", seconds.into()),
        ("duration", seconds.into()),
        ("sample_rate", rate.into()),
        ("channels", channels.into()),
        ("bits_per_sample", bits.into()),
        ("bit_rate", bit_rate.into()),
    ]);
    let words = read.and_then(|read| read.get("tags")?.as_map()).cloned();
    let has_cover = found.format.map(|_| false);
    facts.extend(words.unwrap_or_else(|| tag::none(has_cover)));
    facts.insert("file_size", found.size.into());
    facts
}

async fn waveform(cx: &Cx, path: String, config: &Config, a: &AudioProcessor) -> Result<Outcome> {
    let points = within("points", a.points.unwrap_or(200), 1..=10_000)?;
    let config = *config;
    let measured = worker::asked(cx, DECODE, move |files, cx, asking| {
        let found = find(files, &path)?;
        decodable(usable(&found, &config)?)?;
        let mut sound = Sound::open(files, &path, cx)?;
        let mut waveform = Waveform::new(sound.frames, points);
        let heard = sound.each((cx, asking), 0.0, None, &mut |block| {
            waveform.push(&block);
            Ok(())
        })?;
        let mut data = Map::from([("file_path", Value::from(found.shown))]);
        data.extend(waveform.finish(points));
        Ok((data, heard.damaged))
    });
    let (data, damaged) = measured.await?;
    let peaks = data.get("peaks").cloned().unwrap_or_default();
    let count = peaks.as_list().map_or(0, <[_]>::len);
    let outcome = Outcome::new("waveform", data)
        .output(peaks)
        .message(format!("Measured {count} points"));
    Ok(warned(outcome, damaged))
}

/// Refuses what this build cannot decode.
fn decodable(format: &Format) -> Result<()> {
    if format.supported {
        return Ok(());
    }
    Err(error!(
        Unavailable,
        "this build cannot decode '{}', only wav, aiff, flac, mp3, ogg (vorbis), m4a and aac; `convert` can with ffmpeg, which `[tools.media] ffmpeg` names",
        format.name
    )
    .with("format", format.name))
}

fn warned(outcome: Outcome, damaged: u64) -> Outcome {
    match damaged {
        0 => outcome,
        1 => outcome.warning("1 packet is damaged and was left out"),
        _ => outcome.warning(format!("{damaged} packets are damaged and were left out")),
    }
}

async fn tag(cx: &Cx, path: String, config: &Config, a: &AudioProcessor) -> Result<Outcome> {
    let tags = a
        .tags
        .as_ref()
        .ok_or_else(|| missing("audio_processor", "tag", "tags"))?;
    let texts = texts(tags)?;
    let updated: Vec<Value> = texts.keys().map(|name| name.as_str().into()).collect();
    let config = *config;
    let source = path.clone();
    let read = cx.files(move |files, _| {
        let found = find(files, &source)?;
        usable(&found, &config)?;
        let file = files.read(Path::new(&source), Some(config.max_file_bytes))?;
        Ok((found.shown, file))
    });
    let (shown, file) = read.await?;
    let request = Map::from([("file", Value::Bytes(file)), ("tags", texts.into())]);
    let Value::Map(mut done) =
        worker::run(cx, "audio_processor.tag", request.into(), LIMIT).await?
    else {
        bail!(Bug, "the worker answered with something else");
    };
    let Some(Value::Bytes(bytes)) = done.shift_remove("file") else {
        bail!(Bug, "the worker answered without a file");
    };
    cx.files(move |files, _| files.write(Path::new(&path), target::mode(true), &bytes))
        .await?;
    let message = match updated.len() {
        1 => "Wrote 1 tag".to_owned(),
        count => format!("Wrote {count} tags"),
    };
    let data = Map::from([
        ("file_path", Value::from(shown)),
        ("updated", Value::List(updated)),
    ]);
    Ok(Outcome::new("tag", data).output(true).message(message))
}

/// Checks the tags and returns them as texts.
fn texts(tags: &Map) -> Result<Map> {
    if tags.is_empty() {
        return Err(refused("tags", "parameter 'tags' names no tag"));
    }
    let mut texts = Map::new();
    for (name, value) in tags {
        if tag::key(name).is_none() {
            let known: Vec<_> = tag::NAMED.iter().map(|(name, _)| *name).collect();
            let message = format!(
                "parameter 'tags' has the unknown tag '{name}', usual ones are: {}",
                known.join(", ")
            );
            return Err(refused("tags", message));
        }
        let text = match value {
            Value::Null => String::new(),
            Value::Str(text) => text.clone(),
            Value::Int(number) => number.to_string(),
            other => {
                let message = format!(
                    "parameter 'tags.{name}' must be string or integer, got {}",
                    other.type_name()
                );
                return Err(refused("tags", message).misshapen());
            }
        };
        if text.len() > MAX_TAG {
            return Err(
                error!(Limit, "the tag '{name}' is longer than {MAX_TAG} bytes")
                    .with("parameter", "tags"),
            );
        }
        texts.insert(name.clone(), text.into());
    }
    Ok(texts)
}

async fn cover(cx: &Cx, path: String, a: &AudioProcessor) -> Result<Outcome> {
    let target = a
        .target_path
        .clone()
        .ok_or_else(|| missing("audio_processor", "cover", "target_path"))?;
    let overwrite = a.overwrite.unwrap_or(true);
    let path_of_target = target.clone();
    let asked = cx.files(move |files, _| {
        target::check(files, &target, overwrite)?;
        let found = find(files, &path)?;
        found.known("sound")?;
        Ok((found.shown, tag::request(files, &path, true)?))
    });
    let (shown, request) = asked.await?;
    let read = worker::run(cx, "audio_processor.tags", request.into(), LIMIT).await?;
    let (Some(mime), Some(Value::Bytes(bytes))) =
        (read.get("mime_type").cloned(), read.get("cover").cloned())
    else {
        bail!(NotFound, "'{shown}' has no cover picture");
    };
    let written = cx.files(move |files, _| {
        files.write(Path::new(&path_of_target), target::mode(overwrite), &bytes)
    });
    let entry = written.await?;
    let path = entry.path.display().to_string();
    let data = Map::from([
        ("file_path", Value::from(shown)),
        ("target_path", path.as_str().into()),
        ("output_path", path.as_str().into()),
        ("mime_type", mime),
        ("size", entry.size.into()),
    ]);
    let message = format!("Wrote {} bytes to {path}", entry.size);
    Ok(Outcome::new("cover", data).output(path).message(message))
}

/// What `convert` and `trim` are asked for, checked.
struct Conversion {
    source: String,
    target: String,
    format: &'static str,
    rate: Option<u32>,
    channels: Option<usize>,
    bit_rate: Option<usize>,
    from: f64,
    to: Option<f64>,
    overwrite: bool,
}

impl Conversion {
    fn new(operation: &'static str, a: &AudioProcessor) -> Result<Self> {
        // Here the source goes before the file.
        let source = a
            .source_path
            .clone()
            .map_or_else(|| file(a, operation), Ok)?;
        let needs = |parameter| missing("audio_processor", operation, parameter);
        let target = a.target_path.clone().ok_or_else(|| needs("target_path"))?;
        let rate = a
            .sample_rate
            .map(|rate| within("sample_rate", rate, 1_000..=384_000));
        let channels = a.channels.map(|count| within("channels", count, 1..=8));
        let bit_rate = a
            .bit_rate
            .map(|rate| within("bit_rate", rate, 6_000..=1_000_000));
        let (from, to) = match operation {
            "trim" => {
                if a.start_seconds.is_none() && a.end_seconds.is_none() {
                    return Err(needs("start_seconds"));
                }
                super::span(a.start_seconds, a.end_seconds)?
            }
            _ => (0.0, None),
        };
        Ok(Self {
            source,
            format: target::format(&target, a.target_format.as_deref(), TARGETS, "sound")?,
            target,
            rate: rate.transpose()?.map(|rate| rate as u32),
            channels: channels.transpose()?,
            bit_rate: bit_rate.transpose()?,
            from,
            to,
            overwrite: a.overwrite.unwrap_or(true),
        })
    }
}

async fn convert(
    cx: &Cx,
    operation: &'static str,
    config: &Config,
    a: &AudioProcessor,
) -> Result<Outcome> {
    let asked = Conversion::new(operation, a)?;
    let (path, target, overwrite) = (asked.source.clone(), asked.target.clone(), asked.overwrite);
    let found = cx.files(move |files, _| {
        target::check(files, &target, overwrite)?;
        find(files, &path)
    });
    let found = found.await?;
    let format = usable(&found, config)?;
    let own = format.supported && matches!(asked.format, "wav" | "flac");
    let shown = found.shown;
    let name = asked.format;
    let (entry, seconds, damaged, confined) = match own {
        true => {
            let written = worker::asked(cx, DECODE, move |files, cx, asking| {
                write_own(files, (cx, asking), &asked)
            });
            let (written, damaged) = written.await?;
            (written.entry, Some(written.seconds), damaged, None)
        }
        false => {
            let done = with_ffmpeg(cx, format, &asked).await?;
            let path = asked.target.clone();
            let seconds = cx.files(move |files, cx| {
                Ok(Sound::open(files, &path, cx)
                    .ok()
                    .and_then(|sound| sound.seconds()))
            });
            (done.entry, seconds.await?, 0, Some(done.confined))
        }
    };
    let path = entry.path.display().to_string();
    let seconds = seconds.map(|seconds| (seconds * 1e6).round() / 1e6);
    let data = Map::from([
        ("source_path", Value::from(shown)),
        ("target_path", path.as_str().into()),
        ("output_path", path.as_str().into()),
        ("target_format", name.into()),
        ("duration_seconds", seconds.into()),
        ("file_size", entry.size.into()),
        ("success", true.into()),
    ]);
    let message = format!("Wrote {} bytes to {path}", entry.size);
    let outcome = Outcome::new(operation, data).output(path).message(message);
    let outcome = match confined {
        Some(confined) => outcome.metadata("confinement", confined.to_value()),
        None => outcome,
    };
    Ok(warned(outcome, damaged))
}

/// Decodes in the worker and writes WAV or FLAC here.
fn write_own(
    files: &dyn Files,
    (cx, asking): (&Cx, &Asking),
    asked: &Conversion,
) -> Result<(write::Written, u64)> {
    let mut sound = Sound::open(files, &asked.source, cx)?;
    if let Some(seconds) = sound.seconds()
        && asked.from >= seconds
    {
        return Err(beyond("start_seconds", asked.from, "sound", seconds));
    }
    let is_flac = asked.format == "flac";
    let bits = match sound.coding.bits() {
        Some(..=16) | None => 16,
        Some(17..=24) => 24,
        _ if is_flac => 24,
        // Floating point beyond full scale is cut, so nothing is gained by more.
        _ if sound.coding.name.starts_with("pcm_f") => 24,
        Some(_) => 32,
    };
    let wanted = Wanted {
        rate: asked.rate,
        channels: asked.channels,
        bits,
        is_flac,
    };
    let mut draft = Draft::create(files, &asked.target, target::mode(asked.overwrite), wanted)?;
    let heard = sound.each((cx, asking), asked.from, asked.to, &mut |block| {
        draft.push(block)
    })?;
    if heard.frames == 0 {
        return Err(match asked.from > 0.0 {
            true => beyond(
                "start_seconds",
                asked.from,
                "sound",
                sound.seconds().unwrap_or(0.0),
            ),
            false => error!(Execution, "there is no sound to write"),
        });
    }
    Ok((draft.finish()?, heard.damaged))
}

async fn with_ffmpeg(cx: &Cx, format: &Format, asked: &Conversion) -> Result<ffmpeg::Done> {
    let Some(program) = ffmpeg::program(cx)? else {
        return Err(match matches!(asked.format, "wav" | "flac") {
            true => ffmpeg::needed(&format!("reading '{}'", format.name)),
            false => ffmpeg::needed(&format!("writing '{}'", asked.format)),
        });
    };
    let (muxer, codec) = match asked.format {
        "mp3" => ("mp3", Some("libmp3lame")),
        "ogg" => ("ogg", Some("libvorbis")),
        "opus" => ("opus", Some("libopus")),
        "m4a" => ("ipod", Some("aac")),
        "flac" => ("flac", None),
        _ => ("wav", None),
    };
    let mut args = vec!["-vn".to_owned()];
    let mut push = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            args.extend([name.to_owned(), value]);
        }
    };
    push("-c:a", codec.map(str::to_owned));
    push("-ar", asked.rate.map(|rate| rate.to_string()));
    push("-ac", asked.channels.map(|count| count.to_string()));
    push("-b:a", asked.bit_rate.map(|rate| rate.to_string()));
    let input = ffmpeg::Input {
        path: asked.source.clone(),
        demuxer: format.demuxer,
        from: (asked.from > 0.0).then_some(asked.from),
        to: asked.to,
    };
    let output = ffmpeg::Output {
        path: asked.target.clone(),
        overwrite: asked.overwrite,
        muxer,
        args,
    };
    ffmpeg::run(cx, &program, input, output).await
}

#[cfg(test)]
mod tests;
