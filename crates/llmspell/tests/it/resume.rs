//! Runs that are killed and resumed by the binary.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value as Json;

use crate::http_model::{good, serve};
use crate::place::{Ended, Place};

/// A nested workflow whose steps write a line each, which must not happen twice, and then wait for a line.
const SPELL: &str = r#"
local function mark(name)
  return { name = "mark_" .. name, execute = function() print("after " .. name) return io.read("l") or "" end }
end
local function write(name)
  local line = name .. " {{loop:current_value}}\n"
  if name == "first" or name == "last" then line = name .. "\n" end
  return { name = name, tool = "file_operations", input = { operation = "append", path = "log", input = line } }
end
local wf = Workflow.sequential { name = "outer", steps = {
  write("first"), mark("first"),
  { name = "turns", type = "loop", iterator = { range = { start = 1, ["end"] = 2 } }, body = {
    { name = "fan", type = "parallel", max_concurrency = 1, branches = {
      { name = "left", steps = {
        { name = "way", type = "conditional", condition = "true", then_branch = { steps = { write("left"), mark("left") } } },
      } },
      { name = "right", steps = { write("right"), mark("right") } },
    } },
  } },
  write("last"), mark("last"),
} }
local result = wf:execute()
print(result.success)
print(math.random(1, 1000000000), Utils.uuid(), os.time())
"#;

const MARKS: [&str; 6] = ["first", "left", "right", "left", "right", "last"];

fn log(place: &Place) -> String {
    std::fs::read_to_string(place.path("log")).unwrap_or_default()
}

/// Runs the spell until so many steps have said that they are done, and kills it there. Returns what it said last.
fn killed_after(place: &Place, marks: usize) {
    let mut child = place
        .command(&["spell.lua"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    for (at, mark) in MARKS.iter().take(marks).enumerate() {
        let mut said = String::new();
        output.read_line(&mut said).unwrap();
        assert_eq!(said.trim_end(), format!("after {mark}"));
        if at + 1 < marks {
            writeln!(input).unwrap();
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

fn resume(place: &Place, more: &[&str]) -> Ended {
    let mut args = vec!["session", "resume", "last"];
    args.extend(more);
    place.run(&args)
}

#[test]
fn a_killed_workflow_goes_on_at_the_step_where_it_died() {
    let whole = "first\nleft 1\nright 1\nleft 2\nright 2\nlast\n";
    for marks in 1..=MARKS.len() {
        let place = Place::new().with("spell.lua", SPELL);
        killed_after(&place, marks);
        let before: String = whole
            .lines()
            .take(marks)
            .fold(String::new(), |text, line| text + line + "\n");
        assert_eq!(log(&place), before, "killed after {marks} steps");
        let ended = resume(&place, &[]);
        assert_eq!(ended.code, 0, "{}", ended.text());
        assert_eq!(log(&place), whole, "resumed after {marks} steps");
        assert!(ended.stdout.contains("\ntrue\n"), "{}", ended.text());
        // What has ended well says the same again, and does nothing.
        let again = resume(&place, &[]);
        assert_eq!(again.stdout, ended.stdout);
        assert_eq!(log(&place), whole);
        let shown = place.run(&["session", "show", "last"]).stdout;
        assert!(shown.contains("resumed  2 times, "), "{shown}");
    }
}

const TWO: &str = r#"
local function append(text)
  return Tool.file_operations { operation = "append", path = "log", input = text .. "\n" }
end
append("one " .. (arg[1] or ""))
append("two " .. os.time() .. " " .. Utils.uuid() .. " " .. math.random(1000000))
if arg[2] ~= "well" then error("no paper") end
append("three")
print(arg[1], arg[2])
"#;

#[test]
fn a_failed_run_goes_on_with_other_arguments_or_another_script() {
    let place = Place::new().with("spell.lua", TWO);
    assert_eq!(place.run(&["spell.lua", "a"]).code, 1);
    let begun = log(&place);
    assert_eq!(begun.lines().count(), 2);
    assert_eq!(resume(&place, &[]).code, 1);
    assert_eq!(log(&place), begun);
    let edited = TWO.replace("~= \"well\"", "== \"ill\"");
    std::fs::write(place.path("spell.lua"), edited).unwrap();
    let ended = resume(&place, &[]);
    assert_eq!(ended.stdout, "a\tnil\n", "{}", ended.text());
    assert!(
        ended.stderr.contains("spell.lua has changed since"),
        "{}",
        ended.text()
    );
    assert!(
        ended
            .stderr
            .contains("2 calls were answered from the journal"),
        "{}",
        ended.text()
    );
    assert_eq!(log(&place), format!("{begun}three\n"));
    let other = resume(&place, &["--", "b", "well"]);
    assert_eq!(other.stdout, "b\twell\n", "{}", other.text());
    assert_eq!(log(&place), format!("{begun}three\none b\n"));
}

#[test]
fn code_and_standard_input_are_run_as_they_were_recorded() {
    let place = Place::new().with("spell.lua", TWO);
    assert_eq!(place.run(&["spell.lua", "a", "well"]).code, 0);
    let whole = log(&place);
    std::fs::remove_file(place.path("spell.lua")).unwrap();
    let ended = resume(&place, &[]);
    assert_eq!(ended.code, 66, "{}", ended.text());
    assert!(
        ended.stderr.contains("there is no file spell.lua"),
        "{}",
        ended.text()
    );
    let code =
        "Tool.file_operations { operation = 'append', path = 'log', input = 'x' }; return arg[1]";
    place.run(&["exec", code, "b"]);
    let ended = resume(&place, &[]);
    assert_eq!(ended.stdout, "b\n", "{}", ended.text());
    place.run_with_input(&["run", "-", "c"], &format!("{code} .. 'd'"));
    let ended = resume(&place, &[]);
    assert_eq!(ended.stdout, "cd\n", "{}", ended.text());
    assert_eq!(log(&place), format!("{whole}xx"));
}

#[test]
fn hooks_are_told_that_they_were_called_before() {
    let place = Place::new().with(
        "spell.lua",
        r#"
        local function tell(ctx)
          print(ctx.point, ctx.replaying, ctx.timestamp, ctx.data.duration_ms)
          return "continue"
        end
        Hook.register("BeforeToolExecution", tell)
        Hook.register("AfterToolExecution", tell)
        Tool.calculator { input = "1 + 1" }
        if arg[1] then Tool.calculator { input = "1 + 2" } end
        "#,
    );
    let first = place.run(&["spell.lua"]).stdout;
    let second = resume(&place, &["--", "more"]).stdout;
    assert_eq!(first.matches("false").count(), 2, "{first}");
    let again: Vec<&str> = second.lines().collect();
    assert_eq!(again.len(), 4, "{second}");
    assert_eq!(
        format!("{}\n{}\n", again[0], again[1]),
        first.replace("false", "true")
    );
    assert!(
        again[2].contains("false") && again[3].contains("false"),
        "{second}"
    );
}

#[test]
fn what_cannot_be_resumed_says_why() {
    let place = Place::new().with("spell.lua", "print(1)");
    let none = resume(&place, &[]);
    assert!(
        none.stderr.contains("there are no sessions yet"),
        "{}",
        none.text()
    );
    place.run(&["spell.lua"]);
    place.run(&["exec", "--ephemeral", "Tool.calculator { input = '1' }"]);
    let none = resume(&place, &[]);
    assert!(
        none.stderr.contains("there are no sessions yet"),
        "{}",
        none.text()
    );
    place.run(&["exec", "Session.create { name = 'mine' }"]);
    let made = place.run(&["session", "resume", "mine"]);
    assert!(
        made.stderr.contains("was made by a script"),
        "{}",
        made.text()
    );
    let bad = place.run(&["session", "resume", "beef"]);
    assert!(
        bad.stderr.contains("Session not found: beef"),
        "{}",
        bad.text()
    );
}

/// The ids of calls that branches make do not depend on which ends first, nor do answers.
#[test]
fn branches_in_any_order_are_answered() {
    let spell = r#"
    local branches = {}
    for n = 1, 8 do
      branches[n] = { name = "b" .. n, steps = {
        { name = "wait", execute = function() Utils.sleep(math.random(1, 20) / 1000) return n end },
        { name = "write", tool = "file_operations", input = { operation = "append", path = "log", input = "line " .. n .. "\n" } },
        { name = "again", tool = "file_operations", input = { operation = "append", path = "log", input = "line " .. n .. "\n" } },
      } }
    end
    Workflow.parallel { name = "fan", branches = branches }:execute()
    if arg[1] ~= "well" then error("no") end
    "#;
    let place = Place::new().with("spell.lua", spell);
    place.run(&["spell.lua"]);
    let ended = resume(&place, &["--", "well"]);
    assert_eq!(ended.code, 0, "{}", ended.text());
    let mut lines: HashMap<String, usize> = HashMap::new();
    for line in log(&place).lines() {
        *lines.entry(line.to_owned()).or_default() += 1;
    }
    assert_eq!(lines.len(), 8);
    assert!(lines.values().all(|&count| count == 2), "{lines:?}");
}

#[test]
fn a_resumed_run_says_so_as_json() {
    let place = Place::new().with(
        "spell.lua",
        "return Tool.calculator { input = '6 * 7' }.output",
    );
    place.run(&["spell.lua"]);
    let ended = resume(&place, &["--output", "json"]);
    let document: Json = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(document["answered"], 1, "{document}");
    assert_eq!(document["result"], 42, "{document}");
}

/// Requests that reached the model server of the test below.
static REQUESTS: AtomicUsize = AtomicUsize::new(0);

fn counted(request: &Json, stream: &mut TcpStream) -> std::io::Result<()> {
    REQUESTS.fetch_add(1, Ordering::SeqCst);
    good(request, stream)
}

#[test]
fn an_agent_goes_on_with_its_conversation_and_asks_nothing_twice() {
    let place = Place::new().with(
        "spell.lua",
        r#"
        local a = Agent.create { name = "a", model = "openai/gpt-4o-mini", tools = { "calculator" } }
        a:execute("CALL:calculator:{\"input\":\"6*7\"}")
        local text = {}
        a:invoke_stream("one two three", function(chunk) text[#text + 1] = chunk.text or "" end)
        print(table.concat(text)) io.read("l")
        print(a:execute("hello").text, #a:get_conversation())
        "#,
    );
    let url = serve(counted);
    let command = |args: &[&str]| {
        let mut command = place.command(args);
        command
            .env("OPENAI_API_KEY", "dummy")
            .env("OPENAI_BASE_URL", &url);
        command
    };
    let mut child = command(&["spell.lua"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut said = String::new();
    output.read_line(&mut said).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(said, "The last word was: one two three\n");
    assert_eq!(REQUESTS.load(Ordering::SeqCst), 3);
    let ended = place.ended(command(&["session", "resume", "last"]).output().unwrap());
    assert!(ended.stdout.starts_with(&said), "{}", ended.text());
    assert!(
        ended.stdout.contains("The last word was: hello\t"),
        "{}",
        ended.text()
    );
    assert_eq!(REQUESTS.load(Ordering::SeqCst), 4);
}
