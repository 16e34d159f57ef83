//! Reading the tables that workflows are written as.

use std::fmt::{self, Display};
use std::ops::Deref;

use llmspell_core::{Callback, Error, Map, Result, Value, error, nearest};

/// A table that is read member by member. Names may be written in snake case or in camel case.
pub(super) struct Fields {
    members: Map,
    known: Vec<&'static str>,
    /// Where the table stands.
    pub(super) place: Place,
}

/// Where something stands in a configuration: in words, `workflow 'w', step 'sum'`, and as a JSON pointer, `/steps/0`.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    words: String,
    pub(super) pointer: String,
}

impl Place {
    /// Returns the place of a member or an item, with the same words.
    pub(super) fn at(&self, member: impl Display) -> Self {
        let member = member.to_string().replace('~', "~0").replace('/', "~1");
        Self {
            words: self.words.clone(),
            pointer: format!("{}/{member}", self.pointer),
        }
    }

    /// Returns the place with more words.
    pub(super) fn said(self, words: impl Display) -> Self {
        Self {
            words: format!("{}, {words}", self.words),
            ..self
        }
    }

    /// Lets an error name the place, unless it knows a more exact one.
    pub(super) fn told(&self, error: Error) -> Error {
        if error.details().contains_key("pointer") {
            return error;
        }
        let place = self.to_string();
        let named = match error.message().starts_with(&place) {
            true => error,
            false => {
                let message = format!("{place}: {}", error.message());
                error.reworded(message)
            }
        };
        self.located(named)
    }

    /// Lets an error know where in the configuration it is, unless it knows better.
    pub(super) fn located(&self, error: Error) -> Error {
        match error.details().contains_key("pointer") {
            true => error,
            false => error.with("pointer", self.pointer.as_str()),
        }
    }
}

/// Something odd or wrong about a configuration, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The sentence.
    pub text: String,
    /// The place, as a JSON pointer into the configuration.
    pub pointer: String,
}

impl Remark {
    pub(super) fn new(text: String, place: &Place) -> Self {
        Self {
            text,
            pointer: place.pointer.clone(),
        }
    }
}

impl Deref for Place {
    type Target = str;

    fn deref(&self) -> &str {
        &self.words
    }
}

impl Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

impl From<&str> for Place {
    fn from(words: &str) -> Self {
        Self {
            words: words.to_owned(),
            pointer: String::new(),
        }
    }
}

impl Fields {
    /// Takes a table.
    ///
    /// - Errors: `InvalidArgs` for anything else.
    pub(super) fn new(value: Value, place: impl Into<Place>) -> Result<Self> {
        let place = place.into();
        match value {
            Value::Map(members) => Ok(Self {
                members: members
                    .into_iter()
                    .map(|(name, value)| (snake(&name), value))
                    .collect(),
                known: Vec::new(),
                place,
            }),
            Value::Null => Self::new(Value::Map(Map::new()), place),
            Value::List(items) if items.is_empty() => Self::new(Value::Null, place),
            other => Err(place.told(error!(
                InvalidArgs,
                "{place}: expected a table, got {}",
                other.type_name()
            ))),
        }
    }

    /// Returns the place of the first of these members that is there, else of the first.
    pub(super) fn place_of(&self, names: &[&'static str]) -> Place {
        let found = names.iter().find(|name| self.has(name));
        self.place.at(found.or(names.first()).unwrap_or(&""))
    }

    /// Returns whether a member is there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.members.get(name).is_some_and(|value| !value.is_null())
    }

    /// Returns whether a member is a table.
    pub(super) fn is_table(&self, name: &str) -> bool {
        matches!(self.members.get(name), Some(Value::Map(_)))
    }

    /// Takes the first of these members that is there; null if there is none.
    pub(super) fn take(&mut self, names: &[&'static str]) -> Value {
        let mut found = Value::Null;
        for name in names {
            self.known.push(*name);
            let value = self.members.shift_remove(name).unwrap_or_default();
            if found.is_null() {
                found = value;
            }
        }
        found
    }

    pub(super) fn text(&mut self, names: &[&'static str]) -> Result<Option<String>> {
        match self.take(names) {
            Value::Null => Ok(None),
            Value::Str(text) => Ok(Some(text)),
            other => Err(self.wrong(names[0], "text", &other)),
        }
    }

    pub(super) fn flag(&mut self, names: &[&'static str]) -> Result<Option<bool>> {
        match self.take(names) {
            Value::Null => Ok(None),
            Value::Bool(truth) => Ok(Some(truth)),
            other => Err(self.wrong(names[0], "true or false", &other)),
        }
    }

    /// Takes a whole number that is not smaller than `least`.
    pub(super) fn count(&mut self, names: &[&'static str], least: u64) -> Result<Option<u64>> {
        let value = self.take(names);
        if value.is_null() {
            return Ok(None);
        }
        let count = value.as_int().and_then(|number| u64::try_from(number).ok());
        match count.filter(|count| *count >= least) {
            Some(count) => Ok(Some(count)),
            None => Err(self.wrong(names[0], &format!("a whole number from {least}"), &value)),
        }
    }

    pub(super) fn number(&mut self, names: &[&'static str]) -> Result<Option<f64>> {
        match self.take(names) {
            Value::Null => Ok(None),
            value => match value.as_float().filter(|number| number.is_finite()) {
                Some(number) => Ok(Some(number)),
                None => Err(self.wrong(names[0], "a number", &value)),
            },
        }
    }

    pub(super) fn integer(&mut self, names: &[&'static str]) -> Result<Option<i64>> {
        match self.take(names) {
            Value::Null => Ok(None),
            value => match value.as_int() {
                Some(number) => Ok(Some(number)),
                None => Err(self.wrong(names[0], "a whole number", &value)),
            },
        }
    }

    pub(super) fn function(&mut self, names: &[&'static str]) -> Result<Option<Callback>> {
        match self.take(names) {
            Value::Null => Ok(None),
            Value::Function(function) => Ok(Some(function)),
            other => Err(self.wrong(names[0], "a function", &other)),
        }
    }

    pub(super) fn list(&mut self, names: &[&'static str]) -> Result<Option<Vec<Value>>> {
        match self.take(names) {
            Value::Null => Ok(None),
            Value::List(items) => Ok(Some(items)),
            Value::Map(map) if map.is_empty() => Ok(Some(Vec::new())),
            other => Err(self.wrong(names[0], "a list", &other)),
        }
    }

    /// Returns the error for a member of the wrong type.
    pub(super) fn wrong(&self, name: &str, expected: &str, given: &Value) -> Error {
        let shown = match given {
            Value::Map(_) | Value::List(_) | Value::Handle(_) | Value::Function(_) => {
                given.type_name().to_owned()
            }
            Value::Str(text) => format!("'{text}'"),
            scalar => scalar.to_string(),
        };
        error!(
            InvalidArgs,
            "{}: `{name}` must be {expected}, got {shown}", self.place
        )
        .with("parameter", name)
        .with("pointer", self.place.at(name).pointer)
    }

    /// Returns the error for a member that is not there.
    pub(super) fn missing(&self, name: &str) -> Error {
        let error = error!(InvalidArgs, "{}: `{name}` is missing", self.place);
        let near = nearest(name, self.members.keys().map(llmspell_core::Name::as_str));
        let error = error
            .with("parameter", name)
            .with("pointer", self.place.pointer.as_str());
        match near.first() {
            Some(near) => error.hint(format!("was '{near}' meant to be '{name}'?")),
            None => error,
        }
    }

    /// Returns the members that nobody took.
    pub(super) fn rest(self) -> Map {
        self.members
    }

    /// Warns of the members that nobody took and that are nearly one of the known ones.
    pub(super) fn misspelt(&self, warnings: &mut Vec<Remark>) {
        for name in self.members.keys() {
            if let Some(near) = nearest(name, self.known.iter().copied()).first() {
                let text = format!(
                    "{}: unknown member '{name}'; did you mean '{near}'?",
                    self.place
                );
                warnings.push(Remark::new(text, &self.place.at(name)));
            }
        }
    }

    /// Warns of the members that nobody took.
    pub(super) fn end(self, warnings: &mut Vec<Remark>) {
        for name in self.members.keys() {
            let near = nearest(name, self.known.iter().copied());
            let hint = near
                .first()
                .map(|near| format!("; did you mean '{near}'?"))
                .unwrap_or_default();
            let text = format!("{}: unknown member '{name}' is ignored{hint}", self.place);
            warnings.push(Remark::new(text, &self.place.at(name)));
        }
    }
}

/// Returns a name in snake case.
fn snake(name: &str) -> String {
    if !name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return name.to_owned();
    }
    let mut snake = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() && !snake.ends_with('_') {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}
