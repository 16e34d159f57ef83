//! Keeps secrets of arguments out of everything that is written.

use futures::future::BoxFuture;
use llmspell_core::{Call, Error, Layer, Next, Op, Result, Secrets, Value};

use crate::secret;

/// Shortest argument (bytes) that is taken for a secret; shorter ones would strike out ordinary words.
const SHORTEST: usize = 8;

/// Adds the secrets in a tool's arguments to those that are known, and strikes all of them out of its error.
///
/// A secret is a text under a name that says so (`password`, `api_key`, `Authorization`), a text in `auth`, or a
/// password in a URL. Arguments reach the tool as they are.
pub(super) struct Hide;

impl Layer for Hide {
    fn applies(&self, op: &Op) -> bool {
        op.tool_info().is_some()
    }

    fn call<'a>(&'a self, call: Call, next: Next<'a>) -> BoxFuture<'a, Result<Value>> {
        let secrets = call.cx.host().secrets.clone();
        note(&call.args, false, &*secrets);
        Box::pin(async move {
            next.run(call)
                .await
                .map_err(|error| struck(error, &*secrets))
        })
    }
}

fn note(value: &Value, in_auth: bool, secrets: &dyn Secrets) {
    match value {
        Value::Map(members) => {
            for (name, member) in members.iter() {
                let named = || match name.as_str() {
                    "type" | "username" | "header_name" | "query_name" => false,
                    name => in_auth || secret::is_name(name),
                };
                match member {
                    Value::Str(text) if text.len() >= SHORTEST && named() => {
                        secrets.add(name, credential(text));
                    }
                    member => note(member, in_auth || name == "auth", secrets),
                }
            }
        }
        Value::List(items) => items.iter().for_each(|item| note(item, in_auth, secrets)),
        Value::Str(text) => {
            if let Some(password) = secret::password_of(text)
                && password.len() >= SHORTEST
            {
                secrets.add("password", password);
            }
        }
        _ => {}
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
    let shown = error.to_value();
    match secret::strike(&shown, secrets) {
        Some(clean) => Error::from_value(&clean),
        None => error,
    }
}
