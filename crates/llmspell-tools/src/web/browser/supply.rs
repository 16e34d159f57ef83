//! What a page asks for, answered by the network of the run.

use std::collections::VecDeque;
use std::future::pending;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::StreamExt as _;
use futures::future::{BoxFuture, FutureExt as _};
use futures::stream::FuturesUnordered;
use llmspell_core::host::HttpRequest;
use llmspell_core::{Cx, Error, Kind, Map, Result, Value, error};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use url::{Origin, Url};

use super::Sheet;
use crate::web::answer::Answer;
use crate::web::request::{parse, time_left};
use crate::web::robots;

/// Most requests of a page.
const MAX_REQUESTS: usize = 200;

/// Most bytes of all that a page loads.
const MAX_BYTES: u64 = 50 << 20;

/// Requests of a page that are under way at the same time.
const AT_ONCE: usize = 8;

/// Requests that are named when they were refused.
const MAX_NAMED: usize = 20;

/// What does not change the text of a page. Neither does a stream of events that has no end, which is of no type of its own.
const SKIPPED: &[&str] = &[
    "Image",
    "Media",
    "Font",
    "TextTrack",
    "Prefetch",
    "Ping",
    "CSPViolationReport",
    "Manifest",
    "SignedExchange",
    "FedCM",
];

/// The methods with which a page may ask: a tool that reads puts and deletes nothing.
const METHODS: &[&str] = &["GET", "HEAD", "POST", "OPTIONS"];

/// Headers of a request that the network sets itself.
const OURS: &[&str] = &["host", "content-length", "connection", "accept-encoding"];

/// Headers of an answer that no longer hold, or would make a download of a page.
const STALE: &[&str] = &[
    "content-length",
    "content-encoding",
    "content-disposition",
    "transfer-encoding",
    "connection",
    "keep-alive",
];

/// An answer to a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::web) struct Document {
    /// The status.
    pub(in crate::web) status: u16,
    /// The headers.
    pub(in crate::web) headers: Vec<(String, String)>,
    /// The body, decompressed.
    pub(in crate::web) body: Vec<u8>,
}

/// A request that the browser holds back.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Held {
    request_id: String,
    request: Request,
    #[serde(default)]
    frame_id: String,
    #[serde(default)]
    resource_type: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    url: String,
    method: String,
    #[serde(default)]
    headers: serde_json::Map<String, Json>,
    #[serde(default)]
    post_data_entries: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
struct Entry {
    #[serde(default)]
    bytes: String,
}

impl Held {
    fn is_skipped(&self) -> bool {
        let mut headers = self.request.headers.iter();
        let accept = headers.find(|(name, _)| name.eq_ignore_ascii_case("accept"));
        let is_stream = accept.is_some_and(|(_, value)| value == "text/event-stream");
        is_stream || SKIPPED.contains(&self.resource_type.as_str())
    }
}

/// What becomes of a held request, as a command to the browser.
pub(super) type Verdict = (&'static str, Json);

/// The requests of a page.
pub(super) struct Supply<'a> {
    cx: &'a Cx,
    /// The frame of the page itself.
    frame: String,
    first: Option<Document>,
    headers: Vec<(String, String)>,
    origin: Option<Origin>,
    user_agent: String,
    respect_robots: bool,
    limit: Duration,
    waiting: VecDeque<Held>,
    asking: FuturesUnordered<BoxFuture<'a, Reply>>,
    requests: usize,
    bytes: u64,
    refused: Vec<(String, Error)>,
}

struct Reply {
    id: String,
    url: String,
    is_page: bool,
    outcome: Result<Document>,
}

impl<'a> Supply<'a> {
    pub(super) fn new(cx: &'a Cx, frame: String, sheet: Sheet) -> Self {
        Self {
            cx,
            frame,
            first: Some(sheet.document),
            headers: sheet.headers,
            origin: sheet.origin,
            user_agent: sheet.user_agent,
            respect_robots: sheet.respect_robots,
            limit: sheet.limit,
            waiting: VecDeque::new(),
            asking: FuturesUnordered::new(),
            requests: 0,
            bytes: 0,
            refused: Vec::new(),
        }
    }

    /// Returns the name of the page's own frame.
    pub(super) fn frame(&self) -> &str {
        &self.frame
    }

    /// Returns whether the page itself was supplied.
    pub(super) fn has_begun(&self) -> bool {
        self.first.is_none()
    }

    /// Takes a request that the browser holds; returns what becomes of it, if that is known at once.
    pub(super) fn take(&mut self, held: Held) -> Option<Verdict> {
        let is_document = held.resource_type == "Document";
        let is_page = is_document && held.frame_id == self.frame;
        if is_page && let Some(document) = self.first.take() {
            return Some(fulfilled(&held.request_id, &document));
        }
        // A frame is a page of its own, which nobody reads.
        if (is_document && !is_page) || held.is_skipped() {
            return Some(failed(&held.request_id, "BlockedByClient"));
        }
        if let Some(error) = self.refusal(&held) {
            return Some(self.refuse(&held.request_id, &held.request.url, is_page, error));
        }
        self.requests += 1;
        self.waiting.push_back(held);
        self.begin();
        None
    }

    fn refusal(&self, held: &Held) -> Option<Error> {
        let method = held.request.method.as_str();
        match () {
            () if !METHODS.contains(&method) => Some(error!(
                Denied,
                "the method {method} is not permitted in a page that is only read"
            )),
            () if self.requests >= MAX_REQUESTS => Some(error!(
                Limit,
                "a page may send at most {MAX_REQUESTS} requests"
            )),
            () if self.bytes >= MAX_BYTES => Some(too_much()),
            () => None,
        }
    }

    fn begin(&mut self) {
        while self.asking.len() < AT_ONCE {
            let Some(held) = self.waiting.pop_front() else {
                return;
            };
            let request = self.request(&held.request);
            let is_page = held.resource_type == "Document";
            let robots = (is_page && self.respect_robots).then(|| self.user_agent.clone());
            let cx = self.cx;
            let asking = async move {
                let url = held.request.url;
                Reply {
                    outcome: ask(cx, request, robots).await,
                    id: held.request_id,
                    is_page,
                    url,
                }
            };
            self.asking.push(asking.boxed());
        }
    }

    fn request(&self, held: &Request) -> HttpRequest {
        let room = MAX_BYTES.saturating_sub(self.bytes).max(1);
        let limit = time_left(self.cx, self.limit);
        let mut request = HttpRequest::new(held.method.as_str(), held.url.as_str())
            .redirects(0)
            .max_bytes(room)
            .timeout(limit);
        let origin = Url::parse(&held.url).ok().map(|url| url.origin());
        let own: &[(String, String)] = match origin.is_some() && origin == self.origin {
            true => &self.headers,
            false => &[],
        };
        let is_own = |name: &str| own.iter().any(|(own, _)| own.eq_ignore_ascii_case(name));
        for (name, value) in &held.headers {
            let low = name.to_ascii_lowercase();
            let is_ours = OURS.contains(&low.as_str()) || low == "user-agent" || is_own(name);
            if let (false, Some(value)) = (is_ours, value.as_str()) {
                request = request.header(name, value);
            }
        }
        for (name, value) in own {
            request = request.header(name, value);
        }
        if !is_own("user-agent") {
            request = request.header("user-agent", &self.user_agent);
        }
        let entries = held.post_data_entries.iter();
        let body: Vec<u8> = entries
            .flat_map(|entry| STANDARD.decode(&entry.bytes).unwrap_or_default())
            .collect();
        request.body = (!body.is_empty()).then_some(body);
        request
    }

    /// Returns whether nothing is under way.
    pub(super) fn is_idle(&self) -> bool {
        self.asking.is_empty() && self.waiting.is_empty()
    }

    /// Waits until something that was under way is settled.
    ///
    /// - Cancel: safe; nothing is lost.
    pub(super) async fn next(&mut self) -> Verdict {
        if self.asking.is_empty() {
            return pending().await;
        }
        let reply = self.asking.next().await;
        self.begin();
        match reply {
            Some(reply) => self.settle(reply),
            None => pending().await,
        }
    }

    fn settle(&mut self, reply: Reply) -> Verdict {
        let Reply {
            id,
            url,
            is_page,
            outcome,
        } = reply;
        let outcome = outcome.and_then(|document| {
            self.bytes += document.body.len() as u64;
            match self.bytes > MAX_BYTES {
                false => Ok(document),
                true => Err(too_much()),
            }
        });
        match outcome {
            Ok(document) => fulfilled(&id, &document),
            Err(error) => self.refuse(&id, &url, is_page, error),
        }
    }

    fn refuse(&mut self, id: &str, url: &str, is_page: bool, error: Error) -> Verdict {
        let reason = match error.kind() {
            Kind::Denied => "AccessDenied",
            Kind::Timeout => "TimedOut",
            Kind::Limit => "BlockedByClient",
            _ => "ConnectionFailed",
        };
        self.refused.push((url.to_owned(), error));
        match is_page {
            // The page stays where it is, without an error page of the browser in its place.
            true => fulfilled(
                id,
                &Document {
                    status: 204,
                    headers: Vec::new(),
                    body: Vec::new(),
                },
            ),
            false => failed(id, reason),
        }
    }

    /// Returns what was loaded and what was not, and how much was not.
    pub(super) fn report(&self) -> (Map, usize) {
        let refused = self.refused.iter().take(MAX_NAMED).map(|(url, error)| {
            Value::from([
                ("url", Value::from(url.as_str())),
                ("error_kind", error.kind().name().into()),
                ("error", error.message().into()),
            ])
        });
        let report = Map::from([
            ("requests", self.requests.into()),
            ("bytes", self.bytes.into()),
            ("refused", refused.collect()),
        ]);
        (report, self.refused.len())
    }
}

/// Sends a request of a page. A redirect is an answer, which the browser follows by asking anew.
async fn ask(cx: &Cx, request: HttpRequest, robots: Option<String>) -> Result<Document> {
    let url = parse(&request.url)?;
    if let Some(agent) = robots {
        robots::check(cx, &url, Some(&agent)).await?;
    }
    let answer = Answer::read(cx.host().network.send(request).await?).await?;
    if answer.is_cut {
        return Err(error!(
            Limit,
            "the answer is larger than `security.network.max_response_bytes` or what is left of {MAX_BYTES} bytes"
        ));
    }
    let target = answer.header("location").and_then(|to| url.join(to).ok());
    if url.scheme() == "https" && target.is_some_and(|target| target.scheme() == "http") {
        return Err(error!(
            Denied,
            "a redirect from https to http is not permitted"
        ));
    }
    Ok(Document::from(&answer))
}

fn too_much() -> Error {
    error!(Limit, "a page may load at most {MAX_BYTES} bytes")
}

impl From<&Answer> for Document {
    fn from(answer: &Answer) -> Self {
        Self {
            status: answer.status,
            headers: answer.headers.clone(),
            body: answer.body.clone(),
        }
    }
}

fn fulfilled(id: &str, document: &Document) -> Verdict {
    let headers: Vec<Json> = document
        .headers
        .iter()
        .filter(|(name, _)| !STALE.contains(&name.to_ascii_lowercase().as_str()))
        .map(|(name, value)| json!({"name": name, "value": value}))
        .collect();
    let params = json!({
        "requestId": id,
        "responseCode": document.status,
        "responseHeaders": headers,
        "body": STANDARD.encode(&document.body),
    });
    ("Fetch.fulfillRequest", params)
}

fn failed(id: &str, reason: &str) -> Verdict {
    let params = json!({"requestId": id, "errorReason": reason});
    ("Fetch.failRequest", params)
}
