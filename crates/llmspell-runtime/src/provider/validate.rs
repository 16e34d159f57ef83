//! `Provider.validate`.

use llmspell_core::{Cx, Error, Map, Result, Value, error, nearest};
use llmspell_model::Request;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{Ask, Models};

/// Makes one minimal request to a provider's default model and says how it went.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Validate {
    /// The name of an instance, a type or a synonym.
    name: String,
}

/// How a request went.
#[derive(Serialize, JsonSchema)]
pub(super) struct Report {
    /// Whether an answer came.
    ok: bool,
    /// Time until the answer was complete, in milliseconds.
    latency_ms: u64,
    /// What went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

pub(super) async fn validate(cx: Cx, a: Validate) -> Result<Report> {
    let models = cx.part::<Models>()?;
    let providers = models.providers();
    let target = providers.resolve("", Some(&a.name)).map_err(|failure| {
        let known: Vec<String> = providers.list().into_iter().map(|info| info.name).collect();
        unknown(&a.name, &known, failure)
    })?;
    let request = Request {
        max_tokens: Some(16),
        ..Request::new(target.model.as_str(), "Answer with OK.")
    };
    let request = match Value::from_serialize(&request)? {
        Value::Map(request) => request,
        _ => Map::new(),
    };
    let clock = cx.host().clock.clone();
    let began = clock.monotonic();
    let ask = Ask {
        target,
        connection: None,
        request,
    };
    let outcome = models.ask_only(&cx, ask).await;
    let elapsed = clock.monotonic().saturating_sub(began);
    cx.check()?;
    Ok(Report {
        ok: outcome.is_ok(),
        latency_ms: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
        error: outcome.err().map(|error| error.message().to_owned()),
    })
}

fn unknown(name: &str, known: &[String], failure: Error) -> Error {
    if failure.kind() != llmspell_core::Kind::NotFound {
        return failure;
    }
    let error = error!(NotFound, "provider '{name}' not found").with("provider", name);
    match nearest(name, known.iter().map(String::as_str)).first() {
        Some(near) => error.hint(format!("did you mean '{near}'?")),
        None => error.hint(format!("there are: {}", known.join(", "))),
    }
}
