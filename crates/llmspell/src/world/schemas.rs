//! The schemas of state in a directory: `*.toml` and `*.json`.

use std::fs;
use std::path::{Path, PathBuf};

use llmspell_core::host::failure;
use llmspell_core::{Error, Result, error};
use llmspell_runtime::state::migration::Schema;

/// Reads the schemas of a directory in the order of their names.
///
/// - Errors: `Config` for a directory that cannot be read, or naming the file that is wrong.
pub(super) fn read(directory: &Path) -> Result<Vec<Schema>> {
    let refused = |error: std::io::Error| {
        let message = failure(directory, error).message().to_owned();
        error!(Config, "`state.schema_directory`: {message}")
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).map_err(refused)? {
        files.push(entry.map_err(refused)?.path());
    }
    files.sort();
    let schemas = files.into_iter().filter_map(|file| one(&file).transpose());
    schemas.collect()
}

/// Reads one file, if it is a schema.
fn one(file: &PathBuf) -> Result<Option<Schema>> {
    let wrong = |why: String| -> Error { error!(Config, "'{}': {why}", file.display()) };
    let read = || fs::read_to_string(file).map_err(|error| wrong(error.to_string()));
    let schema = match file.extension().and_then(|extension| extension.to_str()) {
        Some("toml") => toml::from_str(&read()?).map_err(|error| error.to_string()),
        Some("json") => serde_json::from_str(&read()?).map_err(|error| error.to_string()),
        _ => return Ok(None),
    };
    schema.map(Some).map_err(wrong)
}

#[cfg(test)]
mod tests {
    use llmspell_core::Kind;

    use super::*;

    #[test]
    fn both_forms_are_read_and_other_files_are_not() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
        write(
            "b.toml",
            "version = '1.1.0'\n[[migrations]]\nfrom = '1.0.0'\ntransformations = [{transform = 'remove', field = 'x'}]\n[fields.name]\ntype = 'string'\nrequired = true\ndefault = '?'\n",
        );
        write(
            "a.json",
            r#"{"version": "1.2.0", "compatible_with": ["1.1.0"]}"#,
        );
        write("notes.txt", "nothing");
        let schemas = read(dir.path()).unwrap();
        let versions: Vec<_> = schemas.iter().map(|schema| &*schema.version).collect();
        assert_eq!(versions, ["1.2.0", "1.1.0"]);
        assert!(schemas[1].fields["name"].required);
        assert_eq!(schemas[1].migrations[0].from, "1.0.0");
        write("c.toml", "version = 1");
        let error = read(dir.path()).unwrap_err();
        assert_eq!(error.kind(), Kind::Config);
        assert!(error.message().contains("c.toml"), "{error}");
        assert!(read(&dir.path().join("missing")).is_err());
    }
}
