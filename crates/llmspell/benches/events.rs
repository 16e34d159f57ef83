//! What events and hooks cost a Lua loop: `cargo bench -p llmspell --bench events`.
//!
//! Each figure is the time of a loop in a spell, less that of the same spell without the loop, for each turn; the best of
//! five runs in this process.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench talks to people"
)]

mod spell;

/// Turns of a loop.
const TURNS: u32 = 200_000;

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let measure = |name: &str, before: &str, turn: &str| {
        let looped = format!("{before} for n = 1, {TURNS} do {turn} end");
        let best = |source: &str| spell::best(&runtime, source, &[]);
        let each = best(&looped).saturating_sub(best(before)) / TURNS;
        let rate = 1e9 / each.as_nanos().max(1) as f64;
        println!("{name:<52} {:>7} ns  {rate:>12.0}/s", each.as_nanos());
        each
    };
    measure(
        "publish, nobody listens",
        "",
        "Event.publish('order.created', n)",
    );
    measure(
        "publish to a subscription that is not read",
        "Event.subscribe('order.*')",
        "Event.publish('order.created', n)",
    );
    measure(
        "publish and receive",
        "local id = Event.subscribe('order.*')",
        "Event.publish('order.created', n) Event.receive(id, 0)",
    );
    let none = measure(
        "a point of the spell's own, no hook",
        "",
        "Hook.fire('custom:x')",
    );
    for (hook, function) in [
        ("that takes nothing", "function() end"),
        (
            "that reads its context",
            "function(c) return c.point == '' end",
        ),
    ] {
        let one = measure(
            &format!("a point of the spell's own, a hook {hook}"),
            &format!("Hook.register('custom:x', {function})"),
            "Hook.fire('custom:x')",
        );
        println!(
            "a Lua hook {hook}, by itself: {} ns",
            one.saturating_sub(none).as_nanos()
        );
    }
}
