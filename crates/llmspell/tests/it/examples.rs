//! The examples that have workflows, as a reader runs them: offline, in both languages.

use crate::place::Place;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/");

/// Runs an example in both languages, with this input, and returns what both print.
fn printed(name: &str, input: &str) -> String {
    printed_with(name, input, &[])
}

/// As [`printed`], with these keys of the configuration set.
fn printed_with(name: &str, input: &str, set: &[&str]) -> String {
    let [lua, js] = ["lua", "js"].map(|language| {
        let place = Place::new();
        let path = format!("{ROOT}{name}.{language}");
        let mut args = vec!["run", "--ephemeral", &path];
        args.extend(set.iter().flat_map(|set| ["--set", *set]));
        let ran = place.run_with_input(&args, input);
        assert_eq!(ran.code, 0, "{name}.{language}: {}", ran.text());
        ran.stdout
    });
    assert_eq!(lua, js, "{name}");
    lua
}

#[test]
fn the_quickstart_says_the_same_in_both_languages() {
    assert!(printed("quickstart", "").contains("--- a workflow\nACME pays 391 (3 steps)\n"));
}

/// One language begins, the other one goes on.
#[test]
fn a_book_is_written_by_several_runs() {
    let place = Place::new();
    let said = ["lua", "js", "lua"].map(|language| {
        let path = format!("{ROOT}chapters.{language}");
        let ran = place.run(&["run", &path]);
        assert_eq!(ran.code, 0, "{}", ran.text());
        ran.stdout
    });
    for (number, (text, about)) in said.iter().zip(["boxes", "ships", "harbours"]).enumerate() {
        let begin = format!("{}. mock: Write about {about}", number + 1);
        assert!(text.starts_with(&begin), "{text}");
    }
    assert!(
        said[1].ends_with("suspended after 4 calls\n"),
        "{}",
        said[1]
    );
    assert!(
        said[2].ends_with("completed after 6 calls\n"),
        "{}",
        said[2]
    );
    let book = place.run(&["session", "show", "book"]).stdout;
    assert_eq!(book.matches("agent.execute author").count(), 3, "{book}");
}

#[test]
fn what_the_quickstart_keeps_is_there_afterwards() {
    let place = Place::new();
    let ran = place.run(&["run", &format!("{ROOT}quickstart.lua")]);
    assert_eq!(ran.code, 0, "{}", ran.text());
    assert!(
        ran.stdout
            .contains("order.md, version 1, text/markdown, 23 bytes\n"),
        "{}",
        ran.text()
    );
    let kept = place.run(&["artifact", "get", "order.md"]);
    assert_eq!(kept.stdout, "# Order\n\nACME pays 391\n");
}

#[test]
fn documents_are_sorted() {
    let printed = printed("triage", "");
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines[0], "billing@acme.example: invoice -> 120");
    assert!(
        lines[1].starts_with("jo@home.example: complaint -> mock: Reply to jo@home.example"),
        "{printed}"
    );
    assert!(
        lines[2].starts_with("news@shop.example: other -> "),
        "{printed}"
    );
}

#[test]
fn files_are_summarised() {
    let printed = printed("map_reduce", "");
    assert!(printed.contains("Make one paragraph of these"), "{printed}");
    assert!(
        printed.contains("map_reduce_notes/tuesday.txt: mock: Summarise:"),
        "{printed}"
    );
}

#[test]
fn code_is_reviewed_until_the_critic_is_content() {
    let printed = printed("code_review", "");
    assert!(printed.contains("mock: Review this code"), "{printed}");
    assert!(
        printed.contains("-- after 1 of at most 3 rounds (the critic approved)"),
        "{printed}"
    );
}

#[test]
fn a_table_becomes_a_report() {
    let printed = printed("data_pipeline", "");
    assert!(
        printed.starts_with("sales_report.md has # Sales"),
        "{printed}"
    );
    assert!(printed.contains("best: 120"), "{printed}");
    assert!(
        printed.contains("kept sales_report.md (report) made from artifact 1\n"),
        "{printed}"
    );
}

#[test]
fn a_restart_needs_a_person() {
    assert!(printed("runbook", "y\n").contains("memory 20 %, restarts 1\n"));
    let refused = printed("runbook", "n\n");
    assert!(
        refused.contains("traffic is back on\nstopped at approve:"),
        "{refused}"
    );
}

#[test]
fn a_pipeline_hands_on_what_it_wrote() {
    let printed = printed("patterns/pipeline", "");
    let lines: Vec<&str> = printed.lines().collect();
    let changes = "What changed: search is twice as fast; the export has a date";
    assert_eq!(lines[0], format!("drafter  mock: {changes}"));
    assert_eq!(lines[2], format!("reader   mock: mock: mock: {changes}"));
}

#[test]
fn three_opinions_become_one() {
    let printed = printed("patterns/fork_join", "");
    assert!(
        printed.contains("lawyer     mock: What may not be done so? We keep scans"),
        "{printed}"
    );
    let last = printed.lines().last().unwrap_or_default();
    assert!(last.starts_with("chair      mock: "), "{printed}");
    assert!(last.contains("What does it cost each month?"), "{printed}");
}

#[test]
fn an_open_vote_goes_to_a_person() {
    let printed = printed("patterns/consensus", "");
    assert_eq!(printed.matches("ask a person   ").count(), 2, "{printed}");
}

#[test]
fn a_supervisor_asks_who_knows() {
    let printed = printed("patterns/supervisor", "");
    let question = "What do two boxes cost with delivery?";
    assert!(
        printed.starts_with(&format!("billing_tool {question}\ndesk         ")),
        "{printed}"
    );
    assert!(printed.contains(&format!("mock: {question}")), "{printed}");
}

#[test]
fn a_debate_has_rounds_and_a_judge() {
    let printed = printed("patterns/debate", "");
    for speaker in ["rewrite_round_1", "mend_round_1", "mend_round_2", "judge"] {
        let begins = |line: &str| line.starts_with(&format!("{speaker} "));
        assert!(printed.lines().any(begins), "{speaker}: {printed}");
    }
}

#[test]
fn a_file_is_a_workflow() {
    let place = Place::new();
    let file = format!("{ROOT}report.toml");
    let input = r#"{"boxes": 23, "customer": "acme"}"#;
    let ran = place.run(&["workflow", "run", &file, "--input", input]);
    assert_eq!(
        ran.stdout,
        "mock: Tell acme that 23 boxes cost 351.9.\n",
        "{}",
        ran.text()
    );
    assert_eq!(
        place.run(&["workflow", "validate", "--strict", &file]).code,
        0
    );
}

#[test]
fn a_ledger_is_kept_changed_put_back_and_migrated() {
    let set = [
        "state.backend=sqlite",
        "state.migration_enabled=true",
        "state.backup_enabled=true",
    ];
    assert_eq!(
        printed_with("ledger", "", &set),
        "ada\t70\tbob\t50\nbelow zero:\tfalse\nrestored\t2\tbob\t50\ncompleted\t2\tada\tExample\n"
    );
}
