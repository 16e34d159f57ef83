//! Letter case, words of identifiers, slugs.

use unicode_segmentation::UnicodeSegmentation;

/// Latin letters with marks and what a slug writes instead.
const PLAIN: &[(&str, &str)] = &[
    ("àáâãäåāăąǎ", "a"),
    ("çćĉċč", "c"),
    ("ďđð", "d"),
    ("èéêëēĕėęě", "e"),
    ("ĝğġģ", "g"),
    ("ĥħ", "h"),
    ("ìíîïĩīĭįıǐ", "i"),
    ("ĵ", "j"),
    ("ķ", "k"),
    ("ĺļľŀł", "l"),
    ("ñńņňŋ", "n"),
    ("òóôõöøōŏőǒ", "o"),
    ("ŕŗř", "r"),
    ("śŝşšș", "s"),
    ("ţťŧț", "t"),
    ("ùúûüũūŭůűųǔ", "u"),
    ("ŵ", "w"),
    ("ýÿŷ", "y"),
    ("źżž", "z"),
    ("ß", "ss"),
    ("æ", "ae"),
    ("œ", "oe"),
    ("þ", "th"),
];

/// Makes the first letter upper case and leaves the rest.
pub(super) fn capitalize(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

/// Makes the first letter upper case and the rest lower case.
pub(super) fn proper(word: &str) -> String {
    capitalize(&word.to_lowercase())
}

/// Makes every word start with an upper case letter.
pub(super) fn title(text: &str) -> String {
    text.split_word_bounds().map(proper).collect()
}

/// Joins the words of an identifier, each changed by `change`.
pub(super) fn joined(text: &str, between: &str, change: impl Fn(&str) -> String) -> String {
    let words: Vec<String> = words(text).iter().map(|word| change(word)).collect();
    words.join(between)
}

/// Writes the words like this: `helloWorld`.
pub(super) fn camel(text: &str) -> String {
    let words = words(text);
    let mut words = words.iter();
    let first = words.next().map(|word| word.to_lowercase());
    first
        .into_iter()
        .chain(words.map(|word| proper(word)))
        .collect()
}

/// Writes the words for use in an address: lower case, without marks on Latin letters, joined by `-`.
pub(in crate::util) fn slug(text: &str) -> String {
    let lower = text.to_lowercase();
    let plain: String = lower
        .chars()
        .filter(|letter| !is_mark(*letter) && !matches!(letter, '\'' | '’'))
        .map(|letter| {
            let found = PLAIN.iter().find(|(letters, _)| letters.contains(letter));
            found.map_or_else(|| letter.to_string(), |(_, plain)| (*plain).to_owned())
        })
        .collect();
    joined(&plain, "-", str::to_owned)
}

/// Returns whether the character only marks the letter before it.
fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36F}')
}

/// Splits an identifier or a phrase into words: at everything that is neither letter nor digit, where a lower case
/// letter or digit is followed by an upper case one, and before the last letter of an acronym.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut signs = text.graphemes(true).peekable();
    let mut before = ' ';
    while let Some(sign) = signs.next() {
        let letter = sign.chars().next().unwrap_or(' ');
        let next = signs.peek().and_then(|sign| sign.chars().next());
        let apart = !letter.is_alphanumeric();
        let rises = letter.is_uppercase() && (before.is_lowercase() || before.is_numeric());
        let acronym_ends =
            letter.is_uppercase() && before.is_uppercase() && next.is_some_and(char::is_lowercase);
        if (apart || rises || acronym_ends) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if !apart {
            word.push_str(sign);
        }
        before = letter;
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}
