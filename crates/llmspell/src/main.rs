//! The command `llmspell`.

mod allocator;
mod cli;
mod cmd;
mod desk;
mod exit;
mod output;
mod panic;

use std::process::ExitCode;

use exit::{Ends, Failure};
use output::Mode;
use output::report::Report;

#[global_allocator]
static ALLOCATOR: allocator::Allocator = allocator::Allocator;

fn main() -> ExitCode {
    // Neither a worker nor what becomes another program runs anything else in its process.
    let first = std::env::args_os().nth(1).unwrap_or_default();
    if first == llmspell::WORKER {
        llmspell::serve_worker();
    }
    if first == llmspell::LAUNCH {
        return llmspell::launch();
    }
    panic::install();
    // A thousand agents at once are a thousand connections, and many systems start a process with 1,024 files. What
    // the system refuses shows as an error of the connection that needed it.
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    let cli = cli::parse();
    let desk = desk::Desk::new(cli.global);
    let ends = panic::caught(|| cmd::dispatch(cli.command, desk.clone()));
    ExitCode::from(conclude(&desk, ends))
}

/// Waits for work on these threads. This is the one place where the process's own thread waits.
fn wait<F: Future>(threads: &tokio::runtime::Runtime, work: F) -> F::Output {
    threads.block_on(work)
}

/// Shows what went wrong and returns the exit code.
fn conclude(desk: &desk::Desk, ends: Ends) -> u8 {
    let Failure {
        error,
        code,
        source,
    } = match ends {
        Ok(code) => return code,
        Err(failure) => failure,
    };
    let Some(error) = error else { return code };
    let quotable = source
        .as_ref()
        .map(|(name, text)| (name.as_str(), text.as_str()));
    let report = Report::new(&error, quotable);
    match desk.screen.mode {
        Mode::Json => desk.screen.document(&report.json()),
        Mode::Text | Mode::Pretty => desk
            .screen
            .note(report.text(desk.screen.error_color).trim_end()),
    }
    if let Some(path) = (code == 70).then(panic::report_file).flatten() {
        desk.screen
            .note(&format!("  a report was written to {}", path.display()));
    }
    code
}
