//! Hooks that belong to a session and see only what is done for it.

use std::sync::Arc;
use std::time::Duration;

use llmspell_core::{Callback, Cx, Map, Result, Value};

use super::answer::Answer;
use super::context::Context;
use super::entry::{Answering, Entry, Hook, Registration, ScriptHook};
use super::frame::Within;
use super::hooks::Hooks;
use super::point::{Named, Point};
use crate::event::EventLanguage;
use crate::journal::Journal;

/// A hook that is called only for one session.
struct OfSession {
    session: Arc<str>,
    /// What `data.operation` says where the point says nothing.
    operation: Option<&'static str>,
    hook: Arc<dyn Hook>,
}

/// What a session registers.
pub(crate) struct Attachment {
    /// Its name, which listings show before the session.
    pub(crate) name: &'static str,
    /// Where it is called.
    pub(crate) points: Vec<Named>,
    /// Smaller runs first.
    pub(crate) priority: i32,
    /// The language that it is written in.
    pub(crate) language: EventLanguage,
    /// What `data.operation` says where the point says nothing.
    pub(crate) operation: Option<&'static str>,
    /// The hook itself.
    pub(crate) hook: Arc<dyn Hook>,
}

/// Makes a hook of a function of the script.
pub(crate) fn of_script(function: Callback) -> Arc<dyn Hook> {
    Arc::new(ScriptHook(function))
}

impl Hooks {
    /// Registers a hook that sees only what is done for a session.
    ///
    /// - Errors: `Exists` if the session has one of this name there; `Limit` if there are too many hooks.
    pub(crate) fn attach(&self, session: &str, attachment: Attachment) -> Result<()> {
        let hook: Arc<dyn Hook> = Arc::new(OfSession {
            session: session.into(),
            operation: attachment.operation,
            hook: attachment.hook,
        });
        let name = format!("{}:{session}", attachment.name);
        for point in attachment.points {
            let registration = Registration {
                priority: attachment.priority,
                tags: vec![tag(session)],
                language: attachment.language,
                timeout: hook.patience(),
                ..Registration::new(&name, hook.clone())
            };
            self.add(Point::Named(point), registration)?;
        }
        Ok(())
    }

    /// Returns whether a session has hooks of its own.
    pub(crate) fn has_attached(&self, session: &str) -> bool {
        self.attached()
            .iter()
            .any(|entry| entry.tags.contains(&tag(session)))
    }

    /// Lets the hooks of a session go.
    pub(crate) fn detach(&self, session: &str) {
        self.remove(|entry| entry.tags.contains(&tag(session)));
    }

    /// Returns what the hooks of sessions counted, by session.
    pub(super) fn counted_by_session(&self) -> Map {
        let mut counted = Map::new();
        for entry in self.attached() {
            counted.extend(entry.hook.numbers());
        }
        counted
    }

    fn attached(&self) -> Vec<Arc<Entry>> {
        let of_session = |entry: &Arc<Entry>| {
            let mut tags = entry.tags.iter();
            tags.any(|tag| tag.starts_with(TAG))
        };
        self.all().into_iter().filter(of_session).collect()
    }
}

/// How the tag of a session's hooks begins.
const TAG: &str = "session:";

fn tag(session: &str) -> String {
    format!("{TAG}{session}")
}

impl OfSession {
    fn is_concerned(&self, cx: &Cx, context: &Context<'_>) -> bool {
        if context.component.kind == "Session" {
            return context.component.id == *self.session;
        }
        let chosen = cx.part::<Journal>().ok();
        let chosen = chosen.and_then(|journal| journal.current().chosen());
        chosen.is_some_and(|chosen| chosen.session == self.session && chosen.is_active())
    }
}

impl Hook for OfSession {
    fn call<'a>(&'a self, cx: &'a Within<'a>, context: &'a mut Context<'_>) -> Answering<'a> {
        if !self.is_concerned(cx, context) {
            return Box::pin(std::future::ready(Ok(Answer::Continue)));
        }
        let Some(operation) = self.operation else {
            return self.hook.call(cx, context);
        };
        Box::pin(async move {
            // What the hook is told beside the facts is no part of the operation.
            let mut told = context.clone();
            if !told.data.contains_key("session_id") {
                told.data.insert("session_id", (&*self.session).into());
            }
            if !told.data.contains_key("operation") {
                told.data.insert("operation", operation.into());
            }
            let answer = self.hook.call(cx, &mut told).await;
            context.metadata = told.metadata;
            answer
        })
    }

    fn patience(&self) -> Option<Duration> {
        self.hook.patience()
    }

    fn numbers(&self) -> Map {
        let numbers = self.hook.numbers();
        if numbers.is_empty() {
            return Map::new();
        }
        Map::from_iter([(self.session.to_string(), Value::Map(numbers))])
    }
}
