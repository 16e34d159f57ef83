//! The schema of a service.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use llmspell_core::{Cx, Map, Outcome, Result, Value};
use sha2::{Digest, Sha256};

use super::LIMIT;
use super::exchange::post;
use super::failed;
use crate::web::request::HttpOptions;

/// Most schemas that a run keeps.
const MOST: usize = 16;

const QUESTION: &str = "query IntrospectionQuery { __schema { queryType { name } mutationType { name } \
subscriptionType { name } types { kind name description fields(includeDeprecated: true) { name description \
isDeprecated args { name description type { ...T } defaultValue } type { ...T } } inputFields { name description \
type { ...T } defaultValue } interfaces { ...T } enumValues(includeDeprecated: true) { name description } \
possibleTypes { ...T } } directives { name description locations args { name type { ...T } } } } } \
fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name \
ofType { kind name ofType { kind name } } } } } } }";

/// The schemas that were fetched, by service and credentials.
#[derive(Default)]
struct Schemas(Mutex<HashMap<[u8; 32], Kept>>);

struct Kept {
    at: Duration,
    schema: Value,
}

/// The operation `introspection`.
pub(super) async fn run(
    cx: &Cx,
    http: &HttpOptions,
    endpoint: &str,
    ttl: Duration,
    fresh: bool,
) -> Result<Outcome> {
    let key = key(cx, http, endpoint)?;
    let schemas = cx.kept::<Schemas>();
    let now = cx.host().clock.monotonic();
    if !fresh && let Some(schema) = schemas.find(&key, now, ttl) {
        return Ok(told(&schema, true).metadata("cached", true));
    }
    let body = Map::from([
        ("query", QUESTION.into()),
        ("operationName", "IntrospectionQuery".into()),
    ]);
    let reply = post(cx, http, endpoint, body).await?;
    let Some(schema) = reply
        .data
        .get("__schema")
        .filter(|schema| !schema.is_null())
    else {
        return Err(failed(&reply.errors, reply.data()).hint("the service may not tell its schema"));
    };
    schemas.keep(key, now, schema.clone());
    Ok(reply
        .answer
        .describe(told(schema, false))
        .metadata("cached", false))
}

/// Returns what tells one service, seen with these credentials, from others.
fn key(cx: &Cx, http: &HttpOptions, endpoint: &str) -> Result<[u8; 32]> {
    let request = http.request(cx, "POST", endpoint, LIMIT)?;
    let mut hash = Sha256::new();
    hash.update(&request.url);
    for (name, value) in &request.headers {
        hash.update([0]);
        hash.update(name.to_ascii_lowercase());
        hash.update([1]);
        hash.update(value);
    }
    Ok(hash.finalize().into())
}

impl Schemas {
    fn find(&self, key: &[u8; 32], now: Duration, ttl: Duration) -> Option<Value> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.get(key)?;
        (now.saturating_sub(found.at) < ttl).then(|| found.schema.clone())
    }

    fn keep(&self, key: [u8; 32], at: Duration, schema: Value) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST && !kept.contains_key(&key) {
            let oldest = kept
                .iter()
                .min_by_key(|(_, kept)| kept.at)
                .map(|(key, _)| *key);
            oldest.map(|oldest| kept.remove(&oldest));
        }
        kept.insert(key, Kept { at, schema });
    }
}

fn told(schema: &Value, cached: bool) -> Outcome {
    let list = schema
        .get("types")
        .and_then(Value::as_list)
        .unwrap_or_default();
    let own = |value: &&Value| !text(value, "name").starts_with("__");
    let types: Vec<Value> = list.iter().filter(own).map(summary).collect();
    let root = |member: &str| -> Value {
        let name = schema
            .get(member)
            .map(|root| text(root, "name"))
            .unwrap_or_default();
        let found = list
            .iter()
            .find(|value| !name.is_empty() && text(value, "name") == name);
        found.map_or_else(|| Value::List(Vec::new()), |found| members(found, "fields"))
    };
    let count = types.len();
    let data = Map::from([
        ("queries", root("queryType")),
        ("mutations", root("mutationType")),
        ("subscriptions", root("subscriptionType")),
        ("types", Value::List(types.clone())),
        ("schema", schema.clone()),
        ("cached", cached.into()),
    ]);
    Outcome::new("introspection", data)
        .output(types)
        .message(format!("The schema has {count} types"))
}

fn summary(value: &Value) -> Value {
    let fields = match value.get("inputFields") {
        Some(Value::List(_)) => members(value, "inputFields"),
        _ => members(value, "fields"),
    };
    let mut summary = Map::from([
        ("name", text(value, "name").into()),
        ("kind", text(value, "kind").into()),
        (
            "description",
            value.get("description").cloned().unwrap_or_default(),
        ),
        ("fields", fields),
    ]);
    if let Some(Value::List(values)) = value.get("enumValues") {
        let names = values.iter().map(|value| Value::from(text(value, "name")));
        summary.insert("values", names.collect());
    }
    Value::Map(summary)
}

/// Returns fields as `{name, type, description, args}`, types as the language writes them: `[User!]!`.
fn members(value: &Value, list: &str) -> Value {
    let fields = value.get(list).and_then(Value::as_list).unwrap_or_default();
    let field = |field: &Value| {
        let mut told = Map::from([
            ("name", Value::from(text(field, "name"))),
            ("type", written(field.get("type"), 0).into()),
        ]);
        let description = field.get("description").filter(|text| !text.is_null());
        if let Some(description) = description {
            told.insert("description", description.clone());
        }
        if field
            .get("args")
            .and_then(Value::as_list)
            .is_some_and(|args| !args.is_empty())
        {
            told.insert("args", members(field, "args"));
        }
        Value::Map(told)
    };
    fields.iter().map(field).collect()
}

fn written(kind: Option<&Value>, level: usize) -> String {
    let Some(kind) = kind.filter(|_| level < 10) else {
        return "?".to_owned();
    };
    let inner = || written(kind.get("ofType"), level + 1);
    match text(kind, "kind").as_str() {
        "NON_NULL" => format!("{}!", inner()),
        "LIST" => format!("[{}]", inner()),
        _ => text(kind, "name"),
    }
}

fn text(value: &Value, name: &str) -> String {
    let text = value.get(name).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}
