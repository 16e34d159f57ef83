//! Unpacking: into a directory of its own first, then into place.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use llmspell_core::host::{Access, FileKind, WriteMode, draft_name};
use llmspell_core::{Error, Files, Kind, Outcome, Result, Value, bail, error};
use serde::Serialize;

use super::member::{Member, Selection, Type, below};
use super::meter::Meter;
use super::visit::Visitor;
use super::{Overwrite, Work};
use crate::fs::entry::shown;
use crate::param::within;

/// Longest target of a link, in bytes.
const MAX_LINK: u64 = 4096;

#[derive(Serialize)]
struct Data {
    output_dir: String,
    extracted_files: Vec<String>,
    files: Vec<String>,
    file_count: usize,
    total_size: u64,
    skipped: Vec<Skipped>,
}

#[derive(Serialize)]
struct Skipped {
    name: String,
    reason: String,
}

pub(super) fn extract(work: &Work<'_>) -> Result<Outcome> {
    let target = work.given("target_path", work.a.target_path.as_ref())?;
    let strip = work.a.strip_components.unwrap_or(0);
    let strip = within("strip_components", strip, 0..=32)?;
    let overwrite = work.overwrite()?;
    let selection = work.selection()?;
    let archive = work.archive()?;
    let meter = work.meter(archive.size);
    let mut unpacking = Unpacking {
        meter: &meter,
        staging: Staging::new(work, target)?,
        archive: archive.path.clone(),
        selection,
        strip,
        allow_links: work.config.allow_links,
        links: Vec::new(),
        skipped: Vec::new(),
    };
    archive.each(&meter, &mut unpacking)?;
    unpacking.selection.check()?;
    unpacking.copy_links(work)?;
    let Unpacking {
        mut staging,
        mut skipped,
        ..
    } = unpacking;
    let files = staging.place(work, overwrite, &mut skipped)?;
    let output_dir = shown(&staging.target);
    let message = format!("Unpacked {} files to {output_dir}", files.len());
    let data = Data {
        output_dir,
        file_count: files.len(),
        total_size: meter.total().saturating_sub(staging.left_out),
        extracted_files: files.clone(),
        files,
        skipped,
    };
    Ok(Outcome::new("extract", Value::from_serialize(&data)?)
        .output(Value::from_serialize(&data.files)?)
        .message(message))
}

struct Unpacking<'a> {
    meter: &'a Meter<'a>,
    staging: Staging<'a>,
    archive: PathBuf,
    selection: Selection,
    strip: usize,
    allow_links: bool,
    /// Names of links, and where they lead, both below the target.
    links: Vec<(PathBuf, PathBuf)>,
    skipped: Vec<Skipped>,
}

impl Unpacking<'_> {
    fn skip(&mut self, member: &Member, reason: impl Into<String>) {
        self.skipped.push(Skipped {
            name: member.name.clone(),
            reason: reason.into(),
        });
    }

    /// Skips a member that could not be written, by its place in the target.
    fn skip_failed(&mut self, member: &Member, error: Error) -> Result<()> {
        let (dir, target) = (shown(&self.staging.dir), shown(&self.staging.target));
        let reason = passable(error)?.replace(&dir, &target);
        self.skip(member, reason);
        Ok(())
    }

    /// Returns where a member belongs; nothing if it is skipped.
    fn place_of(&mut self, member: &Member) -> Option<PathBuf> {
        match below(&member.name) {
            Err(reason) => {
                self.skip(member, reason);
                None
            }
            Ok(path) => {
                let path: PathBuf = path.components().skip(self.strip).collect();
                let is_empty = path.as_os_str().is_empty();
                if is_empty && member.kind != Type::Directory {
                    self.skip(member, "nothing is left of the name");
                }
                (!is_empty).then_some(path)
            }
        }
    }

    fn link(&mut self, member: &Member, place: PathBuf, target: &str) {
        if !self.allow_links {
            let reason = format!("a {}", member.kind.name());
            return self.skip(member, reason);
        }
        // That of a symlink starts at its own directory, that of a hard link at the top of the archive.
        let top = Path::new("").to_owned();
        let start = match member.kind {
            Type::Symlink => place.parent().map_or(top, Path::to_owned),
            _ => top,
        };
        match follow(start, target, member.kind, self.strip) {
            Some(leads_to) => self.links.push((place, leads_to)),
            None => self.skip(
                member,
                format!("a {} that leads out of the target", member.kind.name()),
            ),
        }
    }

    /// Makes links to copies of what they lead to.
    fn copy_links(&mut self, work: &Work<'_>) -> Result<()> {
        for (place, leads_to) in std::mem::take(&mut self.links) {
            if !self.staging.files.contains(&leads_to) {
                self.skipped.push(Skipped {
                    name: shown(&place),
                    reason: "a link to no file of the archive".to_owned(),
                });
                continue;
            }
            let from = self.staging.dir.join(leads_to);
            let to = self.staging.file(&place)?;
            let source = work.files.open(&from)?;
            let mut draft = work.files.create(&to, WriteMode::Replace)?;
            io::copy(&mut self.meter.content(source), &mut draft)
                .map_err(|cause| self.meter.failure(&self.archive, cause))?;
            draft.commit()?;
        }
        Ok(())
    }
}

/// Returns where a link leads below the target, or nothing if it leads out of it.
fn follow(start: PathBuf, target: &str, kind: Type, strip: usize) -> Option<PathBuf> {
    if target.starts_with('/') || target.contains(['\0', '\\']) {
        return None;
    }
    let mut place = start;
    for part in target
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
    {
        match part {
            ".." if !place.pop() => return None,
            ".." => {}
            name => place.push(name),
        }
    }
    match kind {
        Type::Hardlink => Some(place.components().skip(strip).collect()),
        _ => Some(place),
    }
}

impl Visitor for Unpacking<'_> {
    fn wants(&mut self, member: &Member) -> Result<bool> {
        if !self.selection.wants(&member.name) {
            return Ok(false);
        }
        if member.kind == Type::Other {
            self.skip(member, "a device or another special file");
            return Ok(false);
        }
        let Some(place) = self.place_of(member) else {
            return Ok(false);
        };
        match (member.kind, &member.target) {
            (Type::File, _) => return Ok(true),
            (Type::Symlink, None) if self.allow_links => return Ok(true),
            (Type::Directory, _) => {
                if let Err(error) = self.staging.directory(&place) {
                    self.skip_failed(member, error)?;
                }
            }
            (_, target) => {
                let target = target.clone().unwrap_or_default();
                self.link(member, place, &target);
            }
        }
        Ok(false)
    }

    fn take(&mut self, member: &Member, content: Result<&mut dyn Read>) -> Result<()> {
        let content = content?;
        // It was admitted a moment ago.
        let path = below(&member.name).unwrap_or_default();
        let place: PathBuf = path.components().skip(self.strip).collect();
        let failed = |cause| self.meter.failure(&self.archive, cause);
        if member.kind == Type::Symlink {
            let mut target = String::new();
            let read = content.take(MAX_LINK).read_to_string(&mut target);
            read.map_err(failed)?;
            self.link(member, place, &target);
            return Ok(());
        }
        let opened = self.staging.file(&place).and_then(|path| {
            let draft = self.staging.host.create(&path, WriteMode::Replace)?;
            Ok((path, draft))
        });
        let (path, mut draft) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                self.staging.files.remove(&place);
                return self.skip_failed(member, error);
            }
        };
        io::copy(content, &mut draft).map_err(failed)?;
        let made = draft.commit()?;
        if member.mode.is_some_and(|mode| mode & 0o111 != 0) {
            // Who may read it may run it. Other bits, setuid above all, are dropped.
            let runs = made.mode | (made.mode & 0o444) >> 2;
            self.staging.host.set_mode(&path, runs)?;
        }
        if let Some(modified) = member.modified {
            self.staging.host.set_modified(&path, modified)?;
        }
        Ok(())
    }
}

/// Returns the reason to skip a member that cannot be written, or the error if that concerns the whole archive.
fn passable(error: Error) -> Result<String> {
    match error.kind() {
        Kind::Denied | Kind::InvalidArgs | Kind::Exists => Ok(error.message().to_owned()),
        _ => Err(error),
    }
}

/// A directory in the target in which members wait to be moved into place. It goes when it is dropped.
struct Staging<'a> {
    host: &'a dyn Files,
    target: PathBuf,
    dir: PathBuf,
    /// What was made in it.
    directories: BTreeSet<PathBuf>,
    files: BTreeSet<PathBuf>,
    /// Bytes of files that were not moved into place because something was there.
    left_out: u64,
    /// The target itself, if it was made.
    made: Option<PathBuf>,
}

impl<'a> Staging<'a> {
    fn new(work: &Work<'a>, target: &Path) -> Result<Self> {
        let created = work.files.create_dir(target, true)?;
        let target = work.files.resolve(target, Access::Write)?;
        let mut random = [0; 8];
        work.cx.host().random.fill(&mut random);
        let name = draft_name(&format!("unpack-{:016x}", u64::from_le_bytes(random)));
        let staging = Self {
            host: work.files,
            dir: target.join(name),
            made: created.then(|| target.clone()),
            target,
            directories: BTreeSet::new(),
            files: BTreeSet::new(),
            left_out: 0,
        };
        match work.files.create_dir(&staging.dir, false)? {
            true => Ok(staging),
            false => bail!(Exists, "'{}' exists already", staging.dir.display()),
        }
    }

    /// Makes a directory and those above it, and keeps them in mind.
    fn directory(&mut self, place: &Path) -> Result<()> {
        let above = place
            .ancestors()
            .filter(|above| !above.as_os_str().is_empty());
        let above: Vec<&Path> = above.collect();
        for place in above.into_iter().rev() {
            if !self.directories.contains(place) {
                self.host.create_dir(&self.dir.join(place), false)?;
                self.directories.insert(place.to_owned());
            }
        }
        Ok(())
    }

    /// Returns where a file is to be written, and keeps it in mind.
    fn file(&mut self, place: &Path) -> Result<PathBuf> {
        if let Some(parent) = place.parent() {
            self.directory(parent)?;
        }
        self.files.insert(place.to_owned());
        Ok(self.dir.join(place))
    }

    /// Moves everything into place, unless something is in the way, and returns the paths of the files.
    fn place(
        &mut self,
        work: &Work<'_>,
        overwrite: Overwrite,
        skipped: &mut Vec<Skipped>,
    ) -> Result<Vec<String>> {
        for directory in &self.directories {
            let place = self.target.join(directory);
            match self.host.entry(&place)?.map(|entry| entry.kind) {
                None | Some(FileKind::Directory) => {}
                Some(FileKind::Symlink) => bail!(
                    Denied,
                    "'{}' is a link: unpacking through it is not permitted",
                    place.display()
                ),
                Some(_) => bail!(Exists, "'{}' is there and no directory", place.display()),
            }
        }
        let mut taken = BTreeMap::new();
        for file in &self.files {
            work.cx.check()?;
            if let Some(entry) = self.host.entry(&self.target.join(file))? {
                taken.insert(file.clone(), entry);
            }
        }
        let blocked = taken
            .values()
            .find(|entry| overwrite == Overwrite::No || entry.is_dir());
        if let Some(blocked) = blocked {
            let path = blocked.path.display();
            return Err(error!(Exists, "'{path}' exists already")
                .hint("set `overwrite = true`, or 'skip' to keep what is there"));
        }
        for directory in &self.directories {
            self.host.create_dir(&self.target.join(directory), false)?;
        }
        let mut placed = Vec::new();
        for file in self.files.clone() {
            work.cx.check()?;
            if overwrite == Overwrite::Skip && taken.contains_key(&file) {
                let unpacked = self.host.entry(&self.dir.join(&file))?;
                self.left_out += unpacked.map_or(0, |entry| entry.size);
                skipped.push(Skipped {
                    name: shown(&file),
                    reason: "exists".to_owned(),
                });
                continue;
            }
            let to = self.target.join(&file);
            self.host
                .rename(&self.dir.join(&file), &to, overwrite == Overwrite::Yes)?;
            self.files.remove(&file);
            placed.push(shown(&to));
        }
        self.made = None;
        Ok(placed)
    }
}

impl Drop for Staging<'_> {
    fn drop(&mut self) {
        let files = self.files.iter();
        // Parents stand before what is in them.
        let directories = self.directories.iter().rev();
        for place in files.chain(directories) {
            self.host.remove(&self.dir.join(place)).ok();
        }
        self.host.remove(&self.dir).ok();
        if let Some(target) = &self.made {
            self.host.remove(target).ok();
        }
    }
}
