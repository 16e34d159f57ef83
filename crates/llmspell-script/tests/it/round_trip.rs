//! Values that go into a script and come back.

use llmspell_core::Value;
use llmspell_script::Script;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::world::{World, cx};

/// Checks that values come back equal; `source` notes a function that notes its argument.
pub(crate) fn check(world: &World, source: &str, values: &impl Strategy<Value = Value>) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    // The interpreter lives as long as its function.
    let (_interpreter, function) = runtime.block_on(async {
        let opened = world.engine.open().unwrap();
        let script = Script::new("id", source);
        opened.eval(cx(), script).await.unwrap();
        (opened, world.shared.seen.lock().pop().unwrap())
    });
    let function = function.as_function().unwrap();
    let mut runner = TestRunner::new(Config {
        cases: 1_000,
        failure_persistence: None,
        ..Config::default()
    });
    let outcome = runner.run(values, |value| {
        runtime
            .block_on(function.call(&cx(), vec![value.clone()]))
            .unwrap();
        let back = world.shared.seen.lock().pop().unwrap();
        prop_assert_eq!(back, value);
        Ok(())
    });
    outcome.unwrap();
}
