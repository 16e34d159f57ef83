//! The session that a run belongs to: one of its own, or the one that it goes on with.

use std::sync::Arc;

use llmspell_core::{Clock, Result, error};
use llmspell_runtime::session::{self, Choice, Choices, Resumption, Session};
use llmspell_script::Script;

use super::SessionChoice;
use crate::config::{Loaded, Record, current_dir};

/// What a session begins with.
pub(super) struct Beginning<'a> {
    pub(super) loaded: &'a Loaded,
    pub(super) script: &'a Script,
    /// The name of the engine.
    pub(super) engine: &'a str,
    /// The key of the places of the run's random numbers.
    pub(super) key: [u8; 32],
    /// What the command line chose, and what holds where the script chooses nothing.
    pub(super) choices: Choices,
    pub(super) clock: Arc<dyn Clock>,
}

impl Beginning<'_> {
    /// Begins a session of the run's own; nothing is written before its first call.
    ///
    /// - Errors: `Unavailable` if one is asked for and there are none, or for a backend that is not built in; `Config`
    ///   for the URL of a store that cannot exist; `InvalidArgs` for an id in place of a name.
    pub(super) fn anew(self, choice: SessionChoice, store: Option<String>) -> Result<Session> {
        let Self { loaded, script, .. } = self;
        let sessions = &loaded.config.sessions;
        let asked =
            store.is_some() || matches!(choice, SessionChoice::New | SessionChoice::Named(_));
        let options = session::Options {
            store: match is_recorded(loaded, &choice, asked)? {
                false => Choice::Ephemeral,
                true => Choice::Url(store.map_or_else(|| loaded.session_store(), Ok)?),
            },
            durability: sessions.durability.of_store(),
            cwd: current_dir().map_or_else(|_| String::new(), |cwd| cwd.display().to_string()),
            key: self.key,
            choices: self.choices,
            keeps_source: ["(exec)", "-"].contains(&&*script.name),
            name: name(choice)?,
            args: script.args.clone(),
            redact: loaded.redact.clone(),
            waits: !asked && sessions.record == Record::Explicit,
            ..session::Options::new(&*script.name, &*script.source, self.engine)
        };
        if let Choice::Url(url) = &options.store {
            // A store that cannot exist is refused before the run, not at its first call.
            llmspell_store::check(url)?;
        }
        Session::begin(options, self.clock)
    }

    /// Goes on with a run that was recorded.
    ///
    /// - Errors: those of [`Resumption::begin`].
    pub(super) fn again(self, resumed: Resumption) -> Result<Session> {
        warn_of_other_model(&self.choices, resumed.choices());
        resumed.begin(
            &self.script.source,
            &self.script.args,
            self.choices,
            self.loaded.redact.clone(),
            self.loaded.config.sessions.durability.of_store(),
            self.clock,
        )
    }
}

/// Returns whether the run is recorded.
///
/// - Errors: `Unavailable` if it is asked for, and there are no sessions.
fn is_recorded(loaded: &Loaded, choice: &SessionChoice, asked: bool) -> Result<bool> {
    let sessions = &loaded.config.sessions;
    match choice {
        SessionChoice::None => Ok(false),
        _ if !sessions.enabled && asked => {
            Err(error!(Unavailable, "sessions are disabled").hint("set `sessions.enabled = true`"))
        }
        _ => Ok(sessions.enabled && (asked || sessions.record != Record::None)),
    }
}

/// Returns the name that was chosen, if any was.
///
/// - Errors: `InvalidArgs` if it is the id of a session.
fn name(choice: SessionChoice) -> Result<Option<String>> {
    match choice {
        SessionChoice::Named(name) if is_id(&name) => Err(error!(
            InvalidArgs,
            "--session takes a name or new; {name} is the id of a session"
        )
        .hint(format!("`llmspell session resume {name}` goes on with it"))),
        SessionChoice::Named(name) => Ok(Some(name)),
        _ => Ok(None),
    }
}

/// Whether a text is the id of a session: a UUID.
fn is_id(text: &str) -> bool {
    text.len() == 36
        && text
            .bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

/// Says that another model is asked where the script names none than when the run began.
fn warn_of_other_model(now: &Choices, before: &Choices) {
    if let (Some(was), Some(is)) = (&before.model, &now.model)
        && was != is
    {
        tracing::warn!(
            target: "llmspell::session",
            "where the spell names no model, {was} was asked, and now is {is}, for which the journal has no answers; \
             `--set providers.default_model={was}` asks as before"
        );
    }
}
