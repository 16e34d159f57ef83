use insta::assert_snapshot;

use crate::place::{Place, files};

fn talk(place: &Place, input: &str) -> String {
    place
        .run_with_input(&["repl", "--no-history"], input)
        .text()
}

#[test]
fn lines_share_variables_and_expressions_show_values() {
    let place = Place::new();
    assert_snapshot!(talk(&place, "x = 20\nx + 1\n'text'\nprint(x)\n"), @r"
    21
    text
    20
    [exit 0]
    ");
}

#[test]
fn javascript_is_spoken_as_well() {
    let place = Place::new();
    let input = "let x = 20\nx + 1\nfunction f(a) {\n  return a * 2\n}\nawait Promise.all([f(x), `t\n`])\nnull.x\nconst { y } = { y: 1 }\ny\n.engine\n.engine lua\n#'abc'\n";
    let ended = place.run_with_input(&["repl", "--no-history", "--engine", "js"], input);
    assert_snapshot!(ended.text(), @r#"
    21
    [40,"t\n"]
    1
    javascript
    3
    ---- stderr
    error[script]: TypeError: cannot read property 'x' of null
      --> (repl):1:1
        1 | null.x
          | ^
    [exit 1]
    "#);
}

#[test]
fn statements_go_over_several_lines() {
    let place = Place::new();
    assert_snapshot!(talk(&place, "for i = 1, 2 do\n  print(i)\nend\nlocal t = {\n 1,\n 2 }\nreturn #'abc'\n"), @r"
    1
    2
    3
    [exit 0]
    ");
}

#[test]
fn an_error_ends_the_line_only() {
    let place = Place::new();
    assert_snapshot!(talk(&place, "error('boom')\n1 + 1\n"), @r"
    2
    ---- stderr
    error[script]: boom
      --> (repl):1:1
        1 | error('boom')
          | ^
    [exit 1]
    ");
}

#[test]
fn commands() {
    let place = Place::new().with("lib.lua", "function double(n) return 2 * n end");
    assert_snapshot!(talk(&place, ".load lib.lua\ndouble(21)\n.save typed.lua\n.engine\n.reset\ndouble\n.nothing\n.exit\n5"), @r"
    42
    wrote typed.lua
    lua
    ---- stderr
    error[invalid_args]: there is no command .nothing; .help lists them
    [exit 1]
    ");
    assert_eq!(
        std::fs::read_to_string(place.path("typed.lua")).unwrap(),
        "double(21)\n"
    );
}

#[test]
fn a_file_that_is_not_there_is_told() {
    let place = Place::new();
    assert_snapshot!(talk(&place, ".load gone.lua\n"), @r"
    ---- stderr
    error[not_found]: there is no file gone.lua
    [exit 1]
    ");
}

#[test]
fn words_of_the_other_language_are_known() {
    let place = Place::new();
    assert_snapshot!(talk(&place, "console.log(1)\n.engine js\nprint(1)\nconsle.log(1)\n"), @r"
    ---- stderr
    error[script]: attempt to index a nil value (global 'console')
      --> (repl):1:1
        1 | console.log(1)
          | ^
      help: Lua has `print` for that
    error[script]: ReferenceError: print is not defined
      --> (repl):1:1
        1 | print(1)
          | ^
      help: JavaScript has `console.log` for that
    error[script]: ReferenceError: consle is not defined
      --> (repl):1:1
        1 | consle.log(1)
          | ^
      help: did you mean 'console'?
    [exit 1]
    ");
}

#[test]
fn a_script_may_leave() {
    let place = Place::new();
    assert_snapshot!(talk(&place, "print(1)\nos.exit(4)\nprint(2)\n"), @r"
    1
    [exit 4]
    ");
}

#[test]
fn tools_work_and_nothing_is_left_behind_by_computing() {
    let place = Place::new();
    assert_snapshot!(talk(&place, "Tool.calculator{input = '6*7'}.output\n"), @r"
    42
    [exit 0]
    ");
    let place = Place::new();
    talk(&place, "1 + 1\n");
    assert_eq!(files(&place.home()), [""; 0]);
}
