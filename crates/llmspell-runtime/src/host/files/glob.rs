//! Path patterns of the file policy: `**` stands for any number of directories, `*` and `?` stay within one name.

use std::borrow::Cow;
use std::path::{Component, Path};

use crate::glob;

/// Returns the names in an absolute path, as patterns see them.
pub(super) fn names(path: &Path) -> Vec<Cow<'_, str>> {
    let names = path.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy()),
        _ => None,
    });
    names.collect()
}

/// Returns whether the absolute path with these names fits `pattern`, without regard to case.
///
/// `**/x/**` fits the directory `x` as well as everything in it.
pub(super) fn fits(pattern: &str, names: &[Cow<'_, str>]) -> bool {
    let parts = pattern.split('/').filter(|part| !part.is_empty());
    // Every access asks for every pattern; mostly the last name decides.
    if let (Some(last), Some(name)) = (parts.clone().next_back(), names.last())
        && last != "**"
        && !glob::matches_any_case(last, name)
    {
        return false;
    }
    let pattern: Vec<&str> = parts.collect();
    glob::fits(
        &pattern,
        names,
        |part| *part == "**",
        |part, name| glob::matches_any_case(part, name),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        let check = |pattern, path, expected| {
            let names = names(Path::new(path));
            assert_eq!(fits(pattern, &names), expected, "{pattern} {path}");
        };
        check("**/.env", "/a/b/.env", true);
        check("**/.env", "/.ENV", true);
        check("**/.env", "/a/.env.local", false);
        check("**/.env.*", "/a/.env.local", true);
        check("**/*.pem", "/a/b/key.pem", true);
        check("**/.ssh/**", "/home/u/.ssh/config", true);
        check("**/.ssh/**", "/home/u/.ssh/a/b", true);
        check("**/.ssh/**", "/home/u/.ssh", true);
        check("**/.ssh/**", "/home/u/.sshx/config", false);
        check("**/.git/config", "/p/.git/config", true);
        check("**/.git/config", "/p/.git/x/config", false);
        check("/srv/*/private", "/srv/a/private", true);
        check("/srv/*/private", "/srv/a/b/private", false);
        check("**", "/", true);
    }
}
