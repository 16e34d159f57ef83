//! `auth`: the credentials of a request.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use llmspell_core::{Map, Result, Value};

use super::{texts, unknown};
use crate::param::{mistyped, refused};

const TYPES: &[&str] = &["basic", "bearer", "api_key", "custom", "none"];

/// What a request carries to be let in.
pub(super) enum Credential {
    /// Nothing.
    None,
    /// Headers.
    Headers(Vec<(String, String)>),
    /// A member of the URL's query.
    Query {
        /// Its name.
        name: String,
        /// The secret.
        key: String,
    },
}

impl Credential {
    /// Reads the parameter. Errors never show its members.
    pub(super) fn read(auth: &Map) -> Result<Self> {
        let kind = match auth.get("type") {
            Some(Value::Str(kind)) => kind.trim().to_lowercase().replace('-', "_"),
            Some(other) => return Err(wrong("type", other)),
            None => return Err(absent("type")),
        };
        match kind.as_str() {
            "none" => Ok(Self::None),
            "basic" => basic(auth),
            "bearer" => {
                only(auth, &["type", "token"])?;
                let token = member(auth, "token")?;
                Ok(Self::Headers(vec![header(
                    "authorization",
                    format!("Bearer {token}"),
                )]))
            }
            "api_key" => api_key(auth),
            "custom" => custom(auth),
            _ => Err(refused(
                "auth",
                format!(
                    "unknown auth.type '{kind}', expected one of: {}",
                    TYPES.join(", ")
                ),
            )
            .misshapen()),
        }
    }
}

fn basic(auth: &Map) -> Result<Credential> {
    only(auth, &["type", "username", "password"])?;
    let username = member(auth, "username")?;
    if username.contains(':') {
        return Err(refused("auth", "auth.username must not contain ':'"));
    }
    let password = match auth.get("password") {
        None => "",
        Some(_) => member(auth, "password")?,
    };
    let encoded = STANDARD.encode(format!("{username}:{password}"));
    Ok(Credential::Headers(vec![header(
        "authorization",
        format!("Basic {encoded}"),
    )]))
}

fn api_key(auth: &Map) -> Result<Credential> {
    only(auth, &["type", "key", "header_name", "query_name"])?;
    let key = member(auth, "key")?.to_owned();
    match (auth.get("header_name"), auth.get("query_name")) {
        (Some(_), Some(_)) => Err(refused(
            "auth",
            "auth takes either header_name or query_name",
        )),
        (_, Some(_)) => Ok(Credential::Query {
            name: member(auth, "query_name")?.to_owned(),
            key,
        }),
        (Some(_), _) => Ok(Credential::Headers(vec![header(
            member(auth, "header_name")?,
            key,
        )])),
        (None, None) => Ok(Credential::Headers(vec![header("x-api-key", key)])),
    }
}

fn custom(auth: &Map) -> Result<Credential> {
    only(auth, &["type", "headers"])?;
    let headers = match auth.get("headers") {
        Some(Value::Map(headers)) => headers,
        Some(other) => return Err(wrong("headers", other)),
        None => return Err(absent("headers")),
    };
    let mut all = Vec::new();
    for (name, value) in headers {
        for text in texts("auth", &format!("headers.{name}"), value)? {
            all.push(header(name, text));
        }
    }
    Ok(Credential::Headers(all))
}

fn header(name: &str, value: impl Into<String>) -> (String, String) {
    (name.to_owned(), value.into())
}

fn member<'a>(auth: &'a Map, name: &'static str) -> Result<&'a str> {
    match auth.get(name) {
        Some(Value::Str(text)) => Ok(text),
        Some(other) => Err(wrong(name, other)),
        None => Err(absent(name)),
    }
}

fn only(auth: &Map, known: &[&str]) -> Result<()> {
    match auth.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(unknown("auth", name, known)),
        None => Ok(()),
    }
}

fn absent(name: &str) -> llmspell_core::Error {
    let error = refused("auth", format!("Missing required parameter 'auth.{name}'"));
    match name {
        "type" => error.hint(format!("one of: {}", TYPES.join(", "))),
        _ => error,
    }
    .misshapen()
}

fn wrong(name: &str, value: &Value) -> llmspell_core::Error {
    let expected = match name {
        "headers" => "object",
        _ => "string",
    };
    let got = value.type_name();
    let message = format!("parameter 'auth.{name}' must be {expected}, got {got}");
    mistyped("auth", message, expected, value)
}
