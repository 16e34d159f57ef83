//! What scripts print and read.

use std::io::Cursor;

use llmspell_core::{Kind, Value};
use llmspell_script::LuaOptions;
use parking_lot::Mutex;

use crate::world::{Console, World, text};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn print_and_io_write() {
    let world = World::new();
    let source = "print('a', 1, nil, 2.0, true) print() io.write('x', 5, '\\n') io.stdout:write('y'):write('z\\n')
        io.stderr:write('warned') print(setmetatable({}, {__tostring=function() return 'shown' end})) print(Test.answer('hi'))
        io.write(Test.answer('there'))";
    world.run(source).await.unwrap();
    assert_eq!(
        world.printed(),
        "a\t1\tnil\t2.0\ttrue\n\nx5\nyz\nshown\nhi\nthere"
    );
    assert_eq!(*world.console.err.lock(), b"warned");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn input_is_read() {
    let console = Console {
        input: Mutex::new(Cursor::new(
            b"first\nsecond\n12 3.5 rest\nabcdef\nlast".to_vec(),
        )),
        ..Console::default()
    };
    let world = World::over(LuaOptions::default(), console);
    let source = "
        local a, b = io.read(), io.read('L')
        local n, m = io.read('n', 'n')
        local rest = io.read('l')
        local four = io.read(4)
        local all = {}
        for line in io.lines() do all[#all + 1] = line end
        return {a, b, n, m, rest, four, all, io.read() == nil, io.read('a'), io.type(io.stdin)}";
    assert_eq!(
        world.value(source).await.to_string(),
        r#"["first","second\n",12,3.5," rest","abcd",["ef","last"],true,"","file"]"#
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_pipe_ends_the_run_quietly() {
    let console = Console {
        limit: Some(1 << 20),
        ..Console::default()
    };
    let world = World::over(LuaOptions::default(), console);
    let error = world
        .error("while true do pcall(print, ('x'):rep(1000)) end")
        .await;
    assert_eq!(error.kind(), Kind::Cancelled);
    assert_eq!(error.details()["broken_pipe"], Value::Bool(true));
    assert!(world.printed().len() <= 1 << 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exit_ends_the_run() {
    for (source, code) in [
        ("os.exit(3)", 3),
        ("os.exit(true)", 0),
        ("os.exit(false)", 1),
        ("os.exit()", 0),
        ("pcall(os.exit, 4) print('still here')", 4),
        (
            "Test.apply_slow(function() os.exit(5) end) print('still here')",
            5,
        ),
        (
            "Async.all({function() os.exit(6) end, Test.hang}, {settle=true}) print('still here')",
            6,
        ),
        (
            "pcall(coroutine.wrap(function() os.exit(7) end)) print('still here')",
            7,
        ),
    ] {
        let world = World::new();
        let error = world.error(source).await;
        assert_eq!(error.kind(), Kind::Cancelled, "{source}");
        assert_eq!(error.details()["exit_code"], Value::Int(code), "{source}");
        assert_eq!(world.printed(), "", "{source}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_are_not_started() {
    let world = World::new();
    for name in ["io.popen('ls')", "os.execute('ls')"] {
        let error = world.error(&format!("return {name}")).await;
        assert_eq!(error.kind(), Kind::Unavailable, "{name}");
        assert!(!error.hints().is_empty(), "{name}");
        assert_eq!(error.details()["file"], text("test.lua"));
    }
}
