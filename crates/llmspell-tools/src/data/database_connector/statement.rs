//! One SQL statement: what it does, and where its parameters stand.
//!
//! This is a tokenizer, not a parser: it tells comments, strings and names apart as the server does, so that what a
//! string contains is never taken for SQL. Where it cannot know what a statement does, the class is the stricter one.
//! Behind it each server enforces the same: statements are prepared, which takes only one, and what the class says is
//! no change runs in a read-only transaction.

use std::collections::BTreeSet;

use llmspell_core::{Error, Kind, Result, Value, bail, error};

use crate::param::refused;

/// Longest statement, in bytes.
const MAX_LENGTH: usize = 1 << 20;

/// Whose SQL it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Sqlite,
    Postgres,
    /// MySQL and MariaDB with these settings of the session's `sql_mode`.
    Mysql {
        backslashes: bool,
        ansi_quotes: bool,
    },
}

/// What a statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    Select,
    Insert,
    Update,
    Delete,
    Ddl,
    Transaction,
    Pragma,
    Other,
}

impl Class {
    pub(super) const ALL: [(&'static str, Self); 8] = [
        ("select", Self::Select),
        ("insert", Self::Insert),
        ("update", Self::Update),
        ("delete", Self::Delete),
        ("ddl", Self::Ddl),
        ("transaction", Self::Transaction),
        ("pragma", Self::Pragma),
        ("other", Self::Other),
    ];

    pub(super) fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(_, class)| *class == self)
            .map_or("other", |(name, _)| name)
    }
}

/// A statement that was looked through.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    text: String,
    dialect: Dialect,
    /// All that it does; the last one is what it is about.
    pub(super) classes: BTreeSet<Class>,
    holes: Vec<Hole>,
}

/// A place for a parameter.
#[derive(Clone, Debug)]
struct Hole {
    start: usize,
    end: usize,
    key: Key,
}

#[derive(Clone, Debug, PartialEq)]
enum Key {
    /// `?`
    Next,
    /// `$1`, counted from 0.
    Number(usize),
    /// `:name`
    Name(String),
}

/// A statement as its server wants it, with the values of its parameters in order.
#[derive(Clone, Debug)]
pub(super) struct Bound {
    pub(super) sql: String,
    pub(super) values: Vec<Value>,
}

#[derive(Debug, PartialEq)]
enum Token<'a> {
    Word(&'a str),
    Hole(usize),
    Sign(u8),
    /// A string, a quoted name, a number.
    Other,
}

impl Statement {
    /// Looks through a text that must hold one statement.
    ///
    /// - Errors: `InvalidArgs` for none or several, and for what is not closed; `Denied` for comments that a server
    ///   executes; `Limit` for what is too long.
    pub(super) fn parse(dialect: Dialect, text: &str) -> Result<Self> {
        if text.len() > MAX_LENGTH {
            return Err(
                error!(Limit, "the statement is longer than {MAX_LENGTH} bytes")
                    .with("limit", MAX_LENGTH),
            );
        }
        if text.contains('\0') {
            return Err(refused("query", "the statement contains a NUL byte"));
        }
        let mut scanner = Scanner {
            text,
            bytes: text.as_bytes(),
            at: 0,
            dialect,
            holes: Vec::new(),
            tokens: Vec::new(),
        };
        let end = scanner.scan()?;
        let classes = classes(&scanner.tokens, dialect);
        if scanner.tokens.is_empty() {
            return Err(refused("query", "the query holds no statement"));
        }
        Ok(Self {
            text: text[..end].trim().to_owned(),
            dialect,
            classes,
            holes: scanner
                .holes
                .into_iter()
                .map(|hole| {
                    let cut = text.len() - text.trim_start().len();
                    Hole {
                        start: hole.start - cut,
                        end: hole.end - cut,
                        ..hole
                    }
                })
                .collect(),
        })
    }

    /// Returns what the statement is about.
    pub(super) fn class(&self) -> Class {
        self.classes.last().copied().unwrap_or(Class::Other)
    }

    /// Returns whether it changes nothing.
    pub(super) fn is_read(&self) -> bool {
        self.classes.iter().all(|class| *class == Class::Select)
    }

    /// Puts the parameters to their places: the marks are written as the server knows them, the values go beside.
    ///
    /// - Errors: `InvalidArgs` where marks and parameters do not match.
    pub(super) fn bind(&self, params: &Params) -> Result<Bound> {
        let numbered = self
            .holes
            .iter()
            .any(|hole| matches!(hole.key, Key::Number(_)));
        // In PostgreSQL a `?` is an operator as well.
        let marks = self.dialect != Dialect::Postgres || (!numbered && !params.is_empty());
        let holes: Vec<&Hole> = self
            .holes
            .iter()
            .filter(|hole| match hole.key {
                Key::Next => marks,
                // `a[1:n]` is a slice.
                Key::Name(_) => {
                    self.dialect != Dialect::Postgres || matches!(params, Params::Names(_))
                }
                Key::Number(_) => true,
            })
            .collect();
        let plain = holes.iter().filter(|hole| hole.key == Key::Next).count();
        if plain > 0 && plain < holes.len() {
            return Err(refused(
                "query",
                "the statement mixes '?' with other marks of parameters",
            ));
        }
        let (mut sql, mut values) = (String::with_capacity(self.text.len()), Vec::new());
        let (mut copied, mut next, mut seen) = (0, 0, Vec::<Key>::new());
        for hole in holes {
            let key = match &hole.key {
                Key::Next => {
                    next += 1;
                    Key::Number(next - 1)
                }
                key => key.clone(),
            };
            let value = params.value(&key)?;
            sql.push_str(&self.text[copied..hole.start]);
            copied = hole.end;
            let known = seen.iter().position(|known| *known == key);
            let place = known.unwrap_or_else(|| {
                seen.push(key);
                seen.len() - 1
            });
            match self.dialect {
                Dialect::Mysql { .. } => {
                    sql.push('?');
                    values.push(value.clone());
                }
                dialect => {
                    let sign = if dialect == Dialect::Postgres {
                        '$'
                    } else {
                        '?'
                    };
                    sql.push(sign);
                    sql.push_str(&(place + 1).to_string());
                    if known.is_none() {
                        values.push(value.clone());
                    }
                }
            }
        }
        sql.push_str(&self.text[copied..]);
        params.check_used(&seen)?;
        Ok(Bound { sql, values })
    }
}

/// The parameters of a statement.
#[derive(Clone, Debug)]
pub(super) enum Params {
    List(Vec<Value>),
    Names(llmspell_core::Map),
}

impl Params {
    /// Reads the parameter `params`: a list or an object.
    pub(super) fn read(given: Option<Value>) -> Result<Self> {
        Ok(match given {
            None | Some(Value::Null) => Self::List(Vec::new()),
            Some(Value::List(values)) => Self::List(values),
            Some(Value::Map(names)) if names.is_empty() => Self::List(Vec::new()),
            Some(Value::Map(names)) => Self::Names(names),
            Some(value) => Self::List(vec![value]),
        })
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::List(values) => values.is_empty(),
            Self::Names(_) => false,
        }
    }

    fn value(&self, key: &Key) -> Result<&Value> {
        match (self, key) {
            (Self::List(values), Key::Number(place)) => values.get(*place).ok_or_else(|| {
                let count = values.len();
                let message = format!(
                    "the statement wants parameter {}, but there are {count}",
                    place + 1
                );
                refused("params", message)
            }),
            (Self::Names(names), Key::Name(name)) => names.get(name).ok_or_else(|| {
                refused(
                    "params",
                    format!("the statement wants the parameter ':{name}'"),
                )
            }),
            (_, Key::Next) => Err(Error::new(Kind::Bug, "a mark without a number")),
            (Self::List(_), Key::Name(name)) => Err(refused(
                "params",
                format!(
                    "the statement wants ':{name}', so 'params' must be an object with that member"
                ),
            )),
            (Self::Names(_), Key::Number(_)) => Err(refused(
                "params",
                "the statement has '?' or '$1', so 'params' must be a list",
            )),
        }
    }

    fn check_used(&self, seen: &[Key]) -> Result<()> {
        match self {
            Self::List(values) => {
                let used = seen.iter().map(|key| match key {
                    Key::Number(place) => place + 1,
                    _ => 0,
                });
                let most = used.max().unwrap_or(0);
                if most < values.len() {
                    let count = values.len();
                    let message = format!(
                        "{count} parameters were given, but the statement has marks for {most}"
                    );
                    return Err(refused("params", message));
                }
            }
            Self::Names(names) => {
                let unused = names
                    .keys()
                    .find(|name| !seen.contains(&Key::Name((*name).clone())));
                if let Some(name) = unused {
                    let message = format!("the statement has no mark for the parameter ':{name}'");
                    return Err(refused("params", message));
                }
            }
        }
        Ok(())
    }
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    dialect: Dialect,
    holes: Vec<Hole>,
    tokens: Vec<Token<'a>>,
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

fn is_part(byte: u8) -> bool {
    is_letter(byte) || byte.is_ascii_digit() || byte == b'$'
}

impl<'a> Scanner<'a> {
    fn byte(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    /// Reads the tokens, and returns where the statement ends.
    fn scan(&mut self) -> Result<usize> {
        let mut end = None;
        while self.at < self.bytes.len() {
            let start = self.at;
            if self.blank()? {
                continue;
            }
            if end.is_some() && self.byte(0) != b';' {
                bail!(
                    InvalidArgs,
                    "the query holds several statements: only one is possible; the operation 'transaction' takes more"
                );
            }
            if self.byte(0) == b';' {
                self.at += 1;
                if !self.tokens.is_empty() {
                    end.get_or_insert(start);
                }
                continue;
            }
            self.token()?;
        }
        Ok(end.unwrap_or(self.bytes.len()))
    }

    /// Skips a blank or a comment.
    fn blank(&mut self) -> Result<bool> {
        let mysql = matches!(self.dialect, Dialect::Mysql { .. });
        match (self.byte(0), self.byte(1)) {
            (byte, _) if byte.is_ascii_whitespace() || byte == 0x0b => self.at += 1,
            (b'-', b'-') if !mysql || self.byte(2) <= b' ' => self.line(),
            (b'#', _) if mysql => self.line(),
            (b'/', b'*') => {
                if mysql && (self.byte(2) == b'!' || self.byte(2) == b'M' && self.byte(3) == b'!') {
                    return Err(Error::new(
                        Kind::Denied,
                        "comments that the server executes (`/*! … */`) are not permitted",
                    ));
                }
                self.comment()?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn line(&mut self) {
        let rest = &self.bytes[self.at..];
        self.at += memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
    }

    fn comment(&mut self) -> Result<()> {
        let start = self.at;
        let mut depth = 0;
        while self.at < self.bytes.len() {
            match (self.byte(0), self.byte(1)) {
                (b'/', b'*') if depth == 0 || self.dialect == Dialect::Postgres => {
                    depth += 1;
                    self.at += 2;
                }
                (b'*', b'/') => {
                    depth -= 1;
                    self.at += 2;
                    if depth == 0 {
                        return Ok(());
                    }
                }
                _ => self.at += 1,
            }
        }
        Err(unclosed("comment", start))
    }

    fn token(&mut self) -> Result<()> {
        let (start, byte) = (self.at, self.byte(0));
        let mysql = matches!(self.dialect, Dialect::Mysql { .. });
        let backslashes = matches!(
            self.dialect,
            Dialect::Mysql {
                backslashes: true,
                ..
            }
        );
        match byte {
            b'\'' => self.quoted(b'\'', backslashes, "string")?,
            b'"' => {
                let is_text = matches!(
                    self.dialect,
                    Dialect::Mysql {
                        ansi_quotes: false,
                        ..
                    }
                );
                self.quoted(b'"', is_text && backslashes, "quoted name")?;
            }
            b'`' if self.dialect != Dialect::Postgres => self.quoted(b'`', false, "quoted name")?,
            b'[' if self.dialect == Dialect::Sqlite => {
                let end = memchr::memchr(b']', &self.bytes[start..]);
                self.at += end.ok_or_else(|| unclosed("quoted name", start))? + 1;
            }
            b'$' if self.byte(1).is_ascii_digit() => return self.numbered(),
            b'$' if self.dialect == Dialect::Postgres && self.dollars()? => {}
            b'?' => return self.mark(),
            b':' if self.byte(1) == b':' => {
                self.at += 2;
                self.tokens.push(Token::Sign(b':'));
                return Ok(());
            }
            b':' if is_letter(self.byte(1)) => return self.named(),
            _ if byte.is_ascii_digit() => {
                while is_part(self.byte(0)) || self.byte(0) == b'.' {
                    self.at += 1;
                }
            }
            _ if is_letter(byte) => {
                while self.at < self.bytes.len() && is_part(self.byte(0)) {
                    self.at += 1;
                }
                let word = &self.text[start..self.at];
                if self.byte(0) == b'\'' {
                    let escapes =
                        self.dialect == Dialect::Postgres && word.eq_ignore_ascii_case("e");
                    self.quoted(b'\'', escapes || mysql && backslashes, "string")?;
                    if escapes {
                        self.continued()?;
                    }
                } else {
                    self.tokens.push(Token::Word(word));
                    return Ok(());
                }
            }
            _ => {
                self.at += 1;
                self.tokens.push(Token::Sign(byte));
                return Ok(());
            }
        }
        self.tokens.push(Token::Other);
        Ok(())
    }

    /// Skips what is quoted; a doubled quote stands for itself.
    fn quoted(&mut self, quote: u8, escapes: bool, what: &str) -> Result<()> {
        let start = self.at;
        self.at += 1;
        while self.at < self.bytes.len() {
            match self.byte(0) {
                b'\\' if escapes => self.at += 2,
                byte if byte == quote && self.byte(1) == quote => self.at += 2,
                byte if byte == quote => {
                    self.at += 1;
                    return Ok(());
                }
                _ => self.at += 1,
            }
        }
        self.at = self.at.min(self.bytes.len());
        Err(unclosed(what, start))
    }

    /// Skips the further lines of a string with escapes, which PostgreSQL joins.
    fn continued(&mut self) -> Result<()> {
        loop {
            let mut ahead = 0;
            let mut line = false;
            while self.byte(ahead).is_ascii_whitespace() {
                line |= matches!(self.byte(ahead), b'\n' | b'\r');
                ahead += 1;
            }
            if !line || self.byte(ahead) != b'\'' {
                return Ok(());
            }
            self.at += ahead;
            self.quoted(b'\'', true, "string")?;
        }
    }

    /// Skips `$$ … $$` or `$tag$ … $tag$`, and returns whether there was one.
    fn dollars(&mut self) -> Result<bool> {
        let start = self.at;
        let mut end = start + 1;
        while self
            .bytes
            .get(end)
            .is_some_and(|byte| is_letter(*byte) || byte.is_ascii_digit())
        {
            end += 1;
        }
        if self.bytes.get(end) != Some(&b'$') {
            return Ok(false);
        }
        let tag = &self.text[start..=end];
        let close = self.text[end + 1..].find(tag);
        self.at = end + 1 + close.ok_or_else(|| unclosed("string", start))? + tag.len();
        Ok(true)
    }

    fn hole(&mut self, start: usize, key: Key) {
        self.tokens.push(Token::Hole(self.holes.len()));
        self.holes.push(Hole {
            start,
            end: self.at,
            key,
        });
    }

    fn digits(&mut self) -> Result<Key> {
        let start = self.at;
        while self.byte(0).is_ascii_digit() {
            self.at += 1;
        }
        let number = self.text[start..self.at]
            .parse::<usize>()
            .ok()
            .filter(|number| (1..=65_535).contains(number));
        let number =
            number.ok_or_else(|| refused("query", "parameters are numbered from 1 to 65535"))?;
        Ok(Key::Number(number - 1))
    }

    fn numbered(&mut self) -> Result<()> {
        let start = self.at;
        self.at += 1;
        let key = self.digits()?;
        self.hole(start, key);
        Ok(())
    }

    fn mark(&mut self) -> Result<()> {
        let start = self.at;
        self.at += 1;
        match (self.dialect, self.byte(0)) {
            (Dialect::Sqlite, byte) if byte.is_ascii_digit() => {
                let key = self.digits()?;
                self.hole(start, key);
            }
            // The operators `?|`, `?&` and `??` of PostgreSQL.
            (Dialect::Postgres, b'|' | b'&' | b'?') => {
                self.at += 1;
                self.tokens.push(Token::Sign(b'?'));
            }
            _ => self.hole(start, Key::Next),
        }
        Ok(())
    }

    fn named(&mut self) -> Result<()> {
        let start = self.at;
        self.at += 1;
        while self.at < self.bytes.len() && is_part(self.byte(0)) {
            self.at += 1;
        }
        let name = self.text[start + 1..self.at].to_owned();
        self.hole(start, Key::Name(name));
        Ok(())
    }
}

fn unclosed(what: &str, at: usize) -> Error {
    refused(
        "query",
        format!("a {what} is not closed, which begins at offset {at}"),
    )
    .with("offset", at)
}

/// Returns all that a statement does.
fn classes(tokens: &[Token<'_>], dialect: Dialect) -> BTreeSet<Class> {
    let word = |index: usize| match tokens.get(index) {
        Some(Token::Word(word)) => word.to_ascii_lowercase(),
        _ => String::new(),
    };
    let start = tokens
        .iter()
        .take_while(|token| **token == Token::Sign(b'('))
        .count();
    let first = word(start);
    let mut classes = BTreeSet::new();
    match first.as_str() {
        "select" | "values" | "table" => {
            classes.insert(Class::Select);
        }
        "with" => classes.extend(main_verb(tokens)),
        "show" | "describe" | "desc" if dialect != Dialect::Sqlite => {
            classes.insert(Class::Select);
        }
        "explain" => {
            let inner = tokens[start + 1..]
                .iter()
                .position(|token| matches!(token, Token::Word(word) if !is_option(word)));
            let analyzed = tokens.iter().any(
                |token| matches!(token, Token::Word(word) if word.eq_ignore_ascii_case("analyze")),
            );
            match inner.filter(|_| analyzed) {
                Some(inner) => return self::classes(&tokens[start + 1 + inner..], dialect),
                None => classes.insert(Class::Select),
            };
        }
        "insert" => {
            classes.insert(Class::Insert);
        }
        "replace" => classes.extend([Class::Insert, Class::Delete]),
        "update" => {
            classes.insert(Class::Update);
        }
        "delete" => {
            classes.insert(Class::Delete);
        }
        "merge" => classes.extend([Class::Insert, Class::Update, Class::Delete]),
        "create" | "alter" | "drop" | "truncate" | "rename" | "comment" | "reindex" | "grant"
        | "revoke" | "refresh" | "security" => {
            classes.insert(Class::Ddl);
        }
        "begin" | "start" | "commit" | "end" | "rollback" | "savepoint" | "release" | "abort" => {
            classes.insert(Class::Transaction);
        }
        "pragma" => {
            classes.insert(Class::Pragma);
        }
        _ => {
            classes.insert(Class::Other);
        }
    }
    inner(tokens, dialect, &mut classes);
    classes
}

fn is_option(word: &str) -> bool {
    let options = [
        "analyze",
        "verbose",
        "query",
        "plan",
        "format",
        "extended",
        "partitions",
        "json",
        "text",
        "xml",
        "yaml",
        "tree",
        "traditional",
        "on",
        "off",
        "true",
        "false",
        "costs",
        "settings",
        "buffers",
        "wal",
        "timing",
        "summary",
        "generic_plan",
        "memory",
        "serialize",
    ];
    options
        .iter()
        .any(|option| option.eq_ignore_ascii_case(word))
}

/// Adds what happens inside a statement: a CTE that changes data, a conflict that updates, a selection into something.
fn inner(tokens: &[Token<'_>], dialect: Dialect, classes: &mut BTreeSet<Class>) {
    let only_reads = classes.iter().all(|class| *class == Class::Select);
    let inserts = classes.contains(&Class::Insert);
    for (index, token) in tokens.iter().enumerate() {
        let Token::Word(word) = token else { continue };
        let word = word.to_ascii_lowercase();
        let before = index.checked_sub(1).and_then(|index| tokens.get(index));
        let after_word = |wanted: &str| matches!(before, Some(Token::Word(word)) if word.eq_ignore_ascii_case(wanted));
        if before == Some(&Token::Sign(b'(')) {
            match word.as_str() {
                "insert" => {
                    // MySQL has a function of this name.
                    let is_call = tokens.get(index + 1) == Some(&Token::Sign(b'('));
                    if !is_call {
                        classes.insert(Class::Insert);
                    }
                }
                "update" => {
                    classes.insert(Class::Update);
                }
                "delete" => {
                    classes.insert(Class::Delete);
                }
                "merge" => classes.extend([Class::Insert, Class::Update, Class::Delete]),
                _ => {}
            }
        }
        if inserts && word == "update" && (after_word("do") || after_word("key")) {
            classes.insert(Class::Update);
        }
        if only_reads && word == "into" && dialect != Dialect::Sqlite {
            // `SELECT … INTO` makes a table or writes a file.
            classes.insert(if dialect == Dialect::Postgres {
                Class::Ddl
            } else {
                Class::Other
            });
        }
    }
}

/// Returns what a statement with CTEs is about: its first verb outside of parentheses.
fn main_verb(tokens: &[Token<'_>]) -> Vec<Class> {
    let mut depth = 0_usize;
    for token in tokens {
        match token {
            Token::Sign(b'(') => depth += 1,
            Token::Sign(b')') => depth = depth.saturating_sub(1),
            Token::Word(word) if depth == 0 => match word.to_ascii_lowercase().as_str() {
                "select" | "values" | "table" => return vec![Class::Select],
                "insert" => return vec![Class::Insert],
                "replace" => return vec![Class::Insert, Class::Delete],
                "update" => return vec![Class::Update],
                "delete" => return vec![Class::Delete],
                "merge" => return vec![Class::Insert, Class::Update, Class::Delete],
                _ => {}
            },
            _ => {}
        }
    }
    vec![Class::Other]
}

#[cfg(test)]
mod tests {
    use llmspell_core::Map;
    use serde_json::json;

    use super::*;

    const MYSQL: Dialect = Dialect::Mysql {
        backslashes: true,
        ansi_quotes: false,
    };

    fn class(dialect: Dialect, text: &str) -> String {
        let statement =
            Statement::parse(dialect, text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        let names: Vec<_> = statement.classes.iter().map(|class| class.name()).collect();
        names.join("+")
    }

    #[test]
    fn statements_are_classed() {
        for (text, expected) in [
            ("select 1", "select"),
            ("  -- note\n /* more */ SELECT 1 ;  ", "select"),
            ("(select 1) union (select 2)", "select"),
            ("values (1)", "select"),
            ("with a as (select 1) select * from a", "select"),
            (
                "with a as (select 1) insert into t select * from a",
                "insert",
            ),
            ("insert into t values (1) on conflict do nothing", "insert"),
            (
                "insert into t values (1) on conflict (a) do update set a = 1",
                "insert+update",
            ),
            ("update t set a = 1", "update"),
            ("delete from t", "delete"),
            ("replace into t values (1)", "insert+delete"),
            ("create table t (a int)", "ddl"),
            ("drop table t", "ddl"),
            ("begin", "transaction"),
            ("pragma user_version", "pragma"),
            ("attach 'x' as y", "other"),
            ("vacuum into 'x'", "other"),
            ("select 'delete from t; drop table t'", "select"),
            ("select \"(delete\" from t", "select"),
            ("explain delete from t", "select"),
        ] {
            for dialect in [Dialect::Sqlite, Dialect::Postgres, MYSQL] {
                assert_eq!(class(dialect, text), expected, "{dialect:?}: {text}");
            }
        }
        for (dialect, text, expected) in [
            (
                Dialect::Postgres,
                "with a as (delete from t returning *) select * from a",
                "select+delete",
            ),
            (Dialect::Postgres, "select * into u from t", "select+ddl"),
            (
                Dialect::Postgres,
                "explain (analyze, costs off) update t set a = 1",
                "update",
            ),
            (Dialect::Postgres, "explain analyze delete from t", "delete"),
            (
                Dialect::Postgres,
                "merge into t using u on true when matched then delete",
                "insert+update+delete",
            ),
            (Dialect::Postgres, "copy t to '/tmp/x'", "other"),
            (
                Dialect::Postgres,
                "do $$ begin delete from t; end $$",
                "other",
            ),
            (Dialect::Postgres, "select $a$ (delete $$ $a$", "select"),
            (Dialect::Postgres, "select E'it\\'s' || '(delete'", "select"),
            (
                Dialect::Postgres,
                "select E'a'\n'\\' (delete ' , (1)",
                "select",
            ),
            (
                Dialect::Postgres,
                "/* a /* b */ delete */ select 1",
                "select",
            ),
            (MYSQL, "select 1 into outfile '/tmp/x'", "select+other"),
            (MYSQL, "select 'it\\'s' # (delete\n, 1", "select"),
            (
                MYSQL,
                "insert into t values (1) on duplicate key update a = 2",
                "insert+update",
            ),
            (MYSQL, "select (insert('abc', 1, 1, 'x'))", "select"),
            (MYSQL, "set global general_log = 1", "other"),
            (
                MYSQL,
                "load data local infile '/etc/passwd' into table t",
                "other",
            ),
            (MYSQL, "show tables", "select"),
        ] {
            assert_eq!(class(dialect, text), expected, "{text}");
        }
    }

    #[test]
    fn only_one_statement_is_taken() {
        for (dialect, text) in [
            (Dialect::Sqlite, "select 1; drop table t"),
            (Dialect::Postgres, "select 1; drop table t"),
            (Dialect::Postgres, "select 1;;; -- x\n ; delete from t"),
            (MYSQL, "select 1; drop table t"),
            // A comment for MySQL only with a blank behind it.
            (MYSQL, "select 1 --1; drop table t"),
        ] {
            let error = Statement::parse(dialect, text).unwrap_err();
            assert!(
                error.message().contains("several statements"),
                "{text}: {error:?}"
            );
        }
        for text in ["", " ; ", "-- nothing", "/* nothing */"] {
            assert!(Statement::parse(Dialect::Sqlite, text).is_err(), "{text:?}");
        }
        for text in ["select 'a", "select \"a", "/* x", "select $$ x"] {
            let error = Statement::parse(Dialect::Postgres, text).unwrap_err();
            assert!(
                error.message().contains("is not closed"),
                "{text}: {error:?}"
            );
        }
        let hidden =
            Statement::parse(MYSQL, "select 1 /*!50000 into outfile '/tmp/x' */").unwrap_err();
        assert_eq!(hidden.kind(), Kind::Denied);
        let hidden =
            Statement::parse(MYSQL, "select 1 /*M!50000 into outfile '/tmp/x' */").unwrap_err();
        assert_eq!(hidden.kind(), Kind::Denied);
        assert!(Statement::parse(Dialect::Sqlite, "select 1\0; x").is_err());
    }

    fn bound(
        dialect: Dialect,
        text: &str,
        params: serde_json::Value,
    ) -> Result<(String, Vec<i64>)> {
        let bound = Statement::parse(dialect, text)?.bind(&Params::read(Some(params.into()))?)?;
        Ok((
            bound.sql,
            bound.values.iter().filter_map(Value::as_int).collect(),
        ))
    }

    #[test]
    fn marks_are_written_as_the_server_knows_them() {
        for (text, params, sqlite, postgres, mysql, once) in [
            (
                "select ?, ?",
                json!([1, 2]),
                "select ?1, ?2",
                "select $1, $2",
                "select ?, ?",
                true,
            ),
            (
                "select $2, $1",
                json!([1, 2]),
                "select ?1, ?2",
                "select $1, $2",
                "select ?, ?",
                true,
            ),
            (
                "select $1, $1",
                json!([1]),
                "select ?1, ?1",
                "select $1, $1",
                "select ?, ?",
                false,
            ),
            (
                " select :b, :a, :b",
                json!({"a": 1, "b": 2}),
                "select ?1, ?2, ?1",
                "select $1, $2, $1",
                "select ?, ?, ?",
                false,
            ),
            (
                "select '?', ?, \":a\"",
                json!([1]),
                "select '?', ?1, \":a\"",
                "select '?', $1, \":a\"",
                "select '?', ?, \":a\"",
                true,
            ),
        ] {
            let (sql, values) = bound(Dialect::Sqlite, text, params.clone()).unwrap();
            assert_eq!(sql, sqlite);
            let (sql, again) = bound(Dialect::Postgres, text, params.clone()).unwrap();
            assert_eq!(sql, postgres);
            assert_eq!(values, again);
            let (sql, repeated) = bound(MYSQL, text, params).unwrap();
            assert_eq!(sql, mysql);
            assert_eq!(repeated == values, once, "{text}");
        }
        let plain = |text: &str| bound(Dialect::Postgres, text, json!([])).unwrap().0;
        assert_eq!(
            plain("select '{}'::jsonb ? 'a'"),
            "select '{}'::jsonb ? 'a'"
        );
        assert_eq!(plain("select a[1:n] from t"), "select a[1:n] from t");
        let (sql, _) = bound(
            Dialect::Postgres,
            "select j ?| $1, b ? 'x', 1::int",
            json!([1]),
        )
        .unwrap();
        assert_eq!(sql, "select j ?| $1, b ? 'x', 1::int");
    }

    #[test]
    fn parameters_must_match_the_marks() {
        for (text, params) in [
            ("select ?", json!([])),
            ("select ?", json!([1, 2])),
            ("select 1", json!([1])),
            ("select $3", json!([1, 2])),
            ("select :a", json!([1])),
            ("select ?", json!({"a": 1})),
            ("select :a", json!({"a": 1, "b": 2})),
            ("select :a", json!({"b": 2})),
            ("select ?, $1", json!([1, 2])),
            ("select $0", json!([1])),
        ] {
            let error = bound(Dialect::Sqlite, text, params.clone()).unwrap_err();
            assert_eq!(
                error.kind(),
                Kind::InvalidArgs,
                "{text} {params}: {error:?}"
            );
        }
        let nothing = Params::read(Some(Value::Map(Map::new()))).unwrap();
        assert!(nothing.is_empty());
    }
}
