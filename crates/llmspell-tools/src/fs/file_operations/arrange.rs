//! Making, removing, copying and moving.

use std::path::Path;

use llmspell_core::host::{Access, FileEntry, FileKind, WriteMode};
use llmspell_core::{Error, Kind, Outcome, Result, bail};
use serde::Serialize;

use super::{Work, data};
use crate::fs::entry::shown;
use crate::param::refused;

#[derive(Serialize)]
struct Deleted {
    path: String,
    deleted: u64,
}

pub(super) fn delete(work: &Work<'_>) -> Result<Outcome> {
    let path = work.path()?;
    let entry = work.entry(path)?;
    let (files, is_dir) = (work.files, entry.is_dir());
    if is_dir && !work.is_recursive() && files.list(path)?.next().is_some() {
        return Err(filled(&entry.path));
    }
    files.check_tree(path, Access::Write)?;
    let deleted = match (work.is_dry(), is_dir && work.is_recursive()) {
        (true, false) => 1,
        (true, true) => {
            let mut count = 1;
            let visit = |_| {
                count += 1;
                Ok(())
            };
            files.walk(work.cx, path, |_, _| true, visit)?;
            count
        }
        (false, true) => files.remove_all(work.cx, path)?,
        (false, false) => {
            files.remove(path)?;
            1
        }
    };
    let path = shown(&entry.path);
    let did = said(work, "Deleted", "delete");
    let message = match deleted {
        1 => format!("{did} {path}"),
        count => format!("{did} {path}, {count} entries"),
    };
    done("delete", &Deleted { path, deleted }, message)
}

fn filled(path: &Path) -> Error {
    let message = format!("the directory '{}' is not empty", path.display());
    Error::new(Kind::InvalidArgs, message).hint("set `recursive = true` to include what is in it")
}

/// Says what was done, or would be.
fn said(work: &Work<'_>, did: &'static str, verb: &str) -> String {
    match work.is_dry() {
        true => format!("Would {verb}"),
        false => did.to_owned(),
    }
}

fn done(operation: &'static str, payload: &impl Serialize, message: String) -> Result<Outcome> {
    Ok(Outcome::new(operation, data(payload)?)
        .output(&*message)
        .message(message))
}

#[derive(Serialize)]
struct Made {
    path: String,
    created: bool,
}

pub(super) fn create_dir(work: &Work<'_>) -> Result<Outcome> {
    let path = work.path()?;
    let created = work.files.create_dir(path, work.is_recursive());
    let created = created.map_err(|error| match error.kind() {
        Kind::NotFound => error.hint("set `recursive = true` to make the directories above it"),
        _ => error,
    })?;
    let path = shown(&work.files.resolve(path, Access::Write)?);
    let message = match created {
        true => format!("Created directory {path}"),
        false => format!("The directory {path} exists already"),
    };
    done("create_dir", &Made { path, created }, message)
}

#[derive(Serialize)]
struct Copied {
    source: String,
    target: String,
    bytes: u64,
    files: u64,
}

pub(super) fn copy(work: &Work<'_>) -> Result<Outcome> {
    let (from, to) = work.paths()?;
    let source = work.files.resolve(from, Access::Read)?;
    let source = work.entry(&source)?;
    let target = check_target(work, &source, to)?;
    let mut copying = Copying {
        work,
        bytes: 0,
        files: 0,
        skipped: Vec::new(),
        denied: None,
    };
    match source.kind {
        FileKind::Directory if !work.is_recursive() => {
            let message = format!("'{}' is a directory", source.path.display());
            return Err(refused("source_path", message).hint("set `recursive = true`"));
        }
        FileKind::Directory => copying.tree(&source, to)?,
        _ => copying.file(&source, to)?,
    }
    let target = match target {
        Some(target) => shown(&target.path),
        None => shown(&work.resolved(to, Access::Write)),
    };
    let source = shown(&source.path);
    let message = format!("{} {source} to {target}", said(work, "Copied", "copy"));
    let copied = Copied {
        source,
        target,
        bytes: copying.bytes,
        files: copying.files,
    };
    let outcome = match copying.denied {
        None => done("copy", &copied, message)?,
        Some(denied) => done("copy", &copied, message)?.warning(format!(
            "what is denied in the directory was not copied: {denied}"
        )),
    };
    Ok(copying.skipped.into_iter().fold(outcome, Outcome::warning))
}

/// Returns what is at the target, if it may be replaced.
fn check_target(work: &Work<'_>, source: &FileEntry, to: &Path) -> Result<Option<FileEntry>> {
    let target = work.found(to, Access::Write)?;
    let place = match &target {
        Some(target) => target.path.clone(),
        None => work.resolved(to, Access::Write),
    };
    if source.is_dir() && place.starts_with(&source.path) {
        let message = format!(
            "'{}' lies within '{}'",
            place.display(),
            source.path.display()
        );
        return Err(refused("target_path", message));
    }
    if target.is_some() && !work.a.overwrite.unwrap_or(true) {
        bail!(Exists, "'{}' exists already", place.display());
    }
    Ok(target)
}

struct Copying<'a> {
    work: &'a Work<'a>,
    bytes: u64,
    files: u64,
    /// What is neither file nor directory, with what it is.
    skipped: Vec<String>,
    /// Says what is denied in the source, if anything is.
    denied: Option<String>,
}

impl Copying<'_> {
    /// Copies a directory into one that may be there.
    fn tree(&mut self, source: &FileEntry, to: &Path) -> Result<()> {
        let (files, is_dry) = (self.work.files, self.work.is_dry());
        if !is_dry {
            files.create_dir(to, true)?;
        }
        match files.check_tree(&source.path, Access::Read) {
            Err(error) if error.kind() == Kind::Denied => {
                self.denied = Some(error.message().to_owned());
            }
            checked => checked?,
        }
        let mut found = Vec::new();
        let visit = |entry| {
            found.push(entry);
            Ok(())
        };
        files.walk(self.work.cx, &source.path, |_, _| true, visit)?;
        for entry in found {
            self.work.cx.check()?;
            let below = entry.path.strip_prefix(&source.path);
            let to = to.join(below.unwrap_or(&entry.path));
            match entry.kind {
                FileKind::Directory if is_dry => {}
                FileKind::Directory => drop(files.create_dir(&to, true)?),
                FileKind::File => self.file(&entry, &to)?,
                FileKind::Symlink => self.skip(&entry, "a link"),
                FileKind::Other => self.skip(&entry, "a device, socket or pipe"),
            }
        }
        Ok(())
    }

    fn skip(&mut self, entry: &FileEntry, what: &str) {
        let path = shown(&entry.path);
        self.skipped
            .push(format!("'{path}' is {what} and was not copied"));
    }

    fn file(&mut self, source: &FileEntry, to: &Path) -> Result<()> {
        let files = self.work.files;
        self.files += 1;
        if self.work.is_dry() {
            self.bytes += source.size;
            return Ok(());
        }
        let is_new = self.work.found(to, Access::Write)?.is_none();
        let mode = match self.work.a.overwrite {
            Some(false) => WriteMode::New,
            _ => WriteMode::Replace,
        };
        self.bytes += files.copy(self.work.cx, &source.path, to, mode)?;
        if is_new && source.mode & 0o111 != 0 {
            // Who may read the copy may run it, as with the source.
            let made = self.work.entry(to)?;
            files.set_mode(to, made.mode | (made.mode & 0o444) >> 2)?;
        }
        Ok(())
    }
}

#[derive(Serialize)]
struct Moved {
    source: String,
    target: String,
}

pub(super) fn rename(work: &Work<'_>) -> Result<Outcome> {
    let (from, to) = work.paths()?;
    let source = work.entry(from)?;
    check_target(work, &source, to)?;
    if !work.is_dry() {
        let overwrite = work.a.overwrite.unwrap_or(true);
        work.files.rename(from, to, overwrite)?;
    }
    let target = match work.files.entry(to)? {
        Some(target) => shown(&target.path),
        None => shown(&work.resolved(to, Access::Write)),
    };
    let source = shown(&source.path);
    let message = format!("{} {source} to {target}", said(work, "Moved", "move"));
    done("move", &Moved { source, target }, message)
}
