//! Languages of events.

use llmspell_core::{Result, error};

/// The language of who published an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventLanguage {
    /// Lua.
    Lua,
    /// JavaScript.
    JavaScript,
    /// Python.
    Python,
    /// Rust: the runtime itself.
    Rust,
    /// Nobody said.
    Unknown,
}

impl EventLanguage {
    /// All, in the order of listings.
    pub(super) const ALL: [Self; 5] = [
        Self::Lua,
        Self::JavaScript,
        Self::Python,
        Self::Rust,
        Self::Unknown,
    ];

    /// Returns the language of a name or synonym.
    ///
    /// - Errors: `InvalidArgs` naming the known ones.
    pub fn parse(name: &str) -> Result<Self> {
        Ok(match name.to_ascii_lowercase().as_str() {
            "lua" => Self::Lua,
            "javascript" | "js" => Self::JavaScript,
            "python" | "py" => Self::Python,
            "rust" => Self::Rust,
            "unknown" => Self::Unknown,
            _ => {
                return Err(error!(InvalidArgs, "unknown language '{name}'")
                    .hint("known are lua, javascript, python and rust"));
            }
        })
    }

    /// Returns the name in events.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lua => "Lua",
            Self::JavaScript => "JavaScript",
            Self::Python => "Python",
            Self::Rust => "Rust",
            Self::Unknown => "Unknown",
        }
    }

    /// Returns the name in metadata.
    pub const fn lower(self) -> &'static str {
        match self {
            Self::Lua => "lua",
            Self::JavaScript => "javascript",
            Self::Python => "python",
            Self::Rust => "rust",
            Self::Unknown => "unknown",
        }
    }
}
