//! Parts of the keys in a store: names between slashes, which have none themselves.

/// Appends a name with `%` and `/` written as `%25` and `%2F`.
pub(crate) fn push(key: &mut String, name: &str) {
    for letter in name.chars() {
        match letter {
            '%' => key.push_str("%25"),
            '/' => key.push_str("%2F"),
            letter => key.push(letter),
        }
    }
}

/// Returns a name as it is written in a key.
pub(crate) fn escaped(name: &str) -> String {
    let mut key = String::with_capacity(name.len());
    push(&mut key, name);
    key
}

/// Returns the name that is written so.
pub(crate) fn unescaped(written: &str) -> String {
    written.replace("%2F", "/").replace("%25", "%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back() {
        for (name, written) in [
            ("", ""),
            ("a:b", "a:b"),
            ("a/b", "a%2Fb"),
            ("%2F", "%252F"),
            ("100 %/ä", "100 %25%2Fä"),
        ] {
            assert_eq!(escaped(name), written);
            assert_eq!(unescaped(written), name);
        }
    }
}
