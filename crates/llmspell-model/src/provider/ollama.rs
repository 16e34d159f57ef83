//! Ollama's native chat.

use rig_core::providers::ollama::{Chat, OllamaConfig};

use llmspell_core::Result;

use crate::providers::Setup;
use crate::wire::Wires;

pub(crate) fn wires(setup: &Setup<'_>) -> Result<Wires> {
    let base_url = setup.base_url.trim_end_matches('/');
    let root = base_url.trim_end_matches("/v1").trim_end_matches("/api");
    let config = OllamaConfig::new()
        .with_base_url(root)
        .with_api_key(setup.key);
    Ok(Wires::new(Chat::new(config, setup.model), setup.transport))
}

/// Completes what Ollama takes as its own address: `0.0.0.0`, `host:11434`, `http://host`.
pub(crate) fn address(host: &str) -> String {
    let (scheme, rest) = host.split_once("://").unwrap_or(("http", host));
    let (place, path) = match rest.find('/') {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    // A server that listens everywhere is reached here.
    let place = match place.strip_prefix("0.0.0.0") {
        Some(port) => format!("127.0.0.1{port}"),
        None => place.to_owned(),
    };
    let named = place.rsplit(':').next().unwrap_or_default();
    let bare = !place.contains(':') || place.ends_with(']') || named.is_empty();
    match (bare, scheme) {
        (true, "http") => format!("http://{}:11434{path}", place.trim_end_matches(':')),
        _ => format!("{scheme}://{place}{path}"),
    }
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn every_form_that_ollama_knows_becomes_an_address() {
        for (host, url) in [
            ("127.0.0.1", "http://127.0.0.1:11434"),
            ("127.0.0.1:1234", "http://127.0.0.1:1234"),
            ("0.0.0.0", "http://127.0.0.1:11434"),
            ("0.0.0.0:1234", "http://127.0.0.1:1234"),
            ("box.lan", "http://box.lan:11434"),
            ("http://box.lan", "http://box.lan:11434"),
            ("http://box.lan:80/base", "http://box.lan:80/base"),
            ("https://ollama.example.com", "https://ollama.example.com"),
            ("[::1]", "http://[::1]:11434"),
        ] {
            assert_eq!(address(host), url, "{host}");
        }
    }
}
