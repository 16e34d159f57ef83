//! The hooks of listings of tools.

use llmspell_core::{Cx, Map, Result, Value};

use crate::hook::{Component, Context, Hooks, Named, Point};

/// Returns the names of a listing as hooks leave them, or nothing if there are no hooks.
///
/// - Errors: `Cancelled` if a hook forbids the listing.
pub(crate) async fn narrowed(
    cx: &Cx,
    filter: Value,
    caller: &str,
    names: Vec<String>,
) -> Result<Option<Vec<String>>> {
    let Ok(hooks) = cx.part::<Hooks>() else {
        return Ok(None);
    };
    let cx = &cx.as_operation();
    let make =
        |point: Point, data: Map| Context::new(cx, point, Component::new("Tool", "tools"), data);
    let before = Point::Named(Named::BeforeToolDiscovery);
    let permitted = hooks.permit(cx, before.clone(), || {
        let data = Map::from([("filter", filter.clone()), ("caller", caller.into())]);
        make(before, data)
    });
    permitted.await?;
    let after = Point::Named(Named::AfterToolDiscovery);
    let left = hooks.permit(cx, after.clone(), || {
        let count = names.len();
        let data = Map::from([
            ("filter", filter),
            ("tools", names.into()),
            ("discovered_count", count.into()),
        ]);
        make(after, data)
    });
    let Some(data) = left.await? else {
        return Ok(None);
    };
    let left = data
        .get("tools")
        .and_then(Value::as_list)
        .unwrap_or_default();
    let left = left
        .iter()
        .filter_map(|name| name.as_str().map(str::to_owned));
    Ok(Some(left.collect()))
}
