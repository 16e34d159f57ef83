//! `llmspell init`.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use llmspell::config::{Config, Language, schema};
use llmspell_core::{Result, error};
use serde_json::{Value as Json, json};

use crate::desk::Desk;
use crate::exit::Ends;
use crate::output::Mode;

/// Write a commented configuration file.
#[derive(Args, Debug)]
pub(crate) struct Init {
    /// The file (also --output)
    #[arg(
        short = 'o',
        long,
        value_name = "PATH",
        default_value = "llmspell.toml"
    )]
    path: PathBuf,
    /// Replace files that exist
    #[arg(short, long)]
    force: bool,
    /// What is written; agent adds a sample spell and editor stubs, in the language of --engine
    #[arg(long, value_enum, default_value_t = Template::Minimal)]
    template: Template,
    /// The folder
    #[arg(
        long,
        value_name = "DIR",
        default_value = ".",
        hide_default_value = true
    )]
    dir: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Template {
    Minimal,
    Full,
    Agent,
}

const MINIMAL: &str = r##"# Configuration of llmspell. Everything is optional; `llmspell init --template full` shows all keys.
# `llmspell validate` checks this file, `llmspell config show` prints what is in force.

[providers]
# The model for spells that name none. Without it: the first provider whose key is set, else an offline mock.
# default_model = "anthropic/claude-sonnet-4-5"

# Keys are best left in environment variables such as OPENAI_API_KEY or ANTHROPIC_API_KEY.
# [providers.local]
# type = "openai_compatible"
# base_url = "http://127.0.0.1:8080/v1"
# model = "qwen3"

[runtime]
# Longest time of a run, and what it may cost.
# timeout_ms = "5m"
# budget.usd = 1.0
"##;

const LUA_SPELL: &str = r#"-- A first spell: an agent with tools. Run it with: llmspell run hello.lua
-- Without an API key the offline model answers; set OPENAI_API_KEY or ANTHROPIC_API_KEY to ask a real one.

local agent = Agent.create{
  name = "helper",
  system_prompt = "You answer briefly and use tools where they help.",
  tools = { "calculator", "date_time_handler" },
}

local answer = agent:execute('Use the calculator: {"input": "6 * 7"}')
print(answer.text)
"#;

const JAVASCRIPT_SPELL: &str = r#"// A first spell: an agent with tools. Run it with: llmspell run hello.js
// Without an API key the offline model answers; set OPENAI_API_KEY or ANTHROPIC_API_KEY to ask a real one.

const agent = await Agent.create({
  name: "helper",
  system_prompt: "You answer briefly and use tools where they help.",
  tools: ["calculator", "date_time_handler"],
});

const answer = await agent.execute('Use the calculator: {"input": "6 * 7"}');
console.log(answer.text);
"#;

/// Lets editors and `tsc` check spells against `llmspell.d.ts`, without the globals of browsers and Node.
const JSCONFIG: &str = r#"{
  "compilerOptions": {
    "target": "es2022",
    "module": "es2022",
    "moduleResolution": "bundler",
    "lib": ["es2022"],
    "types": [],
    "strict": true,
    "checkJs": true,
    "allowImportingTsExtensions": true,
    "noEmit": true
  }
}
"#;

pub(crate) fn init(args: Init, desk: Desk) -> Ends {
    let place = |name: &Path| match args.dir.as_os_str() == "." {
        true => name.to_owned(),
        false => args.dir.join(name),
    };
    let mut files = vec![(
        place(&args.path),
        match args.template {
            Template::Full => full(),
            Template::Minimal | Template::Agent => MINIMAL.to_owned(),
        },
    )];
    if args.template == Template::Agent {
        let engine = desk.flags.engine.as_deref();
        let language = engine.and_then(Language::from_name).unwrap_or_default();
        files.extend(sample(language).map(|(name, text)| (place(Path::new(name)), text)));
    }
    let taken = files.iter().find(|(path, _)| !args.force && path.exists());
    if let Some((path, _)) = taken {
        return Err(error!(Exists, "{} exists already", path.display())
            .hint("replace it with --force")
            .into());
    }
    for (path, text) in &files {
        write(path, text)?;
    }
    let written: Vec<String> = files
        .iter()
        .map(|(path, _)| path.display().to_string())
        .collect();
    match desk.screen.mode {
        Mode::Json => desk
            .screen
            .document(&json!({"success": true, "files": written})),
        _ => written
            .iter()
            .for_each(|path| desk.screen.line(&format!("wrote {path}"))),
    }
    Ok(0)
}

/// Returns a first spell, and what editors need for it.
fn sample(language: Language) -> impl Iterator<Item = (&'static str, String)> {
    let files = match language {
        Language::Lua => vec![("hello.lua", LUA_SPELL.to_owned())],
        Language::JavaScript => vec![
            ("hello.js", JAVASCRIPT_SPELL.to_owned()),
            ("jsconfig.json", JSCONFIG.to_owned()),
        ],
    };
    files.into_iter().chain([super::api::stubs(language)])
}

fn write(path: &Path, text: &str) -> Result<()> {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let made = parent.map_or(Ok(()), std::fs::create_dir_all);
    made.and_then(|()| std::fs::write(path, text))
        .map_err(|failure| error!(Io, "{} cannot be written: {failure}", path.display()))
}

/// Returns every key with its documentation and its default, commented out.
fn full() -> String {
    let schema = schema::<Config>();
    let mut text = String::from(
        "# Configuration of llmspell with all keys of this version. What stands after `#` is the default.\n",
    );
    section("", &schema, &mut text);
    text
}

fn section(path: &str, schema: &Json, text: &mut String) {
    let members = || schema["properties"].as_object().into_iter().flatten();
    if !path.is_empty() {
        text.push('\n');
        comment(schema, text);
        text.push_str(&format!("[{path}]\n"));
    }
    for (name, member) in members().filter(|(_, member)| !member["properties"].is_object()) {
        text.push('\n');
        comment(member, text);
        text.push_str(&format!("# {name} = {}\n", default(member)));
    }
    for (name, member) in members().filter(|(_, member)| member["properties"].is_object()) {
        let path = if path.is_empty() {
            name.clone()
        } else {
            format!("{path}.{name}")
        };
        section(&path, member, text);
    }
    let instance = &schema["additionalProperties"];
    if instance["properties"].is_object() {
        text.push('\n');
        comment(instance, text);
        text.push_str(&format!("# [{path}.NAME]\n"));
        for (name, member) in instance["properties"].as_object().into_iter().flatten() {
            comment(member, text);
            text.push_str(&format!("# {name} = {}\n", default(member)));
        }
    }
}

/// Writes the documentation of a key, and its choices.
fn comment(schema: &Json, text: &mut String) {
    for line in schema["description"].as_str().unwrap_or_default().lines() {
        text.push_str(format!("# {line}").trim_end());
        text.push('\n');
    }
    let choices: Vec<&str> = variants(schema)
        .into_iter()
        .filter_map(|variant| variant["const"].as_str())
        .collect();
    if !choices.is_empty() {
        text.push_str(&format!("# One of: {}\n", choices.join(", ")));
    }
}

fn variants(schema: &Json) -> Vec<&Json> {
    let inner = schema["anyOf"].as_array().into_iter().flatten();
    let nested = inner.flat_map(|variant| variant["oneOf"].as_array().into_iter().flatten());
    schema["oneOf"]
        .as_array()
        .into_iter()
        .flatten()
        .chain(nested)
        .collect()
}

/// Returns the default as TOML, or what could stand there.
fn default(schema: &Json) -> String {
    let given = &schema["default"];
    if !given.is_null() {
        return toml::Value::try_from(given)
            .map(|value| value.to_string())
            .unwrap_or_default();
    }
    let first = match &schema["type"] {
        Json::Array(types) => types.first().and_then(Json::as_str),
        other => other.as_str(),
    };
    match (
        first,
        variants(schema)
            .first()
            .and_then(|variant| variant["const"].as_str()),
    ) {
        (_, Some(choice)) => format!("\"{choice}\""),
        (Some("string"), _) => "\"…\"".to_owned(),
        (Some("integer"), _) => "0".to_owned(),
        (Some("number"), _) => "0.0".to_owned(),
        (Some("boolean"), _) => "false".to_owned(),
        (Some("array"), _) => "[]".to_owned(),
        _ => "{}".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Uncomments the keys.
    fn active(text: &str) -> String {
        let uncommented = text.lines().map(|line| match line.strip_prefix("# ") {
            Some(rest)
                if rest.starts_with('[')
                    || rest.split_once(" = ").is_some_and(|(key, _)| {
                        key.chars().all(|c| c.is_alphanumeric() || "_.".contains(c))
                    }) =>
            {
                rest
            }
            _ => line,
        });
        uncommented.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn templates_are_valid_as_they_are_and_uncommented() {
        for text in [MINIMAL.to_owned(), full()] {
            assert!(text.parse::<toml::Table>().is_ok(), "{text}");
            let active = active(&text);
            let parsed = active.parse::<toml::Table>();
            assert!(parsed.is_ok(), "{}\n{active}", parsed.unwrap_err());
        }
    }

    #[test]
    fn the_full_template_has_defaults_and_documentation() {
        let text = full();
        assert!(
            text.contains("# Longest time of a run.\n# timeout_ms = 300000\n"),
            "{text}"
        );
        assert!(text.contains("[engines.lua]"));
        assert!(
            text.contains("# One of: none, safe, full\n# stdlib = \"safe\""),
            "{text}"
        );
    }
}
