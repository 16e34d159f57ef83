//! Conditions on rows: `age > 30 and (city == "New York" or name ~ "^A")`.

use std::cmp::Ordering;

use csv::ByteRecord;
use llmspell_core::{Error, Kind, Result, error};
use memchr::memmem;
use regex::bytes::{Regex, RegexBuilder};

use super::cell::Cell;
use super::table::column;
use crate::caret::{excerpt, place};

/// Deepest nesting of parentheses and `not`.
const MAX_DEPTH: usize = 64;

/// Longest condition, in bytes.
const MAX_LENGTH: usize = 10_000;

/// Largest compiled pattern, in bytes.
const PATTERN_BYTES: usize = 1 << 20;

/// A condition on a row.
#[derive(Debug)]
pub(super) enum Filter {
    And(Box<Filter>, Box<Filter>),
    Or(Box<Filter>, Box<Filter>),
    Not(Box<Filter>),
    /// Compares a cell with a value.
    Is(usize, Comparison, Operand),
    /// Whether a cell is one of these.
    In(usize, Vec<Operand>),
    Contains(usize, Operand),
    Matches(usize, Regex),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Comparison {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What a cell is compared with.
#[derive(Debug)]
pub(super) enum Operand {
    Value(Vec<u8>),
    Column(usize),
}

impl Operand {
    fn of<'a>(&'a self, row: &'a ByteRecord) -> &'a [u8] {
        match self {
            Self::Value(value) => value,
            Self::Column(column) => &row[*column],
        }
    }
}

impl Filter {
    /// Reads a condition on rows with these columns.
    ///
    /// - Errors: `InvalidArgs` with place and caret, also for unknown columns and patterns that are none; `Limit` for
    ///   what is too long or too deep.
    pub(super) fn parse(text: &str, header: &[String]) -> Result<Self> {
        if text.len() > MAX_LENGTH {
            return Err(
                error!(Limit, "the filter is longer than {MAX_LENGTH} bytes")
                    .with("limit", MAX_LENGTH),
            );
        }
        let mut parser = Parser {
            text,
            at: 0,
            header,
            depth: 0,
        };
        let filter = parser.either()?;
        parser.blanks();
        match parser.rest() {
            "" => Ok(filter),
            _ => Err(parser.unexpected("'and', 'or' or the end")),
        }
    }

    /// Returns whether a row fits.
    pub(super) fn fits(&self, row: &ByteRecord) -> bool {
        match self {
            Self::And(left, right) => left.fits(row) && right.fits(row),
            Self::Or(left, right) => left.fits(row) || right.fits(row),
            Self::Not(inner) => !inner.fits(row),
            Self::Is(column, comparison, operand) => {
                compares(&row[*column], *comparison, operand.of(row))
            }
            Self::In(column, operands) => operands
                .iter()
                .any(|operand| compares(&row[*column], Comparison::Equal, operand.of(row))),
            Self::Contains(column, operand) => {
                memmem::find(&row[*column], operand.of(row)).is_some()
            }
            Self::Matches(column, pattern) => pattern.is_match(&row[*column]),
        }
    }
}

/// Compares as numbers where both are numbers, else as texts. What is empty equals only what is empty, and is neither
/// less nor greater.
fn compares(cell: &[u8], comparison: Comparison, value: &[u8]) -> bool {
    let (left, right) = (Cell::read(cell), Cell::read(value));
    let order = match (left, right) {
        (Cell::Int(left), Cell::Int(right)) => Some(left.cmp(&right)),
        (Cell::Null, Cell::Null) => Some(Ordering::Equal),
        (Cell::Null, _) | (_, Cell::Null) => None,
        (Cell::Bool(left), Cell::Bool(right)) => Some(left.cmp(&right)),
        _ => match (left.number(), right.number()) {
            (Some(left), Some(right)) => left.partial_cmp(&right),
            // A text is neither less nor greater than a number.
            (Some(_), None) | (None, Some(_)) => (cell == value).then_some(Ordering::Equal),
            (None, None) => Some(cell.cmp(value)),
        },
    };
    match comparison {
        Comparison::Equal => order == Some(Ordering::Equal),
        Comparison::Unequal => order != Some(Ordering::Equal),
        Comparison::Less => order == Some(Ordering::Less),
        Comparison::LessOrEqual => order.is_some_and(Ordering::is_le),
        Comparison::Greater => order == Some(Ordering::Greater),
        Comparison::GreaterOrEqual => order.is_some_and(Ordering::is_ge),
    }
}

/// The operators, longer ones before those that they begin with.
const OPERATORS: &[(&str, &str)] = &[
    ("==", "=="),
    ("!=", "!="),
    ("<>", "!="),
    (">=", ">="),
    ("<=", "<="),
    ("!~", "!~"),
    ("=~", "~"),
    (">", ">"),
    ("<", "<"),
    ("~", "~"),
    ("=", "=="),
];

struct Parser<'a> {
    text: &'a str,
    at: usize,
    header: &'a [String],
    depth: usize,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn blanks(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    fn unexpected(&self, expected: &str) -> Error {
        let found = match self.rest().chars().next() {
            Some(letter) => format!("'{}'", letter.escape_debug()),
            None => "the end".to_owned(),
        };
        self.complaint(format!("expected {expected}, got {found}"), self.at)
    }

    fn complaint(&self, message: String, at: usize) -> Error {
        let column = place(self.text, at).column;
        let shown = excerpt(self.text, at);
        Error::new(
            Kind::InvalidArgs,
            format!("the filter is not valid: {message} at column {column}\n{shown}"),
        )
        .with("parameter", "filter")
        .with("column", column)
    }

    fn deeper(&mut self) -> Result<()> {
        self.depth += 1;
        match self.depth > MAX_DEPTH {
            true => Err(
                error!(Limit, "the filter is nested deeper than {MAX_DEPTH} levels")
                    .with("limit", MAX_DEPTH),
            ),
            false => Ok(()),
        }
    }

    fn either(&mut self) -> Result<Filter> {
        let mut left = self.both()?;
        while self.word("or") || self.sign("||") {
            left = Filter::Or(Box::new(left), Box::new(self.both()?));
        }
        Ok(left)
    }

    fn both(&mut self) -> Result<Filter> {
        let mut left = self.one()?;
        while self.word("and") || self.sign("&&") {
            left = Filter::And(Box::new(left), Box::new(self.one()?));
        }
        Ok(left)
    }

    fn one(&mut self) -> Result<Filter> {
        self.deeper()?;
        let filter =
            if self.word("not") || self.rest().trim_start().starts_with('!') && self.sign("!") {
                Filter::Not(Box::new(self.one()?))
            } else if self.sign("(") {
                let inner = self.either()?;
                if !self.sign(")") {
                    return Err(self.unexpected("')'"));
                }
                inner
            } else {
                self.comparison()?
            };
        self.depth -= 1;
        Ok(filter)
    }

    /// Takes a word, in any case, that stands by itself.
    fn word(&mut self, word: &str) -> bool {
        self.blanks();
        let rest = self.rest();
        let found = rest
            .get(..word.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(word))
            && !rest[word.len()..]
                .starts_with(|letter: char| letter.is_alphanumeric() || letter == '_');
        if found {
            self.at += word.len();
        }
        found
    }

    fn sign(&mut self, sign: &str) -> bool {
        self.blanks();
        let found = self.rest().starts_with(sign);
        if found {
            self.at += sign.len();
        }
        found
    }

    fn comparison(&mut self) -> Result<Filter> {
        let column = self.column()?;
        self.blanks();
        if self.word("in") {
            return self.members().map(|members| Filter::In(column, members));
        }
        if self.word("not") {
            return match self.word("in") {
                true => Ok(Filter::Not(Box::new(Filter::In(column, self.members()?)))),
                false => Err(self.unexpected("'in'")),
            };
        }
        if self.word("contains") {
            return Ok(Filter::Contains(column, self.operand(false)?));
        }
        let Some((sign, operator)) = OPERATORS
            .iter()
            .find(|(sign, _)| self.rest().starts_with(sign))
        else {
            return Err(self.unexpected("one of == != > < >= <= ~ !~ in contains"));
        };
        self.at += sign.len();
        let comparison = match *operator {
            "==" => Comparison::Equal,
            "!=" => Comparison::Unequal,
            ">=" => Comparison::GreaterOrEqual,
            "<=" => Comparison::LessOrEqual,
            ">" => Comparison::Greater,
            "<" => Comparison::Less,
            sign => {
                let matches = Filter::Matches(column, self.pattern()?);
                return Ok(match sign {
                    "!~" => Filter::Not(Box::new(matches)),
                    _ => matches,
                });
            }
        };
        Ok(Filter::Is(column, comparison, self.compared(false)?))
    }

    fn pattern(&mut self) -> Result<Regex> {
        let at = self.at;
        let Operand::Value(pattern) = self.operand(false)? else {
            return Err(self.complaint("expected a pattern, got a column".to_owned(), at));
        };
        let pattern = String::from_utf8_lossy(&pattern).into_owned();
        RegexBuilder::new(&pattern)
            .size_limit(PATTERN_BYTES)
            .dfa_size_limit(PATTERN_BYTES)
            .build()
            .map_err(|failure| {
                let what = failure.to_string();
                let last = what.lines().last().unwrap_or_default().to_owned();
                self.complaint(format!("the pattern is not valid ({last})"), at)
            })
    }

    fn column(&mut self) -> Result<usize> {
        self.blanks();
        let at = self.at;
        let rest = self.rest();
        let name = match rest.strip_prefix('`') {
            Some(inner) => {
                let end = inner
                    .find('`')
                    .ok_or_else(|| self.complaint("a '`' is not closed".to_owned(), at))?;
                self.at += end + 2;
                &inner[..end]
            }
            None => {
                let end = rest
                    .find(|letter: char| {
                        !(letter.is_alphanumeric()
                            || matches!(letter, '_' | '.' | '-' | '#' | '$' | '@'))
                    })
                    .unwrap_or(rest.len());
                self.at += end;
                &rest[..end]
            }
        };
        if name.is_empty() {
            return Err(self.unexpected("the name of a column"));
        }
        column(self.header, "filter", name)
    }

    fn members(&mut self) -> Result<Vec<Operand>> {
        let close = if self.sign("(") {
            ")"
        } else if self.sign("[") {
            "]"
        } else {
            return Err(self.unexpected("'('"));
        };
        let mut members = Vec::new();
        loop {
            if self.sign(close) && members.is_empty() {
                return Ok(members);
            }
            members.push(self.compared(true)?);
            if self.sign(close) {
                return Ok(members);
            }
            if !self.sign(",") {
                return Err(self.unexpected(&format!("',' or '{close}'")));
            }
        }
    }

    /// Takes a value to compare with, where a bare `null` stands for the empty cell.
    fn compared(&mut self, listed: bool) -> Result<Operand> {
        self.blanks();
        let is_bare = !self.rest().starts_with(['`', '"', '\'']);
        Ok(match self.operand(listed)? {
            Operand::Value(value) if is_bare && value.eq_ignore_ascii_case(b"null") => {
                Operand::Value(Vec::new())
            }
            operand => operand,
        })
    }

    /// Takes a value: in quotes, a column in backticks, or bare words up to what ends them.
    fn operand(&mut self, listed: bool) -> Result<Operand> {
        self.blanks();
        let rest = self.rest();
        match rest.chars().next() {
            Some('`') => return self.column().map(Operand::Column),
            Some(quote @ ('"' | '\'')) => return self.quoted(quote),
            _ => {}
        }
        let end = bare_end(rest, listed);
        let value = rest[..end].trim_end();
        if value.is_empty() {
            return Err(self.unexpected("a value"));
        }
        self.at += end;
        Ok(Operand::Value(value.as_bytes().to_vec()))
    }

    fn quoted(&mut self, quote: char) -> Result<Operand> {
        let (start, mut value) = (self.at, String::new());
        let mut letters = self.rest().char_indices().skip(1);
        while let Some((at, letter)) = letters.next() {
            match letter {
                '\\' => match letters.next() {
                    Some((_, next)) if next == quote || next == '\\' => value.push(next),
                    Some((_, next)) => value.extend(['\\', next]),
                    None => break,
                },
                _ if letter == quote => {
                    self.at = start + at + 1;
                    return Ok(Operand::Value(value.into_bytes()));
                }
                _ => value.push(letter),
            }
        }
        Err(self.complaint("a quote is not closed".to_owned(), start))
    }
}

/// Returns where bare words end: before `and`, `or`, a closing parenthesis, and in a list before a comma.
fn bare_end(rest: &str, listed: bool) -> usize {
    let mut start_of_word = true;
    for (at, letter) in rest.char_indices() {
        if letter == ')'
            || listed && matches!(letter, ',' | ']')
            || rest[at..].starts_with("&&")
            || rest[at..].starts_with("||")
        {
            return at;
        }
        if start_of_word && at > 0 {
            for word in ["and", "or"] {
                let tail = &rest[at..];
                let same = tail
                    .get(..word.len())
                    .is_some_and(|start| start.eq_ignore_ascii_case(word));
                if same
                    && tail[word.len()..]
                        .starts_with(|letter: char| letter.is_whitespace() || letter == '(')
                {
                    return at;
                }
            }
        }
        start_of_word = letter.is_whitespace();
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(filter: &str, cells: [&str; 3]) -> bool {
        let header = ["name", "age", "home town"].map(str::to_owned);
        let row: ByteRecord = cells.iter().collect();
        Filter::parse(filter, &header).unwrap().fits(&row)
    }

    const ANN: [&str; 3] = ["Ann", "31", "New York"];

    #[test]
    fn rows_are_compared() {
        for filter in [
            "age > 30",
            "age>30",
            "age >= 31.0",
            "age == 31",
            "age != 30",
            "age < 100",
            "name == Ann",
            "name == 'Ann'",
            "`home town` == New York",
            "`home town` == \"New York\" and age > 30",
            "`home town` == New York and age > 30",
            "name ~ ^A",
            "name !~ \"^B\"",
            "name in (Bob, Ann)",
            "age in [30, 31]",
            "name not in (Bob)",
            "name contains nn",
            "age > 40 or (name == Ann and not age > 40)",
            "NOT (age > 40)",
            "name == `name`",
            "Age > 30",
            "name < B",
            "name == Ann || age > 100",
        ] {
            assert!(fits(filter, ANN), "{filter}");
        }
        for filter in [
            "age > 31",
            "name == ann",
            "name contains x",
            "age > abc",
            "name ~ ^B",
            "name == Ann and age > 40",
        ] {
            assert!(!fits(filter, ANN), "{filter}");
        }
    }

    #[test]
    fn what_is_empty_equals_nothing_else() {
        assert!(fits("age == ''", ["x", "", "y"]));
        assert!(!fits("age < 5", ["x", "", "y"]));
        assert!(fits("age != 5", ["x", "", "y"]));
        assert!(!fits("age < 5", ["x", "none", "y"]));
        for filter in ["age == null", "age in (5, NULL)", "not age != null"] {
            assert!(fits(filter, ["x", "", "y"]), "{filter}");
            assert!(!fits(filter, ["x", "0", "y"]), "{filter}");
        }
        assert!(!fits("age == null", ["x", "null", "y"]));
        assert!(fits("age == 'null'", ["x", "null", "y"]));
    }

    #[test]
    fn mistakes_have_a_place() {
        let header = ["name".to_owned()];
        let message = |filter: &str| {
            Filter::parse(filter, &header)
                .unwrap_err()
                .message()
                .to_owned()
        };
        assert_eq!(
            message("name = "),
            "the filter is not valid: expected a value, got the end at column 8\n  name = \n         ^"
        );
        assert!(message("name ** 3").contains("expected one of =="));
        assert!(message("nam == 3").contains("there is no column 'nam'"));
        assert!(message("name == 'x").contains("not closed"));
        assert!(message("name ~ '('").contains("the pattern is not valid"));
        assert!(message("(name == 3").contains("expected ')'"));
        assert!(message("").contains("the name of a column"));
        let deep = "(".repeat(100) + "name == 1";
        assert_eq!(
            Filter::parse(&deep, &header).unwrap_err().kind(),
            Kind::Limit
        );
        assert_eq!(
            Filter::parse(&"not ".repeat(1000), &header)
                .unwrap_err()
                .kind(),
            Kind::Limit
        );
        assert_eq!(
            Filter::parse("name ~ '(a{1000}){1000}'", &header)
                .unwrap_err()
                .kind(),
            Kind::InvalidArgs
        );
    }
}
