//! Wildcards within one segment of a pattern.

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
    ///
    /// What follows the last `*` is tried at each place in turn, so the cost is at most the product of the lengths.
    pub(super) fn fits(&self, text: &str) -> bool {
        let items = &self.0;
        let (mut at, mut rest) = (0, text.chars());
        let mut star = None;
        loop {
            let before = rest.clone();
            let Some(letter) = rest.next() else { break };
            match items.get(at) {
                Some(Item::Star) => {
                    star = Some((at + 1, before.clone()));
                    at += 1;
                    rest = before;
                }
                Some(item) if item.takes(letter) => at += 1,
                _ => match &mut star {
                    Some((place, tried)) => {
                        tried.next();
                        at = *place;
                        rest = tried.clone();
                    }
                    None => return false,
                },
            }
        }
        items[at..].iter().all(|item| *item == Item::Star)
    }
}
