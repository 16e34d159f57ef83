//! Numbers without a pattern, the same in each run of a test.

pub(super) fn numbers() -> impl FnMut() -> u32 {
    let mut state = 1_u32;
    move || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state
    }
}
