//! Tables that are made when the script looks at them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use llmspell_core::{Callback, Cx, Error, Kind, Module, Op, Told, Value, View};
use llmspell_script::{Engine, JavaScript, JavaScriptOptions, Lua, LuaOptions, Script, Stdlib};
use parking_lot::Mutex;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::world::{Console, cx, host_ops, text};

/// What became of what functions were told.
#[derive(Default)]
struct Made {
    names: Mutex<Vec<String>>,
    dropped: AtomicUsize,
}

struct Table(Arc<Made>);

impl Told for Table {
    fn names(&self) -> &'static [&'static str] {
        &["a", "list", "gone"]
    }

    fn bytes(&self) -> usize {
        0
    }

    fn member(&self, name: &str) -> Option<Value> {
        self.0.names.lock().push(name.to_owned());
        match name {
            "a" => Some(1.into()),
            "list" => Some(vec!["x", "y"].into()),
            _ => None,
        }
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        self.0.dropped.fetch_add(1, Ordering::SeqCst);
    }
}

/// One member, which needs a lot of memory, and what it holds without it.
struct Large(usize);

impl Told for Large {
    fn names(&self) -> &'static [&'static str] {
        &["large"]
    }

    fn bytes(&self) -> usize {
        self.0
    }

    fn member(&self, _: &str) -> Option<Value> {
        Some("x".repeat(100 << 20).into())
    }
}

/// Tells a function something.
#[derive(Deserialize, JsonSchema)]
struct Tell {
    /// The function.
    function: Callback,
}

/// Returns what a tool does.
#[derive(Deserialize, JsonSchema)]
struct Nothing {}

fn modules(made: &Arc<Made>) -> Vec<Module> {
    let made = made.clone();
    let tell = Op::new("tell", move |cx: Cx, a: Tell| {
        let told = Box::new(Table(made.clone()));
        async move { a.function.tell(&cx, told).await }
    });
    let large = Op::new("large", |cx: Cx, a: Tell| async move {
        a.function.tell(&cx, Box::new(Large(0))).await
    });
    let heavy = Op::new("heavy", |cx: Cx, a: Tell| async move {
        a.function.tell(&cx, Box::new(Large(1 << 20))).await
    });
    let wrapped = Op::new("wrapped", |_: Cx, _: Nothing| async {
        let data = Value::Str("x".repeat(1 << 20));
        Ok(Value::from([("success", true.into()), ("data", data)]))
    });
    let module = Module::new("test", "Test", "Ops for tests.");
    let module = module.op(wrapped.view(View::Envelope));
    let module = module.op(tell.positional());
    vec![module.op(large.positional()).op(heavy.positional())]
}

async fn with(options: LuaOptions, source: &str) -> (Result<Value, Error>, Arc<Made>) {
    let made = Arc::<Made>::default();
    let console = Arc::new(Console::default());
    let lua = Lua::new(&modules(&made), host_ops(), options, console);
    let outcome = lua.run(cx(), Script::new("test.lua", source)).await;
    let first = |values: Vec<Value>| values.into_iter().next().unwrap_or_default();
    (outcome.map(first), made)
}

/// Returns what a script gives, and which members were made for it.
async fn run(source: &str) -> (Value, Vec<String>) {
    let (given, made) = with(LuaOptions::default(), source).await;
    let names = made.names.lock().clone();
    (given.unwrap(), names)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_what_is_read_is_made_and_only_once() {
    let (given, made) = run("return Test.tell(function(t) return t.a + t.a end)").await;
    assert_eq!((given, made), (2.into(), vec!["a".to_owned()]));
    let (given, made) = run(
        "return Test.tell(function(t) return t.gone == nil and t.gone == nil and t.other == nil end)",
    )
    .await;
    assert_eq!((given, made), (true.into(), vec!["gone".to_owned()]));
    let (_, made) = run("Test.tell(function(t) end)").await;
    assert!(made.is_empty());
    let (given, made) = run("return Test.tell(function(t) t.a = 5 return t.a end)").await;
    assert_eq!((given, made), (5.into(), Vec::new()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_looks_at_all_of_it_makes_all_of_it() {
    for look in [
        "local n = 0 for _ in pairs(t) do n = n + 1 end return n",
        "local n, name = 0, next(t) while name do n, name = n + 1, next(t, name) end return n",
        "rawset(t, 'b', nil) local n = 0 for _ in pairs(t) do n = n + 1 end return n",
        "setmetatable(t, {}) local n = 0 for _ in pairs(t) do n = n + 1 end return n",
        "local _ = t.a local n = 0 for _ in pairs(t) do n = n + 1 end return n",
        "return #t.list",
    ] {
        let (given, made) = run(&format!("return Test.tell(function(t) {look} end)")).await;
        assert_eq!(given, 2.into(), "{look}");
        let most = if look.contains("#t.list") { 1 } else { 3 };
        assert_eq!(made.len(), most, "{look}");
    }
    let (given, _) = run("return Test.tell(function(t) return t end)").await;
    let all = [("a", 1.into()), ("list", vec!["x", "y"].into())];
    assert_eq!(given, all.into_iter().collect());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kept_one_says_the_same_and_a_forgotten_one_is_dropped() {
    let (given, _) =
        run("local kept Test.tell(function(t) kept = t end) collectgarbage() return kept.list[2]")
            .await;
    assert_eq!(given, text("y"));
    let source = "for i = 1, 50 do Test.tell(function(t) return t.a end) end
                  for i = 1, 50 do Test.tell(function(t) return next(t) end) end
                  collectgarbage() collectgarbage() return 1";
    let (given, made) = with(LuaOptions::default(), source).await;
    given.unwrap();
    // The coroutine that ran last may still hold the last one.
    assert!(made.dropped.load(Ordering::SeqCst) >= 99);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metamethods_can_be_called_with_anything() {
    let options = LuaOptions {
        stdlib: Stdlib::Full,
        ..LuaOptions::default()
    };
    let source = "
        local told
        Test.tell(function(t) told = t end)
        local refused = 0
        for _, meta in ipairs { debug.getmetatable(told), debug.getmetatable(Test.wrapped()) } do
        for _, name in ipairs { '__index', '__newindex', '__pairs' } do
          for _, args in ipairs { {}, { 1 }, { 1, 'a' }, { {}, 1, 1 }, { {}, 'a', 1 }, { {}, nil, 1 } } do
            if not pcall(meta[name], table.unpack(args, 1, 3)) then refused = refused + 1 end
          end
        end
        assert(meta.__index({}, 'a') == nil and meta.__index({}, 'data') == nil)
        -- Whether or not it finds anything, it ends.
        pcall(function() return debug.setmetatable({}, meta).text end)
        end
        return refused > 0";
    let (given, _) = with(options, source).await;
    assert_eq!(given.unwrap(), true.into());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_without_room_is_an_error_of_the_script() {
    let options = || LuaOptions {
        max_memory: 32 << 20,
        ..LuaOptions::default()
    };
    for look in ["return t.large", "return next(t)", "return t"] {
        let source = format!("return Test.large(function(t) {look} end)");
        let (given, _) = with(options(), &source).await;
        assert_eq!(given.unwrap_err().kind(), Kind::Limit, "{look}");
    }
    let source = "local kept = {}
                  for i = 1, 100 do Test.heavy(function(t) kept[i] = t end) end";
    let (given, _) = with(options(), source).await;
    assert_eq!(given.unwrap_err().kind(), Kind::Limit);
    let source = "for i = 1, 100 do Test.heavy(function(t) end) end return 1";
    let (given, _) = with(options(), source).await;
    assert_eq!(given.unwrap(), 1.into());
    let source = "local kept = {} for i = 1, 100 do kept[i] = Test.wrapped() end";
    let (given, _) = with(options(), source).await;
    assert_eq!(given.unwrap_err().kind(), Kind::Limit);
    let source = "for i = 1, 100 do Test.wrapped() end return #Test.wrapped().data";
    let (given, _) = with(options(), source).await;
    assert_eq!(given.unwrap(), (1 << 20).into());
    let source = "return Test.large(function(t) return pcall(function() return t.large end) end)";
    let (given, _) = with(options(), source).await;
    assert_eq!(given.unwrap(), false.into());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn javascript_is_told_an_object_with_all_of_it() {
    let made = Arc::<Made>::default();
    let console = Arc::new(Console::default());
    let options = JavaScriptOptions::default();
    let js = JavaScript::new(&modules(&made), host_ops(), options, console);
    let source = "export default await Test.tell((t) => Object.keys(t).join(' '))";
    let given = js.run(cx(), Script::new("test.js", source)).await.unwrap();
    assert_eq!(given, vec![text("a list")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_must_be_data() {
    for (returned, message) in [
        ("coroutine.create(print)", "the function returned a thread"),
        ("io.stdout", "the function returned a file"),
        (
            "{ a = { io.stdin } }",
            "the function returned a file at 'a[1]'",
        ),
    ] {
        // The second one ends another way, as it is not done when it is called.
        for wait in ["", "Test.wrapped() "] {
            let source = format!("Test.tell(function(t) {wait}return {returned} end)");
            let (given, _) = with(LuaOptions::default(), &source).await;
            assert_eq!(given.unwrap_err().message(), message, "{source}");
        }
    }
    let (given, _) = run("return type(Test.tell(function() return print end))").await;
    assert_eq!(given, text("function"));
    let (given, _) = run("return Test.tell(function() return nil, io.stdout end)").await;
    assert_eq!(given, Value::Null);
    let (given, _) = run("return Test.tell(function() return { 1, x = 2 } end).x").await;
    assert_eq!(given, 2.into());
    let made = Arc::<Made>::default();
    for (returned, message) in [
        ("Symbol('x')", "the function returned a symbol"),
        ("new Date()", "the function returned a Date"),
        ("new Uint8Array(2)", "the function returned a Uint8Array"),
        ("[].values()", "the function returned an Array Iterator"),
        (
            "({ a: [Promise.resolve()] })",
            "the function returned a Promise at 'a[0]'",
        ),
    ] {
        for function in [
            format!("() => {returned}"),
            format!("async () => {{ await null; return {returned} }}"),
        ] {
            let (console, options) = (Arc::new(Console::default()), JavaScriptOptions::default());
            let js = JavaScript::new(&modules(&made), host_ops(), options, console);
            let source = format!("await Test.tell({function})");
            let error = js
                .run(cx(), Script::new("test.js", &source))
                .await
                .unwrap_err();
            assert_eq!(error.message(), message);
        }
    }
}
