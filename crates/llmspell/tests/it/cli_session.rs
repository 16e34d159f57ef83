use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use insta::assert_snapshot;

use crate::place::{Place, files};

const SPELL: &str = r#"
local agent = Agent.create{ name = "helper", model = "mock/tools", tools = { "calculator" } }
print(agent:execute('calculator {"input": "6 * 7"}').text)
Tool.invoke("calculator", { input = "1/0" })
"#;

#[test]
fn no_sessions_yet() {
    let place = Place::new();
    assert_snapshot!(place.show(&["session", "list"]), @r"
    ID  STATUS  STARTED  EFFECTS  COST  NAME
    [exit 0]
    ");
    assert_snapshot!(place.show(&["session", "show"]), @r"
    ---- stderr
    error[not_found]: there are no sessions yet
    [exit 1]
    ");
    assert_eq!(files(&place.home()), [""; 0]);
}

#[test]
fn a_run_is_a_session_that_can_be_shown() {
    let place = Place::new().with("spell.lua", SPELL);
    assert_eq!(place.run(&["spell.lua", "x"]).code, 0);
    let list = place.run(&["session", "list"]).stdout;
    let lines: Vec<Vec<&str>> = list
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(
        lines[0],
        ["ID", "STATUS", "STARTED", "EFFECTS", "COST", "NAME"]
    );
    assert_eq!(
        (lines[1][1], *lines[1].last().unwrap()),
        ("completed", "spell.lua")
    );
    let shown = place.run(&["session", "show"]);
    assert_eq!(shown.code, 0);
    // The model's calls stand below the agent's, the tool's failure shows its kind.
    let indented = |name: &str| {
        shown
            .stdout
            .lines()
            .find(|line| line.contains(name))
            .map(|line| line.len() - line.trim_start().len())
    };
    assert_eq!(indented(" agent.execute"), Some(0), "{}", shown.stdout);
    assert_eq!(indented(" model.complete"), Some(2), "{}", shown.stdout);
    assert!(
        shown.stdout.contains("error[execution]"),
        "{}",
        shown.stdout
    );
    assert!(shown.stdout.contains("tokens"), "{}", shown.stdout);
}

#[test]
fn sessions_are_found_by_id_and_name() {
    let place = Place::new();
    let code = "return Tool.calculator{input = '1'}.output";
    assert_eq!(place.run(&["exec", code, "--session", "weekly"]).code, 0);
    let json = place.run(&["session", "list", "--output", "json"]);
    let list: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    let id = list[0]["id"].as_str().unwrap();
    assert_eq!(
        (list[0]["name"].as_str(), list[0]["effects"].as_u64()),
        (Some("weekly"), Some(1))
    );
    for name in ["weekly", id, &id[..8], "last"] {
        let shown = place.run(&["session", "show", name, "--output", "json"]);
        assert!(shown.stdout.contains(id), "{name}: {}", shown.text());
    }
    assert_snapshot!(place.show(&["session", "show", "monthly"]), @r"
    ---- stderr
    error[not_found]: Session not found: monthly
      help: see `llmspell session list`
    [exit 1]
    ");
    assert_eq!(
        place
            .run(&["session", "list", "--status", "failed"])
            .stdout
            .lines()
            .count(),
        1
    );
    assert_snapshot!(place.show(&["session", "list", "--status", "odd"]), @r"
    ---- stderr
    error[invalid_args]: no status is named 'odd'; known are running, completed, failed, cancelled, suspended, interrupted
    [exit 2]
    ");
    assert_eq!(
        place
            .run(&["session", "list", "--since", "1h"])
            .stdout
            .lines()
            .count(),
        2
    );
    assert_eq!(
        place
            .run(&["session", "list", "--since", "2999-01-01"])
            .stdout
            .lines()
            .count(),
        1
    );
}

#[test]
fn a_failed_run_says_so() {
    let place = Place::new();
    place.run(&["exec", "Tool.calculator{input = '1'} error('boom')"]);
    let shown = place.run(&["session", "show"]).stdout;
    assert!(
        shown.lines().next().unwrap().contains(" failed "),
        "{shown}"
    );
    assert!(shown.contains("script: boom"), "{shown}");
}

#[test]
fn what_is_not_to_be_recorded_is_not() {
    let place = Place::new();
    let code = "Tool.calculator{input = '1'}";
    assert_eq!(place.run(&["exec", code, "--ephemeral"]).code, 0);
    assert_eq!(
        place
            .run(&["exec", code, "--set", "sessions.record=none"])
            .code,
        0
    );
    assert_eq!(
        place
            .run(&["exec", code, "--set", "sessions.record=explicit"])
            .code,
        0
    );
    assert_eq!(
        place
            .run(&["exec", code, "--set", "sessions.enabled=false"])
            .code,
        0
    );
    assert_eq!(files(&place.home()), [""; 0]);
    assert_snapshot!(place.show(&["exec", code, "--set", "sessions.enabled=false", "--session", "new"]), @r"
    ---- stderr
    error[unavailable]: sessions are disabled
      help: set `sessions.enabled = true`
    [exit 69]
    ");
}

#[test]
fn a_store_is_chosen_by_url() {
    let place = Place::new();
    assert_eq!(
        place
            .run(&[
                "exec",
                "Tool.calculator{input = '1'}",
                "--store",
                "sqlite:mine.db"
            ])
            .code,
        0
    );
    assert!(place.exists("mine.db"));
    let list = place
        .run(&["session", "list", "--store", "sqlite:mine.db"])
        .stdout;
    assert_eq!(list.lines().count(), 2, "{list}");
    assert_eq!(files(&place.home()), [""; 0]);
}

#[test]
fn money_and_tokens_by_model() {
    let place = Place::new();
    place.run(&[
        "exec",
        "Agent.create{name='a', model='mock/echo'}:execute('hi there')",
    ]);
    let shown = place.run(&["session", "show", "--cost"]).stdout;
    assert!(
        shown.lines().any(|line| line.starts_with("mock/echo")),
        "{shown}"
    );
    let journal = place.run(&["session", "show", "--journal"]).stdout;
    assert!(journal.contains("model.complete"), "{journal}");
}

#[test]
fn what_a_killed_run_has_said_is_recorded() {
    let place = Place::new().with(
        "spell.lua",
        "local n = 0
         while true do
           n = n + 1
           print(Tool.calculator { input = n .. ' + 0' }.output)
         end",
    );
    let mut child = place
        .command(&["spell.lua"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut said = String::new();
    for _ in 0..20 {
        assert!(output.read_line(&mut said).unwrap() > 0, "{said}");
    }
    child.kill().unwrap();
    output.read_to_string(&mut said).unwrap();
    child.wait().unwrap();
    let shown = place.run(&["session", "show"]).stdout;
    let recorded = shown.matches("tool:calculator").count();
    assert!(recorded >= said.lines().count(), "{said}\n{shown}");
}

/// A spell that makes two sessions, one of which is done.
const MAKES: &str = r#"
local a = Session.create { name = "weekly", tags = { "red" }, description = "numbers", metadata = { team = "blue" } }
Session.set_current(a)
Tool.calculator { input = "1 + 1" }
Tool.calculator { input = "1 / 0" }
Session.complete(a)
Session.create { name = "open" }
"#;

#[test]
fn sessions_of_scripts_are_listed_beside_runs() {
    let place = Place::new().with("spell.lua", MAKES);
    assert_eq!(place.run(&["spell.lua"]).code, 0);
    let names = |args: &[&str]| -> Vec<String> {
        let list = place.run(&[&["session", "list"], args].concat()).stdout;
        let lines = list.lines().skip(1);
        lines
            .map(|line| {
                let words: Vec<&str> = line.split_whitespace().collect();
                format!("{} {}", words[1], words[words.len() - 1])
            })
            .collect()
    };
    assert_eq!(
        names(&[]),
        ["suspended open", "completed weekly", "completed spell.lua"]
    );
    assert_eq!(names(&["--limit", "1"]), ["suspended open"]);
    assert_eq!(names(&["--tag", "red"]), ["completed weekly"]);
    assert_eq!(names(&["--status", "suspended"]), ["suspended open"]);
    assert_eq!(names(&["--status", "interrupted"]), [""; 0]);
    let wrong = place.run(&["session", "list", "--status", "x"]);
    assert_eq!(wrong.code, 2, "{}", wrong.stderr);
    let shown = place.run(&["session", "show", "weekly"]).stdout;
    let facts: Vec<&str> = shown.lines().skip(1).collect();
    for (name, value) in [
        ("about", "numbers"),
        ("tags", "red"),
        ("metadata", "{\"team\":\"blue\"}"),
        ("calls", "2, 1 failed"),
    ] {
        let line = format!("{name:<9}{value}");
        assert!(facts.contains(&line.as_str()), "{line}\n{shown}");
    }
    assert_eq!(shown.matches("tool:calculator").count(), 2, "{shown}");
}

#[test]
fn a_session_is_exported() {
    let place = Place::new().with("spell.lua", MAKES);
    place.run(&["spell.lua"]);
    let exported = place.run(&["session", "export", "weekly"]).stdout;
    let whole: serde_json::Value = serde_json::from_str(&exported).unwrap();
    assert_eq!(whole["session"]["name"], "weekly");
    assert_eq!(whole["operations"].as_array().unwrap().len(), 2);
    assert_eq!(whole["operations"][0]["operation"], "tool:calculator");
    assert_eq!(whole["operations"][0]["arguments"]["input"], "1 + 1");
    let archive = place.run(&["session", "export", "weekly", "--format", "bundle"]);
    assert_eq!((archive.code, archive.stdout.as_str()), (69, ""));
    assert!(
        archive.stderr.contains("`--format jsonl`"),
        "{}",
        archive.stderr
    );
    let args = [
        "session",
        "export",
        "last",
        "--format",
        "jsonl",
        "-o",
        "run.jsonl",
    ];
    assert_eq!(place.run(&args).stdout, "");
    let lines = std::fs::read_to_string(place.path("run.jsonl")).unwrap();
    let lines: Vec<serde_json::Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[0]["session"]["name"], "spell.lua");
    let tools = lines
        .iter()
        .filter(|line| line["operation"] == "tool:calculator");
    assert_eq!(tools.count(), 2);
}

#[test]
fn a_deleted_session_is_gone_with_its_calls() {
    let place = Place::new().with("spell.lua", MAKES);
    place.run(&["spell.lua"]);
    assert_snapshot!(place.show(&["session", "delete", "weekly"]), @r"
    ---- stderr
    error[invalid_args]: nobody can be asked whether to delete
      help: write --yes
    [exit 2]
    ");
    assert_eq!(place.run(&["session", "delete", "weekly", "--yes"]).code, 0);
    assert_eq!(place.run(&["session", "show", "weekly"]).code, 1);
    let run = place.run(&["session", "show", "last"]).stdout;
    assert!(!run.contains("tool:calculator"), "{run}");
    assert!(run.contains("session.create"), "{run}");
    assert_eq!(place.run(&["session", "delete", "last", "--yes"]).code, 0);
    assert_eq!(place.run(&["session", "show", "last"]).code, 1);
    let expired = place.run(&["session", "delete", "--expired", "--yes"]);
    assert_eq!(expired.code, 0, "{}", expired.stderr);
    assert!(place.run(&["session", "list"]).stdout.contains(" open"));
}

#[test]
fn a_run_that_waits_is_recorded_from_its_first_session_on() {
    let place = Place::new();
    let code = "Tool.calculator{input = '1'} local id = Session.create{name = 'own'} Tool.calculator{input = '2'}";
    let explicit = place.run(&["exec", code, "--set", "sessions.record=explicit"]);
    assert_eq!(explicit.code, 0, "{}", explicit.stderr);
    let run = place.run(&["session", "show", "last"]).stdout;
    assert_eq!(run.matches("tool:calculator").count(), 1, "{run}");
    assert!(place.run(&["session", "list"]).stdout.contains(" own"));
    let place = Place::new();
    assert_eq!(place.run(&["exec", code, "--ephemeral"]).code, 0);
    assert_eq!(files(&place.home()), [""; 0]);
}
