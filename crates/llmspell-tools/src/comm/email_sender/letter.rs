//! The message itself.

use std::time::{Duration, SystemTime};

use lettre::address::Envelope;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment as Part, Body, Mailbox, Message, MultiPart, SinglePart};
use llmspell_core::{Cx, Error, Kind, Map, Result, Value};

use super::attachment::Attachment;
use crate::param::refused;

/// Most bytes of all further headers.
const MAX_HEADERS: usize = 16 << 10;

/// A message.
pub(super) struct Letter {
    pub(super) from: Mailbox,
    pub(super) to: Vec<Mailbox>,
    pub(super) cc: Vec<Mailbox>,
    pub(super) bcc: Vec<Mailbox>,
    pub(super) reply_to: Vec<Mailbox>,
    pub(super) subject: String,
    pub(super) text: Option<String>,
    pub(super) html: Option<String>,
    pub(super) attachments: Vec<Attachment>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) tags: Vec<String>,
    /// With its angle brackets.
    pub(super) message_id: String,
    /// Microseconds since 1970.
    pub(super) date: i64,
}

impl Letter {
    /// Returns the addresses of all who get it, each once.
    pub(super) fn recipients(&self) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for one in self.to.iter().chain(&self.cc).chain(&self.bcc) {
            let address = one.email.to_string();
            if !all.contains(&address) {
                all.push(address);
            }
        }
        all
    }

    /// Returns the message as RFC 5322 has it, without those who get it unseen.
    pub(super) fn raw(&self, cx: &Cx) -> Result<Vec<u8>> {
        let since = Duration::from_micros(u64::try_from(self.date).unwrap_or_default());
        let mut builder = Message::builder()
            .date(SystemTime::UNIX_EPOCH + since)
            .message_id(Some(self.message_id.clone()))
            .from(self.from.clone())
            .subject(self.subject.clone());
        for one in &self.to {
            builder = builder.to(one.clone());
        }
        for one in &self.cc {
            builder = builder.cc(one.clone());
        }
        for one in &self.reply_to {
            builder = builder.reply_to(one.clone());
        }
        for (name, value) in &self.headers {
            let name = HeaderName::new_from_ascii(name.clone()).map_err(|_| odd_header(name))?;
            builder = builder.raw_header(HeaderValue::new(name, value.clone()));
        }
        if !self.tags.is_empty() {
            let name = HeaderName::new_from_ascii_str("Keywords");
            builder = builder.raw_header(HeaderValue::new(name, self.tags.join(", ")));
        }
        // Who really gets it is said beside the message; the builder only insists on somebody.
        let envelope = Envelope::new(None, vec![self.from.email.clone()]).map_err(unwritten)?;
        let builder = builder.envelope(envelope);
        let message = match self.content(cx)? {
            Content::Single(part) => builder.singlepart(part),
            Content::Multi(parts) => builder.multipart(parts),
        };
        Ok(message.map_err(unwritten)?.formatted())
    }

    fn content(&self, cx: &Cx) -> Result<Content> {
        let boundary = || boundary(cx);
        let (inline, attached): (Vec<_>, Vec<_>) = self
            .attachments
            .iter()
            .partition(|one| one.inline_id.is_some() && self.html.is_some());
        let html = self
            .html
            .as_ref()
            .map(|html| Content::Single(written(html, ContentType::TEXT_HTML)));
        let html = match (html, inline.is_empty()) {
            (Some(html), false) => {
                let related = MultiPart::related().boundary(boundary());
                let mut related = html.within(related);
                for one in inline {
                    related = related.singlepart(part(one)?);
                }
                Some(Content::Multi(related))
            }
            (html, _) => html,
        };
        let text = self
            .text
            .as_ref()
            .map(|text| written(text, ContentType::TEXT_PLAIN));
        let body = match (text, html) {
            (Some(text), Some(html)) => {
                let both = MultiPart::alternative().boundary(boundary());
                Content::Multi(html.beside(both.singlepart(text)))
            }
            (Some(text), None) => Content::Single(text),
            (None, Some(html)) => html,
            (None, None) => Content::Single(SinglePart::plain(String::new())),
        };
        if attached.is_empty() {
            return Ok(body);
        }
        let mut mixed = body.within(MultiPart::mixed().boundary(boundary()));
        for one in attached {
            mixed = mixed.singlepart(part(one)?);
        }
        Ok(Content::Multi(mixed))
    }
}

enum Content {
    Single(SinglePart),
    Multi(MultiPart),
}

impl Content {
    /// Returns the parts that begin with this one.
    fn within(self, parts: lettre::message::MultiPartBuilder) -> MultiPart {
        match self {
            Self::Single(part) => parts.singlepart(part),
            Self::Multi(part) => parts.multipart(part),
        }
    }

    /// Returns the parts with this one at the end.
    fn beside(self, parts: MultiPart) -> MultiPart {
        match self {
            Self::Single(part) => parts.singlepart(part),
            Self::Multi(part) => parts.multipart(part),
        }
    }
}

/// Writes a text: every kind of line end as CRLF, and in quoted-printable if it has characters that must not stand in a
/// message as they are (RFC 5322, section 2.3).
fn written(text: &str, content_type: ContentType) -> SinglePart {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let part = SinglePart::builder().header(content_type);
    let is_odd = |letter: char| letter.is_ascii_control() && !matches!(letter, '\n' | '\t');
    match text.contains(is_odd) {
        true => part
            .header(ContentTransferEncoding::QuotedPrintable)
            .body(text),
        false => part.body(text),
    }
}

fn part(one: &Attachment) -> Result<SinglePart> {
    let content_type = ContentType::parse(&one.content_type).map_err(|_| {
        refused(
            "attachments",
            format!("'{}' is no content type", one.content_type),
        )
    })?;
    let part = match &one.inline_id {
        Some(id) => Part::new_inline_with_name(id.clone(), one.filename.clone()),
        None => Part::new(one.filename.clone()),
    };
    let bytes = one.bytes.clone();
    let body = match survives(&bytes) {
        true => Body::new(bytes),
        false => Body::new_with_encoding(bytes, ContentTransferEncoding::Base64)
            .unwrap_or_else(Body::new),
    };
    Ok(part.body(body, content_type))
}

/// Returns whether bytes arrive as they are if they are sent as text: no line end but CRLF, no other control characters.
fn survives(bytes: &[u8]) -> bool {
    let mut before = 0;
    bytes.iter().chain(&[0x20]).all(|&byte| {
        let last = std::mem::replace(&mut before, byte);
        (last == b'\r') == (byte == b'\n')
            && (!byte.is_ascii_control() || matches!(byte, b'\t' | b'\r' | b'\n'))
    })
}

fn boundary(cx: &Cx) -> String {
    format!("=_{}", unique(cx))
}

/// Returns the name of a message, fixed before it is sent, so that one that arrives twice is known as one.
pub(super) fn message_id(cx: &Cx, from: &Mailbox) -> String {
    format!("<{}@{}>", unique(cx), from.email.domain())
}

fn unique(cx: &Cx) -> String {
    let mut bytes = [0; 16];
    cx.host().random.fill(&mut bytes);
    data_encoding::HEXLOWER.encode(&bytes)
}

/// Reads the further headers.
///
/// - Errors: `InvalidArgs` for a header that is not the sender's to set, and for line breaks in one.
pub(super) fn headers(given: Option<&Map>, priority: &str) -> Result<Vec<(String, String)>> {
    let mut headers = Vec::new();
    let mut size = 0;
    for (name, value) in given.into_iter().flatten() {
        let lower = name.to_ascii_lowercase();
        let known = lower.starts_with("x-")
            || lower.starts_with("list-")
            || matches!(&*lower, "in-reply-to" | "references");
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if !known || !name.bytes().all(fits) || name.len() > 76 {
            return Err(odd_header(name));
        }
        let value = match value {
            Value::Str(text) => text.clone(),
            Value::Int(_) | Value::Float(_) | Value::Bool(_) => value.to_string(),
            other => {
                let message = format!(
                    "parameter 'headers': '{name}' must be text, got {}",
                    other.type_name()
                );
                return Err(refused("headers", message).misshapen());
            }
        };
        if value.contains(char::is_control) {
            let message = format!(
                "parameter 'headers': '{name}' must be one line without control characters"
            );
            return Err(refused("headers", message));
        }
        size += name.len() + value.len();
        headers.push((name.to_string(), value));
    }
    crate::param::fits("headers", size, MAX_HEADERS)?;
    let urgency = match priority {
        "high" => Some(("1 (Highest)", "high")),
        "low" => Some(("5 (Lowest)", "low")),
        _ => None,
    };
    if let Some((number, word)) = urgency {
        headers.push(("X-Priority".to_owned(), number.to_owned()));
        headers.push(("Importance".to_owned(), word.to_owned()));
    }
    Ok(headers)
}

fn odd_header(name: &str) -> Error {
    let shown: String = name.chars().filter(|letter| !letter.is_control()).collect();
    refused("headers", format!("the header '{shown}' cannot be set"))
        .hint("X-*, List-*, In-Reply-To and References can")
}

fn unwritten(cause: lettre::error::Error) -> Error {
    Error::new(
        Kind::InvalidArgs,
        format!("the message cannot be written: {cause}"),
    )
}
