//! Every hook point is called by something that a spell does.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::future::BoxFuture;
use llmspell::config::{Draft, Language, Selection, Surroundings};
use llmspell::{Options, SessionChoice, World};
use llmspell_core::Result;
use llmspell_runtime::hook::{
    Answer, Context, Hook, Hooks, Named, Nature, Point, Registration, Within,
};
use llmspell_script::Script;
use parking_lot::Mutex;

use crate::place::Place;
use crate::running::Running;

/// What a spell does that calls all of them.
const SPELL: &str = r#"
Tool.list()
Tool.calculator { input = "1 + 1" }
Tool.calculator { input = "1 / 0" }
local agent = Agent.create { name = "ann", model = "mock/echo" }
agent:execute("hi")
pcall(function() Agent.create({ name = "bob", model = "openai/gpt-4o" }):execute("hi") end)
agent:destroy()
Workflow.sequential { steps = { { execute = function() return 1 end } } }:execute()
local workflow = Workflow.sequential {
  steps = { { execute = function() return 1 end, compensate = function() end }, { tool = "calculator", input = { input = "1 / 0" } } },
}
workflow:execute()
State.save("n", 1)
State.load("n")
State.compare_and_set("global", "n", 2, 3)
State.migrate { to_version = "1.1.0", transformations = { { field = "a", transform = "remove" } } }
Config.set("x.y", 1)
pcall(Config.set, "security.level", "none")
local id = Event.subscribe("full", { max_queue_size = 1, backpressure = "reject" })
Event.publish("full")
pcall(Event.publish, "full")
Event.on("bad", function() error("no") end)
Event.publish("bad")
local session = Session.create()
Session.save(session)
Session.suspend(session)
Session.resume(session)
Session.complete(session)
local kept = {}
for n = 1, 54 do kept[n] = ("x"):rep(2^20) end
local began = os.clock()
while os.clock() - began < 0.6 do end
Utils.sleep(0.05)
"#;

#[derive(Default)]
struct Seen(Mutex<BTreeSet<&'static str>>);

impl Hook for Seen {
    fn call<'a>(
        &'a self,
        _: &'a Within<'a>,
        context: &'a mut Context<'_>,
    ) -> BoxFuture<'a, Result<Answer>> {
        let point = Named::ALL
            .iter()
            .find(|point| point.name() == context.point.name());
        self.0.lock().extend(point.map(|point| point.name()));
        Box::pin(std::future::ready(Ok(Answer::Continue)))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_point_is_called() {
    let selection = Selection {
        no_files: true,
        set: [
            "hooks.slow_operation_ms=0",
            "state.migration_enabled=true",
            "hooks.cpu_window_ms=200",
            "hooks.cpu_high_percent=1",
            "engines.lua.max_memory=67108864",
        ]
        .map(|set| ("--set".into(), set.into()))
        .into(),
        ..Selection::default()
    };
    let surroundings = Surroundings {
        cwd: std::env::temp_dir(),
        ..Surroundings::default()
    };
    let loaded = Draft::read(&selection, &surroundings, &llmspell::names()).unwrap();
    let loaded = loaded.load().unwrap();
    let script = Script::new("points.lua", SPELL);
    let options = Options {
        session: SessionChoice::None,
        ..Options::default()
    };
    let world = World::open(&loaded, Language::Lua, &script, options).unwrap();
    let hooks = world.cx().part::<Hooks>().unwrap();
    let seen = Arc::new(Seen::default());
    for point in Named::ALL {
        let registration = Registration::new("seen", seen.clone());
        hooks.register(Point::Named(*point), registration).unwrap();
    }
    world.run(script).await.unwrap().results.unwrap();
    let all: BTreeSet<_> = Named::ALL.iter().map(|point| point.name()).collect();
    assert_eq!(*seen.0.lock(), all);
}

/// The natures are those of the contract: what it marks V and N.
#[test]
fn natures() {
    let of = |nature| {
        Named::ALL
            .iter()
            .filter(move |point| point.nature() == nature)
            .count()
    };
    assert_eq!(of(Nature::Veto), 12);
    assert_eq!(of(Nature::Notice), 14);
}

/// Hooks of the end, which say what they are told and call something.
const AT_THE_END: &str = r#"
Hook.register("BeforeAgentShutdown", function(ctx) print("end of " .. ctx.agent_name) end)
Hook.register("SystemShutdown", function(ctx)
  print(ctx.data.reason, ctx.data.exit_code, Tool.calculator({ input = "1 + 1" }).output)
end)
Agent.create({ name = "ann", model = "mock/echo" }):execute("hi")
"#;

#[cfg(unix)]
#[test]
fn hooks_are_told_of_the_end_of_an_interrupted_run() {
    let spell = format!("{AT_THE_END} print('ready') Utils.sleep(60)");
    let place = Place::new().with("x.lua", &spell);
    let mut running = Running::start(&place, &["x.lua"]);
    assert_eq!(running.line(), "ready");
    running.interrupt();
    assert_eq!(running.line(), "end of ann");
    assert_eq!(running.line(), "cancelled\t130\t2");
    assert_eq!(running.ended(), Some(130));
}

#[test]
fn hooks_are_told_how_a_run_ends_that_ends_itself() {
    for (code, told) in [(0, "completed\t0\t2"), (3, "failed\t3\t2")] {
        let spell = format!("{AT_THE_END} os.exit({code})");
        let ended = Place::new().with("x.lua", &spell).run(&["x.lua"]);
        assert_eq!(ended.code, code);
        assert_eq!(ended.stdout, format!("end of ann\n{told}\n"));
    }
}
