//! LuaCATS annotations for the Lua language server.

use std::fmt::Write as _;
use std::sync::Arc;

use llmspell_core::{Module, Op, Style};

use super::schema::{Member, Named, Type};
use super::surface::{Kind, Surface, error_kinds, forms, parameters, pascal_case, summary, tables};

/// Words that are no names in Lua.
const KEYWORDS: &[&str] = &[
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in",
    "local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while",
];

/// Declarations of what every script has beside the modules.
const PRELUDE: &str = include_str!("prelude.d.lua");

/// Returns declarations of all globals and tools as one Lua file for editors.
///
/// Each function is declared once, in snake_case; scripts may write camelCase as well. The same modules and tools
/// always give the same text.
pub fn lua_stubs(modules: &[Module], tools: &[Arc<Op>]) -> String {
    let surface = Surface::new(modules, tools);
    let mut out = String::from(PRELUDE);
    line(&mut out, "");
    line(&mut out, "---What an error means.");
    line(
        &mut out,
        &format!("---@alias ErrorKind {}", error_kinds("|")),
    );
    for named in surface.named() {
        table(&mut out, &named);
    }
    for (name, kind) in &surface.kinds {
        class(&mut out, &surface, name, kind);
    }
    for module in modules {
        if let Some(global) = module.global {
            globals(&mut out, &surface, module, global);
        }
    }
    for tool in tools {
        tool_class(&mut out, tool);
    }
    out
}

/// Declares a table that has a name.
fn table(out: &mut String, named: &Named) {
    line(out, "");
    comment(out, &named.doc);
    line(out, &format!("---@class {}", named.name));
    fields(out, &named.members);
}

fn fields(out: &mut String, members: &[Member]) {
    for member in members {
        let doc = summary(&member.doc);
        let text = format!(
            "---@field {}{} {} {doc}",
            key_of(&member.name),
            mark(member),
            type_of(&member.of)
        );
        line(out, text.trim_end());
    }
}

/// Declares the class of the handles of a kind.
fn class(out: &mut String, surface: &Surface<'_>, kind: &str, about: &Kind<'_>) {
    let name = class_name(kind);
    line(out, "");
    comment(out, &about.doc);
    line(out, &format!("---@class {name}"));
    if !about.fields.iter().any(|field| field.name == "id") {
        line(out, "---@field id string");
    }
    fields(out, &about.fields);
    for op in about.methods.iter().filter(|op| op.is_callable()) {
        let params: Vec<String> = parameters(op)
            .iter()
            .map(|param| format!("{}{}: {}", name_of(param), mark(param), type_of(&param.of)))
            .collect();
        let result = result_of(surface, op);
        line(
            out,
            &format!("---@overload fun({}){}", params.join(", "), colon(&result)),
        );
    }
    line(out, &format!("local {name} = {{}}"));
    for op in &about.methods {
        function(out, surface, op, &format!("{name}:"));
    }
    if let Some(op) = about.iterator() {
        let result = result_of(surface, op);
        line(out, "");
        line(out, "---Iterates over what is left.");
        line(out, &format!("---@return fun(){}", colon(&result)));
        line(out, &format!("function {name}:iter() end"));
    }
}

/// Declares the table of a module.
fn globals(out: &mut String, surface: &Surface<'_>, module: &Module, global: &str) {
    line(out, "");
    comment(out, module.doc);
    line(out, &format!("---@class {global}Module"));
    if module.index.is_some() {
        line(out, "---@field [string] any");
    }
    line(out, &format!("{global} = {{}}"));
    for &synonym in module.synonyms {
        line(out, &format!("{synonym} = {global}"));
    }
    for table in tables(module) {
        line(out, &format!("{global}.{table} = {{}}"));
    }
    for (name, value) in &module.constants {
        let value = llmspell_core::value::to_json(value);
        line(out, &format!("{global}.{name} = {value}"));
    }
    for op in module.ops.iter().filter(|op| op.method_of().is_none()) {
        function(out, surface, op, &format!("{global}."));
    }
}

/// Declares one function with its documentation.
fn function(out: &mut String, surface: &Surface<'_>, op: &Op, owner: &str) {
    let own = if op.method_of().is_some() {
        "self, "
    } else {
        ""
    };
    let mut shorter = forms(op);
    // The declared form is the longest one; the others are its overloads.
    let params = shorter.pop().unwrap_or_else(|| parameters(op));
    line(out, "");
    comment(out, op.docs());
    let names: Vec<&str> = op.script_aliases().to_vec();
    if !names.is_empty() {
        comment(out, &format!("Also: {}.", names.join(", ")));
    }
    for param in &params {
        let doc = summary(&param.doc);
        let text = format!(
            "---@param {}{} {} {doc}",
            name_of(param),
            mark(param),
            type_of(&param.of)
        );
        line(out, text.trim_end());
    }
    let result = result_of(surface, op);
    if let Some(result) = &result {
        line(out, &format!("---@return {result}"));
    }
    for form in shorter {
        let params: Vec<String> = form
            .iter()
            .map(|param| format!("{}: {}", name_of(param), type_of(&param.of)))
            .collect();
        let form = params.join(", ");
        line(out, &format!("---@overload fun({form}){}", colon(&result)));
    }
    if op.style() == Style::Table && !params.is_empty() {
        let args = type_of(&Type::Object(params.clone()));
        line(
            out,
            &format!("---@overload fun({own}args: {args}){}", colon(&result)),
        );
    }
    let params: Vec<String> = params.iter().map(name_of).collect();
    let verb = op.verb();
    if KEYWORDS.contains(&verb) {
        let owner = owner.trim_end_matches(['.', ':']);
        let params = format!("{own}{}", params.join(", "));
        line(
            out,
            &format!(
                "{owner}[{verb:?}] = function({}) end",
                params.trim_end_matches(", ")
            ),
        );
    } else {
        line(
            out,
            &format!("function {owner}{verb}({}) end", params.join(", ")),
        );
    }
}

/// Declares a tool's parameters and the tool as a member of `Tool`.
fn tool_class(out: &mut String, tool: &Op) {
    let verb = tool.verb();
    let class = pascal_case(verb);
    let name = format!("{class}Params");
    line(out, "");
    line(out, &format!("---Parameters of the tool `{verb}`."));
    line(out, &format!("---@class {name}"));
    fields(out, &parameters(tool));
    line(out, "");
    line(out, &format!("---@class {class}Tool: ToolHandle"));
    line(
        out,
        &format!("---@overload fun(params: {name}): ToolResult"),
    );
    line(
        out,
        &format!("---@field execute fun(self, params: {name}): ToolResult"),
    );
    line(out, "");
    comment(out, tool.docs());
    line(out, &format!("---@type {class}Tool"));
    match is_name(verb) {
        true => line(out, &format!("Tool.{verb} = nil")),
        false => line(out, &format!("Tool[{verb:?}] = nil")),
    }
}

fn line(out: &mut String, text: &str) {
    let _ = writeln!(out, "{text}");
}

fn comment(out: &mut String, text: &str) {
    for part in text.lines() {
        line(out, format!("---{part}").trim_end());
    }
}

fn mark(member: &Member) -> &'static str {
    if member.required { "" } else { "?" }
}

fn colon(result: &Option<String>) -> String {
    result
        .as_ref()
        .map_or(String::new(), |result| format!(": {result}"))
}

/// The name as a Lua parameter.
fn name_of(member: &Member) -> String {
    let plain: String = member
        .name
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() {
                letter
            } else {
                '_'
            }
        })
        .collect();
    if KEYWORDS.contains(&plain.as_str()) {
        return format!("{plain}_");
    }
    plain
}

/// The name as a key of a table type.
fn key_of(name: &str) -> String {
    if is_name(name) {
        return name.to_owned();
    }
    format!("[{name:?}]")
}

fn is_name(name: &str) -> bool {
    !KEYWORDS.contains(&name)
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

fn class_name(kind: &str) -> String {
    format!("{}Handle", pascal_case(kind))
}

/// Returns what the function returns; nothing if it returns nothing.
fn result_of(surface: &Surface<'_>, op: &Op) -> Option<String> {
    match surface.result(op) {
        Type::Null => None,
        Type::Union(parts) if parts.contains(&Type::Null) => {
            let present = type_of(&Type::Union(parts));
            Some(match present.contains('|') {
                true => format!("({present})?"),
                false => format!("{present}?"),
            })
        }
        other => Some(type_of(&other)),
    }
}

/// Returns the LuaCATS type; what may be absent is said by the `?` of the member.
fn type_of(of: &Type) -> String {
    match of {
        Type::Any => "any".to_owned(),
        Type::Null => "nil".to_owned(),
        Type::Boolean => "boolean".to_owned(),
        Type::Integer => "integer".to_owned(),
        Type::Number => "number".to_owned(),
        Type::String => "string".to_owned(),
        Type::Literal(text) => text.clone(),
        Type::Function(None) => "function".to_owned(),
        Type::Function(Some(of)) => format!("fun(value: {}): any", type_of(of)),
        Type::Handle(Some(kind)) => class_name(kind),
        Type::Handle(None) => "table".to_owned(),
        Type::List(items) => {
            let items = type_of(items);
            match items.contains(['|', ' ']) {
                true => format!("({items})[]"),
                false => format!("{items}[]"),
            }
        }
        Type::Map(values) if **values == Type::Any => "table".to_owned(),
        Type::Map(values) => format!("table<string, {}>", type_of(values)),
        Type::Object(members) => {
            let members: Vec<String> = members
                .iter()
                .map(|m| format!("{}{}: {}", key_of(&m.name), mark(m), type_of(&m.of)))
                .collect();
            format!("{{ {} }}", members.join(", "))
        }
        Type::Named(named) => named.name.clone(),
        Type::Prelude(name) => (*name).to_owned(),
        Type::Union(parts) => {
            let parts = parts.iter().filter(|part| **part != Type::Null);
            parts.map(type_of).collect::<Vec<_>>().join("|")
        }
    }
}
