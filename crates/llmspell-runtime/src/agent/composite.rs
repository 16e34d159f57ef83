//! Agents made of other agents.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::try_join_all;
use llmspell_core::{Cx, Error, Handle, Map, Result, Usage, Value, bail, error, nearest};
use llmspell_model::Message;
use schemars::JsonSchema;
use serde::Deserialize;

use super::agents::Agents;
use super::answer::Done;
use super::config::{Create, members};
use super::execute::arguments;
use super::execute_op;
use super::execution::Execution;
use super::input::Input;
use super::instance::Agent;
use super::view::View;

/// Creates an agent that passes what it is asked on to others.
#[derive(Deserialize, JsonSchema)]
pub(super) struct CreateComposite {
    /// The name.
    name: String,
    /// Names of the agents, or the agents themselves.
    agents: Vec<Value>,
    /// `routing_strategy` (`sequential`, `parallel`, `round_robin`, `capability_based`, `task_based`), and what
    /// `Agent.create` takes: `description`, `timeout_ms`, `resource_limits`.
    #[serde(default)]
    cfg: Value,
}

/// How a composite chooses who answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Routing {
    Sequential,
    Parallel,
    RoundRobin,
    CapabilityBased,
    TaskBased,
}

const ROUTINGS: [(&str, Routing); 5] = [
    ("sequential", Routing::Sequential),
    ("parallel", Routing::Parallel),
    ("round_robin", Routing::RoundRobin),
    ("capability_based", Routing::CapabilityBased),
    ("task_based", Routing::TaskBased),
];

/// The agents behind an agent.
#[derive(Debug)]
pub(super) struct Composite {
    routing: Routing,
    pub(super) delegates: Vec<Handle>,
    calls: AtomicUsize,
}

pub(super) async fn create_composite(cx: Cx, a: CreateComposite) -> Result<Handle> {
    let agents = cx.part::<Agents>()?;
    if agents.named(&a.name).is_some() {
        bail!(Exists, "Agent '{}' exists already", a.name);
    }
    let delegates = a
        .agents
        .iter()
        .map(|given| delegate(&agents, given))
        .collect::<Result<Vec<_>>>()?;
    if delegates.is_empty() {
        bail!(
            InvalidArgs,
            "composite '{}' needs at least one agent",
            a.name
        );
    }
    let mut cfg = members("cfg", a.cfg)?;
    let named = cfg
        .shift_remove("routing_strategy")
        .or_else(|| cfg.shift_remove("routingStrategy"));
    let routing = routing(named.as_ref())?;
    cfg.insert("name", a.name.as_str().into());
    let mut create = Create::read(Value::Map(cfg))?;
    let names: Vec<&str> = delegates.iter().map(|agent| agent.name()).collect();
    create
        .description
        .get_or_insert_with(|| format!("composite of {}", names.join(", ")));
    let settings = create.settings(a.name)?;
    let composite = Composite {
        routing,
        delegates: delegates.iter().map(|agent| agent.handle.clone()).collect(),
        calls: AtomicUsize::new(0),
    };
    let agent = Agent::compose(&cx, settings, composite)?;
    Ok(agent.announced(&cx).await.handle.clone())
}

fn delegate(agents: &Agents, given: &Value) -> Result<Arc<Agent>> {
    match given {
        Value::Str(name) => agents.require(name),
        Value::Handle(handle) => agents.of(handle),
        other => match other.get("name").and_then(Value::as_str) {
            Some(name) => agents.require(name),
            None => bail!(
                InvalidArgs,
                "an agent is named by text, got {}",
                other.type_name()
            ),
        },
    }
}

fn routing(named: Option<&Value>) -> Result<Routing> {
    let named = match named {
        None | Some(Value::Null) => return Ok(Routing::Sequential),
        Some(Value::Str(named)) => named,
        Some(other) => bail!(
            InvalidArgs,
            "`routing_strategy` must be text, got {}",
            other.type_name()
        ),
    };
    let folded = named.replace('-', "_");
    let known = ROUTINGS.iter().find(|(name, _)| *name == folded);
    known.map(|(_, routing)| *routing).ok_or_else(|| {
        let names = ROUTINGS.map(|(name, _)| name);
        let error = error!(InvalidArgs, "unknown routing strategy '{named}'");
        match nearest(named, names).first() {
            Some(near) => error.hint(format!("did you mean '{near}'?")),
            None => error.hint(format!("known are {}", names.join(", "))),
        }
    })
}

/// Passes a question on and returns the answer.
pub(super) async fn run(
    execution: &mut Execution,
    composite: &Composite,
    input: Input,
    view: &View,
) -> Result<Done> {
    let now = execution.cx.host().clock.now();
    execution
        .draft
        .ask(&Message::user(input.prompt.as_str()), now)?;
    let mut question = input.given.clone();
    question.shift_remove("on_error");
    question.shift_remove("onError");
    let answers = match composite.routing {
        Routing::Sequential => sequential(execution, composite, question, view).await?,
        Routing::Parallel => parallel(execution, composite, question, view).await?,
        Routing::RoundRobin => {
            let call = composite.calls.fetch_add(1, Ordering::Relaxed);
            let chosen = &composite.delegates[call % composite.delegates.len()];
            vec![ask(&execution.cx, chosen, question, Some(view)).await?]
        }
        Routing::CapabilityBased => {
            let chosen = ablest(&execution.cx, composite, &input.prompt)?;
            vec![ask(&execution.cx, &chosen, question, Some(view)).await?]
        }
        Routing::TaskBased => {
            let chosen = for_task(&execution.cx, composite, &mut question, &input.prompt)?;
            vec![ask(&execution.cx, &chosen, question, Some(view)).await?]
        }
    };
    let done = summed(execution, composite, &answers);
    let now = execution.cx.host().clock.now();
    execution
        .draft
        .answer(&Message::assistant(done.text.as_str()), now)?;
    Ok(done)
}

/// Gives each delegate the text of the one before; the last one speaks for the composite.
async fn sequential(
    execution: &Execution,
    composite: &Composite,
    question: Map,
    view: &View,
) -> Result<Vec<Answer>> {
    let last = composite.delegates.len() - 1;
    let mut answers: Vec<Answer> = Vec::with_capacity(composite.delegates.len());
    for (index, delegate) in composite.delegates.iter().enumerate() {
        let mut question = question.clone();
        if let Some(before) = answers.last() {
            for name in ["text", "prompt", "input", "message", "media", "image"] {
                question.shift_remove(name);
            }
            question.insert("text", before.text().into());
        }
        if index != last {
            // Only what the composite itself answers has to fit a schema.
            question.shift_remove("schema");
        }
        let view = (index == last).then_some(view);
        answers.push(ask(&execution.cx, delegate, question, view).await?);
        if view.is_some_and(View::is_stopped) {
            break;
        }
    }
    Ok(answers)
}

/// Gives all delegates the question at once.
async fn parallel(
    execution: &Execution,
    composite: &Composite,
    question: Map,
    view: &View,
) -> Result<Vec<Answer>> {
    let asked = composite
        .delegates
        .iter()
        .map(|delegate| ask(&execution.cx, delegate, question.clone(), None));
    let answers = try_join_all(asked).await?;
    for (index, answer) in answers.iter().enumerate() {
        let gap = if index == 0 { "" } else { "\n\n" };
        view.text(&format!("{gap}{}", answer.text())).await?;
    }
    Ok(answers)
}

/// One delegate's answer.
struct Answer {
    name: String,
    table: Map,
}

impl Answer {
    fn text(&self) -> &str {
        self.table
            .get("text")
            .and_then(Value::as_str)
            .unwrap_or_default()
    }
}

async fn ask(cx: &Cx, delegate: &Handle, question: Map, view: Option<&View>) -> Result<Answer> {
    let args = arguments(delegate, question);
    let answer = match view.and_then(View::relay) {
        Some(sink) => cx.call_streaming(execute_op(), args, sink).await?,
        None => cx.call(execute_op(), args).await?,
    };
    let name = delegate.fields.get("name").and_then(Value::as_str);
    let name = name.unwrap_or_default().to_owned();
    match answer {
        Value::Map(table) => Ok(Answer { name, table }),
        _ => Err(Error::new(
            llmspell_core::Kind::Bug,
            "an agent answered with no table",
        )),
    }
}

/// Chooses the delegate whose name, description and tools share most words with the prompt; the first of equals.
fn ablest(cx: &Cx, composite: &Composite, prompt: &str) -> Result<Handle> {
    let agents = cx.part::<Agents>()?;
    let asked = words(prompt);
    let mut best: Option<(usize, &Handle)> = None;
    for handle in &composite.delegates {
        let agent = agents.of(handle)?;
        let mut about = words(agent.name());
        about.extend(words(&agent.settings.description));
        for tool in agent.toolbox.offer(cx)?.tools() {
            about.extend(words(tool.name()));
            about.extend(words(tool.description()));
        }
        let shared = asked.intersection(&about).count();
        if best.is_none_or(|(most, _)| shared > most) {
            best = Some((shared, handle));
        }
    }
    let (_, chosen) = best.ok_or_else(|| error!(InvalidState, "the composite has no agents"))?;
    Ok(chosen.clone())
}

fn for_task(cx: &Cx, composite: &Composite, question: &mut Map, prompt: &str) -> Result<Handle> {
    let Some(task) = question.shift_remove("task") else {
        return ablest(cx, composite, prompt);
    };
    let name_of = |handle: &Handle| handle.fields.get("name").cloned().unwrap_or_default();
    match composite
        .delegates
        .iter()
        .find(|handle| name_of(handle) == task)
    {
        Some(chosen) => Ok(chosen.clone()),
        // A task that names nobody is a word about the work.
        None => ablest(cx, composite, &format!("{prompt} {task}")),
    }
}

/// Returns the words of a text: letters and digits, small.
fn words(text: &str) -> HashSet<String> {
    text.split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| word.len() > 2)
        .map(str::to_lowercase)
        .collect()
}

/// Sums the answers of the delegates up to the composite's own.
fn summed(execution: &mut Execution, composite: &Composite, answers: &[Answer]) -> Done {
    for answer in answers {
        let usage = answer.table.get("usage").cloned().unwrap_or_default();
        let usage: Usage = usage.into_typed().unwrap_or_default();
        execution.usage.add(&usage);
        if let Some(Value::List(calls)) = answer.table.get("tool_calls") {
            execution.calls.extend(calls.iter().cloned());
        }
        let turns = answer
            .table
            .get("turns")
            .and_then(Value::as_int)
            .unwrap_or(0);
        execution.turns += u64::try_from(turns).unwrap_or(0);
    }
    let text = match (composite.routing, answers) {
        (Routing::Parallel, answers) => {
            let texts: Vec<&str> = answers.iter().map(Answer::text).collect();
            texts.join("\n\n")
        }
        (_, answers) => answers
            .last()
            .map(Answer::text)
            .unwrap_or_default()
            .to_owned(),
    };
    let of_last = |name: &str| {
        answers
            .last()
            .and_then(|answer| answer.table.get(name))
            .cloned()
    };
    let word = |name: &str| of_last(name).and_then(|value| value.as_str().map(str::to_owned));
    let alone = composite.routing != Routing::Parallel || answers.len() == 1;
    Done {
        text,
        data: of_last("data").filter(|_| alone),
        finish_reason: word("finish_reason").unwrap_or_else(|| "stop".to_owned()),
        model: word("model").unwrap_or_default(),
        media: match of_last("media") {
            Some(Value::List(media)) if alone => media,
            _ => Vec::new(),
        },
        delegates: Some(answers.iter().map(|answer| answer.name.clone()).collect()),
    }
}
