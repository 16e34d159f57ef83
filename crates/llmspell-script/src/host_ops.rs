//! The ops that the engines themselves call.

use std::sync::Arc;

use llmspell_core::Op;

/// The ops behind the parts of the standard libraries that look at the world, so that runs can be repeated.
#[derive(Clone, Debug)]
pub struct HostOps {
    /// Returns microseconds since 1970. For `os.time`, `os.date` and `Date`.
    pub now: Arc<Op>,
    /// Returns the processor seconds of the process. For `os.clock`.
    pub processor: Arc<Op>,
    /// Waits for `seconds`. For `os.execute("sleep N")` and `setTimeout`.
    pub sleep: Arc<Op>,
    /// Returns a seed for random numbers. For `math.random` and `Math.random`.
    pub seed: Arc<Op>,
    /// Returns the environment variable `name`, or null. For `os.getenv`.
    pub variable: Arc<Op>,
    /// What was read from standard input, for a run that is resumed.
    pub input: InputOps,
    /// Sends the HTTP request `{method, url, headers, body, redirect}` and returns `{status, url, redirected, headers, body}`.
    /// For `fetch`.
    pub fetch: Arc<Op>,
    /// Files, for `io.open`, `io.lines`, `os.remove`, `os.rename` and `os.tmpname`.
    pub files: FileOps,
}

/// The ops that remember standard input.
#[derive(Clone, Debug)]
pub struct InputOps {
    /// Returns what an earlier process of the run read next: text or bytes, none at the end; false for what was not
    /// written, since it is a secret; true if no more is recorded than was read; null if it read no more.
    pub recall: Arc<Op>,
    /// Notes what was `read`, text or bytes; or true, if no more is to be recorded.
    pub note: Arc<Op>,
}

/// The ops behind the files of the standard libraries.
#[derive(Clone, Debug)]
pub struct FileOps {
    /// Checks that the file `path` can be opened in `mode` (`r w a r+ w+ a+`), makes it if the mode asks for that, and
    /// returns its size.
    pub open: Arc<Op>,
    /// Returns up to `count` bytes of the file `path` from the byte `at` on; none at its end.
    pub read: Arc<Op>,
    /// Writes `bytes` to the file `path`: from the byte `at` on, at its end, or with `replace` in place of all.
    pub write: Arc<Op>,
    /// Returns the size of the file `path`.
    pub size: Arc<Op>,
    /// Removes the file or empty directory `path`.
    pub remove: Arc<Op>,
    /// Moves the file or directory `path` to `to`.
    pub rename: Arc<Op>,
    /// Makes an empty file in the run's own directory and returns its path.
    pub temp: Arc<Op>,
}
