//! `service_checker`: whether a service is reachable and healthy.

mod certificate;
mod expected;
mod probe;
mod records;
mod target;

use std::time::Duration;

use futures::StreamExt as _;
use futures::future::{Either, select};
use llmspell_core::{
    Cx, Effect, Error, Field, Kind, Level, Map, Op, Outcome, Result, ToolInfo, Value, error,
    unknown_parameter,
};
use schemars::JsonSchema;
use serde::Deserialize;

use self::expected::Statuses;
use self::target::Target;
use crate::choice::{choose, choose_or_first};
use crate::param::{Given, choices, missing, names, refused, within};
use crate::wildcard;

const OPERATIONS: &[&[&str]] = &[&["check", "check_port"], &["check_batch"]];

const TYPES: &[&[&str]] = &[&["tcp"], &["http"], &["https"], &["dns"], &["tls", "ssl"]];

const RECORDS: &[&[&str]] = &[
    &["A"],
    &["AAAA"],
    &["CNAME"],
    &["MX"],
    &["TXT"],
    &["NS"],
    &["SRV"],
];

const METHODS: &[&[&str]] = &[&["HEAD"], &["GET"], &["OPTIONS"]];

/// Limit of one attempt, in milliseconds, unless the call says otherwise.
const TIMEOUT_MS: i64 = 5000;

/// Most services of a batch, and how many of them are looked at at the same time.
const MAX_SERVICES: usize = 100;
const AT_ONCE: usize = 10;

pub(super) fn op() -> Op {
    Op::new("service_checker", service_checker)
        .effect(Effect::Read)
        .tool(
            ToolInfo::new("system")
                .settings::<Config>()
                .example(
                    "Asks whether a port answers",
                    r#"{"target": "127.0.0.1:9", "check_type": "tcp", "timeout_ms": 500}"#,
                )
                .level(Level::Restricted)
                // Every attempt has a limit of its own.
                .timeout(Duration::from_secs(120))
                .operations(&names(OPERATIONS))
                .needs(&["check"], &["target", "host"])
                .needs(&["check_batch"], &["services"]),
        )
}

/// Tells whether a service is reachable and healthy. A service that is down is an answer, not a failure.
#[derive(Deserialize, JsonSchema)]
struct ServiceChecker {
    /// What to do.
    #[schemars(transform = choices(OPERATIONS), extend("default" = "check"))]
    operation: Option<String>,
    #[serde(flatten)]
    check: Check,
    /// The services of `check_batch`: the parameters of a check each, and a name; what one does not say is taken from
    /// the call.
    #[schemars(with = "Option<Vec<Check>>")]
    services: Option<Vec<Map>>,
}

/// One service and what is expected of it.
#[derive(Clone, Default, Deserialize, JsonSchema)]
struct Check {
    /// What the service is called in the answer.
    name: Option<String>,
    /// `host:port`, `[address]:port`, a URL, or a name for `dns`.
    #[schemars(extend("x-synonyms" = ["url", "input"]))]
    target: Option<String>,
    /// The host, in place of `target`.
    host: Option<String>,
    /// The port, in place of `target`.
    #[schemars(extend("minimum" = 1, "maximum" = 65535))]
    port: Option<i64>,
    /// What to look at; told from the target unless given. Nothing is sent for `tcp`.
    #[schemars(transform = choices(TYPES), extend("x-synonyms" = ["type", "protocol"]))]
    check_type: Option<String>,
    /// Limit of one attempt, in milliseconds.
    #[schemars(extend("default" = TIMEOUT_MS, "minimum" = 1, "maximum" = 60000))]
    timeout_ms: Option<i64>,
    /// The same in seconds.
    #[schemars(extend("x-synonyms" = ["timeout_seconds"]))]
    timeout: Option<f64>,
    /// Further attempts if the service is down (count).
    #[schemars(extend("default" = 0, "minimum" = 0, "maximum" = 10))]
    retries: Option<i64>,
    /// Wait between attempts, in milliseconds.
    #[schemars(extend("default" = 500, "minimum" = 0, "maximum" = 60000))]
    retry_delay_ms: Option<i64>,
    /// Statuses that are well: a number, a range such as `200-299` or `2xx`, or a list. By default 2xx and 3xx.
    #[schemars(extend("type" = ["integer", "string", "array"]))]
    expected_status: Option<Value>,
    /// What the body contains; of another type, what it is as JSON.
    expected_body: Option<Value>,
    /// The method for `http` and `https`; `GET` when a body is expected.
    #[schemars(transform = choices(METHODS), extend("default" = "HEAD"))]
    method: Option<String>,
    /// What `dns` asks for; by default addresses.
    #[schemars(transform = choices(RECORDS))]
    record_type: Option<String>,
}

/// The configuration `[tools.service_checker]`.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(default)]
struct Config {
    /// Whether services of this machine may be checked.
    allow_loopback: bool,
    /// Hosts that may be checked whatever their address: `host`, `*.host`, `host:port`.
    allow_hosts: Vec<String>,
    /// The only ports that may be checked; empty: all.
    allow_ports: Vec<u16>,
    /// Ports that may not.
    deny_ports: Vec<u16>,
    /// Longest time of an attempt that a call may ask for, in milliseconds.
    max_timeout_ms: i64,
    /// Name servers that are asked, each `ip` or `ip:port`; empty: those of the system.
    name_servers: Vec<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            allow_loopback: true,
            allow_hosts: Vec::new(),
            allow_ports: Vec::new(),
            deny_ports: Vec::new(),
            max_timeout_ms: 60_000,
            name_servers: Vec::new(),
        }
    }
}

/// A check whose parameters were read.
struct Plan {
    config: Config,
    target: Target,
    check_type: &'static str,
    timeout: Duration,
    retries: usize,
    retry_delay: Duration,
    statuses: Statuses,
    body: Option<Value>,
    method: &'static str,
    record_type: Option<&'static str>,
    /// The host stands in the tool's configuration.
    configured: bool,
}

const USED: &str = "target host port check_type timeout_ms timeout retries retry_delay_ms expected_status \
    expected_body method record_type name";

async fn service_checker(cx: Cx, call: Given<ServiceChecker>) -> Result<Outcome> {
    let a = &call.args;
    let operation = choose_or_first("operation", a.operation.as_deref(), OPERATIONS)?;
    let config: Config = cx.settings("service_checker")?;
    if operation == "check_batch" {
        let outcome = batch(&cx, a, &config).await?;
        return Ok(call.warn(op, &format!("{USED} services"), outcome));
    }
    let plan = a.check.plan(&config)?;
    let data = plan.run(&cx).await?;
    let (available, status) = verdict(&data);
    let mut outcome = Outcome::new("check", data)
        .output(available)
        .message(status);
    if plan.check_type != "http" && plan.check_type != "https" {
        outcome = call.warn(
            op,
            "target host port check_type timeout_ms timeout retries retry_delay_ms record_type name",
            outcome,
        );
    } else {
        outcome = call.warn(op, USED, outcome);
    }
    Ok(outcome)
}

async fn batch(cx: &Cx, a: &ServiceChecker, config: &Config) -> Result<Outcome> {
    let services = a
        .services
        .as_ref()
        .ok_or_else(|| missing("service_checker", "check_batch", "services"))?;
    if services.len() > MAX_SERVICES {
        return Err(error!(Limit, "a batch has at most {MAX_SERVICES} services")
            .with("parameter", "services")
            .with("limit", MAX_SERVICES));
    }
    let op = op();
    let services: Vec<Check> = services
        .iter()
        .map(|service| Ok(service_of(&op, service)?.over(&a.check)))
        .collect::<Result<_>>()?;
    let running = services.iter().map(|service| async {
        let checked = match service.plan(config) {
            Ok(plan) => plan.run(cx).await,
            Err(error) => Err(error),
        };
        let mut data = match checked {
            Ok(data) => data,
            // What is wrong with one service keeps the others from nothing.
            Err(error) => {
                cx.check()?;
                unchecked(service, &error)
            }
        };
        data.insert("name", service.name.clone().into());
        Ok(data)
    });
    let results: Vec<Result<Map>> = futures::stream::iter(running.collect::<Vec<_>>())
        .buffered(AT_ONCE)
        .collect()
        .await;
    let results: Vec<Map> = results.into_iter().collect::<Result<_>>()?;
    let available = results.iter().filter(|data| verdict(data).0).count();
    let total = results.len();
    let results: Value = results.into_iter().map(Value::Map).collect();
    let data = Map::from([
        ("results", results.clone()),
        ("available_count", available.into()),
        ("total", total.into()),
    ]);
    Ok(Outcome::new("check_batch", data)
        .output(results)
        .message(format!("{available} of {total} services are available")))
}

/// Reads one service of a batch, in which every parameter of a check may stand.
fn service_of(op: &Op, given: &Map) -> Result<Check> {
    let mut named = Map::new();
    for (name, value) in given {
        let of_check = |field: &&Field| !matches!(&*field.name, "operation" | "services");
        let Some(field) = op.shape().field(name).filter(of_check) else {
            let fields = op.shape().fields().iter().filter(of_check);
            let known: Vec<&str> = fields.map(|field| &*field.name).collect();
            return Err(unknown_parameter(Some("services"), name, &known, &[]).misshapen());
        };
        named.insert(field.name.clone(), value.clone());
    }
    Value::Map(named).into_typed().map_err(|cause: Error| {
        refused(
            "services",
            format!("parameter 'services': {}", cause.message()),
        )
        .misshapen()
    })
}

fn unchecked(service: &Check, error: &Error) -> Map {
    let named = service.target.clone().or(service.host.clone());
    Map::from([
        ("target", named.into()),
        ("available", false.into()),
        ("status", error.message().into()),
        ("error", error.message().into()),
        ("error_kind", error.kind().name().into()),
    ])
}

fn verdict(data: &Map) -> (bool, String) {
    let status = data.get("status").and_then(Value::as_str);
    let available = data.get("available") == Some(&Value::Bool(true));
    (available, status.unwrap_or_default().to_owned())
}

impl Check {
    /// Takes from `call` what this check does not say.
    fn over(self, call: &Check) -> Check {
        let own_time = self.timeout_ms.is_some() || self.timeout.is_some();
        Check {
            timeout_ms: self.timeout_ms.or(call.timeout_ms.filter(|_| !own_time)),
            timeout: self.timeout.or(call.timeout.filter(|_| !own_time)),
            retries: self.retries.or(call.retries),
            retry_delay_ms: self.retry_delay_ms.or(call.retry_delay_ms),
            expected_status: self.expected_status.or(call.expected_status.clone()),
            expected_body: self.expected_body.or(call.expected_body.clone()),
            method: self.method.or(call.method.clone()),
            record_type: self.record_type.or(call.record_type.clone()),
            check_type: self.check_type.or(call.check_type.clone()),
            port: match self.target {
                Some(_) => self.port,
                None => self.port.or(call.port),
            },
            ..self
        }
    }

    /// Returns the limit of an attempt that is given, in milliseconds or in seconds.
    fn milliseconds(&self) -> Result<Option<i64>> {
        // What is no such number is out of range as well.
        let seconds = self.timeout.map(|seconds| (seconds * 1e3).round() as i64);
        match (self.timeout_ms, seconds) {
            (Some(given), Some(seconds)) if given != seconds => Err(refused(
                "timeout",
                format!("'timeout_ms' is {given} and 'timeout' is {seconds} ms; give one of them"),
            )
            .misshapen()),
            (given, seconds) => Ok(given.or(seconds)),
        }
    }

    fn plan(&self, config: &Config) -> Result<Plan> {
        let given = match &self.check_type {
            Some(given) => Some(choose("check_type", given, TYPES)?),
            None => None,
        };
        let port = match self.port {
            Some(port) => Some(within("port", port, 1..=65_535)? as u16),
            None => None,
        };
        let text = self.target.as_deref().or(self.host.as_deref());
        let text = text.ok_or_else(|| missing("service_checker", "check", "target"))?;
        if self.target.is_some() && self.host.is_some() {
            return Err(refused(
                "host",
                "'target' and 'host' mean the same; give one of them",
            ));
        }
        let record_type = match &self.record_type {
            Some(given) => Some(choose("record_type", given, RECORDS)?),
            None => None,
        };
        let guessed = given.or(record_type.map(|_| "dns"));
        let (target, check_type) = Target::read(text, port, guessed)?;
        let most = config.max_timeout_ms.clamp(1, 60_000);
        let timeout = self.milliseconds()?.unwrap_or(TIMEOUT_MS.min(most));
        let timeout = within("timeout_ms", timeout, 1..=most)?;
        let retries = within("retries", self.retries.unwrap_or(0), 0..=10)?;
        let delay = self.retry_delay_ms.unwrap_or(500);
        let usual = match self.expected_body {
            Some(_) => "GET",
            None => "HEAD",
        };
        let plan = Plan {
            check_type,
            timeout: Duration::from_millis(timeout as u64),
            retries,
            retry_delay: Duration::from_millis(within("retry_delay_ms", delay, 0..=60_000)? as u64),
            statuses: Statuses::read(self.expected_status.as_ref())?,
            body: self.expected_body.clone(),
            method: choose("method", self.method.as_deref().unwrap_or(usual), METHODS)?,
            record_type,
            configured: config.names(&target),
            config: config.clone(),
            target,
        };
        plan.check_port()?;
        Ok(plan)
    }
}

impl Config {
    /// Returns whether `allow_hosts` names the target.
    fn names(&self, target: &Target) -> bool {
        let with_port = target.port.map(|port| format!("{}:{port}", target.host));
        self.allow_hosts.iter().any(|pattern| {
            let with_port = with_port.as_deref();
            wildcard::fits(pattern, &target.host)
                || with_port.is_some_and(|name| wildcard::fits(pattern, name))
        })
    }
}

impl Plan {
    fn check_port(&self) -> Result<()> {
        let Some(port) = self.target.port.filter(|_| self.check_type != "dns") else {
            return Ok(());
        };
        let setting = match &self.config {
            config if config.deny_ports.contains(&port) => "deny_ports",
            config if !config.allow_ports.is_empty() && !config.allow_ports.contains(&port) => {
                "allow_ports"
            }
            _ => return Ok(()),
        };
        Err(error!(Denied, "Checking port {port} is not permitted")
            .hint(format!("see `tools.service_checker.{setting}`")))
    }

    /// Looks at the service until it is there or no attempt is left.
    async fn run(&self, cx: &Cx) -> Result<Map> {
        let clock = &cx.host().clock;
        let mut attempts = 0;
        loop {
            attempts += 1;
            let began = clock.monotonic();
            let found = self.attempt(cx).await;
            let took = clock.monotonic().saturating_sub(began);
            let found = match found {
                Ok(found) => found,
                Err(error) if is_down(&error) => Found::down(error.message()),
                Err(error) => return Err(error),
            };
            if found.fault.is_none() || attempts > self.retries {
                return Ok(self.told(found, took, attempts));
            }
            clock.sleep(self.retry_delay).await;
            cx.check()?;
        }
    }

    async fn attempt(&self, cx: &Cx) -> Result<Found> {
        let clock = &cx.host().clock;
        // A call with less time than an attempt still tells what it found.
        let limit = match cx.deadline() {
            Some(deadline) => {
                let left = deadline.saturating_sub(clock.monotonic());
                self.timeout.min(left - left / 10)
            }
            None => self.timeout,
        };
        let looking = Box::pin(probe::look(cx, self));
        match select(looking, clock.sleep(limit)).await {
            Either::Left((found, _)) => found,
            Either::Right(_) => Ok(Found::down(&format!(
                "no answer within {} ms",
                limit.as_millis()
            ))),
        }
    }

    fn told(&self, found: Found, took: Duration, attempts: usize) -> Map {
        let shown = self.target.to_string();
        let available = found.fault.is_none();
        let status = match &found.fault {
            None => format!("{shown} is available ({})", self.check_type),
            Some(fault) => format!("{shown} is not available ({}): {fault}", self.check_type),
        };
        Map::from([
            ("target", shown.into()),
            ("check_type", self.check_type.into()),
            ("host", self.target.host.as_str().into()),
            ("port", self.target.port.map(i64::from).into()),
            ("available", available.into()),
            ("response_time_ms", took.as_millis().into()),
            ("status", status.into()),
            ("error", found.fault.into()),
            ("timeout_seconds", self.timeout.as_secs_f64().into()),
            ("attempts", attempts.into()),
            ("metadata", found.metadata.into()),
        ])
    }
}

/// What an attempt found.
#[derive(Default)]
struct Found {
    /// Why the service is not well.
    fault: Option<String>,
    metadata: Map,
}

impl Found {
    fn down(fault: &str) -> Self {
        Self {
            fault: Some(fault.to_owned()),
            metadata: Map::new(),
        }
    }

    fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.metadata.insert(name, value.into());
    }
}

/// Returns whether an error says that the service is down, rather than that nobody may look.
fn is_down(error: &Error) -> bool {
    matches!(error.kind(), Kind::Remote | Kind::Timeout | Kind::Io)
}

#[cfg(test)]
mod tests;
