//! Errors as scripts see them, and scripts' errors as callers see them.

use llmspell_core::{Error, Kind, Value};
use llmspell_script::Script;

use crate::world::{World, cx, js, text};

async fn error(source: &str) -> Error {
    World::javascript(Default::default()).error(source).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_error_is_a_spell_error() {
    for call in ["Test.fail", "Test.failSlow"] {
        let got = js(&format!(
            "let e;\ntry {{\n  await {call}('not_found', 'nothing here')\n}} catch (raised) {{ e = raised }}
            export default [e instanceof SpellError, e instanceof Error, e.name, e.kind, e.message, e.op, Array.isArray(e.hints),
              e.details.at, String(e), Object.keys(e)]"
        ))
        .await
        .0;
        let Value::List(got) = got else { panic!() };
        let op = if call == "Test.fail" {
            "test.fail"
        } else {
            "test.fail_slow"
        };
        assert_eq!(got[..3], [true.into(), true.into(), text("SpellError")]);
        assert_eq!(
            got[3..7],
            [
                text("not_found"),
                text("nothing here"),
                text(op),
                true.into()
            ]
        );
        assert_eq!(
            got[7..9],
            [text("test.js:3"), text("SpellError: nothing here")]
        );
        assert_eq!(got[9].to_string(), r#"["kind","op","hints","details"]"#);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_uncaught_error_has_file_line_and_stack() {
    let raised = error("const x = 1;\nfunction inner() {\n  throw new Error('boom');\n}\nasync function outer() {\n  inner();\n}\nawait outer();").await;
    assert_eq!((raised.kind(), raised.message()), (Kind::Script, "boom"));
    let details = raised.details();
    assert_eq!(
        (&details["file"], &details["line"]),
        (&text("test.js"), &Value::Int(3))
    );
    assert_eq!(
        details["stack"].to_string(),
        r#"[{"file":"test.js","line":3,"function":"inner"},{"file":"test.js","line":6,"function":"outer"},{"file":"test.js","line":8}]"#
    );
    for (source, kind, message) in [
        ("throw 'text'", Kind::Script, "text"),
        (
            "throw { kind: 'conflict', message: 'lost' }",
            Kind::Conflict,
            "lost",
        ),
        (
            "throw Object.assign(new Error('enough'), { kind: 'limit' })",
            Kind::Limit,
            "enough",
        ),
        (
            "throw new SpellError('no', { kind: 'denied', hints: ['ask'] })",
            Kind::Denied,
            "no",
        ),
        ("throw { message: 'plain' }", Kind::Script, "plain"),
        ("throw undefined", Kind::Script, "undefined was thrown"),
        ("throw 42", Kind::Script, "42"),
        (
            "null.x",
            Kind::Script,
            "TypeError: cannot read property 'x' of null",
        ),
        ("await Test.fail('io', 'disk')", Kind::Io, "disk"),
        (
            "await Promise.all([Test.failSlow('io', 'disk'), Test.hang()])",
            Kind::Io,
            "disk",
        ),
        (
            "await Test.apply(() => { throw new Error('inside') })",
            Kind::Script,
            "inside",
        ),
        (
            "await Test.apply(async () => { await Test.failSlow('io', 'deep') })",
            Kind::Io,
            "deep",
        ),
    ] {
        let raised = error(source).await;
        assert_eq!(
            (raised.kind(), raised.message()),
            (kind, message),
            "{source}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_value_that_is_no_error_has_the_place_of_its_throw() {
    for (source, place) in [
        ("\nthrow 'text'", "2"),
        ("function f() {\n  throw 'text';\n}\nf()", "2 4"),
        (
            "function f() {\n  throw { a: 1 };\n}\nasync function g() {\n  f();\n}\ng();\nawait Test.slow(1)",
            "2 5 7",
        ),
        (
            "async function f() {\n  await Test.slow(1);\n  throw 'text';\n}\nf();\nawait Test.hang()",
            "3",
        ),
        // An awaiting function is another one: what is known is where it got the value.
        (
            "async function f() {\n  await Test.slow(1);\n  throw 'text';\n}\nawait f()",
            "5",
        ),
        ("try { throw 1 } catch {}\nthrow 2", "2"),
        ("await Test.fail('io', 'x').catch(() => {});\nthrow 2", "2"),
        ("await Promise.reject('text')", "1"),
        ("const e = new Error('made');\n\nthrow e.message", ""),
        ("const e = Test.fail('io', 'x');\nthrow 'text'", "2"),
        ("Promise.reject('text'); await Test.hang()", ""),
        ("setTimeout(() => {\n  throw 'late'\n}, 1)", "2"),
        ("await Test.apply(() => {\n  throw 'inside'\n})", "2"),
        (
            "await Test.apply(async () => {\n  await Test.slow(1);\n  throw 'inside'\n})",
            "3",
        ),
    ] {
        let raised = error(source).await;
        let details = raised.details();
        assert_eq!(details["file"], text("test.js"), "{source}");
        let stack = details.get("stack").and_then(Value::as_list);
        let lines = stack.unwrap_or_default().iter();
        let lines: Vec<String> = lines
            .map(|frame| frame.get("line").unwrap().to_string())
            .collect();
        assert_eq!(lines.join(" "), place, "{source}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_import_has_the_place_of_the_import() {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("middle.js", "\nexport * from './missing.js'"),
        ("one.js", "export const one = 1"),
        (
            "wrong.js",
            "export const x = 1;\nimport { one as y,\n  two } from './one.js'",
        ),
    ] {
        std::fs::write(dir.path().join(name), text).unwrap();
    }
    for (source, kind, expected) in [
        (
            "\nimport { x } from './missing.js'",
            Kind::NotFound,
            "main.js:2:19",
        ),
        (
            "\n  await import('./missing.js')",
            Kind::NotFound,
            "main.js:2:16",
        ),
        (
            "try {\n  await import('./missing.js')\n} catch (e) {\n  throw e\n}",
            Kind::NotFound,
            "main.js:2:16",
        ),
        ("import 'fs'", Kind::NotFound, "main.js:1:8"),
        ("import './middle.js'", Kind::NotFound, "middle.js:2:15"),
        (
            "const name = './missing';\nawait import(name + '.js')",
            Kind::NotFound,
            "main.js",
        ),
        (
            "import { one } from './one.js';\nimport { one as eins, zwei } from './one.js'",
            Kind::Parse,
            "main.js:2:23",
        ),
        ("import './wrong.js'", Kind::Parse, "wrong.js:3:3"),
    ] {
        let script = Script {
            dir: Some(dir.path().to_owned()),
            ..Script::new(dir.path().join("main.js").display().to_string(), source)
        };
        let world = World::javascript(Default::default());
        let raised = world.engine.run(cx(), script).await.unwrap_err();
        let details = raised.details();
        let file = details["file"].as_str().unwrap_or_default();
        let file = file.rsplit('/').next().unwrap_or_default();
        let numbers = ["line", "column"]
            .into_iter()
            .filter_map(|name| details.get(name));
        let place = numbers.fold(file.to_owned(), |place, number| format!("{place}:{number}"));
        assert_eq!(
            (raised.kind(), place.as_str()),
            (kind, expected),
            "{source}: {raised}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_error_that_is_caught_and_raised_stays_what_it_was() {
    let raised = error("try { await Test.fail('remote', 'gone') } catch (e) { throw e }").await;
    assert!(raised.is_retryable());
    assert_eq!(raised.hints(), ["do it differently"]);
    assert_eq!(raised.details()["line"], Value::Int(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rejection_that_nobody_handles_is_an_error() {
    for source in [
        "Test.failSlow('io', 'lost'); await Test.hang()",
        "Test.fail('io', 'lost'); await Test.slow(1)",
        "Promise.reject(new SpellError('lost', { kind: 'io' })); export default 1",
        "(async () => { await null; await Test.failSlow('io', 'lost') })()",
        "setTimeout(async () => { await Test.fail('io', 'lost') }, 1)",
        "setTimeout(() => { throw new SpellError('lost', { kind: 'io' }) }, 1)",
        "queueMicrotask(async () => { await Test.fail('io', 'lost') })",
    ] {
        let raised = error(source).await;
        assert_eq!(
            (raised.kind(), raised.message()),
            (Kind::Io, "lost"),
            "{source}"
        );
    }
    let got = js("const p = Test.fail('io', 'caught'); const q = Test.failSlow('io', 'caught'); q.catch(() => {});
        queueMicrotask(() => p.catch(() => {}));
        await Test.slow(1);
        export default (await Promise.allSettled([p, q])).map((end) => end.status)");
    assert_eq!(got.await.0.to_string(), r#"["rejected","rejected"]"#);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_script_that_does_not_compile() {
    let raised = error("let x = 1;\nlet y = = 2;").await;
    assert_eq!(raised.kind(), Kind::Parse);
    let details = raised.details();
    assert_eq!(
        (&details["phase"], &details["line"]),
        (&text("compile"), &Value::Int(2))
    );
    let world = World::javascript(Default::default());
    let check = |source: &str| world.engine.check(&Script::new("test.js", source));
    assert_eq!(check("export default await 1").err(), None);
    assert_eq!(check("import x from './nothing.js'").err(), None);
    assert_eq!(
        check("\nfoo bar").unwrap_err().details()["line"],
        Value::Int(2)
    );
    assert_eq!(check("a\0b").unwrap_err().kind(), Kind::Parse);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn expressions_are_accepted_where_asked_for() {
    let world = World::javascript(Default::default());
    for (source, expected) in [
        ("1 + 1", "[2]"),
        ("await Test.slow('x')", "[\"x\"]"),
        ("Test.slow('x')", "[\"x\"]"),
        ("{ a: 1 }", "[{\"a\":1}]"),
        ("1 + 1;", "[2]"),
        ("let x = 1; x + 1", "[]"),
        ("function f() { return 1 }", "[]"),
        ("undefined", "[]"),
        ("export default 5", "[5]"),
        ("", "[]"),
    ] {
        let script = Script {
            expression: true,
            ..Script::new("(exec)", source)
        };
        let got: Value = world
            .engine
            .run(cx(), script)
            .await
            .unwrap()
            .into_iter()
            .collect();
        assert_eq!(got.to_string(), expected, "{source}");
    }
    let script = Script {
        expression: true,
        ..Script::new("(exec)", "1 + x.y")
    };
    let raised = world.engine.run(cx(), script).await.unwrap_err();
    assert_eq!(raised.message(), "ReferenceError: x is not defined");
    assert_eq!(raised.details()["column"], Value::Int(5));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_arguments_name_the_parameter() {
    let raised = error("await Test.addUp({ a: 'x' })").await;
    assert_eq!(raised.kind(), Kind::InvalidArgs);
    assert_eq!(
        raised.message(),
        "parameter 'a' must be integer, got string (\"x\")"
    );
    assert_eq!(raised.op_name(), Some("test.add_up"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_promise_that_nothing_settles_is_told() {
    let raised = error("await new Promise(() => {})").await;
    assert_eq!(
        raised.message(),
        "the script waits for a promise that nothing will settle"
    );
}
