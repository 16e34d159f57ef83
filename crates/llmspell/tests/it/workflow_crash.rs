//! Workflows whose process is killed between any two steps.

use serde_json::Value as Json;

use crate::place::Place;
use crate::running;

/// A nested workflow in which every tool is followed by a step that says so and waits for a line.
const SPELL: &str = r#"
local function mark(name)
  return { name = "mark_" .. name, execute = function() print("after " .. name); return io.read("l") or "" end }
end
local function tool(name, text)
  return { name = name, tool = "calculator", input = { input = text } }
end
local wf = Workflow.sequential { name = "outer", steps = {
  tool("a", "1 + 1"), mark("a"),
  { name = "inner", type = "sequential", steps = {
    tool("b", "{{step:a:output}} + 1"), mark("b"),
    { name = "fan", type = "parallel", max_concurrency = 1, branches = {
      { name = "left", steps = { tool("l", "10 + {{step:b:output}}"), mark("l"), tool("m", "11 + 1"), mark("m") } },
      { name = "right", steps = { tool("r", "10 + {{step:b:output}}"), mark("r") } },
    } },
    { name = "turns", type = "loop", iterator = { range = { start = 1, ["end"] = 2 } }, body = {
      tool("t", "{{loop:current_value}} * 2"), mark("t"),
    } },
  } },
  tool("z", "0"), mark("z"),
} }
print(wf:execute().success)
"#;

const MARKS: [&str; 8] = ["a", "b", "l", "m", "r", "t", "t", "z"];

/// Runs the spell until so many steps have said that they are done, kills it there, and returns where that was and the calls
/// of tools that ended, in the order of the journal: their ids.
fn killed_after(marks: usize) -> (Place, Vec<String>) {
    let place = Place::new().with("spell.lua", SPELL);
    running::killed_after(&place, "spell.lua", &MARKS[..marks]);
    let shown = place.run(&["session", "show", "last", "--output", "json"]);
    let document: Json = serde_json::from_str(&shown.stdout).unwrap();
    let mut calls = Vec::new();
    finished(&document["calls"], &mut calls);
    calls.sort();
    let ids = calls.into_iter().map(|(_, id)| id).collect();
    (place, ids)
}

fn finished(calls: &Json, found: &mut Vec<(u64, String)>) {
    for call in calls.as_array().into_iter().flatten() {
        if call["op"] == "tool:calculator" && call["state"] == "done" {
            found.push((
                call["seq"].as_u64().unwrap(),
                call["id"].as_str().unwrap().to_owned(),
            ));
        }
        finished(&call["calls"], found);
    }
}

#[test]
fn what_a_killed_workflow_has_done_is_recorded_with_the_ids_of_a_second_run() {
    let (_, whole) = killed_after(MARKS.len());
    assert_eq!(whole.len(), MARKS.len());
    for marks in 1..MARKS.len() {
        assert_eq!(
            killed_after(marks).1,
            whole[..marks],
            "killed after {marks} steps"
        );
    }
}

/// Returns the drawing of the killed workflow without times: the sign and the name of each line.
fn drawn(marks: usize) -> String {
    let (place, _) = killed_after(marks);
    let shown = place.run(&["workflow", "show", "last"]).stdout;
    let lines = shown.lines().map(|line| match line.split_once(": ") {
        Some((name, _)) => name,
        None => line,
    });
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn the_drawing_shows_where_it_died() {
    insta::assert_snapshot!(drawn(5), @r"
    ! outer
    ├─ ✓ a
    ├─ ✓ mark_a
    ├─ ! inner
    │  ├─ ✓ b
    │  ├─ ✓ mark_b
    │  ├─ ! fan
    │  │  ├─ branch left
    │  │  │  ├─ ✓ l
    │  │  │  ├─ ✓ mark_l
    │  │  │  ├─ ✓ m
    │  │  │  └─ ✓ mark_m
    │  │  └─ branch right
    │  │     ├─ ✓ r
    │  │     └─ ! mark_r
    │  └─ · turns
    │     ├─ · t
    │     └─ · mark_t
    ├─ · z
    └─ · mark_z
    ");
    insta::assert_snapshot!(drawn(7), @r"
    ! outer
    ├─ ✓ a
    ├─ ✓ mark_a
    ├─ ! inner
    │  ├─ ✓ b
    │  ├─ ✓ mark_b
    │  ├─ ✓ fan
    │  │  ├─ branch left
    │  │  │  ├─ ✓ l
    │  │  │  ├─ ✓ mark_l
    │  │  │  ├─ ✓ m
    │  │  │  └─ ✓ mark_m
    │  │  └─ branch right
    │  │     ├─ ✓ r
    │  │     └─ ✓ mark_r
    │  └─ ! turns
    │     ├─ ✓ t
    │     └─ ! mark_t
    ├─ · z
    └─ · mark_z
    ");
}
