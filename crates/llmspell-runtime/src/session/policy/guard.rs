//! Whoever asks the policies of a session before each call that is made for it.

use std::collections::HashMap;
use std::fmt;

use llmspell_core::{Call, Cx, Error, Result, Value};
use parking_lot::Mutex;

use super::Policies;
use super::resources::Consumed;
use crate::event;
use crate::host::resident_memory;
use crate::journal::Attribution;

/// The policies of a session that calls of this run are made for.
pub(crate) struct Guard {
    policies: Policies,
    /// When the session was made, UTC microseconds since 1970.
    created_at: i64,
    /// How many warnings of each kind were published.
    warned: Mutex<HashMap<&'static str, usize>>,
}

impl Guard {
    /// Makes the guard of a session; nothing if it has no policies.
    pub(in crate::session) fn new(policies: &Policies, created_at: i64) -> Option<Self> {
        (!policies.is_empty()).then(|| Self {
            policies: policies.clone(),
            created_at,
            warned: Mutex::default(),
        })
    }

    /// Asks the policies whether a call may be made: time, then resources, then rates.
    ///
    /// - Errors: `Timeout`, `Limit` or `RateLimited`, as the policy says.
    pub(crate) async fn admit(&self, call: &Call, session: &Attribution) -> Result<()> {
        let policies = &self.policies;
        let mut refusals: Vec<Error> = Vec::new();
        let mut asked = 0;
        let now = call.cx.host().clock.now();
        if let Some(timeout) = &policies.timeout {
            asked += 1;
            self.warn(&call.cx, session, now).await;
            refusals.extend(
                timeout
                    .permit(now.saturating_sub(self.created_at), idle(session, now))
                    .err(),
            );
        }
        if policies.composition.stops_early() && !refusals.is_empty() {
            return policies.composition.decide(refusals, asked);
        }
        if let Some(resource) = &policies.resource {
            asked += 1;
            let consumed = consumed(call, session);
            for (what, reached, left) in resource.reached(&consumed) {
                self.announce(&call.cx, session, "resource", what, reached, left.into())
                    .await;
            }
            refusals.extend(resource.permit(&consumed).err());
        }
        if policies.composition.stops_early() && !refusals.is_empty() {
            return policies.composition.decide(refusals, asked);
        }
        if let Some(rates) = &policies.rate_limit {
            asked += 1;
            refusals.extend(rates.enter(call, &session.session).await.err());
        }
        policies.composition.decide(refusals, asked)
    }

    /// Publishes that the end of the session's life is near, once for each of the times that the policy names.
    pub(crate) async fn warn(&self, cx: &Cx, session: &Attribution, now: i64) {
        if let Some(timeout) = &self.policies.timeout {
            let (due, left) = timeout.warned(now.saturating_sub(self.created_at));
            self.announce(cx, session, "timeout", "seconds", due, left.into())
                .await;
        }
    }

    async fn announce(
        &self,
        cx: &Cx,
        session: &Attribution,
        policy: &'static str,
        what: &'static str,
        reached: usize,
        left: Value,
    ) {
        if !self.is_new(what, reached) {
            return;
        }
        let facts = || {
            Value::from([
                ("session_id", Value::from(&*session.session)),
                ("policy", policy.into()),
                ("resource", what.into()),
                ("remaining", left),
            ])
        };
        event::announce(cx, "session", "session.policy.warning", facts).await;
    }

    /// Returns whether more was reached than was warned of, and notes it.
    fn is_new(&self, what: &'static str, reached: usize) -> bool {
        let mut warned = self.warned.lock();
        let before = warned.entry(what).or_insert(0);
        let is_new = reached > *before;
        *before = reached.max(*before);
        is_new
    }
}

/// Returns for how long nothing was done for a session, in microseconds. One that is at work is not idle.
fn idle(session: &Attribution, now: i64) -> i64 {
    match session.is_busy() {
        true => 0,
        false => now.saturating_sub(session.used_at()),
    }
}

fn consumed(call: &Call, session: &Attribution) -> Consumed {
    let totals = session.totals();
    let estimate = call.op.estimate_with(&call.cx, &call.args);
    Consumed {
        memory: resident_memory().unwrap_or(0),
        tokens: totals.usage.total_tokens().unwrap_or(0),
        operations: session.begun(),
        cost_usd: totals.usage.cost_usd.unwrap_or(0.0),
        wanted: estimate.map_or(0, |estimate| estimate.tokens),
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.policies.fmt(f)
    }
}
