//! The files beside a script that it may load.

use std::path::{Path, PathBuf};

use llmspell_core::{Error, Kind, Result};

/// Largest source file that is loaded.
const MAX_BYTES: u64 = 16 << 20;

/// The folder of a script as it was given, and as it really is.
pub(crate) struct Sources {
    shown: PathBuf,
    real: PathBuf,
}

/// A file below the folder.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// The path as messages and stacks show it.
    pub(crate) shown: String,
    /// The path relative to the folder.
    pub(crate) below: PathBuf,
    real: PathBuf,
}

impl Sources {
    /// Looks at the folder of a script.
    ///
    /// - Errors: `Unavailable` for a script without a folder; `Io` if it cannot be read.
    pub(crate) fn open(dir: Option<PathBuf>) -> Result<Self> {
        let Some(shown) = dir else {
            return Err(Error::new(
                Kind::Unavailable,
                "this script has no folder from which it could load modules",
            )
            .hint("put it into a file and run that"));
        };
        let here = if shown.as_os_str().is_empty() {
            Path::new(".")
        } else {
            &shown
        };
        let real = here.canonicalize().map_err(|failure| {
            llmspell_core::error!(
                Io,
                "the script's folder '{}' cannot be read: {failure}",
                here.display()
            )
        })?;
        Ok(Self { shown, real })
    }

    /// Finds a file below the folder, if there is one.
    ///
    /// - Errors: `Denied` if the path leads out of the folder, also over a link.
    pub(crate) fn find(&self, relative: &Path) -> Result<Option<Source>> {
        if relative.as_os_str().as_encoded_bytes().contains(&0) {
            return Ok(None);
        }
        let Ok(real) = self.real.join(relative).canonicalize() else {
            return Ok(None);
        };
        let Ok(below) = real.strip_prefix(&self.real).map(Path::to_owned) else {
            return Err(llmspell_core::error!(
                Denied,
                "'{}' lies outside the folder of the script",
                relative.display()
            )
            .hint("modules must be files beside the script or below its folder"));
        };
        Ok(real.is_file().then(|| Source {
            shown: self.shown.join(&below).display().to_string(),
            below,
            real,
        }))
    }
}

impl Source {
    /// Reads the text.
    ///
    /// - Errors: `Io`, `Limit` for large files, `Parse` for what is no UTF-8.
    pub(crate) fn read(&self) -> Result<String> {
        let shown = &self.shown;
        let failed = |failure: std::io::Error| {
            llmspell_core::error!(Io, "'{shown}' cannot be read: {failure}")
                .with("path", shown.clone())
        };
        let size = std::fs::metadata(&self.real).map_err(failed)?.len();
        if size > MAX_BYTES {
            return Err(llmspell_core::error!(
                Limit,
                "'{shown}' has {size} bytes; a module may have {MAX_BYTES}"
            )
            .with("limit", MAX_BYTES)
            .with("value", size));
        }
        let bytes = std::fs::read(&self.real).map_err(failed)?;
        String::from_utf8(bytes).map_err(|_| {
            llmspell_core::error!(Parse, "'{shown}' is not UTF-8 text").with("path", shown.clone())
        })
    }
}
