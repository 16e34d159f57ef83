//! PostgreSQL, over the connections of the host.

mod decode;
mod parameter;

use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::TryStreamExt;
use futures::channel::oneshot;
use futures::future::select;
use llmspell_core::host::{Connection, Endpoint, Network};
use llmspell_core::{Cx, Error, Kind, Result, error};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::config::SslMode;
use tokio_postgres::error::{DbError, ErrorPosition};
use tokio_postgres::tls::{ChannelBinding, TlsConnect, TlsStream};
use tokio_postgres::{Client, Config};
use tokio_util::compat::{Compat, FuturesAsyncReadCompatExt};

use self::decode::Cell;
use self::parameter::Parameter;
use super::rows::{Answer, Column, Limits, Rows};
use super::statement::Bound;
use super::target::{Server, Tls};
use crate::param::refused;

/// A connection to a server. It is closed at once when this is dropped, whatever the server is about to send.
pub(super) struct Postgres {
    client: Client,
    /// Dropped, it ends the work behind the connection.
    _open: oneshot::Sender<()>,
}

impl Postgres {
    /// Connects and logs in.
    ///
    /// - Errors: those of the host; `Auth` for refused credentials; `Remote`.
    pub(super) async fn connect(cx: Cx, server: &Server) -> Result<Self> {
        let network = cx.host().network.clone();
        let endpoint = Endpoint::new(server.host.clone(), server.port);
        let endpoint = match server.configured {
            true => endpoint.configured(),
            false => endpoint,
        };
        let connection = network.connect(endpoint).await?;
        let mode = match server.tls {
            Tls::Disable => SslMode::Disable,
            Tls::Require => SslMode::Require,
            // Between processes of one machine nobody listens.
            Tls::Prefer if connection.peer().is_loopback() => SslMode::Disable,
            Tls::Prefer => SslMode::Prefer,
        };
        let mut config = Config::new();
        config.application_name("llmspell").ssl_mode(mode);
        if let Some(user) = &server.username {
            config.user(user);
        }
        if let Some(password) = &server.password {
            config.password(password);
        }
        if let Some(database) = &server.database {
            config.dbname(database);
        }
        let tls = Securing {
            network,
            name: server.host.clone(),
        };
        let opened = config.connect_raw(Wire(connection.compat()), tls).await;
        let (client, connection) = opened.map_err(|failed| unconnected(failed, server))?;
        let (open, closed) = oneshot::channel();
        cx.beside(|_| async move {
            // What goes wrong is told to those who wait for an answer.
            let _ = select(Box::pin(connection), closed).await;
        })?;
        let own = Self {
            client,
            _open: open,
        };
        own.control("SET standard_conforming_strings = on; SET timezone = 'UTC'; SET extra_float_digits = 1")
            .await?;
        // Lets the server notice that the caller has gone; it exists since version 14.
        let _ = own
            .client
            .batch_execute("SET client_connection_check_interval = 100")
            .await;
        Ok(own)
    }

    /// Returns whether the server has gone.
    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Runs a fixed text without parameters.
    pub(super) async fn control(&self, text: &str) -> Result<()> {
        self.client.batch_execute(text).await.map_err(failure)
    }

    /// Bounds the statements that follow: those of this transaction, or of the connection.
    pub(super) async fn limit(&self, time: Duration, local: bool) -> Result<()> {
        let scope = if local { "LOCAL" } else { "SESSION" };
        let text = format!(
            "SET {scope} statement_timeout = {}",
            time.as_millis().clamp(1, 86_400_000)
        );
        self.control(&text).await
    }

    /// Runs a statement. `whole` takes it to its end even if not all rows are wanted.
    pub(super) async fn run(&self, bound: &Bound, limits: Limits, whole: bool) -> Result<Answer> {
        let statement = self.client.prepare(&bound.sql).await.map_err(failure)?;
        let wanted = statement.params().len();
        if wanted != bound.values.len() {
            let message = format!(
                "the statement has {wanted} parameters, but {} were given",
                bound.values.len()
            );
            return Err(refused("params", message));
        }
        let columns = statement.columns().iter().map(|column| Column {
            name: column.name().to_owned(),
            data_type: Some(column.type_().name().to_owned()),
            nullable: None,
        });
        let mut taken = Rows::new(columns.collect(), limits);
        let width = statement.columns().len();
        let parameters: Vec<Parameter<'_>> = bound.values.iter().map(Parameter).collect();
        let stream = self
            .client
            .query_raw(&statement, parameters.iter())
            .await
            .map_err(failure)?;
        let mut stream = pin!(stream);
        while let Some(row) = stream.try_next().await.map_err(failure)? {
            let cells = || {
                let cell = |index| row.try_get::<_, Cell>(index).map(|cell| cell.0);
                (0..width).map(cell).collect::<Result<Vec<_>, _>>()
            };
            taken.push(cells).map_err(failure)?;
            if taken.is_cut() && !whole {
                return Ok(taken.finish());
            }
        }
        let mut answer = taken.finish();
        answer.affected = stream.rows_affected().unwrap_or(0);
        Ok(answer)
    }
}

/// Encrypts a connection with what the host has for it.
struct Securing {
    network: Arc<dyn Network>,
    name: String,
}

/// A connection of the host, encrypted or not, as the library takes it.
struct Wire(Compat<Box<dyn Connection>>);

impl TlsConnect<Wire> for Securing {
    type Stream = Wire;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Wire>> + Send>>;

    fn connect(self, wire: Wire) -> Self::Future {
        Box::pin(async move {
            let secured = self.network.secure(wire.0.into_inner(), &self.name).await?;
            Ok(Wire(secured.connection.compat()))
        })
    }
}

impl TlsStream for Wire {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

fn unconnected(failed: tokio_postgres::Error, server: &Server) -> Error {
    if failed.as_db_error().is_some() {
        return failure(failed);
    }
    let text = failed.to_string();
    let source = failed.into_source();
    if let Some(own) = source
        .as_ref()
        .and_then(|source| source.downcast_ref::<Error>())
    {
        return match server.tls {
            Tls::Disable => own.clone(),
            _ => own
                .clone()
                .hint("name who vouches for its certificate in `security.network.ca_file`")
                .hint("or set `tls = \"disable\"`"),
        };
    }
    let cause = source.map_or_else(String::new, |source| format!(": {source}"));
    error!(Remote, "cannot log in to '{}': {text}{cause}", server.host)
        .with("phase", "connect")
        .transient(false)
}

/// Returns the error for what the server or the connection said.
fn failure(failed: tokio_postgres::Error) -> Error {
    let Some(said) = failed.as_db_error() else {
        let closed = failed.is_closed();
        let text = failed.to_string();
        let cause = failed.into_source();
        if let Some(own) = cause
            .as_ref()
            .and_then(|cause| cause.downcast_ref::<Error>())
        {
            return own.clone();
        }
        let is_network = closed || cause.as_ref().is_some_and(|cause| cause.is::<io::Error>());
        let cause = cause.map_or_else(String::new, |cause| format!(": {cause}"));
        return match is_network {
            true => error!(
                Remote,
                "the connection to the database broke: {text}{cause}"
            )
            .with("phase", "body")
            .transient(true),
            false => error!(Execution, "{text}{cause}"),
        };
    };
    let (kind, hint) = meaning(said.code().code());
    let mut error = Error::new(kind, said_text(said)).with("sqlstate", said.code().code());
    if let Some(ErrorPosition::Original(position)) = said.position() {
        error = error.with("position", *position);
    }
    for (name, value) in [
        ("constraint", said.constraint()),
        ("table", said.table()),
        ("column", said.column()),
    ] {
        if let Some(value) = value {
            error = error.with(name, value);
        }
    }
    if let Some(hint) = said.hint() {
        error = error.hint(hint);
    }
    match hint {
        Some(hint) => error.hint(hint),
        None => error,
    }
}

fn said_text(said: &DbError) -> String {
    match said.detail() {
        Some(detail) => format!("{} ({detail})", said.message()),
        None => said.message().to_owned(),
    }
}

/// Returns what a state of SQL means to a caller.
fn meaning(sqlstate: &str) -> (Kind, Option<&'static str>) {
    match sqlstate {
        "40001" | "40P01" | "55P03" => (Kind::Conflict, None),
        "57014" => (
            Kind::Timeout,
            Some("give the call more time with `timeout_ms`"),
        ),
        "25006" => (
            Kind::Denied,
            Some("the transaction is read-only: changes are not permitted here"),
        ),
        "42501" => (Kind::Denied, None),
        code if code.starts_with("28") => (
            Kind::Auth,
            Some("check user and password in `tools.database_connector.databases.NAME.url`"),
        ),
        code if code.starts_with("08") || code.starts_with("57P") || code.starts_with("53") => {
            (Kind::Remote, None)
        }
        _ => (Kind::Execution, None),
    }
}
