//! The task whose turn it is.

use std::sync::Arc;

use llmspell_core::{Cx, Error};

use super::Stop;

/// The task that runs.
#[derive(Clone)]
pub(crate) struct Current {
    pub(crate) id: u64,
    pub(crate) cx: Cx,
    pub(crate) stop: Arc<Stop>,
}

impl Current {
    /// Returns why it must stop, if it must: it was asked to, or its context says so.
    pub(crate) fn why_stop(&self) -> Option<Error> {
        if self.stop.is_set() {
            return self.stop.error();
        }
        let error = self.cx.check().err()?;
        self.stop.soft(error.clone());
        Some(error)
    }
}
