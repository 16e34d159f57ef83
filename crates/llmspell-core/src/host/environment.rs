//! Environment variables, as far as the policy lets a spell see them.

use crate::bail;
use crate::error::Result;

/// Environment variables, as far as the policy lets a spell see them.
pub trait Environment: Send + Sync {
    /// Returns the value of an allowed variable; `None` if it is unset or denied.
    fn var(&self, name: &str) -> Option<String>;

    /// Returns the allowed variables that are set, sorted by name. Default: none.
    fn vars(&self) -> Vec<(String, String)> {
        Vec::new()
    }

    /// Returns an error if the policy hides the variable, set or not. Default: none is hidden.
    ///
    /// - Errors: `Denied`, with the setting that would allow it.
    fn check(&self, name: &str) -> Result<()> {
        let _ = name;
        Ok(())
    }

    /// Returns the value of a variable for a tool's own use, whatever the policy hides from spells: a key or an account
    /// that the tool looks for by a fixed name, or by one that its configuration names (`api_key_env`).
    ///
    /// The name must never come from an argument, and the value must never be part of a result; a secret is added to the
    /// [`Secrets`](super::Secrets). Default: as [`var`](Self::var).
    fn setting(&self, name: &str) -> Option<String> {
        self.var(name)
    }

    /// Returns the value of a variable for the processes of the run, whatever the policy hides from spells: what the
    /// run has set itself, else that of the runtime.
    ///
    /// The name must come from the configuration (`pass_env`). Default: as [`var`](Self::var).
    fn passed(&self, name: &str) -> Option<String> {
        self.var(name)
    }

    /// Sets a variable, or unsets it, for this run and the processes that it starts; returns what it was. The
    /// variables of the runtime itself stay. Default: refused.
    ///
    /// - Errors: `Denied` unless the policy lets the variable be set.
    fn set(&self, name: &str, value: Option<String>) -> Result<Option<String>> {
        let _ = value;
        bail!(
            Denied,
            "Setting environment variable '{name}' is not permitted"
        )
    }
}
