//! Random bytes of this machine, or of a seed.

use llmspell_core::Random;
use parking_lot::Mutex;

/// Random bytes: the output of BLAKE3 over what the operating system gave, or over a seed.
///
/// The bytes of a seed are the same on every machine and in every version.
pub struct SystemRandom(Mutex<blake3::OutputReader>);

impl SystemRandom {
    /// Starts from `seed`, or from the operating system's randomness if there is none.
    pub fn new(seed: Option<u64>) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("llmspell 2026 random numbers of a run");
        match seed {
            Some(seed) => hasher.update(&seed.to_le_bytes()),
            None => hasher.update(&entropy()),
        };
        Self(Mutex::new(hasher.finalize_xof()))
    }
}

/// Returns bytes from the operating system: three random UUIDs hold 366 random bits.
fn entropy() -> [u8; 48] {
    let mut bytes = [0; 48];
    for part in bytes.chunks_mut(16) {
        part.copy_from_slice(uuid::Uuid::new_v4().as_bytes());
    }
    bytes
}

impl Default for SystemRandom {
    fn default() -> Self {
        Self::new(None)
    }
}

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().fill(bytes);
    }
}

impl std::fmt::Debug for SystemRandom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SystemRandom")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_numbers_in_every_version() {
        let numbers = |seed| {
            let random = SystemRandom::new(Some(seed));
            [random.next(), random.next(), random.next()]
        };
        assert_eq!(numbers(7), numbers(7));
        assert_ne!(numbers(7), numbers(8));
        let fixed = [
            9_104_067_584_593_183_771,
            6_346_354_230_211_158_976,
            9_870_260_845_215_497_970,
        ];
        assert_eq!(numbers(7), fixed);
    }

    #[test]
    fn without_a_seed_no_two_are_alike() {
        let (one, other) = (SystemRandom::default(), SystemRandom::default());
        assert_ne!(one.next(), other.next());
        assert_ne!(one.next(), one.next());
    }
}
