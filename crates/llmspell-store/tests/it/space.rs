//! A store on disk takes little more than what is in it.

use llmspell_store::{Batch, Durability, Sqlite, Store, hash};

/// Writes blobs of these sizes, each as the result of a call with two journal entries, and returns the bytes on disk
/// by the unique bytes.
async fn ratio(sizes: impl Iterator<Item = usize>) -> f64 {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let store = Sqlite::open(&path, Durability::Process).unwrap();
    let mut unique = 0;
    for (number, size) in sizes.enumerate() {
        let intent =
            format!("{{\"id\":\"{number:032x}\",\"op\":\"tool.call\",\"state\":\"begun\"}}");
        let outcome =
            format!("{{\"id\":\"{number:032x}\",\"result\":\"{number:032x}\",\"ms\":12}}");
        let mut result = number.to_le_bytes().repeat(size.div_ceil(8));
        result.truncate(size);
        unique += intent.len() + outcome.len() + size;
        store
            .apply(Batch::new().append("journal", intent))
            .await
            .unwrap();
        let address = hash(&result);
        store
            .apply(
                Batch::new()
                    .blob(address, result.clone())
                    .append("journal", outcome),
            )
            .await
            .unwrap();
        store
            .apply(Batch::new().blob(address, result))
            .await
            .unwrap();
    }
    store.close().await.unwrap();
    path.metadata().unwrap().len() as f64 / unique as f64
}

#[tokio::test]
async fn a_hundred_tool_calls_of_5_kb() {
    let ratio = ratio(std::iter::repeat_n(5 << 10, 100)).await;
    assert!(ratio <= 1.3, "{ratio}");
}

/// Also the sizes that would leave pages half empty if a blob were one row.
#[tokio::test]
async fn blobs_of_any_one_size() {
    for size in [
        1100, 1400, 2100, 2500, 3100, 4000, 4100, 4600, 6200, 8200, 20_000,
    ] {
        let ratio = ratio(std::iter::repeat_n(size, 300)).await;
        assert!(ratio <= 1.3, "{size} bytes: {ratio}");
    }
}

#[tokio::test]
async fn blobs_of_mixed_sizes() {
    let ratio = ratio((0..500).map(|number| 200 + number * number * 37 % 9000)).await;
    assert!(ratio <= 1.3, "{ratio}");
}

/// Many runs at once write to the middle of the table of entries.
#[tokio::test]
async fn logs_that_grow_side_by_side() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let store = Sqlite::open(&path, Durability::Process).unwrap();
    let mut unique = 0;
    for number in 0..100 {
        let entry = format!("{{\"id\":\"{number:032x}\"}}").repeat(5);
        let batch = (0..100).fold(Batch::new(), |batch, log| {
            batch.append(format!("log/{log}"), entry.as_str())
        });
        unique += 100 * entry.len();
        store.apply(batch).await.unwrap();
    }
    store.close().await.unwrap();
    let ratio = path.metadata().unwrap().len() as f64 / unique as f64;
    assert!(ratio <= 1.6, "{ratio}");
}

#[tokio::test]
async fn freed_space_is_used_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = Sqlite::open(folder.path().join("store.db"), Durability::Process).unwrap();
    let mut sizes = Vec::new();
    for round in 0..5_u8 {
        let blobs: Vec<_> = (0..100_u8)
            .map(|number| [round, number].repeat(3000))
            .collect();
        let all = blobs.iter().fold(Batch::new(), |batch, bytes| {
            batch.blob(hash(bytes), bytes.as_slice())
        });
        store
            .apply(all.append("log", vec![1; 100_000]))
            .await
            .unwrap();
        let none = blobs
            .iter()
            .fold(Batch::new(), |batch, bytes| batch.delete_blob(hash(bytes)));
        store.apply(none.delete_log("log")).await.unwrap();
        sizes.push(store.path().metadata().unwrap().len());
    }
    let file = store.path().to_owned();
    store.close().await.unwrap();
    let size = file.metadata().unwrap().len();
    assert!(size < 1_200_000, "{size} after {sizes:?}");
}
