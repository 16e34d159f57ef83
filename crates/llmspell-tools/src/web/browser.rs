//! A browser that runs the scripts of a page, spoken to in the Chrome DevTools Protocol.
//!
//! The browser is a renderer and opens no connection itself: each request of a page is held, sent through the network of
//! the run, under its policy, and answered with what came back. What the protocol cannot hold (WebSockets, prefetching,
//! other tabs) is left to a proxy that does not exist. A page lives in a context of its own, without cookies and storage
//! of other calls, which the browser removes when the connection ends, however it ends.
//!
//! - Source: <https://chromedevtools.github.io/devtools-protocol/tot/>, read in November 2026; Chromium 156.

mod devtools;
mod endpoint;
mod page;
mod supply;

use std::time::Duration;

use llmspell_core::{Cx, Error, Outcome, Result, Value};
use url::{Origin, Url};

use self::devtools::Devtools;
use self::page::Page;
pub(super) use self::supply::Document;
use super::websocket::broken;

/// Largest message of the browser, in bytes: the page as a JSON text.
const MAX_MESSAGE: usize = 64 << 20;

/// A page to be rendered.
pub(super) struct Sheet {
    /// The browser's address, from the configuration: `http://127.0.0.1:9222`, or that of its WebSocket.
    pub(super) browser: String,
    /// Where the page is.
    pub(super) url: Url,
    /// The page, as it was read: the browser does not ask for it again.
    pub(super) document: Document,
    /// Headers of the call, and the only origin that gets them.
    pub(super) headers: Vec<(String, String)>,
    pub(super) origin: Option<Origin>,
    /// What the browser calls itself.
    pub(super) user_agent: String,
    /// Whether `robots.txt` is asked when the page goes to another one.
    pub(super) respect_robots: bool,
    /// What is waited for; by default until the page has loaded and asks for nothing more.
    pub(super) wait: Option<Wait>,
    /// Most bytes of the rendered page.
    pub(super) max_bytes: u64,
    /// Limit of the whole.
    pub(super) limit: Duration,
}

/// What a page is given time for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wait {
    /// Until an element fits this CSS selector.
    Selector(String),
    /// As long after it has loaded.
    Time(Duration),
}

/// What a browser made of a page.
pub(super) struct Rendered {
    /// The page as it stands after its scripts.
    pub(super) html: String,
    /// Where it says that it is.
    pub(super) url: String,
    is_cut: bool,
    report: Value,
    refused: usize,
}

impl Rendered {
    /// Adds what happened to the metadata.
    pub(super) fn describe(&self, outcome: Outcome) -> Outcome {
        let mut outcome = outcome.metadata("rendered", self.report.clone());
        if self.refused > 0 {
            let count = self.refused;
            let message = format!(
                "{count} requests of the page were refused or failed; `metadata.rendered.refused` says why"
            );
            outcome = outcome.warning(message);
        }
        match self.is_cut {
            false => outcome,
            true => {
                let size = self.html.len();
                outcome.metadata("truncated", true).warning(format!(
                    "the rendered page is larger than {size} bytes; the rest is left out"
                ))
            }
        }
    }
}

/// Lets a browser run the scripts of a page, and returns what comes of it.
///
/// Images, media, fonts and frames are not loaded. Dialogs are dismissed.
///
/// - Errors: `Config` for an address that is none; `Remote` for what is no browser or fails; `Timeout` with the detail
///   `phase` (`browser load wait_for render`); `InvalidArgs` for a selector that is not valid; `Limit`.
/// - Cancel: dropping the future ends the connection, and with it the page.
pub(super) async fn render(cx: &Cx, sheet: Sheet) -> Result<Rendered> {
    let most = usize::try_from(sheet.max_bytes).unwrap_or(usize::MAX);
    let endpoint = endpoint::find(cx, &sheet.browser, sheet.limit).await?;
    let devtools = Devtools::open(cx, &endpoint).await.map_err(hinted)?;
    let wait = sheet.wait.clone();
    let mut page = Page::open(cx, devtools, sheet).await?;
    page.load().await?;
    match wait {
        Some(Wait::Selector(selector)) => page.shows(&selector).await?,
        Some(Wait::Time(time)) => {
            page.settled(false).await?;
            page.pause(time).await?;
        }
        None => page.settled(true).await?,
    }
    let (mut html, url) = page.read().await?;
    let (report, refused) = page.report();
    page.close().await;
    let is_cut = html.len() > most;
    if is_cut {
        html.truncate(html.floor_char_boundary(most));
    }
    Ok(Rendered {
        html,
        url,
        is_cut,
        report,
        refused,
    })
}

/// Says how there comes to be a browser.
fn hinted(error: Error) -> Error {
    error
        .hint("start one with `chromium --headless --remote-debugging-port=9222`")
        .hint("name it as `browser` in `[tools.web_scraper]`, or leave `render_js` out")
}

fn strange(what: &str) -> Error {
    hinted(broken(format!("the browser {what}")))
}

#[cfg(test)]
mod tests;
