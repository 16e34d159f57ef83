use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use futures::future::BoxFuture;
use llmspell_core::host::Closed;
use llmspell_core::{Clock, Door, Effect, Host, Op, Value};
use llmspell_store::{Memory, Store};

use super::super::{Bounds, Choice, Options, Rules, Session, Status};
use super::*;
use crate::host::{RunEnvironment, SystemRandom};
use crate::journal::Reader;
use crate::layer;

/// A clock that is set by hand, in seconds.
#[derive(Default)]
struct At(AtomicI64);

impl Clock for At {
    fn now(&self) -> i64 {
        self.0.load(Ordering::Relaxed) * 1_000_000
    }
    fn monotonic(&self) -> Duration {
        Duration::from_micros(self.now().cast_unsigned())
    }
    fn processor(&self) -> Duration {
        Duration::ZERO
    }
    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }
}

struct World {
    clock: Arc<At>,
    run: Session,
    sessions: Arc<ScriptSessions>,
    cx: Cx,
}

impl World {
    fn new(store: &Arc<dyn Store>) -> Self {
        let clock = Arc::new(At(AtomicI64::new(1_000_000)));
        let options = Options {
            store: Choice::Store(store.clone()),
            ..Options::new("a.lua", "", "lua")
        };
        let run = Session::begin(options, clock.clone()).unwrap();
        let sessions = Arc::new(run.of_script(Rules::default()));
        let cx = cx(&run, &sessions, &clock);
        Self {
            clock,
            run,
            sessions,
            cx,
        }
    }

    fn wait(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds, Ordering::Relaxed);
    }

    async fn made(&self) -> String {
        let bounds = Bounds {
            max_idle_secs: 10,
            max_duration_secs: 100,
            auto_save_interval_secs: 5,
            retention_days: 2,
            ..Bounds::default()
        };
        let id = uuid::Uuid::new_v4().to_string();
        let record = Record::new(&id, self.run.id(), self.clock.now(), bounds);
        self.sessions.add(&record).await.unwrap();
        id
    }

    async fn stage(&self, id: &str) -> Stage {
        let settled = self.sessions.settled(&self.cx, id).await.unwrap();
        settled.unwrap().stage
    }

    /// Makes a call that ends when its sender is used or dropped.
    fn call(
        &self,
    ) -> (
        tokio::task::JoinHandle<()>,
        tokio::sync::oneshot::Sender<()>,
    ) {
        let (end, ended) = tokio::sync::oneshot::channel();
        let ended = Mutex::new(Some(ended));
        let schema = serde_json::json!({"type": "object"});
        let op = Op::dynamic("read", schema, move |_, _| {
            let ended = ended.lock().take();
            async move {
                if let Some(ended) = ended {
                    ended.await.ok();
                }
                Ok(Value::Null)
            }
        });
        let (op, cx) = (Arc::new(op.effect(Effect::Read)), self.cx.clone());
        let call = tokio::spawn(async move {
            cx.call(&op, Value::Null).await.unwrap();
        });
        (call, end)
    }
}

/// Returns the context of the spell of a run, as it is when the spell begins.
fn cx(run: &Session, sessions: &Arc<ScriptSessions>, clock: &Arc<At>) -> Cx {
    let door = Door::new(layer::stack(layer::Options {
        journal: run.journal(),
        ..layer::Options::default()
    }));
    let host = Host::closed(
        clock.clone(),
        Arc::new(SystemRandom::new(Some(1))),
        Arc::new(RunEnvironment::default()),
        Arc::new(Closed::WORKERS),
    );
    Cx::run(run.id(), Arc::new(door), host)
        .part(sessions.clone())
        .build()
}

fn store() -> Arc<dyn Store> {
    Arc::new(Memory::new())
}

#[tokio::test]
async fn an_idle_session_is_suspended_and_an_old_one_fails() {
    let world = World::new(&store());
    let id = world.made().await;
    world.wait(9);
    assert_eq!(world.stage(&id).await, Stage::Active);
    world.wait(1);
    assert_eq!(world.stage(&id).await, Stage::Suspended);
    world.wait(89);
    assert_eq!(world.stage(&id).await, Stage::Suspended);
    world.wait(1);
    assert_eq!(world.stage(&id).await, Stage::Failed);
    let record = world.sessions.look(&id).await.unwrap().unwrap();
    assert_eq!(record.failure_reason.as_deref(), Some(TOO_LONG));
}

#[tokio::test]
async fn a_session_with_a_call_under_way_is_not_idle() {
    let world = World::new(&store());
    let id = world.made().await;
    world.sessions.set_current(Some(&id)).await.unwrap();
    let (call, end) = world.call();
    while world.sessions.touched(&id) == 0 {
        tokio::task::yield_now().await;
    }
    world.wait(50);
    assert_eq!(world.stage(&id).await, Stage::Active);
    end.send(()).unwrap();
    call.await.unwrap();
    world.wait(9);
    assert_eq!(world.stage(&id).await, Stage::Active);
    world.wait(1);
    assert_eq!(world.stage(&id).await, Stage::Suspended);
    assert_eq!(&*world.sessions.place(), world.run.id());
}

#[tokio::test]
async fn snapshots_are_written_at_intervals_and_bring_a_session_back() {
    let store = store();
    let world = World::new(&store);
    let id = world.made().await;
    assert_eq!(
        world.sessions.tend(&world.cx).await.unwrap(),
        Duration::from_secs(5)
    );
    let saved = || async { store.get(snapshot::key(&id).as_bytes()).await.unwrap() };
    assert_eq!(saved().await, None);
    world.wait(5);
    world.sessions.tend(&world.cx).await.unwrap();
    assert!(saved().await.is_some());
    let record = super::super::record::key(&id);
    let damaged = Batch::new().put(record.clone(), "{");
    for lost in [damaged, Batch::new().delete(record)] {
        store.apply(lost).await.unwrap();
        snapshot::revive(&world.sessions, &id).await.unwrap();
        assert_eq!(world.stage(&id).await, Stage::Suspended);
    }
}

#[tokio::test]
async fn what_ended_long_ago_is_removed() {
    let store = store();
    let first = World::new(&store);
    let (old, open) = (first.made().await, first.made().await);
    first.sessions.set_current(Some(&old)).await.unwrap();
    first.call().1.send(()).ok();
    while first.sessions.counts(&old).await.unwrap().0.calls == 0 {
        tokio::task::yield_now().await;
    }
    first
        .sessions
        .go(&old, Stage::Completed, None)
        .await
        .unwrap();
    let run = first.run.id().to_owned();
    first
        .run
        .finish(Status::Completed, Ok(&Value::Null))
        .await
        .unwrap();

    let second = World::new(&store);
    second.wait(86_400);
    second.sessions.tend(&second.cx).await.unwrap();
    assert!(second.sessions.look(&old).await.unwrap().is_some());
    second.wait(86_400);
    second.sessions.tend(&second.cx).await.unwrap();
    assert!(second.sessions.look(&old).await.unwrap().is_none());
    let archived = snapshot::archive_key(&old);
    assert!(store.get(archived.as_bytes()).await.unwrap().is_some());
    assert!(second.sessions.look(&open).await.unwrap().is_some());
    // The run is kept longer than the session; of its calls for the session nothing is left.
    let entries = Reader::new(store.clone()).entries(&run).await.unwrap();
    assert!(entries.iter().all(|entry| entry.op != "read"));
    second.wait(30 * 86_400);
    second.sessions.tend(&second.cx).await.unwrap();
    assert!(second.sessions.run_of(&run).await.unwrap().is_none());
}

/// The journal of a run that goes on keeps what it needs to be resumed.
#[tokio::test]
async fn a_run_at_work_keeps_the_calls_of_a_deleted_session() {
    let store = store();
    let world = World::new(&store);
    let id = world.made().await;
    world.sessions.set_current(Some(&id)).await.unwrap();
    let (call, end) = world.call();
    end.send(()).unwrap();
    call.await.unwrap();
    world.run.journal().settle().await.unwrap();
    erase::session(&world.sessions, &id).await.unwrap();
    world.sessions.forget(&id);
    assert!(world.sessions.look(&id).await.unwrap().is_none());
    assert_eq!(world.sessions.current(), None);
    let entries = Reader::new(store).entries(world.run.id()).await.unwrap();
    assert!(entries.iter().any(|entry| entry.op == "read"));
    let error = erase::session(&world.sessions, world.run.id())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidState);
}

/// A spell that is run again for its run makes the sessions again that it made.
#[tokio::test]
async fn the_same_call_of_the_same_run_makes_the_same_session() {
    let world = World::new(&store());
    let create = crate::clock::op(&super::super::module(), "create");
    let mut made = Vec::new();
    for _ in 0..2 {
        let cx = cx(&world.run, &world.sessions, &world.clock);
        for _ in 0..2 {
            made.push(cx.call(&create, Value::Null).await.unwrap());
        }
    }
    assert_ne!(made[0], made[1]);
    assert_eq!(made[..2], made[2..]);
    assert_eq!(world.sessions.all().await.unwrap().len(), 2);
}
