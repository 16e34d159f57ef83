//! A file of sound or video: what is known of it from its beginning, and how that is told.

use std::path::Path;

use llmspell_core::{Files, Map, Outcome, Result, Value, error};

/// A file, and its format if that is known.
pub(super) struct Found<F: 'static> {
    /// Its path, absolute.
    pub(super) shown: String,
    /// In bytes.
    pub(super) size: u64,
    pub(super) format: Option<&'static F>,
}

impl<F: 'static> Found<F> {
    /// Looks at a file, whose first `start` bytes tell its format.
    pub(super) fn of(
        files: &dyn Files,
        path: &str,
        start: usize,
        recognize: fn(&[u8]) -> Option<&'static F>,
    ) -> Result<Self> {
        let entry = files.open(Path::new(path))?.entry().clone();
        Ok(Self {
            shown: entry.path.display().to_string(),
            size: entry.size,
            format: recognize(&super::start(files, path, start)?),
        })
    }

    /// Returns the format, of a file that must have one.
    ///
    /// - Errors: `Unavailable`, naming what the file is not: `sound`, `video`.
    pub(super) fn known(&self, what: &str) -> Result<&'static F> {
        self.format.ok_or_else(|| {
            error!(
                Unavailable,
                "'{}' is no {what} file that this build knows", self.shown
            )
            .with("format", "unknown")
        })
    }

    /// Checks the size against the `max_file_bytes` of a tool.
    ///
    /// - Errors: `Limit`.
    pub(super) fn fits(&self, tool: &str, most: u64) -> Result<()> {
        let size = self.size;
        if size <= most {
            return Ok(());
        }
        Err(error!(
            Limit,
            "'{}' has {size} bytes, more than the limit of {most}", self.shown
        )
        .with("size", size)
        .with("limit", most)
        .hint(format!("raise `tools.{tool}.max_file_bytes`")))
    }

    /// Tells which format the file has, by name and media type.
    pub(super) fn detected(
        self,
        what: &str,
        format: Option<(&'static str, &'static str)>,
        supported: bool,
    ) -> Outcome {
        let name = format.map_or("unknown", |(name, _)| name);
        let data = Map::from([
            ("file_path", self.shown.into()),
            ("format", name.into()),
            ("mime_type", format.map(|(_, mime)| mime).into()),
            ("supported", supported.into()),
            ("recognized", format.is_some().into()),
        ]);
        let message = match format {
            Some(_) => format!("The file is {what} in the format {name}"),
            None => format!("The file is no known {what}"),
        };
        Outcome::new("detect", data).output(name).message(message)
    }

    /// Tells the facts of a file whose format has this name.
    pub(super) fn described(self, what: &str, name: Option<&str>, facts: Map) -> Outcome {
        let message = match (name, facts.get("duration")) {
            (Some(name), Some(Value::Float(seconds))) => {
                format!("The {what} lasts {seconds} s, {name}")
            }
            (Some(name), _) => format!("The file is {what} in the format {name}"),
            (None, _) => format!("The file is no known {what}"),
        };
        let data = Map::from([
            ("file_path", self.shown.into()),
            ("recognized", name.is_some().into()),
            ("metadata", facts.clone().into()),
        ]);
        Outcome::new("metadata", data)
            .output(facts)
            .message(message)
    }
}
