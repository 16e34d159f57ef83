//! SerpApi: <https://serpapi.com/search-api>.

use serde_json::Value as Json;

use super::provider::{Account, Ask, Page};
use super::search::{Age, Found, Hit, Safe, Search, Subject, hits, text};

pub(super) fn ask(search: &Search, account: &Account, page: Page) -> Ask {
    let engine = account
        .engine
        .clone()
        .unwrap_or_else(|| "google".to_owned());
    let safe = if search.safe == Safe::Off {
        "off"
    } else {
        "active"
    };
    let mut query = vec![
        ("engine", engine),
        ("api_key", account.key.clone()),
        ("q", search.with_sites()),
        ("num", page.size.to_string()),
        ("safe", safe.to_owned()),
        ("hl", search.language.clone()),
    ];
    query.extend(
        search
            .country
            .clone()
            .map(|country| ("gl", country.to_lowercase())),
    );
    match search.subject {
        Subject::Web => {}
        Subject::News => query.push(("tbm", "nws".to_owned())),
        Subject::Images => query.push(("tbm", "isch".to_owned())),
    }
    query.extend(search.age.as_ref().map(|age| ("tbs", tbs(age))));
    Ask {
        path: "/search.json",
        query,
        headers: Vec::new(),
        json: None,
    }
}

/// Returns an age as Google's own pages write it: `qdr:w`, `cdr:1,cd_min:5/1/2024,cd_max:6/1/2024`.
pub(super) fn tbs(age: &Age) -> String {
    match age {
        Age::Within(span) => format!("qdr:{}", &span[..1]),
        Age::Between { after, before } => {
            let mut tbs = "cdr:1".to_owned();
            for (name, date) in [("cd_min", after), ("cd_max", before)] {
                let parts: Option<Vec<&str>> =
                    date.as_deref().map(|date| date.split('-').collect());
                if let Some([year, month, day]) = parts.as_deref() {
                    let (month, day) = (month.trim_start_matches('0'), day.trim_start_matches('0'));
                    tbs += &format!(",{name}:{month}/{day}/{year}");
                }
            }
            tbs
        }
    }
}

pub(super) fn read(search: &Search, json: &Json) -> Found {
    let list = match search.subject {
        Subject::Web => "organic_results",
        Subject::News => "news_results",
        Subject::Images => "images_results",
    };
    let answer =
        text(json, &["answer_box", "answer"]).or_else(|| text(json, &["answer_box", "snippet"]));
    Found {
        hits: hits(json.get(list), |entry| match search.subject {
            Subject::Images => Hit {
                title: text(entry, &["title"]).unwrap_or_default(),
                url: text(entry, &["original"]).unwrap_or_default(),
                source: text(entry, &["link"]),
                thumbnail: text(entry, &["thumbnail"]),
                ..Hit::default()
            },
            _ => Hit {
                title: text(entry, &["title"]).unwrap_or_default(),
                url: text(entry, &["link"]).unwrap_or_default(),
                snippet: text(entry, &["snippet"]).unwrap_or_default(),
                published: text(entry, &["date"]),
                source: text(entry, &["source"]),
                thumbnail: text(entry, &["thumbnail"]),
                ..Hit::default()
            },
        }),
        answer,
        total: json
            .pointer("/search_information/total_results")
            .and_then(Json::as_u64),
        ..Found::default()
    }
}
