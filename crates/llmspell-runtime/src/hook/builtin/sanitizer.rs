//! `InputSanitizer`: text is put in order before an operation gets it.

use llmspell_core::{Map, Result, Value};
use regex::Regex;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::super::answer::Answer;
use super::super::context::Context;
use super::super::entry::{Answering, Hook};
use super::super::frame::Within;
use super::{at_once, given, patterns};

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Config {
    trim_whitespace: bool,
    /// Letters that can be written in several ways are written in one (NFC).
    normalize_unicode: bool,
    remove_control_chars: bool,
    escape_html: bool,
    max_length: Option<usize>,
    redact_patterns: Vec<String>,
    redact_replacement: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            trim_whitespace: true,
            normalize_unicode: true,
            remove_control_chars: true,
            escape_html: false,
            max_length: None,
            redact_patterns: Vec::new(),
            redact_replacement: "[REDACTED]".to_owned(),
        }
    }
}

pub(super) struct InputSanitizer {
    config: Config,
    redacted: Vec<Regex>,
}

pub(super) fn new(config: Config) -> Result<InputSanitizer> {
    let redacted = patterns(&config.redact_patterns)?;
    Ok(InputSanitizer { config, redacted })
}

impl InputSanitizer {
    fn clean(&self, text: &str) -> String {
        let config = &self.config;
        let mut clean: String = match config.normalize_unicode {
            true => text.nfc().collect(),
            false => text.to_owned(),
        };
        if config.remove_control_chars {
            clean.retain(|letter| !letter.is_control() || matches!(letter, '\n' | '\t' | '\r'));
        }
        if config.trim_whitespace {
            clean = clean.trim().to_owned();
        }
        for pattern in &self.redacted {
            clean = pattern
                .replace_all(&clean, regex::NoExpand(&config.redact_replacement))
                .into_owned();
        }
        if config.escape_html {
            clean = clean
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;")
                .replace('"', "&quot;");
        }
        match config.max_length {
            Some(most) => clean.chars().take(most).collect(),
            None => clean,
        }
    }

    fn cleaned(&self, value: &Value) -> Value {
        match value {
            Value::Str(text) => self.clean(text).into(),
            Value::List(items) => items.iter().map(|item| self.cleaned(item)).collect(),
            Value::Map(members) => {
                let cleaned = members.iter();
                Value::Map(
                    cleaned
                        .map(|(name, value)| (name.clone(), self.cleaned(value)))
                        .collect(),
                )
            }
            other => other.clone(),
        }
    }
}

impl Hook for InputSanitizer {
    fn call<'a>(&'a self, _: &'a Within<'a>, context: &'a mut Context<'_>) -> Answering<'a> {
        let cleaned = given(context).map(|(name, given)| (name, given, self.cleaned(given)));
        let changed = cleaned.filter(|(_, given, cleaned)| *given != cleaned);
        let changed: Map = changed
            .map(|(name, _, cleaned)| (name.to_owned(), cleaned))
            .collect();
        at_once(Ok(match changed.is_empty() {
            true => Answer::Continue,
            false => Answer::Modified(changed),
        }))
    }
}
