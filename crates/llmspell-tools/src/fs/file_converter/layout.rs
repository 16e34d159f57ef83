//! Lines of a text: their ends and their indentation.

/// How the lines of a text end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ends {
    pub(super) lf: usize,
    pub(super) crlf: usize,
    pub(super) cr: usize,
}

impl Ends {
    pub(super) fn of(text: &str) -> Self {
        let crlf = text.matches("\r\n").count();
        Self {
            lf: text.matches('\n').count() - crlf,
            crlf,
            cr: text.matches('\r').count() - crlf,
        }
    }

    /// Returns `lf crlf cr mixed none`.
    pub(super) fn name(self) -> &'static str {
        match (self.lf > 0, self.crlf > 0, self.cr > 0) {
            (false, false, false) => "none",
            (true, false, false) => "lf",
            (false, true, false) => "crlf",
            (false, false, true) => "cr",
            _ => "mixed",
        }
    }
}

/// Returns the text with other ends of lines, and how many lines that changed.
pub(super) fn with_ends(text: &str, end: &str) -> (String, usize) {
    let (mut converted, mut changed, mut rest) = (String::with_capacity(text.len()), 0, text);
    while let Some(at) = rest.find(['\n', '\r']) {
        let length = if rest[at..].starts_with("\r\n") { 2 } else { 1 };
        converted.push_str(&rest[..at]);
        converted.push_str(end);
        changed += usize::from(&rest[at..at + length] != end);
        rest = &rest[at + length..];
    }
    converted.push_str(rest);
    (converted, changed)
}

/// How a text is indented: `spaces tabs mixed none`, and by how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Indentation {
    pub(super) style: &'static str,
    pub(super) size: Option<usize>,
}

impl Indentation {
    pub(super) fn of(text: &str) -> Self {
        let (mut spaces, mut tabs, mut steps) = (0_usize, 0_usize, [0_usize; 17]);
        let mut before = 0;
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let lead = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
            if lead.starts_with('\t') {
                tabs += 1;
                before = 0;
                continue;
            }
            let width = lead.len();
            spaces += usize::from(width > 0);
            if width > before
                && let Some(step) = steps.get_mut(width - before)
            {
                *step += 1;
            }
            before = width;
        }
        let most = (1..steps.len()).max_by_key(|step| (steps[*step], *step));
        let size = most.filter(|step| steps[*step] > 0);
        match (spaces, tabs) {
            (0, 0) => Self {
                style: "none",
                size: None,
            },
            (_, 0) => Self {
                style: "spaces",
                size,
            },
            (0, _) => Self {
                style: "tabs",
                size: None,
            },
            _ => Self {
                style: "mixed",
                size,
            },
        }
    }
}

/// Returns the text with its leading white space written otherwise, and how many lines that changed.
pub(super) fn with_indentation(text: &str, spaces: bool, size: usize) -> (String, usize) {
    let (mut converted, mut changed) = (String::with_capacity(text.len()), 0);
    for line in text.split_inclusive(['\n', '\r']) {
        let body = line.trim_start_matches([' ', '\t']);
        let lead = &line[..line.len() - body.len()];
        let width = lead.chars().fold(0, |width, letter| match letter {
            '\t' => (width / size + 1) * size,
            _ => width + 1,
        });
        let new = match spaces {
            true => " ".repeat(width),
            false => "\t".repeat(width / size) + &" ".repeat(width % size),
        };
        changed += usize::from(new != lead);
        converted.push_str(&new);
        converted.push_str(body);
    }
    (converted, changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_counted_and_changed() {
        let ends = Ends::of("a\nb\r\nc\rd\n\r");
        assert_eq!(
            (ends.lf, ends.crlf, ends.cr, ends.name()),
            (2, 1, 2, "mixed")
        );
        assert_eq!(Ends::of("a").name(), "none");
        assert_eq!(
            with_ends("a\nb\r\nc\rd", "\r\n"),
            ("a\r\nb\r\nc\r\nd".to_owned(), 2)
        );
        assert_eq!(with_ends("a\nb\n", "\n"), ("a\nb\n".to_owned(), 0));
    }

    #[test]
    fn only_leading_white_space_changes() {
        assert_eq!(
            with_indentation("\ta\tb\n  \tc\n", true, 4),
            ("    a\tb\n    c\n".to_owned(), 2)
        );
        assert_eq!(
            with_indentation("      a  b\n", false, 4),
            ("\t  a  b\n".to_owned(), 1)
        );
        assert_eq!(
            with_indentation("a\r\n\tb\r\n", true, 2),
            ("a\r\n  b\r\n".to_owned(), 1)
        );
        assert_eq!(
            Indentation::of("a\n  b\n    c\n  d\n"),
            Indentation {
                style: "spaces",
                size: Some(2)
            }
        );
        assert_eq!(Indentation::of("a\n\tb\n").style, "tabs");
        assert_eq!(Indentation::of("\ta\n  b\n").style, "mixed");
        assert_eq!(Indentation::of("a\n").style, "none");
    }
}
