//! Services and local servers that speak OpenAI's chat completions, each with its own habits.

use rig_core::providers::openai::wire::{
    Auth, Chat, DEEPSEEK, Dialect, GROQ, MISTRAL, OPENROUTER, OpenAIConfig, PERPLEXITY, TOGETHER,
};
use rig_core::providers::xai;

use llmspell_core::{Result, error};

use crate::options::ProviderOptions;
use crate::providers::Setup;
use crate::wire::Wires;

pub(crate) fn wires(setup: &Setup<'_>) -> Result<Wires> {
    let dialect = dialect(setup.kind.name);
    let mut base_url = setup.base_url.trim_end_matches('/');
    // Addresses are given with and without the version; some of the paths have it already.
    if dialect.quirks.completion_path.starts_with("/v1") {
        base_url = base_url.trim_end_matches("/v1");
    }
    let config = OpenAIConfig::with_key(&dialect, setup.key)
        .with_auth(dialect.quirks.auth)
        .with_base_url(base_url);
    Ok(Wires::new(Chat::new(config, setup.model), setup.transport))
}

fn dialect(name: &str) -> Dialect {
    match name {
        "groq" => GROQ,
        "mistral" => MISTRAL,
        "deepseek" => DEEPSEEK,
        "openrouter" => OPENROUTER,
        "together" => TOGETHER,
        "perplexity" => PERPLEXITY,
        "xai" => xai::DIALECT,
        "fireworks" => Dialect::gateway("fireworks", "", ""),
        "bedrock" => Dialect::gateway("bedrock", "", ""),
        "vertex" => Dialect::gateway("vertex", "", ""),
        _ => local(),
    }
}

/// A server that nothing is known of: it may want no key, and may end its stream without saying why the model stopped.
fn local() -> Dialect {
    let mut dialect = Dialect::gateway("openai_compatible", "", "");
    dialect.request_id_header = Some("x-request-id");
    dialect.quirks.auth = Auth::OptionalBearer;
    dialect.quirks = dialect.quirks.done_without_finish_reason();
    dialect
}

/// Returns the address of a service whose address depends on its configuration.
///
/// - Errors: `Config` if a part of it is missing.
pub(crate) fn regional(
    name: &str,
    instance: &str,
    options: &ProviderOptions,
) -> Option<Result<String>> {
    let part = |key: &str, value: &Option<String>| {
        value.clone().ok_or_else(|| {
            error!(Config, "provider '{instance}' needs `{key}` or `base_url`")
                .hint(format!("set `{key}` in [providers.{instance}]"))
        })
    };
    match name {
        "bedrock" => Some(
            part("region", &options.region)
                .map(|region| format!("https://bedrock-runtime.{region}.amazonaws.com/openai/v1")),
        ),
        "vertex" => Some((|| {
            let region = part("region", &options.region)?;
            let project = part("project", &options.project)?;
            let host = match region.as_str() {
                "global" => "aiplatform.googleapis.com".to_owned(),
                region => format!("{region}-aiplatform.googleapis.com"),
            };
            Ok(format!(
                "https://{host}/v1/projects/{project}/locations/{region}/endpoints/openapi"
            ))
        })()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regional_addresses_name_what_they_lack() {
        let mut options = ProviderOptions {
            region: Some("eu-west-1".into()),
            ..ProviderOptions::default()
        };
        assert_eq!(
            regional("bedrock", "b", &options).unwrap().unwrap(),
            "https://bedrock-runtime.eu-west-1.amazonaws.com/openai/v1"
        );
        let error = regional("vertex", "v", &options).unwrap().unwrap_err();
        assert_eq!(
            error.message(),
            "provider 'v' needs `project` or `base_url`"
        );
        options.project = Some("p".into());
        assert_eq!(
            regional("vertex", "v", &options).unwrap().unwrap(),
            "https://eu-west-1-aiplatform.googleapis.com/v1/projects/p/locations/eu-west-1/endpoints/openapi"
        );
        assert!(regional("groq", "g", &options).is_none());
    }
}
