//! `[security.files]`.

use std::path::Path;

use llmspell_core::{Result, error};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::glob;

/// Files that are denied unless said otherwise: what usually holds keys.
const DENY: &[&str] = &[
    "**/.git/config",
    "**/.env",
    "**/.env.*",
    "**/*.pem",
    "**/id_rsa*",
    "**/.ssh/**",
    "**/.aws/**",
];

/// Which files spells and tools reach.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct FileRules {
    /// Directories in which files may be read and changed. `${cwd}` is the working directory, `${run_tmp}` a directory
    /// of the run's own.
    pub roots: Vec<String>,
    /// Directories in which files may only be read.
    pub read_only_roots: Vec<String>,
    /// Whether the system's directory for temporary files is a root as well; what others own in it stays out of reach.
    pub shared_tmp: bool,
    /// Globs over absolute paths that are refused; `**` stands for any number of directories.
    pub deny: Vec<String>,
    /// When not empty, only files with one of these extensions are opened.
    pub allow_extensions: Vec<String>,
    /// Files with these extensions are not opened.
    pub deny_extensions: Vec<String>,
    /// Largest file that is read into memory or written, in bytes.
    #[schemars(range(min = 1))]
    pub max_file_bytes: u64,
    /// Most bytes that a run writes in all.
    #[schemars(range(min = 1))]
    pub max_total_write_bytes: u64,
    /// Whether the run's own directory stays when the run has ended.
    pub keep_tmp: bool,
}

impl Default for FileRules {
    /// The working directory, the run's own directory and the system's one for temporary files.
    fn default() -> Self {
        Self {
            roots: vec!["${cwd}".into(), "${run_tmp}".into()],
            read_only_roots: Vec::new(),
            shared_tmp: true,
            deny: DENY.iter().map(|&glob| glob.into()).collect(),
            allow_extensions: Vec::new(),
            deny_extensions: Vec::new(),
            max_file_bytes: 100 << 20,
            max_total_write_bytes: 1 << 30,
            keep_tmp: false,
        }
    }
}

/// File systems of the kernel's own, in which a file is no file.
const KERNEL: &[&str] = &["/proc", "/sys"];

impl FileRules {
    /// Returns an error if a resolved path is refused wherever it is.
    pub(super) fn check(&self, path: &Path) -> Result<()> {
        if KERNEL.iter().any(|kernel| path.starts_with(kernel)) {
            return Err(error!(
                Denied,
                "'{}' is not a file of a disk: not permitted",
                path.display()
            ));
        }
        let names = glob::names(path);
        match self.deny.iter().find(|pattern| glob::fits(pattern, &names)) {
            None => Ok(()),
            Some(pattern) => Err(
                error!(Denied, "access to '{}' is not permitted", path.display())
                    .with("resource", path.display().to_string())
                    .with("setting", "security.files.deny")
                    .hint(format!("'{pattern}' stands in `security.files.deny`")),
            ),
        }
    }

    /// Returns an error if a file of this name is not opened because of its extension.
    pub(super) fn check_extension(&self, path: &Path) -> Result<()> {
        if self.allow_extensions.is_empty() && self.deny_extensions.is_empty() {
            return Ok(());
        }
        let extension = path.extension().unwrap_or_default().to_string_lossy();
        let named = |list: &[String]| {
            list.iter().any(|known| {
                known
                    .trim_start_matches(['*', '.'])
                    .eq_ignore_ascii_case(&extension)
            })
        };
        let (allowed, denied) = (&self.allow_extensions, &self.deny_extensions);
        let key = match (allowed.is_empty() || named(allowed), named(denied)) {
            (true, false) => return Ok(()),
            (_, true) => "deny_extensions",
            (false, false) => "allow_extensions",
        };
        Err(error!(
            Denied,
            "'{}' is not permitted because of its extension",
            path.display()
        )
        .with("resource", path.display().to_string())
        .with("setting", format!("security.files.{key}"))
        .hint(format!("see `security.files.{key}`")))
    }
}
