//! Name patterns of policies: `*` stands for any text, `?` for one character.

/// Returns whether the whole of `name` fits `pattern`, letters compared as they are.
pub(crate) fn matches(pattern: &str, name: &str) -> bool {
    fits(pattern.as_bytes(), name.as_bytes(), |left, right| {
        left == right
    })
}

/// Returns whether the whole of `name` fits `pattern`, without regard to case.
pub(crate) fn matches_any_case(pattern: &str, name: &str) -> bool {
    fits(pattern.as_bytes(), name.as_bytes(), |left, right| {
        left.eq_ignore_ascii_case(&right)
    })
}

/// Tries the text after the last `*` at each place in turn, so the cost is at most the product of the lengths.
fn fits(pattern: &[u8], name: &[u8], same: fn(u8, u8) -> bool) -> bool {
    let (mut at, mut from) = (0, 0);
    let mut star = None;
    while from < name.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, from));
                at += 1;
            }
            Some(&wanted) if wanted == b'?' || same(wanted, name[from]) => {
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
    pattern[at..].iter().all(|byte| *byte == b'*')
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
