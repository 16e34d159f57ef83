//! `Session.get`, `list` and `stats`.

use llmspell_core::{Cx, Result, Value, bail, error};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::list::Filter;
use super::record::{Record, count};
use super::script::{ScriptSessions, checked, missing};
use super::stage::Stage;
use super::work::Holding;
use super::{Bounds, Summary, stage_of};
use crate::agent::moment;
use crate::journal::Totals;

/// A session as scripts see it.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "SessionMetadata")]
pub(super) struct Metadata {
    /// The id.
    pub(super) id: String,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// Words to find it by.
    tags: Vec<String>,
    /// How it stands.
    pub(super) status: Stage,
    /// RFC 3339.
    created_at: String,
    /// RFC 3339.
    updated_at: String,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    completed_at: Option<String>,
    /// Who made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    created_by: Option<String>,
    /// The session that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_session_id: Option<String>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_reason: Option<String>,
    /// What the script keeps with it.
    custom_metadata: Value,
    /// The same.
    metadata: Value,
    /// Its bounds.
    pub(super) config: Bounds,
    /// Artifacts that it has.
    pub(super) artifact_count: i64,
    /// Calls that were made for it.
    pub(super) operation_count: i64,
    /// When it was made and changed last.
    #[serde(skip)]
    at: (i64, i64),
}

impl Metadata {
    fn of(record: Record, totals: &Totals, holding: &Holding, touched: i64) -> Result<Self> {
        let custom = Value::Map(record.custom()?);
        let updated = record.updated_at.max(touched);
        Ok(Self {
            id: record.id,
            name: record.name,
            description: record.description,
            tags: record.tags,
            status: record.stage,
            created_at: moment::text(record.created_at),
            updated_at: moment::text(updated),
            completed_at: record.completed_at.map(moment::text),
            created_by: record.created_by,
            parent_session_id: record.parent,
            failure_reason: record.failure_reason,
            custom_metadata: custom.clone(),
            metadata: custom,
            config: record.bounds,
            artifact_count: count(holding.artifacts),
            operation_count: count(totals.calls),
            at: (record.created_at, updated),
        })
    }

    /// Shows a run as the session that it is.
    fn of_run(run: Summary, bounds: Bounds, holding: &Holding) -> Self {
        let custom: Value = [
            ("script", Value::from(run.script.as_str())),
            ("engine", run.engine.as_str().into()),
            (
                "args",
                run.args
                    .iter()
                    .map(|arg| Value::from(arg.as_str()))
                    .collect(),
            ),
        ]
        .into_iter()
        .collect();
        let updated = run.ended_at.unwrap_or(run.started_at);
        Self {
            id: run.id,
            name: Some(run.name),
            description: None,
            tags: Vec::new(),
            status: stage_of(run.status),
            created_at: moment::text(run.started_at),
            updated_at: moment::text(updated),
            completed_at: run.ended_at.map(moment::text),
            created_by: None,
            parent_session_id: None,
            failure_reason: None,
            custom_metadata: custom.clone(),
            metadata: custom,
            config: bounds,
            artifact_count: count(holding.artifacts),
            operation_count: count(run.totals.calls),
            at: (run.started_at, updated),
        }
    }
}

/// Returns a session, in any status.
///
/// - Errors: `invalid_args` for a text that is no id; `not_found`.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Get {
    /// The session.
    id: String,
}

pub(super) async fn get(cx: Cx, a: Get) -> Result<Metadata> {
    let sessions = cx.part::<ScriptSessions>()?;
    metadata(&cx, &sessions, &checked(&a.id)?).await
}

pub(super) async fn metadata(cx: &Cx, sessions: &ScriptSessions, id: &str) -> Result<Metadata> {
    if let Some(record) = sessions.settled(cx, id).await? {
        return shown(sessions, record).await;
    }
    let Some(run) = sessions.run_of(id).await? else {
        return Err(missing(id));
    };
    shown_run(sessions, run).await
}

async fn shown(sessions: &ScriptSessions, record: Record) -> Result<Metadata> {
    let (totals, holding) = sessions.counts(&record.id).await?;
    let touched = sessions.touched(&record.id);
    Metadata::of(record, &totals, &holding, touched)
}

async fn shown_run(sessions: &ScriptSessions, run: Summary) -> Result<Metadata> {
    let store = sessions.store().await?;
    let holding = Holding::of(&*store, &run.id).await?;
    Ok(Metadata::of_run(run, Bounds::of(&sessions.rules), &holding))
}

/// Returns the sessions that the query wants: without a status those that are active or suspended.
#[derive(Deserialize, JsonSchema)]
pub(super) struct List {
    /// Only those that stand so: a status or a list of them.
    #[serde(default)]
    status: Value,
    /// Only those with all of these words.
    tags: Option<Vec<String>>,
    /// Only those that this one made.
    created_by: Option<String>,
    /// Only those that belong to this one.
    parent_session_id: Option<String>,
    /// Only those made after this time: RFC 3339 text or seconds since 1970.
    #[serde(default)]
    created_after: Value,
    /// Only those made before it.
    #[serde(default)]
    created_before: Value,
    /// Only those changed after it.
    #[serde(default)]
    updated_after: Value,
    /// Only those changed before it.
    #[serde(default)]
    updated_before: Value,
    /// Only those with this text in name, description or words, in any case of letters.
    search_text: Option<String>,
    /// `updated_at`, `created_at`, `name`, `artifact_count` or `operation_count`.
    sort_by: Option<String>,
    /// The greatest first.
    #[serde(default)]
    sort_desc: bool,
    /// How many to leave out at the beginning.
    #[serde(default)]
    offset: usize,
    /// Most sessions.
    #[serde(default = "hundred")]
    limit: usize,
    /// Those that were put away as well.
    #[serde(default)]
    include_archived: bool,
    /// The runs as well.
    #[serde(default)]
    include_runs: bool,
}

fn hundred() -> usize {
    100
}

pub(super) async fn list(cx: Cx, a: List) -> Result<Vec<Metadata>> {
    let sessions = cx.part::<ScriptSessions>()?;
    let wanted = Wanted::read(&a)?;
    let mut found = Vec::new();
    for record in sessions.all().await? {
        let record = sessions.after_time(&cx, record).await?;
        let touched = sessions.touched(&record.id);
        if wanted.fits(&record, record.updated_at.max(touched)) {
            found.push(shown(&sessions, record).await?);
        }
    }
    if a.include_runs {
        let runs = sessions.listing().await?.list(&Filter::default()).await?;
        for run in runs {
            let run = shown_run(&sessions, run).await?;
            if wanted.fits_run(&run) {
                found.push(run);
            }
        }
    }
    wanted.order.sort(&mut found);
    if a.sort_desc {
        found.reverse();
    }
    Ok(found.into_iter().skip(a.offset).take(a.limit).collect())
}

/// What a query wants.
struct Wanted<'a> {
    stages: Vec<Stage>,
    query: &'a List,
    parent: Option<String>,
    created: Between,
    updated: Between,
    text: Option<String>,
    order: Order,
}

struct Between(i64, i64);

impl Between {
    fn read(name: &str, after: &Value, before: &Value) -> Result<Self> {
        let after = moment::read(&format!("{name}_after"), after)?;
        let before = moment::read(&format!("{name}_before"), before)?;
        Ok(Self(after.unwrap_or(i64::MIN), before.unwrap_or(i64::MAX)))
    }

    fn has(&self, at: i64) -> bool {
        (at > self.0 || self.0 == i64::MIN) && (at < self.1 || self.1 == i64::MAX)
    }
}

impl<'a> Wanted<'a> {
    fn read(query: &'a List) -> Result<Self> {
        let parse = |value: &Value| match value.as_str() {
            Some(text) => text.parse::<Stage>(),
            None => Err(error!(
                InvalidArgs,
                "`status` must be a text or a list of texts, got {}",
                value.type_name()
            )),
        };
        let stages = match &query.status {
            Value::Null => {
                let mut stages = vec![Stage::Active, Stage::Suspended];
                if query.include_archived {
                    stages.push(Stage::Archived);
                }
                stages
            }
            Value::List(given) => given.iter().map(parse).collect::<Result<_>>()?,
            given => vec![parse(given)?],
        };
        let parent = query
            .parent_session_id
            .as_deref()
            .map(checked)
            .transpose()?;
        Ok(Self {
            stages,
            query,
            parent,
            created: Between::read("created", &query.created_after, &query.created_before)?,
            updated: Between::read("updated", &query.updated_after, &query.updated_before)?,
            text: query.search_text.as_ref().map(|text| text.to_lowercase()),
            order: Order::parse(query.sort_by.as_deref().unwrap_or("updated_at"))?,
        })
    }

    fn fits(&self, record: &Record, updated_at: i64) -> bool {
        let tags = self.query.tags.as_deref().unwrap_or_default();
        self.stages.contains(&record.stage)
            && self.created.has(record.created_at)
            && self.updated.has(updated_at)
            && tags.iter().all(|tag| record.tags.contains(tag))
            && (self.query.created_by.is_none() || self.query.created_by == record.created_by)
            && (self.parent.is_none() || self.parent == record.parent)
            && self.has_text(
                record
                    .name
                    .iter()
                    .chain(&record.description)
                    .chain(&record.tags),
            )
    }

    fn fits_run(&self, run: &Metadata) -> bool {
        self.stages.contains(&run.status)
            && self.created.has(run.at.0)
            && self.updated.has(run.at.1)
            && self.query.tags.as_ref().is_none_or(Vec::is_empty)
            && self.query.created_by.is_none()
            && self.parent.is_none()
            && self.has_text(run.name.iter())
    }

    fn has_text<'b>(&self, mut texts: impl Iterator<Item = &'b String>) -> bool {
        match &self.text {
            Some(wanted) => texts.any(|text| text.to_lowercase().contains(wanted)),
            None => true,
        }
    }
}

#[derive(Clone, Copy)]
enum Order {
    UpdatedAt,
    CreatedAt,
    Name,
    ArtifactCount,
    OperationCount,
}

impl Order {
    const NAMES: [(&'static str, Self); 5] = [
        ("updated_at", Self::UpdatedAt),
        ("created_at", Self::CreatedAt),
        ("name", Self::Name),
        ("artifact_count", Self::ArtifactCount),
        ("operation_count", Self::OperationCount),
    ];

    fn parse(text: &str) -> Result<Self> {
        let Some((_, order)) = Self::NAMES.into_iter().find(|(name, _)| *name == text) else {
            let names = Self::NAMES.map(|(name, _)| name);
            bail!(
                InvalidArgs,
                "`sort_by` must be one of {}, got '{text}'",
                names.join(", ")
            );
        };
        Ok(order)
    }

    /// Sorts; those that are equal are in the order in which they were made.
    fn sort(self, found: &mut [Metadata]) {
        found.sort_by(|a, b| (a.at.0, &a.id).cmp(&(b.at.0, &b.id)));
        match self {
            Self::UpdatedAt => found.sort_by_key(|session| session.at.1),
            Self::CreatedAt => {}
            Self::Name => found.sort_by(|a, b| a.name.cmp(&b.name)),
            Self::ArtifactCount => found.sort_by_key(|session| session.artifact_count),
            Self::OperationCount => found.sort_by_key(|session| session.operation_count),
        }
    }
}

/// Returns the numbers of a session.
///
/// - Errors: `not_found`.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Stats {
    /// The session.
    id: String,
}

/// The numbers of a session.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "SessionStats")]
pub(super) struct Numbers {
    session_id: String,
    status: Stage,
    /// Calls that were made for it.
    operation_count: i64,
    /// Artifacts that it has.
    artifact_count: i64,
    /// Bytes of their contents.
    total_artifact_size: i64,
    /// Events that were published while it was the current one.
    event_count: i64,
    /// What models consumed: `input_tokens`, `output_tokens`, `total_tokens` and others that they told.
    token_usage: Value,
    /// US dollars, if every price is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    cost_usd: Option<f64>,
    /// From its begin to its end, or to now.
    duration_ms: i64,
    created_at: String,
    updated_at: String,
}

pub(super) async fn stats(cx: Cx, a: Stats) -> Result<Numbers> {
    let sessions = cx.part::<ScriptSessions>()?;
    numbers(&cx, &sessions, &checked(&a.id)?).await
}

pub(super) async fn numbers(cx: &Cx, sessions: &ScriptSessions, id: &str) -> Result<Numbers> {
    let metadata = metadata(cx, sessions, id).await?;
    let (totals, holding) = match sessions.run_of(id).await? {
        Some(run) => (
            run.totals,
            Holding::of(&*sessions.store().await?, id).await?,
        ),
        None => sessions.counts(id).await?,
    };
    let end = match metadata.completed_at {
        Some(_) => metadata.at.1,
        None => cx.host().clock.now(),
    };
    Ok(Numbers {
        session_id: metadata.id,
        status: metadata.status,
        operation_count: count(totals.calls),
        artifact_count: count(holding.artifacts),
        total_artifact_size: count(holding.bytes),
        event_count: count(sessions.events(id).await?),
        token_usage: Value::Map(totals.usage.to_map()),
        cost_usd: totals.usage.cost_usd.filter(|_| totals.unpriced == 0),
        duration_ms: end.saturating_sub(metadata.at.0).max(0) / 1000,
        created_at: metadata.created_at,
        updated_at: metadata.updated_at,
    })
}
