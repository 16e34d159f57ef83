//! A file of log records that begins anew when it is full.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use llmspell_core::{Result, error};
use parking_lot::Mutex;

/// A file that records are added to. When it has no room for a record, it is renamed `FILE.1`, what was `FILE.1` is
/// `FILE.2`, and so on.
///
/// Processes that write to the same file each add whole records; one that does not notice that another began anew goes on
/// in the old one.
#[derive(Debug)]
pub(crate) struct LogFile {
    path: PathBuf,
    max_bytes: u64,
    keep: u32,
    open: Mutex<Open>,
}

#[derive(Debug)]
struct Open {
    file: File,
    size: u64,
}

impl LogFile {
    /// Opens a file, and makes it and its directory if there is none. It gets at most `max_bytes`, 0 being no limit, and
    /// `keep` older ones stay.
    ///
    /// - Errors: `Config` if it cannot be written.
    pub(crate) fn open(path: &Path, max_bytes: u64, keep: u32) -> Result<Self> {
        let opened = match path.parent() {
            Some(parent) => fs::create_dir_all(parent).and_then(|()| Open::append(path)),
            None => Open::append(path),
        };
        let open = opened.map_err(|failure| {
            let path = path.display();
            error!(
                Config,
                "'logging.file' cannot be written: {path}: {failure}"
            )
        })?;
        Ok(Self {
            path: path.to_owned(),
            max_bytes,
            keep,
            open: Mutex::new(open),
        })
    }

    /// Puts the file aside and begins anew.
    fn rotate(&self, open: &mut Open) -> io::Result<()> {
        for number in (1..self.keep).rev() {
            let older = self.numbered(number + 1);
            // Not all of them exist from the start.
            fs::rename(self.numbered(number), older).ok();
        }
        match self.keep {
            0 => fs::remove_file(&self.path)?,
            _ => fs::rename(&self.path, self.numbered(1))?,
        }
        *open = Open::append(&self.path)?;
        Ok(())
    }

    fn numbered(&self, number: u32) -> PathBuf {
        let mut name = OsString::from(&self.path);
        name.push(format!(".{number}"));
        name.into()
    }
}

impl Open {
    fn append(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        let file = options.open(path)?;
        let size = file.metadata()?.len();
        Ok(Self { file, size })
    }
}

impl Write for &LogFile {
    /// Adds a record, which stays in one file.
    fn write(&mut self, record: &[u8]) -> io::Result<usize> {
        let mut open = self.open.lock();
        let size = open.size.saturating_add(record.len() as u64);
        if self.max_bytes > 0 && open.size > 0 && size > self.max_bytes {
            self.rotate(&mut open)?;
        }
        open.file.write_all(record)?;
        open.size += record.len() as u64;
        Ok(record.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(max_bytes: u64, keep: u32, records: &[&str]) -> Vec<(String, String)> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("logs/x.log");
        for record in records {
            // Each time as another process would.
            let file = LogFile::open(&path, max_bytes, keep).unwrap();
            (&file).write_all(record.as_bytes()).unwrap();
        }
        let mut files: Vec<_> = fs::read_dir(path.parent().unwrap())
            .unwrap()
            .map(|entry| {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                (name, fs::read_to_string(&path).unwrap())
            })
            .collect();
        files.sort();
        files
    }

    fn check(max_bytes: u64, keep: u32, records: &[&str], expected: &[(&str, &str)]) {
        let expected: Vec<_> = expected
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect();
        assert_eq!(written(max_bytes, keep, records), expected);
    }

    #[test]
    fn a_full_file_is_put_aside_and_old_ones_go() {
        let records = ["one\n", "two\n", "three\n", "four\n", "five\n"];
        check(
            0,
            5,
            &records,
            &[("x.log", "one\ntwo\nthree\nfour\nfive\n")],
        );
        check(
            9,
            2,
            &records,
            &[
                ("x.log", "five\n"),
                ("x.log.1", "four\n"),
                ("x.log.2", "three\n"),
            ],
        );
        check(9, 0, &records, &[("x.log", "five\n")]);
        // A record is never cut.
        check(2, 1, &["long\n"], &[("x.log", "long\n")]);
    }

    #[test]
    fn a_file_that_cannot_be_written_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let error = LogFile::open(dir.path(), 0, 5).unwrap_err();
        assert!(
            error
                .message()
                .starts_with("'logging.file' cannot be written: ")
        );
    }
}
