//! `llmspell api`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use llmspell::config::Language;
use llmspell_core::{Example, Field, Module, bail};
use serde_json::{Value as Json, json};

use super::tool::command;
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
    /// What is written
    #[arg(long, value_enum, default_value_t = Format::Stubs)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Stubs,
    Json,
    Markdown,
}

pub(crate) fn api(args: Api, desk: Desk) -> Ends {
    let language = Language::from_name(&args.language).unwrap_or_default();
    let (name, text) = match args.format {
        _ if args.language == "tools" => ("tools.md", manual()),
        Format::Stubs => stubs(language),
        Format::Json => ("llmspell.json", format!("{:#}\n", document())),
        Format::Markdown => ("llmspell.md", markdown()),
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

fn write(dir: &std::path::Path, path: &std::path::Path, text: &str) -> llmspell_core::Result<()> {
    let written = std::fs::create_dir_all(dir).and_then(|()| std::fs::write(path, text));
    match written {
        Ok(()) => Ok(()),
        Err(failure) => bail!(Io, "{} cannot be written: {failure}", path.display()),
    }
}

/// Returns the globals and tools with their JSON Schemas.
fn document() -> Json {
    let op = |op: &std::sync::Arc<llmspell_core::Op>| {
        json!({
            "name": op.verb(),
            "method_of": op.method_of(),
            "aliases": op.script_aliases(),
            "description": op.docs(),
            "effect": op.declared_effect().name(),
            "parameters": op.shape().json_schema(),
            "returns": op.out_schema(),
        })
    };
    let module = |module: &Module| {
        json!({
            "name": module.global.unwrap_or(module.name),
            "description": module.doc,
            "functions": module.ops.iter().map(op).collect::<Vec<_>>(),
        })
    };
    let tools = llmspell_tools::modules();
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "globals": llmspell::modules().iter().map(module).collect::<Vec<_>>(),
        "tools": tools.iter().flat_map(|module| &module.ops).map(op).collect::<Vec<_>>(),
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

fn describe(name: &str, op: &llmspell_core::Op, skip: usize, text: &mut String) {
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

fn chapter(op: &llmspell_core::Op, text: &mut String) {
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
