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
    assert_ne!(ran.code, 0);
    assert!(
        ran.stderr.contains("has a '[' that is not closed"),
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
