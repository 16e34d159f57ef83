//! What a backup holds.
//!
//! The first line is `{"llmspell_state_backup":1}`. Every further one is about one key of the store: `["NAME","RECORD"]` has
//! its value in record form, `["NAME"]` says that it was removed since the parent. Names are in the order of the store.

use std::collections::BTreeMap;

use llmspell_core::value::from_record;
use llmspell_core::{Error, Result, error};
use serde::{Deserialize, Serialize};

use super::super::key::ALL;

/// The version of the format.
const FORMAT: u32 = 1;

/// Names of the store with their records; `None` says that the name was removed.
pub type Content = BTreeMap<String, Option<String>>;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    llmspell_state_backup: u32,
}

/// Returns how many values contents have, and how many keys they say are gone.
pub(super) fn counts(content: &Content) -> (usize, usize) {
    let values = content.iter().filter(|(name, _)| name.starts_with(ALL));
    let (held, gone): (Vec<_>, Vec<_>) = values.partition(|(_, record)| record.is_some());
    (held.len(), gone.len())
}

/// Writes contents.
///
/// - Errors: none that a content can have.
pub fn encode(content: &Content) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    let head = Head {
        llmspell_state_backup: FORMAT,
    };
    line(&mut out, &head)?;
    for (name, record) in content {
        match record {
            Some(record) => line(&mut out, &(name, record))?,
            None => line(&mut out, &[name])?,
        }
    }
    Ok(out)
}

fn line(out: &mut Vec<u8>, value: &impl Serialize) -> Result<()> {
    serde_json::to_writer(&mut *out, value)
        .map_err(|failure| error!(Bug, "a line of a backup cannot be written: {failure}"))?;
    out.push(b'\n');
    Ok(())
}

/// Reads contents, all of whose records can be read as well.
///
/// - Errors: `Corrupt` naming the line; `Unavailable` for a newer format.
pub fn decode(bytes: &[u8]) -> Result<Content> {
    let text = std::str::from_utf8(bytes).map_err(|failure| damaged(1, failure))?;
    let Some(body) = text.strip_suffix('\n') else {
        return Err(error!(Corrupt, "the backup is damaged: it has no end"));
    };
    let mut lines = body.split('\n').enumerate();
    let head: Head = match lines.next() {
        Some((_, head)) => serde_json::from_str(head).map_err(|failure| damaged(1, failure))?,
        None => return Err(damaged(1, "it is empty")),
    };
    let format = head.llmspell_state_backup;
    if format != FORMAT {
        return Err(error!(
            Unavailable,
            "the backup has the format {format}, known is {FORMAT}"
        )
        .hint("a newer version of llmspell wrote it"));
    }
    let mut content = Content::new();
    for (place, line) in lines {
        let damaged = |why: String| damaged(place + 1, why);
        let parts: Vec<String> =
            serde_json::from_str(line).map_err(|failure| damaged(failure.to_string()))?;
        let mut parts = parts.into_iter();
        let (Some(name), record, None) = (parts.next(), parts.next(), parts.next()) else {
            return Err(damaged("expected a name and a record".to_owned()));
        };
        let is_value = name.starts_with(ALL);
        if let Some(record) = record.as_deref().filter(|_| is_value) {
            from_record(record).map_err(|failure| damaged(failure.message().to_owned()))?;
        }
        let follows = content
            .last_key_value()
            .is_none_or(|(last, _)| *last < name);
        if !follows {
            return Err(damaged(format!("'{name}' is out of order")));
        }
        content.insert(name, record);
    }
    Ok(content)
}

fn damaged(line: usize, why: impl std::fmt::Display) -> Error {
    error!(Corrupt, "the backup is damaged in line {line}: {why}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn content(pairs: &[(&str, Option<&str>)]) -> Content {
        let pairs = pairs.iter();
        pairs
            .map(|(name, record)| ((*name).to_owned(), record.map(str::to_owned)))
            .collect()
    }

    #[test]
    fn the_form() {
        let content = content(&[
            ("state-schema", Some("1.2.0")),
            ("state/a/gone", None),
            ("state/a/k\"", Some(r#"{"x":"line\n"}"#)),
        ]);
        let bytes = encode(&content).unwrap();
        assert_eq!(
            String::from_utf8(bytes.clone()).unwrap(),
            "{\"llmspell_state_backup\":1}\n[\"state-schema\",\"1.2.0\"]\n[\"state/a/gone\"]\n\
             [\"state/a/k\\\"\",\"{\\\"x\\\":\\\"line\\\\n\\\"}\"]\n"
        );
        assert_eq!(decode(&bytes).unwrap(), content);
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, wanted) in [
            ("", "it has no end"),
            ("{}\n", "line 1"),
            ("{\"llmspell_state_backup\":1}", "it has no end"),
            (
                "{\"llmspell_state_backup\":1}\n[]\n",
                "line 2: expected a name",
            ),
            (
                "{\"llmspell_state_backup\":1}\n[\"state/a/b\",\"{\"]\n",
                "line 2",
            ),
            (
                "{\"llmspell_state_backup\":1}\n[\"b\"]\n[\"a\"]\n",
                "line 3: 'a' is out of order",
            ),
            (
                "{\"llmspell_state_backup\":2}\n",
                "has the format 2, known is 1",
            ),
        ] {
            let error = decode(text.as_bytes()).unwrap_err();
            assert!(error.message().contains(wanted), "{text:?}: {error}");
        }
    }

    proptest! {
        #[test]
        fn what_goes_in_comes_out(names in prop::collection::btree_map(".{0,8}", prop::option::of("[0-9]{1,6}"), 0..8)) {
            let content: Content = names.into_iter().map(|(name, record)| {
                (format!("state/{name}"), record.map(|digits| digits.trim_start_matches('0').to_owned() + "1"))
            }).collect();
            prop_assert_eq!(decode(&encode(&content).unwrap()).unwrap(), content);
        }

        #[test]
        fn anything_is_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode(&bytes);
        }
    }
}
