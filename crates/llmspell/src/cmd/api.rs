//! `llmspell api`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use llmspell::config::Language;
use llmspell_core::{Example, Field, Module, Op, Result, bail, error};
use serde_json::{Value as Json, json};

use super::tool::{Setting, command, settings};
use crate::desk::Desk;
use crate::exit::Ends;

/// Print editor stubs for the script API.
#[derive(Args, Debug)]
pub(crate) struct Api {
    /// The language; or `tools`, for the manual of the tools
    #[arg(value_parser = ["lua", "javascript", "js", "tools"], value_name = "lua|javascript|tools")]
    language: String,
    /// Write into this folder instead
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// What is written; by default stubs, and for `tools` Markdown
    #[arg(long, value_enum)]
    format: Option<Format>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Stubs,
    Json,
    Markdown,
}

pub(crate) fn api(args: Api, desk: Desk) -> Ends {
    let (name, text) = match args.language.as_str() {
        "tools" => of_tools(args.format.unwrap_or(Format::Markdown))?,
        language => {
            let language = Language::from_name(language).unwrap_or_default();
            of_language(language, args.format.unwrap_or(Format::Stubs))
        }
    };
    match args.dir {
        Some(dir) => {
            let path = dir.join(name);
            write(&dir, &path, &text)?;
            desk.screen.line(&path.display().to_string());
        }
        None => desk.screen.line(&text),
    }
    Ok(0)
}

/// Returns what is said of the script API, and the name of its file.
fn of_language(language: Language, format: Format) -> (&'static str, String) {
    match format {
        Format::Stubs => stubs(language),
        Format::Json => ("llmspell.json", format!("{:#}\n", document())),
        Format::Markdown => ("llmspell.md", markdown()),
    }
}

/// Returns what is said of the tools, and the name of its file.
///
/// - Errors: `InvalidArgs` for stubs, which are those of a language.
fn of_tools(format: Format) -> Result<(&'static str, String)> {
    match format {
        Format::Json => Ok(("tools.json", format!("{:#}\n", tools()))),
        Format::Markdown => Ok(("tools.md", manual())),
        Format::Stubs => Err(error!(InvalidArgs, "tools have no stubs of their own")
            .hint("`llmspell api lua` and `llmspell api javascript` have them")),
    }
}

/// Returns the editor stubs of a language and the name of their file.
pub(crate) fn stubs(language: Language) -> (&'static str, String) {
    let tools: Vec<_> = llmspell_tools::modules()
        .into_iter()
        .flat_map(|module| module.ops)
        .collect();
    let modules = llmspell::modules();
    match language {
        Language::Lua => ("llmspell.lua", llmspell_script::lua_stubs(&modules, &tools)),
        Language::JavaScript => (
            "llmspell.d.ts",
            llmspell_script::typescript_stubs(&modules, &tools),
        ),
    }
}

fn write(dir: &std::path::Path, path: &std::path::Path, text: &str) -> Result<()> {
    let written = std::fs::create_dir_all(dir).and_then(|()| std::fs::write(path, text));
    match written {
        Ok(()) => Ok(()),
        Err(failure) => bail!(Io, "{} cannot be written: {failure}", path.display()),
    }
}

/// Returns the globals and tools with their JSON Schemas.
fn document() -> Json {
    let module = |module: &Module| {
        json!({
            "name": module.global.unwrap_or(module.name),
            "description": module.doc,
            "functions": module.ops.iter().map(|op| shown(op)).collect::<Vec<_>>(),
        })
    };
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "globals": llmspell::modules().iter().map(module).collect::<Vec<_>>(),
        "tools": tools(),
    })
}

/// Returns the tools with their JSON Schemas.
fn tools() -> Json {
    let groups = llmspell_tools::modules();
    let tools = groups.iter().flat_map(|group| &group.ops);
    tools.map(|op| shown(op)).collect()
}

fn shown(op: &Op) -> Json {
    json!({
        "name": op.verb(),
        "method_of": op.method_of(),
        "aliases": op.script_aliases(),
        "description": op.docs(),
        "effect": op.declared_effect().name(),
        "parameters": op.json_schema(),
        "returns": op.out_schema(),
    })
}

fn markdown() -> String {
    let mut text = String::from("# Script API\n");
    for module in llmspell::modules() {
        let Some(global) = module.global else {
            continue;
        };
        text.push_str(&format!("\n## {global}\n\n{}\n", module.doc));
        for op in &module.ops {
            let name = match op.method_of() {
                Some(kind) => format!("{kind}:{}", op.verb()),
                None => format!("{global}.{}", op.verb()),
            };
            describe(&name, op, usize::from(op.method_of().is_some()), &mut text);
        }
    }
    text.push_str("\n## Tools\n");
    for op in llmspell_tools::modules()
        .iter()
        .flat_map(|module| &module.ops)
    {
        describe(op.verb(), op, 0, &mut text);
    }
    text
}

fn describe(name: &str, op: &Op, skip: usize, text: &mut String) {
    text.push_str(&format!("\n### {name}\n\n{}\n", op.docs().trim()));
    let fields = op.shape().fields();
    if fields.len() <= skip {
        return;
    }
    text.push_str("\n| parameter | type | required | |\n|--|--|--|--|\n");
    for field in &fields[skip..] {
        let types = if field.types.is_empty() {
            "any".to_owned()
        } else {
            field.types.join(" or ")
        };
        let doc = field
            .doc
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .replace('|', "\\|");
        let required = if field.required { "yes" } else { "" };
        text.push_str(&format!(
            "| `{}` | {types} | {required} | {doc} |\n",
            field.name
        ));
    }
}

/// Returns the manual of the tools.
fn manual() -> String {
    let mut text =
        String::from("# The built-in tools\n\nMade by `llmspell api tools`; do not edit.\n");
    let mut tools: Vec<_> = llmspell_tools::modules()
        .into_iter()
        .flat_map(|module| module.ops)
        .collect();
    tools.sort_by(|left, right| left.verb().cmp(right.verb()));
    for op in &tools {
        chapter(op, &mut text);
    }
    text
}

fn chapter(op: &Op, text: &mut String) {
    text.push_str(&format!("\n## {}\n\n{}\n", op.verb(), op.docs().trim()));
    let Some(info) = op.tool_info() else {
        return;
    };
    text.push_str(&format!(
        "\nCategory {}, level {}, effect {}, limit {} s.",
        info.category,
        info.level.name(),
        op.declared_effect().name(),
        info.timeout.as_secs(),
    ));
    if !info.operations.is_empty() {
        text.push_str(&format!(" Operations: `{}`.", info.operations.join("` `")));
    }
    text.push_str("\n\n| parameter | type | default | also | |\n|--|--|--|--|--|\n");
    for field in op.shape().fields() {
        parameter(field, text);
    }
    let settings = settings(info.settings);
    if !settings.is_empty() {
        text.push_str(&format!(
            "\n| key of `[tools.{}]` | type | default | |\n|--|--|--|--|\n",
            op.verb()
        ));
    }
    for Setting {
        key,
        kind,
        default,
        description,
    } in settings
    {
        let default = match default {
            Json::Null => String::new(),
            value => format!("`{value}`"),
        };
        let cells = [kind, default, description].map(|cell| cell.replace('|', "\\|"));
        text.push_str(&format!("| `{key}` | {} |\n", cells.join(" | ")));
    }
    for Example { title, input } in &info.examples {
        let command = command(op.verb(), input);
        text.push_str(&format!("\n{title}:\n\n```sh\n{command}\n```\n"));
    }
}

fn parameter(field: &Field, text: &mut String) {
    let types = match field.types.is_empty() {
        true => "any".to_owned(),
        false => field.types.join(" or "),
    };
    let default = match &field.default {
        Some(value) if !value.is_null() => format!("`{value}`"),
        _ if field.required => "required".to_owned(),
        _ => String::new(),
    };
    let mut doc = field.doc.split_whitespace().collect::<Vec<_>>().join(" ");
    if !field.choices.is_empty() {
        let choices: Vec<String> = field.choices.iter().map(ToString::to_string).collect();
        doc.push_str(&format!(" One of {}.", choices.join(" ")));
    }
    let cells = [types, default, field.synonyms.join(" "), doc];
    let cells = cells.map(|cell| cell.replace('|', "\\|"));
    text.push_str(&format!("| `{}` | {} |\n", field.name, cells.join(" | ")));
}
