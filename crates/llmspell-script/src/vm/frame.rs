//! Where a script was when something went wrong.

use llmspell_core::{Error, Map, Value};

/// One call of the script's own chain.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Frame {
    pub(crate) file: String,
    pub(crate) line: i64,
    /// Counted from 1, in languages that tell.
    pub(crate) column: Option<i64>,
    pub(crate) function: Option<String>,
    /// The local variables, where somebody asked for them.
    pub(crate) locals: Map,
}

impl Frame {
    /// Returns `file:line`.
    pub(crate) fn at(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }

    fn to_value(&self) -> Value {
        let mut map = Map::new();
        map.insert("file", Value::from(self.file.as_str()));
        map.insert("line", Value::Int(self.line));
        if let Some(function) = &self.function {
            map.insert("function", Value::from(function.as_str()));
        }
        if !self.locals.is_empty() {
            map.insert("locals", Value::Map(self.locals.clone()));
        }
        Value::Map(map)
    }
}

/// Adds file, line and stack to an error, innermost call first.
pub(crate) fn place(error: Error, frames: &[Frame]) -> Error {
    let mut error = error;
    if let Some((file, line)) = error
        .details()
        .get("at")
        .and_then(Value::as_str)
        .and_then(|at| at.rsplit_once(':'))
        .and_then(|(file, line)| Some((file.to_owned(), line.parse::<i64>().ok()?)))
    {
        error = error.with("file", file).with("line", line);
    }
    if let Some(top) = frames.first() {
        if error.details().get("file").is_none() {
            error = error.with("file", top.file.as_str()).with("line", top.line);
            if let Some(column) = top.column {
                error = error.with("column", column);
            }
            error = error.with("at", top.at());
        }
        error = error.with(
            "stack",
            frames.iter().map(Frame::to_value).collect::<Value>(),
        );
    }
    error
}
