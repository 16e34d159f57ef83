//! Names of functions, as scripts find them.

use llmspell_core::Op;

/// Returns every name under which scripts find the op.
pub fn names(op: &Op) -> Vec<String> {
    let mut names = Vec::new();
    for &name in std::iter::once(&op.verb()).chain(op.script_aliases()) {
        for name in [name.to_owned(), camel_case(name)] {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

/// Turns `list_templates` into `listTemplates`.
pub(crate) fn camel_case(name: &str) -> String {
    let mut camel = String::with_capacity(name.len());
    let mut upper = false;
    for letter in name.chars() {
        if letter == '_' && !camel.is_empty() {
            upper = true;
        } else if upper {
            camel.extend(letter.to_uppercase());
            upper = false;
        } else {
            camel.push(letter);
        }
    }
    camel
}

#[cfg(test)]
mod tests {
    use super::camel_case;

    #[test]
    fn camel_case_joins_words() {
        assert_eq!(camel_case("list_templates"), "listTemplates");
        assert_eq!(camel_case("create_from_template"), "createFromTemplate");
        assert_eq!(camel_case("get"), "get");
        assert_eq!(camel_case("_x_y"), "_xY");
    }
}
