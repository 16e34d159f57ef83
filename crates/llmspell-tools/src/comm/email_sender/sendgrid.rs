//! SendGrid.
//!
//! - Source: SendGrid's Web API v3, "Mail Send".

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lettre::message::Mailbox;
use llmspell_core::host::HttpRequest;
use llmspell_core::{Cx, Result, bail};
use serde_json::{Map, Value as Json, json};

use super::letter::Letter;
use super::{Sent, Verified, service};

const HOME: &str = "https://api.sendgrid.com";

/// An account at SendGrid.
pub(super) struct Service {
    pub(super) api_key: String,
    pub(super) base_url: Option<String>,
}

/// Checks what the service cannot send.
pub(super) fn check(letter: &Letter) -> Result<()> {
    if letter.to.is_empty() {
        bail!(
            InvalidArgs,
            "sendgrid sends only messages with a recipient in 'to'"
        );
    }
    Ok(())
}

impl Service {
    fn request(&self, method: &str, path: &str) -> HttpRequest {
        let base = service::base(self.base_url.as_deref().unwrap_or(HOME));
        let request = HttpRequest::new(method, format!("{base}{path}"))
            .header("authorization", format!("Bearer {}", self.api_key));
        match &self.base_url {
            Some(configured) => request.configured(configured.as_str()),
            None => request,
        }
    }

    pub(super) async fn send(&self, cx: &Cx, letter: &Letter) -> Result<Sent> {
        let body = written(letter).to_string();
        let request = self.request("POST", "/v3/mail/send");
        let request = request.body("application/json", body);
        let (response, _) = service::ask(cx, "SendGrid", request).await?;
        let id = response.header("x-message-id").filter(|id| !id.is_empty());
        let id = id.unwrap_or(&letter.message_id);
        Ok(Sent {
            status: "queued",
            message_id: id.to_owned(),
            accepted: letter.recipients(),
            rejected: Vec::new(),
            message: "SendGrid has taken the message".to_owned(),
        })
    }

    pub(super) async fn verify(&self, cx: &Cx) -> Result<Verified> {
        service::ask(cx, "SendGrid", self.request("GET", "/v3/scopes")).await?;
        Ok(Verified {
            available: true,
            auth_ok: Some(true),
            tls: None,
            fault: None,
        })
    }
}

fn written(letter: &Letter) -> Json {
    let mut people = Map::new();
    // The service refuses an address that is named twice.
    let mut known = Vec::new();
    for (name, list) in [("to", &letter.to), ("cc", &letter.cc), ("bcc", &letter.bcc)] {
        let mut new: Vec<Json> = Vec::new();
        for one in list {
            let address = one.email.to_string().to_lowercase();
            if !known.contains(&address) {
                known.push(address);
                new.push(person(one));
            }
        }
        if !new.is_empty() {
            people.insert(name.to_owned(), new.into());
        }
    }
    let bodies = [("text/plain", &letter.text), ("text/html", &letter.html)];
    let content: Vec<Json> = bodies
        .into_iter()
        .filter_map(|(kind, body)| Some(json!({"type": kind, "value": body.as_ref()?})))
        .collect();
    let mut body = json!({
        "personalizations": [people],
        "from": person(&letter.from),
        "subject": letter.subject,
        "content": content,
    });
    let mut put = |name: &str, value: Json| {
        let is_empty = value.as_array().is_some_and(Vec::is_empty)
            || value.as_object().is_some_and(Map::is_empty);
        if !is_empty && let Some(body) = body.as_object_mut() {
            body.insert(name.to_owned(), value);
        }
    };
    put(
        "reply_to_list",
        letter.reply_to.iter().map(person).collect(),
    );
    let own = ("Message-ID".to_owned(), letter.message_id.clone());
    let headers = letter.headers.iter().chain([&own]);
    put(
        "headers",
        headers
            .map(|(name, value)| (name.clone(), Json::from(value.as_str())))
            .collect(),
    );
    put("categories", letter.tags.clone().into());
    let attachments = letter.attachments.iter().map(|one| {
        let mut file = json!({
            "content": STANDARD.encode(&one.bytes),
            "type": one.content_type,
            "filename": one.filename,
            "disposition": if one.inline_id.is_some() { "inline" } else { "attachment" },
        });
        if let (Some(id), Some(file)) = (&one.inline_id, file.as_object_mut()) {
            file.insert("content_id".to_owned(), id.as_str().into());
        }
        file
    });
    put("attachments", attachments.collect());
    body
}

fn person(one: &Mailbox) -> Json {
    match &one.name {
        Some(name) => json!({"email": one.email.to_string(), "name": name}),
        None => json!({"email": one.email.to_string()}),
    }
}
