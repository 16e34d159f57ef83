//! Errors as people and programs see them.

use std::fmt::Write as _;
use std::path::Path;

use llmspell_core::{Error, Kind, Map, Value};
use serde_json::{Value as Json, json};

use super::meant::meant;
use super::paint;

/// An error with the place where it happened and the lines around it.
#[derive(Debug)]
pub(crate) struct Report {
    kind: Kind,
    message: String,
    place: Option<Place>,
    excerpt: Vec<(usize, String)>,
    stack: Vec<String>,
    hints: Vec<String>,
    details: Map,
}

/// A file, and the line and column in it if they are known.
#[derive(Debug)]
struct Place {
    file: String,
    at: Option<(usize, usize)>,
}

impl Place {
    fn line(&self) -> Option<usize> {
        self.at.map(|(line, _)| line)
    }

    fn column(&self) -> Option<usize> {
        self.at.map(|(_, column)| column)
    }
}

/// A text that may be quoted: the name in errors, and the text.
pub(crate) type Quotable<'a> = Option<(&'a str, &'a str)>;

impl Report {
    /// Describes an error; `source` is the script's own text, other files are read.
    pub(crate) fn new(error: &Error, source: Quotable<'_>) -> Self {
        let mut details = error.details().clone();
        let place = place(&mut details, error);
        let innermost = place.as_ref();
        let innermost = innermost.and_then(|(file, line, _)| Some((file.as_str(), (*line)?)));
        let stack = frames(details.shift_remove("stack"), innermost);
        let mut report = Self {
            kind: error.kind(),
            message: message(error),
            excerpt: Vec::new(),
            place: None,
            stack,
            hints: error.hints().to_vec(),
            details,
        };
        if let Some((file, line, column)) = place {
            report.excerpt = line.map_or_else(Vec::new, |line| excerpt(&file, line, source));
            let own = report.excerpt.last();
            let first = own.map_or(1, |(_, text)| first_column(text));
            report.add_meant(column);
            let at = line.map(|line| (line, column.unwrap_or(first)));
            report.place = Some(Place { file, at });
        }
        report
    }

    /// Says what the script may have meant, if its engine only knows what is not there.
    fn add_meant(&mut self, column: Option<usize>) {
        if self.kind == Kind::Script
            && self.hints.is_empty()
            && let Some((_, line)) = self.excerpt.last()
        {
            self.hints.extend(meant(&self.message, line, column));
        }
    }

    /// Returns the text for a terminal.
    pub(crate) fn text(&self, color: bool) -> String {
        let head = paint(&format!("error[{}]", self.kind), "31;1", color);
        let mut text = format!("{head}: {}\n", self.message);
        if let Some(place) = &self.place {
            let arrow = paint("-->", "34;1", color);
            let _ = write!(text, "  {arrow} {}", place.file);
            if let Some((line, column)) = place.at {
                let _ = write!(text, ":{line}:{column}");
            }
            text.push('\n');
            for (number, line) in &self.excerpt {
                let gutter = paint(&format!("{number:>5} |"), "34;1", color);
                let _ = writeln!(text, "{gutter} {line}");
                if let Some((marked, column)) = place.at
                    && *number == marked
                {
                    let indent: String = line
                        .chars()
                        .take(column.saturating_sub(1))
                        .map(|c| if c == '\t' { '\t' } else { ' ' })
                        .collect();
                    let gutter = paint("      |", "34;1", color);
                    let _ = writeln!(text, "{gutter} {indent}{}", paint("^", "31;1", color));
                }
            }
        }
        for (frame, count) in folded(&self.stack).iter().take(FRAMES) {
            let times = if *count > 1 {
                format!(" ({count} times)")
            } else {
                String::new()
            };
            let _ = writeln!(text, "  called from {frame}{times}");
        }
        for hint in &self.hints {
            let _ = writeln!(text, "  {}: {hint}", paint("help", "36;1", color));
        }
        text
    }

    /// Returns the document of JSON mode.
    pub(crate) fn json(&self) -> Json {
        let place = self.place.as_ref();
        let excerpt: Vec<&str> = self.excerpt.iter().map(|(_, line)| line.as_str()).collect();
        json!({
            "success": false,
            "error": {
                "kind": self.kind.name(),
                "message": self.message,
                "file": place.map(|place| place.file.as_str()),
                "line": place.and_then(Place::line),
                "column": place.and_then(Place::column),
                "excerpt": (!excerpt.is_empty()).then(|| excerpt.join("\n")),
                "stack": self.stack,
                "hints": self.hints,
                "details": Value::Map(self.details.clone()).to_serde_json(),
            },
        })
    }
}

/// Returns the sentence with the op before it, as `<op>: <message>`; tools go by their name.
fn message(error: &Error) -> String {
    match error.op_name() {
        Some(op) => format!(
            "{}: {}",
            op.strip_prefix("tool:").unwrap_or(op),
            error.message_alone()
        ),
        None => error.message_alone().to_owned(),
    }
}

/// Takes file, line and column out of the details; scripts see them as `at`.
fn place(details: &mut Map, error: &Error) -> Option<(String, Option<usize>, Option<usize>)> {
    // A text that a tool or a model could not parse has lines too, but no file.
    if !details.contains_key("file") {
        let at = details.get("at").and_then(Value::as_str)?;
        let (file, line) = at.rsplit_once(':')?;
        return Some((file.to_owned(), Some(line.parse().ok()?), None));
    }
    let number = |details: &mut Map, name: &str| {
        let value = details.shift_remove(name)?.as_int()?;
        usize::try_from(value).ok().filter(|number| *number > 0)
    };
    let file = error
        .details()
        .get("file")
        .and_then(Value::as_str)?
        .to_owned();
    let line = number(details, "line");
    let column = number(details, "column");
    details.shift_remove("file");
    details.shift_remove("at");
    Some((file, line, column))
}

/// Returns the lines of the call chain, from maps with `file`, `line` and `function`, innermost first.
///
/// The frame of the place itself is left out.
fn frames(stack: Option<Value>, innermost: Option<(&str, usize)>) -> Vec<String> {
    let Some(Value::List(mut frames)) = stack else {
        return Vec::new();
    };
    let place = |frame: &Value| {
        let file = frame.get("file").and_then(Value::as_str)?.to_owned();
        let line = usize::try_from(frame.get("line").and_then(Value::as_int)?).ok()?;
        Some((file, line))
    };
    let is_innermost = |frame: &Value| {
        place(frame).is_some_and(|(file, line)| innermost == Some((file.as_str(), line)))
    };
    if frames.first().is_some_and(is_innermost) {
        frames.remove(0);
    }
    let shown = |frame: &Value| {
        let (file, line) = place(frame)?;
        let inside = frame.get("function").and_then(Value::as_str);
        let inside = inside.map(|name| format!(" in function '{name}'"));
        Some(format!("{file}:{line}{}", inside.unwrap_or_default()))
    };
    frames.iter().filter_map(shown).collect()
}

/// Most lines of the call chain that a terminal gets.
const FRAMES: usize = 12;

/// Returns equal frames that follow each other as one, with their number.
fn folded(stack: &[String]) -> Vec<(&str, usize)> {
    let mut folded: Vec<(&str, usize)> = Vec::new();
    for frame in stack {
        match folded.last_mut() {
            Some((last, count)) if last == frame => *count += 1,
            _ => folded.push((frame, 1)),
        }
    }
    folded
}

/// Returns the line and the one before it.
fn excerpt(file: &str, line: usize, source: Quotable<'_>) -> Vec<(usize, String)> {
    /// Longest line that is quoted, in characters.
    const WIDTH: usize = 200;
    let read;
    let text = match source {
        Some((name, text)) if name == file => text,
        _ => match small_file(Path::new(file)) {
            Some(text) => {
                read = text;
                &read
            }
            None => return Vec::new(),
        },
    };
    let from = line.saturating_sub(1).max(1);
    let lines = text.lines().enumerate().map(|(at, text)| (at + 1, text));
    lines
        .skip_while(|(number, _)| *number < from)
        .take_while(|(number, _)| *number <= line)
        .map(|(number, text)| (number, text.chars().take(WIDTH).collect()))
        .collect()
}

/// Reads a file that is small enough to be a script or a configuration.
fn small_file(path: &Path) -> Option<String> {
    const LARGEST: u64 = 16 << 20;
    let metadata = std::fs::metadata(path).ok()?;
    (metadata.is_file() && metadata.len() <= LARGEST)
        .then(|| std::fs::read_to_string(path).ok())
        .flatten()
}

fn first_column(line: &str) -> usize {
    line.chars().take_while(|c| c.is_whitespace()).count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "one\n  -- save the summary\n  Tool.invoke(x)\nmain()\n";

    fn frame(line: i64, function: Option<&str>) -> Value {
        let file = ("file".to_owned(), Value::from("report.lua"));
        let line = ("line".to_owned(), Value::from(line));
        Value::Map(Map::from_iter([
            file,
            line,
            ("function".to_owned(), function.into()),
        ]))
    }

    fn error() -> Error {
        llmspell_core::error!(InvalidArgs, "unknown parameter 'contnt'")
            .op("tool:file_operations")
            .with("file", "report.lua")
            .with("line", 3)
            .with(
                "stack",
                Value::List(vec![frame(3, None), frame(4, Some("main"))]),
            )
            .hint("did you mean 'content'?")
    }

    #[test]
    fn a_report_shows_the_place() {
        insta::assert_snapshot!(Report::new(&error(), Some(("report.lua", SOURCE))).text(false), @r"
        error[invalid_args]: file_operations: unknown parameter 'contnt'
          --> report.lua:3:3
            2 |   -- save the summary
            3 |   Tool.invoke(x)
              |   ^
          called from report.lua:4 in function 'main'
          help: did you mean 'content'?
        ");
    }

    #[test]
    fn a_given_column_wins_and_tabs_stay() {
        let error = llmspell_core::error!(Config, "bad")
            .with("file", "a.toml")
            .with("line", 1)
            .with("column", 3);
        insta::assert_snapshot!(Report::new(&error, Some(("a.toml", "\tab = 1"))).text(false), @"
        error[config]: bad
          --> a.toml:1:3
            1 | \tab = 1
              | \t ^
        ");
    }

    #[test]
    fn a_place_without_a_file_to_read_has_no_excerpt() {
        let error = llmspell_core::error!(Script, "boom").with("at", "(exec):7");
        insta::assert_snapshot!(Report::new(&error, None).text(false), @r"
        error[script]: boom
          --> (exec):7:1
        ");
    }

    #[test]
    fn a_file_is_told_where_its_line_is_not_known() {
        let error = llmspell_core::error!(Script, "boom").with("file", "a.js");
        let report = Report::new(&error, Some(("a.js", "one\n")));
        insta::assert_snapshot!(report.text(false), @r"
        error[script]: boom
          --> a.js
        ");
        let document = report.json();
        assert_eq!(document["error"]["file"], "a.js");
        assert_eq!(document["error"]["line"], Json::Null);
    }

    #[test]
    fn the_document_has_every_member() {
        let report = Report::new(&error(), Some(("report.lua", SOURCE)));
        insta::assert_snapshot!(report.json().to_string(), @r#"{"success":false,"error":{"kind":"invalid_args","message":"file_operations: unknown parameter 'contnt'","file":"report.lua","line":3,"column":3,"excerpt":"  -- save the summary\n  Tool.invoke(x)","stack":["report.lua:4 in function 'main'"],"hints":["did you mean 'content'?"],"details":{}}}"#);
    }
}
