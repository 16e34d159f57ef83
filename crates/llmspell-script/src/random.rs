//! Random numbers over a seed of the run, so that a run can be repeated.
//!
//! The generator and its projections are those of Lua 5.4 (xoshiro256**), so a given seed gives Lua's own numbers.

use std::cell::Cell;

/// The generator of one VM, seeded when it is first used.
#[derive(Default)]
pub(crate) struct Generator(Cell<Option<[u64; 4]>>);

impl Generator {
    /// Returns whether it has a seed.
    pub(crate) fn is_seeded(&self) -> bool {
        self.0.get().is_some()
    }

    /// Begins anew from a seed.
    pub(crate) fn seed(&self, first: u64, second: u64) {
        self.0.set(Some([first, 0xff, second, 0]));
        for _ in 0..16 {
            self.next();
        }
    }

    /// Returns 64 random bits.
    pub(crate) fn next(&self) -> u64 {
        let mut state = self.0.get().unwrap_or([0, 0xff, 0, 0]);
        let result = state[1].wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let shifted = state[1] << 17;
        state[2] ^= state[0];
        state[3] ^= state[1];
        state[1] ^= state[2];
        state[0] ^= state[3];
        state[2] ^= shifted;
        state[3] = state[3].rotate_left(45);
        self.0.set(Some(state));
        result
    }

    /// Returns a number of `0..1`, of 53 bits.
    pub(crate) fn fraction(&self) -> f64 {
        (self.next() >> 11) as f64 * (0.5 / (1_u64 << 52) as f64)
    }

    /// Returns a number of `0..=most`, each as likely as any other.
    pub(crate) fn project(&self, first: u64, most: u64) -> u64 {
        if most & most.wrapping_add(1) == 0 {
            return first & most;
        }
        let mask = u64::MAX >> most.leading_zeros();
        let mut number = first & mask;
        while number > most {
            number = self.next() & mask;
        }
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_in_the_interval_and_repeat() {
        let generator = Generator::default();
        generator.seed(42, 0);
        let numbers: Vec<u64> = (0..1_000)
            .map(|_| generator.project(generator.next(), 9))
            .collect();
        assert!(numbers.iter().all(|&number| number <= 9));
        assert!((0..10).all(|number| numbers.contains(&number)));
        generator.seed(42, 0);
        assert_eq!(generator.project(generator.next(), 9), numbers[0]);
    }
}
