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
async fn results_act_as_texts() {
    let source = "
        local r = Test.answer('hello')
        local l = Test.listing{}
        local slow = Test.answer(Test.slow('x'))
        return {tostring(r), r .. '!', '>' .. r, #r, r.usage, r.text, tostring(l[1]), l[2] .. '', l[2].name, slow .. r}";
    assert_eq!(
        value(source).await.to_string(),
        r#"["hello","hello!",">hello",5,7,"hello","x","y","y","xhello"]"#
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn envelopes_read_through_to_their_data() {
    let source = "
        local r = Test.envelope{success=true, operation='list', data={stdout='out', n={1,2}, error='in data'}, output=5,
                                metadata={duration_ms=1, message='Done'}}
        local f = Test.envelope{success=false, operation='x', error='bad', error_kind='io', metadata={}}
        local d = Test.envelope{success=true, operation='y', data=JSON.array{1}, metadata={}}
        Test.note(r)
        return {r.success, r.stdout, r.n[2], r.error == nil, r.message, r.result == r.data, tostring(r), 'v=' .. r, r.data.output,
                r.nothing == nil, r.text, f.text, tostring(d), f.data == nil, f.message == nil, f.error_kind}";
    let world = World::new();
    let got = world.value(source).await;
    let data = r#"{"error":"in data","n":[1,2],"stdout":"out"}"#;
    let Value::List(got) = got else { panic!() };
    let shown: Vec<String> = got[..10].iter().map(Value::to_string).collect();
    assert_eq!(
        shown,
        [
            "true", "\"out\"", "2", "true", "\"Done\"", "true", "\"5\"", "\"v=5\"", "5", "true"
        ]
    );
    assert_eq!(
        got[10].as_str().unwrap(),
        format!(
            r#"{{"operation":"list","success":true,"message":"Done","data":{data},"result":{data},"error":null,"error_kind":null,"metadata":{{"duration_ms":1,"message":"Done"}}}}"#
        )
    );
    assert_eq!(
        got[11].as_str().unwrap(),
        r#"{"operation":"x","success":false,"message":null,"data":null,"result":null,"error":"bad","error_kind":"io","metadata":{}}"#
    );
    assert_eq!(got[12], text("[1]"));
    assert_eq!(got[13..], [true.into(), true.into(), text("io")]);
    let noted = world.shared.seen.lock().pop().unwrap();
    assert_eq!(
        noted
            .as_map()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect::<Vec<_>>(),
        ["data", "metadata", "operation", "output", "success"]
    );
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
