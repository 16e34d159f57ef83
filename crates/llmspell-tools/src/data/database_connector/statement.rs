//! One SQL statement: what it does, and where its parameters stand.
//!
//! Behind it each server enforces the same: statements are prepared, which takes only one, and what the class says is
//! no change runs in a read-only transaction.

mod bind;
mod class;
mod scan;

use std::collections::BTreeSet;

use llmspell_core::{Error, Kind, Result, error, nearest};

pub(super) use self::bind::{Bound, Params};
pub(super) use self::class::Class;
use self::class::classes;
use self::scan::{Hole, Scanner, Token};
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

/// A statement that was looked through.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    text: String,
    dialect: Dialect,
    /// All that it does; the last one is what it is about.
    pub(super) classes: BTreeSet<Class>,
    holes: Vec<Hole>,
    /// The first word that is no comment, and how many characters of the text stand before it.
    verb: (String, usize),
}

impl Statement {
    /// Returns the first word.
    pub(super) fn verb(&self) -> &str {
        &self.verb.0
    }

    /// Returns the error for a text that begins as no statement does, as a mistyped one.
    pub(super) fn unknown_verb(&self) -> Option<Error> {
        let (verb, at) = (self.verb.0.to_ascii_lowercase(), self.verb.1);
        // What begins with a known one may be of the class for what it does besides: `SELECT … INTO OUTFILE`.
        if self.classes.iter().any(|class| *class != Class::Other) || class::is_verb(&verb) {
            return None;
        }
        let message = format!("no statement begins with '{:.40}'", self.verb.0);
        let error = Error::new(Kind::Execution, message)
            .with("sqlstate", "42601")
            .with("position", at + 1);
        Some(match nearest(&verb, class::usual_verbs()).first() {
            Some(near) => error.hint(format!("did you mean '{near}'?")),
            None => error,
        })
    }

    /// Returns whether it is `VACUUM`, with the name of a database or without, which reaches nothing else.
    pub(super) fn is_vacuum(sql: &str) -> bool {
        let sql = sql.trim_end_matches([';', ' ']);
        let words: Vec<&str> = sql.split_ascii_whitespace().collect();
        let is_name = |name: &str| {
            !name.eq_ignore_ascii_case("into")
                && name
                    .chars()
                    .all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        };
        match words[..] {
            [verb] => verb.eq_ignore_ascii_case("vacuum"),
            [verb, name] => verb.eq_ignore_ascii_case("vacuum") && is_name(name),
            _ => false,
        }
    }

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
        let mut scanner = Scanner::new(text, dialect);
        let end = scanner.scan()?;
        let classes = classes(&scanner.tokens, dialect);
        if scanner.tokens.is_empty() {
            return Err(refused("query", "the query holds no statement"));
        }
        let cut = text.len() - text.trim_start().len();
        let verb = scanner.tokens.iter().find_map(|token| match token {
            Token::Word(word) => Some(*word),
            _ => None,
        });
        let verb = verb.map_or_else(Default::default, |word| {
            let at = word.as_ptr() as usize - text.as_ptr() as usize;
            (word.to_owned(), text[cut..at].chars().count())
        });
        Ok(Self {
            text: text[..end].trim().to_owned(),
            dialect,
            classes,
            verb,
            holes: scanner
                .holes
                .into_iter()
                .map(|hole| Hole {
                    start: hole.start - cut,
                    end: hole.end - cut,
                    ..hole
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
}

#[cfg(test)]
mod tests;
