//! Budgets: what a run, and each agent run within it, may consume.

use std::sync::Arc;

use parking_lot::Mutex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::usage::Usage;

/// Upper bounds; `None` is no bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Limits {
    /// Tokens of all model calls, input and output.
    pub tokens: Option<u64>,
    /// Money of all model calls, in US dollars.
    pub cost_usd: Option<f64>,
    /// Number of model calls.
    pub requests: Option<u64>,
    /// Number of tool calls.
    pub tool_calls: Option<u64>,
    /// Refuse model calls whose price is unknown. `None` means: if `cost_usd` is set.
    pub deny_unpriced: Option<bool>,
}

/// What a call may consume at most, as far as that can be told before it is dispatched.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Estimate {
    /// Tokens, input and output.
    pub tokens: u64,
    /// Money; `None` if the price is unknown.
    pub cost_usd: Option<f64>,
    /// Model calls.
    pub requests: u64,
    /// Tool calls.
    pub tool_calls: u64,
}

/// The account of one run or agent run. What a call may consume is reserved before it is dispatched and replaced by
/// what it did consume afterwards, in this account and all above it, so that parallel calls cannot overshoot.
#[derive(Debug)]
pub struct Ledger {
    name: String,
    limits: Limits,
    spent: Mutex<Estimate>,
    parent: Option<Arc<Ledger>>,
}

impl Ledger {
    /// Opens an account. `name` says in errors whose limit it is: `run`, `agent 'researcher'`.
    pub fn new(name: impl Into<String>, limits: Limits, parent: Option<Arc<Ledger>>) -> Arc<Self> {
        Arc::new(Self {
            name: name.into(),
            limits,
            spent: Mutex::default(),
            parent,
        })
    }

    /// Returns what is consumed and reserved so far.
    pub fn spent(&self) -> Estimate {
        *self.spent.lock()
    }

    /// Reserves `estimate` here and in every account above, or nowhere.
    ///
    /// - Errors: `Limit` with the details `limit`, `value` and `account`.
    pub fn reserve(self: &Arc<Self>, estimate: Estimate) -> Result<Reservation> {
        let mut granted = Reservation {
            accounts: Vec::with_capacity(2),
            estimate,
        };
        let mut account = Some(self);
        while let Some(ledger) = account {
            ledger.admit(&estimate)?;
            granted.accounts.push(ledger.clone());
            account = ledger.parent.as_ref();
        }
        Ok(granted)
    }

    fn admit(&self, estimate: &Estimate) -> Result<()> {
        let mut spent = self.spent.lock();
        let limits = &self.limits;
        self.check(
            "tokens",
            limits.tokens,
            spent.tokens + estimate.tokens,
            estimate.tokens,
        )?;
        self.check(
            "requests",
            limits.requests,
            spent.requests + estimate.requests,
            estimate.requests,
        )?;
        self.check(
            "tool_calls",
            limits.tool_calls,
            spent.tool_calls + estimate.tool_calls,
            estimate.tool_calls,
        )?;
        let unpriced = estimate.requests > 0 && estimate.cost_usd.is_none();
        if unpriced && limits.deny_unpriced.unwrap_or(limits.cost_usd.is_some()) {
            return Err(crate::error!(Limit, "the price of this model is unknown and {} has a cost limit", self.name)
                .hint("give the model's prices in `[providers.NAME] models`, or set `runtime.budget.unpriced = \"allow\"`"));
        }
        if let (Some(limit), Some(cost)) = (limits.cost_usd, estimate.cost_usd) {
            let wanted = spent.cost_usd.unwrap_or(0.0) + cost;
            if cost > 0.0 && wanted > limit {
                return Err(self.exceeded("cost_usd", limit.into(), wanted.into()));
            }
        }
        spent.tokens += estimate.tokens;
        spent.requests += estimate.requests;
        spent.tool_calls += estimate.tool_calls;
        if let Some(cost) = estimate.cost_usd {
            *spent.cost_usd.get_or_insert(0.0) += cost;
        }
        Ok(())
    }

    fn check(&self, what: &'static str, limit: Option<u64>, wanted: u64, asked: u64) -> Result<()> {
        match limit {
            Some(limit) if asked > 0 && wanted > limit => {
                Err(self.exceeded(what, limit.into(), wanted.into()))
            }
            _ => Ok(()),
        }
    }

    fn exceeded(&self, what: &'static str, limit: crate::Value, wanted: crate::Value) -> Error {
        crate::error!(
            Limit,
            "{} would exceed its limit of {limit} {what}",
            self.name
        )
        .with("limit", limit)
        .with("value", wanted)
        .with("what", what)
        .with("account", self.name.as_str())
    }
}

/// Room that was made for one call; dropping it without settling gives the room back.
#[derive(Debug)]
pub struct Reservation {
    accounts: Vec<Arc<Ledger>>,
    estimate: Estimate,
}

impl Reservation {
    /// Replaces the reserved amount by what was consumed. What the provider did not report counts as estimated.
    pub fn settle(mut self, usage: &Usage) {
        for account in std::mem::take(&mut self.accounts) {
            let mut spent = account.spent.lock();
            if let Some(tokens) = usage.total_tokens() {
                spent.tokens = (spent.tokens + tokens).saturating_sub(self.estimate.tokens);
            }
            if let Some(cost) = usage.cost_usd {
                let reserved = self.estimate.cost_usd.unwrap_or(0.0);
                *spent.cost_usd.get_or_insert(0.0) += cost - reserved;
            }
        }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        for account in &self.accounts {
            let mut spent = account.spent.lock();
            spent.tokens = spent.tokens.saturating_sub(self.estimate.tokens);
            spent.requests = spent.requests.saturating_sub(self.estimate.requests);
            spent.tool_calls = spent.tool_calls.saturating_sub(self.estimate.tool_calls);
            if let (Some(cost), Some(spent)) = (self.estimate.cost_usd, spent.cost_usd.as_mut()) {
                *spent -= cost;
            }
        }
    }
}
