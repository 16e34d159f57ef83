//! `base64_encoder`: bytes as text and back.

mod codec;

use std::path::Path;
use std::time::Duration;

use llmspell_core::host::WriteMode;
use llmspell_core::{Cx, Effect, Level, Map, Op, Outcome, Result, ToolInfo, Value};
use schemars::JsonSchema;
use serde::Deserialize;

use self::codec::{Codec, Flaw};
use crate::aside::aside;
use crate::choice::choose_or_first;
use crate::param::{Given, choices, is_given, missing, names, octets, refused};

/// Largest file that is read, in bytes.
const MOST_FILE: u64 = 256 << 20;

const OPERATIONS: &[&[&str]] = &[&["encode"], &["decode"], &["validate"]];
const VARIANTS: &[&[&str]] = &[&["standard"], &["url-safe", "url"]];
const CODECS: &[&[&str]] = &[&["base64"], &["base32"], &["base58"], &["hex"]];
const FORMATS: &[&[&str]] = &[&["auto"], &["text"], &["hex"], &["base64"]];

pub(super) fn op() -> Op {
    Op::new("base64_encoder", base64_encoder)
        .effect_of(|args| {
            match (
                is_given(args, &["output_file"]),
                is_given(args, &["input_file"]),
            ) {
                (true, _) => Effect::Idempotent,
                (false, true) => Effect::Read,
                (false, false) => Effect::Pure,
            }
        })
        .tool(
            ToolInfo::new("utility")
                .level_of(
                    |args| match is_given(args, &["input_file", "output_file"]) {
                        true => Level::Restricted,
                        false => Level::Safe,
                    },
                )
                .example(
                    "Encodes text",
                    r#"{"operation": "encode", "input": "hello"}"#,
                )
                .example(
                    "Decodes the alphabet of URLs",
                    r#"{"operation": "decode", "input": "aGk_", "variant": "url-safe"}"#,
                )
                .timeout(Duration::from_secs(10))
                .operations(&names(OPERATIONS))
                .needs(&names(OPERATIONS), &["input", "input_file"]),
        )
}

/// Encodes text or bytes as base64, base32, base58 or hexadecimal digits, decodes them, and checks encoded text.
#[derive(Deserialize, JsonSchema)]
struct Base64Encoder {
    /// What to do.
    #[schemars(transform = choices(OPERATIONS), extend("default" = "encode"))]
    operation: Option<String>,
    /// What to encode or decode.
    #[schemars(extend("type" = "string", "x-synonyms" = ["data", "text"]))]
    input: Option<Value>,
    /// File with what to encode or decode.
    #[schemars(extend("x-synonyms" = ["path", "source_path"]))]
    input_file: Option<String>,
    /// File that the encoded text or the decoded bytes are written to.
    #[schemars(extend("x-synonyms" = ["target_path"]))]
    output_file: Option<String>,
    /// The alphabet of base64.
    #[schemars(transform = choices(VARIANTS), extend("default" = "standard"))]
    variant: Option<String>,
    /// The same as `variant` = `url-safe`.
    url_safe: Option<bool>,
    /// The encoding.
    #[schemars(transform = choices(CODECS), extend("default" = "base64"))]
    codec: Option<String>,
    /// Whether encoded text ends in `=` where its length asks for it.
    #[schemars(extend("default" = true))]
    padding: Option<bool>,
    /// Whether decoding insists on padding and the one alphabet, and refuses white space.
    #[schemars(extend("default" = false))]
    strict: Option<bool>,
    /// Whether the text to encode is hexadecimal digits that stand for bytes.
    #[schemars(extend("default" = false))]
    binary_input: Option<bool>,
    /// How decoded bytes are given: `auto` is text where they are valid UTF-8, else hexadecimal digits.
    #[schemars(transform = choices(FORMATS), extend("default" = "auto"))]
    output_format: Option<String>,
    /// MIME type; the encoded text becomes a `data:` URI of that type.
    data_uri: Option<String>,
}

async fn base64_encoder(cx: Cx, mut call: Given<Base64Encoder>) -> Result<Outcome> {
    let operation = choose_or_first("operation", call.args.operation.as_deref(), OPERATIONS)?;
    if let Some(path) = call.args.input_file.clone() {
        if call.args.input.is_some() {
            let message = "'input_file' and 'input' are both given";
            return Err(refused("input_file", message).hint("give one of them"));
        }
        let bytes = cx.files(move |files, _| files.read(Path::new(&path), Some(MOST_FILE)));
        call.args.input = Some(Value::Bytes(bytes.await?));
    }
    let size = match &call.args.input {
        Some(Value::Str(text)) => text.len(),
        Some(Value::Bytes(bytes)) => bytes.len(),
        _ => return Err(missing("base64_encoder", operation, "input")),
    };
    // Base58 is a number of that many digits: its effort is quadratic.
    let effort = size.saturating_mul(if call.args.codec.is_some() { 64 } else { 1 });
    let target = call.args.output_file.clone();
    let outcome = aside(effort, move || {
        let (used, outcome) = match operation {
            "encode" => (
                "input input_file output_file variant url_safe codec padding binary_input data_uri",
                encode(&call.args)?,
            ),
            "decode" => (
                "input input_file output_file variant url_safe codec padding strict output_format",
                decode(&call.args)?,
            ),
            _ => (
                "input input_file variant url_safe codec padding strict",
                validate(&call.args)?,
            ),
        };
        Ok(call.warn(op, used, outcome))
    })
    .await?;
    match target {
        Some(path) if operation != "validate" => write(&cx, path, outcome).await,
        _ => Ok(outcome),
    }
}

/// Moves the result of a call into a file.
async fn write(cx: &Cx, path: String, mut outcome: Outcome) -> Result<Outcome> {
    let bytes = match outcome.output.take() {
        Some(Value::Str(text)) => text.into_bytes(),
        Some(Value::Bytes(bytes)) => bytes,
        _ => Vec::new(),
    };
    let write = cx.files(move |files, _| files.write(Path::new(&path), WriteMode::Replace, &bytes));
    let entry = write.await?;
    let path = entry.path.display().to_string();
    if let Value::Map(data) = &mut outcome.data {
        for name in ["encoded", "decoded", "output"] {
            data.shift_remove(name);
        }
        data.insert("file_path", path.as_str().into());
        data.insert("file_size", entry.size.into());
    }
    Ok(outcome.output(path))
}

impl Base64Encoder {
    fn codec(&self) -> Result<Codec> {
        let variant = choose_or_first("variant", self.variant.as_deref(), VARIANTS)?;
        let url_safe = match (self.url_safe, self.variant.is_some()) {
            (Some(url_safe), true) if url_safe != (variant == "url-safe") => {
                let message = format!("'variant' {variant} and 'url_safe' {url_safe} differ");
                return Err(refused("variant", message));
            }
            (url_safe, _) => url_safe.unwrap_or(false) || variant == "url-safe",
        };
        Ok(Codec {
            name: choose_or_first("codec", self.codec.as_deref(), CODECS)?,
            url_safe,
            padding: self.padding.unwrap_or(true),
        })
    }

    fn bytes(&self) -> Result<Vec<u8>> {
        octets("input", self.input.clone().unwrap_or_default())
    }
}

fn encode(a: &Base64Encoder) -> Result<Outcome> {
    let codec = a.codec()?;
    let mut bytes = a.bytes()?;
    if a.binary_input.unwrap_or(false) {
        bytes = Codec::HEX
            .decode(&bytes, false)
            .map_err(|flaw| flaw.error("hex"))?;
    }
    let mut encoded = codec.encode(&bytes)?;
    if let Some(mime) = &a.data_uri {
        if codec.name != "base64" || codec.url_safe {
            let message = "a data URI needs the codec base64 in its standard alphabet";
            return Err(refused("data_uri", message));
        }
        if !is_mime(mime) {
            let message = format!("'{mime:.80}' is not a MIME type such as text/plain");
            return Err(refused("data_uri", message));
        }
        encoded = format!("data:{mime};base64,{encoded}");
    }
    let binary = std::str::from_utf8(&bytes).is_err();
    let message = format!("Encoded {} bytes as {}", bytes.len(), codec.name);
    let mut data = described(&codec, binary, bytes.len(), encoded.len());
    data.insert("encoded", encoded.as_str().into());
    data.insert("output", encoded.as_str().into());
    Ok(Outcome::new("encode", data)
        .message(message)
        .output(encoded))
}

fn decode(a: &Base64Encoder) -> Result<Outcome> {
    let codec = a.codec()?;
    let format = choose_or_first("output_format", a.output_format.as_deref(), FORMATS)?;
    let input = a.bytes()?;
    let (media_type, bytes) =
        unwrap(&codec, &input, a.strict.unwrap_or(false)).map_err(|flaw| flaw.error(codec.name))?;
    let size = bytes.len();
    if a.output_file.is_some() {
        let binary = std::str::from_utf8(&bytes).is_err();
        let data = described(&codec, binary, input.len(), size);
        let message = format!("Decoded {size} bytes from {}", codec.name);
        let outcome = Outcome::new("decode", data).message(message);
        return Ok(outcome.output(Value::Bytes(bytes)));
    }
    let text = String::from_utf8(bytes);
    let binary = text.is_err();
    let decoded = match (format, text) {
        ("auto" | "text", Ok(text)) => text,
        ("text", Err(failure)) => {
            let offset = failure.utf8_error().valid_up_to();
            let message = format!("the decoded bytes are not text: byte {offset} is not UTF-8");
            return Err(llmspell_core::error!(Parse, "{message}")
                .with("offset", offset)
                .hint("use output_format 'hex' or 'base64'"));
        }
        ("base64", text) => Codec::BASE64
            .encode(&text.map_or_else(|failure| failure.into_bytes(), String::into_bytes))?,
        (_, text) => Codec::HEX
            .encode(&text.map_or_else(|failure| failure.into_bytes(), String::into_bytes))?,
    };
    let mut data = described(&codec, binary, input.len(), size);
    data.insert("decoded", decoded.as_str().into());
    data.insert("output", decoded.as_str().into());
    if let Some(media_type) = media_type {
        data.insert("media_type", media_type.into());
    }
    let message = format!("Decoded {size} bytes from {}", codec.name);
    Ok(Outcome::new("decode", data)
        .message(message)
        .output(decoded))
}

fn validate(a: &Base64Encoder) -> Result<Outcome> {
    let codec = a.codec()?;
    let input = a.bytes()?;
    let decoded = unwrap(&codec, &input, a.strict.unwrap_or(false));
    let valid = decoded.is_ok();
    let seen_url_safe = codec.name == "base64"
        && !input.starts_with(b"data:")
        && input.iter().any(|byte| matches!(byte, b'-' | b'_'));
    let variant = if seen_url_safe {
        "url-safe"
    } else {
        codec.variant()
    };
    let error = decoded
        .err()
        .map(|flaw| flaw.error(codec.name).message().to_owned());
    let data = Map::from([
        ("valid", valid.into()),
        ("error", error.into()),
        ("variant", variant.into()),
    ]);
    let message = format!(
        "The input is {}valid {}",
        if valid { "" } else { "not " },
        codec.name
    );
    Ok(Outcome::new("validate", data)
        .output(valid)
        .message(message))
}

fn described(codec: &Codec, binary: bool, input_size: usize, size: usize) -> Map {
    Map::from([
        ("variant", codec.variant().into()),
        ("codec", codec.name.into()),
        ("binary", binary.into()),
        ("input_size", input_size.into()),
        ("size", size.into()),
    ])
}

/// Decodes plain encoded text or a `data:` URI, whose media type it returns too.
fn unwrap(codec: &Codec, input: &[u8], strict: bool) -> Result<(Option<String>, Vec<u8>), Flaw> {
    let scheme = input
        .get(..5)
        .is_some_and(|head| head.eq_ignore_ascii_case(b"data:"));
    if !scheme || codec.name != "base64" {
        return codec.decode(input, strict).map(|bytes| (None, bytes));
    }
    let comma = input
        .iter()
        .position(|&byte| byte == b',')
        .ok_or(Flaw::new(input.len(), "a data URI needs a comma"))?;
    let head = String::from_utf8_lossy(&input[5..comma]).into_owned();
    let start = comma + 1;
    let (media_type, bytes) = match head.strip_suffix(";base64") {
        Some(media_type) => (media_type, Codec::BASE64.decode(&input[start..], strict)),
        None => (head.as_str(), codec::percent_decode(&input[start..])),
    };
    let media_type = if media_type.is_empty() {
        "text/plain;charset=US-ASCII"
    } else {
        media_type
    };
    match bytes {
        Ok(bytes) => Ok((Some(media_type.to_owned()), bytes)),
        Err(flaw) => Err(flaw.shifted(start)),
    }
}

fn is_mime(text: &str) -> bool {
    let token = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&byte))
    };
    let mut parts = text.split(';');
    let kind = parts.next().and_then(|kind| kind.split_once('/'));
    let parameter = |part: &str| {
        part.trim()
            .split_once('=')
            .is_some_and(|(name, value)| token(name) && token(value))
    };
    kind.is_some_and(|(kind, sub)| token(kind) && token(sub)) && parts.all(parameter)
}

#[cfg(test)]
mod tests;
