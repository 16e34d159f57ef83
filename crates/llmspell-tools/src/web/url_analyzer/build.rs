//! URLs put together.

use llmspell_core::{Error, Kind, Map, Result, Value, error};
use url::Url;

use super::normal;
use crate::param::refused;

const PARTS: &[&str] = &["scheme", "host", "port", "path", "query", "fragment"];

/// Builds a URL from parts, over those of `start` if there is one.
///
/// - Errors: `InvalidArgs` naming the part that does not fit.
pub(super) fn build(start: Option<Url>, parts: &Map) -> Result<Url> {
    if let Some(unknown) = parts.keys().find(|name| !PARTS.contains(&name.as_str())) {
        let message = format!(
            "unknown part '{unknown}', expected one of: {}",
            PARTS.join(", ")
        );
        return Err(refused("parts", message));
    }
    let part = |name: &str| parts.get(name).filter(|value| !value.is_null());
    let mut url = match start {
        Some(url) => with_host(url, part("scheme"), part("host"))?,
        None => {
            let host = part("host").ok_or_else(|| unfit("host", "is missing"))?;
            let scheme = part("scheme").map_or(Ok("https".to_owned()), scheme)?;
            let host = text("host", host)?;
            let host = match host.contains(':') && !host.starts_with('[') {
                true => format!("[{host}]"),
                false => host,
            };
            // A host with a slash or an @ would smuggle in other parts.
            if host.contains(['/', '\\', '?', '#', '@']) {
                return Err(unfit("host", "is not a host name"));
            }
            Url::parse(&format!("{scheme}://{host}")).map_err(|cause| invalid("host", &cause))?
        }
    };
    if let Some(port) = part("port") {
        let number = match port {
            Value::Str(digits) => digits.trim().parse().ok(),
            other => other.as_int(),
        };
        let port = number.and_then(|port| u16::try_from(port).ok());
        let port = port.ok_or_else(|| unfit("port", "must be between 0 and 65535"))?;
        url.set_port(Some(port))
            .map_err(|()| unfit("port", "fits no such URL"))?;
    }
    if let Some(path) = part("path") {
        match path {
            Value::List(segments) => set_segments(&mut url, segments)?,
            path => url.set_path(&text("path", path)?),
        }
    }
    if let Some(query) = part("query") {
        set_query(&mut url, query)?;
    }
    if let Some(fragment) = part("fragment") {
        let fragment = text("fragment", fragment)?;
        url.set_fragment(Some(without(&fragment, '#')));
    }
    Ok(normal::normalized(&url))
}

fn with_host(mut url: Url, scheme: Option<&Value>, host: Option<&Value>) -> Result<Url> {
    if let Some(scheme) = scheme {
        let scheme = self::scheme(scheme)?;
        url.set_scheme(&scheme)
            .map_err(|()| unfit("scheme", "fits no such URL"))?;
    }
    if let Some(host) = host {
        let host = text("host", host)?;
        url.set_host(Some(&host))
            .map_err(|cause| invalid("host", &cause))?;
    }
    Ok(url)
}

fn set_segments(url: &mut Url, segments: &[Value]) -> Result<()> {
    let segments = segments
        .iter()
        .map(|segment| text("path", segment))
        .collect::<Result<Vec<_>>>()?;
    let mut path = url
        .path_segments_mut()
        .map_err(|()| unfit("path", "fits no such URL"))?;
    path.clear().extend(segments);
    Ok(())
}

fn set_query(url: &mut Url, query: &Value) -> Result<()> {
    let Value::Map(members) = query else {
        let query = text("query", query)?;
        url.set_query(Some(without(&query, '?')).filter(|query| !query.is_empty()));
        return Ok(());
    };
    url.set_query(None);
    for (name, value) in members {
        let values = match value {
            Value::List(values) => values.as_slice(),
            one => std::slice::from_ref(one),
        };
        for value in values {
            url.query_pairs_mut()
                .append_pair(name, &text("query", value)?);
        }
    }
    Ok(())
}

/// Returns a part without the sign that stands before it in a URL, if it was written with it.
fn without(part: &str, sign: char) -> &str {
    part.strip_prefix(sign).unwrap_or(part)
}

/// Reads a scheme; anything else in it would smuggle in other parts.
fn scheme(value: &Value) -> Result<String> {
    let scheme = text("scheme", value)?;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    match scheme.starts_with(|first: char| first.is_ascii_alphabetic()) && scheme.bytes().all(fits)
    {
        true => Ok(scheme),
        false => Err(unfit("scheme", "is not a scheme, as 'https' is one")),
    }
}

fn text(part: &str, value: &Value) -> Result<String> {
    match value {
        Value::Str(text) => Ok(text.clone()),
        Value::Int(_) | Value::Float(_) | Value::Bool(_) => Ok(value.to_string()),
        other => Err(unfit(
            part,
            &format!("must be text, got {}", other.type_name()),
        )),
    }
}

fn unfit(part: &str, why: &str) -> Error {
    Error::new(Kind::InvalidArgs, format!("parts.{part} {why}"))
        .with("parameter", format!("parts.{part}"))
}

fn invalid(part: &str, cause: &url::ParseError) -> Error {
    error!(InvalidArgs, "parts.{part} is not valid: {cause}")
        .with("parameter", format!("parts.{part}"))
}
