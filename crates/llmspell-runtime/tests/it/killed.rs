//! Processes that work without end until they are killed.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Command, Stdio};

/// The variable with the store of the process. A test that works without end does nothing without it.
pub(crate) const STORE: &str = "LLMSPELL_TEST_STORE";

/// One line is one write, so that a killed process has said it whole or not at all.
pub(crate) fn say(line: &str) {
    let line = format!("{line}\n");
    std::io::stdout().lock().write_all(line.as_bytes()).ok();
}

/// Starts a process with the ignored test of that name, lets it say so many lines, of which the first begins with `first`,
/// kills it, and returns all that it said.
pub(crate) fn killed_after(test: &str, first: &str, url: &str, lines: u64) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--ignored", "--nocapture"])
        .env(STORE, url)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let (mut said, mut heard) = (String::new(), 0);
    while heard < lines {
        let before = said.len();
        assert!(
            output.read_line(&mut said).unwrap() > 0,
            "it ended by itself: {said}"
        );
        heard += u64::from(said[before..].starts_with(first) || heard > 0);
    }
    child.kill().unwrap();
    output.read_to_string(&mut said).unwrap();
    child.wait().unwrap();
    said.lines().map(str::to_owned).collect()
}
