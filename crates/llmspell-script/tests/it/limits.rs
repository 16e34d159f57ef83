//! Spells that do not want to end, or want everything.

use std::time::Duration;

use llmspell_core::{Error, Kind, Value};
use llmspell_script::{JavaScriptOptions, LuaOptions, Script};

use crate::endless::endless;
use crate::world::{World, cx, text};

macro_rules! scripts {
    ($world:expr) => {
        endless! {
            $world;
            a_loop: "while true do end",
            a_loop_of_pcalls: "while true do pcall(function() while true do end end) end",
            a_loop_of_pcalls_that_retry: "local function f() while true do pcall(f) end end f()",
            a_loop_of_xpcalls: "while true do xpcall(function() while true do end end, function() while true do end end) end",
            a_loop_in_a_coroutine: "coroutine.wrap(function() while true do end end)()",
            a_loop_of_coroutines: "while true do pcall(coroutine.wrap(function() while true do end end)) end",
            loops_of_coroutines_in_coroutines: "
                local function nest(n)
                  return function()
                    while true do
                      if n > 0 then pcall(coroutine.wrap(nest(n - 1))) end
                    end
                  end
                end
                nest(6)()",
            a_loop_of_ready_calls: "while true do pcall(Test.add_up, 1, 2) end",
            a_loop_of_waiting_calls: "while true do pcall(Test.slow, 1) end",
            a_loop_in_a_callback: "while true do pcall(Test.apply, function() while true do end end) end",
            a_loop_in_tasks: "Async.all({function() while true do end end, function() while true do end end}, {settle=true})",
            a_loop_in_a_metamethod: "local t = setmetatable({}, {__index = function() while true do end end}) return t.x",
            a_loop_in_a_comparator: "table.sort({1, 2, 3}, function() while true do end end)",
            a_loop_in_a_close_handler: "
                local c = coroutine.create(function() local x <close> = setmetatable({}, {__close = function() while true do end end}) coroutine.yield() end)
                coroutine.resume(c) coroutine.close(c)",
            a_loop_in_a_handler_of_a_coroutine_that_was_stopped: "
                local x = setmetatable({}, {__close = function() while true do end end})
                pcall(coroutine.wrap(function() local x <close> = x while true do end end))",
            a_loop_in_a_closed_coroutine_that_was_stopped: "
                local x = setmetatable({}, {__close = function() while true do end end})
                local c = coroutine.create(function() local x <close> = x while true do end end)
                while true do pcall(coroutine.resume, c) pcall(coroutine.close, c) end",
            a_loop_of_resumed_coroutines: "while true do local c = coroutine.create(coroutine.yield) coroutine.resume(c) coroutine.resume(c) end",
            a_loop_in_a_stream: "Streaming.create(function() while true do end end).next()",
            a_loop_in_a_gsub: "string.gsub('a', '.', function() while true do end end)",
            a_loop_in_a_callback_in_a_coroutine_in_a_callback: "
                Test.apply(function() coroutine.wrap(function() Test.apply(function() while true do end end) end)() end)",
            a_loop_after_a_callback: "Test.apply(function() return 1 end) while true do end",
            a_loop_after_a_coroutine: "coroutine.wrap(function() return 1 end)() while true do end",
            a_loop_in_a_tostring: "print(setmetatable({}, {__tostring = function() while true do end end}))",
            a_call_that_never_ends: "Test.hang()",
            a_call_that_never_ends_in_a_comparator: "table.sort({2, 1}, function() Test.hang() end)",
            a_pattern_in_a_loop: "while true do pcall(string.find, ('a'):rep(30), ('a?'):rep(30) .. ('a'):rep(30) .. 'b') end",
            an_iterator: "for i = 1, math.huge do end",
            a_goto: "::again:: goto again",
            an_insert_into_a_table_that_lies: "table.insert(setmetatable({}, {__len = function() return 1 << 60 end}), 1, 1)",
            a_remove_from_a_table_that_lies: "table.remove(setmetatable({}, {__len = function() return 1 << 60 end}), 1)",
            a_sort_of_a_table_that_lies: "table.sort(setmetatable({}, {__len = function() return (1 << 31) - 2 end}), rawequal)",
            a_move: "table.move({}, 1, math.maxinteger - 1, 2)",
        }
    };
}

/// What looks whether they must stop is a timer, where the system has one.
mod without_a_limit {
    use super::*;
    scripts!(World::new());
}

/// What looks whether they must stop is a count.
mod with_a_limit_of_instructions {
    use super::*;
    scripts!(World::with(LuaOptions {
        max_instructions: u64::MAX,
        ..LuaOptions::default()
    }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pattern_that_backtracks_ends_by_itself() {
    let world = World::new();
    for name in ["find", "gsub", "gmatch"] {
        let source = format!(
            "local r = string.{name}(('a'):rep(30), ('a?'):rep(30) .. ('a'):rep(30) .. 'b'{}) if type(r) == 'function' then r() end",
            if name == "gsub" { ", ''" } else { "" }
        );
        let error = world.error(&source).await;
        assert_eq!(error.kind(), Kind::Limit, "{error:?}");
        assert_eq!(error.details()["what"], text("pattern"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn finalizers_are_refused() {
    let error = World::new()
        .error("setmetatable({}, {__gc = function() while true do end end})")
        .await;
    assert!(error.message().contains("__gc"), "{}", error.message());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_is_bounded() {
    for source in [
        "local t = {} while true do t[#t + 1] = ('x'):rep(1000) .. #t end",
        "local s = 'x' while true do s = s .. s end",
        "return ('x'):rep(1 << 40)",
        "return (('x'):rep(1 << 20)):gsub('.', ('y'):rep(1000))",
        "local t = {} while true do t[#t + 1] = coroutine.create(print) end",
        "local t = {} for i = 1, 1e9 do t[i] = i end",
        "local t = {} while true do pcall(function() while true do t[#t + 1] = {} end end) error('not enough memory', 0) end",
    ] {
        let options = LuaOptions {
            max_memory: 24 << 20,
            ..LuaOptions::default()
        };
        let error = World::with(options).error(source).await;
        assert_eq!(error.kind(), Kind::Limit, "{source}: {error:?}");
        assert_eq!(error.details()["what"], text("memory"), "{source}");
    }
}

/// Both engines say what memory their script has: while it computes, and while it waits.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_can_be_seen_from_outside() {
    let lua = World::with(LuaOptions {
        max_memory: 64 << 20,
        ..LuaOptions::default()
    });
    let js = World::javascript(JavaScriptOptions {
        max_memory: 64 << 20,
        ..JavaScriptOptions::default()
    });
    for (world, source) in [
        (&lua, "kept = ('x'):rep(20 << 20) while true do end"),
        (&lua, "kept = ('x'):rep(20 << 20) Test.hang()"),
        (
            &js,
            "globalThis.kept = new Uint8Array(20 << 20); while (true);",
        ),
        (
            &js,
            "globalThis.kept = new Uint8Array(20 << 20); await Test.hang()",
        ),
    ] {
        let interpreter = world.engine.open().unwrap();
        let running = tokio::spawn(interpreter.eval(cx(), Script::new("memory", source)));
        let full = async {
            loop {
                match interpreter.heap() {
                    Some(heap) if heap.used > 20 << 20 => return heap,
                    _ => tokio::time::sleep(Duration::from_millis(5)).await,
                }
            }
        };
        let heap = tokio::time::timeout(Duration::from_secs(60), full).await;
        let heap = heap.unwrap_or_else(|_| panic!("{source}: {:?}", interpreter.heap()));
        assert!(heap.used < heap.limit, "{source}: {heap:?}");
        assert_eq!(heap.limit, 64 << 20, "{source}");
        running.abort();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_of_a_result_is_bounded() {
    let options = LuaOptions {
        max_memory: 16 << 20,
        ..LuaOptions::default()
    };
    let world = World::with(options);
    let source = "local t = {} for i = 1, 100 do t[i] = Test.echo(('x'):rep(1 << 20)) end";
    let error = world.error(source).await;
    assert_eq!(error.details()["what"], text("memory"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recursion_is_a_script_error() {
    let world = World::new();
    for source in [
        "local function f() return 1 + f() end f()",
        "local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k) return t[k] end return t.x",
        "local function f() return (string.gsub('x', 'x', f)) end f()",
        "local function f() return pcall(f) end local ok, e = f() error(e or 'end')",
        "local function f() coroutine.wrap(f)() end f()",
        "local t = setmetatable({}, {__eq = function(a, b) return a == b end}) return t == setmetatable({}, getmetatable(t))",
        "local function f() table.sort({1, 2}, f) end f()",
        "local s = ('('):rep(100000) assert(load('return ' .. s))",
        "local s = ('{'):rep(100000) assert(load('return ' .. s))",
        "local function f() return require(f()) end f()",
        "return ('x'):find(('('):rep(100000))",
        "return ('x'):rep(1000):find(('x?'):rep(300))",
    ] {
        let outcome = world.run(source).await;
        match outcome {
            Err(error) => assert!(
                matches!(error.kind(), Kind::Script | Kind::Limit),
                "{source}: {error:?}"
            ),
            Ok(values) => panic!("{source}: {values:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recursion_through_ops_does_not_overflow_the_stack() {
    let options = LuaOptions {
        max_memory: 8 << 20,
        ..LuaOptions::default()
    };
    let world = World::with(options);
    for source in [
        "local function f() table.sort({1, 2}, function() Test.apply(f) return false end) end f()",
        "local function f() Test.apply_slow(f) end f()",
        "local function f() Test.deeper(f) end f()",
    ] {
        let error = world.error(source).await;
        assert!(
            matches!(error.kind(), Kind::Script | Kind::Limit),
            "{source}: {error:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn instructions_are_bounded() {
    let options = LuaOptions {
        max_instructions: 200_000,
        ..LuaOptions::default()
    };
    let world = World::with(options);
    let error = world
        .error("while true do pcall(function() while true do end end) end")
        .await;
    assert_eq!(error.kind(), Kind::Limit);
    assert_eq!(error.details()["what"], text("instructions"));
    assert_eq!(
        world
            .value("local n = 0 for i = 1, 1000 do n = n + i end return n")
            .await,
        Value::Int(500_500)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cancelling_stops_the_script_and_what_it_waits_for() {
    let world = World::new();
    for source in [
        "while true do end",
        "Test.hang()",
        "Async.all{Test.hang, Test.hang, function() while true do Test.slow(1) end end}",
    ] {
        let cx = cx();
        let cancel = cx.cancel().clone();
        let run = tokio::spawn(world.engine.run(cx, Script::new("test.lua", source)));
        tokio::task::yield_now().await;
        cancel.cancel(Error::new(Kind::Cancelled, "the user said so"));
        let error = tokio::time::timeout(Duration::from_secs(60), run)
            .await
            .unwrap()
            .unwrap()
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.message()),
            (Kind::Cancelled, "the user said so"),
            "{source}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dropping_the_run_drops_what_it_waits_for() {
    let world = World::new();
    let source = "Async.all{Test.hang, Test.hang, function() Test.apply_slow(Test.hang) end}";
    let run = tokio::spawn(world.engine.run(cx(), Script::new("test.lua", source)));
    let hanging = || {
        world
            .shared
            .hanging
            .load(std::sync::atomic::Ordering::SeqCst)
    };
    let reach = |wanted: usize| async move {
        while hanging() != wanted {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), reach(3))
        .await
        .unwrap();
    run.abort();
    tokio::time::timeout(Duration::from_secs(60), reach(0))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytecode_is_refused() {
    let world = World::new();
    let source = "return {string.dump == nil, load('\\27Lua') == nil, select(2, load('\\27Lua')), (select(2, load('return 1', 'x', 'b')))}";
    let got = world.value(source).await.to_string();
    assert!(
        got.starts_with("[true,true,\"attempt to load a binary chunk"),
        "{got}"
    );
    let error = world.error("\u{1b}Lua").await;
    assert_eq!(error.kind(), Kind::Parse);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_runs_at_once() {
    let world = World::new();
    let runs = (0..50).map(|number| {
        let source =
            format!("local n = 0 for i = 1, 10 do n = n + Test.slow(i) end return n + {number}");
        world.engine.run(cx(), Script::new("test.lua", source))
    });
    let results = futures::future::join_all(runs).await;
    for (number, result) in results.into_iter().enumerate() {
        assert_eq!(result.unwrap(), [Value::Int(55 + number as i64)]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_that_heed_the_cancelling_end_by_themselves() {
    let world = World::new();
    let cx = cx();
    let cancel = cx.cancel().clone();
    let source = "pcall(Test.tidy) Test.note('after')";
    let run = tokio::spawn(world.engine.run(cx, Script::new("test.lua", source)));
    while world.shared.seen.lock().is_empty() {
        tokio::task::yield_now().await;
    }
    cancel.cancel(Error::new(Kind::Cancelled, "stop"));
    let error = run.await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.message()), (Kind::Cancelled, "stop"));
    assert_eq!(*world.shared.seen.lock(), [text("begun"), text("tidied")]);
}
