//! The event `state.changed`.

use std::sync::Arc;

use llmspell_core::{Cx, Result, Scopes as _, Value};

use super::StoredScopes;
use super::compare::same;
use super::key::shown;
use crate::event::{self, Bus};

/// What is published when a value changes.
const CHANGED: &str = "state.changed";

/// A write under way. What was there before is read only if somebody hears of it.
pub(super) struct Change<'a> {
    cx: &'a Cx,
    scope: &'a str,
    key: &'a str,
    old: Option<Value>,
}

impl<'a> Change<'a> {
    /// Notes the value that is there, if somebody listens.
    pub(super) async fn begin(
        cx: &'a Cx,
        stored: &Arc<StoredScopes>,
        scope: &'a str,
        key: &'a str,
    ) -> Result<Self> {
        let bus = cx.part_ref::<Bus>().filter(|bus| bus.takes_runtime());
        let is_heard = bus.is_some_and(|bus| bus.is_heard(CHANGED) || event::is_watched(cx));
        let old = match is_heard {
            true => Some(stored.get(scope, key).await?.unwrap_or_default()),
            false => None,
        };
        Ok(Self {
            cx,
            scope,
            key,
            old,
        })
    }

    /// Returns whether anybody listens.
    pub(super) fn is_heard(&self) -> bool {
        self.old.is_some()
    }

    /// Publishes the change, if it is one and somebody listens.
    pub(super) async fn end(self, new: Option<Value>) {
        let Some(old) = self.old else {
            return;
        };
        let new = new.unwrap_or_default();
        if same(&old, &new) {
            return;
        }
        let facts = || {
            Value::from([
                ("scope", self.scope.into()),
                ("key", self.key.into()),
                ("old_value", shown(self.key, &old)),
                ("new_value", shown(self.key, &new)),
            ])
        };
        event::announce(self.cx, "state", CHANGED, facts).await;
    }
}
