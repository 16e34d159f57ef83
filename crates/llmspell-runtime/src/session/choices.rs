//! What the command line chose for a run.

use serde::{Deserialize, Serialize};

/// What the command line chose for a run beside its script and arguments, so that a later process runs it alike.
///
/// - Shape: data that is kept with the session. Secrets are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Choices {
    /// The configuration file that was named, with its whole path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config: Option<String>,
    /// Whether no file was to be read.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub no_config: bool,
    /// The profile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Assignments of configuration keys, `KEY=VALUE`, the later of which win.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub set: Vec<String>,
    /// The keys that were set to secrets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
    /// The model that was used where the script named none, `provider/model`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

impl Choices {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
