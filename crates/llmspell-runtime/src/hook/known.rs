//! What the run knows of every operation, as members of the metadata that hooks see.

use std::sync::Arc;

use llmspell_core::{Call, Cx, Map, Value};

use super::context::Component;
use super::hooks::Hooks;
use crate::agent;
use crate::journal::Journal;
use crate::telemetry::{self, Telemetry};

/// For whom an operation is done, where it stands in a trace, and within how many executions of agents.
///
/// It is a moment's knowledge, of which the texts are made when a hook reads them.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    /// What the session says that the operation is done for.
    session: Arc<Map>,
    /// The session that the operation is about, if it is about one.
    about: Option<Value>,
    /// The user of an agent's context.
    user: Option<Value>,
    /// The ids of trace and span, if there is telemetry.
    trace: Vec<(&'static str, String)>,
    agents: usize,
}

impl Known {
    pub(super) fn of(cx: &Cx, component: &Component, call: Option<&Call>) -> Self {
        let is_session = component.kind == "Session";
        Self {
            session: session(cx),
            about: is_session.then(|| component.id.as_str().into()),
            user: call.and_then(agent::user_of),
            trace: trace(cx),
            agents: agent::depth(cx),
        }
    }

    /// Returns it as members of the metadata, all of them texts.
    pub(super) fn members(&self) -> Map {
        let mut members = (*self.session).clone();
        let own = [("session_id", &self.about), ("user_id", &self.user)];
        for (name, value) in own {
            if let Some(value) = value {
                members.insert(name, value.clone());
            }
        }
        for (name, id) in &self.trace {
            members.insert(*name, id.as_str().into());
        }
        members.insert("recursion_depth", self.agents.to_string().into());
        members
    }
}

/// Returns the ids of trace and span, if there is telemetry; where `TracingIntegrator` notes them, or was told not to,
/// that is left to it.
fn trace(cx: &Cx) -> Vec<(&'static str, String)> {
    let tracer = cx.part_ref::<Telemetry>().and_then(Telemetry::current);
    let notes = || cx.part_ref::<Hooks>().is_some_and(Hooks::notes_traces);
    match tracer.filter(|_| !notes()) {
        Some(tracer) => {
            let [trace, span, _] = telemetry::context_of(&tracer, cx);
            vec![trace, span]
        }
        None => Vec::new(),
    }
}

/// Returns what the session says that calls are made for: the one that the script chose, or the run's own.
fn session(cx: &Cx) -> Arc<Map> {
    let own = || Arc::new(Map::from([("session_id", cx.session().into())]));
    match cx.part_ref::<Journal>() {
        Some(journal) => journal.current().told(own),
        None => own(),
    }
}
