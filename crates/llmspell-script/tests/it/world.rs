//! A run with modules made for tests, and the engine over it.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use llmspell_core::{
    Callback, Clock, Cx, Door, Effect, Environment, Error, Handle, Host, Kind, Map, Module, Op,
    Random, Result, RunBuilder, ToolInfo, Value, View, Worker, error,
};
use llmspell_script::{
    Engine, FileOps, HostOps, InputOps, JavaScript, JavaScriptOptions, Lua, LuaOptions, Output,
    Script, Stream,
};
use parking_lot::Mutex;
use schemars::JsonSchema;
use serde::Deserialize;
use tokio::sync::Notify;

struct Time(Instant);

impl Clock for Time {
    fn now(&self) -> i64 {
        1_700_000_000_000_000
    }
    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }
    fn processor(&self) -> Duration {
        Duration::from_millis(1_500)
    }
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

struct Zeros;

impl Random for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

struct Nothing;

impl Environment for Nothing {
    fn var(&self, name: &str) -> Option<String> {
        (name == "HOME").then(|| "/home/spell".to_owned())
    }
}

impl Worker for Nothing {
    fn run(&self, job: &'static str, _: Value, _: Duration) -> BoxFuture<'static, Result<Value>> {
        Box::pin(async move { Err(llmspell_core::error!(Unavailable, "no worker for {job}")) })
    }
}

fn run() -> RunBuilder {
    let host = Host::closed(
        Arc::new(Time(Instant::now())),
        Arc::new(Zeros),
        Arc::new(Nothing),
        Arc::new(Nothing),
    );
    Cx::run("test", Arc::new(Door::default()), host)
}

/// A context without limits.
pub(crate) fn cx() -> Cx {
    run().build()
}

/// What the ops of the tests share.
#[derive(Default)]
pub(crate) struct Shared {
    /// Calls of `hang` under way.
    pub(crate) hanging: AtomicUsize,
    /// Most calls of `busy` under way at a time.
    pub(crate) most_busy: AtomicUsize,
    busy: AtomicUsize,
    gates: Mutex<HashMap<String, Arc<Notify>>>,
    kept: Mutex<Vec<Callback>>,
    pub(crate) seen: Mutex<Vec<Value>>,
}

/// Collects what scripts write.
#[derive(Default)]
pub(crate) struct Console {
    pub(crate) out: Mutex<Vec<u8>>,
    pub(crate) err: Mutex<Vec<u8>>,
    pub(crate) input: Mutex<io::Cursor<Vec<u8>>>,
    /// Refuses after so many bytes.
    pub(crate) limit: Option<usize>,
}

impl Output for Console {
    fn write(&self, stream: Stream, bytes: &[u8]) -> io::Result<()> {
        let mut target = match stream {
            Stream::Stdout => self.out.lock(),
            Stream::Stderr => self.err.lock(),
        };
        if self
            .limit
            .is_some_and(|limit| target.len() + bytes.len() > limit)
        {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        target.extend_from_slice(bytes);
        Ok(())
    }

    fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        io::Read::read(&mut *self.input.lock(), buffer)
    }
}

/// An engine over the modules of the tests.
pub(crate) struct World {
    pub(crate) engine: Arc<dyn Engine>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) console: Arc<Console>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(LuaOptions::default())
    }

    pub(crate) fn with(options: LuaOptions) -> Self {
        Self::over(options, Console::default())
    }

    pub(crate) fn over(options: LuaOptions, console: Console) -> Self {
        let (shared, console) = (Arc::<Shared>::default(), Arc::new(console));
        let lua = Lua::new(&modules(&shared), host_ops(), options, console.clone());
        Self {
            engine: Arc::new(lua),
            shared,
            console,
        }
    }

    /// A world whose scripts are JavaScript.
    pub(crate) fn javascript(options: JavaScriptOptions) -> Self {
        Self::javascript_over(options, Console::default())
    }

    pub(crate) fn javascript_over(options: JavaScriptOptions, console: Console) -> Self {
        let (shared, console) = (Arc::<Shared>::default(), Arc::new(console));
        let js = JavaScript::new(&modules(&shared), host_ops(), options, console.clone());
        Self {
            engine: Arc::new(js),
            shared,
            console,
        }
    }

    pub(crate) async fn run(&self, source: &str) -> Result<Vec<Value>> {
        self.run_with(cx(), source).await
    }

    pub(crate) async fn run_with(&self, cx: Cx, source: &str) -> Result<Vec<Value>> {
        let name = match self.engine.name() {
            "lua" => "test.lua",
            _ => "test.js",
        };
        self.engine.run(cx, Script::new(name, source)).await
    }

    /// Runs a script and returns its first value; an error fails the test.
    pub(crate) async fn value(&self, source: &str) -> Value {
        match self.run(source).await {
            Ok(values) => values.into_iter().next().unwrap_or_default(),
            Err(error) => panic!("{error:?}"),
        }
    }

    /// Runs a script that must raise.
    pub(crate) async fn error(&self, source: &str) -> Error {
        match self.run(source).await {
            Ok(values) => panic!("no error, but {values:?}"),
            Err(error) => error,
        }
    }

    /// Waits until no call of `hang` is under way; calls that were given up end on other threads.
    pub(crate) async fn nothing_hangs(&self) {
        for _ in 0..1_000 {
            if self.shared.hanging.load(Ordering::SeqCst) == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("calls are still under way");
    }

    pub(crate) fn printed(&self) -> String {
        String::from_utf8(self.console.out.lock().clone()).unwrap()
    }
}

/// Runs a script in a world of its own and returns its first value.
pub(crate) async fn value(source: &str) -> Value {
    World::new().value(source).await
}

/// Runs JavaScript in a world of its own; returns what it gives and what it noted last.
pub(crate) async fn js(source: &str) -> (Value, Value) {
    let world = World::javascript(JavaScriptOptions::default());
    let given = world.value(source).await;
    let noted = world.shared.seen.lock().pop();
    (given, noted.unwrap_or_default())
}

pub(crate) fn text(text: &str) -> Value {
    Value::from(text)
}

pub(crate) fn host_ops() -> HostOps {
    /// Nothing.
    #[derive(Deserialize, JsonSchema)]
    struct Nothing {}
    /// Seconds.
    #[derive(Deserialize, JsonSchema)]
    struct Sleep {
        seconds: f64,
    }
    /// A name.
    #[derive(Deserialize, JsonSchema)]
    struct Variable {
        name: String,
    }
    /// What was read.
    #[derive(Deserialize, JsonSchema)]
    struct Read {
        #[allow(dead_code, reason = "nothing is resumed here")]
        read: Value,
    }
    let op = |op: Op| Module::hidden("clock", "").op(op).ops.remove(0);
    HostOps {
        now: op(Op::new("now", |cx: Cx, _: Nothing| async move {
            Ok(cx.host().clock.now())
        })),
        processor: op(Op::new("processor", |cx: Cx, _: Nothing| async move {
            Ok(cx.host().clock.processor().as_secs_f64())
        })),
        sleep: op(Op::new("sleep", |cx: Cx, a: Sleep| async move {
            cx.host()
                .clock
                .sleep(Duration::from_secs_f64(a.seconds))
                .await;
            Ok(())
        })),
        seed: op(Op::new("seed", |_: Cx, _: Nothing| async move { Ok(42) })),
        variable: op(Op::new("variable", |cx: Cx, a: Variable| async move {
            Ok(cx.host().environment.var(&a.name))
        })),
        input: InputOps {
            recall: op(Op::new("recall", |_: Cx, _: Nothing| async move {
                Ok(Value::Null)
            })),
            note: op(Op::new("note", |_: Cx, _: Read| async move { Ok(()) })),
        },
        fetch: op(Op::new("fetch", fetch)),
        files: file_ops(),
    }
}

/// A server that echoes the request, at `https://echo.test/`; requests to `/slow` have no answer.
#[derive(Deserialize, JsonSchema)]
struct Fetch {
    url: String,
    method: String,
    headers: Map,
    body: Option<Value>,
    redirect: String,
}

async fn fetch(cx: Cx, asked: Fetch) -> Result<Value> {
    let url = asked.url.as_str();
    match url.strip_prefix("https://echo.test/") {
        None => Err(error!(Denied, "'{url}' is not permitted").hint("ask for it")),
        Some("slow") => Err(cx.cancel().cancelled().await),
        Some(_) => {
            let cookies: Vec<Value> = vec!["a=1".into(), "b=2".into()];
            let headers = [
                ("content-type", Value::from("application/json")),
                ("set-cookie", cookies.into()),
            ];
            let body = asked.body.map(|body| match body {
                Value::Bytes(bytes) => String::from_utf8_lossy(&bytes).into_owned().into(),
                other => other,
            });
            let echo = [
                ("method", asked.method.as_str().into()),
                ("redirect", asked.redirect.as_str().into()),
                ("headers", asked.headers.into()),
                ("body", body.into()),
            ];
            let echo: Value = echo.into_iter().collect();
            let answer = [
                ("status", 201.into()),
                ("url", url.into()),
                ("redirected", false.into()),
                ("headers", headers.into_iter().collect()),
                ("body", Value::Bytes(echo.to_string().into_bytes())),
            ];
            Ok(answer.into_iter().collect())
        }
    }
}

/// Files in memory. The names `denied` and those below it may not be used.
fn file_ops() -> FileOps {
    /// What all of them take.
    #[derive(Deserialize, JsonSchema)]
    struct Args {
        #[serde(default)]
        path: String,
        mode: Option<String>,
        at: Option<usize>,
        count: Option<usize>,
        bytes: Option<Value>,
        #[serde(default)]
        replace: bool,
        to: Option<String>,
    }
    type Disk = Mutex<HashMap<String, Vec<u8>>>;
    fn known(disk: &Disk, path: &str) -> Result<Vec<u8>> {
        if path.starts_with("denied") {
            return Err(error!(Denied, "'{path}' is not permitted").hint("ask for it"));
        }
        let found = disk.lock().get(path).cloned();
        found.ok_or_else(|| error!(NotFound, "'{path}' does not exist"))
    }
    let disk = Arc::new(Disk::default());
    let op = |verb: &'static str, body: fn(&Disk, Args) -> Result<Value>| {
        let disk = disk.clone();
        let op = Op::new(verb, move |_: Cx, args: Args| {
            let disk = disk.clone();
            async move {
                tokio::task::yield_now().await;
                body(&disk, args)
            }
        });
        Module::hidden("file", "").op(op).ops.remove(0)
    };
    FileOps {
        open: op("open", |disk, a| {
            let found = match known(disk, &a.path) {
                Err(error)
                    if error.kind() == Kind::NotFound && !a.mode.unwrap().starts_with('r') =>
                {
                    disk.lock().insert(a.path, Vec::new());
                    return Ok(0.into());
                }
                found => found?,
            };
            Ok(found.len().into())
        }),
        read: op("read", |disk, a| {
            let all = known(disk, &a.path)?;
            let rest = all.get(a.at.unwrap()..).unwrap_or_default();
            let piece = rest[..rest.len().min(a.count.unwrap())].to_vec();
            Ok(match String::from_utf8(piece) {
                Ok(text) => text.into(),
                Err(binary) => Value::Bytes(binary.into_bytes()),
            })
        }),
        write: op("write", |disk, a| {
            let mut all = known(disk, &a.path)?;
            let bytes = match a.bytes.unwrap() {
                Value::Str(text) => text.into_bytes(),
                Value::Bytes(bytes) => bytes,
                other => panic!("{other}"),
            };
            match (a.replace, a.at) {
                (true, _) => all = bytes,
                (false, None) => all.extend(bytes),
                (false, Some(at)) => {
                    all.resize(all.len().max(at + bytes.len()), 0);
                    all[at..at + bytes.len()].copy_from_slice(&bytes);
                }
            }
            disk.lock().insert(a.path, all);
            Ok(Value::Null)
        }),
        size: op("size", |disk, a| Ok(known(disk, &a.path)?.len().into())),
        remove: op("remove", |disk, a| {
            known(disk, &a.path)?;
            disk.lock().remove(&a.path);
            Ok(Value::Null)
        }),
        rename: op("rename", |disk, a| {
            let all = known(disk, &a.path)?;
            disk.lock().remove(&a.path);
            disk.lock().insert(a.to.unwrap(), all);
            Ok(Value::Null)
        }),
        temp: op("temp", |disk, _| {
            disk.lock().insert("temporary".into(), Vec::new());
            Ok("temporary".into())
        }),
    }
}

/// Adds two numbers.
#[derive(Deserialize, JsonSchema)]
struct Add {
    /// The first.
    a: i64,
    /// The second.
    #[serde(default)]
    b: i64,
}

/// Takes any value.
#[derive(Deserialize, JsonSchema)]
struct Any {
    /// The value.
    #[serde(default)]
    value: Value,
}

/// Fails.
#[derive(Deserialize, JsonSchema)]
struct Fail {
    /// Kind of the error.
    kind: String,
    /// Its sentence.
    message: String,
}

/// Calls a function.
#[derive(Deserialize, JsonSchema)]
struct Apply {
    /// The function.
    function: Callback,
    /// Its argument.
    #[serde(default)]
    value: Value,
}

/// Names something.
#[derive(Deserialize, JsonSchema)]
struct Named {
    /// The name.
    name: String,
}

/// Works on an agent.
#[derive(Deserialize, JsonSchema)]
struct OnAgent {
    /// The agent.
    agent: Handle,
    /// What to do.
    #[serde(default)]
    input: Value,
}

async fn pause() {
    for _ in 0..3 {
        tokio::task::yield_now().await;
    }
}

struct Hanging(Arc<Shared>);

impl Drop for Hanging {
    fn drop(&mut self) {
        self.0.hanging.fetch_sub(1, Ordering::SeqCst);
    }
}

fn agent(name: &str) -> Handle {
    let mut fields = Map::new();
    fields.insert("name", Value::from(name));
    fields.insert("tags", Value::from(vec!["a", "b"]));
    Handle::new("agent", &format!("id-{name}"), fields)
}

/// The modules of the tests.
pub(crate) fn modules(shared: &Arc<Shared>) -> Vec<Module> {
    let (one, two, three, four, five, six, seven) = (
        shared.clone(),
        shared.clone(),
        shared.clone(),
        shared.clone(),
        shared.clone(),
        shared.clone(),
        shared.clone(),
    );
    let test = Module::new("test", "Test", "Ops for tests.")
        .synonyms(&["Tests"])
        .op(Op::new("add_up", |_: Cx, a: Add| async move { Ok(a.a + a.b) }).aliases(&["plus"]))
        .op(Op::new("echo", |_: Cx, a: Any| async move { Ok(a.value) }).positional())
        .op(Op::new("slow", |_: Cx, a: Any| async move {
            pause().await;
            Ok(a.value)
        })
        .positional())
        .op(Op::new("note", move |_: Cx, a: Any| {
            one.seen.lock().push(a.value);
            async { Ok(()) }
        })
        .positional())
        .op(Op::new("fail", |_: Cx, a: Fail| async move {
            let kind = Kind::from_name(&a.kind).unwrap_or(Kind::Bug);
            let error: Result<()> = Err(Error::new(kind, a.message)
                .hint("do it differently")
                .transient(true));
            error
        }))
        .op(Op::new("fail_slow", |_: Cx, a: Fail| async move {
            pause().await;
            let kind = Kind::from_name(&a.kind).unwrap_or(Kind::Bug);
            let error: Result<()> = Err(Error::new(kind, a.message));
            error
        }))
        .op(Op::new("hang", move |_: Cx, _: Any| {
            let shared = two.clone();
            async move {
                shared.hanging.fetch_add(1, Ordering::SeqCst);
                let _counted = Hanging(shared);
                std::future::pending::<()>().await;
                Ok(())
            }
        }))
        .op(Op::new("busy", move |_: Cx, a: Any| {
            let shared = three.clone();
            async move {
                let now = shared.busy.fetch_add(1, Ordering::SeqCst) + 1;
                shared.most_busy.fetch_max(now, Ordering::SeqCst);
                pause().await;
                tokio::time::sleep(Duration::from_millis(1)).await;
                shared.busy.fetch_sub(1, Ordering::SeqCst);
                Ok(a.value)
            }
        })
        .positional())
        .op(Op::new("hold", move |_: Cx, a: Named| {
            let gate = four.gates.lock().entry(a.name).or_default().clone();
            async move {
                gate.notified().await;
                Ok(())
            }
        }))
        .op(Op::new("release", move |_: Cx, a: Named| {
            five.gates.lock().entry(a.name).or_default().notify_one();
            async { Ok(()) }
        }))
        .op(Op::new("apply", |cx: Cx, a: Apply| async move {
            a.function.call(&cx, vec![a.value]).await
        }))
        .op(Op::new("apply_slow", |cx: Cx, a: Apply| async move {
            pause().await;
            let outcome = a.function.call(&cx, vec![a.value]).await;
            pause().await;
            outcome
        }))
        .op(Op::new("apply_until", |cx: Cx, a: Apply| async move {
            let limit = Duration::from_millis(50);
            match tokio::time::timeout(limit, a.function.call(&cx, vec![a.value])).await {
                Ok(outcome) => outcome,
                Err(_) => Ok(Value::from("given up")),
            }
        }))
        .op(Op::new("keep", move |_: Cx, a: Apply| {
            six.kept.lock().push(a.function);
            async { Ok(()) }
        }))
        .op(Op::new("tidy", move |cx: Cx, _: Any| {
            let shared = seven.clone();
            async move {
                shared.seen.lock().push(Value::from("begun"));
                let reason = cx.cancel().cancelled().await;
                pause().await;
                shared.seen.lock().push(Value::from("tidied"));
                let ended: Result<()> = Err(reason);
                ended
            }
        }))
        .op(Op::new("name_of", |_: Cx, a: Apply| async move {
            Ok(a.function.name().to_owned())
        }))
        .op(Op::new("depth", |cx: Cx, _: Any| async move { Ok(cx.depth()) }).effect(Effect::Scope))
        .op(Op::new("deeper", |cx: Cx, a: Apply| async move {
            a.function.call(&cx, vec![a.value]).await
        })
        .effect(Effect::Scope))
        .op(Op::new("wrap", |_: Cx, a: Apply| async move {
            Ok(Value::Function(a.function))
        }))
        .op(Op::new("answer", |_: Cx, a: Any| async move {
            let mut map = Map::new();
            map.insert("text", a.value);
            map.insert("usage", Value::Int(7));
            Ok(Value::Map(map))
        })
        .positional()
        .view(View::Text("text")))
        .op(Op::new("listing", |_: Cx, _: Any| async {
            let item = |name: &str| {
                let mut map = Map::new();
                map.insert("name", Value::from(name));
                Value::Map(map)
            };
            Ok(Value::List(vec![item("x"), item("y")]))
        })
        .view(View::Each("name")))
        .op(
            Op::new("envelope", |_: Cx, a: Any| async move { Ok(a.value) })
                .positional()
                .view(View::Envelope),
        );
    let agents = Module::new("agent", "Agent", "Agents.")
        .index("get")
        .op(Op::new("create", |_: Cx, a: Named| async move {
            Ok(agent(&a.name))
        }))
        .op(Op::new("get", |_: Cx, a: Named| async move {
            Ok(match a.name.as_str() {
                "nobody" => Value::Null,
                name => Value::from(agent(name)),
            })
        }))
        .op(Op::new("execute", |_: Cx, a: OnAgent| async move {
            pause().await;
            Ok(format!("{}: {}", a.agent.id, a.input))
        })
        .on("agent")
        .positional()
        .aliases(&["run"]))
        .op(Op::new("get_state", |_: Cx, a: OnAgent| async move {
            Ok(a.agent.id.to_string())
        })
        .on("agent")
        .positional())
        .op(
            Op::new("ask", |_: Cx, a: OnAgent| async move { Ok(a.input) })
                .on("agent")
                .positional()
                .callable(),
        )
        .op(Op::new("countdown", |_: Cx, a: Any| async move {
            let mut fields = Map::new();
            fields.insert("from", a.value);
            Ok(Value::from(Handle::new("ticker", "t", fields)))
        })
        .positional());
    let left = Arc::new(Mutex::new(3_i64));
    let tickers = Module::hidden("ticker", "Handles that count down.").op(Op::new(
        "next",
        move |_: Cx, _: OnTicker| {
            let left = left.clone();
            async move {
                pause().await;
                let mut left = left.lock();
                *left -= 1;
                Ok((*left >= 0).then_some(*left))
            }
        },
    )
    .on("ticker")
    .iterates());
    vec![test, agents, tickers]
}

/// Works on a ticker.
#[derive(Deserialize, JsonSchema)]
struct OnTicker {
    /// The ticker.
    #[expect(dead_code, reason = "only its schema matters")]
    ticker: Handle,
}

/// A tool with all kinds of parameters, for stubs.
pub(crate) fn tool() -> Op {
    /// Searches text.
    #[derive(Deserialize, JsonSchema)]
    #[expect(dead_code, reason = "only its schema matters")]
    struct Search {
        /// What to look for.
        pattern: String,
        /// Most hits.
        #[serde(default)]
        limit: Option<u32>,
        /// How to compare.
        #[serde(default)]
        mode: Mode,
        /// Where to look.
        #[serde(default)]
        paths: Vec<String>,
    }
    #[derive(Deserialize, JsonSchema, Default)]
    #[serde(rename_all = "snake_case")]
    enum Mode {
        #[default]
        Exact,
        Fuzzy,
    }
    Op::new("search_text", |_: Cx, _: Search| async { Ok(true) }).tool(ToolInfo::new("utility"))
}
