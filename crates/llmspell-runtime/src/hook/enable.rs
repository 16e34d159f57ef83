//! Built-in hooks, on and off.

use llmspell_core::{Cx, Map, Result, Value, bail};
use schemars::JsonSchema;
use serde::Deserialize;

use super::builtin::{self, Listed};
use super::hooks::Hooks;

/// Enables a built-in hook, or gives it another configuration.
#[derive(Deserialize, JsonSchema)]
pub(super) struct EnableBuiltin {
    /// Its name, or a list of `{name, config}`.
    name: Value,
    /// Its options.
    #[serde(default)]
    config: Value,
}

pub(super) async fn enable_builtin(cx: Cx, a: EnableBuiltin) -> Result<()> {
    let hooks = cx.part::<Hooks>()?;
    match a.name {
        Value::Str(name) => builtin::find(&name)?.begin(&cx, &hooks, a.config).await,
        Value::List(wanted) => {
            for one in wanted {
                let name = one
                    .as_str()
                    .or_else(|| one.get("name").and_then(Value::as_str));
                let Some(name) = name else {
                    bail!(InvalidArgs, "each built-in hook of a list needs a `name`");
                };
                let config = one.get("config").cloned().unwrap_or_default();
                builtin::find(name)?.begin(&cx, &hooks, config).await?;
            }
            Ok(())
        }
        Value::Map(one) => {
            let Some(name) = one.get("name").and_then(Value::as_str) else {
                bail!(InvalidArgs, "a built-in hook needs a `name`");
            };
            let config = one.get("config").cloned().unwrap_or(a.config);
            builtin::find(name)?.begin(&cx, &hooks, config).await
        }
        other => bail!(
            InvalidArgs,
            "a built-in hook is named by text or a list, got {}",
            other.type_name()
        ),
    }
}

/// Disables a built-in hook.
#[derive(Deserialize, JsonSchema)]
pub(super) struct DisableBuiltin {
    /// Its name, or a list of names.
    name: Value,
}

pub(super) async fn disable_builtin(cx: Cx, a: DisableBuiltin) -> Result<()> {
    let hooks = cx.part::<Hooks>()?;
    let names = match a.name {
        Value::List(names) => names,
        name => vec![name],
    };
    for name in names {
        builtin::find(name.as_str().unwrap_or_default())?.disable(&hooks);
    }
    Ok(())
}

/// Disables all built-in hooks.
#[derive(Deserialize, JsonSchema)]
pub(super) struct DisableAllBuiltin {}

pub(super) async fn disable_all_builtin(cx: Cx, _: DisableAllBuiltin) -> Result<()> {
    let hooks = cx.part::<Hooks>()?;
    builtin::all()
        .iter()
        .for_each(|builtin| builtin.disable(&hooks));
    Ok(())
}

/// Returns whether a built-in hook is enabled.
#[derive(Deserialize, JsonSchema)]
pub(super) struct IsBuiltinEnabled {
    /// Its name.
    name: String,
}

pub(super) async fn is_builtin_enabled(cx: Cx, a: IsBuiltinEnabled) -> Result<bool> {
    let hooks = cx.part::<Hooks>()?;
    Ok(builtin::find(&a.name)?.is_enabled(&hooks))
}

/// Lists the built-in hooks.
#[derive(Deserialize, JsonSchema)]
pub(super) struct ListBuiltin {}

pub(super) async fn list_builtin(cx: Cx, _: ListBuiltin) -> Result<Vec<Listed>> {
    let hooks = cx.part::<Hooks>()?;
    Ok(builtin::all()
        .iter()
        .map(|builtin| builtin.listed(&hooks))
        .collect())
}

/// Returns what built-in hooks counted: of `MetricsCollector` calls of points, operations with their durations, tokens and
/// money, numbers of the spell's own; of `PerformanceMonitor` `performance`; of `HealthChecker` `health`.
#[derive(Deserialize, JsonSchema)]
pub(super) struct OfMetrics {
    /// `table`, or `prometheus` for text that Prometheus reads.
    #[serde(default)]
    format: Format,
}

/// How numbers are shown.
#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Format {
    #[default]
    Table,
    Prometheus,
}

pub(super) async fn metrics(cx: Cx, a: OfMetrics) -> Result<Value> {
    let hooks = cx.part::<Hooks>()?;
    let none = || Value::Map(Map::new());
    let numbers = builtin::collected(&hooks).unwrap_or_else(none);
    Ok(match a.format {
        Format::Table => numbers,
        Format::Prometheus => builtin::page(&numbers).into(),
    })
}
