//! Signatures of requests to Amazon's services.
//!
//! - Source: "Signature Version 4 for API requests" of the AWS documentation.

use data_encoding::HEXLOWER;
use hmac::{KeyInit as _, Mac as _, SimpleHmac};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Who signs, for what and when.
pub(super) struct Signed<'a> {
    pub(super) access_key_id: &'a str,
    pub(super) secret_access_key: &'a str,
    pub(super) session_token: Option<&'a str>,
    pub(super) region: &'a str,
    pub(super) service: &'a str,
    /// Microseconds since 1970.
    pub(super) now: i64,
}

impl Signed<'_> {
    /// Returns the headers that sign a request, `host` not among them. `path` has no query and nothing to be encoded.
    pub(super) fn headers(
        &self,
        method: &str,
        base: &str,
        path: &str,
        more: &[(&str, &str)],
        body: &[u8],
    ) -> Vec<(&'static str, String)> {
        let moment = moment(self.now);
        let day = &moment[..8];
        let mut signed: Vec<(&str, &str)> = vec![("host", host(base)), ("x-amz-date", &moment)];
        signed.extend(more);
        signed.extend(
            self.session_token
                .map(|token| ("x-amz-security-token", token)),
        );
        signed.sort_unstable();
        let names: Vec<&str> = signed.iter().map(|(name, _)| *name).collect();
        let names = names.join(";");
        let lines: String = signed
            .iter()
            .map(|(name, value)| format!("{name}:{}\n", value.trim()))
            .collect();
        let request = format!("{method}\n{path}\n\n{lines}\n{names}\n{}", hash(body));
        let scope = format!("{day}/{}/{}/aws4_request", self.region, self.service);
        let text = format!(
            "{ALGORITHM}\n{moment}\n{scope}\n{}",
            hash(request.as_bytes())
        );
        let key = [self.region, self.service, "aws4_request"].iter().fold(
            mac(format!("AWS4{}", self.secret_access_key).as_bytes(), day),
            |key, part| mac(&key, part),
        );
        let signature = HEXLOWER.encode(&mac(&key, &text));
        let authorization = format!(
            "{ALGORITHM} Credential={}/{scope}, SignedHeaders={names}, Signature={signature}",
            self.access_key_id
        );
        let mut headers = vec![("authorization", authorization), ("x-amz-date", moment)];
        let token = self.session_token.map(str::to_owned);
        headers.extend(token.map(|token| ("x-amz-security-token", token)));
        headers
    }
}

/// Returns the moment as `20150830T123600Z`.
fn moment(now: i64) -> String {
    let now = Timestamp::from_microsecond(now).unwrap_or(Timestamp::UNIX_EPOCH);
    now.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// Returns the host of a base URL as the request's own header has it: without the usual port.
fn host(base: &str) -> &str {
    let (scheme, rest) = base.split_once("://").unwrap_or(("", base));
    let authority = rest.split('/').next().unwrap_or_default();
    let usual = if scheme == "http" { ":80" } else { ":443" };
    authority.strip_suffix(usual).unwrap_or(authority)
}

fn hash(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    // A key of any length will do.
    let Ok(mut mac) = SimpleHmac::<Sha256>::new_from_slice(key) else {
        return Vec::new();
    };
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The account of the published test suite, on 2015-08-30 at 12:36:00.
    const SUITE: Signed<'static> = Signed {
        access_key_id: "AKIDEXAMPLE",
        secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        session_token: None,
        region: "us-east-1",
        service: "service",
        now: 1_440_938_160_000_000,
    };

    #[test]
    fn the_published_examples() {
        let base = "https://example.amazonaws.com:443/";
        for (method, expected) in [
            (
                "GET",
                "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
            ),
            (
                "POST",
                "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
            ),
        ] {
            let headers = SUITE.headers(method, base, "/", &[], b"");
            assert_eq!(
                headers[0].1,
                format!(
                    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
                     SignedHeaders=host;x-amz-date, Signature={expected}"
                )
            );
            assert_eq!(headers[1], ("x-amz-date", "20150830T123600Z".to_owned()));
        }
    }

    #[test]
    fn hosts() {
        for (base, expected) in [
            (
                "https://email.eu-west-1.amazonaws.com",
                "email.eu-west-1.amazonaws.com",
            ),
            ("http://127.0.0.1:8080/x", "127.0.0.1:8080"),
            ("http://a.org:80", "a.org"),
            ("http://a.org:443", "a.org:443"),
        ] {
            assert_eq!(host(base), expected);
        }
    }
}
