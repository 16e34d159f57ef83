//! `archive_handler`: creates, lists, tests and unpacks archives.

mod create;
mod extract;
mod format;
mod list;
mod member;
mod meter;
mod read;
mod visit;

use std::path::Path;
use std::time::Duration;

use llmspell_core::{Cx, Effect, Error, Files, Level, Op, Outcome, Result, ToolInfo, Value, error};
use schemars::JsonSchema;
use serde::Deserialize;

use self::format::{FORMATS, Format};
use self::member::Selection;
use self::meter::{Limits, Meter};
use self::visit::Archive;
use crate::choice::choose;
use crate::param::{Given, choices, missing, names, path, refused};

const TOOL: &str = "archive_handler";

const OPERATIONS: &[&[&str]] = &[
    &["create", "compress", "pack"],
    &["extract", "unpack", "decompress"],
    &["list", "info"],
    &["test", "verify"],
    &["read"],
];

pub(super) fn op() -> Op {
    Op::new(TOOL, archive_handler)
        .effect(Effect::Idempotent)
        .effect_of(effect_of)
        .tool(
            ToolInfo::new("filesystem")
                .settings::<Config>()
                .example(
                    "Packs files",
                    r#"{"operation": "create", "path": "backup.zip", "input": ["notes.txt"]}"#,
                )
                .example(
                    "Lists what is inside",
                    r#"{"operation": "list", "path": "backup.zip"}"#,
                )
                .level(Level::Restricted)
                .timeout(Duration::from_secs(120))
                .operations(&names(OPERATIONS))
                .needs(&["create"], &["path", "target_path"])
                .needs(&["create"], &["input"])
                .needs(&["extract", "list", "test", "read"], &["path"])
                .needs(&["extract"], &["target_path"])
                .needs(&["read"], &["members"]),
        )
}

/// Creates, lists, tests and unpacks archives: zip, tar, and gzip, bzip2, xz, zstd with or without tar.
///
/// What an archive would write outside of the target is skipped, and so are links; sizes, counts and the ratio of
/// compression are limited. Archives within archives stay as they are.
#[derive(Deserialize, JsonSchema)]
struct ArchiveHandler {
    /// What to do.
    #[schemars(transform = choices(OPERATIONS))]
    operation: String,
    /// The archive.
    #[schemars(extend("x-synonyms" = ["archive_path", "archive"]))]
    path: Option<String>,
    /// Files and directories that `create` takes: paths, or objects with `path` and `archive_path`, its name in the
    /// archive.
    #[schemars(extend("type" = ["string", "array", "object"], "x-synonyms" = ["files", "source_path", "paths"]))]
    input: Option<Value>,
    /// Directory that `extract` unpacks into; it is made if need be.
    #[schemars(extend("x-synonyms" = ["output_path", "output_dir", "destination"]))]
    target_path: Option<String>,
    /// The format; told from the content, then from the name, unless given.
    #[schemars(transform = choices(FORMATS))]
    format: Option<String>,
    /// Names or globs of the members that are listed, unpacked or read; all if absent.
    #[schemars(extend("type" = ["string", "array"], "items" = {"type": "string"}))]
    members: Option<Value>,
    /// Directory that the names in a new archive start at; by default the one that all inputs are in.
    base_dir: Option<String>,
    /// What happens to files that are there: they are replaced, or nothing is done, or with `skip` they stay.
    #[schemars(extend("type" = ["boolean", "string"], "default" = false))]
    overwrite: Option<Value>,
    /// How many leading parts of the names are dropped.
    #[schemars(range(min = 0, max = 32), extend("default" = 0))]
    strip_components: Option<i64>,
    /// How hard to compress: 0 to 9, for zst 1 to 19.
    #[schemars(range(min = 0, max = 19), extend("default" = 6))]
    compression_level: Option<i64>,
    /// The password of an encrypted zip.
    password: Option<String>,
}

/// `[tools.archive_handler]`.
#[derive(Deserialize, JsonSchema)]
#[serde(default)]
struct Config {
    /// Largest file in an archive, in bytes.
    max_file_bytes: u64,
    /// Most bytes in an archive.
    max_total_bytes: u64,
    /// Most entries of an archive.
    max_files: usize,
    /// How much larger than the archive its content may be.
    max_ratio: u64,
    /// Whether a link is unpacked as a copy of what it leads to, if that is in the archive as well.
    allow_links: bool,
    /// How hard to compress unless a call says otherwise.
    compression_level: i64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_file_bytes: 100 << 20,
            max_total_bytes: 1 << 30,
            max_files: 10_000,
            max_ratio: 200,
            allow_links: false,
            compression_level: 6,
        }
    }
}

fn effect_of(args: &Value) -> Effect {
    let operation = args.get("operation").and_then(Value::as_str);
    match choose("operation", operation.unwrap_or_default(), OPERATIONS) {
        Ok("create" | "extract") => Effect::Idempotent,
        _ => Effect::Read,
    }
}

async fn archive_handler(cx: Cx, call: Given<ArchiveHandler>) -> Result<Outcome> {
    let operation = choose("operation", &call.args.operation, OPERATIONS)?;
    let config: Config = cx.settings(TOOL)?;
    cx.files(move |files, cx| {
        let work = Work {
            files,
            cx,
            a: &call.args,
            config: &config,
            operation,
        };
        let (used, outcome) = match operation {
            "create" => (
                "path target_path input format base_dir overwrite compression_level",
                create::create(&work)?,
            ),
            "extract" => (
                "path target_path format members overwrite strip_components password",
                extract::extract(&work)?,
            ),
            "list" => ("path format members password", list::list(&work)?),
            "test" => ("path format members password", list::test(&work)?),
            _ => ("path format members password", read::read(&work)?),
        };
        Ok(call.warn(op, used, outcome))
    })
    .await
}

/// What happens to files that are there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Overwrite {
    Yes,
    No,
    Skip,
}

/// One call at work.
struct Work<'a> {
    files: &'a dyn Files,
    cx: &'a Cx,
    a: &'a ArchiveHandler,
    config: &'a Config,
    operation: &'static str,
}

impl<'a> Work<'a> {
    fn missing(&self, parameter: &'static str) -> Error {
        missing(TOOL, self.operation, parameter)
    }

    fn given(&self, parameter: &'static str, given: Option<&'a String>) -> Result<&'a Path> {
        path(TOOL, self.operation, parameter, given)
    }

    /// Returns a meter for content that was packed into `size` bytes.
    fn meter(&self, size: u64) -> Meter<'a> {
        let limits = Limits {
            file: self.config.max_file_bytes,
            total: self.config.max_total_bytes,
            members: self.config.max_files,
            ratio: self.config.max_ratio,
        };
        Meter::new(self.cx, limits, size)
    }

    fn format(&self) -> Result<Option<Format>> {
        let Some(given) = &self.a.format else {
            return Ok(None);
        };
        let name = choose("format", given, FORMATS)?;
        Ok(Format::named(name))
    }

    /// Opens the archive of the call.
    fn archive(&self) -> Result<Archive> {
        let path = self.given("path", self.a.path.as_ref())?;
        let mut file = self.files.open(path)?;
        let path = file.entry().path.clone();
        let format = match self.format()? {
            Some(format) => Some(format),
            None => Format::of_content(&mut *file, &path)?.or_else(|| Format::of_name(&path)),
        };
        let format = format.ok_or_else(|| {
            let known = names(FORMATS).join(", ");
            error!(
                Unavailable,
                "'{}' is no archive of a known format",
                path.display()
            )
            .hint(format!("known are: {known}"))
        })?;
        Ok(Archive {
            size: file.entry().size,
            path,
            file,
            format,
            password: self.a.password.clone(),
        })
    }

    fn selection(&self) -> Result<Selection> {
        match &self.a.members {
            None => Ok(Selection::all()),
            Some(members) => Selection::new(members),
        }
    }

    fn overwrite(&self) -> Result<Overwrite> {
        let Some(given) = &self.a.overwrite else {
            return Ok(Overwrite::No);
        };
        let text = given.as_str().map(str::to_lowercase);
        match (given, text.as_deref()) {
            (Value::Bool(true), _) | (_, Some("true")) => Ok(Overwrite::Yes),
            (Value::Bool(false), _) | (_, Some("false")) => Ok(Overwrite::No),
            (_, Some("skip")) => Ok(Overwrite::Skip),
            _ => Err(refused(
                "overwrite",
                format!("parameter 'overwrite' must be true, false or 'skip', got '{given}'"),
            )),
        }
    }
}

#[cfg(test)]
mod tests;
