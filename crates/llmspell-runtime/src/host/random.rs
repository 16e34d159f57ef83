//! Random bytes of this machine, or of a seed.

use llmspell_core::{CallId, Random};
use parking_lot::Mutex;

/// Random bytes: the output of BLAKE3 over what the operating system gave, or over a seed.
///
/// The bytes of a seed are the same on every machine and in every version. Those of a place depend on a key alone, which is
/// recorded with the run, so that nothing is recorded of what a script draws.
pub struct SystemRandom {
    next: Mutex<blake3::OutputReader>,
    key: [u8; 32],
}

impl SystemRandom {
    /// Starts from `seed`, or from the operating system's randomness if there is none.
    pub fn new(seed: Option<u64>) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key(NUMBERS);
        match seed {
            Some(seed) => hasher.update(&seed.to_le_bytes()),
            None => hasher.update(&entropy()),
        };
        let mut places = hasher.clone();
        places.update(b"places");
        Self {
            next: Mutex::new(hasher.finalize_xof()),
            key: *places.finalize().as_bytes(),
        }
    }

    /// Starts from the operating system's randomness, with the places of an earlier run.
    pub fn of_key(key: [u8; 32]) -> Self {
        Self {
            key,
            ..Self::new(None)
        }
    }

    /// Returns the key of the places.
    pub fn key(&self) -> [u8; 32] {
        self.key
    }
}

const NUMBERS: &str = "llmspell 2026 random numbers of a run";

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
        self.next.lock().fill(bytes);
    }

    fn fill_at(&self, place: CallId, bytes: &mut [u8]) {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(&place.0);
        hasher.finalize_xof().fill(bytes);
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
    fn a_place_has_its_bytes() {
        let bytes = |random: &SystemRandom, place: u8| {
            let mut bytes = [0; 8];
            random.fill_at(CallId([place; 16]), &mut bytes);
            bytes
        };
        let random = SystemRandom::default();
        let again = SystemRandom::of_key(random.key());
        assert_eq!(bytes(&random, 1), bytes(&again, 1));
        assert_ne!(bytes(&random, 1), bytes(&random, 2));
        assert_ne!(bytes(&random, 1), bytes(&SystemRandom::default(), 1));
        assert_ne!(random.next(), again.next());
    }

    #[test]
    fn without_a_seed_no_two_are_alike() {
        let (one, other) = (SystemRandom::default(), SystemRandom::default());
        assert_ne!(one.next(), other.next());
        assert_ne!(one.next(), one.next());
    }
}
