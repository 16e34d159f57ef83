//! The repository's files, read once.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// One text file.
pub(crate) struct File {
    /// Relative to the repository's root, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl File {
    /// Returns the folder of the crate that the file belongs to: `llmspell-core`, `xtask`.
    pub(crate) fn package(&self) -> &str {
        self.path
            .strip_prefix("crates/")
            .unwrap_or(&self.path)
            .split('/')
            .next()
            .unwrap_or_default()
    }

    /// Returns whether the file is shipped code rather than a test or a bench.
    pub(crate) fn is_shipped(&self) -> bool {
        self.path.ends_with(".rs")
            && self.path.contains("/src/")
            && !self.path.ends_with("/test_world.rs")
            && !self.path.ends_with("/test_site.rs")
    }

    /// Returns the code without the unit tests at its end and without comments.
    pub(crate) fn code(&self) -> String {
        let end = self
            .text
            .find("#[cfg(test)]\nmod ")
            .unwrap_or(self.text.len());
        self.text[..end]
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .fold(String::new(), |mut code, line| {
                code.push_str(line);
                code.push('\n');
                code
            })
    }
}

/// The repository.
pub(crate) struct Tree {
    pub(crate) root: PathBuf,
    pub(crate) files: Vec<File>,
}

impl Tree {
    /// Reads every Rust source and manifest below the repository's root.
    pub(crate) fn read() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .context("xtask lies in the repository")?
            .to_owned();
        let mut files = Vec::new();
        for folder in ["crates", "xtask"] {
            read_folder(&root, &root.join(folder), &mut files)?;
        }
        files.sort_by(|left, right| left.path.cmp(&right.path));
        Ok(Self { root, files })
    }

    /// Returns the shipped Rust files.
    pub(crate) fn shipped(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.is_shipped())
    }
}

fn read_folder(root: &Path, folder: &Path, files: &mut Vec<File>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        if path.is_dir() {
            if !matches!(name, "target" | "snapshots" | "corpus" | "artifacts") {
                read_folder(root, &path, files)?;
            }
        } else if name.ends_with(".rs") || name == "Cargo.toml" {
            let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            files.push(File {
                path: path
                    .strip_prefix(root)?
                    .to_string_lossy()
                    .replace('\\', "/"),
                text,
            });
        }
    }
    Ok(())
}

/// Returns the names of the public types that a text declares.
pub(crate) fn public_types(code: &str) -> impl Iterator<Item = (&'static str, &str)> {
    code.lines().filter_map(|line| {
        let rest = line.strip_prefix("pub ")?;
        ["struct", "enum", "trait"].into_iter().find_map(|word| {
            let name = rest.strip_prefix(word)?.strip_prefix(' ')?;
            let end = name
                .find(|letter: char| !letter.is_alphanumeric())
                .unwrap_or(name.len());
            Some((word, &name[..end]))
        })
    })
}
