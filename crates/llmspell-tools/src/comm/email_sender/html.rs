//! The text of a mail in HTML, for readers without it.

/// Elements after which a line ends.
const BREAKS: &[&str] = &[
    "br",
    "p",
    "div",
    "li",
    "tr",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "table",
    "ul",
    "ol",
    "hr",
    "blockquote",
];

/// Elements whose content is not shown.
const HIDDEN: &[&str] = &["style", "script", "head", "title"];

/// Returns what is read of a mail in HTML. Markup is dropped as it comes; nothing is nested, so nothing can be too deep.
pub(super) fn plain(html: &str) -> String {
    let mut text = String::with_capacity(html.len() / 2);
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        text.push_str(&rest[..at]);
        let tag = &rest[at + 1..];
        if let Some(comment) = tag.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, rest)| rest);
            continue;
        }
        let Some(end) = tag.find('>') else {
            // No tag at all.
            text.push_str(&rest[at..]);
            rest = "";
            break;
        };
        let name = tag[..end].trim_start_matches('/');
        let name_end = name.find(|letter: char| !letter.is_ascii_alphanumeric());
        let name = name[..name_end.unwrap_or(name.len())].to_ascii_lowercase();
        rest = &tag[end + 1..];
        if HIDDEN.contains(&name.as_str()) && !tag.starts_with('/') {
            rest = after_closing(rest, &name);
        } else if BREAKS.contains(&name.as_str()) {
            text.push('\n');
        }
    }
    text.push_str(rest);
    tidied(&unescaped(&text))
}

fn after_closing<'a>(rest: &'a str, name: &str) -> &'a str {
    let lower = rest.to_ascii_lowercase();
    match lower.find(&format!("</{name}")) {
        Some(at) => rest[at..].split_once('>').map_or("", |(_, rest)| rest),
        None => "",
    }
}

fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest
            .char_indices()
            .take(12)
            .find(|(_, letter)| *letter == ';');
        let found = end.and_then(|(end, _)| Some((character(&rest[1..end])?, end + 1)));
        let (letter, length) = found.unwrap_or(('&', 1));
        plain.push(letter);
        rest = &rest[length..];
    }
    plain.push_str(rest);
    plain
}

fn character(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "copy" => '©',
        "euro" => '€',
        "ndash" => '–',
        "mdash" => '—',
        "hellip" => '…',
        _ => {
            let number = name.strip_prefix('#')?;
            let number = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(number).filter(|letter| !letter.is_control())?
        }
    })
}

/// Joins blanks, and empty lines.
fn tidied(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let line = words.join(" ");
        let repeats = line.is_empty() && lines.last().is_none_or(String::is_empty);
        if !repeats {
            lines.push(line);
        }
    }
    lines.join("\n").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read() {
        for (html, expected) in [
            ("<p>Hello <b>Ada</b>,</p><p>bye</p>", "Hello Ada,\n\nbye"),
            ("a<br>b<BR/>c", "a\nb\nc"),
            ("<style>p { color: red }</style><script>x()</script>t", "t"),
            ("<!-- <p>no</p> -->yes", "yes"),
            (
                "1 &lt; 2 &amp; 3 &#228; &#xe4; &nope; &",
                "1 < 2 & 3 ä ä &nope; &",
            ),
            ("5 < 6", "5 < 6"),
            ("<script>never closed", ""),
            ("  a \n\n\n  b  ", "a\n\nb"),
        ] {
            assert_eq!(plain(html), expected, "{html}");
        }
        assert_eq!(plain(&"<div>".repeat(100_000)), "");
    }
}
