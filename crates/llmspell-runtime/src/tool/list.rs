//! Listings of tools.

use std::collections::BTreeSet;

use llmspell_core::{Cx, Op, Result, Value, View};
use schemars::JsonSchema;
use serde::Deserialize;

use super::tools::Entry;
use super::{Tool, Tools, narrowed};

/// The categories that exist whether or not a tool is in them.
const CATEGORIES: [&str; 8] = [
    "analysis",
    "api",
    "data",
    "filesystem",
    "media",
    "system",
    "utility",
    "web",
];

/// Returns all tools, sorted by name.
#[derive(Deserialize, JsonSchema)]
pub(super) struct List {}

pub(super) fn op() -> Op {
    Op::new("list", list).view(View::Each("name"))
}

async fn list(cx: Cx, _: List) -> Result<Vec<Entry>> {
    let tools = cx.part::<Tools>()?;
    shown(&cx, &tools, Value::Null, |_| true).await
}

/// Returns the categories, sorted: the usual ones and those in use.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Categories {}

pub(super) async fn categories(cx: Cx, _: Categories) -> Result<Vec<String>> {
    let tools = cx.part::<Tools>()?.all();
    let used = tools.iter().map(|tool| tool.info().category.as_str());
    let all: BTreeSet<&str> = CATEGORIES.into_iter().chain(used).collect();
    let names = tools.iter().map(|tool| tool.name().to_owned()).collect();
    narrowed(&cx, "categories".into(), "script", names).await?;
    Ok(all.into_iter().map(str::to_owned).collect())
}

/// Returns the tools that match.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Discover {
    /// The category, exactly.
    category: Option<String>,
    /// A part of the description; case does not matter.
    tag: Option<String>,
}

pub(super) async fn discover(cx: Cx, a: Discover) -> Result<Vec<Entry>> {
    let tag = a.tag.map(|tag| tag.to_lowercase());
    let tools = cx.part::<Tools>()?;
    let filter = Value::from([
        ("category", a.category.clone().into()),
        ("tag", tag.clone().into()),
    ]);
    let wanted = |tool: &Tool| {
        let category = a.category.as_deref();
        let tagged = |tag: &String| tool.op().docs().to_lowercase().contains(tag);
        category.is_none_or(|category| tool.info().category == category)
            && tag.as_ref().is_none_or(tagged)
    };
    shown(&cx, &tools, filter, wanted).await
}

/// Returns the entries of the tools that are wanted, as hooks leave them.
async fn shown(
    cx: &Cx,
    tools: &Tools,
    filter: Value,
    wanted: impl Fn(&Tool) -> bool,
) -> Result<Vec<Entry>> {
    let mut all = tools.all();
    all.retain(|tool| wanted(tool));
    let names = all.iter().map(|tool| tool.name().to_owned()).collect();
    if let Some(names) = narrowed(cx, filter, "script", names).await? {
        all.retain(|tool| names.iter().any(|name| name == tool.name()));
    }
    Ok(all.iter().map(|tool| tool.entry()).collect())
}
