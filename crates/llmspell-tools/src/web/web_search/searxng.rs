//! SearXNG: <https://docs.searxng.org/dev/search_api.html>. The instance must allow the format `json`.

use serde_json::Value as Json;

use super::provider::{Account, Ask, Page};
use super::search::{Age, Found, Hit, Safe, Search, Subject, hits, text};

pub(super) fn ask(search: &Search, account: &Account, page: Page) -> Ask {
    let category = match search.subject {
        Subject::Web => "general",
        subject => subject.name(),
    };
    let language = match &search.country {
        Some(country) => format!("{}-{}", search.language, country.to_uppercase()),
        None => search.language.clone(),
    };
    let safe = match search.safe {
        Safe::Off => "0",
        Safe::Moderate => "1",
        Safe::Strict => "2",
    };
    let mut query = vec![
        ("q", search.with_sites()),
        ("format", "json".to_owned()),
        ("categories", category.to_owned()),
        ("language", language),
        ("safesearch", safe.to_owned()),
        ("pageno", (page.number + 1).to_string()),
    ];
    query.extend(account.engine.clone().map(|engines| ("engines", engines)));
    if let Some(Age::Within(span)) = &search.age {
        query.push(("time_range", (*span).to_owned()));
    }
    Ask {
        path: "/search",
        query,
        headers: Vec::new(),
        json: None,
    }
}

pub(super) fn read(search: &Search, json: &Json) -> Found {
    let answer = json.pointer("/answers/0");
    let answer = answer.and_then(|answer| {
        answer
            .as_str()
            .map(str::to_owned)
            .or_else(|| text(answer, &["answer"]))
    });
    let mut found = Found {
        hits: hits(json.get("results"), |entry| {
            let images = search.subject == Subject::Images;
            let page = text(entry, &["url"]);
            Hit {
                title: text(entry, &["title"]).unwrap_or_default(),
                url: match images {
                    true => text(entry, &["img_src"]).or(page.clone()),
                    false => page.clone(),
                }
                .unwrap_or_default(),
                snippet: text(entry, &["content"]).unwrap_or_default(),
                published: text(entry, &["publishedDate"]),
                source: if images {
                    page
                } else {
                    text(entry, &["engine"])
                },
                thumbnail: text(entry, &["thumbnail_src"]).or_else(|| text(entry, &["thumbnail"])),
                score: entry.get("score").and_then(Json::as_f64),
            }
        }),
        answer,
        total: json
            .get("number_of_results")
            .and_then(Json::as_u64)
            .filter(|total| *total > 0),
        ..Found::default()
    };
    if let Some(Age::Between { .. }) = search.age {
        let warning = "searxng takes spans, not dates: `freshness` was not used; give day, week, month or year";
        found.warnings.push(warning.to_owned());
    }
    found
}
