//! Keeps secrets of arguments out of everything that is written.

use futures::future::BoxFuture;
use llmspell_core::{Call, Error, Layer, Next, Op, Result, Secrets, Value};

use crate::secret;

/// Shortest argument (bytes) that is taken for a secret; shorter ones would strike out ordinary words.
const SHORTEST: usize = 8;

/// Adds the secrets in a tool's arguments to those that are known, and strikes all of them out of its error.
///
/// A secret is a text at or below a name that says so (`password`, `api_key`, `Authorization`, `auth`), or a password or
/// such a part of the query in a URL. Arguments reach the tool as they are.
pub(super) struct Hide;

impl Layer for Hide {
    fn applies(&self, op: &Op) -> bool {
        op.tool_info().is_some()
    }

    fn call<'a>(&'a self, call: Call, next: Next<'a>) -> BoxFuture<'a, Result<Value>> {
        let secrets = call.cx.host().secrets.clone();
        note(&call.args, None, &*secrets);
        Box::pin(async move {
            next.run(call)
                .await
                .map_err(|error| struck(error, &*secrets))
        })
    }
}

/// Adds the secrets of a value; all its texts are secret within a member of such a name.
fn note(value: &Value, within: Option<&str>, secrets: &dyn Secrets) {
    match value {
        Value::Map(members) => {
            for (name, member) in members.iter() {
                let is_secret = || match name.as_str() {
                    "type" | "username" | "header_name" | "query_name" => false,
                    name => within.is_some() || secret::is_name(name),
                };
                match member {
                    Value::Str(text) if text.len() >= SHORTEST && is_secret() => {
                        secrets.add(name, credential(text));
                    }
                    Value::Map(_) | Value::List(_) if name == "auth" || is_secret() => {
                        note(member, Some(name), secrets);
                    }
                    Value::Map(_) | Value::List(_) => note(member, None, secrets),
                    Value::Str(text) => note_url(text, secrets),
                    _ => {}
                }
            }
        }
        Value::List(items) => items.iter().for_each(|item| note(item, within, secrets)),
        Value::Str(text) => match within {
            Some(name) if text.len() >= SHORTEST => secrets.add(name, credential(text)),
            _ => note_url(text, secrets),
        },
        _ => {}
    }
}

/// Adds the secrets of a URL.
fn note_url(text: &str, secrets: &dyn Secrets) {
    if !text.contains("://") {
        return;
    }
    let password = secret::password_of(text).map(|password| ("password", password));
    for (name, value) in password.into_iter().chain(secret::query_of(text)) {
        if value.len() >= SHORTEST {
            secrets.add(name, value);
        }
    }
}

/// Returns what is secret of the value of a header: what follows the scheme.
fn credential(text: &str) -> &str {
    match text.split_once(' ') {
        Some(("Bearer" | "bearer" | "Basic" | "basic" | "Token" | "token", rest)) => rest,
        _ => text,
    }
}

fn struck(error: Error, secrets: &dyn Secrets) -> Error {
    let shown = error.to_record();
    match secret::strike(&shown, secrets) {
        Some(clean) => Error::from_value(&clean),
        None => error,
    }
}
