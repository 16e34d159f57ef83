//! Tables as rows of objects.

use std::collections::HashMap;

use dom_query::NodeRef;
use llmspell_core::{Map, Value};

use crate::page::table::{cells, own_rows, span};
use crate::page::{Page, folded, text};

/// Most cells of a page.
const MAX_CELLS: usize = 200_000;

/// Returns each table as a list of rows, each an object by the names of the columns.
///
/// The names are those of the row of `th`, or `column_1`, `column_2`, …; cells that cover several places are in each.
pub(super) fn tables(page: &Page) -> Value {
    let mut left = MAX_CELLS;
    let tables = page.all("table").into_iter().map(|table| {
        let (head, rows) = grid(&table, &mut left);
        rows_of(head, rows)
    });
    tables.collect()
}

type Row = Vec<String>;

/// Returns the names of the columns, if the table has such a row, and the rows below.
fn grid(table: &NodeRef<'_>, left: &mut usize) -> (Option<Row>, Vec<Row>) {
    let mut head = None;
    let mut rows: Vec<Row> = Vec::new();
    // Cells that reach into the rows below: column to text and how many rows are left.
    let mut hanging: HashMap<usize, (String, usize)> = HashMap::new();
    for tr in own_rows(table) {
        let cells = cells(&tr);
        let is_head = head.is_none()
            && rows.is_empty()
            && !cells.is_empty()
            && cells.iter().all(|cell| cell.has_name("th"));
        let mut row = Row::new();
        for cell in &cells {
            fill(&mut row, &mut hanging);
            let content = folded(&text(cell));
            let (columns, down) = (span(cell, "colspan"), span(cell, "rowspan"));
            for _ in 0..columns.min(*left) {
                if down > 1 {
                    hanging.insert(row.len(), (content.clone(), down - 1));
                }
                row.push(content.clone());
                *left -= 1;
            }
        }
        fill(&mut row, &mut hanging);
        match is_head {
            true => head = Some(row),
            false if row.is_empty() => {}
            false => rows.push(row),
        }
    }
    (head, rows)
}

/// Puts what hangs down from above into the next places of a row.
fn fill(row: &mut Row, hanging: &mut HashMap<usize, (String, usize)>) {
    while let Some((content, rows)) = hanging.remove(&row.len()) {
        if rows > 1 {
            hanging.insert(row.len(), (content.clone(), rows - 1));
        }
        row.push(content);
    }
}

fn rows_of(head: Option<Row>, rows: Vec<Row>) -> Value {
    let mut names: Vec<String> = Vec::new();
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    let head = head.unwrap_or_default();
    for column in 0..width.max(head.len()) {
        let name = head.get(column).filter(|name| !name.is_empty()).cloned();
        names.push(unique(
            &names,
            name.unwrap_or_else(|| format!("column_{}", column + 1)),
        ));
    }
    let object = |row: Row| {
        let cells = names.iter().cloned().zip(row.into_iter().map(Value::from));
        Value::Map(cells.collect::<Map>())
    };
    rows.into_iter().map(object).collect()
}

fn unique(taken: &[String], name: String) -> String {
    if !taken.contains(&name) {
        return name;
    }
    let mut number = 2;
    while taken.contains(&format!("{name}_{number}")) {
        number += 1;
    }
    format!("{name}_{number}")
}
