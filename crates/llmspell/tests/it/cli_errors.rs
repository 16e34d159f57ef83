use insta::assert_snapshot;

use crate::place::Place;

const REPORT: &str = r#"local function save(text)
  -- save the summary
  Tool.invoke("calculator", { inptu = text })
end
local function main()
  save("1")
end
main()
"#;

#[test]
fn an_error_shows_kind_place_source_chain_and_hint() {
    let place = Place::new().with("report.lua", REPORT);
    assert_snapshot!(place.show(&["run", "report.lua"]), @r#"
    ---- stderr
    error[invalid_args]: calculator: unknown parameter 'inptu'
      --> report.lua:3:3
        2 |   -- save the summary
        3 |   Tool.invoke("calculator", { inptu = text })
          |   ^
      called from report.lua:6 in function 'main'
      called from report.lua:8
      help: did you mean 'input'?
    [exit 1]
    "#);
    assert_snapshot!(place.run(&["run", "report.lua", "--output", "json"]).json(), @r#"{"success":false,"error":{"kind":"invalid_args","message":"calculator: unknown parameter 'inptu'","file":"report.lua","line":3,"column":3,"excerpt":"  -- save the summary\n  Tool.invoke(\"calculator\", { inptu = text })","stack":["report.lua:6 in function 'main'","report.lua:8"],"hints":["did you mean 'input'?"],"details":{"parameter":"inptu","suggestions":["input"],"tool":"calculator"}},"console":[],"engine":"lua","duration_ms":"[duration_ms]","usage":{},"session_id":null}"#);
}

#[test]
fn an_error_in_a_module_shows_the_module() {
    let place = Place::new()
        .with("main.lua", "local m = require 'm'\nm.fail()\n")
        .with(
            "m.lua",
            "return {\n  fail = function()\n    error('broken')\n  end,\n}\n",
        );
    assert_snapshot!(place.show(&["main.lua"]), @r"
    ---- stderr
    error[script]: broken
      --> ./m.lua:3:5
        2 |   fail = function()
        3 |     error('broken')
          |     ^
      called from main.lua:2
    [exit 1]
    ");
}

#[test]
fn a_thrown_text_and_a_failed_import_have_a_place() {
    let place = Place::new()
        .with("throws.js", "function f() {\n  throw 'text';\n}\nf();\n")
        .with("imports.js", "import { a } from './gone.js';\n");
    assert_snapshot!(place.show(&["throws.js"]), @r"
    ---- stderr
    error[script]: text
      --> throws.js:2:9
        1 | function f() {
        2 |   throw 'text';
          |         ^
      called from throws.js:4
    [exit 1]
    ");
    assert_snapshot!(place.show(&["imports.js"]), @r"
    ---- stderr
    error[not_found]: module './gone.js' not found
      --> imports.js:1:19
        1 | import { a } from './gone.js';
          |                   ^
      help: it is looked for relative to the importing file
    [exit 1]
    ");
}

#[test]
fn raised_tables_and_values() {
    let place = Place::new();
    assert_snapshot!(place.show(&["exec", "error({kind = 'not_found', message = 'no such thing'})"]), @r"
    ---- stderr
    error[not_found]: no such thing
      --> (exec):1:1
        1 | error({kind = 'not_found', message = 'no such thing'})
          | ^
    [exit 1]
    ");
    assert_snapshot!(place.show(&["exec", "error({code = 5})"]), @r#"
    ---- stderr
    error[script]: {"code":5}
      --> (exec):1:1
        1 | error({code = 5})
          | ^
    [exit 1]
    "#);
    assert_snapshot!(place.show(&["exec", "local x = nil; return x.y"]), @r"
    ---- stderr
    error[script]: attempt to index a nil value (local 'x')
      --> (exec):1:1
        1 | local x = nil; return x.y
          | ^
    [exit 1]
    ");
}

#[test]
fn a_caught_error_is_no_failure() {
    let place = Place::new();
    assert_snapshot!(place.show(&["exec", "local ok, e = pcall(Tool.invoke, 'nothing', {}) return tostring(ok) .. ' ' .. e.kind"]), @r"
    false not_found
    [exit 0]
    ");
}

#[test]
fn codes_of_kinds() {
    let place = Place::new();
    for (kind, code) in [
        ("invalid_args", 1),
        ("not_found", 1),
        ("denied", 77),
        ("unavailable", 69),
        ("auth", 69),
        ("config", 78),
        ("limit", 75),
        ("timeout", 73),
        ("remote", 69),
        ("parse", 1),
        ("script", 1),
    ] {
        let raise = format!("error({{kind = '{kind}', message = 'x'}})");
        assert_eq!(place.run(&["exec", &raise]).code, code, "{kind}");
    }
}

#[test]
fn an_unknown_provider_and_a_missing_key() {
    let place = Place::new();
    let ended = place.run(&["exec", "Agent.create{name='a', model='nowhere/x'}"]);
    assert!(
        ended.code == 1 && ended.stderr.starts_with("error[not_found]:"),
        "{}",
        ended.text()
    );
    let ended = place.run(&[
        "exec",
        "Agent.create{name='a', model='openai/gpt-4o'}:execute('hi')",
    ]);
    assert!(
        ended.code == 69 && ended.stderr.contains("OPENAI_API_KEY"),
        "{}",
        ended.text()
    );
}

#[test]
fn a_tool_that_is_not_allowed_does_not_exist() {
    let place = Place::new();
    let call = [
        "exec",
        "Tool.invoke('calculator', {input = '1'})",
        "--set",
        "tools.deny=['calc*']",
    ];
    assert_snapshot!(place.show(&call), @r"
    ---- stderr
    error[not_found]: tool.invoke: Tool 'calculator' not found
      --> (exec):1:1
        1 | Tool.invoke('calculator', {input = '1'})
          | ^
      help: did you mean 'diff_calculator'?
    [exit 1]
    ");
}
