//! Functions of a script, seen from Rust.

use std::fmt;
use std::sync::Arc;

use futures::future::BoxFuture;

use crate::cx::Cx;
use crate::error::Result;
use crate::value::Value;

/// What a language engine implements for each function that a script hands out.
pub trait Callable: Send + Sync {
    /// Returns where the function was defined, such as `spell.lua:12`. It stands for the function in the journal.
    fn name(&self) -> &str;

    /// Calls the function in its engine and waits for its first return value.
    ///
    /// - Errors: what the function raised, as it was raised; `Script` for a plain raised text; `Cancelled` once the
    ///   run has ended.
    /// - Cancel: dropping the future stops the function at its next call or loop turn.
    fn call(&self, cx: Cx, args: Vec<Value>) -> BoxFuture<'static, Result<Value>>;
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

    /// Calls the function; its own calls appear below `cx` in the journal.
    pub async fn call(&self, cx: &Cx, args: Vec<Value>) -> Result<Value> {
        self.0.call(cx.clone(), args).await
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
