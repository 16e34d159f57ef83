//! Calls from JavaScript: names, promises, callbacks.

use std::sync::atomic::Ordering;
use std::time::Duration;

use llmspell_core::{Kind, Value};

use crate::world::{World, cx, js, text};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_and_styles() {
    let got = js("export default [
        await Test.add_up(1, 2), await Test.addUp({ a: 1, b: 2 }), await Test.plus(3), await Tests.addUp(4, 5),
        Test.add_up === Test.addUp, Test.add_up(1, 2) instanceof Promise, typeof Test.addUp, Test.addUp.name]")
    .await.0;
    assert_eq!(
        got.to_string(),
        r#"[3,3,3,9,true,true,"function","add_up"]"#
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_run_concurrently() {
    let world = World::javascript(Default::default());
    let got = world
        .value(
            "const numbers = Array.from({ length: 1000 }, (_, i) => i);
             const results = await Promise.all(numbers.map((i) => Test.busy(i)));
             export default results.every((value, i) => value === i)",
        )
        .await;
    assert_eq!(got, Value::Bool(true));
    assert!(world.shared.most_busy.load(Ordering::SeqCst) > 10);
    let got = world
        .value(
            "const order = [];
             const held = Test.hold('gate').then(() => order.push('held'));
             order.push(await Test.slow('slow'));
             await Test.release('gate');
             await held;
             export default order",
        )
        .await;
    assert_eq!(got.to_string(), r#"["slow","held"]"#);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_default_export_is_the_result() {
    for (source, expected) in [
        ("export default 1 + 1", "2"),
        ("export default Test.slow('later')", "\"later\""),
        ("export default (async () => Test.slow([1]))()", "[1]"),
        ("const x = 1; export { x as default }", "1"),
        ("export default null", "null"),
        ("#!/usr/bin/env llmspell\nexport default 1", "1"),
        ("\u{feff}export default 1", "1"),
    ] {
        assert_eq!(js(source).await.0.to_string(), expected, "{source}");
    }
    let world = World::javascript(Default::default());
    assert_eq!(world.run("1 + 1").await.unwrap(), []);
    assert_eq!(world.run("export default undefined").await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_run_waits_for_what_the_script_started() {
    let got = js("let shown = 'nothing';
        Test.slow('x').then(async (x) => { await Test.note(x); setTimeout(() => Test.note(x + 'y'), 1) });")
    .await;
    assert_eq!(got.1, text("xy"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn functions_are_called_back() {
    let got = js("let depth = 0;
        const twice = async (x) => { await null; return x * 2 };
        const down = (n) => n === 0 ? 'end' : Test.apply(down, n - 1);
        export default [
          await Test.apply((x) => x + 1, 1), await Test.apply(twice, 4), await Test.applySlow(twice, 5),
          await Test.apply(async (x) => await Test.slow(x), 6), await Test.apply(down, 40),
          await (await Test.wrap((a, b) => [a, b]))(1, 2), await Test.nameOf(twice)]")
    .await
    .0;
    assert_eq!(got.to_string(), r#"[2,8,10,6,"end",[1,2],"test.js:2"]"#);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_of_a_callback_are_below_the_call_that_made_it() {
    let got = js("const inside = async () => { const first = await Test.depth(); await Test.slow(1); return [first, await Test.depth()] };
        const both = await Promise.all([Test.deeper(inside), Test.depth(), Test.deeper(() => Test.deeper(inside))]);
        export default [await Test.depth(), both, await Test.depth()]")
    .await
    .0;
    assert_eq!(got.to_string(), "[1,[[2,2],1,[3,3]],1]");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_callback_whose_caller_goes_away_is_stopped() {
    let world = World::javascript(Default::default());
    for stuck in [
        "while (true);",
        "await Test.hang()",
        "while (true) { try { await Test.hang() } catch {} }",
        "while (true) { try { await Test.slow(1) } catch {} }",
        "while (true) { try { await Test.addUp(1, 1) } catch {} }",
        "await new Promise(() => {})",
    ] {
        let source = format!(
            "const got = await Test.applyUntil(async () => {{ {stuck} }}); export default [got, await Test.depth(), await Test.slow(2)]"
        );
        let got = tokio::time::timeout(Duration::from_secs(60), world.value(&source)).await;
        assert_eq!(got.unwrap().to_string(), r#"["given up",1,2]"#, "{stuck}");
        world.nothing_hangs().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_callback_after_the_run_is_cancelled() {
    let world = World::javascript(Default::default());
    world.run("await Test.note(() => 1)").await.unwrap();
    let function = world.shared.seen.lock().pop().unwrap();
    let function = function.as_function().unwrap().clone();
    let error = function.call(&cx(), Vec::new()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Cancelled, "{error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_promise_that_a_callback_resolves_goes_on_as_the_script() {
    let got = js("const got = new Promise((resolve) => { Test.deeper((value) => { resolve('x'); return Test.slow(value) }, 1) });
        await got;
        // What the callback still does may end later.
        for (let turn = 0; turn < 200 && await Test.depth() !== 1; turn += 1) await Test.slow(1);
        export default await Test.depth()")
    .await
    .0;
    assert_eq!(got, Value::Int(1));
}
