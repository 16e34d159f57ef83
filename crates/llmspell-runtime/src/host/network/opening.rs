//! How long a connection takes to open, seen from the request that opens it.
//!
//! The HTTP client opens connections by itself and says nothing of it, so it is watched: by a layer around what connects,
//! and by the store that encryption asks for sessions as it begins. Both know the request by its task. A connection that goes
//! on opening in another task, because the request found a free one meanwhile, is not that request's and leaves no trace.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use parking_lot::Mutex;
use rustls::NamedGroup;
use rustls::client::{
    ClientSessionMemoryCache, ClientSessionStore, Tls12ClientSessionValue, Tls13ClientSessionValue,
};
use rustls::pki_types::ServerName;
use tokio::time::Instant;
use tower::{Layer, Service};

/// Servers whose sessions are remembered, as many as without this store.
const SESSIONS: usize = 256;

tokio::task_local! {
    static OPENING: Arc<Opening>;
}

/// The moments of a connection that is being opened for a request.
#[derive(Debug, Default)]
pub(super) struct Opening(Mutex<Moments>);

#[derive(Clone, Copy, Debug, Default)]
struct Moments {
    began: Option<Instant>,
    encrypting: Option<Instant>,
    ready: Option<Instant>,
}

/// How long the parts took; nothing on a connection that was open already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Took {
    pub(super) connect: Option<Duration>,
    pub(super) tls: Option<Duration>,
}

impl Opening {
    /// Runs what sends a request and returns how its connection was opened as well.
    pub(super) async fn of<F: Future>(sending: F) -> (F::Output, Arc<Self>) {
        let opening = Arc::new(Self::default());
        let sent = OPENING.scope(opening.clone(), sending).await;
        (sent, opening)
    }

    /// Returns whether the connection came as far as its encryption.
    pub(super) fn is_encrypting(&self) -> bool {
        self.0.lock().encrypting.is_some()
    }

    /// Returns how long the parts took.
    pub(super) fn took(&self) -> Took {
        let Moments {
            began,
            encrypting,
            ready,
        } = *self.0.lock();
        let (Some(began), Some(ready)) = (began, ready) else {
            return Took::default();
        };
        Took {
            connect: Some(encrypting.unwrap_or(ready) - began),
            tls: encrypting.map(|encrypting| ready - encrypting),
        }
    }
}

/// Notes a moment for the request of this task, if there is one.
fn note(change: impl FnOnce(&mut Moments, Instant)) {
    // Other tasks open connections as well.
    let _ = OPENING.try_with(|opening| change(&mut opening.0.lock(), Instant::now()));
}

/// Watches what connects.
#[derive(Clone, Copy, Debug)]
pub(super) struct Watch;

/// What connects, watched.
#[derive(Clone, Debug)]
pub(super) struct Watched<S>(S);

impl<S> Layer<S> for Watch {
    type Service = Watched<S>;

    fn layer(&self, inner: S) -> Watched<S> {
        Watched(inner)
    }
}

impl<S, R> Service<R> for Watched<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, target: R) -> Self::Future {
        note(|moments, now| {
            *moments = Moments {
                began: Some(now),
                ..Moments::default()
            };
        });
        let connecting = self.0.call(target);
        Box::pin(async move {
            let connected = connecting.await;
            note(|moments, now| moments.ready = Some(now));
            connected
        })
    }
}

/// Remembers sessions as encryption does by itself, and notes when it begins.
#[derive(Debug)]
pub(super) struct Sessions(ClientSessionMemoryCache);

impl Default for Sessions {
    fn default() -> Self {
        Self(ClientSessionMemoryCache::new(SESSIONS))
    }
}

fn note_encrypting() {
    note(|moments, now| {
        moments.encrypting.get_or_insert(now);
    });
}

impl ClientSessionStore for Sessions {
    fn set_kx_hint(&self, server: ServerName<'static>, group: NamedGroup) {
        self.0.set_kx_hint(server, group);
    }

    // Asked when a handshake begins.
    fn kx_hint(&self, server: &ServerName<'_>) -> Option<NamedGroup> {
        note_encrypting();
        self.0.kx_hint(server)
    }

    fn set_tls12_session(&self, server: ServerName<'static>, value: Tls12ClientSessionValue) {
        self.0.set_tls12_session(server, value);
    }

    fn tls12_session(&self, server: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        note_encrypting();
        self.0.tls12_session(server)
    }

    fn remove_tls12_session(&self, server: &ServerName<'static>) {
        self.0.remove_tls12_session(server);
    }

    fn insert_tls13_ticket(&self, server: ServerName<'static>, value: Tls13ClientSessionValue) {
        self.0.insert_tls13_ticket(server, value);
    }

    // Asked when a handshake begins.
    fn take_tls13_ticket(&self, server: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        note_encrypting();
        self.0.take_tls13_ticket(server)
    }
}
