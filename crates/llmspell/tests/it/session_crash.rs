//! Sessions of scripts whose process is killed, and sessions that several processes use at once.

use serde_json::{Value as Json, json};

use crate::place::Place;
use crate::running::Running;

/// Does one thing to a session after the other; says so once it has returned, and waits for a line.
const SPELL: &str = r#"
local function done(what) print(what) io.read("l") end
local id = Session.create { name = "kept" } done("create")
Session.set_current(id) Tool.calculator { input = "1 + 1" } done("call")
Session.update_metadata(id, { n = 3 }) done("update")
Session.add_tags(id, { "t" }) done("tag")
Session.suspend(id) done("suspend")
Session.resume(id) Tool.calculator { input = "1 + 2" } done("resume")
Session.complete(id) done("complete")
Session.archive(id) done("archive")
Session.delete(id) done("delete")
"#;

/// What another process is to find after so many of these. An active session of a process that is gone waits.
fn found_after(acts: usize) -> Json {
    let at = |act: usize| acts > act;
    let status = match acts {
        8 => "archived",
        7 => "completed",
        _ => "suspended",
    };
    if at(8) {
        return json!([]);
    }
    json!([{
        "status": status,
        "calls": if at(5) { 2 } else { i32::from(at(1)) },
        "n": if at(2) { json!(3) } else { Json::Null },
        "tags": if at(3) { json!(["t"]) } else { json!([]) },
    }])
}

const LOOK: &str = r#"
local found = {}
local query = { status = { "active", "suspended", "completed", "failed", "archived" } }
for i, s in ipairs(Session.list(query)) do
  found[i] = { status = s.status, calls = s.operation_count, n = s.metadata.n or JSON.null, tags = JSON.array(s.tags) }
end
return JSON.array(found)
"#;

fn value(place: &Place, code: &str) -> Json {
    let ended = place.run(&["exec", code, "--output", "json"]);
    let document: Json = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(document["success"], true, "{document}");
    document["result"].clone()
}

fn killed_after(place: &Place, acts: usize) {
    let mut running = Running::start(place, &["spell.lua"]);
    for act in 1..=acts {
        assert!(!running.line().is_empty());
        if act < acts {
            running.go_on();
        }
    }
    running.kill();
}

#[test]
fn nothing_that_had_returned_is_lost() {
    for acts in 1..=9 {
        let place = Place::new().with("spell.lua", SPELL);
        killed_after(&place, acts);
        assert_eq!(value(&place, LOOK), found_after(acts), "after {acts}");
    }
}

#[test]
fn another_run_goes_on() {
    let place = Place::new().with("spell.lua", SPELL);
    killed_after(&place, 4);
    let code = r#"
        local id = Session.list()[1].id
        Session.load(id) Session.resume(id) Session.set_current(id)
        Tool.calculator { input = "2 + 2" }
        Session.complete(id)
        return { status = Session.get(id).status, calls = Session.stats(id).operation_count, exported = #Session.export(id).operations }
    "#;
    let went_on = json!({"calls": 2, "exported": 2, "status": "completed"});
    assert_eq!(value(&place, code), went_on);
    let shown = place.run(&["session", "show", "kept"]).stdout;
    assert_eq!(shown.matches("tool:calculator").count(), 2, "{shown}");
}

/// Four processes make sessions at the same time; together they make as many as may be active.
#[test]
fn processes_share_the_limit() {
    let place = Place::new().with(
        "spell.lua",
        r#"
        local made = 0
        for _ = 1, 10 do if pcall(Session.create) then made = made + 1 end end
        print(made) io.read("l")
        "#,
    );
    let limit = ["spell.lua", "--set", "sessions.max_sessions=25"];
    let mut running: Vec<Running> = (0..4).map(|_| Running::start(&place, &limit)).collect();
    let made: usize = running
        .iter_mut()
        .map(|running| running.line().parse::<usize>().unwrap())
        .sum();
    for running in running {
        running.kill();
    }
    assert_eq!(made, 25);
    let active = "return #Session.list { status = 'active' }, 0";
    assert_eq!(value(&place, active), 0);
}
