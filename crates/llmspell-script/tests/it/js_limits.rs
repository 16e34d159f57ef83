//! JavaScript that does not want to end, or wants everything.

use std::time::Duration;

use llmspell_core::{Cancel, Kind, Value};
use llmspell_script::JavaScriptOptions;

use crate::endless::endless;
use crate::world::{World, cx, text};

endless! {
    World::javascript(Default::default());
    a_loop: "while (true);",
    a_loop_that_catches: "while (true) { try { while (true); } catch {} }",
    a_loop_with_finally: "function f() { try { while (true); } finally { f() } } f()",
    a_loop_of_microtasks: "(function f() { Promise.resolve().then(f) })(); await new Promise(() => {})",
    a_loop_of_awaits: "while (true) await null",
    a_loop_of_awaits_that_catches: "while (true) { try { await Test.addUp(1, 2) } catch {} }",
    a_loop_of_waiting_calls: "while (true) { try { await Test.slow(1) } catch {} }",
    a_loop_of_queued_microtasks: "queueMicrotask(function f() { queueMicrotask(f) }); await new Promise(() => {})",
    a_loop_of_timers: "setInterval(() => {}, 1)",
    a_loop_of_timers_of_zero: "setTimeout(function f() { setTimeout(f, 0) }, 0)",
    a_loop_in_a_callback: "while (true) { try { await Test.apply(() => { while (true); }) } catch {} }",
    a_loop_in_a_getter: "await Test.note({ get x() { while (true); } })",
    a_loop_in_to_json: "JSON.stringify({ toJSON() { while (true); } })",
    a_loop_in_a_thenable: "await { then() { while (true); } }",
    a_loop_in_a_comparator: "[3, 2, 1].sort(() => { while (true); })",
    a_loop_in_a_proxy: "new Proxy({}, { get() { while (true); } }).x",
    a_loop_in_a_module_that_imports: "export default await (async () => { while (true) { try { await import('./nothing.js') } catch {} } })()",
    a_generator: "for (const x of (function* () { while (true) yield 1 })());",
    a_pattern_that_backtracks: "/^(a+)+$/.exec('a'.repeat(40) + 'b')",
    a_replacement_that_backtracks: "while (true) { try { ('a'.repeat(40) + 'b').replace(/^(a+)+$/, '') } catch {} }",
    a_call_that_never_ends: "await Test.hang()",
    calls_that_never_end: "await Promise.all([Test.hang(), Test.hang()])",
    a_sort_of_much: "const a = Array.from({ length: 1e6 }, (_, i) => -i); while (true) a.sort().reverse()",
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_is_bounded() {
    let world = World::javascript(JavaScriptOptions {
        max_memory: 32 << 20,
        ..Default::default()
    });
    for source in [
        "const a = []; for (;;) a.push(new Array(1000).fill(1))",
        "new Uint8Array(2 ** 30)",
        "const m = new Map(); for (let i = 0; ; i++) m.set(i, { i })",
        "await Test.apply(() => { const a = []; for (;;) a.push({}) })",
        "let s = 'x'.repeat(1e6); await Test.note(Array.from({ length: 100 }, (_, i) => s + i))",
    ] {
        let error = world.error(source).await;
        assert_eq!(error.kind(), Kind::Limit, "{source}: {error:?}");
        assert_eq!(error.details()["what"], text("memory"), "{source}");
    }
    assert_eq!(world.value("export default 1").await, Value::Int(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recursion_is_a_script_error() {
    let world = World::javascript(Default::default());
    for source in [
        "function f() { return f() + 1 } f()",
        "const o = {}; o.toString = () => `${o}`; String(o)",
        "const a = []; a.push(a); const f = (x) => x.map(f); f(a)",
        "await Test.note({ get x() { return (function f() { return f() + 1 })() } })",
        "JSON.stringify((function nest(n) { return n === 0 ? 1 : [nest(n - 1)] })(1e5))",
    ] {
        let error = world.error(source).await;
        assert_eq!(error.kind(), Kind::Script, "{source}: {error:?}");
        assert!(
            error.message().contains("call stack size"),
            "{source}: {error:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recursion_through_ops_does_not_overflow_the_stack() {
    let world = World::javascript(Default::default());
    let source = "async function down(n) { return n === 0 ? 'end' : await Test.apply(down, n - 1) }
        const plain = (n) => n === 0 ? 'end' : Test.apply(plain, n - 1);
        export default [await down(500), await plain(500)]";
    assert_eq!(world.value(source).await.to_string(), r#"["end","end"]"#);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn turns_are_bounded() {
    let world = World::javascript(JavaScriptOptions {
        max_event_loop_ticks: 50,
        ..Default::default()
    });
    let error = world.error("for (;;) await Test.slow(1)").await;
    assert_eq!(error.kind(), Kind::Limit, "{error:?}");
    assert_eq!(error.details()["what"], text("ticks"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cancelling_stops_the_script_and_what_it_waits_for() {
    let world = World::javascript(Default::default());
    for source in [
        "await Test.hang()",
        "await Promise.allSettled([Test.hang(), Test.apply(() => Test.hang())])",
        "try { await Test.hang() } finally { await Test.note('finally') }",
        "while (true) { try { await Test.hang() } catch {} }",
        "setInterval(() => {}, 1); await new Promise(() => {})",
        "while (true);",
    ] {
        let cx = cx();
        let cancel = cx.cancel().clone();
        let run = world.run_with(cx, source);
        let stop = async {
            tokio::time::sleep(Duration::from_millis(30)).await;
            cancel.cancel(Cancel::reason("enough"));
        };
        let both = async { tokio::join!(run, stop).0 };
        let outcome = tokio::time::timeout(Duration::from_secs(60), both).await;
        let error = outcome.unwrap().unwrap_err();
        assert_eq!(
            (error.kind(), error.message()),
            (Kind::Cancelled, "enough"),
            "{source}"
        );
        world.nothing_hangs().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dropping_the_run_drops_what_it_waits_for() {
    let world = World::javascript(Default::default());
    let run = world.run("await Promise.all([Test.hang(), Test.hang()])");
    let dropped = tokio::time::timeout(Duration::from_millis(100), run).await;
    assert!(dropped.is_err());
    world.nothing_hangs().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn text_does_not_become_code() {
    let world = World::javascript(Default::default());
    for source in [
        "eval('1')",
        "new Function('return 1')()",
        "(() => {}).constructor('return 1')()",
        "(async () => {}).constructor('return 1')()",
        "(function* () {}).constructor('yield 1')()",
        "Reflect.construct(Function.prototype.constructor, ['return 1'])()",
        "setTimeout('1')",
    ] {
        let error = world.error(source).await;
        let expected = match source.starts_with("setTimeout") {
            true => Kind::InvalidArgs,
            false => Kind::Unavailable,
        };
        assert_eq!(error.kind(), expected, "{source}: {error:?}");
    }
    let open = World::javascript(JavaScriptOptions {
        allow_eval: true,
        ..Default::default()
    });
    let source = "export default [eval('1 + 1'), new Function('return 3')()]";
    assert_eq!(open.value(source).await.to_string(), "[2,3]");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_runs_at_once() {
    let runs = (0..50).map(|number| async move {
        let world = World::javascript(Default::default());
        world
            .value(&format!(
                "export default (await Promise.all([1, 2, {number}].map((n) => Test.slow(n))))[2]"
            ))
            .await
    });
    let got = futures::future::join_all(runs).await;
    let expected: Vec<Value> = (0..50).map(Value::Int).collect();
    assert_eq!(got, expected);
}
