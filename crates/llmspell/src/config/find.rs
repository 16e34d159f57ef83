//! Where configuration files are looked for.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use llmspell_core::{Error, Kind, Result};

use super::Surroundings;
use super::tree::Document;

/// Names of the project file, nearest first.
pub const PROJECT_FILES: &[&str] = &[
    "llmspell.toml",
    ".llmspell.toml",
    "config/llmspell.toml",
    ".config/llmspell.toml",
];

/// Returns the places where the user file may stand; the first that exists counts.
pub fn user_files(surroundings: &Surroundings) -> Vec<PathBuf> {
    let home = surroundings.home.as_deref();
    let absolute = |name: &str| {
        surroundings
            .var(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let xdg = absolute("XDG_CONFIG_HOME").or_else(|| home.map(|home| home.join(".config")));
    let mut places: Vec<PathBuf> = xdg
        .into_iter()
        .map(|dir| dir.join("llmspell/config.toml"))
        .collect();
    if let Some(system) = surroundings.system_config.as_deref() {
        places.push(system.join("llmspell/config.toml"));
    }
    if let Some(home) = home {
        places.push(home.join(".llmspell/config.toml"));
        places.push(home.join(".llmspell.toml"));
    }
    places.dedup();
    places
}

/// Returns the files in force, the weaker first.
///
/// - Errors: `Config` if the file that was asked for is missing, or one cannot be read.
pub(super) fn files(
    explicit: Option<&Path>,
    surroundings: &Surroundings,
) -> Result<Vec<Arc<Document>>> {
    if let Some(path) = explicit {
        return Ok(vec![read(path, surroundings)?]);
    }
    let user = user_files(surroundings)
        .into_iter()
        .find(|path| path.is_file());
    let project = PROJECT_FILES
        .iter()
        .map(PathBuf::from)
        .find(|path| surroundings.cwd.join(path).is_file());
    user.into_iter()
        .chain(project)
        .map(|path| read(&path, surroundings))
        .collect()
}

fn read(path: &Path, surroundings: &Surroundings) -> Result<Arc<Document>> {
    let absolute = surroundings.cwd.join(path);
    let shown = path.display().to_string();
    let refused = |why: String| Error::new(Kind::Config, why).with("path", shown.as_str());
    let bytes = std::fs::read(&absolute).map_err(|failure| match failure.kind() {
        std::io::ErrorKind::NotFound => refused(format!("there is no configuration file {shown}"))
            .hint(format!("`llmspell init -o {shown}` writes one")),
        _ => refused(format!(
            "the configuration file {shown} cannot be read: {failure}"
        )),
    })?;
    let text = String::from_utf8(bytes)
        .map_err(|_| refused(format!("the configuration file {shown} is not UTF-8 text")))?;
    // A byte-order mark is no part of the document.
    let text = text
        .strip_prefix('\u{feff}')
        .map(str::to_owned)
        .unwrap_or(text);
    Ok(Arc::new(Document {
        path: absolute,
        shown,
        text,
    }))
}

/// Returns the directory for data: `./.llmspell` if it exists, else `$XDG_DATA_HOME/llmspell`.
pub(super) fn data_dir(surroundings: &Surroundings) -> PathBuf {
    let local = surroundings.cwd.join(".llmspell");
    if local.is_dir() {
        return local;
    }
    surroundings
        .var("XDG_DATA_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| {
            surroundings
                .home
                .as_deref()
                .map(|home| home.join(".local/share"))
        })
        .map_or(local, |data| data.join("llmspell"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surroundings(dir: &Path) -> Surroundings {
        Surroundings {
            variables: vec![(
                "XDG_CONFIG_HOME".into(),
                dir.join("xdg").display().to_string(),
            )],
            cwd: dir.join("project"),
            home: Some(dir.join("home")),
            system_config: None,
        }
    }

    fn write(path: PathBuf) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "").unwrap();
    }

    fn shown(explicit: Option<&Path>, surroundings: &Surroundings) -> Vec<String> {
        files(explicit, surroundings)
            .unwrap()
            .iter()
            .map(|source| source.path.display().to_string())
            .collect()
    }

    #[test]
    fn the_user_file_comes_before_the_project_file() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name).display().to_string();
        let world = surroundings(dir.path());
        std::fs::create_dir_all(&world.cwd).unwrap();
        assert!(shown(None, &world).is_empty());
        write(dir.path().join("home/.llmspell.toml"));
        write(dir.path().join("project/.config/llmspell.toml"));
        assert_eq!(
            shown(None, &world),
            [
                at("home/.llmspell.toml"),
                at("project/.config/llmspell.toml")
            ]
        );
        write(dir.path().join("xdg/llmspell/config.toml"));
        write(dir.path().join("project/.llmspell.toml"));
        assert_eq!(
            shown(None, &world),
            [at("xdg/llmspell/config.toml"), at("project/.llmspell.toml")]
        );
        write(dir.path().join("project/llmspell.toml"));
        assert_eq!(shown(None, &world)[1], at("project/llmspell.toml"));
    }

    #[test]
    fn an_explicit_file_replaces_both_and_must_exist() {
        let dir = tempfile::tempdir().unwrap();
        let world = surroundings(dir.path());
        write(dir.path().join("project/llmspell.toml"));
        write(dir.path().join("project/other.toml"));
        assert_eq!(
            shown(Some(Path::new("other.toml")), &world),
            [dir.path().join("project/other.toml").display().to_string()]
        );
        let error = files(Some(Path::new("gone.toml")), &world).unwrap_err();
        assert_eq!(error.kind(), Kind::Config);
        assert!(error.message().contains("gone.toml"));
    }

    #[test]
    fn parents_are_not_searched() {
        let dir = tempfile::tempdir().unwrap();
        let mut world = surroundings(dir.path());
        write(dir.path().join("project/llmspell.toml"));
        world.cwd = dir.path().join("project/sub");
        std::fs::create_dir_all(&world.cwd).unwrap();
        assert!(shown(None, &world).is_empty());
    }

    #[test]
    fn data_goes_to_the_project_if_it_has_a_place() {
        let dir = tempfile::tempdir().unwrap();
        let mut world = surroundings(dir.path());
        assert_eq!(
            data_dir(&world),
            dir.path().join("home/.local/share/llmspell")
        );
        world
            .variables
            .push(("XDG_DATA_HOME".into(), "/data".into()));
        assert_eq!(data_dir(&world), Path::new("/data/llmspell"));
        std::fs::create_dir_all(world.cwd.join(".llmspell")).unwrap();
        assert_eq!(data_dir(&world), world.cwd.join(".llmspell"));
    }
}
