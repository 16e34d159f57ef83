//! Identifiers that contain the time, unique and in order within a process.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use llmspell_core::Cx;
use uuid::{Builder, Uuid};

/// Steps of 100 ns between 1582-10-15, where UUIDs begin to count, and 1970.
const GREGORIAN: u64 = 0x01B2_1DD2_1381_4000;

/// How far the clock may go back before the sequence number changes: one second of steps.
const DRIFT: u64 = 10_000_000;

/// The last step used and the sequence number, 0 before the first use.
static GREGORIAN_CLOCK: Mutex<(u64, u16)> = Mutex::new((0, 0));

/// The last millisecond and the 74 bits below it.
static UNIX_CLOCK: Mutex<(u64, u128)> = Mutex::new((0, 0));

/// Returns the milliseconds since 1970.
pub(super) fn millis(cx: &Cx) -> u64 {
    u64::try_from(cx.host().clock.now() / 1_000).unwrap_or(0)
}

/// Makes a version 1 UUID.
pub(super) fn v1(cx: &Cx) -> Uuid {
    let (ticks, sequence) = tick(cx);
    Builder::from_gregorian_timestamp(ticks, sequence, &node(cx)).into_uuid()
}

/// Makes a version 6 UUID.
pub(super) fn v6(cx: &Cx) -> Uuid {
    let (ticks, sequence) = tick(cx);
    Builder::from_sorted_gregorian_timestamp(ticks, sequence, &node(cx)).into_uuid()
}

/// Makes a version 7 UUID, greater than every one that this process made before.
pub(super) fn v7(cx: &Cx) -> Uuid {
    const BITS: u32 = 74;
    let mut random = [0; 16];
    cx.host().random.fill(&mut random);
    let random = u128::from_le_bytes(random);
    let mut clock = UNIX_CLOCK.lock().unwrap_or_else(PoisonError::into_inner);
    let now = millis(cx);
    let next = clock.1 + 1 + (random & 0xFFFF_FFFF);
    *clock = if now > clock.0 {
        (now, random >> (128 - BITS + 1))
    } else if next >> BITS == 0 {
        (clock.0, next)
    } else {
        (clock.0 + 1, random >> (128 - BITS + 1))
    };
    let (millis, low) = *clock;
    let mut bytes = [0; 10];
    bytes[..2].copy_from_slice(&((low >> 62) as u16).to_be_bytes());
    bytes[2..].copy_from_slice(&((low as u64) & (u64::MAX >> 2)).to_be_bytes());
    Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
}

/// Returns the time inside a UUID, in milliseconds since 1970.
pub(super) fn of(uuid: Uuid) -> Option<i64> {
    let (seconds, nanos) = uuid.get_timestamp()?.to_unix();
    i64::try_from(seconds)
        .ok()?
        .checked_mul(1_000)?
        .checked_add(i64::from(nanos / 1_000_000))
}

/// Writes a time in RFC 3339.
pub(super) fn written(millis: Option<i64>) -> Option<String> {
    let moment = Timestamp::from_millisecond(millis?).ok()?;
    Some(moment.to_string())
}

/// Advances the clock of versions 1 and 6 and returns its step and sequence number.
fn tick(cx: &Cx) -> (u64, u16) {
    let since_1970 = u64::try_from(cx.host().clock.now()).unwrap_or(0) * 10;
    let now = GREGORIAN + since_1970;
    let mut clock = GREGORIAN_CLOCK
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    let (last, sequence) = *clock;
    *clock = if last == 0 {
        (now, (cx.host().random.next() & 0x3FFF) as u16)
    } else if now > last {
        (now, sequence)
    } else if last - now < DRIFT {
        (last + 1, sequence)
    } else {
        (now, (sequence + 1) & 0x3FFF)
    };
    *clock
}

/// Returns a random node with the multicast bit, which no network card has.
fn node(cx: &Cx) -> [u8; 6] {
    let mut node = [0; 6];
    cx.host().random.fill(&mut node);
    node[0] |= 1;
    node
}
