//! The recorded sessions that a command works on.

use llmspell::config::Loaded;
use llmspell_core::Result;
use llmspell_runtime::session::{Choice, Sessions};

use super::running::threads;
use crate::exit::Failure;

/// Returns where sessions are recorded: the URL of `--store`, or what the configuration says.
pub(super) fn choice(store: Option<String>, loaded: &Loaded) -> Result<Choice> {
    let url = store.map_or_else(|| loaded.session_store(), Ok)?;
    Ok(Choice::Url(url))
}

/// Opens the sessions that are recorded there, does work with them, and closes them.
pub(super) fn within<T>(
    store: Option<String>,
    loaded: &Loaded,
    work: impl AsyncFnOnce(&Sessions) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let choice = choice(store, loaded)?;
    let threads = threads(loaded)?;
    let done = crate::wait(&threads, async {
        let sessions = Sessions::open(&choice).await?;
        let done = work(&sessions).await;
        sessions.close().await?;
        done
    });
    threads.shutdown_background();
    done
}
