//! The worker processes, with jobs that do everything that hostile input makes evaluators do.
//!
//! This test program starts itself again as the worker.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use llmspell_core::{Kind, Result, Value, Worker, error};
use llmspell_runtime::worker::{Pool, serve};

type Job = (&'static str, fn(Value) -> Result<Value>);

const JOBS: &[Job] = &[
    ("echo", Ok),
    ("recurse", |_| Ok(Value::from(recurse(0)))),
    ("allocate", |_| {
        let mut all = Vec::new();
        loop {
            all.push(std::hint::black_box(vec![1_u8; 16 << 20]));
        }
    }),
    ("decode", |input| {
        // As the decoder of a large picture does.
        let pixels = std::hint::black_box(vec![1_u8; 400 << 20]);
        let Value::Bytes(file) = &input else {
            return Err(error!(Bug, "no bytes"));
        };
        Ok((pixels.len() + file.len()).into())
    }),
    ("pid", |_| Ok(std::process::id().into())),
    ("spin", |_| {
        loop {
            std::hint::spin_loop();
        }
    }),
    ("open", |_| {
        tried(std::fs::File::open("/etc/passwd").map(drop))
    }),
    ("list", |_| tried(std::fs::read_dir("/").map(drop))),
    ("create", |_| {
        tried(std::fs::File::create("/tmp/llmspell-worker-was-here").map(drop))
    }),
    ("connect", |_| {
        tried(std::net::TcpStream::connect("127.0.0.1:1").map(drop))
    }),
    ("listen", |_| {
        tried(std::net::TcpListener::bind("127.0.0.1:0").map(drop))
    }),
    ("spawn", |_| {
        tried(std::process::Command::new("/bin/true").status().map(drop))
    }),
    ("thread", |_| {
        tried(std::thread::Builder::new().spawn(|| {}).map(drop))
    }),
    ("kill_parent", |_| {
        // SAFETY: only asks the system to send a signal, which it refuses.
        let failed = unsafe { libc::kill(libc::getppid(), 0) };
        match failed {
            0 => Ok("done".into()),
            _ => tried(Err(std::io::Error::last_os_error())),
        }
    }),
    ("environment", |_| {
        let names = std::env::vars()
            .map(|(name, _)| name)
            .filter(|name| !name.starts_with("MIMALLOC_"));
        Ok(names.map(Value::from).collect())
    }),
    ("panic", |_| panic!("on purpose")),
    ("print", |input| {
        #[expect(
            clippy::print_stdout,
            reason = "what a job must be able to do without harm"
        )]
        for _ in 0..1000 {
            println!("noise");
        }
        std::io::stdout().write_all(&[0xff; 5000]).ok();
        Ok(input)
    }),
    ("stdin", |_| {
        let mut text = String::new();
        std::io::stdin().read_line(&mut text).ok();
        Ok(text.into())
    }),
    ("large", |input| {
        let bytes = input.as_int().unwrap_or(0);
        Ok("x".repeat(bytes as usize).into())
    }),
    ("deep", |_| {
        let mut value = Value::Null;
        for _ in 0..5000 {
            value = Value::List(vec![value]);
        }
        Ok(value)
    }),
    ("exit", |_| std::process::exit(3)),
    ("fail", |_| {
        Err(error!(Parse, "unexpected ')'")
            .with("column", 7)
            .hint("remove it"))
    }),
];

fn recurse(depth: u64) -> u64 {
    let frame = std::hint::black_box([depth; 64]);
    if frame[1] == u64::MAX {
        0
    } else {
        recurse(depth + 1) + frame[3]
    }
}

fn tried(outcome: std::io::Result<()>) -> Result<Value> {
    Ok(match outcome {
        Ok(()) => "done".into(),
        Err(cause) => format!("refused: {:?}", cause.kind()).into(),
    })
}

/// The worker itself; runs only when it is asked for by name.
#[test]
#[ignore = "the other side of the pipe"]
fn serve_jobs() {
    serve(JOBS)
}

fn pool() -> Pool {
    let program = std::env::current_exe().unwrap();
    Pool::new(
        program,
        ["worker::serve_jobs", "--exact", "--ignored", "--nocapture"],
    )
}

const LONG: Duration = Duration::from_secs(60);

/// Runs a job, and then a good one, which must succeed whatever the first did.
async fn after(pool: &Pool, job: &'static str, input: Value, limit: Duration) -> Result<Value> {
    let outcome = pool.run(job, input, limit).await;
    let good = Value::from([("n", 1.into()), ("bytes", Value::Bytes(vec![0, 255]))]);
    assert_eq!(
        pool.run("echo", good.clone(), LONG).await.unwrap(),
        good,
        "after {job}"
    );
    outcome
}

#[tokio::test]
async fn values_and_errors_cross() {
    let pool = pool();
    let error = after(&pool, "fail", Value::Null, LONG).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.message()),
        (Kind::Parse, "unexpected ')'")
    );
    assert_eq!(error.details().get("column"), Some(&Value::from(7)));
    assert_eq!(error.hints(), ["remove it"]);
    let large = after(&pool, "large", 20_000_000.into(), LONG)
        .await
        .unwrap();
    assert_eq!(large.as_str().map(str::len), Some(20_000_000));
    let unknown = after(&pool, "unknown", Value::Null, LONG)
        .await
        .unwrap_err();
    assert_eq!(unknown.kind(), Kind::Bug);
}

#[tokio::test]
async fn a_job_that_exhausts_stack_or_memory_fails_alone() {
    let pool = pool();
    for job in ["recurse", "allocate"] {
        let error = after(&pool, job, Value::Null, LONG).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Limit, "{job}: {error:?}");
        assert!(
            error.message().contains("exhausted its stack or memory"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_large_file_leaves_room_to_work_on_it() {
    let pool = pool();
    let file = Value::Bytes(vec![7; 100 << 20]);
    for _ in 0..2 {
        let answer = pool.run("decode", file.clone(), LONG).await.unwrap();
        assert_eq!(answer, Value::from(500 << 20));
    }
    assert_eq!(pool.run("echo", file.clone(), LONG).await.unwrap(), file);
}

#[tokio::test]
async fn a_job_that_takes_too_long_is_stopped() {
    let pool = pool();
    let error = after(&pool, "spin", Value::Null, Duration::from_millis(50))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Timeout);
    assert_eq!(error.details().get("limit_ms"), Some(&Value::from(50)));
}

#[tokio::test]
async fn results_and_inputs_are_capped() {
    let pool = pool();
    let error = after(&pool, "large", 100_000_000.into(), LONG)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Limit, "{error:?}");
    let error = after(&pool, "echo", "x".repeat(40 << 20).into(), LONG)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Limit, "{error:?}");
    let error = after(&pool, "deep", Value::Null, LONG).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Limit, "{error:?}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_world_is_out_of_reach() {
    let pool = pool();
    let confinement = pool.confinement().await.unwrap();
    assert!(confinement.limits, "{confinement:?}");
    assert!(confinement.seccomp, "{confinement:?}");
    // SAFETY: with this flag the call only returns the version of Landlock that the system has, or -1.
    let version = unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, 0, 0, 1) };
    if version >= 6 {
        assert_eq!(confinement.landlock, "full");
    }
    for job in [
        "open",
        "list",
        "create",
        "connect",
        "listen",
        "spawn",
        "thread",
        "kill_parent",
    ] {
        let answer = after(&pool, job, Value::Null, LONG).await.unwrap();
        let refused = answer
            .as_str()
            .unwrap()
            .starts_with("refused: PermissionDenied");
        assert!(refused, "{job}: {answer}");
    }
    let names = after(&pool, "environment", Value::Null, LONG)
        .await
        .unwrap();
    assert_eq!(names, Value::List(Vec::new()));
}

#[tokio::test]
async fn a_job_that_misbehaves_does_not_confuse_the_talk() {
    let pool = pool();
    assert_eq!(
        after(&pool, "print", 5.into(), LONG).await.unwrap(),
        Value::from(5)
    );
    assert_eq!(
        after(&pool, "stdin", Value::Null, LONG).await.unwrap(),
        Value::from("")
    );
    let error = after(&pool, "panic", Value::Null, LONG).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Bug);
    assert!(error.message().contains("on purpose"), "{error}");
    let error = after(&pool, "exit", Value::Null, LONG).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Bug);
    assert!(error.message().contains("exit status: 3"), "{error}");
}

#[tokio::test]
async fn dropping_the_future_stops_the_job_and_frees_the_worker() {
    let pool = Arc::new(pool());
    for _ in 0..3 {
        // More than there are workers, and none would ever end.
        let mut stuck: Vec<_> = (0..4)
            .map(|_| Box::pin(pool.run("spin", Value::Null, LONG)))
            .collect();
        for job in &mut stuck {
            assert!(futures::poll!(job).is_pending());
        }
        drop(stuck);
    }
    assert_eq!(
        pool.run("echo", 1.into(), LONG).await.unwrap(),
        Value::from(1)
    );
}

/// Prints the process number of a worker and keeps it busy for ever; runs only when it is asked for by name.
#[tokio::test]
#[ignore = "the process that is killed"]
async fn keep_a_worker_busy() {
    let pool = pool();
    let pid = pool.run("pid", Value::Null, LONG).await.unwrap();
    let mut busy = Box::pin(pool.run("spin", Value::Null, LONG));
    assert!(futures::poll!(&mut busy).is_pending());
    writeln!(std::io::stdout(), "worker {pid}").unwrap();
    std::future::pending::<()>().await;
}

#[cfg(target_os = "linux")]
#[test]
fn a_worker_ends_with_the_process_that_started_it() {
    let mut parent = Command::new(std::env::current_exe().unwrap())
        .args([
            "worker::keep_a_worker_busy",
            "--exact",
            "--ignored",
            "--nocapture",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let output = BufReader::new(parent.stdout.take().unwrap());
    let pid = output
        .lines()
        .map_while(Result::ok)
        .find_map(|line| Some(line.split_once("worker ")?.1.to_owned()))
        .unwrap();
    let runs = || {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.contains(") R") || stat.contains(") S")
    };
    assert!(runs());
    parent.kill().unwrap();
    parent.wait().unwrap();
    let ended = (0..5_000_000).any(|_| !runs());
    assert!(ended, "worker {pid} outlives its parent");
}

#[tokio::test]
async fn many_jobs_share_few_workers() {
    let pool = pool();
    let jobs = (0..200_i64).map(|number| pool.run("echo", number.into(), LONG));
    let answers = futures::future::join_all(jobs).await;
    for (number, answer) in answers.into_iter().enumerate() {
        assert_eq!(answer.unwrap(), Value::from(number));
    }
}

#[tokio::test]
async fn a_program_that_is_no_worker_is_an_error() {
    for (program, args) in [
        ("/bin/true", vec![]),
        ("/nonexistent/llmspell", vec![]),
        ("/bin/echo", vec!["hello"]),
    ] {
        let pool = Pool::new(program.into(), args);
        let error = pool.run("echo", Value::Null, LONG).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Unavailable, "{program}: {error:?}");
        assert!(error.message().contains("worker process"), "{error}");
    }
}

#[tokio::test]
async fn a_dropped_pool_ends_what_it_runs() {
    let pool = pool();
    let job = pool.run("spin", Value::Null, LONG);
    let mut job = Box::pin(job);
    assert!(futures::poll!(&mut job).is_pending());
    drop(pool);
    assert_eq!(job.await.unwrap_err().kind(), Kind::Unavailable);
}
