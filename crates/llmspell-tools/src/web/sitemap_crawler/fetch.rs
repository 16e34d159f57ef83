//! Sitemaps of the web.

use std::time::Duration;

use llmspell_core::{Cx, Map, Result, error};
use url::Url;

use super::document::{self, Sitemap};
use crate::aside::stoppable;
use crate::web::request::HttpOptions;
use crate::web::visit::succeeded;

/// How sitemaps are fetched.
pub(super) struct Fetch<'a> {
    pub(super) http: &'a HttpOptions,
    /// Limit of one file.
    pub(super) limit: Duration,
}

/// A sitemap that was fetched and read.
pub(super) struct Fetched {
    pub(super) url: Url,
    pub(super) sitemap: Sitemap,
    pub(super) bytes: usize,
    /// How it was fetched, as all HTTP tools tell it.
    pub(super) metadata: Map,
}

impl Fetch<'_> {
    /// Reads one sitemap.
    ///
    /// - Errors: `Remote` for a status that tells of a failure; `Limit` for one that is too large; `Parse`.
    pub(super) async fn read(&self, cx: &Cx, url: &Url) -> Result<Fetched> {
        let mut request = self.http.request(cx, "GET", url.as_str(), self.limit)?;
        request.timeout = request.timeout.min(self.limit);
        let answer = self.http.answer(cx, request).await?;
        succeeded(&answer)?;
        if answer.is_cut {
            let size = answer.body.len();
            return Err(error!(Limit, "the sitemap is larger than {size} bytes")
                .with("limit", size)
                .hint("raise `max_bytes`, or `security.network.max_response_bytes`"));
        }
        let base = Url::parse(&answer.url).unwrap_or_else(|_| url.clone());
        let (bytes, metadata) = (answer.body.len(), answer.metadata());
        let sitemap = stoppable(cx, bytes, move |cx| {
            document::read(cx, &answer.body, answer.header("content-type"), &base)
        });
        Ok(Fetched {
            url: url.clone(),
            sitemap: sitemap.await?,
            bytes,
            metadata,
        })
    }

    /// Asks a page for its status.
    pub(super) async fn status(&self, cx: &Cx, url: &str) -> Result<u16> {
        let mut request = self.http.request(cx, "HEAD", url, self.limit)?;
        request.timeout = request.timeout.min(self.limit);
        Ok(self.http.answer(cx, request).await?.status)
    }
}
