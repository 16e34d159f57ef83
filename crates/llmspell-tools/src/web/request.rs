//! The parameters that all HTTP tools take beside their own, and the request that they make.

mod auth;
mod retry;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use llmspell_core::host::HttpRequest;
use llmspell_core::{Cx, Effect, Error, Kind, Map, Result, Value, unknown_parameter};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error as _};
use serde_json::Value as Json;
use url::Url;

use self::auth::Credential;
pub(crate) use self::retry::statuses;
use super::answer::{Answer, hidden};
use crate::param::{misfit, mistyped, within};

/// Methods of a request, for tools that know any.
pub(super) const METHODS: &[&[&str]] = &[
    &["GET"],
    &["POST"],
    &["PUT"],
    &["DELETE"],
    &["PATCH"],
    &["HEAD"],
    &["OPTIONS"],
];

/// The arguments of an HTTP tool: its own, and those that all of them take.
///
/// A name that the tool itself gives to a parameter, or accepts for one, is the tool's.
pub(crate) struct HttpArgs<T> {
    /// The tool's own.
    pub(crate) own: T,
    /// Those that all HTTP tools take.
    pub(crate) http: HttpOptions,
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for HttpArgs<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut args: Map = Value::deserialize(deserializer)?
            .into_typed()
            .map_err(D::Error::custom)?;
        let shared: Map = HttpOptions::NAMES
            .iter()
            .filter_map(|name| args.shift_remove_entry(name))
            .collect();
        let failed = |error: Error| D::Error::custom(misfit(&error));
        Ok(Self {
            own: Value::Map(args).into_typed().map_err(failed)?,
            http: Value::Map(shared).into_typed().map_err(failed)?,
        })
    }
}

impl<T: JsonSchema> JsonSchema for HttpArgs<T> {
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = T::json_schema(generator);
        let shared = HttpOptions::json_schema(generator);
        let own = schema
            .ensure_object()
            .entry("properties")
            .or_insert_with(|| Json::Object(serde_json::Map::new()));
        let (Some(own), Some(shared)) = (own.as_object_mut(), shared.get("properties")) else {
            return schema;
        };
        let taken: Vec<String> = own
            .iter()
            .flat_map(|(name, field)| std::iter::once(name.clone()).chain(synonyms(field)))
            .collect();
        for (name, field) in shared.as_object().into_iter().flatten() {
            if taken.contains(name) {
                continue;
            }
            let mut field = field.clone();
            if let Some(names) = field["x-synonyms"].as_array_mut() {
                names.retain(|name| !taken.iter().any(|taken| name == taken));
            }
            own.insert(name.clone(), field);
        }
        schema
    }
}

fn synonyms(field: &Json) -> Vec<String> {
    let names = field["x-synonyms"].as_array().into_iter().flatten();
    names
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect()
}

/// The parameters that all HTTP tools take.
#[derive(Clone, Default, serde::Deserialize, JsonSchema)]
pub(crate) struct HttpOptions {
    /// Headers of the request: texts, numbers, or lists of them for headers that repeat.
    #[schemars(with = "Option<BTreeMap<String, Value>>", extend("default" = {}))]
    headers: Option<Map>,
    /// Credentials: `{type="basic", username, password}`, `{type="bearer", token}`, `{type="api_key", key, header_name}`
    /// or with `query_name`, `{type="custom", headers}`, `{type="none"}`.
    #[schemars(with = "Option<BTreeMap<String, Value>>")]
    auth: Option<Map>,
    /// Added to the query of the URL, encoded as needed; a list repeats its name.
    #[schemars(with = "Option<BTreeMap<String, Value>>", extend("x-synonyms" = ["params"]))]
    query: Option<Map>,
    /// Whether redirects are followed; else the redirect itself is the answer.
    #[schemars(extend("default" = true))]
    follow_redirects: Option<bool>,
    /// Most redirects that are followed.
    #[schemars(range(min = 0, max = 20), extend("default" = 5))]
    max_redirects: Option<i64>,
    /// When the request is sent again, or false for never. By default three attempts, where sending twice does no harm.
    #[schemars(with = "Option<retry::Choice>")]
    retry: Option<Value>,
    /// The header `User-Agent`; default: `llmspell/VERSION`.
    user_agent: Option<String>,
    /// Most bytes of the answer's body that are read; the rest is lost. Default and upper bound:
    /// `security.network.max_response_bytes`.
    #[schemars(range(min = 1))]
    max_bytes: Option<i64>,
}

impl HttpOptions {
    /// The names of the parameters.
    pub(crate) const NAMES: &[&str] = &[
        "headers",
        "auth",
        "query",
        "follow_redirects",
        "max_redirects",
        "retry",
        "user_agent",
        "max_bytes",
    ];

    /// Makes the request that these parameters describe. It ends with the call, or after `limit` if nothing bounds it.
    ///
    /// - Errors: `InvalidArgs` for what is no URL, header or credential.
    pub(crate) fn request(
        &self,
        cx: &Cx,
        method: &str,
        url: &str,
        limit: Duration,
    ) -> Result<HttpRequest> {
        let credential = self.credential()?;
        let mut url = parse(url)?;
        if let Some(query) = &self.query {
            extend(&mut url, query)?;
        }
        if let Credential::Query { name, key } = &credential {
            cx.host().secrets.add(name, key);
            url.query_pairs_mut().append_pair(name, key);
        }
        let mut request = HttpRequest::new(method, url).timeout(time_left(cx, limit));
        request.headers = self.headers(cx, &credential)?;
        if let Credential::Headers(own) = credential {
            request.secret_headers = own.into_iter().map(|(name, _)| name).collect();
        }
        let redirects = within("max_redirects", self.max_redirects.unwrap_or(5), 0..=20)?;
        request.redirects = match (self.follow_redirects, self.max_redirects) {
            (Some(false), _) => Some(0),
            // As the policy says.
            (_, None) => None,
            _ => u32::try_from(redirects).ok(),
        };
        if let Some(most) = self.max_bytes {
            request.max_bytes = Some(within("max_bytes", most, 1..=i64::MAX)? as u64);
        }
        request.retry = retry::rule(self.retry.as_ref())?;
        let keyed = request.headers.iter().any(|(name, _)| is_key(name));
        request.repeatable = keyed || self.retry.is_some();
        Ok(request)
    }

    /// Sends a request that [`request`](Self::request) made, and reads the answer, as far as is allowed.
    pub(crate) async fn answer(&self, cx: &Cx, request: HttpRequest) -> Result<Answer> {
        let clock = &cx.host().clock;
        let began = clock.monotonic();
        let response = cx.host().network.send(request.whole()).await?;
        let mut answer = Answer::read(response).await?;
        let took = clock.monotonic().saturating_sub(began);
        answer.took = answer.took.max(took);
        self.settle(&mut answer)?;
        Ok(answer)
    }

    /// Returns a URL that [`request`](Self::request) made as it may be shown.
    pub(crate) fn shown(&self, url: &str) -> Result<String> {
        Ok(match self.credential()? {
            Credential::Query { name, .. } => hidden(url, &name),
            _ => url.to_owned(),
        })
    }

    /// Hides a key that was part of the URL from what is shown of an answer.
    pub(crate) fn settle(&self, answer: &mut Answer) -> Result<()> {
        if let Credential::Query { name, .. } = self.credential()? {
            answer.hide(&name);
        }
        Ok(())
    }

    /// Returns whether the call gives a header of this name, however its name is written.
    pub(crate) fn has_header(&self, name: &str) -> bool {
        let mut given = self.headers.iter().flatten();
        given.any(|(known, _)| known.eq_ignore_ascii_case(name))
    }

    /// Returns the names of the headers that the call gives, those of its credentials included.
    pub(crate) fn header_names(&self) -> Result<Vec<String>> {
        let mut names: Vec<String> = self
            .headers
            .iter()
            .flatten()
            .map(|(name, _)| name.to_string())
            .collect();
        if let Credential::Headers(own) = self.credential()? {
            names.extend(own.into_iter().map(|(name, _)| name));
        }
        Ok(names)
    }

    /// Returns whether the call says how often the request may be sent.
    pub(crate) fn has_retry(&self) -> bool {
        self.retry.is_some()
    }

    /// Uses these parameters where the other ones, those of a single request in a list, say nothing.
    pub(crate) fn or(self, other: Self) -> Self {
        let headers = match (self.headers, other.headers) {
            (Some(mut own), Some(others)) => {
                for (name, value) in others {
                    let known = own.keys().any(|own| own.eq_ignore_ascii_case(&name));
                    if !known {
                        own.insert(name, value);
                    }
                }
                Some(own)
            }
            (own, others) => own.or(others),
        };
        Self {
            headers,
            auth: self.auth.or(other.auth),
            query: self.query.or(other.query),
            follow_redirects: self.follow_redirects.or(other.follow_redirects),
            max_redirects: self.max_redirects.or(other.max_redirects),
            retry: self.retry.or(other.retry),
            user_agent: self.user_agent.or(other.user_agent),
            max_bytes: self.max_bytes.or(other.max_bytes),
        }
    }

    fn credential(&self) -> Result<Credential> {
        match &self.auth {
            Some(auth) => Credential::read(auth),
            None => Ok(Credential::None),
        }
    }

    fn headers(&self, cx: &Cx, credential: &Credential) -> Result<Vec<(String, String)>> {
        let mut headers = Vec::new();
        for (name, value) in self.headers.iter().flatten() {
            for text in texts("headers", name, value)? {
                headers.push((name.to_string(), text));
            }
        }
        let has = |headers: &[(String, String)], name: &str| {
            headers
                .iter()
                .any(|(known, _)| known.eq_ignore_ascii_case(name))
        };
        if let Some(agent) = &self.user_agent
            && !has(&headers, "user-agent")
        {
            headers.push(("user-agent".to_owned(), agent.clone()));
        }
        if let Credential::Headers(own) = credential {
            headers.retain(|(name, _)| !has(own, name));
            for (name, value) in own {
                // The secret in the form in which it is sent.
                cx.host().secrets.add(name, value);
                headers.push((name.clone(), value.clone()));
            }
        }
        Ok(headers)
    }
}

/// Returns what a request of this method does to the world.
pub(crate) fn effect_of(method: &str) -> Effect {
    match method.to_uppercase().as_str() {
        "GET" | "HEAD" | "OPTIONS" => Effect::Read,
        "PUT" | "DELETE" => Effect::Idempotent,
        _ => Effect::Once,
    }
}

fn is_key(name: &str) -> bool {
    name.eq_ignore_ascii_case("idempotency-key")
}

/// Reads a URL.
///
/// - Errors: `InvalidArgs` that does not repeat the URL: it may hold a password.
pub(crate) fn parse(url: &str) -> Result<Url> {
    Url::parse(url.trim()).map_err(|cause| {
        let error = Error::new(Kind::InvalidArgs, format!("URL validation failed: {cause}"));
        let error = error.with("parameter", "input");
        match cause {
            url::ParseError::RelativeUrlWithoutBase => {
                error.hint("write the whole URL: https://host/path")
            }
            _ => error,
        }
    })
}

/// Returns how long a request of this call may take, or `limit` if nothing bounds the call.
///
/// It ends a little before the call does, so that its error says where the time went.
pub(crate) fn time_left(cx: &Cx, limit: Duration) -> Duration {
    let left = cx
        .deadline()
        .map(|deadline| deadline.saturating_sub(cx.host().clock.monotonic()));
    match left {
        Some(left) => left - (left / 10).min(Duration::from_millis(50)),
        None => limit,
    }
}

/// Adds members to a URL's query.
///
/// - Errors: `InvalidArgs` for a value that is no scalar or list of scalars.
pub(crate) fn extend(url: &mut Url, members: &Map) -> Result<()> {
    let pairs = scalars("query", members)?;
    if !pairs.is_empty() {
        url.query_pairs_mut().extend_pairs(pairs);
    }
    Ok(())
}

/// Returns the pairs of a query or form; a list repeats its name, null is left out.
pub(crate) fn scalars<'a>(
    parameter: &'static str,
    members: &'a Map,
) -> Result<Vec<(&'a str, String)>> {
    let mut pairs = Vec::new();
    for (name, value) in members {
        let values = match value {
            Value::List(items) => items.as_slice(),
            Value::Null => &[],
            single => std::slice::from_ref(single),
        };
        for value in values {
            let text = match value {
                Value::Bool(truth) => truth.to_string(),
                value => text(value).ok_or_else(|| wrong(parameter, name, value))?,
            };
            pairs.push((name.as_str(), text));
        }
    }
    Ok(pairs)
}

/// Returns the texts that a header's value stands for.
pub(crate) fn texts(parameter: &'static str, name: &str, value: &Value) -> Result<Vec<String>> {
    let one = |value: &Value| text(value).ok_or_else(|| wrong(parameter, name, value));
    match value {
        Value::List(items) => items.iter().map(one).collect(),
        single => Ok(vec![one(single)?]),
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Str(text) => Some(text.clone()),
        Value::Int(number) => Some(number.to_string()),
        value @ Value::Float(_) => Some(match value.as_int() {
            Some(whole) => whole.to_string(),
            None => value.to_string(),
        }),
        _ => None,
    }
}

fn wrong(parameter: &'static str, name: &str, value: &Value) -> Error {
    let got = value.type_name();
    let message = format!(
        "parameter '{parameter}.{name}' must be string, number or a list of them, got {got}"
    );
    mistyped(parameter, message, "string, number or list", value)
}

/// Returns the error for a member of an object that is not known.
fn unknown(parameter: &'static str, name: &str, known: &[&str]) -> Error {
    unknown_parameter(Some(parameter), name, known, &[]).misshapen()
}

#[cfg(test)]
mod tests;
