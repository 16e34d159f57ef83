//! `database_connector`: SQL on SQLite, PostgreSQL, MySQL and MariaDB.

mod live;
mod mysql;
mod postgres;
mod rows;
mod schema;
mod session;
mod sqlite;
mod statement;
mod target;

use std::collections::BTreeSet;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use llmspell_core::value::from_json;
use llmspell_core::{
    Cx, Effect, Error, Kind, Level, Map, Op, Outcome, Result, ToolInfo, Value, error,
};
use schemars::JsonSchema;
use serde::Deserialize;

use self::live::{Live, Taken};
use self::rows::{Answer, Limits};
use self::session::Job;
use self::statement::{Class, Dialect, Params, Statement};
use self::target::{Config, Inline, KINDS, Target};
use crate::choice::{choose, choose_or_first};
use crate::param::{Given, choices, missing, mistyped, names, refused, within};
use crate::plain::plain;

const TOOL: &str = "database_connector";

const OPERATIONS: &[&[&str]] = &[
    &["query", "select"],
    &["execute", "insert", "update", "delete"],
    &["batch", "execute_many"],
    &["transaction"],
    &["begin"],
    &["commit"],
    &["rollback"],
    &["schema", "describe", "list_tables"],
    &["explain"],
    &["ping"],
];

const ISOLATIONS: &[&[&str]] = &[&["read_committed"], &["repeatable_read"], &["serializable"]];

/// Limit of a call that nothing else bounds.
const LIMIT: Duration = Duration::from_secs(30);

/// Most rows that come back, unless asked otherwise.
const ROWS: i64 = 1_000;

/// Most statements of one call.
const MAX_STATEMENTS: usize = 100_000;

pub(super) fn op() -> Op {
    Op::new(TOOL, database_connector)
        .tool(
            ToolInfo::new("data").settings::<Config>()
                .example(
                    "Makes a table in memory",
                    r#"{"operation": "execute", "provider": "sqlite", "connection_string": ":memory:", "query": "create table notes (id integer primary key, text text)"}"#,
                )
                .example(
                    "Binds parameters",
                    r#"{"operation": "query", "provider": "sqlite", "connection_string": ":memory:", "query": "select ? + ? as sum", "params": [1, 2]}"#,
                )
                .level(Level::Restricted)
                .level_of(level)
                .timeout(LIMIT)
                .operations(&names(OPERATIONS))
                .needs(&["query", "execute", "batch", "explain"], &["query"])
                .needs(&["batch"], &["params_list"])
                .needs(&["transaction"], &["statements"])
                .needs(&["commit", "rollback"], &["tx"])
                .synonyms(&["database"]),
        )
        .effect(Effect::Once)
        .effect_of(effect)
}

/// Changing the schema of a database needs more than using it, but for what a spell keeps itself: a SQLite file that it
/// names, and `:memory:`.
fn level(args: &Value) -> Level {
    let text = |name: &str| args.get(name).and_then(Value::as_str);
    let provider = text("provider").and_then(|given| choose("provider", given, KINDS).ok());
    let url = text("connection_string").unwrap_or_default();
    let own = provider == Some("sqlite")
        || text("path").is_some()
        || text("database") == Some(":memory:")
        || url.starts_with("sqlite")
        || url.starts_with("file:");
    let pieces = args
        .get("statements")
        .and_then(Value::as_list)
        .unwrap_or_default();
    let inner = pieces
        .iter()
        .filter_map(|piece| piece.get("query")?.as_str());
    let mut queries = text("query").into_iter().chain(inner);
    let changes = |query: &str| {
        let found = Statement::parse(Dialect::Sqlite, query);
        let found = found.or_else(|_| Statement::parse(Dialect::Postgres, query));
        found.is_ok_and(|statement| statement.classes.contains(&Class::Ddl))
    };
    match !own && queries.any(changes) {
        true => Level::Privileged,
        false => Level::Restricted,
    }
}

/// Reading may be repeated; anything else is never done twice by itself.
fn effect(args: &Value) -> Effect {
    let operation = args.get("operation").and_then(Value::as_str);
    match choose_or_first("operation", operation, OPERATIONS) {
        Ok("schema" | "explain" | "ping") => Effect::Read,
        Ok("query") => {
            let query = args
                .get("query")
                .and_then(Value::as_str)
                .unwrap_or_default();
            // Any server's reading of it must be harmless.
            let dialects = [
                Dialect::Sqlite,
                Dialect::Postgres,
                Dialect::Mysql {
                    backslashes: true,
                    ansi_quotes: false,
                },
            ];
            let reads = |dialect| {
                Statement::parse(dialect, query).is_ok_and(|statement| statement.is_read())
            };
            match dialects.into_iter().all(reads) {
                true => Effect::Read,
                false => Effect::Once,
            }
        }
        _ => Effect::Once,
    }
}

/// Runs SQL on SQLite, PostgreSQL, MySQL and MariaDB.
///
/// Values go into `params`, never into the text: `select * from people where age > ?` with `params = {30}`. `?`, `$1`
/// and `:name` work on every server. `:memory:` is one database for the whole run.
#[derive(Deserialize, JsonSchema)]
struct DatabaseConnector {
    /// What to do.
    #[schemars(transform = choices(OPERATIONS), extend("default" = "query"))]
    operation: Option<String>,
    /// The configured database, or `:memory:`; beside `host` or `connection_string` the server's name of it.
    #[schemars(extend("default" = "default", "x-synonyms" = ["connection"]))]
    database: Option<String>,
    /// One SQL statement.
    #[schemars(extend("x-synonyms" = ["sql", "input"]))]
    query: Option<String>,
    /// Values for the marks in the statement: a list for `?` and `$1`, an object for `:name`; bytes are
    /// `{bytes = base64}`.
    #[schemars(extend("type" = ["array", "object"], "x-synonyms" = ["parameters", "bind"]))]
    params: Option<Value>,
    /// Values for each run of a `batch`.
    #[schemars(with = "Option<Vec<Value>>")]
    params_list: Option<Value>,
    /// The statements of a `transaction`, each `{query, params}`.
    statements: Option<Vec<Piece>>,
    /// The open transaction to work in, as `begin` named it.
    #[schemars(extend("x-synonyms" = ["transaction_id"]))]
    tx: Option<String>,
    /// How far transactions see each other; the server's own default.
    #[schemars(transform = choices(ISOLATIONS))]
    isolation: Option<String>,
    /// Whether the server must refuse changes.
    #[schemars(extend("default" = false))]
    read_only: Option<bool>,
    /// Most rows to return.
    #[schemars(range(min = 1, max = 1_000_000), extend("default" = 1000, "x-synonyms" = ["limit"]))]
    max_rows: Option<i64>,
    /// Rows to leave out first.
    #[schemars(range(min = 0), extend("default" = 0))]
    offset: Option<i64>,
    /// Globs over the tables of `schema`.
    tables: Option<Vec<String>>,
    /// What the statement is taken for; another class is an error.
    query_type: Option<String>,
    /// Whose server it is, for a connection that the call describes itself.
    #[schemars(transform = choices(KINDS))]
    provider: Option<String>,
    /// Where the server is: `postgres://user:password@host:5432/name`, `mysql://…`, `sqlite:path`.
    #[schemars(extend("x-synonyms" = ["url"]))]
    connection_string: Option<String>,
    /// The file of a SQLite database.
    path: Option<String>,
    /// The host of the server.
    host: Option<String>,
    /// The port of the server.
    #[schemars(range(min = 1, max = 65_535))]
    port: Option<i64>,
    /// The user of the server.
    #[schemars(extend("x-synonyms" = ["user"]))]
    username: Option<String>,
    /// The user's password.
    password: Option<String>,
    /// Whether connections are kept for further calls of the run.
    #[schemars(extend("default" = true))]
    use_pool: Option<bool>,
    /// Most connections that are kept.
    #[schemars(range(min = 1, max = 50), extend("default" = 10))]
    pool_size: Option<i64>,
}

/// A statement of a transaction.
#[derive(Clone, Deserialize, JsonSchema)]
struct Piece {
    /// One SQL statement.
    #[serde(alias = "sql")]
    query: String,
    /// Values for its marks.
    #[schemars(extend("type" = ["array", "object"]))]
    params: Option<Value>,
}

async fn database_connector(cx: Cx, call: Given<DatabaseConnector>) -> Result<Outcome> {
    let a = &call.args;
    let operation = choose_or_first("operation", a.operation.as_deref(), OPERATIONS)?;
    let config: Config = cx.settings(TOOL)?;
    let run = Run::new(cx.clone(), a, operation, &config)?;
    let outcome = match operation {
        "query" => run.query().await?,
        "execute" => run.execute().await?,
        "batch" => run.batch().await?,
        "transaction" => run.transaction().await?,
        "begin" => run.begin().await?,
        "commit" | "rollback" => run.end().await?,
        "schema" => run.schema().await?,
        "explain" => run.explain().await?,
        _ => run.ping().await?,
    };
    Ok(call.warn(op, &used(operation), outcome))
}

fn used(operation: &str) -> String {
    const WHERE: &str =
        "database provider connection_string path host port username password use_pool pool_size";
    let own = match operation {
        "query" | "execute" => "query params tx read_only isolation max_rows offset query_type",
        "batch" => "query params_list tx isolation query_type",
        "transaction" => "statements isolation read_only max_rows",
        "begin" => "isolation read_only",
        "commit" | "rollback" => "tx",
        "schema" => "tables tx",
        "explain" => "query params tx",
        _ => "",
    };
    format!("{WHERE} {own}")
}

/// What one statement did.
struct One {
    data: Value,
    answer: Answer,
    is_read: bool,
    /// The setting that kept further rows back, and how many it permits.
    cap: Option<(String, usize)>,
}

/// One call.
struct Run<'a> {
    cx: Cx,
    a: &'a DatabaseConnector,
    operation: &'static str,
    config: &'a Config,
    limits: Limits,
    began: Duration,
}

impl<'a> Run<'a> {
    fn new(
        cx: Cx,
        a: &'a DatabaseConnector,
        operation: &'static str,
        config: &'a Config,
    ) -> Result<Self> {
        for (name, value) in [("params", &a.params), ("params_list", &a.params_list)] {
            if let Some(value) = value {
                plain(name, value)?;
            }
        }
        if let Some(size) = a.pool_size {
            within("pool_size", size, 1..=50)?;
        }
        Ok(Self {
            began: cx.host().clock.monotonic(),
            cx,
            a,
            operation,
            config,
            limits: Limits {
                rows: within("max_rows", a.max_rows.unwrap_or(ROWS), 1..=1_000_000)?,
                skip: within("offset", a.offset.unwrap_or(0), 0..=i64::MAX)?,
                bytes: config.max_result_bytes,
            },
        })
    }

    fn needs(&self, parameter: &'static str) -> Error {
        missing(TOOL, self.operation, parameter)
    }

    fn target(&self) -> Result<Target> {
        let a = self.a;
        let inline = Inline {
            provider: a.provider.clone(),
            url: a.connection_string.clone(),
            path: a.path.clone(),
            host: a.host.clone(),
            port: a.port,
            username: a.username.clone(),
            password: a.password.clone(),
            database: a.database.clone(),
        };
        Target::find(&self.cx, self.config, &inline)
    }

    /// Returns when the work must have ended, on the monotonic clock.
    fn until(&self, target: &Target) -> Duration {
        let own = self.began + target.timeout.unwrap_or(LIMIT);
        match (self.cx.deadline(), target.timeout) {
            (Some(deadline), Some(_)) => deadline.min(own),
            (Some(deadline), None) => deadline,
            (None, _) => own,
        }
    }

    /// Returns the bounds of a piece of work on this database.
    fn job<'b>(&'b self, target: &Target, classes: &'b BTreeSet<Class>) -> Job<'b> {
        Job {
            cx: self.cx.clone(),
            end: self.until(target),
            classes,
            limits: self.limits(target),
            isolation: None,
        }
    }

    fn limits(&self, target: &Target) -> Limits {
        let rows = match (self.a.max_rows, target.max_rows) {
            (None, Some(most)) => most,
            (Some(_), Some(most)) => self.limits.rows.min(most),
            (_, None) => self.limits.rows,
        };
        Limits {
            rows,
            ..self.limits
        }
    }

    /// Takes the session to work with: that of an open transaction, one that was kept, or a new one.
    async fn session(&self, write: bool, make: bool) -> Result<Taken> {
        let live = self.cx.kept::<Live>();
        match &self.a.tx {
            Some(tx) => self.in_transaction(live.transaction(tx)?),
            None => {
                let target = self.target()?;
                let write = write && !target.read_only;
                let session = live.session(self.cx.clone(), &target, write, make).await?;
                Ok(Taken::new(
                    live,
                    session,
                    target,
                    self.a.use_pool.unwrap_or(true),
                ))
            }
        }
    }

    /// Checks that a call in a transaction names no other database.
    fn in_transaction(&self, taken: Taken) -> Result<Taken> {
        let a = self.a;
        let other = a
            .database
            .as_ref()
            .is_some_and(|name| *name != taken.target().name);
        let described = [&a.provider, &a.connection_string, &a.path, &a.host]
            .into_iter()
            .any(Option::is_some);
        match other || described {
            true => Err(refused(
                "tx",
                "a transaction has its database: leave out what names another one",
            )),
            false => Ok(taken),
        }
    }

    fn isolation(&self) -> Result<Option<&'static str>> {
        let given = self.a.isolation.as_deref();
        given
            .map(|given| choose("isolation", given, ISOLATIONS))
            .transpose()
    }

    /// Looks through a statement as the server of this target reads it.
    fn parse(&self, text: &str, dialect: Dialect) -> Result<Statement> {
        let statement = Statement::parse(dialect, text)?;
        if let Some(declared) = &self.a.query_type {
            let known = Class::ALL
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(declared.trim()));
            let class = statement.class();
            if !known.is_some_and(|(_, known)| statement.classes.contains(known)) {
                let message = format!(
                    "parameter 'query_type' says '{declared:.40}', but the statement is '{}'",
                    class.name()
                );
                return Err(refused("query_type", message));
            }
        }
        Ok(statement)
    }

    async fn query(&self) -> Result<Outcome> {
        let One {
            data,
            answer,
            is_read,
            cap,
        } = self.one().await?;
        let message = match is_read {
            true if answer.truncated => format!("{} rows, and there are more", answer.rows.len()),
            true => format!("{} rows", answer.rows.len()),
            false => format!("{} rows changed", answer.affected),
        };
        let truncated = answer.truncated;
        let outcome = Outcome::new("query", data)
            .output(Value::List(answer.rows))
            .message(message)
            .metadata("truncated", truncated);
        Ok(match (truncated, cap) {
            (false, _) => outcome,
            (true, Some((setting, most))) => outcome.warning(format!(
                "there are more rows than the {most} that `{setting}` permits: read on with 'offset'"
            )),
            (true, None) => {
                outcome.warning("there are more rows: raise 'max_rows', or read on with 'offset'")
            }
        })
    }

    async fn execute(&self) -> Result<Outcome> {
        let One { data, answer, .. } = self.one().await?;
        Ok(Outcome::new("execute", data)
            .output(answer.affected)
            .message(format!("{} rows changed", answer.affected)))
    }

    /// Runs the statement of `query` or `execute`.
    async fn one(&self) -> Result<One> {
        let text = self.a.query.as_deref().ok_or_else(|| self.needs("query"))?;
        let read_only = self.a.read_only.unwrap_or(false);
        // Where the statement is not looked through as its server does, it counts as a change.
        let (reads, makes) = match Statement::parse(Dialect::Sqlite, text) {
            Ok(statement) => (statement.is_read(), statement.classes.contains(&Class::Ddl)),
            Err(_) => (false, false),
        };
        let mut taken = self.session(!(read_only || reads), makes).await?;
        let statement = self.parse(text, taken.dialect()?)?;
        let read_only = read_only || taken.read_only;
        taken.target().permit(&statement, read_only)?;
        let bound = statement.bind(&Params::read(binary(self.a.params.clone())?)?)?;
        let job = Job {
            isolation: self.isolation()?,
            ..self.job(taken.target(), &statement.classes)
        };
        let in_tx = self.a.tx.is_some();
        let answer = taken.session()?.run(&job, &bound, in_tx).await;
        let answer = taken.settle(answer)?;
        let mut data = self.common(taken.target(), text);
        data.insert("rows", Value::List(answer.rows.clone()));
        data.insert("results", Value::List(answer.rows.clone()));
        data.insert("columns", columns(&answer));
        data.insert("row_count", answer.rows.len().into());
        data.insert("truncated", answer.truncated.into());
        if !statement.is_read() || self.operation == "execute" {
            data.insert("rows_affected", answer.affected.into());
            let last = answer.last_insert_id.clone();
            data.insert(
                "last_insert_id".to_owned(),
                last.filter(|_| statement.classes.contains(&Class::Insert))
                    .into(),
            );
        }
        let rows = answer.rows.len();
        let cap = taken
            .target()
            .cap(self.a.max_rows)
            .filter(|(_, most)| rows >= *most);
        taken.give_back(&job, &answer);
        Ok(One {
            data: Value::Map(data),
            answer,
            is_read: statement.is_read(),
            cap,
        })
    }

    fn common(&self, target: &Target, query: &str) -> Map {
        let host = self.cx.host();
        let spent = host.clock.monotonic().saturating_sub(self.began);
        let now = Timestamp::from_microsecond(host.clock.now()).unwrap_or_default();
        let mut data = Map::from([
            ("database", Value::from(target.name.as_str())),
            ("database_type", target.place.kind().into()),
        ]);
        if !query.is_empty() {
            data.insert("query", query.into());
        }
        data.insert("status", "ok".into());
        data.insert(
            "execution_time_ms".to_owned(),
            u64::try_from(spent.as_millis()).unwrap_or(u64::MAX).into(),
        );
        data.insert("timestamp", now.to_string().into());
        data
    }

    async fn batch(&self) -> Result<Outcome> {
        let text = self.a.query.as_deref().ok_or_else(|| self.needs("query"))?;
        let list = match self
            .a
            .params_list
            .clone()
            .ok_or_else(|| self.needs("params_list"))?
        {
            Value::List(list) => list,
            Value::Map(map) if map.is_empty() => Vec::new(),
            other => {
                let message = format!(
                    "parameter 'params_list' must be array, got {}",
                    other.type_name()
                );
                return Err(mistyped("params_list", message, "array", &other));
            }
        };
        let pieces: Vec<Piece> = list
            .into_iter()
            .map(|params| Piece {
                query: text.to_owned(),
                params: Some(params),
            })
            .collect();
        let count = pieces.len();
        let (answers, target) = self.all(&pieces).await?;
        let affected: u64 = answers.iter().map(|answer| answer.affected).sum();
        let mut data = self.common(&target, text);
        data.insert("rows_affected", affected.into());
        data.insert("executed", count.into());
        Ok(Outcome::new("batch", data)
            .output(affected)
            .message(format!("{affected} rows changed by {count} runs")))
    }

    async fn transaction(&self) -> Result<Outcome> {
        let pieces = self
            .a
            .statements
            .as_deref()
            .ok_or_else(|| self.needs("statements"))?;
        let (answers, target) = self.all(pieces).await?;
        let results: Value = answers
            .into_iter()
            .map(|answer| {
                Value::from([
                    ("rows_affected", Value::from(answer.affected)),
                    ("last_insert_id", answer.last_insert_id.into()),
                    ("row_count", answer.rows.len().into()),
                    ("truncated", answer.truncated.into()),
                    ("rows", Value::List(answer.rows)),
                ])
            })
            .collect();
        let mut data = self.common(&target, "");
        data.insert("results", results.clone());
        data.insert("committed", true.into());
        Ok(Outcome::new("transaction", data)
            .output(results)
            .message(format!("{} statements committed", pieces.len())))
    }

    /// Runs statements in one transaction: all or none. In a transaction that is open already it stays open.
    async fn all(&self, pieces: &[Piece]) -> Result<(Vec<Answer>, Target)> {
        if pieces.len() > MAX_STATEMENTS {
            return Err(error!(
                Limit,
                "there are {} statements, more than the limit of {MAX_STATEMENTS}",
                pieces.len()
            )
            .with("limit", MAX_STATEMENTS));
        }
        let read_only = self.a.read_only.unwrap_or(false);
        let makes = pieces.iter().any(|piece| {
            Statement::parse(Dialect::Sqlite, &piece.query)
                .is_ok_and(|found| found.classes.contains(&Class::Ddl))
        });
        let mut taken = self.session(!read_only, makes).await?;
        let read_only = read_only || taken.read_only;
        let dialect = taken.dialect()?;
        // All are looked through before the first one runs.
        let mut prepared = Vec::with_capacity(pieces.len());
        for (index, piece) in pieces.iter().enumerate() {
            let at = |error: Error| match pieces.len() {
                1 => error,
                _ => error.with("statement", index + 1),
            };
            let statement = self.parse(&piece.query, dialect).map_err(at)?;
            taken.target().permit(&statement, read_only).map_err(at)?;
            let params = Params::read(binary(piece.params.clone())?).map_err(at)?;
            prepared.push((statement.bind(&params).map_err(at)?, statement.classes));
        }
        let own = self.a.tx.is_none();
        let nothing = BTreeSet::new();
        let around = self.job(taken.target(), &nothing);
        if own {
            let begun = taken
                .session()?
                .begin(&around, self.isolation()?, read_only)
                .await;
            taken.settle(begun)?;
        }
        let mut answers = Vec::with_capacity(prepared.len());
        for (index, (bound, classes)) in prepared.iter().enumerate() {
            self.cx.check()?;
            let job = self.job(taken.target(), classes);
            let answer = taken.session()?.run(&job, bound, true).await;
            // A session that is dropped before the end takes its transaction with it.
            answers.push(
                taken
                    .settle(answer)
                    .map_err(|error| error.with("statement", index + 1))?,
            );
        }
        if own {
            let ended = taken.session()?.end(&around, true).await;
            taken.settle(ended)?;
        }
        let target = taken.target().clone();
        taken.give_back(&around, &Answer::default());
        Ok((answers, target))
    }

    async fn begin(&self) -> Result<Outcome> {
        if self.a.tx.is_some() {
            return Err(refused(
                "tx",
                "a transaction within a transaction is not possible",
            ));
        }
        let live = self.cx.kept::<Live>();
        let target = self.target()?;
        let read_only = self.a.read_only.unwrap_or(false) || target.read_only;
        let slot = live.reserve()?;
        let mut session = live
            .fresh(self.cx.clone(), &target, !read_only, true)
            .await?;
        let nothing = BTreeSet::new();
        let job = self.job(&target, &nothing);
        let isolation = session.begin(&job, self.isolation()?, read_only).await?;
        let mut bytes = [0; 8];
        self.cx.host().random.fill(&mut bytes);
        let tx = format!("tx_{}", data_encoding::HEXLOWER.encode(&bytes));
        let mut data = self.common(&target, "");
        data.insert("tx", tx.as_str().into());
        data.insert("isolation", isolation.into());
        slot.fill(&tx, session, target, read_only);
        Ok(Outcome::new("begin", data)
            .output(tx.as_str())
            .message(format!("Began {tx}")))
    }

    async fn end(&self) -> Result<Outcome> {
        let tx = self.a.tx.as_deref().ok_or_else(|| self.needs("tx"))?;
        let commit = self.operation == "commit";
        let mut taken = self.cx.kept::<Live>().transaction(tx)?;
        let nothing = BTreeSet::new();
        let job = self.job(taken.target(), &nothing);
        let ended = taken.session()?.end(&job, commit).await;
        let target = taken.target().clone();
        // Whatever came of it, the transaction is no more.
        taken.close();
        ended?;
        let (name, message) = match commit {
            true => ("committed", format!("Committed {tx}")),
            false => ("rolled_back", format!("Rolled back {tx}")),
        };
        let mut data = self.common(&target, "");
        data.insert("tx", tx.into());
        data.insert(name.to_owned(), true.into());
        Ok(Outcome::new(self.operation, data)
            .output(true)
            .message(message))
    }

    async fn schema(&self) -> Result<Outcome> {
        let mut taken = self.session(false, false).await?;
        let reading = [Class::Select].into();
        let job = Job {
            limits: Limits {
                rows: schema::MAX_ROWS,
                skip: 0,
                bytes: self.config.max_result_bytes.saturating_mul(4),
            },
            ..self.job(taken.target(), &reading)
        };
        let found = schema::read(
            taken.session()?,
            &job,
            self.a.tx.is_some(),
            self.a.tables.as_deref(),
        )
        .await;
        let tables = taken.settle(found)?;
        let count = tables.len();
        let tables = Value::List(tables);
        let mut data = self.common(taken.target(), "");
        data.insert("tables", tables.clone());
        taken.give_back(&job, &Answer::default());
        Ok(Outcome::new("schema", data)
            .output(tables)
            .message(format!("{count} tables")))
    }

    async fn explain(&self) -> Result<Outcome> {
        let text = self.a.query.as_deref().ok_or_else(|| self.needs("query"))?;
        let mut taken = self.session(false, false).await?;
        let dialect = taken.dialect()?;
        let statement = self.parse(text, dialect)?;
        taken.target().permit(&statement, false)?;
        if statement.classes.contains(&Class::Ddl) || statement.classes.contains(&Class::Other) {
            return Err(refused(
                "query",
                "only statements that read or change rows have a plan",
            ));
        }
        let mut bound = statement.bind(&Params::read(binary(self.a.params.clone())?)?)?;
        let prefix = match dialect {
            Dialect::Sqlite => "EXPLAIN QUERY PLAN ",
            Dialect::Postgres => "EXPLAIN (FORMAT JSON) ",
            Dialect::Mysql { .. } => "EXPLAIN FORMAT=JSON ",
        };
        bound.sql.insert_str(0, prefix);
        let reading = [Class::Select].into();
        // SQLite asks what the explained statement would do.
        let classes = if dialect == Dialect::Sqlite {
            &statement.classes
        } else {
            &reading
        };
        let job = Job {
            limits: Limits {
                rows: schema::MAX_ROWS,
                ..self.limits
            },
            ..self.job(taken.target(), classes)
        };
        let answer = taken
            .session()?
            .run(&job, &bound, self.a.tx.is_some())
            .await;
        let answer = taken.settle(answer)?;
        let plan = plan(&answer, dialect);
        let mut data = self.common(taken.target(), text);
        data.insert("plan", plan.clone());
        taken.give_back(&job, &answer);
        Ok(Outcome::new("explain", data)
            .output(plan)
            .message("Explained the statement"))
    }

    /// Says whether the database answers. That it does not is an answer as well.
    async fn ping(&self) -> Result<Outcome> {
        let target = self.target()?;
        let outcome = self.greet().await;
        let spent = self.cx.host().clock.monotonic().saturating_sub(self.began);
        let mut data = self.common(&target, "");
        let (available, version, why) = match outcome {
            Ok(version) => (true, Value::from(version), None),
            Err(error)
                if matches!(
                    error.kind(),
                    Kind::Remote | Kind::Timeout | Kind::NotFound | Kind::Auth
                ) =>
            {
                (false, Value::Null, Some(error.message().to_owned()))
            }
            Err(error) => return Err(error),
        };
        data.insert("available", available.into());
        data.insert("version", version);
        data.insert(
            "response_time_ms".to_owned(),
            u64::try_from(spent.as_millis()).unwrap_or(u64::MAX).into(),
        );
        if let Some(why) = &why {
            data.insert("status", "unavailable".into());
            data.insert("error", why.as_str().into());
        }
        let message = why.unwrap_or_else(|| format!("'{}' answers", target.name));
        Ok(Outcome::new("ping", data)
            .output(available)
            .message(message))
    }

    async fn greet(&self) -> Result<String> {
        let mut taken = self.session(false, false).await?;
        let dialect = taken.dialect()?;
        let text = match dialect {
            Dialect::Sqlite => "select sqlite_version() as version",
            _ => "select version() as version",
        };
        let statement = Statement::parse(dialect, text)?;
        let bound = statement.bind(&Params::read(None)?)?;
        let job = self.job(taken.target(), &statement.classes);
        let answer = taken
            .session()?
            .run(&job, &bound, self.a.tx.is_some())
            .await;
        let answer = taken.settle(answer)?;
        let version = answer
            .rows
            .first()
            .and_then(|row| row.get("version"))
            .and_then(Value::as_str);
        let version = version.unwrap_or_default().to_owned();
        taken.give_back(&job, &answer);
        Ok(version)
    }
}

fn columns(answer: &Answer) -> Value {
    let column = |column: &rows::Column| {
        Value::from([
            ("name", Value::from(column.name.as_str())),
            ("type", column.data_type.as_deref().into()),
            ("nullable", column.nullable.into()),
        ])
    };
    answer.columns.iter().map(column).collect()
}

/// Returns a plan: the rows of SQLite, the document of the others.
fn plan(answer: &Answer, dialect: Dialect) -> Value {
    if dialect == Dialect::Sqlite {
        return Value::List(answer.rows.clone());
    }
    let first = answer
        .rows
        .first()
        .and_then(Value::as_map)
        .and_then(|row| row.values().next());
    match first.cloned() {
        Some(Value::Str(text)) => from_json(&text).unwrap_or(Value::Str(text)),
        Some(plan) => plan,
        None => Value::Null,
    }
}

/// Replaces each `{bytes = base64}` by the bytes.
fn binary(params: Option<Value>) -> Result<Option<Value>> {
    fn one(value: Value) -> Result<Value> {
        match value {
            Value::List(items) => Ok(Value::List(
                items.into_iter().map(one).collect::<Result<_>>()?,
            )),
            Value::Map(map) if map.len() == 1 && map.contains_key("bytes") => {
                match map.get("bytes") {
                    Some(Value::Str(text)) => {
                        STANDARD.decode(text).map(Value::Bytes).map_err(|_| {
                            refused("params", "the member 'bytes' of a parameter is not base64")
                        })
                    }
                    Some(Value::Bytes(bytes)) => Ok(Value::Bytes(bytes.clone())),
                    _ => Err(refused(
                        "params",
                        "the member 'bytes' of a parameter must be string",
                    )),
                }
            }
            other => Ok(other),
        }
    }
    match params {
        None => Ok(None),
        // An object of named parameters, one of which may be called `bytes`.
        Some(Value::Map(names)) => {
            let members = names
                .into_iter()
                .map(|(name, value)| Ok((name, one(value)?)));
            Ok(Some(Value::Map(members.collect::<Result<_>>()?)))
        }
        Some(value) => one(value).map(Some),
    }
}

/// Returns the error for a parameter that a server has no type for.
fn unbindable(value: &Value, server: &str) -> Error {
    let got = value.type_name();
    refused(
        "params",
        format!("{server} takes no parameter of type {got}"),
    )
    .hint(match value {
        Value::List(_) => "write a mark for each item, or pass JSON text",
        _ => "pass JSON text, or `{bytes = base64}` for bytes",
    })
}

#[cfg(test)]
mod server_tests;
#[cfg(test)]
mod tests;
