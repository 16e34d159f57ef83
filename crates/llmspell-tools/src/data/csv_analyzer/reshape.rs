//! Tables made of the rows of another one.

use std::collections::{HashSet, VecDeque};

use csv::ByteRecord;
use llmspell_core::{Cx, Kind, Map, Result, Value, error};
use xxhash_rust::xxh3::xxh3_128;

use super::cell::{Cell, order};
use super::column::Dice;
use super::filter::Filter;
use super::table::{Table, column};
use crate::param::refused;
use crate::util::calculator::Expression;

/// Takes the rows of the result.
pub(super) type Emit<'a> = &'a mut dyn FnMut(&ByteRecord) -> Result<()>;

/// The rows of a table that fit a condition.
pub(super) struct Rows<'a> {
    pub(super) table: &'a mut Table,
    pub(super) filter: Option<Filter>,
}

impl Rows<'_> {
    /// Reads the next row, and returns false at the end.
    pub(super) fn next(&mut self, row: &mut ByteRecord) -> Result<bool> {
        while self.table.next(row)? {
            if self.filter.as_ref().is_none_or(|filter| filter.fits(row)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Passes every row on.
    pub(super) fn all(&mut self, emit: Emit<'_>) -> Result<()> {
        let mut row = ByteRecord::new();
        while self.next(&mut row)? {
            emit(&row)?;
        }
        Ok(())
    }

    /// Passes the first rows on.
    pub(super) fn head(&mut self, size: usize, emit: Emit<'_>) -> Result<()> {
        let mut row = ByteRecord::new();
        for _ in 0..size {
            if !self.next(&mut row)? {
                break;
            }
            emit(&row)?;
        }
        Ok(())
    }

    /// Passes the last rows on.
    pub(super) fn tail(&mut self, size: usize, emit: Emit<'_>) -> Result<()> {
        let mut last = VecDeque::new();
        let mut row = ByteRecord::new();
        while self.next(&mut row)? {
            if size > 0 {
                if last.len() == size {
                    last.pop_front();
                }
                last.push_back(row.clone());
            }
        }
        last.iter().try_for_each(emit)
    }

    /// Passes an even choice of rows on, in their order; the same for the same table.
    pub(super) fn sample(&mut self, size: usize, emit: Emit<'_>) -> Result<()> {
        let (mut kept, mut dice, mut row) = (Vec::new(), Dice::default(), ByteRecord::new());
        let mut seen = 0_u64;
        while self.next(&mut row)? {
            seen += 1;
            if kept.len() < size {
                kept.push((seen, row.clone()));
                continue;
            }
            let place = usize::try_from(dice.below(seen)).ok();
            if let Some(slot) = place.and_then(|place| kept.get_mut(place)) {
                *slot = (seen, row.clone());
            }
        }
        kept.sort_by_key(|(place, _)| *place);
        kept.iter().try_for_each(|(_, row)| emit(row))
    }

    /// Passes the rows on, ordered by columns, each up or down; equal ones keep their order.
    pub(super) fn sort(&mut self, by: &[(usize, bool)], cx: &Cx, emit: Emit<'_>) -> Result<()> {
        let (mut rows, mut row) = (Vec::new(), ByteRecord::new());
        while self.next(&mut row)? {
            rows.push(row.clone());
        }
        cx.check()?;
        let key = |row| {
            by.iter()
                .map(|(column, _)| part(row, *column))
                .collect::<Vec<_>>()
        };
        let mut keyed: Vec<_> = rows.iter().map(|row| (key(row), row)).collect();
        keyed.sort_by(|(left, _), (right, _)| {
            let parts = left.iter().zip(right).zip(by);
            parts
                .map(|((left, right), (_, down))| order(*left, *right, *down))
                .find(|order| order.is_ne())
                .unwrap_or(std::cmp::Ordering::Equal)
        });
        cx.check()?;
        keyed.into_iter().try_for_each(|(_, row)| emit(row))
    }

    /// Passes each row on whose cells in these columns were not seen before.
    pub(super) fn dedupe(&mut self, by: &[usize], emit: Emit<'_>) -> Result<()> {
        let (mut seen, mut row, mut key) = (HashSet::new(), ByteRecord::new(), Vec::new());
        while self.next(&mut row)? {
            key_of(&row, by, &mut key);
            if seen.insert(xxh3_128(&key)) {
                emit(&row)?;
            }
        }
        Ok(())
    }
}

fn part(row: &ByteRecord, column: usize) -> (Cell<'_>, &[u8]) {
    (Cell::read(&row[column]), &row[column])
}

/// Writes the cells of some columns so that no two different rows give the same bytes.
pub(super) fn key_of(row: &ByteRecord, columns: &[usize], key: &mut Vec<u8>) {
    key.clear();
    for &column in columns {
        let cell = &row[column];
        key.extend((cell.len() as u64).to_le_bytes());
        key.extend(cell);
    }
}

/// Columns that are added, dropped and renamed.
pub(super) struct Transform {
    added: Vec<Computed>,
    kept: Vec<usize>,
    /// The columns of the result.
    pub(super) header: Vec<String>,
}

struct Computed {
    name: String,
    expression: Expression,
    /// Columns by the name that the expression has for them.
    inputs: Vec<(String, usize)>,
    /// The column that is replaced.
    over: Option<usize>,
}

/// Longest expression, in bytes.
const MAX_EXPRESSION: usize = 1_000;

impl Transform {
    /// Prepares the change of a table with these columns. Expressions see the columns as they were; then columns are
    /// dropped, then renamed.
    pub(super) fn new(
        header: &[String],
        added: Option<&Map>,
        dropped: &[String],
        renamed: Option<&Map>,
    ) -> Result<Self> {
        let added = added
            .into_iter()
            .flatten()
            .map(|(name, expression)| Computed::new(header, name, expression))
            .collect::<Result<Vec<_>>>()?;
        let dropped = dropped
            .iter()
            .map(|name| column(header, "drop_columns", name))
            .collect::<Result<HashSet<_>>>()?;
        let kept: Vec<usize> = (0..header.len())
            .filter(|index| !dropped.contains(index))
            .collect();
        let mut names: Vec<String> = kept.iter().map(|&index| header[index].clone()).collect();
        names.extend(
            added
                .iter()
                .filter(|column| column.over.is_none())
                .map(|column| column.name.clone()),
        );
        for (from, to) in renamed.into_iter().flatten() {
            let Some(to) = to.as_str() else {
                let message = format!(
                    "rename_columns.{from} must be string, got {}",
                    to.type_name()
                );
                return Err(refused("rename_columns", message).misshapen());
            };
            let place = column(&names, "rename_columns", from)?;
            to.clone_into(&mut names[place]);
        }
        let mut distinct = HashSet::new();
        if let Some(twice) = names.iter().find(|name| !distinct.insert(name.as_str())) {
            return Err(refused(
                "rename_columns",
                format!("two columns would be called '{twice}'"),
            ));
        }
        Ok(Self {
            added,
            kept,
            header: names,
        })
    }

    /// Returns a row of the result.
    pub(super) fn apply(&self, row: &ByteRecord, number: u64) -> Result<ByteRecord> {
        let mut over = Vec::new();
        let mut new = Vec::new();
        for column in &self.added {
            let text = column.compute(row, number)?;
            match column.over {
                Some(place) => over.push((place, text)),
                None => new.push(text),
            }
        }
        let mut result = ByteRecord::new();
        for &place in &self.kept {
            let changed = over.iter().find(|(changed, _)| *changed == place);
            result.push_field(changed.map_or(&row[place], |(_, text)| text.as_bytes()));
        }
        for text in &new {
            result.push_field(text.as_bytes());
        }
        Ok(result)
    }
}

impl Computed {
    fn new(header: &[String], name: &str, expression: &Value) -> Result<Self> {
        let text = match expression {
            Value::Str(text) => text.clone(),
            Value::Int(_) | Value::Float(_) | Value::Bool(_) => expression.to_string(),
            other => {
                let message = format!(
                    "add_columns.{name} must be string, got {}",
                    other.type_name()
                );
                return Err(refused("add_columns", message).misshapen());
            }
        };
        if text.len() > MAX_EXPRESSION {
            return Err(error!(
                Limit,
                "add_columns.{name} is longer than {MAX_EXPRESSION} bytes"
            )
            .with("limit", MAX_EXPRESSION));
        }
        let (text, mut inputs) = backticks(header, &text)?;
        let expression = Expression::compile(&text)?;
        for used in expression.names() {
            let known = inputs.iter().any(|(known, _)| known == used);
            let named = header.iter().position(|known| known == used);
            match named {
                _ if known => {}
                Some(place) => inputs.push((used.to_owned(), place)),
                None if Expression::is_constant(used) => {}
                None => {
                    column(header, "add_columns", used)?;
                }
            }
        }
        Ok(Self {
            over: header.iter().position(|known| known == name),
            name: name.to_owned(),
            expression,
            inputs,
        })
    }

    fn compute(&self, row: &ByteRecord, number: u64) -> Result<String> {
        let mut variables = Map::new();
        for (name, place) in &self.inputs {
            let value = match Cell::read(&row[*place]) {
                Cell::Null => return Ok(String::new()),
                Cell::Int(number) => Value::Int(number),
                Cell::Float(number) => Value::Float(number),
                Cell::Bool(truth) => Value::Bool(truth),
                _ => {
                    let shown = String::from_utf8_lossy(&row[*place]);
                    return Err(error!(
                        Execution,
                        "row {number}: column '{}' cannot be computed: '{shown:.50}' in '{name}' is no number",
                        self.name
                    )
                    .with("row", number));
                }
            };
            variables.insert(name.clone(), value);
        }
        match self.expression.evaluate(&variables) {
            Ok(Value::Str(text)) => Ok(text),
            Ok(Value::List(_)) => Err(error!(
                Execution,
                "row {number}: column '{}' is a list", self.name
            )),
            Ok(Value::Float(number)) => Ok(number.to_string()),
            Ok(value) => Ok(value.to_string()),
            Err(failed) => {
                let kind = match failed.kind() {
                    Kind::Bug => Kind::Bug,
                    Kind::Limit => Kind::Limit,
                    _ => Kind::Execution,
                };
                let message = format!("row {number}: column '{}': {}", self.name, failed.message());
                Err(llmspell_core::Error::new(kind, message).with("row", number))
            }
        }
    }
}

/// Replaces names in backticks by ones that an expression may have.
fn backticks(header: &[String], text: &str) -> Result<(String, Vec<(String, usize)>)> {
    let (mut plain, mut inputs) = (String::new(), Vec::new());
    for (index, part) in text.split('`').enumerate() {
        if index.is_multiple_of(2) {
            plain.push_str(part);
            continue;
        }
        let place = column(header, "add_columns", part)?;
        let name = format!("column_{place}_");
        plain.push_str(&name);
        inputs.push((name, place));
    }
    if !text.matches('`').count().is_multiple_of(2) {
        return Err(refused("add_columns", "a '`' is not closed"));
    }
    Ok((plain, inputs))
}
