//! Objects, results that act as texts, envelopes, and completion.

use llmspell_core::Value;
use llmspell_script::{LuaOptions, Script};

use crate::world::{World, cx, text, value};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn objects_have_fields_and_methods() {
    let source = "
        local a = Agent.create{name='ann'}
        local names = {}
        for k in pairs(a) do names[#names + 1] = k end
        table.sort(names)
        return {a.name, a.tags[2], table.concat(names, ','), a:execute('hi'), a.execute('hi'), a:run(a), a.getState(),
                a('asked'), tostring(a), a == Agent.create{name='ann'}, a == Agent.create{name='bob'},
                Test.echo(a) == a, rawequal(Test.echo(a), a), a.unknown == nil,
                pcall(a.execute, a, 'x'), select(2, pcall(a.execute, a, 'x'))}";
    assert_eq!(
        value(source).await.to_string(),
        r#"["ann","b","name,tags","id-ann: \"hi\"","id-ann: \"hi\"","id-ann: null","id-ann","asked","<agent ann>",true,false,true,true,true,true,"id-ann: \"x\""]"#
            .replace("id-ann: null", "id-ann: {\\\"kind\\\":\\\"agent\\\",\\\"id\\\":\\\"id-ann\\\"}")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_op_answers_for_unknown_fields() {
    let source = "return {Agent.ann.name, Agent.nobody == nil, Agent.create ~= nil}";
    assert_eq!(
        value(source).await,
        Value::List(vec![text("ann"), true.into(), true.into()])
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn handles_are_iterated() {
    let source = "local out = {} for v in Agent.countdown(3) do out[#out + 1] = v end return out";
    assert_eq!(value(source).await, Value::from(vec![2, 1, 0]));
    let source =
        "local out = {} for v in Agent.countdown(3):iter() do out[#out + 1] = v end return out";
    assert_eq!(value(source).await, Value::from(vec![2, 1, 0]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interpreter_keeps_its_globals() {
    let world = World::new();
    let interpreter = world.engine.open().unwrap();
    let eval = |source: &str| {
        let script = Script {
            expression: true,
            ..Script::new("(repl)", source)
        };
        interpreter.eval(cx(), script)
    };
    eval("x = 20 agent = Agent.create{name='ann'}")
        .await
        .unwrap();
    assert_eq!(eval("x + 1").await.unwrap(), [Value::Int(21)]);
    assert!(eval("error('no')").await.is_err());
    let limited = cx().bounded(Some(std::time::Duration::from_millis(50)), None);
    let script = Script::new("(repl)", "while true do end");
    assert!(interpreter.eval(limited, script).await.is_err());
    assert_eq!(eval("x").await.unwrap(), [Value::Int(20)]);
    assert_eq!(interpreter.complete("y = Agent.cr").await, ["Agent.create"]);
    assert_eq!(interpreter.complete("Tes").await, ["Test", "Tests"]);
    assert_eq!(interpreter.complete("agent:exe").await, ["agent:execute"]);
    assert_eq!(interpreter.complete("agent.na").await, ["agent.name"]);
    assert_eq!(interpreter.complete("whil").await, ["while"]);
    assert!(interpreter.complete("no.such.thing").await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn incomplete_input_is_told_from_wrong_input() {
    let world = World::new();
    for source in ["function f()", "x = {", "if a then", "f(", "x ="] {
        assert!(world.engine.is_incomplete(source), "{source}");
    }
    for source in ["1 + 1", "x = 1", "x = = 1", "end", ""] {
        assert!(!world.engine.is_incomplete(source), "{source}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn globals_can_be_strict() {
    let options = LuaOptions {
        strict_globals: true,
        ..LuaOptions::default()
    };
    let world = World::with(options);
    let error = world.error("local a = Test\nreturn nothing").await;
    assert_eq!(error.message(), "global 'nothing' is not set");
    assert_eq!(error.details()["line"], Value::Int(2));
    assert_eq!(world.value("x = 1 return x").await, Value::Int(1));
}
