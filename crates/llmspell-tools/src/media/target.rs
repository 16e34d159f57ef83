//! Where a result is written.

use std::path::Path;

use llmspell_core::host::{Access, WriteMode};
use llmspell_core::{Files, Result, bail};

use crate::choice::choose;
use crate::param::{names, refused};

/// Refuses a target before any work is done for it.
///
/// - Errors: `Denied`; `Exists` if something is there and may not be replaced.
pub(super) fn check(files: &dyn Files, path: &str, overwrite: bool) -> Result<()> {
    let path = Path::new(path);
    files.resolve(path, Access::Write)?;
    if !overwrite && files.entry(path)?.is_some() {
        bail!(Exists, "'{}' exists already", path.display());
    }
    Ok(())
}

/// Returns the mode that `overwrite` stands for.
pub(super) fn mode(overwrite: bool) -> WriteMode {
    match overwrite {
        true => WriteMode::Replace,
        false => WriteMode::New,
    }
}

/// Returns the format that is asked for, by name or by the extension of the target.
///
/// - Errors: `InvalidArgs` if it is none of the `known` ones of `what`: sound, video, pictures.
pub(super) fn format(
    target: &str,
    given: Option<&str>,
    known: &[&'static [&'static str]],
    what: &str,
) -> Result<&'static str> {
    if let Some(given) = given {
        return choose("target_format", given, known);
    }
    let extension = Path::new(target)
        .extension()
        .and_then(|extension| extension.to_str());
    let extension = extension.unwrap_or_default().to_ascii_lowercase();
    let found = known
        .iter()
        .find(|names| names.contains(&extension.as_str()));
    found.map(|names| names[0]).ok_or_else(|| {
        let listed = names(known).join(", ");
        let message = format!(
            "the extension '{extension}' of parameter 'target_path' is no {what} format, expected one of: {listed}"
        );
        refused("target_path", message).hint("name the format in 'target_format'")
    })
}
