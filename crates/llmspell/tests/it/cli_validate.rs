use insta::assert_snapshot;

use crate::place::Place;

#[test]
fn a_configuration_is_judged() {
    let place = Place::new();
    assert_snapshot!(place.show(&["validate"]), @r"
    the defaults: valid
    [exit 0]
    ");
    let place = Place::new().with(
        "llmspell.toml",
        "[state]\nbackend = 'sqlite'\n\n\n\n\n\n\nbackned = 1\n",
    );
    assert_snapshot!(place.show(&["validate"]), @r"
    llmspell.toml: valid, 1 warning
      warning: line 9: unknown key 'state.backned' (did you mean 'backend'?)
    [exit 0]
    ");
    assert_snapshot!(place.show(&["validate", "--strict"]), @r"
    llmspell.toml: not valid, 1 warning
      warning: line 9: unknown key 'state.backned' (did you mean 'backend'?)
    [exit 1]
    ");
    let json = place.run(&["validate", "--output", "json"]).json();
    assert_snapshot!(json["warnings"], @r#"[{"line":9,"key":"state.backned","message":"unknown key 'state.backned'","suggestion":"backend"}]"#);
    assert_eq!(json["valid"], true);
    assert_eq!(json["effective"]["runtime"]["timeout_ms"], 300_000);
}

#[test]
fn all_errors_are_listed() {
    let place = Place::new().with(
        "other.toml",
        "[runtime]\ntimeout_ms = 0\n[tools]\nallow = 'x'\n[engines.lua]\nstdlib = 'some'\n",
    );
    assert_snapshot!(place.show(&["validate", "other.toml"]), @r"
    other.toml: not valid, 3 errors
      error: line 2: 'runtime.timeout_ms' must be 1 or more, not 0
      error: line 4: 'tools.allow' must be a list, not the text 'x'
      error: line 6: 'engines.lua.stdlib' must be one of none, safe, full, not 'some'
    [exit 1]
    ");
    assert_snapshot!(place.run(&["validate", "other.toml", "--output", "json"]).json(), @r#"{"valid":false,"path":"other.toml","errors":[{"line":2,"key":"runtime.timeout_ms","message":"'runtime.timeout_ms' must be 1 or more, not 0","suggestion":null},{"line":4,"key":"tools.allow","message":"'tools.allow' must be a list, not the text 'x'","suggestion":null},{"line":6,"key":"engines.lua.stdlib","message":"'engines.lua.stdlib' must be one of none, safe, full, not 'some'","suggestion":null}],"warnings":[],"effective":null}"#);
}

#[test]
fn a_file_that_is_no_toml_and_one_that_is_missing() {
    let place = Place::new().with("llmspell.toml", "a = 1\nb =\n");
    assert_snapshot!(place.show(&["validate"]), @r"
    llmspell.toml: not valid, 1 error
      error: line 2: not valid TOML: string values must be quoted, expected literal string
    [exit 1]
    ");
    assert_snapshot!(place.show(&["validate", "gone.toml"]), @r"
    ---- stderr
    error[config]: there is no configuration file gone.toml
      help: `llmspell init -o gone.toml` writes one
    [exit 78]
    ");
    let ended = place.run(&["validate", "gone.toml", "--output", "json"]);
    assert_eq!(ended.code, 78);
    assert_eq!(ended.json()["error"]["kind"], "config");
}

#[test]
fn a_workflow_has_a_command_of_its_own() {
    let place = Place::new()
        .with("flow.json", "{}")
        .with("flow.toml", "type = \"sequential\"\nsteps = []\n");
    assert_snapshot!(place.show(&["validate", "flow.toml"]), @r"
    ---- stderr
    error[invalid_args]: flow.toml is neither a configuration nor a spell
      help: `llmspell workflow validate flow.toml` checks a workflow file
    [exit 2]
    ");
    assert_snapshot!(place.show(&["validate", "flow.json"]), @r"
    ---- stderr
    error[invalid_args]: flow.json is neither a configuration nor a spell
      help: `llmspell workflow validate flow.json` checks a workflow file
    [exit 2]
    ");
}

#[test]
fn a_script_is_compiled_and_its_tools_are_checked() {
    let place = Place::new()
        .with("fine.lua", "print(Tool.calculator{ input = '1' }.output)")
        .with("typo.lua", "local r = Tool.calculater{ input = '1' }\nreturn Tool.invoke('calculator', { inptu = 1 })")
        .with("bad.lua", "x = = 1");
    assert_snapshot!(place.show(&["validate", "fine.lua"]), @r"
    fine.lua: valid
    [exit 0]
    ");
    assert_snapshot!(place.show(&["validate", "typo.lua"]), @r"
    typo.lua: not valid, 2 errors
      error: line 1: Tool 'calculater' not found (did you mean 'calculator'?)
      error: line 2: calculator: unknown parameter 'inptu' (did you mean 'input'?)
    [exit 1]
    ");
    assert_snapshot!(place.show(&["validate", "bad.lua"]), @r"
    bad.lua: not valid, 1 error
      error: line 1: unexpected symbol near '='
    [exit 1]
    ");
}

#[test]
fn keys_without_their_variable_are_warnings() {
    let place = Place::new().with("llmspell.toml", "[sessions]\npath = '${NOWHERE}'\n");
    assert_snapshot!(place.show(&["validate"]), @r"
    llmspell.toml: valid, 1 warning
      warning: line 2: 'sessions.path' needs the environment variable NOWHERE, which is not set
    [exit 0]
    ");
}
