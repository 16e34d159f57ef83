//! The tools of a run.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, OnceLock};

use llmspell_core::{Error, Handle, Host, Module, Op, Result, ToolInfo, Value, error, nearest};
use parking_lot::RwLock;
use schemars::JsonSchema;
use serde::Serialize;
use tokio::sync::Semaphore;

use super::{Options, describe};

/// The tools of one run: built-in ones and those that the spell defined.
pub struct Tools {
    options: Options,
    /// The worlds of tools that see less than others.
    hosts: HashMap<String, Arc<Host>>,
    known: RwLock<Known>,
    pub(super) slots: Semaphore,
}

#[derive(Default)]
struct Known {
    tools: BTreeMap<String, Arc<Tool>>,
    synonyms: HashMap<String, String>,
}

/// An op that models may call, with what is said about it.
pub struct Tool {
    op: Arc<Op>,
    enabled: bool,
    handle: OnceLock<Handle>,
    spec: OnceLock<Value>,
}

impl Tools {
    /// Takes the tools of these modules, as far as the options admit them.
    pub fn new(modules: &[Module], options: Options) -> Self {
        let mut known = Known::default();
        for op in modules.iter().flat_map(|module| &module.ops) {
            let admits = |info: &ToolInfo| options.admits(op.verb(), &info.synonyms);
            if op.tool_info().is_some_and(admits) {
                known.add(Tool::new(op.clone(), options.enabled(op.verb())));
            }
        }
        Self {
            slots: Semaphore::new(options.max_concurrent.clamp(1, Semaphore::MAX_PERMITS)),
            known: RwLock::new(known),
            hosts: HashMap::new(),
            options,
        }
    }

    /// Gives single tools a narrower world, by canonical name.
    #[must_use]
    pub fn within(mut self, hosts: HashMap<String, Arc<Host>>) -> Self {
        self.hosts = hosts;
        self
    }

    /// Returns the world of a tool, if it is a narrower one than that of the run.
    pub(super) fn host(&self, name: &str) -> Option<Arc<Host>> {
        self.hosts.get(name).cloned()
    }

    /// Returns the bounds of the calls.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Finds a tool by its name or a synonym; case and the difference of `-` and `_` do not matter.
    pub fn find(&self, name: &str) -> Option<Arc<Tool>> {
        let known = self.known.read();
        if let Some(tool) = known.tools.get(name) {
            return Some(tool.clone());
        }
        let name = folded(name);
        let name = known.synonyms.get(&name).unwrap_or(&name);
        known.tools.get(name).cloned()
    }

    /// Finds a tool that must exist.
    ///
    /// - Errors: `NotFound` with the nearest names.
    pub fn require(&self, name: &str) -> Result<Arc<Tool>> {
        self.find(name).ok_or_else(|| {
            let names = self.names();
            not_found(name, names.iter().map(String::as_str))
        })
    }

    /// Returns the tools, sorted by name.
    pub fn all(&self) -> Vec<Arc<Tool>> {
        self.known.read().tools.values().cloned().collect()
    }

    /// Returns the names, sorted.
    pub fn names(&self) -> Vec<String> {
        let known = self.known.read();
        known
            .tools
            .values()
            .map(|tool| tool.name().to_owned())
            .collect()
    }

    /// Adds a tool of the spell.
    ///
    /// - Errors: `Exists` if the name is taken; `Denied` if the options do not admit it.
    pub fn add(&self, op: Op) -> Result<Arc<Tool>> {
        let name = op.verb().to_owned();
        if !self.options.admits(&name, &[]) {
            return Err(
                error!(Denied, "the name '{name}' is not permitted for a tool")
                    .hint("see `allow` and `deny` in [tools]"),
            );
        }
        let mut known = self.known.write();
        if let Some(present) = known.find(&name) {
            let own = present.op.declared_effect() == llmspell_core::Effect::Scope;
            if own || !self.options.allow_override {
                return Err(error!(Exists, "Tool '{}' exists already", present.name())
                    .with("tool", present.name())
                    .hint("choose another name"));
            }
        }
        Ok(known.add(Tool::new(Arc::new(op), true)))
    }
}

impl Known {
    fn find(&self, name: &str) -> Option<&Arc<Tool>> {
        let name = folded(name);
        self.tools.get(self.synonyms.get(&name).unwrap_or(&name))
    }

    fn add(&mut self, tool: Tool) -> Arc<Tool> {
        let tool = Arc::new(tool);
        let name = folded(tool.name());
        for synonym in &tool.info().synonyms {
            self.synonyms.insert(folded(synonym), name.clone());
        }
        self.tools.insert(name, tool.clone());
        tool
    }
}

/// A tool in a listing.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "ToolEntry")]
pub(super) struct Entry {
    name: String,
    description: String,
    version: String,
    category: String,
    /// False if the configuration disables it.
    #[serde(skip_serializing_if = "Option::is_none")]
    enabled: Option<bool>,
}

/// A tool: called itself, or with `execute`.
#[derive(Serialize, JsonSchema)]
pub(super) struct Face {
    #[serde(flatten)]
    entry: Entry,
    /// Its parameters.
    #[schemars(with = "describe::Description")]
    schema: Value,
}

impl Tool {
    /// Wraps an op that was declared a tool.
    pub(crate) fn new(op: Arc<Op>, enabled: bool) -> Self {
        Self {
            op,
            enabled,
            handle: OnceLock::new(),
            spec: OnceLock::new(),
        }
    }

    /// Returns the canonical name.
    pub fn name(&self) -> &str {
        self.op.verb()
    }

    /// Returns the op behind the tool.
    pub fn op(&self) -> &Arc<Op> {
        &self.op
    }

    /// Returns whether the configuration lets it be called.
    pub fn is_enabled(&self) -> bool {
        self.enabled
    }

    /// Returns what listings say about it.
    pub fn info(&self) -> &ToolInfo {
        static PLAIN: OnceLock<ToolInfo> = OnceLock::new();
        let plain = || PLAIN.get_or_init(|| ToolInfo::new("utility"));
        self.op.tool_info().unwrap_or_else(plain)
    }

    /// Returns the first sentence of the documentation and what follows it on the same paragraph.
    pub fn description(&self) -> &str {
        let docs = self.op.docs().trim();
        docs.split_once("\n\n").map_or(docs, |(first, _)| first)
    }

    /// Returns the tool table of scripts.
    pub fn handle(&self) -> Handle {
        let made = self.handle.get_or_init(|| {
            let face = Face {
                entry: self.entry(),
                schema: describe::describe(&self.op),
            };
            Handle::with("tool", self.name(), &face)
        });
        made.clone()
    }

    /// Returns the item of listings: `{name, description, version, category}`.
    pub(super) fn entry(&self) -> Entry {
        let info = self.info();
        Entry {
            name: self.name().to_owned(),
            description: self.description().to_owned(),
            version: info.version.clone(),
            category: info.category.clone(),
            enabled: (!self.enabled).then_some(false),
        }
    }

    /// Returns the tool as it is described to models, made once: `{name, description, parameters}`.
    pub(crate) fn spec(&self) -> &Value {
        self.spec.get_or_init(|| {
            Value::from([
                ("name", Value::Str(model_name(self.name()))),
                ("description", self.op.docs().trim().into()),
                ("parameters", self.op.json_schema().into()),
            ])
        })
    }
}

/// How many names an error lists.
const FEW: usize = 12;

/// Returns the error for a name that no tool has.
pub(crate) fn not_found<'a>(name: &str, names: impl Iterator<Item = &'a str> + Clone) -> Error {
    let error = error!(NotFound, "Tool '{name}' not found").with("tool", name);
    match nearest(name, names.clone()).as_slice() {
        [] => {
            let all: Vec<&str> = names.collect();
            match all.len() {
                0 => error.hint("there are no tools"),
                1..=FEW => error.hint(format!("there are: {}", all.join(", "))),
                many => error.hint(format!(
                    "`llmspell tool list` shows the {many} that there are"
                )),
            }
        }
        near => error.hint(format!("did you mean '{}'?", near.join("' or '"))),
    }
}

/// Returns the form in which names are compared.
pub(crate) fn folded(name: &str) -> String {
    name.chars()
        .flat_map(|letter| match letter {
            letter if letter.is_alphanumeric() => letter.to_lowercase().collect::<Vec<_>>(),
            _ => vec!['_'],
        })
        .collect()
}

/// Returns the name as providers accept it: letters, digits, `_` and `-`, at most 64.
pub(crate) fn model_name(name: &str) -> String {
    name.chars()
        .map(|letter| match letter {
            letter if letter.is_ascii_alphanumeric() || letter == '_' || letter == '-' => letter,
            _ => '_',
        })
        .take(64)
        .collect()
}

impl fmt::Debug for Tools {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

impl fmt::Debug for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tool({})", self.name())
    }
}
