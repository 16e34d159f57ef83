//! Exa: <https://docs.exa.ai/reference/search>.

use serde_json::{Value as Json, json};

use super::provider::{Account, Ask, Page};
use super::search::{Age, Found, Hit, Search, Subject, hits, text};

/// Length of the text that stands in for a snippet, in characters.
const SNIPPET: u32 = 500;

pub(super) fn ask(search: &Search, account: &Account, page: Page) -> Ask {
    let mut body = json!({
        "query": search.query, "numResults": page.size, "contents": {"text": {"maxCharacters": SNIPPET}},
    });
    if search.subject == Subject::News {
        body["category"] = "news".into();
    }
    if let Some(Age::Between { after, before }) = &search.age {
        for (name, date) in [("startPublishedDate", after), ("endPublishedDate", before)] {
            if let Some(date) = date {
                body[name] = format!("{date}T00:00:00.000Z").into();
            }
        }
    }
    for (name, sites) in [
        ("includeDomains", &search.sites),
        ("excludeDomains", &search.exclude_sites),
    ] {
        if !sites.is_empty() {
            body[name] = sites.clone().into();
        }
    }
    Ask {
        path: "/search",
        query: Vec::new(),
        headers: vec![("x-api-key", account.key.clone())],
        json: Some(body),
    }
}

pub(super) fn read(search: &Search, json: &Json) -> Found {
    let mut found = Found {
        hits: hits(json.get("results"), |entry| Hit {
            title: text(entry, &["title"]).unwrap_or_default(),
            url: text(entry, &["url"]).unwrap_or_default(),
            snippet: text(entry, &["summary"])
                .or_else(|| text(entry, &["text"]))
                .unwrap_or_default(),
            published: text(entry, &["publishedDate"]),
            source: text(entry, &["author"]),
            thumbnail: text(entry, &["image"]),
            score: entry.get("score").and_then(Json::as_f64),
        }),
        ..Found::default()
    };
    if let Some(Age::Within(_)) = search.age {
        let warning = "exa takes dates, not spans: `freshness` was not used; give {after, before}";
        found.warnings.push(warning.to_owned());
    }
    found
}
