//! Name patterns of policies: `*` stands for any text, `?` for one character.

/// Returns whether the whole of `name` fits `pattern`, letters compared as they are.
pub(crate) fn matches(pattern: &str, name: &str) -> bool {
    text(pattern, name, |left, right| left == right)
}

/// Returns whether the whole of `name` fits `pattern`, without regard to case.
pub(crate) fn matches_any_case(pattern: &str, name: &str) -> bool {
    text(pattern, name, |left, right| {
        left.eq_ignore_ascii_case(right)
    })
}

fn text(pattern: &str, name: &str, same: fn(&u8, &u8) -> bool) -> bool {
    let one = |wanted: &u8, given: &u8| *wanted == b'?' || same(wanted, given);
    fits(
        pattern.as_bytes(),
        name.as_bytes(),
        |part| *part == b'*',
        one,
    )
}

/// Returns whether the whole of `items` fits `pattern`, in which what `is_star` stands for any number of items.
///
/// What follows the last star is tried at each place in turn, so the cost is at most the product of the lengths.
pub(crate) fn fits<P, I>(
    pattern: &[P],
    items: &[I],
    is_star: impl Fn(&P) -> bool,
    one: impl Fn(&P, &I) -> bool,
) -> bool {
    let (mut at, mut from) = (0, 0);
    let mut star = None;
    while from < items.len() {
        match pattern.get(at) {
            Some(wanted) if is_star(wanted) => {
                star = Some((at, from));
                at += 1;
            }
            Some(wanted) if one(wanted, &items[from]) => {
                at += 1;
                from += 1;
            }
            _ => match star {
                Some((place, tried)) => {
                    star = Some((place, tried + 1));
                    at = place + 1;
                    from = tried + 1;
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(is_star)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        let fits = |pattern, names: &[&str]| {
            for name in names {
                assert!(matches(pattern, name), "{pattern} {name}");
            }
        };
        let fails = |pattern, names: &[&str]| {
            for name in names {
                assert!(!matches(pattern, name), "{pattern} {name}");
            }
        };
        fits("*", &["", "anything", "a.b"]);
        fits("tool:web_*", &["tool:web_search", "tool:web_"]);
        fails("tool:web_*", &["tool:webhook", "web_search"]);
        fits("*SECRET*", &["SECRET", "MY_SECRET_1"]);
        fits("a*b*c", &["abc", "a-b-b-c"]);
        fails("a*b*c", &["ab", "acb"]);
        fits("agent.?", &["agent.x"]);
        fails("agent.?", &["agent.", "agent.xy"]);
        fails("", &["x"]);
        assert!(matches_any_case("lc_*", "LC_ALL"));
        assert!(!matches("lc_*", "LC_ALL"));
    }

    #[test]
    fn a_hostile_pattern_is_not_slow() {
        let pattern = "*a".repeat(200);
        assert!(!matches(&pattern, &("a".repeat(5_000) + "b")));
    }
}
