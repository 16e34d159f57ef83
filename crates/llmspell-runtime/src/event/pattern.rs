//! Patterns of event types.
//!
//! ```text
//! pattern = segment { "." segment } ;        (* only "." separates; ":" and "_" are ordinary *)
//! segment = "**" | { char | "*" | "?" | class | "{" alt { "," alt } "}" } ;
//! ```

use llmspell_core::{Error, Result, error};

use super::glob::{Glob, Item};

/// Longest pattern (characters).
const LONGEST: usize = 1024;

/// Most patterns without braces that one with braces may stand for.
const MOST_ALTERNATIVES: usize = 64;

/// A pattern, taken apart.
#[derive(Clone, Debug)]
pub struct Pattern {
    text: String,
    /// What it stands for without braces; it fits where one of these does.
    pub(super) paths: Vec<Path>,
}

/// A pattern without braces: its segments, and how it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path {
    pub(super) segments: Vec<Segment>,
    pub(super) end: End,
}

/// One segment of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Segment {
    /// This text.
    Literal(String),
    /// `*`: any text but none.
    One,
    /// `**`: any number of segments.
    Many,
    /// Anything with wildcards inside.
    Glob(Glob),
}

/// How a pattern ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// With its last segment.
    Here,
    /// With `.*`: whatever follows, but something.
    Rest,
    /// With a segment whose last character is `*`: that segment begins so, and whatever follows.
    Prefix(Glob),
}

/// A piece of a pattern on its way.
#[derive(Clone, Debug)]
enum Piece {
    Dot,
    Item(Item),
    Alternatives(Vec<Vec<Item>>),
}

impl Pattern {
    /// Takes a pattern apart.
    ///
    /// - Errors: `InvalidArgs` for an empty pattern; `Parse` naming what is wrong and where.
    pub fn new(text: &str) -> Result<Self> {
        if text.is_empty() {
            return Err(error!(InvalidArgs, "an event pattern must not be empty")
                .hint("'*' stands for all events"));
        }
        if text.chars().count() > LONGEST {
            return Err(malformed(
                text,
                format!("is longer than {LONGEST} characters"),
            ));
        }
        let mut paths: Vec<Vec<Piece>> = vec![Vec::new()];
        for piece in Reader::new(text).pieces()? {
            let Piece::Alternatives(alternatives) = piece else {
                paths.iter_mut().for_each(|path| path.push(piece.clone()));
                continue;
            };
            if paths.len() * alternatives.len() > MOST_ALTERNATIVES {
                let why = format!("stands for more than {MOST_ALTERNATIVES} alternatives");
                return Err(malformed(text, why));
            }
            let with = |path: &Vec<Piece>| {
                let path = path.clone();
                alternatives.iter().map(move |items| {
                    let items = items.iter().cloned().map(Piece::Item);
                    path.iter().cloned().chain(items).collect()
                })
            };
            paths = paths.iter().flat_map(with).collect();
        }
        Ok(Self {
            text: text.to_owned(),
            paths: paths.into_iter().map(path).collect(),
        })
    }

    /// Returns the pattern as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// Joins the pieces of a pattern without braces.
fn path(pieces: Vec<Piece>) -> Path {
    let mut segments: Vec<Vec<Item>> = vec![Vec::new()];
    for piece in pieces {
        match piece {
            // No segment holds a '.', so that one that is taken as it is separates them too.
            Piece::Dot | Piece::Item(Item::Char('.')) => segments.push(Vec::new()),
            Piece::Item(item) => {
                if let Some(last) = segments.last_mut() {
                    last.push(item);
                }
            }
            Piece::Alternatives(_) => {}
        }
    }
    let last = segments.pop().unwrap_or_default();
    let mut segments: Vec<Segment> = segments.into_iter().map(segment).collect();
    let end = match (segment(last.clone()), last.last()) {
        (Segment::One, _) => End::Rest,
        (Segment::Glob(glob), Some(Item::Star)) => End::Prefix(glob),
        (segment, _) => {
            segments.push(segment);
            End::Here
        }
    };
    Path { segments, end }
}

fn segment(items: Vec<Item>) -> Segment {
    match items.as_slice() {
        [Item::Star] => return Segment::One,
        [Item::Star, Item::Star] => return Segment::Many,
        _ => {}
    }
    let literal: Option<String> = items
        .iter()
        .map(|item| match item {
            Item::Char(letter) => Some(*letter),
            _ => None,
        })
        .collect();
    match literal {
        Some(text) => Segment::Literal(text),
        None => Segment::Glob(Glob::new(items)),
    }
}

/// Reads a pattern from left to right.
struct Reader<'a> {
    text: &'a str,
    rest: std::iter::Peekable<std::str::Chars<'a>>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            rest: text.chars().peekable(),
        }
    }

    fn pieces(mut self) -> Result<Vec<Piece>> {
        let mut pieces = Vec::new();
        while let Some(letter) = self.rest.next() {
            pieces.push(match letter {
                '.' => Piece::Dot,
                '{' => Piece::Alternatives(self.alternatives()?),
                '}' => return Err(malformed(self.text, "has a '}' without a '{' before it")),
                letter => Piece::Item(self.item(letter)?),
            });
        }
        Ok(pieces)
    }

    fn item(&mut self, letter: char) -> Result<Item> {
        Ok(match letter {
            '*' => Item::Star,
            '?' => Item::Any,
            '[' => self.class()?,
            '\\' => match self.rest.next() {
                Some(letter) => Item::Char(letter),
                None => return Err(malformed(self.text, "ends with a '\\'")),
            },
            letter => Item::Char(letter),
        })
    }

    fn alternatives(&mut self) -> Result<Vec<Vec<Item>>> {
        let mut all = vec![Vec::new()];
        while let Some(letter) = self.rest.next() {
            match letter {
                '}' => return Ok(all),
                ',' => all.push(Vec::new()),
                '.' => break,
                '{' => return Err(malformed(self.text, "has a '{' within a '{'")),
                letter => {
                    let item = self.item(letter)?;
                    if let Some(last) = all.last_mut() {
                        last.push(item);
                    }
                }
            }
        }
        Err(malformed(
            self.text,
            "has a '{' that is not closed in its segment",
        ))
    }

    fn class(&mut self) -> Result<Item> {
        let open = "has a '[' that is not closed in its segment";
        let negated = self
            .rest
            .next_if(|next| matches!(next, '!' | '^'))
            .is_some();
        let mut ranges = Vec::new();
        loop {
            let from = match self.rest.next() {
                Some(']') if !ranges.is_empty() => return Ok(Item::Class { negated, ranges }),
                Some('\\') => self.rest.next().ok_or_else(|| malformed(self.text, open))?,
                Some('.') | None => return Err(malformed(self.text, open)),
                Some(letter) => letter,
            };
            let mut ahead = self.rest.clone();
            let is_range = ahead.next() == Some('-') && ahead.next().is_some_and(|to| to != ']');
            let to = match is_range {
                true => {
                    self.rest.next();
                    self.rest.next().unwrap_or(from)
                }
                false => from,
            };
            if to < from {
                return Err(malformed(
                    self.text,
                    format!("has the range '{from}-{to}', which is empty"),
                ));
            }
            ranges.push((from, to));
        }
    }
}

fn malformed(text: &str, why: impl std::fmt::Display) -> Error {
    let shown: String = text.chars().take(80).collect();
    error!(Parse, "the event pattern '{shown}' {why}")
        .hint("'\\' before a character takes it as it is")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaint(text: &str) -> String {
        Pattern::new(text).unwrap_err().message().to_owned()
    }

    #[test]
    fn what_is_malformed_is_said() {
        assert_eq!(complaint(""), "an event pattern must not be empty");
        for (text, why) in [
            ("a.[b", "has a '[' that is not closed in its segment"),
            ("a.[b.c]", "has a '[' that is not closed in its segment"),
            ("a.{b,c", "has a '{' that is not closed in its segment"),
            ("{a.b,c}", "has a '{' that is not closed in its segment"),
            ("a}", "has a '}' without a '{' before it"),
            ("{a{b}}", "has a '{' within a '{'"),
            ("a\\", "ends with a '\\'"),
            ("[z-a]", "has the range 'z-a', which is empty"),
        ] {
            assert_eq!(complaint(text), format!("the event pattern '{text}' {why}"));
        }
    }

    #[test]
    fn braces_are_bounded() {
        assert!(complaint(&"{a,b}".repeat(7)).contains("more than 64 alternatives"));
        assert_eq!(Pattern::new(&"{a,b}".repeat(6)).unwrap().paths.len(), 64);
        assert!(complaint(&"a".repeat(1025)).contains("longer than 1024"));
    }
}
