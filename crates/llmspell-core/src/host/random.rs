//! Random bytes.

use crate::id::CallId;

/// Random bytes.
pub trait Random: Send + Sync {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);

    /// Fills `bytes` with those of a place: the same whenever this run asks for that place, also when it is resumed.
    /// Default: as [`fill`](Self::fill).
    fn fill_at(&self, place: CallId, bytes: &mut [u8]) {
        let _ = place;
        self.fill(bytes);
    }

    /// Returns a random number.
    fn next(&self) -> u64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }
}
