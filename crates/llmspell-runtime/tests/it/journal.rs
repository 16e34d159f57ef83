//! What is written about calls, and what can be read back.

use std::sync::Arc;

use llmspell_core::{CallId, Cx, Effect, Handle, Kind, Map, Op, Value, error};
use llmspell_runtime::host::SystemClock;
use llmspell_runtime::journal::{Reader, Redact};
use llmspell_runtime::layer;
use llmspell_runtime::session::{Choice, Options, Session, Sessions, Status};
use llmspell_store::{Batch, Durability, Store};
use proptest::prelude::*;

use crate::world::{echo, model, op, plain};

pub(crate) fn memory() -> Arc<dyn Store> {
    llmspell_store::open("memory:", Durability::Process).unwrap()
}

pub(crate) fn options(store: &Arc<dyn Store>) -> Options {
    Options {
        store: Choice::Store(store.clone()),
        ..Options::new("spell.lua", "return 1", "lua")
    }
}

pub(crate) fn begin(options: Options) -> (Session, Cx) {
    let session = Session::begin(options, Arc::new(SystemClock)).unwrap();
    let layers = layer::Options {
        journal: session.journal(),
        ..layer::Options::default()
    };
    (session, plain(layers))
}

async fn lines(store: &Arc<dyn Store>, session: &str) -> Vec<String> {
    let page = store
        .read_log(&format!("journal/{session}"), 0, 1000)
        .await
        .unwrap();
    page.into_iter()
        .map(|entry| String::from_utf8(entry.bytes).unwrap())
        .collect()
}

/// Replaces ids and times, which differ.
fn masked(lines: &[String]) -> String {
    let ids = regex::Regex::new(r#""(id|parent)":"[0-9a-f]{32}""#).unwrap();
    let times = regex::Regex::new(r#""(at|took_us)":\d+"#).unwrap();
    let text = lines.join("\n");
    let text = ids.replace_all(&text, "\"$1\":\"…\"");
    times.replace_all(&text, "\"$1\":0").into_owned()
}

#[tokio::test]
async fn each_effect_has_its_entries() {
    let store = memory();
    let (session, cx) = begin(options(&store));
    for (name, effect) in [
        ("pure", Effect::Pure),
        ("read", Effect::Read),
        ("idempotent", Effect::Idempotent),
        ("keyed", Effect::Keyed),
        ("once", Effect::Once),
        ("scope", Effect::Scope),
    ] {
        cx.call(&echo(name, effect), Value::from([("a", 1.into())]))
            .await
            .unwrap();
    }
    let fails = Arc::new(op("fails", Effect::Read, |_, _| async {
        Err(error!(NotFound, "no file 'x'").hint("look elsewhere"))
    }));
    cx.call(&fails, Map::new().into()).await.unwrap_err();
    insta::assert_snapshot!(masked(&lines(&store, session.id()).await), @r#"
    {"v":1,"kind":"call","op":"read","id":"…","effect":"read","at":0,"took_us":0,"args":{"a":1},"result":{"a":1}}
    {"v":1,"kind":"begin","op":"idempotent","id":"…","effect":"idempotent","at":0,"args":{"a":1}}
    {"v":1,"kind":"end","id":"…","at":0,"took_us":0,"result":{"a":1}}
    {"v":1,"kind":"begin","op":"keyed","id":"…","effect":"keyed","at":0,"args":{"a":1}}
    {"v":1,"kind":"end","id":"…","at":0,"took_us":0,"result":{"a":1}}
    {"v":1,"kind":"begin","op":"once","id":"…","effect":"once","at":0,"args":{"a":1}}
    {"v":1,"kind":"end","id":"…","at":0,"took_us":0,"result":{"a":1}}
    {"v":1,"kind":"begin","op":"scope","id":"…","effect":"scope","at":0,"args":{"a":1}}
    {"v":1,"kind":"end","id":"…","at":0,"took_us":0,"result":{"a":1}}
    {"v":1,"kind":"call","op":"fails","id":"…","effect":"read","at":0,"took_us":0,"args":{},"error":{"kind":"not_found","message":"no file 'x'","op":"fails","hints":["look elsewhere"],"details":{}}}
    "#);
}

#[tokio::test]
async fn ids_come_from_content_and_not_from_order() {
    let ids = |order: Vec<i64>| async move {
        let store = memory();
        let (session, cx) = begin(options(&store));
        let read = echo("read", Effect::Read);
        for number in order {
            cx.call(&read, Value::from([("n", number.into())]))
                .await
                .unwrap();
        }
        let entries = Reader::new(store.clone())
            .entries(session.id())
            .await
            .unwrap();
        let mut ids: Vec<CallId> = entries.iter().map(|entry| entry.id).collect();
        ids.sort();
        ids
    };
    let there = ids(vec![1, 2, 2, 3]).await;
    assert_eq!(there, ids(vec![2, 3, 2, 1]).await);
    assert_ne!(there, ids(vec![1, 2, 3, 3]).await);
    let first = CallId::derive(CallId::ROOT, "read", "{\"n\":1}", 0);
    assert!(there.contains(&first));
}

#[tokio::test]
async fn an_intent_is_stored_before_the_body_begins() {
    let store = memory();
    let (session, cx) = begin(options(&store));
    let (inner, id) = (store.clone(), session.id().to_owned());
    let once = Arc::new(op("send", Effect::Once, move |cx, _| {
        let (store, id) = (inner.clone(), id.clone());
        async move {
            let entries = Reader::new(store).entries(&id).await?;
            let intended = entries.iter().any(|entry| entry.id == cx.id());
            Ok(Value::from(intended))
        }
    }));
    assert_eq!(
        cx.call(&once, Map::new().into()).await.unwrap(),
        Value::from(true)
    );
}

#[tokio::test]
async fn a_call_whose_caller_went_away_is_given_up_and_an_effect_stays_in_doubt() {
    let store = memory();
    let (session, cx) = begin(options(&store));
    for effect in [Effect::Read, Effect::Once] {
        let stuck = Arc::new(op("stuck", effect, |_, _| std::future::pending()));
        let mut call = Box::pin(cx.call(&stuck, Value::from([("n", 1.into())])));
        // Memory acknowledges at once; the body begins within a few polls.
        for _ in 0..10 {
            assert!(futures::poll!(&mut call).is_pending());
        }
    }
    insta::assert_snapshot!(masked(&lines(&store, session.id()).await), @r#"
    {"v":1,"kind":"begin","op":"stuck","id":"…","effect":"once","at":0,"args":{"n":1}}
    {"v":1,"kind":"gone","id":"…","at":0,"took_us":0}
    "#);
}

#[tokio::test]
async fn a_panic_is_recorded_as_such() {
    let store = memory();
    let (session, cx) = begin(options(&store));
    let panics = Arc::new(op("panics", Effect::Once, |_, _| async { panic!("oh") }));
    let error = cx.call(&panics, Map::new().into()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Bug);
    let lines = lines(&store, session.id()).await;
    assert!(
        lines[1].contains("\"kind\":\"end\"") && lines[1].contains("\"kind\":\"bug\""),
        "{lines:?}"
    );
}

#[tokio::test]
async fn a_store_that_cannot_be_opened_is_an_error_of_the_first_call() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "no folder").unwrap();
    let (session, cx) = begin(Options {
        store: Choice::Url(format!("sqlite:{}/below/x.db", file.display())),
        ..Options::new("spell.lua", "", "lua")
    });
    cx.call(&echo("pure", Effect::Pure), Map::new().into())
        .await
        .unwrap();
    let never = Arc::new(op("send", Effect::Once, |_, _| async {
        panic!("it happened")
    }));
    for _ in 0..2 {
        let error = cx.call(&never, Map::new().into()).await.unwrap_err();
        assert!(matches!(error.kind(), Kind::Io | Kind::Config), "{error:?}");
        assert!(
            error
                .hints()
                .iter()
                .any(|hint| hint.contains("--ephemeral")),
            "{error:?}"
        );
    }
    session
        .finish(Status::Failed, Ok(&Value::Null))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_run_without_a_call_worth_recording_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sessions.db");
    let choice = Choice::Url(format!("sqlite:{}", file.display()));
    let (session, cx) = begin(Options {
        store: choice.clone(),
        ..Options::new("spell.lua", "", "lua")
    });
    cx.call(&echo("pure", Effect::Pure), Map::new().into())
        .await
        .unwrap();
    assert!(!session.is_recorded());
    session
        .finish(Status::Completed, Ok(&Value::Null))
        .await
        .unwrap();
    assert!(
        Sessions::open(&choice)
            .await
            .unwrap()
            .list(&Default::default())
            .await
            .unwrap()
            .is_empty()
    );
    assert!(!file.exists());
}

#[tokio::test]
async fn no_form_of_a_secret_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sessions.db");
    let secret = "sk-live-0123456789abcdef\"q";
    let (session, cx) = begin(Options {
        store: Choice::Url(format!("sqlite:{}", file.display())),
        name: Some(format!("name {secret}")),
        args: vec![format!("--key={secret}")],
        redact: Redact::new([("OPENAI_API_KEY", secret)]),
        ..Options::new("spell.lua", "", "lua")
    });
    let id = session.id().to_owned();
    let long = format!("{} {secret} {}", "a".repeat(5000), "b".repeat(5000));
    let args = Value::from([
        ("short", secret.into()),
        ("long", long.clone().into()),
        (secret, 1.into()),
        ("bytes", Value::Bytes(long.clone().into_bytes())),
        (
            "deep",
            vec![Value::from([(
                "json",
                format!("{{\\\"k\\\":\\\"{}\\\"}}", secret.replace('"', "\\\"")).into(),
            )])]
            .into(),
        ),
    ]);
    let read = echo("read", Effect::Once);
    cx.call(&read, args.clone()).await.unwrap();
    let fails = Arc::new(op("fails", Effect::Read, |_, args: Value| async move {
        let text = args
            .get("short")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        Err(error!(Auth, "refused {text}").with("key", text))
    }));
    cx.call(&fails, args).await.unwrap_err();
    session
        .finish(Status::Completed, Ok(&Value::from(secret)))
        .await
        .unwrap();
    let bytes = std::fs::read(&file).unwrap();
    let stored = String::from_utf8_lossy(&bytes);
    assert!(!stored.contains("0123456789abcdef"));
    assert!(stored.contains("[redacted:OPENAI_API_KEY]"));
    let choice = Choice::Url(format!("sqlite:{}", file.display()));
    let sessions = Sessions::open(&choice).await.unwrap();
    let reader = sessions.reader().unwrap();
    let entries = reader.entries(&id).await.unwrap();
    let args = reader
        .value(entries[0].args.as_deref().unwrap())
        .await
        .unwrap();
    assert_eq!(
        args.get("short"),
        Some(&Value::from("[redacted:OPENAI_API_KEY]"))
    );
}

#[tokio::test]
async fn damage_is_an_error_that_names_the_place() {
    let store = memory();
    let (session, cx) = begin(options(&store));
    let long = Value::from([("text", "x".repeat(1000).into())]);
    cx.call(&echo("read", Effect::Read), long).await.unwrap();
    let reader = Reader::new(store.clone());
    let entries = reader.entries(session.id()).await.unwrap();
    let stored = entries[0].args.clone().unwrap();
    let hash = llmspell_store::hash("x".repeat(1000).as_bytes());
    store.apply(Batch::new().delete_blob(hash)).await.unwrap();
    let error = reader.value(&stored).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Corrupt);
    store
        .apply(Batch::new().blob(hash, "another content"))
        .await
        .unwrap();
    assert_eq!(
        reader.value(&stored).await.unwrap_err().kind(),
        Kind::Corrupt
    );
    let log = format!("journal/{}", session.id());
    store
        .apply(Batch::new().append(log, "{\"v\":1,\"kind\":"))
        .await
        .unwrap();
    let error = reader.entries(session.id()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Corrupt);
    assert!(
        error.message().contains(session.id()) && error.message().contains("entry 2"),
        "{error}"
    );
}

#[tokio::test]
async fn usage_is_that_of_the_call_itself() {
    let store = memory();
    let (session, cx) = begin(options(&store));
    let inner = Arc::new(model());
    let agent = Arc::new(op("agent.execute", Effect::Scope, move |cx, args| {
        let inner = inner.clone();
        async move { cx.bounded(None, None).call(&inner, args).await }
    }));
    cx.call(
        &agent,
        Value::from([("input", 10.into()), ("output", 5.into())]),
    )
    .await
    .unwrap();
    let entries = Reader::new(store).entries(session.id()).await.unwrap();
    let with: Vec<_> = entries
        .iter()
        .filter(|entry| !entry.usage.is_empty())
        .collect();
    assert_eq!(with.len(), 1);
    assert_eq!(with[0].op, "model.complete");
    assert_eq!(with[0].usage.total_tokens(), Some(15));
    assert_eq!(with[0].usage.cost_usd, None);
    let totals = session.totals();
    assert_eq!(
        (totals.calls, totals.usage.total_tokens(), totals.unpriced),
        (2, Some(15), 1)
    );
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>()
            .prop_filter("equal to itself", |number| !number.is_nan())
            .prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        "[a-z\"\\\\]{150,400}".prop_map(Value::from),
        prop::collection::vec(any::<u8>(), 0..300).prop_map(Value::Bytes),
        "[a-z]{1,5}".prop_map(|id| Value::Handle(Handle::new("agent", &id, Map::new()))),
    ];
    let name = prop_oneof![
        "[a-z]{0,6}",
        Just("$map".to_owned()),
        Just("$ref".to_owned()),
        Just("$text".to_owned()),
        Just("$group".to_owned()),
        Just("$bytes".to_owned()),
    ];
    leaf.prop_recursive(6, 200, 40, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..40).prop_map(Value::List),
            prop::collection::vec((name.clone(), inner.clone()), 0..5)
                .prop_map(|members| Value::Map(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn every_value_comes_back(value in value()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let store = memory();
            let (session, cx) = begin(options(&store));
            let args = Value::from([("v", value.clone())]);
            cx.call(&echo("read", Effect::Read), args.clone()).await.unwrap();
            let reader = Reader::new(store);
            let entries = reader.entries(session.id()).await.unwrap();
            for stored in [&entries[0].args, &entries[0].result] {
                let back = reader.value(stored.as_deref().unwrap()).await.unwrap();
                prop_assert_eq!(&back, &args);
            }
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn long_texts_and_lists_come_back() {
    let store = memory();
    let (session, cx) = begin(options(&store));
    let text: String = "äöü€ ".repeat(400_000);
    let value = Value::from([
        ("text", text.clone().into()),
        ("bytes", Value::Bytes(text.into_bytes())),
        ("numbers", (0..20_000).map(Value::from).collect()),
        (
            "rows",
            (0..3_000)
                .map(|n: i64| Value::from([("n", n.into()), ("text", "row".into())]))
                .collect(),
        ),
        (
            "refs",
            (0..500)
                .map(|n: i64| Value::from(format!("{n}").repeat(100)))
                .collect(),
        ),
    ]);
    let once: Arc<Op> = echo("read", Effect::Once);
    cx.call(&once, value.clone()).await.unwrap();
    let reader = Reader::new(store.clone());
    let entries = reader.entries(session.id()).await.unwrap();
    assert_eq!(
        reader
            .value(entries[0].args.as_deref().unwrap())
            .await
            .unwrap(),
        value
    );
    assert_eq!(
        reader
            .value(entries[1].result.as_deref().unwrap())
            .await
            .unwrap(),
        value
    );
}

#[tokio::test]
async fn a_conversation_of_600_turns_comes_back_and_stays_small() {
    let store = memory();
    let (session, cx) = begin(options(&store));
    let read = Arc::new(op("model.complete", Effect::Read, |_, _| async {
        Ok(Value::Null)
    }));
    let mut messages = Vec::new();
    for turn in 0..600_i64 {
        let said = format!("message {turn} ").repeat(12);
        messages.push(Value::from([
            ("role", "user".into()),
            ("text", said.into()),
        ]));
        let args = Value::from([(
            "request",
            Value::from([("messages", messages.clone().into())]),
        )]);
        cx.call(&read, args).await.unwrap();
    }
    let reader = Reader::new(store.clone());
    let entries = reader.entries(session.id()).await.unwrap();
    for turn in [0, 1, 2, 17, 400, 499, 500, 501, 502, 503, 599] {
        let args = reader
            .value(entries[turn].args.as_deref().unwrap())
            .await
            .unwrap();
        let read = args
            .get("request")
            .and_then(|request| request.get("messages"))
            .unwrap();
        assert_eq!(read.as_list().unwrap(), &messages[..=turn], "turn {turn}");
    }
    // Each message is some 180 bytes; written anew on each turn they would be 30 MB.
    let bytes = store.size().await.unwrap();
    assert!(bytes < 1_000_000, "{bytes} bytes");
}
