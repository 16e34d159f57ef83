//! Addresses of people.

use hickory_proto::rr::Name;
use lettre::Address;
use lettre::message::Mailbox;
use llmspell_core::{Result, Value};

use crate::param::{mistyped, refused};

/// Longest name of a person, in bytes.
const MAX_NAME: usize = 200;

/// Reads `a@x.org` and `Name <a@x.org>`, in a text with commas or in a list.
///
/// - Errors: `InvalidArgs` naming what is no address.
pub(super) fn list(parameter: &'static str, given: &Value) -> Result<Vec<Mailbox>> {
    let texts: Vec<&str> = match given {
        Value::List(items) => items
            .iter()
            .map(|item| {
                let message = format!("parameter '{parameter}' must list addresses");
                item.as_str()
                    .ok_or_else(|| mistyped(parameter, message, "string", item))
            })
            .collect::<Result<_>>()?,
        other => other.as_str().into_iter().collect(),
    };
    let each = texts.into_iter().flat_map(divide);
    each.map(|text| read(parameter, text)).collect()
}

/// Divides at commas that stand neither in quotes nor in angle brackets.
fn divide(text: &str) -> Vec<&str> {
    let (mut parts, mut begin) = (Vec::new(), 0);
    let (mut quoted, mut angled, mut escaped) = (false, false, false);
    for (at, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '<' if !quoted => angled = true,
            '>' if !quoted => angled = false,
            ',' if !quoted && !angled => {
                parts.push(&text[begin..at]);
                begin = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[begin..]);
    parts.retain(|part| !part.trim().is_empty());
    parts
}

fn read(parameter: &'static str, text: &str) -> Result<Mailbox> {
    let unfit = |why: &str| {
        // What is refused for its control characters is not shown with them.
        let shown: String = text
            .trim()
            .chars()
            .filter(|letter| !letter.is_control())
            .collect();
        refused(
            parameter,
            format!("parameter '{parameter}': '{shown}' is no address{why}"),
        )
        .hint("write a@example.org or Name <a@example.org>")
    };
    if text.contains(char::is_control) {
        return Err(unfit(": it has a line break or another control character"));
    }
    let text = text.trim();
    let (name, address) = match text
        .strip_suffix('>')
        .and_then(|text| text.rsplit_once('<'))
    {
        Some((name, address)) => (unquoted(name.trim()), address.trim()),
        None => (None, text),
    };
    if name.as_ref().is_some_and(|name| name.len() > MAX_NAME) {
        return Err(unfit(": its name is too long"));
    }
    let (user, domain) = address.rsplit_once('@').ok_or_else(|| unfit(""))?;
    // SMTP knows names in ASCII only.
    let domain = match domain.is_ascii() {
        true => domain.to_owned(),
        false => {
            let name = Name::from_utf8(domain).map_err(|_| unfit(": its domain is no name"))?;
            name.to_ascii().trim_end_matches('.').to_owned()
        }
    };
    let address = Address::new(user, domain).map_err(|_| unfit(""))?;
    Ok(Mailbox::new(name, address))
}

/// Returns a name without its quotes.
fn unquoted(name: &str) -> Option<String> {
    let inner = name
        .strip_prefix('"')
        .and_then(|name| name.strip_suffix('"'));
    let name = match inner {
        None => name.to_owned(),
        Some(inner) => {
            let mut plain = String::with_capacity(inner.len());
            let mut letters = inner.chars();
            while let Some(letter) = letters.next() {
                plain.extend(match letter {
                    '\\' => letters.next(),
                    letter => Some(letter),
                });
            }
            plain
        }
    };
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(given: serde_json::Value) -> Result<Vec<(Option<String>, String)>> {
        let found = list("to", &given.into())?.into_iter();
        Ok(found.map(|one| (one.name, one.email.to_string())).collect())
    }

    #[test]
    fn every_form() {
        let named = |name: &str, address: &str| (Some(name.to_owned()), address.to_owned());
        let plain = |address: &str| (None, address.to_owned());
        for (given, expected) in [
            (json!("a@x.org"), vec![plain("a@x.org")]),
            (json!("Ada <a@x.org>"), vec![named("Ada", "a@x.org")]),
            (json!("<a@x.org>"), vec![plain("a@x.org")]),
            (
                json!("\"King, Ada\" <a@x.org>, b@y.org ,"),
                vec![named("King, Ada", "a@x.org"), plain("b@y.org")],
            ),
            (
                json!(["Zoë <z@x.org>", "a@x.org,b@x.org"]),
                vec![named("Zoë", "z@x.org"), plain("a@x.org"), plain("b@x.org")],
            ),
            (
                json!("a@bücher.example"),
                vec![plain("a@xn--bcher-kva.example")],
            ),
            (
                json!("\"a \\\"b\\\"\" <a@x.org>"),
                vec![named("a \"b\"", "a@x.org")],
            ),
            (json!([]), vec![]),
        ] {
            assert_eq!(read(given.clone()).unwrap(), expected, "{given}");
        }
    }

    #[test]
    fn header_injection_in_addresses_is_refused() {
        for text in [
            "a@x.org\r\nBcc: b@y.org",
            "a@x.org\nb@y.org",
            "Ada\r\nX: 1 <a@x.org>",
            "a@x.org\0",
            "a@x.org> RCPT TO:<b@y.org",
            "a@x.org b@y.org",
            "a",
            "@x.org",
            "a@",
            "a@x y.org",
            "a@-x-.org>",
        ] {
            let error = read(json!(text)).unwrap_err();
            assert!(error.message().contains("is no address"), "{text}");
            assert!(!error.message().contains(char::is_control));
        }
        assert!(read(json!([5])).is_err());
    }
}
