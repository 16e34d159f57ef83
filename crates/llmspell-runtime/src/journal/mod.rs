//! The journal of a run: each call with its arguments, its outcome, its times and what it consumed.
//!
//! Entries are lines of JSON in the store's log `journal/SESSION` (module `entry`); values in them are cut into blobs
//! that are stored once (module `chunk`). Both forms are documented there.

mod answers;
mod attribution;
mod backlog;
mod chunk;
mod entry;
mod history;
mod reader;
mod recorder;
mod redact;
mod seen;
mod sights;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use llmspell_core::{Call, CallId, Cx, Effect, Error, Kind, Op, Result, Usage, Value};
use llmspell_store::Store;

use answers::Resumed;
use chunk::{Encoded, Fresh};
use entry::{Head, Tail, write};
use history::{Found, History};

pub use answers::Doubt;
pub use entry::Entry;
pub use reader::Reader;
pub use recorder::Totals;
pub use redact::Redact;
pub(crate) use redact::looks_secret;

pub(crate) use answers::{Again, Answers, Ending, Known, Verdict};
pub(crate) use attribution::{Attributed, Attribution, Current, HookCalls};
pub(crate) use entry::{Said, emptied};
pub(crate) use recorder::{Place, Recorder, log_name, open_store};

/// The journal that the calls of one run are written to; the default one writes nothing.
///
/// A session makes it: [`Session::begin`](crate::session::Session::begin).
#[derive(Debug, Default)]
pub struct Journal {
    recorder: Option<Arc<Recorder>>,
    /// Whether calls are written that are made for no session but the run's own.
    own: AtomicBool,
    current: Current,
    answers: Answers,
}

impl Journal {
    pub(crate) fn new(recorder: Arc<Recorder>, own: bool) -> Self {
        Self {
            recorder: Some(recorder),
            own: AtomicBool::new(own),
            current: Current::default(),
            answers: Answers::Record,
        }
    }

    /// Goes on with a journal whose calls are known.
    pub(crate) fn resumed(recorder: Arc<Recorder>, past: Past, doubt: Doubt) -> Self {
        Self {
            answers: Answers::Resume(Box::new(Resumed::new(past.history, doubt, past.ending))),
            ..Self::new(recorder, true)
        }
    }

    /// Returns who answers calls of earlier processes, if this run goes on where they ended.
    pub(crate) fn answers(&self) -> Option<&Resumed> {
        match &self.answers {
            Answers::Record => None,
            Answers::Resume(resumed) => Some(resumed),
        }
    }

    /// Returns how many calls were answered from what earlier processes wrote; nothing if the run is not resumed.
    pub fn answered(&self) -> Option<u64> {
        self.answers().map(Resumed::count)
    }

    /// Returns how long a call took when it was made, if it was answered by the journal.
    pub(crate) fn took(&self, id: CallId) -> Option<Duration> {
        self.answers()?.took(id)
    }

    /// Returns what the code of a run sees of the world at `what` and `detail` below a call, and whether an earlier process
    /// saw it there. A run that is resumed sees it again; see [`sights`].
    pub(crate) fn see(
        &self,
        cx: &Cx,
        what: &'static str,
        detail: &str,
        look: impl FnOnce() -> Value,
    ) -> (Value, bool) {
        match &self.recorder {
            Some(recorder) if self.is_on() => {
                let parent = cx.id();
                let place = CallId::content(parent, what, detail);
                recorder.see((what, place, parent), look)
            }
            _ => (look(), false),
        }
    }

    /// Returns what an earlier process saw next at `what` and `detail` below a call; nothing if it saw no more there.
    pub(crate) fn recall(&self, cx: &Cx, what: &str, detail: &str) -> Option<Value> {
        let recorder = self.recorder.as_ref().filter(|_| self.is_on())?;
        recorder.recall(CallId::content(cx.id(), what, detail))
    }

    /// Returns whether a text must not be written.
    pub(crate) fn is_secret(&self, text: &str) -> bool {
        let recorder = self.recorder.as_ref();
        recorder.is_some_and(|recorder| recorder.redact().finds(text))
    }

    /// Returns whether every call is written. Calls that are made for a session that the script chose are in any case.
    pub fn is_on(&self) -> bool {
        self.own.load(Ordering::Relaxed)
    }

    /// Writes every call from now on.
    pub(crate) fn turn_on(&self) {
        self.own.store(true, Ordering::Relaxed);
    }

    /// Returns whom calls are made for.
    pub(crate) fn current(&self) -> &Current {
        &self.current
    }

    /// Notes that a call begins, for the session that calls are made for, if that is not the run's own.
    ///
    /// - Errors: `Limit` if that session has as many calls as it may have.
    pub(crate) fn attribute(&self, call: &Call) -> Result<Option<Attributed>> {
        match self.recorder {
            Some(_) => self.current.enter(call.op.name(), &*call.cx.host().clock),
            None => Ok(None),
        }
    }

    /// Returns when all calls that have ended are stored.
    ///
    /// - Errors: those of the store, of any entry so far.
    pub async fn settle(&self) -> Result<()> {
        match &self.recorder {
            Some(recorder) => recorder.settle().await,
            None => Ok(()),
        }
    }

    /// As [`settle`](Self::settle), on a thread that may wait: what leaves the process, such as a line of output, must
    /// not tell of a call that could be forgotten. An error is told by the next call and by the end of the run.
    pub fn settle_here(&self) {
        if let Some(recorder) = &self.recorder {
            recorder.settle_here();
        }
    }

    /// Returns the numbers of the calls so far.
    pub fn totals(&self) -> Totals {
        self.recorder
            .as_ref()
            .map(|recorder| recorder.totals())
            .unwrap_or_default()
    }
}

/// What the journal of an earlier process of a run tells.
#[derive(Debug)]
pub(crate) struct Past {
    history: History,
    found: Found,
    ending: Ending,
}

impl Past {
    /// Goes through the journal of a run whose process ended so.
    ///
    /// - Errors: `Corrupt` naming the entry that cannot be read.
    pub(crate) async fn read(
        store: &Arc<dyn Store>,
        session: &str,
        ending: Ending,
    ) -> Result<Self> {
        let (history, found) = History::read(store, session).await?;
        Ok(Self {
            history,
            found,
            ending,
        })
    }

    /// Lets a recorder go on where the journal ends.
    pub(crate) fn go_on(&mut self, recorder: Recorder, store: Arc<dyn Store>) -> Recorder {
        recorder.go_on(store, std::mem::take(&mut self.found))
    }
}

/// Returns the time as the code of a run sees it, UTC microseconds since 1970: the same when the run is resumed.
pub(crate) fn now(cx: &Cx) -> i64 {
    let look = || Value::from(cx.host().clock.now());
    match cx.part::<Journal>() {
        Ok(journal) => {
            let (seen, _) = journal.see(cx, "clock.now", "", look);
            seen.as_int().unwrap_or_default()
        }
        Err(_) => cx.host().clock.now(),
    }
}

/// A call on its way, as the journal sees it.
pub(crate) struct Begun {
    recorder: Arc<Recorder>,
    cx: Cx,
    op: Arc<Op>,
    id: CallId,
    parent: CallId,
    attributed: Option<Attributed>,
    effect: Effect,
    args: Encoded,
    at: i64,
    since: Duration,
    begin_written: bool,
    ended: bool,
    /// Whether the result that is written is another one than that of the call.
    veiled: bool,
    again: Again,
    journal: Arc<Journal>,
}

impl Begun {
    /// Encodes what is written of the arguments of a call, whose record form is `record`, and notes the time.
    ///
    /// - Errors: `InvalidState` if the journal writes nothing.
    pub(crate) fn new(
        journal: &Arc<Journal>,
        (parent, attributed, again): (CallId, Option<Attributed>, Again),
        args: &Value,
        record: String,
        call: &Call,
    ) -> Result<Self> {
        let Some(recorder) = journal.recorder.clone() else {
            return Err(llmspell_core::error!(
                InvalidState,
                "the run is not recorded"
            ));
        };
        let args = recorder.encode(args, record)?;
        let clock = &call.cx.host().clock;
        Ok(Self {
            cx: call.cx.clone(),
            op: call.op.clone(),
            id: call.cx.id(),
            parent,
            attributed,
            effect: call.effect,
            args,
            at: clock.now(),
            since: clock.monotonic(),
            begin_written: again.begun,
            ended: false,
            veiled: false,
            again,
            journal: journal.clone(),
            recorder,
        })
    }

    /// Says that the result which is written in the end is not that of the call.
    pub(crate) fn veil(&mut self) {
        self.veiled = true;
    }

    /// Writes that the call is about to be dispatched, and waits until that is stored.
    pub(crate) async fn intend(&mut self) -> Result<()> {
        if self.again.begun {
            return Ok(());
        }
        let (line, fresh) = self.begin_line();
        let written = self.recorder.append(line, fresh).await;
        self.begun(written)
    }

    /// Writes that the call is about to be dispatched, without waiting.
    pub(crate) async fn announce(&mut self) -> Result<()> {
        if self.again.begun {
            return Ok(());
        }
        let (line, fresh) = self.begin_line();
        let written = self.recorder.send(line, fresh).await;
        self.begun(written)
    }

    fn begin_line(&mut self) -> (Vec<u8>, Fresh) {
        let line = write(Said::Begin, self.id, self.at, Some(self.head()), None);
        (line, std::mem::take(&mut self.args.fresh))
    }

    fn begun(&mut self, written: Result<()>) -> Result<()> {
        self.begin_written = written.is_ok();
        // A call that cannot be written is not made, so there is nothing more to write about it.
        self.ended = written.is_err();
        written
    }

    /// Writes how the call ended, and waits until that is stored if the call may have changed the world.
    pub(crate) async fn end(mut self, cx: &Cx, outcome: &Result<Value>) -> Result<()> {
        if self.is_as_before() {
            self.ended = true;
            return Ok(());
        }
        let took = cx.host().clock.monotonic().saturating_sub(self.since);
        let mut fresh = std::mem::take(&mut self.args.fresh);
        let mut struck = self.veiled;
        let text = match outcome {
            Ok(value) => {
                let record = llmspell_core::value::to_record(value);
                let encoded = self.recorder.encode(value, record)?;
                fresh.extend(encoded.fresh);
                struck |= encoded.struck;
                encoded.text
            }
            Err(error) => self.error_text(error),
        };
        let usage = cx.own_usage();
        let error = outcome.as_ref().err();
        let tail = Tail {
            took_us: u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            result: error.is_none().then_some(&*text),
            error: error.is_some().then_some(&*text),
            retryable: error.is_some_and(Error::is_retryable),
            struck: struck && error.is_none(),
            usage,
            attempts: cx.attempts(),
        };
        let line = self.end_line(tail);
        self.ended = true;
        self.count(error.is_some(), &usage);
        match self.effect.needs_intent() {
            true => self.recorder.append(line, fresh).await,
            false => self.recorder.send(line, fresh).await,
        }
    }

    /// Returns whether all calls of a composite call were answered, so that there is nothing new about it.
    fn is_as_before(&self) -> bool {
        let answers = self.journal.answers().filter(|_| self.again.ended);
        answers.is_some_and(|answers| !answers.has_made(self.id))
    }

    fn end_line(&self, tail: Tail<'_>) -> Vec<u8> {
        if self.begin_written {
            let now = self.cx.host().clock.now();
            write(Said::End, self.id, now, None, Some(tail))
        } else {
            write(Said::Call, self.id, self.at, Some(self.head()), Some(tail))
        }
    }

    fn head(&self) -> Head<'_> {
        Head {
            op: self.op.name(),
            parent: self.parent,
            session: self.attributed.as_ref().map(Attributed::session),
            effect: self.effect,
            args: &self.args.text,
        }
    }

    /// Returns the error as it is written: in one piece, so that listings need no blobs.
    fn error_text(&self, error: &Error) -> String {
        let mut shown = error.to_record();
        if let (Value::Map(map), None) = (&mut shown, error.op_name()) {
            map.insert("op", self.op.name().into());
        }
        llmspell_core::value::to_record(&self.recorder.redact().value(shown))
    }

    fn count(&self, failed: bool, usage: &Usage) {
        let change = |totals: &mut Totals| {
            // One that began in an earlier process was counted.
            totals.calls += u64::from(!self.again.begun);
            totals.failed += u64::from(failed);
            totals.add_usage(usage);
        };
        self.recorder.count(change);
        if let Some(attributed) = &self.attributed {
            attributed.count(self.cx.host().clock.now(), change);
        }
    }
}

/// A call that is dropped has no outcome: its caller stopped waiting, or its body panicked.
impl Drop for Begun {
    fn drop(&mut self) {
        if self.ended || self.is_as_before() {
            return;
        }
        let usage = self.cx.own_usage();
        self.count(true, &usage);
        let clock = &self.cx.host().clock;
        let took = clock.monotonic().saturating_sub(self.since);
        let mut tail = Tail {
            took_us: u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            usage,
            attempts: self.cx.attempts(),
            ..Tail::default()
        };
        // Blobs of arguments that were not written yet may be missing, so the arguments are left out.
        let head = (!self.begin_written).then_some(Head {
            args: if self.args.fresh.blobs.is_empty() {
                &self.args.text
            } else {
                "null"
            },
            ..self.head()
        });
        if std::thread::panicking() {
            let text = self.error_text(&Error::new(Kind::Bug, "the body of the call panicked"));
            tail.error = Some(&text);
            let (said, at) = match head {
                Some(_) => (Said::Call, self.at),
                None => (Said::End, clock.now()),
            };
            let line = write(said, self.id, at, head, Some(tail));
            return self.recorder.send_now(line);
        }
        let at = if self.begin_written {
            clock.now()
        } else {
            self.at
        };
        let line = write(Said::Gone, self.id, at, head, Some(tail));
        self.recorder.send_now(line);
    }
}
