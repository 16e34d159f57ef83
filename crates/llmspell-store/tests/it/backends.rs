//! Every backend passes the suite.

use futures::FutureExt;
use llmspell_store::{Durability, Store, conformance, open};

#[tokio::test]
async fn memory_conforms() {
    conformance::run(&*open("memory:", Durability::Process).unwrap())
        .await
        .unwrap();
}

/// The hot path of a journal in memory never suspends.
#[test]
fn memory_is_ready_at_the_first_poll() {
    let store = llmspell_store::Memory::new();
    conformance::run(&store)
        .now_or_never()
        .expect("every future is ready at once")
        .unwrap();
    assert_eq!(store.close().now_or_never(), Some(Ok(())));
}

#[tokio::test]
async fn sqlite_conforms_in_process_durability() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("store.db").display());
    conformance::run(&*open(&url, Durability::Process).unwrap())
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_conforms_in_power_durability() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("store.db").display());
    conformance::run(&*open(&url, Durability::Power).unwrap())
        .await
        .unwrap();
}
