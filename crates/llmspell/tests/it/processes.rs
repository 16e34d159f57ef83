//! Processes that tools start, with the binary as their launcher.

use std::ffi::OsString;
use std::io::Read as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use llmspell_core::host::{Command, Finished, Input, Process};
use llmspell_core::{Environment as _, Error, Kind, Processes, Result};
use llmspell_runtime::host::{
    FileRules, PolicyEnvironment, ProcessRules, RunEnvironment, SystemFiles, SystemProcesses,
};

use crate::proc::{runs, until};

struct World {
    dir: tempfile::TempDir,
    processes: SystemProcesses,
}

/// A root `in`, beside which `out` is; the programs that run are the harmless ones and `more`.
fn world(more: &[&str], change: impl FnOnce(&mut ProcessRules)) -> World {
    let environment = RunEnvironment::new(PolicyEnvironment::default());
    world_in(environment, more, change)
}

fn world_in(
    environment: RunEnvironment,
    more: &[&str],
    change: impl FnOnce(&mut ProcessRules),
) -> World {
    let dir = tempfile::tempdir().unwrap();
    for name in ["in", "out"] {
        std::fs::create_dir(dir.path().join(name)).unwrap();
    }
    std::fs::write(dir.path().join("in/file"), "one\ntwo\n").unwrap();
    std::fs::write(dir.path().join("in/.env"), "KEY=1").unwrap();
    std::fs::write(dir.path().join("out/secret"), "secret").unwrap();
    let files = FileRules {
        shared_tmp: false,
        ..FileRules::default()
    };
    let files = SystemFiles::new(files, dir.path().join("in"), dir.path().join("tmp"));
    let mut rules = ProcessRules::default();
    rules.allow.extend(more.iter().map(|&name| name.to_owned()));
    change(&mut rules);
    let launcher = PathBuf::from(env!("CARGO_BIN_EXE_llmspell"));
    let word = OsString::from(llmspell::LAUNCH);
    let (environment, launcher) = (Arc::new(environment), (launcher, word));
    let processes = SystemProcesses::new(rules, !more.is_empty(), files, environment, launcher);
    World { dir, processes }
}

impl World {
    async fn run(&self, program: &str, args: &[&str]) -> Result<Finished> {
        self.processes.run(command(program, args)).await
    }

    async fn refused(&self, program: &str, args: &[&str]) -> Error {
        match self.run(program, args).await {
            Ok(done) => panic!("{program} {args:?} ran: {}", text(&done)),
            Err(error) => error,
        }
    }
}

fn command(program: &str, args: &[&str]) -> Command {
    Command {
        timeout: Some(Duration::from_secs(20)),
        ..Command::new(program, args.iter().copied())
    }
}

fn text(done: &Finished) -> String {
    let show = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let output = &done.output;
    format!(
        "{:?} {}{}",
        done.exit.code,
        show(&output.stdout),
        show(&output.stderr)
    )
}

#[tokio::test]
async fn only_what_is_listed_runs() {
    let world = world(&[], |rules| rules.allow.push("git".into()));
    for program in [
        "rm",
        "sh",
        "/bin/rm",
        "/bin/sh",
        "no-such-program",
        "./ls",
        "in/ls",
    ] {
        let error = world.refused(program, &[]).await;
        assert_eq!(error.kind(), Kind::Denied, "{program}");
        assert!(error.message().contains("not permitted"), "{error}");
        assert!(!error.hints().is_empty(), "{error:?}");
    }
    let hint = world.refused("git", &[]).await;
    assert_eq!(hint.hints(), ["set `security.allow_process_spawn = true`"]);
    let done = world
        .run("echo", &["$HOME", "*", ";", "a b", "`id`"])
        .await
        .unwrap();
    assert_eq!(done.output.stdout, b"$HOME * ; a b `id`\n");
    assert!(done.exit.is_success() && done.confined.limits);
    let missing = self::world(&["no-such-program"], |_| ());
    assert_eq!(
        missing.refused("no-such-program", &[]).await.kind(),
        Kind::NotFound
    );
    assert!(missing.processes.find("echo").unwrap().is_absolute());
}

#[tokio::test]
async fn harmful_arguments_are_refused() {
    let world = world(&[], |_| ());
    for (program, args) in [
        ("find", &[".", "-exec", "rm", "{}", ";"][..]),
        ("find", &[".", "-delete"]),
        ("find", &[".", "-fprintf", "x", "y"]),
        ("sort", &["-ro", "file"]),
        ("sort", &["--output=x"]),
        ("date", &["-us", "2020-01-01"]),
    ] {
        let error = world.refused(program, args).await;
        assert_eq!(error.kind(), Kind::Denied, "{program} {args:?}");
    }
    let many = vec!["x"; 1000];
    assert_eq!(world.refused("echo", &many).await.kind(), Kind::Limit);
    assert_eq!(
        world.refused("echo", &["a\0b"]).await.kind(),
        Kind::InvalidArgs
    );
}

#[tokio::test]
async fn files_beyond_the_roots_are_out_of_reach() {
    let world = world(&["bash"], |_| ());
    let secret = world.dir.path().join("out/secret");
    let secret = secret.to_str().unwrap();
    if !world.processes.is_confining() {
        assert_eq!(world.refused("cat", &["file"]).await.kind(), Kind::Denied);
        assert_eq!(world.refused("bash", &[secret]).await.kind(), Kind::Denied);
        return;
    }
    let done = world.run("cat", &["file"]).await.unwrap();
    assert_eq!(done.output.stdout, b"one\ntwo\n", "{}", text(&done));
    assert_ne!(done.confined.landlock, "none");
    for script in [
        format!("cat {secret}"),
        "cat /etc/passwd".to_owned(),
        format!("ln -s {secret} link; cat link"),
        format!("echo x > {secret}"),
        "ls /root".to_owned(),
        "cat /proc/1/environ".to_owned(),
    ] {
        let done = world.run("bash", &["-c", &script]).await.unwrap();
        assert!(!done.exit.is_success(), "{script}: {}", text(&done));
        assert_eq!(done.output.stdout, b"", "{script}");
    }
    assert_eq!(std::fs::read_to_string(secret).unwrap(), "secret");
    // Inside it may write, and names that are denied stay so.
    let done = world
        .run("bash", &["-c", "echo y > new && cat new"])
        .await
        .unwrap();
    assert_eq!(done.output.stdout, b"y\n", "{}", text(&done));
    for args in [&[".env"][..], &["./.env"]] {
        assert_eq!(world.refused("cat", args).await.kind(), Kind::Denied);
    }
    let outside = Command {
        dir: Some(world.dir.path().join("out")),
        ..command("pwd", &[])
    };
    let outside = world.processes.run(outside).await.unwrap_err();
    assert_eq!(outside.kind(), Kind::Denied);
}

#[tokio::test]
async fn there_is_no_network() {
    let world = world(&["bash"], |_| ());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let script = format!("exec 3<>/dev/tcp/127.0.0.1/{port}");
    let done = world.run("bash", &["-c", &script]).await.unwrap();
    if done.confined.seccomp {
        assert!(!done.exit.is_success(), "{}", text(&done));
        assert!(listener.accept().is_err());
    }
    let open = self::world(&["bash"], |rules| rules.network = true);
    let done = open.run("bash", &["-c", &script]).await.unwrap();
    assert!(done.exit.is_success(), "{}", text(&done));
}

#[tokio::test]
#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
async fn the_clock_of_the_machine_is_out_of_reach() {
    const CLOCK_SETTIME: u32 = if cfg!(target_arch = "x86_64") {
        227
    } else {
        112
    };
    let world = world(&["perl"], |_| ());
    // There is no such clock: where the call gets through, nothing is set, and the error is another one.
    let script =
        format!("my $time = 'x' x 64; syscall({CLOCK_SETTIME}, 9999, $time); print $! + 0");
    let done = match world.run("perl", &["-e", &script]).await {
        Err(error) if error.kind() == Kind::NotFound => {
            eprintln!("skipped: there is no perl");
            return;
        }
        done => done.unwrap(),
    };
    if done.confined.seccomp {
        const EPERM: &[u8] = b"1";
        assert_eq!(done.output.stdout, EPERM, "{}", text(&done));
    }
}

#[tokio::test]
async fn the_environment_is_clean() {
    let world = world(&["env"], |_| ());
    let ask = |name: &str, value: &str| Command {
        environment: vec![(name.to_owned(), value.to_owned())],
        ..command("env", &[])
    };
    let done = world.processes.run(ask("LC_X", "given")).await.unwrap();
    let shown = String::from_utf8(done.output.stdout).unwrap();
    let names = shown
        .lines()
        .filter_map(|line| Some(line.split_once('=')?.0));
    for name in names {
        let known = [
            "PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TERM", "LC_X",
        ];
        assert!(known.contains(&name), "{shown}");
    }
    assert!(shown.contains("LC_X=given") && shown.contains("PATH=/usr/local/bin:/usr/bin:/bin"));
    for name in ["LD_PRELOAD", "MY_SECRET", "EDITOR"] {
        let error = world.processes.run(ask(name, "x")).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Denied, "{name}");
    }
}

#[tokio::test]
async fn output_is_captured_apart_and_capped() {
    let world = world(&["bash"], |_| ());
    let script = "echo error >&2; head -c 3000000 /dev/zero; echo end >&2";
    let done = world.run("bash", &["-c", script]).await.unwrap();
    assert_eq!(done.output.stdout.len(), 1 << 20);
    assert_eq!(done.output.stdout_dropped, 3_000_000 - (1 << 20));
    assert_eq!(done.output.stderr, b"error\nend\n");
    let counted = Command {
        input: Input::Bytes(vec![b'\n'; 300_000]),
        ..command("bash", &["-c", "wc -l"])
    };
    let done = world.processes.run(counted).await.unwrap();
    assert_eq!(done.output.stdout, b"300000\n");
    // A process that does not read does not hang the run.
    let ignored = Command {
        input: Input::Bytes(vec![0; 300_000]),
        ..command("echo", &["done"])
    };
    assert!(
        world
            .processes
            .run(ignored)
            .await
            .unwrap()
            .exit
            .is_success()
    );
}

#[tokio::test]
async fn nothing_outlives_its_time() {
    let world = world(&["bash"], |_| ());
    // Children in the background, of another group and session as far as they can be, that ignore being asked.
    let script = "trap '' TERM; sleep 31415.1 & (setsid sleep 31415.2 &) ; (set -m; sleep 31415.3 &) ; sleep 31415.4";
    let late = Command {
        timeout: Some(Duration::from_secs(2)),
        ..command("bash", &["-c", script])
    };
    let done = world.processes.run(late).await.unwrap();
    assert!(done.timed_out, "{}", text(&done));
    for marker in ["31415.1", "31415.2", "31415.3", "31415.4"] {
        until(|| !runs(marker)).await;
    }
    // The same when nobody waits any more.
    let running = world.run("bash", &["-c", "sleep 27182.1 & sleep 27182.2"]);
    tokio::select! {
        done = running => panic!("{}", text(&done.unwrap())),
        () = until(|| runs("27182.1") && runs("27182.2")) => {}
    }
    until(|| !runs("27182.1") && !runs("27182.2")).await;
    // And what is left when a process ends goes with it.
    let done = world
        .run("bash", &["-c", "sleep 16180.1 & echo over"])
        .await
        .unwrap();
    assert_eq!(done.output.stdout, b"over\n");
    until(|| !runs("16180.1")).await;
}

#[tokio::test]
async fn nothing_outlives_the_run() {
    let world = world(&["bash"], |_| ());
    let script = "trap '' TERM; sleep 14142.1 & sleep 14142.2";
    let command = command("bash", &["-c", script]);
    let process = world.processes.start(command).await.unwrap();
    until(|| runs("14142.1") && runs("14142.2")).await;
    // Whoever holds the process never lets go of it.
    std::mem::forget(process);
    drop(world);
    until(|| !runs("14142.1") && !runs("14142.2")).await;
}

#[tokio::test]
async fn variables_that_are_passed_are_those_of_the_run() {
    let policy = PolicyEnvironment {
        allow: vec!["OWN_*".into()],
        allow_set: vec!["OWN_SET".into(), "OWN_UNSET".into()],
        ..PolicyEnvironment::default()
    };
    let names = ["OWN_SET", "OWN_UNSET", "OWN_KEPT", "HIDDEN"];
    let environment =
        RunEnvironment::new(policy).variables(names.map(|name| (name.into(), "old".into())));
    environment.set("OWN_SET", Some("new".into())).unwrap();
    environment.set("OWN_UNSET", None).unwrap();
    let world = world_in(environment, &["env"], |rules| {
        rules.pass_env = names.map(str::to_owned).to_vec();
    });
    let done = world.run("env", &[]).await.unwrap();
    let shown = String::from_utf8(done.output.stdout).unwrap();
    let mut own: Vec<_> = shown
        .lines()
        .filter(|line| !line.starts_with("PATH="))
        .collect();
    own.sort_unstable();
    assert_eq!(own, ["HIDDEN=old", "OWN_KEPT=old", "OWN_SET=new"]);
}

#[tokio::test]
async fn limits_end_a_process() {
    let world = world(&["bash"], |rules| {
        rules.cpu_seconds = 1;
        rules.max_memory = 64 << 20;
    });
    let done = world
        .run("bash", &["-c", "while :; do :; done"])
        .await
        .unwrap();
    assert!(
        done.exit.signal.is_some() && !done.timed_out,
        "{}",
        text(&done)
    );
    let grow = "a=x; while :; do a=$a$a; done";
    let done = world.run("bash", &["-c", grow]).await.unwrap();
    assert!(
        !done.exit.is_success() && !done.timed_out,
        "{}",
        text(&done)
    );
}

#[tokio::test]
async fn a_job_is_talked_with() {
    let world = world(&["bash"], |_| ());
    let open = Command {
        input: Input::Open,
        ..command(
            "bash",
            &["-c", "while read line; do echo \"<$line>\"; done"],
        )
    };
    let mut job = world.processes.start(open).await.unwrap();
    assert!(job.exit().is_none() && Path::new("/").join(job.program()).is_absolute());
    job.write(b"hello\n".to_vec()).await.unwrap();
    let mut heard = Vec::new();
    while heard.len() < 8 {
        heard.extend(job.output().stdout);
        tokio::task::yield_now().await;
    }
    assert_eq!(heard, b"<hello>\n");
    job.close_input();
    assert!(job.wait().await.unwrap().is_success());
    assert_eq!(
        job.write(Vec::new()).await.unwrap_err().kind(),
        Kind::InvalidState
    );

    let mut endless: Box<dyn Process> = world
        .processes
        .start(command("bash", &["-c", "sleep 14142.1"]))
        .await
        .unwrap();
    until(|| runs("14142.1")).await;
    assert!(!endless.stop().await.unwrap().is_success());
    assert!(!runs("14142.1"));
}

#[test]
fn the_launcher_alone_does_nothing() {
    let place = crate::place::Place::new();
    let mut command = place.command(&["launch", "x", "{}"]);
    let ended = command.output().unwrap();
    assert_eq!(ended.status.code(), Some(64));
    let mut text = String::new();
    (&ended.stdout[..]).read_to_string(&mut text).unwrap();
    assert_eq!(text, "");
}
