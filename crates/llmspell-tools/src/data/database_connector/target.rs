//! Which database a call is about.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use llmspell_core::{Cx, Error, Kind, Result, Value, error, nearest};
use schemars::JsonSchema;
use serde::Deserialize;
use url::Url;

use super::TOOL;
use super::statement::{Class, Statement};
use crate::choice::choose;
use crate::key::Key;
use crate::param::refused;

/// `[tools.database_connector]`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Config {
    /// The database that is meant where none is named.
    default: String,
    /// The databases by name.
    databases: BTreeMap<String, Written>,
    /// Whether a call may say itself where its database is.
    allow_inline: bool,
    /// Most bytes of a result, about.
    pub(super) max_result_bytes: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            default: "default".to_owned(),
            databases: BTreeMap::new(),
            allow_inline: true,
            max_result_bytes: 10_000_000,
        }
    }
}

/// `[tools.database_connector.databases.NAME]`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
struct Written {
    /// `sqlite`, `postgresql` or `mysql`; by default the URL tells.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// `postgresql://user:password@host/database`, `mysql://…`, `sqlite:PATH`; best as `${VARIABLE}`.
    url: Option<String>,
    /// The file of a SQLite database.
    path: Option<String>,
    /// Most connections (count).
    pool_size: Option<usize>,
    /// Whether statements that change data are refused.
    read_only: bool,
    /// Classes of statements that are permitted.
    allow: Option<Vec<String>>,
    /// Whether calls of the level privileged may change the schema.
    allow_ddl: bool,
    /// Most rows of an answer, whatever a call asks for (count).
    max_rows: Option<usize>,
    /// Longest time of a statement, in milliseconds.
    timeout_ms: Option<u64>,
    /// How the connection is secured: a truth, or the name of a mode.
    tls: Option<Value>,
}

/// The servers by name.
pub(super) const KINDS: &[&[&str]] = &[
    &["sqlite", "sqlite3"],
    &["postgresql", "postgres", "pg"],
    &["mysql", "mariadb"],
];

/// The connection that a call describes itself.
#[derive(Clone, Debug, Default)]
pub(super) struct Inline {
    pub(super) provider: Option<String>,
    pub(super) url: Option<String>,
    pub(super) path: Option<String>,
    pub(super) host: Option<String>,
    pub(super) port: Option<i64>,
    pub(super) username: Option<String>,
    pub(super) password: Option<String>,
    pub(super) database: Option<String>,
}

impl Inline {
    fn is_given(&self) -> bool {
        self.provider.is_some() || self.url.is_some() || self.path.is_some() || self.host.is_some()
    }
}

/// A database, and what may be done with it.
#[derive(Clone, Debug)]
pub(super) struct Target {
    /// What messages and results call it.
    pub(super) name: String,
    pub(super) place: Location,
    pub(super) read_only: bool,
    allow: BTreeSet<Class>,
    allow_ddl: bool,
    pub(super) max_rows: Option<usize>,
    pub(super) timeout: Option<Duration>,
    pub(super) pool_size: usize,
    /// Whether a call described it, so that no table of the configuration is about it.
    is_inline: bool,
}

/// Where a database is.
#[derive(Clone, Debug)]
pub(super) enum Location {
    Memory,
    File(PathBuf),
    Postgres(Server),
    Mysql(Server),
}

impl Location {
    /// Returns the name of the server.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Memory | Self::File(_) => "sqlite",
            Self::Postgres(_) => "postgresql",
            Self::Mysql(_) => "mysql",
        }
    }
}

/// A server and who asks it.
#[derive(Clone)]
pub(super) struct Server {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) username: Option<String>,
    pub(super) password: Option<String>,
    pub(super) database: Option<String>,
    pub(super) tls: Tls,
    /// The configuration names it, so any address will do.
    pub(super) configured: bool,
}

impl std::fmt::Debug for Server {
    /// Shows everything but the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}:{}/{}",
            self.host,
            self.port,
            self.database.as_deref().unwrap_or_default()
        )
    }
}

impl Server {
    /// Returns what tells connections apart that must not be mixed up.
    pub(super) fn key(&self, kind: &str) -> String {
        let parts = [&self.username, &self.password, &self.database];
        format!(
            "{kind} {self:?} {parts:?} {:?} {}",
            self.tls, self.configured
        )
    }
}

/// Whether a connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tls {
    /// Where the server can and is another machine. What its certificate says must be right.
    Prefer,
    Require,
    Disable,
}

impl Tls {
    fn read(given: &Value) -> Result<Self> {
        let named = match given {
            Value::Bool(true) => "require",
            Value::Bool(false) => "disable",
            Value::Str(text) => choose(
                "tls",
                text,
                &[
                    &["prefer"],
                    &[
                        "require",
                        "verify_ca",
                        "verify_full",
                        "verify_identity",
                        "required",
                    ],
                    &["disable", "disabled"],
                ],
            )?,
            other => {
                let got = other.type_name();
                return Err(error!(
                    Config,
                    "`tls` must be \"prefer\", \"require\" or \"disable\", got {got}"
                ));
            }
        };
        Ok(match named {
            "require" => Self::Require,
            "disable" => Self::Disable,
            _ => Self::Prefer,
        })
    }
}

/// Classes that are permitted unless the configuration says otherwise.
const USUAL: [Class; 4] = [Class::Select, Class::Insert, Class::Update, Class::Delete];

impl Target {
    /// Finds the database of a call: the one that it describes, or the one that it names.
    ///
    /// - Errors: `Config` for one that nobody has configured; `Denied` where inline connections are not permitted.
    pub(super) fn find(cx: &Cx, config: &Config, inline: &Inline) -> Result<Self> {
        if inline.is_given() {
            if !config.allow_inline {
                return Err(error!(Denied, "connections that a call describes itself are not permitted")
                    .with("setting", "tools.database_connector.allow_inline")
                    .hint("name a configured database, or set `tools.database_connector.allow_inline = true`"));
            }
            return Self::inline(cx, inline);
        }
        let name = inline.database.as_deref().unwrap_or(&config.default);
        if let Some(written) = config.databases.get(name) {
            return Self::configured(cx, name, written);
        }
        if name == ":memory:" {
            return Ok(Self::new(name, Location::Memory, true));
        }
        if let Some(url) = from_environment(cx, name) {
            let written = Written {
                url: Some(url),
                ..Written::default()
            };
            return Self::configured(cx, name, &written);
        }
        let error = error!(Config, "Database '{name:.100}' is not configured").hint(format!(
            "write `[{:.150}]` with `url` or `path`, or use \":memory:\"",
            table(name)
        ));
        Err(
            match nearest(name, config.databases.keys().map(String::as_str)).first() {
                Some(near) => error.hint(format!("did you mean '{near}'?")),
                None => error,
            },
        )
    }

    fn new(name: &str, place: Location, inline: bool) -> Self {
        let own = inline && matches!(place, Location::Memory | Location::File(_));
        Self {
            name: name.to_owned(),
            place,
            read_only: false,
            allow: USUAL.into(),
            allow_ddl: own,
            max_rows: None,
            timeout: None,
            pool_size: 10,
            is_inline: inline,
        }
    }

    fn configured(cx: &Cx, name: &str, written: &Written) -> Result<Self> {
        let wrong = |error: Error| {
            error!(
                Config,
                "[tools.{TOOL}.databases.{name}]: {}",
                error.message()
            )
        };
        let kind = written
            .kind
            .as_deref()
            .map(|kind| choose("type", kind, KINDS))
            .transpose()
            .map_err(wrong)?;
        let mut place = match (&written.url, &written.path) {
            (Some(url), _) => location(url, kind, true).map_err(wrong)?,
            (None, Some(path)) => file(path),
            (None, None) => return Err(wrong(error!(Config, "neither `url` nor `path` is set"))),
        };
        if let (Location::Postgres(server) | Location::Mysql(server), Some(tls)) =
            (&mut place, &written.tls)
        {
            server.tls = Tls::read(tls).map_err(wrong)?;
        }
        hide(cx, &place);
        let mut target = Self::new(name, place, false);
        target.read_only = written.read_only;
        target.allow_ddl |= written.allow_ddl || matches!(target.place, Location::Memory);
        target.max_rows = written.max_rows;
        target.timeout = written.timeout_ms.map(Duration::from_millis);
        target.pool_size = written.pool_size.unwrap_or(target.pool_size).clamp(1, 50);
        if let Some(allow) = &written.allow {
            let class = |given: &String| {
                let known = Class::ALL
                    .iter()
                    .find(|(name, _)| name.eq_ignore_ascii_case(given));
                known
                    .map(|(_, class)| *class)
                    .ok_or_else(|| wrong(error!(Config, "`allow` has no class '{given}'")))
            };
            target.allow = allow.iter().map(class).collect::<Result<_>>()?;
        }
        Ok(target)
    }

    fn inline(cx: &Cx, inline: &Inline) -> Result<Self> {
        let kind = inline
            .provider
            .as_deref()
            .map(|kind| choose("provider", kind, KINDS))
            .transpose()?;
        let mut place = match (&inline.url, &inline.path, &inline.host) {
            (Some(url), _, _) => location(url, kind, false)?,
            (None, Some(path), _) => match kind {
                None | Some("sqlite") => file(path),
                Some(kind) => {
                    return Err(refused(
                        "path",
                        format!("a {kind} server is reached by 'host', not by 'path'"),
                    ));
                }
            },
            (None, None, Some(host)) => server(kind, host)?,
            (None, None, None) => match (kind, &inline.database) {
                (Some("sqlite"), Some(path)) => file(path),
                (Some("sqlite"), None) => Location::Memory,
                _ => {
                    return Err(refused(
                        "host",
                        "an inline connection needs 'connection_string' or 'host'",
                    ));
                }
            },
        };
        if let Location::Postgres(server) | Location::Mysql(server) = &mut place {
            if let Some(port) = inline.port {
                let port = u16::try_from(port).ok().filter(|port| *port > 0);
                server.port = port.ok_or_else(|| {
                    refused("port", "parameter 'port' must be between 1 and 65535")
                })?;
            }
            let over = |held: &mut Option<String>, given: &Option<String>| {
                if given.is_some() {
                    held.clone_from(given);
                }
            };
            over(&mut server.username, &inline.username);
            over(&mut server.password, &inline.password);
            over(&mut server.database, &inline.database);
        }
        hide(cx, &place);
        let name = match &place {
            Location::Memory => ":memory:".to_owned(),
            Location::File(path) => path.display().to_string(),
            Location::Postgres(server) | Location::Mysql(server) => {
                server.database.clone().unwrap_or_default()
            }
        };
        Ok(Self::new(&name, place, true))
    }

    /// Returns an error if the database may not be used so.
    ///
    /// - Errors: `Denied` naming the setting; `InvalidArgs` for control of transactions.
    pub(super) fn permit(&self, statement: &Statement, read_only: bool) -> Result<()> {
        let name = &self.name;
        if statement.classes.contains(&Class::Transaction) {
            return Err(refused(
                "query",
                "transactions are controlled by the operations begin, commit and rollback",
            ));
        }
        if self.read_only && !statement.is_read() {
            return Err(error!(
                Denied,
                "the database '{name}' is read-only: changes are not permitted"
            )
            .with(
                "setting",
                format!("tools.{TOOL}.databases.{name}.read_only"),
            ));
        }
        if read_only && !statement.is_read() {
            return Err(
                error!(Denied, "the call is read-only: changes are not permitted")
                    .hint("leave out `read_only`"),
            );
        }
        for class in &statement.classes {
            let named = class.name();
            let missing = !self.allow.contains(class);
            if *class == Class::Other
                && missing
                && let Some(error) = statement.unknown_verb()
            {
                return Err(error);
            }
            if *class == Class::Ddl {
                if !self.allow_ddl {
                    return Err(error!(
                        Denied,
                        "statements that change the schema of '{name}' are not permitted"
                    )
                    .with(
                        "setting",
                        format!("tools.{TOOL}.databases.{name}.allow_ddl"),
                    )
                    .hint(self.way_out("allow_ddl = true")));
                }
            } else if missing {
                return Err(error!(
                    Denied,
                    "statements of the class '{named}' are not permitted: {:.20} …",
                    statement.verb()
                )
                .with("setting", format!("tools.{TOOL}.databases.{name}.allow"))
                .hint(match self.is_inline {
                    true => self.way_out(&format!("allow = [\"{named}\", …]")),
                    false => format!("add \"{named}\" to `allow` in [{}]", table(name)),
                }));
            }
        }
        Ok(())
    }
}

impl Target {
    /// Says where a setting is to be written that permits what is refused.
    fn way_out(&self, setting: &str) -> String {
        match self.is_inline {
            true => format!(
                "configure the database with `{setting}` in [tools.{TOOL}.databases.NAME], and name it in 'database'"
            ),
            false => format!("set `{setting}` in [{}]", table(&self.name)),
        }
    }

    /// Returns the setting for the most rows of an answer, if it is why a call that asked for `asked` got fewer.
    pub(super) fn cap(&self, asked: Option<i64>) -> Option<(String, usize)> {
        let most = self.max_rows?;
        let is_why =
            asked.is_none_or(|asked| usize::try_from(asked).is_ok_and(|asked| asked > most));
        is_why.then(|| (format!("{}.max_rows", table(&self.name)), most))
    }
}

/// Returns a database's table of the configuration, as it is written there.
fn table(name: &str) -> String {
    let is_bare = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    match !name.is_empty() && name.chars().all(is_bare) {
        true => format!("tools.{TOOL}.databases.{name}"),
        false => format!("tools.{TOOL}.databases.{name:?}"),
    }
}

/// Keeps the password out of everything that is written.
fn hide(cx: &Cx, place: &Location) {
    if let Location::Postgres(server) | Location::Mysql(server) = place
        && let Some(password) = &server.password
    {
        cx.host().secrets.add("database password", password);
    }
}

/// Returns the URL that a variable of the environment has for a database of this name.
fn from_environment(cx: &Cx, name: &str) -> Option<String> {
    let variables: &[&str] = match name {
        "default" => &[
            "DATABASE_URL",
            "DATABASE_POSTGRESQL_URL",
            "DATABASE_MYSQL_URL",
            "DATABASE_SQLITE_PATH",
        ],
        "postgresql" | "postgres" | "pg" => &["DATABASE_POSTGRESQL_URL"],
        "mysql" | "mariadb" => &["DATABASE_MYSQL_URL"],
        "sqlite" => &["DATABASE_SQLITE_PATH"],
        _ => &[],
    };
    variables.iter().find_map(|variable| {
        let key = Key {
            own: &[variable],
            ..Key::default()
        };
        let value = key.find(cx)?;
        Some(match *variable {
            "DATABASE_SQLITE_PATH" => format!("sqlite:{value}"),
            _ => value,
        })
    })
}

fn file(path: &str) -> Location {
    match path {
        ":memory:" => Location::Memory,
        path => Location::File(Path::new(path).to_owned()),
    }
}

fn server(kind: Option<&str>, host: &str) -> Result<Location> {
    let with_port = |port| Server {
        host: host.to_owned(),
        port,
        username: None,
        password: None,
        database: None,
        tls: Tls::Prefer,
        configured: false,
    };
    match kind {
        Some("postgresql") => Ok(Location::Postgres(with_port(5432))),
        Some("mysql") => Ok(Location::Mysql(with_port(3306))),
        Some(_) => Err(refused(
            "host",
            "a SQLite database has a 'path', not a 'host'",
        )),
        None => Err(refused(
            "provider",
            "parameter 'provider' must say whose server it is: postgresql or mysql",
        )),
    }
}

/// Reads a URL: `postgres://user:password@host:5432/name?sslmode=require`, `mysql://…`, `sqlite:path`.
///
/// Messages never show it, since it may hold a password.
fn location(text: &str, kind: Option<&'static str>, configured: bool) -> Result<Location> {
    for scheme in ["sqlite://", "sqlite3://", "sqlite:", "sqlite3:", "file:"] {
        if let Some(path) = text.strip_prefix(scheme) {
            return match kind {
                None | Some("sqlite") => Ok(file(path.split('?').next().unwrap_or_default())),
                Some(_) => Err(unfit()),
            };
        }
    }
    if kind == Some("sqlite") && !text.contains("://") {
        return Ok(file(text));
    }
    let url = Url::parse(text).map_err(|_| {
        refused("connection_string", "the connection string is no URL: write postgres://user@host/name, mysql://…, sqlite:path")
    })?;
    let scheme = match url.scheme() {
        "postgres" | "postgresql" => "postgresql",
        "mysql" | "mariadb" => "mysql",
        other => {
            return Err(refused(
                "connection_string",
                format!(
                    "the scheme '{other:.40}' is no database's: expected postgres, mysql or sqlite"
                ),
            ));
        }
    };
    if kind.is_some_and(|kind| kind != scheme) {
        return Err(unfit());
    }
    let host = url.host_str().filter(|host| !host.is_empty());
    let host =
        host.ok_or_else(|| refused("connection_string", "the connection string names no host"))?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let text_of = |part: &str| (!part.is_empty()).then(|| decoded(part));
    let mut place = server(Some(scheme), host)?;
    if let Location::Postgres(server) | Location::Mysql(server) = &mut place {
        server.port = url.port().unwrap_or(server.port);
        server.username = text_of(url.username());
        server.password = url.password().map(decoded);
        server.database = text_of(url.path().trim_start_matches('/'));
        server.configured = configured;
        for (name, value) in url.query_pairs() {
            match &*name {
                "sslmode" | "ssl-mode" | "ssl_mode" | "tls" => {
                    server.tls = Tls::read(&Value::Str(value.into_owned()))?
                }
                _ => {}
            }
        }
    }
    Ok(place)
}

fn unfit() -> Error {
    Error::new(
        Kind::InvalidArgs,
        "the connection string and the provider name different servers",
    )
    .with("parameter", "connection_string")
}

/// Replaces `%40` by what it stands for.
fn decoded(text: &str) -> String {
    let (bytes, mut plain, mut at) = (text.as_bytes(), Vec::new(), 0);
    while let Some(&byte) = bytes.get(at) {
        let digits = bytes
            .get(at + 1..at + 3)
            .and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(letter) if byte == b'%' => {
                plain.push(letter);
                at += 3;
            }
            _ => {
                plain.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Location {
        location(text, None, true).unwrap()
    }

    #[test]
    fn urls_name_server_user_and_database() {
        let Location::Postgres(server) =
            read("postgres://ann:p%40ss%2Fword@db.example:6000/shop?sslmode=require")
        else {
            panic!("not PostgreSQL");
        };
        assert_eq!((&*server.host, server.port), ("db.example", 6000));
        assert_eq!(server.username.as_deref(), Some("ann"));
        assert_eq!(server.password.as_deref(), Some("p@ss/word"));
        assert_eq!(server.database.as_deref(), Some("shop"));
        assert_eq!(server.tls, Tls::Require);
        assert!(!format!("{server:?}").contains("word"));
        let Location::Mysql(server) = read("mariadb://localhost/x") else {
            panic!("not MySQL");
        };
        assert_eq!((server.port, server.tls), (3306, Tls::Prefer));
        assert!(matches!(read("sqlite::memory:"), Location::Memory));
        let Location::File(path) = read("sqlite://data/a.db") else {
            panic!("not a file");
        };
        assert_eq!(path, Path::new("data/a.db"));
        for text in ["oracle://x/y", "nothing", "postgres://"] {
            let error = location(text, None, true).unwrap_err();
            assert_eq!(error.kind(), Kind::InvalidArgs, "{text}");
        }
        assert!(location("mysql://h/d", Some("postgresql"), true).is_err());
        let secret = location("postgre://ann:secret@h/d", None, true).unwrap_err();
        assert!(!format!("{secret:?}").contains("secret"));
    }
}
