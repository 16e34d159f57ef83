//! What of a configuration must not be shown.

use serde_json::Value;

/// What stands in the place of a secret.
pub const HIDDEN: &str = "***";

/// Returns whether a key of this name holds a secret.
pub fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('-', "_");
    let counts_tokens =
        name.ends_with("tokens") || name.starts_with("max_") || name.starts_with("context");
    let names_a_variable = name.ends_with("_env");
    let words = [
        "api_key",
        "apikey",
        "password",
        "passwd",
        "passphrase",
        "secret",
        "credential",
        "private_key",
        "access_key",
    ];
    !counts_tokens
        && !names_a_variable
        && (words.iter().any(|word| name.contains(word))
            || name == "key"
            || name.contains("token")
            || matches!(
                name.as_str(),
                "authorization" | "proxy_authorization" | "cookie" | "x_api_key" | "auth"
            ))
}

/// The table of which every value is a secret, whatever its name: headers for a service that takes a key in one of its own.
const TABLE: [&str; 2] = ["telemetry", "headers"];

/// Replaces every secret below `value`, and passwords in URLs.
pub fn redact(value: &mut Value) {
    let headers = TABLE
        .iter()
        .try_fold(&mut *value, |value, name| value.get_mut(name));
    for header in headers.and_then(Value::as_object_mut).into_iter().flatten() {
        *header.1 = HIDDEN.into();
    }
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if is_secret(name) && !member.is_object() && !member.is_null() {
                    *member = HIDDEN.into();
                } else {
                    redact(member);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(redact),
        Value::String(text) => {
            if let Some(hidden) = without_password(text) {
                *text = hidden;
            }
        }
        _ => {}
    }
}

/// Returns the dotted keys and texts of all secrets below `value`.
pub(super) fn secrets(value: &Value) -> Vec<(String, String)> {
    fn walk(path: &str, value: &Value, found: &mut Vec<(String, String)>) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    let path = super::tree::join(path, name);
                    match member {
                        Value::String(text) if is_secret(name) || is_in_table(&path) => {
                            found.push((path, text.clone()));
                        }
                        member => walk(&path, member, found),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| walk(path, item, found)),
            Value::String(text) => {
                let password =
                    password_of(text).map(|password| (path.to_owned(), password.to_owned()));
                found.extend(password);
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk("", value, &mut found);
    found
}

fn is_in_table(path: &str) -> bool {
    let mut names = path.split('.');
    TABLE.iter().all(|name| names.next() == Some(*name)) && names.next().is_some()
}

/// Returns the text with the password of `scheme://user:password@host` replaced.
fn without_password(text: &str) -> Option<String> {
    let password = password_of(text)?;
    let start = password.as_ptr() as usize - text.as_ptr() as usize;
    let (before, after) = (&text[..start], &text[start + password.len()..]);
    Some(format!("{before}{HIDDEN}{after}"))
}

/// Returns the password in `scheme://user:password@host`.
fn password_of(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let (user_info, _) = authority.rsplit_once('@')?;
    let (_, password) = user_info.split_once(':')?;
    Some(password)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets() {
        for name in [
            "api_key",
            "API_KEY",
            "x-api-key",
            "client_secret",
            "password",
            "access_token",
            "Authorization",
            "token",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in [
            "api_key_env",
            "max_tokens",
            "tokens",
            "input_tokens",
            "model",
            "encryption_key_env",
            "author",
            "keep_tmp",
            "monkey",
        ] {
            assert!(!is_secret(name), "{name}");
        }
    }

    #[test]
    fn secrets_are_found_with_their_keys() {
        let value = serde_json::json!({"providers": {"a": {"api_key": "sk-1", "model": "m"}}, "password": "p"});
        let found = secrets(&value);
        let found: Vec<(&str, &str)> = found.iter().map(|(key, text)| (&**key, &**text)).collect();
        assert_eq!(found, [("providers.a.api_key", "sk-1"), ("password", "p")]);
    }

    #[test]
    fn secrets_and_passwords_in_urls_vanish() {
        let mut value = serde_json::json!({
            "providers": {"work": {"api_key": "sk-1", "api_key_env": "MY_KEY", "base_url": "https://u:pw@h/x",
                "headers": {"Authorization": "Bearer x", "x-team": "a"}}},
            "list": ["postgres://a:b@c"],
            "token": {"inner": "kept", "secret": 5},
        });
        redact(&mut value);
        assert_eq!(
            value.to_string(),
            r#"{"providers":{"work":{"api_key":"***","api_key_env":"MY_KEY","base_url":"https://u:***@h/x","headers":{"Authorization":"***","x-team":"a"}}},"list":["postgres://a:***@c"],"token":{"inner":"kept","secret":"***"}}"#
        );
    }
}
