//! What a page said at the last check, kept in state beyond the run.

use std::sync::Arc;

use llmspell_core::{Cx, Kind, Result, Scopes, Value, error};
use serde::{Deserialize, Serialize};

use super::check::{Snapshot, Target, stamp};

const SCOPE: &str = "custom:webpage_monitor";

/// The place of one snapshot.
pub(super) struct Place {
    state: Arc<dyn Scopes>,
    key: String,
}

/// What is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    url: String,
    selector: Option<String>,
    checked_at: String,
    snapshot: Snapshot,
}

impl Place {
    /// Returns the place that a name says, or else URL and selector.
    ///
    /// - Errors: `Unavailable` in a run without state.
    pub(super) fn of(
        cx: &Cx,
        name: Option<&str>,
        url: &str,
        selector: Option<&str>,
    ) -> Result<Self> {
        let of_page = || {
            // A URL is no key: it may be long, and has `//` in it.
            let page = format!("{url}\n{}", selector.unwrap_or_default());
            format!("page:{}", &blake3::hash(page.as_bytes()).to_hex()[..32])
        };
        Ok(Self {
            state: cx.host().state()?,
            key: name.map_or_else(of_page, str::to_owned),
        })
    }

    /// Returns what the page said. What a server says of its version counts only for the same part of the same page.
    ///
    /// - Errors: `Corrupt` for a value that another one has put there.
    pub(super) async fn read(&self, target: &Target) -> Result<Option<Snapshot>> {
        let Some(value) = self.state.get(SCOPE, &self.key).await? else {
            return Ok(None);
        };
        let kept: Kept = value.into_typed().map_err(|cause| {
            let key = &self.key;
            error!(
                Corrupt,
                "the value of '{key}' in scope '{SCOPE}' is no page"
            )
            .with("cause", cause.message())
            .hint("the operation 'forget' removes it")
        })?;
        let is_same = kept.url == target.url && kept.selector == target.question.selector;
        Ok(Some(match is_same {
            true => kept.snapshot,
            false => kept.snapshot.without_version(),
        }))
    }

    pub(super) async fn write(&self, cx: &Cx, target: &Target, snapshot: &Snapshot) -> Result<()> {
        let kept = Kept {
            url: target.url.clone(),
            selector: target.question.selector.clone(),
            checked_at: stamp(cx.host().clock.now()),
            snapshot: snapshot.clone(),
        };
        let value = Value::from_serialize(&kept)?;
        let written = self.state.set(SCOPE, &self.key, value).await;
        written.map_err(|refusal| match refusal.kind() {
            Kind::Limit => refusal.hint("watch a part of the page with `selector`"),
            _ => refusal,
        })
    }

    /// Removes what is kept and returns whether there was anything.
    pub(super) async fn forget(&self) -> Result<bool> {
        self.state.delete(SCOPE, &self.key).await
    }
}
