//! Groups of rows and what they come to.

use std::collections::{HashMap, HashSet};

use csv::ByteRecord;
use llmspell_core::{Map, Result, Value, error};
use xxhash_rust::xxh3::xxh3_64;

use super::cell::{Cell, order};
use super::column::percentile;
use super::reshape::{Emit, Rows, key_of};
use super::table::column;
use crate::choice::choose;
use crate::param::refused;

/// Most groups.
const MAX_GROUPS: usize = 1_000_000;

const FUNCTIONS: &[&[&str]] = &[
    &["count"],
    &["sum"],
    &["mean", "avg", "average"],
    &["min"],
    &["max"],
    &["median"],
    &["std_dev", "std", "stddev"],
    &["first"],
    &["last"],
    &["unique", "count_distinct", "nunique"],
    &["list", "concat"],
];

/// What is computed of each group.
struct Aggregation {
    name: String,
    function: &'static str,
    /// None counts rows.
    column: Option<usize>,
}

/// The way of grouping a table.
pub(super) struct Grouping {
    by: Vec<usize>,
    aggregations: Vec<Aggregation>,
    /// The columns of the result.
    pub(super) header: Vec<String>,
}

impl Grouping {
    /// Prepares to group by columns. Without aggregations the rows are counted.
    pub(super) fn new(
        header: &[String],
        by: &[String],
        aggregations: Option<&Map>,
    ) -> Result<Self> {
        let by = by
            .iter()
            .map(|name| column(header, "group_by", name))
            .collect::<Result<Vec<_>>>()?;
        let mut aggregations = aggregations
            .into_iter()
            .flatten()
            .map(|(name, text)| aggregation(header, name, text))
            .collect::<Result<Vec<_>>>()?;
        if aggregations.is_empty() {
            aggregations.push(Aggregation {
                name: "count".to_owned(),
                function: "count",
                column: None,
            });
        }
        let names = by.iter().map(|&place| header[place].clone());
        let names: Vec<String> = names
            .chain(
                aggregations
                    .iter()
                    .map(|aggregation| aggregation.name.clone()),
            )
            .collect();
        Ok(Self {
            by,
            aggregations,
            header: names,
        })
    }

    /// Passes a row for each group on, in the order in which the groups appear.
    pub(super) fn run(&self, rows: &mut Rows<'_>, emit: Emit<'_>) -> Result<()> {
        let mut places: HashMap<Vec<u8>, usize> = HashMap::new();
        let mut groups: Vec<(ByteRecord, Vec<Gathered>)> = Vec::new();
        let (mut row, mut key) = (ByteRecord::new(), Vec::new());
        let fresh = || vec![Gathered::default(); self.aggregations.len()];
        if self.by.is_empty() {
            places.insert(Vec::new(), 0);
            groups.push((ByteRecord::new(), fresh()));
        }
        while rows.next(&mut row)? {
            key_of(&row, &self.by, &mut key);
            let place = match places.get(&key) {
                Some(place) => *place,
                None => {
                    if groups.len() == MAX_GROUPS {
                        return Err(error!(Limit, "there are more than {MAX_GROUPS} groups")
                            .with("limit", MAX_GROUPS));
                    }
                    places.insert(key.clone(), groups.len());
                    groups.push((
                        self.by.iter().map(|&column| &row[column]).collect(),
                        fresh(),
                    ));
                    groups.len() - 1
                }
            };
            for (aggregation, gathered) in self.aggregations.iter().zip(&mut groups[place].1) {
                match aggregation.column {
                    None => gathered.count += 1,
                    Some(column) => gathered.add(aggregation.function, &row[column]),
                }
            }
        }
        for (mut row, gathered) in groups {
            for (aggregation, mut gathered) in self.aggregations.iter().zip(gathered) {
                row.push_field(gathered.result(aggregation.function).as_bytes());
            }
            emit(&row)?;
        }
        Ok(())
    }
}

/// Reads `sum(col)`.
fn aggregation(header: &[String], name: &str, text: &Value) -> Result<Aggregation> {
    let Some(text) = text.as_str() else {
        let message = format!(
            "aggregations.{name} must be string, got {}",
            text.type_name()
        );
        return Err(refused("aggregations", message).misshapen());
    };
    let parts = text
        .trim()
        .strip_suffix(')')
        .and_then(|start| start.split_once('('));
    let Some((function, inner)) = parts else {
        let message = format!("aggregations.{name} must be like 'sum(column)', got '{text:.100}'");
        return Err(refused("aggregations", message));
    };
    let function = choose("aggregations", function, FUNCTIONS)?;
    let inner = inner.trim().trim_matches('`');
    let column = match inner {
        "" | "*" if function == "count" => None,
        "" => {
            return Err(refused(
                "aggregations",
                format!("aggregations.{name} names no column"),
            ));
        }
        named => Some(column(header, "aggregations", named)?),
    };
    Ok(Aggregation {
        name: name.to_owned(),
        function,
        column,
    })
}

/// What was seen of a column in a group.
#[derive(Clone, Default)]
struct Gathered {
    count: u64,
    whole: i128,
    broken: f64,
    is_broken: bool,
    numbers: Vec<f64>,
    text: Option<Vec<u8>>,
    unique: HashSet<u64>,
    list: Vec<Vec<u8>>,
}

impl Gathered {
    fn add(&mut self, function: &str, text: &[u8]) {
        let cell = Cell::read(text);
        if cell == Cell::Null {
            return;
        }
        match function {
            "count" => self.count += 1,
            "sum" | "mean" => match cell {
                Cell::Int(number) => {
                    self.count += 1;
                    self.whole += i128::from(number);
                }
                Cell::Float(number) => {
                    self.count += 1;
                    self.broken += number;
                    self.is_broken = true;
                }
                _ => {}
            },
            "median" | "std_dev" => self.numbers.extend(cell.number()),
            "min" => self.keep(cell, text, true),
            "max" => self.keep(cell, text, false),
            "first" if self.text.is_some() => {}
            "first" | "last" => self.text = Some(text.to_vec()),
            "unique" => {
                self.unique.insert(xxh3_64(text));
            }
            _ => self.list.push(text.to_vec()),
        }
    }

    /// Keeps the smaller or the larger; a number stands before any text.
    fn keep(&mut self, cell: Cell<'_>, text: &[u8], least: bool) {
        let better = match self.text.as_deref() {
            None => true,
            Some(kept) => {
                let held = Cell::read(kept);
                match (cell.number().is_some(), held.number().is_some()) {
                    (true, false) => true,
                    (false, true) => false,
                    _ if least => order((cell, text), (held, kept), false).is_lt(),
                    _ => order((cell, text), (held, kept), false).is_gt(),
                }
            }
        };
        if better {
            self.text = Some(text.to_vec());
        }
    }

    /// Returns the result as the text of a cell; what has no value is empty.
    fn result(&mut self, function: &str) -> String {
        let count = self.count as f64;
        let shown = |number: f64| match number.is_finite() {
            true => number.to_string(),
            false => String::new(),
        };
        match function {
            "count" => self.count.to_string(),
            "sum" if self.is_broken => shown(self.whole as f64 + self.broken),
            "sum" => self.whole.to_string(),
            "mean" => shown((self.whole as f64 + self.broken) / count),
            "median" => shown(percentile(&mut self.numbers, 50)),
            "std_dev" => {
                let count = self.numbers.len() as f64;
                let mean = self.numbers.iter().sum::<f64>() / count;
                let squares: f64 = self
                    .numbers
                    .iter()
                    .map(|number| (number - mean).powi(2))
                    .sum();
                shown((squares / count).sqrt())
            }
            "unique" => self.unique.len().to_string(),
            "list" => {
                let texts: Vec<_> = self
                    .list
                    .iter()
                    .map(|text| String::from_utf8_lossy(text))
                    .collect();
                texts.join(", ")
            }
            _ => self
                .text
                .as_deref()
                .map(|text| String::from_utf8_lossy(text).into_owned())
                .unwrap_or_default(),
        }
    }
}
