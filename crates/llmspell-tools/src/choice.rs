//! Named choices: operations of a tool and values of an enumeration.

pub(crate) use llmspell_core::folded as fold;
use llmspell_core::{Error, Kind, Result, Value, nearest};

/// Finds the entry that `given` names, without regard to case and with `-` equal to `_`, and returns its first name.
///
/// Each entry lists its names, the canonical one first.
///
/// - Errors: `InvalidArgs` that lists the canonical names and suggests the nearest.
pub(crate) fn choose(
    parameter: &'static str,
    given: &str,
    entries: &[&'static [&'static str]],
) -> Result<&'static str> {
    // Most names are written as they are.
    if let Some(entry) = entries.iter().find(|entry| entry.contains(&given))
        && let Some(name) = entry.first()
    {
        return Ok(name);
    }
    let wanted = fold(given);
    let names = |entry: &&'static [&'static str]| entry.iter().any(|name| fold(name) == wanted);
    if let Some(name) = entries
        .iter()
        .find(|entry| names(entry))
        .and_then(|entry| entry.first())
    {
        return Ok(name);
    }
    let listed: Vec<&str> = entries
        .iter()
        .filter_map(|entry| entry.first().copied())
        .collect();
    let error = Error::new(
        Kind::InvalidArgs,
        format!(
            "unknown {parameter} '{given}', expected one of: {}",
            listed.join(", ")
        ),
    )
    .with("parameter", parameter)
    .with("expected", Value::from(listed))
    .with("got", given);
    let all = entries.iter().flat_map(|entry| entry.iter().copied());
    match nearest(given, all).first() {
        Some(near) => Err(error.hint(format!("did you mean '{near}'?"))),
        None => Err(error),
    }
}

/// As [`choose`], with the first entry as the default.
pub(crate) fn choose_or_first(
    parameter: &'static str,
    given: Option<&str>,
    entries: &[&'static [&'static str]],
) -> Result<&'static str> {
    match given {
        Some(given) => choose(parameter, given, entries),
        None => Ok(entries
            .first()
            .and_then(|entry| entry.first())
            .copied()
            .unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRIES: &[&[&str]] = &[&["query", "jq"], &["merge_all"]];

    #[test]
    fn names_and_synonyms_are_found_in_any_spelling() {
        for given in ["query", "JQ", " Query "] {
            assert_eq!(choose("operation", given, ENTRIES).unwrap(), "query");
        }
        assert_eq!(
            choose("operation", "Merge-All", ENTRIES).unwrap(),
            "merge_all"
        );
        assert_eq!(
            choose_or_first("operation", None, ENTRIES).unwrap(),
            "query"
        );
    }

    #[test]
    fn an_unknown_name_lists_the_others_and_suggests() {
        let error = choose("operation", "qurey", ENTRIES).unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidArgs);
        assert_eq!(
            error.message(),
            "unknown operation 'qurey', expected one of: query, merge_all"
        );
        assert_eq!(error.hints(), ["did you mean 'query'?"]);
    }
}
