//! Watching calls without changing them.

use std::time::Duration;

use crate::cx::Cx;
use crate::error::Error;
use crate::op::Op;
use crate::value::Value;

/// Someone who watches the calls of a run: a progress line, an exporter, a console.
///
/// Methods are called on the way of each recorded or charged call, so they must be quick and must not block. The
/// trace layer calls them; pieces are shown by [`Cx::emit`].
pub trait Observer: Send + Sync {
    /// A call was admitted to the door.
    fn started(&self, cx: &Cx, op: &Op, args: &Value) {
        let _ = (cx, op, args);
    }

    /// A piece of a streaming call was handed out.
    fn piece(&self, cx: &Cx, piece: &Value) {
        let _ = (cx, piece);
    }

    /// A call ended.
    fn ended(&self, cx: &Cx, op: &Op, outcome: Result<&Value, &Error>, elapsed: Duration) {
        let _ = (cx, op, outcome, elapsed);
    }
}
