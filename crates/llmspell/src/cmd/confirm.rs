//! Asking before something is deleted.

use std::io::{IsTerminal as _, Write as _};

use llmspell_core::error;

use crate::exit::Failure;

/// Asks on a terminal.
///
/// - Errors: with exit code 2 where nobody can be asked.
pub(super) fn confirmed(question: &str) -> Result<bool, Failure> {
    if !std::io::stdin().is_terminal() {
        let refusal =
            error!(InvalidArgs, "nobody can be asked whether to delete").hint("write --yes");
        return Err(Failure::with_code(refusal, 2));
    }
    let mut answer = String::new();
    let read = write!(std::io::stderr().lock(), "{question} [y/N] ")
        .and_then(|()| std::io::stdin().read_line(&mut answer));
    read.map_err(|cause| error!(Io, "the answer cannot be read: {cause}"))?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
