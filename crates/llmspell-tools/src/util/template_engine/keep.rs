//! Jinja templates whose outputs stay as written where a variable is missing.

use minijinja::Environment;

use super::jinja::is_global;

/// Guards each output `{{ … }}` by a test that its variables are there, with the output's own text as the other branch.
///
/// Outputs that deal with missing values themselves (`default`, `is defined`) are left alone.
pub(super) fn rewrite(text: &str, env: &Environment<'_>) -> String {
    let mut rewritten = String::with_capacity(text.len() * 2);
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        let (before, tag) = rest.split_at(start);
        rewritten.push_str(before);
        let end = match tag.as_bytes().get(1) {
            Some(b'#') => tag.find("#}").map(|end| end + 2),
            Some(b'%') => block(tag),
            Some(b'{') => closing(tag, "}}"),
            _ => Some(1),
        };
        let end = end.unwrap_or(tag.len());
        let token = &tag[..end];
        match guard(token, env) {
            Some(guarded) => rewritten.push_str(&guarded),
            None => rewritten.push_str(token),
        }
        rest = &tag[end..];
    }
    rewritten.push_str(rest);
    rewritten
}

/// Returns where a block tag ends; a raw block ends with its own end tag.
fn block(tag: &str) -> Option<usize> {
    let end = closing(tag, "%}")?;
    let name = tag[2..end - 2]
        .trim_matches(|letter: char| letter.is_whitespace() || matches!(letter, '-' | '+'));
    if name != "raw" {
        return Some(end);
    }
    let close = tag[end..].find("endraw")? + end;
    Some(tag[close..].find("%}")? + close + 2)
}

/// Returns where a tag ends, texts in quotes and inner braces aside.
fn closing(tag: &str, close: &str) -> Option<usize> {
    let bytes = tag.as_bytes();
    let (mut at, mut quote, mut depth) = (2, None, 0_usize);
    while let Some(&byte) = bytes.get(at) {
        match (quote, byte) {
            (Some(_), b'\\') => at += 1,
            (Some(open), byte) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, _) if depth == 0 && bytes[at..].starts_with(close.as_bytes()) => {
                return Some(at + 2);
            }
            (None, b'{') => depth += 1,
            (None, b'}') => depth = depth.saturating_sub(1),
            (None, _) => {}
        }
        at += 1;
    }
    None
}

fn guard(token: &str, env: &Environment<'_>) -> Option<String> {
    let inner = token.strip_prefix("{{")?.strip_suffix("}}")?;
    let left = inner.strip_prefix('-').map_or("", |_| "-");
    let right = inner.strip_suffix('-').map_or("", |_| "-");
    let expression = inner
        .trim_start_matches(['-', '+'])
        .trim_end_matches(['-', '+'])
        .trim();
    let own = ["default", "|d", "| d", "defined"]
        .iter()
        .any(|word| expression.contains(word));
    if own || token.contains("endraw") {
        return None;
    }
    let mut names: Vec<String> = env
        .compile_expression_owned(expression.to_owned())
        .ok()?
        .undeclared_variables(true)
        .into_iter()
        .collect();
    names.retain(|name| !is_global(env, name));
    names.sort();
    if names.is_empty() {
        return None;
    }
    let test: Vec<String> = names
        .iter()
        .map(|name| format!("{name} is defined"))
        .collect();
    let test = test.join(" and ");
    Some(format!(
        "{{%{left} if {test} %}}{{{{ {expression} }}}}{{% else %}}{{% raw %}}{token}{{% endraw %}}{{% endif {right}%}}"
    ))
}
