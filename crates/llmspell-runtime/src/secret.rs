//! Which names say that what they name is secret, and how it is struck out.

use std::borrow::Cow;

use llmspell_core::{Map, Secrets, Value};

/// Words that make a name a secret's, wherever they stand in it.
const WORDS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "credential",
    "credentials",
    "authorization",
    "cookie",
    "apikey",
];

/// Words before `key` that make it a secret; other keys are names of things.
const KEYS: &[&str] = &[
    "api",
    "access",
    "private",
    "secret",
    "signing",
    "encryption",
    "account",
];

/// Returns whether a parameter, header or field of this name holds a secret: `password`, `api_key`, `Set-Cookie`.
pub(crate) fn is_name(name: &str) -> bool {
    let mut words = words(name);
    let mut before = String::new();
    words.any(|word| {
        let secret =
            WORDS.contains(&word.as_str()) || word == "key" && KEYS.contains(&before.as_str());
        before = word;
        secret
    })
}

/// Splits a name at `-`, `_`, `.` and where small letters turn into capitals.
fn words(name: &str) -> impl Iterator<Item = String> {
    let mut all = vec![String::new()];
    let mut small = false;
    for letter in name.chars() {
        let starts = letter.is_uppercase() && small;
        if starts || !letter.is_alphanumeric() {
            all.push(String::new());
        }
        if let (Some(word), true) = (all.last_mut(), letter.is_alphanumeric()) {
            word.extend(letter.to_lowercase());
        }
        small = letter.is_lowercase();
    }
    all.into_iter().filter(|word| !word.is_empty())
}

/// Returns the password in `scheme://user:password@host`.
pub(crate) fn password_of(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let (user_info, _) = authority.rsplit_once('@')?;
    let (_, password) = user_info.split_once(':')?;
    Some(password)
}

/// Returns the value without secrets; `None` if it holds none.
pub(crate) fn strike(value: &Value, secrets: &dyn Secrets) -> Option<Value> {
    match value {
        Value::Str(text) => match secrets.strike(text) {
            Cow::Borrowed(_) => None,
            Cow::Owned(clean) => Some(clean.into()),
        },
        Value::List(items) => {
            let clean: Vec<_> = items.iter().map(|item| strike(item, secrets)).collect();
            clean.iter().any(Option::is_some).then(|| {
                let both = clean.into_iter().zip(items);
                both.map(|(clean, item)| clean.unwrap_or_else(|| item.clone()))
                    .collect()
            })
        }
        Value::Map(members) => {
            let mut changed = None;
            for (name, member) in members.iter() {
                if let Some(clean) = strike(member, secrets) {
                    let map: &mut Map = changed.get_or_insert_with(|| members.clone());
                    map.insert(name.clone(), clean);
                }
            }
            changed.map(Value::Map)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets() {
        for name in [
            "password",
            "smtp_password",
            "Authorization",
            "proxy-authorization",
            "Cookie",
            "Set-Cookie",
            "X-Api-Key",
            "apiKey",
            "api_key",
            "secret_access_key",
            "clientSecret",
            "token",
            "session_token",
            "private_key",
        ] {
            assert!(is_name(name), "{name}");
        }
        for name in [
            "key",
            "idempotency_key",
            "max_tokens",
            "tokens",
            "author",
            "monkey",
            "content-type",
            "primary_key",
            "variable_name",
            "",
        ] {
            assert!(!is_name(name), "{name}");
        }
    }
}
