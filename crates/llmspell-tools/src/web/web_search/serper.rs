//! Serper: <https://serper.dev/playground>.

use serde_json::{Value as Json, json};

use super::provider::{Account, Ask, Page};
use super::search::{Found, Hit, Search, Subject, hits, text};
use super::serpapi::tbs;

pub(super) fn ask(search: &Search, account: &Account, page: Page) -> Ask {
    let mut body = json!({"q": search.with_sites(), "num": page.size, "hl": search.language});
    if let Some(country) = &search.country {
        body["gl"] = country.to_lowercase().into();
    }
    if let Some(age) = &search.age {
        body["tbs"] = tbs(age).into();
    }
    Ask {
        path: match search.subject {
            Subject::Web => "/search",
            Subject::News => "/news",
            Subject::Images => "/images",
        },
        query: Vec::new(),
        headers: vec![("x-api-key", account.key.clone())],
        json: Some(body),
    }
}

pub(super) fn read(search: &Search, json: &Json) -> Found {
    let list = match search.subject {
        Subject::Web => "organic",
        Subject::News => "news",
        Subject::Images => "images",
    };
    let answer =
        text(json, &["answerBox", "answer"]).or_else(|| text(json, &["answerBox", "snippet"]));
    Found {
        hits: hits(json.get(list), |entry| match search.subject {
            Subject::Images => Hit {
                title: text(entry, &["title"]).unwrap_or_default(),
                url: text(entry, &["imageUrl"]).unwrap_or_default(),
                source: text(entry, &["link"]),
                thumbnail: text(entry, &["thumbnailUrl"]),
                ..Hit::default()
            },
            _ => Hit {
                title: text(entry, &["title"]).unwrap_or_default(),
                url: text(entry, &["link"]).unwrap_or_default(),
                snippet: text(entry, &["snippet"]).unwrap_or_default(),
                published: text(entry, &["date"]),
                source: text(entry, &["source"]),
                thumbnail: text(entry, &["imageUrl"]),
                ..Hit::default()
            },
        }),
        answer,
        ..Found::default()
    }
}
