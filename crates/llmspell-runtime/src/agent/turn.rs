//! The loop: ask the model, call the tools that it wants, give it their results, until it is done or a limit says stop.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use llmspell_core::{Cx, Error, Kind, Map, Result, Value, error};
use llmspell_model::{Message, Reason, Response, Structured, Target, ToolCall, ToolResult};

use super::answer::Done;
use super::config::target;
use super::conversation::user;
use super::execution::Execution;
use super::input::{Input, filled};
use super::media;
use super::schema::{self, Schema};
use super::toolbox::{Offer, Toolbox};
use super::view::View;
use crate::model::{Ask, Models};
use crate::tool::{self, Tools, not_found, told};

/// How often an answer that does not fit its schema is asked for again.
const ASKED_AGAIN: u32 = 2;

/// What stays the same over the turns of one execution.
struct Plan {
    models: Arc<Models>,
    target: Target,
    /// The request without its tools and messages, which are copied for the one turn that waits with them.
    request: Map,
    schema: Option<Arc<Schema>>,
    offer: Offer,
}

/// Runs the turns of one execution.
pub(super) async fn run(execution: &mut Execution, mut input: Input, view: &View) -> Result<Done> {
    let plan = Plan::new(execution, &input).await?;
    let prompt = user(
        std::mem::take(&mut input.prompt),
        std::mem::take(&mut input.media),
    );
    execution.draft.ask(&prompt, now(&execution.cx))?;
    let mut rejected = 0;
    loop {
        let (response, answered_by) = plan.ask(execution, view).await?;
        let calls: Vec<ToolCall> = response.message.tool_calls().cloned().collect();
        execution
            .draft
            .answer(&response.message, now(&execution.cx))?;
        if view.is_stopped() || is_stopped(&response) {
            return Ok(done(&response, &answered_by, "stopped"));
        }
        if !calls.is_empty() {
            plan.call_tools(execution, calls, view).await?;
            if view.is_stopped() {
                return Ok(done(&response, &answered_by, "stopped"));
            }
            continue;
        }
        let mut end = done(&response, &answered_by, finish_reason(&response.reason));
        let Some(schema) = &plan.schema else {
            return Ok(end);
        };
        let complaints = match schema::parse(&end.text) {
            Ok(json) => match schema.complaints(&json) {
                none if none.is_empty() => {
                    end.data = Some(json.into());
                    return Ok(end);
                }
                complaints => complaints,
            },
            Err(complaint) => vec![complaint],
        };
        if rejected == ASKED_AGAIN {
            return Err(misfit(execution, &end.text, &complaints));
        }
        rejected += 1;
        let again = Message::user(format!(
            "Your answer does not fit the required JSON Schema: {}. Answer again with the corrected JSON only.",
            complaints.join("; ")
        ));
        execution.draft.ask(&again, now(&execution.cx))?;
    }
}

impl Plan {
    async fn new(execution: &Execution, input: &Input) -> Result<Self> {
        let (cx, agent) = (&execution.cx, &execution.agent);
        let settings = &agent.settings;
        let models = cx.part::<Models>()?;
        let target = match &input.model {
            Value::Null => settings.target.clone(),
            model => Some(target(models.providers(), model, None)?),
        };
        let target =
            target.ok_or_else(|| error!(Config, "agent '{}' has no model", agent.name()))?;
        let abilities = models.providers().abilities(&target)?;
        check_media(
            &models,
            &target,
            settings.supports_multimodal,
            abilities.images,
            input,
        )?;
        let offer = match &input.tools {
            Value::Null => agent.toolbox.offer(cx)?,
            tools => Toolbox::new(cx, tools)?.offer(cx)?,
        };
        let names = offer.names().map(str::to_owned).collect();
        let offer = match tool::narrowed(cx, Value::Null, agent.name(), names).await? {
            Some(names) => offer.only(&names),
            None => offer,
        };
        let schema = input.schema.clone().or_else(|| settings.schema.clone());
        let system = input.system_prompt.clone();
        let system = system.unwrap_or_else(|| agent.system_prompt());
        let mut system = filled(&system, &input.variables);
        let mut request = Map::new();
        let mut put = |name: &str, value: Value| request.insert(name, value);
        if let Some(schema) = &schema {
            match abilities.structured {
                Structured::None => {
                    let json = schema.json();
                    system.push_str(&format!(
                        "\n\nAnswer with JSON only, which must fit this JSON Schema:\n{json}"
                    ));
                }
                _ => {
                    let shape = Map::from([
                        ("name", "answer".into()),
                        ("schema", schema.json().clone().into()),
                    ]);
                    put("schema", shape.into());
                }
            }
        }
        if !system.is_empty() {
            put("system", system.into());
        }
        if let Some(temperature) = input.temperature.or(agent.temperature()) {
            put("temperature", temperature.into());
        }
        if let Some(max_tokens) = input.max_tokens.or(agent.max_tokens()) {
            put("max_tokens", max_tokens.into());
        }
        let extra = extra(&models, &target, execution, input);
        if !extra.is_empty() {
            put("extra", extra.into());
        }
        Ok(Self {
            models,
            target,
            request,
            schema,
            offer,
        })
    }

    /// Asks the model for its next turn.
    async fn ask(&self, execution: &mut Execution, view: &View) -> Result<(Response, Target)> {
        let (cx, agent) = (&execution.cx, &execution.agent);
        let limits = &agent.settings.limits;
        cx.check()?;
        agent.unless_paused(cx).await?;
        if execution.turns >= limits.max_turns {
            return Err(limit(
                execution,
                "max_turns",
                limits.max_turns,
                execution.turns + 1,
            ));
        }
        let messages = self.messages(execution)?;
        let mut request = self.request.clone();
        let size = tool::measure(&messages);
        if !self.offer.tools().is_empty() {
            request.insert("tools", Value::List(self.offer.specs()));
        }
        request.insert("messages", messages);
        let admission = match &agent.limiter {
            Some(limiter) => Some(limiter.admit(cx, size as u64 / 4).await?),
            None => None,
        };
        let ask = Ask {
            target: self.target.clone(),
            connection: agent.connection.clone(),
            request,
        };
        let pieces = view.pieces();
        let sink = pieces.as_ref().map(|(sink, _)| sink.clone());
        let answer = self.models.ask(cx, ask, sink).await;
        let (response, answered_by) = answer.map_err(|error| view.failure(error))?;
        if let Some(admission) = admission {
            admission.settle(response.usage.total_tokens());
        }
        execution.turns += 1;
        execution.usage.add(&response.usage);
        if pieces.is_none_or(|(_, shown)| shown.load(Ordering::Relaxed) == 0) {
            view.answer(&response).await?;
        }
        view.usage(&response.usage).await?;
        Ok((response, answered_by))
    }

    /// Returns the messages to be sent.
    fn messages(&self, execution: &Execution) -> Result<Value> {
        let agent = &execution.agent;
        let conversation = agent.conversation.lock();
        let most = agent.settings.limits.max_memory_mb;
        let bytes = conversation.bytes() as u64;
        if bytes > most.saturating_mul(1024 * 1024) {
            return Err(limit(
                execution,
                "max_memory_mb",
                most,
                bytes / (1024 * 1024),
            ));
        }
        let replayed = agent.max_conversation_length();
        Ok(Value::List(conversation.window(
            execution.seen,
            execution.draft.entries(),
            replayed,
        )))
    }

    /// Calls the tools of one turn at the same time and notes their results in the order of the calls.
    async fn call_tools(
        &self,
        execution: &mut Execution,
        calls: Vec<ToolCall>,
        view: &View,
    ) -> Result<()> {
        let most = execution.agent.settings.limits.max_tool_calls;
        let wanted = (execution.calls.len() + calls.len()) as u64;
        if wanted > most {
            return Err(limit(execution, "max_tool_calls", most, wanted));
        }
        let cx = execution.cx.by_model();
        let tools = cx.part::<Tools>()?;
        let mut records: Vec<Value> = vec![Value::Null; calls.len()];
        let mut running: FuturesUnordered<_> = calls
            .iter()
            .enumerate()
            .map(|(index, call)| {
                let called = call_tool(&cx, &tools, &self.offer, call);
                async move { (index, called.await) }
            })
            .collect();
        while let Some((index, called)) = running.next().await {
            let Called { result, record } = called?;
            execution.draft.resolve(index, result);
            view.tool_result(&calls[index], &record).await?;
            records[index] = record.into();
        }
        drop(running);
        execution.calls.extend(records);
        execution.draft.close(now(&cx))
    }
}

/// What came of a tool call.
struct Called {
    result: ToolResult,
    record: Map,
}

/// Makes one tool call. What the model can correct is told to it; only the end of the execution itself is an error.
async fn call_tool(cx: &Cx, tools: &Tools, offer: &Offer, call: &ToolCall) -> Result<Called> {
    let arguments = Value::from(call.arguments.clone());
    let outcome = match (offer.find(&call.name), &arguments) {
        (None, _) => Err(not_found(&call.name, offer.names())),
        (Some(tool), Value::Map(_)) => tool::call(cx, tools, tool, arguments.clone()).await,
        (Some(_), other) => Err(bad_arguments(call, other)),
    };
    let (text, failed, value, duration) = match outcome {
        Ok(envelope) => {
            let (text, failed) = envelope.for_model();
            (
                cx.host().secrets.strike(&text).into_owned(),
                failed,
                envelope.primary(),
                envelope.duration.as_millis(),
            )
        }
        Err(error) if cx.check().is_err() || error.kind() == Kind::Cancelled => return Err(error),
        Err(error) => {
            let told = told(&error);
            (llmspell_core::value::to_json(&told), true, told, 0)
        }
    };
    let record = Map::from([
        ("id", call.id.as_str().into()),
        ("name", call.name.as_str().into()),
        ("arguments", arguments),
        ("result", value),
        ("success", (!failed).into()),
        ("duration_ms", duration.into()),
    ]);
    let result = ToolResult {
        is_error: failed,
        ..call.answer(text)
    };
    Ok(Called { result, record })
}

fn bad_arguments(call: &ToolCall, given: &Value) -> Error {
    let error = error!(
        InvalidArgs,
        "the arguments of '{}' are no JSON object", call.name
    );
    match given.as_str().map(schema::parse) {
        Some(Err(complaint)) => error.hint(complaint),
        _ => error.hint("give the arguments as one JSON object"),
    }
}

fn done(response: &Response, answered_by: &Target, finish_reason: &str) -> Done {
    Done {
        text: response.text(),
        finish_reason: finish_reason.to_owned(),
        model: answered_by.to_string(),
        media: media::produced(&response.message.parts),
        ..Done::default()
    }
}

fn is_stopped(response: &Response) -> bool {
    response.reason == Reason::Other("stopped".to_owned())
}

fn finish_reason(reason: &Reason) -> &'static str {
    match reason {
        Reason::Length => "length",
        Reason::ContentFilter => "content_filter",
        Reason::Stop | Reason::ToolCalls | Reason::Other(_) => "stop",
    }
}

fn limit(execution: &Execution, what: &'static str, most: u64, value: u64) -> Error {
    let name = execution.agent.name();
    error!(Limit, "agent '{name}' reached its limit of {most} ({what})")
        .with("limit", most)
        .with("value", value)
        .with("what", what)
        .hint(format!("raise `resource_limits.{what}`"))
}

fn misfit(execution: &Execution, text: &str, complaints: &[String]) -> Error {
    let name = execution.agent.name();
    let complaint = complaints.join("; ");
    error!(
        Parse,
        "the answer of agent '{name}' does not fit its schema: {complaint}"
    )
    .with("text", text)
    .with("attempts", ASKED_AGAIN + 1)
}

/// Refuses media that the model does not take.
fn check_media(
    models: &Models,
    target: &Target,
    forced: Option<bool>,
    images: bool,
    input: &Input,
) -> Result<()> {
    for word in input.media.iter().filter_map(media::modality) {
        let known = models.providers().info(target)?.can(word);
        let takes = forced.or(known).unwrap_or(match word {
            "image" | "document" => images,
            _ => false,
        });
        if !takes {
            let error = error!(Unavailable, "the model {target} takes no {word}");
            return Err(
                error.hint("choose another model, or set `supports_multimodal = true` if it does")
            );
        }
    }
    Ok(())
}

/// Returns the fields of the provider's own request.
fn extra(models: &Models, target: &Target, execution: &Execution, input: &Input) -> Map {
    let settings = &execution.agent.settings;
    let mut extra = settings.extra.clone();
    let safety = !settings.safety_settings.is_null();
    let modalities = &input.output_modalities;
    let more_than_text = modalities.iter().any(|name| name.as_str() != Some("text"));
    if !safety && !more_than_text {
        return extra;
    }
    let provider = models.providers().get(&target.provider);
    let kind = provider.map(|info| info.provider_type).unwrap_or_default();
    let mut put = |name: &str, value: Value| {
        extra.entry(name.to_owned()).or_insert(value);
    };
    if safety && matches!(kind.as_str(), "gemini" | "vertex") {
        put("safetySettings", settings.safety_settings.clone());
    }
    if more_than_text && matches!(kind.as_str(), "openai" | "openai_compatible" | "openrouter") {
        put("modalities", Value::List(modalities.clone()));
    }
    extra
}

fn now(cx: &Cx) -> i64 {
    cx.host().clock.now()
}
