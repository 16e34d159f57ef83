//! Plain and encrypted connections.

use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::io::{AsyncRead, AsyncWrite};
use llmspell_core::host::{Connection, Secured};
use llmspell_core::{Result, error};
use rustls::pki_types::ServerName;
use tokio_util::compat::{Compat, FuturesAsyncReadCompatExt as _, TokioAsyncReadCompatExt as _};

/// A connection, and who is at its other end.
pub(super) struct Connected<S> {
    stream: Compat<S>,
    peer: IpAddr,
}

impl<S: tokio::io::AsyncRead + tokio::io::AsyncWrite> Connected<S> {
    pub(super) fn new(stream: S, peer: IpAddr) -> Self {
        Self {
            stream: stream.compat(),
            peer,
        }
    }
}

impl<S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin> Connection for Connected<S> {
    fn peer(&self) -> IpAddr {
        self.peer
    }
}

impl<S: tokio::io::AsyncRead + Unpin> AsyncRead for Connected<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<S: tokio::io::AsyncWrite + Unpin> AsyncWrite for Connected<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_close(cx)
    }
}

/// Encrypts a connection as the client of the server `name`.
pub(super) async fn secure(
    connection: Box<dyn Connection>,
    name: &str,
    config: rustls::ClientConfig,
) -> Result<Secured> {
    let peer = connection.peer();
    let server = ServerName::try_from(name.to_owned())
        .map_err(|_| error!(InvalidArgs, "'{name}' is no name of a server"))?;
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let stream = connector
        .connect(server, connection.compat())
        .await
        .map_err(|cause| {
            error!(Remote, "no encrypted connection to '{name}': {cause}")
                .with("phase", "tls")
                .transient(cause.kind() != io::ErrorKind::InvalidData)
        })?;
    let session = stream.get_ref().1;
    let version = session.protocol_version().and_then(|version| {
        Some(match version {
            rustls::ProtocolVersion::TLSv1_2 => "TLSv1.2",
            rustls::ProtocolVersion::TLSv1_3 => "TLSv1.3",
            _ => return None,
        })
    });
    let certificates = session.peer_certificates().unwrap_or_default();
    Ok(Secured {
        version: version.unwrap_or("TLS").to_owned(),
        certificates: certificates.iter().map(|der| der.to_vec()).collect(),
        connection: Box::new(Connected::new(stream, peer)),
    })
}
