//! The same request many times.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::StreamExt as _;
use llmspell_core::host::HttpRequest;
use llmspell_core::{Cx, Error, Map, Outcome, Result, Value};

use super::ApiTester;
use super::trial::request;
use crate::param::within;
use crate::web::answer::millis;
use crate::web::expected::Expected;
use crate::web::request::{HttpArgs, HttpOptions};

/// What a request came to.
struct Sent {
    latency: Duration,
    outcome: Result<u16>,
}

/// Sends a request many times and measures.
pub(super) async fn run(cx: &Cx, args: &HttpArgs<ApiTester>) -> Result<Outcome> {
    let own = &args.own;
    let count = within("count", own.count.unwrap_or(10), 1..=1000)?;
    let concurrency = within("concurrency", own.concurrency.unwrap_or(1), 1..=20)?;
    let expected = own
        .expected_status
        .as_ref()
        .map(Expected::read)
        .transpose()?;
    let mut request = request(cx, args, "load")?;
    if !args.http.has_retry() {
        // A measurement tells of failures, it does not hide them.
        request.retry = None;
    }
    let clock = &cx.host().clock;
    let began = clock.monotonic();
    let sending = (0..count).map(|_| send(cx, &args.http, request.clone()));
    let sent: Vec<Sent> = futures::stream::iter(sending)
        .buffer_unordered(concurrency)
        .collect()
        .await;
    let elapsed = clock.monotonic().saturating_sub(began);
    cx.check()?;
    let failed = |sent: &&Sent| match &sent.outcome {
        Ok(status) => expected
            .as_ref()
            .is_some_and(|expected| !expected.has(*status)),
        Err(_) => true,
    };
    let errors = sent.iter().filter(failed).count();
    let mut latencies: Vec<Duration> = sent
        .iter()
        .filter(|sent| sent.outcome.is_ok())
        .map(|sent| sent.latency)
        .collect();
    latencies.sort_unstable();
    let Some(longest) = latencies.last() else {
        let first = sent.into_iter().find_map(|sent| sent.outcome.err());
        return Err(
            first.unwrap_or_else(|| Error::new(llmspell_core::Kind::Bug, "nothing was sent"))
        );
    };
    let elapsed = elapsed.max(*longest);
    let rps = count as f64 / elapsed.as_secs_f64().max(1e-9);
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for status in sent.iter().filter_map(|sent| sent.outcome.as_ref().ok()) {
        *counts.entry(status.to_string()).or_default() += 1;
    }
    let rps = (rps * 100.0).round() / 100.0;
    let data = Map::from([
        ("requests", count.into()),
        ("errors", errors.into()),
        ("duration_ms", millis(elapsed).into()),
        ("rps", rps.into()),
        ("latency", spread(&latencies)),
        ("status_counts", Value::from_serialize(&counts)?),
    ]);
    let message = format!("{count} requests, {errors} errors, {rps} in a second");
    Ok(Outcome::new("load", data).output(rps).message(message))
}

async fn send(cx: &Cx, http: &HttpOptions, request: HttpRequest) -> Sent {
    let clock = &cx.host().clock;
    let began = clock.monotonic();
    let outcome = match cx.check() {
        Ok(()) => http.answer(cx, request).await,
        Err(error) => Err(error),
    };
    let latency = clock.monotonic().saturating_sub(began);
    Sent {
        latency: outcome.as_ref().map_or(latency, |answer| answer.took),
        outcome: outcome.map(|answer| answer.status),
    }
}

/// Returns how long the answers took, in milliseconds, of which there is at least one, in order.
fn spread(latencies: &[Duration]) -> Value {
    let at = |share: f64| {
        let rank = (share * latencies.len() as f64).ceil() as usize;
        let place = rank.clamp(1, latencies.len()) - 1;
        Value::from(millis(latencies[place]))
    };
    let mean =
        latencies.iter().sum::<Duration>() / u32::try_from(latencies.len()).unwrap_or(u32::MAX);
    Value::from([
        ("min", at(0.0)),
        ("mean", millis(mean).into()),
        ("p50", at(0.5)),
        ("p90", at(0.9)),
        ("p99", at(0.99)),
        ("max", at(1.0)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_the_nearest_rank() {
        let latencies: Vec<_> = (1..=100).map(Duration::from_millis).collect();
        let shown = spread(&latencies).to_serde_json();
        let expected = serde_json::json!({"min": 1.0, "mean": 50.5, "p50": 50.0, "p90": 90.0, "p99": 99.0, "max": 100.0});
        assert_eq!(shown, expected);
        assert_eq!(spread(&latencies[..1]).get("p99"), Some(&1.0.into()));
    }
}
