//! Tools beside the programs that people use for the same: `cargo bench -p llmspell --bench tools`.
//!
//! Each figure is the median of several processes of each side, taken in turns, start of the process included; that of a
//! tool's call is of the fastest ones, without their start. Programs that are not installed are left out, and said.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench talks to people"
)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt;
use llmspell_core::host::Closed;
use llmspell_core::{Cx, Host, Value};
use llmspell_runtime::host::{RunEnvironment, SystemClock, SystemRandom};

const TIMES: usize = 5;

/// Everything in the folder is larger than what a run usually may read.
const CONFIG: &str = "
[security.network]
[security.files]
max_file_bytes = 1073741824
[tools]
max_output_bytes = 1073741824
[tools.json_processor]
max_input_bytes = 1073741824
";

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    std::fs::write(dir.join("llmspell.toml"), CONFIG).unwrap();
    overhead(dir);

    tree(&dir.join("tree"));
    let search = "Tool.file_search { pattern = 'needle 77', path = 'tree', context_lines = 0 }";
    beside(
        dir,
        "search in 10,000 files",
        search,
        &["rg", "-n", "needle 77", "tree"],
    );

    std::fs::write(dir.join("large.bin"), noise(100 << 20)).unwrap();
    let hash =
        |name: &str| format!("Tool.hash_calculator {{ file = 'large.bin', algorithm = '{name}' }}");
    beside(
        dir,
        "BLAKE3 of 100 MiB",
        &hash("blake3"),
        &["b3sum", "--num-threads", "1", "large.bin"],
    );
    beside(
        dir,
        "SHA-256 of 100 MiB",
        &hash("sha256"),
        &["sha256sum", "large.bin"],
    );
    let encode = "Tool.base64_encoder { input_file = 'large.bin', output_file = 'large.txt' }";
    beside(
        dir,
        "base64 of 100 MiB",
        encode,
        &["base64", "-w0", "large.bin"],
    );

    std::fs::write(dir.join("large.json"), records()).unwrap();
    let query = "Tool.json_processor { input = io.open('large.json'):read('a'),
        query = '[.[] | select(.price > 990) | .name] | length' }";
    let jq = [
        "jq",
        "[.[] | select(.price > 990) | .name] | length",
        "large.json",
    ];
    beside(dir, "a query over 10 MB of JSON", query, &jq);

    std::fs::write(dir.join("large.csv"), rows()).unwrap();
    let stats = "Tool.csv_analyzer { operation = 'stats', path = 'large.csv' }";
    let mlr = [
        "mlr",
        "--icsv",
        "--ojson",
        "stats1",
        "-a",
        "count,mean,min,max,stddev,p50",
        "-f",
        "id,price,share",
        "large.csv",
    ];
    beside(dir, "statistics of 1,000,000 rows", stats, &mlr);
    beside(
        dir,
        "statistics of 1,000,000 rows",
        stats,
        &["qsv", "stats", "large.csv"],
    );
}

/// What a call of a tool costs beyond what the tool does.
fn overhead(dir: &Path) {
    const CALLS: u32 = 50_000;
    let spell = |count: u32| {
        format!(
            "for n = 1, {count} do Tool.uuid_generator {{ operation = 'validate', uuid = 'x' }} end"
        )
    };
    let base = fastest(|| llmspell(dir, &spell(1)));
    let all = fastest(|| llmspell(dir, &spell(CALLS)));
    let each = all.saturating_sub(base) / CALLS;
    let bare = fastest(|| bare(CALLS));
    println!(
        "a call of an almost empty tool from Lua, not recorded: {:.2} µs, of which {:.2} µs are its check and its work",
        each.as_secs_f64() * 1e6,
        bare.as_secs_f64() * 1e6
    );
}

/// Returns what the same call takes in this process without a layer around it: the check of its arguments and its own work.
fn bare(calls: u32) -> Duration {
    let host = Host::closed(
        Arc::new(SystemClock),
        Arc::new(SystemRandom::new(Some(1))),
        Arc::new(RunEnvironment::default()),
        Arc::new(Closed::WORKERS),
    );
    let cx = Cx::run("bench", Arc::default(), host).build();
    let modules = llmspell_tools::modules();
    let mut ops = modules.iter().flat_map(|module| &module.ops);
    let op = ops.find(|op| op.verb() == "uuid_generator").unwrap();
    let args = Value::from([("operation", "validate".into()), ("uuid", "x".into())]);
    let start = Instant::now();
    for _ in 0..calls {
        let answer = cx.call(op, black_box(args.clone())).now_or_never();
        black_box(answer.unwrap().unwrap());
    }
    start.elapsed() / calls
}

fn beside(dir: &Path, what: &str, code: &str, program: &[&str]) {
    let installed = Command::new(program[0])
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let ours = median(|| {
        llmspell(
            dir,
            &format!("local r = {code}; assert(r.success, r.error)"),
        )
    });
    if installed.is_err() {
        println!(
            "{what:<32} {:>8.1} ms   ({} is not installed)",
            milliseconds(ours),
            program[0]
        );
        return;
    }
    let theirs = median(|| {
        let mut command = Command::new(program[0]);
        command.args(&program[1..]).current_dir(dir);
        timed(&mut command)
    });
    println!(
        "{what:<32} {:>8.1} ms   {:>8} {:>8.1} ms   ratio {:.2}",
        milliseconds(ours),
        program[0],
        milliseconds(theirs),
        ours.as_secs_f64() / theirs.as_secs_f64(),
    );
}

fn llmspell(dir: &Path, code: &str) -> Duration {
    let mut command = Command::new(env!("CARGO_BIN_EXE_llmspell"));
    command.args([
        "--config",
        "llmspell.toml",
        "exec",
        "--ephemeral",
        "--timeout",
        "120",
        code,
    ]);
    command.env("HOME", dir).current_dir(dir);
    timed(&mut command)
}

fn timed(command: &mut Command) -> Duration {
    let start = Instant::now();
    let done = command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    let took = start.elapsed();
    assert!(
        done.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&done.stderr)
    );
    took
}

fn median(mut measure: impl FnMut() -> Duration) -> Duration {
    let mut times: Vec<Duration> = (0..TIMES).map(|_| measure()).collect();
    times.sort();
    times[TIMES / 2]
}

/// For what takes so little that a neighbour on the machine would be most of it.
fn fastest(measure: impl FnMut() -> Duration) -> Duration {
    let times = std::iter::repeat_with(measure).take(2 * TIMES);
    times.min().unwrap_or_default()
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Bytes without order, the same in each run.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    (0..count).map(|_| next()).collect()
}

/// A hundred folders with a hundred texts each.
fn tree(root: &Path) {
    for folder in 0..100 {
        let folder_path = root.join(format!("folder{folder}"));
        std::fs::create_dir_all(&folder_path).unwrap();
        for file in 0..100 {
            let mut text = String::new();
            for line in 0..40 {
                writeln!(
                    text,
                    "line {line} of a text about nothing at all, number {file}"
                )
                .unwrap();
            }
            writeln!(text, "needle {folder}").unwrap();
            std::fs::write(folder_path.join(format!("text{file}.txt")), text).unwrap();
        }
    }
}

fn records() -> String {
    let records: Vec<String> = (0..110_000)
        .map(|n| {
            format!(
                r#"{{"id": {n}, "name": "item number {n}", "price": {}, "tags": ["a", "b"]}}"#,
                n % 1000
            )
        })
        .collect();
    format!("[{}]", records.join(",\n"))
}

fn rows() -> String {
    let mut text = String::from("id,name,price,share\n");
    for n in 0..1_000_000_u32 {
        writeln!(
            text,
            "{n},item {},{}.{:02},{}",
            n % 977,
            n % 1000,
            n % 100,
            f64::from(n % 1013) / 1013.0
        )
        .unwrap();
    }
    text
}
