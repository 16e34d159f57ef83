//! Runs that are killed and resumed by the binary.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value as Json;

use crate::http_model::{good, serve};
use crate::place::{Ended, Place};
use crate::running::killed_after;

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

/// The same in JavaScript.
const SPELL_JS: &str = r#"
const mark = (name) => ({ name: `mark_${name}`, execute: async () => { console.log(`after ${name}`); return (await console.readLine()) ?? ""; } });
const write = (name) => {
  const line = name === "first" || name === "last" ? `${name}\n` : `${name} {{loop:current_value}}\n`;
  return { name, tool: "file_operations", input: { operation: "append", path: "log", input: line } };
};
const wf = Workflow.sequential({ name: "outer", steps: [
  write("first"), mark("first"),
  { name: "turns", type: "loop", iterator: { range: { start: 1, end: 2 } }, body: [
    { name: "fan", type: "parallel", max_concurrency: 1, branches: [
      { name: "left", steps: [
        { name: "way", type: "conditional", condition: "true", then_branch: { steps: [write("left"), mark("left")] } },
      ] },
      { name: "right", steps: [write("right"), mark("right")] },
    ] },
  ] },
  write("last"), mark("last"),
] });
const result = await wf.execute();
console.log(result.success);
console.log(Math.random(), Utils.uuid(), Date.now());
"#;

fn resume(place: &Place, more: &[&str]) -> Ended {
    let mut args = vec!["session", "resume", "last"];
    args.extend(more);
    place.run(&args)
}

#[test]
fn a_killed_workflow_goes_on_at_the_step_where_it_died() {
    killed_and_resumed("spell.lua", SPELL);
}

#[test]
fn a_killed_workflow_of_javascript_goes_on_at_the_step_where_it_died() {
    killed_and_resumed("spell.js", SPELL_JS);
}

fn killed_and_resumed(name: &str, source: &str) {
    let whole = "first\nleft 1\nright 1\nleft 2\nright 2\nlast\n";
    for marks in 1..=MARKS.len() {
        let place = Place::new().with(name, source);
        killed_after(&place, name, &MARKS[..marks]);
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
        let drawn = place.run(&["workflow", "show", "last"]).stdout;
        assert!(drawn.starts_with("✓ outer"), "{drawn}");
        assert_eq!(drawn.matches('✓').count(), 12, "{drawn}");
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

/// What hooks call when an event is published is a call of the run: it is found again, and not made anew.
#[test]
fn calls_of_hooks_around_events_are_answered() {
    let spell = r#"
    Hook.register("BeforeEventEmit", function(ctx)
      if ctx.data.payload.tool_name == "calculator" then
        Tool.file_operations { operation = "append", path = "log", input = ctx.data.event_type .. "\n" }
      end
    end)
    Tool.calculator { input = "1 + 1" }
    if arg[1] ~= "well" then error("no") end
    Tool.calculator { input = "1 + 2" }
    "#;
    let place = Place::new().with("spell.lua", spell);
    place.run(&["spell.lua"]);
    let once = "tool.started\ntool.completed\n";
    assert_eq!(log(&place), once);
    let ended = resume(&place, &["--", "well"]);
    assert_eq!(ended.code, 0, "{}", ended.text());
    assert_eq!(log(&place), once.repeat(2));
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

/// What functions that run side by side see, draw and call stays with the function, whichever ends first.
#[test]
fn functions_side_by_side_see_the_same_again_in_any_order() {
    let spell = r#"
    local function work(n)
      return function()
        local turn = arg[1] == "up" and n or 9 - n
        Utils.sleep(turn / 100)
        local drawn = { os.clock(), math.random(), Utils.uuid(), os.getenv("HOME") }
        Async.all { function()
          drawn[5] = math.random(1000000)
          Tool.file_operations { operation = "append", path = "log", input = n .. "\n" }
        end }
        return table.concat(drawn, " ")
      end
    end
    local functions = {}
    for n = 1, 8 do functions[n] = work(n) end
    for _ = 1, 2 do print(table.concat(Async.all(functions), "\n")) end
    "#;
    let place = Place::new().with("spell.lua", spell);
    let first = place.run(&["spell.lua", "up"]);
    assert_eq!(first.code, 0, "{}", first.text());
    let ordered = log(&place);
    assert_eq!(ordered.lines().count(), 16, "{ordered}");
    let mut lines: Vec<&str> = first.stdout.lines().collect();
    lines.sort_unstable();
    lines.dedup();
    assert_eq!(
        lines.len(),
        16,
        "each sees and draws its own: {}",
        first.stdout
    );
    let second = resume(&place, &["--", "down"]);
    assert_eq!(second.stdout, first.stdout, "{}", second.text());
    assert_eq!(log(&place), ordered);
}

#[test]
fn what_was_read_from_standard_input_is_read_again() {
    for (name, spell) in [
        (
            "spell.lua",
            "print(io.read('l'), io.read('n')) Tool.calculator { input = '1' }
             if not arg[1] then error('no') end print(io.read('l'), io.read('l'), io.read('l'))",
        ),
        (
            "spell.js",
            "console.log(await console.readLine(), await console.readLine()); await Tool.calculator({ input: '1' });
             if (!Args[0]) throw new Error('no');
             console.log(await console.readLine(), await console.readLine());",
        ),
    ] {
        let place = Place::new().with(name, spell);
        let first = place.run_with_input(&[name], "one\n2\nthree\n");
        assert_eq!(first.code, 1, "{}", first.text());
        let mut args = vec!["session", "resume", "last", "--", "well"];
        let second = place.run_with_input(&args, "four\n");
        assert_eq!(second.code, 0, "{}", second.text());
        let whole: Vec<&str> = second.stdout.split_whitespace().collect();
        assert_eq!(whole[..2], ["one", "2"], "{}", second.text());
        assert!(whole.contains(&"three"), "{}", second.text());
        args.truncate(3);
        assert_eq!(resume(&place, &["--", "well"]).stdout, second.stdout);
    }
}

#[test]
fn a_large_input_must_be_given_again() {
    let spell = "local n = 0 for line in io.lines() do n = n + #line end
        Tool.calculator { input = '1' } if not arg[1] then error('no') end print(n)";
    let place = Place::new().with("spell.lua", spell);
    let input = "0123456789\n".repeat(200_000);
    assert_eq!(place.run_with_input(&["spell.lua"], &input).code, 1);
    let without = resume(&place, &["--", "well"]);
    assert_eq!(without.code, 1, "{}", without.text());
    assert!(
        without
            .stderr
            .contains("more of its standard input than was recorded"),
        "{}",
        without.text()
    );
    let with = place.run_with_input(&["session", "resume", "last", "--", "well"], &input);
    assert_eq!(with.stdout, "2000000\n", "{}", with.text());
}

#[test]
fn a_secret_of_the_input_is_not_kept() {
    let key = "sk-abcdefghijklmnopqrstuvwxyz0123456789ABCD";
    let spell =
        "print(#io.read('l')) Tool.calculator { input = '1' } if not arg[1] then error('no') end";
    let place = Place::new().with("spell.lua", spell);
    assert_eq!(
        place
            .run_with_input(&["spell.lua"], &format!("{key}\n"))
            .code,
        1
    );
    assert_nowhere(&place, key);
    let again = place.run_with_input(&["session", "resume", "last", "--", "well"], "other\n");
    assert_eq!(again.stdout, "5\n", "{}", again.text());
}

#[test]
fn a_run_is_resumed_with_what_its_command_line_chose() {
    let spell = r#"
    print(Config.get("runtime.budget.usd"), Config.get("runtime.timeout_ms"), Config.get("providers.default_model"))
    Tool.calculator { input = "1" }
    error("no")
    "#;
    let place = Place::new().with("spell.lua", spell).with(
        "other.toml",
        "[profiles.fast.runtime]\ntimeout_ms = 5000\n[providers]\ndefault_model = \"mock/echo\"\n",
    );
    let first = place.run(&[
        "-c",
        "other.toml",
        "--profile",
        "fast",
        "--set",
        "runtime.budget.usd=2",
        "run",
        "--budget",
        "0.5",
        "spell.lua",
    ]);
    assert_eq!(first.stdout, "0.5\t5000\tmock/echo\n", "{}", first.text());
    assert_eq!(resume(&place, &[]).stdout, first.stdout);
    let changed = resume(&place, &["--set", "runtime.budget.usd=3"]);
    assert_eq!(changed.stdout, "3\t5000\tmock/echo\n", "{}", changed.text());
    // What was chosen last is kept.
    assert_eq!(resume(&place, &[]).stdout, changed.stdout);
    let other = resume(&place, &["--set", "providers.default_model=mock/tools"]);
    assert!(
        other
            .stderr
            .contains("mock/echo was asked, and now is mock/tools"),
        "{}",
        other.text()
    );
}

#[test]
fn secrets_of_the_command_line_are_not_kept() {
    let spell = "Tool.calculator { input = '1' } error('no')";
    let place = Place::new().with("spell.lua", spell);
    let set = "providers.openai.api_key=verysecretkey12345";
    assert_eq!(place.run(&["--set", set, "spell.lua"]).code, 1);
    let ended = resume(&place, &[]);
    assert!(
        ended
            .stderr
            .contains("'providers.openai.api_key' was set to a secret, which was not recorded"),
        "{}",
        ended.text()
    );
    let again = resume(&place, &["--set", set]);
    assert!(
        !again.stderr.contains("was not recorded"),
        "{}",
        again.text()
    );
    assert_nowhere(&place, "verysecretkey12345");
}

#[test]
fn events_are_kept_once() {
    let place = Place::new()
        .with("llmspell.toml", "[events]\npersist = [\"*\"]\n")
        .with(
            "spell.lua",
            r#"
            for n = 1, 3 do Event.publish("own.told", { n = n }) end
            Workflow.sequential { name = "w", steps = { { name = "a", tool = "calculator", input = { input = "1" } } } }:execute()
            if not arg[1] then error("no") end
            Event.publish("own.told", { n = 4 })
            "#,
        );
    assert_eq!(place.run(&["-q", "spell.lua"]).code, 1);
    let count = |kind: &str| {
        let told = place
            .run(&["session", "timeline", "--output", "json"])
            .stdout;
        let document: Json = serde_json::from_str(&told).unwrap();
        let events = document["events"].as_array().unwrap();
        events.iter().filter(|event| event["type"] == kind).count()
    };
    assert_eq!(
        (count("own.told"), count("workflow.step.completed")),
        (3, 1)
    );
    assert_eq!(resume(&place, &["--", "well"]).code, 0);
    assert_eq!(
        (count("own.told"), count("workflow.step.completed")),
        (4, 1)
    );
    resume(&place, &["--", "well"]);
    assert_eq!(
        (count("own.told"), count("workflow.step.completed")),
        (4, 1)
    );
}

#[test]
fn one_of_two_goes_on() {
    let place = Place::new().with(
        "spell.lua",
        "Tool.file_operations { operation = 'append', path = 'log', input = 'x' }
         if arg[1] then print('here') io.read('l') end error('no')",
    );
    assert_eq!(place.run(&["spell.lua"]).code, 1);
    let mut first = place
        .command(&["session", "resume", "last", "--", "go"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It is at work when it has said so.
    let mut output = BufReader::new(first.stdout.take().unwrap());
    let mut said = String::new();
    output.read_line(&mut said).unwrap();
    assert_eq!(said, "here\n");
    let second = resume(&place, &[]);
    assert_eq!(second.code, 1, "{}", second.text());
    let refused = format!("is running, in process {}", first.id());
    assert!(second.stderr.contains(&refused), "{}", second.text());
    first.kill().unwrap();
    first.wait().unwrap();
    let third = resume(&place, &[]);
    assert!(!third.stderr.contains("is running"), "{}", third.text());
    assert_eq!(log(&place), "x");
}

#[test]
fn of_many_at_once_one_goes_on() {
    let place = Place::new().with(
        "spell.lua",
        "Tool.file_operations { operation = 'append', path = 'log', input = 'x' }
         if not arg[1] then error('no') end
         Tool.file_operations { operation = 'append', path = 'log', input = 'y' } Utils.sleep(0.5)",
    );
    assert_eq!(place.run(&["spell.lua"]).code, 1);
    let all: Vec<_> = (0..4)
        .map(|_| {
            let mut command = place.command(&["session", "resume", "last", "--", "well"]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            command.spawn().unwrap()
        })
        .collect();
    let ended: Vec<Ended> = all
        .into_iter()
        .map(|child| place.ended(child.wait_with_output().unwrap()))
        .collect();
    assert!(ended.iter().any(|one| one.code == 0));
    for one in ended.iter().filter(|one| one.code != 0) {
        let clear = [
            "is being resumed by another process",
            "is running, in process",
        ];
        assert!(
            clear.iter().any(|text| one.stderr.contains(text)),
            "{}",
            one.text()
        );
    }
    assert_eq!(log(&place), "xy");
}

/// Returns the files of the data directory with what they hold.
fn kept(place: &Place) -> Vec<(PathBuf, Vec<u8>)> {
    let home = place.home();
    let files = crate::place::files(&home).into_iter();
    let read = |file: String| (home.join(&file), std::fs::read(home.join(&file)).unwrap());
    files.map(read).collect()
}

fn assert_nowhere(place: &Place, text: &str) {
    let kept = kept(place);
    assert!(!kept.is_empty());
    for (path, bytes) in kept {
        let found = bytes
            .windows(text.len())
            .any(|part| part == text.as_bytes());
        assert!(!found, "{}", path.display());
    }
}

/// Returns the file of the sessions.
fn store_of(place: &Place) -> PathBuf {
    let mut stores = kept(place)
        .into_iter()
        .filter(|(_, bytes)| bytes.starts_with(b"SQLite format 3"));
    stores.next().expect("the run was recorded").0
}

/// Puts text of the same length in the place of each occurrence, and returns how many there were.
fn overwrite(bytes: &mut [u8], text: &str, other: &str) -> usize {
    assert_eq!(text.len(), other.len());
    let places: Vec<usize> = (0..bytes.len().saturating_sub(text.len()))
        .filter(|&at| bytes[at..].starts_with(text.as_bytes()))
        .collect();
    for &at in &places {
        bytes[at..at + other.len()].copy_from_slice(other.as_bytes());
    }
    places.len()
}

#[test]
fn a_damaged_journal_is_refused_and_nothing_is_done() {
    let spell = r#"
    Tool.file_operations { operation = "append", path = "log", input = "x" }
    print(#Tool.text_manipulator { operation = "reverse", input = ("abc"):rep(5000) }.output)
    error("no")
    "#;
    let place = Place::new().with("spell.lua", spell);
    assert_eq!(place.run(&["spell.lua"]).code, 1);
    let file = store_of(&place);
    let whole = std::fs::read(&file).unwrap();
    let refused = |damaged: &[u8], why: &str| {
        std::fs::write(&file, damaged).unwrap();
        let ended = resume(&place, &[]);
        assert_eq!(ended.code, 1, "{}", ended.text());
        assert!(ended.stderr.contains("error[corrupt]"), "{}", ended.text());
        assert!(ended.stderr.contains(why), "{why}: {}", ended.text());
        assert_eq!(log(&place), "x");
    };
    for (text, other, why) in [
        (
            "\"kind\":\"end\"",
            "\"kind\":\"and\"",
            "of the journal of session",
        ),
        ("{\"v\":1,\"kind\"", "{\"v\":7,\"kind\"", "it has version 7"),
        ("\"took_us\":", "\"took_us;:", "cannot be read"),
        ("cbacbacbacba", "cbacbacbacbX", "has another content"),
    ] {
        let mut damaged = whole.clone();
        assert!(overwrite(&mut damaged, text, other) > 0, "{text}");
        refused(&damaged, why);
    }
    refused(&whole[..whole.len() / 2], "");
    // What was repaired goes on.
    std::fs::write(&file, &whole).unwrap();
    let ended = resume(&place, &[]);
    assert!(ended.stdout.contains("15000"), "{}", ended.text());
    assert!(
        ended.stderr.contains("answered from the journal"),
        "{}",
        ended.text()
    );
    assert_eq!(log(&place), "x");
}
