//! Calling the handlers of a script.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use llmspell_core::{Cx, Error, Map, Result};

use super::SOURCE;
use super::bus::Bus;
use super::message::Event;
use super::subscription::Subscription;
use crate::hook::{Component, Context, Hooks, Named, Point};

/// Whether handlers are served already.
#[derive(Default)]
struct Served(AtomicBool);

/// Lets handlers be called beside the script from now on.
pub(super) fn start(cx: &Cx) -> Result<()> {
    if cx.kept::<Served>().0.swap(true, Ordering::AcqRel) {
        return Ok(());
    }
    cx.beside(|cx| async move {
        let Ok(bus) = cx.part::<Bus>() else {
            return;
        };
        loop {
            call_all(&cx, &bus).await;
            bus.handlers.notified().await;
        }
    })
}

/// Calls handlers for the events that still wait, for at most `time`, and none afterwards. Called when the script has ended.
///
/// - Errors: `Cancelled` with the detail `exit_code` if a handler ended the script itself.
pub async fn drain(cx: &Cx, time: Duration) -> Result<()> {
    let Ok(bus) = cx.part::<Bus>() else {
        return Ok(());
    };
    last_calls(cx, &bus, time).await;
    bus.handled.store(true, Ordering::Release);
    bus.exit.lock().take().map_or(Ok(()), Err)
}

async fn last_calls(cx: &Cx, bus: &Bus, time: Duration) {
    let waits = |subscription: &Arc<Subscription>| {
        subscription.wanted.handler.is_some() && !subscription.is_empty()
    };
    if !bus.subscriptions().iter().any(waits) && bus.handling.try_lock().is_ok() {
        return;
    }
    let clock = cx.host().clock.clone();
    tokio::select! {
        () = call_all(cx, bus) => {}
        () = clock.sleep(time) => {
            // Nothing that comes of stopping them is worth a word.
            bus.handled.store(true, Ordering::Release);
            tracing::warn!(target: "llmspell::event", "event handlers did not end within {} ms", time.as_millis());
        }
    }
}

/// Calls handlers until no event waits: one after the other, in the order of the events, then of the subscriptions.
/// One that ends the script is the last.
async fn call_all(cx: &Cx, bus: &Bus) {
    let _alone = bus.handling.lock().await;
    let is_over = || bus.handled.load(Ordering::Acquire);
    while !is_over()
        && let Some((subscription, event)) = next(bus)
    {
        let shown = event.shown(cx);
        if let Ok(true) = subscription.admits(cx, &shown).await
            && let Some(handler) = &subscription.wanted.handler
            && let Err(error) = handler.show(cx, shown, SOURCE).await
            && !is_over()
        {
            if error.details().contains_key("exit_code") {
                bus.handled.store(true, Ordering::Release);
                *bus.exit.lock() = Some(error);
                return;
            }
            tracing::warn!(
                target: "llmspell::event",
                subscription = subscription.id(),
                event = &*event.kind,
                "an event handler failed: {error}"
            );
            failed(cx, &subscription, &event, &error).await;
        }
    }
}

/// Calls the hooks of `EventHandlerError`.
async fn failed(cx: &Cx, subscription: &Subscription, event: &Event, error: &Error) {
    let Ok(hooks) = cx.part::<Hooks>() else {
        return;
    };
    let point = Point::Named(Named::EventHandlerError);
    let told = hooks.notice(cx, point.clone(), || {
        let data = Map::from([
            ("event_type", (&*event.kind).into()),
            ("event_id", event.id.to_string().into()),
            ("subscription_id", subscription.id().into()),
            ("error_message", error.message().into()),
        ]);
        let component = Component::new("Event", &event.kind);
        Context::new(cx, point, component, data).of_operation(event.correlation)
    });
    told.await;
}

fn next(bus: &Bus) -> Option<(Arc<Subscription>, Arc<Event>)> {
    loop {
        let all = bus.subscriptions();
        let handled = all
            .iter()
            .filter(|subscription| subscription.wanted.handler.is_some());
        let (_, first) = handled
            .filter_map(|subscription| Some((subscription.next()?, subscription)))
            .min_by_key(|(sequence, subscription)| (*sequence, subscription.number))?;
        // Events that are of no interest any more make way for the next one.
        if let Some(event) = bus.next(first) {
            return Some((first.clone(), event));
        }
    }
}
