//! What was acknowledged survives `kill -9` at any moment.

use std::collections::HashMap;
use std::path::Path;

use llmspell_store::{Durability, Sqlite, Store};

use crate::child::{self, TASKS};

const KILLS: u64 = 200;

#[tokio::test]
async fn acknowledged_batches_survive_being_killed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut acknowledged = HashMap::new();
    for round in 0..KILLS {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        // Every fourth child dies while it opens the file.
        let most = if round % 4 == 0 { 0 } else { random >> 33 & 63 };
        let told = run_and_kill(&path, &format!("round/{round}"), most);
        acknowledged.extend(told);
        let store = Sqlite::open(&path, Durability::Process).unwrap();
        for task in 0..TASKS {
            let name = format!("round/{round}/{task}");
            check(
                &store,
                &name,
                acknowledged.get(&name).copied().unwrap_or_default(),
            )
            .await;
        }
        // A store that is only dropped leaves the next child to recover the rest.
        if round % 2 == 0 {
            store.close().await.unwrap();
        }
    }
    assert!(
        acknowledged.len() as u64 > KILLS,
        "too few children came far enough: {}",
        acknowledged.len()
    );
    let store = Sqlite::open(&path, Durability::Process).unwrap();
    for (name, last) in acknowledged {
        check(&store, &name, last).await;
    }
    store.close().await.unwrap();
    let conn = rusqlite::Connection::open(&path).unwrap();
    let verdict: String = conn
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(verdict, "ok");
}

/// Kills a child after `most` acknowledgements and returns the last one of each task.
fn run_and_kill(path: &Path, name: &str, most: u64) -> HashMap<String, u64> {
    let mut child = child::start(path, name, u64::MAX);
    assert_eq!(child.line().as_deref(), Some("open"));
    let mut told = HashMap::new();
    let mut note = |line: String| {
        let [_, name, number] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("odd line {line}")
        };
        // The line that was cut by the kill may lack digits, never have others.
        let last = told.entry(name.to_owned()).or_default();
        *last = number.parse::<u64>().unwrap_or_default().max(*last);
    };
    for _ in 0..most {
        note(child.line().expect("the child writes until it is killed"));
    }
    child.kill();
    while let Some(line) = child.line() {
        note(line);
    }
    assert!(!child.succeeded());
    told
}

/// Checks that a task's log is whole, and that log and key changed together.
async fn check(store: &dyn Store, name: &str, acknowledged: u64) {
    let len = store.log_len(name).await.unwrap();
    assert!(
        len >= acknowledged,
        "{name} has {len} entries, {acknowledged} were acknowledged"
    );
    let mut seen = 0;
    loop {
        let entries = store.read_log(name, seen, 1000).await.unwrap();
        if entries.is_empty() {
            break;
        }
        for entry in entries {
            seen += 1;
            assert_eq!(
                (entry.seq, entry.bytes),
                (seen, format!("{name}:{seen}").into_bytes())
            );
        }
    }
    assert_eq!(seen, len);
    let counted = store.get(name.as_bytes()).await.unwrap();
    assert_eq!(
        counted,
        (len > 0).then(|| len.to_string().into_bytes()),
        "{name}"
    );
}
