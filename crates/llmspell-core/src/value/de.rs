//! A [`Value`] into any deserialisable type.

use std::cell::RefCell;

use serde::de::{self, Deserialize, DeserializeSeed, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::{Handle, Map, Name, Value, map};
use crate::callback::Callback;
use crate::error::{Error, Kind, nearest};

/// The newtype name by which a field of type `Value`, `Handle` or `Callback` asks our own serializer and
/// deserializer for the live value. Other formats know nothing of it, so text cannot forge a live value.
pub(super) const VALUE_NAME: &str = "$llmspell::Value";

thread_local! {
    static PARKED: RefCell<Option<Value>> = const { RefCell::new(None) };
}

/// Hands a live value across a serde call on the same thread.
pub(super) struct Parked;

impl Parked {
    pub(super) fn put(value: Value) {
        PARKED.with_borrow_mut(|slot| *slot = Some(value));
    }
    pub(super) fn take() -> Option<Value> {
        PARKED.with_borrow_mut(Option::take)
    }
}

/// Why a value does not fit a type, and where. Boxed because successes are many.
#[derive(Debug)]
pub(super) struct Failure(Box<Misfit>);

#[derive(Debug)]
struct Misfit {
    message: String,
    /// The names and places on the way to what does not fit, from the inside out.
    path: Vec<Step>,
}

#[derive(Debug)]
enum Step {
    Member(Name),
    Item(usize),
}

impl Failure {
    fn new(message: String) -> Self {
        let path = Vec::new();
        Self(Box::new(Misfit { message, path }))
    }

    fn below(mut self, step: Step) -> Self {
        self.0.path.push(step);
        self
    }

    /// Returns the error, with the path as `members[2].name`.
    pub(super) fn into_error(self) -> Error {
        let mut path = String::new();
        for step in self.0.path.iter().rev() {
            match step {
                Step::Item(place) => path.push_str(&format!("[{place}]")),
                Step::Member(name) if path.is_empty() => path.push_str(name),
                Step::Member(name) => path.push_str(&format!(".{name}")),
            }
        }
        let error = Error::new(Kind::InvalidArgs, self.0.message);
        match path.is_empty() {
            true => error,
            false => error.with("path", path),
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Failure {}

impl de::Error for Failure {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self::new(message.to_string())
    }

    fn invalid_value(unexpected: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        let wanted = expected.to_string();
        match (unexpected, wanted.as_str()) {
            (de::Unexpected::Signed(number), "u8" | "u16" | "u32" | "u64" | "usize")
                if number < 0 =>
            {
                Self::new(format!("must not be negative, got {number}"))
            }
            _ => Self::new(format!("invalid value: {unexpected}, expected {wanted}")),
        }
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let near = nearest(field, expected.iter().copied());
        Self::new(match near.first() {
            Some(near) => format!("unknown member '{field}'; did you mean '{near}'?"),
            None if expected.is_empty() => format!("unknown member '{field}'; there are none"),
            None => format!(
                "unknown member '{field}'; there are {}",
                expected.join(", ")
            ),
        })
    }
}

type Result<T, E = Failure> = std::result::Result<T, E>;

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(VALUE_NAME, ValueVisitor)
    }
}

impl<'de> Deserialize<'de> for Handle {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Handle(handle) => Ok(handle),
            Value::Map(map) => match (map.get("kind"), map.get("id")) {
                (Some(Value::Str(kind)), Some(Value::Str(id))) => {
                    Ok(Handle::new(kind, id, Map::new()))
                }
                _ => Err(de::Error::custom("expected a handle, got object")),
            },
            other => Err(de::Error::custom(format!(
                "expected a handle, got {}",
                other.type_name()
            ))),
        }
    }
}

impl<'de> Deserialize<'de> for Callback {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Function(callback) => Ok(callback),
            other => Err(de::Error::custom(format!(
                "expected a function, got {}",
                other.type_name()
            ))),
        }
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("any value")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Parked::take().unwrap_or_default())
    }
    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_some<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Value::deserialize(deserializer)
    }
    fn visit_newtype_struct<D: de::Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_bytes<E>(self, value: &[u8]) -> Result<Value, E> {
        Ok(Value::Bytes(value.to_vec()))
    }
    fn visit_byte_buf<E>(self, value: Vec<u8>) -> Result<Value, E> {
        Ok(Value::Bytes(value))
    }
    fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::with_capacity(seq.size_hint().unwrap_or(0).min(4096));
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Value::List(items))
    }
    fn visit_map<A: de::MapAccess<'de>>(self, access: A) -> Result<Value, A::Error> {
        map::read(access).map(Value::Map)
    }
}

pub(super) struct Deserializer(pub(super) Value);

impl Deserializer {
    fn mismatch(&self, wanted: &str) -> Failure {
        Failure::new(format!("expected {wanted}, got {}", self.0.type_name()))
    }
}

impl<'de> IntoDeserializer<'de, Failure> for Deserializer {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

struct Members {
    entries: std::vec::IntoIter<(Name, Value)>,
    open: Option<(Name, Value)>,
}

impl Members {
    fn of(map: Map) -> Self {
        Self {
            entries: map.into_iter(),
            open: None,
        }
    }
}

impl<'de> de::MapAccess<'de> for Members {
    type Error = Failure;
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        self.open = self.entries.next();
        match &self.open {
            Some((name, _)) => seed.deserialize(KeyDeserializer(name)).map(Some),
            None => Ok(None),
        }
    }
    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        let (name, value) = self.open.take().unwrap_or_default();
        seed.deserialize(Deserializer(value))
            .map_err(|failure| failure.below(Step::Member(name)))
    }
    fn size_hint(&self) -> Option<usize> {
        Some(self.entries.len())
    }
}

/// A member's name, which numeric and boolean map keys are parsed from.
struct KeyDeserializer<'a>(&'a str);

macro_rules! parsed_keys {
    ($($method:ident => $visit:ident),*) => { $(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            match self.0.parse() {
                Ok(key) => visitor.$visit(key),
                Err(_) => visitor.visit_str(self.0),
            }
        }
    )* };
}

impl<'de> de::Deserializer<'de> for KeyDeserializer<'_> {
    type Error = Failure;
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_str(self.0)
    }
    parsed_keys!(deserialize_i8 => visit_i8, deserialize_i16 => visit_i16, deserialize_i32 => visit_i32,
        deserialize_i64 => visit_i64, deserialize_u8 => visit_u8, deserialize_u16 => visit_u16,
        deserialize_u32 => visit_u32, deserialize_u64 => visit_u64, deserialize_bool => visit_bool);
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_enum(self.0.into_deserializer())
    }
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }
    forward_to_deserialize_any! {
        f32 f64 i128 u128 char str string bytes byte_buf option unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

macro_rules! whole_numbers {
    ($($method:ident),*) => { $(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            match self.0.as_int() {
                Some(number) => visitor.visit_i64(number),
                None => Err(self.mismatch("an integer")),
            }
        }
    )* };
}

impl<'de> de::Deserializer<'de> for Deserializer {
    type Error = Failure;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(truth) => visitor.visit_bool(truth),
            Value::Int(number) => visitor.visit_i64(number),
            Value::Float(number) => visitor.visit_f64(number),
            Value::Str(text) => visitor.visit_string(text),
            Value::Bytes(bytes) => visitor.visit_byte_buf(bytes),
            Value::List(items) => visit_items(items, visitor),
            Value::Map(map) => visitor.visit_map(Members::of(map)),
            Value::Handle(handle) => visitor.visit_map(Members::of(handle.to_map())),
            Value::Function(_) => Err(Failure::new("cannot convert a function".to_owned())),
        }
    }
    whole_numbers!(
        deserialize_i8,
        deserialize_i16,
        deserialize_i32,
        deserialize_i64,
        deserialize_u8,
        deserialize_u16,
        deserialize_u32,
        deserialize_u64
    );
    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_f64(visitor)
    }
    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0.as_float() {
            Some(number) => visitor.visit_f64(number),
            None => Err(self.mismatch("a number")),
        }
    }
    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0 {
            Value::Bool(truth) => visitor.visit_bool(truth),
            _ => Err(self.mismatch("a boolean")),
        }
    }
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_string(visitor)
    }
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0 {
            Value::Str(text) => visitor.visit_string(text),
            _ => Err(self.mismatch("a string")),
        }
    }
    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_byte_buf(visitor)
    }
    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0 {
            Value::Bytes(bytes) => visitor.visit_byte_buf(bytes),
            Value::Str(text) => visitor.visit_byte_buf(text.into_bytes()),
            other => Self(other).deserialize_any(visitor),
        }
    }
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            value => visitor.visit_some(Self(value)),
        }
    }
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0 {
            Value::List(items) => visit_items(items, visitor),
            Value::Map(map) if map.is_empty() => visit_items(Vec::new(), visitor),
            _ => Err(self.mismatch("a list")),
        }
    }
    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value> {
        self.deserialize_seq(visitor)
    }
    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value> {
        self.deserialize_seq(visitor)
    }
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0 {
            Value::Map(map) => visitor.visit_map(Members::of(map)),
            Value::List(items) if items.is_empty() => visitor.visit_map(Members::of(Map::new())),
            Value::Handle(handle) => visitor.visit_map(Members::of(handle.to_map())),
            _ => Err(self.mismatch("an object")),
        }
    }
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.deserialize_map(visitor)
    }
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        match self.0 {
            Value::Str(text) => visitor.visit_enum(text.into_deserializer()),
            Value::Map(map) if map.len() == 1 => {
                visitor.visit_enum(de::value::MapAccessDeserializer::new(Members::of(map)))
            }
            _ => Err(self.mismatch("one of the named variants")),
        }
    }
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        if name == VALUE_NAME {
            Parked::put(self.0);
            return visitor.visit_unit();
        }
        visitor.visit_newtype_struct(self)
    }
    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Map(map) if map.is_empty() => visitor.visit_unit(),
            _ => Err(self.mismatch("nothing")),
        }
    }
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_unit()
    }
    forward_to_deserialize_any! { i128 u128 char unit_struct identifier }
}

fn visit_items<'de, V: Visitor<'de>>(items: Vec<Value>, visitor: V) -> Result<V::Value> {
    let mut items = Items {
        left: items.into_iter(),
        place: 0,
    };
    let value = visitor.visit_seq(&mut items)?;
    match items.left.len() {
        0 => Ok(value),
        _ => Err(Failure::new(format!("expected {} items", items.place))),
    }
}

struct Items {
    left: std::vec::IntoIter<Value>,
    place: usize,
}

impl<'de> de::SeqAccess<'de> for Items {
    type Error = Failure;
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        let Some(item) = self.left.next() else {
            return Ok(None);
        };
        let place = self.place;
        self.place += 1;
        seed.deserialize(Deserializer(item))
            .map(Some)
            .map_err(|failure| failure.below(Step::Item(place)))
    }
    fn size_hint(&self) -> Option<usize> {
        Some(self.left.len())
    }
}
