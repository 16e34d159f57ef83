//! `[engines]`.

use llmspell_script::{JavaScriptOptions, LuaOptions};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The languages of spells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Lua 5.4.
    #[default]
    Lua,
    /// JavaScript.
    JavaScript,
}

impl Language {
    /// Returns the name that configuration, flags and output use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lua => "lua",
            Self::JavaScript => "javascript",
        }
    }

    /// Returns the language as events name it.
    pub(crate) const fn of_events(self) -> llmspell_runtime::event::EventLanguage {
        match self {
            Self::Lua => llmspell_runtime::event::EventLanguage::Lua,
            Self::JavaScript => llmspell_runtime::event::EventLanguage::JavaScript,
        }
    }

    /// Returns the language of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "lua" => Some(Self::Lua),
            "javascript" | "js" => Some(Self::JavaScript),
            _ => None,
        }
    }

    /// Returns the language of files with this extension.
    pub fn from_extension(extension: &str) -> Option<Self> {
        match extension {
            "lua" => Some(Self::Lua),
            "js" | "mjs" | "ts" | "mts" => Some(Self::JavaScript),
            _ => None,
        }
    }
}

/// The engines that run spells.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Engines {
    /// Lua.
    pub lua: LuaOptions,
    /// JavaScript.
    pub javascript: JavaScriptOptions,
}
