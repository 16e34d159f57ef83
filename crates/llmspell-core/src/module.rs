//! Named lists of ops.

use std::sync::Arc;

use schemars::JsonSchema;

use crate::op::{Op, View, result_schema};
use crate::value::Value;

/// A named list of ops; the one place where they are registered.
#[derive(Clone, Debug)]
pub struct Module {
    /// The name that starts the ops' names: `agent`.
    pub name: &'static str,
    /// The global that scripts see, such as `Agent`; `None` for tools, which scripts reach through `Tool`.
    pub global: Option<&'static str>,
    /// Further names of the global.
    pub synonyms: &'static [&'static str],
    /// One sentence for listings.
    pub doc: &'static str,
    /// The op that answers when a script reads a field of the global that is no function: called with the field's
    /// name, as `Tool.calculator` does.
    pub index: Option<&'static str>,
    /// Values that scripts find in the global, as `scope.Global`: a dot leads into a table of it.
    pub constants: Vec<(&'static str, Value)>,
    /// The kinds of handles that are described here.
    pub handles: Vec<HandleKind>,
    /// The ops, in the order of the table.
    pub ops: Vec<Arc<Op>>,
}

/// A kind of handles as scripts see them.
#[derive(Clone, Debug)]
pub struct HandleKind {
    /// The kind: `agent`.
    pub name: &'static str,
    /// How readable fields behave in a script, beyond being data.
    pub views: Vec<(&'static str, View)>,
    schema: fn() -> serde_json::Value,
}

impl HandleKind {
    /// Returns the JSON Schema of the readable fields, with the documentation of the kind.
    pub fn schema(&self) -> serde_json::Value {
        (self.schema)()
    }
}

impl Module {
    /// Starts a module whose functions scripts see in the global of that name.
    pub fn new(name: &'static str, global: &'static str, doc: &'static str) -> Self {
        Self {
            name,
            global: Some(global),
            synonyms: &[],
            doc,
            index: None,
            constants: Vec::new(),
            handles: Vec::new(),
            ops: Vec::new(),
        }
    }

    /// Starts a module that scripts do not see as a global.
    pub fn hidden(name: &'static str, doc: &'static str) -> Self {
        Self {
            global: None,
            ..Self::new(name, name, doc)
        }
    }

    /// Adds an op. A verb without a prefix gets the module's name before it.
    #[must_use]
    pub fn op(mut self, op: Op) -> Self {
        self.ops.push(Arc::new(op.within(self.name)));
        self
    }

    /// Adds a value that scripts find under this name. A dot in it, or in the verb of an op, leads into a table.
    #[must_use]
    pub fn constant(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.constants.push((name, value.into()));
        self
    }

    /// Takes functions out that a run does not offer.
    #[must_use]
    pub fn without(mut self, verbs: &[&str]) -> Self {
        self.ops.retain(|op| !verbs.contains(&op.verb()));
        self
    }

    /// Describes handles of a kind: the fields of `T` are those that a script may read.
    #[must_use]
    pub fn handle<T: JsonSchema>(mut self, kind: &'static str) -> Self {
        self.handles.push(HandleKind {
            name: kind,
            views: Vec::new(),
            schema: result_schema::<T>,
        });
        self
    }

    /// Says how a readable field of the handles that were described last behaves, beyond being data.
    #[must_use]
    pub fn field_view(mut self, field: &'static str, view: View) -> Self {
        if let Some(kind) = self.handles.last_mut() {
            kind.views.push((field, view));
        }
        self
    }

    /// Gives the global further names.
    #[must_use]
    pub fn synonyms(mut self, synonyms: &'static [&'static str]) -> Self {
        self.synonyms = synonyms;
        self
    }

    /// Names the verb that answers for unknown fields of the global.
    #[must_use]
    pub fn index(mut self, verb: &'static str) -> Self {
        self.index = Some(verb);
        self
    }

    /// Returns the op with this verb, a function of the global rather than a method.
    pub fn find(&self, verb: &str) -> Option<&Arc<Op>> {
        self.ops
            .iter()
            .find(|op| op.method_of().is_none() && op.verb() == verb)
    }
}
