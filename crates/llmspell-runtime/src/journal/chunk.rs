//! Cuts values into blobs, so that each part is stored once.
//!
//! A value is written in its record form ([`llmspell_core::value::to_record`]) with one addition: a part whose text
//! exceeds [`LARGE`] bytes becomes a blob of its own, and a reference by hash stands in its place:
//!
//! - `{"$ref":"HASH"}`: the blob is the JSON text of the part, which may hold references again.
//! - `{"$text":"HASH"}`: the part is a string, the blob its UTF-8 text. A list of hashes names its pieces, in order.
//! - `{"$data":"HASH"}`: likewise for bytes.
//! - `{"$group":"HASH"}`, an item of a list: the blob is a list whose items stand in its place. A list of hashes names
//!   several groups, in order.
//!
//! Groups let lists share their items. A list that begins with all items of one that was written before, such as the
//! conversation of an agent on its next turn, is written as that list, as a group, and the items that are new. The rest
//! of a list is made a shallow tree: items are grouped from the front, and groups again by fours.
//!
//! A hash is the address of the blob in the store, in URL-safe base64 without padding.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use llmspell_core::value::{MAX_DEPTH, to_record};
use llmspell_core::{Map, Result, Value, error};
use llmspell_store::Hash;

use super::redact::Redact;
use super::seen::Seen;

/// Bytes of text from which on a part becomes a blob.
const LARGE: usize = 200;

/// The same for what is not likely to be met again: a whole value, and a part with a list that grew, which will be
/// another one as soon as the list grows again.
const LARGE_ONCE: usize = 512;

/// Weight at which a group of items is closed: bytes of text, and more for each reference.
const GROUP: usize = 512;

/// Weight of an item that is a reference, so that four of them make a group.
const REFERENCE: usize = GROUP / 4;

/// Groups in a group of groups.
const FAN: usize = 4;

/// Longest blob (bytes); longer strings and bytes become several.
const PIECE: usize = 1 << 20;

/// Most lists that are each the group of the next; then a list is written anew.
pub(super) const LONGEST_CHAIN: usize = 500;

/// A value as it is written: text, and what the store may lack.
#[derive(Debug, Default)]
pub(super) struct Encoded {
    pub(super) text: String,
    pub(super) fresh: Fresh,
    /// Whether a secret was struck out.
    pub(super) struck: bool,
}

/// What is to be stored along with a text.
#[derive(Debug, Default)]
pub(super) struct Fresh {
    pub(super) blobs: Vec<(Hash, Vec<u8>)>,
    /// Lists that may be referred to once this is stored.
    pub(super) lists: Vec<(Digest, Known)>,
}

impl Fresh {
    pub(super) fn extend(&mut self, other: Self) {
        self.blobs.extend(other.blobs);
        self.lists.extend(other.lists);
    }
}

/// Stands for the texts of the items of a list.
pub(super) type Digest = [u8; 16];

/// A list that is stored.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    hash: Hash,
    /// How many lists it is a chain of.
    pub(super) chain: usize,
}

/// Encodes `value`, whose record form is `record`.
///
/// - Errors: `Limit` if it is nested deeper than values may be.
pub(super) fn encode(
    value: &Value,
    record: String,
    seen: &Seen,
    redact: &Redact,
) -> Result<Encoded> {
    // One look at the whole instead of one at each part, unless a part reads otherwise there: texts are escaped, bytes
    // are base64 text.
    let plain = !record.contains('\\') && !record.contains("\"$bytes\"");
    let clean = plain && !redact.finds(&record);
    if clean && record.len() < LARGE {
        // Nothing in it can be large; the text is what follows, only faster.
        return Ok(Encoded {
            text: record,
            ..Encoded::default()
        });
    }
    let redact = (!clean).then_some(redact);
    let mut encoder = Encoder {
        seen,
        redact,
        struck: Cell::new(false),
        brought: HashSet::new(),
        fresh: Fresh::default(),
        list: Listed::default(),
        depth: 0,
        deepest: 0,
        growing: false,
    };
    let mut text = String::new();
    encoder.part(value, LARGE_ONCE, &mut text);
    if encoder.deepest > MAX_DEPTH {
        return Err(error!(
            Limit,
            "a value nested deeper than {MAX_DEPTH} levels cannot be recorded"
        )
        .with("limit", MAX_DEPTH));
    }
    Ok(Encoded {
        text,
        fresh: encoder.fresh,
        struck: encoder.struck.get(),
    })
}

/// Returns how a hash is written.
pub(super) fn show(hash: &Hash) -> String {
    URL_SAFE_NO_PAD.encode(hash)
}

/// Returns the hash that is written so.
pub(super) fn parse(text: &str) -> Option<Hash> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

/// What is known about a list when it is written.
#[derive(Default)]
struct Listed {
    digest: Option<Digest>,
    chain: usize,
    /// Where it is stored, if it is.
    stored: Option<Hash>,
}

struct Encoder<'a> {
    seen: &'a Seen,
    /// `None` if there is nothing to strike out.
    redact: Option<&'a Redact>,
    struck: Cell<bool>,
    /// The addresses of the blobs in `fresh`.
    brought: HashSet<Hash>,
    fresh: Fresh,
    /// The list that was written last.
    list: Listed,
    depth: usize,
    deepest: usize,
    /// Whether the part that is being written holds a list that begins as another one.
    growing: bool,
}

impl Encoder<'_> {
    /// Writes a part, or a reference to it if its text has `large` bytes or more.
    fn part(&mut self, value: &Value, large: usize, out: &mut String) {
        match value {
            Value::Str(text) => self.text(text, out),
            Value::Bytes(bytes) => self.bytes(bytes, out),
            Value::List(_) | Value::Map(_) | Value::Handle(_) => {
                let start = out.len();
                let around = std::mem::take(&mut self.growing);
                self.deeper(|encoder| encoder.container(value, out));
                let large = match value {
                    // The next list is to begin with this one, so it is stored by itself.
                    Value::List(_) => large.min(LARGE),
                    _ if self.growing => LARGE_ONCE,
                    _ => large,
                };
                self.growing |= around;
                let list = match value {
                    Value::List(_) => std::mem::take(&mut self.list),
                    _ => Listed::default(),
                };
                if list.stored.is_some() || out.len() - start >= large {
                    let hash = list
                        .stored
                        .unwrap_or_else(|| self.blob(out.as_bytes()[start..].into()));
                    if let Some(digest) = list.digest {
                        let chain = list.chain;
                        self.fresh.lists.push((digest, Known { hash, chain }));
                    }
                    out.truncate(start);
                    refer("$ref", &hash, out);
                    self.growing = around;
                }
            }
            scalar => out.push_str(&to_record(scalar)),
        }
    }

    fn deeper(&mut self, write: impl FnOnce(&mut Self)) {
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
        if self.depth <= MAX_DEPTH {
            write(self);
        }
        self.depth -= 1;
    }

    fn container(&mut self, value: &Value, out: &mut String) {
        match value {
            Value::List(items) => self.list(items, out),
            Value::Map(map) if looks_tagged(map) => {
                out.push_str("{\"$map\":");
                self.members(map, out);
                out.push('}');
            }
            Value::Map(map) => self.members(map, out),
            Value::Handle(handle) => {
                let mut whole = handle.to_map();
                whole.insert("fields", Value::Map(handle.fields.clone()));
                out.push_str("{\"$handle\":");
                self.members(&whole, out);
                out.push('}');
            }
            _ => {}
        }
    }

    fn members(&mut self, map: &Map, out: &mut String) {
        out.push('{');
        for (place, (name, value)) in map.iter().enumerate() {
            if place > 0 {
                out.push(',');
            }
            quote(&self.clean(name), out);
            out.push(':');
            self.part(value, LARGE, out);
        }
        out.push('}');
    }

    fn list(&mut self, items: &[Value], out: &mut String) {
        let start = out.len();
        let mut ends = Vec::with_capacity(items.len());
        for item in items {
            self.part(item, LARGE, out);
            ends.push(out.len());
        }
        let texts = out.split_off(start);
        let texts = Texts {
            text: &texts,
            start,
            ends: &ends,
        };
        let digests = texts.digests();
        let before = self.seen.list(&digests, LONGEST_CHAIN);
        out.push('[');
        let (from, chain) = match before {
            Some((count, known)) if count == items.len() => {
                // The very list: it must look as it did before, or what holds it would be another one.
                self.list = Listed {
                    stored: Some(known.hash),
                    ..Listed::default()
                };
                return;
            }
            Some((count, known)) => {
                self.growing = true;
                refer("$group", &known.hash, out);
                (count, known.chain + 1)
            }
            None => (0, 0),
        };
        self.items(&texts, from, out);
        out.push(']');
        self.list = Listed {
            digest: digests.last().copied(),
            chain,
            stored: None,
        };
    }

    /// Writes the items from this one on, in groups if they are many.
    fn items(&mut self, texts: &Texts<'_>, from: usize, out: &mut String) {
        let mut groups = Vec::new();
        let mut open = String::new();
        let mut weight = 0;
        for place in from..texts.ends.len() {
            let text = texts.item(place);
            if !open.is_empty() {
                open.push(',');
            }
            open.push_str(text);
            weight += if is_reference(text) {
                REFERENCE
            } else {
                text.len() + 1
            };
            if weight >= GROUP {
                let group = self.blob(format!("[{open}]").into_bytes());
                self.stack(&mut groups, 0, group);
                open.clear();
                weight = 0;
            }
        }
        let groups: Vec<_> = groups.into_iter().rev().flatten().collect();
        if !groups.is_empty() {
            comma(out);
            refer_all("$group", &groups, out);
        }
        if !open.is_empty() {
            comma(out);
            out.push_str(&open);
        }
    }

    /// Puts a group of this level (0: of items) behind its like, and four of them into one of the next level.
    fn stack(&mut self, groups: &mut Vec<Vec<Hash>>, level: usize, group: Hash) {
        if groups.len() == level {
            groups.push(Vec::with_capacity(FAN));
        }
        groups[level].push(group);
        if groups[level].len() == FAN {
            let mut text = String::from("[");
            refer_all("$group", &groups[level], &mut text);
            text.push(']');
            groups[level].clear();
            let whole = self.blob(text.into_bytes());
            self.stack(groups, level + 1, whole);
        }
    }

    fn clean<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.redact {
            Some(redact) => self.noted(redact.text(text)),
            None => text.into(),
        }
    }

    /// Notes whether anything was struck out of what is borrowed otherwise.
    fn noted<'t, T: ToOwned + ?Sized>(&self, clean: Cow<'t, T>) -> Cow<'t, T> {
        if matches!(clean, Cow::Owned(_)) {
            self.struck.set(true);
        }
        clean
    }

    fn text(&mut self, text: &str, out: &mut String) {
        let text = self.clean(text);
        if text.len() < LARGE {
            return quote(&text, out);
        }
        let mut pieces = Vec::new();
        let mut rest = &*text;
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(rest.floor_char_boundary(PIECE));
            pieces.push(piece.as_bytes());
            rest = after;
        }
        self.pieces("$text", &pieces, out);
    }

    fn bytes(&mut self, bytes: &[u8], out: &mut String) {
        let bytes = match self.redact {
            Some(redact) => self.noted(redact.bytes(bytes)),
            None => bytes.into(),
        };
        if bytes.len() < LARGE {
            out.push_str("{\"$bytes\":\"");
            STANDARD.encode_string(&bytes, out);
            return out.push_str("\"}");
        }
        let pieces: Vec<_> = bytes.chunks(PIECE).collect();
        self.pieces("$data", &pieces, out);
    }

    fn pieces(&mut self, tag: &str, pieces: &[&[u8]], out: &mut String) {
        let hashes: Vec<_> = pieces.iter().map(|piece| self.borrowed(piece)).collect();
        refer_all(tag, &hashes, out);
    }

    fn blob(&mut self, bytes: Vec<u8>) -> Hash {
        let hash = llmspell_store::hash(&bytes);
        if !self.seen.contains(&hash) && self.brought.insert(hash) {
            self.fresh.blobs.push((hash, bytes));
        }
        hash
    }

    /// As [`blob`](Self::blob), but copies the bytes only if they are new.
    fn borrowed(&mut self, bytes: &[u8]) -> Hash {
        let hash = llmspell_store::hash(bytes);
        if !self.seen.contains(&hash) && self.brought.insert(hash) {
            self.fresh.blobs.push((hash, bytes.to_vec()));
        }
        hash
    }
}

/// The texts of the items of a list, one after the other.
struct Texts<'a> {
    text: &'a str,
    start: usize,
    ends: &'a [usize],
}

impl Texts<'_> {
    fn item(&self, place: usize) -> &str {
        let from = match place {
            0 => 0,
            _ => self.ends[place - 1] - self.start,
        };
        &self.text[from..self.ends[place] - self.start]
    }

    /// Returns for each item what stands for the list up to it.
    fn digests(&self) -> Vec<Digest> {
        let mut digest = Digest::default();
        let up_to = (0..self.ends.len()).map(|place| {
            let mut hasher = blake3::Hasher::new();
            hasher.update(&digest);
            hasher.update(self.item(place).as_bytes());
            digest.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
            digest
        });
        up_to.collect()
    }
}

/// Separates an item from those before it.
fn comma(out: &mut String) {
    if !out.ends_with('[') {
        out.push(',');
    }
}

fn refer(tag: &str, hash: &Hash, out: &mut String) {
    out.push_str("{\"");
    out.push_str(tag);
    out.push_str("\":\"");
    URL_SAFE_NO_PAD.encode_string(hash, out);
    out.push_str("\"}");
}

fn refer_all(tag: &str, hashes: &[Hash], out: &mut String) {
    if let [hash] = hashes {
        return refer(tag, hash, out);
    }
    out.push_str("{\"");
    out.push_str(tag);
    out.push_str("\":[");
    for (place, hash) in hashes.iter().enumerate() {
        out.push_str(if place > 0 { ",\"" } else { "\"" });
        URL_SAFE_NO_PAD.encode_string(hash, out);
        out.push('"');
    }
    out.push_str("]}");
}

fn is_reference(text: &str) -> bool {
    ["{\"$ref\":", "{\"$text\":", "{\"$data\":"]
        .iter()
        .any(|tag| text.starts_with(tag))
}

/// Returns whether the record form wraps the map, because it would be taken for a tag.
fn looks_tagged(map: &Map) -> bool {
    map.len() == 1 && map.keys().all(|name| name.starts_with('$'))
}

fn quote(text: &str, out: &mut String) {
    // Every text has a JSON form.
    out.push_str(&serde_json::to_string(text).unwrap_or_else(|_| "null".to_owned()));
}
