//! What is to be said of an agent whose state changed.

use std::collections::VecDeque;

use llmspell_core::{Cx, Value};

use super::lifecycle::State;
use crate::event;

/// Through which states an agent went.
pub(super) struct Moved {
    pub(super) from: State,
    pub(super) through: &'static [State],
}

impl Moved {
    /// Returns whether the state changed.
    pub(super) fn is_some(&self) -> bool {
        !self.through.is_empty()
    }

    /// Returns what the events say about it.
    pub(super) fn facts(&self) -> impl Iterator<Item = [(&'static str, Value); 2]> + use<> {
        let starts = std::iter::once(self.from).chain(self.through.iter().copied());
        let steps = starts.zip(self.through);
        steps.map(|(from, to)| [("from", from.name().into()), ("to", to.name().into())])
    }
}

/// The events of an execution that has ended. What is not published when this is dropped is published where nobody
/// waits.
pub(super) struct Untold {
    pub(super) cx: Cx,
    pub(super) events: VecDeque<(&'static str, Value)>,
}

impl Untold {
    /// Publishes them.
    pub(super) async fn announce(mut self) {
        while let Some((kind, facts)) = self.events.pop_front() {
            event::announce(&self.cx, "agent", kind, || facts).await;
        }
    }
}

impl Drop for Untold {
    fn drop(&mut self) {
        for (kind, facts) in self.events.drain(..) {
            event::tell(&self.cx, "agent", kind, || facts);
        }
    }
}
