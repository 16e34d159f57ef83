//! One live agent.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use llmspell_core::{Cancel, Cx, Error, Handle, Kind, Ledger, Map, Result, Value, error};
use parking_lot::{Mutex, RwLock};
use schemars::JsonSchema;
use serde::Serialize;
use tokio::sync::Notify;
use uuid::Uuid;

use super::agents::{Agents, lineage};
use super::alert::Alerts;
use super::composite::Composite;
use super::config::{AgentType, Create, Settings, target};
use super::conversation::Conversation;
use super::lifecycle::{Event, Lifecycle, Moment, State};
use super::metrics::Metrics;
use super::moved::Moved;
use super::toolbox::Toolbox;
use super::tuning::Tuning;
use crate::event;
use crate::model::{Limiter, Models};

/// What a handle of kind `agent` means.
pub(super) struct Agent {
    /// Id of the handle; that of the name unless the name was used before.
    pub(super) key: Arc<str>,
    pub(super) id: String,
    pub(super) handle: Handle,
    pub(super) settings: Settings,
    pub(super) toolbox: Toolbox,
    pub(super) composite: Option<Composite>,
    /// Whether connection settings of its own were put down under its key.
    pub(super) connection: Option<String>,
    pub(super) limiter: Option<Arc<Limiter>>,
    pub(super) conversation: Mutex<Conversation>,
    pub(super) custom: Mutex<Map>,
    /// Settings that came back with a saved state, in place of those that the script did not say.
    pub(super) restored: RwLock<Tuning>,
    pub(super) metrics: Mutex<Metrics>,
    pub(super) alerts: Mutex<Alerts>,
    /// One execution at a time, in the order of the calls.
    pub(super) queue: Arc<tokio::sync::Mutex<()>>,
    lifecycle: Mutex<Lifecycle>,
    changed: Notify,
    running: Mutex<Vec<(Arc<Ledger>, Cancel)>>,
}

/// An agent: a model with instructions, tools and a memory of its conversation.
#[derive(Serialize, JsonSchema)]
pub(super) struct Face {
    name: String,
    id: String,
    description: String,
    /// `provider/model`.
    model: String,
}

impl Agent {
    /// Makes an agent and adds it to those of the run; [`announced`](Self::announced) says so.
    ///
    /// - Errors: `NotFound` for an unknown provider or tool, `InvalidArgs` for a value out of range, `Limit`.
    pub(super) fn create(cx: &Cx, create: Create) -> Result<Arc<Self>> {
        let models = cx.part::<Models>()?;
        let agents = cx.part::<Agents>()?;
        let name = name(cx, &create)?;
        let overrides = create.overrides();
        let (model, provider) = (create.model.clone(), create.provider.clone());
        let tools = create.tools.clone();
        let mut settings = create.settings(name)?;
        let mut toolbox = Toolbox::new(cx, &tools)?;
        match settings.agent_type {
            AgentType::Basic => {}
            AgentType::ToolOrchestrator if tools.is_null() => toolbox = Toolbox::all(),
            _ => {}
        }
        if settings.agent_type != AgentType::Basic {
            settings.target = Some(match (&model, &provider) {
                (Value::Null, None) => agents.default_target(&models)?,
                (model, provider) => target(models.providers(), model, provider.as_deref())?,
            });
        }
        let shown = match &settings.target {
            Some(target) => target.to_string(),
            None => "basic".to_owned(),
        };
        let agent = Self::new(
            cx,
            &agents,
            settings,
            &shown,
            toolbox,
            None,
            overrides.is_some(),
        )?;
        if let (Some(overrides), Some(connection)) = (overrides, &agent.connection) {
            models.connect(connection, overrides);
        }
        Ok(agent)
    }

    /// Makes an agent of other agents; [`announced`](Self::announced) says so.
    pub(super) fn compose(cx: &Cx, settings: Settings, composite: Composite) -> Result<Arc<Self>> {
        let agents = cx.part::<Agents>()?;
        let toolbox = Toolbox::default();
        Self::new(
            cx,
            &agents,
            settings,
            "composite",
            toolbox,
            Some(composite),
            false,
        )
    }

    fn new(
        cx: &Cx,
        agents: &Agents,
        settings: Settings,
        model: &str,
        toolbox: Toolbox,
        composite: Option<Composite>,
        own_connection: bool,
    ) -> Result<Arc<Self>> {
        let id = Uuid::new_v5(&Uuid::NAMESPACE_DNS, settings.name.as_bytes()).to_string();
        let key = agents.reserve(&settings.name, &id)?;
        agents.uptime(cx);
        let face = Face {
            name: settings.name.clone(),
            id: id.clone(),
            description: settings.description.clone(),
            model: model.to_owned(),
        };
        let limiter = settings.rate.map(|rate| {
            Arc::new(Limiter::new(
                format!("agent '{}'", settings.name),
                rate.bounds(),
            ))
        });
        let agent = Arc::new(Self {
            handle: Handle::with("agent", &key, &face),
            connection: own_connection.then(|| key.to_string()),
            key,
            id,
            toolbox,
            composite,
            limiter,
            conversation: Mutex::default(),
            custom: Mutex::default(),
            restored: RwLock::default(),
            metrics: Mutex::default(),
            alerts: Mutex::default(),
            queue: Arc::default(),
            lifecycle: Mutex::new(Lifecycle::new(moment(cx))),
            changed: Notify::new(),
            running: Mutex::default(),
            settings,
        });
        agents.add(agent.clone());
        Ok(agent)
    }

    pub(super) fn name(&self) -> &str {
        &self.settings.name
    }

    /// Returns the model as scripts see it: `provider/model`.
    pub(super) fn model(&self) -> &str {
        self.handle
            .fields
            .get("model")
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// Returns what it is made of.
    pub(super) fn agent_type(&self) -> AgentType {
        match self.composite {
            Some(_) => AgentType::Composite,
            None => self.settings.agent_type,
        }
    }

    pub(super) fn state(&self) -> State {
        self.lifecycle.lock().state()
    }

    /// Reads the lifecycle.
    pub(super) fn life<T>(&self, read: impl FnOnce(&Lifecycle) -> T) -> T {
        read(&self.lifecycle.lock())
    }

    /// Lets an event happen, and returns what is to be said of it.
    pub(super) fn apply(&self, cx: &Cx, event: Event) -> Result<Moved> {
        let (from, through) = {
            let mut lifecycle = self.lifecycle.lock();
            let from = lifecycle.state();
            (from, lifecycle.apply(self.name(), event, moment(cx))?)
        };
        if !through.is_empty() {
            self.changed.notify_waiters();
        }
        if event == Event::Terminate {
            let reason = error!(Cancelled, "agent '{}' was terminated", self.name());
            for (_, cancel) in self.running.lock().iter() {
                cancel.cancel(reason.clone());
            }
        }
        Ok(Moved { from, through })
    }

    /// Publishes that it was made, and returns it.
    pub(super) async fn announced(self: Arc<Self>, cx: &Cx) -> Arc<Self> {
        self.announce(cx, "agent.created", []).await;
        self
    }

    /// Publishes an event about the agent.
    pub(super) async fn announce<const N: usize>(
        &self,
        cx: &Cx,
        kind: &str,
        facts: [(&str, Value); N],
    ) {
        event::announce(cx, "agent", kind, || self.about(facts)).await;
    }

    /// Publishes through which states it went.
    pub(super) async fn announce_states(&self, cx: &Cx, moved: &Moved) {
        for states in moved.facts() {
            self.announce(cx, "agent.state.changed", states).await;
        }
    }

    /// Returns what an event about the agent says.
    pub(super) fn about<const N: usize>(&self, facts: [(&str, Value); N]) -> Value {
        let own = [
            ("agent_id", self.id.as_str().into()),
            ("agent_name", self.name().into()),
        ];
        let all = own.into_iter().chain(facts);
        Value::Map(all.collect())
    }

    /// Stores the error of an execution or of `set_error`.
    pub(super) fn store_error(&self, message: &str) {
        self.lifecycle.lock().fail(message);
    }

    /// Stores the error of an execution.
    pub(super) fn execution_failed(&self, message: &str) {
        self.lifecycle.lock().execution_failed(message);
    }

    /// Says that an execution succeeded.
    pub(super) fn succeed(&self) {
        self.lifecycle.lock().succeed();
    }

    /// Waits while the agent is paused.
    ///
    /// - Errors: `InvalidState` if it went into a state in which it cannot go on.
    pub(super) async fn unless_paused(&self, cx: &Cx) -> Result<()> {
        loop {
            let change = self.changed.notified();
            tokio::pin!(change);
            // Registered before the state is read, so that no change between the two is missed.
            change.as_mut().enable();
            match self.state() {
                State::Paused => cx.unless_stopped(change).await?,
                State::Error | State::Terminated => return Err(self.broken()),
                _ => return Ok(()),
            }
        }
    }

    fn broken(&self) -> Error {
        let state = self.state().name();
        Error::new(
            Kind::InvalidState,
            format!("agent '{}' is in the state {state}", self.name()),
        )
        .with("from", state)
    }

    /// Notes an execution that may have to be cancelled.
    pub(super) fn enter(&self, ledger: &Arc<Ledger>, cancel: &Cancel) {
        self.running.lock().push((ledger.clone(), cancel.clone()));
    }

    pub(super) fn leave(&self, ledger: &Arc<Ledger>) {
        self.running
            .lock()
            .retain(|(own, _)| !Arc::ptr_eq(own, ledger));
    }

    /// Returns whether this call is within an execution of the agent itself.
    pub(super) fn is_above(&self, cx: &Cx) -> bool {
        let running = self.running.lock();
        let mut above = false;
        lineage(cx, |ledger| {
            above |= running.iter().any(|(own, _)| Arc::ptr_eq(own, ledger))
        });
        above
    }
}

/// Returns the present moment on both clocks.
pub(super) fn moment(cx: &Cx) -> Moment {
    let clock = &cx.host().clock;
    Moment {
        micros: clock.now(),
        monotonic: clock.monotonic(),
    }
}

/// Returns how much longer than nothing ago `began` was.
pub(super) fn since(cx: &Cx, began: Duration) -> Duration {
    cx.host().clock.monotonic().saturating_sub(began)
}

/// Returns the configured name, or one that is the same in every run of the same spell.
fn name(cx: &Cx, create: &Create) -> Result<String> {
    match &create.name {
        Some(name) if name.trim().is_empty() => {
            Err(error!(InvalidArgs, "`name` must not be empty"))
        }
        Some(name) => Ok(name.clone()),
        None => {
            let place = llmspell_core::CallId::content(cx.id(), "agent.name", "");
            let digits = place.nth(cx.count(place)).to_string();
            Ok(format!("agent_{}", &digits[..8]))
        }
    }
}

impl fmt::Debug for Agent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Agent({})", self.name())
    }
}
