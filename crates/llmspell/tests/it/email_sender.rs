//! The tool `email_sender` in a run that is recorded: its secrets are planted, and everything that the run wrote is
//! searched for them.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use crate::place::{Place, files};

const CONFIGURED: &str = "planted-in-the-configuration";
const ARGUMENT: &str = "planted-in-an-argument";
const VARIABLE: &str = "planted-in-the-environment";
const KEY: &str = "SG.planted-key-of-a-service";

/// Refuses every login, and repeats what it should not. Returns its port and what it was told as logins.
fn server() -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let logins = Arc::new(Mutex::new(Vec::new()));
    let heard = logins.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            talk(stream, &heard);
        }
    });
    (port, logins)
}

fn talk(mut stream: TcpStream, heard: &Mutex<Vec<String>>) -> Option<()> {
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
    stream.write_all(b"220 hello\r\n").ok()?;
    while let Some(Ok(line)) = lines.next() {
        let answer = match line.split_once(' ') {
            Some(("EHLO", _)) => "250-hello\r\n250 AUTH PLAIN".to_owned(),
            Some(("AUTH", rest)) => {
                let token = rest.trim_start_matches("PLAIN ").to_owned();
                heard.lock().unwrap().push(token.clone());
                format!("535 this is not right: {token}")
            }
            _ => "250 ok".to_owned(),
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).ok()?;
    }
    Some(())
}

const SPELL: &str = r#"
local port = tonumber(arg[1])
local letter = { to = "bob@example.org", subject = "x", body = "x" }
local function send(more)
  for name, value in pairs(letter) do more[name] = value end
  local r = Tool.email_sender(more)
  print(r.success, r.error_kind, r.error)
  Logger.warn("sent", { answer = r.text })
end
send { provider = "work" }
send { host = "127.0.0.1", port = port, username = "ada", tls = "none", from = "a@example.org",
  password = table.concat({ "planted", "in", "an", "argument" }, "-") }
send { provider = "smtp" }
send { provider = "grid" }
"#;

#[test]
fn secret_leak_of_mail_accounts_is_impossible() {
    let (port, logins) = server();
    let config = format!(
        "[security.network]\nallow_hosts = [\"127.0.0.1\"]\nproxy = \"\"\n\
         [tools.email_sender]\ndefault_sender = \"ada@example.org\"\n\
         [tools.email_sender.providers.grid]\ntype = \"sendgrid\"\napi_key = \"{KEY}\"\n\
         base_url = \"http://127.0.0.1:1\"\n\
         [tools.email_sender.providers.work]\ntype = \"smtp\"\nhost = \"127.0.0.1\"\nport = {port}\n\
         username = \"ada\"\npassword = \"{CONFIGURED}\"\ntls = \"none\"\n"
    );
    let place = Place::new()
        .with("llmspell.toml", &config)
        .with("spell.lua", SPELL);
    let port = port.to_string();
    let args = ["-vvv", "run", "spell.lua", "--session", "new", "--", &port];
    let mut command = place.command(&args);
    command
        .env("EMAIL_SMTP_HOST", "127.0.0.1")
        .env("EMAIL_SMTP_PORT", &port)
        .env("EMAIL_SMTP_USERNAME", "ada")
        .env("EMAIL_SMTP_PASSWORD", VARIABLE);
    let ended = place.ended(command.output().unwrap());
    assert_eq!(ended.code, 0, "{}", ended.text());
    let auth = ended.stdout.matches("false\tauth").count();
    assert_eq!(auth, 2, "{}", ended.text());
    // The other two get no further: one wants encryption, and nobody listens at the service.
    let remote = ended.stdout.matches("false\tremote").count();
    assert_eq!(remote, 2, "{}", ended.text());
    std::fs::remove_file(place.path("spell.lua")).unwrap();
    std::fs::remove_file(place.path("llmspell.toml")).unwrap();
    let mut secrets: Vec<String> = [CONFIGURED, ARGUMENT, VARIABLE, KEY]
        .map(str::to_owned)
        .into();
    let logins = logins.lock().unwrap().clone();
    assert_eq!(logins.len(), 2);
    secrets.extend(logins);
    for secret in secrets {
        assert!(
            !ended.text().contains(&secret),
            "{secret} in {}",
            ended.text()
        );
        for dir in [place.home(), place.path("")] {
            for name in files(&dir) {
                let bytes = std::fs::read(dir.join(&name)).unwrap();
                let text = String::from_utf8_lossy(&bytes);
                assert!(!text.contains(&secret), "{secret} in {name}");
            }
        }
    }
    let recorded = files(&place.home());
    assert!(
        recorded.iter().any(|name| name.ends_with(".db")),
        "{recorded:?}"
    );
}
