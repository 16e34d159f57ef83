//! Publishing with the hooks around it: `BeforeEventEmit` and `AfterEventEmit`.
//!
//! Whoever waits for a call anyway waits for the hooks, which are called in its name. Events of the runtime that are
//! published where nobody can wait go through the [`Outbox`](super::outbox::Outbox). No hook is asked about the events
//! of hooks themselves, `hook.*` and `session.hook.executed`, and about those of the bus, `event.queue.*`. A hook that
//! cannot be called any more, since the run is being stopped, has failed like any other: the event is published.

use std::borrow::Cow;

use llmspell_core::{Cx, Map, Result, Value, error};

use super::bus::{Bus, Publication, Published, SCRIPT};
use super::facts::Facts;
use super::language::EventLanguage;
use super::message::More;
use super::outbox::Item;
use super::publish::correlation;
use crate::hook::{Component, Context, Hooks, Named, Point};
use crate::secret;

const BEFORE: Point = Point::Named(Named::BeforeEventEmit);
const AFTER: Point = Point::Named(Named::AfterEventEmit);

/// Returns the hooks of the run, if any stand around publishing.
fn standing(cx: &Cx) -> Option<&Hooks> {
    cx.part_ref::<Hooks>().and_then(around)
}

/// Returns hooks if any of them stand around publishing.
pub(crate) fn around(hooks: &Hooks) -> Option<&Hooks> {
    (hooks.has(&BEFORE) || hooks.has(&AFTER)).then_some(hooks)
}

/// Returns whether a hook wants to hear of events, whoever else does.
pub(crate) fn is_watched(cx: &Cx) -> bool {
    standing(cx).is_some()
}

/// Publishes what a spell or a tool says.
///
/// - Errors: `Cancelled` if a hook forbids it; `InvalidArgs` for an event without a type; those of [`Bus::publish`], and
///   `RateLimited`.
pub(crate) async fn say(cx: &Cx, bus: &Bus, kind: &str, draft: Publication) -> Result<()> {
    if kind.is_empty() {
        return Err(
            error!(InvalidArgs, "the type of an event must not be empty")
                .hint("it says what happened, such as 'order.created'"),
        );
    }
    bus.admit()?;
    let Some(hooks) = standing(cx) else {
        return bus.publish(kind, draft).await.map(drop);
    };
    let hooked = async {
        let cx = &cx.as_operation();
        let (kind, draft) = permitted(cx, hooks, kind, draft).await?;
        let published = bus.publish(&kind, draft).await?;
        told(cx, hooks, &published).await;
        Ok(())
    };
    Box::pin(hooked).await
}

/// Publishes an event of the runtime, and waits for the hooks and for subscribers that want no event lost. A hook that
/// forbids it keeps it from being published, and nothing else from happening.
pub(crate) async fn say_own(
    cx: &Cx,
    bus: &Bus,
    hooks: Option<&Hooks>,
    kind: &str,
    draft: Publication,
) {
    match hooks {
        None => {
            bus.announce(kind, draft).await;
        }
        Some(hooks) => Box::pin(say_hooked(cx, hooks, bus, kind, draft)).await,
    }
}

async fn say_hooked(cx: &Cx, hooks: &Hooks, bus: &Bus, kind: &str, draft: Publication) {
    match permitted(cx, hooks, kind, draft).await {
        Ok((kind, draft)) => {
            let published = bus.announce(&kind, draft).await;
            told(cx, hooks, &published).await;
        }
        Err(refusal) => {
            tracing::debug!(target: "llmspell::hook", event = kind, "an event is not published: {refusal}");
        }
    }
}

/// Publishes an event of the runtime at once; if hooks are to be asked, as soon as they were.
pub(crate) fn say_later(cx: &Cx, bus: &Bus, kind: &str, draft: Publication) {
    if standing(cx).is_none() {
        bus.tell(kind, draft);
        return;
    }
    let item = Item {
        // The operation may be over when the hooks are called.
        cx: cx.after_stop(),
        kind: kind.to_owned(),
        draft,
    };
    bus.outbox.put(bus, item);
}

/// Publishes what waited for its hooks.
pub(super) async fn say_item(item: Item) {
    let Item { cx, kind, draft } = item;
    if let Some(bus) = cx.part_ref::<Bus>() {
        say_own(&cx, bus, standing(&cx), &kind, draft).await;
    }
}

/// Asks the hooks, and returns the event as they leave it.
///
/// - Errors: `Cancelled` with the hook's reason.
async fn permitted<'k>(
    cx: &Cx,
    hooks: &Hooks,
    kind: &'k str,
    mut draft: Publication,
) -> Result<(Cow<'k, str>, Publication)> {
    // Hooks about an event share what it belongs to.
    let shared = *draft.correlation.get_or_insert_with(|| correlation(cx));
    let payload = shown(cx, &draft);
    let asked = hooks.permit(cx, BEFORE, || {
        let source = draft.component.as_deref().unwrap_or(SCRIPT);
        let facts = Map::from([
            ("event_type", kind.into()),
            ("payload", payload.clone()),
            ("source", source.into()),
        ]);
        context(cx, BEFORE, kind, facts).of_operation(shared)
    });
    let Some(mut facts) = asked.await? else {
        return Ok((kind.into(), draft));
    };
    let renamed = changed_text(&facts, "event_type").filter(|new| *new != kind);
    let kind = renamed.map_or(Cow::Borrowed(kind), |new| Cow::Owned(new.to_owned()));
    draft.component = changed_text(&facts, "source")
        .map(Into::into)
        .or(draft.component);
    let left = facts.shift_remove("payload").unwrap_or_default();
    if left != payload {
        draft.data = left.into();
    }
    Ok((kind, draft))
}

/// Tells the hooks that an event was published.
async fn told(cx: &Cx, hooks: &Hooks, published: &Published) {
    let kind = &*published.event.kind;
    let told = hooks.notice(cx, AFTER, || {
        let facts = Map::from([
            ("event_type", kind.into()),
            ("event_id", published.event.id.to_string().into()),
            ("delivered", published.delivered.into()),
            ("dropped", published.dropped.into()),
        ]);
        context(cx, AFTER, kind, facts).of_operation(published.event.correlation)
    });
    told.await;
}

fn context<'a>(cx: &'a Cx, point: Point, kind: &str, facts: Map) -> Context<'a> {
    Context::new(cx, point, Component::new("Event", kind), facts)
}

/// Returns the facts as hooks are told them: what the runtime says holds no secret.
fn shown(cx: &Cx, draft: &Publication) -> Value {
    let facts = draft.data.clone().into_value();
    match (draft.language, &draft.data) {
        (EventLanguage::Rust, Facts::Said(_)) => {
            secret::strike(&facts, &*cx.host().secrets).unwrap_or(facts)
        }
        _ => facts,
    }
}

/// Returns the text that hooks left at a place. What is no text, or an empty one, changes nothing.
fn changed_text<'a>(facts: &'a Map, name: &str) -> Option<&'a str> {
    let text = facts.get(name).and_then(Value::as_str);
    if text.is_none_or(str::is_empty) {
        tracing::warn!(target: "llmspell::hook", "a hook of BeforeEventEmit left no text as `{name}`; it stays as it was");
    }
    text.filter(|text| !text.is_empty())
}

/// Publishes an event of the runtime, if there is a bus that takes it, and waits for the hooks and for subscribers that
/// want no event lost.
pub async fn announce(cx: &Cx, component: &str, kind: &str, data: impl FnOnce() -> Value) {
    if let Some(bus) = taking(cx) {
        let draft = draft(cx, component, data());
        say_own(cx, bus, standing(cx), kind, draft).await;
    }
}

/// As [`announce`], for an event with a word to find it by.
pub(crate) async fn announce_tagged(
    cx: &Cx,
    component: &str,
    kind: &str,
    tag: &str,
    data: impl FnOnce() -> Value,
) {
    if let Some(bus) = taking(cx) {
        let more = More {
            tags: vec![tag.to_owned()],
            ..More::default()
        };
        let draft = Publication {
            more: Some(Box::new(more)),
            ..draft(cx, component, data())
        };
        say_own(cx, bus, standing(cx), kind, draft).await;
    }
}

/// As [`announce`] where nobody can wait: if hooks are to be asked, the event is published when they were.
pub(crate) fn tell(cx: &Cx, component: &str, kind: &str, data: impl FnOnce() -> Value) {
    if let Some(bus) = taking(cx) {
        say_later(cx, bus, kind, draft(cx, component, data()));
    }
}

/// Publishes an event of the runtime about hooks: none is asked about it.
pub(crate) fn tell_of_hooks(cx: &Cx, component: &str, kind: &str, data: impl FnOnce() -> Value) {
    if let Some(bus) = taking(cx) {
        bus.tell(kind, draft(cx, component, data()));
    }
}

/// Returns the bus of the run, if it takes the runtime's own events.
fn taking(cx: &Cx) -> Option<&Bus> {
    cx.part_ref::<Bus>().filter(|bus| bus.takes_runtime())
}

fn draft(cx: &Cx, component: &str, data: Value) -> Publication {
    Publication {
        correlation: (cx.depth() > 0).then(|| correlation(cx)),
        ..Publication::of_runtime(component, data)
    }
}
