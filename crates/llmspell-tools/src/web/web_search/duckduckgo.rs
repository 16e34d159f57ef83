//! DuckDuckGo, without a key: the result page for people, its instant answers, and what its own pages of news and images
//! ask for.

use std::time::Duration;

use jiff::Timestamp;
use llmspell_core::{Cx, Error, Kind, Map, Result, Value, bail, error};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use url::Url;
use url::form_urlencoded::Serializer;

use super::fetch::{Service, json_of};
use super::provider::{Account, Provider};
use super::search::{Age, Found, Hit, Safe, Search, Subject, hits, text};
use crate::page::{Page, folded};
use crate::web::answer::Answer;
use crate::worker;

/// Where instant answers are, unless the configuration names one place for all.
const API: &str = "https://api.duckduckgo.com";

/// Where the pages of news and images are.
const MAIN: &str = "https://duckduckgo.com";

const LIMIT: Duration = Duration::from_secs(10);

/// A page of results, as the worker reads it.
#[derive(Default, Serialize, Deserialize)]
struct Listing {
    hits: Vec<Listed>,
    /// The hidden fields of the button for the next page.
    next: Option<Map>,
    /// Whether the page asks for proof of a person instead.
    refuses: bool,
}

#[derive(Serialize, Deserialize)]
struct Listed {
    title: String,
    url: String,
    snippet: String,
}

/// Searches.
///
/// - Errors: `RateLimited` if the service takes the caller for a robot; those of the network.
pub(super) async fn search(
    cx: &Cx,
    provider: &Provider,
    account: &Account,
    search: &Search,
) -> Result<Found> {
    let service = Service {
        provider: provider.name(),
        account,
    };
    match search.subject {
        Subject::Web => {
            let (listed, answer) = futures::join!(
                listed(cx, provider, &service, search),
                instant(cx, &service, search)
            );
            let mut found = listed?;
            found.answer = answer;
            Ok(found)
        }
        subject => scripted(cx, &service, search, subject).await,
    }
}

/// Reads result pages until there are enough results.
async fn listed(
    cx: &Cx,
    provider: &Provider,
    service: &Service<'_>,
    search: &Search,
) -> Result<Found> {
    let mut found = Found::default();
    let mut fields = Map::from([
        ("q", Value::from(search.with_sites())),
        ("kl", region(search).into()),
        ("kp", safe(search.safe).into()),
    ]);
    if let Some(age) = &search.age {
        fields.insert("df", date_filter(age).into());
    }
    for _ in 0..provider.pages {
        let listing = page(cx, service, &fields).await?;
        let Listing { hits, next, .. } = listing;
        let known = found.hits.len();
        for hit in hits {
            if !found.hits.iter().any(|known| known.url == hit.url) {
                found.hits.push(Hit {
                    source: host(&hit.url),
                    title: hit.title,
                    url: hit.url,
                    snippet: hit.snippet,
                    ..Hit::default()
                });
            }
        }
        match next {
            Some(next) if found.hits.len() < search.max_results && found.hits.len() > known => {
                fields = next
            }
            _ => break,
        }
    }
    Ok(found)
}

async fn page(cx: &Cx, service: &Service<'_>, fields: &Map) -> Result<Listing> {
    let url = service.url(&service.account.base_url, "/html/")?;
    let request = service
        .request(cx, "POST", url)
        .body("application/x-www-form-urlencoded", form(fields));
    let answer = service.send(cx, request).await?;
    let request = Map::from([("html", Value::Bytes(answer.body))]);
    let listing = worker::run(cx, "web_search.duckduckgo", Value::Map(request), LIMIT).await?;
    let listing: Listing = listing.into_typed()?;
    match listing.refuses || answer.status == 202 {
        true => Err(Error::new(
            Kind::RateLimited,
            "provider 'duckduckgo' asks for proof of a person: its rate limit is reached",
        )
        .hint("search less often, or use a provider with a key")),
        false => Ok(listing),
    }
}

fn form(fields: &Map) -> String {
    let pairs = fields
        .iter()
        .map(|(name, value)| (name, value.as_str().unwrap_or_default()));
    Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// Reads a result page. Runs in a worker.
pub(super) fn run_job(request: Value) -> Result<Value> {
    let Some(Value::Bytes(html)) = request.get("html") else {
        bail!(InvalidArgs, "a page must be bytes");
    };
    Value::from_serialize(&read(&String::from_utf8_lossy(html))?)
}

fn read(html: &str) -> Result<Listing> {
    let page = Page::parse(html, Some(MAIN))?;
    let mut listing = Listing {
        refuses: page
            .first(".anomaly-modal__modal, #challenge-form")
            .is_some(),
        ..Listing::default()
    };
    for result in page.all(".result") {
        let part = |class: &str| {
            result
                .descendants()
                .into_iter()
                .find(|node| node.has_class(class))
        };
        let is_advertisement = result.has_class("result--ad");
        let Some(link) = part("result__a").filter(|_| !is_advertisement) else {
            continue;
        };
        let address = link
            .attr("href")
            .and_then(|address| page.absolute(&address));
        if let Some(url) = address.and_then(target) {
            listing.hits.push(Listed {
                title: folded(&link.text()),
                url: url.into(),
                snippet: part("result__snippet")
                    .map(|node| folded(&node.text()))
                    .unwrap_or_default(),
            });
        }
    }
    listing.next = next(&page);
    Ok(listing)
}

/// Returns where a link of the service leads: its links count who follows them.
fn target(link: Url) -> Option<Url> {
    let counted = link
        .host_str()
        .is_some_and(|host| host.ends_with("duckduckgo.com"))
        && link.path().starts_with("/l/");
    let target = match counted {
        true => link
            .query_pairs()
            .find(|(name, _)| name == "uddg")
            .and_then(|(_, url)| Url::parse(&url).ok())?,
        false => link,
    };
    // What still leads to the service itself is an advertisement.
    let own = target
        .host_str()
        .is_some_and(|host| host == "duckduckgo.com")
        && target.path() == "/y.js";
    (matches!(target.scheme(), "http" | "https") && !own).then_some(target)
}

/// Returns the hidden fields of the button that leads on.
fn next(page: &Page) -> Option<Map> {
    let forms = page.all(".nav-link form").into_iter();
    let fields = |form: dom_query::NodeRef<'_>| {
        let inputs = form
            .descendants()
            .into_iter()
            .filter(|node| node.has_name("input"));
        let fields = inputs.filter_map(|input| {
            let name = input.attr("name")?.to_string();
            Some((
                name,
                Value::from(input.attr("value").unwrap_or_default().to_string()),
            ))
        });
        fields.collect::<Map>()
    };
    // The way back has a smaller offset, and comes first.
    forms
        .map(fields)
        .filter(|fields| fields.contains_key("s"))
        .last()
}

/// Returns the instant answer; that there is none is no failure.
async fn instant(cx: &Cx, service: &Service<'_>, search: &Search) -> Option<String> {
    let mut url = service.url(place(service, API), "/").ok()?;
    url.query_pairs_mut()
        .append_pair("q", &search.query)
        .append_pair("format", "json")
        .append_pair("no_html", "1")
        .append_pair("skip_disambig", "1");
    let request = service.request(cx, "GET", url);
    let answer = service.send(cx, request).await.ok()?;
    let json = json_of(service.provider, &answer).ok()?;
    ["Answer", "AbstractText", "Definition"]
        .iter()
        .find_map(|name| text(&json, &[name]))
}

/// Searches news or images: the service gives its own pages a token first.
async fn scripted(
    cx: &Cx,
    service: &Service<'_>,
    search: &Search,
    subject: Subject,
) -> Result<Found> {
    let main = place(service, MAIN);
    let mut url = service.url(main, "/")?;
    url.query_pairs_mut().append_pair("q", &search.with_sites());
    let request = service.request(cx, "GET", url);
    let answer = service.send(cx, request).await?;
    let token = token(&answer).ok_or_else(|| {
        error!(
            Remote,
            "provider 'duckduckgo' gave no token for its {}",
            subject.name()
        )
    })?;
    let path = match subject {
        Subject::News => "/news.js",
        _ => "/i.js",
    };
    let mut url = service.url(main, path)?;
    url.query_pairs_mut()
        .append_pair("l", &region(search))
        .append_pair("o", "json")
        .append_pair("q", &search.with_sites())
        .append_pair("vqd", &token)
        .append_pair("p", safe(search.safe));
    if let Some(age) = &search.age {
        url.query_pairs_mut().append_pair("df", &date_filter(age));
    }
    let request = service
        .request(cx, "GET", url)
        .header("referer", format!("{main}/"));
    let answer = service.send(cx, request).await?;
    let json = json_of(service.provider, &answer)?;
    Ok(Found {
        hits: hits(json.get("results"), |entry| hit(entry, subject)),
        ..Found::default()
    })
}

fn hit(entry: &Json, subject: Subject) -> Hit {
    let title = text(entry, &["title"]).unwrap_or_default();
    match subject {
        Subject::News => {
            let date = entry.get("date").and_then(Json::as_i64);
            let date = date.and_then(|seconds| Timestamp::from_second(seconds).ok());
            Hit {
                title,
                url: text(entry, &["url"]).unwrap_or_default(),
                snippet: text(entry, &["excerpt"]).unwrap_or_default(),
                published: date.map(|date| date.to_string()),
                source: text(entry, &["source"]),
                thumbnail: text(entry, &["image"]),
                ..Hit::default()
            }
        }
        _ => Hit {
            title,
            url: text(entry, &["image"]).unwrap_or_default(),
            source: text(entry, &["url"]),
            thumbnail: text(entry, &["thumbnail"]),
            ..Hit::default()
        },
    }
}

/// Finds `vqd="4-123"` in the service's page.
fn token(answer: &Answer) -> Option<String> {
    let page = String::from_utf8_lossy(&answer.body);
    let rest = page.split("vqd=").nth(1)?.trim_start_matches(['"', '\'']);
    let end = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '-')?;
    Some(rest[..end].to_owned()).filter(|token| !token.is_empty())
}

/// Returns where a part of the service is: one place for all if the configuration names one.
fn place<'a>(service: &Service<'a>, usual: &'a str) -> &'a str {
    match service.account.is_configured {
        true => &service.account.base_url,
        false => usual,
    }
}

fn host(url: &str) -> Option<String> {
    Url::parse(url).ok()?.host_str().map(str::to_owned)
}

/// Returns country and language: `uk-en`; `wt-wt` is everywhere.
fn region(search: &Search) -> String {
    match &search.country {
        Some(country) => format!(
            "{}-{}",
            country.to_lowercase(),
            search.language.to_lowercase()
        ),
        None => "wt-wt".to_owned(),
    }
}

fn safe(safe: Safe) -> &'static str {
    match safe {
        Safe::Off => "-2",
        Safe::Moderate => "-1",
        Safe::Strict => "1",
    }
}

fn date_filter(age: &Age) -> String {
    match age {
        Age::Within(span) => span[..1].to_owned(),
        Age::Between { after, before } => {
            let after = after.as_deref().unwrap_or("1970-01-01");
            format!("{after}..{}", before.as_deref().unwrap_or("2999-12-31"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_page_is_read() {
        let html = r#"<div class="results">
            <div class="result result--ad"><a class="result__a" href="https://duckduckgo.com/y.js?ad=1">Ad</a></div>
            <div class="result"><h2><a class="result__a" href="//duckduckgo.com/l/?uddg=https%3A%2F%2Fa.example%2F%3Fx%3D1&amp;rut=9">Tea <b>one</b></a></h2>
              <a class="result__snippet" href="x">About  <b>tea</b>.</a></div>
            <div class="result"><a class="result__a" href="https://b.example/">Two</a></div>
            <div class="result"><a class="result__a" href="javascript:x()">Three</a></div>
            <div class="nav-link"><form action="/html/" method="post"><input type="submit" value="Next">
              <input type="hidden" name="q" value="tea"><input type="hidden" name="s" value="10"></form></div></div>"#;
        let listing = read(html).unwrap();
        let urls: Vec<&str> = listing.hits.iter().map(|hit| hit.url.as_str()).collect();
        assert_eq!(urls, ["https://a.example/?x=1", "https://b.example/"]);
        assert_eq!(listing.hits[0].title, "Tea one");
        assert_eq!(listing.hits[0].snippet, "About tea.");
        let next = listing.next.unwrap();
        assert_eq!(
            (next["q"].as_str(), next["s"].as_str()),
            (Some("tea"), Some("10"))
        );
        assert!(!listing.refuses);
        assert!(read("<div class=anomaly-modal__modal>").unwrap().refuses);
    }
}
