use llmspell_core::host::Closed;
use llmspell_core::{Cx, Door, Effect, Host, Kind, Op, Value};
use llmspell_store::{Batch, Memory};

use super::super::work::Holding;
use super::super::{Choice, Options};
use super::*;
use crate::host::{RunEnvironment, SystemClock, SystemRandom};
use crate::layer;

/// Returns a context whose calls are recorded by a run.
fn cx(session: &Session) -> Cx {
    let door = Door::new(layer::stack(layer::Options {
        journal: session.journal(),
        ..layer::Options::default()
    }));
    let host = Host::closed(
        Arc::new(SystemClock),
        Arc::new(SystemRandom::new(Some(1))),
        Arc::new(RunEnvironment::default()),
        Arc::new(Closed::WORKERS),
    );
    Cx::run(session.id(), Arc::new(door), host).build()
}

fn store() -> Arc<dyn Store> {
    Arc::new(Memory::new())
}

/// Begins a run and returns it with its sessions.
fn run(store: &Arc<dyn Store>, rules: Rules) -> (Session, ScriptSessions) {
    let options = Options {
        store: Choice::Store(store.clone()),
        ..Options::new("a.lua", "", "lua")
    };
    let session = Session::begin(options, Arc::new(SystemClock)).unwrap();
    let sessions = session.of_script(rules);
    (session, sessions)
}

fn id(number: u128) -> String {
    Uuid::from_u128(number).hyphenated().to_string()
}

async fn made(sessions: &ScriptSessions, number: u128) -> String {
    let id = id(number);
    let bounds = Bounds::of(&sessions.rules);
    let record = Record::new(&id, sessions.run(), sessions.clock.now(), bounds);
    sessions.add(&record).await.unwrap();
    id
}

async fn go(sessions: &ScriptSessions, id: &str, to: Stage) -> Result<Record> {
    sessions.change(id, |record| record.go(to, None, 1)).await
}

async fn stage(sessions: &ScriptSessions, id: &str) -> Stage {
    sessions.require(id).await.unwrap().stage
}

#[tokio::test]
async fn the_run_itself_is_a_session() {
    let (run, sessions) = run(&store(), Rules::default());
    assert_eq!(&*sessions.place(), run.id());
    assert_eq!(sessions.current(), None);
    assert_eq!(stage(&sessions, run.id()).await, Stage::Active);
    sessions.set_current(Some(run.id())).await.unwrap();
    assert_eq!(sessions.current().as_deref(), Some(run.id()));
    assert_eq!(&*sessions.place(), run.id());
}

#[tokio::test]
async fn the_current_session_is_where_work_is_done() {
    let (run, sessions) = run(&store(), Rules::default());
    let id = made(&sessions, 1).await;
    sessions
        .set_current(Some(&id.to_uppercase()))
        .await
        .unwrap();
    assert_eq!(sessions.current().as_deref(), Some(&*id));
    assert_eq!(*sessions.place(), *id);
    go(&sessions, &id, Stage::Suspended).await.unwrap();
    assert_eq!(sessions.current().as_deref(), Some(&*id));
    assert_eq!(&*sessions.place(), run.id());
    assert_eq!(
        sessions.require_active(&id).await.unwrap_err().kind(),
        Kind::InvalidState
    );
    go(&sessions, &id, Stage::Active).await.unwrap();
    assert_eq!(*sessions.place(), *id);
    go(&sessions, &id, Stage::Completed).await.unwrap();
    assert_eq!(sessions.current(), None);
    assert_eq!(&*sessions.place(), run.id());
    sessions.set_current(Some(&id)).await.unwrap();
    assert_eq!(&*sessions.place(), run.id());
    sessions.set_current(None).await.unwrap();
    assert_eq!(sessions.current(), None);
}

#[tokio::test]
async fn what_is_no_session_is_said() {
    let (_run, sessions) = run(&store(), Rules::default());
    let error = sessions.require("x").await.unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidArgs);
    assert_eq!(error.message(), "Invalid session ID: x");
    let error = sessions.set_current(Some(&id(7))).await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
    assert_eq!(error.message(), format!("Session not found: {}", id(7)));
    assert!(sessions.facts(&id(7)).await.unwrap().is_none());
}

#[tokio::test]
async fn switched_off_they_say_so() {
    let rules = Rules {
        enabled: false,
        ..Rules::default()
    };
    let (_run, sessions) = run(&store(), rules);
    let error = sessions.require(&id(1)).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable);
}

#[tokio::test]
async fn so_many_are_active_at_once() {
    let store = store();
    let rules = Rules {
        max_sessions: 2,
        ..Rules::default()
    };
    let (first, sessions) = run(&store, rules);
    let one = made(&sessions, 1).await;
    made(&sessions, 1).await;
    made(&sessions, 2).await;
    let (_second, others) = run(&store, rules);
    let record = Record::new(&id(3), others.run(), 0, Bounds::default());
    let error = others.add(&record).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Limit);
    assert_eq!(
        error.message(),
        "there are 2 active sessions, which is the most"
    );
    go(&sessions, &one, Stage::Suspended).await.unwrap();
    others.add(&record).await.unwrap();
    let error = go(&sessions, &one, Stage::Active).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Limit);
    // Those of a run that is gone wait, and count no more.
    drop((first, sessions));
    assert_eq!(stage(&others, &id(2)).await, Stage::Suspended);
    go(&others, &one, Stage::Active).await.unwrap();
}

#[tokio::test]
async fn a_session_goes_on_in_another_run() {
    let store = store();
    let (first, sessions) = run(&store, Rules::default());
    let id = made(&sessions, 1).await;
    drop((first, sessions));
    let (_second, sessions) = run(&store, Rules::default());
    assert_eq!(stage(&sessions, &id).await, Stage::Suspended);
    go(&sessions, &id, Stage::Active).await.unwrap();
    assert_eq!(stage(&sessions, &id).await, Stage::Active);
}

/// Many runs change one session at the same time; nothing is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_of_several_runs_all_count() {
    let store = store();
    let (_run, sessions) = run(&store, Rules::default());
    let id = made(&sessions, 1).await;
    let changes = (0..8).map(|number| {
        let (store, id) = (store.clone(), id.clone());
        tokio::spawn(async move {
            let (_run, sessions) = run(&store, Rules::default());
            for turn in 0..10 {
                let tag = format!("{number}-{turn}");
                let add = |record: &mut Record| {
                    record.tags.push(tag.clone());
                    Ok(true)
                };
                sessions.change(&id, add).await.unwrap();
            }
        })
    });
    for change in changes.collect::<Vec<_>>() {
        change.await.unwrap();
    }
    let record = sessions.look(&id).await.unwrap().unwrap();
    assert_eq!(record.tags.len(), 80);
}

#[tokio::test]
async fn what_others_keep_is_counted() {
    let store = store();
    let (_run, sessions) = run(&store, Rules::default());
    let id = made(&sessions, 1).await;
    let holding = Holding {
        artifacts: 2,
        bytes: 30,
    };
    let batch = Batch::new().put(Holding::key(&id), holding.write().unwrap());
    store.apply(batch).await.unwrap();
    let (totals, held) = sessions.counts(&id).await.unwrap();
    assert_eq!((totals.calls, held), (0, holding));
}

/// The journal of the run is where calls are written, whomever they are made for; numbers outlive the run.
#[tokio::test]
async fn calls_are_counted_for_the_session() {
    let store = store();
    let (first, sessions) = run(&store, Rules::default());
    let id = made(&sessions, 1).await;
    let cx = cx(&first);
    let schema = serde_json::json!({"type": "object"});
    let read = Op::dynamic("read", schema, |_, _| async { Ok(Value::from(1)) });
    let read = Arc::new(read.effect(Effect::Read));
    cx.call(&read, Value::Null).await.unwrap();
    sessions.set_current(Some(&id)).await.unwrap();
    for _ in 0..3 {
        cx.call(&read, Value::Null).await.unwrap();
    }
    sessions.set_current(None).await.unwrap();
    cx.call(&read, Value::Null).await.unwrap();
    assert_eq!(sessions.counts(&id).await.unwrap().0.calls, 3);
    assert_eq!(first.totals().calls, 5);
    first.journal().settle().await.unwrap();
    // Another process reads the journal while the run goes on,
    let (_second, others) = run(&store, Rules::default());
    assert_eq!(others.counts(&id).await.unwrap().0.calls, 3);
    // and the numbers when it has ended.
    first
        .finish(Status::Completed, Ok(&Value::Null))
        .await
        .unwrap();
    assert_eq!(others.counts(&id).await.unwrap().0.calls, 3);
    let entries = Reader::new(store).entries(sessions.run()).await.unwrap();
    let own = entries.iter().filter(|entry| entry.session.is_none());
    assert_eq!((own.count(), entries.len()), (2, 5));
}
