//! Gemini's generateContent.

use rig_core::providers::gemini::GeminiConfig;
use rig_core::providers::gemini::completion::GenerateContent;

use llmspell_core::Result;

use crate::providers::Setup;
use crate::wire::Wires;

pub(crate) fn wires(setup: &Setup<'_>) -> Result<Wires> {
    let base_url = setup.base_url.trim_end_matches('/');
    let root = base_url.trim_end_matches("/v1beta").trim_end_matches("/v1");
    let config = GeminiConfig::new(setup.key).with_base_url(root);
    let model = setup.model.trim_start_matches("models/");
    Ok(Wires::new(
        GenerateContent::new(config, model),
        setup.transport,
    ))
}
