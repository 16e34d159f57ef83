//! Which backups stay.

use std::collections::BTreeSet;

use llmspell_core::{Cx, Result};

use super::Backups;
use super::meta::Meta;
use super::options::Options;

/// What retention removes.
#[derive(Debug, Default)]
pub(super) struct Swept {
    pub(super) deleted: usize,
    pub(super) retained: usize,
    pub(super) freed: u64,
}

/// Removes the backups that no rule keeps, but never `spared`.
pub(super) async fn apply(cx: &Cx, backups: &Backups, spared: Option<String>) -> Result<Swept> {
    sweep(cx, backups, spared, false).await
}

/// As [`apply`], or only says what it would do.
pub(super) async fn sweep(
    cx: &Cx,
    backups: &Backups,
    spared: Option<String>,
    dry_run: bool,
) -> Result<Swept> {
    let now = cx.host().clock.now().div_euclid(1_000_000);
    let options = backups.options.clone();
    let work = move |directory: &super::Directory| {
        let all = directory.all()?;
        let kept = kept(&all, now, &options, spared.as_deref());
        let mut swept = Swept::default();
        // The newest first: none is ever without what it builds on.
        for meta in &all {
            if kept.contains(&*meta.id) {
                swept.retained += 1;
                continue;
            }
            if !dry_run {
                directory.remove(&meta.id)?;
            }
            swept.deleted += 1;
            swept.freed += meta.size_bytes;
        }
        if !dry_run {
            directory.sweep()?;
        }
        Ok(swept)
    };
    backups.work(work).await
}

/// Returns those of all backups, which are the newest first, that one of the rules keeps: they are among the newest, or
/// young, or a kept one builds on them.
fn kept<'a>(
    all: &'a [Meta],
    now: i64,
    options: &Options,
    spared: Option<&str>,
) -> BTreeSet<&'a str> {
    let age = |meta: &Meta| u64::try_from(now - meta.created_at).unwrap_or(0);
    let mut kept = BTreeSet::new();
    for (rank, meta) in all.iter().enumerate() {
        let by_rule = rank < options.max_backups || age(meta) < options.max_backup_age;
        if !by_rule && spared != Some(&meta.id) {
            continue;
        }
        let mut next = Some(meta);
        while let Some(meta) = next.filter(|meta| kept.insert(&*meta.id)) {
            let parent = meta.parent.as_deref();
            next = parent.and_then(|parent| all.iter().find(|other| other.id == parent));
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::backup::Compression;

    fn meta(id: &str, created_at: i64, parent: Option<&str>) -> Meta {
        Meta {
            id: id.to_owned(),
            parent: parent.map(str::to_owned),
            created_at,
            created_at_us: created_at * 1_000_000,
            size_bytes: 1,
            content_bytes: 1,
            entry_count: 0,
            removed_count: 0,
            schema_version: "1.0.0".to_owned(),
            compression: Compression::None,
            encryption: None,
            sha256: String::new(),
            description: None,
            include_patterns: Vec::new(),
        }
    }

    #[test]
    fn either_rule_keeps_and_so_does_a_child() {
        let all = [
            meta("e", 95, Some("c")),
            meta("d", 90, None),
            meta("c", 50, Some("b")),
            meta("b", 40, None),
            meta("a", 30, None),
        ];
        let check = |most, age, spared: Option<&str>, wanted: &str| {
            let options = Options {
                max_backups: most,
                max_backup_age: age,
                ..Options::default()
            };
            let kept: String = kept(&all, 100, &options, spared).into_iter().collect();
            assert_eq!(kept, wanted, "{most} {age}");
        };
        check(10, 0, None, "abcde");
        check(0, 1000, None, "abcde");
        check(1, 0, None, "bce");
        check(2, 0, None, "bcde");
        check(0, 10, None, "bce");
        check(0, 11, None, "bcde");
        check(0, 0, None, "");
        check(0, 0, Some("a"), "a");
        check(0, 0, Some("c"), "bc");
    }
}
