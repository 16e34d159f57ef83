//! The one value type that scripts, ops, the journal and models exchange.

mod de;
mod footprint;
mod json;
mod map;
mod ser;

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

pub use json::{from_json, from_record, restore_record, to_json, to_json_pretty, to_record};
pub use map::{Iter, IterMut, Map, Name};

use crate::callback::Callback;
use crate::error::{Error, Kind, Result};

/// Deepest nesting of lists and maps that may enter the runtime.
pub const MAX_DEPTH: usize = 128;

/// A piece of data.
///
/// Integers keep 64 bits, bytes stay bytes, and an empty table whose kind the writer did not say is an empty map that
/// reads as an empty list where a list is wanted.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Nothing: `nil`, `null`, absent.
    #[default]
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction, or outside the range of `Int`.
    Float(f64),
    /// A text.
    Str(String),
    /// Raw bytes.
    Bytes(Vec<u8>),
    /// A sequence.
    List(Vec<Value>),
    /// Named members.
    Map(Map),
    /// A reference to a live object of the run.
    Handle(Handle),
    /// A function of the script.
    Function(Callback),
}

/// A reference to a live object of the run: data that can be stored and printed.
///
/// Two handles are equal when kind and id are.
#[derive(Clone, Debug)]
pub struct Handle(Arc<Reference>);

/// What a [`Handle`] says of its object.
#[derive(Debug)]
pub struct Reference {
    /// What the object is: `agent`, `tool`, `stream`.
    pub kind: Arc<str>,
    /// Its id, unique for the kind within a run.
    pub id: Arc<str>,
    /// Fields that a script may read, fixed when the object was made.
    pub fields: Map,
}

impl Deref for Handle {
    type Target = Reference;

    fn deref(&self) -> &Reference {
        &self.0
    }
}

impl Handle {
    /// Creates a handle with readable `fields`.
    pub fn new(kind: &str, id: &str, fields: Map) -> Self {
        Self(Arc::new(Reference {
            kind: kind.into(),
            id: id.into(),
            fields,
        }))
    }

    /// Creates a handle whose readable fields are those of a struct, as the handles' module describes them.
    ///
    /// What is no struct of plain data gives no fields.
    pub fn with<T: serde::Serialize>(kind: &str, id: &str, fields: &T) -> Self {
        match Value::from_serialize(fields) {
            Ok(Value::Map(fields)) => Self::new(kind, id, fields),
            _ => Self::new(kind, id, Map::new()),
        }
    }

    /// Returns `{kind, id}`, what a script sees of a handle that it stored.
    pub fn to_map(&self) -> Map {
        Map::from([
            ("kind", Value::from(&*self.kind)),
            ("id", Value::from(&*self.id)),
        ])
    }
}

impl PartialEq for Handle {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && self.id == other.id
    }
}

impl Value {
    /// Converts any serialisable value.
    ///
    /// - Errors: `InvalidArgs` for maps whose keys are not text, numbers or booleans, and past [`MAX_DEPTH`].
    pub fn from_serialize<T: serde::Serialize + ?Sized>(value: &T) -> Result<Self> {
        value.serialize(ser::Serializer { depth: 0 })
    }

    /// Converts into any deserialisable type.
    ///
    /// - Errors: `InvalidArgs` with the path of the first member that does not fit in the detail `path`.
    pub fn into_typed<T: serde::de::DeserializeOwned>(self) -> Result<T> {
        T::deserialize(de::Deserializer(self)).map_err(de::Failure::into_error)
    }

    /// Converts the argument `place`, as [`into_typed`](Self::into_typed) does.
    ///
    /// - Errors: `InvalidArgs` naming the member: `place.member`.
    pub fn into_argument<T: serde::de::DeserializeOwned>(self, place: &str) -> Result<T> {
        self.into_typed().map_err(|error| {
            let path = error.details().get("path").and_then(Value::as_str);
            let path = path.map_or(place.to_owned(), |path| format!("{place}.{path}"));
            let message = format!("parameter '{path}': {}", error.message());
            Error::new(error.kind(), message).with("path", path)
        })
    }

    /// Returns the member `name` of a map or the field of a handle.
    pub fn get(&self, name: &str) -> Option<&Value> {
        match self {
            Self::Map(map) => map.get(name),
            Self::Handle(handle) => handle.fields.get(name),
            _ => None,
        }
    }

    /// Returns the text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the whole number; a float without a fraction counts.
    pub fn as_int(&self) -> Option<i64> {
        match *self {
            Self::Int(number) => Some(number),
            Self::Float(number) if number.fract() == 0.0 && number.abs() < 9.0e18 => {
                Some(number as i64)
            }
            _ => None,
        }
    }

    /// Returns the number.
    pub fn as_float(&self) -> Option<f64> {
        match *self {
            Self::Int(number) => Some(number as f64),
            Self::Float(number) => Some(number),
            _ => None,
        }
    }

    /// Returns the truth value.
    pub fn as_bool(&self) -> Option<bool> {
        match *self {
            Self::Bool(truth) => Some(truth),
            _ => None,
        }
    }

    /// Returns the members.
    pub fn as_map(&self) -> Option<&Map> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    /// Returns the items; an empty map is an empty list.
    pub fn as_list(&self) -> Option<&[Value]> {
        match self {
            Self::List(list) => Some(list),
            Self::Map(map) if map.is_empty() => Some(&[]),
            _ => None,
        }
    }

    /// Returns the handle.
    pub fn as_handle(&self) -> Option<&Handle> {
        match self {
            Self::Handle(handle) => Some(handle),
            _ => None,
        }
    }

    /// Returns the script function.
    pub fn as_function(&self) -> Option<&Callback> {
        match self {
            Self::Function(callback) => Some(callback),
            _ => None,
        }
    }

    /// Returns whether the value is [`Value::Null`].
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Returns what the value is, in the words of the script API: `string`, `integer`, `list`.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Int(_) => "integer",
            Self::Float(_) => "number",
            Self::Str(_) => "string",
            Self::Bytes(_) => "bytes",
            Self::List(_) => "array",
            Self::Map(_) => "object",
            Self::Handle(_) => "handle",
            Self::Function(_) => "function",
        }
    }

    /// Returns the path of the first function inside, such as `.rows[1].check`; empty if the value is one itself.
    ///
    /// The value must not be nested deeper than [`MAX_DEPTH`].
    pub fn function_path(&self) -> Option<String> {
        match self {
            Self::Function(_) => Some(String::new()),
            Self::List(items) => items.iter().enumerate().find_map(|(index, item)| {
                let path = item.function_path()?;
                Some(format!("[{index}]{path}"))
            }),
            Self::Map(members) => members.iter().find_map(|(name, value)| {
                let path = value.function_path()?;
                Some(format!(".{name}{path}"))
            }),
            _ => None,
        }
    }

    /// Returns the value if there is no function inside, as for what is stored or written.
    ///
    /// - Errors: `InvalidArgs` naming the path of the function.
    pub fn without_functions(self) -> Result<Self> {
        match self.function_path() {
            None => Ok(self),
            Some(path) => {
                let path = path.strip_prefix('.').unwrap_or(&path);
                let place = if path.is_empty() {
                    String::new()
                } else {
                    format!(" at '{path}'")
                };
                let message = format!("cannot convert a function{place}");
                Err(Error::new(Kind::InvalidArgs, message))
            }
        }
    }

    /// Returns the nesting depth: 0 for a scalar. Never recurses deeper than it counts.
    pub fn depth(&self) -> usize {
        let mut deepest = 0;
        let mut open: Vec<(&Value, usize)> = vec![(self, 0)];
        while let Some((value, depth)) = open.pop() {
            deepest = deepest.max(depth);
            match value {
                Self::List(list) => open.extend(list.iter().map(|item| (item, depth + 1))),
                Self::Map(map) => open.extend(map.values().map(|item| (item, depth + 1))),
                _ => {}
            }
        }
        deepest
    }
}

/// The plain JSON text, cut after 2,000 characters: a form for messages and logs, not for storage.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = to_json(self);
        match text.char_indices().nth(2_000) {
            Some((end, _)) => write!(f, "{}…", &text[..end]),
            None => f.write_str(&text),
        }
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

macro_rules! from_integers {
    ($($int:ty),*) => { $(
        impl From<$int> for Value {
            fn from(number: $int) -> Self {
                i64::try_from(number).map_or(Self::Float(number as f64), Self::Int)
            }
        }
    )* };
}
from_integers!(
    i8, i16, i32, i64, u8, u16, u32, u64, usize, isize, u128, i128
);

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Float(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Str(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Str(text)
    }
}

impl From<Name> for Value {
    fn from(name: Name) -> Self {
        Self::Str(name.into())
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Self {
        Self::Map(map)
    }
}

impl From<Handle> for Value {
    fn from(handle: Handle) -> Self {
        Self::Handle(handle)
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<N: Into<Name> + AsRef<str>, const COUNT: usize> From<[(N, Value); COUNT]> for Value {
    fn from(members: [(N, Value); COUNT]) -> Self {
        Self::Map(Map::from(members))
    }
}

impl<N: Into<Name> + AsRef<str>> FromIterator<(N, Value)> for Value {
    fn from_iter<I: IntoIterator<Item = (N, Value)>>(members: I) -> Self {
        Self::Map(members.into_iter().collect())
    }
}

impl FromIterator<Value> for Value {
    fn from_iter<I: IntoIterator<Item = Value>>(items: I) -> Self {
        Self::List(items.into_iter().collect())
    }
}

impl From<serde_json::Value> for Value {
    fn from(json: serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(truth) => Self::Bool(truth),
            serde_json::Value::Number(number) => match number.as_i64() {
                Some(int) => Self::Int(int),
                None => Self::Float(number.as_f64().unwrap_or(f64::NAN)),
            },
            serde_json::Value::String(text) => Self::Str(text),
            serde_json::Value::Array(items) => items.into_iter().collect::<Vec<_>>().into(),
            serde_json::Value::Object(members) => Self::Map(
                members
                    .into_iter()
                    .map(|(name, value)| (name, value.into()))
                    .collect(),
            ),
        }
    }
}

impl Value {
    /// Returns the plain JSON form: bytes become base64 text, NaN and infinities null, handles `{kind, id}` and
    /// functions `"<function>"`.
    pub fn to_serde_json(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Bool(truth) => (*truth).into(),
            Self::Int(number) => (*number).into(),
            Self::Float(number) => (*number).into(),
            Self::Str(text) => text.as_str().into(),
            Self::Bytes(bytes) => json::base64(bytes).into(),
            Self::List(items) => items.iter().map(Self::to_serde_json).collect(),
            Self::Map(map) => serde_json::Value::Object(
                map.iter()
                    .map(|(name, value)| (name.to_string(), value.to_serde_json()))
                    .collect(),
            ),
            Self::Handle(handle) => Self::Map(handle.to_map()).to_serde_json(),
            Self::Function(_) => "<function>".into(),
        }
    }
}
