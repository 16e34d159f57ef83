//! The binary while it runs a spell, and its end.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use crate::place::Place;

/// A spell under way, which says a line and waits for one.
pub(crate) struct Running {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Running {
    pub(crate) fn start(place: &Place, args: &[&str]) -> Self {
        let mut child = place
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self {
            child,
            input,
            output,
        }
    }

    /// Returns the next line that it says.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// Gives it the line that it waits for.
    pub(crate) fn go_on(&mut self) {
        writeln!(self.input).unwrap();
    }

    /// Asks it to stop, as Ctrl-C does.
    #[cfg(unix)]
    pub(crate) fn interrupt(&self) {
        let asked = std::process::Command::new("kill")
            .args(["-INT", &self.child.id().to_string()])
            .status();
        assert!(asked.unwrap().success());
    }

    /// Waits for its end and returns its exit code.
    pub(crate) fn ended(mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }

    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Runs a spell until it has said that it is after each of these steps, and kills it there.
pub(crate) fn killed_after(place: &Place, spell: &str, steps: &[&str]) {
    let mut running = Running::start(place, &[spell]);
    for (at, step) in steps.iter().enumerate() {
        if at > 0 {
            running.go_on();
        }
        assert_eq!(running.line(), format!("after {step}"));
    }
    running.kill();
}
