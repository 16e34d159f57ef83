//! `hash_calculator`: digests, message authentication codes and their comparison.

mod algorithm;

use std::io::{Read, Seek};
use std::path::Path;
use std::time::Duration;

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE};
use llmspell_core::host::{ReadFile, failure};
use llmspell_core::{Cx, Effect, Error, Kind, Level, Map, Op, Outcome, Result, ToolInfo, Value};
use schemars::JsonSchema;
use serde::Deserialize;
use subtle::ConstantTimeEq;

use self::algorithm::Algorithm;
use crate::aside::stoppable;
use crate::choice::{choose, choose_or_first};
use crate::param::{Given, choices, is_given, missing, names, octets, refused};

const OPERATIONS: &[&[&str]] = &[&["hash"], &["verify"], &["hmac"]];
const FORMATS: &[&[&str]] = &[&["hex"], &["base64"]];
const ENCODINGS: &[&[&str]] = &[&["utf-8", "utf8", "text", "raw"], &["hex"], &["base64"]];
const INPUTS: &[&[&str]] = &[&["string", "text"], &["file"]];

pub(super) fn op() -> Op {
    Op::new("hash_calculator", hash_calculator)
        .effect_of(|args| match reads(args) {
            true => Effect::Read,
            false => Effect::Pure,
        })
        .tool(
            ToolInfo::new("utility")
                .settings::<Config>()
                .level_of(|args| match reads(args) {
                    true => Level::Restricted,
                    false => Level::Safe,
                })
                .example(
                    "Calculates a digest",
                    r#"{"input": "hello", "algorithm": "sha256"}"#,
                )
                .example(
                    "Signs with a key",
                    r#"{"operation": "hmac", "input": "hello", "key": "secret"}"#,
                )
                .timeout(Duration::from_secs(60))
                .operations(&names(OPERATIONS))
                .needs(&names(OPERATIONS), &["input", "file"])
                .needs(&["verify"], &["expected_hash"])
                .needs(&["hmac"], &["key"]),
        )
}

fn reads(args: &Value) -> bool {
    let kind = args.get("input_type").and_then(Value::as_str);
    is_given(args, &["file"]) || kind.is_some_and(|kind| kind.eq_ignore_ascii_case("file"))
}

/// `[tools.hash_calculator]`.
#[derive(Deserialize, JsonSchema)]
#[serde(default)]
struct Config {
    /// Largest file that is read, in bytes.
    max_file_bytes: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_file_bytes: 10 << 30,
        }
    }
}

/// Calculates digests and keyed digests (HMAC) of text or bytes and compares them in constant time.
#[derive(Deserialize, JsonSchema)]
struct HashCalculator {
    /// What to do.
    #[schemars(transform = choices(OPERATIONS), extend("default" = "hash"))]
    operation: Option<String>,
    /// What to hash.
    #[schemars(extend("type" = "string", "x-synonyms" = ["data", "text"]))]
    input: Option<Value>,
    /// The file to hash.
    #[schemars(extend("x-synonyms" = ["file_path", "path"]))]
    file: Option<String>,
    /// The digest, or a list of several: `md5 sha1 sha224 sha256 sha384 sha512 sha512_256 sha3_256 sha3_512 blake2b
    /// blake2s blake3 crc32 xxh3`.
    #[schemars(extend("type" = ["string", "array"], "items" = {"type": "string"}, "default" = "sha256"))]
    algorithm: Option<Value>,
    /// Where the input comes from; `file` takes `input` for the path of one. By default the parameters tell.
    #[schemars(transform = choices(INPUTS))]
    input_type: Option<String>,
    /// What the input text stands for.
    #[schemars(transform = choices(ENCODINGS), extend("default" = "utf-8"))]
    input_encoding: Option<String>,
    /// How the digest is written.
    #[schemars(transform = choices(FORMATS), extend("default" = "hex"))]
    format: Option<String>,
    /// The digest that `verify` compares with.
    expected_hash: Option<String>,
    /// How `expected_hash` is written; by default its length tells.
    #[schemars(transform = choices(FORMATS))]
    expected_format: Option<String>,
    /// The secret key of `hmac`; with `verify`, the HMAC is compared.
    #[schemars(extend("type" = "string"))]
    key: Option<Value>,
    /// What the key text stands for.
    #[schemars(transform = choices(ENCODINGS), extend("default" = "utf-8"))]
    key_encoding: Option<String>,
}

async fn hash_calculator(cx: Cx, call: Given<HashCalculator>) -> Result<Outcome> {
    let operation = choose_or_first("operation", call.args.operation.as_deref(), OPERATIONS)?;
    if let Some(path) = path(&call.args)? {
        let config: Config = cx.settings("hash_calculator")?;
        return cx
            .files(move |files, cx| {
                let path = Path::new(&path);
                let file = files.open(path)?;
                let size = file.entry().size;
                if size > config.max_file_bytes {
                    let message = format!("'{}' has {size} bytes", path.display());
                    return Err(Error::new(Kind::Limit, message)
                        .with("limit", config.max_file_bytes)
                        .hint("raise `max_file_bytes` in [tools.hash_calculator]"));
                }
                run(cx, operation, &call, Source::File { path, file, size })
            })
            .await;
    }
    let size = match &call.args.input {
        Some(Value::Str(text)) => text.len(),
        Some(Value::Bytes(bytes)) => bytes.len(),
        _ => return Err(missing("hash_calculator", operation, "input")),
    };
    stoppable(&cx, size, move |cx| {
        let input = input(&call.args)?;
        run(cx, operation, &call, Source::Bytes(&input))
    })
    .await
}

/// Returns the path of the file that is asked for.
fn path(a: &HashCalculator) -> Result<Option<String>> {
    let kind = a.input_type.as_deref();
    let kind = kind.map(|kind| choose("input_type", kind, INPUTS));
    let as_path = || match &a.input {
        Some(Value::Str(path)) => Some(path.clone()),
        _ => None,
    };
    match (kind.transpose()?, &a.file, &a.input) {
        (Some("string"), Some(_), None) => {
            let message = "'file' is given, and 'input_type' says that a string is hashed";
            Err(refused("file", message)
                .hint("give the string in 'input', or leave 'input_type' out"))
        }
        (Some("string"), Some(_), Some(_)) | (None, Some(_), Some(_)) => {
            let message = "'file' and 'input' are both given";
            Err(refused("file", message).hint("give one of them"))
        }
        (Some("file"), None, _) => Ok(as_path()),
        (_, file, _) => Ok(file.clone()),
    }
}

/// What is hashed, as often as there are algorithms.
enum Source<'a> {
    Bytes(&'a [u8]),
    File {
        path: &'a Path,
        file: Box<dyn ReadFile>,
        size: u64,
    },
}

impl Source<'_> {
    fn size(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File { size, .. } => *size,
        }
    }

    fn digest(&mut self, cx: &Cx, algorithm: &Algorithm, key: Option<&[u8]>) -> Result<Vec<u8>> {
        match self {
            Self::Bytes(bytes) => algorithm.digest(cx, key, &mut &**bytes),
            Self::File { path, file, .. } => {
                file.rewind().map_err(|cause| failure(path, cause))?;
                let read: &mut dyn Read = file;
                algorithm
                    .digest(cx, key, read)
                    .map_err(|error| error.with("path", path.display().to_string()))
            }
        }
    }
}

fn run(
    cx: &Cx,
    operation: &'static str,
    call: &Given<HashCalculator>,
    mut source: Source<'_>,
) -> Result<Outcome> {
    let a = &call.args;
    let (used, outcome) = match operation {
        "hash" => ("", hash(cx, a, ("hash", None), &mut source)?),
        "verify" => (
            " expected_hash expected_format key key_encoding",
            verify(cx, a, &mut source)?,
        ),
        _ => {
            let key = key(a)?.ok_or_else(|| missing("hash_calculator", "hmac", "key"))?;
            let outcome = hash(cx, a, ("hmac", Some(&key)), &mut source)?;
            (" key key_encoding", outcome)
        }
    };
    let used = format!("input file algorithm input_type input_encoding format{used}");
    Ok(call.warn(op, &used, outcome))
}

fn hash(
    cx: &Cx,
    a: &HashCalculator,
    (operation, key): (&'static str, Option<&[u8]>),
    source: &mut Source<'_>,
) -> Result<Outcome> {
    let format = choose_or_first("format", a.format.as_deref(), FORMATS)?;
    let algorithms = algorithms(a)?;
    let mut hashes = Map::new();
    for algorithm in &algorithms {
        let digest = source.digest(cx, algorithm, key)?;
        hashes.insert(
            algorithm.names[0].to_owned(),
            written(&digest, format).into(),
        );
    }
    let first = hashes.values().next().cloned().unwrap_or_default();
    let shown: Vec<&str> = algorithms.iter().map(|algorithm| algorithm.title).collect();
    let message = format!("Calculated {} of {} bytes", shown.join(", "), source.size());
    let mut data = Map::from([
        ("algorithm", shown[0].into()),
        ("hash", first.clone()),
        ("format", format.into()),
        ("size", source.size().into()),
    ]);
    let output = if matches!(a.algorithm, Some(Value::List(_))) && algorithms.len() > 1 {
        data.insert("algorithm", shown.into());
        data.insert("hashes", hashes.clone().into());
        hashes.into()
    } else {
        first
    };
    let outcome = Outcome::new(operation, data)
        .message(message)
        .output(output);
    Ok(match key {
        None => warned(outcome, &algorithms),
        Some(_) => outcome,
    })
}

fn verify(cx: &Cx, a: &HashCalculator, source: &mut Source<'_>) -> Result<Outcome> {
    let expected = a
        .expected_hash
        .as_deref()
        .ok_or_else(|| missing("hash_calculator", "verify", "expected_hash"))?
        .trim();
    let format = choose_or_first("format", a.format.as_deref(), FORMATS)?;
    let algorithms = algorithms(a)?;
    let [algorithm] = algorithms[..] else {
        return Err(refused(
            "algorithm",
            "verify compares one algorithm at a time",
        ));
    };
    let key = key(a)?;
    let actual = source.digest(cx, algorithm, key.as_deref())?;
    let wanted = expected_bytes(expected, a.expected_format.as_deref(), actual.len())?;
    let verified = bool::from(wanted.ct_eq(&actual));
    let data = Map::from([
        ("verified", verified.into()),
        ("valid", verified.into()),
        ("algorithm", algorithm.title.into()),
        ("expected", expected.into()),
        ("actual", written(&actual, format).into()),
    ]);
    let message = if verified {
        "The hashes are equal"
    } else {
        "The hashes differ"
    };
    let outcome = Outcome::new("verify", data)
        .message(message)
        .output(verified);
    Ok(match key {
        None => warned(outcome, &algorithms),
        Some(_) => outcome,
    })
}

fn warned(outcome: Outcome, algorithms: &[&Algorithm]) -> Outcome {
    algorithms
        .iter()
        .filter(|algorithm| algorithm.is_broken())
        .fold(outcome, |outcome, algorithm| {
            outcome.warning(format!("{} is not collision resistant", algorithm.title))
        })
}

fn algorithms(a: &HashCalculator) -> Result<Vec<&'static Algorithm>> {
    let asked = match a.algorithm.as_ref() {
        None => vec!["sha256"],
        Some(Value::Str(name)) => vec![name.as_str()],
        Some(Value::List(names)) if !names.is_empty() => names
            .iter()
            .map(|name| {
                name.as_str()
                    .ok_or_else(|| refused("algorithm", "parameter 'algorithm' must list names"))
            })
            .collect::<Result<_>>()?,
        Some(_) => {
            return Err(refused(
                "algorithm",
                "parameter 'algorithm' names no algorithm",
            ));
        }
    };
    asked.into_iter().map(algorithm::find).collect()
}

fn input(a: &HashCalculator) -> Result<Vec<u8>> {
    let bytes = octets("input", a.input.clone().unwrap_or_default())?;
    let encoding = choose_or_first("input_encoding", a.input_encoding.as_deref(), ENCODINGS)?;
    plain(bytes, encoding).map_err(|offset| {
        llmspell_core::error!(
            Parse,
            "parameter 'input' is not valid {encoding} at offset {offset}"
        )
        .with("parameter", "input")
        .with("offset", offset)
    })
}

/// Returns the key. Errors never show it.
fn key(a: &HashCalculator) -> Result<Option<Vec<u8>>> {
    let Some(key) = a.key.clone() else {
        return Ok(None);
    };
    let encoding = choose_or_first("key_encoding", a.key_encoding.as_deref(), ENCODINGS)?;
    plain(octets("key", key)?, encoding).map(Some).map_err(|_| {
        llmspell_core::error!(Parse, "parameter 'key' is not valid {encoding}")
            .with("parameter", "key")
    })
}

/// Decodes bytes written as text, or says where they are wrong.
fn plain(bytes: Vec<u8>, encoding: &str) -> Result<Vec<u8>, usize> {
    match encoding {
        "hex" => HEXLOWER_PERMISSIVE
            .decode(&bytes)
            .map_err(|failure| failure.position),
        "base64" => {
            let text = bytes
                .strip_suffix(b"==")
                .or(bytes.strip_suffix(b"="))
                .unwrap_or(&bytes);
            let alphabet = if text.iter().any(|byte| b"-_".contains(byte)) {
                &BASE64URL_NOPAD
            } else {
                &BASE64_NOPAD
            };
            alphabet.decode(text).map_err(|failure| failure.position)
        }
        _ => Ok(bytes),
    }
}

/// Reads the digest that the caller expects. A text of the wrong length is some other digest, not an error.
fn expected_bytes(text: &str, format: Option<&str>, size: usize) -> Result<Vec<u8>> {
    let hexadecimal = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let base64 = [size.div_ceil(3) * 4, (size * 8).div_ceil(6)].contains(&text.len());
    let format = match format {
        Some(format) => choose_or_first("expected_format", Some(format), FORMATS)?,
        None if hexadecimal && (text.len() == size * 2 || !base64) => "hex",
        None => "base64",
    };
    plain(text.as_bytes().to_vec(), format).map_err(|offset| {
        llmspell_core::error!(
            Parse,
            "parameter 'expected_hash' is not valid {format} at offset {offset}"
        )
        .with("parameter", "expected_hash")
        .with("offset", offset)
    })
}

fn written(digest: &[u8], format: &str) -> String {
    match format {
        "base64" => BASE64.encode(digest),
        _ => HEXLOWER.encode(digest),
    }
}

#[cfg(test)]
mod tests;
