//! What a statement does, as far as its words tell. Where they do not, the class is the stricter one.

use std::collections::BTreeSet;

use super::Dialect;
use super::scan::Token;

/// What a statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
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
    pub(crate) const ALL: [(&'static str, Self); 8] = [
        ("select", Self::Select),
        ("insert", Self::Insert),
        ("update", Self::Update),
        ("delete", Self::Delete),
        ("ddl", Self::Ddl),
        ("transaction", Self::Transaction),
        ("pragma", Self::Pragma),
        ("other", Self::Other),
    ];

    pub(crate) fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(_, class)| *class == self)
            .map_or("other", |(name, _)| name)
    }
}

/// What statements do, by the word that they begin with.
const VERBS: &[(&[Class], &[&str])] = &[
    (&[Class::Select], &["select", "values", "table"]),
    (&[Class::Insert], &["insert"]),
    (&[Class::Insert, Class::Delete], &["replace"]),
    (&[Class::Update], &["update"]),
    (&[Class::Delete], &["delete"]),
    (&[Class::Insert, Class::Update, Class::Delete], &["merge"]),
    (
        &[Class::Ddl],
        &[
            "create", "alter", "drop", "truncate", "rename", "comment", "reindex", "grant",
            "revoke", "refresh", "security",
        ],
    ),
    (
        &[Class::Transaction],
        &[
            "begin",
            "start",
            "commit",
            "end",
            "rollback",
            "savepoint",
            "release",
            "abort",
        ],
    ),
    (&[Class::Pragma], &["pragma"]),
    (
        &[Class::Other],
        &[
            "analyze",
            "attach",
            "binlog",
            "cache",
            "call",
            "change",
            "check",
            "checkpoint",
            "checksum",
            "close",
            "clone",
            "cluster",
            "copy",
            "deallocate",
            "declare",
            "detach",
            "discard",
            "do",
            "execute",
            "fetch",
            "flush",
            "get",
            "handler",
            "help",
            "import",
            "install",
            "kill",
            "listen",
            "load",
            "lock",
            "move",
            "notify",
            "optimize",
            "prepare",
            "purge",
            "reassign",
            "repair",
            "reset",
            "resignal",
            "restart",
            "set",
            "shutdown",
            "signal",
            "stop",
            "uninstall",
            "unlisten",
            "unlock",
            "use",
            "vacuum",
            "xa",
        ],
    ),
];

/// Words that statements begin with whose class what follows tells.
const OPENERS: &[&str] = &["with", "explain"];

/// Returns what statements do that begin with a word; nothing if none does.
fn of_verb(verb: &str) -> Option<&'static [Class]> {
    let found = VERBS.iter().find(|(_, verbs)| verbs.contains(&verb));
    found.map(|(classes, _)| *classes)
}

/// Returns whether statements of some server begin with a word, in small letters.
pub(super) fn is_verb(word: &str) -> bool {
    OPENERS.contains(&word) || of_verb(word).is_some()
}

/// Returns the words that usual statements begin with.
pub(super) fn usual_verbs() -> impl Iterator<Item = &'static str> {
    let usual = VERBS
        .iter()
        .filter(|(classes, _)| *classes != [Class::Other]);
    let verbs = usual.flat_map(|(_, verbs)| verbs.iter());
    verbs.chain(OPENERS).copied()
}

/// Returns all that a statement does.
pub(super) fn classes(tokens: &[Token<'_>], dialect: Dialect) -> BTreeSet<Class> {
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
        verb => classes.extend(of_verb(verb).unwrap_or(&[Class::Other])),
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
fn main_verb(tokens: &[Token<'_>]) -> &'static [Class] {
    let mut depth = 0_usize;
    for token in tokens {
        match token {
            Token::Sign(b'(') => depth += 1,
            Token::Sign(b')') => depth = depth.saturating_sub(1),
            Token::Word(word) if depth == 0 => match of_verb(&word.to_ascii_lowercase()) {
                Some(classes) if classes.iter().all(|class| *class <= Class::Delete) => {
                    return classes;
                }
                _ => {}
            },
            _ => {}
        }
    }
    &[Class::Other]
}
