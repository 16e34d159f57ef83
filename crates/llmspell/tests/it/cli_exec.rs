use insta::assert_snapshot;

use crate::place::{Place, files};

#[test]
fn an_expression_shows_its_value() {
    let place = Place::new();
    assert_snapshot!(place.show(&["exec", "1+1"]), @r"
    2
    [exit 0]
    ");
    assert_snapshot!(place.show(&["exec", "'text'"]), @r"
    text
    [exit 0]
    ");
    assert_snapshot!(place.show(&["exec", "{a = 1, list = {1, 2}, empty = JSON.array({})}"]), @r#"
    {"a":1,"empty":[],"list":[1,2]}
    [exit 0]
    "#);
    assert_snapshot!(place.show(&["exec", "return 1, 'second'"]), @r"
    1
    [exit 0]
    ");
}

#[test]
fn nothing_returned_is_nothing_printed() {
    let place = Place::new();
    assert_snapshot!(place.show(&["exec", "local x = 1"]), @"[exit 0]");
    assert_snapshot!(place.show(&["exec", "return nil"]), @"[exit 0]");
    assert_snapshot!(place.show(&["exec", "print(1)"]), @r"
    1
    [exit 0]
    ");
}

#[test]
fn a_spell_that_only_computes_leaves_no_file() {
    let place = Place::new();
    assert_eq!(place.run(&["exec", "print(1)"]).code, 0);
    assert_eq!(files(&place.home()), [""; 0]);
    assert_eq!(files(&place.path("")), [""; 0]);
}

#[test]
fn json_mode_is_one_document() {
    let place = Place::new();
    let ended = place.run(&[
        "--output",
        "json",
        "exec",
        "print('a') io.write('b') return {x = 1}, true",
    ]);
    assert_snapshot!(ended.json(), @r#"{"success":true,"result":{"x":1},"results":[{"x":1},true],"console":["a","b"],"engine":"lua","duration_ms":"[duration_ms]","usage":{},"session_id":null}"#);
    assert_snapshot!(place.run(&["exec", "error('boom')", "--output", "json"]).json(), @r#"{"success":false,"error":{"kind":"script","message":"boom","file":"(exec)","line":1,"column":1,"excerpt":"error('boom')","stack":[],"hints":[],"details":{}},"console":[],"engine":"lua","duration_ms":"[duration_ms]","usage":{},"session_id":null}"#);
}

#[test]
fn pretty_mode_indents_and_sums_up() {
    let place = Place::new();
    let ended = place.run(&["exec", "{a = {1, 2}}", "--output", "pretty"]);
    assert_snapshot!(ended.stdout, @r#"
    {
      "a": [
        1,
        2
      ]
    }
    "#);
    assert!(ended.stderr.starts_with("lua · "), "{}", ended.stderr);
}

#[test]
fn what_json_cannot_say_is_null_or_a_word() {
    let place = Place::new();
    let ended = place.run(&["exec", "{nan = 0/0, fine = 1.5}"]);
    assert_eq!(ended.stdout, "{\"fine\":1.5,\"nan\":null}\n");
    assert!(ended.stderr.contains("NaN became null"), "{}", ended.stderr);
    assert_snapshot!(place.show(&["exec", "{f = print, agent = Agent.create{name = 'r', model = 'mock/echo'}}"]), @r#"
    {"agent":"<agent r>","f":"<function>"}
    [exit 0]
    "#);
    assert_snapshot!(place.show(&["exec", "{big = math.maxinteger, float = 3.0}"]), @r#"
    {"big":9223372036854775807,"float":3.0}
    [exit 0]
    "#);
}

#[test]
fn arguments_reach_the_script() {
    let place = Place::new();
    assert_snapshot!(place.show(&["exec", "#arg, arg[1], ..., Args[2]", "a", "--flag"]), @r"
    2
    [exit 0]
    ");
    assert_snapshot!(place.show(&["exec", "return table.concat(arg, ' ')", "--", "-x", "y"]), @r"
    -x y
    [exit 0]
    ");
}

#[test]
fn the_script_ends_itself() {
    let place = Place::new();
    assert_snapshot!(place.show(&["exec", "print('before') os.exit(7) print('after')"]), @r"
    before
    [exit 7]
    ");
    assert_snapshot!(place.show(&["exec", "os.exit(true)"]), @"[exit 0]");
    assert_snapshot!(place.show(&["exec", "os.exit(false)"]), @"[exit 1]");
}

#[test]
fn code_may_be_compiled_only() {
    let place = Place::new();
    assert_snapshot!(place.show(&["exec", "--check", "print(1)"]), @"[exit 0]");
    assert_snapshot!(place.show(&["exec", "--check", "print(1"]), @r"
    ---- stderr
    error[parse]: ')' expected near <eof>
      --> (exec):1:1
        1 | print(1
          | ^
    [exit 65]
    ");
}

#[test]
fn a_seed_fixes_random_numbers() {
    let place = Place::new();
    let draw = |seed: &str| {
        place
            .run(&[
                "exec",
                "math.random(1, 1000000000)",
                "--seed",
                seed,
                "--ephemeral",
            ])
            .stdout
    };
    assert_eq!(draw("5"), draw("5"));
    assert_ne!(draw("5"), draw("6"));
}

#[test]
fn flags_of_a_run_are_checked() {
    let place = Place::new();
    assert_snapshot!(place.show(&["exec", "1", "--timeout", "soon"]), @r"
    ---- stderr
    error[invalid_args]: --timeout must be a time in seconds, or such as 2m, not 'soon'
    [exit 2]
    ");
    assert_snapshot!(place.show(&["exec", "1", "--max-memory", "much"]), @r"
    ---- stderr
    error[invalid_args]: --max-memory must be a size such as 512MiB, not 'much'
    [exit 2]
    ");
    assert_snapshot!(place.show(&["exec", "1", "--budget", "-1"]), @r"
    ---- stderr
    error[invalid_args]: --budget must be an amount of US dollars, not '-1'
    [exit 2]
    ");
    assert_snapshot!(place.show(&["exec", "Tool.calculator{input='1'}", "--store", "redis:x"]), @r"
    ---- stderr
    error[config]: no kind of store is named 'redis'; known are 'memory:', 'sqlite:PATH'
    [exit 78]
    ");
}

#[test]
fn javascript_is_the_other_language() {
    let place = Place::new()
        .with("lib/part.js", "export const part = (x) => x * 2;\n")
        .with(
            "spell.js",
            "import { part } from './lib/part.js';\n\nexport default { args: Args, part: part(21) };\n",
        )
        .with("bad.mjs", "import './lib/part.js';\nconst x = 1;\n  x.y.z();\n");
    assert_snapshot!(place.show(&["exec", "--engine", "javascript", "console.log('hi', [1]); console.error('err')"]), @r"
    hi [ 1 ]
    ---- stderr
    err
    [exit 0]
    ");
    assert_snapshot!(place.show(&["exec", "--engine", "js", "({ a: await Utils.hash('x', 'md5') })"]), @r#"
    {"a":"9dd4e461268c8034f5c8564e155c67a6"}
    [exit 0]
    "#);
    assert_snapshot!(place.show(&["exec", "--engine", "js", "await Tool.calculatr({ input: '1' })"]), @r"
    ---- stderr
    error[script]: TypeError: not a function
      --> (exec):1:11
        1 | await Tool.calculatr({ input: '1' })
          |           ^
      help: did you mean 'calculator'?
    [exit 1]
    ");
    assert_snapshot!(place.show(&["exec", "--engine", "js", "let x = = 1"]), @r"
    ---- stderr
    error[parse]: unexpected token in expression: '='
      --> (exec):1:9
        1 | let x = = 1
          |         ^
    [exit 65]
    ");
    assert_snapshot!(place.show(&["exec", "--engine", "js", "Tool.invoke('nothing'); 1"]), @r"
    ---- stderr
    error[not_found]: tool.invoke: Tool 'nothing' not found
      --> (exec):1:1
        1 | Tool.invoke('nothing'); 1
          | ^
      help: `llmspell tool list` shows the 34 that there are
      help: nobody handled this rejection: `await` the promise, or `catch` it
    [exit 1]
    ");
    assert_snapshot!(place.show(&["run", "spell.js", "a"]), @r#"
    {"args":["a"],"part":42}
    [exit 0]
    "#);
    assert_snapshot!(place.show(&["bad.mjs"]), @r"
    ---- stderr
    error[script]: TypeError: cannot read property 'z' of undefined
      --> bad.mjs:3:3
        2 | const x = 1;
        3 |   x.y.z();
          |   ^
    [exit 1]
    ");
}

#[test]
fn an_unknown_language_is_refused_clearly() {
    let place = Place::new();
    assert_snapshot!(place.show(&["--engine", "python", "exec", "1"]), @r"
    ---- stderr
    error: invalid value 'python' for '--engine <lua|javascript>'
      [possible values: lua, javascript, js]

    For more information, try '--help'.
    [exit 2]
    ");
}

#[test]
fn temporary_files_are_gone_when_the_run_has_ended() {
    let place = Place::new();
    let code = "local file = io.tmpfile() file:write('x') file:seek('set')
        print(os.tmpname()) print(file:read('a'))";
    let ended = place.run(&["exec", code]);
    let mut lines = ended.stdout.lines();
    let path = lines.next().unwrap();
    assert_eq!(
        (ended.code, lines.next()),
        (0, Some("x")),
        "{}",
        ended.text()
    );
    let folder = std::path::Path::new(path).parent().unwrap();
    assert!(!folder.exists(), "{path}");
}

#[test]
fn a_script_ends_itself_in_either_language() {
    let place = Place::new();
    for (engine, code) in [("lua", "os.exit(7)"), ("javascript", "process.exit(7)")] {
        let code = format!("{code}; error('goes on')");
        let ended = place.run(&["exec", "--engine", engine, &code]);
        assert_eq!((ended.code, ended.stderr.as_str()), (7, ""), "{engine}");
    }
    let code = "try { process.exit(false) } catch {} console.log('goes on')";
    let ended = place.run(&["exec", "--engine", "javascript", code]);
    assert_eq!((ended.code, ended.stdout.as_str()), (1, ""));
}
