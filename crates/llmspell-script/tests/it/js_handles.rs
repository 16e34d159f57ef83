//! Handles, views and streams as JavaScript sees them.

use llmspell_core::Value;
use llmspell_script::Script;

use crate::world::{World, cx, js, text};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn objects_have_fields_and_methods() {
    let got = js("const a = await Agent.create({ name: 'ann' });
        const { execute } = a;
        export default [a.name, a.tags, Object.keys(a), String(a), typeof a, await a.execute('x'), await a.run('y'), await execute('z'),
          await a.execute(a, 'self'), await a.getState(), await a.get_state(), await Agent.get('ann') === a, JSON.stringify(a),
          await Test.echo(a) === a, await a('asked'), a.execute === a.execute]")
    .await
    .0;
    assert_eq!(
        got.to_string(),
        r#"["ann",["a","b"],["name","tags"],"<agent ann>","function","id-ann: \"x\"","id-ann: \"y\"","id-ann: \"z\"","id-ann: \"self\"","id-ann","id-ann",true,"{\"kind\":\"agent\",\"id\":\"id-ann\"}",true,"asked",true]"#
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn handles_do_not_pile_up() {
    let got = js(
        "for (let i = 0; i < 20000; i++) await Agent.create('a' + i);
        export default (await Agent.create('a1')).name",
    )
    .await
    .0;
    assert_eq!(got, text("a1"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn handles_are_iterated() {
    for source in [
        "for await (const n of await Agent.countdown(3)) seen.push(n)",
        "const t = await Agent.countdown(3); for (let n; (n = await t.next()) !== null;) seen.push(n)",
    ] {
        let got = js(&format!("const seen = []; {source}; export default seen"))
            .await
            .0;
        assert_eq!(got.to_string(), "[2,1,0]", "{source}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn results_act_as_texts() {
    let got = js("const r = await Test.answer('hi'), n = await Test.answer(5), l = await Test.listing();
        export default [`${r}`, r + '!', r == 'hi', r.usage, Object.keys(r), `${n}`, l.map(String), l.length, JSON.stringify(r)]")
    .await
    .0;
    assert_eq!(
        got.to_string(),
        r#"["hi","hi!",true,7,["text","usage"],"5",["x","y"],2,"{\"text\":\"hi\",\"usage\":7}"]"#
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn envelopes_read_through_to_their_data() {
    let world = World::javascript(Default::default());
    let got = world
        .value(
            "const r = await Test.envelope({ success: true, operation: 'list', data: { stdout: 'out', n: [1, 2], error: 'in data' },
               output: 5, metadata: { duration_ms: 1, message: 'Done' } });
             const f = await Test.envelope({ success: false, operation: 'x', error: 'bad', error_kind: 'io', metadata: {} });
             const d = await Test.envelope({ success: true, operation: 'y', data: [1], metadata: {} });
             await Test.note(r);
             export default [r.success, r.stdout, r.n[1], r.error === undefined, r.message, r.result === r.data, String(r), 'v=' + r,
               r.data.output, r.nothing === undefined, r.text, f.text, String(d), f.data === undefined, f.message === null, f.error_kind,
               Object.keys(r), JSON.stringify(d)]",
        )
        .await;
    let data = r#"{"stdout":"out","n":[1,2],"error":"in data"}"#;
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
    assert_eq!(got[13..16], [true.into(), true.into(), text("io")]);
    assert_eq!(
        got[16].to_string(),
        r#"["success","operation","data","output","metadata"]"#
    );
    assert_eq!(
        got[17],
        text(r#"{"success":true,"operation":"y","data":[1],"metadata":{}}"#)
    );
    let noted = world.shared.seen.lock().pop().unwrap();
    assert_eq!(noted.get("data").unwrap().to_string(), data);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_op_answers_for_unknown_fields() {
    let got = js("const lua = (await Agent.get('x')).name;
        export default [(await Agent.ann).name, await Agent.nobody, Agent[Symbol.iterator], await Agent === Agent, typeof Agent.toString]")
    .await
    .0;
    assert_eq!(got.to_string(), r#"["ann",null,null,true,"function"]"#);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_of_the_script() {
    let got = js("const numbers = Streaming.create(function* () { yield 1; yield 2; return 3 });
        const slow = Streaming.create(async function* () { yield await Test.slow('a'); yield 'b' });
        const seen = [];
        for await (const value of slow) seen.push(value);
        const s = Streaming.create(function* () { yield 1; throw new Error('broken') });
        const first = await s.next();
        const failed = await s.next().catch((e) => e.message);
        const open = Streaming.create(function* () { try { yield 1; yield 2 } finally { seen.push('closed') } });
        for await (const value of open) break;
        export default [await numbers.collect(), numbers.isDone(), await numbers.next(), seen, first, failed, s.is_done(), open.isDone()]")
    .await
    .0;
    assert_eq!(
        got.to_string(),
        r#"[[1,2,3],true,null,["a","b","closed"],1,"broken",true,true]"#
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interpreter_keeps_its_globals() {
    let world = World::javascript(Default::default());
    let interpreter = world.engine.open().unwrap();
    let eval = |source: &str| {
        let script = Script {
            expression: true,
            ..Script::new("(repl)", source)
        };
        interpreter.eval(cx(), script)
    };
    eval("let x = 20; const agent = await Agent.create('ann'); function f() { return x }")
        .await
        .unwrap();
    assert_eq!(eval("x + 1").await.unwrap(), [Value::Int(21)]);
    assert!(eval("throw new Error('no')").await.is_err());
    for endless in [
        "while (true);",
        "(function f() { Promise.resolve().then(f) })()",
    ] {
        let limited = cx().bounded(Some(std::time::Duration::from_millis(50)), None);
        let script = Script::new("(repl)", endless);
        assert!(
            interpreter.eval(limited, script).await.is_err(),
            "{endless}"
        );
    }
    assert_eq!(eval("f()").await.unwrap(), [Value::Int(20)]);
    assert_eq!(interpreter.complete("y = Agent.cr").await, ["Agent.create"]);
    assert_eq!(interpreter.complete("Tes").await, ["Test", "Tests"]);
    assert_eq!(
        interpreter.complete("globalThis.Agent.ge").await,
        ["globalThis.Agent.get"]
    );
    assert_eq!(interpreter.complete("whil").await, ["while"]);
    assert!(interpreter.complete("no.such.thing").await.is_empty());
}
