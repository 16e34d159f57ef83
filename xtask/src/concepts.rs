//! How many nouns each crate has; fewer is better.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::source::{Tree, public_types};

/// Returns a table: lines, public types and traits for each crate.
pub(crate) fn report(tree: &Tree) -> String {
    let mut rows: BTreeMap<&str, (usize, usize, usize)> = BTreeMap::new();
    for file in tree.shipped() {
        let code = file.code();
        let row = rows.entry(file.package()).or_default();
        row.0 += code.lines().filter(|line| !line.trim().is_empty()).count();
        for (word, _) in public_types(&code) {
            if word == "trait" {
                row.2 += 1;
            } else {
                row.1 += 1;
            }
        }
    }
    let mut table = format!(
        "{:<20}{:>8}{:>8}{:>8}\n",
        "crate", "lines", "types", "traits"
    );
    for (name, (lines, types, traits)) in rows {
        let _ = writeln!(table, "{name:<20}{lines:>8}{types:>8}{traits:>8}");
    }
    table
}
