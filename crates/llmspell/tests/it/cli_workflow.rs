use insta::assert_snapshot;

use crate::place::Place;

const STATS: &str = r#"type = "sequential"
name = "stats"
description = "Adds, and says what it is."

[agents.ann]
model = "mock/echo"

[[steps]]
name = "sum"
tool = "calculator"
input = { input = "{{input:a}} + {{input:b}}" }
retry = { max_attempts = 2 }

[[steps]]
name = "fan"
type = "parallel"
max_concurrency = 1

[[steps.branches]]
name = "hash"
tool = "hash_calculator"
input = { input = "{{step:sum:output}}", algorithm = "md5" }

[[steps.branches]]
name = "say"
required = false
[[steps.branches.steps]]
name = "ask"
agent = "ann"
prompt = "it is {{step:sum:output}}"

[[steps]]
name = "pick"
type = "conditional"
branches = [
  { name = "big", condition = "steps.sum.output > 40", steps = [{ name = "b", agent = "ann", input = "big" }] },
]
default_branch = { steps = [{ name = "s", agent = "ann", input = "small" }] }

[[steps]]
name = "each"
type = "loop"
iterator = { collection = ["x", "y"] }
aggregation_strategy = "collect_outputs"
body = [{ name = "up", tool = "text_manipulator", input = { operation = "uppercase", input = "{{loop:current_item}}" } }]

[[steps]]
name = "end"
tool = "text_manipulator"
input = { operation = "uppercase", input = "{{step:pick:output}} {{step:fan:say:ask:text}} {{step:each:output}}" }
compensate = { name = "undo", tool = "calculator", input = { input = "0" } }
"#;

fn place() -> Place {
    Place::new().with("stats.toml", STATS)
}

#[test]
fn a_file_runs_as_a_spell() {
    let place = place();
    let input = r#"{"a": 40, "b": 2}"#;
    assert_snapshot!(place.show(&["workflow", "run", "stats.toml", "--input", input]), @r"
    BIG IT IS 42 Y
    [exit 0]
    ");
    let ran = place.run(&["workflow", "run", "stats.toml", "--input", r#"{"a": 1, "b": 2}"#, "--output", "json"]);
    let document = ran.json();
    assert_eq!(document["success"], true, "{}", ran.text());
    assert_eq!(document["result"], "SMALL IT IS 3 Y");
    assert_eq!(document["engine"], "workflow");
    assert_eq!(document["results"][1]["data"]["steps_executed"], 5);
    let list = place.run(&["session", "list"]).stdout;
    assert_eq!(list.matches("stats.toml").count(), 2, "{list}");
    let last = place.run(&["session", "show", "last"]).stdout;
    assert!(last.contains(r#"stats.toml {"a":1,"b":2} (workflow)"#), "{last}");
    assert!(last.contains("workflow.branch"), "{last}");
}

#[test]
fn json_and_standard_input_are_the_same() {
    let config = r#"{"type": "sequential", "steps": [{"tool": "calculator", "input": {"input": "{{input:}} * 2"}}]}"#;
    let place = Place::new().with("double.json", config).with("input.json", "21");
    assert_eq!(
        place.run(&["workflow", "run", "double.json", "--input", "@input.json"]).stdout,
        "42\n"
    );
    let piped = place.run_with_input(&["workflow", "run", "-", "--input", "4"], config);
    assert_eq!(piped.stdout, "8\n", "{}", piped.stderr);
    let piped = place.run_with_input(&["workflow", "run", "double.json", "--input", "-"], "5");
    assert_eq!(piped.stdout, "10\n", "{}", piped.stderr);
    assert_snapshot!(place.show(&["workflow", "run", "double.json", "--input", "word"]), @"");
}

#[test]
fn a_failure_says_which_step() {
    let place = Place::new().with(
        "w.toml",
        "type = \"sequential\"\nname = \"w\"\n[[steps]]\nname = \"outer\"\ntype = \"sequential\"\nsteps = [{ name = \"bad\", tool = \"calculator\", input = { input = \"1/0\" } }]\n",
    );
    assert_snapshot!(place.show(&["workflow", "run", "w.toml"]), @"");
    let failed = place.run(&["workflow", "run", "w.toml", "--output", "json"]).json();
    assert_eq!(failed["success"], false);
    assert_eq!(failed["error"]["details"]["path"], "outer/bad");
    assert_eq!(failed["error"]["details"]["result"]["data"]["failed_steps"], 1);
}

#[test]
fn mistakes_have_a_line() {
    let place = Place::new()
        .with("syntax.toml", "type = \"sequential\"\nsteps = [\n")
        .with("step.toml", "type = \"sequential\"\nname = \"w\"\n\n[[steps]]\nname = \"a\"\ntool = \"calculator\"\n\n[[steps]]\nname = \"b\"\ntype = \"tol\"\n")
        .with("token.json", "{\"type\": \"sequential\", \"name\": \"w\", \"steps\": [\n  {\"name\": \"fetch\", \"tool\": \"calculator\"},\n  {\"tool\": \"calculator\", \"input\": {\"input\": \"{{step:fetsh:output}}\"}}\n]}\n");
    assert_snapshot!(place.show(&["workflow", "run", "syntax.toml"]), @"");
    assert_snapshot!(place.show(&["workflow", "run", "step.toml"]), @"");
    assert_snapshot!(place.show(&["workflow", "run", "token.json"]), @"");
    assert_snapshot!(place.show(&["workflow", "run", "none.toml"]), @r"
    ---- stderr
    error[not_found]: there is no file none.toml
    [exit 66]
    ");
}

#[test]
fn a_file_is_checked() {
    let place = place().with(
        "odd.toml",
        "type = \"sequential\"\nname = \"w\"\n\n[[steps]]\nname = \"a\"\ntool = \"calculater\"\ntimout_ms = 5\n\n[[steps]]\nagent = \"nobody\"\nprompt = \"{{step:aa:output}} {{loop:current_item}}\"\n",
    );
    assert_snapshot!(place.show(&["workflow", "validate", "stats.toml"]), @r"
    stats.toml: valid
    [exit 0]
    ");
    assert_snapshot!(place.show(&["workflow", "validate", "odd.toml"]), @"");
    let document = place.run(&["workflow", "validate", "odd.toml", "--output", "json"]);
    let document: serde_json::Value = serde_json::from_str(&document.stdout).unwrap();
    assert_eq!(document["valid"], false);
    assert_eq!(document["errors"][0]["pointer"], "/steps/1");
}

#[test]
fn a_file_is_drawn() {
    let place = place();
    assert_snapshot!(place.show(&["workflow", "show", "stats.toml"]), @"");
    assert_snapshot!(place.show(&["workflow", "show", "stats.toml", "--format", "mermaid"]), @"");
    assert_snapshot!(place.show(&["workflow", "show", "stats.toml", "--format", "dot"]), @"");
    let json = place.run(&["workflow", "show", "stats.toml", "--format", "json"]).stdout;
    let outline: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(outline["parts"][0]["steps"][0]["target"], "calculator");
}

#[test]
fn a_session_shows_the_plan_that_ran() {
    let place = place().with(
        "spell.lua",
        "local inner = Workflow.sequential{ name = 'inner', steps = { { name = 'f', execute = function() return 1 end } } }
         local wf = Workflow.loop{ name = 'l', iterator = { range = { start = 1, ['end'] = 2 } }, body = { { name = 'i', workflow = inner } } }
         wf:execute() wf:execute() inner:execute()",
    );
    assert_snapshot!(place.show(&["workflow", "show", "last"]), @"");
    assert_eq!(place.run(&["spell.lua"]).code, 0);
    assert_snapshot!(place.show(&["workflow", "show", "last"]), @"");
    place.run(&["exec", "Tool.calculator{input = '1'}", "--session", "plain"]);
    let none = place.run(&["workflow", "show", "plain"]);
    assert_eq!(none.code, 1);
    assert!(none.stderr.contains("has no plan of a workflow"), "{}", none.stderr);
}

/// Editors and other programs rely on `docs/workflow.schema.json`.
#[test]
fn the_schema_is_published() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/workflow.schema.json");
    let made = Place::new().run(&["workflow", "schema"]).stdout;
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &made).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(written == made, "docs/workflow.schema.json is stale: run with UPDATE=1");
}
