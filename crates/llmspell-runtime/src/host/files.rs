//! The files of this machine, below the roots of the policy.

mod glob;
mod place;
mod root;
mod rules;
mod stat;
#[cfg(test)]
mod tests;
mod watch;
mod write;

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use futures::stream::BoxStream;
use llmspell_core::host::{
    Access, Change, Entries, FileEntry, FileKind, ReadFile, WriteFile, WriteMode, draft_name,
    failure, is_draft,
};
use llmspell_core::{Error, Files, Kind, Result, Value, bail, error};
use rustix::fs::{
    AtFlags, Dir, Mode, OFlags, RenameFlags, Timespec, Timestamps, UTIME_OMIT, fchmod, mkdirat,
    renameat, renameat_with, unlinkat, utimensat,
};
use rustix::io::Errno;

pub use rules::FileRules;

use place::{Missing, Place, TRIES, Way, find, planned, unsteady};
use root::{ROOTS, Root, Roots, RunTemp, absolute, outside};
use stat::Found;
use write::{Allowance, InPlace, Metered, Replacement};

/// The files of this machine, below the roots of the policy. Cloning is cheap; clones share the run's own directory and
/// what it has written.
#[derive(Clone, Debug)]
pub struct SystemFiles(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    cwd: PathBuf,
    rules: FileRules,
    roots: Roots,
    temp: Arc<RunTemp>,
    written: Arc<AtomicU64>,
    /// The setting of these roots.
    setting: String,
}

impl SystemFiles {
    /// Reaches files as `rules` say, from the working directory `cwd`. `run_tmp` is where the run's own directory will
    /// be; nothing may be there.
    pub fn new(rules: FileRules, cwd: PathBuf, run_tmp: PathBuf) -> Self {
        let temp = Arc::new(RunTemp::new(run_tmp, rules.keep_tmp));
        Self::with(rules, cwd, temp, Arc::default(), ROOTS.to_owned())
    }

    /// Returns the rules.
    pub fn rules(&self) -> &FileRules {
        &self.0.rules
    }

    /// Returns the same files under stricter rules: what `narrower` allows and these do not stays refused. `table` is
    /// where the rules stand in the configuration.
    #[must_use]
    pub fn narrowed(&self, narrower: &FileRules, table: &str) -> Self {
        let own = &self.0.rules;
        let mut rules = narrower.clone();
        rules.deny.extend(own.deny.iter().cloned());
        rules
            .deny_extensions
            .extend(own.deny_extensions.iter().cloned());
        if rules.allow_extensions.is_empty() {
            rules.allow_extensions.clone_from(&own.allow_extensions);
        }
        rules.max_file_bytes = rules.max_file_bytes.min(own.max_file_bytes);
        rules.max_total_write_bytes = own.max_total_write_bytes;
        rules.shared_tmp &= own.shared_tmp;
        let setting = match rules.roots == own.roots {
            true => self.0.setting.clone(),
            false => format!("{table}.roots"),
        };
        let within = |root: &String, access| {
            let path = place_of(root, &self.0.cwd, self.0.temp.path());
            self.0.roots.find(&path, access).is_ok()
        };
        rules.roots.retain(|root| within(root, Access::Write));
        rules
            .read_only_roots
            .retain(|root| within(root, Access::Read));
        let (cwd, temp) = (self.0.cwd.clone(), self.0.temp.clone());
        Self::with(rules, cwd, temp, self.0.written.clone(), setting)
    }

    fn with(
        rules: FileRules,
        cwd: PathBuf,
        temp: Arc<RunTemp>,
        written: Arc<AtomicU64>,
        setting: String,
    ) -> Self {
        let mut roots = Vec::new();
        for (list, writable) in [(&rules.roots, true), (&rules.read_only_roots, false)] {
            for root in list {
                roots.push(Root::new(
                    place_of(root, &cwd, temp.path()),
                    writable,
                    false,
                ));
            }
        }
        if rules.shared_tmp {
            roots.push(Root::new(std::env::temp_dir(), true, true));
        }
        Self(Arc::new(Inner {
            cwd,
            rules,
            roots: Roots(roots),
            temp,
            written,
            setting,
        }))
    }

    /// Returns a directory as a handle and a path, for a process that works in it.
    pub(super) fn directory(&self, path: &Path) -> Result<(OwnedFd, PathBuf)> {
        let place = self.0.find(path, READ)?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY;
        let directory = place.open(flags, 0).map_err(|cause| place.failure(cause))?;
        Ok((directory, place.path))
    }

    /// Returns whether what is at a path is refused by its name, wherever it is.
    pub(super) fn denies(&self, path: &Path) -> bool {
        let real = std::fs::canonicalize(path);
        let names = [Some(path), real.as_deref().ok()];
        names
            .into_iter()
            .flatten()
            .any(|path| self.0.rules.check(path).is_err())
    }

    /// Moves between file systems: copies, then removes.
    fn move_across(&self, entry: &FileEntry, from: &Path, to: &Path) -> Result<()> {
        match entry.kind {
            FileKind::Directory => {
                self.create_dir(to, false)?;
                for inner in self.list(from)? {
                    let inner = inner?;
                    let name = inner.path.file_name().unwrap_or_default();
                    self.move_across(&inner, &inner.path, &to.join(name))?;
                }
            }
            FileKind::File => {
                let mut source = self.open(from)?;
                let mut target = self.create(to, WriteMode::Replace)?;
                io::copy(&mut source, &mut target).map_err(|cause| failure(to, cause))?;
                target.commit()?;
                self.set_mode(to, entry.mode)?;
                self.set_modified(to, entry.modified)?;
            }
            FileKind::Symlink | FileKind::Other => {
                bail!(
                    Io,
                    "'{}' cannot be moved to another file system",
                    from.display()
                )
            }
        }
        self.remove(from)
    }

    /// Returns the roots with links resolved, those that may be changed first.
    pub(super) fn roots(&self) -> (Vec<PathBuf>, Vec<PathBuf>) {
        let of = |writable| {
            let roots = self.0.roots.0.iter();
            roots
                .filter(|root| root.writable == writable)
                .filter_map(|root| Some(root.open().ok()?.1.to_owned()))
                .collect()
        };
        (of(true), of(false))
    }
}

/// Returns the absolute path that a configured root stands for.
fn place_of(root: &str, cwd: &Path, run_tmp: &Path) -> PathBuf {
    let named = |name: &str| {
        root.strip_prefix(name)
            .map(|rest| rest.trim_start_matches('/'))
    };
    match (named("${cwd}"), named("${run_tmp}")) {
        (Some(rest), _) => cwd.join(rest),
        (_, Some(rest)) => run_tmp.join(rest),
        _ => cwd.join(root),
    }
    .components()
    .collect()
}

const READ: Way = Way {
    access: Access::Read,
    follow: true,
    missing: Missing::Refused,
};

const WRITE: Way = Way {
    access: Access::Write,
    follow: true,
    missing: Missing::Made,
};

/// Something that is there is changed.
const CHANGE: Way = Way {
    missing: Missing::Refused,
    ..WRITE
};

/// A name is taken away or given, whatever it stands for.
const NAME: Way = Way {
    follow: false,
    ..CHANGE
};

impl Inner {
    fn find(&self, path: &Path, way: Way) -> Result<Place<'_>> {
        let path = self.admitted(path, way.access)?;
        let place = find(&self.roots, &path, way)?;
        self.rules.check(&place.path)?;
        Ok(place)
    }

    /// Returns an absolute path whose name alone refuses nothing, so that what is refused gives nothing away of what is
    /// there.
    fn admitted(&self, path: &Path, access: Access) -> Result<PathBuf> {
        let path = absolute(&self.cwd, path)?;
        if path.starts_with(self.temp.path()) {
            self.temp.make()?;
        }
        self.roots.find(&path, access).map_err(|error| {
            let is_outside = error.details().get("setting").and_then(Value::as_str) == Some(ROOTS);
            match is_outside && self.setting != ROOTS {
                true => outside(&path, &self.setting),
                false => error,
            }
        })?;
        self.rules.check(&path)?;
        Ok(path)
    }

    fn look(&self, place: &Place<'_>) -> Result<Option<Found>> {
        match stat::look(place.directory(), &place.name, &place.path) {
            Ok(found) => {
                if !place.is_root() {
                    place.check_owner(found.owner)?;
                }
                Ok(Some(found))
            }
            Err(Errno::NOENT) => Ok(None),
            Err(cause) => Err(place.failure(cause)),
        }
    }

    /// Opens a file, again if a link took its place meanwhile.
    fn open(&self, path: &Path, way: Way, flags: OFlags) -> Result<(File, Found, Place<'_>)> {
        for _ in 0..TRIES {
            let place = self.find(path, way)?;
            self.rules.check_extension(&place.path)?;
            let opened = match place.open(flags, 0o644) {
                // A link, or a FIFO that nobody reads.
                Err(Errno::LOOP) => continue,
                Err(Errno::NXIO) => return Err(special(&place.path)),
                Err(cause) => return Err(place.failure(cause)),
                Ok(opened) => opened,
            };
            let found =
                stat::look_at(&opened, &place.path).map_err(|cause| place.failure(cause))?;
            match found.entry.kind {
                FileKind::File => {}
                FileKind::Directory => {
                    bail!(InvalidArgs, "'{}' is a directory", place.path.display())
                }
                FileKind::Symlink | FileKind::Other => return Err(special(&place.path)),
            }
            place.check_owner(found.owner)?;
            return Ok((opened.into(), found, place));
        }
        Err(unsteady(path))
    }

    fn allowance(&self) -> Allowance {
        Allowance {
            file: self.rules.max_file_bytes,
            run: self.rules.max_total_write_bytes,
            written: self.written.clone(),
        }
    }

    fn replacement(&self, path: &Path, new: bool) -> Result<Replacement> {
        let place = self.find(path, WRITE)?;
        self.rules.check_extension(&place.path)?;
        let mut mode = if place.root.shared { 0o600 } else { 0 };
        if let Some(found) = self.look(&place)? {
            match found.entry.kind {
                _ if new => bail!(Exists, "'{}' exists already", place.path.display()),
                FileKind::File => mode = found.entry.mode & 0o777,
                FileKind::Directory => {
                    bail!(InvalidArgs, "'{}' is a directory", place.path.display())
                }
                FileKind::Symlink => return Err(unsteady(path)),
                FileKind::Other => return Err(special(&place.path)),
            }
        }
        let name = place.name.clone();
        let temporary = PathBuf::from(draft_name(&uuid::Uuid::new_v4().simple().to_string()));
        let directory = rustix::io::fcntl_dupfd_cloexec(place.directory(), 3)
            .map_err(|cause| place.failure(cause))?;
        let flags =
            OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&directory, &temporary, flags, Mode::from_raw_mode(0o644))
            .map_err(|cause| place.failure(cause))?;
        if mode == 0 {
            // What the system's mask leaves of 0644.
            let found = stat::look_at(&file, &place.path).map_err(|cause| place.failure(cause))?;
            mode = found.entry.mode;
        }
        let path = place.path;
        Ok(Replacement {
            file: Metered::new(file.into(), path, None, self.allowance()),
            directory,
            temporary: Some(temporary),
            name,
            mode,
            new,
        })
    }

    /// Returns an error if a directory is a root, or leads to one.
    fn check_root(&self, place: &Place<'_>) -> Result<()> {
        if place.is_root() || self.roots.holds(&place.path) {
            bail!(
                Denied,
                "'{}' is one of the permitted directories itself: moving or removing it is not permitted",
                place.path.display()
            );
        }
        Ok(())
    }

    /// Returns whether a change of what is, or was, at a resolved path is told to who watches it.
    fn is_told(&self, path: &Path) -> bool {
        let way = Way {
            follow: false,
            ..READ
        };
        if is_draft(path) {
            return false;
        }
        match self.find(path, way) {
            // Another path means that a link took the place of a watched directory.
            Ok(place) => place.path == path && self.look(&place).is_ok(),
            // The directory that it was in went as well.
            Err(error) => matches!(error.kind(), Kind::NotFound | Kind::InvalidArgs),
        }
    }

    /// Returns an error if anything in a directory is denied, which it might not be at another place.
    fn check_content(&self, path: &Path) -> Result<()> {
        let mut waiting = vec![path.to_owned()];
        while let Some(directory) = waiting.pop() {
            for entry in list(self, &directory, true)? {
                let entry = entry?;
                self.rules.check(&entry.path)?;
                if entry.is_dir() {
                    waiting.push(entry.path);
                }
            }
        }
        Ok(())
    }
}

fn moved(source: &Place<'_>, target: &Place<'_>, overwrite: bool) -> rustix::io::Result<()> {
    let (from, to) = (source.directory(), target.directory());
    if overwrite {
        return renameat(from, &source.name, to, &target.name);
    }
    match renameat_with(from, &source.name, to, &target.name, RenameFlags::NOREPLACE) {
        // A file system without such renames; that the name is free was looked at.
        Err(Errno::INVAL | Errno::NOSYS) => renameat(from, &source.name, to, &target.name),
        done => done,
    }
}

fn special(path: &Path) -> Error {
    error!(
        Denied,
        "'{}' is a device, socket or pipe: not permitted",
        path.display()
    )
}

/// Lists a directory; with `all`, what is denied as well.
fn list(inner: &Inner, path: &Path, all: bool) -> Result<Vec<Result<FileEntry>>> {
    let place = inner.find(path, READ)?;
    let flags = OFlags::RDONLY | OFlags::DIRECTORY;
    let directory = place.open(flags, 0).map_err(|cause| place.failure(cause))?;
    let mut entries = Vec::new();
    let mut listing = Dir::new(directory).map_err(|cause| place.failure(cause))?;
    let mut names = Vec::new();
    while let Some(next) = listing.read() {
        let next = next.map_err(|cause| place.failure(cause))?;
        let name = next.file_name().to_bytes();
        if name != b"." && name != b".." {
            use std::os::unix::ffi::OsStrExt as _;
            names.push(PathBuf::from(std::ffi::OsStr::from_bytes(name)));
        }
    }
    let directory = listing.fd().map_err(|cause| place.failure(cause))?;
    for name in names {
        let path = place.path.join(&name);
        if !all && inner.rules.check(&path).is_err() {
            continue;
        }
        match stat::look(directory, &name, &path) {
            Ok(found) if all || place.check_owner(found.owner).is_ok() => {
                entries.push(Ok(found.entry));
            }
            // Another user's, or it went meanwhile.
            Ok(_) | Err(Errno::NOENT) => {}
            Err(cause) => entries.push(Err(failure(&path, cause.into()))),
        }
    }
    Ok(entries)
}

impl Files for SystemFiles {
    fn working_dir(&self) -> &Path {
        &self.0.cwd
    }

    fn temp_dir(&self) -> Result<PathBuf> {
        self.0.temp.make()?;
        self.resolve(self.0.temp.path(), Access::Write)
    }

    fn resolve(&self, path: &Path, access: Access) -> Result<PathBuf> {
        let way = Way { access, ..READ };
        if access == Access::Read {
            return Ok(self.0.find(path, way)?.path);
        }
        let path = self.0.admitted(path, access)?;
        let planned = planned(&self.0.roots, &path, way)?;
        self.0.rules.check(&planned)?;
        Ok(planned)
    }

    fn entry(&self, path: &Path) -> Result<Option<FileEntry>> {
        let way = Way {
            follow: false,
            ..READ
        };
        let place = match self.0.find(path, way) {
            Err(error) if error.kind() == Kind::NotFound => return Ok(None),
            place => place?,
        };
        Ok(self.0.look(&place)?.map(|found| found.entry))
    }

    fn open(&self, path: &Path) -> Result<Box<dyn ReadFile>> {
        let (file, found, _) = self.0.open(path, READ, OFlags::RDONLY)?;
        Ok(Box::new(Reading {
            file,
            entry: found.entry,
        }))
    }

    fn create(&self, path: &Path, mode: WriteMode) -> Result<Box<dyn WriteFile>> {
        let in_place = |way, flags, append: bool| -> Result<Box<dyn WriteFile>> {
            let (file, found, place) = self.0.open(path, way, flags)?;
            if place.root.shared {
                fchmod(&file, Mode::from_raw_mode(0o600)).map_err(|cause| place.failure(cause))?;
            }
            let append_at = append.then_some(found.entry.size);
            let file = Metered::new(file, place.path, append_at, self.0.allowance());
            Ok(Box::new(InPlace(file)))
        };
        match mode {
            WriteMode::Replace => Ok(Box::new(self.0.replacement(path, false)?)),
            WriteMode::New => Ok(Box::new(self.0.replacement(path, true)?)),
            WriteMode::Append => {
                let flags = OFlags::RDWR | OFlags::APPEND | OFlags::CREATE;
                in_place(WRITE, flags, true)
            }
            WriteMode::Update => in_place(CHANGE, OFlags::RDWR, false),
        }
    }

    fn list(&self, path: &Path) -> Result<Entries> {
        Ok(Box::new(list(&self.0, path, false)?.into_iter()))
    }

    fn create_dir(&self, path: &Path, parents: bool) -> Result<bool> {
        let missing = match parents {
            true => Missing::Made,
            false => Missing::Refused,
        };
        let way = Way { missing, ..WRITE };
        let place = self.0.find(path, way)?;
        let mode = if place.root.shared { 0o700 } else { 0o755 };
        match mkdirat(place.directory(), &place.name, Mode::from_raw_mode(mode)) {
            Ok(()) => Ok(true),
            Err(Errno::EXIST) => match self.0.look(&place)? {
                Some(found) if found.entry.is_dir() => Ok(false),
                _ => bail!(Exists, "'{}' exists already", place.path.display()),
            },
            Err(cause) => Err(place.failure(cause)),
        }
    }

    fn remove(&self, path: &Path) -> Result<()> {
        let place = self.0.find(path, NAME)?;
        self.0.check_root(&place)?;
        let Some(found) = self.0.look(&place)? else {
            bail!(NotFound, "'{}' does not exist", place.path.display());
        };
        let flags = match found.entry.is_dir() {
            true => AtFlags::REMOVEDIR,
            false => AtFlags::empty(),
        };
        unlinkat(place.directory(), &place.name, flags).map_err(|cause| place.failure(cause))
    }

    fn check_tree(&self, path: &Path, access: Access) -> Result<()> {
        let place = self.0.find(path, Way { access, ..NAME })?;
        if access == Access::Write {
            self.0.check_root(&place)?;
        }
        match self.0.look(&place)? {
            Some(found) if found.entry.is_dir() => self.0.check_content(&place.path),
            _ => Ok(()),
        }
    }

    fn rename(&self, from: &Path, to: &Path, overwrite: bool) -> Result<()> {
        let source = self.0.find(from, NAME)?;
        self.0.check_root(&source)?;
        let Some(found) = self.0.look(&source)? else {
            bail!(NotFound, "'{}' does not exist", source.path.display());
        };
        if found.entry.kind == FileKind::Other {
            return Err(special(&source.path));
        }
        if found.entry.is_dir() {
            self.0.check_content(&source.path)?;
        }
        let target = self.0.find(
            to,
            Way {
                missing: Missing::Made,
                ..NAME
            },
        )?;
        self.0.check_root(&target)?;
        for place in [&source, &target] {
            self.0.rules.check_extension(&place.path)?;
        }
        if !overwrite && self.0.look(&target)?.is_some() {
            bail!(Exists, "'{}' exists already", target.path.display());
        }
        match moved(&source, &target, overwrite) {
            Err(Errno::XDEV) => self.move_across(&found.entry, &source.path, &target.path),
            done => done.map_err(|cause| target.failure(cause)),
        }
    }

    fn set_mode(&self, path: &Path, mode: u32) -> Result<()> {
        let place = self.0.find(path, CHANGE)?;
        let file = place
            .open(OFlags::RDONLY, 0)
            .map_err(|cause| place.failure(cause))?;
        let found = stat::look_at(&file, &place.path).map_err(|cause| place.failure(cause))?;
        place.check_owner(found.owner)?;
        fchmod(&file, Mode::from_raw_mode((mode & 0o777) as _))
            .map_err(|cause| place.failure(cause))
    }

    fn set_modified(&self, path: &Path, modified: i64) -> Result<()> {
        let place = self.0.find(path, CHANGE)?;
        self.0.look(&place)?;
        let times = Timestamps {
            last_access: Timespec {
                tv_sec: 0,
                tv_nsec: UTIME_OMIT,
            },
            last_modification: Timespec {
                tv_sec: modified.div_euclid(1_000_000),
                tv_nsec: (modified.rem_euclid(1_000_000) * 1000) as _,
            },
        };
        let flags = AtFlags::SYMLINK_NOFOLLOW;
        utimensat(place.directory(), &place.name, &times, flags)
            .map_err(|cause| place.failure(cause))
    }

    fn watch(&self, paths: &[PathBuf], recursive: bool) -> Result<BoxStream<'static, Change>> {
        let mut resolved = Vec::new();
        for path in paths {
            let place = self.0.find(path, READ)?;
            match self.0.look(&place)? {
                Some(_) => resolved.push(place.path),
                None => bail!(NotFound, "'{}' does not exist", place.path.display()),
            }
        }
        let files = self.clone();
        watch::watch(&resolved, recursive, move |path| files.0.is_told(path))
    }

    fn max_file_bytes(&self) -> u64 {
        self.0.rules.max_file_bytes
    }

    fn spawn(&self, work: Box<dyn FnOnce() + Send>) {
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(work)),
            Err(_) => drop(std::thread::spawn(work)),
        }
    }
}

/// A file that is read.
struct Reading {
    file: File,
    entry: FileEntry,
}

impl Read for Reading {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read(buffer)
    }
}

impl Seek for Reading {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

impl ReadFile for Reading {
    fn entry(&self) -> &FileEntry {
        &self.entry
    }
}
