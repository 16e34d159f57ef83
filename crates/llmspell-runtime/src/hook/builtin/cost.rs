//! `CostTracker`: what models cost, and an end to it.

use std::collections::VecDeque;

use indexmap::IndexMap;
use llmspell_core::value::to_json_pretty;
use llmspell_core::{Cx, Map, Result, Value};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use super::super::answer::Answer;
use super::super::context::Context;
use super::super::entry::{Answering, Hook};
use super::super::frame::Within;
use super::super::point::Nature;
use super::export::Destination;
use super::{at_once, not_negative};
use crate::event;
use crate::model::Models;

const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Format {
    Json,
    Csv,
}

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Config {
    track_by_agent: bool,
    /// By the user that an execution is done for: `user_id` of the metadata.
    track_by_user: bool,
    /// US dollars per hour from which on it is said, is a warning, blocks.
    alert_threshold: Thresholds,
    /// US dollars per day, after which nothing is begun any more.
    daily_limit: Option<f64>,
    /// US dollars per million tokens of models, in place of their known price: `{input, output}`.
    model_costs: IndexMap<String, Price>,
    export_format: Format,
    /// A file that is replaced after each execution that cost something, or a URL.
    export_path: Option<String>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Thresholds {
    info: f64,
    warning: f64,
    critical: f64,
}

#[derive(Clone, Copy, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Price {
    input: f64,
    output: f64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            info: 10.0,
            warning: 50.0,
            critical: 100.0,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            track_by_agent: true,
            track_by_user: false,
            alert_threshold: Thresholds::default(),
            daily_limit: None,
            model_costs: IndexMap::new(),
            export_format: Format::Json,
            export_path: None,
        }
    }
}

pub(super) struct CostTracker {
    config: Config,
    /// What was spent when, of the last day.
    spent: Mutex<VecDeque<(i64, f64)>>,
    sums: Mutex<Sums>,
    destination: Option<Destination>,
}

/// What was spent in the run.
#[derive(Default)]
struct Sums {
    total: f64,
    by_agent: IndexMap<String, f64>,
    by_user: IndexMap<String, f64>,
}

pub(super) fn new(config: Config) -> Result<CostTracker> {
    let Thresholds {
        info,
        warning,
        critical,
    } = config.alert_threshold;
    not_negative([
        ("daily_limit", config.daily_limit.unwrap_or(0.0)),
        ("alert_threshold.info", info),
        ("alert_threshold.warning", warning),
        ("alert_threshold.critical", critical),
    ])?;
    for (model, price) in &config.model_costs {
        not_negative([
            (&format!("model_costs.{model}.input"), price.input),
            (&format!("model_costs.{model}.output"), price.output),
        ])?;
    }
    Ok(CostTracker {
        destination: config.export_path.as_deref().map(Destination::new),
        config,
        spent: Mutex::default(),
        sums: Mutex::default(),
    })
}

impl CostTracker {
    /// Returns what was spent in the last hour and in the last day.
    fn totals(&self, now: i64) -> (f64, f64) {
        let mut spent = self.spent.lock();
        while spent.front().is_some_and(|(at, _)| now - at > DAY) {
            spent.pop_front();
        }
        let within = |time: i64| spent.iter().filter(move |(at, _)| now - at <= time);
        let sum = |time| within(time).map(|(_, cost)| cost).sum();
        (sum(HOUR), sum(DAY))
    }

    fn before(&self, cx: &Cx) -> Answer {
        let (hour, day) = self.totals(cx.host().clock.now());
        let critical = self.config.alert_threshold.critical;
        if hour >= critical {
            return refused("cost.threshold.exceeded", cx, hour, critical, "hour");
        }
        match self.config.daily_limit {
            Some(limit) if day >= limit => {
                refused("cost.daily_limit.exceeded", cx, day, limit, "day")
            }
            _ => Answer::Continue,
        }
    }

    fn after(&self, cx: &Cx, context: &mut Context<'_>) -> Answer {
        let usage = context.data.get("token_usage").cloned().unwrap_or_default();
        let count = |name: &str| usage.get(name).and_then(Value::as_float).unwrap_or(0.0);
        let model = usage
            .get("model")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let known = context.data.get("cost_usd").and_then(Value::as_float);
        let costs = match (self.config.model_costs.get(model), known) {
            (Some(price), _) => {
                Costs::priced(*price, count("input_tokens"), count("output_tokens"))
            }
            (None, Some(total)) => {
                Costs::split(total, count("output_tokens"), output_price(cx, model))
            }
            (None, None) => Costs::default(),
        };
        let total = costs.total;
        let now = cx.host().clock.now();
        let (before, _) = self.totals(now);
        if total > 0.0 {
            self.spent.lock().push_back((now, total));
            self.add(context, total);
        }
        let hour = before + total;
        let Thresholds {
            info,
            warning,
            critical,
        } = self.config.alert_threshold;
        let level = match hour {
            hour if hour >= critical => "Critical",
            hour if hour >= warning => "Warning",
            hour if hour >= info => "Info",
            _ => "None",
        };
        if before < warning && hour >= warning {
            event::tell(cx, "cost", "cost.threshold.warning", || {
                Value::from([("total", hour.into()), ("threshold", warning.into())])
            });
        }
        let mut note = |name: &str, value: Value| {
            context.metadata.insert(name, value);
        };
        // What is not known is not said: a zero would be wrong.
        for (name, cost) in [("cost_input", costs.input), ("cost_output", costs.output)] {
            if let Some(cost) = cost {
                note(name, cost.into());
            }
        }
        note("cost_total", total.into());
        note("cost_currency", "USD".into());
        note("cost_alert_level", level.into());
        Answer::Continue
    }
}

/// What an execution cost, in US dollars.
#[derive(Debug, Default, PartialEq)]
struct Costs {
    total: f64,
    /// `None` if only the total is known.
    input: Option<f64>,
    output: Option<f64>,
}

impl Costs {
    /// Returns what the tokens cost at a price that is written down, which counts more than what the runtime knows.
    fn priced(price: Price, input: f64, output: f64) -> Self {
        let (input, output) = (input * price.input / 1e6, output * price.output / 1e6);
        Self {
            total: input + output,
            input: Some(input),
            output: Some(output),
        }
    }

    /// Splits what the runtime says an execution cost. What is not for the output is for the input, of which parts may
    /// have been cheaper.
    fn split(total: f64, output: f64, price: Option<f64>) -> Self {
        let output = price.map(|price| (output * price / 1e6).min(total));
        Self {
            total,
            input: output.map(|output| total - output),
            output,
        }
    }
}

/// Returns what the runtime knows that a million tokens of a model's answers cost.
fn output_price(cx: &Cx, model: &str) -> Option<f64> {
    let providers = cx.part_ref::<Models>()?.providers();
    let target = providers.resolve(model, None).ok()?;
    providers.info(&target).ok()?.output_price
}

impl CostTracker {
    /// Adds to the sums of the run.
    fn add(&self, context: &Context<'_>, cost: f64) {
        let mut sums = self.sums.lock();
        sums.total += cost;
        if self.config.track_by_agent {
            let agent = context.component.name.to_string();
            *sums.by_agent.entry(agent).or_default() += cost;
        }
        if self.config.track_by_user
            && let Some(user) = context.noted("user_id")
        {
            *sums.by_user.entry(user).or_default() += cost;
        }
    }

    fn text(&self) -> (&'static str, String) {
        let numbers = self.numbers();
        let costs = numbers.get("costs").cloned().unwrap_or_default();
        let Format::Csv = self.config.export_format else {
            return ("application/json", to_json_pretty(&costs));
        };
        let mut text = "kind,name,usd\n".to_owned();
        let total = costs.get("total").and_then(Value::as_float).unwrap_or(0.0);
        text.push_str(&format!("total,,{total}\n"));
        for (kind, table) in [("agent", "by_agent"), ("user", "by_user")] {
            let table = costs.get(table).and_then(Value::as_map);
            for (name, cost) in table.into_iter().flatten() {
                let name = name.replace('"', "\"\"");
                text.push_str(&format!("{kind},\"{name}\",{cost}\n"));
            }
        }
        ("text/csv", text)
    }
}

fn refused(kind: &str, cx: &Cx, total: f64, threshold: f64, time: &str) -> Answer {
    event::tell(cx, "cost", kind, || {
        Value::from([("total", total.into()), ("threshold", threshold.into())])
    });
    Answer::Cancel(Some(format!(
        "${total:.4} were spent in the last {time}, the limit is ${threshold:.4}"
    )))
}

impl Hook for CostTracker {
    fn call<'a>(&'a self, cx: &'a Within<'a>, context: &'a mut Context<'_>) -> Answering<'a> {
        if context.point.nature() == Nature::Before {
            return at_once(Ok(self.before(cx)));
        }
        let before = self.sums.lock().total;
        let answer = self.after(cx, context);
        match &self.destination {
            Some(destination) if self.sums.lock().total > before => {
                let (kind, text) = self.text();
                Box::pin(async move {
                    destination.replace(cx, kind, text).await?;
                    Ok(answer)
                })
            }
            _ => at_once(Ok(answer)),
        }
    }

    fn numbers(&self) -> Map {
        let shown = |table: &IndexMap<String, f64>| -> Value {
            let members = table.iter();
            let members = members.map(|(name, cost)| (name.clone(), Value::from(*cost)));
            Value::Map(members.collect())
        };
        let sums = self.sums.lock();
        let costs = Value::from([
            ("total", sums.total.into()),
            ("by_agent", shown(&sums.by_agent)),
            ("by_user", shown(&sums.by_user)),
        ]);
        Map::from([("costs", costs)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_cost_is_split_by_the_price_of_the_output() {
        let costs = |total, input, output| Costs {
            total,
            input,
            output,
        };
        let price = Price {
            input: 1.0,
            output: 4.0,
        };
        let priced = Costs::priced(price, 2e6, 1e6);
        assert_eq!(priced, costs(6.0, Some(2.0), Some(4.0)));
        // A part of the input was cheaper.
        let split = Costs::split(5.5, 1e6, Some(4.0));
        assert_eq!(split, costs(5.5, Some(1.5), Some(4.0)));
        assert_eq!(Costs::split(3.0, 1e6, None), costs(3.0, None, None));
        let other_model = Costs::split(3.0, 1e6, Some(4.0));
        assert_eq!(other_model, costs(3.0, Some(0.0), Some(3.0)));
    }
}
