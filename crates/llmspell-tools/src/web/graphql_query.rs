//! `graphql_query`: GraphQL over HTTP.

mod document;
mod events;
mod exchange;
mod introspection;
mod pages;
mod socket;
mod subscription;

use std::time::Duration;

use llmspell_core::{
    Cx, Effect, Error, Kind, Level, Map, Op, Outcome, Result, ToolInfo, Value, error,
};
use schemars::JsonSchema;
use serde::Deserialize;

use self::document::Document;
use self::exchange::Asking;
use super::payload::writable;
use super::request::HttpArgs;
use crate::choice::choose_or_first;
use crate::param::{Given, choices, missing, names, refused, within};

const OPERATIONS: &[&[&str]] = &[
    &["query"],
    &["mutation"],
    &["subscription"],
    &["introspection"],
    &["validate"],
];

const LIMIT: Duration = Duration::from_secs(30);

pub(super) fn op() -> Op {
    Op::new("graphql_query", graphql_query)
        .effect(Effect::Once)
        .effect_of(effect)
        .tool(
            ToolInfo::new("api").settings::<Config>()
                .example(
                    "Checks a document without sending it",
                    r#"{"operation": "validate", "endpoint": "https://example.com/graphql", "query": "{ hero { name } }"}"#,
                )
                .level(Level::Restricted)
                .timeout(LIMIT)
                .operations(&names(OPERATIONS))
                .needs(&["query", "mutation", "subscription", "introspection"], &["endpoint"])
                .needs(&["query", "mutation", "subscription", "validate"], &["input"]),
        )
}

/// Asks a GraphQL service: queries, mutations, subscriptions, its schema.
///
/// The document is checked before it is sent. `subscription` collects events until there are `max_events` or the call's
/// time is over.
#[derive(Deserialize, JsonSchema)]
struct GraphqlQuery {
    /// What to do.
    #[schemars(transform = choices(OPERATIONS), extend("default" = "query"))]
    operation: Option<String>,
    /// The URL of the service.
    #[schemars(extend("x-synonyms" = ["url"]))]
    endpoint: Option<String>,
    /// The document.
    #[schemars(extend("x-synonyms" = ["query", "document"]))]
    input: Option<String>,
    /// Values of the document's variables.
    #[schemars(with = "Option<std::collections::BTreeMap<String, Value>>", extend("default" = {}))]
    variables: Option<Map>,
    /// Which operation of the document is meant, if it has several.
    operation_name: Option<String>,
    /// Events after which a subscription ends.
    #[schemars(range(min = 1, max = 10_000), extend("default" = 100))]
    max_events: Option<i64>,
    /// Fetches page after page of the list at `path`, by its `pageInfo` and the variable `after`.
    #[schemars(with = "Option<pages::Shape>")]
    paginate: Option<Value>,
    /// Whether the document is named by its hash, and sent only if the service does not know it.
    #[schemars(extend("default" = false))]
    persisted: Option<bool>,
    /// Deepest nesting of fields.
    #[schemars(range(min = 1, max = 100), extend("default" = 15))]
    max_depth: Option<i64>,
    /// Whether the schema is fetched anew.
    #[schemars(extend("default" = false))]
    refresh: Option<bool>,
}

/// What the configuration says of this tool.
#[derive(Deserialize, JsonSchema)]
#[serde(default)]
struct Config {
    /// Deepest nesting of fields, where the call does not say.
    max_depth: i64,
    /// How long a fetched schema is used (s).
    schema_cache_ttl_s: u64,
    /// Whether mutations may be sent.
    allow_mutations: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_depth: 15,
            schema_cache_ttl_s: 3600,
            allow_mutations: true,
        }
    }
}

fn effect(args: &Value) -> Effect {
    let text = |name: &str| args.get(name).and_then(Value::as_str).unwrap_or_default();
    let changes = match text("operation").to_lowercase().as_str() {
        "mutation" => true,
        "subscription" | "introspection" | "validate" => false,
        // Rather one too many than one too few; what is sent is checked later.
        _ => text("input").contains("mutation"),
    };
    match changes {
        true => Effect::Once,
        false => Effect::Read,
    }
}

async fn graphql_query(cx: Cx, call: Given<HttpArgs<GraphqlQuery>>) -> Result<Outcome> {
    let HttpArgs { own, http } = &call.args;
    let operation = choose_or_first("operation", own.operation.as_deref(), OPERATIONS)?;
    let config: Config = cx.settings("graphql_query")?;
    let most = own.max_depth.unwrap_or(config.max_depth);
    let most = within("max_depth", most, 1..=100)?;
    if operation == "validate" {
        let outcome = document::validate(document_of(own, operation)?, most).await?;
        return Ok(call.warn(op, used(operation), outcome));
    }
    let endpoint = own.endpoint.as_deref();
    let endpoint = endpoint.ok_or_else(|| missing("graphql_query", operation, "endpoint"))?;
    if operation == "introspection" {
        let ttl = Duration::from_secs(config.schema_cache_ttl_s);
        let fresh = own.refresh == Some(true);
        let outcome = introspection::run(&cx, http, endpoint, ttl, fresh).await?;
        return Ok(call.warn(op, used(operation), outcome));
    }
    let asking = asking(own, operation, most, &config).await?;
    let outcome = match (operation, &own.paginate) {
        ("subscription", _) => {
            let most = within("max_events", own.max_events.unwrap_or(100), 1..=10_000)?;
            subscription::run(&cx, http, endpoint, &asking, most).await?
        }
        (_, Some(paginate)) => pages::run(&cx, http, endpoint, asking, paginate).await?,
        _ => exchange::run(&cx, http, endpoint, &asking).await?,
    };
    Ok(call.warn(op, used(operation), outcome))
}

fn used(operation: &str) -> &'static str {
    match operation {
        "validate" => "input max_depth",
        "introspection" => {
            "endpoint refresh headers auth follow_redirects max_redirects retry user_agent max_bytes"
        }
        "subscription" => {
            "endpoint input variables operation_name max_events max_depth headers auth follow_redirects \
             max_redirects retry user_agent max_bytes"
        }
        _ => {
            "endpoint input variables operation_name paginate persisted max_depth headers auth follow_redirects \
             max_redirects retry user_agent max_bytes"
        }
    }
}

fn document_of(own: &GraphqlQuery, operation: &str) -> Result<String> {
    let given = own.input.clone();
    given.ok_or_else(|| missing("graphql_query", operation, "input"))
}

/// Reads the document and checks that it is what the operation says.
async fn asking(
    own: &GraphqlQuery,
    operation: &'static str,
    max_depth: usize,
    config: &Config,
) -> Result<Asking> {
    let text = document_of(own, operation)?;
    let variables = own.variables.clone().unwrap_or_default();
    writable("variables", &Value::Map(variables.clone()))?;
    let document = Document::read(text).await?;
    document.sound()?;
    if document.depth > max_depth {
        let depth = document.depth;
        return Err(error!(
            Limit,
            "the document is nested {depth} levels deep, more than {max_depth}"
        )
        .with("limit", max_depth)
        .hint("raise `max_depth`, or `tools.graphql_query.max_depth`"));
    }
    let chosen = document.choose(own.operation_name.as_deref())?;
    let kind = chosen.kind;
    let fits = kind == operation || (operation, kind) == ("mutation", "query");
    if !fits {
        let message = format!("the document is a {kind}, not a {operation}");
        return Err(refused("input", message).hint(format!("set operation to '{kind}'")));
    }
    if kind == "mutation" && !config.allow_mutations {
        return Err(error!(Denied, "mutations are not permitted")
            .hint("set `tools.graphql_query.allow_mutations = true`"));
    }
    Ok(Asking {
        operation,
        takes_after: chosen.variables.iter().any(|name| name == "after"),
        document: document.text,
        variables,
        operation_name: own.operation_name.clone(),
        persisted: own.persisted == Some(true),
    })
}

/// Returns the error for an answer that has errors and no data.
fn failed(errors: &Value, data: Map) -> Error {
    let (first, count) = first(errors);
    let more = match count {
        0 | 1 => String::new(),
        count => format!(" (and {} more)", count - 1),
    };
    Error::new(
        Kind::Execution,
        format!("the service answered with an error: {first}{more}"),
    )
    .with("data", data)
}

/// Returns the message of the first error, and how many there are.
fn first(errors: &Value) -> (String, usize) {
    let list = errors.as_list().unwrap_or_default();
    let message = list
        .first()
        .and_then(|error| error.get("message"))
        .and_then(Value::as_str);
    (
        message.unwrap_or("no message").chars().take(300).collect(),
        list.len(),
    )
}

#[cfg(test)]
mod tests;
