//! What a server's certificate says.

use jiff::Timestamp;
use llmspell_core::{Map, Value};
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

const DAY: i64 = 86_400;

/// Tells of an encrypted connection whose server showed this certificate, at `now` in seconds since 1970.
pub(super) fn told(version: &str, der: &[u8], now: i64) -> Map {
    let mut told = Map::from([("version", Value::from(version))]);
    let Ok(certificate) = Certificate::from_der(der) else {
        return told;
    };
    let certificate = certificate.tbs_certificate;
    let validity = certificate.validity;
    let seconds = |time: x509_cert::time::Time| {
        i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX)
    };
    let (from, to) = (seconds(validity.not_before), seconds(validity.not_after));
    let last = Timestamp::from_second(to).ok();
    told.extend([
        ("issuer".to_owned(), certificate.issuer.to_string().into()),
        ("subject".to_owned(), certificate.subject.to_string().into()),
        (
            "not_after".to_owned(),
            last.map(|last| last.to_string()).into(),
        ),
        ("days_left".to_owned(), (to - now).div_euclid(DAY).into()),
        ("valid".to_owned(), (from..=to).contains(&now).into()),
    ]);
    told
}
