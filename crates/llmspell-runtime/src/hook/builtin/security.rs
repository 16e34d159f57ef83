//! `SecurityValidator`: input that looks like an attack is refused.

use llmspell_core::Result;
use regex::Regex;
use serde::{Deserialize, Serialize};

use super::super::answer::Answer;
use super::super::context::Context;
use super::super::entry::{Answering, Hook};
use super::super::frame::Within;
use super::{at_once, given, patterns, texts};

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Config {
    strict_mode: bool,
    check_sql_injection: bool,
    check_command_injection: bool,
    check_path_traversal: bool,
    check_xss: bool,
    max_input_length: usize,
    blocked_patterns: Vec<String>,
    block_on_violations: bool,
    sensitive_parameters: Vec<String>,
}

impl Default for Config {
    fn default() -> Self {
        let sensitive = [
            "password",
            "token",
            "key",
            "secret",
            "api_key",
            "auth",
            "authorization",
        ];
        Self {
            strict_mode: false,
            check_sql_injection: true,
            check_command_injection: true,
            check_path_traversal: true,
            check_xss: true,
            max_input_length: 50_000,
            blocked_patterns: Vec::new(),
            block_on_violations: true,
            sensitive_parameters: sensitive.map(str::to_owned).into(),
        }
    }
}

const SQL: &str = r"(?i)('\s*(or|and)\s+['\d]|\bunion\s+(all\s+)?select\b|;\s*(drop|delete|truncate|alter)\s+table\b|'\s*;?\s*--)";
const COMMAND: &str = r"(?i)(;\s*(rm|curl|wget|nc|bash|sh|chmod)\b|\|\s*(bash|sh|nc)\b|\$\([^)]*\)|`[^`]+`|&&\s*(rm|curl|wget|nc|bash|sh)\b)";
const TRAVERSAL: &str = r"(?i)((^|[/\\])\.\.([/\\]|$)|%2e%2e(%2f|%5c|/))";
const XSS: &str = r"(?i)(<script\b|javascript:|\bon(error|load|click|mouseover)\s*=)";
const STRICT: &str = r#"(?i)(<[a-z!/]|\x00|\.\./|\beval\s*\()"#;

pub(super) struct SecurityValidator {
    checks: Vec<(&'static str, Regex)>,
    most: usize,
    blocks: bool,
    sensitive: Vec<String>,
}

pub(super) fn new(config: Config) -> Result<SecurityValidator> {
    let wanted = [
        (config.check_sql_injection, "SQL injection", SQL),
        (config.check_command_injection, "command injection", COMMAND),
        (config.check_path_traversal, "path traversal", TRAVERSAL),
        (config.check_xss, "script injection", XSS),
        (config.strict_mode, "markup or code", STRICT),
    ];
    let mut checks = Vec::new();
    for (_, name, pattern) in wanted.into_iter().filter(|(wanted, ..)| *wanted) {
        let compiled = patterns(&[pattern.to_owned()])?;
        checks.extend(compiled.into_iter().map(|pattern| (name, pattern)));
    }
    let own = patterns(&config.blocked_patterns)?;
    checks.extend(
        own.into_iter()
            .map(|pattern| ("a blocked pattern", pattern)),
    );
    Ok(SecurityValidator {
        checks,
        most: config.max_input_length,
        blocks: config.block_on_violations,
        sensitive: config.sensitive_parameters,
    })
}

impl SecurityValidator {
    fn complaint(&self, context: &Context<'_>) -> Option<String> {
        let mut found = Vec::new();
        for (name, given) in given(context) {
            let path = if name == "variables" { name } else { "" };
            texts(given, path, &mut found);
        }
        for (path, text) in found {
            // A secret may look like anything, and is not to be quoted.
            let name = path
                .rsplit('.')
                .next()
                .unwrap_or_default()
                .to_ascii_lowercase();
            if self.sensitive.contains(&name) {
                continue;
            }
            let place = if path.is_empty() {
                "the input".to_owned()
            } else {
                format!("'{path}'")
            };
            if text.len() > self.most {
                return Some(format!("{place} is longer than {} bytes", self.most));
            }
            let check = self
                .checks
                .iter()
                .find(|(_, pattern)| pattern.is_match(text));
            if let Some((name, _)) = check {
                return Some(format!("{place} looks like {name}"));
            }
        }
        None
    }
}

impl Hook for SecurityValidator {
    fn call<'a>(&'a self, _: &'a Within<'a>, context: &'a mut Context<'_>) -> Answering<'a> {
        at_once(Ok(match self.complaint(context) {
            Some(complaint) if self.blocks => Answer::Cancel(Some(complaint)),
            Some(complaint) => {
                tracing::warn!(target: "llmspell::hook", component = context.component.name.as_str(), "{complaint}");
                context
                    .metadata
                    .insert("security_violation", complaint.into());
                Answer::Continue
            }
            None => Answer::Continue,
        }))
    }
}
