//! Globs over names and paths: `*` and `?` stay within one name, `**` stands for any number of directories.

use std::path::Path;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use llmspell_core::Result;

use crate::param::refused;

/// Several globs. One without `/` is about the name of an entry, one with `/` about its path below the start.
#[derive(Debug)]
pub(super) struct Globs {
    names: GlobSet,
    paths: GlobSet,
}

impl Globs {
    /// Reads the globs that `parameter` gave.
    ///
    /// - Errors: `InvalidArgs` naming the glob that is none.
    pub(super) fn new<G: AsRef<str>>(parameter: &'static str, globs: &[G]) -> Result<Self> {
        Self::with_case(parameter, globs, true)
    }

    /// As `new`; unless `case` is true, upper and lower case do not differ.
    pub(super) fn with_case<G: AsRef<str>>(
        parameter: &'static str,
        globs: &[G],
        case: bool,
    ) -> Result<Self> {
        let (mut names, mut paths) = (GlobSetBuilder::new(), GlobSetBuilder::new());
        for glob in globs {
            let glob = glob.as_ref();
            let set = match glob.trim_end_matches('/').contains('/') {
                true => &mut paths,
                false => &mut names,
            };
            set.add(read(parameter, glob, case)?);
        }
        let built = |set: GlobSetBuilder| {
            set.build()
                .map_err(|cause| refused(parameter, format!("parameter '{parameter}': {cause}")))
        };
        Ok(Self {
            names: built(names)?,
            paths: built(paths)?,
        })
    }

    /// Reads one glob that is about the whole path below the start, also without `/`.
    ///
    /// - Errors: `InvalidArgs` if it is none.
    pub(super) fn whole(parameter: &'static str, glob: &str) -> Result<Self> {
        let mut paths = GlobSetBuilder::new();
        paths.add(read(parameter, glob, true)?);
        let paths = paths
            .build()
            .map_err(|cause| refused(parameter, format!("parameter '{parameter}': {cause}")))?;
        Ok(Self {
            names: GlobSet::empty(),
            paths,
        })
    }

    /// Returns whether one of the globs is about the entry with this path below the start.
    pub(super) fn fit(&self, relative: &Path) -> bool {
        let name = relative.file_name().unwrap_or_default();
        self.names.is_match(name) || self.paths.is_match(relative)
    }

    /// Returns whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty() && self.paths.is_empty()
    }
}

fn read(parameter: &'static str, glob: &str, case: bool) -> Result<globset::Glob> {
    let plain = glob.trim_start_matches("./").trim_end_matches('/');
    if plain.is_empty() {
        return Err(refused(
            parameter,
            format!("parameter '{parameter}': '{glob}' is no glob"),
        ));
    }
    GlobBuilder::new(plain)
        .literal_separator(true)
        .case_insensitive(!case)
        .build()
        .map_err(|cause| {
            let reason = cause.kind();
            refused(
                parameter,
                format!("parameter '{parameter}': '{glob}' is no glob: {reason}"),
            )
        })
}

/// Returns how deep below the start a glob can fit at most, in levels; `None` if there is no bound.
pub(super) fn depth(glob: &str) -> Option<usize> {
    let plain = glob.trim_start_matches("./").trim_end_matches('/');
    // Within braces the number of parts is not that of the text.
    if plain.contains("**") || plain.contains('{') {
        return None;
    }
    Some(plain.matches('/').count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glob_without_slash_is_about_the_name() {
        let globs = Globs::new("pattern", &["*.rs", "docs/*.md", "**/x/**"]).unwrap();
        let fits = |path: &str| globs.fit(Path::new(path));
        assert!(fits("a.rs") && fits("src/deep/a.rs"));
        assert!(fits("docs/a.md") && fits("a/x/b/c"));
        assert!(!fits("a.md") && !fits("docs/x.md/a") && !fits("docs/deep/a.md"));
    }

    #[test]
    fn a_whole_glob_is_about_the_path() {
        let fits = |glob, path| Globs::whole("pattern", glob).unwrap().fit(Path::new(path));
        assert!(fits("*.rs", "a.rs"));
        assert!(!fits("*.rs", "src/a.rs"));
        assert!(fits("**/*.rs", "a.rs") && fits("**/*.rs", "src/deep/a.rs"));
        assert!(fits("{a,b}/?.txt", "b/c.txt"));
    }

    #[test]
    fn what_is_no_glob_is_named() {
        let error = Globs::new("include", &["a[b"]).unwrap_err();
        assert!(error.message().contains("'a[b' is no glob"), "{error}");
        assert!(Globs::new("include", &[""]).is_err());
    }

    #[test]
    fn depths() {
        assert_eq!(depth("*.rs"), Some(1));
        assert_eq!(depth("./a/*.rs"), Some(2));
        assert_eq!(depth("**/*.rs"), None);
    }
}
