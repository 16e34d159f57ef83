//! `Artifact.store`.

use bytes::Bytes;
use llmspell_core::value::to_json;
use llmspell_core::{Cx, Map, Result, Value, bail, error};
use schemars::JsonSchema;
use serde::Deserialize;

use super::id::Id;
use super::kind::SYSTEM_GENERATED;
use super::permitted::permitted;
use super::save::{Made, save};
use super::stored::Permission;

/// Stores content as an artifact of a session and returns its id.
///
/// `store(session_id, type, name, content, metadata?)`, or `store(session_id, name, table, metadata?)`, which stores the
/// JSON text of the table under the type `system_generated`. Storing under a name again makes a new version; the older
/// ones stay. A session that is absent or empty is the current one.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Store {
    /// The session; the current one if absent or empty.
    session_id: Option<String>,
    /// `agent_output`, `tool_result`, `user_input`, `system_generated` or an own word; the name in the short form.
    #[serde(rename = "type")]
    kind: String,
    /// The name; the content in the short form.
    name: Value,
    /// A string, bytes, or a table, which becomes JSON text; the metadata in the short form.
    #[serde(default)]
    content: Value,
    /// `mime_type`, `tags`, `parent_artifact`, `description`, and what else is to be noted.
    #[serde(default)]
    metadata: Value,
}

pub(super) async fn store(cx: Cx, a: Store) -> Result<Id> {
    let (kind, name, content, metadata) = match a.name {
        Value::Str(name) => (a.kind, name, a.content, a.metadata),
        table @ (Value::Map(_) | Value::List(_)) if a.metadata.is_null() => {
            (SYSTEM_GENERATED.to_owned(), a.kind, table, a.content)
        }
        other => bail!(
            InvalidArgs,
            "parameter 'name' must be a string, or the table to store, got {}",
            other.type_name()
        ),
    };
    let (content, is_text, is_json) = content_of(content)?;
    let noted = Noted::read(&cx, "artifact.store", a.session_id.as_deref(), metadata).await?;
    let made = Made {
        session: a.session_id,
        kind,
        name,
        content,
        is_text,
        mime_type: noted
            .mime_type
            .or_else(|| is_json.then(|| "application/json".to_owned())),
        tags: noted.tags,
        custom: noted.custom,
        parent: noted.parent,
        created_by: "script".to_owned(),
    };
    Ok(save(&cx, made).await?.id)
}

/// Returns the bytes of a content, whether it is text, and whether it is the JSON text of a table.
fn content_of(content: Value) -> Result<(Bytes, bool, bool)> {
    match content {
        Value::Str(text) => Ok((text.into(), true, false)),
        Value::Bytes(bytes) => Ok((bytes.into(), false, false)),
        table @ (Value::Map(_) | Value::List(_)) => {
            let text = to_json(&table.without_functions()?);
            Ok((text.into(), true, true))
        }
        other => Err(error!(
            InvalidArgs,
            "parameter 'content' must be a string, bytes or a table, got {}",
            other.type_name()
        )
        .with("parameter", "content")),
    }
}

/// What a caller notes of an artifact.
#[derive(Default)]
pub(super) struct Noted {
    pub(super) mime_type: Option<String>,
    pub(super) tags: Vec<String>,
    pub(super) parent: Option<Id>,
    pub(super) custom: Map,
}

impl Noted {
    /// Reads the metadata argument of an op: some of its members are fields of the artifact, the others are kept as they
    /// are.
    ///
    /// - Errors: `InvalidArgs` for members of the wrong type; `NotFound` and `Denied` for the parent.
    pub(super) async fn read(
        cx: &Cx,
        op: &str,
        session: Option<&str>,
        metadata: Value,
    ) -> Result<Self> {
        let mut custom = match metadata.without_functions()? {
            Value::Null => return Ok(Self::default()),
            Value::Map(members) => members,
            Value::List(items) if items.is_empty() => return Ok(Self::default()),
            other => bail!(
                InvalidArgs,
                "parameter 'metadata' must be a table, got {}",
                other.type_name()
            ),
        };
        let mime_type = match custom.shift_remove("mime_type") {
            None | Some(Value::Null) => None,
            Some(Value::Str(text)) if !text.is_empty() => Some(text),
            Some(other) => bail!(
                InvalidArgs,
                "`mime_type` must be text, got {}",
                other.type_name()
            ),
        };
        let parent = match custom.shift_remove("parent_artifact") {
            None | Some(Value::Null) => None,
            Some(given) => {
                let parent = permitted(cx, op, session, &given, Permission::Read);
                Some(parent.await?.id)
            }
        };
        let tags = custom.get("tags").map(tags).transpose()?;
        Ok(Self {
            mime_type,
            tags: tags.unwrap_or_default(),
            parent,
            custom,
        })
    }
}

/// Reads tags: a list of texts, or one.
pub(super) fn tags(given: &Value) -> Result<Vec<String>> {
    let text = |tag: &Value| {
        let text = tag.as_str().map(str::to_owned);
        text.ok_or_else(|| {
            error!(
                InvalidArgs,
                "`tags` must be a list of texts, got {}",
                tag.type_name()
            )
        })
    };
    match given {
        Value::Null => Ok(Vec::new()),
        Value::List(tags) => tags.iter().map(text).collect(),
        Value::Map(members) if members.is_empty() => Ok(Vec::new()),
        one => Ok(vec![text(one)?]),
    }
}
