//! `email_sender`: mail over SMTP or a service, from a configured account.

mod account;
mod address;
mod attachment;
mod directory;
mod html;
mod letter;
mod sendgrid;
mod service;
mod ses;
mod sigv4;
mod smtp;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use lettre::message::Mailbox;
use llmspell_core::{
    Cx, Effect, Level, Map, Op, Outcome, Result, ToolInfo, Value, error, given_twice,
};
use schemars::JsonSchema;
use serde::Deserialize;

use self::account::{Account, Config};
use self::letter::Letter;
use crate::choice::{choose_or_first, fold};
use crate::param::{Given, choices, missing, names, refused, whether};
use crate::wildcard;

const TOOL: &str = "email_sender";

const OPERATIONS: &[&[&str]] = &[&["send", "send_email"], &["verify", "test"], &["preview"]];
const PRIORITIES: &[&[&str]] = &[&["normal"], &["low"], &["high"]];
const TLS: &[&[&str]] = &[&["starttls"], &["implicit", "tls", "ssl"], &["none"]];

/// Longest body, in bytes.
const MAX_BODY: usize = 10 << 20;

pub(super) fn op() -> Op {
    Op::new(TOOL, email_sender)
        .effect(Effect::Once)
        .effect_of(|args| {
            let named = args.get("operation").and_then(Value::as_str).map(fold);
            let only_looks =
                named.is_some_and(|name| matches!(&*name, "verify" | "test" | "preview"));
            match args.get("dry_run") == Some(&Value::Bool(true)) || only_looks {
                true => Effect::Read,
                false => Effect::Once,
            }
        })
        .tool(
            ToolInfo::new("api").settings::<Config>()
                .example(
                    "Builds a mail and sends nothing",
                    r#"{"to": "ada@example.com", "from": "bot@example.com", "subject": "Report", "body": "All is well.", "dry_run": true, "provider": "smtp", "smtp_host": "mail.example.com"}"#,
                )
                .level(Level::Restricted)
                .timeout(Duration::from_secs(60))
                .operations(&names(OPERATIONS))
                .needs(&["send"], &["to", "cc", "bcc"])
                .needs(&["send", "preview"], &["subject"])
                .needs(&["send", "preview"], &["body", "html_body", "html"])
                .synonyms(&["email"]),
        )
}

/// Sends mail over SMTP, SendGrid or SES, from an account of the configuration.
///
/// `sent` is said only when the server has accepted the message.
#[derive(Deserialize, JsonSchema)]
struct EmailSender {
    /// What to do.
    #[schemars(transform = choices(OPERATIONS), extend("default" = "send"))]
    operation: Option<String>,
    /// Who gets it: `a@x.org` or `Name <a@x.org>`, several as a list or with commas.
    #[schemars(extend("type" = ["string", "array"], "items" = {"type": "string"}))]
    to: Option<Value>,
    /// Who gets a copy.
    #[schemars(extend("type" = ["string", "array"], "items" = {"type": "string"}))]
    cc: Option<Value>,
    /// Who gets a copy that the others do not see.
    #[schemars(extend("type" = ["string", "array"], "items" = {"type": "string"}))]
    bcc: Option<Value>,
    /// Who gets the answers.
    #[schemars(extend("type" = ["string", "array"], "items" = {"type": "string"}))]
    reply_to: Option<Value>,
    /// Who sends it; by default the account's address, or `default_sender`.
    from: Option<String>,
    /// What it is about, on one line.
    subject: Option<String>,
    /// The text.
    #[schemars(extend("x-synonyms" = ["text"]))]
    body: Option<String>,
    /// The text as HTML; with `body`, the reader's program chooses.
    html_body: Option<String>,
    /// The text as HTML; or whether `body` is HTML.
    #[schemars(extend("type" = ["string", "boolean"]))]
    html: Option<Value>,
    /// Files: `{path | content (+ encoding = "base64"), filename, content_type, inline_id}`.
    #[schemars(with = "Option<Vec<attachment::Given>>", extend("default" = []))]
    attachments: Option<Vec<Value>>,
    /// Further headers: `X-*`, `List-*`, `In-Reply-To`, `References`.
    #[schemars(with = "Option<std::collections::BTreeMap<String, Value>>", extend("default" = {}))]
    headers: Option<Map>,
    /// How urgent it is.
    #[schemars(extend("enum" = names(PRIORITIES)))]
    priority: Option<String>,
    /// Words under which the message is counted.
    tags: Option<Vec<String>>,
    /// The account: a name of `[tools.email_sender.providers]`, or `smtp`, `sendgrid`, `ses`.
    provider: Option<String>,
    /// Whether everything is checked and nothing is sent.
    #[schemars(extend("default" = false))]
    dry_run: Option<bool>,
    /// The server of an account given here.
    #[schemars(extend("x-synonyms" = ["host"]))]
    smtp_host: Option<String>,
    /// Its port: 465 encrypts at once, others by STARTTLS.
    #[schemars(extend("x-synonyms" = ["port"], "minimum" = 1, "maximum" = 65535, "default" = 587))]
    smtp_port: Option<i64>,
    /// The name at that server.
    #[schemars(extend("x-synonyms" = ["username"]))]
    smtp_username: Option<String>,
    /// The password at that server.
    #[schemars(extend("x-synonyms" = ["password"]))]
    smtp_password: Option<String>,
    /// How the connection is encrypted; `none` only on this machine.
    #[schemars(transform = choices(TLS), extend("x-synonyms" = ["tls"]))]
    smtp_tls: Option<String>,
    /// The key of the service `sendgrid`.
    api_key: Option<String>,
    /// The region of the service `ses`.
    region: Option<String>,
}

/// How many messages the run has sent.
#[derive(Default)]
struct Count(AtomicUsize);

/// What became of a message.
struct Sent {
    /// `sent` or `queued`.
    status: &'static str,
    message_id: String,
    accepted: Vec<String>,
    /// Addresses, and why the server refused them.
    rejected: Vec<(String, String)>,
    /// A sentence for people.
    message: String,
}

/// What an account says when it is tried.
struct Verified {
    available: bool,
    auth_ok: Option<bool>,
    tls: Option<String>,
    fault: Option<String>,
}

const LETTER: &str =
    "to cc bcc reply_to from subject body html_body html attachments headers priority tags";
const ACCOUNT: &str =
    "provider smtp_host smtp_port smtp_username smtp_password smtp_tls api_key region from";

async fn email_sender(cx: Cx, call: Given<EmailSender>) -> Result<Outcome> {
    let a = &call.args;
    let operation = choose_or_first("operation", a.operation.as_deref(), OPERATIONS)?;
    let config: Config = cx.settings(TOOL)?;
    let (used, outcome) = match operation {
        "send" => (
            format!("{LETTER} {ACCOUNT} dry_run"),
            send(&cx, a, &config).await?,
        ),
        "verify" => (ACCOUNT.to_owned(), verify(&cx, a, &config).await?),
        _ => (
            format!("{LETTER} {ACCOUNT}"),
            preview(&cx, a, &config).await?,
        ),
    };
    Ok(call.warn(op, &used, outcome))
}

async fn send(cx: &Cx, a: &EmailSender, config: &Config) -> Result<Outcome> {
    let account = account::choose(cx, a, config)?;
    let letter = write(cx, a, config, "send", Some(&account)).await?;
    let recipients = letter.recipients();
    config.admit(&recipients)?;
    if recipients.is_empty() {
        return Err(missing(TOOL, "send", "to"));
    }
    account.check(&letter)?;
    let raw = letter.raw(cx)?;
    let sent = match a.dry_run.unwrap_or(false) {
        true => Sent {
            status: "dry_run",
            message_id: letter.message_id.clone(),
            accepted: recipients,
            rejected: Vec::new(),
            message: "Everything is well; nothing was sent".to_owned(),
        },
        false => {
            let counted = count(cx, config)?;
            let sent = account.send(cx, &letter, &raw).await;
            if sent.is_err() {
                counted.0.fetch_sub(1, Ordering::Relaxed);
            }
            sent?
        }
    };
    Ok(told(cx, &account, sent, raw.len()))
}

/// Counts one more message, before it is sent: others may be on their way as well.
fn count(cx: &Cx, config: &Config) -> Result<Arc<Count>> {
    let most = config.max_per_run;
    let count = cx.kept::<Count>();
    let counted = count
        .0
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| {
            (count < most).then_some(count + 1)
        });
    match counted {
        Ok(_) => Ok(count),
        Err(_) => Err(error!(
            Limit,
            "this run has sent {most} messages, as many as it may"
        )
        .with("limit", most)
        .hint("raise `tools.email_sender.max_per_run`")),
    }
}

fn told(cx: &Cx, account: &Account, sent: Sent, size: usize) -> Outcome {
    let count = sent.rejected.len();
    let rejected: Value = sent.rejected.iter().map(rejection).collect();
    let now = Timestamp::from_microsecond(cx.host().clock.now()).ok();
    let data = Map::from([
        ("status", sent.status.into()),
        ("provider", account.name.as_str().into()),
        ("message_id", sent.message_id.as_str().into()),
        ("accepted", sent.accepted.into()),
        ("rejected", rejected),
        ("message", sent.message.as_str().into()),
        ("size", size.into()),
        ("timestamp", now.map(|now| now.to_string()).into()),
    ]);
    let outcome = Outcome::new("send", data)
        .output(sent.message_id)
        .message(sent.message);
    match count {
        0 => outcome,
        count => outcome.warning(format!("{count} recipients were refused, see 'rejected'")),
    }
}

fn rejection((address, why): &(String, String)) -> Value {
    Value::from([
        ("address", address.as_str().into()),
        ("error", why.as_str().into()),
    ])
}

async fn verify(cx: &Cx, a: &EmailSender, config: &Config) -> Result<Outcome> {
    let account = account::choose(cx, a, config)?;
    let verified = account.verify(cx).await?;
    let is_well = verified.available && verified.auth_ok != Some(false);
    let name = &account.name;
    let message = match &verified.fault {
        None => format!("The account '{name}' can be used"),
        Some(fault) => format!("The account '{name}' cannot be used: {fault}"),
    };
    let data = Map::from([
        ("available", verified.available.into()),
        ("provider", name.as_str().into()),
        ("auth_ok", verified.auth_ok.into()),
        ("tls", verified.tls.into()),
        ("error", verified.fault.into()),
    ]);
    Ok(Outcome::new("verify", data)
        .output(is_well)
        .message(message))
}

async fn preview(cx: &Cx, a: &EmailSender, config: &Config) -> Result<Outcome> {
    // Whose address it bears is all that the account is needed for.
    let account = match a.from {
        Some(_) => account::choose(cx, a, config).ok(),
        None => Some(account::choose(cx, a, config)?),
    };
    let letter = write(cx, a, config, "preview", account.as_ref()).await?;
    let raw = letter.raw(cx)?;
    let size = raw.len();
    let raw = String::from_utf8_lossy(&raw).into_owned();
    let data = Map::from([
        ("raw", raw.as_str().into()),
        ("size", size.into()),
        ("recipients", letter.recipients().into()),
    ]);
    Ok(Outcome::new("preview", data)
        .output(raw)
        .message(format!("A message of {size} bytes")))
}

/// Reads the message from the arguments.
async fn write(
    cx: &Cx,
    a: &EmailSender,
    config: &Config,
    operation: &'static str,
    account: Option<&Account>,
) -> Result<Letter> {
    let people = |parameter, given: &Option<Value>| match given {
        Some(given) => address::list(parameter, given),
        None => Ok(Vec::new()),
    };
    let subject = a.subject.clone();
    let subject = subject.ok_or_else(|| missing(TOOL, operation, "subject"))?;
    one_line("subject", &subject)?;
    let (text, html) = bodies(a, operation)?;
    for (parameter, body) in [("body", &text), ("html_body", &html)] {
        let size = body.as_ref().map_or(0, String::len);
        crate::param::fits(parameter, size, MAX_BODY)?;
    }
    let from = sender(cx, a, config, account)?;
    let priority = match &a.priority {
        Some(given) => crate::choice::choose("priority", given, PRIORITIES)?,
        None => "normal",
    };
    let attachments = a.attachments.as_deref().unwrap_or_default();
    Ok(Letter {
        to: people("to", &a.to)?,
        cc: people("cc", &a.cc)?,
        bcc: people("bcc", &a.bcc)?,
        reply_to: people("reply_to", &a.reply_to)?,
        subject,
        text,
        html,
        attachments: attachment::read(cx, attachments).await?,
        headers: letter::headers(a.headers.as_ref(), priority)?,
        tags: a.tags.clone().unwrap_or_default(),
        message_id: letter::message_id(cx, &from),
        date: cx.host().clock.now(),
        from,
    })
}

/// Returns the text and the HTML.
fn bodies(a: &EmailSender, operation: &'static str) -> Result<(Option<String>, Option<String>)> {
    let (mut text, mut html) = (a.body.clone(), a.html_body.clone());
    match &a.html.as_ref().map(whether) {
        Some(Value::Bool(true)) if html.is_none() => {
            html = text.take();
            text = html.as_deref().map(html::plain);
        }
        Some(Value::Str(given)) if html.as_ref().is_none_or(|html| html == given) => {
            html = Some(given.clone());
        }
        Some(Value::Str(_) | Value::Bool(true)) => {
            return Err(given_twice("html_body", "html"));
        }
        _ => {}
    }
    match (&text, &html) {
        (None, None) => Err(missing(TOOL, operation, "body")),
        _ => Ok((text, html)),
    }
}

fn sender(cx: &Cx, a: &EmailSender, config: &Config, account: Option<&Account>) -> Result<Mailbox> {
    let configured = account.and_then(|account| account.from.clone());
    let given = a
        .from
        .clone()
        .or(configured)
        .or(config.default_sender.clone());
    let given = given.or_else(|| cx.host().environment.setting("EMAIL_DEFAULT_SENDER"));
    let given = given.ok_or_else(|| {
        error!(Config, "the message has no sender")
            .with("parameter", "from")
            .hint("give 'from', or set `tools.email_sender.default_sender`")
    })?;
    let mut one = address::list("from", &Value::Str(given))?;
    match (one.pop(), one.is_empty()) {
        (Some(sender), true) => Ok(sender),
        _ => Err(refused("from", "parameter 'from' must be one address")),
    }
}

/// Refuses line breaks and other characters that would begin another header.
fn one_line(parameter: &'static str, text: &str) -> Result<()> {
    match text.contains(char::is_control) {
        false => Ok(()),
        true => Err(refused(
            parameter,
            format!("parameter '{parameter}' must be one line without control characters"),
        )),
    }
}

impl Config {
    /// Checks who gets the message.
    ///
    /// - Errors: `Denied`, `Limit`.
    fn admit(&self, recipients: &[String]) -> Result<()> {
        let most = self.max_recipients;
        if recipients.len() > most {
            return Err(error!(Limit, "the message has more than {most} recipients")
                .with("limit", most)
                .hint("raise `tools.email_sender.max_recipients`"));
        }
        for address in recipients {
            let named = |globs: &[String]| globs.iter().any(|glob| wildcard::fits(glob, address));
            let setting = match () {
                () if named(&self.deny_recipients) => "deny_recipients",
                () if !self.allow_recipients.is_empty() && !named(&self.allow_recipients) => {
                    "allow_recipients"
                }
                () => continue,
            };
            return Err(error!(Denied, "Mail to '{address}' is not permitted")
                .hint(format!("see `tools.email_sender.{setting}`")));
        }
        Ok(())
    }
}

#[cfg(test)]
mod test_http;
#[cfg(test)]
mod test_real;
#[cfg(test)]
mod test_server;
#[cfg(test)]
mod tests;
