//! Two tables side by side.

use std::collections::HashMap;

use csv::ByteRecord;
use llmspell_core::{Result, Value};

use super::reshape::{Emit, Rows, key_of};
use super::table::{Table, column};
use crate::param::refused;

/// The ways of joining.
pub(super) const WAYS: &[&[&str]] = &[
    &["inner"],
    &["left"],
    &["right"],
    &["full", "outer", "full_outer"],
    &["semi"],
    &["anti"],
];

/// The second table of a join, held in memory.
pub(super) struct Join {
    way: &'static str,
    keys: Vec<usize>,
    other_keys: Vec<usize>,
    /// The columns of the other table that the result has.
    others: Vec<usize>,
    width: usize,
    rows: Vec<ByteRecord>,
    places: HashMap<Vec<u8>, Vec<usize>>,
    /// The columns of the result.
    pub(super) header: Vec<String>,
}

impl Join {
    /// Reads the other table. Rows belong together whose cells in the columns `on` are equal and not empty.
    pub(super) fn new(
        header: &[String],
        other: &mut Table,
        on: &Value,
        way: &'static str,
    ) -> Result<Self> {
        let pairs = pairs(on)?;
        let side = |header: &[String], names: Vec<&String>| {
            names
                .into_iter()
                .map(|name| column(header, "on", name))
                .collect::<Result<Vec<_>>>()
        };
        let keys = side(header, pairs.iter().map(|(left, _)| left).collect())?;
        let other_keys = side(
            &other.header,
            pairs.iter().map(|(_, right)| right).collect(),
        )?;
        let mut names = header.to_vec();
        let mut others = Vec::new();
        if !matches!(way, "semi" | "anti") {
            for (place, name) in other.header.iter().enumerate() {
                if other_keys.contains(&place) {
                    continue;
                }
                let mut name = name.clone();
                while names.contains(&name) {
                    name.push_str("_right");
                }
                names.push(name);
                others.push(place);
            }
        }
        let (mut rows, mut row, mut key) = (Vec::new(), ByteRecord::new(), Vec::new());
        let mut places: HashMap<Vec<u8>, Vec<usize>> = HashMap::new();
        while other.next(&mut row)? {
            if !is_empty(&row, &other_keys) {
                key_of(&row, &other_keys, &mut key);
                places.entry(key.clone()).or_default().push(rows.len());
            }
            rows.push(row.clone());
        }
        Ok(Self {
            way,
            keys,
            other_keys,
            others,
            width: header.len(),
            rows,
            places,
            header: names,
        })
    }

    /// Passes the joined rows on: in the order of the first table, then what only the second one has.
    pub(super) fn run(&self, first: &mut Rows<'_>, emit: Emit<'_>) -> Result<()> {
        let (mut row, mut key) = (ByteRecord::new(), Vec::new());
        let mut used = vec![false; self.rows.len()];
        while first.next(&mut row)? {
            let found = match is_empty(&row, &self.keys) {
                true => None,
                false => {
                    key_of(&row, &self.keys, &mut key);
                    self.places.get(&key)
                }
            };
            match (self.way, found) {
                ("semi", Some(_)) | ("anti", None) => emit(&row)?,
                ("semi" | "anti", _) | ("inner" | "right", None) => {}
                (_, None) => {
                    for _ in &self.others {
                        row.push_field(b"");
                    }
                    emit(&row)?;
                }
                (_, Some(places)) => {
                    for &place in places {
                        used[place] = true;
                        let mut joined = row.clone();
                        for &column in &self.others {
                            joined.push_field(&self.rows[place][column]);
                        }
                        emit(&joined)?;
                    }
                }
            }
        }
        if !matches!(self.way, "right" | "full") {
            return Ok(());
        }
        let alone = self.rows.iter().zip(used).filter(|(_, used)| !used);
        for (other, _) in alone {
            let mut joined = ByteRecord::new();
            for place in 0..self.width {
                let key = self.keys.iter().position(|key| *key == place);
                joined.push_field(key.map_or(&b""[..], |key| &other[self.other_keys[key]]));
            }
            for &column in &self.others {
                joined.push_field(&other[column]);
            }
            emit(&joined)?;
        }
        Ok(())
    }
}

fn is_empty(row: &ByteRecord, columns: &[usize]) -> bool {
    columns.iter().all(|&column| row[column].is_empty())
}

/// Reads `on`: a name, a list of names, or an object from names to names.
fn pairs(on: &Value) -> Result<Vec<(String, String)>> {
    let unfit = |got: &Value| {
        let message = format!("parameter 'on' must name columns, got {}", got.type_name());
        refused("on", message).misshapen()
    };
    let name = |value: &Value| {
        value
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| unfit(value))
    };
    let pairs = match on {
        Value::List(names) => names
            .iter()
            .map(|value| name(value).map(|name| (name.clone(), name)))
            .collect::<Result<Vec<_>>>()?,
        Value::Map(names) => names
            .iter()
            .map(|(left, right)| Ok((left.to_string(), name(right)?)))
            .collect::<Result<Vec<_>>>()?,
        other => name(other).map(|name| vec![(name.clone(), name)])?,
    };
    match pairs.is_empty() {
        true => Err(refused("on", "parameter 'on' names no column")),
        false => Ok(pairs),
    }
}
