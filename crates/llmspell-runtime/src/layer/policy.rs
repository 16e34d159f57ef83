//! Says which calls are permitted.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use futures::future::BoxFuture;
use llmspell_core::{Call, Effect, Error, Layer, Level, Next, Op, Result, Value, error};

use crate::glob;

/// Which ops and tools may be called.
///
/// Patterns are globs over the full names of ops: `agent.create`, and for tools `tool:NAME`, so that `tool:web_*`
/// concerns tools only. What a `deny` pattern fits is refused; of the rest, tools must fit an `allow` pattern if any of
/// these concerns tools, and other ops likewise.
///
/// A tool must not exceed its granted level. For calls that a model chose ([`Cx::by_model`](llmspell_core::Cx::by_model))
/// the lower one of both grants counts. In a run of level `safe` nothing else is granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Names that may be called; none restricts nothing.
    pub allow: Vec<String>,
    /// Names that may not.
    pub deny: Vec<String>,
    /// Effects that may not happen.
    pub deny_effects: Vec<Effect>,
    /// How far tools may reach. `tools.grant`, default `restricted`.
    pub grant: Level,
    /// How far tools may reach that a model chose. `tools.agent_grant`, default as `grant`.
    pub agent_grant: Option<Level>,
    /// Grants of single tools by name, in place of `grant`: `tools.NAME.grant`.
    pub grants: HashMap<String, Level>,
    /// Whether the run is of level safe, which no grant exceeds: `security.level`.
    pub is_safe: bool,
}

impl Default for Policy {
    /// All names and effects, tools up to level `restricted`.
    fn default() -> Self {
        Self {
            allow: Vec::new(),
            deny: Vec::new(),
            deny_effects: Vec::new(),
            grant: Level::Restricted,
            agent_grant: None,
            grants: HashMap::new(),
            is_safe: false,
        }
    }
}

impl Policy {
    /// Returns an error if calls of `op` with this effect are not permitted.
    ///
    /// `by_model` says that a model chose the call. Listings of tools ask this as well, so that a model is not offered
    /// what it may not call.
    ///
    /// - Errors: `Denied`, with the setting to change in a hint and in the detail `setting`.
    pub fn check(&self, op: &Op, effect: Effect, by_model: bool) -> Result<()> {
        if self.restricts_names() {
            self.check_name(op)?;
        }
        if self.deny_effects.contains(&effect) {
            let effect = effect.name();
            return Err(refusal(
                format!("calls with the effect '{effect}' are not permitted"),
                "deny_effects",
                format!("remove '{effect}' from the denied effects"),
            ));
        }
        match op.tool_info() {
            Some(tool) => self.check_level(op.verb(), None, tool.level, by_model),
            None => Ok(()),
        }
    }

    /// Returns an error if this call of a tool needs a higher level than the tool itself and that is not granted.
    ///
    /// - Errors: `Denied`, as [`check`](Self::check).
    pub fn check_args(&self, op: &Op, args: &Value, by_model: bool) -> Result<()> {
        let Some(tool) = op.tool_info() else {
            return Ok(());
        };
        let level = tool.level_with(args);
        if level == tool.level {
            return Ok(());
        }
        let operation = args.get("operation").and_then(Value::as_str);
        self.check_level(op.verb(), operation, level, by_model)
    }

    fn check_name(&self, op: &Op) -> Result<()> {
        let name = op.name();
        let (what, shown) = match op.tool_info() {
            Some(_) => ("tool", op.verb()),
            None => ("function", name),
        };
        if let Some(pattern) = self
            .deny
            .iter()
            .find(|pattern| glob::matches(pattern, name))
        {
            return Err(refusal(
                format!(
                    "the {what} '{shown}' is not permitted: it fits the denied pattern '{pattern}'"
                ),
                "tools.deny",
                format!("remove '{pattern}' from `tools.deny`"),
            ));
        }
        let concerns = |pattern: &&String| {
            *pattern == "*" || pattern.starts_with("tool:") == op.tool_info().is_some()
        };
        let mut patterns = self.allow.iter().filter(concerns).peekable();
        if patterns.peek().is_none() || patterns.any(|pattern| glob::matches(pattern, name)) {
            return Ok(());
        }
        Err(refusal(
            format!("the {what} '{shown}' is not permitted: it fits no allowed pattern"),
            "tools.allow",
            format!("add '{shown}' to `tools.allow`"),
        ))
    }

    fn check_level(
        &self,
        name: &str,
        operation: Option<&str>,
        level: Level,
        by_model: bool,
    ) -> Result<()> {
        let own = self.grants.get(name).copied();
        let (mut granted, mut setting) = match own {
            Some(own) => (own, Cow::Owned(format!("tools.{name}.grant"))),
            None => (self.grant, Cow::Borrowed("tools.grant")),
        };
        if let Some(agent) = self
            .agent_grant
            .filter(|agent| by_model && *agent < granted)
        {
            granted = agent;
            setting = Cow::Borrowed("tools.agent_grant");
        }
        let mut wanted = level;
        if self.is_safe && granted > Level::Safe {
            granted = Level::Safe;
            setting = Cow::Borrowed("security.level");
            wanted = Level::Restricted;
        }
        if level <= granted {
            return Ok(());
        }
        let wanted = wanted.name();
        let (level, granted) = (level.name(), granted.name());
        let what = match operation {
            Some(operation) => format!("Operation '{operation}' of {name}"),
            None => format!("the tool '{name}'"),
        };
        Err(refusal(
            format!("{what} needs level {level} (granted: {granted}), not permitted"),
            &setting,
            format!("set `{setting} = \"{wanted}\"`"),
        ))
    }

    /// Returns whether anything but the levels of tools is restricted.
    fn restricts_names(&self) -> bool {
        let all = self.allow.iter().all(|pattern| pattern == "*");
        !all || !self.deny.is_empty() || !self.deny_effects.is_empty()
    }
}

fn refusal(message: String, setting: &str, hint: String) -> Error {
    error!(Denied, "{message}")
        .with("setting", setting)
        .hint(hint)
}

/// Refuses calls that the [`Policy`] does not permit.
///
/// - Order: before the journal, so that a refused call leaves no trace of an effect.
/// - Defaults: those of [`Policy`].
#[derive(Debug)]
pub(super) struct Gate {
    policy: Arc<Policy>,
}

impl Gate {
    pub(super) fn new(policy: Arc<Policy>) -> Self {
        Self { policy }
    }
}

impl Layer for Gate {
    fn applies(&self, op: &Op) -> bool {
        // What no rule can refuse passes by.
        let permitted = self.policy.deny_effects.is_empty() && self.policy.check_name(op).is_ok();
        op.tool_info().is_some() || !permitted
    }

    fn call<'a>(&'a self, call: Call, next: Next<'a>) -> BoxFuture<'a, Result<Value>> {
        let by_model = call.cx.is_by_model();
        let checked = self.policy.check(&call.op, call.effect, by_model);
        match checked.and_then(|()| self.policy.check_args(&call.op, &call.args, by_model)) {
            Ok(()) => next.run(call),
            Err(refusal) => Box::pin(std::future::ready(Err(refusal))),
        }
    }
}

#[cfg(test)]
mod tests {
    use llmspell_core::{Cx, ToolInfo};

    use super::*;

    async fn nothing(_: Cx, _: Value) -> Result<Value> {
        Ok(Value::Null)
    }

    fn tool(name: &str, level: Level) -> Op {
        let schema = serde_json::json!({"type": "object"});
        Op::dynamic(name, schema, nothing).tool(ToolInfo::new("utility").level(level))
    }

    fn text(result: Result<()>) -> String {
        match result {
            Ok(()) => "permitted".into(),
            Err(error) => format!("{error:?}"),
        }
    }

    #[test]
    fn names() {
        let policy = Policy {
            allow: vec!["tool:web_*".into(), "tool:calculator".into()],
            deny: vec!["tool:web_scraper".into(), "agent.*".into()],
            ..Policy::default()
        };
        let check = |op: &Op| text(policy.check(op, Effect::Read, false));
        assert_eq!(check(&tool("calculator", Level::Safe)), "permitted");
        assert_eq!(check(&tool("web_search", Level::Safe)), "permitted");
        insta::assert_snapshot!(check(&tool("web_scraper", Level::Safe)), @r#"
        error[denied]: the tool 'web_scraper' is not permitted: it fits the denied pattern 'tool:web_scraper'
          setting: "tools.deny"
          help: remove 'tool:web_scraper' from `tools.deny`
        "#);
        insta::assert_snapshot!(check(&tool("file_search", Level::Safe)), @r#"
        error[denied]: the tool 'file_search' is not permitted: it fits no allowed pattern
          setting: "tools.allow"
          help: add 'file_search' to `tools.allow`
        "#);
        let op = |name| Op::dynamic(name, serde_json::json!({"type": "object"}), nothing);
        assert_eq!(check(&op("json.parse")), "permitted");
        assert!(check(&op("agent.create")).contains("not permitted"));
    }

    #[test]
    fn effects() {
        let policy = Policy {
            deny_effects: vec![Effect::Once],
            ..Policy::default()
        };
        let op = tool("email_sender", Level::Safe);
        assert_eq!(text(policy.check(&op, Effect::Read, false)), "permitted");
        let refused = text(policy.check(&op, Effect::Once, false));
        assert!(
            refused.contains("effect 'once' are not permitted"),
            "{refused}"
        );
    }

    #[test]
    fn single_operations_need_more() {
        let level_of = |args: &Value| match args.get("operation").and_then(Value::as_str) {
            Some("set") => Level::Privileged,
            _ => Level::Safe,
        };
        let info = ToolInfo::new("system").level_of(level_of);
        let op = Op::dynamic(
            "environment_reader",
            serde_json::json!({"type": "object"}),
            nothing,
        )
        .tool(info);
        let ask = |policy: &Policy, operation: &str| {
            let args = serde_json::json!({"operation": operation}).into();
            text(policy.check_args(&op, &args, false))
        };
        let mut policy = Policy::default();
        assert_eq!(ask(&policy, "get"), "permitted");
        insta::assert_snapshot!(ask(&policy, "set"), @r#"
        error[denied]: Operation 'set' of environment_reader needs level privileged (granted: restricted), not permitted
          setting: "tools.grant"
          help: set `tools.grant = "privileged"`
        "#);
        let grant = ("environment_reader".into(), Level::Privileged);
        policy.grants.extend([grant]);
        assert_eq!(ask(&policy, "set"), "permitted");
    }

    #[test]
    fn levels() {
        let mut policy = Policy {
            agent_grant: Some(Level::Safe),
            ..Policy::default()
        };
        let op = tool("process_executor", Level::Restricted);
        assert_eq!(text(policy.check(&op, Effect::Once, false)), "permitted");
        insta::assert_snapshot!(text(policy.check(&op, Effect::Once, true)), @r#"
        error[denied]: the tool 'process_executor' needs level restricted (granted: safe), not permitted
          setting: "tools.agent_grant"
          help: set `tools.agent_grant = "restricted"`
        "#);
        let safe = Policy {
            is_safe: true,
            grants: HashMap::from([("process_executor".into(), Level::Privileged)]),
            ..Policy::default()
        };
        insta::assert_snapshot!(text(safe.check(&op, Effect::Once, false)), @r#"
        error[denied]: the tool 'process_executor' needs level restricted (granted: safe), not permitted
          setting: "security.level"
          help: set `security.level = "restricted"`
        "#);
        policy.grants.insert("process_executor".into(), Level::Safe);
        insta::assert_snapshot!(text(policy.check(&op, Effect::Once, false)), @r#"
        error[denied]: the tool 'process_executor' needs level restricted (granted: safe), not permitted
          setting: "tools.process_executor.grant"
          help: set `tools.process_executor.grant = "restricted"`
        "#);
    }
}
