//! A workflow in the language of Graphviz, <https://graphviz.org/doc/info/lang.html> (November 2026).

use llmspell_runtime::workflow::Outline;

use super::graph::{Form, Graph};
use super::mark::colors;

/// Draws a directed graph.
pub(crate) fn draw(outline: &Outline) -> String {
    let graph = Graph::of(outline);
    let mut text = "digraph workflow {\n  node [fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\"];\n".to_owned();
    group(&graph, 0, "  ", &mut text);
    for way in &graph.ways {
        let mut facts = Vec::new();
        if !way.label.is_empty() {
            facts.push(format!("label={}", quoted(&way.label)));
        }
        if way.undoes {
            facts.push("style=dashed".to_owned());
        }
        let facts = match facts.is_empty() {
            true => String::new(),
            false => format!(" [{}]", facts.join(", ")),
        };
        text.push_str(&format!("  n{} -> n{}{facts};\n", way.from, way.to));
    }
    text.push_str("}\n");
    text
}

/// Writes the nodes of a workflow, and the workflows within it.
fn group(graph: &Graph, at: usize, indent: &str, text: &mut String) {
    let label = quoted(&graph.groups[at].label);
    text.push_str(&format!(
        "{indent}subgraph cluster_{at} {{\n{indent}  label={label};\n"
    ));
    for (id, node) in graph
        .nodes
        .iter()
        .enumerate()
        .filter(|(_, node)| node.group == at)
    {
        let shape = match node.form {
            Form::End => "oval",
            Form::Step => "box",
            Form::Fork => "box3d",
            Form::Decision => "diamond",
            Form::Loop => "hexagon",
        };
        let label = quoted(&node.lines.join("\n"));
        let color = node
            .state
            .and_then(colors)
            .map(|(fill, line)| format!(", style=filled, fillcolor=\"{fill}\", color=\"{line}\""));
        let color = color.unwrap_or_default();
        text.push_str(&format!(
            "{indent}  n{id} [shape={shape}, label={label}{color}];\n"
        ));
    }
    for inner in 0..graph.groups.len() {
        if graph.groups[inner].around == Some(at) {
            group(graph, inner, &format!("{indent}  "), text);
        }
    }
    text.push_str(&format!("{indent}}}\n"));
}

fn quoted(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{}\"", text.replace('\n', "\\n"))
}
