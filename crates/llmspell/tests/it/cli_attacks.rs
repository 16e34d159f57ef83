//! Spells that try to hang or kill the process. Each ends with a clear error within its limit.

use std::io::Read;
use std::process::Stdio;

use insta::assert_snapshot;

use crate::place::Place;

#[test]
fn an_endless_loop_meets_the_time_limit() {
    let place = Place::new().with("loop.lua", "local n = 0\nwhile true do\n  n = n + 1\nend\n");
    let ended = place.run(&["run", "--timeout", "0.3", "loop.lua"]);
    assert_eq!(ended.code, 73, "{}", ended.text());
    assert!(
        ended.stderr.starts_with("error[timeout]:") && ended.stderr.contains("--> loop.lua:"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_loop_that_catches_everything_ends_too() {
    let place = Place::new();
    for code in [
        "while true do pcall(function() while true do end end) end",
        "setmetatable({}, {__gc = function() while true do end end}) collectgarbage() while true do end",
        "string.rep('a', 100000):find(('a?'):rep(100) .. ('a'):rep(100) .. '.-.-.-.-.-b')",
        "coroutine.wrap(function() while true do end end)()",
    ] {
        let ended = place.run(&["exec", code, "--timeout", "0.3"]);
        assert!(
            [1, 73, 74].contains(&ended.code),
            "{code}: {}",
            ended.text()
        );
        assert!(
            ended.stderr.starts_with("error["),
            "{code}: {}",
            ended.text()
        );
    }
}

#[test]
fn memory_has_a_limit() {
    let place = Place::new();
    let grow = "local t = {} while true do t[#t + 1] = ('x'):rep(1000000) .. #t end";
    let ended = place.run(&["exec", grow, "--max-memory", "64MiB"]);
    assert_eq!(ended.code, 74, "{}", ended.text());
    assert!(
        ended.stderr.starts_with("error[limit]:") && ended.stderr.contains("64 MiB"),
        "{}",
        ended.stderr
    );
    let ended = place.run(&["exec", "return ('x'):rep(1 << 40)", "--max-memory", "64MiB"]);
    assert!([1, 74].contains(&ended.code), "{}", ended.text());
}

#[test]
fn endless_recursion_is_an_error_of_the_script() {
    let place = Place::new();
    assert_snapshot!(place.show(&["exec", "local function f() return f() + 1 end f()"]), @r"
    ---- stderr
    error[script]: stack overflow
      --> (exec):1:1
        1 | local function f() return f() + 1 end f()
          | ^
      called from (exec):1 in function 'f' (99 times)
      help: a function calls itself without end
    [exit 1]
    ");
    let nested = "local t = {} for i = 1, 100000 do t = {t} end return t";
    assert_eq!(place.run(&["exec", nested]).code, 0);
    let through = "local function f() return pcall(f) end return tostring(f())";
    assert!(place.run(&["exec", through]).code >= 0);
}

#[test]
fn a_table_that_contains_itself() {
    let place = Place::new();
    assert_snapshot!(place.show(&["exec", "local t = {} t.me = t return t"]), @r#"
    {"me":"<cycle>"}
    [exit 0]
    "#);
    let ended = place.run(&[
        "exec",
        "local t = {} t.me = t Tool.json_processor{ operation = 'validate', input = t }",
    ]);
    assert!(
        ended.code == 1 && ended.stderr.starts_with("error[invalid_args]:"),
        "{}",
        ended.text()
    );
}

#[test]
fn a_large_result_is_passed_or_refused() {
    let place = Place::new();
    let ended = place.run(&["exec", "return ('x'):rep(100 * 1000 * 1000)"]);
    match ended.code {
        0 => assert_eq!(ended.stdout.len(), 100_000_001),
        74 => assert!(
            ended.stderr.starts_with("error[limit]:"),
            "{}",
            ended.stderr
        ),
        code => panic!("exit {code}: {}", ended.stderr),
    }
}

#[test]
fn a_gigabyte_into_a_pipe_that_closes_ends_quietly() {
    let place = Place::new();
    let code = "local line = ('x'):rep(1000) for i = 1, 1000000 do print(line) end";
    for args in [
        &["exec", code][..],
        &["exec", code, "--stream", "--output", "json"],
    ] {
        let mut command = place.command(args);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut some = [0; 100];
        child.stdout.take().unwrap().read_exact(&mut some).unwrap();
        let ended = place.ended(child.wait_with_output().unwrap());
        assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{args:?}");
    }
}

#[test]
fn a_gigabyte_collected_for_json_is_refused() {
    let place = Place::new();
    let code = "local line = ('x'):rep(1000000) for i = 1, 1000 do print(line) end";
    let ended = place.run(&["exec", code, "--output", "json"]);
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    let start = &ended.stdout[..ended.stdout.len().min(300)];
    assert!(
        start.contains(r#""success":false"#) && start.contains("64 MiB"),
        "{start}"
    );
}

#[test]
fn a_closed_standard_output_is_no_crash() {
    let place = Place::new();
    let mut command = place.command(&["exec", "print(1)"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let ended = place.ended(child.wait_with_output().unwrap());
    assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
}

#[cfg(unix)]
#[test]
fn signals_cancel_and_the_exit_code_says_which() {
    let place = Place::new().with(
        "wait.lua",
        "Tool.calculator{input = '1'}\nprint('ready')\nUtils.sleep(60)\n",
    );
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let mut command = place.command(&["run", "wait.lua"]);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut ready = [0; 6];
        let mut stdout = child.stdout.take().unwrap();
        stdout.read_exact(&mut ready).unwrap();
        let sent = std::process::Command::new("kill")
            .args(["-s", signal, &child.id().to_string()])
            .status();
        assert!(sent.unwrap().success());
        let ended = place.ended(child.wait_with_output().unwrap());
        assert_eq!(ended.code, code, "{}", ended.text());
        assert!(
            ended.stderr.starts_with("error[cancelled]:"),
            "{}",
            ended.stderr
        );
    }
    // What was recorded until then is kept, as a session that can go on.
    let list = place
        .run(&["session", "list", "--status", "suspended"])
        .stdout;
    assert_eq!(list.lines().count(), 3, "{list}");
}
