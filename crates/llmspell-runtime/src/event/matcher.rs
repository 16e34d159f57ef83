//! Finding the subscriptions of an event without asking each of them.

use std::collections::HashMap;

use super::glob::Glob;
use super::pattern::{End, Path, Pattern, Segment};

/// The patterns of all subscriptions as one tree over segments.
///
/// An event's type walks it once, on all branches at the same time; subscriptions to other types cost nothing.
#[derive(Debug)]
pub(super) struct Matcher {
    nodes: Vec<Node>,
    /// How many patterns were removed since the tree was made; their nodes are still there.
    removed: usize,
}

/// A place in the tree: what was read so far.
#[derive(Debug, Default)]
struct Node {
    literals: HashMap<Box<str>, usize>,
    globs: Vec<(Glob, usize)>,
    one: Option<usize>,
    many: Option<usize>,
    /// Whether this is the place of `**`, at which further segments are swallowed.
    swallows: bool,
    /// Patterns that end here.
    here: Vec<u64>,
    /// Patterns that go on with whatever follows.
    rest: Vec<u64>,
    /// Patterns that go on with a segment that begins so, and whatever follows.
    prefixes: Vec<(Glob, Vec<u64>)>,
}

impl Default for Matcher {
    fn default() -> Self {
        Self {
            nodes: vec![Node::default()],
            removed: 0,
        }
    }
}

impl Matcher {
    /// Adds a pattern of a subscription.
    pub(super) fn add(&mut self, pattern: &Pattern, subscription: u64) {
        for path in &pattern.paths {
            if let Some(place) = self.place(path) {
                place.push(subscription);
            }
        }
    }

    /// Removes a pattern of a subscription.
    pub(super) fn remove(&mut self, pattern: &Pattern, subscription: u64) {
        for path in &pattern.paths {
            if let Some(place) = self.place(path) {
                place.retain(|other| *other != subscription);
            }
            self.removed += 1;
        }
    }

    /// Returns how many patterns were removed, whose nodes are still there.
    pub(super) fn removed(&self) -> usize {
        self.removed
    }

    /// Returns the list in which the subscriptions of a path stand; makes the way there.
    fn place(&mut self, path: &Path) -> Option<&mut Vec<u64>> {
        let mut at = 0;
        for segment in &path.segments {
            at = self.step(at, segment);
        }
        let node = self.nodes.get_mut(at)?;
        Some(match &path.end {
            End::Here => &mut node.here,
            End::Rest => &mut node.rest,
            End::Prefix(glob) => {
                let known = node.prefixes.iter().position(|(own, _)| own == glob);
                let index = known.unwrap_or_else(|| {
                    node.prefixes.push((glob.clone(), Vec::new()));
                    node.prefixes.len() - 1
                });
                &mut node.prefixes[index].1
            }
        })
    }

    /// Returns the node behind a segment, which is made if need be.
    fn step(&mut self, at: usize, segment: &Segment) -> usize {
        let next = self.nodes.len();
        let node = &mut self.nodes[at];
        let to = match segment {
            Segment::Literal(text) => *node.literals.entry(text.as_str().into()).or_insert(next),
            Segment::One => *node.one.get_or_insert(next),
            // `**.**` is `**`.
            Segment::Many if node.swallows => at,
            Segment::Many => *node.many.get_or_insert(next),
            Segment::Glob(glob) => match node.globs.iter().find(|(own, _)| own == glob) {
                Some((_, to)) => *to,
                None => {
                    node.globs.push((glob.clone(), next));
                    next
                }
            },
        };
        if to == next {
            self.nodes.push(Node {
                swallows: *segment == Segment::Many,
                ..Node::default()
            });
        }
        to
    }

    /// Returns the subscriptions to events of this type, in the order of their making.
    pub(super) fn find(&self, kind: &str) -> Vec<u64> {
        let mut found = Vec::new();
        let mut places = Places::new(self.nodes.len());
        places.enter(self, 0);
        let mut begin = 0;
        for text in kind.split('.') {
            let is_rest = begin < kind.len();
            begin += text.len() + 1;
            for at in places.take() {
                let node = &self.nodes[at];
                if is_rest {
                    found.extend(&node.rest);
                }
                for (glob, subscriptions) in &node.prefixes {
                    if glob.fits(text) {
                        found.extend(subscriptions);
                    }
                }
                if node.swallows {
                    places.enter(self, at);
                }
                if let Some(to) = node.literals.get(text) {
                    places.enter(self, *to);
                }
                if let (Some(to), false) = (node.one, text.is_empty()) {
                    places.enter(self, to);
                }
                for (glob, to) in &node.globs {
                    if glob.fits(text) {
                        places.enter(self, *to);
                    }
                }
            }
        }
        for at in places.take() {
            found.extend(&self.nodes[at].here);
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// The nodes at which a walk stands, each once.
struct Places {
    now: Vec<usize>,
    seen: Vec<u32>,
    round: u32,
}

impl Places {
    fn new(nodes: usize) -> Self {
        Self {
            now: Vec::new(),
            seen: vec![0; nodes],
            round: 1,
        }
    }

    /// Adds a node, and that of the `**` behind it, which may also stand for nothing.
    fn enter(&mut self, matcher: &Matcher, node: usize) {
        let mut next = Some(node);
        while let Some(node) = next {
            if std::mem::replace(&mut self.seen[node], self.round) == self.round {
                return;
            }
            self.now.push(node);
            next = matcher.nodes[node].many;
        }
    }

    fn take(&mut self) -> Vec<usize> {
        self.round += 1;
        std::mem::take(&mut self.now)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matcher(patterns: &[&str]) -> Matcher {
        let mut matcher = Matcher::default();
        for (number, pattern) in patterns.iter().enumerate() {
            matcher.add(&Pattern::new(pattern).unwrap(), number as u64);
        }
        matcher
    }

    fn fits(pattern: &str, kind: &str) -> bool {
        !matcher(&[pattern]).find(kind).is_empty()
    }

    #[test]
    fn the_table_of_the_contract() {
        for (pattern, yes, no) in [
            ("*", &["a", "a.b", "a.b.c"][..], &[][..]),
            ("**", &["a", "a.b", "a.b.c"], &[]),
            ("user.*", &["user.a", "user.a.b"], &["user", "users.a"]),
            (
                "user*",
                &["user", "username.x", "users"],
                &["use", "a.user"],
            ),
            (
                "*.error",
                &["disk.error"],
                &["disk.sda.error", "error", ".error"],
            ),
            (
                "**.error",
                &["disk.sda.error", "disk.error", "error"],
                &["errors"],
            ),
            ("a.**.z", &["a.z", "a.b.z", "a.b.c.z"], &["a.b.c", "az"]),
            ("a.*.c", &["a.b.c"], &["a.c", "a.b.b.c", "a..c"]),
            ("log.?", &["log.a"], &["log.", "log.ab"]),
            ("[abc].x", &["a.x", "c.x"], &["d.x"]),
            ("[!a].x", &["b.x"], &["a.x", ".x"]),
            ("v[0-9]", &["v1"], &["vx", "v10"]),
            (
                "{user,order}.created",
                &["user.created", "order.created"],
                &["item.created"],
            ),
            ("a\\*b", &["a*b"], &["axb"]),
            ("a\\.b", &["a.b"], &["a", "a\\.b"]),
            ("{a\\.b,c}.d", &["a.b.d", "c.d"], &["a.d"]),
            ("tool:x_y", &["tool:x_y"], &["tool.x_y"]),
            ("User", &["User"], &["user"]),
            ("a*c.d", &["abc.d", "ac.d"], &["a.c.d"]),
            ("a.b?*", &["a.bc", "a.bc.d"], &["a.b", "a.b.c"]),
        ] {
            for kind in yes {
                assert!(fits(pattern, kind), "{pattern} {kind}");
            }
            for kind in no {
                assert!(!fits(pattern, kind), "{pattern} {kind}");
            }
        }
    }

    #[test]
    fn each_subscription_is_found_once_in_order() {
        let mut matcher = matcher(&["**", "a.*", "a.b", "{a,a}.b", "b"]);
        assert_eq!(matcher.find("a.b"), [0, 1, 2, 3]);
        matcher.remove(&Pattern::new("a.*").unwrap(), 1);
        assert_eq!(matcher.find("a.b"), [0, 2, 3]);
        assert_eq!(matcher.removed(), 1);
    }

    #[test]
    fn many_stars_are_not_slow() {
        let pattern = ["**"; 20].join(".a.");
        assert!(!fits(&pattern, &["b"; 400].join(".")));
        let pattern = "*a".repeat(200);
        assert!(!fits(&pattern, &("a".repeat(5_000) + "b")));
    }

    /// A second implementation from the contract's words: the pattern as a regular expression.
    fn naive(pattern: &str, kind: &str) -> bool {
        let mut text = String::from("^(?s:");
        let segments: Vec<&str> = pattern.split('.').collect();
        let last = segments.len() - 1;
        for (index, segment) in segments.iter().enumerate() {
            let after_stars = segments[..index].iter().all(|before| *before == "**");
            if *segment == "**" {
                text.push_str(match (after_stars, index == last) {
                    (true, true) => ".*",
                    (true, false) => r"(?:[^.]*\.)*",
                    (false, _) => r"(?:\.[^.]*)*",
                });
                continue;
            }
            if !after_stars {
                text.push_str(r"\.");
            }
            if *segment == "*" {
                text.push_str(if index == last { ".+" } else { "[^.]+" });
                continue;
            }
            let letters = segment.chars().count();
            for (at, letter) in segment.chars().enumerate() {
                match letter {
                    '*' if index == last && at == letters - 1 => text.push_str("[^.]*(?:\\..*)?"),
                    '*' => text.push_str("[^.]*"),
                    '?' => text.push_str("[^.]"),
                    '{' => text.push_str("(?:"),
                    ',' => text.push('|'),
                    '}' => text.push(')'),
                    letter => text.push_str(&regex::escape(&letter.to_string())),
                }
            }
        }
        text.push_str(")$");
        regex::Regex::new(&text).unwrap().is_match(kind)
    }

    fn segment() -> impl Strategy<Value = String> {
        prop_oneof![
            3 => "[ab]{1,2}",
            1 => Just("*".to_owned()),
            1 => Just("**".to_owned()),
            2 => "[ab?*]{1,3}".prop_filter("stars alone", |text| !text.chars().all(|c| c == '*')),
            1 => "\\{[ab]{1,2},[ab]\\}[ab]?",
        ]
    }

    fn pattern() -> impl Strategy<Value = String> {
        proptest::collection::vec(segment(), 1..5).prop_map(|segments| segments.join("."))
    }

    fn kind() -> impl Strategy<Value = String> {
        proptest::collection::vec("[ab]{1,3}", 1..6).prop_map(|segments| segments.join("."))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]
        #[test]
        fn it_agrees_with_a_naive_one(
            patterns in proptest::collection::vec(pattern(), 1..12),
            kinds in proptest::collection::vec(kind(), 1..6),
            removed in 0usize..12,
        ) {
            let texts: Vec<&str> = patterns.iter().map(String::as_str).collect();
            let mut matcher = matcher(&texts);
            if let Some(text) = texts.get(removed) {
                matcher.remove(&Pattern::new(text).unwrap(), removed as u64);
            }
            for kind in kinds {
                let expected: Vec<u64> = texts
                    .iter()
                    .enumerate()
                    .filter(|(number, text)| *number != removed && naive(text, &kind))
                    .map(|(number, _)| number as u64)
                    .collect();
                prop_assert_eq!(matcher.find(&kind), expected, "{:?} {}", texts, kind);
            }
        }
    }
}
