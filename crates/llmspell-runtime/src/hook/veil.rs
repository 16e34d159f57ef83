//! Secrets in what functions of scripts are told, and their way back.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashMap;

use llmspell_core::{Map, Secrets, Value};

use super::answer::Answer;
use super::facts::Facts;
use crate::secret;

/// What all marks begin with that stand for secrets.
const MARK: &str = "[redacted";

/// Returns a value as functions of scripts are told it: `[redacted:NAME]` stands for a secret.
pub(super) fn veiled(value: Value, secrets: &dyn Secrets) -> Value {
    secret::strike(&value, secrets).unwrap_or(value)
}

/// Puts secrets back into the answer of a function that was told `facts`.
///
/// A text that comes back as it was told becomes the original again: the one at the same place, else the only one of the
/// facts for which it can stand. A mark within a text that the function made stays a mark. The key of a cache entry
/// differs where the secrets do.
pub(super) fn unveiled(mut answer: Answer, facts: &Facts<'_>, secrets: &dyn Secrets) -> Answer {
    // Made for who needs them: most answers hold no data.
    let originals = || Originals::new(facts, secrets);
    let result = || facts.get("result");
    match &mut answer {
        Answer::Modified(data) => originals().restore_members(data, |name| facts.get(name)),
        Answer::Replace(data) => originals().restore(data, result()),
        Answer::Retry(again) => originals().restore_any(&mut again.fallback, result),
        Answer::Cache(cached) => {
            let originals = originals();
            originals.restore_any(&mut cached.result, result);
            originals.distinguish(&mut cached.key);
        }
        Answer::Fork(branches) => {
            for branch in branches {
                originals().restore(&mut branch.parameters, facts.get("parameters"));
            }
        }
        Answer::Continue | Answer::Cancel(_) | Answer::Redirect(_) | Answer::Skipped(_) => {}
    }
    answer
}

/// What stood in the facts before secrets were struck out of what a function was told.
struct Originals<'a> {
    facts: &'a Map,
    secrets: &'a dyn Secrets,
    /// The originals by what was told in their place; `None` where that stands for several.
    by_told: OnceCell<HashMap<String, Option<&'a str>>>,
}

impl<'a> Originals<'a> {
    fn new(facts: &'a Map, secrets: &'a dyn Secrets) -> Self {
        Self {
            facts,
            secrets,
            by_told: OnceCell::new(),
        }
    }

    /// Restores the texts of a value; `original` is what stood at its place.
    fn restore(&self, value: &mut Value, original: Option<&Value>) {
        match value {
            Value::Str(text) if text.contains(MARK) => {
                if let Some(original) = self.original(text, original) {
                    *text = original.into();
                }
            }
            Value::List(items) => {
                let originals = original.and_then(Value::as_list).unwrap_or_default();
                for (at, item) in items.iter_mut().enumerate() {
                    self.restore(item, originals.get(at));
                }
            }
            Value::Map(members) => {
                self.restore_members(members, |name| original.and_then(|map| map.get(name)));
            }
            _ => {}
        }
    }

    fn restore_members<'o>(&self, members: &mut Map, original: impl Fn(&str) -> Option<&'o Value>) {
        for (name, member) in members.iter_mut() {
            self.restore(member, original(name));
        }
    }

    fn restore_any<'o>(
        &self,
        value: &mut Option<Value>,
        original: impl FnOnce() -> Option<&'o Value>,
    ) {
        if let Some(value) = value {
            self.restore(value, original());
        }
    }

    fn original<'t>(&'t self, text: &str, original: Option<&'t Value>) -> Option<&'t str> {
        let here = original.and_then(Value::as_str);
        let here = here.filter(|here| self.secrets.strike(here) == text);
        here.or_else(|| *self.by_told().get(text)?)
    }

    fn by_told(&self) -> &HashMap<String, Option<&'a str>> {
        self.by_told.get_or_init(|| {
            let mut by_told = HashMap::new();
            self.each_secret(&mut |told, original| {
                let known = by_told.entry(told).or_insert(Some(original));
                *known = known.filter(|known| *known == original);
            });
            by_told
        })
    }

    /// Makes a key another one for other secrets.
    fn distinguish(&self, key: &mut String) {
        if key.contains(MARK) {
            let mut digest = blake3::Hasher::new();
            self.each_secret(&mut |_, original| {
                digest.update(blake3::hash(original.as_bytes()).as_bytes());
            });
            key.push_str(&digest.finalize().to_hex());
        }
    }

    /// Gives all texts that hold secrets, as they were told and as they are.
    fn each_secret(&self, found: &mut dyn FnMut(String, &'a str)) {
        for fact in self.facts.values() {
            each_text(fact, &mut |text| {
                if let Cow::Owned(told) = self.secrets.strike(text) {
                    found(told, text);
                }
            });
        }
    }
}

fn each_text<'a>(value: &'a Value, found: &mut dyn FnMut(&'a str)) {
    match value {
        Value::Str(text) => found(text),
        Value::List(items) => items.iter().for_each(|item| each_text(item, found)),
        Value::Map(members) => members.values().for_each(|member| each_text(member, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use llmspell_core::host::NoSecrets;
    use serde_json::json;

    use super::super::answer::Cached;
    use super::*;
    use crate::journal::Redact;

    fn facts(json: serde_json::Value) -> Map {
        let Value::Map(facts) = json.into() else {
            panic!("facts are members")
        };
        facts
    }

    fn told(facts: &Map, secrets: &Redact) -> Map {
        let Value::Map(told) = veiled(facts.clone().into(), secrets) else {
            panic!("facts stay members")
        };
        told
    }

    #[test]
    fn what_comes_back_as_it_was_told_is_the_original() {
        let secrets = Redact::new([("token", "tok-4711-one"), ("token", "tok-4711-two")]);
        let before = facts(json!({"parameters": {
            "auth": {"token": "tok-4711-one"},
            "more": ["tok-4711-two", "see https://u:tok-4711-two@h/"],
            "url": "https://h/"
        }}));
        let told = told(&before, &secrets);
        let json = |facts: Map| serde_json::to_value(Value::Map(facts)).unwrap();
        assert_eq!(
            json(told.clone()),
            json!({"parameters": {
                "auth": {"token": "[redacted:token]"},
                "more": ["[redacted:token]", "see https://u:[redacted:token]@h/"],
                "url": "https://h/"
            }})
        );
        let answer = unveiled(Answer::Modified(told), &before.clone().into(), &secrets);
        assert_eq!(answer, Answer::Modified(before.clone()));

        // Moved elsewhere: one can stand for one original only, the other for two.
        let moved = facts(json!({"parameters": {
            "copy": "see https://u:[redacted:token]@h/", "either": "[redacted:token]", "own": "a [redacted:token]"
        }}));
        let Answer::Modified(moved) =
            unveiled(Answer::Modified(moved), &before.clone().into(), &secrets)
        else {
            panic!("it stays an answer of its kind")
        };
        assert_eq!(
            json(moved),
            json!({"parameters": {
                "copy": "see https://u:tok-4711-two@h/", "either": "[redacted:token]", "own": "a [redacted:token]"
            }})
        );
    }

    #[test]
    fn every_answer_with_data_gets_its_secrets_back() {
        let secrets = Redact::new([("token", "tok-4711-one")]);
        let before =
            facts(json!({"result": {"id": "tok-4711-one"}, "parameters": {"t": "tok-4711-one"}}));
        for answer in [
            json!({"type": "replace", "data": {"id": "[redacted:token]"}}),
            json!({"type": "retry", "fallback_data": {"id": "[redacted:token]"}}),
            json!({"type": "cache", "key": "k", "result": {"id": "[redacted:token]"}}),
            json!({"type": "fork", "operations": [
                {"operation_type": "tool:x", "parameters": {"t": "[redacted:token]"}}]}),
        ] {
            let read = |json: serde_json::Value| Answer::read(json.into()).unwrap();
            let plain = answer
                .to_string()
                .replace("[redacted:token]", "tok-4711-one");
            let plain: serde_json::Value = serde_json::from_str(&plain).unwrap();
            let answer = unveiled(read(answer), &before.clone().into(), &secrets);
            assert_eq!(answer, read(plain));
        }
    }

    #[test]
    fn facts_are_not_made_for_an_answer_without_data() {
        let make = || panic!("nobody needs them");
        let facts = Facts::of(&make);
        let answer = Answer::Cancel(Some("[redacted:token]".to_owned()));
        assert_eq!(unveiled(answer.clone(), &facts, &NoSecrets), answer);
    }

    #[test]
    fn entries_of_the_cache_do_not_mix_secrets() {
        let secrets = Redact::new([("token", "tok-4711-one"), ("token", "tok-4711-two")]);
        let key = |token: &str, key: &str| {
            let before = facts(json!({"parameters": {"token": token}}));
            let cached = Cached {
                key: key.to_owned(),
                ttl: Duration::ZERO,
                result: None,
            };
            match unveiled(Answer::Cache(Box::new(cached)), &before.into(), &secrets) {
                Answer::Cache(cached) => cached.key,
                other => panic!("{other:?}"),
            }
        };
        let marked = "url [redacted:token]";
        assert_eq!(key("tok-4711-one", marked), key("tok-4711-one", marked));
        assert_ne!(key("tok-4711-one", marked), key("tok-4711-two", marked));
        assert!(!key("tok-4711-one", marked).contains("4711"));
        assert_eq!(key("tok-4711-one", "plain"), "plain");
    }
}
