//! What needs no process; programs run in the tests of the binary, which is their launcher.

use llmspell_core::{Kind, Value};
use serde_json::json;

use super::*;
use crate::test_world::{Place, call_at, fails};

#[test]
fn words_are_quoted_as_for_a_shell() {
    for (text, expected) in [
        ("echo a  b", &["echo", "a", "b"][..]),
        ("echo 'a b' \"c d\"", &["echo", "a b", "c d"]),
        ("echo a\\ b '' \"\"", &["echo", "a b", "", ""]),
        (r#"echo "\"\\\$\`\n" '\n'"#, &["echo", "\"\\$`\\n", "\\n"]),
        ("echo a'b'\"c\"d", &["echo", "abcd"]),
        ("a \\\n b", &["a", "b"]),
        ("\t a \\", &["a", "\\"]),
        // What would mean something to a shell.
        (
            "echo $HOME `id` $(id) *.rs ; rm -rf / | wc > x & # y",
            &[
                "echo", "$HOME", "`id`", "$(id)", "*.rs", ";", "rm", "-rf", "/", "|", "wc", ">",
                "x", "&", "#", "y",
            ],
        ),
    ] {
        assert_eq!(split::words(text).unwrap(), expected, "{text}");
    }
    for text in ["echo 'a", "echo \"a", "echo \"a\\"] {
        let error = split::words(text).unwrap_err();
        assert_eq!(error.kind(), Kind::Parse);
        assert_eq!(
            error.message(),
            "parameter 'executable': the quote at offset 5 is not closed"
        );
    }
}

fn asked(args: serde_json::Value) -> Result<Command> {
    let call: Given<ProcessExecutor> = Value::from(args).into_typed()?;
    command(&call.args, "execute")
}

#[test]
fn a_command_is_read() {
    let asked = |args| asked(args).unwrap();
    let plain = asked(json!({"executable": "echo a 'b c'"}));
    assert_eq!(
        (&*plain.program, &*plain.args),
        ("echo", &["a".into(), "b c".into()][..])
    );
    assert_eq!((plain.input, plain.max_output_bytes), (Input::Closed, None));
    let unlisted = asked(json!({"executable": "echo a", "arguments": []}));
    assert_eq!(unlisted.args, ["a"]);
    let listed = asked(json!({
        "executable": "echo", "arguments": ["a b", 5, 2.5], "stdin": "x", "capture_output": false,
        "environment": {"LANG": "C", "LC_X": 1}, "working_directory": "sub", "merge_stderr": true,
    }));
    assert_eq!(listed.args, ["a b", "5", "2.5"]);
    assert_eq!(listed.input, Input::Bytes(b"x".to_vec()));
    assert_eq!(
        listed.environment,
        [("LANG".into(), "C".into()), ("LC_X".into(), "1".into())]
    );
    assert_eq!(
        (listed.dir, listed.max_output_bytes),
        (Some("sub".into()), Some(0))
    );
    assert!(listed.merge);
}

#[test]
fn misuse_is_told() {
    for (args, message) in [
        (
            json!({}),
            "Missing required parameter 'executable' for process_executor operation 'execute'",
        ),
        (
            json!({"operation": "poll"}),
            "Missing required parameter 'job_id' for process_executor operation 'poll'",
        ),
        (
            json!({"executable": "echo a", "arguments": ["b"]}),
            "parameter 'executable' must be one word when 'arguments' are given",
        ),
        (
            json!({"executable": "echo", "arguments": [{}]}),
            "parameter 'arguments' must list texts or numbers, got object",
        ),
        (
            json!({"executable": "echo", "environment": {"LANG": []}}),
            "parameter 'environment': 'LANG' must be text or a number",
        ),
        (
            json!({"executable": "echo", "shell": true}),
            "unknown parameter 'shell'",
        ),
        (
            json!({"operation": "kill"}),
            "unknown operation 'kill', expected one of: execute, start, poll, write, stop, list, check",
        ),
    ] {
        let error = fails(op(), args);
        assert_eq!(
            (error.kind(), error.message()),
            (Kind::InvalidArgs, message)
        );
    }
    let long = json!({"executable": "wc", "stdin": "x".repeat(MAX_INPUT + 1)});
    assert_eq!(fails(op(), long).kind(), Kind::Limit);
    for operation in ["poll", "stop", "write"] {
        let args = json!({"operation": operation, "job_id": "job-7", "stdin": "x"});
        let error = fails(op(), args);
        assert_eq!(
            (error.kind(), error.message()),
            (Kind::NotFound, "there is no job 'job-7'")
        );
    }
}

#[test]
fn nothing_runs_where_processes_are_closed() {
    for operation in ["execute", "run", "run-with-timeout", "start"] {
        let error = fails(op(), json!({"operation": operation, "command": "echo"}));
        assert_eq!(error.kind(), Kind::Denied);
    }
    let cx = Place::default().cx();
    let args = json!({"operation": "check", "program": "echo"});
    let checked = call_at(&cx, op(), args).unwrap();
    assert_eq!(checked.primary(), &Value::Bool(false));
    let reason = checked.data.get("reason").and_then(Value::as_str).unwrap();
    assert!(reason.contains("not permitted"), "{reason}");
    let listed = call_at(&cx, op(), json!({"operation": "list"})).unwrap();
    assert_eq!(listed.data.to_serde_json(), json!({"jobs": [], "count": 0}));
    for (operation, effect) in [
        ("execute", Effect::Once),
        ("poll", Effect::Read),
        ("CHECK", Effect::Read),
    ] {
        let args = Value::from(json!({"operation": operation}));
        assert_eq!(op().effect_with(&args), effect);
    }
}

#[test]
fn outputs_are_shown_as_asked() {
    let captured = Captured {
        stdout: b" \xffx\n".to_vec(),
        stdout_dropped: 3,
        ..Captured::default()
    };
    let shown = |form| {
        let mut data = Map::new();
        report::outputs(&mut data, &captured, form);
        Value::Map(data).to_serde_json()
    };
    let plain = Form {
        base64: false,
        trim: false,
        counted: false,
    };
    assert_eq!(
        shown(plain),
        json!({"stdout": " \u{fffd}x\n", "stdout_truncated": true, "stdout_bytes": 7, "stderr": "", "stderr_truncated": false})
    );
    let base64 = Form {
        base64: true,
        trim: true,
        ..plain
    };
    assert_eq!(shown(base64)["stdout"], "/3g=");
    let counted = Form {
        counted: true,
        ..plain
    };
    assert_eq!(
        shown(counted),
        json!({"stdout": null, "stdout_truncated": false, "stdout_bytes": 7, "stderr": null, "stderr_truncated": false, "stderr_bytes": 0})
    );
}
