//! What `.gitignore` files name.

use std::path::{Path, PathBuf};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use llmspell_core::Files;

/// Longest such file that is read, in bytes.
const MAX_RULES: u64 = 1 << 20;

/// The rules of the directories that lead to where a walk is, outermost first.
#[derive(Default)]
pub(super) struct Ignored(Vec<(PathBuf, Gitignore)>);

impl Ignored {
    /// Reads the rules of the repository around a directory, as far as its directories may be read.
    pub(super) fn around(files: &dyn Files, start: &Path) -> Self {
        let is_repository = |dir: &Path| matches!(files.entry(&dir.join(".git")), Ok(Some(_)));
        let mut above = Vec::new();
        let mut found = is_repository(start);
        for dir in start.ancestors().skip(1) {
            if found || files.entry(dir).is_err() {
                break;
            }
            found = is_repository(dir);
            above.push(dir);
        }
        let mut rules = Self::default();
        for dir in above.into_iter().rev().filter(|_| found) {
            rules.enter(files, dir);
        }
        rules
    }

    /// Reads the rules of a directory that is looked into now.
    pub(super) fn enter(&mut self, files: &dyn Files, dir: &Path) {
        self.0.retain(|(place, _)| dir.starts_with(place));
        let Ok(bytes) = files.read(&dir.join(".gitignore"), Some(MAX_RULES)) else {
            return;
        };
        let text = String::from_utf8_lossy(&bytes);
        let mut builder = GitignoreBuilder::new(dir);
        for line in text.trim_start_matches('\u{FEFF}').lines() {
            // A line that is no rule names nothing.
            builder.add_line(None, line).ok();
        }
        if let Ok(rules) = builder.build() {
            self.0.push((dir.to_owned(), rules));
        }
    }

    /// Returns whether an entry is named; the rule nearest to it decides.
    pub(super) fn names(&self, path: &Path, is_dir: bool) -> bool {
        let above = self.0.iter().rev();
        above
            .filter(|(place, _)| path != place && path.starts_with(place))
            .find_map(|(_, rules)| match rules.matched(path, is_dir) {
                Match::None => None,
                Match::Ignore(_) => Some(true),
                Match::Whitelist(_) => Some(false),
            })
            .unwrap_or(false)
    }
}
