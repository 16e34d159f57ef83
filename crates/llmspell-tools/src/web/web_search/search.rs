//! A search and what it finds, in the words that all services share.

use llmspell_core::{Map, Value};
use serde_json::Value as Json;

/// What is searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Subject {
    Web,
    News,
    Images,
}

impl Subject {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::News => "news",
            Self::Images => "images",
        }
    }
}

/// How much is left out that not everybody wants to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Safe {
    Off,
    Moderate,
    Strict,
}

impl Safe {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Moderate => "moderate",
            Self::Strict => "strict",
        }
    }
}

/// How old results may be.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Age {
    /// `day`, `week`, `month` or `year`.
    Within(&'static str),
    /// Dates as `2024-05-01`, one of them at least.
    Between {
        after: Option<String>,
        before: Option<String>,
    },
}

/// A search.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Search {
    pub(super) query: String,
    pub(super) subject: Subject,
    pub(super) max_results: usize,
    pub(super) safe: Safe,
    pub(super) language: String,
    pub(super) country: Option<String>,
    pub(super) age: Option<Age>,
    pub(super) sites: Vec<String>,
    pub(super) exclude_sites: Vec<String>,
}

impl Search {
    /// Returns the query with the sites as operators, for services that have no parameters for them.
    pub(super) fn with_sites(&self) -> String {
        let sites: Vec<String> = self
            .sites
            .iter()
            .map(|site| format!("site:{site}"))
            .collect();
        let excluded = self
            .exclude_sites
            .iter()
            .map(|site| format!("-site:{site}"));
        let mut words = vec![self.query.clone()];
        match sites.len() {
            0 => {}
            1 => words.extend(sites),
            _ => words.push(format!("({})", sites.join(" OR "))),
        }
        words.extend(excluded);
        words.join(" ")
    }
}

/// A result.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Hit {
    pub(super) title: String,
    /// The page; for images the image itself.
    pub(super) url: String,
    pub(super) snippet: String,
    pub(super) published: Option<String>,
    /// Who has it: a newspaper, a host; for images the page that shows it.
    pub(super) source: Option<String>,
    pub(super) thumbnail: Option<String>,
    pub(super) score: Option<f64>,
}

impl Hit {
    /// Returns the result as scripts see it.
    pub(super) fn value(self, rank: usize, provider: &str) -> Value {
        let mut hit = Map::from([
            ("title", Value::from(self.title)),
            ("url", self.url.into()),
            ("snippet", self.snippet.into()),
            ("rank", rank.into()),
            ("provider", provider.into()),
        ]);
        hit.insert("published", self.published.into());
        hit.insert("source", self.source.into());
        hit.insert("thumbnail", self.thumbnail.into());
        hit.insert("score", self.score.into());
        hit.insert("content", Value::Null);
        Value::Map(hit)
    }
}

/// What a service found.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Found {
    pub(super) hits: Vec<Hit>,
    pub(super) answer: Option<String>,
    pub(super) total: Option<u64>,
    pub(super) warnings: Vec<String>,
}

/// Returns a member that is text, along a path of names, without markup.
pub(super) fn text(json: &Json, path: &[&str]) -> Option<String> {
    let found = path.iter().try_fold(json, |json, name| json.get(name))?;
    let text = found.as_str().map(clean)?;
    Some(text).filter(|text| !text.is_empty())
}

/// Returns the hits of a list: `read` says what an entry is; those without address are left out.
pub(super) fn hits(list: Option<&Json>, read: impl Fn(&Json) -> Hit) -> Vec<Hit> {
    let entries = list.and_then(Json::as_array).into_iter().flatten();
    entries
        .map(read)
        .filter(|hit| !hit.url.is_empty())
        .collect()
}

/// Removes the marks by which services show why something was found.
fn clean(text: &str) -> String {
    let mut plain = text.to_owned();
    for mark in ["strong", "b", "em"] {
        plain = plain
            .replace(&format!("<{mark}>"), "")
            .replace(&format!("</{mark}>"), "");
    }
    for (entity, letter) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&#39;", "'"),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ] {
        plain = plain.replace(entity, letter);
    }
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_become_operators() {
        let search = |sites: &[&str], excluded: &[&str]| Search {
            query: "tea".to_owned(),
            subject: Subject::Web,
            max_results: 10,
            safe: Safe::Moderate,
            language: "en".to_owned(),
            country: None,
            age: None,
            sites: sites.iter().map(|&site| site.to_owned()).collect(),
            exclude_sites: excluded.iter().map(|&site| site.to_owned()).collect(),
        };
        assert_eq!(search(&[], &[]).with_sites(), "tea");
        assert_eq!(
            search(&["a.b"], &["c.d"]).with_sites(),
            "tea site:a.b -site:c.d"
        );
        assert_eq!(
            search(&["a.b", "c.d"], &[]).with_sites(),
            "tea (site:a.b OR site:c.d)"
        );
    }

    #[test]
    fn marks_are_removed() {
        assert_eq!(
            clean("<strong>Tea</strong> &amp;  <b>more</b> &lt;i&gt;"),
            "Tea & more <i>"
        );
    }
}
