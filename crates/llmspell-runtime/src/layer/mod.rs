//! The layers around every call, and their order.

mod alarms;
mod breakers;
mod events;
mod hooks;
mod journal;
mod limits;
mod policy;
mod rates;
mod retry;
mod secrets;
mod sessions;
mod spans;
mod timeout;
mod trace;

use std::sync::Arc;

use llmspell_core::Layer;

use crate::event::Bus;
use crate::hook::Hooks;
use crate::journal::Journal;
use crate::rate::ToolRates;
use crate::telemetry::Telemetry;
use crate::tool::ToolBreakers;

pub use policy::Policy;

/// What the layers of one run need to know.
#[derive(Clone, Debug)]
pub struct Options {
    /// Most effects in flight at once (count); 0 is no limit. `runtime.max_concurrency`, default 64.
    pub max_concurrency: usize,
    /// Which ops and tools may be called. Default: all, tools up to level `restricted`.
    pub policy: Arc<Policy>,
    /// Where calls are recorded. Default: nowhere.
    pub journal: Arc<Journal>,
    /// Where it is said what calls begin and end. Default: nowhere.
    pub events: Option<Arc<Bus>>,
    /// Which tools are left alone when they keep failing. Default: none.
    pub breakers: Arc<ToolBreakers>,
    /// How often tools may be called. Default: as often as anyone likes.
    pub rates: Arc<ToolRates>,
    /// Who is called before and after calls. Default: nobody.
    pub hooks: Arc<Hooks>,
    /// Who makes spans of calls. Default: nobody.
    pub telemetry: Arc<Telemetry>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_concurrency: 64,
            policy: Arc::default(),
            journal: Arc::default(),
            events: None,
            breakers: Arc::default(),
            rates: Arc::default(),
            hooks: Arc::default(),
            telemetry: Arc::default(),
        }
    }
}

/// Returns the layers of one run, outermost first.
///
/// The order has reasons:
/// 1. `secrets` comes first: what it learns from arguments is kept out of what any other layer writes.
/// 2. `trace` sees every call with its whole duration, also those that a layer further in refuses.
/// 3. `spans` sees the same, for telemetry, and
/// 4. `events` publishes it, for scripts.
/// 5. `alarms` calls the hooks of what limits and policy refuse, so it stands around them.
/// 6. `limits` comes before all that costs something, and so that a call waits for its slot outside of its timeout's
///    books. A refused call costs nothing.
/// 7. `policy` comes before the journal: what was never allowed to happen is not recorded as an effect.
/// 8. `hooks` comes after the policy: a hook is not asked about what may not happen. It stands outside of the journal:
///    hooks are deterministic code and run again when a session is resumed.
/// 9. `sessions` asks the policies of the session that the call is made for: what they refuse is no call of it.
/// 10. `journal` stands right around what makes the call happen: one entry per call, however often it was attempted, and
///     a recorded answer needs neither turn nor attempts nor time.
/// 11. `breakers` refuses calls of tools that keep failing; a refused one takes no turn.
/// 12. `rates` lets a tool's call wait for its turn, one for all attempts.
/// 13. `retry` repeats attempts, each of which
/// 14. `timeout` ends at the deadline or when the call is cancelled.
///
/// A stack belongs to one run: its slots and its journal are that run's.
pub fn stack(options: Options) -> Vec<Arc<dyn Layer>> {
    vec![
        Arc::new(secrets::Hide),
        Arc::new(trace::Trace),
        Arc::new(spans::Spans::new(options.telemetry)),
        Arc::new(events::Announce::new(
            options.events,
            options.journal.clone(),
            options.hooks.clone(),
        )),
        Arc::new(alarms::Alarms::new(options.hooks.clone())),
        Arc::new(limits::Slots::new(options.max_concurrency)),
        Arc::new(policy::Gate::new(options.policy)),
        Arc::new(hooks::Hooked::new(options.hooks)),
        Arc::new(sessions::Policed::new(options.journal.clone())),
        Arc::new(journal::Recording::new(options.journal)),
        Arc::new(breakers::Circuits::new(options.breakers)),
        Arc::new(rates::Turnstile::new(options.rates)),
        Arc::new(retry::Repeat),
        Arc::new(timeout::Race),
    ]
}
