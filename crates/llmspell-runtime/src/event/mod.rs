//! Events: what happens is said on one bus, and whoever is interested hears of it.

mod archive;
mod bus;
mod deliver;
mod emit;
mod facts;
mod glob;
mod language;
mod list;
mod matcher;
mod message;
mod options;
mod outbox;
mod pattern;
mod publish;
mod query;
mod queue;
mod receive;
mod stats;
mod stream;
mod subscribe;
mod subscription;

use std::sync::Arc;

use llmspell_core::{Cx, Module, Op, Result, View, error};

pub use archive::Archive;
pub use bus::{Bus, Publication, Published};
pub use deliver::drain;
pub use emit::announce;
pub(crate) use emit::{
    announce_tagged, around, is_watched, say, say_later, say_own, tell, tell_of_hooks,
};
pub use facts::Facts;
pub(crate) use facts::milliseconds;
pub use language::EventLanguage;
pub use message::{Event, More, Priority, Publisher};
pub use options::{Options, Overflow};
pub use outbox::send_off;
pub use pattern::Pattern;
pub use publish::ScriptLanguage;
pub(crate) use publish::{correlation, script_language};
pub(crate) use subscription::has_values;
pub use subscription::{Filter, Subscription, Wanted};

/// Who published an event is the component where text is wanted.
const SOURCE: View = View::Within("source", "component");

/// Returns the bus of the run.
///
/// - Errors: `Unavailable` if events are switched off.
fn bus(cx: &Cx) -> Result<Arc<Bus>> {
    let bus = cx.part::<Bus>()?;
    match bus.options.enabled {
        true => Ok(bus),
        false => {
            Err(error!(Unavailable, "events are disabled").hint("set `events.enabled = true`"))
        }
    }
}

/// Returns the functions of the global `Event`.
pub fn module() -> Module {
    Module::new(
        "event",
        "Event",
        "The event bus: what scripts and the runtime say, and who listens.",
    )
    .op(Op::new("publish", publish::publish).aliases(&["emit"]))
    .op(Op::new("subscribe", subscribe::subscribe).positional())
    .op(Op::new("on", subscribe::on).positional())
    .op(Op::new("receive", receive::receive)
        .positional()
        .returns::<Option<message::Shown>>()
        .view(SOURCE))
    .op(Op::new("receive_batch", receive::receive_batch)
        .positional()
        .returns::<Vec<message::Shown>>()
        .view(SOURCE))
    .op(Op::new("unsubscribe", subscribe::unsubscribe).positional())
    .op(Op::new("unsubscribe_pattern", subscribe::unsubscribe_pattern).positional())
    .op(Op::new("list_subscriptions", list::list_subscriptions))
    .op(Op::new("get_stats", stats::get_stats))
    .op(Op::new("subscription_stats", stats::subscription_stats).positional())
    .op(Op::new("query", query::query)
        .returns::<Vec<message::Shown>>()
        .view(SOURCE))
    .op(Op::new("stream", stream::stream)
        .positional()
        .gives("events"))
    .op(Op::new("next", stream::next)
        .on("events")
        .iterates()
        .returns::<Option<message::Shown>>()
        .view(SOURCE))
    .op(Op::new("close", stream::close).on("events"))
    .handle::<stream::Face>("events")
}
