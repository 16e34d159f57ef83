//! Who answers the calls of a run: the world, or its journal.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use llmspell_core::{
    Call, CallId, Cx, Effect, Error, Kind, Op, Outcome, Result, Usage, Value, error,
};
use parking_lot::Mutex;

use super::entry::Entry;
use super::history::{Fate, History, Past};

/// Who answers calls that are recorded.
#[derive(Debug, Default)]
pub(crate) enum Answers {
    /// The world: every call is made.
    #[default]
    Record,
    /// The journal, as far as it tells of earlier processes of the run; the rest is made.
    Resume(Box<Resumed>),
}

/// What is done about a call that may have happened, and whose outcome is unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Doubt {
    /// The run stops before it.
    #[default]
    Stop,
    /// It is made again.
    Retry,
    /// It is left out; its result is null, and stays so.
    Skip,
}

/// How the process before ended.
#[derive(Clone, Debug)]
pub(crate) enum Ending {
    /// Well.
    Done,
    /// With an error that the script did not catch.
    Failed(String),
    /// It was asked to stop.
    Stopped,
    /// It died.
    Died,
}

/// What becomes of a call.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// It is made.
    Make(Again),
    /// This is its outcome.
    Known(Known),
    /// This is its outcome from now on.
    Left(Value),
    /// It does not return: its caller gave it up, and will again.
    Never,
}

/// What the journal has of a call that is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Again {
    /// That it begins.
    pub(super) begun: bool,
    /// How it ended; that is written again only if a call below it was made.
    pub(super) ended: bool,
}

/// A recorded outcome, with what it consumed when it was made.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) outcome: Result<Value>,
    pub(crate) usage: Usage,
    pub(crate) attempts: u32,
}

/// Answers from the journal of an earlier process.
#[derive(Debug)]
pub(crate) struct Resumed {
    history: History,
    doubt: Doubt,
    ending: Ending,
    /// Calls below which one was made.
    made: Mutex<HashSet<CallId>>,
    answered: Mutex<HashSet<CallId>>,
    count: AtomicU64,
}

impl Resumed {
    pub(super) fn new(history: History, doubt: Doubt, ending: Ending) -> Self {
        Self {
            history,
            doubt,
            ending,
            made: Mutex::default(),
            answered: Mutex::default(),
            count: AtomicU64::new(0),
        }
    }

    /// Returns how many calls were answered.
    pub(super) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// Returns how long a call took when it was made, if it was answered.
    pub(super) fn took(&self, id: CallId) -> Option<Duration> {
        let answered = self.answered.lock().contains(&id);
        let past = self.history.get(id).filter(|_| answered)?;
        Some(Duration::from_micros(past.took_us))
    }

    /// Returns whether a call was made below this one.
    pub(super) fn has_made(&self, id: CallId) -> bool {
        self.made.lock().contains(&id)
    }

    /// Decides about a call.
    ///
    /// - Errors: `InvalidState` for a call in doubt, which stops the run; `Corrupt`.
    pub(crate) async fn verdict(&self, call: &Call) -> Result<Verdict> {
        let verdict = match self.history.get(call.cx.id()) {
            None => Verdict::Make(Again::default()),
            Some(past) => self.judge(call, past).await.inspect_err(|failure| {
                // A damaged answer is no failure of the call, which a script or a tool's envelope would catch.
                if failure.kind() == Kind::Corrupt {
                    root(&call.cx).cancel().cancel(failure.clone());
                }
            })?,
        };
        match &verdict {
            Verdict::Make(again) if call.effect == Effect::Scope && again.begun => {}
            Verdict::Make(_) | Verdict::Left(_) => self.note_made(&call.cx),
            Verdict::Known(_) => {
                self.count.fetch_add(1, Ordering::Relaxed);
                self.answered.lock().insert(call.cx.id());
            }
            Verdict::Never => {}
        }
        Ok(verdict)
    }

    async fn judge(&self, call: &Call, past: &Past) -> Result<Verdict> {
        let make = |begun| {
            Ok(Verdict::Make(Again {
                begun,
                ended: false,
            }))
        };
        if call.effect == Effect::Scope {
            let ended = matches!(past.fate, Fate::Done | Fate::Failed);
            return Ok(Verdict::Make(Again { begun: true, ended }));
        }
        match past.fate {
            // What only looked can look again, and must: what follows depends on the secret that is not written.
            Fate::Done if past.struck && !past.effect.needs_intent() => make(false),
            Fate::Done => self.known(past).await.map(Verdict::Known),
            Fate::Failed => {
                let known = self.known(past).await?;
                match &known.outcome {
                    Err(failure) if self.is_open(past, failure) => {
                        let vague = matches!(failure.kind(), Kind::Timeout | Kind::Cancelled);
                        match vague && past.effect == Effect::Once {
                            true => self.in_doubt(call, past, false).await,
                            false => make(false),
                        }
                    }
                    _ => Ok(Verdict::Known(known)),
                }
            }
            Fate::Gone if self.was_given_up(past) => Ok(Verdict::Never),
            Fate::Begun | Fate::Gone if past.effect == Effect::Once => {
                self.in_doubt(call, past, past.fate == Fate::Begun).await
            }
            Fate::Begun => make(true),
            Fate::Gone => make(false),
        }
    }

    async fn known(&self, past: &Past) -> Result<Known> {
        let entry = self.history.tail(past).await?;
        let outcome = match (&entry.result, &entry.error) {
            (Some(result), _) => Ok(self.history.reader().value(result).await?),
            (None, Some(error)) => {
                let error = Error::from_value(&llmspell_core::value::from_record(error)?);
                Err(error.transient(entry.retryable))
            }
            (None, None) => return Err(error!(Bug, "a call without an outcome was answered")),
        };
        Ok(Known {
            outcome,
            usage: entry.usage,
            attempts: entry.attempts,
        })
    }

    /// Returns whether a failure is one that may pass, and that the run did not get over: it is tried again.
    fn is_open(&self, past: &Past, failure: &Error) -> bool {
        let passes = failure.is_retryable()
            || matches!(
                failure.kind(),
                Kind::Timeout
                    | Kind::Cancelled
                    | Kind::RateLimited
                    | Kind::Remote
                    | Kind::Unavailable
                    | Kind::Auth
                    | Kind::Config
                    | Kind::Denied
                    | Kind::Limit
                    | Kind::Io
                    | Kind::Bug
            );
        let got_over = match &self.ending {
            Ending::Done => true,
            Ending::Failed(message) if message.contains(failure.message()) => false,
            _ => self.history.went_on(past),
        };
        passes && !got_over
    }

    /// Returns whether the script stopped waiting for a call and went on, as it does for the slower of two.
    fn was_given_up(&self, past: &Past) -> bool {
        match self.ending {
            Ending::Done => true,
            // What was under way was given up because the run ended.
            Ending::Stopped => false,
            Ending::Failed(_) | Ending::Died => self.history.went_on(past),
        }
    }

    async fn in_doubt(&self, call: &Call, past: &Past, begun: bool) -> Result<Verdict> {
        match self.doubt {
            Doubt::Retry => Ok(Verdict::Make(Again {
                begun,
                ended: false,
            })),
            Doubt::Skip => Ok(Verdict::Left(nothing(&call.op)?)),
            Doubt::Stop => {
                let error = doubtful(call, &self.history.head(past).await?);
                // A script that catches errors must not go on either.
                root(&call.cx).cancel().cancel(error.clone());
                Err(error)
            }
        }
    }

    fn note_made(&self, cx: &Cx) {
        let mut made = self.made.lock();
        let mut above = cx.parent();
        while let Some(cx) = above {
            made.insert(cx.id());
            above = cx.parent();
        }
    }
}

fn root(cx: &Cx) -> &Cx {
    let mut root = cx;
    while let Some(above) = root.parent() {
        root = above;
    }
    root
}

/// Returns the result of a call that is left out.
fn nothing(op: &Op) -> Result<Value> {
    match op.tool_info() {
        Some(_) => Value::from_serialize(&Outcome::default()),
        None => Ok(Value::Null),
    }
}

fn doubtful(call: &Call, entry: &Entry) -> Error {
    let (op, session) = (call.op.name(), call.cx.session());
    error!(
        InvalidState,
        "{op} may have happened already: its process ended before it was recorded how the call went"
    )
    .op(op)
    .with("in_doubt", true)
    .with("call", entry.id.to_string())
    .with("begun_at", crate::agent::moment::text(entry.at))
    .hint(format!("`llmspell session show {session}` shows the call"))
    .hint("if it did not happen, resume with --retry-in-doubt, which makes it again")
    .hint("if it did, or must not, resume with --skip-in-doubt, which goes on with null as its result")
}
