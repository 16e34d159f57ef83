//! The signature of a delivery.

use data_encoding::{BASE64, HEXLOWER};
use hmac::{Hmac, KeyInit, Mac};
use llmspell_core::host::HttpRequest;
use llmspell_core::{Result, Value};
use schemars::JsonSchema;
use serde::Deserialize;
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

use crate::choice::choose_or_first;
use crate::param::{choices, misfit, refused};

const ALGORITHMS: &[&[&str]] = &[
    &["sha256", "sha_256", "hmac_sha256"],
    &["sha1", "sha_1", "hmac_sha1"],
    &["sha384", "sha_384", "hmac_sha384"],
    &["sha512", "sha_512", "hmac_sha512"],
];

/// How a delivery is signed.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Shape {
    /// The secret that the receiver knows as well.
    secret: String,
    /// The digest of the HMAC.
    #[schemars(transform = choices(ALGORITHMS), extend("default" = "sha256"))]
    algorithm: Option<String>,
    /// The header of the signature.
    #[schemars(extend("default" = "X-Signature-256"))]
    header: Option<String>,
    /// How the signature is written: `{hex}`, `{base64}` and `{timestamp}` are replaced.
    #[schemars(extend("default" = "sha256={hex}"))]
    format: Option<String>,
    /// The header of the time (seconds since 1970); the time is signed then.
    timestamp_header: Option<String>,
}

/// How a delivery is signed, checked.
pub(super) struct Signature {
    shape: Shape,
    algorithm: &'static str,
    format: String,
}

impl Signature {
    /// Reads the parameter. Errors never show the secret.
    pub(super) fn read(sign: &Value) -> Result<Self> {
        let shape: Shape = sign
            .clone()
            .into_typed()
            .map_err(|error| refused("sign", format!("sign: {}", misfit(&error))).misshapen())?;
        if shape.secret.is_empty() {
            return Err(refused("sign", "sign.secret must not be empty"));
        }
        let algorithm = choose_or_first("sign.algorithm", shape.algorithm.as_deref(), ALGORITHMS)?;
        let usual = || format!("{algorithm}={{hex}}");
        let format = shape.format.clone().unwrap_or_else(usual);
        if !format.contains("{hex}") && !format.contains("{base64}") {
            return Err(refused(
                "sign",
                "sign.format must contain {hex} or {base64}",
            ));
        }
        Ok(Self {
            shape,
            algorithm,
            format,
        })
    }

    /// Signs the bytes that the request carries, at this moment (microseconds since 1970).
    pub(super) fn apply(&self, request: &mut HttpRequest, now: i64) -> Result<()> {
        let timestamp = (now / 1_000_000).to_string();
        let mut signed = Vec::new();
        if let Some(name) = &self.shape.timestamp_header {
            signed.extend_from_slice(timestamp.as_bytes());
            signed.push(b'.');
            request.headers.push((name.clone(), timestamp.clone()));
        }
        signed.extend_from_slice(request.body.as_deref().unwrap_or_default());
        let code = self.code(&signed)?;
        let value = self
            .format
            .replace("{hex}", &HEXLOWER.encode(&code))
            .replace("{base64}", &BASE64.encode(&code))
            .replace("{timestamp}", &timestamp);
        let name = self.shape.header.as_deref().unwrap_or("X-Signature-256");
        request.headers.push((name.to_owned(), value));
        Ok(())
    }

    fn code(&self, bytes: &[u8]) -> Result<Vec<u8>> {
        let key = self.shape.secret.as_bytes();
        macro_rules! hmac {
            ($digest:ty) => {{
                let mac = Hmac::<$digest>::new_from_slice(key);
                let mac =
                    mac.map_err(|_| refused("sign", "sign.secret cannot be used as a key"))?;
                mac.chain_update(bytes).finalize().into_bytes().to_vec()
            }};
        }
        Ok(match self.algorithm {
            "sha1" => hmac!(Sha1),
            "sha384" => hmac!(Sha384),
            "sha512" => hmac!(Sha512),
            _ => hmac!(Sha256),
        })
    }
}
