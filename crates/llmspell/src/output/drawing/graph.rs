//! A workflow as nodes and the ways between them, for languages that draw graphs.

use llmspell_runtime::workflow::{MarkState, Outline, OutlinePart, OutlineStep, PartRole};

use super::mark;

/// The graph of a workflow.
#[derive(Debug, Default)]
pub(super) struct Graph {
    pub(super) nodes: Vec<Node>,
    pub(super) ways: Vec<Way>,
    /// The workflows; the first is the outermost.
    pub(super) groups: Vec<Group>,
}

/// A node.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) lines: Vec<String>,
    pub(super) form: Form,
    pub(super) group: usize,
    /// What became of the step that it is.
    pub(super) state: Option<MarkState>,
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Where it begins and ends.
    End,
    Step,
    /// Where ways part or meet.
    Fork,
    Decision,
    Loop,
}

/// A way from one node to another.
#[derive(Debug)]
pub(super) struct Way {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) label: String,
    /// Whether it is only gone after a failure.
    pub(super) undoes: bool,
}

/// A workflow and the one around it.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) label: String,
    pub(super) around: Option<usize>,
}

/// Where a way starts that has no end yet.
type Open = Vec<(usize, String)>;

impl Graph {
    pub(super) fn of(outline: &Outline) -> Self {
        let mut graph = Self::default();
        let group = graph.group(outline, &outline.name, None);
        let start = graph.node(vec!["start".to_owned()], Form::End, group);
        let open = graph.workflow(outline, group, vec![(start, String::new())]);
        graph.reach(vec!["end".to_owned()], Form::End, group, open);
        graph
    }

    /// Returns the nodes of each state that has any.
    pub(super) fn states(&self) -> Vec<(MarkState, Vec<usize>)> {
        let of = |state: MarkState| {
            let nodes = self.nodes.iter().enumerate();
            nodes
                .filter(move |(_, node)| node.state == Some(state))
                .map(|(id, _)| id)
                .collect::<Vec<_>>()
        };
        let states = MarkState::ALL.into_iter().map(|state| (state, of(state)));
        states.filter(|(_, nodes)| !nodes.is_empty()).collect()
    }

    fn group(&mut self, outline: &Outline, name: &str, around: Option<usize>) -> usize {
        self.groups.push(Group {
            label: match &outline.mark {
                Some(mark) => format!("{name}: {}, {}", outline.kind, mark::words(mark)),
                None => format!("{name}: {}", outline.kind),
            },
            around,
        });
        self.groups.len() - 1
    }

    fn node(&mut self, lines: Vec<String>, form: Form, group: usize) -> usize {
        self.nodes.push(Node {
            lines,
            form,
            group,
            state: None,
        });
        self.nodes.len() - 1
    }

    fn way(&mut self, from: usize, to: usize, label: String) {
        self.ways.push(Way {
            from,
            to,
            label,
            undoes: false,
        });
    }

    /// Adds a node that all open ways lead to.
    fn reach(&mut self, lines: Vec<String>, form: Form, group: usize, open: Open) -> usize {
        let node = self.node(lines, form, group);
        for (from, label) in open {
            self.way(from, node, label);
        }
        node
    }

    fn workflow(&mut self, outline: &Outline, group: usize, open: Open) -> Open {
        let part = |role: PartRole| outline.parts.iter().find(move |part| part.role == role);
        match outline.kind.as_str() {
            "parallel" => self.parallel(outline, group, open),
            "conditional" => self.conditional(outline, group, open),
            "loop" => {
                let lines = lines_of("each time", &outline.notes);
                let turn = self.reach(lines, Form::Loop, group, open);
                let body = self.part(part(PartRole::Body), group, vec![(turn, String::new())]);
                for (from, label) in body.into_iter().filter(|(from, _)| *from != turn) {
                    self.way(from, turn, label);
                }
                vec![(turn, "done".to_owned())]
            }
            _ => self.part(part(PartRole::Steps), group, open),
        }
    }

    fn parallel(&mut self, outline: &Outline, group: usize, open: Open) -> Open {
        let lines = lines_of("at the same time", &outline.notes);
        let fork = self.reach(lines, Form::Fork, group, open);
        let mut ends = Open::new();
        for branch in outline
            .parts
            .iter()
            .filter(|part| part.role == PartRole::Branch)
        {
            ends.extend(self.part(Some(branch), group, vec![(fork, label_of(branch))]));
        }
        let join = self.reach(vec!["join".to_owned()], Form::Fork, group, ends);
        let after = outline
            .parts
            .iter()
            .find(|part| part.role == PartRole::PostSteps);
        self.part(after, group, vec![(join, String::new())])
    }

    fn conditional(&mut self, outline: &Outline, group: usize, open: Open) -> Open {
        let before = outline
            .parts
            .iter()
            .find(|part| part.role == PartRole::PreSteps);
        let open = self.part(before, group, open);
        let choice = self.reach(
            lines_of("which?", &outline.notes),
            Form::Decision,
            group,
            open,
        );
        let mut ends = Open::new();
        for part in &outline.parts {
            let label = match part.role {
                PartRole::Branch => label_of(part),
                PartRole::Default => "otherwise".to_owned(),
                _ => continue,
            };
            ends.extend(self.part(Some(part), group, vec![(choice, label)]));
        }
        ends
    }

    fn part(&mut self, part: Option<&OutlinePart>, group: usize, open: Open) -> Open {
        let steps = part.map(|part| part.steps.as_slice()).unwrap_or_default();
        steps
            .iter()
            .fold(open, |open, step| self.step(step, group, open))
    }

    fn step(&mut self, step: &OutlineStep, group: usize, open: Open) -> Open {
        let Some(outline) = &step.workflow else {
            let node = self.reach(lines(step), Form::Step, group, open);
            self.nodes[node].state = step.mark.as_ref().map(|mark| mark.state);
            if let Some(undo) = &step.compensate {
                let to = self.node(lines(undo), Form::Step, group);
                self.nodes[to].state = undo.mark.as_ref().map(|mark| mark.state);
                self.ways.push(Way {
                    from: node,
                    to,
                    label: "undone by".to_owned(),
                    undoes: true,
                });
            }
            return vec![(node, String::new())];
        };
        let inner = self.group(outline, &step.name, Some(group));
        self.workflow(outline, inner, open)
    }
}

fn lines_of(first: &str, notes: &[String]) -> Vec<String> {
    match notes.is_empty() {
        true => vec![first.to_owned()],
        false => notes.to_vec(),
    }
}

fn lines(step: &OutlineStep) -> Vec<String> {
    let does = match &step.target {
        Some(target) => format!("{} {target}", step.kind),
        None => step.kind.clone(),
    };
    let mut lines = vec![step.name.clone(), does];
    lines.extend(step.notes.iter().cloned());
    lines.extend(step.mark.as_ref().map(mark::words));
    lines
}

fn label_of(branch: &OutlinePart) -> String {
    let name = branch.name.clone().unwrap_or_default();
    match branch.notes.is_empty() {
        true => name,
        false => format!("{name}: {}", branch.notes.join("; ")),
    }
}
