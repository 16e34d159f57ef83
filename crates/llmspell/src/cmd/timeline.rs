//! `llmspell session timeline`: what happened when, and what belongs together.

use std::collections::HashMap;

use llmspell_core::Result;
use llmspell_runtime::session::{Node, Sessions, Shown};
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
        let document = json!({"session": shown.session.id, "calls": calls, "events": events});
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

/// Events of one correlation stand below the first of them.
fn of_events<'a>(shown: &'a Shown, events: &'a [Json]) -> impl Iterator<Item = Moment> + 'a {
    let began = shown.session.started_at;
    let mut seen: HashMap<&str, usize> = HashMap::new();
    events.iter().map(move |event| {
        let text = |name: &str| event[name].as_str().unwrap_or_default();
        let correlation = text("correlation_id");
        let before = seen.entry(correlation).or_default();
        *before += 1;
        let at = text("timestamp").parse::<jiff::Timestamp>();
        let offset = at.map_or(0, |at| at.as_microsecond().saturating_sub(began));
        let short = correlation.get(..8).unwrap_or_default();
        Moment {
            offset,
            depth: usize::from(*before > 1),
            text: format!(
                "+{} {} {}  [{short}]",
                microseconds(offset.max(0).cast_unsigned()),
                text("type"),
                facts(&event["data"])
            ),
        }
    })
}

/// Returns the data of an event on one line.
fn facts(data: &Json) -> String {
    let text = data.to_string();
    match text.char_indices().nth(120) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
