//! The places at which hooks are called: one list.

use std::fmt;
use std::sync::Arc;

use llmspell_core::{Error, Result, error, nearest};

/// What the answers of hooks mean at a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// Before an operation: every answer has a meaning.
    Before,
    /// After an operation succeeded: every answer has a meaning.
    After,
    /// After an operation failed: every answer has a meaning.
    Failed,
    /// Cancelling prevents it, and the data can be changed.
    Veto,
    /// It has happened; only further operations can be started.
    Notice,
}

macro_rules! points {
    ($( $(#[doc = $doc:literal])+ $name:ident => ($nature:ident, $component:literal), )+) => {
        /// A place at which hooks are called.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Named { $( $(#[doc = $doc])+ $name, )+ }

        impl Named {
            /// Every point, in the order of listings.
            pub const ALL: &'static [Named] = &[ $( Named::$name, )+ ];

            /// Returns the canonical name.
            pub const fn name(self) -> &'static str { match self { $( Named::$name => stringify!($name), )+ } }

            /// Returns what answers mean here.
            pub const fn nature(self) -> Nature { match self { $( Named::$name => Nature::$nature, )+ } }

            /// Returns the type of the component that it is about.
            pub const fn component(self) -> &'static str { match self { $( Named::$name => $component, )+ } }
        }
    };
}

points! {
    /// After the runtime is up, before the script's first line.
    SystemStartup => (Notice, "System"),
    /// After the script's last line, before stores close.
    SystemShutdown => (Notice, "System"),
    /// Before the configuration of the run changes.
    ConfigurationChange => (Veto, "System"),
    /// Just before a limit's error is raised.
    ResourceLimitExceeded => (Notice, "System"),
    /// Just before the policy's error is raised.
    SecurityViolation => (Notice, "System"),
    /// When an agent is about to be initialised.
    BeforeAgentInit => (Veto, "Agent"),
    /// When an agent became ready the first time.
    AfterAgentInit => (Notice, "Agent"),
    /// Before each execution.
    BeforeAgentExecution => (Before, "Agent"),
    /// After an execution succeeded.
    AfterAgentExecution => (After, "Agent"),
    /// After an execution failed.
    AgentError => (Failed, "Agent"),
    /// Before an agent ends.
    BeforeAgentShutdown => (Veto, "Agent"),
    /// After an agent ended.
    AfterAgentShutdown => (Notice, "Agent"),
    /// Before tools are listed.
    BeforeToolDiscovery => (Before, "Tool"),
    /// After tools were listed.
    AfterToolDiscovery => (After, "Tool"),
    /// After the parameters were checked, before the tool runs.
    ToolValidation => (Before, "Tool"),
    /// Before the tool's body.
    BeforeToolExecution => (Before, "Tool"),
    /// After a tool succeeded.
    AfterToolExecution => (After, "Tool"),
    /// After a tool failed at run time.
    ToolError => (Failed, "Tool"),
    /// First thing of an execution of a workflow.
    BeforeWorkflowStart => (Before, "Workflow"),
    /// Between two stages.
    WorkflowStageTransition => (Notice, "Workflow"),
    /// Before each step, branch and step of an iteration.
    BeforeWorkflowStage => (Before, "Workflow"),
    /// After a stage succeeded.
    AfterWorkflowStage => (After, "Workflow"),
    /// After a stage is durable.
    WorkflowCheckpoint => (Veto, "Workflow"),
    /// Before compensation starts.
    WorkflowRollback => (Veto, "Workflow"),
    /// After an execution of a workflow succeeded.
    AfterWorkflowComplete => (After, "Workflow"),
    /// After a step or an execution failed.
    WorkflowError => (Failed, "Workflow"),
    /// Before state is read.
    BeforeStateRead => (Before, "State"),
    /// After state was read.
    AfterStateRead => (After, "State"),
    /// Before state is written.
    BeforeStateWrite => (Veto, "State"),
    /// After state was written.
    AfterStateWrite => (Notice, "State"),
    /// When a compare-and-set lost.
    StateConflict => (Failed, "State"),
    /// Before and after a migration.
    StateMigration => (Veto, "State"),
    /// When a session is created.
    SessionStart => (Veto, "Session"),
    /// When a session ended.
    SessionEnd => (Notice, "Session"),
    /// When a session is suspended.
    SessionCheckpoint => (Veto, "Session"),
    /// When a session is resumed or loaded.
    SessionRestore => (Veto, "Session"),
    /// When a session is saved.
    SessionSave => (Veto, "Session"),
    /// Before an event is published.
    BeforeEventEmit => (Veto, "Event"),
    /// After an event was published.
    AfterEventEmit => (Notice, "Event"),
    /// When an event handler failed.
    EventHandlerError => (Notice, "Event"),
    /// When an operation took longer than it should.
    PerformanceThresholdExceeded => (Notice, "System"),
    /// When the script's memory is nearly used up.
    MemoryUsageHigh => (Notice, "System"),
    /// When a run uses a whole core for seconds.
    CpuUsageHigh => (Notice, "System"),
}

/// Further names of points.
const ALIASES: &[(&str, &str)] = &[
    ("BeforeWorkflowStep", "BeforeWorkflowStage"),
    ("workflow:before_step", "BeforeWorkflowStage"),
    ("AfterWorkflowStep", "AfterWorkflowStage"),
    ("workflow:after_step", "AfterWorkflowStage"),
    ("workflow:before_start", "BeforeWorkflowStart"),
    ("workflow:complete", "AfterWorkflowComplete"),
    ("workflow:after_complete", "AfterWorkflowComplete"),
    ("workflow:on_error", "WorkflowError"),
    ("workflow:on_step_error", "WorkflowError"),
    ("agent:before_execution", "BeforeAgentExecution"),
    ("agent_complete", "AfterAgentExecution"),
    ("agent:after_execution", "AfterAgentExecution"),
    ("parallel:branch_start", "custom:parallel_fork"),
    (
        "conditional:condition_evaluated",
        "custom:condition_evaluation",
    ),
    ("loop:iteration_complete", "custom:loop_iteration_complete"),
];

/// A place at which hooks are called: one of the list, or one that scripts name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Point {
    /// One of the list.
    Named(Named),
    /// `custom:NAME`.
    Custom(Arc<str>),
}

impl Point {
    /// Returns the point of a name or alias.
    ///
    /// - Errors: `InvalidArgs` with the nearest names.
    pub fn parse(name: &str) -> Result<Self> {
        let alias = ALIASES.iter().find(|(alias, _)| *alias == name);
        let canonical = alias.map_or(name, |(_, canonical)| *canonical);
        if let Some(named) = Named::ALL.iter().find(|point| point.name() == canonical) {
            return Ok(Self::Named(*named));
        }
        match canonical.strip_prefix("custom:") {
            Some(rest) if !rest.is_empty() => Ok(Self::Custom(canonical.into())),
            _ => Err(unknown(name)),
        }
    }

    /// Returns the canonical name.
    pub fn name(&self) -> &str {
        match self {
            Self::Named(named) => named.name(),
            Self::Custom(name) => name,
        }
    }

    /// Returns what answers mean here. Scripts that fire a point of their own read the answer themselves.
    pub fn nature(&self) -> Nature {
        match self {
            Self::Named(named) => named.nature(),
            Self::Custom(_) => Nature::Before,
        }
    }

    /// The bit that all points share that scripts name.
    pub(super) const CUSTOM: u64 = 1 << 63;

    /// Returns its bit in a set of points; all points that scripts name share one.
    pub(crate) const fn bit(&self) -> u64 {
        match self {
            Self::Named(named) => 1 << *named as u64,
            Self::Custom(_) => Self::CUSTOM,
        }
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

fn unknown(name: &str) -> Error {
    let error = error!(InvalidArgs, "Unknown hook point: {name}").with("point", name);
    let names = Named::ALL.iter().map(|point| point.name());
    match nearest(name, names).as_slice() {
        [] => error.hint("points of your own are named 'custom:NAME'"),
        near => error.hint(format!("did you mean '{}'?", near.join("' or '"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_aliases_and_own_points() {
        assert_eq!(Named::ALL.len(), 43);
        let parsed = |name: &str| Point::parse(name).unwrap().name().to_owned();
        assert_eq!(parsed("BeforeToolExecution"), "BeforeToolExecution");
        assert_eq!(parsed("BeforeWorkflowStep"), "BeforeWorkflowStage");
        assert_eq!(parsed("agent_complete"), "AfterAgentExecution");
        assert_eq!(parsed("custom:mine"), "custom:mine");
        assert_eq!(parsed("parallel:branch_start"), "custom:parallel_fork");
        for name in ["beforetoolexecution", "custom:", "", "tool"] {
            assert!(Point::parse(name).is_err(), "{name}");
        }
        let error = Point::parse("BeforeToolExecutoin").unwrap_err();
        assert_eq!(error.message(), "Unknown hook point: BeforeToolExecutoin");
        assert!(error.hints()[0].contains("'BeforeToolExecution"));
    }

    #[test]
    fn every_alias_leads_somewhere() {
        for (alias, canonical) in ALIASES {
            assert_eq!(Point::parse(alias).unwrap().name(), *canonical);
        }
    }
}
