//! `webpage_monitor`: whether pages change.

mod check;
mod compare;
mod content;
mod kept;
mod watch;

use std::time::Duration;

use llmspell_core::{Cx, Effect, Level, Map, Op, Outcome, Result, ToolInfo, Value};
use schemars::JsonSchema;
use serde::Deserialize;

use self::check::{LIMIT, Look, Target, stamp};
use self::compare::Ignored;
use self::content::Question;
use self::kept::Place;
use self::watch::Monitors;
use super::request::{HttpArgs, HttpOptions};
use crate::choice::choose_or_first;
use crate::job::Job;
use crate::param::{Given, choices, fits, missing, mistyped, names, refused, whether, within};
use crate::publish::Publisher;

const OPERATIONS: &[&[&str]] = &[
    &["check", "monitor", "check_changes"],
    &["start"],
    &["poll"],
    &["stop"],
    &["list"],
    &["forget", "reset"],
];

const TOOL: &str = "webpage_monitor";

/// The type of the event that tells of a change, unless the call names another.
const EVENT: &str = "webpage.changed";

/// Longest previous content, in bytes.
const MAX_CONTENT: usize = 10 << 20;

/// Most selectors and patterns that are ignored.
const MAX_IGNORED: usize = 100;

pub(super) const JOBS: &[Job] = &[Job {
    name: "webpage_monitor.read",
    run: content::run_job,
}];

pub(super) fn op() -> Op {
    Op::new(TOOL, webpage_monitor)
        .effect(Effect::Read)
        .effect_of(effect_of)
        .tool(
            ToolInfo::new("web")
                .example(
                    "Compares with what it kept the last time",
                    r#"{"input": "https://example.com/html", "store": true}"#,
                )
                .example(
                    "Compares with what was there",
                    r#"{"input": "https://example.com/html", "previous_content": "old"}"#,
                )
                .level(Level::Restricted)
                .timeout(LIMIT)
                .operations(&names(OPERATIONS))
                .needs(&["check", "start"], &["input"])
                .needs(&["start"], &["interval_s"])
                .needs(&["poll", "stop"], &["monitor_id"])
                .needs(&["forget"], &["input", "store"]),
        )
}

/// What is kept in state outlives the run, so a call that keeps or forgets is written before it happens. One that a crash
/// cut off is run again: it then compares with what its first attempt kept.
fn effect_of(args: &Value) -> Effect {
    let operation = args.get("operation").and_then(Value::as_str);
    let keeps = args
        .get("store")
        .is_some_and(|store| kept_under(store).is_ok_and(|under| under.is_some()));
    match choose_or_first("operation", operation, OPERATIONS) {
        Ok("forget") => Effect::Idempotent,
        Ok("check") if keeps => Effect::Idempotent,
        _ => Effect::Read,
    }
}

/// Tells whether a web page changed: once against what it was (`check`), or again and again (`start`, `poll`, `stop`).
///
/// The text that a reader sees is compared line by line. With `store` it is kept from check to check, also beyond the run if
/// state is (`[state] backend`); `forget` ends that. Changes can be published on the event bus.
#[derive(Default, Deserialize, JsonSchema)]
struct WebpageMonitor {
    /// What to do.
    #[schemars(transform = choices(OPERATIONS), extend("default" = "check"))]
    operation: Option<String>,
    /// The page's URL.
    #[schemars(extend("x-synonyms" = ["url"]))]
    input: Option<String>,
    /// What the page said before: `current_content` of an earlier check.
    previous_content: Option<String>,
    /// The `hash` of an earlier check with the same parameters; tells whether the page changed, not what.
    previous_hash: Option<String>,
    /// CSS selector of what to watch.
    selector: Option<String>,
    /// CSS selectors of what is passed over.
    #[schemars(extend("default" = []))]
    ignore_selectors: Option<Vec<String>>,
    /// Whether runs of blanks count as one.
    #[schemars(extend("default" = true))]
    ignore_whitespace: Option<bool>,
    /// Regular expressions of what is passed over in each line: dates, counters.
    #[schemars(extend("default" = []))]
    ignore_patterns: Option<Vec<String>>,
    /// Percentage of changed lines below which nothing has changed.
    #[schemars(range(min = 0, max = 100), extend("default" = 0, "x-synonyms" = ["threshold"]))]
    change_threshold: Option<f64>,
    /// Whether `check` compares with what it kept the last time, and keeps what it finds: in state, under URL and selector,
    /// or under this name.
    #[schemars(extend("type" = ["boolean", "string"], "default" = false))]
    store: Option<Value>,
    /// The type of the event that tells of a change; `webpage.changed` for `start`, none for `check` if absent.
    publish: Option<String>,
    /// Whether a change is published as `webpage.changed`, or as `publish` says.
    alert_on_change: Option<bool>,
    /// Time between two looks of `start`, in seconds.
    #[schemars(range(min = 10), extend("x-synonyms" = ["check_interval"]))]
    interval_s: Option<i64>,
    /// The monitor that `poll` and `stop` are about.
    #[schemars(extend("x-synonyms" = ["id"]))]
    monitor_id: Option<String>,
}

async fn webpage_monitor(cx: Cx, call: Given<HttpArgs<WebpageMonitor>>) -> Result<Outcome> {
    let a = &call.args.own;
    let operation = choose_or_first("operation", a.operation.as_deref(), OPERATIONS)?;
    let page = "input selector ignore_selectors ignore_whitespace ignore_patterns change_threshold publish alert_on_change";
    let (used, outcome) = match operation {
        "check" => (
            format!("{page} previous_content previous_hash store"),
            check(&cx, a, &call.args.http).await?,
        ),
        "start" => (
            format!("{page} interval_s"),
            start(&cx, a, &call.args.http).await?,
        ),
        "poll" => ("monitor_id".to_owned(), poll(&cx, a)?),
        "stop" => ("monitor_id".to_owned(), stop(&cx, a)?),
        "forget" => ("input selector store".to_owned(), forget(&cx, a).await?),
        _ => (String::new(), list(&cx)),
    };
    let used = match operation {
        "check" | "start" => format!("{used} {}", HttpOptions::NAMES.join(" ")),
        _ => used,
    };
    Ok(call.warn(op, &used, outcome))
}

fn target(a: &WebpageMonitor, http: &HttpOptions, operation: &str) -> Result<Target> {
    let url = a
        .input
        .clone()
        .ok_or_else(|| missing(TOOL, operation, "input"))?;
    let threshold = a.change_threshold.unwrap_or(0.0);
    if !(0.0..=100.0).contains(&threshold) {
        let message =
            format!("parameter 'change_threshold' must be between 0 and 100, got {threshold}");
        return Err(refused("change_threshold", message).with("got", threshold));
    }
    for (name, list) in [
        ("ignore_selectors", &a.ignore_selectors),
        ("ignore_patterns", &a.ignore_patterns),
    ] {
        within(
            name,
            list.iter().flatten().count() as i64,
            0..=MAX_IGNORED as i64,
        )?;
    }
    Ok(Target {
        url: url.trim().to_owned(),
        http: http.clone(),
        question: Question {
            selector: a.selector.clone(),
            ignore_selectors: a.ignore_selectors.clone().unwrap_or_default(),
            ignored: Ignored {
                whitespace: a.ignore_whitespace.unwrap_or(true),
                patterns: a.ignore_patterns.clone().unwrap_or_default(),
            },
            previous: a.previous_content.clone(),
            ..Question::default()
        },
        threshold,
    })
}

async fn check(cx: &Cx, a: &WebpageMonitor, http: &HttpOptions) -> Result<Outcome> {
    fits(
        "previous_content",
        a.previous_content.as_ref().map_or(0, String::len),
        MAX_CONTENT,
    )?;
    let target = target(a, http, "check")?;
    let publisher = publisher(cx, a, false)?;
    let place = match a.store.as_ref().map_or(Ok(None), kept_under)? {
        Some(under) => Some(Place::of(
            cx,
            under.name(),
            &target.url,
            a.selector.as_deref(),
        )?),
        None => None,
    };
    let is_told = a.previous_content.is_some() || a.previous_hash.is_some();
    let before = match &place {
        Some(place) if !is_told => place.read(&target).await?,
        _ => None,
    };
    let look = target.look(cx, before.as_ref()).await?;
    if let Some(place) = &place
        && !look.is_unmodified()
        && !look.is_below_threshold()
    {
        place.write(cx, &target, &look.snapshot).await?;
    }
    let known_hash = a
        .previous_hash
        .as_deref()
        .map(|hash| hash.trim().to_ascii_lowercase());
    let first = look.comparison.is_none() && known_hash.is_none();
    let has_changes = match (&look.comparison, &known_hash) {
        (None, Some(hash)) => *hash != look.snapshot.hash,
        _ => look.has_changes,
    };
    let comparison = look.comparison.clone().unwrap_or_default();
    let count = comparison.changes.len();
    let message = match (first, has_changes, count) {
        (true, ..) => "No previous content to compare".to_owned(),
        (_, false, 0) => "The page has not changed".to_owned(),
        (_, false, _) => format!(
            "The page changed by {} %, less than the threshold",
            comparison.percentage
        ),
        (_, true, 0) => "The page has changed".to_owned(),
        (_, true, 1) => "One line of the page changed".to_owned(),
        (_, true, _) => format!("{count} lines of the page changed"),
    };
    let previous_hash = look.previous_hash.clone().or(known_hash);
    let previous_content = before.map(|before| before.content);
    let previous_content = previous_content.or_else(|| a.previous_content.clone());
    let data = Map::from([
        ("url", look.visited.answer.url.as_str().into()),
        ("current_content", look.snapshot.content.as_str().into()),
        ("hash", look.snapshot.hash.as_str().into()),
        ("has_changes", has_changes.into()),
        ("first_check", first.into()),
        ("changes", look.changes().into()),
        ("change_count", count.into()),
        ("change_percentage", comparison.percentage.into()),
        (
            "diff",
            Some(comparison.diff).filter(|diff| !diff.is_empty()).into(),
        ),
        ("previous_content", previous_content.into()),
        ("previous_hash", previous_hash.into()),
        ("selector_used", a.selector.clone().into()),
        (
            "ignore_whitespace",
            a.ignore_whitespace.unwrap_or(true).into(),
        ),
        ("checked_at", stamp(cx.host().clock.now()).into()),
    ]);
    if let Some(publisher) = publisher.filter(|_| has_changes) {
        let facts = look.facts(&target, cx.host().clock.now());
        publisher.publish(cx, facts.into()).await?;
    }
    Ok(described(
        &look,
        Outcome::new("check", data)
            .output(has_changes)
            .message(message),
    ))
}

/// Returns where changes are published, if they are: for a monitor also unasked, in a run that has a bus.
fn publisher(cx: &Cx, a: &WebpageMonitor, unasked: bool) -> Result<Option<Publisher>> {
    let unasked = unasked && cx.host().events.is_some();
    let name = match (&a.publish, a.alert_on_change) {
        (_, Some(false)) => return Ok(None),
        (Some(name), _) => name,
        (None, None) if !unasked => return Ok(None),
        (None, _) => EVENT,
    };
    Publisher::open(cx, TOOL, name).map(Some)
}

/// Under what a page is kept.
enum Under<'a> {
    /// URL and selector.
    Page,
    Name(&'a str),
}

impl<'a> Under<'a> {
    fn name(&self) -> Option<&'a str> {
        match self {
            Self::Page => None,
            Self::Name(name) => Some(name),
        }
    }
}

fn kept_under(store: &Value) -> Result<Option<Under<'_>>> {
    match (whether(store), store) {
        (Value::Null | Value::Bool(false), _) => Ok(None),
        (Value::Bool(true), _) => Ok(Some(Under::Page)),
        (_, Value::Str(name)) => Ok(Some(Under::Name(name))),
        (_, other) => {
            let message = "parameter 'store' must be boolean or string";
            Err(mistyped("store", message, "boolean or string", other))
        }
    }
}

async fn forget(cx: &Cx, a: &WebpageMonitor) -> Result<Outcome> {
    let under = a.store.as_ref().map_or(Ok(None), kept_under)?;
    let name = under.and_then(|under| under.name());
    let url = match (&a.input, name) {
        (Some(url), _) => url.trim(),
        (None, Some(_)) => "",
        (None, None) => return Err(missing(TOOL, "forget", "input")),
    };
    let place = Place::of(cx, name, url, a.selector.as_deref())?;
    let forgotten = place.forget().await?;
    let data = Map::from([("forgotten", forgotten.into())]);
    let message = match forgotten {
        true => "What was kept of the page is forgotten",
        false => "Nothing was kept of the page",
    };
    Ok(Outcome::new("forget", data)
        .output(forgotten)
        .message(message))
}

fn described(look: &Look, outcome: Outcome) -> Outcome {
    look.visited.describe(outcome)
}

async fn start(cx: &Cx, a: &WebpageMonitor, http: &HttpOptions) -> Result<Outcome> {
    let target = target(a, http, "start")?;
    let interval = a
        .interval_s
        .ok_or_else(|| missing(TOOL, "start", "interval_s"))?;
    let interval =
        Duration::from_secs(within("interval_s", interval, 10..=i64::from(u32::MAX))? as u64);
    let publisher = publisher(cx, a, true)?;
    let look = target.look(cx, None).await?;
    let url = target.url.clone();
    let monitors = cx.kept::<Monitors>();
    let id = monitors.start(cx, target, interval, look.snapshot.clone(), publisher)?;
    let data = monitors.find(&id)?.describe();
    let message = format!("Looking at {url} every {} seconds", interval.as_secs());
    Ok(described(
        &look,
        Outcome::new("start", data).output(id).message(message),
    ))
}

fn monitor_id<'a>(a: &'a WebpageMonitor, operation: &str) -> Result<&'a str> {
    let id = a.monitor_id.as_deref();
    id.ok_or_else(|| missing(TOOL, operation, "monitor_id"))
}

fn poll(cx: &Cx, a: &WebpageMonitor) -> Result<Outcome> {
    let id = monitor_id(a, "poll")?;
    let data = cx.kept::<Monitors>().find(id)?.poll();
    let changes = data.get("changes").cloned().unwrap_or_default();
    let message = match changes.as_list().map_or(0, <[Value]>::len) {
        1 => "One line changed since the last poll".to_owned(),
        count => format!("{count} lines changed since the last poll"),
    };
    Ok(Outcome::new("poll", data).output(changes).message(message))
}

fn stop(cx: &Cx, a: &WebpageMonitor) -> Result<Outcome> {
    let id = monitor_id(a, "stop")?;
    cx.kept::<Monitors>().stop(id)?;
    let data = Map::from([("monitor_id", id.into()), ("stopped", true.into())]);
    Ok(Outcome::new("stop", data)
        .output(true)
        .message(format!("Stopped {id}")))
}

fn list(cx: &Cx) -> Outcome {
    let monitors = cx.kept::<Monitors>().list();
    let message = match monitors.len() {
        1 => "One monitor is running".to_owned(),
        count => format!("{count} monitors are running"),
    };
    let monitors: Value = monitors
        .iter()
        .map(|monitor| Value::Map(monitor.describe()))
        .collect();
    let data = Map::from([("monitors", monitors.clone())]);
    Outcome::new("list", data).output(monitors).message(message)
}

#[cfg(test)]
mod tests;
