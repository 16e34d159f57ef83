//! Events and numbers of a run, seen from the command line.

use serde_json::Value as Json;

use crate::place::Place;

const SPELL: &str = r#"
Tool.calculator { input = "6 * 7" }
Event.publish("order.created", { id = 7 }, { persistent = true })
Event.publish("order.paid", { id = 7 })
local _ = pcall(Tool.calculator, { input = "1 / 0" })
"#;

fn types(lines: &str) -> Vec<String> {
    let events = lines
        .lines()
        .map(|line| serde_json::from_str::<Json>(line).unwrap());
    events
        .map(|event| event["type"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn events_are_json_lines_on_standard_error() {
    let place = Place::new().with("spell.lua", SPELL);
    let ran = place.run(&[
        "run",
        "--events",
        "tool.*",
        "--events",
        "order.paid",
        "spell.lua",
    ]);
    assert_eq!(ran.code, 0);
    assert_eq!(
        types(&ran.stderr),
        [
            "tool.started",
            "tool.completed",
            "order.paid",
            "tool.started",
            "tool.failed"
        ]
    );
}

#[test]
fn events_go_to_a_file() {
    let place = Place::new().with("spell.lua", SPELL);
    let ran = place.run(&["run", "--events-file", "events.jsonl", "spell.lua"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let written = types(&std::fs::read_to_string(place.path("events.jsonl")).unwrap());
    assert_eq!(written.first().map(String::as_str), Some("system.started"));
    assert_eq!(written.last().map(String::as_str), Some("system.stopping"));
    assert!(written.contains(&"order.created".to_owned()));
}

#[test]
fn a_malformed_pattern_is_an_error() {
    let place = Place::new().with("spell.lua", SPELL);
    let ran = place.run(&["run", "--events", "tool.[", "spell.lua"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr
            .contains("--events: the event pattern 'tool.[' has a '[' that is not closed"),
        "{}",
        ran.stderr
    );
}

#[test]
fn kept_events_and_calls_make_a_timeline() {
    let place = Place::new().with("spell.lua", SPELL).with(
        "llmspell.toml",
        "[events]\npersist = ['tool.*']\n[hooks.builtin.MetricsCollector]\npercentiles = [50]\n",
    );
    assert_eq!(place.run(&["run", "spell.lua"]).code, 0);
    let timeline = place.run(&["session", "timeline"]).stdout;
    let line = |text: &str| timeline.lines().position(|line| line.contains(text));
    let order = [
        line(" tool.started {"),
        line(" tool:calculator"),
        line(" tool.completed {"),
        line(" order.created {\"id\":7}"),
        line(" tool.failed {"),
    ];
    assert!(
        order.iter().all(Option::is_some) && order.is_sorted(),
        "{order:?}\n{timeline}"
    );
    assert!(!timeline.contains("order.paid"), "{timeline}");
    let document = place
        .run(&["--output", "json", "session", "timeline"])
        .stdout;
    let document: Json = serde_json::from_str(&document).unwrap();
    assert_eq!(document["events"].as_array().unwrap().len(), 5);
    let kinds: Vec<&str> = document["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["type"].as_str().unwrap())
        .collect();
    let completed = kinds
        .iter()
        .position(|kind| *kind == "tool.completed")
        .unwrap();
    let relation = &document["relations"][completed];
    assert_eq!(relation["kind"], "ResponseTo");
    assert_eq!(relation["event_id"], document["events"][0]["id"]);
    assert!(
        timeline.contains(" response to tool.started #"),
        "{timeline}"
    );

    let metrics = place.run(&["session", "show", "--metrics"]).stdout;
    let numbers = metrics
        .lines()
        .find(|line| line.starts_with("tool:calculator"));
    assert!(numbers.unwrap().contains("2 calls, 1 failed"), "{metrics}");
    assert!(numbers.unwrap().contains("p50"), "{metrics}");
}

/// The last 10,000 events are in memory; older ones that were kept are read from the store.
#[test]
fn old_events_are_found_in_the_store() {
    let place = Place::new().with(
        "spell.lua",
        r#"
for i = 1, 3 do Event.publish("order." .. i, { n = i }, { persistent = true, correlation_id = "8f2b1b0e-55d2-4f0e-9d7b-0a1c2d3e4f5" .. i }) end
Utils.sleep(0.005) local middle = Utils.timestamp() Utils.sleep(0.005)
for i = 1, 10050 do Event.publish("noise", i) end
Event.publish("order.last", { n = 4 })
local function of(query)
  local found = {}
  for i, e in ipairs(Event.query(query)) do found[i] = e.data.n end
  return table.concat(found, " ")
end
print(of { event_type = "order.*" })
print(of { event_type = "order.*", limit = 2 })
print(of { event_type = "order.*", end_time = middle })
print(of { correlation_id = "8F2B1B0E-55D2-4F0E-9D7B-0A1C2D3E4F52" })
print(of { filters = { n = 3 } })
print(#Event.query { event_type = "noise", limit = 20000 })
"#,
    );
    let ran = place.run(&["run", "spell.lua"]);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(
        lines[..5],
        ["1 2 3 4", "3 4", "1 2 3", "2", "3"],
        "{}",
        ran.stderr
    );
    assert!(lines[5].parse::<u32>().unwrap() < 10_000, "{}", lines[5]);
    // Nothing was kept: only what is in memory is found.
    let ran = place.run(&["run", "--ephemeral", "spell.lua"]);
    assert_eq!(ran.stdout.lines().next(), Some("4"));
}

#[test]
fn no_event_is_lost_at_the_end() {
    let place = Place::new().with(
        "spell.lua",
        "for i = 1, 6000 do Event.publish('x', { i = i }, { persistent = true }) end",
    );
    let ran = place.run(&["run", "--events-file", "events.jsonl", "spell.lua"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let written = std::fs::read_to_string(place.path("events.jsonl")).unwrap();
    assert!(written.ends_with("}\n"));
    let written = types(&written);
    assert_eq!(written.iter().filter(|kind| *kind == "x").count(), 6000);
    let timeline = place.run(&["--output", "json", "session", "timeline"]);
    let timeline: Json = serde_json::from_str(&timeline.stdout).unwrap();
    assert_eq!(timeline["events"].as_array().unwrap().len(), 6000);
}

/// Ids of subscriptions can be guessed; those of whoever watches from outside are of no use to a spell.
#[test]
fn a_spell_cannot_end_or_read_what_watches_it() {
    let place = Place::new().with(
        "spell.lua",
        r#"
for i = 1, 9 do
  local id = "sub_" .. i
  assert(Event.unsubscribe(id) == false)
  for _, read in ipairs { Event.receive, Event.receive_batch, Event.subscription_stats } do
    local ok, e = pcall(read, id)
    assert(not ok and e.kind == "not_found", id)
  end
end
assert(Event.unsubscribe_pattern("*") == 0)
Event.publish("deed", { n = 1 }, { persistent = true })
"#,
    );
    let ran = place.run(&["run", "--events-file", "events.jsonl", "spell.lua"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let written = types(&std::fs::read_to_string(place.path("events.jsonl")).unwrap());
    assert!(written.contains(&"deed".to_owned()), "{written:?}");
    let timeline = place.run(&["session", "timeline"]).stdout;
    assert!(timeline.contains(" deed {"), "{timeline}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_cannot_be_written_is_told_once() {
    let place = Place::new().with("spell.lua", SPELL);
    let ran = place.run(&["run", "--events-file", "/dev/full", "spell.lua"]);
    assert_eq!(ran.code, 0);
    let told = ran.stderr.matches("/dev/full cannot be written").count();
    assert_eq!(told, 1, "{}", ran.stderr);
}

#[test]
fn events_are_written_without_secrets() {
    let place = Place::new().with(
        "spell.lua",
        r#"
local key = table.concat({ "planted", "event", "4720" }, "-")
Event.publish("own", { key, [key] = "x" }, { metadata = { note = "the \"" .. key .. "\"" }, tags = { key } })
Tool.file_operations { operation = "read", path = "/no/" .. key }
"#,
    );
    for args in [
        &["run", "--events", "*", "spell.lua"][..],
        &["run", "--events-file", "events.jsonl", "spell.lua"],
        &[
            "--output",
            "json",
            "run",
            "--stream",
            "--events",
            "*",
            "spell.lua",
        ],
    ] {
        let mut command = place.command(args);
        command.env("MY_API_KEY", "planted-event-4720");
        let ran = place.ended(command.output().unwrap());
        let file = std::fs::read_to_string(place.path("events.jsonl")).unwrap_or_default();
        let written = ran.text() + &file;
        assert!(!written.contains("planted-event-4720"), "{written}");
        assert!(written.contains("[redacted:MY_API_KEY]"), "{written}");
        assert!(written.contains("tool.failed"), "{written}");
    }
}

#[test]
fn events_are_lines_of_a_json_stream() {
    let place = Place::new().with(
        "spell.lua",
        "print('a')\nEvent.publish('order.paid', { id = 7 })",
    );
    let args = [
        "--output",
        "json",
        "run",
        "--stream",
        "--events",
        "order.*",
        "spell.lua",
    ];
    let ran = place.run(&args);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let lines = ran.stdout.lines();
    let lines: Vec<Json> = lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let event = lines.iter().find(|line| line["type"] == "event").unwrap();
    assert_eq!(event["event"]["type"], "order.paid");
    assert_eq!(event["event"]["data"]["id"], 7);
    assert_eq!(lines.last().unwrap()["type"], "result");
}

#[test]
fn that_events_are_switched_off_is_said() {
    let place = Place::new()
        .with("spell.lua", "return 1")
        .with("llmspell.toml", "[events]\nenabled = false\n");
    let ran = place.run(&["run", "--events", "*", "spell.lua"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "1\n"));
    assert!(
        ran.stderr.contains("`events.enabled` is false"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_pattern_in_the_configuration_is_checked() {
    let place = Place::new()
        .with("spell.lua", "return 1")
        .with("llmspell.toml", "[events]\npersist = ['a.[']\n");
    for args in [&["validate"][..], &["run", "spell.lua"]] {
        let ran = place.run(args);
        assert_ne!(ran.code, 0);
        let text = ran.text();
        assert!(
            text.contains("'a.[' has a '['") && text.contains("llmspell.toml"),
            "{text}"
        );
    }
}

/// Runs of one name are one session to whoever asks for past events.
#[test]
fn events_that_earlier_runs_of_a_session_kept_are_found() {
    let place = Place::new().with(
        "spell.lua",
        r#"
Event.publish("visit", { n = tonumber(Args[1]) }, { persistent = true })
Event.publish("passing", {})
local found = {}
for i, e in ipairs(Event.query { event_type = { "visit", "passing" } }) do found[i] = e.data.n or "-" end
print(table.concat(found, " "))
"#,
    );
    let run = |args: &[&str]| place.run(&[&["run"], args].concat()).stdout;
    assert_eq!(run(&["--session", "diary", "spell.lua", "1"]), "1 -\n");
    assert_eq!(run(&["--session", "other", "spell.lua", "2"]), "2 -\n");
    assert_eq!(run(&["--session", "diary", "spell.lua", "3"]), "1 3 -\n");
    assert_eq!(run(&["--session", "diary", "spell.lua", "4"]), "1 3 4 -\n");
    assert_eq!(run(&["spell.lua", "5"]), "5 -\n");
}

#[test]
fn large_events_are_not_remembered_for_long() {
    let place = Place::new().with(
        "spell.lua",
        r#"
local text = ("x"):rep(4 << 20)
for i = 1, 30 do Event.publish("big", { n = i, text = text }) end
print(#Event.query { filters = { n = 1 } }, #Event.query { filters = { n = 30 } })
"#,
    );
    let ran = place.run(&["run", "--ephemeral", "spell.lua"]);
    assert_eq!(ran.stdout, "0\t1\n", "{}", ran.stderr);
}

#[test]
fn a_handler_at_the_end_of_a_script_may_end_it() {
    let place = Place::new().with(
        "spell.lua",
        "Event.on('x', function() os.exit(5) end) Event.publish('x', 1)",
    );
    let ran = place.run(&["run", "spell.lua"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (5, ""));
}

#[test]
fn handlers_that_do_not_end_are_told_once() {
    let place = Place::new().with(
        "spell.lua",
        "Event.on('x', function() Utils.sleep(5) end) for i = 1, 3 do Event.publish('x', i) end",
    );
    let ran = place.run(&["run", "spell.lua"]);
    assert_eq!(ran.code, 0);
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("did not end within 1000 ms"),
        "{}",
        ran.stderr
    );
}

#[test]
fn the_examples_do_what_they_say() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/");
    let place = Place::new();
    let example = |name: &str| {
        let ran = place.run(&["run", "--ephemeral", &format!("{root}{name}")]);
        assert_eq!(ran.code, 0, "{name}: {}", ran.stderr);
        ran.stdout
    };
    for language in ["lua", "js"] {
        let example = |name: &str| example(&format!("{name}.{language}"));
        assert!(example("cost_cap").contains("were spent in the last hour"));
        let cached = example("cache");
        assert!(
            cached.contains("from the cache: false") && cached.contains("from the cache: true"),
            "{cached}"
        );
        let seen = example("monitor");
        let place = |text: &str| seen.find(text);
        assert!(place("tool.completed") < place("It is 42."), "{seen}");
        for kind in ["agent.execution.started", "tool.completed", "calculator"] {
            assert!(seen.contains(kind), "{kind}\n{seen}");
        }
        // Nobody is there to permit it.
        let asked = example("approval");
        assert!(
            asked.contains("42") && asked.contains("not deployed: refused on the terminal"),
            "{asked}"
        );
    }
}
