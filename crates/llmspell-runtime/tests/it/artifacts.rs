//! Artifacts of processes that are killed at random points.
//!
//! This test program starts itself again as the process.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use llmspell_core::{Map, Random as _};
use llmspell_runtime::artifact::{Artifacts, New, Options, Totals};
use llmspell_runtime::host::SystemRandom;
use llmspell_store::{Durability, Scan, Store};

use crate::killed::{STORE, killed_after, say};

const RUNS: usize = 40;
const SESSION: &str = "session";

fn content(number: u64) -> Bytes {
    let text = format!("{} ", number % 5);
    text.repeat([1, 10, 20_000, 1_200_000][(number % 4) as usize])
        .into()
}

fn new(number: u64) -> New {
    New {
        session: SESSION.to_owned(),
        kind: "tool_result".to_owned(),
        name: format!("name {}", number % 3),
        mime_type: "text/plain".to_owned(),
        is_text: true,
        tags: Vec::new(),
        custom: Map::new(),
        parent: None,
        created_by: None,
        created_at: number as i64,
        most: None,
        session_key: None,
        call: None,
    }
}

/// Stores and deletes without end, and says of each once it has returned.
#[tokio::test]
#[ignore = "the process that is killed"]
async fn store_without_end() {
    let Ok(url) = std::env::var(STORE) else {
        return;
    };
    let store = llmspell_store::open(&url, Durability::Process).unwrap();
    let artifacts = Artifacts::open(store, Options::default());
    let random = SystemRandom::default();
    loop {
        // The number of the content is told before the artifact can be there.
        let number = random.next() % 1_000_000;
        say(&format!("try {number}"));
        let Ok(kept) = artifacts.keep(&new(number), content(number)).await else {
            return;
        };
        say(&format!("kept {} {number}", kept.id.sequence));
        if random.next() % 2 == 0 {
            say(&format!("removing {}", kept.id.sequence));
            artifacts.remove(&kept.id).await.unwrap();
            say(&format!("removed {}", kept.id.sequence));
        }
    }
}

#[tokio::test]
async fn what_was_acknowledged_survives_the_death_of_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}/sessions.db", folder.path().display());
    let random = SystemRandom::default();
    let (mut there, mut gone) = (BTreeMap::new(), BTreeSet::new());
    for _ in 0..RUNS {
        let mut doubtful = BTreeSet::new();
        for line in killed_after(
            "artifacts::store_without_end",
            "try ",
            &url,
            1 + random.next() % 60,
        ) {
            let words: Vec<&str> = line.split(' ').collect();
            let number = |place: usize| words[place].parse::<u64>().unwrap();
            match words[0] {
                "kept" => {
                    there.insert(number(1), number(2));
                }
                "removing" => {
                    doubtful.insert(number(1));
                }
                "removed" => {
                    there.remove(&number(1));
                    doubtful.remove(&number(1));
                    gone.insert(number(1));
                }
                _ => {}
            }
        }
        let store = llmspell_store::open(&url, Durability::Process).unwrap();
        let artifacts = Artifacts::open(store.clone(), Options::default());
        let listed = artifacts.list(SESSION).await.unwrap();
        let numbers: BTreeSet<u64> = listed.iter().map(|found| found.id.sequence).collect();
        for number in doubtful {
            if !numbers.contains(&number) {
                there.remove(&number);
            }
        }
        assert!(
            there.keys().all(|number| numbers.contains(number)),
            "something is lost"
        );
        assert!(gone.is_disjoint(&numbers), "something came back");
        for found in &listed {
            let read = artifacts.content(found).await.unwrap();
            // One that was stored and not acknowledged is whole as well.
            let own = there.get(&found.id.sequence).map(|number| content(*number));
            assert!(own.is_none_or(|own| own == read));
            there
                .entry(found.id.sequence)
                .or_insert(found.created_at as u64);
        }
        let bytes = listed.iter().map(|found| found.size).sum();
        let count = listed.len() as u64;
        assert_eq!(
            artifacts.totals(SESSION).await.unwrap(),
            Totals { count, bytes }
        );
        leaks_nothing(
            &*store,
            listed.iter().map(|found| found.id.content_hash.as_str()),
        )
        .await;
        store.close().await.unwrap();
    }
    assert!(!gone.is_empty());
}

/// Checks that the store has the contents of these hashes, each counted rightly, and no others.
async fn leaks_nothing(store: &dyn Store, hashes: impl Iterator<Item = &str>) {
    let mut wanted: BTreeMap<String, u64> = BTreeMap::new();
    for hash in hashes {
        *wanted.entry(hash.to_owned()).or_default() += 1;
    }
    let mut found = BTreeMap::new();
    let mut chunks = BTreeSet::new();
    let mut scan = Scan::prefix("content/");
    loop {
        let page = store.scan(scan).await.unwrap();
        for (key, value) in page.entries {
            let key = String::from_utf8(key).unwrap();
            let rest = key.strip_prefix("content/").unwrap();
            match rest.split_once('/') {
                Some((hash, _)) => {
                    chunks.insert(hash.to_owned());
                }
                None => {
                    let record: serde_json::Value = serde_json::from_slice(&value).unwrap();
                    found.insert(rest.to_owned(), record["artifacts"].as_u64().unwrap());
                }
            }
        }
        match page.next {
            Some(next) => scan = Scan::prefix("content/").after(next),
            None => break,
        }
    }
    assert_eq!(found, wanted);
    assert!(
        chunks.iter().all(|hash| wanted.contains_key(hash)),
        "chunks without a content"
    );
}
