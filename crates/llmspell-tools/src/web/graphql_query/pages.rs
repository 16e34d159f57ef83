//! `paginate`: page after page.

use llmspell_core::{Cx, Error, Kind, Map, Outcome, Result, Value};
use schemars::JsonSchema;
use serde::Deserialize;

use super::exchange::{Asking, ask};
use crate::param::{misfit, refused, within};
use crate::web::request::HttpOptions;

/// How pages follow each other.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Shape {
    /// Where the list stands in the data: `users`, `viewer.repositories`.
    path: String,
    /// Most pages.
    #[schemars(range(min = 1, max = 1000), extend("default" = 10))]
    max_pages: Option<i64>,
}

/// Asks for page after page and joins their nodes.
pub(super) async fn run(
    cx: &Cx,
    http: &HttpOptions,
    endpoint: &str,
    mut asking: Asking,
    paginate: &Value,
) -> Result<Outcome> {
    let shape: Shape = paginate.clone().into_typed().map_err(|error| {
        refused("paginate", format!("paginate: {}", misfit(&error))).misshapen()
    })?;
    let most = within(
        "paginate.max_pages",
        shape.max_pages.unwrap_or(10),
        1..=1000,
    )?;
    if asking.operation != "query" {
        return Err(refused("paginate", "only a query has pages"));
    }
    if !asking.takes_after {
        return Err(refused("paginate", "paginate needs a document with the variable $after")
            .hint("query ($after: String) { items(after: $after) { nodes { … } pageInfo { hasNextPage endCursor } } }"));
    }
    let mut nodes = Vec::new();
    for page in 1.. {
        cx.check()?;
        let (reply, _) = ask(cx, http, endpoint, &asking).await?;
        reply.settle(Outcome::default())?;
        let mut read = Page::read(&reply.data, &shape.path)?;
        nodes.append(&mut read.nodes);
        let has_moved = read.next.is_some() && read.next.as_ref() != asking.variables.get("after");
        if has_moved && page < most {
            asking
                .variables
                .insert("after", read.next.unwrap_or_default());
            continue;
        }
        let mut data = reply.data();
        data.insert("pages", page.into());
        data.insert("node_count", nodes.len().into());
        let message = format!("{page} pages have {} nodes", nodes.len());
        let mut outcome = Outcome::new("query", data)
            .output(nodes)
            .message(message)
            .metadata("pages", page);
        if has_moved {
            outcome = outcome.warning(format!(
                "there are more than {most} pages; raise paginate.max_pages"
            ));
        }
        return Ok(reply.answer.describe(reply.settle(outcome)?));
    }
    Err(Error::new(Kind::Bug, "there was no page"))
}

/// A page of a list.
struct Page {
    nodes: Vec<Value>,
    /// Where the next page begins, if there is one.
    next: Option<Value>,
}

impl Page {
    fn read(data: &Value, path: &str) -> Result<Self> {
        let mut connection = data;
        for name in path.split('.') {
            let below = connection.get(name);
            connection = below.ok_or_else(|| wrong(format!("the answer has no '{path}'")))?;
        }
        let info = connection.get("pageInfo");
        let info = info.ok_or_else(|| {
            wrong(format!("'{path}' has no pageInfo"))
                .hint("ask for pageInfo { hasNextPage endCursor }")
        })?;
        let nodes = match (connection.get("nodes"), connection.get("edges")) {
            (Some(Value::List(nodes)), _) => nodes.clone(),
            (_, Some(Value::List(edges))) => {
                let node = |edge: &Value| edge.get("node").cloned().unwrap_or_default();
                edges.iter().map(node).collect()
            }
            _ => return Err(wrong(format!("'{path}' has neither nodes nor edges"))),
        };
        let has_next = info.get("hasNextPage").and_then(Value::as_bool);
        let cursor = info.get("endCursor").filter(|cursor| !cursor.is_null());
        let next = cursor.filter(|_| has_next.unwrap_or(true)).cloned();
        Ok(Self { nodes, next })
    }
}

fn wrong(message: String) -> Error {
    Error::new(Kind::Execution, message).with("data", Map::new())
}
