//! Random histories: every backend answers as a model of ordered maps does.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::path::PathBuf;
use std::sync::{Arc, mpsc};

use llmspell_core::Kind;
use llmspell_store::{Batch, Durability, Entry, Hash, Memory, Page, Scan, Sqlite, Store, hash};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

#[derive(Clone, Debug)]
enum Act {
    Apply(Vec<Expect>, Vec<Step>),
    Get(Vec<u8>),
    Scan {
        prefix: Vec<u8>,
        after: Option<Vec<u8>>,
        limit: usize,
        reverse: bool,
    },
    ReadLog {
        name: &'static str,
        after: u64,
        limit: usize,
    },
    Blobs(Vec<Vec<u8>>),
    Reopen,
}

#[derive(Clone, Debug)]
enum Expect {
    Absent(Vec<u8>),
    Value(Vec<u8>, Vec<u8>),
    /// What the key really has.
    Truth(Vec<u8>),
}

#[derive(Clone, Debug)]
enum Step {
    Put(Vec<u8>, Vec<u8>),
    Delete(Vec<u8>),
    Append(&'static str, Vec<u8>),
    DeleteLog(&'static str),
    Blob(Vec<u8>),
    DeleteBlob(Vec<u8>),
}

fn key() -> impl Strategy<Value = Vec<u8>> {
    vec(select(vec![0, b'a', b'b', 0xfe, 0xff]), 0..4)
}

fn value() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        vec(any::<u8>(), 0..3),
        (any::<u8>(), 0..6000_usize).prop_map(|(byte, len)| vec![byte; len])
    ]
}

fn content() -> impl Strategy<Value = Vec<u8>> {
    (0..3_u8, select(vec![0, 1, 900, 1001, 4500, 5000, 9000]))
        .prop_map(|(byte, len)| vec![byte; len])
}

fn log() -> impl Strategy<Value = &'static str> {
    select(vec!["", "a", "b"])
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (key(), value()).prop_map(|(key, value)| Step::Put(key, value)),
        2 => key().prop_map(Step::Delete),
        4 => (log(), value()).prop_map(|(name, entry)| Step::Append(name, entry)),
        1 => log().prop_map(Step::DeleteLog),
        2 => content().prop_map(Step::Blob),
        1 => content().prop_map(Step::DeleteBlob),
    ]
}

fn expect() -> impl Strategy<Value = Expect> {
    prop_oneof![
        1 => key().prop_map(Expect::Absent),
        1 => (key(), vec(any::<u8>(), 0..2)).prop_map(|(key, value)| Expect::Value(key, value)),
        4 => key().prop_map(Expect::Truth),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    let scan = (
        key(),
        proptest::option::of(key()),
        1..6_usize,
        any::<bool>(),
    );
    prop_oneof![
        8 => (vec(expect(), 0..3), vec(step(), 0..8)).prop_map(|(expects, steps)| Act::Apply(expects, steps)),
        2 => key().prop_map(Act::Get),
        4 => scan.prop_map(|(prefix, after, limit, reverse)| Act::Scan { prefix, after, limit, reverse }),
        2 => (log(), 0..8_u64, 1..5_usize).prop_map(|(name, after, limit)| Act::ReadLog { name, after, limit }),
        2 => vec(content(), 0..4).prop_map(Act::Blobs),
        1 => Just(Act::Reopen),
    ]
}

#[derive(Default)]
struct Model {
    keys: BTreeMap<Vec<u8>, Vec<u8>>,
    logs: BTreeMap<&'static str, Vec<Vec<u8>>>,
    blobs: BTreeMap<Hash, Vec<u8>>,
}

impl Model {
    /// Returns the numbers of the appended entries, or `None` for a conflict.
    fn apply(&mut self, expects: &[Expect], steps: &[Step]) -> Option<Vec<u64>> {
        let holds = |expect: &Expect| match expect {
            Expect::Absent(key) => !self.keys.contains_key(key),
            Expect::Value(key, value) => self.keys.get(key) == Some(value),
            Expect::Truth(_) => true,
        };
        if !expects.iter().all(holds) {
            return None;
        }
        Some(steps.iter().filter_map(|step| self.step(step)).collect())
    }

    fn step(&mut self, step: &Step) -> Option<u64> {
        match step.clone() {
            Step::Put(key, value) => drop(self.keys.insert(key, value)),
            Step::Delete(key) => drop(self.keys.remove(&key)),
            Step::Append(name, entry) => {
                let log = self.logs.entry(name).or_default();
                log.push(entry);
                return Some(log.len() as u64);
            }
            Step::DeleteLog(name) => drop(self.logs.remove(name)),
            Step::Blob(bytes) => drop(self.blobs.insert(hash(&bytes), bytes)),
            Step::DeleteBlob(bytes) => drop(self.blobs.remove(&hash(&bytes))),
        }
        None
    }

    fn batch(&self, expects: &[Expect], steps: &[Step]) -> Batch {
        let batch = expects
            .iter()
            .fold(Batch::new(), |batch, expect| match expect.clone() {
                Expect::Absent(key) => batch.expect_absent(key),
                Expect::Value(key, value) => batch.expect(key, value),
                Expect::Truth(key) => match self.keys.get(&key) {
                    Some(value) => batch.expect(key, value.clone()),
                    None => batch.expect_absent(key),
                },
            });
        steps.iter().fold(batch, |batch, step| match step.clone() {
            Step::Put(key, value) => batch.put(key, value),
            Step::Delete(key) => batch.delete(key),
            Step::Append(name, entry) => batch.append(name, entry),
            Step::DeleteLog(name) => batch.delete_log(name),
            Step::Blob(bytes) => batch.blob(hash(&bytes), bytes),
            Step::DeleteBlob(bytes) => batch.delete_blob(hash(&bytes)),
        })
    }

    /// All keys are few, so the model filters them instead of computing bounds.
    fn scan(&self, prefix: &[u8], after: Option<&[u8]>, limit: usize, reverse: bool) -> Page {
        let beyond =
            |key: &[u8]| after.is_none_or(|after| if reverse { key < after } else { key > after });
        let all = self
            .keys
            .iter()
            .filter(|(key, _)| key.starts_with(prefix) && beyond(key));
        let mut all: Vec<_> = all
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        if reverse {
            all.reverse();
        }
        let more = all.len() > limit;
        all.truncate(limit);
        let next = all.last().filter(|_| more).map(|(key, _)| key.clone());
        Page { entries: all, next }
    }

    fn read_log(&self, name: &str, after: u64, limit: usize) -> Vec<Entry> {
        let entries = (1..).zip(self.logs.get(name).into_iter().flatten());
        let entries = entries.map(|(seq, bytes)| Entry {
            seq,
            bytes: bytes.clone(),
        });
        entries
            .filter(|entry| entry.seq > after)
            .take(limit)
            .collect()
    }
}

/// A backend under test, and how it is closed and opened again.
#[derive(Clone)]
enum Backend {
    Memory,
    Sqlite(PathBuf),
}

impl Backend {
    fn open(&self) -> Arc<dyn Store> {
        match self {
            Backend::Memory => Arc::new(Memory::new()),
            Backend::Sqlite(path) => Arc::new(Sqlite::open(path, Durability::Process).unwrap()),
        }
    }
}

async fn play(backend: Backend, acts: Vec<Act>) {
    let mut model = Model::default();
    let mut store = backend.open();
    for act in acts {
        match act {
            Act::Apply(expects, steps) => {
                let batch = model.batch(&expects, &steps);
                match (model.apply(&expects, &steps), store.apply(batch).await) {
                    (Some(seqs), Ok(applied)) => assert_eq!(applied.seqs, seqs),
                    (None, Err(error)) => assert_eq!(error.kind(), Kind::Conflict),
                    (seqs, result) => panic!("the model says {seqs:?}, the store {result:?}"),
                }
            }
            Act::Get(key) => assert_eq!(
                store.get(&key).await.unwrap().as_ref(),
                model.keys.get(&key)
            ),
            Act::Scan {
                prefix,
                after,
                limit,
                reverse,
            } => {
                let want = model.scan(&prefix, after.as_deref(), limit, reverse);
                assert_eq!(
                    store
                        .scan(Scan {
                            prefix,
                            after,
                            limit,
                            reverse
                        })
                        .await
                        .unwrap(),
                    want
                );
            }
            Act::ReadLog { name, after, limit } => {
                assert_eq!(
                    store.read_log(name, after, limit).await.unwrap(),
                    model.read_log(name, after, limit)
                );
            }
            Act::Blobs(contents) => {
                let hashes: Vec<_> = contents.iter().map(|bytes| hash(bytes)).collect();
                let want: Vec<_> = hashes
                    .iter()
                    .map(|hash| model.blobs.get(hash).cloned())
                    .collect();
                assert!(store.blobs(&hashes).await.unwrap() == want);
            }
            Act::Reopen => {
                if let Backend::Sqlite(_) = backend {
                    store.close().await.unwrap();
                    store = backend.open();
                }
            }
        }
    }
    same(&*store, &model).await;
    store.close().await.unwrap();
}

/// Compares everything.
async fn same(store: &dyn Store, model: &Model) {
    let page = store.scan(Scan::prefix("")).await.unwrap();
    assert_eq!(
        page.entries.into_iter().collect::<BTreeMap<_, _>>(),
        model.keys
    );
    for name in ["", "a", "b"] {
        let log = model.logs.get(name).map_or(&[][..], Vec::as_slice);
        assert_eq!(store.log_len(name).await.unwrap(), log.len() as u64);
        let entries = store.read_log(name, 0, usize::MAX).await.unwrap();
        assert!(entries.iter().map(|entry| &entry.bytes).eq(log));
    }
    for (hash, bytes) in &model.blobs {
        assert_eq!(store.blob(*hash).await.unwrap().as_ref(), Some(bytes));
    }
    let whole: Vec<_> = model
        .keys
        .range::<[u8], _>((Bound::Unbounded, Bound::Unbounded))
        .rev()
        .collect();
    let down = store.scan(Scan::prefix("").reverse()).await.unwrap();
    assert!(
        down.entries
            .iter()
            .map(|(key, value)| (key, value))
            .eq(whole)
    );
}

/// Plays a history in a task and lets its panic fail the case, so that proptest can shrink it.
fn check(
    runtime: &tokio::runtime::Runtime,
    backend: Backend,
    acts: Vec<Act>,
) -> Result<(), TestCaseError> {
    let (sender, receiver) = mpsc::channel();
    let task = runtime.spawn(play(backend, acts));
    runtime.spawn(async move {
        sender
            .send(task.await.map_err(|error| error.to_string()))
            .ok()
    });
    receiver.recv().unwrap().map_err(TestCaseError::fail)
}

fn run(cases: u32, backend: impl Fn() -> (Backend, Option<tempfile::TempDir>)) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .build()
        .unwrap();
    let config = ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let history = vec(act(), 1..60);
    proptest::test_runner::TestRunner::new(config)
        .run(&history, |acts| {
            let (backend, _folder) = backend();
            check(&runtime, backend, acts)
        })
        .unwrap();
}

#[test]
fn memory_is_like_the_model() {
    run(512, || (Backend::Memory, None));
}

#[test]
fn sqlite_is_like_the_model() {
    run(64, || {
        let folder = tempfile::tempdir().unwrap();
        (
            Backend::Sqlite(folder.path().join("store.db")),
            Some(folder),
        )
    });
}
