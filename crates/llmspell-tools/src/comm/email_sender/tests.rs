use std::path::Path;
use std::sync::Arc;

use llmspell_core::{Error, Kind};
use llmspell_runtime::host::NetworkRules;
use llmspell_runtime::journal::Redact;
use serde_json::json;

use super::test_server::{Manners, PASSWORD, Server, USERNAME};
use super::*;
use crate::test_world::{Place, call_at, call_on, joined};

/// A place that believes the server's authority, with files below `dir` and the accounts of `settings`.
fn place(dir: &Path, server: &Server, settings: serde_json::Value) -> Place {
    let rules = NetworkRules {
        proxy: Some(String::new()),
        ca_file: Some(server.authority.file()),
        ..NetworkRules::default()
    };
    Place::default()
        .files(dir)
        .network_rules(rules)
        .secrets(Arc::new(Redact::default()))
        .settings("email_sender", settings)
}

fn account(server: &Server) -> serde_json::Value {
    json!({"type": "smtp", "host": "localhost", "port": server.port(), "username": USERNAME, "password": PASSWORD,
        "from": "Ada <ada@example.org>", "tls": "starttls"})
}

pub(super) fn accounts(account: serde_json::Value) -> serde_json::Value {
    json!({"providers": {"work": account}})
}

pub(super) fn letter(more: serde_json::Value) -> serde_json::Value {
    joined(
        json!({"to": "bob@example.org", "subject": "Hello", "body": "Hi Bob"}),
        &more,
    )
}

fn preview(args: serde_json::Value) -> Result<Outcome> {
    let preview = json!({"operation": "preview", "from": "ada@example.org"});
    call_at(&Place::default().cx(), op(), joined(preview, &letter(args)))
}

/// Returns the message that the arguments make.
fn previewed(args: serde_json::Value) -> serde_json::Value {
    match preview(args) {
        Ok(outcome) => outcome.data.to_serde_json(),
        Err(error) => panic!("{error:?}"),
    }
}

fn raw(args: serde_json::Value) -> String {
    previewed(args)["raw"].as_str().unwrap().to_owned()
}

#[track_caller]
fn refused(args: serde_json::Value) -> Error {
    match preview(args) {
        Ok(outcome) => panic!("expected an error, got {outcome:?}"),
        Err(error) => error,
    }
}

#[test]
fn a_plain_message() {
    let seen = previewed(
        json!({"cc": "Carol <c@example.org>", "bcc": "d@example.org", "reply_to": "r@example.org"}),
    );
    assert_eq!(
        seen["recipients"],
        json!(["bob@example.org", "c@example.org", "d@example.org"])
    );
    let raw = seen["raw"].as_str().unwrap();
    for line in [
        "Date: Fri, 02 Jan 2026 03:04:05 +0000\r\n",
        "From: ada@example.org\r\n",
        "To: bob@example.org\r\n",
        "Cc: \"Carol\" <c@example.org>\r\n",
        "Reply-To: r@example.org\r\n",
        "Subject: Hello\r\n",
        "Message-ID: <000102030405060708090a0b0c0d0e0f@example.org>\r\n",
        "MIME-Version: 1.0\r\n",
        "Content-Type: text/plain; charset=utf-8\r\n",
        "\r\n\r\nHi Bob",
    ] {
        let plain = line.replace('"', "");
        assert!(raw.contains(line) || raw.contains(&plain), "{line}\n{raw}");
    }
    assert!(
        !raw.contains("d@example.org") && !raw.to_lowercase().contains("bcc"),
        "{raw}"
    );
    assert_eq!(seen["size"], raw.len());
}

#[test]
fn letters_beyond_ascii() {
    let raw =
        raw(json!({"subject": "Grüße aus Köln", "to": "Zoë <z@example.org>", "body": "Straße"}));
    assert!(raw.is_ascii(), "{raw}");
    assert!(
        raw.contains("Subject: =?utf-8?b?") || raw.contains("=?utf-8?q?"),
        "{raw}"
    );
    assert!(raw.contains("<z@example.org>") && !raw.contains("Zo\u{eb}"));
    assert!(
        raw.contains("Stra=C3=9Fe") || raw.contains("U3RyYcOfZQ"),
        "{raw}"
    );
}

#[test]
fn html_beside_text() {
    let both = raw(json!({"html_body": "<p>Hi</p>"}));
    assert!(
        both.contains("multipart/alternative") && both.contains("text/html"),
        "{both}"
    );
    let (text, html) = (
        both.find("text/plain").unwrap(),
        both.find("text/html").unwrap(),
    );
    assert!(text < html);
    let derived = raw(json!({"body": "<p>Hi <b>Bob</b></p>", "html": true}));
    assert!(
        derived.contains("multipart/alternative") && derived.contains("\r\nHi Bob"),
        "{derived}"
    );
    let only = raw(json!({"body": null, "html": "<p>Hi</p>"}));
    assert!(
        only.contains("Content-Type: text/html") && !only.contains("multipart"),
        "{only}"
    );
    assert_eq!(
        refused(json!({"html": "a", "html_body": "b"})).kind(),
        Kind::InvalidArgs
    );
}

#[test]
fn attachments_of_every_kind() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("report.pdf"), b"%PDF-1.7\xff\xfe").unwrap();
    let cx = Place::default().files(dir.path()).cx();
    let preview = |attachments: serde_json::Value| {
        let args = letter(json!({"operation": "preview", "from": "ada@example.org",
            "html_body": "<img src=\"cid:logo\">", "attachments": attachments}));
        call_at(&cx, op(), args)
    };
    let outcome = preview(json!([
        {"path": "report.pdf"},
        {"content": "a,b\n1,2\n", "filename": "t\u{e4}ble.csv"},
        {"content": "iVBORw0KGgo=", "encoding": "base64", "filename": "logo.png", "inline_id": "logo"},
        {"content": "x", "filename": "x.bin", "content_type": "application/x-own"},
    ]));
    let outcome = outcome.unwrap();
    let raw = outcome.primary().as_str().unwrap();
    for part in [
        "multipart/mixed",
        "multipart/alternative",
        "multipart/related",
        "application/pdf",
        "JVBERi0xLjf//g==",
        "text/csv",
        "Content-ID: <logo>",
        "iVBORw0KGgo=",
        "application/x-own",
        "filename=\"report.pdf\"",
    ] {
        assert!(raw.contains(part), "{part}\n{raw}");
    }
    assert!(raw.is_ascii(), "{raw}");
    for (attachment, kind) in [
        (json!({"path": "none.pdf"}), Kind::NotFound),
        (json!({"path": "../report.pdf"}), Kind::Denied),
        (json!({"path": "/etc/passwd"}), Kind::Denied),
        (
            json!({"path": "report.pdf", "content": "x"}),
            Kind::InvalidArgs,
        ),
        (json!({}), Kind::InvalidArgs),
        (
            json!({"content": "%", "encoding": "base64"}),
            Kind::InvalidArgs,
        ),
        (
            json!({"content": "x", "content_type": "text\r\nX: 1"}),
            Kind::InvalidArgs,
        ),
        (
            json!({"content": "x", "filename": "a\r\nb"}),
            Kind::InvalidArgs,
        ),
        (
            json!({"content": "x", "inline_id": "a>b"}),
            Kind::InvalidArgs,
        ),
        (
            json!({"content": "x", "content_type": "no type"}),
            Kind::InvalidArgs,
        ),
        (json!({"content": "x".repeat(26 << 20)}), Kind::Limit),
        (json!({"contnt": "x"}), Kind::InvalidArgs),
    ] {
        let error = preview(json!([attachment])).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
    }
}

#[test]
fn headers_priority_and_tags() {
    let seen = raw(
        json!({"headers": {"X-Ticket": 5, "List-Unsubscribe": "<https://a.org>", "In-Reply-To": "<1@a>"},
        "priority": "HIGH", "tags": ["news", "weekly"]}),
    );
    for line in [
        "X-Ticket: 5\r\n",
        "List-Unsubscribe: <https://a.org>\r\n",
        "In-Reply-To: <1@a>\r\n",
        "X-Priority: 1 (Highest)\r\n",
        "Importance: high\r\n",
        "Keywords: news, weekly\r\n",
    ] {
        assert!(seen.contains(line), "{line}\n{seen}");
    }
    assert!(raw(json!({"priority": "low"})).contains("X-Priority: 5"));
    assert!(!raw(json!({"priority": "normal"})).contains("Priority"));
}

#[test]
fn what_may_not_stand_in_a_message_is_encoded() {
    let odd = raw(json!({"body": "x\r.\r\u{0}y\nz\r\n"}));
    assert!(odd.contains("quoted-printable"), "{odd}");
    assert!(odd.contains("x\r\n.\r\n=00y\r\nz\r\n"), "{odd:?}");
    let plain = raw(json!({"body": "a\rb\nc\td"}));
    assert!(plain.contains("7bit"), "{plain}");
    assert!(plain.contains("a\r\nb\r\nc\td"), "{plain:?}");
    // Files arrive as they are.
    for (content, encoding) in [
        ("a\nb", "base64"),
        ("a\rb", "base64"),
        ("a\r", "base64"),
        ("a\u{0}", "base64"),
        ("a\r\nb", "7bit"),
    ] {
        let attached = raw(json!({"attachments": [{"content": content, "filename": "f.txt"}]}));
        let part = attached.split("f.txt").last().unwrap();
        assert!(part.contains(encoding), "{content:?}: {part}");
    }
}

#[test]
fn whether_the_body_is_html_may_be_a_text() {
    let html = |html| raw(json!({"body": "<b>x</b>", "html": html}));
    assert!(html(json!("true")).contains("text/html"));
    assert!(!html(json!("false")).contains("text/html"));
    assert!(html(json!("<i>y</i>")).contains("<i>y</i>"));
}

#[test]
fn header_injection_is_refused() {
    for args in [
        json!({"subject": "a\r\nBcc: x@y.org"}),
        json!({"subject": "a\nb"}),
        json!({"subject": "a\rb"}),
        json!({"subject": "a\0b"}),
        json!({"to": "a@x.org\r\nBcc: b@y.org"}),
        json!({"from": "a@x.org\nX: 1"}),
        json!({"cc": ["Name\r\nX: 1 <a@x.org>"]}),
        json!({"reply_to": "a@x.org, b\r\n@y.org"}),
        json!({"headers": {"X-A": "1\r\nBcc: x@y.org"}}),
        json!({"headers": {"X-A\r\nBcc": "x@y.org"}}),
        json!({"headers": {"X-A: 1\r\nBcc": "x@y.org"}}),
        json!({"headers": {"Bcc": "x@y.org"}}),
        json!({"headers": {"From": "x@y.org"}}),
        json!({"headers": {"Content-Type": "text/html"}}),
        json!({"headers": {"DKIM-Signature": "v=1"}}),
    ] {
        let error = refused(args.clone());
        assert_eq!(error.kind(), Kind::InvalidArgs, "{args}");
        assert!(!error.message().contains(['\r', '\n']), "{error}");
    }
    // Tags become a header of words; line breaks in one do not get through.
    let seen = raw(json!({"tags": ["a\r\nBcc: x@y.org"]}));
    assert!(!seen.contains("\r\nBcc"), "{seen}");
}

#[tokio::test]
async fn a_message_is_sent_encrypted_and_with_a_login() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), Manners::default()).await;
    let cx = place(dir.path(), &server, accounts(account(&server))).cx();
    let args = letter(
        json!({"cc": "carol@example.org", "bcc": "dan@example.org", "body": ".dot\n..\nend"}),
    );
    let outcome = call_on(&cx, op(), args).await.unwrap();
    let data = outcome.data.to_serde_json();
    assert_eq!(
        (&data["status"], &data["provider"]),
        (&json!("sent"), &json!("work"))
    );
    assert_eq!(
        data["accepted"],
        json!(["bob@example.org", "carol@example.org", "dan@example.org"])
    );
    assert_eq!(data["rejected"], json!([]));
    assert_eq!(data["timestamp"], "2026-01-02T03:04:05Z");
    assert_eq!(
        outcome.primary(),
        &Value::from("<000102030405060708090a0b0c0d0e0f@example.org>")
    );
    let [mail] = &server.mails()[..] else {
        panic!("{:?}", server.mails());
    };
    assert!(mail.encrypted);
    assert_eq!(
        (&*mail.from, mail.user.as_deref()),
        ("ada@example.org", Some(USERNAME))
    );
    assert_eq!(
        mail.to,
        ["bob@example.org", "carol@example.org", "dan@example.org"]
    );
    assert!(
        mail.raw.ends_with("\r\n\r\n.dot\r\n..\r\nend\r\n"),
        "{}",
        mail.raw
    );
    assert!(!mail.raw.contains("dan@"));
    assert!(data["size"].as_u64().unwrap() > 100);
    // Nothing but the greeting went over the wire in plain.
    let lines = server.lines();
    assert_eq!(
        &lines[..3],
        ["EHLO [127.0.0.1]", "STARTTLS", "EHLO [127.0.0.1]"]
    );
    assert_eq!(lines.last().unwrap(), "QUIT");
}

#[tokio::test]
async fn every_way_to_encrypt_and_to_log_in() {
    let dir = tempfile::tempdir().unwrap();
    for (manners, tls) in [
        (
            Manners {
                implicit: true,
                ..Manners::default()
            },
            "implicit",
        ),
        (
            Manners {
                auth: "LOGIN",
                ..Manners::default()
            },
            "starttls",
        ),
        (
            Manners {
                starttls: false,
                ..Manners::default()
            },
            "none",
        ),
    ] {
        let server = Server::start(dir.path(), manners).await;
        let mut own = account(&server);
        own["tls"] = tls.into();
        let cx = place(dir.path(), &server, accounts(own)).cx();
        let outcome = call_on(&cx, op(), letter(json!({}))).await.unwrap();
        assert_eq!(outcome.data.get("status"), Some(&"sent".into()), "{tls}");
        assert_eq!(server.mails()[0].encrypted, tls != "none");
        assert_eq!(server.mails()[0].user.as_deref(), Some(USERNAME));
        let args = json!({"operation": "test"});
        let verified = call_on(&cx, op(), args).await.unwrap().data.to_serde_json();
        assert_eq!(verified["available"], true);
        assert_eq!(verified["auth_ok"], true);
        let version = if tls == "none" {
            json!(null)
        } else {
            json!("TLSv1.3")
        };
        assert_eq!(verified["tls"], version);
    }
}

#[tokio::test]
async fn encryption_is_never_given_up() {
    let dir = tempfile::tempdir().unwrap();
    // A server, or somebody in between, that says it cannot.
    let server = Server::start(
        dir.path(),
        Manners {
            starttls: false,
            ..Manners::default()
        },
    )
    .await;
    let cx = place(dir.path(), &server, accounts(account(&server))).cx();
    let error = call_on(&cx, op(), letter(json!({}))).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Remote);
    assert!(error.message().contains("STARTTLS"), "{error}");
    assert!(server.lines().iter().all(|line| !line.starts_with("AUTH")));
    // Somebody who adds replies of his own before the encryption.
    let manners = Manners {
        smuggled: "\r\n250 AUTH PLAIN",
        ..Manners::default()
    };
    let server = Server::start(dir.path(), manners).await;
    let cx = place(dir.path(), &server, accounts(account(&server))).cx();
    let error = call_on(&cx, op(), letter(json!({}))).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.details().get("phase")),
        (Kind::Remote, Some(&"tls".into()))
    );
    // A certificate that nobody vouches for.
    let server = Server::start(dir.path(), Manners::default()).await;
    let strange = Place::at(dir.path()).settings("email_sender", accounts(account(&server)));
    let error = call_on(&strange.cx(), op(), letter(json!({})))
        .await
        .unwrap_err();
    assert_eq!(
        error.details().get("phase"),
        Some(&"tls".into()),
        "{error:?}"
    );
    assert!(server.mails().is_empty());
}

#[tokio::test]
async fn some_or_all_recipients_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), Manners::default()).await;
    let cx = place(dir.path(), &server, accounts(account(&server))).cx();
    let args = letter(json!({"to": "bob@example.org, nobody@example.org"}));
    let outcome = call_on(&cx, op(), args).await.unwrap();
    assert_eq!(
        outcome.data.get("rejected").unwrap().to_serde_json(),
        json!([{"address": "nobody@example.org", "error": "550 5.1.1 <nobody>: no such user"}])
    );
    assert_eq!(
        outcome.metadata["warnings"].to_serde_json(),
        json!(["1 recipients were refused, see 'rejected'"])
    );
    let error = call_on(&cx, op(), letter(json!({"to": "nobody@example.org"})))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Execution);
    assert_eq!(error.details()["rejected"].as_list().unwrap().len(), 1);
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test]
async fn what_the_server_says_decides() {
    let dir = tempfile::tempdir().unwrap();
    for (last, kind, said) in [
        ("554 5.7.1 spam", Kind::Execution, "spam"),
        ("451 4.3.0 try later", Kind::Remote, "try later"),
        ("", Kind::Remote, "broke off"),
        ("what", Kind::Remote, "does not speak SMTP"),
    ] {
        let server = Server::start(
            dir.path(),
            Manners {
                last,
                ..Manners::default()
            },
        )
        .await;
        let cx = place(dir.path(), &server, accounts(account(&server))).cx();
        let error = call_on(&cx, op(), letter(json!({}))).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.message().contains(said), "{error}");
        assert!(!error.is_retryable(), "{error}");
    }
    let server = Server::start(
        dir.path(),
        Manners {
            auth: "GSSAPI",
            ..Manners::default()
        },
    )
    .await;
    let cx = place(dir.path(), &server, accounts(account(&server))).cx();
    let error = call_on(&cx, op(), letter(json!({}))).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Auth);
    let mut own = account(&server);
    own.as_object_mut().unwrap().remove("username");
    own.as_object_mut().unwrap().remove("password");
    let cx = place(dir.path(), &server, accounts(own)).cx();
    let error = call_on(&cx, op(), letter(json!({}))).await.unwrap_err();
    assert!(
        error
            .message()
            .contains("530 5.7.0 Authentication required"),
        "{error}"
    );
}

#[tokio::test]
async fn secret_leak_is_impossible() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), Manners::default()).await;
    let mut own = account(&server);
    own["password"] = "wrong-and-secret".into();
    let encoded = ["wrong-and-secret", "d3Jvbmct", "AGFkYQB3cm9uZw"];
    let cx = place(dir.path(), &server, accounts(own)).cx();
    let error = call_on(&cx, op(), letter(json!({}))).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Auth);
    assert!(
        error
            .message()
            .starts_with("the server refuses the login: 535 5.7.8 not accepted"),
        "{error}"
    );
    let verified = call_on(&cx, op(), json!({"operation": "verify"}))
        .await
        .unwrap();
    assert_eq!(verified.primary(), &Value::Bool(false));
    assert_eq!(verified.data.get("auth_ok"), Some(&Value::Bool(false)));
    assert_eq!(verified.data.get("available"), Some(&Value::Bool(true)));
    for told in [
        format!("{error:?} {:?}", error.to_value()),
        format!("{verified:?}"),
    ] {
        for secret in encoded {
            assert!(!told.contains(secret), "{told}");
        }
    }
    // What went over the wire is what must not be shown.
    assert!(
        server
            .lines()
            .iter()
            .any(|line| line.starts_with("AUTH PLAIN AGFkYQB3cm9uZ"))
    );
}

#[tokio::test]
async fn an_account_in_the_call() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), Manners::default()).await;
    let open = NetworkRules {
        allow_hosts: vec!["localhost".into()],
        ca_file: Some(server.authority.file()),
        proxy: Some(String::new()),
        ..NetworkRules::default()
    };
    let args = letter(
        json!({"from": "ada@example.org", "host": "localhost", "port": server.port(),
        "username": USERNAME, "password": PASSWORD, "tls": "starttls"}),
    );
    let cx = Place::default().network_rules(open.clone()).cx();
    let outcome = call_on(&cx, op(), args.clone()).await.unwrap();
    assert_eq!(outcome.data.get("provider"), Some(&"smtp".into()));
    assert_eq!(server.mails().len(), 1);
    // It obeys the policy, other than a configured one.
    let cx = place(dir.path(), &server, json!({})).cx();
    let error = call_on(&cx, op(), args.clone()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
    let closed = Place::default()
        .network_rules(open)
        .settings("email_sender", json!({"allow_inline": false}));
    let error = call_on(&closed.cx(), op(), args.clone()).await.unwrap_err();
    assert!(error.hints()[0].contains("allow_inline"), "{error:?}");
    let mut half = args.clone();
    half.as_object_mut().unwrap().remove("password");
    let cx = place(dir.path(), &server, json!({})).cx();
    assert_eq!(
        call_on(&cx, op(), half).await.unwrap_err().kind(),
        Kind::InvalidArgs
    );
    // Which account is meant must be clear.
    let cx = place(dir.path(), &server, accounts(account(&server))).cx();
    for provider in ["work", "sendgrid"] {
        let both = joined(args.clone(), &json!({"provider": provider}));
        let error = call_on(&cx, op(), both).await.unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidArgs);
        assert!(
            error.message().contains(provider) && error.message().contains("smtp_host"),
            "{error}"
        );
    }
    let stray = joined(args.clone(), &json!({"region": "eu-west-1"}));
    let error = call_on(&cx, op(), stray).await.unwrap_err();
    assert_eq!(
        error.message(),
        "the mail account 'smtp' has no use for 'region'"
    );
    let mut plain = args;
    (plain["tls"], plain["host"]) = ("none".into(), "mail.example.org".into());
    assert!(call_on(&cx, op(), plain).await.is_err());
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test]
async fn accounts_of_the_environment() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), Manners::default()).await;
    let place = place(dir.path(), &server, json!({}))
        .variable("EMAIL_SMTP_HOST", "localhost")
        .variable("EMAIL_SMTP_PORT", &server.port().to_string())
        .variable("EMAIL_SMTP_USERNAME", USERNAME)
        .variable("EMAIL_SMTP_PASSWORD", PASSWORD)
        .variable("EMAIL_DEFAULT_SENDER", "env@example.org");
    let outcome = call_on(&place.cx(), op(), letter(json!({}))).await.unwrap();
    assert_eq!(outcome.data.get("provider"), Some(&"smtp".into()));
    assert_eq!(server.mails()[0].from, "env@example.org");
}

#[tokio::test]
async fn nothing_is_sent_in_a_dry_run() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), Manners::default()).await;
    let cx = place(dir.path(), &server, accounts(account(&server))).cx();
    let args = letter(json!({"dry_run": true}));
    assert_eq!(op().effect_with(&args.clone().into()), Effect::Read);
    assert_eq!(op().effect_with(&letter(json!({})).into()), Effect::Once);
    assert_eq!(
        op().effect_with(&json!({"operation": "Verify"}).into()),
        Effect::Read
    );
    let outcome = call_on(&cx, op(), args).await.unwrap();
    assert_eq!(outcome.data.get("status"), Some(&"dry_run".into()));
    assert!(server.lines().is_empty());
}

#[tokio::test]
async fn recipients_and_counts_are_limited() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), Manners::default()).await;
    let mut settings = accounts(account(&server));
    settings["allow_recipients"] = json!(["*@example.org"]);
    settings["deny_recipients"] = json!(["boss@*"]);
    settings["max_recipients"] = json!(2);
    settings["max_per_run"] = json!(1);
    settings["default_provider"] = json!("work");
    settings["providers"]["lost"] =
        json!({"type": "smtp", "host": "127.0.0.1", "port": 9, "from": "a@example.org"});
    let cx = place(dir.path(), &server, settings).cx();
    for (to, kind, word) in [
        (json!("a@elsewhere.net"), Kind::Denied, "allow_recipients"),
        (json!("Boss@example.org"), Kind::Denied, "deny_recipients"),
        (
            json!(["a@example.org", "b@example.org", "c@example.org"]),
            Kind::Limit,
            "max_recipients",
        ),
    ] {
        let error = call_on(&cx, op(), letter(json!({"to": to})))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), kind);
        assert!(error.hints()[0].contains(word), "{error:?}");
    }
    // What was not sent does not count.
    let lost = letter(json!({"provider": "lost"}));
    call_on(&cx, op(), lost).await.unwrap_err();
    call_on(&cx, op(), letter(json!({}))).await.unwrap();
    let error = call_on(&cx, op(), letter(json!({}))).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Limit);
    assert!(error.hints()[0].contains("max_per_run"));
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test]
async fn messages_as_files() {
    let dir = tempfile::tempdir().unwrap();
    let settings = accounts(json!({"type": "file", "directory": "out", "from": "ada@example.org"}));
    let cx = Place::default()
        .files(dir.path())
        .settings("email_sender", settings)
        .cx();
    let outcome = call_on(&cx, op(), letter(json!({}))).await.unwrap();
    assert_eq!(outcome.data.get("status"), Some(&"sent".into()));
    let path = dir.path().join("out/000102030405060708090a0b0c0d0e0f.eml");
    let written = std::fs::read_to_string(path).unwrap();
    assert!(written.ends_with("\r\n\r\nHi Bob\r\n"), "{written:?}");
    let verified = call_on(&cx, op(), json!({"operation": "verify"}))
        .await
        .unwrap();
    assert_eq!(verified.primary(), &Value::Bool(true));
}

#[test]
fn accounts_that_are_missing_are_told() {
    let call = |settings: serde_json::Value, args: serde_json::Value| {
        let cx = Place::default().settings("email_sender", settings).cx();
        call_at(&cx, op(), letter(args)).unwrap_err()
    };
    let none = call(json!({}), json!({}));
    assert_eq!(
        (none.kind(), none.message()),
        (Kind::Config, "no mail account is configured")
    );
    let unknown = call(
        json!({"providers": {"a": {"type": "smtp"}}}),
        json!({"provider": "b"}),
    );
    assert_eq!(unknown.message(), "provider 'b' is not configured");
    assert_eq!(unknown.hints(), ["configured are: a"]);
    let bare = call(json!({}), json!({"provider": "smtp"}));
    assert_eq!(
        (bare.kind(), bare.message()),
        (Kind::Config, "provider 'smtp' is not configured")
    );
    let key = call(json!({}), json!({"provider": "sendgrid"}));
    assert_eq!(key.kind(), Kind::Auth);
    assert_eq!(
        key.message(),
        "email_sender: provider 'sendgrid' needs an API key (`tools.email_sender.providers.sendgrid.api_key` or SENDGRID_API_KEY)"
    );
    let two = json!({"providers": {"a": {"type": "smtp", "host": "h"}, "b": {"type": "smtp", "host": "h"}}});
    assert_eq!(call(two, json!({})).kind(), Kind::Config);
    let odd = call(json!({"providers": {"a": {"type": "fax"}}}), json!({}));
    assert_eq!(odd.kind(), Kind::Config);
    let half = json!({"providers": {"a": {"type": "smtp", "host": "h", "username": "u"}}});
    assert_eq!(call(half, json!({})).kind(), Kind::Auth);
    let silent = json!({"providers": {"a": {"type": "smtp", "host": "h"}}});
    let error = call(silent, json!({}));
    assert_eq!(
        (error.kind(), error.message()),
        (Kind::Config, "the message has no sender")
    );
}

#[test]
fn what_an_account_has_no_use_for_is_refused() {
    let settings = json!({"providers": {
        "work": {"type": "smtp", "host": "h", "from": "a@x.org"},
        "grid": {"type": "sendgrid", "api_key": "k", "from": "a@x.org"},
        "cloud": {"type": "ses", "access_key_id": "i", "secret_access_key": "s", "region": "r", "from": "a@x.org"},
    }});
    let cx = Place::default().settings("email_sender", settings).cx();
    for (provider, parameter, value) in [
        ("work", "smtp_port", json!(2525)),
        ("work", "smtp_username", json!("u")),
        ("grid", "smtp_password", json!("p")),
        ("cloud", "smtp_tls", json!("none")),
    ] {
        let args = letter(json!({"provider": provider, parameter: value}));
        let error = call_at(&cx, op(), args).unwrap_err();
        let message =
            format!("'{parameter}' describes an account in the call, which needs 'smtp_host'");
        assert_eq!(
            (error.kind(), error.message()),
            (Kind::InvalidArgs, &*message)
        );
    }
    for (provider, parameter) in [
        ("work", "api_key"),
        ("work", "region"),
        ("grid", "region"),
        ("cloud", "api_key"),
    ] {
        let args = letter(json!({"provider": provider, parameter: "x", "dry_run": true}));
        let error = call_at(&cx, op(), args).unwrap_err();
        let message = format!("the mail account '{provider}' has no use for '{parameter}'");
        assert_eq!(
            (error.kind(), error.message()),
            (Kind::InvalidArgs, &*message)
        );
    }
    for (provider, parameter) in [("grid", "api_key"), ("cloud", "region")] {
        let args = letter(json!({"provider": provider, parameter: "x", "dry_run": true}));
        call_at(&cx, op(), args).unwrap();
    }
}

#[test]
fn misuse_is_told() {
    let settings =
        json!({"providers": {"a": {"type": "smtp", "host": "h"}}, "default_sender": "a@x.org"});
    let cx = Place::default().settings("email_sender", settings).cx();
    for (args, message) in [
        (
            json!({"body": "x"}),
            "Missing required parameter 'subject' for email_sender operation 'send'",
        ),
        (
            json!({"subject": "x"}),
            "Missing required parameter 'body' for email_sender operation 'send'",
        ),
        (
            json!({"subject": "x", "text": "y"}),
            "Missing required parameter 'to' for email_sender operation 'send'",
        ),
        (
            json!({"operation": "receive"}),
            "unknown operation 'receive', expected one of: send, verify, preview",
        ),
        (
            json!({"subjct": "x"}),
            "unknown parameter 'subjct' (did you mean 'subject'?)",
        ),
        (
            json!({"to": {"a": 1}, "subject": "x", "body": "y"}),
            "parameter 'to' must be string or array, got object",
        ),
        (
            json!({"subject": "x", "body": "y", "to": "a@x.org", "priority": "huge"}),
            "unknown priority 'huge', expected one of: normal, low, high",
        ),
        (
            json!({"subject": "x", "body": "y", "from": "a@x.org, b@x.org"}),
            "parameter 'from' must be one address",
        ),
    ] {
        let error = call_at(&cx, op(), args).unwrap_err();
        assert_eq!(
            (error.kind(), error.message()),
            (Kind::InvalidArgs, message)
        );
    }
    let long = letter(json!({"body": "x".repeat(MAX_BODY + 1)}));
    assert_eq!(call_at(&cx, op(), long).unwrap_err().kind(), Kind::Limit);
    for name in ["send", "send_email", "Send-Email"] {
        let args = letter(json!({"operation": name, "dry_run": true}));
        assert_eq!(call_at(&cx, op(), args).unwrap().operation, "send");
    }
}
