//! Functions of a script, seen from Rust.

use std::fmt;
use std::sync::{Arc, OnceLock};

use futures::future::BoxFuture;

use crate::cx::Cx;
use crate::error::{Error, Kind, Result};
use crate::op::View;
use crate::value::{Map, Value};

/// A table that a function of a script is told, of which an engine may make each member when the function reads it.
///
/// It says the same as long as it lives, which may be longer than the call.
pub trait Told: Send + Sync {
    /// Returns the names of all members that there may be, at most 64.
    fn names(&self) -> &'static [&'static str];

    /// Returns the member of one of these names, if there is one.
    fn member(&self, name: &str) -> Option<Value>;

    /// Returns roughly how much memory it holds (bytes), which counts as the script's.
    fn bytes(&self) -> usize;

    /// Returns all members.
    fn members(&self) -> Map {
        let member = |name: &&'static str| Some((*name, self.member(name)?));
        self.names().iter().filter_map(member).collect()
    }
}

/// What a language engine implements for each function that a script hands out.
pub trait Callable: Send + Sync {
    /// Returns where the function was defined, such as `spell.lua:12`. It stands for the function in the journal.
    fn name(&self) -> &str;

    /// Returns whether the function may look at what it is given. False only where its engine is certain.
    fn takes_arguments(&self) -> bool {
        true
    }

    /// Calls the function in its engine and waits for its first return value.
    ///
    /// - Errors: what the function raised, as it was raised; `Script` for a plain raised text; `Cancelled` once the
    ///   run has ended.
    /// - Cancel: dropping the future stops the function at its next call or loop turn.
    fn call(&self, cx: Cx, args: Vec<Value>) -> BoxFuture<'static, Result<Value>>;

    /// As [`call`](Self::call), for a caller that acts on the answer: functions and handles in it stay what they are.
    ///
    /// - Errors: also `InvalidArgs` for an answer that is no data, naming what it is and where it stands.
    fn ask(&self, cx: Cx, args: Vec<Value>) -> BoxFuture<'static, Result<Value>> {
        self.call(cx, args)
    }

    /// As [`call`](Self::call) with one argument, which behaves in the script as the view says. By default it is mere data.
    fn show(&self, cx: Cx, value: Value, _view: View) -> BoxFuture<'static, Result<Value>> {
        self.call(cx, vec![value])
    }

    /// As [`ask`](Self::ask) with one argument, a table. By default all of it is made before the call.
    fn tell(&self, cx: Cx, told: Box<dyn Told>) -> BoxFuture<'static, Result<Value>> {
        self.ask(cx, vec![Value::Map(told.members())])
    }
}

/// A function of the script that an op may call, any number of times, from any thread.
///
/// The engine forgets the function when the last clone is dropped.
#[derive(Clone)]
pub struct Callback(Arc<dyn Callable>);

impl Callback {
    /// Wraps an engine's function.
    pub fn new(function: impl Callable + 'static) -> Self {
        Self(Arc::new(function))
    }

    /// Returns where the function was defined.
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// Returns whether the function may look at what it is given: there is no need to make it otherwise.
    pub fn takes_arguments(&self) -> bool {
        self.0.takes_arguments()
    }

    /// Calls the function; its own calls appear below `cx` in the journal.
    pub async fn call(&self, cx: &Cx, args: Vec<Value>) -> Result<Value> {
        self.0.call(cx.clone(), args).await
    }

    /// As [`call`](Self::call), for a caller that acts on the answer: what is no data in it is an error.
    pub async fn ask(&self, cx: &Cx, args: Vec<Value>) -> Result<Value> {
        self.0.ask(cx.clone(), args).await
    }

    /// As [`call`](Self::call), with one value that behaves in the script as the view says.
    pub async fn show(&self, cx: &Cx, value: Value, view: View) -> Result<Value> {
        self.0.show(cx.clone(), value, view).await
    }

    /// As [`ask`](Self::ask), with a table that need not be made as a whole.
    pub async fn tell(&self, cx: &Cx, told: Box<dyn Told>) -> Result<Value> {
        self.0.tell(cx.clone(), told).await
    }
}

/// Where an interpreter finds a global function.
type Find = dyn Fn(&str) -> Option<Callback> + Send + Sync;

/// The global functions of the script, for ops that take the name of one.
#[derive(Default)]
pub struct ScriptGlobals(OnceLock<Box<Find>>);

impl ScriptGlobals {
    /// Says where they are found; the first one counts.
    pub fn set(&self, find: impl Fn(&str) -> Option<Callback> + Send + Sync + 'static) {
        let _ = self.0.set(Box::new(find));
    }

    /// Returns the function that has this name when it is called. Calling it raises `NotFound` if there is none then.
    ///
    /// - Errors: `Unavailable` if no script runs.
    pub fn function(&self, name: &str) -> Result<Callback> {
        let found = self.0.get().and_then(|find| find(name));
        found.ok_or_else(|| {
            let why = format!("no script runs that could have a function '{name}'");
            Error::new(Kind::Unavailable, why)
        })
    }
}

impl PartialEq for Callback {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<function {}>", self.name())
    }
}
