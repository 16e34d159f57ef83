//! LuaCATS annotations for the Lua language server.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use llmspell_core::{Field, Module, Op, Style, View};
use serde_json::Value as Json;

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
    let mut out = String::from(PRELUDE);
    let mut methods: BTreeMap<&str, Vec<&Op>> = BTreeMap::new();
    for module in modules {
        for op in &module.ops {
            if let Some(kind) = op.method_of() {
                methods.entry(kind).or_default().push(op);
            }
        }
    }
    for (kind, ops) in &methods {
        class(&mut out, kind, ops, &methods);
    }
    for module in modules {
        if let Some(global) = module.global {
            globals(&mut out, module, global, &methods);
        }
    }
    for tool in tools {
        tool_class(&mut out, tool);
    }
    out
}

type Methods<'a> = BTreeMap<&'a str, Vec<&'a Op>>;

/// Declares the class of the handles of a kind.
fn class(out: &mut String, kind: &str, ops: &[&Op], methods: &Methods<'_>) {
    let name = class_name(kind);
    line(out, "");
    line(out, &format!("---@class {name}"));
    line(out, "---@field id string");
    for op in ops.iter().filter(|op| op.is_callable()) {
        let fields = op.shape().fields();
        let params: Vec<String> = fields
            .iter()
            .skip(1)
            .map(|field| {
                format!(
                    "{}{}: {}",
                    name_of(field),
                    mark(field),
                    type_of(&field.schema)
                )
            })
            .collect();
        let result = result_of(op, methods);
        line(
            out,
            &format!("---@overload fun({}){}", params.join(", "), colon(&result)),
        );
    }
    line(out, &format!("local {name} = {{}}"));
    for op in ops {
        function(out, op, &format!("{name}:"), 1, methods);
    }
    if let Some(op) = ops.iter().find(|op| op.is_iterator()) {
        let result = result_of(op, methods);
        line(out, "");
        line(out, "---Iterates over what is left.");
        line(out, &format!("---@return fun(){}", colon(&result)));
        line(out, &format!("function {name}:iter() end"));
    }
}

/// Declares the table of a module.
fn globals(out: &mut String, module: &Module, global: &str, methods: &Methods<'_>) {
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
    for op in module.ops.iter().filter(|op| op.method_of().is_none()) {
        function(out, op, &format!("{global}."), 0, methods);
    }
}

/// Declares one function with its documentation; `skip` leading parameters are the handle.
fn function(out: &mut String, op: &Op, owner: &str, skip: usize, methods: &Methods<'_>) {
    let fields: Vec<&Field> = op.shape().fields().iter().skip(skip).collect();
    line(out, "");
    comment(out, op.docs());
    let names: Vec<&str> = op.script_aliases().to_vec();
    if !names.is_empty() {
        comment(out, &format!("Also: {}.", names.join(", ")));
    }
    for field in &fields {
        let doc = first_line(&field.doc);
        let text = format!(
            "---@param {}{} {} {doc}",
            name_of(field),
            mark(field),
            type_of(&field.schema)
        );
        line(out, text.trim_end());
    }
    let result = result_of(op, methods);
    if let Some(result) = &result {
        line(out, &format!("---@return {result}"));
    }
    if op.style() == Style::Table && !fields.is_empty() {
        let members: Vec<String> = fields
            .iter()
            .map(|field| {
                format!(
                    "{}{}: {}",
                    key_of(&field.name),
                    mark(field),
                    type_of(&field.schema)
                )
            })
            .collect();
        let own = if skip > 0 { "self, " } else { "" };
        line(
            out,
            &format!(
                "---@overload fun({own}args: {{ {} }}){}",
                members.join(", "),
                colon(&result)
            ),
        );
    }
    let params: Vec<String> = fields.iter().map(|field| name_of(field)).collect();
    let verb = op.verb();
    if KEYWORDS.contains(&verb) {
        let owner = owner.trim_end_matches(['.', ':']);
        let own = if skip > 0 { "self, " } else { "" };
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
    let name = format!("{}Params", camel(verb));
    line(out, "");
    line(out, &format!("---Parameters of the tool `{verb}`."));
    line(out, &format!("---@class {name}"));
    for field in tool.shape().fields() {
        let doc = first_line(&field.doc);
        let text = format!(
            "---@field {}{} {} {doc}",
            key_of(&field.name),
            mark(field),
            type_of(&field.schema)
        );
        line(out, text.trim_end());
    }
    line(out, "");
    line(out, &format!("---@class {}Tool: ToolHandle", camel(verb)));
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
    line(out, &format!("---@type {}Tool", camel(verb)));
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

fn first_line(doc: &str) -> String {
    doc.split("\n\n")
        .next()
        .unwrap_or_default()
        .replace('\n', " ")
}

fn mark(field: &Field) -> &'static str {
    if field.required { "" } else { "?" }
}

fn colon(result: &Option<String>) -> String {
    result
        .as_ref()
        .map_or(String::new(), |result| format!(": {result}"))
}

/// The name as a Lua parameter.
fn name_of(field: &Field) -> String {
    let plain: String = field
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

/// `web_search` as `WebSearch`.
fn camel(name: &str) -> String {
    name.split(['_', '-'])
        .map(|word| {
            let mut letters = word.chars();
            letters
                .next()
                .map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
                .unwrap_or_default()
        })
        .collect()
}

fn class_name(kind: &str) -> String {
    format!("{}Handle", camel(kind))
}

fn result_of(op: &Op, methods: &Methods<'_>) -> Option<String> {
    if op.result_view() == Some(View::Envelope) {
        return Some("ToolResult".to_owned());
    }
    let schema = op.out_schema();
    if schema["type"] == "null" {
        return None;
    }
    // A handle is most likely one of the kind that the module is about.
    let module = op.name().split('.').next().unwrap_or_default();
    if methods.contains_key(module) {
        if is_handle(&schema) {
            return Some(class_name(module));
        }
        let mut parts = schema["anyOf"].as_array().into_iter().flatten();
        if parts.any(is_handle) {
            return Some(format!("{}?", class_name(module)));
        }
    }
    Some(type_of(&schema))
}

fn is_handle(schema: &Json) -> bool {
    schema["x-type"] == "handle"
}

/// The LuaCATS type of a schema.
fn type_of(schema: &Json) -> String {
    if let Some(kind) = schema["x-type"].as_str() {
        return match kind {
            "function" => "function".to_owned(),
            _ => "table".to_owned(),
        };
    }
    let choices: Vec<String> = schema["enum"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|choice| choice.is_string())
        .map(Json::to_string)
        .collect();
    if !choices.is_empty() {
        return choices.join("|");
    }
    if schema["const"].is_string() {
        return schema["const"].to_string();
    }
    for keyword in ["anyOf", "oneOf"] {
        if let Some(parts) = schema[keyword].as_array() {
            return union(parts.iter().map(type_of));
        }
    }
    match &schema["type"] {
        Json::String(name) => one_type(name, schema),
        Json::Array(names) => union(
            names
                .iter()
                .filter_map(Json::as_str)
                .map(|name| one_type(name, schema)),
        ),
        _ => "any".to_owned(),
    }
}

/// Joins alternatives; what may be absent is said by the `?` of the parameter.
fn union(parts: impl Iterator<Item = String>) -> String {
    let mut known: Vec<String> = Vec::new();
    for part in parts.filter(|part| part != "nil") {
        if !known.contains(&part) {
            known.push(part);
        }
    }
    if known.is_empty() || known.iter().any(|part| part == "any") {
        return "any".to_owned();
    }
    known.join("|")
}

fn one_type(name: &str, schema: &Json) -> String {
    match name {
        "array" => {
            let items = type_of(&schema["items"]);
            if items.contains(['|', ' ']) {
                format!("({items})[]")
            } else {
                format!("{items}[]")
            }
        }
        "object" => object_type(schema),
        "null" => "nil".to_owned(),
        other => other.to_owned(),
    }
}

fn object_type(schema: &Json) -> String {
    let required: Vec<&str> = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Json::as_str)
        .collect();
    if let Some(properties) = schema["properties"]
        .as_object()
        .filter(|map| !map.is_empty())
    {
        let members: Vec<String> = properties
            .iter()
            .map(|(name, schema)| {
                let mark = if required.contains(&name.as_str()) {
                    ""
                } else {
                    "?"
                };
                format!("{}{mark}: {}", key_of(name), type_of(schema))
            })
            .collect();
        return format!("{{ {} }}", members.join(", "));
    }
    match &schema["additionalProperties"] {
        Json::Object(_) => format!(
            "table<string, {}>",
            type_of(&schema["additionalProperties"])
        ),
        _ => "table".to_owned(),
    }
}
