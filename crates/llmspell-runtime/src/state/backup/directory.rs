//! The files of backups.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use llmspell_core::host::failure;
use llmspell_core::{Kind, Result, error};
use sha2::{Digest as _, Sha256};

use super::encryption::Passphrase;
use super::meta::{Meta, check_id, missing};

/// How old what was left behind by a process that died must be to be removed; younger it may be another one's work.
const ABANDONED: Duration = Duration::from_secs(3600);

/// What a file is called until it is whole.
const UNFINISHED: &str = "unfinished";

/// The directory of backups. Only its owner may read what is in it, since values may be secrets.
#[derive(Clone, Debug)]
pub(super) struct Directory {
    path: Arc<Path>,
    /// With what its files are encrypted.
    pub(super) passphrase: Passphrase,
}

impl Directory {
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path: path.into(),
            passphrase: Passphrase::default(),
        }
    }

    pub(super) fn encrypted(self, passphrase: Passphrase) -> Self {
        Self { passphrase, ..self }
    }

    fn content(&self, id: &str) -> PathBuf {
        self.path.join(format!("{id}.backup"))
    }

    fn meta(&self, id: &str) -> PathBuf {
        self.path.join(format!("{id}.meta"))
    }

    /// Returns what is known of all backups, the newest first. A directory that does not exist has none. What is damaged is
    /// left out with a warning, so that it does not keep others from being made and put back.
    ///
    /// - Errors: `Io` for a directory that cannot be read.
    pub(super) fn all(&self) -> Result<Vec<Meta>> {
        let mut all: Vec<Meta> = Vec::new();
        for id in self.ids("meta")? {
            match self.known(&id) {
                Ok(meta) => all.push(meta),
                // Another process has just removed it.
                Err(gone) if gone.kind() == Kind::NotFound => {}
                Err(damaged) if damaged.kind() == Kind::Corrupt => {
                    tracing::warn!(target: "llmspell::state", "a backup is left out: {damaged}");
                }
                Err(error) => return Err(error),
            }
        }
        all.sort_by(|left, right| {
            let key = |meta: &Meta| (meta.created_at_us, meta.id.clone());
            key(right).cmp(&key(left))
        });
        Ok(all)
    }

    /// Returns the names of files with an extension, without it.
    fn ids(&self, extension: &str) -> Result<BTreeSet<String>> {
        let entries = match fs::read_dir(&self.path) {
            Ok(entries) => entries,
            Err(missing) if missing.kind() == ErrorKind::NotFound => return Ok(BTreeSet::new()),
            Err(error) => return Err(self.failed(&self.path, error)),
        };
        let mut ids = BTreeSet::new();
        for entry in entries {
            let path = entry
                .map_err(|error| self.failed(&self.path, error))?
                .path();
            let id = path.file_stem().and_then(|stem| stem.to_str());
            let is_wanted = path.extension().is_some_and(|own| own == extension);
            if let (Some(id), true) = (id, is_wanted)
                && check_id(id).is_ok()
            {
                ids.insert(id.to_owned());
            }
        }
        Ok(ids)
    }

    /// Returns what is known of a backup.
    ///
    /// - Errors: `NotFound`; `Corrupt`.
    pub(super) fn known(&self, id: &str) -> Result<Meta> {
        check_id(id)?;
        let path = self.meta(id);
        let bytes = fs::read(&path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => missing(id),
            _ => self.failed(&path, error),
        })?;
        let meta: Meta = serde_json::from_slice(&bytes).map_err(|failure| {
            error!(Corrupt, "'{}' is damaged: {failure}", path.display())
                .hint("delete the file, or restore it from elsewhere")
        })?;
        match meta.id == id {
            true => Ok(meta),
            false => Err(error!(
                Corrupt,
                "'{}' is about another backup, '{}'",
                path.display(),
                meta.id
            )),
        }
    }

    /// Returns the file of a backup.
    ///
    /// - Errors: `Corrupt` if it is missing.
    pub(super) fn read(&self, id: &str) -> Result<Vec<u8>> {
        check_id(id)?;
        let path = self.content(id);
        fs::read(&path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => error!(Corrupt, "the file '{}' is missing", path.display()),
            _ => self.failed(&path, error),
        })
    }

    /// Writes a backup. It exists, whole and safe from a loss of power, when this returns, or not at all.
    pub(super) fn write(&self, meta: &Meta, packed: &[u8]) -> Result<()> {
        let mut builder = DirBuilder::new();
        let made = builder.recursive(true).mode(0o700).create(&self.path);
        made.map_err(|error| self.failed(&self.path, error))?;
        let known = serde_json::to_vec_pretty(meta).map_err(|failure| {
            error!(
                Bug,
                "what is known of a backup cannot be written: {failure}"
            )
        })?;
        self.put(&self.content(&meta.id), packed)?;
        self.put(&self.meta(&meta.id), &known)?;
        let directory = File::open(&*self.path).and_then(|directory| directory.sync_all());
        directory.map_err(|error| self.failed(&self.path, error))
    }

    fn put(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        let mut name = path.as_os_str().to_owned();
        name.push(".");
        name.push(UNFINISHED);
        let unfinished = PathBuf::from(name);
        let write = || {
            let mut options = OpenOptions::new();
            let options = options.write(true).create(true).truncate(true).mode(0o600);
            let mut file = options.open(&unfinished)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&unfinished, path)
        };
        write().map_err(|error| {
            // What cannot be removed either is swept later.
            let _ = fs::remove_file(&unfinished);
            self.failed(path, error)
        })
    }

    /// Removes a backup: first what makes it exist.
    pub(super) fn remove(&self, id: &str) -> Result<()> {
        check_id(id)?;
        for path in [self.meta(id), self.content(id)] {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(self.failed(&path, error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Removes what processes left behind that died while they wrote or removed a backup.
    pub(super) fn sweep(&self) -> Result<()> {
        let whole = self.ids("meta")?;
        let orphans = self.ids("backup")?;
        let orphans = orphans.difference(&whole).map(|id| self.content(id));
        let unfinished: Vec<PathBuf> = match fs::read_dir(&self.path) {
            Ok(entries) => entries
                .filter_map(|entry| Some(entry.ok()?.path()))
                .filter(|path| path.extension().is_some_and(|own| own == UNFINISHED))
                .collect(),
            Err(_) => Vec::new(),
        };
        for path in orphans.chain(unfinished) {
            let age = fs::metadata(&path).and_then(|known| known.modified());
            let age = age.ok().and_then(|modified| modified.elapsed().ok());
            if age.is_some_and(|age| age > ABANDONED) {
                // Whoever is faster may remove it.
                let _ = fs::remove_file(&path);
            }
        }
        Ok(())
    }

    fn failed(&self, path: &Path, error: std::io::Error) -> llmspell_core::Error {
        failure(path, error).hint("backups are kept there; see `state.backup.backup_dir`")
    }
}

/// Returns the SHA-256 of bytes in hexadecimal digits.
pub(super) fn checksum(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
