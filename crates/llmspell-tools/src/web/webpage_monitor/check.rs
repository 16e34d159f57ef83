//! One look at a page.

use std::time::Duration;

use jiff::Timestamp;
use llmspell_core::{Cx, Map, Result, Value};
use serde::{Deserialize, Serialize};

use super::compare::Comparison;
use super::content::{Content, Question};
use crate::web::request::HttpOptions;
use crate::web::visit::{Visit, Visited, succeeded};
use crate::worker;

pub(super) const LIMIT: Duration = Duration::from_secs(30);

/// A page, and what of it counts.
#[derive(Clone)]
pub(super) struct Target {
    pub(super) url: String,
    pub(super) http: HttpOptions,
    pub(super) question: Question,
    /// The percentage below which changes do not count.
    pub(super) threshold: f64,
}

/// What was there at a look.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Snapshot {
    pub(super) content: String,
    pub(super) hash: String,
    etag: Option<String>,
    last_modified: Option<String>,
}

/// What a look has shown.
pub(super) struct Look {
    pub(super) snapshot: Snapshot,
    pub(super) previous_hash: Option<String>,
    pub(super) comparison: Option<Comparison>,
    pub(super) has_changes: bool,
    pub(super) visited: Visited,
}

impl Look {
    /// Returns whether there are changes that are too small to count.
    pub(super) fn is_below_threshold(&self) -> bool {
        let comparison = self.comparison.as_ref();
        !self.has_changes && comparison.is_some_and(|found| !found.changes.is_empty())
    }

    /// Returns whether the server said that nothing changed.
    pub(super) fn is_unmodified(&self) -> bool {
        self.visited.answer.status == 304
    }

    /// Returns what an event tells of the changes.
    pub(super) fn facts(&self, target: &Target, now: i64) -> Map {
        let changes = self.changes();
        let percentage = self.comparison.as_ref().map(|found| found.percentage);
        Map::from([
            ("url", target.url.as_str().into()),
            ("selector", target.question.selector.clone().into()),
            ("hash", self.snapshot.hash.as_str().into()),
            ("previous_hash", self.previous_hash.clone().into()),
            ("change_count", changes.len().into()),
            ("changes", changes.into()),
            ("change_percentage", percentage.into()),
            ("checked_at", stamp(now).into()),
        ])
    }

    /// Returns the changed lines.
    pub(super) fn changes(&self) -> Vec<Value> {
        let changes = self
            .comparison
            .iter()
            .flat_map(|comparison| &comparison.changes);
        changes
            .filter_map(|change| Value::from_serialize(change).ok())
            .collect()
    }
}

impl Target {
    /// Looks at the page, and compares it with what was there before. A server that says that nothing changed is
    /// believed.
    ///
    /// - Errors: `Remote` for a status that tells of a failure, `NotFound` for a selector that finds nothing.
    pub(super) async fn look(&self, cx: &Cx, before: Option<&Snapshot>) -> Result<Look> {
        let visit = Visit {
            http: &self.http,
            user_agent: None,
            respect_robots: false,
            delay: Duration::ZERO,
            cache: Duration::ZERO,
            limit: LIMIT,
        };
        let headers = before.map(Snapshot::conditions).unwrap_or_default();
        let visited = visit.get(cx, &self.url, &headers).await?;
        if let (304, Some(before)) = (visited.answer.status, before) {
            return Ok(Look {
                snapshot: before.clone(),
                previous_hash: Some(before.hash.clone()),
                comparison: Some(Comparison::default()),
                has_changes: false,
                visited,
            });
        }
        succeeded(&visited.answer)?;
        let previous = before
            .map(|before| before.content.clone())
            .or_else(|| self.question.previous.clone());
        let content = self.read(cx, &visited, previous).await?;
        let answer = &visited.answer;
        let header = |name: &str| answer.header(name).map(str::to_owned);
        let changed = content.comparison.as_ref();
        Ok(Look {
            has_changes: changed.is_some_and(|found| {
                !found.changes.is_empty() && found.percentage >= self.threshold
            }),
            snapshot: Snapshot {
                content: content.text,
                hash: content.hash,
                etag: header("etag"),
                last_modified: header("last-modified"),
            },
            previous_hash: content.previous_hash,
            comparison: content.comparison,
            visited,
        })
    }

    async fn read(&self, cx: &Cx, visited: &Visited, previous: Option<String>) -> Result<Content> {
        let answer = &visited.answer;
        let content_type = answer.header("content-type").map(str::to_owned);
        let stated = content_type
            .as_deref()
            .unwrap_or_default()
            .to_ascii_lowercase();
        let question = Question {
            body: Value::Bytes(answer.body.clone()),
            is_html: stated.contains("html")
                || (stated.is_empty() && answer.body.trim_ascii_start().starts_with(b"<")),
            content_type,
            previous,
            ..self.question.clone()
        };
        let content = worker::run(
            cx,
            "webpage_monitor.read",
            Value::from_serialize(&question)?,
            LIMIT,
        );
        content.await?.into_typed()
    }
}

impl Snapshot {
    /// Forgets what the server said of its version.
    pub(super) fn without_version(self) -> Self {
        Self {
            content: self.content,
            hash: self.hash,
            ..Self::default()
        }
    }

    /// Returns the headers that let a server say that nothing changed.
    fn conditions(&self) -> Vec<(&'static str, String)> {
        let etag = self.etag.clone().map(|etag| ("if-none-match", etag));
        let date = self
            .last_modified
            .clone()
            .map(|date| ("if-modified-since", date));
        etag.into_iter().chain(date).collect()
    }
}

/// Writes a moment: `2026-01-02T03:04:05Z`.
pub(super) fn stamp(micros: i64) -> String {
    Timestamp::from_microsecond(micros)
        .map(|moment| moment.to_string())
        .unwrap_or_default()
}
