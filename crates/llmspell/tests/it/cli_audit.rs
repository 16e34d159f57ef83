//! `security.audit_file`.

use serde_json::{Value as Json, json};

use crate::place::Place;

const SPELL: &str = "
Tool.environment_reader { operation = 'set', name = 'LLMSPELL_PUBLIC_A', value = 'hidden' }
Tool.file_operations { operation = 'read', path = '/etc/passwd' }
Tool.calculator { input = '1 + 1' }
";

#[test]
fn what_is_refused_and_what_is_privileged_is_written_down() {
    let config = "[security]\naudit_file = 'audit/x.jsonl'\n[security.environment]\nallow_set = ['LLMSPELL_PUBLIC_*']";
    let place = Place::new()
        .with("x.lua", SPELL)
        .with("llmspell.toml", config);
    assert_eq!(place.run(&["x.lua"]).code, 0);
    let granted = "tools.environment_reader.grant=privileged";
    assert_eq!(place.run(&["--set", granted, "x.lua"]).code, 0);
    let text = std::fs::read_to_string(place.path("audit/x.jsonl")).unwrap();
    let lines: Vec<Json> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let shown: Vec<_> = lines
        .iter()
        .map(|line| {
            json!([
                line["event"],
                line["op"],
                line["operation"],
                line["setting"]
            ])
        })
        .collect();
    let (set, read) = ("tool:environment_reader", "tool:file_operations");
    let refused_read = json!(["refused", read, null, lines[2]["setting"]]);
    assert_eq!(
        shown,
        [
            json!(["privileged", set, "set", null]),
            json!(["refused", set, null, "tools.grant"]),
            refused_read.clone(),
            json!(["privileged", set, "set", null]),
            refused_read,
        ],
        "{text}"
    );
    assert!(lines[0]["ts"].is_string() && lines[0]["session_id"].is_string());
    assert_eq!(lines[1]["by_model"], false);
    assert!(
        lines[1]["error"]
            .as_str()
            .unwrap()
            .contains("not permitted")
    );
    assert!(!text.contains("hidden"), "{text}");
}

#[test]
fn a_file_that_cannot_be_written_is_an_error() {
    let place = Place::new().with("llmspell.toml", "[security]\naudit_file = '.'");
    let ended = place.run(&["exec", "1"]);
    assert_eq!(ended.code, 78);
    assert!(
        ended
            .stderr
            .contains("'security.audit_file' cannot be written"),
        "{}",
        ended.stderr
    );
}
