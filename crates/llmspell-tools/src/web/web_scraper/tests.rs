use axum::Router;
use axum::http::StatusCode;
use axum::response::{Html, Redirect};
use axum::routing::get;
use llmspell_core::{Error, Kind};
use serde_json::{Value as Json, json};

use super::*;
use crate::test_site::{Site, packed};
use crate::test_world::{Place, call, call_on, fails, joined};

const PAGE: &str = r#"<!doctype html><html lang="en"><head><title>Shop  of
tea</title><meta name="Description" content="All  teas"><meta property="og:title" content="Tea">
<meta property="og:image" content="/t.png"><meta name="twitter:card" content="summary"><meta name="author" content="Ann">
<link rel="canonical" href="/shop"><script type="application/ld+json">{"@type": "Store", "datePublished": "2024-05-01"}</script>
</head><body><nav><a href="/">Home</a></nav><h1>Teas</h1><p class="lead">We sell <b>tea</b>.</p>
<ul><li>Green</li><li>Black</li></ul><p>See <a href="more?x=1#top" rel="nofollow">more</a> or
<a href="https://b.example/">others</a>, not <a href="javascript:x()">this</a>.</p>
<img src="t.png" alt="A tea" width="10" height="5"><img data-src="/late.png" src="data:,"><img>
<table><tr><th>Tea<th>Price<tr><td>Green<td>2<tr><td>Black<td>3</table></body></html>"#;

#[track_caller]
fn read(mut args: Json) -> Outcome {
    if args.get("html").is_none() {
        args["html"] = PAGE.into();
        args["base_url"] = "https://a.example/dir/".into();
    }
    match call(op(), args.clone()) {
        Ok(outcome) => outcome,
        Err(error) => panic!("{args}: {error:?}"),
    }
}

#[track_caller]
fn data(args: Json) -> Json {
    read(args).data.to_serde_json()
}

#[track_caller]
fn output(args: Json) -> Json {
    read(args).primary().to_serde_json()
}

const TEXT: &str = "Home\nTeas\nWe sell tea.\nGreen\nBlack\nSee more or others, not this.\nTea\tPrice\nGreen\t2\nBlack\t3";

#[test]
fn the_text_of_given_html() {
    for operation in ["scrape", "extract", "read"] {
        let outcome = read(json!({"operation": operation}));
        assert_eq!(
            outcome.data.to_serde_json(),
            json!({
                "url": "https://a.example/dir/", "final_url": "https://a.example/dir/", "status_code": null,
                "title": "Shop of tea", "content": {"title": "Shop of tea", "text": TEXT},
            })
        );
        assert_eq!(outcome.primary(), &TEXT.into());
        assert_eq!(outcome.operation, "scrape");
    }
}

#[test]
fn markdown_html_and_structure() {
    let markdown = output(json!({"format": "markdown"}));
    let markdown = markdown.as_str().unwrap();
    for part in [
        "# Teas",
        "We sell **tea**.",
        "- Green",
        "[more](https://a.example/dir/more?x=1#top)",
        "| Green",
    ] {
        assert!(markdown.contains(part), "{part} is not in {markdown}");
    }
    assert_eq!(output(json!({"format": "html"})), PAGE);
    assert_eq!(
        output(json!({"format": "json"})),
        json!({
            "title": "Shop of tea", "headings": [{"level": 1, "text": "Teas"}],
            "paragraphs": ["We sell tea.", "See more or others, not this."], "lists": [["Green", "Black"]],
        })
    );
}

#[test]
fn selectors_take_parts() {
    let one = read(json!({"selector": "li"}));
    assert_eq!(
        one.data.to_serde_json()["content"],
        json!({"selected_content": ["Green", "Black"]})
    );
    assert_eq!(one.primary().to_serde_json(), json!(["Green", "Black"]));
    assert_eq!(
        output(json!({"selector": "p a@href"})),
        json!([
            "https://a.example/dir/more?x=1#top",
            "https://b.example/",
            "javascript:x()"
        ])
    );
    assert_eq!(output(json!({"selector": ".none"})), json!([]));
    assert_eq!(
        output(json!({"selector": "h1", "format": "markdown"})),
        json!(["# Teas"])
    );
    assert_eq!(
        output(json!({"selector": "b", "format": "html"})),
        json!(["<b>tea</b>"])
    );
    let named = json!({
        "heading": "h1", "items": "li", "none": ".none", "link": "p a[rel]@href",
        "all": {"css": "h1", "all": true}, "alt": {"css": "img", "attr": "alt"}, "inner": {"css": ".lead", "html": true},
    });
    let expected = json!({
        "heading": "Teas", "items": ["Green", "Black"], "none": null, "link": "https://a.example/dir/more?x=1#top",
        "all": ["Teas"], "alt": "A tea", "inner": "We sell <b>tea</b>.",
    });
    let outcome = read(json!({"selectors": named}));
    assert_eq!(outcome.primary().to_serde_json(), expected);
    assert_eq!(outcome.data.to_serde_json()["content"], expected);
    for wrong in [json!({"a": "p["}), json!({"a": {"css": "p["}})] {
        assert_eq!(
            fails(op(), json!({"html": "x", "selectors": wrong})).kind(),
            Kind::InvalidArgs
        );
    }
    assert_eq!(
        fails(op(), json!({"html": "x", "selector": "p["})).kind(),
        Kind::InvalidArgs
    );
    for wrong in [
        json!({"a": {"attr": "x"}}),
        json!({"a": {"css": "p", "every": 1}}),
        json!({"a": 5}),
    ] {
        assert!(fails(op(), json!({"html": "x", "selectors": wrong})).is_misshapen());
    }
}

#[test]
fn links_and_images_are_absolute() {
    let found = data(json!({"extract_links": true, "extract_images": true}));
    let links = json!([
        {"url": "https://a.example/", "text": "Home", "rel": null, "internal": true},
        {"url": "https://a.example/dir/more?x=1#top", "text": "more", "rel": "nofollow", "internal": true},
        {"url": "https://b.example/", "text": "others", "rel": null, "internal": false},
    ]);
    assert_eq!(found["links"], links);
    assert_eq!(found["content"]["links"], links);
    assert_eq!(
        found["images"],
        json!([
            {"src": "https://a.example/dir/t.png", "alt": "A tea", "width": 10, "height": 5},
            {"src": "https://a.example/late.png", "alt": null, "width": null, "height": null},
        ])
    );
    assert_eq!(found["content"]["text"], TEXT);
    let nowhere = data(
        json!({"html": "<a href='/x'>X</a><img src='i.png'>", "extract_links": true, "extract_images": true}),
    );
    assert_eq!(
        nowhere["links"],
        json!([{"url": "/x", "text": "X", "rel": null, "internal": true}])
    );
    assert_eq!(nowhere["images"][0]["src"], "i.png");
}

#[test]
fn a_page_says_of_itself() {
    let found = data(json!({"extract_meta": true}));
    let metadata = &found["metadata"];
    for (name, value) in [
        ("description", json!("All teas")),
        ("canonical", json!("https://a.example/shop")),
        ("language", json!("en")),
        ("author", json!("Ann")),
        ("published", json!("2024-05-01")),
        ("open_graph", json!({"title": "Tea", "image": "/t.png"})),
        ("twitter", json!({"card": "summary"})),
        (
            "json_ld",
            json!([{"@type": "Store", "datePublished": "2024-05-01"}]),
        ),
    ] {
        assert_eq!(metadata[name], value, "{name}");
    }
    assert_eq!(metadata["meta_tags"]["description"], "All teas");
    let broken = data(
        json!({"html": "<script type='application/ld+json'>{oops</script>", "extract_meta": true}),
    );
    assert_eq!(broken["metadata"]["json_ld"], json!([]));
    assert_eq!(broken["metadata"]["description"], Json::Null);
}

#[test]
fn tables_are_rows_of_objects() {
    let found = data(json!({"extract_tables": true}));
    let table = json!([[{"Tea": "Green", "Price": "2"}, {"Tea": "Black", "Price": "3"}]]);
    assert_eq!(found["tables"], table);
    assert_eq!(found["content"]["tables"], table);
    let tables = |html: &str| data(json!({"html": html, "extract_tables": true}))["tables"].clone();
    assert_eq!(
        tables("<table><tr><td>1<td>2</table>"),
        json!([[{"column_1": "1", "column_2": "2"}]])
    );
    assert_eq!(
        tables("<table><thead><tr><th>A<th>A<th></thead><tr><td>1<td>2<td>3<td>4</table>"),
        json!([[{"A": "1", "A_2": "2", "column_3": "3", "column_4": "4"}]])
    );
    assert_eq!(
        tables(
            "<table><tr><th>A<th>B<th>C<tr><td rowspan=2>x<td colspan=2>y<tr><td>1<td>2</table>"
        ),
        json!([[{"A": "x", "B": "y", "C": "y"}, {"A": "x", "B": "1", "C": "2"}]])
    );
    assert_eq!(
        tables("<table><tr><td>a<table><tr><td>b</table></table>")
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let wide = tables(&"<table><tr><td colspan=99999999>x</table>".repeat(3000));
    assert_eq!(wide.as_array().unwrap().len(), 3000);
}

#[test]
fn the_article_without_what_is_around_it() {
    let words =
        "This sentence is a part of the article, and it has commas, so that it counts. ".repeat(12);
    let html = format!(
        "<title>News</title><nav><a href=/a>Menu entry</a></nav><article><h1>Head</h1><p>{words}</p><p>{words}</p></article>\
        <footer class=footer>Imprint</footer>"
    );
    for format in ["text", "markdown", "html"] {
        let outcome = read(
            json!({"html": html, "main_content": true, "format": format, "base_url": "https://a.example/"}),
        );
        let text = outcome.primary().as_str().unwrap();
        assert!(text.contains("This sentence"), "{text}");
        assert!(
            !text.contains("Menu entry") && !text.contains("Imprint"),
            "{text}"
        );
    }
}

#[test]
fn deep_nesting_is_refused() {
    let error = fails(op(), json!({"html": "<div>".repeat(10_000)}));
    assert_eq!(error.kind(), Kind::Limit);
    let error = fails(
        op(),
        json!({"html": "<b>".repeat(10_000), "main_content": true}),
    );
    assert_eq!(error.kind(), Kind::Limit);
    let error = fails(op(), json!({"html": "x".repeat(21 << 20)}));
    assert_eq!(
        (error.kind(), error.details().get("parameter")),
        (Kind::Limit, Some(&"html".into()))
    );
}

#[test]
fn wrong_parameters_are_refused() {
    assert_eq!(
        fails(op(), json!({})).message(),
        "Missing required parameter 'input' for web_scraper operation 'scrape'"
    );
    for (name, value) in [("selektor", json!("p")), ("main_content", json!("perhaps"))] {
        let error = fails(op(), json!({"html": "x", name: value}));
        assert_eq!(error.kind(), Kind::InvalidArgs);
        assert!(error.message().contains(&format!("'{name}'")), "{error:?}");
    }
    let format = fails(op(), json!({"html": "x", "format": "pdf"}));
    assert_eq!(
        format.message(),
        "unknown format 'pdf', expected one of: text, markdown, html, json"
    );
    let render = fails(op(), json!({"html": "x", "render_js": true}));
    assert_eq!(render.kind(), Kind::Unavailable);
    assert_eq!(
        fails(op(), json!({"html": "x", "wait_for_js": true})).kind(),
        Kind::Unavailable
    );
    let waits = read(json!({"html": "x", "wait_for": ".late"}));
    assert_eq!(
        waits.metadata["warnings"].to_serde_json(),
        json!(["`wait_for` has no effect without `render_js`"])
    );
    let negative = fails(
        op(),
        json!({"input": "http://a.example", "cache_ttl_s": -1}),
    );
    assert_eq!(negative.kind(), Kind::InvalidArgs);
    assert_eq!(
        fails(op(), json!({"input": "http://a.example"})).kind(),
        Kind::Denied
    );
}

async fn site(robots: &'static str) -> Site {
    let small = packed(b"<p>packed", "gzip").await;
    let bomb = packed(&vec![b' '; 4 << 20], "gzip").await;
    let routes = Router::new()
        .route("/robots.txt", get(move || async move { robots }))
        .route("/page", get(|| async { Html(PAGE) }))
        .route("/moved", get(|| async { Redirect::temporary("/page") }))
        .route(
            "/away",
            get(|| async { Redirect::temporary("http://10.0.0.1/") }),
        )
        .route(
            "/gone",
            get(|| async { (StatusCode::NOT_FOUND, Html("<p>gone")) }),
        )
        .route(
            "/latin",
            get(|| async {
                (
                    [("content-type", "text/html")],
                    b"<meta charset=latin1><p>caf\xe9".to_vec(),
                )
            }),
        )
        .route(
            "/header",
            get(|| async {
                (
                    [("content-type", "text/html; charset=koi8-r")],
                    b"<p>\xd4".to_vec(),
                )
            }),
        )
        .route(
            "/json",
            get(|| async { ([("content-type", "application/json")], "{\"a\": 1}") }),
        )
        .route(
            "/image",
            get(|| async { ([("content-type", "image/png")], vec![0u8; 8]) }),
        )
        .route(
            "/packed",
            get(move || async move {
                (
                    [("content-type", "text/html"), ("content-encoding", "gzip")],
                    small,
                )
            }),
        )
        .route(
            "/bomb",
            get(move || async move {
                (
                    [("content-type", "text/html"), ("content-encoding", "gzip")],
                    bomb,
                )
            }),
        )
        .route("/nested", get(|| async { Html("<div>".repeat(100_000)) }));
    Site::new(routes).await
}

fn world() -> Cx {
    Place::default().network().cx()
}

async fn scraped(cx: &Cx, args: Json) -> Outcome {
    match call_on(cx, op(), args.clone()).await {
        Ok(outcome) => outcome,
        Err(error) => panic!("{args}: {error:?}"),
    }
}

async fn failed(args: Json) -> Error {
    call_on(&world(), op(), args).await.unwrap_err()
}

#[tokio::test]
async fn a_page_of_the_web() {
    let site = site("").await;
    let outcome = scraped(
        &world(),
        json!({"url": site.url("/moved"), "headers": {"x-a": "1"}}),
    )
    .await;
    let data = outcome.data.to_serde_json();
    assert_eq!(
        (&data["url"], &data["final_url"]),
        (&json!(site.url("/moved")), &json!(site.url("/page")))
    );
    assert_eq!(
        (&data["status_code"], &data["title"]),
        (&json!(200), &json!("Shop of tea"))
    );
    assert_eq!(outcome.primary(), &TEXT.into());
    assert_eq!(outcome.metadata["charset"], "UTF-8".into());
    assert_eq!(outcome.metadata["redirects"].as_list().unwrap().len(), 1);
    assert_eq!(site.last().header("x-a"), "1");
}

#[tokio::test]
async fn character_sets_and_types() {
    let site = site("").await;
    let text = |path: &str| {
        let url = site.url(path);
        async move {
            scraped(&world(), json!({ "input": url }))
                .await
                .primary()
                .to_serde_json()
        }
    };
    assert_eq!(text("/latin").await, "café");
    assert_eq!(text("/header").await, "т");
    assert_eq!(text("/packed").await, "packed");
    assert_eq!(text("/json").await, "{\"a\": 1}");
    let image = failed(json!({"input": site.url("/image")})).await;
    assert_eq!(image.kind(), Kind::Unavailable);
    let gone = failed(json!({"input": site.url("/gone")})).await;
    assert_eq!(gone.kind(), Kind::Remote);
    let data = gone.details().get("data").unwrap();
    assert_eq!(data.get("status_code"), Some(&404.into()));
}

#[tokio::test]
async fn robots_txt_is_respected_and_asked_once() {
    let site = site("User-agent: *\nDisallow: /page\n\nUser-agent: reader\nDisallow:").await;
    let cx = world();
    for _ in 0..2 {
        let error = call_on(&cx, op(), json!({"input": site.url("/page")}))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), Kind::Denied);
        assert!(
            error.message().contains("robots.txt") && error.message().contains("not permitted"),
            "{error:?}"
        );
    }
    let moved = call_on(&cx, op(), json!({"input": site.url("/moved")}))
        .await
        .unwrap_err();
    assert_eq!(moved.kind(), Kind::Denied);
    scraped(&cx, json!({"input": site.url("/json")})).await;
    scraped(
        &cx,
        json!({"input": site.url("/page"), "user_agent": "Reader/1.0"}),
    )
    .await;
    scraped(
        &cx,
        json!({"input": site.url("/page"), "respect_robots": false}),
    )
    .await;
    let asked = site
        .heard()
        .iter()
        .filter(|request| request.path == "/robots.txt")
        .count();
    assert_eq!(asked, 1);
    let configured = Place::default().network().settings(
        "web_scraper",
        json!({"respect_robots": false, "user_agent": "Own/2"}),
    );
    scraped(&configured.cx(), json!({"input": site.url("/page")})).await;
    assert_eq!(site.last().header("user-agent"), "Own/2");
}

#[tokio::test]
async fn a_site_that_fails_to_say_is_left_alone() {
    let routes = Router::new()
        .route(
            "/robots.txt",
            get(|| async { StatusCode::INTERNAL_SERVER_ERROR }),
        )
        .route("/page", get(|| async { "x" }));
    let site = Site::new(routes).await;
    let error = failed(json!({"input": site.url("/page")})).await;
    assert_eq!(error.kind(), Kind::Denied);
    assert!(error.message().contains("robots.txt"), "{error:?}");
}

#[tokio::test]
async fn pages_may_be_used_again() {
    let site = site("").await;
    let cx = world();
    let args = json!({"input": site.url("/page"), "cache_ttl_s": 60});
    let first = scraped(&cx, args.clone()).await;
    let second = scraped(&cx, args.clone()).await;
    assert_eq!(first.data, second.data);
    assert_eq!(
        (first.metadata.get("cached"), second.metadata.get("cached")),
        (None, Some(&true.into()))
    );
    let pages = || {
        site.heard()
            .iter()
            .filter(|request| request.path == "/page")
            .count()
    };
    assert_eq!(pages(), 1);
    scraped(&world(), args).await;
    let other = json!({"input": site.url("/page"), "headers": {"accept-language": "de"}, "cache_ttl_s": 60});
    scraped(&cx, other).await;
    assert_eq!(pages(), 3);
    // Who asks for none, or for other bytes, gets none.
    for more in [
        json!({}),
        json!({"cache_ttl_s": 0}),
        json!({"cache_ttl_s": 60, "max_bytes": 50}),
        json!({"cache_ttl_s": 60, "follow_redirects": false}),
        json!({"cache_ttl_s": 60, "respect_robots": false}),
    ] {
        let before = pages();
        let read = scraped(&cx, joined(json!({"input": site.url("/page")}), &more)).await;
        assert_eq!(read.metadata.get("cached"), None, "{more}");
        assert_eq!(pages() - before, 1, "{more}");
    }
}

#[test]
fn tables_of_any_shape_stay_tables_in_markdown() {
    let table = |rows: &str| {
        let html = format!("<p>x</p><table>{rows}</table>");
        let written = output(json!({"html": html, "format": "markdown"}));
        written
            .as_str()
            .unwrap()
            .trim_start_matches("x")
            .trim()
            .to_owned()
    };
    for (rows, expected) in [
        (
            "<thead><tr><th>Name<th>Price<tbody><tr><td>Apple<td>10<tr><td>Pear",
            "| Name | Price |\n| ---- | ----- |\n| Apple | 10 |\n| Pear |  |",
        ),
        (
            "<tr><th>A<th>B<th>C<tr><td colspan=2>1<td>2<tr><td rowspan=2>3<td>4<td>5<tr><td>6<td>7",
            "| A | B | C |\n| - | - | - |\n| 1 |  | 2 |\n| 3 | 4 | 5 |\n|  | 6 | 7 |",
        ),
        (
            "<tr><td>1<td rowspan=3>2<tr></tr><tr><td>3<td>4",
            "|   |   |   |\n| - | - | - |\n| 1 | 2 |  |\n| 3 |  | 4 |",
        ),
        (
            "<caption>All <b>fruit</b></caption><tr><th>A<tr><td>1<td>2",
            "All **fruit**\n\n\n| A |  |\n| - | - |\n| 1 | 2 |",
        ),
    ] {
        assert_eq!(table(rows), expected, "{rows}");
    }
    // No table is worth more than the page.
    let wide = "<tr><td colspan=100 rowspan=100>x".repeat(5000);
    assert!(table(&wide).contains('x'));
}

#[test]
fn what_is_hidden_is_in_no_structure() {
    let html = "<h1>A</h1><p hidden>secret</p><div style='display: none'><p>secret</p><ul><li>secret</ul></div><p>b";
    let read = output(json!({"html": html, "format": "json"}));
    assert!(!read.to_string().contains("secret"), "{read}");
    assert_eq!(read["paragraphs"], json!(["b"]));
}

#[tokio::test]
async fn ssrf_by_redirect_is_refused() {
    let site = site("").await;
    let error = failed(json!({"input": site.url("/away")})).await;
    assert_eq!(error.kind(), Kind::Denied);
    assert!(error.message().contains("private address"), "{error:?}");
}

#[tokio::test]
async fn bombs_are_cut() {
    let site = site("").await;
    let bomb = call_on(
        &world(),
        op(),
        json!({"input": site.url("/bomb"), "max_bytes": 1 << 20}),
    )
    .await;
    match bomb {
        Ok(outcome) => assert_eq!(outcome.metadata["truncated"], true.into()),
        Err(error) => assert!(
            matches!(error.kind(), Kind::Limit | Kind::Remote),
            "{error:?}"
        ),
    }
    assert_eq!(
        failed(json!({"input": site.url("/nested")})).await.kind(),
        Kind::Limit
    );
}

#[tokio::test]
async fn other_tools_read_articles() {
    let site = site("").await;
    let text = article(&world(), &site.url("/page")).await.unwrap();
    assert!(text.contains("tea"), "{text}");
    assert!(
        tokio::time::timeout(
            Duration::from_secs(5),
            article(&world(), "http://10.0.0.1/")
        )
        .await
        .unwrap()
        .is_err()
    );
}
