//! What is searched for.

use grep_matcher::{Captures as _, Match, Matcher as _};
use grep_regex::{RegexMatcher, RegexMatcherBuilder};
use llmspell_core::{Cx, Result, error};

use super::Work;
use crate::param::{fits, refused};

/// Longest pattern, in bytes.
const MAX_PATTERN: usize = 64 * 1024;

/// Most memory of a compiled pattern, in bytes.
const MAX_COMPILED: usize = 10 << 20;

/// Matches between two looks at the caller's stop.
const STEPS: usize = 1024;

/// A compiled pattern. Unless it may go over lines, no match has a line break in it, so that a search takes a time
/// linear in the text.
#[derive(Clone)]
pub(super) struct Query(RegexMatcher);

impl Query {
    pub(super) fn new(work: &Work<'_>) -> Result<Self> {
        let pattern = work.a.pattern.as_deref();
        let pattern = pattern.ok_or_else(|| work.missing("pattern"))?;
        if pattern.trim().is_empty() {
            return Err(refused("pattern", "parameter 'pattern' is blank"));
        }
        fits("pattern", pattern.len(), MAX_PATTERN)?;
        let multiline = work.a.multiline.unwrap_or(false);
        let mut builder = RegexMatcherBuilder::new();
        builder
            .case_insensitive(!work.is_case_sensitive()?)
            .fixed_strings(!work.is_regex())
            .word(work.a.whole_word.unwrap_or(false))
            .multi_line(true)
            .crlf(true)
            .size_limit(MAX_COMPILED)
            .dfa_size_limit(MAX_COMPILED);
        builder.line_terminator((!multiline).then_some(b'\n'));
        let built = builder.build(pattern).map_err(|cause| {
            let reason = cause.to_string();
            let error = refused("pattern", format!("parameter 'pattern': {reason}"));
            match reason.contains("is not allowed") {
                true => error.hint("set `multiline = true` for matches over several lines"),
                false => error.hint("the syntax is that of Rust's regex crate"),
            }
        });
        Ok(Self(built?))
    }

    /// Shows the matches to `visit`, in order, until it returns false. After an empty one the search goes on one
    /// character further.
    pub(super) fn each(
        &self,
        cx: &Cx,
        text: &str,
        mut visit: impl FnMut(Match) -> Result<bool>,
    ) -> Result<()> {
        let (mut at, mut last, mut steps) = (0, None, 0);
        while at <= text.len() {
            steps += 1;
            if steps % STEPS == 0 {
                cx.check()?;
            }
            let found = self.0.find_at(text.as_bytes(), at);
            let Some(found) =
                found.map_err(|cause| error!(Execution, "the search failed: {cause}"))?
            else {
                break;
            };
            let end = found.end();
            // A pattern about bytes may match a part of a character.
            let is_whole = text.is_char_boundary(found.start()) && text.is_char_boundary(end);
            let is_match =
                is_whole && (!found.is_empty() || (last != Some(end) && is_in_line(text, end)));
            if is_match {
                last = Some(end);
                if !visit(found)? {
                    break;
                }
            }
            at = match found.is_empty() {
                true => text.ceil_char_boundary(end + 1).max(end + 1),
                false => end,
            };
        }
        Ok(())
    }

    /// Returns the groups of the match that starts at a place.
    pub(super) fn groups(&self, text: &str, at: usize) -> Vec<Option<String>> {
        let count = self.0.capture_count();
        let captures = self.0.new_captures().ok().filter(|_| count > 1);
        let Some(mut captures) = captures else {
            return Vec::new();
        };
        let bytes = text.as_bytes();
        if !self
            .0
            .captures_at(bytes, at, &mut captures)
            .unwrap_or(false)
        {
            return Vec::new();
        }
        let group = |index| {
            let found = captures.get(index)?;
            Some(String::from_utf8_lossy(&bytes[found]).into_owned())
        };
        (1..count).map(group).collect()
    }
}

/// The end of a text that ends with a line break is in no line.
fn is_in_line(text: &str, at: usize) -> bool {
    at < text.len() || !text.ends_with('\n')
}
