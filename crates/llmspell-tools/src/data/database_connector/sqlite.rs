//! SQLite, inside the sandbox of files.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use llmspell_core::host::{Access, WriteMode};
use llmspell_core::value::from_json;
use llmspell_core::{Cx, Error, Files, Kind, Result, Value, bail, error};
use parking_lot::Mutex;
use rusqlite::config::DbConfig;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::types::{Value as Held, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::rows::{Answer, Column, Limits, Rows};
use super::statement::{Bound, Class, Statement};
use crate::param::refused;

/// A database that several calls use, one after the other.
pub(super) type Shared = Arc<Mutex<Connection>>;

/// Most bytes of a database in memory.
const MAX_MEMORY: i64 = 256 << 20;

/// Largest text, blob or row, in bytes.
const MAX_LENGTH: i32 = 64 << 20;

/// Steps of the database's machine between two looks at the caller's stop.
const STRIDE: i32 = 10_000;

/// How long to wait for another process that holds the database.
const PATIENCE: Duration = Duration::from_secs(2);

/// Opens a database in memory.
pub(super) fn open_memory() -> Result<Shared> {
    let connection = Connection::open_in_memory().map_err(|failed| failure(&failed, None))?;
    prepare(&connection, MAX_MEMORY)?;
    Ok(Arc::new(Mutex::new(connection)))
}

/// Opens a database file; `make` makes one that is not there.
///
/// The sandbox resolves the path and opens or makes the file first, with all its rules. SQLite then opens the resolved
/// path by name, and refuses it if any part is a link; the path is resolved again before anything is read, so what is
/// swapped in between is noticed.
pub(super) fn open_file(files: &dyn Files, path: &Path, write: bool, make: bool) -> Result<Shared> {
    let access = if write { Access::Write } else { Access::Read };
    let place = files.resolve(path, access)?;
    match files.entry(&place)? {
        Some(_) => drop(files.open(&place)?),
        None if write && make => drop(files.create(&place, WriteMode::New)?.commit()?),
        None => bail!(NotFound, "there is no database '{}'", place.display()),
    }
    let mode = match write {
        true => OpenFlags::SQLITE_OPEN_READ_WRITE,
        false => OpenFlags::SQLITE_OPEN_READ_ONLY,
    };
    let flags = mode | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let connection =
        Connection::open_with_flags(&place, flags).map_err(|failed| failure(&failed, None))?;
    if files.resolve(path, access)? != place {
        bail!(
            Conflict,
            "'{}' was replaced while it was opened",
            path.display()
        );
    }
    let most = i64::try_from(files.max_file_bytes()).unwrap_or(i64::MAX);
    prepare(&connection, most)?;
    Ok(Arc::new(Mutex::new(connection)))
}

fn prepare(connection: &Connection, most: i64) -> Result<()> {
    let done = || {
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, MAX_LENGTH)?;
        connection.set_limit(Limit::SQLITE_LIMIT_WORKER_THREADS, 0)?;
        connection.busy_timeout(PATIENCE)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        let size: i64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
        connection.query_row(
            &format!("pragma max_page_count = {}", (most / size.max(1)).max(1)),
            [],
            |_| Ok(()),
        )
    };
    done().map_err(|failed| failure(&failed, None))
}

/// What bounds one use of a connection.
pub(super) struct Use<'a> {
    pub(super) cx: &'a Cx,
    /// When it must have ended, on the monotonic clock.
    pub(super) end: Option<Duration>,
    /// What may be done.
    pub(super) classes: &'a BTreeSet<Class>,
}

/// Runs a statement on a connection that nobody else uses meanwhile.
pub(super) fn run(
    shared: &Shared,
    uses: &Use<'_>,
    bound: &Bound,
    limits: Limits,
) -> Result<Answer> {
    let mut connection = hold(shared, uses.cx)?;
    let is_vacuum = uses.classes.contains(&Class::Other) && Statement::is_vacuum(&bound.sql);
    let guarded = Guarded::new(&mut connection, uses, is_vacuum)?;
    guarded.run(bound, limits).map_err(|failed| match failed {
        Failed::Own(error) => error,
        Failed::Database(failed) => failure(&failed, Some(uses)),
    })
}

/// Runs a fixed text: `BEGIN`, `COMMIT`.
pub(super) fn control(shared: &Shared, cx: &Cx, text: &str) -> Result<()> {
    let connection = hold(shared, cx)?;
    connection
        .execute_batch(text)
        .map_err(|failed| failure(&failed, None))
}

/// Returns whether no transaction is open.
pub(super) fn is_idle(shared: &Shared, cx: &Cx) -> Result<bool> {
    Ok(hold(shared, cx)?.is_autocommit())
}

fn hold<'a>(shared: &'a Shared, cx: &Cx) -> Result<parking_lot::MutexGuard<'a, Connection>> {
    loop {
        if let Some(held) = shared.try_lock_for(Duration::from_millis(20)) {
            return Ok(held);
        }
        cx.check()?;
    }
}

enum Failed {
    Own(Error),
    Database(rusqlite::Error),
}

impl From<rusqlite::Error> for Failed {
    fn from(failed: rusqlite::Error) -> Self {
        Self::Database(failed)
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Own(error)
    }
}

/// A connection that does only what it is told to, and stops when it is told to. Both ends with the guard, since what
/// they hold must not outlive the call.
struct Guarded<'a> {
    connection: &'a mut Connection,
    is_read: bool,
}

impl<'a> Guarded<'a> {
    /// `is_vacuum` says that the database is packed anew, which makes and drops another one on the way.
    fn new(connection: &'a mut Connection, uses: &Use<'_>, is_vacuum: bool) -> Result<Self> {
        let (cx, end) = (uses.cx.clone(), uses.end);
        let over = move || {
            let late = end.is_some_and(|end| cx.host().clock.monotonic() >= end);
            late || cx.check().is_err()
        };
        let classes = uses.classes.clone();
        let is_read = classes.iter().all(|class| *class == Class::Select);
        let guarded = Self {
            connection,
            is_read,
        };
        let set = || {
            guarded.connection.progress_handler(STRIDE, Some(over))?;
            if is_vacuum {
                return Ok(());
            }
            let told = move |asked: AuthContext<'_>| decide(&asked, &classes);
            guarded.connection.authorizer(Some(told))
        };
        set().map_err(|failed| failure(&failed, None))?;
        Ok(guarded)
    }

    fn run(&self, bound: &Bound, limits: Limits) -> Result<Answer, Failed> {
        let before = self.connection.total_changes();
        let mut statement = self.connection.prepare(&bound.sql)?;
        if self.is_read && !statement.readonly() {
            return Err(error!(
                Denied,
                "the statement changes data, which is not permitted here"
            )
            .into());
        }
        let wanted = statement.parameter_count();
        if wanted != bound.values.len() {
            let message = format!(
                "the statement has {wanted} parameters, but {} were given",
                bound.values.len()
            );
            return Err(refused("params", message).into());
        }
        for (place, value) in (1..).zip(&bound.values) {
            statement.raw_bind_parameter(place, held(value)?)?;
        }
        let columns: Vec<Column> = statement
            .columns()
            .map(|column| Column {
                name: column.name().to_owned(),
                data_type: column.decl_type().map(str::to_lowercase),
                nullable: None,
            })
            .collect();
        let types: Vec<String> = columns
            .iter()
            .map(|column| column.data_type.clone().unwrap_or_default())
            .collect();
        let mut taken = Rows::new(columns, limits);
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next()? {
            let cells = || {
                let cell = |(index, data_type): (usize, &String)| {
                    Ok(shown(row.get_ref(index)?, data_type))
                };
                types
                    .iter()
                    .enumerate()
                    .map(cell)
                    .collect::<rusqlite::Result<Vec<_>>>()
            };
            taken.push(cells)?;
            // What changes something is carried out to its end.
            if taken.is_cut() && self.is_read {
                break;
            }
        }
        drop(rows);
        drop(statement);
        let mut answer = taken.finish();
        if !self.is_read && self.connection.total_changes() > before {
            answer.affected = self.connection.changes();
            answer.last_insert_id = Some(self.connection.last_insert_rowid().into());
        }
        Ok(answer)
    }
}

impl Drop for Guarded<'_> {
    fn drop(&mut self) {
        let _ = self.connection.progress_handler(0, None::<fn() -> bool>);
        let _ = self
            .connection
            .authorizer(None::<fn(AuthContext<'_>) -> Authorization>);
    }
}

/// Pragmas that only look, which are there as tables as well.
const LOOKING: &[&str] = &[
    "table_info",
    "table_xinfo",
    "table_list",
    "index_list",
    "index_info",
    "index_xinfo",
    "foreign_key_list",
    "collation_list",
    "function_list",
    "module_list",
    "pragma_list",
    "compile_options",
    "data_version",
];

/// Pragmas that concern the whole process, or undo what protects it.
const REFUSED: &[&str] = &[
    "hard_heap_limit",
    "soft_heap_limit",
    "temp_store_directory",
    "data_store_directory",
    "trusted_schema",
    "writable_schema",
    "mmap_size",
    "max_page_count",
    "query_only",
    "database_list",
    "locking_mode",
];

/// Functions that reach outside.
const OUTSIDE: &[&str] = &[
    "load_extension",
    "fts3_tokenizer",
    "readfile",
    "writefile",
    "edit",
];

/// Says what a statement may do, whatever its text looked like.
fn decide(asked: &AuthContext<'_>, classes: &BTreeSet<Class>) -> Authorization {
    let may = |class: Class| classes.contains(&class);
    let named =
        |list: &[&str], name: &str| list.iter().any(|known| known.eq_ignore_ascii_case(name));
    // What a trigger does was permitted when it was made.
    let changes = classes
        .iter()
        .any(|class| !matches!(class, Class::Select | Class::Pragma));
    let by_trigger = asked.accessor.is_some() && changes;
    let allowed = match asked.action {
        AuthAction::Select | AuthAction::Read { .. } | AuthAction::Recursive => true,
        AuthAction::Function { function_name } => !named(OUTSIDE, function_name),
        AuthAction::Insert { .. } => may(Class::Insert) || may(Class::Ddl) || by_trigger,
        AuthAction::Update { .. } => may(Class::Update) || may(Class::Ddl) || by_trigger,
        AuthAction::Delete { .. } => may(Class::Delete) || may(Class::Ddl) || by_trigger,
        AuthAction::Pragma { pragma_name, .. } => {
            named(LOOKING, pragma_name) || may(Class::Pragma) && !named(REFUSED, pragma_name)
        }
        AuthAction::Attach { filename } => filename.is_empty() && may(Class::Other),
        AuthAction::Detach { .. } => may(Class::Other),
        AuthAction::Transaction { .. }
        | AuthAction::Savepoint { .. }
        | AuthAction::Unknown { .. } => false,
        // What is left makes, changes or drops something of the schema.
        _ => may(Class::Ddl) || may(Class::Other),
    };
    match allowed {
        true => Authorization::Allow,
        false => Authorization::Deny,
    }
}

/// Returns a parameter as SQLite holds it.
fn held(value: &Value) -> Result<Held> {
    Ok(match value {
        Value::Null => Held::Null,
        Value::Bool(truth) => Held::Integer((*truth).into()),
        Value::Int(number) => Held::Integer(*number),
        Value::Float(number) => Held::Real(*number),
        Value::Str(text) => Held::Text(text.clone()),
        Value::Bytes(bytes) => Held::Blob(bytes.clone()),
        other => return Err(super::unbindable(other, "SQLite")),
    })
}

/// Returns a cell as data, as the declared type of its column says.
fn shown(cell: ValueRef<'_>, data_type: &str) -> Value {
    match cell {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number @ (0 | 1)) if data_type.starts_with("bool") => {
            Value::Bool(number == 1)
        }
        ValueRef::Integer(number) if is_decimal(data_type) => number.to_string().into(),
        ValueRef::Real(number) if is_decimal(data_type) => number.to_string().into(),
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Real(number) => Value::Float(number),
        ValueRef::Text(text) => {
            let text = String::from_utf8_lossy(text).into_owned();
            if data_type.starts_with("json") {
                return from_json(&text).unwrap_or(Value::Str(text));
            }
            let is_time = ["timestamp", "datetime"]
                .iter()
                .any(|name| data_type.starts_with(name));
            Value::Str(is_time.then(|| moment(&text)).flatten().unwrap_or(text))
        }
        ValueRef::Blob(bytes) => blob(bytes),
    }
}

/// Decimals are texts, as those of the other servers, so that a column has one type.
fn is_decimal(data_type: &str) -> bool {
    ["decimal", "numeric"]
        .iter()
        .any(|name| data_type.starts_with(name))
}

/// Returns a time as RFC 3339 has it; one without a zone is meant in UTC, as SQLite's own functions mean it.
fn moment(text: &str) -> Option<String> {
    // A date alone is no time.
    if !text.contains(':') {
        return None;
    }
    let moment = text.parse::<Timestamp>().ok().or_else(|| {
        let civil = text.parse::<DateTime>().ok()?;
        Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
    })?;
    Some(moment.to_string())
}

/// Returns bytes as `{bytes = base64}`.
pub(super) fn blob(bytes: &[u8]) -> Value {
    Value::from([("bytes", Value::Str(STANDARD.encode(bytes)))])
}

/// Returns the error for what SQLite said.
fn failure(failed: &rusqlite::Error, uses: Option<&Use<'_>>) -> Error {
    let (code, message, offset) = match failed {
        rusqlite::Error::SqliteFailure(code, message) => (Some(*code), message.clone(), None),
        rusqlite::Error::SqlInputError {
            error, msg, offset, ..
        } => (Some(*error), Some(msg.clone()), Some(*offset)),
        other => (None, Some(other.to_string()), None),
    };
    let message = message.unwrap_or_else(|| failed.to_string());
    // Some of the functions that reach outside are not even there.
    let function = ["no such function: ", "not authorized to use function: "];
    let function = function.iter().find_map(|what| message.strip_prefix(what));
    if let Some(name) = function.filter(|name| OUTSIDE.contains(name)) {
        return error!(
            Denied,
            "the function '{name}' reaches outside the database, which is not permitted"
        );
    }
    let Some(code) = code else {
        return error!(Execution, "{message}");
    };
    match code.code {
        ErrorCode::OperationInterrupted => {
            if let Some(error) = uses.and_then(|uses| uses.cx.check().err()) {
                return error;
            }
            Error::new(Kind::Timeout, "the statement took too long").with("phase", "statement")
        }
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            error!(Conflict, "the database is in use: {message}").with("sqlstate", "busy")
        }
        ErrorCode::AuthorizationForStatementDenied => error!(Denied, "the statement is not permitted: {message}")
            .hint("files are reached by the database's own name alone; see `tools.database_connector.databases.NAME.allow`"),
        ErrorCode::ReadOnly => error!(Denied, "the database is read-only here, changes are not permitted: {message}"),
        ErrorCode::TooBig => error!(Limit, "a value is too large: {message}").with("limit", MAX_LENGTH),
        ErrorCode::DiskFull => {
            error!(Limit, "the database is full: {message}").hint("raise `security.files.max_file_bytes`")
        }
        ErrorCode::NotADatabase => error!(Parse, "{message}"),
        ErrorCode::CannotOpen => error!(Io, "{message}"),
        _ => {
            let error = error!(Execution, "{message}").with("code", code.extended_code);
            match offset {
                Some(offset) if offset >= 0 => error.with("position", offset + 1),
                _ => error,
            }
        }
    }
}
