//! The suite that every backend passes: what the docs of [`Store`] promise, one function per promise.
//!
//! A promise that does not hold is a panic that names both sides; an error that the suite does not expect is returned.

use futures::future::join_all;
use futures::{FutureExt, join};
use llmspell_core::{Kind, Result};

use crate::store::{
    Applied, Batch, Entry, MAX_KEY, MAX_VALUE, PAGE_BYTES, Page, Scan, Store, hash,
};

/// Checks every promise on a store that is empty at the beginning, and closes it at the end.
pub async fn run(store: &dyn Store) -> Result<()> {
    missing_is_no_error(store).await?;
    values_are_put_and_deleted(store).await?;
    name_spaces_are_separate(store).await?;
    keys_are_ordered_by_bytes(store).await?;
    pages_meet_every_key_once(store).await?;
    after_need_not_be_in_the_prefix(store).await?;
    pages_are_bounded_in_bytes(store).await?;
    steps_happen_in_order(store).await?;
    empty_batches_do_nothing(store).await?;
    expectations_guard_the_whole_batch(store).await?;
    expectations_see_the_state_before_the_batch(store).await?;
    lengths_chain_batches(store).await?;
    patient_batches_take_effect_in_their_place(store).await?;
    logs_count_from_one(store).await?;
    logs_are_read_in_portions(store).await?;
    deleted_logs_begin_anew(store).await?;
    blobs_are_stored_once(store).await?;
    blobs_of_all_sizes_come_back(store).await?;
    limits_refuse_before_anything_is_written(store).await?;
    futures_do_nothing_before_the_first_poll(store).await?;
    batches_take_effect_in_the_order_of_first_polls(store).await?;
    abandoned_batches_are_whole_or_nothing(store).await?;
    concurrent_changes_are_not_lost(store).await?;
    concurrent_appends_have_no_gaps(store).await?;
    size_grows_with_the_content(store).await?;
    store.flush().await?;
    closed_stores_refuse_everything(store).await
}

fn kind<T>(result: Result<T>) -> Option<Kind> {
    result.err().map(|error| error.kind())
}

fn keys(page: &Page) -> Vec<&[u8]> {
    page.entries.iter().map(|(key, _)| key.as_slice()).collect()
}

async fn missing_is_no_error(store: &dyn Store) -> Result<()> {
    assert_eq!(store.get(b"nothing").await?, None);
    assert_eq!(store.scan(Scan::prefix("")).await?, Page::default());
    assert_eq!(
        store.scan(Scan::prefix("").reverse()).await?,
        Page::default()
    );
    assert_eq!(store.log_len("nothing").await?, 0);
    assert_eq!(store.read_log("nothing", 0, 10).await?, []);
    assert_eq!(store.blob(hash(b"nothing")).await?, None);
    assert_eq!(store.blobs(&[]).await?, Vec::<Option<Vec<u8>>>::new());
    let deletions = Batch::new()
        .delete("nothing")
        .delete_log("nothing")
        .delete_blob(hash(b"nothing"));
    assert_eq!(store.apply(deletions).await?, Applied::default());
    Ok(())
}

async fn values_are_put_and_deleted(store: &dyn Store) -> Result<()> {
    let odd: [&[u8]; 5] = [b"", b"\0", b"put/a\0b", b"\xff\xfe", "put/ключ".as_bytes()];
    for key in odd {
        store.apply(Batch::new().put(key, "first")).await?;
        assert_eq!(store.get(key).await?.as_deref(), Some(&b"first"[..]));
        store.apply(Batch::new().put(key, "")).await?;
        assert_eq!(store.get(key).await?.as_deref(), Some(&b""[..]));
        store.apply(Batch::new().delete(key)).await?;
        assert_eq!(store.get(key).await?, None);
    }
    let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    store
        .apply(Batch::new().put("put/long", bytes.clone()))
        .await?;
    assert_eq!(store.get(b"put/long").await?, Some(bytes));
    store.apply(Batch::new().delete("put/long")).await?;
    Ok(())
}

async fn name_spaces_are_separate(store: &dyn Store) -> Result<()> {
    let content = *b"0123456789abcdef";
    let name = "0123456789abcdef";
    store
        .apply(
            Batch::new()
                .put(name, "key")
                .append(name, "entry")
                .blob(content, "blob"),
        )
        .await?;
    store.apply(Batch::new().delete(name)).await?;
    assert_eq!(
        (store.log_len(name).await?, store.blob(content).await?),
        (1, Some(b"blob".to_vec()))
    );
    store.apply(Batch::new().delete_log(name)).await?;
    assert_eq!(store.blob(content).await?, Some(b"blob".to_vec()));
    store.apply(Batch::new().delete_blob(content)).await?;
    assert_eq!(store.blob(content).await?, None);
    Ok(())
}

async fn keys_are_ordered_by_bytes(store: &dyn Store) -> Result<()> {
    let ordered: [&[u8]; 8] = [
        b"o", b"o\0", b"o/", b"o/1", b"o/10", b"o/2", b"o/\xff", b"o0",
    ];
    let batch = ordered
        .iter()
        .rev()
        .fold(Batch::new(), |batch, key| batch.put(*key, "v"));
    store.apply(batch).await?;
    assert_eq!(keys(&store.scan(Scan::prefix("o")).await?), ordered);
    assert_eq!(keys(&store.scan(Scan::prefix("o/")).await?), ordered[2..7]);
    assert_eq!(keys(&store.scan(Scan::prefix("o/1")).await?), ordered[3..5]);
    assert_eq!(
        keys(&store.scan(Scan::prefix(b"o/\xff")).await?),
        ordered[6..7]
    );
    assert_eq!(
        keys(&store.scan(Scan::prefix("p")).await?),
        [] as [&[u8]; 0]
    );
    let down: Vec<_> = ordered[2..7].iter().rev().copied().collect();
    assert_eq!(keys(&store.scan(Scan::prefix("o/").reverse()).await?), down);
    let batch = ordered
        .iter()
        .fold(Batch::new(), |batch, key| batch.delete(*key));
    store.apply(batch).await?;
    Ok(())
}

async fn pages_meet_every_key_once(store: &dyn Store) -> Result<()> {
    let all: Vec<_> = (0..20)
        .map(|number| (format!("page/{number:02}").into_bytes(), vec![number]))
        .collect();
    let around = Batch::new().put("page", "before").put("page0", "after");
    store
        .apply(all.iter().fold(around, |batch, (key, value)| {
            batch.put(key.clone(), value.clone())
        }))
        .await?;
    for limit in [1, 3, 10, 19, 20, 21, usize::MAX] {
        for reverse in [false, true] {
            let mut scan = Scan {
                reverse,
                ..Scan::prefix("page/").limit(limit)
            };
            let mut met = Vec::new();
            loop {
                let page = store.scan(scan.clone()).await?;
                assert!(page.entries.len() <= limit);
                assert_eq!(
                    page.next.is_none(),
                    met.len() + page.entries.len() == all.len(),
                    "limit {limit}"
                );
                met.extend(page.entries);
                scan.after = page.next;
                if scan.after.is_none() {
                    break;
                }
            }
            if reverse {
                met.reverse();
            }
            assert_eq!(met, all, "limit {limit}, reverse {reverse}");
        }
    }
    assert_eq!(
        kind(store.scan(Scan::prefix("page/").limit(0)).await),
        Some(Kind::InvalidArgs)
    );
    Ok(())
}

async fn after_need_not_be_in_the_prefix(store: &dyn Store) -> Result<()> {
    store
        .apply(Batch::new().put("n/1", "").put("n/3", ""))
        .await?;
    let check = async |after: &str, up: &[&[u8]], down: &[&[u8]]| -> Result<()> {
        let scan = Scan::prefix("n/").after(after);
        assert_eq!(
            keys(&store.scan(scan.clone()).await?),
            up,
            "up from {after}"
        );
        assert_eq!(
            keys(&store.scan(scan.reverse()).await?),
            down,
            "down from {after}"
        );
        Ok(())
    };
    check("", &[b"n/1", b"n/3"], &[]).await?;
    check("m", &[b"n/1", b"n/3"], &[]).await?;
    check("n/1", &[b"n/3"], &[]).await?;
    check("n/2", &[b"n/3"], &[b"n/1"]).await?;
    check("n/3", &[], &[b"n/1"]).await?;
    check("o", &[], &[b"n/3", b"n/1"]).await
}

async fn pages_are_bounded_in_bytes(store: &dyn Store) -> Result<()> {
    let big = vec![b'x'; PAGE_BYTES / 2 + 1];
    let batch = (1..=3).fold(Batch::new(), |batch, number| {
        batch
            .put(format!("big/{number}"), big.clone())
            .append("big", big.clone())
    });
    store.apply(batch).await?;
    let page = store.scan(Scan::prefix("big/")).await?;
    assert_eq!(
        (page.entries.len(), page.next.as_deref()),
        (2, Some(&b"big/2"[..]))
    );
    let page = store.scan(Scan::prefix("big/").after("big/2")).await?;
    assert_eq!((page.entries.len(), page.next), (1, None));
    assert_eq!(store.read_log("big", 0, 10).await?.len(), 2);
    assert_eq!(
        store.read_log("big", 2, 10).await?,
        [Entry { seq: 3, bytes: big }]
    );
    store
        .apply(
            Batch::new()
                .delete("big/1")
                .delete("big/2")
                .delete("big/3")
                .delete_log("big"),
        )
        .await?;
    Ok(())
}

async fn steps_happen_in_order(store: &dyn Store) -> Result<()> {
    let batch = Batch::new()
        .put("step", "1")
        .delete("step")
        .put("step", "2")
        .put("step", "3");
    store
        .apply(
            batch
                .append("steps", "a")
                .delete_log("steps")
                .append("steps", "b"),
        )
        .await?;
    assert_eq!(store.get(b"step").await?, Some(b"3".to_vec()));
    assert_eq!(
        store.read_log("steps", 0, 10).await?,
        [Entry {
            seq: 1,
            bytes: b"b".to_vec()
        }]
    );
    store
        .apply(Batch::new().put("step", "4").delete("step"))
        .await?;
    assert_eq!(store.get(b"step").await?, None);
    let content = b"in order";
    let address = hash(content);
    store
        .apply(Batch::new().blob(address, content).delete_blob(address))
        .await?;
    assert_eq!(store.blob(address).await?, None);
    store
        .apply(
            Batch::new()
                .blob(address, content)
                .delete_blob(address)
                .blob(address, content),
        )
        .await?;
    assert_eq!(store.blob(address).await?, Some(content.to_vec()));
    Ok(())
}

async fn empty_batches_do_nothing(store: &dyn Store) -> Result<()> {
    assert_eq!(store.apply(Batch::new()).await?, Applied::default());
    assert_eq!(
        store.apply(Batch::new().expect_absent("nothing")).await?,
        Applied::default()
    );
    assert_eq!(
        kind(store.apply(Batch::new().expect("nothing", "v")).await),
        Some(Kind::Conflict)
    );
    Ok(())
}

async fn expectations_guard_the_whole_batch(store: &dyn Store) -> Result<()> {
    let content = b"guarded";
    let writes = || {
        Batch::new()
            .put("guard/b", "new")
            .append("guard", "e")
            .blob(hash(content), content)
    };
    store.apply(Batch::new().put("guard/a", "1")).await?;
    let unmet = [
        writes().expect_absent("guard/a"),
        writes().expect("guard/a", "2"),
        writes().expect("guard/a", ""),
        writes().expect("guard/c", "1"),
        writes().expect("guard/c", ""),
        writes()
            .expect("guard/a", "1")
            .expect_absent("guard/c")
            .expect("guard/c", "x"),
    ];
    for batch in unmet {
        let shown = format!("{batch:?}");
        let Err(error) = store.apply(batch).await else {
            panic!("was applied: {shown}")
        };
        assert_eq!(error.kind(), Kind::Conflict, "{shown}");
        let key = error
            .details()
            .get("key")
            .map(ToString::to_string)
            .unwrap_or_default();
        assert!(
            error.message().contains("guard/") && key.contains("guard/"),
            "{error:?} does not name the key"
        );
        assert_eq!(store.get(b"guard/b").await?, None, "{shown}");
        assert_eq!(store.log_len("guard").await?, 0, "{shown}");
        assert_eq!(store.blob(hash(content)).await?, None, "{shown}");
    }
    let applied = store
        .apply(writes().expect("guard/a", "1").expect_absent("guard/b"))
        .await?;
    assert_eq!(applied.seq(), Some(1));
    assert_eq!(store.get(b"guard/b").await?, Some(b"new".to_vec()));
    Ok(())
}

async fn expectations_see_the_state_before_the_batch(store: &dyn Store) -> Result<()> {
    store
        .apply(Batch::new().put("swap", "1").expect_absent("swap"))
        .await?;
    store
        .apply(Batch::new().put("swap", "2").expect("swap", "1"))
        .await?;
    store
        .apply(
            Batch::new()
                .delete("swap")
                .expect("swap", "2")
                .put("other", "3")
                .expect_absent("other"),
        )
        .await?;
    assert_eq!(
        (store.get(b"swap").await?, store.get(b"other").await?),
        (None, Some(b"3".to_vec()))
    );
    Ok(())
}

async fn lengths_chain_batches(store: &dyn Store) -> Result<()> {
    let link = |len: u64| Batch::new().expect_len("chain", len).append("chain", "e");
    store.apply(link(0)).await?;
    assert_eq!(kind(store.apply(link(0)).await), Some(Kind::Conflict));
    let (second, lost, fourth) = join!(
        store.apply(link(1)),
        store.apply(link(2).expect("chain", "no such key")),
        store.apply(link(3)),
    );
    assert_eq!(second?.seq(), Some(2));
    assert_eq!(kind(lost), Some(Kind::Conflict));
    let fourth = fourth.err();
    assert_eq!(
        fourth.as_ref().map(|error| error.kind()),
        Some(Kind::Conflict)
    );
    assert_eq!(
        fourth.map(|error| error.message().to_owned()).as_deref(),
        Some("the log 'chain' has 2 entries, 3 were expected")
    );
    assert_eq!(store.log_len("chain").await?, 2);
    Ok(())
}

async fn patient_batches_take_effect_in_their_place(store: &dyn Store) -> Result<()> {
    let (tell, told) = futures::channel::oneshot::channel();
    let done = Box::new(move |applied| drop(tell.send(applied)));
    store.submit(Batch::new().append("calm", "a").patient(), done);
    store
        .apply(Batch::new().append("calm", "b").patient())
        .await?;
    // Also an empty batch has its place behind the others.
    let patient = store.apply(Batch::new().append("calm", "c").patient());
    let (patient, empty) = join!(patient, store.apply(Batch::new()));
    assert_eq!((patient?.seq(), empty?.seq()), (Some(3), None));
    assert_eq!(
        told.await.ok().and_then(|applied| applied.ok()?.seq()),
        Some(1)
    );
    assert_eq!(store.log_len("calm").await?, 3);
    Ok(())
}

async fn logs_count_from_one(store: &dyn Store) -> Result<()> {
    let batch = Batch::new()
        .append("log/a", "a1")
        .append("log/b", "b1")
        .append("log/a", "a2")
        .append("log/a", "");
    let applied = store.apply(batch).await?;
    assert_eq!(
        (applied.seqs.as_slice(), applied.seq()),
        (&[1, 1, 2, 3][..], Some(3))
    );
    assert_eq!(
        store.apply(Batch::new().append("log/b", "b2")).await?.seqs,
        [2]
    );
    assert_eq!(
        (store.log_len("log/a").await?, store.log_len("log/b").await?),
        (3, 2)
    );
    let entry = |seq, text: &str| Entry {
        seq,
        bytes: text.as_bytes().to_vec(),
    };
    assert_eq!(
        store.read_log("log/a", 0, 10).await?,
        [entry(1, "a1"), entry(2, "a2"), entry(3, "")]
    );
    assert_eq!(store.read_log("log/b", 1, 10).await?, [entry(2, "b2")]);
    for name in ["", "\0", "log/a\0", "журнал"] {
        assert_eq!(
            store.apply(Batch::new().append(name, name)).await?.seqs,
            [1]
        );
        assert_eq!(store.read_log(name, 0, 2).await?, [entry(1, name)]);
    }
    Ok(())
}

async fn logs_are_read_in_portions(store: &dyn Store) -> Result<()> {
    let batch = (1..=25_u8).fold(Batch::new(), |batch, number| {
        batch.append("portions", [number])
    });
    store.apply(batch).await?;
    let mut met = Vec::new();
    loop {
        let after = met.last().map_or(0, |entry: &Entry| entry.seq);
        let portion = store.read_log("portions", after, 7).await?;
        assert!(portion.len() <= 7);
        if portion.is_empty() {
            break;
        }
        met.extend(portion);
    }
    let all: Vec<_> = (1..=25_u8)
        .map(|number| Entry {
            seq: number.into(),
            bytes: vec![number],
        })
        .collect();
    assert_eq!(met, all);
    for beyond in [
        25,
        26,
        u64::from(u32::MAX),
        1 << 32,
        i64::MAX as u64,
        u64::MAX,
    ] {
        assert_eq!(
            store.read_log("portions", beyond, 7).await?,
            [],
            "after {beyond}"
        );
    }
    assert_eq!(
        kind(store.read_log("portions", 0, 0).await),
        Some(Kind::InvalidArgs)
    );
    Ok(())
}

async fn deleted_logs_begin_anew(store: &dyn Store) -> Result<()> {
    store
        .apply(
            Batch::new()
                .append("old", "1")
                .append("old", "2")
                .append("next", "1"),
        )
        .await?;
    store.apply(Batch::new().delete_log("old")).await?;
    assert_eq!(
        (
            store.log_len("old").await?,
            store.read_log("old", 0, 9).await?
        ),
        (0, vec![])
    );
    assert_eq!(store.log_len("next").await?, 1);
    assert_eq!(
        store.apply(Batch::new().append("old", "3")).await?.seqs,
        [1]
    );
    assert_eq!(
        store.read_log("old", 0, 9).await?,
        [Entry {
            seq: 1,
            bytes: b"3".to_vec()
        }]
    );
    Ok(())
}

async fn blobs_are_stored_once(store: &dyn Store) -> Result<()> {
    let content = vec![b'b'; 50_000];
    let address = hash(&content);
    store
        .apply(
            Batch::new()
                .blob(address, content.clone())
                .blob(address, content.clone()),
        )
        .await?;
    // A store may tidy up in between, which takes room for a while, but not each time.
    let mut least = u64::MAX;
    for _ in 0..5 {
        let before = store.size().await?;
        let again = Batch::new().blob(address, content.clone());
        store.apply(again).await?;
        least = least.min(store.size().await?.saturating_sub(before));
    }
    assert!(
        least < 25_000,
        "a blob that is there already took {least} bytes"
    );
    assert_eq!(store.blob(address).await?, Some(content));
    store.apply(Batch::new().delete_blob(address)).await?;
    assert_eq!(store.blob(address).await?, None);
    Ok(())
}

async fn blobs_of_all_sizes_come_back(store: &dyn Store) -> Result<()> {
    let sizes = [
        0, 1, 999, 1000, 1001, 4061, 4576, 4577, 5000, 5120, 8668, 100_000, 3_000_000,
    ];
    let blobs: Vec<Vec<u8>> = sizes
        .iter()
        .map(|size| (0..=250).cycle().take(*size).collect())
        .collect();
    let hashes: Vec<_> = blobs.iter().map(|bytes| hash(bytes)).collect();
    let all = hashes.iter().zip(&blobs);
    store
        .apply(all.fold(Batch::new(), |batch, (hash, bytes)| {
            batch.blob(*hash, bytes.clone())
        }))
        .await?;
    for (address, bytes) in hashes.iter().zip(&blobs) {
        assert!(
            store.blob(*address).await?.as_ref() == Some(bytes),
            "{} bytes differ",
            bytes.len()
        );
    }
    let asked = [hashes[4], hash(b"none"), hashes[2], hashes[4]];
    let found = store.blobs(&asked).await?;
    assert!(
        found
            == [
                Some(blobs[4].clone()),
                None,
                Some(blobs[2].clone()),
                Some(blobs[4].clone())
            ]
    );
    store
        .apply(
            hashes
                .iter()
                .step_by(2)
                .fold(Batch::new(), |batch, hash| batch.delete_blob(*hash)),
        )
        .await?;
    for (index, found) in store.blobs(&hashes).await?.into_iter().enumerate() {
        assert!(
            found.as_ref() == (index % 2 == 1).then_some(&blobs[index]),
            "{} bytes",
            sizes[index]
        );
    }
    Ok(())
}

async fn limits_refuse_before_anything_is_written(store: &dyn Store) -> Result<()> {
    let long = "k".repeat(MAX_KEY + 1);
    let oversized = [
        Batch::new().put("limit", "v").put(long.as_str(), ""),
        Batch::new().put("limit", "v").delete(long.as_str()),
        Batch::new().put("limit", "v").append(long.as_str(), ""),
        Batch::new().put("limit", "v").expect_absent(long.as_str()),
        Batch::new()
            .put("limit", "v")
            .put("k", vec![0; MAX_VALUE + 1]),
        Batch::new()
            .put("limit", "v")
            .append("l", vec![0; MAX_VALUE + 1]),
        Batch::new()
            .put("limit", "v")
            .blob(hash(b""), vec![0; MAX_VALUE + 1]),
    ];
    for batch in oversized {
        assert_eq!(kind(store.apply(batch).await), Some(Kind::Limit));
        assert_eq!(store.get(b"limit").await?, None);
    }
    assert_eq!(store.get(long.as_bytes()).await?, None);
    let longest = &long[..MAX_KEY];
    store
        .apply(Batch::new().put(longest, "v").append(longest, "e"))
        .await?;
    assert_eq!(store.get(longest.as_bytes()).await?, Some(b"v".to_vec()));
    assert_eq!(store.log_len(longest).await?, 1);
    store
        .apply(Batch::new().delete(longest).delete_log(longest))
        .await?;
    Ok(())
}

async fn futures_do_nothing_before_the_first_poll(store: &dyn Store) -> Result<()> {
    drop(store.apply(Batch::new().put("unpolled", "v")));
    store.apply(Batch::new().put("polled", "v")).await?;
    assert_eq!(store.get(b"unpolled").await?, None);
    Ok(())
}

async fn batches_take_effect_in_the_order_of_first_polls(store: &dyn Store) -> Result<()> {
    let batches = (1..=50).map(|number| {
        Batch::new()
            .put("last", number.to_string())
            .append("order", number.to_string())
    });
    // `join_all` polls its futures in their order.
    let applied: Result<Vec<_>> = join_all(batches.map(|batch| store.apply(batch)))
        .await
        .into_iter()
        .collect();
    let seqs: Vec<_> = applied?.iter().filter_map(Applied::seq).collect();
    assert_eq!(seqs, (1..=50).collect::<Vec<_>>());
    assert_eq!(store.get(b"last").await?, Some(b"50".to_vec()));
    for entry in store.read_log("order", 0, 50).await? {
        assert_eq!(entry.bytes, entry.seq.to_string().into_bytes());
    }
    Ok(())
}

async fn abandoned_batches_are_whole_or_nothing(store: &dyn Store) -> Result<()> {
    for number in 1..=20 {
        let batch = Batch::new()
            .put(format!("abandoned/{number}"), "v")
            .append("abandoned", number.to_string());
        drop(store.apply(batch).now_or_never());
    }
    store.apply(Batch::new().append("abandoned", "end")).await?;
    let mut met = Vec::new();
    for entry in store.read_log("abandoned", 0, 100).await? {
        met.push(String::from_utf8_lossy(&entry.bytes).into_owned());
    }
    assert_eq!(met.pop().as_deref(), Some("end"));
    let page = store.scan(Scan::prefix("abandoned/")).await?;
    assert_eq!(
        page.entries.len(),
        met.len(),
        "keys and entries of the same batches"
    );
    for number in met {
        assert_eq!(
            store.get(format!("abandoned/{number}").as_bytes()).await?,
            Some(b"v".to_vec())
        );
    }
    Ok(())
}

async fn concurrent_changes_are_not_lost(store: &dyn Store) -> Result<()> {
    store.apply(Batch::new().put("count", "0")).await?;
    let increment = async || -> Result<()> {
        loop {
            let old = store.get(b"count").await?.unwrap_or_default();
            let number: u32 = String::from_utf8_lossy(&old).parse().unwrap_or_default();
            let batch = Batch::new()
                .expect("count", old)
                .put("count", (number + 1).to_string());
            match store.apply(batch).await {
                Err(error) if error.kind() == Kind::Conflict => {}
                other => return other.map(drop),
            }
        }
    };
    let done: Result<()> = join_all((0..20).map(|_| increment()))
        .await
        .into_iter()
        .collect();
    done?;
    assert_eq!(store.get(b"count").await?, Some(b"20".to_vec()));
    Ok(())
}

async fn concurrent_appends_have_no_gaps(store: &dyn Store) -> Result<()> {
    let append = async |task: u32| -> Result<Vec<(u64, Vec<u8>)>> {
        let mut mine = Vec::new();
        for number in 0..10 {
            let text = format!("{task}:{number}").into_bytes();
            let applied = store
                .apply(Batch::new().append("busy", text.clone()))
                .await?;
            mine.push((applied.seq().unwrap_or_default(), text));
        }
        Ok(mine)
    };
    let mut told = Vec::new();
    for mine in join_all((0..30).map(append)).await {
        told.extend(mine?);
    }
    told.sort();
    let stored = store.read_log("busy", 0, 1000).await?;
    assert_eq!(
        told,
        stored
            .into_iter()
            .map(|entry| (entry.seq, entry.bytes))
            .collect::<Vec<_>>()
    );
    assert_eq!(
        told.iter().map(|(seq, _)| *seq).collect::<Vec<_>>(),
        (1..=300).collect::<Vec<_>>()
    );
    Ok(())
}

async fn size_grows_with_the_content(store: &dyn Store) -> Result<()> {
    let before = store.size().await?;
    let content: Vec<u8> = (0..2_000_000_u32)
        .flat_map(|number| number.to_le_bytes())
        .collect();
    store
        .apply(Batch::new().put("size", content.clone()))
        .await?;
    let grown = store.size().await?.saturating_sub(before);
    // Space that was freed before may be used again.
    assert!(grown <= 3 * content.len() as u64, "{grown}");
    assert!(store.size().await? >= content.len() as u64);
    Ok(())
}

async fn closed_stores_refuse_everything(store: &dyn Store) -> Result<()> {
    store.close().await?;
    store.close().await?;
    let closed = Some(Kind::InvalidState);
    assert_eq!(kind(store.get(b"k").await), closed);
    assert_eq!(kind(store.scan(Scan::prefix("")).await), closed);
    assert_eq!(kind(store.apply(Batch::new().put("k", "v")).await), closed);
    assert_eq!(kind(store.apply(Batch::new()).await), closed);
    assert_eq!(kind(store.read_log("l", 0, 1).await), closed);
    assert_eq!(kind(store.log_len("l").await), closed);
    assert_eq!(kind(store.blob(hash(b"")).await), closed);
    assert_eq!(kind(store.blobs(&[]).await), closed);
    assert_eq!(kind(store.size().await), closed);
    assert_eq!(kind(store.flush().await), closed);
    Ok(())
}
