//! The store in one SQLite file, which several processes may have open at once.
//!
//! One thread of the store writes: it takes all batches that wait, commits them in one transaction and then answers.
//! A few threads read. Callers only pass messages, so nothing here blocks an async executor.

use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use llmspell_core::{Result, error};
use rusqlite::{Connection, OpenFlags};

mod failure;
mod part;
mod read;
mod readers;
mod schema;
mod writer;

use crate::Durability;
use crate::store::{Batch, Done, Entry, Hash, Page, Scan, Store, check_limit};
use failure::{failure, io};
use readers::Readers;
use writer::Writer;

/// How long a lock of another process is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// Bytes to which the write-ahead log is cut when it starts anew.
const WAL_BYTES: i64 = 16 << 20;

/// A [`Store`] in one SQLite file.
///
/// Dropping it ends its threads soon after; [`close`](Store::close) also waits for that.
pub struct Sqlite {
    place: Arc<Place>,
    writer: Writer,
    readers: Arc<Readers>,
}

/// Which file, and how carefully it is written.
#[derive(Debug)]
struct Place {
    path: PathBuf,
    durability: Durability,
}

impl Sqlite {
    /// Opens the store in this file, and makes the file and its folders if they do not exist.
    ///
    /// What is made can be read by its owner only.
    ///
    /// - Errors: as [`open`](crate::open) says.
    pub fn open(path: impl AsRef<Path>, durability: Durability) -> Result<Self> {
        let path = create(path.as_ref())?;
        let place = Arc::new(Place { path, durability });
        let mut conn = place.connect()?;
        place.use_wal(&conn)?;
        schema::migrate(&mut conn, &place.path)?;
        let readers = Arc::new(Readers::new(Arc::clone(&place)));
        let writer = Writer::start(conn, Arc::clone(&place), Arc::clone(&readers))?;
        Ok(Self {
            place,
            writer,
            readers,
        })
    }

    /// Returns the file of the store, as an absolute path.
    pub fn path(&self) -> &Path {
        &self.place.path
    }
}

/// Makes the file and its folders if they do not exist, and returns its real path.
fn create(path: &Path) -> Result<PathBuf> {
    // An absolute path is never taken for one of SQLite's own names: ":memory:", "file:…".
    let path = std::path::absolute(path).map_err(|cause| io(path, "find", cause))?;
    if path.is_dir() {
        let error = error!(
            Config,
            "'{}' is a folder, a store is a file",
            path.display()
        );
        return Err(error.hint("name a file in it"));
    }
    if let Some(folder) = path.parent() {
        private_folder()
            .create(folder)
            .map_err(|cause| io(folder, "create the folder", cause))?;
    }
    // Never opens a file that exists: closing it would drop the locks that SQLite has on it in this process.
    match private_file().open(&path) {
        Err(cause) if cause.kind() != ErrorKind::AlreadyExists => {
            return Err(io(&path, "create the store", cause));
        }
        _ => {}
    }
    path.canonicalize()
        .map_err(|cause| io(&path, "find the store", cause))
}

fn private_folder() -> fs::DirBuilder {
    let mut folder = fs::DirBuilder::new();
    folder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    folder
}

fn private_file() -> fs::OpenOptions {
    let mut file = fs::OpenOptions::new();
    file.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
    file
}

impl Place {
    fn connect(&self) -> Result<Connection> {
        let failed = |error| failure(&self.path, error);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut conn = Connection::open_with_flags(&self.path, flags).map_err(failed)?;
        conn.busy_handler(Some(patience(PATIENCE)))
            .map_err(failed)?;
        let synchronous = match self.durability {
            Durability::Process => "NORMAL",
            Durability::Power => "FULL",
        };
        conn.pragma_update(None, "synchronous", synchronous)
            .map_err(failed)?;
        conn.pragma_update_and_check(None, "journal_size_limit", WAL_BYTES, |_| Ok(()))
            .map_err(failed)?;
        // A file that a stranger made must not call functions from its schema.
        conn.pragma_update(None, "trusted_schema", false)
            .map_err(failed)?;
        conn.set_prepared_statement_cache_capacity(32);
        Ok(conn)
    }

    /// Makes the file one with a write-ahead log, which it stays.
    fn use_wal(&self, conn: &Connection) -> Result<()> {
        let mut wait = patience(PATIENCE);
        for turn in 0.. {
            match conn
                .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0))
            {
                Ok(mode) if mode == "wal" => break,
                Ok(mode) => {
                    let path = self.path.display();
                    let error = error!(
                        Unavailable,
                        "the store '{path}' is on a file system that it cannot use (mode '{mode}')"
                    );
                    return Err(error.hint("choose a file on a local disk"));
                }
                // SQLite does not ask the busy handler if two connections change the mode of a new file at once.
                Err(error) if is_busy(&error) && wait(turn) => {}
                Err(error) => return Err(failure(&self.path, error)),
            }
        }
        Ok(())
    }

    fn wal(&self) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push("-wal");
        name.into()
    }

    /// Returns the bytes on disk.
    fn size(&self) -> Result<u64> {
        let mut bytes = 0;
        for path in [&self.path, &self.wal()] {
            match fs::metadata(path) {
                Ok(found) => bytes += found.len(),
                Err(cause) if cause.kind() == ErrorKind::NotFound => {}
                Err(cause) => return Err(io(path, "look at", cause)),
            }
        }
        Ok(bytes)
    }

    /// Waits until the disk has what was committed.
    ///
    /// All that is not yet in the database proper is in the write-ahead log; checkpoints see to the rest.
    fn sync(&self) -> Result<()> {
        let wal = self.wal();
        match fs::OpenOptions::new().write(true).open(&wal) {
            Ok(file) => file.sync_data().map_err(|cause| io(&wal, "flush", cause))?,
            Err(cause) if cause.kind() == ErrorKind::NotFound => {}
            Err(cause) => return Err(io(&wal, "open", cause)),
        }
        #[cfg(unix)]
        if let Some(folder) = self.path.parent() {
            let synced = fs::File::open(folder).and_then(|folder| folder.sync_all());
            synced.map_err(|cause| io(folder, "flush", cause))?;
        }
        Ok(())
    }
}

/// Returns what waits for a lock: it sleeps a little longer each turn, and says no once `most` has passed.
fn patience(most: Duration) -> impl FnMut(i32) -> bool + Send + 'static {
    let mut since = Instant::now();
    move |turn| {
        if turn == 0 {
            since = Instant::now();
        }
        // Another process holds the lock for some 50 µs per group of batches.
        #[expect(
            clippy::disallowed_methods,
            reason = "only threads of the store wait here, and the opening of a file"
        )]
        std::thread::sleep(Duration::from_micros(50 << turn.clamp(0, 7)));
        since.elapsed() < most
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked)
    )
}

impl Store for Sqlite {
    fn get<'a>(&'a self, key: &'a [u8]) -> BoxFuture<'a, Result<Option<Vec<u8>>>> {
        Box::pin(async move {
            let key = key.to_vec();
            self.readers.read(move |conn| read::get(conn, &key)).await
        })
    }

    fn scan(&self, scan: Scan) -> BoxFuture<'_, Result<Page>> {
        Box::pin(async move {
            let range = scan.range()?;
            self.readers
                .read(move |conn| match &range {
                    Some(range) => read::scan(conn, range, &scan),
                    None => Ok(Page::default()),
                })
                .await
        })
    }

    fn submit(&self, batch: Batch, done: Done) {
        match batch.check() {
            Ok(()) => self.writer.submit(batch, done),
            Err(error) => done(Err(error)),
        }
    }

    fn read_log<'a>(
        &'a self,
        name: &'a str,
        after: u64,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Entry>>> {
        Box::pin(async move {
            check_limit(limit)?;
            let name = name.to_owned();
            self.readers
                .read(move |conn| read::log(conn, &name, after, limit))
                .await
        })
    }

    fn log_len<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<u64>> {
        Box::pin(async move {
            let name = name.to_owned();
            self.readers
                .read(move |conn| read::log_len(conn, &name))
                .await
        })
    }

    fn blob(&self, hash: Hash) -> BoxFuture<'_, Result<Option<Vec<u8>>>> {
        Box::pin(async move {
            let mut found = self
                .readers
                .read(move |conn| read::blobs(conn, &[hash]))
                .await?;
            Ok(found.pop().flatten())
        })
    }

    fn blobs<'a>(&'a self, hashes: &'a [Hash]) -> BoxFuture<'a, Result<Vec<Option<Vec<u8>>>>> {
        Box::pin(async move {
            let hashes = hashes.to_vec();
            self.readers
                .read(move |conn| read::blobs(conn, &hashes))
                .await
        })
    }

    fn size(&self) -> BoxFuture<'_, Result<u64>> {
        Box::pin(async move {
            let place = Arc::clone(&self.place);
            self.readers.run(move |_| place.size()).await
        })
    }

    fn flush(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            let place = Arc::clone(&self.place);
            self.readers.run(move |_| place.sync()).await
        })
    }

    fn close(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            self.stop();
            self.writer.gone().await
        })
    }
}

impl Sqlite {
    /// Refuses new calls; the threads end when they have done what waits.
    fn stop(&self) {
        self.readers.stop();
        self.writer.stop();
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        self.stop();
    }
}

impl fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sqlite:{}", self.place.path.display())
    }
}
