//! Agents that argue before a judge.

use llmspell_core::{Cx, Handle, Result, Value, error};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Members, QUESTION, make};

/// Most rounds of a debate.
const MAX_ROUNDS: u32 = 20;

/// Makes a workflow in which agents argue in rounds, each hearing all that was said before, and a judge decides.
///
/// The output is the judge's text.
#[derive(Deserialize, JsonSchema)]
pub(in super::super) struct MultiAgentDebate {
    /// The name of the workflow.
    #[serde(default)]
    name: Option<String>,
    /// The agents that argue: names, agents or definitions.
    debaters: Vec<Value>,
    /// The agent that decides.
    judge: Value,
    /// What is debated; the input of the execution if absent. May hold tokens.
    #[serde(default)]
    topic: Option<String>,
    /// How often each debater speaks, 1 to 20.
    #[serde(default = "two")]
    rounds: u32,
}

fn two() -> u32 {
    2
}

pub(in super::super) async fn debate(cx: Cx, a: MultiAgentDebate) -> Result<Handle> {
    const OP: &str = "Workflow.multi_agent_debate";
    if !(1..=MAX_ROUNDS).contains(&a.rounds) {
        let rounds = a.rounds;
        return Err(error!(
            InvalidArgs,
            "{OP}: `rounds` must be 1 to {MAX_ROUNDS}, got {rounds}"
        )
        .with("parameter", "rounds"));
    }
    let mut members = Members::of(&cx, OP);
    let debaters = members.all("debaters", a.debaters)?;
    let judge = members.one("judge", a.judge)?;
    let topic = format!("Topic: {}", a.topic.as_deref().unwrap_or(QUESTION));
    let (mut steps, mut said) = (Vec::new(), String::new());
    for round in 1..=a.rounds {
        for debater in &debaters {
            let name = &debater.name;
            let step = members.own_name(&format!("{name}_round_{round}"));
            let task = match said.is_empty() {
                true => "You speak first. Make your case in a few sentences.",
                false => "Answer what was said, and make your case in a few sentences.",
            };
            let question = format!(
                "{topic}{said}\n\nYou are {name}, in round {round} of {}. {task}",
                a.rounds
            );
            steps.push(debater.asked_as(&step, question));
            said.push_str(&format!(
                "\n\n{name}, round {round}: {{{{step:{step}:text}}}}"
            ));
        }
    }
    let task = "You are the judge. Say who made the better case, and why, in a few sentences.";
    steps.push(judge.asked(format!("{topic}{said}\n\n{task}")));
    let about = "Agents argue in rounds, a judge decides.";
    make(
        &cx,
        "sequential",
        a.name,
        about,
        [("steps", Value::List(steps))],
    )
}
