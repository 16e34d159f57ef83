//! The numbers of hooks as Prometheus reads them.
//!
//! Source: Prometheus, "Exposition formats", text format 0.0.4, checked 2026-11-21. Durations are in seconds, as its naming
//! practice wants.

use std::fmt::Write as _;

use llmspell_core::{Name, Value};

/// The type of the text.
pub(in crate::hook) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Returns what `Hook.metrics` shows as text.
pub(in crate::hook) fn text(numbers: &Value) -> String {
    let table = |name: &str| {
        numbers
            .get(name)
            .and_then(Value::as_map)
            .into_iter()
            .flatten()
    };
    let mut page = Page {
        text: String::new(),
        labels: table("labels")
            .map(|(name, value)| pair(name, &shown(value)))
            .collect(),
    };
    page.head("hook_point_calls_total", "counter", "Calls of hook points.");
    for (point, count) in table("points") {
        page.line("hook_point_calls_total", &[("point", point)], count);
    }
    page.operations(table("operations"));
    for (name, number) in table("metrics") {
        let name = word(name);
        page.head(&name, "untyped", "A number of the spell's own.");
        page.line(&name, &[], number);
    }
    page.text
}

struct Page {
    text: String,
    /// What each line has.
    labels: Vec<String>,
}

impl Page {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(
            self.text,
            "# HELP llmspell_{name} {help}\n# TYPE llmspell_{name} {kind}"
        );
    }

    fn line(&mut self, name: &str, labels: &[(&str, &str)], value: &Value) {
        let own = labels.iter().map(|(name, value)| pair(name, value));
        let all: Vec<String> = own.chain(self.labels.iter().cloned()).collect();
        let labels = match all.is_empty() {
            true => String::new(),
            false => format!("{{{}}}", all.join(",")),
        };
        let number = value.as_float().unwrap_or(0.0);
        let _ = writeln!(self.text, "llmspell_{name}{labels} {number}");
    }

    fn operations<'a>(&mut self, operations: impl Iterator<Item = (&'a Name, &'a Value)> + Clone) {
        let of = |facts: &Value, name: &str| facts.get(name).cloned().unwrap_or_default();
        self.head("operations_total", "counter", "Operations that ended.");
        for (operation, facts) in operations.clone() {
            for outcome in ["succeeded", "failed"] {
                let labels = [("operation", operation.as_str()), ("outcome", outcome)];
                self.line("operations_total", &labels, &of(facts, outcome));
            }
        }
        for (name, member, help) in [
            ("operation_tokens_total", "tokens", "Tokens of agents."),
            ("operation_cost_usd_total", "cost_usd", "Cost of agents."),
        ] {
            self.head(name, "counter", help);
            for (operation, facts) in operations.clone() {
                self.line(name, &[("operation", operation)], &of(facts, member));
            }
        }
        let name = "operation_duration_seconds";
        self.head(name, "summary", "How long operations took.");
        for (operation, facts) in operations {
            let durations = of(facts, "duration_ms");
            let percentiles = of(&durations, "percentiles");
            for (percentile, value) in percentiles.as_map().into_iter().flatten() {
                let share = percentile.trim_start_matches('p').parse().unwrap_or(0.0) / 100.0;
                let labels = [
                    ("operation", operation.as_str()),
                    ("quantile", &share_text(share)),
                ];
                self.line(name, &labels, &seconds(value));
            }
            let labels = [("operation", operation.as_str())];
            let (count, sum) = (of(facts, "count"), of(&durations, "sum"));
            self.line(&format!("{name}_sum"), &labels, &seconds(&sum));
            self.line(&format!("{name}_count"), &labels, &count);
        }
    }
}

/// Returns 0.95, not 0.9500000000000001.
fn share_text(share: f64) -> String {
    ((share * 1e6).round() / 1e6).to_string()
}

fn seconds(milliseconds: &Value) -> Value {
    (milliseconds.as_float().unwrap_or(0.0) / 1000.0).into()
}

fn shown(value: &Value) -> String {
    match value {
        Value::Str(text) => text.clone(),
        other => other.to_string(),
    }
}

fn pair(name: &str, value: &str) -> String {
    let value = value
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n");
    format!("{}=\"{value}\"", word(name))
}

/// Returns a name of letters, digits and `_` that begins with no digit.
fn word(name: &str) -> String {
    let letters = name.chars().map(|letter| match letter {
        letter if letter.is_ascii_alphanumeric() => letter,
        _ => '_',
    });
    let word: String = letters.collect();
    match word.starts_with(|first: char| first.is_ascii_digit()) || word.is_empty() {
        true => format!("_{word}"),
        false => word,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_page() {
        let numbers = json!({
            "points": {"ToolError": 1},
            "operations": {"tool:\"t\"": {
                "count": 2, "succeeded": 1, "failed": 1, "tokens": 0, "cost_usd": 0.5,
                "duration_ms": {"sum": 20.0, "percentiles": {"p50": 8.0, "p99.9": 12.0}},
            }},
            "metrics": {"2 words": 3},
            "labels": {"team-name": "a\\b"},
        });
        let page = text(&numbers.into());
        let lines: Vec<&str> = page.lines().filter(|line| !line.starts_with('#')).collect();
        let common = r#"team_name="a\\b""#;
        let tool = r#"operation="tool:\"t\"""#;
        assert_eq!(
            lines,
            [
                format!("llmspell_hook_point_calls_total{{point=\"ToolError\",{common}}} 1"),
                format!("llmspell_operations_total{{{tool},outcome=\"succeeded\",{common}}} 1"),
                format!("llmspell_operations_total{{{tool},outcome=\"failed\",{common}}} 1"),
                format!("llmspell_operation_tokens_total{{{tool},{common}}} 0"),
                format!("llmspell_operation_cost_usd_total{{{tool},{common}}} 0.5"),
                format!(
                    "llmspell_operation_duration_seconds{{{tool},quantile=\"0.5\",{common}}} 0.008"
                ),
                format!(
                    "llmspell_operation_duration_seconds{{{tool},quantile=\"0.999\",{common}}} 0.012"
                ),
                format!("llmspell_operation_duration_seconds_sum{{{tool},{common}}} 0.02"),
                format!("llmspell_operation_duration_seconds_count{{{tool},{common}}} 2"),
                format!("llmspell__2_words{{{common}}} 3"),
            ]
        );
        assert!(page.contains("# TYPE llmspell_operation_duration_seconds summary"));
    }
}
