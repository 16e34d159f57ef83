//! What sessions may consume, and how long they live.

use llmspell_core::{Error, Result, Value, bail, error};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::middleware::Middleware;
use super::policy::Policies;

/// What holds for all sessions of a store, from the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Whether scripts can make sessions at all. `sessions.enabled`, default true.
    pub enabled: bool,
    /// Most active sessions at once (count). `sessions.max_sessions`, default 100.
    pub max_sessions: u64,
    /// Seconds without work after which a session is suspended; 0 is never. `sessions.session_timeout_seconds`, default
    /// 3600.
    pub max_idle_secs: u64,
    /// Seconds between snapshots; 0 is never. `sessions.auto_save_interval_seconds`, default 300.
    pub auto_save_interval_secs: u64,
    /// Days that a session is kept after its end. `sessions.retention_days`, default 30.
    pub retention_days: u64,
    /// Most artifacts of a session (count). `sessions.max_artifacts_per_session`, default 1000.
    pub max_artifacts: u64,
    /// Most bytes of a session's artifacts. `artifacts.max_session_bytes`, default 10 GiB.
    pub max_storage_bytes: u64,
    /// Whether large results become artifacts. `artifacts.auto_collect`, default true.
    pub auto_collect: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            enabled: true,
            max_sessions: 100,
            max_idle_secs: 3600,
            auto_save_interval_secs: 300,
            retention_days: 30,
            max_artifacts: 1000,
            max_storage_bytes: 10 << 30,
            auto_collect: true,
        }
    }
}

/// The bounds of one session, as it was created with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Bounds {
    /// Seconds after its begin at which it fails; 0 is never.
    pub max_duration_secs: u64,
    /// Seconds without work after which it is suspended; 0 is never.
    pub max_idle_secs: u64,
    /// Seconds between snapshots; 0 is never.
    pub auto_save_interval_secs: u64,
    /// Most artifacts (count).
    pub max_artifacts: u64,
    /// Whether large results become artifacts.
    pub auto_collect_artifacts: bool,
    /// Whether it can be replayed.
    pub enable_replay: bool,
    /// Days that it is kept after its end.
    pub retention_days: u64,
    /// What it may consume.
    pub resource_limits: Resources,
    /// Which hooks are called for it.
    pub hook_config: HookChoice,
    /// What holds for its calls beyond that.
    #[serde(skip_serializing_if = "Policies::is_empty")]
    pub policies: Policies,
    /// The built-in hooks that see its calls.
    #[serde(skip_serializing_if = "Middleware::is_empty")]
    pub middleware: Middleware,
}

/// What a session may consume.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Resources {
    /// Most memory of the process while calls are made for it, in bytes. Looked at now and then, where the system tells.
    pub max_memory_bytes: u64,
    /// Most processor time of the process since its first call there, in seconds. Looked at now and then.
    pub max_cpu_seconds: u64,
    /// Most recorded calls (count).
    pub max_operations: u64,
    /// Most bytes of its artifacts.
    pub max_storage_bytes: u64,
}

/// Which hooks are called for a session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct HookChoice {
    /// Those of `SessionStart`.
    pub on_start: bool,
    /// Those of `SessionEnd`.
    pub on_end: bool,
    /// Those of `SessionCheckpoint`.
    pub on_suspend: bool,
    /// Those of `SessionRestore`.
    pub on_resume: bool,
    /// Those of the points about artifacts.
    pub on_artifact_create: bool,
    /// How long the hooks of one point may take together, in milliseconds.
    pub timeout_ms: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self::of(&Rules::default())
    }
}

impl Default for Resources {
    fn default() -> Self {
        Self {
            max_memory_bytes: 1 << 30,
            max_cpu_seconds: 3600,
            max_operations: 100_000,
            max_storage_bytes: 10 << 30,
        }
    }
}

impl Default for HookChoice {
    fn default() -> Self {
        Self {
            on_start: true,
            on_end: true,
            on_suspend: true,
            on_resume: true,
            on_artifact_create: true,
            timeout_ms: 5000,
        }
    }
}

impl Bounds {
    /// Returns the bounds that hold where a script says nothing.
    pub fn of(rules: &Rules) -> Self {
        Self {
            max_duration_secs: 86_400,
            max_idle_secs: rules.max_idle_secs,
            auto_save_interval_secs: rules.auto_save_interval_secs,
            max_artifacts: rules.max_artifacts,
            auto_collect_artifacts: rules.auto_collect,
            enable_replay: true,
            retention_days: rules.retention_days,
            resource_limits: Resources {
                max_storage_bytes: rules.max_storage_bytes,
                ..Resources::default()
            },
            hook_config: HookChoice::default(),
            policies: Policies::default(),
            middleware: Middleware::default(),
        }
    }

    /// Lays what a script wrote over the bounds.
    ///
    /// - Errors: `InvalidArgs` naming the member that is wrong or unknown.
    pub fn over(&self, mut written: Value) -> Result<Self> {
        let mut take = |name: &str| match &mut written {
            Value::Map(written) => written.shift_remove(name).unwrap_or_default(),
            _ => Value::Null,
        };
        let mut policies = Policies::read(take("policies"))?;
        let (middleware, rates) = Middleware::read(take("middleware"))?;
        if rates {
            policies.limit_rates();
        }
        let mut whole = Value::from_serialize(self)?;
        merge(&mut whole, written, "config")?;
        let own: Self = whole
            .into_typed()
            .map_err(|error: Error| error!(InvalidArgs, "`config`: {}", error.message()))?;
        Ok(Self {
            policies,
            middleware,
            ..own
        })
    }

    /// Returns seconds after the begin at which the session fails; 0 is never.
    pub(super) fn longest(&self) -> u64 {
        sooner(self.max_duration_secs, self.policies.ends().0)
    }

    /// Returns seconds without work after which the session is suspended; 0 is never.
    pub(super) fn longest_idle(&self) -> u64 {
        sooner(self.max_idle_secs, self.policies.ends().1)
    }
}

/// Returns the sooner of two times, of which 0 is never.
fn sooner(own: u64, other: Option<u64>) -> u64 {
    match other {
        Some(other) if own == 0 || other < own => other,
        _ => own,
    }
}

/// Lays `written` over `whole`, whose members are all that there may be.
fn merge(whole: &mut Value, written: Value, place: &str) -> Result<()> {
    let (Value::Map(whole), written) = (whole, written) else {
        return Ok(());
    };
    let written = match written {
        Value::Null => return Ok(()),
        Value::List(items) if items.is_empty() => return Ok(()),
        Value::Map(written) => written,
        other => bail!(
            InvalidArgs,
            "`{place}` must be a table, got {}",
            other.type_name()
        ),
    };
    for (name, value) in written {
        let name = match name.as_str() {
            "auto_save_interval" => "auto_save_interval_secs",
            other => other,
        };
        let Some(slot) = whole.get_mut(name) else {
            let near = llmspell_core::nearest(name, whole.keys().map(llmspell_core::Name::as_str));
            let error = error!(InvalidArgs, "unknown option '{place}.{name}'");
            return Err(match near.first() {
                Some(near) => error.hint(format!("did you mean '{near}'?")),
                None => error,
            });
        };
        match slot {
            Value::Map(_) => merge(slot, value, &format!("{place}.{name}"))?,
            _ if value.is_null() => {}
            _ => *slot = value,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use llmspell_core::Kind;
    use serde_json::json;

    use super::*;

    fn over(written: serde_json::Value) -> Result<Bounds> {
        Bounds::default().over(written.into())
    }

    #[test]
    fn what_a_script_writes_stands_over_the_defaults() {
        let bounds = over(json!({
            "max_idle_secs": 5, "auto_save_interval": 7, "resource_limits": {"max_operations": 3},
            "hook_config": {"on_end": false}, "policies": {}, "middleware": null,
        }))
        .unwrap();
        assert_eq!(
            (bounds.max_idle_secs, bounds.auto_save_interval_secs),
            (5, 7)
        );
        assert_eq!(bounds.resource_limits.max_operations, 3);
        assert_eq!(bounds.resource_limits.max_cpu_seconds, 3600);
        assert!(!bounds.hook_config.on_end && bounds.hook_config.on_start);
        assert_eq!(bounds.max_duration_secs, 86_400);
        assert_eq!(over(json!({})).unwrap(), Bounds::default());
        assert_eq!(bounds.longest_idle(), 5);
        let strict = over(json!({"policies": {"timeout": {"idle_timeout": 60}}})).unwrap();
        assert_eq!((strict.longest(), strict.longest_idle()), (3660, 120));
        let none = over(json!({"middleware": {"logging": false, "custom_hooks": []}})).unwrap();
        assert_eq!(none, Bounds::default());
        let rates = over(json!({"middleware": {"rate_limiting": true}})).unwrap();
        assert_eq!(
            rates,
            over(json!({"policies": {"rate_limit": true}})).unwrap()
        );
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for (written, kind) in [
            (json!({"max_idel_secs": 5}), Kind::InvalidArgs),
            (json!({"max_idle_secs": -5}), Kind::InvalidArgs),
            (json!({"max_idle_secs": "x"}), Kind::InvalidArgs),
            (json!({"hook_config": 5}), Kind::InvalidArgs),
            (json!([1]), Kind::InvalidArgs),
            (json!({"policies": {"timeuot": true}}), Kind::InvalidArgs),
            (json!({"middleware": {"loging": true}}), Kind::InvalidArgs),
            (json!({"middleware": {"logging": "all"}}), Kind::InvalidArgs),
            (json!({"middleware": "all"}), Kind::InvalidArgs),
        ] {
            let error = over(written.clone()).unwrap_err();
            assert_eq!(error.kind(), kind, "{written}: {error}");
        }
    }
}
