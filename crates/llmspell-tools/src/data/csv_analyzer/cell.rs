//! What the text of a cell stands for.

use std::cmp::Ordering;

use llmspell_core::Value;

/// What a cell holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Cell<'a> {
    /// Nothing.
    Null,
    /// A whole number of 64 bits.
    Int(i64),
    /// Another finite number.
    Float(f64),
    /// `true` or `false`, in any case.
    Bool(bool),
    /// A day of the calendar: `2026-01-31`.
    Date,
    /// A moment: `2026-01-31T12:00:00Z`, also with a blank in place of the `T`.
    DateTime,
    /// Digits with zeros before them, a code: `007`.
    Code,
    /// Anything else.
    Text(&'a [u8]),
}

impl<'a> Cell<'a> {
    /// Reads the text of a cell; blanks around a number do not matter. `nan` and `inf` are text.
    pub(super) fn read(text: &'a [u8]) -> Self {
        let trimmed = text.trim_ascii();
        let Some(&first) = trimmed.first() else {
            return if text.is_empty() {
                Self::Null
            } else {
                Self::Text(text)
            };
        };
        let cell = match first {
            b'0'..=b'9' | b'+' | b'-' | b'.' => number(trimmed).or_else(|| moment(trimmed)),
            b't' | b'T' | b'f' | b'F' => truth(trimmed),
            _ => None,
        };
        cell.unwrap_or(Self::Text(text))
    }

    /// Returns the number.
    pub(super) fn number(self) -> Option<f64> {
        match self {
            Self::Int(number) => Some(number as f64),
            Self::Float(number) => Some(number),
            _ => None,
        }
    }
}

fn truth(text: &[u8]) -> Option<Cell<'static>> {
    if text.eq_ignore_ascii_case(b"true") {
        return Some(Cell::Bool(true));
    }
    text.eq_ignore_ascii_case(b"false")
        .then_some(Cell::Bool(false))
}

/// Longest text that is tried as a number.
const LONGEST_NUMBER: usize = 64;

fn number(text: &[u8]) -> Option<Cell<'static>> {
    let digits = match text.first()? {
        b'+' | b'-' => &text[1..],
        _ => text,
    };
    if digits.is_empty() || text.len() > LONGEST_NUMBER {
        return None;
    }
    if digits.iter().all(u8::is_ascii_digit) {
        if digits.len() > 1 && digits[0] == b'0' {
            return Some(Cell::Code);
        }
        return whole(text[0] == b'-', digits).map(Cell::Int);
    }
    let plain =
        |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-');
    if !digits.iter().all(plain) || !digits.iter().any(u8::is_ascii_digit) {
        return None;
    }
    if digits[0] == b'0' && digits.get(1).is_some_and(u8::is_ascii_digit) {
        // Not a code, unless it is a date, which has no leading zeros worth the name.
        return None;
    }
    let number: f64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    number.is_finite().then_some(Cell::Float(number))
}

fn whole(negative: bool, digits: &[u8]) -> Option<i64> {
    let mut number: i64 = 0;
    for digit in digits {
        let digit = i64::from(digit - b'0');
        number = number.checked_mul(10)?;
        number = match negative {
            true => number.checked_sub(digit)?,
            false => number.checked_add(digit)?,
        };
    }
    Some(number)
}

/// Reads a date or a moment as ISO 8601 writes it.
fn moment(text: &[u8]) -> Option<Cell<'static>> {
    if text.len() < 10 || text[4] != b'-' || text[7] != b'-' {
        return None;
    }
    let (year, month, day) = (
        pair(text, 0)? * 100 + pair(text, 2)?,
        pair(text, 5)?,
        pair(text, 8)?,
    );
    if !(1..=12).contains(&month) || day < 1 || day > days(year, month) {
        return None;
    }
    let rest = &text[10..];
    if rest.is_empty() {
        return Some(Cell::Date);
    }
    is_time(rest).then_some(Cell::DateTime)
}

fn days(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        _ => 31,
    }
}

/// Returns whether this is `T12:30`, `T12:30:05`, `T12:30:05.123`, each with or without a zone.
fn is_time(text: &[u8]) -> bool {
    let clock = || {
        if !matches!(text[0], b'T' | b't' | b' ') || text.get(3) != Some(&b':') {
            return None;
        }
        let fits = pair(text, 1)? < 24 && pair(text, 4)? < 60;
        let mut rest = &text[6..];
        if rest.first() == Some(&b':') {
            if pair(rest, 1)? > 60 {
                return None;
            }
            rest = &rest[3..];
            if let Some(fraction) = rest.strip_prefix(b".") {
                let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit());
                let count = digits.count();
                if count == 0 {
                    return None;
                }
                rest = &fraction[count..];
            }
        }
        Some(fits && is_zone(rest))
    };
    clock().unwrap_or(false)
}

fn is_zone(text: &[u8]) -> bool {
    match text {
        b"" | b"Z" | b"z" => true,
        [b'+' | b'-', hours @ ..] => {
            let digits: Vec<u8> = hours.iter().copied().filter(|byte| *byte != b':').collect();
            matches!(digits.len(), 2 | 4) && digits.iter().all(u8::is_ascii_digit)
        }
        _ => false,
    }
}

fn pair(text: &[u8], at: usize) -> Option<u32> {
    match text.get(at..at + 2)? {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => {
            Some(u32::from(tens - b'0') * 10 + u32::from(ones - b'0'))
        }
        _ => None,
    }
}

/// How many cells of a column hold what.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Kinds {
    pub(super) null: u64,
    integer: u64,
    float: u64,
    boolean: u64,
    date: u64,
    date_time: u64,
    code: u64,
    text: u64,
}

impl Kinds {
    /// Counts one cell.
    pub(super) fn count(&mut self, cell: Cell<'_>) {
        *match cell {
            Cell::Null => &mut self.null,
            Cell::Int(_) => &mut self.integer,
            Cell::Float(_) => &mut self.float,
            Cell::Bool(_) => &mut self.boolean,
            Cell::Date => &mut self.date,
            Cell::DateTime => &mut self.date_time,
            Cell::Code => &mut self.code,
            Cell::Text(_) => &mut self.text,
        } += 1;
    }

    /// Returns the type of a column with these cells.
    pub(super) fn data_type(&self) -> DataType {
        let numbers = self.integer + self.float;
        let moments = self.date + self.date_time;
        let texts = self.text;
        let full = numbers + self.boolean + moments + self.code + texts;
        match () {
            () if full == texts => DataType::Text,
            // Where one number is a code, all are.
            () if self.code > 0 && self.float + self.boolean + moments == 0 => DataType::Text,
            () if self.integer == full => DataType::Integer,
            () if numbers == full => DataType::Float,
            () if self.boolean == full => DataType::Boolean,
            () if self.date == full => DataType::Date,
            () if moments == full => DataType::DateTime,
            () => DataType::Mixed,
        }
    }
}

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DataType {
    Integer,
    Float,
    Boolean,
    Date,
    DateTime,
    Text,
    Mixed,
}

impl DataType {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Integer => "integer",
            Self::Float => "float",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::DateTime => "date_time",
            Self::Text => "string",
            Self::Mixed => "mixed",
        }
    }

    /// Returns the cell as data. In a mixed column each cell has its own type.
    pub(super) fn value(self, text: &[u8]) -> Value {
        let written = || Value::Str(String::from_utf8_lossy(text).into_owned());
        match (self, Cell::read(text)) {
            (_, Cell::Null) => Value::Null,
            (Self::Text, _) => written(),
            (_, Cell::Int(number)) => match self {
                Self::Float => Value::Float(number as f64),
                _ => Value::Int(number),
            },
            (_, Cell::Float(number)) => Value::Float(number),
            (_, Cell::Bool(truth)) => Value::Bool(truth),
            _ => written(),
        }
    }
}

/// Orders cells, each with its text: numbers, then anything else by its text; what is empty comes last either way.
pub(super) fn order(left: (Cell<'_>, &[u8]), right: (Cell<'_>, &[u8]), down: bool) -> Ordering {
    let order = match (left.0, right.0) {
        (Cell::Null, Cell::Null) => return Ordering::Equal,
        (Cell::Null, _) => return Ordering::Greater,
        (_, Cell::Null) => return Ordering::Less,
        (Cell::Int(one), Cell::Int(other)) => one.cmp(&other),
        (one, other) => match (one.number(), other.number()) {
            (Some(one), Some(other)) => one.total_cmp(&other),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => left.1.cmp(right.1),
        },
    };
    if down { order.reverse() } else { order }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_told_by_their_text() {
        for (text, cell) in [
            ("", Cell::Null),
            ("7", Cell::Int(7)),
            (" -7 ", Cell::Int(-7)),
            ("+7", Cell::Int(7)),
            ("0", Cell::Int(0)),
            ("007", Cell::Code),
            ("9223372036854775807", Cell::Int(i64::MAX)),
            ("-9223372036854775808", Cell::Int(i64::MIN)),
            ("9223372036854775808", Cell::Text(b"9223372036854775808")),
            ("1.5", Cell::Float(1.5)),
            ("-.5", Cell::Float(-0.5)),
            ("1e3", Cell::Float(1000.0)),
            ("1e999", Cell::Text(b"1e999")),
            ("nan", Cell::Text(b"nan")),
            ("inf", Cell::Text(b"inf")),
            ("-inf", Cell::Text(b"-inf")),
            ("TRUE", Cell::Bool(true)),
            ("2026-02-28", Cell::Date),
            ("2024-02-29", Cell::Date),
            ("2026-02-29", Cell::Text(b"2026-02-29")),
            ("2026-01-02T03:04:05Z", Cell::DateTime),
            ("2026-01-02 03:04", Cell::DateTime),
            ("2026-01-02T03:04:05.123+01:00", Cell::DateTime),
            ("2026-01-02T25:00", Cell::Text(b"2026-01-02T25:00")),
            ("1-2", Cell::Text(b"1-2")),
            ("-", Cell::Text(b"-")),
            ("1 000", Cell::Text(b"1 000")),
            ("abc", Cell::Text(b"abc")),
        ] {
            assert_eq!(Cell::read(text.as_bytes()), cell, "{text}");
        }
    }

    #[test]
    fn the_type_of_a_column_follows_its_cells() {
        for (cells, expected) in [
            (&["1", "", "2"][..], "integer"),
            (&["1", "2.5"], "float"),
            (&["true", "False"], "boolean"),
            (&["2026-01-01"], "date"),
            (&["2026-01-01", "2026-01-01T00:00Z"], "date_time"),
            (&["a", "b"], "string"),
            (&["", ""], "string"),
            (&["1", "a"], "mixed"),
            (&["007", "15"], "string"),
            (&["1", "true"], "mixed"),
        ] {
            let mut kinds = Kinds::default();
            for cell in cells {
                kinds.count(Cell::read(cell.as_bytes()));
            }
            assert_eq!(kinds.data_type().name(), expected, "{cells:?}");
        }
    }

    #[test]
    fn cells_are_ordered_as_what_they_are() {
        let mut cells = ["b", "10", "", "9", "a", "1.5"];
        let part = |text: &'static str| (Cell::read(text.as_bytes()), text.as_bytes());
        cells.sort_by(|left, right| order(part(left), part(right), false));
        assert_eq!(cells, ["1.5", "9", "10", "a", "b", ""]);
        cells.sort_by(|left, right| order(part(left), part(right), true));
        assert_eq!(cells, ["b", "a", "10", "9", "1.5", ""]);
    }
}
