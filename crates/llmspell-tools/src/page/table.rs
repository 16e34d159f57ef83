//! Tables, and their cells that cover several places.

use dom_query::{Document, NodeRef};

/// Most columns and rows that one cell covers.
const MAX_SPAN: usize = 100;

/// Most cells that are added to a page.
const MAX_ADDED: usize = 200_000;

/// Returns the rows of a table without those of tables in its cells.
pub(crate) fn own_rows<'a>(table: &NodeRef<'a>) -> Vec<NodeRef<'a>> {
    let parts = table.element_children().into_iter();
    parts
        .flat_map(|part| match part.has_name("tr") {
            true => vec![part],
            false => part.element_children(),
        })
        .filter(|node| node.has_name("tr"))
        .collect()
}

/// Returns the cells of a row.
pub(crate) fn cells<'a>(row: &NodeRef<'a>) -> Vec<NodeRef<'a>> {
    let is_cell = |node: &NodeRef<'_>| node.has_name("td") || node.has_name("th");
    row.element_children().into_iter().filter(is_cell).collect()
}

/// Returns how many columns (`colspan`) or rows (`rowspan`) a cell covers.
pub(crate) fn span(cell: &NodeRef<'_>, name: &str) -> usize {
    let given = cell
        .attr(name)
        .and_then(|span| span.trim().parse::<usize>().ok());
    given.unwrap_or(1).clamp(1, MAX_SPAN)
}

/// Makes all rows of each table equally long, as Markdown wants them: empty cells stand where another one reaches, and
/// at the end of short rows. Captions become paragraphs before their tables. Tables that hold others are for layout and
/// stay.
pub(super) fn square(page: &Document) {
    let mut left = MAX_ADDED;
    for table in page.root().find(&["table"]) {
        if !table.find(&["table"]).is_empty() {
            continue;
        }
        for caption in table.find(&["caption"]) {
            caption.rename("p");
            table.insert_before(&caption);
        }
        let widths: Vec<_> = spread(&table, &mut left);
        let width = widths.iter().map(|(_, width)| *width).max().unwrap_or(0);
        for (row, own) in widths {
            let name = name_of(&cells(&row));
            for _ in 0..(width - own).min(left) {
                row.append_child(&row.tree.new_element(name));
                left -= 1;
            }
        }
    }
}

/// Puts an empty cell wherever another one reaches, and returns the rows that have cells, with how many.
fn spread<'a>(table: &NodeRef<'a>, left: &mut usize) -> Vec<(NodeRef<'a>, usize)> {
    let mut widths = Vec::new();
    // How many rows further down the cell above each column reaches.
    let mut above: Vec<usize> = Vec::new();
    for row in own_rows(table) {
        let cells = cells(&row);
        let empty = || row.tree.new_element(name_of(&cells));
        let mut column = 0;
        for cell in &cells {
            while *left > 0 && above.get(column).is_some_and(|rows| *rows > 0) {
                cell.insert_before(&empty());
                above[column] -= 1;
                column += 1;
                *left -= 1;
            }
            let added = (span(cell, "colspan") - 1).min(*left);
            let end = column + 1 + added;
            above.resize(above.len().max(end), 0);
            above[column..end].fill(span(cell, "rowspan") - 1);
            for _ in 0..added {
                cell.insert_after(&empty());
            }
            *left -= added;
            column = end;
        }
        for rows in above.iter_mut().skip(column) {
            *rows = rows.saturating_sub(1);
        }
        match column {
            0 => row.remove_from_parent(),
            _ => widths.push((row, column)),
        }
    }
    widths
}

/// Returns what a cell of this row is called, so that a row of headings stays one.
fn name_of(cells: &[NodeRef<'_>]) -> &'static str {
    match cells.iter().all(|cell| cell.has_name("th")) {
        true => "th",
        false => "td",
    }
}
