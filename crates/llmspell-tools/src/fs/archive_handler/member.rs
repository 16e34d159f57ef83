//! What stands in an archive, and what of it is wanted.

use std::borrow::Cow;
use std::cell::Cell;
use std::io::Read;
use std::path::{Path, PathBuf};

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use llmspell_core::{Result, Value, bail};

use crate::fs::entry::moment;
use crate::fs::pattern::Globs;
use crate::param::{refused, texts};

/// Most parts of a name.
const MOST_PARTS: usize = 100;

/// What an entry of an archive is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    File,
    Directory,
    Symlink,
    Hardlink,
    Other,
}

impl Type {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Directory => "directory",
            Self::Symlink => "symlink",
            Self::Hardlink => "hardlink",
            Self::Other => "other",
        }
    }
}

/// An entry of an archive, as the archive describes it.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) kind: Type,
    pub(super) size: Option<u64>,
    pub(super) compressed: Option<u64>,
    /// Microseconds since 1970.
    pub(super) modified: Option<i64>,
    pub(super) mode: Option<u32>,
    pub(super) crc32: Option<u32>,
    /// Where a link leads to, unless that is its content.
    pub(super) target: Option<String>,
}

impl Member {
    pub(super) fn of_zip(entry: &zip::read::ZipFileEntry<'_>) -> Self {
        let name = match entry.name() {
            Ok(name) => name.into_owned(),
            Err(_) => String::from_utf8_lossy(entry.name_raw()).into_owned(),
        };
        let kind = if entry.is_dir() {
            Type::Directory
        } else if entry.is_symlink() {
            Type::Symlink
        } else {
            match entry.unix_mode().map_or(0, |mode| mode & 0o170_000) {
                0 | 0o100_000 => Type::File,
                _ => Type::Other,
            }
        };
        let modified = entry.last_modified().and_then(|told| {
            let [month, day, hour, minute, second] = [
                told.month(),
                told.day(),
                told.hour(),
                told.minute(),
                told.second(),
            ]
            .map(|part| i8::try_from(part).unwrap_or(0));
            let year = i16::try_from(told.year()).ok()?;
            let civil = DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
            let zoned = civil.to_zoned(TimeZone::UTC).ok()?;
            Some(zoned.timestamp().as_microsecond())
        });
        Self {
            name,
            kind,
            size: Some(entry.size()),
            compressed: Some(entry.compressed_size()),
            modified,
            mode: entry.unix_mode().map(|mode| mode & 0o7777),
            crc32: (kind == Type::File).then(|| entry.crc32()),
            target: None,
        }
    }

    pub(super) fn of_tar<R: Read>(entry: &tar::Entry<'_, R>) -> Self {
        let header = entry.header();
        let kind = match header.entry_type() {
            kind if kind.is_dir() => Type::Directory,
            kind if kind.is_symlink() => Type::Symlink,
            kind if kind.is_hard_link() => Type::Hardlink,
            kind if kind.is_file() || kind.is_contiguous() || kind.is_gnu_sparse() => Type::File,
            _ => Type::Other,
        };
        let text = |bytes: Cow<'_, [u8]>| String::from_utf8_lossy(&bytes).into_owned();
        let seconds = header
            .mtime()
            .ok()
            .and_then(|time| i64::try_from(time).ok());
        Self {
            name: text(entry.path_bytes()),
            kind,
            size: Some(entry.size()),
            compressed: None,
            modified: seconds.and_then(|seconds| seconds.checked_mul(1_000_000)),
            mode: header.mode().ok().map(|mode| mode & 0o7777),
            crc32: None,
            target: entry.link_name_bytes().map(text),
        }
    }

    pub(super) fn modified_shown(&self) -> Option<String> {
        self.modified.and_then(moment)
    }
}

/// Returns the path below a target that a name in an archive stands for; a reason if it leads out of it.
pub(super) fn below(name: &str) -> Result<PathBuf, &'static str> {
    // Archives made on Windows have it between the parts.
    let name = name.replace('\\', "/");
    if name.contains('\0') {
        return Err("the name has a NUL");
    }
    if name.starts_with('/') {
        return Err("the name is an absolute path");
    }
    let parts: Vec<&str> = name
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .collect();
    let drive = |part: &&str| {
        let mut letters = part.chars();
        letters
            .next()
            .is_some_and(|letter| letter.is_ascii_alphabetic())
            && letters.next() == Some(':')
    };
    if parts.first().is_some_and(drive) {
        return Err("the name has a drive letter");
    }
    if parts.contains(&"..") {
        return Err("the name leads out of the target");
    }
    if parts.len() > MOST_PARTS {
        return Err("the name has too many parts");
    }
    Ok(parts.iter().collect())
}

/// Names and globs of wanted members.
pub(super) struct Selection(Option<Vec<Wanted>>);

struct Wanted {
    text: String,
    globs: Globs,
    used: Cell<bool>,
}

impl Selection {
    /// Everything is wanted.
    pub(super) fn all() -> Self {
        Self(None)
    }

    /// Reads the parameter `members`.
    pub(super) fn new(given: &Value) -> Result<Self> {
        let wanted = |text: &str| {
            Ok(Wanted {
                text: text.trim_end_matches('/').to_owned(),
                // A name that is no glob is a name.
                globs: Globs::whole("members", text)
                    .or_else(|_| Globs::new::<&str>("members", &[]))?,
                used: Cell::new(false),
            })
        };
        let texts = texts("members", given)?;
        if texts.contains(&"") {
            return Err(refused("members", "parameter 'members' has an empty name"));
        }
        let wanted = texts.into_iter().map(wanted);
        Ok(Self(Some(wanted.collect::<Result<_>>()?)))
    }

    /// Returns whether a member is wanted; what stands in a wanted directory is.
    pub(super) fn wants(&self, name: &str) -> bool {
        let Some(wanted) = &self.0 else {
            return true;
        };
        let name = name.trim_end_matches('/');
        let fits = |wanted: &&Wanted| {
            let inside = name.strip_prefix(&*wanted.text);
            inside.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                || wanted.globs.fit(Path::new(name))
        };
        let mut any = false;
        for wanted in wanted.iter().filter(fits) {
            wanted.used.set(true);
            any = true;
        }
        any
    }

    /// Returns an error if something was wanted that is not there.
    pub(super) fn check(&self) -> Result<()> {
        let unused = self.0.iter().flatten().find(|wanted| !wanted.used.get());
        if let Some(unused) = unused {
            bail!(NotFound, "the archive has no member '{}'", unused.text);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_out_are_refused() {
        for name in [
            "../a",
            "a/../../b",
            "a/..",
            "/etc/passwd",
            "\\\\server\\a",
            "..\\a",
            "C:\\a",
            "c:a",
            "a\0b",
        ] {
            assert!(below(name).is_err(), "{name:?}");
        }
        assert!(below(&"a/".repeat(101)).is_err());
        assert_eq!(below("./a//b/./c").unwrap(), Path::new("a/b/c"));
        assert_eq!(below("a\\b").unwrap(), Path::new("a/b"));
        assert_eq!(below("..a/b..").unwrap(), Path::new("..a/b.."));
    }

    #[test]
    fn members_are_selected_by_name_directory_and_glob() {
        let selection = Selection::new(&vec!["a.txt", "dir", "*.md", "none"].into()).unwrap();
        assert!(selection.wants("a.txt") && selection.wants("dir/x") && selection.wants("dir/"));
        assert!(
            selection.wants("b.md") && !selection.wants("sub/b.md") && !selection.wants("dirx")
        );
        assert!(selection.check().unwrap_err().message().contains("'none'"));
    }
}
