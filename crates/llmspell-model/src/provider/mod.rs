//! The provider types: one table, and one file per family that speaks the same protocol.

pub(crate) mod anthropic;
pub(crate) mod cohere;
pub(crate) mod compatible;
pub(crate) mod gemini;
pub(crate) mod mock;
pub(crate) mod ollama;
pub(crate) mod openai;

use schemars::JsonSchema;
use serde::Serialize;

use crate::price::ModelInfo;

/// Everything there is to know about a provider type before it is configured.
#[derive(Debug)]
pub struct ProviderType {
    /// Its name in specifiers and configuration.
    pub name: &'static str,
    /// Further names.
    pub synonyms: &'static [&'static str],
    /// The protocol that it speaks.
    pub family: Family,
    /// Root of its API; `None` if the configuration must name one.
    pub base_url: Option<&'static str>,
    /// Environment variables that hold a base URL, first one first.
    pub base_url_vars: &'static [&'static str],
    /// Environment variables that usually hold its key, first one first.
    pub key_vars: &'static [&'static str],
    /// Whether it answers without a key.
    pub keyless: bool,
    /// Model used when only the provider is named; empty if the configuration must name one.
    pub default_model: &'static str,
    /// What its models can do where the catalogue does not know the model.
    pub can: Abilities,
}

/// The protocols, one file each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// OpenAI itself: chat completions, and responses for the models that need them.
    OpenAi,
    /// Chat completions as other services and local servers speak them.
    Compatible,
    /// Anthropic's messages.
    Anthropic,
    /// Gemini's generateContent.
    Gemini,
    /// Ollama's native chat.
    Ollama,
    /// Cohere's chat, version 2.
    Cohere,
    /// Answers of its own making, offline.
    Mock,
    /// Known by name only: there is no adapter.
    Missing,
}

/// What a provider type or a model can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Abilities {
    /// Calls tools.
    pub tools: bool,
    /// Reads pictures.
    pub images: bool,
    /// How well an output schema is kept.
    pub structured: Structured,
}

/// How well a provider keeps an output schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Structured {
    /// The provider guarantees the shape.
    Enforced,
    /// The schema reaches the model, which usually keeps it.
    BestEffort,
    /// The schema is not sent: put it into the prompt.
    None,
}

impl ProviderType {
    /// Returns whether `name` means this type.
    pub fn is_called(&self, name: &str) -> bool {
        self.name == name || self.synonyms.contains(&name)
    }

    /// Returns what a model of this type can do: what the catalogue knows, else what the type usually can.
    pub fn abilities(&self, model: &ModelInfo) -> Abilities {
        let images = self.can.images || model.can("image") == Some(true);
        Abilities {
            tools: model.can("tools").unwrap_or(self.can.tools) && self.can.tools,
            images: images && model.can("image").unwrap_or(self.can.images),
            structured: match self.refuses_schemas(model) {
                true => Structured::None,
                false => self.can.structured,
            },
        }
    }

    /// Returns whether a request with an output schema would fail: the services that refuse it tell by model, and the
    /// catalogue knows which.
    fn refuses_schemas(&self, model: &ModelInfo) -> bool {
        let by_model = ["openai", "anthropic", "gemini", "groq"].contains(&self.name);
        let old = ["claude-2", "claude-3", "claude-instant"];
        by_model && model.can("structured") == Some(false)
            || old.iter().any(|prefix| model.id.starts_with(prefix))
    }
}

/// Returns the type with this name or synonym.
pub(crate) fn find(name: &str) -> Option<&'static ProviderType> {
    TYPES.iter().find(|known| known.is_called(name))
}

const FULL: Abilities = Abilities {
    tools: true,
    images: true,
    structured: Structured::Enforced,
};
const TEXT: Abilities = Abilities {
    images: false,
    ..FULL
};
const LOOSE: Abilities = Abilities {
    structured: Structured::None,
    ..TEXT
};

/// A service that speaks chat completions and needs a key.
const SERVICE: ProviderType = ProviderType {
    name: "",
    synonyms: &[],
    family: Family::Compatible,
    base_url: None,
    base_url_vars: &[],
    key_vars: &[],
    keyless: false,
    default_model: "",
    can: TEXT,
};

/// Every provider type. The order is that in which a provider is chosen when a spell names no model.
pub static TYPES: &[ProviderType] = &[
    ProviderType {
        name: "openai",
        family: Family::OpenAi,
        base_url: Some("https://api.openai.com/v1"),
        base_url_vars: &["OPENAI_BASE_URL", "OPENAI_API_BASE"],
        key_vars: &["OPENAI_API_KEY"],
        default_model: "gpt-5-mini",
        can: FULL,
        ..SERVICE
    },
    ProviderType {
        name: "anthropic",
        family: Family::Anthropic,
        base_url: Some("https://api.anthropic.com"),
        base_url_vars: &["ANTHROPIC_BASE_URL"],
        key_vars: &["ANTHROPIC_API_KEY"],
        default_model: "claude-sonnet-4-5",
        can: FULL,
        ..SERVICE
    },
    ProviderType {
        name: "gemini",
        synonyms: &["google"],
        family: Family::Gemini,
        base_url: Some("https://generativelanguage.googleapis.com"),
        base_url_vars: &["GEMINI_BASE_URL"],
        key_vars: &["GEMINI_API_KEY", "GOOGLE_API_KEY"],
        default_model: "gemini-2.5-flash",
        can: FULL,
        ..SERVICE
    },
    ProviderType {
        name: "mistral",
        base_url: Some("https://api.mistral.ai"),
        base_url_vars: &["MISTRAL_BASE_URL"],
        key_vars: &["MISTRAL_API_KEY"],
        default_model: "mistral-small-latest",
        ..SERVICE
    },
    ProviderType {
        name: "groq",
        base_url: Some("https://api.groq.com/openai/v1"),
        base_url_vars: &["GROQ_BASE_URL"],
        key_vars: &["GROQ_API_KEY"],
        default_model: "llama-3.3-70b-versatile",
        ..SERVICE
    },
    ProviderType {
        name: "cohere",
        family: Family::Cohere,
        base_url: Some("https://api.cohere.com"),
        base_url_vars: &["COHERE_BASE_URL"],
        key_vars: &["COHERE_API_KEY"],
        default_model: "command-a-03-2025",
        can: Abilities {
            structured: Structured::BestEffort,
            ..TEXT
        },
        ..SERVICE
    },
    ProviderType {
        name: "deepseek",
        base_url: Some("https://api.deepseek.com"),
        base_url_vars: &["DEEPSEEK_BASE_URL"],
        key_vars: &["DEEPSEEK_API_KEY"],
        default_model: "deepseek-v4-flash",
        can: LOOSE,
        ..SERVICE
    },
    ProviderType {
        name: "openrouter",
        base_url: Some("https://openrouter.ai/api/v1"),
        base_url_vars: &["OPENROUTER_BASE_URL"],
        key_vars: &["OPENROUTER_API_KEY"],
        default_model: "openai/gpt-5-mini",
        can: Abilities {
            structured: Structured::BestEffort,
            ..FULL
        },
        ..SERVICE
    },
    ProviderType {
        name: "together",
        base_url: Some("https://api.together.xyz"),
        base_url_vars: &["TOGETHER_BASE_URL"],
        key_vars: &["TOGETHER_API_KEY"],
        default_model: "meta-llama/Llama-3.3-70B-Instruct-Turbo",
        can: LOOSE,
        ..SERVICE
    },
    ProviderType {
        name: "fireworks",
        base_url: Some("https://api.fireworks.ai/inference/v1"),
        base_url_vars: &["FIREWORKS_BASE_URL"],
        key_vars: &["FIREWORKS_API_KEY"],
        default_model: "accounts/fireworks/models/gpt-oss-120b",
        ..SERVICE
    },
    ProviderType {
        name: "perplexity",
        base_url: Some("https://api.perplexity.ai"),
        base_url_vars: &["PERPLEXITY_BASE_URL"],
        key_vars: &["PERPLEXITY_API_KEY"],
        default_model: "sonar",
        can: Abilities {
            tools: false,
            ..LOOSE
        },
        ..SERVICE
    },
    ProviderType {
        name: "xai",
        base_url: Some("https://api.x.ai"),
        base_url_vars: &["XAI_BASE_URL"],
        key_vars: &["XAI_API_KEY"],
        default_model: "grok-4.3",
        can: FULL,
        ..SERVICE
    },
    ProviderType {
        name: "azure_openai",
        synonyms: &["azure"],
        family: Family::OpenAi,
        base_url_vars: &["AZURE_OPENAI_ENDPOINT", "AZURE_ENDPOINT"],
        key_vars: &["AZURE_OPENAI_API_KEY", "AZURE_API_KEY"],
        can: FULL,
        ..SERVICE
    },
    ProviderType {
        name: "bedrock",
        base_url_vars: &["BEDROCK_BASE_URL"],
        key_vars: &["AWS_BEARER_TOKEN_BEDROCK"],
        can: Abilities {
            structured: Structured::BestEffort,
            ..TEXT
        },
        ..SERVICE
    },
    ProviderType {
        name: "vertex",
        base_url_vars: &["VERTEX_BASE_URL"],
        key_vars: &["VERTEX_ACCESS_TOKEN"],
        can: FULL,
        ..SERVICE
    },
    ProviderType {
        name: "replicate",
        family: Family::Missing,
        key_vars: &["REPLICATE_API_TOKEN"],
        can: LOOSE,
        ..SERVICE
    },
    ProviderType {
        name: "openai_compatible",
        synonyms: &["custom"],
        keyless: true,
        can: Abilities {
            structured: Structured::BestEffort,
            ..TEXT
        },
        ..SERVICE
    },
    ProviderType {
        name: "ollama",
        synonyms: &["local"],
        family: Family::Ollama,
        base_url: Some("http://127.0.0.1:11434"),
        base_url_vars: &["OLLAMA_HOST"],
        key_vars: &["OLLAMA_API_KEY"],
        keyless: true,
        default_model: "llama3.2",
        ..SERVICE
    },
    ProviderType {
        name: "mock",
        family: Family::Mock,
        keyless: true,
        default_model: "mock",
        can: FULL,
        ..SERVICE
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::price::catalogue;

    #[test]
    fn names_are_unique() {
        let mut names: Vec<&str> = TYPES
            .iter()
            .flat_map(|known| std::iter::once(known.name).chain(known.synonyms.iter().copied()))
            .collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn default_models_are_in_the_catalogue_with_a_price() {
        for known in TYPES {
            let keyed = !known.keyless && !known.default_model.is_empty();
            if keyed {
                let row = catalogue(known.name)
                    .iter()
                    .find(|row| row.id == known.default_model);
                let row = row.unwrap_or_else(|| panic!("{}: {}", known.name, known.default_model));
                assert!(row.input_price.is_some(), "{}", row.id);
            }
        }
    }

    #[test]
    fn schemas_are_kept_from_models_that_refuse_them() {
        let structured = |kind: &str, model: &str| {
            let info = crate::price::lookup(kind, model, &[]);
            find(kind).unwrap().abilities(&info).structured
        };
        assert_eq!(structured("openai", "gpt-4o"), Structured::Enforced);
        assert_eq!(structured("openai", "gpt-4"), Structured::None);
        assert_eq!(
            structured("openai", "a-model-of-the-future"),
            Structured::Enforced
        );
        assert_eq!(
            structured("anthropic", "claude-sonnet-4-5"),
            Structured::Enforced
        );
        assert_eq!(
            structured("anthropic", "claude-3-5-haiku-latest"),
            Structured::None
        );
        assert_eq!(
            structured("groq", "llama-3.3-70b-versatile"),
            Structured::None
        );
        assert_eq!(
            structured("mistral", "mistral-small-latest"),
            Structured::Enforced
        );
        assert_eq!(structured("together", "x"), Structured::None);
    }

    #[test]
    fn a_type_without_a_key_variable_needs_no_key() {
        for known in TYPES {
            assert!(
                known.keyless || !known.key_vars.is_empty(),
                "{}",
                known.name
            );
        }
    }
}
