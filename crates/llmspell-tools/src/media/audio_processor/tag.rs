//! What a sound file says of itself in words: title, artist, cover.

use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::Path;

use llmspell_core::host::failure;
use llmspell_core::{Files, Map, Result, Value, bail, error};
use lofty::config::{ParseOptions, WriteOptions};
use lofty::file::{AudioFile as _, TaggedFile, TaggedFileExt as _};
use lofty::picture::{MimeType, PictureType};
use lofty::probe::Probe;
use lofty::tag::{ItemKey, Tag, TagType};

/// Bytes of the beginning and of the end of a file in which tags are looked for.
const HEAD: u64 = 32 << 20;
const TAIL: u64 = 8 << 20;

/// Most tags beside those with a name of their own, and most characters of one.
const MAX_TAGS: usize = 200;
const MAX_TEXT: usize = 1000;

/// The tags with a name of their own.
pub(super) const NAMED: &[(&str, ItemKey)] = &[
    ("title", ItemKey::TrackTitle),
    ("artist", ItemKey::TrackArtist),
    ("album", ItemKey::AlbumTitle),
    ("album_artist", ItemKey::AlbumArtist),
    ("track", ItemKey::TrackNumber),
    ("year", ItemKey::RecordingDate),
    ("genre", ItemKey::Genre),
    ("comment", ItemKey::Comment),
];

/// Returns the request for [`read`]: the parts of a file in which its tags are.
pub(super) fn request(files: &dyn Files, path: &str, cover: bool) -> Result<Map> {
    let path = Path::new(path);
    let mut file = files.open(path)?;
    let size = file.entry().size;
    let mut head = Vec::new();
    let mut tail = Vec::new();
    let mut part = |from: u64, most: u64, bytes: &mut Vec<u8>| {
        file.seek(SeekFrom::Start(from))?;
        (&mut file).take(most).read_to_end(bytes)
    };
    part(0, HEAD, &mut head)
        .and_then(|_| match size > HEAD {
            true => part(size.saturating_sub(TAIL).max(HEAD), TAIL, &mut tail),
            false => Ok(0),
        })
        .map_err(|cause| failure(path, cause))?;
    Ok(Map::from([
        ("head", Value::Bytes(head)),
        ("tail", Value::Bytes(tail)),
        ("size", size.into()),
        ("cover", cover.into()),
    ]))
}

/// A file of which only the beginning and the end are there. Between them are zeros.
struct Parts {
    head: Vec<u8>,
    tail: Vec<u8>,
    size: u64,
    at: u64,
}

impl Read for Parts {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let tail = self.size - self.tail.len() as u64;
        let head = self.head.len() as u64;
        let count = match self.at {
            at if at < head => (&self.head[at as usize..]).read(buffer)?,
            at if at >= self.size => 0,
            at if at >= tail => (&self.tail[(at - tail) as usize..]).read(buffer)?,
            at => {
                let count = (tail - at).min(buffer.len() as u64) as usize;
                buffer[..count].fill(0);
                count
            }
        };
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Parts {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.size.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

/// Takes what [`request`] gives; answers with the `tags`, what is `said` of the sound, and the `cover` if asked.
pub(super) fn read(input: Value) -> Result<Value> {
    let Value::Map(mut input) = input else {
        bail!(InvalidArgs, "a job of audio_processor has no members");
    };
    let mut bytes = |name: &str| match input.shift_remove(name) {
        Some(Value::Bytes(bytes)) => bytes,
        _ => Vec::new(),
    };
    let (head, tail) = (bytes("head"), bytes("tail"));
    let size = input.get("size").and_then(Value::as_int).unwrap_or(0);
    let with_cover = input.get("cover").and_then(Value::as_bool) == Some(true);
    let least = (head.len() + tail.len()) as u64;
    let parts = Parts {
        size: u64::try_from(size).unwrap_or(0).max(least),
        head,
        tail,
        at: 0,
    };
    let file = Probe::new(BufReader::new(parts))
        .options(ParseOptions::new())
        .guess_file_type()
        .map_err(|cause| error!(Parse, "the tags cannot be read: {cause}"))?
        .read()
        .map_err(|cause| error!(Parse, "the tags cannot be read: {cause}"))?;
    let mut answer = Map::from([("tags", facts(&file).into()), ("said", said(&file).into())]);
    if let Some((mime, picture)) = cover(&file).filter(|_| with_cover) {
        answer.insert("mime_type", mime.into());
        answer.insert("cover", Value::Bytes(picture));
    }
    Ok(answer.into())
}

/// Returns what the file says of its sound.
fn said(file: &TaggedFile) -> Map {
    let said = file.properties();
    let seconds = Some(said.duration().as_secs_f64()).filter(|seconds| *seconds > 0.0);
    let rate = said.audio_bitrate().or(said.overall_bitrate());
    let rate = rate.filter(|rate| *rate > 0);
    Map::from([
        ("seconds", seconds.into()),
        ("sample_rate", said.sample_rate().into()),
        ("channels", said.channels().into()),
        ("bits", said.bit_depth().into()),
        ("bit_rate", rate.map(|rate| u64::from(rate) * 1000).into()),
    ])
}

/// Returns the tags as `metadata` shows them.
fn facts(file: &TaggedFile) -> Map {
    let primary = file.primary_tag_type();
    let mut tags: Vec<&Tag> = file.tags().iter().collect();
    tags.sort_by_key(|tag| tag.tag_type() != primary);
    let text = |key: ItemKey| tags.iter().find_map(|tag| tag.get_string(key));
    let mut facts = Map::new();
    for (name, key) in NAMED {
        let value = match *name {
            "track" => number(text(*key)),
            "year" => number(text(*key).or_else(|| text(ItemKey::Year))),
            _ => text(*key).map(cut).into(),
        };
        facts.insert((*name).to_owned(), value);
    }
    let has_cover = tags.iter().any(|tag| tag.picture_count() > 0);
    facts.insert("has_cover", has_cover.into());
    let mut others = Map::new();
    for item in tags.iter().flat_map(|tag| tag.items()) {
        let name = item.key().map_key(TagType::VorbisComments);
        let is_named =
            item.key() == ItemKey::Year || NAMED.iter().any(|(_, key)| *key == item.key());
        if let (Some(name), Some(text), false) = (name, item.value().text(), is_named) {
            if others.len() == MAX_TAGS {
                break;
            }
            let name = name.to_ascii_lowercase();
            others.entry(name).or_insert_with(|| cut(text).into());
        }
    }
    facts.insert("tags", others.into());
    facts
}

/// Returns the tags of a file that has none, or in which they cannot be read.
pub(super) fn none(has_cover: Option<bool>) -> Map {
    let mut facts: Map = NAMED
        .iter()
        .map(|(name, _)| ((*name).to_owned(), Value::Null))
        .collect();
    facts.insert("has_cover", has_cover.into());
    facts.insert("tags", has_cover.map(|_| Map::new()).into());
    facts
}

/// Returns the number that a tag begins with: of `3/12` the 3, of `1999-05-01` the year.
fn number(text: Option<&str>) -> Value {
    let digits = text.map(|text| {
        let text = text.trim();
        let end = text.find(|letter: char| !letter.is_ascii_digit());
        &text[..end.unwrap_or(text.len())]
    });
    digits.and_then(|digits| digits.parse::<u32>().ok()).into()
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Returns the picture on the cover and its type.
fn cover(file: &TaggedFile) -> Option<(&'static str, Vec<u8>)> {
    let pictures = || file.tags().iter().flat_map(|tag| tag.pictures());
    let front = pictures().find(|picture| picture.pic_type() == PictureType::CoverFront);
    let picture = front.or_else(|| pictures().next())?;
    let mime = match picture.mime_type() {
        Some(MimeType::Png) => "image/png",
        Some(MimeType::Jpeg) => "image/jpeg",
        Some(MimeType::Gif) => "image/gif",
        Some(MimeType::Bmp) => "image/bmp",
        Some(MimeType::Tiff) => "image/tiff",
        _ => "application/octet-stream",
    };
    Some((mime, picture.data().to_vec()))
}

/// Finds the key of a tag by its name.
pub(super) fn key(name: &str) -> Option<ItemKey> {
    let folded = name.trim().to_ascii_lowercase();
    let named = NAMED.iter().find(|(known, _)| *known == folded);
    let upper = folded.to_ascii_uppercase();
    named
        .map(|(_, key)| *key)
        .or_else(|| ItemKey::from_key(TagType::VorbisComments, &upper))
}

/// Takes `{file, tags}`, in which a tag without text is removed; answers with the new `file`.
pub(super) fn write(input: Value) -> Result<Value> {
    let Value::Map(mut input) = input else {
        bail!(InvalidArgs, "a job of audio_processor has no members");
    };
    let tags = input.shift_remove("tags").unwrap_or_default();
    let Some(Value::Bytes(file)) = input.shift_remove("file") else {
        bail!(InvalidArgs, "a job of audio_processor has no file");
    };
    let mut cursor = Cursor::new(file);
    let damaged =
        |cause: &dyn std::fmt::Display| error!(Parse, "the sound file is damaged: {cause}");
    let mut tagged = Probe::new(&mut cursor)
        .guess_file_type()
        .map_err(|cause| damaged(&cause))?
        .read()
        .map_err(|cause| damaged(&cause))?;
    let kind = tagged.primary_tag_type();
    if tagged.tag(kind).is_none() {
        tagged.insert_tag(Tag::new(kind));
    }
    let Some(tag) = tagged.tag_mut(kind) else {
        bail!(
            Unavailable,
            "this build writes no tags into files of this format"
        );
    };
    for (name, text) in tags.as_map().into_iter().flatten() {
        let key = key(name).ok_or_else(|| error!(InvalidArgs, "no tag '{name}'"))?;
        tag.remove_key(key);
        if key == ItemKey::RecordingDate {
            tag.remove_key(ItemKey::Year);
        }
        let text = text.as_str().unwrap_or_default();
        if !text.is_empty() && !tag.insert_text(key, text.to_owned()) {
            return Err(error!(
                InvalidArgs,
                "files of this format have no place for the tag '{name}'"
            )
            .with("parameter", "tags"));
        }
    }
    cursor.set_position(0);
    tagged
        .save_to(&mut cursor, WriteOptions::default())
        .map_err(|cause| error!(Execution, "the tags cannot be written: {cause}"))?;
    let file = [("file".to_owned(), Value::Bytes(cursor.into_inner()))];
    Ok(Value::Map(Map::from_iter(file)))
}
