//! Reads journals back.

use std::collections::HashMap;
use std::sync::Arc;

use futures::future::BoxFuture;
use llmspell_core::value::{MAX_DEPTH, restore_record};
use llmspell_core::{Error, Map, Result, Value, error};
use llmspell_store::{Hash, Store};

use super::chunk::{self, LONGEST_CHAIN};
use super::entry::{Entry, Said};
use super::recorder::log_name;

/// Entries read at once.
const PAGE: usize = 2_000;

/// Most bytes of blobs in one value; only a damaged store asks for more.
const MOST_BYTES: usize = 2 << 30;

/// Nesting at which a stored value is taken for damaged: its own, and that of the chains of its lists.
const DEEPEST: usize = 2 * (MAX_DEPTH + LONGEST_CHAIN);

/// Reads the journals of one store.
#[derive(Clone, Debug)]
pub struct Reader {
    store: Arc<dyn Store>,
}

impl Reader {
    /// Reads from this store.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    /// Returns the entries about calls in the journal of a session, in the order in which they were written.
    ///
    /// A session without a journal has no entries.
    ///
    /// - Errors: `Corrupt` naming the session and the entry that cannot be read.
    pub async fn entries(&self, session: &str) -> Result<Vec<Entry>> {
        self.entries_after(session, 0).await
    }

    /// As [`entries`](Self::entries), only those with numbers above `after`.
    pub async fn entries_after(&self, session: &str, after: u64) -> Result<Vec<Entry>> {
        self.select(session, after, |entry| entry.said != Said::Saw)
            .await
    }

    /// As [`entries`](Self::entries), with those about what the run saw, which name the place in place of a call.
    pub(crate) async fn lines(&self, session: &str) -> Result<Vec<Entry>> {
        self.select(session, 0, |_| true).await
    }

    async fn select(
        &self,
        session: &str,
        after: u64,
        wanted: impl Fn(&Entry) -> bool,
    ) -> Result<Vec<Entry>> {
        let log = log_name(session);
        let (mut entries, mut after) = (Vec::new(), after);
        loop {
            let page = self.store.read_log(&log, after, PAGE).await?;
            if page.is_empty() {
                return Ok(entries);
            }
            for line in page {
                after = line.seq;
                let entry = Entry::read(session, line.seq, &line.bytes)?;
                if wanted(&entry) {
                    entries.push(entry);
                }
            }
        }
    }

    /// Restores a value from its stored form.
    ///
    /// - Errors: `Corrupt` if a part is missing, damaged, or too large to be true.
    pub async fn value(&self, stored: &str) -> Result<Value> {
        let plain = parse(stored)?;
        let mut parts = Parts::default();
        self.load(&plain, &mut parts, usize::MAX, true).await?;
        restore_record(parts.resolve(plain, 0)?)
    }

    /// Restores what small parts a stored value has near its surface; the others are null.
    pub(crate) async fn glance(&self, stored: &str) -> Result<Value> {
        let plain = parse(stored)?;
        let mut parts = Parts {
            partial: true,
            ..Parts::default()
        };
        self.load(&plain, &mut parts, 2, false).await?;
        restore_record(parts.resolve(plain, 0)?)
    }

    /// Loads the blobs that `plain` refers to, and those that these refer to, down to `levels`.
    async fn load(
        &self,
        plain: &Value,
        parts: &mut Parts,
        levels: usize,
        texts: bool,
    ) -> Result<()> {
        let mut wanted = Vec::new();
        collect(plain, texts, &mut wanted)?;
        for _ in 0..levels.min(DEEPEST) {
            wanted.sort_unstable();
            wanted.dedup();
            wanted.retain(|want| !parts.blobs.contains_key(want));
            if wanted.is_empty() {
                return Ok(());
            }
            let hashes: Vec<_> = wanted.iter().map(|want| want.hash).collect();
            let found = self.blobs(&hashes).await?;
            let mut next = Vec::new();
            for (want, bytes) in wanted.iter().zip(found) {
                let part = Part::read(want, bytes)?;
                if let Part::Value(value, _) = &part {
                    collect(value, texts, &mut next)?;
                }
                parts.blobs.insert(*want, part);
            }
            wanted = next;
        }
        Ok(())
    }

    fn blobs<'a>(&'a self, hashes: &'a [Hash]) -> BoxFuture<'a, Result<Vec<Vec<u8>>>> {
        Box::pin(async move {
            let found = self.store.blobs(hashes).await?;
            let checked = hashes.iter().zip(found).map(|(hash, bytes)| match bytes {
                Some(bytes) if llmspell_store::hash(&bytes) == *hash => Ok(bytes),
                Some(_) => Err(damaged(hash, "has another content")),
                None => Err(damaged(hash, "is missing")),
            });
            checked.collect()
        })
    }
}

fn damaged(hash: &Hash, how: &str) -> Error {
    let hash = chunk::show(hash);
    error!(Corrupt, "the part {hash} of a stored value {how}").with("part", hash)
}

fn parse(text: &str) -> Result<Value> {
    serde_json::from_str(text)
        .map_err(|cause| error!(Corrupt, "a stored value is damaged: {cause}"))
}

/// What a reference stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Form {
    Value,
    Text,
    Data,
    Group,
}

/// A blob and how it is read; the same content may be read in several ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Want {
    hash: Hash,
    form: Form,
}

/// Reads a map as a reference, if it is one.
fn reference(map: &Map) -> Result<Option<(Form, Vec<Hash>)>> {
    let (Some((tag, content)), 1) = (map.first(), map.len()) else {
        return Ok(None);
    };
    let form = match tag.as_str() {
        "$ref" => Form::Value,
        "$text" => Form::Text,
        "$data" => Form::Data,
        "$group" => Form::Group,
        _ => return Ok(None),
    };
    let texts: Vec<_> = match content {
        Value::Str(text) => vec![Some(text.as_str())],
        Value::List(items) => items.iter().map(Value::as_str).collect(),
        _ => vec![None],
    };
    let hashes: Option<Vec<_>> = texts
        .into_iter()
        .map(|text| text.and_then(chunk::parse))
        .collect();
    match hashes {
        Some(hashes) => Ok(Some((form, hashes))),
        None => Err(error!(
            Corrupt,
            "a stored value has a reference '{tag}' that cannot be read"
        )),
    }
}

/// Collects the references in a value.
fn collect(value: &Value, texts: bool, wanted: &mut Vec<Want>) -> Result<()> {
    // A member of `$map` is what a script wrote, never a reference.
    let mut open = vec![(value, false)];
    while let Some((value, written)) = open.pop() {
        match value {
            Value::List(items) => open.extend(items.iter().map(|item| (item, false))),
            Value::Map(map) if written => open.extend(map.values().map(|value| (value, false))),
            Value::Map(map) => match reference(map)? {
                Some((form, hashes)) if texts || form == Form::Value => {
                    wanted.extend(hashes.into_iter().map(|hash| Want { hash, form }));
                }
                Some(_) => {}
                None => {
                    let wrapper = map.len() == 1 && map.contains_key("$map");
                    open.extend(map.values().map(|value| (value, wrapper)));
                }
            },
            _ => {}
        }
    }
    Ok(())
}

#[derive(Debug)]
enum Part {
    /// With the length of its text.
    Value(Value, usize),
    Text(String),
    Data(Vec<u8>),
}

impl Part {
    fn read(want: &Want, bytes: Vec<u8>) -> Result<Self> {
        if want.form == Form::Data {
            return Ok(Self::Data(bytes));
        }
        let text = String::from_utf8(bytes).map_err(|_| damaged(&want.hash, "is not text"))?;
        match want.form {
            Form::Text => Ok(Self::Text(text)),
            _ => Ok(Self::Value(parse(&text)?, text.len())),
        }
    }
}

/// The blobs of one value.
#[derive(Debug, Default)]
struct Parts {
    blobs: HashMap<Want, Part>,
    /// Whether what was not loaded is null.
    partial: bool,
    bytes: usize,
}

impl Parts {
    /// Puts the parts in the places of their references.
    fn resolve(&mut self, value: Value, depth: usize) -> Result<Value> {
        if depth > DEEPEST {
            return Err(error!(Corrupt, "a stored value is nested without end"));
        }
        match value {
            Value::List(items) => {
                let mut all = Vec::with_capacity(items.len());
                self.items(items, depth, &mut all)?;
                Ok(Value::List(all))
            }
            Value::Map(map) => match reference(&map)? {
                Some((form, hashes)) => self.part(form, &hashes, depth),
                None if map.len() == 1 && map.contains_key("$map") => self.wrapped(map, depth),
                None => self.members(map, depth).map(Value::Map),
            },
            plain => Ok(plain),
        }
    }

    fn members(&mut self, map: Map, depth: usize) -> Result<Map> {
        map.into_iter()
            .map(|(name, value)| Ok((name, self.resolve(value, depth + 1)?)))
            .collect()
    }

    /// Resolves the members of the map in a `$map`.
    fn wrapped(&mut self, map: Map, depth: usize) -> Result<Value> {
        let inner = map.into_iter().map(|(tag, inner)| match inner {
            Value::Map(inner) => Ok((tag, Value::Map(self.members(inner, depth + 1)?))),
            _ => Err(error!(
                Corrupt,
                "a stored value has a '$map' without members"
            )),
        });
        inner.collect::<Result<Map>>().map(Value::Map)
    }

    fn items(&mut self, items: Vec<Value>, depth: usize, all: &mut Vec<Value>) -> Result<()> {
        for item in items {
            let group = match &item {
                Value::Map(map) => reference(map)?.filter(|(form, _)| *form == Form::Group),
                _ => None,
            };
            let Some((_, hashes)) = group else {
                all.push(self.resolve(item, depth + 1)?);
                continue;
            };
            if depth > DEEPEST {
                return Err(error!(Corrupt, "a stored list is nested without end"));
            }
            for hash in hashes {
                match self.take(hash, Form::Group)? {
                    Some(Part::Value(Value::List(items), _)) => {
                        self.items(items, depth + 1, all)?
                    }
                    None => {}
                    Some(_) => return Err(damaged(&hash, "is no list")),
                }
            }
        }
        Ok(())
    }

    fn part(&mut self, form: Form, hashes: &[Hash], depth: usize) -> Result<Value> {
        let (mut text, mut data) = (String::new(), Vec::new());
        for hash in hashes {
            match (form, self.take(*hash, form)?) {
                (Form::Value, Some(Part::Value(value, _))) => {
                    return self.resolve(value, depth + 1);
                }
                (Form::Text, Some(Part::Text(piece))) => text.push_str(&piece),
                (Form::Data, Some(Part::Data(piece))) => data.extend_from_slice(&piece),
                (_, None) => return Ok(Value::Null),
                _ => return Err(damaged(hash, "stands in a wrong place")),
            }
        }
        match form {
            Form::Text => Ok(Value::Str(text)),
            Form::Data => Ok(Value::Bytes(data)),
            _ => Err(error!(
                Corrupt,
                "a stored value has a reference in a wrong place"
            )),
        }
    }

    /// Returns a copy of a part, and counts it; `None` if it was not to be loaded.
    fn take(&mut self, hash: Hash, form: Form) -> Result<Option<Part>> {
        let part = match self.blobs.get(&Want { hash, form }) {
            Some(Part::Value(value, bytes)) => Part::Value(value.clone(), *bytes),
            Some(Part::Text(text)) => Part::Text(text.clone()),
            Some(Part::Data(data)) => Part::Data(data.clone()),
            None if self.partial => return Ok(None),
            None => return Err(damaged(&hash, "is missing")),
        };
        self.bytes += match &part {
            Part::Value(_, bytes) => *bytes,
            Part::Text(text) => text.len(),
            Part::Data(data) => data.len(),
        };
        if self.bytes > MOST_BYTES {
            return Err(error!(
                Corrupt,
                "a stored value is larger than {MOST_BYTES} bytes"
            ));
        }
        Ok(Some(part))
    }
}
