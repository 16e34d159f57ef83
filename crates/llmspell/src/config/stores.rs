//! The stores of this program, and their URLs.

use std::path::Path;

use llmspell_core::{Result, bail};

use super::{Backend, Loaded};

impl Loaded {
    /// Returns the URL of the store of sessions.
    ///
    /// - Errors: `Unavailable` for a backend that is not built in; `Config` for a key that names a variable that is not
    ///   set.
    pub fn session_store(&self) -> Result<String> {
        self.require(&["sessions", "storage"])?;
        let sessions = &self.config.sessions;
        self.store(
            sessions.storage_backend,
            sessions.path.as_deref(),
            "sessions",
        )
    }

    /// Returns the URL of the store of state.
    ///
    /// - Errors: `Unavailable` for a backend that is not built in.
    pub(crate) fn state_store(&self) -> Result<String> {
        let state = &self.config.state;
        self.store(state.backend, state.path.as_deref(), "state")
    }

    /// Returns the URL of a store: the database `NAME.db` in `dir`, or in the directory of that name for data.
    fn store(&self, backend: Backend, dir: Option<&Path>, name: &str) -> Result<String> {
        match backend {
            Backend::Memory => Ok("memory:".to_owned()),
            Backend::Sqlite => {
                let dir = dir.map_or_else(|| self.data_dir.join(name), Path::to_owned);
                let file = dir.join(name).with_extension("db");
                Ok(format!("sqlite:{}", file.display()))
            }
            other => bail!(
                Unavailable,
                "the store '{}' for {name} is not built into this version",
                other.name()
            ),
        }
    }
}
