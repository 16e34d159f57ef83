//! How much memory data takes.

use super::{Map, Name, Value};

impl Value {
    /// Returns roughly how much memory it takes (bytes).
    pub fn footprint(&self) -> usize {
        size_of::<Self>() + self.beyond()
    }

    /// Returns roughly how much memory it takes beyond its own place.
    fn beyond(&self) -> usize {
        match self {
            Self::Str(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
            Self::List(items) => {
                let beyond: usize = items.iter().map(Self::beyond).sum();
                size_of_val(items.as_slice()) + beyond
            }
            Self::Map(members) => members.footprint(),
            _ => 0,
        }
    }
}

impl Map {
    /// Returns roughly how much memory its members take (bytes).
    pub fn footprint(&self) -> usize {
        let beyond: usize = self.values().map(Value::beyond).sum();
        self.len() * size_of::<(Name, Value)>() + beyond
    }
}
