use serde_json::Value as Json;

use crate::place::Place;

/// Keeps three outputs with the run: two of one name.
const SPELL: &str = r#"
local kept = {}
for n, input in ipairs { "6 * 7", "6 * 8" } do
  kept[n] = Tool.invoke("calculator", { input = input, save_output = "answer" }).metadata.artifacts[1]
end
local text = Tool.invoke("text_manipulator", { operation = "repeat", input = "ab", times = 6000, save_output = true })
assert(Artifact.get_content(kept[1].session_id, kept[1]) == "42")
return { first = kept[1].content_hash, text = text.metadata.artifacts[1].content_hash }
"#;

fn place() -> Place {
    let place = Place::new().with("spell.lua", SPELL);
    let ran = place.run(&["spell.lua"]);
    assert_eq!(ran.code, 0, "{}", ran.text());
    place
}

fn list(place: &Place, args: &[&str]) -> Vec<Json> {
    let mut all = vec!["artifact", "list", "--output", "json"];
    all.extend(args);
    let listed = place.run(&all);
    let Json::Array(list) = listed.json() else {
        panic!("{}", listed.text());
    };
    list
}

#[test]
fn what_a_run_kept_is_listed_and_read() {
    let place = place();
    let all = list(&place, &[]);
    let names: Vec<&str> = all
        .iter()
        .map(|found| found["name"].as_str().unwrap())
        .collect();
    assert!(names[0].starts_with("text_manipulator-"), "{names:?}");
    assert_eq!(names[1..], ["answer", "answer"]);
    assert_eq!(all[1]["version"], 2);
    assert_eq!(all[1]["artifact_type"], "tool_result");
    assert_eq!(all[1]["created_by"], "tool:calculator");
    assert_eq!(all[0]["size"], 12_000);
    assert_eq!(all[0]["is_compressed"], true);
    assert_eq!(list(&place, &["--name", "ans*"]).len(), 2);
    assert_eq!(list(&place, &["--name", "ANSWER"]).len(), 2);
    assert_eq!(list(&place, &["--limit", "1"]).len(), 1);
    assert_eq!(
        list(&place, &["--type", "ToolResult", "--session", "last"]).len(),
        3
    );
    assert_eq!(list(&place, &["--tag", "x"]).len(), 0);
    let hash = all[0]["content_hash"].as_str().unwrap();
    for id in [hash, &hash[..6]] {
        assert_eq!(
            place.run(&["artifact", "get", id]).stdout,
            "ab".repeat(6000)
        );
    }
    assert_eq!(place.run(&["artifact", "get", "answer"]).stdout, "48");
    assert_eq!(
        place
            .run(&["artifact", "get", "answer", "--version", "1"])
            .stdout,
        "42"
    );
    let written = place.run(&["artifact", "get", "answer", "-o", "out.txt"]);
    assert_eq!((written.code, written.stdout.as_str()), (0, ""));
    assert_eq!(
        std::fs::read_to_string(place.path("out.txt")).unwrap(),
        "48"
    );
    let facts = place
        .run(&[
            "artifact",
            "get",
            "answer",
            "--metadata",
            "--output",
            "json",
        ])
        .json();
    assert_eq!(facts["mime_type"], "application/json");
    let facts = place.run(&["artifact", "get", "answer", "--metadata"]);
    assert!(
        facts.stdout.contains("version         2\n"),
        "{}",
        facts.text()
    );
    let table = place.run(&["artifact", "list"]).stdout;
    assert!(table.starts_with("HASH "), "{table}");
    assert_eq!(table.lines().count(), 4, "{table}");
}

#[test]
fn they_are_exported_with_their_session() {
    let spell = r#"
    local session = Session.create { name = "kept" }
    Artifact.store(session, "notes", "text", "plain")
    Artifact.store(session, "notes", "bytes", "\255\0")
    "#;
    let place = Place::new().with("spell.lua", spell);
    assert_eq!(place.run(&["spell.lua"]).code, 0);
    let exported = place.run(&["session", "export", "kept"]).json();
    let [text, bytes] = exported["artifacts"].as_array().unwrap().as_slice() else {
        panic!("{exported}");
    };
    assert_eq!(
        (&text["name"], &text["content"]),
        (&"text".into(), &"plain".into())
    );
    assert_eq!(text["encoding"], Json::Null);
    assert_eq!(
        (&bytes["encoding"], &bytes["content"]),
        (&"base64".into(), &"/wA=".into())
    );
    let without = place
        .run(&["session", "export", "kept", "--no-artifacts"])
        .json();
    assert_eq!(without["artifacts"], Json::Null);
    let lines = place
        .run(&["session", "export", "kept", "--format", "jsonl"])
        .stdout;
    assert_eq!(
        lines
            .lines()
            .filter(|line| line.starts_with("{\"artifact\":"))
            .count(),
        2
    );
}

#[test]
fn artifacts_are_deleted() {
    let place = place();
    let refused = place.run(&["artifact", "delete", "answer"]);
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("write --yes"), "{}", refused.text());
    assert_eq!(list(&place, &[]).len(), 3);
    let deleted = place.run(&["artifact", "delete", "answer", "--yes"]);
    assert_eq!(deleted.code, 0, "{}", deleted.text());
    assert!(
        deleted.stderr.contains("deleted 'answer' version 2"),
        "{}",
        deleted.text()
    );
    assert_eq!(place.run(&["artifact", "get", "answer"]).stdout, "42");
    let gone = place.run(&["artifact", "get", "answer", "--version", "2"]);
    assert!(
        gone.stderr
            .contains("error[not_found]: Artifact not found: answer"),
        "{}",
        gone.text()
    );
}

#[test]
fn without_a_store_there_are_none() {
    let place = Place::new();
    assert!(list(&place, &[]).is_empty());
    let missing = place.run(&["artifact", "get", "answer"]);
    assert_eq!(missing.code, 1);
    assert!(
        missing.stderr.contains("Artifact not found: answer"),
        "{}",
        missing.text()
    );
}

#[test]
fn large_results_and_answers_are_kept_unasked() {
    let spell = r#"
    local large = Tool.invoke("text_manipulator", { operation = "repeat", input = "ab", times = 3000, max_output_bytes = 1000 })
    local cut = large.output
    assert(cut.truncated and cut.size == 6000 and cut.preview == ("ab"):rep(250), JSON.stringify(cut))
    assert(large.metadata.truncated and #large.metadata.artifacts == 1)
    local id = cut.artifact
    assert(Artifact.get_content(id.session_id, id) == ("ab"):rep(3000))
    local answer = Agent.create { name = "ann", model = "mock/echo" }:execute(("long "):rep(1000))
    local kept = answer.metadata.artifacts[1]
    local whole = Artifact.get(kept.session_id, kept)
    assert(whole.content == answer.text and whole.artifact_type == "agent_output" and whole.created_by == "agent:ann")
    local short = Agent.create { name = "bob", model = "mock/echo" }:execute("short")
    assert(short.metadata.artifacts == nil)
    local all = Artifact.list(kept.session_id)
    return #all
    "#;
    let place = Place::new().with("spell.lua", spell);
    let ran = place.run(&["spell.lua"]);
    assert_eq!(ran.stdout, "2\n", "{}", ran.text());
}

#[test]
fn without_a_session_large_results_are_files() {
    let spell = r#"
    local large = Tool.invoke("text_manipulator", { operation = "repeat", input = "ab", times = 3000, max_output_bytes = 1000 })
    local cut = large.output
    assert(cut.artifact == nil and large.metadata.artifacts == nil)
    local file = assert(io.open(cut.path))
    assert(file:read("a") == ("ab"):rep(3000))
    local saved = Tool.invoke("calculator", { input = "1 + 1", save_output = true })
    return saved.output .. ": " .. saved.metadata.warnings[1]
    "#;
    let place = Place::new().with("spell.lua", spell);
    let ran = place.run(&["run", "--ephemeral", "spell.lua"]);
    assert!(
        ran.stdout
            .starts_with("2: the output was not saved: No current session set"),
        "{}",
        ran.text()
    );
    let spell = r#"
    local large = Tool.invoke("text_manipulator", { operation = "repeat", input = "ab", times = 3000, max_output_bytes = 1000 })
    return large.error_kind .. ": " .. large.error
    "#;
    let place = Place::new().with("spell.lua", spell);
    let ran = place.run(&["--set", "tools.spill=error", "spell.lua"]);
    assert!(
        ran.stdout.starts_with("limit: the result has "),
        "{}",
        ran.text()
    );
}
