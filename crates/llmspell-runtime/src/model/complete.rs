//! `model.complete`: one question, one answer.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use llmspell_core::{Backoff, Cx, Effect, Error, Estimate, Flow, Kind, Op, Result, Value};
use llmspell_model::{End, Event, Part, Request, Response, Target};
use schemars::JsonSchema;
use serde::Deserialize;

use super::Models;

/// Tokens that an answer without `max_tokens` is reckoned at before it is known.
const USUAL_ANSWER: u64 = 256;

/// Asks a model and hands out its answer in pieces.
///
/// A failure after a piece was handed out is not repeated: the reader would see two beginnings.
#[derive(Deserialize, JsonSchema)]
struct Complete {
    /// The model: `provider/model`.
    target: String,
    /// Name of connection settings that differ from the provider's.
    connection: Option<String>,
    /// The request.
    request: Value,
}

pub(super) fn op() -> Op {
    Op::new("complete", complete)
        .effect(Effect::Read)
        .estimate(estimate)
        .retry(backoff)
        .pieces(pieces)
}

/// Returns the events of an answer that is known.
fn pieces(answer: &Value) -> Result<Vec<Value>> {
    let answer: Response = answer.clone().into_typed()?;
    let mut events = Vec::new();
    for part in answer.message.parts {
        match part {
            Part::Text { text } => events.push(Event::Text { text }),
            Part::Reasoning { text } => events.push(Event::Reasoning { text }),
            Part::ToolCall(call) => {
                let index = events
                    .iter()
                    .filter(|event| matches!(event, Event::ToolCallEnd { .. }))
                    .count();
                let name = call.name.clone();
                events.push(Event::ToolCallStart { index, name });
                events.push(Event::ToolCallEnd { index, call });
            }
            _ => {}
        }
    }
    events.push(Event::Usage(answer.usage));
    events.push(Event::End(End {
        reason: answer.reason,
        response_id: answer.response_id,
        request_id: answer.request_id,
        model: answer.model,
        turn: None,
    }));
    events.iter().map(Value::from_serialize).collect()
}

async fn complete(cx: Cx, a: Complete) -> Result<Response> {
    let models = cx.part::<Models>()?;
    let target = target(&models, &a.target)?;
    let bounds = models.providers.handling(&target.provider)?.rate_limit;
    let limiter = bounds.map(|bounds| models.limiters.of(&target.provider, bounds));
    let admission = match &limiter {
        Some(limiter) => Some(limiter.admit(&cx, guess(&a.request).tokens).await?),
        None => None,
    };
    let overrides = models.connection(a.connection.as_deref());
    let model = models.providers.model_with(&target, &overrides)?;
    let request: Request = a.request.into_typed()?;
    let begun = AtomicBool::new(false);
    let (streams, seen, asked) = (cx.streams(), &begun, &cx);
    let answer = Response::collect(model.stream(request), |event| {
        let piece = streams.then(|| Value::from_serialize(event));
        let shown = matches!(event, Event::Text { .. } | Event::ToolCallEnd { .. });
        async move {
            let Some(piece) = piece else {
                return Ok(Flow::Continue);
            };
            if shown {
                seen.store(true, Ordering::Relaxed);
            }
            asked.emit(piece?).await
        }
    })
    .await;
    match answer {
        Ok(mut response) => {
            let usage = &mut response.usage;
            usage.cost_usd = usage.cost_usd.or_else(|| model.info().cost(usage));
            cx.report(usage);
            if let Some(admission) = admission {
                admission.settle(usage.total_tokens());
            }
            Ok(response)
        }
        Err(error) => {
            let pause = error
                .details()
                .get("retry_after_ms")
                .and_then(Value::as_int);
            if let (Some(limiter), Some(ms), Kind::RateLimited) = (limiter, pause, error.kind()) {
                limiter.close(&cx, Duration::from_millis(u64::try_from(ms).unwrap_or(0)));
            }
            Err(told(error, &target, begun.into_inner()))
        }
    }
}

fn told(error: Error, target: &Target, begun: bool) -> Error {
    let error = error.with("model", target.to_string());
    match begun {
        true => error.with("begun", true).transient(false),
        false => error,
    }
}

/// Splits `provider/model`, where the provider is already known.
fn target(models: &Models, text: &str) -> Result<Target> {
    match text.split_once('/') {
        Some((provider, model)) => Ok(Target::new(provider, model)),
        None => models.providers.resolve(text, None),
    }
}

/// Guesses what a call will consume: a token for four bytes of the prompt, and as many tokens of answer as were asked for.
fn estimate(cx: &Cx, args: &Value) -> Estimate {
    let request = args.get("request").unwrap_or(&Value::Null);
    let guess = guess(request);
    let priced = || {
        let models = cx.part::<Models>().ok()?;
        let target = target(&models, args.get("target")?.as_str()?).ok()?;
        let info = models.providers.info(&target).ok()?;
        let usage = llmspell_core::Usage {
            input_tokens: Some(guess.input),
            output_tokens: Some(guess.tokens - guess.input),
            ..Default::default()
        };
        info.cost(&usage)
    };
    Estimate {
        tokens: guess.tokens,
        cost_usd: priced(),
        requests: 1,
        tool_calls: 0,
    }
}

struct Guess {
    input: u64,
    tokens: u64,
}

fn guess(request: &Value) -> Guess {
    let parts = ["system", "messages", "tools"];
    let bytes: usize = parts
        .iter()
        .filter_map(|name| request.get(name))
        .map(length)
        .sum();
    let asked = request.get("max_tokens").and_then(Value::as_int);
    let answer = asked
        .and_then(|count| u64::try_from(count).ok())
        .unwrap_or(USUAL_ANSWER);
    let input = bytes as u64 / 4;
    Guess {
        input,
        tokens: input + answer,
    }
}

/// Counts the bytes of all texts, but of media only so many as their tokens are worth.
fn length(value: &Value) -> usize {
    match value {
        Value::Str(text) => text.len(),
        Value::List(items) => items.iter().map(length).sum(),
        Value::Map(members) if members.contains_key("mime") => 4 * 1000,
        Value::Map(members) => members.values().map(length).sum(),
        _ => 4,
    }
}

fn backoff(cx: &Cx, args: &Value) -> Backoff {
    let retries = || {
        let models = cx.part::<Models>().ok()?;
        let target = target(&models, args.get("target")?.as_str()?).ok()?;
        let handling = models.providers.handling(&target.provider).ok()?;
        Some(handling.max_retries)
    };
    Backoff {
        max_attempts: retries().unwrap_or(2).saturating_add(1),
        ..Backoff::default()
    }
}
