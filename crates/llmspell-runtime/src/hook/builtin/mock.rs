//! `MockProvider`: agents answer from a file.
//!
//! The file is a JSON list of `{prompt, agent_name, model, response}`. Of the first three only those must fit that
//! `match_on` names; a member that is missing fits everything. `response` is the text, or the members of an answer.

use std::path::Path;
use std::sync::Arc;

use llmspell_core::host::WriteMode;
use llmspell_core::value::to_json_pretty;
use llmspell_core::{Cx, Kind, Map, Result, Value, error};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use super::super::answer::Answer;
use super::super::context::Context;
use super::super::entry::{Answering, Hook};
use super::super::frame::Within;
use super::super::point::Nature;
use super::export;

#[derive(Clone, Copy, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Match {
    Prompt,
    AgentName,
    Model,
}

impl Match {
    const fn name(self) -> &'static str {
        match self {
            Self::Prompt => "prompt",
            Self::AgentName => "agent_name",
            Self::Model => "model",
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Config {
    enabled: bool,
    /// The file of answers, under the file rules of the run.
    mock_file: Option<String>,
    /// Whether an agent without an answer is really executed; otherwise it is cancelled, as it is if the file cannot be read.
    fallback_to_real: bool,
    /// Whether real answers are added to the file.
    record_mode: bool,
    match_on: Vec<Match>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            enabled: true,
            mock_file: None,
            fallback_to_real: false,
            record_mode: false,
            match_on: vec![Match::Prompt],
        }
    }
}

pub(super) struct MockProvider {
    config: Config,
    file: Arc<Path>,
    /// The answers, read at the first use.
    answers: Mutex<Option<Vec<Value>>>,
}

pub(super) fn new(config: Config) -> Result<MockProvider> {
    let Some(file) = &config.mock_file else {
        return Err(error!(InvalidArgs, "`mock_file` is missing")
            .hint("name a JSON file of {prompt, response}; record_mode makes it"));
    };
    Ok(MockProvider {
        file: Path::new(file).into(),
        config,
        answers: Mutex::default(),
    })
}

impl MockProvider {
    /// Returns the answers of the file; one that is to be recorded may not exist yet.
    async fn read(&self, cx: &Cx) -> Result<Vec<Value>> {
        let file = self.file.clone();
        let text = cx.files(move |files, _| files.read_text(&file, None)).await;
        let text = match text {
            Err(missing) if missing.kind() == Kind::NotFound && self.config.record_mode => {
                return Ok(Vec::new());
            }
            text => text?,
        };
        let wrong = |why: String| error!(Parse, "'{}' {why}", self.file.display());
        match serde_json::from_str::<serde_json::Value>(&text) {
            Ok(serde_json::Value::Array(answers)) => {
                Ok(answers.into_iter().map(Value::from).collect())
            }
            Ok(_) => Err(wrong("is no list of answers".to_owned())),
            Err(failure) => Err(wrong(format!("is no JSON: {failure}"))),
        }
    }

    fn fits(&self, answer: &Value, context: &Context<'_>) -> bool {
        self.config.match_on.iter().all(|part| {
            let wanted = answer.get(part.name()).filter(|wanted| !wanted.is_null());
            wanted.is_none_or(|wanted| context.data.get(part.name()) == Some(wanted))
        })
    }

    async fn before(&self, cx: &Cx, context: &Context<'_>) -> Result<Answer> {
        let mut answers = self.answers.lock().await;
        if answers.is_none() {
            *answers = Some(self.read(cx).await?);
        }
        let mut known = answers.iter().flatten();
        let found = known.find(|answer| self.fits(answer, context));
        Ok(match found {
            Some(answer) => Answer::Replace(answer.get("response").cloned().unwrap_or_default()),
            None if self.config.fallback_to_real || self.config.record_mode => Answer::Continue,
            None => Answer::Cancel(Some(format!(
                "'{}' has no answer for the agent '{}'",
                self.file.display(),
                context.component.name
            ))),
        })
    }

    /// Adds a real answer to the file.
    async fn record(&self, cx: &Cx, context: &Context<'_>) -> Result<()> {
        let of = |name: &str| context.data.get(name).cloned().unwrap_or_default();
        let answer = Map::from([
            ("prompt", of("prompt")),
            ("agent_name", of("agent_name")),
            ("model", of("model")),
            ("response", of("text")),
        ]);
        let mut answers = self.answers.lock().await;
        if answers.is_none() {
            *answers = Some(self.read(cx).await?);
        }
        let all = answers.get_or_insert_default();
        if all.iter().any(|known| self.fits(known, context)) {
            return Ok(());
        }
        all.push(Value::Map(answer));
        let text = to_json_pretty(&Value::List(all.clone()));
        export::write(cx, self.file.clone(), WriteMode::Replace, text).await
    }
}

impl Hook for MockProvider {
    fn is_strict(&self) -> bool {
        let Config {
            enabled,
            fallback_to_real,
            record_mode,
            ..
        } = self.config;
        enabled && !fallback_to_real && !record_mode
    }

    fn call<'a>(&'a self, cx: &'a Within<'a>, context: &'a mut Context<'_>) -> Answering<'a> {
        Box::pin(async move {
            match context.point.nature() {
                _ if !self.config.enabled => Ok(Answer::Continue),
                Nature::Before => self.before(cx, context).await,
                _ if self.config.record_mode => {
                    self.record(cx, context).await.map(|()| Answer::Continue)
                }
                _ => Ok(Answer::Continue),
            }
        })
    }
}
