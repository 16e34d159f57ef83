//! What every command starts from: the flags, the screen, and the configuration when it is asked for.

use std::path::PathBuf;

use llmspell::config::{self, Draft, Loaded, Selection, Severity, Surroundings};
use llmspell_core::Result;
use llmspell_runtime::journal::Redact;
use llmspell_runtime::session::Choices;

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

    /// Returns what these flags and assignments choose for a run, without secrets.
    pub(crate) fn choices(&self, more: &[(String, String)], redact: &Redact) -> Choices {
        let more = more.iter().map(|(_, text)| text);
        let (mut set, mut left_out) = (Vec::new(), Vec::new());
        for text in self.flags.set.iter().chain(more) {
            let (key, _) = text.split_once('=').unwrap_or((text, ""));
            match redact.finds(text) || key.split('.').any(config::is_secret) {
                true => left_out.push(key.to_owned()),
                false => set.push(text.clone()),
            }
        }
        let path = self.flags.config.as_deref();
        let path = path.map(|path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
        Choices {
            config: path.map(|path| path.display().to_string()),
            no_config: self.flags.no_config,
            profile: self.flags.profile.clone(),
            set,
            left_out,
            model: None,
        }
    }

    /// Takes what was chosen when the run began, where the flags choose nothing else.
    pub(crate) fn choose_again(&mut self, choices: &Choices) {
        let flags = &mut self.flags;
        if flags.config.is_none() && !flags.no_config {
            flags.config = choices.config.clone().map(PathBuf::from);
            flags.no_config = choices.no_config;
        }
        if flags.profile.is_none() {
            flags.profile.clone_from(&choices.profile);
        }
        let is_set = |key: &str| {
            let mut keys = flags.set.iter().filter_map(|text| text.split_once('='));
            keys.any(|(own, _)| own.trim() == key.trim())
        };
        let missing: Vec<_> = choices.left_out.iter().filter(|key| !is_set(key)).collect();
        for key in missing {
            self.screen.warning(&format!(
                "'{key}' was set to a secret, which was not recorded; `--set {key}=…` gives it again"
            ));
        }
        // Of two assignments the later wins.
        flags.set.splice(0..0, choices.set.iter().cloned());
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
