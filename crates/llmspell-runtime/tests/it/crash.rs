//! Runs that are killed at random points.
//!
//! This test program starts itself again as the run.

use std::sync::Arc;

use llmspell_core::{CallId, Cx, Effect, Random as _, Result, Value};
use llmspell_runtime::host::SystemRandom;
use llmspell_runtime::journal::{Journal, Reader};
use llmspell_runtime::session::{Choice, Filter, Options, Sessions, Status};
use llmspell_store::Durability;

use crate::journal::begin;
use crate::killed::{STORE, killed_after, say};
use crate::world::op;

const RUNS: usize = 200;

/// Makes calls without end, and prints the id of each once it has returned.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the run that is killed"]
async fn run_without_end() {
    let Ok(url) = std::env::var(STORE) else {
        return;
    };
    let (session, cx) = begin(Options {
        store: Choice::Url(url),
        ..Options::new("spell.lua", "", "lua")
    });
    say(&format!("session {}", session.id()));
    let tasks = (0..4).map(|task| tokio::spawn(agent(session.journal(), cx.clone(), task)));
    futures::future::join_all(tasks).await;
}

async fn agent(journal: Arc<Journal>, cx: Cx, task: i64) -> Result<()> {
    let effects = [Effect::Read, Effect::Idempotent, Effect::Once];
    for turn in 0.. {
        let effect = effects[(turn % 3) as usize];
        let inner = Arc::new(op("call", effect, |cx: Cx, args: Value| async move {
            Ok(Value::from([
                ("id", cx.id().to_string().into()),
                ("back", args),
            ]))
        }));
        let within = journal.clone();
        let scope = Arc::new(op(
            "agent.execute",
            Effect::Scope,
            move |cx, args: Value| {
                let (inner, journal) = (inner.clone(), within.clone());
                async move {
                    let answer = cx.call(&inner, args).await?;
                    // As a script's output does.
                    if effect == Effect::Read {
                        journal.settle().await?;
                    }
                    say(answer.get("id").and_then(Value::as_str).unwrap_or("no id"));
                    Ok(Value::from(cx.id().to_string()))
                }
            },
        ));
        let args = Value::from([
            ("task", task.into()),
            ("turn", turn.into()),
            (
                "text",
                format!("{task} {turn} ").repeat(turn as usize % 200).into(),
            ),
        ]);
        let id = cx.call(&scope, args).await?;
        journal.settle().await?;
        say(id.as_str().unwrap_or("no id"));
    }
    Ok(())
}

#[tokio::test]
async fn what_was_acknowledged_survives_the_death_of_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}/sessions.db", folder.path().display());
    let random = SystemRandom::default();
    let mut acknowledged = 0;
    let mut recorded = 0;
    for _ in 0..RUNS {
        let said = killed_after(
            "crash::run_without_end",
            "session ",
            &url,
            1 + random.next() % 120,
        );
        let session = said
            .iter()
            .find_map(|line| line.strip_prefix("session "))
            .unwrap();
        let ids = said.iter().filter_map(|line| CallId::parse(line));
        let store = llmspell_store::open(&url, Durability::Process).unwrap();
        let reader = Reader::new(store.clone());
        let entries = reader.entries(session).await.unwrap();
        recorded += usize::from(!entries.is_empty());
        let ended: std::collections::HashMap<_, _> = entries
            .iter()
            .filter_map(|entry| Some((entry.id, entry.result.as_deref()?)))
            .collect();
        for id in ids {
            let result = ended
                .get(&id)
                .unwrap_or_else(|| panic!("call {id} of {session} is lost"));
            reader.value(result).await.unwrap();
            acknowledged += 1;
        }
        // Whatever was begun can be shown with all its parts.
        for entry in &entries {
            for stored in [&entry.args, &entry.result].into_iter().flatten() {
                reader.value(stored).await.unwrap();
            }
        }
        store.close().await.unwrap();
    }
    assert!(
        acknowledged > RUNS * 10,
        "only {acknowledged} calls were made"
    );
    let sessions = Sessions::open(&Choice::Url(url)).await.unwrap();
    let found = sessions.list(&Filter::default()).await.unwrap();
    assert_eq!(found.len(), recorded);
    assert!(
        found
            .iter()
            .all(|summary| summary.status == Status::Interrupted)
    );
    let shown = sessions.show("last").await.unwrap();
    assert!(shown.calls.iter().all(|call| call.op == "agent.execute"));
    sessions.close().await.unwrap();
}
