//! Alerts: numbers that an agent's metrics should not reach.

use std::collections::VecDeque;

use llmspell_core::{Cx, Handle, Map, Name, Result, Value, bail, error, nearest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::agents::Agents;
use super::instance::Agent;
use super::{metrics, moment};

/// Most alerts that are kept.
const KEPT: usize = 1000;

/// The rules of an agent and the alerts that they raised.
#[derive(Debug, Default)]
pub(super) struct Alerts {
    rules: Vec<Rule>,
    raised: VecDeque<Alert>,
}

/// What a rule complained about.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct Alert {
    severity: String,
    message: String,
    timestamp: String,
    metric: String,
    value: f64,
}

#[derive(Debug)]
struct Rule {
    metric: String,
    above: Option<f64>,
    below: Option<f64>,
    severity: String,
    window: i64,
    last: Option<i64>,
}

/// Sets the rules: one or a list of `{metric, above?, below?, severity = "warning", window_s = 60}`.
///
/// A rule is looked at after each execution and raises at most one alert per window.
#[derive(Deserialize, JsonSchema)]
pub(super) struct ConfigureAlerts {
    /// The agent.
    agent: Handle,
    /// A rule, or a list of them; an empty list removes all.
    rules: Value,
}

pub(super) async fn configure_alerts(cx: Cx, a: ConfigureAlerts) -> Result<()> {
    let agent = cx.part::<Agents>()?.of(&a.agent)?;
    let known = metrics::numbers(&cx, &agent);
    let rules = match &a.rules {
        Value::Map(rule) if !rule.is_empty() => vec![rule_of(&known, &a.rules)?],
        rules => match rules.as_list() {
            Some(rules) => rules
                .iter()
                .map(|rule| rule_of(&known, rule))
                .collect::<Result<_>>()?,
            None => bail!(
                InvalidArgs,
                "`rules` must be a rule or a list, got {}",
                rules.type_name()
            ),
        },
    };
    agent.alerts.lock().rules = rules;
    Ok(())
}

fn rule_of(known: &Map, rule: &Value) -> Result<Rule> {
    let Some(metric) = rule.get("metric").and_then(Value::as_str) else {
        bail!(InvalidArgs, "an alert rule needs a `metric`");
    };
    if !known.contains_key(metric) {
        let error = error!(InvalidArgs, "unknown metric '{metric}'").with("metric", metric);
        let names = known.keys().map(Name::as_str);
        return Err(match nearest(metric, names.clone()).first() {
            Some(near) => error.hint(format!("did you mean '{near}'?")),
            None => error.hint(format!(
                "the metrics are {}",
                names.collect::<Vec<_>>().join(", ")
            )),
        });
    }
    let number = |name: &str| match rule.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_float() {
            Some(number) => Ok(Some(number)),
            None => bail!(
                InvalidArgs,
                "`{name}` of an alert rule must be a number, got {}",
                value.type_name()
            ),
        },
    };
    let (above, below) = (number("above")?, number("below")?);
    if above.is_none() && below.is_none() {
        bail!(
            InvalidArgs,
            "the alert rule for '{metric}' needs `above` or `below`"
        );
    }
    let window = match number("window_s")? {
        Some(seconds) => seconds,
        None => number("windowS")?.unwrap_or(60.0),
    };
    Ok(Rule {
        metric: metric.to_owned(),
        above,
        below,
        severity: rule
            .get("severity")
            .and_then(Value::as_str)
            .unwrap_or("warning")
            .to_owned(),
        window: (window * 1e6) as i64,
        last: None,
    })
}

/// Looks at the rules of an agent, and returns the events to be published.
pub(super) fn check(cx: &Cx, agent: &Agent) -> Vec<Value> {
    let mut said = Vec::new();
    if agent.alerts.lock().rules.is_empty() {
        return said;
    }
    let numbers = metrics::numbers(cx, agent);
    let now = cx.host().clock.now();
    let mut alerts = agent.alerts.lock();
    let Alerts { rules, raised } = &mut *alerts;
    for rule in rules {
        let value = numbers
            .get(&rule.metric)
            .and_then(Value::as_float)
            .unwrap_or(0.0);
        if let Some(message) = rule.complaint(value, now) {
            tracing::warn!(target: "llmspell::agent", agent = agent.name(), severity = rule.severity, "{message}");
            rule.last = Some(now);
            if raised.len() == KEPT {
                raised.pop_front();
            }
            let alert = Alert {
                severity: rule.severity.clone(),
                message,
                timestamp: moment::text(now),
                metric: rule.metric.clone(),
                value,
            };
            said.push(agent.about(alert.facts()));
            raised.push_back(alert);
        }
    }
    said
}

impl Alert {
    fn facts(&self) -> [(&'static str, Value); 4] {
        [
            ("severity", self.severity.as_str().into()),
            ("message", self.message.as_str().into()),
            ("metric", self.metric.as_str().into()),
            ("value", self.value.into()),
        ]
    }
}

impl Rule {
    fn complaint(&self, value: f64, now: i64) -> Option<String> {
        if self
            .last
            .is_some_and(|last| now.saturating_sub(last) < self.window)
        {
            return None;
        }
        let metric = &self.metric;
        match (self.above, self.below) {
            (Some(above), _) if value > above => {
                Some(format!("{metric} is {value}, above {above}"))
            }
            (_, Some(below)) if value < below => {
                Some(format!("{metric} is {value}, below {below}"))
            }
            _ => None,
        }
    }
}

/// Returns the alerts, oldest first: `{severity, message, timestamp, metric, value}`.
#[derive(Deserialize, JsonSchema)]
pub(super) struct GetAlerts {
    /// The agent.
    agent: Handle,
}

pub(super) async fn get_alerts(cx: Cx, a: GetAlerts) -> Result<Vec<Alert>> {
    let agent = cx.part::<Agents>()?.of(&a.agent)?;
    let alerts = agent.alerts.lock();
    Ok(alerts.raised.iter().cloned().collect())
}
