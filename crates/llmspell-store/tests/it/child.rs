//! Another process that writes to a store: this test binary, started again for one hidden test.

use std::io::{BufRead, BufReader, Lines, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use futures::future::join_all;
use llmspell_store::{Batch, Durability, Sqlite, Store, hash};

/// How many tasks a child runs, each with logs of its own.
pub(crate) const TASKS: usize = 4;

/// A running child and what it prints.
pub(crate) struct Running {
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

/// Starts a child that lets each task append `count` entries; see [`append`] for their form.
pub(crate) fn start(path: &Path, name: &str, count: u64) -> Running {
    let mut process = Command::new(std::env::current_exe().unwrap())
        .args(["child::child", "--exact", "--ignored", "--nocapture"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let order = format!("{}\t{name}\t{count}\n", path.display());
    process
        .stdin
        .take()
        .unwrap()
        .write_all(order.as_bytes())
        .unwrap();
    let lines = BufReader::new(process.stdout.take().unwrap()).lines();
    Running { process, lines }
}

impl Running {
    /// Returns the next line that the child's store work prints, `None` once it has ended.
    pub(crate) fn line(&mut self) -> Option<String> {
        self.lines
            .by_ref()
            .map_while(Result::ok)
            .find(|line| line == "open" || line.starts_with("ack "))
    }

    /// Kills the child at once (SIGKILL); what it has printed can still be read.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
    }

    /// Waits for the end and returns whether the child says that all went well.
    pub(crate) fn succeeded(mut self) -> bool {
        self.process.wait().unwrap().success()
    }
}

/// The child itself. Without an order on its standard input it has nothing to do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "runs in processes that other tests start"]
async fn child() {
    let mut order = String::new();
    std::io::stdin().read_line(&mut order).unwrap();
    let [path, name, count] = order.trim_end().split('\t').collect::<Vec<_>>()[..] else {
        return;
    };
    say("\nopen\n");
    let store = Sqlite::open(path, Durability::Process).unwrap();
    let tasks = (0..TASKS).map(|task| {
        append(
            &store,
            format!("{name}/{task}"),
            count.parse().unwrap(),
            acknowledge,
        )
    });
    join_all(tasks).await;
    store.close().await.unwrap();
}

/// Appends to the log `name` and to the log `shared`, counts in the key `name` in the same batch, and adds a blob.
pub(crate) async fn append(
    store: &dyn Store,
    name: String,
    count: u64,
    acknowledged: fn(&str, u64),
) {
    for number in 1..=count {
        let text = format!("{name}:{number}");
        let blob = text.repeat(number as usize % 300);
        let batch = Batch::new()
            .append(name.as_str(), text.as_str())
            .append("shared", text)
            .put(name.as_str(), number.to_string())
            .blob(hash(blob.as_bytes()), blob);
        let applied = store.apply(batch).await.unwrap();
        assert_eq!(applied.seqs[0], number);
        acknowledged(&name, number);
    }
}

fn acknowledge(name: &str, number: u64) {
    say(&format!("ack {name} {number}\n"));
}

/// Prints without the buffer and the capture of the test harness: what is printed has left the process.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(line.as_bytes()).unwrap();
    out.flush().unwrap();
}
