//! One file, several stores and processes.

use std::collections::BTreeMap;
use std::sync::Arc;

use llmspell_core::Kind;
use llmspell_store::{Batch, Durability, Entry, Scan, Sqlite, Store};

use crate::child::{self, TASKS};

const EACH: u64 = 200;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_and_stores_write_to_one_file_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let children: Vec<_> = (0..3)
        .map(|number| child::start(&path, &format!("child/{number}"), EACH))
        .collect();
    let mut stores = Vec::new();
    let mut tasks = Vec::new();
    for number in 0..2 {
        let store = Arc::new(Sqlite::open(&path, Durability::Process).unwrap());
        stores.push(Arc::clone(&store));
        tasks.push(tokio::spawn(async move {
            child::append(&*store, format!("own/{number}"), EACH, |_, _| {}).await
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    for mut child in children {
        while child.line().is_some() {}
        assert!(child.succeeded());
    }
    for store in stores {
        let total = (3 * TASKS as u64 + 2) * EACH;
        let mut count = BTreeMap::new();
        for entry in store.read_log("shared", 0, usize::MAX).await.unwrap() {
            let text = String::from_utf8(entry.bytes).unwrap();
            let (name, number) = text.rsplit_once(':').unwrap();
            let last = count.entry(name.to_owned()).or_insert(0_u64);
            *last += 1;
            assert_eq!(
                number,
                last.to_string(),
                "{name} out of order at {}",
                entry.seq
            );
        }
        assert_eq!(store.log_len("shared").await.unwrap(), total);
        assert!(
            count.len() == 3 * TASKS + 2 && count.values().all(|last| *last == EACH),
            "{count:?}"
        );
        store.close().await.unwrap();
    }
}

#[tokio::test]
async fn stores_see_what_others_wrote() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let (one, two) = (sqlite(&path), sqlite(&path));
    let entry = |seq, text: &str| Entry {
        seq,
        bytes: text.into(),
    };
    // Each store remembers lengths of logs; the other one's writes make it look again.
    assert_eq!(
        one.apply(Batch::new().append("log", "a"))
            .await
            .unwrap()
            .seqs,
        [1]
    );
    assert_eq!(
        two.apply(Batch::new().append("log", "b"))
            .await
            .unwrap()
            .seqs,
        [2]
    );
    assert_eq!(
        one.apply(Batch::new().append("log", "c"))
            .await
            .unwrap()
            .seqs,
        [3]
    );
    assert_eq!(
        two.read_log("log", 0, 9).await.unwrap(),
        [entry(1, "a"), entry(2, "b"), entry(3, "c")]
    );
    two.apply(Batch::new().delete_log("log").append("other", "x"))
        .await
        .unwrap();
    assert_eq!(
        one.apply(Batch::new().append("log", "d").append("other", "y"))
            .await
            .unwrap()
            .seqs,
        [1, 2]
    );
    one.apply(Batch::new().expect_absent("lease").put("lease", "one"))
        .await
        .unwrap();
    let taken = two
        .apply(Batch::new().expect_absent("lease").put("lease", "two"))
        .await
        .unwrap_err();
    assert_eq!(taken.kind(), Kind::Conflict);
    one.close().await.unwrap();
    assert_eq!(two.get(b"lease").await.unwrap(), Some(b"one".to_vec()));
    assert_eq!(two.scan(Scan::prefix("")).await.unwrap().entries.len(), 1);
    two.close().await.unwrap();
}

#[tokio::test]
async fn a_lock_of_another_process_delays_writes_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let store = sqlite(&path);
    store.apply(Batch::new().put("k", "old")).await.unwrap();
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut waiting = store.apply(Batch::new().put("k", "new"));
    assert!(futures::poll!(&mut waiting).is_pending());
    assert_eq!(store.get(b"k").await.unwrap(), Some(b"old".to_vec()));
    assert!(futures::poll!(&mut waiting).is_pending());
    other.execute_batch("COMMIT").unwrap();
    waiting.await.unwrap();
    assert_eq!(store.get(b"k").await.unwrap(), Some(b"new".to_vec()));
    store.close().await.unwrap();
}

#[tokio::test]
async fn many_stores_open_a_new_file_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/er/store.db");
    let opening: Vec<_> = (0..8)
        .map(|_| path.clone())
        .map(|path| std::thread::spawn(move || sqlite(&path)))
        .collect();
    let stores: Vec<_> = opening
        .into_iter()
        .map(|thread| thread.join().unwrap())
        .collect();
    for (number, store) in (1..).zip(&stores) {
        assert_eq!(
            store
                .apply(Batch::new().append("log", "x"))
                .await
                .unwrap()
                .seqs,
            [number]
        );
    }
    for store in stores {
        store.close().await.unwrap();
    }
}

fn sqlite(path: &std::path::Path) -> Sqlite {
    Sqlite::open(path, Durability::Process).unwrap()
}
