//! Pages rendered by a browser that is part of the test and does as it is told, and by a real one.

use std::time::Duration;

use async_tungstenite::accept_async;
use async_tungstenite::tungstenite::Message;
use axum::Router;
use axum::response::{Html, Redirect};
use axum::routing::{any, get};
use futures::StreamExt as _;
use llmspell_core::{Cx, Kind};
use llmspell_runtime::host::NetworkRules;
use serde_json::{Value as Json, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_util::compat::TokioAsyncReadCompatExt as _;

use super::super::web_scraper::op;
use super::*;
use crate::test_site::Site;
use crate::test_world::{Place, call_on};

/// What a browser of a test does with every page.
#[derive(Clone, Default)]
struct Play {
    /// What the page asks for: type, method, URL.
    asks: Vec<(&'static str, &'static str, String)>,
    /// What it is after its scripts.
    html: String,
    /// The command that is refused.
    refuses: &'static str,
    /// The event at which the page ends.
    ends: Option<Json>,
    /// How often an element is looked for in vain.
    vain: u64,
    /// Whether the page never finishes loading.
    hangs: bool,
}

/// A browser on loopback without a window, a renderer and a script engine.
struct Fake {
    address: String,
    heard: UnboundedReceiver<Json>,
}

impl Fake {
    async fn new(play: Play) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (tell, heard) = unbounded_channel();
        let own = address.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (play, tell, own) = (play.clone(), tell.clone(), own.clone());
                tokio::spawn(async move { serve(stream, &own, play, tell).await });
            }
        });
        Self { address, heard }
    }

    fn cx(&self) -> Cx {
        browsing(&format!("http://{}", self.address))
    }

    /// Returns the commands until the connection ended.
    async fn commands(&mut self) -> Vec<Json> {
        let mut commands = Vec::new();
        while let Some(command) = self.heard.recv().await {
            if command == "closed" {
                return commands;
            }
            commands.push(command);
        }
        commands
    }
}

async fn serve(mut stream: TcpStream, own: &str, play: Play, tell: UnboundedSender<Json>) {
    let mut start = [0; 64];
    stream.readable().await.unwrap();
    let count = stream.peek(&mut start).await.unwrap();
    if start[..count].starts_with(b"GET /json/version") {
        // Only the way counts of what a browser says of itself.
        let body =
            json!({"webSocketDebuggerUrl": "ws://10.0.0.1:1/devtools/browser/x"}).to_string();
        let head = format!(
            "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}",
            body.len()
        );
        let answer = format!("{head}\r\n\r\n{body}");
        stream.write_all(answer.as_bytes()).await.unwrap();
        return;
    }
    let request = String::from_utf8_lossy(&start[..count]).into_owned();
    assert!(
        request.starts_with("GET /devtools/browser/x"),
        "{own}: {request}"
    );
    let mut socket = accept_async(stream.compat()).await.unwrap();
    let mut acting = Acting {
        play,
        navigation: 0,
        open: 0,
        looks: 0,
    };
    while let Some(Ok(message)) = socket.next().await {
        let Message::Text(text) = message else {
            continue;
        };
        let command: Json = serde_json::from_str(text.as_str()).unwrap();
        tell.send(command.clone()).ok();
        for said in acting.answer(&command) {
            socket.send(Message::text(said.to_string())).await.ok();
        }
    }
    tell.send("closed".into()).ok();
}

struct Acting {
    play: Play,
    navigation: u64,
    open: usize,
    looks: u64,
}

impl Acting {
    fn answer(&mut self, command: &Json) -> Vec<Json> {
        let id = command["id"].as_u64().unwrap();
        let method = command["method"].as_str().unwrap();
        if method == self.play.refuses {
            return vec![json!({"id": id, "error": {"code": -32000, "message": "not here"}})];
        }
        let result = match method {
            "Browser.getVersion" => json!({"product": "Fake/1"}),
            "Target.createBrowserContext" => json!({"browserContextId": "C"}),
            "Target.createTarget" => json!({"targetId": "F"}),
            "Target.attachToTarget" => json!({"sessionId": "S"}),
            "DOM.getDocument" => {
                json!({"root": {"nodeId": 1, "documentURL": "http://fake.example/then"}})
            }
            "DOM.querySelector" if command["params"]["selector"] == "h[" => {
                let error = json!({"code": -32000, "message": "DOM Error while querying"});
                return vec![json!({"id": id, "error": error})];
            }
            "DOM.querySelector" => {
                self.looks += 1;
                json!({"nodeId": u64::from(self.looks > self.play.vain) * 7})
            }
            "DOM.getOuterHTML" => json!({"outerHTML": self.play.html}),
            "Page.navigate" => {
                self.navigation = id;
                self.open = 1;
                return vec![paused(
                    0,
                    "Document",
                    "GET",
                    command["params"]["url"].as_str().unwrap(),
                )];
            }
            "Fetch.fulfillRequest" | "Fetch.failRequest" => {
                let mut said = vec![json!({"id": id, "result": {}})];
                said.extend(self.settled(&command["params"]["requestId"]));
                return said;
            }
            _ => json!({}),
        };
        vec![json!({"id": id, "result": result})]
    }

    fn settled(&mut self, request: &Json) -> Vec<Json> {
        self.open -= 1;
        let mut said = Vec::new();
        if request == "r0" {
            said.push(json!({"id": self.navigation, "result": {"frameId": "F"}}));
            said.push(event(
                "Page.javascriptDialogOpening",
                json!({"message": "?"}),
            ));
            said.extend(self.play.ends.clone());
            for (number, (kind, method, url)) in self.play.asks.iter().enumerate() {
                said.push(paused(number + 1, kind, method, url));
                self.open += 1;
            }
        }
        if self.open == 0 && !self.play.hangs {
            said.push(event("Page.loadEventFired", json!({})));
            said.push(event("Page.frameStoppedLoading", json!({"frameId": "F"})));
        }
        said
    }
}

fn event(method: &str, params: Json) -> Json {
    json!({"method": method, "params": params, "sessionId": "S"})
}

fn paused(number: usize, kind: &str, method: &str, url: &str) -> Json {
    let post = match method {
        "POST" => json!([{"bytes": "aGVsbG8="}]),
        _ => json!([]),
    };
    let headers = json!({"Accept": "*/*", "User-Agent": "Fake", "Host": "x", "X-A": "page"});
    let request =
        json!({"url": url, "method": method, "headers": headers, "postDataEntries": post});
    event(
        "Fetch.requestPaused",
        json!({"requestId": format!("r{number}"), "request": request, "frameId": "F", "resourceType": kind}),
    )
}

/// Returns a world in which this browser is configured, and only this machine may be reached.
fn browsing(browser: &str) -> Cx {
    let place = Place::default().network().real_time();
    place
        .settings("web_scraper", json!({"browser": browser}))
        .cx()
}

async fn site() -> Site {
    let endless = "<p>first<script>for (;;);</script>";
    let routes = Router::new()
        .route(
            "/robots.txt",
            get(|| async { "User-agent: *\nDisallow: /closed" }),
        )
        .route("/page", get(|| async { Html("<p id=p>before") }))
        .route("/moved", get(|| async { Redirect::temporary("/page") }))
        .route(
            "/json",
            get(|| async { ([("content-type", "application/json")], "{}") }),
        )
        .route(
            "/script.js",
            get(|| async { "document.title = 'scripted'" }),
        )
        .route(
            "/echo",
            any(|body: String| async move { format!("echo {body}") }),
        )
        .route("/endless", get(move || async move { Html(endless) }))
        .route("/spell", get(|| async { Html(SPELL) }))
        .route("/late", get(|| async { Html(LATE) }))
        .route("/leave", get(|| async { Html(LEAVE) }))
        .route("/kept", get(|| async { Html(KEPT) }))
        .fallback(|| async { (axum::http::StatusCode::NOT_FOUND, "nothing") });
    Site::new(routes).await
}

async fn scraped(cx: &Cx, args: Json) -> llmspell_core::Outcome {
    match call_on(cx, op(), args.clone()).await {
        Ok(outcome) => outcome,
        Err(error) => panic!("{args}: {error:?}"),
    }
}

async fn failure(cx: &Cx, args: Json) -> llmspell_core::Error {
    call_on(cx, op(), args).await.unwrap_err()
}

fn methods(commands: &[Json]) -> Vec<&str> {
    let methods = commands.iter().map(|command| command["method"].as_str());
    methods.flatten().collect()
}

#[tokio::test]
async fn a_page_has_a_context_of_its_own_and_no_way_out() {
    let site = site().await;
    let play = Play {
        html: "<title>Then</title><p>after <a href=x>x</a>".into(),
        ..Play::default()
    };
    let mut browser = Fake::new(play).await;
    let args = json!({"url": site.url("/moved"), "render_js": true, "extract_links": true, "user_agent": "me/1"});
    let outcome = scraped(&browser.cx(), args).await;
    assert_eq!(outcome.primary(), &"after x".into());
    let data = outcome.data.to_serde_json();
    assert_eq!(data["title"], "Then");
    assert_eq!(data["final_url"], "http://fake.example/then");
    assert_eq!(data["links"][0]["url"], "http://fake.example/x");
    assert_eq!(data["status_code"], 200);
    assert_eq!(
        outcome.metadata["rendered"].to_serde_json(),
        json!({"browser": "Fake/1", "requests": 0, "bytes": 0, "refused": []})
    );
    let commands = browser.commands().await;
    assert_eq!(
        methods(&commands),
        [
            "Browser.getVersion",
            "Target.createBrowserContext",
            "Browser.setDownloadBehavior",
            "Target.createTarget",
            "Target.attachToTarget",
            "Inspector.enable",
            "Page.enable",
            "Fetch.enable",
            "Emulation.setUserAgentOverride",
            "Page.addScriptToEvaluateOnNewDocument",
            "Page.navigate",
            "Fetch.fulfillRequest",
            "Page.handleJavaScriptDialog",
            "DOM.getDocument",
            "DOM.getOuterHTML",
            "Target.disposeBrowserContext",
        ]
    );
    let params = |number: usize| &commands[number]["params"];
    assert_eq!(params(1)["disposeOnDetach"], true);
    assert_eq!(params(1)["proxyBypassList"], "<-loopback>");
    assert_eq!(
        params(2),
        &json!({"behavior": "deny", "browserContextId": "C"})
    );
    assert_eq!(params(8)["userAgent"], "me/1");
    // The page was read once, and the browser gets what was read.
    assert_eq!(params(10)["url"], site.url("/page"));
    assert_eq!(params(11)["body"], "PHAgaWQ9cD5iZWZvcmU=");
    assert_eq!(
        site.heard()
            .iter()
            .filter(|heard| heard.path == "/page")
            .count(),
        1
    );
}

/// Returns what became of the requests of a page, by their names.
async fn verdicts(
    site: &Site,
    asks: Vec<(&'static str, &'static str, String)>,
    args: Json,
) -> (Json, Json) {
    let play = Play {
        asks,
        html: "x".into(),
        ..Play::default()
    };
    let mut browser = Fake::new(play).await;
    let mut args = args;
    args["url"] = site.url("/page").into();
    args["render_js"] = true.into();
    let outcome = scraped(&browser.cx(), args).await;
    let mut verdicts = serde_json::Map::new();
    for command in browser.commands().await {
        let params = &command["params"];
        let verdict = match command["method"].as_str() {
            Some("Fetch.fulfillRequest") => &params["responseCode"],
            Some("Fetch.failRequest") => &params["errorReason"],
            _ => continue,
        };
        let name = params["requestId"].as_str().unwrap().to_owned();
        verdicts.insert(name, verdict.clone());
    }
    (
        verdicts.into(),
        outcome.metadata["rendered"].to_serde_json(),
    )
}

#[tokio::test]
async fn requests_of_a_page_go_through_the_policy() {
    let site = site().await;
    let (verdicts, rendered) = verdicts(
        &site,
        vec![
            ("Script", "GET", site.url("/script.js")),
            ("XHR", "POST", site.url("/echo")),
            ("Fetch", "GET", "http://10.0.0.1/".into()),
            ("Fetch", "GET", "http://metadata.google.internal/".into()),
            ("Fetch", "GET", "file:///etc/passwd".into()),
            ("Fetch", "DELETE", site.url("/echo")),
            ("Image", "GET", site.url("/image.png")),
            ("Font", "GET", site.url("/font")),
            ("Document", "GET", site.url("/closed/x")),
            ("Document", "GET", site.url("/moved")),
        ],
        json!({"headers": {"x-a": "own", "x-key": "s3cret"}}),
    )
    .await;
    assert_eq!(
        verdicts,
        json!({
            "r0": 200, "r1": 200, "r2": 200, "r3": "AccessDenied", "r4": "AccessDenied", "r5": "AccessDenied",
            "r6": "AccessDenied", "r7": "BlockedByClient", "r8": "BlockedByClient", "r9": 204, "r10": 307,
        })
    );
    let refused = rendered["refused"].as_array().unwrap();
    let kinds: Vec<_> = refused
        .iter()
        .map(|one| one["error_kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["denied"; 5]);
    assert_eq!(rendered["requests"], 7);
    assert!(
        site.heard()
            .iter()
            .all(|heard| !heard.path.starts_with("/image"))
    );
    let echo = site
        .heard()
        .into_iter()
        .find(|heard| heard.path == "/echo")
        .unwrap();
    assert_eq!((echo.method.as_str(), echo.text()), ("POST", "hello"));
    // The call's headers win over the page's, where the call sent them.
    assert_eq!(
        (echo.header("x-a"), echo.header("x-key")),
        ("own", "s3cret")
    );
    assert!(echo.header("user-agent").starts_with("llmspell/"));
}

#[tokio::test]
async fn headers_of_the_call_stay_with_the_site_that_it_names() {
    let (site, other) = (site().await, site().await);
    let asks = vec![("XHR", "GET", other.url("/echo"))];
    verdicts(
        &site,
        asks,
        json!({"auth": {"type": "bearer", "token": "t0psecret"}}),
    )
    .await;
    assert_eq!(site.last().header("authorization"), "Bearer t0psecret");
    assert_eq!(other.last().header("authorization"), "");
}

#[tokio::test]
async fn a_page_may_ask_for_so_much() {
    let site = site().await;
    let asks = (0..205).map(|n| ("Script", "GET", format!("http://10.0.0.{n}/")));
    let (_, rendered) = verdicts(&site, asks.collect(), json!({})).await;
    assert_eq!(rendered["requests"], 200);
    assert_eq!(rendered["refused"].as_array().unwrap().len(), 20);
}

#[tokio::test]
async fn what_is_waited_for() {
    let site = site().await;
    let play = Play {
        html: "<p>x".into(),
        vain: 2,
        ..Play::default()
    };
    let page = |wait: Json| json!({"url": site.url("/page"), "render_js": true, "wait_for": wait});
    let mut browser = Fake::new(play.clone()).await;
    let outcome = scraped(&browser.cx(), page(json!(".late"))).await;
    assert!(!outcome.metadata.contains_key("warnings"));
    let commands = browser.commands().await;
    let looks = methods(&commands)
        .into_iter()
        .filter(|method| *method == "DOM.querySelector");
    assert_eq!(looks.count(), 3);
    for wait in [json!(10), json!("10"), json!(10.0)] {
        let mut browser = Fake::new(play.clone()).await;
        scraped(&browser.cx(), page(wait)).await;
        assert!(!methods(&browser.commands().await).contains(&"DOM.querySelector"));
    }
    let browser = Fake::new(play.clone()).await;
    let error = failure(&browser.cx(), page(json!("h["))).await;
    assert_eq!(
        (error.kind(), error.message()),
        (
            Kind::InvalidArgs,
            "parameter 'wait_for': 'h[' is no CSS selector"
        )
    );
    let error = failure(&browser.cx(), page(json!(-1))).await;
    assert_eq!(error.kind(), Kind::InvalidArgs);
}

#[tokio::test]
async fn html_of_the_call_is_rendered_as_well() {
    let play = Play {
        html: "<p>then <a href=x>x</a>".into(),
        ..Play::default()
    };
    let mut browser = Fake::new(play).await;
    let args = json!({"html": "<p>first", "render_js": true, "extract_links": true});
    let outcome = scraped(&browser.cx(), args).await;
    assert_eq!(outcome.primary(), &"then x".into());
    assert_eq!(outcome.data.to_serde_json()["final_url"], Json::Null);
    let commands = browser.commands().await;
    let navigate = commands
        .iter()
        .find(|command| command["method"] == "Page.navigate");
    assert_eq!(navigate.unwrap()["params"]["url"], "http://page.invalid/");
}

#[tokio::test]
async fn what_is_no_page_needs_no_browser() {
    let site = site().await;
    let cx = browsing("http://127.0.0.1:1");
    let outcome = scraped(&cx, json!({"url": site.url("/json"), "render_js": true})).await;
    assert_eq!(outcome.primary(), &"{}".into());
    assert!(!outcome.metadata.contains_key("rendered"));
    let gone = failure(&cx, json!({"url": site.url("/gone"), "render_js": true})).await;
    assert_eq!(gone.details()["status"], 404.into());
}

#[tokio::test]
async fn a_rendered_page_is_cut_where_it_must_be() {
    let site = site().await;
    let play = Play {
        html: format!("<p>{}", "é".repeat(600)),
        ..Play::default()
    };
    let browser = Fake::new(play).await;
    let args = json!({"url": site.url("/page"), "render_js": true, "max_bytes": 1000});
    let outcome = scraped(&browser.cx(), args).await;
    assert_eq!(outcome.primary().as_str().unwrap().chars().count(), 498);
    assert_eq!(outcome.metadata["truncated"], true.into());
}

#[tokio::test]
async fn what_goes_wrong_with_a_browser() {
    let site = site().await;
    let page = json!({"url": site.url("/page"), "render_js": true});
    for (play, expected) in [
        (
            Play {
                refuses: "Target.createBrowserContext",
                ..Play::default()
            },
            "the browser refused `Target.createBrowserContext`: not here",
        ),
        (
            Play {
                ends: Some(event("Inspector.targetCrashed", json!({}))),
                ..Play::default()
            },
            "the browser could not bear the page",
        ),
        (
            Play {
                ends: Some(
                    json!({"method": "Target.detachedFromTarget", "params": {"sessionId": "S"}}),
                ),
                ..Play::default()
            },
            "the browser closed the page",
        ),
    ] {
        let mut browser = Fake::new(play).await;
        let error = failure(&browser.cx(), page.clone()).await;
        assert_eq!((error.kind(), error.message()), (Kind::Remote, expected));
        assert!(
            error
                .hints()
                .iter()
                .any(|hint| hint.contains("[tools.web_scraper]"))
        );
        // The connection has ended, which is what removes the page.
        browser.commands().await;
    }
    let browser = Fake::new(Play {
        hangs: true,
        ..Play::default()
    })
    .await;
    let soon = browser.cx().bounded(Some(Duration::from_millis(400)), None);
    let error = failure(&soon, page.clone()).await;
    assert_eq!(
        (error.kind(), &error.details()["phase"]),
        (Kind::Timeout, &"load".into())
    );

    // A web site is no browser, and where nothing listens there is none.
    let error = failure(&browsing(&site.url("")), page.clone()).await;
    assert!(
        error
            .message()
            .starts_with("the browser answered 404 to `/json/version`"),
        "{error:?}"
    );
    let error = failure(&browsing(&site.url("").replace("http", "ws")), page.clone()).await;
    assert_eq!(error.message(), "the browser accepts no WebSocket");
    let error = failure(&browsing("http://127.0.0.1:1"), page.clone()).await;
    assert_eq!(
        (error.kind(), &error.details()["phase"]),
        (Kind::Remote, &"connect".into())
    );
    let error = failure(&browsing("chromium"), page.clone()).await;
    assert_eq!(error.kind(), Kind::Config);
    let none = Place::default().network().cx();
    let error = failure(&none, page).await;
    assert_eq!(error.kind(), Kind::Unavailable);
    assert_eq!(
        error.details()["setting"],
        "tools.web_scraper.browser".into()
    );
}

/// Returns the browser that `LLMSPELL_TEST_BROWSER_URL` names (`.ci/browser` starts one); says so if it names none.
#[expect(clippy::print_stderr, reason = "a test that is skipped is seen")]
fn chromium() -> Option<String> {
    let browser = std::env::var("LLMSPELL_TEST_BROWSER_URL").ok();
    if browser.is_none() {
        eprintln!("SKIPPED: LLMSPELL_TEST_BROWSER_URL names no browser; see .ci/browser");
    }
    browser
}

const SPELL: &str = r#"<!doctype html><title>Spell</title><body><script src=script.js></script><script>
const say = text => document.body.append(text + "; ");
document.cookie = "seen=1";
alert("stop");
(async () => {
  say(await (await fetch("/echo", {method: "POST", body: "hello"})).text());
  say(navigator.userAgent);
  say(typeof RTCPeerConnection);
  say(new Worker(URL.createObjectURL(new Blob(["postMessage(1)"]))) instanceof Worker);
  history.pushState({}, "", "/pushed");
  document.body.append(Object.assign(document.createElement("a"), {href: "next", textContent: "link"}));
})();
</script>"#;

const LATE: &str = r#"<p>early<script>setTimeout(() => {
  document.body.insertAdjacentHTML("beforeend", "<p class=late>late");
}, 1500)</script>"#;

const LEAVE: &str = r#"<p>here<script>setTimeout(() => location = "/moved", 100)</script>"#;

const KEPT: &str = r#"<script>
document.write("kept: " + localStorage.x + " " + document.cookie);
localStorage.x = 1; document.cookie = "x=1";
</script>"#;

#[tokio::test]
async fn a_real_browser_runs_scripts() {
    let Some(browser) = chromium() else { return };
    let site = site().await;
    let cx = browsing(&browser);
    let args = json!({"url": site.url("/spell"), "render_js": true, "extract_links": true, "headers": {"x-a": "1"}});
    let outcome = scraped(&cx, args).await;
    let data = outcome.data.to_serde_json();
    let expected = format!(
        "echo hello; llmspell/{}; undefined; true; link",
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(
        outcome.primary(),
        &expected.as_str().into(),
        "{:?}",
        outcome.metadata
    );
    assert_eq!(data["title"], "scripted");
    assert_eq!(data["final_url"], site.url("/pushed"));
    assert_eq!(data["links"][0]["url"], site.url("/next"));
    let echo = site
        .heard()
        .into_iter()
        .find(|heard| heard.path == "/echo")
        .unwrap();
    assert_eq!((echo.header("cookie"), echo.header("x-a")), ("seen=1", "1"));
    // Another way to the same browser: its WebSocket.
    let socket = endpoint::find(&cx, &browser, Duration::from_secs(10))
        .await
        .unwrap();
    let outcome = scraped(
        &browsing(socket.as_str()),
        json!({"url": site.url("/leave"), "render_js": true}),
    )
    .await;
    assert_eq!(outcome.primary(), &"before".into());
    assert_eq!(outcome.data.to_serde_json()["final_url"], site.url("/page"));
}

#[tokio::test]
async fn a_real_browser_waits() {
    let Some(browser) = chromium() else { return };
    let site = site().await;
    let cx = browsing(&browser);
    for wait in [json!(".late"), json!(2000)] {
        let args = json!({"url": site.url("/late"), "render_js": true, "wait_for": wait});
        assert_eq!(scraped(&cx, args).await.primary(), &"early\nlate".into());
    }
    let args = json!({"html": LATE, "render_js": true});
    assert_eq!(scraped(&cx, args).await.primary(), &"early".into());
    let args = json!({"url": site.url("/late"), "render_js": true, "wait_for": "h["});
    assert_eq!(failure(&cx, args).await.kind(), Kind::InvalidArgs);
    let args = json!({"url": site.url("/late"), "render_js": true, "wait_for": ".never"});
    let error = failure(&cx.bounded(Some(Duration::from_secs(3)), None), args).await;
    assert_eq!(
        (error.kind(), &error.details()["phase"]),
        (Kind::Timeout, &"wait_for".into())
    );
}

#[tokio::test]
async fn a_real_browser_keeps_nothing_and_survives_a_page() {
    let Some(browser) = chromium() else { return };
    let site = site().await;
    let cx = browsing(&browser);
    let endless = json!({"url": site.url("/endless"), "render_js": true});
    let soon = cx.bounded(Some(Duration::from_secs(3)), None);
    assert_eq!(failure(&soon, endless).await.kind(), Kind::Timeout);
    for _ in 0..2 {
        let outcome = scraped(&cx, json!({"url": site.url("/kept"), "render_js": true})).await;
        assert_eq!(outcome.primary(), &"kept: undefined".into());
    }
}

#[tokio::test]
async fn a_real_browser_reaches_only_what_the_policy_permits() {
    let Some(browser) = chromium() else { return };
    let (site, other) = (site().await, site().await);
    let rules = NetworkRules {
        allow_hosts: vec![site.host()],
        proxy: Some(String::new()),
        ..NetworkRules::default()
    };
    let place = Place::default().network_rules(rules).real_time();
    let cx = place
        .settings("web_scraper", json!({"browser": browser}))
        .cx();
    let html = format!(
        r#"<p>tried: <img src="{0}/image"><iframe src="{0}/frame"></iframe><link rel=prefetch href="{0}/prefetch">
        <link rel=preconnect href="{0}"><script src="{0}/script"></script><script>
        const say = text => document.querySelector("p").append(text + " ");
        const tries = [
          fetch("{0}/fetch"), fetch("{0}/simple", {{mode: "no-cors"}}), fetch("{1}/json/version"), fetch("file:///etc/passwd"),
          fetch("{2}/page", {{method: "PUT"}}),
          new Promise((done, fail) => {{ const s = new WebSocket("{1}/devtools/browser".replace("http", "ws")); s.onopen = done; s.onerror = fail; }}),
          new Promise((done, fail) => {{ const s = new EventSource("{0}/events"); s.onopen = done; s.onerror = fail; }}),
          new Promise((done, fail) => {{ const w = new Worker("{0}/worker"); w.onmessage = done; w.onerror = fail; }}),
        ];
        open("{0}/tab"); navigator.sendBeacon("{0}/beacon", "x");
        const a = document.createElement("a"); a.href = "{0}/download"; a.download = "x"; a.click();
        Promise.allSettled(tries).then(all => {{ say(all.map(one => one.status)); location = "{0}/away"; }});
        </script>"#,
        other.url(""),
        browser,
        site.url("")
    );
    let args =
        json!({"html": html, "base_url": site.url("/base"), "render_js": true, "wait_for": 1500});
    let outcome = scraped(&cx, args).await;
    let text = outcome.primary().as_str().unwrap();
    assert_eq!(
        text.matches("rejected").count(),
        8,
        "{text}\n{:?}",
        outcome.metadata
    );
    assert!(!text.contains("fulfilled"), "{text}");
    let reached: Vec<_> = other.heard().into_iter().map(|heard| heard.path).collect();
    assert_eq!(reached, [""; 0]);
    assert!(site.heard().is_empty());
    assert!(
        !outcome.metadata["rendered"].to_serde_json()["refused"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}
