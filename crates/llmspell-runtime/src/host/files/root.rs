//! The directories below which files are reached.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Component, Path, PathBuf};
use std::sync::OnceLock;

use llmspell_core::host::{Access, failure};
use llmspell_core::{Result, error};
use parking_lot::Mutex;
use rustix::fs::{CWD, Mode, OFlags, openat};

/// A directory below which files are reached. It is opened once, so that what replaces it later is not reached.
#[derive(Debug)]
pub(super) struct Root {
    /// As configured.
    given: PathBuf,
    pub(super) writable: bool,
    /// Others write here too: what they own is out of reach, and nobody else reads what is made.
    pub(super) shared: bool,
    opened: OnceLock<(OwnedFd, PathBuf)>,
}

impl Root {
    pub(super) fn new(given: PathBuf, writable: bool, shared: bool) -> Self {
        Self {
            given,
            writable,
            shared,
            opened: OnceLock::new(),
        }
    }

    /// Returns the directory and its path with links resolved.
    pub(super) fn open(&self) -> Result<(BorrowedFd<'_>, &Path)> {
        if self.opened.get().is_none() {
            let failed = |cause: std::io::Error| failure(&self.given, cause);
            let path = std::fs::canonicalize(&self.given).map_err(failed)?;
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let directory =
                openat(CWD, &path, flags, Mode::empty()).map_err(|cause| failed(cause.into()))?;
            // Another thread may have been faster; it opened the same.
            self.opened.set((directory, path)).ok();
        }
        match self.opened.get() {
            Some((directory, path)) => Ok((directory.as_fd(), path)),
            None => Err(error!(Bug, "a root was opened and is not open")),
        }
    }

    /// Returns the part of an absolute path below this root, and how long the root's own path is.
    fn below<'a>(&self, path: &'a Path) -> Option<(usize, &'a Path)> {
        let length = |root: &Path| root.components().count();
        if let Ok(rest) = path.strip_prefix(&self.given) {
            return Some((length(&self.given), rest));
        }
        // The same directory by its name without links. A root that does not exist has none.
        let (_, resolved) = self.open().ok()?;
        let rest = path.strip_prefix(resolved).ok()?;
        Some((length(resolved), rest))
    }
}

/// The roots of a run.
#[derive(Debug, Default)]
pub(super) struct Roots(pub(super) Vec<Root>);

impl Roots {
    /// Returns the innermost root above an absolute path without `..`, and the path's part below it.
    ///
    /// - Errors: `Denied` if there is none, or if it may only be read.
    pub(super) fn find<'a>(&self, path: &'a Path, access: Access) -> Result<(&Root, &'a Path)> {
        let found = self
            .0
            .iter()
            .filter_map(|root| root.below(path).map(|(length, rest)| (length, root, rest)))
            // Of two equal ones the stricter.
            .max_by_key(|(length, root, _)| (*length, !root.writable));
        match found {
            Some((_, root, rest)) if root.writable || access == Access::Read => Ok((root, rest)),
            Some(_) => Err(error!(
                Denied,
                "changing '{}' is not permitted: it can only be read",
                path.display()
            )
            .hint("it lies below one of `security.files.read_only_roots`")),
            None => Err(outside(path, ROOTS)),
        }
    }

    /// Returns whether a resolved path is a root, or has one below it.
    pub(super) fn holds(&self, path: &Path) -> bool {
        self.0
            .iter()
            .filter_map(|root| root.open().ok())
            .any(|(_, root)| root.starts_with(path))
    }
}

/// The setting of the roots of a run.
pub(super) const ROOTS: &str = "security.files.roots";

/// Returns the error for a path that is in none of the directories that `setting` lists.
pub(super) fn outside(path: &Path, setting: &str) -> llmspell_core::Error {
    error!(
        Denied,
        "'{}' is outside the permitted directories: not permitted",
        path.display()
    )
    .with("resource", path.display().to_string())
    .with("setting", setting)
    .hint(match setting == ROOTS {
        true => format!("add its directory to `{ROOTS}`"),
        false => format!("add its directory to `{setting}`, which keeps within `{ROOTS}`"),
    })
}

/// Returns the error for a link in a directory that leads where nobody may go, without a word of where that is.
pub(super) fn leads_out(directory: &Path) -> llmspell_core::Error {
    error!(
        Denied,
        "a link in '{}' leads outside the permitted directories: not permitted",
        directory.display()
    )
    .hint("add the directory that it leads to to `security.files.roots`")
}

/// Returns `path` as an absolute one without `.` parts.
///
/// - Errors: `Denied` if it has a `..`; `InvalidArgs` if it is empty or holds a NUL.
pub(super) fn absolute(cwd: &Path, path: &Path) -> Result<PathBuf> {
    use std::os::unix::ffi::OsStrExt as _;
    let bytes = path.as_os_str().as_bytes();
    if bytes.is_empty() || bytes.contains(&0) {
        let shown = path.display().to_string();
        return Err(error!(InvalidArgs, "'{}' is no path", shown.escape_debug()));
    }
    let mut whole = PathBuf::from("/");
    for part in cwd.join(path).components() {
        match part {
            Component::Normal(name) => whole.push(name),
            Component::ParentDir => {
                return Err(error!(
                    Denied,
                    "Path traversal is not permitted: '{}'",
                    path.display()
                )
                .hint("write the path without '..'"));
            }
            Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
        }
    }
    Ok(whole)
}

/// The run's own directory. It is made at first use; dropping this removes it.
#[derive(Debug)]
pub(super) struct RunTemp {
    path: PathBuf,
    keep: bool,
    made: Mutex<bool>,
}

impl RunTemp {
    pub(super) fn new(path: PathBuf, keep: bool) -> Self {
        Self {
            path,
            keep,
            made: Mutex::new(false),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the directory unless it was made before.
    ///
    /// - Errors: `Exists` if somebody else made it.
    pub(super) fn make(&self) -> Result<&Path> {
        let mut made = self.made.lock();
        if !*made {
            std::fs::DirBuilder::new()
                .mode(0o700)
                .create(&self.path)
                .map_err(|cause| failure(&self.path, cause))?;
            *made = true;
        }
        Ok(&self.path)
    }
}

impl Drop for RunTemp {
    fn drop(&mut self) {
        if *self.made.get_mut() && !self.keep {
            // What cannot be removed stays; nobody is left to be told.
            std::fs::remove_dir_all(&self.path).ok();
        }
    }
}
