//! One SQL statement: what it does, and where its parameters stand.
//!
//! Behind it each server enforces the same: statements are prepared, which takes only one, and what the class says is
//! no change runs in a read-only transaction.

mod bind;
mod class;
mod scan;

use std::collections::BTreeSet;

use llmspell_core::{Result, error};

pub(super) use self::bind::{Bound, Params};
pub(super) use self::class::Class;
use self::class::classes;
use self::scan::{Hole, Scanner};
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
}

impl Statement {
    /// Returns the first word, by which who mistyped it knows what is meant.
    pub(super) fn verb(&self) -> &str {
        let letters = |letter: char| !letter.is_alphanumeric() && letter != '_';
        let mut words = self.text.split(letters).filter(|word| !word.is_empty());
        words.next().unwrap_or_default()
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
}

#[cfg(test)]
mod tests;
