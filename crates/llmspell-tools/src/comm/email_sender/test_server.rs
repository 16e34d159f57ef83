//! A small mail server on loopback for one test, with STARTTLS, logins and a mailbox.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::test_tls::Authority;

pub(super) const USERNAME: &str = "ada";
pub(super) const PASSWORD: &str = "correct horse battery";

/// How the server behaves.
#[derive(Clone)]
pub(super) struct Manners {
    /// Whether the connection is encrypted from the beginning.
    pub(super) implicit: bool,
    /// Whether it can be encrypted.
    pub(super) starttls: bool,
    /// The logins that are offered once it is encrypted.
    pub(super) auth: &'static str,
    /// Whether mail needs a login.
    pub(super) closed: bool,
    /// What is said after the message.
    pub(super) last: &'static str,
    /// What is said together with the answer to STARTTLS, in the same packet.
    pub(super) smuggled: &'static str,
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            implicit: false,
            starttls: true,
            auth: "PLAIN LOGIN",
            closed: true,
            last: "250 2.0.0 queued as 1",
            smuggled: "",
        }
    }
}

/// A message that was accepted.
#[derive(Clone, Debug, Default)]
pub(super) struct Mail {
    pub(super) from: String,
    pub(super) to: Vec<String>,
    pub(super) raw: String,
    pub(super) encrypted: bool,
    pub(super) user: Option<String>,
}

/// The server, and all that was said to it.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    pub(super) authority: Authority,
    mails: Arc<Mutex<Vec<Mail>>>,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(super) async fn start(dir: &Path, manners: Manners) -> Self {
        let authority = Authority::new(dir);
        let acceptor = authority.acceptor(2200);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            authority,
            mails: Arc::default(),
            lines: Arc::default(),
        };
        let (mails, lines) = (server.mails.clone(), server.lines.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let talk = Talk {
                    manners: manners.clone(),
                    acceptor: acceptor.clone(),
                    mails: mails.clone(),
                    lines: lines.clone(),
                    encrypted: false,
                    user: None,
                };
                tokio::spawn(talk.begin(stream));
            }
        });
        server
    }

    pub(super) fn port(&self) -> u16 {
        self.address.port()
    }

    pub(super) fn mails(&self) -> Vec<Mail> {
        self.mails.lock().unwrap().clone()
    }

    pub(super) fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }
}

struct Talk {
    manners: Manners,
    acceptor: TlsAcceptor,
    mails: Arc<Mutex<Vec<Mail>>>,
    lines: Arc<Mutex<Vec<String>>>,
    encrypted: bool,
    user: Option<String>,
}

/// Why a conversation stops.
enum Stop {
    Over,
    Encrypt,
}

impl Talk {
    async fn begin(mut self, stream: TcpStream) -> Option<()> {
        if self.manners.implicit {
            let stream = self.acceptor.accept(stream).await.ok()?;
            self.encrypted = true;
            self.talk(stream, true).await?;
            return Some(());
        }
        let (stream, stop) = self.talk(stream, true).await?;
        if matches!(stop, Stop::Encrypt) {
            let stream = self.acceptor.accept(stream).await.ok()?;
            self.encrypted = true;
            self.talk(stream, false).await?;
        }
        Some(())
    }

    async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        stream: S,
        greets: bool,
    ) -> Option<(S, Stop)> {
        let mut stream = BufReader::new(stream);
        if greets {
            say(&mut stream, "220 mail.test ESMTP").await?;
        }
        let mut mail = Mail::default();
        loop {
            let line = self.hear(&mut stream).await?;
            let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
            let answer = match verb.to_ascii_uppercase().as_str() {
                "EHLO" => self.hello(),
                "STARTTLS" => {
                    let smuggled = self.manners.smuggled;
                    say(&mut stream, &format!("220 go ahead{smuggled}")).await?;
                    return Some((stream.into_inner(), Stop::Encrypt));
                }
                "AUTH" => self.login(rest, &mut stream).await?,
                "MAIL" if self.manners.closed && self.user.is_none() => {
                    "530 5.7.0 Authentication required".to_owned()
                }
                "MAIL" => {
                    mail.from = between(rest);
                    "250 2.1.0 Ok".to_owned()
                }
                "RCPT" if rest.contains("nobody") => "550 5.1.1 <nobody>: no such user".to_owned(),
                "RCPT" => {
                    mail.to.push(between(rest));
                    "250 2.1.5 Ok".to_owned()
                }
                "DATA" => {
                    say(&mut stream, "354 End data with <CR><LF>.<CR><LF>").await?;
                    mail.raw = self.body(&mut stream).await?;
                    (mail.encrypted, mail.user) = (self.encrypted, self.user.clone());
                    if self.manners.last.is_empty() {
                        return Some((stream.into_inner(), Stop::Over));
                    }
                    if self.manners.last.starts_with('2') {
                        self.mails.lock().unwrap().push(std::mem::take(&mut mail));
                    }
                    self.manners.last.to_owned()
                }
                "QUIT" => {
                    say(&mut stream, "221 2.0.0 Bye").await?;
                    return Some((stream.into_inner(), Stop::Over));
                }
                _ => "502 5.5.1 not known".to_owned(),
            };
            say(&mut stream, &answer).await?;
        }
    }

    fn hello(&self) -> String {
        let mut lines = vec![
            "mail.test greets you".to_owned(),
            "SIZE 50000000".to_owned(),
        ];
        if self.manners.starttls && !self.encrypted {
            lines.push("STARTTLS".to_owned());
        }
        if self.encrypted || !self.manners.starttls {
            lines.push(format!("AUTH {}", self.manners.auth));
        }
        lines.push("8BITMIME".to_owned());
        let last = lines.len() - 1;
        let lines = lines.iter().enumerate().map(|(index, line)| {
            let mark = if index == last { ' ' } else { '-' };
            format!("250{mark}{line}")
        });
        lines.collect::<Vec<_>>().join("\r\n")
    }

    async fn login<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        rest: &str,
        stream: &mut BufReader<S>,
    ) -> Option<String> {
        let plain = |text: &str| String::from_utf8(STANDARD.decode(text).ok()?).ok();
        let (username, password) = match rest.split_once(' ') {
            Some(("PLAIN", both)) => {
                let both = plain(both)?;
                let mut words = both.split('\0').skip(1).map(str::to_owned);
                (words.next()?, words.next()?)
            }
            _ => {
                say(stream, "334 VXNlcm5hbWU6").await?;
                let username = plain(&self.hear(stream).await?)?;
                say(stream, "334 UGFzc3dvcmQ6").await?;
                (username, plain(&self.hear(stream).await?)?)
            }
        };
        if (&*username, &*password) == (USERNAME, PASSWORD) {
            self.user = Some(username);
            return Some("235 2.7.0 welcome".to_owned());
        }
        // A server that repeats what it should not.
        Some(format!("535 5.7.8 not accepted: {password} {rest}"))
    }

    async fn hear<S: AsyncRead + Unpin>(&self, stream: &mut BufReader<S>) -> Option<String> {
        let mut line = String::new();
        match stream.read_line(&mut line).await {
            Ok(1..) => {}
            _ => return None,
        }
        assert!(line.ends_with("\r\n"), "{line:?}");
        let line = line.trim_end().to_owned();
        self.lines.lock().unwrap().push(line.clone());
        Some(line)
    }

    /// Reads up to the dot, and takes away what was doubled.
    async fn body<S: AsyncRead + Unpin>(&self, stream: &mut BufReader<S>) -> Option<String> {
        let mut raw = String::new();
        loop {
            let mut line = String::new();
            match stream.read_line(&mut line).await {
                Ok(1..) if line == ".\r\n" => return Some(raw),
                Ok(1..) => raw.push_str(line.strip_prefix('.').unwrap_or(&line)),
                _ => return None,
            }
        }
    }
}

fn between(text: &str) -> String {
    let inner = text
        .split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'));
    inner.map_or("", |(inner, _)| inner).to_owned()
}

async fn say<S: AsyncWrite + Unpin>(stream: &mut S, text: &str) -> Option<()> {
    stream
        .write_all(format!("{text}\r\n").as_bytes())
        .await
        .ok()?;
    stream.flush().await.ok()
}
