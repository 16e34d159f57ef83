//! Programs of others with which tests compare, where the environment names them (`.ci/media` does).

use std::path::{Path, PathBuf};
use std::process::Command;

/// Returns the program that `LLMSPELL_TEST_NAME` names; says so if it names none.
#[expect(clippy::print_stderr, reason = "a test that is skipped is seen")]
pub(super) fn program(name: &str) -> Option<PathBuf> {
    let variable = format!("LLMSPELL_TEST_{name}");
    let path = std::env::var_os(&variable).map(PathBuf::from);
    if path.is_none() {
        eprintln!("SKIPPED: {variable} names no program");
    }
    path
}

/// Runs a program in a directory and returns what it wrote.
pub(super) fn run(program: &Path, dir: &Path, args: &[&str]) -> Vec<u8> {
    let output = Command::new(program)
        .args(args)
        .current_dir(dir)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program:?} {args:?}: {said}");
    output.stdout
}

/// Returns what ffprobe says of a file.
pub(super) fn probed(ffprobe: &Path, dir: &Path, file: &str) -> serde_json::Value {
    let args = [
        "-v",
        "error",
        "-print_format",
        "json",
        "-show_format",
        "-show_streams",
        file,
    ];
    serde_json::from_slice(&run(ffprobe, dir, &args)).unwrap()
}
