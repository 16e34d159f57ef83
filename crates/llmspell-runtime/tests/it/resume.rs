//! Runs that go on where an earlier process ended.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use llmspell_core::{Cx, Effect, Error, Kind, Op, Result, Usage, Value, error};
use llmspell_runtime::host::SystemClock;
use llmspell_runtime::journal::{Doubt, Reader, Redact};
use llmspell_runtime::session::{Choice, Choices, Resumable, Session, Sessions, Status};
use llmspell_runtime::{clock, layer};
use llmspell_store::{Batch, Durability, Store};

use crate::journal::{memory, options};
use crate::world::{op, run};

fn world(session: &Session) -> Cx {
    let layers = layer::Options {
        journal: session.journal(),
        ..layer::Options::default()
    };
    run(layers, Arc::new(SystemClock))
        .part(session.journal())
        .build()
}

fn begun(store: &Arc<dyn Store>) -> (Session, Cx) {
    let session = Session::begin(options(store), Arc::new(SystemClock)).unwrap();
    let cx = world(&session);
    (session, cx)
}

async fn resumed(store: &Arc<dyn Store>, doubt: Doubt) -> (Session, Cx) {
    let found = Resumable::find(&Choice::Store(store.clone()), "last").await;
    let past = found.unwrap().read(doubt).await.unwrap();
    let session = past
        .begin(
            "return 1",
            &[],
            Choices::default(),
            Redact::new([("KEY", "hunter2222")]),
            Durability::Process,
            Arc::new(SystemClock),
        )
        .unwrap();
    session.claim().await.unwrap();
    let cx = world(&session);
    (session, cx)
}

/// An op that counts how often it is run, and returns what the function says of that.
fn counted(
    name: &str,
    effect: Effect,
    gives: impl Fn(u32) -> Result<Value> + Send + Sync + 'static,
) -> (Arc<Op>, Arc<AtomicU32>) {
    let count = Arc::new(AtomicU32::new(0));
    let (seen, gives) = (count.clone(), Arc::new(gives));
    let op = op(name, effect, move |cx: Cx, _| {
        let (seen, gives) = (seen.clone(), gives.clone());
        async move {
            cx.report(&Usage {
                input_tokens: Some(5),
                ..Usage::default()
            });
            gives(seen.fetch_add(1, Ordering::SeqCst) + 1)
        }
    });
    (Arc::new(op), count)
}

fn number(n: i64) -> Value {
    Value::from([("n", n.into())])
}

async fn len(store: &Arc<dyn Store>, session: &Session) -> u64 {
    session.journal().settle().await.unwrap();
    let log = format!("journal/{}", session.id());
    store.log_len(&log).await.unwrap()
}

#[tokio::test]
async fn what_is_recorded_is_not_done_again() {
    let store = memory();
    let effects = [
        Effect::Read,
        Effect::Idempotent,
        Effect::Keyed,
        Effect::Once,
    ];
    let ops: Vec<_> = effects
        .into_iter()
        .map(|effect| counted(effect.name(), effect, |nth| Ok(Value::from(nth))))
        .collect();
    let ask = async |cx: &Cx| {
        let mut results = Vec::new();
        for (op, _) in &ops {
            for n in [1, 2, 1] {
                results.push(cx.call(op, number(n)).await.unwrap());
            }
        }
        results
    };
    let (session, cx) = begun(&store);
    let first = ask(&cx).await;
    let written = len(&store, &session).await;
    drop(session);
    for _ in 0..2 {
        let (session, cx) = resumed(&store, Doubt::Stop).await;
        assert_eq!(ask(&cx).await, first);
        assert!(
            ops.iter()
                .all(|(_, count)| count.load(Ordering::SeqCst) == 3)
        );
        assert_eq!(len(&store, &session).await, written);
        assert_eq!(session.journal().answered(), Some(12));
        assert_eq!(cx.usage().input_tokens, Some(60));
        assert_eq!(session.totals().calls, 12);
        session
            .finish(Status::Completed, Ok(&Value::Null))
            .await
            .unwrap();
    }
    let sessions = Sessions::open(&Choice::Store(store)).await.unwrap();
    let shown = sessions.show("last").await.unwrap();
    assert_eq!((shown.session.resumed, shown.session.answered), (2, 12));
    assert_eq!(shown.session.totals.calls, 12);
    assert_eq!(shown.calls.len(), 12);
}

#[tokio::test]
async fn composite_calls_run_again_with_their_calls_answered() {
    let store = memory();
    let (leaf, leaves) = counted("leaf", Effect::Once, |nth| Ok(Value::from(nth)));
    let (inner, scopes) = (leaf.clone(), Arc::new(AtomicU32::new(0)));
    let entered = scopes.clone();
    let scope = Arc::new(op("scope", Effect::Scope, move |cx: Cx, args: Value| {
        let inner = inner.clone();
        entered.fetch_add(1, Ordering::SeqCst);
        async move {
            let most = args.get("n").and_then(Value::as_int).unwrap_or_default();
            for n in 0..most {
                cx.call(&inner, number(n)).await?;
            }
            Ok(Value::Null)
        }
    }));
    let (session, cx) = begun(&store);
    cx.call(&scope, number(2)).await.unwrap();
    let written = len(&store, &session).await;
    drop(session);
    let (session, cx) = resumed(&store, Doubt::Stop).await;
    cx.call(&scope, number(2)).await.unwrap();
    assert_eq!(len(&store, &session).await, written, "nothing is new");
    assert_eq!(leaves.load(Ordering::SeqCst), 2);
    assert_eq!(scopes.load(Ordering::SeqCst), 2);
    // An edited script asks for more.
    cx.call(&scope, number(3)).await.unwrap();
    assert_eq!(leaves.load(Ordering::SeqCst), 5);
    assert_eq!(session.totals().calls, 7);
}

/// Lets an op fail once, and returns how often it was run when the run was resumed after that ended it.
async fn again(failure: fn() -> Error, ended: Option<&str>) -> u32 {
    let store = memory();
    let (op, count) = counted("fails", Effect::Read, move |nth| match nth {
        1 => Err(failure()),
        _ => Ok(Value::Null),
    });
    let (session, cx) = begun(&store);
    let failed = cx.call(&op, number(1)).await.unwrap_err();
    if ended.is_none() {
        let (next, _) = counted("next", Effect::Read, |_| Ok(Value::Null));
        cx.call(&next, number(1)).await.unwrap();
    }
    session.journal().settle().await.unwrap();
    match ended {
        Some("failed") => drop(session.finish(Status::Failed, Err(&failed)).await),
        _ => drop(session),
    }
    let (_session, cx) = resumed(&store, Doubt::Stop).await;
    let second = cx.call(&op, number(1)).await;
    if let Err(second) = second {
        assert_eq!(second.kind(), failed.kind());
        assert_eq!(second.message(), failed.message());
        assert_eq!(second.is_retryable(), failed.is_retryable());
    }
    count.load(Ordering::SeqCst)
}

#[tokio::test]
async fn failures_that_may_pass_are_tried_again_unless_the_run_got_over_them() {
    let refused = || error!(NotFound, "no such customer");
    let passing = || error!(Remote, "the service is down").transient(true);
    assert_eq!(again(refused, Some("failed")).await, 1);
    assert_eq!(again(refused, Some("died")).await, 1);
    assert_eq!(again(refused, None).await, 1);
    assert_eq!(again(passing, Some("failed")).await, 2);
    assert_eq!(again(passing, Some("died")).await, 2);
    assert_eq!(again(passing, None).await, 1);
}

/// Begins a call that changes the world, and dies.
async fn doubtful(store: &Arc<dyn Store>) -> (Arc<Op>, Arc<AtomicU32>) {
    let (session, cx) = begun(store);
    let count = Arc::new(AtomicU32::new(0));
    let seen = count.clone();
    let send = Arc::new(op("send", Effect::Once, move |_, _| {
        let nth = seen.fetch_add(1, Ordering::SeqCst);
        async move {
            match nth {
                0 => std::future::pending().await,
                _ => Ok(Value::from("sent")),
            }
        }
    }));
    let call = cx.call(&send, number(1));
    let began = async {
        while count.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        _ = call => unreachable!("it never returns"),
        () = began => {}
    }
    session.journal().settle().await.unwrap();
    (send, count)
}

#[tokio::test]
async fn a_call_in_doubt_stops_the_run() {
    let store = memory();
    let (send, count) = doubtful(&store).await;
    let (session, cx) = resumed(&store, Doubt::Stop).await;
    let refused = cx.call(&send, number(1)).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::InvalidState);
    let hints = refused.hints().join(" ");
    assert!(hints.contains("--retry-in-doubt") && hints.contains("--skip-in-doubt"));
    assert!(cx.check().is_err(), "what catches the error does not go on");
    assert_eq!(count.load(Ordering::SeqCst), 1);
    drop(session);

    let (session, cx) = resumed(&store, Doubt::Retry).await;
    assert_eq!(cx.call(&send, number(1)).await.unwrap(), "sent".into());
    drop(session);
    let (_session, cx) = resumed(&store, Doubt::Stop).await;
    assert_eq!(cx.call(&send, number(1)).await.unwrap(), "sent".into());
    assert_eq!(count.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_call_in_doubt_can_be_left_out_for_good() {
    let store = memory();
    let (send, count) = doubtful(&store).await;
    for doubt in [Doubt::Skip, Doubt::Stop] {
        let (session, cx) = resumed(&store, doubt).await;
        assert_eq!(cx.call(&send, number(1)).await.unwrap(), Value::Null);
        session.journal().settle().await.unwrap();
    }
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn what_lacks_a_secret_is_looked_at_again_and_never_done_again() {
    let store = memory();
    let gives = |_| Ok(Value::from("the password is hunter2222"));
    let (look, looks) = counted("look", Effect::Read, gives);
    let (send, sends) = counted("send", Effect::Once, gives);
    let mut with_secret = options(&store);
    with_secret.redact = Redact::new([("KEY", "hunter2222")]);
    let session = Session::begin(with_secret, Arc::new(SystemClock)).unwrap();
    let cx = world(&session);
    cx.call(&look, number(1)).await.unwrap();
    cx.call(&send, number(1)).await.unwrap();
    session.journal().settle().await.unwrap();
    drop(session);
    let (_session, cx) = resumed(&store, Doubt::Stop).await;
    let seen = cx.call(&look, number(1)).await.unwrap();
    assert_eq!(seen, "the password is hunter2222".into());
    let sent = cx.call(&send, number(1)).await.unwrap();
    assert_eq!(sent, "the password is [redacted:KEY]".into());
    assert_eq!(looks.load(Ordering::SeqCst), 2);
    assert_eq!(sends.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn large_results_and_many_calls_come_back() {
    let store = memory();
    let (op, count) = counted("read", Effect::Read, |nth| {
        Ok(Value::from("x".repeat(nth as usize * 7)))
    });
    let (session, cx) = begun(&store);
    let mut results = Vec::new();
    for n in 0..700 {
        results.push(cx.call(&op, number(n)).await.unwrap());
    }
    session.journal().settle().await.unwrap();
    drop(session);
    let (_session, cx) = resumed(&store, Doubt::Stop).await;
    for n in (0..700).rev() {
        assert_eq!(cx.call(&op, number(n)).await.unwrap(), results[n as usize]);
    }
    assert_eq!(count.load(Ordering::SeqCst), 700);
}

#[tokio::test]
async fn the_time_is_seen_again_and_costs_no_entry_each() {
    let store = memory();
    let now = clock::op(&clock::module(), "now");
    let (op, _) = counted("read", Effect::Read, |_| Ok(Value::Null));
    let (session, cx) = begun(&store);
    let mut times = Vec::new();
    for _ in 0..100 {
        times.push(cx.call(&now, Value::Null).await.unwrap());
    }
    assert!(session.journal().settle().await.is_ok());
    cx.call(&op, number(1)).await.unwrap();
    assert_eq!(len(&store, &session).await, 2);
    let entries = Reader::new(store.clone()).entries(session.id()).await;
    assert_eq!(entries.unwrap().len(), 1, "no call");
    drop(session);
    let (session, cx) = resumed(&store, Doubt::Stop).await;
    for time in times {
        assert_eq!(cx.call(&now, Value::Null).await.unwrap(), time);
    }
    cx.call(&now, Value::Null).await.unwrap();
    assert_eq!(len(&store, &session).await, 3);
}

#[tokio::test]
async fn one_process_resumes_at_a_time() {
    let store = memory();
    let (op, _) = counted("read", Effect::Read, |_| Ok(Value::Null));
    let (session, cx) = begun(&store);
    cx.call(&op, number(1)).await.unwrap();
    session.journal().settle().await.unwrap();
    let choice = Choice::Store(store.clone());
    let running = Resumable::find(&choice, "last").await.unwrap_err();
    assert_eq!(running.kind(), Kind::InvalidState);
    assert!(running.message().contains("is running"), "{running}");
    drop(session);
    let both = [
        Resumable::find(&choice, "last").await.unwrap(),
        Resumable::find(&choice, "last").await.unwrap(),
    ];
    let mut sessions = Vec::new();
    for found in both {
        let past = found.read(Doubt::Stop).await.unwrap();
        let redact = Redact::default();
        let clock = Arc::new(SystemClock);
        sessions.push(
            past.begin(
                "",
                &[],
                Choices::default(),
                redact,
                Durability::Process,
                clock,
            )
            .unwrap(),
        );
    }
    sessions[0].claim().await.unwrap();
    let late = sessions[1].claim().await.unwrap_err();
    assert_eq!(late.kind(), Kind::Conflict);
    let missing = Resumable::find(&choice, "nowhere").await.unwrap_err();
    assert_eq!(missing.kind(), Kind::NotFound);
}

#[tokio::test]
async fn a_run_whose_calls_have_other_names_is_not_resumed() {
    let store = memory();
    let (op, _) = counted("read", Effect::Read, |_| Ok(Value::Null));
    let (session, cx) = begun(&store);
    cx.call(&op, number(1)).await.unwrap();
    session.journal().settle().await.unwrap();
    let key = format!("session/{}", session.id());
    drop(session);
    let mut meta: serde_json::Value =
        serde_json::from_slice(&store.get(key.as_bytes()).await.unwrap().unwrap()).unwrap();
    // Versions before the number was recorded.
    meta.as_object_mut().unwrap().remove("ids");
    let batch = Batch::new().put(key, serde_json::to_vec(&meta).unwrap());
    store.apply(batch).await.unwrap();
    let choice = Choice::Store(store.clone());
    let refused = Resumable::find(&choice, "last").await.unwrap_err();
    assert_eq!(refused.kind(), Kind::InvalidState);
    assert!(
        refused.message().contains("names calls otherwise"),
        "{refused}"
    );
}
