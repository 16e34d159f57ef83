//! What must never be shown.

use std::borrow::Cow;

/// The secrets that the run knows, struck out of everything that it writes: journal, logs, events, errors.
///
/// Known from the start are API keys of the configuration and the values of denied environment variables. A tool that
/// meets another one (a password in its configuration, a token that a service answered) adds it before it uses it.
/// Arguments whose names say that they are secret (`password`, `token`, `api_key`, members of `auth`) need no call: the
/// door adds them.
pub trait Secrets: Send + Sync {
    /// Strikes `secret` out from now on, in all its encodings; `[redacted:NAME]` stands for it. Short texts stay.
    fn add(&self, name: &str, secret: &str);

    /// Returns the text without secrets.
    fn strike<'a>(&self, text: &'a str) -> Cow<'a, str>;
}

/// A world without secrets.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoSecrets;

impl Secrets for NoSecrets {
    fn add(&self, _: &str, _: &str) {}

    fn strike<'a>(&self, text: &'a str) -> Cow<'a, str> {
        Cow::Borrowed(text)
    }
}
