//! Wildcards within one segment of a pattern.

use crate::glob;

/// One thing in a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Item {
    Char(char),
    /// `?`: one character.
    Any,
    /// `*`: any number of characters.
    Star,
    /// `[a-z]`, `[!a]`.
    Class {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
}

impl Item {
    fn takes(&self, letter: char) -> bool {
        match self {
            Self::Char(own) => *own == letter,
            Self::Any => true,
            Self::Star => false,
            Self::Class { negated, ranges } => {
                let inside = ranges
                    .iter()
                    .any(|(from, to)| (*from..=*to).contains(&letter));
                inside != *negated
            }
        }
    }
}

/// A segment with wildcards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Glob(Vec<Item>);

impl Glob {
    pub(super) fn new(items: Vec<Item>) -> Self {
        Self(items)
    }

    /// Returns whether the whole of `text` fits.
    pub(super) fn fits(&self, text: &str) -> bool {
        let letters: Vec<char> = text.chars().collect();
        let is_star = |item: &Item| *item == Item::Star;
        glob::fits(&self.0, &letters, is_star, |item, letter| {
            item.takes(*letter)
        })
    }
}
