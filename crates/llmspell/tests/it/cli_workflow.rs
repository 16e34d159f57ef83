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
input = { input = "sum {{step:sum:output}}", algorithm = "md5" }

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
    assert_snapshot!(place.show(&["workflow", "run", "-q", "stats.toml", "--input", input]), @r"
    BIG IT IS 42 Y
    [exit 0]
    ");
    let ran = place.run(&[
        "workflow",
        "run",
        "stats.toml",
        "--input",
        r#"{"a": 1, "b": 2}"#,
        "--output",
        "json",
    ]);
    let document = ran.json();
    assert_eq!(document["success"], true, "{}", ran.text());
    assert_eq!(document["result"], "SMALL IT IS 3 Y");
    assert_eq!(document["engine"], "workflow");
    assert_eq!(document["results"][1]["data"]["steps_executed"], 5);
    let list = place.run(&["session", "list"]).stdout;
    assert_eq!(list.matches("stats.toml").count(), 2, "{list}");
    let last = place.run(&["session", "show", "last"]).stdout;
    assert!(
        last.contains(r#"stats.toml {"a":1,"b":2} (workflow)"#),
        "{last}"
    );
    assert!(last.contains("workflow.branch say"), "{last}");
}

#[test]
fn json_and_standard_input_are_the_same() {
    let config = r#"{"type": "sequential", "steps": [{"tool": "calculator", "input": {"input": "{{input:}} * 2"}}]}"#;
    let place = Place::new()
        .with("double.json", config)
        .with("input.json", "21");
    assert_eq!(
        place
            .run(&["workflow", "run", "double.json", "--input", "@input.json"])
            .stdout,
        "42\n"
    );
    let piped = place.run_with_input(&["workflow", "run", "-", "--input", "4"], config);
    assert_eq!(piped.stdout, "8\n", "{}", piped.stderr);
    let piped = place.run_with_input(&["workflow", "run", "double.json", "--input", "-"], "5");
    assert_eq!(piped.stdout, "10\n", "{}", piped.stderr);
    assert_snapshot!(place.show(&["workflow", "run", "double.json", "--input", "word"]), @r#"
    ---- stderr
    error[parse]: not valid JSON: expected value at line 1, column 1
      help: --input takes JSON; a text needs quotes of its own: '"text"'
    [exit 2]
    "#);
}

#[test]
fn a_failure_says_which_step() {
    let place = Place::new().with(
        "w.toml",
        "type = \"sequential\"\nname = \"w\"\n[[steps]]\nname = \"outer\"\ntype = \"sequential\"\nsteps = [{ name = \"bad\", tool = \"calculator\", input = { input = \"1/0\" } }]\n",
    );
    assert_snapshot!(place.show(&["workflow", "run", "-q", "w.toml"]), @r"
    ---- stderr
    error[execution]: workflow 'w' failed at 'outer/bad': division by zero at position 2
      1/0
       ^
    [exit 1]
    ");
    // Piped, each end is a line; times differ.
    let lines = place.run(&["workflow", "run", "w.toml"]).stderr;
    let progress: Vec<&str> = lines.lines().take(4).collect();
    let because = "division by zero at position 2";
    assert_eq!(
        progress,
        [
            "w: started".to_owned(),
            format!("w/outer/bad: failed: {because}"),
            format!("w/outer: failed: {because}"),
            format!("w: failed: {because}"),
        ]
    );
    let failed = place
        .run(&["workflow", "run", "w.toml", "--output", "json"])
        .json();
    assert_eq!(failed["success"], false);
    assert_eq!(failed["error"]["details"]["path"], "outer/bad");
    assert_eq!(
        failed["error"]["details"]["result"]["data"]["failed_steps"],
        1
    );
}

#[test]
fn mistakes_have_a_line() {
    let place = Place::new()
        .with("syntax.toml", "type = \"sequential\"\nsteps = [\n")
        .with("step.toml", "type = \"sequential\"\nname = \"w\"\n\n[[steps]]\nname = \"a\"\ntool = \"calculator\"\n\n[[steps]]\nname = \"b\"\ntype = \"tol\"\n")
        .with("token.json", "{\"type\": \"sequential\", \"name\": \"w\", \"steps\": [\n  {\"name\": \"fetch\", \"tool\": \"calculator\"},\n  {\"tool\": \"calculator\", \"input\": {\"input\": \"{{step:fetsh:output}}\"}}\n]}\n");
    assert_snapshot!(place.show(&["workflow", "run", "syntax.toml"]), @r#"
    ---- stderr
    error[parse]: not valid TOML: unclosed array, expected `]`
      --> syntax.toml:2:10
        1 | type = "sequential"
        2 | steps = [
          |          ^
    [exit 65]
    "#);
    assert_snapshot!(place.show(&["workflow", "run", "step.toml"]), @r"
    ---- stderr
    error[invalid_args]: workflow 'w', step 'b': unknown step type 'tol'
      --> step.toml:8:1
        7 | 
        8 | [[steps]]
          | ^
      help: did you mean 'tool'?
    [exit 65]
    ");
    assert_snapshot!(place.show(&["workflow", "run", "token.json"]), @r#"
    ---- stderr
    error[invalid_args]: w/step_2: the token '{{step:fetsh:output}}': no step 'fetsh' before this one; did you mean 'fetch'?
      --> token.json:3:3
        2 |   {"name": "fetch", "tool": "calculator"},
        3 |   {"tool": "calculator", "input": {"input": "{{step:fetsh:output}}"}}
          |   ^
    [exit 65]
    "#);
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
    assert_snapshot!(place.show(&["workflow", "validate", "odd.toml"]), @r"
    odd.toml: not valid, 2 errors, 3 warnings
      error: line 9: w/step_2: the token '{{step:aa:output}}': no step 'aa' before this one; did you mean 'a'?
      error: line 9: w/step_2: the token '{{loop:current_item}}' stands in no loop
      warning: line 4: w/a: Tool 'calculater' not found (did you mean 'calculator' or 'diff_calculator'?)
      warning: line 7: workflow 'w', step 'a': unknown member 'timout_ms'; did you mean 'timeout_ms'?
      warning: line 9: w/step_2: Agent 'nobody' not found
    [exit 1]
    ");
    let document = place.run(&["workflow", "validate", "odd.toml", "--output", "json"]);
    let document: serde_json::Value = serde_json::from_str(&document.stdout).unwrap();
    assert_eq!(document["valid"], false);
    assert_eq!(document["errors"][0]["pointer"], "/steps/1");
}

#[test]
fn nothing_is_said_of_models_where_none_is_asked() {
    let place = Place::new().with(
        "inline.toml",
        "type = \"sequential\"\nname = \"w\"\nsteps = [{ name = \"ask\", agent = { name = \"ann\" }, prompt = \"hello\" }]\n",
    );
    assert_snapshot!(place.show(&["workflow", "validate", "inline.toml"]), @r"
    inline.toml: valid
    [exit 0]
    ");
    assert_snapshot!(place.show(&["workflow", "show", "inline.toml"]), @r"
    w: sequential
    └─ ask: agent ann
    [exit 0]
    ");
}

#[test]
fn a_file_is_drawn() {
    let place = place();
    assert_snapshot!(place.show(&["workflow", "show", "stats.toml"]), @r"
    stats: sequential
    Adds, and says what it is.
    ├─ sum: tool calculator (2 attempts)
    ├─ fan: parallel (1 at once)
    │  ├─ branch hash
    │  │  └─ hash: tool hash_calculator
    │  └─ branch say (optional)
    │     └─ ask: agent ann
    ├─ pick: conditional
    │  ├─ branch big (if steps.sum.output > 40)
    │  │  └─ b: agent ann
    │  └─ otherwise default
    │     └─ s: agent ann
    ├─ each: loop (each of 2 items)
    │  └─ up: tool text_manipulator
    └─ end: tool text_manipulator
       └─ undone by undo: tool calculator
    [exit 0]
    ");
    assert_snapshot!(place.show(&["workflow", "show", "stats.toml", "--format", "mermaid"]), @r##"
    flowchart TD
      subgraph g0["stats: sequential"]
        n0(["start"])
        n1["sum<br/>tool calculator<br/>2 attempts"]
        n11["end<br/>tool text_manipulator"]
        n12["undo<br/>tool calculator"]
        n13(["end"])
        subgraph g1["fan: parallel"]
          n2[["1 at once"]]
          n3["hash<br/>tool hash_calculator"]
          n4["ask<br/>agent ann"]
          n5[["join"]]
        end
        subgraph g2["pick: conditional"]
          n6{"which?"}
          n7["b<br/>agent ann"]
          n8["s<br/>agent ann"]
        end
        subgraph g3["each: loop"]
          n9{{"each of 2 items"}}
          n10["up<br/>tool text_manipulator"]
        end
      end
      n0 --> n1
      n1 --> n2
      n2 -->|"hash"| n3
      n2 -->|"say: optional"| n4
      n3 --> n5
      n4 --> n5
      n5 --> n6
      n6 -->|"big: if steps.sum.output #62; 40"| n7
      n6 -->|"otherwise"| n8
      n7 --> n9
      n8 --> n9
      n9 --> n10
      n10 --> n9
      n9 -->|"done"| n11
      n11 -.->|"undone by"| n12
      n11 --> n13
    [exit 0]
    "##);
    assert_snapshot!(place.show(&["workflow", "show", "stats.toml", "--format", "dot"]), @r#"
    digraph workflow {
      node [fontname="sans-serif"];
      edge [fontname="sans-serif"];
      subgraph cluster_0 {
        label="stats: sequential";
        n0 [shape=oval, label="start"];
        n1 [shape=box, label="sum\ntool calculator\n2 attempts"];
        n11 [shape=box, label="end\ntool text_manipulator"];
        n12 [shape=box, label="undo\ntool calculator"];
        n13 [shape=oval, label="end"];
        subgraph cluster_1 {
          label="fan: parallel";
          n2 [shape=box3d, label="1 at once"];
          n3 [shape=box, label="hash\ntool hash_calculator"];
          n4 [shape=box, label="ask\nagent ann"];
          n5 [shape=box3d, label="join"];
        }
        subgraph cluster_2 {
          label="pick: conditional";
          n6 [shape=diamond, label="which?"];
          n7 [shape=box, label="b\nagent ann"];
          n8 [shape=box, label="s\nagent ann"];
        }
        subgraph cluster_3 {
          label="each: loop";
          n9 [shape=hexagon, label="each of 2 items"];
          n10 [shape=box, label="up\ntool text_manipulator"];
        }
      }
      n0 -> n1;
      n1 -> n2;
      n2 -> n3 [label="hash"];
      n2 -> n4 [label="say: optional"];
      n3 -> n5;
      n4 -> n5;
      n5 -> n6;
      n6 -> n7 [label="big: if steps.sum.output > 40"];
      n6 -> n8 [label="otherwise"];
      n7 -> n9;
      n8 -> n9;
      n9 -> n10;
      n10 -> n9;
      n9 -> n11 [label="done"];
      n11 -> n12 [label="undone by", style=dashed];
      n11 -> n13;
    }
    [exit 0]
    "#);
    let json = place
        .run(&["workflow", "show", "stats.toml", "--format", "json"])
        .stdout;
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
    assert_snapshot!(place.show(&["workflow", "show", "last"]), @r"
    ---- stderr
    error[not_found]: there are no sessions yet
    [exit 1]
    ");
    assert_eq!(place.run(&["spell.lua"]).code, 0);
    assert_snapshot!(steady(&place.show(&["workflow", "show", "last"])), @r"
    ✓ l: loop (from 1 to 2), 2 done in [time]
    └─ ✓ i: workflow inner, sequential, 4 done in [time]
       └─ ✓ f: function spell.lua:1, 4 done in [time]

    ✓ inner: sequential, done in [time]
    └─ ✓ f: function spell.lua:1, done in [time]
    [exit 0]
    ");
    place.run(&["exec", "Tool.calculator{input = '1'}", "--session", "plain"]);
    let none = place.run(&["workflow", "show", "plain"]);
    assert_eq!(none.code, 1);
    assert!(
        none.stderr.contains("has no plan of a workflow"),
        "{}",
        none.stderr
    );
    assert_snapshot!(place.show(&["workflow", "show", "monthly"]), @r"
    ---- stderr
    error[not_found]: Session not found: monthly
      help: see `llmspell session list`
      help: nor is there a file of this name
    [exit 1]
    ");
}

/// Replaces times, as drawings show them.
fn steady(text: &str) -> String {
    let mut steady = String::new();
    for (at, part) in text.split(" in ").enumerate() {
        let time = part.split_inclusive(" ms").next().unwrap_or_default();
        let digits = time.trim_end_matches(" ms");
        let is_time = at > 0 && digits.len() < time.len() && digits.parse::<u64>().is_ok();
        steady.push_str(if at > 0 { " in " } else { "" });
        match is_time {
            true => steady.push_str(&format!("[time]{}", &part[time.len()..])),
            false => steady.push_str(part),
        }
    }
    steady
}

/// A workflow of which some steps are left out, fail, are repeated, or are never reached.
const MIXED: &str = r#"
local tries = 0
local function step(name, execute) return { name = name, execute = execute or function() return name end } end
local wf = Workflow.sequential { name = "w", steps = {
  step("first"),
  { name = "left", condition = "never", execute = function() end },
  { name = "again", retry = { max_attempts = 3, backoff_ms = 1 }, execute = function()
    tries = tries + 1
    if tries < 3 then error("not yet") end
  end },
  { name = "turns", type = "loop", error_strategy = "continue", iterator = { range = { start = 1, ["end"] = 3 } }, body = {
    { name = "odd", execute = function(ctx) if ctx.current_item == 2 then error("two") end end },
  } },
  { name = "fan", type = "parallel", fail_fast = false, branches = {
    { name = "l", steps = { step("same") } },
    { name = "r", steps = { { name = "same", tool = "calculator", input = { input = "1/0" }, compensate = step("undo") } } },
  } },
  step("last"),
} }
wf:execute()
"#;

#[test]
fn a_session_shows_what_became_of_each_step() {
    let place = Place::new().with("spell.lua", MIXED);
    assert_eq!(place.run(&["-q", "spell.lua"]).code, 0);
    assert_snapshot!(steady(&place.show(&["workflow", "show", "last"])), @r"
    ✗ w: sequential, failed in [time]: execution
    ├─ ✓ first: function spell.lua:3, done in [time]
    ├─ – left: function spell.lua:6 (if never), skipped
    ├─ ✓ again: function spell.lua:7 (3 attempts), done after 3 attempts in [time]
    ├─ ✓ turns: loop (from 1 to 3; goes on after failures), done in [time]
    │  └─ ✗ odd: function spell.lua:12, 2 done, 1 failed in [time]: script
    ├─ ✗ fan: parallel (all are waited for), failed in [time]: execution
    │  ├─ branch l
    │  │  └─ ✓ same: function spell.lua:3, done in [time]
    │  └─ branch r
    │     └─ ✗ same: tool calculator, failed in [time]: execution
    │        └─ · undone by undo: function spell.lua:3, not reached
    └─ · last: function spell.lua:3, not reached
    [exit 0]
    ");
    let shown = place.run(&["workflow", "show", "last", "--format", "json"]);
    let outline = &shown.json()[0];
    assert_eq!(outline["mark"]["state"], "failed");
    assert_eq!(outline["parts"][0]["steps"][1]["mark"]["skipped"], 1);
    assert_eq!(outline["parts"][0]["steps"][2]["mark"]["attempts"], 3);
    assert_eq!(
        outline["parts"][0]["steps"][5]["mark"]["state"],
        "not_reached"
    );
    let mermaid = steady(&place.show(&["workflow", "show", "last", "--format", "mermaid"]));
    for line in [
        "n1[\"first<br/>function spell.lua:3<br/>done in [time]\"]",
        "classDef done fill:#d9f2d9,stroke:#2e7d32",
        "classDef skipped fill:#eeeeee,stroke:#757575",
        "class n2 skipped",
    ] {
        assert!(mermaid.contains(line), "{line}: {mermaid}");
    }
    let dot = steady(&place.show(&["workflow", "show", "last", "--format", "dot"]));
    let line = r##"n2 [shape=box, label="left\nfunction spell.lua:6\nif never\nskipped", style=filled, fillcolor="#eeeeee", color="#757575"];"##;
    assert!(dot.contains(line), "{dot}");
}

/// Editors and other programs rely on `docs/workflow.schema.json`.
#[test]
fn the_schema_is_published() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/workflow.schema.json"
    );
    let made = Place::new().run(&["workflow", "schema"]).stdout;
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &made).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        written == made,
        "docs/workflow.schema.json is stale: run with UPDATE=1"
    );
}
