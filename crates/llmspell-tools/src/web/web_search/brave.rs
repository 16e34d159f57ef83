//! Brave Search API: <https://api-dashboard.search.brave.com/app/documentation/web-search/get-started>.

use serde_json::Value as Json;

use super::provider::{Account, Ask, Page};
use super::search::{Age, Found, Hit, Safe, Search, Subject, hits, text};

pub(super) fn ask(search: &Search, account: &Account, page: Page) -> Ask {
    let mut query = vec![("q", search.with_sites()), ("count", page.size.to_string())];
    query.push(("search_lang", search.language.clone()));
    query.extend(
        search
            .country
            .clone()
            .map(|country| ("country", country.to_uppercase())),
    );
    query.push(("safesearch", safe(search).to_owned()));
    query.extend(search.age.as_ref().map(|age| ("freshness", freshness(age))));
    if page.number > 0 {
        query.push(("offset", page.number.to_string()));
    }
    Ask {
        path: match search.subject {
            Subject::Web => "/res/v1/web/search",
            Subject::News => "/res/v1/news/search",
            Subject::Images => "/res/v1/images/search",
        },
        query,
        headers: vec![("x-subscription-token", account.key.clone())],
        json: None,
    }
}

/// Images know no middle.
fn safe(search: &Search) -> &'static str {
    match (search.subject, search.safe) {
        (Subject::Images, Safe::Off) => "off",
        (Subject::Images, _) => "strict",
        (_, safe) => safe.name(),
    }
}

fn freshness(age: &Age) -> String {
    match age {
        Age::Within(span) => format!("p{}", &span[..1]),
        Age::Between { after, before } => {
            let after = after.as_deref().unwrap_or("1970-01-01");
            let before = before.as_deref().unwrap_or("2999-12-31");
            format!("{after}to{before}")
        }
    }
}

pub(super) fn read(search: &Search, json: &Json) -> Found {
    let list = match search.subject {
        Subject::Web => json.pointer("/web/results"),
        _ => json.get("results"),
    };
    Found {
        hits: hits(list, |entry| match search.subject {
            Subject::Images => Hit {
                title: text(entry, &["title"]).unwrap_or_default(),
                url: text(entry, &["properties", "url"]).unwrap_or_default(),
                source: text(entry, &["url"]),
                thumbnail: text(entry, &["thumbnail", "src"]),
                ..Hit::default()
            },
            _ => Hit {
                title: text(entry, &["title"]).unwrap_or_default(),
                url: text(entry, &["url"]).unwrap_or_default(),
                snippet: text(entry, &["description"]).unwrap_or_default(),
                published: text(entry, &["page_age"]).or_else(|| text(entry, &["age"])),
                source: text(entry, &["profile", "name"])
                    .or_else(|| text(entry, &["meta_url", "hostname"])),
                thumbnail: text(entry, &["thumbnail", "src"]),
                ..Hit::default()
            },
        }),
        ..Found::default()
    }
}
