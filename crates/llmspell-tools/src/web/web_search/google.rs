//! Google Custom Search JSON API: <https://developers.google.com/custom-search/v1/reference/rest/v1/cse/list>.

use serde_json::Value as Json;

use super::provider::{Account, Ask, Page};
use super::search::{Age, Found, Hit, Safe, Search, Subject, hits, text};

pub(super) fn ask(search: &Search, account: &Account, page: Page) -> Ask {
    let safe = if search.safe == Safe::Off {
        "off"
    } else {
        "active"
    };
    let mut query = vec![
        ("key", account.key.clone()),
        ("cx", account.search_engine_id.clone()),
        ("q", search.with_sites()),
        ("num", page.size.to_string()),
        ("start", (page.number * page.size + 1).to_string()),
        ("safe", safe.to_owned()),
        ("hl", search.language.clone()),
    ];
    query.extend(
        search
            .country
            .clone()
            .map(|country| ("gl", country.to_lowercase())),
    );
    if search.subject == Subject::Images {
        query.push(("searchType", "image".to_owned()));
    }
    match &search.age {
        Some(Age::Within(span)) => query.push(("dateRestrict", format!("{}1", &span[..1]))),
        Some(Age::Between { after, before }) => {
            let day = |date: &Option<String>| date.as_deref().unwrap_or_default().replace('-', "");
            query.push(("sort", format!("date:r:{}:{}", day(after), day(before))));
        }
        None => {}
    }
    Ask {
        path: "/customsearch/v1",
        query,
        headers: Vec::new(),
        json: None,
    }
}

pub(super) fn read(search: &Search, json: &Json) -> Found {
    let total = text(json, &["searchInformation", "totalResults"]);
    Found {
        hits: hits(json.get("items"), |entry| {
            let images = search.subject == Subject::Images;
            let thumbnail = entry
                .pointer("/pagemap/cse_thumbnail/0/src")
                .and_then(Json::as_str);
            Hit {
                title: text(entry, &["title"]).unwrap_or_default(),
                url: text(entry, &["link"]).unwrap_or_default(),
                snippet: text(entry, &["snippet"]).unwrap_or_default(),
                source: match images {
                    true => text(entry, &["image", "contextLink"]),
                    false => text(entry, &["displayLink"]),
                },
                thumbnail: text(entry, &["image", "thumbnailLink"])
                    .or(thumbnail.map(str::to_owned)),
                ..Hit::default()
            }
        }),
        total: total.and_then(|total| total.parse().ok()),
        ..Found::default()
    }
}
