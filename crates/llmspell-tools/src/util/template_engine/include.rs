//! Files that a template includes.

use std::io::{ErrorKind, Read as _};
use std::path::{Component, Path, PathBuf};

use llmspell_core::host::{Access, failure};
use llmspell_core::{Cx, Error, Files, Kind, Result, Value, error};

use super::{LIMIT, MAX_TEMPLATE, TemplateEngine};
use crate::param::fits;
use crate::worker;

/// Most files that a template includes, and names that it includes in vain.
const MAX_FILES: usize = 64;

/// Renders the template of a file; what it includes is looked for below the file's directory.
///
/// - Errors: those of rendering; `Denied` for what lies elsewhere; `Limit` for too many files, or too large ones.
pub(super) async fn rendered(cx: &Cx, mut a: TemplateEngine, path: String) -> Result<Value> {
    let work = move |files: &dyn Files, _: &Cx, asking: &worker::Asking| {
        let place = Place::of(files, Path::new(&path))?;
        let mut size = a.size();
        let (mut partials, mut absent) = (a.partials.take().unwrap_or_default(), Vec::new());
        let given = partials.len();
        loop {
            a.partials = Some(partials.clone());
            a.absent = Some(absent.clone());
            let answer = asking.ask(Value::from_serialize(&a)?).map_err(hinted)?;
            let Some(sought) = answer.get("sought").and_then(Value::as_list) else {
                return Ok(answer);
            };
            for name in sought.iter().filter_map(Value::as_str) {
                match place.read(name, &mut size)? {
                    Some(text) => drop(partials.insert(name.to_owned(), text.into())),
                    None => absent.push(name.to_owned()),
                }
            }
            if partials.len() - given + absent.len() > MAX_FILES {
                return Err(
                    error!(Limit, "the template includes more than {MAX_FILES} files")
                        .with("limit", MAX_FILES),
                );
            }
        }
    };
    worker::asked(cx, ("template_engine.run", LIMIT), work).await
}

fn hinted(error: Error) -> Error {
    match error.kind() {
        Kind::NotFound => error.hint("or put it below the directory of the template"),
        _ => error,
    }
}

/// Where a template stands.
struct Place<'a> {
    files: &'a dyn Files,
    directory: PathBuf,
    extension: Option<&'a str>,
}

impl<'a> Place<'a> {
    fn of(files: &'a dyn Files, template: &'a Path) -> Result<Self> {
        let parent = template
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty());
        let directory = parent.unwrap_or_else(|| files.working_dir());
        Ok(Self {
            directory: files.resolve(directory, Access::Read)?,
            extension: template
                .extension()
                .and_then(|extension| extension.to_str()),
            files,
        })
    }

    /// Reads the file that the template includes by this name, with or without the template's own extension; adds its
    /// size to `size`. `None` if there is none.
    fn read(&self, name: &str, size: &mut usize) -> Result<Option<String>> {
        let is_inner = |part| matches!(part, Component::Normal(_) | Component::CurDir);
        if name.is_empty() || !Path::new(name).components().all(is_inner) {
            return Err(elsewhere(name));
        }
        let with_extension = self
            .extension
            .map(|extension| format!("{name}.{extension}"));
        for name in [Some(name.to_owned()), with_extension]
            .into_iter()
            .flatten()
        {
            let path = self.directory.join(&name);
            let mut file = match self.files.open(&path) {
                Ok(file) => file,
                Err(error) if error.kind() == Kind::NotFound => continue,
                Err(error) => return Err(error),
            };
            if !file.entry().path.starts_with(&self.directory) {
                return Err(elsewhere(&name));
            }
            let mut text = String::new();
            let most = MAX_TEMPLATE.saturating_sub(*size) as u64 + 1;
            (&mut file)
                .take(most)
                .read_to_string(&mut text)
                .map_err(|cause| match cause.kind() {
                    ErrorKind::InvalidData => error!(Parse, "'{name}' is not UTF-8 text"),
                    _ => failure(&path, cause),
                })?;
            *size += text.len();
            fits("path", *size, MAX_TEMPLATE)?;
            return Ok(Some(text));
        }
        Ok(None)
    }
}

fn elsewhere(name: &str) -> Error {
    error!(
        Denied,
        "the template includes '{name:.200}', which is not below its directory: not permitted"
    )
    .hint("give its text in the parameter 'partials'")
}
