//! The report on a column.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

use llmspell_core::{Map, Value};
use xxhash_rust::xxh3::xxh3_64;

use super::cell::{Cell, Kinds};

/// Most different cells of a column that are counted one by one.
const MAX_UNIQUE: usize = 1_000_000;

/// Cells that are shown as examples.
const SAMPLES: usize = 5;

/// Longest text that is shown of a cell, in characters.
const SHOWN: usize = 100;

/// What is gathered of a column, cell by cell.
pub(super) struct Column {
    kinds: Kinds,
    unique: Unique,
    numbers: Numbers,
    least: Option<Vec<u8>>,
    most: Option<Vec<u8>>,
    samples: Vec<Vec<u8>>,
}

impl Column {
    /// Prepares a report with exact percentiles for up to `exact` numbers.
    pub(super) fn new(exact: usize) -> Self {
        Self {
            kinds: Kinds::default(),
            unique: Unique::default(),
            numbers: Numbers::new(exact),
            least: None,
            most: None,
            samples: Vec::new(),
        }
    }

    /// Adds a cell.
    pub(super) fn add(&mut self, text: &[u8]) {
        let cell = Cell::read(text);
        self.kinds.count(cell);
        if cell == Cell::Null {
            return;
        }
        if self.unique.insert(text) && self.samples.len() < SAMPLES {
            self.samples.push(text.to_vec());
        }
        match cell {
            Cell::Int(number) => self.numbers.add(number as f64, true),
            Cell::Float(number) => self.numbers.add(number, false),
            _ => self.bound(text),
        }
    }

    fn bound(&mut self, text: &[u8]) {
        if self.least.as_deref().is_none_or(|least| text < least) {
            self.least = Some(text.to_vec());
        }
        if self.most.as_deref().is_none_or(|most| text > most) {
            self.most = Some(text.to_vec());
        }
    }

    /// Returns the report.
    pub(super) fn report(mut self, name: &str) -> Value {
        let data_type = self.kinds.data_type();
        let shown = |text: &[u8]| {
            let text = String::from_utf8_lossy(text);
            match text.char_indices().nth(SHOWN) {
                Some((end, _)) => Value::Str(format!("{}…", &text[..end])),
                None => Value::Str(text.into_owned()),
            }
        };
        let (least, most) = match self.numbers.bounds() {
            Some((least, most)) => (least, most),
            None => (
                self.least.as_deref().map_or(Value::Null, shown),
                self.most.as_deref().map_or(Value::Null, shown),
            ),
        };
        let samples: Value = self
            .samples
            .iter()
            .map(|text| match data_type.value(text) {
                Value::Str(_) => shown(text),
                value => value,
            })
            .collect();
        let mut report = Map::from([
            ("name", Value::from(name)),
            ("data_type", data_type.name().into()),
            ("null_count", self.kinds.null.into()),
            ("unique_count", self.unique.count().into()),
            ("unique_exact", self.unique.is_exact().into()),
            ("min_value", least),
            ("max_value", most),
        ]);
        report.extend(self.numbers.report());
        report.insert("sample_values", samples);
        Value::Map(report)
    }
}

/// The numbers of a column.
struct Numbers {
    count: u64,
    mean: f64,
    squares: f64,
    least: f64,
    most: f64,
    whole: bool,
    /// The numbers themselves, or an even choice of them.
    kept: Vec<f64>,
    most_kept: usize,
    dice: Dice,
}

impl Numbers {
    fn new(most_kept: usize) -> Self {
        Self {
            count: 0,
            mean: 0.0,
            squares: 0.0,
            least: f64::INFINITY,
            most: f64::NEG_INFINITY,
            whole: true,
            kept: Vec::new(),
            most_kept: most_kept.max(1),
            dice: Dice::default(),
        }
    }

    fn add(&mut self, number: f64, whole: bool) {
        self.count += 1;
        let away = number - self.mean;
        self.mean += away / self.count as f64;
        self.squares += away * (number - self.mean);
        self.least = self.least.min(number);
        self.most = self.most.max(number);
        self.whole &= whole;
        if self.kept.len() < self.most_kept {
            self.kept.push(number);
            return;
        }
        let place = self.dice.below(self.count);
        if let Some(kept) = usize::try_from(place)
            .ok()
            .and_then(|place| self.kept.get_mut(place))
        {
            *kept = number;
        }
    }

    fn bounds(&self) -> Option<(Value, Value)> {
        let value = |number: f64| match self.whole && number.abs() < 9.0e15 {
            true => Value::Int(number as i64),
            false => Value::Float(number),
        };
        (self.count > 0).then(|| (value(self.least), value(self.most)))
    }

    fn report(&mut self) -> Map {
        let some = self.count > 0;
        let value = |number: f64| match some && number.is_finite() {
            true => Value::Float(number),
            false => Value::Null,
        };
        let deviation = (self.squares / self.count.max(1) as f64).sqrt();
        let mut report = Map::from([("mean", value(self.mean)), ("std_dev", value(deviation))]);
        for (name, percent) in [("median", 50), ("p25", 25), ("p75", 75)] {
            report.insert(name, value(percentile(&mut self.kept, percent)));
        }
        report
    }
}

/// Returns the number below which `percent` of the numbers lie, between two of them if need be; reorders them.
pub(super) fn percentile(numbers: &mut [f64], percent: usize) -> f64 {
    if numbers.is_empty() {
        return f64::NAN;
    }
    let reach = (numbers.len() - 1) * percent;
    let (place, part) = (reach / 100, (reach % 100) as f64 / 100.0);
    let (_, low, above) = numbers.select_nth_unstable_by(place, f64::total_cmp);
    let low = *low;
    if part == 0.0 {
        return low;
    }
    let high = above.iter().copied().fold(f64::INFINITY, f64::min);
    low + (high - low) * part
}

/// Numbers that look random and are the same each time.
#[derive(Debug)]
pub(super) struct Dice(u64);

impl Default for Dice {
    fn default() -> Self {
        Self(0x9e37_79b9_7f4a_7c15)
    }
}

impl Dice {
    /// Returns a number below `end`, which is not 0.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// A hash that is its own hash.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        self.0 = xxh3_64(bytes);
    }
    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// Registers of the estimate: it is off by 0.8 % usually.
const REGISTERS: usize = 1 << 14;

/// How many different cells there are: counted up to a million, by hashes of 64 bits, then estimated.
#[derive(Default)]
struct Unique {
    seen: HashSet<u64, BuildHasherDefault<Hashed>>,
    registers: Vec<u8>,
}

impl Unique {
    /// Adds a cell, and returns whether it is known to be new.
    fn insert(&mut self, text: &[u8]) -> bool {
        let hash = xxh3_64(text);
        if !self.registers.is_empty() {
            self.register(hash);
            return false;
        }
        let new = self.seen.insert(hash);
        if self.seen.len() > MAX_UNIQUE {
            self.registers = vec![0; REGISTERS];
            for hash in std::mem::take(&mut self.seen) {
                self.register(hash);
            }
        }
        new
    }

    fn register(&mut self, hash: u64) {
        let (place, rest) = (hash as usize % REGISTERS, hash >> 14 | 1 << 50);
        let rank = u8::try_from(rest.trailing_zeros() + 1).unwrap_or(u8::MAX);
        self.registers[place] = self.registers[place].max(rank);
    }

    fn is_exact(&self) -> bool {
        self.registers.is_empty()
    }

    fn count(&self) -> u64 {
        if self.is_exact() {
            return self.seen.len() as u64;
        }
        let count = REGISTERS as f64;
        let sum: f64 = self
            .registers
            .iter()
            .map(|rank| (-f64::from(*rank)).exp2())
            .sum();
        (0.7213 / (1.0 + 1.079 / count) * count * count / sum).round() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(cells: &[&str]) -> serde_json::Value {
        let mut column = Column::new(1000);
        for cell in cells {
            column.add(cell.as_bytes());
        }
        column.report("c").to_serde_json()
    }

    #[test]
    fn numbers_are_summed_up() {
        let found = report(&["1", "2", "", "3", "4", "4"]);
        assert_eq!(found["data_type"], "integer");
        assert_eq!(found["null_count"], 1);
        assert_eq!(found["unique_count"], 4);
        assert_eq!(found["min_value"], 1);
        assert_eq!(found["max_value"], 4);
        assert_eq!(found["mean"], 2.8);
        assert_eq!(found["median"], 3.0);
        assert_eq!(found["p25"], 2.0);
        assert_eq!(found["p75"], 4.0);
        assert!((found["std_dev"].as_f64().unwrap() - 1.166_19).abs() < 1e-5);
        assert_eq!(found["sample_values"], serde_json::json!([1, 2, 3, 4]));
    }

    #[test]
    fn mixed_columns_average_their_numbers() {
        let found = report(&["10", "n/a", "20"]);
        assert_eq!(found["data_type"], "mixed");
        assert_eq!(found["mean"], 15.0);
        assert_eq!(found["min_value"], 10);
        let texts = report(&["b", "a"]);
        assert_eq!(
            (&texts["min_value"], &texts["mean"]),
            (&"a".into(), &serde_json::Value::Null)
        );
    }

    #[test]
    fn a_great_many_different_cells_are_estimated() {
        let mut unique = Unique::default();
        for number in 0..1_500_000_u32 {
            unique.insert(number.to_string().as_bytes());
        }
        assert!(!unique.is_exact());
        let off = unique.count() as f64 / 1_500_000.0;
        assert!((0.95..1.05).contains(&off), "{off}");
    }

    #[test]
    fn percentiles_lie_between_numbers() {
        let mut numbers = vec![4.0, 1.0, 3.0, 2.0];
        assert_eq!(percentile(&mut numbers, 50), 2.5);
        assert_eq!(percentile(&mut numbers, 25), 1.75);
        assert_eq!(percentile(&mut [7.0], 75), 7.0);
    }
}
