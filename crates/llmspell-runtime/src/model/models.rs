//! What a run needs to ask models.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use llmspell_core::{Cx, Error, Kind, Map, Result, Sink, Value};
use llmspell_model::{Overrides, Providers, Response, Target};
use parking_lot::Mutex;

use super::Limiters;

/// The part of a run that asks models: the providers, the limiters of the process, and what single agents set up
/// differently.
pub struct Models {
    pub(super) providers: Arc<Providers>,
    pub(super) limiters: Arc<Limiters>,
    connections: Mutex<HashMap<String, Overrides>>,
}

/// One question to a model.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The model.
    pub target: Target,
    /// Name under which other connection settings were put down with [`Models::connect`].
    pub connection: Option<String>,
    /// The request in its stored form; its `model` is set when it is asked.
    pub request: Map,
}

impl Models {
    /// Makes the part; `limiters` are those of the process.
    pub fn new(providers: Arc<Providers>, limiters: Arc<Limiters>) -> Self {
        Self {
            providers,
            limiters,
            connections: Mutex::default(),
        }
    }

    /// Returns the providers.
    pub fn providers(&self) -> &Arc<Providers> {
        &self.providers
    }

    /// Puts down connection settings that may hold secrets, so that calls, which are recorded, only name them.
    pub fn connect(&self, name: &str, overrides: Overrides) {
        self.connections.lock().insert(name.to_owned(), overrides);
    }

    /// Forgets connection settings.
    pub fn disconnect(&self, name: &str) {
        self.connections.lock().remove(name);
    }

    pub(super) fn connection(&self, name: Option<&str>) -> Overrides {
        let connections = self.connections.lock();
        name.and_then(|name| connections.get(name).cloned())
            .unwrap_or_default()
    }

    /// Asks a model, and those that its provider names as fallback once its last repetition has failed.
    ///
    /// Returns the answer and who gave it. After a piece of an answer was handed out nobody else is asked.
    pub async fn ask(&self, cx: &Cx, ask: Ask, sink: Option<Sink>) -> Result<(Response, Target)> {
        let mut others = self.providers.handling(&ask.target.provider)?.fallback;
        others.reverse();
        let Ask {
            mut target,
            mut connection,
            request,
        } = ask;
        while let Some(next) = others.pop() {
            let asked = self.call(cx, &target, connection.take(), request.clone(), &sink);
            match asked.await {
                Err(failure) if helps(&failure) && cx.check().is_ok() => {
                    tracing::warn!(target: "llmspell::model", "{target} failed ({failure}); asking {next} instead");
                    target = next;
                }
                outcome => return Ok((outcome?, target)),
            }
        }
        let response = self.call(cx, &target, connection, request, &sink).await?;
        Ok((response, target))
    }

    /// Asks this model and no other.
    pub async fn ask_only(&self, cx: &Cx, ask: Ask) -> Result<Response> {
        self.call(cx, &ask.target, ask.connection, ask.request, &None)
            .await
    }

    async fn call(
        &self,
        cx: &Cx,
        target: &Target,
        connection: Option<String>,
        mut request: Map,
        sink: &Option<Sink>,
    ) -> Result<Response> {
        request.insert("model", target.model.as_str().into());
        let mut args = Map::from([("target", Value::Str(target.to_string()))]);
        if let Some(connection) = connection {
            args.insert("connection", connection.into());
        }
        args.insert("request", Value::Map(request));
        let (op, args) = (super::complete_op(), Value::Map(args));
        let answer = match sink {
            Some(sink) => cx.call_streaming(op, args, sink.clone()).await,
            None => cx.call(op, args).await,
        };
        answer?.into_typed()
    }
}

/// Returns whether another provider may succeed where one failed so.
fn helps(failure: &Error) -> bool {
    let begun = failure.details().contains_key("begun");
    let passing = matches!(
        failure.kind(),
        Kind::Remote | Kind::RateLimited | Kind::Timeout | Kind::Unavailable | Kind::Auth
    );
    passing && !begun
}

impl fmt::Debug for Models {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Models")
    }
}
