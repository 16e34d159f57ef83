//! `llmspell tool`.

mod setting;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand, ValueEnum};
use llmspell::config::{Language, Loaded};
use llmspell::{Options, World};
use llmspell_core::value::{from_json, to_json};
use llmspell_core::{Cancel, Error, Example, Kind, Level, Map, Result, ToolInfo, Value, error};
use llmspell_runtime::tool::{Envelope, Tools, check, describe, invoke};
use llmspell_script::Script;
use serde_json::{Value as Json, json};

pub(super) use self::setting::{Setting, settings};
use super::running::{Signals, end, threads};
use crate::desk::Desk;
use crate::exit::{Ends, Failure};
use crate::output::Mode;
use crate::output::console::{Console, Form};
use crate::output::report::Report;
use crate::output::table::{Align, Column, table};
use crate::output::value::{self, Lost};

/// List, describe and run tools.
#[derive(Args, Debug)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct Tool {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the tools
    List(List),
    /// Show parameters, synonyms, operations and JSON Schema of a tool
    Info(Info),
    /// Run a tool; succeeds only when the tool does
    #[command(visible_alias = "invoke")]
    Run(Run),
}

#[derive(Args, Debug)]
struct List {
    /// Only tools of this category
    #[arg(long, value_name = "C")]
    category: Option<String>,
    /// Only tools of this level
    #[arg(long, value_enum, value_name = "L")]
    level: Option<LevelName>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LevelName {
    Safe,
    Restricted,
    Privileged,
}

impl LevelName {
    fn level(self) -> Level {
        match self {
            Self::Safe => Level::Safe,
            Self::Restricted => Level::Restricted,
            Self::Privileged => Level::Privileged,
        }
    }
}

#[derive(Args, Debug)]
struct Info {
    /// The tool
    #[arg(value_name = "NAME")]
    name: String,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  llmspell tool run calculator input='2 ^ 10'
  llmspell tool run calculator operation=statistics 'values:=[1, 2.5]'
  llmspell tool run hash_calculator --params '{\"input\": \"abc\", \"algorithm\": \"sha256\"}'
  llmspell tool info calculator                   what a tool can be told")]
struct Run {
    /// The tool
    #[arg(value_name = "NAME")]
    name: String,
    /// Parameters: KEY=TEXT, or KEY:=JSON for typed values
    #[arg(value_name = "KEY=VALUE")]
    pairs: Vec<String>,
    /// Parameters as JSON: the text itself, @FILE, or - for standard input
    #[arg(
        long,
        visible_alias = "input",
        value_name = "JSON|@FILE|-",
        allow_hyphen_values = true
    )]
    params: Option<String>,
    /// One parameter, as the positional ones; may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    param: Vec<String>,
    /// Check the parameters and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Write the output into this file
    #[arg(long, value_name = "PATH")]
    save: Option<PathBuf>,
}

pub(crate) fn tool(args: Tool, mut desk: Desk) -> Ends {
    let loaded = desk.load(Vec::new())?;
    match args.verb {
        Verb::List(args) => list(&args, &desk, &loaded),
        Verb::Info(args) => info(&args, &desk, &loaded),
        Verb::Run(args) => run(args, &desk, &loaded),
    }
}

fn tools(loaded: &Loaded) -> Result<Tools> {
    loaded.require(&["tools"])?;
    Ok(Tools::new(
        &llmspell_tools::modules(),
        loaded.config.tools.clone(),
    ))
}

fn list(args: &List, desk: &Desk, loaded: &Loaded) -> Ends {
    let level = args.level.map(LevelName::level);
    let mut tools = tools(loaded)?.all();
    if let Some(category) = &args.category {
        let known: BTreeSet<&str> = tools
            .iter()
            .map(|tool| tool.info().category.as_str())
            .collect();
        if !known.contains(category.as_str()) {
            let known: Vec<&str> = known.into_iter().collect();
            let error = error!(NotFound, "no tool has the category '{category}'");
            return Err(error
                .hint(format!("there are: {}", known.join(", ")))
                .into());
        }
    }
    tools.retain(|tool| {
        args.category
            .as_deref()
            .is_none_or(|category| tool.info().category == category)
            && level.is_none_or(|level| tool.info().level == level)
    });
    if desk.screen.mode == Mode::Json {
        let list = tools.iter().map(|tool| {
            json!({
                "name": tool.name(),
                "category": tool.info().category,
                "level": tool.info().level.name(),
                "description": sentence(tool.description()),
                "version": tool.info().version,
                "enabled": tool.is_enabled(),
            })
        });
        desk.screen.document(&list.collect());
        return Ok(0);
    }
    // Within one category the column would say the same on every line.
    let one = args.category.is_some();
    let mut columns = vec![Column("NAME", Align::Left)];
    if !one {
        columns.push(Column("CATEGORY", Align::Left));
    }
    columns.extend([
        Column("LEVEL", Align::Left),
        Column("DESCRIPTION", Align::Left),
    ]);
    let rows = tools.iter().map(|tool| {
        let mut row = vec![tool.name().to_owned()];
        if !one {
            row.push(tool.info().category.clone());
        }
        let disabled = if tool.is_enabled() { "" } else { " (disabled)" };
        row.extend([
            tool.info().level.name().to_owned(),
            sentence(tool.description()) + disabled,
        ]);
        row
    });
    desk.screen
        .line(&table(&desk.screen, &columns, rows.collect()));
    Ok(0)
}

/// Returns the first sentence without its stop.
fn sentence(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let end = line.find(". ").unwrap_or(line.len());
    line[..end].trim_end_matches('.').to_owned()
}

/// Says which JSON Schema it is. Models are not told: they would pay for it with every request.
fn dialect(schema: Json) -> Json {
    let mut told = json!({"$schema": "https://json-schema.org/draft/2020-12/schema"});
    if let (Json::Object(told), Json::Object(schema)) = (&mut told, schema) {
        told.extend(schema);
    }
    told
}

fn info(args: &Info, desk: &Desk, loaded: &Loaded) -> Ends {
    let tool = tools(loaded)?.require(&args.name)?;
    let op = tool.op();
    let mut document = describe(op).to_serde_json();
    document["json_schema"] = dialect(op.json_schema());
    document["synonyms"] = json!(tool.info().synonyms);
    document["examples"] = examples(tool.info());
    document["timeout_ms"] = json!(
        loaded
            .config
            .tools
            .timeout(tool.name(), tool.info().timeout)
            .as_millis() as u64
    );
    document["enabled"] = json!(tool.is_enabled());
    let settings = settings(tool.info().settings);
    document["settings"] = json!(settings);
    if desk.screen.mode == Mode::Json {
        desk.screen.document(&document);
        return Ok(0);
    }
    let info = tool.info();
    let mut text = format!(
        "{} {}\n{}\n",
        desk.heading(tool.name()),
        info.version,
        op.docs().trim()
    );
    let mut fact = |name: &str, value: String| {
        if !value.is_empty() {
            text.push_str(&format!("\n{name:<12}{value}"));
        }
    };
    fact("category", info.category.clone());
    fact("level", info.level.name().to_owned());
    fact("effect", op.declared_effect().name().to_owned());
    fact("timeout", format!("{} ms", document["timeout_ms"]));
    fact("operations", info.operations.join(" "));
    fact("also", info.synonyms.join(" "));
    fact(
        "returns",
        document["returns"].as_str().unwrap_or_default().to_owned(),
    );
    text.push_str("\n\n");
    text.push_str(&parameters(desk, &document["parameters"]));
    if !settings.is_empty() {
        text.push_str(&format!("\n[tools.{}]\n", tool.name()));
        text.push_str(&configuration(desk, &settings));
    }
    for Example { title, input } in &info.examples {
        text.push_str(&format!(
            "\nEXAMPLE: {title}\n{}\n",
            command(tool.name(), input)
        ));
    }
    text.push_str("\nJSON SCHEMA\n");
    text.push_str(&serde_json::to_string_pretty(&document["json_schema"]).unwrap_or_default());
    desk.screen.line(&text);
    Ok(0)
}

fn examples(info: &ToolInfo) -> Json {
    let example = |example: &Example| {
        let input = serde_json::from_str::<Json>(example.input).unwrap_or_default();
        json!({"title": example.title, "input": input})
    };
    info.examples.iter().map(example).collect()
}

/// Returns the command that runs an example.
pub(super) fn command(tool: &str, input: &str) -> String {
    let quoted = input.replace('\'', r"'\''");
    format!("llmspell tool run {tool} --params '{quoted}'")
}

fn parameters(desk: &Desk, parameters: &Json) -> String {
    let columns = [
        "PARAMETER",
        "TYPE",
        "REQUIRED",
        "DEFAULT",
        "ALSO",
        "DESCRIPTION",
    ]
    .map(|title| Column(title, Align::Left));
    let list = |value: &Json| {
        let items = value
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Json::as_str);
        items.collect::<Vec<_>>().join(" ")
    };
    let rows = parameters
        .as_array()
        .into_iter()
        .flatten()
        .map(|parameter| {
            let text = |name: &str| parameter[name].as_str().unwrap_or_default().to_owned();
            let choices = list(&parameter["enum"]);
            let mut description = sentence(&text("description"));
            if !choices.is_empty() {
                description.push_str(&format!(" ({choices})"));
            }
            let default = match parameter.get("default") {
                Some(Json::String(text)) => text.clone(),
                Some(Json::Null) | None => String::new(),
                Some(value) => value.to_string(),
            };
            let required = if parameter["required"] == true {
                "yes"
            } else {
                "no"
            };
            vec![
                text("name"),
                text("type"),
                required.to_owned(),
                default,
                list(&parameter["synonyms"]),
                description,
            ]
        });
    table(&desk.screen, &columns, rows.collect())
}

fn configuration(desk: &Desk, settings: &[Setting]) -> String {
    let columns = ["KEY", "TYPE", "DEFAULT", "DESCRIPTION"].map(|title| Column(title, Align::Left));
    let rows = settings.iter().map(|setting| {
        let default = match &setting.default {
            Json::Null => String::new(),
            value => value.to_string(),
        };
        vec![
            setting.key.clone(),
            setting.kind.clone(),
            default,
            sentence(&setting.description),
        ]
    });
    table(&desk.screen, &columns, rows.collect())
}

fn run(args: Run, desk: &Desk, loaded: &Loaded) -> Ends {
    let params = params(&args)?;
    let tool = tools(loaded)?.require(&args.name)?;
    if args.dry_run {
        return dry_run(tool.op(), params, desk);
    }
    let threads = threads(loaded)?;
    let cancel = Cancel::new();
    let console = Arc::new(Console::new(Form::Direct, None));
    let script = Script::new(format!("tool {}", tool.name()), "");
    let options = Options {
        output: console,
        cancel: cancel.clone(),
        ..Options::default()
    };
    let called = crate::wait(&threads, async {
        let _signals = Signals::listen(cancel);
        let world = World::open(loaded, Language::Lua, &script, options)?;
        let called = invoke(world.cx(), tool.name(), params).await;
        let outcome = match &called {
            Ok(Envelope {
                outcome: Err(error),
                ..
            })
            | Err(error) => Err(error.clone()),
            Ok(envelope) => Ok(vec![envelope.clone().into_value()]),
        };
        world.finish(outcome).await;
        called
    });
    end(threads);
    let explained = |error: Error| explained(error, tool.name());
    let mut envelope = called.map_err(explained)?;
    envelope.outcome = envelope.outcome.map_err(explained);
    if let (Some(path), Ok(_)) = (&args.save, &envelope.outcome) {
        save(path, &envelope.primary())?;
    }
    show(&envelope, desk, args.save.is_some())
}

/// Says where the parameters are listed, if the error is about them and knows nothing better.
fn explained(error: Error, tool: &str) -> Error {
    match error.kind() == Kind::InvalidArgs && error.hints().is_empty() {
        true => error.hint(format!("`llmspell tool info {tool}` lists the parameters")),
        false => error,
    }
}

fn show(envelope: &Envelope, desk: &Desk, saved: bool) -> Ends {
    let mut lost = Lost::default();
    if desk.screen.mode == Mode::Json {
        desk.screen
            .document(&value::json(&envelope.clone().into_value(), &mut lost));
    }
    match &envelope.outcome {
        Ok(outcome) => {
            if desk.screen.mode != Mode::Json && !saved {
                let indent = desk.screen.mode == Mode::Pretty;
                let mut text = value::text(outcome.primary(), indent, &mut lost);
                text.push(b'\n');
                desk.screen.bytes(&text);
            }
            Ok(0)
        }
        Err(error) => {
            if desk.screen.mode != Mode::Json {
                let report = Report::new(error, None);
                desk.screen
                    .note(report.text(desk.screen.error_color).trim_end());
            }
            Err(Failure::silent(crate::exit::code(error)))
        }
    }
}

fn dry_run(op: &llmspell_core::Op, params: Value, desk: &Desk) -> Ends {
    let prepared = check(op, params).map_err(|error| explained(error, op.verb()))?;
    let effect = op.effect_with(&prepared);
    match desk.screen.mode {
        Mode::Json => desk.screen.document(&json!({
            "success": true, "dry_run": true, "tool": op.verb(), "params": prepared.to_serde_json(), "effect": effect.name(),
        })),
        _ => desk.screen.line(&format!("would call {} with {} (effect {})", op.verb(), to_json(&prepared), effect.name())),
    }
    Ok(0)
}

/// Returns the parameters: those of `--params`, and the pairs upon them.
fn params(args: &Run) -> Result<Value, Failure> {
    let mut params = match &args.params {
        Some(text) => given(text)?,
        None => Map::new(),
    };
    for pair in args.param.iter().chain(&args.pairs) {
        let wrong = || {
            Failure::with_code(
                error!(
                    InvalidArgs,
                    "'{pair}' is not of the form KEY=VALUE or KEY:=JSON"
                ),
                2,
            )
        };
        let (key, text) = pair.split_once('=').ok_or_else(wrong)?;
        let (key, value) = match key.strip_suffix(':') {
            Some(key) => (
                key,
                from_json(text).map_err(|error| {
                    Failure::with_code(error.hint(format!("in the parameter '{key}'")), 2)
                })?,
            ),
            None => (key, Value::from(text)),
        };
        if key.is_empty() {
            return Err(wrong());
        }
        params.insert(key.to_owned(), value);
    }
    Ok(Value::Map(params))
}

fn given(text: &str) -> Result<Map, Failure> {
    let json = super::given::text(text)?;
    let parameters = from_json(&json).map_err(|error| {
        let error = error.hint("--params takes a JSON object, @FILE, or - for standard input");
        Failure::with_code(error, 2)
    })?;
    match parameters {
        Value::Map(map) => Ok(map),
        other => Err(Failure::with_code(
            error!(
                InvalidArgs,
                "--params must be a JSON object, not {}",
                other.type_name()
            ),
            2,
        )),
    }
}

fn save(path: &PathBuf, value: &Value) -> Result<()> {
    let bytes = value::text(value, false, &mut Lost::default());
    std::fs::write(path, bytes).map_err(|failure| {
        llmspell_core::Error::new(
            Kind::Io,
            format!("{} cannot be written: {failure}", path.display()),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params_of(pairs: &[&str], json: Option<&str>) -> Result<String, String> {
        let args = Run {
            name: "x".into(),
            param: Vec::new(),
            pairs: pairs.iter().map(|&pair| pair.to_owned()).collect(),
            params: json.map(str::to_owned),
            dry_run: false,
            save: None,
        };
        params(&args)
            .map(|value| to_json(&value))
            .map_err(|failure| failure.error.unwrap().to_string())
    }

    #[test]
    fn pairs_lie_upon_json() {
        assert_eq!(
            params_of(&["a=1=2", "b:=[1]"], Some(r#"{"a":0,"c":true}"#)).unwrap(),
            r#"{"a":"1=2","c":true,"b":[1]}"#
        );
        assert!(
            params_of(&["novalue"], None)
                .unwrap_err()
                .contains("KEY=VALUE")
        );
        assert!(
            params_of(&["a:={"], None)
                .unwrap_err()
                .contains("not valid JSON")
        );
        assert!(params_of(&[], Some("[1]")).unwrap_err().contains("object"));
    }

    #[test]
    fn sentences_end_at_their_stop() {
        assert_eq!(
            sentence("Evaluates an\nexpression. More."),
            "Evaluates an expression"
        );
        assert_eq!(sentence("One."), "One");
    }
}
