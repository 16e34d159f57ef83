//! How events of one correlation belong together.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::Value as Json;

/// Events of one correlation that are further apart than this are merely related, in microseconds.
const WINDOW: i64 = 60_000_000;

/// How one event belongs to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum RelationKind {
    /// The publisher says that the other one caused it, with `metadata.caused_by`.
    CausedBy,
    /// It happened while the other one, a begin, had no end yet.
    PartOf,
    /// It is the end to the other one, a begin.
    ResponseTo,
    /// It happened after the other one.
    FollowsFrom,
    /// It happened at the same moment as the other one.
    ConcurrentWith,
    /// It has the same correlation, long after the other one.
    RelatedTo,
}

impl RelationKind {
    /// Returns the name that listings show.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CausedBy => "caused by",
            Self::PartOf => "part of",
            Self::ResponseTo => "response to",
            Self::FollowsFrom => "follows from",
            Self::ConcurrentWith => "concurrent with",
            Self::RelatedTo => "related to",
        }
    }
}

/// What one event is to an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relation {
    /// How.
    pub kind: RelationKind,
    /// The index of the earlier one.
    pub to: usize,
}

/// Returns for each of a session's events, oldest first, how it belongs to an earlier one of the same correlation.
pub fn relations(events: &[Json]) -> Vec<Option<Relation>> {
    let mut chains: HashMap<&str, Chain> = HashMap::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    let mut found = Vec::with_capacity(events.len());
    for (index, event) in events.iter().enumerate() {
        let correlation = text(event, "correlation_id");
        let chain = chains.entry(correlation).or_default();
        let cause = event["metadata"]["caused_by"].as_str();
        let cause = cause.and_then(|id| known.get(id)).copied();
        let own = chain.enter(index, event);
        found.push(match cause {
            Some(to) => Some(Relation {
                kind: RelationKind::CausedBy,
                to,
            }),
            None => own,
        });
        known.insert(text(event, "id"), index);
    }
    found
}

fn text<'a>(event: &'a Json, name: &str) -> &'a str {
    event[name].as_str().unwrap_or_default()
}

fn micros(event: &Json) -> i64 {
    let at = text(event, "timestamp").parse::<jiff::Timestamp>();
    at.map_or(0, |at| at.as_microsecond())
}

/// The events of one correlation so far.
#[derive(Default)]
struct Chain {
    last: Option<(usize, i64)>,
    /// Begins without an end: what they are about, and which event.
    open: Vec<(String, usize)>,
}

impl Chain {
    fn enter(&mut self, index: usize, event: &Json) -> Option<Relation> {
        let at = micros(event);
        let before = self.last.replace((index, at));
        let (subject, phase) = subject(event);
        let begin = self.open.iter().rposition(|(open, _)| *open == subject);
        let around = self.open.last().map(|(_, begin)| *begin);
        let relation = |kind, to| Some(Relation { kind, to });
        if let (Phase::End, Some(place)) = (phase, begin) {
            let (_, begin) = self.open.remove(place);
            return relation(RelationKind::ResponseTo, begin);
        }
        if phase == Phase::Begin {
            self.open.push((subject, index));
        }
        if let Some(begin) = around {
            return relation(RelationKind::PartOf, begin);
        }
        let (last, then) = before?;
        relation(
            match at - then {
                0 => RelationKind::ConcurrentWith,
                apart if apart > WINDOW => RelationKind::RelatedTo,
                _ => RelationKind::FollowsFrom,
            },
            last,
        )
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Begin,
    End,
    Between,
}

/// Returns what an event is about, without whether it begins or ends: `tool calculator` of `tool.started`.
fn subject(event: &Json) -> (String, Phase) {
    let kind = text(event, "type");
    let (stem, last) = kind.rsplit_once('.').unwrap_or(("", kind));
    let phase = match last {
        "started" | "start" => Phase::Begin,
        "completed" | "complete" | "failed" | "stopped" => Phase::End,
        _ => Phase::Between,
    };
    let names = [
        "tool_name",
        "agent_id",
        "workflow_id",
        "step_name",
        "model",
        "hook",
        "point",
    ];
    let about = names.map(|name| event["data"][name].as_str().unwrap_or_default());
    (format!("{stem} {}", about.join(" ")), phase)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(kind: &str, correlation: &str, second: u32, data: Json) -> Json {
        json!({
            "id": format!("{kind}-{second}"), "type": kind, "correlation_id": correlation, "data": data,
            "timestamp": format!("2026-01-01T00:{:02}:{:02}Z", second / 60, second % 60), "metadata": {},
        })
    }

    #[test]
    fn begins_ends_and_what_lies_between() {
        let tool = || json!({"tool_name": "t"});
        let agent = || json!({"agent_id": "a"});
        let mut caused = event("mine", "other", 6, json!({}));
        caused["metadata"]["caused_by"] = "tool.started-2".into();
        let events = [
            event("agent.execution.started", "c", 1, agent()),
            event("tool.started", "c", 2, tool()),
            event("tool.started", "d", 2, tool()),
            event("tool.completed", "c", 3, tool()),
            event("agent.execution.completed", "c", 4, agent()),
            event("note", "c", 4, json!({})),
            event("note", "c", 5, json!({})),
            event("note", "c", 90, json!({})),
            caused,
        ];
        let shown: Vec<_> = relations(&events)
            .into_iter()
            .map(|found| found.map(|found| (found.kind, found.to)))
            .collect();
        use RelationKind::{CausedBy, ConcurrentWith, FollowsFrom, PartOf, RelatedTo, ResponseTo};
        assert_eq!(
            shown,
            [
                None,
                Some((PartOf, 0)),
                None,
                Some((ResponseTo, 1)),
                Some((ResponseTo, 0)),
                Some((ConcurrentWith, 4)),
                Some((FollowsFrom, 5)),
                Some((RelatedTo, 6)),
                Some((CausedBy, 2)),
            ]
        );
    }
}
