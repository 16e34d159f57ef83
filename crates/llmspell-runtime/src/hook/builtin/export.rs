//! Where numbers and records of hooks go: a URL or a file, both under the policy of the run.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use llmspell_core::host::{HttpRequest, WriteMode};
use llmspell_core::{Cx, Files, Result, error};

/// Limit of one request.
const TIMEOUT: Duration = Duration::from_secs(2);

/// A URL that takes a POST, or a file.
#[derive(Clone)]
pub(super) enum Destination {
    Url(Arc<str>),
    File(Arc<Path>),
}

impl Destination {
    pub(super) fn new(text: &str) -> Self {
        match text.starts_with("http://") || text.starts_with("https://") {
            true => Self::Url(text.into()),
            false => Self::File(Path::new(text).into()),
        }
    }

    /// Sends a text, or replaces the file by it.
    ///
    /// - Errors: what the policy, the network and the disk say; `Remote` for a status that is none of success.
    pub(super) async fn replace(&self, cx: &Cx, kind: &str, text: String) -> Result<()> {
        match self {
            Self::File(file) => write(cx, file.clone(), WriteMode::Replace, text).await,
            Self::Url(url) => {
                let request = HttpRequest::new("POST", &**url)
                    .body(kind, text)
                    .timeout(TIMEOUT);
                let answer = cx.host().network.send(request).await?;
                match answer.status {
                    200..300 => Ok(()),
                    status => Err(error!(Remote, "'{url}' answered with status {status}")),
                }
            }
        }
    }

    /// As [`replace`](Self::replace), beside the calls of the spell; what fails is logged.
    pub(super) fn replace_beside(&self, cx: &Cx, kind: &'static str, text: String) -> Result<()> {
        let own = self.clone();
        cx.beside(|cx| async move {
            if let Err(failure) = own.replace(&cx, kind, text).await {
                tracing::warn!(target: "llmspell::hook", "numbers of hooks could not be exported: {failure}");
            }
        })
    }
}

/// Writes a file under the rules of the run; its directory is made if there is none.
pub(super) async fn write(cx: &Cx, file: Arc<Path>, mode: WriteMode, text: String) -> Result<()> {
    let work = move |files: &dyn Files, _: &Cx| {
        let parent = file.parent().filter(|parent| *parent != Path::new(""));
        if let Some(parent) = parent {
            files.create_dir(parent, true)?;
        }
        files.write(&file, mode, text.as_bytes()).map(drop)
    };
    cx.files(work).await
}
