//! A connection to any of the servers.

use std::collections::BTreeSet;
use std::time::Duration;

use llmspell_core::{Cx, Result, error};

use super::mysql::Mysql;
use super::postgres::Postgres;
use super::rows::{Answer, Limits};
use super::sqlite::{self, Shared, Use};
use super::statement::{Bound, Class, Dialect};

/// What bounds the work of a call.
pub(super) struct Job<'a> {
    pub(super) cx: Cx,
    /// When it must have ended, on the monotonic clock.
    pub(super) end: Duration,
    /// What the statement does.
    pub(super) classes: &'a BTreeSet<Class>,
    pub(super) limits: Limits,
    /// The isolation of a statement by itself.
    pub(super) isolation: Option<&'static str>,
}

impl Job<'_> {
    fn left(&self) -> Duration {
        self.end.saturating_sub(self.cx.host().clock.monotonic())
    }

    fn is_read(&self) -> bool {
        self.classes.iter().all(|class| *class == Class::Select)
    }

    /// Returns whether the statement does what some servers do outside of transactions alone.
    fn stands_alone(&self) -> bool {
        self.classes
            .iter()
            .any(|class| matches!(class, Class::Ddl | Class::Other | Class::Pragma))
    }
}

/// A connection to any of the servers. One that is dropped takes its open transaction with it.
pub(super) enum Session {
    Sqlite(Embedded),
    Postgres(Postgres),
    Mysql(Box<Mysql>),
}

/// A SQLite database.
pub(super) struct Embedded {
    shared: Shared,
    /// Others use it as well.
    is_memory: bool,
    /// Whether the transaction that is open belongs to this session.
    is_open: bool,
}

impl Embedded {
    pub(super) fn new(shared: Shared, is_memory: bool) -> Self {
        Self {
            shared,
            is_memory,
            is_open: false,
        }
    }

    async fn control(&self, cx: Cx, text: String) -> Result<()> {
        let shared = self.shared.clone();
        cx.files(move |_, cx| sqlite::control(&shared, cx, &text))
            .await
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        if !(self.is_memory && self.is_open) {
            return;
        }
        // What runs on it still is being interrupted.
        if let Some(connection) = self.shared.try_lock_for(Duration::from_secs(2))
            && !connection.is_autocommit()
        {
            let _ = connection.execute_batch("ROLLBACK; PRAGMA query_only = OFF");
        }
    }
}

impl Session {
    /// Returns how the server reads SQL.
    pub(super) fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
            Self::Mysql(mysql) => mysql.dialect,
        }
    }

    /// Returns whether it can be used again.
    pub(super) fn is_reusable(&self) -> bool {
        match self {
            Self::Sqlite(_) => false,
            Self::Postgres(postgres) => !postgres.is_closed(),
            Self::Mysql(mysql) => !mysql.is_closed(),
        }
    }

    /// Runs a statement: in the open transaction, or by itself. By itself, what only reads is read-only on the server.
    pub(super) async fn run(
        &mut self,
        job: &Job<'_>,
        bound: &Bound,
        in_tx: bool,
    ) -> Result<Answer> {
        let is_read = job.is_read();
        match self {
            Self::Sqlite(embedded) => {
                let (shared, bound) = (embedded.shared.clone(), bound.clone());
                let (classes, end, limits) = (job.classes.clone(), job.end, job.limits);
                let alone = embedded.is_memory && !in_tx;
                job.cx
                    .files(move |_, cx| {
                        if alone && !sqlite::is_idle(&shared, cx)? {
                            return Err(error!(
                                Conflict,
                                "a transaction is open in the database ':memory:'"
                            )
                            .hint("end it, or give its `tx`"));
                        }
                        let uses = Use {
                            cx,
                            end: Some(end),
                            classes: &classes,
                        };
                        sqlite::run(&shared, &uses, &bound, limits)
                    })
                    .await
            }
            Self::Postgres(postgres) => {
                if in_tx {
                    postgres.limit(job.left(), true).await?;
                    return postgres.run(bound, job.limits, true).await;
                }
                if job.stands_alone() {
                    postgres.limit(job.left(), false).await?;
                    return postgres.run(bound, job.limits, true).await;
                }
                let mode = if is_read { "READ ONLY" } else { "READ WRITE" };
                postgres
                    .control(&format!("BEGIN {} {mode}", level(job.isolation)))
                    .await?;
                postgres.limit(job.left(), true).await?;
                let answer = postgres.run(bound, job.limits, !is_read).await?;
                // Nobody reads on in what was cut; the connection goes with it.
                if !(is_read && answer.truncated) {
                    postgres.control("COMMIT").await?;
                }
                Ok(answer)
            }
            Self::Mysql(mysql) => {
                mysql.limit(job.left()).await?;
                let most = match is_read {
                    true => job
                        .limits
                        .rows
                        .saturating_add(job.limits.skip)
                        .saturating_add(1)
                        .to_string(),
                    false => "DEFAULT".to_owned(),
                };
                mysql
                    .control(&format!("SET SESSION sql_select_limit = {most}"))
                    .await?;
                if in_tx || !is_read {
                    return mysql.run(bound, job.limits, true).await;
                }
                if job.isolation.is_some() {
                    mysql
                        .control(&format!("SET TRANSACTION {}", level(job.isolation)))
                        .await?;
                }
                mysql.control("START TRANSACTION READ ONLY").await?;
                let answer = mysql.run(bound, job.limits, true).await?;
                mysql.control("COMMIT").await?;
                Ok(answer)
            }
        }
    }

    /// Begins a transaction and returns its isolation.
    pub(super) async fn begin(
        &mut self,
        job: &Job<'_>,
        isolation: Option<&'static str>,
        read_only: bool,
    ) -> Result<&'static str> {
        let mode = if read_only { "READ ONLY" } else { "READ WRITE" };
        match self {
            Self::Sqlite(embedded) => {
                if embedded.is_memory {
                    let shared = embedded.shared.clone();
                    let idle = job
                        .cx
                        .files(move |_, cx| sqlite::is_idle(&shared, cx))
                        .await?;
                    if !idle {
                        return Err(error!(
                            Conflict,
                            "a transaction is open in the database ':memory:'"
                        )
                        .hint("end it, or give its `tx`"));
                    }
                }
                let text = match read_only {
                    true => "PRAGMA query_only = ON; BEGIN",
                    false => "PRAGMA query_only = OFF; BEGIN IMMEDIATE",
                };
                embedded.control(job.cx.clone(), text.to_owned()).await?;
                embedded.is_open = true;
                Ok("serializable")
            }
            Self::Postgres(postgres) => {
                postgres
                    .control(&format!("BEGIN {} {mode}", level(isolation)))
                    .await?;
                postgres.limit(job.left(), true).await?;
                Ok(isolation.unwrap_or("read_committed"))
            }
            Self::Mysql(mysql) => {
                if isolation.is_some() {
                    mysql
                        .control(&format!("SET TRANSACTION {}", level(isolation)))
                        .await?;
                }
                mysql.control(&format!("START TRANSACTION {mode}")).await?;
                Ok(isolation.unwrap_or("repeatable_read"))
            }
        }
    }

    /// Ends the open transaction.
    pub(super) async fn end(&mut self, job: &Job<'_>, commit: bool) -> Result<()> {
        let text = if commit { "COMMIT" } else { "ROLLBACK" };
        match self {
            Self::Sqlite(embedded) => {
                embedded
                    .control(job.cx.clone(), format!("{text}; PRAGMA query_only = OFF"))
                    .await?;
                embedded.is_open = false;
                Ok(())
            }
            Self::Postgres(postgres) => {
                if commit {
                    // A COMMIT after a failure would roll back and say nothing.
                    postgres.control("SELECT 1").await?;
                }
                postgres.control(text).await
            }
            Self::Mysql(mysql) => mysql.control(text).await,
        }
    }
}

/// Returns the words for an isolation; none for the server's own.
fn level(isolation: Option<&str>) -> &'static str {
    match isolation {
        Some("read_committed") => "ISOLATION LEVEL READ COMMITTED",
        Some("repeatable_read") => "ISOLATION LEVEL REPEATABLE READ",
        Some(_) => "ISOLATION LEVEL SERIALIZABLE",
        None => "",
    }
}
