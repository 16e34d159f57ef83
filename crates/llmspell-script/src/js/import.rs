//! Where a text imports a module, for failures of which the engine tells no place.

/// Returns line and column of the first import of a module, both counted from 1.
///
/// With the name of an export it is the first import that names it, and where it does, if there is one.
pub(super) fn find(text: &str, module: &str, export: Option<&str>) -> Option<(i64, i64)> {
    let imports = specifiers(text, module);
    let named = |export| {
        let mut names = imports.iter();
        names.find_map(|at| last_word(statement(&text[..*at])?, export))
    };
    let at = export.and_then(named).or(imports.first().copied())?;
    Some(position(text, at))
}

/// Returns the offsets at which imports name the module.
fn specifiers(text: &str, module: &str) -> Vec<usize> {
    let mut found: Vec<usize> = ['"', '\'', '`']
        .into_iter()
        .flat_map(|quote| {
            let quoted = format!("{quote}{module}{quote}");
            let all = text.match_indices(&quoted).map(|(at, _)| at);
            all.filter(|at| is_import(&text[..*at])).collect::<Vec<_>>()
        })
        .collect();
    found.sort_unstable();
    found
}

fn is_import(before: &str) -> bool {
    let line = before.rsplit('\n').next().unwrap_or_default().trim_start();
    if line.starts_with("//") || line.starts_with('*') {
        return false;
    }
    let before = before.trim_end();
    let called = before.strip_suffix('(').map(str::trim_end);
    before.ends_with("from")
        || before.ends_with("import")
        || called.is_some_and(|before| before.ends_with("import"))
}

/// Returns the text with the offset at which its last statement that imports or exports begins.
fn statement(before: &str) -> Option<(&str, usize)> {
    let starts = ["import", "export"].map(|word| last_word((before, 0), word));
    Some((before, starts.into_iter().flatten().max()?))
}

/// Returns the offset of the last place at or after an offset where a word stands alone.
fn last_word((text, from): (&str, usize), word: &str) -> Option<usize> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let alone = |at: &usize| {
        !text[..*at].ends_with(is_part) && !text[*at + word.len()..].starts_with(is_part)
    };
    let mut found = text.rmatch_indices(word).map(|(at, _)| at);
    found.find(alone).filter(|at| *at >= from)
}

fn position(text: &str, at: usize) -> (i64, i64) {
    let before = &text[..at];
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    (line as i64, column as i64)
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn imports_are_found_where_they_are_written() {
        let text = "// import './a.js'\nconst s = './a.js';\nimport { one,\n  two } from './a.js';\nawait import( './b.js' );";
        assert_eq!(find(text, "./a.js", None), Some((4, 14)));
        assert_eq!(find(text, "./a.js", Some("two")), Some((4, 3)));
        assert_eq!(find(text, "./a.js", Some("wo")), Some((4, 14)));
        assert_eq!(find(text, "./b.js", None), Some((5, 15)));
        assert_eq!(find(text, "./c.js", None), None);
        let twice =
            "import { important } from './a.js';\nimport { x as y, important as z } from './a.js'";
        assert_eq!(find(twice, "./a.js", Some("important")), Some((1, 10)));
        assert_eq!(find(twice, "./a.js", Some("x")), Some((2, 10)));
        assert_eq!(find("import 'é'; import'x'", "x", None), Some((1, 19)));
    }
}
