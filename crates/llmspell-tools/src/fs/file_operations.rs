//! `file_operations`: reads, writes and arranges files and directories.

mod arrange;
mod edit;
mod list;
mod look;
mod read;
mod write;

use std::path::{Path, PathBuf};

use llmspell_core::host::{Access, FileEntry};
use llmspell_core::{
    Cx, Effect, Error, Files, Kind, Level, Op, Outcome, Result, ToolInfo, Value, error,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::choice::{choose, choose_or_first};
use crate::param::{Given, choices, missing, names, path, within};

const TOOL: &str = "file_operations";

const OPERATIONS: &[&[&str]] = &[
    &["read", "cat"],
    &["write", "create"],
    &["append"],
    &["edit", "replace"],
    &["delete", "remove", "rm"],
    &["create_dir", "mkdir", "create_directory"],
    &["list_dir", "list", "ls", "dir"],
    &["copy", "cp"],
    &["move", "mv", "rename"],
    &["metadata", "stat", "info"],
    &["exists"],
    &["glob", "find"],
];

const ENCODINGS: &[&[&str]] = &[&["utf-8", "utf8"], &["base64"]];
const MODES: &[&[&str]] = &[&["overwrite"], &["create_new"], &["append"]];

/// Most entries that one call may ask for.
const MOST_ENTRIES: i64 = 100_000;

pub(super) fn op() -> Op {
    Op::new(TOOL, file_operations)
        .effect(Effect::Idempotent)
        .effect_of(effect_of)
        .tool(
            ToolInfo::new("filesystem")
                .settings::<Config>()
                .example(
                    "Writes a file",
                    r#"{"operation": "write", "path": "out/todo.txt", "input": "buy milk\n"}"#,
                )
                .example(
                    "Reads lines of it",
                    r#"{"operation": "read", "path": "notes.txt", "start_line": 1, "end_line": 2}"#,
                )
                .level(Level::Restricted)
                .operations(&names(OPERATIONS))
                .needs(
                    &["read", "write", "append", "edit", "delete"],
                    &["path", "source_path"],
                )
                .needs(
                    &["create_dir", "list_dir", "metadata", "exists", "glob"],
                    &["path", "source_path"],
                )
                .needs(&["copy", "move"], &["source_path", "path"])
                .needs(&["copy", "move"], &["target_path"])
                .needs(&["write", "append"], &["input"])
                .needs(&["edit"], &["edits"])
                .needs(&["glob"], &["pattern"]),
        )
}

/// Reads, writes and arranges files and directories inside the permitted ones.
///
/// Relative paths start at the working directory. A path with a `..` part is refused. Files are replaced at once, so that
/// nobody sees half of one.
#[derive(Deserialize, JsonSchema)]
struct FileOperations {
    /// What to do.
    #[schemars(transform = choices(OPERATIONS))]
    operation: String,
    /// The file or directory.
    #[schemars(extend("x-synonyms" = ["file_path", "filename", "directory"]))]
    path: Option<String>,
    /// What to write; a table is written as JSON.
    #[schemars(extend("type" = ["string", "object", "array"], "x-synonyms" = ["content", "data", "text"]))]
    input: Option<Value>,
    /// What to copy or move.
    #[schemars(extend("x-synonyms" = ["source", "from"]))]
    source_path: Option<String>,
    /// Where it is copied or moved to.
    #[schemars(extend("x-synonyms" = ["target", "destination", "to"]))]
    target_path: Option<String>,
    /// What the text stands for: itself, or the bytes of a binary file.
    #[schemars(transform = choices(ENCODINGS), extend("default" = "utf-8"))]
    encoding: Option<String>,
    /// First line that is read (count from 1).
    #[schemars(range(min = 1))]
    start_line: Option<i64>,
    /// Last line that is read.
    #[schemars(range(min = 1))]
    end_line: Option<i64>,
    /// Most bytes that are read.
    #[schemars(range(min = 1))]
    max_bytes: Option<i64>,
    /// Changes of `edit`: all are made, or none.
    edits: Option<Vec<Edit>>,
    /// How `write` treats a file that is there.
    #[schemars(transform = choices(MODES), extend("default" = "overwrite"))]
    mode: Option<String>,
    /// Whether `create_dir` makes the directories above as well, `list_dir` looks into directories, and `delete` and
    /// `copy` take a directory with everything in it.
    #[schemars(extend("default" = false))]
    recursive: Option<bool>,
    /// Which entries are listed: `*.rs`, `src/**/*.rs`. For `list_dir`, a glob without `/` is about the name alone.
    pattern: Option<String>,
    /// Most entries that are listed.
    #[schemars(range(min = 1, max = 100_000), extend("default" = 10_000))]
    max_entries: Option<i64>,
    /// Whether `copy` and `move` replace what is there.
    #[schemars(extend("default" = true))]
    overwrite: Option<bool>,
    /// Whether `delete`, `move`, `copy` and `edit` only say what they would do.
    #[schemars(extend("default" = false))]
    dry_run: Option<bool>,
}

/// A change of a text.
#[derive(Deserialize, JsonSchema)]
struct Edit {
    /// The text that is replaced.
    old: String,
    /// The text that takes its place.
    new: String,
    /// How often `old` may stand there at most; 0 for any number.
    #[serde(default = "once")]
    count: u32,
}

fn once() -> u32 {
    1
}

/// `[tools.file_operations]`.
#[derive(Deserialize, JsonSchema)]
#[serde(default)]
struct Config {
    /// Largest file that is read or written, in bytes.
    max_file_bytes: u64,
    /// Entries that are listed unless a call says otherwise.
    max_dir_entries: i64,
    /// Whether what was written survives a power failure.
    fsync: bool,
    /// The operations that are permitted; all if absent.
    operations: Option<Vec<String>>,
    /// Whether `write` keeps what it replaces, as `NAME.bak`.
    backup_on_write: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_file_bytes: 100 << 20,
            max_dir_entries: 10_000,
            fsync: false,
            operations: None,
            backup_on_write: false,
        }
    }
}

impl Config {
    /// Returns an error unless the configuration permits the operation.
    fn check(&self, operation: &str) -> Result<()> {
        let Some(permitted) = &self.operations else {
            return Ok(());
        };
        let is_it = |name: &String| {
            name == "all" || choose("operation", name, OPERATIONS).is_ok_and(|it| it == operation)
        };
        if permitted.iter().any(is_it) {
            return Ok(());
        }
        Err(
            error!(Denied, "operation '{operation}' of {TOOL} is not permitted").hint(format!(
                "add '{operation}' to `operations` in [tools.{TOOL}]"
            )),
        )
    }
}

/// An append that is made twice is there twice; all else ends in the same state.
fn effect_of(args: &Value) -> Effect {
    let text = |name| args.get(name).and_then(Value::as_str).unwrap_or_default();
    let Ok(operation) = choose("operation", text("operation"), OPERATIONS) else {
        return Effect::Read;
    };
    let is_dry = args.get("dry_run").and_then(Value::as_bool) == Some(true);
    let appends = operation == "write"
        && choose("mode", text("mode"), MODES).is_ok_and(|mode| mode == "append");
    match operation {
        "read" | "list_dir" | "metadata" | "exists" | "glob" => Effect::Read,
        "delete" | "move" | "copy" | "edit" if is_dry => Effect::Read,
        "append" => Effect::Once,
        _ if appends => Effect::Once,
        _ => Effect::Idempotent,
    }
}

async fn file_operations(cx: Cx, call: Given<FileOperations>) -> Result<Outcome> {
    let operation = choose("operation", &call.args.operation, OPERATIONS)?;
    let config: Config = cx.settings(TOOL)?;
    config.check(operation)?;
    cx.files(move |files, cx| {
        let work = Work {
            files,
            cx,
            config: &config,
            operation,
            a: &call.args,
        };
        let (used, outcome) = match operation {
            "read" => (
                "path source_path encoding start_line end_line max_bytes",
                read::read(&work)?,
            ),
            "write" => ("path source_path input encoding mode", write::write(&work)?),
            "append" => ("path source_path input encoding", write::append(&work)?),
            "edit" => ("path source_path edits dry_run", edit::edit(&work)?),
            "delete" => (
                "path source_path recursive dry_run",
                arrange::delete(&work)?,
            ),
            "create_dir" => ("path source_path recursive", arrange::create_dir(&work)?),
            "list_dir" => (
                "path source_path recursive pattern max_entries",
                list::list_dir(&work)?,
            ),
            "copy" => (
                "source_path target_path path recursive overwrite dry_run",
                arrange::copy(&work)?,
            ),
            "move" => (
                "source_path target_path path overwrite dry_run",
                arrange::rename(&work)?,
            ),
            "metadata" => ("path source_path", look::metadata(&work)?),
            "exists" => ("path source_path", look::exists(&work)?),
            _ => ("path source_path pattern max_entries", list::glob(&work)?),
        };
        Ok(call.warn(op, used, outcome))
    })
    .await
}

/// One call at work.
struct Work<'a> {
    files: &'a dyn Files,
    cx: &'a Cx,
    config: &'a Config,
    operation: &'static str,
    a: &'a FileOperations,
}

impl<'a> Work<'a> {
    fn missing(&self, parameter: &'static str) -> Error {
        missing(TOOL, self.operation, parameter)
    }

    /// Returns the path of an operation that has one.
    fn path(&self) -> Result<&'a Path> {
        let given = self.a.path.as_ref().or(self.a.source_path.as_ref());
        self.given("path", given)
    }

    /// Returns both paths of an operation that has two.
    fn paths(&self) -> Result<(&'a Path, &'a Path)> {
        let source = self.a.source_path.as_ref().or(self.a.path.as_ref());
        Ok((
            self.given("source_path", source)?,
            self.given("target_path", self.a.target_path.as_ref())?,
        ))
    }

    fn given(&self, parameter: &'static str, given: Option<&'a String>) -> Result<&'a Path> {
        path(TOOL, self.operation, parameter, given)
    }

    /// Returns what is at a path, links followed, and its resolved path; nothing if the path leads nowhere.
    fn found(&self, path: &Path, access: Access) -> Result<Option<FileEntry>> {
        match self.files.resolve(path, access) {
            Ok(resolved) => self.files.entry(&resolved),
            Err(error) if error.kind() == Kind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Returns what is at a path, without following a link at its end.
    fn entry(&self, path: &Path) -> Result<FileEntry> {
        let found = self.files.entry(path)?;
        found.ok_or_else(|| error!(NotFound, "'{}' does not exist", path.display()))
    }

    fn resolved(&self, path: &Path, access: Access) -> PathBuf {
        let resolved = self.files.resolve(path, access);
        resolved.unwrap_or_else(|_| self.files.working_dir().join(path))
    }

    fn is_recursive(&self) -> bool {
        self.a.recursive.unwrap_or(false)
    }

    fn is_dry(&self) -> bool {
        self.a.dry_run.unwrap_or(false)
    }

    fn is_base64(&self) -> Result<bool> {
        let encoding = choose_or_first("encoding", self.a.encoding.as_deref(), ENCODINGS)?;
        Ok(encoding == "base64")
    }

    fn max_entries(&self) -> Result<usize> {
        let most = self.a.max_entries.unwrap_or(self.config.max_dir_entries);
        within("max_entries", most, 1..=MOST_ENTRIES)
    }

    /// Names the setting in an error about the largest file of this tool.
    fn limited(&self, error: Error) -> Error {
        if error.kind() != Kind::Limit || !error.hints().is_empty() {
            return error;
        }
        error.hint(format!("raise `max_file_bytes` in [tools.{TOOL}]"))
    }
}

/// Returns a payload made of a serializable struct.
fn data(payload: &impl serde::Serialize) -> Result<Value> {
    Value::from_serialize(payload)
}

#[cfg(test)]
mod tests;
