//! Environment variables, as far as the policy lets a spell see them.

use std::collections::BTreeMap;

use llmspell_core::{Environment, Result, error};
use parking_lot::RwLock;

use crate::glob;
use crate::journal::looks_secret;

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

/// The policy `[security.environment]`.
///
/// Patterns are globs with `*`, compared with names without regard to case. A name that fits a `deny` pattern is hidden
/// whatever `allow` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyEnvironment {
    /// What may be seen.
    pub allow: Vec<String>,
    /// What may not.
    pub deny: Vec<String>,
    /// What the run may set for itself and its processes.
    pub allow_set: Vec<String>,
}

impl Default for PolicyEnvironment {
    /// The usual harmless names, and nothing that looks like a secret or steers a loader.
    fn default() -> Self {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Self {
            allow: owned(ALLOW),
            deny: owned(DENY),
            allow_set: Vec::new(),
        }
    }
}

impl PolicyEnvironment {
    /// Returns whether the policy lets a spell see the variable, set or not.
    pub fn allows(&self, name: &str) -> bool {
        any(&self.allow, name) && !any(&self.deny, name)
    }

    /// Returns whether the value of a variable is to be struck out of records: the variable is denied, or a pattern of
    /// `extra` fits it, and the value is long enough to be a secret.
    pub fn is_secret(&self, name: &str, value: &str, extra: &[String]) -> bool {
        value.len() >= SECRET_BYTES && (any(&self.deny, name) || any(extra, name))
    }
}

fn any(patterns: &[String], name: &str) -> bool {
    patterns
        .iter()
        .any(|pattern| glob::matches_any_case(pattern, name))
}

/// The environment of this process as one run sees it: behind the policy, with what the run has set itself.
#[derive(Default)]
pub struct RunEnvironment {
    policy: PolicyEnvironment,
    /// What there is in place of the variables of this process.
    variables: Option<BTreeMap<String, String>>,
    settings: BTreeMap<String, String>,
    own: RwLock<BTreeMap<String, Option<String>>>,
}

impl RunEnvironment {
    /// Shows what `policy` lets be seen.
    pub fn new(policy: PolicyEnvironment) -> Self {
        Self {
            policy,
            ..Self::default()
        }
    }

    /// Sets what tools find as [`Environment::setting`], with a `.env` file for example. Default: the variables of this
    /// process.
    #[must_use]
    pub fn settings(mut self, settings: impl IntoIterator<Item = (String, String)>) -> Self {
        self.settings = settings.into_iter().collect();
        self
    }

    /// Puts these variables in the place of those of this process.
    #[must_use]
    pub fn variables(mut self, variables: impl IntoIterator<Item = (String, String)>) -> Self {
        self.variables = Some(variables.into_iter().collect());
        self
    }

    fn outer(&self, name: &str) -> Option<String> {
        match &self.variables {
            Some(variables) => variables.get(name).cloned(),
            None => std::env::var(name).ok(),
        }
    }

    fn outer_all(&self) -> BTreeMap<String, String> {
        let process = || {
            std::env::vars_os().filter_map(|(name, value)| {
                Some((name.into_string().ok()?, value.into_string().ok()?))
            })
        };
        match &self.variables {
            Some(variables) => variables.clone(),
            None => process().collect(),
        }
    }
}

/// The variables may be secret.
impl std::fmt::Debug for RunEnvironment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RunEnvironment")
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

/// Hides a value that is a secret by its form, though its name is allowed.
fn shown(name: &str, value: String) -> String {
    match looks_secret(&value) {
        true => format!("[redacted:{name}]"),
        false => value,
    }
}

/// The standard library panics at other names.
fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(['=', '\0'])
}

impl Environment for RunEnvironment {
    fn var(&self, name: &str) -> Option<String> {
        if !is_name(name) || !self.policy.allows(name) {
            return None;
        }
        let value = match self.own.read().get(name) {
            Some(own) => own.clone(),
            None => self.outer(name),
        };
        value.map(|value| shown(name, value))
    }

    fn vars(&self) -> Vec<(String, String)> {
        let mut all = self.outer_all();
        for (name, own) in self.own.read().iter() {
            match own {
                Some(value) => drop(all.insert(name.clone(), value.clone())),
                None => drop(all.remove(name)),
            }
        }
        all.retain(|name, _| self.policy.allows(name));
        all.into_iter()
            .map(|(name, value)| (name.clone(), shown(&name, value)))
            .collect()
    }

    fn check(&self, name: &str) -> Result<()> {
        if is_name(name) && self.policy.allows(name) {
            return Ok(());
        }
        let denied = any(&self.policy.deny, name);
        Err(error!(
            Denied,
            "Access to environment variable '{name}' is not permitted"
        )
        .with("resource", name)
        .with(
            "setting",
            if denied {
                "security.environment.deny"
            } else {
                "security.environment.allow"
            },
        )
        .hint(match denied {
            true => "a pattern of `security.environment.deny` fits it",
            false => "add it to `security.environment.allow`",
        }))
    }

    /// What the run has set itself does not count: a spell must not choose the account.
    fn setting(&self, name: &str) -> Option<String> {
        match self.settings.get(name) {
            Some(value) => Some(value.clone()),
            None if is_name(name) => self.outer(name),
            None => None,
        }
        .filter(|value| !value.is_empty())
    }

    fn passed(&self, name: &str) -> Option<String> {
        match self.own.read().get(name) {
            Some(own) => own.clone(),
            None if is_name(name) => self.outer(name),
            None => None,
        }
    }

    fn set(&self, name: &str, value: Option<String>) -> Result<Option<String>> {
        self.check(name)?;
        if !any(&self.policy.allow_set, name) {
            return Err(error!(
                Denied,
                "Setting environment variable '{name}' is not permitted"
            )
            .with("resource", name)
            .with("setting", "security.environment.allow_set")
            .hint("add it to `security.environment.allow_set`"));
        }
        let before = self.var(name);
        self.own.write().insert(name.to_owned(), value);
        Ok(before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_found_although_spells_do_not_see_it() {
        let policy = PolicyEnvironment {
            deny: vec!["PATH".to_owned()],
            allow_set: vec!["*".to_owned()],
            ..PolicyEnvironment::default()
        };
        let environment = RunEnvironment::new(policy);
        assert_eq!(environment.var("PATH"), None);
        assert!(environment.setting("PATH").is_some());
        assert_eq!(environment.setting("A=B"), None);
        environment.set("TERM", Some("own".to_owned())).unwrap();
        assert_ne!(environment.setting("TERM").as_deref(), Some("own"));
    }

    #[test]
    fn processes_are_passed_what_the_run_has_set() {
        let policy = PolicyEnvironment {
            allow_set: vec!["TERM".to_owned(), "LANG".to_owned()],
            ..PolicyEnvironment::default()
        };
        let outer = ["TERM", "LANG", "OWN_TOKEN"].map(|name| (name.to_owned(), "old".to_owned()));
        let environment = RunEnvironment::new(policy).variables(outer);
        environment.set("TERM", Some("new".to_owned())).unwrap();
        environment.set("LANG", None).unwrap();
        let passed =
            ["TERM", "LANG", "OWN_TOKEN", "NONE", "A=B"].map(|name| environment.passed(name));
        assert_eq!(
            passed.each_ref().map(Option::as_deref),
            [Some("new"), None, Some("old"), None, None]
        );
        assert_eq!(environment.var("OWN_TOKEN"), None);
    }

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
        let shown = RunEnvironment::default();
        assert_eq!(shown.var("PATH"), std::env::var("PATH").ok());
        let open = RunEnvironment::new(PolicyEnvironment {
            allow: vec!["*".into()],
            deny: vec!["pat?".into()],
            allow_set: vec!["OWN_*".into()],
        });
        assert_eq!(open.var("PATH"), None);
        assert!(open.vars().iter().all(|(name, _)| name != "PATH"));
        assert!(open.check("PATH").is_err() && open.check("HOME").is_ok());
        assert!(open.set("HOME", Some("x".into())).is_err());
        assert_eq!(open.set("OWN_X", Some("1".into())), Ok(None));
        assert_eq!(open.set("OWN_X", Some("2".into())), Ok(Some("1".into())));
        open.set("OWN_Y", Some("sk-0123456789abcdefghijkl".into()))
            .unwrap();
        assert_eq!(open.var("OWN_Y").as_deref(), Some("[redacted:OWN_Y]"));
        assert_eq!(open.var("OWN_X").as_deref(), Some("2"));
        assert!(open.vars().contains(&("OWN_X".into(), "2".into())));
        let given = RunEnvironment::default()
            .variables([("A_KEY".into(), "1".into()), ("HOME".into(), "/h".into())])
            .settings([("B_KEY".into(), "2".into())]);
        assert_eq!(given.vars(), [("HOME".into(), "/h".into())]);
        assert_eq!((given.var("A_KEY"), given.var("B_KEY")), (None, None));
        assert_eq!(given.setting("A_KEY").as_deref(), Some("1"));
        assert_eq!(given.setting("B_KEY").as_deref(), Some("2"));
        for name in ["", "a=b", "a\0b"] {
            assert_eq!(given.setting(name), None);
            assert_eq!(open.var(name), None);
        }
    }
}
