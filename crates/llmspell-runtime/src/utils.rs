//! The global `Utils`.

use llmspell_core::{Cx, Effect, Module, Op, Result, Value, bail, nearest};
use schemars::JsonSchema;
use serde::Deserialize;
use sha2::Digest;

use crate::clock::{random, sleep};
use crate::journal;

/// Returns the table of `Utils`.
pub fn module() -> Module {
    Module::new("utils", "Utils", "Ids, time, digests and waiting.")
        .op(Op::new("uuid", uuid).immediate())
        .op(Op::new("timestamp", timestamp).immediate())
        .op(Op::new("hash", hash).positional().immediate())
        .op(Op::new("sleep", sleep).effect(Effect::Read).positional())
}

/// Returns a random UUID, version 4.
#[derive(Deserialize, JsonSchema)]
struct Uuid {}

async fn uuid(cx: Cx, _: Uuid) -> Result<String> {
    let bytes = random(&cx, "utils.uuid");
    Ok(uuid::Builder::from_random_bytes(bytes)
        .into_uuid()
        .to_string())
}

/// Returns the seconds since 1970, with a resolution of one millisecond.
#[derive(Deserialize, JsonSchema)]
struct Timestamp {}

async fn timestamp(cx: Cx, _: Timestamp) -> Result<f64> {
    Ok((journal::now(&cx) / 1_000) as f64 / 1_000.0)
}

/// Returns the digest of a text or of bytes, in lower-case hex.
///
/// - Errors: `invalid_args` for an unknown algorithm, naming the known ones.
#[derive(Deserialize, JsonSchema)]
struct Hash {
    /// Text or bytes.
    data: Value,
    /// `blake3`, `sha256`, `sha512` or `md5`.
    #[serde(default = "blake3_name")]
    algorithm: String,
}

fn blake3_name() -> String {
    "blake3".to_owned()
}

async fn hash(_: Cx, args: Hash) -> Result<String> {
    let data = match &args.data {
        Value::Str(text) => text.as_bytes(),
        Value::Bytes(bytes) => bytes,
        other => bail!(
            InvalidArgs,
            "'data' must be text or bytes, got {}",
            other.type_name()
        ),
    };
    match args.algorithm.to_ascii_lowercase().as_str() {
        "blake3" => Ok(blake3::hash(data).to_hex().to_string()),
        "sha256" => Ok(hex(&sha2::Sha256::digest(data))),
        "sha512" => Ok(hex(&sha2::Sha512::digest(data))),
        "md5" => Ok(hex(&md5::Md5::digest(data))),
        other => {
            let known = ["blake3", "sha256", "sha512", "md5"];
            let guess = nearest(other, known)
                .first()
                .map(|name| format!("did you mean '{name}'?"));
            Err(
                llmspell_core::error!(InvalidArgs, "unknown algorithm '{other}'").hint(
                    guess.unwrap_or_else(|| format!("known algorithms: {}", known.join(", "))),
                ),
            )
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
