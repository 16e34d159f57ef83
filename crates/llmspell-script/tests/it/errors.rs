//! Errors as scripts see them, and as callers of a script see them.

use llmspell_core::{Kind, Value};
use llmspell_script::{LuaOptions, Script};

use crate::world::{World, cx, text};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_uncaught_text_has_file_line_and_stack() {
    let source = "local function inner()\n  error('boom')\nend\nlocal function outer()\n  inner()\n  return 1\nend\nouter()\n";
    let error = World::new().error(source).await;
    assert_eq!((error.kind(), error.message()), (Kind::Script, "boom"));
    let details = error.details();
    assert_eq!(details["file"], text("test.lua"));
    assert_eq!(details["line"], Value::Int(2));
    assert_eq!(
        details["stack"].to_string(),
        r#"[{"file":"test.lua","line":2,"function":"inner"},{"file":"test.lua","line":5,"function":"outer"},{"file":"test.lua","line":8}]"#
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_uncaught_error_of_an_op_stays_what_it_was() {
    let error = World::new()
        .error("local x = 1\nTest.fail{kind='rate_limited', message='slow down'}")
        .await;
    assert_eq!(
        (error.kind(), error.message()),
        (Kind::RateLimited, "slow down")
    );
    assert_eq!(error.op_name(), Some("test.fail"));
    assert!(error.is_retryable());
    assert_eq!(error.details()["at"], text("test.lua:2"));
    assert_eq!(error.details()["line"], Value::Int(2));
    let slow = World::new()
        .error("\n\nTest.fail_slow{kind='io', message='disk'}")
        .await;
    assert_eq!(
        (slow.kind(), &slow.details()["line"]),
        (Kind::Io, &Value::Int(3))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_error_passes_through_a_callback() {
    let world = World::new();
    let error = world
        .error("Test.apply_slow(function()\n Test.fail{kind='auth', message='no key'} end)")
        .await;
    assert_eq!((error.kind(), error.message()), (Kind::Auth, "no key"));
    assert_eq!(error.details()["line"], Value::Int(2));
    let error = world
        .error("Test.apply(function()\n\n error('in the callback') end)")
        .await;
    assert_eq!(
        (error.kind(), error.message()),
        (Kind::Script, "in the callback")
    );
    assert_eq!(error.details()["line"], Value::Int(3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_with_a_known_kind_become_that_error() {
    let world = World::new();
    let error = world
        .error("error{kind='conflict', message='busy', details={who='x'}}")
        .await;
    assert_eq!((error.kind(), error.message()), (Kind::Conflict, "busy"));
    assert_eq!(error.details()["who"], text("x"));
    let error = world.error("error{message='plain'}").await;
    assert_eq!((error.kind(), error.message()), (Kind::Script, "plain"));
    let error = world
        .error("error(setmetatable({}, {__tostring=function() return 'shown' end}))")
        .await;
    assert_eq!(error.message(), "shown");
    assert_eq!(world.error("error()").await.kind(), Kind::Script);
    assert_eq!(
        world.error("local x = nil + 1").await.message(),
        "attempt to perform arithmetic on a nil value"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_script_that_does_not_compile() {
    let world = World::new();
    let error = world.error("local x = 1\nlocal y = = 2").await;
    assert_eq!(error.kind(), Kind::Parse);
    assert_eq!(error.message(), "unexpected symbol near '='");
    assert_eq!(error.details()["phase"], text("compile"));
    assert_eq!(error.details()["file"], text("test.lua"));
    assert_eq!(error.details()["line"], Value::Int(2));
    let checked = world
        .engine
        .check(&Script::new("test.lua", "x = = 1"))
        .unwrap_err();
    assert_eq!(checked.details()["line"], Value::Int(1));
    assert!(
        world
            .engine
            .check(&Script::new(
                "test.lua",
                "#!/usr/bin/env llmspell\nprint(1)"
            ))
            .is_ok()
    );
    let shell = world.error("#!/usr/bin/env llmspell\nerror('x')").await;
    assert_eq!(shell.details()["line"], Value::Int(2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn expressions_are_accepted_where_asked_for() {
    let world = World::new();
    let run = |source: &str| {
        let script = Script {
            expression: true,
            ..Script::new("(exec)", source)
        };
        world.engine.run(cx(), script)
    };
    assert_eq!(run("1+1").await.unwrap(), [Value::Int(2)]);
    assert_eq!(run("local x = 3 return x").await.unwrap(), [Value::Int(3)]);
    assert!(run("Test.note(1)").await.is_ok());
    assert_eq!(run("x = ").await.unwrap_err().kind(), Kind::Parse);
    for (source, near) in [
        ("1 +", "<eof>"),
        ("f(", "<eof>"),
        ("x = )", "')'"),
        ("1 + )", "'1'"),
    ] {
        let error = run(source).await.unwrap_err();
        assert!(error.message().ends_with(near), "{source}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn locals_are_shown_in_debug_mode() {
    let options = LuaOptions {
        debug: true,
        ..LuaOptions::default()
    };
    let error = World::with(options)
        .error("local name, count = 'ann', 3\nerror('x')")
        .await;
    let stack = error.details()["stack"].to_string();
    assert!(
        stack.contains(r#""locals":{"name":"ann","count":3}"#),
        "{stack}"
    );
}
