//! Length and layout: cutting to size, indenting, wrapping, filling.

use llmspell_core::Result;
use textwrap::WrapAlgorithm;
use unicode_segmentation::UnicodeSegmentation;

use super::{Ask, Done, MOST_OUT, done, fits_out};
use crate::choice::choose_or_first;
use crate::param::{missing, refused, within};

const BY: &[&[&str]] = &[&["chars", "characters"], &["words"]];
const SIDES: &[&[&str]] = &[&["right", "end"], &["left", "start"], &["both", "center"]];

/// `truncate`: at most `max_length` characters with the ellipsis, or words without it.
pub(super) fn truncate(ask: &Ask) -> Result<Done> {
    let a = ask.options;
    let most = within("max_length", a.max_length.unwrap_or(100), 0..=i64::MAX)?;
    let ellipsis = a.ellipsis.as_deref().unwrap_or("...");
    let cut = match choose_or_first("by", a.by.as_deref(), BY)? {
        "words" => words(ask.text, most).map(|kept| format!("{kept}{ellipsis}")),
        _ => characters(ask.text, most, ellipsis),
    };
    let truncated = cut.is_some();
    let result = cut.unwrap_or_else(|| ask.text.to_owned());
    Ok(done(result)?.with("truncated", truncated))
}

/// Returns the text cut to `most` characters, or `None` if it is not longer. Never cuts inside of what readers see as
/// one character.
fn characters(text: &str, most: usize, ellipsis: &str) -> Option<String> {
    text.chars().nth(most)?;
    let marks = ellipsis.chars().count();
    let (room, ellipsis) = if marks <= most {
        (most - marks, ellipsis)
    } else {
        (most, "")
    };
    let (mut kept, mut size) = (0, 0);
    for (start, sign) in text.grapheme_indices(true) {
        size += sign.chars().count();
        if size > room {
            break;
        }
        kept = start + sign.len();
    }
    Some(format!("{}{ellipsis}", &text[..kept]))
}

/// Returns the first `most` words with the space between them, or `None` if there are no more.
fn words(text: &str, most: usize) -> Option<&str> {
    let mut words = text.split_whitespace();
    let end = |word: &str| word.as_ptr() as usize - text.as_ptr() as usize + word.len();
    let kept = most.checked_sub(1).and_then(|last| words.nth(last));
    if most > 0 && kept.is_none() {
        return None;
    }
    words.next()?;
    Some(&text[..kept.map_or(0, end)])
}

/// `indent`: blanks before each line that is not empty.
pub(super) fn indent(ask: &Ask) -> Result<Done> {
    let spaces = within("spaces", ask.options.spaces.unwrap_or(4), 0..=1_000)?;
    let lines = ask.text.bytes().filter(|&byte| byte == b'\n').count() + 1;
    fits_out(lines.saturating_mul(spaces).saturating_add(ask.text.len()))?;
    done(textwrap::indent(ask.text, &" ".repeat(spaces)))
}

/// `word_wrap`: breaks lines at blanks, and words only if they are longer than a line.
pub(super) fn word_wrap(ask: &Ask) -> Result<Done> {
    let width = within("width", ask.options.width.unwrap_or(80), 1..=100_000)?;
    let options = textwrap::Options::new(width).wrap_algorithm(WrapAlgorithm::FirstFit);
    let wrapped = textwrap::fill(ask.text, options);
    let lines = wrapped.lines().count();
    Ok(done(wrapped)?.with("lines", lines))
}

/// `pad`: fills up to `width` characters.
pub(super) fn pad(ask: &Ask) -> Result<Done> {
    let a = ask.options;
    let width = a
        .width
        .ok_or_else(|| missing("text_manipulator", "pad", "width"))?;
    let width = within("width", width, 1..=i64::MAX)?;
    let side = choose_or_first("side", a.side.as_deref(), SIDES)?;
    let fill = a.char.as_deref().unwrap_or(" ");
    if fill.graphemes(true).count() != 1 {
        return Err(refused("char", "parameter 'char' must be one character"));
    }
    let lacking = width.saturating_sub(ask.text.graphemes(true).count());
    fits_out(
        lacking
            .saturating_mul(fill.len())
            .saturating_add(ask.text.len()),
    )?;
    let left = match side {
        "left" => lacking,
        "both" => lacking / 2,
        _ => 0,
    };
    let (before, after) = (fill.repeat(left), fill.repeat(lacking - left));
    done(format!("{before}{}{after}", ask.text))
}

/// `repeat`.
pub(super) fn repeat(ask: &Ask) -> Result<Done> {
    let times = ask.options.times;
    let times = times.ok_or_else(|| missing("text_manipulator", "repeat", "times"))?;
    let times = within("times", times, 0..=MOST_OUT as i64)?;
    fits_out(ask.text.len().saturating_mul(times))?;
    done(ask.text.repeat(times))
}
