//! The table of digests.

use std::io::{self, Read};

use blake2::{Blake2b512, Blake2s256};
use hmac::{KeyInit, Mac, SimpleHmac};
use llmspell_core::{Cx, Result, error};
use md5::Md5;
use sha1::Sha1;
use sha2::digest::Digest;
use sha2::digest::common::BlockSizeUser;
use sha2::{Sha224, Sha256, Sha384, Sha512, Sha512_256};
use sha3::{Sha3_256, Sha3_512};
use xxhash_rust::xxh3::Xxh3;

use crate::choice::choose;
use crate::param::refused;

/// How much is hashed between two looks at the context: well below a millisecond.
const PIECE: usize = 16 << 10;

type Plain = fn(&Cx, &mut dyn Read) -> Result<Vec<u8>>;
type Keyed = fn(&Cx, &[u8], &mut dyn Read) -> Result<Vec<u8>>;

/// One digest.
pub(super) struct Algorithm {
    /// Accepted names, the canonical one first.
    pub(super) names: &'static [&'static str],
    /// The name that the standard gives it.
    pub(super) title: &'static str,
    plain: Plain,
    keyed: Option<Keyed>,
}

macro_rules! standard {
    ($title:literal, $digest:ty, $names:expr) => {
        Algorithm {
            names: $names,
            title: $title,
            plain: plain::<$digest>,
            keyed: Some(keyed::<$digest>),
        }
    };
}

/// Every digest, in the order of the listing.
pub(super) const ALGORITHMS: &[Algorithm] = &[
    standard!("MD5", Md5, &["md5"]),
    standard!("SHA-1", Sha1, &["sha1", "sha_1"]),
    standard!("SHA-224", Sha224, &["sha224", "sha_224"]),
    standard!("SHA-256", Sha256, &["sha256", "sha_256", "sha2_256"]),
    standard!("SHA-384", Sha384, &["sha384", "sha_384"]),
    standard!("SHA-512", Sha512, &["sha512", "sha_512", "sha2_512"]),
    standard!(
        "SHA-512/256",
        Sha512_256,
        &["sha512_256", "sha_512_256", "sha512/256", "sha_512/256"]
    ),
    standard!("SHA3-256", Sha3_256, &["sha3_256", "sha_3_256"]),
    standard!("SHA3-512", Sha3_512, &["sha3_512", "sha_3_512"]),
    standard!(
        "BLAKE2b",
        Blake2b512,
        &["blake2b", "blake2b_512", "blake_2b"]
    ),
    standard!(
        "BLAKE2s",
        Blake2s256,
        &["blake2s", "blake2s_256", "blake_2s"]
    ),
    Algorithm {
        names: &["blake3", "blake_3"],
        title: "BLAKE3",
        plain: blake3,
        keyed: Some(keyed_blake3),
    },
    Algorithm {
        names: &["crc32", "crc_32"],
        title: "CRC-32",
        plain: crc32,
        keyed: None,
    },
    Algorithm {
        names: &["xxh3", "xxh3_64", "xxhash3"],
        title: "XXH3",
        plain: xxh3,
        keyed: None,
    },
];

/// Finds a digest by name.
///
/// - Errors: `InvalidArgs` that lists them.
pub(super) fn find(name: &str) -> Result<&'static Algorithm> {
    let entries: Vec<&'static [&'static str]> =
        ALGORITHMS.iter().map(|algorithm| algorithm.names).collect();
    let found = choose("algorithm", name, &entries)?;
    ALGORITHMS
        .iter()
        .find(|algorithm| algorithm.names[0] == found)
        .ok_or_else(|| refused("algorithm", format!("unknown algorithm '{name}'")))
}

impl Algorithm {
    /// Returns whether different inputs with equal digests are known.
    pub(super) fn is_broken(&self) -> bool {
        matches!(self.title, "MD5" | "SHA-1")
    }

    /// Calculates the digest, or the HMAC if there is a key.
    ///
    /// - Errors: `InvalidArgs` for a key with a checksum; `Io` if the input cannot be read; what [`Cx::check`] says.
    pub(super) fn digest(
        &self,
        cx: &Cx,
        key: Option<&[u8]>,
        input: &mut dyn Read,
    ) -> Result<Vec<u8>> {
        match (key, self.keyed) {
            (None, _) => (self.plain)(cx, input),
            (Some(key), Some(keyed)) => keyed(cx, key, input),
            (Some(_), None) => Err(refused(
                "algorithm",
                format!("{} is a checksum and has no HMAC", self.title),
            )),
        }
    }
}

/// Feeds the input piece by piece, stopping when the call shall.
fn feed(cx: &Cx, input: &mut dyn Read, mut update: impl FnMut(&[u8])) -> Result<()> {
    let mut piece = vec![0; PIECE];
    loop {
        cx.check()?;
        match input.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(read) => update(&piece[..read]),
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
            Err(cause) => return Err(error!(Io, "the input cannot be read: {cause}")),
        }
    }
}

fn plain<D: Digest>(cx: &Cx, input: &mut dyn Read) -> Result<Vec<u8>> {
    let mut digest = D::new();
    feed(cx, input, |piece| digest.update(piece))?;
    Ok(digest.finalize().to_vec())
}

fn keyed<D: Digest + BlockSizeUser>(cx: &Cx, key: &[u8], input: &mut dyn Read) -> Result<Vec<u8>> {
    let mut mac = SimpleHmac::<D>::new_from_slice(key)
        .map_err(|_| refused("key", "the key has a length that the algorithm cannot use"))?;
    feed(cx, input, |piece| mac.update(piece))?;
    Ok(mac.finalize().into_bytes().to_vec())
}

fn blake3(cx: &Cx, input: &mut dyn Read) -> Result<Vec<u8>> {
    let mut digest = blake3::Hasher::new();
    feed(cx, input, |piece| {
        digest.update(piece);
    })?;
    Ok(digest.finalize().as_bytes().to_vec())
}

/// HMAC of RFC 2104 over BLAKE3, whose block has 64 bytes.
fn keyed_blake3(cx: &Cx, key: &[u8], input: &mut dyn Read) -> Result<Vec<u8>> {
    let mut block = [0; blake3::BLOCK_LEN];
    if key.len() > block.len() {
        block[..blake3::OUT_LEN].copy_from_slice(blake3::hash(key).as_bytes());
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let mut inner = blake3::Hasher::new();
    inner.update(&block.map(|byte| byte ^ 0x36));
    feed(cx, input, |piece| {
        inner.update(piece);
    })?;
    let mut outer = blake3::Hasher::new();
    outer.update(&block.map(|byte| byte ^ 0x5C));
    outer.update(inner.finalize().as_bytes());
    Ok(outer.finalize().as_bytes().to_vec())
}

fn crc32(cx: &Cx, input: &mut dyn Read) -> Result<Vec<u8>> {
    let mut checksum = crc32fast::Hasher::new();
    feed(cx, input, |piece| checksum.update(piece))?;
    Ok(checksum.finalize().to_be_bytes().to_vec())
}

fn xxh3(cx: &Cx, input: &mut dyn Read) -> Result<Vec<u8>> {
    let mut checksum = Xxh3::new();
    feed(cx, input, |piece| checksum.update(piece))?;
    Ok(checksum.digest().to_be_bytes().to_vec())
}
