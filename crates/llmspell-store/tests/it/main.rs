//! The tests of the crate, one file per subject.
#![allow(clippy::unwrap_used)]
#![allow(
    clippy::disallowed_methods,
    reason = "`tokio::test` is made of `block_on`"
)]

mod backends;
mod child;
mod crash;
mod file;
mod model;
mod processes;
mod space;

/// A file that is not named above would never run.
#[test]
fn every_file_is_listed() {
    let listed = include_str!("main.rs");
    for file in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it")).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        assert!(
            name == "main" || listed.contains(&format!("mod {name};\n")),
            "{name} is not listed in main.rs"
        );
    }
}
