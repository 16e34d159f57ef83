//! The text that a reader sees.

use dom_query::NodeRef;

const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "caption",
    "dd",
    "details",
    "dialog",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hgroup",
    "hr",
    "html",
    "legend",
    "li",
    "main",
    "menu",
    "nav",
    "ol",
    "optgroup",
    "option",
    "p",
    "pre",
    "search",
    "section",
    "summary",
    "table",
    "tbody",
    "tfoot",
    "thead",
    "tr",
    "ul",
];

enum Step<'a> {
    Enter(NodeRef<'a>),
    Leave { breaks: bool, keeps: bool },
}

/// Writes the text of a node, which was chosen and so is seen, without what is hidden below it. The tree may be as deep as
/// it likes: nothing recurses.
pub(super) fn write(chosen: &NodeRef<'_>) -> String {
    let mut out = Writer::default();
    let mut steps = vec![Step::Enter(*chosen)];
    while let Some(step) = steps.pop() {
        let node = match step {
            Step::Leave { breaks, keeps } => {
                out.keeping -= u32::from(keeps);
                out.line(breaks);
                continue;
            }
            Step::Enter(node) => node,
        };
        if node.is_text() {
            out.text(&node.text());
            continue;
        }
        if node.id != chosen.id && super::is_unseen(&node) {
            continue;
        }
        let name = node.node_name().unwrap_or_default();
        match &*name {
            "br" => out.line(true),
            "td" | "th" => out.cell(),
            _ => {}
        }
        let breaks = BLOCKS.contains(&&*name);
        let keeps = matches!(&*name, "pre" | "textarea");
        out.line(breaks);
        out.keeping += u32::from(keeps);
        steps.push(Step::Leave { breaks, keeps });
        steps.extend(node.children_it(true).map(Step::Enter));
    }
    out.done()
}

#[derive(Default)]
struct Writer {
    text: String,
    /// What stands between what was written and what comes next.
    gap: Option<char>,
    /// How many elements around keep their blanks.
    keeping: u32,
}

impl Writer {
    fn text(&mut self, text: &str) {
        if self.keeping > 0 {
            if !text.is_empty() {
                self.fill();
                self.text.push_str(text);
            }
            return;
        }
        if text.starts_with(char::is_whitespace) {
            self.blank();
        }
        for (index, word) in text.split_whitespace().enumerate() {
            if index > 0 {
                self.blank();
            }
            self.fill();
            self.text.push_str(word);
        }
        if text.ends_with(char::is_whitespace) {
            self.blank();
        }
    }

    fn blank(&mut self) {
        self.gap = self.gap.or(Some(' '));
    }

    fn line(&mut self, breaks: bool) {
        if breaks {
            self.gap = Some('\n');
        }
    }

    /// Cells of a row are a tab apart.
    fn cell(&mut self) {
        if self.gap != Some('\n') {
            self.gap = Some('\t');
        }
    }

    fn fill(&mut self) {
        if let Some(gap) = self.gap.take()
            && !self.text.is_empty()
        {
            let length = self.text.trim_end_matches(' ').len();
            if gap == '\n' {
                self.text.truncate(length);
            }
            self.text.push(gap);
        }
    }

    fn done(mut self) -> String {
        self.text.truncate(self.text.trim_end().len());
        self.text
    }
}
