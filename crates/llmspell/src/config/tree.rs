//! A configuration as it was written: values, and where each of them stands.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use indexmap::IndexMap;
use llmspell_core::{Error, Kind, Result};
use toml::de::{DeTable, DeValue};

/// A file that was read, kept for places and excerpts.
#[derive(Debug)]
pub struct Document {
    /// The file's path, absolute.
    pub path: PathBuf,
    /// The path as messages show it.
    pub shown: String,
    /// Its text.
    pub text: String,
}

/// Where a value was written.
#[derive(Clone, Debug)]
pub enum Origin {
    /// In a file, from this byte on.
    File(Arc<Document>, usize),
    /// In an environment variable of this name.
    Variable(String),
    /// On the command line, by the flag of this name.
    Flag(String),
}

impl Origin {
    /// Returns line and column, from 1, if the value stands in a file.
    pub fn position(&self) -> Option<(usize, usize)> {
        let Self::File(source, at) = self else {
            return None;
        };
        let before = source.text.get(..*at).unwrap_or(&source.text);
        let line = before.matches('\n').count() + 1;
        let column = before
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .chars()
            .count()
            + 1;
        Some((line, column))
    }

    /// Returns the file, if the value stands in one.
    pub fn source(&self) -> Option<&Arc<Document>> {
        match self {
            Self::File(source, _) => Some(source),
            _ => None,
        }
    }

    /// Returns the directory against which a relative path written here is resolved, if it is not the working
    /// directory.
    pub fn directory(&self) -> Option<&Path> {
        self.source().and_then(|source| source.path.parent())
    }

    /// Makes an error of kind `config` that points here.
    pub fn error(&self, message: impl Into<String>) -> Error {
        let error = |message: String| Error::new(Kind::Config, message);
        let message = message.into();
        match self {
            Self::File(source, _) => {
                let (line, column) = self.position().unwrap_or((1, 1));
                error(message)
                    .with("file", source.shown.as_str())
                    .with("line", line)
                    .with("column", column)
            }
            Self::Variable(name) if message.contains(name) => {
                error(message).with("variable", name.as_str())
            }
            Self::Variable(name) => error(format!("{message} (environment variable {name})"))
                .with("variable", name.as_str()),
            Self::Flag(name) => error(format!("{message} ({name})")).with("flag", name.as_str()),
        }
    }
}

/// `llmspell.toml:14`, `environment variable LLMSPELL_ENGINE`, `--set`.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self, self.position()) {
            (Self::File(source, _), Some((line, _))) => write!(f, "{}:{line}", source.shown),
            (Self::File(source, _), None) => f.write_str(&source.shown),
            (Self::Variable(name), _) => write!(f, "environment variable {name}"),
            (Self::Flag(name), _) => f.write_str(name),
        }
    }
}

/// A value and where it was written.
#[derive(Clone, Debug)]
pub struct Tree {
    /// The value.
    pub item: Item,
    /// Where the value stands.
    pub origin: Origin,
    /// Where its key stands; the same as `origin` for items of lists.
    pub key: Origin,
}

/// Members in the order in which they were written.
pub type Table = IndexMap<String, Tree>;

/// What a TOML document can hold. Dates are texts.
#[derive(Clone, Debug)]
pub enum Item {
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Another number.
    Float(f64),
    /// A text.
    Text(String),
    /// A text with `${VARIABLE}` in it that is not set and has no default.
    Unset {
        /// The variable's name.
        variable: String,
        /// The text as it was written.
        text: String,
    },
    /// A list.
    List(Vec<Tree>),
    /// A table.
    Table(Table),
}

impl Item {
    /// Returns what the value is, in the words of TOML.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Bool(_) => "a boolean",
            Self::Int(_) => "an integer",
            Self::Float(_) => "a number",
            Self::Text(_) | Self::Unset { .. } => "a text",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
        }
    }
}

impl Tree {
    /// Creates a value that stands at `origin`, as its key does.
    pub fn new(item: Item, origin: Origin) -> Self {
        Self {
            item,
            key: origin.clone(),
            origin,
        }
    }

    /// Creates an empty table.
    pub fn table(origin: Origin) -> Self {
        Self::new(Item::Table(Table::new()), origin)
    }

    /// Returns the members of a table.
    pub fn as_table(&self) -> Option<&Table> {
        match &self.item {
            Item::Table(table) => Some(table),
            _ => None,
        }
    }

    /// Returns the members of a table, to change them.
    pub fn as_table_mut(&mut self) -> Option<&mut Table> {
        match &mut self.item {
            Item::Table(table) => Some(table),
            _ => None,
        }
    }

    /// Returns the members of the table at a dotted path; none if no table is there.
    pub fn members(&self, path: &str) -> impl Iterator<Item = (&String, &Tree)> + use<'_> {
        let table = self.get(path).and_then(Tree::as_table);
        table.into_iter().flatten()
    }

    /// Returns the values of the table of this name; none if no table is there.
    pub(super) fn members_mut(&mut self, name: &str) -> impl Iterator<Item = &mut Self> + use<'_> {
        let table = self.as_table_mut().and_then(|table| table.get_mut(name));
        let table = table.and_then(Self::as_table_mut);
        table.into_iter().flat_map(Table::values_mut)
    }

    /// Returns a text that stands where this value does.
    pub(super) fn with_text(&self, text: &str) -> Self {
        Self {
            item: Item::Text(text.to_owned()),
            ..self.clone()
        }
    }

    /// Returns the value at a dotted path.
    pub fn get(&self, path: &str) -> Option<&Tree> {
        path.split('.')
            .try_fold(self, |node, name| node.as_table()?.get(name))
    }

    /// Returns the text at a dotted path.
    pub fn text(&self, path: &str) -> Option<&str> {
        match &self.get(path)?.item {
            Item::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Removes and returns the value at a dotted path.
    pub fn take(&mut self, path: &str) -> Option<Tree> {
        let (parents, name) = path.rsplit_once('.').unwrap_or(("", path));
        let table = match parents {
            "" => self,
            parents => parents
                .split('.')
                .try_fold(self, |node, name| node.as_table_mut()?.get_mut(name))?,
        };
        table.as_table_mut()?.shift_remove(name)
    }

    /// Puts a value at a dotted path, making the tables on the way.
    ///
    /// - Errors: `Config` if the path leads through a value that is no table.
    pub fn put(&mut self, path: &str, value: Tree) -> Result<()> {
        let mut place = self;
        let (parents, name) = path.rsplit_once('.').unwrap_or(("", path));
        for parent in parents.split('.').filter(|parent| !parent.is_empty()) {
            let Item::Table(table) = &mut place.item else {
                return Err(value
                    .key
                    .error(format!("'{path}' leads through a value that is no table")));
            };
            place = table
                .entry(parent.to_owned())
                .or_insert_with(|| Tree::table(value.key.clone()));
        }
        match &mut place.item {
            Item::Table(table) => {
                table.insert(name.to_owned(), value);
                Ok(())
            }
            _ => Err(value
                .key
                .error(format!("'{path}' leads through a value that is no table"))),
        }
    }

    /// Returns the value as JSON. Texts with unset variables are left out.
    pub fn to_json(&self) -> Option<serde_json::Value> {
        Some(match &self.item {
            Item::Bool(truth) => (*truth).into(),
            Item::Int(number) => (*number).into(),
            Item::Float(number) => (*number).into(),
            Item::Text(text) => text.as_str().into(),
            Item::Unset { .. } => return None,
            Item::List(items) => items.iter().filter_map(Tree::to_json).collect(),
            Item::Table(table) => serde_json::Value::Object(
                table
                    .iter()
                    .filter_map(|(name, node)| Some((name.clone(), node.to_json()?)))
                    .collect(),
            ),
        })
    }

    /// Calls `visit` with the dotted path of each value that is no table, and the value.
    pub fn leaves<'a>(&'a self, visit: &mut dyn FnMut(&str, &'a Tree)) {
        fn walk<'a>(path: &str, node: &'a Tree, visit: &mut dyn FnMut(&str, &'a Tree)) {
            match &node.item {
                Item::Table(table) => {
                    for (name, member) in table {
                        walk(&join(path, name), member, visit);
                    }
                }
                _ => visit(path, node),
            }
        }
        walk("", self, visit);
    }

    /// Calls `visit` as [`leaves`](Self::leaves) does, with the members of lists in place of the lists: `a.b[1]` is the first
    /// one.
    pub(super) fn scalars<'a>(&'a self, visit: &mut dyn FnMut(&str, &'a Tree)) {
        fn walk<'a>(path: &str, node: &'a Tree, visit: &mut dyn FnMut(&str, &'a Tree)) {
            match &node.item {
                Item::Table(table) => {
                    for (name, member) in table {
                        walk(&join(path, name), member, visit);
                    }
                }
                Item::List(items) => {
                    for (at, item) in items.iter().enumerate() {
                        walk(&format!("{path}[{}]", at + 1), item, visit);
                    }
                }
                _ => visit(path, node),
            }
        }
        walk("", self, visit);
    }
}

/// Joins a dotted path and a name.
pub(super) fn join(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    }
}

/// Parses the text of a file.
///
/// - Errors: `Config` with file, line and column of the first mistake.
pub(crate) fn parse(source: &Arc<Document>) -> Result<Tree> {
    let document = DeTable::parse(&source.text).map_err(|failure| {
        let at = failure.span().map_or(0, |span| span.start);
        Origin::File(source.clone(), at)
            .error(format!("not valid TOML: {}", sentence(failure.message())))
    })?;
    let at = |span: Range<usize>| Origin::File(source.clone(), span.start);
    convert_table(document.get_ref(), &at, at(0..0))
}

/// Parses `KEY=VALUE`, the value as TOML or else as text.
///
/// - Errors: `Config` if there is no `=` or the key is none.
pub(super) fn parse_assignment(text: &str, origin: &Origin) -> Result<Tree> {
    let Some((key, value)) = text.split_once('=') else {
        return Err(origin.error(format!("'{text}' is not of the form KEY=VALUE")));
    };
    let (key, value) = (key.trim(), value.trim());
    let at = |_: Range<usize>| origin.clone();
    let literal = format!("{key} = {value}");
    if let Ok(document) = DeTable::parse(&literal) {
        return convert_table(document.get_ref(), &at, origin.clone());
    }
    let quoted = format!("{key} = {}", toml::Value::String(value.to_owned()));
    let document = DeTable::parse(&quoted)
        .map_err(|_| origin.error(format!("'{key}' is not a dotted configuration key")))?;
    convert_table(document.get_ref(), &at, origin.clone())
}

fn convert_table(
    table: &DeTable<'_>,
    at: &dyn Fn(Range<usize>) -> Origin,
    origin: Origin,
) -> Result<Tree> {
    let members = table.iter().map(|(key, value)| {
        let mut node = convert(value.get_ref(), at, at(value.span()))?;
        node.key = at(key.span());
        Ok((key.get_ref().to_string(), node))
    });
    Ok(Tree::new(
        Item::Table(members.collect::<Result<Table>>()?),
        origin,
    ))
}

fn convert(
    value: &DeValue<'_>,
    at: &dyn Fn(Range<usize>) -> Origin,
    origin: Origin,
) -> Result<Tree> {
    let item = match value {
        DeValue::String(text) => Item::Text(text.to_string()),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => Item::Int(number),
            Err(_) => return Err(origin.error(format!("{number} does not fit into 64 bits"))),
        },
        DeValue::Float(number) => match number.as_str().parse() {
            Ok(number) => Item::Float(number),
            Err(_) => return Err(origin.error(format!("{number} is not a number"))),
        },
        DeValue::Boolean(truth) => Item::Bool(*truth),
        DeValue::Datetime(date) => Item::Text(date.to_string()),
        DeValue::Array(items) => Item::List(
            items
                .iter()
                .map(|item| convert(item.get_ref(), at, at(item.span())))
                .collect::<Result<_>>()?,
        ),
        DeValue::Table(table) => return convert_table(table, at, origin),
    };
    Ok(Tree::new(item, origin))
}

/// Makes one line of a parser's message.
fn sentence(message: &str) -> String {
    message.trim().replace('\n', "; ")
}

#[cfg(test)]
pub(super) fn from_text(text: &str) -> Tree {
    let source = Document {
        path: "/work/dir/llmspell.toml".into(),
        shown: "llmspell.toml".into(),
        text: text.to_owned(),
    };
    parse(&Arc::new(source)).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_know_line_and_column() {
        let tree = from_text("a = 1\n[runtime]\n  timeout_ms = \"x\"\n");
        let node = tree.get("runtime.timeout_ms").unwrap();
        assert_eq!(node.key.position(), Some((3, 3)));
        assert_eq!(node.origin.position(), Some((3, 16)));
        assert_eq!(node.key.to_string(), "llmspell.toml:3");
    }

    #[test]
    fn a_broken_file_names_the_place() {
        let source = Arc::new(Document {
            path: "/x/llmspell.toml".into(),
            shown: "llmspell.toml".into(),
            text: "a = 1\nb = [1,\n".into(),
        });
        let error = parse(&source).unwrap_err();
        assert_eq!(error.kind(), Kind::Config);
        assert_eq!(error.details()["file"].as_str(), Some("llmspell.toml"));
        assert!(error.details().contains_key("line"), "{error:?}");
    }

    #[test]
    fn an_integer_beyond_64_bits_is_an_error() {
        let source = Arc::new(Document {
            path: "/x/llmspell.toml".into(),
            shown: "llmspell.toml".into(),
            text: "a = 99999999999999999999".into(),
        });
        assert!(parse(&source).unwrap_err().message().contains("64 bits"));
    }

    #[test]
    fn assignments_are_toml_or_text() {
        let flag = Origin::Flag("--set".into());
        let read = |text: &str| {
            parse_assignment(text, &flag)
                .unwrap()
                .to_json()
                .unwrap()
                .to_string()
        };
        assert_eq!(read("runtime.seed=7"), r#"{"runtime":{"seed":7}}"#);
        assert_eq!(read("a.b = true"), r#"{"a":{"b":true}}"#);
        assert_eq!(read("a=hello world"), r#"{"a":"hello world"}"#);
        assert_eq!(read("a=[1, \"x\"]"), r#"{"a":[1,"x"]}"#);
        assert_eq!(read("a=say \"hi\""), r#"{"a":"say \"hi\""}"#);
        assert!(parse_assignment("novalue", &flag).is_err());
        assert!(parse_assignment("a b=1", &flag).is_err());
    }

    #[test]
    fn put_and_take_follow_dotted_paths() {
        let mut tree = from_text("a = 1");
        let value = tree.get("a").unwrap().clone();
        tree.put("x.y.z", value.clone()).unwrap();
        assert_eq!(
            tree.to_json().unwrap().to_string(),
            r#"{"a":1,"x":{"y":{"z":1}}}"#
        );
        assert!(tree.take("x.y.z").is_some());
        assert!(tree.take("x.y.z").is_none());
        assert!(tree.put("a.b", value).is_err());
    }
}
