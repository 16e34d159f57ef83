use axum::Router;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{any, get};
use llmspell_runtime::host::NetworkRules;
use serde_json::{Value as Json, json};

use super::*;
use crate::test_site::{Heard, Site};
use crate::test_world::{Place, call_on, fails};

fn answers(
    answer: Json,
) -> impl Fn() -> std::future::Ready<Response> + Clone + Send + Sync + 'static {
    move || std::future::ready(axum::Json(answer.clone()).into_response())
}

/// A place where the service `name` is the site, with a key.
fn place(site: &Site, name: &str) -> Place {
    place_with(json!({ name: account(site) }))
}

fn account(site: &Site) -> Json {
    json!({"api_key": "key-of-the-test", "base_url": site.url(""), "search_engine_id": "engine-1"})
}

/// Loopback is closed but for what the configuration names.
fn place_with(providers: Json) -> Place {
    let rules = NetworkRules {
        proxy: Some(String::new()),
        ..Default::default()
    };
    Place::default()
        .network_rules(rules)
        .settings("web_search", json!({ "providers": providers }))
}

async fn searched(place: Place, args: Json) -> Outcome {
    match call_on(&place.cx(), op(), args.clone()).await {
        Ok(outcome) => outcome,
        Err(error) => panic!("{args}: {error:?}"),
    }
}

async fn failed(place: Place, args: Json) -> Error {
    call_on(&place.cx(), op(), args).await.unwrap_err()
}

/// Searches with `name` at a site that gives `answer` everywhere; returns the payload and the request.
async fn asked(name: &str, answer: Json, mut args: Json) -> (Json, Heard) {
    let site = Site::new(Router::new().fallback(any(answers(answer)))).await;
    if args.get("provider").is_none() {
        args["provider"] = name.into();
    }
    let outcome = searched(place(&site, name), args).await;
    (outcome.data.to_serde_json(), site.heard().remove(0))
}

fn query(heard: &Heard) -> HashMap<String, String> {
    let query = heard.path.split_once('?').map_or("", |(_, query)| query);
    url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect()
}

/// Adds what most services have a word for.
fn rich(args: &mut Json) {
    for (name, value) in [
        ("input", json!("green tea")),
        ("max_results", json!(7)),
        ("language", json!("de")),
        ("country", json!("at")),
        ("site", json!("a.example")),
        ("exclude_sites", json!(["b.example"])),
        ("safe_search", json!("strict")),
    ] {
        args[name] = value;
    }
}

#[tokio::test]
async fn brave_speaks_its_format() {
    let answer = json!({"web": {"results": [
        {"title": "<strong>Tea</strong>", "url": "https://a.example/1", "description": "About &amp; more", "page_age": "2024-05-01",
         "profile": {"name": "A"}, "thumbnail": {"src": "https://a.example/t.png"}},
        {"title": "no address"},
    ]}});
    let mut args = json!({"freshness": "week"});
    rich(&mut args);
    let (data, heard) = asked("brave", answer, args).await;
    assert_eq!(
        data,
        json!({
            "query": "green tea", "provider": "brave", "count": 1, "answer": null, "total_estimated": null,
            "results": [{"title": "Tea", "url": "https://a.example/1", "snippet": "About & more", "rank": 1, "provider": "brave",
                "published": "2024-05-01", "source": "A", "thumbnail": "https://a.example/t.png", "score": null, "content": null}],
        })
    );
    assert!(
        heard.path.starts_with("/res/v1/web/search?"),
        "{}",
        heard.path
    );
    assert_eq!(heard.header("x-subscription-token"), "key-of-the-test");
    let query = query(&heard);
    for (name, value) in [
        ("q", "green tea site:a.example -site:b.example"),
        ("count", "7"),
        ("search_lang", "de"),
        ("country", "AT"),
        ("safesearch", "strict"),
        ("freshness", "pw"),
    ] {
        assert_eq!(query[name], value, "{name}");
    }
    let (news, heard) = asked(
        "brave",
        json!({"results": [{"title": "N", "url": "https://n.example", "age": "1 hour ago"}]}),
        json!({"q": "x", "type": "news"}),
    )
    .await;
    assert_eq!(
        (
            &news["results"][0]["published"],
            heard.path.starts_with("/res/v1/news/")
        ),
        (&json!("1 hour ago"), true)
    );
    let image = json!({"results": [{"title": "I", "url": "https://p.example", "properties": {"url": "https://p.example/i.png"}}]});
    let (images, heard) = asked(
        "brave",
        image,
        json!({"query": "x", "search_type": "images"}),
    )
    .await;
    assert_eq!(images["results"][0]["url"], "https://p.example/i.png");
    assert_eq!(images["results"][0]["source"], "https://p.example");
    assert!(heard.path.starts_with("/res/v1/images/"));
}

#[tokio::test]
async fn google_speaks_its_format() {
    let answer = json!({"searchInformation": {"totalResults": "1234"}, "items": [
        {"title": "Tea", "link": "https://a.example/", "snippet": "s", "displayLink": "a.example",
         "pagemap": {"cse_thumbnail": [{"src": "https://a.example/t.png"}]}},
    ]});
    let mut args = json!({"freshness": {"after": "2024-05-01", "before": "2024-06-01"}});
    rich(&mut args);
    let (data, heard) = asked("google", answer, args).await;
    assert_eq!(
        (&data["total_estimated"], &data["results"][0]["thumbnail"]),
        (&json!(1234), &json!("https://a.example/t.png"))
    );
    let query = query(&heard);
    for (name, value) in [
        ("key", "key-of-the-test"),
        ("cx", "engine-1"),
        ("num", "7"),
        ("start", "1"),
        ("safe", "active"),
        ("hl", "de"),
        ("gl", "at"),
        ("sort", "date:r:20240501:20240601"),
    ] {
        assert_eq!(query[name], value, "{name}");
    }
}

#[tokio::test]
async fn serpapi_and_serper_speak_their_formats() {
    let answer = json!({"organic_results": [{"title": "Tea", "link": "https://a.example/", "snippet": "s", "date": "May 1", "source": "A"}],
        "answer_box": {"answer": "a leaf"}, "search_information": {"total_results": 9}});
    let mut args = json!({"freshness": {"after": "2024-05-01"}});
    rich(&mut args);
    let (data, heard) = asked("serpapi", answer, args.clone()).await;
    assert_eq!(
        (&data["answer"], &data["total_estimated"]),
        (&json!("a leaf"), &json!(9))
    );
    let query = query(&heard);
    assert_eq!(
        (query["engine"].as_str(), query["tbs"].as_str()),
        ("google", "cdr:1,cd_min:5/1/2024")
    );
    assert_eq!(query["api_key"], "key-of-the-test");
    let answer = json!({"organic": [{"title": "Tea", "link": "https://a.example/", "snippet": "s"}], "answerBox": {"snippet": "a leaf"}});
    args["provider"] = "SerperDev".into();
    let (data, heard) = asked("serper", answer, args).await;
    assert_eq!(
        (&data["answer"], &data["provider"]),
        (&json!("a leaf"), &json!("serper"))
    );
    assert_eq!(
        (
            heard.method.as_str(),
            heard.path.as_str(),
            heard.header("x-api-key")
        ),
        ("POST", "/search", "key-of-the-test")
    );
    assert_eq!(
        heard.json(),
        json!({"q": "green tea site:a.example -site:b.example", "num": 7, "hl": "de", "gl": "at", "tbs": "cdr:1,cd_min:5/1/2024"})
    );
    let news = json!({"news": [{"title": "N", "link": "https://n.example", "imageUrl": "https://n.example/i.png"}]});
    let (data, heard) = asked("serper", news, json!({"input": "x", "search_type": "news"})).await;
    assert_eq!(
        (&data["results"][0]["thumbnail"], heard.path.as_str()),
        (&json!("https://n.example/i.png"), "/news")
    );
}

#[tokio::test]
async fn tavily_and_exa_speak_their_formats() {
    let answer = json!({"answer": "a leaf", "results": [
        {"title": "Tea", "url": "https://a.example/", "content": "s", "score": 0.5, "published_date": "2024-05-01"}]});
    let mut args = json!({"freshness": "month"});
    rich(&mut args);
    let (data, heard) = asked("tavily", answer, args.clone()).await;
    assert_eq!(
        (&data["answer"], &data["results"][0]["score"]),
        (&json!("a leaf"), &json!(0.5))
    );
    assert_eq!(heard.header("authorization"), "Bearer key-of-the-test");
    assert_eq!(
        heard.json(),
        json!({"query": "green tea", "topic": "general", "max_results": 7, "include_answer": true, "time_range": "month",
            "include_domains": ["a.example"], "exclude_domains": ["b.example"]})
    );
    args["freshness"] = json!({"after": "2024-05-01", "before": "2024-06-01"});
    let answer = json!({"results": [{"title": "Tea", "url": "https://a.example/", "text": "s", "author": "Ann", "publishedDate": "2024-05-02"}]});
    let (data, heard) = asked("exa", answer, args).await;
    assert_eq!(
        (
            &data["results"][0]["source"],
            &data["results"][0]["snippet"]
        ),
        (&json!("Ann"), &json!("s"))
    );
    let body = heard.json();
    assert_eq!(
        (&body["numResults"], &body["startPublishedDate"]),
        (&json!(7), &json!("2024-05-01T00:00:00.000Z"))
    );
    assert_eq!(body["includeDomains"], json!(["a.example"]));
    assert_eq!(heard.header("x-api-key"), "key-of-the-test");
}

#[tokio::test]
async fn searxng_speaks_its_format_and_has_pages() {
    let routes = Router::new().route(
        "/search",
        get(|query: axum::extract::Query<HashMap<String, String>>| async move {
            let page: usize = query["pageno"].parse().unwrap();
            let hits: Vec<Json> = (0..4)
                .map(|place| json!({"title": "t", "url": format!("https://a.example/{page}/{place}"), "content": "c", "engine": "e"}))
                .collect();
            axum::Json(json!({"results": hits, "answers": [{"answer": "a leaf"}], "number_of_results": 99}))
        }),
    );
    let site = Site::new(routes).await;
    let outcome = searched(
        place(&site, "searxng"),
        json!({"input": "tea", "provider": "SearXNG", "max_results": 6}),
    )
    .await;
    let data = outcome.data.to_serde_json();
    assert_eq!(
        (&data["count"], &data["answer"], &data["total_estimated"]),
        (&json!(6), &json!("a leaf"), &json!(99))
    );
    assert_eq!(data["results"][5]["url"], "https://a.example/2/1");
    assert_eq!(data["results"][5]["rank"], 6);
    assert_eq!(site.heard().len(), 2);
    assert_eq!(query(&site.last())["format"], "json");
    let error = failed(
        place_with(json!({})),
        json!({"input": "tea", "provider": "searxng"}),
    )
    .await;
    assert_eq!(error.kind(), Kind::Config);
    assert!(
        error
            .message()
            .contains("[tools.web_search.providers.searxng] base_url"),
        "{error:?}"
    );
}

fn duckduckgo() -> Router {
    let listing = |form: axum::extract::Form<HashMap<String, String>>| async move {
        let start: usize = form.get("s").map_or(0, |start| start.parse().unwrap());
        let results: String = (start..start + 10)
            .map(|place| format!("<div class=result><a class=result__a href='//duckduckgo.com/l/?uddg=https%3A%2F%2Fa.example%2F{place}'>Tea {place}</a><a class=result__snippet>About</a></div>"))
            .collect();
        Html(format!(
            "{results}<div class=nav-link><form><input name=q value=tea><input name=s value={}></form></div>",
            start + 10
        ))
    };
    Router::new()
        .route("/html/", any(listing))
        .route(
            "/",
            get(|query: axum::extract::Query<HashMap<String, String>>| async move {
                match query.contains_key("format") {
                    true => axum::Json(json!({"AbstractText": "A drink", "Answer": ""})).into_response(),
                    false => Html("<script>vqd=\"4-12345\";</script>").into_response(),
                }
            }),
        )
        .route("/news.js", get(answers(json!({"results": [{"title": "N", "url": "https://n.example/", "excerpt": "e", "date": 1_714_521_600, "source": "S"}]}))))
        .route("/i.js", get(answers(json!({"results": [{"title": "I", "image": "https://i.example/i.png", "url": "https://i.example/", "thumbnail": "https://i.example/t"}]}))))
}

#[tokio::test]
async fn duckduckgo_needs_no_key() {
    let site = Site::new(duckduckgo()).await;
    let place = || place_with(json!({"duckduckgo": {"base_url": site.url("")}}));
    let outcome = searched(
        place(),
        json!({"input": "tea", "max_results": 15, "freshness": "day", "country": "uk"}),
    )
    .await;
    let data = outcome.data.to_serde_json();
    assert_eq!(
        (&data["provider"], &data["count"], &data["answer"]),
        (&json!("duckduckgo"), &json!(15), &json!("A drink"))
    );
    assert_eq!(
        data["results"][10],
        json!({"title": "Tea 10", "url": "https://a.example/10", "snippet": "About", "rank": 11, "provider": "duckduckgo",
            "published": null, "source": "a.example", "thumbnail": null, "score": null, "content": null})
    );
    let heard = site.heard();
    let form = heard
        .iter()
        .find(|request| request.path == "/html/")
        .unwrap();
    assert_eq!(form.text(), "q=tea&kl=uk-en&kp=-1&df=d");
    assert_eq!(outcome.primary(), outcome.data.get("results").unwrap());
    let many = searched(place(), json!({"input": "tea", "max_results": 100})).await;
    assert_eq!(many.data.get("count"), Some(&30.into()));
    let news = searched(
        place(),
        json!({"input": "tea", "search_type": "news", "provider": "ddg"}),
    )
    .await
    .data
    .to_serde_json();
    assert_eq!(news["results"][0]["published"], "2024-05-01T00:00:00Z");
    assert_eq!(query(&site.last())["vqd"], "4-12345");
    let images = searched(place(), json!({"input": "tea", "search_type": "images"}))
        .await
        .data
        .to_serde_json();
    assert_eq!(
        (
            &images["results"][0]["url"],
            &images["results"][0]["source"]
        ),
        (
            &json!("https://i.example/i.png"),
            &json!("https://i.example/")
        )
    );
}

#[tokio::test]
async fn duckduckgo_may_ask_for_a_person() {
    let site = Site::new(Router::new().fallback(any(|| async {
        (
            StatusCode::ACCEPTED,
            Html("<div class=anomaly-modal__modal>"),
        )
    })))
    .await;
    let error = failed(
        place(&site, "duckduckgo"),
        json!({"input": "tea", "provider": "duckduckgo"}),
    )
    .await;
    assert_eq!(error.kind(), Kind::RateLimited);
    assert!(error.message().contains("rate limit"), "{error:?}");
}

#[tokio::test]
async fn a_missing_or_refused_key_is_said_so() {
    let error = failed(
        place_with(json!({})),
        json!({"input": "tea", "provider": "google"}),
    )
    .await;
    assert_eq!(error.kind(), Kind::Auth);
    assert_eq!(
        error.message(),
        "web_search: provider 'google' needs an API key (set [tools.web_search.providers.google] api_key or GOOGLE_API_KEY)"
    );
    let error = failed(
        place_with(json!({"google": {"api_key": "k"}})),
        json!({"input": "tea", "provider": "google"}),
    )
    .await;
    assert_eq!(error.kind(), Kind::Config);
    let statuses = Router::new()
        .route(
            "/401/{*rest}",
            any(|| async {
                (
                    StatusCode::UNAUTHORIZED,
                    axum::Json(json!({"message": "no such key"})),
                )
            }),
        )
        .route(
            "/429/{*rest}",
            any(|| async {
                (
                    StatusCode::TOO_MANY_REQUESTS,
                    [("retry-after", "7")],
                    "slow",
                )
            }),
        )
        .route("/418/{*rest}", any(|| async { StatusCode::IM_A_TEAPOT }))
        .route("/text/{*rest}", any(|| async { "no json" }));
    let site = Site::new(statuses).await;
    for (path, kind, part) in [
        ("/401", Kind::Auth, "refused the API key (401): no such key"),
        ("/429", Kind::RateLimited, "rate limit"),
        ("/418", Kind::Remote, "answered 418 I'm a teapot"),
        ("/text", Kind::Parse, "did not answer with JSON"),
    ] {
        let place = place_with(
            json!({"brave": {"api_key": "key-of-the-test", "base_url": site.url(path)}}),
        );
        let error = failed(place, json!({"input": "tea", "provider": "brave"})).await;
        assert_eq!(error.kind(), kind, "{error:?}");
        assert!(error.message().contains(part), "{error:?}");
        assert!(
            kind != Kind::RateLimited
                || error.details().get("retry_after_ms") == Some(&7000.into())
        );
    }
}

#[tokio::test]
async fn the_first_with_a_key_is_asked_and_keys_come_from_variables() {
    let answer = json!({"results": [], "organic": []});
    let site = Site::new(Router::new().fallback(any(answers(answer)))).await;
    let providers =
        json!({"serper": {"base_url": site.url("")}, "duckduckgo": {"base_url": site.url("")}});
    let with_key = place_with(providers.clone()).variable("SERPER_API_KEY", "key-of-the-test");
    assert_eq!(with_key_provider(with_key).await, "serper");
    assert_eq!(site.last().header("x-api-key"), "key-of-the-test");
    let other = place_with(providers.clone())
        .variable("LLMSPELL_API_KEY_SERPERDEV", "other-key-of-the-test");
    assert_eq!(with_key_provider(other).await, "serper");
    assert_eq!(site.last().header("x-api-key"), "other-key-of-the-test");
    let by_variable =
        place_with(json!({"exa": account(&site)})).variable("WEBSEARCH_DEFAULT_PROVIDER", "exa");
    assert_eq!(with_key_provider(by_variable).await, "exa");
    let named =
        place_with(json!({"tavily": {"base_url": site.url(""), "api_key_env": "MY_TAVILY"}}))
            .variable("MY_TAVILY", "mine-of-the-test");
    assert_eq!(with_key_provider(named).await, "tavily");
    assert_eq!(
        site.last().header("authorization"),
        "Bearer mine-of-the-test"
    );
}

async fn with_key_provider(place: Place) -> String {
    let outcome = searched(place, json!({"input": "tea"})).await;
    assert_eq!(outcome.data.get("count"), Some(&0.into()));
    outcome
        .data
        .get("provider")
        .and_then(Value::as_str)
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn another_service_is_asked_only_if_that_is_wanted() {
    let site = Site::new(
        Router::new()
            .route(
                "/down/{*rest}",
                any(|| async { StatusCode::NOT_IMPLEMENTED }),
            )
            .route(
                "/up/{*rest}",
                any(answers(
                    json!({"results": [{"title": "t", "url": "https://a.example/"}]}),
                )),
            ),
    )
    .await;
    let settings = |fallback: Json| {
        let rules = NetworkRules {
            proxy: Some(String::new()),
            ..Default::default()
        };
        Place::default().network_rules(rules).settings(
            "web_search",
            json!({
                "default_provider": "brave", "fallback": fallback,
                "providers": {
                    "brave": {"api_key": "k1-of-the-test", "base_url": site.url("/down")},
                    "exa": {"api_key": "k2-of-the-test", "base_url": site.url("/up")},
                    "tavily": {"api_key": "k3-of-the-test", "base_url": site.url("/down")},
                    "duckduckgo": {"base_url": site.url("/down")},
                },
            }),
        )
    };
    assert_eq!(
        failed(settings(json!(false)), json!({"input": "tea"}))
            .await
            .kind(),
        Kind::Remote
    );
    assert_eq!(
        failed(
            settings(json!(["exa"])),
            json!({"input": "tea", "provider": "brave"})
        )
        .await
        .kind(),
        Kind::Remote
    );
    for (configured, args) in [
        (json!(["exa"]), json!({"input": "tea"})),
        (json!(false), json!({"input": "tea", "fallback": true})),
        (
            json!(false),
            json!({"input": "tea", "provider": "brave", "fallback": ["tavily", "exa"]}),
        ),
    ] {
        let outcome = searched(settings(configured), args).await;
        assert_eq!(outcome.data.get("provider"), Some(&"exa".into()));
        let attempted = outcome.metadata["attempted"].to_serde_json();
        assert_eq!(attempted[0]["provider"], "brave");
        assert!(attempted[0]["error"].as_str().unwrap().contains("501"));
    }
    let none = failed(settings(json!(["tavily"])), json!({"input": "tea"})).await;
    assert!(
        none.message()
            .starts_with("no provider could be reached: brave: "),
        "{none:?}"
    );
    assert!(none.message().contains("; tavily: "), "{none:?}");
}

#[tokio::test]
async fn a_service_says_what_it_does_not_offer() {
    let place = place_with(json!({"tavily": {"api_key": "key-of-the-test"}}));
    let error = failed(
        place,
        json!({"input": "tea", "provider": "tavily", "search_type": "images"}),
    )
    .await;
    assert_eq!(error.kind(), Kind::Unavailable);
    assert_eq!(
        error.message(),
        "provider 'tavily' does not offer images; these do: brave, google, serpapi, serper, searxng, duckduckgo"
    );
}

#[tokio::test]
async fn pages_of_results_are_read() {
    let site = Site::new(Router::new().route(
        "/page",
        get(|| async { Html("<title>T</title><p>Some text of the page.</p>") }),
    ))
    .await;
    let hits = json!({"results": [{"title": "t", "url": site.url("/page")}, {"title": "u", "url": site.url("/missing")}]});
    let service = Site::new(Router::new().fallback(any(answers(hits)))).await;
    let providers = json!({"exa": account(&service)});
    let place = Place::default()
        .network()
        .settings("web_search", json!({ "providers": providers }));
    let outcome = searched(
        place,
        json!({"input": "tea", "include_content": true, "max_results": 2}),
    )
    .await;
    let data = outcome.data.to_serde_json();
    assert_eq!(data["results"][0]["content"], "Some text of the page.");
    assert_eq!(data["results"][1]["content"], Json::Null);
    assert_eq!(
        outcome.metadata["warnings"].to_serde_json(),
        json!(["1 of 2 pages could not be read"])
    );
}

#[tokio::test]
async fn a_search_may_be_answered_from_memory() {
    let site = Site::new(Router::new().fallback(any(answers(json!({"results": []}))))).await;
    let rules = NetworkRules {
        proxy: Some(String::new()),
        ..Default::default()
    };
    let cx = Place::default()
        .network_rules(rules)
        .settings(
            "web_search",
            json!({"cache_ttl_s": 60, "providers": {"exa": account(&site)}}),
        )
        .cx();
    for cached in [None, Some(&Value::Bool(true))] {
        let outcome = call_on(&cx, op(), json!({"input": "tea", "provider": "exa"}))
            .await
            .unwrap();
        assert_eq!(outcome.metadata.get("cached"), cached);
    }
    assert_eq!(site.heard().len(), 1);
}

#[tokio::test]
async fn a_base_url_opens_its_own_origin_only() {
    let routes = Router::new().fallback(any(|| async {
        axum::response::Redirect::temporary("http://127.0.0.1:9/")
    }));
    let site = Site::new(routes).await;
    let error = failed(
        place(&site, "brave"),
        json!({"input": "tea", "provider": "brave"}),
    )
    .await;
    assert_eq!(error.kind(), Kind::Denied);
}

#[test]
fn wrong_parameters_are_refused() {
    for (args, part) in [
        (
            json!({}),
            "Missing required parameter 'input' for web_search",
        ),
        (
            json!({"input": "  "}),
            "must be 1 to 2000 characters long, got 0",
        ),
        (json!({"input": "x".repeat(2001)}), "got 2001"),
        (json!({"input": "x", "max_results": 0}), "between 1 and 100"),
        (json!({"input": "x", "limit": 101}), "between 1 and 100"),
        (
            json!({"input": "x", "num_results": "many"}),
            "'max_results' must be integer",
        ),
        (
            json!({"input": "x", "provider": "altavista"}),
            "unknown provider 'altavista', expected one of: brave, google",
        ),
        (
            json!({"input": "x", "search_type": "maps"}),
            "expected one of: web, news, images",
        ),
        (
            json!({"input": "x", "safe_search": "some"}),
            "expected one of: off, moderate, strict",
        ),
        (
            json!({"input": "x", "freshness": "decade"}),
            "expected one of: day, week, month, year",
        ),
        (
            json!({"input": "x", "freshness": {"since": "2024-05-01"}}),
            "unknown parameter 'freshness.since'",
        ),
        (
            json!({"input": "x", "freshness": {"after": "May"}}),
            "must be a date",
        ),
        (
            json!({"input": "x", "freshness": {}}),
            "after, before or both",
        ),
        (
            json!({"input": "x", "language": "en&x=1"}),
            "must be a code",
        ),
        (
            json!({"input": "x", "site": "a.example OR b"}),
            "is not a host",
        ),
        (
            json!({"input": "x", "fallback": ["none"]}),
            "unknown provider 'none'",
        ),
        (
            json!({"input": "x", "sort": "date"}),
            "unknown parameter 'sort'",
        ),
        (
            json!({"input": "x", "operation": "find"}),
            "expected one of: search",
        ),
    ] {
        let error = fails(op(), args.clone());
        assert_eq!(error.kind(), Kind::InvalidArgs, "{args}");
        assert!(error.message().contains(part), "{args}: {error:?}");
    }
    assert_eq!(fails(op(), json!({"input": "x"})).kind(), Kind::Denied);
}
