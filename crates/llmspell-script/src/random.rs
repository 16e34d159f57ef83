//! Random numbers over a seed of the run, so that a run can be repeated.
//!
//! The generator and its projections are those of Lua 5.4 (xoshiro256**), so a given seed gives Lua's own numbers.

use std::cell::Cell;

use llmspell_core::{CallId, Cx};

/// A generator, seeded when it is first used. The script has one; a function of it that ops call, or that runs beside
/// others, has its own, so that what it draws does not depend on what the others do.
#[derive(Default)]
pub(crate) struct Generator {
    state: Cell<Option<[u64; 4]>>,
    /// The seed that the script chose.
    chosen: Cell<Option<(u64, u64)>>,
}

impl Generator {
    /// Returns whether it has a seed.
    pub(crate) fn is_seeded(&self) -> bool {
        self.state.get().is_some()
    }

    /// Begins anew from a seed.
    pub(crate) fn seed(&self, first: u64, second: u64) {
        self.state.set(Some([first, 0xff, second, 0]));
        for _ in 0..16 {
            self.next();
        }
    }

    /// Begins anew from a seed that the script chose, from which the generators of its functions are seeded as well.
    pub(crate) fn choose(&self, first: u64, second: u64) {
        self.chosen.set(Some((first, second)));
        self.seed(first, second);
    }

    /// Begins at a place below a script that chose a seed with this generator; returns false if it chose none.
    pub(crate) fn seed_below(&self, script: &Self, place: CallId) -> bool {
        let Some((first, second)) = script.chosen.get() else {
            return false;
        };
        let [high, low] = halves(place);
        self.seed(first ^ high, second ^ low);
        true
    }

    /// Returns 64 random bits.
    pub(crate) fn next(&self) -> u64 {
        let mut state = self.state.get().unwrap_or([0, 0xff, 0, 0]);
        let result = state[1].wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let shifted = state[1] << 17;
        state[2] ^= state[0];
        state[3] ^= state[1];
        state[1] ^= state[2];
        state[0] ^= state[3];
        state[2] ^= shifted;
        state[3] = state[3].rotate_left(45);
        self.state.set(Some(state));
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

/// Returns where a function below this call draws its first number.
pub(crate) fn place(cx: &Cx) -> CallId {
    let content = CallId::content(cx.id(), "random", "");
    content.nth(cx.count(content))
}

fn halves(place: CallId) -> [u64; 2] {
    let CallId(bytes) = place;
    let number = u128::from_le_bytes(bytes);
    [(number >> 64) as u64, number as u64]
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
