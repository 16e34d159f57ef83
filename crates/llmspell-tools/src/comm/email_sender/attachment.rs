//! Files that go with a message.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lettre::message::header::ContentType;
use llmspell_core::{Cx, Error, Kind, Result, Value};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::choice::choose_or_first;
use crate::param::{choices, octets, refused};

/// Most bytes of all files of a message.
const MAX_TOTAL: u64 = 25 << 20;

const ENCODINGS: &[&[&str]] = &[&["text", "utf-8", "utf8"], &["base64"]];

/// One file as it is given.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Given {
    /// The file.
    path: Option<String>,
    /// Its content, in place of a file.
    #[schemars(extend("type" = "string"))]
    content: Option<Value>,
    /// How the content is written.
    #[schemars(transform = choices(ENCODINGS), extend("default" = "text"))]
    encoding: Option<String>,
    /// What it is called; by default as the file is.
    filename: Option<String>,
    /// Its type; by default as its name tells.
    content_type: Option<String>,
    /// The name by which HTML shows it: `<img src="cid:NAME">`.
    inline_id: Option<String>,
}

/// One file.
pub(super) struct Attachment {
    pub(super) filename: String,
    pub(super) content_type: String,
    pub(super) inline_id: Option<String>,
    pub(super) bytes: Vec<u8>,
}

/// Reads the files.
///
/// - Errors: those of files; `Limit` past 25 MiB in all.
pub(super) async fn read(cx: &Cx, given: &[Value]) -> Result<Vec<Attachment>> {
    let mut left = MAX_TOTAL;
    let mut attachments = Vec::with_capacity(given.len());
    for (index, value) in given.iter().enumerate() {
        let one: Given = value.clone().into_typed().map_err(|cause: Error| {
            let message = format!(
                "parameter 'attachments[{}]': {}",
                index + 1,
                cause.message()
            );
            refused("attachments", message).misshapen()
        })?;
        let attachment = load(cx, one, left).await?;
        left = left.saturating_sub(attachment.bytes.len() as u64);
        attachments.push(attachment);
    }
    Ok(attachments)
}

async fn load(cx: &Cx, given: Given, left: u64) -> Result<Attachment> {
    let own = given
        .path
        .as_deref()
        .map(Path::new)
        .and_then(Path::file_name);
    let own = own.map(|name| name.to_string_lossy().into_owned());
    let bytes = match (given.path, given.content) {
        (Some(path), None) => {
            let reading = cx.files(move |files, _| {
                let size = files.entry(Path::new(&path))?.map_or(0, |entry| entry.size);
                if size > left {
                    return Err(too_large());
                }
                files.read(Path::new(&path), Some(left))
            });
            reading.await?
        }
        (None, Some(content)) => {
            let bytes = octets("attachments", content)?;
            match choose_or_first("encoding", given.encoding.as_deref(), ENCODINGS)? {
                "base64" => STANDARD.decode(bytes.trim_ascii()).map_err(|_| {
                    refused("attachments", "the content of an attachment is no Base64")
                })?,
                _ => bytes,
            }
        }
        _ => {
            return Err(refused(
                "attachments",
                "an attachment needs either 'path' or 'content'",
            ));
        }
    };
    if bytes.len() as u64 > left {
        return Err(too_large());
    }
    let filename = given
        .filename
        .or(own)
        .unwrap_or_else(|| "attachment".to_owned());
    let content_type = given
        .content_type
        .unwrap_or_else(|| type_of(&filename).to_owned());
    for (name, text) in [
        ("filename", &filename),
        ("content_type", &content_type),
        (
            "inline_id",
            given.inline_id.as_ref().unwrap_or(&String::new()),
        ),
    ] {
        if text.contains(char::is_control) || name == "inline_id" && text.contains(['<', '>', ' '])
        {
            return Err(refused(
                "attachments",
                format!("the {name} of an attachment has characters that do not belong there"),
            ));
        }
    }
    if !content_type.is_ascii() || ContentType::parse(&content_type).is_err() {
        return Err(refused(
            "attachments",
            format!("'{content_type}' is no content type"),
        ));
    }
    Ok(Attachment {
        filename,
        content_type,
        inline_id: given.inline_id,
        bytes,
    })
}

fn too_large() -> Error {
    Error::new(Kind::Limit, "the attachments are larger than 25 MiB in all")
        .with("parameter", "attachments")
        .with("limit", MAX_TOTAL)
}

/// Returns the type that a file's name tells.
fn type_of(filename: &str) -> &'static str {
    let extension = filename
        .rsplit_once('.')
        .map_or("", |(_, extension)| extension);
    match &*extension.to_ascii_lowercase() {
        "txt" | "log" | "md" => "text/plain; charset=utf-8",
        "csv" => "text/csv; charset=utf-8",
        "html" | "htm" => "text/html; charset=utf-8",
        "ics" => "text/calendar; charset=utf-8",
        "json" => "application/json",
        "xml" => "application/xml",
        "pdf" => "application/pdf",
        "zip" => "application/zip",
        "gz" => "application/gzip",
        "doc" => "application/msword",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xls" => "application/vnd.ms-excel",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "pptx" => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "svg" => "image/svg+xml",
        "mp3" => "audio/mpeg",
        "wav" => "audio/wav",
        "mp4" => "video/mp4",
        _ => "application/octet-stream",
    }
}
