//! Async.all and streams.

use std::sync::atomic::Ordering;

use llmspell_core::{Kind, Value};

use crate::world::{World, text, value};

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
