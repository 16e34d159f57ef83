//! TypeScript declarations, for editors and for `tsc`.

use std::fmt::Write as _;
use std::sync::Arc;

use llmspell_core::{Module, Op, Style};
use serde_json::Value as Json;

use super::schema::{Member, Type};
use super::surface::{Kind, Surface, error_kinds, forms, parameters, pascal_case, summary, tables};
use crate::names::camel_case;

/// Words that are no names of parameters.
const KEYWORDS: &[&str] = &[
    "arguments",
    "await",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "eval",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "implements",
    "import",
    "in",
    "instanceof",
    "interface",
    "let",
    "new",
    "null",
    "package",
    "private",
    "protected",
    "public",
    "return",
    "static",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "var",
    "void",
    "while",
    "with",
    "yield",
];

/// Globals that the language has itself; a module of that name adds to them.
const OF_THE_LANGUAGE: &[&str] = &["JSON"];

/// Most arguments that are also declared one by one, where one object names them.
const ONE_BY_ONE: usize = 4;
/// Most arguments that are named by an object without a declaration of its own.
const INLINE: usize = 2;

/// Declarations of what every script has beside the modules.
const PRELUDE: &str = include_str!("prelude.d.ts");

/// Returns declarations of all globals and tools as one file, `llmspell.d.ts`.
///
/// Functions are declared in camelCase, the members of options and results in snake_case: the one way in which the
/// documentation writes them, of the several that scripts may. The same modules and tools
/// always give the same text.
pub fn typescript_stubs(modules: &[Module], tools: &[Arc<Op>]) -> String {
    let surface = Surface::new(modules, tools);
    let mut text = Text::default();
    text.out.push_str(PRELUDE);
    text.line("");
    text.comment("", "What an error means.");
    text.line(&format!("type ErrorKind = {};", error_kinds(" | ")));
    for named in surface.named() {
        text.interface(&named.doc, &named.name, &named.members, named.open);
    }
    for (name, kind) in &surface.kinds {
        text.kind(&surface, name, kind);
    }
    for module in modules {
        if let Some(global) = module.global {
            text.module(&surface, module, global);
        }
    }
    for tool in tools {
        text.tool(tool);
    }
    text.out
}

/// Returns whether a script gets the result itself rather than a promise of it.
fn is_synchronous(op: &Op) -> bool {
    op.is_immediate()
}

/// What was declared until now.
#[derive(Default)]
struct Text {
    out: String,
}

impl Text {
    fn line(&mut self, text: &str) {
        let _ = writeln!(self.out, "{}", text.trim_end());
    }

    /// Writes a comment; one line if it fits there.
    fn comment(&mut self, indent: &str, doc: &str) {
        let doc = doc.trim().replace("*/", "*\\/");
        let mut lines = doc.lines();
        match (lines.next(), lines.next()) {
            (None, _) => {}
            (Some(only), None) => self.line(&format!("{indent}/** {only} */")),
            _ => {
                self.line(&format!("{indent}/**"));
                for line in doc.lines() {
                    self.line(&format!("{indent} * {line}"));
                }
                self.line(&format!("{indent} */"));
            }
        }
    }

    fn interface(&mut self, doc: &str, name: &str, members: &[Member], open: bool) {
        self.line("");
        self.comment("", doc);
        self.line(&format!("interface {name} {{"));
        self.members("", members);
        if open {
            self.line("  [name: string]: any;");
        }
        self.line("}");
    }

    fn members(&mut self, modifier: &str, members: &[Member]) {
        for member in members {
            let mut doc = member.doc.clone();
            if let Some(default) = member.default.as_ref().filter(|it| is_telling(it)) {
                let _ = write!(doc, "\n@default {default}");
            }
            self.comment("  ", &doc);
            self.line(&format!("  {modifier}{};", member_of(member)));
        }
    }

    /// Declares the handles of a kind.
    fn kind(&mut self, surface: &Surface<'_>, name: &str, kind: &Kind<'_>) {
        let class = pascal_case(name);
        for op in &kind.methods {
            self.options(&class, op);
        }
        self.line("");
        self.comment("", &kind.doc);
        // A method may have the name of a field that every handle has.
        let base = match kind.methods.iter().any(|op| op.verb() == "id") {
            true => "Omit<Handle, \"id\">",
            false => "Handle",
        };
        self.line(&format!("interface {class} extends {base} {{"));
        self.members("readonly ", &kind.fields);
        for op in kind.methods.iter().filter(|op| op.is_callable()) {
            self.function(surface, &class, op, "");
        }
        for op in &kind.methods {
            self.function(surface, &class, op, &camel_case(op.verb()));
            self.aliases(&class, op);
        }
        if let Some(next) = kind.iterator() {
            let item = type_of(&surface.result(next).present());
            self.comment("  ", "Iterates over what is left.");
            self.line(&format!(
                "  [Symbol.asyncIterator](): AsyncIterableIterator<{item}>;"
            ));
        }
        self.line("}");
    }

    /// Declares the object of a module.
    fn module(&mut self, surface: &Surface<'_>, module: &Module, global: &str) {
        let own = OF_THE_LANGUAGE.contains(&global);
        let class = match own {
            true => global.to_owned(),
            false => format!("{global}Module"),
        };
        let functions = || module.ops.iter().filter(|op| op.method_of().is_none());
        for op in functions() {
            self.options(global, op);
        }
        self.line("");
        self.comment("", module.doc);
        self.line(&format!("interface {class} {{"));
        for op in functions().filter(|op| !op.verb().contains('.')) {
            self.function(surface, global, op, &camel_case(op.verb()));
            self.aliases(&class, op);
        }
        for table in tables(module) {
            self.table(surface, module, table);
        }
        if module.index.is_some() {
            self.line("  [name: string]: any;");
        }
        self.line("}");
        if !own {
            for name in std::iter::once(&global).chain(module.synonyms) {
                self.line(&format!("declare const {name}: {class};"));
            }
        }
    }

    /// Declares an object of functions and constants within the object of a module.
    fn table(&mut self, surface: &Surface<'_>, module: &Module, table: &str) {
        let within = |name: &'static str| name.strip_prefix(table)?.strip_prefix('.');
        self.line(&format!("  readonly {table}: {{"));
        for (name, value) in &module.constants {
            if let Some(name) = within(name) {
                let value = llmspell_core::value::to_json(value);
                self.line(&format!("  readonly {name}: {value};"));
            }
        }
        for op in &module.ops {
            let name = op.verb().strip_prefix(table);
            if let Some(name) = name.and_then(|name| name.strip_prefix('.')) {
                self.function(surface, table, op, name);
            }
        }
        self.line("  };");
    }

    /// Declares the object that names the arguments of an op, if it is large.
    fn options(&mut self, owner: &str, op: &Op) {
        let params = parameters(op);
        if op.style() != Style::Table || params.len() <= INLINE {
            return;
        }
        let doc = format!("Arguments of `{owner}.{}`.", camel_case(op.verb()));
        self.interface(&doc, &options_name(owner, op), &params, op.is_open());
    }

    /// Declares the ways to call an op; a call of the handle itself has no name.
    fn function(&mut self, surface: &Surface<'_>, owner: &str, op: &Op, name: &str) {
        let params = parameters(op);
        let result = result_of(surface, op);
        for form in forms(op) {
            self.comment("  ", &doc_of(op, &form));
            self.line(&format!("  {name}({}): {result};", list_of(&form)));
        }
        if !op.call_forms().is_empty() {
            return;
        }
        let by_name = op.style() == Style::Table && params.len() > 1;
        if by_name {
            let options = match params.len() <= INLINE {
                true => type_of(&Type::Object(params.clone())),
                false => options_name(owner, op),
            };
            let mark = match params.iter().any(|param| param.required) {
                true => "",
                false => "?",
            };
            self.comment("  ", op.docs());
            self.line(&format!("  {name}(options{mark}: {options}): {result};"));
        }
        let count = match by_name {
            true => one_by_one(&params),
            false => params.len(),
        };
        if !by_name || count > 0 {
            let params = &params[..count];
            self.comment("  ", &doc_of(op, params));
            self.line(&format!("  {name}({}): {result};", list_of(params)));
        }
    }

    /// Declares the further names of an op.
    fn aliases(&mut self, class: &str, op: &Op) {
        let verb = camel_case(op.verb());
        for alias in op.script_aliases() {
            self.comment("  ", &format!("The same as `{verb}`."));
            self.line(&format!("  {}: {class}[{verb:?}];", camel_case(alias)));
        }
    }

    /// Declares a tool's parameters and the tool as a member of `Tool`.
    fn tool(&mut self, tool: &Op) {
        let verb = tool.verb();
        let name = format!("{}Params", pascal_case(verb));
        let doc = format!("Parameters of the tool `{verb}`.");
        self.interface(&doc, &name, &parameters(tool), tool.is_open());
        self.line("interface ToolModule {");
        self.comment("  ", tool.docs());
        self.line(&format!("  readonly {}: ToolWith<{name}>;", key_of(verb)));
        self.line("}");
    }
}

/// Returns how many parameters are passed one by one where an object may name them all: all of a few; of many those that
/// must be given, if they are several, and the next one.
fn one_by_one(params: &[Member]) -> usize {
    if params.len() <= ONE_BY_ONE {
        return params.len();
    }
    let required = params.iter().take_while(|param| param.required).count();
    match required < 2 {
        true => 0,
        false => (required + 1).min(params.len()),
    }
}

/// Returns whether a default says more than that nothing was given.
fn is_telling(default: &Json) -> bool {
    match default {
        Json::String(text) => !text.is_empty(),
        Json::Bool(_) | Json::Number(_) => true,
        Json::Null | Json::Array(_) | Json::Object(_) => false,
    }
}

fn options_name(owner: &str, op: &Op) -> String {
    format!("{owner}{}Options", pascal_case(op.verb()))
}

/// Returns the documentation of an op and of its parameters one by one.
fn doc_of(op: &Op, params: &[Member]) -> String {
    let mut doc = op.docs().trim().to_owned();
    for (index, param) in params.iter().enumerate() {
        let gap = if index == 0 { "\n\n" } else { "\n" };
        let _ = write!(
            doc,
            "{gap}@param {} {}",
            name_of(param),
            summary(&param.doc)
        );
    }
    doc
}

fn result_of(surface: &Surface<'_>, op: &Op) -> String {
    let result = match surface.result(op) {
        Type::Null => "void".to_owned(),
        other => type_of(&other),
    };
    match surface.item(op) {
        _ if is_synchronous(op) => result,
        Some(item) => format!("Promise<{result}> & AsyncIterable<{}>", type_of(&item)),
        None => format!("Promise<{result}>"),
    }
}

/// Returns the parameters one by one. One that may be left out stands before no other that may not.
fn list_of(params: &[Member]) -> String {
    let last = params.iter().rposition(|param| param.required);
    let mut list = Vec::new();
    for (index, param) in params.iter().enumerate() {
        let (name, of) = (name_of(param), type_of(&param.of));
        list.push(
            match (param.required, last.is_some_and(|last| index < last)) {
                (true, _) => format!("{name}: {of}"),
                (false, true) => format!("{name}: {of} | undefined"),
                (false, false) => format!("{name}?: {of}"),
            },
        );
    }
    list.join(", ")
}

fn member_of(member: &Member) -> String {
    let mark = if member.required { "" } else { "?" };
    let of = match member.required {
        true => type_of(&member.of),
        false => type_of(&member.of.clone().present()),
    };
    format!("{}{mark}: {of}", key_of(&member.name))
}

/// The name as a parameter.
fn name_of(member: &Member) -> String {
    match member.name.as_str() {
        name if KEYWORDS.contains(&name) => format!("{name}_"),
        name => camel_case(name),
    }
}

fn key_of(name: &str) -> String {
    let plain = !name.starts_with(|first: char| first.is_ascii_digit())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$');
    match plain && !name.is_empty() {
        true => name.to_owned(),
        false => format!("{name:?}"),
    }
}

fn type_of(of: &Type) -> String {
    match of {
        Type::Any => "any".to_owned(),
        Type::Null => "null".to_owned(),
        Type::Boolean => "boolean".to_owned(),
        Type::Integer | Type::Number => "number".to_owned(),
        Type::String => "string".to_owned(),
        Type::Literal(text) => text.clone(),
        Type::Function(None) => "(...args: any[]) => any".to_owned(),
        Type::Function(Some(of)) => format!("(value: {}) => any", type_of(of)),
        Type::Handle(Some(kind)) => pascal_case(kind),
        Type::Handle(None) => "Handle".to_owned(),
        Type::List(items) => format!("{}[]", part_of(items)),
        Type::Map(values) => format!("Record<string, {}>", type_of(values)),
        Type::Object(members) => {
            let members: Vec<String> = members.iter().map(member_of).collect();
            format!("{{ {} }}", members.join("; "))
        }
        Type::Named(named) => named.name.clone(),
        Type::Prelude(name) => (*name).to_owned(),
        Type::Union(parts) => parts.iter().map(part_of).collect::<Vec<_>>().join(" | "),
    }
}

/// Returns a type as it stands within another one.
fn part_of(of: &Type) -> String {
    match of {
        Type::Union(_) | Type::Function(_) => format!("({})", type_of(of)),
        _ => type_of(of),
    }
}
