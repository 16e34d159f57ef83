//! Tables for people.

use comfy_table::presets::NOTHING;
use comfy_table::{Attribute, Cell, CellAlignment, ContentArrangement, Table};

use super::{Mode, Screen};

/// One column: its title, and whether its cells are numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column(pub(crate) &'static str, pub(crate) Align);

/// On which side the cells of a column stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// Returns the lines of a table: titles in capitals, columns two spaces apart, nothing at the ends of lines.
///
/// On a terminal long cells are wrapped to its width; elsewhere each row is one line.
pub(crate) fn table(screen: &Screen, columns: &[Column], rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING);
    let on_terminal = std::io::IsTerminal::is_terminal(&std::io::stdout());
    table.set_content_arrangement(match on_terminal {
        true => ContentArrangement::Dynamic,
        false => ContentArrangement::Disabled,
    });
    let bold = screen.mode == Mode::Pretty && screen.color;
    if bold {
        table.enforce_styling();
    }
    table.set_header(columns.iter().map(|Column(title, _)| {
        let cell = Cell::new(title);
        if bold {
            cell.add_attribute(Attribute::Bold)
        } else {
            cell
        }
    }));
    table.add_rows(rows);
    for (at, Column(_, align)) in columns.iter().enumerate() {
        if let Some(column) = table.column_mut(at) {
            column.set_padding((0, if at + 1 == columns.len() { 0 } else { 2 }));
            if *align == Align::Right {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
    }
    let lines = table.lines().map(|line| line.trim_end().to_owned() + "\n");
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_two_spaces_apart() {
        let screen = Screen {
            mode: Mode::Text,
            color: false,
            error_color: false,
            quiet: false,
        };
        let columns = [
            Column("ID", Align::Left),
            Column("CALLS", Align::Right),
            Column("NAME", Align::Left),
        ];
        let rows = vec![
            vec![
                "4f1c09ae".to_owned(),
                "31".to_owned(),
                "weekly-report".to_owned(),
            ],
            vec!["a".to_owned(), "7".to_owned(), String::new()],
        ];
        insta::assert_snapshot!(table(&screen, &columns, rows), @r"
        ID        CALLS  NAME
        4f1c09ae     31  weekly-report
        a             7
        ");
    }
}
