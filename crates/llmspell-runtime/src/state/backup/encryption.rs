//! Encryption of backups.
//!
//! An encrypted file is a salt (16 bytes), a nonce (24 bytes), and what XChaCha20-Poly1305 makes of the compressed content,
//! with the id of the backup authenticated as well. The key comes from a passphrase by scrypt (N = 2¹⁵, r = 8, p = 1).
//!
//! - Source: RFC 8439 and draft-irtf-cfrg-xchacha-03 for the cipher, RFC 7914 for scrypt.

use std::collections::HashMap;
use std::sync::Arc;

use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use llmspell_core::{Random as _, Result, error};
use parking_lot::Mutex;
use scrypt::Params;
use serde::{Deserialize, Serialize};

use crate::host::SystemRandom;

const SALT: usize = 16;

const NONCE: usize = 24;

/// Binary logarithm of what making a key costs: 2¹⁵ blocks of 1 KiB.
const LOG_N: u8 = 15;

/// Shortest passphrase, in bytes.
const MIN_BYTES: usize = 16;

/// How a backup is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Encryption {
    /// XChaCha20-Poly1305 with a key by scrypt.
    #[serde(rename = "xchacha20poly1305")]
    XChaCha20Poly1305,
}

/// With what backups are encrypted. Backups that are not encrypted can be read with each of these.
#[derive(Clone, Debug, Default)]
pub struct Passphrase(Kind);

#[derive(Clone, Debug, Default)]
enum Kind {
    #[default]
    None,
    Missing(String),
    Given(Arc<Keys>),
}

/// The keys that a passphrase makes, each of which costs time and memory.
struct Keys {
    passphrase: String,
    /// The salt of what this process encrypts.
    own: [u8; SALT],
    made: Mutex<HashMap<[u8; SALT], [u8; 32]>>,
    random: SystemRandom,
}

/// Keys are nobody's business.
impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys")
    }
}

impl Passphrase {
    /// Encrypts with this text.
    pub fn new(text: impl Into<String>) -> Self {
        // Never a run's own numbers, which a seed may repeat.
        let random = SystemRandom::default();
        let mut own = [0; SALT];
        random.fill(&mut own);
        Self(Kind::Given(Arc::new(Keys {
            passphrase: text.into(),
            own,
            made: Mutex::default(),
            random,
        })))
    }

    /// Encrypts with the text of an environment variable that is not set, which who uses it is told.
    pub fn missing(variable: impl Into<String>) -> Self {
        Self(Kind::Missing(variable.into()))
    }

    /// Encrypts the file of a backup, if that is wanted.
    ///
    /// - Errors: `Config` for a passphrase that is not there or too short.
    pub(super) fn seal(&self, id: &str, content: Vec<u8>) -> Result<(Vec<u8>, Option<Encryption>)> {
        let keys = match &self.0 {
            Kind::None => return Ok((content, None)),
            Kind::Missing(variable) => return Err(unset(variable)),
            Kind::Given(keys) => keys,
        };
        if keys.passphrase.len() < MIN_BYTES {
            let error = error!(Config, "the passphrase of backups is too short");
            return Err(error.hint(format!(
                "the variable that `state.backup.encryption_key_env` names needs {MIN_BYTES} bytes or more"
            )));
        }
        let mut nonce = [0; NONCE];
        keys.random.fill(&mut nonce);
        let payload = Payload {
            msg: &content,
            aad: id.as_bytes(),
        };
        let sealed = keys
            .cipher(keys.own)?
            .encrypt(&XNonce::from(nonce), payload);
        let sealed =
            sealed.map_err(|_| error!(Limit, "the backup is too large to be encrypted"))?;
        let file = [&keys.own[..], &nonce, &sealed].concat();
        Ok((file, Some(Encryption::XChaCha20Poly1305)))
    }

    /// Decrypts the file of a backup.
    ///
    /// - Errors: `Config` for a passphrase that is not there or another one; `Corrupt`.
    pub(super) fn open(&self, id: &str, file: &[u8]) -> Result<Vec<u8>> {
        let keys = match &self.0 {
            Kind::None => {
                let error = error!(Config, "the backup '{id}' is encrypted");
                return Err(error.hint(
                    "name the variable that has its passphrase in `state.backup.encryption_key_env`",
                ));
            }
            Kind::Missing(variable) => return Err(unset(variable)),
            Kind::Given(keys) => keys,
        };
        let parts = file
            .split_first_chunk::<SALT>()
            .and_then(|(salt, rest)| Some((salt, rest.split_first_chunk::<NONCE>()?)));
        let Some((salt, (nonce, sealed))) = parts else {
            return Err(error!(Corrupt, "the backup '{id}' is too short"));
        };
        let payload = Payload {
            msg: sealed,
            aad: id.as_bytes(),
        };
        let opened = keys.cipher(*salt)?.decrypt(&XNonce::from(*nonce), payload);
        opened.map_err(|_| {
            error!(
                Config,
                "the backup '{id}' cannot be decrypted: its passphrase is another one, or it was changed"
            )
        })
    }
}

impl Keys {
    fn cipher(&self, salt: [u8; SALT]) -> Result<XChaCha20Poly1305> {
        let mut made = self.made.lock();
        let key = match made.get(&salt) {
            Some(key) => *key,
            None => {
                let key = stretched(&self.passphrase, &salt)?;
                made.insert(salt, key);
                key
            }
        };
        Ok(XChaCha20Poly1305::new(&key.into()))
    }
}

fn stretched(passphrase: &str, salt: &[u8]) -> Result<[u8; 32]> {
    let failed = |cause: String| error!(Bug, "no key can be made for backups: {cause}");
    let params = Params::new(LOG_N, 8, 1).map_err(|cause| failed(cause.to_string()))?;
    let mut key = [0; 32];
    scrypt::scrypt(passphrase.as_bytes(), salt, &params, &mut key)
        .map_err(|cause| failed(cause.to_string()))?;
    Ok(key)
}

fn unset(variable: &str) -> llmspell_core::Error {
    error!(
        Config,
        "backups are encrypted with the environment variable {variable}, which is not set"
    )
    .hint("set it, or remove `state.backup.encryption_key_env`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_can_be_opened_by_who_knows_the_passphrase() {
        let text = "correct horse battery staple";
        let mine = Passphrase::new(text);
        let (file, encryption) = mine.seal("backup_1", b"values".to_vec()).unwrap();
        assert_eq!(encryption, Some(Encryption::XChaCha20Poly1305));
        assert_eq!(file.len(), SALT + NONCE + b"values".len() + 16);
        assert!(!file.windows(6).any(|part| part == b"values"));
        assert_eq!(
            Passphrase::new(text).open("backup_1", &file).unwrap(),
            b"values"
        );
        let (again, _) = mine.seal("backup_1", b"values".to_vec()).unwrap();
        assert_ne!(again[SALT..], file[SALT..]);
        let mut changed = file.clone();
        *changed.last_mut().unwrap() ^= 1;
        for (id, file) in [("backup_2", &file), ("backup_1", &changed)] {
            let error = mine.open(id, file).unwrap_err();
            assert!(error.message().contains("cannot be decrypted"), "{error:?}");
        }
        let wrong = Passphrase::new("another passphrase").open("backup_1", &file);
        assert!(
            wrong
                .unwrap_err()
                .message()
                .contains("its passphrase is another one")
        );
        let error = mine.open("backup_1", &file[..SALT]).unwrap_err();
        assert_eq!(error.message(), "the backup 'backup_1' is too short");
    }

    #[test]
    fn without_a_passphrase() {
        let (file, encryption) = Passphrase::default().seal("b", vec![1]).unwrap();
        assert_eq!((file, encryption), (vec![1], None));
        for (passphrase, part) in [
            (Passphrase::missing("KEY"), "KEY, which is not set"),
            (Passphrase::new("short"), "too short"),
        ] {
            let error = passphrase.seal("b", vec![1]).unwrap_err();
            assert_eq!(error.kind(), llmspell_core::Kind::Config);
            assert!(error.message().contains(part), "{error:?}");
        }
        let error = Passphrase::default().open("b", &[0; 99]).unwrap_err();
        assert_eq!(error.message(), "the backup 'b' is encrypted");
    }
}
