//! Project rules as a program: `cargo xtask tidy` and `cargo xtask concepts`.

#![allow(clippy::print_stdout, reason = "this program talks to people")]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod concepts;
mod source;
mod tidy;

use anyhow::{Result, bail};

fn main() -> Result<()> {
    let tree = source::Tree::read()?;
    match std::env::args().nth(1).as_deref() {
        Some("tidy") => {
            let complaints = tidy::check(&tree);
            complaints
                .iter()
                .for_each(|complaint| println!("{complaint}"));
            if !complaints.is_empty() {
                bail!("{} rules are broken", complaints.len());
            }
            println!("tidy: {} files", tree.files.len());
        }
        Some("concepts") => print!("{}", concepts::report(&tree)),
        other => bail!("unknown task {other:?}; there are: tidy, concepts"),
    }
    Ok(())
}
