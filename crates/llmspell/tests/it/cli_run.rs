use insta::assert_snapshot;

use crate::place::Place;

#[test]
fn a_file_is_run_with_and_without_the_command() {
    let place = Place::new().with("hello.lua", "print('hello', arg[0], ...)\nreturn #arg");
    assert_snapshot!(place.show(&["run", "hello.lua", "a", "-b", "--c"]), @r"
    hello	hello.lua	a	-b	--c
    3
    [exit 0]
    ");
    assert_snapshot!(place.show(&["hello.lua", "x"]), @r"
    hello	hello.lua	x
    1
    [exit 0]
    ");
    let json = place.run(&["--output", "json", "hello.lua"]).json();
    assert_snapshot!(json, @r#"{"success":true,"result":0,"results":[0],"console":["hello\thello.lua"],"engine":"lua","duration_ms":"[duration_ms]","usage":{},"session_id":null}"#);
}

#[test]
fn standard_input_is_a_script() {
    let place = Place::new();
    let ended = place.run_with_input(&["run", "-", "x"], "print('from stdin', ...)");
    assert_snapshot!(ended.text(), @r"
    from stdin	x
    [exit 0]
    ");
}

#[test]
fn modules_are_found_beside_the_script() {
    let place = Place::new()
        .with(
            "spells/main.lua",
            "local m = require 'words' return m.hello() .. require('deep.more')",
        )
        .with(
            "spells/words.lua",
            "return { hello = function() return 'hello ' end }",
        )
        .with("spells/lib/x.lua", "")
        .with("spells/deep/more.lua", "return 'world'");
    assert_snapshot!(place.show(&["run", "spells/main.lua"]), @r"
    hello world
    [exit 0]
    ");
}

#[test]
fn log_records_go_to_a_file_as_well() {
    let place = Place::new()
        .with(
            "x.lua",
            "Logger.warn('first', { n = 1 })\nLogger.debug('hidden')",
        )
        .with(
            "llmspell.toml",
            "[logging]\nfile = 'logs/x.log'\nformat = 'json'\ncolor = 'always'\nmax_bytes = '1KB'",
        );
    for _ in 0..2 {
        let ended = place.run(&["x.lua"]);
        assert!(ended.stderr.contains("first"), "{}", ended.stderr);
    }
    let filed = std::fs::read_to_string(place.path("logs/x.log")).unwrap();
    let records: Vec<serde_json::Value> = filed
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(records.len(), 2, "{filed}");
    assert_eq!(
        (&records[1]["message"], &records[1]["target"]),
        (&"first".into(), &"script".into())
    );
    let bad = Place::new().with("llmspell.toml", "[logging]\nfile = '.'");
    let ended = bad.run(&["exec", "1"]);
    assert_eq!(ended.code, 78);
    assert!(
        ended.stderr.contains("'logging.file' cannot be written"),
        "{}",
        ended.stderr
    );
}

#[test]
fn the_working_directory_stays() {
    let place = Place::new().with("spells/main.lua", "return os.getenv('PWD') == nil or true");
    assert_eq!(place.run(&["spells/main.lua"]).stdout, "true\n");
}

#[test]
fn missing_and_unreadable_files() {
    let place = Place::new().with("bytes.lua", "x").with("dir.lua/keep", "");
    std::fs::write(place.path("bytes.lua"), b"print(1)\nprint('\xff')").unwrap();
    assert_snapshot!(place.show(&["run", "gone.lua"]), @r"
    ---- stderr
    error[not_found]: there is no file gone.lua
    [exit 66]
    ");
    assert_snapshot!(place.show(&["gone.lua"]), @r"
    ---- stderr
    error[not_found]: there is no file gone.lua
    [exit 66]
    ");
    assert_snapshot!(place.show(&["run", "-", "--watch"]), @r"
    ---- stderr
    error[invalid_args]: --watch takes a file; standard input does not change
    [exit 2]
    ");
    assert_snapshot!(place.show(&["run", "bytes.lua"]), @r"
    ---- stderr
    error[parse]: bytes.lua:2: the script is not UTF-8 text
    [exit 65]
    ");
    assert_snapshot!(place.show(&["run", "dir.lua"]), @r"
    ---- stderr
    error[io]: dir.lua cannot be read: Is a directory (os error 21)
    [exit 66]
    ");
}

#[test]
fn a_script_may_be_compiled_only() {
    let place = Place::new()
        .with("fine.lua", "print(1)")
        .with("bad.lua", "local x = 1\nif x then\nprint(x\n");
    assert_snapshot!(place.show(&["run", "--check", "fine.lua"]), @"[exit 0]");
    assert_snapshot!(place.show(&["run", "bad.lua"]), @r"
    ---- stderr
    error[parse]: ')' expected (to close '(' at line 3) near <eof>
      --> bad.lua:4:1
        3 | print(x
    [exit 65]
    ");
}

#[test]
fn agents_and_tools_work_together_offline() {
    let place = Place::new().with(
        "agent.lua",
        r#"
local agent = Agent.create{ name = "helper", model = "mock/tools", tools = { "calculator" } }
local answer = agent:execute('calculator {"input": "6 * 7"}')
print(answer.text)
print(#answer.tool_calls, answer.tool_calls[1].name)
"#,
    );
    let ended = place.run(&["agent.lua"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(
        ended.stdout.contains("42") && ended.stdout.contains("1\tcalculator"),
        "{}",
        ended.stdout
    );
}

#[test]
fn logs_of_a_script_go_to_standard_error() {
    let place = Place::new();
    let code = "Logger.warn('careful', {n = 1}) Logger.debug('hidden') print('out')";
    assert_snapshot!(place.show(&["exec", code]), @r#"
    out
    ---- stderr
    careful data={"n":1}
    [exit 0]
    "#);
    assert_snapshot!(place.show(&["-q", "exec", code]), @r"
    out
    [exit 0]
    ");
}

#[test]
fn what_the_debug_logger_says_is_shown_at_any_level() {
    let place = Place::new();
    let code = "Hook.enable_builtin('DebugLogger', { pretty_print = false }) Tool.calculator{input = '6 * 7'}";
    for level in ["logging.level=warn", "logging.level=error"] {
        let ended = place.run(&["exec", code, "--set", level]);
        let said: Vec<&str> = ended.stderr.lines().collect();
        let points = [
            "SystemStartup",
            "ToolValidation",
            "BeforeToolExecution",
            "AfterToolExecution",
            "SystemShutdown",
        ];
        assert_eq!(said.len(), points.len(), "{}", ended.stderr);
        for (line, point) in said.iter().zip(points) {
            assert!(
                line.contains(&format!("hook point point={point}")),
                "{line}"
            );
        }
        assert!(said[3].contains(r#""output":42"#), "{}", said[3]);
    }
    let filter = "logging.level=warn,llmspell::debug_logger=off";
    for silent in [&["-q", "exec", code][..], &["exec", code, "--set", filter]] {
        assert_eq!(place.run(silent).stderr, "");
    }
}

#[test]
fn a_budget_refuses_before_it_is_spent() {
    let place = Place::new();
    let code = "return Agent.create{name='a', model='mock/echo'}:execute('hi').text";
    let ended = place.run(&["exec", code, "--set", "runtime.budget.requests=0"]);
    assert_eq!(ended.code, 75, "{}", ended.text());
    assert!(
        ended.stderr.starts_with("error[limit]:"),
        "{}",
        ended.stderr
    );
}
