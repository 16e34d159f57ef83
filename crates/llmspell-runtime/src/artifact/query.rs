//! `Artifact.query`.

use llmspell_core::{Cx, Map, Result, Value, bail};
use schemars::JsonSchema;
use serde::Deserialize;

use super::stored::{self, Artifacts};
use super::{kind, session, shown, store};
use crate::agent::moment;

/// Returns the artifacts of all sessions, or of one, that have all that is asked for, newest first.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Query {
    /// Only those of this session.
    session_id: Option<String>,
    /// Only those of this type.
    #[serde(rename = "type")]
    #[schemars(extend("x-synonyms" = ["artifact_type"]))]
    kind: Option<String>,
    /// A pattern with `*` and `?`; without them a part of the name, in any case.
    name_pattern: Option<String>,
    /// All of these.
    #[serde(default)]
    tags: Value,
    /// From this time on: RFC 3339 text, or seconds since 1970.
    #[serde(default)]
    created_after: Value,
    /// Up to this time: RFC 3339 text, or seconds since 1970.
    #[serde(default)]
    created_before: Value,
    /// From this size on, in bytes.
    min_size: Option<u64>,
    /// Up to this size, in bytes.
    max_size: Option<u64>,
    /// Equal values in `custom`, by path.
    #[serde(default)]
    custom: Value,
    /// How many to leave out.
    #[serde(default)]
    offset: usize,
    /// Most artifacts.
    #[serde(default = "hundred")]
    limit: usize,
}

fn hundred() -> usize {
    100
}

pub(super) async fn query(cx: Cx, a: Query) -> Result<Vec<Value>> {
    let artifacts = cx.part::<Artifacts>()?;
    if let Some(session) = a
        .session_id
        .as_deref()
        .filter(|session| !session.is_empty())
    {
        session::known(&cx, session).await?;
    }
    let custom = match a.custom {
        Value::Null => Map::new(),
        Value::Map(custom) => custom,
        Value::List(list) if list.is_empty() => Map::new(),
        other => bail!(
            InvalidArgs,
            "`custom` must be a table, got {}",
            other.type_name()
        ),
    };
    let query = stored::Query {
        session: a.session_id.filter(|session| !session.is_empty()),
        kind: a.kind.as_deref().map(kind::kind),
        name_pattern: a.name_pattern,
        tags: store::tags(&a.tags)?,
        created_after: moment::read("created_after", &a.created_after)?,
        created_before: moment::read("created_before", &a.created_before)?,
        min_size: a.min_size,
        max_size: a.max_size,
        custom,
        offset: a.offset,
        limit: a.limit,
    };
    Ok(artifacts
        .query(&query)
        .await?
        .iter()
        .map(shown::shown)
        .collect())
}
