//! `Session.update_metadata`, `add_tags`, `remove_tags`.

use std::borrow::Cow;

use llmspell_core::{Cx, Map, Result, Value, bail, error};
use schemars::JsonSchema;
use serde::Deserialize;

use super::record::Record;
use super::script::{ScriptSessions, checked};

/// Most characters of a tag.
const LONGEST_TAG: usize = 64;

/// Changes what is kept with a session, in any status: members of `metadata` are laid over `custom_metadata`.
///
/// `name`, `description` and `tags` set these.
#[derive(Deserialize, JsonSchema)]
pub(super) struct UpdateMetadata {
    /// The session.
    id: String,
    /// The members.
    metadata: Value,
}

pub(super) async fn update_metadata(cx: Cx, a: UpdateMetadata) -> Result<()> {
    let sessions = cx.part::<ScriptSessions>()?;
    let mut given = custom_of("metadata", a.metadata)?.unwrap_or_default();
    let name = text(given.shift_remove("name"), "name")?;
    let description = text(given.shift_remove("description"), "description")?;
    let tags = match given.shift_remove("tags") {
        None | Some(Value::Null) => None,
        Some(tags) => Some(tags.into_typed::<Vec<String>>().map_err(|_| {
            error!(InvalidArgs, "`tags` must be a list of texts").with("parameter", "tags")
        })?),
    };
    check_tags(tags.as_deref().unwrap_or_default())?;
    let tags = tags.map(|tags| clean(&cx, &tags)).transpose()?;
    let given = match sessions.redact().value(Value::Map(given)) {
        Value::Map(given) => given,
        _ => Map::new(),
    };
    let word = |text: &String| sessions.redact().text(text).into_owned();
    edit(&cx, &a.id, |record| {
        let mut custom = record.custom()?;
        custom.extend(given.clone());
        record.set_custom(&Value::Map(custom));
        if let Some(name) = &name {
            record.name = Some(word(name));
        }
        if let Some(description) = &description {
            record.description = Some(word(description));
        }
        if let Some(tags) = &tags {
            record.tags.clone_from(tags);
        }
        Ok(true)
    })
    .await
}

/// Adds words to find a session by; those that it has already stay.
#[derive(Deserialize, JsonSchema)]
pub(super) struct AddTags {
    /// The session.
    id: String,
    /// The words, at most 64 characters each.
    tags: Vec<String>,
}

pub(super) async fn add_tags(cx: Cx, a: AddTags) -> Result<()> {
    check_tags(&a.tags)?;
    let tags = clean(&cx, &a.tags)?;
    edit(&cx, &a.id, |record| {
        let before = record.tags.len();
        for tag in &tags {
            if !record.tags.contains(tag) {
                record.tags.push(tag.clone());
            }
        }
        Ok(record.tags.len() != before)
    })
    .await
}

/// Removes words from those that a session is found by.
#[derive(Deserialize, JsonSchema)]
pub(super) struct RemoveTags {
    /// The session.
    id: String,
    /// The words.
    tags: Vec<String>,
}

pub(super) async fn remove_tags(cx: Cx, a: RemoveTags) -> Result<()> {
    let tags = clean(&cx, &a.tags)?;
    edit(&cx, &a.id, |record| {
        let before = record.tags.len();
        record.tags.retain(|tag| !tags.contains(tag));
        Ok(record.tags.len() != before)
    })
    .await
}

/// Returns tags as they are kept: without secrets.
fn clean(cx: &Cx, tags: &[String]) -> Result<Vec<String>> {
    let sessions = cx.part::<ScriptSessions>()?;
    let clean = tags.iter().map(|tag| sessions.redact().text(tag));
    Ok(clean.map(Cow::into_owned).collect())
}

async fn edit(cx: &Cx, id: &str, change: impl Fn(&mut Record) -> Result<bool>) -> Result<()> {
    let sessions = cx.part::<ScriptSessions>()?;
    let (id, now) = (checked(id)?, cx.host().clock.now());
    let change = |record: &mut Record| {
        let changed = change(record)?;
        if changed {
            record.updated_at = now;
        }
        Ok(changed)
    };
    sessions.change(&id, change).await.map(drop)
}

/// Returns a table that a script gives, without functions.
pub(super) fn custom_of(name: &str, given: Value) -> Result<Option<Map>> {
    match given.without_functions()? {
        Value::Null => Ok(None),
        Value::Map(map) => Ok(Some(map)),
        Value::List(list) if list.is_empty() => Ok(None),
        other => Err(error!(
            InvalidArgs,
            "`{name}` must be a table, got {}",
            other.type_name()
        )
        .with("parameter", name)),
    }
}

pub(super) fn check_tags(tags: &[String]) -> Result<()> {
    for tag in tags {
        let length = tag.chars().count();
        if length == 0 || length > LONGEST_TAG {
            bail!(
                InvalidArgs,
                "a tag has 1 to {LONGEST_TAG} characters, got {length}"
            );
        }
    }
    Ok(())
}

fn text(given: Option<Value>, name: &str) -> Result<Option<String>> {
    match given {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Str(text)) => Ok(Some(text)),
        Some(other) => Err(error!(
            InvalidArgs,
            "`{name}` must be text, got {}",
            other.type_name()
        )
        .with("parameter", name)),
    }
}
