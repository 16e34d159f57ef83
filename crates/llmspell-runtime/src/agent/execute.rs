//! Running an agent.

use std::sync::Arc;
use std::time::Duration;

use llmspell_core::{Callback, Cx, Error, Handle, Kind, Like, Map, Result, Value};
use llmspell_model::Message;
use schemars::JsonSchema;
use serde::Deserialize;

use super::agents::Agents;
use super::answer::Done;
use super::collect::collected;
use super::composite;
use super::config::AgentType;
use super::execute_op;
use super::execution::Execution;
use super::hooked;
use super::input::{Input, Question, Table};
use super::instance::Agent;
use super::turn;
use super::view::View;

/// Runs the agent and returns its answer.
///
/// Executions of one agent run one after the other, in the order of the calls. An execution that fails or is cancelled
/// leaves a valid conversation: what the model said stays, every tool call has a result, a prompt without any answer is
/// forgotten.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Execute {
    /// The agent.
    agent: Handle,
    /// The prompt, or a table with `text` and more.
    #[serde(default)]
    #[schemars(with = "Like<Question>")]
    input: Value,
    /// Merged over the input.
    #[serde(default)]
    #[schemars(with = "Like<Table>")]
    options: Value,
}

pub(super) async fn execute(cx: Cx, a: Execute) -> Result<Value> {
    let agents = cx.part::<Agents>()?;
    let agent = agents.of(&a.agent)?;
    let input = Input::open(&cx, a.input, a.options).await?;
    let answer = perform(&cx, &agents, &agent, input).await?;
    Ok(collected(&cx, &agent, answer).await)
}

/// Runs the agent and returns the text of its answer.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Complete {
    /// The agent.
    agent: Handle,
    /// The prompt.
    #[schemars(with = "Like<Question>")]
    prompt: Value,
}

pub(super) async fn complete(cx: Cx, a: Complete) -> Result<Value> {
    let args = Map::from([("agent", a.agent.into()), ("input", a.prompt)]);
    let answer = cx.call(execute_op(), Value::Map(args)).await?;
    Ok(answer.get("text").cloned().unwrap_or_default())
}

/// Runs the agent with the data of a context before the prompt.
#[derive(Deserialize, JsonSchema)]
pub(super) struct ExecuteWithContext {
    /// The agent.
    agent: Handle,
    /// The prompt, or a table with `text` and more.
    #[schemars(with = "Like<Question>")]
    input: Value,
    /// The context's id.
    context_id: String,
}

pub(super) async fn execute_with_context(cx: Cx, a: ExecuteWithContext) -> Result<Value> {
    let agents = cx.part::<Agents>()?;
    let agent = agents.of(&a.agent)?;
    let mut input = Input::open(&cx, a.input, Value::Null).await?;
    input.precede(&agents.contexts.visible(&a.context_id)?);
    let answer = perform(&cx, &agents, &agent, input).await?;
    Ok(collected(&cx, &agent, answer).await)
}

/// Runs the agent, again if the input's `on_error` says so.
async fn perform(cx: &Cx, agents: &Arc<Agents>, agent: &Arc<Agent>, input: Input) -> Result<Value> {
    let view = View::new(cx.sink(), agents.options.enable_streaming);
    let mut attempt = 1;
    loop {
        let Some(on_error) = input.on_error.clone() else {
            return once(cx, agents, agent, input, &view).await;
        };
        let failure = match once(cx, agents, agent, input.clone(), &view).await {
            Ok(answer) => return Ok(answer),
            Err(failure) => failure,
        };
        if failure.kind() == Kind::Cancelled || cx.check().is_err() {
            return Err(failure);
        }
        match remedy(cx, &on_error, &failure).await? {
            Remedy::Again { attempts, delay } if attempt < attempts => {
                attempt += 1;
                cx.unless_stopped(cx.host().clock.sleep(delay)).await?;
            }
            Remedy::Answer(text) => return instead(cx, agents, agent, text, &view).await,
            _ => return Err(failure),
        }
    }
}

async fn once(
    cx: &Cx,
    agents: &Arc<Agents>,
    agent: &Arc<Agent>,
    input: Input,
    view: &View,
) -> Result<Value> {
    let mut execution = Execution::begin(cx, agents, agent).await?;
    let outcome = answer(&mut execution, input, view).await;
    let outcome = match outcome {
        Ok(done) => view.end(&done.finish_reason).await.map(|()| done),
        Err(error) => Err(view.failure(error)),
    };
    let made_running = execution.owns_state;
    let ended = execution.end(outcome).await;
    if made_running {
        hooked::ended(cx, agent).await;
    }
    ended
}

async fn answer(execution: &mut Execution, input: Input, view: &View) -> Result<Done> {
    let agent = execution.agent.clone();
    match (&agent.composite, agent.agent_type()) {
        (Some(composite), _) => composite::run(execution, composite, input, view).await,
        (None, AgentType::Basic) => echo(execution, input, view).await,
        (None, _) => turn::run(execution, input, view).await,
    }
}

/// Answers as a `basic` agent does.
async fn echo(execution: &mut Execution, input: Input, view: &View) -> Result<Done> {
    let now = execution.cx.host().clock.now();
    let text = format!(
        "BasicAgent '{}' received: {}",
        execution.agent.name(),
        input.prompt
    );
    execution.draft.ask(&Message::user(input.prompt), now)?;
    execution
        .draft
        .answer(&Message::assistant(text.as_str()), now)?;
    view.text(&text).await?;
    Ok(Done::plain(text, execution.agent.model()))
}

/// What `on_error` wants.
enum Remedy {
    Again { attempts: i64, delay: Duration },
    Answer(String),
    Nothing,
}

async fn remedy(cx: &Cx, on_error: &Callback, failure: &Error) -> Result<Remedy> {
    let wanted = on_error.call(cx, vec![failure.to_value()]).await?;
    let Value::Map(wanted) = wanted else {
        return Ok(Remedy::Nothing);
    };
    let number = |name: &str, usual: i64| wanted.get(name).and_then(Value::as_int).unwrap_or(usual);
    if wanted.get("retry").and_then(Value::as_bool) == Some(true) {
        return Ok(Remedy::Again {
            attempts: number("max_attempts", 3),
            delay: Duration::from_millis(u64::try_from(number("delay_ms", 1000)).unwrap_or(0)),
        });
    }
    Ok(match wanted.get("text") {
        Some(Value::Str(text)) => Remedy::Answer(text.clone()),
        _ => Remedy::Nothing,
    })
}

/// Answers with the text of `on_error`, outside of the conversation.
async fn instead(
    cx: &Cx,
    agents: &Arc<Agents>,
    agent: &Arc<Agent>,
    text: String,
    view: &View,
) -> Result<Value> {
    let execution = Execution::begin(cx, agents, agent).await?;
    view.text(&text).await?;
    view.end("stop").await?;
    execution.end(Ok(Done::plain(text, agent.model()))).await
}

/// Makes the arguments by which one agent calls another.
pub(super) fn arguments(agent: &Handle, input: Map) -> Value {
    Value::from([("agent", agent.clone().into()), ("input", input.into())])
}
