//! Anthropic's messages.

use rig_core::providers::anthropic::wire::{
    ANTHROPIC, AnthropicConfig, Messages, ToolInputStreaming,
};

use llmspell_core::Result;

use crate::providers::Setup;
use crate::wire::Wires;

/// Answer limit for models that nothing is known of; the protocol demands one.
const MAX_TOKENS: u64 = 8192;

pub(crate) fn wires(setup: &Setup<'_>) -> Result<Wires> {
    let mut provider =
        AnthropicConfig::with_key(&ANTHROPIC, setup.key).with_base_url(setup.base_url);
    if let Some(version) = &setup.options.api_version {
        provider = provider.with_version(version.as_str());
    }
    let official = setup.base_url.starts_with(ANTHROPIC.base_url);
    let known = ANTHROPIC.default_max_tokens(setup.model);
    let limit = known.or(setup.info.max_output).unwrap_or(MAX_TOKENS);
    let plain = Messages {
        default_max_tokens: Some(limit),
        provider,
        model: setup.model.to_owned(),
        prompt_caching: false,
        static_prefix_cache_ttl: None,
        strict_tools: false,
        // Services that imitate the protocol reject the field that asks for it.
        tool_input_streaming: match official {
            true => ToolInputStreaming::Eager,
            false => ToolInputStreaming::Off,
        },
    };
    let caching = plain.clone().with_prompt_caching();
    Ok(Wires::new(plain, setup.transport).caching(caching, setup.transport))
}
