//! Publishing on the event bus of the run.

use std::sync::Arc;

use llmspell_core::{Cx, Events, Result, Value};

use crate::param::refused;

/// Events of one type that a tool publishes.
pub(crate) struct Publisher {
    events: Arc<dyn Events>,
    source: &'static str,
    name: String,
}

impl Publisher {
    /// Publishes under the type that the parameter `publish` names, as the tool `source`.
    ///
    /// - Errors: `InvalidArgs` without a name; `Unavailable` in a run without a bus.
    pub(crate) fn open(cx: &Cx, source: &'static str, name: &str) -> Result<Self> {
        if name.is_empty() {
            return Err(refused("publish", "parameter 'publish' names no event"));
        }
        Ok(Self {
            events: cx.host().events()?,
            source,
            name: name.to_owned(),
        })
    }

    /// Publishes one event.
    ///
    /// - Errors: those of [`Events::publish`].
    pub(crate) async fn publish(&self, cx: &Cx, facts: Value) -> Result<()> {
        let published = self.events.publish(cx, self.source, &self.name, facts);
        published.await
    }
}
