//! What JavaScript gets beyond the language: console, timers, clock, URL, encoders.

use llmspell_core::{Kind, Value};
use llmspell_script::{Globals, JavaScriptOptions, Script};

use crate::world::{Console, World, cx, js, text};

/// Runs a script and returns what it wrote.
async fn printed(source: &str) -> String {
    let world = World::javascript(Default::default());
    world.run(source).await.unwrap();
    world.printed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn console_shows_values() {
    for (values, shown) in [
        (
            "'text', 1, true, null, undefined",
            "text 1 true null undefined",
        ),
        ("['a', 1n, -0]", "[ 'a', 1n, -0 ]"),
        (
            "{ a: { b: { c: { d: { e: 1 } } } } }",
            "{ a: { b: { c: { d: [Object] } } } }",
        ),
        (
            "{ 'two words': \"it's\", f() {}, x: () => 1 }",
            "{ 'two words': \"it's\", f: [Function: f], x: [Function: x] }",
        ),
        (
            "new Map([[1, { a: 2 }]]), new Set(['x'])",
            "Map(1) { 1 => { a: 2 } } Set(1) { 'x' }",
        ),
        (
            "new Uint8Array([1, 2]), new Date(0), /x/g",
            "Uint8Array(2) [ 1, 2 ] 1970-01-01T00:00:00.000Z /x/g",
        ),
        (
            "[], {}, [[]], new (class Point { x = 1 })()",
            "[] {} [ [] ] Point { x: 1 }",
        ),
        (
            "'%s is %d%% of %j', 'x', '42', { a: 1 }, 'more'",
            "x is 42% of {\"a\":1} more",
        ),
        (
            "(() => { const own = {}; own.own = own; return own })()",
            "{ own: [Circular] }",
        ),
        (
            "await Agent.create('ann'), await Test.answer('hi')",
            "<agent ann> { text: 'hi', usage: 7 }",
        ),
        ("'lone \\ud800'", "lone \u{fffd}"),
        ("", ""),
    ] {
        let got = printed(&format!("console.log({values})")).await;
        assert_eq!(got, format!("{shown}\n"), "{values}");
    }
    let got = printed("console.group('g'); console.log({ a: 1 }); console.groupEnd(); console.count(); console.table([{ a: 1 }])").await;
    assert_eq!(
        got,
        "g\n  { a: 1 }\ndefault: 1\n┌─────────┬───┐\n│ (index) │ a │\n├─────────┼───┤\n│ 0       │ 1 │\n└─────────┴───┘\n"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn errors_and_warnings_go_to_standard_error() {
    let world = World::javascript(Default::default());
    let source = "console.error('e', 1); console.warn('w'); console.info('i');\nconsole.error(new TypeError('bad'))";
    world.run(source).await.unwrap();
    assert_eq!(world.printed(), "i\n");
    let written = String::from_utf8(world.console.err.lock().clone()).unwrap();
    assert_eq!(
        written,
        "e 1\nw\nTypeError: bad\n    at <anonymous> (test.js:2:19)\n"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn timers_fire_in_order() {
    let got = js("const seen = [];
        setTimeout((a, b) => seen.push(a + b), 200, 'c', '!');
        setTimeout(() => seen.push('b'), 100);
        setTimeout(() => seen.push('a'), 0);
        for (let i = 0; i < 50; i++) setTimeout(() => seen.push(i), 1);
        const gone = setTimeout(() => seen.push('gone'), 1);
        clearTimeout(gone);
        clearTimeout(undefined);
        let ticks = 0;
        const interval = setInterval(() => { ticks += 1; if (ticks === 3) clearInterval(interval) }, 2);
        queueMicrotask(() => seen.push('microtask'));
        seen.push('sync');
        await new Promise((resolve) => setTimeout(resolve, 300));
        export default [seen.slice(0, 3), seen.slice(3, 53).every((n, i) => n === i), seen.slice(53), ticks]")
    .await
    .0;
    assert_eq!(
        got.to_string(),
        r#"[["sync","microtask","a"],true,["b","c!"],3]"#
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn time_and_random_numbers_come_from_the_run() {
    let got = js("class Mine extends Date {}
        export default [Date.now(), new Date().toISOString(), new Date(0).getTime(), new Date() instanceof Date, new Mine().getTime(),
          Date.UTC(1970, 0), typeof Date(), performance.now(), Math.random(), Math.random(), crypto.randomUUID().length,
          crypto.getRandomValues(new Uint16Array(2)).length, Date.name, new Date(2020, 0, 1).getFullYear()]")
    .await
    .0;
    let again = js("export default [Math.random(), Math.random()]").await.0;
    let Value::List(got) = got else { panic!() };
    assert_eq!(got[0], Value::Int(1_700_000_000_000));
    assert_eq!(got[1], text("2023-11-14T22:13:20.000Z"));
    assert_eq!(
        got[2..8].iter().map(Value::to_string).collect::<Vec<_>>(),
        ["0", "true", "1700000000000", "0", "\"string\"", "0"]
    );
    assert_eq!(Value::List(got[8..10].to_vec()), again);
    assert_eq!(
        got[10..].iter().map(Value::to_string).collect::<Vec<_>>(),
        ["36", "2", "\"Date\"", "2020"]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn urls_are_those_of_the_standard() {
    let got = js("const url = new URL('../a b?x=1&y=%C3%A9#top', 'https://user:pw@example.com:8080/dir/file');
        url.searchParams.append('z', 'q r');
        url.hash = '';
        url.port = '443';
        const bad = URL.canParse('nothing') || URL.parse('nothing');
        let error;
        try { new URL('nothing') } catch (e) { error = e.message }
        export default [url.href, url.origin, url.hostname, url.username, url.pathname, url.searchParams.get('y'), [...url.searchParams.keys()],
          bad, error, JSON.stringify({ url }), `${new URLSearchParams({ a: '1 2', b: 'é&' })}`, new URLSearchParams('a=1&a=2').getAll('a')]")
    .await
    .0;
    assert_eq!(
        got.to_string(),
        r#"["https://user:pw@example.com/a%20b?x=1&y=%C3%A9&z=q+r","https://example.com","example.com","user","/a%20b","é",["x","y","z"],null,"Invalid URL: nothing","{\"url\":\"https://user:pw@example.com/a%20b?x=1&y=%C3%A9&z=q+r\"}","a=1+2&b=%C3%A9%26",["1","2"]]"#
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_loaded_late_does_not_undo_what_the_script_did() {
    let got = js("const known = ['fetch' in globalThis, typeof structuredClone, Object.keys(globalThis).includes('URL')];
        URL = 5;
        delete globalThis.Headers;
        const text = `${new URLSearchParams({ a: 1 })}`;
        const status = new Response('x').status;
        globalThis.TextEncoder = class Mine {};
        const back = new TextDecoder().decode(new Uint8Array([104, 105]));
        const same = AbortSignal === AbortSignal && new AbortController().signal instanceof AbortSignal;
        export default [...known, URL, text, typeof Headers, status, new TextEncoder().constructor.name, back, same]")
    .await
    .0;
    assert_eq!(
        got.to_string(),
        r#"[true,"function",false,5,"a=1","undefined",200,"Mine","hi",true]"#
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn texts_are_encoded_and_values_cloned() {
    let got = js("const bytes = new TextEncoder().encode('é€😀');
        const decoder = new TextDecoder();
        const pieces = [bytes.subarray(0, 1), bytes.subarray(1, 3), bytes.subarray(3, 7), bytes.subarray(7)];
        const streamed = pieces.map((piece) => decoder.decode(piece, { stream: true })).join('') + decoder.decode();
        let fatal; try { new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([255])) } catch (e) { fatal = e.name }
        const original = { date: new Date(5), map: new Map([[1, { a: 1 }]]), bytes, list: [1, , 3], error: new TypeError('x') };
        original.self = original;
        const copy = structuredClone(original);
        let refused; try { structuredClone(() => 1) } catch (e) { refused = e.name }
        export default [bytes.length, new TextDecoder().decode(bytes), streamed, fatal, new TextDecoder().decode(new Uint8Array([255])),
          copy.self === copy, copy.date.getTime(), copy.map.get(1).a, copy.map !== original.map, copy.error.message, copy.bytes.length, refused,
          btoa('hi'), atob('aGk=')]")
    .await
    .0;
    assert_eq!(
        got.to_string(),
        "[9,\"é€😀\",\"é€😀\",\"TypeError\",\"\u{fffd}\",true,5,1,true,\"x\",9,\"DataCloneError\",\"aGk=\",\"hi\"]"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_script_knows_its_arguments() {
    let world = World::javascript(Default::default());
    let script = Script {
        args: vec!["a".to_owned(), "--b=1".to_owned()],
        ..Script::new(
            "test.js",
            "export default [Args, Args.length, Args.script, Object.keys(Args)]",
        )
    };
    let got = world.engine.run(cx(), script).await.unwrap();
    assert_eq!(
        got[0].to_string(),
        r#"[["a","--b=1"],2,"test.js",["0","1"]]"#
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_pipe_ends_the_run_quietly() {
    let console = Console {
        limit: Some(10),
        ..Console::default()
    };
    let world = World::javascript_over(Default::default(), console);
    let error = world
        .error("for (;;) { try { console.log('xxxx') } catch {} }")
        .await;
    assert_eq!(error.kind(), Kind::Cancelled);
    assert_eq!(error.details()["broken_pipe"], Value::Bool(true));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn globals_can_be_left_out() {
    let none = World::javascript(JavaScriptOptions {
        stdlib: Globals::None,
        console: false,
        ..Default::default()
    });
    let source = "export default [typeof console, typeof setTimeout, typeof URL, typeof fetch, typeof Test, typeof require, typeof process]";
    assert_eq!(
        none.value(source).await.to_string(),
        r#"["undefined","undefined","undefined","undefined","object","undefined","undefined"]"#
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fetch_sends_requests_through_the_op() {
    let (given, _) = js("const answer = await fetch('https://echo.test/things', {
            method: 'post', headers: { 'X-One': 1, accept: 'text/html' }, body: new URLSearchParams({ a: '1 2' }) });
        const copy = answer.clone();
        const { method, redirect, headers, body } = await answer.json();
        export default [answer.ok, answer.status, answer.url, answer.headers.get('Content-Type'), answer.headers.getSetCookie(),
            method, redirect, headers, body, answer.bodyUsed, (await copy.text()).length > 10]")
    .await;
    assert_eq!(
        given.to_string(),
        r#"[true,201,"https://echo.test/things","application/json",["a=1","b=2"],"POST","follow",{"accept":"text/html","content-type":"application/x-www-form-urlencoded;charset=UTF-8","x-one":"1"},"a=1+2",true,true]"#
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fetch_stops_with_its_signal() {
    let (given, _) = js("const controller = new AbortController();
        setTimeout(() => controller.abort(), 1);
        const reasons = [];
        for (const signal of [controller.signal, AbortSignal.timeout(1), AbortSignal.abort('no'), AbortSignal.any([AbortSignal.timeout(1)])]) {
            try { await fetch('https://echo.test/slow', { signal }); } catch (reason) { reasons.push(reason.name ?? reason); }
        }
        export default reasons")
    .await;
    assert_eq!(
        given.to_string(),
        r#"["AbortError","TimeoutError","no","TimeoutError"]"#
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fetch_refuses_what_is_no_request() {
    let (given, _) = js("const all = [];
        for (const [url, init] of [['https://denied.test/'], ['nowhere'], ['https://echo.test/', { body: 'x' }],
            ['https://echo.test/', { headers: { 'a b': 1 } }], ['https://echo.test/', { headers: { a: 'x\\r\\ny: z' } }]]) {
            try { await fetch(url, init); } catch (error) { all.push(`${error.name} ${error.message}`); }
        }
        export default all")
    .await;
    assert_eq!(
        given.to_string(),
        r#"["SpellError 'https://denied.test/' is not permitted","TypeError Invalid URL: nowhere","TypeError Request with GET method cannot have a body","TypeError Invalid header name: 'a b'","TypeError Invalid value of header 'a'"]"#
    );
}
