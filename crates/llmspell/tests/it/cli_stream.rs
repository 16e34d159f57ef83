use insta::assert_snapshot;

use crate::place::Place;

const SPELL: &str = "local a = Agent.create{name = 'a', model = 'mock/echo'}\nprint('before')\na:execute('one two three')\nprint('after')\nreturn 1";

#[test]
fn text_appears_while_it_arrives() {
    let place = Place::new().with("spell.lua", SPELL);
    assert_snapshot!(place.show(&["run", "--stream", "spell.lua"]), @r"
    before
    one two three
    after
    1
    [exit 0]
    ");
}

#[test]
fn json_mode_writes_lines() {
    let place = Place::new().with("spell.lua", SPELL);
    let ended = place.run(&["run", "--stream", "spell.lua", "--output", "json"]);
    let mut lines: Vec<serde_json::Value> = ended
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    lines.iter_mut().for_each(crate::place::steady);
    let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
    assert_snapshot!(lines.join("\n"), @r#"
    {"type":"console","text":"before"}
    {"type":"text","text":"one "}
    {"type":"text","text":"two "}
    {"type":"text","text":"three"}
    {"type":"console","text":"after"}
    {"type":"result","success":true,"result":1,"results":[1],"engine":"lua","duration_ms":"[duration_ms]","usage":{"input_tokens":8,"output_tokens":3,"total_tokens":11,"cached_tokens":0,"reasoning_tokens":0,"cost_usd":0.0},"session_id":"[session_id]"}
    "#);
}
