//! Which provider and model a text such as `anthropic/claude-sonnet-4-5` means.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use llmspell_core::{Result, bail, error, nearest};

/// A provider instance and the provider's id of a model.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Target {
    /// Name of the provider instance.
    pub provider: String,
    /// The provider's id of the model; may contain slashes.
    pub model: String,
}

impl Target {
    /// Names a provider instance and a model.
    pub fn new(provider: impl Into<String>, model: impl Into<String>) -> Self {
        Self {
            provider: provider.into(),
            model: model.into(),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.provider, self.model)
    }
}

/// The names that a specifier may use.
pub(crate) trait Names {
    /// Returns the instance that a name means: an instance, a type, or a synonym of a type.
    fn instance(&self, name: &str) -> Option<String>;
    /// Returns every name that [`Names::instance`] knows.
    fn all(&self) -> Vec<String>;
    /// Returns the instance for models that name no provider.
    fn fallback(&self) -> String;
    /// Returns the model used when only the instance is named; empty if there is none.
    fn default_model(&self, instance: &str) -> String;
}

/// Model names that tell their provider, by prefix.
const PREFIXES: &[(&str, &str)] = &[
    ("claude", "anthropic"),
    ("gpt", "openai"),
    ("o1", "openai"),
    ("o3", "openai"),
    ("o4", "openai"),
    ("gemini", "gemini"),
    ("command", "cohere"),
    ("mistral", "mistral"),
    ("mock", "mock"),
];

/// Resolves a specifier and an optional provider field.
///
/// - Errors: `InvalidArgs` for an empty text; `NotFound` for an unknown provider, naming the known ones.
pub(crate) fn resolve(names: &dyn Names, text: &str, provider: Option<&str>) -> Result<Target> {
    let text = text.trim();
    if let Some(provider) = provider.map(str::trim).filter(|name| !name.is_empty()) {
        let instance = named(names, provider)?;
        let model = match text.split_once('/') {
            Some((head, rest)) if names.instance(head).as_ref() == Some(&instance) => rest,
            _ => text,
        };
        return with_model(names, instance, model);
    }
    if text.is_empty() {
        bail!(InvalidArgs, "the model is an empty text");
    }
    match text.split_once('/') {
        Some((head, model)) => with_model(names, named(names, head)?, model),
        None => match names.instance(text) {
            Some(instance) => with_model(names, instance, ""),
            None => Ok(Target::new(by_prefix(names, text), text)),
        },
    }
}

fn named(names: &dyn Names, name: &str) -> Result<String> {
    names.instance(name).ok_or_else(|| {
        let mut known = names.all();
        known.sort_unstable();
        let error = error!(
            NotFound,
            "provider '{name}' not found; known are {}",
            known.join(", ")
        )
        .with("provider", name);
        match nearest(name, known.iter().map(String::as_str)).first() {
            Some(near) => error.hint(format!("did you mean '{near}'?")),
            None => error.hint(
                "name the provider in the field `provider` if the model's own name has a slash",
            ),
        }
    })
}

fn with_model(names: &dyn Names, instance: String, model: &str) -> Result<Target> {
    let model = match model {
        "" => names.default_model(&instance),
        model => model.to_owned(),
    };
    if model.is_empty() {
        return Err(error!(
            InvalidArgs,
            "provider '{instance}' is named without a model"
        )
        .hint(format!(
            "write '{instance}/MODEL' or set `model` in [providers.{instance}]"
        )));
    }
    Ok(Target::new(instance, model))
}

fn by_prefix(names: &dyn Names, model: &str) -> String {
    PREFIXES
        .iter()
        .find(|(prefix, _)| model.starts_with(prefix))
        .and_then(|(_, provider)| names.instance(provider))
        .unwrap_or_else(|| names.fallback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use llmspell_core::Kind;

    struct Known;

    impl Names for Known {
        fn instance(&self, name: &str) -> Option<String> {
            match name {
                "google" => Some("gemini".into()),
                "openai" | "anthropic" | "gemini" | "cohere" | "mistral" | "mock"
                | "openrouter" | "work" => Some(name.into()),
                _ => None,
            }
        }
        fn all(&self) -> Vec<String> {
            ["openai", "anthropic", "gemini", "work"]
                .map(str::to_owned)
                .into()
        }
        fn fallback(&self) -> String {
            "work".into()
        }
        fn default_model(&self, instance: &str) -> String {
            match instance {
                "work" => String::new(),
                other => format!("{other}-default"),
            }
        }
    }

    #[track_caller]
    fn check(text: &str, provider: Option<&str>, expected: &str) {
        let target = resolve(&Known, text, provider).unwrap();
        assert_eq!(target.to_string(), expected);
    }

    #[test]
    fn the_table_of_the_contract() {
        check("openai/gpt-4o", None, "openai/gpt-4o");
        check("openrouter/openai/gpt-4o", None, "openrouter/openai/gpt-4o");
        check("work/x", None, "work/x");
        check("google/gemini-2.5-pro", None, "gemini/gemini-2.5-pro");
        check("gpt-4o", Some("work"), "work/gpt-4o");
        check("work/gpt-4o", Some("work"), "work/gpt-4o");
        check(
            "openai/gpt-4o",
            Some("openrouter"),
            "openrouter/openai/gpt-4o",
        );
        check("claude-sonnet-4-5", None, "anthropic/claude-sonnet-4-5");
        check("gpt-4o", None, "openai/gpt-4o");
        check("o3-mini", None, "openai/o3-mini");
        check("gemini-2.5-pro", None, "gemini/gemini-2.5-pro");
        check("command-r", None, "cohere/command-r");
        check("mistral-large", None, "mistral/mistral-large");
        check("mock-x", None, "mock/mock-x");
        check("llama3", None, "work/llama3");
    }

    #[test]
    fn a_provider_alone_means_its_default_model() {
        check("openai", None, "openai/openai-default");
        check("openai/", None, "openai/openai-default");
        check("", Some("openai"), "openai/openai-default");
        let error = resolve(&Known, "work", None).unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidArgs);
    }

    #[test]
    fn an_empty_text_is_refused() {
        assert_eq!(
            resolve(&Known, " ", None).unwrap_err().kind(),
            Kind::InvalidArgs
        );
    }

    #[test]
    fn an_unknown_provider_is_named_with_the_known_ones() {
        let error = resolve(&Known, "antropic/x", None).unwrap_err();
        assert_eq!(error.kind(), Kind::NotFound);
        assert_eq!(
            error.message(),
            "provider 'antropic' not found; known are anthropic, gemini, openai, work"
        );
        assert_eq!(error.hints(), ["did you mean 'anthropic'?"]);
        assert!(resolve(&Known, "x", Some("nobody")).is_err());
    }
}
