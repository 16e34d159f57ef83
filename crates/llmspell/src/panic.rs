//! Defects: a panic never ends without a message, and leaves a report in a file.

use std::backtrace::Backtrace;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::OnceLock;

static REPORT: OnceLock<Option<PathBuf>> = OnceLock::new();

/// Writes a report of the first panic to a file instead of printing it; the error that becomes of it is shown as any.
pub(crate) fn install() {
    std::panic::set_hook(Box::new(|panic| {
        let path = REPORT.get_or_init(|| write(&describe(panic)));
        let on_main = std::thread::current().name() == Some("main");
        if on_main {
            let mut out = std::io::stderr().lock();
            let _ = writeln!(out, "error[bug]: a defect in the runtime: {panic}");
            if let Some(path) = path {
                let _ = writeln!(out, "  a report was written to {}", path.display());
            }
            std::process::exit(70);
        }
    }));
}

/// Returns the file with the report of the first panic.
pub(crate) fn report_file() -> Option<PathBuf> {
    REPORT.get().cloned().flatten()
}

fn describe(panic: &std::panic::PanicHookInfo<'_>) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "llmspell {}", env!("CARGO_PKG_VERSION"));
    let _ = writeln!(text, "{} {}", std::env::consts::OS, std::env::consts::ARCH);
    let _ = writeln!(
        text,
        "thread: {}",
        std::thread::current().name().unwrap_or("unnamed")
    );
    let _ = writeln!(text, "{panic}");
    let _ = writeln!(text, "{}", Backtrace::force_capture());
    text
}

/// Writes the report where nobody else can have put a file.
fn write(text: &str) -> Option<PathBuf> {
    let path = std::env::temp_dir().join(format!("llmspell-report-{}.txt", std::process::id()));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&path).ok()?;
    file.write_all(text.as_bytes()).ok()?;
    Some(path)
}
