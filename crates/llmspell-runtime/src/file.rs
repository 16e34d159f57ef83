//! What a language's own library does with files, as ops, so that it is recorded and replays.

use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use llmspell_core::host::{Access, WriteMode, failure};
use llmspell_core::{Cx, Effect, Module, Op, Result, Value, bail};
use schemars::JsonSchema;
use serde::Deserialize;

/// Most bytes that one read returns.
const MAX_READ: u64 = 1 << 20;

/// Returns the ops behind the file functions of a language's own library.
///
/// Binders get them from the wiring, since a binder names no op.
pub fn module() -> Module {
    Module::hidden("file", "Files of a language's own library.")
        .op(Op::new("open", open).effect_of(open_effect))
        .op(Op::new("read", read).effect(Effect::Read))
        .op(Op::new("write", write).effect_of(write_effect))
        .op(Op::new("size", size).effect(Effect::Read))
        .op(Op::new("remove", remove).effect(Effect::Idempotent))
        .op(Op::new("rename", rename).effect(Effect::Idempotent))
        .op(Op::new("temp", temp).effect(Effect::Idempotent))
        .op(content_op())
}

fn content_op() -> Op {
    Op::new("content", content).effect(Effect::Read)
}

/// Reads a whole file as a call of its own, so that a run that is repeated sees what it saw.
pub(crate) async fn read_whole(cx: &Cx, path: &str, max_bytes: u64) -> Result<Vec<u8>> {
    static CONTENT: LazyLock<Arc<Op>> = LazyLock::new(|| {
        let module = Module::hidden("file", "").op(content_op());
        crate::clock::op(&module, "content")
    });
    let args = [("path", Value::from(path)), ("max_bytes", max_bytes.into())];
    let args = Value::Map(args.into_iter().collect());
    match cx.call(&CONTENT, args).await? {
        Value::Bytes(bytes) => Ok(bytes),
        Value::Str(text) => Ok(text.into_bytes()),
        other => bail!(Bug, "the content of a file is {}", other.type_name()),
    }
}

/// Returns the whole content of a file.
#[derive(Deserialize, JsonSchema)]
struct Content {
    /// The file.
    path: PathBuf,
    /// Most bytes.
    max_bytes: u64,
}

async fn content(cx: Cx, args: Content) -> Result<Value> {
    cx.files(move |files, _| Ok(Value::Bytes(files.read(&args.path, Some(args.max_bytes))?)))
        .await
}

/// Checks that a file can be opened, makes it if the mode asks for that, and returns its size.
#[derive(Deserialize, JsonSchema)]
struct Open {
    /// The file.
    path: PathBuf,
    /// `r w a r+ w+ a+`, as in C.
    mode: String,
}

fn open_effect(args: &Value) -> Effect {
    match args.get("mode").and_then(Value::as_str) {
        Some("r" | "r+") => Effect::Read,
        _ => Effect::Idempotent,
    }
}

async fn open(cx: Cx, args: Open) -> Result<u64> {
    cx.files(move |files, _| {
        let path = args.path.as_path();
        if args.mode == "r" {
            return Ok(files.open(path)?.entry().size);
        }
        if args.mode == "r+" {
            return Ok(files.create(path, WriteMode::Update)?.commit()?.size);
        }
        // A file that is there is truncated with the first bytes that replace it.
        let real = files.resolve(path, Access::Write);
        if let Ok(real) = real
            && let Some(entry) = files.entry(&real)?
        {
            files.create(path, WriteMode::Update)?;
            return Ok(entry.size);
        }
        Ok(files.write(path, WriteMode::New, b"")?.size)
    })
    .await
}

/// Returns bytes of a file; none at its end.
#[derive(Deserialize, JsonSchema)]
struct ReadAt {
    /// The file.
    path: PathBuf,
    /// The first byte, from 0.
    at: u64,
    /// How many (count), up to a mebibyte.
    count: u64,
}

async fn read(cx: Cx, args: ReadAt) -> Result<Value> {
    cx.files(move |files, _| {
        let failed = |cause| failure(&args.path, cause);
        let mut file = files.open(&args.path)?;
        file.seek(SeekFrom::Start(args.at)).map_err(failed)?;
        let mut bytes = Vec::new();
        let most = args.count.min(MAX_READ);
        file.take(most).read_to_end(&mut bytes).map_err(failed)?;
        Ok(match String::from_utf8(bytes) {
            Ok(text) => Value::Str(text),
            Err(binary) => Value::Bytes(binary.into_bytes()),
        })
    })
    .await
}

/// Writes bytes to a file: from a place on, at its end, or in place of all.
#[derive(Deserialize, JsonSchema)]
struct WriteAt {
    /// The file.
    path: PathBuf,
    /// What is written.
    bytes: Value,
    /// The first byte that is overwritten, from 0; the end of the file if absent.
    at: Option<u64>,
    /// Whether everything in the file is replaced, at once.
    #[serde(default)]
    replace: bool,
}

fn write_effect(args: &Value) -> Effect {
    let replaces = args.get("replace").and_then(Value::as_bool) == Some(true);
    let has_place = args.get("at").is_some_and(|at| !at.is_null());
    match replaces || has_place {
        true => Effect::Idempotent,
        false => Effect::Once,
    }
}

async fn write(cx: Cx, args: WriteAt) -> Result<()> {
    cx.files(move |files, _| {
        let path = args.path.as_path();
        let bytes = match &args.bytes {
            Value::Str(text) => text.as_bytes(),
            Value::Bytes(bytes) => bytes,
            other => bail!(
                InvalidArgs,
                "'bytes' must be text, not {}",
                other.type_name()
            ),
        };
        let (mode, at) = match (args.replace, args.at) {
            (true, _) => (WriteMode::Replace, None),
            (false, Some(at)) => (WriteMode::Update, Some(at)),
            (false, None) => (WriteMode::Append, None),
        };
        let mut file = files.create(path, mode)?;
        let written = match at {
            Some(at) => file.seek(SeekFrom::Start(at)).map(drop),
            None => Ok(()),
        };
        written
            .and_then(|()| file.write_all(bytes))
            .map_err(|cause| failure(path, cause))?;
        file.commit()?;
        Ok(())
    })
    .await
}

/// Returns the size of a file.
#[derive(Deserialize, JsonSchema)]
struct Size {
    /// The file.
    path: PathBuf,
}

async fn size(cx: Cx, args: Size) -> Result<u64> {
    cx.files(move |files, _| Ok(files.open(&args.path)?.entry().size))
        .await
}

/// Removes a file, or a directory that is empty.
#[derive(Deserialize, JsonSchema)]
struct Remove {
    /// What is removed.
    path: PathBuf,
}

async fn remove(cx: Cx, args: Remove) -> Result<()> {
    cx.files(move |files, _| files.remove(&args.path)).await
}

/// Moves a file or directory; a file that is there is replaced.
#[derive(Deserialize, JsonSchema)]
struct Rename {
    /// What is moved.
    path: PathBuf,
    /// Where it goes.
    to: PathBuf,
}

async fn rename(cx: Cx, args: Rename) -> Result<()> {
    cx.files(move |files, _| files.rename(&args.path, &args.to, true))
        .await
}

/// Makes an empty file in the run's own directory and returns its path.
#[derive(Deserialize, JsonSchema)]
struct Temp {}

async fn temp(cx: Cx, _: Temp) -> Result<String> {
    let number = cx.host().random.next();
    cx.files(move |files, _| {
        let path = files.temp_dir()?.join(format!("lua-{number:016x}"));
        let entry = files.write(Path::new(&path), WriteMode::New, b"")?;
        Ok(entry.path.display().to_string())
    })
    .await
}
