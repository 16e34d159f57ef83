//! A model behind one of the wire layer's protocols.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use futures::stream::{self, Stream, StreamExt};
use rig_core::driver::{Exchange, Model as WireModel, Opening, Transport as WireTransport};
use rig_core::operation::Completion;
use rig_core::streaming::{CompletionStream, Item};
use rig_core::wire::{Encoded, Wire, WireFrame};
use rig_core::{DynModel, ProviderError};
use serde_json::{Map, Value};

use llmspell_core::{Error, Result, error, is_foreground};

use super::{decode, encode, failure, guard};
use crate::event::{Event, EventStream};
use crate::http::{ABANDONED, Transport};
use crate::model::Model;
use crate::price::ModelInfo;
use crate::request::Request;

/// The protocols of one model, bound to a transport.
#[derive(Clone)]
pub(crate) struct Wires {
    plain: DynModel<Completion>,
    caching: Option<DynModel<Completion>>,
}

impl Wires {
    /// Binds a protocol to a transport.
    pub(crate) fn new<W>(wire: W, transport: &Transport) -> Self
    where
        W: Wire<Op = Completion, Payload = Encoded, Frame = WireFrame>,
    {
        Self {
            plain: bind(wire, transport),
            caching: None,
        }
    }

    /// Adds a variant that asks the provider to cache the prompt, used for requests whose beginning comes again: those
    /// with tools, and those within a conversation.
    pub(crate) fn caching<W>(mut self, wire: W, transport: &Transport) -> Self
    where
        W: Wire<Op = Completion, Payload = Encoded, Frame = WireFrame>,
    {
        self.caching = Some(bind(wire, transport));
        self
    }

    fn choose(&self, request: &Request) -> &DynModel<Completion> {
        let recurs = !request.tools.is_empty() || request.messages.len() > 1;
        match &self.caching {
            Some(caching) if recurs => caching,
            _ => &self.plain,
        }
    }
}

fn bind<W>(wire: W, transport: &Transport) -> DynModel<Completion>
where
    W: Wire<Op = Completion, Payload = Encoded, Frame = WireFrame>,
{
    WireModel::new(wire, Sender(transport.clone())).erase()
}

/// Sends like the transport, and says that the whole reply is known, because rebuilding it from its frames costs as much as
/// reading them and nothing here looks at it.
#[derive(Clone)]
struct Sender(Transport);

impl<W> WireTransport<W> for Sender
where
    W: Wire<Payload = Encoded, Frame = WireFrame>,
{
    fn send(&self, payload: Encoded, exchange: Exchange) -> Opening<WireFrame> {
        let opening = WireTransport::<W>::send(&self.0, payload, exchange);
        Opening::new(async move { Ok(opening.await?.with_document(Value::Null)) })
    }
}

/// Who is asked, for messages, and what must not appear in them.
#[derive(Clone, Debug)]
pub(crate) struct Seat {
    /// The provider instance.
    pub(crate) provider: String,
    /// The provider's id of the model.
    pub(crate) model: String,
    /// Root of the API.
    pub(crate) base_url: String,
    /// Environment variables that could hold the key.
    pub(crate) key_vars: Vec<String>,
    /// Whether there is neither a key nor leave to go without.
    pub(crate) key_missing: bool,
    /// Keys and header values.
    pub(crate) secrets: Vec<crate::options::Hidden>,
}

impl Seat {
    /// Returns the text without secrets.
    pub(super) fn clean(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.secrets {
            let secret = secret.expose();
            if secret.len() >= 4 && text.contains(secret) {
                text = text.replace(secret, "…");
            }
        }
        text
    }

    /// Says where a key comes from.
    pub(super) fn key_hint(&self) -> String {
        let provider = &self.provider;
        match self.key_vars.first() {
            Some(var) => format!("set {var} or `api_key_env` in [providers.{provider}]"),
            None => format!("set `api_key_env` in [providers.{provider}]"),
        }
    }

    fn check_key(&self) -> Result<()> {
        if !self.key_missing {
            return Ok(());
        }
        let vars = self.key_vars.join(" or ");
        Err(error!(
            Auth,
            "no API key for provider '{}': set {vars}", self.provider
        )
        .with("provider", self.provider.as_str())
        .hint(self.key_hint())
        .hint("use the model `mock/tools` to try a spell without a key"))
    }
}

impl fmt::Display for Seat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.provider, self.model)
    }
}

/// What is sent with every request that does not say otherwise.
#[derive(Clone, Debug, Default)]
pub(crate) struct Defaults {
    pub(crate) temperature: Option<f64>,
    pub(crate) max_tokens: Option<u64>,
    pub(crate) top_p: Option<f64>,
    pub(crate) stop: Vec<String>,
    pub(crate) seed: Option<u64>,
    pub(crate) extra: Map<String, Value>,
    /// Whether an output schema is left out, because the model refuses requests that have one.
    pub(crate) without_schema: bool,
}

impl Defaults {
    fn fill(&self, mut request: Request) -> Request {
        request.temperature = request.temperature.or(self.temperature);
        request.max_tokens = request.max_tokens.or(self.max_tokens);
        request.top_p = request.top_p.or(self.top_p);
        request.seed = request.seed.or(self.seed);
        if request.stop.is_empty() {
            request.stop.clone_from(&self.stop);
        }
        if self.without_schema {
            request.schema = None;
        }
        for (name, value) in &self.extra {
            if !request.extra.contains_key(name) {
                request.extra.insert(name.clone(), value.clone());
            }
        }
        request
    }
}

/// A model that a provider serves.
pub(crate) struct Remote(Arc<Bound>);

struct Bound {
    info: ModelInfo,
    seat: Seat,
    defaults: Defaults,
    wires: Wires,
}

impl Remote {
    pub(crate) fn new(info: ModelInfo, seat: Seat, defaults: Defaults, wires: Wires) -> Self {
        Self(Arc::new(Bound {
            info,
            seat,
            defaults,
            wires,
        }))
    }
}

impl Model for Remote {
    fn info(&self) -> &ModelInfo {
        &self.0.info
    }

    fn stream(&self, request: Request) -> EventStream {
        let bound = self.0.clone();
        let events = stream::once(async move { Answer::open(bound, request) }).flatten();
        Box::pin(Asked {
            events: events.boxed(),
            abandoned: Arc::default(),
        })
    }
}

impl Bound {
    fn open(&self, request: Request) -> Result<CompletionStream> {
        self.seat.check_key()?;
        let request = self.defaults.fill(request);
        let wire = self.wires.choose(&request);
        let request = encode::request(request)?;
        wire.stream(request).map_err(|error| self.failed(error))
    }

    fn failed(&self, error: ProviderError) -> Error {
        failure::failure(error, &self.seat)
    }

    fn overlong(&self) -> Error {
        error!(
            Limit,
            "{}: the arguments of a tool call are too long or nest too deeply", self.seat
        )
    }
}

/// The events of a question that was asked.
struct Asked {
    events: EventStream,
    abandoned: Arc<AtomicBool>,
}

impl Stream for Asked {
    type Item = Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        // So the requests of many calls are made on all cores although one script makes the calls.
        if is_foreground() {
            return Poll::Pending;
        }
        let abandoned = self.abandoned.clone();
        ABANDONED.sync_scope(abandoned, || self.events.poll_next_unpin(cx))
    }
}

impl Drop for Asked {
    /// Lets the connection of an answer that was not read to its end be closed.
    fn drop(&mut self) {
        self.abandoned.store(true, Ordering::Release);
    }
}

/// An answer under way.
struct Answer {
    bound: Arc<Bound>,
    /// `None` once the answer has ended.
    items: Option<CompletionStream>,
    calls: decode::Calls,
    arguments: guard::Arguments,
    ready: VecDeque<Event>,
}

impl Answer {
    fn open(bound: Arc<Bound>, request: Request) -> EventStream {
        if tokio::runtime::Handle::try_current().is_err() {
            let error = error!(Bug, "a model was asked outside of the runtime");
            return stream::iter([Err(error)]).boxed();
        }
        let items = match bound.open(request) {
            Ok(items) => Some(items),
            Err(error) => return stream::iter([Err(error)]).boxed(),
        };
        let answer = Self {
            bound,
            items,
            calls: decode::Calls::default(),
            arguments: guard::Arguments::default(),
            ready: VecDeque::new(),
        };
        stream::unfold(answer, |mut answer| async move {
            let event = answer.next().await?;
            Some((event, answer))
        })
        .boxed()
    }

    /// Returns the next event; an error is the last.
    async fn next(&mut self) -> Option<Result<Event>> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(Ok(event));
            }
            let items = self.items.as_mut()?;
            match items.next().await {
                Some(Ok(Item::Event(event))) => {
                    let Some(event) = self.calls.event(event) else {
                        continue;
                    };
                    if let Event::ToolCallArguments { index, delta } = &event
                        && !self.arguments.take(*index, delta)
                    {
                        self.items = None;
                        return Some(Err(self.bound.overlong()));
                    }
                    return Some(Ok(event));
                }
                Some(Ok(Item::Unknown(_))) => {}
                Some(Err(error)) => {
                    self.items = None;
                    return Some(Err(self.bound.failed(error)));
                }
                None => match self.items.take()?.finish().await {
                    Ok(response) => self.ready.extend(decode::end(response, &self.bound.info)),
                    Err(error) => return Some(Err(self.bound.failed(error))),
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::future::FutureExt;
    use serde_json::json;

    fn seat() -> Seat {
        Seat {
            provider: "work".into(),
            model: "m".into(),
            base_url: "http://x".into(),
            key_vars: vec!["LLMSPELL_WORK_API_KEY".into(), "OPENAI_API_KEY".into()],
            key_missing: true,
            secrets: vec!["sk-12345".into()],
        }
    }

    #[test]
    fn a_missing_key_names_the_variables() {
        let error = seat().check_key().unwrap_err();
        assert_eq!(error.kind(), llmspell_core::Kind::Auth);
        assert_eq!(
            error.message(),
            "no API key for provider 'work': set LLMSPELL_WORK_API_KEY or OPENAI_API_KEY"
        );
    }

    #[test]
    fn secrets_leave_messages() {
        assert_eq!(seat().clean("bad key sk-12345!"), "bad key …!");
    }

    #[test]
    fn a_request_overrides_the_defaults_member_by_member() {
        let defaults = Defaults {
            temperature: Some(0.5),
            max_tokens: Some(10),
            stop: vec!["x".into()],
            extra: json!({"a": 1, "b": 1}).as_object().unwrap().clone(),
            ..Defaults::default()
        };
        let request = Request {
            temperature: Some(0.0),
            extra: json!({"b": 2}).as_object().unwrap().clone(),
            ..Request::new("m", "hi")
        };
        let filled = defaults.fill(request);
        assert_eq!(filled.temperature, Some(0.0));
        assert_eq!(filled.max_tokens, Some(10));
        assert_eq!(filled.stop, ["x"]);
        assert_eq!(Value::Object(filled.extra), json!({"a": 1, "b": 2}));
    }

    #[test]
    fn asking_outside_of_a_runtime_is_an_error_and_no_panic() {
        // The stream is polled by hand because there is no runtime on purpose.
        let transport = Transport::new(
            &Arc::default(),
            "http://127.0.0.1:1",
            &Default::default(),
            crate::http::Bounds::new(1, 1),
        )
        .unwrap();
        let config = rig_core::providers::openai::OpenAIConfig::new("k");
        let wires = Wires::new(config.chat("m"), &transport);
        let seat = Seat {
            key_missing: false,
            ..seat()
        };
        let model = Remote::new(ModelInfo::default(), seat, Defaults::default(), wires);
        let first = model.stream(Request::new("m", "hi")).next().now_or_never();
        let error = first.unwrap().unwrap().unwrap_err();
        assert_eq!(error.kind(), llmspell_core::Kind::Bug);
    }
}
