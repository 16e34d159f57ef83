//! Removing what does not belong into a text.

use std::borrow::Cow;
use std::sync::LazyLock;

use llmspell_core::Result;
use regex::Regex;

use super::{Ask, Done, done};
use crate::choice::choose_or_first;

const ALLOW: &[&[&str]] = &[&["printable"], &["ascii"], &["alnum", "alphanumeric"]];

/// Controls, invisible format characters, private and unassigned ones; not the joiners inside of words and emoji.
static UNPRINTABLE: LazyLock<Regex> =
    LazyLock::new(|| known(r"[\p{Cc}\p{Cf}\p{Co}\p{Cn}&&[^\t\n\r\u{200C}\u{200D}]]"));

/// Escape sequences of terminals: CSI, OSC and its kin, two-character ones.
static ANSI: LazyLock<Regex> = LazyLock::new(|| {
    known(concat!(
        r"(?:\x1B\[|\u{9B})[0-?]*[ -/]*[@-~]",
        r"|\x1B[\]PX^_][^\x07\x1B]*(?:\x07|\x1B\\)?",
        r"|\x1B[ -/]*[0-~]",
    ))
});

static ENTITY: LazyLock<Regex> =
    LazyLock::new(|| known(r"&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z]{2,6}));"));

fn known(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant that a test compiles")
}

/// `sanitize`, `strip_ansi` and `strip_html`.
pub(super) fn sanitize(ask: &Ask) -> Result<Done> {
    let only = |name| ask.named == name;
    let mut text = Cow::Borrowed(ask.text);
    if only("strip_html") || ask.options.strip_html.unwrap_or(false) {
        text = Cow::Owned(strip_html(&text));
    }
    if only("strip_ansi") || ask.options.strip_ansi.unwrap_or(false) {
        text = Cow::Owned(ANSI.replace_all(&text, "").into_owned());
    }
    let asked = ask.options.allow.as_deref();
    if (only("strip_html") || only("strip_ansi")) && asked.is_none() {
        return finish(ask, text.into_owned());
    }
    let kept = match choose_or_first("allow", asked, ALLOW)? {
        "ascii" => text
            .chars()
            .filter(|letter| matches!(letter, ' '..='~' | '\t' | '\n' | '\r'))
            .collect(),
        "alnum" => text
            .chars()
            .filter(|letter| letter.is_alphanumeric())
            .collect(),
        _ => UNPRINTABLE.replace_all(&text, "").into_owned(),
    };
    finish(ask, kept)
}

fn finish(ask: &Ask, kept: String) -> Result<Done> {
    let removed = ask
        .text
        .chars()
        .count()
        .saturating_sub(kept.chars().count());
    Ok(done(kept)?.with("removed", removed))
}

/// Removes tags, comments, and scripts and styles with their content, and decodes entities.
fn strip_html(text: &str) -> String {
    let bare = without_tags(text);
    let decoded = ENTITY.replace_all(&bare, |entity: &regex::Captures| {
        let number = |group, base| {
            let digits = entity.get(group)?.as_str();
            u32::from_str_radix(digits, base)
                .ok()
                .and_then(char::from_u32)
        };
        let letter = number(1, 10)
            .or_else(|| number(2, 16))
            .or_else(|| named_entity(entity.get(3)?.as_str()));
        letter.map_or_else(|| entity[0].to_owned(), String::from)
    });
    decoded.into_owned()
}

/// Removes what stands between angle brackets, in one pass whatever the text is.
fn without_tags(text: &str) -> String {
    const HIDDEN: [(&str, &str); 3] = [
        ("<script", "</script"),
        ("<style", "</style"),
        ("<!--", "--"),
    ];
    let lower = text.to_ascii_lowercase();
    let mut missing = [false; 4];
    let mut find = |what: usize, end: &str, from: usize| {
        if missing[what] {
            return None;
        }
        let found = lower[from..].find(end).map(|at| from + at + end.len());
        missing[what] = found.is_none();
        found
    };
    let mut bare = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(open) = lower[at..].find('<').map(|open| at + open) {
        bare.push_str(&text[at..open]);
        let rest = &lower[open..];
        let hidden = HIDDEN.iter().enumerate().find_map(|(what, (start, end))| {
            let own = rest.strip_prefix(start)?;
            let whole = *end == "--" || !own.starts_with(|next: char| next.is_alphanumeric());
            whole.then(|| find(what, end, open + start.len())).flatten()
        });
        let name = rest[1..].strip_prefix('/').unwrap_or(&rest[1..]);
        let tag = name.starts_with(|next: char| next.is_ascii_alphabetic())
            || rest.starts_with("<!")
            || rest.starts_with("<?");
        let close = hidden.or_else(|| tag.then_some(open + 1));
        let end = close.and_then(|from| find(3, ">", from));
        at = end.unwrap_or_else(|| {
            bare.push('<');
            open + 1
        });
    }
    bare.push_str(&text[at..]);
    bare
}

fn named_entity(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{A0}',
        "copy" => '©',
        "reg" => '®',
        "hellip" => '…',
        "mdash" => '—',
        "ndash" => '–',
        "lsquo" => '‘',
        "rsquo" => '’',
        "ldquo" => '“',
        "rdquo" => '”',
        "euro" => '€',
        _ => return None,
    })
}

/// Turns every run of white space into one blank and drops it at both ends.
pub(super) fn normalize_whitespace(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}
