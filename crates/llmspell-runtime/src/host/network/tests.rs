use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::io::{AsyncReadExt as _, AsyncWriteExt as _};
use llmspell_core::host::Repeat;
use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

/// A server on loopback that answers each path with fixed bytes, and remembers what it was sent.
struct Server {
    port: u16,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn at(address: &str, answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (answer, list) = (Arc::new(answer), heard.clone());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (answer, list) = (answer.clone(), list.clone());
                tokio::spawn(async move {
                    let request = request(&mut stream).await;
                    let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
                    list.lock().push(request);
                    if path == "/silent" {
                        // Until the other side goes.
                        stream.read_exact(&mut [0]).await.ok();
                        list.lock().push("gone".into());
                        return;
                    }
                    stream.write_all(&answer(&path)).await.ok();
                    if path == "/slow" {
                        stream.read_exact(&mut [0]).await.ok();
                    }
                });
            }
        });
        Self { port, heard }
    }

    async fn new(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::at("127.0.0.1:0", answer).await
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}

async fn request(stream: &mut tokio::net::TcpStream) -> String {
    let mut read = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let count = stream.read(&mut buffer).await.unwrap_or(0);
        read.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&read).to_lowercase();
        let head = text.find("\r\n\r\n");
        let length = text
            .split("content-length: ")
            .nth(1)
            .and_then(|rest| rest.split('\r').next()?.parse::<usize>().ok());
        if count == 0 || head.is_some_and(|head| read.len() >= head + 4 + length.unwrap_or(0)) {
            return String::from_utf8_lossy(&read).into_owned();
        }
    }
}

fn ok(headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn status(status: &str, headers: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n{headers}\r\n").into()
}

/// What a name means is told by a table; each look-up of a name takes the next answer.
#[derive(Debug, Default)]
struct Table {
    names: HashMap<&'static str, Vec<&'static str>>,
    asked: Arc<AtomicUsize>,
}

impl Names for Table {
    fn lookup<'a>(
        &'a self,
        name: &'a str,
        port: u16,
    ) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>> {
        let turn = self.asked.fetch_add(1, Ordering::Relaxed);
        let answers = self.names.get(name).cloned().unwrap_or_default();
        let answer = answers.get(turn.min(answers.len().saturating_sub(1)));
        let addresses = answer.into_iter().flat_map(|list| list.split(' '));
        let addresses = addresses.map(|text| SocketAddr::new(text.parse().unwrap(), port));
        std::future::ready(Ok(addresses.collect())).boxed()
    }
}

fn network_with(rules: NetworkRules, table: Table) -> SystemNetwork {
    let mut network = SystemNetwork::new(NetworkRules {
        proxy: Some(rules.proxy.clone().unwrap_or_default()),
        ..rules
    })
    .unwrap();
    Arc::get_mut(&mut network.0).unwrap().shared.names = Box::new(table);
    network
}

fn network(allow: &[String]) -> SystemNetwork {
    let rules = NetworkRules {
        allow_hosts: allow.to_vec(),
        ..NetworkRules::default()
    };
    network_with(rules, Table::default())
}

async fn get(network: &SystemNetwork, url: impl Into<String>) -> Result<HttpResponse> {
    network.send(HttpRequest::new("GET", url)).await
}

#[track_caller]
fn denied<T>(result: Result<T>, setting: &str) -> Error {
    let Err(error) = result else {
        panic!("expected a refusal")
    };
    assert_eq!(error.kind(), Kind::Denied, "{error:?}");
    let hint = error.hints().join(" ");
    assert!(hint.contains(setting), "{error:?}");
    error
}

#[tokio::test]
async fn what_is_not_public_is_refused() {
    let network = network_with(
        NetworkRules::default(),
        Table {
            names: HashMap::from([
                ("localhost", vec!["127.0.0.1"]),
                ("inside.example", vec!["10.0.0.5"]),
                // One private address among public ones is enough.
                ("mixed.example", vec!["93.184.216.34 192.168.0.1"]),
                ("mapped.example", vec!["::ffff:169.254.169.254"]),
            ]),
            ..Table::default()
        },
    );
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "169.254.169.254",
        "[fd00:ec2::254]",
        "10.1.2.3",
        "localhost",
        "LOCALHOST.",
        "inside.example",
        "mixed.example",
        "mapped.example",
        "metadata.google.internal",
    ] {
        let error = denied(
            get(&network, format!("http://{host}/")).await,
            "allow_hosts",
        );
        assert!(error.message().contains("not permitted"), "{error}");
        // What a name means inside is not told.
        if host.ends_with("example") {
            assert!(
                !error.to_value().to_string().contains("10.0.0.5"),
                "{error:?}"
            );
        }
    }
    denied(get(&network, "http://8.8.8.8:22/").await, "deny_ports");
    denied(get(&network, "http://u:p@8.8.8.8/").await, "auth");
    for url in [
        "ftp://8.8.8.8/",
        "file:///etc/passwd",
        "gopher://8.8.8.8/",
        "data:,x",
    ] {
        denied(get(&network, url).await, "http");
    }
    let none = get(&network, "not a url").await.unwrap_err();
    assert_eq!(none.kind(), Kind::InvalidArgs);
    let unknown = get(&network, "http://no.such.example/").await.unwrap_err();
    assert_eq!(unknown.kind(), Kind::Remote);
    assert_eq!(unknown.details()["phase"].as_str(), Some("dns"));
}

#[tokio::test]
async fn lists_allow_and_deny() {
    let server = Server::new(|_| ok("", b"hello")).await;
    let host = server.host();
    let lists = |allow: &str, deny: &str, only: &str| {
        let list = |text: &str| text.split_whitespace().map(str::to_owned).collect();
        let rules = NetworkRules {
            allow_hosts: list(allow),
            deny_hosts: list(deny),
            only_hosts: list(only),
            ..NetworkRules::default()
        };
        let names = HashMap::from([("local.example", vec!["127.0.0.1"])]);
        network_with(
            rules,
            Table {
                names,
                ..Table::default()
            },
        )
    };
    let by_name = format!("http://local.example:{}/", server.port);
    for allow in [host.as_str(), "127.0.0.1", "127.0.0.0/8", "*"] {
        let mut answer = get(&lists(allow, "", ""), server.url("/")).await.unwrap();
        assert_eq!(
            (answer.status, answer.body.whole().await.unwrap().as_slice()),
            (200, &b"hello"[..])
        );
    }
    for allow in ["local.example", "*.example", "127.0.0.0/8"] {
        get(&lists(allow, "", ""), by_name.clone()).await.unwrap();
    }
    denied(
        get(&lists("127.0.0.1:1", "", ""), server.url("/")).await,
        "allow_hosts",
    );
    denied(
        get(&lists("*", "127.0.0.1", ""), server.url("/")).await,
        "deny_hosts",
    );
    denied(
        get(&lists("*", "127.0.0.0/8", ""), by_name.clone()).await,
        "deny_hosts",
    );
    denied(
        get(&lists("*", "", "other.example"), server.url("/")).await,
        "only_hosts",
    );
    denied(
        get(&lists("*", "", "10.0.0.0/8"), by_name.clone()).await,
        "only_hosts",
    );
    get(&lists("*", "", "127.0.0.0/8"), by_name).await.unwrap();
    let bad = NetworkRules {
        allow_hosts: vec!["a b".into()],
        ..NetworkRules::default()
    };
    assert_eq!(SystemNetwork::new(bad).unwrap_err().kind(), Kind::Config);
}

#[tokio::test]
async fn ssrf_by_dns_rebinding_is_not_possible() {
    // The same port on two addresses, of which only one may be reached.
    let inside = Server::new(|_| ok("", b"secret")).await;
    let address = format!("127.0.0.2:{}", inside.port);
    let outside = Server::at(&address, |_| ok("", b"public")).await;
    let asked = Arc::new(AtomicUsize::new(0));
    let names = HashMap::from([("changes.example", vec!["127.0.0.2", "127.0.0.1"])]);
    let rules = NetworkRules {
        allow_hosts: vec!["127.0.0.2".into()],
        ..NetworkRules::default()
    };
    let network = network_with(
        rules,
        Table {
            names,
            asked: asked.clone(),
        },
    );
    let url = format!("http://changes.example:{}/", outside.port);
    let mut first = get(&network, url.clone()).await.unwrap();
    assert_eq!(first.body.whole().await.unwrap(), b"public");
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    denied(get(&network, url).await, "allow_hosts");
    assert!(inside.heard.lock().is_empty());
    let heard = outside.heard.lock().join("\n");
    assert!(
        heard.contains(&format!("host: changes.example:{}", outside.port)),
        "{heard}"
    );
    assert!(
        heard.contains(concat!("user-agent: llmspell/", env!("CARGO_PKG_VERSION"))),
        "{heard}"
    );
}

#[tokio::test]
async fn ssrf_by_redirect_is_refused() {
    let inside = Server::new(|_| ok("", b"secret")).await;
    let secret = inside.url("/secret");
    let server = Server::new(move |path| match path {
        "/in" => status("302 Found", &format!("location: {secret}\r\n")),
        "/file" => status("302 Found", "location: file:///etc/passwd\r\n"),
        "/loop" => status("301 Moved", "location: /loop\r\n"),
        "/see" => status("303 See Other", "location: /end\r\n"),
        "/keep" => status("307 Temporary", "location: /end\r\n"),
        _ => ok("", b"end"),
    })
    .await;
    let narrow = network(&[server.host()]);
    denied(get(&narrow, server.url("/in")).await, "allow_hosts");
    denied(get(&narrow, server.url("/file")).await, "http");
    assert!(inside.heard.lock().is_empty());
    let endless = get(&narrow, server.url("/loop")).await.unwrap_err();
    assert_eq!(endless.kind(), Kind::Limit);
    let stays = HttpRequest::new("GET", server.url("/loop")).redirects(0);
    assert_eq!(narrow.send(stays).await.unwrap().status, 301);

    let configured = HttpRequest::new("GET", server.url("/in")).configured(server.url(""));
    denied(network(&[]).send(configured).await, "allow_hosts");

    let own = HttpRequest::new("GET", server.url("/end")).loopback();
    assert_eq!(network(&[]).send(own).await.unwrap().status, 200);
    let private = HttpRequest::new("GET", "http://10.0.0.1/").loopback();
    denied(network(&[]).send(private).await, "allow_hosts");

    let post = |path: &str| {
        HttpRequest::new("POST", server.url(path))
            .body("text/plain", "hello")
            .header("authorization", "Bearer planted")
    };
    let answer = narrow.send(post("/see")).await.unwrap();
    assert_eq!(answer.url, server.url("/end"));
    assert_eq!(answer.redirects.len(), 1);
    let last = server.heard.lock().last().cloned().unwrap();
    assert!(
        last.starts_with("GET /end") && !last.contains("hello"),
        "{last}"
    );
    assert!(last.contains("Bearer planted"), "{last}");
    narrow.send(post("/keep")).await.unwrap();
    let last = server.heard.lock().last().cloned().unwrap();
    assert!(
        last.starts_with("POST /end") && last.contains("hello"),
        "{last}"
    );

    // Secrets do not follow to another host, whatever their headers are called.
    let wide = network(&["127.0.0.1".into()]);
    let mut odd = post("/in")
        .header("X-Odd", "planted")
        .header("x-plain", "1");
    odd.secret_headers.push("x-odd".into());
    wide.send(odd).await.unwrap();
    let last = inside.heard.lock().last().cloned().unwrap();
    assert!(!last.contains("planted"), "{last}");
    assert!(last.contains("x-plain: 1"), "{last}");
    let mut own = post("/keep").header("X-Odd", "stays");
    own.secret_headers.push("x-odd".into());
    wide.send(own).await.unwrap();
    let last = server.heard.lock().last().cloned().unwrap();
    assert!(last.contains("x-odd: stays"), "{last}");
}

#[tokio::test]
async fn decompression_bomb_is_cut() {
    async fn packed(bytes: &[u8], encoding: &str) -> Vec<u8> {
        use async_compression::tokio::bufread::{
            BrotliEncoder, GzipEncoder, ZlibEncoder, ZstdEncoder,
        };
        let mut packed = Vec::new();
        match encoding {
            "gzip" => GzipEncoder::new(bytes).read_to_end(&mut packed).await,
            "deflate" => ZlibEncoder::new(bytes).read_to_end(&mut packed).await,
            "zstd" => ZstdEncoder::new(bytes).read_to_end(&mut packed).await,
            _ => BrotliEncoder::new(bytes).read_to_end(&mut packed).await,
        }
        .unwrap();
        packed
    }
    let zeros = vec![0; 5 << 20];
    let bomb = packed(&zeros, "gzip").await;
    let bomb = packed(&bomb, "gzip").await;
    let mut pages = HashMap::from([
        (
            "/bomb".to_owned(),
            ok("content-encoding: gzip, gzip\r\n", &bomb),
        ),
        ("/large".to_owned(), ok("", &vec![7; 5000])),
        (
            "/damaged".to_owned(),
            ok("content-encoding: gzip\r\n", b"no gzip"),
        ),
        ("/unknown".to_owned(), ok("content-encoding: zip\r\n", b"x")),
        (
            "/short".to_owned(),
            b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nshort".to_vec(),
        ),
        (
            "/slow".to_owned(),
            b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nslow".to_vec(),
        ),
    ]);
    let zstd = packed(&zeros, "zstd").await;
    pages.insert(
        "/bomb/zstd".to_owned(),
        ok("content-encoding: zstd\r\n", &zstd),
    );
    for encoding in ["gzip", "deflate", "br", "zstd"] {
        let text = packed("hello ".repeat(50).as_bytes(), encoding).await;
        let header = format!("content-encoding: {encoding}\r\n");
        pages.insert(format!("/{encoding}"), ok(&header, &text));
    }
    let server = Server::new(move |path| pages.get(path).cloned().unwrap_or_default()).await;
    let network = network(&[server.host()]);
    let ask = |path: &str| HttpRequest::new("GET", server.url(path));
    for encoding in ["gzip", "deflate", "br", "zstd"] {
        let mut answer = network.send(ask(&format!("/{encoding}"))).await.unwrap();
        assert_eq!(answer.header("content-encoding"), None);
        assert_eq!(
            answer.body.whole().await.unwrap(),
            "hello ".repeat(50).as_bytes()
        );
    }
    let kind_of = async |request: HttpRequest| match network.send(request).await {
        Ok(mut answer) => answer.body.whole().await.unwrap_err().kind(),
        Err(error) => error.kind(),
    };
    assert_eq!(kind_of(ask("/bomb")).await, Kind::Limit);
    assert_eq!(kind_of(ask("/bomb/zstd")).await, Kind::Limit);
    assert_eq!(kind_of(ask("/large").max_bytes(1000)).await, Kind::Limit);
    assert_eq!(kind_of(ask("/damaged")).await, Kind::Parse);
    assert_eq!(kind_of(ask("/unknown")).await, Kind::Unavailable);
    assert_eq!(kind_of(ask("/short")).await, Kind::Remote);
    let slow = ask("/slow").timeout(Duration::from_millis(200));
    assert_eq!(kind_of(slow).await, Kind::Timeout);
    let silent = ask("/silent").timeout(Duration::from_millis(200));
    assert_eq!(kind_of(silent).await, Kind::Timeout);
    let mut cut = network.send(ask("/large").max_bytes(1000)).await.unwrap();
    assert_eq!(cut.body.start().await.unwrap().len(), 1000);
    assert!(cut.body.is_cut());
    let mut exact = network.send(ask("/large").max_bytes(5000)).await.unwrap();
    assert_eq!(exact.body.whole().await.unwrap().len(), 5000);
}

#[tokio::test]
async fn only_what_may_be_sent_twice_is() {
    let count = Arc::new(AtomicUsize::new(0));
    let server = Server::new(move |_| match count.fetch_add(1, Ordering::Relaxed) % 2 {
        0 => status("503 Busy", "retry-after: 0\r\n"),
        _ => ok("", b"now"),
    })
    .await;
    let network = network(&["127.0.0.1".into()]);
    let ask = |method: &str| HttpRequest::new(method, server.url("/")).retry(Repeat::default());
    let answer = network.send(ask("GET")).await.unwrap();
    assert_eq!(answer.status, 200);
    let statuses: Vec<_> = answer
        .attempts
        .iter()
        .map(|attempt| attempt.status)
        .collect();
    assert_eq!(statuses, [Some(503), Some(200)]);
    let answer = network.send(ask("POST")).await.unwrap();
    assert_eq!((answer.status, answer.attempts.len()), (503, 1));
    let again = network.send(ask("POST").repeatable()).await.unwrap();
    assert_eq!(again.attempts.len(), 1);
    let twice = network.send(ask("POST").repeatable()).await.unwrap();
    assert_eq!((twice.status, twice.attempts.len()), (200, 2));

    // Where nothing was sent a POST may be tried again as well.
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", closed.local_addr().unwrap());
    drop(closed);
    let quick = Repeat {
        initial_delay: Duration::ZERO,
        ..Repeat::default()
    };
    let failed = network
        .send(HttpRequest::new("POST", url).retry(quick))
        .await;
    let failed = failed.unwrap_err();
    assert_eq!(
        (failed.kind(), failed.details()["attempts"].as_int()),
        (Kind::Remote, Some(3))
    );
    assert_eq!(failed.details()["phase"].as_str(), Some("connect"));
}

#[tokio::test]
async fn a_body_that_breaks_off_is_sent_for_again_if_it_is_wanted_whole() {
    let count = Arc::new(AtomicUsize::new(0));
    let server = Server::new(
        move |path| match (path, count.fetch_add(1, Ordering::Relaxed) % 3) {
            ("/long", _) => ok("", &[b'x'; 100]),
            ("/", 2) => ok("", b"whole"),
            _ => b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nbro".to_vec(),
        },
    )
    .await;
    let network = network(&["127.0.0.1".into()]);
    let quick = Repeat {
        initial_delay: Duration::ZERO,
        ..Repeat::default()
    };
    let ask = |method: &str, path: &str| {
        let request = HttpRequest::new(method, server.url(path));
        request.retry(quick.clone()).whole()
    };
    let mut answer = network.send(ask("GET", "/")).await.unwrap();
    assert_eq!(answer.body.whole().await.unwrap(), b"whole");
    let failed: Vec<_> = answer
        .attempts
        .iter()
        .map(|attempt| (attempt.status, attempt.error.is_some()))
        .collect();
    let expected = [(Some(200), true), (Some(200), true), (Some(200), false)];
    assert_eq!(failed, expected);
    for (request, attempts) in [(ask("GET", "/never"), 3), (ask("POST", "/never"), 1)] {
        let error = network.send(request).await.unwrap_err();
        assert_eq!(error.details()["phase"].as_str(), Some("body"), "{error:?}");
        assert_eq!(error.details()["attempts"].as_int(), Some(attempts));
    }
    // What may be read is bounded as ever.
    let mut cut = network
        .send(ask("GET", "/long").max_bytes(10))
        .await
        .unwrap();
    assert_eq!(cut.body.start().await.unwrap(), [b'x'; 10]);
    assert!(cut.body.is_cut());
    // As it comes, nothing can be taken back.
    let streamed = HttpRequest::new("GET", server.url("/never")).retry(quick.clone());
    let mut answer = network.send(streamed).await.unwrap();
    assert_eq!(answer.attempts.len(), 1);
    assert!(answer.body.whole().await.is_err());
}

#[tokio::test]
async fn a_handshake_that_breaks_off_is_told_apart_and_tried_again() {
    let network = network(&["127.0.0.1".into()]);
    let quick = Repeat {
        initial_delay: Duration::ZERO,
        ..Repeat::default()
    };
    // Who accepts goes when the handshake begins, so nothing of the request has left.
    let accepting = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closing = format!("https://{}/", accepting.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = accepting.accept().await {
            let _ = stream.read(&mut [0; 16]).await;
        }
    });
    let request = HttpRequest::new("POST", closing).retry(quick);
    let error = network.send(request).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Remote);
    assert_eq!(error.details()["phase"].as_str(), Some("tls"), "{error:?}");
    assert_eq!(error.details()["attempts"].as_int(), Some(3));
}

#[tokio::test]
async fn requests_that_could_have_a_body_say_that_they_have_none() {
    let server = Server::new(|_| ok("", b"")).await;
    let network = network(&[server.host()]);
    for (method, says) in [
        ("POST", true),
        ("PUT", true),
        ("PATCH", true),
        ("GET", false),
        ("DELETE", false),
    ] {
        network
            .send(HttpRequest::new(method, server.url("/")))
            .await
            .unwrap();
        let last = server.heard.lock().last().cloned().unwrap();
        assert_eq!(last.contains("content-length: 0\r\n"), says, "{last}");
    }
}

#[tokio::test]
async fn a_proxy_gets_only_what_was_checked() {
    let proxy = Server::new(|_| ok("", b"through")).await;
    let rules = NetworkRules {
        proxy: Some(format!("http://user:planted@127.0.0.1:{}", proxy.port)),
        ..NetworkRules::default()
    };
    let names = HashMap::from([
        ("public.example", vec!["93.184.216.34"]),
        ("private.example", vec!["10.0.0.1"]),
    ]);
    let network = network_with(
        rules,
        Table {
            names,
            ..Table::default()
        },
    );
    let mut answer = get(&network, "http://public.example/page").await.unwrap();
    assert_eq!(answer.body.whole().await.unwrap(), b"through");
    let heard = proxy.heard.lock().join("\n");
    assert!(
        heard.starts_with("GET http://public.example/page"),
        "{heard}"
    );
    assert!(heard.contains("proxy-authorization: Basic"), "{heard}");
    denied(
        get(&network, "http://private.example/").await,
        "allow_hosts",
    );
    assert_eq!(proxy.heard.lock().len(), 1);
    assert!(!format!("{network:?}").contains("planted"));
}

#[tokio::test]
async fn headers_belong_to_the_request_or_to_the_connection() {
    let server = Server::new(|_| ok("x-a: 1\r\nX-A: 2\r\n", b"")).await;
    let network = network(&[server.host()]);
    let ask =
        |name: &str, value: &str| HttpRequest::new("GET", server.url("/")).header(name, value);
    for (name, value) in [
        ("Host", "x"),
        ("Content-Length", "1"),
        ("a b", "x"),
        ("a", "x\r\ny: z"),
    ] {
        let refused = network.send(ask(name, value)).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::InvalidArgs, "{name}");
    }
    let answer = network.send(ask("x-own", "here")).await.unwrap();
    let own: Vec<_> = answer
        .headers
        .iter()
        .filter(|(name, _)| name == "x-a")
        .collect();
    assert_eq!(own.len(), 2);
    assert!(server.heard.lock()[0].contains("x-own: here"));
}

#[tokio::test]
async fn dropping_a_request_closes_its_connection() {
    let server = Server::new(|_| Vec::new()).await;
    let network = network(&[server.host()]);
    let asking = get(&network, server.url("/silent"));
    tokio::select! {
        _ = asking => panic!("it does not answer"),
        () = async { while server.heard.lock().is_empty() { tokio::task::yield_now().await } } => {}
    }
    while server.heard.lock().len() < 2 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn raw_connections_are_checked_as_well() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut word = [0; 4];
            stream.read_exact(&mut word).await.ok();
            stream.write_all(&word).await.ok();
        }
    });
    let closed = network(&[]);
    for host in ["127.0.0.1", "::1", "[::1]", "0x7f.1"] {
        denied(
            closed.connect(Endpoint::new(host, port)).await.map(drop),
            "allow_hosts",
        );
        denied(
            closed.resolve(Endpoint::new(host, port)).await,
            "allow_hosts",
        );
    }
    let own = Endpoint {
        loopback: true,
        ..Endpoint::new("127.0.0.1", port)
    };
    for endpoint in [Endpoint::new("127.0.0.1", port).configured(), own] {
        let mut connection = closed.connect(endpoint).await.unwrap();
        assert!(connection.peer().is_loopback());
        connection.write_all(b"ping").await.unwrap();
        let mut word = [0; 4];
        connection.read_exact(&mut word).await.unwrap();
        assert_eq!(&word, b"ping");
    }
    let private = Endpoint {
        loopback: true,
        ..Endpoint::new("10.0.0.1", port)
    };
    denied(closed.connect(private).await.map(drop), "allow_hosts");
    let plain = closed
        .connect(Endpoint::new("127.0.0.1", port).configured())
        .await
        .unwrap();
    let unsafe_ = closed.secure(plain, "local.example").await.unwrap_err();
    assert_eq!(unsafe_.details()["phase"].as_str(), Some("tls"));
}
