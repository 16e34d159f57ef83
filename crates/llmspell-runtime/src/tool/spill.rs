//! What of a result is kept beyond the envelope: what the caller asked for, and what was too large for it.

use std::borrow::Cow;
use std::path::PathBuf;

use bytes::Bytes;
use llmspell_core::host::WriteMode;
use llmspell_core::value::to_json;
use llmspell_core::{CallId, Cx, Map, Outcome, Result, Value, error};

use super::Tool;
use super::cap::{self, Cut};
use super::options::{Options, Spill};
use super::parameters::{Common, Save};
use crate::artifact::{self, Made, TOOL_RESULT};

/// The call whose result it is.
pub(super) struct Called<'a> {
    pub(super) tool: &'a Tool,
    /// Its id in the journal.
    pub(super) id: CallId,
}

impl Called<'_> {
    /// Returns the name of what is kept of the result, if the caller gave none.
    fn name(&self) -> String {
        format!("{}-{}", self.tool.name(), self.id)
    }
}

/// Returns whether nothing of a result is to be kept or cut.
pub(super) fn is_settled(
    options: &Options,
    common: &Common,
    tool: &Tool,
    outcome: &Outcome,
) -> bool {
    let max = most(options, common, tool);
    let mut payloads = std::iter::once(&outcome.data).chain(&outcome.output);
    common.save_output == Save::No && payloads.all(|payload| cap::measure(payload) <= max)
}

/// Returns the most bytes of a payload.
fn most(options: &Options, common: &Common, tool: &Tool) -> usize {
    let most = options.max_output_bytes(tool.name());
    common.max_output_bytes.map_or(most, |own| own.min(most))
}

/// Saves the output if the caller asked for that, and makes the payload fit; what was cut goes where `tools.spill` says.
///
/// - Errors: `Limit` if it is to go nowhere; for an output that was to be saved, why it could not be.
pub(super) async fn settle(
    cx: &Cx,
    options: &Options,
    common: &Common,
    called: &Called<'_>,
    outcome: &mut Outcome,
) -> Result<()> {
    let mut kept = Kept::default();
    let wanted = match &common.save_output {
        Save::No => None,
        Save::Unnamed => Some(called.name()),
        Save::Named(name) => Some(name.clone()),
    };
    match wanted {
        Some(name) if artifact::current(cx).is_some() => {
            kept.save(cx, called, name, outcome.primary()).await?;
        }
        // What the tool did is done, so its answer is not withheld.
        Some(_) => kept.warnings.push(format!(
            "the output was not saved: {}",
            artifact::no_session().message()
        )),
        None => {}
    }
    let max = most(options, common, called.tool);
    let mut payloads = vec![&mut outcome.data];
    payloads.extend(&mut outcome.output);
    let mut is_cut = false;
    for payload in payloads {
        let size = cap::measure(payload);
        let cuts = cap::fit(payload, max, options.preview_bytes);
        if !cuts.is_empty() && options.spill == Spill::Error {
            return Err(error!(Limit, "the result has {size} bytes, at most {max}")
                .with("limit", max)
                .with("value", size)
                .hint("raise `tools.max_output_bytes`, or set `tools.spill` to artifact or file"));
        }
        for Cut { path, whole } in cuts {
            is_cut = true;
            let reference = kept.spill(cx, options, called, whole).await;
            if let (Some((name, value)), Some(Value::Map(place))) = (reference, at(payload, &path))
            {
                place.insert(name, value);
            }
        }
    }
    if is_cut {
        outcome.metadata.insert("truncated", true.into());
    }
    kept.tell(&mut outcome.metadata);
    Ok(())
}

/// What was kept of one result.
#[derive(Default)]
struct Kept {
    /// Ids of artifacts, or paths of files, with the hashes of their contents: data and output are often the same.
    places: Vec<(blake3::Hash, &'static str, Value)>,
    warnings: Vec<String>,
}

impl Kept {
    async fn save(
        &mut self,
        cx: &Cx,
        called: &Called<'_>,
        name: String,
        output: &Value,
    ) -> Result<()> {
        let content = content_of(cx, output);
        let hash = blake3::hash(&content.bytes);
        let id = store(cx, called, name, content).await?;
        self.places.push((hash, "artifact", id));
        Ok(())
    }

    /// Keeps what was cut and returns the member that says where it is; nothing if it could not be kept.
    async fn spill(
        &mut self,
        cx: &Cx,
        options: &Options,
        called: &Called<'_>,
        whole: Value,
    ) -> Option<(&'static str, Value)> {
        let content = content_of(cx, &whole);
        let hash = blake3::hash(&content.bytes);
        if let Some((_, name, place)) = self.places.iter().find(|(known, ..)| *known == hash) {
            return Some((name, place.clone()));
        }
        let bytes = content.bytes.clone();
        if options.spill == Spill::Artifact && artifact::collecting(cx).await.is_some() {
            match store(cx, called, called.name(), content).await {
                Ok(id) => return Some(self.keep(hash, "artifact", id)),
                Err(failure) => self.warnings.push(format!(
                    "what was cut could not be stored as an artifact: {}",
                    failure.message()
                )),
            }
        }
        let name = match self.places.len() {
            0 => called.name(),
            more => format!("{}-{more}", called.name()),
        };
        match write(cx, name, bytes).await {
            Ok(path) => Some(self.keep(hash, "path", path)),
            Err(failure) => {
                self.warnings
                    .push(format!("what was cut is lost: {}", failure.message()));
                None
            }
        }
    }

    fn keep(
        &mut self,
        hash: blake3::Hash,
        name: &'static str,
        place: Value,
    ) -> (&'static str, Value) {
        self.places.push((hash, name, place.clone()));
        (name, place)
    }

    /// Adds to the metadata which artifacts there are, and what went wrong.
    fn tell(self, metadata: &mut Map) {
        let ids = self
            .places
            .into_iter()
            .filter(|(_, name, _)| *name == "artifact");
        append(metadata, "artifacts", ids.map(|(.., id)| id).collect());
        append(
            metadata,
            "warnings",
            self.warnings.into_iter().map(Value::from).collect(),
        );
    }
}

fn append(metadata: &mut Map, name: &str, more: Vec<Value>) {
    if more.is_empty() {
        return;
    }
    match metadata
        .entry(name.to_owned())
        .or_insert(Value::List(Vec::new()))
    {
        Value::List(items) => items.extend(more),
        other => *other = Value::List(more),
    }
}

async fn store(cx: &Cx, called: &Called<'_>, name: String, content: Content) -> Result<Value> {
    let facts = [
        ("tool", called.tool.name()),
        ("call_id", &called.id.to_string()),
    ];
    let facts = facts.map(|(name, value)| (name.to_owned(), Value::from(value)));
    let made = Made {
        session: artifact::current(cx).map(|session| session.to_string()),
        kind: TOOL_RESULT.to_owned(),
        name,
        content: content.bytes,
        is_text: content.is_text,
        mime_type: content.is_json.then(|| "application/json".to_owned()),
        tags: Vec::new(),
        custom: facts.into_iter().collect(),
        parent: None,
        created_by: format!("tool:{}", called.tool.name()),
    };
    Ok(artifact::save(cx, made).await?.id.to_value())
}

async fn write(cx: &Cx, name: String, bytes: Bytes) -> Result<Value> {
    let path = cx.files(move |files, _| {
        let path: PathBuf = files.temp_dir()?.join(name);
        files.write(&path, WriteMode::Replace, &bytes)?;
        Ok(path)
    });
    Ok(path.await?.to_string_lossy().into_owned().into())
}

/// A value as it is kept.
struct Content {
    bytes: Bytes,
    is_text: bool,
    is_json: bool,
}

/// Returns a value as it is kept: text and bytes as they are, anything else as JSON text, all without secrets.
fn content_of(cx: &Cx, value: &Value) -> Content {
    let clean = |text: &str| -> Bytes {
        match cx.host().secrets.strike(text) {
            Cow::Borrowed(text) => Bytes::copy_from_slice(text.as_bytes()),
            Cow::Owned(text) => text.into(),
        }
    };
    match value {
        Value::Bytes(bytes) => Content {
            bytes: match std::str::from_utf8(bytes) {
                Ok(text) => clean(text),
                Err(_) => Bytes::copy_from_slice(bytes),
            },
            is_text: false,
            is_json: false,
        },
        Value::Str(text) => Content {
            bytes: clean(text),
            is_text: true,
            is_json: false,
        },
        other => Content {
            bytes: clean(&to_json(other)),
            is_text: true,
            is_json: true,
        },
    }
}

/// Returns the member at a path.
fn at<'a>(value: &'a mut Value, path: &[String]) -> Option<&'a mut Value> {
    path.iter().try_fold(value, |value, name| match value {
        Value::Map(members) => members.get_mut(name),
        _ => None,
    })
}
