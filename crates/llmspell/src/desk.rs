//! What every command starts from: the flags, the screen, and the configuration when it is asked for.

use llmspell::config::{self, Draft, Loaded, Selection, Severity, Surroundings};
use llmspell_core::Result;

use crate::cli::{Color, Global, LogFormat};
use crate::output::{Screen, log, paint};

/// The flags and the screen of this process.
#[derive(Clone, Debug)]
pub(crate) struct Desk {
    /// The global flags.
    pub(crate) flags: Global,
    /// Where output goes.
    pub(crate) screen: Screen,
}

impl Desk {
    /// Makes the desk from the flags.
    pub(crate) fn new(flags: Global) -> Self {
        let color = match flags.color {
            Some(Color::Always) => Some(true),
            Some(Color::Never) => Some(false),
            Some(Color::Auto) | None => None,
        };
        let screen = Screen::new(flags.output, color, flags.quiet);
        Self { flags, screen }
    }

    /// Reads the configuration with these additional assignments.
    pub(crate) fn draft(&self, more: Vec<(String, String)>) -> Result<Draft> {
        let set = self
            .flags
            .set
            .iter()
            .map(|text| ("--set".to_owned(), text.clone()));
        let request = Selection {
            file: self.flags.config.clone(),
            no_files: self.flags.no_config,
            profile: self.flags.profile.clone(),
            set: set.chain(more).collect(),
        };
        Draft::read(&request, &Surroundings::of_process()?, &llmspell::names())
    }

    /// Reads the configuration, shows its warnings and starts logging.
    ///
    /// - Errors: `Config` with file, line and column.
    pub(crate) fn load(&mut self, more: Vec<(String, String)>) -> Result<Loaded> {
        let draft = self.draft(more)?;
        let warnings: Vec<String> = draft
            .findings
            .iter()
            .filter(|finding| finding.severity == Severity::Warning)
            .map(|finding| match &finding.origin {
                Some(origin) => format!("{origin}: {}", finding.text()),
                None => finding.text(),
            })
            .collect();
        let mut loaded = draft.load()?;
        self.colours(&loaded);
        for warning in warnings {
            self.screen.warning(&warning);
        }
        if let Some(format) = self.flags.log_format {
            loaded.config.logging.format = match format {
                LogFormat::Text => config::LogFormat::Text,
                LogFormat::Json => config::LogFormat::Json,
            };
        }
        let wanted = log::Wanted {
            verbose: self.flags.verbose,
            quiet: self.flags.quiet,
            color: self.screen.error_color,
        };
        let rust_log = loaded
            .variables
            .iter()
            .find(|(name, value)| name == "RUST_LOG" && !value.is_empty());
        log::start(
            wanted,
            &loaded.config.logging,
            rust_log.map(|(_, value)| value.as_str()),
            loaded.redact.clone(),
        )?;
        Ok(loaded)
    }

    /// The configuration may set colours where no flag does.
    fn colours(&mut self, loaded: &Loaded) {
        let forced = match (self.flags.color, loaded.config.logging.color) {
            (None, config::Color::Always) => true,
            (None, config::Color::Never) => false,
            _ => return,
        };
        self.screen = Screen::new(self.screen.mode, Some(forced), self.screen.quiet);
    }

    /// Returns a heading, bold where colours are on.
    pub(crate) fn heading(&self, text: &str) -> String {
        paint(text, "1", self.screen.color)
    }
}
