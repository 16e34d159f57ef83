//! From a path to an open directory and a name in it.
//!
//! The way goes from a root's handle through one component after the other, each opened relative to the one before and
//! without following links; links are read and followed by hand, as long as they stay below a root. Whatever is swapped
//! meanwhile, what is held is a directory that was reached without leaving.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Component, Path, PathBuf};

use llmspell_core::host::{Access, failure};
use llmspell_core::{Error, Result, error};
use rustix::fs::{Mode, OFlags, mkdirat, openat, readlinkat};
use rustix::io::Errno;

use super::root::{Root, Roots, leads_out};
use super::stat;

/// How often a place is looked for again when it changes while it is opened.
pub(super) const TRIES: u32 = 8;

/// Most links on one way.
const MAX_LINKS: u32 = 40;

/// What is asked of a way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way {
    pub(super) access: Access,
    /// Whether a link at the end is followed.
    pub(super) follow: bool,
    /// What becomes of missing directories on the way.
    pub(super) missing: Missing,
}

/// What becomes of missing directories on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// The way ends with an error.
    Refused,
    /// They are made.
    Made,
}

/// A name in an open directory. The name is no link when it was looked at; it must be opened without following.
pub(super) struct Place<'a> {
    pub(super) root: &'a Root,
    start: BorrowedFd<'a>,
    directory: Option<OwnedFd>,
    pub(super) name: PathBuf,
    /// The absolute path, links resolved.
    pub(super) path: PathBuf,
}

impl Place<'_> {
    pub(super) fn directory(&self) -> BorrowedFd<'_> {
        self.directory.as_ref().map_or(self.start, AsFd::as_fd)
    }

    /// Returns whether this is a root itself.
    pub(super) fn is_root(&self) -> bool {
        self.name == Path::new(".")
    }

    /// Opens what is here. A special file is opened without effect and refused by who looks at it.
    pub(super) fn open(&self, flags: OFlags, mode: u32) -> rustix::io::Result<OwnedFd> {
        let always = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let mode = Mode::from_raw_mode(mode as _);
        openat(self.directory(), &self.name, flags | always, mode)
    }

    /// Returns an error if somebody else owns what lies below a shared root.
    pub(super) fn check_owner(&self, owner: u32) -> Result<()> {
        owned(self.root, owner, &self.path)
    }

    pub(super) fn failure(&self, cause: Errno) -> Error {
        failure(&self.path, cause.into())
    }
}

fn owned(root: &Root, owner: u32, path: &Path) -> Result<()> {
    if !root.shared || owner == rustix::process::geteuid().as_raw() {
        return Ok(());
    }
    Err(error!(
        Denied,
        "'{}' belongs to another user: not permitted",
        path.display()
    )
    .hint("in the shared directory for temporary files only own files are reached"))
}

/// Finds the place of an absolute path without `..`.
pub(super) fn find<'a>(roots: &'a Roots, path: &Path, way: Way) -> Result<Place<'a>> {
    let mut walk = Walk::start(roots, path, way)?;
    while let Some(name) = walk.todo.pop_front() {
        walk.step(name)?;
    }
    walk.end()
}

/// Returns the path that a place has, or would have once missing directories were made.
pub(super) fn planned(roots: &Roots, path: &Path, way: Way) -> Result<PathBuf> {
    let mut walk = Walk::start(roots, path, way)?;
    walk.absent = Some(0);
    while let Some(name) = walk.todo.pop_front() {
        walk.step(name)?;
    }
    Ok(walk.end()?.path)
}

/// A way under way.
struct Walk<'a> {
    roots: &'a Roots,
    way: Way,
    /// The path as it was asked for, for messages.
    asked: PathBuf,
    root: &'a Root,
    start: BorrowedFd<'a>,
    /// The directories below the root that lead here.
    directories: Vec<OwnedFd>,
    /// Where this is, links resolved.
    path: PathBuf,
    todo: VecDeque<OsString>,
    /// The end, once it was reached.
    name: Option<OsString>,
    links: u32,
    /// How many directories that do not exist lead here; `None` where all have to exist.
    absent: Option<usize>,
}

impl<'a> Walk<'a> {
    fn start(roots: &'a Roots, path: &Path, way: Way) -> Result<Self> {
        let (root, rest) = roots.find(path, way.access)?;
        let (start, resolved) = root.open()?;
        Ok(Self {
            roots,
            way,
            asked: path.to_owned(),
            root,
            start,
            directories: Vec::new(),
            path: resolved.to_owned(),
            todo: rest.iter().map(OsStr::to_owned).collect(),
            name: None,
            links: 0,
            absent: None,
        })
    }

    fn here(&self) -> BorrowedFd<'_> {
        self.directories.last().map_or(self.start, AsFd::as_fd)
    }

    /// Goes on by names below a directory that does not exist.
    fn imagine(&mut self, name: OsString, depth: usize) {
        if name == ".." {
            self.path.pop();
            self.absent = Some(depth - 1);
        } else if self.todo.is_empty() {
            self.name = Some(name);
        } else {
            self.path.push(name);
            self.absent = Some(depth + 1);
        }
    }

    fn step(&mut self, name: OsString) -> Result<()> {
        if let Some(depth @ 1..) = self.absent {
            self.imagine(name, depth);
            return Ok(());
        }
        if name == ".." {
            // Only links have it.
            return self.up();
        }
        if self.todo.is_empty() {
            if self.way.follow
                && let Some(target) = self.link(&name)?
            {
                return self.follow(target);
            }
            self.name = Some(name);
            return Ok(());
        }
        for _ in 0..TRIES {
            match self.open(&name) {
                Ok(directory) => return self.enter(name, directory),
                Err(Errno::NOENT) if self.absent.is_some() => {
                    self.imagine(name, 0);
                    return Ok(());
                }
                Err(Errno::NOENT) if self.way.missing == Missing::Made => {
                    let mode = if self.root.shared { 0o700 } else { 0o755 };
                    match mkdirat(self.here(), &name, Mode::from_raw_mode(mode)) {
                        Ok(()) | Err(Errno::EXIST) => {}
                        Err(cause) => return Err(self.failure(&name, cause)),
                    }
                }
                Err(Errno::LOOP | Errno::NOTDIR) => match self.link(&name)? {
                    Some(target) => return self.follow(target),
                    None => {
                        let found = stat::look(self.here(), Path::new(&name), &self.path);
                        if found.is_ok_and(|found| found.entry.is_file()) {
                            return Err(self.failure(&name, Errno::NOTDIR));
                        }
                        // What was a link is a directory by now.
                    }
                },
                Err(Errno::NOENT) => return Err(failure(&self.asked, Errno::NOENT.into())),
                Err(cause) => return Err(self.failure(&name, cause)),
            }
        }
        Err(unsteady(&self.path.join(name)))
    }

    fn open(&self, name: &OsStr) -> rustix::io::Result<OwnedFd> {
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC | ONLY_PATH;
        openat(self.here(), name, flags, Mode::empty())
    }

    fn enter(&mut self, name: OsString, directory: OwnedFd) -> Result<()> {
        self.path.push(name);
        if self.root.shared {
            let found = stat::look_at(&directory, &self.path)
                .map_err(|cause| failure(&self.path, cause.into()))?;
            owned(self.root, found.owner, &self.path)?;
        }
        self.directories.push(directory);
        Ok(())
    }

    fn up(&mut self) -> Result<()> {
        if self.directories.pop().is_some() {
            self.path.pop();
            return Ok(());
        }
        // Above this root there may be another one. Its own path has no links, so this may go by names.
        let mut path = self.path.clone();
        path.pop();
        while let Some(name) = self.todo.pop_front() {
            if name == ".." {
                path.pop();
            } else {
                self.todo.push_front(name);
                break;
            }
        }
        let plain = self.todo.iter().take_while(|name| *name != "..").count();
        path.extend(self.todo.drain(..plain));
        self.restart(&path)
    }

    /// Returns where a link leads; `None` if there is no link.
    fn link(&self, name: &OsStr) -> Result<Option<PathBuf>> {
        match readlinkat(self.here(), name, Vec::new()) {
            Ok(target) => Ok(Some(OsString::from_vec(target.into_bytes()).into())),
            Err(Errno::INVAL | Errno::NOENT) => Ok(None),
            Err(cause) => Err(self.failure(name, cause)),
        }
    }

    fn follow(&mut self, target: PathBuf) -> Result<()> {
        self.links += 1;
        if self.links > MAX_LINKS {
            return Err(error!(
                Denied,
                "'{}' leads through too many links: not permitted",
                self.asked.display()
            ));
        }
        if target.is_absolute() {
            self.restart(&target)?;
        } else {
            self.push(&target);
        }
        Ok(())
    }

    /// Puts the parts of a link's target before what is still to be walked.
    fn push(&mut self, target: &Path) {
        for part in target.components().rev() {
            match part {
                Component::Normal(name) => self.todo.push_front(name.to_owned()),
                Component::ParentDir => self.todo.push_front("..".into()),
                Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
            }
        }
    }

    /// Goes on from the root above an absolute path.
    fn restart(&mut self, path: &Path) -> Result<()> {
        // A target with `..` is walked as written: what it goes up from may be a link again.
        let plain: PathBuf = path
            .components()
            .take_while(|part| *part != Component::ParentDir)
            .collect();
        let found = self.roots.find(&plain, self.way.access);
        // Where a link leads is nobody's business that may not go there.
        let (root, below) = match found {
            Err(_) if self.roots.find(&plain, Access::Read).is_err() => {
                return Err(leads_out(&self.path));
            }
            found => found?,
        };
        let rest: PathBuf = path.components().skip(plain.components().count()).collect();
        let (start, resolved) = root.open()?;
        self.root = root;
        self.start = start;
        self.directories.clear();
        self.path = resolved.to_owned();
        self.push(&rest);
        self.push(below);
        Ok(())
    }

    fn end(mut self) -> Result<Place<'a>> {
        let name = match self.name.take() {
            Some(name) => {
                self.path.push(&name);
                name.into()
            }
            // It ends at a root, or where a link went up to.
            None => PathBuf::from("."),
        };
        if name == Path::new(".") && self.directories.pop().is_some() {
            // A directory below the root has a name, by which its parent knows it.
            let name = self.path.file_name().unwrap_or_default().into();
            return Ok(self.place(name));
        }
        Ok(self.place(name))
    }

    fn place(mut self, name: PathBuf) -> Place<'a> {
        Place {
            root: self.root,
            start: self.start,
            directory: self.directories.pop(),
            name,
            path: self.path,
        }
    }

    fn failure(&self, name: &OsStr, cause: Errno) -> Error {
        failure(&self.path.join(name), cause.into())
    }
}

pub(super) fn unsteady(path: &Path) -> Error {
    error!(
        Denied,
        "'{}' changes while it is opened: not permitted",
        path.display()
    )
}

/// A handle that only leads on needs no permission to read the directory, where the system has such handles.
#[cfg(target_os = "linux")]
const ONLY_PATH: OFlags = OFlags::PATH;
#[cfg(not(target_os = "linux"))]
const ONLY_PATH: OFlags = OFlags::RDONLY;
