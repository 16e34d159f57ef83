//! Records calls.

use std::sync::Arc;

use futures::future::BoxFuture;
use llmspell_core::{Call, CallId, Cx, Effect, Flow, Layer, Next, Op, Result, Value};

use crate::journal::{Again, Attributed, Begun, Journal, Known, Verdict};

/// Gives each call that is worth recording its id, and writes it to the run's journal.
///
/// - A call that changes the world is written before it is dispatched, and again with its outcome. Both are
///   acknowledged by the store before this goes on, and with them everything that was written earlier.
/// - A composite call is announced, so that the tree can be shown while it runs, and written when it ends.
/// - Any other is written with its outcome only.
///
/// The latter two are written behind the run's back, some milliseconds later at most. So what the world sees of a run, a
/// call that changes something or a line of output, never depends on a call that a crash could make forgotten.
///
/// An outcome that cannot be written is an error, of the call if that is waited for, else of the next call and of the
/// run. A call whose caller stopped waiting is marked as given up.
///
/// An entry names the session that the call was made for, where the script chose one; see
/// `docs/decisions/0016-sessions-of-a-script.md`.
///
/// In a run that is resumed, a call whose outcome an earlier process wrote is answered with it and nothing is written; see
/// `docs/decisions/0020-resuming-a-run.md`. A composite call is made again, since it changes the run as well, and its calls
/// are answered.
///
/// Ids are given also when nothing is recorded, since they serve as idempotency keys.
///
/// - Order: right around retry, timeout and body.
#[derive(Debug)]
pub(super) struct Recording {
    journal: Arc<Journal>,
}

impl Recording {
    pub(super) fn new(journal: Arc<Journal>) -> Self {
        Self { journal }
    }
}

impl Layer for Recording {
    fn applies(&self, op: &Op) -> bool {
        op.is_recorded()
    }

    fn call<'a>(&'a self, call: Call, next: Next<'a>) -> BoxFuture<'a, Result<Value>> {
        if call.effect == Effect::Pure && call.op.tool_info().is_none() {
            return next.run(call);
        }
        let veiled = call.op.veiled_args(&call.args);
        let record = llmspell_core::value::to_record(veiled.as_ref().unwrap_or(&call.args));
        let (parent, id) = identify(&call, &record);
        call.cx.set_id(id);
        if self.journal.answers().is_some() {
            let args = (veiled, record);
            return Box::pin(resumed(&self.journal, parent, args, call, next));
        }
        let attributed = match self.journal.attribute(&call) {
            Ok(attributed) => attributed,
            Err(full) => return Box::pin(std::future::ready(Err(full))),
        };
        if attributed.is_none() && !self.journal.is_on() {
            return next.run(call);
        }
        let (made, args) = ((parent, attributed, Again::default()), (veiled, record));
        Box::pin(recorded(&self.journal, made, args, call, next))
    }
}

/// Answers a call from the journal, or makes it.
async fn resumed(
    journal: &Arc<Journal>,
    parent: CallId,
    (veiled, record): (Option<Value>, String),
    call: Call,
    next: Next<'_>,
) -> Result<Value> {
    let Some(answers) = journal.answers() else {
        return next.run(call).await;
    };
    match answers.verdict(&call).await? {
        Verdict::Known(known) => told(&call, known).await,
        Verdict::Never => std::future::pending().await,
        Verdict::Make(again) => {
            let made = (parent, journal.attribute(&call)?, again);
            recorded(journal, made, (veiled, record), call, next).await
        }
        Verdict::Left(nothing) => {
            let made = (parent, journal.attribute(&call)?, Again::default());
            let args = veiled.as_ref().unwrap_or(&call.args);
            let begun = Begun::new(journal, made, args, record, &call)?;
            let outcome = Ok(nothing);
            begun.end(&call.cx, &outcome).await?;
            outcome
        }
    }
}

/// Answers a call with its recorded outcome, as if it were made: what it consumed counts, and its pieces are handed out.
async fn told(call: &Call, known: Known) -> Result<Value> {
    call.cx.set_attempts(known.attempts);
    if !known.usage.is_empty() {
        call.cx.report(&known.usage);
    }
    if let Ok(result) = &known.outcome
        && call.cx.streams()
    {
        for piece in call.op.pieces_of(result)? {
            if call.cx.emit(piece).await? == Flow::Stop {
                break;
            }
        }
    }
    known.outcome
}

/// Returns the ids of the call above and of this one.
fn identify(call: &Call, record: &str) -> (CallId, CallId) {
    let above = call.cx.parent();
    let place = above.map_or(CallId::ROOT, Cx::id);
    let content = CallId::content(place, call.op.name(), record);
    let nth = above.map_or(0, |above| above.count(content));
    (above.map_or(CallId::ROOT, Cx::call_id), content.nth(nth))
}

async fn recorded(
    journal: &Arc<Journal>,
    made: (CallId, Option<Attributed>, Again),
    (veiled, record): (Option<Value>, String),
    call: Call,
    next: Next<'_>,
) -> Result<Value> {
    let (cx, op) = (call.cx.clone(), call.op.clone());
    let args = veiled.as_ref().unwrap_or(&call.args);
    let mut begun = Begun::new(journal, made, args, record, &call)?;
    if call.effect.needs_intent() {
        begun.intend().await?;
    } else if call.effect == Effect::Scope {
        begun.announce().await?;
    }
    let outcome = next.run(call).await;
    match outcome
        .as_ref()
        .ok()
        .and_then(|result| op.veiled_result(result))
    {
        Some(veiled) => {
            begun.veil();
            begun.end(&cx, &Ok(veiled)).await?;
        }
        None => begun.end(&cx, &outcome).await?,
    }
    outcome
}
