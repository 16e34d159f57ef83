use insta::assert_snapshot;

use crate::place::Place;

#[test]
fn a_file_is_written_and_never_replaced_unasked() {
    let place = Place::new();
    assert_snapshot!(place.show(&["init"]), @r"
    wrote llmspell.toml
    [exit 0]
    ");
    assert_snapshot!(place.show(&["init"]), @r"
    ---- stderr
    error[exists]: llmspell.toml exists already
      help: replace it with --force
    [exit 1]
    ");
    assert_snapshot!(place.show(&["init", "--force"]), @r"
    wrote llmspell.toml
    [exit 0]
    ");
    assert_snapshot!(place.show(&["validate", "--strict"]), @r"
    llmspell.toml: valid
    [exit 0]
    ");
}

#[test]
fn the_full_template_is_valid() {
    let place = Place::new();
    assert_snapshot!(place.show(&["init", "--template", "full", "--output", "conf/all.toml"]), @r"
    wrote conf/all.toml
    [exit 0]
    ");
    assert_snapshot!(place.show(&["validate", "conf/all.toml", "--strict"]), @r"
    conf/all.toml: valid
    [exit 0]
    ");
}

#[test]
fn the_agent_template_runs() {
    let place = Place::new();
    assert_snapshot!(place.show(&["init", "--template", "agent", "--dir", "project"]), @r"
    wrote project/llmspell.toml
    wrote project/hello.lua
    wrote project/llmspell.lua
    [exit 0]
    ");
    let ended = place.run(&["run", "project/hello.lua"]);
    assert_eq!(ended.code, 0, "{}", ended.text());
    assert!(ended.stdout.contains("42"), "{}", ended.stdout);
}

#[test]
fn the_agent_template_exists_in_javascript() {
    let place = Place::new();
    assert_snapshot!(place.show(&["init", "--template", "agent", "--engine", "javascript"]), @r"
    wrote llmspell.toml
    wrote hello.js
    wrote jsconfig.json
    wrote llmspell.d.ts
    [exit 0]
    ");
}
