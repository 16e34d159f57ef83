//! Amazon SES.
//!
//! - Source: the Amazon SES API v2, `SendEmail` and `GetAccount`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lettre::message::Mailbox;
use llmspell_core::host::HttpRequest;
use llmspell_core::{Cx, Result, Value};
use serde_json::{Value as Json, json};

use super::letter::Letter;
use super::{Sent, Verified, service, sigv4};

/// An account at SES.
pub(super) struct Service {
    pub(super) access_key_id: String,
    pub(super) secret_access_key: String,
    pub(super) session_token: Option<String>,
    pub(super) region: String,
    pub(super) base_url: Option<String>,
}

impl Service {
    fn request(&self, cx: &Cx, method: &str, path: &str, body: Option<String>) -> HttpRequest {
        let home = format!("https://email.{}.amazonaws.com", self.region);
        let base = service::base(self.base_url.as_deref().unwrap_or(&home)).to_owned();
        let mut request = HttpRequest::new(method, format!("{base}{path}"));
        if let Some(body) = &body {
            request = request.body("application/json", body.as_str());
        }
        let signed = sigv4::Signed {
            access_key_id: &self.access_key_id,
            secret_access_key: &self.secret_access_key,
            session_token: self.session_token.as_deref(),
            region: &self.region,
            service: "ses",
            now: cx.host().clock.now(),
        };
        let body = body.unwrap_or_default();
        for (name, value) in signed.headers(method, &base, path, &[], body.as_bytes()) {
            request = request.header(name, value);
        }
        match &self.base_url {
            Some(configured) => request.configured(configured.as_str()),
            None => request,
        }
    }

    pub(super) async fn send(&self, cx: &Cx, letter: &Letter, raw: &[u8]) -> Result<Sent> {
        let addresses = |list: &[Mailbox]| -> Vec<String> {
            list.iter().map(|one| one.email.to_string()).collect()
        };
        let tags: Vec<Json> = letter
            .tags
            .iter()
            .map(|tag| json!({"Name": tag_name(tag), "Value": "1"}))
            .collect();
        let mut body = json!({
            "FromEmailAddress": letter.from.email.to_string(),
            "Destination": {
                "ToAddresses": addresses(&letter.to),
                "CcAddresses": addresses(&letter.cc),
                "BccAddresses": addresses(&letter.bcc),
            },
            "Content": {"Raw": {"Data": STANDARD.encode(raw)}},
        });
        if let (false, Some(body)) = (tags.is_empty(), body.as_object_mut()) {
            body.insert("EmailTags".to_owned(), tags.into());
        }
        let path = "/v2/email/outbound-emails";
        let request = self.request(cx, "POST", path, Some(body.to_string()));
        let (_, answer) = service::ask(cx, "SES", request).await?;
        let id = answer.get("MessageId").and_then(Value::as_str);
        Ok(Sent {
            status: "queued",
            message_id: id.unwrap_or(&letter.message_id).to_owned(),
            accepted: letter.recipients(),
            rejected: Vec::new(),
            message: "SES has taken the message".to_owned(),
        })
    }

    pub(super) async fn verify(&self, cx: &Cx) -> Result<Verified> {
        let request = self.request(cx, "GET", "/v2/email/account", None);
        service::ask(cx, "SES", request).await?;
        Ok(Verified {
            available: true,
            auth_ok: Some(true),
            tls: None,
            fault: None,
        })
    }
}

/// Returns a tag in the letters that the service knows.
fn tag_name(tag: &str) -> String {
    let known = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
    let letters = tag.chars().take(256);
    letters
        .map(|letter| if known(letter) { letter } else { '_' })
        .collect()
}
