//! Workflows that are written as files.

mod engine;
mod json;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use llmspell_core::value::from_json;
use llmspell_core::{Error, Kind, Result, Value};

use crate::config::{Document, Item, Tree, parse_toml};

pub use engine::WorkflowEngine;

/// A workflow as a file has it: the configuration that `Workflow.execute` takes, as TOML or JSON.
#[derive(Debug)]
pub struct WorkflowSource {
    config: Value,
    places: Tree,
}

impl WorkflowSource {
    /// Reads a text. The extension of the name says whether it is TOML or JSON; without one a text that begins with a
    /// brace is JSON.
    ///
    /// - Errors: `Parse` with the details `file`, `line`, `column` and `phase = "compile"`.
    pub fn parse(name: &str, text: &str) -> Result<Self> {
        let document = Arc::new(Document {
            path: PathBuf::from(name),
            shown: name.to_owned(),
            text: text.to_owned(),
        });
        if is_json(name, text) {
            let config = from_json(text).map_err(|error| broken(&error, name))?;
            let places = json::places(&document);
            return Ok(Self { config, places });
        }
        let places = parse_toml(&document).map_err(|error| broken(&error, name))?;
        let config = places.to_json().map(Value::from).unwrap_or_default();
        Ok(Self { config, places })
    }

    /// Returns the configuration.
    pub fn config(&self) -> &Value {
        &self.config
    }

    /// Returns line and column, from 1, of what a JSON pointer names; of what is around it if that is not there.
    pub fn position(&self, pointer: &str) -> (usize, usize) {
        let mut place = &self.places;
        let mut origin = &place.origin;
        for part in pointer.split('/').skip(1) {
            let part = part.replace("~1", "/").replace("~0", "~");
            let Some(inner) = member(place, &part) else {
                break;
            };
            (place, origin) = (inner, &inner.key);
        }
        origin.position().unwrap_or((1, 1))
    }

    /// Adds to an error where in the file its cause stands, if it says so.
    #[must_use]
    pub fn placed(&self, name: &str, error: Error) -> Error {
        let pointer = error.details().get("pointer").and_then(Value::as_str);
        let Some((line, column)) = pointer.map(|pointer| self.position(pointer)) else {
            return error;
        };
        error
            .with("file", name)
            .with("line", line)
            .with("column", column)
            .with("phase", "compile")
    }
}

/// Returns the member or the item of that name, which may be written in camel case.
fn member<'a>(place: &'a Tree, name: &str) -> Option<&'a Tree> {
    match &place.item {
        Item::List(items) => items.get(name.parse::<usize>().ok()?),
        Item::Table(members) => {
            let plain = |name: &str| name.replace('_', "").to_lowercase();
            let same = |(given, _): &(&String, &Tree)| plain(given) == plain(name);
            let exact = members.get(name);
            exact.or_else(|| members.iter().find(same).map(|(_, inner)| inner))
        }
        _ => None,
    }
}

fn is_json(name: &str, text: &str) -> bool {
    let extension = Path::new(name)
        .extension()
        .and_then(|extension| extension.to_str());
    match extension {
        Some("json") => true,
        Some("toml") => false,
        _ => text.trim_start().starts_with('{'),
    }
}

/// Makes the error of a text that cannot be read from that of its parser.
fn broken(cause: &Error, name: &str) -> Error {
    let error = Error::new(Kind::Parse, cause.message().to_owned())
        .with("file", name)
        .with("phase", "compile");
    let details = ["line", "column"].into_iter();
    details.fold(error, |error, detail| match cause.details().get(detail) {
        Some(value) => error.with(detail, value.clone()),
        None => error,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOML: &str = "type = \"sequential\"\n\n[[steps]]\ntool = \"a\"\n\n[[steps]]\nname = \"b\"\nretry = { max_attempts = 0 }\n";
    const JSON: &str = "{\"type\": \"sequential\",\n \"steps\": [\n  {\"tool\": \"a}\\\"\"},\n  {\"name\": \"b\",\n   \"retry\": {\"maxAttempts\": 0}}\n ]}\n";

    #[test]
    fn both_forms_are_the_same_configuration() {
        let toml = WorkflowSource::parse("w.toml", TOML).unwrap();
        let json = WorkflowSource::parse("w.json", JSON).unwrap();
        assert_eq!(toml.config().get("type"), json.config().get("type"));
        assert_eq!(
            WorkflowSource::parse("-", JSON).unwrap().config(),
            json.config()
        );
    }

    #[test]
    fn pointers_lead_to_lines() {
        let toml = WorkflowSource::parse("w.toml", TOML).unwrap();
        assert_eq!(toml.position("/steps/1/retry/max_attempts"), (8, 11));
        assert_eq!(toml.position("/steps/1/retry"), (8, 1));
        assert_eq!(toml.position("/steps/1/prompt").0, 6);
        assert_eq!(toml.position(""), (1, 1));
        let json = WorkflowSource::parse("w.json", JSON).unwrap();
        assert_eq!(json.position("/steps/0"), (3, 3));
        assert_eq!(json.position("/steps/1/retry/max_attempts"), (5, 14));
    }

    #[test]
    fn broken_texts_say_where() {
        for (name, text) in [("w.toml", "type = \n"), ("w.json", "{\"type\": }")] {
            let error = WorkflowSource::parse(name, text).unwrap_err();
            assert_eq!(error.kind(), Kind::Parse, "{name}");
            assert_eq!(error.details()["line"], Value::from(1), "{name}: {error:?}");
        }
    }
}
