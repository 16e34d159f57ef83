//! Any serialisable value into a [`Value`].

use serde::ser::{self, Serialize};

use super::{MAX_DEPTH, Map, Value};
use crate::error::{Error, Kind, Result};
use crate::value::de::{Parked, VALUE_NAME};

impl Serialize for Value {
    /// Writes plain data; within [`Value::from_serialize`] handles and functions pass through whole.
    fn serialize<S: ser::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(truth) => serializer.serialize_bool(*truth),
            Self::Int(number) => serializer.serialize_i64(*number),
            Self::Float(number) => serializer.serialize_f64(*number),
            Self::Str(text) => serializer.serialize_str(text),
            Self::Bytes(bytes) => serializer.serialize_bytes(bytes),
            Self::List(items) => serializer.collect_seq(items),
            Self::Map(map) => serializer.collect_map(map),
            Self::Handle(_) | Self::Function(_) => {
                Parked::put(self.clone());
                let outcome = serializer.serialize_newtype_struct(VALUE_NAME, &PlainForm(self));
                Parked::take();
                outcome
            }
        }
    }
}

impl Serialize for super::Handle {
    fn serialize<S: ser::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Value::Handle(self.clone()).serialize(serializer)
    }
}

impl Serialize for crate::callback::Callback {
    fn serialize<S: ser::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Value::Function(self.clone()).serialize(serializer)
    }
}

/// What formats without live objects see of one.
struct PlainForm<'a>(&'a Value);

impl Serialize for PlainForm<'_> {
    fn serialize<S: ser::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Handle(handle) => serializer.collect_map(handle.to_map()),
            _ => serializer.serialize_str("<function>"),
        }
    }
}

impl ser::Error for Error {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self::new(Kind::InvalidArgs, message.to_string())
    }
}

#[derive(Clone, Copy)]
pub(super) struct Serializer {
    pub(super) depth: usize,
}

impl Serializer {
    fn deeper(self) -> Result<Self> {
        if self.depth >= MAX_DEPTH {
            return Err(Error::new(
                Kind::InvalidArgs,
                "the value is nested deeper than 128 levels",
            ));
        }
        Ok(Self {
            depth: self.depth + 1,
        })
    }
}

impl ser::Serializer for Serializer {
    type Ok = Value;
    type Error = Error;
    type SerializeSeq = Items;
    type SerializeTuple = Items;
    type SerializeTupleStruct = Items;
    type SerializeTupleVariant = Variant<Items>;
    type SerializeMap = Members;
    type SerializeStruct = Members;
    type SerializeStructVariant = Variant<Members>;

    fn serialize_bool(self, value: bool) -> Result<Value> {
        Ok(value.into())
    }
    fn serialize_i8(self, value: i8) -> Result<Value> {
        Ok(value.into())
    }
    fn serialize_i16(self, value: i16) -> Result<Value> {
        Ok(value.into())
    }
    fn serialize_i32(self, value: i32) -> Result<Value> {
        Ok(value.into())
    }
    fn serialize_i64(self, value: i64) -> Result<Value> {
        Ok(value.into())
    }
    fn serialize_i128(self, value: i128) -> Result<Value> {
        Ok(value.into())
    }
    fn serialize_u8(self, value: u8) -> Result<Value> {
        Ok(value.into())
    }
    fn serialize_u16(self, value: u16) -> Result<Value> {
        Ok(value.into())
    }
    fn serialize_u32(self, value: u32) -> Result<Value> {
        Ok(value.into())
    }
    fn serialize_u64(self, value: u64) -> Result<Value> {
        Ok(value.into())
    }
    fn serialize_u128(self, value: u128) -> Result<Value> {
        Ok(value.into())
    }
    fn serialize_f32(self, value: f32) -> Result<Value> {
        Ok(Value::Float(value.into()))
    }
    fn serialize_f64(self, value: f64) -> Result<Value> {
        Ok(value.into())
    }
    fn serialize_char(self, value: char) -> Result<Value> {
        Ok(Value::Str(value.into()))
    }
    fn serialize_str(self, value: &str) -> Result<Value> {
        Ok(value.into())
    }
    fn serialize_bytes(self, value: &[u8]) -> Result<Value> {
        Ok(Value::Bytes(value.to_vec()))
    }
    fn serialize_none(self) -> Result<Value> {
        Ok(Value::Null)
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value> {
        value.serialize(self)
    }
    fn serialize_unit(self) -> Result<Value> {
        Ok(Value::Null)
    }
    fn serialize_unit_struct(self, _: &'static str) -> Result<Value> {
        Ok(Value::Null)
    }
    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<Value> {
        Ok(variant.into())
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<Value> {
        if name == VALUE_NAME
            && let Some(parked) = Parked::take()
        {
            return Ok(parked);
        }
        value.serialize(self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Value> {
        let inner = value.serialize(self.deeper()?)?;
        Ok(Value::from([(variant, inner)]))
    }
    fn serialize_seq(self, len: Option<usize>) -> Result<Items> {
        Ok(Items {
            items: Vec::with_capacity(len.unwrap_or(0).min(4096)),
            inner: self.deeper()?,
        })
    }
    fn serialize_tuple(self, len: usize) -> Result<Items> {
        self.serialize_seq(Some(len))
    }
    fn serialize_tuple_struct(self, _: &'static str, len: usize) -> Result<Items> {
        self.serialize_seq(Some(len))
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Variant<Items>> {
        Ok(Variant {
            variant,
            inner: self.deeper()?.serialize_seq(Some(len))?,
        })
    }
    fn serialize_map(self, len: Option<usize>) -> Result<Members> {
        Ok(Members {
            map: Map::with_capacity(len.unwrap_or(0).min(4096)),
            key: None,
            inner: self.deeper()?,
        })
    }
    fn serialize_struct(self, _: &'static str, len: usize) -> Result<Members> {
        self.serialize_map(Some(len))
    }
    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Variant<Members>> {
        Ok(Variant {
            variant,
            inner: self.deeper()?.serialize_map(Some(len))?,
        })
    }
}

pub(super) struct Items {
    items: Vec<Value>,
    inner: Serializer,
}

impl ser::SerializeSeq for Items {
    type Ok = Value;
    type Error = Error;
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.items.push(value.serialize(self.inner)?);
        Ok(())
    }
    fn end(self) -> Result<Value> {
        Ok(Value::List(self.items))
    }
}

impl ser::SerializeTuple for Items {
    type Ok = Value;
    type Error = Error;
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        ser::SerializeSeq::serialize_element(self, value)
    }
    fn end(self) -> Result<Value> {
        ser::SerializeSeq::end(self)
    }
}

impl ser::SerializeTupleStruct for Items {
    type Ok = Value;
    type Error = Error;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        ser::SerializeSeq::serialize_element(self, value)
    }
    fn end(self) -> Result<Value> {
        ser::SerializeSeq::end(self)
    }
}

pub(super) struct Members {
    map: Map,
    key: Option<String>,
    inner: Serializer,
}

impl ser::SerializeMap for Members {
    type Ok = Value;
    type Error = Error;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        self.key = Some(match key.serialize(self.inner)? {
            Value::Str(text) => text,
            Value::Int(number) => number.to_string(),
            Value::Float(number) => number.to_string(),
            Value::Bool(truth) => truth.to_string(),
            other => {
                let message = format!(
                    "a map key must be text or a number, got {}",
                    other.type_name()
                );
                return Err(Error::new(Kind::InvalidArgs, message));
            }
        });
        Ok(())
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        let key = self.key.take().unwrap_or_default();
        self.map.insert(key, value.serialize(self.inner)?);
        Ok(())
    }
    fn end(self) -> Result<Value> {
        Ok(Value::Map(self.map))
    }
}

impl ser::SerializeStruct for Members {
    type Ok = Value;
    type Error = Error;
    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<()> {
        self.map.insert(key, value.serialize(self.inner)?);
        Ok(())
    }
    fn end(self) -> Result<Value> {
        Ok(Value::Map(self.map))
    }
}

/// An enum variant with content: `{variant: content}`.
pub(super) struct Variant<C> {
    variant: &'static str,
    inner: C,
}

impl ser::SerializeTupleVariant for Variant<Items> {
    type Ok = Value;
    type Error = Error;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        ser::SerializeSeq::serialize_element(&mut self.inner, value)
    }
    fn end(self) -> Result<Value> {
        let content = ser::SerializeSeq::end(self.inner)?;
        Ok(Value::from([(self.variant, content)]))
    }
}

impl ser::SerializeStructVariant for Variant<Members> {
    type Ok = Value;
    type Error = Error;
    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<()> {
        ser::SerializeStruct::serialize_field(&mut self.inner, key, value)
    }
    fn end(self) -> Result<Value> {
        let content = ser::SerializeStruct::end(self.inner)?;
        Ok(Value::from([(self.variant, content)]))
    }
}
