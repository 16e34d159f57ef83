//! Keys of the configuration contract for parts of the runtime that this version does not have.
//!
//! They are accepted, so that one file serves several versions, and have no effect. `*` is any one name; a key that
//! ends in `.**` stands for everything below it. A part that is built moves its keys from here to its options.

const KEYS: &[&str] = &[
    "engines.javascript.jsx",
    "engines.*.**",
    "runtime.max_concurrent_scripts",
    "state.max_total_bytes",
    "state.cache_size",
    "state.schema_version",
    "state.performance.fast_path_enabled",
    "state.performance.async_hooks",
    "state.backup.schedule",
    "state.backup.encryption_key_env",
    "security.audit_file",
    "tools.*.**",
    "logging.file",
    "logging.max_bytes",
    "logging.keep",
    "mcp.servers.**",
];

/// Returns whether `path` is such a key, a table on the way to one, or below one that stands for all below it.
pub(super) fn knows(path: &str) -> bool {
    KEYS.iter().any(|key| fits(key, path, true))
}

/// Returns whether `path` is named by the table itself, without the help of a `*`.
pub(super) fn names(path: &str) -> bool {
    KEYS.iter().any(|key| fits(key, path, false))
}

fn fits(key: &str, path: &str, any: bool) -> bool {
    // The engines that exist have their own keys.
    let own = |name: &str| key.starts_with("engines.") && matches!(name, "lua" | "javascript");
    let (key, open) = match key.strip_suffix(".**") {
        Some(key) => (key, true),
        None => (key, false),
    };
    let mut names = path.split('.');
    for wanted in key.split('.') {
        match names.next() {
            None => return true,
            Some(name) if wanted == name || (any && wanted == "*" && !own(name)) => {}
            Some(_) => return false,
        }
    }
    open || names.next().is_none()
}

/// Returns the names that may stand in the table at `path`, for suggestions.
pub(super) fn names_in(path: &str) -> impl Iterator<Item = &'static str> + use<'_> {
    KEYS.iter().filter_map(move |key| {
        let rest = match path {
            "" => key,
            path => key.strip_prefix(path)?.strip_prefix('.')?,
        };
        rest.split('.').next().filter(|name| !name.contains('*'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_and_keys_are_known_and_typing_errors_are_not() {
        for path in [
            "state",
            "state.cache_size",
            "state.backup.schedule",
            "mcp.servers.x.command",
            "engines.wasm.a.b",
            "tools.http_request.timeout_ms",
        ] {
            assert!(knows(path), "{path}");
        }
        for path in [
            "stat",
            "state.cache_siez",
            "state.backup.schedul",
            "state.cache_size.x",
            "mcp.server",
            "engines.lua.debgu",
        ] {
            assert!(!knows(path), "{path}");
        }
        assert!(names_in("state").any(|name| name == "cache_size"));
    }
}
