//! SMTP, as the client of a server that takes mail from people.
//!
//! - Source: RFC 5321, RFC 3207 (STARTTLS), RFC 4954 (AUTH), RFC 6531 (SMTPUTF8).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::io::{AsyncReadExt as _, AsyncWriteExt as _};
use llmspell_core::host::{Connection, Endpoint};
use llmspell_core::{Cx, Error, Kind, Result, Value, bail, error};

use super::letter::Letter;
use super::{Sent, Verified, rejection};

/// What this client calls itself; it has no name of its own.
const CLIENT: &str = "[127.0.0.1]";

/// Most bytes of one reply.
const MAX_REPLY: usize = 64 << 10;

/// Longest text of a server in an error, in characters.
const MAX_SAID: usize = 300;

/// A server and the account at it.
pub(super) struct Server {
    pub(super) host: String,
    pub(super) port: u16,
    /// Name and password.
    pub(super) login: Option<(String, String)>,
    /// `starttls`, `implicit` or `none`.
    pub(super) tls: &'static str,
    /// Whether `none` is meant for servers elsewhere as well.
    pub(super) allow_plain: bool,
    /// The host comes from the configuration.
    pub(super) configured: bool,
}

/// A conversation under way.
struct Dialogue {
    connection: Box<dyn Connection>,
    /// What was received and not yet read.
    received: Vec<u8>,
    /// What the server can, as it said last.
    extensions: Vec<String>,
    tls: Option<String>,
    cx: Cx,
}

/// What the server said.
struct Reply {
    code: u16,
    lines: Vec<String>,
}

impl Server {
    /// Sends a message, once.
    ///
    /// - Errors: `Auth` for a refused login; `Execution` with `rejected` if nobody may get it or the server refuses the
    ///   message; `Remote` for what fails on the way.
    pub(super) async fn send(&self, cx: &Cx, letter: &Letter, raw: &[u8]) -> Result<Sent> {
        let mut dialogue = self.begin(cx).await?;
        let recipients = letter.recipients();
        let from = letter.from.email.to_string();
        let wide = !from.is_ascii() || recipients.iter().any(|address| !address.is_ascii());
        let mut mail = format!("MAIL FROM:<{from}>");
        if dialogue.can("SIZE") {
            mail += &format!(" SIZE={}", raw.len());
        }
        if wide && dialogue.can("SMTPUTF8") {
            mail += " SMTPUTF8";
        } else if !from.is_ascii() {
            bail!(Execution, "the server takes no sender beyond ASCII");
        }
        let reply = dialogue.command(&mail).await?;
        if !reply.is_well() {
            return Err(dialogue.refusal("the server refuses the sender", &reply));
        }
        let (mut accepted, mut rejected) = (Vec::new(), Vec::new());
        for address in recipients {
            if !address.is_ascii() && !dialogue.can("SMTPUTF8") {
                rejected.push((
                    address,
                    "the server takes no address beyond ASCII".to_owned(),
                ));
                continue;
            }
            let reply = dialogue.command(&format!("RCPT TO:<{address}>")).await?;
            match reply.is_well() {
                true => accepted.push(address),
                false => rejected.push((address, dialogue.said(&reply))),
            }
        }
        if accepted.is_empty() {
            dialogue.leave().await;
            let rejected: Value = rejected.iter().map(rejection).collect();
            let data = llmspell_core::Map::from_iter([("rejected".to_owned(), rejected.clone())]);
            return Err(error!(Execution, "the server refuses all recipients")
                .with("rejected", rejected)
                .with("data", data));
        }
        dialogue.data(raw).await?;
        dialogue.leave().await;
        let message = match accepted.len() {
            1 => "The server has accepted the message for 1 recipient".to_owned(),
            count => format!("The server has accepted the message for {count} recipients"),
        };
        Ok(Sent {
            status: "sent",
            message_id: letter.message_id.clone(),
            accepted,
            rejected,
            message,
        })
    }

    /// Connects and logs in, and sends nothing.
    pub(super) async fn verify(&self, cx: &Cx) -> Result<Verified> {
        let mut dialogue = self.begin(cx).await?;
        let tls = dialogue.tls.clone();
        dialogue.leave().await;
        Ok(Verified {
            available: true,
            auth_ok: self.login.is_some().then_some(true),
            tls,
            fault: None,
        })
    }

    /// Connects, encrypts and logs in.
    async fn begin(&self, cx: &Cx) -> Result<Dialogue> {
        let network = &cx.host().network;
        let endpoint = Endpoint::new(self.host.as_str(), self.port);
        let endpoint = match self.configured {
            true => endpoint.configured(),
            false => endpoint,
        };
        let mut connection = network.connect(endpoint).await?;
        let mut tls = None;
        if self.tls == "implicit" {
            let secured = network.secure(connection, &self.host).await?;
            (connection, tls) = (secured.connection, Some(secured.version));
        } else if self.tls == "none" && !self.allow_plain && !is_own(&*connection) {
            return Err(error!(
                Denied,
                "Mail without encryption to '{}' is not permitted", self.host
            )
            .hint("use tls = \"starttls\", or set `allow_plain = true` for the provider"));
        }
        let mut dialogue = Dialogue {
            connection,
            received: Vec::new(),
            extensions: Vec::new(),
            tls,
            cx: cx.clone(),
        };
        let greeting = dialogue.reply().await?;
        if greeting.code != 220 {
            return Err(dialogue.refusal("the server does not talk to us", &greeting));
        }
        dialogue.hello().await?;
        if self.tls == "starttls" {
            dialogue = self.encrypt(dialogue).await?;
        }
        if let Some((username, password)) = &self.login {
            let login = dialogue.login(username, password).await;
            login.map_err(|error| match &dialogue.tls {
                Some(tls) => error.with("tls", tls.as_str()),
                None => error,
            })?;
        }
        Ok(dialogue)
    }

    /// Goes on encrypted. A server that cannot is left: somebody in between may have said so.
    async fn encrypt(&self, mut dialogue: Dialogue) -> Result<Dialogue> {
        if !dialogue.can("STARTTLS") {
            dialogue.leave().await;
            return Err(
                error!(Remote, "the server '{}' offers no STARTTLS", self.host)
                    .with("phase", "tls")
                    .hint("port 465 encrypts at once: tls = \"implicit\""),
            );
        }
        let reply = dialogue.command("STARTTLS").await?;
        if reply.code != 220 {
            return Err(dialogue.refusal("the server refuses STARTTLS", &reply));
        }
        // What was sent before the encryption could be anybody's.
        if !dialogue.received.is_empty() {
            return Err(error!(
                Remote,
                "the server '{}' goes on without encryption", self.host
            )
            .with("phase", "tls"));
        }
        let network = dialogue.cx.host().network.clone();
        let secured = network.secure(dialogue.connection, &self.host).await?;
        let mut dialogue = Dialogue {
            connection: secured.connection,
            tls: Some(secured.version),
            ..dialogue
        };
        dialogue.hello().await?;
        Ok(dialogue)
    }
}

fn is_own(connection: &dyn Connection) -> bool {
    connection.peer().to_canonical().is_loopback()
}

impl Dialogue {
    /// Introduces the client, and learns what the server can.
    async fn hello(&mut self) -> Result<()> {
        self.extensions.clear();
        let reply = self.command(&format!("EHLO {CLIENT}")).await?;
        if reply.is_well() {
            let extensions = reply.lines.iter().skip(1);
            self.extensions = extensions.map(|line| line.to_ascii_uppercase()).collect();
            return Ok(());
        }
        let reply = self.command(&format!("HELO {CLIENT}")).await?;
        match reply.is_well() {
            true => Ok(()),
            false => Err(self.refusal("the server does not greet back", &reply)),
        }
    }

    fn extension(&self, name: &str) -> Option<&str> {
        self.extensions.iter().find_map(|line| {
            let (own, rest) = line.split_once([' ', '=']).unwrap_or((line, ""));
            (own == name).then_some(rest)
        })
    }

    fn can(&self, name: &str) -> bool {
        self.extension(name).is_some()
    }

    async fn login(&mut self, username: &str, password: &str) -> Result<()> {
        let secrets = self.cx.host().secrets.clone();
        let offered = self.extension("AUTH").unwrap_or_default().to_owned();
        let offers = |name: &str| offered.split_whitespace().any(|known| known == name);
        let reply = if offers("PLAIN") {
            let both = STANDARD.encode(format!("\0{username}\0{password}"));
            secrets.add("smtp login", &both);
            self.command(&format!("AUTH PLAIN {both}")).await?
        } else if offers("LOGIN") {
            let mut reply = self.command("AUTH LOGIN").await?;
            for word in [username, password] {
                if reply.code == 334 {
                    reply = self.command(&STANDARD.encode(word)).await?;
                }
            }
            reply
        } else {
            return Err(
                error!(Auth, "the server offers no login that is known here")
                    .with("offered", offered)
                    .hint("known are PLAIN and LOGIN"),
            );
        };
        match reply.code {
            235 => Ok(()),
            // The server cannot tell now.
            400..500 => Err(self.refusal("the server puts off the login", &reply)),
            code => {
                let said = self.said(&reply);
                Err(error!(Auth, "the server refuses the login: {said}")
                    .with("status", i64::from(code)))
            }
        }
    }

    /// Sends the message itself. After this it may have been accepted whatever happens.
    async fn data(&mut self, raw: &[u8]) -> Result<()> {
        let reply = self.command("DATA").await?;
        if reply.code != 354 {
            return Err(self.refusal("the server refuses the message", &reply));
        }
        let reply = match self.transmit(&stuffed(raw)).await {
            Ok(()) => self.reply().await,
            Err(error) => Err(error),
        };
        let reply = reply.map_err(|error| {
            error
                .transient(false)
                .hint("whether the server has accepted the message is not known")
        })?;
        match reply.is_well() {
            true => Ok(()),
            false => Err(self
                .refusal("the server refuses the message", &reply)
                .transient(false)),
        }
    }

    /// Takes leave. What comes of it changes nothing.
    async fn leave(&mut self) {
        self.command("QUIT").await.ok();
        self.connection.close().await.ok();
    }

    async fn command(&mut self, line: &str) -> Result<Reply> {
        // Everything in a line was checked before; this makes it impossible that one becomes two.
        if line.contains(['\r', '\n', '\0']) {
            bail!(InvalidArgs, "a line to the server has a line break");
        }
        self.transmit(format!("{line}\r\n").as_bytes()).await?;
        self.reply().await
    }

    async fn transmit(&mut self, bytes: &[u8]) -> Result<()> {
        self.connection.write_all(bytes).await.map_err(broken)?;
        self.connection.flush().await.map_err(broken)
    }

    async fn reply(&mut self) -> Result<Reply> {
        let mut lines = Vec::new();
        let mut size = 0;
        loop {
            let line = self.line().await?;
            size += line.len();
            let code = line.get(..3).and_then(|code| code.parse::<u16>().ok());
            let code = code.filter(|code| (200..600).contains(code));
            let (Some(code), true) = (code, size <= MAX_REPLY) else {
                return Err(error!(Remote, "the server does not speak SMTP").with("phase", "smtp"));
            };
            lines.push(line.get(4..).unwrap_or_default().to_owned());
            if line.as_bytes().get(3) != Some(&b'-') {
                return Ok(Reply { code, lines });
            }
        }
    }

    async fn line(&mut self) -> Result<String> {
        loop {
            if let Some(end) = self.received.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.received.drain(..=end).collect();
                return Ok(String::from_utf8_lossy(&line).trim_end().to_owned());
            }
            if self.received.len() > MAX_REPLY {
                return Err(error!(Remote, "the server does not speak SMTP").with("phase", "smtp"));
            }
            let mut piece = [0; 4096];
            match self.connection.read(&mut piece).await.map_err(broken)? {
                0 => return Err(broken(std::io::ErrorKind::UnexpectedEof.into())),
                count => self.received.extend_from_slice(&piece[..count]),
            }
        }
    }

    /// Returns what the server said, for people.
    fn said(&self, reply: &Reply) -> String {
        let text = format!("{} {}", reply.code, reply.lines.join(" "));
        let plain = text.chars().filter(|letter| !letter.is_control());
        let plain: String = plain.take(MAX_SAID).collect();
        self.cx.host().secrets.strike(plain.trim()).into_owned()
    }

    /// Returns the error for a reply that is not the wanted one; those of 4xx pass.
    fn refusal(&self, what: &str, reply: &Reply) -> Error {
        let message = format!("{what}: {}", self.said(reply));
        let error = match reply.code {
            ..500 => Error::new(Kind::Remote, message)
                .with("phase", "smtp")
                .transient(true),
            _ => Error::new(Kind::Execution, message),
        };
        error.with("status", i64::from(reply.code))
    }
}

impl Reply {
    fn is_well(&self) -> bool {
        (200..300).contains(&self.code)
    }
}

fn broken(cause: std::io::Error) -> Error {
    error!(Remote, "the server broke off: {cause}")
        .with("phase", "smtp")
        .transient(true)
}

/// Returns a message as it is sent: lines end with CR and LF, a dot at the beginning of a line is doubled, and a line
/// with a dot alone is the end.
fn stuffed(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len() + 64);
    for line in raw.split_inclusive(|byte| *byte == b'\n') {
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        if text.starts_with(b".") {
            out.push(b'.');
        }
        // A CR alone could be read as the end of a line.
        out.extend(text.iter().filter(|byte| **byte != b'\r'));
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b".\r\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smtp_smuggling_is_impossible() {
        for (raw, expected) in [
            ("a\r\nb\r\n", "a\r\nb\r\n.\r\n"),
            ("a\nb", "a\r\nb\r\n.\r\n"),
            (".\r\n..x\n.", "..\r\n...x\r\n..\r\n.\r\n"),
            ("a\r.\rb", "a.b\r\n.\r\n"),
            ("a\n.\nMAIL FROM:<x>", "a\r\n..\r\nMAIL FROM:<x>\r\n.\r\n"),
            ("", ".\r\n"),
        ] {
            assert_eq!(stuffed(raw.as_bytes()), expected.as_bytes(), "{raw:?}");
        }
    }
}
