//! `llmspell session show --metrics`: what built-in hooks measured.

use serde_json::Value as Json;

/// Returns what hooks measured, each thing on a line of its own.
pub(super) fn metrics(measured: Option<&Json>) -> String {
    let mut text = String::new();
    if let Some(measured) = measured {
        operations(&measured["operations"], &mut text);
        performance(&measured["performance"], &mut text);
        costs(&measured["costs"], &mut text);
        health(&measured["health"], &mut text);
    }
    match text.is_empty() {
        true => "no numbers were collected; enable MetricsCollector, PerformanceMonitor, CostTracker or HealthChecker in \
                 [hooks.builtin]\n"
            .to_owned(),
        false => text,
    }
}

fn members(of: &Json) -> impl Iterator<Item = (&String, &Json)> {
    of.as_object().into_iter().flatten()
}

/// What MetricsCollector counted.
fn operations(operations: &Json, text: &mut String) {
    for (name, operation) in members(operations) {
        let (count, failed) = (&operation["count"], &operation["failed"]);
        text.push_str(&format!("{name}  {count} calls, {failed} failed"));
        durations(&operation["duration_ms"], text);
    }
}

/// What PerformanceMonitor measured.
fn performance(operations: &Json, text: &mut String) {
    for (name, operation) in members(operations) {
        text.push_str(&format!("performance {name}"));
        for (what, number) in members(operation) {
            match number.as_f64() {
                Some(number) if what == "count" => text.push_str(&format!("  {number} calls")),
                Some(number) => text.push_str(&format!("  {what} {number:.1}")),
                None if what == "duration_ms" => {
                    durations(number, text);
                    text.pop();
                }
                None => {}
            }
        }
        text.push('\n');
    }
}

fn durations(durations: &Json, text: &mut String) {
    let mean = durations["mean"].as_f64().unwrap_or(0.0);
    text.push_str(&format!("  mean {mean:.1} ms"));
    for (percentile, value) in members(&durations["percentiles"]) {
        let value = value.as_f64().unwrap_or(0.0);
        text.push_str(&format!("  {percentile} {value:.1} ms"));
    }
    text.push('\n');
}

/// What CostTracker added up.
fn costs(costs: &Json, text: &mut String) {
    let Some(total) = costs["total"].as_f64() else {
        return;
    };
    text.push_str(&format!("cost  ${total:.4}\n"));
    for (who, of) in [("agent", "by_agent"), ("user", "by_user")] {
        for (name, cost) in members(&costs[of]) {
            let cost = cost.as_f64().unwrap_or(0.0);
            text.push_str(&format!("cost of {who} {name}  ${cost:.4}\n"));
        }
    }
}

/// What HealthChecker found.
fn health(components: &Json, text: &mut String) {
    for (name, component) in members(components) {
        let word = match component["healthy"].as_bool() {
            Some(false) => "unhealthy",
            _ => "healthy",
        };
        let (failures, successes) = (&component["failures"], &component["successes"]);
        text.push_str(&format!(
            "health of {name}  {word}, {failures} failures and {successes} successes in a row\n"
        ));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_hook_has_its_lines() {
        let measured = json!({
            "operations": {"tool:a": {"count": 2, "failed": 1, "duration_ms": {"mean": 1.5, "percentiles": {"p50": 1.0}}}},
            "costs": {"total": 0.5, "by_agent": {"ann": 0.5}, "by_user": {}},
            "health": {"tool:a": {"healthy": false, "failures": 3, "successes": 0}},
        });
        insta::assert_snapshot!(metrics(Some(&measured)), @r"
        tool:a  2 calls, 1 failed  mean 1.5 ms  p50 1.0 ms
        cost  $0.5000
        cost of agent ann  $0.5000
        health of tool:a  unhealthy, 3 failures and 0 successes in a row
        ");
        assert!(metrics(None).starts_with("no numbers were collected"));
        assert!(metrics(Some(&json!({}))).starts_with("no numbers were collected"));
    }
}
