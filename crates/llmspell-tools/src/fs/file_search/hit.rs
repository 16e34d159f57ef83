//! A match as it is shown.

use grep_matcher::Match;
use memchr::{memchr, memchr_iter, memrchr};
use serde::Serialize;

/// Longest part of a line, or of a match, that is shown, in bytes.
const WIDTH: usize = 2000;

/// A match as it is shown.
#[derive(Debug, Serialize)]
pub(super) struct Hit {
    pub(super) file_path: String,
    line_number: usize,
    column_number: usize,
    byte_offset: usize,
    line_content: String,
    matched_text: String,
    captures: Vec<Option<String>>,
    context_before: Vec<String>,
    context_after: Vec<String>,
    context: String,
}

/// A text and how many of its lines were counted.
pub(super) struct Lines<'t> {
    text: &'t str,
    counted: usize,
    number: usize,
}

impl<'t> Lines<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            counted: 0,
            number: 1,
        }
    }

    /// Shows a match; matches come in the order of the text.
    pub(super) fn hit(
        &mut self,
        file_path: &str,
        found: Match,
        around: usize,
        captures: Vec<Option<String>>,
    ) -> Hit {
        let bytes = self.text.as_bytes();
        self.number += memchr_iter(b'\n', &bytes[self.counted..found.start()]).count();
        self.counted = found.start();
        let start = memrchr(b'\n', &bytes[..found.start()]).map_or(0, |at| at + 1);
        // A match over several lines shows all of them; its own line break at the end begins no other one.
        let last = found.end().saturating_sub(usize::from(!found.is_empty()));
        let last = last.max(found.start());
        let end = memchr(b'\n', &bytes[last..]).map_or(bytes.len(), |at| last + at);
        let line_content = window(self.line(start, end), found.start() - start);
        let context_before = self.before(start, around);
        let context_after = self.after(end, around);
        let shown = context_before.iter().map(String::as_str);
        let shown = shown.chain([line_content.as_str()]);
        let shown: Vec<&str> = shown
            .chain(context_after.iter().map(String::as_str))
            .collect();
        Hit {
            file_path: file_path.to_owned(),
            line_number: self.number,
            column_number: self.text[start..found.start()].chars().count() + 1,
            byte_offset: found.start(),
            matched_text: window(&self.text[found.start()..found.end()], 0),
            captures,
            context: shown.join("\n"),
            line_content,
            context_before,
            context_after,
        }
    }

    fn line(&self, start: usize, end: usize) -> &'t str {
        let line = &self.text[start..end];
        line.strip_suffix('\r').unwrap_or(line)
    }

    fn before(&self, start: usize, most: usize) -> Vec<String> {
        let mut lines = Vec::new();
        let mut end = start;
        while lines.len() < most && end > 0 {
            let start = memrchr(b'\n', &self.text.as_bytes()[..end - 1]).map_or(0, |at| at + 1);
            lines.push(window(self.line(start, end - 1), 0));
            end = start;
        }
        lines.reverse();
        lines
    }

    fn after(&self, end: usize, most: usize) -> Vec<String> {
        let rest = self.text.get(end + 1..).unwrap_or_default();
        let lines = rest.lines().take(most);
        lines.map(|line| window(line, 0)).collect()
    }
}

/// Cuts a long text so that what is at `at` stays.
fn window(text: &str, at: usize) -> String {
    if text.len() <= WIDTH {
        return text.to_owned();
    }
    let start = match at < WIDTH / 2 {
        true => 0,
        false => text.floor_char_boundary(at - WIDTH / 4),
    };
    let end = text.floor_char_boundary((start + WIDTH).min(text.len()));
    let before = if start > 0 { "…" } else { "" };
    let after = if end < text.len() { "…" } else { "" };
    format!("{before}{}{after}", &text[start..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit(text: &str, start: usize, end: usize, around: usize) -> Hit {
        Lines::new(text).hit("f", Match::new(start, end), around, Vec::new())
    }

    #[test]
    fn places_are_counted_from_one_in_characters() {
        let found = hit("eins\nzwöi dräi\r\nvier", 12, 17, 1);
        assert_eq!((found.line_number, found.column_number), (2, 7));
        assert_eq!(found.line_content, "zwöi dräi");
        assert_eq!(found.context_before, ["eins"]);
        assert_eq!(found.context_after, ["vier"]);
        assert_eq!(found.context, "eins\nzwöi dräi\nvier");
    }

    #[test]
    fn a_match_over_lines_shows_them_all() {
        let found = hit("a\nb1\nb2\nc\n", 3, 7, 1);
        assert_eq!(found.line_content, "b1\nb2");
        assert_eq!(
            (&found.context_before[..], &found.context_after[..]),
            (&["a".to_owned()][..], &["c".to_owned()][..])
        );
        assert_eq!(hit("a\nb\nc", 2, 4, 0).line_content, "b");
    }

    #[test]
    fn long_lines_are_cut_around_the_match() {
        let text = format!("{}needle{}", "ä".repeat(5000), "b".repeat(5000));
        let found = hit(&text, 10_000, 10_006, 0);
        assert!(found.line_content.contains("needle") && found.line_content.len() < WIDTH + 10);
        assert!(found.line_content.starts_with('…') && found.line_content.ends_with('…'));
        assert_eq!(found.column_number, 5001);
    }
}
