//! A backup with those that it builds on.

use std::collections::BTreeMap;

use llmspell_core::{Result, error};

use super::content::{Content, counts, decode};
use super::directory::{Directory, checksum};
use super::meta::Meta;

/// Names of the store with their records.
pub(super) type Whole = BTreeMap<String, String>;

/// Returns a backup and those that it builds on, the full one last.
///
/// - Errors: `NotFound` for an unknown backup; `Corrupt` if one of the others is missing.
pub(super) fn lineage(directory: &Directory, id: &str) -> Result<Vec<Meta>> {
    let mut all = vec![directory.known(id)?];
    while let Some(parent) = all.last().and_then(|meta| meta.parent.clone()) {
        if all.iter().any(|meta| meta.id == parent) {
            return Err(error!(Corrupt, "the backup '{parent}' builds on itself"));
        }
        let known = directory.known(&parent).map_err(|missing| {
            let message = format!(
                "the backup '{id}' builds on '{parent}': {}",
                missing.message()
            );
            error!(Corrupt, "{message}")
        });
        all.push(known?);
    }
    Ok(all)
}

/// Returns what one backup itself holds. Its checksum is compared if `verify`, its counts always.
///
/// - Errors: `Corrupt`; `Config` if it is encrypted and cannot be decrypted.
pub(super) fn read(directory: &Directory, meta: &Meta, verify: bool) -> Result<Content> {
    let mut packed = directory.read(&meta.id)?;
    if verify && checksum(&packed) != meta.sha256 {
        return Err(error!(
            Corrupt,
            "the checksum of the backup '{}' is wrong: it was changed or damaged", meta.id
        ));
    }
    if meta.encryption.is_some() {
        packed = directory.passphrase.open(&meta.id, &packed)?;
    }
    let content = decode(&meta.compression.unpack(&packed, meta.content_bytes)?)?;
    match counts(&content) == (meta.entry_count, meta.removed_count) {
        true => Ok(content),
        false => Err(error!(
            Corrupt,
            "the backup '{}' does not hold as much as it says", meta.id
        )),
    }
}

/// Returns what the newest of a lineage stands for.
///
/// - Errors: `Corrupt` if one of them is damaged.
pub(super) fn whole(directory: &Directory, lineage: &[Meta], verify: bool) -> Result<Whole> {
    let mut whole = Whole::new();
    for meta in lineage.iter().rev() {
        for (name, record) in read(directory, meta, verify)? {
            match record {
                Some(record) => whole.insert(name, record),
                None => whole.remove(&name),
            };
        }
    }
    Ok(whole)
}

/// Returns what leads from one state to another.
pub(super) fn difference(before: &Whole, after: Whole) -> Content {
    let gone = before.keys().filter(|name| !after.contains_key(*name));
    let mut content: Content = gone.map(|name| (name.clone(), None)).collect();
    for (name, record) in after {
        if before.get(&name) != Some(&record) {
            content.insert(name, Some(record));
        }
    }
    content
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_from_one_state_to_another() {
        let whole = |pairs: &[(&str, &str)]| -> Whole {
            let pairs = pairs.iter();
            pairs
                .map(|(name, record)| ((*name).to_owned(), (*record).to_owned()))
                .collect()
        };
        let before = whole(&[("a", "1"), ("b", "2"), ("c", "3")]);
        let found = difference(&before, whole(&[("a", "1"), ("b", "0"), ("d", "4")]));
        let wanted = [("b", Some("0")), ("c", None), ("d", Some("4"))];
        let wanted = wanted.map(|(name, record)| (name.to_owned(), record.map(str::to_owned)));
        assert_eq!(found, Content::from(wanted));
    }
}
