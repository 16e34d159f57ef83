//! One page in a browser, from its opening to its end.

use std::pin::pin;
use std::time::Duration;

use futures::future::{Either, select};
use llmspell_core::{Cx, Error, Map, Result, Value, error};
use serde::Deserialize as _;
use serde_json::{Value as Json, json};

use super::devtools::{Devtools, Said};
use super::supply::{Held, Supply, Verdict};
use super::{Sheet, hinted, strange};
use crate::param::refused;

/// A page has settled when it has asked for nothing for so long.
const QUIET: Duration = Duration::from_millis(500);

/// How long after loading a page may go on before it is read as it is.
const SETTLING: Duration = Duration::from_secs(5);

/// Between two looks for an element.
const LOOK: Duration = Duration::from_millis(100);

/// Nothing listens there. The pages' own connections end here, those to the browser's machine included.
const NO_PROXY: &str = "http://127.0.0.1:9";

/// Takes from pages what connects without asking a proxy.
const WITHOUT_PEERS: &str = "for (const name of ['RTCPeerConnection', 'webkitRTCPeerConnection', 'WebTransport']) \
delete globalThis[name];";

/// A page that is open in a browser.
pub(super) struct Page<'a> {
    cx: &'a Cx,
    tab: Tab,
    supply: Supply<'a>,
    url: String,
    is_loading: bool,
    has_loaded: bool,
}

/// The tab that a page is in.
struct Tab {
    devtools: Devtools,
    context: String,
    session: String,
    browser: String,
    /// When the time is over, on the monotonic clock.
    until: Duration,
    limit: Duration,
    /// What is being done, for the error that says that there was no time for it.
    phase: &'static str,
}

/// What came first.
enum Moment {
    /// The browser said something.
    Said(Said),
    /// It is known what becomes of a request.
    Settled(Verdict),
    /// Patience ended.
    Nothing,
}

/// What it meant.
enum Step {
    /// The answer to a command.
    Answer(u64, Result<Json, String>),
    /// Something else.
    Other,
    /// Nothing.
    Quiet,
}

impl<'a> Page<'a> {
    /// Opens an empty page in a context of its own.
    ///
    /// - Errors: `Remote` for a browser that cannot be confined as it must be.
    pub(super) async fn open(cx: &'a Cx, devtools: Devtools, sheet: Sheet) -> Result<Self> {
        let mut tab = Tab {
            devtools,
            context: String::new(),
            session: String::new(),
            browser: String::new(),
            until: cx.host().clock.monotonic() + sheet.limit,
            limit: sheet.limit,
            phase: "browser",
        };
        let version = tab.call(cx, "Browser.getVersion", json!({})).await?;
        tab.browser = text(&version, "product")?;
        let context = json!({
            "disposeOnDetach": true,
            "proxyServer": NO_PROXY,
            // Else addresses of the machine itself go past the proxy.
            "proxyBypassList": "<-loopback>",
        });
        let context = tab.call(cx, "Target.createBrowserContext", context).await?;
        tab.context = text(&context, "browserContextId")?;
        let downloads = json!({"behavior": "deny", "browserContextId": tab.context});
        tab.call(cx, "Browser.setDownloadBehavior", downloads)
            .await?;
        let target = json!({"url": "about:blank", "browserContextId": tab.context});
        let target = tab.call(cx, "Target.createTarget", target).await?;
        // A page's target has the name of its frame.
        let frame = text(&target, "targetId")?;
        let attach = json!({"targetId": frame, "flatten": true});
        let session = tab.call(cx, "Target.attachToTarget", attach).await?;
        tab.session = text(&session, "sessionId")?;
        let agent = json!({"userAgent": sheet.user_agent});
        for (method, params) in [
            ("Inspector.enable", json!({})),
            ("Page.enable", json!({})),
            ("Fetch.enable", json!({"patterns": [{"urlPattern": "*"}]})),
            ("Emulation.setUserAgentOverride", agent),
            (
                "Page.addScriptToEvaluateOnNewDocument",
                json!({"source": WITHOUT_PEERS}),
            ),
        ] {
            tab.call(cx, method, params).await?;
        }
        Ok(Self {
            cx,
            tab,
            url: sheet.url.to_string(),
            supply: Supply::new(cx, frame, sheet),
            is_loading: true,
            has_loaded: false,
        })
    }

    /// Loads the page.
    pub(super) async fn load(&mut self) -> Result<()> {
        self.tab.phase = "load";
        let url = self.url.clone();
        let answer = self.call("Page.navigate", json!({"url": url})).await?;
        let answer = answer.map_err(|why| refusal("Page.navigate", &why))?;
        match answer["errorText"].as_str() {
            None | Some("") => Ok(()),
            Some(why) => Err(strange(&format!("cannot show the page: {why}"))),
        }
    }

    /// Waits until the page has loaded, and if it should be `quiet`, until it asks for nothing more.
    pub(super) async fn settled(&mut self, quiet: bool) -> Result<()> {
        while !self.has_loaded {
            self.step(self.tab.limit).await?;
        }
        let clock = &self.cx.host().clock;
        let until = clock.monotonic() + SETTLING;
        while quiet && clock.monotonic() < until {
            let step = self.step(QUIET).await?;
            if matches!(step, Step::Quiet) && self.supply.is_idle() && !self.is_loading {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Lets the page go on for a while.
    pub(super) async fn pause(&mut self, time: Duration) -> Result<()> {
        self.tab.phase = "wait_for";
        let clock = &self.cx.host().clock;
        let until = clock.monotonic() + time;
        loop {
            let left = until.saturating_sub(clock.monotonic());
            if left.is_zero() {
                return Ok(());
            }
            self.step(left).await?;
        }
    }

    /// Waits until an element fits a CSS selector.
    ///
    /// - Errors: `InvalidArgs` for what is no selector.
    pub(super) async fn shows(&mut self, selector: &str) -> Result<()> {
        loop {
            self.tab.phase = "wait_for";
            if self.has(selector).await? {
                return Ok(());
            }
            self.pause(LOOK).await?;
        }
    }

    async fn has(&mut self, selector: &str) -> Result<bool> {
        let root = self.root().await?;
        let query = json!({"nodeId": root["nodeId"], "selector": selector});
        match self.call("DOM.querySelector", query).await? {
            Ok(found) => Ok(found["nodeId"].as_u64().is_some_and(|id| id > 0)),
            Err(why) if why.contains("DOM Error") => {
                let message = format!("parameter 'wait_for': '{selector}' is no CSS selector");
                Err(refused("wait_for", message))
            }
            // Another document has taken the place of the one that was asked.
            Err(_) => Ok(false),
        }
    }

    /// Returns the page as it stands now, and where it says that it is.
    pub(super) async fn read(&mut self) -> Result<(String, String)> {
        self.tab.phase = "render";
        // Another document may come between the two questions.
        for _ in 0..3 {
            let root = self.root().await?;
            let whole = json!({"nodeId": root["nodeId"]});
            if let Ok(mut html) = self.call("DOM.getOuterHTML", whole).await?
                && let Json::String(html) = html["outerHTML"].take()
            {
                return Ok((html, text(&root, "documentURL")?));
            }
        }
        Err(strange("does not give the page away"))
    }

    async fn root(&mut self) -> Result<Json> {
        let answer = self.call("DOM.getDocument", json!({"depth": 0})).await?;
        let mut answer = answer.map_err(|why| refusal("DOM.getDocument", &why))?;
        Ok(answer["root"].take())
    }

    /// Returns what was loaded and what was refused, and how much was refused.
    pub(super) fn report(&self) -> (Value, usize) {
        let (report, refused) = self.supply.report();
        let browser = ("browser".into(), self.tab.browser.as_str().into());
        let report: Map = std::iter::once(browser).chain(report).collect();
        (Value::Map(report), refused)
    }

    /// Removes the page and all that it kept. What fails then does not matter: the browser removes them by itself when the
    /// connection ends.
    pub(super) async fn close(mut self) {
        let context = json!({"browserContextId": self.tab.context});
        let method = "Target.disposeBrowserContext";
        self.tab.devtools.send(None, method, context).await.ok();
        self.tab.devtools.close().await;
    }

    /// Sends a command and waits for its answer, while the page goes on.
    async fn call(&mut self, method: &str, params: Json) -> Result<Result<Json, String>> {
        let session = Some(self.tab.session.as_str());
        let id = self.tab.devtools.send(session, method, params).await?;
        loop {
            match self.step(self.tab.limit).await? {
                Step::Answer(of, outcome) if of == id => return Ok(outcome),
                _ => {}
            }
        }
    }

    /// Waits for what happens next, at most for `patience`.
    ///
    /// - Errors: `Timeout` when the time of the whole is over.
    async fn step(&mut self, patience: Duration) -> Result<Step> {
        match self.moment(patience).await? {
            Moment::Said(said) => self.hear(said).await,
            Moment::Settled((method, params)) => {
                self.tell(method, params).await?;
                Ok(Step::Other)
            }
            Moment::Nothing => Ok(Step::Quiet),
        }
    }

    async fn moment(&mut self, patience: Duration) -> Result<Moment> {
        let patience = patience.min(self.tab.left(self.cx)?);
        let receiving = pin!(self.tab.devtools.receive());
        let supplying = pin!(self.supply.next());
        let pause = pin!(self.cx.host().clock.sleep(patience));
        match select(select(receiving, supplying), pause).await {
            Either::Left((Either::Left((said, _)), _)) => Ok(Moment::Said(said?)),
            Either::Left((Either::Right((verdict, _)), _)) => Ok(Moment::Settled(verdict)),
            Either::Right(_) => Ok(Moment::Nothing),
        }
    }

    async fn hear(&mut self, said: Said) -> Result<Step> {
        let (session, method, params) = match said {
            Said::Answer(id, outcome) => return Ok(Step::Answer(id, outcome)),
            Said::Event {
                session,
                method,
                params,
            } => (session, method, params),
        };
        let is_own = session.as_deref() == Some(self.tab.session.as_str());
        let is_main = params["frameId"].as_str() == Some(self.supply.frame());
        match method.as_str() {
            "Target.detachedFromTarget"
                if params["sessionId"].as_str() == Some(self.tab.session.as_str()) =>
            {
                return Err(strange("closed the page"));
            }
            _ if !is_own => {}
            "Fetch.requestPaused" => {
                let held = Held::deserialize(params)
                    .map_err(|cause| strange(&format!("holds a request of no form: {cause}")))?;
                if let Some((method, params)) = self.supply.take(held) {
                    self.tell(method, params).await?;
                }
            }
            "Page.frameStartedLoading" if is_main => self.is_loading = true,
            // A page that goes elsewhere in between stops without having loaded.
            "Page.loadEventFired" => self.has_loaded |= self.supply.has_begun(),
            "Page.frameStoppedLoading" if is_main => {
                self.is_loading = false;
                self.has_loaded |= self.supply.has_begun();
            }
            "Page.javascriptDialogOpening" => {
                let params = json!({"accept": false});
                self.tell("Page.handleJavaScriptDialog", params).await?;
            }
            "Inspector.targetCrashed" => return Err(strange("could not bear the page")),
            _ => {}
        }
        Ok(Step::Other)
    }

    /// Sends a command whose answer does not matter: the request that it is about may be gone.
    async fn tell(&mut self, method: &str, params: Json) -> Result<()> {
        let session = Some(self.tab.session.as_str());
        self.tab.devtools.send(session, method, params).await?;
        Ok(())
    }
}

impl Tab {
    /// Sends a command before there is a page to wait for, and waits for its answer.
    async fn call(&mut self, cx: &Cx, method: &str, params: Json) -> Result<Json> {
        let session = (!self.session.is_empty()).then_some(self.session.as_str());
        let id = self.devtools.send(session, method, params).await?;
        loop {
            let left = self.left(cx)?;
            let receiving = pin!(self.devtools.receive());
            let said = match select(receiving, pin!(cx.host().clock.sleep(left))).await {
                Either::Left((said, _)) => said.map_err(hinted)?,
                Either::Right(_) => continue,
            };
            match said {
                Said::Answer(of, outcome) if of == id => {
                    return outcome.map_err(|why| refusal(method, &why));
                }
                _ => {}
            }
        }
    }

    /// Returns how much time is left.
    ///
    /// - Errors: `Timeout` if none is.
    fn left(&self, cx: &Cx) -> Result<Duration> {
        let left = self.until.saturating_sub(cx.host().clock.monotonic());
        match left.is_zero() {
            false => Ok(left),
            true => Err(self.late()),
        }
    }

    fn late(&self) -> Error {
        let message = match self.phase {
            "browser" => "the browser did not answer in time",
            "load" => "the page did not load in time",
            "wait_for" => "the page did not come to what `wait_for` says in time",
            _ => "the browser did not give the page away in time",
        };
        error!(Timeout, "{message}")
            .with("phase", self.phase)
            .with("limit_ms", self.limit.as_millis())
    }
}

fn text(answer: &Json, name: &str) -> Result<String> {
    let found = answer[name].as_str().map(str::to_owned);
    found.ok_or_else(|| strange(&format!("answered without `{name}`")))
}

fn refusal(method: &str, why: &str) -> Error {
    strange(&format!("refused `{method}`: {why}"))
}
