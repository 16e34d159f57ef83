//! SendGrid and SES, with a server that checks what they would check.

use std::sync::{Arc, Mutex};

use hmac::{KeyInit as _, Mac as _, SimpleHmac};
use llmspell_core::Kind;
use llmspell_runtime::host::NetworkRules;
use llmspell_runtime::journal::Redact;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::tests::letter;
use super::*;
use crate::test_world::{NOW, Place, call_on};

/// A request as it came in.
#[derive(Clone, Debug, Default)]
struct Heard {
    line: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Heard {
    fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

struct Site {
    url: String,
    heard: Arc<Mutex<Vec<Heard>>>,
}

/// Answers every request so.
async fn site(status: &'static str, headers: &'static str, body: &'static str) -> Site {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let site = Site {
        url: format!("http://{}", listener.local_addr().unwrap()),
        heard: Arc::default(),
    };
    let heard = site.heard.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let heard = heard.clone();
            tokio::spawn(async move {
                let mut bytes = Vec::new();
                let end = loop {
                    let mut piece = [0; 4096];
                    let count = stream.read(&mut piece).await.unwrap();
                    bytes.extend(&piece[..count]);
                    if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                        break at;
                    }
                };
                let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
                let mut lines = head.lines();
                let mut one = Heard {
                    line: lines.next().unwrap().to_owned(),
                    headers: lines
                        .filter_map(|line| line.split_once(':'))
                        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
                        .collect(),
                    body: bytes[end + 4..].to_vec(),
                };
                let length: usize = one.header("content-length").parse().unwrap_or(0);
                while one.body.len() < length {
                    let mut piece = [0; 4096];
                    let count = stream.read(&mut piece).await.unwrap();
                    one.body.extend(&piece[..count]);
                }
                heard.lock().unwrap().push(one);
                let text = format!(
                    "HTTP/1.1 {status}\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{body}",
                    body.len()
                );
                stream.write_all(text.as_bytes()).await.ok();
            });
        }
    });
    site
}

impl Site {
    fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }
}

/// A place in which only the configured services can be reached.
fn place(settings: serde_json::Value) -> Place {
    Place::default()
        .network_rules(NetworkRules {
            proxy: Some(String::new()),
            ..NetworkRules::default()
        })
        .secrets(Arc::new(Redact::default()))
        .settings("email_sender", settings)
}

fn sendgrid(site: &Site) -> serde_json::Value {
    json!({"default_sender": "Ada <ada@example.org>", "providers":
        {"grid": {"type": "sendgrid", "api_key": "SG.secret-of-the-test", "base_url": site.url}}})
}

fn ses(site: &Site) -> serde_json::Value {
    json!({"default_sender": "ada@example.org", "providers": {"amazon": {"type": "ses", "access_key_id": "AKIDEXAMPLE",
        "secret_access_key": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "session_token": "token-of-the-session",
        "region": "eu-west-1", "base_url": site.url}}})
}

#[tokio::test]
async fn the_format_of_sendgrid() {
    let site = site("202 Accepted", "x-message-id: abc123\r\n", "").await;
    let cx = place(sendgrid(&site)).cx();
    let args = letter(json!({
        "to": ["Bob <bob@example.org>", "c@example.org"], "cc": "bob@example.org, d@example.org",
        "bcc": "e@example.org", "reply_to": "r@example.org", "html_body": "<p>Hi</p>", "tags": ["news"],
        "headers": {"X-A": "1"},
        "attachments": [{"content": "x", "filename": "x.txt"}, {"content": "y", "filename": "y.png", "inline_id": "y"}],
    }));
    let outcome = call_on(&cx, op(), args).await.unwrap();
    let data = outcome.data.to_serde_json();
    assert_eq!(
        (&data["status"], &data["message_id"]),
        (&json!("queued"), &json!("abc123"))
    );
    let [heard] = &site.heard()[..] else { panic!() };
    assert_eq!(heard.line, "POST /v3/mail/send HTTP/1.1");
    assert_eq!(
        heard.header("authorization"),
        "Bearer SG.secret-of-the-test"
    );
    assert_eq!(heard.header("content-type"), "application/json");
    assert_eq!(
        heard.json(),
        json!({
            "personalizations": [{
                "to": [{"email": "bob@example.org", "name": "Bob"}, {"email": "c@example.org"}],
                "cc": [{"email": "d@example.org"}],
                "bcc": [{"email": "e@example.org"}],
            }],
            "from": {"email": "ada@example.org", "name": "Ada"},
            "subject": "Hello",
            "content": [
                {"type": "text/plain", "value": "Hi Bob"},
                {"type": "text/html", "value": "<p>Hi</p>"},
            ],
            "reply_to_list": [{"email": "r@example.org"}],
            "headers": {"X-A": "1", "Message-ID": heard.json()["headers"]["Message-ID"]},
            "categories": ["news"],
            "attachments": [
                {"content": "eA==", "type": "text/plain; charset=utf-8", "filename": "x.txt", "disposition": "attachment"},
                {"content": "eQ==", "type": "image/png", "filename": "y.png", "disposition": "inline", "content_id": "y"},
            ],
        })
    );
    let verified = call_on(&cx, op(), json!({"operation": "verify"}))
        .await
        .unwrap();
    assert_eq!(verified.primary(), &Value::Bool(true));
    assert_eq!(site.heard()[1].line, "GET /v3/scopes HTTP/1.1");
    let hidden = letter(json!({"to": null, "bcc": "a@example.org"}));
    assert_eq!(
        call_on(&cx, op(), hidden).await.unwrap_err().kind(),
        Kind::InvalidArgs
    );
}

#[tokio::test]
async fn a_message_that_gets_no_name_keeps_its_own() {
    let site = site("202 Accepted", "", "").await;
    let cx = place(sendgrid(&site)).cx();
    let outcome = call_on(&cx, op(), letter(json!({}))).await.unwrap();
    let id = outcome.primary().as_str().unwrap();
    assert!(id.starts_with('<') && id.ends_with("@example.org>"), "{id}");
    let sent = site.heard()[0].json();
    assert_eq!(sent["headers"]["Message-ID"], id);
}

/// Signs as the service does, from what came in.
fn signature(heard: &Heard, secret: &str) -> String {
    let authorization = heard.header("authorization");
    let part = |name: &str| {
        let rest = authorization.split_once(name).unwrap().1;
        rest.split([',', ' ']).next().unwrap().to_owned()
    };
    let (signed, scope) = (part("SignedHeaders="), part("Credential="));
    let scope = scope.split_once('/').unwrap().1;
    let hex = |bytes: &[u8]| data_encoding::HEXLOWER.encode(bytes);
    let lines: String = signed
        .split(';')
        .map(|name| format!("{name}:{}\n", heard.header(name)))
        .collect();
    let mut words = heard.line.split(' ');
    let (method, path) = (words.next().unwrap(), words.next().unwrap());
    let request = format!(
        "{method}\n{path}\n\n{lines}\n{signed}\n{}",
        hex(&Sha256::digest(&heard.body))
    );
    let text = format!(
        "AWS4-HMAC-SHA256\n{}\n{scope}\n{}",
        heard.header("x-amz-date"),
        hex(&Sha256::digest(request.as_bytes()))
    );
    let mac = |key: &[u8], text: &str| {
        let mut mac = SimpleHmac::<Sha256>::new_from_slice(key).unwrap();
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().to_vec()
    };
    let mut key = format!("AWS4{secret}").into_bytes();
    for word in scope.split('/') {
        key = mac(&key, word);
    }
    hex(&mac(&key, &text))
}

#[tokio::test]
async fn the_format_and_signature_of_ses() {
    let site = site("200 OK", "", "{\"MessageId\": \"id-of-ses\"}").await;
    let cx = place(ses(&site)).cx();
    let args = letter(json!({"bcc": "hidden@example.org", "tags": ["a b"]}));
    let outcome = call_on(&cx, op(), args).await.unwrap();
    assert_eq!(outcome.primary(), &Value::from("id-of-ses"));
    assert_eq!(outcome.data.get("status"), Some(&"queued".into()));
    call_on(&cx, op(), json!({"operation": "verify"}))
        .await
        .unwrap();
    let [sent, tried] = &site.heard()[..] else {
        panic!()
    };
    assert_eq!(sent.line, "POST /v2/email/outbound-emails HTTP/1.1");
    assert_eq!(tried.line, "GET /v2/email/account HTTP/1.1");
    for heard in [sent, tried] {
        let authorization = heard.header("authorization");
        assert!(
            authorization.starts_with(
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/eu-west-1/ses/aws4_request, \
             SignedHeaders=host;x-amz-date;x-amz-security-token, Signature="
            ),
            "{authorization}"
        );
        assert_eq!(heard.header("x-amz-date"), "20260102T030405Z");
        assert_eq!(heard.header("x-amz-security-token"), "token-of-the-session");
        let expected = signature(heard, "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
        assert!(
            authorization.ends_with(&expected),
            "{authorization} {expected}"
        );
    }
    assert_eq!(NOW / 1_000_000, 1_767_323_045);
    let body = sent.json();
    assert_eq!(
        body["Destination"],
        json!({"ToAddresses": ["bob@example.org"], "CcAddresses": [], "BccAddresses": ["hidden@example.org"]})
    );
    assert_eq!(body["FromEmailAddress"], "ada@example.org");
    assert_eq!(body["EmailTags"], json!([{"Name": "a_b", "Value": "1"}]));
    use base64::Engine as _;
    let raw = base64::engine::general_purpose::STANDARD
        .decode(body["Content"]["Raw"]["Data"].as_str().unwrap())
        .unwrap();
    let raw = String::from_utf8(raw).unwrap();
    assert!(
        raw.contains("Subject: Hello\r\n") && !raw.contains("hidden@"),
        "{raw}"
    );
}

#[tokio::test]
async fn what_a_service_says_decides() {
    for (status, headers, body, kind, said) in [
        (
            "401 Unauthorized",
            "",
            "{\"errors\": [{\"message\": \"bad key SG.secret-of-the-test\"}]}",
            Kind::Auth,
            "API key",
        ),
        (
            "429 Too Many Requests",
            "retry-after: 7\r\n",
            "",
            Kind::RateLimited,
            "rate limit",
        ),
        (
            "400 Bad Request",
            "",
            "{\"message\": \"no such sender\"}",
            Kind::Execution,
            "no such sender",
        ),
        ("503 Service Unavailable", "", "down", Kind::Remote, "503"),
        (
            "302 Found",
            "location: http://127.0.0.1:1/\r\n",
            "",
            Kind::Execution,
            "refuses",
        ),
    ] {
        let site = site(status, headers, body).await;
        let cx = place(sendgrid(&site)).cx();
        let error = call_on(&cx, op(), letter(json!({}))).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.message().contains(said), "{error}");
        assert!(
            !format!("{error:?}").contains("secret-of-the-test"),
            "{error:?}"
        );
        assert_eq!(site.heard().len(), 1, "a message is sent once");
        if kind == Kind::RateLimited {
            assert_eq!(
                error.details().get("retry_after_ms"),
                Some(&Value::Int(7000))
            );
        }
        let verified = call_on(&cx, op(), json!({"operation": "verify"})).await;
        if kind == Kind::Auth {
            assert_eq!(
                verified.unwrap().data.get("auth_ok"),
                Some(&Value::Bool(false))
            );
        }
    }
}

#[tokio::test]
async fn a_base_in_the_call_is_not_possible() {
    let site = site("202 Accepted", "", "").await;
    let cx = place(json!({})).cx();
    let args = letter(
        json!({"provider": "sendgrid", "api_key": "SG.x", "base_url": site.url, "from": "a@x.org"}),
    );
    let error = call_on(&cx, op(), args).await.unwrap_err();
    assert_eq!(error.message(), "unknown parameter 'base_url'");
    assert!(site.heard().is_empty());
}
