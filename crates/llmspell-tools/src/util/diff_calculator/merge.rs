//! Merging the changes that two sides made to one text.

use llmspell_core::{Cx, Map, Result, Value};

use super::edit::edits;
use super::{DiffCalculator, Found, text_of};
use crate::param::{fits, missing};

/// `merge3`: what one side changed is taken; what both changed differently stands in the result between markers.
pub(super) fn merge3(cx: &Cx, a: &DiffCalculator) -> Result<Found> {
    let base = a
        .base_text
        .as_deref()
        .ok_or_else(|| missing("diff_calculator", "merge3", "base_text"))?;
    fits("base_text", base.len(), super::MOST_IN)?;
    let ours = text_of("merge3", "old_text", a.old_text.as_ref())?;
    let theirs = text_of("merge3", "new_text", a.new_text.as_ref())?;
    let lines = |text| str::split_inclusive(text, '\n').collect::<Vec<&str>>();
    let (base, ours, theirs) = (lines(base), lines(ours), lines(theirs));
    let in_ours = places(&base, &ours);
    cx.check()?;
    let in_theirs = places(&base, &theirs);
    cx.check()?;

    let labels = [
        a.old_label.as_deref().unwrap_or("ours"),
        a.new_label.as_deref().unwrap_or("theirs"),
    ];
    let mut merged = Merged {
        labels,
        ..Merged::default()
    };
    let (mut from, mut left, mut right) = (0, 0, 0);
    for place in 0..=base.len() {
        let (our, their) = match (in_ours.get(place), in_theirs.get(place)) {
            (Some(Some(our)), Some(Some(their))) => (*our, *their),
            (None, None) => (ours.len(), theirs.len()),
            _ => continue,
        };
        merged.chunk(&base[from..place], &ours[left..our], &theirs[right..their]);
        if let Some(line) = base.get(place) {
            merged.push(line);
        }
        (from, left, right) = (place + 1, our + 1, their + 1);
    }
    let many = merged.conflicts.len();
    let data = Map::from([
        ("result", merged.text.as_str().into()),
        ("conflicts", merged.conflicts.into()),
        ("has_conflicts", (many > 0).into()),
    ]);
    let message = match many {
        0 => "Merged without conflicts".to_owned(),
        1 => "Merged with 1 conflict".to_owned(),
        many => format!("Merged with {many} conflicts"),
    };
    Ok(Found {
        data,
        output: merged.text.into(),
        message,
        warnings: Vec::new(),
    })
}

/// Returns for each line of the base where it stands in the other text, if it still does.
fn places(base: &[&str], other: &[&str]) -> Vec<Option<usize>> {
    let mut places = vec![None; base.len()];
    for edit in edits(base, other).iter().filter(|edit| edit.same) {
        for (own, other) in edit.old.clone().zip(edit.new.clone()) {
            places[own] = Some(other);
        }
    }
    places
}

#[derive(Default)]
struct Merged<'a> {
    labels: [&'a str; 2],
    text: String,
    lines: usize,
    conflicts: Vec<Value>,
}

impl Merged<'_> {
    fn push(&mut self, line: &str) {
        self.text.push_str(line);
        self.lines += 1;
    }

    fn marker(&mut self, marker: &str) {
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
        self.push(marker.trim_end());
        self.text.push('\n');
    }

    /// Adds what stands between two lines that all three texts have.
    fn chunk(&mut self, base: &[&str], ours: &[&str], theirs: &[&str]) {
        let taken = if base == ours {
            theirs
        } else if base == theirs || ours == theirs {
            ours
        } else {
            return self.conflict(base, ours, theirs);
        };
        taken.iter().for_each(|line| self.push(line));
    }

    fn conflict(&mut self, base: &[&str], ours: &[&str], theirs: &[&str]) {
        let [our_label, their_label] = self.labels;
        let line = self.lines + 1;
        self.marker(&format!("<<<<<<< {our_label}"));
        ours.iter().for_each(|line| self.push(line));
        self.marker("=======");
        theirs.iter().for_each(|line| self.push(line));
        self.marker(&format!(">>>>>>> {their_label}"));
        self.conflicts.push(Value::from([
            ("line", line.into()),
            ("base", base.concat().into()),
            ("ours", ours.concat().into()),
            ("theirs", theirs.concat().into()),
        ]));
    }
}
