//! JavaScript.

#[cfg_attr(
    not(test),
    expect(dead_code, reason = "the loader of modules calls it")
)]
mod typescript;
