//! MySQL and MariaDB.
//!
//! The library opens its own sockets, so it is given the addresses that the host has checked, and never asks for a
//! name itself.

use std::io::ErrorKind;
use std::time::Duration;

use core::net::IpAddr;

use llmspell_core::host::{Endpoint, Trust};
use llmspell_core::value::from_json;
use llmspell_core::{Cx, Error, Kind, Result, Value, bail, error};
use mysql_async::consts::{ColumnFlags, ColumnType};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, DriverError, IoError, OptsBuilder, Params, SslOpts, Value as Held};

use super::rows::{Answer, Column, Limits, Rows};
use super::sqlite::blob;
use super::statement::{Bound, Dialect};
use super::target::{Server, Tls};
use crate::param::refused;

/// A connection to a server.
pub(super) struct Mysql {
    connection: Conn,
    /// How this session reads SQL.
    pub(super) dialect: Dialect,
    is_mariadb: bool,
}

impl Mysql {
    /// Connects and logs in.
    ///
    /// - Errors: those of the host; `Auth` for refused credentials; `Remote`.
    pub(super) async fn connect(cx: Cx, server: &Server) -> Result<Self> {
        let endpoint = Endpoint::new(server.host.clone(), server.port);
        let endpoint = match server.configured {
            true => endpoint.configured(),
            false => endpoint,
        };
        let addresses = cx.host().network.resolve(endpoint).await?;
        let addresses: Vec<IpAddr> = addresses.iter().map(|address| address.ip()).collect();
        let is_local = addresses.iter().all(IpAddr::is_loopback);
        if addresses.is_empty() {
            bail!(Remote, "'{}' has no address", server.host);
        }
        let options = OptsBuilder::default()
            .ip_or_hostname(&server.host)
            .tcp_port(server.port)
            .resolved_ips(Some(addresses))
            // A server could name any socket of this machine.
            .prefer_socket(Some(false))
            .user(server.username.clone())
            .pass(server.password.clone())
            .db_name(server.database.clone())
            .stmt_cache_size(Some(0))
            .ssl_opts(None);
        let secure = || -> Result<OptsBuilder> {
            let trust = cx.host().network.trust(&server.host)?;
            Ok(options.clone().ssl_opts(Some(encryption(trust))))
        };
        let connection = match server.tls {
            Tls::Disable => Conn::new(options).await,
            // Between processes of one machine nobody listens.
            Tls::Prefer if is_local => Conn::new(options).await,
            Tls::Require => Conn::new(secure()?).await,
            Tls::Prefer => match Conn::new(secure()?).await {
                // The server has no TLS.
                Err(mysql_async::Error::Driver(DriverError::NoClientSslFlagFromServer)) => {
                    Conn::new(options).await
                }
                connection => connection,
            },
        };
        let mut connection = connection.map_err(|failed| unconnected(failed, server))?;
        let told: Option<(String, String)> = connection
            .query_first("SELECT VERSION(), @@SESSION.sql_mode")
            .await
            .map_err(failure)?;
        let (version, mode) = told.unwrap_or_default();
        let has = |name: &str| {
            mode.split(',')
                .any(|known| known.eq_ignore_ascii_case(name))
        };
        let mut own = Self {
            connection,
            dialect: Dialect::Mysql {
                backslashes: !has("NO_BACKSLASH_ESCAPES"),
                ansi_quotes: has("ANSI_QUOTES"),
            },
            is_mariadb: version.to_ascii_lowercase().contains("mariadb"),
        };
        own.control("SET time_zone = '+00:00'").await?;
        Ok(own)
    }

    /// Returns whether the server has gone.
    pub(super) fn is_closed(&self) -> bool {
        self.connection.is_disconnected()
    }

    /// Runs a fixed text without parameters.
    pub(super) async fn control(&mut self, text: &str) -> Result<()> {
        self.connection.query_drop(text).await.map_err(failure)
    }

    /// Bounds the statements that follow.
    pub(super) async fn limit(&mut self, time: Duration) -> Result<()> {
        let text = match self.is_mariadb {
            true => format!(
                "SET SESSION max_statement_time = {:.3}",
                time.as_secs_f64().clamp(0.001, 86_400.0)
            ),
            false => format!(
                "SET SESSION max_execution_time = {}",
                time.as_millis().clamp(1, 86_400_000)
            ),
        };
        self.control(&text).await
    }

    /// Runs a statement. `whole` takes it to its end even if not all rows are wanted.
    ///
    /// It is prepared, and the server prepares only one.
    pub(super) async fn run(
        &mut self,
        bound: &Bound,
        limits: Limits,
        whole: bool,
    ) -> Result<Answer> {
        let statement = self.connection.prep(&*bound.sql).await.map_err(failure)?;
        let wanted = usize::from(statement.num_params());
        if wanted != bound.values.len() {
            let message = format!(
                "the statement has {wanted} parameters, but {} were given",
                bound.values.len()
            );
            return Err(refused("params", message));
        }
        let values = bound.values.iter().map(held).collect::<Result<Vec<_>>>()?;
        let params = match values.is_empty() {
            true => Params::Empty,
            false => Params::Positional(values),
        };
        let mut result = self
            .connection
            .exec_iter(&statement, params)
            .await
            .map_err(failure)?;
        let meta = result.columns_ref().to_vec();
        let columns = meta.iter().map(|column| Column {
            name: column.name_str().into_owned(),
            data_type: Some(type_name(column)),
            nullable: Some(!column.flags().contains(ColumnFlags::NOT_NULL_FLAG)),
        });
        let mut taken = Rows::new(columns.collect(), limits);
        while let Some(row) = result.next().await.map_err(failure)? {
            let cells = || {
                Ok::<_, Error>(
                    meta.iter()
                        .zip(row.unwrap())
                        .map(|(column, cell)| shown(column, cell))
                        .collect(),
                )
            };
            taken.push(cells)?;
            if taken.is_cut() && !whole {
                break;
            }
        }
        let (affected, last) = (result.affected_rows(), result.last_insert_id());
        let is_cut = taken.is_cut();
        if !is_cut || whole {
            result.drop_result().await.map_err(failure)?;
        } else {
            drop(result);
        }
        let mut answer = taken.finish();
        if meta.is_empty() || whole {
            answer.affected = affected;
            answer.last_insert_id = last.filter(|id| *id != 0).map(Value::from);
        }
        if !is_cut {
            self.connection.close(statement).await.map_err(failure)?;
        }
        Ok(answer)
    }
}

/// Returns how connections are encrypted: with the authorities that the library knows, and those of the configuration.
fn encryption(trust: Trust) -> SslOpts {
    let authorities = trust.authorities.into_iter().map(Into::into);
    SslOpts::default()
        .with_root_certs(authorities.collect())
        .with_danger_accept_invalid_certs(trust.unchecked)
        .with_danger_skip_domain_validation(trust.unchecked)
}

/// Returns a parameter as the server takes it.
fn held(value: &Value) -> Result<Held> {
    Ok(match value {
        Value::Null => Held::NULL,
        Value::Bool(truth) => Held::Int((*truth).into()),
        Value::Int(number) => Held::Int(*number),
        Value::Float(number) => Held::Double(*number),
        Value::Str(text) => Held::Bytes(text.clone().into_bytes()),
        Value::Bytes(bytes) => Held::Bytes(bytes.clone()),
        other => return Err(super::unbindable(other, "MySQL")),
    })
}

/// The character set of bytes that are no text.
const BINARY: u16 = 63;

fn is_binary(column: &mysql_async::Column) -> bool {
    column.character_set() == BINARY
}

fn is_boolean(column: &mysql_async::Column) -> bool {
    column.column_type() == ColumnType::MYSQL_TYPE_TINY && column.column_length() == 1
}

fn type_name(column: &mysql_async::Column) -> String {
    use ColumnType as T;
    let name = match column.column_type() {
        T::MYSQL_TYPE_TINY if is_boolean(column) => "boolean",
        T::MYSQL_TYPE_TINY => "tinyint",
        T::MYSQL_TYPE_SHORT => "smallint",
        T::MYSQL_TYPE_LONG => "int",
        T::MYSQL_TYPE_INT24 => "mediumint",
        T::MYSQL_TYPE_LONGLONG => "bigint",
        T::MYSQL_TYPE_FLOAT => "float",
        T::MYSQL_TYPE_DOUBLE => "double",
        T::MYSQL_TYPE_DECIMAL | T::MYSQL_TYPE_NEWDECIMAL => "decimal",
        T::MYSQL_TYPE_DATE | T::MYSQL_TYPE_NEWDATE => "date",
        T::MYSQL_TYPE_TIME | T::MYSQL_TYPE_TIME2 => "time",
        T::MYSQL_TYPE_DATETIME | T::MYSQL_TYPE_DATETIME2 => "datetime",
        T::MYSQL_TYPE_TIMESTAMP | T::MYSQL_TYPE_TIMESTAMP2 => "timestamp",
        T::MYSQL_TYPE_YEAR => "year",
        T::MYSQL_TYPE_BIT => "bit",
        T::MYSQL_TYPE_JSON => "json",
        T::MYSQL_TYPE_ENUM => "enum",
        T::MYSQL_TYPE_SET => "set",
        T::MYSQL_TYPE_NULL => "null",
        T::MYSQL_TYPE_GEOMETRY => "geometry",
        T::MYSQL_TYPE_VARCHAR | T::MYSQL_TYPE_VAR_STRING if is_binary(column) => "varbinary",
        T::MYSQL_TYPE_VARCHAR | T::MYSQL_TYPE_VAR_STRING => "varchar",
        T::MYSQL_TYPE_STRING if is_binary(column) => "binary",
        T::MYSQL_TYPE_STRING => "char",
        _ if is_binary(column) => "blob",
        _ => "text",
    };
    name.to_owned()
}

/// Returns a cell as data.
fn shown(column: &mysql_async::Column, cell: Held) -> Value {
    use ColumnType as T;
    match cell {
        Held::NULL => Value::Null,
        Held::Int(number @ (0 | 1)) if is_boolean(column) => Value::Bool(number == 1),
        Held::Int(number) => Value::Int(number),
        Held::UInt(number) => {
            i64::try_from(number).map_or_else(|_| number.to_string().into(), Value::Int)
        }
        Held::Float(number) => Value::Float(number.to_string().parse().unwrap_or(number.into())),
        Held::Double(number) => Value::Float(number),
        Held::Date(year, month, day, hour, minute, second, micro) => {
            let date = format!("{year:04}-{month:02}-{day:02}");
            match column.column_type() {
                T::MYSQL_TYPE_DATE | T::MYSQL_TYPE_NEWDATE => date.into(),
                data_type => {
                    let zone = match data_type {
                        T::MYSQL_TYPE_TIMESTAMP | T::MYSQL_TYPE_TIMESTAMP2 => "Z",
                        _ => "",
                    };
                    format!(
                        "{date}T{hour:02}:{minute:02}:{second:02}{}{zone}",
                        fraction(micro)
                    )
                    .into()
                }
            }
        }
        Held::Time(negative, days, hours, minute, second, micro) => {
            let sign = if negative { "-" } else { "" };
            let hours = days * 24 + u32::from(hours);
            format!(
                "{sign}{hours:02}:{minute:02}:{second:02}{}",
                fraction(micro)
            )
            .into()
        }
        Held::Bytes(bytes) => match column.column_type() {
            T::MYSQL_TYPE_BIT if bytes.len() <= 8 => {
                let number = bytes
                    .iter()
                    .fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
                i64::try_from(number).map_or_else(|_| number.to_string().into(), Value::Int)
            }
            T::MYSQL_TYPE_JSON => {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                from_json(&text).unwrap_or(Value::Str(text))
            }
            T::MYSQL_TYPE_DECIMAL
            | T::MYSQL_TYPE_NEWDECIMAL
            | T::MYSQL_TYPE_ENUM
            | T::MYSQL_TYPE_SET => String::from_utf8_lossy(&bytes).into_owned().into(),
            _ if is_binary(column) => blob(&bytes),
            _ => {
                String::from_utf8(bytes).map_or_else(|failed| blob(failed.as_bytes()), Value::from)
            }
        },
    }
}

fn fraction(micro: u32) -> String {
    match micro {
        0 => String::new(),
        _ => format!(".{micro:06}").trim_end_matches('0').to_owned(),
    }
}

fn unconnected(failed: mysql_async::Error, server: &Server) -> Error {
    match failed {
        mysql_async::Error::Server(_) => failure(failed),
        failed => {
            let phase = match is_of_tls(&failed) {
                true => "tls",
                false => "connect",
            };
            let error = error!(Remote, "cannot log in to '{}': {failed}", server.host)
                .with("phase", phase)
                .transient(false);
            match server.tls {
                Tls::Disable => error,
                _ => error
                    .hint("name who vouches for its certificate in `security.network.ca_file`")
                    .hint("or set `tls = \"disable\"`"),
            }
        }
    }
}

/// Returns whether encryption failed, which some ways of failing tell only by their kind.
fn is_of_tls(failed: &mysql_async::Error) -> bool {
    match failed {
        mysql_async::Error::Io(IoError::Tls(_)) => true,
        mysql_async::Error::Io(IoError::Io(cause)) => cause.kind() == ErrorKind::InvalidData,
        _ => false,
    }
}

/// Returns the error for what the server or the connection said.
fn failure(failed: mysql_async::Error) -> Error {
    let said = match failed {
        mysql_async::Error::Server(said) => said,
        failed @ mysql_async::Error::Io(_) => {
            return error!(Remote, "the connection to the database broke: {failed}")
                .with("phase", "body")
                .transient(true);
        }
        other => return error!(Execution, "{other}"),
    };
    let (kind, hint) = meaning(said.code);
    let error = Error::new(kind, said.message)
        .with("sqlstate", said.state)
        .with("code", said.code);
    match hint {
        Some(hint) => error.hint(hint),
        None => error,
    }
}

/// Returns what a number of the server means to a caller.
fn meaning(code: u16) -> (Kind, Option<&'static str>) {
    match code {
        1205 | 1213 | 1020 => (Kind::Conflict, None),
        1317 | 1969 | 3024 => (
            Kind::Timeout,
            Some("give the call more time with `timeout_ms`"),
        ),
        1045 | 1044 | 1698 => (
            Kind::Auth,
            Some("check user and password in `tools.database_connector.databases.NAME.url`"),
        ),
        1792 | 1290 => (
            Kind::Denied,
            Some("the transaction is read-only: changes are not permitted here"),
        ),
        1142 | 1143 | 1227 => (Kind::Denied, None),
        1040 | 1053 | 1927 => (Kind::Remote, None),
        _ => (Kind::Execution, None),
    }
}
