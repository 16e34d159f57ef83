//! OpenAI and Azure OpenAI: chat completions, and responses for the models that are served there only.

use rig_core::providers::openai::responses_api::wire::Responses;
use rig_core::providers::openai::wire::{AZURE, Chat, Dialect, OPENAI, OpenAIConfig};

use llmspell_core::Result;

use crate::providers::Setup;
use crate::wire::Wires;

/// Models that chat completions do not serve, by a part of their name.
///
/// - Source: platform.openai.com/docs/models, checked October 2026.
const RESPONSES_ONLY: &[&str] = &["-pro", "-codex", "codex-", "deep-research", "computer-use"];

pub(crate) fn wires(setup: &Setup<'_>) -> Result<Wires> {
    if setup.kind.name == "azure_openai" {
        return azure(setup);
    }
    let config = config(&OPENAI, setup).with_base_url(setup.base_url);
    Ok(match needs_responses(setup.model) {
        true => Wires::new(Responses::new(config, setup.model), setup.transport),
        false => Wires::new(Chat::new(config, setup.model), setup.transport),
    })
}

fn azure(setup: &Setup<'_>) -> Result<Wires> {
    let deployment = setup.options.deployment.as_deref().unwrap_or(setup.model);
    let base_url = setup.base_url.trim_end_matches('/');
    let mut config = config(&AZURE, setup).with_base_url(base_url.trim_end_matches("/openai"));
    if let Some(version) = &setup.options.api_version {
        config = config.with_api_version(version.as_str());
    }
    Ok(Wires::new(Chat::new(config, deployment), setup.transport))
}

fn config(dialect: &Dialect, setup: &Setup<'_>) -> OpenAIConfig {
    let mut dialect = *dialect;
    // Both take an output schema and tools at once.
    dialect.quirks.response_format_with_tools = true;
    OpenAIConfig::with_key(&dialect, setup.key)
}

fn needs_responses(model: &str) -> bool {
    RESPONSES_ONLY.iter().any(|part| model.contains(part))
}

#[cfg(test)]
mod tests {
    use super::needs_responses;

    #[test]
    fn models_that_chat_completions_do_not_serve_use_responses() {
        for model in [
            "o3-pro",
            "gpt-5-pro",
            "gpt-5.3-codex",
            "codex-mini-latest",
            "o4-mini-deep-research",
        ] {
            assert!(needs_responses(model), "{model}");
        }
        for model in ["gpt-4o-mini", "gpt-5-mini", "o3", "gpt-5.2-chat-latest"] {
            assert!(!needs_responses(model), "{model}");
        }
    }
}
