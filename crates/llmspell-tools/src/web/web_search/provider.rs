//! The services, one table.

use llmspell_core::host::Rate;
use serde_json::Value as Json;

use super::search::{Found, Search, Subject};
use super::{brave, exa, google, searxng, serpapi, serper, tavily};

/// A service.
pub(super) struct Provider {
    /// Its name, and how else it is called.
    pub(super) names: &'static [&'static str],
    pub(super) subjects: &'static [Subject],
    /// Where it is, unless the configuration says.
    pub(super) base_url: Option<&'static str>,
    /// The `SERVICE` of `LLMSPELL_API_KEY_SERVICE`.
    pub(super) service: Option<&'static str>,
    /// The service's own environment variables with its key, best first; none if it needs no key.
    pub(super) keys: &'static [&'static str],
    /// Most results of one request.
    pub(super) cap: usize,
    /// Most requests for one search.
    pub(super) pages: usize,
    pub(super) protocol: Protocol,
}

/// How a service is asked.
pub(super) enum Protocol {
    /// One request for each page of results, answered by JSON.
    Json {
        ask: fn(&Search, &Account, Page) -> Ask,
        read: fn(&Search, &Json) -> Found,
    },
    /// The result page for people.
    DuckDuckGo,
}

/// Which results are asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page {
    /// From 0.
    pub(super) number: usize,
    /// Results of one page.
    pub(super) size: usize,
}

/// What is needed to use a service.
pub(super) struct Account {
    pub(super) base_url: String,
    /// Whether `base_url` is written in the configuration.
    pub(super) is_configured: bool,
    pub(super) key: String,
    /// Google's search engine.
    pub(super) search_engine_id: String,
    /// The engine behind the service.
    pub(super) engine: Option<String>,
    /// How often it may be asked.
    pub(super) rate_limit: Option<Rate>,
}

/// A request to a service.
pub(super) struct Ask {
    pub(super) path: &'static str,
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) json: Option<Json>,
}

const ALL: &[Subject] = &[Subject::Web, Subject::News, Subject::Images];

/// The services, in the order in which they are preferred.
pub(super) const PROVIDERS: &[Provider] = &[
    Provider {
        names: &["brave"],
        subjects: ALL,
        base_url: Some("https://api.search.brave.com"),
        service: Some("BRAVE_SEARCH"),
        keys: &["BRAVE_API_KEY", "WEBSEARCH_BRAVE_API_KEY"],
        cap: 20,
        pages: 5,
        protocol: Protocol::Json {
            ask: brave::ask,
            read: brave::read,
        },
    },
    Provider {
        names: &["google"],
        subjects: &[Subject::Web, Subject::Images],
        base_url: Some("https://www.googleapis.com"),
        service: Some("GOOGLE_SEARCH"),
        keys: &["GOOGLE_API_KEY", "WEBSEARCH_GOOGLE_API_KEY"],
        cap: 10,
        pages: 10,
        protocol: Protocol::Json {
            ask: google::ask,
            read: google::read,
        },
    },
    Provider {
        names: &["serpapi"],
        subjects: ALL,
        base_url: Some("https://serpapi.com"),
        service: Some("SERPAPI"),
        keys: &["SERPAPI_API_KEY", "WEBSEARCH_SERPAPI_API_KEY"],
        cap: 100,
        pages: 1,
        protocol: Protocol::Json {
            ask: serpapi::ask,
            read: serpapi::read,
        },
    },
    Provider {
        names: &["serper", "serperdev"],
        subjects: ALL,
        base_url: Some("https://google.serper.dev"),
        service: Some("SERPERDEV"),
        keys: &["SERPER_API_KEY", "WEBSEARCH_SERPERDEV_API_KEY"],
        cap: 100,
        pages: 1,
        protocol: Protocol::Json {
            ask: serper::ask,
            read: serper::read,
        },
    },
    Provider {
        names: &["tavily"],
        subjects: &[Subject::Web, Subject::News],
        base_url: Some("https://api.tavily.com"),
        service: Some("TAVILY"),
        keys: &["TAVILY_API_KEY"],
        cap: 20,
        pages: 1,
        protocol: Protocol::Json {
            ask: tavily::ask,
            read: tavily::read,
        },
    },
    Provider {
        names: &["exa"],
        subjects: &[Subject::Web, Subject::News],
        base_url: Some("https://api.exa.ai"),
        service: Some("EXA"),
        keys: &["EXA_API_KEY"],
        cap: 100,
        pages: 1,
        protocol: Protocol::Json {
            ask: exa::ask,
            read: exa::read,
        },
    },
    Provider {
        names: &["searxng"],
        subjects: ALL,
        base_url: None,
        service: None,
        keys: &[],
        cap: 50,
        pages: 5,
        protocol: Protocol::Json {
            ask: searxng::ask,
            read: searxng::read,
        },
    },
    Provider {
        names: &["duckduckgo", "ddg"],
        subjects: ALL,
        base_url: Some("https://html.duckduckgo.com"),
        service: None,
        keys: &[],
        cap: 30,
        pages: 3,
        protocol: Protocol::DuckDuckGo,
    },
];

impl Provider {
    pub(super) fn name(&self) -> &'static str {
        self.names[0]
    }

    pub(super) fn needs_key(&self) -> bool {
        !self.keys.is_empty()
    }

    pub(super) fn offers(&self, subject: Subject) -> bool {
        self.subjects.contains(&subject)
    }

    /// Returns the variable that the service itself names.
    pub(super) fn own_key(&self) -> &'static str {
        self.keys.first().copied().unwrap_or_default()
    }
}

/// Finds a service by its canonical name.
pub(super) fn named(name: &str) -> Option<&'static Provider> {
    PROVIDERS.iter().find(|provider| provider.name() == name)
}
