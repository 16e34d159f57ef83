//! How often something may be done, over all runs of the process.

mod pace;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures::future::BoxFuture;
use llmspell_core::host::Rate;
use llmspell_core::{Cx, Rates, Result, error};
use parking_lot::Mutex;

pub(crate) use pace::Pace;

/// Things whose turns are kept before those that need none are forgotten.
const MOST: usize = 4096;

/// Whose turn it is, by what is bounded.
#[derive(Debug, Default)]
pub struct Turns(Mutex<HashMap<String, Entry>>);

#[derive(Debug)]
struct Entry {
    rate: Rate,
    pace: Pace,
}

impl Turns {
    /// Returns the turns that all runs of this process share.
    pub fn of_process() -> Arc<Self> {
        static SHARED: OnceLock<Arc<Turns>> = OnceLock::new();
        SHARED.get_or_init(Arc::default).clone()
    }

    /// Takes the next turn and returns how long it is until then. Other bounds for the same thing begin anew.
    pub(crate) fn book(&self, what: &str, rate: Rate, now: Duration) -> Duration {
        // Who does not wait has the same bounds as who does.
        let rate = Rate { wait: true, ..rate };
        let mut turns = self.0.lock();
        if turns.len() >= MOST && !turns.contains_key(what) {
            turns.retain(|_, entry| !entry.pace.is_free(now));
        }
        let entry = turns.entry(what.to_owned()).or_insert_with(|| Entry {
            rate,
            pace: Pace::new(rate),
        });
        if entry.rate != rate {
            *entry = Entry {
                rate,
                pace: Pace::new(rate),
            };
        }
        entry.pace.book(now)
    }

    /// Gives the last turn back.
    pub(crate) fn unbook(&self, what: &str) {
        if let Some(entry) = self.0.lock().get_mut(what) {
            entry.pace.unbook();
        }
    }
}

/// The rates of a run's tools and of the services that they use.
#[derive(Clone, Default)]
pub struct ToolRates {
    /// That of all tools together.
    pub all: Option<Rate>,
    /// Those of single tools, by canonical name.
    pub tools: HashMap<String, Rate>,
    /// Those of services.
    pub services: HashMap<String, Rate>,
    /// Whose turn it is.
    pub turns: Arc<Turns>,
}

/// One bound that a call meets.
struct Bound<'a> {
    /// What is bounded, for who keeps the turns.
    key: String,
    /// The same for people.
    what: String,
    /// What to change in the configuration.
    setting: &'a str,
    rate: Rate,
}

impl ToolRates {
    /// Returns whether calls of tools are bounded at all.
    pub(crate) fn bounds_tools(&self) -> bool {
        self.all.is_some() || !self.tools.is_empty()
    }

    /// Waits until a tool may be called once more.
    ///
    /// - Errors: as [`Rates::enter`].
    pub(crate) async fn enter_tool(&self, cx: &Cx, tool: &str) -> Result<()> {
        if let Some(rate) = self.tools.get(tool).copied() {
            let setting = format!("`tools.{tool}.rate_limit`");
            let bound = Bound {
                key: format!("tool/{tool}"),
                what: format!("the tool '{tool}'"),
                setting: &setting,
                rate,
            };
            self.wait(cx, bound).await?;
        }
        if let Some(rate) = self.all {
            let bound = Bound {
                key: "tools".to_owned(),
                what: "all tools".to_owned(),
                setting: "`tools.rate_limit_per_minute`",
                rate,
            };
            self.wait(cx, bound).await?;
        }
        Ok(())
    }

    async fn wait(&self, cx: &Cx, bound: Bound<'_>) -> Result<()> {
        let Bound {
            key,
            what,
            setting,
            rate,
        } = bound;
        let clock = &cx.host().clock;
        let now = clock.monotonic();
        let mut turn = Turn {
            turns: &self.turns,
            key: &key,
            is_used: false,
        };
        let wait = self.turns.book(&key, rate, now);
        let left = cx.deadline().map(|deadline| deadline.saturating_sub(now));
        let hint = format!("wait, or raise {setting}");
        if !wait.is_zero() && !rate.wait {
            return Err(error!(RateLimited, "the rate limit of {what} is reached")
                .with("retry_after_ms", wait.as_millis())
                .hint(hint));
        }
        if left.is_some_and(|left| wait > left) {
            return Err(error!(
                Timeout,
                "the rate limit of {what} leaves no time for the call"
            )
            .with("phase", "limiter")
            .with("retry_after_ms", wait.as_millis())
            .hint(hint));
        }
        if !wait.is_zero() {
            cx.unless_stopped(clock.sleep(wait)).await?;
        }
        turn.is_used = true;
        Ok(())
    }
}

impl Rates for ToolRates {
    fn enter<'a>(
        &'a self,
        cx: &'a Cx,
        tool: &'a str,
        service: &'a str,
        own: Option<Rate>,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            if let Some(rate) = own {
                let setting = format!("the rate limit of '{service}' in [tools.{tool}]");
                let bound = Bound {
                    key: format!("tool/{tool}/{service}"),
                    what: format!("'{service}' for {tool}"),
                    setting: &setting,
                    rate,
                };
                self.wait(cx, bound).await?;
            }
            if let Some(rate) = self.services.get(service).copied() {
                let setting = format!("`tools.rate_limits.{service}`");
                let bound = Bound {
                    key: format!("service/{service}"),
                    what: format!("the service '{service}'"),
                    setting: &setting,
                    rate,
                };
                self.wait(cx, bound).await?;
            }
            Ok(())
        })
    }
}

/// A turn that is given back unless it is used.
struct Turn<'a> {
    turns: &'a Turns,
    key: &'a str,
    is_used: bool,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if !self.is_used {
            self.turns.unbook(self.key);
        }
    }
}

impl fmt::Debug for ToolRates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (tools, services) = (self.tools.len(), self.services.len());
        write!(f, "ToolRates({tools} tools, {services} services)")
    }
}
