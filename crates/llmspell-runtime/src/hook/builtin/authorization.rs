//! `AuthorizationChecker`: only certain roles may do certain things.

use indexmap::IndexMap;
use llmspell_core::{Result, Value};
use serde::{Deserialize, Serialize};

use super::super::answer::Answer;
use super::super::context::Context;
use super::super::entry::{Answering, Hook};
use super::super::frame::Within;
use super::at_once;

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Config {
    require_auth: bool,
    auth_header: String,
    /// The names of tools, agents and workflows that a role may use; `*` is all.
    allowed_roles: IndexMap<String, Vec<String>>,
    deny_by_default: bool,
    /// The role of this run, where hooks before this one say none. Without it, it is the `role` of the metadata of the
    /// session that the operation is done for.
    role: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            require_auth: true,
            auth_header: "authorization".to_owned(),
            allowed_roles: IndexMap::new(),
            deny_by_default: true,
            role: None,
        }
    }
}

pub(super) struct AuthorizationChecker(Config);

pub(super) fn new(config: Config) -> Result<AuthorizationChecker> {
    Ok(AuthorizationChecker(config))
}

impl AuthorizationChecker {
    fn complaint(&self, context: &Context<'_>) -> Option<String> {
        let config = &self.0;
        let noted = ["role", config.auth_header.as_str()]
            .iter()
            .find_map(|name| context.metadata.get(name).and_then(Value::as_str));
        let name = &context.component.name;
        let named = noted.or(config.role.as_deref()).map(str::to_owned);
        let Some(role) = named.or_else(|| context.noted("role")) else {
            let why = || format!("'{name}' needs a role, and none is known");
            return config.require_auth.then(why);
        };
        let permitted = match config.allowed_roles.get(&role) {
            Some(names) => names
                .iter()
                .any(|allowed| crate::glob::matches(allowed, name)),
            None => !config.deny_by_default,
        };
        (!permitted).then(|| format!("the role '{role}' may not use '{name}'"))
    }
}

impl Hook for AuthorizationChecker {
    fn call<'a>(&'a self, _: &'a Within<'a>, context: &'a mut Context<'_>) -> Answering<'a> {
        at_once(Ok(match self.complaint(context) {
            Some(complaint) => Answer::Cancel(Some(complaint)),
            None => Answer::Continue,
        }))
    }
}
