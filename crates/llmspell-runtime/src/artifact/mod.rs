//! Artifacts: what a run makes and others read, kept with its session.

mod delete;
mod get;
mod grant;
mod hooked;
mod id;
mod kind;
mod list;
mod mime;
mod options;
mod permitted;
mod query;
mod save;
mod session;
mod shown;
mod store;
mod store_file;
mod stored;

use std::sync::Arc;

use llmspell_core::{Cx, Effect, Module, Op, Result, Value, error};
use parking_lot::Mutex;
use serde_json::json;

pub(crate) use get::fetch;
pub use id::{Id, Wanted};
pub use kind::kind;
pub(crate) use kind::{AGENT_OUTPUT, TOOL_RESULT};
pub use options::Options;
pub(crate) use save::{Made, save};
pub(crate) use session::{collecting, current, no_session};
pub use shown::shown;
pub use stored::{Artifact, Artifacts, New, Permission, Query, Totals};

/// Returns the functions of the global `Artifact`.
pub fn module() -> Module {
    Module::new(
        "artifact",
        "Artifact",
        "What a session keeps: results, reports, files, each with its versions.",
    )
    .op(Op::new("store", store::store).positional())
    .op(Op::new("store_file", store_file::store_file).positional())
    .op(Op::new("get", get::get)
        .positional()
        .returns::<shown::Whole>())
    .op(Op::new("get_content", get::get_content).positional())
    .op(Op::new("list", list::list)
        .positional()
        .effect(Effect::Read)
        .returns::<Vec<shown::Metadata>>())
    .op(Op::new("delete", delete::delete).positional())
    .op(Op::new("query", query::query)
        .effect(Effect::Read)
        .returns::<Vec<shown::Metadata>>())
    .op(Op::new("versions", list::versions)
        .positional()
        .effect(Effect::Read)
        .returns::<Vec<shown::Metadata>>())
    .op(Op::new("grant", grant::grant).positional())
    .op(Op::new("revoke", grant::revoke).positional())
}

/// Makes a recorded call of its own of the part of a function that reads or changes the store.
///
/// Hooks stand around it, and run again when the run is resumed; what stands in the journal is `args` and what `body`
/// returns, so that a content is not written twice.
async fn recorded<F, Fut>(
    cx: &Cx,
    name: &str,
    effect: Effect,
    args: Value,
    body: F,
) -> Result<Value>
where
    F: FnOnce(Cx) -> Fut + Send + 'static,
    Fut: Future<Output = Result<Value>> + Send + 'static,
{
    let body = Mutex::new(Some(body));
    let op = Op::dynamic(name, json!({"type": "object"}), move |cx, _| {
        let body = body.lock().take();
        async move {
            let body =
                body.ok_or_else(|| error!(Bug, "an artifact was asked for twice in one call"))?;
            body(cx).await
        }
    });
    cx.call(&Arc::new(op.effect(effect).open()), args).await
}
