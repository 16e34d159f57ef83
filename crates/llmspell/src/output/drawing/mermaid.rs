//! A workflow in the language of Mermaid, <https://mermaid.js.org/syntax/flowchart.html> (November 2026).

use llmspell_runtime::workflow::Outline;

use super::graph::{Form, Graph};
use super::mark::colors;

/// Draws a flow chart.
pub(crate) fn draw(outline: &Outline) -> String {
    let graph = Graph::of(outline);
    let mut text = "flowchart TD\n".to_owned();
    group(&graph, 0, "  ", &mut text);
    for way in &graph.ways {
        let arrow = if way.undoes { "-.->" } else { "-->" };
        let label = match way.label.is_empty() {
            true => String::new(),
            false => format!("|\"{}\"|", escaped(&way.label)),
        };
        text.push_str(&format!("  n{} {arrow}{label} n{}\n", way.from, way.to));
    }
    for (state, nodes) in graph.states() {
        if let Some((fill, line)) = colors(state) {
            let name = state.name();
            let nodes: Vec<String> = nodes.iter().map(|node| format!("n{node}")).collect();
            text.push_str(&format!("  classDef {name} fill:{fill},stroke:{line}\n"));
            text.push_str(&format!("  class {} {name}\n", nodes.join(",")));
        }
    }
    text
}

/// Writes the nodes of a workflow, and the workflows within it.
fn group(graph: &Graph, at: usize, indent: &str, text: &mut String) {
    let label = escaped(&graph.groups[at].label);
    text.push_str(&format!("{indent}subgraph g{at}[\"{label}\"]\n"));
    for (id, node) in graph
        .nodes
        .iter()
        .enumerate()
        .filter(|(_, node)| node.group == at)
    {
        let lines: Vec<String> = node.lines.iter().map(|line| escaped(line)).collect();
        let label = lines.join("<br/>");
        let (left, right) = match node.form {
            Form::End => ("([", "])"),
            Form::Step => ("[", "]"),
            Form::Fork => ("[[", "]]"),
            Form::Decision => ("{", "}"),
            Form::Loop => ("{{", "}}"),
        };
        text.push_str(&format!("{indent}  n{id}{left}\"{label}\"{right}\n"));
    }
    for inner in 0..graph.groups.len() {
        if graph.groups[inner].around == Some(at) {
            group(graph, inner, &format!("{indent}  "), text);
        }
    }
    text.push_str(&format!("{indent}end\n"));
}

/// Writes what would mean something as the number of its character.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '"' | '<' | '>' | '&' | '#' | ';' | '`' | '\\' => {
                safe.push_str(&format!("#{};", u32::from(letter)));
            }
            letter if letter.is_control() => safe.push(' '),
            letter => safe.push(letter),
        }
    }
    safe
}
