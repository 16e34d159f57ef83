//! Positions in a text, shown to people.

/// A place in a text: line and column count from 1, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

/// Longest part of a line that is shown.
const WIDTH: usize = 100;

/// Returns the place of the byte `offset`; past the end it is the end.
pub(crate) fn place(text: &str, offset: usize) -> Place {
    let before = &text[..floor(text, offset)];
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Place {
        line: before.matches('\n').count() + 1,
        column: before[start..].chars().count() + 1,
    }
}

/// Returns the line around the byte `offset` and a caret below it, each on a line of its own.
pub(crate) fn excerpt(text: &str, offset: usize) -> String {
    let offset = floor(text, offset);
    let start = text[..offset].rfind('\n').map_or(0, |newline| newline + 1);
    let line: Vec<char> = text[start..]
        .chars()
        .take_while(|&letter| letter != '\n')
        .collect();
    let column = text[start..offset].chars().count();
    let first = column.saturating_sub(WIDTH / 2);
    let shown: String = line
        .iter()
        .skip(first)
        .take(WIDTH)
        .map(|&letter| if letter.is_control() { ' ' } else { letter })
        .collect();
    format!("  {shown}\n  {:>width$}", "^", width = column - first + 1)
}

fn floor(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_lines_and_characters() {
        let text = "a\nbéc + d";
        assert_eq!(place(text, 0), Place { line: 1, column: 1 });
        assert_eq!(
            place(text, text.find('c').unwrap()),
            Place { line: 2, column: 3 }
        );
        assert_eq!(place(text, 999), Place { line: 2, column: 8 });
    }

    #[test]
    fn the_caret_stands_below_the_offset() {
        assert_eq!(excerpt("1 + é )", 7), "  1 + é )\n        ^");
        assert_eq!(excerpt("x\n2 * (3 +", 10), "  2 * (3 +\n          ^");
        let long = "1+".repeat(500);
        let shown = excerpt(&long, 500);
        assert!(shown.lines().all(|line| line.len() <= WIDTH + 2), "{shown}");
    }
}
