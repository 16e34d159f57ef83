//! What is kept of a session that a script made.

use llmspell_core::value::{from_record, to_record};
use llmspell_core::{Map, Result, Value, error};
use llmspell_store::{Scan, Store};
use serde::{Deserialize, Serialize};

use super::bounds::Bounds;
use super::stage::Stage;
use super::versioned;

const VERSION: u64 = 1;

/// The texts of a session's metadata that hooks are told of each of its operations.
const TOLD: [&str; 4] = ["user_id", "tenant_id", "role", "rate_limit_key"];

/// Where the records are: `made/ID`.
const MADE: &str = "made/";

/// The value of the key `made/ID`, as JSON. Times are UTC microseconds since 1970.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) v: u64,
    pub(super) id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    #[serde(default)]
    pub(super) tags: Vec<String>,
    pub(super) stage: Stage,
    pub(super) created_at: i64,
    pub(super) updated_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) completed_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) created_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) parent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) failure_reason: Option<String>,
    /// A map in record form, which keeps what JSON lacks.
    pub(super) custom: String,
    pub(super) bounds: Bounds,
    /// The run that made it active. While that one is not at work, the session waits.
    pub(super) run: String,
}

impl Record {
    pub(super) fn new(id: &str, run: &str, now: i64, bounds: Bounds) -> Self {
        Self {
            v: VERSION,
            id: id.to_owned(),
            name: None,
            description: None,
            tags: Vec::new(),
            stage: Stage::Active,
            created_at: now,
            updated_at: now,
            completed_at: None,
            created_by: None,
            parent: None,
            failure_reason: None,
            custom: "{}".to_owned(),
            bounds,
            run: run.to_owned(),
        }
    }

    pub(super) fn write(&self) -> Result<String> {
        serde_json::to_string(self)
            .map_err(|cause| error!(Bug, "the session cannot be written").source(cause))
    }

    pub(super) fn read(id: &str, bytes: &[u8]) -> Result<Self> {
        versioned::read(id, bytes, VERSION)
    }

    /// Returns what the script keeps with it.
    pub(super) fn custom(&self) -> Result<Map> {
        match from_record(&self.custom)? {
            Value::Map(map) => Ok(map),
            _ => Ok(Map::new()),
        }
    }

    pub(super) fn set_custom(&mut self, custom: &Value) {
        self.custom = to_record(custom);
    }

    /// Returns what hooks are told of each operation that is done for the session: its id, and whom it is for. Who made
    /// it is its user unless its metadata names another one.
    pub(super) fn told(&self) -> Map {
        let mut told = Map::from([("session_id", self.id.as_str().into())]);
        if let Some(user) = &self.created_by {
            told.insert("user_id", user.as_str().into());
        }
        let custom = self.custom().unwrap_or_default();
        for name in TOLD {
            if let Some(text @ Value::Str(_)) = custom.get(name) {
                told.insert(name, text.clone());
            }
        }
        told
    }

    /// Goes to another stage, if that is one.
    ///
    /// - Errors: `InvalidState` if it is not possible.
    pub(super) fn go(&mut self, to: Stage, reason: Option<&str>, now: i64) -> Result<bool> {
        if !self.stage.step(to)? {
            return Ok(false);
        }
        self.stage = to;
        self.updated_at = now;
        if matches!(to, Stage::Completed | Stage::Failed) {
            self.completed_at = Some(now);
            self.failure_reason = reason.map(str::to_owned);
        }
        Ok(true)
    }

    /// Returns the stage to which time alone takes the session, if it does. `idle_since` is when something was done for
    /// it last; `None` if something is being done.
    pub(super) fn due(&self, now: i64, idle_since: Option<i64>) -> Option<Stage> {
        let passed = |since: i64, secs: u64| secs > 0 && now.saturating_sub(since) >= micros(secs);
        if self.stage.is_over() {
            return None;
        }
        if passed(self.created_at, self.bounds.longest()) {
            return Some(Stage::Failed);
        }
        let idle = idle_since.is_some_and(|since| passed(since, self.bounds.longest_idle()));
        (self.stage == Stage::Active && idle).then_some(Stage::Suspended)
    }

    /// Returns the moment from which on it need not be kept.
    pub(super) fn expires_at(&self) -> Option<i64> {
        let ended = self.completed_at?;
        let days = self.bounds.retention_days;
        Some(ended.saturating_add(micros(days.saturating_mul(86_400))))
    }
}

/// Returns a number as scripts see it.
pub(super) fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Returns seconds in microseconds.
pub(super) fn micros(secs: u64) -> i64 {
    count(secs).saturating_mul(1_000_000)
}

pub(crate) fn key(id: &str) -> String {
    format!("{MADE}{id}")
}

/// Returns every record of a store, in the order of their ids.
///
/// - Errors: `Corrupt` naming the session that cannot be read.
pub(super) async fn all(store: &dyn Store) -> Result<Vec<Record>> {
    let mut found = Vec::new();
    let mut scan = Scan::prefix(MADE);
    loop {
        let page = store.scan(scan).await?;
        for (key, bytes) in &page.entries {
            let id = String::from_utf8_lossy(&key[MADE.len()..]);
            found.push(Record::read(&id, bytes)?);
        }
        match page.next {
            Some(next) => scan = Scan::prefix(MADE).after(next),
            None => return Ok(found),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000;

    fn record() -> Record {
        let bounds = Bounds {
            max_idle_secs: 10,
            max_duration_secs: 100,
            ..Bounds::default()
        };
        Record::new("s", "r", 0, bounds)
    }

    #[test]
    fn time_alone_suspends_and_fails() {
        let active = record();
        let due = |record: &Record, now: i64, idle: Option<i64>| {
            record.due(now * SECOND, idle.map(|since| since * SECOND))
        };
        assert_eq!(due(&active, 9, Some(0)), None);
        assert_eq!(due(&active, 10, Some(0)), Some(Stage::Suspended));
        assert_eq!(due(&active, 10, Some(1)), None);
        assert_eq!(due(&active, 99, None), None, "busy");
        assert_eq!(due(&active, 100, None), Some(Stage::Failed));
        let mut suspended = record();
        suspended.go(Stage::Suspended, None, 5).unwrap();
        assert_eq!(due(&suspended, 50, Some(0)), None);
        assert_eq!(due(&suspended, 100, Some(99)), Some(Stage::Failed));
        let mut over = record();
        over.go(Stage::Completed, None, 5).unwrap();
        assert_eq!(due(&over, 1000, Some(0)), None);
        let mut endless = record();
        (
            endless.bounds.max_idle_secs,
            endless.bounds.max_duration_secs,
        ) = (0, 0);
        assert_eq!(due(&endless, 1_000_000, Some(0)), None);
    }

    #[test]
    fn hooks_are_told_whom_it_is_for() {
        let mut record = record();
        let told = |record: &Record| Value::Map(record.told()).to_serde_json();
        assert_eq!(told(&record), serde_json::json!({"session_id": "s"}));
        record.created_by = Some("ann".to_owned());
        let custom = [("tenant_id", "blue"), ("other", "x")];
        let custom: Value = custom.map(|(name, text)| (name, Value::from(text))).into();
        record.set_custom(&custom);
        let expected =
            serde_json::json!({"session_id": "s", "user_id": "ann", "tenant_id": "blue"});
        assert_eq!(told(&record), expected);
        let custom = [("user_id", Value::from("bob")), ("role", 7.into())];
        record.set_custom(&custom.into());
        let expected = serde_json::json!({"session_id": "s", "user_id": "bob"});
        assert_eq!(told(&record), expected);
    }

    #[test]
    fn ends_are_noted_and_expire() {
        let mut record = record();
        assert_eq!(record.expires_at(), None);
        assert!(!record.go(Stage::Active, None, 3).unwrap());
        assert_eq!(record.updated_at, 0);
        assert!(record.go(Stage::Failed, Some("no paper"), 7).unwrap());
        assert_eq!((record.completed_at, record.updated_at), (Some(7), 7));
        assert_eq!(record.failure_reason.as_deref(), Some("no paper"));
        assert_eq!(record.expires_at(), Some(7 + 30 * 86_400 * SECOND));
        assert!(record.go(Stage::Completed, None, 8).is_err());
        assert!(record.go(Stage::Archived, None, 9).unwrap());
        assert_eq!(record.completed_at, Some(7));
    }

    #[test]
    fn records_and_back() {
        let mut record = record();
        record.set_custom(&[("b", Value::Bytes(vec![255]))].into_iter().collect());
        let text = record.write().unwrap();
        let back = Record::read("s", text.as_bytes()).unwrap();
        assert_eq!(back, record);
        assert_eq!(back.custom().unwrap()["b"], Value::Bytes(vec![255]));
        let newer = text.replacen("\"v\":1", "\"v\":2", 1);
        assert!(Record::read("s", newer.as_bytes()).is_err());
        assert!(Record::read("s", b"{").is_err());
    }
}
