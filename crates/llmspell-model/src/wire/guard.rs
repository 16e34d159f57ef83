//! Bounds on tool arguments.
//!
//! Arguments that are no valid JSON are read as far as they go by the wire layer, in memory that grows with their length
//! times their depth: some hundred kilobytes of brackets would take all there is. So both are bounded before it sees them.

use std::collections::HashMap;

/// Longest arguments of one call, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// Deepest arguments; no reader of JSON here goes deeper.
const MAX_DEPTH: usize = 128;

/// Most bytes that reading one line as arguments may take.
const MAX_COST: usize = 256 << 20;

/// Watches the arguments of one answer's calls as they arrive.
#[derive(Default)]
pub(super) struct Arguments(HashMap<usize, Watched>);

#[derive(Default)]
struct Watched {
    bytes: usize,
    depth: usize,
    in_string: bool,
    escaped: bool,
}

impl Arguments {
    /// Takes a piece of a call's arguments and returns whether they are still within the bounds.
    pub(super) fn take(&mut self, call: usize, piece: &str) -> bool {
        let watched = self.0.entry(call).or_default();
        watched.bytes += piece.len();
        if watched.bytes > MAX_BYTES {
            return false;
        }
        for byte in piece.bytes() {
            match (watched.in_string, byte) {
                (true, _) if watched.escaped => watched.escaped = false,
                (true, b'\\') => watched.escaped = true,
                (_, b'"') => watched.in_string = !watched.in_string,
                (false, b'{' | b'[') => watched.depth += 1,
                (false, b'}' | b']') => watched.depth = watched.depth.saturating_sub(1),
                _ => {}
            }
            if watched.depth > MAX_DEPTH {
                return false;
            }
        }
        true
    }
}

/// Returns whether a line of an answer may be read, which may hold whole arguments.
pub(crate) fn is_bounded(line: &[u8]) -> bool {
    /// Shorter lines cannot take much.
    const SHORT: usize = 8 << 10;
    if line.len() <= SHORT {
        return true;
    }
    if line.len() > MAX_BYTES && may_hold_arguments(line) {
        return false;
    }
    let (mut depth, mut deepest) = (0_usize, 0);
    for byte in line {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => continue,
        }
        deepest = deepest.max(depth);
    }
    deepest.saturating_mul(line.len()) <= MAX_COST
}

fn may_hold_arguments(line: &[u8]) -> bool {
    let holds = |name: &[u8]| line.windows(name.len()).any(|window| window == name);
    holds(b"\"arguments\"") || holds(b"\"args\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn within(pieces: &[&str]) -> bool {
        let mut arguments = Arguments::default();
        pieces.iter().all(|piece| arguments.take(0, piece))
    }

    #[test]
    fn depth_counts_outside_of_strings_and_over_pieces() {
        assert!(within(&[&"[".repeat(128)]));
        assert!(!within(&[&"[".repeat(129)]));
        assert!(!within(&vec!["{\"a\":"; 129]));
        assert!(within(&vec!["{\"a\":1}"; 1000]));
        assert!(within(&[
            "{\"code\": \"",
            &"[".repeat(1000),
            "\\\"",
            &"{".repeat(1000),
            "\"}"
        ]));
    }

    #[test]
    fn length_is_bounded_per_call() {
        let half = "x".repeat(600 << 10);
        assert!(!within(&[&half, &half]));
        let mut arguments = Arguments::default();
        assert!(arguments.take(0, &half) && arguments.take(1, &half));
    }

    #[test]
    fn lines_are_judged_by_what_reading_them_takes() {
        assert!(is_bounded(&b"[".repeat(8 << 10)));
        assert!(!is_bounded(&b"[".repeat(64 << 10)));
        assert!(is_bounded(&b"[1]".repeat(1 << 20)));
        assert!(is_bounded(&b"x".repeat(8 << 20)));
        let picture = [b"{\"data\":\"".as_slice(), &b"A".repeat(8 << 20)].concat();
        assert!(is_bounded(&picture));
        let call = [b"{\"arguments\":\"".as_slice(), &b"1,".repeat(1 << 20)].concat();
        assert!(!is_bounded(&call));
    }
}
