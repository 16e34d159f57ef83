//! What a script sees, sorted for declaring it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use llmspell_core::{Field, HandleKind, Module, Op, View};

use super::schema::{Member, Named, Type};

/// The globals, the kinds of handles with their methods, and the tools.
pub(super) struct Surface<'a> {
    pub(super) modules: &'a [Module],
    pub(super) tools: &'a [Arc<Op>],
    pub(super) kinds: BTreeMap<&'a str, Kind<'a>>,
}

/// A kind of handles.
#[derive(Default)]
pub(super) struct Kind<'a> {
    pub(super) doc: String,
    pub(super) fields: Vec<Member>,
    pub(super) methods: Vec<&'a Op>,
}

impl<'a> Kind<'a> {
    /// Returns the method by which scripts iterate.
    pub(super) fn iterator(&self) -> Option<&'a Op> {
        self.methods.iter().copied().find(|op| op.is_iterator())
    }
}

impl<'a> Surface<'a> {
    pub(super) fn new(modules: &'a [Module], tools: &'a [Arc<Op>]) -> Self {
        let mut kinds: BTreeMap<&str, Kind<'_>> = BTreeMap::new();
        for module in modules {
            for op in &module.ops {
                if let Some(name) = op.method_of() {
                    kinds.entry(name).or_default().methods.push(op);
                }
            }
            for handle in &module.handles {
                let schema = handle.schema();
                let kind = kinds.entry(handle.name).or_default();
                kind.doc = schema["description"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned();
                kind.fields = match Type::new(&schema) {
                    Type::Object(members) | Type::Named(Named { members, .. }) => members,
                    _ => Vec::new(),
                };
            }
        }
        Self {
            modules,
            tools,
            kinds,
        }
    }

    /// Returns the type of an op's result.
    pub(super) fn result(&self, op: &Op) -> Type {
        if op.result_view() == Some(View::Envelope) {
            return Type::Prelude("ToolResult");
        }
        Type::new(&op.out_schema()).of_kind(self.given(op))
    }

    /// Returns the kind of the handles in an op's result: what it says, else the one that its module is about.
    fn given(&self, op: &'a Op) -> Option<&'a str> {
        let about = || {
            let module = op.name().split('.').next()?;
            self.kinds.contains_key(module).then_some(module)
        };
        op.given_kind().or_else(about)
    }

    /// Returns what scripts get one by one from the handle that an op gives.
    pub(super) fn item(&self, op: &'a Op) -> Option<Type> {
        let Type::Handle(Some(kind)) = self.result(op) else {
            return None;
        };
        let next = self.kinds.get(kind.as_str())?.iterator()?;
        Some(self.result(next).present())
    }

    /// Returns the objects that are declared under a name of their own.
    pub(super) fn named(&self) -> Vec<Named> {
        let mut all: BTreeMap<String, Named> = BTreeMap::new();
        let mut visit = |named: &Named| {
            let known = all.entry(named.name.clone());
            let known = known.or_insert_with(|| named.clone());
            // A member of that type has the member's documentation.
            if known.doc.is_empty() {
                known.doc.clone_from(&named.doc);
            }
        };
        let ops = self.modules.iter().flat_map(|module| &module.ops);
        for op in ops.chain(self.tools) {
            if op.result_view() != Some(View::Envelope) {
                Type::each_named(&op.out_schema(), &mut visit);
            }
            for field in op.shape().fields() {
                Type::each_named(&field.schema, &mut visit);
            }
        }
        let handles = self.modules.iter().flat_map(|module| &module.handles);
        for schema in handles.map(HandleKind::schema) {
            // The handle itself is declared with its methods.
            for field in schema["properties"].as_object().into_iter().flatten() {
                Type::each_named(field.1, &mut visit);
            }
        }
        all.into_values().collect()
    }
}

/// Returns the parameters that a script passes; a method's handle is no parameter.
pub(super) fn parameters(op: &Op) -> Vec<Member> {
    let handles = usize::from(op.method_of().is_some());
    let fields = op.shape().fields().iter().skip(handles);
    fields.map(parameter).collect()
}

/// Returns the forms of an op whose arguments are told by their number: the parameters of each, all to be passed.
pub(super) fn forms(op: &Op) -> Vec<Vec<Member>> {
    let member = |name: &&str| {
        let field = op.shape().field(name)?;
        Some(Member {
            required: true,
            ..parameter(field)
        })
    };
    let forms = op.call_forms().iter();
    forms
        .map(|form| form.iter().filter_map(member).collect())
        .collect()
}

/// Returns the tables of a global in which functions and constants stand: `scope` of `scope.Agent`.
pub(super) fn tables(module: &Module) -> BTreeSet<&str> {
    let verbs = module.ops.iter().filter(|op| op.method_of().is_none());
    let names = verbs.map(|op| op.verb());
    names
        .chain(module.constants.iter().map(|(name, _)| *name))
        .filter_map(|name| Some(name.split_once('.')?.0))
        .collect()
}

fn parameter(field: &Field) -> Member {
    Member {
        name: field.name.clone(),
        doc: field.doc.clone(),
        required: field.required,
        default: field.default.clone(),
        of: Type::new(&field.schema).present(),
    }
}

/// Returns the kinds of errors as texts of both languages.
pub(super) fn error_kinds(or: &str) -> String {
    let names = llmspell_core::Kind::ALL
        .iter()
        .map(|kind| format!("{:?}", kind.name()));
    names.collect::<Vec<_>>().join(or)
}

/// Returns the first paragraph on one line.
pub(super) fn summary(doc: &str) -> String {
    doc.split("\n\n")
        .next()
        .unwrap_or_default()
        .replace('\n', " ")
}

/// Turns `web_search` into `WebSearch`.
pub(super) fn pascal_case(name: &str) -> String {
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
