//! Which names say that what they name is secret.

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
