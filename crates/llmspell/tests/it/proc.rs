//! Processes of this machine, as `/proc` shows them.

use std::time::{Duration, Instant};

/// Returns whether a process runs that has this text among its arguments.
pub(crate) fn runs(marker: &str) -> bool {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    processes.into_iter().any(|entry| {
        let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line);
        line.split('\0').any(|argument| argument == marker)
    })
}

/// Waits for what other processes do.
pub(crate) async fn until(what: impl Fn() -> bool) {
    let began = Instant::now();
    while !what() {
        assert!(
            began.elapsed() < Duration::from_secs(10),
            "it does not happen"
        );
        tokio::task::yield_now().await;
    }
}
