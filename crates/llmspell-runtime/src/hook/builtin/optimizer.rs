//! `TokenOptimizer`: prompts lose what says nothing.

use futures::future::BoxFuture;
use llmspell_core::{Cx, Map, Result};
use serde::{Deserialize, Serialize};

use super::super::answer::Answer;
use super::super::context::Context;
use super::super::entry::Hook;
use super::at_once;

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Config {
    remove_redundancy: bool,
    /// A token is reckoned as four bytes.
    max_context_tokens: usize,
    techniques: Vec<Technique>,
}

#[derive(Clone, Copy, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Technique {
    /// Runs of blanks and empty lines become one.
    Whitespace,
    /// Lines that were said already are left out.
    Duplicates,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            remove_redundancy: true,
            max_context_tokens: 8000,
            techniques: vec![Technique::Whitespace, Technique::Duplicates],
        }
    }
}

pub(super) struct TokenOptimizer(Config);

pub(super) fn new(config: Config) -> Result<TokenOptimizer> {
    Ok(TokenOptimizer(config))
}

impl TokenOptimizer {
    fn shortened(&self, text: &str) -> String {
        let uses = |technique| self.0.techniques.contains(&technique);
        let mut lines: Vec<String> = Vec::new();
        for line in text.lines() {
            let line = match uses(Technique::Whitespace) {
                true => line.split_whitespace().collect::<Vec<_>>().join(" "),
                false => line.to_owned(),
            };
            let said = self.0.remove_redundancy
                && uses(Technique::Duplicates)
                && line.len() > 20
                && lines.contains(&line);
            let blank = uses(Technique::Whitespace)
                && line.is_empty()
                && lines.last().is_none_or(String::is_empty);
            if !said && !blank {
                lines.push(line);
            }
        }
        let mut short = lines.join("\n");
        let most = self.0.max_context_tokens.saturating_mul(4);
        if short.len() > most {
            let mut end = most;
            while !short.is_char_boundary(end) {
                end -= 1;
            }
            short.truncate(end);
        }
        short
    }
}

impl Hook for TokenOptimizer {
    fn call<'a>(&'a self, _: &'a Cx, context: &'a mut Context) -> BoxFuture<'a, Result<Answer>> {
        let prompt = context.text("prompt").unwrap_or_default().to_owned();
        let short = self.shortened(&prompt);
        if short == prompt {
            return at_once(Ok(Answer::Continue));
        }
        let saved = (prompt.len().saturating_sub(short.len())) / 4;
        context
            .metadata
            .insert("tokens_saved".to_owned(), saved.into());
        at_once(Ok(Answer::Modified(Map::from_iter([(
            "prompt".to_owned(),
            short.into(),
        )]))))
    }
}
