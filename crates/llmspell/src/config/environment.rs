//! Environment variables as a layer of configuration.

use llmspell_core::Result;

use super::quantity;
use super::tree::{Item, Origin, Tree};

/// How the text of a variable becomes a value.
#[derive(Clone, Copy, Debug)]
enum Read {
    /// As the key's type says.
    AsKey,
    /// A number of mebibytes, as bytes.
    Mebibytes,
    /// A number of seconds or a time with its unit, as milliseconds.
    Seconds,
}

use Read::{AsKey, Mebibytes, Seconds};

/// Each row: the variable, the key, how it is read.
const TABLE: &[(&str, &str, Read)] = &[
    ("LLMSPELL_DEFAULT_ENGINE", "default_engine", AsKey),
    (
        "LLMSPELL_DEFAULT_PROVIDER",
        "providers.default_provider",
        AsKey,
    ),
    ("LLMSPELL_DEFAULT_MODEL", "providers.default_model", AsKey),
    (
        "LLMSPELL_ALLOW_FILE_ACCESS",
        "security.allow_file_access",
        AsKey,
    ),
    (
        "LLMSPELL_ALLOW_NETWORK_ACCESS",
        "security.allow_network_access",
        AsKey,
    ),
    (
        "LLMSPELL_ALLOW_PROCESS_SPAWN",
        "security.allow_process_spawn",
        AsKey,
    ),
    ("LLMSPELL_MAX_MEMORY_MB", "runtime.max_memory", Mebibytes),
    ("LLMSPELL_SCRIPT_TIMEOUT", "runtime.timeout_ms", Seconds),
    (
        "LLMSPELL_ENABLE_STREAMING",
        "runtime.enable_streaming",
        AsKey,
    ),
    ("LLMSPELL_ENABLE_SESSIONS", "sessions.enabled", AsKey),
    (
        "LLMSPELL_SESSION_BACKEND",
        "sessions.storage_backend",
        AsKey,
    ),
    ("LLMSPELL_SESSION_PATH", "sessions.path", AsKey),
    ("LLMSPELL_STATE_BACKEND", "state.backend", AsKey),
    ("LLMSPELL_STATE_PATH", "state.path", AsKey),
    ("LLMSPELL_DATA_DIR", "storage.dir", AsKey),
];

/// Returns the layer that the variables make. The variables of a provider (`LLMSPELL_<NAME>_…`) are read by the
/// provider itself, so that keys never stand in the configuration.
///
/// - Errors: `Config` naming the variable.
pub(super) fn layer(variables: &[(String, String)]) -> Result<Tree> {
    let mut tree = Tree::table(Origin::Flag("the environment".into()));
    for (variable, text) in variables {
        if text.is_empty() {
            continue;
        }
        let Some((key, read)) = place(variable) else {
            continue;
        };
        let origin = Origin::Variable(variable.clone());
        let item = value(text, read).ok_or_else(|| {
            origin.error(format!(
                "the environment variable {variable} must be a number, not '{text}'"
            ))
        })?;
        tree.put(&key, Tree::new(item, origin))?;
    }
    Ok(tree)
}

fn place(variable: &str) -> Option<(String, Read)> {
    if let Some((_, key, read)) = TABLE.iter().find(|(name, ..)| *name == variable) {
        return Some(((*key).to_owned(), *read));
    }
    let rest = variable.strip_prefix("LLMSPELL_")?;
    if rest.contains("__") {
        let names: Vec<String> = rest.split("__").map(str::to_ascii_lowercase).collect();
        let whole = names.len() > 1 && names.iter().all(|name| !name.is_empty());
        return whole.then(|| (names.join("."), AsKey));
    }
    None
}

fn value(text: &str, read: Read) -> Option<Item> {
    match read {
        AsKey => Some(Item::Text(text.to_owned())),
        Mebibytes => {
            let mebibytes: i64 = text.trim().parse().ok()?;
            Some(Item::Int(mebibytes.checked_mul(1024 * 1024)?))
        }
        Seconds => {
            let milliseconds = quantity::milliseconds(text, 1000)?;
            Some(Item::Int(i64::try_from(milliseconds).ok()?))
        }
    }
}

/// Reads `true false 1 0 yes no on off`, in any case.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<String> {
        let variables: Vec<(String, String)> = variables
            .iter()
            .map(|(name, text)| ((*name).into(), (*text).into()))
            .collect();
        Ok(layer(&variables)?.to_json().unwrap().to_string())
    }

    #[test]
    fn named_variables_have_their_keys() {
        assert_eq!(
            read(&[("LLMSPELL_MAX_MEMORY_MB", "64")]).unwrap(),
            r#"{"runtime":{"max_memory":67108864}}"#
        );
        assert_eq!(
            read(&[("LLMSPELL_SCRIPT_TIMEOUT", "5")]).unwrap(),
            r#"{"runtime":{"timeout_ms":5000}}"#
        );
        assert_eq!(
            read(&[("LLMSPELL_DATA_DIR", "/d")]).unwrap(),
            r#"{"storage":{"dir":"/d"}}"#
        );
        let error = read(&[("LLMSPELL_MAX_MEMORY_MB", "much")]).unwrap_err();
        assert!(error.message().contains("LLMSPELL_MAX_MEMORY_MB"));
    }

    #[test]
    fn double_underscores_reach_any_key() {
        assert_eq!(
            read(&[("LLMSPELL_TOOLS__HTTP_REQUEST__TIMEOUT_MS", "5000")]).unwrap(),
            r#"{"tools":{"http_request":{"timeout_ms":"5000"}}}"#
        );
        assert_eq!(
            read(&[("LLMSPELL___X", "1"), ("LLMSPELL_A__", "1")]).unwrap(),
            "{}"
        );
    }

    #[test]
    fn variables_of_providers_stay_outside() {
        let variables = [
            ("LLMSPELL_OPENAI_API_KEY", "sk"),
            ("LLMSPELL_OPENAI_MODEL", "x"),
            ("PATH", "/bin"),
        ];
        assert_eq!(read(&variables).unwrap(), "{}");
    }

    #[test]
    fn booleans_in_any_case() {
        assert_eq!(boolean("Yes"), Some(true));
        assert_eq!(boolean("OFF"), Some(false));
        assert_eq!(boolean("2"), None);
    }
}
