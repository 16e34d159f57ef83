use axum::Router;
use axum::http::StatusCode;
use axum::response::Redirect;
use axum::routing::{any, get, head};
use llmspell_core::{Kind, Outcome};
use serde_json::{Value as Json, json};

use super::*;
use crate::test_site::Site;
use crate::test_world::{Place, call, call_on, fails};

#[track_caller]
fn outcome(args: Json) -> Outcome {
    match call(op(), args.clone()) {
        Ok(outcome) => outcome,
        Err(error) => panic!("{args}: {error:?}"),
    }
}

#[track_caller]
fn data(args: Json) -> Json {
    outcome(args).data.to_serde_json()
}

#[track_caller]
fn output(args: Json) -> Json {
    outcome(args).primary().to_serde_json()
}

#[test]
fn analyze_takes_a_url_apart() {
    let url = "HTTPS://ann@Shop.Example.co.uk:8443/a/b%20c/report.PDF?q=1&q=2&x=a+b%26#top";
    let found = outcome(json!({"input": url}));
    assert_eq!(found.operation, "analyze");
    let expected = json!({
        "valid": true, "reason": null, "original": url,
        "normalized": "https://ann@shop.example.co.uk:8443/a/b%20c/report.PDF?q=1&q=2&x=a+b%26#top",
        "scheme": "https", "host": "shop.example.co.uk", "port": 8443, "effective_port": 8443,
        "path": "/a/b%20c/report.PDF", "segments": ["a", "b%20c", "report.PDF"],
        "query": "q=1&q=2&x=a+b%26", "fragment": "top",
        "query_params": {"q": "2", "x": "a b&"},
        "query_list": [{"name": "q", "value": "1"}, {"name": "q", "value": "2"}, {"name": "x", "value": "a b&"}],
        "host_details": {
            "type": "domain", "value": "shop.example.co.uk", "is_ip": false, "is_private": false,
            "punycode": "shop.example.co.uk", "unicode": "shop.example.co.uk",
            "registrable_domain": "example.co.uk", "subdomain": "shop", "suffix": "co.uk",
        },
        "username": "ann", "has_auth": true, "has_password": false, "file_extension": "pdf",
    });
    assert_eq!(found.data.to_serde_json(), expected);
    assert_eq!(found.primary(), found.data.get("normalized").unwrap());
}

#[test]
fn text_that_is_no_url_is_an_answer() {
    for (text, reason) in [
        ("no url", "relative URL without a base"),
        ("", "relative URL without a base"),
        ("http://", "empty host"),
        ("http://a:99999/", "invalid port number"),
        ("http://[::1", "invalid IPv6 address"),
    ] {
        let found = data(json!({"input": text, "operation": "validate"}));
        assert_eq!(found["valid"], false, "{text}");
        assert_eq!(found["reason"], reason, "{text}");
        assert_eq!(found["normalized"], Json::Null);
    }
}

#[test]
fn any_scheme_and_relative_urls() {
    let mail = data(json!({"input": "mailto:ann@example.com"}));
    assert_eq!(
        (&mail["valid"], &mail["scheme"]),
        (&json!(true), &json!("mailto"))
    );
    assert_eq!(mail["host"], Json::Null);
    let relative = data(json!({"input": "../c?x=1", "base": "https://a.example/a/b/"}));
    assert_eq!(relative["normalized"], "https://a.example/a/c?x=1");
    let base = fails(op(), json!({"input": "c", "base": "nowhere"}));
    assert_eq!(base.kind(), Kind::InvalidArgs);
    assert_eq!(
        base.message(),
        "parameter 'base' is not a URL: relative URL without a base"
    );
}

#[test]
fn a_usual_port_is_seen_if_it_is_written() {
    let port = |url: &str| {
        let found = data(json!({"url": url}));
        (found["port"].clone(), found["effective_port"].clone())
    };
    assert_eq!(port("https://a.example/"), (Json::Null, json!(443)));
    assert_eq!(port("https://a.example:443/"), (json!(443), json!(443)));
    assert_eq!(port("http://[::1]:80/"), (json!(80), json!(80)));
    assert_eq!(port("gopher://a.example/"), (Json::Null, Json::Null));
}

#[test]
fn hosts_have_details() {
    let host = |url: &str| data(json!({"input": url}))["host_details"].clone();
    for (url, kind, private) in [
        ("http://127.0.0.1/", "ipv4", true),
        ("http://0x7f.1/", "ipv4", true),
        ("http://8.8.8.8/", "ipv4", false),
        ("http://100.64.1.1/", "ipv4", true),
        ("http://[::1]/", "ipv6", true),
        ("http://[::ffff:10.0.0.1]/", "ipv6", true),
        ("http://[2606:4700::1111]/", "ipv6", false),
        ("http://localhost/", "domain", true),
        ("http://printer.local/", "domain", true),
    ] {
        let details = host(url);
        assert_eq!(details["type"], kind, "{url}");
        assert_eq!(details["is_private"], private, "{url}");
        assert_eq!(details["is_ip"], kind != "domain", "{url}");
    }
    let unicode = host("http://Bücher.example.com/");
    assert_eq!(unicode["punycode"], "xn--bcher-kva.example.com");
    assert_eq!(unicode["unicode"], "bücher.example.com");
    assert_eq!(unicode["registrable_domain"], "example.com");
    let suffix = host("http://co.uk/");
    assert_eq!(
        (&suffix["suffix"], &suffix["registrable_domain"]),
        (&json!("co.uk"), &Json::Null)
    );
    assert_eq!(host("http://localhost/")["suffix"], Json::Null);
}

#[test]
fn the_query_is_decoded_unless_that_is_not_wanted() {
    let raw = data(json!({"input": "http://a/?a=x+y%20z&flag&=v", "decode_params": false}));
    assert_eq!(
        raw["query_params"],
        json!({"a": "x+y%20z", "flag": "", "": "v"})
    );
    let decoded = data(json!({"input": "http://a/?a=x+y%20z&flag"}));
    assert_eq!(decoded["query_params"], json!({"a": "x y z", "flag": ""}));
}

#[test]
fn a_password_is_never_in_the_result() {
    for url in [
        "https://ann:s3cret@a.example/x",
        "https:ann:s3cret@a.example/x",
        "https:\\\\ann:s3cret@a.example\\x",
        "ht\ntps://ann:s3cret@a.example/x",
        "https://ann:s3cret@a.example:x/",
        "https://ann:s3c@ret@s3cret@a.example/",
    ] {
        for args in [
            json!({"input": url}),
            json!({"input": url, "operation": "normalize"}),
            json!({"input": url, "operation": "join", "with": "y"}),
            json!({"input": url, "operation": "compare", "with": "https://ann:other@a.example/x"}),
            json!({"input": url, "operation": "build", "parts": {"path": "/y"}}),
        ] {
            let shown = match call(op(), args) {
                Ok(outcome) => format!("{outcome:?}"),
                Err(error) => format!("{error:?}"),
            };
            assert!(!shown.contains("s3cret"), "{shown}");
        }
    }
    let found = data(json!({"input": "https://ann:s3cret@a.example/x"}));
    assert_eq!(found["original"], "https://ann:***@a.example/x");
    assert_eq!(found["normalized"], "https://ann@a.example/x");
    assert_eq!(
        (&found["has_auth"], &found["has_password"]),
        (&json!(true), &json!(true))
    );
}

#[test]
fn normalize_gives_one_spelling() {
    for (given, normal) in [
        (
            "HTTP://A.Example:80/%7efoo/./b/../c%2f",
            "http://a.example/~foo/c%2F",
        ),
        ("http://a.example", "http://a.example/"),
        ("http://0x7f.0.0.1/", "http://127.0.0.1/"),
        (
            "http://a.example/?q=%e4&r=%41",
            "http://a.example/?q=%E4&r=A",
        ),
    ] {
        assert_eq!(
            output(json!({"operation": "normalize", "input": given})),
            normal
        );
    }
    let tracked = "https://a.example/p?utm_source=x&id=7&gclid=abc&fbclid=d";
    assert_eq!(
        output(json!({"operation": "normalize", "input": tracked, "strip_tracking": true})),
        "https://a.example/p?id=7"
    );
    let error = fails(op(), json!({"operation": "normalize", "input": "nothing"}));
    assert_eq!(error.kind(), Kind::InvalidArgs);
}

#[test]
fn join_resolves_as_browsers_do() {
    for (base, relative, joined) in [
        ("https://a.example/x/y", "z", "https://a.example/x/z"),
        ("https://a.example/x/y", "/z?q=1", "https://a.example/z?q=1"),
        (
            "https://a.example/x/y",
            "//b.example/",
            "https://b.example/",
        ),
        (
            "https://a.example/x/y",
            "https://c.example",
            "https://c.example/",
        ),
        ("https://a.example/x/y?q", "#f", "https://a.example/x/y?q#f"),
    ] {
        let args = json!({"operation": "join", "input": relative, "base": base});
        assert_eq!(output(args), joined);
        let args = json!({"operation": "join", "input": base, "with": relative});
        assert_eq!(output(args), joined);
    }
    let error = fails(op(), json!({"operation": "join", "input": "x"}));
    assert_eq!(
        error.message(),
        "Missing required parameter 'base' for url_analyzer operation 'join'"
    );
    for (args, name) in [
        (json!({"base": "mailto:a@b.example", "input": "x"}), "base"),
        (json!({"base": "x", "input": "x"}), "base"),
        (json!({"input": "mailto:a@b.example", "with": "x"}), "input"),
        (
            json!({"base": "https://a.example", "input": "//["}),
            "input",
        ),
    ] {
        let mut args = args;
        args["operation"] = "join".into();
        let error = fails(op(), args.clone());
        assert_eq!(error.details()["parameter"], name.into(), "{args}");
    }
}

#[test]
fn build_puts_parts_together() {
    for (parts, url) in [
        (json!({"host": "a.example"}), "https://a.example/"),
        (
            json!({"scheme": "http", "host": "a.example", "port": 8080, "path": "x y", "fragment": "top"}),
            "http://a.example:8080/x%20y#top",
        ),
        (
            json!({"host": "a.example", "query": {"q": "a b&c", "tag": ["x", "y"], "n": 5, "on": true}}),
            "https://a.example/?q=a+b%26c&tag=x&tag=y&n=5&on=true",
        ),
        (
            json!({"host": "a.example", "query": "?q=1"}),
            "https://a.example/?q=1",
        ),
        (
            json!({"host": "a.example", "query": "??a", "fragment": "#x", "port": "8080"}),
            "https://a.example:8080/??a#x",
        ),
        (
            json!({"host": "a.example", "path": ["a/b", "c"]}),
            "https://a.example/a%2Fb/c",
        ),
        (json!({"host": "::1", "scheme": "http"}), "http://[::1]/"),
    ] {
        assert_eq!(output(json!({"operation": "build", "parts": parts})), url);
    }
    let over = json!({"operation": "build", "input": "https://a.example/x?y=1", "parts": {"path": "/z", "scheme": "http"}});
    assert_eq!(output(over), "http://a.example/z?y=1");
    for (parts, message) in [
        (json!({}), "parts.host is missing"),
        (
            json!({"host": "a.example/b"}),
            "parts.host is not a host name",
        ),
        (
            json!({"host": "evil@a.example"}),
            "parts.host is not a host name",
        ),
        (
            json!({"host": "good.example", "scheme": "http://evil.example/x?"}),
            "parts.scheme is not a scheme, as 'https' is one",
        ),
        (
            json!({"host": "a.example", "port": "many"}),
            "parts.port must be between 0 and 65535",
        ),
        (
            json!({"host": "a.example", "port": 70000}),
            "parts.port must be between 0 and 65535",
        ),
        (
            json!({"host": "a.example", "pfad": "x"}),
            "unknown part 'pfad', expected one of: scheme, host, port, path, query, fragment",
        ),
        (
            json!({"host": "a.example", "path": {"x": 1}}),
            "parts.path must be text, got object",
        ),
    ] {
        let error = fails(op(), json!({"operation": "build", "parts": parts}));
        assert_eq!(
            (error.kind(), error.message()),
            (Kind::InvalidArgs, message)
        );
    }
}

#[test]
fn compare_says_what_differs() {
    let same = data(
        json!({"operation": "compare", "input": "HTTP://A.example:80", "with": "http://a.example/"}),
    );
    assert_eq!(
        same,
        json!({"equal": true, "same_origin": true, "differences": []})
    );
    let other = data(json!({
        "operation": "compare", "input": "http://u:p@a.example/x?q=1", "with": "https://u:r@a.example/x?q=2",
    }));
    assert_eq!(other["equal"], false);
    assert_eq!(other["same_origin"], false);
    assert_eq!(
        other["differences"],
        json!([
            {"part": "scheme", "input": "http", "with": "https"},
            {"part": "port", "input": 80, "with": 443},
            {"part": "query", "input": "q=1", "with": "q=2"},
            {"part": "password"},
        ])
    );
}

#[test]
fn wrong_parameters_are_refused() {
    let error = fails(op(), json!({}));
    assert!(error.is_misshapen());
    assert_eq!(
        error.message(),
        "Missing required parameter 'input' for url_analyzer operation 'analyze'"
    );
    for (args, part) in [
        (json!({"input": {"host": "a"}}), "must be string"),
        (
            json!({"input": "http://a", "pats": {}}),
            "did you mean 'parts'?",
        ),
        (json!({"input": "http://a", "url": "http://b"}), "'url'"),
        (json!({"input": "http://a", "headers": 5}), "'headers'"),
    ] {
        let error = fails(op(), args);
        assert_eq!(error.kind(), Kind::InvalidArgs);
        assert!(format!("{error:?}").contains(part), "{error:?}");
    }
    let operation = fails(op(), json!({"input": "x", "operation": "anlyze"}));
    assert_eq!(operation.hints(), ["did you mean 'analyze'?"]);
    let long = fails(op(), json!({"input": "x".repeat(2 << 20)}));
    assert_eq!(long.kind(), Kind::Limit);
    let warned =
        outcome(json!({"input": "http://a", "operation": "normalize", "decode_params": false}));
    assert_eq!(
        warned.metadata["warnings"].to_serde_json(),
        json!(["operation 'normalize' does not use parameter 'decode_params'"])
    );
}

async fn site() -> Site {
    let page = || async {
        (
            [
                ("etag", "\"1\""),
                ("server", "test"),
                ("content-type", "text/plain"),
            ],
            "hello",
        )
    };
    let routes = Router::new()
        .route("/page", get(page))
        .route("/moved", any(|| async { Redirect::permanent("/page") }))
        .route("/missing", any(|| async { StatusCode::NOT_FOUND }))
        .route(
            "/ranged",
            head(|| async { StatusCode::METHOD_NOT_ALLOWED }).get(|| async {
                (
                    StatusCode::PARTIAL_CONTENT,
                    [("content-range", "bytes 0-0/5")],
                    "h",
                )
            }),
        );
    Site::new(routes).await
}

async fn looked(site: &Site, path: &str) -> Outcome {
    let args = json!({"input": site.url(path), "fetch_metadata": true, "user_agent": "Reader/1"});
    call_on(&Place::default().network().cx(), op(), args)
        .await
        .unwrap()
}

async fn metadata(site: &Site, path: &str) -> Json {
    looked(site, path).await.data.to_serde_json()
}

#[tokio::test]
async fn the_target_is_asked_what_it_is() {
    let site = site().await;
    let found = metadata(&site, "/page").await;
    let expected = json!({
        "status_code": 200, "status_text": "OK", "is_success": true, "is_redirect": false, "redirect_location": null,
        "content_type": "text/plain", "content_length": 5, "server": "test", "last_modified": null, "etag": "\"1\"",
    });
    assert_eq!(found["metadata"], expected);
    assert_eq!(
        (
            site.last().method.as_str(),
            site.last().header("user-agent")
        ),
        ("HEAD", "Reader/1")
    );
    let told = Value::Map(looked(&site, "/page").await.metadata).to_serde_json();
    assert_eq!(
        (&told["url"], &told["status_code"], &told["attempts"]),
        (&json!(site.url("/page")), &json!(200), &json!(1))
    );
    let moved = metadata(&site, "/moved").await;
    assert_eq!(moved["metadata"]["is_redirect"], true);
    assert_eq!(moved["metadata"]["redirect_location"], "/page");
    assert_eq!(site.heard().len(), 3);
    let missing = metadata(&site, "/missing").await;
    assert_eq!(
        (&missing["valid"], &missing["metadata"]["is_success"]),
        (&json!(true), &json!(false))
    );
}

#[tokio::test]
async fn a_server_without_head_is_asked_for_a_byte() {
    let site = site().await;
    let found = metadata(&site, "/ranged").await;
    assert_eq!(found["metadata"]["content_length"], 5);
    assert_eq!(
        (site.last().method.as_str(), site.last().header("range")),
        ("GET", "bytes=0-0")
    );
}

#[tokio::test]
async fn a_target_that_cannot_be_reached_is_said_so() {
    for (url, text) in [
        ("http://10.0.0.1/", "private address"),
        ("ftp://a.example/", "scheme 'ftp'"),
        ("http://127.0.0.1:9/", "127.0.0.1"),
    ] {
        let args = json!({"input": url, "fetch_metadata": true, "retry": false});
        let outcome = call_on(&Place::default().network().cx(), op(), args)
            .await
            .unwrap();
        let error = outcome
            .data
            .get("metadata_error")
            .and_then(Value::as_str)
            .unwrap()
            .to_owned();
        assert!(error.contains(text), "{error}");
        assert_eq!(outcome.data.get("metadata"), None);
    }
}

#[test]
fn looking_reads_and_the_rest_computes() {
    let effect = |args: Json| op().effect_with(&args.into());
    assert_eq!(effect(json!({"input": "x"})), Effect::Pure);
    assert_eq!(
        effect(json!({"input": "x", "fetch_metadata": true})),
        Effect::Read
    );
    let level = |args: Json| op().tool_info().unwrap().level_with(&args.into());
    assert_eq!(level(json!({"input": "x"})), Level::Safe);
    assert_eq!(
        level(json!({"input": "x", "fetch_metadata": true})),
        Level::Restricted
    );
}
