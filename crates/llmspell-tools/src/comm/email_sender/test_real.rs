//! A real server, if one is there: `.ci/smtp` starts one and says where it is.

use std::io::Write as _;

use llmspell_core::Kind;
use llmspell_runtime::host::NetworkRules;
use serde_json::json;

use super::tests::{accounts, letter};
use super::*;
use crate::test_world::{Place, call_on};

/// Sends over STARTTLS and with a login to the server of `LLMSPELL_TEST_SMTP_URL` (`smtp://USER:PASSWORD@localhost:PORT`),
/// whose authority is in the file `LLMSPELL_TEST_SMTP_CA`, and which writes what it gets into `LLMSPELL_TEST_SMTP_INBOX`.
#[tokio::test]
async fn a_real_server_takes_mail() {
    let Ok(url) = std::env::var("LLMSPELL_TEST_SMTP_URL") else {
        // Past the capture of the tests, so that it is seen.
        writeln!(
            std::io::stderr(),
            "SKIPPED: a_real_server_takes_mail: LLMSPELL_TEST_SMTP_URL is not set"
        )
        .unwrap();
        return;
    };
    let rest = url.strip_prefix("smtp://").unwrap();
    let (login, place) = rest.rsplit_once('@').unwrap();
    let (username, password) = login.split_once(':').unwrap();
    let (host, port) = place.split_once(':').unwrap();
    let port: u16 = port.trim_end_matches('/').parse().unwrap();
    let rules = NetworkRules {
        proxy: Some(String::new()),
        ca_file: std::env::var_os("LLMSPELL_TEST_SMTP_CA").map(Into::into),
        ..NetworkRules::default()
    };
    let settings = |password: &str| {
        accounts(
            json!({"type": "smtp", "host": host, "port": port, "username": username, "password": password,
            "from": "Ada Lovelace <ada@example.org>"}),
        )
    };
    let cx = |password: &str| {
        Place::default()
            .network_rules(rules.clone())
            .settings("email_sender", settings(password))
            .cx()
    };
    let verified = call_on(&cx(password), op(), json!({"operation": "verify"}))
        .await
        .unwrap();
    assert_eq!(
        verified.data.get("auth_ok"),
        Some(&Value::Bool(true)),
        "{verified:?}"
    );
    assert!(
        verified.data.get("tls").is_some_and(|tls| !tls.is_null()),
        "{verified:?}"
    );
    let refused = call_on(&cx("not the password"), op(), letter(json!({})))
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), Kind::Auth, "{refused}");
    let args = letter(json!({
        "to": "Zoë <zoe@example.org>", "bcc": "hidden@example.org", "subject": "Grüße", "body": "Straße\n.dot\n",
        "html_body": "<p>Straße</p>", "attachments": [{"content": "a,b\n", "filename": "täble.csv"}],
    }));
    let sent = call_on(&cx(password), op(), args).await.unwrap();
    assert_eq!(sent.data.get("status"), Some(&"sent".into()), "{sent:?}");
    let Some(inbox) = std::env::var_os("LLMSPELL_TEST_SMTP_INBOX") else {
        return;
    };
    let files = std::fs::read_dir(inbox).unwrap().flatten();
    let texts: Vec<String> = files
        .filter_map(|file| std::fs::read_to_string(file.path()).ok())
        .collect();
    let id = sent.primary().as_str().unwrap();
    let found = texts
        .iter()
        .find(|text| text.contains(id))
        .expect("the message arrived");
    assert!(found.contains("multipart/mixed") && found.contains("multipart/alternative"));
    assert!(
        found.contains("\n.dot") && !found.to_lowercase().contains("bcc:"),
        "{found}"
    );
}
