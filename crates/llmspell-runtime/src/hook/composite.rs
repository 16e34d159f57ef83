//! Several hooks that give one answer.

use std::sync::Arc;

use futures::future::join_all;
use llmspell_core::{Map, Result, bail, error};

use super::answer::Answer;
use super::context::Context;
use super::entry::{Answering, Hook};
use super::frame::Within;

/// How several hooks make one answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pattern {
    /// One after the other; each sees what those before it modified, the first that decides ends it.
    Sequential,
    /// All at the same time; the first in order that decides counts, else all modifications together.
    Parallel,
    /// One after the other until one answers anything but continue.
    FirstMatch,
    /// All at the same time; the operation is cancelled unless this share of them lets it pass.
    Voting(f64),
}

impl Pattern {
    /// Returns the pattern of a name.
    ///
    /// - Errors: `InvalidArgs` naming the known ones, or for a threshold outside 0 to 1.
    pub fn read(name: Option<&str>, threshold: Option<f64>) -> Result<Self> {
        Ok(match name {
            None | Some("sequential") => Self::Sequential,
            Some("parallel") => Self::Parallel,
            Some("first_match" | "first-match") => Self::FirstMatch,
            Some("voting") => match threshold.unwrap_or(0.5) {
                share if (0.0..=1.0).contains(&share) => Self::Voting(share),
                share => bail!(
                    InvalidArgs,
                    "`threshold` must be between 0 and 1, got {share}"
                ),
            },
            Some(other) => {
                return Err(error!(InvalidArgs, "unknown pattern '{other}'")
                    .hint("known are sequential, parallel, first_match and voting"));
            }
        })
    }
}

/// Several hooks that give one answer. One that fails makes all of them fail.
pub struct Composite {
    pattern: Pattern,
    hooks: Vec<Arc<dyn Hook>>,
}

impl Composite {
    /// Joins hooks.
    pub fn new(pattern: Pattern, hooks: Vec<Arc<dyn Hook>>) -> Self {
        Self { pattern, hooks }
    }

    async fn in_turn(&self, cx: &Within<'_>, context: &mut Context<'_>) -> Result<Answer> {
        let before = (*context.data).clone();
        for hook in &self.hooks {
            match hook.call(cx, context).await? {
                Answer::Continue => {}
                Answer::Modified(data) if self.pattern == Pattern::Sequential => {
                    context.data.extend(data);
                }
                answer => return Ok(answer),
            }
        }
        let changed = context.data.iter();
        let changed = changed.filter(|(name, value)| before.get(name) != Some(value));
        let changed: Map = changed
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        Ok(match changed.is_empty() {
            true => Answer::Continue,
            false => Answer::Modified(changed),
        })
    }

    async fn at_once(&self, cx: &Within<'_>, context: &mut Context<'_>) -> Result<Vec<Answer>> {
        let calls = self.hooks.iter().map(|hook| {
            let mut own = context.clone();
            async move {
                let answer = hook.call(cx, &mut own).await;
                (answer, own.metadata)
            }
        });
        let mut answers = Vec::new();
        let ended = join_all(calls).await;
        for (answer, metadata) in ended {
            context.metadata.extend(metadata);
            answers.push(answer?);
        }
        Ok(answers)
    }

    async fn answer(&self, cx: &Within<'_>, context: &mut Context<'_>) -> Result<Answer> {
        let share = match self.pattern {
            Pattern::Sequential | Pattern::FirstMatch => return self.in_turn(cx, context).await,
            Pattern::Parallel => None,
            Pattern::Voting(share) => Some(share),
        };
        let answers = self.at_once(cx, context).await?;
        let against = |answer: &&Answer| matches!(answer, Answer::Cancel(_));
        if let Some(share) = share {
            let refused = answers.iter().filter(against).count();
            let passed = (answers.len() - refused) as f64 / answers.len().max(1) as f64;
            if passed < share {
                let reason = format!("{refused} of {} hooks voted against it", answers.len());
                return Ok(Answer::Cancel(Some(reason)));
            }
        }
        let mut changed = Map::new();
        for answer in answers {
            match answer {
                Answer::Continue => {}
                // Those who were outvoted.
                Answer::Cancel(_) if share.is_some() => {}
                Answer::Modified(data) => changed.extend(data),
                decision => return Ok(decision),
            }
        }
        Ok(match changed.is_empty() {
            true => Answer::Continue,
            false => Answer::Modified(changed),
        })
    }
}

impl Hook for Composite {
    fn call<'a>(&'a self, cx: &'a Within<'a>, context: &'a mut Context<'_>) -> Answering<'a> {
        Box::pin(self.answer(cx, context))
    }
}
