//! `llmspell workflow schema`.

use clap::Args;

use crate::desk::Desk;
use crate::exit::Ends;
use crate::output::Mode;

/// Print the JSON Schema of workflow files.
#[derive(Args, Debug)]
pub(crate) struct Schema {}

pub(crate) fn schema(_: Schema, desk: Desk) -> Ends {
    let schema = llmspell_runtime::workflow::schema();
    match desk.screen.mode {
        Mode::Json => desk.screen.document(&schema),
        Mode::Text | Mode::Pretty => desk.screen.line(&format!("{schema:#}\n")),
    }
    Ok(0)
}
