//! Cohere's chat, version 2.

use rig_core::providers::cohere::{CohereConfig, NativeChat};

use llmspell_core::Result;

use crate::providers::Setup;
use crate::wire::Wires;

pub(crate) fn wires(setup: &Setup<'_>) -> Result<Wires> {
    let base_url = setup.base_url.trim_end_matches('/').trim_end_matches("/v2");
    let config = CohereConfig::new(setup.key).with_base_url(base_url);
    Ok(Wires::new(
        NativeChat::new(config, setup.model),
        setup.transport,
    ))
}
