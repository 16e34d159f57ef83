//! Named, documented, typed async functions.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::sync::{Arc, OnceLock};

use futures::FutureExt;
use futures::future::BoxFuture;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::backoff::Backoff;
use crate::budget::Estimate;
use crate::cx::Cx;
use crate::door::Concerns;
use crate::effect::Effect;
use crate::error::{Error, Kind, Result};
use crate::shape::Shape;
use crate::tool::{Outcome, ToolInfo};
use crate::value::{Map, Value};

type Body = Arc<dyn Fn(Cx, Value) -> BoxFuture<'static, Result<Value>> + Send + Sync>;
type SchemaOf = Arc<dyn Fn() -> serde_json::Value + Send + Sync>;

/// How a script passes arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// One table or object names the arguments; several values are taken in the order of the fields.
    Table,
    /// Values are always taken in the order of the fields, also a single table.
    Positional,
}

/// How a result, or what a function is given, behaves in a script, beyond being data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// Used as text, the result is its member of this name.
    Text(&'static str),
    /// The result is a list, and each item used as text is its member of this name.
    Each(&'static str),
    /// The result is a tool's envelope: unknown members read through to `data`, `text` is made when first read, and
    /// used as text it is `output` or the JSON text of `data`.
    Envelope,
    /// The result is a map of maps, and in each the member of this name has members `1`, `2`, …, which a language with
    /// tables shows as its list part.
    Numbered(&'static str),
    /// The member of this name is a list, whose items can also be read by their own member `name`.
    Named(&'static str),
    /// The member of the first name, in the result or in each item of a list, used as text is its own member of the
    /// second name.
    Within(&'static str, &'static str),
}

/// Makes from a result the pieces in which it was handed out.
type Pieces = fn(&Value) -> Result<Vec<Value>>;

/// What is written of calls whose arguments or results may hold what must not be written. `None` is: as they are.
#[derive(Clone, Copy, Debug)]
pub struct Veil {
    /// What stands for the arguments.
    pub args: fn(&Value) -> Option<Value>,
    /// What stands for the result.
    pub result: fn(&Value) -> Option<Value>,
}

/// A named, documented, typed async function, stored as one from [`Value`] to [`Value`].
#[derive(Clone)]
pub struct Op {
    name: String,
    verb: String,
    on: Option<&'static str>,
    aliases: &'static [&'static str],
    doc: String,
    effect: Effect,
    effect_of: Option<fn(&Value) -> Effect>,
    effect_here: Option<fn(&Cx, &Value) -> Effect>,
    forms: &'static [&'static [&'static str]],
    veil: Option<Veil>,
    pieces: Option<Pieces>,
    estimate: Option<fn(&Cx, &Value) -> Estimate>,
    backoff: Option<fn(&Cx, &Value) -> Backoff>,
    style: Style,
    view: Option<View>,
    tool: Option<Arc<ToolInfo>>,
    open: bool,
    iterates: bool,
    callable: bool,
    immediate: bool,
    gives: Option<&'static str>,
    shape: Arc<OnceLock<Shape>>,
    args_schema: SchemaOf,
    out_schema: SchemaOf,
    body: Body,
    pub(crate) concerns: Concerns,
}

impl Op {
    /// Wraps an async function from the context and one argument struct to a result.
    ///
    /// The doc comment of `A` is the documentation of the op, those of its fields document the parameters.
    pub fn new<A, O, F, Fut>(verb: &str, function: F) -> Self
    where
        A: DeserializeOwned + JsonSchema + 'static,
        O: Serialize + JsonSchema + 'static,
        F: Fn(Cx, A) -> Fut + Send + Sync + Clone + 'static,
        Fut: Future<Output = Result<O>> + Send + 'static,
    {
        let body: Body = Arc::new(move |cx, args| match args.into_typed::<A>() {
            // Put in its place at once: what a large body keeps while it waits is not moved again.
            Ok(args) => Box::pin(function(cx, args).map(|out| into_value(out?))),
            Err(error) => Box::pin(std::future::ready(Err(misfit(error).misshapen()))),
        });
        Self::erased(
            verb,
            Arc::new(args_schema::<A>),
            Arc::new(result_schema::<O>),
            body,
        )
    }

    /// Wraps a function over plain values with a JSON Schema made at run time, such as a tool that a script defined.
    pub fn dynamic<F, Fut>(verb: &str, schema: serde_json::Value, function: F) -> Self
    where
        F: Fn(Cx, Value) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Value>> + Send + 'static,
    {
        let body: Body = Arc::new(move |cx, args| Box::pin(function(cx, args)));
        Self::erased(
            verb,
            Arc::new(move || schema.clone()),
            Arc::new(|| true.into()),
            body,
        )
    }

    /// Wraps a function over plain values whose parameters look like those of `A`: for what is called so often that it
    /// takes them out of the map by itself.
    pub fn plain<A, F, Fut>(verb: &str, function: F) -> Self
    where
        A: JsonSchema + 'static,
        F: Fn(Cx, Value) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Value>> + Send + 'static,
    {
        let body: Body = Arc::new(move |cx, args| Box::pin(function(cx, args)));
        Self::erased(
            verb,
            Arc::new(args_schema::<A>),
            Arc::new(result_schema::<Value>),
            body,
        )
    }

    fn erased(verb: &str, args_schema: SchemaOf, out_schema: SchemaOf, body: Body) -> Self {
        Self {
            name: verb.to_owned(),
            verb: verb.to_owned(),
            on: None,
            aliases: &[],
            doc: String::new(),
            effect: Effect::Pure,
            effect_of: None,
            effect_here: None,
            forms: &[],
            veil: None,
            pieces: None,
            estimate: None,
            backoff: None,
            style: Style::Table,
            view: None,
            tool: None,
            open: false,
            iterates: false,
            callable: false,
            immediate: false,
            gives: None,
            shape: Arc::default(),
            args_schema,
            out_schema,
            body,
            concerns: Concerns::default(),
        }
    }

    /// Declares what the call does to the world. Default: [`Effect::Pure`].
    #[must_use]
    pub fn effect(mut self, effect: Effect) -> Self {
        self.effect = effect;
        self
    }

    /// Declares that the effect depends on the arguments, as for tools with several operations.
    #[must_use]
    pub fn effect_of(mut self, effect_of: fn(&Value) -> Effect) -> Self {
        self.effect_of = Some(effect_of);
        self
    }

    /// Declares that the effect depends on the run as well, as where the same call changes a file or memory only.
    #[must_use]
    pub fn effect_here(mut self, effect_here: fn(&Cx, &Value) -> Effect) -> Self {
        self.effect_here = Some(effect_here);
        self
    }

    /// Takes arguments by position only, in one of these forms: each is a list of parameters, and how many values are
    /// passed says which one is meant. A value that is null counts. The longest form stands last.
    #[must_use]
    pub fn forms(mut self, forms: &'static [&'static [&'static str]]) -> Self {
        self.style = Style::Positional;
        self.forms = forms;
        self
    }

    /// Says what is written of a call in place of what must not be.
    #[must_use]
    pub fn veil(mut self, veil: Veil) -> Self {
        self.veil = Some(veil);
        self
    }

    /// Says in which pieces a result is handed out when it is not the body that hands them out, but the journal.
    #[must_use]
    pub fn pieces(mut self, pieces: Pieces) -> Self {
        self.pieces = Some(pieces);
        self
    }

    /// Declares what a call may consume at most, which is reserved before it is dispatched.
    #[must_use]
    pub fn estimate(mut self, estimate: fn(&Cx, &Value) -> Estimate) -> Self {
        self.estimate = Some(estimate);
        self
    }

    /// Declares that a failed call is repeated, and how. Only errors that are retryable are.
    #[must_use]
    pub fn retry(mut self, backoff: fn(&Cx, &Value) -> Backoff) -> Self {
        self.backoff = Some(backoff);
        self
    }

    /// Makes the op a method of handles of this kind; its first field is the handle.
    #[must_use]
    pub fn on(mut self, kind: &'static str) -> Self {
        self.on = Some(kind);
        self
    }

    /// Gives the function further names in scripts.
    #[must_use]
    pub fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// Takes arguments by position only, also a single table.
    #[must_use]
    pub fn positional(mut self) -> Self {
        self.style = Style::Positional;
        self
    }

    /// Says how the result behaves in a script.
    #[must_use]
    pub fn view(mut self, view: View) -> Self {
        self.view = Some(view);
        self
    }

    /// Offers the op to models. Its name becomes `tool:NAME`, and unknown parameters are errors.
    #[must_use]
    pub fn tool(mut self, info: ToolInfo) -> Self {
        self.tool = Some(Arc::new(info));
        self.name = format!("tool:{}", self.verb);
        self
    }

    /// Accepts parameters that the schema does not name.
    #[must_use]
    pub fn open(mut self) -> Self {
        self.open = true;
        self
    }

    /// Lets a script iterate over the handle by calling this method until it returns nothing.
    #[must_use]
    pub fn iterates(mut self) -> Self {
        self.iterates = true;
        self
    }

    /// Lets a script call the handle itself instead of this method.
    #[must_use]
    pub fn callable(mut self) -> Self {
        self.callable = true;
        self
    }

    /// Declares that a call never waits: JavaScript gets the result itself, not a promise of it.
    #[must_use]
    pub fn immediate(mut self) -> Self {
        self.immediate = true;
        self
    }

    /// Says that the result looks like `T`, where the function itself returns a plain value.
    #[must_use]
    pub fn returns<T: JsonSchema + 'static>(mut self) -> Self {
        self.out_schema = Arc::new(result_schema::<T>);
        self
    }

    /// Names the kind of the handle that the result is, if it is not the one that the module is about.
    #[must_use]
    pub fn gives(mut self, kind: &'static str) -> Self {
        self.gives = Some(kind);
        self
    }

    /// Replaces the documentation that the argument struct has.
    #[must_use]
    pub fn doc(mut self, doc: impl Into<String>) -> Self {
        self.doc = doc.into();
        self
    }

    pub(crate) fn within(mut self, module: &str) -> Self {
        if self.tool.is_none() {
            self.name = format!("{module}.{}", self.verb);
        }
        self
    }

    /// Returns the full name: `agent.execute`, `tool:calculator`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the name without its module.
    pub fn verb(&self) -> &str {
        &self.verb
    }

    /// Returns the kind of handle that the op is a method of.
    pub fn method_of(&self) -> Option<&'static str> {
        self.on
    }

    /// Returns the further names that scripts may use.
    pub fn script_aliases(&self) -> &'static [&'static str] {
        self.aliases
    }

    /// Returns the documentation.
    pub fn docs(&self) -> &str {
        if self.doc.is_empty() {
            self.shape().doc()
        } else {
            &self.doc
        }
    }

    /// Returns the effect of a call with these arguments.
    pub fn effect_with(&self, args: &Value) -> Effect {
        self.effect_of
            .map_or(self.effect, |effect_of| effect_of(args))
    }

    /// Returns the effect of a call with these arguments in the run of `cx`.
    pub fn effect_in(&self, cx: &Cx, args: &Value) -> Effect {
        match self.effect_here {
            Some(effect_here) => effect_here(cx, args),
            None => self.effect_with(args),
        }
    }

    /// Returns the lists of parameters that scripts may pass, if how many are passed says which is meant.
    pub fn call_forms(&self) -> &'static [&'static [&'static str]] {
        self.forms
    }

    /// Returns what is written in place of these arguments, if not they themselves.
    pub fn veiled_args(&self, args: &Value) -> Option<Value> {
        self.veil.and_then(|veil| (veil.args)(args))
    }

    /// Returns what is written in place of this result, if not it itself.
    pub fn veiled_result(&self, result: &Value) -> Option<Value> {
        self.veil.and_then(|veil| (veil.result)(result))
    }

    /// Returns the pieces in which a result is handed out; none unless the op says.
    pub fn pieces_of(&self, result: &Value) -> Result<Vec<Value>> {
        self.pieces.map_or(Ok(Vec::new()), |pieces| pieces(result))
    }

    /// Returns the declared effect.
    pub fn declared_effect(&self) -> Effect {
        self.effect
    }

    /// Returns whether calls are written to the journal.
    pub fn is_recorded(&self) -> bool {
        self.effect != Effect::Pure || self.tool.is_some()
    }

    /// Returns what a call with these arguments may consume, if the op says.
    pub fn estimate_with(&self, cx: &Cx, args: &Value) -> Option<Estimate> {
        self.estimate.map(|estimate| estimate(cx, args))
    }

    /// Returns how a failed call with these arguments is repeated, if it is.
    pub fn backoff_with(&self, cx: &Cx, args: &Value) -> Option<Backoff> {
        self.backoff.map(|backoff| backoff(cx, args))
    }

    /// Returns whether failed calls are repeated.
    pub fn is_retried(&self) -> bool {
        self.backoff.is_some()
    }

    /// Returns whether calls are charged to a budget.
    pub fn is_charged(&self) -> bool {
        self.estimate.is_some() || self.tool.is_some()
    }

    /// Returns how scripts pass arguments.
    pub fn style(&self) -> Style {
        self.style
    }

    /// Returns how the result behaves in a script.
    pub fn result_view(&self) -> Option<View> {
        self.view
    }

    /// Returns what makes the op a tool.
    pub fn tool_info(&self) -> Option<&ToolInfo> {
        self.tool.as_deref()
    }

    /// Returns whether parameters beyond the schema are accepted.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Returns whether scripts iterate with this method.
    pub fn is_iterator(&self) -> bool {
        self.iterates
    }

    /// Returns whether scripts may call the handle itself.
    pub fn is_callable(&self) -> bool {
        self.callable
    }

    /// Returns whether a call never waits.
    pub fn is_immediate(&self) -> bool {
        self.immediate
    }

    /// Returns the parameters, made from the schema at first use.
    pub fn shape(&self) -> &Shape {
        self.shape.get_or_init(|| Shape::new((self.args_schema)()))
    }

    /// Returns the kind of the handle that the result is, if the op says.
    pub fn given_kind(&self) -> Option<&'static str> {
        self.gives
    }

    /// Returns the JSON Schema of the result. A member that is not required is absent rather than null.
    pub fn out_schema(&self) -> serde_json::Value {
        (self.out_schema)()
    }

    /// Makes one argument map from what a script passed.
    ///
    /// - Errors: `InvalidArgs` if there are more values than parameters, or as many as none of the forms has.
    pub fn bind(&self, mut values: Vec<Value>) -> Result<Value> {
        if !self.forms.is_empty() {
            return self.bind_form(values);
        }
        while values.last().is_some_and(Value::is_null) {
            values.pop();
        }
        let fields = self.shape().fields();
        let handles = usize::from(self.on.is_some());
        if self.style == Style::Table
            && values.len() == handles + 1
            && let Some(Value::Map(map)) = values.last()
            && (fields.len() > handles || map.is_empty())
        {
            let Some(Value::Map(mut map)) = values.pop() else {
                return Ok(Value::Null);
            };
            if let (Some(handle), Some(field)) = (values.pop(), fields.first()) {
                map.insert(field.name.clone(), handle);
            }
            return Ok(Value::Map(map));
        }
        if values.len() > fields.len() {
            let (most, given) = (
                fields.len() - handles.min(fields.len()),
                values.len() - handles,
            );
            return Err(
                crate::error!(InvalidArgs, "takes at most {most} arguments, got {given}")
                    .op(&self.name),
            );
        }
        let named = fields
            .iter()
            .zip(values)
            .filter(|(_, value)| !value.is_null());
        Ok(Value::Map(
            named
                .map(|(field, value)| (field.name.as_str(), value))
                .collect::<Map>(),
        ))
    }

    fn bind_form(&self, values: Vec<Value>) -> Result<Value> {
        let form = self.forms.iter().find(|form| form.len() == values.len());
        let Some(form) = form else {
            let forms: Vec<String> = self
                .forms
                .iter()
                .map(|form| format!("({})", form.join(", ")))
                .collect();
            let (forms, given) = (forms.join(" or "), values.len());
            let given = match given {
                1 => "1 argument".to_owned(),
                given => format!("{given} arguments"),
            };
            return Err(crate::error!(InvalidArgs, "takes {forms}, got {given}").op(&self.name));
        };
        let named = form.iter().copied().zip(values);
        Ok(Value::Map(named.collect::<Map>()))
    }

    /// Checks arguments against the schema, renames synonyms and converts what may be converted.
    ///
    /// Returns the arguments and, for ops that are no tools, warnings about unknown ones.
    ///
    /// - Errors: `InvalidArgs` naming op, parameter, expected and given type and the nearest known name.
    pub fn prepare(&self, args: Value) -> Result<(Value, Vec<String>)> {
        self.shape().prepare(self, args)
    }

    /// Runs the body itself. Only the door calls this.
    pub(crate) fn run(&self, cx: Cx, args: Value) -> BoxFuture<'static, Result<Value>> {
        (self.body)(cx, args)
    }
}

pub(crate) fn args_schema<T: JsonSchema>() -> serde_json::Value {
    schema_of::<T>(SchemaSettings::draft2020_12().for_deserialize())
}

/// Returns the schema of what `T` is written as.
pub(crate) fn result_schema<T: JsonSchema>() -> serde_json::Value {
    schema_of::<T>(SchemaSettings::draft2020_12().for_serialize())
}

/// Returns a schema in one piece; it has a title only where the type asks for one, never the name of the Rust type.
fn schema_of<T: JsonSchema>(settings: SchemaSettings) -> serde_json::Value {
    let settings = settings.with(|settings| settings.inline_subschemas = true);
    let mut generator = settings.into_generator();
    let mut schema = T::json_schema(&mut generator);
    let definitions = generator.take_definitions(true);
    if !definitions.is_empty() {
        schema.insert("$defs".to_owned(), definitions.into());
    }
    schema.to_value()
}

/// Says which parameter does not fit its type, where the schema could not say it.
fn misfit(error: Error) -> Error {
    let Some(path) = error.details().get("path").and_then(Value::as_str) else {
        return error;
    };
    let message = format!("parameter '{path}': {}", error.message());
    Error::new(error.kind(), message).with("path", path)
}

/// Converts a result; a value moves through unchanged, and so do the parts of a tool's outcome.
fn into_value<O: Serialize + 'static>(out: O) -> Result<Value> {
    let mut slot = Some(out);
    if let Some(value) = (&mut slot as &mut dyn Any).downcast_mut::<Option<Value>>() {
        return Ok(value.take().unwrap_or_default());
    }
    if let Some(outcome) = (&mut slot as &mut dyn Any).downcast_mut::<Option<Outcome>>() {
        return Ok(outcome.take().map(Value::from).unwrap_or_default());
    }
    match slot {
        Some(out) => Value::from_serialize(&out).map_err(|error| {
            Error::new(Kind::Bug, "the result cannot be converted").with("cause", error.to_string())
        }),
        None => Ok(Value::Null),
    }
}

impl fmt::Debug for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Op({})", self.name)
    }
}
