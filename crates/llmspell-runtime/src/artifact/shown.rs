//! Artifacts as scripts see them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use llmspell_core::{Map, Value};
use schemars::JsonSchema;
use serde::Serialize;

use super::id::Id;
use super::stored::Artifact;
use crate::agent::moment;

/// What is known of an artifact.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "ArtifactMetadata")]
pub(super) struct Metadata {
    id: Id,
    /// BLAKE3 of the content, 64 hex digits.
    content_hash: String,
    /// The session that it belongs to.
    session_id: String,
    /// Its number within the session, from 1.
    sequence: u64,
    name: String,
    /// `custom.description`.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// `agent_output`, `tool_result`, `user_input`, `system_generated`, or an own word.
    artifact_type: String,
    mime_type: String,
    /// Bytes of the content.
    size: u64,
    original_size: u64,
    /// Bytes that it takes in the store.
    stored_size: u64,
    is_compressed: bool,
    tags: Vec<String>,
    /// What else was noted.
    #[schemars(with = "std::collections::BTreeMap<String, Value>")]
    custom: Map,
    /// 1 for the first of its name.
    version: u64,
    /// RFC 3339.
    created_at: String,
    /// Agent, tool or script.
    #[serde(skip_serializing_if = "Option::is_none")]
    created_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_artifact: Option<Id>,
    /// The same once more.
    metadata: Value,
}

/// An artifact with its content.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "Artifact")]
pub(super) struct Whole {
    /// Text if it was given as text, else bytes.
    content: Value,
    #[serde(flatten)]
    metadata: Metadata,
}

/// Returns an artifact without its content, as a table.
pub fn shown(artifact: &Artifact) -> Value {
    let facts = facts(artifact);
    let mut shown = facts.clone();
    shown.insert("metadata", Value::Map(facts));
    Value::Map(shown)
}

/// Returns an artifact with its content, as a table.
pub(super) fn whole(artifact: &Artifact, content: Value) -> Value {
    let mut shown = Map::from([("content", content)]);
    if let Value::Map(metadata) = self::shown(artifact) {
        shown.extend(metadata);
    }
    Value::Map(shown)
}

/// Returns a content as it was given: as text or as bytes.
pub(super) fn content(artifact: &Artifact, content: Bytes) -> Value {
    let bytes = Vec::from(content);
    if !artifact.is_text {
        return Value::Bytes(bytes);
    }
    match String::from_utf8(bytes) {
        Ok(text) => Value::Str(text),
        Err(binary) => Value::Bytes(binary.into_bytes()),
    }
}

/// Returns an artifact with its content as exports have it: what is no text is in base64, and says so.
pub(super) fn exported(artifact: &Artifact, content: Bytes) -> Value {
    let mut shown = facts(artifact);
    let content = match self::content(artifact, content) {
        Value::Bytes(bytes) => {
            shown.insert("encoding", "base64".into());
            STANDARD.encode(bytes).into()
        }
        text => text,
    };
    shown.insert("content", content);
    Value::Map(shown)
}

pub(super) fn facts(artifact: &Artifact) -> Map {
    let custom = artifact.custom();
    let description = custom
        .get("description")
        .filter(|text| text.as_str().is_some())
        .cloned();
    let mut facts = Map::from([("id", artifact.id.to_value())]);
    facts.extend(artifact.id.members());
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            facts.insert(name, value);
        }
    };
    put("name", artifact.name.as_str().into());
    put("description", description.unwrap_or_default());
    put("artifact_type", artifact.kind.as_str().into());
    put("mime_type", artifact.mime_type.as_str().into());
    put("size", artifact.size.into());
    put("original_size", artifact.size.into());
    put("stored_size", artifact.stored_size.into());
    put("is_compressed", artifact.is_compressed.into());
    put(
        "tags",
        artifact
            .tags
            .iter()
            .map(|tag| Value::from(tag.as_str()))
            .collect(),
    );
    put("custom", Value::Map(custom));
    put("version", artifact.version.into());
    put("created_at", moment::text(artifact.created_at).into());
    put("created_by", artifact.created_by.clone().into());
    put(
        "parent_artifact",
        artifact
            .parent
            .as_ref()
            .map(Id::to_value)
            .unwrap_or_default(),
    );
    facts
}
