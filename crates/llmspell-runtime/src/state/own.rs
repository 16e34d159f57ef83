//! What parts of the runtime keep in scopes: saved agents, the shared data of workflows.
//!
//! These are calls of `State` like any others, so hooks see them and a resumed run does not write twice. Where state is
//! switched off they go to the memory of the run.

use std::sync::Arc;

use llmspell_core::{Cx, Result, Scopes as _, Value};

use super::{StoredScopes, op, stored};

/// The scopes of a run that keeps no state.
struct Unkept(StoredScopes);

impl Default for Unkept {
    fn default() -> Self {
        Self(StoredScopes::new("memory:", u64::MAX))
    }
}

/// The scopes of a run, for a part of the runtime.
pub(crate) struct OwnScopes<'a> {
    cx: &'a Cx,
    /// In place of the run's state, if that is switched off.
    unkept: Option<Arc<Unkept>>,
}

impl<'a> OwnScopes<'a> {
    /// Makes calls below `cx`.
    pub(crate) fn of(cx: &'a Cx) -> Self {
        let is_kept = stored(cx).is_ok();
        Self {
            cx,
            unkept: (!is_kept).then(|| cx.kept::<Unkept>()),
        }
    }

    /// Returns the value under a key; null if there is none.
    ///
    /// - Errors: those of `State.load`.
    pub(crate) async fn load(&self, scope: &str, key: &str) -> Result<Value> {
        match &self.unkept {
            Some(unkept) => Ok(unkept.0.get(scope, key).await?.unwrap_or_default()),
            None => self.call("load", place(scope, key)).await,
        }
    }

    /// Keeps a value under a key.
    ///
    /// - Errors: those of `State.save`.
    pub(crate) async fn save(&self, scope: &str, key: &str, value: Value) -> Result<()> {
        match &self.unkept {
            Some(unkept) => unkept.0.set(scope, key, value).await,
            None => {
                let args = place(scope, key).into_iter().chain([("value", value)]);
                self.call("save", args).await.map(drop)
            }
        }
    }

    /// Removes the value under a key, if there is one.
    ///
    /// - Errors: those of `State.delete`.
    pub(crate) async fn delete(&self, scope: &str, key: &str) -> Result<()> {
        match &self.unkept {
            Some(unkept) => unkept.0.delete(scope, key).await.map(drop),
            None => self.call("delete", place(scope, key)).await.map(drop),
        }
    }

    /// Keeps a value if the one that is there is the expected one, and returns whether it was.
    ///
    /// - Errors: those of `State.compare_and_set`.
    pub(crate) async fn compare_and_set(
        &self,
        scope: &str,
        key: &str,
        expected: Value,
        value: Value,
    ) -> Result<bool> {
        if let Some(unkept) = &self.unkept {
            return unkept.0.compare_and_set(scope, key, &expected, value).await;
        }
        let change = [("expected", expected), ("value", value)];
        let args = place(scope, key).into_iter().chain(change);
        Ok(self.call("compare_and_set", args).await? == Value::Bool(true))
    }

    /// Returns the keys of a scope, sorted.
    ///
    /// - Errors: those of `State.list`.
    pub(crate) async fn keys(&self, scope: &str) -> Result<Vec<String>> {
        match &self.unkept {
            Some(unkept) => unkept.0.keys(scope).await,
            None => {
                let listed = self.call("list", [("scope", scope.into())]);
                listed.await?.into_typed()
            }
        }
    }

    async fn call(
        &self,
        verb: &str,
        args: impl IntoIterator<Item = (&'static str, Value)>,
    ) -> Result<Value> {
        let args: Value = args.into_iter().collect();
        self.cx.call(&op(verb)?, args).await
    }
}

fn place(scope: &str, key: &str) -> [(&'static str, Value); 2] {
    [("scope", scope.into()), ("key", key.into())]
}
