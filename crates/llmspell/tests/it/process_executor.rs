//! The tool `process_executor`, with the binary as the launcher of its processes.

use std::ffi::OsString;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

use llmspell_core::host::Closed;
use llmspell_core::{Cx, Door, Error, Host, Kind, Op, Outcome, Result, ToolSettings, Value};
use llmspell_runtime::host::{
    FileRules, PolicyEnvironment, ProcessRules, RunEnvironment, SystemClock, SystemFiles,
    SystemProcesses, SystemRandom, SystemTasks,
};
use llmspell_runtime::worker::Pool;
use serde_json::json;

use crate::proc::{runs, until};

struct World {
    dir: tempfile::TempDir,
    op: Arc<Op>,
    cx: Cx,
    confines: bool,
}

/// A root `in` with a file, beside which `out` with another one is; the harmless programs and `more` may run.
fn world(more: &[&str], change: impl FnOnce(&mut ProcessRules)) -> World {
    let dir = tempfile::tempdir().unwrap();
    for name in ["in", "out", "in/sub"] {
        std::fs::create_dir(dir.path().join(name)).unwrap();
    }
    std::fs::write(dir.path().join("in/file"), "one\ntwo\n").unwrap();
    std::fs::write(dir.path().join("out/secret"), "secret").unwrap();
    let rules = FileRules {
        shared_tmp: false,
        ..FileRules::default()
    };
    let files = SystemFiles::new(rules, dir.path().join("in"), dir.path().join("tmp"));
    let environment = RunEnvironment::new(PolicyEnvironment::default()).variables([
        ("HOME".to_owned(), "/home/ada".to_owned()),
        (
            "OPENAI_API_KEY".to_owned(),
            "planted-value-of-a-key".to_owned(),
        ),
    ]);
    let environment = Arc::new(environment);
    let binary = env!("CARGO_BIN_EXE_llmspell");
    let mut rules = ProcessRules::default();
    rules.allow.extend(more.iter().map(|&name| name.to_owned()));
    change(&mut rules);
    let processes = SystemProcesses::new(
        rules,
        true,
        files.clone(),
        environment.clone(),
        (binary.into(), OsString::from(llmspell::LAUNCH)),
    );
    let confines = processes.is_confining();
    let worker = Pool::new(binary.into(), [llmspell::WORKER]);
    let host = Host {
        files: Arc::new(files),
        processes: Arc::new(processes),
        network: Arc::new(Closed::NETWORK),
        tasks: Arc::new(SystemTasks),
        ..Host::closed(
            Arc::new(SystemClock),
            Arc::new(SystemRandom::default()),
            environment,
            Arc::new(worker),
        )
    };
    let settings = Value::from(json!({"max_jobs": 2}));
    let settings = ToolSettings::new([("process_executor".to_owned(), settings)]);
    let ops = llmspell_tools::modules()
        .into_iter()
        .flat_map(|module| module.ops);
    World {
        dir,
        op: ops
            .into_iter()
            .find(|op| op.verb() == "process_executor")
            .unwrap(),
        cx: Cx::run("test", Arc::new(Door::default()), host)
            .part(Arc::new(settings))
            .build(),
        confines,
    }
}

impl World {
    async fn call(&self, args: serde_json::Value) -> Result<Outcome> {
        self.call_within(Duration::from_secs(20), args).await
    }

    async fn call_within(&self, limit: Duration, args: serde_json::Value) -> Result<Outcome> {
        let cx = self.cx.bounded(Some(limit), None);
        cx.call(&self.op, args.into()).await?.into_typed()
    }

    async fn data(&self, args: serde_json::Value) -> serde_json::Value {
        match self.call(args.clone()).await {
            Ok(outcome) => outcome.data.to_serde_json(),
            Err(error) => panic!("{args}: {error:?}"),
        }
    }

    async fn fails(&self, args: serde_json::Value) -> Error {
        match self.call(args.clone()).await {
            Ok(outcome) => panic!("{args} succeeded: {outcome:?}"),
            Err(error) => error,
        }
    }

    /// Polls a job until it has ended, and returns all that it wrote.
    async fn heard(&self, job: &str) -> (String, serde_json::Value) {
        let (began, mut heard) = (Instant::now(), String::new());
        loop {
            let polled = self.data(json!({"operation": "poll", "job_id": job})).await;
            heard += polled["stdout"].as_str().unwrap();
            if polled["running"] == false {
                return (heard, polled);
            }
            assert!(
                began.elapsed() < Duration::from_secs(10),
                "{job} does not end"
            );
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn a_program_runs_to_its_end() {
    let world = world(&["bash"], |_| ());
    let outcome = world
        .call(json!({"executable": "echo", "arguments": ["a b", 5]}))
        .await
        .unwrap();
    assert_eq!(outcome.primary(), &Value::from("a b 5\n"));
    assert_eq!(
        outcome.metadata["message"],
        "'echo' ended with status 0".into()
    );
    let limits = outcome.metadata["confinement"].get("limits");
    assert_eq!(limits, Some(&Value::Bool(true)));
    let data = outcome.data.to_serde_json();
    assert!(data["executable"].as_str().unwrap().ends_with("/echo"));
    assert!(data["pid"].is_u64() && data["execution_time_ms"].is_u64());
    for (name, value) in [
        ("arguments", json!(["a b", "5"])),
        ("exit_code", json!(0)),
        ("signal", json!(null)),
        ("success", json!(true)),
        ("stdout", json!("a b 5\n")),
        ("stderr", json!("")),
        ("stdout_truncated", json!(false)),
        ("timed_out", json!(false)),
    ] {
        assert_eq!(data[name], value, "{name}");
    }
    // Bad news of a program is no failure of the tool.
    let script = "echo out; echo err >&2; exit 3";
    let failed = world
        .data(json!({"executable": "bash", "args": ["-c", script]}))
        .await;
    assert_eq!(
        [&failed["exit_code"], &failed["success"], &failed["stderr"]],
        [&json!(3), &json!(false), &json!("err\n")]
    );
    let args = json!({"executable": "bash", "args": ["-c", script], "check": true});
    let error = world.fails(args).await;
    assert_eq!(error.kind(), Kind::Execution);
    assert_eq!(error.message(), "'bash' ended with status 3");
    assert_eq!(error.details()["data"].get("stdout"), Some(&"out\n".into()));
    let ended = world
        .data(json!({"executable": "bash", "args": ["-c", "kill -15 $$"]}))
        .await;
    assert_eq!(
        (&ended["exit_code"], &ended["signal"]),
        (&json!(null), &json!(15))
    );
}

#[tokio::test]
async fn input_and_output_in_every_form() {
    let world = world(&["bash"], |_| ());
    if world.confines {
        let counted = world
            .data(json!({"command": "wc -l", "stdin": "a\nb\n", "trim": true}))
            .await;
        assert_eq!(counted["stdout"], "2");
    }
    let bash = |script: &str, more: serde_json::Value| {
        let mut args = json!({"executable": "bash", "args": ["-c", script]});
        args.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        args
    };
    let both = "echo a; echo b >&2; echo c";
    let merged = world.data(bash(both, json!({"merge_stderr": true}))).await;
    assert_eq!(
        (&merged["stdout"], &merged["stderr"]),
        (&json!("a\nb\nc\n"), &json!(""))
    );
    let binary = world
        .data(bash("printf '\\xff\\x00'", json!({"encoding": "base64"})))
        .await;
    assert_eq!(binary["stdout"], "/wA=");
    let lossy = world.data(bash("printf '\\xff'", json!({}))).await;
    assert_eq!(lossy["stdout"], "\u{fffd}");
    let counted = world
        .data(bash("echo 1234", json!({"capture_output": false})))
        .await;
    assert_eq!(
        (&counted["stdout"], &counted["stdout_bytes"]),
        (&json!(null), &json!(5))
    );
    let long = world
        .data(bash("head -c 3000000 /dev/zero", json!({})))
        .await;
    assert_eq!(
        (&long["stdout_truncated"], &long["stdout_bytes"]),
        (&json!(true), &json!(3_000_000))
    );
    let placed = world
        .data(json!({"command": "pwd", "cwd": "sub", "trim": true}))
        .await;
    assert!(placed["stdout"].as_str().unwrap().ends_with("/in/sub"));
    let given = world
        .data(bash("echo $LC_X $HOME", json!({"env": {"LC_X": 1}})))
        .await;
    assert_eq!(given["stdout"], "1 /home/ada\n");
}

#[tokio::test]
async fn what_is_too_late_is_told_with_what_it_wrote() {
    let world = world(&["bash"], |_| ());
    let script = "trap '' TERM; echo begun; sleep 31416.1";
    let args = json!({"executable": "bash", "args": ["-c", script]});
    let error = world
        .call_within(Duration::from_secs(3), args)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Timeout, "{error:?}");
    let limit = error.details()["limit_ms"].as_int().unwrap();
    assert!((2_900..=3_000).contains(&limit), "{limit}");
    let data = error.details()["data"].to_serde_json();
    assert_eq!(
        (&data["timed_out"], &data["stdout"]),
        (&json!(true), &json!("begun\n"))
    );
    assert_eq!(data["success"], false);
    until(|| !runs("31416.1")).await;
}

#[tokio::test]
async fn what_uses_too_much_is_ended() {
    let world = world(&["bash"], |rules| rules.cpu_seconds = 1);
    let args = json!({"executable": "bash", "args": ["-c", "echo x; while :; do :; done"]});
    let error = world.fails(args).await;
    assert_eq!(error.kind(), Kind::Limit, "{error:?}");
    assert!(
        error.message().contains("security.process.cpu_seconds"),
        "{error}"
    );
    assert_eq!(error.details()["data"].get("stdout"), Some(&"x\n".into()));
}

#[tokio::test]
async fn jobs_run_beside_the_spell() {
    let world = world(&["bash"], |_| ());
    let answer = "while read line; do echo \"<$line>\"; [ $line = end ] && exit 4; done";
    let started = world
        .call(json!({"operation": "start", "executable": "bash", "args": ["-c", answer]}))
        .await
        .unwrap();
    assert_eq!(started.primary(), &Value::from("job-1"));
    assert_eq!(started.data.get("running"), Some(&Value::Bool(true)));
    for line in ["hello\n", "end\n"] {
        let args = json!({"operation": "write", "job_id": "job-1", "stdin": line});
        assert_eq!(world.data(args).await["bytes_written"], line.len());
    }
    let (heard, last) = world.heard("job-1").await;
    assert_eq!(
        (heard.as_str(), &last["exit_code"]),
        ("<hello>\n<end>\n", &json!(4))
    );
    let again = world
        .data(json!({"operation": "poll", "job_id": "job-1"}))
        .await;
    assert_eq!(
        (&again["stdout"], &again["running"]),
        (&json!(""), &json!(false))
    );
    // A job with all of its input reads to the end of it.
    let args =
        json!({"operation": "start", "executable": "bash", "args": ["-c", "cat"], "stdin": "all"});
    world.data(args).await;
    assert_eq!(world.heard("job-2").await.0, "all");
    let endless =
        json!({"operation": "start", "executable": "bash", "args": ["-c", "sleep 14142.2"]});
    for job in ["job-3", "job-4"] {
        assert_eq!(world.data(endless.clone()).await["job_id"], job);
    }
    let error = world.fails(endless.clone()).await;
    assert_eq!(error.kind(), Kind::Limit);
    assert!(error.hints()[0].contains("tools.process_executor.max_jobs"));
    let listed = world.data(json!({"operation": "list"})).await;
    let running: Vec<_> = listed["jobs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|job| &job["running"])
        .collect();
    assert_eq!(
        running,
        [&json!(false), &json!(false), &json!(true), &json!(true)]
    );
    let stopped = world
        .data(json!({"operation": "stop", "job_id": "job-3"}))
        .await;
    assert_eq!(stopped["running"], false);
    // The others end with the run.
    until(|| runs("14142.2")).await;
    let World { cx, dir, .. } = world;
    drop(cx);
    until(|| !runs("14142.2")).await;
    drop(dir);
}

#[tokio::test]
async fn whether_a_program_may_run() {
    let world = world(&["no-such-program"], |_| ());
    let check = async |name: &str| {
        world
            .data(json!({"operation": "check", "executable": name}))
            .await
    };
    let echo = check("echo").await;
    assert_eq!(echo["permitted"], true);
    assert!(echo["path"].as_str().unwrap().starts_with('/'));
    let rm = check("rm").await;
    assert_eq!(
        (&rm["permitted"], &rm["path"]),
        (&json!(false), &json!(null))
    );
    assert!(
        rm["reason"]
            .as_str()
            .unwrap()
            .starts_with("Execution of 'rm' is not permitted")
    );
    let missing = check("no-such-program").await;
    assert_eq!(
        (&missing["permitted"], &missing["path"]),
        (&json!(true), &json!(null))
    );
    assert_eq!(
        world
            .fails(json!({"command": "no-such-program"}))
            .await
            .kind(),
        Kind::NotFound
    );
}

#[tokio::test]
async fn shell_metacharacters_are_plain_text() {
    let world = world(&[], |_| ());
    let words = [
        "$HOME", "`id`", "$(id)", ";", "rm", "|", ">x", "&&", "*", "a\nb", "~",
    ];
    let listed = world
        .data(json!({"executable": "echo", "arguments": words}))
        .await;
    assert_eq!(listed["stdout"], format!("{}\n", words.join(" ")));
    let split = world
        .data(json!({"command": "echo a; rm -rf / && `id` > x"}))
        .await;
    assert_eq!(split["stdout"], "a; rm -rf / && `id` > x\n");
    assert!(!world.dir.path().join("in/x").exists());
    for command in [
        "rm -rf /",
        "sh -c id",
        "bash -c id",
        "/bin/sh -c id",
        "./echo",
        "../echo",
    ] {
        let error = world.fails(json!({"command": command})).await;
        assert_eq!(error.kind(), Kind::Denied, "{command}");
        assert!(error.message().contains("not permitted"), "{error}");
    }
    for command in ["find . -exec id ;", "find . -delete", "sort -o x file"] {
        assert_eq!(
            world.fails(json!({"command": command})).await.kind(),
            Kind::Denied
        );
    }
}

#[tokio::test]
async fn process_escape_by_background_children_is_ended() {
    let world = world(&["bash"], |_| ());
    let script = "sleep 16181.1 & (setsid sleep 16181.2 &) ; disown -a; echo over";
    let done = world
        .data(json!({"executable": "bash", "args": ["-c", script]}))
        .await;
    assert_eq!(done["stdout"], "over\n");
    until(|| !runs("16181.1") && !runs("16181.2")).await;
}

#[tokio::test]
async fn process_escape_to_files_and_network_is_refused() {
    let world = world(&["bash"], |_| ());
    let secret = world.dir.path().join("out/secret");
    let secret = secret.to_str().unwrap();
    let outside = json!({"command": "pwd", "cwd": world.dir.path().join("out")});
    assert_eq!(world.fails(outside).await.kind(), Kind::Denied);
    let upwards = json!({"command": "pwd", "cwd": "sub/../../out"});
    assert_eq!(world.fails(upwards).await.kind(), Kind::Denied);
    if !world.confines {
        assert_eq!(
            world
                .fails(json!({"executable": "cat", "args": [secret]}))
                .await
                .kind(),
            Kind::Denied
        );
        return;
    }
    for script in [
        format!("cat {secret}"),
        "cat /etc/passwd".into(),
        format!("ln -s {secret} l; cat l"),
    ] {
        let done = world
            .data(json!({"executable": "bash", "args": ["-c", script]}))
            .await;
        assert_eq!(
            (&done["success"], &done["stdout"]),
            (&json!(false), &json!("")),
            "{script}"
        );
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let script = format!("exec 3<>/dev/tcp/127.0.0.1/{port}");
    let done = world
        .call(json!({"executable": "bash", "args": ["-c", script]}))
        .await
        .unwrap();
    if done.metadata["confinement"].get("seccomp") == Some(&Value::Bool(true)) {
        assert_eq!(done.data.get("success"), Some(&Value::Bool(false)));
        assert!(listener.accept().is_err());
    }
}

#[tokio::test]
async fn environment_leak_is_refused() {
    let world = world(&["env"], |_| ());
    let shown = world.data(json!({"command": "env"})).await;
    let shown = shown["stdout"].as_str().unwrap();
    assert!(
        shown.contains("HOME=/home/ada") && !shown.contains("planted"),
        "{shown}"
    );
    for name in ["LD_PRELOAD", "OPENAI_API_KEY", "EDITOR"] {
        let error = world
            .fails(json!({"command": "env", "environment": {name: "x"}}))
            .await;
        assert_eq!(error.kind(), Kind::Denied, "{name}");
    }
    let odd = json!({"command": "env", "environment": {"A=B": "x"}});
    assert_eq!(world.fails(odd).await.kind(), Kind::InvalidArgs);
}

#[test]
fn jobs_end_with_the_run() {
    let config =
        "[security]\nallow_process_spawn = true\n[security.process]\nallow = [\"sleep\"]\n";
    let spell = "local r = Tool.process_executor { operation = 'start', command = 'sleep 17320.5' }\n\
                 print(r.output, Tool.process_executor({ operation = 'poll', job_id = r.output }).running)";
    let place = crate::place::Place::new()
        .with("llmspell.toml", config)
        .with("spell.lua", spell);
    let ended = place.run(&["run", "spell.lua"]);
    assert_eq!(
        (ended.code, &*ended.stdout),
        (0, "job-1\ttrue\n"),
        "{}",
        ended.text()
    );
    let began = Instant::now();
    while runs("17320.5") {
        assert!(began.elapsed() < Duration::from_secs(10), "the job goes on");
        std::thread::yield_now();
    }
}
