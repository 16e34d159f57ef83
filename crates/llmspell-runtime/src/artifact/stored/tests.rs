use std::collections::{BTreeMap, BTreeSet};

use futures::FutureExt as _;
use llmspell_store::{Durability, Memory, Scan};
use proptest::prelude::*;

use super::super::id::Wanted;
use super::*;

fn new(session: &str, name: &str) -> New {
    New {
        session: session.to_owned(),
        kind: "user_input".to_owned(),
        name: name.to_owned(),
        mime_type: "text/plain".to_owned(),
        is_text: true,
        tags: Vec::new(),
        custom: Map::new(),
        parent: None,
        created_by: None,
        created_at: 0,
        most: None,
        session_key: None,
        call: None,
    }
}

fn artifacts(options: Options) -> (Arc<Memory>, Artifacts) {
    let store = Arc::new(Memory::new());
    (store.clone(), Artifacts::open(store, options))
}

async fn keys(store: &dyn Store) -> Vec<String> {
    let page = store.scan(Scan::prefix("").limit(100_000)).await.unwrap();
    let keys = page.entries.into_iter();
    keys.map(|(key, _)| String::from_utf8(key).unwrap())
        .collect()
}

#[tokio::test]
async fn equal_contents_are_stored_once_and_go_with_the_last() {
    let (store, artifacts) = artifacts(Options::default());
    let content = Bytes::from(vec![7; 2_000_001]);
    let first = artifacts
        .keep(&new("s", "a"), content.clone())
        .await
        .unwrap();
    let alone = keys(&*store).await.len();
    let second = artifacts
        .keep(&new("s", "b"), content.clone())
        .await
        .unwrap();
    let other = artifacts
        .keep(&new("t", "a"), content.clone())
        .await
        .unwrap();
    assert_eq!(
        first.id.content_hash,
        blake3::hash(&content).to_hex().as_str()
    );
    assert_eq!(
        (first.id.sequence, second.id.sequence, other.id.sequence),
        (1, 2, 1)
    );
    assert_eq!((first.version, second.version, other.version), (1, 1, 1));
    assert!(second.is_compressed && second.stored_size < second.size);
    // Four keys for each artifact, the numbers of each session.
    assert_eq!(keys(&*store).await.len(), alone + 4 + 5);
    for id in [&first.id, &second.id] {
        assert!(artifacts.remove(id).await.unwrap());
        assert!(!artifacts.remove(id).await.unwrap());
        assert_eq!(artifacts.content(&other).await.unwrap(), content);
    }
    assert!(artifacts.remove(&other.id).await.unwrap());
    assert_eq!(keys(&*store).await, ["holding/s", "holding/t"]);
    let gone = artifacts.content(&other).await.unwrap_err();
    assert_eq!(gone.kind(), Kind::NotFound);
    let next = artifacts.keep(&new("s", "a"), content).await.unwrap();
    assert_eq!((next.id.sequence, next.version), (3, 1));
    artifacts.remove_all("s").await.unwrap();
    assert_eq!(keys(&*store).await, ["holding/t"]);
}

#[tokio::test]
async fn names_have_versions() {
    let (_, artifacts) = artifacts(Options::default());
    for (name, text) in [
        ("a", "1"),
        ("a/b", "x"),
        ("a", "2"),
        ("a", "2"),
        ("a%2Fb", "y"),
    ] {
        artifacts.keep(&new("s", name), text.into()).await.unwrap();
    }
    let versions = artifacts.versions("s", "a").await.unwrap();
    let shown: Vec<_> = versions
        .iter()
        .map(|found| (found.version, found.id.sequence))
        .collect();
    assert_eq!(shown, [(1, 1), (2, 3), (3, 4)]);
    assert_eq!(artifacts.versions("s", "a/b").await.unwrap().len(), 1);
    assert_eq!(artifacts.versions("s", "b").await.unwrap().len(), 0);
    artifacts.remove(&versions[1].id).await.unwrap();
    let next = artifacts.keep(&new("s", "a"), "4".into()).await.unwrap();
    assert_eq!(next.version, 4);
}

#[tokio::test]
async fn bounds_leave_nothing_behind() {
    let options = Options {
        max_bytes: 10,
        max_session_bytes: 15,
        max_artifacts: 2,
        ..Options::default()
    };
    let (store, artifacts) = artifacts(options);
    let refused = async |new: New, content: Vec<u8>| {
        let error = artifacts.keep(&new, content.into()).await.unwrap_err();
        (error.kind(), error.message().to_owned())
    };
    let long = "n".repeat(256);
    for (new, content, kind, message) in [
        (
            new("s", ""),
            1,
            Kind::InvalidArgs,
            "the name of an artifact must not be empty",
        ),
        (
            New {
                kind: String::new(),
                ..new("s", "a")
            },
            1,
            Kind::InvalidArgs,
            "the type of an artifact must not be empty",
        ),
        (
            new("s", &long),
            1,
            Kind::Limit,
            "characters of the name of an artifact: 256, at most 255",
        ),
        (
            New {
                tags: vec!["t".repeat(65)],
                ..new("s", "a")
            },
            1,
            Kind::Limit,
            "characters of the tag of an artifact: 65, at most 64",
        ),
        (
            new("s", "a"),
            11,
            Kind::Limit,
            "bytes of an artifact: 11, at most 10",
        ),
    ] {
        assert_eq!(
            refused(new, vec![0; content]).await,
            (kind, message.to_owned())
        );
    }
    assert_eq!(keys(&*store).await, Vec::<String>::new());
    artifacts
        .keep(&new("s", "a"), vec![0; 10].into())
        .await
        .unwrap();
    let before = keys(&*store).await;
    assert_eq!(
        refused(new("s", "b"), vec![0; 6]).await.1,
        "bytes of a session's artifacts: 16, at most 15"
    );
    artifacts
        .keep(&new("s", "b"), vec![0; 5].into())
        .await
        .unwrap();
    assert_eq!(
        refused(new("s", "c"), Vec::new()).await.1,
        "artifacts of a session: 3, at most 2"
    );
    artifacts
        .keep(&new("t", "c"), Vec::new().into())
        .await
        .unwrap();
    assert_eq!(
        artifacts.totals("s").await.unwrap(),
        Totals {
            count: 2,
            bytes: 15
        }
    );
    assert!(keys(&*store).await.len() > before.len());
}

#[tokio::test]
async fn who_may_do_what() {
    let (_, artifacts) = artifacts(Options::default());
    let kept = artifacts.keep(&new("s", "a"), "x".into()).await.unwrap();
    let wanted = Wanted::from(&kept.id);
    let by_hash = Wanted::Content(kept.id.content_hash.clone());
    let may = async |session: &str, permission: Permission| {
        let both = [&wanted, &by_hash].map(|wanted| artifacts.find(session, wanted, permission));
        let both = futures::future::join_all(both).await;
        let both: Vec<_> = both
            .into_iter()
            .map(|found| found.map(drop).map_err(|error| error.kind()))
            .collect();
        assert_eq!(both[0], both[1]);
        both[0]
    };
    use Permission::{Admin, Read, Write};
    assert_eq!(may("s", Admin).await, Ok(()));
    assert_eq!(may("t", Read).await, Err(Kind::Denied));
    artifacts.grant(&kept.id, "t", Write).await.unwrap();
    assert_eq!(may("t", Read).await, Ok(()));
    assert_eq!(may("t", Write).await, Ok(()));
    assert_eq!(may("t", Admin).await, Err(Kind::Denied));
    assert_eq!(may("u", Read).await, Err(Kind::Denied));
    artifacts.revoke(&kept.id, "t", Write).await.unwrap();
    assert_eq!(may("t", Read).await, Err(Kind::Denied));
    let own = artifacts.grant(&kept.id, "s", Read).await.unwrap_err();
    assert_eq!(own.kind(), Kind::InvalidArgs);
    for missing in [
        Wanted::Content("ab".to_owned()),
        Wanted::Numbered {
            session: None,
            sequence: 9,
            hash: None,
        },
    ] {
        let error = artifacts.find("s", &missing, Read).await.unwrap_err();
        assert_eq!(error.kind(), Kind::NotFound);
    }
    let other = Wanted::Numbered {
        session: None,
        sequence: 1,
        hash: Some("ab".to_owned()),
    };
    assert_eq!(
        artifacts.find("s", &other, Read).await.unwrap_err().kind(),
        Kind::NotFound
    );
}

#[tokio::test]
async fn queries_are_newest_first() {
    let (_, artifacts) = artifacts(Options::default());
    for n in 0..6_u64 {
        let custom = Map::from([("n", n.into())]);
        let made = New {
            created_at: n as i64 * 10,
            custom,
            tags: vec!["all".to_owned(), format!("t{}", n % 2)],
            kind: if n < 3 { "tool_result" } else { "mine" }.to_owned(),
            ..new(
                if n % 3 == 0 { "s" } else { "t" },
                &format!("Report-{n}.md"),
            )
        };
        artifacts
            .keep(&made, vec![b'x'; n as usize].into())
            .await
            .unwrap();
    }
    let check = async |query: Query, expected: &[u64]| {
        let found = artifacts.query(&query).await.unwrap();
        let found: Vec<u64> = found.iter().map(|found| found.size).collect();
        assert_eq!(found, expected, "{query:?}");
    };
    let all = Query::default;
    check(all(), &[5, 4, 3, 2, 1, 0]).await;
    check(
        Query {
            session: Some("s".into()),
            ..all()
        },
        &[3, 0],
    )
    .await;
    check(
        Query {
            kind: Some("tool_result".into()),
            ..all()
        },
        &[2, 1, 0],
    )
    .await;
    check(
        Query {
            name_pattern: Some("report-4".into()),
            ..all()
        },
        &[4],
    )
    .await;
    check(
        Query {
            name_pattern: Some("Report-?.md".into()),
            limit: 2,
            ..all()
        },
        &[5, 4],
    )
    .await;
    check(
        Query {
            name_pattern: Some("*.txt".into()),
            ..all()
        },
        &[],
    )
    .await;
    check(
        Query {
            tags: vec!["all".into(), "t1".into()],
            ..all()
        },
        &[5, 3, 1],
    )
    .await;
    check(
        Query {
            created_after: Some(20),
            created_before: Some(40),
            ..all()
        },
        &[4, 3, 2],
    )
    .await;
    check(
        Query {
            min_size: Some(1),
            max_size: Some(2),
            ..all()
        },
        &[2, 1],
    )
    .await;
    check(
        Query {
            custom: Map::from([("n", 4.into())]),
            ..all()
        },
        &[4],
    )
    .await;
    check(Query { offset: 4, ..all() }, &[1, 0]).await;
    check(
        Query {
            session: Some("t".into()),
            offset: 1,
            limit: 2,
            ..all()
        },
        &[4, 2],
    )
    .await;
    check(Query { limit: 0, ..all() }, &[]).await;
}

#[tokio::test]
async fn a_session_that_is_gone_gets_nothing() {
    let (store, artifacts) = artifacts(Options::default());
    let made = New {
        session_key: Some("made/s".to_owned()),
        ..new("s", "a")
    };
    let error = artifacts.keep(&made, "x".into()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.message()),
        (Kind::NotFound, "Session not found: s")
    );
    assert_eq!(keys(&*store).await, Vec::<String>::new());
    store.apply(Batch::new().put("made/s", "1")).await.unwrap();
    artifacts.keep(&made, "x".into()).await.unwrap();
}

#[tokio::test]
async fn a_call_stores_once() {
    let (store, artifacts) = artifacts(Options::default());
    let made = New {
        call: Some("run/call".to_owned()),
        ..new("s", "a")
    };
    let first = artifacts.keep(&made, "x".into()).await.unwrap();
    let again = artifacts.keep(&made, "x".into()).await.unwrap();
    assert_eq!(first.id, again.id);
    assert_eq!(artifacts.totals("s").await.unwrap().count, 1);
    artifacts.remove(&first.id).await.unwrap();
    assert_eq!(keys(&*store).await, ["holding/s"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_stores_at_once_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("a.db").display());
    let open = || llmspell_store::open(&url, Durability::Process).unwrap();
    let stores = [open(), open(), open()];
    let writers = stores.clone().map(|store| {
        let artifacts = Artifacts::open(store, Options::default());
        tokio::spawn(async move {
            for n in 0..20 {
                let text = format!("{}", n % 4);
                let kept = artifacts.keep(&new("s", "a"), text.into()).await.unwrap();
                if n % 2 == 0 {
                    artifacts.remove(&kept.id).await.unwrap();
                }
            }
        })
    });
    for writer in writers {
        writer.await.unwrap();
    }
    let artifacts = Artifacts::open(stores[0].clone(), Options::default());
    let left = artifacts.list("s").await.unwrap();
    let numbers: BTreeSet<u64> = left.iter().map(|left| left.id.sequence).collect();
    assert_eq!((left.len(), numbers.len()), (30, 30));
    assert_eq!(
        artifacts.totals("s").await.unwrap(),
        Totals {
            count: 30,
            bytes: 30
        }
    );
    artifacts.remove_all("s").await.unwrap();
    assert_eq!(keys(&*stores[1]).await, Vec::<String>::new());
}

/// What the model of a store is asked for.
#[derive(Clone, Debug)]
enum Step {
    Keep {
        session: usize,
        name: usize,
        content: usize,
    },
    Remove(usize),
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..2usize, 0..3usize, 0..4usize).prop_map(|(session, name, content)| Step::Keep { session, name, content }),
        2 => any::<usize>().prop_map(Step::Remove),
        1 => Just(Step::Reopen),
    ]
}

/// An artifact as the model knows it: session, number, name, version, content.
type Known = (String, u64, String, u64, usize);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn it_does_what_a_plain_list_does(steps in prop::collection::vec(step(), 1..40)) {
        let done = async {
            let store = Arc::new(Memory::new());
            let mut artifacts = Artifacts::open(store.clone(), Options::default());
            let mut known: Vec<Known> = Vec::new();
            let mut last: BTreeMap<String, u64> = BTreeMap::new();
            let contents = ["", "a", "b", "c"].map(|text| Bytes::from(text.repeat(20_000)));
            for step in steps {
                match step {
                    Step::Keep { session, name, content } => {
                        let (session, name) = (["s", "t"][session], ["x", "y", "x/y"][name]);
                        let made = artifacts.keep(&new(session, name), contents[content].clone()).await.unwrap();
                        let number = last.entry(session.to_owned()).or_default();
                        *number += 1;
                        let versions = known.iter().filter(|known| known.0 == session && known.2 == name);
                        let version = versions.map(|known| known.3).max().unwrap_or(0) + 1;
                        prop_assert_eq!((made.id.sequence, made.version), (*number, version));
                        known.push((session.to_owned(), *number, name.to_owned(), version, content));
                    }
                    Step::Remove(at) if !known.is_empty() => {
                        let at = at % known.len();
                        let gone = known.remove(at);
                        let wanted = Wanted::Numbered { session: Some(gone.0.clone()), sequence: gone.1, hash: None };
                        let found = artifacts.find(&gone.0, &wanted, Permission::Write).await.unwrap();
                        prop_assert!(artifacts.remove(&found.id).await.unwrap());
                    }
                    Step::Remove(_) => {}
                    Step::Reopen => artifacts = Artifacts::open(store.clone(), Options::default()),
                }
                agrees(&artifacts, &store, &known, &contents).await?;
            }
            Ok(())
        };
        // A store in memory is ready at once.
        done.now_or_never().unwrap()?;
    }
}

/// Compares a store with the model: what it lists, its contents, and that it has no key more than it needs.
async fn agrees(
    artifacts: &Artifacts,
    store: &Memory,
    known: &[Known],
    contents: &[Bytes],
) -> Result<(), TestCaseError> {
    for session in ["s", "t"] {
        let listed = artifacts.list(session).await.unwrap();
        let expected: Vec<_> = known.iter().filter(|known| known.0 == session).collect();
        prop_assert_eq!(listed.len(), expected.len());
        for (found, expected) in listed.iter().zip(&expected) {
            let shown = (found.id.sequence, &found.name, found.version);
            prop_assert_eq!(shown, (expected.1, &expected.2, expected.3));
            let content = artifacts.content(found).await.unwrap();
            prop_assert_eq!(&content, &contents[expected.4]);
        }
        let bytes = expected
            .iter()
            .map(|known| contents[known.4].len() as u64)
            .sum();
        let count = expected.len() as u64;
        prop_assert_eq!(
            artifacts.totals(session).await.unwrap(),
            Totals { count, bytes }
        );
    }
    let distinct: BTreeSet<usize> = known.iter().map(|known| known.4).collect();
    let chunks: usize = distinct
        .iter()
        .map(|content| 1 + usize::from(*content > 0))
        .sum();
    let keys = keys(store).await;
    let needed = keys
        .iter()
        .filter(|key| !key.starts_with("holding/"))
        .count();
    prop_assert_eq!(needed, known.len() * 4 + chunks);
    Ok(())
}
