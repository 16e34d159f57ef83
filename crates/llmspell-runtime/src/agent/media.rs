//! Pictures, recordings and files in an input.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use llmspell_core::{Cx, Error, Map, Result, Value, bail, error};
use llmspell_model::{Media, Part};

use crate::artifact;
use crate::file;

const MB: usize = 1024 * 1024;

/// One kind of media: its name, most bytes, and its formats with their MIME types; the first format is the default.
type MediaKind = (&'static str, usize, &'static [(&'static str, &'static str)]);

const KINDS: &[MediaKind] = &[
    (
        "image",
        100 * MB,
        &[
            ("png", "image/png"),
            ("jpeg", "image/jpeg"),
            ("jpg", "image/jpeg"),
            ("webp", "image/webp"),
            ("gif", "image/gif"),
            ("svg", "image/svg+xml"),
            ("tiff", "image/tiff"),
        ],
    ),
    (
        "audio",
        500 * MB,
        &[
            ("wav", "audio/wav"),
            ("mp3", "audio/mpeg"),
            ("flac", "audio/flac"),
            ("ogg", "audio/ogg"),
            ("m4a", "audio/mp4"),
        ],
    ),
    (
        "video",
        5 * 1024 * MB,
        &[
            ("mp4", "video/mp4"),
            ("webm", "video/webm"),
            ("mov", "video/quicktime"),
            ("avi", "video/x-msvideo"),
        ],
    ),
    (
        "binary",
        100 * MB,
        &[
            ("bin", "application/octet-stream"),
            ("pdf", "application/pdf"),
            ("txt", "text/plain"),
            ("md", "text/markdown"),
            ("csv", "text/csv"),
            ("json", "application/json"),
        ],
    ),
];

/// The first bytes of formats.
const MAGIC: &[(&[u8], &str)] = &[
    (b"\x89PNG", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF8", "gif"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"<svg", "svg"),
    (b"%PDF", "pdf"),
    (b"ID3", "mp3"),
    (b"fLaC", "flac"),
    (b"OggS", "ogg"),
    (b"\x1aE\xdf\xa3", "webm"),
];

const COLOR_SPACES: [&str; 4] = ["rgb", "rgba", "grayscale", "cmyk"];

/// Returns the input with the content of files in place of their paths; `None` if it names none.
///
/// - Errors: those of the files, with the index of the item.
pub(super) async fn load(cx: &Cx, input: &Value) -> Result<Option<Value>> {
    let Value::Map(input) = input else {
        return Ok(None);
    };
    let mut loaded = None;
    let mut index = 0;
    for name in ["media", "image"] {
        let items = match input.get(name) {
            Some(Value::List(items)) => items.as_slice(),
            Some(one @ Value::Map(_)) => std::slice::from_ref(one),
            _ => continue,
        };
        let mut read = Vec::new();
        for item in items {
            index += 1;
            let with_index = |error: Error| error.with("index", index);
            read.push(content_of(cx, item).await.map_err(with_index)?);
        }
        if read.iter().all(Option::is_none) {
            continue;
        }
        let both = read.into_iter().zip(items);
        let mut all: Vec<_> = both
            .map(|(read, item)| read.unwrap_or_else(|| item.clone()))
            .collect();
        let value = match name {
            "image" if all.len() == 1 => all.remove(0),
            _ => Value::List(all),
        };
        let map = loaded.get_or_insert_with(|| input.clone());
        map.insert(name, value);
    }
    Ok(loaded.map(Value::Map))
}

/// Returns an item with the content of its file or artifact; `None` if it names none, or more than that.
async fn content_of(cx: &Cx, item: &Value) -> Result<Option<Value>> {
    let Value::Map(fields) = item else {
        return Ok(None);
    };
    let is_given = |name: &&str| fields.get(name).is_some_and(|value| !value.is_null());
    let mut given = ["base64", "data", "path", "artifact"]
        .into_iter()
        .filter(is_given);
    match (given.next(), given.next()) {
        (Some("path"), None) => of_file(cx, item, fields).await,
        (Some("artifact"), None) => of_artifact(cx, fields).await.map(Some),
        _ => Ok(None),
    }
}

/// Returns an item with the content of an artifact of the current session. Its format is the one that its MIME type
/// names, unless the item names one.
async fn of_artifact(cx: &Cx, fields: &Map) -> Result<Value> {
    let mut fields = fields.clone();
    let id = fields.shift_remove("artifact").unwrap_or_default();
    let session = artifact::current(cx);
    let (artifact, content) = artifact::fetch(cx, session.as_deref(), &id).await?;
    let has_format = fields.get("format").is_some_and(|format| !format.is_null());
    let kind = fields
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or("image");
    let formats = KINDS.iter().filter(|(name, ..)| *name == kind);
    let mut formats = formats.flat_map(|(.., formats)| formats.iter());
    let format = formats.find(|(_, mime)| *mime == artifact.mime_type);
    if let Some((format, _)) = format.filter(|_| !has_format) {
        fields.insert("format", (*format).into());
    }
    fields.insert("data", content);
    Ok(Value::Map(fields))
}

async fn of_file(cx: &Cx, item: &Value, fields: &Map) -> Result<Option<Value>> {
    let Some(Value::Str(path)) = fields.get("path") else {
        return Ok(None);
    };
    let is_given = |name: &&str| fields.get(name).is_some_and(|value| !value.is_null());
    let name = item.get("type").and_then(Value::as_str).unwrap_or("image");
    let Some((_, most, formats)) = KINDS.iter().find(|(kind, ..)| *kind == name) else {
        return Ok(None);
    };
    let bytes = file::read_whole(cx, path, *most as u64).await?;
    let mut fields = fields.clone();
    fields.shift_remove("path");
    let extension = path
        .rsplit_once('.')
        .map(|(_, extension)| extension.to_ascii_lowercase());
    if !is_given(&"format")
        && sniff(&head(&bytes)).is_none()
        && let Some(extension) =
            extension.filter(|own| formats.iter().any(|(known, _)| known == own))
    {
        fields.insert("format", extension.into());
    }
    fields.insert("data", Value::Bytes(bytes));
    Ok(Some(Value::Map(fields)))
}

/// Reads the item number `index` (from 1) of an input's media.
///
/// - Errors: `InvalidArgs` with the index for a bad item; `Unavailable` for an artifact, or a file that was not loaded.
pub(super) fn part(index: usize, item: &Value) -> Result<Part> {
    let Value::Map(fields) = item else {
        bail!(
            InvalidArgs,
            "media item {index} must be a table, got {}",
            item.type_name()
        );
    };
    read(index, fields).map_err(|error| error.with("index", index))
}

fn read(index: usize, fields: &Map) -> Result<Part> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let name = text("type").unwrap_or("image");
    let Some((_, most, formats)) = KINDS.iter().find(|(kind, ..)| *kind == name) else {
        return Err(error!(
            InvalidArgs,
            "media item {index} has the unknown type '{name}'"
        )
        .hint("the types are image, audio, video and binary"));
    };
    check_shape(index, fields)?;
    let (data, head) = content(index, fields)?;
    let size = data.len() / 4 * 3;
    if size > *most {
        bail!(
            InvalidArgs,
            "media item {index} has {size} bytes, {name} may have {most}"
        );
    }
    let format = match text("format") {
        Some(format) => format.to_ascii_lowercase(),
        None => sniff(&head).unwrap_or(formats[0].0).to_owned(),
    };
    let Some((_, mime)) = formats.iter().find(|(known, _)| *known == format) else {
        let known: Vec<&str> = formats.iter().map(|(known, _)| *known).collect();
        return Err(error!(
            InvalidArgs,
            "media item {index} has the unknown {name} format '{format}'"
        )
        .hint(format!("the formats are {}", known.join(", "))));
    };
    let media = Media::base64(*mime, data);
    Ok(match name {
        "audio" => Part::Audio(media),
        "video" => Part::Video(media),
        "binary" => Part::Document(media),
        _ => Part::Image(media),
    })
}

/// Returns the content as base64 text, and its first bytes.
fn content(index: usize, fields: &Map) -> Result<(String, Vec<u8>)> {
    let sources = ["base64", "data", "path", "artifact"];
    let mut given = sources
        .into_iter()
        .filter(|name| fields.get(name).is_some_and(|value| !value.is_null()));
    let (source, another) = (given.next(), given.next());
    if let (Some(first), Some(second)) = (source, another) {
        bail!(
            InvalidArgs,
            "media item {index} has both `{first}` and `{second}`"
        );
    }
    let value = source
        .and_then(|name| fields.get(name))
        .unwrap_or(&Value::Null);
    match (source, value) {
        (Some("base64"), Value::Str(text)) => {
            let bytes = STANDARD.decode(text).map_err(|failure| {
                error!(
                    InvalidArgs,
                    "media item {index} is no base64 text: {}",
                    failure.to_string().trim_end_matches('.')
                )
            })?;
            Ok((text.clone(), head(&bytes)))
        }
        (Some("data"), Value::Bytes(bytes)) => Ok((STANDARD.encode(bytes), head(bytes))),
        (Some("data"), Value::Str(text)) => Ok((STANDARD.encode(text), head(text.as_bytes()))),
        (Some(name @ ("path" | "artifact")), Value::Str(_)) => Err(error!(
            Unavailable,
            "media item {index} names a {name}, which this run cannot read"
        )
        .hint("give its content in `data` or `base64`")),
        (Some(name), value) => {
            bail!(
                InvalidArgs,
                "`{name}` of media item {index} must be text, got {}",
                value.type_name()
            )
        }
        (None, _) => bail!(
            InvalidArgs,
            "media item {index} needs one of base64, data, path, artifact"
        ),
    }
}

fn check_shape(index: usize, fields: &Map) -> Result<()> {
    for name in ["width", "height"] {
        if let Some(value) = fields.get(name).filter(|value| !value.is_null())
            && value.as_int().is_none_or(|size| size < 0)
        {
            bail!(
                InvalidArgs,
                "`{name}` of media item {index} must be a whole number, got {value}"
            );
        }
    }
    match fields.get("color_space") {
        None | Some(Value::Null) => Ok(()),
        Some(Value::Str(space)) if COLOR_SPACES.contains(&space.as_str()) => Ok(()),
        Some(other) => Err(error!(
            InvalidArgs,
            "`color_space` of media item {index} is unknown: {other}"
        )
        .hint(format!("known are {}", COLOR_SPACES.join(", ")))),
    }
}

fn head(bytes: &[u8]) -> Vec<u8> {
    bytes[..bytes.len().min(16)].to_vec()
}

fn sniff(head: &[u8]) -> Option<&'static str> {
    let known = MAGIC.iter().find(|(magic, _)| head.starts_with(magic));
    match (known, head) {
        (Some((_, format)), _) => Some(format),
        (None, [b'R', b'I', b'F', b'F', _, _, _, _, rest @ ..]) if rest.starts_with(b"WEBP") => {
            Some("webp")
        }
        (None, [b'R', b'I', b'F', b'F', _, _, _, _, rest @ ..]) if rest.starts_with(b"WAVE") => {
            Some("wav")
        }
        (None, [_, _, _, _, rest @ ..]) if rest.starts_with(b"ftyp") => Some("mp4"),
        _ => None,
    }
}

/// Returns the word for what a part needs of its model; nothing for text.
pub(super) fn modality(part: &Part) -> Option<&'static str> {
    match part {
        Part::Image(_) => Some("image"),
        Part::Audio(_) => Some("audio"),
        Part::Video(_) => Some("video"),
        Part::Document(_) => Some("document"),
        _ => None,
    }
}

/// Returns the media that a model produced: `{type, base64, format}`.
pub(super) fn produced(parts: &[Part]) -> Vec<Value> {
    parts
        .iter()
        .filter_map(|part| match part {
            Part::Image(media) => Some(("image", media)),
            Part::Audio(media) => Some(("audio", media)),
            Part::Video(media) => Some(("video", media)),
            Part::Document(media) => Some(("binary", media)),
            _ => None,
        })
        .map(|(kind, media)| {
            let format = media.mime.rsplit('/').next().unwrap_or_default();
            let (source, content) = match &media.source {
                llmspell_model::Source::Data(data) => ("base64", data),
                llmspell_model::Source::Url(url) => ("url", url),
            };
            Value::from([
                ("type", kind.into()),
                (source, content.as_str().into()),
                ("format", format.into()),
            ])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use llmspell_core::Kind;
    use serde_json::json;

    #[track_caller]
    fn mime(item: Value) -> String {
        match part(1, &item).unwrap() {
            Part::Image(media)
            | Part::Audio(media)
            | Part::Video(media)
            | Part::Document(media) => media.mime,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn formats_are_given_or_sniffed_or_png() {
        let bytes = |data: &[u8]| Map::from([("data", Value::Bytes(data.to_vec()))]).into();
        assert_eq!(mime(bytes(b"\xff\xd8\xff\xe0")), "image/jpeg");
        assert_eq!(mime(bytes(b"RIFF\0\0\0\0WEBPVP8 ")), "image/webp");
        assert_eq!(mime(bytes(b"what")), "image/png");
        assert_eq!(mime(json!({"base64": "R0lGODlh"}).into()), "image/gif");
        assert_eq!(
            mime(json!({"base64": "AAAA", "format": "JPG"}).into()),
            "image/jpeg"
        );
        assert_eq!(
            mime(json!({"type": "audio", "base64": "SUQz"}).into()),
            "audio/mpeg"
        );
    }

    #[track_caller]
    fn refused(item: serde_json::Value) -> Kind {
        let error = part(2, &item.into()).unwrap_err();
        assert!(error.message().contains("item 2"), "{error}");
        error.kind()
    }

    #[test]
    fn a_bad_item_is_named() {
        assert_eq!(refused(json!("x")), Kind::InvalidArgs);
        assert_eq!(refused(json!({})), Kind::InvalidArgs);
        assert_eq!(refused(json!({"base64": "!"})), Kind::InvalidArgs);
        assert_eq!(
            refused(json!({"base64": "AAAA", "data": "x"})),
            Kind::InvalidArgs
        );
        assert_eq!(
            refused(json!({"base64": "AAAA", "type": "smell"})),
            Kind::InvalidArgs
        );
        assert_eq!(
            refused(json!({"base64": "AAAA", "format": "bmp"})),
            Kind::InvalidArgs
        );
        assert_eq!(
            refused(json!({"base64": "AAAA", "width": "wide"})),
            Kind::InvalidArgs
        );
        assert_eq!(
            refused(json!({"base64": "AAAA", "color_space": "pink"})),
            Kind::InvalidArgs
        );
        assert_eq!(refused(json!({"path": "a.png"})), Kind::Unavailable);
        assert_eq!(refused(json!({"artifact": "x"})), Kind::Unavailable);
    }
}
