//! The standard library as scripts get it.

use llmspell_core::{Kind, Value};
use llmspell_script::{LuaOptions, Stdlib};

use crate::world::{World, text, value};

const NAMES: &str = "
    local names = {}
    for name, v in pairs(_G) do
      names[#names + 1] = name
      if type(v) == 'table' and name ~= '_G' and not name:match('^%u') then for inner in pairs(v) do names[#names + 1] = name .. '.' .. inner end end
    end
    table.sort(names)
    return table.concat(names, ' ')";

async fn names(stdlib: Stdlib) -> String {
    let world = World::with(LuaOptions {
        stdlib,
        ..LuaOptions::default()
    });
    world.value(NAMES).await.as_str().unwrap().to_owned()
}

/// Every name of the smallest library, beside the modules of the tests.
const NONE: &str = "Agent Args Async JSON Streaming Test Tests _G _VERSION arg arg.0 assert collectgarbage coroutine \
    coroutine.close coroutine.create coroutine.isyieldable coroutine.resume coroutine.running coroutine.status \
    coroutine.wrap coroutine.yield error getmetatable ipairs json json.array json.null math math.abs math.acos \
    math.asin math.atan math.atan2 math.ceil math.cos math.cosh math.deg math.exp math.floor math.fmod math.frexp \
    math.huge math.ldexp math.log math.log10 math.max math.maxinteger math.min math.mininteger math.modf math.pi \
    math.pow math.rad math.random math.randomseed math.sin math.sinh math.sqrt math.tan math.tanh math.tointeger \
    math.type math.ult next pairs pcall print rawequal rawget rawlen rawset select setmetatable string string.byte \
    string.char string.find string.format string.gmatch string.gsub string.len string.lower string.match string.pack \
    string.packsize string.rep string.reverse string.sub string.unpack string.upper table table.concat table.insert \
    table.move table.pack table.remove table.sort table.unpack tonumber tostring type utf8 utf8.char \
    utf8.charpattern utf8.codepoint utf8.codes utf8.len utf8.offset warn xpcall";
/// What `safe` has beyond that.
const SAFE: &str = "dofile io io.close io.flush io.input io.lines io.open io.output io.popen io.read io.stderr io.stdin \
    io.stdout io.tmpfile io.type io.write load loadfile os os.clock os.date os.difftime os.execute os.exit os.getenv \
    os.remove os.rename os.setlocale os.time os.tmpname package package.config package.cpath package.loaded \
    package.path package.preload require";
/// What `full` has beyond that.
const FULL: &str = "debug debug.getinfo debug.getlocal debug.getmetatable debug.getupvalue debug.setcstacklimit \
    debug.setlocal debug.setmetatable debug.setupvalue debug.traceback debug.upvalueid debug.upvaluejoin";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_allow_lists() {
    let none = names(Stdlib::None).await;
    assert_eq!(none, NONE);
    let safe = names(Stdlib::Safe).await;
    assert_eq!(beyond(&safe, &none), SAFE);
    assert_eq!(beyond(&names(Stdlib::Full).await, &safe), FULL);
}

fn beyond(names: &str, known: &str) -> String {
    let new = names
        .split(' ')
        .filter(|name| !known.split(' ').any(|other| other == *name));
    new.collect::<Vec<_>>().join(" ")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn time_comes_from_the_run() {
    let source = "return {os.time(), os.clock(), os.date('!%Y-%m-%d %H:%M:%S'), os.date('!*t', 0).year, os.difftime(5, 3),
        os.getenv('HOME'), os.getenv('SECRET') == nil, os.date('!%c', 0), os.setlocale()}";
    assert_eq!(
        value(source).await.to_string(),
        r#"[1700000000,1.5,"2023-11-14 22:13:20",1970,2.0,"/home/spell",true,"Thu Jan  1 00:00:00 1970","C"]"#
    );
    let source = "
        local t = {year=2024, month=14, day=-3, hour=25}
        local s = os.time(t)
        local back = os.date('*t', s)
        return {t.year, t.month, t.day, t.hour, back.year, back.month, back.day, back.hour, back.isdst ~= nil,
                select(2, pcall(os.time, {year=1})), select(2, pcall(os.date, '%Q'))}";
    let got = value(source).await.to_string();
    assert!(got.starts_with("[2025,1,29,1,2025,1,29,1,true,"), "{got}");
    assert!(got.contains("field 'month' missing in date table"), "{got}");
    assert!(got.contains("invalid conversion specifier '%Q'"), "{got}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sleep_is_built_in() {
    let source =
        "return {os.execute('sleep 0.01'), os.execute(), select('#', os.execute('  sleep 0  '))}";
    assert_eq!(
        value(source).await,
        Value::List(vec![true.into(), false.into(), 3.into()])
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_numbers_repeat() {
    let source = "local t = {} for i = 1, 5 do t[i] = math.random(100) end t[6] = math.random() t[7] = math.random(0) return t";
    assert_eq!(value(source).await, value(source).await);
    let lua: Value = {
        let raw = mlua::Lua::new();
        let numbers: Vec<i64> = raw
            .load("math.randomseed(42, 0) local t = {} for i = 1, 5 do t[i] = math.random(100) end return t")
            .eval()
            .unwrap();
        numbers.into()
    };
    let ours = value("local t = {} for i = 1, 5 do t[i] = math.random(100) end return t").await;
    assert_eq!(ours, lua);
    let seeded = "math.randomseed(7) local a = math.random(1, 1000000) math.randomseed(7) return a == math.random(1, 1000000)";
    assert_eq!(value(seeded).await, Value::Bool(true));
    let error = World::new().error("math.random(3, 1)").await;
    assert!(
        error.message().contains("interval is empty"),
        "{}",
        error.message()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn functions_of_lua_5_3() {
    let source = "return {math.pow(2, 10), math.log10(1000), math.frexp(8), select(2, math.frexp(8)), math.ldexp(0.5, 4),
        string.format('%.6f %.6f %.6f', math.cosh(1), math.sinh(1), math.tanh(1))}";
    assert_eq!(
        value(source).await.to_string(),
        r#"[1024.0,3.0,0.5,4,8.0,"1.543081 1.175201 0.761594"]"#
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn table_move_is_that_of_lua() {
    let source = "
        local t = {1, 2, 3}
        table.move(t, 1, 3, 2)
        local u = table.move({1, 2, 3}, 2, 3, 1)
        local v = table.move({1, 2}, 1, 2, 3, {9, 9})
        return {t, u, v, #table.move({}, 1, 0, 1), select(2, pcall(table.move, 1))}";
    let got = value(source).await.to_string();
    assert!(got.starts_with("[[1,1,2,3],[2,3,3],[9,9,1,2],0,"), "{got}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dangerous_functions_are_gone() {
    let world = World::new();
    let source = "return {debug == nil, collectgarbage('count') > 0, pcall(collectgarbage, 'stop'), package.loadlib == nil, package.cpath,
                          string.rep('', 1 << 60), getmetatable('').__index == string}";
    assert_eq!(
        world.value(source).await.to_string(),
        r#"[true,true,false,true,"","",true]"#
    );
    let full = World::with(LuaOptions {
        stdlib: Stdlib::Full,
        ..LuaOptions::default()
    });
    let source = "return {type(debug.traceback()), debug.sethook == nil, debug.getregistry == nil, pcall(debug.setmetatable, {}, {__gc = print})}";
    assert!(
        full.value(source)
            .await
            .to_string()
            .starts_with(r#"["string",true,true,false"#)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn arguments_of_the_script() {
    let world = World::new();
    let script = llmspell_script::Script {
        args: vec!["a".into(), "b".into()],
        ..llmspell_script::Script::new(
            "dir/spell.lua",
            "return {..., arg[0], arg[1], arg[2], #arg, Args.script, #Args, Args[2]}, Args",
        )
    };
    let got = llmspell_script::Engine::run(&*world.engine, crate::world::cx(), script)
        .await
        .unwrap();
    assert_eq!(
        got[0].to_string(),
        r#"["a","dir/spell.lua","a","b",2,"dir/spell.lua",2,"b"]"#
    );
    assert_eq!(got[1], Value::from(vec!["a", "b"]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn errors_of_the_library_are_those_of_lua() {
    let world = World::new();
    for (source, message) in [
        (
            "string.find()",
            "bad argument #1 to 'find' (string expected, got no value)",
        ),
        ("('x'):find('[')", "malformed pattern (missing ']')"),
        ("('x'):find('%')", "malformed pattern (ends with '%')"),
        (
            "('x'):gsub('x', true)",
            "bad argument #2 to 'gsub' (string/function/table expected, got boolean)",
        ),
        ("('x'):gsub('x', '%2')", "invalid capture index %2"),
        (
            "('x'):gsub('x', function() return {} end)",
            "invalid replacement value (a table)",
        ),
        (
            "('x'):gsub('x', '%a')",
            "invalid use of '%' in replacement string",
        ),
        ("('x'):find('%1')", "invalid capture index %1"),
        (
            "setmetatable(1, {})",
            "bad argument #1 to 'setmetatable' (table expected, got number)",
        ),
        (
            "setmetatable({}, 1)",
            "bad argument #2 to 'setmetatable' (nil or table expected, got number)",
        ),
        ("('x'):rep(1 << 62, 'yy')", "resulting string too large"),
    ] {
        let error = world.error(source).await;
        assert_eq!(error.kind(), Kind::Script, "{source}");
        assert_eq!(error.message(), message, "{source}");
        assert_eq!(error.details()["at"], text("test.lua:1"), "{source}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_with_a_length_of_their_own() {
    let source = "
        local function new(items) return setmetatable({}, {__len = function() return #items end, __index = items, __newindex = items}), items end
        local a, inner = new{3, 1, 2}
        table.insert(a, 9)
        table.insert(a, 1, 7)
        local last, first = table.remove(a), table.remove(a, 1)
        table.sort(a)
        local plain = {1, 2}
        table.insert(plain, 3)
        return {table.concat(inner, ','), last, first, table.concat(plain, ','), select(2, pcall(table.insert, {}, 5, 1))}";
    assert_eq!(
        value(source).await.to_string(),
        r#"["1,2,3",9,7,"1,2,3","bad argument #2 to 'table.insert' (position out of bounds)"]"#
    );
}
