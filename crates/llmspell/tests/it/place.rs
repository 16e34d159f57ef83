//! A folder in which the binary is run, with a home of its own.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

pub(crate) struct Place {
    dir: TempDir,
}

/// What a run of the binary gave.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Place {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        for name in ["home", "work"] {
            std::fs::create_dir(dir.path().join(name)).unwrap();
        }
        Self { dir }
    }

    /// Writes a file in the working directory.
    pub(crate) fn with(self, name: &str, text: &str) -> Self {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join("work").join(name)
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.dir.path().join("home")
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_llmspell"));
        command
            .args(args)
            .current_dir(self.path(""))
            .env_clear()
            .env("HOME", self.home())
            .env("PATH", "/usr/bin:/bin")
            .env("TZ", "UTC")
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ended {
        self.ended(self.command(args).output().unwrap())
    }

    /// Runs with this text as standard input.
    pub(crate) fn run_with_input(&self, args: &[&str], input: &str) -> Ended {
        let mut command = self.command(args);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(input.as_bytes())
            .unwrap();
        self.ended(child.wait_with_output().unwrap())
    }

    /// Returns output, error stream and exit code as one text.
    pub(crate) fn show(&self, args: &[&str]) -> String {
        self.run(args).text()
    }

    pub(crate) fn ended(&self, output: Output) -> Ended {
        let clean = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            text.replace(&self.dir.path().display().to_string(), "[DIR]")
        };
        Ended {
            code: output.status.code().unwrap_or(-1),
            stdout: clean(&output.stdout),
            stderr: clean(&output.stderr),
        }
    }

    pub(crate) fn exists(&self, name: &str) -> bool {
        self.path(name).exists()
    }
}

impl Ended {
    /// Returns everything as one text that ends with the exit code.
    pub(crate) fn text(&self) -> String {
        let mut text = self.stdout.clone();
        if !text.is_empty() && !text.ends_with('\n') {
            text.push_str("⏎\n");
        }
        if !self.stderr.is_empty() {
            text.push_str("---- stderr\n");
            text.push_str(&self.stderr);
        }
        text.push_str(&format!("[exit {}]", self.code));
        text
    }

    /// Returns the document of JSON mode, without what differs from run to run.
    pub(crate) fn json(&self) -> serde_json::Value {
        let mut json: serde_json::Value = serde_json::from_str(&self.stdout)
            .unwrap_or_else(|failure| panic!("{failure}: {}\n{}", self.stdout, self.stderr));
        steady(&mut json);
        json
    }
}

/// Replaces times and ids.
pub(crate) fn steady(json: &mut serde_json::Value) {
    match json {
        serde_json::Value::Object(members) => {
            for (name, value) in members {
                let varies =
                    ["duration_ms", "latency_ms", "session_id", "call_id"].contains(&name.as_str());
                if varies && !value.is_null() {
                    *value = format!("[{name}]").into();
                } else {
                    steady(value);
                }
            }
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(steady),
        _ => {}
    }
}

/// Returns the files below a folder, relative to it.
pub(crate) fn files(dir: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![dir.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            match path.is_dir() {
                true => open.push(path),
                false => found.push(path.strip_prefix(dir).unwrap().display().to_string()),
            }
        }
    }
    found.sort();
    found
}
