//! What a run is given beside its configuration.

use std::path::PathBuf;
use std::sync::Arc;

use llmspell_core::{Cancel, Observer, Worker};
use llmspell_runtime::session::{Choices, Resumption};
use llmspell_script::{Engine, Output};

use super::output::Inherited;
use super::watch::Watched;

/// What a run is given beside its configuration.
pub struct Options {
    /// Which session it belongs to.
    pub session: SessionChoice,
    /// The store of its record, in place of the configured one.
    pub store: Option<String>,
    /// Who watches its calls.
    pub observers: Vec<Arc<dyn Observer>>,
    /// Who is told of which of its events.
    pub events: Vec<Watched>,
    /// Where its output goes.
    pub output: Arc<dyn Output>,
    /// Where foreign input is evaluated, in place of workers that are this program.
    pub worker: Option<Arc<dyn Worker>>,
    /// The program that starts processes, in place of this one.
    pub launcher: Option<PathBuf>,
    /// What runs the script, in place of the engine of a language.
    pub engine: Option<Arc<dyn Engine>>,
    /// What the command line chose, which is kept for a process that resumes the run.
    pub choices: Choices,
    /// The run that it goes on with, in place of a session of its own.
    pub resumed: Option<Resumption>,
    /// What may stop it.
    pub cancel: Cancel,
}

impl Default for Options {
    /// Records as configured; output goes to the process's own streams.
    fn default() -> Self {
        Self {
            session: SessionChoice::AsConfigured,
            store: None,
            observers: Vec::new(),
            events: Vec::new(),
            output: Arc::new(Inherited),
            worker: None,
            launcher: None,
            engine: None,
            choices: Choices::default(),
            resumed: None,
            cancel: Cancel::new(),
        }
    }
}

/// Which session a run belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionChoice {
    /// A new one if the configuration records every run, else none.
    AsConfigured,
    /// A new one.
    New,
    /// A new one of this name.
    Named(String),
    /// None: nothing is recorded.
    None,
}
