//! What state costs a Lua loop, and how fast it is migrated: `cargo bench -p llmspell --bench state`.
//!
//! Reads and writes are the time of a loop in a spell, less that of the same spell without the loop, for each turn; the best
//! of five runs. A migration is timed by itself: from the first read to the end of its transaction.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench talks to people"
)]

mod spell;

/// Turns of a loop in memory; one tenth of them on disk.
const TURNS: u32 = 200_000;

/// Items of a migration.
const ITEMS: u32 = 100_000;

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for (place, set, turns) in [
        ("memory", Vec::new(), TURNS),
        ("sqlite", vec!["state.backend=sqlite"], TURNS / 10),
    ] {
        let measure = |name: &str, before: &str, turn: &str| {
            let looped = format!("{before} for n = 1, {turns} do {turn} end");
            let best = |source: &str| spell::best(&runtime, source, &set);
            let each = best(&looped).saturating_sub(best(before)) / turns;
            println!("{place}: {name:<36} {:>8} ns", each.as_nanos());
        };
        let seed = "State.save('k', { a = 1, b = 'two' })";
        measure("save a number", "", "State.save('n', n)");
        measure("load a number", "State.save('n', 1)", "State.load('n')");
        measure("load a small table", seed, "State.load('k')");
        measure(
            "save where a hook watches",
            "Hook.register('AfterStateWrite', function() end)",
            "State.save('n', n)",
        );
        measure(
            "compare and set",
            "State.save('n', 0)",
            "State.compare_and_set('global', 'n', n - 1, n)",
        );
        let migrate = format!(
            "for i = 1, {ITEMS} do State.save('item' .. i, {{ first = 'Ada', last = 'Byron', n = i }}) end
             State.register_migration {{ from = '1.0.0', to = '2.0.0', transformations = {{
               {{ transform = 'rename', field = 'n', to = 'm' }}, {{ transform = 'merge', fields = {{ 'first', 'last' }}, to = 'name' }} }} }}
             local r = State.migrate('2.0.0', {{ validation = 'none' }})
             assert(r.success, r.error)
             return r.duration_ms"
        );
        let mut set = set.clone();
        set.push("state.migration_enabled=true");
        let took = spell::run(&runtime, &migrate, &set)
            .1
            .as_float()
            .unwrap_or_default();
        let rate = f64::from(ITEMS) / took * 1000.0;
        println!("{place}: migrate {ITEMS} items {:>20.0} items/s", rate);
    }
}
