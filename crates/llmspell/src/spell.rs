//! The simplest way to run a spell from Rust.

use std::path::Path;

use llmspell_core::{Error, Kind, Result};
use llmspell_script::Script;

use crate::config::{Draft, Language, Loaded, Selection, Surroundings};
use crate::names::names;
use crate::world::{Options, Ran, World};

/// A spell that can be run.
pub struct Spell {
    script: Script,
    language: Option<Language>,
    loaded: Option<Loaded>,
    options: Options,
}

impl Spell {
    /// Takes a spell's source; `name` stands for it in errors, and its extension names the language.
    pub fn new(name: impl Into<String>, source: impl Into<String>) -> Self {
        let script = Script::new(name, source);
        let extension = Path::new(&script.name)
            .extension()
            .and_then(|extension| extension.to_str());
        Self {
            language: extension.and_then(Language::from_extension),
            script,
            loaded: None,
            options: Options::default(),
        }
    }

    /// Reads a spell from a file, which may load the modules beside it.
    ///
    /// - Errors: `Io` if the file cannot be read.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let name = path.display().to_string();
        let source = std::fs::read_to_string(path)
            .map_err(|failure| Error::new(Kind::Io, format!("{name} cannot be read: {failure}")))?;
        let mut spell = Self::new(name, source);
        spell.script.dir = path.parent().map(Path::to_owned);
        Ok(spell)
    }

    /// Sets the arguments of the spell.
    #[must_use]
    pub fn args(mut self, args: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.script.args = args.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the language, in place of what the name says.
    #[must_use]
    pub fn language(mut self, language: Language) -> Self {
        self.language = Some(language);
        self
    }

    /// Sets the configuration, in place of the files and variables of this process.
    #[must_use]
    pub fn config(mut self, loaded: Loaded) -> Self {
        self.loaded = Some(loaded);
        self
    }

    /// Sets output, observers, session and what may stop the run.
    #[must_use]
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Runs the spell. Needs a tokio runtime with all drivers.
    ///
    /// - Errors: `Config` and `Unavailable` for what keeps the spell from being started. What the spell itself raises
    ///   is in [`Ran::results`].
    /// - Cancel: dropping the future stops the spell at once.
    pub async fn run(self) -> Result<Ran> {
        let loaded = match self.loaded {
            Some(loaded) => loaded,
            None => Draft::read(
                &Selection::default(),
                &Surroundings::of_process()?,
                &names(),
            )?
            .load()?,
        };
        let language = self.language.unwrap_or(loaded.config.default_engine);
        World::open(&loaded, language, &self.script, self.options)?
            .run(self.script)
            .await
    }
}
