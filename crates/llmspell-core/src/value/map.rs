//! Named members in insertion order.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::ops::Index;
use std::sync::LazyLock;

use compact_str::CompactString;
use hashbrown::HashTable;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};

use super::Value;

/// The name of a member. Names of up to 24 bytes need no memory of their own.
pub type Name = CompactString;

/// Members up to which names are compared one after the other; beyond it they are hashed.
const FEW: usize = 32;

/// Whoever can send members cannot choose them so that they collide: the key differs in each process.
static HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// Named members in insertion order.
///
/// Most maps of a run have a handful of members with short names, so members stand in one piece of memory and are
/// found by comparing names; a map with more than thirty-two members keeps a table of places beside them. Two maps are
/// equal if they have the same members, in any order.
#[derive(Clone, Default)]
pub struct Map {
    members: Vec<(Name, Value)>,
    /// Where members stand, by the hash of their names; only for many.
    places: Option<Box<HashTable<usize>>>,
}

impl Map {
    /// Creates an empty map.
    pub const fn new() -> Self {
        Self {
            members: Vec::new(),
            places: None,
        }
    }

    /// Creates an empty map with room for so many members.
    pub fn with_capacity(members: usize) -> Self {
        Self {
            members: Vec::with_capacity(members),
            places: None,
        }
    }

    /// Returns the number of members.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Returns the member of that name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.place(name).map(|place| &self.members[place].1)
    }

    /// Returns the member of that name, to change it.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        let place = self.place(name)?;
        Some(&mut self.members[place].1)
    }

    /// Returns whether there is a member of that name.
    pub fn contains_key(&self, name: &str) -> bool {
        self.place(name).is_some()
    }

    /// Sets a member and returns what it was before. A new one stands last, one that was there stays where it was.
    pub fn insert(&mut self, name: impl Into<Name> + AsRef<str>, value: Value) -> Option<Value> {
        match self.place(name.as_ref()) {
            Some(place) => Some(std::mem::replace(&mut self.members[place].1, value)),
            None => {
                self.push(name.into(), value);
                None
            }
        }
    }

    /// Returns the place of a member, which is there or is to be made.
    pub fn entry(&mut self, name: impl Into<Name>) -> Entry<'_> {
        Entry {
            map: self,
            name: name.into(),
        }
    }

    /// Removes a member and returns it. Those behind it move up.
    pub fn shift_remove(&mut self, name: &str) -> Option<Value> {
        self.shift_remove_entry(name).map(|(_, value)| value)
    }

    /// Removes a member and returns it with its name. Those behind it move up.
    pub fn shift_remove_entry(&mut self, name: &str) -> Option<(Name, Value)> {
        let place = self.place(name)?;
        if let Some(places) = &mut self.places {
            if let Ok(own) = places.find_entry(hash(name), |own| *own == place) {
                own.remove();
            }
            for behind in places.iter_mut().filter(|own| **own > place) {
                *behind -= 1;
            }
        }
        Some(self.members.remove(place))
    }

    /// Removes the last member and returns it with its name.
    pub fn pop(&mut self) -> Option<(Name, Value)> {
        let member = self.members.pop()?;
        if let Some(places) = &mut self.places {
            let last = places.find_entry(hash(&member.0), |place| *place == self.members.len());
            if let Ok(last) = last {
                last.remove();
            }
        }
        Some(member)
    }

    /// Removes the members for which `keep` is false.
    pub fn retain(&mut self, mut keep: impl FnMut(&Name, &mut Value) -> bool) {
        self.members.retain_mut(|(name, value)| keep(name, value));
        self.index();
    }

    /// Removes all members.
    pub fn clear(&mut self) {
        self.members.clear();
        self.places = None;
    }

    /// Keeps the first members, so many.
    pub fn truncate(&mut self, members: usize) {
        self.members.truncate(members);
        self.index();
    }

    /// Orders members by their names.
    pub fn sort_keys(&mut self) {
        self.sort_by(|left, _, right, _| left.cmp(right));
    }

    /// Orders members; those that are equal keep their order.
    pub fn sort_by(
        &mut self,
        mut order: impl FnMut(&Name, &Value, &Name, &Value) -> std::cmp::Ordering,
    ) {
        self.members
            .sort_by(|left, right| order(&left.0, &left.1, &right.0, &right.1));
        self.index();
    }

    /// Returns the first member.
    pub fn first(&self) -> Option<(&Name, &Value)> {
        self.members.first().map(split)
    }

    /// Returns the last member.
    pub fn last(&self) -> Option<(&Name, &Value)> {
        self.members.last().map(split)
    }

    /// Returns the member at that place, counted from 0.
    pub fn get_index(&self, place: usize) -> Option<(&Name, &Value)> {
        self.members.get(place).map(split)
    }

    /// Returns the members in their order.
    pub fn iter(&self) -> Iter<'_> {
        self.members.iter().map(split)
    }

    /// Returns the members in their order, with values to change.
    pub fn iter_mut(&mut self) -> IterMut<'_> {
        self.members.iter_mut().map(split_mut)
    }

    /// Returns the names in their order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &Name> + ExactSizeIterator + Clone {
        self.members.iter().map(|(name, _)| name)
    }

    /// Returns the values in their order.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &Value> + ExactSizeIterator + Clone {
        self.members.iter().map(|(_, value)| value)
    }

    /// Returns the values in their order, to change them.
    pub fn values_mut(
        &mut self,
    ) -> impl DoubleEndedIterator<Item = &mut Value> + ExactSizeIterator {
        self.members.iter_mut().map(|(_, value)| value)
    }

    /// Returns the names in their order, without the values.
    pub fn into_keys(self) -> impl DoubleEndedIterator<Item = Name> + ExactSizeIterator {
        self.members.into_iter().map(|(name, _)| name)
    }

    /// Returns the values in their order, without the names.
    pub fn into_values(self) -> impl DoubleEndedIterator<Item = Value> + ExactSizeIterator {
        self.members.into_iter().map(|(_, value)| value)
    }

    fn place(&self, name: &str) -> Option<usize> {
        match &self.places {
            None => self
                .members
                .iter()
                .position(|(own, _)| own.as_bytes() == name.as_bytes()),
            Some(places) => places
                .find(hash(name), |place| self.members[*place].0 == name)
                .copied(),
        }
    }

    /// Adds a member of which there is none yet.
    fn push(&mut self, name: Name, value: Value) {
        if let Some(places) = &mut self.places {
            let members = &self.members;
            places.insert_unique(hash(&name), members.len(), |place| hash(&members[*place].0));
        }
        self.members.push((name, value));
        if self.places.is_none() && self.members.len() > FEW {
            self.index();
        }
    }

    /// Returns whether no name stands there twice.
    fn is_distinct(&self) -> bool {
        let mut members = self.members.iter().enumerate();
        members.all(|(at, (name, _))| self.members[..at].iter().all(|(other, _)| other != name))
    }

    /// Makes the table of places anew, if there are many members.
    fn index(&mut self) {
        self.places = (self.members.len() > FEW).then(|| {
            let mut places = HashTable::with_capacity(self.members.len());
            for (place, (name, _)) in self.members.iter().enumerate() {
                places.insert_unique(hash(name), place, |place| hash(&self.members[*place].0));
            }
            Box::new(places)
        });
    }
}

/// The place of a member that is there or is to be made.
#[derive(Debug)]
pub struct Entry<'a> {
    map: &'a mut Map,
    name: Name,
}

impl<'a> Entry<'a> {
    /// Returns the member; if it is not there, `value` is put there as the last one.
    pub fn or_insert(self, value: Value) -> &'a mut Value {
        self.or_insert_with(|| value)
    }

    /// Returns the member; if it is not there, what `make` returns is put there as the last one.
    pub fn or_insert_with(self, make: impl FnOnce() -> Value) -> &'a mut Value {
        let place = match self.map.place(&self.name) {
            Some(place) => place,
            None => {
                self.map.push(self.name, make());
                self.map.len() - 1
            }
        };
        &mut self.map.members[place].1
    }
}

fn hash(name: &str) -> u64 {
    HASHER.hash_one(name)
}

fn split(member: &(Name, Value)) -> (&Name, &Value) {
    (&member.0, &member.1)
}

fn split_mut(member: &mut (Name, Value)) -> (&Name, &mut Value) {
    (&member.0, &mut member.1)
}

/// The members of a [`Map`] in their order.
pub type Iter<'a> =
    std::iter::Map<std::slice::Iter<'a, (Name, Value)>, fn(&(Name, Value)) -> (&Name, &Value)>;

/// The members of a [`Map`] in their order, with values to change.
pub type IterMut<'a> = std::iter::Map<
    std::slice::IterMut<'a, (Name, Value)>,
    fn(&mut (Name, Value)) -> (&Name, &mut Value),
>;

impl IntoIterator for Map {
    type Item = (Name, Value);
    type IntoIter = std::vec::IntoIter<(Name, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.members.into_iter()
    }
}

impl<'a> IntoIterator for &'a Map {
    type Item = (&'a Name, &'a Value);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a> IntoIterator for &'a mut Map {
    type Item = (&'a Name, &'a mut Value);
    type IntoIter = IterMut<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

impl<N: Into<Name> + AsRef<str>> FromIterator<(N, Value)> for Map {
    fn from_iter<I: IntoIterator<Item = (N, Value)>>(members: I) -> Self {
        let mut map = Self::new();
        map.extend(members);
        map
    }
}

/// Makes a map of members whose names differ, as they do where they are written out; a debug build looks.
impl<N: Into<Name> + AsRef<str>, const COUNT: usize> From<[(N, Value); COUNT]> for Map {
    fn from(members: [(N, Value); COUNT]) -> Self {
        let members = members.into_iter();
        let mut map = Self {
            members: members.map(|(name, value)| (name.into(), value)).collect(),
            places: None,
        };
        debug_assert!(map.is_distinct(), "a name stands there twice");
        Self::index(&mut map);
        map
    }
}

impl<N: Into<Name> + AsRef<str>> Extend<(N, Value)> for Map {
    fn extend<I: IntoIterator<Item = (N, Value)>>(&mut self, members: I) {
        let members = members.into_iter();
        self.members.reserve(members.size_hint().0);
        for (name, value) in members {
            self.insert(name, value);
        }
    }
}

impl Index<&str> for Map {
    type Output = Value;

    /// Returns the member of that name.
    ///
    /// - Panics: if there is none.
    fn index(&self, name: &str) -> &Value {
        match self.get(name) {
            Some(value) => value,
            None => panic!("no member '{name}'"),
        }
    }
}

impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self.iter().zip(other).all(|((name, value), beside)| {
                // Most maps that are compared have the same order.
                if name == beside.0 {
                    value == beside.1
                } else {
                    other.get(name) == Some(value)
                }
            })
    }
}

impl fmt::Debug for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

impl Serialize for Map {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self)
    }
}

impl<'de> Deserialize<'de> for Map {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Map;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<Map, A::Error> {
        read(access)
    }
}

/// Reads members; of two with one name the second is taken.
pub(super) fn read<'de, A: MapAccess<'de>>(mut access: A) -> Result<Map, A::Error> {
    let mut map = Map::with_capacity(access.size_hint().unwrap_or(0).min(4096));
    while let Some((name, value)) = access.next_entry::<Name, Value>()? {
        map.insert(name, value);
    }
    Ok(map)
}

impl JsonSchema for Map {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Map".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        <std::collections::BTreeMap<String, Value>>::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use indexmap::IndexMap;
    use proptest::prelude::*;

    use super::*;

    /// What may be done to a map.
    #[derive(Clone, Debug)]
    enum Step {
        Insert(u8, i64),
        Remove(u8),
        Retain(i64),
        Pop,
        Truncate(usize),
        Sort,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            8 => (any::<u8>(), any::<i64>()).prop_map(|(name, value)| Step::Insert(name % 40, value)),
            2 => any::<u8>().prop_map(|name| Step::Remove(name % 40)),
            1 => any::<i64>().prop_map(Step::Retain),
            1 => Just(Step::Pop),
            1 => (0_usize..40).prop_map(Step::Truncate),
            1 => Just(Step::Sort),
        ]
    }

    /// Names on both sides of what a name holds in itself.
    fn name(number: u8) -> String {
        match number % 3 {
            0 => number.to_string(),
            1 => format!("a name of more than 24 bytes: {number}"),
            _ => format!("{number:024}"),
        }
    }

    proptest! {
        #[test]
        fn it_does_what_an_ordered_map_does(steps in prop::collection::vec(step(), 0..120)) {
            let (mut map, mut model) = (Map::new(), IndexMap::<String, Value>::new());
            for step in steps {
                match step {
                    Step::Insert(number, value) => {
                        let value = Value::Int(value);
                        prop_assert_eq!(map.insert(name(number), value.clone()), model.insert(name(number), value));
                    }
                    Step::Remove(number) => {
                        prop_assert_eq!(map.shift_remove(&name(number)), model.shift_remove(&name(number)));
                    }
                    Step::Retain(least) => {
                        map.retain(|_, value| value.as_int() > Some(least));
                        model.retain(|_, value| value.as_int() > Some(least));
                    }
                    Step::Pop => {
                        let popped = map.pop().map(|(name, value)| (name.to_string(), value));
                        prop_assert_eq!(popped, model.pop());
                    }
                    Step::Truncate(length) => {
                        map.truncate(length);
                        model.truncate(length);
                    }
                    Step::Sort => {
                        map.sort_keys();
                        model.sort_keys();
                    }
                }
                let (ours, theirs) = (map.iter(), model.iter());
                prop_assert!(ours.map(|(name, value)| (name.as_str(), value))
                    .eq(theirs.map(|(name, value)| (name.as_str(), value))));
                for number in 0..40 {
                    prop_assert_eq!(map.get(&name(number)), model.get(&name(number)));
                }
            }
            let turned: Map = map.clone().into_iter().rev().collect();
            prop_assert_eq!(&turned, &map);
        }
    }

    #[test]
    fn maps_differ_by_a_name_or_a_value() {
        let map = |members: &[(&str, i64)]| -> Map {
            members
                .iter()
                .map(|(name, value)| (*name, Value::Int(*value)))
                .collect()
        };
        assert_eq!(map(&[("a", 1), ("b", 2)]), map(&[("b", 2), ("a", 1)]));
        assert_ne!(map(&[("a", 1), ("b", 2)]), map(&[("a", 1), ("c", 2)]));
        assert_ne!(map(&[("a", 1)]), map(&[("a", 2)]));
        assert_ne!(map(&[("a", 1)]), map(&[]));
    }

    #[test]
    fn a_value_is_small() {
        assert!(size_of::<Value>() <= 32, "{}", size_of::<Value>());
    }
}
