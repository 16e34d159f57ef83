use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use llmspell_core::Kind;
use llmspell_core::host::WriteMode;
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use super::*;
use crate::test_world::{Heard, Place, call_on, joined};

struct World {
    dir: TempDir,
    cx: Cx,
}

fn world() -> World {
    configured(json!({}))
}

fn configured(settings: Json) -> World {
    let dir = tempfile::tempdir().unwrap();
    let place = Place::default().files(dir.path()).settings(TOOL, settings);
    let cx = place.real_time().cx();
    World { dir, cx }
}

impl World {
    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().canonicalize().unwrap().join(name)
    }

    fn shown(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    fn put(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    async fn call(&self, args: Json) -> Result<Outcome> {
        call_on(&self.cx, op(), args).await
    }

    async fn data(&self, args: Json) -> Json {
        self.call(args).await.unwrap().data.to_serde_json()
    }

    async fn fails(&self, args: Json) -> Error {
        self.call(args).await.unwrap_err()
    }

    async fn start(&self, mut args: Json) -> String {
        args["operation"] = json!("start");
        let data = self.data(args).await;
        data["watch_id"].as_str().unwrap().to_owned()
    }

    /// Polls until there are so many events, for ten seconds at most.
    async fn polled(&self, id: &str, count: usize) -> Vec<Json> {
        let mut events = Vec::new();
        for _ in 0..1000 {
            let data = self
                .data(json!({"operation": "poll", "watch_id": id}))
                .await;
            assert_eq!(data["events"], data["changes"]);
            assert_eq!(data["active"], true);
            events.extend(data["events"].as_array().unwrap().clone());
            if events.len() >= count {
                break;
            }
            self.cx.host().clock.sleep(Duration::from_millis(10)).await;
        }
        events
    }

    /// Returns kind and name of each event, the old name before the new one.
    fn told(&self, events: &[Json]) -> Vec<String> {
        let root = self.path("");
        let below = |path: &Json| {
            let path = PathBuf::from(path.as_str().unwrap());
            path.strip_prefix(&root).unwrap().display().to_string()
        };
        let told = events.iter().map(|event| {
            let old = match &event["old_path"] {
                Json::Null => String::new(),
                old => format!("{} ", below(old)),
            };
            format!(
                "{} {old}{}",
                event["kind"].as_str().unwrap(),
                below(&event["path"])
            )
        });
        told.collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tree_is_watched() {
    let world = world();
    world.put("old", "old");
    world.put("gone", "");
    world.put("sub/deep/file", "");
    let id = world.start(json!({"path": "."})).await;
    assert_eq!(id, "watch-1");
    world.put("new", "new");
    world.put("sub/deep/file", "changed");
    fs::rename(world.path("old"), world.path("moved")).unwrap();
    fs::remove_file(world.path("gone")).unwrap();
    let events = world.polled(&id, 4).await;
    let mut told = world.told(&events);
    told.sort();
    assert_eq!(
        told,
        [
            "created new",
            "deleted gone",
            "modified sub/deep/file",
            "renamed old moved"
        ]
    );
    let created = events
        .iter()
        .find(|event| event["kind"] == "created")
        .unwrap();
    assert_eq!(created["event_type"], "Create");
    assert_eq!(
        (&created["is_dir"], &created["size"]),
        (&json!(false), &json!(3))
    );
    assert!(created["timestamp"].as_str().unwrap().ends_with('Z'));
    let renamed = events
        .iter()
        .find(|event| event["kind"] == "renamed")
        .unwrap();
    assert_eq!(
        (&renamed["path"], &renamed["old_path"]),
        (&json!(world.shown("moved")), &json!(world.shown("old")))
    );

    let list = world.data(json!({"operation": "list"})).await;
    assert_eq!(list["watches"][0]["watch_id"], "watch-1");
    assert_eq!(
        list["watches"][0]["paths"],
        json!([world.path("").display().to_string().trim_end_matches('/')])
    );
    let stopped = world
        .call(json!({"operation": "stop", "watch_id": id}))
        .await
        .unwrap();
    assert_eq!(stopped.output, Some(true.into()));
    assert_eq!(stopped.data.get("stopped"), Some(&true.into()));
    let error = world
        .fails(json!({"operation": "get_changes", "watch_id": id}))
        .await;
    assert_eq!(error.kind(), Kind::NotFound);
    assert_eq!(
        world.data(json!({"operation": "list"})).await["watches"],
        json!([])
    );
}

/// Changes a file again and again until the watch has returned.
async fn watched(world: &World, name: &str, args: Json) -> Outcome {
    let done = Arc::new(AtomicBool::new(false));
    let writer = {
        let (done, path) = (done.clone(), world.path(name));
        std::thread::spawn(move || {
            while !done.load(Ordering::Relaxed) {
                fs::write(&path, "again").unwrap();
                // Fewer changes than a watch returns at most.
                std::thread::park_timeout(std::time::Duration::from_millis(2));
            }
        })
    };
    let outcome = world.call(args).await.unwrap();
    done.store(true, Ordering::Relaxed);
    writer.join().unwrap();
    outcome
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_returns_with_the_first_events() {
    let world = world();
    let args = json!({"operation": "watch", "paths": ["."], "max_events": 1, "debounce_ms": 10});
    let outcome = watched(&world, "a", args).await;
    let data = outcome.data.to_serde_json();
    assert_eq!(
        (&data["event_count"], &data["timed_out"]),
        (&json!(1), &json!(false))
    );
    assert_eq!(outcome.primary().to_serde_json(), data["events"]);
    assert_eq!(data["events"][0]["path"], world.shown("a"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_without_changes_ends_in_time() {
    let world = world();
    for limit in [
        json!({"timeout_ms": 30}),
        json!({"duration": 0.03}),
        json!({"timeout": 0.03}),
    ] {
        let args = joined(json!({"operation": "wait", "input": "."}), &limit);
        let data = world.data(args).await;
        assert_eq!(
            data,
            json!({"events": [], "event_count": 0, "timed_out": true, "dropped": 0})
        );
    }
    // Without a look at quiet, the whole time is waited for.
    let args = json!({"operation": "watch", "input": ".", "timeout_ms": 300, "until_quiet_ms": 0, "debounce_ms": 0, "max_events": 10_000});
    let data = watched(&world, "a", args).await.data.to_serde_json();
    assert_eq!(data["timed_out"], true);
    assert!(data["event_count"].as_i64().unwrap() >= 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_wanted_changes_are_told() {
    let world = world();
    world.put("sub/x", "");
    let flat = world
        .start(json!({"input": ".", "recursive": false, "debounce_ms": 20}))
        .await;
    let named = world
        .start(json!({"input": ".", "pattern": "*.rs", "debounce_ms": 20}))
        .await;
    let placed = world
        .start(json!({"input": ".", "patterns": ["sub/*.md", "none"], "debounce_ms": 20}))
        .await;
    let deleted = world
        .start(json!({"input": ".", "events": "delete", "debounce_ms": 20}))
        .await;
    world.put("a.rs", "");
    world.put("sub/b.rs", "");
    world.put("sub/c.md", "");
    fs::remove_file(world.path("sub/x")).unwrap();
    assert_eq!(
        world.told(&world.polled(&deleted, 1).await),
        ["deleted sub/x"]
    );
    assert_eq!(
        world.told(&world.polled(&named, 2).await),
        ["created a.rs", "created sub/b.rs"]
    );
    assert_eq!(
        world.told(&world.polled(&placed, 1).await),
        ["created sub/c.md"]
    );
    assert_eq!(world.told(&world.polled(&flat, 1).await), ["created a.rs"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_watched_through_its_replacement() {
    let world = world();
    world.put("config", "1");
    world.put("beside", "1");
    symlink("config", world.path("link")).unwrap();
    let id = world
        .start(json!({"path": "link", "debounce_ms": 20}))
        .await;
    for round in 0..2 {
        world.put("beside", "2");
        world.put("draft", "2");
        fs::rename(world.path("draft"), world.path("config")).unwrap();
        let events = world.polled(&id, 1).await;
        assert_eq!(events.len(), 1, "round {round}: {events:?}");
        assert_eq!(events[0]["path"], world.shown("config"));
    }
}

/// Writes a file as the runtime does: beside its place, then moved there.
async fn replaced(world: &World, name: &'static str) {
    let replace = |files: &dyn llmspell_core::Files, _: &Cx| {
        files.write(std::path::Path::new(name), WriteMode::Replace, b"text")
    };
    world.cx.files(replace).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_replaced_is_modified() {
    let world = world();
    world.put("old", "1");
    let all = world.start(json!({"input": ".", "debounce_ms": 20})).await;
    let modified = world
        .start(json!({"input": ".", "debounce_ms": 20, "events": "modified"}))
        .await;
    let one = world
        .start(json!({"input": "old", "debounce_ms": 20}))
        .await;
    replaced(&world, "old").await;
    assert_eq!(world.told(&world.polled(&all, 1).await), ["modified old"]);
    assert_eq!(
        world.told(&world.polled(&modified, 1).await),
        ["modified old"]
    );
    assert_eq!(world.told(&world.polled(&one, 1).await), ["modified old"]);
    replaced(&world, "new").await;
    assert_eq!(world.told(&world.polled(&all, 1).await), ["created new"]);
    replaced(&world, "new").await;
    assert_eq!(world.told(&world.polled(&all, 1).await), ["modified new"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_new_directories_is_told() {
    let world = world();
    for debounce_ms in [0, 20, 100] {
        let top = format!("top{debounce_ms}");
        let id = world
            .start(json!({"input": ".", "debounce_ms": debounce_ms}))
            .await;
        world.put(&format!("{top}/u/v/a.md"), "");
        world.put(&format!("{top}/u/.llmspell-1.tmp"), "a draft");
        let mut told = world.told(&world.polled(&id, 4).await);
        told.sort();
        told.dedup();
        told.retain(|event| event.starts_with("created"));
        let expected = ["", "/u", "/u/v", "/u/v/a.md"];
        let expected = expected.map(|name| format!("created {top}{name}"));
        assert_eq!(told, expected);
    }
    let named = world
        .start(json!({"input": ".", "pattern": "*.md", "debounce_ms": 20}))
        .await;
    world.put("named/x/y.md", "");
    let told = world.told(&world.polled(&named, 1).await);
    assert_eq!(told, ["created named/x/y.md"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_link_leads_a_watch_out() {
    let world = world();
    let out = tempfile::tempdir().unwrap();
    fs::create_dir_all(world.path("in")).unwrap();
    symlink(out.path(), world.path("in/before")).unwrap();
    let id = world.start(json!({"input": "in", "debounce_ms": 20})).await;
    symlink(out.path(), world.path("in/after")).unwrap();
    fs::write(out.path().join("passwords.txt"), "secret").unwrap();
    fs::create_dir(out.path().join("keys")).unwrap();
    world
        .cx
        .host()
        .clock
        .sleep(Duration::from_millis(300))
        .await;
    world.put("in/last", "");
    let mut told = world.told(&world.polled(&id, 2).await);
    told.sort();
    assert_eq!(told, ["created in/after", "created in/last"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn watches_are_limited() {
    let world =
        configured(json!({"max_watches": 1, "queue": 2, "max_paths": 2, "default_debounce_ms": 0}));
    let id = world.start(json!({"input": "."})).await;
    let error = world
        .fails(json!({"operation": "start", "input": "."}))
        .await;
    assert_eq!(error.kind(), Kind::Limit);
    for name in ["a", "b", "c", "d"] {
        fs::create_dir(world.path(name)).unwrap();
    }
    let mut dropped = 0;
    for _ in 0..1000 {
        let list = world.data(json!({"operation": "list"})).await;
        if list["watches"][0]["queued"] == 2 {
            let data = world
                .data(json!({"operation": "poll", "watch_id": id, "max_events": 1}))
                .await;
            assert_eq!(data["event_count"], 1);
            dropped += data["dropped"].as_i64().unwrap();
            break;
        }
        world.cx.host().clock.sleep(Duration::from_millis(10)).await;
    }
    assert!((0..=2).contains(&dropped));
    let error = world
        .fails(json!({"operation": "watch", "input": [".", ".", "."]}))
        .await;
    assert!(error.message().contains("at most 2"), "{error}");
    let config = world.data(json!({"operation": "config"})).await;
    assert_eq!(
        config,
        json!({
            "max_events": 1000, "default_timeout_ms": 300_000, "default_debounce_ms": 0, "max_paths": 2,
            "max_watches": 1, "queue": 2,
        })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn path_traversal_is_refused() {
    let world = world();
    symlink("/etc", world.path("away")).unwrap();
    for path in ["..", "/etc", "away"] {
        for operation in ["watch", "start"] {
            let error = world
                .fails(json!({"operation": operation, "input": path}))
                .await;
            assert_eq!(error.kind(), Kind::Denied, "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_parameters_are_named() {
    let world = world();
    for (args, named) in [
        (json!({"operation": "watch"}), "'input'"),
        (json!({"operation": "start", "input": []}), "'input'"),
        (json!({"operation": "poll"}), "'watch_id'"),
        (json!({"operation": "stop"}), "'watch_id'"),
        (json!({"operation": "look", "input": "."}), "'look'"),
        (
            json!({"operation": "watch", "input": ".", "events": ["moved"]}),
            "'moved'",
        ),
        (
            json!({"operation": "watch", "input": ".", "pattern": "["}),
            "'pattern'",
        ),
        (
            json!({"operation": "watch", "input": ".", "debounce_ms": 60_001}),
            "'debounce_ms'",
        ),
        (
            json!({"operation": "watch", "input": ".", "timeout_ms": 0}),
            "'timeout_ms'",
        ),
        (
            json!({"operation": "watch", "input": ".", "duration": 3601}),
            "'timeout_ms'",
        ),
        (
            json!({"operation": "watch", "input": ".", "max_events": 10_001}),
            "'max_events'",
        ),
        (
            json!({"operation": "watch", "input": ".", "recursive": "deep"}),
            "'recursive'",
        ),
        (
            json!({"operation": "watch", "input": ".", "pth": "."}),
            "'pth'",
        ),
    ] {
        let error = world.fails(args.clone()).await;
        assert_eq!(error.kind(), Kind::InvalidArgs, "{args}");
        assert!(error.message().contains(named), "{args}: {error}");
    }
    assert_eq!(
        world
            .fails(json!({"operation": "watch", "input": "none"}))
            .await
            .kind(),
        Kind::NotFound
    );
    for id in ["watch-7", "", "7"] {
        let error = world
            .fails(json!({"operation": "poll", "watch_id": id}))
            .await;
        assert_eq!(error.kind(), Kind::NotFound, "{id}");
    }
}

#[test]
fn effects_depend_on_the_operation() {
    let effect = |operation: &str| op().effect_with(&json!({"operation": operation}).into());
    assert_eq!(
        (effect("start"), effect("config")),
        (Effect::Pure, Effect::Pure)
    );
    assert_eq!(
        (effect("watch"), effect("poll"), effect("stop")),
        (Effect::Read, Effect::Read, Effect::Read)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_watch_publishes_what_it_sees() {
    let heard = Heard::of("docs.*");
    let dir = tempfile::tempdir().unwrap();
    let place = Place::default().files(dir.path()).bus(&heard);
    let world = World {
        dir,
        cx: place.real_time().cx(),
    };
    let id = world
        .start(
            json!({"input": ".", "pattern": "*.md", "debounce_ms": 20, "publish": "docs.changed"}),
        )
        .await;
    world.put("a.md", "text");
    let (kind, source, facts) = heard.next().await;
    assert_eq!((&*kind, &*source), ("docs.changed", TOOL));
    assert_eq!(facts["kind"], "created");
    assert_eq!(facts["path"], world.shown("a.md"));
    assert_eq!(world.polled(&id, 1).await, [facts]);
}

#[tokio::test]
async fn without_a_bus_nothing_is_started() {
    let world = world();
    let args = json!({"operation": "start", "input": ".", "publish": "x"});
    assert_eq!(world.fails(args).await.kind(), Kind::Unavailable);
    let args = json!({"operation": "start", "input": ".", "publish": ""});
    assert_eq!(world.fails(args).await.kind(), Kind::InvalidArgs);
    let listed = world.data(json!({"operation": "list"})).await;
    assert_eq!(listed, json!({"watches": []}));
}
