//! The account that a message is sent from.

use std::collections::BTreeMap;

use llmspell_core::{Cx, Error, Kind, Result, Value, error};
use schemars::JsonSchema;
use serde::Deserialize;

use super::letter::Letter;
use super::{EmailSender, Sent, TLS, TOOL, Verified, directory, sendgrid, ses, smtp};
use crate::choice::fold;
use crate::key::Key;
use crate::param::{refused, within};

/// The kinds of accounts.
const KINDS: &[&[&str]] = &[&["smtp"], &["sendgrid"], &["ses"], &["file"]];

/// The configuration `[tools.email_sender]`.
#[derive(Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Config {
    /// The accounts, by name.
    providers: BTreeMap<String, Provider>,
    /// The account of a call that names none.
    default_provider: Option<String>,
    /// The sender of a call that names none, where the account has none either.
    pub(super) default_sender: Option<String>,
    /// Whether a call may describe its account itself.
    allow_inline: bool,
    /// Globs over addresses that may be written to; empty: all.
    pub(super) allow_recipients: Vec<String>,
    /// Globs over addresses that may not; wins.
    pub(super) deny_recipients: Vec<String>,
    /// Most recipients of a message (count).
    pub(super) max_recipients: usize,
    /// Most messages of a run (count).
    pub(super) max_per_run: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            providers: BTreeMap::new(),
            default_provider: None,
            default_sender: None,
            allow_inline: true,
            allow_recipients: Vec::new(),
            deny_recipients: Vec::new(),
            max_recipients: 50,
            max_per_run: 100,
        }
    }
}

/// An account as the configuration has it: `[tools.email_sender.providers.NAME]`.
#[derive(Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Provider {
    /// `smtp`, `sendgrid`, `ses` or `file`; default: the account's name, if it is one of these.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// The sender of a call that names none.
    from: Option<String>,
    /// The mail server of `smtp`.
    host: Option<String>,
    /// Its port; default: 587, with implicit TLS 465.
    port: Option<u16>,
    /// Who logs in.
    username: Option<String>,
    /// The password, best as `${VARIABLE}`.
    password: Option<String>,
    /// The environment variable that holds it.
    password_env: Option<String>,
    /// `starttls`, `implicit` or `none`.
    tls: Option<String>,
    /// Whether a server that is not on this machine may be spoken to without TLS.
    allow_plain: bool,
    /// The key of `sendgrid`, best as `${VARIABLE}`.
    api_key: Option<String>,
    /// The environment variable that holds it.
    api_key_env: Option<String>,
    /// Where the service is, if not at its usual place.
    base_url: Option<String>,
    /// The key's id of `ses`.
    access_key_id: Option<String>,
    /// The key of `ses`, best as `${VARIABLE}`.
    secret_access_key: Option<String>,
    /// The token of a session of `ses`.
    session_token: Option<String>,
    /// The region of `ses`.
    region: Option<String>,
    /// Where `file` writes messages.
    directory: Option<String>,
}

/// An account that can be used.
pub(super) struct Account {
    /// What the configuration calls it, or its kind.
    pub(super) name: String,
    pub(super) from: Option<String>,
    kind: Service,
}

/// Where a message goes.
enum Service {
    Smtp(smtp::Server),
    Sendgrid(sendgrid::Service),
    Ses(ses::Service),
    File(directory::Directory),
}

/// Chooses the account of a call.
///
/// - Errors: `Config` if there is none, `Auth` if a key is missing, `Denied` for one in the call that may not be.
pub(super) fn choose(cx: &Cx, a: &EmailSender, config: &Config) -> Result<Account> {
    if a.smtp_host.is_some() {
        config.admit_inline()?;
        if let Some(given) = &a.provider {
            config.admit_beside_host(given)?;
        }
        refuse_unused(a, "smtp", SERVICE)?;
        return inline(cx, a);
    }
    refuse_without_host(a)?;
    let (name, provider) = named(cx, a, config)?;
    account(cx, a, config, name, provider)
}

fn named(cx: &Cx, a: &EmailSender, config: &Config) -> Result<(String, Provider)> {
    let given = a.provider.as_ref().or(config.default_provider.as_ref());
    if let Some(given) = given {
        let same = |(name, _): &(&String, &Provider)| fold(name) == fold(given);
        if let Some((name, provider)) = config.providers.iter().find(same) {
            return Ok((name.clone(), provider.clone()));
        }
        let known = KINDS[..3].iter().filter_map(|names| names.first());
        let kind = known.copied().find(|kind| fold(given) == **kind);
        return match kind {
            Some(kind) => Ok((kind.to_owned(), bare(kind))),
            None => Err(unknown(given, config)),
        };
    }
    match config.providers.iter().next() {
        Some((name, provider)) if config.providers.len() == 1 => {
            Ok((name.clone(), provider.clone()))
        }
        Some(_) => Err(Error::new(
            Kind::Config,
            "several mail accounts are configured and none was named",
        )
        .hint("give 'provider', or set `tools.email_sender.default_provider`")),
        None => unconfigured(cx, a),
    }
}

/// Returns an account of the environment.
fn unconfigured(cx: &Cx, a: &EmailSender) -> Result<(String, Provider)> {
    let has = |service: Option<&str>, own: &[&str]| {
        let key = Key {
            service,
            own,
            ..Key::default()
        };
        key.find(cx).is_some()
    };
    let kind = match () {
        () if a.api_key.is_some() => "sendgrid",
        () if has(None, &SMTP[..1]) => "smtp",
        () if has(Some("SENDGRID"), SENDGRID) => "sendgrid",
        () if has(None, &["EMAIL_SES_ACCESS_KEY_ID"]) => "ses",
        () => {
            return Err(Error::new(Kind::Config, "no mail account is configured")
                .hint("write one into [tools.email_sender.providers.NAME]"));
        }
    };
    Ok((kind.to_owned(), bare(kind)))
}

fn bare(kind: &str) -> Provider {
    Provider {
        kind: Some(kind.to_owned()),
        ..Provider::default()
    }
}

fn unknown(given: &str, config: &Config) -> Error {
    let names: Vec<&str> = config.providers.keys().map(String::as_str).collect();
    let error = error!(Config, "provider '{given}' is not configured");
    match names.is_empty() {
        true => error.hint("write it into [tools.email_sender.providers.NAME]"),
        false => error.hint(format!("configured are: {}", names.join(", "))),
    }
}

impl Config {
    /// Refuses a provider that is not the one that `smtp_host` describes.
    fn admit_beside_host(&self, given: &str) -> Result<()> {
        let is_own = self.providers.keys().any(|name| fold(name) == fold(given));
        match fold(given) == "smtp" && !is_own {
            true => Ok(()),
            false => Err(refused(
                "smtp_host",
                format!(
                    "'provider' names the account '{given}' and 'smtp_host' describes another: give one of them"
                ),
            )),
        }
    }

    fn admit_inline(&self) -> Result<()> {
        match self.allow_inline {
            true => Ok(()),
            false => Err(
                error!(Denied, "A mail account in the call is not permitted").hint(
                    "set `tools.email_sender.allow_inline = true`, or name a configured 'provider'",
                ),
            ),
        }
    }
}

/// The parameters of the services: `sendgrid` has the first one, `ses` the other.
const SERVICE: &[&str] = &["api_key", "region"];

/// Refuses parameters of a call that its account has no use for.
fn refuse_unused(a: &EmailSender, account: &str, unused: &[&'static str]) -> Result<()> {
    let given = [
        ("api_key", a.api_key.is_some()),
        ("region", a.region.is_some()),
    ];
    let Some(parameter) = first(given, |parameter| unused.contains(&parameter)) else {
        return Ok(());
    };
    let message = format!("the mail account '{account}' has no use for '{parameter}'");
    let hint = format!("leave '{parameter}' out, or name another 'provider'");
    Err(refused(parameter, message).hint(hint))
}

/// Returns the first parameter that is given and wanted.
fn first<const N: usize>(
    given: [(&'static str, bool); N],
    wanted: impl Fn(&'static str) -> bool,
) -> Option<&'static str> {
    let mut given = given.into_iter().filter(|(_, is_given)| *is_given);
    given.find_map(|(parameter, _)| wanted(parameter).then_some(parameter))
}

/// Refuses what describes a mail server, of which the call does not say which.
fn refuse_without_host(a: &EmailSender) -> Result<()> {
    let given = [
        ("smtp_port", a.smtp_port.is_some()),
        ("smtp_username", a.smtp_username.is_some()),
        ("smtp_password", a.smtp_password.is_some()),
        ("smtp_tls", a.smtp_tls.is_some()),
    ];
    let Some(parameter) = first(given, |_| true) else {
        return Ok(());
    };
    let message =
        format!("'{parameter}' describes an account in the call, which needs 'smtp_host'");
    let hint = format!("give 'smtp_host' and no configured 'provider', or leave '{parameter}' out");
    Err(refused(parameter, message).hint(hint))
}

/// Returns the account that stands in the call.
fn inline(cx: &Cx, a: &EmailSender) -> Result<Account> {
    let port = match a.smtp_port {
        Some(port) => Some(within("smtp_port", port, 1..=65_535)? as u16),
        None => None,
    };
    let login = match (&a.smtp_username, &a.smtp_password) {
        (Some(username), Some(password)) => Some((username.clone(), password.clone())),
        (None, None) => None,
        _ => {
            return Err(refused(
                "smtp_username",
                "'smtp_username' and 'smtp_password' belong together",
            ));
        }
    };
    let host = a.smtp_host.clone().unwrap_or_default();
    let server = server(cx, host, port, login, a.smtp_tls.as_deref())?;
    Ok(Account {
        name: "smtp".to_owned(),
        from: None,
        kind: Service::Smtp(server),
    })
}

fn server(
    cx: &Cx,
    host: String,
    port: Option<u16>,
    login: Option<(String, String)>,
    tls: Option<&str>,
) -> Result<smtp::Server> {
    if host.is_empty() || host.contains(|letter: char| letter.is_control() || letter == ' ') {
        return Err(refused(
            "smtp_host",
            format!("'{}' is no host", host.escape_debug()),
        ));
    }
    let usual = match port {
        Some(465) => "implicit",
        _ => "starttls",
    };
    let tls = crate::choice::choose("smtp_tls", tls.unwrap_or(usual), TLS)?;
    if let Some((_, password)) = &login {
        cx.host().secrets.add("smtp_password", password);
    }
    Ok(smtp::Server {
        host,
        port: port.unwrap_or(if tls == "implicit" { 465 } else { 587 }),
        login,
        tls,
        allow_plain: false,
        configured: false,
    })
}

fn account(
    cx: &Cx,
    a: &EmailSender,
    config: &Config,
    name: String,
    provider: Provider,
) -> Result<Account> {
    let kind = provider.kind.as_deref().ok_or_else(|| {
        error!(Config, "the mail account '{name}' has no type")
            .hint(format!("set `tools.email_sender.providers.{name}.type`"))
    })?;
    let kind = crate::choice::choose("type", kind, KINDS).map_err(|_| {
        error!(Config, "`tools.email_sender.providers.{name}.type` is '{kind}', expected one of: smtp, sendgrid, ses, file")
    })?;
    let unused = match kind {
        "sendgrid" => &SERVICE[1..],
        "ses" => &SERVICE[..1],
        _ => SERVICE,
    };
    refuse_unused(a, &name, unused)?;
    let from = provider.from.clone();
    let keys = Keys { cx, name: &name };
    let kind = match kind {
        "smtp" => Service::Smtp(keys.smtp(provider)?),
        "sendgrid" => {
            if a.api_key.is_some() {
                config.admit_inline()?;
            }
            Service::Sendgrid(keys.sendgrid(provider, a.api_key.clone())?)
        }
        "ses" => Service::Ses(keys.ses(provider, a.region.clone())?),
        _ => {
            let directory = provider.directory.ok_or_else(|| {
                error!(Config, "the mail account '{name}' has no directory").hint(format!(
                    "set `tools.email_sender.providers.{name}.directory`"
                ))
            })?;
            Service::File(directory::Directory(directory.into()))
        }
    };
    Ok(Account { name, from, kind })
}

/// The variables of a mail server: host, port, username, password.
const SMTP: &[&str] = &[
    "EMAIL_SMTP_HOST",
    "EMAIL_SMTP_PORT",
    "EMAIL_SMTP_USERNAME",
    "EMAIL_SMTP_PASSWORD",
];

/// The variables of SendGrid's key.
const SENDGRID: &[&str] = &["EMAIL_SENDGRID_API_KEY", "SENDGRID_API_KEY"];

/// Finds the keys of an account.
struct Keys<'a> {
    cx: &'a Cx,
    name: &'a str,
}

impl Keys<'_> {
    fn find(&self, key: Key<'_>) -> Option<String> {
        key.find(self.cx)
    }

    fn secret(&self, key: Key<'_>) -> Option<String> {
        key.secret(self.cx, &format!("{} key", self.name))
    }

    fn setting(&self, key: &str) -> String {
        format!("tools.email_sender.providers.{}.{key}", self.name)
    }

    /// The kind without a configuration of its own is that of the environment.
    fn smtp(&self, provider: Provider) -> Result<smtp::Server> {
        let variables: &[&str] = match provider.host {
            Some(_) => &[],
            None => SMTP,
        };
        let written = |written: &Option<String>, at: usize| {
            self.find(Key {
                written: written.as_deref(),
                own: variables.get(at..=at).unwrap_or_default(),
                ..Key::default()
            })
        };
        let host = written(&provider.host, 0).ok_or_else(|| {
            let name = self.name;
            error!(Config, "provider '{name}' is not configured")
                .hint(format!("set `{}`", self.setting("host")))
        })?;
        let port =
            match provider.port {
                Some(port) => Some(port),
                None => match written(&None, 1) {
                    Some(text) => Some(text.trim().parse().map_err(|_| {
                        error!(Config, "EMAIL_SMTP_PORT must be a port, not '{text}'")
                    })?),
                    None => None,
                },
            };
        let username = written(&provider.username, 2);
        let password = self.secret(Key {
            written: provider.password.as_deref(),
            variable: provider.password_env.as_deref(),
            own: variables.get(3..=3).unwrap_or_default(),
            ..Key::default()
        });
        let login = match (username, password) {
            (Some(username), Some(password)) => Some((username, password)),
            (None, None) => None,
            (Some(_), None) => {
                return Err(error!(
                    Auth,
                    "email_sender: provider '{}' needs a password", self.name
                )
                .hint(format!(
                    "set `{}` or EMAIL_SMTP_PASSWORD",
                    self.setting("password")
                )));
            }
            (None, Some(_)) => {
                return Err(error!(
                    Config,
                    "provider '{}' has a password and no username", self.name
                )
                .hint(format!("set `{}`", self.setting("username"))));
            }
        };
        let server = server(self.cx, host, port, login, provider.tls.as_deref());
        let server = server
            .map_err(|cause| error!(Config, "provider '{}': {}", self.name, cause.message()))?;
        Ok(smtp::Server {
            allow_plain: provider.allow_plain,
            configured: true,
            ..server
        })
    }

    fn sendgrid(&self, provider: Provider, given: Option<String>) -> Result<sendgrid::Service> {
        let key = self.secret(Key {
            given: given.as_deref(),
            written: provider.api_key.as_deref(),
            variable: provider.api_key_env.as_deref(),
            service: Some("SENDGRID"),
            own: SENDGRID,
        });
        Ok(sendgrid::Service {
            api_key: key.ok_or_else(|| self.no_key("api_key", "SENDGRID_API_KEY"))?,
            base_url: provider.base_url,
        })
    }

    fn ses(&self, provider: Provider, region: Option<String>) -> Result<ses::Service> {
        let key = |written: &Option<String>, own: &[&str]| {
            self.secret(Key {
                written: written.as_deref(),
                own,
                ..Key::default()
            })
        };
        let id = ["EMAIL_SES_ACCESS_KEY_ID", "AWS_ACCESS_KEY_ID"];
        let id = key(&provider.access_key_id, &id);
        let secret = ["EMAIL_SES_SECRET_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY"];
        let secret = key(&provider.secret_access_key, &secret);
        let token = key(&provider.session_token, &["AWS_SESSION_TOKEN"]);
        let region = self.find(Key {
            given: region.as_deref(),
            written: provider.region.as_deref(),
            own: &["EMAIL_SES_REGION", "AWS_REGION", "AWS_DEFAULT_REGION"],
            ..Key::default()
        });
        let region = region.ok_or_else(|| {
            error!(Config, "provider '{}' has no region", self.name)
                .hint(format!("set `{}` or AWS_REGION", self.setting("region")))
        })?;
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !region.bytes().all(fits) {
            return Err(refused(
                "region",
                format!("'{}' is no region", region.escape_debug()),
            ));
        }
        Ok(ses::Service {
            access_key_id: id.ok_or_else(|| self.no_key("access_key_id", "AWS_ACCESS_KEY_ID"))?,
            secret_access_key: secret
                .ok_or_else(|| self.no_key("secret_access_key", "AWS_SECRET_ACCESS_KEY"))?,
            session_token: token,
            region,
            base_url: provider.base_url,
        })
    }

    fn no_key(&self, key: &str, variable: &str) -> Error {
        let setting = self.setting(key);
        error!(
            Auth,
            "email_sender: provider '{}' needs an API key (`{setting}` or {variable})", self.name
        )
        .with("setting", setting)
    }
}

impl Account {
    /// Checks what this kind of account cannot send.
    pub(super) fn check(&self, letter: &Letter) -> Result<()> {
        match &self.kind {
            Service::Sendgrid(_) => sendgrid::check(letter),
            _ => Ok(()),
        }
    }

    /// Waits for the turn of the service.
    async fn enter(&self, cx: &Cx) -> Result<()> {
        let service = match &self.kind {
            Service::Smtp(_) => "smtp",
            Service::Sendgrid(_) => "sendgrid",
            Service::Ses(_) => "ses",
            Service::File(_) => return Ok(()),
        };
        cx.host().rates.enter(cx, TOOL, service, None).await
    }

    /// Sends a message, once.
    pub(super) async fn send(&self, cx: &Cx, letter: &Letter, raw: &[u8]) -> Result<Sent> {
        self.enter(cx).await?;
        match &self.kind {
            Service::Smtp(server) => server.send(cx, letter, raw).await,
            Service::Sendgrid(service) => service.send(cx, letter).await,
            Service::Ses(service) => service.send(cx, letter, raw).await,
            Service::File(directory) => directory.send(cx, letter, raw).await,
        }
    }

    /// Tries the account without sending anything.
    pub(super) async fn verify(&self, cx: &Cx) -> Result<Verified> {
        self.enter(cx).await?;
        let verified = match &self.kind {
            Service::Smtp(server) => server.verify(cx).await,
            Service::Sendgrid(service) => service.verify(cx).await,
            Service::Ses(service) => service.verify(cx).await,
            Service::File(directory) => directory.verify(cx).await,
        };
        // An account that does not answer is what was asked for.
        verified.or_else(|error| match error.kind() {
            Kind::Remote | Kind::Timeout | Kind::Io | Kind::NotFound => Ok(Verified {
                available: false,
                auth_ok: None,
                tls: None,
                fault: Some(error.message().to_owned()),
            }),
            Kind::Auth => Ok(Verified {
                available: true,
                auth_ok: Some(false),
                tls: error
                    .details()
                    .get("tls")
                    .and_then(Value::as_str)
                    .map(str::to_owned),
                fault: Some(error.message().to_owned()),
            }),
            _ => Err(error),
        })
    }
}
