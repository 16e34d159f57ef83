//! FLAC, written block by block (RFC 9639): fixed predictors, partitioned Rice codes, joint stereo.

use md5::{Digest as _, Md5};

/// Samples of a channel in one frame.
const BLOCK: usize = 4096;

/// Most partitions of a residual are two to this power.
const MAX_PARTITIONS: u32 = 6;

/// Bytes of the mark and the stream information, which are known at the end.
pub(super) const HEADER: usize = 42;

/// A stream under way.
pub(super) struct Flac {
    rate: u32,
    channels: usize,
    bits: u32,
    waiting: Vec<i32>,
    frames: u64,
    total: u64,
    smallest: usize,
    largest: usize,
    digest: Md5,
}

impl Flac {
    /// Begins a stream of samples of `bits` (16 or 24) in up to eight channels.
    pub(super) fn new(rate: u32, channels: usize, bits: u32) -> Self {
        Self {
            rate,
            channels,
            bits,
            waiting: Vec::new(),
            frames: 0,
            total: 0,
            smallest: usize::MAX,
            largest: 0,
            digest: Md5::new(),
        }
    }

    /// Takes samples, channels in turn, and returns the frames that are full.
    pub(super) fn push(&mut self, samples: &[i32]) -> Vec<u8> {
        self.waiting.extend_from_slice(samples);
        let size = BLOCK * self.channels;
        let mut written = Vec::new();
        let waiting = std::mem::take(&mut self.waiting);
        let mut blocks = waiting.chunks_exact(size);
        for block in &mut blocks {
            self.frame(block, &mut written);
        }
        self.waiting = blocks.remainder().to_vec();
        written
    }

    /// Returns the last frame, if there is one.
    pub(super) fn finish(&mut self) -> Vec<u8> {
        let mut written = Vec::new();
        let waiting = std::mem::take(&mut self.waiting);
        if !waiting.is_empty() {
            self.frame(&waiting, &mut written);
        }
        written
    }

    /// Returns what the file begins with, for the frames so far.
    pub(super) fn header(&self) -> Vec<u8> {
        let mut bits = Bits::default();
        bits.put(u64::from(u32::from_be_bytes(*b"fLaC")), 32);
        // The last block of metadata, of 34 bytes.
        bits.put(0x80, 8);
        bits.put(34, 24);
        bits.put(BLOCK as u64, 16);
        bits.put(BLOCK as u64, 16);
        let known = self.frames > 0;
        bits.put(if known { self.smallest as u64 } else { 0 }, 24);
        bits.put(self.largest as u64, 24);
        bits.put(u64::from(self.rate), 20);
        bits.put(self.channels as u64 - 1, 3);
        bits.put(u64::from(self.bits) - 1, 5);
        bits.put(self.total, 36);
        let mut header = bits.bytes();
        match known {
            true => header.extend(self.digest.clone().finalize()),
            false => header.extend([0; 16]),
        }
        header
    }

    fn frame(&mut self, block: &[i32], written: &mut Vec<u8>) {
        for sample in block {
            let bytes = sample.to_le_bytes();
            self.digest
                .update(&bytes[..(self.bits as usize).div_ceil(8)]);
        }
        let size = block.len() / self.channels;
        let channels: Vec<Vec<i64>> = (0..self.channels)
            .map(|channel| {
                let own = block.iter().skip(channel).step_by(self.channels);
                own.map(|sample| i64::from(*sample)).collect()
            })
            .collect();
        let (assignment, subframes) = self.joint(channels);
        let mut bits = Bits::default();
        // The mark of a frame, in a stream of blocks of one size.
        bits.put(0xfff8, 16);
        // The size follows in 16 bits; the rate is that of the stream.
        bits.put(0b0111, 4);
        bits.put(0, 4);
        bits.put(assignment, 4);
        bits.put(if self.bits == 16 { 0b100 } else { 0b110 }, 3);
        bits.put(0, 1);
        bits.put_number(self.frames);
        bits.put(size as u64 - 1, 16);
        let sum = crc8(&bits.clone().bytes());
        bits.put(u64::from(sum), 8);
        for own in &subframes {
            own.plan.write(&own.samples, own.depth, &mut bits);
        }
        let mut frame = bits.bytes();
        let sum = crc16(&frame);
        frame.extend(sum.to_be_bytes());
        self.smallest = self.smallest.min(frame.len());
        self.largest = self.largest.max(frame.len());
        self.frames += 1;
        self.total += size as u64;
        written.extend(frame);
    }

    /// Chooses how channels are written: each for itself, or two of them by their difference.
    fn joint(&self, mut channels: Vec<Vec<i64>>) -> (u64, Vec<Subframe>) {
        let own = self.bits;
        let single = channels.len() as u64 - 1;
        if channels.len() != 2 {
            let each = channels.into_iter();
            return (
                single,
                each.map(|samples| Subframe::new(samples, own)).collect(),
            );
        }
        let right = channels.pop().unwrap_or_default();
        let left = channels.pop().unwrap_or_default();
        let pairs = || left.iter().zip(&right);
        let side: Vec<i64> = pairs().map(|(left, right)| left - right).collect();
        let mid: Vec<i64> = pairs().map(|(left, right)| (left + right) >> 1).collect();
        let [left, right, mid, side] = [(left, own), (right, own), (mid, own), (side, own + 1)]
            .map(|(samples, depth)| Subframe::new(samples, depth));
        let cost = |one: &Subframe, other: &Subframe| one.plan.cost + other.plan.cost;
        let costs = [
            cost(&left, &right),
            cost(&left, &side),
            cost(&side, &right),
            cost(&mid, &side),
        ];
        let best = (0..4).min_by_key(|index| costs[*index]).unwrap_or(0);
        match best {
            0 => (1, vec![left, right]),
            1 => (8, vec![left, side]),
            2 => (9, vec![side, right]),
            _ => (10, vec![mid, side]),
        }
    }
}

/// One channel of a frame.
struct Subframe {
    plan: Plan,
    samples: Vec<i64>,
    /// Bits of a sample.
    depth: u32,
}

impl Subframe {
    fn new(samples: Vec<i64>, depth: u32) -> Self {
        Self {
            plan: Plan::of(&samples, depth),
            samples,
            depth,
        }
    }
}

/// How one channel of a frame is written.
#[derive(Debug)]
struct Plan {
    form: Form,
    /// In bits.
    cost: u64,
}

#[derive(Debug)]
enum Form {
    /// All samples are the same.
    Constant,
    /// As they are.
    Verbatim,
    /// What a polynomial of this order through the last samples does not foresee, in Rice codes with these parameters.
    Fixed { order: usize, parameters: Vec<u32> },
}

impl Plan {
    fn of(samples: &[i64], depth: u32) -> Self {
        let first = samples.first().copied().unwrap_or(0);
        if samples.iter().all(|sample| *sample == first) {
            return Self {
                form: Form::Constant,
                cost: 8 + u64::from(depth),
            };
        }
        let verbatim = Self {
            form: Form::Verbatim,
            cost: 8 + u64::from(depth) * samples.len() as u64,
        };
        let orders = 0..=4.min(samples.len().saturating_sub(1));
        let residuals = orders.map(|order| (order, residual(samples, order)));
        let size = |residual: &[i64]| residual.iter().map(|rest| rest.unsigned_abs()).sum::<u64>();
        let Some((order, residual)) = residuals.min_by_key(|(_, residual)| size(residual)) else {
            return verbatim;
        };
        let (parameters, coded) = partitions(&residual, order, samples.len());
        let cost = 8 + 6 + u64::from(depth) * order as u64 + coded;
        match cost < verbatim.cost {
            true => Self {
                form: Form::Fixed { order, parameters },
                cost,
            },
            false => verbatim,
        }
    }

    fn write(&self, samples: &[i64], depth: u32, bits: &mut Bits) {
        match &self.form {
            Form::Constant => {
                bits.put(0, 8);
                bits.put_signed(samples.first().copied().unwrap_or(0), depth);
            }
            Form::Verbatim => {
                bits.put(1 << 1, 8);
                for sample in samples {
                    bits.put_signed(*sample, depth);
                }
            }
            Form::Fixed { order, parameters } => {
                bits.put((8 + *order as u64) << 1, 8);
                for sample in &samples[..*order] {
                    bits.put_signed(*sample, depth);
                }
                write_residual(
                    &residual(samples, *order),
                    *order,
                    samples.len(),
                    parameters,
                    bits,
                );
            }
        }
    }
}

/// Returns what the polynomial of that order does not foresee, from the first sample that has one.
fn residual(samples: &[i64], order: usize) -> Vec<i64> {
    let mut rest = samples.to_vec();
    for _ in 0..order {
        rest = rest.windows(2).map(|pair| pair[1] - pair[0]).collect();
    }
    rest
}

/// Returns the Rice parameter of each partition, for the number of partitions that is best, and the cost in bits.
fn partitions(residual: &[i64], order: usize, size: usize) -> (Vec<u32>, u64) {
    let folded: Vec<u64> = residual.iter().map(|rest| fold(*rest)).collect();
    let possible = (0..=MAX_PARTITIONS).filter(|power| {
        let length = size >> power;
        length << power == size && length > order
    });
    let choices = possible.map(|power| {
        let length = size >> power;
        let mut parameters = Vec::new();
        let mut cost = 0;
        let mut rest = folded.as_slice();
        for index in 0..1_usize << power {
            let own = if index == 0 { length - order } else { length };
            let (part, next) = rest.split_at(own.min(rest.len()));
            rest = next;
            let (parameter, bits) = rice(part);
            parameters.push(parameter);
            cost += bits + 5;
        }
        (parameters, cost)
    });
    choices
        .min_by_key(|(_, cost)| *cost)
        .unwrap_or((vec![0], u64::MAX >> 1))
}

/// Returns the parameter that writes these numbers shortest, and how many bits they take.
fn rice(folded: &[u64]) -> (u32, u64) {
    let count = folded.len() as u64;
    let sum: u64 = folded.iter().sum();
    let mean = sum.checked_div(count).unwrap_or(0);
    let guess = mean.checked_ilog2().unwrap_or(0).min(30);
    let near = guess.saturating_sub(1)..=(guess + 1).min(30);
    let cost = |parameter: u32| {
        let high: u64 = folded.iter().map(|number| number >> parameter).sum();
        high + count * (1 + u64::from(parameter))
    };
    near.map(|parameter| (parameter, cost(parameter)))
        .min_by_key(|(_, cost)| *cost)
        .unwrap_or((0, 0))
}

fn write_residual(
    residual: &[i64],
    order: usize,
    size: usize,
    parameters: &[u32],
    bits: &mut Bits,
) {
    let wide = parameters.iter().any(|parameter| *parameter > 14);
    bits.put(u64::from(wide), 2);
    bits.put(u64::from(parameters.len().ilog2()), 4);
    let length = size / parameters.len();
    let mut rest = residual;
    for (index, parameter) in parameters.iter().enumerate() {
        let own = if index == 0 { length - order } else { length };
        let (part, next) = rest.split_at(own.min(rest.len()));
        rest = next;
        bits.put(u64::from(*parameter), if wide { 5 } else { 4 });
        for number in part.iter().map(|rest| fold(*rest)) {
            bits.put_zeros(number >> parameter);
            bits.put(1, 1);
            bits.put(number & ((1 << parameter) - 1), *parameter);
        }
    }
}

/// Numbers small ones of both signs low: 0, -1, 1, -2, 2, …
fn fold(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

/// Bits that become bytes, the highest first.
#[derive(Clone, Default)]
struct Bits {
    bytes: Vec<u8>,
    last: u64,
    count: u32,
}

impl Bits {
    fn put(&mut self, value: u64, count: u32) {
        for index in (0..count).rev() {
            self.last = self.last << 1 | (value >> index & 1);
            self.count += 1;
            if self.count == 8 {
                self.bytes.push(self.last as u8);
                (self.last, self.count) = (0, 0);
            }
        }
    }

    fn put_signed(&mut self, value: i64, count: u32) {
        self.put(value.cast_unsigned() & ((1 << count) - 1), count);
    }

    fn put_zeros(&mut self, count: u64) {
        for _ in 0..count {
            self.put(0, 1);
        }
    }

    /// Puts a number as UTF-8 would write it, which goes on to 36 bits here.
    fn put_number(&mut self, number: u64) {
        if number < 0x80 {
            return self.put(number, 8);
        }
        let significant = 64 - number.leading_zeros();
        let more = (2..=6)
            .find(|bytes| significant <= 5 * bytes + 1)
            .unwrap_or(7);
        let more = more - 1;
        let lead = 0xff_u64 << (7 - more) & 0xff;
        self.put(lead | number >> (6 * more), 8);
        for index in (0..more).rev() {
            self.put(0x80 | number >> (6 * index) & 0x3f, 8);
        }
    }

    fn bytes(mut self) -> Vec<u8> {
        if self.count > 0 {
            self.put(0, 8 - self.count);
        }
        self.bytes
    }
}

fn crc8(bytes: &[u8]) -> u8 {
    let mut sum = 0_u8;
    for byte in bytes {
        sum ^= byte;
        for _ in 0..8 {
            sum = sum << 1 ^ if sum & 0x80 == 0 { 0 } else { 0x07 };
        }
    }
    sum
}

fn crc16(bytes: &[u8]) -> u16 {
    let mut sum = 0_u16;
    for byte in bytes {
        sum ^= u16::from(*byte) << 8;
        for _ in 0..8 {
            sum = sum << 1 ^ if sum & 0x8000 == 0 { 0 } else { 0x8005 };
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_utf8_would() {
        let written = |number: u64| {
            let mut bits = Bits::default();
            bits.put_number(number);
            bits.bytes()
        };
        for letter in ['a', 'é', '€', '😀'] {
            assert_eq!(
                written(u64::from(u32::from(letter))),
                letter.to_string().as_bytes()
            );
        }
        assert_eq!(written(0x7f), [0x7f]);
        assert_eq!(written(0x1f_ffff).len(), 4);
        assert_eq!(written(0x20_0000).len(), 5);
    }

    #[test]
    fn small_numbers_fold_low() {
        assert_eq!([0, -1, 1, -2, 2].map(fold), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn checksums_are_those_of_the_standard() {
        assert_eq!(crc8(b"123456789"), 0xf4);
        assert_eq!(crc16(b"123456789"), 0xfee8);
    }
}
