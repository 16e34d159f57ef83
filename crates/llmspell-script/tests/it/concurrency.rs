//! Async.all and streams.

use std::sync::atomic::Ordering;

use llmspell_core::{Kind, Value};

use crate::world::{World, text, value};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn results_are_in_order_and_run_concurrently() {
    let world = World::new();
    let source = "
        return Async.all{
          function() Test.hold{name='b'} return 'first' end,
          function() Test.slow(1) Test.release{name='b'} return 'second' end,
          function() return 'third' end,
        }";
    assert_eq!(
        world.value(source).await,
        Value::from(vec!["first", "second", "third"])
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_at_once() {
    let source = "
        local list = {}
        for i = 1, 1000 do list[i] = function() local a = Test.slow(i) return a + Test.slow(1) end end
        local sum = 0
        for _, v in ipairs(Async.all(list)) do sum = sum + v end
        return sum";
    assert_eq!(value(source).await, Value::Int(501_500));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_limit_is_kept() {
    let world = World::new();
    let source = "
        local list = {}
        for i = 1, 30 do list[i] = function() return Test.busy(i) end end
        return #Async.all(list, {limit = 4})";
    assert_eq!(world.value(source).await, Value::Int(30));
    assert_eq!(world.shared.most_busy.load(Ordering::SeqCst), 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_error_cancels_the_rest() {
    let world = World::new();
    let source = "
        local cleaned, after = false, false
        local ok, e = pcall(Async.all, {
          function() local c <close> = setmetatable({}, {__close = function() cleaned = true end}) Test.hang() after = true end,
          Test.hang,
          function() Test.slow(1) Test.fail{kind='conflict', message='lost'} end,
        })
        return {ok, e.kind, e.message, cleaned, after}";
    assert_eq!(
        world.value(source).await,
        Value::List(vec![
            false.into(),
            text("conflict"),
            text("lost"),
            true.into(),
            false.into()
        ])
    );
    // The runtime drops aborted calls on its own threads.
    while world.shared.hanging.load(Ordering::SeqCst) > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settle_collects_everything() {
    let source = "
        local r = Async.all({function() return 1 end, function() error('no', 0) end, function() Test.fail{kind='io', message='x'} end}, {settle=true})
        return {r[1].ok, r[1].value, r[2].ok, r[2].error, r[3].error.kind}";
    assert_eq!(
        value(source).await,
        Value::List(vec![
            true.into(),
            1.into(),
            false.into(),
            text("no"),
            text("io")
        ])
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_within_all_and_within_coroutines() {
    let source = "
        local inner = function() return Async.all{function() return Test.slow(1) end, function() return Test.slow(2) end} end
        local r = Async.all{inner, coroutine.wrap(inner), function() return Test.apply_slow(inner) end}
        local sorted = {2, 1}
        table.sort(sorted, function(a, b) local v = Async.all{function() return Test.slow(a) end, function() return Test.slow(b) end} return v[1] < v[2] end)
        return {r[1][2], r[2][1], r[3][2], sorted[1]}";
    assert_eq!(
        value(source).await,
        Value::List(vec![2.into(), 1.into(), 2.into(), 1.into()])
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_arguments_are_refused() {
    let world = World::new();
    for source in [
        "Async.all(5)",
        "Async.all{1}",
        "Async.all({}, {limit=0})",
        "Async.all({}, 3)",
    ] {
        assert_eq!(
            world.error(source).await.kind(),
            Kind::InvalidArgs,
            "{source}"
        );
    }
    assert_eq!(world.value("return #Async.all{}").await, Value::Int(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_uncaught_error_of_a_task() {
    let error = World::new()
        .error("Async.all{function()\n error('boom') end}")
        .await;
    assert_eq!((error.kind(), error.message()), (Kind::Script, "boom"));
    assert_eq!(error.details()["line"], Value::Int(2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_hand_out_values() {
    let source = "
        local s = Streaming.create(function() for i = 1, 3 do Streaming.yield(Test.slow(i * i)) end return 'last' end)
        local first, done = s:next(), s:is_done()
        local rest = s:collect()
        local seen = {}
        for v in Streaming.create(function() Streaming.yield('a') Streaming.yield('b') end):iter() do seen[#seen + 1] = v end
        for v in Streaming.create(function() Streaming.yield('c') end) do seen[#seen + 1] = v end
        local t = Streaming.create(function() coroutine.yield(1) end)
        return {first, done, rest, s:is_done(), s:next() == nil, table.concat(seen, ','), t.next(), t:isDone()}";
    assert_eq!(
        value(source).await.to_string(),
        r#"[1,false,[4,9,"last"],true,true,"a,b,c",1,false]"#
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_fail_and_close() {
    let world = World::new();
    let source = "
        local s = Streaming.create(function() Streaming.yield(1) error('broken', 0) end)
        s:next()
        local ok, e = pcall(s.next, s)
        local closed
        local c = Streaming.create(function() local x <close> = setmetatable({}, {__close = function() closed = true end}) Streaming.yield(1) Streaming.yield(2) end)
        c:next() c:close()
        local outside = select(2, pcall(Streaming.yield, 1))
        local h = Streaming.create(function() Test.hang() end)
        local waited = Async.all({function() return h:next() end, function() Test.slow(1) h:close() return 'closed' end}, {settle=true})
        return {ok, e, s:is_done(), closed, c:next() == nil, outside.kind, waited[1].ok, waited[1].error.kind, waited[2].value}";
    assert_eq!(
        world.value(source).await.to_string(),
        r#"[false,"broken",true,true,true,"invalid_state",false,"cancelled","closed"]"#
    );
}
