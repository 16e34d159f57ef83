//! Models against a real server on this machine.

#![allow(clippy::unwrap_used)]

mod corpus;
mod faults;
mod requests;
mod server;

/// Every file of this folder is listed above.
#[test]
fn every_file_is_a_module() {
    let main = include_str!("main.rs");
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    for entry in std::fs::read_dir(here).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let module = name.trim_end_matches(".rs");
        assert!(
            module == "main" || main.contains(&format!("mod {module};")),
            "{name}"
        );
    }
}
