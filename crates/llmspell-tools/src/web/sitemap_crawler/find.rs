//! Where a site has its sitemaps.

use llmspell_core::{Cx, Error, Result, error};
use url::Url;

use super::fetch::{Fetch, Fetched};
use crate::web::robots;

/// Where sitemaps stand if nothing says so.
const USUAL: &[&str] = &["/sitemap.xml", "/sitemap_index.xml"];

/// What a site has.
pub(super) enum Found {
    /// Addresses that `robots.txt` names, not read yet.
    Named(Vec<Url>),
    /// A sitemap at a usual place.
    Usual(Box<Fetched>),
}

/// Finds the sitemaps of a site: those that `robots.txt` names, else one at a usual place.
///
/// - Errors: `NotFound` for a site without; why the usual places could not be read.
pub(super) async fn find(cx: &Cx, fetch: &Fetch<'_>, root: &Url) -> Result<Found> {
    let robots = robots::of(cx, root, None).await;
    cx.check()?;
    let named = robots.iter().flat_map(|robots| &robots.sitemaps);
    let named: Vec<Url> = named
        .filter_map(|address| root.join(address).ok())
        .collect();
    if !named.is_empty() {
        return Ok(Found::Named(named));
    }
    let mut tried = Vec::new();
    for place in USUAL {
        let url = root
            .join(place)
            .map_err(|cause| error!(InvalidArgs, "URL validation failed: {cause}"))?;
        match fetch.read(cx, &url).await {
            Ok(fetched) => return Ok(Found::Usual(Box::new(fetched))),
            Err(error) if is_final(&error) => return Err(error),
            Err(error) => tried.push(error.message().to_owned()),
        }
        cx.check()?;
    }
    let host = root.host_str().unwrap_or_default();
    Err(error!(
        NotFound,
        "no sitemap was found: robots.txt of '{host}' names none, {}",
        tried.join(", ")
    )
    .hint("give the sitemap's own URL"))
}

/// Returns whether the next place would fail in the same way.
fn is_final(error: &Error) -> bool {
    use llmspell_core::Kind::{Cancelled, Denied, InvalidArgs, Timeout};
    matches!(error.kind(), Denied | InvalidArgs | Cancelled | Timeout)
        || error.details().get("phase").is_some()
}
