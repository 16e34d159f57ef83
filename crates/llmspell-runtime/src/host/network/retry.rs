//! When a request is sent again.

use std::time::Duration;

use llmspell_core::host::{HttpRequest, HttpResponse, Repeat};
use llmspell_core::{Error, Kind, Result, Value};

/// Returns how long to wait before the request is sent again; `None` if it is not.
pub(super) fn again(
    request: &HttpRequest,
    attempts: u32,
    outcome: &Result<HttpResponse>,
    chance: f64,
) -> Option<Duration> {
    let rule = request.retry.as_ref()?;
    if attempts >= rule.max_attempts {
        return None;
    }
    let twice = request.repeatable
        || matches!(
            request.method.as_str(),
            "GET" | "HEAD" | "OPTIONS" | "PUT" | "DELETE" | "TRACE"
        );
    match outcome {
        Ok(response) => {
            let asked = twice && rule.on_status.contains(&response.status);
            asked.then(|| {
                let told = response.header("retry-after").and_then(retry_after);
                let told = told.map(|told| told.min(rule.max_delay));
                told.unwrap_or_else(|| delay(rule, attempts, chance))
            })
        }
        Err(error) => {
            let may = rule.on_network && on_the_way(error) && (twice || never_left(error));
            may.then(|| delay(rule, attempts, chance))
        }
    }
}

fn on_the_way(error: &Error) -> bool {
    match error.kind() {
        Kind::Remote => error.is_retryable(),
        Kind::Timeout => true,
        _ => false,
    }
}

/// Returns whether nothing was sent: there was no connection, or none that was encrypted as asked.
fn never_left(error: &Error) -> bool {
    let phase = error.details().get("phase").and_then(Value::as_str);
    matches!(phase, Some("dns" | "connect" | "tls"))
}

fn delay(rule: &Repeat, attempts: u32, chance: f64) -> Duration {
    let growth = rule
        .backoff_factor
        .max(1.0)
        .powi(attempts.saturating_sub(1).cast_signed());
    let seconds = rule.initial_delay.as_secs_f64() * growth;
    let seconds = seconds.min(rule.max_delay.as_secs_f64());
    let varied = match rule.jitter {
        true => seconds * (0.5 + chance / 2.0),
        false => seconds,
    };
    Duration::try_from_secs_f64(varied).unwrap_or(rule.max_delay)
}

/// Returns how long the server asks to wait: seconds, or until a date.
fn retry_after(text: &str) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::DateTimeParser::new()
        .parse_timestamp(text.replace("GMT", "+0000"))
        .ok()?;
    let left = date.as_microsecond() - llmspell_core::Clock::now(&crate::host::SystemClock);
    Some(Duration::from_micros(u64::try_from(left).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_to_their_bound() {
        let rule = Repeat {
            jitter: false,
            max_delay: Duration::from_secs(3),
            ..Repeat::default()
        };
        let delays = [1, 2, 3, 4, 90].map(|attempts| delay(&rule, attempts, 0.0).as_millis());
        assert_eq!(delays, [500, 1000, 2000, 3000, 3000]);
        let jitter = Repeat::default();
        assert_eq!(delay(&jitter, 1, 0.0).as_millis(), 250);
        assert_eq!(delay(&jitter, 1, 1.0).as_millis(), 500);
    }

    #[test]
    fn servers_say_when() {
        assert_eq!(retry_after("7"), Some(Duration::from_secs(7)));
        let past = retry_after("Wed, 21 Oct 2015 07:28:00 GMT");
        assert_eq!(past, Some(Duration::ZERO));
        let far = retry_after("Wed, 21 Oct 2099 07:28:00 GMT").unwrap();
        assert!(far.as_secs() > 1_000_000);
        assert_eq!(retry_after("soon"), None);
    }
}
