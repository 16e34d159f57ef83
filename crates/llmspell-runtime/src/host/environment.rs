//! Environment variables, as far as the policy lets a spell see them.

use llmspell_core::Environment;

use crate::layer::glob;

const ALLOW: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "SHELL",
    "PWD",
    "OLDPWD",
    "TERM",
    "LANG",
    "LC_*",
    "TZ",
    "TMPDIR",
    "TEMP",
    "TMP",
    "HOSTNAME",
    "LLMSPELL_PUBLIC_*",
];

const DENY: &[&str] = &[
    "*PASSWORD*",
    "*PASSWD*",
    "*SECRET*",
    "*KEY*",
    "*TOKEN*",
    "*CREDENTIAL*",
    "*AUTH*",
    "*PRIVATE*",
    "*SESSION*",
    "AWS_*",
    "AZURE_*",
    "GCP_*",
    "GOOGLE_*",
    "SSH_*",
    "API_*",
    "DATABASE_*",
    "LD_*",
    "DYLD_*",
];

/// Shortest value of a denied variable that is taken for a secret; shorter ones (`1`, `x11`) are ordinary words.
const SECRET_BYTES: usize = 8;

/// The environment of this process behind the policy `[security.environment]`.
///
/// Patterns are globs with `*`, compared with names without regard to case. A name that fits a `deny` pattern is hidden
/// whatever `allow` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyEnvironment {
    /// What may be seen.
    pub allow: Vec<String>,
    /// What may not.
    pub deny: Vec<String>,
}

impl Default for PolicyEnvironment {
    /// The usual harmless names, and nothing that looks like a secret or steers a loader.
    fn default() -> Self {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Self {
            allow: owned(ALLOW),
            deny: owned(DENY),
        }
    }
}

impl PolicyEnvironment {
    /// Returns whether the policy lets a spell see the variable, set or not.
    pub fn allows(&self, name: &str) -> bool {
        any(&self.allow, name) && !any(&self.deny, name)
    }

    /// Returns names and values of denied variables that are long enough to be secrets, to be struck out of records.
    pub fn secrets(&self) -> Vec<(String, String)> {
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .filter(|(name, value)| value.len() >= SECRET_BYTES && any(&self.deny, name))
            .collect()
    }
}

fn any(patterns: &[String], name: &str) -> bool {
    patterns
        .iter()
        .any(|pattern| glob::matches_any_case(pattern, name))
}

impl Environment for PolicyEnvironment {
    fn var(&self, name: &str) -> Option<String> {
        // The standard library panics at such names.
        let possible = !name.is_empty() && !name.contains(['=', '\0']);
        (possible && self.allows(name))
            .then(|| std::env::var(name).ok())
            .flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_hide_secrets() {
        let policy = PolicyEnvironment::default();
        for name in ["PATH", "path", "LC_ALL", "LLMSPELL_PUBLIC_URL", "tmpdir"] {
            assert!(policy.allows(name), "{name}");
        }
        for name in [
            "OPENAI_API_KEY",
            "openai_api_key",
            "LLMSPELL_PUBLIC_KEY",
            "LD_PRELOAD",
            "AWS_REGION",
            "EDITOR",
            "",
        ] {
            assert!(!policy.allows(name), "{name}");
        }
    }

    #[test]
    fn only_what_is_allowed_is_read() {
        let policy = PolicyEnvironment::default();
        assert_eq!(policy.var("PATH"), std::env::var("PATH").ok());
        let open = PolicyEnvironment {
            allow: vec!["*".into()],
            deny: vec!["pat?".into()],
        };
        assert_eq!(open.var("PATH"), None);
        for name in ["", "a=b", "a\0b"] {
            assert_eq!(open.var(name), None);
        }
    }
}
