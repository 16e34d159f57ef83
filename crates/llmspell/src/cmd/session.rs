//! `llmspell session`.

mod delete;
mod export;
mod made;
mod metrics;
mod resume;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use llmspell::config::milliseconds;
use llmspell_core::{Error, Kind, Result, Usage};
use llmspell_runtime::session::{
    CallState, Filter, Made, MadeFilter, Node, Sessions, Shown, Stage, Status, Summary,
};
use serde_json::{Value as Json, json};

use super::recorded;
use super::timeline::timeline;
use crate::desk::Desk;
use crate::exit::{Ends, Failure};
use crate::output::Mode;
use crate::output::table::{Align, Column, table};

/// Show recorded sessions, and go on with them.
#[derive(Args, Debug)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct Session {
    #[command(subcommand)]
    verb: Verb,
    /// Store of the record: sqlite:PATH
    #[arg(long, value_name = "URL", global = true)]
    store: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List sessions, newest first
    List(List),
    /// Show a session and the tree of its calls
    Show(Show),
    /// Show calls and kept events of a session in the order of their times
    Timeline(Timeline),
    /// Go on with a run: what it did is answered from its journal, the rest is done
    Resume(resume::Resume),
    /// Write a session with all of its calls
    Export(export::Export),
    /// Delete sessions with all that is kept of them
    Delete(delete::Delete),
}

#[derive(Args, Debug)]
struct List {
    /// Only running, completed, failed, cancelled, suspended or interrupted runs; only active, suspended, completed, failed or
    /// archived sessions of scripts
    #[arg(long, value_name = "S")]
    status: Option<String>,
    /// Only sessions of scripts with this tag
    #[arg(long = "tag", value_name = "T")]
    tags: Vec<String>,
    /// Only those that began since then: a time, a date, or 2h, 7d
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,
    /// Most sessions
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
    /// All sessions
    #[arg(long, conflicts_with = "limit")]
    all: bool,
}

#[derive(Args, Debug)]
struct Show {
    /// Id, beginning of an id, name, or last
    #[arg(value_name = "ID|last", default_value = "last")]
    id: String,
    /// Every call on a line of its own, in order
    #[arg(long)]
    journal: bool,
    /// Only calls that change the world
    #[arg(long)]
    effects: bool,
    /// Tokens and money by model
    #[arg(long)]
    cost: bool,
    /// What MetricsCollector, PerformanceMonitor, CostTracker and HealthChecker measured
    #[arg(long)]
    metrics: bool,
}

#[derive(Args, Debug)]
struct Timeline {
    /// Id, beginning of an id, name, or last
    #[arg(value_name = "ID|last", default_value = "last")]
    id: String,
}

pub(crate) fn session(args: Session, mut desk: Desk) -> Ends {
    if let Verb::Resume(resume) = &args.verb {
        return resume::resume(resume, args.store, desk);
    }
    let loaded = desk.load(Vec::new())?;
    let filters = match &args.verb {
        Verb::List(list) => Some(filters(list)?),
        _ => None,
    };
    let retention_days = loaded.config.sessions.retention_days;
    recorded::within(args.store, &loaded, async |sessions| {
        let artifacts = || sessions.artifacts(loaded.config.artifact_options());
        let ends = match &args.verb {
            Verb::List(_) => list(sessions, filters.unwrap_or_default(), &desk).await,
            Verb::Show(args) => show(sessions, args, &desk).await,
            // Gone on with above, on threads of its own.
            Verb::Resume(_) => Ok(0),
            Verb::Timeline(args) => timeline(sessions, &args.id, &desk).await,
            Verb::Export(args) => export::export(sessions, artifacts().as_ref(), args, &desk).await,
            Verb::Delete(args) => {
                let artifacts = artifacts();
                return delete::delete(sessions, artifacts.as_ref(), args, retention_days, &desk)
                    .await;
            }
        };
        ends.map_err(Failure::from)
    })
}

/// Which runs and which sessions of scripts are listed; `None` is none of them.
#[derive(Default)]
struct Filters {
    runs: Option<Filter>,
    made: Option<MadeFilter>,
    limit: Option<usize>,
}

fn filters(args: &List) -> Result<Filters, Failure> {
    let usage = |error: Error| Failure::with_code(error, 2);
    let since = args.since.as_deref().map(since).transpose();
    let since = since.map_err(usage)?;
    let limit = (!args.all).then_some(args.limit);
    let status = args.status.as_deref();
    let of_runs = status.map(str::parse::<Status>).transpose();
    let of_made = status.map(str::parse::<Stage>).transpose();
    if let (Err(error), Err(_)) = (&of_runs, &of_made) {
        return Err(usage(error.clone()));
    }
    Ok(Filters {
        // A run has no tags.
        runs: of_runs
            .ok()
            .filter(|_| args.tags.is_empty())
            .map(|status| Filter {
                status,
                since,
                limit,
            }),
        made: of_made.ok().map(|stage| MadeFilter {
            stage,
            tags: args.tags.clone(),
            since,
            limit,
        }),
        limit,
    })
}

/// A run or a session of a script, as a listing shows it.
enum Listed {
    Run(Summary),
    Made(Made),
}

impl Listed {
    fn began_at(&self) -> i64 {
        match self {
            Self::Run(run) => run.started_at,
            Self::Made(made) => made.created_at,
        }
    }

    fn json(&self) -> Json {
        match self {
            Self::Run(run) => summary_json(run),
            Self::Made(made) => made::document(made),
        }
    }

    fn row(&self) -> Vec<String> {
        let (id, status, totals, name) = match self {
            Self::Run(run) => (&run.id, run.status.name(), run.totals, run.name.clone()),
            Self::Made(made) => {
                let name = made.name.clone().unwrap_or_default();
                (&made.id, made.stage.name(), made.totals, name)
            }
        };
        vec![
            id.get(..8).unwrap_or(id).to_owned(),
            status.to_owned(),
            local(self.began_at()),
            totals.calls.to_string(),
            money(totals.usage.cost_usd),
            name,
        ]
    }
}

/// Reads a moment: `2h` ago, a date, a date and time with or without zone.
fn since(text: &str) -> Result<i64> {
    let now = Timestamp::now();
    if let Some(ago) = milliseconds(text, 1000).filter(|_| !text.contains('-')) {
        let ago = i64::try_from(ago).unwrap_or(i64::MAX).saturating_mul(1000);
        return Ok(now.as_microsecond().saturating_sub(ago));
    }
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(moment.as_microsecond());
    }
    let local = text.replacen(' ', "T", 1).parse::<jiff::civil::DateTime>();
    let local = local.or_else(|_| {
        text.parse::<jiff::civil::Date>()
            .map(|date| date.at(0, 0, 0, 0))
    });
    local
        .and_then(|local| local.to_zoned(TimeZone::system()))
        .map(|moment| moment.timestamp().as_microsecond())
        .map_err(|_| {
            Error::new(
                Kind::InvalidArgs,
                format!("--since must be a time, a date, or such as 2h or 7d, not '{text}'"),
            )
        })
}

async fn list(sessions: &Sessions, filters: Filters, desk: &Desk) -> Result<u8> {
    let mut found = Vec::new();
    if let Some(filter) = &filters.runs {
        found.extend(sessions.list(filter).await?.into_iter().map(Listed::Run));
    }
    if let Some(filter) = &filters.made {
        found.extend(sessions.made(filter).await?.into_iter().map(Listed::Made));
    }
    found.sort_by_key(|listed| std::cmp::Reverse(listed.began_at()));
    found.truncate(filters.limit.unwrap_or(usize::MAX));
    if desk.screen.mode == Mode::Json {
        desk.screen
            .document(&found.iter().map(Listed::json).collect());
        return Ok(0);
    }
    let columns = [
        Column("ID", Align::Left),
        Column("STATUS", Align::Left),
        Column("STARTED", Align::Left),
        Column("EFFECTS", Align::Right),
        Column("COST", Align::Left),
        Column("NAME", Align::Left),
    ];
    let rows = found.iter().map(Listed::row);
    desk.screen
        .line(&table(&desk.screen, &columns, rows.collect()));
    Ok(0)
}

async fn show(sessions: &Sessions, args: &Show, desk: &Desk) -> Result<u8> {
    if let Some(found) = sessions.find_made(&args.id).await? {
        return made::show(sessions, &found, args, desk).await;
    }
    let shown = sessions.show(&args.id).await?;
    if desk.screen.mode == Mode::Json {
        let mut document = summary_json(&shown.session);
        document["calls"] = serde_json::to_value(&shown.calls).unwrap_or_default();
        document["in_doubt"] = in_doubt(&shown)
            .into_iter()
            .map(|node| node.id.as_str())
            .collect();
        if args.metrics {
            document["metrics"] = sessions.metrics(&shown.session.id).await?.into();
        }
        desk.screen.document(&document);
        return Ok(0);
    }
    let mut text = head(&shown, desk);
    text.push('\n');
    if args.metrics {
        let metrics = sessions.metrics(&shown.session.id).await?;
        text.push_str(&metrics::metrics(metrics.as_ref()));
    } else if args.cost {
        text.push_str(&costs(&shown, desk));
    } else if args.journal || args.effects {
        for node in &shown.calls {
            flat(node, args, &mut text);
        }
    } else {
        for node in &shown.calls {
            tree(node, "", &mut text);
        }
    }
    desk.screen.line(&text);
    Ok(0)
}

/// Returns what stands above the calls: identity, times, counts, usage, error, effects in doubt.
fn head(shown: &Shown, desk: &Desk) -> String {
    let session = &shown.session;
    let mut text = format!(
        "{} {} {}\n",
        desk.heading(&session.id),
        session.status.name(),
        session.name
    );
    let mut fact = |name: &str, value: String| text.push_str(&format!("{name:<9}{value}\n"));
    fact("started", local(session.started_at));
    if let Some(ended) = session.ended_at {
        fact(
            "ended",
            format!(
                "{} (after {})",
                local(ended),
                microseconds(ended.saturating_sub(session.started_at).cast_unsigned())
            ),
        );
    }
    let args = session
        .args
        .iter()
        .map(|arg| format!(" {arg}"))
        .collect::<String>();
    fact(
        "script",
        format!("{}{args} ({})", session.script, session.engine),
    );
    let failed = match session.totals.failed {
        0 => String::new(),
        failed => format!(", {failed} failed"),
    };
    fact("calls", format!("{}{failed}", session.totals.calls));
    if session.resumed > 0 {
        let (times, answered) = (session.resumed, session.answered);
        let answered = match session.status {
            Status::Running | Status::Interrupted => String::new(),
            _ => format!(", {answered} calls answered from the journal the last time"),
        };
        let times = match times {
            1 => "once".to_owned(),
            times => format!("{times} times"),
        };
        fact("resumed", format!("{times}{answered}"));
    }
    if let Some(tokens) = tokens(&session.totals.usage) {
        let unpriced = match session.totals.unpriced {
            0 => String::new(),
            unpriced => format!(", {unpriced} calls without a price"),
        };
        fact(
            "usage",
            format!(
                "{tokens}, {}{unpriced}",
                money(session.totals.usage.cost_usd)
            ),
        );
    }
    let stored = session
        .error
        .as_ref()
        .map(|error| llmspell_core::value::from_record(error.get()));
    if let Some(Ok(error)) = stored {
        let error = Error::from_value(&error);
        fact("error", format!("{}: {error}", error.kind()));
    }
    for node in in_doubt(shown) {
        fact(
            "in doubt",
            format!(
                "{} {} ({})",
                node.op,
                node.label.as_deref().unwrap_or_default(),
                node.id
            ),
        );
    }
    text
}

fn in_doubt(shown: &Shown) -> Vec<&Node> {
    let mut all = shown.all();
    all.retain(|node| node.state == CallState::InDoubt);
    all
}

/// Writes a call and those below it, each on a line of its own, if they are wanted.
fn flat(node: &Node, args: &Show, text: &mut String) {
    if !args.effects || node.effect.is_some_and(|effect| effect.needs_intent()) {
        text.push_str(&format!("{:>5}  {}\n", node.seq, line(node)));
    }
    for below in &node.calls {
        flat(below, args, text);
    }
}

fn tree(node: &Node, indent: &str, text: &mut String) {
    text.push_str(&format!("{indent}{}\n", line(node)));
    for below in &node.calls {
        tree(below, &format!("{indent}  "), text);
    }
}

/// Returns a call on one line: when, what, how long, tokens, money, error.
pub(super) fn line(node: &Node) -> String {
    let mut line = format!(
        "+{} {}",
        microseconds(node.offset_us.max(0).cast_unsigned()),
        node.op
    );
    if let Some(label) = &node.label {
        line.push_str(&format!(" {label}"));
    }
    if let Some(took) = node.took_us {
        line.push_str(&format!("  {}", microseconds(took)));
    }
    if node.attempts > 1 {
        line.push_str(&format!("  {} attempts", node.attempts));
    }
    if let Some(tokens) = tokens(&node.usage) {
        line.push_str(&format!("  {tokens}"));
    }
    if let Some(cost) = node.usage.cost_usd {
        line.push_str(&format!("  {}", money(Some(cost))));
    }
    let state = match node.state {
        CallState::Done | CallState::Failed => "",
        CallState::Running => "  running",
        CallState::Interrupted => "  interrupted",
        CallState::InDoubt => "  in doubt",
        CallState::GivenUp => "  given up",
    };
    line.push_str(state);
    // Further lines of a message show a place in a text, which the list has no room for.
    if let Some(error) = node.error.as_deref().and_then(|error| error.lines().next()) {
        line.push_str(&format!(
            "  error[{}]: {error}",
            node.error_kind.as_deref().unwrap_or("?")
        ));
    }
    line
}

/// Returns tokens and money of each model, those of the most tokens first.
fn costs(shown: &Shown, desk: &Desk) -> String {
    let mut models: Vec<(String, u64, Usage)> = Vec::new();
    for node in shown
        .all()
        .into_iter()
        .filter(|node| !node.usage.is_empty())
    {
        let name = node.label.clone().unwrap_or_else(|| node.op.clone());
        match models.iter_mut().find(|(known, ..)| *known == name) {
            Some((_, calls, usage)) => {
                *calls += 1;
                usage.add(&node.usage);
            }
            None => models.push((name, 1, node.usage)),
        }
    }
    models.sort_by_key(|(_, _, usage)| std::cmp::Reverse(usage.total_tokens()));
    let columns = [
        Column("MODEL", Align::Left),
        Column("CALLS", Align::Right),
        Column("INPUT", Align::Right),
        Column("CACHED", Align::Right),
        Column("OUTPUT", Align::Right),
        Column("COST", Align::Left),
    ];
    let count =
        |count: Option<u64>| count.map_or_else(|| "–".to_owned(), |count| count.to_string());
    let rows = models.into_iter().map(|(name, calls, usage)| {
        vec![
            name,
            calls.to_string(),
            count(usage.input_tokens),
            count(usage.cached_tokens),
            count(usage.output_tokens),
            money(usage.cost_usd),
        ]
    });
    table(&desk.screen, &columns, rows.collect())
}

fn summary_json(session: &Summary) -> Json {
    let stored = |raw: &Option<Box<serde_json::value::RawValue>>| {
        raw.as_ref()
            .and_then(|raw| serde_json::from_str::<Json>(raw.get()).ok())
    };
    json!({
        "id": session.id,
        "name": session.name,
        "status": session.status.name(),
        "started_at": moment(session.started_at),
        "ended_at": session.ended_at.and_then(moment),
        "script": session.script,
        "engine": session.engine,
        "args": session.args,
        "effects": session.totals.calls,
        "failed": session.totals.failed,
        "resumed": session.resumed,
        "answered": session.answered,
        "usage": llmspell_core::Value::Map(session.totals.usage.to_map()).to_serde_json(),
        "cost_usd": session.totals.usage.cost_usd,
        "unpriced": session.totals.unpriced,
        "error": stored(&session.error),
    })
}

/// Returns a moment as RFC 3339 text.
fn moment(at: i64) -> Option<String> {
    let at = Timestamp::from_microsecond(at);
    at.map(|at| at.to_string()).ok()
}

pub(super) fn local(at: i64) -> String {
    match Timestamp::from_microsecond(at) {
        Ok(at) => at
            .to_zoned(TimeZone::system())
            .strftime("%Y-%m-%d %H:%M:%S")
            .to_string(),
        Err(_) => at.to_string(),
    }
}

fn tokens(usage: &Usage) -> Option<String> {
    usage
        .total_tokens()
        .map(|tokens| format!("{tokens} tokens"))
}

fn money(cost: Option<f64>) -> String {
    cost.map_or_else(|| "–".to_owned(), |cost| format!("${cost:.4}"))
}

pub(super) fn microseconds(time: u64) -> String {
    match time {
        0..1_000 => format!("{time} µs"),
        1_000..10_000 => format!("{:.1} ms", time as f64 / 1e3),
        _ => super::running::duration(std::time::Duration::from_micros(time)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_ago_or_dates() {
        let now = Timestamp::now().as_microsecond();
        let hour = since("1h").unwrap();
        assert!((now - 3_600_000_000..=now - 3_599_000_000).contains(&hour));
        assert_eq!(
            since("2026-05-04T10:00:00Z").unwrap(),
            1_777_888_800_000_000
        );
        assert!(since("2026-05-04").is_ok() && since("2026-05-04 10:12").is_ok());
        assert!(since("yesterday-ish").is_err());
    }
}
