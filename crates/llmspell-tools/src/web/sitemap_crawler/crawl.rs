//! Sitemaps read level by level.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use futures::StreamExt;
use futures::stream;
use llmspell_core::{Cx, Error, Map, Result, Value};
use url::Url;

use super::document::{Entry, Form};
use super::fetch::{Fetch, Fetched};
use super::filter::Filter;

/// Most sitemaps of a call.
const MAX_SITEMAPS: usize = 50_000;

/// What a crawl may do.
pub(super) struct Limits {
    pub(super) follow: bool,
    pub(super) max_urls: usize,
    pub(super) max_depth: usize,
    pub(super) concurrency: usize,
}

/// A crawl so far.
#[derive(Default)]
pub(super) struct Crawl {
    pub(super) entries: Vec<Entry>,
    /// Sitemaps, those that were read and those that were not.
    pub(super) sitemaps: Vec<Value>,
    pub(super) errors: Vec<Value>,
    pub(super) has_more: bool,
    pub(super) processed: usize,
    pub(super) indexes: usize,
    pub(super) discovered: usize,
    pub(super) with_metadata: usize,
    /// How the first sitemap was fetched, with the attempts and bytes of all.
    pub(super) metadata: Map,
    attempts: usize,
    bytes: usize,
    first_error: Option<Error>,
    seen_urls: HashSet<u64>,
    seen_sitemaps: HashSet<String>,
}

impl Crawl {
    /// Reads these sitemaps, which indexes of `depth` levels have named, and those that they name.
    ///
    /// - Errors: the first one if nothing could be read.
    pub(super) async fn run(
        &mut self,
        cx: &Cx,
        fetch: &Fetch<'_>,
        limits: &Limits,
        filter: &Filter,
        start: (Vec<Url>, usize),
    ) -> Result<()> {
        let (mut level, mut depth) = start;
        loop {
            level = self.unseen(level);
            if level.is_empty() {
                break;
            }
            if depth > 0 && !(limits.follow && depth <= limits.max_depth) {
                self.leave(&level, limits);
                break;
            }
            let (done, children) = self.level(cx, fetch, limits, filter, &level).await?;
            if self.is_full(limits) {
                self.has_more |= done < level.len() || !children.is_empty();
                break;
            }
            level = children;
            depth += 1;
        }
        match self.first_error.take() {
            Some(error) if self.processed == 0 => Err(error),
            _ => Ok(()),
        }
    }

    /// Reads the sitemaps of one level, in their order, until there are enough URLs. Returns how many were read, and those
    /// that they name.
    async fn level(
        &mut self,
        cx: &Cx,
        fetch: &Fetch<'_>,
        limits: &Limits,
        filter: &Filter,
        level: &[Url],
    ) -> Result<(usize, Vec<Url>)> {
        let read = stream::iter(level.to_vec()).map(|url| async move {
            let read = fetch.read(cx, &url).await;
            (url, read)
        });
        let mut read = std::pin::pin!(read.buffered(limits.concurrency));
        let (mut done, mut children) = (0, Vec::new());
        while !self.is_full(limits) {
            let Some((url, fetched)) = read.next().await else {
                break;
            };
            cx.check()?;
            done += 1;
            match fetched {
                Ok(fetched) => children.extend(self.take(fetched, limits, filter)),
                Err(error) => self.fail(&url, error),
            }
        }
        Ok((done, children))
    }

    /// Takes what a sitemap lists, and returns the sitemaps that it names.
    pub(super) fn take(&mut self, fetched: Fetched, limits: &Limits, filter: &Filter) -> Vec<Url> {
        let Fetched {
            url,
            sitemap,
            bytes,
            metadata,
        } = fetched;
        self.seen_sitemaps.insert(url.to_string());
        self.processed += 1;
        let attempts = metadata.get("attempts").and_then(Value::as_int);
        self.attempts += attempts
            .and_then(|all| usize::try_from(all).ok())
            .unwrap_or(0);
        self.bytes += bytes;
        if self.metadata.is_empty() {
            self.metadata = metadata;
        }
        self.metadata.insert("attempts", self.attempts.into());
        self.metadata.insert("bytes", self.bytes.into());
        self.sitemaps.push(described(
            &url,
            Some(sitemap.form),
            Some(sitemap.entries.len()),
        ));
        if sitemap.form == Form::Index {
            self.indexes += 1;
            let children = sitemap.entries.iter();
            return children
                .filter_map(|entry| Url::parse(&entry.url).ok())
                .collect();
        }
        for entry in sitemap.entries {
            if !self.seen_urls.insert(hash(&entry.url)) {
                continue;
            }
            self.discovered += 1;
            self.with_metadata += usize::from(entry.has_metadata());
            if !filter.wants(&entry) {
                continue;
            }
            match self.entries.len() < limits.max_urls {
                true => self.entries.push(entry),
                false => self.has_more = true,
            }
        }
        Vec::new()
    }

    /// With `max_urls` of 0 only the numbers are wanted, so all sitemaps are read.
    fn is_full(&self, limits: &Limits) -> bool {
        limits.max_urls > 0 && self.entries.len() >= limits.max_urls
    }

    fn unseen(&mut self, urls: Vec<Url>) -> Vec<Url> {
        let mut unseen: Vec<Url> = urls
            .into_iter()
            .filter(|url| self.seen_sitemaps.insert(url.to_string()))
            .collect();
        let room = MAX_SITEMAPS.saturating_sub(self.processed);
        self.has_more |= unseen.len() > room;
        unseen.truncate(room);
        unseen
    }

    /// Lists sitemaps that are not read.
    fn leave(&mut self, children: &[Url], limits: &Limits) {
        self.has_more |= !children.is_empty();
        for url in children {
            self.sitemaps.push(described(url, None, None));
            if limits.follow {
                let depth = limits.max_depth;
                self.errors.push(failure(
                    url,
                    &format!("the sitemap is nested deeper than `max_depth` ({depth})"),
                ));
            }
        }
    }

    fn fail(&mut self, url: &Url, error: Error) {
        self.errors.push(failure(url, error.message()));
        self.first_error.get_or_insert(error);
    }
}

pub(super) fn failure(url: &Url, message: &str) -> Value {
    Value::from([("url", url.as_str().into()), ("error", message.into())])
}

fn described(url: &Url, form: Option<Form>, count: Option<usize>) -> Value {
    Value::from([
        ("url", url.as_str().into()),
        ("type", form.map(Form::name).into()),
        ("count", count.into()),
    ])
}

fn hash(url: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    url.hash(&mut hasher);
    hasher.finish()
}
