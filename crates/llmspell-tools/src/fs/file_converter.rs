//! `file_converter`: changes encoding, line endings, indentation and data format of texts.

mod codec;
mod data;
mod layout;

use std::path::{Path, PathBuf};
use std::time::Duration;

use llmspell_core::host::{Access, FileEntry, WriteMode};
use llmspell_core::{
    Cx, Effect, Files, Kind, Level, Map, Op, Outcome, Result, ToolInfo, Value, bail, error,
};
use schemars::JsonSchema;
use serde::Deserialize;

use self::codec::{Codec, Guess, Mark, Unmappable};
use self::data::FORMATS;
use self::layout::{Ends, Indentation, with_ends, with_indentation};
use crate::aside::stoppable;
use crate::choice::{choose, choose_or_first};
use crate::job::Job;
use crate::param::{Given, choices, missing, names, octets, refused, within};
use crate::worker;

const TOOL: &str = "file_converter";

const OPERATIONS: &[&[&str]] = &[
    &["detect", "detect_encoding", "info"],
    &["encoding", "convert_encoding"],
    &["line_endings", "convert_line_endings"],
    &["indentation", "convert_indentation"],
    &["format", "convert_format"],
];

const MARKS: &[&[&str]] = &[&["keep"], &["add"], &["remove"]];
const UNMAPPABLE: &[&[&str]] = &[&["error"], &["replace"], &["escape"]];
const ENDS: &[&[&str]] = &[
    &["lf", "unix"],
    &["crlf", "windows", "dos"],
    &["cr", "mac"],
    &["native"],
];

const LIMIT: Duration = Duration::from_secs(30);

/// Most backups of one file.
const MAX_BACKUPS: usize = 1_000;

pub(super) const JOBS: &[Job] = &[Job {
    name: "file_converter.format",
    run: data::convert_job,
}];

pub(super) fn op() -> Op {
    Op::new(TOOL, file_converter)
        .tool(
            ToolInfo::new("filesystem").settings::<Config>()
                .example(
                    "Converts JSON to YAML",
                    r#"{"operation": "format", "input": "{\"a\": [1, 2]}", "from_format": "json", "to_format": "yaml"}"#,
                )
                .level(Level::Restricted)
                .timeout(LIMIT)
                .operations(&names(OPERATIONS))
                .needs(&names(OPERATIONS), &["path", "input"])
                .needs(&["encoding"], &["to_encoding"])
                .needs(&["format"], &["from_format", "path"])
                .needs(&["format"], &["to_format", "target_path"]),
        )
        .effect(Effect::Idempotent)
        .effect_of(effect)
}

fn effect(args: &Value) -> Effect {
    let operation = args.get("operation").and_then(Value::as_str);
    let given = |name: &str| args.get(name).is_some_and(|value| !value.is_null());
    match choose_or_first("operation", operation, OPERATIONS) {
        Ok("detect") if given("path") => Effect::Read,
        Ok("detect") => Effect::Pure,
        Ok(_) if !given("path") && !given("target_path") => Effect::Pure,
        _ => Effect::Idempotent,
    }
}

/// Changes the encoding, line endings, indentation or data format of a text file, or tells what it has.
///
/// Without `target_path` the file itself is changed, after a copy of it was made as `NAME.bak`.
#[derive(Deserialize, JsonSchema)]
struct FileConverter {
    /// What to do.
    #[schemars(transform = choices(OPERATIONS), extend("default" = "detect"))]
    operation: Option<String>,
    /// The file.
    #[schemars(extend("x-synonyms" = ["source_path", "input_path", "file_path"]))]
    path: Option<String>,
    /// A text, or bytes, in place of a file.
    #[schemars(extend("type" = "string", "x-synonyms" = ["data"]))]
    input: Option<Value>,
    /// Where to write; by default over the file itself.
    #[schemars(extend("x-synonyms" = ["output_path"]))]
    target_path: Option<String>,
    /// The encoding of the text; detected.
    from_encoding: Option<String>,
    /// The encoding to write: `utf-8 utf-8-bom utf-16le utf-16be utf-16 utf-32le utf-32be ascii windows-1252 iso-8859-15
    /// shift_jis euc-jp gbk gb18030 big5 koi8-r` and others.
    to_encoding: Option<String>,
    /// What to do with the mark before the text; `utf-16` always writes one.
    #[schemars(extend("enum" = names(MARKS), "default" = "keep"))]
    bom: Option<String>,
    /// What to do with a letter that the encoding lacks.
    #[schemars(extend("enum" = names(UNMAPPABLE), "default" = "error"))]
    on_unmappable: Option<String>,
    /// How lines are to end.
    #[schemars(transform = choices(ENDS), extend("default" = "lf"))]
    line_ending: Option<String>,
    /// Whether indentation becomes spaces; else tabs.
    #[schemars(extend("default" = true, "x-synonyms" = ["to_spaces"]))]
    convert_to_spaces: Option<bool>,
    /// The opposite of `convert_to_spaces`.
    to_tabs: Option<bool>,
    /// Columns from tab to tab.
    #[schemars(range(min = 1, max = 16), extend("default" = 4, "x-synonyms" = ["tab_width", "spaces"]))]
    tab_size: Option<i64>,
    /// The format of the text; by its extension.
    #[schemars(transform = choices(FORMATS))]
    from_format: Option<String>,
    /// The format to write; by the extension of `target_path`.
    #[schemars(transform = choices(FORMATS))]
    to_format: Option<String>,
    /// Whether what is overwritten is copied to `NAME.bak` first. Default: where the file itself is changed.
    backup: Option<bool>,
    /// Whether the file keeps the time of its last change.
    preserve_timestamps: Option<bool>,
}

/// `[tools.file_converter]`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default)]
struct Config {
    /// Largest text, in bytes.
    max_file_bytes: u64,
    /// Whether what is replaced is kept, unless a call says otherwise; default: where a file is converted in place.
    backup: Option<bool>,
    /// Whether the times of a file are kept unless a call says otherwise.
    preserve_timestamps: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_file_bytes: 50 << 20,
            backup: None,
            preserve_timestamps: false,
        }
    }
}

/// What a conversion made.
struct Converted {
    bytes: Vec<u8>,
    /// What callers get that gave text: text, or bytes in an encoding that is not that of texts.
    content: Value,
    facts: Map,
    message: String,
    warnings: Vec<String>,
}

async fn file_converter(cx: Cx, mut call: Given<FileConverter>) -> Result<Outcome> {
    let operation = choose_or_first("operation", call.args.operation.as_deref(), OPERATIONS)?;
    let config: Config = cx.settings(TOOL)?;
    let a = &mut call.args;
    let (bytes, source) = match (a.path.clone(), a.input.take()) {
        (Some(_), Some(_)) => {
            return Err(refused(
                "path",
                "parameters 'path' and 'input' exclude each other",
            ));
        }
        (None, None) => return Err(missing(TOOL, operation, "path")),
        (None, Some(input)) => (octets("input", input)?, None),
        (Some(path), None) => {
            let most = config.max_file_bytes;
            let path = PathBuf::from(path);
            let (bytes, entry) = cx
                .files(move |files, _| {
                    let bytes = files.read(&path, Some(most))?;
                    Ok((bytes, files.entry(&files.resolve(&path, Access::Read)?)?))
                })
                .await?;
            (bytes, entry)
        }
    };
    if bytes.len() as u64 > config.max_file_bytes {
        let most = config.max_file_bytes;
        return Err(error!(
            Limit,
            "the text has {} bytes, more than the limit of {most}",
            bytes.len()
        )
        .with("limit", most)
        .hint("raise `tools.file_converter.max_file_bytes`"));
    }
    let used = used(operation);
    if operation == "detect" {
        let size = bytes.len();
        let outcome = stoppable(&cx, size, move |_| Ok(detect(&bytes))).await?;
        return Ok(call.warn(op, used, outcome));
    }
    let converted = match operation {
        "format" => reformat(&cx, &call.args, &bytes).await?,
        _ => {
            let size = bytes.len();
            let (kept, a) = (bytes.clone(), Plan::read(&call.args, operation)?);
            stoppable(&cx, size, move |_| a.convert(&kept)).await?
        }
    };
    let outcome = store(
        &cx, &call.args, &config, operation, converted, bytes, source,
    )
    .await?;
    Ok(call.warn(op, used, outcome))
}

fn used(operation: &str) -> &'static str {
    match operation {
        "detect" => "path input",
        "encoding" => {
            "path input target_path backup preserve_timestamps from_encoding to_encoding bom on_unmappable"
        }
        "line_endings" => {
            "path input target_path backup preserve_timestamps from_encoding line_ending"
        }
        "indentation" => {
            "path input target_path backup preserve_timestamps from_encoding convert_to_spaces to_tabs tab_size"
        }
        _ => {
            "path input target_path backup preserve_timestamps from_encoding from_format to_format"
        }
    }
}

fn detect(bytes: &[u8]) -> Outcome {
    let guess = Guess::of(bytes);
    let text = guess
        .codec
        .and_then(|codec| codec.decode(bytes).ok())
        .map(|(text, _)| text);
    let is_binary = text.is_none();
    let text = text.unwrap_or_default();
    let name = match guess.codec {
        Some(codec) if !is_binary => codec.name(),
        _ => "binary".to_owned(),
    };
    let ends = Ends::of(&text);
    let indentation = Indentation::of(&text);
    let counts = Map::from([
        ("lf", Value::from(ends.lf)),
        ("crlf", ends.crlf.into()),
        ("cr", ends.cr.into()),
    ]);
    let indented = Map::from([
        ("style", Value::from(indentation.style)),
        ("size", indentation.size.into()),
    ]);
    let data = Map::from([
        ("encoding", Value::from(name.as_str())),
        ("confidence", guess.confidence.into()),
        ("bom", guess.has_mark.into()),
        ("line_ending", ends.name().into()),
        ("counts", counts.into()),
        ("indentation", indented.into()),
        ("is_binary", is_binary.into()),
    ]);
    Outcome::new("detect", data)
        .output(name.as_str())
        .message(format!("The text is {name}"))
}

/// Reads bytes as text in the encoding that is named, or else in the one that they look like.
fn decoded(bytes: &[u8], from: Option<&str>) -> Result<(String, Codec, bool)> {
    let codec = match from {
        Some(label) => Codec::named("from_encoding", label)?.0,
        None => match Guess::of(bytes).codec {
            Some(codec) => codec,
            None => bail!(
                InvalidArgs,
                "the file is no text; name its encoding in 'from_encoding' if it is"
            ),
        },
    };
    let (text, has_mark) = codec.decode(bytes)?;
    Ok((text, codec, has_mark))
}

/// What to change of a text.
struct Plan {
    from: Option<String>,
    change: Change,
}

enum Change {
    Encoding(Codec, Mark, Unmappable),
    Ends(&'static str),
    Indentation { spaces: bool, size: usize },
}

impl Plan {
    fn read(a: &FileConverter, operation: &'static str) -> Result<Self> {
        let change = match operation {
            "encoding" => {
                let label = a
                    .to_encoding
                    .as_deref()
                    .ok_or_else(|| missing(TOOL, operation, "to_encoding"))?;
                let (codec, asks) = Codec::named("to_encoding", label)?;
                let mark = match choose_or_first("bom", a.bom.as_deref(), MARKS)? {
                    "add" => Mark::Add,
                    "remove" if label.eq_ignore_ascii_case("utf-16") => Mark::Add,
                    "remove" => Mark::Remove,
                    _ => asks.unwrap_or(Mark::Keep),
                };
                let otherwise =
                    match choose_or_first("on_unmappable", a.on_unmappable.as_deref(), UNMAPPABLE)?
                    {
                        "replace" => Unmappable::Replace,
                        "escape" => Unmappable::Escape,
                        _ => Unmappable::Error,
                    };
                Change::Encoding(codec, mark, otherwise)
            }
            "line_endings" => Change::Ends(
                match choose_or_first("line_ending", a.line_ending.as_deref(), ENDS)? {
                    "crlf" => "\r\n",
                    "cr" => "\r",
                    "native" if cfg!(windows) => "\r\n",
                    _ => "\n",
                },
            ),
            _ => {
                let spaces = match (a.convert_to_spaces, a.to_tabs) {
                    (Some(spaces), Some(tabs)) if spaces == tabs => {
                        return Err(refused(
                            "to_tabs",
                            "parameters 'convert_to_spaces' and 'to_tabs' contradict each other",
                        ));
                    }
                    (Some(spaces), _) => spaces,
                    (None, tabs) => !tabs.unwrap_or(false),
                };
                Change::Indentation {
                    spaces,
                    size: within("tab_size", a.tab_size.unwrap_or(4), 1..=16)?,
                }
            }
        };
        Ok(Self {
            from: a.from_encoding.clone(),
            change,
        })
    }

    fn convert(&self, bytes: &[u8]) -> Result<Converted> {
        let (text, codec, has_mark) = decoded(bytes, self.from.as_deref())?;
        let changed = |text: String, lines: usize| {
            // A letter that was read in an encoding can be written in it.
            let (bytes, _) = codec.encode(&text, has_mark, Unmappable::Error)?;
            Ok(Converted {
                bytes,
                content: text.into(),
                facts: Map::from([("lines_changed", Value::from(lines))]),
                message: format!("Changed {lines} lines"),
                warnings: Vec::new(),
            })
        };
        match self.change {
            Change::Encoding(to, mark, otherwise) => {
                let mark = match mark {
                    Mark::Keep => has_mark,
                    Mark::Add => true,
                    Mark::Remove => false,
                };
                let (bytes, replaced) = to.encode(&text, mark, otherwise)?;
                let facts = Map::from([
                    ("from_encoding", Value::from(codec.name())),
                    ("to_encoding", to.name().into()),
                    ("replaced", replaced.into()),
                ]);
                let content = match std::str::from_utf8(&bytes) {
                    Ok(text) if matches!(&*to.name(), "utf-8" | "ascii") => text.into(),
                    _ => Value::Bytes(bytes.clone()),
                };
                Ok(Converted {
                    bytes,
                    content,
                    facts,
                    message: format!("Converted {} to {}", codec.name(), to.name()),
                    warnings: Vec::new(),
                })
            }
            Change::Ends(end) => {
                let (text, lines) = with_ends(&text, end);
                changed(text, lines)
            }
            Change::Indentation { spaces, size } => {
                let (text, lines) = with_indentation(&text, spaces, size);
                changed(text, lines)
            }
        }
    }
}

/// Returns the format that a parameter or the extension of a path names.
fn format_of(
    parameter: &'static str,
    named: Option<&str>,
    path: Option<&str>,
) -> Result<&'static str> {
    if let Some(named) = named {
        return choose(parameter, named, FORMATS);
    }
    let extension = path.and_then(|path| Path::new(path).extension()?.to_str());
    let found = extension.and_then(|extension| choose(parameter, extension, FORMATS).ok());
    found.ok_or_else(|| missing(TOOL, "format", parameter))
}

async fn reformat(cx: &Cx, a: &FileConverter, bytes: &[u8]) -> Result<Converted> {
    let from = format_of("from_format", a.from_format.as_deref(), a.path.as_deref())?;
    let to = format_of(
        "to_format",
        a.to_format.as_deref(),
        a.target_path.as_deref(),
    )?;
    let (text, _, _) = decoded(bytes, a.from_encoding.as_deref())?;
    let (text, warnings) = match from == to {
        true => (text, Vec::new()),
        false => {
            let request = Map::from([
                ("text", Value::from(text)),
                ("from", from.into()),
                ("to", to.into()),
            ]);
            let made = worker::run(cx, "file_converter.format", request.into(), LIMIT).await?;
            let Written { text, warnings } = made.into_typed()?;
            (text, warnings)
        }
    };
    Ok(Converted {
        bytes: text.clone().into_bytes(),
        content: text.into(),
        facts: Map::from([("from_format", Value::from(from)), ("to_format", to.into())]),
        message: format!("Converted {from} to {to}"),
        warnings,
    })
}

/// What the worker made of data.
#[derive(Deserialize)]
struct Written {
    text: String,
    warnings: Vec<String>,
}

/// Writes what was made to its place, or returns it.
async fn store(
    cx: &Cx,
    a: &FileConverter,
    config: &Config,
    operation: &'static str,
    made: Converted,
    old: Vec<u8>,
    source: Option<FileEntry>,
) -> Result<Outcome> {
    let input_path = source
        .as_ref()
        .map(|entry| entry.path.display().to_string());
    let is_changed = made.bytes != old;
    let size = made.bytes.len();
    let mut data = Map::from([("input_path", Value::from(input_path.clone()))]);
    // A converted format in place would be a file whose name lies.
    let in_place = match (operation, &a.target_path, &a.path) {
        (_, Some(target), _) => Some(target.clone()),
        ("format", None, _) => None,
        (_, None, path) => path.clone(),
    };
    let mut backup_path = Value::Null;
    let output = match in_place {
        None => made.content.clone(),
        Some(target) => {
            let own = a.target_path.is_none();
            let wants = a.backup.or(config.backup).unwrap_or(own);
            let keeps = a.preserve_timestamps.unwrap_or(config.preserve_timestamps);
            let modified = source
                .as_ref()
                .map(|entry| entry.modified)
                .filter(|_| keeps);
            let write = is_changed || !own;
            let bytes = made.bytes;
            let (target, backup) = cx
                .files(move |files, cx| {
                    put(
                        files,
                        cx,
                        Path::new(&target),
                        write.then_some(&*bytes),
                        wants,
                        modified,
                    )
                })
                .await?;
            backup_path = backup.into();
            Value::from(target)
        }
    };
    let is_file = a.path.is_some() && operation != "format" || a.target_path.is_some();
    data.insert(
        "output_path".to_owned(),
        if is_file { output.clone() } else { Value::Null },
    );
    data.insert("operation", operation.into());
    data.insert(
        "bytes_written".to_owned(),
        if is_file && (is_changed || a.target_path.is_some()) {
            size.into()
        } else {
            Value::Int(0)
        },
    );
    data.insert("changed", is_changed.into());
    data.insert("backup_path", backup_path);
    data.extend(made.facts);
    if !is_file {
        data.insert("content", made.content);
    }
    let outcome = Outcome::new(operation, data)
        .output(output)
        .message(made.message);
    Ok(made.warnings.into_iter().fold(outcome, Outcome::warning))
}

/// Writes a file, with a copy of what was there if that is wanted, and returns both paths.
fn put(
    files: &dyn Files,
    cx: &Cx,
    target: &Path,
    bytes: Option<&[u8]>,
    backup: bool,
    modified: Option<i64>,
) -> Result<(String, Option<String>)> {
    let shown = |path: &Path| path.display().to_string();
    let place = files.resolve(target, Access::Write)?;
    let Some(bytes) = bytes else {
        return Ok((shown(&place), None));
    };
    let mut copied = None;
    if backup && files.entry(&place)?.is_some() {
        copied = Some(back_up(files, cx, &place)?);
    }
    let entry = files.write(&place, WriteMode::Replace, bytes)?;
    if let Some(modified) = modified {
        files.set_modified(&entry.path, modified)?;
    }
    Ok((shown(&entry.path), copied))
}

fn back_up(files: &dyn Files, cx: &Cx, place: &Path) -> Result<String> {
    for count in 0..MAX_BACKUPS {
        let mut name = place.as_os_str().to_owned();
        name.push(".bak");
        if count > 0 {
            name.push(format!(".{count}"));
        }
        let path = PathBuf::from(name);
        match files.copy(cx, place, &path, WriteMode::New) {
            Ok(_) => return Ok(path.display().to_string()),
            Err(taken) if taken.kind() == Kind::Exists => {}
            Err(error) => return Err(error),
        }
    }
    bail!(
        Limit,
        "'{}' has {MAX_BACKUPS} backups already",
        place.display()
    )
}

#[cfg(test)]
mod tests;
