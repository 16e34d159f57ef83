//! Which names say that what they name is secret, and how it is struck out.

use std::borrow::Cow;

use llmspell_core::{Map, Secrets, Value};

/// Words that make a name a secret's, wherever they stand in it.
const WORDS: &[&str] = &[
    "passphrase",
    "credential",
    "credentials",
    "authorization",
    "cookie",
    "cookies",
];

/// Ends of words that do the same: `mytoken`, `passwords`.
const ENDS: &[&str] = &[
    "password",
    "passwords",
    "passwd",
    "secret",
    "secrets",
    "token",
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
    "session",
    "x",
];

/// Returns whether a parameter, header or field of this name holds a secret: `password`, `api_key`, `Set-Cookie`.
pub(crate) fn is_name(name: &str) -> bool {
    if !may_hold_word(name) {
        return false;
    }
    let (mut word, mut before) = (Word::default(), Word::default());
    let mut small = false;
    for letter in name.chars() {
        let starts = small && letter.is_uppercase();
        if starts || !letter.is_alphanumeric() {
            if word.is_secret(&before) {
                return true;
            }
            if !word.is_empty() {
                before = std::mem::take(&mut word);
            }
        }
        if letter.is_ascii_alphanumeric() {
            word.push(letter.to_ascii_lowercase());
        } else if letter.is_alphanumeric() {
            letter.to_lowercase().for_each(|letter| word.push(letter));
        }
        small = letter.is_lowercase();
    }
    word.is_secret(&before) || word.is_one_of(&["tokens"]) && word.length == name.len()
}

/// Returns whether two letters of a name, one after the other, are those with which a word begins that is looked for. Most
/// names need no more than this look.
fn may_hold_word(name: &str) -> bool {
    // Some letters beyond ASCII have small forms within it.
    !name.is_ascii()
        || name.as_bytes().windows(2).any(|pair| {
            let small = [pair[0] | 0x20, pair[1] | 0x20];
            matches!(
                &small,
                b"pa" | b"se" | b"to" | b"cr" | b"au" | b"co" | b"ap" | b"ke"
            )
        })
}

/// A part of a name, in small letters: names are split at `-`, `_`, `.` and where small letters turn into capitals.
#[derive(Default)]
struct Word {
    letters: [u8; LONGEST],
    /// How many letters there are, also beyond those that are kept.
    length: usize,
}

/// Longest word that is looked for, in bytes.
const LONGEST: usize = 32;

impl Word {
    fn push(&mut self, letter: char) {
        if let Some(slot) = self.letters.get_mut(self.length) {
            // No word that is looked for has any other letter.
            *slot = u8::try_from(letter)
                .ok()
                .filter(u8::is_ascii)
                .unwrap_or(b'?');
        }
        self.length += 1;
    }

    fn is_empty(&self) -> bool {
        self.length == 0
    }

    fn is_one_of(&self, words: &[&str]) -> bool {
        let own = self.letters.get(..self.length);
        own.is_some_and(|own| words.iter().any(|word| word.as_bytes() == own))
    }

    fn ends_with_one_of(&self, ends: &[&str]) -> bool {
        let own = self.letters.get(..self.length);
        own.is_some_and(|own| ends.iter().any(|end| own.ends_with(end.as_bytes())))
    }

    /// Returns whether it is `key` or `keys` at the end of one of these words, as in `apikey`.
    fn is_key_of(&self, kinds: &[&str]) -> bool {
        let own = self.letters.get(..self.length).unwrap_or_default();
        let kind = own.strip_suffix(b"s").unwrap_or(own).strip_suffix(b"key");
        kind.is_some_and(|kind| kinds.iter().any(|known| known.as_bytes() == kind))
    }

    fn is_secret(&self, before: &Self) -> bool {
        self.is_one_of(WORDS)
            || self.ends_with_one_of(ENDS)
            || self.is_key_of(KEYS)
            || self.is_one_of(&["key", "keys", "tokens"]) && before.is_one_of(KEYS)
    }
}

/// Returns the password in `scheme://user:password@host`.
pub(crate) fn password_of(text: &str) -> Option<&str> {
    let mut colons = text.match_indices(':');
    let rest = colons.find_map(|(at, _)| text[at..].strip_prefix("://"))?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let (user_info, _) = authority.rsplit_once('@')?;
    let (_, password) = user_info.split_once(':')?;
    Some(password)
}

/// Returns the parts of a URL's query whose names say that they are secret: `?api_key=…`.
pub(crate) fn query_of(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let url = text.split_once("://").filter(|_| !text.contains(' '));
    let query = url.and_then(|(_, rest)| rest.split_once('?'));
    let query = query.map_or("", |(_, query)| query);
    let query = query.split_once('#').map_or(query, |(query, _)| query);
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter(|(name, _)| is_name(name) || name.eq_ignore_ascii_case("key"))
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
    fn secrets_in_the_query_of_a_url() {
        let found = |text| query_of(text).collect::<Vec<_>>();
        assert_eq!(
            found("https://h.example/p?q=1&api_key=k1&password=p%201&KEY=k2#token=x"),
            [("api_key", "k1"), ("password", "p%201"), ("KEY", "k2")]
        );
        for plain in [
            "https://h.example/p",
            "a?api_key=k",
            "see http://h?api_key=k there",
        ] {
            assert!(found(plain).is_empty(), "{plain}");
        }
    }

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
            "passwords",
            "secrets",
            "tokens",
            "mytoken",
            "Mytoken",
            "accesstoken",
            "sessiontoken",
            "secretkey",
            "cookies",
            "X-Key",
            "api_keys",
            "access_tokens",
        ] {
            assert!(is_name(name), "{name}");
        }
        for word in WORDS {
            assert!(is_name(word) && is_name(&word.to_uppercase()), "{word}");
        }
        for before in KEYS {
            assert!(is_name(&format!("{before}_key")), "{before}");
        }
        assert!(is_name("api_\u{212a}ey"), "the sign of kelvin is a K");
        for name in [
            "key",
            "keys",
            "keyboard",
            "idempotency_key",
            "max_tokens",
            "tokens_used",
            "tokenizer",
            "secretary",
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
