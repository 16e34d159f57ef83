//! The difference of two values, and the patch that makes one of the other.

use std::collections::HashMap;

use llmspell_core::value::to_json;
use llmspell_core::{Cx, Map, Result, Value};

use super::edit::edits;
use super::{DiffCalculator, Found, data_of};
use crate::param::{missing, refused};

/// How the items of two lists are paired.
enum Pairing<'a> {
    Index,
    Lcs,
    Key(&'a str),
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq)]
enum Step {
    Name(String),
    Index(usize),
    Any,
}

/// `diff` of data.
pub(super) fn diff(cx: &Cx, a: &DiffCalculator) -> Result<Found> {
    let old = side("old_json", &a.old_json, "old_text", &a.old_text)?;
    let new = side("new_json", &a.new_json, "new_text", &a.new_text)?;
    let tolerance = a.float_tolerance.unwrap_or(0.0);
    if tolerance.is_nan() || tolerance < 0.0 {
        let message = format!("parameter 'float_tolerance' must not be negative, got {tolerance}");
        return Err(refused("float_tolerance", message));
    }
    let ignored = a.ignore_paths.iter().flatten();
    let mut comparison = Comparison {
        cx,
        pairing: pairing(a.array_mode.as_deref())?,
        ignored: ignored.map(|path| steps(path)).collect::<Result<_>>()?,
        tolerance,
        typed: [(&a.old_json, &a.old_text), (&a.new_json, &a.new_text)]
            .iter()
            .all(|(json, text)| json.as_ref().or(text.as_ref()).is_some_and(is_text)),
        path: Vec::new(),
        pointer: Vec::new(),
        seen: 0,
        found: Differences::default(),
    };
    comparison.compare(&old, &new)?;
    comparison.found.told()
}

fn side(
    parameter: &'static str,
    json: &Option<Value>,
    text_parameter: &'static str,
    text: &Option<Value>,
) -> Result<Value> {
    match (json, text) {
        (Some(json), _) => data_of(parameter, json, false),
        (None, Some(text)) => data_of(text_parameter, text, true),
        (None, None) => Err(missing("diff_calculator", "diff", parameter)),
    }
}

fn pairing(mode: Option<&str>) -> Result<Pairing<'_>> {
    match mode.map(str::trim) {
        None => Ok(Pairing::Index),
        Some(mode) if mode.eq_ignore_ascii_case("index") => Ok(Pairing::Index),
        Some(mode) if mode.eq_ignore_ascii_case("lcs") => Ok(Pairing::Lcs),
        Some(mode) => match mode.split_once(':') {
            Some((word, name)) if word.eq_ignore_ascii_case("key") && !name.is_empty() => {
                Ok(Pairing::Key(name))
            }
            _ => {
                let message =
                    format!("unknown array_mode '{mode}', expected one of: index, lcs, key:NAME");
                Err(refused("array_mode", message))
            }
        },
    }
}

#[derive(Default)]
struct Differences {
    added: Map,
    removed: Map,
    modified: Map,
    unchanged: Vec<Value>,
    patch: Vec<Value>,
    text: String,
}

impl Differences {
    fn told(self) -> Result<Found> {
        let sizes = [self.added.len(), self.removed.len(), self.modified.len()];
        let identical = sizes.iter().sum::<usize>() == 0;
        let summary = Map::from([
            ("added", sizes[0].into()),
            ("removed", sizes[1].into()),
            ("modified", sizes[2].into()),
            ("unchanged", self.unchanged.len().into()),
        ]);
        let table = Value::from([
            ("added", self.added.into()),
            ("removed", self.removed.into()),
            ("modified", self.modified.into()),
            ("unchanged", self.unchanged.into()),
        ]);
        let message = match identical {
            true => "The values are equal".to_owned(),
            false => format!(
                "{} added, {} removed, {} modified",
                sizes[0], sizes[1], sizes[2]
            ),
        };
        let data = Map::from([
            ("type", "json".into()),
            ("diff", table.clone()),
            ("output", self.text.into()),
            ("summary", summary.into()),
            ("patch", self.patch.into()),
            ("identical", identical.into()),
        ]);
        Ok(Found {
            data,
            output: table,
            message,
            warnings: Vec::new(),
        })
    }
}

struct Comparison<'a> {
    cx: &'a Cx,
    pairing: Pairing<'a>,
    ignored: Vec<Vec<Step>>,
    tolerance: f64,
    /// Both sides were text, in which an empty list and an empty object are told apart.
    typed: bool,
    /// Where we are, as people write it.
    path: Vec<Step>,
    /// Where the patch, applied so far, has what we compare.
    pointer: Vec<String>,
    seen: usize,
    found: Differences,
}

impl Comparison<'_> {
    /// Compares two values at the present place.
    fn compare(&mut self, old: &Value, new: &Value) -> Result<()> {
        self.seen += 1;
        if self.seen.is_multiple_of(4_096) {
            self.cx.check()?;
        }
        if self.is_ignored() {
            return Ok(());
        }
        match (old, new) {
            (Value::Map(left), Value::Map(right)) if !(left.is_empty() && right.is_empty()) => {
                self.members(left, right)
            }
            (Value::List(left), Value::List(right)) if !(left.is_empty() && right.is_empty()) => {
                self.items(left, right)
            }
            _ => {
                self.leaf(old, new);
                Ok(())
            }
        }
    }

    fn leaf(&mut self, old: &Value, new: &Value) {
        let path = written(&self.path);
        if self.are_equal(old, new) {
            self.found.unchanged.push(path.into());
            return;
        }
        self.found
            .text
            .push_str(&format!("~ {path}: {} -> {}\n", to_json(old), to_json(new)));
        let pair = Map::from([("old", old.clone()), ("new", new.clone())]);
        self.found.modified.insert(path, pair.into());
        self.patch("replace", Some(new));
    }

    fn members(&mut self, old: &Map, new: &Map) -> Result<()> {
        for (name, left) in old {
            self.inside(
                Step::Name(name.to_string()),
                name.to_string(),
                |own| match new.get(name) {
                    Some(right) => own.compare(left, right),
                    None => own.removed(left),
                },
            )?;
        }
        for (name, right) in new.iter().filter(|(name, _)| !old.contains_key(name)) {
            self.inside(Step::Name(name.to_string()), name.to_string(), |own| {
                own.added(right)
            })?;
        }
        Ok(())
    }

    fn items(&mut self, old: &[Value], new: &[Value]) -> Result<()> {
        match self.pairing {
            Pairing::Index => self.by_index(old, new),
            Pairing::Lcs => self.by_sequence(old, new),
            Pairing::Key(name) => self.by_key(old, new, name),
        }
    }

    fn by_index(&mut self, old: &[Value], new: &[Value]) -> Result<()> {
        for (place, (left, right)) in old.iter().zip(new).enumerate() {
            self.item(place, place, |own| own.compare(left, right))?;
        }
        // From the end, so that the places before stay what they are.
        for place in (new.len()..old.len()).rev() {
            self.item(place, place, |own| own.removed(&old[place]))?;
        }
        for (place, right) in new.iter().enumerate().skip(old.len()) {
            self.item(place, place, |own| own.added(right))?;
        }
        Ok(())
    }

    fn by_sequence(&mut self, old: &[Value], new: &[Value]) -> Result<()> {
        let texts = |items: &[Value]| items.iter().map(to_json).collect::<Vec<_>>();
        let (left, right) = (texts(old), texts(new));
        let left: Vec<&str> = left.iter().map(String::as_str).collect();
        let right: Vec<&str> = right.iter().map(String::as_str).collect();
        let mut at = 0;
        for edit in edits(&left, &right) {
            let pairs = edit.old.len().min(edit.new.len());
            for (from, to) in edit.old.clone().zip(edit.new.clone()) {
                self.item(to, at, |own| own.compare(&old[from], &new[to]))?;
                at += 1;
            }
            for from in edit.old.clone().skip(pairs) {
                let before = self.found.patch.len();
                self.item(from, at, |own| own.removed(&old[from]))?;
                at += usize::from(self.found.patch.len() == before);
            }
            for to in edit.new.clone().skip(pairs) {
                let before = self.found.patch.len();
                self.item(to, at, |own| own.added(&new[to]))?;
                at += usize::from(self.found.patch.len() > before);
            }
        }
        Ok(())
    }

    /// Pairs items whose member `name` is equal. Their order does not matter; the patch appends new ones.
    fn by_key(&mut self, old: &[Value], new: &[Value], name: &str) -> Result<()> {
        let key = |item: &Value| match item.get(name) {
            Some(value) => format!("key {}", to_json(value)),
            None => format!("item {}", to_json(item)),
        };
        let mut waiting: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, item) in old.iter().enumerate().rev() {
            waiting.entry(key(item)).or_default().push(place);
        }
        let mut fresh = Vec::new();
        let mut gone = vec![true; old.len()];
        for (place, right) in new.iter().enumerate() {
            match waiting.get_mut(&key(right)).and_then(Vec::pop) {
                Some(from) => {
                    gone[from] = false;
                    self.item(place, from, |own| own.compare(&old[from], right))?;
                }
                None => fresh.push(place),
            }
        }
        for from in (0..old.len()).rev().filter(|from| gone[*from]) {
            self.item(from, from, |own| own.removed(&old[from]))?;
        }
        for place in fresh {
            self.inside(Step::Index(place), "-".to_owned(), |own| {
                own.added(&new[place])
            })?;
        }
        Ok(())
    }

    fn item(
        &mut self,
        shown: usize,
        place: usize,
        work: impl FnOnce(&mut Self) -> Result<()>,
    ) -> Result<()> {
        self.inside(Step::Index(shown), place.to_string(), work)
    }

    fn inside(
        &mut self,
        step: Step,
        pointer: String,
        work: impl FnOnce(&mut Self) -> Result<()>,
    ) -> Result<()> {
        self.path.push(step);
        self.pointer.push(pointer);
        let outcome = work(self);
        self.path.pop();
        self.pointer.pop();
        outcome
    }

    fn added(&mut self, value: &Value) -> Result<()> {
        if !self.is_ignored() {
            let path = written(&self.path);
            self.found
                .text
                .push_str(&format!("+ {path}: {}\n", to_json(value)));
            self.found.added.insert(path, value.clone());
            self.patch("add", Some(value));
        }
        Ok(())
    }

    fn removed(&mut self, value: &Value) -> Result<()> {
        if !self.is_ignored() {
            let path = written(&self.path);
            self.found
                .text
                .push_str(&format!("- {path}: {}\n", to_json(value)));
            self.found.removed.insert(path, value.clone());
            self.patch("remove", None);
        }
        Ok(())
    }

    fn patch(&mut self, op: &str, value: Option<&Value>) {
        let escaped = |name: &String| format!("/{}", name.replace('~', "~0").replace('/', "~1"));
        let path: String = self.pointer.iter().map(escaped).collect();
        let mut operation = Map::from([("op", op.into()), ("path", path.into())]);
        if let Some(value) = value {
            operation.insert("value", value.clone());
        }
        self.found.patch.push(operation.into());
    }

    fn is_ignored(&self) -> bool {
        let matches = |(rule, step): (&Step, &Step)| *rule == Step::Any || rule == step;
        self.ignored
            .iter()
            .any(|rule| rule.len() == self.path.len() && rule.iter().zip(&self.path).all(matches))
    }

    fn are_equal(&self, old: &Value, new: &Value) -> bool {
        match (old, new) {
            (Value::Int(left), Value::Int(right)) if self.tolerance == 0.0 => left == right,
            _ => match (old.as_float(), new.as_float()) {
                (Some(left), Some(right)) => {
                    left == right
                        || (left.is_nan() && right.is_nan())
                        || (left - right).abs() <= self.tolerance
                }
                _ => old == new || (!self.typed && is_empty(old) && is_empty(new)),
            },
        }
    }
}

fn is_text(value: &Value) -> bool {
    matches!(value, Value::Str(_))
}

/// Returns whether the value is a table without members, of which a script cannot say if it is a list.
fn is_empty(value: &Value) -> bool {
    value.as_list().is_some_and(<[Value]>::is_empty)
}

/// Writes a path: `a.b[0].c`, `$` for the root, names that are no plain words in `["…"]`.
fn written(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Index(place) => text.push_str(&format!("[{place}]")),
            Step::Name(name) if is_word(name) => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(name);
            }
            Step::Name(name) => text.push_str(&format!("[{}]", to_json(&name.as_str().into()))),
            Step::Any => text.push_str("[*]"),
        }
    }
    if text.is_empty() {
        "$".to_owned()
    } else {
        text
    }
}

fn is_word(name: &str) -> bool {
    !name.is_empty()
        && name != "$"
        && name != "*"
        && !name.contains(['.', '[', ']', '"', ' ', '\n'])
}

/// Reads a path as [`written`] writes it; a `$` may stand before it.
fn steps(path: &str) -> Result<Vec<Step>> {
    let bad = || {
        refused(
            "ignore_paths",
            format!("'{path:.80}' is not a path such as a.b[0].c"),
        )
    };
    let mut rest = path.trim();
    rest = rest.strip_prefix('$').unwrap_or(rest);
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('[') {
            if inner.starts_with('"') {
                let mut texts = serde_json::Deserializer::from_str(inner).into_iter::<String>();
                let name = texts.next().and_then(Result::ok).ok_or_else(bad)?;
                rest = inner[texts.byte_offset()..]
                    .strip_prefix(']')
                    .ok_or_else(bad)?;
                steps.push(Step::Name(name));
                continue;
            }
            let (index, after) = inner.split_once(']').ok_or_else(bad)?;
            steps.push(match index.trim() {
                "*" | "" => Step::Any,
                index => Step::Index(index.parse().map_err(|_| bad())?),
            });
            rest = after;
            continue;
        }
        rest = rest.strip_prefix('.').unwrap_or(rest);
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let name = &rest[..end];
        if name.is_empty() {
            return Err(bad());
        }
        steps.push(if name == "*" {
            Step::Any
        } else {
            Step::Name(name.to_owned())
        });
        rest = &rest[end..];
    }
    Ok(steps)
}
