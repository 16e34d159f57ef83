use async_compression::tokio::write::GzipEncoder;
use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use llmspell_core::{Error, Kind};
use serde_json::{Value as Json, json};
use tokio::io::AsyncWriteExt;

use super::*;
use crate::test_site::Site;
use crate::test_world::{Place, call_on, fails};

fn xml(
    text: &'static str,
) -> impl Fn() -> std::future::Ready<Response> + Clone + Send + Sync + 'static {
    move || std::future::ready(([("content-type", "application/xml")], text).into_response())
}

const PAGES: &str = "<urlset><url><loc>/1</loc><lastmod>2024-05-01</lastmod></url><url><loc>/2</loc><lastmod>2023-01-01</lastmod>\
    <priority>0.5</priority></url><url><loc>/blog/3</loc></url><url><loc>/1</loc></url></urlset>";

async fn packed(text: &str) -> Vec<u8> {
    let mut encoder = GzipEncoder::new(Vec::new());
    encoder.write_all(text.as_bytes()).await.unwrap();
    encoder.shutdown().await.unwrap();
    encoder.into_inner()
}

async fn site(robots: &'static str) -> Site {
    let packed = packed("<urlset><url><loc>/packed</loc></url></urlset>").await;
    let routes = Router::new()
        .route("/robots.txt", get(move || async move { robots }))
        .route("/sitemap.xml", get(xml("<sitemapindex><sitemap><loc>/pages.xml</loc></sitemap><sitemap><loc>/broken.xml</loc></sitemap>\
            <sitemap><loc>/packed.xml.gz</loc></sitemap><sitemap><loc>/sitemap.xml</loc></sitemap></sitemapindex>")))
        .route("/pages.xml", get(xml(PAGES)))
        .route("/broken.xml", get(xml("<urlset><url>")))
        .route("/packed.xml.gz", get(move || async move { ([("content-type", "application/octet-stream")], packed) }))
        .route("/list.txt", get(|| async { "http://127.0.0.1:9/a\nhttp://127.0.0.1:9/b\n" }))
        .route("/deep/{level}", get(|axum::extract::Path(level): axum::extract::Path<u32>| async move {
            match level {
                4 => "<urlset><url><loc>/deepest</loc></url></urlset>".to_owned(),
                level => format!("<sitemapindex><sitemap><loc>/deep/{}</loc></sitemap></sitemapindex>", level + 1),
            }
        }))
        .route("/1", get(|| async { "one" }))
        .route("/2", get(|| async { StatusCode::GONE }))
        .route("/none/sitemap.xml", get(|| async { StatusCode::NOT_FOUND }));
    Site::new(routes).await
}

async fn crawled(args: Json) -> Json {
    match call_on(&Place::default().network().cx(), op(), args.clone()).await {
        Ok(outcome) => outcome.data.to_serde_json(),
        Err(error) => panic!("{args}: {error:?}"),
    }
}

async fn failed(args: Json) -> Error {
    call_on(&Place::default().network().cx(), op(), args)
        .await
        .unwrap_err()
}

fn urls(site: &Site, data: &Json) -> Vec<String> {
    let root = site.url("");
    let urls = data["urls"].as_array().unwrap().iter();
    urls.map(|entry| entry["url"].as_str().unwrap().replace(&root, ""))
        .collect()
}

#[tokio::test]
async fn one_sitemap_with_all_that_it_says() {
    let site = site("").await;
    let args = json!({"input": site.url("/pages.xml")});
    let outcome = call_on(&Place::default().network().cx(), op(), args)
        .await
        .unwrap();
    let data = outcome.data.to_serde_json();
    assert_eq!(urls(&site, &data), ["/1", "/2", "/blog/3"]);
    assert_eq!(
        data["urls"][1],
        json!({
            "url": site.url("/2"), "lastmod": "2023-01-01", "changefreq": null, "priority": 0.5, "images": [],
            "news": null, "alternates": [], "has_metadata": true, "status_code": null,
        })
    );
    assert_eq!(
        (&data["count"], &data["urls_found"], &data["has_more"]),
        (&json!(3), &json!(3), &json!(false))
    );
    assert_eq!(data["sitemap_url"], site.url("/pages.xml"));
    assert_eq!(
        data["sitemaps"],
        json!([{"url": site.url("/pages.xml"), "type": "urlset", "count": 4}])
    );
    assert_eq!(data["stats"]["total_urls_discovered"], 3);
    assert_eq!(data["stats"]["urls_with_metadata"], 2);
    let output = outcome.primary().to_serde_json();
    assert_eq!(
        output,
        json!([site.url("/1"), site.url("/2"), site.url("/blog/3")])
    );
    assert_eq!(
        outcome.metadata["message"],
        "Found 3 URLs in one sitemap".into()
    );
    let told = Value::Map(outcome.metadata).to_serde_json();
    assert_eq!(
        (&told["url"], &told["attempts"], &told["status_code"]),
        (&json!(site.url("/pages.xml")), &json!(1), &json!(200))
    );
    assert!(told["timing"]["total_ms"].is_number(), "{told}");
}

#[tokio::test]
async fn a_site_is_read_from_its_usual_place_and_a_broken_child_is_listed() {
    let site = site("User-agent: *\nDisallow:").await;
    for operation in ["crawl", "parse", "discover"] {
        let data = crawled(json!({"url": site.url(""), "operation": operation})).await;
        assert_eq!(urls(&site, &data), ["/1", "/2", "/blog/3", "/packed"]);
        let errors = json!([{"url": site.url("/broken.xml"), "error": "the document ends before its elements do"}]);
        assert_eq!(data["errors"], errors);
        assert_eq!(data["stats"]["sitemaps_processed"], 3);
        assert_eq!(data["stats"]["index_files_found"], 1);
    }
}

#[tokio::test]
async fn robots_txt_names_the_sitemaps() {
    let site = site("Sitemap: /pages.xml\nSitemap: /list.txt").await;
    let data = crawled(json!({"input": site.url("/")})).await;
    assert_eq!(data["count"], 5);
    assert_eq!(data["sitemaps"][1]["type"], "text");
    assert!(
        !site
            .heard()
            .iter()
            .any(|request| request.path == "/sitemap.xml")
    );
}

#[tokio::test]
async fn a_site_without_sitemap_is_not_found() {
    let site = Site::new(Router::new()).await;
    let error = failed(json!({"input": site.url("/"), "retry": false})).await;
    assert_eq!(error.kind(), Kind::NotFound);
    assert!(error.message().contains("robots.txt"), "{error:?}");
    let asked: Vec<String> = site
        .heard()
        .into_iter()
        .map(|request| request.path)
        .collect();
    assert_eq!(asked, ["/robots.txt", "/sitemap.xml", "/sitemap_index.xml"]);
    let named = failed(json!({"input": site.url("/x.xml"), "retry": false})).await;
    assert_eq!(
        (named.kind(), named.details().get("status")),
        (Kind::Remote, Some(&404.into()))
    );
}

#[tokio::test]
async fn limits_stop_the_crawl() {
    let site = site("").await;
    let two = crawled(json!({"input": site.url("/pages.xml"), "max_urls": 2})).await;
    assert_eq!(urls(&site, &two), ["/1", "/2"]);
    assert_eq!(two["has_more"], true);
    let exact = crawled(json!({"input": site.url("/pages.xml"), "max_urls": 3})).await;
    assert_eq!(exact["has_more"], false);
    let none = crawled(json!({"input": site.url("/"), "max_urls": 0})).await;
    assert_eq!(
        (&none["count"], &none["stats"]["total_urls_discovered"]),
        (&json!(0), &json!(4))
    );
    let early = crawled(json!({"input": site.url("/"), "max_urls": 1, "concurrency": 1})).await;
    assert_eq!(
        (&early["count"], &early["has_more"]),
        (&json!(1), &json!(true))
    );
    for (name, value) in [
        ("max_urls", -1),
        ("max_urls", 1_000_001),
        ("max_depth", 0),
        ("max_depth", 11),
        ("concurrency", 11),
        ("fetch_timeout_ms", 0),
    ] {
        let error = fails(
            op(),
            json!({"input": "http://127.0.0.1/s.xml", name: value}),
        );
        assert_eq!(error.kind(), Kind::InvalidArgs, "{name}");
        assert!(
            error
                .message()
                .starts_with(&format!("parameter '{name}' must be between")),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn indexes_are_followed_as_deep_as_is_allowed() {
    let site = site("").await;
    let deep = crawled(json!({"input": site.url("/deep/0")})).await;
    assert_eq!(urls(&site, &deep), ["/deepest"]);
    let shallow = crawled(json!({"input": site.url("/deep/0"), "max_depth": 2})).await;
    assert_eq!(
        (&shallow["count"], &shallow["has_more"]),
        (&json!(0), &json!(true))
    );
    assert_eq!(shallow["errors"][0]["url"], site.url("/deep/3"));
    for name in ["follow_sitemaps", "follow_sitemap_index"] {
        let only = crawled(json!({"input": site.url("/deep/0"), name: false})).await;
        assert_eq!(
            only["sitemaps"][1],
            json!({"url": site.url("/deep/1"), "type": null, "count": null})
        );
        assert_eq!(only["errors"], json!([]));
    }
}

#[tokio::test]
async fn urls_are_filtered() {
    let site = site("").await;
    let of = |mut args: Json| {
        args["input"] = site.url("/pages.xml").into();
        crawled(args)
    };
    assert_eq!(
        urls(&site, &of(json!({"include": "/blog/"})).await),
        ["/blog/3"]
    );
    assert_eq!(
        urls(&site, &of(json!({"url_filter": ["/1$", "/2$"]})).await),
        ["/1", "/2"]
    );
    assert_eq!(
        urls(&site, &of(json!({"exclude": ["/blog/"]})).await),
        ["/1", "/2"]
    );
    assert_eq!(
        urls(&site, &of(json!({"modified_after": "2024-01-01"})).await),
        ["/1"]
    );
    assert_eq!(
        urls(&site, &of(json!({"modified_before": "2024-01-01"})).await),
        ["/2"]
    );
    let error = failed(json!({"input": site.url("/pages.xml"), "modified_after": "soon"})).await;
    assert_eq!(error.kind(), Kind::Parse);
    let error = failed(json!({"input": site.url("/pages.xml"), "include": "("})).await;
    assert_eq!(error.kind(), Kind::InvalidArgs);
}

#[tokio::test]
async fn pages_are_asked_for_their_status() {
    let site = site("").await;
    let data =
        crawled(json!({"input": site.url("/pages.xml"), "check": true, "retry": false})).await;
    let statuses: Vec<&Json> = data["urls"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| &entry["status_code"])
        .collect();
    assert_eq!(statuses, [&json!(200), &json!(410), &json!(404)]);
    assert!(
        site.heard()
            .iter()
            .any(|request| request.method == "HEAD" && request.path == "/2")
    );
}

#[tokio::test]
async fn a_sitemap_that_is_too_large_or_too_slow_is_an_error() {
    let site = site("").await;
    let error = failed(json!({"input": site.url("/pages.xml"), "max_bytes": 50})).await;
    assert_eq!(error.kind(), Kind::Limit);
    let slow = Site::new(Router::new().route("/s.xml", get(std::future::pending::<()>))).await;
    for (name, value) in [("fetch_timeout_ms", json!(100)), ("timeout", json!(0.1))] {
        let error = failed(json!({"input": slow.url("/s.xml"), "retry": false, name: value})).await;
        assert_eq!(error.kind(), Kind::Timeout, "{error:?}");
    }
}

#[tokio::test]
async fn ssrf_by_redirect_or_child_is_refused() {
    let routes = Router::new()
        .route("/s.xml", get(xml("<sitemapindex><sitemap><loc>http://10.0.0.1/s.xml</loc></sitemap><sitemap><loc>file:///etc/passwd</loc></sitemap></sitemapindex>")))
        .route("/r.xml", get(|| async { axum::response::Redirect::temporary("http://169.254.169.254/latest") }));
    let site = Site::new(routes).await;
    let data = crawled(json!({"input": site.url("/s.xml"), "retry": false})).await;
    assert_eq!(data["errors"].as_array().unwrap().len(), 1);
    assert!(
        data["errors"][0]["error"]
            .as_str()
            .unwrap()
            .contains("private address"),
        "{data}"
    );
    assert_eq!(
        failed(json!({"input": site.url("/r.xml")})).await.kind(),
        Kind::Denied
    );
}

#[test]
fn wrong_parameters_are_refused() {
    let error = fails(op(), json!({}));
    assert_eq!(
        error.message(),
        "Missing required parameter 'input' for sitemap_crawler"
    );
    for (name, value) in [("depth", json!(1)), ("max_urls", json!("many"))] {
        let error = fails(op(), json!({"input": "http://a", name: value}));
        assert_eq!(error.kind(), Kind::InvalidArgs);
        assert!(error.message().contains(&format!("'{name}'")), "{error:?}");
    }
    assert_eq!(
        fails(op(), json!({"input": "no url"})).kind(),
        Kind::InvalidArgs
    );
    assert_eq!(
        fails(
            op(),
            json!({"input": "http://a.example", "operation": "walk"})
        )
        .kind(),
        Kind::InvalidArgs
    );
    assert_eq!(
        fails(op(), json!({"input": "http://a.example/s.xml"})).kind(),
        Kind::Denied
    );
}
