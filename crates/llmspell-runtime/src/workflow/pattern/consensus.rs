//! Agents that vote.

use futures::future::BoxFuture;
use llmspell_core::{Callable, Callback, Cx, Handle, Map, Result, Value, error};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Members, QUESTION, make};

/// Makes a workflow in which agents vote for one of several options.
///
/// The output is the option that at least `consensus_threshold` of them chose; without one the execution fails, and the
/// last step's `data` has the votes. An agent that fails, or names several options or none, abstains.
#[derive(Deserialize, JsonSchema)]
pub(in super::super) struct MultiAgentConsensus {
    /// The name of the workflow.
    #[serde(default)]
    name: Option<String>,
    /// The agents that vote: names, agents or definitions.
    evaluators: Vec<Value>,
    /// What they choose from.
    options: Vec<String>,
    /// The share of all evaluators that decides, above 0 and at most 1.
    #[serde(default = "half")]
    consensus_threshold: f64,
    /// What is decided; the input of the execution if absent. May hold tokens.
    #[serde(default)]
    question: Option<String>,
}

fn half() -> f64 {
    0.5
}

pub(in super::super) async fn consensus(cx: Cx, a: MultiAgentConsensus) -> Result<Handle> {
    const OP: &str = "Workflow.multi_agent_consensus";
    let threshold = a.consensus_threshold;
    if !(threshold > 0.0 && threshold <= 1.0) {
        return Err(error!(
            InvalidArgs,
            "{OP}: `consensus_threshold` must be above 0 and at most 1, got {threshold}"
        )
        .with("parameter", "consensus_threshold"));
    }
    if a.options.is_empty() {
        return Err(
            error!(InvalidArgs, "{OP}: `options` must have at least one option")
                .with("parameter", "options"),
        );
    }
    let voters = Members::of(&cx, OP).all("evaluators", a.evaluators)?;
    let question = a.question.as_deref().unwrap_or(QUESTION);
    let options = a.options.join("\n- ");
    let ballot = format!(
        "{question}\n\nChoose exactly one of these options, and answer with nothing else:\n- {options}"
    );
    let branches = voters.iter().map(|voter| {
        let mut branch = voter.asked(ballot.as_str());
        if let Value::Map(branch) = &mut branch {
            // Who fails abstains.
            branch.insert("required", false.into());
        }
        branch
    });
    let branches: Vec<Value> = branches.collect();
    let most = branches.len();
    let count = Callback::new(Count {
        voters: voters.into_iter().map(|voter| voter.name).collect(),
        options: a.options,
        threshold,
    });
    let count = Value::from([
        ("name", "count".into()),
        ("execute", Value::Function(count)),
    ]);
    make(
        &cx,
        "parallel",
        a.name,
        "Agents vote; an option that enough of them choose is the output.",
        [
            ("branches", Value::List(branches)),
            ("max_concurrency", most.into()),
            ("post_steps", Value::List(vec![count])),
        ],
    )
}

/// The step that counts the votes.
struct Count {
    voters: Vec<String>,
    options: Vec<String>,
    threshold: f64,
}

impl Callable for Count {
    fn name(&self) -> &str {
        "counts the votes"
    }

    fn call(&self, _: Cx, args: Vec<Value>) -> BoxFuture<'static, Result<Value>> {
        let ends = args.first().and_then(|context| context.get("branches"));
        let texts = self.voters.iter().map(|voter| {
            let end = ends.and_then(|ends| ends.get(voter))?;
            end.get("output")?.as_str()
        });
        Box::pin(std::future::ready(self.result(texts.collect())))
    }
}

impl Count {
    /// Makes the result of what the voters said, each of whom may have said nothing.
    fn result(&self, texts: Vec<Option<&str>>) -> Result<Value> {
        let mut votes = vec![0_usize; self.options.len()];
        let mut ballots = Map::new();
        for (voter, text) in self.voters.iter().zip(&texts) {
            let choice = text.and_then(|text| choice(text, &self.options));
            if let Some(choice) = choice {
                votes[choice] += 1;
            }
            let choice = choice.map(|choice| self.options[choice].as_str());
            ballots.insert(voter.clone(), choice.into());
        }
        let counted = self.options.iter().zip(&votes);
        let data = Value::from([
            (
                "votes",
                counted
                    .map(|(option, count)| (option.as_str(), Value::from(*count)))
                    .collect(),
            ),
            ("ballots", Value::Map(ballots)),
        ]);
        let most = votes.iter().copied().max().unwrap_or(0);
        let mut first = votes
            .iter()
            .enumerate()
            .filter(|(_, count)| **count == most);
        let winner = first.next().map(|(at, _)| at);
        let is_tied = first.next().is_some();
        let share = most as f64 / self.voters.len() as f64;
        match winner {
            Some(winner) if !is_tied && most > 0 && share >= self.threshold => Ok(Value::from([
                ("success", true.into()),
                ("output", self.options[winner].as_str().into()),
                ("data", data),
            ])),
            _ => Err(self
                .undecided(&votes, is_tied && most > 0)
                .with("data", data)),
        }
    }

    fn undecided(&self, votes: &[usize], is_tied: bool) -> llmspell_core::Error {
        let counted = self.options.iter().zip(votes);
        let counted: Vec<String> = counted
            .map(|(option, count)| format!("{option} {count}"))
            .collect();
        let (counted, voters) = (counted.join(", "), self.voters.len());
        let why = match is_tied {
            true => "there is a tie".to_owned(),
            false => format!("no option has {} of the votes", self.threshold),
        };
        error!(
            Execution,
            "no consensus: {why} ({counted}; {voters} evaluators)"
        )
    }
}

/// Returns which option a text chooses: the one that it is, or the only one that it names.
fn choice(text: &str, options: &[String]) -> Option<usize> {
    let plain = |text: &str| {
        let text = text.trim_matches(|c: char| !c.is_alphanumeric());
        text.to_lowercase()
    };
    let text = plain(text);
    let names: Vec<String> = options.iter().map(|option| plain(option)).collect();
    if let Some(exact) = names.iter().position(|name| *name == text) {
        return Some(exact);
    }
    let named: Vec<usize> = (0..names.len())
        .filter(|at| says(&text, &names[*at]))
        .collect();
    // `approve with changes` names `approve` as well, and means the longer one.
    let is_part = |at: usize| {
        let others = named.iter().filter(|other| **other != at);
        others
            .into_iter()
            .any(|other| says(&names[*other], &names[at]))
    };
    let mut whole = named.iter().copied().filter(|at| !is_part(*at));
    let first = whole.next()?;
    whole.next().is_none().then_some(first)
}

/// Returns whether a text has these words.
fn says(text: &str, words: &str) -> bool {
    let at_edge = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
    !words.is_empty()
        && text.match_indices(words).any(|(at, _)| {
            at_edge(text[..at].chars().next_back())
                && at_edge(text[at + words.len()..].chars().next())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn chooses(text: &str, expected: Option<&str>) {
        let options = ["Approve", "approve with changes", "reject", "B"].map(str::to_owned);
        let chosen = choice(text, &options).map(|at| options[at].as_str());
        assert_eq!(chosen, expected, "{text}");
    }

    #[test]
    fn a_text_names_one_option_or_none() {
        chooses("reject", Some("reject"));
        chooses(" **Reject.**\n", Some("reject"));
        chooses("I would reject this.", Some("reject"));
        chooses("approve with changes", Some("approve with changes"));
        chooses(
            "We approve with changes, on the whole.",
            Some("approve with changes"),
        );
        chooses("approve, do not reject", None);
        chooses("rejected", None);
        chooses("I pick b!", Some("B"));
        chooses("", None);
    }

    fn count(texts: &[Option<&str>], threshold: f64) -> Result<Value> {
        let count = Count {
            voters: (0..texts.len()).map(|at| format!("v{at}")).collect(),
            options: vec!["yes".to_owned(), "no".to_owned()],
            threshold,
        };
        count.result(texts.to_vec())
    }

    #[test]
    fn the_share_is_that_of_all_evaluators() {
        let won = count(&[Some("yes"), Some("Yes!"), Some("no")], 0.6).unwrap();
        assert_eq!(won.get("output"), Some(&"yes".into()));
        let lost = count(&[Some("yes"), None, None], 0.5).unwrap_err();
        assert_eq!(
            lost.message(),
            "no consensus: no option has 0.5 of the votes (yes 1, no 0; 3 evaluators)"
        );
        let tie = count(&[Some("yes"), Some("no")], 0.5).unwrap_err();
        assert!(tie.message().contains("there is a tie"));
        assert!(count(&[None], 0.1).is_err());
    }
}
