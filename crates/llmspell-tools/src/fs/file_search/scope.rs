//! Which files are looked at.

use std::cell::RefCell;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

use llmspell_core::host::{Access, FileEntry};
use llmspell_core::{Cx, Files, Result, error};

use super::ignored::Ignored;
use crate::fs::pattern::Globs;

/// Which files below a start are looked at.
pub(super) struct Scope<'a> {
    pub(super) files: &'a dyn Files,
    pub(super) cx: &'a Cx,
    pub(super) include: Option<Globs>,
    pub(super) exclude: Globs,
    pub(super) gitignore: bool,
    pub(super) hidden: bool,
    pub(super) depth: usize,
}

impl Scope<'_> {
    /// Shows everything below the paths to `visit`, sorted, until `is_full` says that no more is wanted. A file that is
    /// named itself is shown whatever the rules say.
    pub(super) fn each(
        &self,
        paths: &[&str],
        is_full: &dyn Fn() -> bool,
        visit: &mut dyn FnMut(FileEntry) -> Result<()>,
    ) -> Result<()> {
        let mut starts: Vec<FileEntry> = Vec::new();
        for path in paths {
            let start = self.start(Path::new(path))?;
            let is_named_twice = starts.iter().any(|named| named.path == start.path);
            if !is_named_twice {
                starts.push(start);
            }
        }
        // One start may lie below another one.
        let mut seen = (starts.len() > 1).then(HashSet::new);
        let visit = &mut |entry: FileEntry| {
            let is_new = seen
                .as_mut()
                .is_none_or(|seen| seen.insert(entry.path.clone()));
            if is_new { visit(entry) } else { Ok(()) }
        };
        for start in starts {
            match start.is_dir() {
                true => self.below(&start.path, is_full, visit)?,
                false => visit(start)?,
            }
        }
        Ok(())
    }

    fn start(&self, path: &Path) -> Result<FileEntry> {
        let resolved: PathBuf = self.files.resolve(path, Access::Read)?;
        let entry = self.files.entry(&resolved)?;
        entry.ok_or_else(|| error!(NotFound, "'{}' does not exist", resolved.display()))
    }

    fn below(
        &self,
        start: &Path,
        is_full: &dyn Fn() -> bool,
        visit: &mut dyn FnMut(FileEntry) -> Result<()>,
    ) -> Result<()> {
        let ignored = RefCell::new(match self.gitignore {
            true => Ignored::around(self.files, start),
            false => Ignored::default(),
        });
        let enter = |dir: &Path| {
            if self.gitignore {
                ignored.borrow_mut().enter(self.files, dir);
            }
        };
        enter(start);
        let admits = |entry: &FileEntry| {
            let below = entry.path.strip_prefix(start).unwrap_or(&entry.path);
            (self.hidden || !entry.name().starts_with('.'))
                && !self.exclude.fit(below)
                && !ignored.borrow().names(&entry.path, entry.is_dir())
        };
        self.files.walk(
            self.cx,
            start,
            |dir, depth| {
                let wanted = depth < self.depth && !is_full() && admits(dir);
                if wanted {
                    enter(&dir.path);
                }
                wanted
            },
            |entry| {
                if is_full() || !admits(&entry) {
                    return Ok(());
                }
                let below = entry.path.strip_prefix(start).unwrap_or(&entry.path);
                let included = self.include.as_ref().is_none_or(|globs| globs.fit(below));
                match included {
                    true => visit(entry),
                    false => Ok(()),
                }
            },
        )
    }
}
