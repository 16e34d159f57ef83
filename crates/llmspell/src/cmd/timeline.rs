//! `llmspell session timeline`: what happened when, and what belongs together.

use llmspell_core::Result;
use llmspell_runtime::session::{Node, Relation, RelationKind, Sessions, Shown, relations};
use serde_json::{Value as Json, json};

use super::session::{line, microseconds};
use crate::desk::Desk;
use crate::output::Mode;

/// A line of a timeline.
struct Moment {
    /// Microseconds since the session began.
    offset: i64,
    /// How deep it stands below what caused it.
    depth: usize,
    text: String,
}

/// Writes the calls and the kept events of a session in the order of their times.
pub(super) async fn timeline(sessions: &Sessions, id: &str, desk: &Desk) -> Result<u8> {
    let shown = sessions.show(id).await?;
    let events = sessions.events(&shown.session.id).await?;
    if desk.screen.mode == Mode::Json {
        let calls = serde_json::to_value(&shown.calls).unwrap_or_default();
        let related: Vec<Json> = relations(&events)
            .into_iter()
            .map(|found| named(&events, found))
            .collect();
        let document = json!({
            "session": shown.session.id, "calls": calls, "events": events, "relations": related,
        });
        desk.screen.document(&document);
        return Ok(0);
    }
    let mut moments = Vec::new();
    for node in &shown.calls {
        calls(node, 0, &mut moments);
    }
    moments.extend(of_events(&shown, &events));
    moments.sort_by_key(|moment| moment.offset);
    let lines: Vec<String> = moments
        .iter()
        .map(|moment| format!("{}{}", "  ".repeat(moment.depth), moment.text))
        .collect();
    let text = match lines.is_empty() {
        true => "nothing was recorded".to_owned(),
        false => lines.join("\n"),
    };
    desk.screen.line(&text);
    Ok(0)
}

fn calls(node: &Node, depth: usize, moments: &mut Vec<Moment>) {
    moments.push(Moment {
        offset: node.offset_us,
        depth,
        text: line(node),
    });
    for below in &node.calls {
        calls(below, depth + 1, moments);
    }
}

/// Returns a relation as an object that names the other event; null if there is none.
fn named(events: &[Json], found: Option<Relation>) -> Json {
    match found {
        None => Json::Null,
        Some(found) => json!({"kind": found.kind, "event_id": events[found.to]["id"]}),
    }
}

/// An event that is part of another, or its end, stands below or beside it.
fn of_events(shown: &Shown, events: &[Json]) -> Vec<Moment> {
    let began = shown.session.started_at;
    let mut depths: Vec<usize> = Vec::with_capacity(events.len());
    let mut moments = Vec::with_capacity(events.len());
    for (event, found) in events.iter().zip(relations(events)) {
        let text = |name: &str| event[name].as_str().unwrap_or_default();
        let at = text("timestamp").parse::<jiff::Timestamp>();
        let offset = at.map_or(0, |at| at.as_microsecond().saturating_sub(began));
        let depth = found.map_or(0, |found| match found.kind {
            RelationKind::PartOf | RelationKind::CausedBy => depths[found.to] + 1,
            _ => depths[found.to],
        });
        depths.push(depth);
        let short = text("correlation_id").get(..8).unwrap_or_default();
        let related = found.map_or_else(String::new, |found| {
            let other = &events[found.to];
            let (kind, sequence) = (
                other["type"].as_str().unwrap_or_default(),
                &other["sequence"],
            );
            format!(" {} {kind} #{sequence}", found.kind.name())
        });
        moments.push(Moment {
            offset,
            depth,
            text: format!(
                "+{} {} {}  [{short}] #{}{related}",
                microseconds(offset.max(0).cast_unsigned()),
                text("type"),
                facts(&event["data"]),
                event["sequence"]
            ),
        });
    }
    moments
}

/// Returns the data of an event on one line.
fn facts(data: &Json) -> String {
    let text = data.to_string();
    match text.char_indices().nth(120) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
