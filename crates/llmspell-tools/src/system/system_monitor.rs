//! `system_monitor`: numbers about the machine.

mod part;
mod size;

use std::time::Duration;

use llmspell_core::{Cx, Effect, Error, Kind, Map, Op, Outcome, Result, ToolInfo, Value, error};
use schemars::JsonSchema;
use serde::Deserialize;
use sysinfo::{ProcessRefreshKind, ProcessesToUpdate, System};

use crate::aside::aside;
use crate::choice::{choose, choose_or_first};
use crate::param::{Given, choices, names, within};

const OPERATIONS: &[&[&str]] = &[
    &["all", "stats", "get_stats", "get_all", "get_metrics"],
    &["cpu"],
    &["memory"],
    &["disk"],
    &["network"],
    &["processes", "top"],
    &["host", "info"],
];

const ORDERS: &[&[&str]] = &[&["cpu"], &["memory"]];

/// How long the use of the processor is measured, in milliseconds.
const USUAL_SAMPLE: i64 = 200;
/// The longest measuring, in milliseconds.
const MOST_SAMPLE: i64 = 5_000;

/// What `all` is made of, unless `metrics` says so.
const ALL: &[&str] = &["cpu", "memory", "disk", "network", "host"];

pub(super) fn op() -> Op {
    Op::new("system_monitor", system_monitor)
        .effect(Effect::Read)
        .tool(
            ToolInfo::new("system")
                .settings::<Config>()
                .example("Measures memory", r#"{"operation": "memory"}"#)
                .timeout(Duration::from_secs(5))
                .waits_for(|args| {
                    let sample = args.get("sample_ms").and_then(Value::as_int);
                    Duration::from_millis(
                        sample.unwrap_or(USUAL_SAMPLE).clamp(0, MOST_SAMPLE) as u64
                    )
                })
                .operations(&names(OPERATIONS)),
        )
}

/// Tells numbers about the machine: processor, memory, disks, network, processes. What the system does not tell is
/// absent.
#[derive(Deserialize, JsonSchema)]
struct SystemMonitor {
    /// What to tell; `all` is everything but the processes.
    #[schemars(transform = choices(OPERATIONS), extend("default" = "all"))]
    operation: Option<String>,
    /// The parts that `all` tells; by default all of them but the processes.
    metrics: Option<Vec<String>>,
    /// How long the use of the processor is measured, in milliseconds; the call may take that much longer.
    #[schemars(extend("default" = USUAL_SAMPLE, "minimum" = 100, "maximum" = MOST_SAMPLE))]
    sample_ms: Option<i64>,
    /// Most processes that are told (count).
    #[schemars(extend("default" = 10, "minimum" = 1, "maximum" = 1000))]
    limit: Option<i64>,
    /// What the first processes use most of.
    #[schemars(extend("enum" = names(ORDERS), "default" = "cpu"))]
    sort_by: Option<String>,
    /// The mount points that are told, with `*`.
    mounts: Option<Vec<String>>,
}

/// The configuration `[tools.system_monitor]`.
#[derive(Deserialize, JsonSchema)]
#[serde(default)]
struct Config {
    /// Most file systems of an answer (count).
    max_mounts: usize,
    /// Whether processes may be listed.
    allow_processes: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_mounts: 20,
            allow_processes: true,
        }
    }
}

/// What is asked for.
struct Wanted {
    parts: Vec<&'static str>,
    limit: usize,
    by_memory: bool,
    mounts: Vec<String>,
    max_mounts: usize,
}

async fn system_monitor(cx: Cx, call: Given<SystemMonitor>) -> Result<Outcome> {
    let a = &call.args;
    let operation = choose_or_first("operation", a.operation.as_deref(), OPERATIONS)?;
    let config: Config = cx.settings("system_monitor")?;
    let sample = within(
        "sample_ms",
        a.sample_ms.unwrap_or(USUAL_SAMPLE),
        100..=MOST_SAMPLE,
    )?;
    let wanted = Wanted {
        parts: parts(operation, a)?,
        limit: within("limit", a.limit.unwrap_or(10), 1..=1000)?,
        by_memory: choose_or_first("sort_by", a.sort_by.as_deref(), ORDERS)? == "memory",
        mounts: a.mounts.clone().unwrap_or_default(),
        max_mounts: config.max_mounts,
    };
    let has = |part: &str| wanted.parts.contains(&part);
    if has("processes") && !config.allow_processes {
        return Err(error!(Denied, "Listing processes is not permitted")
            .hint("set `tools.system_monitor.allow_processes = true`"));
    }
    let measures = has("cpu") || has("processes") && !wanted.by_memory;
    let listing = has("processes");
    let mut system = aside(usize::MAX, move || begin(measures, listing)).await?;
    if measures {
        let sample = Duration::from_millis(sample as u64);
        cx.host().clock.sleep(sample).await;
    }
    let whole = operation == "all";
    let used = match operation {
        "all" => "metrics sample_ms limit sort_by mounts",
        "cpu" => "sample_ms",
        "disk" => "mounts",
        "processes" => "sample_ms limit sort_by",
        _ => "",
    };
    let told = aside(usize::MAX, move || {
        if measures {
            system.refresh_cpu_usage();
        }
        if listing {
            refresh_processes(&mut system);
        }
        Ok(tell(&system, &wanted, whole))
    });
    let (data, warnings) = told.await?;
    let message = format!("Numbers of this machine: {operation}");
    let mut outcome = Outcome::new(operation, data).message(message);
    for warning in warnings {
        outcome = outcome.warning(warning);
    }
    Ok(call.warn(op, used, outcome))
}

fn parts(operation: &'static str, a: &SystemMonitor) -> Result<Vec<&'static str>> {
    if operation != "all" {
        return Ok(vec![operation]);
    }
    let Some(metrics) = &a.metrics else {
        return Ok(ALL.to_vec());
    };
    let mut parts = Vec::new();
    for metric in metrics {
        let part = choose("metrics", metric, &OPERATIONS[1..])?;
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    Ok(parts)
}

/// Reads what a later reading is compared with.
fn begin(measures: bool, listing: bool) -> Result<System> {
    let mut system = System::new().map_err(|cause| {
        Error::new(Kind::Unavailable, "this system tells no numbers")
            .with("cause", cause.to_string())
    })?;
    system.refresh_memory();
    if measures {
        system.refresh_cpu_all();
    }
    if listing {
        refresh_processes(&mut system);
    }
    Ok(system)
}

/// Reads the processes, without what may be secret: their arguments, environment and users.
fn refresh_processes(system: &mut System) {
    let kind = ProcessRefreshKind::nothing().with_cpu().with_memory();
    system.refresh_processes_specifics(ProcessesToUpdate::All, true, kind);
}

fn tell(system: &System, wanted: &Wanted, whole: bool) -> (Map, Vec<String>) {
    let (mut data, mut warnings) = (Map::new(), Vec::new());
    for part in &wanted.parts {
        data.extend(match *part {
            "cpu" => part::cpu(system),
            "memory" => part::memory(system),
            "disk" => part::disk(&wanted.mounts, wanted.max_mounts, &mut warnings),
            "network" => part::network(),
            "processes" => part::processes(system, wanted.limit, wanted.by_memory),
            _ => part::host(),
        });
    }
    if whole {
        data.extend(part::whole(system, &wanted.parts));
    }
    (data, warnings)
}

#[cfg(test)]
mod tests;
