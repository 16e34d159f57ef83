use std::net::SocketAddr;

use hickory_proto::op::{Message, MessageType};
use hickory_proto::rr::rdata::{MX, TXT};
use hickory_proto::rr::{Name, RData, Record};
use llmspell_runtime::host::NetworkRules;
use serde_json::json;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;
use crate::test_tls::Authority;
use crate::test_world::{Place, call_on, joined};

/// A place with the policy as it is by default: this machine is refused but for this tool.
fn place() -> Place {
    Place::default().real_time().network_rules(NetworkRules {
        proxy: Some(String::new()),
        ..NetworkRules::default()
    })
}

async fn data(place: Place, args: serde_json::Value) -> serde_json::Value {
    match call_on(&place.cx(), op(), args.clone()).await {
        Ok(outcome) => outcome.data.to_serde_json(),
        Err(error) => panic!("{args}: {error:?}"),
    }
}

async fn fails(place: Place, args: serde_json::Value) -> Error {
    match call_on(&place.cx(), op(), args.clone()).await {
        Ok(outcome) => panic!("{args} succeeded: {outcome:?}"),
        Err(error) => error,
    }
}

async fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// Returns a port at which nobody listens.
async fn closed() -> u16 {
    listener().await.1.port()
}

/// Answers one HTTP request and returns what was asked.
async fn answer(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    status: &str,
    body: &str,
) -> String {
    let mut heard = Vec::new();
    while !heard.ends_with(b"\r\n\r\n") {
        let mut piece = [0; 1024];
        match stream.read(&mut piece).await {
            Ok(count @ 1..) => heard.extend(&piece[..count]),
            _ => break,
        }
    }
    let heard = String::from_utf8(heard).unwrap();
    let length = body.len();
    let shown = if heard.starts_with("HEAD") { "" } else { body };
    let text = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/plain\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{shown}"
    );
    stream.write_all(text.as_bytes()).await.ok();
    stream.shutdown().await.ok();
    heard
}

/// Serves HTTP with one answer for ever.
async fn site(status: &'static str, body: &'static str) -> SocketAddr {
    let (listener, address) = listener().await;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream, status, body));
        }
    });
    address
}

#[tokio::test]
async fn an_open_and_a_closed_port() {
    let (listener, address) = listener().await;
    let open = data(place(), json!({"target": address.to_string()})).await;
    assert_eq!(open["available"], true);
    assert_eq!(
        (&open["check_type"], &open["attempts"]),
        (&json!("tcp"), &json!(1))
    );
    assert_eq!(
        (&open["host"], &open["port"]),
        (&json!("127.0.0.1"), &json!(address.port()))
    );
    assert_eq!(open["timeout_seconds"], 5.0);
    assert_eq!(open["status"], format!("{address} is available (tcp)"));
    assert_eq!(
        open["metadata"],
        json!({"resolved_ip": "127.0.0.1", "resolved_port": address.port()})
    );
    // Nothing is sent.
    let mut stream = listener.accept().await.unwrap().0;
    let mut sent = Vec::new();
    stream.read_to_end(&mut sent).await.unwrap();
    assert_eq!(sent, b"");
    let port = closed().await;
    let args = json!({"host": "localhost", "port": port, "retries": 2, "retry_delay_ms": 1});
    let shut = call_on(&place().cx(), op(), args).await.unwrap();
    assert_eq!(shut.primary(), &Value::Bool(false));
    let shut = shut.data.to_serde_json();
    assert_eq!(
        (&shut["available"], &shut["attempts"]),
        (&json!(false), &json!(3))
    );
    assert!(shut["error"].as_str().unwrap().contains("localhost"));
}

#[tokio::test]
async fn http_by_status_and_body() {
    let up = site("200 OK", "all is well").await;
    let url = format!("http://{up}/health");
    let found = data(place(), json!({"url": url})).await;
    assert_eq!(
        (&found["available"], &found["check_type"]),
        (&json!(true), &json!("http"))
    );
    assert_eq!(
        found["metadata"],
        json!({
            "resolved_ip": "127.0.0.1", "resolved_port": up.port(), "status_code": 200, "method": "HEAD",
            "content_type": "text/plain",
        })
    );
    for (more, available) in [
        (json!({"expected_body": "well"}), true),
        (json!({"expected_body": "ill"}), false),
        (json!({"expected_status": 204}), false),
        (json!({"expected_status": ["2xx"], "method": "get"}), true),
    ] {
        let args = joined(json!({"target": url}), &more);
        let found = data(place(), args).await;
        assert_eq!(found["available"], available, "{more}");
        assert_eq!(found["metadata"]["status_code"], 200);
    }
    let down = site("503 Service Unavailable", "").await;
    let found = data(
        place(),
        json!({"target": down.to_string(), "check_type": "http"}),
    )
    .await;
    assert_eq!(
        (&found["available"], &found["error"]),
        (&json!(false), &json!("the status is 503"))
    );
    let moved = site("302 Found", "").await;
    let found = data(place(), json!({"target": format!("http://{moved}")})).await;
    assert_eq!(found["available"], true);
}

#[tokio::test]
async fn certificates_are_told() {
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::new(dir.path());
    let trusting = || {
        Place::default().network_rules(NetworkRules {
            proxy: Some(String::new()),
            ca_file: Some(authority.file()),
            ..NetworkRules::default()
        })
    };
    let acceptor = authority.acceptor(2200);
    let (listener, address) = listener().await;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let stream = acceptor.accept(stream).await.ok()?;
                Some(answer(stream, "200 OK", "").await)
            });
        }
    });
    let port = address.port();
    for (target, check_type) in [
        (format!("localhost:{port}"), "tls"),
        (format!("https://localhost:{port}/"), "https"),
    ] {
        let found = data(
            trusting().real_time(),
            json!({"target": target, "check_type": check_type}),
        )
        .await;
        assert_eq!(found["available"], true, "{found}");
        let tls = &found["metadata"]["tls"];
        assert_eq!(
            (&tls["version"], &tls["valid"]),
            (&json!("TLSv1.3"), &json!(true))
        );
        assert_eq!(tls["issuer"], "CN=Authority of a test");
        assert_eq!(tls["subject"], "CN=a test");
        assert_eq!(tls["not_after"], "2200-12-31T00:00:00Z");
        assert!(tls["days_left"].as_i64().unwrap() > 50_000);
    }
    // Who does not know the authority does not believe it.
    let args = json!({"target": format!("localhost:{port}"), "type": "tls"});
    let found = data(place(), args).await;
    assert_eq!(found["available"], false);
    assert_eq!(found["metadata"]["tls"], json!({"valid": false}));
    assert!(
        found["error"].as_str().unwrap().contains("certificate"),
        "{found}"
    );
}

#[test]
fn a_certificate_that_is_over() {
    let told = certificate::told("TLSv1.2", b"no certificate", 0);
    assert_eq!(
        Value::Map(told).to_serde_json(),
        json!({"version": "TLSv1.2"})
    );
    let mut params = rcgen::CertificateParams::new(["x".to_owned()]).unwrap();
    params.not_before = rcgen::date_time_ymd(2001, 1, 1);
    params.not_after = rcgen::date_time_ymd(2002, 1, 1);
    let key = rcgen::KeyPair::generate().unwrap();
    let der = params.self_signed(&key).unwrap().der().to_vec();
    let at = |now: i64| {
        let told = certificate::told("TLSv1.3", &der, now);
        (told["valid"].clone(), told["days_left"].clone())
    };
    let last = 1_009_843_200;
    assert_eq!(at(last - 86_400), (true.into(), 1.into()));
    assert_eq!(at(last + 1), (false.into(), Value::Int(-1)));
}

/// Serves DNS over TCP with these records, for one question each.
async fn name_server(records: Vec<RData>) -> SocketAddr {
    let (listener, address) = listener().await;
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut length = [0; 2];
            stream.read_exact(&mut length).await.unwrap();
            let mut asked = vec![0; usize::from(u16::from_be_bytes(length))];
            stream.read_exact(&mut asked).await.unwrap();
            let asked = Message::from_vec(&asked).unwrap();
            let mut answer = asked.clone();
            answer.metadata.message_type = MessageType::Response;
            let name = Name::from_ascii("localhost.").unwrap();
            answer.answers = records
                .iter()
                .map(|data| Record::from_rdata(name.clone(), 60, data.clone()))
                .collect();
            let answer = answer.to_vec().unwrap();
            let mut framed = (answer.len() as u16).to_be_bytes().to_vec();
            framed.extend(answer);
            stream.write_all(&framed).await.unwrap();
        }
    });
    address
}

#[tokio::test]
async fn names_and_their_records() {
    let found = data(place(), json!({"target": "localhost"})).await;
    assert_eq!(
        (&found["check_type"], &found["available"]),
        (&json!("dns"), &json!(true))
    );
    assert!(found["metadata"]["address_count"].as_u64().unwrap() >= 1);
    let found = data(place(), json!({"target": "127.0.0.1", "record_type": "a"})).await;
    assert_eq!(
        found["metadata"]["records"],
        json!([{"type": "A", "value": "127.0.0.1"}])
    );
    let found = data(
        place(),
        json!({"target": "127.0.0.1", "record_type": "AAAA"}),
    )
    .await;
    assert_eq!(found["available"], false);
    let mail = Name::from_ascii("mail.example.").unwrap();
    let server = name_server(vec![
        RData::MX(MX::new(10, mail)),
        RData::TXT(TXT::new(vec!["a text".to_owned()])),
    ])
    .await;
    let asking = || {
        let servers = json!({"name_servers": [server.to_string()]});
        place().settings("service_checker", servers)
    };
    let found = data(
        asking(),
        json!({"target": "localhost", "record_type": "MX"}),
    )
    .await;
    assert_eq!(
        found["metadata"]["records"],
        json!([{"type": "MX", "value": "10 mail.example.", "ttl": 60}])
    );
    let found = data(
        asking(),
        json!({"target": "localhost", "record_type": "TXT"}),
    )
    .await;
    assert_eq!(found["metadata"]["records"][0]["value"], "a text");
    let found = data(
        asking(),
        json!({"target": "localhost", "record_type": "SRV"}),
    )
    .await;
    assert_eq!(found["available"], false);
    assert_eq!(found["error"], "the name has no record of type SRV");
    let odd = place().settings("service_checker", json!({"name_servers": ["here"]}));
    let error = fails(odd, json!({"target": "localhost", "record_type": "NS"})).await;
    assert_eq!(error.kind(), Kind::Config);
}

#[tokio::test]
async fn a_silent_service_is_not_waited_for() {
    let (listener, address) = listener().await;
    let args = json!({"target": address.to_string(), "check_type": "tls", "timeout_ms": 100});
    let found = data(place(), args).await;
    assert_eq!(found["available"], false);
    assert_eq!(found["error"], "no answer within 100 ms");
    assert_eq!(found["timeout_seconds"], 0.1);
    for args in [
        json!({"timeout": 0.2}),
        json!({"timeout_seconds": "0.2"}),
        json!({"timeout": 0.2, "timeout_ms": 200}),
    ] {
        let mut args = args;
        args["target"] = json!(address.to_string());
        args["check_type"] = json!("tls");
        let found = data(place(), args).await;
        assert_eq!(found["error"], "no answer within 200 ms");
    }
    let target = address.to_string();
    for (args, message) in [
        (
            json!({"target": target, "timeout": 61}),
            "parameter 'timeout_ms' must be between 1 and 60000, got 61000",
        ),
        (
            json!({"target": target, "timeout": 1, "timeout_ms": 2000}),
            "'timeout_ms' is 2000 and 'timeout' is 1000 ms; give one of them",
        ),
    ] {
        assert_eq!(fails(place(), args).await.message(), message);
    }
    // The same where the whole call has less time.
    let cx = place().cx().bounded(Some(Duration::from_millis(200)), None);
    let args = json!({"target": address.to_string(), "check_type": "tls"});
    let found = call_on(&cx, op(), args).await.unwrap();
    assert_eq!(found.primary(), &Value::Bool(false));
    drop(listener);
}

#[tokio::test]
async fn many_services_at_a_time() {
    let (_open, address) = listener().await;
    let up = site("200 OK", "").await;
    let shut = closed().await;
    let args = json!({"operation": "check_batch", "timeout_ms": 4000, "services": [
        {"name": "open", "target": address.to_string()},
        {"name": "site", "url": format!("http://{up}"), "expected_status": "2xx"},
        {"name": "shut", "host": "127.0.0.1", "port": shut},
        {"name": "private", "target": "10.1.2.3:80"},
        {"name": "odd", "target": "host:99999"},
    ]});
    let outcome = call_on(&place().cx(), op(), args).await.unwrap();
    let data = outcome.data.to_serde_json();
    assert_eq!(
        (&data["available_count"], &data["total"]),
        (&json!(2), &json!(5))
    );
    let results = data["results"].as_array().unwrap();
    let told: Vec<_> = results
        .iter()
        .map(|result| {
            (
                result["name"].as_str().unwrap(),
                result["available"] == true,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("open", true),
            ("site", true),
            ("shut", false),
            ("private", false),
            ("odd", false)
        ]
    );
    assert_eq!(results[0]["timeout_seconds"], 4.0);
    assert_eq!(
        (&results[3]["error_kind"], &results[4]["error_kind"]),
        (&json!("denied"), &json!("invalid_args"))
    );
    assert_eq!(outcome.primary(), outcome.data.get("results").unwrap());
}

#[tokio::test]
async fn private_addresses_stay_refused() {
    for target in [
        "10.0.0.1:80",
        "192.168.1.1:22",
        "169.254.169.254:80",
        "http://169.254.169.254/latest/meta-data/",
        "https://10.0.0.1",
        "[fd00::1]:80",
        "0x0a000001:80",
        "http://metadata.google.internal/",
    ] {
        let error = fails(place(), json!({"target": target})).await;
        assert_eq!(error.kind(), Kind::Denied, "{target}");
        assert!(error.message().contains("not permitted"), "{error}");
    }
    let (_listener, address) = listener().await;
    let target = address.to_string();
    let shut = || place().settings("service_checker", json!({"allow_loopback": false}));
    assert_eq!(
        fails(shut(), json!({"target": target})).await.kind(),
        Kind::Denied
    );
    let url = format!("http://{address}");
    assert_eq!(
        fails(shut(), json!({"target": url})).await.kind(),
        Kind::Denied
    );
    // What the tool's configuration names may be anywhere.
    let hosts = json!({"allow_loopback": false, "allow_hosts": ["127.0.0.*"]});
    let named = place().settings("service_checker", hosts);
    assert_eq!(
        data(named, json!({"target": target})).await["available"],
        true
    );
    for (settings, setting) in [
        (json!({"deny_ports": [address.port()]}), "deny_ports"),
        (json!({"allow_ports": [1]}), "allow_ports"),
    ] {
        let error = fails(
            place().settings("service_checker", settings),
            json!({"target": target}),
        )
        .await;
        assert_eq!(error.kind(), Kind::Denied);
        assert!(error.hints()[0].contains(setting));
    }
    // A port of another protocol is no secret on this machine.
    let found = data(
        place(),
        json!({"target": "http://127.0.0.1:5432", "timeout_ms": 500}),
    )
    .await;
    assert!(found["available"].is_boolean());
}

#[tokio::test]
async fn every_synonym_means_its_operation() {
    let (_listener, address) = listener().await;
    for parameter in ["target", "url", "input"] {
        let args =
            json!({"operation": "check_port", parameter: address.to_string(), "protocol": "TCP"});
        let outcome = call_on(&place().cx(), op(), args).await.unwrap();
        assert_eq!(
            (&*outcome.operation, outcome.primary()),
            ("check", &Value::Bool(true))
        );
    }
}

#[tokio::test]
async fn misuse_is_told() {
    for (args, message) in [
        (
            json!({}),
            "Missing required parameter 'target' for service_checker operation 'check'",
        ),
        (
            json!({"operation": "check_batch"}),
            "Missing required parameter 'services' for service_checker operation 'check_batch'",
        ),
        (
            json!({"target": "host:99999"}),
            "'host:99999' is no target: it is no host and port",
        ),
        (
            json!({"target": "host", "type": "tcp"}),
            "Missing required parameter 'port' for service_checker operation 'check'",
        ),
        (
            json!({"target": "h:1", "timeout_ms": 60001}),
            "parameter 'timeout_ms' must be between 1 and 60000, got 60001",
        ),
        (
            json!({"target": "h:1", "retries": 11}),
            "parameter 'retries' must be between 0 and 10, got 11",
        ),
        (
            json!({"target": "h:1", "check_type": "icmp"}),
            "unknown check_type 'icmp', expected one of: tcp, http, https, dns, tls",
        ),
        (
            json!({"target": "h:1", "prot": 5}),
            "unknown parameter 'prot' (did you mean 'port'?)",
        ),
        (
            json!({"operation": "check_batch", "services": [{"targt": "h:1"}]}),
            "unknown parameter 'services.targt' (did you mean 'target'?)",
        ),
        (
            json!({"target": 5.5, "port": "x"}),
            "parameter 'target' must be string, got number (5.5)",
        ),
    ] {
        let error = fails(place(), args).await;
        assert_eq!(
            (error.kind(), error.message()),
            (Kind::InvalidArgs, message)
        );
    }
    let many = vec![json!({"target": "h:1"}); 101];
    let many = json!({"operation": "check_batch", "services": many});
    assert_eq!(fails(place(), many).await.kind(), Kind::Limit);
    let closed = fails(Place::default(), json!({"target": "h:1"})).await;
    assert_eq!(closed.kind(), Kind::Denied);
}
