//! How loud a sound is, over its time.

use llmspell_core::{Map, Value};

use super::sound::Block;

/// Below this it is silent, in decibels under full scale, and for how long at least, in seconds.
const SILENT_DB: f64 = -50.0;
const SILENT_SECONDS: f64 = 0.5;

/// Longest stretch that is measured at once, in frames.
const MAX_STRETCH: u64 = 441;

/// What silence itself measures.
const FLOOR_DB: f64 = -120.0;

/// Loudness of short stretches.
pub(super) struct Waveform {
    /// Frames of a stretch.
    stretch: u64,
    stretches: Vec<Stretch>,
    open: Stretch,
    rate: u32,
}

#[derive(Clone, Copy, Default)]
struct Stretch {
    peak: f64,
    squares: f64,
    /// Samples of all channels.
    samples: u64,
    frames: u64,
}

impl Stretch {
    fn add(&mut self, other: Self) {
        self.peak = self.peak.max(other.peak);
        self.squares += other.squares;
        self.samples += other.samples;
        self.frames += other.frames;
    }

    fn rms(&self) -> f64 {
        (self.squares / self.samples.max(1) as f64).sqrt()
    }
}

impl Waveform {
    /// Begins to measure a sound of which `frames` are expected, for that many points.
    pub(super) fn new(frames: Option<u64>, points: usize) -> Self {
        let fine = frames.map_or(1, |frames| frames / points as u64).max(1);
        // A point is whole stretches, if that can be.
        let dividing = (MAX_STRETCH / 4..=MAX_STRETCH)
            .rev()
            .find(|length| fine.is_multiple_of(*length));
        let stretch = dividing.unwrap_or(fine.min(MAX_STRETCH));
        Self {
            stretch,
            stretches: Vec::new(),
            open: Stretch::default(),
            rate: 1,
        }
    }

    pub(super) fn push(&mut self, block: &Block<'_>) {
        self.rate = block.rate;
        for frame in block.samples.chunks_exact(block.channels) {
            for sample in frame {
                let level = f64::from(*sample).abs() / 2_147_483_648.0;
                self.open.peak = self.open.peak.max(level);
                self.open.squares += level * level;
            }
            self.open.samples += frame.len() as u64;
            self.open.frames += 1;
            if self.open.frames >= self.stretch {
                self.stretches.push(std::mem::take(&mut self.open));
            }
        }
    }

    /// Returns the measures, with as many points as were asked for or as there are.
    pub(super) fn finish(mut self, points: usize) -> Map {
        if self.open.frames > 0 {
            self.stretches.push(self.open);
        }
        let count = self.stretches.len();
        let points = points.min(count);
        let place = |point: usize| point * count / points.max(1);
        let joined: Vec<Stretch> = (0..points)
            .map(|point| sum(&self.stretches[place(point)..place(point + 1)]))
            .collect();
        let all = sum(&self.stretches);
        let each = |of: fn(&Stretch) -> f64| {
            let values = joined
                .iter()
                .map(|stretch| Value::Float(short(of(stretch))));
            values.collect::<Value>()
        };
        Map::from([
            ("peaks", each(|stretch| stretch.peak)),
            ("rms", each(Stretch::rms)),
            ("peak_db", Value::Float(short(decibels(all.peak)))),
            ("rms_db", Value::Float(short(decibels(all.rms())))),
            ("silence", self.silence()),
            (
                "duration_seconds",
                Value::Float(short(all.frames as f64 / f64::from(self.rate))),
            ),
            ("sample_rate", self.rate.into()),
        ])
    }

    /// Returns where it is silent for a while: `{start_seconds, end_seconds}`.
    fn silence(&self) -> Value {
        let mut found = Vec::new();
        let mut since = None;
        let mut at = 0_u64;
        let seconds = |frames: u64| frames as f64 / f64::from(self.rate);
        let mut end = |since: &mut Option<u64>, at: u64| {
            let Some(start) = since.take() else {
                return;
            };
            if seconds(at - start) >= SILENT_SECONDS {
                let moments = [("start_seconds", start), ("end_seconds", at)];
                let moments =
                    moments.map(|(name, at)| (name.to_owned(), Value::Float(short(seconds(at)))));
                found.push(Value::Map(Map::from_iter(moments)));
            }
        };
        for stretch in &self.stretches {
            match decibels(stretch.peak) < SILENT_DB {
                true => {
                    since.get_or_insert(at);
                }
                false => end(&mut since, at),
            }
            at += stretch.frames;
        }
        end(&mut since, at);
        Value::List(found)
    }
}

fn sum(stretches: &[Stretch]) -> Stretch {
    let mut sum = Stretch::default();
    for stretch in stretches {
        sum.add(*stretch);
    }
    sum
}

fn decibels(level: f64) -> f64 {
    (20.0 * level.log10()).max(FLOOR_DB)
}

/// Rounds to four places, which is what eyes and models can use.
fn short(number: f64) -> f64 {
    (number * 1e4).round() / 1e4
}
