//! Listing and showing sessions.

use std::sync::Arc;

use llmspell_core::{Effect, Handle, Kind, Map, ToolInfo, Value, error};
use llmspell_runtime::session::{CallState, Choice, Filter, Node, Options, Sessions, Status};
use llmspell_store::{Batch, Store};

use crate::journal::{begin, memory, options};
use crate::world::{echo, model, op};

async fn sessions(store: &Arc<dyn Store>) -> Sessions {
    Sessions::open(&Choice::Store(store.clone())).await.unwrap()
}

fn drawn(nodes: &[Node], depth: usize, out: &mut String) {
    for node in nodes {
        let label = node.label.as_deref().unwrap_or("-");
        let tokens = node
            .usage
            .total_tokens()
            .map_or("-".into(), |tokens| tokens.to_string());
        let error = node.error_kind.as_deref().unwrap_or("-");
        out.push_str(&format!(
            "{}{} [{label}] {:?} tokens {tokens} error {error}\n",
            "  ".repeat(depth),
            node.op,
            node.state
        ));
        drawn(&node.calls, depth + 1, out);
    }
}

#[tokio::test]
async fn a_session_is_shown_as_a_tree() {
    let store = memory();
    let (session, cx) = begin(Options {
        name: Some("weekly-report".into()),
        ..options(&store)
    });
    let model = Arc::new(model());
    let tool = Arc::new(
        op("calculator", Effect::Pure, |_, _| async {
            Err(error!(Execution, "division by zero"))
        })
        .tool(ToolInfo::new("utility")),
    );
    let agent = Arc::new(op("agent.execute", Effect::Scope, move |cx, _| {
        let (model, tool) = (model.clone(), tool.clone());
        async move {
            let ask = Value::from([
                ("target", "mock/echo".into()),
                ("input", 10.into()),
                ("output", 2.into()),
                ("long", "x".repeat(500).into()),
            ]);
            cx.call(&model, ask.clone()).await?;
            cx.call(&tool, Value::from([("operation", "evaluate".into())]))
                .await
                .ok();
            cx.call(&model, ask).await
        }
    }));
    let fields = [
        ("name".to_owned(), Value::from("researcher")),
        ("system".to_owned(), Value::from("be ".repeat(100))),
    ];
    let handle = Handle::new("agent", "agent-1", fields.into_iter().collect());
    cx.call(
        &agent,
        Value::from([("agent", handle.into()), ("input", "hi".into())]),
    )
    .await
    .unwrap();
    let once = echo("mail.send", Effect::Once);
    cx.call(&once, Map::new().into()).await.unwrap();
    let id = session.id().to_owned();
    let shown = sessions(&store).await.show(&id[..8]).await.unwrap();
    assert_eq!(shown.session.status, Status::Running);
    assert_eq!(shown.session.totals.calls, 5);
    session
        .finish(Status::Completed, Ok(&Value::from("fine")))
        .await
        .unwrap();

    let sessions = sessions(&store).await;
    let shown = sessions.show("weekly-report").await.unwrap();
    assert_eq!(shown.session.status, Status::Completed);
    assert_eq!(shown.session.short_id(), &id[..8]);
    assert_eq!(
        shown.session.result.as_ref().map(|raw| raw.get()),
        Some("\"fine\"")
    );
    let totals = shown.session.totals;
    assert_eq!((totals.calls, totals.failed, totals.unpriced), (5, 1, 2));
    assert_eq!(totals.usage.total_tokens(), Some(24));
    assert_eq!(totals.usage.cost_usd, None);
    let mut out = String::new();
    drawn(&shown.calls, 0, &mut out);
    insta::assert_snapshot!(out, @r"
    agent.execute [researcher] Done tokens - error -
      model.complete [mock/echo] Done tokens 12 error -
      tool:calculator [evaluate] Failed tokens - error execution
      model.complete [mock/echo] Done tokens 12 error -
    mail.send [-] Done tokens - error -
    ");
    assert_eq!(shown.all().len(), 5);
}

#[tokio::test]
async fn sessions_are_listed_newest_first_and_filtered() {
    let store = memory();
    let mut ids = Vec::new();
    for status in [Status::Completed, Status::Failed, Status::Suspended] {
        let (session, cx) = begin(options(&store));
        cx.call(&echo("read", Effect::Read), Map::new().into())
            .await
            .unwrap();
        ids.push(session.id().to_owned());
        let failure = error!(Script, "it broke");
        let outcome = match status {
            Status::Failed => Err(&failure),
            _ => Ok(&Value::Null),
        };
        session.finish(status, outcome).await.unwrap();
    }
    ids.reverse();
    let sessions = sessions(&store).await;
    let list = |filter: Filter| {
        let sessions = sessions.clone();
        async move {
            let found = sessions.list(&filter).await.unwrap();
            found
                .into_iter()
                .map(|summary| summary.id)
                .collect::<Vec<_>>()
        }
    };
    assert_eq!(list(Filter::default()).await, ids);
    let limit = Filter {
        limit: Some(2),
        ..Filter::default()
    };
    assert_eq!(list(limit).await, ids[..2]);
    let failed = Filter {
        status: Some(Status::Failed),
        ..Filter::default()
    };
    assert_eq!(list(failed).await, ids[1..2]);
    let all = sessions.list(&Filter::default()).await.unwrap();
    let since = Filter {
        since: Some(all[1].started_at),
        ..Filter::default()
    };
    assert_eq!(list(since).await, ids[..2]);
    assert_eq!(sessions.find("last").await.unwrap(), ids[0]);
    assert!(all[1].error.as_ref().unwrap().get().contains("it broke"));
}

#[tokio::test]
async fn sessions_are_found_by_unique_beginnings() {
    let store = memory();
    let empty = sessions(&store).await;
    assert_eq!(empty.find("last").await.unwrap_err().kind(), Kind::NotFound);
    let (session, cx) = begin(options(&store));
    cx.call(&echo("read", Effect::Read), Map::new().into())
        .await
        .unwrap();
    let found = sessions(&store).await;
    for text in [
        session.id(),
        &session.id()[..8],
        &session.id()[..11],
        "spell.lua",
    ] {
        assert_eq!(found.find(text).await.unwrap(), session.id(), "{text}");
    }
    for text in ["nothing", "ffff", "abc"] {
        if !session.id().starts_with(text) {
            assert_eq!(
                found.find(text).await.unwrap_err().kind(),
                Kind::NotFound,
                "{text}"
            );
        }
    }
    let twin = format!("session/{}-0000-0000-0000-000000000000", &session.id()[..8]);
    store.apply(Batch::new().put(twin, "{}")).await.unwrap();
    let error = found.find(&session.id()[..8]).await.unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidArgs);
    assert!(error.message().contains(session.id()), "{error}");
}

#[tokio::test]
async fn what_was_under_way_when_a_run_ended_is_interrupted_or_in_doubt() {
    let store = memory();
    let (session, cx) = begin(options(&store));
    let log = format!("journal/{}", session.id());
    let scope_id = "0".repeat(31) + "1";
    cx.call(&echo("read", Effect::Read), Map::new().into())
        .await
        .unwrap();
    // What a run that was killed leaves behind.
    for (id, effect, op) in [
        ("1", "scope", "agent.execute"),
        ("2", "once", "mail.send"),
        ("3", "idempotent", "file.write"),
    ] {
        let id = "0".repeat(31) + id;
        let parent = if id == scope_id {
            String::new()
        } else {
            format!("\"parent\":\"{scope_id}\",")
        };
        let line = format!(
            "{{\"v\":1,\"kind\":\"begin\",\"op\":\"{op}\",\"id\":\"{id}\",{parent}\"effect\":\"{effect}\",\"at\":1,\"args\":{{}}}}"
        );
        store
            .apply(Batch::new().append(log.as_str(), line))
            .await
            .unwrap();
    }
    let orphan = "{\"v\":1,\"kind\":\"call\",\"op\":\"late\",\"id\":\"00000000000000000000000000000009\",\"parent\":\"0000000000000000000000000000000a\",\"effect\":\"read\",\"at\":1,\"took_us\":1,\"args\":{},\"result\":null}";
    store
        .apply(Batch::new().append(log.as_str(), orphan))
        .await
        .unwrap();
    let id = session.id().to_owned();
    let running = sessions(&store).await.show(&id).await.unwrap();
    let states = |nodes: Vec<&Node>| -> Vec<(String, CallState)> {
        let mut all: Vec<_> = nodes
            .into_iter()
            .map(|node| (node.op.clone(), node.state))
            .collect();
        all.sort_by(|left, right| left.0.cmp(&right.0));
        all
    };
    assert!(states(running.all()).contains(&("mail.send".into(), CallState::Running)));
    drop(session);
    let shown = sessions(&store).await.show(&id).await.unwrap();
    assert_eq!(shown.session.status, Status::Interrupted);
    assert_eq!(
        states(shown.all()),
        [
            ("?".into(), CallState::Interrupted),
            ("agent.execute".into(), CallState::Interrupted),
            ("file.write".into(), CallState::Interrupted),
            ("late".into(), CallState::Done),
            ("mail.send".into(), CallState::InDoubt),
            ("read".into(), CallState::Done),
        ]
    );
    let filter = Filter {
        status: Some(Status::Interrupted),
        ..Filter::default()
    };
    assert_eq!(sessions(&store).await.list(&filter).await.unwrap().len(), 1);
}
