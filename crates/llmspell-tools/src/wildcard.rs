//! Patterns with `*` and `?` over names.

/// Returns whether `pattern` fits the whole of `name`: `*` is any text, `?` any character; letters of either case are
/// the same. Takes at most the product of both lengths.
pub(crate) fn fits(pattern: &str, name: &str) -> bool {
    let fold = |text: &str| -> Vec<char> { text.chars().flat_map(char::to_lowercase).collect() };
    let (pattern, name) = (fold(pattern), fold(name));
    let (mut at, mut seen) = (0, 0);
    // Where the last `*` stands, and what of the name it has taken.
    let mut star = None;
    while seen < name.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, seen));
                at += 1;
            }
            Some(&letter) if letter == '?' || letter == name[seen] => {
                at += 1;
                seen += 1;
            }
            _ => {
                let Some((place, taken)) = star else {
                    return false;
                };
                star = Some((place, taken + 1));
                (at, seen) = (place + 1, taken + 1);
            }
        }
    }
    pattern[at..].iter().all(|&letter| letter == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, name, expected) in [
            ("LC_*", "lc_all", true),
            ("*KEY*", "monkey_business", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("*@x.org", "a@x.org", true),
            ("*@x.org", "a@x.org.evil", false),
            ("a*b*c", "a-b-b-c", true),
            ("Ä*", "äh", true),
        ] {
            assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn a_hostile_pattern_is_not_slow() {
        assert!(!fits(&"*a".repeat(500), &"a".repeat(499)));
    }
}
