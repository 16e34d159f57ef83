//! The tables of single tools, `[tools.NAME]`: the names they may have, and the keys of each.

use llmspell_core::Result;
use llmspell_runtime::tool::ToolTable;
use serde_json::{Map, Value as Json, json};

use super::rules::Names;
use super::schema;
use super::synonyms;
use super::tree::Tree;

/// Brings the names of the tables of one layer into canonical form: `[tools.web-scraper]` is `[tools.web_scraper]`.
///
/// - Errors: `Config` if two tables of one tool differ in a key.
pub(super) fn canonical(layer: &mut Tree, names: &Names) -> Result<()> {
    let others: Vec<(String, String)> = tables(layer)
        .filter_map(|name| Some((name, names.tool(name)?)))
        .filter(|(written, canonical)| written != canonical)
        .map(|(written, canonical)| (format!("tools.{written}"), format!("tools.{canonical}")))
        .collect();
    for (written, canonical) in others {
        synonyms::unite(layer, &written, &canonical)?;
    }
    Ok(())
}

/// Adds to the schema of the configuration what the tables take that are written.
///
/// The schema of a tool that nobody configures is never made.
pub(super) fn describe(mut schema: Json, tree: &Tree, names: &Names) -> Json {
    let Some(known) = schema["properties"]["tools"]["properties"].as_object_mut() else {
        return schema;
    };
    for name in tables(tree) {
        if !known.contains_key(name) {
            known.insert(name.to_owned(), table(name, names));
        }
    }
    schema
}

fn tables(tree: &Tree) -> impl Iterator<Item = &str> {
    tree.members("tools")
        .filter(|(_, node)| node.as_table().is_some())
        .map(|(name, _)| name.as_str())
}

/// Returns the schema of one table; a table of no known tool, which a spell may define, takes anything.
fn table(name: &str, names: &Names) -> Json {
    let properties = |schema: Json| match schema {
        Json::Object(mut members) => members.remove("properties"),
        _ => None,
    };
    let mut keys = Map::new();
    let common = names.tools.iter().any(|tool| tool == name);
    let common = common.then(schema::<ToolTable>).and_then(properties);
    let own = names.settings.get(name).and_then(|own| properties(own()));
    for members in common.into_iter().chain(own) {
        if let Json::Object(members) = members {
            keys.extend(members);
        }
    }
    json!({"type": "object", "properties": keys})
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use schemars::JsonSchema;

    use super::*;
    use crate::config::Config;
    use crate::config::check::check;
    use crate::config::tree::from_text;

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "its schema is what matters")]
    struct Own {
        max_bytes: u64,
        accounts: HashMap<String, Account>,
    }

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "its schema is what matters")]
    struct Account {
        api_key: Option<String>,
    }

    fn names() -> Names {
        let own = schema::<Own> as fn() -> Json;
        Names {
            tools: ["calculator", "web_search"].map(str::to_owned).to_vec(),
            synonyms: [("search".to_owned(), "web_search".to_owned())].into(),
            settings: [("web_search", own), ("media", own)]
                .map(|(name, own)| (name.to_owned(), own))
                .into(),
            ..Names::default()
        }
    }

    fn findings(text: &str) -> Vec<String> {
        let mut tree = from_text(text);
        canonical(&mut tree, &names()).unwrap();
        let schema = describe(schema::<Config>(), &tree, &names());
        let findings = check(&mut tree, &schema).into_iter();
        findings.map(|finding| finding.text()).collect()
    }

    #[test]
    fn keys_of_tools_and_of_what_they_share_are_known() {
        let common = "enabled = true\ngrant = 'safe'\ntimeout_ms = '5s'\nmax_output_bytes = '1MB'\n\
            rate_limit = {per_second = 1}\ncircuit_breaker = {failures = 2}\nfiles = {roots = ['x']}";
        for own in [
            "[tools.calculator]",
            "[tools.web_search]\nmax_bytes = '2MB'\naccounts = {mine = {api_key = 'x'}}",
            "[tools.Web-Search]",
        ] {
            assert_eq!(findings(&format!("{own}\n{common}")), [""; 0], "{own}");
        }
        assert_eq!(findings("[tools.media]\nmax_bytes = 1"), [""; 0]);
        // A spell may define it.
        assert_eq!(findings("[tools.mine]\nanything = 1\na = {b = 1}"), [""; 0]);
    }

    #[test]
    fn unknown_keys_of_tools_name_the_nearest() {
        assert_eq!(
            findings(
                "[tools.web_search]\nmax_byts = 1\ntimout_ms = 1\n[tools.search.accounts.mine]\napi_kye = 'x'"
            ),
            [
                "unknown key 'tools.web_search.max_byts' (did you mean 'max_bytes'?)",
                "unknown key 'tools.web_search.timout_ms' (did you mean 'timeout_ms'?)",
                "unknown key 'tools.web_search.accounts.mine.api_kye' (did you mean 'api_key'?)",
            ]
        );
        assert_eq!(
            findings(
                "[tools.calculator]\nsecurity = {}\nrate_limit = {per_secnd = 1}\nfiles = {root = 'x'}"
            ),
            [
                "unknown key 'tools.calculator.security'",
                "unknown key 'tools.calculator.rate_limit.per_secnd' (did you mean 'per_second'?)",
                "unknown key 'tools.calculator.files.root' (did you mean 'roots'?)",
            ]
        );
        assert_eq!(
            findings("[tools.media]\nenabled = true"),
            ["unknown key 'tools.media.enabled'"]
        );
    }

    #[test]
    fn values_of_tools_are_checked() {
        assert_eq!(
            findings(
                "[tools.calculator]\nenabled = 'no'\ngrant = 'all'\ntimeout_ms = 0\n[tools.web_search]\nmax_bytes = 'many'"
            ),
            [
                "'tools.calculator.enabled' must be true or false, not the text 'no'",
                "'tools.calculator.grant' must be one of safe, restricted, privileged, not 'all'",
                "'tools.calculator.timeout_ms' must be from 1 to 3600000, not 0",
                "'tools.web_search.max_bytes' must be a size such as 1048576 or \"10MB\", not the text 'many'",
            ]
        );
    }

    #[test]
    fn two_tables_of_one_tool_must_agree() {
        let mut tree =
            from_text("[tools.search]\nmax_bytes = 1\n[tools.web_search]\nmax_bytes = 2");
        let error = canonical(&mut tree, &names()).unwrap_err();
        assert!(
            error.message().contains("'tools.web_search.max_bytes'"),
            "{error:?}"
        );
    }
}
