//! `.env`: variables below those of the environment, if the configuration says so.

use llmspell_core::{Result, error};

use super::Surroundings;
use super::tree::{Item, Tree};

/// Returns the environment, with `.env` below it if the configuration says so.
///
/// - Errors: `Config` if the file cannot be read; there may be none.
pub(super) fn variables(tree: &Tree, surroundings: &Surroundings) -> Result<Vec<(String, String)>> {
    let mut variables = surroundings.variables.clone();
    let wanted = tree.get("config.dotenv");
    if !matches!(wanted.map(|node| &node.item), Some(Item::Bool(true))) {
        return Ok(variables);
    }
    let path = surroundings.cwd.join(".env");
    match std::fs::read_to_string(&path) {
        Ok(text) => {
            for (name, value) in lines(&text) {
                if !variables.iter().any(|(given, _)| *given == name) {
                    variables.push((name, value));
                }
            }
            Ok(variables)
        }
        Err(failure) if failure.kind() == std::io::ErrorKind::NotFound => Ok(variables),
        Err(failure) => Err(error!(Config, ".env cannot be read: {failure}")),
    }
}

/// Reads the lines of a `.env` file: `NAME=value`, quotes and `export` allowed, `#` starts a comment line.
fn lines(text: &str) -> Vec<(String, String)> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .filter_map(|line| {
            let (name, value) = line
                .strip_prefix("export ")
                .unwrap_or(line)
                .split_once('=')?;
            let value = value.trim();
            let quoted = ['"', '\'']
                .iter()
                .find_map(|&quote| value.strip_prefix(quote)?.strip_suffix(quote));
            let plain = || value.split(" #").next().unwrap_or_default().trim_end();
            Some((
                name.trim().to_owned(),
                quoted.unwrap_or_else(plain).to_owned(),
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_values_and_comments() {
        let read = lines("# c\nA=1\nexport B = 'two words'\nC=\"x\" \nD=plain # note\nnonsense\n");
        let read: Vec<(&str, &str)> = read
            .iter()
            .map(|(name, value)| (&**name, &**value))
            .collect();
        assert_eq!(
            read,
            [("A", "1"), ("B", "two words"), ("C", "x"), ("D", "plain")]
        );
    }
}
