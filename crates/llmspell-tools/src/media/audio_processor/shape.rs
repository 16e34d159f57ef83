//! Channels and sample rates.

use std::f64::consts::FRAC_1_SQRT_2;

/// Mixes samples into another number of channels. Input and output hold the channels in turn.
pub(super) fn mix(samples: &[i32], from: usize, to: usize) -> Vec<i32> {
    let frames = samples.chunks_exact(from.max(1));
    let mut mixed = Vec::with_capacity(frames.len() * to);
    for frame in frames {
        match (from, to) {
            (from, to) if from == to => mixed.extend_from_slice(frame),
            (1, _) => mixed.extend(std::iter::repeat_n(frame[0], to)),
            (_, 1) => {
                let sum: i64 = frame.iter().map(|sample| i64::from(*sample)).sum();
                mixed.push((sum / from as i64) as i32);
            }
            // Left, right, centre, low frequencies, left behind, right behind.
            (6, 2) => {
                let level = |index: usize| f64::from(frame[index]);
                let side = |own: usize, behind: usize| {
                    let sum = level(own) + FRAC_1_SQRT_2 * (level(2) + level(behind));
                    (sum / 2.4142) as i32
                };
                mixed.extend([side(0, 4), side(1, 5)]);
            }
            // Even channels to the left, odd ones to the right.
            (_, 2) => {
                for side in 0..2 {
                    let own = frame.iter().skip(side).step_by(2);
                    let count = own.len().max(1) as i64;
                    let sum: i64 = own.map(|sample| i64::from(*sample)).sum();
                    mixed.push((sum / count) as i32);
                }
            }
            (from, to) if from > to => mixed.extend_from_slice(&frame[..to]),
            (from, to) => {
                mixed.extend_from_slice(frame);
                mixed.extend(std::iter::repeat_n(0, to - from));
            }
        }
    }
    mixed
}

/// Zero crossings of the window on each side.
const CROSSINGS: f64 = 16.0;

/// Steps of the table between two zero crossings.
const STEPS: usize = 256;

/// Changes the sample rate, block by block, with a windowed sinc filter.
pub(super) struct Resampler {
    channels: usize,
    /// Input frames per output frame.
    step: f64,
    /// How far the filter is stretched, at least 1: what the new rate cannot hold is left out.
    stretch: f64,
    table: Vec<f64>,
    /// Input not needed any more was cut off before this frame.
    input: Vec<f64>,
    cut: u64,
    /// The next output frame.
    output: u64,
}

impl Resampler {
    pub(super) fn new(from: u32, to: u32, channels: usize) -> Self {
        let step = f64::from(from) / f64::from(to);
        let stretch = step.max(1.0);
        let size = CROSSINGS as usize * STEPS;
        let table = (0..=size + 1)
            .map(|index| filter(index as f64 / STEPS as f64))
            .collect();
        // Silence before the beginning.
        let lead = (CROSSINGS * stretch).ceil() as usize + 1;
        Self {
            channels,
            step,
            stretch,
            table,
            input: vec![0.0; lead * channels],
            cut: 0,
            output: 0,
        }
    }

    fn reach(&self) -> f64 {
        CROSSINGS * self.stretch
    }

    fn lead(&self) -> f64 {
        self.reach().ceil() + 1.0
    }

    /// Takes samples, and returns those that can be made by now.
    pub(super) fn push(&mut self, samples: &[i32]) -> Vec<i32> {
        self.input
            .extend(samples.iter().map(|sample| f64::from(*sample)));
        self.made(false)
    }

    /// Returns what is left, `total` input frames having been there.
    pub(super) fn finish(&mut self) -> Vec<i32> {
        let silence = self.lead() as usize * self.channels;
        self.input.extend(std::iter::repeat_n(0.0, silence));
        self.made(true)
    }

    fn made(&mut self, is_end: bool) -> Vec<i32> {
        let mut made = Vec::new();
        let have = self.cut as f64 + (self.input.len() / self.channels) as f64;
        loop {
            // The place among the input frames, silence before it counted.
            let place = self.output as f64 * self.step + self.lead();
            let enough = match is_end {
                // The last input frame is where the silence begins.
                true => place < have - self.lead(),
                false => place + self.reach() + 1.0 < have,
            };
            if !enough {
                break;
            }
            self.frame(place, &mut made);
            self.output += 1;
        }
        let needed = self.output as f64 * self.step + self.lead() - self.reach() - 1.0;
        let unneeded = (needed.max(0.0) as u64).saturating_sub(self.cut) as usize;
        let unneeded = unneeded.min(self.input.len() / self.channels);
        self.input.drain(..unneeded * self.channels);
        self.cut += unneeded as u64;
        made
    }

    fn frame(&self, place: f64, made: &mut Vec<i32>) {
        let place = place - self.cut as f64;
        let first = (place - self.reach()).ceil().max(0.0) as usize;
        let last =
            ((place + self.reach()).floor() as usize).min(self.input.len() / self.channels - 1);
        for channel in 0..self.channels {
            let mut sum = 0.0;
            for index in first..=last {
                let distance = (place - index as f64).abs() / self.stretch;
                sum += self.input[index * self.channels + channel] * self.weight(distance);
            }
            let sample = (sum / self.stretch).round();
            made.push(sample.clamp(f64::from(i32::MIN), f64::from(i32::MAX)) as i32);
        }
    }

    fn weight(&self, distance: f64) -> f64 {
        let at = distance * STEPS as f64;
        let index = at as usize;
        let Some([left, right]) = self.table.get(index..index + 2) else {
            return 0.0;
        };
        left + (right - left) * at.fract()
    }
}

/// Returns the sinc function under a Hann window, `distance` in zero crossings.
fn filter(distance: f64) -> f64 {
    if distance >= CROSSINGS {
        return 0.0;
    }
    let window = 0.5 + 0.5 * (std::f64::consts::PI * distance / CROSSINGS).cos();
    match distance {
        0.0 => 1.0,
        _ => {
            let angle = std::f64::consts::PI * distance;
            angle.sin() / angle * window
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_are_mixed() {
        assert_eq!(mix(&[10, 20, 30, 40], 2, 1), [15, 35]);
        assert_eq!(mix(&[10, 20], 1, 2), [10, 10, 20, 20]);
        assert_eq!(mix(&[1, 2], 2, 2), [1, 2]);
        assert_eq!(mix(&[1, 2], 2, 4), [1, 2, 0, 0]);
        assert_eq!(mix(&[10, 20, 30, 40], 4, 2), [20, 30]);
        let full = [i32::MAX; 6];
        assert!(mix(&full, 6, 2)[0] > i32::MAX / 2);
    }

    #[test]
    fn a_tone_stays_the_same_tone() {
        let tone = |rate: f64, index: usize| {
            let angle = std::f64::consts::TAU * 440.0 * index as f64 / rate;
            angle.sin() * 1e9
        };
        for (from, to) in [(44_100, 48_000), (48_000, 16_000), (8_000, 44_100)] {
            let mut resampler = Resampler::new(from, to, 1);
            let input: Vec<i32> = (0..from as usize)
                .map(|index| tone(f64::from(from), index) as i32)
                .collect();
            let mut output = Vec::new();
            for block in input.chunks(1000) {
                output.extend(resampler.push(block));
            }
            output.extend(resampler.finish());
            assert!(
                output.len().abs_diff(to as usize) <= 1,
                "{from} to {to}: {}",
                output.len()
            );
            let inner = 200..output.len() - 200;
            for (index, sample) in output.iter().enumerate().take(inner.end).skip(inner.start) {
                let difference = (f64::from(*sample) - tone(f64::from(to), index)).abs();
                assert!(difference < 3e6, "{from} to {to} at {index}: {difference}");
            }
        }
    }
}
