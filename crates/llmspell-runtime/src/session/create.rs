//! `Session.create`.

use llmspell_core::{CallId, Cx, Map, Result, Value, bail, error};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Builder;

use super::action::Action;
use super::bounds::Bounds;
use super::calls::{self, Seen};
use super::edit::{check_tags, custom_of};
use super::middleware::{self, Own};
use super::record::Record;
use super::script::{ScriptSessions, checked};

/// Makes a session, which is active, and returns its id.
///
/// It is stored when this returns, and outlives the run. Made again by a run that is resumed, it is the same session.
///
/// - Errors: `limit` if as many sessions are active as may be, `sessions.max_sessions`; `not_found` for a parent that is
///   none; `cancelled` by a hook of `SessionStart`.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Create {
    /// What it is called.
    name: Option<String>,
    /// What it is for.
    description: Option<String>,
    /// Who made it: `user_id` in the metadata of hooks, unless `metadata` has one.
    created_by: Option<String>,
    /// Words to find it by, at most 64 characters each.
    tags: Option<Vec<String>>,
    /// What the script keeps with it. Hooks are told the texts `user_id`, `tenant_id`, `role` and `rate_limit_key` of
    /// it, as metadata of all that is done for the session.
    #[serde(default)]
    metadata: Value,
    /// The session that it belongs to.
    parent_session_id: Option<String>,
    /// Seconds after which it fails; 0 is never. Default: `config.max_duration_secs`.
    max_duration: Option<f64>,
    /// Seconds without work after which it is suspended; 0 is never. Default: `config.max_idle_secs`.
    max_idle_time: Option<f64>,
    /// Its bounds: `max_duration_secs`, `max_idle_secs`, `auto_save_interval_secs`, `max_artifacts`,
    /// `auto_collect_artifacts`, `enable_replay`, `retention_days`, `resource_limits`, `hook_config`; and its policies,
    /// `policies` with `timeout`, `resource` and `rate_limit`, each `true` or what differs from its defaults. `middleware`
    /// has hooks that see only what is done for it: `logging`, `metrics`, `security`, `caching`, each `true` or the
    /// options of the built-in hook; `rate_limiting`; `custom_hooks`, a list of `{operation, handler, priority}` with
    /// `create`, `read`, `update`, `delete` or `operation`; and `pattern` of these.
    #[serde(default)]
    config: Value,
}

pub(super) async fn create(cx: Cx, mut a: Create) -> Result<String> {
    let sessions = cx.part::<ScriptSessions>()?;
    sessions.check()?;
    let own = Own::take(&mut a.config)?;
    let record = draft(&cx, &sessions, a).await?;
    let made = make(&cx, &record, own).await;
    if made.is_err() {
        middleware::detach(&cx, &record.id);
    }
    made?;
    sessions.attend(&cx);
    Ok(record.id)
}

/// Makes a session of its record, with the hooks that see what is done for it.
async fn make(cx: &Cx, record: &Record, own: Own) -> Result<()> {
    record.bounds.middleware.attach(cx, &record.id)?;
    own.attach(cx, &record.id)?;
    let seen = Seen::new(record)?;
    Action::Create.call_hooks(cx, &seen).await?;
    calls::put(cx, record).await?;
    Action::Create.say(cx, &seen, None).await
}

async fn draft(cx: &Cx, sessions: &ScriptSessions, a: Create) -> Result<Record> {
    let mut bounds = Bounds::of(&sessions.rules).over(a.config)?;
    if let Some(secs) = a.max_duration {
        bounds.max_duration_secs = seconds("max_duration", secs)?;
    }
    if let Some(secs) = a.max_idle_time {
        bounds.max_idle_secs = seconds("max_idle_time", secs)?;
    }
    let parent = match a.parent_session_id {
        Some(parent) => {
            let parent = checked(&parent)?;
            if !calls::exists(cx, &parent).await? {
                return Err(error!(NotFound, "Session not found: {parent}")
                    .with("parameter", "parent_session_id"));
            }
            Some(parent)
        }
        None => None,
    };
    let custom = match custom_of("metadata", a.metadata)? {
        Some(custom) => custom,
        None => Map::new(),
    };
    let tags = a.tags.unwrap_or_default();
    check_tags(&tags)?;
    let now = crate::journal::now(cx);
    let clean = |text: String| sessions.redact().text(&text).into_owned();
    let mut record = Record::new(&id(cx, sessions), sessions.run(), now, bounds);
    record.name = a.name.map(clean);
    record.description = a.description.map(clean);
    record.created_by = a.created_by.map(clean);
    record.tags = tags.into_iter().map(clean).collect();
    record.parent = parent;
    record.set_custom(&sessions.redact().value(Value::Map(custom)));
    Ok(record)
}

/// Returns the id of the session that this call makes. It is the same when the run makes the call again.
fn id(cx: &Cx, sessions: &ScriptSessions) -> String {
    let place = CallId::content(cx.id(), "session.id", sessions.run());
    let bytes = place.nth(0).0;
    Builder::from_random_bytes(bytes)
        .into_uuid()
        .hyphenated()
        .to_string()
}

/// Returns seconds as a whole number: a part of a second is a whole one.
fn seconds(name: &str, secs: f64) -> Result<u64> {
    match secs {
        secs if secs.is_finite() && secs >= 0.0 => Ok(secs.ceil() as u64),
        _ => bail!(
            InvalidArgs,
            "`{name}` must be a number from 0 on, got {secs}"
        ),
    }
}
