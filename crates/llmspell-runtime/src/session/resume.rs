//! Going on with a run whose process has ended.

use std::sync::Arc;

use llmspell_core::{CallId, Clock, Error, Kind, Result, error};
use llmspell_store::{Batch, Durability, Store};
use parking_lot::Mutex;

use super::lease::Lease;
use super::meta::{self, Meta};
use super::{Choice, Choices, Session, Sessions, Status};
use crate::journal::{Doubt, Ending, Journal, Past, Place, Recorder, Redact};

/// A run as it is recorded, which can be resumed.
#[derive(Debug)]
pub struct Resumable {
    store: Arc<dyn Store>,
    owned: bool,
    meta: Meta,
    /// The metadata as it was read.
    stored: Vec<u8>,
}

impl Resumable {
    /// Finds a run by `last`, its id, the beginning of its id, or its name.
    ///
    /// - Errors: `NotFound`; `InvalidState` for one that is at work, or whose calls a version recorded that names them
    ///   otherwise.
    pub async fn find(choice: &Choice, text: &str) -> Result<Self> {
        let sessions = Sessions::open(choice).await?;
        if let Some(made) = sessions.find_made(text).await? {
            return Err(error!(
                InvalidState,
                "the session {} was made by a script; what is resumed is the run that works for it",
                made.id
            )
            .with("session", made.id.as_str())
            .hint("`llmspell session list` shows runs"));
        }
        let id = sessions.find(text).await?;
        let owned = matches!(choice, Choice::Url(_));
        let found = match &sessions.store {
            Some(store) => store
                .get(meta::key(&id).as_bytes())
                .await?
                .map(|stored| (store.clone(), stored)),
            None => None,
        };
        let Some((store, stored)) = found else {
            return Err(error!(NotFound, "Session not found: {text}"));
        };
        let meta = Meta::read(&id, &stored)?;
        if meta.status() == Status::Running {
            return Err(at_work(&meta));
        }
        if meta.ids != CallId::SCHEME {
            return Err(unknown_calls(&meta));
        }
        Ok(Self {
            store,
            owned,
            meta,
            stored,
        })
    }

    /// Returns the id.
    pub fn id(&self) -> &str {
        &self.meta.id
    }

    /// Returns the name of the script: a path, `-`, `(exec)`.
    pub fn script(&self) -> &str {
        &self.meta.script
    }

    /// Returns the language.
    pub fn engine(&self) -> &str {
        &self.meta.engine
    }

    /// Returns the working directory; empty if it was not recorded.
    pub fn cwd(&self) -> &str {
        &self.meta.cwd
    }

    /// Returns the arguments of the script.
    ///
    /// - Errors: `InvalidState` if a secret was struck out of them.
    pub fn args(&self) -> Result<&[String]> {
        match self.meta.struck {
            false => Ok(&self.meta.args),
            true => Err(error!(
                InvalidState,
                "an argument of the run held a secret, which was not recorded"
            )
            .with("session", self.id())
            .hint("give the arguments again: `llmspell session resume ID -- ARGS`")),
        }
    }

    /// Returns whether this is the script's source.
    pub fn is_source(&self, text: &str) -> bool {
        blake3::hash(text.as_bytes()).to_hex().as_str() == self.meta.source
    }

    /// Returns the source of a script that is no file.
    ///
    /// - Errors: `NotFound` if it was not recorded, since it held a secret.
    pub async fn source(&self) -> Result<String> {
        let missing = || {
            error!(
                NotFound,
                "the source of {} was not recorded, since it held a secret",
                self.script()
            )
            .with("session", self.id())
        };
        let hash = blake3::Hash::from_hex(&self.meta.source).map_err(|_| missing())?;
        let mut address = llmspell_store::Hash::default();
        let len = address.len();
        address.copy_from_slice(&hash.as_bytes()[..len]);
        let bytes = self.store.blob(address).await?.ok_or_else(missing)?;
        String::from_utf8(bytes).map_err(|cause| {
            error!(
                Corrupt,
                "the recorded source of {} is damaged",
                self.script()
            )
            .source(cause)
        })
    }

    /// Reads what the journal tells of the calls that were made.
    ///
    /// - Errors: `Corrupt` naming the entry that cannot be read.
    pub async fn read(self, doubt: Doubt) -> Result<Resumption> {
        let ending = ending(&self.meta);
        let past = Past::read(&self.store, &self.meta.id, ending).await?;
        Ok(Resumption {
            resumable: self,
            past,
            doubt,
        })
    }
}

/// A run that can be resumed, with what its journal tells.
#[derive(Debug)]
pub struct Resumption {
    resumable: Resumable,
    past: Past,
    doubt: Doubt,
}

impl Resumption {
    /// Returns the key of the places of the run's random numbers.
    pub fn key(&self) -> Option<[u8; 32]> {
        let hash = blake3::Hash::from_hex(&self.resumable.meta.key).ok()?;
        Some(*hash.as_bytes())
    }

    /// Returns what the command line chose for the run.
    pub fn choices(&self) -> &Choices {
        &self.resumable.meta.choices
    }

    /// Goes on with the run, with a script of this source, these arguments and choices. It is this process's own from
    /// [`Session::claim`] on.
    pub fn begin(
        mut self,
        source: &str,
        args: &[String],
        choices: Choices,
        redact: Redact,
        durability: Durability,
        clock: Arc<dyn Clock>,
    ) -> Result<Session> {
        let (store, id) = (self.resumable.store, self.resumable.meta.id.clone());
        let mut meta = Meta {
            status: Status::Running,
            source: blake3::hash(source.as_bytes()).to_hex().to_string(),
            args: args
                .iter()
                .map(|arg| redact.text(arg).into_owned())
                .collect(),
            struck: args.iter().any(|arg| redact.finds(arg)),
            choices,
            ended_at: None,
            lease: Some(Lease::take(&id)),
            result: None,
            error: None,
            totals: None,
            ..self.resumable.meta
        };
        meta.resumed += 1;
        let claim = Batch::new()
            .expect(meta::key(&id), self.resumable.stored)
            .put(meta::key(&id), meta.write()?);
        let place = Place::Url(String::new(), durability);
        let recorder = Recorder::new(place, &id, Batch::new(), redact, clock.clone());
        let recorder = Arc::new(self.past.go_on(recorder, store));
        Ok(Session {
            id,
            journal: Arc::new(Journal::resumed(recorder.clone(), self.past, self.doubt)),
            recorder,
            lasts: true,
            clock,
            meta: Mutex::new(meta),
            owned: self.resumable.owned,
            claim: Mutex::new(Some(claim)),
        })
    }
}

fn ending(meta: &Meta) -> Ending {
    match meta.status() {
        Status::Completed => Ending::Done,
        Status::Cancelled | Status::Suspended => Ending::Stopped,
        Status::Running | Status::Interrupted => Ending::Died,
        Status::Failed => {
            let stored = meta.error.as_ref();
            let error =
                stored.and_then(|error| llmspell_core::value::from_record(error.get()).ok());
            let message = error.map(|error| Error::from_value(&error).message().to_owned());
            Ending::Failed(message.unwrap_or_default())
        }
    }
}

fn at_work(meta: &Meta) -> Error {
    let pid = meta.lease.as_ref().map(Lease::pid).unwrap_or_default();
    error!(
        InvalidState,
        "the session {} is running, in process {pid}", meta.id
    )
    .with("session", meta.id.as_str())
    .with("pid", pid)
    .hint("it can be resumed when that process has ended")
}

/// The calls that such a run made would not be found again, and would all be made a second time.
fn unknown_calls(meta: &Meta) -> Error {
    error!(
        InvalidState,
        "the session {} was recorded by a version of llmspell that names calls otherwise, so its calls would all be made again",
        meta.id
    )
    .with("session", meta.id.as_str())
    .with("ids", meta.ids)
    .hint("resume it with the version that began it, or run the script anew")
}

/// Says that another process was quicker.
pub(super) fn lost(id: &str, cause: Error) -> Error {
    match cause.kind() {
        Kind::Conflict => error!(
            Conflict,
            "the session {id} is being resumed by another process"
        )
        .with("session", id)
        .transient(false),
        _ => cause,
    }
}
