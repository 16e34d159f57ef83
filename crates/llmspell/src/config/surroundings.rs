//! What a configuration depends on beside its files.

use std::path::PathBuf;

use llmspell_core::{Result, error};

/// What a configuration depends on beside its files.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The environment variables.
    pub variables: Vec<(String, String)>,
    /// The working directory, absolute.
    pub cwd: PathBuf,
    /// The user's home.
    pub home: Option<PathBuf>,
    /// The system's own directory for configuration, where it differs from `~/.config`.
    pub system_config: Option<PathBuf>,
}

impl Surroundings {
    /// Returns those of this process.
    ///
    /// - Errors: `Io` if there is no working directory.
    pub fn of_process() -> Result<Self> {
        use etcetera::BaseStrategy;
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let native = etcetera::base_strategy::choose_native_strategy().ok();
        Ok(Self {
            variables,
            cwd: current_dir()?,
            home: etcetera::home_dir().ok(),
            system_config: native.map(|native| native.config_dir()),
        })
    }

    /// Returns the value of a variable that is set and not empty.
    pub fn var(&self, name: &str) -> Option<&str> {
        let found = self.variables.iter().find(|(given, _)| given == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }
}

/// Returns the working directory of this process.
///
/// - Errors: `Io` if there is none.
pub(crate) fn current_dir() -> Result<PathBuf> {
    std::env::current_dir()
        .map_err(|failure| error!(Io, "the working directory cannot be used: {failure}"))
}
