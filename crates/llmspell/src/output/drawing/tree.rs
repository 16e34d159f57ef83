//! A workflow as a tree of lines.

use llmspell_runtime::workflow::{Outline, OutlinePart, OutlineStep, PartRole};

use super::mark;

/// Draws the tree.
pub(crate) fn draw(outline: &Outline) -> String {
    let head = format!("{}: {}", outline.name, title(outline));
    let mut text = format!("{}\n", mark::told(head, outline.mark.as_ref()));
    if !outline.description.is_empty() {
        text.push_str(&format!("{}\n", outline.description));
    }
    hang(&below(outline), "", &mut text);
    text
}

/// A line and those below it.
struct Twig {
    line: String,
    below: Vec<Twig>,
}

fn title(outline: &Outline) -> String {
    noted(outline.kind.clone(), &outline.notes)
}

fn noted(text: String, notes: &[String]) -> String {
    match notes.is_empty() {
        true => text,
        false => format!("{text} ({})", notes.join("; ")),
    }
}

fn below(outline: &Outline) -> Vec<Twig> {
    outline.parts.iter().flat_map(part).collect()
}

fn part(part: &OutlinePart) -> Vec<Twig> {
    let steps: Vec<Twig> = part.steps.iter().map(|one| step(one, "")).collect();
    let name = part.name.as_deref().unwrap_or_default();
    let label = match part.role {
        PartRole::Steps | PartRole::Body => return steps,
        PartRole::Branch => format!("branch {name}"),
        PartRole::Default => format!("otherwise {name}"),
        PartRole::PreSteps => "before".to_owned(),
        PartRole::PostSteps => "afterwards".to_owned(),
    };
    vec![Twig {
        line: noted(label, &part.notes),
        below: steps,
    }]
}

fn step(step: &OutlineStep, before: &str) -> Twig {
    let does = match (&step.workflow, &step.target) {
        (Some(outline), Some(name)) => format!("workflow {name}, {}", title(outline)),
        (Some(outline), None) => title(outline),
        (None, Some(target)) => format!("{} {target}", step.kind),
        (None, None) => step.kind.clone(),
    };
    let mut twigs = step.workflow.as_deref().map(below).unwrap_or_default();
    if let Some(undo) = &step.compensate {
        twigs.push(self::step(undo, "undone by "));
    }
    let line = noted(format!("{before}{}: {does}", step.name), &step.notes);
    Twig {
        line: mark::told(line, step.mark.as_ref()),
        below: twigs,
    }
}

fn hang(twigs: &[Twig], indent: &str, text: &mut String) {
    for (at, twig) in twigs.iter().enumerate() {
        let (mark, more) = match at + 1 == twigs.len() {
            true => ("└─ ", "   "),
            false => ("├─ ", "│  "),
        };
        text.push_str(&format!("{indent}{mark}{}\n", twig.line));
        hang(&twig.below, &format!("{indent}{more}"), text);
    }
}
