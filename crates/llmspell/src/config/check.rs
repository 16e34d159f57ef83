//! Compares a configuration with the schema of the options: unknown keys, types, ranges, choices.

use llmspell_core::nearest;
use serde_json::Value as Json;

use super::environment::boolean;
use super::later;
use super::quantity;
use super::tree::{Item, Origin, Tree, join};

/// How serious a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The configuration cannot be used.
    Error,
    /// Something that is probably not meant.
    Warning,
}

/// Something that a check noticed.
#[derive(Clone, Debug)]
pub struct Finding {
    /// How serious it is.
    pub severity: Severity,
    /// The key, dotted.
    pub key: String,
    /// The sentence.
    pub message: String,
    /// What is probably meant.
    pub suggestion: Option<String>,
    /// Where it stands; `None` for what stands nowhere.
    pub origin: Option<Origin>,
}

/// How the sentence about a key that nothing reads begins.
const UNKNOWN: &str = "unknown key";

impl Finding {
    /// Describes an error at `origin`.
    pub fn error(key: &str, message: impl Into<String>, origin: &Origin) -> Self {
        Self {
            severity: Severity::Error,
            key: key.to_owned(),
            message: message.into(),
            suggestion: None,
            origin: Some(origin.clone()),
        }
    }

    /// Describes a warning at `origin`.
    pub fn warning(key: &str, message: impl Into<String>, origin: &Origin) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(key, message, origin)
        }
    }

    /// Describes a key that nothing reads.
    pub(super) fn unknown(key: &str, origin: &Origin) -> Self {
        Self::warning(key, format!("{UNKNOWN} '{key}'"), origin)
    }

    /// Returns whether it is about a key that nothing reads.
    pub fn is_unknown(&self) -> bool {
        self.message.starts_with(UNKNOWN)
    }

    /// Returns whether nothing may run with it; `strict` makes unknown keys such.
    pub fn is_fatal(&self, strict: bool) -> bool {
        self.severity == Severity::Error || strict && self.is_unknown()
    }

    /// Adds what is probably meant.
    #[must_use]
    pub fn suggest(mut self, suggestion: Option<impl Into<String>>) -> Self {
        self.suggestion = suggestion.map(Into::into);
        self
    }

    /// Returns the sentence with the suggestion: `unknown key 'a.b' (did you mean 'c'?)`.
    pub fn text(&self) -> String {
        match &self.suggestion {
            Some(suggestion) => format!("{} (did you mean '{suggestion}'?)", self.message),
            None => self.message.clone(),
        }
    }
}

/// The keyword under which a schema says in which unit an integer counts: `bytes`, `ms`, `s`; or that a text is a
/// `path`.
pub(super) const UNIT: &str = "x-unit";

/// Checks `tree` against `schema`, and converts what may be converted: texts of variables to the key's type, sizes
/// and times with units to numbers, relative paths to absolute ones.
pub(super) fn check(tree: &mut Tree, schema: &Json) -> Vec<Finding> {
    let mut findings = Vec::new();
    value(tree, schema, "", &mut findings);
    findings
}

fn value(node: &mut Tree, schema: &Json, path: &str, findings: &mut Vec<Finding>) {
    if matches!(node.item, Item::Unset { .. }) {
        return;
    }
    let schema = without_null(schema);
    let types = types(schema);
    convert(node, schema, &types, path);
    let choices = choices(schema);
    if !choices.is_empty() {
        return choice(node, &choices, path, findings);
    }
    if !types.is_empty() && !types.iter().any(|name| fits(&node.item, name)) {
        let expected = expected(schema, &types, path);
        let given = match &node.item {
            Item::Text(text) => format!("the text '{text}'"),
            item => item.type_name().to_owned(),
        };
        findings.push(Finding::error(
            path,
            format!("'{path}' must be {expected}, not {given}"),
            &node.origin,
        ));
        return;
    }
    range(node, schema, path, findings);
    match &mut node.item {
        Item::Table(_) => members(node, schema, path, findings),
        Item::List(items) => {
            for (at, item) in items.iter_mut().enumerate() {
                value(
                    item,
                    &schema["items"],
                    &format!("{path}[{}]", at + 1),
                    findings,
                );
            }
        }
        _ => {}
    }
}

fn members(node: &mut Tree, schema: &Json, path: &str, findings: &mut Vec<Finding>) {
    let empty = serde_json::Map::new();
    let properties = schema["properties"].as_object().unwrap_or(&empty);
    let others = schema.get("additionalProperties");
    if properties.is_empty() && others.is_none_or(|others| others == &Json::Bool(true)) {
        return;
    }
    let Some(table) = node.as_table_mut() else {
        return;
    };
    for (name, member) in table {
        let place = join(path, name);
        match (properties.get(name), others) {
            (Some(schema), _) => value(member, schema, &place, findings),
            (None, Some(others)) if others.is_object() && !later::names(&place) => {
                value(member, others, &place, findings)
            }
            (None, _) if is_later(member, &place) => without_schema(member, &place, findings),
            (None, _) => {
                let own = properties.keys().map(String::as_str);
                let known: Vec<&str> = own.chain(later::names_in(path).map(shorter)).collect();
                let near = nearest(name, known).first().map(|near| (*near).to_owned());
                findings.push(Finding::unknown(&place, &member.key).suggest(near));
            }
        }
    }
}

/// What a `*` of the table of later keys stands for is a table.
fn is_later(member: &Tree, place: &str) -> bool {
    later::names(place) || member.as_table().is_some() && later::knows(place)
}

/// Looks for unknown keys in a section that has no options in this version.
fn without_schema(node: &Tree, path: &str, findings: &mut Vec<Finding>) {
    for (name, member) in node.as_table().into_iter().flatten() {
        let place = join(path, name);
        if later::knows(&place) {
            without_schema(member, &place, findings);
            continue;
        }
        let near = nearest(name, later::names_in(path));
        let near = near.first().map(|near| (*near).to_owned());
        findings.push(Finding::unknown(&place, &member.key).suggest(near));
    }
}

/// Lets a name of the table stand beside names of a schema.
fn shorter<'a>(name: &'static str) -> &'a str {
    name
}

fn choice(node: &Tree, choices: &[&str], path: &str, findings: &mut Vec<Finding>) {
    let near = match &node.item {
        Item::Text(text) if choices.contains(&text.as_str()) => return,
        Item::Text(text) => nearest(text, choices.iter().copied())
            .first()
            .map(|near| (*near).to_owned()),
        _ => None,
    };
    let given = match &node.item {
        Item::Text(text) => format!("'{text}'"),
        item => item.type_name().to_owned(),
    };
    let message = format!(
        "'{path}' must be one of {}, not {given}",
        choices.join(", ")
    );
    findings.push(Finding::error(path, message, &node.origin).suggest(near));
}

fn range(node: &Tree, schema: &Json, path: &str, findings: &mut Vec<Finding>) {
    let number = match node.item {
        Item::Int(number) => number as f64,
        Item::Float(number) => number,
        _ => return,
    };
    let bound = |name: &str| schema[name].as_f64().filter(|bound| bound.abs() < 1.0e18);
    let (least, most) = (bound("minimum"), bound("maximum"));
    if least.is_some_and(|least| number < least)
        || most.is_some_and(|most| number > most)
        || number.is_nan()
    {
        let allowed = match (least, most) {
            (Some(least), Some(most)) => format!("from {least} to {most}"),
            (Some(least), None) => format!("{least} or more"),
            (_, Some(most)) => format!("{most} or less"),
            (None, None) => "a number".to_owned(),
        };
        let message = format!("'{path}' must be {allowed}, not {number}");
        findings.push(Finding::error(path, message, &node.origin));
    }
}

/// Converts texts where the key's type is another one.
fn convert(node: &mut Tree, schema: &Json, types: &[&str], path: &str) {
    let Item::Text(text) = &node.item else { return };
    let is = |name: &str| types.contains(&name);
    let from_variable = matches!(node.origin, Origin::Variable(_));
    let item = if is("string") {
        match (schema[UNIT].as_str(), node.origin.directory()) {
            (Some("path"), Some(directory)) => {
                Some(Item::Text(directory.join(text).display().to_string()))
            }
            _ => None,
        }
    } else if is("integer") {
        let plain = || from_variable.then(|| text.trim().parse().ok()).flatten();
        plain()
            .or_else(|| with_unit(text, unit(schema, path)))
            .map(Item::Int)
    } else if is("number") && from_variable {
        text.trim().parse().ok().map(Item::Float)
    } else if is("boolean") && from_variable {
        boolean(text).map(Item::Bool)
    } else if (is("array") || is("object") || types.is_empty()) && from_variable {
        inline(text, &node.origin)
    } else {
        None
    };
    if let Some(item) = item {
        node.item = item;
    }
}

fn with_unit(text: &str, unit: &str) -> Option<i64> {
    let number = match unit {
        "bytes" => quantity::bytes(text),
        "ms" => quantity::milliseconds(text, 1),
        "s" => quantity::milliseconds(text, 1000).map(|milliseconds| milliseconds / 1000),
        _ => None,
    };
    number.and_then(|number| i64::try_from(number).ok())
}

/// Returns the unit in which an integer counts: as its schema says, else as its name ends.
fn unit<'a>(schema: &'a Json, path: &str) -> &'a str {
    let by_name = || match path.rsplit(['.', '_']).next() {
        Some("ms") => "ms",
        Some("seconds" | "s") => "s",
        Some("bytes" | "memory") => "bytes",
        _ => "",
    };
    schema[UNIT].as_str().unwrap_or_else(by_name)
}

/// Reads a list or table written as one TOML value.
fn inline(text: &str, origin: &Origin) -> Option<Item> {
    let tree = super::tree::parse_assignment(&format!("value={text}"), origin).ok()?;
    let node = tree.as_table()?.get("value")?.clone();
    Some(node.item)
}

fn fits(item: &Item, name: &str) -> bool {
    matches!(
        (item, name),
        (Item::Bool(_), "boolean")
            | (Item::Int(_), "integer" | "number")
            | (Item::Float(_), "number")
            | (Item::Text(_), "string")
            | (Item::List(_), "array")
            | (Item::Table(_), "object")
    )
}

fn expected(schema: &Json, types: &[&str], path: &str) -> String {
    let name = |name: &&str| match *name {
        "integer" => match unit(schema, path) {
            "bytes" => "a size such as 1048576 or \"10MB\"",
            "ms" => "a time in milliseconds or such as \"30s\"",
            "s" => "a time in seconds or such as \"5m\"",
            _ => "an integer",
        },
        "number" => "a number",
        "boolean" => "true or false",
        "string" => "a text",
        "array" => "a list",
        _ => "a table",
    };
    types.iter().map(name).collect::<Vec<_>>().join(" or ")
}

/// Returns the schema of `T` from that of `Option<T>`.
fn without_null(schema: &Json) -> &Json {
    let Some(variants) = schema["anyOf"].as_array() else {
        return schema;
    };
    let mut rest = variants.iter().filter(|variant| variant["type"] != "null");
    match (rest.next(), rest.next()) {
        (Some(only), None) => without_null(only),
        _ => schema,
    }
}

fn types(schema: &Json) -> Vec<&str> {
    let of = |schema: &'_ Json| -> Vec<String> {
        match &schema["type"] {
            Json::String(name) => vec![name.clone()],
            Json::Array(names) => names
                .iter()
                .filter_map(Json::as_str)
                .map(str::to_owned)
                .collect(),
            _ => Vec::new(),
        }
    };
    const NAMES: [&str; 6] = ["boolean", "integer", "number", "string", "array", "object"];
    let mut all = of(schema);
    for variant in schema["anyOf"].as_array().into_iter().flatten() {
        all.extend(of(variant));
    }
    NAMES
        .into_iter()
        .filter(|name| all.iter().any(|given| given == name))
        .collect()
}

fn choices(schema: &Json) -> Vec<&str> {
    let constants = schema["oneOf"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|variant| {
            let several = variant["enum"].as_array().into_iter().flatten();
            variant.get("const").into_iter().chain(several)
        });
    schema["enum"]
        .as_array()
        .into_iter()
        .flatten()
        .chain(constants)
        .filter_map(Json::as_str)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tree::from_text;
    use crate::config::{Config, schema};

    fn findings(text: &str) -> Vec<String> {
        let mut tree = from_text(text);
        let mark = |finding: Finding| {
            let (line, column) = finding.origin.as_ref().and_then(Origin::position).unwrap();
            let level = if finding.severity == Severity::Error {
                "error"
            } else {
                "warning"
            };
            format!("{line}:{column} {level}: {}", finding.text())
        };
        check(&mut tree, &schema::<Config>())
            .into_iter()
            .map(mark)
            .collect()
    }

    fn converted(text: &str) -> String {
        let mut tree = from_text(text);
        assert!(check(&mut tree, &schema::<Config>()).is_empty());
        tree.to_json().unwrap().to_string()
    }

    #[test]
    fn unknown_keys_name_the_nearest() {
        assert_eq!(
            findings("[runtime]\nsesions = 1"),
            ["2:1 warning: unknown key 'runtime.sesions'"]
        );
        assert_eq!(
            findings("[runtime]\n\n  timout_ms = 1"),
            ["3:3 warning: unknown key 'runtime.timout_ms' (did you mean 'timeout_ms'?)"]
        );
        assert_eq!(
            findings("[state]\nbackned = 'x'"),
            ["2:1 warning: unknown key 'state.backned' (did you mean 'backend'?)"]
        );
        assert_eq!(
            findings("[runtim]\na = 1"),
            ["1:2 warning: unknown key 'runtim' (did you mean 'runtime'?)"]
        );
        assert_eq!(
            findings("[providers.x]\nmodle = 'y'"),
            ["2:1 warning: unknown key 'providers.x.modle' (did you mean 'model'?)"]
        );
    }

    #[test]
    fn keys_of_the_contract_are_known_before_they_have_an_effect() {
        assert_eq!(
            findings(
                "[hooks]\nenabled = true\n[security.network]\nallow_hosts = ['x']\n[mcp.servers.a]\ncommand = 'x'\n[engines.wasm]\nanything = 1"
            ),
            [""; 0]
        );
    }

    #[test]
    fn keys_of_all_tools_are_known() {
        assert_eq!(
            findings("[tools]\nraise_error = true"),
            ["2:1 warning: unknown key 'tools.raise_error' (did you mean 'raise_errors'?)"]
        );
    }

    #[test]
    fn types_and_ranges_are_errors_at_the_value() {
        assert_eq!(
            findings("[runtime]\ntimeout_ms = 'soon'\nworkers = 0\n[runtime.budget]\nusd = -1"),
            [
                "2:14 error: 'runtime.timeout_ms' must be a time in milliseconds or such as \"30s\", not the text 'soon'",
                "3:11 error: 'runtime.workers' must be from 1 to 1024, not 0",
                "5:7 error: 'runtime.budget.usd' must be 0 or more, not -1",
            ]
        );
        assert_eq!(
            findings("[engines.lua]\nstdlib = 'saef'\ndebug = 1"),
            [
                "2:10 error: 'engines.lua.stdlib' must be one of none, safe, full, not 'saef' (did you mean 'safe'?)",
                "3:9 error: 'engines.lua.debug' must be true or false, not an integer",
            ]
        );
        assert_eq!(
            findings("runtime = 5"),
            ["1:11 error: 'runtime' must be a table, not an integer"]
        );
        assert_eq!(
            findings("[tools]\nallow = ['a', 1]"),
            ["2:15 error: 'tools.allow[2]' must be a text, not an integer"]
        );
    }

    #[test]
    fn sizes_times_and_paths_are_converted() {
        assert_eq!(
            converted("[engines.lua]\nmax_memory = '64MiB'"),
            r#"{"engines":{"lua":{"max_memory":67108864}}}"#
        );
        assert_eq!(
            converted("[runtime]\ntimeout_ms = '2m'"),
            r#"{"runtime":{"timeout_ms":120000}}"#
        );
        assert_eq!(
            converted("[providers.x]\ntimeout_ms = '3s'"),
            r#"{"providers":{"x":{"timeout_ms":3000}}}"#
        );
        assert_eq!(
            converted("[storage]\ndir = 'data'"),
            r#"{"storage":{"dir":"/work/dir/data"}}"#
        );
    }

    #[test]
    fn variables_take_the_type_of_their_key() {
        let from = |key: &str, text: &str| {
            let mut tree = from_text("");
            tree.put(
                key,
                Tree::new(
                    Item::Text(text.into()),
                    Origin::Variable("LLMSPELL_X".into()),
                ),
            )
            .unwrap();
            let findings = check(&mut tree, &schema::<Config>());
            match findings.first() {
                Some(finding) => finding.message.clone(),
                None => tree.to_json().unwrap().to_string(),
            }
        };
        assert_eq!(
            from("engines.lua.debug", "Yes"),
            r#"{"engines":{"lua":{"debug":true}}}"#
        );
        assert_eq!(from("runtime.seed", "7"), r#"{"runtime":{"seed":7}}"#);
        assert_eq!(
            from("runtime.budget.usd", "0.5"),
            r#"{"runtime":{"budget":{"usd":0.5}}}"#
        );
        assert_eq!(
            from("tools.allow", "['calc*']"),
            r#"{"tools":{"allow":["calc*"]}}"#
        );
        assert_eq!(from("storage.dir", "x"), r#"{"storage":{"dir":"x"}}"#);
        assert_eq!(
            from("engines.lua.debug", "maybe"),
            "'engines.lua.debug' must be true or false, not the text 'maybe'"
        );
    }
}
