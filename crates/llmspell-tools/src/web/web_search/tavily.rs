//! Tavily: <https://docs.tavily.com/documentation/api-reference/endpoint/search>.

use serde_json::{Value as Json, json};

use super::provider::{Account, Ask, Page};
use super::search::{Age, Found, Hit, Search, Subject, hits, text};

pub(super) fn ask(search: &Search, account: &Account, page: Page) -> Ask {
    let topic = match search.subject {
        Subject::News => "news",
        _ => "general",
    };
    let mut body = json!({
        "query": search.query, "topic": topic, "max_results": page.size, "include_answer": true,
    });
    match &search.age {
        Some(Age::Within(span)) => body["time_range"] = (*span).into(),
        Some(Age::Between { after, before }) => {
            for (name, date) in [("start_date", after), ("end_date", before)] {
                if let Some(date) = date {
                    body[name] = date.as_str().into();
                }
            }
        }
        None => {}
    }
    for (name, sites) in [
        ("include_domains", &search.sites),
        ("exclude_domains", &search.exclude_sites),
    ] {
        if !sites.is_empty() {
            body[name] = sites.clone().into();
        }
    }
    Ask {
        path: "/search",
        query: Vec::new(),
        headers: vec![("authorization", format!("Bearer {}", account.key))],
        json: Some(body),
    }
}

pub(super) fn read(_: &Search, json: &Json) -> Found {
    Found {
        hits: hits(json.get("results"), |entry| Hit {
            title: text(entry, &["title"]).unwrap_or_default(),
            url: text(entry, &["url"]).unwrap_or_default(),
            snippet: text(entry, &["content"]).unwrap_or_default(),
            published: text(entry, &["published_date"]),
            score: entry.get("score").and_then(Json::as_f64),
            ..Hit::default()
        }),
        answer: text(json, &["answer"]),
        ..Found::default()
    }
}
