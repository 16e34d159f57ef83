//! The pieces of a statement.
//!
//! This is a tokenizer, not a parser: it tells comments, strings and names apart as the server does, so that what a
//! string contains is never taken for SQL.

use llmspell_core::{Error, Kind, Result, bail};

use super::Dialect;
use crate::param::refused;

/// A piece of a statement.
#[derive(Debug, PartialEq)]
pub(super) enum Token<'a> {
    Word(&'a str),
    Hole(usize),
    Sign(u8),
    /// A string, a quoted name, a number.
    Other,
}

/// A place for a parameter.
#[derive(Clone, Debug)]
pub(super) struct Hole {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) key: Key,
}

/// Which parameter belongs to a place.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Key {
    /// `?`
    Next,
    /// `$1`, counted from 0.
    Number(usize),
    /// `:name`
    Name(String),
}

/// Reads a statement from its begin to its end.
pub(super) struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    dialect: Dialect,
    pub(super) holes: Vec<Hole>,
    pub(super) tokens: Vec<Token<'a>>,
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

fn is_part(byte: u8) -> bool {
    is_letter(byte) || byte.is_ascii_digit() || byte == b'$'
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str, dialect: Dialect) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
            dialect,
            holes: Vec::new(),
            tokens: Vec::new(),
        }
    }

    fn byte(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    /// Reads the tokens, and returns where the statement ends.
    pub(super) fn scan(&mut self) -> Result<usize> {
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
