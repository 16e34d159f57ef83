//! `TokenOptimizer`: prompts lose what says nothing.

use llmspell_core::{Map, Result, bail};
use serde::{Deserialize, Serialize};

use super::super::answer::Answer;
use super::super::context::Context;
use super::super::entry::{Answering, Hook};
use super::super::frame::Within;
use super::at_once;

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Config {
    /// 0: nothing is done; 1: as `techniques` say; 2: empty lines go as well; 3: also short lines are not repeated.
    compression_level: u8,
    remove_redundancy: bool,
    /// A token is reckoned as four bytes.
    max_context_tokens: usize,
    /// Last lines that stay in a prompt that is too long; the ones before them are shortened.
    preserve_recent: usize,
    /// Whether a line says how much of a prompt was left out.
    summarize_context: bool,
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
            compression_level: 1,
            remove_redundancy: true,
            max_context_tokens: 8000,
            preserve_recent: 5,
            summarize_context: false,
            techniques: vec![Technique::Whitespace, Technique::Duplicates],
        }
    }
}

pub(super) struct TokenOptimizer(Config);

pub(super) fn new(config: Config) -> Result<TokenOptimizer> {
    if config.compression_level > 3 {
        bail!(
            InvalidArgs,
            "`compression_level` must be between 0 and 3, got {}",
            config.compression_level
        );
    }
    Ok(TokenOptimizer(config))
}

impl TokenOptimizer {
    fn shortened(&self, text: &str) -> String {
        let level = self.0.compression_level;
        if level == 0 {
            return self.cut(text.lines().map(str::to_owned).collect());
        }
        let uses = |technique| self.0.techniques.contains(&technique);
        let mut lines: Vec<String> = Vec::new();
        for line in text.lines() {
            let line = match uses(Technique::Whitespace) {
                true => line.split_whitespace().collect::<Vec<_>>().join(" "),
                false => line.to_owned(),
            };
            let said = self.0.remove_redundancy
                && uses(Technique::Duplicates)
                && line.len() > if level >= 3 { 0 } else { 20 }
                && lines.contains(&line);
            let blank = uses(Technique::Whitespace)
                && line.is_empty()
                && (level >= 2 || lines.last().is_none_or(String::is_empty));
            if !said && !blank {
                lines.push(line);
            }
        }
        self.cut(lines)
    }

    /// Joins lines to a text that is not too long: the last ones stay, of the ones before them the first.
    fn cut(&self, lines: Vec<String>) -> String {
        let most = self.0.max_context_tokens.saturating_mul(4);
        let all = lines.join("\n");
        if all.len() <= most {
            return all;
        }
        let recent = lines.len() - self.0.preserve_recent.min(lines.len());
        let end = lines[recent..].join("\n");
        if end.len() >= most {
            return end[..boundary(&end, most)].to_owned();
        }
        let room = most - end.len();
        let start = &all[..boundary(&all, room.min(all.len() - end.len()))];
        let note = match self.0.summarize_context {
            true => format!("[{} bytes left out]\n", all.len() - end.len() - start.len()),
            false => String::new(),
        };
        let start = start.trim_end();
        format!("{start}\n{note}{end}")
    }
}

/// Returns the last place before `end` at which a text can be cut.
fn boundary(text: &str, end: usize) -> usize {
    (0..=end.min(text.len()))
        .rev()
        .find(|place| text.is_char_boundary(*place))
        .unwrap_or(0)
}

impl Hook for TokenOptimizer {
    fn call<'a>(&'a self, _: &'a Within<'a>, context: &'a mut Context<'_>) -> Answering<'a> {
        let prompt = context.text("prompt").unwrap_or_default().to_owned();
        let short = self.shortened(&prompt);
        if short == prompt {
            return at_once(Ok(Answer::Continue));
        }
        let saved = (prompt.len().saturating_sub(short.len())) / 4;
        context.metadata.insert("tokens_saved", saved.into());
        at_once(Ok(Answer::Modified(Map::from([("prompt", short.into())]))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shortened(text: &str, config: Config) -> String {
        TokenOptimizer(config).shortened(text)
    }

    #[test]
    fn levels() {
        let text = "a  b\n\n\nc\nc";
        let at = |compression_level| {
            let config = Config {
                compression_level,
                ..Config::default()
            };
            shortened(text, config)
        };
        assert_eq!(at(0), text);
        assert_eq!(at(1), "a b\n\nc\nc");
        assert_eq!(at(2), "a b\nc\nc");
        assert_eq!(at(3), "a b\nc");
    }

    #[test]
    fn the_last_lines_of_a_long_prompt_stay() {
        let config = |summarize_context| Config {
            max_context_tokens: 5,
            preserve_recent: 1,
            summarize_context,
            ..Config::default()
        };
        let text = format!("{}\nthe question", "é".repeat(20));
        assert_eq!(shortened(&text, config(false)), "éééé\nthe question");
        let noted = shortened(&text, config(true));
        assert_eq!(noted, "éééé\n[33 bytes left out]\nthe question");
    }
}
