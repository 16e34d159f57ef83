//! Path patterns of the file policy: `**` stands for any number of directories, `*` and `?` stay within one name.

use std::path::Path;

use crate::layer::glob;

/// Returns whether an absolute path fits `pattern`, without regard to case.
///
/// `**/x/**` fits the directory `x` as well as everything in it.
pub(super) fn fits(pattern: &str, path: &Path) -> bool {
    let names: Vec<_> = path
        .components()
        .filter_map(|part| match part {
            std::path::Component::Normal(name) => Some(name.to_string_lossy()),
            _ => None,
        })
        .collect();
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    let pattern: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty()).collect();
    glob::fits(
        &pattern,
        &names,
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
            assert_eq!(fits(pattern, Path::new(path)), expected, "{pattern} {path}");
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
