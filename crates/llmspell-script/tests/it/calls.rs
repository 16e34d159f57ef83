//! Calls of ops from everywhere in a script.

use llmspell_core::{Kind, Value};
use llmspell_script::LuaOptions;

use crate::world::{World, text, value};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_and_styles() {
    let world = World::new();
    let source = "return {Test.add_up{a=1,b=2}, Test.addUp(3, 4), Test.plus(5), Tests.add_up{a=6}, \
                  Test.echo{x=1}.x, Test.echo(nil) == nil}";
    assert_eq!(
        world.value(source).await,
        Value::List(vec![
            3.into(),
            7.into(),
            5.into(),
            6.into(),
            1.into(),
            true.into()
        ])
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_wait_inside_pcall_and_xpcall() {
    let source = "
        local ok, v = pcall(Test.slow, 1)
        local ok2, e = pcall(Test.fail_slow, {kind='not_found', message='gone'})
        local ok3, v3 = xpcall(function() return Test.slow(2) end, print)
        local ok4, e4 = xpcall(function() Test.fail_slow{kind='io', message='x'} end, function(e) return Test.slow(e.kind) end)
        return {ok, v, ok2, e.kind, ok3, v3, ok4, e4}";
    let expected = Value::List(vec![
        true.into(),
        1.into(),
        false.into(),
        text("not_found"),
        true.into(),
        2.into(),
        false.into(),
        text("io"),
    ]);
    assert_eq!(value(source).await, expected);
}

const EVERYWHERE: &str = "
    local function everywhere()
      local out = {}
      local function put(v) out[#out + 1] = v end
      -- own coroutine
      local co = coroutine.create(function(a)
        local b = coroutine.yield(Test.slow(a + 1))
        Test.slow(0)
        local c = coroutine.yield(Test.slow(b + 1))
        return Test.slow(c + 1)
      end)
      for _, arg in ipairs{1, 10, 100} do put(select(2, coroutine.resume(co, arg))) end
      put(coroutine.status(co))
      -- iterator over a coroutine
      for v in coroutine.wrap(function() for i = 1, 2 do coroutine.yield(Test.slow(i)) end end) do put(v) end
      -- iterator function
      local n = 0
      for v in function() n = n + 1; if n < 3 then return Test.slow(n * 7) end end do put(v) end
      -- coroutine in a coroutine
      put(coroutine.wrap(function() return coroutine.wrap(function() return Test.slow('deep') end)() end)())
      -- metamethods
      local meta = setmetatable({}, {
        __index = function(_, k) return Test.slow(k) end,
        __add = function(a, b) return Test.slow('sum') end,
        __eq = function() return Test.slow(true) end,
        __call = function(_, x) return Test.slow(x) end,
        __tostring = function() return Test.slow('text') end,
        __len = function() return Test.slow(3) end,
        __close = function() put(Test.slow('closed')) end,
      })
      put(meta.field); put(meta + 1); put(meta == setmetatable({}, getmetatable(meta))); put(meta('called'))
      put(tostring(meta)); put(#meta)
      do local guard <close> = meta end
      -- C functions that cannot yield
      local list = {3, 1, 2}
      table.sort(list, function(a, b) return Test.slow(a) < Test.slow(b) end)
      put(table.concat(list, ','))
      put((('a b'):gsub('%a', function(l) return Test.slow(l .. l) end)))
      put(load(function() local s = n == 3 and 'return 5' or nil; n = 4; return s end)())
      return out
    end
";

const EVERYWHERE_RESULT: &str = "[2,11,101,\"dead\",1,2,7,14,\"deep\",\"field\",\"sum\",true,\"called\",\"text\",3,\"closed\",\"1,2,3\",\"aa bb\",5]";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_wait_everywhere() {
    let result = value(&format!("{EVERYWHERE} return everywhere()")).await;
    assert_eq!(result.to_string(), EVERYWHERE_RESULT);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_wait_everywhere_concurrently() {
    let source = format!(
        "{EVERYWHERE} local list = {{}} for i = 1, 40 do list[i] = everywhere end return Async.all(list)"
    );
    let Value::List(results) = value(&source).await else {
        panic!("no list")
    };
    assert_eq!(results.len(), 40);
    for result in results {
        assert_eq!(result.to_string(), EVERYWHERE_RESULT);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_wait_everywhere_inside_a_callback() {
    let source = format!("{EVERYWHERE} return Test.apply_slow{{['function'] = everywhere}}");
    assert_eq!(value(&source).await.to_string(), EVERYWHERE_RESULT);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_coroutine_that_waits_is_not_resumed_by_another() {
    let source = "
        local co = coroutine.create(function() Test.hold{name='g'} return 'done' end)
        local first, second
        Async.all{
          function() first = select(2, coroutine.resume(co)) end,
          function()
            second = {coroutine.status(co), coroutine.resume(co)}
            Test.release{name='g'}
          end,
        }
        return {first, second[1], second[2], second[3]}";
    let expected = Value::List(vec![
        text("done"),
        text("normal"),
        false.into(),
        text("cannot resume non-suspended coroutine"),
    ]);
    assert_eq!(value(source).await, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn coroutines_behave_as_in_lua() {
    let source = "
        local co = coroutine.wrap(function() error('inside') end)
        local ok, e = pcall(co)
        local yielded, why = pcall(coroutine.yield, 1)
        local t = {}
        local c = coroutine.create(function() local x <close> = setmetatable({}, {__close=function() t[1] = Test.slow('closed') end}) coroutine.yield() end)
        coroutine.resume(c)
        local closed = coroutine.close(c)
        local bad = select(2, pcall(coroutine.resume, 5))
        return {ok, e, yielded, why, coroutine.isyieldable(), select(2, coroutine.running()), t[1], closed, coroutine.status(c), bad}";
    let Value::List(got) = value(source).await else {
        panic!()
    };
    assert_eq!(got[0], Value::Bool(false));
    assert_eq!(got[1], text("test.lua:2: inside"));
    assert!(
        got[3]
            .to_string()
            .contains("attempt to yield from outside a coroutine"),
        "{}",
        got[3]
    );
    assert_eq!(got[4], Value::Bool(false));
    assert_eq!(got[5], Value::Bool(true));
    assert_eq!(got[6], text("closed"));
    assert_eq!(got[7], Value::Bool(true));
    assert_eq!(got[8], text("dead"));
    assert!(
        got[9].to_string().contains("coroutine expected"),
        "{}",
        got[9]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn functions_are_called_back() {
    let world = World::new();
    let source = "
        local function double(x) return Test.slow(x * 2) end
        return {Test.apply{['function']=double, value=4}, Test.apply_slow{['function']=double, value=5},
                Test.name_of(double), Test.wrap(double)(21)}";
    let got = world.value(source).await;
    assert_eq!(
        got,
        Value::List(vec![8.into(), 10.into(), text("test.lua:2"), 42.into()])
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn functions_that_are_called_back_end_in_every_way() {
    // Whether the function is called where the script stands, or from a call that waits.
    for apply in ["apply", "apply_slow"] {
        let source = format!(
            "
            local function ask(f, value)
              local ok, answer = pcall(Test.{apply}, {{['function']=f, value=value}})
              return ok and (answer == nil and 'nothing' or answer) or 'failed: ' .. tostring(answer)
            end
            local hog = function() local t = {{}} while true do t[#t + 1] = ('x'):rep(100000) .. #t end end
            local got = {{
              ask(function() end),
              ask(function(...) return select('#', ...), 'second' end, 1),
              ask(function(x) return {{x, {{y = x}}}} end, 'deep'),
              ask(function() return print end),
              ask(function() error('a text', 0) end),
              ask(function() error({{kind = 'not_found', message = 'a table'}}) end),
              ask(function() error() end),
              ask(function() coroutine.yield(1) return 'went on' end),
              ask(function() return coroutine.wrap(function() return Test.slow('inside') end)() end),
              ask(function(x) return ask(function(y) return y + 1 end, x) + 1 end, 1),
              ask(hog),
              ask(function(x) return x end, 'as before'),
            }}
            return got"
        );
        let options = LuaOptions {
            max_memory: 16 << 20,
            ..LuaOptions::default()
        };
        let got = World::with(options).value(&source).await;
        let got: Vec<String> = got
            .as_list()
            .unwrap()
            .iter()
            .map(|answer| llmspell_core::value::to_json(answer).replace(apply, "apply"))
            .collect();
        insta::allow_duplicates! {
            insta::assert_snapshot!(got.join("\n"), @r#"
            "nothing"
            1
            ["deep",{"y":"deep"}]
            "<function>"
            "failed: test.apply: a text"
            "failed: test.apply: a table"
            "failed: test.apply: null"
            "failed: test.apply: attempt to yield from outside a coroutine"
            "inside"
            3
            "failed: test.apply: the script needs more than its 16 MiB of memory"
            "as before"
            "#);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn functions_called_back_endlessly_end_with_an_error() {
    let options = LuaOptions {
        max_memory: 8 << 20,
        ..LuaOptions::default()
    };
    let error = World::with(options)
        .error("function g(x) return Test.apply(g, x) end return g(1)")
        .await;
    assert_eq!(error.kind(), Kind::Limit, "{error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_of_a_callback_are_below_the_call_that_made_it() {
    let source = "
        local outside = Test.depth()
        local inside = Test.deeper(function() return Test.depth() end)
        local twice = Test.deeper(function() return Test.deeper(function() Test.slow(1) return Test.depth() end) end)
        return {outside, inside, twice, Test.depth()}";
    assert_eq!(
        value(source).await,
        Value::List(vec![1.into(), 2.into(), 3.into(), 1.into()])
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_callback_whose_caller_goes_away_is_stopped() {
    let world = World::new();
    let source = "
        local ended
        local given = Test.apply_until(function() Test.hang() end)
        local spun = Test.apply_until(function() while true do Test.slow(1) end end)
        return {given, spun}";
    assert_eq!(
        world.value(source).await,
        Value::List(vec![text("given up"), text("given up")])
    );
    assert_eq!(
        world
            .shared
            .hanging
            .load(std::sync::atomic::Ordering::SeqCst),
        0
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_callback_after_the_run_is_cancelled() {
    let world = World::new();
    world.value("Test.note(function() return 1 end)").await;
    let kept = world.shared.seen.lock().pop().unwrap();
    let error = kept
        .as_function()
        .unwrap()
        .call(&crate::world::cx(), Vec::new())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Cancelled);
}
