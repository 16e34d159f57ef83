//! Files below the roots of the sandbox.

use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use futures::channel::oneshot;
use futures::stream::BoxStream;

use crate::cancel::Cancel;
use crate::cx::Cx;
use crate::error::{Error, Kind, Result};
use crate::{bail, error};

/// Files below the roots of the sandbox.
///
/// Every method may wait for the disk, so tools call them inside [`Cx::files`], never from an async function itself.
///
/// - Paths: relative ones start at the working directory of the run. `~` and `${…}` mean nothing. A path with a `..`
///   component is refused. Links are followed as long as every hop stays below a root; checking and opening is one
///   act, so what is swapped in between does not lead out.
/// - Errors of all methods: `Denied` for what the policy refuses, with the setting that would allow it, before it is
///   looked whether anything is there; `NotFound` for what is not; `Limit` for what is too large; `Io` else.
pub trait Files: Send + Sync {
    /// Returns the working directory of the run.
    fn working_dir(&self) -> &Path;

    /// Returns the directory of the run's own temporary files; it is made at first use and removed with the run.
    fn temp_dir(&self) -> Result<PathBuf>;

    /// Returns the absolute path, links resolved, that `path` stands for, if the policy grants `access` to it.
    ///
    /// For messages, results and comparing; what is opened later is checked again. The last part need not exist; for
    /// [`Access::Write`] neither need the directories above it, which writing makes.
    fn resolve(&self, path: &Path, access: Access) -> Result<PathBuf>;

    /// Returns what is at `path`, without following a link in its last part; `None` if nothing is there.
    fn entry(&self, path: &Path) -> Result<Option<FileEntry>>;

    /// Opens a file for reading.
    ///
    /// - Errors: `InvalidArgs` for a directory.
    fn open(&self, path: &Path) -> Result<Box<dyn ReadFile>>;

    /// Begins to write a file. Missing directories above it are made.
    ///
    /// - Errors: `Exists` as [`WriteMode::New`] says; `InvalidArgs` for a directory.
    fn create(&self, path: &Path, mode: WriteMode) -> Result<Box<dyn WriteFile>>;

    /// Returns what is in a directory, in no order. What appears or goes meanwhile may be missed; what the policy
    /// denies is left out.
    fn list(&self, path: &Path) -> Result<Entries>;

    /// Makes a directory, and those above it if `parents`. Returns false if it was there.
    fn create_dir(&self, path: &Path, parents: bool) -> Result<bool>;

    /// Removes a file, a link itself, or an empty directory.
    ///
    /// - Errors: `InvalidArgs` for a directory that is not empty; `Denied` for a root.
    fn remove(&self, path: &Path) -> Result<()>;

    /// Returns an error unless `access` to what is at `path`, and to everything below it, is granted. Links are not
    /// followed.
    ///
    /// - Errors: `Denied` for a directory that holds something denied at any depth; for [`Access::Write`] also for a
    ///   root, which is neither removed nor moved.
    fn check_tree(&self, path: &Path, access: Access) -> Result<()>;

    /// Moves a file or directory, across file systems as well. Missing directories above the target are made.
    ///
    /// - Errors: `Exists` if something is at `to` and `overwrite` is false.
    fn rename(&self, from: &Path, to: &Path, overwrite: bool) -> Result<()>;

    /// Sets the permission bits of a file or directory; those beyond `0o777` are dropped.
    fn set_mode(&self, path: &Path, mode: u32) -> Result<()>;

    /// Sets the time at which a file was changed last, in microseconds since 1970.
    fn set_modified(&self, path: &Path, modified: i64) -> Result<()>;

    /// Watches files and directories that exist. The stream ends never by itself; dropping it ends the watch.
    ///
    /// Changes come as the system tells them, not joined or delayed. Links below a watched directory are not followed.
    /// What the policy denies and drafts that the runtime writes ([`is_draft`]) are left out.
    fn watch(&self, paths: &[PathBuf], recursive: bool) -> Result<BoxStream<'static, Change>>;

    /// Returns the most bytes of one file that may be read into memory or written.
    fn max_file_bytes(&self) -> u64;

    /// Runs `work` on a thread that may wait. Tools use [`Cx::files`].
    fn spawn(&self, work: Box<dyn FnOnce() + Send>);
}

/// What a path is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Reading and listing.
    Read,
    /// Making, changing, removing.
    Write,
}

/// The entries of a directory, read on.
pub type Entries = Box<dyn Iterator<Item = Result<FileEntry>> + Send>;

/// What is known of a file, a directory or a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEntry {
    /// The absolute path, links above it resolved.
    pub path: PathBuf,
    /// What it is.
    pub kind: FileKind,
    /// Bytes.
    pub size: u64,
    /// When it was changed last, in microseconds since 1970.
    pub modified: i64,
    /// When it was read last, likewise.
    pub accessed: i64,
    /// When it was made, where the file system knows.
    pub created: Option<i64>,
    /// Permission bits.
    pub mode: u32,
}

impl FileEntry {
    /// Returns the last part of the path; what is not UTF-8 in it is replaced.
    pub fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    /// Returns whether nobody may write it.
    pub fn is_readonly(&self) -> bool {
        self.mode & 0o222 == 0
    }

    /// Returns whether it is a directory.
    pub fn is_dir(&self) -> bool {
        self.kind == FileKind::Directory
    }

    /// Returns whether it is a file.
    pub fn is_file(&self) -> bool {
        self.kind == FileKind::File
    }
}

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
    /// A device, socket or FIFO; none can be opened.
    Other,
}

impl FileKind {
    /// Returns the name that scripts see.
    pub const fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Directory => "directory",
            Self::Symlink => "symlink",
            Self::Other => "other",
        }
    }
}

/// A file that is read. Reads need no buffer of their own for large pieces; wrap it in a `BufReader` for small ones.
pub trait ReadFile: Read + Seek + Send {
    /// Returns what was known of the file when it was opened.
    fn entry(&self) -> &FileEntry;
}

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteMode {
    /// The file is replaced at once when the draft is committed; its permissions stay.
    Replace,
    /// As `Replace`, but nothing may be there, neither now nor at the end.
    New,
    /// What is written goes to the end of the file as it comes.
    Append,
    /// The file must exist and is changed in place, from its beginning on unless sought.
    Update,
}

/// A file that is written.
///
/// For `Replace` and `New` the target changes at [`commit`](WriteFile::commit) alone; a draft that is dropped leaves no
/// trace. For `Append` and `Update` each write changes it.
///
/// - Errors of writing: an [`io::Error`] around `Limit` past the most bytes of a file or of the run; [`failure`]
///   finds it again after a library has passed it on.
pub trait WriteFile: Read + Write + Seek + Send {
    /// Lets what was written survive a power failure, at the cost of some milliseconds.
    fn sync(&mut self) -> Result<()>;

    /// Ends the writing, and returns what is there now.
    fn commit(self: Box<Self>) -> Result<FileEntry>;
}

/// A change of a watched file or directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What happened.
    pub kind: ChangeKind,
    /// Where, absolute.
    pub path: PathBuf,
    /// For `Renamed`: what it was called.
    pub old_path: Option<PathBuf>,
    /// Changes that were lost before this one because nobody took them (count).
    pub dropped: u64,
}

/// What happened to a watched file or directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// It appeared.
    Created,
    /// Its content or its properties changed.
    Modified,
    /// It went.
    Deleted,
    /// It was moved, and both names are watched.
    Renamed,
    /// The system did not say.
    Other,
}

/// What every tool does with files, made of the methods above.
impl dyn Files + '_ {
    /// Reads a whole file, up to `max` bytes or the most that the policy allows.
    ///
    /// - Errors: `Limit` with the file's size if it is larger.
    pub fn read(&self, path: &Path, max: Option<u64>) -> Result<Vec<u8>> {
        let most = max.unwrap_or(u64::MAX).min(self.max_file_bytes());
        let mut file = self.open(path)?;
        let size = file.entry().size;
        let too_large = || {
            let error = error!(
                Limit,
                "'{}' has {size} bytes, more than the {most} that may be read at once",
                path.display()
            );
            let error = error.with("size", size).with("limit", most);
            match most == self.max_file_bytes() {
                true => error.hint("raise `security.files.max_file_bytes`"),
                false => error,
            }
        };
        if size > most {
            return Err(too_large());
        }
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
        // It may grow meanwhile.
        (&mut file)
            .take(most.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(|cause| failure(path, cause))?;
        if bytes.len() as u64 > most {
            return Err(too_large());
        }
        Ok(bytes)
    }

    /// Reads a whole file of UTF-8 text, as `read`.
    ///
    /// - Errors: `Parse` with the detail `offset` if it is none.
    pub fn read_text(&self, path: &Path, max: Option<u64>) -> Result<String> {
        String::from_utf8(self.read(path, max)?).map_err(|cause| {
            let offset = cause.utf8_error().valid_up_to();
            error!(Parse, "'{}' is not UTF-8 text", path.display()).with("offset", offset)
        })
    }

    /// Writes a whole file at once.
    pub fn write(&self, path: &Path, mode: WriteMode, bytes: &[u8]) -> Result<FileEntry> {
        let mut draft = self.create(path, mode)?;
        draft
            .write_all(bytes)
            .map_err(|cause| failure(path, cause))?;
        draft.commit()
    }

    /// Copies the content of a file and returns how many bytes it had; `cx` may stop it.
    pub fn copy(&self, cx: &Cx, from: &Path, to: &Path, mode: WriteMode) -> Result<u64> {
        let mut source = self.open(from)?;
        let mut draft = self.create(to, mode)?;
        let mut buffer = vec![0; COPIED_AT_ONCE];
        let mut copied = 0;
        loop {
            cx.check()?;
            let count = match source.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => count,
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => continue,
                Err(cause) => return Err(failure(from, cause)),
            };
            draft
                .write_all(&buffer[..count])
                .map_err(|cause| failure(to, cause))?;
            copied += count as u64;
        }
        draft.commit()?;
        Ok(copied)
    }

    /// Returns everything below a directory, parents before their content, sorted by path.
    ///
    /// Links are reported and not followed. `enter` decides which directories are looked into, given how deep they
    /// stand below `path` (1 for its own); `cx` may stop the walk.
    pub fn walk(
        &self,
        cx: &Cx,
        path: &Path,
        mut enter: impl FnMut(&FileEntry, usize) -> bool,
        mut visit: impl FnMut(FileEntry) -> Result<()>,
    ) -> Result<()> {
        let sorted = |path: &Path| -> Result<Vec<FileEntry>> {
            let mut entries = self.list(path)?.collect::<Result<Vec<_>>>()?;
            entries.sort_by(|left, right| right.path.cmp(&left.path));
            Ok(entries)
        };
        let mut waiting: Vec<(FileEntry, usize)> = Vec::new();
        let push = |waiting: &mut Vec<_>, path: &Path, depth| -> Result<()> {
            waiting.extend(sorted(path)?.into_iter().map(|entry| (entry, depth)));
            Ok(())
        };
        push(&mut waiting, path, 1)?;
        while let Some((entry, depth)) = waiting.pop() {
            cx.check()?;
            if depth > MAX_DEPTH {
                bail!(
                    Limit,
                    "directories are nested deeper than {MAX_DEPTH} levels"
                );
            }
            let inside = (entry.is_dir() && enter(&entry, depth)).then(|| entry.path.clone());
            visit(entry)?;
            if let Some(inside) = inside {
                match push(&mut waiting, &inside, depth + 1) {
                    // It went, or it may not be looked into.
                    Err(error) if matches!(error.kind(), Kind::NotFound | Kind::Denied) => {}
                    done => done?,
                }
            }
        }
        Ok(())
    }

    /// Removes a file, or a directory with everything in it, and returns how many entries went; `cx` may stop it.
    pub fn remove_all(&self, cx: &Cx, path: &Path) -> Result<u64> {
        let mut found = Vec::new();
        match self.entry(path)? {
            Some(entry) if entry.is_dir() => {
                // What may not go is refused before anything goes.
                self.check_tree(path, Access::Write)?;
                self.walk(
                    cx,
                    path,
                    |_, _| true,
                    |entry| {
                        found.push(entry.path);
                        Ok(())
                    },
                )?;
            }
            Some(_) => {}
            None => bail!(NotFound, "'{}' does not exist", path.display()),
        }
        for inner in found.iter().rev() {
            cx.check()?;
            self.remove(inner)?;
        }
        self.remove(path)?;
        Ok(found.len() as u64 + 1)
    }
}

/// How the names of drafts begin and end.
const DRAFT: (&str, &str) = (".llmspell-", ".tmp");

/// Returns the name of a draft: a file or directory that the runtime makes beside its target and moves there when it is
/// complete. `unique` tells drafts apart.
pub fn draft_name(unique: &str) -> String {
    let (start, end) = DRAFT;
    format!("{start}{unique}{end}")
}

/// Returns whether a path is a draft, or lies in one.
pub fn is_draft(path: &Path) -> bool {
    let (start, end) = DRAFT;
    path.iter().any(|name| {
        let name = name.as_encoded_bytes();
        name.starts_with(start.as_bytes()) && name.ends_with(end.as_bytes())
    })
}

/// Bytes that are copied between two looks at the caller's stop.
const COPIED_AT_ONCE: usize = 256 * 1024;

/// Deepest nesting of directories that a walk follows.
const MAX_DEPTH: usize = 256;

/// Returns the error for what the operating system, or a library on top of it, said about `path`.
///
/// An [`Error`] that was passed on as an [`io::Error`] comes out again.
pub fn failure(path: &Path, cause: io::Error) -> Error {
    let own = cause
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<Error>());
    if let Some(own) = own {
        return own.clone();
    }
    let shown = path.display();
    let error = match cause.kind() {
        io::ErrorKind::NotFound => error!(NotFound, "'{shown}' does not exist"),
        io::ErrorKind::AlreadyExists => error!(Exists, "'{shown}' exists already"),
        io::ErrorKind::PermissionDenied => {
            error!(Denied, "'{shown}': the system does not permit this")
        }
        io::ErrorKind::IsADirectory => error!(InvalidArgs, "'{shown}' is a directory"),
        io::ErrorKind::NotADirectory => error!(InvalidArgs, "'{shown}' is not a directory"),
        io::ErrorKind::DirectoryNotEmpty => {
            error!(InvalidArgs, "the directory '{shown}' is not empty")
        }
        io::ErrorKind::InvalidFilename => error!(InvalidArgs, "'{shown}' is no valid file name"),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            error!(Io, "'{shown}': the disk is full")
        }
        _ => error!(Io, "'{shown}': {cause}"),
    };
    error.with("path", shown.to_string())
}

impl From<Error> for io::Error {
    /// Lets an error pass through code that knows only those of the system; [`failure`] finds it again.
    fn from(error: Error) -> Self {
        io::Error::other(error)
    }
}

impl Cx {
    /// Runs `work` over the files of the run, on a thread that may wait for the disk.
    ///
    /// `work` gets the context to ask now and then whether to go on.
    ///
    /// - Errors: those of `work`; `Bug` if it panics.
    /// - Cancel: the context that `work` got is cancelled when the future is dropped, and the result is lost.
    pub async fn files<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Files, &Cx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let files = self.host().files.clone();
        let own = self.bounded(None, None);
        let _abandoned = Abandoned(own.cancel().clone());
        let busy = Busy::with(self.clone());
        let (sender, receiver) = oneshot::channel();
        let run = {
            let files = files.clone();
            move || {
                let done = work(&*files, &own);
                // First of all let go: whoever waits may end the run with the result, and what the run keeps with it.
                drop((busy, files, own));
                sender.send(done).ok();
            }
        };
        files.spawn(Box::new(run));
        receiver
            .await
            .unwrap_or_else(|_| bail!(Bug, "work on files ended without a result"))
    }
}

impl Cx {
    /// Returns whether work over files that this call began with [`files`](Self::files) is still under way, as it may be
    /// for a moment after the call was stopped.
    pub fn is_at_files(&self) -> bool {
        self.at_files().load(Ordering::Acquire) > 0
    }
}

/// A piece of work over files that is under way for a call.
struct Busy(Cx);

impl Busy {
    fn with(cx: Cx) -> Self {
        cx.at_files().fetch_add(1, Ordering::Relaxed);
        Self(cx)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.at_files().fetch_sub(1, Ordering::Release);
    }
}

/// Cancels work that nobody waits for any more.
struct Abandoned(Cancel);

impl Drop for Abandoned {
    fn drop(&mut self) {
        self.0.cancel(Cancel::reason("nobody waits for the result"));
    }
}
