use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use llmspell_core::{Error, Kind};
use serde_json::{Value as Json, json};

use super::*;
use crate::test_site::Site;
use crate::test_world::{Heard, Place, call_on, fails};

const PAGE: &str = "<html><body><h1>Prices</h1><ul id=list><li>Tea   2</li><li>Coffee 3</li></ul>\
    <p class=clock>12:34:56</p><script>var x = 1</script></body></html>";

/// A site whose `/page` never changes, whose `/count` does each time, and whose `/tagged` has an ETag.
async fn site() -> Site {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = move || async move {
        Html(format!(
            "<p>fixed</p><p>visit {}</p>",
            count.fetch_add(1, Ordering::SeqCst)
        ))
    };
    let tagged = |headers: HeaderMap| async move {
        match headers
            .get("if-none-match")
            .is_some_and(|tag| tag == "\"7\"")
        {
            true => StatusCode::NOT_MODIFIED.into_response(),
            false => ([("etag", "\"7\"")], Html("<p>tagged")).into_response(),
        }
    };
    let routes = Router::new()
        .route("/page", get(|| async { Html(PAGE) }))
        .route("/count", get(counted))
        .route("/tagged", get(tagged))
        .route("/text", get(|| async { "one\ntwo" }))
        .route("/gone", get(|| async { StatusCode::GONE }));
    Site::new(routes).await
}

fn world() -> Cx {
    Place::default().network().cx()
}

async fn checked(args: Json) -> Json {
    match call_on(&world(), op(), args.clone()).await {
        Ok(outcome) => outcome.data.to_serde_json(),
        Err(error) => panic!("{args}: {error:?}"),
    }
}

async fn failed(args: Json) -> Error {
    call_on(&world(), op(), args).await.unwrap_err()
}

#[tokio::test]
async fn the_first_check_has_nothing_to_compare_with() {
    let site = site().await;
    for operation in ["check", "monitor", "check_changes"] {
        let args = json!({"input": site.url("/page"), "operation": operation});
        let outcome = call_on(&world(), op(), args).await.unwrap();
        let data = outcome.data.to_serde_json();
        let expected = json!({
            "url": site.url("/page"), "current_content": "Prices\nTea 2\nCoffee 3\n12:34:56", "hash": data["hash"],
            "has_changes": false, "first_check": true, "changes": [], "change_count": 0, "change_percentage": 0.0,
            "diff": null, "previous_content": null, "previous_hash": null, "selector_used": null,
            "ignore_whitespace": true, "checked_at": "2026-01-02T03:04:05Z",
        });
        assert_eq!(data, expected);
        assert_eq!(data["hash"].as_str().unwrap().len(), 64);
        assert_eq!(outcome.primary(), &false.into());
        assert_eq!(
            outcome.metadata["message"],
            "No previous content to compare".into()
        );
        assert_eq!(outcome.metadata["status_code"], 200.into());
    }
}

#[tokio::test]
async fn a_page_that_another_tool_kept_is_read_afresh() {
    let (site, cx) = (site().await, world());
    let scrape = json!({"input": site.url("/count"), "cache_ttl_s": 600});
    let scraper = crate::web::web_scraper::op;
    call_on(&cx, scraper(), scrape).await.unwrap();
    let check = json!({"input": site.url("/count"), "previous_content": "fixed\nvisit 0"});
    let outcome = call_on(&cx, op(), check).await.unwrap();
    assert_eq!(outcome.primary(), &true.into());
    assert_eq!(outcome.metadata.get("cached"), None);
}

#[tokio::test]
async fn changed_lines_are_listed() {
    let site = site().await;
    let previous = "Prices\nTea 1\nCoffee  3\nCake 4\n12:34:56";
    let data = checked(json!({"url": site.url("/page"), "previous_content": previous})).await;
    assert_eq!(
        (&data["has_changes"], &data["first_check"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(
        data["changes"],
        json!([
            {"type": "modification", "old_line": 2, "new_line": 2, "old_content": "Tea 1", "new_content": "Tea 2",
             "content": "Tea 2", "group": 1},
            {"type": "deletion", "old_line": 4, "new_line": null, "old_content": "Cake 4", "new_content": null,
             "content": "Cake 4", "group": 2},
        ])
    );
    assert_eq!(
        (&data["change_count"], &data["change_percentage"]),
        (&json!(2), &json!(33.33))
    );
    assert!(data["diff"].as_str().unwrap().contains("-Tea 1\n+Tea 2\n"));
    assert_eq!(data["previous_content"], previous);
    assert_ne!(data["previous_hash"], data["hash"]);
}

#[tokio::test]
async fn what_is_ignored_is_no_change() {
    let site = site().await;
    let previous = "Prices\nTea 2\nCoffee 3\n01:02:03";
    let of = |mut args: Json| {
        args["input"] = site.url("/page").into();
        args["previous_content"] = previous.into();
        checked(args)
    };
    assert_eq!(of(json!({})).await["has_changes"], true);
    let pattern = json!({"ignore_patterns": "\\d\\d:\\d\\d:\\d\\d"});
    assert_eq!(of(pattern).await["has_changes"], false);
    let selector = of(json!({"ignore_selectors": [".clock"]})).await;
    assert_eq!(selector["changes"][0]["type"], "deletion");
    let small = of(json!({"change_threshold": 50})).await;
    assert_eq!(
        (&small["has_changes"], &small["change_count"]),
        (&json!(false), &json!(1))
    );
    assert_eq!(of(json!({"threshold": 20})).await["has_changes"], true);
    let part = checked(json!({"input": site.url("/page"), "selector": "#list li", "previous_content": "Tea 2\nCoffee 3"})).await;
    assert_eq!(
        (&part["has_changes"], &part["selector_used"]),
        (&json!(false), &json!("#list li"))
    );
    let strict = json!({"input": site.url("/text"), "previous_content": "one \ntwo", "ignore_whitespace": false});
    assert_eq!(checked(strict).await["has_changes"], true);
}

#[tokio::test]
async fn a_hash_tells_whether_but_not_what() {
    let site = site().await;
    let first = checked(json!({"input": site.url("/page")})).await;
    let same = checked(json!({"input": site.url("/page"), "previous_hash": first["hash"]})).await;
    assert_eq!(
        (&same["has_changes"], &same["first_check"]),
        (&json!(false), &json!(false))
    );
    let other = checked(json!({"input": site.url("/count"), "previous_hash": first["hash"]})).await;
    assert_eq!(
        (&other["has_changes"], &other["changes"]),
        (&json!(true), &json!([]))
    );
    assert_eq!(other["previous_hash"], first["hash"]);
}

#[tokio::test]
async fn failures_say_what_is_wrong() {
    let site = site().await;
    let missing = failed(json!({"input": site.url("/page"), "selector": ".none"})).await;
    assert_eq!(missing.kind(), Kind::NotFound);
    assert_eq!(
        missing.message(),
        "selector '.none' finds nothing: no element of the page fits it"
    );
    let text = failed(json!({"input": site.url("/text"), "selector": "p"})).await;
    assert_eq!(text.kind(), Kind::NotFound);
    for (name, value) in [
        ("selector", json!("p[")),
        ("ignore_selectors", json!(["p["])),
        ("ignore_patterns", json!(["("])),
    ] {
        let error = failed(json!({"input": site.url("/page"), name: value})).await;
        assert_eq!(error.kind(), Kind::InvalidArgs, "{name}");
    }
    let gone = failed(json!({"input": site.url("/gone")})).await;
    assert_eq!(
        (gone.kind(), gone.details().get("status")),
        (Kind::Remote, Some(&410.into()))
    );
}

#[test]
fn wrong_parameters_are_refused() {
    assert_eq!(
        fails(op(), json!({})).message(),
        "Missing required parameter 'input' for webpage_monitor operation 'check'"
    );
    for operation in ["poll", "stop"] {
        assert!(fails(op(), json!({"operation": operation})).is_misshapen());
        let error = fails(
            op(),
            json!({"operation": operation, "monitor_id": "monitor-9"}),
        );
        assert_eq!(error.kind(), Kind::NotFound);
    }
    assert!(
        fails(
            op(),
            json!({"operation": "start", "input": "http://a.example"})
        )
        .is_misshapen()
    );
    let unknown = fails(op(), json!({"input": "http://a.example", "ignore": 1}));
    assert!(
        unknown.message().contains("unknown parameter 'ignore'"),
        "{unknown:?}"
    );
    let often = fails(
        op(),
        json!({"operation": "start", "input": "http://a.example", "interval_s": 9}),
    );
    assert_eq!(often.kind(), Kind::InvalidArgs);
    let threshold = fails(
        op(),
        json!({"input": "http://a.example", "change_threshold": 101}),
    );
    assert_eq!(threshold.kind(), Kind::InvalidArgs);
    assert_eq!(
        fails(op(), json!({"input": "http://a.example"})).kind(),
        Kind::Denied
    );
}

/// Calls on one context share its monitors. The clock of the test world never waits, so a monitor looks as often as the
/// network lets it.
async fn on(cx: &Cx, args: Json) -> Json {
    call_on(cx, op(), args).await.unwrap().data.to_serde_json()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_monitor_is_started_polled_listed_and_stopped() {
    let site = site().await;
    let cx = world();
    let started = on(
        &cx,
        json!({"operation": "start", "input": site.url("/count"), "check_interval": 10}),
    )
    .await;
    let id = started["monitor_id"].as_str().unwrap().to_owned();
    assert_eq!(
        (&started["url"], &started["interval_s"]),
        (&json!(site.url("/count")), &json!(10))
    );
    let mut changes = Vec::new();
    let mut checks = 0;
    while changes.len() < 2 {
        let polled = on(&cx, json!({"operation": "poll", "monitor_id": id})).await;
        changes.extend(polled["changes"].as_array().unwrap().clone());
        checks = polled["checks"].as_u64().unwrap();
        tokio::task::yield_now().await;
    }
    assert!(checks >= 3);
    assert_eq!(changes[0]["old_content"], "visit 0");
    assert_eq!(changes[0]["new_content"], "visit 1");
    assert_eq!(changes[1]["old_content"], "visit 1");
    assert_eq!(changes[0]["checked_at"], "2026-01-02T03:04:05Z");
    let listed = on(&cx, json!({"operation": "list"})).await;
    assert_eq!(listed["monitors"][0]["monitor_id"], json!(id));
    let stopped = on(&cx, json!({"operation": "stop", "id": id})).await;
    assert_eq!(stopped, json!({"monitor_id": id, "stopped": true}));
    assert_eq!(
        on(&cx, json!({"operation": "list"})).await,
        json!({"monitors": []})
    );
    let again = call_on(&cx, op(), json!({"operation": "stop", "monitor_id": id}))
        .await
        .unwrap_err();
    assert_eq!(again.kind(), Kind::NotFound);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_says_nothing_changed_is_believed() {
    let site = site().await;
    let cx = world();
    on(
        &cx,
        json!({"operation": "start", "input": site.url("/tagged"), "interval_s": 10}),
    )
    .await;
    while site.heard().len() < 3 {
        tokio::task::yield_now().await;
    }
    let polled = on(&cx, json!({"operation": "poll", "monitor_id": "monitor-1"})).await;
    assert_eq!(
        (&polled["changes"], &polled["failure"]),
        (&json!([]), &Json::Null)
    );
    assert_eq!(site.last().header("if-none-match"), "\"7\"");
    on(&cx, json!({"operation": "stop", "monitor_id": "monitor-1"})).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_goes_away_is_told_of() {
    let broken = Arc::new(AtomicUsize::new(0));
    let page = move || async move {
        match broken.fetch_add(1, Ordering::SeqCst) {
            0 => Html("<p>here").into_response(),
            _ => StatusCode::NOT_FOUND.into_response(),
        }
    };
    let site = Site::new(Router::new().route("/", get(page))).await;
    let cx = world();
    on(
        &cx,
        json!({"operation": "start", "input": site.url("/"), "interval_s": 10, "retry": false}),
    )
    .await;
    loop {
        let polled = on(&cx, json!({"operation": "poll", "monitor_id": "monitor-1"})).await;
        if let Some(failure) = polled["failure"].as_str() {
            assert!(failure.ends_with("answered 404 Not Found"), "{failure}");
            break;
        }
        tokio::task::yield_now().await;
    }
    on(&cx, json!({"operation": "stop", "monitor_id": "monitor-1"})).await;
}

#[tokio::test]
async fn a_check_compares_with_what_it_kept() {
    let site = site().await;
    let cx = Place::default().network().state().cx();
    let args = json!({"input": site.url("/count"), "store": "true"});
    let first = on(&cx, args.clone()).await;
    assert_eq!(
        (&first["first_check"], &first["has_changes"]),
        (&json!(true), &json!(false))
    );
    let second = on(&cx, args.clone()).await;
    assert_eq!(
        (&second["first_check"], &second["has_changes"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(second["previous_content"], first["current_content"]);
    assert_eq!(second["previous_hash"], first["hash"]);
    assert_eq!(second["changes"][0]["old_content"], "visit 0");
    let other = on(
        &cx,
        json!({"input": site.url("/count"), "store": true, "selector": "p"}),
    )
    .await;
    assert_eq!(other["first_check"], true);
    let forget = json!({"operation": "forget", "input": site.url("/count")});
    assert_eq!(on(&cx, forget.clone()).await, json!({"forgotten": true}));
    assert_eq!(on(&cx, forget).await, json!({"forgotten": false}));
    assert_eq!(on(&cx, args).await["first_check"], true);
}

#[tokio::test]
async fn small_changes_add_up_to_one_that_counts() {
    let site = site().await;
    let cx = Place::default().network().state().cx();
    let args = json!({"input": site.url("/count"), "store": "visits", "change_threshold": 60});
    on(&cx, args.clone()).await;
    for _ in 0..2 {
        let data = on(&cx, args.clone()).await;
        assert_eq!(
            (&data["has_changes"], &data["change_count"]),
            (&json!(false), &json!(1))
        );
        assert_eq!(data["previous_content"], "fixed\nvisit 0");
    }
    let forget = json!({"operation": "reset", "store": "visits"});
    assert_eq!(on(&cx, forget).await["forgotten"], true);
}

#[tokio::test]
async fn a_kept_version_is_asked_about() {
    let site = site().await;
    let cx = Place::default().network().state().cx();
    let args = json!({"input": site.url("/tagged"), "store": "page"});
    on(&cx, args.clone()).await;
    let data = on(&cx, args.clone()).await;
    assert_eq!(site.last().header("if-none-match"), "\"7\"");
    assert_eq!(
        (&data["has_changes"], &data["first_check"]),
        (&json!(false), &json!(false))
    );
    assert_eq!(data["current_content"], "tagged");
    // What the server says of the whole page says nothing of a part of it.
    let part = json!({"input": site.url("/tagged"), "store": "page", "selector": "p"});
    assert_eq!(on(&cx, part).await["has_changes"], false);
    assert_eq!(site.last().header("if-none-match"), "");
}

#[tokio::test]
async fn keeping_needs_state_and_a_key() {
    let site = site().await;
    let args = json!({"input": site.url("/page"), "store": true});
    assert_eq!(failed(args).await.kind(), Kind::Unavailable);
    let cx = Place::default().network().state().cx();
    for (args, parameter) in [
        (json!({"input": site.url("/page"), "store": "a//b"}), "key"),
        (json!({"operation": "forget"}), "input"),
    ] {
        let error = call_on(&cx, op(), args).await.unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidArgs);
        assert_eq!(error.details()["parameter"], parameter.into());
    }
}

#[tokio::test]
async fn a_check_publishes_when_asked() {
    let site = site().await;
    let heard = Heard::of("**");
    let cx = Place::default().network().bus(&heard).cx();
    let check = |mut args: Json| {
        args["input"] = site.url("/page").into();
        on(&cx, args)
    };
    let old = "Prices\nTea 1\nCoffee 3\n12:34:56";
    check(json!({"previous_content": old})).await;
    check(json!({"previous_content": old, "publish": "p", "alert_on_change": false})).await;
    check(json!({"publish": "p"})).await;
    assert_eq!(heard.waiting(), None);
    let data = check(json!({"previous_content": old, "publish": "price.changed"})).await;
    let (kind, source, facts) = heard.waiting().unwrap();
    assert_eq!((&*kind, &*source), ("price.changed", TOOL));
    assert_eq!(
        facts,
        json!({
            "url": site.url("/page"), "selector": null, "hash": data["hash"], "previous_hash": data["previous_hash"],
            "change_count": 1, "changes": data["changes"], "change_percentage": data["change_percentage"],
            "checked_at": "2026-01-02T03:04:05Z",
        })
    );
    check(json!({"previous_content": old, "alert_on_change": true})).await;
    assert_eq!(heard.waiting().unwrap().0, "webpage.changed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_monitor_publishes_unasked() {
    let site = site().await;
    let heard = Heard::of("webpage.*");
    let cx = Place::default().network().bus(&heard).cx();
    on(
        &cx,
        json!({"operation": "start", "input": site.url("/count"), "interval_s": 10}),
    )
    .await;
    let (kind, _, facts) = heard.next().await;
    assert_eq!(
        (&*kind, &facts["monitor_id"]),
        ("webpage.changed", &json!("monitor-1"))
    );
    assert_eq!(facts["changes"][0]["new_content"], "visit 1");
    on(&cx, json!({"operation": "stop", "monitor_id": "monitor-1"})).await;
}
