//! The file of a store: how it is made, what it refuses to be, what is left of it.

use std::path::Path;

use futures::future::join_all;
use llmspell_core::{Error, Kind};
use llmspell_store::{Batch, Durability, Sqlite, Store, open};

fn refused(path: &Path) -> Error {
    let error = Sqlite::open(path, Durability::Process).unwrap_err();
    assert!(
        error.message().contains(&path.display().to_string()),
        "{error:?}"
    );
    assert!(!error.hints().is_empty(), "{error:?} shows no way out");
    error
}

#[tokio::test]
async fn content_outlives_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let store = Sqlite::open(&path, Durability::Power).unwrap();
    let batch = Batch::new()
        .put("k", "v")
        .append("log", "e")
        .blob([7; 16], vec![9; 9000]);
    store.apply(batch).await.unwrap();
    store.close().await.unwrap();
    let store = Sqlite::open(&path, Durability::Process).unwrap();
    assert_eq!(store.get(b"k").await.unwrap(), Some(b"v".to_vec()));
    assert_eq!(
        store
            .apply(Batch::new().append("log", "e"))
            .await
            .unwrap()
            .seqs,
        [2]
    );
    assert_eq!(store.blob([7; 16]).await.unwrap(), Some(vec![9; 9000]));
}

#[tokio::test]
async fn closing_leaves_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let store = Sqlite::open(folder.path().join("store.db"), Durability::Process).unwrap();
    store
        .apply(Batch::new().put("k", vec![1; 100_000]))
        .await
        .unwrap();
    store.get(b"k").await.unwrap();
    store.flush().await.unwrap();
    store.close().await.unwrap();
    let names: Vec<_> = folder
        .path()
        .read_dir()
        .unwrap()
        .map(|file| file.unwrap().file_name())
        .collect();
    assert_eq!(names, ["store.db"]);
}

#[tokio::test]
async fn batches_that_wait_are_applied_before_closing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let store = Sqlite::open(&path, Durability::Process).unwrap();
    let mut waiting = store.apply(Batch::new().put("k", "v"));
    let _ = futures::poll!(&mut waiting);
    store.close().await.unwrap();
    waiting.await.unwrap();
    let store = Sqlite::open(&path, Durability::Process).unwrap();
    assert_eq!(store.get(b"k").await.unwrap(), Some(b"v".to_vec()));
}

#[cfg(unix)]
#[tokio::test]
async fn what_is_made_belongs_to_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("made/too/store.db");
    let store = Sqlite::open(&path, Durability::Process).unwrap();
    store.apply(Batch::new().put("k", "v")).await.unwrap();
    let mode = |name: &str| {
        folder
            .path()
            .join(name)
            .metadata()
            .unwrap()
            .permissions()
            .mode()
            & 0o777
    };
    let modes = [
        "made",
        "made/too",
        "made/too/store.db",
        "made/too/store.db-wal",
    ]
    .map(mode);
    assert_eq!(modes, [0o700, 0o700, 0o600, 0o600], "{modes:?}");
}

#[test]
fn names_are_never_taken_for_something_else() {
    let folder = tempfile::tempdir().unwrap();
    for name in [":memory:", "file:x?mode=memory", "ä b%20'c.db"] {
        let store = Sqlite::open(folder.path().join(name), Durability::Process).unwrap();
        assert_eq!(store.path().file_name().unwrap(), name);
        assert!(folder.path().join(name).is_file());
    }
}

#[test]
fn what_is_no_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    std::fs::write(&path, "remember the milk\n".repeat(1000)).unwrap();
    let error = refused(&path);
    assert_eq!(error.kind(), Kind::Corrupt);
    assert!(
        error
            .message()
            .ends_with("is not a store: it is no SQLite database")
    );
    assert!(
        std::fs::read_to_string(&path)
            .unwrap()
            .starts_with("remember"),
        "the file was changed"
    );
}

#[test]
fn folders_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(refused(folder.path()).kind(), Kind::Config);
}

#[test]
fn databases_of_other_programs_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mail.db");
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE mail (text)").unwrap();
    let error = refused(&path);
    assert_eq!(error.kind(), Kind::Config);
    assert!(
        error.message().contains("database of another program"),
        "{error}"
    );
    let tables: i64 = other
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .unwrap();
    assert_eq!(tables, 1);
}

#[test]
fn stores_of_newer_versions_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    drop(Sqlite::open(&path, Durability::Process).unwrap());
    let conn = rusqlite::Connection::open(&path).unwrap();
    conn.pragma_update(None, "user_version", 99).unwrap();
    let error = refused(&path);
    assert_eq!(error.kind(), Kind::Config);
    assert!(
        error
            .message()
            .ends_with("has version 99, newest known is 1"),
        "{error}"
    );
    conn.pragma_update(None, "user_version", -1).unwrap();
    assert_eq!(
        Sqlite::open(&path, Durability::Process).unwrap_err().kind(),
        Kind::Corrupt
    );
}

#[tokio::test]
async fn damage_is_an_error_not_a_wrong_answer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let store = Sqlite::open(&path, Durability::Process).unwrap();
    let batch = (0..2000).fold(Batch::new(), |batch, number| {
        batch.put(format!("k{number:05}"), vec![1; 200])
    });
    store.apply(batch).await.unwrap();
    store.close().await.unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[4096..].fill(0xa5);
    std::fs::write(&path, bytes).unwrap();
    let store = Sqlite::open(&path, Durability::Process).unwrap();
    let error = store.get(b"k00001").await.unwrap_err();
    assert_eq!(error.kind(), Kind::Corrupt);
    assert!(error.hints()[0].contains(".recover"), "{error:?}");
    assert_eq!(
        store
            .apply(Batch::new().put("k00001", ""))
            .await
            .unwrap_err()
            .kind(),
        Kind::Corrupt
    );
}

#[tokio::test]
async fn a_batch_that_cannot_be_applied_does_not_take_others_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let store = Sqlite::open(&path, Durability::Process).unwrap();
    store.apply(Batch::new().append("full", "1")).await.unwrap();
    let conn = rusqlite::Connection::open(&path).unwrap();
    let moved = conn
        .execute("UPDATE entry SET id = (id >> 32 << 32) + 4294967295", [])
        .unwrap();
    assert_eq!(moved, 1);
    let full = || Batch::new().put("left", "behind").append("full", "2");
    let fine = |name: &str| Batch::new().put(name.to_owned(), "v").append("fine", "e");
    // The first waits for the lock, the others wait together behind it.
    conn.execute_batch("BEGIN IMMEDIATE").unwrap();
    let batches = [fine("a"), full(), fine("b"), full()];
    let mut waiting = join_all(batches.map(|batch| store.apply(batch)));
    assert!(futures::poll!(&mut waiting).is_pending());
    conn.execute_batch("COMMIT").unwrap();
    let Ok([one, two, three, four]) = <[_; 4]>::try_from(waiting.await) else {
        panic!("four batches have four answers")
    };
    assert_eq!((one.unwrap().seqs, three.unwrap().seqs), (vec![1], vec![2]));
    for error in [two.unwrap_err(), four.unwrap_err()] {
        assert_eq!(
            (error.kind(), error.message()),
            (
                Kind::Limit,
                "the log 'full' is full: it has 4294967295 entries"
            )
        );
    }
    assert_eq!(store.get(b"left").await.unwrap(), None);
    assert_eq!(store.log_len("fine").await.unwrap(), 2);
}

#[tokio::test]
async fn the_log_of_writes_is_cut_while_writing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let store = open(&format!("sqlite:{}", path.display()), Durability::Process).unwrap();
    // 200 MiB in all, far more than the log of writes may take.
    for number in 0..400 {
        store
            .apply(Batch::new().put(format!("k{}", number % 10), vec![number as u8; 512 << 10]))
            .await
            .unwrap();
    }
    let wal = folder.path().join("store.db-wal").metadata().unwrap().len();
    assert!(wal < 150 << 20, "{wal}");
    store.close().await.unwrap();
}
