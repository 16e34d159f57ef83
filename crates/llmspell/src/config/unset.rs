//! Variables that texts of the configuration name and that are not set: an error for who uses the key, and for nobody else.

use llmspell_core::Error;

use super::tree::{Item, Origin, Tree};

/// A key whose text names a variable that is not set.
#[derive(Clone, Debug)]
pub(super) struct Unset {
    pub(super) key: String,
    pub(super) variable: String,
    origin: Origin,
}

impl Unset {
    /// Returns all of a tree.
    pub(super) fn all(tree: &Tree) -> Vec<Self> {
        let mut unset = Vec::new();
        tree.scalars(&mut |key, node| {
            if let Item::Unset { variable, .. } = &node.item {
                unset.push(Self {
                    key: key.to_owned(),
                    variable: variable.clone(),
                    origin: node.origin.clone(),
                });
            }
        });
        unset
    }

    /// Returns the error of who needs the key.
    pub(super) fn error(&self) -> Error {
        let Self {
            key,
            variable,
            origin,
        } = self;
        let message =
            format!("'{key}' needs the environment variable {variable}, which is not set");
        origin.error(message).hint(format!(
            "set {variable}, or write a default: ${{{variable}:-…}}"
        ))
    }

    /// Returns the key without the place in a list.
    pub(super) fn node(&self) -> &str {
        self.key.split('[').next().unwrap_or_default()
    }

    /// Returns the tool, or the programs that tools share, whose table the key stands in.
    pub(super) fn tool(&self) -> Option<&str> {
        let (name, _) = self.key.strip_prefix("tools.")?.split_once('.')?;
        (name != "rate_limits").then_some(name)
    }
}

/// Lets the providers of models, and the accounts of tools, whose keys name variables that are not set fail when they are
/// first used, and not before.
pub(super) fn put_off(tree: &mut Tree) {
    for provider in tree.members_mut("providers") {
        put_off_provider(provider);
    }
    for tool in tree.members_mut("tools") {
        for account in tool.members_mut("providers") {
            put_off_account(account);
        }
    }
}

/// `api_key = "${VARIABLE}"` becomes `api_key_env = "VARIABLE"`, which the provider's own error names. Any other key
/// leaves its text as the address, which no request can be sent to.
fn put_off_provider(provider: &mut Tree) {
    name_variable(provider, "api_key");
    let mut left = None;
    provider.scalars(&mut |_, node| {
        if let Item::Unset { text, .. } = &node.item {
            left = Some(node.with_text(text));
        }
    });
    if let (Some(left), Some(table)) = (left, provider.as_table_mut()) {
        table.insert("base_url".to_owned(), left);
    }
}

/// `api_key = "${VARIABLE}"` becomes `api_key_env = "VARIABLE"`, and a password likewise.
fn put_off_account(account: &mut Tree) {
    for key in ["api_key", "password"] {
        name_variable(account, key);
    }
}

/// Replaces a key whose whole text is a variable that is not set by one that names the variable.
fn name_variable(node: &mut Tree, key: &str) {
    let Some(table) = node.as_table_mut() else {
        return;
    };
    if let Some(node) = table.get(key)
        && let Item::Unset { variable, text } = &node.item
        && *text == format!("${{{variable}}}")
    {
        let named = node.with_text(variable);
        table.shift_remove(key);
        table.entry(format!("{key}_env")).or_insert(named);
    }
}
