//! The normal form of a URL.

use url::Url;

/// Query parameters that only follow the reader around.
const TRACKING: &[&str] = &[
    "gclid",
    "gclsrc",
    "dclid",
    "gbraid",
    "wbraid",
    "fbclid",
    "msclkid",
    "mc_cid",
    "mc_eid",
    "igshid",
    "yclid",
    "twclid",
    "ttclid",
    "li_fat_id",
    "_hsenc",
    "_hsmi",
    "mkt_tok",
    "vero_id",
    "oly_anon_id",
    "oly_enc_id",
    "s_cid",
];

/// Returns the normal form without the password.
///
/// Parsing has done most of it: small letters in scheme and host, no usual port, no dot segments. Left are percent signs:
/// those that stand for plain letters go, the others get capitals (RFC 3986, section 6.2.2).
pub(super) fn normalized(url: &Url) -> Url {
    let mut normal = with_password(url);
    if normal.password().is_some() {
        // A URL with a password has a host, so there is nothing that could refuse.
        let _ = normal.set_password(None);
    }
    normal
}

/// Returns the normal form with the password, to compare with.
pub(super) fn with_password(url: &Url) -> Url {
    let mut normal = url.clone();
    if !url.cannot_be_a_base() {
        normal.set_path(&triplets(url.path()));
    }
    normal.set_query(url.query().map(triplets).as_deref());
    normal.set_fragment(url.fragment().map(triplets).as_deref());
    normal
}

/// Removes the parameters that only follow the reader around; the others stay as they are written.
pub(super) fn strip_tracking(url: &mut Url) {
    let Some(query) = url.query() else {
        return;
    };
    let kept: Vec<&str> = query.split('&').filter(|part| !is_tracking(part)).collect();
    let kept = kept.join("&");
    url.set_query(Some(kept.as_str()).filter(|query| !query.is_empty()));
}

fn is_tracking(part: &str) -> bool {
    let name = part
        .split('=')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    name.starts_with("utm_") || TRACKING.contains(&name.as_str())
}

fn triplets(text: &str) -> String {
    let mut normal = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        normal.push_str(&rest[..at]);
        rest = &rest[at..];
        let code = rest
            .get(1..3)
            .filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) => {
                if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                    normal.push(char::from(byte));
                } else {
                    normal.push_str(&format!("%{byte:02X}"));
                }
                rest = &rest[3..];
            }
            None => {
                normal.push('%');
                rest = &rest[1..];
            }
        }
    }
    normal.push_str(rest);
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_signs_get_one_spelling() {
        for (given, normal) in [
            ("a%2fb", "a%2Fb"),
            ("%41%7e", "A~"),
            ("100%", "100%"),
            ("%zz%2", "%zz%2"),
            ("%C3%A9é", "%C3%A9é"),
        ] {
            assert_eq!(triplets(given), normal);
        }
    }

    #[test]
    fn tracking_goes_and_the_rest_stays_as_written() {
        let mut url =
            Url::parse("https://a.example/?utm_source=x&q=a+b%20c&UTM_Medium=y&fbclid=1").unwrap();
        strip_tracking(&mut url);
        assert_eq!(url.as_str(), "https://a.example/?q=a+b%20c");
        strip_tracking(&mut url);
        let mut url = Url::parse("https://a.example/?gclid=1#top").unwrap();
        strip_tracking(&mut url);
        assert_eq!(url.as_str(), "https://a.example/#top");
    }
}
