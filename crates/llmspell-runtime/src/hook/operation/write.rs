//! Writes of state, with the hooks around them: one may prevent a write or change its value, and hear of it afterwards.

use llmspell_core::{Call, Cx, Map, Next, Result, Scopes as _, Value};

use super::super::context::{Component, Context, plain};
use super::super::fork;
use super::super::hooks::{Decision, Hooks, cancelled};
use super::super::point::{Named, Point};
use crate::state::{self, Place, same, shown};

/// The point that is told of every change under a name of its own.
const CHANGE: &str = "custom:state_change";

/// Writes a value with the hooks of its points.
pub(super) async fn run(hooks: &Hooks, mut call: Call, next: Next<'_>) -> Result<Value> {
    // What is no place, or has no store, is refused by the op itself.
    let (Ok(place), Ok(stored)) = (Place::of(&call.args), state::stored(&call.cx)) else {
        return next.run(call).await;
    };
    let cx = call.cx.clone();
    let old = stored.get(&place.scope, &place.key).await?;
    let write = Write {
        hooks,
        cx: &cx,
        verb: call.op.verb().to_owned(),
        old: old.unwrap_or_default(),
        place,
    };
    let new = write.permitted(given(&call.args, "value")).await?;
    if let (Some(new), Value::Map(args)) = (&new, &mut call.args) {
        args.insert("value", new.clone());
    }
    let new = new.unwrap_or_else(|| given(&call.args, "value"));
    let expected = given(&call.args, "expected");
    let outcome = next.run(call).await?;
    match outcome {
        Value::Bool(false) => write.lost(expected, new).await?,
        _ => write.done(new).await,
    }
    Ok(outcome)
}

fn given(args: &Value, name: &str) -> Value {
    args.get(name).cloned().unwrap_or_default()
}

/// A write under way.
struct Write<'a> {
    hooks: &'a Hooks,
    cx: &'a Cx,
    verb: String,
    place: Place,
    /// The value that was there before.
    old: Value,
}

impl Write<'_> {
    fn context(&self, point: Point, facts: Map) -> Context<'_> {
        let component = Component::new("State", &self.place.scope);
        let mut context = Context::new(self.cx, point, component, facts);
        context.operation = "state_write";
        context
    }

    /// Returns where, with the values of these names as hooks may see them.
    fn facts<const N: usize>(&self, values: [(&str, &Value); N]) -> Map {
        let Place { scope, key } = &self.place;
        let mut facts = Map::from([
            ("scope", scope.as_str().into()),
            ("key", key.as_str().into()),
        ]);
        for (name, value) in values {
            facts.insert(name.to_owned(), plain(&shown(key, value)));
        }
        facts
    }

    fn written(&self, new: &Value) -> Map {
        let mut facts = self.facts([("value", new), ("old_value", &self.old)]);
        let operation = match &*self.verb {
            "delete" => "delete",
            _ => "save",
        };
        facts.insert("operation", operation.into());
        facts
    }

    /// Asks whether the value may be written. Returns another one if a hook changed it.
    async fn permitted(&self, value: Value) -> Result<Option<Value>> {
        let point = Point::Named(Named::BeforeStateWrite);
        let told = || self.written(&value);
        let permitted = self
            .hooks
            .permit(self.cx, point.clone(), || self.context(point, told()))
            .await?;
        let Some(mut left) = permitted else {
            return Ok(None);
        };
        let new = left.shift_remove("value").unwrap_or_default();
        let is_changed = told().get("value") != Some(&new);
        Ok((is_changed && self.verb != "delete").then_some(new))
    }

    /// Says that the value was written.
    async fn done(&self, new: Value) {
        let after = Point::Named(Named::AfterStateWrite);
        let make = || self.context(after.clone(), self.written(&new));
        self.hooks.notice(self.cx, after.clone(), make).await;
        let change = Point::Custom(CHANGE.into());
        if !same(&self.old, &new) {
            let make = || self.context(change.clone(), self.written(&new));
            self.hooks.notice(self.cx, change.clone(), make).await;
        }
    }

    /// Asks what becomes of a write that lost against another one. What replaces it is written; the call has lost
    /// nevertheless, since what is there is not what its caller wanted.
    async fn lost(&self, expected: Value, attempted: Value) -> Result<()> {
        let point = Point::Named(Named::StateConflict);
        if !self.hooks.has(&point) {
            return Ok(());
        }
        let Place { scope, key } = &self.place;
        let actual = state::stored(self.cx)?.get(scope, key).await?;
        let facts = self.facts([
            ("expected", &expected),
            ("actual", &actual.unwrap_or_default()),
            ("attempted", &attempted),
        ]);
        let mut context = self.context(point, facts);
        let outcome = self.hooks.fire(self.cx, &mut context).await;
        let outcome = *outcome.unwrap_or_default();
        fork::run_all(self.cx, outcome.forks).await;
        match outcome.decision {
            Decision::Cancel(reason) => Err(cancelled(reason, &outcome.hook, &context.point)),
            Decision::Replace(data) => {
                let args = Map::from([
                    ("scope", scope.as_str().into()),
                    ("key", key.as_str().into()),
                    ("value", data),
                ]);
                self.cx.call(&state::op("save")?, args.into()).await?;
                Ok(())
            }
            _ => Ok(()),
        }
    }
}
