//! Where the values of a JSON text stand.

use std::sync::Arc;

use crate::config::{Document, Item, Origin, Table, Tree};

/// Returns the places of all values. The text must have been parsed before.
pub(super) fn places(document: &Arc<Document>) -> Tree {
    let mut reader = Reader { document, at: 0 };
    reader.value()
}

/// Reads a text that is valid, so that it need not look closely.
struct Reader<'a> {
    document: &'a Arc<Document>,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.document.text.get(self.at..).unwrap_or_default()
    }

    fn space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn eat(&mut self, mark: char) -> bool {
        self.space();
        let is_next = self.rest().starts_with(mark);
        self.at += usize::from(is_next);
        is_next
    }

    fn here(&self) -> Origin {
        Origin::File(self.document.clone(), self.at)
    }

    fn value(&mut self) -> Tree {
        self.space();
        let origin = self.here();
        let item = if self.eat('{') {
            self.members()
        } else if self.eat('[') {
            self.items()
        } else if self.rest().starts_with('"') {
            Item::Text(self.text())
        } else {
            let rest = self.rest();
            let end = rest.find([',', ']', '}']).unwrap_or(rest.len());
            let word = rest[..end].trim_end().to_owned();
            self.at += end;
            Item::Text(word)
        };
        Tree::new(item, origin)
    }

    fn members(&mut self) -> Item {
        let mut members = Table::new();
        while !self.eat('}') && !self.rest().is_empty() {
            let key = self.here();
            let name = self.text();
            self.eat(':');
            let mut value = self.value();
            value.key = key;
            members.insert(name, value);
            self.eat(',');
        }
        Item::Table(members)
    }

    fn items(&mut self) -> Item {
        let mut items = Vec::new();
        while !self.eat(']') && !self.rest().is_empty() {
            items.push(self.value());
            self.eat(',');
        }
        Item::List(items)
    }

    /// Takes a quoted text.
    fn text(&mut self) -> String {
        let rest = self.rest();
        let mut escaped = false;
        let end = rest.char_indices().skip(1).find(|(_, letter)| {
            let ends = *letter == '"' && !escaped;
            escaped = *letter == '\\' && !escaped;
            ends
        });
        let quoted = &rest[..end.map_or(rest.len(), |(at, _)| at + 1)];
        let text = serde_json::from_str(quoted).unwrap_or_default();
        self.at += quoted.len().max(1);
        text
    }
}
